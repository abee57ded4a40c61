"""A report beside the same agency's of the year before: what every record that leaves the archive says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from crawler.items import Version
from pipelines.reading.checks import LATE, across_years, mostly_repeated
from pipelines.reading.repetition import repeated_share

BEIJING = timezone(timedelta(hours=8))


def against_the_year_before(before: Version | None, version: Version, first_seen: datetime) -> Version:
    """The version with ``years.carried``, ``years.in_force`` and ``years.repeated`` among its checks (contract §5).

    The share of repeated text stands in ``details["repeated"]``, whatever it is. A date printed after the deadline is
    not held against a report that was seen before it.
    """
    reading = version.reading
    seen = first_seen.astimezone(BEIJING).date()
    checks = [c for c in reading.checks if c.rule != LATE or seen > date.fromisoformat(c.expected)]
    details = dict(reading.details)
    if before is not None:
        share = repeated_share(before.reading.body, reading.body)
        checks += across_years(before.reading.statistics, reading.statistics)
        checks += mostly_repeated(share)
        if share is not None:
            details["repeated"] = {"share": round(share, 3), "report_id": before.report_id, "version": before.number}
    return replace(version, reading=replace(reading, checks=tuple(dict.fromkeys(checks)), details=details))
