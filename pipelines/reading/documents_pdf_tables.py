"""Grids on consecutive pages as one table: a page break may run between rows, through a merged cell, through a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipelines.reading.blocks import Cell, Table
from pipelines.reading.documents_lists import is_item
from pipelines.reading.documents_pdf_grids import SNAP, Grid, snapped
from pipelines.reading.documents_pdf_lines import join, text_of


def goes_on(before: Grid, after: Grid) -> bool:
    """Whether a table at the top of a page goes on with the one at the foot of the page before."""
    if after.page != before.page + 1:
        return False
    same_sides = abs(before.xs[0] - after.xs[0]) <= 2 * SNAP and abs(before.xs[-1] - after.xs[-1]) <= 2 * SNAP
    shared = sum(any(abs(x - y) <= SNAP for y in before.xs) for x in after.xs)
    return same_sides and shared >= min(len(before.xs), len(after.xs)) - 1


def repeated_rows(first: Grid, part: Grid) -> int:
    """How many rows at the head of a table's further part say again what its first rows say: office programs repeat a
    table's head on each page. Rows of numbers alone are no head."""
    heads = [sorted(_row_cells(grid), key=lambda cell: (cell[0], cell[2])) for grid in (first, part)]
    count = 0
    for row in range(min(len(first.ys), len(part.ys)) - 2):
        one, other = ([cell for cell in head if cell[0] == row] for head in heads)
        alike = len(one) == len(other) and all(
            mine[1] == its[1] and mine[4] == its[4] and max(abs(mine[2] - its[2]), abs(mine[3] - its[3])) <= 2 * SNAP
            for mine, its in zip(one, other, strict=True)
        )
        if not alike or not any(re.search(r"[^\W\d]", cell[4]) for cell in one):
            break
        count = row + 1
    while count and any(top < count < top + tall for top, _, tall, _ in part.spans):
        count -= 1  # a row that a merged cell ties to what follows is no head
    return count


def _row_cells(grid: Grid) -> Iterator[tuple[int, int, float, float, str]]:
    """(row, height, left edge, right edge, words) of each cell."""
    for (row, left, tall, wide), chars in zip(grid.spans, grid.chars, strict=True):
        yield row, tall, grid.xs[left], grid.xs[left + wide], "".join(text_of(chars).split())


def without_head(part: Grid, count: int) -> Grid:
    kept = [number for number, span in enumerate(part.spans) if span[0] >= count]
    spans = [(top - count, left, tall, wide) for top, left, tall, wide in (part.spans[number] for number in kept)]
    rest = Grid(part.xs, part.ys[count:], spans, part.page)
    rest.chars = [part.chars[number] for number in kept]
    return rest


def table_of(parts: list[Grid], place: str) -> Table:
    """One table of its parts on consecutive pages, on the columns of all of them."""
    xs = snapped(x for part in parts for x in part.xs)

    def column(x: float) -> int:
        return min(range(len(xs)), key=lambda number: abs(xs[number] - x))

    cells: list[Cell] = []
    above = 0
    for part in parts:
        heads = [
            (number, text_of(part.chars[number]), column(part.xs[left]), column(part.xs[left + wide]))
            for number, (row, left, _, wide) in enumerate(part.spans)
            if row == 0
        ]
        feet = {(cell.column, cell.column + cell.colspan): cell for cell in cells if cell.row + cell.rowspan == above}
        cut = _is_cut([(feet.get((first, last)), text) for _, text, first, last in heads])
        joins = {
            number: feet[first, last]
            for number, text, first, last in heads
            if (first, last) in feet and (cut or _runs_on(feet[first, last], part.spans[number], text))
        }
        above -= cut
        for number, (row, left, rowspan, wide) in enumerate(part.spans):
            text = text_of(part.chars[number])
            first, last = column(part.xs[left]), column(part.xs[left + wide])
            if number in joins:
                known = joins[number]
                joined = join(known.text, text) if known.text and text else known.text or text
                tall = above + row + rowspan - known.row
                cells[cells.index(known)] = replace(known, text=joined, rowspan=tall)
            else:
                cells.append(Cell(text, above + row, first, rowspan, max(1, last - first)))
        above += len(part.ys) - 1
    return Table(tuple(cells), above, len(xs) - 1, place)


def _runs_on(foot: Cell, span: tuple[int, int, int, int], text: str) -> bool:
    """Whether a merged cell that runs to the foot of a page goes on at the head of the next (三、本年度办理结果)."""
    return (foot.rowspan > 1 or span[2] > 1) and (not text or _goes_on_in_words(foot.text, text))


def _goes_on_in_words(foot: str, head: str) -> bool:
    """Whether words at the head of a page are the rest of those at the foot of the page before: an item's label goes
    on (or its very number: （六 | ）其他处理), and what follows is no item of its own and no number."""
    return is_item(foot + head) and not is_item(head) and _has_words(head)


def _has_words(text: str) -> bool:
    return re.search(r"[^\W\d]", text) is not None


def _is_cut(pairs: Sequence[tuple[Cell | None, str]]) -> bool:
    """Whether a page break runs through a row: its first cells on the new page are the rest of the last ones before.

    Certain only for a row with a numbered label, all of whose numbers stand on one side of the break, and for the last
    row of a head with merged cells.
    """
    known = [(foot, text) for foot, text in pairs if foot is not None]
    if len(known) < len(pairs) or not any(text for _, text in known):
        return False
    if not any(re.search(r"\d", foot.text + text) or is_item(foot.text) or is_item(text) for foot, text in known):
        rests = [foot for foot, text in known if text]
        return all(foot.text for foot in rests) and len(rests) < len(known) and len({foot.row for foot, _ in known}) > 1
    if any(foot.text and text and not _goes_on_in_words(foot.text, text) for foot, text in known):
        return False
    row = [(foot.text, text) for foot, text in known if foot.rowspan == 1]
    if any(text and not foot and _has_words(text) for foot, text in row):
        return False  # a label of its own
    before = any(re.search(r"\d", foot) and not is_item(foot) for foot, _ in row)
    after = any(re.search(r"\d", text) and not _has_words(text) for _, text in row)
    return any(is_item(foot) for foot, _ in row) and not (before and after)
