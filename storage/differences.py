"""What changed between two versions of a report: body, printed metadata, what was read off the page, statistics, files.

Pure data. The body is compared paragraph by paragraph, and inside a changed paragraph character by character, with
numbers and Latin words as one character each: ``12345件 → 12346件`` is one number replaced, not one digit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from crawler.items import Attachment, Version
from storage.records import record

READ_OFF = (
    "title",
    "kind",
    "report_year",
    "agency",
    "publisher",
    "index_number",
    "document_number",
    "published_on",
    "signed_on",
    "body_source",
    "extractor",
)
TOKEN = re.compile(r"\d[\d,.]*\d|\d|[A-Za-z]+|.", re.S)
PIPE = re.compile(r"(?<!\\)\|")
FIGURE = re.compile(r"[-+]?[\d,.]+%?|[-—/]")
RULE = re.compile(r":?-+:?")
ALIKE = 0.4  # paragraphs with less in common are one taken out and another put in
ALIGNED = 250_000  # pairs of paragraphs compared in one changed stretch
COMPARED = 4_000_000  # pairs of characters compared in one changed paragraph


class Operation(StrEnum):
    """What happened to a piece of text."""

    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"
    REPLACE = "replace"  # of paragraphs only: some of its segments changed


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that is in both versions, or in one of them."""

    operation: Operation  # EQUAL, INSERT or DELETE
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table that differs: what heads its row and its column, and what changed in it."""

    row: str
    column: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of either version; its deletions and insertions in reading order."""

    operation: Operation
    segments: tuple[Segment, ...]
    old_line: int | None  # counted from 1
    new_line: int | None
    cells: tuple[Cell, ...] = ()  # of a replaced row of a table: the cells that differ


@dataclass(frozen=True, slots=True)
class Change:
    """A value that differs; ``None`` on the side that has none."""

    where: str  # a label, a field, or a cell as applications.new.total
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class AttachmentChange:
    """A file added, removed, or standing under the same address with other bytes."""

    change: str  # "added", "removed" or "changed"
    url: str
    name: str
    old_digest: str | None
    new_digest: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs between two versions of one report."""

    report_id: str
    old: int
    new: int
    body: tuple[Paragraph, ...]  # of the whole body, equal paragraphs included; empty where nothing changed
    metadata: tuple[Change, ...]
    fields: tuple[Change, ...]
    statistics: tuple[Change, ...]
    attachments: tuple[AttachmentChange, ...]

    def __bool__(self) -> bool:
        return bool(self.body or self.metadata or self.fields or self.statistics or self.attachments)

    def as_json(self) -> dict[str, Any]:
        """The difference as JSON can say it; digests carry ``sha256:``."""
        plain = asdict(self)
        for attachment in plain["attachments"]:
            for side in ("old_digest", "new_digest"):
                attachment[side] = attachment[side] and f"sha256:{attachment[side]}"
        return plain


def difference(old: Version, new: Version) -> Difference:
    """What changed from one version to another."""
    before, after = record(old), record(new)
    return Difference(
        report_id=new.report_id,
        old=old.number,
        new=new.number,
        body=body_difference(old.reading.body or "", new.reading.body or ""),
        metadata=_changes(before["metadata"], after["metadata"]),
        fields=_changes({name: before[name] for name in READ_OFF}, {name: after[name] for name in READ_OFF}),
        statistics=_changes(dict(_cells(before["statistics"])), dict(_cells(after["statistics"]))),
        attachments=tuple(_attachments(old.attachments, new.attachments)),
    )


# ---------------------------------------------------------------- body


def body_difference(old: str, new: str) -> tuple[Paragraph, ...]:
    """Every paragraph of both texts, in reading order; empty when the texts are the same."""
    if old == new:
        return ()
    before, after = old.split("\n"), new.split("\n")
    return tuple(_paragraphs(before, after))


def _paragraphs(before: list[str], after: list[str]) -> Iterator[Paragraph]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            for line, number in enumerate(range(i1, i2)):
                equal = (Segment(Operation.EQUAL, before[number]),)
                yield Paragraph(Operation.EQUAL, equal, number + 1, j1 + line + 1)
            continue
        for i, j in _aligned(before[i1:i2], after[j1:j2]):
            old_line = None if i is None else i1 + i
            new_line = None if j is None else j1 + j
            yield _paragraph(before, after, old_line, new_line)


def _paragraph(before: list[str], after: list[str], i: int | None, j: int | None) -> Paragraph:
    if i is None:
        assert j is not None
        return Paragraph(Operation.INSERT, (Segment(Operation.INSERT, after[j]),), None, j + 1)
    if j is None:
        return Paragraph(Operation.DELETE, (Segment(Operation.DELETE, before[i]),), i + 1, None)
    cells = tuple(_cells_changed(before[i], after, j))
    return Paragraph(Operation.REPLACE, segments(before[i], after[j]), i + 1, j + 1, cells)


def _aligned(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    """Which old paragraph became which new one, in order: the pairing with most in common."""
    if not before or not after or len(before) * len(after) > ALIGNED:
        yield from ((i, None) for i in range(len(before)))
        yield from ((None, j) for j in range(len(after)))
        return
    alike = _likeness(before, after)
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i in range(len(before) - 1, -1, -1):
        for j in range(len(after) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], alike[i][j] + best[i + 1][j + 1])
    i = j = 0
    while i < len(before) and j < len(after):
        if alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield i, None
            i += 1
        else:
            yield None, j
            j += 1
    yield from ((rest, None) for rest in range(i, len(before)))
    yield from ((None, rest) for rest in range(j, len(after)))


def _likeness(before: Sequence[str], after: Sequence[str]) -> list[list[float]]:
    """For each pair, what share of their characters they have in common; 0 for pairs too unlike to be one paragraph."""
    old, new = [Counter(line) for line in before], [Counter(line) for line in after]
    rows = []
    for i, one in enumerate(old):
        row = []
        for j, other in enumerate(new):
            both = sum(min(count, other[character]) for character, count in one.items() if character in other)
            share = 2 * both / max(1, len(before[i]) + len(after[j]))
            row.append(share if share >= ALIKE else 0.0)
        rows.append(row)
    return rows


def segments(before: str, after: str) -> tuple[Segment, ...]:
    """What became of one line of text, character by character."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    if len(old) * len(new) > COMPARED:
        return Segment(Operation.DELETE, before), Segment(Operation.INSERT, after)
    found: list[Segment] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Segment(Operation.EQUAL, "".join(old[i1:i2])))
            continue
        if i1 < i2:
            found.append(Segment(Operation.DELETE, "".join(old[i1:i2])))
        if j1 < j2:
            found.append(Segment(Operation.INSERT, "".join(new[j1:j2])))
    return tuple(found)


# ---------------------------------------------------------------- tables


def row_of_table(line: str) -> list[str]:
    """The cells of a row of a Markdown table; none for any other line."""
    bare = line.strip()
    if len(bare) < 2 or not (bare.startswith("|") and bare.endswith("|")):
        return []
    return [cell.strip() for cell in PIPE.split(bare[1:-1])]


def _cells_changed(before: str, after: list[str], line: int) -> Iterator[Cell]:
    """The cells of a row that differ from those it had, where it has as many."""
    old, new = row_of_table(before), row_of_table(after[line])
    if not new or len(old) != len(new):
        return
    heads = _heads(after, line, len(new))
    labels = [cell for cell in new if cell and not FIGURE.fullmatch(cell)]
    row = " ".join(dict.fromkeys(labels))
    for number, (was, now) in enumerate(zip(old, new, strict=True)):
        if was != now:
            yield Cell(row, heads[number] or f"column {number + 1}", segments(was, now))


def _heads(lines: list[str], line: int, width: int) -> list[str]:
    """What stands above each cell of a row: of the rows at the head of its table, before any has a figure, the last."""
    top = line
    while top > 0 and row_of_table(lines[top - 1]):
        top -= 1
    heads = [""] * width
    for each in lines[top:line]:
        cells = row_of_table(each)
        if all(RULE.fullmatch(cell) for cell in cells):
            continue
        if len(cells) != width or any(FIGURE.fullmatch(cell) for cell in cells):
            break
        heads = [cell or head for cell, head in zip(cells, heads, strict=True)]
    return heads


# ---------------------------------------------------------------- values and files


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    names = dict.fromkeys([*before, *after])
    return tuple(
        Change(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def _cells(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """(applications.new.total, 8) and so on."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _cells(inner, f"{place}.{name}" if place else name)
    elif value is not None:
        yield place, value


def _attachments(before: Sequence[Attachment], after: Sequence[Attachment]) -> Iterator[AttachmentChange]:
    old, new = {each.url: each for each in before}, {each.url: each for each in after}
    for url in dict.fromkeys([*old, *new]):
        was, now = old.get(url), new.get(url)
        if was is None:
            assert now is not None
            yield AttachmentChange("added", url, now.name, None, now.digest)
        elif now is None:
            yield AttachmentChange("removed", url, was.name, was.digest, None)
        elif was.digest != now.digest:
            yield AttachmentChange("changed", url, now.name, was.digest, now.digest)
