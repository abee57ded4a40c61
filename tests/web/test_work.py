"""What a page costs does not grow with the archive: counted in SQLite's steps, not in seconds."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.web import lookup
from crawler.web.bigrams import pairs
from crawler.web.index import Index
from crawler.web.rows import SERIALS, YEARS_UP_TO

FEW, MANY = 600, 6_000
YEARS = range(2010, 2024)
STEP = 10  # instructions between two looks at the count
RARE = 3  # reports of the one portal that has few
TEXT = "试验县档案局 本年受理申请"


@dataclass
class Sized:
    """An index of so many reports, all of whose texts hold the same words; the newest of every year came first."""

    index: Index
    ids: list[str]  # the newest first

    def steps(self, question: Callable[[], Any]) -> int:
        counted = 0

        def count() -> None:
            nonlocal counted
            counted += STEP

        self.index.db.set_progress_handler(count, STEP)
        question()
        self.index.db.set_progress_handler(None, STEP)
        return counted


def sized(index: Index, path: Path, count: int) -> Sized:
    """A report's twins, by the thousand."""
    with closing(sqlite3.connect(index.path)) as source, closing(sqlite3.connect(path)) as db, db:
        source.backup(db)
        columns = [row[1] for row in db.execute("pragma table_info(reports)")]
        first = dict(
            zip(columns, db.execute("select * from reports where kind = 'annual_report'").fetchone(), strict=True)
        )
        for table in ("reports", "bodies", "figures"):
            db.execute(f"delete from {table}")
        db.execute("insert into words (words) values ('delete-all')")
        ids = []
        for serial in range(count):
            # One year after the other, as a portal lists them, so that the newest are all of one year.
            year = YEARS[(serial * len(YEARS) // count)]
            row = {
                **first, "id": (YEARS_UP_TO - year) * SERIALS + SERIALS - 1 - serial, "report_id": f"{serial * 7919 % count:024d}",
                "year": year, "portal": "rare" if serial < RARE else f"p{serial % 100}", "status": "live",
            }  # fmt: skip
            ids.append(row["report_id"])
            db.execute(f"insert into reports values ({', '.join('?' * len(row))})", tuple(row.values()))
            db.execute("insert into words (rowid, text) values (?, ?)", (row["id"], pairs(TEXT)))
        for portal in range(count):
            for run in ("run-1", "run-2"):
                status = ("ok", "ok", "blocked", "failed")[portal % 4]
                db.execute("insert into outcomes values (?, ?, ?, null, '{}')", (f"portal-{portal:05d}", run, status))
        for run in ("run-1", "run-2"):
            statuses = f'{{"ok": {count // 2}, "blocked": {count // 4}, "failed": {count // 4}}}'
            db.execute("insert into runs values (?, '', '', ?, '{}')", (run, statuses))
    return Sized(Index(path, index.uri), ids[::-1])


@pytest.fixture(scope="module")
def both(index: Index, tmp_path_factory: pytest.TempPathFactory) -> tuple[Sized, Sized]:
    folder = tmp_path_factory.mktemp("sizes")
    return sized(index, folder / "few.sqlite", FEW), sized(index, folder / "many.sqlite", MANY)


RUN = {"limit": 100, "ended": None, "portal": None, "after": None}
QUESTIONS: dict[str, Callable[[Index], Any]] = {
    "the feed of everything": lambda index: lookup.news(index, {"limit": 50}),
    "the feed of a word in every report": lambda index: lookup.news(index, {"q": "申请", "limit": 50}),
    "a later page of it": lambda index: lookup.news(index, {"q": "申请", "limit": 50, "after": SERIALS - 200}),
    "the feed of a province": lambda index: lookup.news(index, {"province": "33", "limit": 50}),
    "a word in every report": lambda index: lookup.search(index, {"q": "申请", "limit": 20}),
    "a word in every report, on one portal": lambda index: lookup.search(
        index, {"q": "申请", "portal": "rare", "limit": 20}
    ),
    "the feed of the same": lambda index: lookup.news(index, {"q": "申请", "portal": "rare", "limit": 50}),
    "a run": lambda index: lookup.run(index, "run-2", RUN),
    "the portals of a run that did well": lambda index: lookup.run(index, "run-2", {**RUN, "ended": "ok"}),
    "a later page of a run": lambda index: lookup.run(index, "run-2", {**RUN, "after": "portal-00301"}),
    "the runs": lambda index: lookup.runs(index, 8),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_it_costs_the_same_in_an_archive_ten_times_as_large(
    both: tuple[Sized, Sized], question: Callable[[Index], Any]
) -> None:
    for size in both:
        question(size.index)  # what is counted once after an update is counted
    few, many = (size.steps(lambda size=size: question(size.index)) for size in both)
    assert few > 0
    assert many < 1.5 * few, f"{few} steps in {FEW} reports, {many} in {MANY}"


def overview(index: Index) -> None:
    """What the overview is made of."""
    lookup.marks(index)
    lookup.totals(index)
    lookup.changes(index)
    lookup.unread(index, lookup.UNREAD_SHOWN)
    lookup.latest(index, lookup.LATEST_SHOWN)
    lookup.runs(index, 8)
    lookup.agencies(index, {"limit": 24})


def test_what_is_counted_after_an_update_is_counted_before_a_reader_asks(both: tuple[Sized, Sized]) -> None:
    steps = []
    for size in both:
        opened = Sized(Index(size.index.path, size.index.uri), size.ids)
        lookup.prepare(opened.index)
        steps.append(opened.steps(lambda opened=opened: overview(opened.index)))
    assert 0 < steps[1] < 1.5 * steps[0]


def test_what_counts_everything_is_seen_to_grow(both: tuple[Sized, Sized]) -> None:
    few, many = (size.steps(lambda size=size: size.index.rows("select sum(checks) from reports")) for size in both)
    assert many > 5 * few


@pytest.mark.parametrize("asked", [{}, {"q": "申请"}, {"q": "申请", "province": "33"}], ids=str)
def test_the_pages_of_a_feed_give_every_report_once_the_newest_first(
    both: tuple[Sized, Sized], asked: dict[str, Any]
) -> None:
    size = both[0]
    walked: list[str] = []
    after: int | None = None
    while True:
        found = lookup.news(size.index, {**asked, "limit": 50, "after": after})
        walked += [row["report_id"] for row in found.rows]
        after = found.next
        if after is None:
            break
        assert len(found.rows) == 50
    assert walked == size.ids


def test_a_page_of_a_feed_begins_where_the_one_before_it_ended_though_something_came_between(
    both: tuple[Sized, Sized], tmp_path: Path
) -> None:
    size = both[0]
    shutil.copy(size.index.path, tmp_path / "copy.sqlite")
    grown = Index(tmp_path / "copy.sqlite", size.index.uri)
    first = lookup.news(grown, {"q": "申请", "limit": 20})
    with closing(sqlite3.connect(grown.path)) as db, db:
        values = list(db.execute("select * from reports order by id limit 1").fetchone())
        values[0:2] = [(YEARS_UP_TO - 2012) * SERIALS + SERIALS - 1 - FEW, "f" * 24]
        db.execute(f"insert into reports values ({', '.join('?' * len(values))})", values)
        db.execute("insert into words (rowid, text) values (?, ?)", (values[0], pairs(TEXT)))
    assert lookup.news(grown, {"q": "申请", "limit": 20}).rows[0]["report_id"] == "f" * 24
    second = lookup.news(grown, {"q": "申请", "limit": 20, "after": first.next})
    assert [row["report_id"] for row in second.rows] == size.ids[20:40]


def test_the_pages_of_a_run_give_every_portal_once_those_that_ended_worst_first(both: tuple[Sized, Sized]) -> None:
    size = both[0]
    walked: list[tuple[str, str]] = []
    after: str | None = None
    while True:
        found = lookup.run(size.index, "run-2", {**RUN, "limit": 70, "after": after})
        assert found is not None
        walked += [(each["before"]["status"], each["portal"]) for each in found[0]["portals"]]
        after = found[1]
        if after is None:
            break
    order = ("failed", "blocked", "ok")
    assert walked == sorted(walked, key=lambda each: (order.index(each[0]), each[1]))
    assert len({portal for _, portal in walked}) == len(walked) == FEW
