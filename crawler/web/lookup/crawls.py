"""Runs, and how each portal did in them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from crawler.web.index import Index
from crawler.web.lookup.sighted import CAPTURED

GRAVEST_FIRST = ("failed", "blocked", "incomplete", "empty", "ok")
UNREAD_SHOWN = 20  # on the overview
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
