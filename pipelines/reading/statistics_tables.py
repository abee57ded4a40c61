"""The cells of the statutory tables, found by the wording of rows and columns.

A header band (one to several rows) names data columns by their place in the grid. A row is read when its cells stand
under those columns one by one, or when exactly as many cells follow its label as the header has columns. Any other row
is left unread with a remark: a number in the wrong column is worse than none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from crawler.forms import APPLICANTS, DISCLOSURE_COLUMNS, OUTCOMES, REVIEW_ROWS
from crawler.items import Remark
from pipelines.reading.blocks import Cell, Table
from pipelines.reading.statistics_labels import (
    Form,
    applicant,
    application_row,
    disclosure_column,
    disclosure_formats,
    disclosure_row,
    header_of,
    outcome,
    plain,
    review_group,
)
from pipelines.reading.statistics_numbers import BLANK, Printed, Sort, header_unit, number

MAX_HEADER_ROWS = 8
ABSTAINED = "statistics.abstained"

Path = tuple[str, ...]  # ("applications", "granted", "natural_person")


@dataclass(frozen=True, slots=True)
class DataColumn:
    """One column under a header: where it stands and what it is, where the header says so."""

    key: Path | None
    first: int
    last: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """The data columns of one statutory table as its header names them, left to right."""

    form: Form
    columns: tuple[DataColumn, ...]
    table: int
    width: int  # of the table it stands in
    formats: frozenset[str] = frozenset()
    placed: bool = True  # the columns' places hold; else their order alone

    @property
    def keys(self) -> set[Path]:
        return {column.key for column in self.columns if column.key is not None}

    def is_whole(self, above: Path) -> bool:
        """Whether it names every column that a row of this name has: then none was lost, and none has shifted."""
        if self.form is Form.APPLICATIONS:
            return len(self.keys) == len(APPLICANTS)
        if self.form is Form.REVIEW:
            return len(self.keys) == len(OUTCOMES) * len(REVIEW_ROWS)
        names = {key[0] for key in self.keys}
        return any(names == set(rows.get(above[1], ())) for rows in DISCLOSURE_COLUMNS.values())


@dataclass(frozen=True, slots=True)
class Found:
    """One cell of a statutory table as printed."""

    printed: Printed
    place: str
    header: int  # which header it was read under
    carried: bool  # the header stands in an earlier table


@dataclass
class Findings:
    """What the tables of one report say, before it is put into the form."""

    cells: dict[Path, Found] = field(default_factory=dict)
    rows: set[Path] = field(default_factory=set)  # rows seen, read or not
    conflicts: set[Path] = field(default_factory=set)
    formats: set[str] = field(default_factory=set)
    headers: set[Form] = field(default_factory=set)  # forms whose header was found
    unknown_rows: set[Form] = field(default_factory=set)  # forms holding a row of numbers we do not know
    reviews_read: set[int] = field(default_factory=set)  # headers of table four whose one row was read
    remarks: list[Remark] = field(default_factory=list)

    def abstain(self, detail: str) -> None:
        self.remarks.append(Remark(ABSTAINED, detail))


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
        self.table, self.index, self.findings = table, index, findings
        self.header, self.headers = header, headers
        self.grid = table.grid()
        self.unheaded: list[str] = []
        self.rows: list[list[Cell]] = [[] for _ in range(table.rows)]
        for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
            if cell.row < table.rows:
                self.rows[cell.row].append(cell)

    def read(self) -> tuple[Header | None, int]:
        row = 0
        if self.header is not None and not self._continues(self.header):
            self.header = None
        while row < self.table.rows:
            end = self._header_band(row)
            if end > row:
                row = end
            else:
                self._data_row(row)
                row += 1
        if len(self.unheaded) > 1:
            self.findings.abstain(f"{self.table.place}: no header above {'、'.join(self.unheaded[:4])}")
        return self.header, self.headers

    def _continues(self, header: Header) -> bool:
        """Whether this table goes on with the one before: its first rows are rows of that form, without a header."""
        for row in range(min(2, self.table.rows)):
            if header.form is Form.REVIEW:
                if self.rows[row] and all(_is_figure(cell) or not plain(cell.text) for cell in self.rows[row]):
                    return True
            elif any(_row_name(header.form, cell.text) for cell in self.rows[row]):
                return True
        return False

    # ------------------------------------------------------------ headers

    def _header_band(self, start: int) -> int:
        """The row after the header that starts at ``start``; ``start`` itself where none does."""
        form = self._form_of_row(start)
        if form is None:
            return start
        end = start + 1
        while end < min(self.table.rows, start + MAX_HEADER_ROWS) and self._goes_on(form, end):
            end += 1
        header = self._header(form, start, end)
        if header is None:
            self.header = None  # rows below stand under a header that cannot be read
            return start
        self.header = header
        self.headers += 1
        self.findings.formats |= header.formats
        self.findings.headers.add(form)
        return end

    def _form_of_row(self, row: int) -> Form | None:
        if self._row_label(row) is not None and any(_is_figure(cell) for cell in self.rows[row]):
            return None
        forms = [form for cell in self.rows[row] if (form := header_of(cell.text)) is not None]
        if Form.REVIEW in forms and Form.APPLICATIONS not in forms:
            return Form.REVIEW
        if Form.DISCLOSURE in forms:
            return None if any(disclosure_row(cell.text) for cell in self.rows[row]) else Form.DISCLOSURE
        return forms[0] if forms else None

    def _goes_on(self, form: Form, row: int) -> bool:
        cells = self.rows[row]
        texts = [plain(cell.text) for cell in cells if plain(cell.text)]
        if any(_is_figure(cell) for cell in cells):
            return False
        if form is Form.DISCLOSURE:
            return bool(texts) and all(disclosure_column(text) for text in texts)
        if form is Form.APPLICATIONS:
            # A bare 总计 stands in the header; (七)总计 is a row.
            return not any(application_row(text) for text in texts if applicant(text) is None)
        return bool(texts) and any(outcome(text) or review_group(text) or "行政诉讼" in text for text in texts)

    def _header(self, form: Form, start: int, end: int) -> Header | None:
        columns: list[DataColumn] = []
        formats: set[str] = set()
        leaves = self._leaves(start, end)
        for first, last, stack in leaves:
            columns.append(DataColumn(_column_key(form, stack), first, last, stack[-1].text if stack else ""))
            if form is Form.DISCLOSURE:
                formats |= disclosure_formats(columns[-1].label)
        ragged = self._is_ragged(start, end)
        if form is Form.REVIEW:
            columns = _with_review_groups(columns, self.rows[start:end], ragged=ragged)
        elif ragged:
            columns = _applicants_in_order(self.rows[start:end]) if form is Form.APPLICATIONS else []
        columns = self._without_doubles(columns)
        keyed = [place for place, column in enumerate(columns) if column.key is not None]
        if len(keyed) < (1 if form is Form.DISCLOSURE else 3):
            if ragged:
                self.findings.abstain(f"{self._place(start)}: a header with a cell missing")
            return None
        leading = keyed[0]
        if not ragged:  # a column without a name under the same spanning head is a data column all the same
            while leading and any(cell in leaves[keyed[0]][2] for cell in leaves[leading - 1][2]):
                leading -= 1
        columns = columns[leading:]
        return Header(form, tuple(columns), self.index, self.table.columns, frozenset(formats), not ragged)

    def _is_ragged(self, start: int, end: int) -> bool:
        """Whether a row of the header leaves a hole: it has lost a cell or a span, and what follows is shifted."""
        rows = [self.grid[row] for row in range(start, end) if self.rows[row]]
        reach = max(
            (column for row in rows for column, cell in enumerate(row) if cell is not None),
            default=-1,
        )
        return any(
            row[column] is None and any(cell is not None for cell in row[:column])
            for row in rows
            for column in range(reach + 1)
        )

    def _leaves(self, start: int, end: int) -> list[tuple[int, int, list[Cell]]]:
        """Columns of the header band as (first, last, the cells standing over it from top to bottom)."""
        leaves: list[tuple[int, int, list[Cell]]] = []
        for column in range(self.table.columns):
            stack: list[Cell] = []
            for row in range(start, end):
                cell = self.grid[row][column]
                if cell is not None and cell not in stack:
                    stack.append(cell)
            if leaves and stack and leaves[-1][2] and leaves[-1][2][-1] is stack[-1]:
                leaves[-1] = (leaves[-1][0], column, leaves[-1][2])
            else:
                leaves.append((column, column, stack))
        while leaves and not leaves[-1][2]:
            leaves.pop()  # other rows reach further; no header stands there
        return leaves

    def _without_doubles(self, columns: list[DataColumn]) -> list[DataColumn]:
        keys = [column.key for column in columns if column.key is not None]
        double = {key for key in keys if keys.count(key) > 1}
        for key in sorted(double):
            self.findings.abstain(f"{self.table.place}: two columns are headed {'.'.join(key)}")
        return [
            DataColumn(None, column.first, column.last, column.label) if column.key in double else column
            for column in columns
        ]

    # ------------------------------------------------------------ rows

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
            if any(_is_figure(other) for other in self.rows[row] if other is not cell):
                self.unheaded.append(plain(cell.text))
            return
        if form is Form.DISCLOSURE:
            header = self._disclosure_header(header, name)
            if header is None:
                self.findings.rows.add((form.value, name))
                self.findings.abstain(f"{self._place(row)} ({plain(cell.text)}): stands under another item's header")
                return
        self.findings.rows.add((form.value, name))
        self._take(row, header, (form.value, name), cell)

    def _disclosure_header(self, header: Header, name: str) -> Header | None:
        """The header with this row's own columns; ``None`` where it heads rows of another sort."""
        keys = {column.key[0] for column in header.columns if column.key is not None}
        fits = [wanted[name] for wanted in DISCLOSURE_COLUMNS.values() if keys & set(wanted.get(name, ()))]
        return header if fits and keys <= {key for keys_ in fits for key in keys_} else None

    def _review_row(self, row: int, header: Header) -> bool:
        """Reads the one row of table four. True where the row is it."""
        if self._row_label(row) is not None and header.table != self.index:
            return False
        cells = self.rows[row]
        figures = [cell for cell in cells if _is_figure(cell)]
        if not figures or len(cells) < min(3, len(header.columns)):
            return False
        if header.table != self.index and header.width != self.table.columns and len(figures) != len(header.columns):
            return False
        if self.headers in self.findings.reviews_read:
            if header.table != self.index:
                return False
            self.findings.abstain(f"{self._place(row)}: a second row of figures under table four")
            self.findings.conflicts |= {
                (Form.REVIEW.value, *column.key) for column in header.columns if column.key is not None
            }
            return True
        self.findings.reviews_read.add(self.headers)
        self._take(row, header, (Form.REVIEW.value,), None)
        return True

    def _unlabelled(self, row: int) -> None:
        header = self.header
        figures = [cell for cell in self.rows[row] if _is_figure(cell)]
        if header is None or header.form is Form.REVIEW or not figures:
            return
        self.findings.unknown_rows.add(header.form)
        label = "、".join(plain(cell.text) for cell in self.rows[row] if cell not in figures and plain(cell.text))
        detail = f"{self._place(row)}: a row outside the form: {label[:60] or 'no label'}"
        self.findings.remarks.append(Remark("statistics.row_unknown", detail))

    def _take(self, row: int, header: Header, above: Path, label: Cell | None) -> None:
        aligned = self._under_columns(row, header, above, label) or self._in_order(row, header, label)
        if aligned is None:
            name = plain(label.text)[:30] if label is not None else "table four"
            self.findings.abstain(f"{self._place(row)} ({name}): its cells do not fit the header's columns")
            for column in header.columns:
                if column.key is not None:
                    self._note(above + column.key, BLANK, self._place(row), header)
            return
        for column, cell in aligned:
            if column.key is None:
                continue
            printed = self._printed(cell, column, header.form, sum(other is cell for _, other in aligned))
            place = f"{self._place(row)} column {(cell.column if cell is not None else column.first) + 1}"
            if printed.problem is not None:
                self.findings.abstain(f"{place} ({'.'.join(above + column.key)}): {printed.problem}")
            self._note(above + column.key, printed, place, header)

    def _under_columns(
        self, row: int, header: Header, above: Path, label: Cell | None
    ) -> list[tuple[DataColumn, Cell | None]] | None:
        """The row's cells by their place in the grid; ``None`` where one is missing, or one stands outside."""
        if not header.placed or (header.table != self.index and header.width != self.table.columns):
            return None
        first = header.columns[0].first
        if label is not None and label.column + label.colspan > first:
            return None
        begin = label.column + label.colspan if label is not None else 0
        if any(_is_figure(cell) for cell in self.rows[row] if begin <= cell.column < first):
            return None
        last = header.columns[-1].last
        beyond = [cell for cell in self.rows[row] if cell.column > last]
        if any(_is_figure(cell) for cell in beyond) or (beyond and not header.is_whole(above)):
            return None
        aligned: list[tuple[DataColumn, Cell | None]] = []
        for column in header.columns:
            cells: list[Cell] = []
            for place in range(column.first, column.last + 1):
                cell = self.grid[row][place]
                if cell is not None and cell not in cells:
                    cells.append(cell)
            printed = [cell for cell in cells if plain(cell.text)]
            if not cells or len(printed) > 1:
                return None
            aligned.append((column, (printed or cells)[0]))
        return aligned

    def _in_order(self, row: int, header: Header, label: Cell | None) -> list[tuple[DataColumn, Cell | None]] | None:
        """The row's cells one by one, where exactly as many follow the label as the header has columns."""
        begin = label.column + label.colspan if label is not None else 0
        cells = [cell for cell in self.rows[row] if cell.column >= begin]
        if len(cells) != len(header.columns) or len({cell.colspan for cell in cells}) > 1:
            return None
        # A blank cell left of the data columns may belong to the stub, and then two are missing at the other end.
        same_grid = header.placed and (header.table == self.index or header.width == self.table.columns)
        if same_grid and any(cell.column < header.columns[0].first and not _is_figure(cell) for cell in cells):
            return None
        return list(zip(header.columns, cells, strict=True))

    def _printed(self, cell: Cell | None, column: DataColumn, form: Form, columns: int) -> Printed:
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

    def _note(self, path: Path, printed: Printed, place: str, header: Header) -> None:
        found = Found(printed, place, self.headers, header.table != self.index)
        before = self.findings.cells.get(path)
        if before is None:
            self.findings.cells[path] = found
        elif before.printed.value != printed.value and not (found.carried and printed.value is None):
            self.findings.conflicts.add(path)
            self.findings.abstain(f"{place} ({'.'.join(path)}): differs from {before.place}")

    def _place(self, row: int) -> str:
        return f"{self.table.place} row {row + 1}"


def _row_name(form: Form, text: str) -> str | None:
    return disclosure_row(text) if form is Form.DISCLOSURE else application_row(text)


def _is_figure(cell: Cell) -> bool:
    """A cell that holds a number, in any of its columns' ways of writing one."""
    return any(number(cell.text, sort).value is not None for sort in Sort)


def _column_key(form: Form, stack: Sequence[Cell]) -> Path | None:
    """What a header's column is, from its lowest cell upwards; a word may be broken over several cells."""
    for depth in range(1, len(stack) + 1):
        text = "".join(cell.text for cell in stack[-depth:])
        if form is Form.DISCLOSURE:
            found = disclosure_column(text)
        elif form is Form.APPLICATIONS:
            found = applicant(text)
        else:
            found = outcome(text)
            if found is not None:
                groups = [group for cell in stack[:-depth] if (group := review_group(cell.text))]
                return (groups[-1] if groups else "", found)
        if found is not None:
            return (found,)
        if not plain(stack[-depth].text) and depth == 1:
            return _merged_by_sight(form, stack)  # a blank leaf has no name; its group is not its name
    return None


def _merged_by_sight(form: Form, stack: Sequence[Cell]) -> Path | None:
    """What stands over two rows of a header, 自然人 and 总计 or the results of 行政复议: unmerged, it leaves a blank cell."""
    named = next((cell for cell in reversed(stack) if plain(cell.text)), None)
    if named is None or named.colspan > 1 or form is Form.DISCLOSURE:
        return None
    if form is Form.REVIEW:
        found = outcome(named.text)
        return ("", found) if found is not None else None
    found = applicant(named.text)
    return (found,) if found in ("natural_person", "total") else None


def _applicants_in_order(rows: Sequence[Sequence[Cell]]) -> list[DataColumn]:
    """Table three's columns where spans are lost: the row that begins with 自然人 and ends with 总计 stands around the
    row of the five kinds of organisation. Nothing where either is not whole."""
    named = [[name for cell in cells if (name := applicant(cell.text))] for cells in rows]
    outer = [names for names in named if "natural_person" in names and names[-1] == "total"]
    inner = [names for names in named if "business" in names]
    if len(outer) != 1 or len(inner) != 1:
        return []
    order = outer[0] if inner[0] is outer[0] else [outer[0][0], *inner[0], outer[0][-1]]
    if sorted(order) != sorted(APPLICANTS) or (inner[0] is not outer[0] and len(outer[0]) != 2):
        return []
    return [DataColumn((name,), place, place) for place, name in enumerate(order)]


def _with_review_groups(columns: list[DataColumn], rows: Sequence[Sequence[Cell]], *, ragged: bool) -> list[DataColumn]:
    """Table four's columns under their groups; by order where the group cells do not span their columns."""
    runs: list[list[DataColumn]] = []
    for column in columns:
        if column.key is None:
            continue
        if not runs or any(_outcome_of(other) == column.key[1] for other in runs[-1]):
            runs.append([])
        runs[-1].append(column)
    spanned = [{column.key[0] for column in run if column.key is not None} for run in runs]
    groups = [next(iter(names)) if len(names) == 1 else "" for names in spanned]
    if ragged or "" in groups or len(set(groups)) < len(groups):
        ordered = _groups_in_order(rows)
        whole = all(len(run) == len(OUTCOMES) for run in runs)
        groups = ordered if whole and len(ordered) == len(runs) else [""] * len(runs)
    group_of = {column.first: group for run, group in zip(runs, groups, strict=True) for column in run}
    return [
        DataColumn(
            (group_of[column.first], _outcome_of(column)) if group_of.get(column.first) else None,
            column.first,
            column.last,
            column.label,
        )
        for column in columns
    ]


def _outcome_of(column: DataColumn) -> str:
    return column.key[1] if column.key is not None else ""


def _groups_in_order(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The groups as printed from left to right: 行政诉讼 stands for its two groups, which stand a row lower."""
    texts = [cell.text for cells in rows for cell in cells]
    groups = [group for text in texts if (group := review_group(text))]
    litigation = [group for group in groups if group != "reconsideration"]
    heads = [plain(text) for text in texts if plain(text) in ("行政复议", "行政诉讼")]
    if len(set(groups)) < len(groups):
        return []
    return [*litigation, "reconsideration"] if heads == ["行政诉讼", "行政复议"] else ["reconsideration", *litigation]
