"""Spans of report years, and the year a title names."""

from __future__ import annotations

import re

from crawler.errors import UsageError

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=\s*年|年度|[^\d]|$)")


def span(years: str | None) -> tuple[int, int] | None:
    """``2018-2024`` or ``2020`` as first and last year; ``None`` for no limit. Raises ``UsageError``."""
    if not years:
        return None
    match = re.fullmatch(r"\s*(\d{4})\s*(?:[-–]\s*(\d{4})\s*)?", years)
    if not match:
        raise UsageError(f"--years takes a year or a span like 2018-2024, not {years!r}")
    first, last = int(match[1]), int(match[2] or match[1])
    if first > last:
        raise UsageError(f"--years {years}: the first year is after the last")
    return first, last


def year_in(title: str) -> int | None:
    """The one year a title names; ``None`` where it names none or several."""
    found = {int(year) for year in _YEAR.findall(title)}
    return found.pop() if len(found) == 1 else None
