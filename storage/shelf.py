"""Where every report of an archive stands, with one portal in memory at a time.

What a portal's lines say of its reports is gathered as ever, and laid down in a temporary file when the next portal
begins; a report's places are put together from there when it is asked for. The file takes some 400 bytes for each
location, in ``TMPDIR``, and goes with the process.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from crawler.items import Sighting
from storage.locations import Gatherer, Location, Status, Whereabouts

TABLES = """
pragma journal_mode = off;
pragma synchronous = off;
pragma cache_size = -16000;
create table places (
    report text, portal text, address text, url text, index_number text, read integer, first text, last text, looked text,
    status text
);
create table versions (report text, version integer, newest integer, confirmed text);
"""
INDEXES = """
create index places_of_report on places (report);
create index versions_of_report on versions (report);
create table contested as select address, report from places where address in (
    select address from places group by address having count(distinct report) > 1
) group by address, report;
create index contested_by_report on contested (report);
create index contested_by_address on contested (address);
"""


class Places(Protocol):
    """Where reports stand, by their ids."""

    def get(self, report_id: str, /) -> Whereabouts | None:
        """All that sightings say of one report."""

    def uncertain(self) -> Iterator[str]:
        """The reports of which the lines of one portal alone do not tell when they are seen otherwise."""

    def __contains__(self, report_id: object, /) -> bool: ...


class InMemory(dict[str, Whereabouts]):
    """What a ``Gatherer`` has gathered."""

    def uncertain(self) -> Iterator[str]:
        return (report_id for report_id, where in self.items() if where.uncertain)


class Shelf:
    """Takes sightings portal by portal, those of one in the order they were made; then answers as a ``Gatherer`` would."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", check_same_thread=False)  # a file without a name; asked by one thread at a time
        weakref.finalize(self, self._db.close)
        self._db.executescript(TABLES)
        self._portal: str | None = None
        self._gatherer = Gatherer()
        self._collisions: dict[str, set[tuple[str, str]]] = {}

    def add(self, sighting: Sighting) -> None:
        """Take one sighting into account."""
        if sighting.portal != self._portal:
            self._lay_down()
            self._portal = sighting.portal
        self._gatherer.add(sighting)

    def finish(self) -> Shelf:
        """No more is to come."""
        self._lay_down()
        self._db.executescript(INDEXES)
        return self

    def get(self, report_id: str, /) -> Whereabouts | None:
        gatherer = Gatherer(self._collisions)
        for each in (report_id, *self._beside(report_id)):
            self._take(gatherer, each)
        return gatherer.finish().get(report_id)

    def __contains__(self, report_id: object, /) -> bool:
        found = self._db.execute("select 1 from places where report = ? union select 1 from versions where report = ?",
                                 (report_id, report_id))  # fmt: skip
        return found.fetchone() is not None

    def uncertain(self) -> Iterator[str]:
        """Only where several portals led to a report, or several reports stood at one address, can that be."""
        several = (
            "select report from contested union "
            "select report from places group by report, address having count(distinct portal) > 1"
        )
        for (report_id,) in self._db.execute(several).fetchall():
            where = self.get(report_id)
            if where is not None and where.uncertain:
                yield report_id

    # ------------------------------------------------------------ the file

    def _lay_down(self) -> None:
        portal, gatherer, self._gatherer = self._portal, self._gatherer, Gatherer()
        for number, found in gatherer.collisions.items():
            self._collisions.setdefault(number, set()).update(found)
        reports = gatherer.unsettled()
        self._db.executemany(
            "insert into places values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (report_id, portal, address, place.url, place.index_number, gatherer.read(place.portal, address),
                 place.first_seen.isoformat(), place.last_seen.isoformat(), place.looked.isoformat(), place.status.value)
                for report_id, where in reports.items() for address, place in where.locations.items()
            ),
        )  # fmt: skip
        self._db.executemany(
            "insert into versions values (?, ?, ?, ?)",
            (
                (report_id, version, where.newest, time and time.isoformat())
                for report_id, where in reports.items()
                for version, time in _versions(where)
            ),
        )

    def _beside(self, report_id: str) -> list[str]:
        """The other reports that were seen at one of its addresses."""
        rows = self._db.execute(
            "select distinct other.report from contested own join contested other using (address) "
            "where own.report = ? and other.report <> own.report",
            (report_id,),
        )
        return [other for (other,) in rows]

    def _take(self, gatherer: Gatherer, report_id: str) -> None:
        places = self._db.execute("select * from places where report = ? order by rowid", (report_id,))
        for _, portal, address, url, index_number, read, first, last, looked, status in places:
            first, last, looked = map(datetime.fromisoformat, (first, last, looked))
            place = Location(url, portal, portal, index_number, first, last, looked, Status(status))
            gatherer.take(report_id, address, place, read=bool(read))
        rows = self._db.execute("select version, newest, confirmed from versions where report = ?", (report_id,))
        for version, newest, confirmed in rows:
            gatherer.confirm(report_id, newest, version, confirmed and datetime.fromisoformat(confirmed))


def _versions(where: Whereabouts) -> Iterator[tuple[int | None, datetime | None]]:
    """At least one row for each report, also where no version was confirmed."""
    confirmed: Mapping[int, datetime] = where.confirmed
    yield from confirmed.items() if confirmed else ((None, None),)
