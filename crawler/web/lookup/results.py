"""Which reports are asked for: pages of results, and how many there are of which sort."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crawler.web.bigrams import expression
from crawler.web.index import Index
from crawler.web.rows import SERIALS, YEARS_UP_TO

COUNTED = 5_000  # matches all counted and sorted into facets
COUNTED_OF_A_YEAR = 1_000  # where there are more of them
FACETS = ("province", "prefecture", "year", "kind", "platform", "status", "agency")
FACET_VALUES = 40
FEWEST_FIRST = ("agency", "portal", "division", "prefecture", "status", "province", "platform", "kind")
PARAMETER_OF = {"prefecture": "city"}


@dataclass(frozen=True, slots=True)
class Found:
    """One page of search results."""

    rows: tuple[Mapping[str, Any], ...]
    next: int | None  # the ``after`` of the next page


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are, and of which sort; ``more`` where counting stopped."""

    total: int
    more: bool
    facets: Mapping[str, tuple[tuple[Any, int], ...]]


def search(index: Index, asked: Mapping[str, Any], *, newest: bool = False) -> Found:
    """A page of results: later report years first, among them what was archived last; with ``newest`` what was archived
    last of all. The order holds while the archive grows, so that a page begins where the one before it ended."""
    limit = asked.get("limit") or 20
    source, values = _matching(asked, asked.get("after"), newest=newest)
    # By the full-text index's own row number: by the table's, SQLite would read every match and sort.
    order = "r.version_seen desc, r.report_id" if newest else "words.rowid" if source.startswith("words ") else "r.id"
    rows = index.rows(f"select r.* from {source} order by {order} limit ?", *values, limit + 1)  # noqa: S608
    page = tuple(dict(row) for row in rows[:limit])
    return Found(page, page[-1]["id"] if len(rows) > limit and not newest else None)


def every(index: Index, asked: Mapping[str, Any], limit: int) -> Iterator[Mapping[str, Any]]:
    """Every result, page by page, up to a limit."""
    after, left = asked.get("after"), limit
    while left > 0:
        found = search(index, {**asked, "after": after, "limit": min(500, left)})
        yield from found.rows
        left -= len(found.rows)
        if found.next is None:
            return
        after = found.next


def counted(index: Index, asked: Mapping[str, Any]) -> Counted:
    """The matches by facet."""
    key = tuple(
        sorted(
            (name, value)
            for name, value in asked.items()
            if value is not None and name not in ("after", "limit", "lang")
        )
    )
    return _counted(index, index.generation, key)


@lru_cache(maxsize=256)
def _counted(index: Index, generation: str, key: tuple[tuple[str, Any], ...]) -> Counted:
    asked = dict(key)
    rows = _facets(index, asked, COUNTED + 1)
    more = len(rows) > COUNTED
    if more and not asked.get("year"):
        # Results come by year: the first of them alone would say that there is nothing but the newest.
        of_years = (_facets(index, asked | {"year": year}, COUNTED_OF_A_YEAR) for year in _years(index, generation))
        rows = [row for of_year in of_years for row in of_year] + _facets(index, asked, COUNTED_OF_A_YEAR, undated=True)
    elif more:
        del rows[COUNTED:]
    counts: dict[str, dict[Any, int]] = {facet: {} for facet in FACETS}
    for row in rows:
        for facet, value in zip(FACETS, row, strict=True):
            if value is not None:
                counts[facet][value] = counts[facet].get(value, 0) + 1
    facets = {
        facet: tuple(sorted(found.items(), key=(lambda x: -x[0]) if facet == "year" else (lambda x: (-x[1], x[0])))[:FACET_VALUES])
        for facet, found in counts.items()
    }  # fmt: skip
    return Counted(len(rows), more, facets)


def _facets(index: Index, asked: Mapping[str, Any], limit: int, *, undated: bool = False) -> list[sqlite3.Row]:
    source, values = _matching(asked, YEARS_UP_TO * SERIALS - 1 if undated else None)
    columns = ", ".join(f"r.{facet}" for facet in FACETS)
    return index.rows(f"select {columns} from {source} limit ?", *values, limit)  # noqa: S608


@lru_cache(maxsize=4)
def _years(index: Index, generation: str) -> tuple[int, ...]:
    """The report years there are, the newest first. Row numbers begin with the year, so each is one step."""
    years = []
    row = index.row("select id from reports order by id limit 1")
    while row is not None:
        place = row[0] // SERIALS
        if place < YEARS_UP_TO:
            years.append(YEARS_UP_TO - place)
        row = index.row("select id from reports where id >= ? order by id limit 1", (place + 1) * SERIALS)
    return tuple(years)


def _matching(asked: Mapping[str, Any], after: int | None, *, newest: bool = False) -> tuple[str, list[Any]]:
    """What follows ``from``, with its values.

    An index of one column holds equal values in the order of their rows, so that a page is read and nothing sorted. Which
    one leads is said here, by hiding the others from SQLite (``+``): the one that leaves the fewest rows. ``newest``: rows
    come by their arrival, unless few are left.
    """
    wanted = expression(asked["q"]) if asked.get("q") else None
    where: list[str] = []
    values: list[Any] = []
    if wanted:
        where.append("words match ?")
        values.append(wanted)
    row = "words.rowid" if wanted else "r.id"
    if after is not None:
        where.append(f"{row} > ?")
        values.append(after)
    if asked.get("year"):
        first = (YEARS_UP_TO - asked["year"]) * SERIALS
        where.append(f"{row} between ? and ?")
        values += [first, first + SERIALS - 1]
    kind = asked.get("kind") or "annual_report"
    filters: dict[str, Any] = {"kind": None if kind == "all" else kind, "prefecture": asked.get("city")} | {
        name: asked.get(name) for name in ("agency", "portal", "division", "status", "province", "platform")
    }
    leading = next(
        (name for name in FEWEST_FIRST if filters[name] and not (newest and _common(name, filters[name]))), None
    )
    for name, value in filters.items():
        if value:
            where.append(f"{'' if name == leading else '+'}r.{name} = ?")
            values.append(value)
    # CROSS JOIN: the full-text index leads, in the order of its rows.
    source = "words cross join reports r on r.id = words.rowid" if wanted else "reports r"
    return f"{source}{' where ' + ' and '.join(where) if where else ''}", values


def _common(name: str, value: str) -> bool:
    """Whether a filter leaves so many rows that walking all of them by arrival finds a page sooner than sorting its own."""
    return name in ("province", "platform") or (name, value) in (("status", "live"), ("kind", "annual_report"))
