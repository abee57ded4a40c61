"""Metadata blocks in the shape of a table."""

from __future__ import annotations

import re

from pipelines.reading import labels
from pipelines.reading.blocks import Cell
from pipelines.reading.labels import Pair, Role
from pipelines.reading.markup import Grid, Layout
from pipelines.reading.metadata.pairs import unknown_pairs
from pipelines.reading.metadata.values import Metadata


def mark_labelled(page: Layout) -> None:
    """Tells the tables that are metadata blocks apart from those that hold the report's figures."""
    for item in page.items:
        if isinstance(item, Grid) and not item.form and item.table.rows <= 40 and item.table.columns <= 12:
            item.labelled = _is_block(item)


def _is_block(grid: Grid) -> bool:
    cells = grid.table.cells
    printed = [cell.text for cell in cells if cell.text]
    if sum(not text.isdigit() for text in printed) * 4 < len(printed):
        return False  # a form full of figures: too few cells are left to be labels
    count = count_labels(grid)
    if count < 2 and not (count == 1 and len(cells) <= 4):
        return False
    if _is_listing(grid):
        return False
    return count * 4 >= len(printed) and not any(len(text) > 600 for text in printed)


def count_labels(grid: Grid) -> int:
    """How many cells of a table are labels, or label and value."""
    return sum(1 for cell in grid.table.cells if _cell_pairs(cell) or _label_cell(cell))


def _is_listing(grid: Grid) -> bool:
    """A list of documents has a head of labels and then rows of values; a block has labels in every row."""
    rows = _rows(grid)
    if len(rows) < 3 or not rows[0]:
        return False
    head = sum(1 for cell in rows[0] if labels.is_label(cell.text))
    below = sum(1 for row in rows[1:] for cell in row if _label_cell(cell) or _cell_pairs(cell))
    return head == len(rows[0]) and head >= 2 and below == 0


def _rows(grid: Grid) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[] for _ in range(grid.table.rows)]
    for cell in grid.table.cells:
        rows[cell.row].append(cell)
    return [sorted(row, key=lambda cell: cell.column) for row in rows]


def _label_cell(cell: Cell) -> bool:
    text = cell.text.strip()
    if not text or len(text) > 30 or text.isascii():
        return False
    role = labels.role_of(text)
    if role is not None:
        return role is not Role.CHROME
    return False


def _cell_pairs(cell: Cell) -> list[Pair]:
    if ":" not in cell.text and "：" not in cell.text:
        return []
    made: list[Pair] = []
    for line in cell.text.split("\n"):
        on_line = labels.pairs(line)
        if on_line and not labels.leading_text(line):
            made.extend(labels.pairs(line, unknown=True))
        elif made and made[-1].value is not None and not on_line:
            last = made[-1]
            made[-1] = Pair(last.label, f"{last.value} {line.strip()}", last.role, last.known)
    return [pair for pair in made if pair.value is not None or len(made) > 1]


def read_grid(grid: Grid, found: Metadata) -> None:
    """Adds what a labelled table says."""
    rows = _rows(grid)
    if _labels_above_values(rows):
        for names, values in zip(rows[::2], rows[1::2], strict=True):
            for name, value in zip(names, values, strict=True):
                _add(found, name.text, value.text)
        return
    paired = any(pair.value is not None for cell in grid.table.cells for pair in _cell_pairs(cell))
    for row in rows:
        position = 0
        while position < len(row):
            cell = row[position]
            position += 1
            inner = _cell_pairs(cell) or (_unknown_in_cell(cell) if paired else [])
            if inner:
                for pair in inner:
                    if pair.role is not Role.CHROME:
                        found.add(pair.label, pair.value or "", pair.role)
                continue
            if not (_label_cell(cell) or labels.looks_like_label(cell.text.strip()) or _short_head(cell, row)):
                continue
            following = row[position] if position < len(row) else None
            if following is None or _opens_pair(following, paired=paired):
                _add(found, cell.text, "")
            else:
                _add(found, cell.text, following.text)
                position += 1


def _opens_pair(cell: Cell, *, paired: bool) -> bool:
    """Whether a cell is a label itself (or label and value), so that the one before it is blank."""
    if _label_cell(cell) or labels.looks_like_label(cell.text.strip()) or _cell_pairs(cell):
        return True
    return paired and bool(_unknown_in_cell(cell))


def _unknown_in_cell(cell: Cell) -> list[Pair]:
    return unknown_pairs(cell.text) if len(cell.text) <= 80 else []


def _labels_above_values(rows: list[list[Cell]]) -> bool:
    """Whether rows of labels and rows of their values take turns."""
    pairs = [*zip(rows[::2], rows[1::2], strict=False)]
    if not pairs or len(rows) % 2 or any(not len(names) == len(values) >= 2 for names, values in pairs):
        return False
    return all(
        all(_label_cell(cell) for cell in names) and not any(_label_cell(cell) for cell in values)
        for names, values in pairs
    )


def _short_head(cell: Cell, row: list[Cell]) -> bool:
    """An unknown label without colon, in the place where the row's known labels stand."""
    text = labels.normal(cell.text)
    return (
        2 <= len(text) <= 8
        and re.fullmatch(r"[\u4e00-\u9fff]+", text) is not None
        and len(row) >= 2
        and row.index(cell) % 2 == 0
        and any(_label_cell(other) for other in row if other is not cell)
    )


def _add(found: Metadata, label: str, value: str) -> None:
    role = labels.role_of(label) or Role.OTHER
    if role is not Role.CHROME:
        found.add(labels.normal(label), labels.clean_value(value.replace("\n", " ")), role)
