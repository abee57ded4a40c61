"""A version read again: records show the newest reading, and nothing else about the archive changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.items import Version
from storage import codec, fixity, layout
from storage.archive import Archive, open_archive
from storage.queries import EVERY_KIND, Filters, browse, history, select
from storage.readings import Rereading
from tests.storage.examples import LATER_RUN, NOW, RUN, attachment, capture, digest, reading, seen, summary, version

PDF = b"%PDF-1.4 the report again" * 20


def again(item: Version, extractor: str, **changes: object) -> Rereading:
    read = replace(item.reading, extractor=extractor, body=f"read by {extractor}", **changes)  # type: ignore[arg-type]
    return Rereading(item.report_id, item.number, read, item.attachments)


@pytest.fixture
def filed(archive: Archive) -> Version:
    """One report, filed and sighted by a run that ended."""
    for payload in (capture().payload, PDF):
        archive.put_snapshot(capture(payload))
    item = version(attachments=(attachment(PDF),))
    archive.put_version(item)
    archive.point_version(item)
    log = archive.sightings(RUN)
    archive.point_sighting(seen(item))
    log.add(seen(item))
    log.close()
    archive.put_run(summary(RUN))
    return item


def bodies(archive: Archive) -> list[str | None]:
    return [selected.version.reading.body for selected in select(archive, Filters(kinds=EVERY_KIND), all_versions=True)]


def test_the_newest_reading_is_shown_and_the_version_stays_as_it_was_filed(archive: Archive, filed: Version) -> None:
    before = archive.store.get(layout.version_key(filed.report_id, 1))
    for extractor in ("reader 9", "reader 10"):
        assert archive.put_reading(again(filed, extractor))
    shown = archive.version(filed.report_id, 1)
    assert (shown.reading.extractor, shown.reading.body) == ("reader 10", "read by reader 10")
    assert (shown.changed, shown.first_seen, shown.run) == (filed.changed, filed.first_seen, filed.run)
    assert archive.versions(filed.report_id) == (shown,) == tuple(archive.iter_versions())
    assert archive.latest(filed.report_id) == shown
    assert bodies(archive) == ["read by reader 10"]
    assert [record["extractor"] for record in history(archive, filed.report_id).records] == ["reader 10"]
    assert archive.filed(filed.report_id, 1) == filed
    assert archive.store.get(layout.version_key(filed.report_id, 1)) == before


def test_a_reading_by_an_older_extractor_is_kept_and_not_shown(archive: Archive, filed: Version) -> None:
    archive.put_reading(again(filed, "reader 0"))
    assert archive.version(filed.report_id, 1) == filed


def test_one_extractor_reads_a_version_once(archive: Archive, filed: Version) -> None:
    assert archive.put_reading(again(filed, "reader 2"))
    assert not archive.put_reading(again(filed, "reader 2"))
    assert len(archive.readings(filed.report_id)) == 1


def test_readings_are_found_by_who_opened_the_archive_later_or_waited(archive: Archive, filed: Version) -> None:
    other = open_archive(archive.uri)
    assert other.version(filed.report_id, 1) == filed
    archive.put_reading(again(filed, "reader 2"))
    other._asked -= 61
    assert other.version(filed.report_id, 1).reading.extractor == "reader 2"


def test_a_reading_makes_its_report_found_by_what_was_read(archive: Archive, filed: Version) -> None:
    archive.put_reading(again(filed, "reader 2", body_digest=digest(b"other"), index_number="QT-7/15"))
    assert archive.pointed("body", digest(b"other")) == (filed.report_id,)
    assert archive.pointed("number", "QT-7/15") == (filed.report_id,)
    assert archive.pointed("body", str(filed.reading.body_digest)) == (filed.report_id,)


def test_the_index_with_readings_is_rebuilt_byte_for_byte(archive: Archive, filed: Version) -> None:
    archive.put_reading(again(filed, "reader 2", body_digest=digest(b"other"), index_number="QT-7/15"))
    before = {listed.key: archive.store.get(listed.key) for listed in archive.store.list("index/")}
    assert {key.split("/")[1] for key in before} == {"body", "number", "province", "report", "url"}
    fixity.rebuild(archive)
    assert {listed.key: archive.store.get(listed.key) for listed in archive.store.list("index/")} == before


def test_reading_again_is_no_news_to_a_cursor(archive: Archive, filed: Version) -> None:
    first = select(archive, Filters(kinds=EVERY_KIND), since="start")
    assert len(list(first)) == 1
    archive.put_reading(again(filed, "reader 2"))
    later = select(archive, Filters(kinds=EVERY_KIND), since=first.cursor)
    assert list(later) == []
    assert later.cursor == first.cursor


def test_the_archive_as_it_was_is_given_as_it_is_read_now(archive: Archive, filed: Version) -> None:
    archive.put_reading(again(filed, "reader 2"))
    (then,) = select(archive, Filters(as_of=NOW + timedelta(minutes=1)))
    assert then.version.reading.extractor == "reader 2"


def test_two_versions_are_compared_as_they_were_read_last(archive: Archive, filed: Version) -> None:
    second = version(number=2, run=LATER_RUN, reading=reading(extractor="reader 2", body="read by reader 2"))
    archive.put_version(second)
    archive.put_reading(again(filed, "reader 2"))
    old, new = archive.versions(filed.report_id)
    assert old.reading.body == new.reading.body


# ---------------------------------------------------------------- audit


def file_of(archive: Archive, key: str) -> Path:
    return Path(archive.uri) / key


def test_a_sound_reading_is_no_damage(archive: Archive, filed: Version) -> None:
    archive.put_reading(again(filed, "reader 2", body_digest=digest(b"other")))
    assert list(fixity.verify(archive)) == []


def test_a_damaged_reading_is_blamed_and_can_be_made_again(archive: Archive, filed: Version) -> None:
    archive.put_reading(again(filed, "reader 2"))
    key = layout.reading_key(filed.report_id, 1, "reader 2")
    whole = file_of(archive, key).read_bytes()
    for place in range(0, len(whole), 7):
        file_of(archive, key).write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        (found,) = fixity.verify(archive)
        assert found.blame == key
        assert "nianbao reread" in found.remedy
    with pytest.raises(codec.Damaged, match="readings/"):
        archive.version(filed.report_id, 1)


@pytest.mark.parametrize(
    ("key", "what"),
    [
        (layout.reading_key("5e1f00c0ffee", 2, "reader 2"), "is a reading of version 1"),
        (layout.reading_key("5e1f00c0ffee", 1, "reader 3"), "was made by reader 2"),
        (layout.reading_key("5e1f00dead00", 1, "reader 2"), "is a reading of version 1 of 5e1f00c0ffee"),
    ],
)
def test_a_reading_under_another_key_is_damage(archive: Archive, filed: Version, key: str, what: str) -> None:
    archive.put_reading(again(filed, "reader 2"))
    archive.store.create(key, archive.store.get(layout.reading_key(filed.report_id, 1, "reader 2")))
    assert what in " ".join(damage.what for damage in fixity.verify(archive))


def test_a_reading_with_other_attachments_than_its_version_is_damage(archive: Archive, filed: Version) -> None:
    archive.put_reading(replace(again(filed, "reader 2"), attachments=()))
    (found,) = fixity.verify(archive)
    assert found.what == "has other attachments than its version"


def test_a_pointer_of_a_reading_that_is_lost_is_named(archive: Archive, filed: Version) -> None:
    archive.put_reading(again(filed, "reader 2", body_digest=digest(b"other")))
    pointer = layout.pointer_key("body", digest(b"other"), filed.report_id)
    archive.store.delete(pointer)
    (found,) = fixity.verify(archive)
    assert (found.blame, found.remedy) == (pointer, fixity.REBUILD)


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize(
    "key",
    [
        "readings/5e/5e1f00c0ffee/v000000/reader-2.json.gz",
        "readings/5e/5e1f00c0ffee/v0000001/reader-2.json.gz",
        "readings/ab/5e1f00c0ffee/v000001/reader-2.json.gz",
        "readings/5e/5e1f00c0ffee/v000001/reader 2.json.gz",
        "readings/5e/5e1f00c0ffee/v000001/.json.gz",
        "index/province/ab/" + "ab" * 32 + "/Mou",
        "index/agency/ab/" + "ab" * 32 + "/mou",
    ],
)
def test_what_no_function_formats_is_no_key(key: str) -> None:
    assert layout.parse(key) is None


def test_extractors_are_ordered_by_number() -> None:
    names = ["nianbao-reader/1", "nianbao-reader/2", "nianbao-reader/2.1", "nianbao-reader/10"]
    assert sorted({*names}, key=layout.extractor_order) == names
    assert [layout.extractor_slug(layout.extractor_slug(name)) for name in names] == [
        "nianbao-reader-1", "nianbao-reader-2", "nianbao-reader-2.1", "nianbao-reader-10",
    ]  # fmt: skip


# ---------------------------------------------------------------- asked for a part, only the part is read


def test_browse_gives_what_select_gives(archive: Archive) -> None:
    fill(archive)
    for filters in (
        Filters(portals=("mou",)), Filters(portals=("mou-slj", "lin")), Filters(provinces=("33",)),
        Filters(provinces=("42", "33")), Filters(divisions=("4212",)), Filters(divisions=("3",)), Filters(reports=("aa02",)),
        Filters(portals=("nowhere",)), Filters(portals=("mou",), as_of=NOW + timedelta(minutes=5)), Filters(),
    ):  # fmt: skip
        for every in (True, False):
            whole = [selected.record for selected in select(archive, filters, all_versions=every)]
            assert [selected.record for selected in browse(archive, filters, all_versions=every)] == whole, filters


def test_browse_reads_nothing_of_portals_that_bear_on_nothing(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive)
    read: list[str] = []
    get = archive.store.get

    def noting(key: str) -> bytes:
        read.append(key)
        return get(key)

    monkeypatch.setattr(archive.store, "get", noting)
    list(browse(archive, Filters(portals=("mou",))))
    assert {key.split("/")[1] for key in read if key.startswith("sightings/")} == {"mou", "lin"}
    assert {key.split("/")[2] for key in read if key.startswith("reports/")} == {"aa01", "aa02"}
    read.clear()
    history(archive, "aa03")
    assert {key.split("/")[1] for key in read if key.startswith("sightings/")} == {"mou-slj"}


def test_without_the_index_all_is_read(archive: Archive) -> None:
    fill(archive)
    whole = [selected.record for selected in select(archive, Filters(portals=("mou",)))]
    for listed in list(archive.store.list("index/")):
        archive.store.delete(listed.key)
    for filters in (Filters(portals=("mou",)), Filters(provinces=("33",), portals=("mou",))):
        assert [selected.record for selected in browse(archive, filters)] == whole
    assert [selected.version.report_id for selected in browse(archive, Filters(provinces=("42",)))] == ["aa04"]


def test_a_part_of_the_archive_is_audited_for_itself(archive: Archive) -> None:
    from storage.queries import bearing

    fill(archive)
    near = bearing(archive, Filters(portals=("mou",)))
    assert near is not None
    assert list(fixity.verify(archive, near=near)) == []
    for key, seen_from_here in (
        (layout.version_key("aa01", 1), True),
        (layout.version_key("aa04", 1), False),
        (layout.snapshot_key(digest(b"aa02")), True),
        (layout.snapshot_key(digest(b"aa04")), False),
        (layout.sightings_key("lin", RUN, 1), True),
        (layout.sightings_key("mou-slj", RUN, 1), False),
    ):
        whole = file_of(archive, key).read_bytes()
        file_of(archive, key).write_bytes(whole[:-9] + b"123456789")
        assert [damage.blame for damage in fixity.verify(archive, near=near)] == [key] * seen_from_here
        file_of(archive, key).write_bytes(whole)


def fill(archive: Archive) -> None:
    """aa01 and aa02 on mou, aa02 also on lin and gone from mou; aa03 on mou-slj; aa04 in another province."""
    lines = []
    for report, portal, province in (
        ("aa01", "mou", "33"),
        ("aa02", "mou", "33"),
        ("aa03", "mou-slj", "33"),
        ("aa04", "jian", "42"),
    ):
        payload = report.encode()
        url = f"http://www.{portal}.gov.cn/{report}.html"
        archive.put_snapshot(capture(payload, url=url))
        item = version(
            report, portal=portal, province=province, division=f"{province}1221", url=url,
            payload_digest=digest(payload), snapshot=layout.snapshot_key(digest(payload)),
            reading=reading(body_digest=digest(payload), index_number=None, index_number_kind=None),
        )  # fmt: skip
        archive.put_version(item)
        archive.point_version(item)
        lines.append(seen(item))
        if report == "aa02":
            lines.append(
                seen(item, "copy", portal="lin", url="http://www.lin.gov.cn/a.html", time=NOW + timedelta(minutes=2))
            )
            lines.append(replace(seen(item, "gone"), time=NOW + timedelta(minutes=9)))
    log = archive.sightings(RUN)
    for line in lines:
        archive.point_sighting(line)
        log.add(line)
    log.close()
    archive.put_run(summary(RUN, finished=NOW.isoformat()))
