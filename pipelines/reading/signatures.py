"""The signature under a report: who signs, and on which day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.reading.agencies import organisation
from pipelines.reading.dates import Damaged, damaged_date, trailing_date, whole_date

_LAST_LINES = 6
_DAY = re.compile(r"\d{4}|\d{2}\s*日|[０-９]{4}|年")


@dataclass(frozen=True, slots=True)
class Signature:
    """Agency and day as signed; a damaged day stays so until a second witness settles it."""

    agency: str | None = None
    day: date | None = None
    damaged: Damaged | None = None
    at: int | None = None  # which of the lines holds the day


def signature(lines: Sequence[str | None]) -> Signature:
    """The signature among the lines of a body (``None`` stands for a table or picture), searched from its end."""
    written = [index for index, line in enumerate(lines) if line]
    last = set(written[-_LAST_LINES:])
    for index in reversed(written):
        line = lines[index] or ""
        if len(line) > 60 or not _DAY.search(line):
            continue
        day = whole_date(line)
        if day is not None:
            agency = _beside(lines, index)
            if agency or index in last:
                return Signature(agency, day, None, index)
            continue
        ended = trailing_date(line)
        if ended is not None and index in last | _after_half(written):
            agency = organisation(ended[0])
            if agency:
                return Signature(agency, ended[1], None, index)
        if index in last:
            damaged = damaged_date(line)
            if damaged is not None:
                return Signature(_beside(lines, index), None, damaged, index)
    headnote = _headnote(lines)
    agency = next((found for index in reversed(written[-2:]) if (found := _signer(lines[index]))), None)
    return Signature(agency, headnote)


def _after_half(written: Sequence[int]) -> set[int]:
    return set(written[len(written) // 2 :])


def _beside(lines: Sequence[str | None], index: int) -> str | None:
    """The organisation on the line above the day, or below it."""
    for other in (index - 1, index - 2, index + 1):
        if 0 <= other < len(lines):
            found = _signer(lines[other])
            if found:
                return found
    return None


def _signer(line: str | None) -> str | None:
    if not line or len(line) > 45 or re.match(r"[一二三四五六七八九十\d（(]", line):
        return None
    return organisation(line)


def _headnote(lines: Sequence[str | None]) -> date | None:
    """A day in brackets right below the title (题注)."""
    for line in lines[:2]:
        if line and re.match(r"\s*[（(〔\[]", line):
            return whole_date(line)
    return None
