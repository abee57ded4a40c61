"""When a known report is looked at again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.items import Sighting
from spiders.schedule import is_due, looked_at_since, period, recheck_of_all_since


@pytest.mark.parametrize(
    ("report_year", "today", "days"),
    [
        (2025, date(2026, 1, 1), 1),
        (2024, date(2026, 4, 30), 1),
        (2025, date(2026, 5, 1), 7),
        (2026, date(2026, 12, 31), 7),
        (2027, date(2026, 2, 1), 1),
        (2023, date(2026, 2, 1), 30),
        (2022, date(2026, 2, 1), 365),
        (None, date(2026, 2, 1), 365),
    ],
)
def test_periods_follow_age_and_season(report_year: int | None, today: date, days: int) -> None:
    assert period(report_year, today) == days


def test_in_season_every_night_whatever_the_hour_of_the_last_look() -> None:
    last = datetime(2026, 1, 10, 17, 40, tzinfo=UTC)  # 01:40 of the 11th in China
    assert not is_due(2025, last, datetime(2026, 1, 11, 15, 0, tzinfo=UTC), "a")  # 23:00 of the same day there
    assert is_due(2025, last, datetime(2026, 1, 11, 17, 5, tzinfo=UTC), "a")  # 01:05 of the 12th: not 24 hours later


def test_what_was_never_had_is_due() -> None:
    assert is_due(2010, None, datetime(2026, 6, 1, tzinfo=UTC), "a")


def test_what_no_list_shows_any_more_is_looked_at_within_a_week_however_old_it_is() -> None:
    night = datetime(2026, 6, 1, 18, tzinfo=UTC)
    for year in (2012, 2025, None):
        assert is_due(year, night, night + timedelta(days=7), "a", listed=False)
    assert not is_due(2012, night, night + timedelta(hours=1), "a", listed=False)


def test_reports_first_seen_in_one_night_are_not_due_in_one_night_again() -> None:
    night = datetime(2026, 5, 3, 18, tzinfo=UTC)
    days = Counter(
        next(day for day in range(400) if is_due(2015, night, night + timedelta(days=day), f"//gov.test/{n}"))
        for n in range(1500)
    )
    assert len(days) > 330
    assert max(days.values()) < 20
    assert min(days) > 0
    assert max(days) <= 366


@pytest.mark.parametrize(("report_year", "looks"), [(2015, 1), (2023, 12), (2024, 120 + 35)])
def test_a_year_of_nights_looks_as_often_as_the_table_says(report_year: int, looks: int) -> None:
    for address in ("a", "b", "c"):
        fetched, count = datetime(2025, 12, 31, 17, tzinfo=UTC), 0
        for night in range(365):
            now = datetime(2026, 1, 1, 17, 30, tzinfo=UTC) + timedelta(days=night)
            if is_due(report_year, fetched, now, address):
                fetched, count = now, count + 1
        assert looks - 1 <= count <= looks + 2


ALL, DUE = "-0000000a-all", "-0000000a"


@pytest.mark.parametrize(
    ("cut_off", "since"),
    [
        ([], None),
        ([f"20260601T010000Z{DUE}"], None),  # what it has looked at is not all that is to be looked at
        ([f"20260601T010000Z{ALL}"], "20260601T010000Z"),
        ([f"20260601T010000Z{ALL}", f"20260531T220000Z{DUE}", f"20260531T220000Z{ALL}"], "20260531T220000Z"),
        ([f"20260531T220000Z{ALL}", f"20260530T220000Z{ALL}", f"20260501T220000Z{ALL}"], "20260530T220000Z"),
        ([f"20260530T220000Z{ALL}"], None),  # nobody went on with it in time
        ([f"of-others{ALL}"], None),
    ],
)
def test_a_look_at_everything_that_was_cut_off_is_gone_on_with(cut_off: list[str], since: str | None) -> None:
    begun = recheck_of_all_since(cut_off, datetime(2026, 6, 1, 22, tzinfo=UTC))
    assert (begun and f"{begun:%Y%m%dT%H%M%SZ}") == since


def test_what_was_looked_at_and_had_since_then_is_done() -> None:
    now = datetime(2026, 6, 1, 22, tzinfo=UTC)
    seen = Sighting("run", "linhu", now, "http://www.linhu.gov.cn/1", "unchanged", report_id="a", metadata_digest="b",
                    fetched=now)  # fmt: skip
    assert looked_at_since(now, seen)
    assert not looked_at_since(None, seen)
    assert not looked_at_since(now, replace(seen, fetched=now - timedelta(seconds=1)))
    assert not looked_at_since(now, replace(seen, fetched=None))
    assert not looked_at_since(now, replace(seen, outcome="missing"))
    assert not looked_at_since(now, replace(seen, report_id=None))
