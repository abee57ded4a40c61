"""What the sightings say of each report: where it stands, since when, and whether it still does.

Sightings are read once, as the archive gives them; memory holds one small object for each location, never a body.
A line that saw no content speaks of what the line before it saw at that address. Three kinds of outcome are told apart:

* content was seen (every verdict, and ``not_modified``): confirms the version named and the location;
* the link was seen (``listed``): confirms the location, not what stands there; one ``standing`` line says so of all of a
  portal's locations that were there at the last look before it;
* the location was looked for and not found (``missing``, ``gone``): ``gone`` is the crawler's finding after repeated
  complete crawls and is never inferred here.

Anything else says nothing of where the report stands: an error met while looking (the state before it holds), or the
sighting of an attachment or a further page, which is a part of the report and no location of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crawler import urls
from crawler.items import STANDING, Sighting, Verdict
from crawler.urls import host_of
from storage import layout
from storage.sightings import BELONGINGS

READ = frozenset(verdict.value for verdict in Verdict)
CONTENT_SEEN = READ | {"not_modified"}
LINK_SEEN = frozenset({"listed"})
THERE = CONTENT_SEEN | LINK_SEEN
SHARED_SUFFIXES = frozenset({"gov", "com", "org", "net", "edu", "ac"})  # of .cn


class Status(StrEnum):
    """Whether a report still stands where it was seen."""

    LIVE = "live"
    MISSING = "missing"
    GONE = "gone"


NOT_FOUND = {"missing": Status.MISSING, "gone": Status.GONE}


@dataclass(slots=True)
class Location:
    """One address where a report was seen."""

    url: str
    portal: str  # whose columns led here first
    seen_by: str  # whose columns led here last: only these can miss it
    index_number: str | None
    first_seen: datetime
    last_seen: datetime
    looked: datetime  # when status was last learnt
    status: Status = Status.LIVE
    displaced: bool = False  # another report stands at this address by now
    shared: bool = False  # several portals led here
    contested: bool = False  # and to different reports


@dataclass(slots=True)
class Whereabouts:
    """All that sightings say of one report."""

    locations: dict[str, Location] = field(default_factory=dict)  # by identity of the address
    confirmed: dict[int, datetime] = field(default_factory=dict)  # version → when its content was last seen
    newest: int = 0  # highest version number any sighting names
    collisions: dict[str, bool] = field(default_factory=dict)  # index number of another work too → in this domain

    @property
    def status(self) -> Status:
        """``live`` if it stands anywhere; ``gone`` only where no location is merely missing."""
        if not self.locations:
            return Status.LIVE
        found = {location.status for location in self.locations.values() if not location.displaced}
        if Status.LIVE in found:
            return Status.LIVE
        return Status.GONE if found == {Status.GONE} else Status.MISSING

    @property
    def uncertain(self) -> bool:
        """Whether the lines of one portal alone do not tell when it is seen otherwise."""
        return any(
            place.contested or (place.shared and place.status is not Status.LIVE) for place in self.locations.values()
        )

    def signature(self) -> tuple[str, tuple[str, ...]]:
        """What a consumer is told again when it differs: status and the set of locations."""
        return self.status.value, tuple(sorted(self.locations))

    def ordered(self) -> list[Location]:
        """Locations, first seen first."""
        return sorted(self.locations.values(), key=lambda location: (location.first_seen, location.url))


def domain(url: str) -> str:
    """What the hosts of one owner have in common, as near as can be told without a list of suffixes."""
    try:
        host = host_of(url).partition(":")[0]
    except ValueError:
        return url
    labels = host.split(".")
    if labels[-1].isdigit():
        return host
    return ".".join(labels[-3:] if len(labels) > 2 and labels[-2] in SHARED_SUFFIXES else labels[-2:])


def whereabouts(sightings: Iterable[Sighting]) -> dict[str, Whereabouts]:
    """Report id → where it was seen, from every sighting given."""
    gatherer = Gatherer()
    for sighting in sightings:
        gatherer.add(sighting)
    return gatherer.finish()


class Gatherer:
    """Gathers sightings one at a time, so that several views can be built in one pass over them."""

    def __init__(self, collisions: dict[str, set[tuple[str, str]]] | None = None) -> None:
        """``collisions``: those known from elsewhere."""
        self._reports: dict[str, Whereabouts] = {}
        self._shown: dict[tuple[str, str], tuple[str, int | None]] = {}  # (portal, address) → what content was there
        self._there: dict[
            str, dict[str, tuple[str, datetime]]
        ] = {}  # portal → address → report and look, if it was there
        self._holders: dict[str, str] = {}  # address → the report last taken in there
        self._contested: dict[str, set[str]] = {}  # address → every report seen there, where they are several
        # Index number → (report, domain) of each collision.
        self.collisions: dict[str, set[tuple[str, str]]] = {} if collisions is None else collisions

    def add(self, sighting: Sighting) -> None:
        """Take one sighting into account. Those of one portal come in the order they were made."""
        if sighting.outcome == STANDING:
            self._stood(sighting)
            return
        if sighting.outcome in BELONGINGS:
            return
        address = urls.location(sighting.url)
        there = self._there.setdefault(sighting.portal, {})
        if sighting.outcome not in THERE:
            there.pop(address, None)
            if sighting.outcome not in NOT_FOUND:
                return
        place = sighting.portal, address
        report_id, version = sighting.report_id, sighting.version
        if sighting.outcome not in READ:
            before = self._shown.get(place, (None, None))
            report_id = report_id or before[0]
            version = version or (before[1] if report_id == before[0] else None)
        if report_id is None:
            return
        report = self._reports.get(report_id)
        if report is None:
            report = self._reports[report_id] = Whereabouts()
        if sighting.outcome in NOT_FOUND:
            self._not_found(report, address, sighting)
            return
        if version is not None:
            report.newest = max(report.newest, version)
        if sighting.outcome in CONTENT_SEEN:
            self._shown[place] = report_id, version
            if version is not None:
                report.confirmed[version] = max(report.confirmed.get(version, sighting.time), sighting.time)
        if sighting.outcome == Verdict.COLLISION and sighting.index_number:
            number = layout.pointer_value("number", sighting.index_number)
            self.collisions.setdefault(number, set()).add((report_id, domain(sighting.url)))
        there[address] = report_id, sighting.time
        self._seen(report_id, report, address, sighting)

    def _stood(self, sighting: Sighting) -> None:
        """What was there at the last look is listed."""
        for address, (report_id, looked) in self._there.get(sighting.portal, {}).items():
            if looked < sighting.time:
                self._seen(report_id, self._reports[report_id], address, sighting)

    def unsettled(self) -> dict[str, Whereabouts]:
        """What was gathered so far, addresses that more than one report was seen at left open."""
        return self._reports

    def read(self, portal: str, address: str) -> bool:
        """Whether a portal's lines tell of content seen at an address."""
        return (portal, address) in self._shown

    def take(self, report_id: str, address: str, place: Location, *, read: bool) -> None:
        """Take in what another gatherer made of one portal's lines, as if they had been added here. ``place`` is ours
        from now on."""
        self._hold(report_id, address)
        report = self._reports.setdefault(report_id, Whereabouts())
        location = report.locations.get(address)
        if location is None:
            report.locations[address] = place
            return
        portal = place.portal
        if portal not in (location.portal, location.seen_by):
            location.shared = True
        if place.first_seen < location.first_seen:
            location.first_seen, location.portal = place.first_seen, portal
        if place.last_seen >= location.last_seen:
            location.last_seen, location.seen_by = place.last_seen, portal
            if place.index_number or read:
                location.index_number = place.index_number
        if place.last_seen >= location.looked:
            location.looked, location.status = place.last_seen, Status.LIVE
        if place.status is not Status.LIVE and location.seen_by == portal and place.looked >= location.looked:
            location.looked, location.status = place.looked, place.status

    def confirm(self, report_id: str, newest: int, version: int | None, time: datetime | None) -> None:
        """Take in what another gatherer made of a report's versions."""
        report = self._reports.setdefault(report_id, Whereabouts())
        report.newest = max(report.newest, newest)
        if version is not None and time is not None:
            report.confirmed[version] = max(report.confirmed.get(version, time), time)

    def finish(self) -> dict[str, Whereabouts]:
        """Settle addresses that more than one report was seen at, and hand everything over."""
        for address, report_ids in self._contested.items():
            there = [self._reports[report_id].locations[address] for report_id in sorted(report_ids)]
            holder = max(there, key=lambda location: location.last_seen)
            portals = {portal for location in there for portal in (location.portal, location.seen_by)}
            for location in there:
                location.contested = len(portals) > 1
                if location is not holder and location.status is Status.LIVE:
                    location.status, location.displaced = Status.MISSING, True
        if self.collisions:
            for report_id, report in self._reports.items():
                self._collide(report_id, report)
        return self._reports

    def _collide(self, report_id: str, report: Whereabouts) -> None:
        for location in report.locations.values():
            number = layout.pointer_value("number", location.index_number or "")
            for other, where in self.collisions.get(number, ()):
                if other != report_id:
                    near = where == domain(location.url) or report.collisions.get(number, False)
                    report.collisions[number] = near

    def _seen(self, report_id: str, report: Whereabouts, address: str, sighting: Sighting) -> None:
        self._hold(report_id, address)
        location = report.locations.get(address)
        if location is None:
            report.locations[address] = Location(
                url=sighting.url,
                portal=sighting.portal,
                seen_by=sighting.portal,
                index_number=sighting.index_number,
                first_seen=sighting.time,
                last_seen=sighting.time,
                looked=sighting.time,
            )
            return
        if sighting.portal not in (location.portal, location.seen_by):
            location.shared = True
        if sighting.time < location.first_seen:
            location.first_seen, location.portal = sighting.time, sighting.portal
        if sighting.time >= location.last_seen:
            location.last_seen = sighting.time
            location.seen_by = sighting.portal
            if sighting.index_number or sighting.outcome in READ:
                location.index_number = sighting.index_number
        if sighting.time >= location.looked:
            location.looked, location.status = sighting.time, Status.LIVE

    def _hold(self, report_id: str, address: str) -> None:
        holder = self._holders.setdefault(address, report_id)
        if holder != report_id:
            self._contested.setdefault(address, {holder}).add(report_id)
            self._holders[address] = report_id

    def _not_found(self, report: Whereabouts, address: str, sighting: Sighting) -> None:
        location = report.locations.get(address)
        if location is None or location.seen_by != sighting.portal:
            return  # never seen here, or by another portal, whose columns these are not
        if sighting.time >= location.looked:
            location.looked, location.status = sighting.time, NOT_FOUND[sighting.outcome]
