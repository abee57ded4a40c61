"""A report beside the same agency's report of the year before, for what the one says of the other.

This is done where records leave the archive and not where versions are filed: the year before may be crawled later, and
what is filed must not depend on the order.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Callable
from datetime import datetime

from crawler.items import Kind, Sighting, Version
from storage.archive import Archive
from storage.locations import Whereabouts

Compared = Callable[[Version | None, Version, datetime], Version]
"""(the year before, this year, when this report was first seen) → this year's, with what they say to each other.

Given from above: the archive knows no rules.
"""


TABLE = """
pragma journal_mode = off;
pragma synchronous = off;
create table reports (portal text, agency text, year integer, report text, primary key (portal, agency, year)) without rowid;
"""
LAID_DOWN = (
    "insert into reports values (?, ?, ?, ?) on conflict do update set "
    "report = case when report is excluded.report then report end"
)
FOUND = "select report from reports where portal = ? and agency = ? and year = ?"


class YearsBefore:
    """Finds the year before by what sightings say: one id for each portal, agency and year, never a body, and those of
    one portal in memory at a time.

    Nothing is compared where the portals that show a report show several of the agency's for the year before.
    """

    def __init__(self, archive: Archive, compared: Compared, as_of: datetime | None = None) -> None:
        self._archive = archive
        self._compared = compared
        self._as_of = as_of
        self._portal: str | None = None
        self._reports: dict[tuple[str, str, int], str | None] = {}  # of one portal; None: several
        self._laid_down = sqlite3.connect("", check_same_thread=False)  # a file without a name, for all the others
        weakref.finalize(self, self._laid_down.close)
        self._laid_down.executescript(TABLE)
        self._one_at_a_time = threading.Lock()

    def add(self, sighting: Sighting) -> None:
        """Take a sighting into account, in any order; quickest portal by portal."""
        if sighting.portal != self._portal:
            self._lay_down()
            self._portal = sighting.portal
        if sighting.kind == Kind.ANNUAL_REPORT and sighting.report_id and sighting.agency and sighting.report_year:
            key = sighting.portal, _bare(sighting.agency), sighting.report_year
            if self._reports.setdefault(key, sighting.report_id) != sighting.report_id:
                self._reports[key] = None

    def beside(self, version: Version, where: Whereabouts | None) -> Version:
        """The version with what the year before and the first look say to it."""
        looks = [place.first_seen for place in where.locations.values()] if where else []
        return self._compared(self._before(version, where), version, min((version.first_seen, *looks)))

    def _before(self, version: Version, where: Whereabouts | None) -> Version | None:
        reading = version.reading
        if reading.kind is not Kind.ANNUAL_REPORT or not (reading.agency and reading.report_year):
            return None
        portals = {version.portal, *(place.portal for place in where.locations.values())} if where else {version.portal}
        asked = [(portal, _bare(reading.agency), reading.report_year - 1) for portal in portals]
        with self._one_at_a_time:
            self._lay_down()
            rows = [self._laid_down.execute(FOUND, key).fetchone() for key in asked]
        found = {row[0] for row in rows if row}
        report = found.pop() if len(found) == 1 else None
        if report is None or report == version.report_id:
            return None
        for number in reversed(self._archive.version_numbers(report)):
            before = self._archive.version(report, number)
            if self._as_of is None or before.first_seen <= self._as_of:
                return before
        return None

    def _lay_down(self) -> None:
        reports, self._reports = self._reports, {}
        self._laid_down.executemany(LAID_DOWN, ((*key, report) for key, report in reports.items()))


def _bare(agency: str) -> str:
    return "".join(agency.split())
