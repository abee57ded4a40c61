"""The signature under a report: who signs, and on which day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.reading.agencies import organisation
from pipelines.reading.blocks import Block, Paragraph, Table
from pipelines.reading.dates import Damaged, damaged_date, trailing_date, whole_date

_LAST_LINES = 6
_FEW_LINES = 6  # printed ones, of a table that only moves the signature to the right
_SIGNED_LABEL = re.compile(
    r"^\s*(?:(?:报告|填报|编制|落款|成文)(?:日期|时间|单位|机关)|日\s*期|时\s*间)\s*[:：]\s*"
)  # 报告单位：…, 报告日期：…
_PRINTER = re.compile(r"印\s*发\s*[)）]?\s*$")  # …办公室 2019年1月20日印发: the day of printing
_DAY = re.compile(r"\d{4}|\d{2}\s*日|[０-９]{4}|年")


@dataclass(frozen=True, slots=True)
class Signature:
    """Agency and day as signed; a damaged day stays so until a second witness settles it."""

    agency: str | None = None
    day: date | None = None
    damaged: Damaged | None = None
    at: int | None = None  # which of the lines holds the day


def signature_under(blocks: Sequence[Block]) -> Signature:
    """The signature under a report, whether in lines of its own or in a small table that sets it to the right."""
    lines: list[str | None] = []
    for block in blocks:
        if isinstance(block, Table):
            printed = [line for cell in block.cells for line in cell.text.split("\n") if line.strip()]
            signed = len(printed) <= _FEW_LINES and any(whole_date(text) for text in printed)
            lines.extend(printed if signed else [None])
        else:
            lines.append(block.text if isinstance(block, Paragraph) else None)
    return signature(lines)


def signature(lines: Sequence[str | None]) -> Signature:
    """The signature among the lines of a body (``None`` stands for a table or picture), searched from its end."""
    written = [index for index, line in enumerate(lines) if line]
    last = set(written[-_LAST_LINES:])
    printers: Signature | None = None
    forms: Signature | None = None  # 填报日期 of a form behind the report
    for index in reversed(written):
        line = lines[index] or ""
        if len(line) > 60 or not _DAY.search(line):
            continue
        found = _signed_at(lines, index, written, last)
        if found is not None and _PRINTER.search(line):
            printers = printers or found
        elif found is not None and found.agency is None and _SIGNED_LABEL.match(line):
            forms = forms or found
        elif found is not None:
            return found
    if forms is not None or printers is not None:
        return forms or printers or Signature()
    headnote = _headnote(lines)
    agency = next((name for index in reversed(written[-2:]) if (name := _signer(lines[index]))), None)
    return Signature(agency, headnote)


def _signed_at(lines: Sequence[str | None], index: int, written: Sequence[int], last: set[int]) -> Signature | None:
    """The signature whose day stands on this line, or ``None``."""
    line = _SIGNED_LABEL.sub("", lines[index] or "")
    day = whole_date(line)
    if day is not None:
        agency = _beside(lines, index)
        return Signature(agency, day, None, index) if agency or index in last else None
    ended = trailing_date(line)
    if ended is not None and index in last | _after_half(written):
        agency = organisation(ended[0])
        if agency:
            return Signature(agency, ended[1], None, index)
    damaged = damaged_date(line) if index in last else None
    return Signature(_beside(lines, index), None, damaged, index) if damaged is not None else None


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
    return organisation(_SIGNED_LABEL.sub("", line))


def _headnote(lines: Sequence[str | None]) -> date | None:
    """A day in brackets right below the title (题注)."""
    for line in lines[:2]:
        if line and re.match(r"\s*[（(〔\[]", line):
            return whole_date(line)
    return None
