"""Questions put to the index."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from heapq import merge
from itertools import islice
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
UNREAD_SHOWN = 20
LATEST_SHOWN = 8
FEW = 2_000  # rows that are looked up in the full-text index one by one
UNDATED = YEARS_UP_TO  # the place of reports of no year: after all years
FEWEST_FIRST = ("agency", "portal", "division", "prefecture", "status", "province", "platform", "kind")
GRAVEST_FIRST = ("failed", "blocked", "incomplete", "empty", "ok")
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
    return [
        {**UNSAID, **json.loads(row["summary"]), "run": row["run"], "statuses": json.loads(row["statuses"])}
        for row in rows
    ]


def run(index: Index, name: str, asked: Mapping[str, Any]) -> tuple[dict[str, Any], str | None] | None:
    """One run with a page of its portals, those that ended worst first, each with how it ended the time before; and the
    portal that the page ends with where more follow."""
    row = index.row("select * from runs where run = ?", name)
    if row is None:
        return None
    statuses = json.loads(row["statuses"])
    limit, after = asked["limit"], asked["after"]
    found = {**UNSAID, **json.loads(row["summary"]), "run": name, "statuses": statuses}
    if asked["portal"]:
        only = index.rows("select * from outcomes where portal = ? and run = ?", asked["portal"], name)
        return found | {"portals": [_ended(index, each) for each in only]}, None
    order = [each for each in sorted(statuses, key=_gravity) if asked["ended"] in (None, each)]
    last = index.row("select status from outcomes where portal = ? and run = ?", after, name) if after else None
    if after and (last is None or last["status"] not in order):
        order = []
    elif last:
        order = order[order.index(last["status"]) :]
    portals: list[dict[str, Any]] = []
    for status in order:
        ended = index.rows(
            "select * from outcomes where run = ? and status = ? and portal > ? order by portal limit ?",
            name, status, after if last and status == last["status"] else "", limit + 1 - len(portals),
        )  # fmt: skip
        portals += [_ended(index, each) for each in ended]
    shown = portals[:limit]
    return found | {"portals": shown}, shown[-1]["portal"] if len(portals) > limit else None


def _gravity(status: str) -> tuple[int, str]:
    return (GRAVEST_FIRST.index(status) if status in GRAVEST_FIRST else -1), status


def _ended(index: Index, row: sqlite3.Row) -> dict[str, Any]:
    before = index.row(
        "select run, status from outcomes where portal = ? and run < ? order by run desc limit 1",
        row["portal"],
        row["run"],
    )
    return {
        "platform": None,
        **json.loads(row["counts"]),
        "portal": row["portal"],
        "reason": row["reason"],
        "before": dict(before) if before else None,
    }


def changes(index: Index) -> tuple[list[dict[str, Any]], int]:
    """Portals whose last crawl ended otherwise than the one before, or is still not ``ok``, up to two hundred, and how many
    there are: those first that were well before, among them the gravest."""
    return _changes(index, index.generation)


@lru_cache(maxsize=4)
def _changes(index: Index, generation: str) -> tuple[list[dict[str, Any]], int]:
    gravity = " ".join(f"when '{status}' then {place}" for place, status in enumerate(GRAVEST_FIRST))
    asked = (
        "two as (select portal, run, (select max(run) from outcomes o where o.portal = l.portal and o.run < l.run) as before "  # noqa: S608 — our own names
        "from last_runs l) select l.portal, l.run, l.status, l.reason, b.status as before, b.run as before_run, "
        "count(*) over () as total "
        "from two join outcomes l on l.portal = two.portal and l.run = two.run "
        "left join outcomes b on b.portal = two.portal and b.run = two.before where l.status <> 'ok' or b.status <> 'ok' "
        f"order by l.status = 'ok', coalesce(b.status, 'ok') <> 'ok', case l.status {gravity} else -1 end, l.run desc, l.portal "
        "limit 200"
    )
    found = [dict(row) for row in index.rows(f"{LAST_RUNS}, {asked}")]
    total = found[0]["total"] if found else 0
    for change in found:
        del change["total"]
    return found, total


def last_crawls(index: Index) -> tuple[str | None, tuple[Mapping[str, Any], ...]]:
    """When the newest run ended, and how the last crawl of each portal did."""
    return _last_crawls(index, index.generation)


@lru_cache(maxsize=4)
def _last_crawls(index: Index, generation: str) -> tuple[str | None, tuple[Mapping[str, Any], ...]]:
    finished = index.row("select max(finished) from runs")
    ended = index.rows(LAST_RUNS + " select portal, status, run from last_runs join outcomes using (portal, run)")  # noqa: S608
    return finished[0] if finished else None, tuple(dict(row) for row in ended)


def unread(index: Index, limit: int) -> list[dict[str, Any]]:
    """Addresses whose last look ended in an error, those first at which it did not until of late."""
    return _unread(index, index.generation, limit)


@lru_cache(maxsize=4)
def _unread(index: Index, generation: str, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    outcome = index.row("select min(outcome) from places")
    while outcome is not None and outcome[0] is not None:
        if outcome[0] not in KNOWN_OUTCOMES:
            rows = index.rows(
                "select portal, url, outcome, since, last, title, report_id from places where outcome = ? "
                "order by since desc limit ?",
                outcome[0], limit,
            )  # fmt: skip
            found += [dict(row) for row in rows]
        outcome = index.row("select min(outcome) from places where outcome > ?", outcome[0])
    return sorted(found, key=lambda each: str(each["since"]), reverse=True)[:limit]


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


def prepare(index: Index) -> None:
    """Count what is counted once after an update and shown to everybody, so that no reader waits for it."""
    marks(index)
    totals(index)
    changes(index)
    last_crawls(index)
    unread(index, UNREAD_SHOWN)
    latest(index, LATEST_SHOWN)
    counted(index, {"kind": "annual_report"})


def provinces_held(index: Index) -> list[str]:
    """The codes of the provinces that any agency is known of."""
    return sorted(marks(index))


def latest(index: Index, limit: int) -> list[dict[str, Any]]:
    """What happened to reports last: found, revised, missed, gone."""
    return _latest(index, index.generation, limit)


@lru_cache(maxsize=4)
def _latest(index: Index, generation: str, limit: int) -> list[dict[str, Any]]:
    found = [
        {"report_id": row["report_id"], "title": row["title"], "portal": row["portal"], "at": row["version_seen"],
         "what": "revised" if row["version"] > 1 else "new"}
        for row in news(index, {"limit": limit}).rows
    ]  # fmt: skip
    for outcome in ("missing", "gone"):
        lost = index.rows(
            "select p.report_id, coalesce(r.title, p.title) as title, p.portal, p.since as at, p.outcome as what from places p "
            "join reports r on r.report_id = p.report_id where p.outcome = ? and r.status = p.outcome "
            "and r.kind = 'annual_report' order by p.since desc limit ?",
            outcome, limit,
        )  # fmt: skip
        found += [dict(row) for row in lost]
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
