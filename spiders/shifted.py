"""Lists that change while they are read: what moves on to a page that was read, or is yet to be, is seen twice or never.

Told by what its pages say: another number of records on one than on the other, or a page that begins with the rows the
page before ended with. A first page whose number comes from elsewhere than those of all others, a row at the head of every
page and a pager that overlaps everywhere are neither. Such a list is walked once more; one that says the same again is made
so, one that changes again is known in part.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.items import Listing


@dataclass(slots=True)
class Rows:
    """What the pages of one walk over a list showed, in whatever order they came."""

    pages: dict[int, tuple[str, ...]] = field(default_factory=dict)
    totals: dict[int, int] = field(default_factory=dict)  # records, as each page declared them
    one_list: bool = True  # no two answers for one page: those would be several lists

    def read(self, page: int, listing: Listing) -> None:
        rows = tuple(entry.url for entry in listing.entries)
        if self.pages.get(page, rows) != rows:
            self.one_list = False
        self.pages[page] = rows
        if listing.declared is not None and listing.declared.records is not None:
            self.totals[page] = listing.declared.records

    @property
    def shifted(self) -> bool:
        """Whether the list changed between one page and another."""
        overlaps = [
            _goes_on_within(rows, self.pages[page + 1]) for page, rows in self.pages.items() if page + 1 in self.pages
        ]
        return self.one_list and (
            len({total for page, total in self.totals.items() if page > 1}) > 1
            or (any(overlaps) and (len(overlaps) == 1 or not all(overlaps)))
        )


def _goes_on_within(rows: tuple[str, ...], following: tuple[str, ...]) -> bool:
    """Whether a page begins with the rows, but not all of them, that another ended with, and goes on with others."""
    if not following or following[0] not in rows[1:]:
        return False
    last = rows[rows.index(following[0]) :]
    others = following[len(last) :]
    return following[: len(last)] == last and bool(others) and not set(others) & set(rows)
