"""A table by its rows, as the statutory tables are read."""

from __future__ import annotations

from pipelines.reading.blocks import Cell, Table
from pipelines.reading.statistics_numbers import Sort, number


class Sheet:
    """One table of a report: its cells row by row, and what stands in every place of its grid."""

    def __init__(self, table: Table, index: int) -> None:
        self.table, self.index = table, index
        self.grid = table.grid()
        self.rows: list[list[Cell]] = [[] for _ in range(table.rows)]
        for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
            if cell.row < table.rows:
                self.rows[cell.row].append(cell)

    def place(self, row: int) -> str:
        return f"{self.table.place} row {row + 1}"


def is_figure(cell: Cell) -> bool:
    """A cell that holds a number, in any of its columns' ways of writing one."""
    return any(number(cell.text, sort).value is not None for sort in Sort)
