"""One cell of a statutory table as a number, or the reason why it is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache

from pipelines.reading.widths import half_width

Number = int | float

_MINUS = r"\-‐‑‒–—―─━−－﹣"
_BLANK = re.compile(rf"[{_MINUS}/\\]*|N/?A|n/?a")
_DIGITS = r"(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<fraction>\.\d+)?"
_UNIT = r"(?:\(?(?P<unit>件次|件|条|项|宗|个|次|份|例|起|部|篇|亿元|万元|千元|元|亿|万)\)?)?"
_NUMBER = re.compile(rf"(?P<sign>[+{_MINUS}]*){_DIGITS}{_UNIT}")
_WORDED_CHANGE = re.compile(rf"(?P<word>增加|减少|增|减|↑|↓){_DIGITS}{_UNIT}")
_SPACE = re.compile(r"\s+")
_ZERO_WIDTH = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]+")
_MONEY = {
    "元": Decimal("0.0001"),
    "千元": Decimal("0.1"),
    "万元": Decimal(1),
    "万": Decimal(1),
    "亿元": Decimal(10_000),
    "亿": Decimal(10_000),
}
LONGEST = 15  # digits; more is no count, and is not what a reader with floats would get


class Sort(Enum):
    """What a column counts, and so which numbers it may hold."""

    COUNT = "count"
    CHANGE = "change"  # 本年增/减: the only column with a sign
    AMOUNT = "amount"  # 万元


@dataclass(frozen=True, slots=True)
class Printed:
    """What a cell says: a number, nothing (blank is not zero), or something that is no number."""

    value: Number | None
    problem: str | None = None


BLANK = Printed(None)


def header_unit(label: str) -> str | None:
    """The money unit a column's header names."""
    found = re.search(r"亿元|万元|千元|元", label)
    return found.group() if found else None


@lru_cache(maxsize=4096)  # a form repeats its few texts hundreds of times
def number(text: str, sort: Sort = Sort.COUNT, unit: str | None = None) -> Printed:
    """The number a cell prints. ``unit``: the header's money unit, for an amount without one of its own.

    Only full-width ASCII is folded: NFKC would make ``31`` of ``3①``.
    """
    ascii_text = _ZERO_WIDTH.sub("", half_width(text))
    words = _SPACE.sub(" ", ascii_text).strip()
    if re.fullmatch(rf"[+{_MINUS}]? ?\d{{1,3}}(?: \d{{3}})+(?:\.\d+)?", words):
        words = words.replace(" ", ",").replace("-,", "-").replace("+,", "+")
    if re.search(r"\d [\d.]|\. \d", words):
        return Printed(None, f"two numbers in one cell: {words!r}")
    bare = words.replace(" ", "")
    if _BLANK.fullmatch(bare):
        return BLANK
    if any(len(digits) > LONGEST for digits in re.findall(r"\d+", bare.replace(",", ""))):
        return Printed(None, f"longer than any count: {words[:40]!r}")
    if sort is Sort.CHANGE and (worded := _WORDED_CHANGE.fullmatch(bare)):
        magnitude = _count(worded)
        if magnitude is not None and _is_count_unit(worded["unit"]):
            return Printed(-magnitude if worded["word"] in ("减", "减少", "↓") else magnitude)
    found = _NUMBER.fullmatch(bare)
    if found is None:
        return Printed(None, f"not a number: {words!r}")
    if sort is Sort.AMOUNT:
        return _amount(found, words, unit)
    value = _count(found)
    if value is None or not _is_count_unit(found["unit"]):
        return Printed(None, f"not a count: {words!r}")
    sign = found["sign"]
    if sign and sort is not Sort.CHANGE:
        return Printed(None, f"a signed number in a column without signs: {words!r}")
    if "+" in sign and sign != "+":
        return Printed(None, f"two signs: {words!r}")
    return Printed(-value if sign not in ("", "+") else value)


def _amount(found: re.Match[str], words: str, unit: str | None) -> Printed:
    if found["sign"]:
        return Printed(None, f"a signed amount: {words!r}")
    own = found["unit"]
    if own is not None and own not in _MONEY:
        return Printed(None, f"not an amount: {words!r}")
    money = Decimal(found["digits"].replace(",", "") + (found["fraction"] or ""))
    return Printed(float(money * _MONEY[own or unit or "万元"]))


def _count(found: re.Match[str]) -> int | None:
    """A whole number; spreadsheets print 3 as 3.0."""
    fraction = found["fraction"]
    if fraction and fraction.strip(".0"):
        return None
    return int(found["digits"].replace(",", ""))


def _is_count_unit(unit: str | None) -> bool:
    return unit is None or unit not in _MONEY
