"""ASP.NET portals: lists ``…aspx?cid=…&page=1`` and pagers that post the page back to itself (``__doPostBack``).

A further page is then a POST of every hidden field (``__VIEWSTATE`` …) with the control and its argument.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from scrapy.http import TextResponse

from crawler.items import Column, Fetch, Listing
from spiders.platforms import static


class Aspx:
    """ASP.NET pages with their own or AspNetPager's pagers."""

    name = "aspx"

    def recognise(self, response: TextResponse) -> str | None:
        if re.search(r"\.aspx$", urlsplit(response.url).path, re.I):
            return ".aspx in the address"
        found = re.search(r"__VIEWSTATE|__doPostBack|AspNetPager", response.text)
        return found[0] if found else None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        return static.listing(response, column, fetch)
