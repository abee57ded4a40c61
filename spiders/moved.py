"""Columns that are no longer where the registry or the home page had them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.urls import identity
from spiders.completeness import ColumnTally, PortalTally
from spiders.discovery import Candidate, moved_column

MOVED_NAMES = frozenset(
    {"not_found", "gone_410", "soft_404", "redirected_home", "off_site", "bad_redirect", "maintenance"}
)


def columns_moved(tally: PortalTally) -> list[str]:
    """The addresses at which columns answer no more. A column that another one, which was read, still lists has not
    moved: it is missing."""
    return [lost.column.url for _, lost in _moved(tally)]


def supersede(tally: PortalTally, candidates: Iterable[Candidate]) -> None:
    """A lost column whose successor was found is history: what it lacks is not missing. A column that lists nothing, nor
    any below it, is no successor: of what was lost nobody knows then where it went."""
    fruitful = _fruitful(tally)
    read = [found for found in candidates if identity(found.url) in fruitful]
    if not read:
        return
    # One by one: a column that is taken out lists nothing any more.
    for place, lost in _moved(tally):
        successor = moved_column(lost.column.url, read) or read[0]
        tally.note(f"column moved: {lost.column.url} is now {successor.url}")
        del tally.columns[place]


def _fruitful(tally: PortalTally) -> set[str]:
    """The columns that list an entry, and those above them."""
    places: set[str] = set()
    for found in tally.columns.values():
        column = found if found.entries else None
        while column is not None and (place := identity(column.column.url)) not in places:
            places.add(place)
            column = tally.columns.get(identity(column.column.parent)) if column.column.parent else None
    return places


def _moved(tally: PortalTally) -> Iterator[tuple[str, ColumnTally]]:
    for place, lost in list(tally.columns.items()):
        above = tally.columns.get(identity(lost.column.parent)) if lost.column.parent else None
        listed = above is not None and bool(above.pages)
        if not listed and not lost.pages and MOVED_NAMES.intersection(lost.failed.values()):
            yield place, lost
