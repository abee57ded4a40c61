"""Dates as Chinese portals print them. Portal times are China Standard Time; a date is that of the portal's day."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

CHINA = timezone(timedelta(hours=8))
EARLIEST, LATEST = 1949, 2100
# What stands for zero in 二〇一八年: beside 〇 and 零 circles, the Latin, the Greek and the Cyrillic letter, the digit.
ZERO = "〇○◯零0Oo\u039f\u03bf\u041e\u043e"
_DIGITS = dict.fromkeys((*ZERO, "Ｏ"), 0)
_DIGITS |= {numeral: digit for digit, numeral in enumerate("一二三四五六七八九", start=1)}
_DIGITS["元"] = 1
CHINESE_YEAR = f"[{ZERO}一二三四五六七八九]{{4}}"
_CHINESE = re.compile(
    rf"({CHINESE_YEAR})\s*年\s*(元|[{ZERO}一二三四五六七八九十]{{1,3}})\s*月\s*([{ZERO}一二三四五六七八九十廿卅]{{1,4}})\s*[日号]?"
)
_NUMERIC = re.compile(
    r"(?<!\d)((?:19|20)\d{2})\s*(?:年|[-－–—/.．])\s*(\d{1,2}|元(?=\s*月))\s*(?:月|[-－–—/.．])\s*(\d{1,2})(?!\d)\s*[日号]?"
)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_ZONED = re.compile(
    r"((?:19|20)\d{2})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})", re.I
)
_EPOCH = re.compile(r"^\s*(1\d{9}|1\d{12})\s*$")
_ENGLISH = re.compile(r"[A-Za-z]{3,}")


@dataclass(frozen=True, slots=True)
class Damaged:
    """A date whose 年, 月 and 日 are lost (``2017128``) and the days it can have been."""

    printed: str
    candidates: tuple[date, ...]


def read_date(value: str | None) -> date | None:
    """The first date in a value, in China's time zone; ``None`` where there is none or no such day exists."""
    if not value:
        return None
    text = unicodedata.normalize("NFKC", value).strip()
    if not text:
        return None
    zoned = _ZONED.search(text)
    if zoned:
        return _zoned(zoned)
    epoch = _EPOCH.match(text)
    if epoch:
        seconds = int(epoch.group(1)[:10])
        return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).date()
    for pattern in (_NUMERIC, _COMPACT):
        for match in pattern.finditer(text):
            found = _numbered(match)
            if found:
                return found
    chinese = _chinese(value) or _chinese(text)
    if chinese:
        return chinese
    return _by_dateparser(text) if len(text) <= 40 and _ENGLISH.search(text) and re.search(r"\d{4}", text) else None


def chinese_year(text: str) -> int | None:
    """The year written as 二〇一八年 in a text, or ``None``."""
    match = re.search(rf"({CHINESE_YEAR})\s*年", text)
    return int("".join(str(_DIGITS[char]) for char in match.group(1))) if match else None


def whole_date(line: str) -> date | None:
    """The date a line consists of, brackets and white space aside, or ``None`` where anything else stands on it."""
    text = unicodedata.normalize("NFKC", line).strip(" \t\u00a0()[]〔〕【】。.,;:")
    text = re.sub(r"\(?(?:星期|周)[一二三四五六日天]\)?$", "", re.sub(r"\s+", "", text))
    if len(text) > 20:
        return None
    match = _NUMERIC.fullmatch(text)
    if match:
        return _numbered(match)
    if _CHINESE.fullmatch(text):
        return _chinese(text)
    return None


def trailing_date(line: str) -> tuple[str, date] | None:
    """What stands on a line before the date that ends it, and that date; ``None`` where it does not end with one."""
    for pattern in (_NUMERIC, _CHINESE):
        last = None
        for match in pattern.finditer(line):
            last = match
        if last is not None and not line[last.end() :].strip(" \t\u00a0\u3000)）。.印发"):
            found = _numbered(last) if pattern is _NUMERIC else _chinese(last.group())
            if found:
                return line[: last.start()], found
    return None


def damaged_date(line: str) -> Damaged | None:
    """A line of six to eight digits that was a date before its 年, 月 and 日 were lost, with every day it can mean."""
    match = re.fullmatch(r"\W*((?:19|20)\d{2})(\d{2,4})\W*", unicodedata.normalize("NFKC", line).strip())
    if match is None:
        return None
    year, tail = int(match.group(1)), match.group(2)
    days = {_day(year, int(tail[:cut]), int(tail[cut:])) for cut in (1, 2) if 0 < len(tail) - cut <= 2}
    found = tuple(sorted(day for day in days if day))
    return Damaged(match.group(1) + tail, found) if found else None


def settle(damaged: Damaged, witnesses: Iterable[date | None], published: date | None) -> date | None:
    """The day a damaged date means where a second witness decides it: a date that is the same, or no other possible."""
    known = {witness for witness in witnesses if witness}
    agreeing = [day for day in damaged.candidates if day in known]
    if len(agreeing) == 1:
        return agreeing[0]
    if published is None:
        return None
    possible = [day for day in damaged.candidates if day <= published]
    return possible[0] if len(possible) == 1 else None


def _zoned(match: re.Match[str]) -> date | None:
    year, month, day, hour, minute = (int(match.group(group)) for group in range(1, 6))
    sign = match.group(7).upper()
    offset = timedelta(0)
    if sign[0] in "+-":
        digits = sign[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (-1 if sign[0] == "-" else 1)
    try:
        moment = datetime(year, month, day, hour, minute, int(match.group(6) or 0), tzinfo=timezone(offset))
    except ValueError:
        return None
    return moment.astimezone(CHINA).date()


def _numbered(match: re.Match[str]) -> date | None:
    """The day of a match that holds year, month (元月 is January) and day in digits."""
    year, month, day = match.groups()
    return _day(int(year), 1 if month == "元" else int(month), int(day))


def _day(year: int, month: int, day: int) -> date | None:
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _chinese(text: str) -> date | None:
    match = _CHINESE.search(text)
    if match is None:
        return None
    year = int("".join(str(_DIGITS[char]) for char in match.group(1)))
    month, day = _number(match.group(2)), _number(match.group(3))
    return _day(year, month, day) if month and day else None


def _number(numeral: str) -> int | None:
    """一 … 三十一, 廿八, 〇九; ``None`` for what is no such number."""
    numeral = numeral.replace("廿", "二十").replace("卅", "三十")
    if "十" not in numeral:
        digits = "".join(str(_DIGITS[char]) for char in numeral)
        return int(digits)
    tens, _, ones = numeral.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return None
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


@lru_cache(maxsize=256)
def _by_dateparser(text: str) -> date | None:
    """What dateparser makes of the rest (English month names). 昨天 is no date here."""
    import dateparser

    found = dateparser.parse(
        text,
        languages=["zh", "en"],
        settings={
            "STRICT_PARSING": True,
            "PARSERS": ["absolute-time"],
            "TIMEZONE": "Asia/Shanghai",
            "DATE_ORDER": "YMD",
        },
    )
    return found.date() if found and EARLIEST <= found.year <= LATEST else None
