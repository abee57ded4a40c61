"""A page of ordinary links and its printed pager, as every platform falls back to and ``plain`` is made of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from html import escape
from itertools import chain
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy.http import HtmlResponse, TextResponse
from scrapy.utils.response import get_base_url

from crawler.errors import PortalChanged
from crawler.items import Column, Declared, Entry, Fetch, Listing
from crawler.urls import identity
from spiders.platforms import asking, links, opened, pager, promises, questions, records, scripts, stems
from spiders.platforms.addresses import Shape, mould, resolve, same_site, shape
from spiders.platforms.names import DECOY, gathers, is_report, label, squeeze, year_in

LENGTH_OF_A_REPORT = 800
SENTENCES_OF_A_REPORT = 4  # outside links; a list has none
SUBJECTS = ("主动公开", "申请", "收费", "行政复议", "行政诉讼", "问题")
_FRAMED_BY_SCRIPT = re.compile(
    r"""\.src\s*=\s*(['"])([^'"\s]+\.(?:s?html?|jsp|aspx?|php|do)(?:\?[^'"\s]*)?)\1(?!\s*\+)"""
    r"""|\.attr\(\s*['"]src['"]\s*,\s*(['"])([^'"\s]+)\3(?!\s*\+)"""
)
_CALLS = re.compile(r"\s*(?:javascript:)?\s*([\w$]+)\s*\(", re.I)
_SHOWS = re.compile(r"\.(?:hide|show|toggle)\(|\.style\.display\s*=|\.hidden\s*=")
_END = re.compile(r"</(?:body|html)\s*>", re.I)
_DATA_FILE = re.compile(r"\.(?:js|json|xml)$", re.I)
_CALLED = re.compile(r"([\w$]+)\s*\(")
_SHOWS_ONLY = re.compile(  # what a function calls that only shows and hides
    r"if|for|while|switch|function|parseInt|Number|String|\$|jQuery|floor|ceil|min|max|hide|show|toggle|slice|each|forEach|eq|lt|gt|filter|not|css"
    r"|(?:add|remove|toggle)Class|children|find|siblings|parent|first|last|next|prev|attr|text|val|index|querySelector(?:All)?|getElements?By\w+"
)
_CUTS = re.compile(r"\.slice\(|\.length\s*/")
_CHROME_FRAME = re.compile(r"top|left|head|foot|banner|nav|menu|bottom", re.I)
_WRITTEN_ROW = re.compile(r"<(li|tr|dd)\b[^<>]*>(?:(?!<\1\b).)*?<a\b.{0,2000}?</\1\s*>", re.S | re.I)
_ISLAND = re.compile(
    r"<xml\b[^<>]*>(.{1,2000000}?)</xml\s*>", re.S | re.I
)  # data that Internet Explorer bound to a table
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|['\"]\s*\+|\+\s*['\"]|\[\[")
_REDIRECT = re.compile(r"""(?:location(?:\.href)?\s*=|location\.(?:replace|assign)\s*\()\s*(['"])([^'"]+)\1(?!\s*\+)""")


def listing(response: TextResponse, column: Column, fetch: Fetch, *, root: Any = None) -> Listing:
    """Entries, sub-columns and further pages of one page of ordinary HTML, or of a list in JSON."""
    if "completes" in fetch.state:
        return _completed(response, column, fetch)
    if (root is None or "asked" in fetch.state) and (records.is_json(response) or records.is_xml(response)):
        if not urlsplit(response.url).path.lower().endswith(".js"):
            return of_data(response, column, fetch)
        with suppress(PortalChanged):  # a script that holds no data may ask for some
            data = of_data(response, column, fetch)
            if data.entries or data.columns:
                return data
    root = links.html_of(_as_html(response)) if root is None else root
    base = str(fetch.state.get("base") or get_base_url(response))
    found = listed(root, response, column, base)
    promised, unread = False, None
    if fetch.page == 1 and (found.entries or found.columns):
        found = replace(found, entries=(*_the_page_itself(root, response.url, column, found), *found.entries))
    pages = pager.read(root, base, fetch, [entry.url for entry in found.entries])
    within = fetch.page == 1 and not pages.next and _turned_within(root)
    if within and pages.declared is not None:
        counted = Declared(pages.declared.records) if pages.declared.records is not None else None
        pages = replace(pages, declared=counted)
    if fetch.page > 1 and pages.declared is None:
        pages = replace(pages, declared=promises.by_fields(root))
    declared = pages.declared or _beside_the_records(root, found)
    whole = within or _cut_up_by_script(root, found) or bool(_ISLAND.search(response.text))
    if declared is None and found.entries and fetch.page == 1 and not whole:
        declared = promises.promised(_without(root, pages.of_others))
        promised = declared is not None
    more = pager.further(pages, fetch)
    if not more and found.entries:
        pages = replace(pages, declared=declared)
        more = (
            pager.by_plugin(pages, fetch)
            or pager.by_parameter(root, base, pages, fetch)
            or _by_state(root, found, pages, fetch)
        )
        if not more and (named := stems.further(root, base, fetch, len(found.entries))):
            more, promised = named[0], False
            declared = named[1] if pages.declared is None else pages.declared
    if not more and fetch.page == 1:
        more = asking.to_be_asked(root, base, fetch, found, promised=promised)
        unread = None if _whole(root, base, found, more) else "too_many_questions"
    if not more and promised and fetch.page == 1 and "completed" not in fetch.state:
        beside = asking.scripts_beside(root, base, fetch, _as_html(response))
        return with_choices(root, base, fetch, Listing(found.entries, found.columns, beside, declared, unread))
    if more and promised and declared is not None and declared.records is None:
        declared = None  # it promised no more than that there are further pages, and they are asked for
    if fetch.state.get("leads_on"):
        more = tuple(one for one in (asking.loaded_more(root, base, fetch),) if one)
    elif not more and found.entries and "asked" in fetch.state and "unpaged" not in fetch.state:
        more = records.further(fetch, len(found.entries), pages.declared, "page")
    if not (found.entries or found.columns or more):
        more = elsewhere(root, base, fetch)
        own = None if more or fetch.page != 1 else own_report(root, response.url, column) or _taken_for_a_list(column)
        if own is not None:
            return Listing((own,))
    return with_choices(root, base, fetch, Listing(found.entries, found.columns, more, declared, unread))


def _completed(response: TextResponse, column: Column, fetch: Fetch) -> Listing:
    """A page read once more, together with a script file beside it that works its pager."""
    url, text = fetch.state["completes"]
    script = re.sub(r"</(?=script)", r"<\\/", response.text, flags=re.I)
    whole = f"{_END.sub('', text)}<script>{script}</script>"
    page = HtmlResponse(url, body=whole.encode(), encoding="utf-8")
    return listing(page, column, Fetch(url, state={"completed": True}))


def with_choices(root: Any, base: str, fetch: Fetch, listing: Listing) -> Listing:
    """What a page lists, with a list for each year or agency of a menu that leads nowhere by an address. A menu of years of
    which only one is shown, and that nothing here can ask for, keeps the list from passing for the whole."""
    if fetch.page != 1 or "asked" in fetch.state:
        return listing
    choices = asking.chosen(root, base, fetch, listing)
    short = listing.entries and not choices and asking.unasked(root, listing)
    return replace(
        listing,
        more=(*listing.more, *choices),
        unread="choices_unasked" if short and listing.unread is None else listing.unread,
    )


def _whole(root: Any, base: str, found: links.Found, more: tuple[Fetch, ...]) -> bool:
    """Whether all that the page's scripts ask for was read, where the list is looked for there."""
    there = any("asked" in one.state and "file" not in one.state for one in more)
    return (not there and bool(found.entries or found.columns)) or questions.asked(root, base).whole


def _without(root: Any, elements: Iterable[Any]) -> Any:
    """The page as it is without some of its elements."""
    places = [root.getroottree().getpath(element) for element in elements]
    if not places:
        return root
    rest = deepcopy(root)
    for found in [found for place in places for found in rest.getroottree().xpath(place)]:
        found.getparent().remove(found)
    return rest


def _data_of(root: Any, found: links.Found) -> Any:
    """The data in the page's scripts that its entries were read from: ``__INITIAL_STATE__ = {…}``."""
    if not found.entries or next(root.iter("li", "tr"), None) is not None:
        return None
    script = scripts.of(root)
    assigned = re.finditer(r"=\s*(?=\{)|^[ \t]*(?=\{)", script, re.M)
    for tree in scripts.literals(script, (found.end() for found in assigned)):
        if tree is not None and len(records.rows(tree)) == len(found.entries):
            return tree
    return None


def _beside_the_records(root: Any, found: links.Found) -> Declared | None:
    tree = _data_of(root, found)
    return None if tree is None else records.declared(tree)


def _by_state(root: Any, found: links.Found, pages: pager.Pages, fetch: Fetch) -> tuple[Fetch, ...]:
    """The further pages of a list whose data says which page it is and how many there are: the page's own address is
    asked with the name the data has for it. Where that is not how it is asked, the list stays shorter than declared."""
    total = pager.total_pages(pages.declared)
    if fetch.page != 1 or fetch.body or total is None or not 1 < total <= pager.MOST:
        return ()
    said = promises.state(scripts.of(root))
    name = records.page_named(_data_of(root, found)) or (said[1] if said else None)
    if name is None:
        return ()
    asked = (records.at_page(fetch.url, page, default=name) for page in range(2, total + 1))
    return tuple(Fetch(url, page=page) for page, url in enumerate(asked, 2))


def _cut_up_by_script(root: Any, found: links.Found) -> bool:
    """Whether the page's scripts hold the list whole and show it piece by piece: its pager leads nowhere else."""
    script = scripts.of(root)
    return bool(_CUTS.search(script)) and all(entry.url.rsplit("/", 1)[-1] in script for entry in found.entries)


def _turned_within(root: Any) -> bool:
    """Whether the numbers of the pager only show and hide what the page holds whole: ``$('#l li').hide().slice(…).show()``."""
    script = scripts.of(root)
    for element in root.iter("a", "button", "span", "li"):
        call = _CALLS.match(element.get("onclick") or element.get("href") or "")
        body = (
            scripts.body_of(script, call[1]) if call and pager.number_on(squeeze("".join(element.itertext()))) else None
        )
        if body and _SHOWS.search(body) and all(map(_SHOWS_ONLY.fullmatch, _CALLED.findall(body))):
            return True
    return False


def _as_html(response: TextResponse) -> str:
    """The page; a script file as a page that holds nothing but the script."""
    path = urlsplit(response.url).path.lower()
    text = response.text
    return (
        f"<html><script>{text}</script></html>" if path.endswith(".js") and not text.lstrip().startswith("<") else text
    )


def of_data(response: TextResponse, column: Column, fetch: Fetch, page_parameter: str = "page") -> Listing:
    """A list that came as data, or as HTML inside it."""
    found = records.listing(response, column, fetch, page_parameter=page_parameter)
    if found.entries or records.is_xml(response):
        return _as_a_tree(found, column)
    inner = max(_texts(records.value(response)), key=len, default="")
    if not re.search(r"<a\b", inner, re.I):
        return found
    within = links.scan(response, column, root=links.html_of(inner), base=fetch.state.get("base"))
    totals = found.declared
    return Listing(
        within.entries, within.columns, records.further(fetch, len(within.entries), totals, page_parameter), totals
    )


def _as_a_tree(found: Listing, column: Column) -> Listing:
    """Records that are named after agencies or years and nothing more, at addresses of one mould, or that lead to further
    data: columns, no entries."""
    named = [(entry, label(entry.title)) for entry in found.entries]
    data = [(entry, name) for entry, name in named if _DATA_FILE.search(urlsplit(entry.url).path)]
    bare = [(entry, name) for entry, name in named if name.bare and (name.year or name.agency) and not entry.listed_on]
    menus = {mould(entry.url) for entry, _ in bare if shape(entry.url) in (Shape.LISTING, Shape.UNKNOWN)}
    if len(data) == len(named):  # a menu of lists, each in a file of its own: that of the annual reports
        bare = [(entry, name) for entry, name in data if name.bare and (name.report or name.year or name.agency)]
    elif len(bare) < 2 or len(menus) != 1 or any(is_report(entry.title) for entry in found.entries):
        return found
    columns = (
        Column(
            entry.url,
            name.text,
            column.url,
            name.year or column.report_year,
            name.agency or column.agency,
        )
        for entry, name in bare
    )
    return Listing((), tuple(columns), found.more)


def _texts(tree: Any) -> Iterator[str]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, Mapping):
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def listed(root: Any, response: TextResponse, column: Column, base: str | None = None) -> links.Found:
    """What a page lists: in its HTML, else what its scripts write on it, else the tree they plant. ``base`` is what its
    addresses are relative to where that is another page: the one that shows what was asked for."""
    found = links.scan(response, column, root=root, base=base)
    if not found.entries and (rows := tuple(written(root, response, column, base))):
        taken = {identity(entry.url) for entry in rows}
        return links.Found(rows, tuple(column for column in found.columns if identity(column.url) not in taken))
    return found if found.entries or found.columns else planted(root, response, column, base)


def written(root: Any, response: TextResponse, column: Column, base: str | None = None) -> Iterator[Entry]:
    """A list only a script puts on the page: rows it writes as HTML, records it holds as an array, a hidden text."""
    script = scripts.of(root)
    hidden = "".join("".join(element.itertext()) for element in root.iter("textarea", "template"))
    if island := _ISLAND.search(response.text):
        records_in = records.rows(records.xml_tree(f"<xml>{island[1]}</xml>", response.url))
        yield from (
            one for record in records_in if (one := records.entry(record, base or get_base_url(response), column))
        )
        return
    text = hidden + script.replace('\\"', '"').replace("\\'", "'").replace("\\/", "/")
    rows = [found[0] for found in _WRITTEN_ROW.finditer(text) if not _TEMPLATE.search(found[0])]
    if rows:
        within = links.html_of(f"<ul>{''.join(rows)}</ul>")
        yield from links.scan(response, column, root=within, base=base).entries
        return
    base, data = base or get_base_url(response), f"{script}\n{hidden}"
    arrays = [
        [record for record in records.rows(array) if _titled(record)]
        for array in scripts.literals(data, (found.start() for found in re.finditer(r"\[\s*(?=\{)", data)))
    ]
    told = [array for array in arrays if any(is_report(records.pick(one, records.TITLES) or "") for one in array)]
    seen: set[str] = set()
    for record in chain.from_iterable(told or [array for array in arrays if array][:1]):  # one a year
        entry = records.entry(record, base, column)
        if entry is not None and entry.url not in seen:
            seen.add(entry.url)
            yield entry


def planted(root: Any, response: TextResponse, column: Column, base: str | None = None) -> links.Found:
    """A tree only a script puts on the page, node by node: ``d.add(4, 0, '某局', '/nb/4/')``, ``{name: …, url: …}``."""
    nodes = dict.fromkeys((address, squeeze(text)) for text, address in scripts.named_addresses(scripts.of(root)))
    nodes = nodes or dict.fromkeys(_numbered_nodes(root))
    if not nodes:
        return links.Found()
    items = "".join(f'<li><a href="{escape(address)}">{escape(text)}</a></li>' for address, text in nodes)
    base = base or get_base_url(response)
    found = links.scan(response, column, root=links.html_of(f"<ul>{items}</ul>"), base=base)
    return found if found.entries or found.columns else links.Found(columns=tuple(_units(nodes, base, column)))


def _numbered_nodes(root: Any) -> Iterator[tuple[str, str]]:
    """The nodes of a tree that a function of the page opens by their numbers: ``{id: 12, pId: 1, name: '某局'}`` and
    ``frame.src = '/list.jsp?node=' + node.id``."""
    made = next(opened.links_of(root), None)
    script = scripts.of(root)
    if made is None or not made[1]:
        return
    for tree in scripts.literals(script, (found.start() for found in re.finditer(r"\[\s*(?=\{)", script))):
        for record in records.rows(tree, made) if isinstance(tree, list) else ():
            yield records.pick(record, records.URLS) or "", squeeze(records.pick(record, records.TITLES) or "")


def _units(nodes: Iterable[tuple[str, str]], base: str, column: Column) -> Iterator[Column]:
    """Agencies or years of a tree whose addresses lie elsewhere on the site, all of one mould: the tree is the column's
    whole content, so each of them is a column below it."""
    moulds = defaultdict(list)
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


def _taken_for_a_list(column: Column) -> Entry | None:
    """A page that was named as one that gathers reports and holds no list: whatever it is, it was listed."""
    title = column.title or ""
    return Entry(column.url, title, column) if column.parent is not None and gathers(title) else None


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


def _sentences(body: Any) -> int:
    """Full stops in the body's own text, that of links and scripts left out."""
    return sum(piece.count("。") for piece in _own_text(body))


def _own_text(body: Any) -> list[str]:
    pieces = body.xpath(".//text()[not(ancestor::a or ancestor::script or ancestor::style or ancestor::textarea)]")
    return [str(piece) for piece in pieces]


def lists_reports(response: TextResponse, entry: Entry) -> bool:
    """Whether the page of an entry is a list of reports and none itself: 2021年年报 that leads to those of the year's agencies."""
    named, year = label(entry.title), year_in(entry.title)
    if named.agency and year:
        return False
    root = links.html_of(response.text)
    body = root.find(".//body")
    if body is None or tells_like_a_report(body):
        return False
    column = replace(entry.column, url=response.url)
    listed = [one for one in links.scan(response, column, root=root).entries if is_report(one.title)]
    if named.bare or year is None:
        return len({identity(one.url) for one in listed}) >= 2
    # A page that says the year beside a place may be that government's report, and lead to the ones before and after it.
    return len({identity(one.url) for one in listed if year_in(one.title) == year}) >= 3


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
    if next(root.iter("iframe"), None) is not None and not any(targets):
        targets += [found[2] or found[4] for found in _FRAMED_BY_SCRIPT.finditer(scripts.of(root))]
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
