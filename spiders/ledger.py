"""What a run knows of its portals while it goes on: the state each began with, and the tally of what was found.

The spider and the pipelines report here; ``spiders.watch`` is one portal in the run. A portal is settled when nothing
more is to be asked of it; at the end of the run the summary is written.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from scrapy.settings import BaseSettings

from crawler.errors import ArchiveError, Unreadable
from crawler.items import (
    Finding,
    Kind,
    Portal,
    Ruling,
    Sighting,
    Verdict,
    Visit,
)
from crawler.urls import bare_host, host_of, identity
from spiders.notices import notices
from spiders.registry import own_hosts
from spiders.schedule import CHINA, LOOKS_AT_ALL
from spiders.watch import COUNTERS, INTERRUPTED, Watch
from storage.archive import Archive
from storage.leases import Held, Leases
from storage.sightings import PortalState

log = logging.getLogger(__name__)

NO_COUNTERS = frozenset({"newest_year"})
RUNS_LOOKED_BACK = 10  # for what a portal was before
RULING_COUNTER = {
    Verdict.NEW: "new",
    Verdict.COLLISION: "new",
    Verdict.REVISED: "revised",
    Verdict.UNCHANGED: "unchanged",
    Verdict.COPY: "copies",
    Verdict.MOVED: "unchanged",
}


def run_id(now: datetime, recheck: str = "due") -> str:
    """Run ids sort by time; what looks at everything says so, for it leaves no summary where it is killed."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}{LOOKS_AT_ALL if recheck == 'all' else ''}"


class Ledger:
    """One run over its portals."""

    def __init__(
        self, archive: Archive, portals: Sequence[Portal], settings: BaseSettings, *, recheck: str, partial: bool
    ) -> None:
        """``partial``: only some years are asked for."""
        self.archive = archive
        self.settings = settings
        self.recheck = recheck
        self.removals = not partial and recheck != "none"
        self.partial = partial
        self.run = run_id(datetime.now(UTC), recheck)
        self.sightings = archive.sightings(self.run)
        self.leases = Leases(archive.store, self.run, self._lease_lost)
        self.held: dict[str, Held] = {}  # portals left to another run
        self.cut: str | None = None  # why the run ends before its portals do
        self.portals = {portal.key: portal for portal in portals}
        self.watches: dict[str, Watch] = {}
        self._hosts = {key: own_hosts(portal) for key, portal in self.portals.items()}
        self.portal_of_host = {host: key for key, hosts in self._hosts.items() for host in hosts}
        self.hosts = frozenset(h for hosts in self._hosts.values() for host in hosts for h in (host, f"www.{host}"))

    def owns(self, key: str, url: str) -> bool:
        """Whether an address is on one of the portal's own hosts."""
        return bare_host(host_of(url)) in self._hosts[key]

    def open(self, portal: Portal) -> Watch | Held:
        """Begin with a portal, unless another run is at it: what the archive knows of it. Blocking."""
        taken = self.leases.take(portal.key)
        if isinstance(taken, Held):
            return taken
        state = self.archive.state(portal.key)
        cut_off = taken.after or next(iter(state.cut_off), None)
        if self.archive.say_what_was_left(portal.key, cut_off):
            state = self.archive.state(portal.key)
        watch = self.watches[portal.key] = Watch(self, portal, state)
        watch.after_another = taken.after is not None
        watch.unread = self.archive.unread(portal.key, cut_off)
        return watch

    def _lease_lost(self, portal: str) -> None:
        """Called from another thread: the archive could not be told in time that this run is still at the portal."""
        log.error("%s is left: another run may be there now", portal)
        self.watches[portal].lease_lost = True

    def left_alone(self, portal: str) -> str | None:
        """Why a portal is not asked any more: it refuses us, or another run may be there."""
        watch = self.watches.get(portal)
        if watch is None:
            return None
        if watch.blocked is not None:
            return f"{portal} refuses us ({watch.blocked.name})"
        return None if self.leases.holds(portal) else f"another run may be at {portal} now"

    def add(self, sighting: Sighting) -> None:
        """Take down what was seen of a location of which something was filed. The first sighting of a portal is made
        durable at once: it marks the run as begun there. Blocking."""
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
        watch.read(finding.reading)
        revised = ruling.opens and ruling.version > 1  # also where it moved at the same time
        watch.count(_counter(finding.reading.kind, Verdict.REVISED if revised else ruling.verdict))
        if ruling.verdict in (Verdict.MOVED, Verdict.COLLISION):
            watch.count("moved" if ruling.verdict is Verdict.MOVED else "collisions")
        if finding.reading.kind is Kind.ANNUAL_REPORT:
            watch.reports.add(ruling.report_id)
            watch.newest(finding.reading.report_year)

    def settle_sighting(self, sighting: Sighting) -> None:
        """A location was seen and there was nothing to file."""
        watch = self.watches[sighting.portal]
        if sighting.outcome == Verdict.UNCHANGED:
            watch.count(_counter(Kind(sighting.kind or Kind.OTHER), Verdict.UNCHANGED))
            if sighting.report_id and sighting.kind == Kind.ANNUAL_REPORT:
                watch.reports.add(sighting.report_id)
                watch.newest(sighting.report_year)

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
        watch.failed(visit.entry.url, error.name, sighted=False)

    def stage_failed(self, item: object, error: BaseException) -> None:
        """A pipeline stage raised something that has no name: a fault of ours, counted against completeness."""
        visit = item.visit if isinstance(item, Finding) else item
        portal = visit.portal.key if isinstance(visit, Visit) else getattr(item, "portal", None)
        url = visit.entry.url if isinstance(visit, Visit) else getattr(item, "url", "")
        if portal in self.watches:
            self.watches[portal].failed(url, f"internal_{type(error).__name__}")

    # ------------------------------------------------------------ the end

    def finish(self, watch: Watch) -> None:
        """Settle a portal, once: its sightings are stored, its lease is given back, its memory freed. Blocking."""
        with watch.settling:
            if watch.figures is not None:
                return
            figures = watch.settled(datetime.now(UTC), self.cut)
            self.sightings.flush(watch.portal.key)
            if not figures.get("interrupted"):
                self.archive.all_read(watch.portal.key)
            self.leases.release(watch.portal.key)
            watch.figures = figures
            watch.forget()

    def close(self, started: datetime) -> dict[str, Any]:
        """Settle what is not settled yet, store what is left of the sightings, write the summary last. Blocking."""
        portals: dict[str, Any] = {}
        for key, portal in self.portals.items():
            watch = self.watches.get(key) or Watch(self, portal, PortalState(key))
            self.finish(watch)
            portals[key] = watch.figures
        self.sightings.close()
        totals = Counter(dict.fromkeys((*COUNTERS, "columns"), 0))
        for portal_figures in portals.values():
            totals.update({n: v for n, v in portal_figures.items() if type(v) is int and n not in NO_COUNTERS})
        summary = {
            "run": self.run,
            "started": started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "provinces": sorted({portal.province for portal in self.portals.values()}),
            "portals": portals,
            "totals": dict(totals),
            **({"interrupted": True} if self.cut == INTERRUPTED else {}),
        }
        said = notices(portals, self._before(), datetime.now(CHINA).date())
        if said:
            summary["notices"] = [notice.plain() for notice in said]
        self.archive.put_run(summary)
        self.leases.close()
        return summary

    def _before(self) -> dict[str, Any]:
        """Each portal's figures in the newest run before this one that was done with it."""
        found: dict[str, Any] = {}
        for run in list(reversed(self.archive.runs()))[:RUNS_LOOKED_BACK]:
            try:
                summary = self.archive.run(run)
            except ArchiveError:
                continue  # `verify` says what is wrong with it
            for key, figures in summary["portals"].items():
                if key in self.portals and not figures.get("interrupted"):
                    found.setdefault(key, figures)
            if len(found) == len(self.portals):
                break
        for key, watch in self.watches.items():  # of runs further back that sighted something there
            if watch.before is not None:
                found.setdefault(key, watch.before)
        return found

    def leave(self) -> None:
        """Give back the leases of a run that cannot go on."""
        self.leases.close()


def _counter(kind: Kind, verdict: Verdict) -> str:
    return RULING_COUNTER.get(verdict, "not_reports") if kind is Kind.ANNUAL_REPORT else "not_reports"
