"""The header band (one to several rows) over a statutory table → its data columns, by their place in the grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crawler.forms import APPLICANTS, DISCLOSURE_COLUMNS, OUTCOMES, REVIEW_ROWS
from pipelines.reading.blocks import Cell
from pipelines.reading.statistics.found import Findings, Path
from pipelines.reading.statistics.labels import (
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
from pipelines.reading.statistics.sheets import Sheet, is_figure

MAX_HEADER_ROWS = 8


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
    by_rows: bool = False  # table four turned: results across, and each row names the proceeding

    @property
    def keys(self) -> set[Path]:
        return {column.key for column in self.columns if column.key is not None}

    def is_whole(self, above: Path) -> bool:
        """Whether it names every column that a row of this name has: then none was lost, and none has shifted."""
        if self.form is Form.APPLICATIONS:
            return len(self.keys) == len(APPLICANTS)
        if self.form is Form.REVIEW:
            return len(self.keys) == len(OUTCOMES) * (1 if self.by_rows else len(REVIEW_ROWS))
        names = {key[0] for key in self.keys}
        return any(names == set(rows.get(above[1], ())) for rows in DISCLOSURE_COLUMNS.values())


def form_of_row(cells: Sequence[Cell]) -> Form | None:
    """The form whose header begins with this row, which is no row of figures."""
    forms = [form for cell in cells if (form := header_of(cell.text)) is not None]
    if Form.REVIEW in forms and Form.APPLICATIONS not in forms:
        return Form.REVIEW
    if Form.DISCLOSURE in forms:
        return None if any(disclosure_row(cell.text) for cell in cells) else Form.DISCLOSURE
    return forms[0] if forms else None


def end_of_header(sheet: Sheet, form: Form, start: int) -> int:
    """The row after the header that starts at ``start``."""
    end = start + 1
    while end < min(sheet.table.rows, start + MAX_HEADER_ROWS) and _goes_on(form, sheet.rows[end]):
        end += 1
    return end


def _goes_on(form: Form, cells: Sequence[Cell]) -> bool:
    texts = [plain(cell.text) for cell in cells if plain(cell.text)]
    if any(is_figure(cell) for cell in cells):
        return False
    if form is Form.DISCLOSURE:
        return bool(texts) and all(disclosure_column(text) for text in texts)
    if form is Form.APPLICATIONS:
        # A bare 总计 stands in the header; (七)总计 is a row.
        return not any(application_row(text) for text in texts if applicant(text) is None)
    return bool(texts) and any(outcome(text) or review_group(text) or "行政诉讼" in text for text in texts)


def read_header(sheet: Sheet, form: Form, start: int, end: int, findings: Findings) -> Header | None:
    """The header that stands in these rows; ``None`` where it cannot be read."""
    columns: list[DataColumn] = []
    formats: set[str] = set()
    leaves = _leaves(sheet, start, _above_captions(sheet, start, end))
    for first, last, stack in leaves:
        columns.append(DataColumn(_column_key(form, stack), first, last, stack[-1].text if stack else ""))
        if form is Form.DISCLOSURE:
            formats |= disclosure_formats(columns[-1].label)
    ragged = _is_ragged(sheet, start, end)
    by_rows = form is Form.REVIEW and not ragged and _names_results_alone(columns, sheet.rows[start:end])
    if by_rows:
        columns = [replace(column, key=column.key and column.key[1:]) for column in columns]
    elif form is Form.REVIEW:
        columns = _with_review_groups(columns, sheet.rows[start:end], ragged=ragged)
    elif ragged:
        columns = _applicants_in_order(sheet.rows[start:end]) if form is Form.APPLICATIONS else []
    columns = _without_doubles(sheet, columns, findings)
    keyed = [place for place, column in enumerate(columns) if column.key is not None]
    if len(keyed) < (1 if form is Form.DISCLOSURE else 3):
        if ragged:
            findings.abstain(f"{sheet.place(start)}: a header with a cell missing")
        return None
    leading = keyed[0]
    if not ragged:  # a column without a name under the same spanning head is a data column all the same
        while leading and any(cell in leaves[keyed[0]][2] for cell in leaves[leading - 1][2]):
            leading -= 1
    columns = columns[leading:]
    return Header(form, tuple(columns), sheet.index, sheet.table.columns, frozenset(formats), not ragged, by_rows)


def _is_ragged(sheet: Sheet, start: int, end: int) -> bool:
    """Whether a row of the header leaves a hole: it has lost a cell or a span, and what follows is shifted."""
    rows = [sheet.grid[row] for row in range(start, end) if sheet.rows[row]]
    reach = max(
        (column for row in rows for column, cell in enumerate(row) if cell is not None),
        default=-1,
    )
    return any(
        row[column] is None and any(cell is not None for cell in row[:column])
        for row in rows
        for column in range(reach + 1)
    )


def _above_captions(sheet: Sheet, start: int, end: int) -> int:
    """The end of a header without the captions over its columns (申请人情况) that stand below them by mistake."""
    while end - 1 > start and sheet.rows[end - 1] and all(_is_caption(cell) for cell in sheet.rows[end - 1]):
        end -= 1
    return end


def _is_caption(cell: Cell) -> bool:
    return plain(cell.text) in ("申请人情况", "法人或其他组织")


def _leaves(sheet: Sheet, start: int, end: int) -> list[tuple[int, int, list[Cell]]]:
    """Columns of the header band as (first, last, the cells standing over it from top to bottom)."""
    leaves: list[tuple[int, int, list[Cell]]] = []
    for column in range(sheet.table.columns):
        stack: list[Cell] = []
        for row in range(start, end):
            cell = sheet.grid[row][column]
            if cell is not None and cell not in stack:
                stack.append(cell)
        if leaves and stack and leaves[-1][2] and leaves[-1][2][-1] is stack[-1]:
            leaves[-1] = (leaves[-1][0], column, leaves[-1][2])
        else:
            leaves.append((column, column, stack))
    while leaves and not any(plain(cell.text) for cell in leaves[-1][2]):
        leaves.pop()  # other rows reach further, or blank cells do; no header stands there
    return leaves


def _without_doubles(sheet: Sheet, columns: list[DataColumn], findings: Findings) -> list[DataColumn]:
    keys = [column.key for column in columns if column.key is not None]
    double = {key for key in keys if keys.count(key) > 1}
    for key in sorted(double):
        findings.abstain(f"{sheet.table.place}: two columns are headed {'.'.join(key)}")
    return [
        DataColumn(None, column.first, column.last, column.label) if column.key in double else column
        for column in columns
    ]


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


def _names_results_alone(columns: Sequence[DataColumn], rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether a header of table four names each result once and no proceeding: the rows below must name them."""
    named = [_outcome_of(column) for column in columns if column.key is not None]
    return sorted(named) == sorted(OUTCOMES) and not _groups_in_order(rows)


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
    if len(set(groups)) < len(groups) or not groups:
        return []
    return [*litigation, "reconsideration"] if heads == ["行政诉讼", "行政复议"] else ["reconsideration", *litigation]
