"""The audit finds every kind of damage, blames the right object, and leaves a sound archive alone."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawler.commands import runs as runs_command
from crawler.commands import verify as verify_command
from crawler.errors import ArchiveError, UsageError
from storage import codec, fixity, layout
from storage.archive import Archive, open_archive
from storage.exports import export
from storage.fixity import Damage, rebuild, verify
from storage.queries import Filters, history, select
from storage.stores import DirectoryStore
from tests.storage.examples import (
    LATER_RUN,
    RUN,
    URL,
    attachment,
    capture,
    reading,
    seen,
    sighting,
    summary,
    version,
)

PDF = b"%PDF-1.4 the report again" * 20
SECOND = b"<html>corrected</html>"


@pytest.fixture
def full(archive: Archive) -> Archive:
    """Two runs: a report with an attachment, revised; a copy of it elsewhere; a page that is gone."""
    for payload in (capture().payload, PDF, SECOND):
        archive.put_snapshot(capture(payload))
    first = version(attachments=(attachment(PDF),))
    second = version(
        number=2,
        run=LATER_RUN,
        payload_digest=capture(SECOND).payload_digest,
        snapshot=layout.snapshot_key(capture(SECOND).payload_digest),
        parts=(first.snapshot,),
        reading=reading(body_digest="0" * 64, index_number="113311220026405 10B/2026-00018"),
    )
    copy = seen(first, "copy", url="http://www.linhu.gov.cn/copy.html", portal="linhu-slj", index_number="QT-9/7")
    for each, lines in (
        (first, [seen(first), copy]),
        (second, [seen(second, "revised"), sighting("missing", url=f"{URL}?2")]),
    ):
        archive.put_version(each)
        archive.point_version(each)
        log = archive.sightings(each.run)
        for line in lines:
            archive.point_sighting(line)
            log.add(replace(line, run=each.run))
        log.close()
        archive.put_run(summary(each.run))
    return archive


@pytest.fixture
def place(full: Archive) -> Callable[[str], Path]:
    """The file of a key."""
    assert isinstance(full.store, DirectoryStore)
    root = full.store.root
    return lambda key: root / key


def keys(archive: Archive) -> list[str]:
    return [listed.key for listed in archive.store.list("")]


def test_a_sound_archive_has_no_damage(full: Archive) -> None:
    assert list(verify(full)) == []
    assert list(verify(full, deep=False)) == []
    assert len(keys(full)) == 1 + 3 + 2 + 7 + 3 + 3 + 2


def test_an_empty_archive_has_no_damage(archive: Archive) -> None:
    assert list(verify(archive)) == []


def test_any_flipped_bit_in_any_object_is_found_there(full: Archive, place: Callable[[str], Path]) -> None:
    chance = random.Random(17)
    for key in keys(full):
        whole = place(key).read_bytes()
        places = {*range(12), *range(len(whole) - 12, len(whole)), *(chance.randrange(len(whole)) for _ in range(16))}
        for byte in sorted(places)[:: 1 if len(whole) < 200 else 2]:
            place(key).write_bytes(whole[:byte] + bytes([whole[byte] ^ (1 << chance.randrange(8))]) + whole[byte + 1 :])
            job = fixity._Audit(full, deep=True)._job
            found = [
                damage
                for listed in full.store.list(key)
                if listed.key == key
                for damage in job(listed, layout.parse(key))()
            ]
            assert found, (key, byte)
            assert {damage.blame for damage in found} == {key}
        place(key).write_bytes(whole)


def test_damage_to_one_object_is_reported_once_and_blamed_on_it(full: Archive, place: Callable[[str], Path]) -> None:
    for key in keys(full)[1:]:
        whole = place(key).read_bytes()
        place(key).write_bytes(whole[: len(whole) // 2])
        found = list(verify(full))
        place(key).write_bytes(whole)
        assert [(damage.key, damage.blame) for damage in found] == [(key, key)]
        assert found[0].remedy


def test_a_lost_object_is_missed_by_what_names_it(full: Archive, place: Callable[[str], Path]) -> None:
    for key in keys(full)[1:]:
        if key.startswith((layout.RUNS, layout.SIGHTINGS)):
            continue  # named nowhere else
        if b"QT-9/7" in full.store.get(key):
            continue  # a number printed at one location alone: whether it was worth a pointer is the judge's to say
        whole = place(key).read_bytes()
        place(key).unlink()
        found = list(verify(full))
        place(key).write_bytes(whole)
        assert found, key
        assert {damage.blame for damage in found} == {key}, found
        assert key not in {damage.key for damage in found}


def test_a_hole_in_the_numbering_of_sightings_is_seen(full: Archive) -> None:
    log = full.sightings("20260301T000000Z-0000000c")
    for number in range(3):
        log.add(sighting("listed", url=f"{URL}?{number}", run=log.run))
        log.flush()
    assert list(verify(full)) == []
    assert isinstance(full.store, DirectoryStore)
    lost = layout.sightings_key("linhu", log.run, 2)
    (full.store.root / lost).unlink()
    assert [(damage.key, damage.blame) for damage in verify(full)] == [
        (layout.sightings_key("linhu", log.run, 3), lost)
    ]


@pytest.mark.parametrize(
    "key",
    ["notes.txt", "snapshots/sha256/ab/readme", "reports/ab/ba01/v000001.json.gz", "runs/x.json.bak", "index/title/x",
     "sightings/linhu/run.jsonl.gz"],
)  # fmt: skip
def test_a_stray_object_is_reported_as_such(full: Archive, key: str) -> None:
    full.store.create(key, b"?")
    assert list(verify(full)) == [Damage(key, "is no key of this layout", key, fixity.MOVE_OUT)]


def test_a_stray_name_that_is_no_text_does_not_stop_the_audit(full: Archive, place: Callable[[str], Path]) -> None:
    place("runs/\udcff").write_bytes(b"?")
    place("runs/two\nlines").write_bytes(b"?")
    found = list(verify(full))
    assert [damage.what for damage in found] == ["is no key of this layout"] * 2
    for damage in found:
        assert damage.key.encode()


def test_the_catalogue_is_left_to_be_rebuilt(full: Archive) -> None:
    full.store.replace("catalogue/reports/province=33/0.parquet", b"whatever")
    assert list(verify(full)) == []


def test_an_object_under_anothers_key_is_found(full: Archive, place: Callable[[str], Path]) -> None:
    everything = keys(full)
    for prefix in (layout.SNAPSHOTS, layout.REPORTS, layout.INDEX, layout.SIGHTINGS, layout.RUNS):
        one, other, *_ = [key for key in everything if key.startswith(prefix)]
        whole = place(one).read_bytes()
        place(one).write_bytes(place(other).read_bytes())
        found = list(verify(full))
        place(one).write_bytes(whole)
        assert one in {damage.blame for damage in found}, (one, found)


def test_well_formed_lies_are_found(full: Archive) -> None:
    report = "dd0123"
    wrong = version(
        report,
        payload_digest="a" * 64,
        parts=("runs/x.json", layout.snapshot_key("b" * 64)),
        attachments=(replace(attachment(PDF), digest="c" * 64), attachment(b"never kept")),
    )
    full.put_version(wrong)
    key = layout.version_key(report, 1)
    found = [damage for damage in verify(full) if damage.key == key]
    assert [damage.what for damage in found] == [
        "its snapshot is not that of its payload",
        "the key of its attachment 附件.pdf is not that of its digest",
        "names 'runs/x.json', which is no snapshot's key",
        "names a snapshot that is not there",
        "names a snapshot that is not there",
        "its url does not lead to it: the pointer is not there",
        "its number does not lead to it: the pointer is not there",
        "its body does not lead to it: the pointer is not there",
        "its report does not lead to its portal: the pointer is not there",
    ]
    assert {damage.blame for damage in found[3:5]} == {layout.snapshot_key("b" * 64), attachment(b"never kept").key}


def test_a_sighting_of_a_version_that_never_was_is_found(full: Archive) -> None:
    log = full.sightings("20260301T000000Z-0000000c")
    log.add(sighting("unchanged", report_id=version().report_id, version=3, run=log.run))
    log.close()
    (found,) = verify(full)
    assert (found.what, found.blame) == (
        "names a version that is not there",
        layout.version_key(version().report_id, 3),
    )


OUTSIDE = ["../../etc", "a/../../b", "a\x00b", "a" * 300, "%2e%2e%2fetc", "", "．．／etc", "\udcff", "-rf", "a\nb"]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("field", ["report_id", "portal", "run", "payload_digest"])
def test_a_name_that_leads_out_of_the_archive_is_damage_and_goes_no_further(
    full: Archive, place: Callable[[str], Path], field: str, name: str
) -> None:
    lines = [codec.plain(sighting("unchanged", run=RUN)) | {field: name}]
    key = layout.sightings_key("linhu", RUN, 9)
    place(key).write_bytes(codec.gzip_member(b"".join(codec.to_json(line) + b"\n" for line in lines)))
    assert key in {damage.key for damage in verify(full)}
    assert key in {damage.key for damage in verify(full, near=fixity.near(full, Filters(portals=("linhu",))))}
    with pytest.raises(ArchiveError, match=key):
        rebuild(full)
    with pytest.raises(codec.Damaged, match=key):
        list(select(full))


@pytest.mark.parametrize("name", [name for name in OUTSIDE if name not in ("", "-rf")])
@pytest.mark.parametrize("field", ["report_id", "portal", "run", "province", "division"])
def test_a_version_that_leads_out_of_the_archive_is_damage_and_goes_no_further(
    full: Archive, place: Callable[[str], Path], tmp_path: Path, field: str, name: str
) -> None:
    key = layout.version_key(version().report_id, 2)
    content = codec.plain(full.filed(version().report_id, 2)) | {field: name}
    place(key).write_bytes(codec.gzip_member(codec.to_json(content)))
    assert key in {damage.key for damage in verify(full)}
    with pytest.raises(ArchiveError, match=key):
        rebuild(full)
    with pytest.raises(codec.Damaged, match=key):
        export(full, "parquet", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_object_of_endless_parts_is_not_unpacked(full: Archive, place: Callable[[str], Path]) -> None:
    key = next(key for key in keys(full) if key.startswith(layout.SNAPSHOTS))
    place(key).write_bytes(codec.gzip_member(b"") * 200_000)
    (found,) = (damage for damage in verify(full) if damage.key == key)
    assert found.what == "holds more than 64 parts"


def test_a_time_before_all_times_is_damage(full: Archive, place: Callable[[str], Path]) -> None:
    key = layout.version_key(version().report_id, 2)
    content = codec.plain(full.filed(version().report_id, 2)) | {"first_seen": "0001-01-01T00:00:00+14:00"}
    place(key).write_bytes(codec.gzip_member(codec.to_json(content)))
    (found,) = (damage for damage in verify(full) if damage.key == key)
    assert "first_seen" in found.what


@pytest.mark.parametrize(
    ("statistics", "at"),
    [
        ({"applications": [1]}, "statistics.applications: list instead of dict"),
        ({"applications": {"new": "若干"}}, "statistics.applications.new: str instead of dict"),
        ({"applications": {"new": {"total": "若干"}}}, "statistics.applications.new.total: str instead of a number"),
        ({"applications": {"new": {"total": True}}}, "statistics.applications.new.total: bool instead of a number"),
        (
            {"applications": {"new": {"total": {"a": [1]}}}},
            "statistics.applications.new.total: dict instead of a number",
        ),
    ],
)
def test_tables_of_anything_but_numbers_are_damage(
    full: Archive, place: Callable[[str], Path], tmp_path: Path, statistics: dict[str, Any], at: str
) -> None:
    key = layout.version_key(version().report_id, 2)
    content = codec.plain(full.filed(version().report_id, 2))
    content["reading"]["statistics"] = {"format": "2021", **statistics}
    place(key).write_bytes(codec.gzip_member(codec.to_json(content)))
    (found,) = (damage for damage in verify(full) if damage.key == key)
    assert found.what == at
    with pytest.raises(codec.Damaged, match=key):
        export(full, "parquet", tmp_path / "out")
    with pytest.raises(codec.Damaged, match=key):
        history(full, version().report_id)


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"totals": "../../etc"}, "totals: str instead of dict"),
        ({"totals": {"new": "1"}}, "totals.new: str instead of int"),
        ({"portals": ["linhu"]}, "portals: list instead of dict"),
        ({"portals": {"linhu": None}}, "portals.linhu: NoneType instead of dict"),
        ({"portals": {"linhu": {"status": 1}}}, "portals.linhu.status: int instead of str"),
        ({"portals": {"linhu": {"delay": "2"}}}, "portals.linhu.delay: str instead of float"),
        ({"notices": ["all is well"]}, "notices: str instead of dict"),
        ({"provinces": [33]}, "provinces: int instead of str"),
        ({"started": 2026}, "started: int instead of str"),
    ],
)
def test_a_summary_that_says_things_of_another_kind_is_damage(
    full: Archive, place: Callable[[str], Path], changes: dict[str, Any], at: str
) -> None:
    key = layout.run_key(RUN)
    place(key).write_bytes(codec.encode_summary({**summary(), **changes}))
    (found,) = (damage for damage in verify(full) if damage.key == key)
    assert found.what == at
    for words in ([], [RUN]):
        told = CliRunner().invoke(runs_command.command, [*words, "--archive", full.uri], standalone_mode=False)
        assert isinstance(told.exception, codec.Damaged)


def test_a_summary_that_says_little_is_shown(archive: Archive) -> None:
    archive.put_run({"run": RUN, "portals": {"linhu": {}}})
    for words in ([], [RUN]):
        told = CliRunner().invoke(runs_command.command, [*words, "--archive", archive.uri], standalone_mode=False)
        assert told.exception is None
        assert RUN in told.output


def test_what_a_killed_run_left_is_no_damage(archive: Archive) -> None:
    archive.put_snapshot(capture(PDF))  # killed before the version
    archive.put_snapshot(capture())
    archive.put_version(version())  # killed before its pointers
    log = archive.sightings(RUN)
    log.add(seen(version()))
    log.close()  # killed before the summary
    assert list(verify(archive)) == []


def test_a_pointer_lost_after_its_run_had_ended_is_damage(full: Archive) -> None:
    for key in [key for key in keys(full) if key.startswith("index/url")]:
        full.store.delete(key)
    found = list(verify(full))
    assert {damage.remedy for damage in found} == {fixity.REBUILD}
    assert all(damage.blame.startswith("index/url/") for damage in found)
    rebuild(full)
    assert list(verify(full)) == []


def test_a_hostile_object_neither_stops_the_audit_nor_fills_the_memory(
    full: Archive, place: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = codec.gzip_member(bytes(3_000_000))
    hostile = [
        b"",
        b"\x1f\x8b",
        bomb,
        gzip.compress(b"{}"),
        codec.gzip_member(b"[" * 100_000),
        codec.gzip_member(b"\xff"),
        codec.gzip_member(b"null"),
        codec.gzip_member(b"") * 50,
        b'{"report_id":"\\ud800","value":"\\udfff"}\n',
        b'{"run":' + b"[" * 900 + b"]" * 900 + b"}\n",
        b'{"run":1e999}\n',
    ]
    targets = [key for key in keys(full) if not key.startswith("archive")]
    monkeypatch.setattr(codec.gunzip_members, "__defaults__", (1_000_000,))
    for data in hostile:
        for key in targets[::3]:
            whole = place(key).read_bytes()
            place(key).write_bytes(data)
            found = list(verify(full))
            place(key).write_bytes(whole)
            assert key in {damage.blame for damage in found}, (key, data[:20])


def test_an_object_larger_than_any_may_be_is_not_read(full: Archive, place: Callable[[str], Path]) -> None:
    key = layout.run_key(RUN)
    with place(key).open("r+b") as file:
        file.truncate(codec.LIMIT + 1)  # a sparse file
    store = full.store
    read: list[str] = []
    real = store.get
    store.get = lambda key: (read.append(key), real(key))[1]  # type: ignore[method-assign]
    (damage,) = [damage for damage in verify(_without_summaries(full)) if damage.key == key]
    assert "larger than any object may be" in damage.what
    assert key not in read


def _without_summaries(archive: Archive) -> Archive:
    class Bare(Archive):
        def runs(self) -> tuple[str, ...]:
            return ()

    return Bare(archive.store)


def test_an_unreadable_file_is_damage_and_not_the_end(full: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.read_bytes

    def read(path: Path) -> bytes:
        if "snapshots" in path.parts:
            raise OSError(5, "Input/output error")
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    found = list(verify(full))
    assert len(found) == 3
    assert all("EIO" in damage.what for damage in found)


def test_a_shallow_audit_does_not_read_snapshots(full: Archive, place: Callable[[str], Path]) -> None:
    snapshot = next(key for key in keys(full) if key.startswith(layout.SNAPSHOTS))
    place(snapshot).write_bytes(b"rubbish")
    assert list(verify(full, deep=False)) == []
    place(snapshot).unlink()
    assert {damage.blame for damage in verify(full, deep=False)} == {snapshot}


# ---------------------------------------------------------------- of some portals


@pytest.fixture
def two(full: Archive) -> Archive:
    """Beside what is there, a portal of another province that shares nothing with it."""
    other = capture(b"<html>elsewhere</html>")
    full.put_snapshot(other)
    item = version(
        "ee99", portal="chang", province="22", division="220100", url="http://www.chang.gov.cn/1.html",
        payload_digest=other.payload_digest, snapshot=layout.snapshot_key(other.payload_digest),
        run="20260303T000000Z-0000000f", reading=reading(body_digest="e" * 64, index_number=None),
    )  # fmt: skip
    full.put_version(item)
    full.point_version(item)
    log = full.sightings(item.run)
    line = replace(seen(item), portal="chang", run=item.run)
    full.point_sighting(line)
    log.add(line)
    log.close()
    full.put_run(summary(item.run))
    return full


def test_of_one_province_everything_its_records_need_is_audited_and_nothing_else(
    two: Archive, place: Callable[[str], Path]
) -> None:
    near = fixity.near(two, Filters(provinces=("22",)))
    assert near is not None
    assert near.portals == {"chang"}
    assert list(verify(two, near=near)) == []
    found = {}
    for key in keys(two):
        whole = place(key).read_bytes()
        place(key).write_bytes(b"rubbish" + whole[7:])
        found[key] = {damage.blame for damage in verify(two, near=near)}
        place(key).write_bytes(whole)
    needed = {key for key, blamed in found.items() if blamed}
    assert all(blamed == {key} for key, blamed in found.items() if blamed)
    elsewhere = b"chang.gov.cn", b"ee99", b"chang"
    theirs = {
        key
        for key in keys(two)
        if any(word in key.encode() + two.store.get(key) for word in elsewhere)
        or key in ("archive.json", layout.run_key("20260303T000000Z-0000000f"), two.filed("ee99", 1).snapshot)
    }
    assert needed == theirs


def test_what_is_lost_is_missed_in_its_province(two: Archive, place: Callable[[str], Path]) -> None:
    near = fixity.near(two, Filters(portals=("chang",)))
    for key in (two.filed("ee99", 1).snapshot, layout.version_key("ee99", 1)):
        whole = place(key).read_bytes()
        place(key).unlink()
        assert key in {damage.blame for damage in verify(two, near=near)}
        place(key).write_bytes(whole)


def test_a_damaged_batch_does_not_hide_what_others_name(two: Archive, place: Callable[[str], Path]) -> None:
    place(layout.sightings_key("linhu", RUN, 1)).write_bytes(b"rubbish")
    snapshot = two.filed(version().report_id, 2).snapshot
    place(snapshot).write_bytes(b"rubbish")
    near = fixity.near(two, Filters(portals=("linhu",)))
    blamed = {damage.blame for damage in verify(two, near=near)}
    assert blamed == {layout.sightings_key("linhu", RUN, 1), snapshot}


def test_the_command_audits_what_is_asked_for(two: Archive, place: Callable[[str], Path]) -> None:
    def verified(*options: str) -> tuple[int, str]:
        told = CliRunner().invoke(verify_command.command, ["--archive", two.uri, *options], standalone_mode=False)
        if told.exception is not None:
            raise told.exception
        return told.return_value, told.output

    place(two.filed("ee99", 1).snapshot).write_bytes(b"rubbish")
    assert verified("--portal", "linhu")[0] == 0
    assert verified("--province", "浙江")[0] == 0
    for asked in (["--portal", "chang"], ["--province", "吉林"], ["--portal", "linhu", "--portal", "chang"], []):
        status, output = verified(*asked)
        assert status == 1
        assert two.filed("ee99", 1).snapshot in output
    for nothing in (["--portal", "nowhere"], ["--province", "西藏"]):
        with pytest.raises(UsageError, match="holds no report"):
            verified(*nothing)
    for listed in list(two.store.list(layout.INDEX)):
        two.store.delete(listed.key)
    status, output = verified("--portal", "linhu")
    assert status == 1, "all is audited where the index does not answer"
    assert "nianbao rebuild" in output


# ---------------------------------------------------------------- the index made anew


def index(archive: Archive) -> dict[str, bytes]:
    return {listed.key: archive.store.get(listed.key) for listed in archive.store.list(layout.INDEX)}


def test_the_index_is_rebuilt_byte_for_byte(full: Archive, place: Callable[[str], Path]) -> None:
    before = index(full)
    assert len(before) == 7 + 3
    rebuild(full)
    assert index(full) == before
    for number, key in enumerate(before):
        if number % 2:
            place(key).write_bytes(b"rubbish")
        else:
            full.store.delete(key)
    full.store.create("index/url/ab/stray", b"?")
    full.point("url", "http://nowhere.example/", version().report_id)
    rebuild(full)
    assert index(full) == before


def test_all_that_was_looked_up_is_looked_up_again(full: Archive) -> None:
    rebuild(full)
    report = (version().report_id,)
    assert full.pointed("url", URL) == report
    assert full.pointed("url", "http://linhu.gov.cn/copy.html") == report
    assert full.pointed("number", "11331122002640510B/2026-00017") == report
    assert full.pointed("number", "11331122002640510B/2026-00018") == report
    assert full.pointed("number", "QT-9/7") == report
    assert full.pointed("body", "0" * 64) == report


def test_what_cannot_be_read_is_named_when_the_rest_is_made(full: Archive, place: Callable[[str], Path]) -> None:
    key = layout.version_key(version().report_id, 2)
    place(key).write_bytes(b"rubbish")
    with pytest.raises(ArchiveError, match=key):
        rebuild(full)
    assert full.pointed("url", URL) == (version().report_id,)


def test_an_archive_reached_by_another_path_is_as_sound(full: Archive) -> None:
    assert list(verify(open_archive(f"file:{full.store.root}"))) == []  # type: ignore[attr-defined]
