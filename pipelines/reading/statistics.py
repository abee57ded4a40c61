"""The statutory tables of a report as numbers (二、主动公开 三、申请 四、复议诉讼), with the identities they break.

The form is CONTRACT §5: every row and column of the report's format is there, ``None`` where the page's cell is blank,
is missing, or could not be read with certainty. Each value leads back to its cell through ``places``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.forms import APPLICANTS, DISCLOSURE_COLUMNS, OTHER_ROW_2019, OTHER_ROWS_2021, OUTCOMES, REVIEW_ROWS
from crawler.items import Check, Remark
from pipelines.reading.blocks import Block, Paragraph, Table
from pipelines.reading.checks import narrative_checks, table_checks
from pipelines.reading.statistics_found import Findings, Path
from pipelines.reading.statistics_labels import Form, application_rows
from pipelines.reading.statistics_tables import read_tables

FIRST_YEAR_OF_2021_FORMAT = 2021


@dataclass(frozen=True, slots=True)
class StatisticsResult:
    """The statutory tables of one report; ``statistics`` is ``None`` where it has none."""

    statistics: dict[str, Any] | None
    checks: tuple[Check, ...] = ()
    remarks: tuple[Remark, ...] = ()
    places: dict[str, str] = field(default_factory=dict)  # "applications.granted.total" → "table 2 row 4 column 9"


def read_statistics(blocks: Sequence[Block], *, report_year: int | None = None) -> StatisticsResult:
    """The statutory tables in ``blocks``. ``report_year`` decides the format only where the tables do not show it."""
    findings = read_tables([block for block in blocks if isinstance(block, Table)])
    if not (findings.rows or findings.cells or findings.conflicts):
        return StatisticsResult(None, remarks=tuple(findings.remarks))
    remarks = findings.remarks
    year_format = _format(findings, report_year)
    statistics: dict[str, Any] = {
        "format": year_format,
        "disclosure": {
            row: {column: _value(findings, ("disclosure", row, column)) for column in columns}
            for row, columns in DISCLOSURE_COLUMNS[year_format].items()
        },
        "applications": {
            row: {column: _value(findings, ("applications", row, column)) for column in APPLICANTS}
            for row in _application_rows(findings, year_format)
        },
        "review_litigation": {
            group: {column: _value(findings, ("review_litigation", group, column)) for column in OUTCOMES}
            for group in REVIEW_ROWS
        },
    }
    known = set(_paths(statistics))
    for path in sorted(set(findings.cells) - known):
        if findings.cells[path].printed.value is not None:
            detail = f"{findings.cells[path].place}: {'.'.join(path)} is no cell of the {year_format} format"
            remarks.append(Remark("statistics.mixed_format", detail))
    remarks.extend(_missing(findings, statistics))
    places = {".".join(path): found.place for path, found in findings.cells.items() if path in known}
    checks = table_checks(statistics, closed=Form.APPLICATIONS not in findings.unknown_rows)
    text = [block.text for block in blocks if isinstance(block, Paragraph)]
    said = narrative_checks(text, statistics, report_year=report_year)
    return StatisticsResult(statistics, checks + said, tuple(remarks), places)


def _format(findings: Findings, report_year: int | None) -> str:
    if len(findings.formats) == 1:
        return next(iter(findings.formats))
    if len(findings.formats) > 1:
        counts = {
            year: sum(path[0] == "disclosure" and path[2] in columns.get(path[1], ()) for path in findings.cells)
            for year, columns in DISCLOSURE_COLUMNS.items()
        }
        chosen = "2019" if counts["2019"] > counts["2021"] else "2021"
        findings.remarks.append(Remark("statistics.mixed_format", f"headers of both formats; read as {chosen}"))
        return chosen
    rows = {path[1] for path in findings.rows if path[0] == "applications"}
    if report_year is not None:
        return "2021" if report_year >= FIRST_YEAR_OF_2021_FORMAT else "2019"
    chosen = "2019" if OTHER_ROW_2019 in rows and not rows & set(OTHER_ROWS_2021) else "2021"
    findings.remarks.append(Remark("statistics.format_unsure", f"no header of table two; read as {chosen}"))
    return chosen


def _application_rows(findings: Findings, year_format: str) -> tuple[str, ...]:
    """The rows of table three. Stragglers print the single 其他处理 of 2019 in a report of the 2021 format."""
    seen = {path[1] for path in findings.rows if path[0] == "applications"}
    single, three = OTHER_ROW_2019 in seen, bool(seen & set(OTHER_ROWS_2021))
    if single and three:
        # Where the group 其他处理 has a row of its own above its three parts, it holds no number of the form.
        single = (
            any(
                findings.cells[path].printed.value is not None
                for path in findings.cells
                if path[:2] == ("applications", OTHER_ROW_2019)
            )
            and year_format == "2019"
        )
    return application_rows(
        single_other=single or year_format == "2019",
        three_others=three or year_format == "2021",
    )


def _value(findings: Findings, path: Path) -> int | float | None:
    found = findings.cells.get(path)
    return found.printed.value if found is not None else None


def _paths(statistics: Mapping[str, Any]) -> list[Path]:
    return [
        (form.value, row, column)
        for form in Form
        for row, columns in statistics[form.value].items()
        for column in columns
    ]


def _missing(findings: Findings, statistics: Mapping[str, Any]) -> list[Remark]:
    """A remark for each table and row of the format that the report does not have."""
    remarks = []
    for form in (Form.DISCLOSURE, Form.APPLICATIONS):
        seen = {path[1] for path in findings.rows if path[0] == form.value}
        if not seen:
            remarks.append(Remark("statistics.table_missing", form.value))
            continue
        absent = [row for row in statistics[form.value] if row not in seen]
        if OTHER_ROW_2019 in seen:
            absent = [row for row in absent if row not in OTHER_ROWS_2021]
        if seen & set(OTHER_ROWS_2021):
            absent = [row for row in absent if row != OTHER_ROW_2019]
        if absent:
            remarks.append(Remark("statistics.row_missing", f"{form.value}: {', '.join(absent)}"))
    if Form.REVIEW not in findings.headers:
        remarks.append(Remark("statistics.table_missing", Form.REVIEW.value))
    return remarks
