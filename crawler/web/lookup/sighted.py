"""What was seen of a report, or at an address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from crawler.items import Sighting, Version
from crawler.urls import location
from crawler.web import looks as places
from crawler.web.index import Index
from crawler.web.rows import bare
from storage.locations import READ, Whereabouts
from storage.sightings import BELONGINGS

CAPTURED = READ | BELONGINGS


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
