"""Dates that a byline prints without a label."""

from __future__ import annotations

import re

from pipelines.reading.markup import EDGE, Line

_TIME = re.compile(r"\d{1,2}[:：]\d{2}")
DATE_ONLY = re.compile(r"(?:19|20)\d{2}\s*[-年./]\s*\d{1,2}\s*[-月./]\s*\d{1,2}\s*日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")


def without_date(line: Line) -> str:
    """A line's text without the bare date that an element of its own prints behind it."""
    head, _, last = line.marked.rstrip(EDGE + " ").rpartition(EDGE)
    return head.replace(EDGE, "") if head and DATE_ONLY.fullmatch(last.strip()) else line.text


def is_byline_date(text: str) -> bool:
    """Whether a line is a date with a time of day: printed by the portal, never by a report's author."""
    return bool(DATE_ONLY.fullmatch(text.strip()) and _TIME.search(text))
