"""Runs, and how each portal did in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from crawler.web.index import Index
from crawler.web.lookup.sighted import CAPTURED

UNSAID: Mapping[str, Any] = {"started": None, "finished": None, "interrupted": False, "totals": {}}
KNOWN_OUTCOMES = (*sorted(CAPTURED), "listed", "missing", "gone", "not_modified")
# Portal by portal, a step each: years of nightly runs are not read to find the last of them.
LAST_RUNS = (
    "with recursive portals (portal) as (select min(portal) from outcomes union all select (select min(portal) from outcomes o "
    "where o.portal > p.portal) from portals p where p.portal is not null), last_runs as (select portal, (select max(run) "
    "from outcomes o where o.portal = p.portal) as run from portals p where portal is not null)"
)


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
