"""RTF as blocks, its tables with their merged cells: rows carry their cells' edges, which text extractors drop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from crawler.errors import Unreadable
from crawler.items import Remark
from pipelines.reading.blocks import Block, Paragraph, Table
from pipelines.reading.documents.bounds import Deadline
from pipelines.reading.documents.rows import MAX_CELLS, Row, RowCell, table_of

MAX_GROUPS = 2_000  # open at once
MAX_DEPTH = 8  # of tables in tables

_TOKEN = re.compile(
    r"\\(?P<word>[A-Za-z]+)(?P<number>-?\d{1,10})? ?|\\'(?P<byte>[0-9A-Fa-f]{2})|\\(?P<sign>[^A-Za-z])|(?P<brace>[{}])"
    r"|[\r\n\0]+|(?P<text>[^\\{}\r\n\0]+)",
    re.S,
)
_UNSEEN = frozenset(
    {
        "colortbl", "info", "pict", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr",
        "footerf", "listtable", "listoverridetable", "rsidtbl", "themedata", "colorschememapping", "datastore",
        "latentstyles", "fldinst", "nonesttables", "sp", "nonshppict", "object", "objdata", "annotation", "atnid",
        "atnauthor", "generator", "xmlnstbl", "revtbl", "bkmkstart", "bkmkend", "mmathPr", "userprops", "docvar",
        "filetbl", "pnseclvl", "template", "operator", "fchars", "lchars", "ftnsep", "ftnsepc", "aftnsep",
        "aftnsepc", "wgrffmtfilter", "mailmerge", "background",
    }
)  # fmt: skip
_SEEN = frozenset(
    {
        "shpinst", "shptxt", "nesttableprops", "fldrslt", "listtext", "pntext", "footnote",
    }
)  # fmt: skip
_SIGNS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_SYMBOLS = {"~": "\u00a0", "_": "-", "\\": "\\", "{": "{", "}": "}"}
_PAGES = {936: "gb18030", 54936: "gb18030", 950: "big5", 932: "shift_jis", 949: "cp949", 65001: "utf-8"}
_CHARSETS = {134: "gb18030", 136: "big5", 128: "shift_jis", 129: "cp949"}


def read_rtf(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks and notes of an RTF. Raises ``Unreadable``."""
    reader = _Reader(deadline)
    blocks = list(reader.read(data.decode("latin-1")))
    notes = [Remark("document.images", f"{reader.pictures} pictures stand in the text")] if reader.pictures else []
    return blocks, notes


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits and gives back at its end."""

    unseen: bool = False
    fonts: bool = False  # within the table of fonts
    styles: bool = False  # within the table of styles
    numbered: bool = False  # within a paragraph's automatic number
    hidden: bool = False
    deleted: bool = False
    fallback: int = 1  # signs that stand in for one of Unicode
    encoding: str | None = None
    in_table: bool = False
    depth: int = 0
    outline: int | None = None
    inner_row: bool = False
    note: int = 0  # which footnote or endnote it is part of
    boxed: bool = False  # within a drawn box, which stands in whatever table is open


@dataclass(frozen=True, slots=True)
class _Edge:
    right: int
    goes_on_above: bool
    goes_on_left: bool


@dataclass(slots=True)
class _Level:
    """A table being read, and the text since its last cell."""

    rows: list[Row] = field(default_factory=list)
    cells: list[tuple[Block, ...]] = field(default_factory=list)
    content: list[Block] = field(default_factory=list)


class _Reader:
    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.state = _State()
        self.groups: list[tuple[_State, int, list[_Edge]]] = []
        self.codepage = "cp1252"
        self.charsets: dict[int, str] = {}
        self.font = self.style = 0
        self.outlines: dict[int, int] = {}  # style → level
        self.text: list[str] = []
        self.raw = bytearray()
        self.passing = 0  # signs still to pass over
        self.left, self.edges = 0, list[_Edge]()
        self.above = self.before = False
        self.levels: list[_Level] = []
        self.tables = self.cells = self.pictures = 0
        self.notes: list[Block] = []  # what foot- and endnotes say: it follows the text
        self.interrupted: list[tuple[list[str], list[_Level]]] = []  # what goes on after a note

    def read(self, source: str) -> Iterator[Block]:
        place, count = 0, 0
        starred = False
        while found := _TOKEN.match(source, place):
            place = found.end()
            count += 1
            if count % 5_000 == 0:
                self.deadline.check()
            if found["brace"] == "{":
                self._flush()
                self.groups.append((self.state, self.left, self.edges))
                if len(self.groups) > MAX_GROUPS:
                    raise Unreadable("groups nested too deep", name="document_bomb")
                self.passing = 0
            elif found["brace"] == "}":
                self._flush()
                if self.groups:
                    inner, was = self.state, self.groups.pop()
                    self.state = was[0]
                    if inner.note > self.state.note:
                        self.notes.extend(self._note_ends(inner))
                    if inner.inner_row and not self.state.inner_row:
                        self.left, self.edges = was[1], was[2]
                self.passing = 0
            elif found["byte"]:
                if self.passing:
                    self.passing -= 1
                elif self._shows():
                    self.raw.append(int(found["byte"], 16))
            elif found["text"]:
                said = found["text"][self.passing :]
                self.passing -= min(self.passing, len(found["text"]))
                if said and self._shows():
                    self.raw += said.encode("latin-1")
            elif found["sign"]:
                if found["sign"] == "*":
                    starred = True
                    continue
                if self.passing:
                    self.passing -= 1
                elif found["sign"] in "\r\n":
                    yield from self._paragraph_ends()
                else:
                    self._say(_SYMBOLS.get(found["sign"], ""))
            elif found["word"]:
                number = int(found["number"]) if found["number"] else None
                if found["word"] == "bin":
                    place += max(0, number or 0)
                elif self.passing and found["word"] not in ("par", "cell", "row"):
                    self.passing -= 1
                else:
                    yield from self._word(found["word"], number, starred=starred)
            starred = False
        if place == 0:
            raise Unreadable("no RTF", name="document_damaged")
        yield from self._paragraph_ends()
        while self.levels:
            yield from self._closed()
        yield from self.notes

    def _note_begins(self) -> None:
        self._flush()
        self.interrupted.append((self.text, self.levels))
        self.text, self.levels = [], []
        self.state = replace(self.state, note=len(self.interrupted), in_table=False, depth=0, outline=None)

    def _note_ends(self, within: _State) -> Iterator[Block]:
        """What the note says; the paragraph it hangs on goes on."""
        outside, self.state = self.state, within
        yield from self._paragraph_ends()
        while self.levels:
            yield from self._closed()
        self.state = outside
        self.text, self.levels = self.interrupted.pop()

    # ------------------------------------------------------------ control words

    def _word(self, word: str, number: int | None, *, starred: bool) -> Iterator[Block]:
        state = self.state
        on = number != 0
        if word in ("pict", "shppict"):
            self.pictures += not state.unseen
        if word == "stylesheet":
            self.state = replace(state, unseen=True, styles=True)
        elif word in _UNSEEN or (starred and word not in _SEEN):
            self.state = replace(state, unseen=True)
        elif word == "shptxt":  # the text of a drawn box, amid what describes the box
            self.state = replace(state, unseen=False, boxed=True)
        elif word == "shpinst":
            self.state = replace(state, unseen=True)
        elif word == "footnote":  # of endnotes too
            if not state.unseen:
                self._note_begins()
        elif word == "nesttableprops":
            self.state = replace(state, inner_row=True)
        elif word == "fonttbl":
            self.state = replace(state, fonts=True)
        elif word in ("listtext", "pntext"):
            self.state = replace(state, numbered=True)
        elif word == "ansicpg":
            self.codepage = _PAGES.get(number or 0, "cp1252")
        elif word in ("f", "af") and number is not None:
            self._flush()
            if word == "f":
                self.font = number
                self.state = replace(state, encoding=self.charsets.get(number))
        elif word == "fcharset" and state.fonts:
            if number in _CHARSETS:
                self.charsets[self.font] = _CHARSETS[number]
        elif word == "uc":
            self.state = replace(state, fallback=max(0, number or 0))
        elif word == "u" and number is not None:
            self._say(chr(number % 65536))
            self.passing = state.fallback
        elif word == "s" and number is not None:
            self.style = number
            if not state.unseen:
                self.state = replace(state, outline=self.outlines.get(number))
        elif word == "outlinelevel" and state.styles and number is not None:
            self.outlines[self.style] = number
        elif state.unseen:
            return
        elif word in _SIGNS:
            if not (word == "tab" and state.numbered):
                self._say(_SIGNS[word])
        elif word == "v":
            self._flush()
            self.state = replace(self.state, hidden=on)
        elif word == "deleted":
            self._flush()
            self.state = replace(self.state, deleted=on)
        elif word == "plain":
            self._flush()
            self.state = replace(self.state, hidden=False, deleted=False)
        else:
            yield from self._layout_word(word, number)

    def _layout_word(self, word: str, number: int | None) -> Iterator[Block]:
        """Words that end paragraphs, cells and rows, and that shape rows."""
        if word in ("par", "sect", "page", "column"):
            yield from self._paragraph_ends()
        elif word == "pard":
            self.state = replace(self.state, in_table=False, depth=0, outline=None)
        elif word == "intbl":
            self.state = replace(self.state, in_table=True)
        elif word == "itap":
            self.state = replace(self.state, depth=max(0, number or 0))
        elif word == "outlinelevel":
            self.state = replace(self.state, outline=number)
        elif word == "trowd":
            self.left, self.edges, self.above, self.before = 0, [], False, False
        elif word == "trleft":
            self.left = number or 0
        elif word in ("clvmrg", "clmrg"):
            self.above, self.before = self.above or word == "clvmrg", self.before or word == "clmrg"
        elif word == "cellx":
            self.edges = [*self.edges, _Edge(number or 0, self.above, self.before)]
            self.above = self.before = False
            if len(self.edges) > 1_000:
                raise Unreadable("too many cells in a row", name="document_bomb")
        elif word in ("cell", "nestcell"):
            yield from self._paragraph_ends(at_least=1 if word == "cell" else 2)
            level = self.levels[-1]
            level.cells.append(tuple(level.content))
            level.content = []
        elif word in ("row", "nestrow"):
            yield from self._deepened(1 if word == "row" else 2, cut=word == "row")
            self._row_ends()

    def _row_ends(self) -> None:
        level = self.levels[-1]
        if not level.cells:
            return
        self.cells += len(level.cells)
        if self.cells > MAX_CELLS:
            raise Unreadable("too many cells", name="document_too_large")
        if len(self.edges) == len(level.cells):
            cells = tuple(
                RowCell(content, edge.right, edge.goes_on_above, edge.goes_on_left)
                for content, edge in zip(level.cells, self.edges, strict=True)
            )
        else:
            cells = tuple(RowCell(content) for content in level.cells)
        left = self.left if not self.edges or self.left < self.edges[0].right else self.edges[0].right - 1
        level.rows.append(Row(left, cells))
        level.cells = []

    # ------------------------------------------------------------ text

    def _shows(self) -> bool:
        return not (self.state.unseen or self.state.fonts or self.state.hidden or self.state.deleted)

    def _say(self, text: str) -> None:
        if self._shows():
            self._flush()
            self.text.append(text)

    def _flush(self) -> None:
        if self.raw:
            self.text.append(self.raw.decode(self.state.encoding or self.codepage, "replace"))
            self.raw.clear()

    def _paragraph_ends(self, at_least: int = 0) -> Iterator[Block]:
        self._flush()
        said = "".join(self.text)
        self.text.clear()
        if any("\ud800" <= sign <= "\udfff" for sign in said):
            said = said.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        said = said.strip()
        depth = max(at_least, self.state.depth or int(self.state.in_table))
        if at_least == 1:
            depth = 1
        elif self.state.boxed:
            depth = max(depth, len(self.levels))
        if not depth and self.levels and self.levels[-1].cells:
            depth = 1  # a row without its end: some writers do not say \intbl
        yield from self._deepened(depth, cut=True)  # an empty paragraph parts two tables
        if not said:
            return
        outline = self.state.outline
        block = Paragraph(said, outline + 1 if outline is not None and 0 <= outline < 6 else None)
        if self.levels:
            self.levels[-1].content.append(block)
        else:
            yield block

    def _deepened(self, depth: int, *, cut: bool) -> Iterator[Block]:
        if depth > MAX_DEPTH:
            raise Unreadable("tables nested too deep", name="document_bomb")
        while cut and len(self.levels) > depth:
            yield from self._closed()
        while len(self.levels) < depth:
            self.levels.append(_Level())

    def _closed(self) -> Iterator[Block]:
        """The table that ended, to the cell around it or to the text."""
        level = self.levels.pop()
        rest = [*level.cells, tuple(level.content)] if level.content else level.cells
        if rest:
            level.rows.append(Row(0, tuple(RowCell(content) for content in rest)))
        blocks = table_of(level.rows, f"table {self.tables + 1}") if level.rows else []
        self.tables += sum(isinstance(block, Table) for block in blocks[:1])
        if self.levels:
            self.levels[-1].content.extend(blocks)
        else:
            yield from blocks
