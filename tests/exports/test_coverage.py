"""Which agencies × years are archived, missing, late, altered or gone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from crawler import heatmap
from crawler.deadlines import deadline
from storage.coverage import Reason, State, coverage
from storage.queries import Filters


@pytest.mark.parametrize(
    ("agency", "year", "expected"),
    [
        ("某县水务局", 2022, date(2023, 1, 31)),
        ("某市发展和改革委员会", 2019, date(2020, 1, 31)),
        ("某市人民政府外事办公室", 2022, date(2023, 1, 31)),
        ("某县人民政府", 2022, date(2023, 3, 31)),
        ("某县人民政府办公室", 2022, date(2023, 3, 31)),
        ("某街道办事处", 2022, date(2023, 3, 31)),
        ("某经济开发区管理委员会", 2022, date(2023, 3, 31)),
        ("某县", 2022, date(2023, 3, 31)),
        ("某市人民政府国有资产监督管理委员会", 2022, date(2023, 1, 31)),
        ("某县水务局", 2018, date(2019, 3, 31)),
    ],
)
def test_deadlines(agency, year, expected):
    assert deadline(agency, year) == expected


def publish(hand, report_id, year, on=None, **changes):
    published = on or date(year + 1, 1, 20)
    time = datetime(published.year, published.month, published.day, 4, tzinfo=UTC)
    changes.setdefault("time", time)
    return hand.file(report_id, report_year=year, published_on=published, **changes)


def complete(hand, run, day, **outcome):
    hand.end(run, finished=f"{day}T00:00:00+00:00", portals={"mou": {"status": "ok", "settled": True} | outcome})


def states(archive, **filters):
    (row,) = coverage(archive, Filters(**filters)).rows
    return {cell.year: [state.value for state in cell.states] for cell in row.cells}


def test_a_year_between_two_others_is_missing(archive, hand):
    publish(hand, "aa01", 2019)
    publish(hand, "aa02", 2022)
    assert states(archive) == {2019: ["archived"], 2020: ["missing"], 2021: ["missing"], 2022: ["archived"]}


def test_the_years_asked_for_are_those_shown_not_those_looked_at(archive, hand):
    publish(hand, "aa01", 2019)
    publish(hand, "aa02", 2022)
    assert states(archive, years=(2020, 2020)) == {2020: ["missing"]}


def test_a_year_is_due_once_a_complete_crawl_after_the_deadline_did_not_find_it(archive, hand):
    publish(hand, "aa01", 2022)
    complete(hand, "run-1", "2024-01-31")
    assert states(archive) == {2022: ["archived"]}
    complete(hand, "run-2", "2024-02-02", status="incomplete")
    complete(hand, "run-2b", "2024-02-02", settled=False)  # of some years only
    assert states(archive) == {2022: ["archived"]}
    complete(hand, "run-3", "2024-02-02")
    assert states(archive) == {2022: ["archived"], 2023: ["missing"]}
    complete(hand, "run-4", "2026-02-02")
    (row,) = coverage(archive).rows
    assert [(cell.year, cell.reason) for cell in row.cells[1:]] == [
        (2023, Reason.SILENT),
        (2024, Reason.SILENT),
        (2025, Reason.DUE),
    ]


def test_a_government_has_until_the_end_of_march(archive, hand):
    publish(hand, "aa01", 2022, agency="某县人民政府")
    complete(hand, "run-1", "2024-03-30")
    assert states(archive) == {2022: ["archived"]}


def test_late_is_a_printed_date_after_the_deadline(archive, hand):
    publish(hand, "aa01", 2022, on=date(2023, 2, 10))
    assert states(archive) == {2022: ["archived", "late"]}


def test_a_report_seen_before_the_date_it_prints_is_not_late(archive, hand):
    publish(hand, "aa01", 2022, on=date(2023, 6, 1), time=hand.day(0))
    assert states(archive) == {2022: ["archived"]}


def test_a_report_without_a_date_is_not_said_to_be_late(archive, hand):
    hand.file("aa01", time=hand.day(300), published_on=None)
    assert states(archive) == {2022: ["archived"]}


def test_a_changed_body_or_number_is_altered_and_changed_metadata_is_not(archive, hand):
    publish(hand, "aa01", 2022, body="甲")
    publish(hand, "aa01", 2022, number=2, run="run-2", body="甲", publisher="另一机关", changed=("metadata",))
    assert states(archive) == {2022: ["archived"]}
    publish(hand, "aa01", 2022, number=3, run="run-3", body="乙")
    assert states(archive) == {2022: ["archived", "altered"]}


def test_a_page_read_anew_by_another_extractor_is_not_altered(archive, hand):
    publish(hand, "aa01", 2022, body="甲")
    publish(hand, "aa01", 2022, number=2, run="run-2", body="甲。", extractor="nianbao/2")
    assert states(archive) == {2022: ["archived"]}


def test_a_report_taken_down_is_gone(archive, hand):
    version = publish(hand, "aa01", 2022)
    hand.sight(hand.seen(version, "gone", run="run-2", time=hand.day(60)))
    assert states(archive) == {2022: ["archived", "gone"]}
    assert states(archive, as_of=hand.day(30)) == {2022: ["archived"]}


def test_what_cannot_be_placed_is_counted(archive, hand):
    hand.file("aa01", agency=None)
    hand.file("bb01", report_year=None)
    found = coverage(archive)
    assert (found.rows, found.unassigned) == ((), ("aa01", "bb01"))


def test_it_is_data(archive, hand):
    publish(hand, "aa01", 2022)
    found = json.loads(json.dumps(coverage(archive).as_json()))
    assert found["totals"] == {"archived": 1, "late": 0, "altered": 0, "unreadable": 0, "gone": 0, "missing": 0}
    assert found["rows"][0]["cells"][0] == {
        "year": 2022,
        "states": ["archived"],
        "deadline": "2023-01-31",
        "published_on": "2023-01-20",
        "reports": ["aa01"],
        "reason": None,
    }


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)


def test_the_heat_map_stands_alone_and_runs_nothing(archive, hand):
    name = '<script>alert(1)</script>"局'
    publish(hand, "aa01", 2020, agency=name)
    publish(hand, "aa02", 2022, agency=name)
    found = coverage(archive)
    page = Page(heatmap.page(found))
    assert not {"script", "img", "a", "iframe"} & set(page.tags)
    assert {value for attribute, value in page.attributes if attribute in ("src", "href")} == {"data:,"}
    assert name in page.text
    assert State.MISSING in found.rows[0].cells[1].states


def test_a_report_without_a_text_is_unreadable(archive, hand):
    publish(hand, "aa01", 2020, body=None)
    assert coverage(archive).rows[0].cells[0].states == (State.ARCHIVED, State.UNREADABLE)
