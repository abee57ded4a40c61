"""Which agencies × years are archived, missing, late, altered after publication, or gone.

``missing`` is a claim about an agency, so it is made only on evidence: a year between two that are archived
(``gap``), or a year whose deadline had passed when a portal of the agency was last crawled to completion (``due``;
``silent`` for the years before it, when the agency may as well have been dissolved or renamed). ``late`` is said only
of a printed publication date after the deadline that no earlier look contradicts. ``altered`` is a body or a number
that differs from the version before; a page read anew by another extractor is not altered. ``unreadable`` is a year of
whose reports no text could be read. Deadlines are those of ``crawler.deadlines``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from itertools import groupby
from typing import Any

from crawler.deadlines import deadline
from crawler.items import PortalStatus, Version
from storage import codec
from storage.archive import Archive
from storage.locations import Status
from storage.queries import Filters, Selected, Selection, batches

BEIJING = timezone(timedelta(hours=8))


class State(StrEnum):
    """What can be said of one agency and year; several may hold."""

    ARCHIVED = "archived"
    LATE = "late"
    ALTERED = "altered"
    UNREADABLE = "unreadable"
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
    readable: bool = False  # at least one has a text


@dataclass(slots=True)
class AgencyYears:
    """One agency, while its reports are gone through."""

    portals: set[str] = field(default_factory=set)
    years: dict[int, _Year] = field(default_factory=lambda: defaultdict(_Year))


def coverage(archive: Archive, filters: Filters | None = None) -> Coverage:
    """What the archive says of every agency it knows. ``filters.years`` are the years shown, not those looked at."""
    filters = filters or Filters()
    agencies: dict[tuple[str, str, str], AgencyYears] = defaultdict(AgencyYears)
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
        row_of(province, division, name, agency, complete, filters.years)
        for (province, division, name), agency in sorted(agencies.items())
    )
    return Coverage(tuple(row for row in rows if row.cells), tuple(unassigned))


def _complete(archive: Archive, as_of: datetime | None, portals: set[str] | None) -> dict[str, date]:
    """Portal → the day it was last crawled to completion: of all, or of some, of which the newest runs tell."""
    days: dict[str, date] = {}
    for run in reversed(_runs(archive, portals)):
        if portals is not None and portals <= days.keys():
            break
        summary = archive.run(run)
        finished = moment(run, summary.get("finished"))
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


def moment(run: str, text: Any) -> datetime:
    """When a run finished, as its summary has it. Raises ``Damaged``."""
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise codec.Damaged(f"runs/{run}.json: no time it finished at: {text!r}") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _take_in(year: _Year, versions: list[Selected]) -> None:
    latest = versions[-1]
    year.reports.append(latest.version.report_id)
    year.standing |= latest.status is not Status.GONE
    year.readable |= latest.version.reading.body is not None
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


def row_of(
    province: str,
    division: str,
    name: str,
    agency: AgencyYears,
    complete: Mapping[str, date],
    shown: tuple[int, int] | None,
) -> Row:
    """What is said of an agency. ``complete``: portal → the day it was last crawled to completion."""
    looks = [complete[portal] for portal in agency.portals if portal in complete]
    last_look = max(looks) if looks else None
    cells = (cell for cell in _cells(name, agency, last_look) if not shown or shown[0] <= cell.year <= shown[1])
    return Row(province, division, name, tuple(sorted(agency.portals)), last_look, tuple(cells))


def _cells(name: str, agency: AgencyYears, last_look: date | None) -> Iterator[Cell]:
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
    if not held.readable:
        states.append(State.UNREADABLE)
    if not held.standing:
        states.append(State.GONE)
    return Cell(year, tuple(states), until, printed, tuple(held.reports))
