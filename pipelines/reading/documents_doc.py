"""Old Word files (DOC, and WPS Writer's WPS, which is the same format) as blocks, from their bytes alone ([MS-DOC]).

Read here and not by a converter: antiword leaves out tables it finds too wide without a word (measured on the statutory
table of applications: all 28 rows of it), and LibreOffice takes seconds and half a gigabyte.
"""

from __future__ import annotations

import re
import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.errors import Unreadable
from crawler.items import Remark
from pipelines.reading.blocks import Block, Paragraph, Table
from pipelines.reading.documents_bounds import Deadline
from pipelines.reading.documents_lists import Depth, Numbering
from pipelines.reading.documents_rows import MAX_CELLS, Row, RowCell, table_of
from pipelines.reading.documents_types import ole_stream

MAX_CHARACTERS = 5_000_000
MAX_DEPTH = 8  # of tables in tables

# Places of the file information block: offsets, and numbers of its (offset, length) pairs.
_TEXT_LENGTHS = 0x4C
_PAIRS = 0x9A
_STYLES, _CHARACTER_RUNS, _PARAGRAPH_RUNS, _PIECES, _LISTS, _LIST_USES = 1, 12, 13, 33, 73, 74

# Properties of paragraphs and characters ("sprm"), as far as they bear on what is said.
_IN_TABLE, _ROW_END, _TABLE_DEPTH, _INNER_CELL, _INNER_ROW_END = 0x2416, 0x2417, 0x6649, 0x244B, 0x244C
_ROW_SHAPE, _ELSEWHERE, _ELSEWHERE_OLD = 0xD608, 0x6646, 0x6645
_LIST, _LIST_DEPTH, _OUTLINE = 0x460B, 0x260A, 0x2640
_DELETED, _HIDDEN, _SYMBOL = 0x0800, 0x083C, 0x6A09

_FORMS = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 10: "ideographDigital",
    11: "japaneseCounting", 14: "decimalFullWidth", 18: "decimalEnclosedCircle", 19: "decimalFullWidth",
    22: "decimalZero", 23: "bullet", 26: "decimalEnclosedFullstop", 27: "decimalEnclosedParen",
    28: "decimalEnclosedCircle", 33: "taiwaneseCounting", 34: "ideographLegalTraditional",
    35: "taiwaneseCountingThousand", 36: "ideographDigital", 37: "chineseCounting", 38: "chineseLegalSimplified",
    39: "chineseCountingThousand", 255: "none",
}  # fmt: skip
_SYMBOLS = {0xFE: "☑", 0xA8: "□", 0x52: "☑", 0xA3: "□", 0xFC: "✓", 0xB7: "•"}
_GONE = "\uffff"
_MARKS = re.compile("[\r\x07\x0c]")
_DRAWN = "\x01\x08"
_CONTROLS = {**dict.fromkeys((*range(9), *range(0x0E, 0x20), 0xFFFF)), 0x0B: "\n", 0x0E: "\n", 0x1E: "-"}


def read_word97(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks and notes of a Word 97–2003 file. Raises ``Unreadable``; ``document_unsupported`` for what is older."""
    stream = ole_stream(data, "WordDocument")
    if stream is None or len(stream) < _PAIRS + 8 * (_LIST_USES + 1):
        raise Unreadable("a Word file without its text", name="document_damaged")
    try:
        magic, version, flags = struct.unpack_from("<HH6xH", stream)
        if magic != 0xA5EC or version < 0xC1:
            raise Unreadable(
                f"Word's format number {magic:#x}/{version:#x} is older than 97", name="document_unsupported"
            )
        if flags & 0x0100:
            raise Unreadable("the document asks for a password", name="document_encrypted")
        table = ole_stream(data, "1Table" if flags & 0x0200 else "0Table")
        if table is None:
            raise Unreadable("a Word file without its table stream", name="document_damaged")
        return _File(stream, table, ole_stream(data, "Data") or b"", deadline).read()
    except (struct.error, IndexError, ValueError, RecursionError, OverflowError) as error:
        raise Unreadable(f"damaged DOC: {error!r}"[:300], name="document_damaged") from error


Properties = dict[int, bytes]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text that stands together in the file."""

    start: int  # character of the document
    end: int
    place: int  # byte of the stream
    width: int  # bytes a character


@dataclass(slots=True)
class _Level:
    """A table being read, and the text since its last cell."""

    rows: list[Row] = field(default_factory=list)
    cells: list[tuple[Block, ...]] = field(default_factory=list)
    content: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Style:
    base: int
    properties: Properties


class _File:
    def __init__(self, stream: bytes, table: bytes, data: bytes, deadline: Deadline) -> None:
        self.stream, self.table, self.data, self.deadline = stream, table, data, deadline
        self.pieces = self._pieces()
        self.paragraphs = self._runs(_PARAGRAPH_RUNS, 13, self._paragraph_properties)
        self.paragraph_starts = [start for start, _, _ in self.paragraphs]
        self.styles = self._styles()
        self.numbering = self._numbering()
        self.tables = 0
        self.cells = 0

    def read(self) -> tuple[list[Block], list[Remark]]:
        lengths = struct.unpack_from("<7i", self.stream, _TEXT_LENGTHS)
        body, footnotes, heads, _, comments, endnotes, boxes = lengths
        if min(lengths) < 0 or sum(lengths) > MAX_CHARACTERS:
            raise Unreadable(f"{sum(lengths)} characters", name="document_too_large")
        text = self._text()
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

    def _part(self, number: int) -> bytes:
        """A part of the table stream, as the file information block places it."""
        place, length = struct.unpack_from("<II", self.stream, _PAIRS + 8 * number)
        if place + length > len(self.table):
            raise Unreadable("the file is cut short", name="document_damaged")
        return self.table[place : place + length]

    # ------------------------------------------------------------ text

    def _pieces(self) -> list[_Piece]:
        part = self._part(_PIECES)
        place = 0
        while part[place] == 1:  # properties of pieces
            place += 3 + struct.unpack_from("<H", part, place + 1)[0]
        if part[place] != 2:
            raise ValueError("no table of pieces")
        (length,) = struct.unpack_from("<I", part, place + 1)
        place, count = place + 5, (length - 4) // 12
        bounds = struct.unpack_from(f"<{count + 1}I", part, place)
        pieces = []
        for number in range(count):
            (word,) = struct.unpack_from("<I", part, place + 4 * (count + 1) + 8 * number + 2)
            single = bool(word & 0x40000000)
            at = (word & 0x3FFFFFFF) // (2 if single else 1)
            pieces.append(_Piece(bounds[number], bounds[number + 1], at, 1 if single else 2))
        return pieces

    def _text(self) -> str:
        """Every character of the document; what is deleted, hidden or a field's code gives way to a sign for nothing."""
        changes = [
            (start, end, properties)
            for start, end, properties in self._runs(_CHARACTER_RUNS, 1, self._character_properties)
            if properties.keys() & {_DELETED, _HIDDEN, _SYMBOL}
        ]
        starts = [start for start, _, _ in changes]
        parts: list[str] = []
        expected = 0
        for piece in self.pieces:
            self.deadline.check()
            length = piece.end - piece.start
            if piece.start != expected or length < 0 or piece.end > MAX_CHARACTERS:
                raise ValueError("the pieces do not follow one another")
            expected = piece.end
            raw = self.stream[piece.place : piece.place + length * piece.width]
            if len(raw) != length * piece.width:
                raise Unreadable("the file is cut short", name="document_damaged")
            if piece.width == 1:
                text = raw.decode("cp1252", "replace")
            else:
                units = array("H", raw)
                text = "".join(map(chr, units))  # one sign a unit: halves of a pair meet again at the end
            first = max(0, bisect_right(starts, piece.place) - 1)
            done = 0
            for start, end, properties in changes[first:]:
                if start >= piece.place + len(raw):
                    break
                low = max(done, (start - piece.place) // piece.width)
                high = min(length, (end - piece.place) // piece.width)
                if low < high:
                    parts += (text[done:low], self._changed(text[low:high], properties))
                    done = high
            parts.append(text[done:])
        return _without_codes("".join(parts))

    def _changed(self, text: str, properties: Properties) -> str:
        if properties.get(_DELETED, b"\0")[0] == 1 or properties.get(_HIDDEN, b"\0")[0] in (1, 0x81):
            return re.sub("[^\r\x07\x0c\x13\x14\x15]", _GONE, text)
        symbol = properties.get(_SYMBOL)
        if symbol is not None and len(symbol) == 4:
            code = struct.unpack_from("<H", symbol, 2)[0]
            sign = _SYMBOLS.get(code & 0xFF) if 0xF000 <= code <= 0xF0FF else chr(code)
            return text.replace("(", sign or "\ufffd")
        return text

    # ------------------------------------------------------------ properties

    def _runs(self, number: int, width: int, properties_at: object) -> list[tuple[int, int, Properties]]:
        """(first byte, byte after the last, properties) of the stream's text, from its pages of formatting."""
        part = self._part(number)
        count = (len(part) - 4) // 8
        runs: list[tuple[int, int, Properties]] = []
        for page in struct.unpack_from(f"<{count}I", part, 4 * (count + 1)) if count > 0 else ():
            self.deadline.check()
            start = (page & 0x3FFFFF) * 512
            sheet = self.stream[start : start + 512]
            if len(sheet) < 512:
                raise Unreadable("the file is cut short", name="document_damaged")
            many = sheet[511]
            bounds = struct.unpack_from(f"<{many + 1}I", sheet)
            for index in range(many):
                offset = sheet[4 * (many + 1) + width * index] * 2
                properties = properties_at(sheet, offset) if offset else {}  # type: ignore[operator]
                runs.append((bounds[index], bounds[index + 1], properties))
        runs.sort(key=lambda run: run[:2])
        return runs

    def _character_properties(self, sheet: bytes, offset: int) -> Properties:
        return _properties(sheet[offset + 1 : offset + 1 + sheet[offset]])

    def _paragraph_properties(self, sheet: bytes, offset: int) -> Properties:
        length = 2 * sheet[offset] - 1
        if length < 0:
            offset += 1
            length = 2 * sheet[offset]
        written = sheet[offset + 1 : offset + 1 + length]
        properties = _properties(written[2:])
        elsewhere = properties.get(_ELSEWHERE, properties.get(_ELSEWHERE_OLD))
        if elsewhere is not None and len(elsewhere) == 4:
            (place,) = struct.unpack("<I", elsewhere)
            if place + 2 <= len(self.data):
                (size,) = struct.unpack_from("<H", self.data, place)
                properties |= _properties(self.data[place + 2 : place + 2 + size])
        properties[0] = written[:2].ljust(2, b"\0")  # the style
        return properties

    def _styled(self, own: Properties) -> tuple[int, Properties]:
        (style,) = struct.unpack("<H", own.get(0, b"\0\0"))
        chain: list[Properties] = []
        number = style
        while number in self.styles and len(chain) < 12:
            chain.append(self.styles[number].properties)
            number = self.styles[number].base
        merged: Properties = {}
        for properties in (*reversed(chain), own):
            merged |= properties
        return style, merged

    def _styles(self) -> dict[int, _Style]:
        part = self._part(_STYLES)
        styles: dict[int, _Style] = {}
        if len(part) < 8:
            return styles
        (head,) = struct.unpack_from("<H", part)
        count, base_length = struct.unpack_from("<HH", part, 2)
        place = 2 + head
        for number in range(count):
            if place + 2 > len(part):
                break
            (length,) = struct.unpack_from("<H", part, place)
            style = part[place + 2 : place + 2 + length]
            place += 2 + length
            if length < base_length + 4:
                continue
            (kind_and_base,) = struct.unpack_from("<H", style, 2)
            if kind_and_base & 0xF != 1:  # not of paragraphs
                continue
            (name,) = struct.unpack_from("<H", style, base_length)
            at = base_length + 2 + 2 * name + 2
            at += at % 2
            if at + 2 > len(style):
                continue
            (size,) = struct.unpack_from("<H", style, at)
            styles[number] = _Style(kind_and_base >> 4, _properties(style[at + 4 : at + 2 + size]))
        return styles

    # ------------------------------------------------------------ lists

    def _numbering(self) -> Numbering:
        """The automatic numbers; a file whose lists are damaged is read without them."""
        numbering = Numbering()
        shapes: dict[int, dict[int, Depth]] = {}
        place, length = struct.unpack_from("<II", self.stream, _PAIRS + 8 * _LISTS)
        if not length:
            return numbering
        (count,) = struct.unpack_from("<H", self.table, place)
        at = place + 2 + 28 * count  # the depths follow the lists, outside of the length stated
        for number in range(count):
            (list_id,) = struct.unpack_from("<i", self.table, place + 2 + 28 * number)
            simple = self.table[place + 2 + 28 * number + 26] & 1
            shapes[list_id] = {}
            for depth in range(1 if simple else 9):
                shapes[list_id][depth], at = self._list_depth(at)
        uses = self._part(_LIST_USES)
        if len(uses) < 4:
            return numbering
        (count,) = struct.unpack_from("<I", uses)
        at = 4 + 16 * count
        for number in range(count):
            list_id, changes = struct.unpack_from("<i8xB", uses, 4 + 16 * number)
            name, family = str(number + 1), str(list_id)
            own = dict(shapes.get(list_id, {}))
            at += 4
            for _ in range(changes):
                start, what = struct.unpack_from("<iI", uses, at)
                at += 8
                if what & 0x20:  # a depth of its own follows; from the uses, not from the lists
                    changed, at = self._list_depth(at, uses)
                    own[what & 0xF] = changed
                elif what & 0x10 and what & 0xF in own:
                    old = own[what & 0xF]
                    own[what & 0xF] = Depth(old.form, old.text, start)
                    family = f"{list_id}/{name}"  # begins anew
            numbering.lists[name], numbering.families[name] = own, family
        return numbering

    def _list_depth(self, at: int, source: bytes | None = None) -> tuple[Depth, int]:
        source = self.table if source is None else source
        start, form = struct.unpack_from("<iB", source, at)
        character_size, paragraph_size = source[at + 24], source[at + 25]
        at += 28 + character_size + paragraph_size
        (length,) = struct.unpack_from("<H", source, at)
        written = source[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
        text = "".join(f"%{ord(sign) + 1}" if ord(sign) < 9 else sign for sign in written)
        return Depth(_FORMS.get(form, "decimal"), text, start), at + 2 + 2 * length

    # ------------------------------------------------------------ blocks

    def _blocks(self, text: str, start: int, end: int) -> Iterator[Block]:
        levels: list[_Level] = []
        for first, last in _paragraphs(text, start, end):
            self.deadline.check()
            mark = text[last] if last < end else "\r"
            said = _said(text[first:last])
            style, properties = self._styled(self._properties_at(min(last, end - 1)))
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
            ends_row = _on(properties, _ROW_END if depth == 1 else _INNER_ROW_END)
            ends_cell = mark == "\x07" if depth == 1 else _on(properties, _INNER_CELL)
            if not ends_row and (block := self._paragraph(said, style, properties)):
                level.content.append(block)
            if ends_row:
                self.cells += len(level.cells)
                if self.cells > MAX_CELLS:
                    raise Unreadable("too many cells", name="document_too_large")
                level.rows.append(_row(level.cells, properties.get(_ROW_SHAPE)))
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
        outline = properties.get(_OUTLINE, b"\xff")[0]
        level = outline + 1 if outline < 6 else style if 1 <= style <= 6 and outline == 0xFF else None
        marker = None
        number = struct.unpack("<h", properties.get(_LIST, b"\0\0"))[0]
        if number > 0:
            marker = self.numbering.next(str(number), properties.get(_LIST_DEPTH, b"\0")[0])
        return Paragraph(said, level, marker) if marker in (None, "-", "") else Paragraph(f"{marker}{said}", level)

    def _properties_at(self, character: int) -> Properties:
        place = self._place(character)
        found = bisect_right(self.paragraph_starts, place) - 1
        if found < 0 or place >= self.paragraphs[found][1]:
            return {}
        return self.paragraphs[found][2]

    def _place(self, character: int) -> int:
        low, high = 0, len(self.pieces) - 1
        while low < high:
            middle = (low + high) // 2
            if self.pieces[middle].end <= character:
                low = middle + 1
            else:
                high = middle
        piece = self.pieces[low]
        return piece.place + (character - piece.start) * piece.width

    def _depth(self, properties: Properties) -> int:
        depth = struct.unpack("<i", properties.get(_TABLE_DEPTH, b"\0\0\0\0"))[0]
        if not depth:
            depth = int(_on(properties, _IN_TABLE))
        if not 0 <= depth <= MAX_DEPTH:
            raise Unreadable("tables nested too deep", name="document_bomb")
        return int(depth)


def _on(properties: Properties, name: int) -> bool:
    return properties.get(name, b"\0")[:1] not in (b"\0", b"")


def _properties(written: bytes) -> Properties:
    """What a list of properties sets; the last word counts."""
    found: Properties = {}
    at = 0
    while at + 2 <= len(written):
        (name,) = struct.unpack_from("<H", written, at)
        at += 2
        size = (1, 1, 2, 4, 2, 2, -1, 3)[name >> 13]
        if size < 0:
            if at >= len(written):
                break
            if name == _ROW_SHAPE:
                if at + 2 > len(written):
                    break
                size = struct.unpack_from("<H", written, at)[0] - 1
                at += 2
            elif name == 0xC615 and written[at] == 255:  # tab stops; their length follows from their number
                deleted = written[at + 1] if at + 1 < len(written) else 0
                added_at = at + 2 + 4 * deleted
                size = 1 + 4 * deleted + 1 + 3 * (written[added_at] if added_at < len(written) else 0)
                at += 1
            else:
                size = written[at]
                at += 1
        found[name] = written[at : at + size]
        at += size
    return found


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


def _without_codes(text: str) -> str:
    """Fields as shown: their codes, between the signs 0x13 and 0x14, give way; their results stay."""
    if "\x13" not in text:
        return text
    out = []
    codes: list[bool] = []
    for part in re.split("([\x13\x14\x15])", text):
        if part == "\x13":
            codes.append(True)
        elif part == "\x14" and codes:
            codes[-1] = False
        elif part == "\x15" and codes:
            codes.pop()
        elif any(codes):
            out.append(re.sub("[^\r\x07\x0c]", _GONE, part))
            continue
        else:
            out.append(part)
            continue
        out.append(_GONE)
    return "".join(out)


def _said(text: str) -> str:
    text = text.translate(_CONTROLS)
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.strip()
