"""Pagers as printed: the next page, the numbered pages, and how many pages and records the portal says there are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from crawler.items import Declared, Fetch
from crawler.urls import identity
from spiders.platforms import anchors, forms, records, scripts, sending, turning
from spiders.platforms.addresses import one_number_apart, resolve, same_site
from spiders.platforms.chrome import text_of
from spiders.platforms.names import CONTROL, NEXT, squeeze
from spiders.platforms.totals import counted, printed

PREVIOUS = re.compile(r"^\W*(?:上一?页|前一?页|prev(?:ious)?|‹|«|<|<<|＜)\W*$", re.I)
LAST = re.compile(r"^\W*(?:尾页|末页|最后一?页|last)\W*$", re.I)
NUMBER = re.compile(r"^\W*第?\s*(\d{1,4})\s*页?\W*$")
OF_ALL = re.compile(r"^\W*第?\s*(\d{1,4})\s*页?\s*/\s*共?\s*\d{1,4}\s*页?\W*$")  # a choice: 2/4
SPELLED = re.compile(r"^\W*第?\s*([一二三四五六七八九十])\s*页\W*$")
SPAN = re.compile(r"^\W*(\d{1,5})\s*[-–~～至]\s*(\d{1,5})\W*$")  # the records a page holds: [11-20]
AS_PRINTED = {"printed": True}  # pages the list says there are: each the first again, they were not had
_GOES = re.compile(r"^\W*(?:跳转|跳转到|转到|转|跳|go)\W*$", re.I)
_GO_TO = re.compile(r"(?:第|到|至|跳转|跳|转)\s*[:：]?\s*$")
MOST = 2000  # pages; a pager that prints more is misread
_SAYS_WHERE = ("tagname", "onclick", "data-href", "data-url")
_INLINE = frozenset({"a", "span", "b", "em", "i", "strong", "font", "input", "select", "button"})
_PAGER_CLASS = re.compile(r"pag(?:e|er|ing|ination)|fenye|turn", re.I)


@dataclass(frozen=True, slots=True)
class Control:
    """One control of a pager: what is printed on it and the request it leads to."""

    text: str
    fetch: Fetch
    element: Any


@dataclass(frozen=True, slots=True)
class Pages:
    """What a page says of the pages that go with it."""

    next: Fetch | None = None
    numbered: tuple[tuple[int, Fetch], ...] = ()
    last: Fetch | None = None
    declared: Declared | None = None
    turned: tuple[Fetch, ...] = ()  # the second page and the third as a pager plugin's own function goes to them
    of_others: tuple[Any, ...] = ()  # the elements that hold pagers of other lists


def read(root: Any, base: str, fetch: Fetch, listed: Iterable[str] = ()) -> Pages:
    """The pager of a page. ``fetch`` says which page it is, ``listed`` what its list holds: pagers of other lists on
    the page are left alone."""
    script = scripts.of(root)
    controls = list(_controls(root, base, script, fetch))
    areas = _areas(root, controls)
    own = _of_the_list(root, base, fetch, areas, controls, listed)
    others = tuple(area for area in areas if area not in own)
    if others:
        areas, controls = own, [control for control in controls if _inside(control.element, own)]
    numbered: dict[int, Fetch] = {}
    last: Fetch | None = None
    for control in controls:
        number = number_on(control.text)
        if number and _inside(control.element, areas):
            numbered.setdefault(number, control.fetch)
        if LAST.match(control.text):
            last = control.fetch
    if not numbered:
        numbered = _counted(controls)
    repeated = [request for request in numbered.values() if list(numbered.values()).count(request) > 1]
    numbered = {number: request for number, request in numbered.items() if request not in repeated}
    following = next(
        (
            control.fetch
            for control in controls
            if NEXT.match(control.text) and control.fetch not in repeated and not _same(control.fetch, fetch)
        ),
        None,
    )
    if following is None:
        relation = root.xpath("//link[@rel='next']/@href | //a[@rel='next']/@href")
        url = resolve(base, relation[0]) if relation else None
        following = Fetch(url) if url and identity(url) != identity(fetch.url) else None
    drawn = turning.drawn(script)
    addresses = drawn[1] if drawn else turning.addresses(script)
    turned = tuple(Fetch(url) for address in addresses if (url := resolve(base, address)))
    declared = _declared(root, areas) or _beside_any(controls) or (Declared(pages=drawn[0]) if drawn else None)
    return Pages(following, tuple(sorted(numbered.items())), last, declared, turned, others)


def further(pages: Pages, fetch: Fetch) -> tuple[Fetch, ...]:
    """The pages to ask for after this one, those asked for before left out (``state["known"]``).

    Where the total is printed and the addresses seen agree on how they count, all of them; else those that are linked.
    """
    here = fetch.page
    known = int(fetch.state.get("known", here))
    if here < known:
        return ()  # the last page asked for goes on from there
    found = {number: request for number, request in pages.numbered if number > known}
    if pages.next is not None and here + 1 > known:
        found.setdefault(here + 1, pages.next)
    total = total_pages(pages.declared)
    if total is None and not found and here == 1 and pages.last is not None:
        return _up_to(pages.last, fetch)
    if total is not None and total <= MOST:
        rule = _rule(pages, here, total)
        if rule is not None:
            found |= {number: rule(number) for number in range(known + 1, total + 1) if number not in found}
    found = _without_gaps(found, known, pages, here)
    if here > 1 and pages.declared is not None and pages.declared.pages == here:
        found = {}  # the last page by its own word; its 下一页 leads nowhere (goPage(4) of 3)
    highest = max(found, default=known)
    state = {name: said for name, said in fetch.state.items() if name != "printed"} | {"known": highest}
    printed_here = {number for number, _ in pages.numbered}
    return tuple(
        replace(request, page=number, state={**state, "printed": True} if number in printed_here else state)
        for number, request in sorted(found.items())
    )


def by_parameter(root: Any, base: str, pages: Pages, fetch: Fetch) -> tuple[Fetch, ...]:
    """The further pages of a list that says how many it has and whose pager only a script of elsewhere works: asked
    for by the page number that stands in its own address or in a field of the page."""
    total = total_pages(pages.declared)
    if fetch.page != 1 or fetch.body or total is None or not 1 < total <= MOST:
        return ()
    here = records.page_in(fetch.url)
    if here is not None:
        asked = [records.at_page(fetch.url, here + step) for step in range(1, total)]
        return tuple(Fetch(url, page=page, state=AS_PRINTED) for page, url in enumerate(asked, 2))
    for element in root.iter("input"):
        name, value = element.get("name") or element.get("id") or "", (element.get("value") or "1").strip()
        if name and _jumps(element) and (jumps := _jumped_to(root, base, element, total)):
            return jumps
        if name.lower() not in records.PAGE_PARAMETERS or value not in ("0", "1"):
            continue
        if not urlsplit(fetch.url).query and next(element.iterancestors("form"), None) is None:
            return ()  # a static page: there is nothing to ask
        numbers = range(int(value) + 1, int(value) + total)
        requests = [
            sending.submitted(root, base, name, str(number)) or Fetch(records.at_page(fetch.url, number, default=name))
            for number in numbers
        ]
        return tuple(replace(request, page=page, state=AS_PRINTED) for page, request in enumerate(requests, 2))
    return ()


def _jumps(field: Any) -> bool:
    """Whether a field takes the number of a page to go to: 转到第 [ ] 页."""
    before = field.getprevious()
    around = field.getparent()
    said = (before.tail if before is not None else around.text if around is not None else "") or ""
    kind = (field.get("type") or "text").lower()
    after = field.getnext()
    goes = after is not None and _GOES.match(squeeze("".join(after.itertext()) or after.get("value") or ""))
    stands = _GO_TO.search(said) and re.match(r"\s*(?:页|$)", field.tail or "")
    room = [int(said) for name in ("size", "maxlength") if (said := field.get(name) or "").isdecimal()]
    small = kind == "number" or (bool(room) and min(room) <= 5)
    return kind in ("text", "number", "tel") and bool(stands or (goes and small))


def _jumped_to(root: Any, base: str, field: Any, total: int) -> tuple[Fetch, ...]:
    """Every further page as the field asks for it: by its form, or by a function that reads it."""
    name, script = field.get("name") or field.get("id") or "", scripts.of(root)
    asked = []
    for number in range(2, total + 1):
        address = forms.gone_to_with(field, str(number), script)
        url = resolve(base, address) if address else None
        request = Fetch(url) if url else sending.submitted(root, base, name, str(number))
        if request is None:
            return ()
        asked.append(replace(request, page=number, state=AS_PRINTED))
    return tuple(asked)


def _without_gaps(found: dict[int, Fetch], known: int, pages: Pages, here: int) -> dict[int, Fetch]:
    """1 2 3 … 9: those between are asked for too where an address follows from its number; else those before the gap,
    and the last of them goes on."""
    highest = max(found, default=known)
    gaps = [number for number in range(known + 1, min(highest, MOST)) if number not in found]
    if not gaps or known + 1 not in found:
        return found  # 2022 2021 2020 are years
    rule = _rule(pages, here, highest)
    if rule is not None and rule(highest).url == found[highest].url:
        return {**found, **{number: rule(number) for number in gaps}}
    return {number: request for number, request in found.items() if number < gaps[0]} or found


def _up_to(last: Fetch, fetch: Fetch) -> tuple[Fetch, ...]:
    """Every page up to the last, where nothing but the last is linked. Some count from 1 and some from 0: whether the
    first number is another page than this one only the answer tells, and none is missing where there is none."""
    found = re.search(r"(\d+)(?=\D*$)", urlsplit(last.url)._replace(fragment="").geturl())
    if last.body or _same(last, fetch) or found is None or not 1 <= int(found[1]) <= MOST:
        return ()
    before, after, high = last.url[: found.start()], last.url[found.end() :], int(found[1])
    urls = [f"{before}{number:0{len(found[1])}d}{after}" for number in range(1, high + 1)]
    if found[1][0] != "0":
        urls = [f"{before}{number}{after}" for number in range(1, high + 1)]
    first, *others = urls
    own = identity(fetch.url)
    asked = [Fetch(first, page=high + 1, state={"supposed": True})] if identity(first) != own else []
    return (*(Fetch(url, page=page) for page, url in enumerate(others, 2) if identity(url) != own), *asked)


def by_plugin(pages: Pages, fetch: Fetch) -> tuple[Fetch, ...]:
    """The further pages of a list whose pager a plugin draws (``laypage.render({…})``): as many as it is told, at the
    addresses its own function goes to."""
    total = total_pages(pages.declared)
    if fetch.page != 1 or fetch.body or total is None or not 1 < total <= MOST or len(pages.turned) < 2:
        return ()
    second, third = pages.turned
    pieces = one_number_apart(second.url, third.url)
    if pieces is None or pieces[2] - pieces[1] != 1:
        return ()
    before, low, _, after = pieces
    return tuple(Fetch(f"{before}{low + page - 2}{after}", page=page) for page in range(2, total + 1))


def _rule(pages: Pages, here: int, total: int) -> Callable[[int], Fetch] | None:
    """How an address follows from its page's number, where two addresses agree on it."""
    samples = dict(pages.numbered)
    if pages.next is not None:
        samples.setdefault(here + 1, pages.next)
    if pages.last is not None:
        samples.setdefault(total, pages.last)
    samples = {number: request for number, request in samples.items() if number > 1 and not request.body}
    for first in sorted(samples):
        for second in sorted(samples, reverse=True):
            if second <= first:
                break
            pieces = one_number_apart(samples[first].url, samples[second].url)
            if pieces is None:
                continue
            before, low, high, after = pieces
            if high - low == second - first and low - first in (-1, 0):
                offset = low - first
                return lambda number: Fetch(f"{before}{number + offset}{after}")
    return None


def _counted(controls: list[Control]) -> dict[int, Fetch]:
    """The numbers that stand in no pager of their own (``[1] [2] [3]`` under a table) and count the pages all the same:
    each stands in its address."""
    found: dict[int, Fetch] = {}
    for control in controls:
        if (number := number_on(control.text)) and number < 1000:
            found.setdefault(number, control.fetch)
    numbers = sorted(found)
    if len(numbers) < 2 or numbers[0] > 2:
        return {}
    pieces = one_number_apart(found[numbers[-2]].url, found[numbers[-1]].url)
    apart = pieces is not None and pieces[2] - pieces[1] == numbers[-1] - numbers[-2]
    return found if pieces is not None and apart and pieces[1] - numbers[-2] in (-1, 0) else {}


def _inside(element: Any, areas: list[Any]) -> bool:
    return any(area is ancestor for ancestor in element.iterancestors() for area in areas)


def total_pages(declared: Declared | None) -> int | None:
    """How many pages are declared, from the records and the page size where nothing else is said."""
    if declared is None:
        return None
    if declared.pages is None and declared.records is not None and declared.page_size:
        return ceil(declared.records / declared.page_size)
    return declared.pages


def _same(request: Fetch, fetch: Fetch) -> bool:
    return identity(request.url) == identity(fetch.url) and request.body == fetch.body


def _controls(root: Any, base: str, script: str, fetch: Fetch) -> Iterator[Control]:
    for element in root.iter("a", "button", "span", "li", "td", "div", "em", "b", "option", "input", "img"):
        if element.tag not in ("a", "button", "option", "input") and not any(map(element.get, _SAYS_WHERE)):
            continue
        if element.tag in ("td", "div") and any(inner is not element for inner in element.iter("a", "td", "div")):
            continue
        if element.tag == "option":
            text, action = squeeze("".join(element.itertext())), element.get("value") or ""
            select = next(element.iterancestors("select"), None)
            change = (select.get("onchange") or "") if select is not None else ""
            text = f"{every[1]}" if (every := OF_ALL.match(text)) else text
            if not number_on(text) or not change:
                continue
            named = (select.get("name") or "") if select is not None else ""
            if chosen := sending.chosen(root, base, change, named, action or text):
                yield Control(text, chosen, element)
                continue
            if not re.search(r"[/.?]", action):
                action = re.sub(r"this\.(?:value|options\[[^\]]*\]\.value)", action, change)
        else:
            names = ("value", "title", "alt") if element.tag in ("input", "img") else ("value", "title")
            text = squeeze(
                "".join(element.itertext()) or next((said for name in names if (said := element.get(name))), "")
            )
            if not text or len(text) > 12 or (element.get("href") and not _is_control(text) and "篇" not in text):
                others = (element.get("title"), element.get("aria-label"), _icon(element), _pictured(element))
                text = next((name for name in others if name), text)
            if not _is_control(text):
                continue
            action = element.get("href") or ""
            if (
                not action
                or action.startswith("#")
                or re.fullmatch(r"javascript:\s*(?:void\s*\(?\s*0?\s*\)?)?;?", action.strip(), re.I)
            ):
                action = next((said for name in _SAYS_WHERE if (said := element.get(name))), "")
        request = _request(action, base, script, root) if action else sending.pressed(element, base, text)
        if request is None and (opened := anchors.handled(base, script, element)):
            request = Fetch(opened)
        if request is not None and same_site(request.url, fetch.url):
            yield Control(text, request, element)


def _is_control(text: str) -> bool:
    return bool(NEXT.match(text) or LAST.match(text) or number_on(text) or CONTROL.match(text))


def number_on(text: str) -> int | None:
    """The number of the page a control leads to: 3, 第3页, 第三页, 21-30 where each holds ten."""
    if found := NUMBER.match(text):
        number = int(found[1])
        return None if 1900 <= number <= 2100 else number or None  # a year
    if found := SPELLED.match(text):
        return "一二三四五六七八九十".index(found[1]) + 1
    if found := SPAN.match(text):
        first, last = int(found[1]), int(found[2])
        size = last - first + 1
        return (first - 1) // size + 1 if size > 1 and first % size == 1 % size else None
    return None


def _icon(element: Any) -> str | None:
    classes = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    return "下一页" if re.search(r"(?<![a-z])(?:next|page-next|pagenext|nextpage|btn-next)(?![a-z])", classes) else None


def _pictured(element: Any) -> str | None:
    """What the picture or the icon on a control without words says: ``<img src="next.gif">``."""
    if squeeze("".join(element.itertext())):
        return None
    for inner in element.iter("img", "i", "svg", "span", "em"):
        said = squeeze(inner.get("alt") or inner.get("title") or "")
        if said:
            return said
        drawn = f"{(inner.get('src') or '').rsplit('/', 1)[-1]} {inner.get('class') or ''}".lower()
        if re.search(
            r"(?<![a-z])(?:next|xyy|xiayiye|(?:arrow|icon|angle|chevron|page)[-_]?r(?:ight)?)(?![a-z])", drawn
        ):
            return "下一页"
    return None


def _request(action: str, base: str, script: str, root: Any) -> Fetch | None:
    action = action.strip()
    if not action:
        return None
    if not re.match(r"javascript:", action, re.I) and not re.match(
        r"[\w$.]+\s*\(.*\)|(?:window\.|document\.)?location", action, re.S
    ):
        url = resolve(base, action)
        return Fetch(url) if url else None
    call = re.sub(r"^javascript:\s*", "", action, flags=re.I)
    built = scripts.built_address(script, call)
    if built:
        url = resolve(base, built)
        return Fetch(url) if url else None
    posted = re.match(r"(?:\w+\.)?__doPostBack\(", call)
    if posted:
        target, argument = (*scripts.arguments(call[posted.end() :].rpartition(")")[0]), "", "")[:2]
        return sending.posted_back(root, base, target, argument)
    filled = scripts.form_submission(script, call)
    if filled:
        return sending.submitted(root, base, *filled)
    url = resolve(base, None, call)
    return Fetch(url) if url else None


def _areas(root: Any, controls: list[Control]) -> list[Any]:
    """The elements that hold the pagers: the nearest around a control that holds a neighbour of it too."""
    areas: list[Any] = []
    words = [control for control in controls if NEXT.match(control.text) or LAST.match(control.text)]
    anchors = words or [control for control in controls if number_on(control.text)]
    elements = {control.element for control in controls}
    for control in anchors:
        if any(area in control.element.iterancestors() for area in areas):
            continue
        for ancestor in control.element.iterancestors():
            if ancestor.tag in ("body", "html"):
                break
            others = sum(
                1
                for element in ancestor.iter("a", "option", "button", "span", "li", "td", "div", "em", "b", "input")
                if element in elements
            )
            if (
                others > 1
                or _PAGER_CLASS.search(f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}")
                or printed(text_of(ancestor, 120)[:120]) is not None
                or (ancestor is control.element.getparent() and printed(_beside(control.element)) is not None)
            ):
                areas.append(ancestor)
                break
    if not areas:
        areas = [
            element
            for element in root.iter("div", "p", "ul", "td", "span")
            if _PAGER_CLASS.search(f"{element.get('class') or ''} {element.get('id') or ''}")
        ][:6]
    return areas


def _of_the_list(
    root: Any, base: str, fetch: Fetch, areas: list[Any], controls: list[Control], listed: Iterable[str]
) -> list[Any]:
    """The pagers that turn the list: those that stand nearest to it, not one at the foot of another list beside it."""

    def away(area: Any) -> bool:
        turned = [control.fetch.url for control in controls if _inside(control.element, [area])]
        return bool(turned) and not any(_beside_the_page(url, fetch.url) for url in turned)

    wanted = {identity(url) for url in listed}
    if not (areas and wanted) or (len(areas) == 1 and not away(areas[0])):
        return areas
    holds: dict[Any, int] = defaultdict(int)  # links of the list below an element
    others: dict[Any, int] = defaultdict(int)  # further links that look like a list's
    pressed = {control.element for control in controls}
    for link in root.iter("a"):
        url = resolve(base, link.get("href"), link.get("onclick"))
        if url is None or link in pressed:
            continue
        mine = identity(url) in wanted
        for ancestor in link.iterancestors():
            holds[ancestor] += mine
            others[ancestor] += not mine and len(squeeze("".join(link.itertext()))) >= 8
    if not holds[root]:
        return areas
    around = {area: next(one for one in (area, *area.iterancestors()) if holds[one]) for area in areas}
    depth = {area: sum(1 for _ in around[area].iterancestors()) for area in areas}
    nearest = max(depth.values())
    own = [area for area in areas if depth[area] == nearest]

    def of_another(area: Any) -> bool:
        block = next((one for one in (area, *area.iterancestors()) if holds[one] or others[one] >= 2), None)
        return block is not None and not holds[block] and away(area)

    return [area for area in own if not of_another(area)]


def _beside_the_page(url: str, page: str) -> bool:
    """Whether an address lies in the folder of the page, or below it."""
    folder = urlsplit(page).path.rpartition("/")[0]
    return urlsplit(url).path.startswith(f"{folder}/")


def _beside(element: Any) -> str:
    """What stands in one line with a control that has no block of its own: 共2页 1 2."""
    pieces = [squeeze("".join(element.itertext())), element.tail or ""]
    for step, side in ((element.getprevious, False), (element.getnext, True)):
        one = step()
        while one is not None and one.tag in _INLINE:
            said = "".join(one.itertext())
            pieces = [*pieces, said, one.tail or ""] if side else [said, one.tail or "", *pieces]
            one = one.getnext() if side else one.getprevious()
        if not side:
            parent = element.getparent()
            before = (parent.text if parent is not None else "") if one is None else one.tail
            pieces.insert(0, before or "")
    return squeeze(" ".join(pieces))[:200]


def _beside_any(controls: list[Control]) -> Declared | None:
    found = (printed(_beside(control.element)) for control in controls if control.element.tag == "a")
    return next((one for one in found if one is not None), None)


def _declared(root: Any, areas: list[Any]) -> Declared | None:
    for area in areas:
        for element in (area, area.getparent()):
            if element is None or element.tag in ("body", "html"):
                continue
            text = squeeze(" ".join(piece for piece in element.itertext() if "function" not in piece))
            if len(text) > 400 or ("页" not in text and not counted(text)):
                continue
            declared = printed(text)
            if declared is not None:
                return declared
    return None
