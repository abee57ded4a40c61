"""Who is handed what: each portal once, and again where its worker was lost or another run was there.

The queue is the engine's. Here is only what is left to do, in the caller's memory: the archive knows what was done.
"""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from crawler.errors import ArchiveError, UsageError

log = logging.getLogger(__name__)

LOST_TIMES = 4  # tries of a portal whose workers end over it, or cannot reach the archive
ASKED_AGAIN = 15.0  # seconds before a portal that another run is at is handed out again
NO_WORKERS = 600.0  # seconds without any worker before the rest is left for the next time
FIRST_WORKER = 60.0  # seconds the first worker may take to come
STOPPED_IN = 180.0  # seconds for running workers to stop cleanly
PAUSE = 2.0  # seconds before a portal whose worker was lost is handed out again; doubled each time
TICK = 0.5


class EngineLost(Exception):
    """The engine's scheduler does not answer any more. What was handed out is to be handed out again."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A task that has no answer."""

    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a handle."""

    handle: str
    answer: str | Lost


class Handing(Protocol):
    """What is asked of an engine."""

    def places(self) -> int: ...
    def hand_out(self, task: str) -> str: ...
    def answers(self, seconds: float) -> Iterator[Answer]: ...
    def recall(self) -> None: ...
    def come_back(self) -> bool: ...
    def close(self) -> None: ...


def dealt(portals: Sequence[str], together: int) -> list[tuple[str, ...]]:
    """The portals in hands of so many."""
    return [tuple(portals[start : start + together]) for start in range(0, len(portals), together)]


@dataclass(slots=True)
class Hand:
    """Portals that are handed out together."""

    portals: tuple[str, ...]
    tries: int = 0  # that ended with a lost worker
    since: float | None = None  # when another run was first met there
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class Again:
    """Portals that are to be handed out again; ``held`` by another run, else left half done."""

    portals: tuple[str, ...]
    held: bool


@dataclass
class Hands:
    """One job's hands, until none is left, the time is up, or the user wants it to end."""

    engine: Handing
    task: Callable[[Sequence[str]], str]  # the task of some portals, encoded
    accept: Callable[[Hand, Mapping[str, Any]], Sequence[Again]]  # takes a summary; says what is still to do
    patience: float = 0.0  # seconds to go on asking for a portal that another run is at
    ends: float | None = None  # seconds since the epoch
    time_up: str = "time_up"  # what is said of portals that have no turn before that
    ending: str | None = None  # why it ends before everything is done
    at_work: dict[str, Hand] = field(default_factory=dict)
    left: deque[Hand] = field(default_factory=deque)
    given_up: dict[str, str] = field(default_factory=dict)  # portal → why
    _recalled: float | None = None
    _worker_seen: float = field(default_factory=time.monotonic)
    _some_worker: bool = False
    _archive_failed: int = 0  # times in a row, whoever tried

    def run(self, hands: Sequence[Sequence[str]]) -> None:
        """Hand everything out and take every answer. Raises ``UsageError`` and ``ArchiveError`` as one machine would."""
        self.left.extend(Hand(tuple(portals)) for portals in hands)
        while self.at_work or (self.left and self.ending is None):
            try:
                if self.ending is None:
                    self._look_around()
                    self._hand_out()
                else:
                    self._recall()
                for came in self.engine.answers(TICK):
                    self._take(self.at_work.pop(came.handle), came.answer)
            except EngineLost as lost:
                self._come_back(lost)
        for hand in self.left:
            self.given_up.update(dict.fromkeys(hand.portals, self.ending or ""))

    def end(self, reason: str) -> None:
        """Hand out nothing more and have what runs stop cleanly."""
        self.ending = self.ending or reason

    def _look_around(self) -> None:
        if self.ends is not None and time.time() >= self.ends:
            return self.end(self.time_up)
        now = time.monotonic()
        if self.engine.places():
            self._worker_seen, self._some_worker = now, True
        elif not self._some_worker and now - self._worker_seen > FIRST_WORKER:
            raise UsageError("the scheduler has no worker: start some with `dask worker`, then run the same command")
        elif now - self._worker_seen > NO_WORKERS:
            self.end("no_workers: every worker is gone")
        return None

    def _hand_out(self) -> None:
        now = time.monotonic()
        # One more than there is room for, so that no place is empty while the caller looks elsewhere.
        room = min(len(self.left), max(1, self.engine.places() + 1) - len(self.at_work))
        for _ in range(len(self.left)):
            if room <= 0 or self.ending is not None:
                return
            hand = self.left.popleft()
            if hand.not_before > now:
                self.left.append(hand)
                continue
            try:
                handle = self.engine.hand_out(self.task(hand.portals))
            except EngineLost:
                self.left.appendleft(hand)
                raise
            self.at_work[handle] = hand
            room -= 1

    def _recall(self) -> None:
        now = time.monotonic()
        if self._recalled is None:
            self._recalled = now
            self.engine.recall()
        elif now - self._recalled > STOPPED_IN:
            for hand in self.at_work.values():
                self.given_up.update(dict.fromkeys(hand.portals, f"{self.ending}; its worker did not stop in time"))
            self.at_work.clear()

    def _take(self, hand: Hand, came: str | Lost) -> None:
        if isinstance(came, Lost):
            return self._lost(hand, f"worker_lost: {came.reason}")
        said = json.loads(came)
        if "summary" in said:
            self._archive_failed = 0
            for again in self.accept(hand, said["summary"]):
                self._again(hand, again)
        elif "error" in said:
            family, detail = said["error"]["family"], said["error"]["detail"]
            if family == "usage":
                raise UsageError(f"a worker {detail}" if detail.startswith("has ") else f"on a worker: {detail}")
            self._archive_failed += 1
            if self._archive_failed >= LOST_TIMES + self.engine.places():
                raise ArchiveError(f"no worker can work with the archive: {detail}")
            self._lost(hand, f"{family}: {detail}")
        elif "interrupted" in said:
            self._put_back(hand)  # the worker is to end, the job is not
        else:
            self._lost(hand, f"worker_lost: its crawl ended with {said['ended']}; the worker's log says why")
        return None

    def _lost(self, hand: Hand, reason: str) -> None:
        hand.tries += 1
        log.warning("%s: %s", ", ".join(hand.portals), reason)
        if hand.tries < LOST_TIMES:
            hand.not_before = time.monotonic() + PAUSE * 2 ** (hand.tries - 1)
            self._put_back(hand)
        else:
            self.given_up.update(dict.fromkeys(hand.portals, reason))

    def _again(self, hand: Hand, again: Again) -> None:
        now = time.monotonic()
        next_hand = Hand(again.portals, hand.tries, hand.since)
        if again.held:
            next_hand.since = hand.since if hand.since is not None else now
            if now - next_hand.since < self.patience and self.ending is None:
                next_hand.not_before = now + min(ASKED_AGAIN, self.patience)
                self._put_back(next_hand)
        elif self.ending is None:
            next_hand.tries += 1
            if next_hand.tries < LOST_TIMES:
                self._put_back(next_hand)

    def _put_back(self, hand: Hand) -> None:
        self.left.append(hand)

    def _come_back(self, lost: EngineLost) -> None:
        log.warning("%s: waiting for it to come back; its workers stop cleanly meanwhile", lost)
        self.left.extendleft(self.at_work.values())
        self.at_work.clear()
        if self.ending is None and not self.engine.come_back():
            self.end(f"engine_lost: {lost}")
        self._worker_seen = time.monotonic()
