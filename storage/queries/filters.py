"""Which records are asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from crawler.errors import UsageError
from crawler.items import Kind, Version
from storage import layout
from storage.locations import Status

ANNUAL_REPORTS = (Kind.ANNUAL_REPORT.value,)
EVERY_KIND = ("all",)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which records are asked for. An empty tuple or ``None`` asks nothing; all that is asked must hold."""

    provinces: tuple[str, ...] = ()  # two-digit codes
    divisions: tuple[str, ...] = ()  # codes or beginnings of codes
    portals: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    years: tuple[int, int] | None = None  # report years, both included
    agency: str | None = None  # a part of the agency's name
    kinds: tuple[str, ...] | None = None  # None: annual reports; ("all",): everything kept
    statuses: tuple[str, ...] = ()
    run: str | None = None  # the run that first saw the version
    reports: tuple[str, ...] = ()  # report ids
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        """Raises ``UsageError`` for what could never match."""
        for kind in self.kinds or ():
            if kind not in (*EVERY_KIND, *Kind):
                raise UsageError(f"no kind {kind!r}: one of all, {', '.join(Kind)}")
        for status in self.statuses:
            if status not in tuple(Status):
                raise UsageError(f"no status {status!r}: one of {', '.join(Status)}")
        for portal in self.portals:
            if not layout.is_portal(portal):
                raise UsageError(f"no portal can have the key {portal!r}: keys are made of a-z, 0-9 and -")
        if self.years and self.years[0] > self.years[1]:
            raise UsageError(f"no year lies between {self.years[0]} and {self.years[1]}: give the earlier one first")
        if self.as_of is not None and self.as_of.tzinfo is None:
            raise UsageError("--as-of: a time with its offset is wanted, such as 2026-03-31T00:00:00+08:00")

    @property
    def narrows(self) -> bool:
        """Whether anything but the time and the kind is asked."""
        return replace(self, as_of=None, kinds=None) != Filters()

    def accept(self, version: Version, status: Status) -> bool:
        """Whether a version of a report with this status is asked for."""
        reading = version.reading
        kinds = ANNUAL_REPORTS if self.kinds is None else self.kinds
        return (
            (not self.provinces or version.province in self.provinces)
            and (not self.divisions or version.division.startswith(self.divisions))
            and (not self.portals or version.portal in self.portals)
            and (not self.platforms or version.platform in self.platforms)
            and (
                self.years is None
                or (reading.report_year is not None and self.years[0] <= reading.report_year <= self.years[1])
            )
            and (self.agency is None or self.agency in (reading.agency or ""))
            and ("all" in kinds or reading.kind.value in kinds)
            and (not self.statuses or status.value in self.statuses)
            and (self.run is None or version.run == self.run)
        )
