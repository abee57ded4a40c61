"""IGS 南威: ``/igs/front/search/list.html?index=…&type=…&pageNumber=…``, JSON as Spring pages it, or HTML.

The page of a column builds its list in a script from that interface; the parameters stand in the script.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Column, Fetch, Listing
from spiders.platforms import links, records, scripts, static
from spiders.platforms.addresses import BEFORE

_BOX = re.compile(
    r"(?:^|&)(?:q|key|keys|keyword|keywords|searchWord|searchword)=", re.I
)  # a search box's, not a list's
_ADDRESS = re.compile(rf"""{BEFORE}/igs/front/search(?:/list)?\.(?:html|jhtml)(?:\?[^\s"'<>]*)?""")


class Igs:
    """IGS search lists."""

    name = "igs"

    def recognise(self, response: TextResponse) -> str | None:
        for text in (urlsplit(response.url).path, response.text):
            if "/igs/front/" in text:
                return "/igs/front/"
        return None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        if records.is_json(response):
            return static.of_data(response, column, fetch, "pageNumber")
        root = links.html_of(response.text)
        found = static.listing(response, column, fetch, root=root)
        if found.entries or fetch.state.get("interface") or any("/igs/front/" in one.url for one in found.more):
            return found
        asked = _asked(scripts.of(root), get_base_url(response))
        return replace(found, more=(asked,)) if asked else found


def _asked(script: str, base: str) -> Fetch | None:
    """The interface as the page's script asks it, from its first page on."""
    written = sorted(_ADDRESS.finditer(script), key=lambda found: "list.html" not in found[0])
    for found in written:
        address = urljoin(base, found[0].replace("&amp;", "&"))
        if "list.html" not in address and _BOX.search(urlsplit(address).query):
            continue
        if not urlsplit(address).query.count("="):
            data = re.search(r"\bdata\s*:\s*(\{[^{}]*\})", script[found.end() : found.end() + 1500])
            given = scripts.mapping(data[1], script) if data else {}
            if not given:
                continue
            address = records.with_parameters(address, given)
        address = records.at_page(address.rstrip("&"), 1, default="pageNumber")
        return Fetch(address, state={"interface": "igs"})
    return None
