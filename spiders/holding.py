"""Visits held back until the next answer tells whether the portal still answers.

A page that states its title passes. Others wait for the next: a portal that has stopped answering sends the same page for
every article (``spiders.sameness``).
"""

from __future__ import annotations

from crawler.items import Visit
from spiders.sameness import Likeness

SAME_PAGE = 3  # entries in a row answered with one and the same page: the portal is not answering any more


class HeldBack:
    """The visits that wait, all of them answered with one page."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self._likeness: Likeness | None = None

    def fits(self, seen: Likeness) -> bool:
        """Whether an answer is the one page those that wait were answered with."""
        return self._likeness is not None and seen.like(self._likeness)

    def add(self, visit: Visit, seen: Likeness) -> None:
        self.visits.append(visit)
        self._likeness = seen

    def taken(self) -> tuple[list[Visit], bool]:
        """All that wait, which wait no more, and whether they are as many as a portal that still answers never sends."""
        visits, self.visits, self._likeness = self.visits, [], None
        return visits, len(visits) >= SAME_PAGE
