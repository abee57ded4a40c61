"""Jottings in a store of objects: those of a whole run together, written by a thread of its own.

``jottings/<run>/<slot>.jsonl.gz``: lines of all portals the run is at, so that the cost does not grow with their number. An
object is written as soon as ``LINES`` lines wait or one has waited ``SECONDS``, never sooner than ``PAUSE`` after the one
before, and never so often that writing takes more than a share of the time. Slots are few and used in turn: what still
counts of a slot's lines goes into what is written over it. So no more objects than slots are there at any time, on stores
that let nobody delete, too. When the run ends they go.

The run that comes to a portal after one that was killed, or cut off, takes up the lines of the portal. A line says in
which object of sightings it belongs, and that is created once: so it does no harm that the lines stay until all their
portals have been visited again, or ``KEPT_FOR`` has passed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crawler.errors import ArchiveError
from crawler.items import Capture, Sighting
from crawler.urls import location
from storage import codec, layout
from storage.jottings import Jotted, Unread
from storage.stores import Missing, ObjectStore, Refused

log = logging.getLogger(__name__)

LINES = 5
SECONDS = 5.0
PAUSE = 1.0
SHARE = 10  # times as long as it took to write the last one, before the next is written
LONGEST_PAUSE = 20.0  # seconds; by then sightings are stored themselves
SLOTS = 16
KEPT_FOR = timedelta(days=2)


@dataclass(slots=True, eq=False)
class _Line:
    text: bytes
    counts: bool = True  # until the archive says so itself


@dataclass(slots=True)
class _Run:
    """What one run has jotted down and not said."""

    waiting: list[_Line] = field(default_factory=list)  # to be written
    since: float = 0.0  # when the first of them came
    slots: dict[int, list[_Line]] = field(default_factory=dict)  # what is written where
    next_slot: int = 0
    unsaid: defaultdict[tuple[str, int], list[_Line]] = field(default_factory=lambda: defaultdict(list))
    unread: defaultdict[str, dict[str, _Line]] = field(default_factory=lambda: defaultdict(dict))
    writing: threading.Lock = field(default_factory=threading.Lock)
    ended: bool = False


@dataclass(slots=True)
class _Left:
    """What another run left in one object."""

    sightings: dict[str, list[Sighting]] = field(default_factory=dict)  # by key of the object they belong in
    unread: dict[str, dict[str, Unread]] = field(default_factory=dict)  # by portal and identity of the address
    portals: set[str] = field(default_factory=set)  # that were not visited again


class ObjectJottings:
    """The jottings of the runs of this process, and what others left."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._runs: dict[str, _Run] = {}
        self._changed = threading.Condition()
        self._reading = threading.Lock()
        self._left: dict[str, _Left] | None = None  # by key, once they were read
        self._read_after: set[str] = set()  # runs that were gone when they were read

    # ------------------------------------------------------------ taking down

    def jot(self, sighting: Sighting, number: int) -> None:
        text = b'{"number":%d,"sighting":%s}\n' % (number, codec.sighting_line(sighting).rstrip(b"\n"))
        with self._changed:
            run = self._begun(sighting.run)
            lines = run.unsaid[sighting.portal, number]
            lines.append(self._take_down(run, text))
            kept = run.unread.get(sighting.portal)
            if kept and (line := kept.pop(location(sighting.url), None)):
                lines.append(line)

    def said(self, portal: str, run: str, numbers: Sequence[int]) -> None:
        with self._changed:
            if (theirs := self._runs.get(run)) is not None:
                for number in numbers:
                    _count_no_more(theirs.unsaid.pop((portal, number), ()))

    def jot_unread(self, portal: str, url: str, had: Unread) -> None:
        text = codec.to_json({"portal": portal, "unread": had.payload_digest, "url": url, "time": had.time}) + b"\n"
        with self._changed:
            run = self._begun(had.run)
            run.unread[portal][location(url)] = self._take_down(run, text)

    def lay_aside(self, capture: Capture, run: str) -> None:
        """Not here: an object a page would be one for each page that has not changed."""

    def laid_aside(self, portal: str, payload_digest: str) -> Capture | None:
        return None

    def all_read(self, portal: str) -> None:
        with self._changed:
            for run in self._runs.values():
                _count_no_more(run.unread.pop(portal, {}).values())
        with self._reading:
            done = []
            for key, left in (self._left or {}).items():
                left.portals.discard(portal)
                if not left.portals:
                    done.append(key)
            for key in done:
                self._drop(key)
                (self._left or {}).pop(key)

    def close(self, run: str) -> None:
        with self._changed:
            theirs = self._runs.pop(run, None)
            if theirs is None:
                return
            theirs.ended = True
            self._changed.notify_all()
        with theirs.writing:  # of what was kept, some is still to be read where the run was cut off
            if any(line.counts for line in theirs.waiting):
                self._write(run, theirs)
            for slot, lines in theirs.slots.items():
                if not any(line.counts for line in lines):
                    self._drop(layout.jottings_key(run, slot))

    def _begun(self, run: str) -> _Run:
        begun = self._runs.get(run)
        if begun is None:
            begun = self._runs[run] = _Run()
            threading.Thread(target=self._write_what_is_due, args=(run, begun), name="jottings", daemon=True).start()
        return begun

    def _take_down(self, run: _Run, text: bytes) -> _Line:
        line = _Line(text)
        if not run.waiting:
            run.since = time.monotonic()
            self._changed.notify_all()
        run.waiting.append(line)
        if len(run.waiting) == LINES:
            self._changed.notify_all()
        return line

    # ------------------------------------------------------------ writing

    def _write_what_is_due(self, name: str, run: _Run) -> None:
        rested = time.monotonic() + PAUSE
        while True:
            with self._changed:
                now = time.monotonic()
                while not run.ended and (pause := self._due_in(run, rested, now)) > 0:
                    self._changed.wait(pause)
                    now = time.monotonic()
                if run.ended:
                    return
            with run.writing:
                if not run.ended:
                    self._write(name, run)
            took = time.monotonic() - now
            rested = time.monotonic() + min(max(PAUSE, SHARE * took), LONGEST_PAUSE)

    def _due_in(self, run: _Run, rested: float, now: float) -> float:
        if not run.waiting:
            return LONGEST_PAUSE
        return max(rested - now, 0.0 if len(run.waiting) >= LINES else run.since + SECONDS - now)

    def _write(self, name: str, run: _Run) -> None:
        """Write what waits, with what still counts of the lines it is written over. Hold ``run.writing``."""
        slot = run.next_slot
        with self._changed:
            waiting, run.waiting = run.waiting, []
            lines = [line for line in (*run.slots.get(slot, ()), *waiting) if line.counts]
        if not any(line.counts for line in waiting):
            return
        try:
            data = codec.gzip_member(b"".join(line.text for line in lines))
            self._store.replace(layout.jottings_key(name, slot), data)
        except ArchiveError as error:
            log.info("nothing can be jotted down in the archive: %s", error)
            with self._changed:
                run.waiting[:0] = waiting
            return
        run.slots[slot] = lines
        run.next_slot = (slot + 1) % SLOTS

    def _drop(self, key: str) -> None:
        try:
            self._store.delete(key)
        except Refused:
            return  # a store that lets nobody delete: what it says again stores nothing
        except ArchiveError as error:
            log.info("jottings stay until a later run: %s", error)

    # ------------------------------------------------------------ taking up

    def left(self, portal: str, after: str | None) -> Iterator[Jotted]:
        if after is None:
            return
        prefix = layout.sightings_prefix(portal)
        found: defaultdict[str, list[Sighting]] = defaultdict(list)
        for left in self._those_left(after):
            for key, sightings in left.sightings.items():
                if key.startswith(prefix):
                    found[key] += sightings
        for key, sightings in sorted(found.items()):
            yield Jotted(key, sightings)

    def unread(self, portal: str, after: str | None) -> dict[str, Unread]:
        found: dict[str, Unread] = {}
        for left in self._those_left(after) if after is not None else ():
            found |= left.unread.get(portal, {})
        return found

    def _those_left(self, after: str) -> list[_Left]:
        """What others left; read anew after a run that was still going when they were read last."""
        with self._reading:
            if self._left is None or after not in self._read_after:
                self._left = dict(self._read())
                self._read_after.add(after)
            return list(self._left.values())

    def _read(self) -> Iterator[tuple[str, _Left]]:
        old = f"{datetime.now(UTC) - KEPT_FOR:%Y%m%dT%H%M%SZ}"  # run ids begin with their time
        try:
            for listed in list(self._store.list(layout.JOTTINGS)):
                key = layout.parse(listed.key)
                if not isinstance(key, layout.JottingsKey) or key.run in self._runs:
                    continue
                if key.run < old:
                    self._drop(listed.key)
                    continue
                try:
                    yield listed.key, _decoded(codec.gunzip(self._store.get(listed.key)), key.run)
                except Missing:
                    continue  # its run has ended meanwhile
                except codec.Damaged as error:
                    log.warning("what a killed run jotted down cannot be read, and is looked at again: %s", error)
        except ArchiveError as error:
            log.warning("what killed runs jotted down cannot be had, and is looked at again: %s", error)


def _count_no_more(lines: Iterable[_Line]) -> None:
    for line in lines:
        line.counts = False


def _decoded(data: bytes, run: str) -> _Left:
    """Raises ``Damaged``."""
    left = _Left()
    for line in data.splitlines():
        match codec.from_json(line):
            case {"number": int(number), "sighting": said} if number > 0:
                sighting = codec.decode_sighting(said)
                if sighting.run == run:
                    key = layout.sightings_key(sighting.portal, run, number)
                    left.sightings.setdefault(key, []).append(sighting)
                    left.portals.add(sighting.portal)
            case {"portal": str(portal), "unread": str(digest), "url": str(url), "time": str(text)}:
                time = codec.decode(datetime, text)
                left.unread.setdefault(portal, {})[location(url)] = Unread(digest, run, time)
                left.portals.add(portal)
            case other:
                raise codec.Damaged(f"no jotting: {str(other)[:60]!r}")
    return left
