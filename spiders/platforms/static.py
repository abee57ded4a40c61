"""A page of ordinary links and its printed pager, as every platform falls back to and ``plain`` is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Column, Entry, Fetch, Listing
from crawler.urls import identity
from spiders.platforms import links, pager, records, scripts
from spiders.platforms.addresses import resolve, same_site
from spiders.platforms.names import is_report, squeeze, year_in

LENGTH_OF_A_REPORT = 800
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
    found = links.scan(response, column, root=root)
    if not (found.entries or found.columns):
        found = links.Found(tuple(written(root, response, column)))
    pages = pager.read(root, base, fetch)
    more = pager.further(pages, fetch) or (pager.by_parameter(root, base, pages, fetch) if found.entries else ())
    if not (found.entries or found.columns or more):
        more = elsewhere(root, base, fetch)
        own = None if more or fetch.page != 1 else own_report(root, response.url, column)
        if own is not None:
            return Listing((own,))
    return Listing(found.entries, found.columns, more, pages.declared)


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
    if title is None or body is None or len(squeeze("".join(body.itertext()))) < LENGTH_OF_A_REPORT:
        return None
    return Entry(url, title, column)


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
