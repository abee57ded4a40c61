"""A report against the same agency's of the year before: what ``checks`` says of it in every record."""

from __future__ import annotations

from crawler.items import Check, Version
from pipelines.reading.checks import across_years


def against_the_year_before(before: Version, version: Version) -> tuple[Check, ...]:
    """``years.carried`` and ``years.in_force`` (contract §5)."""
    return across_years(before.reading.statistics, version.reading.statistics)
