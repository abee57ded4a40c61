"""Hanweb 大汉, the disclosure module 信息公开: ``/module/xxgk/search.jsp`` and ``xxgkAnnualReport.jsp``.

``search.jsp`` takes ``infotypeId``, ``jdid``, ``area``, ``divid``, ``currpage`` and gives an HTML table whose links
carry the title (``mc``), the date (``rq``), the document number (``wh``) and the index number (``syh``) as attributes.
The page of a column asks it by POST from a script or frames it. ``xxgkAnnualReport.jsp?fbtime=<year>&area=<unit>`` is
one unit's report of one year, with menus of years and of units: every year of every unit is an entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Column, Entry, Fetch, Listing
from spiders.platforms import dates, links, pager, records, scripts, static, totals
from spiders.platforms.addresses import BEFORE, Shape, resolve, shape
from spiders.platforms.names import is_report, label, squeeze, year_in

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "X-Requested-With": "XMLHttpRequest"}
NAMES = (
    "infotypeId",
    "jdid",
    "area",
    "divid",
    "sortfield",
    "standardXxgk",
    "isAllList",
    "texttype",
    "fbtime",
    "vc_title",
    "vc_number",
    "vc_filenumber",
    "vc_all",
)
_SEARCH = re.compile(rf"""{BEFORE}module/xxgk/search(?:_custom)?\.jsp(?:\?[^\s"'<>]*)?""")
_CODE = re.compile(r"""['"]([0-9A-Z]{18}|\d{12}|\d{9})['"]""")
_ANNUAL = re.compile(r"xxgkAnnualReport\.jsp", re.I)


class HanwebXxgk:
    """Hanweb's disclosure module."""

    name = "hanweb-xxgk"

    def recognise(self, response: TextResponse) -> str | None:
        path = urlsplit(response.url).path
        if "/module/xxgk/" in path:
            return "/module/xxgk/ in the address"
        if re.search(r"dataproxy\.jsp|<datastore\b", response.text):
            return None
        found = re.search(r"module/xxgk/\w+\.jsp|class=[\"']?xxgk_table|vc_xxgkarea", response.text)
        return found[0] if found else None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        root = links.html_of(response.text)
        if _ANNUAL.search(urlsplit(fetch.url).path):
            return _annual(response, root, column, fetch)
        if "/module/xxgk/search" in urlsplit(fetch.url).path:
            return _search(response, root, column, fetch)
        found = static.listing(response, column, fetch, root=root)
        searches = _searches(root, get_base_url(response), column)
        if len(searches) > 1 and {entry.url for entry in found.entries} <= {search.url for search in searches}:
            return Listing((), searches)
        annual = _annual_links(root, get_base_url(response), column)
        asked = _asked(root, response, fetch)
        if asked is not None and not found.entries:
            return replace(found, columns=(*found.columns, *annual), more=(asked,), declared=None)
        return replace(found, columns=(*found.columns, *annual))


# ---------------------------------------------------------------- search.jsp


def _asked(root: Any, response: TextResponse, fetch: Fetch) -> Fetch | None:
    """The search the page frames or asks from its script."""
    base, script = get_base_url(response), scripts.of(root)
    for frame in root.iter("iframe", "frame"):
        if "module/xxgk/search" in (frame.get("src") or ""):
            return Fetch(urljoin(base, frame.get("src")), state={"search": {}})
    written = _SEARCH.search(script) or _SEARCH.search(response.text.replace("&amp;", "&"))
    if written is None:
        return None
    address, _, query = written[0].partition("?")
    form = dict(parse_qsl(query, keep_blank_values=True))
    literal = re.search(r"\{[^{}]*\b(?:infotypeId|divid|jdid)\b[^{}]*\}", script)
    form |= scripts.mapping(literal[0], script) if literal else {}
    for name in NAMES:
        value = scripts.string(script, name)
        if value is not None:
            form.setdefault(name, value)
    for field in root.xpath("//input[@type='hidden']"):
        if field.get("name") in NAMES:
            form.setdefault(field.get("name"), field.get("value") or "")
    if not form:
        return None
    area = dict(parse_qsl(urlsplit(fetch.url).query))
    if area.get("vc_xxgkarea") and not form.get("area"):
        form["area"] = area["vc_xxgkarea"]
    return _page(urljoin(base, address), form, 1)


def _searches(root: Any, base: str, column: Column) -> tuple[Column, ...]:
    """The searches a menu of agencies or years leads to, one for each."""
    found: dict[str, Column] = {}
    for element in root.iter("a"):
        if _SEARCH.search(element.get("href") or "") and (url := resolve(base, element.get("href"))):
            named = label(max(squeeze("".join(element.itertext())), squeeze(element.get("title") or ""), key=len))
            year, agency = named.year or column.report_year, named.agency or column.agency
            if named.bare and (named.year or named.agency):
                found.setdefault(url, Column(url, named.text, column.url, year, agency))
    return tuple(found.values())


def _page(address: str, form: dict[str, str], page: int) -> Fetch:
    body = urlencode({**form, "currpage": str(page)}).encode()
    return Fetch(
        records.with_parameters(address, {"currpage": str(page)}),
        "POST",
        body,
        FORM,
        page,
        {"address": address, "search": form},
    )


def _search(response: TextResponse, root: Any, column: Column, fetch: Fetch) -> Listing:
    entries = tuple(_rows(root, get_base_url(response), column)) or links.scan(response, column, root=root).entries
    declared = (
        totals.printed(squeeze(" ".join(text for text in root.itertext() if re.search(r"[\d共页条]", text))))
        or pager.read(root, get_base_url(response), fetch).declared
    )
    pages = pager.total_pages(declared)
    more: tuple[Fetch, ...]
    if fetch.page != 1:
        more = (_next(fetch),) if pages is None and entries else ()
    elif pages is not None:
        more = tuple(_next(fetch, page) for page in range(2, pages + 1))
    else:
        more = (_next(fetch),) if entries else ()
    return Listing(entries, (), more, declared)


def _next(fetch: Fetch, page: int | None = None) -> Fetch:
    page = page or fetch.page + 1
    if fetch.method == "POST":
        return _page(str(fetch.state["address"]), dict(fetch.state["search"]), page)
    return Fetch(records.at_page(fetch.url, page, default="currpage"), page=page, state=fetch.state)


def _rows(root: Any, base: str, column: Column) -> Iterator[Entry]:
    """The links that carry their facts as attributes."""
    for element in root.iter("a"):
        title = squeeze(element.get("mc") or "")
        url = resolve(base, element.get("href"), element.get("onclick")) if title else None
        if url is None:
            continue
        longer = max(title, squeeze(element.get("title") or ""), squeeze("".join(element.itertext())), key=len)
        row = next((ancestor for ancestor in element.iterancestors() if ancestor.tag in ("tr", "li")), element)
        listed_on: date | None = dates.in_row(element.get("rq") or "") or dates.in_row(" ".join(row.itertext()))
        facts = {"索引号": element.get("syh"), "文号": element.get("wh")}
        yield Entry(
            url,
            longer,
            column,
            listed_on,
            {name: value.strip() for name, value in facts.items() if value and value.strip() not in records.EMPTY},
        )


# ---------------------------------------------------------------- xxgkAnnualReport.jsp


def _annual_links(root: Any, base: str, column: Column) -> tuple[Column, ...]:
    """The annual-report pages a catalogue page links to or frames, one a unit: the menus stand there."""
    targets = [element.get("href") or element.get("src") for element in root.iter("a", "iframe", "frame")]
    urls = [resolve(base, target) for target in targets if target and _ANNUAL.search(target)]
    roots = {urlsplit(url)._replace(query=_without(url, "fbtime")).geturl(): url for url in urls if url}
    return tuple(Column(url, None, column.url, column.report_year, column.agency) for url in roots.values())


def _without(url: str, name: str) -> str:
    return urlencode(
        [(key, value) for key, value in parse_qsl(urlsplit(url).query, keep_blank_values=True) if key != name]
    )


def _annual(response: TextResponse, root: Any, column: Column, fetch: Fetch) -> Listing:
    """Every year of every unit that the menus of the page name: the page is the report, or links to it."""
    base = get_base_url(response)
    linked = tuple(
        entry
        for entry in links.scan(response, column, root=root).entries
        if shape(entry.url) is Shape.ARTICLE and is_report(entry.title)
    )
    asked = dict(parse_qsl(urlsplit(fetch.url).query))
    if not linked and column.parent and _ANNUAL.search(urlsplit(column.parent).path) and asked.get("fbtime"):
        return Listing()  # other years and units of this menu are linked to; of this one there is nothing
    years: dict[str, int] = {}
    units: dict[str, str | None] = {}
    pairs: dict[tuple[str, str], None] = {}
    for element in root.iter("a", "option", "li", "span", "dd"):
        text = squeeze("".join(element.itertext()))
        year, unit = _choice(element, text, base)
        if unit and not (year_in(text) and len(text) <= 8):
            units.setdefault(unit, None)
            units[unit] = units[unit] or text or None
        if year:
            years.setdefault(year, int(year))
        if unit and year:
            pairs[unit, year] = None
    if asked.get("area"):
        units.setdefault(asked["area"], column.agency)
    if re.fullmatch(r"(?:19|20)\d{2}", asked.get("fbtime", "")):
        years.setdefault(asked["fbtime"], int(asked["fbtime"]))
    address = urlsplit(fetch.url)._replace(query="").geturl()
    entries, columns = [], []
    for unit, name in units.items():
        for year, number in sorted(years.items(), reverse=True):
            known = replace(column, report_year=number, agency=name or column.agency)
            url = records.with_parameters(address, {"fbtime": year, "area": unit})
            entries.append(Entry(url, f"{name or unit} {year}年", known))
            columns.append(replace(known, url=url, title=f"{name or unit} {year}年", parent=column.url))
    return Listing(linked, tuple(columns)) if linked else Listing(tuple(entries))


def _choice(element: Any, text: str, base: str) -> tuple[str | None, str | None]:
    """The year and the unit one item of a menu stands for."""
    spoken = " ".join(filter(None, (element.get("href"), element.get("onclick"), element.get("value"))))
    year = re.search(r"fbtime=['\"]?((?:19|20)\d{2})", spoken)
    unit = re.search(r"area=['\"]?([0-9A-Za-z-]{6,})", spoken)
    menu = next((ancestor for ancestor in element.iterancestors("select")), None)
    named = f"{menu.get('name') or ''} {menu.get('id') or ''}".lower() if menu is not None else ""
    value = (element.get("value") or "").strip() if element.tag == "option" else ""
    if value and re.fullmatch(r"(?:19|20)\d{2}", value):
        return value, unit[1] if unit else None
    if value and ("area" in named or "dept" in named or re.fullmatch(r"[0-9A-Z]{18}|\d{12}|\d{9}", value)):
        return None, value
    if unit is None and element.tag != "option":
        unit = _CODE.search(spoken)
    if year is None and unit is None and label(text).year and label(text).bare and element.get("onclick"):
        return str(label(text).year), None
    return year[1] if year else None, unit[1] if unit else None
