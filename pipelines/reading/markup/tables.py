"""Which tables hold data, and which only lay out a page."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from pipelines.reading.markup.bodies import holds_body
from pipelines.reading.markup.elements import UNSEEN, is_hidden
from pipelines.reading.markup.text import OUTER, bare

_LONGEST_LABEL = 90  # characters of a cell of the statutory forms, white space of the markup included


def own_rows(table: HtmlElement) -> list[tuple[HtmlElement | None, list[HtmlElement]]]:
    """(row group, cells) of a table without those of tables inside it. Cells outside any row make a row together."""
    rows: list[tuple[HtmlElement | None, list[HtmlElement]]] = []
    loose: list[HtmlElement] | None = None
    stack: list[tuple[HtmlElement, HtmlElement | None, list[HtmlElement] | None]] = [
        (child, None, None) for child in reversed(table)
    ]
    while stack:
        node, group, row = stack.pop()
        tag = node.tag
        if not isinstance(tag, str) or tag in UNSEEN or is_hidden(node):
            continue
        if tag in ("td", "th", "table"):  # a table right below a row, as unclosed markup leaves it, is a cell's content
            if row is None:
                if loose is None:
                    loose = []
                    rows.append((group, loose))
                loose.append(node)
            else:
                row.append(node)
            continue
        loose = None
        if tag == "tr":
            row = []
            rows.append((group, row))
        elif tag in ("thead", "tbody", "tfoot"):
            group = node
        stack.extend((child, group, row) for child in reversed(node))
    return rows


def stray_text(table: HtmlElement) -> Iterator[str]:
    """Text inside a table but outside its cells (captions, and what a browser would move before the table)."""
    stack = [(child, False) for child in reversed(table)]
    if table.text and table.text.strip(OUTER):
        yield table.text
    while stack:
        node, inside = stack.pop()
        tag = node.tag
        if isinstance(tag, str) and tag not in ("td", "th", "table") and tag not in UNSEEN and not is_hidden(node):
            if node.text and node.text.strip(OUTER):
                yield node.text
            stack.extend((child, inside) for child in reversed(node))
        if node.tail and node.tail.strip(OUTER):
            yield node.tail


def may_hold_data(table: HtmlElement, rows: list[tuple[HtmlElement | None, list[HtmlElement]]]) -> bool:
    """Whether a table is more than a column, a headline's frame or the box of a known body."""
    if max((len(row) for _, row in rows), default=0) < 2:
        return False
    return next(table.iter("h1", "h2", "h3"), None) is None and not holds_body(table)


def holds_data(
    table: HtmlElement, rows: list[tuple[HtmlElement | None, list[HtmlElement]]], plain: list[str | None]
) -> bool:
    """Whether a table that may holds data. Older portals lay out the whole page in tables, some frame the article."""
    cells = [cell for _, row in rows for cell in row]
    texts = [cell.text_content() if text is None else text for cell, text in zip(cells, plain, strict=True)]
    if table.find(".//table") is not None:
        nested = [
            index
            for index, cell in enumerate(cells)
            if cell.tag == "table" or (len(cell) and not _frames_one_word(cell) and cell.find(".//table") is not None)
        ]
        if sum(len(bare(texts[index])) for index in nested) * 2 >= sum(map(len, map(bare, texts))):
            return False
    if max(map(len, texts)) > 300:
        lengths = [len(bare(text)) for text in texts]
        longest = max(range(len(cells)), key=lengths.__getitem__)
        if lengths[longest] > 300 and lengths[longest] * 10 >= sum(lengths) * 6:
            return sum(1 for _ in cells[longest].iter("p", "br", "div", "li")) < 3
    return True


def _frames_one_word(cell: HtmlElement) -> bool:
    """Whether a table in a cell is but a frame around its figure or label, as some editors paste each cell."""
    return (
        len(cell.text_content()) <= _LONGEST_LABEL
        and all(sum(1 for _ in table.iterdescendants("td", "th")) == 1 for table in cell.iterdescendants("table"))
        and next(cell.iterdescendants("a", "img", "input"), None) is None
    )
