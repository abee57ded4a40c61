"""A report's text as blocks in reading order: what every reader (HTML, PDF, DOCX …) makes and every other part uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as printed, at its top left corner; a merged cell covers ``rowspan`` × ``colspan`` places."""

    text: str
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A data table. ``place`` leads back to it in the snapshot ("table 2", "page 3, table 1")."""

    cells: tuple[Cell, ...]
    rows: int
    columns: int
    place: str

    def grid(self) -> list[list[Cell | None]]:
        """Rows × columns; a merged cell stands in every place it covers, ``None`` where the page has no cell."""
        grid: list[list[Cell | None]] = [[None] * self.columns for _ in range(self.rows)]
        for cell in self.cells:
            for row in range(cell.row, min(cell.row + cell.rowspan, self.rows)):
                for column in range(cell.column, min(cell.column + cell.colspan, self.columns)):
                    grid[row][column] = cell
        return grid


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, heading or list item; ``level`` 1–6 where the page marks it up as a heading."""

    text: str
    level: int | None = None
    marker: str | None = None  # "-" or "1." of a list item


@dataclass(frozen=True, slots=True)
class Image:
    """An image that stands in the text."""

    url: str
    alt: str = ""


Block = Paragraph | Table | Image
