"""What is kept is found again, once, as it was."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import AlreadyExists, ArchiveError
from crawler.items import STANDING, Context, Portal, Reading, Sighting, Version
from crawler.planning import tasks
from crawler.urls import location
from storage import codec, layout, sightings
from storage.archive import Archive, promise, read_ahead
from storage.codec import Damaged
from storage.jottings import Unread
from storage.jottings.files import UNSAID
from storage.outcomes import Outcomes
from storage.sightings import RESTS_FOR, WORTH_RESTING
from storage.stores import Missing, ObjectStore
from tests.storage.examples import (
    LATER_RUN,
    NOW,
    RUN,
    URL,
    attachment,
    capture,
    digest,
    reading,
    seen,
    sighting,
    summary,
    version,
)


@pytest.fixture
def kept(store: ObjectStore) -> Archive:
    """An archive on every kind of store."""
    store.create(layout.ARCHIVE_KEY, promise())
    return Archive(store)


# ---------------------------------------------------------------- on every store


def test_one_page_goes_all_the_way_and_comes_back(kept: Archive) -> None:
    page, item = capture(), version()
    assert kept.put_snapshot(page) == item.snapshot
    kept.put_version(item)
    kept.point_version(item)
    log = kept.sightings(RUN)
    log.add(seen(item))
    log.close()
    kept.put_run(summary())

    assert kept.snapshot(item.snapshot).payload == page.payload
    assert kept.version(item.report_id, 1) == item
    assert kept.versions(item.report_id) == (item,)
    assert kept.latest(item.report_id) == item
    assert list(kept.report_ids()) == [item.report_id]
    assert list(kept.iter_versions()) == [item]
    assert kept.pointed("url", "https://linhu.gov.cn/art/2026/1/20/art_1229_5510_wap.html#top") == (item.report_id,)
    assert kept.pointed("number", "113311220026405\u300010B/2026-00017") == (item.report_id,)
    assert kept.pointed("body", item.reading.body_digest or "") == (item.report_id,)
    assert list(kept.iter_sightings("linhu")) == list(kept.iter_sightings()) == [seen(item)]
    assert kept.portals() == ("linhu",)
    assert kept.runs() == (RUN,)
    assert kept.run(RUN) == summary()
    assert kept.state("linhu").locations == {location(URL): seen(item)}


def test_doing_everything_twice_stores_nothing_twice(kept: Archive) -> None:
    for _ in range(2):
        kept.put_snapshot(capture())
        kept.put_snapshot(replace(capture(), url="http://other.example/", time=NOW + timedelta(1)))
        kept.put_version(version())
        kept.point_version(version())
        kept.put_run(summary())
    assert sum(1 for _ in kept.store.list("")) == 1 + 1 + 1 + 5 + 1
    assert kept.snapshot(version().snapshot).url == URL  # the first capture of a payload is the one kept


def test_a_number_that_is_taken_by_another_version_is_said_to_be(kept: Archive) -> None:
    kept.put_version(version())
    with pytest.raises(AlreadyExists):
        kept.put_version(version(run=LATER_RUN))
    assert kept.version(version().report_id, 1).run == RUN


def test_of_many_writers_of_one_version_one_prevails_and_the_others_know(kept: Archive) -> None:
    def put(number: int) -> bool:
        try:
            kept.put_version(version(run=f"{RUN}{number}"))
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(put, range(8)))
    assert told.count(True) == 1
    assert kept.version(version().report_id, 1).run == f"{RUN}{told.index(True)}"


def test_what_is_unknown_is_unknown(kept: Archive) -> None:
    assert kept.latest("5e1f") is None
    assert kept.versions("5e1f") == ()
    assert kept.pointed("url", URL) == ()
    assert kept.portals() == kept.runs() == ()
    assert kept.state("linhu").locations == {}
    for look in (lambda: kept.version("5e1f", 1), lambda: kept.run(RUN), lambda: kept.snapshot("runs/x.json")):
        with pytest.raises(Missing):
            look()


def test_versions_come_in_their_order_and_reports_in_theirs(kept: Archive) -> None:
    for report_id, count in (("ff01", 2), ("0a01", 11), ("0a0100", 1)):
        for number in range(1, count + 1):
            kept.put_version(version(report_id, number))
    assert [each.number for each in kept.versions("0a01")] == list(range(1, 12))
    latest = kept.latest("0a01")
    assert latest is not None
    assert latest.number == 11
    assert list(kept.report_ids()) == ["0a01", "0a0100", "ff01"]
    assert [(each.report_id, each.number) for each in kept.iter_versions()] == [
        *(("0a01", number) for number in range(1, 12)),
        ("0a0100", 1),
        ("ff01", 1),
        ("ff01", 2),
    ]


# ---------------------------------------------------------------- pointers


def test_a_value_may_lead_to_several_reports(archive: Archive) -> None:
    for report_id in ("bb02", "aa01", "bb02"):
        archive.point("number", "112/2026-1", report_id)
    assert archive.pointed("number", " 112/2026-1\n") == ("aa01", "bb02")
    assert archive.pointed("number", "112/2026-2") == ()
    assert archive.pointed("url", "112/2026-1") == ()


@pytest.mark.parametrize(("kind", "report_id"), [("title", "aa01"), ("url", "../aa"), ("url", "AA"), ("url", "")])
def test_what_cannot_be_a_pointer_is_a_mistake(archive: Archive, kind: str, report_id: str) -> None:
    with pytest.raises(ValueError, match=r"not a report id|no pointers of kind"):
        archive.point(kind, "x", report_id)


@pytest.mark.parametrize(
    ("number", "leads"),
    [
        ("11331122002640510B/2026-00017", True),
        ("000014349/2026-00001", True),
        ("无", False),
        ("", False),
        (None, False),
        ("11331122/2022-None", False),
        ("11331122/2022-00000", False),
    ],
)
def test_a_number_that_says_nothing_leads_nowhere(number: str | None, leads: bool) -> None:
    item = version(reading=reading(index_number=number))
    assert ("number" in dict(layout.version_pointers(item))) == leads
    assert ("number" in dict(layout.sighting_pointers(seen(item)))) == leads


@given(st.text(max_size=40))
def test_the_form_of_a_value_is_the_same_taken_twice(text: str) -> None:
    for kind in layout.POINTER_KINDS:
        for value in (text, f"http://www.a.cn/{text}"):
            once = layout.pointer_value(kind, value)
            assert layout.pointer_value(kind, once) == once
            layout.pointer_key(kind, once, "aa01")


def test_every_key_is_taken_apart_as_it_was_made() -> None:
    made = {
        layout.snapshot_key("ab" * 32): layout.SnapshotKey("ab" * 32),
        layout.version_key("aa01", 1_000_001): layout.VersionKey("aa01", 1_000_001),
        layout.pointer_key("url", "x", "aa01"): layout.PointerKey("url", digest(b"x"), "aa01"),
        layout.sightings_key("p-1", RUN, 12): layout.SightingsKey("p-1", RUN, 12),
        layout.run_key(RUN): layout.RunKey(RUN),
    }
    for key, parsed in made.items():
        assert layout.parse(key) == parsed
    for stray in (
        "archive.json",
        "reports/aa/bb01/v000001.json.gz",
        "reports/aa/aa01/v000000.json.gz",
        "reports/aa/aa01/v0000001.json.gz",
        "snapshots/sha256/ab/" + "cd" * 32 + ".warc.gz",
        "index/title/ab/" + "ab" * 32 + "/aa01",
        "sightings/p/x.jsonl.gz",
        "runs/.json",
        "runs/a.json\n",
    ):
        assert layout.parse(stray) is None


# ---------------------------------------------------------------- sightings


def stored_in_time(archive: Archive) -> list[Sighting]:
    """What is stored once the log's own writer has had the time for it."""
    end = time.monotonic() + 10
    while not (stored := list(archive.iter_sightings())) and time.monotonic() < end:
        time.sleep(0.02)
    return stored


def test_a_full_buffer_is_stored_without_being_told_to(archive: Archive) -> None:
    log = archive.sightings(RUN)
    for number in range(sightings.LINES - 1):
        log.add(sighting(url=f"{URL}?{number}"))
    time.sleep(0.2)
    assert list(archive.iter_sightings()) == []
    log.add(sighting(url=f"{URL}?last"))
    assert len(stored_in_time(archive)) == sightings.LINES


def test_an_old_buffer_is_stored_without_being_told_to(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "SECONDS", 0.4)
    log = archive.sightings(RUN)
    log.add(sighting(url=f"{URL}?1"))
    log.add(sighting(url=f"{URL}?2"))
    assert list(archive.iter_sightings()) == []
    assert [each.url[-1] for each in stored_in_time(archive)] == ["1", "2"]


def test_a_store_that_fails_is_said_with_a_later_sighting_and_nothing_is_lost(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "SECONDS", 0.05)
    failed = threading.Event()

    def fail(*_: object) -> bool:
        failed.set()
        raise ArchiveError("full")

    log = archive.sightings(RUN)
    with monkeypatch.context() as patch:
        patch.setattr(archive.store, "create", fail)
        log.add(sighting(url=f"{URL}?1"))
        assert failed.wait(10)
        time.sleep(0.2)
        with pytest.raises(ArchiveError, match="full"):
            log.add(sighting(url=f"{URL}?2"))
    log.close()
    assert sorted(each.url[-1] for each in archive.iter_sightings()) == ["1", "2"]


def test_what_a_killed_run_kept_is_had_as_the_portal_sent_it(archive: Archive) -> None:
    page, yesterday = capture(time=datetime.now(UTC)), datetime.now(UTC) - timedelta(days=1, minutes=1)
    old = capture(b"<p>old</p>", url=f"{URL}?old", time=yesterday)
    again = replace(page, url=f"{URL}?again")  # equal bytes at another address, kept once
    for each in (page, old, again):
        archive.keep_unread(each, RUN)
    (file,) = (archive.store.root / UNSAID).rglob("*.unread")  # type: ignore[attr-defined]
    with file.open("ab") as torn:
        torn.write(page.payload_digest.encode() + b" http://www.linhu.gov.cn/to")
    waiting = archive.unread(page.portal, RUN)
    assert waiting == {location(each.url): Unread(each.payload_digest, RUN, each.time) for each in (page, old, again)}
    assert archive.kept_lately(page.portal, page.url, page.payload_digest) == page
    assert archive.kept_lately(page.portal, old.url, old.payload_digest) is None
    assert archive.kept_lately(page.portal, again.url, again.payload_digest) is None
    assert archive.kept_lately(page.portal, page.url, "0" * 64) is None
    archive.all_read(page.portal)
    assert archive.unread(page.portal, RUN) == {}


def test_pointers_are_durable_before_the_sightings_that_follow_them(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    create, settle = archive.store.create, archive.store.settle
    monkeypatch.setattr(
        archive.store, "create", lambda key, data: (done.append(key.split("/")[0]), create(key, data))[1]
    )
    monkeypatch.setattr(archive.store, "settle", lambda: (settle(), done.append("settled"))[0])
    item = version()
    archive.put_version(item)
    archive.point_version(item, soon=True)
    archive.point_sighting(seen(item), beside=item, soon=True)
    assert "settled" not in done
    log = archive.sightings(seen(item).run)
    log.add(seen(item))
    log.flush()
    assert done[-2:] == ["settled", "sightings"]
    assert archive.pointed("url", item.url) == (item.report_id,)


def test_sightings_are_not_stored_when_their_pointers_cannot_be_settled(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ArchiveError("the disk is gone")

    log = archive.sightings(seen(version()).run)
    log.add(seen(version()))
    with monkeypatch.context() as broken:
        broken.setattr(archive.store, "settle", fail)
        with pytest.raises(ArchiveError):
            log.flush()
    assert list(archive.iter_sightings()) == []
    log.flush()
    assert [line.url for line in archive.iter_sightings()] == [version().url]


def test_two_logs_of_one_run_never_write_over_each_other(archive: Archive) -> None:
    logs = [archive.sightings(RUN), archive.sightings(RUN)]
    for number in range(6):
        logs[number % 2].add(sighting(url=f"{URL}?{number}"))
        logs[number % 2].flush("linhu")
    assert sorted(each.url[-1] for each in archive.iter_sightings()) == list("012345")


def test_sightings_of_many_threads_are_all_there_once(archive: Archive) -> None:
    log = archive.sightings(RUN)
    start = threading.Barrier(8)

    def write(thread: int) -> None:
        start.wait()
        for number in range(100):
            log.add(sighting(portal=f"p{number % 3}", url=f"http://a.cn/{thread}/{number}"))
            if number % 17 == 0:
                log.flush()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    log.close()
    assert sorted(each.url for each in archive.iter_sightings()) == sorted(
        f"http://a.cn/{thread}/{number}" for thread in range(8) for number in range(100)
    )
    assert archive.portals() == ("p0", "p1", "p2")


def test_sightings_that_could_not_be_stored_are_stored_the_next_time(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = archive.sightings(RUN)
    log.add(sighting(url=f"{URL}?1"))
    with monkeypatch.context() as patch:
        patch.setattr(archive.store, "create", _fail)
        with pytest.raises(OSError, match="full"):
            log.flush()
    log.add(sighting(url=f"{URL}?2"))
    log.close()
    assert [each.url[-1] for each in archive.iter_sightings()] == ["1", "2"]


def _fail(*_: object) -> bool:
    raise OSError("full")


def test_a_sighting_in_another_runs_log_is_a_mistake(archive: Archive) -> None:
    with pytest.raises(ValueError, match="in the log of run"):
        archive.sightings(LATER_RUN).add(sighting())


@pytest.mark.parametrize("run", ["", "a/b", "..", "20260131T030000Z_1", "x" * 200])
def test_a_run_id_that_cannot_be_stored_is_refused_before_the_run(archive: Archive, run: str) -> None:
    with pytest.raises(ValueError, match="run id"):
        archive.sightings(run)


# ---------------------------------------------------------------- the state of a portal


Run = Callable[..., None]


@pytest.fixture
def run(archive: Archive) -> Run:
    """Writes one run: its lines, and its summary unless it was killed."""

    def write(day: int, *lines: Sighting, status: str | None = "ok", **more: Any) -> None:
        name = f"202602{day:02}T030000Z-0000000{day % 10}"
        log = archive.sightings(name)
        for line in lines:
            log.add(replace(line, run=name, time=NOW + timedelta(days=day)))
        log.close()
        if status is not None:
            archive.put_run(summary(name, status, **more))

    return write


def test_a_state_is_the_newest_look_at_every_location(archive: Archive, run: Run) -> None:
    other = f"{URL}?2"
    run(1, seen(version()), seen(version("0b0b"), url=other))
    run(2, seen(version(number=2), "revised"), status="incomplete")
    state = archive.state("linhu")
    assert state.locations[location(URL)].version == 2
    assert state.locations[location(other)].report_id == "0b0b"
    assert state.unfinished == frozenset()
    assert state.complete == "20260201T030000Z-00000001"


@pytest.mark.parametrize("outcome", ["listed", "missing", "gone", "timeout", "soft_404"])
def test_a_look_that_saw_no_content_keeps_what_was_seen_before(archive: Archive, run: Run, outcome: str) -> None:
    item = version()
    run(1, seen(item, attachments=("http://a.cn/1.pdf",)))
    run(2, sighting(outcome, status=404, missed_since=NOW, missed_runs=1), status="incomplete")
    now = archive.state("linhu").locations[location(URL)]
    assert (now.outcome, now.status, now.missed_runs, now.missed_since) == (outcome, 404, 1, NOW)
    assert now.run.startswith("20260202")
    before = seen(item, attachments=("http://a.cn/1.pdf",))
    own = {"run", "time", "outcome", "status", "missed_since", "missed_runs"}
    for field in fields(Sighting):
        if field.name not in own:
            assert getattr(now, field.name) == getattr(before, field.name), field.name


def test_a_look_that_found_it_again_is_missed_no_more(archive: Archive, run: Run) -> None:
    run(1, seen(version()), status="incomplete")
    run(2, sighting("missing", missed_since=NOW, missed_runs=2), status="incomplete")
    run(3, sighting("listed"), status="incomplete")
    now = archive.state("linhu").locations[location(URL)]
    assert (now.missed_runs, now.missed_since, now.report_id) == (0, None, version().report_id)


def test_a_look_that_saw_content_forgets_what_was_seen_before(archive: Archive, run: Run) -> None:
    run(1, seen(version()), status="incomplete")
    run(2, sighting("not_a_report", payload_digest=digest(b"other")), status="incomplete")
    now = archive.state("linhu").locations[location(URL)]
    assert (now.report_id, now.etag, now.title, now.payload_digest) == (None, None, None, digest(b"other"))


def test_a_document_that_is_report_and_attachment_stays_a_report(archive: Archive, run: Run) -> None:
    run(1, seen(version()), sighting("attachment", payload_digest=digest(b"x")), status="incomplete")
    assert archive.state("linhu").locations[location(URL)].report_id == version().report_id


def test_an_attachment_that_becomes_an_entry_does_not_pass_for_a_report_that_was_read(
    archive: Archive, run: Run
) -> None:
    run(1, sighting("attachment", payload_digest=digest(b"x"), etag='"1"'), status="incomplete")
    run(2, sighting("listed"), status="incomplete")
    now = archive.state("linhu").locations[location(URL)]
    assert (now.outcome, now.payload_digest, now.etag) == ("listed", None, None)


def test_a_portal_that_was_settled_before_its_run_was_interrupted_is_done_with(archive: Archive, run: Run) -> None:
    run(1, seen(version()))
    run(2, seen(version("0b0b"), url=f"{URL}?2"), interrupted=True)
    state = archive.state("linhu")
    assert state.complete == "20260202T030000Z-00000002"
    assert state.unfinished == frozenset()
    assert state.cut_off == ("20260202T030000Z-00000002",)


def test_killed_and_interrupted_runs_count_and_are_named(archive: Archive, run: Run) -> None:
    run(1, seen(version()))
    run(2, seen(version("0b0b"), url=f"{URL}?2"), status=None)
    run(3, seen(version("0c0c"), url=f"{URL}?3"), status="incomplete", interrupted=True)
    state = archive.state("linhu")
    assert {each.report_id for each in state.locations.values()} == {version().report_id, "0b0b", "0c0c"}
    assert state.unfinished == {"20260202T030000Z-00000002", "20260203T030000Z-00000003"}
    assert state.cut_off == ("20260203T030000Z-00000003", "20260202T030000Z-00000002")
    assert state.complete == "20260201T030000Z-00000001"


def test_what_lies_before_a_complete_run_is_not_read(
    archive: Archive, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(1, 8):
        run(day, seen(version(), "unchanged"), status="incomplete" if day in (2, 7) else "ok")
    read: list[str] = []
    real = archive.store.get
    monkeypatch.setattr(archive.store, "get", lambda key: (read.append(key), real(key))[1])
    archive.state("linhu")
    assert sorted(key.split("/")[-1][:8] for key in read if key.startswith("sightings/")) == ["20260206", "20260207"]
    read.clear()
    archive.state("linhu")
    assert not [key for key in read if key.startswith("runs/")]


def test_a_run_that_rests_on_another_is_read_with_it(archive: Archive, run: Run) -> None:
    """What it says stands, what it does not mention stands, and nothing before the one it rests on is read."""
    pages = [seen(version(f"{number:04x}"), url=f"{URL}?{number}") for number in range(20)]
    whole, resting = "20260202T030000Z-00000002", {"linhu": {"status": "ok", "settled": True, "rests_on": "x"}}
    run(1, seen(version("dead"), url=f"{URL}?gone-since"))
    run(2, *pages)
    assert archive.state("linhu").rests
    run(
        3, replace(pages[0], outcome="missing", missed_runs=1), sighting(STANDING, url="http://linhu/"), portals=resting
    )
    run(4, sighting("timeout", url=f"{URL}?7"), status=None)
    run(5, sighting(STANDING, url="http://linhu/"), portals=resting)
    state = archive.state("linhu")
    assert (state.whole, state.complete, state.unfinished) == (whole, "20260205T030000Z-00000005", frozenset())
    assert (state.runs_since, state.lines_since) == (3, 4)
    assert [each.outcome for each in state.locations.values()] == [
        "missing", *["new"] * 6, "timeout", *["new"] * 12,
    ]  # fmt: skip
    run(6, *(replace(page, outcome="unchanged") for page in pages), sighting("new", url=f"{URL}?x"), portals=resting)
    assert not archive.state("linhu").rests, "there is as much to read since as there was then"


def test_a_few_locations_have_a_line_each_and_the_many_after_a_time(archive: Archive, run: Run) -> None:
    run(1, *(seen(version(), url=f"{URL}?{number}") for number in range(WORTH_RESTING - 1)))
    assert not archive.state("linhu").rests
    run(2, *(seen(version(), url=f"{URL}?{number}") for number in range(WORTH_RESTING)))
    for day in range(3, 3 + RESTS_FOR):
        assert archive.state("linhu").rests
        resting = {"linhu": {"status": "ok", "settled": True, "rests_on": "20260202T030000Z-00000002"}}
        run(day, sighting(STANDING, url="http://linhu/"), portals=resting)
    assert not archive.state("linhu").rests


def test_a_run_that_was_complete_for_another_portal_only_is_read_past(archive: Archive, run: Run) -> None:
    run(1, seen(version()))
    run(2, sighting("listed", url=f"{URL}?2"), status="blocked")
    assert len(archive.state("linhu").locations) == 2


def test_locations_are_found_by_their_work(archive: Archive, run: Run) -> None:
    item = version()
    run(1, seen(item), seen(item, "copy", url=f"{URL}?copy"), sighting("listed", url=f"{URL}?3"))
    works = archive.state("linhu").by_work()
    assert [each.url for each in works[item.reading.agency, 2025, item.reading.title]] == [URL, f"{URL}?copy"]
    assert [each.outcome for each in works[None, None, None]] == ["listed"]


# ---------------------------------------------------------------- runs


def test_a_summary_is_written_once(archive: Archive) -> None:
    archive.put_run(summary())
    archive.put_run(summary())
    with pytest.raises(AlreadyExists):
        archive.put_run(summary(status="failed"))
    assert archive.run(RUN)["portals"]["linhu"]["status"] == "ok"


def test_of_many_portals_each_runs_summary_is_read_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    portals = [Portal(f"linhu-{n}", "临湖县", "33", "331122", "https://linhu.gov.cn/") for n in range(20)]
    status = {portal.key: {"status": "ok", "settled": False} for portal in portals}
    for name in (RUN, LATER_RUN):
        log = archive.sightings(name)
        for portal in portals:
            log.add(replace(seen(version()), run=name, portal=portal.key))
        log.close()
        archive.put_run(summary(name, portals=status))
    asked: list[str] = []
    get = archive.store.get
    monkeypatch.setattr(archive.store, "get", lambda key: asked.append(key) or get(key))
    assert [task.status for task in tasks(archive, portals, 1.0)] == ["ok"] * 20
    assert [key for key in asked if key.startswith(layout.RUNS)] == [layout.run_key(LATER_RUN), layout.run_key(RUN)]


def test_runs_are_forgotten_before_they_fill_the_memory() -> None:
    read: list[str] = []

    def summary_of(run: str) -> dict[str, Any]:
        read.append(run)
        return {"portals": {f"{run}-{number}": {"status": "ok", "reason": run} for number in range(10)}}

    outcomes = Outcomes(summary_of, remembered=25)
    for run in ("a", "b", "a", "c", "a", "b"):
        assert outcomes.of(run)["portals"][f"{run}-9"] == {"status": "ok", "reason": run}
    assert read == ["a", "b", "c", "b"]


@pytest.mark.parametrize("damage", [
    lambda stored: stored.replace(b'"ok"', b'"no"'),
    lambda stored: stored.replace(b'"seal":"', b'"seal":"0'),
    lambda stored: stored.replace(b'"seal"', b'"sael"'),
    lambda stored: stored.replace(b'"ok"', b' "ok"'),
    lambda stored: stored.rstrip(),
    lambda stored: stored + b"\n",
    lambda stored: stored.replace(b"}\n", b',"x":1}\n'),
])  # fmt: skip
def test_a_summary_with_a_byte_changed_is_damaged(damage: Callable[[bytes], bytes]) -> None:
    stored = codec.encode_summary(summary())
    assert codec.decode_summary(stored) == summary()
    with pytest.raises(Damaged):
        codec.decode_summary(damage(stored))


# ---------------------------------------------------------------- the codec

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
mappings = st.dictionaries(text, json_values, max_size=3)
numbers = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
cells = st.dictionaries(text, st.dictionaries(text, numbers, max_size=3), max_size=3)
readings = st.builds(
    Reading,
    metadata=st.dictionaries(text, text, max_size=3),
    statistics=st.none() | st.dictionaries(text, text | cells, max_size=3),
    details=mappings,
)
names = st.from_regex(r"[0-9a-z][0-9a-z_-]{1,20}", fullmatch=True)
codes = st.from_regex(r"[0-9]{6}", fullmatch=True)
versions = st.builds(
    Version,
    report_id=names,
    portal=names,
    run=names.map(lambda name: name.replace("_", "-")),
    province=codes,
    division=codes,
    reading=readings,
    first_seen=times,
    flags=st.lists(text, max_size=2).map(tuple),
    context=st.none() | st.builds(Context, entry_title=st.none() | text, column_year=st.none() | st.integers()),
)
some_sightings = st.builds(
    Sighting,
    run=names.map(lambda name: name.replace("_", "-")),
    portal=names,
    time=times,
    fetched=st.none() | times,
    missed_since=st.none() | times,
    title=st.none() | text,
)


@settings(max_examples=60, deadline=None)
@given(versions)
def test_any_version_comes_back(item: Version) -> None:
    data = codec.encode_version(item)
    assert codec.decode_version(data) == item
    assert codec.encode_version(codec.decode_version(data)) == data


@settings(max_examples=60, deadline=None)
@given(st.lists(some_sightings, max_size=3))
def test_any_sightings_come_back(lines: list[Sighting]) -> None:
    assert codec.decode_sightings(codec.encode_sightings(lines)) == lines


def test_a_sighting_is_one_line_without_what_is_absent() -> None:
    line = codec.gunzip(codec.encode_sightings([sighting("listed", title="年\u2028报\n")]))
    assert line.decode() == (
        '{"outcome":"listed","portal":"linhu","run":"20260131T030000Z-0000000a",'
        f'"time":"2026-01-31T03:04:05.678901+00:00","title":"年\u2028报\\n","url":"{URL}"}}\n'
    )


def test_times_are_stored_in_utc() -> None:
    item = version(first_seen=datetime(2026, 1, 31, 8, tzinfo=timezone(timedelta(hours=8))))
    assert codec.decode_version(codec.encode_version(item)).first_seen == datetime(2026, 1, 31, tzinfo=UTC)
    with pytest.raises(ValueError, match="zone"):
        codec.encode_version(version(first_seen=datetime(2026, 1, 31)))  # noqa: DTZ001


def test_lone_surrogates_of_a_broken_page_survive() -> None:
    item = version(reading=reading(body="a\udc80b", title="年"))
    assert codec.decode_version(codec.encode_version(item)) == item


def test_fields_of_a_newer_release_are_passed_over() -> None:
    plain = codec.plain(version())
    plain["reading"]["mood"] = {"of": "the clerk"}
    plain["flags"] = ["new"]
    plain["later"] = 1
    assert codec.decode(Version, plain) == version(flags=("new",))


def test_fields_of_a_newer_release_are_absent_in_an_older_ones_objects() -> None:
    plain = codec.plain(version())
    for name in ("flags", "parts", "attachments"):
        del plain[name]
    for name in ("details", "index_number_strong", "signed_on", "checks"):
        del plain["reading"][name]
    bare = reading(details={}, index_number_strong=False, signed_on=None, checks=())
    assert codec.decode(Version, plain) == version(reading=bare)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("number",), "1"),
        (("number",), True),
        (("number",), None),
        (("first_seen",), "yesterday"),
        (("first_seen",), "2026-01-31T00:00:00"),
        (("parts",), "abc"),
        (("parts",), [1]),
        (("reading",), []),
        (("reading", "kind"), "poem"),
        (("reading", "published_on"), "2026-02-30"),
        (("reading", "metadata"), {"索引号": 1}),
        (("reading", "sections"), [{"level": 1}]),
    ],
)
def test_what_does_not_fit_is_damaged(path: tuple[str, ...], value: object) -> None:
    plain = codec.plain(version(attachments=(attachment(b"x"),)))
    inner = plain
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    with pytest.raises(Damaged, match=path[-1]):
        codec.decode(Version, plain)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[" * 100_000, b"1" * 10_000, b"NaN", b'{"a":Infinity}', b"1e999", b"\xff"]
)
def test_what_is_no_json_is_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        codec.from_json(data)


@given(st.binary(max_size=400))
def test_any_content_packs_the_same_way_and_unpacks_to_itself(content: bytes) -> None:
    packed = codec.gzip_member(content)
    assert packed == codec.gzip_member(content)
    assert codec.gunzip(packed) == content


def test_reading_ahead_keeps_the_order_and_passes_errors_on() -> None:
    assert list(read_ahead(lambda number: number * 2, range(100), width=7)) == [number * 2 for number in range(100)]
    results = read_ahead(lambda number: 1 // (3 - number), range(100), width=7)
    with pytest.raises(ZeroDivisionError):
        list(results)


def test_a_stored_object_that_was_damaged_is_named(archive: Archive, tmp_path: Path) -> None:
    archive.put_version(version())
    key = layout.version_key(version().report_id, 1)
    file = tmp_path / "archive" / key
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(Damaged, match=key):
        archive.version(version().report_id, 1)
