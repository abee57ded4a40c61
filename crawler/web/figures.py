"""The statutory figures that are plotted: one number a report, by the cell it stands in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crawler.forms import APPLICATION_ROWS, DISCLOSURE_CELLS, REVIEW_ROWS

# What people ask for and the form has no line for: the sum of a group's lines.
SUMS: Mapping[str, tuple[str, ...]] = {
    f"applications.{group}.total": tuple(row for row in APPLICATION_ROWS if row.startswith(f"{group}_"))
    for group in ("denied", "unavailable", "unprocessed")
}
FIGURES: tuple[str, ...] = (
    *(f"applications.{row}.total" for row in APPLICATION_ROWS),
    *SUMS,
    *(f"review_litigation.{row}.total" for row in REVIEW_ROWS),
    *(f"disclosure.{row}.{cell}" for row, cells in DISCLOSURE_CELLS.items() for cell in cells),
)
PLACES = tuple(tuple(name.split(".")) for name in FIGURES if name not in SUMS)  # table, row, cell
COLUMNS: Mapping[str, str] = {name: name.replace(".", "_") for name in FIGURES}

LARGEST = 1 << 63  # what a column can hold; a longer one was read off a hostile page
TOWNSHIP = re.compile(r"(?:镇|乡|街道|苏木)(?:人民)?(?:政府)?(?:办事处|街道办)?$")
GOVERNMENT = re.compile(r"(?:人民政府(?:办公[室厅])?|行政公署|行署|政府|管理委员会|管委会)$")
LEVELS = ("province", "prefecture", "county", "township", "department")


def figures(statistics: Mapping[str, Any] | None) -> tuple[float | int | None, ...]:
    """The values of ``FIGURES`` in their order."""
    if not statistics:
        return (None,) * len(FIGURES)
    printed = {
        f"{table}.{row}.{cell}": _number(((statistics.get(table) or {}).get(row) or {}).get(cell))
        for table, row, cell in PLACES
    }
    return tuple(_sum(printed, SUMS[name]) if name in SUMS else printed[name] for name in FIGURES)


def level(agency: str | None, division: str) -> str:
    """Whose report it is. A government's report counts its departments' applications in, so the levels are never added
    up."""
    if agency is None or not (GOVERNMENT.search(agency) or TOWNSHIP.search(agency)):
        return "department"
    if TOWNSHIP.search(agency):
        return "township"
    return "province" if division.endswith("0000") else "prefecture" if division.endswith("00") else "county"


def _sum(printed: Mapping[str, float | int | None], rows: tuple[str, ...]) -> float | int | None:
    """Of what is printed; a blank line is no zero, and where all are blank there is no sum."""
    numbers = [value for row in rows if (value := printed[f"applications.{row}.total"]) is not None]
    return sum(numbers) if numbers else None


def _number(value: Any) -> float | int | None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST
    return value if number else None
