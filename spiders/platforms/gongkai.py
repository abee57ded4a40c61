"""The 公开 platform of Zibo and Jinan: ``/gongkai/site_<unit>/channel_<id>/doc_<24 hex digits>.html``.

A unit's home is ``/gongkai/site_<unit>/``; its annual reports are the channel the menu names so. A document's number
begins with the second it was made in. Lists are ordinary links with a printed pager.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Column, Fetch, Listing
from crawler.urls import identity
from spiders.platforms import links, static
from spiders.platforms.addresses import resolve, same_site
from spiders.platforms.names import is_agency, is_report, label, squeeze

UNIT = re.compile(r"/gongkai/site_(\w+)/?(?:index\.html)?$")
CHANNEL = re.compile(r"/gongkai/(?:site_\w+/)?channel_[\w.]+/?(?:index\.html)?$")
_MARK = re.compile(r"/gongkai/(?:site_\w+/|channel_[\w.]+/)|/doc_[0-9a-f]{24}\.html")


class Gongkai:
    """The disclosure platform of Zibo and Jinan."""

    name = "gongkai"

    def recognise(self, response: TextResponse) -> str | None:
        found = _MARK.search(urlsplit(response.url).path + "/") or _MARK.search(response.text)
        return found[0] if found else None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        root = links.html_of(response.text)
        found = static.listing(response, column, fetch, root=root)
        if fetch.page != 1:
            return found
        columns = {sub.url: sub for sub in (*found.columns, *_channels(root, get_base_url(response), column, fetch))}
        entries = found.entries
        if UNIT.search(urlsplit(fetch.url).path):
            entries = tuple(entry for entry in entries if is_report(entry.title))  # the rest is the unit's news
        return replace(found, entries=entries, columns=tuple(columns.values()))


def _channels(root: Any, base: str, column: Column, fetch: Fetch) -> list[Column]:
    """A unit's annual-report channel from its home, the same channel of other units from a list of them."""
    own = identity(fetch.url)
    home = bool(UNIT.search(urlsplit(fetch.url).path))
    found = []
    for element in root.iter("a"):
        url = resolve(base, element.get("href"), element.get("onclick"))
        if url is None or identity(url) == own or not same_site(url, fetch.url):
            continue
        text, path = squeeze("".join(element.itertext())), urlsplit(url).path
        named = label(text)
        annual = home and CHANNEL.search(path) and named.report and named.bare and not named.group
        other_unit = not home and is_agency(text) and CHANNEL.search(path) and "/site_" in path
        if annual or other_unit:
            found.append(Column(url, text, column.url, named.year or column.report_year, named.agency or column.agency))
    return found
