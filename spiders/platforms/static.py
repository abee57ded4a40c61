"""A page of ordinary links and its printed pager, as every platform falls back to and ``plain`` is made of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Column, Entry, Fetch, Listing
from crawler.urls import identity
from spiders.platforms import links, pager, promises, records, scripts
from spiders.platforms.addresses import mould, resolve, same_site
from spiders.platforms.names import DECOY, is_report, label, squeeze, year_in

LENGTH_OF_A_REPORT = 800
SENTENCES_OF_A_REPORT = 4  # outside links; a list has none
SUBJECTS = ("主动公开", "申请", "收费", "行政复议", "行政诉讼", "问题")
_LOADS_MORE = re.compile(r"(?:加载|查看|点击|显示)更多|点击加载|load\s*more", re.I)
_CHROME_FRAME = re.compile(r"top|left|head|foot|banner|nav|menu|bottom", re.I)
_WRITTEN_ROW = re.compile(r"<(li|tr|dd)\b[^>]*>(?:(?!<\1\b).)*?<a\b.*?</\1\s*>", re.S | re.I)
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|['\"]\s*\+|\+\s*['\"]|\[\[")
_REDIRECT = re.compile(r"""(?:location(?:\.href)?\s*=|location\.(?:replace|assign)\s*\()\s*(['"])([^'"]+)\1""")


def listing(response: TextResponse, column: Column, fetch: Fetch, *, root: Any = None) -> Listing:
    """Entries, sub-columns and further pages of one page of ordinary HTML, or of a list in JSON."""
    if root is None and records.is_json(response):
        return records.listing(response, column, fetch)
    root = links.html_of(response.text) if root is None else root
    base = get_base_url(response)
    found = listed(root, response, column)
    if found.entries and column.parent and fetch.page == 1:
        found = replace(found, entries=(*_the_page_itself(root, response.url, column, found), *found.entries))
    pages = pager.read(root, base, fetch)
    more = pager.further(pages, fetch) or (pager.by_parameter(root, base, pages, fetch) if found.entries else ())
    if not more and fetch.page == 1 and not fetch.state and (_LOADS_MORE.search(said_by(root)) or not found.columns):
        question = None if found.entries and not _LOADS_MORE.search(said_by(root)) else paged(root, base, fetch)
        more = (question,) if question else more
    if not (found.entries or found.columns or more):
        more = elsewhere(root, base, fetch)
        own = None if more or fetch.page != 1 else own_report(root, response.url, column)
        if own is not None:
            return Listing((own,))
    declared = pages.declared
    if declared is None and found.entries and not more and fetch.page == 1:
        declared = promises.promised(root)
    return Listing(found.entries, found.columns, more, declared)


def listed(root: Any, response: TextResponse, column: Column) -> links.Found:
    """What a page lists: in its HTML, else what its scripts write on it, else the tree they plant."""
    found = links.scan(response, column, root=root)
    if not found.entries and (rows := tuple(written(root, response, column))):
        taken = {identity(entry.url) for entry in rows}
        return links.Found(rows, tuple(column for column in found.columns if identity(column.url) not in taken))
    return found if found.entries or found.columns else planted(root, response, column)


def written(root: Any, response: TextResponse, column: Column) -> Iterator[Entry]:
    """A list only a script puts on the page: rows it writes as HTML, records it holds as an array, a hidden text."""
    script = scripts.of(root)
    hidden = "".join("".join(element.itertext()) for element in root.iter("textarea", "template"))
    text = hidden + script.replace('\\"', '"').replace("\\'", "'").replace("\\/", "/")
    rows = [found[0] for found in _WRITTEN_ROW.finditer(text) if not _TEMPLATE.search(found[0])]
    if rows:
        yield from links.scan(response, column, root=links.html_of(f"<ul>{''.join(rows)}</ul>")).entries
        return
    base = get_base_url(response)
    for found in re.finditer(r"\[\s*(?=\{)", script):
        records_ = [record for record in records.rows(scripts.literal_at(script, found.start())) if _titled(record)]
        if records_:
            yield from (entry for record in records_ if (entry := records.entry(record, base, column)) is not None)
            return


def planted(root: Any, response: TextResponse, column: Column) -> links.Found:
    """A tree only a script puts on the page, node by node: ``d.add(4, 0, '某局', '/nb/4/')``, ``{name: …, url: …}``."""
    nodes = dict.fromkeys((address, squeeze(text)) for text, address in scripts.named_addresses(scripts.of(root)))
    if not nodes:
        return links.Found()
    items = "".join(f'<li><a href="{escape(address)}">{escape(text)}</a></li>' for address, text in nodes)
    found = links.scan(response, column, root=links.html_of(f"<ul>{items}</ul>"))
    return found if found.entries or found.columns else links.Found(columns=tuple(_units(nodes, response, column)))


def _units(nodes: Iterable[tuple[str, str]], response: TextResponse, column: Column) -> Iterator[Column]:
    """Agencies or years of a tree whose addresses lie elsewhere on the site, all of one mould: the tree is the column's
    whole content, so each of them is a column below it."""
    base, moulds = get_base_url(response), defaultdict(list)
    for address, text in nodes:
        url, named = resolve(base, address), label(text)
        if (
            url
            and named.bare
            and (named.year or named.agency)
            and not DECOY.search(text)
            and same_site(url, column.url)
        ):
            year, agency = named.year or column.report_year, named.agency or column.agency
            moulds[mould(url)].append(Column(url, named.text, column.url, year, agency))
    menu = max(moulds.values(), key=len, default=[])
    yield from menu if len(menu) > 1 else ()


def _titled(record: Mapping[str, Any]) -> bool:
    """An array of a menu has names and addresses too; one of entries has titles of some length."""
    return len(records.pick(record, records.TITLES) or "") >= 8


def own_report(root: Any, url: str, column: Column) -> Entry | None:
    """The page itself, where what was taken for a column is a report: it is titled as one and has a report's length."""
    metas = [
        meta.get("content") or "" for meta in root.iter("meta") if (meta.get("name") or "").lower() == "articletitle"
    ]
    heads = ["".join(element.itertext()) for element in root.iter("h1", "h2", "title")]
    title = next((text for head in (*metas, *heads) if is_report(text := squeeze(head)) and year_in(text)), None)
    body = root.find(".//body")
    if body is None:
        return None
    text = squeeze("".join(body.itertext()))
    if title is None and column.parent and tells_like_a_report(body):
        title = _first_line_that_names_a_report(body) or column.title  # the page's heads name the site only
    if title is None or (len(text) < LENGTH_OF_A_REPORT and _sentences(body) < SENTENCES_OF_A_REPORT):
        return None
    return Entry(url, title, column)


def _the_page_itself(root: Any, url: str, column: Column, found: links.Found) -> tuple[Entry, ...]:
    """A report that was taken for a column, and links to its neighbours: the year before, 上一篇."""
    body = root.find(".//body")
    if body is None or not tells_like_a_report(body):
        return ()
    own = own_report(root, url, column)
    return () if own is None or any(identity(entry.url) == identity(url) for entry in found.entries) else (own,)


def tells_like_a_report(body: Any) -> bool:
    """Whether the page's own text, outside links, goes through what the Regulations want told (2007, 32; 2019, 50)."""
    told = "".join(_own_text(body))
    return sum(subject in told for subject in SUBJECTS) >= 3 and told.count("。") >= SENTENCES_OF_A_REPORT


def _first_line_that_names_a_report(body: Any) -> str | None:
    lines = (squeeze(piece) for piece in _own_text(body))
    return next((line for line in lines if len(line) <= 60 and is_report(line) and year_in(line)), None)


def said_by(root: Any) -> str:
    """What stands on the controls of a page that are no links."""
    spoken = root.xpath(
        "//a[not(@href) or starts-with(@href,'javascript') or starts-with(@href,'#')] | //button | //div | //span"
    )
    return " ".join(text for element in spoken if 0 < len(text := squeeze(element.text or "")) <= 12)


def paged(root: Any, base: str, fetch: Fetch) -> Fetch | None:
    """The first page of the interface the page's script asks for more."""
    question = scripts.paged_question(scripts.of(root))
    url = resolve(base, question[1]) if question else None
    if question is None or url is None or not same_site(url, fetch.url):
        return None
    method, _, form = question
    state = {"within": 1, "form": form}
    if method == "GET":
        query = {**dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)), **form}
        return Fetch(records.with_parameters(url, query), state={"within": 1})
    return Fetch(url, "POST", urlencode(form).encode(), pager.FORM, state=state)


def _sentences(body: Any) -> int:
    """Full stops in the body's own text, that of links and scripts left out."""
    return sum(piece.count("。") for piece in _own_text(body))


def _own_text(body: Any) -> list[str]:
    pieces = body.xpath(".//text()[not(ancestor::a or ancestor::script or ancestor::style or ancestor::textarea)]")
    return [str(piece) for piece in pieces]


def elsewhere(root: Any, base: str, fetch: Fetch) -> tuple[Fetch, ...]:
    """Where the list really stands: a frame of the page, or the address it redirects to. Followed twice at most."""
    depth = int(fetch.state.get("within", 0))
    if depth >= 2 or fetch.page != 1:
        return ()
    targets: list[str | None] = [
        element.get("src")
        for element in root.iter("iframe", "frame")
        if not _CHROME_FRAME.search(f"{element.get('name') or ''} {element.get('id') or ''}")
    ]
    for meta in root.iter("meta"):
        if (meta.get("http-equiv") or "").lower() == "refresh":
            given = re.search(r"url\s*=\s*['\"]?([^'\">]+)", meta.get("content") or "", re.I)
            targets.append(given[1] if given else None)
    if not targets and len("".join(root.itertext())) < 2000:
        targets += [found[2] for found in _REDIRECT.finditer(scripts.of(root))][:1]
    urls = [url for target in targets if target and (url := resolve(base, target)) and same_site(url, fetch.url)]
    own = identity(fetch.url)
    return tuple(Fetch(url, state={"within": depth + 1}) for url in dict.fromkeys(urls) if identity(url) != own)


def first_address(texts: Iterable[str], pattern: str, base: str) -> str | None:
    """The first address in the texts that matches, entities undone, as a full address."""
    for text in texts:
        found = re.search(pattern, text)
        if found:
            return urljoin(base, found[0].replace("&amp;", "&"))
    return None
