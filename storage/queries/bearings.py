"""What bears on a question, by the index: which reports, which portals, which batches of sightings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from crawler.items import Sighting
from storage import codec, layout
from storage.archive import Archive, read_ahead
from storage.layout import SightingsKey
from storage.queries.filters import Filters


@dataclass(frozen=True, slots=True)
class Bearing:
    """What bears on a question: the reports that may be the answer, and every portal that ever saw one of them."""

    reports: frozenset[str]
    portals: frozenset[str]


def asked_portals(archive: Archive, filters: Filters) -> frozenset[str] | None:
    """The portals that saw every report asked for; ``None`` where any portal may have, or the index does not answer."""
    if filters.portals:
        return frozenset(filters.portals)
    codes = filters.provinces or tuple({code[:2] for code in filters.divisions})
    if not codes or any(len(code) < 2 for code in filters.divisions):
        return None
    asked = frozenset(portal for code in codes for portal in archive.pointed("province", code))
    indexed = asked or next(archive.store.folders(f"{layout.INDEX}province/"), None) is not None
    return asked if indexed else None


def bearing(
    archive: Archive,
    filters: Filters,
    asked: frozenset[str] | None = None,
    read: Callable[[Archive, SightingsKey], list[Sighting]] | None = None,
) -> Bearing | None:
    """By the index, what bears on the reports, portals, provinces or divisions asked for; ``None``: everything may.

    What a killed crawl filed in its last seconds and took no sighting of yet is found by its id alone until the next
    crawl has sighted it. ``asked``: the portals asked for, where that is known; ``read``: how a batch is read.
    """
    if filters.reports:
        reports = frozenset(filters.reports)
    else:
        asked = asked_portals(archive, filters) if asked is None else asked
        if asked is None:
            return None
        seen = read_ahead(lambda key: (read or read_batch)(archive, key), batches(archive, sorted(asked)))
        reports = frozenset(line.report_id for batch in seen for line in batch if line.report_id)
    portals: set[str] = set()
    for found in read_ahead(lambda report: archive.pointed("report", report), reports):
        if not found:
            return None  # an index that is not there, or no report: all that is kept has the answer
        portals.update(found)
    return Bearing(reports, frozenset(portals))


def batches(archive: Archive, portals: Iterable[str] | None) -> Iterator[SightingsKey]:
    """The batches of sightings of some portals, or of all."""
    prefixes = [layout.SIGHTINGS] if portals is None else map(layout.sightings_prefix, portals)
    parsed = (layout.parse(listed.key) for prefix in prefixes for listed in archive.store.list(prefix))
    return (key for key in parsed if isinstance(key, SightingsKey))


def read_batch(archive: Archive, key: SightingsKey) -> list[Sighting]:
    """The sightings of one batch. Raises ``Damaged`` with the key it is stored under."""
    stored = layout.sightings_key(key.portal, key.run, key.number)
    try:
        return codec.decode_sightings(archive.store.get(stored))
    except codec.Damaged as error:
        raise codec.Damaged(f"{stored}: {error}") from error
