"""Tables that a word processor keeps row by row, each row with its own cell edges (DOC, RTF), as one grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipelines.reading.blocks import Block, Cell, Paragraph, Table

SNAP = 60  # twips: edges drawn by hand drift so far from row to row
MAX_CELLS = 200_000


@dataclass(frozen=True, slots=True)
class RowCell:
    """One cell of a row: its content, its right edge, and whether it goes on with a neighbour."""

    content: tuple[Block, ...]
    right: int | None = None
    goes_on_above: bool = False  # part of the cell above
    goes_on_left: bool = False  # part of the cell before


@dataclass(frozen=True, slots=True)
class Row:
    """One row as stored."""

    left: int
    cells: tuple[RowCell, ...]


def table_of(rows: Sequence[Row], place: str) -> list[Block]:
    """The rows as one table; where cells hold tables, it lays out the page and its content stands on its own."""
    if any(not isinstance(block, Paragraph) for row in rows for cell in row.cells for block in cell.content):
        return [block for row in rows for cell in row.cells for block in cell.content]
    edged = [_edged(row) for row in rows]
    columns = _columns([[left, *(right for _, right in cells)] for left, cells in edged])
    cells: list[Cell] = []
    above: dict[int, int] = {}  # column → number of the cell over it
    for number, (left, row) in enumerate(edged):
        here: dict[int, int] = {}
        start = columns[number, left]
        for cell, right in row:
            end = max(columns[number, right], start + 1)
            over = above.get(start)
            if cell.goes_on_above and over is not None and cells[over].colspan == end - start:
                cells[over] = replace(cells[over], rowspan=number - cells[over].row + 1)
                here[start] = over
            else:
                here[start] = len(cells)
                cells.append(Cell(_text(cell.content), number, start, 1, end - start))
            start = end
        above = here
    width = max((cell.column + cell.colspan for cell in cells), default=0)
    return [Table(tuple(cells), len(rows), width, place)] if cells else []


def _edged(row: Row) -> tuple[int, list[tuple[RowCell, int]]]:
    """Cells with their right edges; those merged sideways are one. Edges that are none become one a cell."""
    edges = [cell.right for cell in row.cells]
    places = [row.left, *(edge for edge in edges if edge is not None)]
    if None in edges or any(one >= other for one, other in pairwise(places)):
        return 0, [(cell, 10 * SNAP * (number + 1)) for number, cell in enumerate(row.cells)]
    joined: list[tuple[RowCell, int]] = []
    for cell, right in zip(row.cells, places[1:], strict=True):
        if cell.goes_on_left and joined:
            first, _ = joined[-1]
            joined[-1] = (replace(first, content=first.content + cell.content), right)
        else:
            joined.append((cell, right))
    return row.left, joined


def _columns(rows: list[list[int]]) -> dict[tuple[int, int], int]:
    """(row, edge) → column. Edges of two rows that nearly meet are one; two of one row never are."""
    columns: dict[tuple[int, int], int] = {}
    group: list[tuple[int, int]] = []
    column = -1
    for edge, number in sorted((edge, number) for number, edges in enumerate(rows) for edge in edges):
        if not group or edge - group[0][0] > SNAP or any(other == number for _, other in group):
            group = []
            column += 1
        group.append((edge, number))
        columns[number, edge] = column
    return columns


def _text(content: Sequence[Block]) -> str:
    lines = [
        f"{block.marker} {block.text}" if block.marker else block.text
        for block in content
        if isinstance(block, Paragraph)
    ]
    return "\n".join(lines)
