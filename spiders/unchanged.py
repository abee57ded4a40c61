"""Lists that have not changed since they were last walked to their end need not be walked again.

That is safe only where a change would show on the first page: the list declares how many records it holds, it was
newest-first from its first row to its last when it was walked, and number and first page are what they were. A record
that is added or taken away changes the number; one that replaces another comes first. Once a week every list is walked
whole all the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from crawler.items import Entry, Listing
from crawler.urls import location

WALKED_EVERY = timedelta(days=6, hours=12)


@dataclass(frozen=True, slots=True)
class Walked:
    """A list as it was when it was last read to its end."""

    records: int  # declared
    first_page: str  # digest of its rows
    at: datetime

    def plain(self) -> dict[str, Any]:
        """As the run summary holds it."""
        return {"records": self.records, "first_page": self.first_page, "walked": self.at.isoformat(timespec="seconds")}

    @classmethod
    def of(cls, plain: object) -> Walked | None:
        """Back from a summary; ``None`` for what no run of ours has written."""
        try:
            assert isinstance(plain, Mapping)
            return cls(int(plain["records"]), str(plain["first_page"]), datetime.fromisoformat(plain["walked"]))
        except (AssertionError, KeyError, TypeError, ValueError):
            return None

    def stands(self, listing: Listing, now: datetime) -> bool:
        """Whether the rest of the list need not be asked for: ``listing`` is its first page today."""
        declared = listing.declared.records if listing.declared else None
        return (
            declared == self.records
            and now - self.at < WALKED_EVERY
            and _span(listing.entries) is not None
            and rows_digest(listing.entries) == self.first_page
        )


@dataclass(slots=True)
class Walk:
    """One list being read, page by page, in whatever order they come."""

    first_page: str | None = None
    spans: dict[int, tuple[date, date] | None] = field(default_factory=dict)  # page → its newest and oldest date

    def read(self, page: int, listing: Listing) -> None:
        self.spans[page] = _span(listing.entries)
        if page == 1:
            self.first_page = rows_digest(listing.entries)

    def ended(self, records: int | None, now: datetime) -> Walked | None:
        """What to remember of the list, where it is one that may be left unwalked."""
        pages = sorted(self.spans)
        spans = [self.spans[page] for page in pages]
        if records is None or self.first_page is None or len(pages) < 2 or pages != list(range(1, len(pages) + 1)):
            return None
        known = [span for span in spans if span is not None]
        newest_first = all(one[1] >= other[0] for one, other in pairwise(known))
        return Walked(records, self.first_page, now) if len(known) == len(spans) and newest_first else None


def rows_digest(entries: tuple[Entry, ...]) -> str:
    """Of the rows of a page, in their order, as they are shown."""
    rows = "\n".join(f"{location(entry.url)} {entry.listed_as}" for entry in entries)
    return hashlib.sha256(rows.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _span(entries: tuple[Entry, ...]) -> tuple[date, date] | None:
    """The newest and oldest date of a page whose rows all show one and come newest first."""
    dates = [entry.listed_on for entry in entries]
    known = [each for each in dates if each is not None]
    if not known or len(known) < len(dates):
        return None
    return (known[0], known[-1]) if all(a >= b for a, b in pairwise(known)) else None
