"""The figures of the statutory tables, over the years and side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crawler.web.figures import COLUMNS
from crawler.web.index import Index


@dataclass(frozen=True, slots=True)
class Point:
    """One figure of one year; of a province the sum over ``reports`` reports."""

    year: int
    value: float | None
    reports: int
    report_id: str | None = None


def series(index: Index, figure: str, name: str) -> tuple[Point, ...]:
    """A figure over the years: of one agency (``331124:某县教育局``), or summed over a province's governments or
    departments of one level (``33:county``)."""
    return _series(index, index.generation, figure, name)


@lru_cache(maxsize=4096)
def _series(index: Index, generation: str, figure: str, name: str) -> tuple[Point, ...]:
    column = COLUMNS[figure]
    place, _, who = name.partition(":")
    if len(place) == 6:
        rows = index.rows(
            f"select r.year, f.{column}, r.report_id from reports r left join figures f on f.id = r.id "  # noqa: S608
            "where r.province = ? and r.division = ? and r.agency = ? and r.kind = 'annual_report' and r.year is not null "
            "order by r.year, f.id is null, r.id",
            place[:2],
            place,
            who,
        )
        points: dict[int, Point] = {}
        for year, value, report_id in rows:
            points.setdefault(year, Point(year, _number(value), 1, report_id))
        return tuple(points.values())
    rows = index.rows(
        f"select r.year, sum(f.{column}), count(f.{column}) from reports r join figures f on f.id = r.id "  # noqa: S608
        "where r.province = ? and r.level = ? and r.kind = 'annual_report' and r.year is not null group by r.year order by r.year",
        place,
        who,
    )
    return tuple(Point(year, _number(value), count) for year, value, count in rows)


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of one agency in two years; ``rise`` where it stands in both."""

    division: str
    agency: str
    level: str
    before: Point | None
    now: Point | None

    @property
    def rise(self) -> float | int | None:
        if self.before is None or self.now is None or self.before.value is None or self.now.value is None:
            return None
        return _number(round(self.now.value - self.before.value, 6))


def compared(index: Index, figure: str, division: str, year: int, before: int) -> list[Compared]:
    """Every agency of a division (a code or its beginning) by how much a figure rose; those that lack a year come last."""
    return list(_compared(index, index.generation, figure, division, year, before))


@lru_cache(maxsize=256)
def _compared(
    index: Index, generation: str, figure: str, division: str, year: int, before: int
) -> tuple[Compared, ...]:
    found: dict[tuple[str, str], dict[int, Point]] = {}
    levels: dict[tuple[str, str], str] = {}
    for row in index.rows(
        f"select r.division, r.agency, r.level, r.year, f.{COLUMNS[figure]} as value, r.report_id from reports r "  # noqa: S608
        "join figures f on f.id = r.id where r.province = ? and r.division between ? and ? and r.agency is not null "
        f"and r.kind = 'annual_report' and r.year in (?, ?) and f.{COLUMNS[figure]} is not null order by r.id",
        division[:2], division.ljust(6, "0"), division.ljust(6, "9"), year, before,
    ):  # fmt: skip
        key = row["division"], row["agency"]
        levels[key] = row["level"]
        found.setdefault(key, {}).setdefault(
            row["year"], Point(row["year"], _number(row["value"]), 1, row["report_id"])
        )
    rows = [Compared(*key, levels[key], points.get(before), points.get(year)) for key, points in found.items()]
    return tuple(sorted(rows, key=lambda row: (row.rise is None, -(row.rise or 0), row.division, row.agency)))


def years_of(index: Index, division: str) -> dict[int, int]:
    """The report years that a division's statutory tables are of, the newest first, each with the number of agencies
    that have the year before, too."""
    return dict(_years_of(index, index.generation, division))


@lru_cache(maxsize=256)
def _years_of(index: Index, generation: str, division: str) -> tuple[tuple[int, int], ...]:
    agencies: dict[int, set[tuple[str, str]]] = {}
    for place, agency, year in index.rows(
        "select division, agency, year from reports where province = ? and division between ? and ? and statistics "
        "and kind = 'annual_report' and agency is not null and year is not null",
        division[:2], division.ljust(6, "0"), division.ljust(6, "9"),
    ):  # fmt: skip
        agencies.setdefault(year, set()).add((place, agency))
    return tuple((year, len(agencies[year] & agencies.get(year - 1, set()))) for year in sorted(agencies, reverse=True))


def named(index: Index, text: str, limit: int = 30) -> list[dict[str, Any]]:
    """Agencies whose name holds a text."""
    found = index.rows(
        "select division, agency from agencies where instr(agency, ?) > 0 order by division, agency limit ?",
        text,
        limit,
    )
    return [dict(row) for row in found]


def _number(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value
