"""UCAP 开普云: static lists ``list.shtml``, ``list_2.shtml``, or ``/common/search/<channel>`` as JSON.

A static list says ``createPageHTML('page_div', N, 1, 'list', 'shtml', records)``. The interface
``/common/search/<32 hex digits>?page=1&_pageSize=15&_isAgg=true&_isJson=true&_template=index`` gives ``data.total`` and
``data.results[]``; what else is known of a document stands in ``domainMetaList[].resultList[]`` as key and value, and
``"null"`` or ``"undefined"`` there mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.errors import PortalChanged
from crawler.items import Column, Declared, Fetch, Listing
from spiders.platforms import links, records, scripts, static, trs
from spiders.platforms.addresses import BEFORE

SEARCH = re.compile(rf"""{BEFORE}/common/search/(?:[0-9a-f]{{32}}|\d{{3,}})(?:\?[^\s"'<>]*)?""", re.I)
ARTICLE = re.compile(r"/\d{6}/c\d{2}_\d+\.s?html?", re.I)
QUESTION = {"page": "1", "_pageSize": "15", "_isAgg": "true", "_isJson": "true", "_template": "index"}
MEANINGS = {"refno": "文号", "indexnumber": "索引号", "idxid": "索引号"}


class Ucap:
    """UCAP by Kaipuyun."""

    name = "ucap"

    def recognise(self, response: TextResponse) -> str | None:
        text = response.text
        for mark in (
            r"<UCAP(?:CONTENT|TITLE)\b",
            r"/common/search/[0-9a-f]{32}",
            r"UCAP-CONTENT",
            r"CMSPRO_\w+",
            r"loadUcapContent",
            r"ucapcontent",
        ):
            found = re.search(mark, text, re.I)
            if found:
                return found[0]
        if SEARCH.search(urlsplit(response.url).path):
            return "/common/search/ in the address"
        if ARTICLE.search(urlsplit(response.url).path) or len(set(ARTICLE.findall(text))) >= 2:
            return "addresses like YYYYMM/c00_<id>.shtml"
        script = scripts.of(links.html_of(text))
        for given in scripts.calls(script, trs.CALL):
            if trs.in_container(given) and trs.numbering_of_call(given, 1) is not None:
                return f"createPageHTML({', '.join(given)})"
        return None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        if records.is_json(response):
            return _results(response, column, fetch)
        root = links.html_of(response.text)
        found = trs.static_list(response, column, fetch, root)
        if fetch.state.get("interface") or (found.entries and (found.more or not _goes_on(response.text, found))):
            return found
        asked = _question(response.text, get_base_url(response))
        return replace(found, more=(asked,)) if asked else found


def _goes_on(text: str, found: Listing) -> bool:
    """Whether a list that stands on the page goes on in the interface: it declares more, or a script turns its pages
    there (``"/common/search/…&page=" + n``)."""
    declared = found.declared or Declared()
    more = (declared.pages or 0) > 1 or (declared.records or 0) > len(found.entries)
    return more or any(address[0].endswith("page=") for address in SEARCH.finditer(text))


def _question(text: str, base: str) -> Fetch | None:
    """The interface the page names, asked for JSON."""
    address = static.first_address((text,), SEARCH.pattern, base)
    if address is None:
        return None
    given = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    asked = {**QUESTION, **{name: value for name, value in given.items() if value}, "_isJson": "true", "page": "1"}
    return Fetch(records.with_parameters(address, asked), state={"interface": "search"})


def _results(response: TextResponse, column: Column, fetch: Fetch) -> Listing:
    tree = records.value(response)
    data = tree.get("data") if isinstance(tree, Mapping) else None
    if not isinstance(data, Mapping):
        raise PortalChanged(f"no data in the answer of {response.url}")
    rows = data.get("results") or data.get("list") or []
    base = urljoin(response.url, "/")
    found = tuple(
        entry
        for row in rows
        if isinstance(row, Mapping) and (entry := records.entry(_with_meanings(row), base, column)) is not None
    )
    asked = dict(parse_qsl(urlsplit(fetch.url).query))
    size = next((int(asked[name]) for name in ("_pageSize", "pageSize") if asked.get(name, "").isdecimal()), None)
    totals = records.declared(data)
    if totals is not None:
        size = size or totals.page_size or len(rows) or None
        pages = -(-totals.records // size) if totals.records is not None and size else totals.pages
        totals = Declared(totals.records, pages, size)
    return Listing(found, (), records.further(fetch, len(rows), totals, "page"), totals)


def _with_meanings(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with what its ``domainMetaList`` says beside it."""
    record = records.flat(row)
    for group in row.get("domainMetaList") or []:
        for item in (group.get("resultList") or []) if isinstance(group, Mapping) else []:
            name, value = str(item.get("key", "")).lower(), item.get("value")
            if name and str(value).strip().lower() not in records.EMPTY:
                record.setdefault(name, value)
    return record
