"""What can be said of each agency and year, kept in the index as ``nianbao coverage`` would say it.

The rules are those of ``storage.coverage``; only agencies that were touched, or whose portals were looked through to
their end since, are judged anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from crawler.items import Kind
from storage import codec
from storage.coverage import BEIJING, AgencyYears, Cell, Reason, State, row_of
from storage.locations import Status

SILENT = "silent"
DEADLINES = ((1, 31), (3, 31))  # month and day, see crawler.deadlines
# The gravest last: it gives the cell its colour.
MARKS = (
    State.ARCHIVED.value,
    State.LATE.value,
    State.ALTERED.value,
    State.UNREADABLE.value,
    State.GONE.value,
    State.MISSING.value,
    SILENT,
)


def settle_agencies(db: sqlite3.Connection) -> None:
    """Judge the agencies again that anything new is known of: those in ``affected``, and those whose deadlines have
    passed since the last look."""
    complete = dict(map(tuple, db.execute("select portal, day from crawled")))
    for row in db.execute("select id, province, division, agency, portals, complete from agencies").fetchall():
        last = _last_look(json.loads(row["portals"]), complete)
        if last == row["complete"]:
            continue
        if _passed(last) == _passed(row["complete"]):
            db.execute("update agencies set complete = ? where id = ?", (last, row["id"]))
        else:
            db.execute(
                "insert or ignore into affected values (?, ?, ?)", (row["province"], row["division"], row["agency"])
            )
    for row in db.execute("select * from affected order by province, division, agency").fetchall():
        settle(db, (row["province"], row["division"], row["agency"]), complete)


def _passed(day: str | None) -> tuple[int, int] | None:
    """Which deadlines lie before a day: two days between the same ones say the same of every agency."""
    if day is None:
        return None
    looked = date.fromisoformat(day)
    return looked.year, sum(looked > date(looked.year, *until) for until in DEADLINES)


def settle(db: sqlite3.Connection, key: tuple[str, str, str], complete: Mapping[str, str]) -> None:
    """Judge one agency again. ``complete``: portal → the day it was last crawled to completion."""
    rows = db.execute(
        "select * from reports where province = ? and division = ? and agency = ? and kind = ? and year is not null "
        "order by report_id",
        (*key, Kind.ANNUAL_REPORT.value),
    ).fetchall()
    before = db.execute("select id from agencies where province = ? and division = ? and agency = ?", key).fetchone()
    if before:
        db.execute("delete from cells where agency = ?", (before["id"],))
        db.execute("delete from agencies where id = ?", (before["id"],))
    if not rows:
        return
    agency = AgencyYears()
    for row in rows:
        agency.portals.update(json.loads(row["portals"]))
        year = agency.years[row["year"]]
        year.reports.append(row["report_id"])
        year.seen.append(datetime.fromisoformat(row["first_seen"]).astimezone(BEIJING).date())
        if row["printed"]:
            year.printed.append(date.fromisoformat(row["printed"]))
        year.altered |= bool(row["altered"])
        year.standing |= row["status"] != Status.GONE
        year.readable |= bool(row["readable"])
    days = {portal: date.fromisoformat(complete[portal]) for portal in agency.portals if portal in complete}
    found = row_of(*key, agency, days, None)
    cells = [_plain(cell) for cell in found.cells]
    portals = sorted(agency.portals)
    added = db.execute(
        "insert into agencies (id, province, division, agency, portals, complete, cells) values (?, ?, ?, ?, ?, ?, ?)",
        (before and before["id"], *key, json.dumps(portals), _last_look(portals, complete), json.dumps(cells)),
    ).lastrowid
    db.executemany(
        "insert into cells values (?, ?, ?, ?, ?, ?)",
        [(added, key[0], key[1], cell["year"], cell["mark"], ",".join(cell["states"])) for cell in cells],
    )


def _plain(cell: Cell) -> dict[str, Any]:
    plain: dict[str, Any] = codec.plain(cell)
    mark = SILENT if cell.reason is Reason.SILENT else max(plain["states"], key=MARKS.index)
    return plain | {"mark": mark}


def _last_look(portals: Iterable[str], complete: Mapping[str, str]) -> str | None:
    return max((complete[portal] for portal in portals if portal in complete), default=None)
