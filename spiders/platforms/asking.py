"""What a page of a list is asked for that it does not hold itself: what its scripts ask, what its controls and attributes
say, files beside it, the choices of its menus."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawler.items import Fetch, Listing
from crawler.urls import identity
from spiders.platforms import forms, links, opened, questions, records, scripts, sending, surroundings
from spiders.platforms.addresses import one_number_apart, resolve, same_site
from spiders.platforms.names import label, squeeze, year_in

_LOADS_MORE = re.compile(r"(?:加载|查看|点击|显示)更多|点击加载|(?:滚动|下拉|上拉|下滑|上滑)加载|load\s*more", re.I)
_SCROLLS = re.compile(
    r"""\.scroll\s*\(|(?:addEventListener|\.on)\s*\(\s*['"]scroll['"]\s*,|new\s+IntersectionObserver\s*\(|\.dropload\s*\("""
)
_TURNS = re.compile(r"\+\+|\+=\s*1\b|load_?(?:more|data|list|next|page)|next_?page", re.I)
MOST_QUESTIONS = 12  # interfaces of one page that do not name a page: one may be the list
LARGEST_PAGE = 500_000  # characters; of one that is read once more with its scripts
MOST_SCRIPTS = 4
LARGEST_SCRIPT = 200_000  # characters; what is larger is the software a page is made with, many times over
MOST_FILES = 60  # one a year or a unit
_FEED = re.compile(r"application/(?:rss|atom)\+xml", re.I)
_LIBRARY = re.compile(
    r"jquery|layui|vue|vendor|runtime|manifest|axios|bootstrap|swiper|echarts|\.min\.|polyfill|share|stat|analytics|search|login|slide|wza|date|cookie|font|template"
)
_DATA_NAME = re.compile(r"data|list|json|nianbao|nb|ndbg|report|news|article|info|tree|menu")
_CALLED_BACK = re.compile(r"[?&](?:json_?p?|json_?p?_?)?(?:callback|jsonp|cb)=[\w$.]+", re.I)
_THE_PAGE = re.compile(
    r"\{\{?\s*(?:page\w*|p|n|num|no|index)\s*\}?\}|%7Bpage\w*%7D|\[page\]|__page__|%page%|:page\b", re.I
)
_FOLLOWING = ("next", "nexturl", "nexthref", "nextpage", "nextpageurl", "more", "moreurl")
_ADDRESSES = ("url", "href", "api", "src", "link", "action", "ajax", "loadurl")
_IS_ADDRESS = re.compile(r"[/?.]")
_SAYS_ALL = re.compile(
    r"url|href|api|src|link|action|ajax|(?:page|next|current|cur|now).*|.*(?:pages?|total|count|size|text|target|toggle|param)|id"
)
_REVEALED = re.compile(r"revealed|intersect")
_NOTHING = re.compile(r"(?:暂无|没有)(?:任何|相关|符合条件的)?(?:信息|数据|内容|记录|文章)")


def to_be_asked(root: Any, base: str, fetch: Fetch, found: links.Found, *, promised: bool) -> tuple[Fetch, ...]:
    """What the page's own scripts and controls ask the server for, where it does not hold its whole list itself."""
    if "asked" in fetch.state:
        own_script = "file" in fetch.state and not found.entries and not found.columns
        small = own_script and len(scripts.of(root)) <= LARGEST_SCRIPT
        return questions_of(root, base, fetch)[:MOST_QUESTIONS] if small else ()
    said = squeeze(" ".join(piece for piece in root.itertext()))
    idle = {"idle": True} if not found.entries and _NOTHING.search(said) else {}
    return tuple(replace(one, state={**one.state, **idle}) for one in _asked_by(root, base, fetch, found, promised))


def _asked_by(root: Any, base: str, fetch: Fetch, found: links.Found, promised: bool) -> tuple[Fetch, ...]:
    loads = bool(_LOADS_MORE.search(said_by(root))) or _loads_on_scrolling(scripts.of(root)) or _loads_by_markup(root)
    if (loads or promised) and (loader := loaded_more(root, base, fetch)):
        return (loader,)
    if found.entries and not (loads or promised):
        return ()
    if found.columns and not found.entries and not loads:
        return ()
    tables = tables_of(root, base, fetch)
    scripted = (*called_back(root, base, fetch), *questions_of(root, base, fetch))
    if found.entries:
        return tuple(one for one in (*tables, *scripted) if "unpaged" not in one.state)[:1]
    return (*tables, *(scripted or files_of(root, base, fetch)))


def _loads_on_scrolling(script: str) -> bool:
    """Whether what happens on scrolling turns a page; a button back to the top does not."""
    place = 0
    while site := _SCROLLS.search(script, place):
        call = scripts.call_from(script, site.end())
        if _TURNS.search(call):
            return True
        place = site.end() + len(call)  # what stands within it was looked at with it
    return False


def _loads_by_markup(root: Any) -> bool:
    """Whether an element says of itself that it fetches the rest: ``<li hx-get="/rows?offset=8" hx-trigger="revealed">``."""
    said = root.xpath("//*[@hx-get or @data-hx-get]")
    return any(_REVEALED.search(one.get("hx-trigger") or one.get("data-hx-trigger") or "") for one in said)


def said_by(root: Any) -> str:
    """What stands on the controls of a page that are no links."""
    spoken = root.xpath(
        "//a[not(@href) or starts-with(@href,'javascript') or starts-with(@href,'#')] | //button | //div | //span"
    )
    return " ".join(text for element in spoken if 0 < len(text := squeeze(element.text or "")) <= 12)


def questions_of(root: Any, base: str, fetch: Fetch) -> tuple[Fetch, ...]:
    """The interfaces the page's scripts ask. What does not say that it is a list may be none: it is supposed."""
    found = questions.asked(root, base, fetch.state.get("held")).questions
    paged = [question for question in found if question.paged]
    address = next(opened.links_of(root), None)
    made = {"address": address} if address else {}
    asked = (
        _put(question, base, fetch, {**made, **({} if question.paged and len(paged) == 1 else {"supposed": True})})
        for question in paged or _of_few_addresses(found)
    )
    return tuple(one for one in asked if one is not None)


def _of_few_addresses(found: Sequence[questions.Question]) -> Iterator[questions.Question]:
    """The questions of the first dozen addresses; one that is asked for each year or agency counts once."""
    asked: set[str] = set()
    for question in found:
        address = question.address.partition("?")[0]
        if address in asked or len(asked) < MOST_QUESTIONS:
            asked.add(address)
            yield question


def _put(question: questions.Question, base: str, fetch: Fetch, said: Mapping[str, Any]) -> Fetch | None:
    """A question of the page's scripts as a request; ``None`` where it goes to another site, or is for the page itself."""
    url = resolve(base, question.address)
    if url is None or not same_site(url, fetch.url) or (identity(url) == identity(fetch.url) and not question.form):
        return None
    state: dict[str, Any] = {"asked": True, "base": base, **said, **({} if question.paged else {"unpaged": True})}
    if question.numbered:
        low, after = question.numbered
        state |= {"numbered": (url.removesuffix(f"{low}{after}"), low, after)}
    if question.method == "GET":
        query = {**dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)), **question.form}
        return Fetch(records.with_parameters(url, query) if question.form else url, state=state)
    headers = {"Content-Type": "application/json"} if question.as_json else sending.FORM
    body = records.encoded(question.form, question.as_json)
    state |= {"form": dict(question.form), "json": question.as_json}
    return Fetch(url, "POST", body, headers, state=state)


def _chosen_by_click(root: Any, base: str, fetch: Fetch) -> tuple[Fetch, ...]:
    """A list for each year or agency whose element carries what is asked for when it is clicked."""
    asked = (_put(question, base, fetch, {}) for question in questions.by_choice(root))
    return tuple(one for one in asked if one is not None)[:MOST_FILES]


def _chosen_by_post(root: Any, base: str, fetch: Fetch) -> tuple[Fetch, ...]:
    """A list for each year or agency of a menu that only a POST form sends."""

    def says(text: str) -> bool:
        named = label(text)
        return named.bare and bool(named.year or named.agency)

    found = ((resolve(base, action or base), fields) for action, fields in forms.posted(root, says))
    asked = (Fetch(url, "POST", urlencode(fields).encode(), sending.FORM) for url, fields in found if url)
    own = (one for one in asked if same_site(one.url, fetch.url))
    return tuple(replace(one, state={"asked": True, "unpaged": True, "base": base}) for one in own)[:MOST_FILES]


def tables_of(root: Any, base: str, fetch: Fetch) -> tuple[Fetch, ...]:
    """The interface a table fills itself from: ``<table data-url="/api/nb" data-page-size="10">``."""
    address = next(opened.links_of(root), None)
    found: list[Fetch] = []
    for element in root.iter("table", "div", "ul"):
        if request := _of_a_grid(element, base, fetch, address):
            found.append(request)
            continue
        url = resolve(base, element.get("data-url") or element.get("data-api"))
        if url is None or not same_site(url, fetch.url):
            continue
        size = element.get("data-page-size") or "10"
        query = {**dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)), "offset": "0", "limit": size}
        state = {"asked": True, "base": base, "supposed": True, **({"address": address} if address else {})}
        found.append(Fetch(records.with_parameters(url, query), state=state))
    return tuple(found)


def _of_a_grid(element: Any, base: str, fetch: Fetch, address: records.Address | None) -> Fetch | None:
    """What EasyUI's table asks for that is told by its attributes: ``<table class="easyui-datagrid" url="/nb.do">``."""
    if not re.search(r"easyui-(?:data|tree)grid|easyui-datalist", element.get("class") or ""):
        return None
    options = questions.pairs(f"{{{element.get('data-options') or ''}}}")
    said = {name: value.strip("'\"") for name, value in options.items()}
    url = resolve(base, element.get("url") or said.get("url"))
    if url is None or not same_site(url, fetch.url):
        return None
    size = said.get("pageSize") or element.get("pagesize") or "10"
    form = {"page": "1", "rows": size}
    state = {"asked": True, "base": base, "supposed": True, **({"address": address} if address else {})}
    if (said.get("method") or element.get("method") or "post").lower() == "get":
        asked = {**dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)), **form}
        return Fetch(records.with_parameters(url, asked), state=state)
    return Fetch(url, "POST", urlencode(form).encode(), sending.FORM, state={**state, "form": form})


def called_back(root: Any, base: str, fetch: Fetch) -> tuple[Fetch, ...]:
    """Data that comes as a script: ``<script src="/api/nb?callback=show&page=1">``."""
    sources = (element.get("src") or "" for element in root.iter("script"))
    urls = [url for source in sources if _CALLED_BACK.search(source) and (url := resolve(base, source))]
    state = {"asked": True, "base": base, "supposed": True}
    own = (url for url in dict.fromkeys(urls) if same_site(url, fetch.url))
    return tuple(Fetch(url, state=state if _paged(url) else {**state, "unpaged": True}) for url in own)


def _paged(url: str) -> bool:
    return records.page_in(url) is not None or records.offset_of(url) is not None


def files_of(root: Any, base: str, fetch: Fetch) -> tuple[Fetch, ...]:
    """Files beside the page that may hold its list, or ask for it: a script of its own folder, a feed; where the page
    leaves room for a list, any script of its own."""
    found = [element.get("href") for element in root.iter("link") if _FEED.search(element.get("type") or "")]
    sources = [element.get("src") or "" for element in root.iter("script")]
    named = [source for source in sources if _is_data_file(source)]
    found += named or ([source for source in sources if _is_own_script(source)] if _leaves_room(root) else [])
    carried = root.xpath("//@*[starts-with(name(), 'data-')]")
    found += [said for said in carried if re.search(r"^[^\s?]+\.(?:json|xml)(?:\?|$)", said)]
    urls = [url for target in found if target and (url := resolve(base, target)) and same_site(url, fetch.url)]
    held = surroundings.values(root)
    state = {
        "asked": True,
        "file": True,
        "base": base,
        "supposed": True,
        "unpaged": True,
        **({"held": held} if held else {}),
    }
    return tuple(Fetch(url, state=state) for url in dict.fromkeys(urls))[:MOST_FILES]


def scripts_beside(root: Any, base: str, fetch: Fetch, text: str) -> tuple[Fetch, ...]:
    """The script files of the page's own that may work the pager nothing on the page itself works, each to be read together
    with the page."""
    sources = (element.get("src") or "" for element in root.iter("script"))
    urls = (resolve(base, source) for source in sources if source and _is_own_script(source))
    own = [url for url in dict.fromkeys(urls) if url and same_site(url, fetch.url)][:MOST_SCRIPTS]
    state = {"completes": (fetch.url, text), "supposed": True}
    return tuple(Fetch(url, state=state) for url in own if len(text) <= LARGEST_PAGE)


def _leaves_room(root: Any) -> bool:
    """Whether the page has an empty place that a script fills: ``<ul id="list"></ul>``, ``<div id="app"></div>``."""
    return any(
        not squeeze("".join(element.itertext()))
        for element in root.xpath(
            "//ul[@id] | //ol[@id] | //tbody[@id] | //table[@id] | //div[@id='app' or @id='root']"
        )
    ) or any("-" in element.tag for element in root.iter() if isinstance(element.tag, str))


def _is_own_script(source: str) -> bool:
    name = source.partition("?")[0].rsplit("/", 1)[-1].lower()
    return name.endswith(".js") and not _LIBRARY.search(name)


def _is_data_file(source: str) -> bool:
    path = source.partition("?")[0]
    name = path.rsplit("/", 1)[-1].lower()
    return (
        name.endswith((".js", ".json"))
        and not _LIBRARY.search(name)
        and (bool(_DATA_NAME.search(name)) or not path.startswith(("/", "http", "../")))
    )


def loaded_more(root: Any, base: str, fetch: Fetch) -> Fetch | None:
    """What a control that loads more asks for, where its attributes say it: ``data-url``, ``data-page``; the next
    address itself (``data-next="/more?offset=10"``), or how it is made (``data-url="/part?p={page}"``)."""
    page, state = fetch.page + 1, {"asked": True, "base": base, "promised": True}
    for element in root.iter("a", "button", "div", "span", "p", "ul", "ol", "li", "section", "table", "tbody", "tr"):
        given = {
            name.removeprefix("data-").replace("-", "").lower(): said
            for name, said in element.attrib.items()
            if name.startswith("data-")
        }
        following = next((given[name] for name in _FOLLOWING if _IS_ADDRESS.search(given.get(name, ""))), None)
        following = following or element.get("hx-get") or element.get("data-hx-get")
        address = following or next((given[name] for name in _ADDRESSES if given.get(name)), None)
        if address is not None and _THE_PAGE.search(address):
            made = [resolve(base, _THE_PAGE.sub(str(number), address)) for number in (1, 2)]
            pieces = one_number_apart(made[0], made[1]) if made[0] and made[1] else None
            if pieces is None or not same_site(str(made[1]), fetch.url):
                continue
            before, low, _, after = pieces
            return Fetch(
                f"{before}{low + page - 1}{after}", page=page, state={**state, "numbered": (before, low, after)}
            )
        url = resolve(base, address) if address else None
        if url is None or not same_site(url, fetch.url):
            continue
        if following:
            return Fetch(url, page=page, state={**state, "leads_on": True})
        number = next(
            (
                int(given[name])
                for name in ("page", "pageno", "nextpage", "pagenum", "pageindex", "next", "current")
                if given.get(name, "").isdecimal()
            ),
            2,
        )
        parameter = next((name for name in ("pageno", "pagenum", "pageindex") if name in given), "page")
        counted = records.offset_of(url) is not None  # ?offset=10 says itself where the rest begins
        beside = {name: said for name, said in given.items() if said and not _SAYS_ALL.fullmatch(name)}
        asked = {**beside, **dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))}
        url = records.with_parameters(url, asked) if beside and not counted else url
        address = url if counted else records.at_page(url, max(number, 2), default=given.get("param") or parameter)
        return Fetch(address, page=page, state=state)
    return None


def unasked(root: Any, found: Listing) -> bool:
    """Whether the page has a menu of years that lead nowhere, and shows the reports of one of them at most."""
    years = {year_in(entry.title) or entry.column.report_year for entry in found.entries}
    years |= {column.report_year for column in found.columns}
    menus: dict[Any, set[int]] = defaultdict(set)
    for element in root.iter("a", "li", "span", "button", "dd", "td", "div", "option", "p"):
        text = squeeze("".join(element.itertext())) if len(element) < 3 and not _leads(element) else ""
        if 4 <= len(text) <= 8 and (named := label(text)).bare and named.year and element.getparent() is not None:
            menus[element.getparent(), element.tag].add(named.year)
    return any(len(menu) > 1 and len(menu & years) < 2 and not menu <= years for menu in menus.values())


def _leads(element: Any) -> bool:
    """Whether an element is a link that leads somewhere by itself, or holds one."""
    links_in = (element, *element.iter("a"))
    return any(not re.match(r"\s*(?:#|javascript:|$)", one.get("href") or "") for one in links_in)


def chosen(root: Any, base: str, fetch: Fetch, listing: Listing) -> tuple[Fetch, ...]:
    """A list for each year or agency of a menu that leads nowhere by an address."""
    found = (*_chosen_by_post(root, base, fetch), *_chosen_by_click(root, base, fetch))
    if not found and listing.entries and unasked(root, listing):
        found = _chosen_by_call(root, base, fetch)
    return tuple(replace(one, state={**one.state, "chosen": True}) for one in found)


def _chosen_by_call(root: Any, base: str, fetch: Fetch) -> tuple[Fetch, ...]:
    """What a function of the page asks for that each choice calls with a value of its own: ``onclick="load('2021')"``."""
    alike: dict[tuple[str, str], list[questions.Question]] = defaultdict(list)
    for question in questions.asked(root, base).questions:
        alike[question.method, question.address.partition("?")[0]].append(question)
    menu = max(alike.values(), key=len, default=[])
    asked = (_put(question, base, fetch, {}) for question in menu) if len(menu) > 1 else ()
    return tuple(one for one in asked if one is not None)[:MOST_FILES]
