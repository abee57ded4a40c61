"""The cells of a row → the data columns they stand under.

One by one by their place in the grid, or in order, when exactly as many cells follow the row's label as the header has
columns.
"""

from __future__ import annotations

from pipelines.reading.blocks import Cell
from pipelines.reading.statistics_found import Path
from pipelines.reading.statistics_headers import DataColumn, Header
from pipelines.reading.statistics_labels import Form, plain
from pipelines.reading.statistics_numbers import BLANK, Printed, Sort, header_unit, number
from pipelines.reading.statistics_sheets import Sheet, is_figure

Aligned = list[tuple[DataColumn, Cell | None]]


def aligned_cells(sheet: Sheet, row: int, header: Header, above: Path, label: Cell | None) -> Aligned | None:
    """Each column with its cell; ``None`` where the row does not fit the header. ``above`` and ``label`` name the row."""
    return _under_columns(sheet, row, header, above, label) or _in_order(sheet, row, header, label)


def _under_columns(sheet: Sheet, row: int, header: Header, above: Path, label: Cell | None) -> Aligned | None:
    """The row's cells by their place in the grid; ``None`` where one is missing, or one stands outside."""
    if not header.placed or (header.table != sheet.index and header.width != sheet.table.columns):
        return None
    first = header.columns[0].first
    if label is not None and label.column + label.colspan > first:
        return None
    begin = label.column + label.colspan if label is not None else 0
    if any(is_figure(cell) for cell in sheet.rows[row] if begin <= cell.column < first):
        return None
    last = header.columns[-1].last
    beyond = [cell for cell in sheet.rows[row] if cell.column > last]
    if any(is_figure(cell) for cell in beyond) or (beyond and not header.is_whole(above)):
        return None
    aligned: Aligned = []
    for column in header.columns:
        cells: list[Cell] = []
        for place in range(column.first, column.last + 1):
            cell = sheet.grid[row][place]
            if cell is not None and cell not in cells:
                cells.append(cell)
        printed = [cell for cell in cells if plain(cell.text)]
        if not cells or len(printed) > 1:
            return None
        aligned.append((column, (printed or cells)[0]))
    return aligned


def _in_order(sheet: Sheet, row: int, header: Header, label: Cell | None) -> Aligned | None:
    """The row's cells one by one, where exactly as many follow the label as the header has columns."""
    begin = label.column + label.colspan if label is not None else 0
    cells = [cell for cell in sheet.rows[row] if cell.column >= begin]
    if len(cells) != len(header.columns) or len({cell.colspan for cell in cells}) > 1:
        return None
    # A blank cell left of the data columns may belong to the stub, and then two are missing at the other end.
    same_grid = header.placed and (header.table == sheet.index or header.width == sheet.table.columns)
    if same_grid and any(cell.column < header.columns[0].first and not is_figure(cell) for cell in cells):
        return None
    return list(zip(header.columns, cells, strict=True))


def printed_under(cell: Cell | None, column: DataColumn, form: Form, columns: int) -> Printed:
    """The number a cell holds under a column; ``columns`` is how many of them it covers."""
    if cell is None:
        return BLANK
    sort = Sort.COUNT
    if form is Form.DISCLOSURE and column.key is not None:
        sort = {"change": Sort.CHANGE, "amount": Sort.AMOUNT}.get(column.key[0], Sort.COUNT)
    printed = number(cell.text, sort, header_unit(plain(column.label)))
    if printed.value is not None and columns > 1:
        return Printed(None, "one number over several columns")
    if printed.value is not None and cell.rowspan > 1:
        return Printed(None, "one number over several rows")
    return printed
