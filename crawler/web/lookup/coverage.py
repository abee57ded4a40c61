"""Agencies × years: what can be said of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from crawler.web.index import Index


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


def provinces_held(index: Index) -> list[str]:
    """The codes of the provinces that any agency is known of."""
    return sorted(marks(index))
