"""What has come since a cursor: which reports may have to be told of again, found without reading all there is.

Every batch of sightings is listed by its name. Read are those that came since and, of the portals they are of, what was
known before: back to the last run that left a line for every location there was. A report is news where one portal's
lines say something else of it with the new ones than without.

That is more than has to be told (a copy may stand elsewhere all the while), and never less but for what shows only in
the lines of several portals together. So reports that stood at one address are looked at together
(``News.addresses``), and a cursor names those that are to be looked at every time (``Whereabouts.uncertain``).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby

from crawler.items import Sighting
from crawler.urls import location
from storage.archive import Archive, read_ahead
from storage.layout import SightingsKey
from storage.locations import CONTENT_SEEN, LINK_SEEN, NOT_FOUND, READ, Status
from storage.sightings import whole
from storage.stores import Missing

LONGEST_RUN = timedelta(days=31)
RUNS_REMEMBERED = 64
_TIME = re.compile(r"\d{8}T\d{6}Z")

Read = Callable[[SightingsKey], list[Sighting]]


@dataclass(frozen=True, slots=True)
class News:
    """The reports of which one portal's lines say something new, and the addresses where."""

    reports: frozenset[str]
    addresses: frozenset[str]


def news(
    archive: Archive, keys: Iterable[SightingsKey], held: Callable[[SightingsKey], bool], read: Read
) -> Iterator[News]:
    """What batches not yet held say otherwise than those held; portal by portal, as ``keys`` come."""
    runs = _Runs(archive)

    def of(batches: list[SightingsKey]) -> News:
        tail = frozenset(runs.tail([key for key in batches if held(key)]))
        before, now = _Shown(), _Shown()
        for key in batches:
            if key in tail or not held(key):
                for sighting in read(key):
                    now.add(sighting)
                    if key in tail:
                        before.add(sighting)
        return before.against(now)

    portals = (list(batches) for _, batches in groupby(keys, key=lambda key: key.portal))
    yield from read_ahead(of, (batches for batches in portals if not all(map(held, batches))))


@dataclass(slots=True)
class _Shown:
    """What the lines of one portal say, taken in as ``Gatherer`` takes them."""

    holders: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # address → the report seen there last
    looks: dict[tuple[str, str], tuple[datetime, Status]] = field(default_factory=dict)  # (report, address)
    newest: dict[str, int] = field(default_factory=dict)
    _last: dict[str, tuple[str, int | None]] = field(default_factory=dict)  # address → what content was there

    def add(self, sighting: Sighting) -> None:
        if sighting.outcome not in CONTENT_SEEN and sighting.outcome not in LINK_SEEN | NOT_FOUND.keys():
            return
        address = location(sighting.url)
        report, version = sighting.report_id, sighting.version
        if sighting.outcome not in READ:
            before = self._last.get(address, (None, None))
            report = report or before[0]
            version = version or (before[1] if report == before[0] else None)
        if report is None:
            return
        if sighting.outcome in CONTENT_SEEN:
            self._last[address] = report, version
        status = NOT_FOUND.get(sighting.outcome, Status.LIVE)
        look = sighting.time, status
        if (report, address) not in self.looks or sighting.time >= self.looks[report, address][0]:
            self.looks[report, address] = look
        if status is Status.LIVE:
            self.newest[report] = max(self.newest.get(report, 0), version or 0)
            self.holders[address] = max(self.holders.get(address, (sighting.time, report)), (sighting.time, report))

    def against(self, now: _Shown) -> News:
        """What is said now and was not."""
        standing = {place: status for place, (_, status) in self.looks.items()}
        changed = {place for place, (_, status) in now.looks.items() if standing.get(place) is not status}
        addresses = {address for _, address in changed}
        for address, (_, report) in now.holders.items():
            if address in self.holders and self.holders[address][1] != report:
                addresses.add(address)
        reports = {report for report, address in now.looks if address in addresses}
        reports |= {report for report, version in now.newest.items() if version > self.newest.get(report, 0)}
        return News(frozenset(reports), frozenset(addresses))


# ---------------------------------------------------------------- back to what was known


@dataclass(frozen=True, slots=True)
class _Run:
    whole: frozenset[str]  # portals over which it left a line for every location
    finished: datetime | None


class _Runs:
    """What the summaries say of the runs."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._run = lru_cache(RUNS_REMEMBERED)(self._read)

    def tail(self, keys: list[SightingsKey]) -> Iterator[SightingsKey]:
        """Of a portal's batches those that what was known last rests on."""
        runs = sorted({key.run for key in keys}, reverse=True)
        wanted: set[str] = set()
        for position, run in enumerate(runs):
            wanted.add(run)
            if keys[0].portal in self._run(run).whole:
                wanted.update(earlier for earlier in runs[position + 1 :] if self._overlap(earlier, run))
                break
        return (key for key in keys if key.run in wanted)

    def _overlap(self, earlier: str, run: str) -> bool:
        """Whether a run that began earlier may have seen something later."""
        began, later = _began(earlier), _began(run)
        if began is None or later is None:
            return True
        finished = self._run(earlier).finished if later - began <= LONGEST_RUN else began
        return finished is None or finished >= later

    def _read(self, run: str) -> _Run:
        try:
            summary = self._archive.run(run)
        except Missing:
            return _Run(frozenset(), None)
        named = summary.get("portals")
        portals = (sys.intern(portal) for portal in named) if isinstance(named, Mapping) else ()
        return _Run(frozenset(p for p in portals if whole(summary, p)), _moment(summary.get("finished")))


def _began(run: str) -> datetime | None:
    """When a run began, where its id says so."""
    found = _TIME.match(run)
    return _moment(found[0]) if found else None


def _moment(text: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
