"""What a run knows of its portals while it goes on: the state each began with, and the tally of what was found.

``Ledger`` is the run, ``Watch`` one portal in it. The spider and the pipelines report here; at the end every portal is
settled and the summary written.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from scrapy.settings import BaseSettings

from crawler.errors import Blocked, Unreadable, error_name
from crawler.items import (
    Column,
    Entry,
    Fetch,
    Finding,
    Kind,
    Listing,
    Portal,
    PortalStatus,
    Ruling,
    Sighting,
    Verdict,
    Visit,
)
from crawler.urls import bare_host, clean, host_of, identity
from spiders.completeness import PortalTally, settle
from spiders.discovery import Candidate, moved_column
from spiders.registry import own_hosts
from spiders.sameness import Likeness
from storage.archive import Archive
from storage.sightings import PortalState

log = logging.getLogger(__name__)

BELONGINGS = ("attachment", "part")  # outcomes of locations that are no pages of their own
MOVED_NAMES = frozenset(
    {"not_found", "gone_410", "soft_404", "redirected_home", "off_site", "bad_redirect", "maintenance"}
)
GONE_NAMES = frozenset({"not_found", "gone_410", "soft_404", "redirected_home", "redirected", "redirected_away"})
BLOCKED_IN_A_ROW = 3  # pages refused one after the other before the portal is left alone
SAME_PAGE = 3  # entries in a row answered with one and the same page: the portal is not answering any more
UNSURE = frozenset({"forbidden_401", "forbidden_403", "too_many_requests"})  # may mean this page alone
COUNTERS = (
    "entries", "new", "revised", "unchanged", "copies", "not_reports", "quarantined", "errors", "robots", "requests",
    "bytes",
)  # fmt: skip
RULING_COUNTER = {
    Verdict.NEW: "new",
    Verdict.COLLISION: "new",
    Verdict.REVISED: "revised",
    Verdict.UNCHANGED: "unchanged",
    Verdict.COPY: "copies",
    Verdict.MOVED: "unchanged",
}


def run_id(now: datetime) -> str:
    """Run ids sort by time."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


class Ledger:
    """One run over its portals."""

    def __init__(
        self, archive: Archive, portals: Sequence[Portal], settings: BaseSettings, *, removals: bool, partial: bool
    ) -> None:
        self.archive = archive
        self.settings = settings
        self.removals = removals
        self.partial = partial  # only some years are asked for
        self.run = run_id(datetime.now(UTC))
        self.sightings = archive.sightings(self.run)
        self.portals = {portal.key: portal for portal in portals}
        self.watches: dict[str, Watch] = {}
        self._hosts = {key: own_hosts(portal) for key, portal in self.portals.items()}
        self.portal_of_host = {host: key for key, hosts in self._hosts.items() for host in hosts}
        self.hosts = frozenset(h for hosts in self._hosts.values() for host in hosts for h in (host, f"www.{host}"))

    def owns(self, key: str, url: str) -> bool:
        """Whether an address is on one of the portal's own hosts."""
        return bare_host(host_of(url)) in self._hosts[key]

    def open(self, portal: Portal) -> Watch:
        """Begin with a portal: what the archive knows of it. Blocking."""
        watch = self.watches[portal.key] = Watch(self, portal, self.archive.state(portal.key))
        return watch

    def add(self, sighting: Sighting) -> None:
        """Take down a sighting. The first of a portal is made durable at once: it marks the run as begun there."""
        watch = self.watches[sighting.portal]
        watch.sighted.add(identity(sighting.url))
        self.sightings.add(sighting)
        if not watch.marked:
            watch.marked = True
            self.sightings.flush(sighting.portal)

    # ------------------------------------------------------------ what the pipelines report

    def settle_ruling(self, finding: Finding, ruling: Ruling) -> None:
        """A finding was filed."""
        watch = self.watches[finding.visit.portal.key]
        revised = ruling.opens and ruling.version > 1  # also where it moved at the same time
        watch.count(_counter(finding.reading.kind, Verdict.REVISED if revised else ruling.verdict))
        if ruling.verdict in (Verdict.MOVED, Verdict.COLLISION):
            watch.count("moved" if ruling.verdict is Verdict.MOVED else "collisions")
        if finding.reading.kind is Kind.ANNUAL_REPORT:
            watch.reports.add(ruling.report_id)

    def settle_sighting(self, sighting: Sighting) -> None:
        """A location was seen and there was nothing to file."""
        watch = self.watches[sighting.portal]
        if sighting.outcome == Verdict.UNCHANGED:
            watch.count(_counter(Kind(sighting.kind or Kind.OTHER), Verdict.UNCHANGED))
            if sighting.report_id and sighting.kind == Kind.ANNUAL_REPORT:
                watch.reports.add(sighting.report_id)

    def note_belongings(self, visit: Visit, belongings: Iterable[Any]) -> None:
        """What was seen of a page's attachments and parts; what could not be had counts as an error of the portal."""
        watch = self.watches[visit.portal.key]
        for belonging in belongings:
            if belonging.error in ("off_site", "robots"):
                watch.left_aside(belonging.url, belonging.error)
            elif belonging.error and not belonging.left_aside:
                watch.failed(belonging.url, belonging.error, sighted=belonging.sighting is None)

    def quarantine(self, visit: Visit, error: Unreadable) -> None:
        """A page could not be read."""
        watch = self.watches[visit.portal.key]
        watch.count("quarantined")
        watch.failed(visit.entry.url, error.name)

    def stage_failed(self, item: object, error: BaseException) -> None:
        """A pipeline stage raised something that has no name: a fault of ours, counted against completeness."""
        visit = item.visit if isinstance(item, Finding) else item
        portal = visit.portal.key if isinstance(visit, Visit) else getattr(item, "portal", None)
        url = visit.entry.url if isinstance(visit, Visit) else getattr(item, "url", "")
        if portal in self.watches:
            self.watches[portal].failed(url, f"internal_{type(error).__name__}")

    # ------------------------------------------------------------ the end

    def close(self, started: datetime, *, interrupted: bool) -> dict[str, Any]:
        """Settle every portal, store what is left of the sightings, write the summary last. Blocking."""
        now = datetime.now(UTC)
        portals: dict[str, Any] = {}
        for key, portal in self.portals.items():
            watch = self.watches.get(key) or Watch(self, portal, PortalState(key))
            portals[key] = watch.settled(now, interrupted=interrupted)
        self.sightings.close()
        totals = Counter(dict.fromkeys((*COUNTERS, "columns"), 0))
        for portal_figures in portals.values():
            totals.update({name: value for name, value in portal_figures.items() if type(value) is int})
        summary = {
            "run": self.run,
            "started": started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "provinces": sorted({portal.province for portal in self.portals.values()}),
            "portals": portals,
            "totals": dict(totals),
            **({"interrupted": True} if interrupted else {}),
        }
        self.archive.put_run(summary)
        return summary


class Watch:
    """One portal in one run."""

    def __init__(self, ledger: Ledger, portal: Portal, state: PortalState) -> None:
        self.ledger = ledger
        self.portal = portal
        self.state = state
        self.works = state.by_work()
        self.platform = portal.platform
        self.counters: Counter[str] = Counter()
        self.tally = PortalTally(portal, partial=ledger.partial)
        self.listed_places: set[str] = set()
        self.sighted: set[str] = set()
        self.reports: set[str] = set()
        self.missing: dict[str, str] = {}
        self.candidates: list[Candidate] = []  # columns discovered in this run
        self.pending = 0
        self.marked = False
        self._refused_in_a_row = 0
        self._unlisted_asked = False
        self._held: list[Visit] = []
        self._held_likeness: Likeness | None = None

    @property
    def delay(self) -> float:
        """Seconds between two requests, as the registry has it."""
        return self.ledger.settings.getfloat("DOWNLOAD_DELAY") if self.portal.delay is None else self.portal.delay

    def count(self, counter: str, by: int = 1) -> None:
        self.counters[counter] += by

    # ------------------------------------------------------------ requests under way

    def sent(self) -> None:
        self.pending += 1

    def arrived(self) -> None:
        self.pending -= 1

    @property
    def quiet(self) -> bool:
        """No answer is awaited."""
        return self.pending == 0

    @property
    def blocked(self) -> Blocked | None:
        """Why the portal is left alone, once it is."""
        return self.tally.blocked

    def _refused(self, error: Blocked) -> None:
        self._refused_in_a_row += 1
        self.tally.refusal = error
        if error.name not in UNSURE or self._refused_in_a_row >= BLOCKED_IN_A_ROW:
            self.tally.blocked = error

    # ------------------------------------------------------------ columns

    def new_column(self, column: Column, depth: int) -> bool:
        """Whether a column was not met before in this run; one on a foreign host is left aside."""
        if not self.ledger.owns(self.portal.key, column.url):
            self.left_aside(column.url, "off_site")
            return False
        return self.tally.open_column(column, depth)

    def platform_for(self, recognised: str, why: str) -> str:
        """The platform to read this portal's lists with: what is recognised, unless nothing is. A portal that is not
        what its entry says has been redesigned: said, and read as what it is now."""
        named = self.portal.platform
        if named is None:
            self.platform = recognised if recognised != "plain" else self.platform or "plain"
            return recognised
        if recognised not in (named, "plain"):
            self.tally.note(f"platform changed: the registry says {named}, the page is {recognised} ({why})")
            self.platform = recognised
            return recognised
        return named

    def page_read(self, column: Column, fetch: Fetch, listing: Listing) -> list[Entry]:
        """Take down a list page; the entries that are new in this run and on the portal's own hosts."""
        self._refused_in_a_row = 0
        places: dict[str, Entry] = {}
        for entry in listing.entries:
            try:
                places.setdefault(identity(entry.url), replace(entry, url=clean(entry.url)))
            except ValueError:
                self.count("entries/no_address")
        self.tally.read(column, fetch, listing, set(places))
        fresh: list[Entry] = []
        for place, entry in places.items():
            if place in self.listed_places:
                continue
            if not self.ledger.owns(self.portal.key, entry.url):
                self.left_aside(entry.url, "off_site")
                continue
            self.listed_places.add(place)
            self.count("entries")
            fresh.append(entry)
        return fresh

    def way_lost(self, url: str, error: BaseException) -> None:
        """A page on the way to the columns could not be had."""
        if isinstance(error, Blocked):
            self._refused(error)
        self.tally.way_lost(url, error_name(error))
        log.info("%s: discovery at %s: %s", self.portal.key, url, error)

    def column_failed(self, column: Column, fetch: Fetch, error: BaseException) -> None:
        """A list page could not be had or read."""
        name = error_name(error)
        if isinstance(error, Blocked):
            self._refused(error)
        if name == "robots":
            self.count("robots")
        else:
            self.count("errors")
        self.tally.failed(column, fetch, name)
        log.info("%s: column %s: %s", self.portal.key, fetch.url, error)

    def columns_moved(self) -> bool:
        """Once, when every list has been asked for: whether a column of the registry is no longer where it was, so that
        it is looked for from the home page."""
        lost = [t for t in self.tally.columns.values() if not t.pages and MOVED_NAMES.intersection(t.failed.values())]
        if not lost or self.tally.looked_at or self.blocked:
            return False
        self.tally.note(f"looked for again from the home page: {', '.join(t.column.url for t in lost)}")
        return True

    def supersede(self) -> None:
        """A lost column whose successor was found is history: what it lacks is not missing."""
        read = [c for c in self.candidates if (t := self.tally.columns.get(identity(c.url))) and t.pages]
        for place, lost in list(self.tally.columns.items()):
            if read and not lost.pages and MOVED_NAMES.intersection(lost.failed.values()):
                successor = moved_column(lost.column.url, read) or read[0]
                self.tally.note(f"column moved: {lost.column.url} is now {successor.url}")
                del self.tally.columns[place]

    # ------------------------------------------------------------ entries

    def known(self, url: str) -> Sighting | None:
        """What the archive knows of a location."""
        known = self.state.locations.get(identity(url))
        return None if known is None or known.outcome in BELONGINGS else known

    def is_due(self, known: Sighting, recheck: str) -> bool:
        """Whether a known location is to be looked at again. One that an unfinished run has seen is done."""
        if known.report_id is None or known.metadata_digest is None:
            return True
        return recheck != "none" and known.run not in self.state.unfinished

    def listed(self, entry: Entry, known: Sighting) -> None:
        """A known location that is listed and not due."""
        self.ledger.add(replace(known, run=self.ledger.run, time=datetime.now(UTC), outcome="listed", url=entry.url,
                                column=entry.column.url, missed_runs=0, missed_since=None))  # fmt: skip
        self.count("not_due")
        if known.kind == Kind.ANNUAL_REPORT and known.report_id:
            self.reports.add(known.report_id)

    def left_out(self, reason: str) -> None:
        self.count(reason)

    def left_aside(self, url: str, reason: str) -> None:
        """An address that is rightly not asked for: off-site, or robots.txt says no."""
        if reason == "robots":
            self.count("robots")
        else:
            self.tally.off_site.setdefault(host_of(url), url)

    def hold(self, visit: Visit, seen: Likeness | None) -> Iterator[Visit]:
        """A page that states its title passes. Others wait for the next: a portal that has stopped answering sends the
        same page for every article."""
        self._refused_in_a_row = 0
        if seen is None or seen.states_title:
            yield visit
            return
        if self._held_likeness is None or not seen.like(self._held_likeness):
            yield from self.release()
        self._held_likeness = seen
        self._held.append(visit)

    def release(self) -> Iterator[Visit]:
        """Let go what is held back, or refuse it: ``SAME_PAGE`` entries answered with one page."""
        held, self._held, self._held_likeness = self._held, [], None
        if len(held) >= SAME_PAGE:
            error = Blocked(f"the same page for {len(held)} entries, {held[0].entry.url} first", name="same_page")
            self.tally.refusal = self.tally.blocked = error
            for visit in held:
                self.count("quarantined")
                self.failed(visit.entry.url, error.name)
        else:
            yield from held

    def visit_failed(self, entry: Entry, listed: bool, error: BaseException, redirected: bool = False) -> None:
        """A page could not be had."""
        name = error_name(error)
        if redirected and name == "off_site":
            self.left_aside(str(error).rpartition(" ")[2], name)
            name = "redirected_away"
        if isinstance(error, Blocked):
            self._refused(error)
        elif isinstance(error, Unreadable):
            self._refused_in_a_row = 0
        if name in ("robots", "off_site"):
            self.left_aside(entry.url, name)
            return
        if name in GONE_NAMES:
            self.missing[identity(entry.url)] = name
            if not listed:
                return
        if isinstance(error, Unreadable):
            self.count("quarantined")
        self.failed(entry.url, name)
        log.info("%s: %s: %s", self.portal.key, entry.url, error)

    def failed(self, url: str, name: str, *, sighted: bool = True) -> None:
        """Something listed could not be had or read. Where what is known of it stands, its own sighting says so."""
        self.count("errors")
        self.tally.lost.setdefault(name, url)
        self.tally.lost_count[name] += 1
        if sighted:
            self.ledger.sightings.add(Sighting(self.ledger.run, self.portal.key, datetime.now(UTC), url, outcome=name))

    def unlisted(self) -> list[Sighting]:
        """Once, when all lists are read: known locations that no list shows any more. They are asked for themselves."""
        if self._unlisted_asked or not self.ledger.removals or not self.tally.lists_complete:
            return []
        self._unlisted_asked = True
        return [
            known
            for place, known in self.state.locations.items()
            if known.report_id and known.outcome not in (*BELONGINGS, "gone") and place not in self.listed_places
        ]

    def redirected(self, entry: Entry, listed: bool) -> None:
        """An old location leads to another one."""
        place = identity(entry.url)
        if not listed or place in self.state.locations:
            self.missing[place] = "redirected"

    def first_look(self, url: str) -> bool:
        """Whether a location reached by a redirect was not met before in this run."""
        place = identity(url)
        if place in self.listed_places:
            return False
        self.listed_places.add(place)
        return True

    # ------------------------------------------------------------ the end

    def settled(self, now: datetime, *, interrupted: bool) -> dict[str, Any]:
        """The portal's line in the run summary; on a complete crawl, a sighting of every known location."""
        self.tally.reports = len(self.reports)
        self.tally.robots = self.counters["robots"]
        status, reason = settle(self.tally)
        if interrupted and status is not PortalStatus.BLOCKED:
            status, reason = PortalStatus.INCOMPLETE, "interrupted"
        complete = status is PortalStatus.OK and self.ledger.removals
        for place, known in self.state.locations.items():
            if place not in self.sighted and (complete or (place in self.missing and known.report_id)):
                self.ledger.sightings.add(self._carried(place, known, now, complete))
        return {
            "status": status.value,
            "reason": reason or None,
            "columns": len(self.tally.columns),
            **{name: self.counters[name] for name in COUNTERS},
            **{name: value for name, value in sorted(self.counters.items()) if name not in COUNTERS},
            "platform": self.platform,
            "settled": complete,
            **self.tally.figures(),
        }

    def _carried(self, place: str, known: Sighting, now: datetime, complete: bool) -> Sighting:
        """What is said of a location that was not seen: missing since the last look; gone after complete crawls."""
        carried = replace(known, run=self.ledger.run, time=now)
        if known.outcome in BELONGINGS:
            return carried
        if place not in self.missing:
            return carried if known.outcome == "gone" else replace(carried, outcome="listed")
        since = known.missed_since or (now if complete else None)
        runs = known.missed_runs + complete
        settings = self.ledger.settings
        days = timedelta(days=settings.getint("GONE_AFTER_DAYS"))
        enough = since is not None and runs >= settings.getint("GONE_AFTER_RUNS") and now - since >= days
        gone = known.outcome == "gone" or (complete and enough)
        self.count("gone" if gone else "missing")
        return replace(carried, outcome="gone" if gone else "missing", missed_runs=runs, missed_since=since)


def validators(known: Sighting | None) -> dict[str, str]:
    """The conditional headers for a page the archive holds."""
    if known is None or known.payload_digest is None:
        return {}
    stated = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in stated.items() if value}


def _counter(kind: Kind, verdict: Verdict) -> str:
    return RULING_COUNTER.get(verdict, "not_reports") if kind is Kind.ANNUAL_REPORT else "not_reports"
