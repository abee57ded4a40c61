"""Dates as portals and signatures print them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.reading.dates import damaged_date, read_date, settle, trailing_date, whole_date

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
NUMERALS = "〇一二三四五六七八九"


def chinese(day: date, zero: str) -> str:
    year = "".join(NUMERALS[int(digit)] for digit in str(day.year)).replace("〇", zero)

    def number(value: int) -> str:
        tens, ones = divmod(value, 10)
        return ("" if tens == 0 else "十" if tens == 1 else NUMERALS[tens] + "十") + (NUMERALS[ones] if ones else "")

    return f"{year}年{number(day.month)}月{number(day.day)}日"


@settings(deadline=None)
@given(
    DAYS, st.sampled_from(["{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y.%m.%d}", "{0:%Y}年{0:%m}月{0:%d}日", "{0:%Y%m%d}"])
)
def test_numeric_dates(day: date, form: str) -> None:
    assert read_date(form.format(day)) == day
    assert read_date("发布于 " + form.format(day) + " 10:20") == day


@settings(deadline=None)
@given(DAYS)
def test_dates_without_leading_zeros_and_with_gaps(day: date) -> None:
    assert read_date(f"{day.year} 年 {day.month} 月 {day.day} 日") == day
    assert read_date(f"{day.year}-\n{day.month}-\n{day.day}") == day


@settings(deadline=None)
@given(DAYS, st.sampled_from("〇○◯零0Oo\u039f\u041e"))
def test_dates_in_chinese_numerals_with_every_zero(day: date, zero: str) -> None:
    assert read_date(chinese(day, zero)) == day
    assert whole_date(f"　　{chinese(day, zero)}") == day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("２０１８年３月２８日", date(2018, 3, 28)),
        ("2018-03-28T20:00:00Z", date(2018, 3, 29)),  # 04:00 the next day in China
        ("2018-03-28T20:00:00+08:00", date(2018, 3, 28)),
        ("1522224000", date(2018, 3, 28)),
        ("1522252799000", date(2018, 3, 28)),
        ("March 28, 2018", date(2018, 3, 28)),
        ("2018年元月28日", date(2018, 1, 28)),
        ("二〇一八年元月二十八日", date(2018, 1, 28)),
        ("2018-02-30", None),
        ("", None),
        ("昨天", None),
        ("3天前", None),
        ("长期有效", None),
        ("12345678901234", None),
    ],
)
def test_odd_dates(text: str, expected: date | None) -> None:
    assert read_date(text) == expected


def test_a_line_is_a_date_only_as_a_whole() -> None:
    assert whole_date("（2018年1月20日）") == date(2018, 1, 20)
    assert whole_date("2018年1月20日召开会议") is None
    assert trailing_date("石桥区商务局 2018年1月20日") == ("石桥区商务局 ", date(2018, 1, 20))
    assert trailing_date("截至2018年1月20日共公开78条") is None


def test_a_damaged_date_keeps_every_day_it_can_mean() -> None:
    found = damaged_date("  2017128 ")
    assert found is not None
    assert found.candidates == (date(2017, 1, 28), date(2017, 12, 8))
    only = damaged_date("20181130")
    assert only is not None
    assert only.candidates == (date(2018, 11, 30),)
    assert damaged_date("0577123456") is None


def test_a_damaged_date_is_settled_by_a_second_witness_or_not_at_all() -> None:
    either = damaged_date("2017128")
    late = damaged_date("2021111")
    assert either is not None
    assert late is not None
    assert settle(either, [date(2017, 12, 8)], date(2017, 12, 8)) == date(2017, 12, 8)
    assert settle(either, [], date(2018, 3, 1)) is None
    assert settle(either, [], None) is None
    assert settle(late, [], date(2021, 1, 18)) == date(2021, 1, 11)


@settings(deadline=None)
@given(DAYS)
def test_a_date_that_lost_its_words_can_still_mean_its_day(day: date) -> None:
    found = damaged_date(f"{day.year}{day.month}{day.day}")
    assert found is None or day in found.candidates
