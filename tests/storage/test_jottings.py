"""What a run saw and had no time to say is taken up by the run after it, on every store and at a bounded cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.items import Sighting
from crawler.urls import location
from storage import codec, fixity, layout
from storage.archive import Archive, promise
from storage.jottings import Unread, objects
from storage.jottings.files import UNSAID
from storage.stores import DirectoryStore, ObjectStore, Refused
from tests.storage.examples import NOW, RUN, URL, capture, sighting, version

LATELY = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-0000000c"
BUCKET = pytest.mark.parametrize("store", ["s3"], indirect=True)


@pytest.fixture
def kept(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive on every kind of store, in which is jotted down what waits for a moment."""
    monkeypatch.setattr(objects, "PAUSE", 0.05)
    monkeypatch.setattr(objects, "SECONDS", 0.05)
    store.create(layout.ARCHIVE_KEY, promise())
    return Archive(store)


def look(number: int | str, **changes: object) -> Sighting:
    return sighting(url=f"{URL}?{number}", **{"run": LATELY, "outcome": "unchanged", **changes})


def jotted(archive: Archive) -> list[str]:
    """The names of the jottings there are."""
    if isinstance(archive.store, DirectoryStore):
        return [str(path) for path in (archive.store.root / UNSAID).rglob("*") if path.is_file()]
    return [listed.key for listed in archive.store.list(layout.JOTTINGS)]


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def written(archive: Archive) -> Callable[[], bool]:
    """Whether nothing waits to be jotted down."""
    jottings = archive._jottings
    if not isinstance(jottings, objects.ObjectJottings):
        return lambda: True
    runs = list(jottings._runs.values())
    return lambda: not any(run.waiting or run.writing.locked() for run in runs)


def test_what_a_killed_run_saw_is_said_by_the_next(kept: Archive) -> None:
    item = version(run=LATELY)
    kept.put_snapshot(capture())
    kept.put_version(item)  # and was killed before it pointed at it
    log = kept.sightings(LATELY)
    filed = sighting(run=LATELY, outcome="revised", report_id=item.report_id, version=1)
    found = [*(look(number) for number in range(3)), filed]
    for each in found:
        log.add(each)
    until(written(kept))
    after = Archive(kept.store)
    for _ in range(2):
        after.say_what_was_left(filed.portal, LATELY)
        assert list(after.iter_sightings()) == found
        assert after.pointed("body", str(item.reading.body_digest)) == (item.report_id,)
    assert list(fixity.verify(after)) == []
    after.all_read(filed.portal)
    assert jotted(after) == []


def test_what_was_jotted_down_of_a_report_that_is_not_there_is_not_said(kept: Archive) -> None:
    kept.sightings(LATELY).add(look(1, report_id="0123456789ab", version=1))
    until(written(kept))
    after = Archive(kept.store)
    after.say_what_was_left(sighting().portal, LATELY)
    assert list(after.iter_sightings()) == []


def test_what_a_killed_run_kept_and_did_not_read_is_known_to_the_next(kept: Archive) -> None:
    pages = [capture(f"<p>{number}</p>".encode(), url=f"{URL}?{number}") for number in range(3)]
    for page in pages:
        kept.keep_unread(page, LATELY)
    kept.keep_unread(capture(url=URL.replace("linhu", "beiling"), portal="beiling"), LATELY)
    until(written(kept))
    after = Archive(kept.store)
    waiting = {location(page.url): Unread(page.payload_digest, LATELY, page.time) for page in pages}
    assert after.unread("linhu", LATELY) == waiting
    after.all_read("beiling")
    assert Archive(kept.store).unread("linhu", LATELY) == waiting
    after.all_read("linhu")
    assert jotted(after) == []


def test_a_run_that_says_everything_leaves_nothing(kept: Archive) -> None:
    log = kept.sightings(LATELY)
    for number in range(3):
        kept.keep_unread(capture(url=f"{URL}?{number}"), LATELY)
        log.add(look(number))
        log.flush()
    until(written(kept))
    kept.all_read("linhu")
    log.close()
    assert jotted(kept) == []
    after = Archive(kept.store)
    after.say_what_was_left("linhu", LATELY)
    assert [each.url[-1] for each in after.iter_sightings()] == ["0", "1", "2"]


def test_a_run_that_was_cut_off_leaves_what_it_did_not_read(kept: Archive) -> None:
    log = kept.sightings(LATELY)
    kept.keep_unread(capture(), LATELY)
    log.add(look(1))
    log.close()
    assert list(Archive(kept.store).unread("linhu", LATELY).values()) == [Unread(capture().payload_digest, LATELY, NOW)]


@BUCKET
def test_what_was_read_waits_no_more(kept: Archive) -> None:
    log = kept.sightings(LATELY)
    kept.keep_unread(capture(url=f"{URL}?1"), LATELY)
    until(written(kept))
    log.add(look(1))
    log.flush()
    kept.keep_unread(capture(url=f"{URL}?2"), LATELY)
    log.close()
    assert list(Archive(kept.store).unread("linhu", LATELY)) == [location(f"{URL}?2")]


@BUCKET
def test_a_short_run_jots_down_nothing(kept: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    writes: list[str] = []
    monkeypatch.setattr(kept.store, "replace", lambda key, _: writes.append(key))
    log = kept.sightings(LATELY)
    for number in range(2 * objects.LINES):
        log.add(look(number))
    log.close()
    assert writes == []


@BUCKET
def test_a_long_run_keeps_to_few_objects_and_loses_no_line_that_counts(kept: Archive) -> None:
    log = kept.sightings(LATELY)
    kept.keep_unread(capture(), LATELY)
    for number in range(2 * objects.SLOTS):
        until(written(kept))
        log.add(look(number))
        log.flush()
        kept.keep_unread(capture(url=f"{URL}?{number}&"), LATELY)
    until(written(kept))
    assert len(jotted(kept)) == objects.SLOTS
    assert location(URL) in Archive(kept.store).unread("linhu", LATELY)


@BUCKET
def test_a_store_that_lets_nobody_delete_is_no_hindrance_to_jottings(
    kept: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise Refused("AccessDenied")

    monkeypatch.setattr(kept.store, "delete", refuse)
    for number in range(2):
        after = Archive(kept.store)
        after.say_what_was_left("linhu", LATELY)
        log = after.sightings(LATELY.replace("c", str(number)))
        log.add(look(number, run=log.run))
        until(written(after))
        log.close()
        after.all_read("linhu")
    after = Archive(kept.store)
    after.say_what_was_left("linhu", LATELY)
    assert [each.url[-1] for each in after.iter_sightings()] == ["0", "1"]
    assert len(jotted(kept)) == 2
    assert list(fixity.verify(kept)) == []


@BUCKET
def test_what_a_run_jots_down_after_others_looked_is_found_once_it_is_gone(kept: Archive) -> None:
    after = Archive(kept.store)
    after.say_what_was_left("beiling", RUN)  # while the other goes on
    kept.sightings(LATELY).add(look(1))
    until(written(kept))
    after.say_what_was_left("linhu", LATELY)
    assert [each.url[-1] for each in after.iter_sightings()] == ["1"]


@BUCKET
def test_old_jottings_go_when_others_are_looked_for(kept: Archive) -> None:
    kept.store.replace(layout.jottings_key(RUN, 0), codec.gzip_member(b""))
    kept.say_what_was_left("linhu", LATELY)
    assert jotted(kept) == []


@BUCKET
@pytest.mark.parametrize(
    "data", [b"", b"{}", codec.gzip_member(b"{}"), codec.gzip_member(b'{"number": 1, "sighting": {}}\n')]
)
def test_damaged_jottings_end_no_run(kept: Archive, data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    kept.store.replace(layout.jottings_key(LATELY, 0), data)
    kept.say_what_was_left("linhu", LATELY)
    assert "cannot be read" in caplog.text
    assert list(kept.iter_sightings()) == []


@pytest.mark.parametrize("store", ["directory"], indirect=True)
def test_torn_and_unreadable_jottings_end_no_run(kept: Archive, caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(kept.store, DirectoryStore)
    log = kept.sightings(LATELY)
    log.add(look(1))
    (file,) = (kept.store.root / UNSAID).rglob("*.jsonl")
    with file.open("ab") as jottings:
        jottings.write(b'{"run": "torn')
    name = layout.sightings_key("linhu", LATELY, 2).rpartition("/")[2].removesuffix(".gz")
    (kept.store.root / UNSAID / "linhu" / name).mkdir(parents=True)  # root may read every file
    Archive(kept.store).say_what_was_left("linhu", LATELY)
    assert "cannot be read" in caplog.text
    assert [each.url[-1] for each in kept.iter_sightings()] == ["1"]


@pytest.mark.parametrize("store", ["directory"], indirect=True)
def test_a_page_laid_aside_is_had_as_the_portal_sent_it_until_it_was_read(kept: Archive) -> None:
    page, torn = capture(time=datetime.now(UTC)), capture(b"<p>torn</p>", url=f"{URL}?2", time=datetime.now(UTC))
    log = kept.sightings(LATELY)
    for each in (page, torn):
        kept.lay_aside(each, LATELY)
    (file,) = (Path(path) for path in jotted(kept) if torn.payload_digest in path)
    file.write_bytes(file.read_bytes()[:-1])
    after = Archive(kept.store)
    assert set(after.unread("linhu", LATELY)) == {location(page.url), location(torn.url)}
    assert after.kept_lately("linhu", page.url, page.payload_digest) == page
    assert after.kept_lately("linhu", torn.url, torn.payload_digest) is None
    assert after.kept_lately("linhu", page.url, f"../{page.payload_digest}") is None
    log.add(sighting(run=LATELY, url=page.url, outcome="unchanged"))
    assert after.kept_lately("linhu", page.url, page.payload_digest) is None
    log.close()
    kept.all_read("linhu")
    assert jotted(kept) == []
