"""Lists that come as JSON: the records in it, how many there are, and the next page of the same question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from scrapy.http import TextResponse

from crawler.errors import PortalChanged
from crawler.items import Column, Declared, Entry, Fetch, Listing
from spiders.platforms import dates, scripts
from spiders.platforms.addresses import resolve
from spiders.platforms.names import squeeze

URLS = (
    "url",
    "docpuburl",
    "pcurl",
    "link",
    "href",
    "docurl",
    "puburl",
    "articleurl",
    "linkurl",
    "detailurl",
    "weburl",
    "post_url",
)
TITLES = ("title", "doctitle", "name", "filename", "biaoti", "articletitle", "showtitle", "subject", "mc", "infotitle")
DATES = (
    "publishedtimestr", "display_publish_time", "publishtime", "pubdate", "docreltime", "docpubtime", "date",
    "publishdate", "createdate", "created_at", "releasetime", "published_time_format", "c_fwrq_format", "pubtime",
    "time", "showdate", "publish_time", "rq",
)  # fmt: skip
TOTALS = (
    "total",
    "totalcount",
    "totalrecord",
    "totalrecords",
    "totalelements",
    "count",
    "recordcount",
    "post_count",
    "totalnum",
    "totalrows",
)
PAGES = ("totalpages", "totalpage", "pagecount", "pages", "pagetotal")
SIZES = ("pagesize", "size", "perpage", "rows", "page_size", "limit")
FACTS = {
    "索引号": ("identifier", "indexnumber", "c_syh", "syh", "idxid", "indexno", "index_number", "indexnum"),
    "文号": ("document_number", "refno", "c_wjbh", "wh", "filenum", "docno", "fileno", "documentnumber"),
    "发布机构": ("publisher", "puborg", "publishorg", "pubunit", "fwjg"),
}
PAGE_PARAMETERS = (
    "page",
    "pageno",
    "pagenumber",
    "pageindex",
    "currentpage",
    "currpage",
    "cur_page",
    "curpage",
    "current",
    "p",
    "pagenum",
    "cpage",
)
CHINA = timedelta(hours=8)
EMPTY = frozenset({"", "null", "undefined", "none", "无", "-", "/"})
_ESCAPE = re.compile(r"%u([0-9a-fA-F]{4})")


def is_json(response: TextResponse) -> bool:
    """Whether an answer is JSON, whatever it is labelled as."""
    return response.text.lstrip("\ufeff \t\r\n").startswith(("{", "["))


def value(response: TextResponse) -> Any:
    """The answer as a value; a JSONP wrapping is taken off. Raises ``PortalChanged`` where it is no JSON."""
    text = response.text.strip("\ufeff \t\r\n;")
    wrapped = re.match(r"[\w$.]+\s*\(", text)
    found = scripts.json_at(text, wrapped.end() if wrapped else 0)
    if found is None:
        raise PortalChanged(f"no JSON at {response.url}: {text[:80]!r}")
    return found


def rows(tree: Any) -> list[Mapping[str, Any]]:
    """The longest list of records in a JSON answer that have an address and a title."""
    best: list[Mapping[str, Any]] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            level = [flat(item) for item in node if isinstance(item, Mapping)]
            addressed = [item for item in level if pick(item, URLS) and pick(item, TITLES)]
            if len(addressed) > len(best):
                best = list(addressed)
            waiting += node
        elif isinstance(node, Mapping):
            waiting += node.values()
    return best


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with lowercase names, what an inner object holds (``_source``, ``source``) put beside its own."""
    out = {str(name).lower(): item for name, item in record.items()}
    for item in record.values():
        if isinstance(item, Mapping):
            for name, inner in item.items():
                out.setdefault(str(name).lower(), inner)
    return out


def pick(record: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The first of the named values that says something."""
    for name in names:
        found = record.get(name)
        if (
            isinstance(found, (str, int, float))
            and not isinstance(found, bool)
            and str(found).strip().lower() not in EMPTY
        ):
            return str(found).strip()
    return None


def text_of(raw: str) -> str:
    """A title as text: ``%uXXXX`` escapes and highlighting tags undone."""
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), raw)
    text = re.sub(r"<[^>]{1,80}>", "", text)
    return squeeze(text.replace("&nbsp;", " ").replace("&amp;", "&").replace("&quot;", '"'))


def day_of(raw: str | None) -> date | None:
    """A date as printed, or a Unix time in seconds or milliseconds, in China's time."""
    if raw is None:
        return None
    if re.fullmatch(r"\d{10}(?:\d{3})?(?:\.0)?", raw):
        seconds = float(raw) / (1000 if len(raw.split(".")[0]) == 13 else 1)
        return (datetime.fromtimestamp(seconds, UTC) + CHINA).date()
    return dates.in_row(raw)


def entry(record: Mapping[str, Any], base: str, column: Column) -> Entry | None:
    """One record as an entry; ``None`` when its address is none."""
    address, title = pick(record, URLS), pick(record, TITLES)
    url = resolve(base, address)
    if url is None or title is None:
        return None
    facts = {label: found for label, names in FACTS.items() if (found := pick(record, names))}
    return Entry(url, text_of(title), column, day_of(pick(record, DATES)), facts)


def declared(tree: Any) -> Declared | None:
    """The totals of an answer, from the object nearest its top that says any."""
    waiting = [tree]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Mapping):
            lowered = {str(name).lower(): item for name, item in node.items()}
            counts = [_count(lowered, names) for names in (TOTALS, PAGES, SIZES)]
            if counts[0] is not None or counts[1] is not None:
                return Declared(*counts)
            waiting += node.values()
    return None


def _count(record: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    found = pick(record, names)
    return int(found) if found is not None and found.isdigit() else None


def at_page(url: str, page: int, *, default: str = "page") -> str:
    """The same address asking for another page; the other parameters stay as they are written."""
    parts = urlsplit(url)
    pairs = [pair for pair in parts.query.split("&") if pair]
    for index, pair in enumerate(pairs):
        name = pair.partition("=")[0]
        if name.lower() in PAGE_PARAMETERS:
            pairs[index] = f"{name}={page}"
            break
    else:
        pairs.append(f"{default}={page}")
    return parts._replace(query="&".join(pairs)).geturl()


def page_in(url: str) -> int | None:
    """The page an address asks for, where it says so."""
    for name, given in parse_qsl(urlsplit(url).query):
        if name.lower() in PAGE_PARAMETERS and given.isdigit():
            return int(given)
    return None


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """The address with these parameters as its query."""
    return urlsplit(url)._replace(query=urlencode(parameters), fragment="").geturl()


def listing(response: TextResponse, column: Column, fetch: Fetch, *, page_parameter: str = "page") -> Listing:
    """An answer of a paged JSON interface asked by GET: its records and its further pages."""
    tree = value(response)
    listed = rows(tree)
    found = tuple(item for record in listed if (item := entry(record, response.url, column)) is not None)
    totals = declared(tree)
    return Listing(found, (), further(fetch, len(listed), totals, page_parameter), totals)


def further(fetch: Fetch, here: int, totals: Declared | None, page_parameter: str) -> tuple[Fetch, ...]:
    """All further pages at once where the total is known on the first, the next one only where it is not.

    A server may allow shorter pages than it is asked for: where the pages it should have do not hold its records, those
    after them are asked for one by one.
    """
    first = page_in(fetch.url)
    offset = 1 if first is None or fetch.page != 1 else first  # some count from 0
    offset = int(fetch.state.get("offset", offset))
    pages = totals.pages if totals else None
    if pages is None and totals and totals.records is not None and here:
        size = totals.page_size if totals.page_size and totals.page_size >= here else here
        pages = -(-totals.records // size)
    state = {**fetch.state, "offset": offset}

    form: Mapping[str, str] | None = fetch.state.get("form") if fetch.method == "POST" else None

    def ask(page: int) -> Fetch:
        if form:
            named = next((name for name in form if name.lower() in PAGE_PARAMETERS), page_parameter)
            body = urlencode({**form, named: str(page - 1 + offset)}).encode()
            return Fetch(fetch.url, "POST", body, fetch.headers, page, state)
        return Fetch(at_page(fetch.url, page - 1 + offset, default=page_parameter), page=page, state=state)

    if pages is not None:
        if fetch.page == 1:
            short = totals is not None and totals.records is not None and 0 < here * pages < totals.records
            if short and totals and totals.records:
                state |= {"planned": pages, "needed": -(-totals.records // here)}
            return tuple(ask(page) for page in range(2, max(pages, 2 if short else 1) + 1))
        beyond = int(state.get("planned", 0)) <= fetch.page < int(state.get("needed", 0))
        return (ask(fetch.page + 1),) if here and beyond else ()
    return (ask(fetch.page + 1),) if here else ()
