"""All the archive holds in a few numbers, and what happened to it last."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from crawler.web.index import Index


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
