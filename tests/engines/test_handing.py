"""Who is handed what, when, and again: the caller's loop, on an engine whose workers do what a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from crawler.engines import handing
from crawler.engines.handing import Again, Answer, EngineLost, Hand, Hands, Lost, dealt
from crawler.errors import ArchiveError, UsageError

DONE = json.dumps({"summary": {}})


@dataclass
class Scripted:
    """Answers at once, as ``script`` says: (portals, how often they were handed out) → answer."""

    script: Callable[[tuple[str, ...], int], str | Lost | Exception]
    workers: int = 2
    given: list[tuple[str, ...]] = field(default_factory=list)
    waiting: list[tuple[str, ...]] = field(default_factory=list)
    most: int = 0
    recalled: int = 0
    comes_back: bool = True

    def places(self) -> int:
        return self.workers

    def hand_out(self, task: str) -> str:
        portals = tuple(json.loads(task))
        self.given.append(portals)
        self.waiting.append(portals)
        self.most = max(self.most, len(self.waiting))
        return f"{len(self.given)} {task}"

    def answers(self, seconds: float) -> Iterator[Answer]:
        while self.waiting:
            portals = self.waiting.pop(0)
            number = max(n for n, given in enumerate(self.given, 1) if given == portals)
            said = self.script(portals, self.given.count(portals))
            if isinstance(said, Exception):
                self.waiting.clear()
                raise said
            yield Answer(f"{number} {json.dumps(portals)}", said)

    def recall(self) -> None:
        self.recalled += 1

    def come_back(self) -> bool:
        return self.comes_back

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "ASKED_AGAIN", 0.0)
    monkeypatch.setattr(handing, "PAUSE", 0.0)


def hands(engine: Scripted, again: Callable[[Hand], Sequence[Again]] = lambda hand: (), **more: Any) -> Hands:
    return Hands(engine, lambda portals: json.dumps(list(portals)), lambda hand, summary: again(hand), **more)


def test_every_portal_is_handed_out_once_and_no_more_than_there_is_room_for() -> None:
    engine = Scripted(lambda portals, times: DONE)
    job = hands(engine)
    job.run(dealt([str(n) for n in range(50)], 1))
    assert engine.given == [(str(n),) for n in range(50)]
    assert engine.most == engine.workers + 1
    assert job.given_up == {}


def test_a_portal_whose_worker_is_lost_is_handed_out_again() -> None:
    engine = Scripted(lambda portals, times: Lost("gone") if portals == ("a",) and times < 3 else DONE)
    job = hands(engine)
    job.run([("a",), ("b",)])
    assert engine.given.count(("a",)) == 3
    assert job.given_up == {}


def test_a_portal_that_every_worker_is_lost_over_is_given_up_and_the_others_are_not() -> None:
    engine = Scripted(lambda portals, times: json.dumps({"ended": -9}) if portals == ("a",) else DONE)
    job = hands(engine)
    job.run([("a",), ("b",)])
    assert engine.given.count(("a",)) == handing.LOST_TIMES
    assert list(job.given_up) == ["a"]
    assert "-9" in job.given_up["a"]


def test_a_portal_another_run_is_at_is_asked_for_until_patience_ends() -> None:
    engine = Scripted(lambda portals, times: DONE)
    left = iter(range(5))
    job = hands(engine, lambda hand: [Again(("a",), held=True)] if next(left, None) is not None else (), patience=60)
    job.run([("a",)])
    assert len(engine.given) == 6
    impatient = hands(Scripted(lambda portals, times: DONE), lambda hand: [Again(("a",), held=True)], patience=0)
    impatient.run([("a",)])
    assert len(impatient.engine.given) == 1  # type: ignore[attr-defined]


def test_a_lost_scheduler_loses_no_portal() -> None:
    lost = iter([EngineLost("gone"), EngineLost("gone")])
    engine = Scripted(lambda portals, times: (next(lost, None) if portals == ("b",) else None) or DONE)
    job = hands(engine)
    job.run([("a",), ("b",), ("c",)])
    assert {*engine.given} == {("a",), ("b",), ("c",)}
    assert job.given_up == {}


def test_a_scheduler_that_stays_away_leaves_the_rest_for_the_next_time() -> None:
    engine = Scripted(lambda portals, times: EngineLost("gone"), comes_back=False)
    job = hands(engine)
    job.run([("a",), ("b",)])
    assert set(job.given_up) == {"a", "b"}
    assert "engine_lost" in job.given_up["a"]


def test_what_is_wrong_with_a_worker_ends_the_job_with_its_words() -> None:
    wrong = json.dumps({"error": {"family": "usage", "detail": "has nianbao 0.1, and the caller 0.2"}})
    with pytest.raises(UsageError, match=r"a worker has nianbao 0\.1"):
        hands(Scripted(lambda portals, times: wrong)).run([("a",)])


def test_an_archive_no_worker_reaches_ends_the_job_and_one_worker_that_does_not_does_not() -> None:
    out = json.dumps({"error": {"family": "archive", "detail": "no answer"}})
    with pytest.raises(ArchiveError, match="no answer"):
        hands(Scripted(lambda portals, times: out)).run(dealt([str(n) for n in range(9)], 1))
    job = hands(Scripted(lambda portals, times: out if portals == ("3",) else DONE))
    job.run(dealt([str(n) for n in range(9)], 1))
    assert list(job.given_up) == ["3"]


def test_a_job_that_is_ended_recalls_what_runs_and_says_what_had_no_turn() -> None:
    engine = Scripted(lambda portals, times: DONE)

    def ended(hand: Hand) -> Sequence[Again]:
        job.end("interrupted")
        return ()

    job = hands(engine, ended)
    job.run(dealt([str(n) for n in range(20)], 1))
    assert engine.recalled <= 1
    assert set(job.given_up.values()) == {"interrupted"}
    assert len(job.given_up) == 20 - len(engine.given)


def test_a_scheduler_without_workers_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "FIRST_WORKER", 0.0)
    with pytest.raises(UsageError, match="dask worker"):
        hands(Scripted(lambda portals, times: DONE, workers=0)).run([("a",)])
