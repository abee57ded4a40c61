"""Lists that come as data: the records in them, how many there are, and the next page of the same question.

JSON, JSONP, an array a script file assigns (``var list = [...]``) and XML (RSS among it) are all read as one tree. A
record's fields are known by their names; where nobody's names fit, by what stands in them: an address, a title.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml import etree
from scrapy.http import TextResponse

from crawler.errors import PortalChanged
from crawler.items import Column, Declared, Entry, Fetch, Listing
from spiders.platforms import dates, groups, scripts
from spiders.platforms.addresses import resolve
from spiders.platforms.names import is_report, label, squeeze

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
    "totalsize",
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
    "curr",
    "p",
    "pagenum",
    "cpage",
    "pn",
    "pno",
    "nowpage",
    "currentpageno",
    "pi",
    "pg",
    "pnum",
    "pgno",
    "page_no",
    "page_num",
    "page_index",
)
OFFSETS = ("offset", "start", "startindex", "skip", "from", "startrow", "iDisplayStart".lower())
CURSORS = re.compile(r"(?:next_?)?(?:cursor|scroll_?id|page_?token|last_?id|continuation)|next_?(?:token|id|marker)")
NEXT_ADDRESS = ("next", "nexturl", "next_url", "nextpageurl", "next_page_url", "nextlink", "nexthref")
CHINA = timedelta(hours=8)
EMPTY = frozenset({"", "null", "undefined", "none", "无", "-", "/"})
YEAR, AGENCY = " year", " agency"  # of the group a record stands in; no field of an answer is called so
Address = tuple[str, str, str]  # what stands before a field, the field, what stands after it
_WRAPPED = re.compile(
    r"(?:/\*.*?\*/\s*)?(?:(?:(?:var|let|const)\s+)?[\w$.]+\s*=\s*|(?:typeof [\w$.]+ === 'function' && )?[\w$.]+\s*\(\s*)(?=[{\[])",
    re.S,
)
_ADDRESS = re.compile(
    r"(?!/Date\()(?:https?:/|\.{0,2})/\S+|[^\s/<>]*(?:/\S+)?\.(?:s?html?|jsp|aspx?|php|do|pdf|docx?|wps|js|json|xml)(?:[?#]\S*)?",
    re.I,
)
_ADDRESS_NAME = re.compile(r"url|link|href|path|lnk|lj|addr", re.I)
_TITLE_NAME = re.compile(r"title|tit$|name|bt$|mc$|subject|headline", re.I)
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]{4}")
_NAMED = re.compile(r"[\u4e00-\u9fff]{2}")
_ESCAPE = re.compile(r"%u([0-9a-fA-F]{4})")


def is_json(response: TextResponse) -> bool:
    """Whether an answer is JSON or a script that holds some, whatever it is labelled as."""
    text = response.text.lstrip("\ufeff \t\r\n")
    return text.startswith(("{", "[")) or bool(_WRAPPED.match(text))


def is_xml(response: TextResponse) -> bool:
    """Whether an answer is a list in XML: no page of HTML, and no records of HTML as Hanweb sends them."""
    text = response.text.lstrip("\ufeff \t\r\n")[:400]
    return text.startswith("<?xml") and not re.search(r"<html|<!DOCTYPE html|<datastore|<recordset", text, re.I)


def value(response: TextResponse) -> Any:
    """The answer as a value; a JSONP wrapping or an assignment is taken off. Raises ``PortalChanged`` where it is no
    JSON."""
    text = response.text.strip("\ufeff \t\r\n;")
    wrapped = _WRAPPED.match(text) or re.match(r"[\w$.]+\s*\(", text)
    found = scripts.literal_at(text, wrapped.end() if wrapped else 0)
    if found is None:
        raise PortalChanged(f"no JSON at {response.url}: {text[:80]!r}")
    return _unwrapped(found)


def _unwrapped(tree: Any) -> Any:
    """An answer whose only value is JSON as a text (``{"d": "[…]"}`` of ASP.NET's services) as what the text says."""
    said = next(iter(tree.values())) if isinstance(tree, Mapping) and len(tree) == 1 else None
    inner = scripts.json_at(said.strip(), 0) if isinstance(said, str) and said.strip()[:1] in ("{", "[") else None
    return tree if inner is None else inner


def xml_value(response: TextResponse) -> Any:
    """An answer in XML as the same kind of tree: elements that recur are a list. Raises ``PortalChanged``."""
    return xml_tree(response.text, response.url)


def xml_tree(text: str, url: str) -> Any:
    """A text of XML as a tree. Raises ``PortalChanged`` where it is none."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(text.encode(), parser=parser) if "encoding" not in text[:100] else None
    if root is None:
        root = etree.fromstring(re.sub(r"^\W*<\?xml[^>]*\?>", "", text).encode(), parser=parser)
    if root is None:
        raise PortalChanged(f"no XML at {url}: {text[:80]!r}")
    return _of_element(root)


def _of_element(element: Any) -> Any:
    children = [child for child in element if isinstance(child.tag, str)]
    said = (element.text or "").strip()
    named = {etree.QName(name).localname: given for name, given in element.attrib.items()}
    if not children:
        return {**named, "text": said} if named and not said else said
    out: dict[str, Any] = dict(named)
    for child in children:
        name = etree.QName(child).localname
        inner = (child.get("href") if name == "link" else None) or _of_element(child)
        out.setdefault(name, []).append(inner) if isinstance(inner, dict) else out.setdefault(name, inner)
    return out


def rows(tree: Any, address: Address | None = None) -> list[Mapping[str, Any]]:
    """The longest list of records in an answer that have an address and a title, by name or by what they hold; where it
    is one of several that each belong to a year or an agency, all of them.

    ``address`` is how the page makes the address of a record that has none: what stands before a field, the field, what
    stands after.
    """
    found = list(groups.lists(tree))
    addressed = [(one, _addressed(one.records, address)) for one in found]
    best = max(addressed, key=lambda pair: len(pair[1]), default=None)
    if best is None:
        return []
    alike = [(one, level) for one, level in addressed if one.place == best[0].place and level]
    told = [(one, level) for one, level in alike if any(is_report(pick(record, TITLES) or "") for record in level)]
    if len(alike) < 2 or not (told or all(one.year or one.agency for one, _ in alike)):
        return list(best[1])
    return [{**record, YEAR: one.year, AGENCY: one.agency} for one, level in told or alike for record in level]


def _addressed(records: Iterable[Mapping[str, Any]], address: Address | None) -> list[dict[str, Any]]:
    level = [flat(item) for item in records]
    return [_made(item, address) for item in level if pick(item, URLS) and pick(item, TITLES)] or _meant(level, address)


def _made(record: dict[str, Any], address: Address | None) -> dict[str, Any]:
    """A record with its address as the page makes it, where that is of the same field: ``'/' + v.url``."""
    said = pick(record, URLS)
    if address is None or said is None or str(record.get(address[1].lower(), "")).strip() != said:
        return record
    before, name, after = address
    whole = re.match(r"https?:|/|\.", said) or not (before or after)
    return record if whole else {**record, name.lower(): f"{before}{said}{after}"}


def _meant(level: list[dict[str, Any]], address: Address | None) -> list[dict[str, Any]]:
    """Records whose fields nobody's names fit, with the field that holds addresses and the one that holds titles named
    as they are meant."""
    if not level:
        return []
    names = list(dict.fromkeys(name for record in level for name in record))
    held = {
        name: [str(record[name]).strip() for record in level if isinstance(record.get(name), (str, int))]
        for name in names
    }
    titles = [name for name in names if len(held[name]) == len(level) and _speaks(held[name])]
    title = max(
        titles,
        key=lambda name: (
            bool(_TITLE_NAME.search(name)),
            sum(is_report(text) for text in held[name]),
            sum(map(len, held[name])),
        ),
        default=None,
    )
    if title is None:
        return []
    addresses = [name for name in names if held[name] and all(_ADDRESS.fullmatch(text) for text in held[name] if text)]
    where = max(addresses, key=lambda name: (len({*held[name]} - {""}), bool(_ADDRESS_NAME.search(name))), default=None)
    if where is not None and len({*held[where]} - {""}) * 2 > len(level):
        return [{**record, "url": record[where], "title": record[title]} for record in level if record.get(where)]
    if address is not None and address[1].lower() in names:
        before, name, after = address
        return [
            {**record, "url": f"{before}{record[name.lower()]}{after}", "title": record[title]}
            for record in level
            if record.get(name.lower()) not in (None, "")
        ]
    return []


def _speaks(texts: list[str]) -> bool:
    """Whether the texts are titles or names: Chinese all of them, and most of some length; or the years of a menu."""
    if len(texts) > 1 and all((named := label(text)).bare and named.year for text in texts):
        return True
    return all(_NAMED.search(text) for text in texts) and 2 * sum(map(bool, map(_IDEOGRAPH.search, texts))) > len(texts)


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
    """A date as printed, or a Unix time in seconds or milliseconds (``/Date(1674864000000)/`` too), in China's time."""
    if raw is None:
        return None
    raw = re.sub(r"^/Date\((\d+)[^)]*\)/$", r"\1", raw)
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
    year, agency = record.get(YEAR), record.get(AGENCY)
    if (year and column.report_year is None) or (agency and column.agency is None):
        column = replace(column, report_year=column.report_year or year, agency=column.agency or agency)
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


def page_named(tree: Any) -> str | None:
    """The name under which an answer says that it is the first page."""
    waiting = [tree]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Mapping):
            named = (
                str(name) for name, given in node.items() if str(given) == "1" and str(name).lower() in PAGE_PARAMETERS
            )
            if (name := next(named, None)) is not None:
                return name
            waiting += node.values()
    return None


def _count(record: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    found = pick(record, names)
    return int(found) if found is not None and found.isdecimal() else None


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
        if name.lower() in PAGE_PARAMETERS and given.isdecimal():
            return int(given)
    return None


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """The address with these parameters as its query."""
    return urlsplit(url)._replace(query=urlencode(parameters), fragment="").geturl()


def listing(response: TextResponse, column: Column, fetch: Fetch, *, page_parameter: str = "page") -> Listing:
    """An answer of a paged interface: its records and its further pages."""
    tree = xml_value(response) if is_xml(response) else value(response)
    listed = rows(tree, fetch.state.get("address"))
    base = str(fetch.state.get("base") or response.url)
    found = tuple(item for record in listed if (item := entry(record, base, column)) is not None)
    totals = declared(tree)
    following = (_pointed_at(tree, fetch) or _after_the_last(tree, listed, fetch)) if listed else ()
    more = following or further(fetch, len(listed), totals, page_parameter)
    if not more and totals is None and listed and _says_more(tree):
        totals = Declared(pages=fetch.page + 1)  # and nothing says how it is asked for
    return Listing(found, (), more, totals)


def _says_more(tree: Any) -> bool:
    """Whether an answer says that it is not the last."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            lowered = {re.sub(r"[^a-z]", "", str(name).lower()): given for name, given in node.items()}
            if any(lowered.get(name) is True for name in ("hasmore", "hasnext", "hasnextpage")):
                return True
            waiting += node.values()
    return False


def _after_the_last(tree: Any, listed: list[Mapping[str, Any]], fetch: Fetch) -> tuple[Fetch, ...]:
    """What follows the last record where the question names the one it goes on from: ``?lastId=``."""
    asked = [name for name, _ in parse_qsl(urlsplit(fetch.url).query, keep_blank_values=True)]
    named = next((name for name in asked if re.fullmatch(r"(?:last|max|min|since|after|before)_?id", name, re.I)), None)
    last = listed[-1].get("id")
    if named is None or last is None or not _says_more(tree) or fetch.method != "GET":
        return ()
    query = {**dict(parse_qsl(urlsplit(fetch.url).query, keep_blank_values=True)), named: str(last)}
    return (Fetch(with_parameters(fetch.url, query), page=fetch.page + 1, state=fetch.state),)


def _pointed_at(tree: Any, fetch: Fetch) -> tuple[Fetch, ...]:
    """The next page where the answer itself says what to ask for next: its address, or a cursor."""
    waiting = [tree]
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, Mapping):
            continue
        for name, given in node.items():
            plain = str(name).lower()
            if not isinstance(given, (str, int)) or isinstance(given, bool) or str(given).strip().lower() in EMPTY:
                continue
            if plain in NEXT_ADDRESS and re.search(r"[/?]", str(given)):
                url = resolve(fetch.url, str(given))
                return (Fetch(url, page=fetch.page + 1, state=fetch.state),) if url else ()
            if CURSORS.fullmatch(plain) and fetch.method == "GET":
                asked = parse_qsl(urlsplit(fetch.url).query, keep_blank_values=True)
                known = [asked_for for asked_for, _ in asked if CURSORS.fullmatch(asked_for.lower())]
                parameter = known[0] if known else re.sub(r"^next_?", "", str(name), flags=re.I)
                parameter = parameter[:1].lower() + parameter[1:] or str(name)
                query = urlencode({**dict(asked), parameter: str(given)})
                url = urlsplit(fetch.url)._replace(query=query).geturl()
                return (Fetch(url, page=fetch.page + 1, state=fetch.state),)
        waiting += node.values()
    return ()


def own_name(name: str) -> str:
    """The innermost name of a field: ``page[current]`` is ``current``, ``page.pageNo`` is ``pageno``."""
    return re.split(r"[.\[]", name.rstrip("]"))[-1].lower()


def offset_of(url: str, form: Iterable[str] = ()) -> str | None:
    """The parameter that counts records, where the question has one and none that counts pages."""
    names = [*form, *(name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True))]
    if any(own_name(name) in PAGE_PARAMETERS for name in names):
        return None
    return next((name for name in names if own_name(name) in OFFSETS), None)


def further(fetch: Fetch, here: int, totals: Declared | None, page_parameter: str) -> tuple[Fetch, ...]:
    """All further pages at once where the total is known on the first, the next one only where it is not.

    A server may allow shorter pages than it is asked for: where the pages it should have do not hold its records, those
    after them are asked for one by one.
    """
    first = page_in(fetch.url)
    if first is None and fetch.method == "POST":
        sent = {own_name(name): given for name, given in (fetch.state.get("form") or {}).items()}
        first = next((int(sent[name]) for name in PAGE_PARAMETERS if sent.get(name, "").isdecimal()), None)
    offset = 1 if first is None or fetch.page != 1 else first  # some count from 0
    offset = int(fetch.state.get("offset", offset))
    pages = totals.pages if totals else None
    if pages is None and totals and totals.records is not None and here:
        each = totals.page_size if totals.page_size and totals.page_size >= here else here
        pages = -(-totals.records // each)
    state = {**fetch.state, "offset": offset}

    form: Mapping[str, str] | None = fetch.state.get("form") if fetch.method == "POST" else None
    counted = offset_of(fetch.url, fetch.state.get("form") or ())
    size = int(fetch.state.get("size", here))
    if counted:
        state |= {"size": size}

    def ask(page: int) -> Fetch:
        if numbered := fetch.state.get("numbered"):
            before, low, after = numbered
            return Fetch(f"{before}{low + page - 1}{after}", page=page, state=state)
        if form:
            named = counted or next((name for name in form if own_name(name) in PAGE_PARAMETERS), page_parameter)
            sent = {**form, named: str((page - 1) * size if counted else page - 1 + offset)}
            return Fetch(fetch.url, "POST", encoded(sent, bool(fetch.state.get("json"))), fetch.headers, page, state)
        if counted:
            query = {
                **dict(parse_qsl(urlsplit(fetch.url).query, keep_blank_values=True)),
                counted: str((page - 1) * size),
            }
            return Fetch(with_parameters(fetch.url, query), page=page, state=state)
        return Fetch(at_page(fetch.url, page - 1 + offset, default=page_parameter), page=page, state=state)

    if pages is not None:
        if fetch.page == 1:
            short = totals is not None and totals.records is not None and 0 < here * pages < totals.records
            if short and totals and totals.records:
                state |= {"planned": pages, "needed": -(-totals.records // here)}
            return tuple(ask(page) for page in range(2, max(pages, 2 if short else 1) + 1))
        beyond = int(state.get("planned", 0)) <= fetch.page < int(state.get("needed", 0))
        return (ask(fetch.page + 1),) if here and beyond else ()
    if fetch.state.get("unpaged") and not counted:
        return ()  # nothing says that the question has pages
    # Where nothing says how many there are, the end is an answer that holds nothing, or none.
    return tuple(replace(one, state={**one.state, "supposed": True}) for one in (ask(fetch.page + 1),) if here)


def encoded(form: Mapping[str, str], as_json: bool) -> bytes:
    """A form as it is sent; as JSON a number is a number, and ``page[current]`` stands within ``page``."""
    if not as_json:
        return urlencode(form).encode()
    tree: dict[str, Any] = {}
    for name, given in form.items():
        within = re.fullmatch(r"\w+(?:\[\w+\])+", name)
        *around, own = name.replace("]", "").split("[") if within else (name,)
        inside = tree
        for outer in around:
            inside = inside.setdefault(outer, {})
        inside[own] = int(given) if re.fullmatch(r"0|[1-9]\d{0,8}", given) else given
    return json.dumps(tree).encode()
