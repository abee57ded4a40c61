"""The cells of the statutory tables, found by the wording of rows and columns.

A header band (``headers``) names data columns by their place in the grid. A row is read when its cells fit
under those columns (``alignment``). Any other row is left unread with a remark: a number in the wrong column
is worse than none.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.forms import DISCLOSURE_COLUMNS
from crawler.items import Remark
from pipelines.reading.blocks import Cell, Table
from pipelines.reading.statistics.alignment import aligned_cells, printed_under
from pipelines.reading.statistics.found import Findings, Found, Path
from pipelines.reading.statistics.headers import Header, end_of_header, form_of_row, read_header
from pipelines.reading.statistics.labels import (
    Form,
    application_row,
    disclosure_row,
    plain,
    review_group,
)
from pipelines.reading.statistics.numbers import BLANK, Printed
from pipelines.reading.statistics.sheets import Sheet, is_figure


def read_tables(tables: Sequence[Table]) -> Findings:
    """Every cell of the statutory tables in ``tables``, which stand in reading order."""
    findings = Findings()
    header: Header | None = None
    headers = 0
    for index, table in enumerate(tables):
        reader = _TableReader(table, index, findings, header, headers)
        header, headers = reader.read()
    for path in findings.conflicts:
        findings.cells.pop(path, None)
    return findings


class _TableReader:
    """Walks one table's rows; knows the header that holds, which may stand in the table before."""

    def __init__(self, table: Table, index: int, findings: Findings, header: Header | None, headers: int) -> None:
        self.sheet, self.findings = Sheet(table, index), findings
        self.header, self.headers = header, headers
        self.rows = self.sheet.rows
        self.unheaded: list[str] = []

    def read(self) -> tuple[Header | None, int]:
        row = 0
        if self.header is not None and not self._continues(self.header):
            self.header = None
        while row < self.sheet.table.rows:
            end = self._header_band(row)
            if end > row:
                row = end
            else:
                self._data_row(row)
                row += 1
        if len(self.unheaded) > 1:
            self.findings.abstain(f"{self.sheet.table.place}: no header above {'、'.join(self.unheaded[:4])}")
        return self.header, self.headers

    def _continues(self, header: Header) -> bool:
        """Whether this table goes on with the one before: its first rows are rows of that form, without a header."""
        for row in range(min(2, self.sheet.table.rows)):
            if header.by_rows:
                if self._proceeding(row) is not None:
                    return True
            elif header.form is Form.REVIEW:
                if self.rows[row] and all(is_figure(cell) or not plain(cell.text) for cell in self.rows[row]):
                    return True
            elif any(_row_name(header.form, cell.text) for cell in self.rows[row]):
                return True
        return False

    def _header_band(self, start: int) -> int:
        """The row after the header that starts at ``start``; ``start`` itself where none does."""
        under_results = self.header is not None and self.header.by_rows
        if (under_results or self._row_label(start) is not None) and any(is_figure(cell) for cell in self.rows[start]):
            return start
        form = form_of_row(self.rows[start])
        if form is None:
            return start
        end = end_of_header(self.sheet, form, start)
        header = read_header(self.sheet, form, start, end, self.findings)
        if header is None:
            self.header = None  # rows below stand under a header that cannot be read
            return start
        self.header = header
        self.headers += 1
        self.findings.formats |= header.formats
        self.findings.headers.add(form)
        return end

    def _row_label(self, row: int) -> tuple[Cell, Form, str] | None:
        """The stub cell that names this row, its form and name. The rightmost: groups stand to its left."""
        held = self.header.form if self.header is not None else None
        forms = (
            (Form.APPLICATIONS, Form.DISCLOSURE) if held is Form.APPLICATIONS else (Form.DISCLOSURE, Form.APPLICATIONS)
        )
        for form in forms:
            for cell in reversed(self.rows[row]):
                if name := _row_name(form, cell.text):
                    return cell, form, name
        return None

    def _data_row(self, row: int) -> None:
        header = self.header
        if header is not None and header.form is Form.REVIEW and self._review_row(row, header):
            return
        label = self._row_label(row)
        if label is None:
            self._unlabelled(row)
            return
        cell, form, name = label
        if header is None or header.form is not form:
            if any(is_figure(other) for other in self.rows[row] if other is not cell):
                self.unheaded.append(plain(cell.text))
            return
        if form is Form.DISCLOSURE:
            header = self._disclosure_header(header, name)
            if header is None:
                self.findings.rows.add((form.value, name))
                self.findings.abstain(
                    f"{self.sheet.place(row)} ({plain(cell.text)}): stands under another item's header"
                )
                return
        self.findings.rows.add((form.value, name))
        if not self._is_cut_off(row, cell, form, name):
            self._take(row, header, (form.value, name), cell)

    def _is_cut_off(self, row: int, label: Cell, form: Form, name: str) -> bool:
        """Whether this row holds but a part of its label: a page break put its figures beside the rest of it."""
        if any(plain(cell.text) for cell in self.rows[row] if cell.column > label.column):
            return False
        beside = (self._row_label(other) for other in (row - 1, row + 1) if 0 <= other < len(self.rows))
        return any(found is not None and found[1:] == (form, name) for found in beside)

    def _disclosure_header(self, header: Header, name: str) -> Header | None:
        """The header with this row's own columns; ``None`` where it heads rows of another sort."""
        keys = {column.key[0] for column in header.columns if column.key is not None}
        fits = [wanted[name] for wanted in DISCLOSURE_COLUMNS.values() if keys & set(wanted.get(name, ()))]
        return header if fits and keys <= {key for keys_ in fits for key in keys_} else None

    def _proceeding(self, row: int) -> tuple[Cell, str] | None:
        """The stub cell that names this row's proceeding, and which it is. The rightmost: 行政诉讼 stands to its left."""
        for cell in reversed(self.rows[row]):
            if group := review_group(cell.text):
                return cell, group
        return None

    def _proceeding_row(self, row: int, header: Header) -> bool:
        """Reads a row of table four turned, which names its proceeding. True where the row holds figures."""
        if not any(is_figure(cell) for cell in self.rows[row]):
            return False
        named = self._proceeding(row)
        if named is None:
            self.findings.abstain(f"{self.sheet.place(row)}: results of a proceeding that no row or header names")
        else:
            self._take(row, header, (Form.REVIEW.value, named[1]), named[0])
        return True

    def _review_row(self, row: int, header: Header) -> bool:
        """Reads the one row of table four. True where the row is it."""
        if header.by_rows:
            return self._proceeding_row(row, header)
        if self._row_label(row) is not None and header.table != self.sheet.index:
            return False
        cells = self.rows[row]
        figures = [cell for cell in cells if is_figure(cell)]
        if not figures or len(cells) < min(3, len(header.columns)):
            return False
        if (
            header.table != self.sheet.index
            and header.width != self.sheet.table.columns
            and len(figures) != len(header.columns)
        ):
            return False
        if self.headers in self.findings.reviews_read:
            if header.table != self.sheet.index:
                return False
            self.findings.abstain(f"{self.sheet.place(row)}: a second row of figures under table four")
            self.findings.conflicts |= {
                (Form.REVIEW.value, *column.key) for column in header.columns if column.key is not None
            }
            return True
        self.findings.reviews_read.add(self.headers)
        self._take(row, header, (Form.REVIEW.value,), None)
        return True

    def _unlabelled(self, row: int) -> None:
        header = self.header
        figures = [cell for cell in self.rows[row] if is_figure(cell)]
        if header is None or header.form is Form.REVIEW or not figures:
            return
        self.findings.unknown_rows.add(header.form)
        label = "、".join(plain(cell.text) for cell in self.rows[row] if cell not in figures and plain(cell.text))
        detail = f"{self.sheet.place(row)}: a row outside the form: {label[:60] or 'no label'}"
        self.findings.remarks.append(Remark("statistics.row_unknown", detail))

    def _take(self, row: int, header: Header, above: Path, label: Cell | None) -> None:
        aligned = aligned_cells(self.sheet, row, header, above, label)
        if aligned is None:
            name = plain(label.text)[:30] if label is not None else "table four"
            self.findings.abstain(f"{self.sheet.place(row)} ({name}): its cells do not fit the header's columns")
            for column in header.columns:
                if column.key is not None:
                    self._note(above + column.key, BLANK, self.sheet.place(row), header)
            return
        for column, cell in aligned:
            if column.key is None:
                continue
            printed = printed_under(cell, column, header.form, sum(other is cell for _, other in aligned))
            place = f"{self.sheet.place(row)} column {(cell.column if cell is not None else column.first) + 1}"
            if printed.problem is not None:
                self.findings.abstain(f"{place} ({'.'.join(above + column.key)}): {printed.problem}")
            self._note(above + column.key, printed, place, header)

    def _note(self, path: Path, printed: Printed, place: str, header: Header) -> None:
        found = Found(printed, place, self.headers, header.table != self.sheet.index)
        before = self.findings.cells.get(path)
        if before is None:
            self.findings.cells[path] = found
        elif before.printed.value != printed.value and not (found.carried and printed.value is None):
            self.findings.conflicts.add(path)
            self.findings.abstain(f"{place} ({'.'.join(path)}): differs from {before.place}")


def _row_name(form: Form, text: str) -> str | None:
    return disclosure_row(text) if form is Form.DISCLOSURE else application_row(text)
