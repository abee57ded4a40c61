"""Hanweb 大汉, newest generation (jpaas): a list is HTML inside JSON.

The page of a column names its list in an element with ``url="/api-gateway/jpaas-publish-server/front/page/build/unit"``
and ``queryData="{'webId':…, 'pageId':…, 'tplSetId':…, 'tagId':…, 'parseType':'bulidstatic'}"`` (the vendor's own
spelling). The interface takes ``paramJson={"pageNo":n,"pageSize":k}`` and gives ``{"data": {"html": …}}``; the HTML
ends in a pager with ``queryData="{'rows':'15','count':'31','pageNo':'1'}"``. Seen from abroad some servers ignore
``pageNo`` and always give the first page: an answer that repeats the one before it ends the list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.errors import PortalChanged
from crawler.items import Column, Declared, Fetch, Listing
from crawler.urls import identity
from spiders.platforms import links, pager, records, scripts, static, totals
from spiders.platforms.addresses import BEFORE

UNIT = "/front/page/build/unit"
NAMES = ("webId", "pageId", "tplSetId", "tagId", "parseType", "pageType", "editType")
LIST_TAG = re.compile(r"list|列表|分页|内容|article|信息", re.I)
PAGE_SIZE = 15


class HanwebJpaas:
    """Hanweb jpaas."""

    name = "hanweb-jpaas"

    def recognise(self, response: TextResponse) -> str | None:
        for text in (urlsplit(response.url).path, response.text):
            found = re.search(r"jpaas-publish-server|/api-gateway/jpaas[\w-]*|/jpaas-[\w-]+", text)
            if found:
                return found[0]
        return None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        if UNIT in urlsplit(fetch.url).path or records.is_json(response):
            return _unit(response, column, fetch)
        root = links.html_of(response.text)
        found = static.listing(response, column, fetch, root=root)
        asked = tuple(_asked(root, response.text, get_base_url(response)))
        if not asked:
            return found
        chosen = (one for one in found.more if one.state.get("chosen"))
        return replace(found, more=(*asked, *chosen), declared=None)


def _asked(root: Any, text: str, base: str) -> Iterator[Fetch]:
    """The units of a page that are lists; where no name says so, all of them."""
    units: list[tuple[str, dict[str, str]]] = []
    for element in root.xpath("//*[@querydata or @data-query]"):
        address = element.get("url") or element.get("data-url") or ""
        given = scripts.mapping(element.get("querydata") or element.get("data-query") or "")
        if UNIT in address and given:
            units.append((urljoin(base, address), given))
    if not units:
        written = re.search(rf"""{BEFORE}{UNIT}(\?[^\s"'<>]*)?""", text)
        if written is None:
            return
        given = dict(parse_qsl((written[1] or "").lstrip("?").replace("&amp;", "&"), keep_blank_values=True))
        script = scripts.of(root)
        for name in NAMES:
            value = scripts.string(script, name)
            if value is not None:
                given.setdefault(name, value)
        if not given.get("pageId"):
            return
        units.append((urljoin(base, written[0].partition("?")[0]), given))
    lists = [unit for unit in units if LIST_TAG.search(unit[1].get("tagId", ""))] or units
    for address, given in lists:
        given.setdefault("parseType", "bulidstatic")
        given.setdefault("pageType", "column")
        size = _page_size(given)
        fixed = {name: value for name, value in given.items() if name not in ("paramJson", "rows", "count", "pageNo")}
        yield _page(address, fixed, size, 1, ())


def _page(address: str, given: Mapping[str, str], size: int, page: int, seen: tuple[str, ...]) -> Fetch:
    question = {**given, "paramJson": json.dumps({"pageNo": page, "pageSize": size}, separators=(",", ":"))}
    state = {"unit": address, "given": dict(given), "size": size, "seen": seen}
    return Fetch(records.with_parameters(address, question), page=page, state=state)


def _page_size(given: Mapping[str, str]) -> int:
    asked = scripts.mapping(given.get("paramJson", ""))
    return next(
        (
            int(value)
            for value in (asked.get("pageSize"), given.get("rows"), given.get("pageSize"))
            if value and value.isdecimal()
        ),
        PAGE_SIZE,
    )


def _unit(response: TextResponse, column: Column, fetch: Fetch) -> Listing:
    tree = records.value(response)
    data = tree.get("data") if isinstance(tree, Mapping) else None
    html = data.get("html") if isinstance(data, Mapping) else data
    if html is None:
        if fetch.page > 1:
            return Listing()
        raise PortalChanged(f"no data.html in the answer of {response.url}")
    root = links.html_of(str(html))
    found = links.scan(response, column, root=root)
    urls = tuple(identity(entry.url) for entry in found.entries)
    state = fetch.state if "unit" in fetch.state else _state_of(fetch)
    declared = _declared(root, int(state["size"]), len(urls))
    repeated = bool(urls) and urls == tuple(state["seen"])
    pages = pager.total_pages(declared)
    if pages is not None:
        more = tuple(_again(state, page, ()) for page in range(2, pages + 1)) if fetch.page == 1 else ()
    else:
        more = (_again(state, fetch.page + 1, urls),) if urls and not repeated else ()
    return Listing(found.entries, found.columns, more, declared)


def _again(state: Mapping[str, Any], page: int, seen: tuple[str, ...]) -> Fetch:
    return _page(state["unit"], state["given"], int(state["size"]), page, seen)


def _state_of(fetch: Fetch) -> dict[str, Any]:
    """What the page would have said, from the address of a column that is the interface itself."""
    given = dict(parse_qsl(urlsplit(fetch.url).query, keep_blank_values=True))
    size = _page_size(given)
    given.pop("paramJson", None)
    return {"unit": urlsplit(fetch.url)._replace(query="").geturl(), "given": given, "size": size, "seen": ()}


def _declared(root: Any, asked: int, here: int) -> Declared | None:
    """The totals of the pager inside the HTML; where its page size is not the one asked for, the rows served decide."""
    for element in root.xpath("//*[@querydata]"):
        given = scripts.mapping(element.get("querydata"))
        if given.get("count", "").isdecimal():
            rows = int(given["rows"]) if given.get("rows", "").isdecimal() else asked
            size = asked if here == asked else rows
            return Declared(int(given["count"]), -(-int(given["count"]) // size), size)
    script = scripts.of(root)
    total = scripts.number(script, "totalRecord", "totalCount", "count", "total")
    pages = scripts.number(script, "totalPage", "pageCount", "totalPages")
    if total is not None or pages is not None:
        return Declared(total, pages if pages is not None else -(-(total or 0) // asked), asked)
    return totals.printed(" ".join("".join(root.itertext()).split())[-400:])
