"""The date printed in a list row."""

from __future__ import annotations

import re
from datetime import date

_FULL = re.compile(
    r"(?<!\d)((?:19|20)\d{2})\s*[-/.年\u2010-\u2015－／]\s*(\d{1,2})\s*[-/.月\u2010-\u2015－／]\s*(\d{1,2})(?!\d)\s*日?"
)
_COMPACT = re.compile(r"(?<![\d_])((?:19|20)\d{2})(0[1-9]|1[0-2])([0-2]\d|3[01])(?!\d)")
_MONTH_THEN_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})\s*月?(?![-/.\d])\s+(\d{1,2})(?!\d)\s*日?")
_DAY_THEN_MONTH = re.compile(r"(?<![\d-])(\d{1,2})\s*日?\s+((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})(?!\d)\s*月?")
ONLY = re.compile(
    r"^[\[【(（\s]*(?:(?:发布|更新|成文|生成)?(?:日期|时间)\s*[:：])?\s*(?:(?:19|20)\d{2}\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?"
    r"(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?[\s\]】)）]*$"
)


def in_row(text: str) -> date | None:
    """The date a row's text prints with its year; ``None`` where there is none, or only a month and a day."""
    text = " ".join(text.split())
    for pattern, order in (
        (_FULL, (1, 2, 3)),
        (_MONTH_THEN_DAY, (1, 2, 3)),
        (_DAY_THEN_MONTH, (2, 3, 1)),
        (_COMPACT, (1, 2, 3)),
    ):
        for found in pattern.finditer(text):
            try:
                return date(*(int(found[index]) for index in order))
            except ValueError:
                continue
    return None
