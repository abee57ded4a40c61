"""Which reports are asked for: pages of results, and how many there are of which sort."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import lru_cache
from heapq import merge
from itertools import islice
from typing import Any

from crawler.web.bigrams import expression
from crawler.web.index import Index
from crawler.web.rows import SERIALS, YEARS_UP_TO

COUNTED = 5_000  # matches all counted and sorted into facets
COUNTED_OF_A_YEAR = 1_000  # where there are more of them
FACETS = ("province", "prefecture", "year", "kind", "platform", "status", "agency")
FACET_VALUES = 40
FEW = 2_000  # rows that are looked up in the full-text index one by one
UNDATED = YEARS_UP_TO  # the place of reports of no year: after all years
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


def search(index: Index, asked: Mapping[str, Any]) -> Found:
    """A page of results: later report years first, among them what was archived last. The order holds while the archive
    grows, so that a page begins where the one before it ended."""
    limit = asked.get("limit") or 20
    matching = _matching(index, asked, *_between(asked))
    rows = index.rows(f"select r.* from {matching.source} order by {matching.row} limit ?", *matching.values, limit + 1)  # noqa: S608
    page = tuple(dict(row) for row in rows[:limit])
    return Found(page, page[-1]["id"] if len(rows) > limit else None)


def news(index: Index, asked: Mapping[str, Any]) -> Found:
    """A page of results, what was archived or revised last first, whatever year it reports on.

    Within a year rows stand in the order they came, and that order is all years' one: the page is put together from the
    first rows of each, so that it costs the same however many there are.
    """
    limit, after = asked["limit"], asked.get("after")
    year = asked.get("year")
    places = _places(index, index.generation) if year is None else (YEARS_UP_TO - year,)
    with ExitStack() as asking:
        rows = []
        for place in places:
            first, last = place * SERIALS, (place + 1) * SERIALS - 1
            matching = _matching(index, asked, first if after is None else first + after + 1, last)
            question = f"select r.id from {matching.source} order by {matching.row}"  # noqa: S608
            rows.append(asking.enter_context(closing(index.db.execute(question, matching.values))))
        merged = merge(*rows, key=lambda row: row[0] % SERIALS)
        ids = [id_ for (id_,) in islice(merged, limit + 1)]
        page = tuple(dict(index.rows("select * from reports where id = ?", id_)[0]) for id_ in ids[:limit])
    return Found(page, page[-1]["id"] % SERIALS if len(ids) > limit else None)


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
    first, last = _between(asked)
    matching = _matching(index, asked, UNDATED * SERIALS if undated else first, last)
    columns = ", ".join(f"r.{facet}" for facet in FACETS)
    return index.rows(f"select {columns} from {matching.source} limit ?", *matching.values, limit)  # noqa: S608


@lru_cache(maxsize=4)
def _places(index: Index, generation: str) -> tuple[int, ...]:
    """What row numbers begin with, a step for each: a place for every report year there is, the newest first, and one for
    reports of none."""
    places = []
    row = index.row("select id from reports order by id limit 1")
    while row is not None:
        places.append(row[0] // SERIALS)
        row = index.row("select id from reports where id >= ? order by id limit 1", (places[-1] + 1) * SERIALS)
    return tuple(places)


def _years(index: Index, generation: str) -> tuple[int, ...]:
    """The report years there are, the newest first."""
    return tuple(YEARS_UP_TO - place for place in _places(index, generation) if place != UNDATED)


def _between(asked: Mapping[str, Any]) -> tuple[int, int]:
    """The first row that may be shown, and the last."""
    first, last = 0, (UNDATED + 1) * SERIALS - 1
    if asked.get("year"):
        first = (YEARS_UP_TO - asked["year"]) * SERIALS
        last = first + SERIALS - 1
    if asked.get("after") is not None:
        first = max(first, asked["after"] + 1)
    return first, last


@dataclass(frozen=True, slots=True)
class _Matching:
    """A question: what follows ``from``, with its values, and the row number by which its rows come without being sorted."""

    source: str
    row: str
    values: tuple[Any, ...]


def _matching(index: Index, asked: Mapping[str, Any], first: int, last: int) -> _Matching:
    """What is asked for among the rows from one number to another.

    An index of one column holds equal values in the order of their rows, so that a page is read and nothing sorted. Which
    one leads is said here, by hiding the others from SQLite (``+``): the one that leaves the fewest rows. Where words are
    asked for, the full-text index leads; but where a filter leaves few rows, each of these is looked up there, for it may
    hold a million others.
    """
    wanted = expression(asked["q"]) if asked.get("q") else None
    kind = asked.get("kind") or "annual_report"
    filters: dict[str, Any] = {"kind": None if kind == "all" else kind, "prefecture": asked.get("city")} | {
        name: asked.get(name) for name in ("agency", "portal", "division", "status", "province", "platform")
    }
    leading = next((name for name in FEWEST_FIRST if filters[name]), None)
    words_lead = wanted and not (leading and _few(index, index.generation, leading, filters[leading]))
    # CROSS JOIN: the first leads, in the order of its rows.
    if words_lead:
        source, row = "words cross join reports r on r.id = words.rowid", "words.rowid"
    elif wanted:
        source, row = "reports r cross join words on words.rowid = r.id", "r.id"
    else:
        source, row = "reports r", "r.id"
    where = [f"{row} between ? and ?"]
    values: list[Any] = [first, last]
    if wanted:
        where.append("words match ?")
        values.append(wanted)
    for name, value in filters.items():
        if value:
            where.append(f"{'' if name == leading and not words_lead else '+'}r.{name} = ?")
            values.append(value)
    return _Matching(f"{source} where {' and '.join(where)}", row, tuple(values))


@lru_cache(maxsize=1024)
def _few(index: Index, generation: str, name: str, value: str) -> bool:
    """Whether a filter leaves so few rows that each can be looked up in the full-text index."""
    ((count,),) = index.rows(
        f"select count(*) from (select 1 from reports where {name} = ? limit ?)",  # noqa: S608
        value, FEW + 1,
    )  # fmt: skip
    return bool(count <= FEW)
