"""A report beside the same agency's report of the year before, whichever of them was crawled first."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from crawler.items import Version
from crawler.years import against_the_year_before
from storage import open_archive
from storage.queries import Filters, history, select
from tests.exports.conftest import STATISTICS, Hand, day


@pytest.fixture
def hand(tmp_path: Path) -> Hand:
    return Hand(open_archive(str(tmp_path / "archive"), create=True))


def statistics(carried_in: int, carried_out: int, in_force: int = 12) -> dict[str, Any]:
    given: dict[str, Any] = deepcopy(STATISTICS)
    given["applications"]["carried_in"]["total"] = carried_in
    given["applications"]["carried_out"] = {"total": carried_out}
    given["disclosure"]["normative_documents"] = {"made": 2, "repealed": 1, "in_force": in_force}
    return given


def file(hand: Hand, name: str, year: int, number: int = 1, agency: str = "某县水务局", **changes: Any) -> Version:
    portal, time = changes.pop("portal", "mou"), changes.pop("time", day(0))
    version = hand.version(
        name, number, run=f"run-{name}-{number}", time=time, report_year=year, agency=agency, portal=portal, **changes
    )
    seen = hand.seen(version, "new", kind="annual_report", agency=agency, report_year=year)
    hand.sight(seen)
    return version


def years_checks(hand: Hand, report: str, **filters: Any) -> list[tuple[str, str, str, str]]:
    selected = select(hand.archive, Filters(reports=(report,), **filters), compared=against_the_year_before)
    (record,) = [each.record for each in selected]
    shown = history(hand.archive, report, against_the_year_before).records[-1]
    if not filters:
        assert shown["checks"] == record["checks"]
    return [
        (check["rule"], check["expected"], check["found"], check["severity"])
        for check in record["checks"]
        if check["rule"].startswith("years.")
    ]


BROKEN = [("years.carried", "3", "5", "warning"), ("years.in_force", "13", "15", "warning")]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_order_in_which_two_years_are_filed_does_not_matter(hand: Hand, order: tuple[int, int]) -> None:
    filing = (
        lambda: file(hand, "aa2022", 2022, statistics=statistics(0, 3, in_force=12)),
        lambda: file(hand, "aa2023", 2023, statistics=statistics(5, 0, in_force=15)),
    )
    for number in order:
        filing[number]()
    assert years_checks(hand, "aa2023") == BROKEN
    assert years_checks(hand, "aa2022") == []


def test_what_is_filed_and_its_digests_stay_as_they_are(hand: Hand) -> None:
    file(hand, "aa2022", 2022, statistics=statistics(0, 3))
    version = file(hand, "aa2023", 2023, statistics=statistics(5, 0))
    years_checks(hand, "aa2023")
    assert hand.archive.version("aa2023", 1) == version


def test_years_that_agree_have_nothing_to_say(hand: Hand) -> None:
    file(hand, "aa2022", 2022, statistics=statistics(0, 5, in_force=12))
    file(hand, "aa2023", 2023, statistics=statistics(5, 0, in_force=13))
    assert years_checks(hand, "aa2023") == []


@pytest.mark.parametrize(
    "other",
    [
        {"agency": "某县教育局"},
        {"portal": "elsewhere"},
        {"year": 2021},
        {"statistics": None},
    ],
)
def test_only_the_same_agencys_year_before_on_the_same_portal_is_held_against_it(
    hand: Hand, other: dict[str, Any]
) -> None:
    given: dict[str, Any] = {"year": 2022, "statistics": statistics(0, 3), **other}
    file(hand, "aa2022", given.pop("year"), **given)
    file(hand, "aa2023", 2023, statistics=statistics(5, 0, in_force=15))
    assert years_checks(hand, "aa2023") == []


def test_where_two_reports_claim_the_year_before_nothing_is_said(hand: Hand) -> None:
    file(hand, "aa2022", 2022, statistics=statistics(0, 3))
    file(hand, "bb2022", 2022, statistics=statistics(0, 4))
    file(hand, "aa2023", 2023, statistics=statistics(5, 0, in_force=15))
    assert years_checks(hand, "aa2023") == []


def test_the_latest_version_of_the_year_before_counts_as_of_that_time(hand: Hand) -> None:
    file(hand, "aa2022", 2022, statistics=statistics(0, 3, in_force=12))
    file(hand, "aa2023", 2023, statistics=statistics(5, 0, in_force=15))
    file(hand, "aa2022", 2022, number=2, time=day(9), statistics=statistics(0, 5, in_force=14))
    assert years_checks(hand, "aa2023") == []
    assert years_checks(hand, "aa2023", as_of=day(1)) == BROKEN
