"""Spreadsheets as tables: XLSX and XLS, each sheet's used rectangle with its merged cells and values as shown."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from io import BytesIO
from typing import Any

from lxml import etree

from crawler.errors import Unreadable
from crawler.items import Remark
from pipelines.reading.blocks import Block, Cell, Paragraph, Table
from pipelines.reading.documents_bounds import MAX_XML, Deadline, member, opened_zip, refuse_dtd, refuse_dtds

MAX_ROWS = 20_000
MAX_COLUMNS = 500
MAX_PLACES = 500_000

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_MERGE = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*[\"']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"
)

Merge = tuple[int, int, int, int]  # top, left, height, width


def read_xlsx(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks of an XLSX: values as last computed; hidden sheets are left out and noted."""
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
                (cell.row - 1, cell.column - 1): _shown(cell.value)
                for cell in list(sheet._cells.values())
                if cell.value is not None
            }
            merges = [
                (area.min_row - 1, area.min_col - 1, area.max_row - area.min_row + 1, area.max_col - area.min_col + 1)
                for area in sheet.merged_cells.ranges
            ]
            blocks.extend(_sheet(sheet.title, texts, merges))
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
              AttributeError, ArithmeticError)  # fmt: skip
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
                    if cell.ctype == xlrd.XL_CELL_DATE:
                        texts[row, column] = _shown(xlrd.xldate_as_datetime(cell.value, book.datemode))
                    elif cell.ctype in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER):
                        texts[row, column] = _shown(cell.value)
            merges = [(top, left, low - top, right - left) for top, low, left, right in sheet.merged_cells]
            blocks.extend(_sheet(sheet.name, texts, merges))
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


def _shown(value: Any) -> str:
    """A value as a reader sees it: whole numbers without a point, dates without midnight."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        midnight = value.hour == value.minute == value.second == 0
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _sheet(title: str, texts: dict[tuple[int, int], str], merges: Iterable[Merge]) -> list[Block]:
    """One sheet as a table; a sheet of one filled column is text."""
    filled = {place: text for place, text in texts.items() if text.strip()}
    if not filled:
        return []
    bottom, right = max(row for row, _ in filled) + 1, max(column for _, column in filled) + 1
    if bottom > MAX_ROWS or right > MAX_COLUMNS or bottom * right > MAX_PLACES:
        raise Unreadable(f"sheet {title!r} is {bottom} × {right}", name="document_too_large")
    if right == 1:
        return [Paragraph(filled[place].strip()) for place in sorted(filled)]
    covered: set[tuple[int, int]] = set()
    places = 0
    cells: list[Cell] = []
    for top, left, height, width in sorted(merges):
        if top >= bottom or left >= right:
            continue
        height, width = min(height, bottom - top), min(width, right - left)
        places += height * width
        if places > 2 * MAX_PLACES:  # one over the other
            raise Unreadable(f"merged cells of sheet {title!r} cover too much", name="document_bomb")
        cells.append(Cell(texts.get((top, left), ""), top, left, height, width))
        covered |= {(row, column) for row in range(top, top + height) for column in range(left, left + width)}
    cells.extend(
        Cell(texts.get((row, column), ""), row, column)
        for row in range(bottom)
        for column in range(right)
        if (row, column) not in covered
    )
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return [Table(tuple(cells), bottom, right, f"sheet {title}")]
