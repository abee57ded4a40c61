"""What an exported record says of its report once the archive is asked: repeated text, and lateness put right."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawler.items import Check
from crawler.years import against_the_year_before
from storage import open_archive
from storage.queries import Filters, history, select
from tests.exports.conftest import Hand, day
from tests.reading.test_repetition import LAST_YEAR, OTHER

LATE = Check("publication.deadline", "published_on", "2023-01-31", "2023-05-04", "warning")


@pytest.fixture
def hand(tmp_path: Path) -> Hand:
    return Hand(open_archive(str(tmp_path / "archive"), create=True))


def file(hand: Hand, name: str, year: int, body: str, number: int = 1, **changes: Any) -> None:
    version = hand.version(
        name, number, run=f"run-{name}-{number}", report_year=year, agency="某县水务局", body=body, statistics=None,
        **{"checks": (), **changes},
    )  # fmt: skip
    hand.sight(hand.seen(version, "new", kind="annual_report", agency="某县水务局", report_year=year))


def record(hand: Hand, report: str) -> dict[str, Any]:
    selected = select(hand.archive, Filters(reports=(report,)), compared=against_the_year_before)
    (found,) = [each.record for each in selected]
    assert history(hand.archive, report, against_the_year_before).records[-1] == found
    return found


def rules(found: dict[str, Any]) -> list[str]:
    return [check["rule"] for check in found["checks"]]


def test_the_share_of_repeated_text_stands_in_the_record_and_too_much_is_a_warning(hand: Hand) -> None:
    file(hand, "aa2021", 2021, LAST_YEAR)
    file(hand, "aa2022", 2022, LAST_YEAR)
    found = record(hand, "aa2022")
    assert found["details"]["repeated"] == {"share": 1.0, "report_id": "aa2021", "version": 1}
    (check,) = found["checks"]
    assert check == {
        "rule": "years.repeated", "where": "body", "expected": "<=0.5", "found": "1.000", "severity": "warning",
    }  # fmt: skip


def test_a_report_written_anew_has_a_share_and_no_warning(hand: Hand) -> None:
    file(hand, "aa2021", 2021, LAST_YEAR)
    file(hand, "aa2022", 2022, "\n\n".join(OTHER))
    found = record(hand, "aa2022")
    assert (found["details"]["repeated"]["share"], rules(found)) == (0.0, [])


def test_without_the_year_before_nothing_is_said_of_repetition(hand: Hand) -> None:
    file(hand, "aa2020", 2020, LAST_YEAR)
    file(hand, "aa2022", 2022, LAST_YEAR)
    found = record(hand, "aa2022")
    assert rules(found) == []
    assert "repeated" not in (found["details"] or {})


def test_the_first_look_puts_a_date_printed_anew_right(hand: Hand) -> None:
    printed: dict[str, Any] = {"published_on": date(2023, 5, 4), "checks": (LATE,)}
    file(hand, "aa2022", 2022, LAST_YEAR, time=day(0))  # 20 January
    file(hand, "aa2022", 2022, LAST_YEAR, number=2, time=day(110), **printed)
    file(hand, "bb2022", 2022, LAST_YEAR, time=day(110), **printed)
    assert rules(record(hand, "aa2022")) == []
    assert rules(record(hand, "bb2022")) == ["publication.deadline"]


def test_seen_on_the_last_day_in_china_is_seen_in_time(hand: Hand) -> None:
    printed: dict[str, Any] = {"published_on": date(2023, 5, 4), "checks": (LATE,)}
    file(hand, "aa2022", 2022, LAST_YEAR, time=day(11.5), **printed)  # 31 January, 22:00 in Beijing
    file(hand, "bb2022", 2022, LAST_YEAR, time=day(11.6), **printed)  # 1 February there
    assert rules(record(hand, "aa2022")) == []
    assert rules(record(hand, "bb2022")) == ["publication.deadline"]


def test_what_is_filed_stays_as_it_is(hand: Hand) -> None:
    file(hand, "aa2021", 2021, LAST_YEAR)
    file(hand, "aa2022", 2022, LAST_YEAR)
    before = hand.archive.version("aa2022", 1)
    record(hand, "aa2022")
    assert hand.archive.version("aa2022", 1) == before
