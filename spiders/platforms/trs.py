"""TRS WCM 拓尔思 and its many lookalikes: static lists ``index.html``, ``index_1.html`` …

The size of a list stands in a script: ``createPageHTML(N, current, "index", "html")`` counts pages from 0, so
``index_1.html`` is the second; ``createPageHTML('page_div', N, 1, 'list', 'shtml', records)`` counts from 1, so
``list_2.shtml`` is the second. ``countPage = N`` says the same in variables, ``Pager({size: N, current: 0, prefix:
'index', suffix: 'html'})`` in an object. The stem and the suffix vary by site
(``list_N``, ``common_list_N``, ``stt_list_N``); articles are ``tYYYYMMDD_<id>.html``.

On many sites ``index_N`` is a stub of 300 to 400 bytes: such an answer holds nothing and is worth asking for again.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from math import ceil
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Column, Declared, Fetch, Listing
from spiders.platforms import links, pager, records, scripts, static, stems
from spiders.platforms.addresses import resolve

CALL = r"create_?page(?:html)?\w*|pageHtml|createPager"
ARTICLE = re.compile(r"/t\d{8}_\d+(?:_(?:wap|app))?\.s?html?(?=[\"'?#\s>]|$)", re.I)
_BODY = re.compile(
    r"TRS_Editor|TRS_UEDITOR|trs_editor_view|trs_paper_default|class=[\"']?[^\"'>]*\bTRS_|TRSWCM|trs[-_]?wcm", re.I
)
_FILE = re.compile(r"/([A-Za-z][\w-]*?)(?:_\d+)?\.(s?html?|jsp)$", re.I)
_ENDING = re.compile(r"\.(s?html?)$", re.I)
_SEARCH = re.compile(r"""["']([^"'\s]{0,500}was5/web/search\?[^"'\s]{0,500})["']""")


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a list names its further pages."""

    pages: int
    stem: str
    suffix: str
    first: int  # the number the second page carries
    records: int | None = None
    page_size: int | None = None
    joiner: str = "_"

    def name(self, page: int) -> str:
        return f"{self.stem}{self.joiner}{page - 2 + self.first}.{self.suffix}"


class Trs:
    """TRS WCM and lookalikes."""

    name = "trs"

    def recognise(self, response: TextResponse) -> str | None:
        if "was5/web/search" in response.url:
            return "was5/web/search"
        if records.is_json(response):
            return None
        text = response.text
        script = scripts.of(links.html_of(text))
        for given in scripts.calls(script, CALL):
            if not in_container(given) and numbering_of_call(given, 1) is not None:
                return f"createPageHTML({', '.join(given)})"
        if _of_object(script, 1) is not None:
            return "Pager({prefix, suffix})"
        if scripts.number(script, "countPage") is not None and re.search(r"index\W+_\W|_\W*\+", script):
            return "countPage"
        articles = len({found[0] for found in ARTICLE.finditer(text)})
        if ARTICLE.search(urlsplit(response.url).path):
            return "an address like tYYYYMMDD_<id>.html"
        if articles >= 2:
            return f"{articles} addresses like tYYYYMMDD_<id>.html"
        if _SEARCH.search(text):
            return "was5/web/search"
        body = _BODY.search(text)
        return body[0].split("=")[-1].strip("\"'") if body else None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        if records.is_json(response):
            return static.of_data(response, column, fetch)
        root = links.html_of(response.text)
        found = static_list(response, column, fetch, root)
        if found.entries or found.columns or found.more:
            return found
        return replace(found, more=_search(response.text, get_base_url(response), fetch))


def static_list(response: TextResponse, column: Column, fetch: Fetch, root: Any) -> Listing:
    """A static list whose pages are numbered in a script, or as printed where no script says so."""
    found = static.listed(root, response, column)
    numbering = numbering_of(scripts.of(root), fetch, suffix_of(found))
    if numbering is None:
        return static.listing(response, column, fetch, root=root)
    total = numbering.records or _printed_total(root, response, fetch, numbering.pages, len(found.entries))
    declared = Declared(total, numbering.pages, numbering.page_size)
    more: tuple[Fetch, ...] = ()
    if fetch.page == 1:
        pages = range(2, numbering.pages + 1)
        base = get_base_url(response)
        more = tuple(Fetch(urljoin(base, numbering.name(page)), page=page) for page in pages)
    return static.with_choices(
        root, get_base_url(response), fetch, Listing(found.entries, found.columns, more, declared)
    )


def _printed_total(root: Any, response: TextResponse, fetch: Fetch, pages: int, here: int) -> int | None:
    """How many records a full page prints beside its pager (共42条), where so many fill the pages there are."""
    printed = pager.read(root, get_base_url(response), fetch).declared if fetch.page < pages else None
    total = printed.records if printed else None
    return total if total is not None and (pages - 1) * here < total <= pages * here else None


def suffix_of(found: links.Found) -> str | None:
    """The suffix most of a list's pages have; its own further pages have it too, where nothing says otherwise."""
    endings = Counter(
        ending[1].lower() for entry in found.entries if (ending := _ENDING.search(urlsplit(entry.url).path))
    )
    return endings.most_common(1)[0][0] if endings else None


def numbering_of(script: str, fetch: Fetch, suffix_of_entries: str | None = None) -> Numbering | None:
    """How the list on a page is numbered, from its call of ``createPageHTML`` or its ``countPage``."""
    for given in scripts.calls(script, CALL):
        numbering = numbering_of_call(_valued(given, script), fetch.page)
        if numbering is not None:
            return numbering
    numbering = _of_page_context(script) or _of_object(script, fetch.page)
    if numbering is not None:
        return numbering
    pages = scripts.number(script, "countPage", "nPageCount", "pageCount")
    if pages is None:
        return None
    stem = re.search(
        r"""["']([\w./-]*[A-Za-z])\\?["']\s*\+\s*["']_["']|["'](?:[^"']*["'])?([\w-]+)_\\?["']\s*\+""", script
    )
    suffix = re.search(r"""\.\s*["']?\s*\+?\s*["']?\s*\b(s?html?)\b""", script)
    count = scripts.number(script, "countnum", "recordCount", "totalCount")
    size = scripts.number(script, "pageSize", "perPage")
    # Handan prints countnum=6348 beside 56 pages: a count that does not fit the pages is not believed.
    believable = count is not None and size is not None and ceil(count / size) == pages
    own = _FILE.search(urlsplit(fetch.url).path)  # where the script that writes the links stands in a file of its own
    name = stem[1] or stem[2] if stem else own[1] if own else "index"
    ending = suffix[1] if suffix else own[2] if own else suffix_of_entries or "html"
    return Numbering(pages, name, ending, 1, count if believable else None, size)


def _valued(given: list[str], script: str) -> list[str]:
    """The arguments, a name that stands for the number of pages or the current one (``createPage(countPage, …)``) as
    its value."""
    values = [
        scripts.number(script, re.escape(name)) if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else None
        for name in given[:2]
    ]
    return [*(name if value is None else str(value) for name, value in zip(given, values, strict=False)), *given[2:]]


def _of_page_context(script: str) -> Numbering | None:
    """WCM's own ``PageContext``: ``m_nRecordCount``, ``m_nPageSize``, ``m_sPageName``, ``m_sPageExt``."""
    count, size = scripts.number(script, "m_nRecordCount"), scripts.number(script, "m_nPageSize")
    if not count or not size:
        return None
    stem, suffix = scripts.string(script, "m_sPageName", "m_sName"), scripts.string(script, "m_sPageExt", "m_sExt")
    return Numbering(ceil(count / size), stem or "index", (suffix or "html").lstrip("."), 1, count, size)


def _of_object(script: str, page: int) -> Numbering | None:
    """``Pager({size: 3, current: 0, prefix: 'index', suffix: 'html'})``: ``size`` counts the pages."""
    named = stems.of_object(script)
    if named is None:
        return None
    if named.current == page == 1:
        return None  # it counts from 1; whether its files do only the answers tell (``stems.further``)
    first = 2 if named.current == page else 1
    return Numbering(named.pages, named.stem, named.suffix, first, joiner=named.joiner)


def in_container(given: list[str]) -> bool:
    """The call names the element the pager goes into first, as UCAP's does; it counts from 1."""
    return bool(given) and not given[0].isdecimal()


def numbering_of_call(given: list[str], page: int) -> Numbering | None:
    """The arguments differ by generation; the stem and the suffix are the two words in a row that look like one."""
    place = next(
        (
            index
            for index in range(1, len(given) - 1)
            if stems.STEM.match(given[index]) and not given[index].isdecimal() and stems.SUFFIX.match(given[index + 1])
        ),
        None,
    )
    if place is None:
        return None
    stem, suffix = given[place], given[place + 1].lstrip(".")
    if stems.ARTICLE_STEM.match(stem):
        return None  # an article whose body goes on
    numbers = [int(value) for value in given[:place] if value.isdecimal()]
    after = [int(value) for value in given[place + 2 :] if value.isdecimal()]
    if not numbers:
        return None
    pages, current, records_, size = numbers[0], numbers[1] if len(numbers) > 1 else 0, None, None
    if in_container(given):
        records_ = after[0] if after and after[0] >= pages else None
        return Numbering(pages, stem, suffix, 2 if current >= 1 or len(numbers) < 2 else 1, records_)
    if len(numbers) >= 3 and numbers[2] in (page - 1, page) and numbers[1] not in (page - 1, page):
        records_, size, current = numbers[0], numbers[1], numbers[2]
    elif len(numbers) == 2 and current not in (page - 1, page):
        records_, size, current = numbers[0], numbers[1], page - 1
    if size:
        pages = ceil((records_ or 0) / size)
    return Numbering(pages, stem, suffix, 2 if current == page else 1, records_, size)


def _search(text: str, base: str, fetch: Fetch) -> tuple[Fetch, ...]:
    """The search interface a page without a list of its own asks for one."""
    if fetch.state.get("interface"):
        return ()
    found = _SEARCH.search(text)
    url = resolve(base, found[1]) if found else None
    return (Fetch(url, page=1, state={"interface": "was5"}),) if url else ()
