"""What a platform is: a family of portal software, told apart by its pages and read by one small class.

A platform is asked two things and keeps no state between the answers:

* ``recognise(response)``: is this page made by my software, and what on it says so?
* ``listing(response, column, fetch)``: which entries, sub-columns and further pages does this answer of a column hold,
  and how many records does the portal itself declare?

``fetch`` is the request the answer belongs to (``Fetch.page``, ``Fetch.state``); the first page of a column is
``Fetch(column.url)``. An answer that is not what the platform expects raises ``PortalChanged``.
"""

from __future__ import annotations

from typing import Protocol

from scrapy.http import TextResponse

from crawler.items import Column, Fetch, Listing


class Platform(Protocol):
    """A family of portal software."""

    name: str

    def recognise(self, response: TextResponse) -> str | None:
        """What on the page shows that this software made it ("createPageHTML(…)"), or ``None``."""

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        """What this answer of a column holds."""
