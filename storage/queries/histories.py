"""One report with everything known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from crawler.errors import UsageError
from crawler.items import STANDING, Sighting, Verdict
from crawler.urls import location
from storage.archive import Archive, read_ahead
from storage.locations import THERE, Gatherer
from storage.queries.bearings import batches, bearing, read_batch
from storage.queries.collisions import collide
from storage.queries.filters import Filters
from storage.records import record
from storage.sightings import BELONGINGS
from storage.years import Compared, YearsBefore


@dataclass(frozen=True, slots=True)
class History:
    """One report with everything known of it."""

    records: tuple[dict[str, Any], ...]  # every version, first to last
    sightings: tuple[Sighting, ...]  # of the report at all its locations, in the order they were made


def history(archive: Archive, report_id: str, compared: Compared | None = None) -> History:
    """One report: every version and every sighting. Raises ``UsageError`` for a report the archive does not hold.

    ``compared`` as in ``select``.
    """
    try:
        versions = archive.versions(report_id)
        near = bearing(archive, Filters(reports=(report_id,)))
    except ValueError:
        versions, near = (), None
    if not versions:
        raise UsageError(f"no report {report_id!r} in {archive.uri}; nianbao reports lists them")
    gatherer = Gatherer()
    years = YearsBefore(archive, compared) if compared else None
    places: dict[tuple[str, str], str | None] = {}  # (portal, address) → the report last seen there
    last: dict[tuple[str, str], Sighting] = {}  # the last look at each place that shows it
    sightings: list[Sighting] = []
    keys = batches(archive, None if near is None else sorted(near.portals))
    for sighting in chain.from_iterable(read_ahead(lambda key: read_batch(archive, key), keys)):
        if years is not None:
            years.add(sighting)
        if sighting.outcome == STANDING:
            gatherer.add(sighting)
            sightings += _stood(sighting, last)
            continue
        place = sighting.portal, location(sighting.url)
        if sighting.report_id is not None:
            places[place] = sighting.report_id
        if places.get(place) == report_id:
            sightings.append(sighting)
            if sighting.outcome not in BELONGINGS:
                last[place] = sighting
        else:
            last.pop(place, None)
        if places.get(place) == report_id or sighting.outcome == Verdict.COLLISION:
            gatherer.add(sighting)
    where = gatherer.finish().get(report_id)
    if where is not None:
        for version in versions:
            collide(archive, version, where)
    sightings.sort(key=lambda sighting: sighting.time)
    if years is not None:
        versions = tuple(years.beside(version, where) for version in versions)
    return History(tuple(record(version, where) for version in versions), tuple(sightings))


def _stood(sighting: Sighting, last: Mapping[tuple[str, str], Sighting]) -> list[Sighting]:
    """What a ``standing`` line says of some places, as lines of their own."""
    return [
        replace(before, run=sighting.run, time=sighting.time, outcome="listed", missed_runs=0, missed_since=None)
        for (portal, _), before in last.items()
        if portal == sighting.portal and before.outcome in THERE and before.time < sighting.time
    ]
