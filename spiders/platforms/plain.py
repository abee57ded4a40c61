"""Any other portal: ordinary links, dated or titled, and a pager that can be followed.

The next page is taken from what is printed (下一页, ›, ``rel=next``, numbers, ``<select>``), also where a function of
the page (``goPage(2)``) only concatenates an address or fills a field of a form, where a handler makes it of what the
control carries (``data-page``), or a loop of the page draws the pager. Years and agencies of a menu are followed where
a form sends them, also by POST; 历史年报 and 年度报告专栏 wherever on the site they stand. A page that merely frames or
redirects to the list is followed to it.

A page without a list is asked for what its scripts ask for: interfaces (``$.ajax``, ``fetch``, ``axios``, table
plugins), script files beside it, a feed. Their answers may be JSON, JSONP, an assigned array, XML, RSS or HTML, and are
followed page by page, by offset or by cursor. What depends on more than the script and its page say is not asked.
"""

from __future__ import annotations

from scrapy.http import TextResponse

from crawler.items import Column, Fetch, Listing
from spiders.platforms import static


class Plain:
    """Ordinary links and a next page."""

    name = "plain"

    def recognise(self, response: TextResponse) -> str | None:
        return "no family of portal software recognised"

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        return static.listing(response, column, fetch)
