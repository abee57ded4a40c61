"""All the archive holds in a few numbers, and what happened to it last."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from crawler.web.index import Index
from crawler.web.lookup.coverage import marks
from crawler.web.lookup.crawls import UNREAD_SHOWN, changes, last_crawls, unread
from crawler.web.lookup.results import counted, news

LATEST_SHOWN = 8  # on the overview


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


def prepare(index: Index) -> None:
    """Count what is counted once after an update and shown to everybody, so that no reader waits for it."""
    marks(index)
    totals(index)
    changes(index)
    last_crawls(index)
    unread(index, UNREAD_SHOWN)
    latest(index, LATEST_SHOWN)
    counted(index, {"kind": "annual_report"})
