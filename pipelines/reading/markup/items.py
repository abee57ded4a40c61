"""What a page is made of, in reading order: lines, data tables, pictures, and the elements that hold them."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml.html import HtmlElement

from pipelines.reading.blocks import Block, Image, Paragraph, Table
from pipelines.reading.markup.text import EDGE, HEADLINE_BREAK, OUTER, RAISED, SPACE, ZERO_WIDTH, is_prose


@dataclass(slots=True, eq=False)
class Line:
    """One line of text as a reader sees it: the content of a block element, or the part of it between two breaks."""

    raw: str  # as in the source, with EDGE and FIELD
    text: str
    element: HtmlElement
    level: int | None
    marker: str | None
    linked: int  # how many of its characters stand in links
    _marked: str | None = None

    @property
    def marked(self) -> str:
        """The text with EDGE between inline elements and FIELD for form fields, gaps as printed."""
        if self._marked is None:
            raw = self.raw.replace(HEADLINE_BREAK, " ").replace(RAISED, EDGE)
            self._marked = SPACE.sub(" ", ZERO_WIDTH.sub("", raw)).strip(OUTER)
        return self._marked


@dataclass(slots=True, eq=False)
class Grid:
    """One data table."""

    table: Table
    element: HtmlElement
    linked: int
    labelled: bool = False  # a metadata block in the shape of a table
    form: bool = False  # a form to be filled in


@dataclass(slots=True, eq=False)
class Picture:
    """One image."""

    url: str
    alt: str
    element: HtmlElement


Item = Line | Grid | Picture


@dataclass(slots=True)
class Layout:
    """A page as items, and which of them each block element holds."""

    root: HtmlElement
    url: str
    items: list[Item] = field(default_factory=list)
    spans: dict[HtmlElement, tuple[int, int]] = field(default_factory=dict)
    anchors: dict[HtmlElement, int] = field(default_factory=dict)  # links and frames → the item they stand at
    bodies: list[tuple[int, str, HtmlElement]] = field(default_factory=list)  # (rank, what marks it, element)
    _weights: list[tuple[int, int, int]] = field(default_factory=list)

    def span(self, element: HtmlElement) -> tuple[int, int]:
        return self.spans.get(element, (0, 0))

    def weight(self, start: int, end: int) -> tuple[int, int, int]:
        """Characters, linked characters and characters of prose or tables in a range of items."""
        if not self._weights:
            total = [(0, 0, 0)]
            for item in self.items:
                chars, linked, prose = total[-1]
                one, in_links, of_prose = _weigh(item)
                total.append((chars + one, linked + in_links, prose + of_prose))
            self._weights.extend(total)
        first, last = self._weights[start], self._weights[end]
        return last[0] - first[0], last[1] - first[1], last[2] - first[2]


def _weigh(item: Item) -> tuple[int, int, int]:
    if isinstance(item, Line):
        length = len(item.text)
        return length, item.linked, length if item.linked * 2 < length and is_prose(item.text) else 0
    if isinstance(item, Grid):
        length = sum(len(cell.text) for cell in item.table.cells)
        if item.labelled or item.form:
            return length, item.linked, 0
        return length, item.linked, length if item.linked * 2 < length else 0
    return 0, 0, 0


def blocks_of(items: list[Item]) -> tuple[Block, ...]:
    """The items as blocks, form fields without text left out."""
    made: list[Block] = []
    for item in items:
        if isinstance(item, Line):
            if item.text:
                made.append(Paragraph(item.text, item.level, item.marker))
        elif isinstance(item, Grid):
            made.append(item.table)
        else:
            made.append(Image(item.url, item.alt))
    return tuple(made)
