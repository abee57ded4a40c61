"""LonSun 龙讯, Anhui and exports: ``/public/column/<unit>?type=…`` and the label interface ``/site/label/8888``.

``type=3`` is a unit's annual reports, ``?type=4&action=rel`` lists all units of a county. A list comes in the page or
from ``/site/label/8888?labelName=publicInfoList&…&pageIndex=1`` as HTML that says ``pageCount:N``. A unit's page may
hold a menu of years (``ul#timeFrame``). Articles are ``/public/<unit>/<id>.html``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Column, Declared, Fetch, Listing
from spiders.platforms import links, questions, records, scripts, static
from spiders.platforms.addresses import BEFORE, resolve, same_site
from spiders.platforms.names import is_agency, squeeze

ANNUAL_TYPE = "3"
UNIT = re.compile(r"/public/column/(\d+)")
LABEL = re.compile(rf"""{BEFORE}/site/label/8888\?[^\s"'<>]*""")
LABEL_PATH = re.compile(rf"""{BEFORE}/site/label/8888""")
_NO_UNIT = re.compile(r"公开|指南|目录|年报|制度|首页|更多|返回|列表|^\W*$")
ARTICLE = re.compile(r"/public/\d{3,}/\d{4,}\.html")


class Lonsun:
    """LonSun."""

    name = "lonsun"

    def recognise(self, response: TextResponse) -> str | None:
        for text in (urlsplit(response.url).path, response.text):
            for mark in ("/site/label/8888", "/public/column/"):
                if mark in text:
                    return mark
        if ARTICLE.search(urlsplit(response.url).path) or len(set(ARTICLE.findall(response.text))) >= 2:
            return "addresses like /public/<unit>/<id>.html"
        return None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        if records.is_json(response):
            return static.of_data(response, column, fetch, "pageIndex")
        root = links.html_of(response.text)
        if "/site/label/8888" in urlsplit(fetch.url).path:
            return _labelled(response, column, fetch, root)
        if lists_units(fetch.url):
            return Listing(columns=_units(root, get_base_url(response), column))
        found = static.listing(response, column, fetch, root=root)
        columns = (*_years(root, get_base_url(response), column), *found.columns)
        columns = tuple({entry.url: entry for entry in columns}.values())
        years = _years_asked(root, get_base_url(response), column)
        if years:
            return replace(found, columns=(*columns, *years), more=(), declared=None)
        asked = _asked(response, root, fetch)
        if asked is None:
            return replace(found, columns=columns)
        pages = scripts.number(scripts.of(root), "pageCount")
        if found.entries and pages is not None:
            declared = Declared(scripts.number(scripts.of(root), "total", "totalCount"), pages)
            return replace(found, columns=columns, more=_pages(asked, pages), declared=declared)
        return replace(found, columns=columns, more=(asked,))


def lists_units(url: str) -> bool:
    """Whether an address is the list of all units of a county, from which each unit's annual reports are reached."""
    parts = urlsplit(url)
    return bool(UNIT.search(parts.path)) and dict(parse_qsl(parts.query)).get("action") == "rel"


def _labelled(response: TextResponse, column: Column, fetch: Fetch, root: Any) -> Listing:
    """An answer of the label interface: rows, and how many pages there are."""
    found = links.scan(response, column, root=root)
    script = scripts.of(root)
    pages = scripts.number(script, "pageCount", "totalPage")
    total = scripts.number(script, "totalCount", "total", "recordCount")
    if pages is None:
        printed = static.listing(response, column, fetch, root=root)
        pages = printed.declared.pages if printed.declared else None
        total = total if total is not None else (printed.declared.records if printed.declared else None)
    declared = Declared(total, pages) if pages is not None or total is not None else None
    if pages is not None:
        more = _pages(fetch, pages) if fetch.page == 1 else ()
    else:
        more = (_page(fetch, fetch.page + 1),) if found.entries else ()
    return Listing(found.entries, found.columns, more, declared)


def _pages(fetch: Fetch, pages: int) -> tuple[Fetch, ...]:
    return tuple(_page(fetch, page) for page in range(2, pages + 1))


def _page(fetch: Fetch, page: int) -> Fetch:
    return Fetch(records.at_page(fetch.url, page, default="pageIndex"), page=page)


def _units(root: Any, base: str, column: Column) -> tuple[Column, ...]:
    """Every unit a county's page lists, its address turned to its annual reports."""
    found: dict[str, Column] = {}
    for element in root.iter("a"):
        url = resolve(base, element.get("href"), element.get("onclick"))
        unit = UNIT.search(urlsplit(url).path) if url else None
        name = max(squeeze("".join(element.itertext())), squeeze(element.get("title") or ""), key=len)
        if url is None or unit is None or not same_site(url, column.url):
            continue
        if not is_agency(name) and (_NO_UNIT.search(name) or not 2 <= len(name) <= 20):
            continue
        address = urlsplit(url)._replace(query=urlencode({"type": ANNUAL_TYPE, "action": "list"})).geturl()
        if unit[1] not in found or is_agency(name):
            found.setdefault(unit[1], Column(address, name, column.url, column.report_year, name))
    return tuple(found.values())


def _years(root: Any, base: str, column: Column) -> tuple[Column, ...]:
    """The menu of years of a unit's page, where its links are addresses of lists."""
    menu = root.xpath("//*[@id='timeFrame']")
    if not menu:
        return ()
    years = []
    for element in menu[0].iter("a"):
        year = re.search(r"(?:19|20)\d{2}", "".join(element.itertext()))
        url = resolve(base, element.get("href"), element.get("onclick"))
        if year and url and UNIT.search(urlsplit(url).path) and same_site(url, column.url):
            years.append(Column(url, squeeze("".join(element.itertext())), column.url, int(year[0]), column.agency))
    return tuple(years)


def _years_asked(root: Any, base: str, column: Column) -> tuple[Column, ...]:
    """The label interface asked once for each year of a menu whose links lead nowhere (``onclick="loadYear(2021)"``)."""
    found: dict[str, Column] = {}
    for question in questions.asked(root).questions:
        year = next((said for said in question.form.values() if re.fullmatch(r"(?:19|20)\d{2}", said)), None)
        if year and LABEL_PATH.search(question.address):
            address = records.with_parameters(urljoin(base, question.address), question.form)
            found.setdefault(year, Column(address, f"{year}年", column.url, int(year), column.agency))
    return tuple(found.values()) if len(found) > 1 else ()


def _asked(response: TextResponse, root: Any, fetch: Fetch) -> Fetch | None:
    """The label interface as the page itself asks it, from its first page on."""
    text = response.text.replace("&amp;", "&")
    base = get_base_url(response)
    written = LABEL.search(text)
    if written and "labelName=" in written[0]:
        return Fetch(records.at_page(urljoin(base, written[0]), 1, default="pageIndex"))
    script = scripts.of(root)
    named = re.search(r"labelName['\"]?\s*:", script)
    if not named:
        return None
    start = script.rfind("{", 0, named.start())
    end = script.find("}", named.end())
    given = scripts.mapping(script[start : end + 1], script) if 0 <= start < end else {}
    if not given.get("labelName"):
        return None
    path = LABEL_PATH.search(script)
    unit = UNIT.search(urlsplit(fetch.url).path)
    if unit and not given.get("organId"):
        given["organId"] = unit[1]
    address = records.with_parameters(urljoin(base, path[0] if path else "/site/label/8888"), given)
    return Fetch(records.at_page(address, 1, default="pageIndex"))
