"""Which agencies × years are archived, missing, late, altered after publication, or gone.

``missing`` is a claim about an agency, so it is made only on evidence: a year between two that are archived
(``gap``), or a year whose deadline had passed when a portal of the agency was last crawled to completion (``due``;
``silent`` for the years before it, when the agency may as well have been dissolved or renamed). ``late`` is said only
of a printed publication date after the deadline that no earlier look contradicts. ``altered`` is a body or a number
that differs from the version before; a page read anew by another extractor is not altered.

Deadlines: 31 January for departments and 31 March for governments since the reports on 2019 (Regulations of 2019,
art. 49); 31 March for all before (Regulations of 2007, art. 31). Where a name does not say which it is, the later.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from html import escape
from itertools import groupby
from typing import Any

from crawler.items import PortalStatus, Version
from storage import codec
from storage.archive import Archive
from storage.locations import Status
from storage.queries import Filters, Selected, Selection, batches

BEIJING = timezone(timedelta(hours=8))
FIRST_YEAR_OF_TWO_DEADLINES = 2019
DEPARTMENT = re.compile(r"(?:局|厅|委|部|署|院|会|办|中心|总队|支队|大队|办公室|办公厅|集团|公司)$")
GOVERNMENT = re.compile(
    r"(?:政府|政府办公[室厅]|政府办|街道|街道办事处|街道办|(?<!监督)管理委员会|管委会|行政公署|开发区|新区|[省市县区旗州盟乡镇])$"
)


class State(StrEnum):
    """What can be said of one agency and year; several may hold."""

    ARCHIVED = "archived"
    LATE = "late"
    ALTERED = "altered"
    GONE = "gone"
    MISSING = "missing"


class Reason(StrEnum):
    """Why a year is held to be missing."""

    GAP = "gap"
    DUE = "due"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Cell:
    """One agency and year."""

    year: int
    states: tuple[State, ...]
    deadline: date
    published_on: date | None = None  # the earliest printed
    reports: tuple[str, ...] = ()
    reason: Reason | None = None  # of MISSING


@dataclass(frozen=True, slots=True)
class Row:
    """One agency of one division."""

    province: str
    division: str
    agency: str
    portals: tuple[str, ...]
    complete: date | None  # when one of its portals was last crawled to completion
    cells: tuple[Cell, ...]  # by year; years nothing can be said of are left out


@dataclass(frozen=True, slots=True)
class Coverage:
    """The rows asked for, by division and agency."""

    rows: tuple[Row, ...]
    unassigned: tuple[str, ...]  # ids of reports without an agency or a year

    @property
    def years(self) -> tuple[int, ...]:
        """Every year anything is said of."""
        return tuple(sorted({cell.year for row in self.rows for cell in row.cells}))

    def totals(self) -> dict[str, int]:
        """State → number of cells."""
        counts = dict.fromkeys((state.value for state in State), 0)
        for row in self.rows:
            for cell in row.cells:
                for state in cell.states:
                    counts[state.value] += 1
        return counts

    def as_json(self) -> dict[str, Any]:
        """The whole as JSON can say it."""
        plain: dict[str, Any] = codec.plain(self)
        return plain | {"years": list(self.years), "totals": self.totals()}


@dataclass(slots=True)
class _Year:
    """What the archive holds of one agency and year."""

    reports: list[str] = field(default_factory=list)
    printed: list[date] = field(default_factory=list)
    seen: list[date] = field(default_factory=list)
    altered: bool = False
    standing: bool = False  # at least one report is not gone


@dataclass(slots=True)
class _Agency:
    portals: set[str] = field(default_factory=set)
    years: dict[int, _Year] = field(default_factory=lambda: defaultdict(_Year))


def coverage(archive: Archive, filters: Filters | None = None) -> Coverage:
    """What the archive says of every agency it knows. ``filters.years`` are the years shown, not those looked at."""
    filters = filters or Filters()
    agencies: dict[tuple[str, str, str], _Agency] = defaultdict(_Agency)
    unassigned = []
    asked = replace(filters, years=None)
    selection = Selection(archive, asked, all_versions=True, since=None)
    complete = _complete(archive, filters.as_of, None if selection.near is None else set(selection.near.portals))
    for report_id, group in groupby(selection, key=lambda selected: selected.version.report_id):
        versions = list(group)
        latest = versions[-1].version
        agency, year = latest.reading.agency, latest.reading.report_year
        if agency is None or year is None:
            unassigned.append(report_id)
            continue
        known = agencies[latest.province, latest.division, agency]
        known.portals.update(selected.version.portal for selected in versions)
        _take_in(known.years[year], versions)
    rows = (
        _row(province, division, name, agency, complete, filters.years)
        for (province, division, name), agency in sorted(agencies.items())
    )
    return Coverage(tuple(row for row in rows if row.cells), tuple(unassigned))


def deadline(agency: str, report_year: int) -> date:
    """By when the law wanted the report; the later date where the agency's name leaves it open."""
    department = DEPARTMENT.search(agency) and not GOVERNMENT.search(agency)
    if department and report_year >= FIRST_YEAR_OF_TWO_DEADLINES:
        return date(report_year + 1, 1, 31)
    return date(report_year + 1, 3, 31)


def _complete(archive: Archive, as_of: datetime | None, portals: set[str] | None) -> dict[str, date]:
    """Portal → the day it was last crawled to completion: of all, or of some, of which the newest runs tell."""
    days: dict[str, date] = {}
    for run in reversed(_runs(archive, portals)):
        if portals is not None and portals <= days.keys():
            break
        summary = archive.run(run)
        finished = _moment(run, summary.get("finished"))
        if as_of is not None and finished > as_of:
            continue
        for portal, outcome in summary.get("portals", {}).items():
            # A crawl of some years only may be whole as far as it goes, but leaves the portal unsettled.
            if outcome.get("status") == PortalStatus.OK and outcome.get("settled", True):
                days[portal] = max(days.get(portal, date.min), finished.astimezone(BEIJING).date())
    return days


def _runs(archive: Archive, portals: set[str] | None) -> tuple[str, ...]:
    """The runs that have a summary, oldest first; of some portals, those that saw anything there."""
    runs = archive.runs()
    if portals is None:
        return runs
    seen = {key.run for key in batches(archive, sorted(portals))}
    return tuple(run for run in runs if run in seen)


def _moment(run: str, text: Any) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise codec.Damaged(f"runs/{run}.json: no time it finished at: {text!r}") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _take_in(year: _Year, versions: list[Selected]) -> None:
    latest = versions[-1]
    year.reports.append(latest.version.report_id)
    year.standing |= latest.status is not Status.GONE
    year.altered |= _altered([selected.version for selected in versions])
    for selected in versions:
        if selected.version.reading.published_on:
            year.printed.append(selected.version.reading.published_on)
        year.seen.append(selected.version.first_seen.astimezone(BEIJING).date())


def _altered(versions: Iterable[Version]) -> bool:
    before: Version | None = None
    for version in versions:
        if before is not None and version.reading.extractor == before.reading.extractor:
            numbers = version.reading.statistics != before.reading.statistics
            if numbers or version.reading.body_digest != before.reading.body_digest:
                return True
        before = version
    return False


def _row(
    province: str,
    division: str,
    name: str,
    agency: _Agency,
    complete: Mapping[str, date],
    shown: tuple[int, int] | None,
) -> Row:
    looks = [complete[portal] for portal in agency.portals if portal in complete]
    last_look = max(looks) if looks else None
    cells = (cell for cell in _cells(name, agency, last_look) if not shown or shown[0] <= cell.year <= shown[1])
    return Row(province, division, name, tuple(sorted(agency.portals)), last_look, tuple(cells))


def _cells(name: str, agency: _Agency, last_look: date | None) -> Iterator[Cell]:
    first, last = min(agency.years), max(agency.years)
    due = last
    while last_look is not None and deadline(name, due + 1) < last_look:
        due += 1
    for year in range(first, due + 1):
        if year in agency.years:
            yield _held(year, deadline(name, year), agency.years[year])
        else:
            reason = Reason.GAP if year < last else Reason.DUE if year == due else Reason.SILENT
            yield Cell(year, (State.MISSING,), deadline(name, year), reason=reason)


def _held(year: int, until: date, held: _Year) -> Cell:
    states = [State.ARCHIVED]
    printed = min(held.printed, default=None)
    if printed is not None and min(printed, *held.seen) > until:
        states.append(State.LATE)
    if held.altered:
        states.append(State.ALTERED)
    if not held.standing:
        states.append(State.GONE)
    return Cell(year, tuple(states), until, printed, tuple(held.reports))


# ---------------------------------------------------------------- heat map

_MARKS: Mapping[State, tuple[str, str, str]] = {  # the gravest last: it gives the cell its colour
    State.ARCHIVED: ("●", "archived 已存", "#2f855a"),
    State.LATE: ("迟", "late 逾期", "#d69e2e"),
    State.ALTERED: ("改", "altered after publication 发布后改动", "#6b46c1"),
    State.GONE: ("失", "gone from the portal 已下线", "#4a5568"),
    State.MISSING: ("缺", "missing 未见", "#c53030"),
}
_SILENT = ("?", "no report since; perhaps dissolved or renamed 此后未见", "#e2a5a5")

_STYLE = """
body{font:14px/1.5 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif}
body{margin:1.5rem;color:#1a202c;background:#fff}
table{border-collapse:separate;border-spacing:2px;margin:0 0 1.5rem}
caption{text-align:left;font-weight:600;padding:.3rem 0}
th{font-weight:400;text-align:left;padding:0 .5rem;white-space:nowrap}
thead th{text-align:center;color:#4a5568}
td{width:2.2rem;height:1.7rem;text-align:center;background:#edf2f7;color:#fff}
ul{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;padding:0}
li span{display:inline-block;width:1.7rem;text-align:center;color:#fff;margin-right:.4rem}
"""


def heat_map(found: Coverage, title: str = "Coverage 年报覆盖") -> str:
    """The coverage as one HTML page that needs nothing else."""
    years = found.years
    totals = found.totals()
    legend = "".join(
        f'<li><span style="background:{colour}">{mark}</span>{escape(meaning)}: {totals[state.value]}</li>'
        for state, (mark, meaning, colour) in _MARKS.items()
    )
    legend += f'<li><span style="background:{_SILENT[2]}">{_SILENT[0]}</span>{escape(_SILENT[1])}</li>'
    tables = "".join(
        _table(division, list(rows), years) for division, rows in groupby(found.rows, key=lambda row: row.division)
    )
    rest = (
        f"<p>{len(found.unassigned)} reports without an agency or a year 机关或年度不明</p>" if found.unassigned else ""
    )
    return (
        '<!doctype html>\n<html lang="zh"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1><ul>{legend}</ul>{rest}\n{tables}</body></html>\n"
    )


def _table(division: str, rows: list[Row], years: tuple[int, ...]) -> str:
    head = "".join(f'<th scope="col">{year}</th>' for year in years)
    body = "".join(_line(row, years) for row in rows)
    return (
        f"<table><caption>{escape(division)}</caption><thead><tr><th></th>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>\n"
    )


def _line(row: Row, years: tuple[int, ...]) -> str:
    cells = {cell.year: cell for cell in row.cells}
    drawn = "".join(_square(cells.get(year)) for year in years)
    portals = escape(", ".join(row.portals), quote=True)
    return f'<tr><th scope="row" title="{portals}">{escape(row.agency)}</th>{drawn}</tr>'


def _square(cell: Cell | None) -> str:
    if cell is None:
        return "<td></td>"
    mark, _, colour = _SILENT if cell.reason is Reason.SILENT else _MARKS[max(cell.states, key=list(_MARKS).index)]
    facts = [", ".join(cell.states), f"deadline {cell.deadline}"]
    if cell.reason:
        facts.append(cell.reason)
    if cell.published_on:
        facts.append(f"published {cell.published_on}")
    facts += cell.reports
    return f'<td style="background:{colour}" title="{escape(" · ".join(facts), quote=True)}">{mark}</td>'
