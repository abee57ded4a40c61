"""What a page promises beyond itself and nothing here can fetch: a pager only scripts of elsewhere work, 加载更多.

Such a list was read in part. What it promises is a declaration like any other: it keeps the part from passing for the
whole.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from crawler.items import Declared
from spiders.platforms import scripts
from spiders.platforms.names import NEXT, squeeze
from spiders.platforms.turning import PLUGIN

Element = Any  # an lxml element

MOST = 500  # pages that a pager prints one by one
_LOADS = re.compile(r"加载更多|点击加载|load\s*more", re.I)  # 查看更多 leads to other columns too
_PAGER = re.compile(r"pag(?:e|er|es|ing|ination|inator)|fenye|turn|laypage", re.I)
_CAROUSEL = re.compile(r"focus|slid|banner|swiper|carousel|tab", re.I)
_RECORDS = frozenset(
    {"count", "total", "totalcount", "totalcounts", "totalrecord", "totalrecords", "totaldata", "recordcount"}
)
_PAGES = frozenset({"totalpage", "totalpages", "pagecount", "pages", "numpages"})
_FLAT = re.compile(r"=\s*(\{[^{}]{1,400}\})")
_HERE = re.compile(r"(?:cur(?:rent|r)?_?)?page(?:_?(?:no|num|index|number))?|current|curr|pn", re.I)
_SIZE = frozenset({"size", "limit", "pagesize", "perpage", "itemsperpage", "showdata", "rows"})
_ALONE = re.compile(r"\W*(?:共计?|总共|合计)有?\s*(\d+)\s*(?:条|篇|项)(?:记录|信息|数据|结果|文件)?\W*")
_PAGES_ALONE = re.compile(r"共\s*(\d+)\s*页")
_TURNS_TO = re.compile(r"\(\s*['\"]?(\d{1,4})['\"]?\s*[,)]")
_CALLED = re.compile(
    r"(?<![\w$.])(?<!function )((?:show|create|draw|make|write|print|init|build|render)_?pages?\w*|page_?(?:bar|list|nav|html|s)\w*)"
    r"\(\s*['\"]?(\d{1,4})['\"]?\s*,\s*['\"]?(\d{1,4})['\"]?\s*[,)]",
    re.I,
)
_FOLLOWING = re.compile(r"^\W*(?:下一?页|下一頁|后一?页|next(?:\s*page)?)\W*$", re.I)
_CALLS = re.compile(r"\s*(?:javascript:)?\s*(?!void\b|return\s+false)[A-Za-z_$][\w$.]*\s*\(", re.I)
_DEAD = re.compile(r"disabled|unable|(?<![a-z])(?:off|no)(?![a-z])|gray|grey", re.I)
_ENDS_HERE = re.compile(r"共\s*[01]\s*页|(?<!\d)1\s*/\s*1(?!\d)")
_BLOCKS = ("div", "ul", "ol", "p", "td", "nav", "form", "body")


def promised(root: Element) -> Declared | None:
    """The first promise of more that stands on the page."""
    return (
        _to_be_loaded(root)
        or _by_a_plugin(scripts.of(root))
        or _by_a_call(scripts.of(root))
        or _by_variables(scripts.of(root))
        or _by_a_state(scripts.of(root))
        or _by_an_element(root)
        or _by_numbers(root)
        or by_fields(root)
        or _printed_alone(root)
    )


def _to_be_loaded(root: Element) -> Declared | None:
    for element in root.iter("a", "button", "div", "span", "p"):
        text = squeeze("".join(element.itertext())) if len(element) < 4 else ""
        if 0 < len(text) <= 12 and _LOADS.search(text) and not _unseen(element):
            return _declared(_named(element.attrib)) or Declared(pages=2)
    return None


def _by_a_plugin(script: str) -> Declared | None:
    """``laypage.render({count: 56, limit: 10})``, ``$('#p').pagination(56, {items_per_page: 10})``."""
    for found in PLUGIN.finditer(script):
        given = script[found.end() : found.end() + 600]
        first = re.match(r"(\d+)\s*,\s*", given)
        literal = re.match(r"[^{}]*\{[^{}]*", given)
        named = {_plain(name): value for name, value in scripts.mapping(literal[0], script).items()} if literal else {}
        if "total" in named and named.keys() & {"pno", *_RECORDS - {"total"}}:
            named["pages"] = named.pop("total")  # kkpager: total counts the pages, totalRecords the records
        declared = _declared({**named, "total": first[1]} if first else named)
        if declared is not None:
            return declared
    return None


def _by_a_call(script: str) -> Declared | None:
    """``showPages(4, 1, 36)`` of a script of elsewhere: the pages and the one that is shown, in either order."""
    for name, *given in _CALLED.findall(script):
        here, most = sorted(map(int, given))
        if here <= 1 < most <= MOST and not re.search(rf"function\s+{re.escape(name)}\s*\(", script):
            return Declared(pages=most)
    return None


def _by_variables(script: str) -> Declared | None:
    """``var totalPage = 4, curPage = 1;`` for a script of elsewhere."""
    here = scripts.number(script, r"cur(?:rent|r)?_?page(?:_?no)?", "page(?:_?index|_?no|_?num)", "nowpage")
    most = scripts.number(script, "total_?pages?", "page_?counts?", "count_?pages?", "pages?_?total")
    return Declared(pages=most) if most is not None and here in (0, 1) and here < most <= MOST and most > 1 else None


def _by_a_state(script: str) -> Declared | None:
    found = state(script)
    return found[0] if found else None


def state(script: str) -> tuple[Declared, str] | None:
    """What a page's data says of the list and nothing else: ``__STATE__ = {"page": 1, "size": 10, "total": 35}``; how many
    there are, and the name it has for the page."""
    for literal in _FLAT.finditer(script):
        given = scripts.mapping(literal[1])
        here = next((name for name, value in given.items() if value in ("0", "1") and _HERE.fullmatch(name)), None)
        declared = _declared((_plain(name), value) for name, value in given.items())
        if here and declared and declared.records and declared.page_size and declared.records > declared.page_size:
            return declared, here
    return None


def _by_an_element(root: Element) -> Declared | None:
    """``<el-pagination :total="56">``, ``<div class="pager" data-total="56">``."""
    for element in root.iter():
        if isinstance(element.tag, str) and (
            _PAGER.search(f"{element.tag} {element.get('class') or ''} {element.get('id') or ''}")
            or any(name.startswith("data-") and _plain(name.removeprefix("data-")) in _PAGES for name in element.attrib)
        ):
            declared = None if _unseen(element) else _declared(_named(element.attrib))
            if declared is not None:
                return declared
    return None


def _by_numbers(root: Element) -> Declared | None:
    """Controls that say 1, 2, 3 and lead nowhere that can be told."""
    blocks: dict[Element, set[int]] = defaultdict(set)
    following = False
    for element in root.iter("a", "button", "span", "li", "em", "b", "strong", "div", "td", "i"):
        text = squeeze(element.text or "") if not len(element) else ""
        following = following or (bool(_FOLLOWING.match(text)) and _calls(element) and not _unseen(element))
        turns = _TURNS_TO.search(f"{element.get('onclick') or ''} {element.get('href') or ''}")
        to = turns[1] if turns else element.get("data-page") or ""
        number = (
            int(text) if re.fullmatch(r"\d{1,3}", text) else int(to) if to.isdecimal() and NEXT.match(text) else None
        )
        block = next(element.iterancestors(*_BLOCKS), None)
        if number is None or block is None or _unseen(element):
            continue
        classes = " ".join(f"{one.get('class') or ''} {one.get('id') or ''}" for one in (element, block))
        worked = element.tag in ("a", "button") or element.get("onclick") is not None
        if _PAGER.search(classes) or (worked and not _CAROUSEL.search(classes)):
            blocks[block].add(number)
            if to.isdecimal() and NEXT.match(text):
                blocks[block].add(1)
    most = max((max(numbers) for numbers in blocks.values() if {1, 2} <= numbers), default=1)
    most = 2 if most == 1 and following and not _ENDS_HERE.search("".join(root.itertext())) else most
    return Declared(pages=most) if 1 < most <= MOST else None


def _calls(element: Element) -> bool:
    """Whether a control calls a function, and is not shown as one that does nothing."""
    said = element.get("onclick") or element.get("@click") or element.get("href") or ""
    dead = element.get("disabled") is not None or _DEAD.search(f"{element.get('class') or ''}")
    return bool(_CALLS.match(said)) and not dead


def by_fields(root: Element) -> Declared | None:
    """``<input type="hidden" id="totalCount" value="56">``, for a script of elsewhere."""
    hidden = (field for field in root.iter("input") if (field.get("type") or "").lower() == "hidden")
    return _declared((_plain(field.get("id") or field.get("name") or ""), field.get("value") or "") for field in hidden)


def _printed_alone(root: Element) -> Declared | None:
    for element in root.iter("p", "div", "span", "td", "li", "em", "b", "strong", "font", "form", "label", "center"):
        text = squeeze("".join(element.itertext())) if len(element) < 9 else ""
        if not text or len(text) > 60 or _unseen(element) or (len(text) > 30 and element.find(".//input") is None):
            continue
        records, pages = _ALONE.fullmatch(text), _PAGES_ALONE.search(text)
        if records:
            return Declared(records=int(records[1]))
        if pages and int(pages[1]) > 1:
            return Declared(pages=int(pages[1]))
    for element in root.iter():
        pieces = (
            element.text if element.tag not in ("a", "script", "style", "textarea", "option") else "",
            element.tail,
        )
        for piece in pieces if isinstance(element.tag, str) else ():
            pages = _PAGES_ALONE.search(piece) if piece and len(piece) <= 60 else None
            if pages and int(pages[1]) > 1 and not _unseen(element):
                return Declared(pages=int(pages[1]))
    return None


def _named(attributes: Any) -> Iterator[tuple[str, str]]:
    return ((_plain(str(name).removeprefix("data-")), str(value)) for name, value in attributes.items())


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _declared(named: Any) -> Declared | None:
    values = {name: int(value) for name, value in dict(named).items() if value.isascii() and value.isdecimal()}
    records, pages, size = (
        next((values[name] for name in names if name in values), None) for names in (_RECORDS, _PAGES, _SIZE)
    )
    return Declared(records, pages, size) if records or (pages or 0) > 1 else None


def _unseen(element: Element) -> bool:
    return any(
        re.search(r"display\s*:\s*none", one.get("style") or "", re.I) or one.get("hidden") is not None
        for one in (element, *element.iterancestors())
    )
