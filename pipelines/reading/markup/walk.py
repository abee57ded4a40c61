"""One walk over a tree → its items.

It keeps no Python stack of the markup's depth: pages pasted from Word nest thousands of unclosed tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree
from lxml.html import HtmlElement

from pipelines.reading.markup.addresses import join
from pipelines.reading.markup.bodies import body_mark
from pipelines.reading.markup.cells import cell_text, plain_text
from pipelines.reading.markup.elements import BLOCK, BLOCK_STYLE, HEADINGS, UNSEEN, hides, keeps_lines
from pipelines.reading.markup.grids import grid_of
from pipelines.reading.markup.items import Layout, Line, Picture
from pipelines.reading.markup.tables import holds_data, may_hold_data, own_rows, stray_text
from pipelines.reading.markup.text import BLANK, EDGE, FIELD, HEADLINE_BREAK, RAISED, SPACE, bare, printed

_ANCHORS = frozenset({"a", "iframe", "embed", "object", "frame"})
_VOID = frozenset({"br", "hr", "img", "input"})
# 3<sup>1</sup> is not 31, nor <del>5</del>3 a 53.
_SET_APART = frozenset({"sup", "sub", "del", "s", "strike", "ins"})
_PREFORMATTED = frozenset({"pre", "listing", "plaintext", "xmp"})
_ORDINAL = re.compile(r"\s*[-+]?[0-9]{1,40}\s*")  # what HTML calls an integer; ② and --5 are none
_NONE: Mapping[str, str] = {}


def layout(root: HtmlElement, url: str, *, flat: bool = False, tables_before: int = 0) -> Layout:
    """The visible content below ``root`` as items. With ``flat``, every table counts as mere layout."""
    return _Walk(root, url, flat, tables_before).walk()


class _Walk:
    """The state of one walk over a tree."""

    def __init__(self, root: HtmlElement, url: str, flat: bool, tables_before: int) -> None:
        self.out = Layout(root, url)
        self.flat = flat
        self.tables = tables_before
        self.parts: list[str] = []
        self.linked = 0
        self.links = 0
        self.pre = 0
        self.heading: int | None = None
        self.marker: str | None = None
        self.block: HtmlElement = root
        self.blocks: list[HtmlElement] = [root]
        self.keeping: list[bool] = []  # for each block but the root: whether it keeps its line ends
        self.counters: dict[HtmlElement, int] = {}
        self.base = url

    def walk(self) -> Layout:
        root, items = self.out.root, self.out.items
        walker = etree.iterwalk(root, events=("start", "end"))
        started: dict[HtmlElement, int] = {}
        for event, node in walker:
            if event == "start":
                tag = node.tag
                given = node.items()  # once: every look at one attribute searches them all
                attributes = dict(given) if given else _NONE
                if tag in _ANCHORS:
                    self.out.anchors[node] = len(items)
                if tag in UNSEEN or (given and node is not root and hides(attributes)):
                    if tag == "head":
                        self._base(node)
                    walker.skip_subtree()
                elif tag == "table" and not self.flat and self._data_table(node):
                    walker.skip_subtree()
                else:
                    self._start(node, tag, attributes, started)
            else:
                self._end(node, started)
                tail = node.tail
                if tail and node is not root:
                    if self.pre or self.links:
                        self._text(tail)
                    else:
                        self.parts.append(tail)
        self._flush()
        self.out.spans.setdefault(root, (0, len(self.out.items)))
        return self.out

    def _base(self, head: HtmlElement) -> None:
        found = head.find(".//base[@href]")
        if found is not None:
            self.base = join(self.base, found.get("href", "")) or self.base

    def _start(
        self, node: HtmlElement, tag: str, attributes: Mapping[str, str], started: dict[HtmlElement, int]
    ) -> None:
        if tag in _VOID:
            self._void(node, tag, attributes)
            return
        inline = tag not in BLOCK and "-" not in tag
        if tag == "a":
            self.links += 1
        style = attributes.get("style")
        if inline and style and "display" in style.lower():
            inline = BLOCK_STYLE.search(style) is None
        mark = body_mark(tag, attributes) if attributes or tag == "ucapcontent" else None
        if inline and mark is None:
            self.parts.append(RAISED if tag in _SET_APART else EDGE)
        else:
            if self.parts:
                self._flush()
            started[node] = len(self.out.items)
            self.block = node
            self.blocks.append(node)
            if mark is not None:
                self.out.bodies.append((*mark, node))
            keeps = False
            if tag in HEADINGS:
                self.heading = HEADINGS[tag]
            elif tag == "li":
                self.marker = self._marker(node)
            else:
                keeps = tag in _PREFORMATTED or (style is not None and keeps_lines(style))
            self.keeping.append(keeps)
            self.pre += keeps
        text = node.text
        if text:
            self._text(text)

    def _void(self, node: HtmlElement, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "br":
            self._break()
        elif tag == "hr":
            self._flush()
        elif tag == "img":
            self._image(node)
        elif attributes.get("type", "text").lower() in ("text", "search", "date", ""):
            self.parts.append(FIELD)

    def _end(self, node: HtmlElement, started: dict[HtmlElement, int]) -> None:
        tag = node.tag
        if tag == "a":
            self.links = max(0, self.links - 1)
        first = started.pop(node, None)
        if first is None:
            if tag not in BLOCK:
                self.parts.append(RAISED if tag in _SET_APART else EDGE)
            return
        if self.parts:
            self._flush()
        self.out.spans[node] = (first, len(self.out.items))
        self.blocks.pop()
        self.block = self.blocks[-1]
        self.pre -= self.keeping.pop()
        if tag in HEADINGS:
            self.heading = None
        elif tag == "li":
            self.marker = None

    def _text(self, text: str) -> None:
        if not self.pre:
            self.parts.append(text)
            if self.links:
                self.linked += len(bare(text))
        else:
            lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            for index, line in enumerate(lines):
                if index:
                    self._flush()
                self.parts.append(line)
                if self.links:
                    self.linked += len(bare(line))

    def _break(self) -> None:
        if self.heading is not None:  # a headline over two lines is one headline
            self.parts.append(HEADLINE_BREAK)
        else:
            self._flush()

    def _image(self, node: HtmlElement) -> None:
        source = node.get("src") or node.get("data-src") or node.get("data-original") or node.get("oldsrc") or ""
        source = source.strip()
        if not source or source.startswith("data:"):
            return
        self._flush()
        alt = SPACE.sub(" ", node.get("alt") or node.get("title") or "").strip()
        self.out.items.append(Picture(join(self.base, source) or source, alt, node))

    def _flush(self) -> None:
        if not self.parts:
            return
        raw = "".join(self.parts)
        self.parts.clear()
        linked, self.linked = self.linked, 0
        if not raw.strip(BLANK):  # the source's own line ends between two elements
            return
        text = printed(raw)
        if text or FIELD in raw:
            self.out.items.append(Line(raw, text, self.block, self.heading, self.marker, linked))
            self.marker = None

    def _marker(self, node: HtmlElement) -> str:
        parent = node.getparent()
        if parent is None or parent.tag != "ol":
            return "-"
        value = _ORDINAL.fullmatch(node.get("value") or "")
        if value:
            number = int(value[0])
        elif parent in self.counters:
            number = self.counters[parent] + 1
        else:
            start = _ORDINAL.fullmatch(parent.get("start") or "")
            number = int(start[0]) if start else 1
        self.counters[parent] = number
        return f"{number}."

    def _data_table(self, node: HtmlElement) -> bool:
        rows = own_rows(node)
        if not may_hold_data(node, rows):
            return False
        texts = [plain_text(cell) for _, row in rows for cell in row]
        if not holds_data(node, rows, texts):
            return False
        grid = grid_of(node, rows, texts, self._cell, f"table {self.tables + 1}")
        if grid is None:
            return False
        self._flush()
        for stray in stray_text(node):
            self.parts.append(stray)
            self._flush()
        self.tables += 1
        first = len(self.out.items)
        self.out.items.append(grid)
        self.out.spans[node] = (first, len(self.out.items))
        return True

    def _cell(self, cell: HtmlElement) -> tuple[str, int]:
        inner = layout(cell, self.base, flat=True)
        return cell_text(inner), inner.weight(0, len(inner.items))[1]
