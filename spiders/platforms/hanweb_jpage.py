"""Hanweb 大汉 JCMS with ``jpage`` lists: records in the page, the rest from ``dataproxy.jsp``.

A column ``/col/col<ID>/index.html`` holds a ``<datastore>`` with ``<record><![CDATA[<li>…</li>]]></record>``, three
pages of it as a rule, and says ``totalRecord`` and ``perPage`` in a script. The rest is asked from ``dataproxy.jsp``
(``/module/web/jpage/``, ``/module/jpage/``, ``/module/jslib/jquery/jpage/``) in windows ``startrecord``–``endrecord``
with the parameters the page itself gives. Where they are encrypted, the answer's ``<nextgroup>`` holds the next
address. Windows may overlap; dates may be broken over lines (``2026-\\n01-\\n23``).

A later generation (Jiangxi) asks ``/queryList`` with the site's and the column's code and gets JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.errors import PortalChanged
from crawler.items import Column, Declared, Entry, Fetch, Listing
from crawler.urls import identity
from spiders.platforms import links, records, scripts, static
from spiders.platforms.addresses import BEFORE
from spiders.platforms.names import is_report

GROUP = 3  # pages in one window, jpage's groupSize by convention
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "X-Requested-With": "XMLHttpRequest"}
PARAMETERS = (
    "col", "appid", "webid", "path", "columnid", "sourceContentType", "unitid", "webname", "permissiontype",
    "infotypeId", "area", "number", "vc_xxgkarea", "jsp", "divid",
)  # fmt: skip
PROXY = re.compile(rf"""{BEFORE}dataproxy\.jsp""")
SIBLINGS = re.compile(r"jpaas-publish-server|module/xxgk/|gkmlpt")  # the same addresses, another interface
_STORE = re.compile(r"<datastore\b.*?</datastore\s*>", re.S | re.I)
_RECORD = re.compile(r"<record\b[^>]*>\s*(?:<!\[CDATA\[(.{0,20000}?)\]\]>|(.{0,20000}?))\s*</record\s*>", re.S | re.I)
_NEXT = re.compile(r"<nextgroup\b[^>]*>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</nextgroup\s*>", re.S | re.I)
_BY_GET = re.compile(r"""(?:type|method)\s*:\s*['"]get['"]|dataproxy\.jsp\?[^"'<>\s]*\bstartrecord=""", re.I)
_CIPHER = re.compile(r"[+/=%]|[a-z][A-Z]|[A-Z][a-z]?\d|\d[A-Z]")  # base64 however short; a number or a name is neither
_COLUMN = re.compile(r"/col/col(\w+)/", re.I)
_ARTICLE = re.compile(r"/art/\d{4}/(?:\d{1,2}/\d{1,2}/)?art_[\w-]+\.html?", re.I)


class HanwebJpage:
    """Hanweb JCMS, ``jpage`` lists."""

    name = "hanweb-jpage"

    def recognise(self, response: TextResponse) -> str | None:
        text, url = response.text, response.url
        if "dataproxy.jsp" in text or "dataproxy.jsp" in url:
            return "dataproxy.jsp"
        if urlsplit(url).path.endswith("/queryList"):
            return "/queryList in the address"
        store = re.search(r"<datastore\b", text, re.I)
        if store and re.compile(r"<recordset\b", re.I).search(text, store.end()):
            return "<datastore> with <recordset>"
        if re.search(r"jquery\.jpage|/jpage/|\.jpage\(", text):
            return "the jpage plug-in"
        if SIBLINGS.search(text) or SIBLINGS.search(url):
            return None
        if _COLUMN.search(urlsplit(url).path) or _ARTICLE.search(urlsplit(url).path):
            return "an address like /col/colN/ or /art/Y/M/D/art_…"
        columns, articles = len(set(_COLUMN.findall(text))), len(set(_ARTICLE.findall(text)))
        if columns >= 2 or (columns and articles):
            return f"{columns} addresses like /col/colN/, {articles} like /art/Y/M/D/art_…"
        return None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        if fetch.state.get("interface") == "queryList":
            return _query_list(response, column, fetch)
        text = _unescaped(response.text)
        store = _store(text, response.url)
        if fetch.state.get("interface") == "dataproxy" or urlsplit(fetch.url).path.endswith("dataproxy.jsp"):
            return _window(response, store, column, fetch)
        return _first(response, text, store, column, fetch)


def _first(response: TextResponse, text: str, store: str | None, column: Column, fetch: Fetch) -> Listing:
    base = get_base_url(response)
    root = links.html_of(response.text)
    found = links.scan(response, column, root=root)
    if store is None and not PROXY.search(text):
        asked = _ask_query_list(scripts.of(root), base)
        if asked is not None and not found.entries:
            return Listing((), found.columns, (asked,))
        return static.listing(response, column, fetch, root=root)
    entries = _entries(store, base, column) if store else ()
    beside = {other: one for other in _other_stores(text, store) if (one := _reports(_entries(other, base, column)))}
    settings = _settings(text, response.url, store)
    total = _total(store) or scripts.number(settings, "totalRecord") or _only_total(text)
    size = scripts.number(settings, "perPage", "perpage") or _page_size(store, total) or 15
    declared = Declared(total, _pages(total, size), size) if total is not None else None
    proxy, parameters = _proxy(text, settings, base, store, response.url)
    more: tuple[Fetch, ...] = ()
    state = {
        "interface": "dataproxy",
        "proxy": proxy,
        "parameters": parameters,
        "size": size,
        "step": size * (scripts.number(settings, "groupSize") or GROUP),
        "get": bool(_BY_GET.search(settings)),
    }
    if proxy is None or (total is not None and len(entries) >= total):
        pass
    elif _encrypted(parameters) or (total is None and _next_group(store, response.url, fetch)):
        more = _next_group(store, response.url, fetch)
    else:
        more = _windows(len(_RECORD.findall(store or "")), total, state)
    if beside:
        had = {identity(entry.url) for entry in entries}
        entries += tuple(entry for own in beside.values() for entry in own if identity(entry.url) not in had)
        others = sum(_total(other) or 0 for other in beside)
        declared = Declared((declared.records or 0) + others) if declared else None
        for other in beside if proxy is not None and not _encrypted(parameters) else ():
            own = _settings(text, response.url, other)
            state = {**state, "parameters": _proxy(text, own, base, other, response.url)[1]}
            more += _windows(len(_RECORD.findall(other)), _total(other), state, page=len(more) + 1)
    listing = Listing(entries or found.entries, found.columns, more, declared)
    return static.with_choices(root, base, fetch, listing)


def _window(response: TextResponse, store: str | None, column: Column, fetch: Fetch) -> Listing:
    if store is None:
        if fetch.page == 1:
            raise PortalChanged(f"no <datastore> in the answer of {response.url}")
        return Listing()
    entries = _entries(store, _origin(fetch, response), column)
    total = _total(store)
    size = int(fetch.state.get("size", 0)) or _page_size(store, total)
    declared = Declared(total, _pages(total, size), size) if total is not None else None
    more: tuple[Fetch, ...] = ()
    state = fetch.state or _state_of(fetch)
    if not entries and fetch.method == "POST" and "parameters" in state:
        # Some servers, and the caches before them, answer the same question only when it stands in the address.
        asked = dict(parse_qsl(urlsplit(fetch.url).query, keep_blank_values=True))
        by_get = records.with_parameters(state["proxy"], {**asked, **state["parameters"]})
        more = (Fetch(by_get, page=fetch.page, state={**state, "get": True}),)
    elif "end" not in state:
        more = _next_group(store, response.url, fetch) if entries else ()
    else:
        had, due = int(state.get("start", 1)) - 1 + len(_RECORD.findall(store)), min(int(state["end"]), total or 0)
        if entries and "start" in state and had < due:
            more = _windows(had, due, {**state, "get": fetch.method == "GET"}, page=fetch.page - 1)  # the rest of it
        if entries and not state.get("planned"):
            more += _windows(int(state["end"]), total, state, page=fetch.page)
    return Listing(entries, (), more, declared)


def _state_of(fetch: Fetch) -> dict[str, Any]:
    """What the page would have said, from the address of a column that is a window itself."""
    given = dict(parse_qsl(urlsplit(fetch.url).query, keep_blank_values=True))
    start, end, size = (given.pop(name, "") for name in ("startrecord", "endrecord", "perpage"))
    if not (start.isdecimal() and end.isdecimal()):
        return {}
    step = int(end) - int(start) + 1
    return {
        "interface": "dataproxy",
        "proxy": urlsplit(fetch.url)._replace(query="").geturl(),
        "parameters": given,
        "size": int(size) if size.isdecimal() else step,
        "step": step,
        "start": int(start),
        "end": int(end),
        "get": True,
    }


def _windows(had: int, total: int | None, state: Mapping[str, Any], page: int = 1) -> tuple[Fetch, ...]:
    """The windows after ``had`` records: all of them where the total is known, else the next one."""
    step, size = int(state["step"]), int(state["size"])
    limit = total if total is not None else had + 1
    windows: list[Fetch] = []
    for start in range(had + 1, limit + 1, step):
        end = start + step - 1
        page += 1
        window = {
            "startrecord": str(start),
            "endrecord": str(end if total is None else min(end, max(total, start))),
            "perpage": str(size),
        }
        carried = {**state, "start": start, "end": end, "planned": total is not None}
        parameters: Mapping[str, str] = state["parameters"]
        if state["get"]:
            windows.append(
                Fetch(records.with_parameters(state["proxy"], {**window, **parameters}), page=page, state=carried)
            )
        else:
            url = records.with_parameters(state["proxy"], window)
            windows.append(Fetch(url, "POST", urlencode(parameters).encode(), FORM, page, carried))
    return tuple(windows)


def _next_group(store: str | None, base: str, fetch: Fetch) -> tuple[Fetch, ...]:
    """The address ``<nextgroup>`` holds; none when it is empty or the one just asked."""
    found = _NEXT.search(store or "")
    link = re.search(r"""href\s*=\s*(['"])(.*?)\1""", found[1], re.S) if found else None
    if link is None or not link[2].strip():
        return ()
    url = urljoin(base, link[2].strip().replace("&amp;", "&"))
    if url == fetch.url:
        return ()
    return (
        Fetch(url, page=fetch.page + 1, state={"interface": "dataproxy", "referer": fetch.state.get("referer", base)}),
    )


# ---------------------------------------------------------------- reading the page


def _unescaped(text: str) -> str:
    """The page's text; a data store that stands inside a script's string is freed of its escapes."""
    stored = _STORE.search(text)
    if stored and re.search(r"=\\+['\"]", stored[0]):  # an attribute's quotes escaped, as inside a script's string
        text = text.replace("\\'", "'").replace('\\"', '"').replace("\\n", "\n").replace("\\/", "/")
    if "<datastore" in text or "\\u003cdatastore" not in text.lower():
        return (
            text
            if "<\\/datastore" not in text
            else text.replace("\\/", "/").replace('\\"', '"').replace("\\'", "'").replace("\\n", "\n")
        )
    return (
        re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
        .replace("\\/", "/")
        .replace('\\"', '"')
    )


def _store(text: str, url: str) -> str | None:
    """The data store that belongs to the column: the one that names it, else the one with most records."""
    stores = [found[0] for found in _STORE.finditer(text)]
    if not stores:
        return None
    column = _COLUMN.search(urlsplit(url).path)
    own = [store for store in stores if column and re.search(rf"columnid=['\"]?{column[1]}\b|art_{column[1]}_", store)]
    return max(own or stores, key=lambda store: len(_RECORD.findall(store)))


def _other_stores(text: str, store: str | None) -> list[str]:
    return [found[0] for found in _STORE.finditer(text) if found[0] != store]


def _reports(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries of a store beside the column's own, where reports are what it holds: 部门年报 below 政府年报."""
    reports = sum(is_report(entry.title) for entry in entries)
    return entries if 2 * reports > len(entries) else ()


def _entries(store: str, base: str, column: Column) -> tuple[Entry, ...]:
    found = (links.record(first or second, base, column) for first, second in _RECORD.findall(store))
    return tuple(entry for entry in found if entry is not None)


def _settings(text: str, url: str, store: str | None) -> str:
    """The part of the page's scripts that sets up the list's pager: nearest after its data store, else all of them."""
    place = text.find(store) + len(store) if store and store in text else -1
    if place >= 0:
        after = text[place : place + 6000]
        if re.search(r"totalRecord|dataproxy", after, re.I):
            return after
    return text if store is None else text.replace(store, "")


def _proxy(text: str, settings: str, base: str, store: str | None, page_url: str) -> tuple[str | None, dict[str, str]]:
    """Where windows are asked for and with which parameters: as the page's script, its link or its next group says."""
    parameters: dict[str, str] = {}
    address = None
    for source in (settings, _NEXT.search(store)[1] if store and _NEXT.search(store) else "", text):  # type: ignore[index]
        found = re.search(rf"""({BEFORE}dataproxy\.jsp)(\?[^"'<>\s]*)?""", source)
        if not found:
            continue
        address = address or urljoin(page_url if found[1].startswith(".") else base, found[1])
        given = dict(parse_qsl((found[2] or "").lstrip("?").replace("&amp;", "&"), keep_blank_values=True))
        parameters = {
            **{
                name: value
                for name, value in given.items()
                if name not in ("page", "startrecord", "endrecord", "perpage")
            },
            **parameters,
        }
    literal = re.search(
        r"(?:ajaxParam|data|param\w*|postData)\s*[:=]\s*(\{[^{}]*\bcolumnid\b[^{}]*\}|\{[^{}]*\bunitid\b[^{}]*\})",
        settings,
        re.I,
    )
    if literal:
        parameters |= scripts.mapping(literal[1], settings)
    else:
        for name in PARAMETERS:
            value = scripts.string(settings, name)
            if value is not None and name not in parameters and name != "path":
                parameters[name] = value
    if not parameters:
        return None, {}
    column = _COLUMN.search(urlsplit(page_url).path)
    if column and "columnid" not in parameters:
        parameters["columnid"] = column[1]
    return address or urljoin(base, "/module/web/jpage/dataproxy.jsp"), parameters


def _encrypted(parameters: Mapping[str, str]) -> bool:
    """Column and unit are opaque strings: only the next group's own address is of use."""
    opaque = [parameters.get(name, "") for name in ("columnid", "unitid")]
    return any(value and (len(value) > 20 or _CIPHER.search(value)) and not value.isdecimal() for value in opaque)


def _total(store: str | None) -> int | None:
    found = re.search(r"<totalrecord>\s*(\d+)", store or "", re.I)
    return int(found[1]) if found else None


def _only_total(text: str) -> int | None:
    """The total a page states anywhere, where it states no other."""
    stated = set(re.findall(r"(?<![\w.])totalRecord['\"]?\s*[:=]\s*['\"]?(\d+)", text, re.I))
    return int(stated.pop()) if len(stated) == 1 else None


def _page_size(store: str | None, total: int | None) -> int | None:
    pages = re.search(r"<totalpage>\s*(\d+)", store or "", re.I)
    if not pages or not total or not int(pages[1]):
        return None
    least = -(-total // int(pages[1]))
    return next(
        (
            size
            for size in (10, 12, 14, 15, 18, 20, 24, 25, 30, 40, 45, 50, 100)
            if size >= least and -(-total // size) == int(pages[1])
        ),
        least,
    )


def _pages(total: int | None, size: int | None) -> int | None:
    return -(-total // size) if total is not None and size else None


def _origin(fetch: Fetch, response: TextResponse) -> str:
    return str(fetch.state.get("referer") or response.url)


# ---------------------------------------------------------------- the JSON generation


def _ask_query_list(script: str, base: str) -> Fetch | None:
    """``loadPageData({webSiteCode: […], channelCode: […], perPage: '15'})``, answered by ``/queryList``."""
    found = re.search(r"(?:webSiteCode|channelCode)['\"]?\s*:", script)
    if not found:
        return None
    start = script.rfind("{", 0, found.start())
    settings = scripts.literal_at(script, start) if start >= 0 else None
    if not isinstance(settings, dict) or not settings.get("channelCode"):
        return None
    form = [
        (name + ("[]" if isinstance(value, list) else ""), item)
        for name, value in settings.items()
        for item in (value if isinstance(value, list) else [value])
    ]
    form = [
        (name, "true" if item is True else "false" if item is False else str(item))
        for name, item in form
        if name != "current"
    ]
    form += [("pageSize", str(settings.get("perPage") or 15))]
    state = {"interface": "queryList", "form": form, "proxy": urljoin(base, "/queryList"), "origin": base}
    return _query_list_page(state, 1)


def _query_list_page(state: Mapping[str, Any], page: int) -> Fetch:
    body = urlencode([("current", str(page)), *state["form"]]).encode()
    return Fetch(str(state["proxy"]), "POST", body, FORM, page, state)


def _query_list(response: TextResponse, column: Column, fetch: Fetch) -> Listing:
    tree = records.value(response)
    found = tuple(
        item
        for row in records.rows(_addressed(tree))
        if (item := records.entry(row, str(fetch.state["origin"]), column)) is not None
    )
    totals = records.declared(tree)
    size = int(dict(fetch.state["form"])["pageSize"])
    more: tuple[Fetch, ...] = ()
    if fetch.page == 1 and totals and totals.records is not None:
        totals = Declared(totals.records, _pages(totals.records, size), size)
        more = tuple(_query_list_page(fetch.state, page) for page in range(2, (totals.pages or 0) + 1))
    elif found and not (totals and totals.records is not None):
        more = (_query_list_page(fetch.state, fetch.page + 1),)
    return Listing(found, (), more, totals)


def _addressed(tree: Any) -> Any:
    """``"urls": "{\\"pc\\": …}"`` as an address of its own."""
    if isinstance(tree, list):
        return [_addressed(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    out = {name: _addressed(item) for name, item in tree.items()}
    urls = out.get("urls")
    if isinstance(urls, str):
        urls = scripts.json_at(urls, 0)
    if isinstance(urls, dict) and "url" not in out:
        out["url"] = urls.get("pc") or urls.get("common") or next(iter(urls.values()), None)
    return out
