"""One run at a portal, whatever happens to the runs."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.errors import ArchiveError
from storage import fixity, layout, leases
from storage.archive import open_archive
from storage.leases import Held, Holder, Leases, Taken
from storage.stores import ObjectStore, Refused


def nobody(_: str) -> None:
    raise AssertionError("no lease was to be lost")


def left(store: ObjectStore) -> list[str]:
    return [each.key for each in store.list(layout.LEASES)]


def test_a_portal_is_one_runs_at_a_time(store: ObjectStore) -> None:
    first, second = Leases(store, "run-1", nobody), Leases(store, "run-2", nobody)
    assert first.take("linhu") == Taken(None)
    held = second.take("linhu")
    assert isinstance(held, Held)
    assert held.run == "run-1"
    assert second.take("beiling") == Taken(None)
    first.release("linhu")
    assert second.take("linhu") == Taken(None)
    assert second.holds("linhu")
    assert not first.holds("linhu")
    second.close()
    assert left(store) == []


def test_of_many_who_come_at_once_one_is_let_in(store: ObjectStore) -> None:
    runs = [Leases(store, f"run-{n}", nobody) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda each: each.take("linhu"), runs))
    assert sum(isinstance(outcome, Taken) for outcome in outcomes) == 1
    for run in runs:
        run.close()
    assert left(store) == []


def _take_and_end(uri: str) -> None:
    assert isinstance(Leases(open_archive(uri, create=True).store, "run-1", nobody).take("linhu"), Taken)


def test_a_run_that_was_killed_on_this_machine_holds_nothing_up(tmp_path: Any) -> None:
    uri = str(tmp_path / "archive")
    killed = multiprocessing.get_context("spawn").Process(target=_take_and_end, args=(uri,))
    killed.start()
    killed.join()
    assert killed.exitcode == 0
    archive = open_archive(uri)
    assert len(left(archive.store)) == 1
    assert list(fixity.verify(archive)) == []  # a lease is no damage
    assert Leases(archive.store, "run-2", nobody).take("linhu") == Taken("run-1")


def test_a_run_elsewhere_that_is_heard_of_no_more_is_waited_for(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = datetime(2026, 1, 10, tzinfo=UTC)
    monkeypatch.setattr(leases, "now", lambda: clock)
    lost: list[str] = []
    elsewhere = Leases(store, "run-1", lost.append)
    elsewhere._holder = Holder("another machine", 1, "1")
    assert elsewhere.take("linhu") == Taken(None)
    here = Leases(store, "run-2", nobody)
    assert isinstance(here.take("linhu"), Held)
    clock += leases.LASTS - leases.SKEW
    assert not elsewhere.holds("linhu")  # it stops before its time is up
    clock += 2 * leases.SKEW
    assert isinstance(here.take("linhu"), Held)  # and its place is kept for longer
    clock += timedelta(seconds=1)
    assert here.take("linhu") == Taken("run-1")
    assert not elsewhere._renewed("linhu", elsewhere._held["linhu"])
    here.close()
    assert left(store) == []


def test_a_lease_is_renewed_while_the_run_goes_on(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LASTS", timedelta(seconds=1.5))
    monkeypatch.setattr(leases, "SKEW", timedelta(seconds=0.2))
    monkeypatch.setattr(leases, "RENEWED_EVERY", 0.3)
    run = Leases(store, "run-1", nobody)
    run._holder = Holder("another machine", 1, "1")
    assert run.take("linhu") == Taken(None)
    end = time.monotonic() + 3
    while time.monotonic() < end:
        assert run.holds("linhu")
        assert len(left(store)) <= 2
        time.sleep(0.1)
    assert isinstance(Leases(store, "run-2", nobody).take("linhu"), Held)
    run.close()


def test_a_store_that_fails_for_too_long_costs_the_lease_and_says_so(
    archive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "LASTS", timedelta(seconds=1))
    monkeypatch.setattr(leases, "SKEW", timedelta(seconds=0.2))
    monkeypatch.setattr(leases, "RENEWED_EVERY", 0.1)
    lost: list[str] = []
    run = Leases(archive.store, "run-1", lost.append)
    assert run.take("linhu") == Taken(None)

    def fail(*_: object) -> bool:
        raise ArchiveError("unreachable")

    monkeypatch.setattr(archive.store, "create", fail)
    end = time.monotonic() + 5
    while not lost and time.monotonic() < end:
        time.sleep(0.02)
    assert lost == ["linhu"]
    assert not run.holds("linhu")


def test_a_store_that_lets_nobody_delete_is_no_hindrance(archive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise Refused("AccessDenied")

    monkeypatch.setattr(archive.store, "delete", refuse)
    for number in range(3):
        run = Leases(archive.store, f"run-{number}", nobody)
        assert run.take("linhu") == Taken(None)
        assert isinstance(Leases(archive.store, "another", nobody).take("linhu"), Held)
        run.close()
    assert list(fixity.verify(archive)) == []


@pytest.mark.parametrize(
    "written", [b"", b"{}", b"[]", b'{"until": 3}', b'{"until": "2026-01-01T00:00:00", "machine": 1}']
)
def test_a_damaged_lease_holds_nothing_up(archive: Any, written: bytes) -> None:
    archive.store.create(layout.lease_key("linhu", 1), written)
    assert isinstance(Leases(archive.store, "run-1", nobody).take("linhu"), Taken)
