"""Old Word files (DOC, and WPS Writer's WPS, which is the same format) as blocks, from their bytes alone ([MS-DOC]).

Read here and not by a converter: antiword leaves out tables it finds too wide without a word (measured on the statutory
table of applications: all 28 rows of it), and LibreOffice takes seconds and half a gigabyte.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.errors import Unreadable
from crawler.items import Remark
from pipelines.reading.blocks import Block, Paragraph, Table
from pipelines.reading.documents_bounds import Deadline
from pipelines.reading.documents_doc_lists import numbering_of
from pipelines.reading.documents_doc_parts import TEXT_LENGTHS, Parts, parts_of
from pipelines.reading.documents_doc_properties import (
    IN_TABLE,
    INNER_CELL,
    INNER_ROW_END,
    LIST,
    LIST_DEPTH,
    OUTLINE,
    ROW_END,
    ROW_SHAPE,
    TABLE_DEPTH,
    Properties,
    is_on,
    paragraph_runs,
    styled,
    styles_of,
)
from pipelines.reading.documents_doc_text import MAX_CHARACTERS, pieces_of, place_of, text_of
from pipelines.reading.documents_rows import MAX_CELLS, Row, RowCell, table_of

MAX_DEPTH = 8  # of tables in tables

_MARKS = re.compile("[\r\x07\x0c]")
_DRAWN = "\x01\x08"
_CONTROLS = {**dict.fromkeys((*range(9), *range(0x0E, 0x20), 0xFFFF)), 0x0B: "\n", 0x0E: "\n", 0x1E: "-"}


def read_word97(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks and notes of a Word 97–2003 file. Raises ``Unreadable``; ``document_unsupported`` for what is older."""
    try:
        return _Document(parts_of(data, deadline)).read()
    except (struct.error, IndexError, ValueError, RecursionError, OverflowError) as error:
        raise Unreadable(f"damaged DOC: {error!r}"[:300], name="document_damaged") from error


@dataclass(slots=True)
class _Level:
    """A table being read, and the text since its last cell."""

    rows: list[Row] = field(default_factory=list)
    cells: list[tuple[Block, ...]] = field(default_factory=list)
    content: list[Block] = field(default_factory=list)


class _Document:
    def __init__(self, parts: Parts) -> None:
        self.parts, self.deadline = parts, parts.deadline
        self.pieces = pieces_of(parts)
        self.paragraphs = paragraph_runs(parts)
        self.paragraph_starts = [start for start, _, _ in self.paragraphs]
        self.styles = styles_of(parts)
        self.numbering = numbering_of(parts)
        self.tables = 0
        self.cells = 0

    def read(self) -> tuple[list[Block], list[Remark]]:
        lengths = struct.unpack_from("<7i", self.parts.stream, TEXT_LENGTHS)
        body, footnotes, heads, _, comments, endnotes, boxes = lengths
        if min(lengths) < 0 or sum(lengths) > MAX_CHARACTERS:
            raise Unreadable(f"{sum(lengths)} characters", name="document_too_large")
        text = text_of(self.parts, self.pieces)
        drawn = sum(text.count(sign, 0, body) for sign in _DRAWN)
        starts = {"body": 0, "footnotes": body}
        starts["endnotes"] = body + footnotes + heads + comments
        starts["boxes"] = starts["endnotes"] + endnotes
        blocks = list(self._blocks(text, 0, body))
        for start, length in ((body, footnotes), (starts["endnotes"], endnotes), (starts["boxes"], boxes)):
            blocks.extend(self._blocks(text, start, start + length))
        notes = [Remark("document.images", f"{drawn} pictures or drawings stand in the text")] if drawn else []
        if boxes > 1:
            notes.append(Remark("document.text_boxes", "the text of drawn boxes stands at the end"))
        return blocks, notes

    def _blocks(self, text: str, start: int, end: int) -> Iterator[Block]:
        levels: list[_Level] = []
        for first, last in _paragraphs(text, start, end):
            self.deadline.check()
            mark = text[last] if last < end else "\r"
            said = _said(text[first:last])
            style, properties = styled(self.styles, self._properties_at(min(last, end - 1)))
            depth = self._depth(properties)
            while len(levels) > depth:
                yield from self._closed(levels)
            while len(levels) < depth:
                levels.append(_Level())
            if not levels:
                if block := self._paragraph(said, style, properties):
                    yield block
                continue
            level = levels[-1]
            ends_row = is_on(properties, ROW_END if depth == 1 else INNER_ROW_END)
            ends_cell = mark == "\x07" if depth == 1 else is_on(properties, INNER_CELL)
            if not ends_row and (block := self._paragraph(said, style, properties)):
                level.content.append(block)
            if ends_row:
                self.cells += len(level.cells)
                if self.cells > MAX_CELLS:
                    raise Unreadable("too many cells", name="document_too_large")
                level.rows.append(_row(level.cells, properties.get(ROW_SHAPE)))
                level.cells = []
            elif ends_cell:
                level.cells.append(tuple(level.content))
                level.content = []
        while levels:
            yield from self._closed(levels)

    def _closed(self, levels: list[_Level]) -> Iterator[Block]:
        """The table that ended, to the cell around it or to the text."""
        level = levels.pop()
        if level.cells or level.content:  # a last row without its end
            level.rows.append(_row([*level.cells, tuple(level.content)] if level.content else level.cells, None))
        blocks = table_of(level.rows, f"table {self.tables + 1}") if level.rows else []
        if len(blocks) == 1 and isinstance(blocks[0], Table):
            self.tables += 1
        if levels:
            levels[-1].content.extend(blocks)
        else:
            yield from blocks

    def _paragraph(self, said: str, style: int, properties: Properties) -> Paragraph | None:
        if not said:
            return None
        outline = properties.get(OUTLINE, b"\xff")[0]
        level = outline + 1 if outline < 6 else style if 1 <= style <= 6 and outline == 0xFF else None
        marker = None
        number = struct.unpack("<h", properties.get(LIST, b"\0\0"))[0]
        if number > 0:
            marker = self.numbering.next(str(number), properties.get(LIST_DEPTH, b"\0")[0])
        return Paragraph(said, level, marker) if marker in (None, "-", "") else Paragraph(f"{marker}{said}", level)

    def _properties_at(self, character: int) -> Properties:
        place = place_of(character, self.pieces)
        found = bisect_right(self.paragraph_starts, place) - 1
        if found < 0 or place >= self.paragraphs[found][1]:
            return {}
        return self.paragraphs[found][2]

    def _depth(self, properties: Properties) -> int:
        depth = struct.unpack("<i", properties.get(TABLE_DEPTH, b"\0\0\0\0"))[0]
        if not depth:
            depth = int(is_on(properties, IN_TABLE))
        if not 0 <= depth <= MAX_DEPTH:
            raise Unreadable("tables nested too deep", name="document_bomb")
        return int(depth)


def _row(contents: list[tuple[Block, ...]], shape: bytes | None) -> Row:
    """A row's cells with their edges and merges, where its shape speaks of as many cells."""
    count = shape[0] if shape else 0
    if shape is None or count != len(contents) or len(shape) < 1 + 2 * (count + 1):
        return Row(0, tuple(RowCell(content) for content in contents))
    edges = struct.unpack_from(f"<{count + 1}h", shape, 1)
    cells = []
    for number, content in enumerate(contents):
        at = 1 + 2 * (count + 1) + 20 * number
        merges = struct.unpack_from("<H", shape, at)[0] if at + 2 <= len(shape) else 0
        cells.append(RowCell(content, edges[number + 1], merges >> 5 & 3 == 1, merges & 3 == 1))
    return Row(edges[0], tuple(cells))


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """(first character, its mark) of each paragraph."""
    first = start
    for mark in _MARKS.finditer(text, start, end):
        yield first, mark.start()
        first = mark.end()
    if first < end:
        yield first, end


def _said(text: str) -> str:
    text = text.translate(_CONTROLS)
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.strip()
