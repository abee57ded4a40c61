"""A data table's cells → their places, spans as far as they can be true."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

from lxml.html import HtmlElement

from pipelines.reading.blocks import Cell, Table
from pipelines.reading.markup.items import Grid

_CLAIMED = re.compile(r"\s*(\d{1,6})")
MAX_SPAN = 200  # columns or rows a cell may claim; more has only been seen in hostile or broken markup
MAX_PLACES = 40_000  # that the merged cells of one table may cover together; beyond, cells are no longer merged
MAX_GRID = 400_000  # places of a table of data; with more it is read as lines


def grid_of(
    node: HtmlElement,
    rows: list[tuple[HtmlElement | None, list[HtmlElement]]],
    texts: list[str | None],
    read: Callable[[HtmlElement], tuple[str, int]],
    place: str,
) -> Grid | None:
    """The table of these rows; ``None`` where it has no cell, or too many places to be one.

    ``texts`` are the cells' in order; of one that is ``None``, ``read`` says the text and how much of it is linked.
    """
    taken: set[tuple[int, int]] = set()  # places below a cell of several rows
    placed: list[tuple[int, int, int, int, HtmlElement]] = []
    ends = _group_ends(rows)
    kept: set[int] = set()
    places = MAX_PLACES
    for number, (_, cells) in enumerate(rows):
        column = 0
        for cell in cells:
            while (number, column) in taken:
                column += 1
            rowspan = _claim(cell.get("rowspan"), ends[number] - number)
            colspan = _claim(cell.get("colspan"), MAX_SPAN)
            if rowspan * colspan > 1:
                places -= rowspan * colspan
                if places < 0:
                    rowspan = colspan = 1
            if rowspan > 1:
                taken.update(product(range(number + 1, number + rowspan), range(column, column + colspan)))
                kept.update(range(number, number + rowspan))
            placed.append((number, column, rowspan, colspan, cell))
            column += colspan
        if cells:
            kept.add(number)
    if not placed:
        return None
    # A caption that claims a thousand columns does not make the table that wide.
    width = max(
        max(column + 1 for _, column, _, _, _ in placed), max((c + s for _, c, _, s, _ in placed if s < 50), default=1)
    )
    if len(kept) * width > MAX_GRID:
        return None
    order = {row: index for index, row in enumerate(sorted(kept))}
    made = []
    linked = 0
    for (row, column, rowspan, colspan, cell), text in zip(placed, texts, strict=True):
        if text is None:
            text, in_links = read(cell)
            linked += in_links
        made.append(Cell(text, order[row], column, rowspan, min(colspan, width - column)))
    form = any((field.get("type") or "text").lower() != "hidden" for field in node.iter("input", "select", "textarea"))
    return Grid(Table(tuple(made), len(kept), width, place), node, linked, form=form)


def _group_ends(rows: list[tuple[HtmlElement | None, list[HtmlElement]]]) -> list[int]:
    """For each row, the number of the row after the last of its group: no cell reaches beyond."""
    ends = [0] * len(rows)
    end = len(rows)
    for number in range(len(rows) - 1, -1, -1):
        if number + 1 < len(rows) and rows[number][0] is not rows[number + 1][0]:
            end = number + 1
        ends[number] = end
    return ends


def _claim(value: str | None, most: int) -> int:
    if value is None or value == "1":
        return 1
    digits = _CLAIMED.match(value)
    if digits is None:
        return 1
    number = int(digits.group(1))
    if number == 0:
        return most if most < MAX_SPAN else 1  # rowspan=0: to the end of the group
    return max(1, min(number, most))
