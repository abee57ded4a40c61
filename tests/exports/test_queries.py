"""Which records are given: by filter, as of a time, and since a cursor."""

from __future__ import annotations

import pytest

from crawler.errors import UsageError
from storage import cursors
from storage.cursors import CursorRefused
from storage.queries import Filters, history, select
from tests.exports.conftest import Hand


@pytest.fixture(params=[True, False], ids=["by the index", "without an index"])
def hand(archive, request):
    return Hand(archive, points=request.param)


def ids(selection):
    return [(selected.version.report_id, selected.version.number) for selected in selection]


def given(archive, since=None, **filters):
    """What a consumer is given, and the cursor it keeps."""
    selection = select(archive, Filters(**filters), since=since)
    return ids(selection), selection.cursor


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"provinces": ("33",)}, ["aa01"]),
        ({"provinces": ("33", "37")}, ["aa01", "bb01"]),
        ({"divisions": ("3703",)}, ["bb01"]),
        ({"portals": ("zibo",)}, ["bb01"]),
        ({"platforms": ("gongkai",)}, ["bb01"]),
        ({"years": (2019, 2021)}, ["bb01"]),
        ({"years": (2022, 2030)}, ["aa01"]),
        ({"agency": "水务"}, ["aa01"]),
        ({"agency": "不存在"}, []),
        ({"statuses": ("missing",)}, ["bb01"]),
        ({"run": "run-2"}, ["bb01"]),
        ({"reports": ("cc01", "aa01")}, ["aa01"]),
        ({"provinces": ("37",), "years": (2022, 2022)}, []),
    ],
)
def test_filters(archive, hand, filters, expected):
    hand.file("aa01")
    other = hand.file(
        "bb01",
        run="run-2",
        province="37",
        division="370303",
        portal="zibo",
        platform="gongkai",
        report_year=2021,
        agency="某区教育局",
    )
    hand.sight(hand.seen(other, "missing", run="run-3", time=hand.day(1)))
    assert [report for report, _ in given(archive, **filters)[0]] == expected


@pytest.mark.parametrize("wrong", [{"kinds": ("report",)}, {"statuses": ("dead",)}, {"years": (2022, 2020)}])
def test_a_filter_that_could_never_match_is_refused(wrong):
    with pytest.raises(UsageError):
        Filters(**wrong)


def test_reports_come_in_the_order_of_their_ids_and_versions(archive, hand):
    hand.file("cc01")
    hand.file("aa01")
    hand.file("aa01", 2, run="run-2", time=hand.day(1))
    assert ids(select(archive, Filters(), all_versions=True)) == [("aa01", 1), ("aa01", 2), ("cc01", 1)]
    assert ids(select(archive, Filters())) == [("aa01", 2), ("cc01", 1)]


# ---------------------------------------------------------------- as of


def test_the_archive_as_it_was(archive, hand):
    first = hand.file("aa01")
    hand.sight(hand.seen(first, "missing", run="run-2", time=hand.day(10)))
    hand.file("aa01", 2, run="run-3", time=hand.day(20))
    hand.file("bb01", run="run-3", time=hand.day(20))

    assert given(archive, as_of=hand.day(-1))[0] == []
    assert given(archive, as_of=hand.day(0))[0] == [("aa01", 1)]
    assert given(archive, as_of=hand.day(20))[0] == [("aa01", 2), ("bb01", 1)]
    status = [next(iter(select(archive, Filters(as_of=hand.day(number))))).record["status"] for number in (5, 15, 25)]
    assert status == ["live", "missing", "live"]


def test_a_past_archive_has_no_cursor_and_cannot_be_asked_for_what_is_new(archive, hand):
    hand.file("aa01")
    assert given(archive, as_of=hand.day(1))[1] is None
    with pytest.raises(UsageError, match="--as-of"):
        select(archive, Filters(as_of=hand.day(1)), since=cursors.BEGINNING)


# ---------------------------------------------------------------- since


def test_since_gives_additions_and_revisions_once(archive, hand):
    hand.file("aa01")
    hand.file("bb01")
    hand.end("run-1")
    everything, cursor = given(archive)
    assert everything == [("aa01", 1), ("bb01", 1)]
    assert given(archive, cursor)[0] == []

    hand.file("aa01", 2, run="run-2", time=hand.day(1))
    hand.file("cc01", run="run-2", time=hand.day(1))
    hand.end("run-2")
    new, cursor = given(archive, cursor)
    assert new == [("aa01", 2), ("cc01", 1)]
    assert given(archive, cursor)[0] == []


def test_the_beginning_is_a_cursor_too(archive, hand):
    hand.file("aa01")
    assert given(archive, cursors.BEGINNING)[0] == [("aa01", 1)]


def test_looks_that_found_everything_as_it_was_are_not_news(archive, hand):
    version = hand.file("aa01")
    hand.end("run-1")
    cursor = given(archive)[1]
    hand.sight(hand.seen(version, "unchanged", run="run-2", time=hand.day(1)))
    hand.end("run-2")
    hand.sight(hand.seen(version, "listed", run="run-3", time=hand.day(2)))
    hand.end("run-3")
    assert given(archive, cursor)[0] == []


@pytest.mark.parametrize(
    ("outcome", "changes"),
    [
        ("copy", {"url": "http://other.gov.cn/x.html", "portal": "other"}),
        ("moved", {"url": "http://www.mou.gov.cn/new/x.html"}),
        ("missing", {}),
        ("gone", {}),
    ],
)
def test_new_locations_and_disappearances_are_news_once(archive, hand, outcome, changes):
    version = hand.file("aa01")
    hand.file("bb01")
    hand.end("run-1")
    cursor = given(archive)[1]
    hand.sight(hand.seen(version, outcome, run="run-2", time=hand.day(1), **changes))
    hand.end("run-2")
    new, cursor = given(archive, cursor)
    assert new == [("aa01", 1)]
    hand.sight(hand.seen(version, outcome, run="run-3", time=hand.day(2), **changes))
    hand.end("run-3")
    assert given(archive, cursor)[0] == []


def test_a_report_that_comes_back_is_news(archive, hand):
    version = hand.file("aa01")
    hand.sight(hand.seen(version, "missing", run="run-2", time=hand.day(1)))
    for run in ("run-1", "run-2"):
        hand.end(run)
    cursor = given(archive)[1]
    hand.sight(hand.seen(version, "unchanged", run="run-3", time=hand.day(2)))
    hand.end("run-3")
    assert given(archive, cursor)[0] == [("aa01", 1)]


def test_runs_that_end_in_another_order_than_they_began_are_all_given(archive, hand):
    hand.file("aa01", run="run-1")  # begins first, ends last
    hand.file("bb01", run="run-2", time=hand.day(1))
    hand.end("run-2")
    taken, cursor = given(archive, cursors.BEGINNING)
    assert taken == [("aa01", 1), ("bb01", 1)]

    hand.file("aa02", run="run-1", time=hand.day(2), portal="second")
    hand.end("run-1")
    taken, cursor = given(archive, cursor)
    assert taken == [("aa02", 1)]
    assert given(archive, cursor)[0] == []


def test_a_run_that_began_long_ago_and_only_now_shows_is_given(archive, hand):
    hand.file("bb01", run="run-5")
    hand.end("run-5")
    cursor = given(archive)[1]
    hand.file("aa01", run="run-0", time=hand.day(1))
    hand.end("run-0")
    assert given(archive, cursor)[0] == [("aa01", 1)]


def test_a_run_still_going_is_neither_missed_nor_given_twice(archive, hand):
    log = archive.sightings("run-1")
    first = hand.version("aa01")
    log.add(hand.seen(first, "new"))
    log.flush()
    second = hand.version("bb01")  # filed, and its sighting not yet written
    taken, cursor = given(archive)
    assert taken == [("aa01", 1), ("bb01", 1)]

    log.add(hand.seen(second, "new"))
    third = hand.version("cc01", time=hand.day(1))
    log.add(hand.seen(third, "new"))
    log.close()
    taken, cursor = given(archive, cursor)
    assert taken == [("cc01", 1)]

    hand.end("run-1")
    taken, cursor = given(archive, cursor)
    assert taken == []
    assert given(archive, cursor)[0] == []


def test_a_batch_that_a_listing_passed_over_is_not_missed(archive, hand, monkeypatch):
    first = hand.file("aa01")
    second = hand.file("bb01")
    hand.end("run-1")
    cursor = given(archive)[1]
    log = archive.sightings("run-2")
    for version in (first, second):
        log.add(hand.seen(version, "missing", run="run-2", time=hand.day(1)))
        log.flush()
    listing = archive.store.list
    with monkeypatch.context() as torn:
        torn.setattr(
            archive.store,
            "list",
            lambda *given: (each for each in listing(*given) if not each.key.endswith("run-2-000001.jsonl.gz")),
        )
        taken, cursor = given(archive, cursor)
    assert taken == []
    assert given(archive, cursor)[0] == [("aa01", 1), ("bb01", 1)]


def test_what_a_killed_run_filed_is_given_once(archive, hand):
    killed = hand.version("aa01", run="run-1")
    taken, cursor = given(archive)
    assert taken == [("aa01", 1)]
    hand.sight(hand.seen(killed, "unchanged", run="run-2", time=hand.day(1)))
    hand.end("run-2")
    assert given(archive, cursor)[0] == []


def test_a_consumer_that_follows_the_cursor_has_what_the_archive_has(archive, hand):
    held: dict[str, int] = {}
    cursor = cursors.BEGINNING
    for step in range(6):
        hand.file(f"r{step}", run=f"run-{9 - step}", time=hand.day(step))
        if step % 2:
            hand.file(f"r{step - 1}", 2, run=f"run-{9 - step}", time=hand.day(step))
            hand.end(f"run-{9 - step}")
        taken, cursor = given(archive, cursor)
        for report, number in taken:
            assert held.get(report, 0) < number
            held[report] = number
    assert sorted(held.items()) == given(archive)[0]


def test_since_with_every_version_gives_each_version_once(archive, hand):
    hand.file("aa01")
    hand.end("run-1")
    cursor = given(archive)[1]
    hand.file("aa01", 2, run="run-2", time=hand.day(1))
    hand.file("aa01", 3, run="run-2", time=hand.day(2))
    hand.end("run-2")
    assert ids(select(archive, Filters(), all_versions=True, since=cursor)) == [("aa01", 2), ("aa01", 3)]


# ---------------------------------------------------------------- the cursor itself


@pytest.mark.parametrize("word", ["", "nonsense", "AAAA", "eJyrVkrLzy9KLVKyUlAqSCwqTlWqBQA3UgXm"])
def test_a_word_that_is_no_cursor_is_refused(archive, word):
    with pytest.raises(CursorRefused):
        select(archive, Filters(), since=word)


def test_another_archives_cursor_is_refused(archive, hand, tmp_path):
    hand.file("aa01")
    hand.end("run-1")
    cursor = given(archive)[1]
    from storage import open_archive

    other = open_archive(str(tmp_path / "other"), create=True)
    with pytest.raises(CursorRefused, match="another archive"):
        select(other, Filters(), since=cursor)


def test_runs_long_past_are_summed_up_and_never_passed_over(monkeypatch):
    monkeypatch.setattr(cursors, "NAMED", 3)
    runs = [f"run-{number:03d}" for number in range(10)]
    word = cursors.encode(cursors.Cursor(frozenset(runs)))
    assert cursors.decode(word, runs).runs == frozenset(runs)
    assert cursors.decode(word, [*runs, "run-999"]).runs == frozenset(runs)
    with pytest.raises(CursorRefused, match="older than this cursor"):
        cursors.decode(word, [*runs, "run-0005"])


def test_the_cursor_of_a_thousand_runs_fits_on_a_command_line():
    word = cursors.encode(cursors.Cursor(frozenset(f"20260820T010203Z-{number:06x}" for number in range(100_000))))
    assert len(word) < 25_000


# ---------------------------------------------------------------- one report


def test_the_history_of_a_report_has_every_version_and_every_look(archive, hand):
    first = hand.file("aa01")
    hand.file("aa01", 2, run="run-2", time=hand.day(1))
    hand.file("bb01", url="http://www.mou.gov.cn/b.html")
    hand.sight(hand.seen(first, "missing", run="run-3", time=hand.day(2), report_id=None, version=None))
    story = history(archive, "aa01")
    assert [record["version"] for record in story.records] == [1, 2]
    assert [sighting.outcome for sighting in story.sightings] == ["new", "revised", "missing"]
    assert {record["status"] for record in story.records} == {"missing"}


@pytest.mark.parametrize("unknown", ["zz99", "../../etc"])
def test_an_unknown_report_is_named(archive, unknown):
    with pytest.raises(UsageError, match="no report"):
        history(archive, unknown)


# ---------------------------------------------------------------- collisions


STRONG = {"index_number": "11331122002649999X/2023-00012", "index_number_strong": True}
FLAG = ["index_number_collision"]


def collide(hand, numbers, *, portal="mou", url="http://www.mou.gov.cn/bb01.html"):
    """A report, and a later one of another agency under the same index number."""
    hand.file("aa01", **numbers)
    later = hand.version("bb01", run="run-2", time=hand.day(1), flags=tuple(FLAG), agency="某县财政局", portal=portal,
                         url=url, **numbers)  # fmt: skip
    hand.sight(hand.seen(later, "collision"))
    hand.file("cc01", url="http://www.mou.gov.cn/c.html", index_number="11331122002649999X/2023-00013")
    return later


def flags(archive, **filters):
    return {each.record["report_id"]: each.record["flags"] for each in select(archive, Filters(**filters))}


def test_both_reports_of_a_collision_are_flagged(archive, hand):
    collide(hand, STRONG)
    assert flags(archive) == {"aa01": FLAG, "bb01": FLAG, "cc01": []}
    assert flags(archive, reports=("aa01",)) == {"aa01": FLAG}
    assert [record["flags"] for record in history(archive, "aa01").records] == [FLAG]


def test_a_version_with_another_number_is_not_flagged(archive, hand):
    collide(hand, STRONG)
    hand.file("aa01", 2, run="run-3", time=hand.day(2), index_number="11331122002649999X/2023-00014")
    hand.sight(hand.seen(archive.version("bb01", 1), "unchanged", run="run-3", time=hand.day(2)))
    assert flags(archive) == {"aa01": [], "bb01": FLAG, "cc01": []}


@pytest.mark.parametrize(
    ("strong", "url", "flagged"),
    [
        (True, "http://www.zibo.gov.cn/b.html", True),
        (False, "http://www.zibo.gov.cn/b.html", False),
        (False, "http://czj.mou.gov.cn/b.html", True),
        (False, "http://192.0.2.7/b.html", False),
    ],
)
def test_a_weak_number_collides_only_within_its_domain(archive, hand, strong, url, flagged):
    collide(hand, STRONG | {"index_number_strong": strong}, portal="other", url=url)
    assert flags(archive)["aa01"] == (FLAG if flagged else [])


def test_a_collision_on_another_portal_is_told_of_where_only_one_is_asked_for(archive, hand):
    collide(hand, STRONG, portal="other", url="http://www.zibo.gov.cn/b.html")
    assert flags(archive, portals=("mou",)) == {"aa01": FLAG, "cc01": []}
