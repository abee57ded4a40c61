"""What the next run has to do, portal by portal, as the archive and the last run tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crawler.items import Portal
from spiders.schedule import due
from storage.archive import Archive, read_ahead
from storage.sightings import BELONGINGS, PortalState

NOT_ASKED = BELONGINGS | {"gone"}  # outcomes of what no run asks for by itself


@dataclass(frozen=True, slots=True)
class Task:
    """One portal's share of the next run."""

    portal: Portal
    last: str | None  # the newest run that sighted anything there
    status: str | None  # how that run ended there, or ``unfinished``
    known: int  # pages
    due: int  # of them, by the schedule
    lists: int | None  # list pages the last run asked for; ``None`` where the portal was never crawled
    delay: float  # seconds between two requests

    @property
    def requests(self) -> int | None:
        """At least so many; new reports come on top. ``None`` for a portal of which nothing is known."""
        return None if self.lists is None else self.lists + self.due

    @property
    def seconds(self) -> float | None:
        return None if self.requests is None else self.requests * self.delay

    def plain(self) -> dict[str, Any]:
        """As ``nianbao plan --json`` shows it."""
        return {
            "portal": self.portal.key, "province": self.portal.province, "last_run": self.last, "status": self.status,
            "known": self.known, "due": self.due, "lists": self.lists, "requests": self.requests, "delay": self.delay,
            "seconds": self.seconds,
        }  # fmt: skip


def tasks(
    archive: Archive | None, portals: Sequence[Portal], delay: float, now: datetime | None = None
) -> Iterator[Task]:
    """In the order a run takes them: the longest unseen first. ``delay``: of portals whose entry names none."""
    moment = now or datetime.now(UTC)
    if archive is None:
        planned = [_task(portal, PortalState(portal.key), None, None, delay, moment) for portal in portals]
    else:
        planned = list(read_ahead(lambda portal: _of(archive, portal, delay, moment), portals, width=8))
    yield from sorted(planned, key=lambda task: task.last or "")


def _of(archive: Archive, portal: Portal, delay: float, now: datetime) -> Task:
    last = archive.last_run(portal.key)
    said = archive.outcomes(last) if last else None  # nothing where it was killed
    figures = said["portals"].get(portal.key) if said else None
    return _task(portal, archive.state(portal.key), last, figures, delay, now)


def _task(
    portal: Portal, state: PortalState, last: str | None, figures: dict[str, Any] | None, delay: float, now: datetime
) -> Task:
    known = [seen for seen in state.locations.values() if seen.outcome not in NOT_ASKED]
    waiting = sum(due(seen, state.unfinished, now) for seen in known)
    registered = delay if portal.delay is None else portal.delay
    return Task(
        portal,
        last,
        None if last is None else "unfinished" if figures is None else figures.get("status"),
        len(known),
        waiting,
        None if last is None else (figures or {}).get("list_pages", 1),
        max(registered, (figures or {}).get("delay", 0.0)),
    )
