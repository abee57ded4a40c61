"""What was seen at every address, in the index: a row for every stretch of looks that saw the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from crawler.items import STANDING, Sighting
from crawler.urls import location
from storage.locations import READ, THERE, Gatherer, Status, Whereabouts


@dataclass(slots=True)
class _Span:
    place: int
    number: int
    outcome: str
    status: int | None
    report_id: str | None
    version: int | None
    payload_digest: str | None
    index_number: str | None
    first: str
    last: str
    looks: int = 1

    def values(self) -> tuple[object, ...]:
        return (self.place, self.number, self.outcome, self.status, self.report_id, self.version, self.payload_digest,
                self.index_number, self.first, self.last, self.looks)  # fmt: skip


def store(db: sqlite3.Connection, portal: str, looks: Iterable[Sighting]) -> None:
    """Take in looks of one portal in the order they were made, and note in ``touched`` what reports they speak of.

    Looks that were taken in before a refresh was killed are passed over, but noted again.
    """
    places: dict[str, tuple[int, str | None, int | None]] = {}
    last: dict[int, _Span | None] = {}
    for look in _each(db, portal, looks):
        place = location(look.url)
        moment = at(look.time)
        if place not in places:
            row = db.execute(
                "select id, report_id, version from places where portal = ? and place = ?", (portal, place)
            ).fetchone()
            if row is None:
                added = db.execute("insert into places (portal, place, url, outcome, since, last) values (?, ?, ?, ?, ?, ?)",
                                   (portal, place, look.url, look.outcome, moment, moment)).lastrowid  # fmt: skip
                assert added is not None
                places[place], last[added] = (added, None, None), None
            else:
                places[place] = tuple(row)
                span = db.execute(
                    "select * from spans where place = ? order by number desc limit 1", (row["id"],)
                ).fetchone()
                last[row["id"]] = _Span(*span) if span else None
        key, report_id, version = places[place]
        # A look that saw no content speaks of what was last seen there.
        if look.outcome in READ or (look.report_id is not None and look.report_id != report_id):
            report_id, version = look.report_id, look.version
        else:
            version = look.version or version
        if report_id is not None:
            db.execute(
                "insert into touched values (?, ?) on conflict do update set version = max(version, excluded.version)",
                (report_id, version or 0),
            )
        span = last[key]
        if span and moment <= span.last:
            continue
        digest, number_printed = look.payload_digest, look.index_number
        if span and look.outcome not in READ and report_id == span.report_id:
            digest, number_printed = digest or span.payload_digest, number_printed or span.index_number
        same = (look.outcome, report_id, version, digest, number_printed)
        if span and same == (span.outcome, span.report_id, span.version, span.payload_digest, span.index_number):
            span.last, span.status, span.looks = moment, look.status, span.looks + 1
        else:
            number = span.number + 1 if span else 1
            span = _Span(
                key, number, look.outcome, look.status, report_id, version, digest, number_printed, moment, moment
            )
        db.execute("insert or replace into spans values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", span.values())
        last[key] = span
        places[place] = (key, report_id, version)
        db.execute(
            "update places set url = ?, report_id = ?, version = ?, outcome = ?, status = ?, since = ?, last = ?, "
            "title = coalesce(?, title) where id = ?",
            (look.url, report_id, version, look.outcome, look.status, span.first, moment, look.title, key),
        )


def _each(db: sqlite3.Connection, portal: str, looks: Iterable[Sighting]) -> Iterator[Sighting]:
    """The looks; in the place of a ``standing`` line one for each place that was there at the last look at it."""
    for look in looks:
        if look.outcome != STANDING:
            yield look
            continue
        last = db.execute(
            "select url, spans.outcome, spans.last from places join spans on spans.place = places.id where portal = ? and "
            "number = (select max(number) from spans where place = places.id and outcome not in ('attachment', 'part'))",
            (portal,),
        )
        for url, outcome, looked in last.fetchall():
            if outcome in THERE and looked < at(look.time):
                yield replace(look, url=url, outcome="listed")


def statuses(db: sqlite3.Connection) -> Iterator[tuple[str, Status]]:
    """The status of every report touched, and of those it shares an address with, where it is not what is stored."""
    db.execute(
        "insert or ignore into touched select distinct other.report_id, 0 from touched join spans own using (report_id) "
        "join spans other on other.place = own.place where other.report_id <> own.report_id"
    )
    # Most reports were never missed and share their address with none: they stand.
    odd = (
        "exists (select 1 from spans own where own.report_id = touched.report_id and (own.outcome in ('missing', 'gone') or "
        "exists (select 1 from spans other where other.place = own.place and other.report_id <> own.report_id)))"
    )
    stored = f"select report_id, reports.status from touched join reports using (report_id) where {odd}"  # noqa: S608
    returned = (
        f"select report_id from touched join reports using (report_id) where reports.status <> 'live' and not {odd}"  # noqa: S608
    )
    found = [(row[0], Status.LIVE) for row in db.execute(returned)]
    for report_id, status in db.execute(stored).fetchall():
        where = whereabouts(db, report_id)
        now = where.status if where else Status.LIVE
        if now != status:
            found.append((report_id, now))
    yield from found


def whereabouts(db: sqlite3.Connection, report_id: str) -> Whereabouts | None:
    """Where a report stands, as ``storage.queries`` would say: its stretches of looks are told by their two ends."""
    gatherer = Gatherer()
    ends = []
    for row in db.execute(
        "select s.*, p.portal, p.url from spans s join places p on p.id = s.place where p.id in "
        "(select place from spans where report_id = ?)",
        (report_id,),
    ):
        ends += [(row["place"], row["number"], moment, row) for moment in dict.fromkeys((row["first"], row["last"]))]
    # Any other work's collision over the same index number is told of this report, too.
    for row in db.execute(
        "select s.*, p.portal, p.url from spans s join places p on p.id = s.place where s.outcome = 'collision' "
        "and exists (select 1 from spans where report_id = ? and index_number is not null)",
        (report_id,),
    ):
        ends.append((row["place"], row["number"], row["first"], row))
    for _, _, moment, row in sorted(ends, key=lambda end: end[:3]):
        gatherer.add(
            Sighting(
                run="", portal=row["portal"], time=datetime.fromisoformat(moment), url=row["url"], outcome=row["outcome"],
                status=row["status"], report_id=row["report_id"], version=row["version"], index_number=row["index_number"],
            )
        )  # fmt: skip
    return gatherer.finish().get(report_id)


def at(moment: datetime) -> str:
    """A time as the index holds it: UTC, so that the order of the text is that of the times."""
    return moment.astimezone(UTC).isoformat()
