"""Characters of a PDF's page as lines, and lines as paragraphs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pipelines.reading.blocks import Paragraph
from pipelines.reading.documents_lists import OWN_LINE
from pipelines.reading.documents_pdfium import Char

APART = 2.0  # widths of a character: what stands further apart on one line was not written together


@dataclass(slots=True)
class Line:
    """Characters side by side."""

    chars: list[Char]
    _text: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def x0(self) -> float:
        return min(char.x0 for char in self.chars)

    @property
    def x1(self) -> float:
        return max(char.x1 for char in self.chars)

    @property
    def top(self) -> float:
        return min(char.top for char in self.chars)

    @property
    def bottom(self) -> float:
        return max(char.bottom for char in self.chars)

    @property
    def size(self) -> float:
        sizes = sorted(char.size for char in self.chars)
        return sizes[len(sizes) // 2]

    @property
    def text(self) -> str:
        """Its words; put together once, as they are asked for often."""
        if self._text is None:
            self._text = self._put_together()
        return self._text

    def _put_together(self) -> str:
        parts: list[str] = []
        for before, char in pairwise([None, *self.chars]):
            assert char is not None
            gap = _gap(before, char) if before is not None else 0.0
            words = before is not None and gap > 0.25 * char.size and _joins_words(before.text, char.text)
            if words or gap > APART * char.size:
                parts.append(" ")
            parts.append(char.text)
        return "".join(parts).strip()


def lines_of(chars: Sequence[Char]) -> list[Line]:
    """Characters gathered into lines: those whose middles overlap, in the direction they are set in."""
    lines: list[Line] = []
    for turn in sorted({char.turn for char in chars}, key=abs):
        rows: list[list[Char]] = []
        own = [char for char in chars if char.turn == turn]
        for char in sorted(own, key=lambda char: (_across(char), _along(char))):
            row = rows[-1] if rows else None
            reach = 0.5 * max(char.size, min(other.size for other in row)) if row is not None else 0.0
            if row is not None and abs(_across(char) - _middle(row)) < reach:
                row.append(char)
            else:
                rows.append([char])
        lines.extend(Line(sorted(row, key=_along)) for row in rows)
    return [line for line in lines if line.text]


def _across(char: Char) -> float:
    """Where a character stands across its line: the further, the later the line."""
    return char.middle if char.turn == 0 else -char.turn * (char.x0 + char.x1) / 2


def _along(char: Char) -> float:
    """Where a character begins on its line."""
    return {0: char.x0, -1: -char.bottom, 1: char.top}[char.turn]


def _gap(before: Char, after: Char) -> float:
    ends = {0: before.x1, -1: -before.top, 1: before.bottom}[before.turn]
    return _along(after) - ends


def _middle(row: Sequence[Char]) -> float:
    return sum(map(_across, row[-8:])) / len(row[-8:])


def _joins_words(before: str, after: str) -> bool:
    """Whether a gap between two characters is a space: between words and numbers it is, between Han it is layout."""
    return before[-1:].isascii() and after[:1].isascii() and before[-1:].isalnum() and after[:1].isalnum()


def text_of(chars: Sequence[Char]) -> str:
    """Characters as text, a line each."""
    return "\n".join(line.text for line in lines_of(chars))


def join(before: str, after: str) -> str:
    """Two lines of one paragraph: Chinese has no space at a line's end, words and numbers have."""
    return before + (" " if _joins_words(before, after) else "") + after


@dataclass(frozen=True, slots=True)
class Body:
    """The text block of the pages: where full lines begin and end, and how large they are set."""

    left: float
    right: float
    size: float


def body_of(lines: Sequence[Line]) -> Body:
    if not lines:
        return Body(0.0, 0.0, 12.0)
    weight: dict[float, int] = defaultdict(int)
    for line in lines:
        weight[round(line.size)] += len(line.chars)
    size = max(weight, key=lambda size: weight[size])
    own = [line for line in lines if abs(line.size - size) <= 1] or lines
    lefts: dict[int, int] = defaultdict(int)
    for line in own:
        lefts[round(line.x0 / 2)] += 1
    # The commonest left edge, unless lines often begin further left: one-line paragraphs all begin indented.
    often = [left for left, count in lefts.items() if count >= max(2, 0.1 * len(own))]
    left = 2.0 * min(often or lefts)
    return Body(left, max(line.x1 for line in own), float(size))


def paragraphs(lines: Sequence[Line], body: Body) -> list[Paragraph]:
    found: list[str] = []
    before: Line | None = None
    for line in lines:
        if before is not None and not _begins(before, line, body):
            found[-1] = join(found[-1], line.text)
        else:
            found.append(line.text)
        before = line
    return [Paragraph(text) for text in found]


def _begins(before: Line, line: Line, body: Body) -> bool:
    """Whether a line begins a paragraph: it is indented, set in another size, or the line before ended early."""
    if abs(before.size - line.size) > 1.5 or line.top - before.bottom > 1.6 * line.size:
        return True
    centred = [abs((one.x0 - body.left) - (body.right - one.x1)) < 1.5 * one.size for one in (before, line)]
    indented = [one.x0 - body.left > 2.5 * one.size for one in (before, line)]
    if line.size > body.size + 2 and all(centred) and line.top > before.top:
        return False  # a title over two lines
    if all(indented) and abs(before.x0 - line.x0) < 0.5 * line.size and before.x1 > body.right - 1.5 * before.size:
        return False  # a block set in as a whole
    if line.x0 - body.left > 1.2 * line.size:
        return True
    ends_early = before.x1 < body.right - 0.5 * before.size
    if OWN_LINE.match(line.text) and (ends_early or line.x0 - before.x0 > 0.8 * line.size):
        return True
    return before.x1 < body.right - 1.9 * before.size
