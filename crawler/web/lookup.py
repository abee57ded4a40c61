"""Questions put to the index."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from crawler.items import Sighting, Version
from crawler.urls import location
from crawler.web import looks as places
from crawler.web.bigrams import expression, fold, terms
from crawler.web.figures import COLUMNS
from crawler.web.index import SERIALS, YEARS_UP_TO, Index, bare
from storage.locations import READ, Whereabouts
from storage.sightings import BELONGINGS

COUNTED = 5_000  # matches all counted and sorted into facets
COUNTED_OF_A_YEAR = 1_000  # where there are more of them
FACETS = ("province", "prefecture", "year", "kind", "platform", "status", "agency")
FACET_VALUES = 40
EXCERPT = 110  # characters
REPEATED = re.compile(r"(\|[^|\n]{2,}(?=\|))\1+")  # a merged cell, repeated in every place it covers
SENTENCE = 40  # a line of fewer characters is a name or a heading
UNSAID: Mapping[str, Any] = {"started": None, "finished": None, "interrupted": False, "totals": {}}
FEWEST_FIRST = ("agency", "portal", "division", "prefecture", "status", "province", "platform", "kind")
PARAMETER_OF = {"prefecture": "city"}
CAPTURED = READ | BELONGINGS
KNOWN_OUTCOMES = (*sorted(CAPTURED), "listed", "missing", "gone", "not_modified")
# Portal by portal, a step each: years of nightly runs are not read to find the last of them.
LAST_RUNS = (
    "with recursive portals (portal) as (select min(portal) from outcomes union all select (select min(portal) from outcomes o "
    "where o.portal > p.portal) from portals p where p.portal is not null), last_runs as (select portal, (select max(run) "
    "from outcomes o where o.portal = p.portal) as run from portals p where portal is not null)"
)


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


# ---------------------------------------------------------------- search


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


def excerpt(index: Index, row_id: int, query: str | None) -> list[tuple[str, bool]]:
    """A stretch of the text with the words asked for marked."""
    row = index.row("select body from bodies where id = ?", row_id)
    text = REPEATED.sub(r"\1", zlib.decompress(row[0]).decode()) if row else ""
    wanted = terms(query)[0] if query else []
    folded = fold(text)
    if len(folded) != len(text):
        text = folded  # a folded form of other length: shown as it is searched
    begin = min((at for at in (_in_prose(folded, term) for term in wanted) if at >= 0), default=-1)
    if begin >= 0:
        start = max(0, begin - EXCERPT // 4)
    else:
        body = re.search(r"\n[^|\n].{40,}", text)
        start = body.start() + 1 if body else 0
    stretch, plain = text[start : start + EXCERPT], folded[start : start + EXCERPT]
    parts: list[tuple[str, bool]] = [("…", False)] if begin >= 0 and start else []
    last = 0
    pattern = "|".join(map(re.escape, sorted(set(wanted), key=len, reverse=True)))
    for match in re.finditer(pattern, plain) if pattern else ():
        parts += [(stretch[last : match.start()], False), (stretch[match.start() : match.end()], True)]
        last = match.end()
    parts.append((stretch[last:] + ("…" if start + EXCERPT < len(text) else ""), False))
    return [(re.sub(r"[\s|]+|-{3,}", " ", part), marked) for part, marked in parts]


def _in_prose(text: str, term: str) -> int:
    """Where a term stands in a sentence; else where it stands first, -1 where nowhere."""
    first = at = text.find(term)
    for _ in range(50):
        if at < 0:
            break
        line = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        if text[line] != "|" and (end if end >= 0 else len(text)) - line >= SENTENCE:
            return at
        at = text.find(term, end) if end >= 0 else -1
    return first


# ---------------------------------------------------------------- a report


def whereabouts(index: Index, report_id: str) -> Whereabouts | None:
    """Where a report stands."""
    return places.whereabouts(index.db, report_id)


def year_before(index: Index, version: Version, where: Whereabouts | None) -> Iterator[Sighting]:
    """What the portals that show a report showed of the same agency's report of the year before."""
    reading = version.reading
    if not reading.agency or not reading.report_year:
        return
    portals = {version.portal, *(place.portal for place in where.locations.values())} if where else {version.portal}
    rows = index.rows(
        "select distinct p.portal, p.url, r.report_id, r.agency, r.year, r.version_seen from reports r "
        "join spans s on s.report_id = r.report_id join places p on p.id = s.place "
        "where r.kind = 'annual_report' and r.bare = ? and r.year = ?",
        bare(reading.agency),
        reading.report_year - 1,
    )
    for row in rows:
        if row["portal"] in portals:
            yield Sighting(
                run="", portal=row["portal"], time=datetime.fromisoformat(row["version_seen"]), url=row["url"],
                outcome="listed", status=None, report_id=row["report_id"], kind="annual_report", agency=row["agency"],
                report_year=row["year"],
            )  # fmt: skip


def looks(index: Index, report_id: str) -> list[dict[str, Any]]:
    """What was seen of a report, where and when, a row for every stretch of looks that saw the same; oldest first."""
    return [
        dict(row)
        for row in index.rows(
            "select p.url, p.portal, s.outcome, s.status, s.version, s.payload_digest, s.first, s.last, s.looks "
            "from spans s join places p on p.id = s.place where s.report_id = ? order by s.first, p.url",
            report_id,
        )
    ]


def captures(index: Index, url: str) -> list[tuple[datetime, str, str]]:
    """(time, payload digest, address) of what was captured at an address, oldest first; equal payloads in a row once."""
    found = index.rows(
        "select s.first, s.payload_digest, p.url, s.outcome from spans s join places p on p.id = s.place "
        "where p.place = ? and s.payload_digest is not null order by s.first",
        location(url),
    )
    kept: list[tuple[datetime, str, str]] = []
    for first, digest, address, outcome in found:
        if outcome in CAPTURED and (not kept or kept[-1][1] != digest):
            kept.append((datetime.fromisoformat(first), digest, address))
    return kept


# ---------------------------------------------------------------- coverage


def agencies(index: Index, asked: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int | None]:
    """Agencies with what can be said of each of their years, and where the next page begins."""
    where, values = ["true"], []
    place = asked.get("after")
    if place is not None:
        where.append(
            "(a.province, a.division, a.agency) > (select province, division, agency from agencies where id = ?)"
        )
        values.append(place)
    if asked.get("province"):
        where.append("a.province = ?")
        values.append(asked["province"])
    if asked.get("division"):
        where.append("substr(a.division, 1, ?) = ?")
        values += [len(asked["division"]), asked["division"]]
    if asked.get("agency"):
        where.append("instr(a.agency, ?) > 0")
        values.append(asked["agency"])
    if asked.get("mark"):
        where.append("exists (select 1 from cells c where c.agency = a.id and c.mark = ?)")
        values.append(asked["mark"])
    limit = asked["limit"]
    rows = index.rows(
        f"select a.* from agencies a where {' and '.join(where)} order by a.province, a.division, a.agency limit ?",  # noqa: S608
        *values,
        limit + 1,
    )
    page = [
        dict(row) | {"cells": json.loads(row["cells"]), "portals": json.loads(row["portals"])} for row in rows[:limit]
    ]
    return page, (page[-1]["id"] if len(rows) > limit else None)


def marks(index: Index, province: str | None = None) -> dict[str, dict[int, dict[str, int]]]:
    """Province → year → mark → number of agencies."""
    return _marks(index, index.generation, province)


@lru_cache(maxsize=64)
def _marks(index: Index, generation: str, province: str | None) -> dict[str, dict[int, dict[str, int]]]:
    found: dict[str, dict[int, dict[str, int]]] = {}
    rows = index.rows(
        "select province, year, mark, count(*) from cells where ? is null or province = ? group by 1, 2, 3",
        province,
        province,
    )
    for code, year, mark, count in rows:
        found.setdefault(code, {}).setdefault(year, {})[mark] = count
    return found


# ---------------------------------------------------------------- runs


def runs(index: Index, limit: int, before: str | None = None) -> list[dict[str, Any]]:
    """Runs, the newest first, with how their portals ended."""
    rows = index.rows("select * from runs where ? is null or run < ? order by run desc limit ?", before, before, limit)
    found = []
    for row in rows:
        ended = index.rows("select status, count(*) from outcomes where run = ? group by status", row["run"])
        found.append({**UNSAID, **json.loads(row["summary"]), "run": row["run"], "statuses": dict(map(tuple, ended))})
    return found


def run(index: Index, name: str) -> dict[str, Any] | None:
    """One run, portal by portal, each with how it ended the time before."""
    row = index.row("select * from runs where run = ?", name)
    if row is None:
        return None
    portals = [
        {
            "platform": None,
            **json.loads(each["counts"]),
            "portal": each["portal"],
            "reason": each["reason"],
            "before": index.row(
                "select run, status from outcomes where portal = ? and run < ? order by run desc limit 1",
                each["portal"],
                name,
            ),
        }
        for each in index.rows("select * from outcomes where run = ? order by status = 'ok', portal", name)
    ]
    for portal in portals:
        portal["before"] = dict(portal["before"]) if portal["before"] else None
    return {**UNSAID, **json.loads(row["summary"]), "run": name, "portals": portals}


def changes(index: Index) -> list[dict[str, Any]]:
    """Portals whose last crawl ended otherwise than the one before, or is still not ``ok``; broken ones first."""
    return _changes(index, index.generation)


@lru_cache(maxsize=4)
def _changes(index: Index, generation: str) -> list[dict[str, Any]]:
    asked = (
        "two as (select portal, run, (select max(run) from outcomes o where o.portal = l.portal and o.run < l.run) as before "
        "from last_runs l) select l.portal, l.run, l.status, l.reason, b.status as before, b.run as before_run "
        "from two join outcomes l on l.portal = two.portal and l.run = two.run "
        "left join outcomes b on b.portal = two.portal and b.run = two.before where l.status <> 'ok' or b.status <> 'ok' "
        "order by l.status = 'ok', coalesce(b.status, 'ok') <> 'ok', l.run desc, l.portal limit 200"
    )
    found = index.rows(f"{LAST_RUNS}, {asked}")
    return [dict(row) for row in found]


def last_crawls(index: Index) -> tuple[str | None, tuple[Mapping[str, Any], ...]]:
    """When the newest run ended, and how the last crawl of each portal did."""
    return _last_crawls(index, index.generation)


@lru_cache(maxsize=4)
def _last_crawls(index: Index, generation: str) -> tuple[str | None, tuple[Mapping[str, Any], ...]]:
    finished = index.row("select max(finished) from runs")
    ended = index.rows(LAST_RUNS + " select portal, status, run from last_runs join outcomes using (portal, run)")  # noqa: S608
    return finished[0] if finished else None, tuple(dict(row) for row in ended)


def unread(index: Index, limit: int) -> list[dict[str, Any]]:
    """Addresses whose last look ended in an error, the latest first."""
    return _unread(index, index.generation, limit)


@lru_cache(maxsize=4)
def _unread(index: Index, generation: str, limit: int) -> list[dict[str, Any]]:
    marks = ", ".join("?" * len(KNOWN_OUTCOMES))
    return [
        dict(row)
        for row in index.rows(
            f"select portal, url, outcome, last, title, report_id from places where outcome not in ({marks}) "  # noqa: S608
            "order by last desc limit ?",
            *KNOWN_OUTCOMES,
            limit,
        )
    ]


# ---------------------------------------------------------------- all of it


def totals(index: Index) -> Mapping[str, int]:
    """How many annual reports, reports of every kind, and agencies there are, and how many reports were altered."""
    return _totals(index, index.generation)


@lru_cache(maxsize=4)
def _totals(index: Index, generation: str) -> Mapping[str, int]:
    ((reports, altered),) = index.rows(
        "select count(*), coalesce(sum(altered), 0) from reports where kind = 'annual_report'"
    )
    ((agencies,),) = index.rows("select count(*) from agencies")
    ((every,),) = index.rows("select count(*) from reports")
    return {"reports": reports, "every": every, "versions": altered, "agencies": agencies}


def provinces_held(index: Index) -> list[str]:
    """The codes of the provinces that any agency is known of."""
    return sorted(marks(index))


def latest(index: Index, limit: int) -> list[dict[str, Any]]:
    """What happened to reports last: found, revised, missed, gone."""
    return _latest(index, index.generation, limit)


@lru_cache(maxsize=4)
def _latest(index: Index, generation: str, limit: int) -> list[dict[str, Any]]:
    seen = index.rows(
        "select report_id, title, portal, version_seen as at, case when version > 1 then 'revised' else 'new' end as what "
        "from reports where kind = 'annual_report' order by version_seen desc, report_id limit ?",
        limit,
    )
    lost = index.rows(
        "select p.report_id, coalesce(r.title, p.title) as title, p.portal, s.first as at, s.outcome as what from places p "
        "join spans s on s.place = p.id join reports r on r.report_id = p.report_id "
        "where p.outcome in ('missing', 'gone') and r.status = p.outcome and r.kind = 'annual_report' "
        "and s.number = (select max(number) from spans where place = p.id) order by s.first desc limit ?",
        limit,
    )
    found = [dict(row) for row in (*seen, *lost)]
    return sorted(found, key=lambda each: str(each["at"]), reverse=True)[:limit]


# ---------------------------------------------------------------- numbers


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
