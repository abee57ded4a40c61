"""Spreadsheets: XLSX and XLS, each sheet's text and tables with their merged cells and values as shown."""

from __future__ import annotations

import re
import struct
import zipfile
from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from io import BytesIO
from typing import Any

from lxml import etree

from crawler.errors import Unreadable
from crawler.items import Remark
from pipelines.reading.blocks import Block, Cell, Paragraph, Table
from pipelines.reading.documents.bounds import MAX_XML, Deadline, member, opened_zip, refuse_dtd, refuse_dtds
from pipelines.reading.documents.lists import is_item

MAX_ROWS = 20_000
MAX_COLUMNS = 500
MAX_PLACES = 500_000

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_MERGE = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*[\"']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"
)

Merge = tuple[int, int, int, int]  # top, left, height, width
_NUMBER_FORM = re.compile(r"(?P<thousands>#,##)?0(?:\.(?P<places>0{1,12}))?(?P<percent>%)?_?[ )]?(?:;.*)?", re.S)
_CHINESE_DATE = re.compile(r"""(?:\[[^]]*\])?y{2,4}"?年"?m{1,2}"?月"?d{1,2}"?日"?""", re.I)
_CAPTION = re.compile(r"\s*第[一二三四五六七八九十]+条")  # of a part of the disclosure table
_PROSE = re.compile(r"[。；;]|[^。]{40}")


Texts = dict[tuple[int, int], str]


@dataclass(frozen=True, slots=True)
class _Hidden:
    """Rows and columns of a sheet that are not shown."""

    rows: Collection[int] = ()
    columns: Collection[int] = ()

    def notes(self, sheet: str, texts: Texts) -> list[Remark]:
        """How much is left out with them."""
        count = sum(row in self.rows or column in self.columns for row, column in texts)
        return [Remark("document.hidden_cells", f"{sheet}: {count} in hidden rows or columns")] if count else []

    def without(self, texts: Texts, merges: Iterable[Merge]) -> tuple[Texts, list[Merge]]:
        """Texts and merged cells as they stand where the hidden ones take no place. A merged cell says what it says
        as long as some of it is shown."""
        hidden_rows, hidden_columns = sorted(self.rows), sorted(self.columns)

        def place(row: int, column: int) -> tuple[int, int]:
            return row - bisect_left(hidden_rows, row), column - bisect_left(hidden_columns, column)

        shown = {
            place(row, column): text
            for (row, column), text in texts.items()
            if row not in self.rows and column not in self.columns
        }
        areas = []
        for top, left, height, width in merges:
            (first, start), (end, stop) = place(top, left), place(top + height, left + width)
            if end > first and stop > start:
                areas.append((first, start, end - first, stop - start))
                shown[first, start] = texts.get((top, left), "")
        return shown, areas


def read_xlsx(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks of an XLSX: values as last computed; hidden sheets, rows and columns are left out and noted."""
    import openpyxl  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

    archive = opened_zip(data)
    refuse_dtds(archive)
    _refuse_vast_merges(archive)
    damage = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError,
              SyntaxError, OSError)  # fmt: skip
    blocks: list[Block] = []
    notes: list[Remark] = []
    try:
        book = openpyxl.load_workbook(BytesIO(data), data_only=True, keep_links=False)
        for sheet in book.worksheets:
            deadline.check()
            if sheet.sheet_state != "visible":
                notes.append(Remark("document.hidden_sheet", sheet.title))
                continue
            # The cells that exist, not the rectangle: one styled cell in the last row makes that a million rows.
            texts = {
                (cell.row - 1, cell.column - 1): _shown(cell.value, cell.number_format)
                for cell in list(sheet._cells.values())
                if cell.value is not None
            }
            hidden = _Hidden(
                {number - 1 for number, row in sheet.row_dimensions.items() if row.hidden},
                {
                    number - 1
                    for column in sheet.column_dimensions.values()
                    if column.hidden
                    for number in range(column.min, min(column.max, MAX_COLUMNS) + 1)
                },
            )
            merges = [
                (area.min_row - 1, area.min_col - 1, area.max_row - area.min_row + 1, area.max_col - area.min_col + 1)
                for area in sheet.merged_cells.ranges
            ]
            blocks.extend(_sheet(sheet.title, texts, merges, hidden))
            notes.extend(hidden.notes(sheet.title, texts))
    except damage as error:
        raise Unreadable(f"damaged spreadsheet: {error!r}"[:300], name="document_damaged") from error
    return blocks, notes


def _refuse_vast_merges(archive: zipfile.ZipFile) -> None:
    """openpyxl makes an object of every place that a merged cell covers, whatever the sheet holds."""
    for info in archive.infolist():
        if "worksheets/" not in info.filename:
            continue
        places = 0
        for left, top, right, bottom in _MERGE.findall(member(archive, info.filename)):
            places += (1 + int(bottom) - int(top)) * (1 + _column(right) - _column(left))
            if places > MAX_PLACES:
                raise Unreadable(f"merged cells of {info.filename!r} cover too much", name="document_bomb")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def read_xls(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks of an XLS."""
    import xlrd  # type: ignore[import-untyped]
    from xlrd.compdoc import CompDocError  # type: ignore[import-untyped]

    blocks: list[Block] = []
    notes: list[Remark] = []
    damage = (xlrd.XLRDError, CompDocError, zipfile.BadZipFile, OSError, ValueError, TypeError, IndexError, KeyError, AssertionError,
              AttributeError, ArithmeticError, struct.error)  # fmt: skip
    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True)
        for sheet in book.sheets():
            deadline.check()
            if sheet.visibility:
                notes.append(Remark("document.hidden_sheet", sheet.name))
                continue
            texts = {}
            for row in range(sheet.nrows):
                for column in range(sheet.row_len(row)):
                    cell = sheet.cell(row, column)
                    form = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
                    if cell.ctype == xlrd.XL_CELL_DATE:
                        texts[row, column] = _shown(xlrd.xldate_as_datetime(cell.value, book.datemode), form)
                    elif cell.ctype in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER):
                        texts[row, column] = _shown(cell.value, form)
            merges = [(top, left, low - top, right - left) for top, low, left, right in sheet.merged_cells]
            hidden = _Hidden(
                {number for number, row in sheet.rowinfo_map.items() if row.hidden},
                {number for number, column in sheet.colinfo_map.items() if column.hidden},
            )
            blocks.extend(_sheet(sheet.name, texts, merges, hidden))
            notes.extend(hidden.notes(sheet.name, texts))
    except damage as error:
        name = "document_encrypted" if "encrypted" in str(error).lower() else "document_damaged"
        raise Unreadable(f"spreadsheet: {error!r}"[:300], name=name) from error
    return blocks, notes


def read_excel_xml(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks of a workbook in one XML file, as Excel 2003 saved it."""
    if len(data) > MAX_XML:
        raise Unreadable(f"{len(data)} bytes of XML", name="document_too_large")
    refuse_dtd(data, "workbook")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    blocks: list[Block] = []
    try:
        for sheet in etree.fromstring(data, parser).iter(f"{_SS}Worksheet"):
            deadline.check()
            blocks.extend(_sheet(sheet.get(f"{_SS}Name") or "", *_excel_cells(sheet)))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"damaged workbook: {error}", name="document_damaged") from error
    return blocks, [Remark("document.markup", "a workbook saved as XML")]


def _excel_cells(sheet: etree._Element) -> tuple[dict[tuple[int, int], str], list[Merge]]:
    texts: dict[tuple[int, int], str] = {}
    merges: list[Merge] = []
    row = -1
    for line in sheet.iter(f"{_SS}Row"):
        row = int(line.get(f"{_SS}Index") or row + 2) - 1
        column = -1
        for cell in line.iter(f"{_SS}Cell"):
            column = int(cell.get(f"{_SS}Index") or column + 2) - 1
            wide, tall = int(cell.get(f"{_SS}MergeAcross") or 0), int(cell.get(f"{_SS}MergeDown") or 0)
            content = cell.find(f"{_SS}Data")
            if content is not None:
                texts[row, column] = "".join(map(str, content.itertext()))
            if wide or tall:
                merges.append((row, column, tall + 1, wide + 1))
            column += wide
    return texts, merges


def _shown(value: Any, form: str = "General") -> str:
    """A value as a reader of the sheet sees it: in the number format of its cell where that is one of the plain ones
    (0.00, #,##0.00, 0.0%, a Chinese date), else whole numbers without a point and dates without midnight."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        if found := _NUMBER_FORM.fullmatch(form):
            return _in_form(Decimal(repr(value)), found)
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date):
        if _CHINESE_DATE.match(form):
            return f"{value.year}年{value.month}月{value.day}日"
        if not isinstance(value, datetime):
            return value.isoformat()
        midnight = value.hour == value.minute == value.second == 0
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return str(value)


def _in_form(number: Decimal, form: re.Match[str]) -> str:
    percent = bool(form["percent"])
    shown = (number * 100 if percent else number).quantize(
        Decimal(1).scaleb(-len(form["places"] or "")), rounding=ROUND_HALF_UP, context=Context(prec=60)
    )
    return f"{shown:{',' if form['thousands'] else ''}f}" + ("%" if percent else "")


def _sheet(title: str, texts: Texts, merges: Iterable[Merge], hidden: _Hidden = _Hidden()) -> list[Block]:
    """One sheet as text and tables: rows of one cell that stand above, between and below its tables are paragraphs."""
    texts, areas = hidden.without(texts, merges)
    filled = {place: text for place, text in texts.items() if text.strip()}
    if not filled:
        return []
    bottom, right = max(row for row, _ in filled) + 1, max(column for _, column in filled) + 1
    if bottom > MAX_ROWS or right > MAX_COLUMNS or bottom * right > MAX_PLACES:
        raise Unreadable(f"sheet {title!r} is {bottom} × {right}", name="document_too_large")
    cells = _cells(title, filled, areas, bottom, right)
    prose = _prose_rows(cells)
    blocks: list[Block] = []
    tables = 0
    rows: list[list[Cell]] = [[] for _ in range(bottom)]
    for cell in cells:
        rows[cell.row].append(cell)
    start = 0
    for row in (*sorted(prose), bottom):
        part = [cell for line in rows[start:row] for cell in line]
        if any(cell.text.strip() for cell in part):
            tables += 1
            blocks.append(_table(part, f"sheet {title}" + (f", table {tables}" if tables > 1 else "")))
        if row < bottom:
            said = next(cell.text for cell in rows[row] if cell.text.strip())
            blocks.extend(Paragraph(line.strip()) for line in said.splitlines() if line.strip())
        start = row + 1
    return blocks


def _cells(title: str, filled: Texts, areas: list[Merge], bottom: int, right: int) -> list[Cell]:
    covered: set[tuple[int, int]] = set()
    places = 0
    cells: list[Cell] = []
    for top, left, height, width in sorted(areas):
        if top >= bottom or left >= right:
            continue
        height, width = min(height, bottom - top), min(width, right - left)
        places += height * width
        if places > 2 * MAX_PLACES:  # one over the other
            raise Unreadable(f"merged cells of sheet {title!r} cover too much", name="document_bomb")
        cells.append(Cell(filled.get((top, left), ""), top, left, height, width))
        covered |= {(row, column) for row in range(top, top + height) for column in range(left, left + width)}
    cells.extend(
        Cell(filled.get((row, column), ""), row, column)
        for row in range(bottom)
        for column in range(right)
        if (row, column) not in covered
    )
    return sorted(cells, key=lambda cell: (cell.row, cell.column))


def _prose_rows(cells: list[Cell]) -> set[int]:
    """Rows that are text beside the tables of a sheet: one cell alone, above the first table or below the last, or
    between two with the words of a heading or a sentence.

    A row is no text where its cell is merged like the labels of the rows around it (a row of a form left blank), or
    names an item of the Regulations (the head of a part of the disclosure table).
    """
    alone: dict[int, Cell | None] = {}
    for cell in cells:
        if cell.text.strip():
            for row in range(cell.row, cell.row + cell.rowspan):
                alone[row] = None if row in alone or cell.rowspan > 1 else cell
    tabular = [row for row, cell in alone.items() if cell is None]
    first, last = (min(tabular), max(tabular)) if tabular else (max(alone) + 1, -1)
    labels = {
        (cell.column, cell.colspan)
        for cell in cells
        if cell.colspan > 1 and alone.get(cell.row, cell) is None and cell.text.strip()
    }
    return {
        row
        for row, cell in alone.items()
        if cell is not None
        and (cell.column, cell.colspan) not in labels
        and not _CAPTION.match(cell.text)
        and (not first < row < last or is_item(cell.text) or _PROSE.search(cell.text))
    }


def _table(cells: list[Cell], place: str) -> Table:
    """A part of a sheet as a table of its own, without blank columns at its right and blank rows around it."""
    filled = [cell for cell in cells if cell.text.strip()]
    top, bottom = min(cell.row for cell in filled), max(cell.row + cell.rowspan for cell in filled)
    right = max(cell.column + cell.colspan for cell in filled)
    kept = tuple(
        replace(cell, row=cell.row - top, colspan=min(cell.colspan, right - cell.column))
        for cell in cells
        if cell.column < right and top <= cell.row < bottom
    )
    return Table(kept, bottom - top, right, place)
