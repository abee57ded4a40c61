"""What was asked for, chosen and streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from itertools import islice
from typing import Any

from crawler.errors import UsageError
from crawler.items import STANDING, Sighting, Verdict, Version
from crawler.urls import location
from storage import cursors
from storage.archive import Archive, Numbered, read_ahead
from storage.cursors import Cursor
from storage.layout import SightingsKey
from storage.locations import Gatherer, Status, Whereabouts
from storage.news import news
from storage.queries.bearings import Bearing, asked_portals, batches, bearing, read_batch
from storage.queries.collisions import collide
from storage.queries.filters import Filters
from storage.records import record
from storage.shelf import InMemory, Places, Shelf
from storage.years import Compared, YearsBefore

SHELVED = 20_000  # reports whose places are kept in a file meanwhile, and not in memory


@dataclass(frozen=True)
class Selected:
    """One version of one report, with where the report stands."""

    version: Version
    where: Whereabouts | None

    @property
    def status(self) -> Status:
        return self.where.status if self.where else Status.LIVE

    @cached_property
    def record(self) -> dict[str, Any]:
        """The exported record."""
        return record(self.version, self.where)


class Selection:
    """What was asked for, in the order of report ids and version numbers; to be gone through once.

    What it reads grows with what is asked for: where portals, provinces, divisions or reports are named, with what bears
    on them; with ``since``, with what has come since. Where the index does not answer, all is read.

    ``cursor`` is known when it has been gone through to its end, and is ``None`` where the archive was asked for as it
    was at an earlier time.
    """

    def __init__(
        self,
        archive: Archive,
        filters: Filters,
        *,
        all_versions: bool,
        since: str | None,
        compared: Compared | None = None,
    ) -> None:
        if since is not None and filters.as_of is not None:
            raise UsageError("--since asks for what is new now and --as-of for what was: give one of them")
        self._archive = archive
        self._filters = filters
        self._all_versions = all_versions
        self._years = YearsBefore(archive, compared, filters.as_of) if compared else None
        # Before anything else is listed: of a run that has ended by now, all objects are there.
        self._finished = frozenset(archive.runs())
        self._before = None if since is None else cursors.decode(since, sorted(self._finished))
        self._batches: dict[str, dict[str, int]] = {}  # unfinished run → portal → batches read
        self._listed: list[SightingsKey] = []  # the batches that bear on the question, where not all do
        self._cursor: str | None = None
        self._ended = False

    @property
    def cursor(self) -> str | None:
        """Where the next export goes on from."""
        if not self._ended:
            raise RuntimeError("the cursor is known at the end of the selection")
        return self._cursor

    @cached_property
    def near(self) -> Bearing | None:
        """By the index, what bears on the question; ``None``: everything may."""
        asked = asked_portals(self._archive, self._filters)
        if asked is not None or self._filters.reports:
            # Listed before it is looked up what bears on them: what comes meanwhile waits for the next time.
            self._listed = list(self._noted(sorted(asked or ())))
            near = bearing(self._archive, self._filters, asked)
            if near is not None:
                self._listed += self._noted(sorted(near.portals - (asked or frozenset())))
        elif self._before is not None and self._before != Cursor():
            near = self._near_news(self._before)
        else:
            near = None
        if near is None:
            self._batches, self._listed = {}, []
        return near

    def __iter__(self) -> Iterator[Selected]:
        now, before = self._places()
        filed: set[str] = set()
        sighted: set[str] = set()

        def chosen(asked: tuple[Numbered, Whereabouts | None, Whereabouts | None]) -> _Chosen:
            report, where, then = asked
            choice = self._chosen(report, where, then)
            if where is not None and self.near is not None:
                for version in choice.versions:
                    collide(self._archive, version, where)
            return choice if self._years is None else replace(choice, versions=self._beside(choice, self._years))

        placed = ((each, now.get(each.report_id), before.get(each.report_id)) for each in self._reports())
        for choice in read_ahead(chosen, placed):
            filed |= choice.filed
            sighted |= choice.sighted
            for version in choice.versions:
                selected = Selected(version, choice.where)
                if self._filters.accept(version, selected.status):
                    yield selected
        if self._filters.as_of is None:
            watched = set(now.uncertain())
            if self._before is not None:
                filed |= self._before.filed - sighted
                watched |= {report for report in self._before.watched if report not in now}
            self._cursor = cursors.encode(Cursor(self._finished, self._batches, frozenset(filed), frozenset(watched)))
        self._ended = True

    # ------------------------------------------------------------ sightings

    def sightings(self) -> Iterator[Sighting]:
        """Every sighting this selection rests on, or with ``since`` those that came since; once it has been gone
        through."""
        view = Cursor(self._finished, self._batches)
        keys = batches(self._archive, None) if self.near is None else iter(self._listed)
        keys = (key for key in keys if view.holds_batch(key))
        if self._before is not None:
            before = self._before
            keys = (key for key in keys if not before.holds_batch(key))
        for _, batch in read_ahead(self._batch, keys):
            yield from (sighting for sighting in batch if self._in_time(sighting))

    def _places(self) -> tuple[Places, Places]:
        """Where reports stand now, and where they stood at the cursor."""
        near = self.near
        if near is None:
            now, before = Shelf(), Shelf()
            self._gather(None, self._noted(None), now.add, before.add)
            return now.finish(), before.finish()
        if self._before is None and len(near.reports) > SHELVED:
            shelf = Shelf()
            self._gather(near.reports, self._listed, shelf.add, lambda _: None)
            return shelf.finish(), InMemory()
        found = self._gathered(near.reports)
        if self._before is not None:
            addresses = {address for where in found[0].values() for address in where.locations}
            beside = self._beside_them(near, addresses)
            if beside:
                found = self._gathered(near.reports | beside)
        return found

    def _gathered(self, reports: frozenset[str]) -> tuple[InMemory, InMemory]:
        now, before = Gatherer(), Gatherer()
        self._gather(reports, self._listed, now.add, before.add)
        return InMemory(now.finish()), InMemory(before.finish())

    def _gather(
        self,
        reports: frozenset[str] | None,
        keys: Iterable[SightingsKey],
        now: Callable[[Sighting], None],
        before: Callable[[Sighting], None],
    ) -> None:
        """Hand on what the lines say of some reports, or of all; to ``before`` what the cursor holds."""
        places: set[tuple[str, str]] = set()  # where one of them was seen
        for key, batch in read_ahead(self._batch, keys):
            old = self._before is not None and self._before.holds_batch(key)
            for sighting in batch:
                if not self._in_time(sighting):
                    continue
                if self._years is not None:
                    self._years.add(sighting)
                if reports is not None and sighting.outcome != STANDING:
                    place = sighting.portal, location(sighting.url)
                    if sighting.report_id in reports:
                        places.add(place)
                    elif place not in places and sighting.outcome != Verdict.COLLISION:
                        continue
                now(sighting)
                if old:
                    before(sighting)

    def _near_news(self, before: Cursor) -> Bearing | None:
        """What bears on the reports that may have to be told of again."""
        reports: set[str] = set(before.watched)
        addresses: set[str] = set()
        for found in news(self._archive, self._noted(None), before.holds_batch, lambda key: self._batch(key)[1]):
            reports |= found.reports
            addresses |= found.addresses
        reports |= self._seen_at(addresses)
        if not reports:
            return Bearing(frozenset(), frozenset())
        near = bearing(self._archive, Filters(reports=tuple(reports)))
        if near is not None:
            self._listed = self._in_view(near.portals)
        return near

    def _beside_them(self, near: Bearing, addresses: set[str]) -> frozenset[str]:
        """Further reports that were seen at some addresses; the batches that bear on them are listed, too."""
        further = self._seen_at(addresses) - near.reports
        if further:
            found = bearing(self._archive, Filters(reports=tuple(further)))
            portals = self._archive.portals() if found is None else found.portals
            self._listed += self._in_view(frozenset(portals) - near.portals)
        return frozenset(further)

    def _seen_at(self, addresses: set[str]) -> set[str]:
        found = read_ahead(lambda address: self._archive.pointed("url", address), sorted(addresses))
        return {report for reports in found for report in reports}

    def _in_view(self, portals: frozenset[str]) -> list[SightingsKey]:
        """The batches of some portals, of those taken down."""
        view = Cursor(self._finished, self._batches)
        return [key for key in batches(self._archive, sorted(portals)) if view.holds_batch(key)]

    def _noted(self, portals: Iterable[str] | None) -> Iterator[SightingsKey]:
        """The batches there are, those of unfinished runs taken down."""
        return cursors.noted(batches(self._archive, portals), self._finished, self._batches)

    def _in_time(self, sighting: Sighting) -> bool:
        if self._filters.as_of is None:
            return True
        # A ``standing`` line leaves to later lines what they say of: they must be there, too.
        last = sighting.fetched if sighting.outcome == STANDING else None
        return (last or sighting.time) <= self._filters.as_of

    def _batch(self, key: SightingsKey) -> tuple[SightingsKey, list[Sighting]]:
        return key, read_batch(self._archive, key)

    # ------------------------------------------------------------ versions

    def _reports(self) -> Iterator[Numbered]:
        """Every report that may be asked for, in order."""
        if self.near is None:
            return self._archive.numbered()
        reports = sorted(self.near.reports)
        return read_ahead(
            lambda report: Numbered(report, self._archive.version_numbers(report), self._archive.readings(report)),
            reports,
        )

    def _chosen(self, report: Numbered, where: Whereabouts | None, before: Whereabouts | None) -> _Chosen:
        """The versions of one report that are asked for, by time and number."""
        report_id, numbers = report.report_id, list(report.numbers)
        if not numbers:
            return _Chosen(where, (), frozenset(), frozenset())

        @cache
        def read(number: int) -> Version:
            return self._archive.with_readings(report_id, (number,), report.readings)[0]

        sighted = where.newest if where else 0
        unsighted = {number for number in numbers if number > sighted}
        filed = frozenset(cursors.version_token(report_id, number) for number in unsighted)
        told = frozenset[str]()
        if self._before is not None and self._before.filed:
            told = frozenset(cursors.version_token(report_id, number) for number in numbers if number <= sighted)
        versions: Iterable[Version]
        if self._filters.reports and report_id not in self._filters.reports:
            versions = ()
        elif self._filters.as_of is not None:
            versions = self._as_of(read, numbers, self._filters.as_of)
        elif self._before is not None:
            versions = self._since(self._before, report_id, read, numbers, where, before)
        elif not unsighted and self._elsewhere(where):
            versions = ()
        else:
            versions = [read(number) for number in (numbers if self._all_versions else numbers[-1:])]
        return _Chosen(where, tuple(versions), filed, told)

    def _beside(self, choice: _Chosen, years: YearsBefore) -> tuple[Version, ...]:
        """The versions asked for, with what the year before says to them."""
        status = choice.where.status if choice.where else Status.LIVE
        return tuple(
            years.beside(version, choice.where) if self._filters.accept(version, status) else version
            for version in choice.versions
        )

    def _elsewhere(self, where: Whereabouts | None) -> bool:
        """Whether the portals asked for never saw the report, so that its versions need not be read."""
        if where is None or not self._filters.portals:
            return False
        seen = {portal for location in where.locations.values() for portal in (location.portal, location.seen_by)}
        return seen.isdisjoint(self._filters.portals)

    def _as_of(self, read: Callable[[int], Version], numbers: list[int], time: datetime) -> Iterable[Version]:
        if self._all_versions:
            return [version for version in map(read, numbers) if version.first_seen <= time]
        return islice((version for version in map(read, reversed(numbers)) if version.first_seen <= time), 1)

    def _since(
        self,
        cursor: Cursor,
        report_id: str,
        read: Callable[[int], Version],
        numbers: list[int],
        where: Whereabouts | None,
        before: Whereabouts | None,
    ) -> Iterable[Version]:
        sighted = before.newest if before else 0
        fresh = [read(number) for number in numbers if number > sighted and not cursor.holds_version(report_id, number)]
        if fresh:
            return fresh if self._all_versions else fresh[-1:]
        if where is None or (before is not None and where.signature() == before.signature()):
            return ()
        latest = read(numbers[-1])
        return (latest,) if _standing(where, latest) != _standing(before, latest) else ()


@dataclass(frozen=True, slots=True)
class _Chosen:
    where: Whereabouts | None
    versions: tuple[Version, ...]
    filed: frozenset[str]  # tokens of versions that no sighting names
    sighted: frozenset[str]  # and of those that one does


def browse(archive: Archive, filters: Filters | None = None, *, all_versions: bool = False) -> Iterator[Selected]:
    """As ``select``, for who wants no cursor."""
    yield from select(archive, filters, all_versions=all_versions)


def select(
    archive: Archive,
    filters: Filters | None = None,
    *,
    all_versions: bool = False,
    since: str | None = None,
    compared: Compared | None = None,
) -> Selection:
    """The versions asked for: each report's latest, or every one with ``all_versions``.

    With ``since`` (a cursor, or ``"start"``), those that came since; a report whose versions are known but which was
    found at a new location, lost one, disappeared or came back is given again with its latest version. A look that
    found everything as it was gives nothing.

    ``compared``: what is held against the same agency's report of the year before, and added to a version's checks.
    """
    return Selection(archive, filters or Filters(), all_versions=all_versions, since=since, compared=compared)


def _standing(where: Whereabouts | None, version: Version) -> tuple[Status, frozenset[str]]:
    """Status and locations, the version's own counted in: it was given with the version."""
    own = location(version.url)
    if where is None:
        return Status.LIVE, frozenset({own})
    return where.status, frozenset({own, *where.locations})
