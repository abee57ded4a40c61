"""What a run saw, written as it is seen; and the state of a portal, read back from it.

One object holds up to 200 sightings of one portal, so a killed run loses at most the last 20 seconds of a portal, and
those are looked at again: what they saw is stored, only that it was seen is not.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from crawler.items import Sighting, Verdict
from storage import codec, layout
from storage.stores import ObjectStore

LINES = 200
SECONDS = 20.0

BELONGINGS = frozenset({"attachment", "part"})  # outcomes of locations that are no pages of their own
CONTENT_OUTCOMES = frozenset(Verdict) | BELONGINGS
# What a line that saw no content takes over from the line before it: all but when, where and how the look went.
_OWN = {"run", "portal", "time", "url", "outcome", "status", "missed_since", "missed_runs"}
INHERITED = tuple(item.name for item in fields(Sighting) if item.name not in _OWN)


# ---------------------------------------------------------------- writing


@dataclass(slots=True)
class _Buffer:
    lines: list[Sighting] = field(default_factory=list)
    since: float = 0.0
    number: int = 0  # of the last object written
    writing: threading.Lock = field(default_factory=threading.Lock)


class SightingLog:
    """The sightings of one run. ``add`` is cheap but for every 200th line; any thread may call any method."""

    def __init__(self, store: ObjectStore, run: str) -> None:
        self.run = run
        self._store = store
        self._buffers: dict[str, _Buffer] = {}
        self._lock = threading.Lock()

    def add(self, sighting: Sighting) -> None:
        """Take down one sighting; durable after the next ``flush``, which a full or old buffer brings about itself."""
        if sighting.run != self.run:
            raise ValueError(f"a sighting of run {sighting.run} in the log of run {self.run}")
        now = time.monotonic()
        with self._lock:
            buffer = self._buffers.setdefault(sighting.portal, _Buffer())
            if not buffer.lines:
                buffer.since = now
            buffer.lines.append(sighting)
            due = len(buffer.lines) >= LINES or now - buffer.since >= SECONDS
        if due:
            self.flush(sighting.portal)

    def flush(self, portal: str | None = None) -> None:
        """Store what has been taken down: of one portal, or of all."""
        with self._lock:
            portals = list(self._buffers) if portal is None else [portal] if portal in self._buffers else []
        for each in portals:
            self._write(each, self._buffers[each])

    def close(self) -> None:
        """Store everything taken down so far."""
        self.flush()

    def _write(self, portal: str, buffer: _Buffer) -> None:
        with buffer.writing:
            with self._lock:
                lines, buffer.lines = buffer.lines, []
            if not lines:
                return
            try:
                data = codec.encode_sightings(lines)
                created = False
                while not created:
                    buffer.number += 1
                    created = self._store.create(layout.sightings_key(portal, self.run, buffer.number), data)
            except BaseException:
                with self._lock:
                    buffer.lines[:0] = lines
                raise


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class PortalState:
    """What is known of a portal when its next crawl begins."""

    portal: str
    locations: Mapping[str, Sighting] = field(default_factory=dict)  # by crawler.urls.identity of the address
    unfinished: frozenset[str] = frozenset()  # runs that were killed or interrupted since the last complete one
    complete: str | None = None  # the last run that was complete for this portal

    def by_work(self) -> dict[tuple[str | None, int | None, str | None], list[Sighting]]:
        """(agency, report year, title) → its locations."""
        works: dict[tuple[str | None, int | None, str | None], list[Sighting]] = defaultdict(list)
        for sighting in self.locations.values():
            works[sighting.agency, sighting.report_year, sighting.title].append(sighting)
        return dict(works)


def settled(summary: Mapping[str, Any] | None, portal: str) -> bool:
    """Whether a run left one line for every known location of the portal, so that nothing before it need be read."""
    if summary is None or summary.get("interrupted"):
        return False
    portals = summary.get("portals")
    outcome = portals.get(portal) if isinstance(portals, Mapping) else None
    return isinstance(outcome, Mapping) and outcome.get("settled") is True


def newest(sightings: Iterable[Sighting]) -> dict[str, Sighting]:
    """The newest sighting of each location, from sightings in the order they were made.

    A document can be a page's attachment and an entry of the column too: what was seen of it as a report stands.
    """
    locations: dict[str, Sighting] = {}
    for sighting in sightings:
        place = layout.location(sighting.url)
        earlier = locations.get(place)
        if earlier is None or earlier.outcome in BELONGINGS:
            locations[place] = sighting
        elif sighting.outcome not in BELONGINGS:
            locations[place] = inherit(sighting, earlier)
    return locations


def inherit(sighting: Sighting, earlier: Sighting) -> Sighting:
    """The sighting with what it did not see itself, because it saw no content, taken over from the earlier one."""
    if sighting.outcome in CONTENT_OUTCOMES:
        return sighting
    absent = {name for name in INHERITED if getattr(sighting, name) in (None, ())}
    return replace(sighting, **{name: getattr(earlier, name) for name in absent})
