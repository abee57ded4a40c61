"""One portal in a run: the state it began with, what was found, what was not, and how it ended."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from crawler.errors import Blocked, Unreadable, error_name
from crawler.items import (
    STANDING,
    Column,
    Entry,
    Fetch,
    Kind,
    Listing,
    Portal,
    PortalStatus,
    Reading,
    Sighting,
    Visit,
)
from crawler.urls import clean, host_of, identity
from spiders import moved
from spiders.carried import GoneAfter, carried, says_nothing_new
from spiders.completeness import PortalTally, settle
from spiders.discovery import Candidate
from spiders.holding import HeldBack
from spiders.sameness import Likeness
from spiders.schedule import due, looked_at_since, recheck_of_all_since
from spiders.unchanged import Walked
from storage.jottings import Unread
from storage.sightings import BELONGINGS, PortalState, unsaid

if TYPE_CHECKING:
    from spiders.ledger import Ledger

log = logging.getLogger(__name__)

INTERRUPTED = "interrupted"  # the reason of portals that a run was not done with when it was stopped
GONE_NAMES = frozenset({"not_found", "gone_410", "soft_404", "redirected_home", "redirected", "redirected_away"})
UNLISTED = frozenset({*BELONGINGS, "missing", "gone"})  # outcomes of what no list shows
STATED = ("title", "agency", "publisher", "published_on", "index_number", "document_number", "body", "statistics")
BLOCKED_IN_A_ROW = 3  # pages refused one after the other before the portal is left alone
UNSURE = frozenset({"forbidden_401", "forbidden_403", "too_many_requests"})  # may mean this page alone
COUNTERS = (
    "entries", "new", "revised", "unchanged", "copies", "not_reports", "quarantined", "errors", "robots", "requests",
    "bytes",
)  # fmt: skip


class Watch:
    """One portal in one run."""

    def __init__(self, ledger: Ledger, portal: Portal, state: PortalState) -> None:
        self.ledger = ledger
        self.portal = portal
        self.state = state
        self.before = state.before
        self._all_since = recheck_of_all_since(state.cut_off, datetime.now(UTC)) if ledger.recheck == "all" else None
        self.opened = datetime.now(UTC)
        # Whether lines are left for those locations alone of which there is something else to say than the last time.
        self.rests_on = state.whole if state.rests and ledger.removals else None
        self.platform = portal.platform
        self.counters: Counter[str] = Counter()
        self.tally = PortalTally(portal, partial=ledger.partial)
        self.listed_places: set[str] = set()
        self.sighted: set[str] = set()
        self.reports: set[str] = set()
        self.standing: set[str] = set()  # listed as they were; what is said of them waits for the end
        self.missing: dict[str, str] = {}
        self.candidates: list[Candidate] = []  # columns discovered in this run
        self.site_maps: list[str] = []  # asked for where nothing else led to a column
        self.pending = 0
        self.begun = False
        self.handed = 0  # visits that are in the pipelines' hands
        self.unread: dict[str, Unread] = {}  # what killed runs had, by identity of the address
        self.marked = False
        self.after_another = False  # one was here that did not say when it left
        self.lease_lost = False
        self.settled_soon = False
        self.settling = threading.Lock()
        self.figures: dict[str, Any] | None = None  # its line in the summary, once it is settled
        self._gone_after = GoneAfter(
            ledger.settings.getint("GONE_AFTER_RUNS"), timedelta(days=ledger.settings.getint("GONE_AFTER_DAYS"))
        )
        self.slowest = 0.0  # seconds between two requests that robots.txt asks for
        self._fields: Counter[str] = Counter()
        self._newest_year: int | None = None
        self._refused_in_a_row = 0
        self._unlisted_asked = False
        self._held = HeldBack()

    @property
    def delay(self) -> float:
        """Seconds between two requests, as the registry and robots.txt have it."""
        return max(self.slowest, self._registered_delay())

    def _registered_delay(self) -> float:
        return self.ledger.settings.getfloat("DOWNLOAD_DELAY") if self.portal.delay is None else self.portal.delay

    def count(self, counter: str, by: int = 1) -> None:
        self.counters[counter] += by

    def read(self, reading: Reading) -> None:
        """Which of the fields that most reports state this page states."""
        if reading.kind is Kind.ANNUAL_REPORT:
            self._fields.update(("read", *(name for name in STATED if getattr(reading, name))))

    def newest(self, report_year: int | None) -> None:
        self._newest_year = max(self._newest_year or 0, report_year or 0) or None

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
    def done(self) -> bool:
        """No answer is awaited, and what was answered is filed."""
        return self.quiet and not self.handed and not self._held.visits

    def _hand(self, visits: Iterable[Visit]) -> Iterator[Visit]:
        for visit in visits:
            self.handed += 1
            yield visit

    @property
    def blocked(self) -> Blocked | None:
        """Why the portal is left alone, once it is."""
        return self.tally.blocked

    def _refused(self, error: Blocked) -> None:
        self._refused_in_a_row += 1
        self.tally.refusal = error
        if self._refused_in_a_row >= BLOCKED_IN_A_ROW:
            self.tally.blocked = error
        self.refuses(error)

    def refuses(self, error: Blocked) -> None:
        """Leave the portal alone from now on, unless this may mean one page alone."""
        if error.name not in UNSURE:
            self.tally.refusal = self.tally.blocked = error

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

    def is_unchanged(self, column: Column, listing: Listing) -> bool:
        """Whether the rest of a list, whose first page this is, stands as it did when it was last read to its end."""
        walked = Walked.of(self.state.lists.get(identity(column.url)))
        if walked is None or not walked.stands(listing, datetime.now(UTC)):
            return False
        if any(self.known(entry.url) is None for entry in listing.entries):
            return False  # read, and not had
        self.tally.leave_unwalked(column, walked)
        return True

    def remembered(self, column: Column) -> Iterator[Entry]:
        """The entries of a list that is left unwalked, but for those of its first page."""
        for place, known in self.state.locations.items():
            if known.column == column.url and known.outcome not in UNLISTED and place not in self.listed_places:
                self.listed_places.add(place)
                self.count("entries")
                yield Entry.remembered(known.url, known.listed_as or known.title or "", column)

    def way_lost(self, url: str, error: BaseException) -> None:
        """A page on the way to the columns could not be had."""
        if self._not_asked(error_name(error)):
            return
        if isinstance(error, Blocked):
            self._refused(error)
        self.tally.way_lost(url, error_name(error))
        log.info("%s: discovery at %s: %s", self.portal.key, url, error)

    def column_failed(self, column: Column, fetch: Fetch, error: BaseException) -> None:
        """A list page could not be had or read."""
        name = error_name(error)
        if self._not_asked(name):
            return
        if isinstance(error, Blocked):
            self._refused(error)
        if name == "robots":
            self.count("robots")
        elif not fetch.state.get("supposed"):
            self.count("errors")
        self.tally.failed(column, fetch, name)
        log.info("%s: column %s: %s", self.portal.key, fetch.url, error)

    def columns_moved(self) -> bool:
        """Once, when every list has been asked for: whether a column of the registry is no longer where it was, so that
        it is looked for from the home page."""
        lost = moved.columns_moved(self.tally)
        if not lost or self.tally.looked_at or self.blocked:
            return False
        self.tally.note(f"looked for again from the home page: {', '.join(lost)}")
        return True

    def supersede(self) -> None:
        """A lost column whose successor was found is history: what it lacks is not missing."""
        moved.supersede(self.tally, self.candidates)

    # ------------------------------------------------------------ entries

    def known(self, url: str) -> Sighting | None:
        """What the archive knows of a location."""
        known = self.state.locations.get(identity(url))
        return None if known is None or known.outcome in BELONGINGS else known

    def recall(self, column: Column, entries: Iterable[Entry]) -> None:
        """Say of entries what a run that was killed here saw of them and had no time to say, so that they are not asked
        for twice. Blocking."""
        unknown = [entry.url for entry in entries if self.known(entry.url) is None]
        archive = self.ledger.archive
        for version in archive.filed_by(self.state.unfinished, self.portal.key, unknown):
            archive.point_version(version, soon=True)  # that run may have ended among its pointers
            for sighting in unsaid(version, column.url):
                if sighting.report_id is not None:
                    archive.point_sighting(sighting, beside=version, soon=True)
                self.ledger.add(replace(sighting, run=self.ledger.run))
                self.state.learn(sighting)

    @property
    def goes_on(self) -> bool:
        """Whether this run goes on with one that was cut off here, so that what that one saw is done."""
        return bool(self.state.unfinished) and (self.ledger.recheck != "all" or self._all_since is not None)

    def had_before(self, url: str, known: Sighting | None) -> Unread | None:
        """What a run that this one goes on with had of an address, and none has read."""
        unread = self.unread.get(identity(url))
        if unread is None or (known is not None and unread.run <= known.run):
            return None
        if known is not None and self.ledger.recheck == "all":
            return unread if recheck_of_all_since((unread.run,), datetime.now(UTC)) is not None else None
        return unread

    def is_due(self, known: Sighting, entry: Entry, listed: bool) -> bool:
        """Whether a known location is to be looked at again. ``listed``: whether a list of this run shows it."""
        if self.ledger.recheck == "none":
            return known.report_id is None or known.metadata_digest is None
        shown = known.listed_as is None or known.listed_as == entry.listed_as
        if self.ledger.recheck == "all":
            return not (shown and looked_at_since(self._all_since, known))
        if not (shown or known.run in self.state.unfinished):
            return True
        return due(known, self.state.unfinished, datetime.now(UTC), listed=listed)

    def listed(self, entry: Entry, known: Sighting) -> None:
        """A known location that is listed and not due."""
        place = identity(entry.url)
        self.sighted.add(place)
        line = replace(known, run=self.ledger.run, time=datetime.now(UTC), outcome="listed", url=entry.url,
                       column=entry.column.url, listed_as=entry.listed_as, missed_runs=0, missed_since=None)  # fmt: skip
        if self.rests_on and says_nothing_new(line, known):
            self.standing.add(place)
        else:
            self.ledger.sightings.add(line)
        self.count("not_due")
        if known.kind == Kind.ANNUAL_REPORT and known.report_id:
            self.reports.add(known.report_id)
            self.newest(known.report_year)

    def left_out(self, reason: str) -> None:
        self.count(reason)

    def left_aside(self, url: str, reason: str) -> None:
        """An address that is rightly not asked for: off-site, or robots.txt says no."""
        if reason == "robots":
            self.count("robots")
        else:
            self.tally.off_site.setdefault(host_of(url), url)

    def hold(self, visit: Visit, seen: Likeness | None) -> Iterator[Visit]:
        """The visits that pass, now that an answer looks like this."""
        self._refused_in_a_row = 0
        if seen is None or seen.states_title:
            yield from self._hand((visit,))
            return
        if not self._held.fits(seen):
            yield from self.release()
        self._held.add(visit, seen)

    def release(self) -> Iterator[Visit]:
        """Let go what is held back, or refuse it: too many entries answered with one page."""
        held, too_many = self._held.taken()
        if too_many:
            error = Blocked(f"the same page for {len(held)} entries, {held[0].entry.url} first", name="same_page")
            self.tally.refusal = self.tally.blocked = error
            for visit in held:
                self.count("quarantined")
                self.failed(visit.entry.url, error.name, visit.entry)
        else:
            yield from self._hand(held)

    def visit_failed(self, entry: Entry, listed: bool, error: BaseException, redirected: bool = False) -> None:
        """A page could not be had."""
        name = error_name(error)
        if redirected and name == "off_site":  # a report was promised here, and cannot be had
            self.left_aside(str(error).rpartition(" ")[2], name)
            name = "redirected_away"
        if isinstance(error, Blocked):
            self._refused(error)
        elif isinstance(error, Unreadable):
            self._refused_in_a_row = 0
        if name in ("robots", "off_site"):
            self.left_aside(entry.url, name)
            return
        if self._not_asked(name):
            return
        known = self.known(entry.url)
        if name in GONE_NAMES:
            self.missing[identity(entry.url)] = name
            if not listed:
                return
        if isinstance(error, Unreadable):
            self.count("quarantined")
        self.failed(entry.url, name, entry, sighted=self._is_news(name, known))
        log.info("%s: %s: %s", self.portal.key, entry.url, error)

    def _not_asked(self, name: str) -> bool:
        """Whether a request was let go because the run ends or another one may be here: that is said of the portal."""
        if name != "left_alone" or self.blocked is not None:
            return False
        self.let_go()
        return True

    def let_go(self) -> None:
        """Something was not asked for, or not looked at, because the run ends here: the portal is not done with."""
        self.count("not_asked")

    @staticmethod
    def _is_news(name: str, known: Sighting | None) -> bool:
        """Whether a failure has a sighting of its own: nobody looked, or it stands as missing at the end."""
        return name != "left_alone" and (name not in GONE_NAMES or known is None or not known.report_id)

    def failed(self, url: str, name: str, entry: Entry | None = None, *, sighted: bool = True) -> None:
        """Something listed (as ``entry``) or linked to could not be had or read. ``sighted``: no other sighting says so."""
        self.count("errors")
        self.tally.lost.setdefault(name, url)
        self.tally.lost_count[name] += 1
        if sighted:
            now, known = datetime.now(UTC), self.known(url)
            seen = Sighting(self.ledger.run, self.portal.key, now, url, outcome=name)
            if known is not None:  # what is known of it stands, and is not to be lost with the runs before
                seen = replace(known, run=self.ledger.run, time=now, url=url, outcome=name, status=None)
            if entry is not None:
                seen = replace(
                    seen, column=entry.column.url, listed_as=entry.listed_as, title=seen.title or entry.title
                )
            self.sighted.add(identity(url))
            self.ledger.sightings.add(seen)

    def unlisted(self) -> list[Entry]:
        """Once, when all lists are read: known locations that no list shows any more. They are asked for themselves."""
        if self._unlisted_asked or not self.ledger.removals or not self.tally.lists_complete:
            return []
        self._unlisted_asked = True
        if not self.tally.walked_whole:
            return []
        return [
            Entry.remembered(known.url, known.listed_as or known.title or "", self._column_of(known))
            for place, known in self.state.locations.items()
            if known.report_id and known.outcome not in (*BELONGINGS, "gone") and place not in self.listed_places
        ]

    def _column_of(self, known: Sighting) -> Column:
        """The column that last listed a location, as this run met it: with the year and the unit it stands for."""
        url = known.column or self.portal.home
        tally = self.tally.columns.get(identity(url))
        return tally.column if tally else Column(url)

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

    def settled(self, now: datetime, cut: str | None) -> dict[str, Any]:
        """The portal's line in the run summary; on a complete crawl, a sighting of every known location, or one of all that
        are as they were.

        ``cut``: why the run ends, where it ends before the portal does.
        """
        if self.begun and self.done:
            cut = (cut or INTERRUPTED) if self.counters["not_asked"] else None
        if self.lease_lost:
            cut = "lease_lost: the archive could not be reached in time to say that this run is still here"
        if held := self.ledger.held.get(self.portal.key):
            cut = f"held: {held}"
        self.tally.reports = len(self.reports)
        self.tally.robots = self.counters["robots"]
        status, reason = settle(self.tally)
        if cut and status is not PortalStatus.BLOCKED:
            status, reason = PortalStatus.INCOMPLETE, cut
        complete = cut is None and self.ledger.removals and self.tally.lists_complete
        rests_on = self.rests_on if complete else None
        for place, known in self.state.locations.items():
            if place in self.standing:
                if rests_on is None:
                    self.ledger.sightings.add(replace(known, run=self.ledger.run, time=self.opened, outcome="listed"))
            elif place not in self.sighted and (complete or (place in self.missing and known.report_id)):
                line = self._carried(place, known, now, complete)
                if rests_on is None or not says_nothing_new(line, known):
                    self.ledger.sightings.add(line)
        if rests_on is not None:
            line = Sighting(self.ledger.run, self.portal.key, self.opened, self.portal.home, STANDING, fetched=now)
            self.ledger.sightings.add(line)
        return {
            "status": status.value,
            "reason": reason or None,
            "columns": len(self.tally.columns),
            **{name: self.counters[name] for name in COUNTERS},
            **{name: value for name, value in sorted(self.counters.items()) if name not in COUNTERS},
            "platform": self.platform,
            "settled": complete,
            **({"rests_on": rests_on} if rests_on else {}),
            **({"interrupted": True} if cut else {}),
            **({"newest_year": self._newest_year} if self._newest_year else {}),
            **({"fields": dict(self._fields)} if self._fields else {}),
            "list_pages": self.tally.list_pages,
            "delay": self.delay,
            **self.tally.figures(now),
        }

    def forget(self) -> None:
        """Let go of what only the crawl of the portal needs; the summary has its figures."""
        self.state = PortalState(self.portal.key)
        for places in (self.listed_places, self.sighted, self.reports, self.missing, self.standing):
            places.clear()
        self.tally.forget()

    def _carried(self, place: str, known: Sighting, now: datetime, complete: bool) -> Sighting:
        """What is said of a location that was not seen."""
        line = carried(
            replace(known, run=self.ledger.run, time=now),
            self.missing.get(place),
            listed=place in self.listed_places,
            complete=complete,
            walked_whole=self.tally.walked_whole,
            gone_after=self._gone_after,
        )
        if place in self.missing and known.outcome not in BELONGINGS:
            self.count(line.outcome)
        return line


def validators(known: Sighting | None) -> dict[str, str]:
    """The conditional headers for a page the archive holds."""
    if known is None or known.payload_digest is None:
        return {}
    stated = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in stated.items() if value}
