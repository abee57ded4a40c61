"""Every link of a page with what its own text and address say: anchors, rows that open on a click, choices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from scrapy.selector import Selector

from spiders.platforms import dates, forms, scripts
from spiders.platforms.addresses import Shape, resolve, shape
from spiders.platforms.names import Label, is_report, label, squeeze, year_in

Element = Any  # an lxml element; its stubs know less than its users


_QUERY = "!#$%&'()*+,/:;=?@[]~"
_CARRIED = re.compile(
    r"""(?:\$\(\w+\)|\w+)\.(?:data\(['"]([\w-]+)['"]\)|(?:attr|prop|getAttribute)\(['"](?:data-)?([\w-]+)['"]\)|dataset\.(\w+))"""
)
_ADDRESS_IN = frozenset(
    {"link", "rel", "url", "path", "_href", "lnk", "value"}
)  # attributes of no standard meaning there
_MAY_LEAD = re.compile(r"li|tr|td|p|span|div|dd|dt|h[1-6]|b|strong|font|label|i|em|u|button|article|section|figure")
_VOID = re.compile(r"\s*(?:javascript:)?\s*void\b", re.I)


@dataclass(slots=True)
class Link:
    """One link with all that is known from the page about it."""

    url: str
    text: str
    element: Element
    label: Label
    shape: Shape
    row: Element = None
    group: object = None
    listed_on: date | None = None
    report: bool = False  # a report's title that also names a year or leads to an article
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def evident(self) -> bool:
        return self.report or self.listed_on is not None or self.shape in (Shape.ARTICLE, Shape.DOCUMENT)


def html_of(text: str) -> Element:
    """A piece of HTML as a tree; text that is none gives an empty one."""
    return Selector(text=text or "<html></html>", type="html").root


def encode_queries(root: Element, encoding: str) -> None:
    """Chinese in a query is sent in the page's own encoding, as browsers do: ``?lb=年报`` of a page in GBK."""
    if encoding.lower().replace("-", "") == "utf8":
        return
    for element in root.iter("a", "option", "frame", "iframe"):
        for name in ("href", "value", "src"):
            address, mark, query = (element.get(name) or "").partition("?")
            if mark and not query.isascii():
                element.set(name, f"{address}?{quote(query, safe=_QUERY, encoding=encoding, errors='replace')}")


def links_of(root: Element, base: str) -> Iterator[Link]:
    script: str | None = None
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ("a", "area"):
            url = resolve(base, element.get("href"), element.get("onclick")) or resolve(
                base, element.get("data-href") or element.get("data-url")
            )
        elif _MAY_LEAD.fullmatch(element.tag):
            data = element.get("data-href") or element.get("data-url")
            click = element.get("onclick") or element.get("ondblclick") or _sent_by(element)
            if not (click or data or carried_by(element)) or _leads_on(element):
                continue
            url = resolve(base, data, click)
        elif element.tag == "option":
            value = element.get("value") or ""
            if not re.search(r"[/.?]", value) and _chosen_by(element):
                script = scripts.of(root) if script is None else script
                value = forms.chosen(element, script) or ""
            url = resolve(base, value) if re.search(r"[/.?]", value) else None
        else:
            continue
        if url is None and element.tag != "option":
            script = scripts.of(root) if script is None else script
            url = _opened(base, script, element)
        if url is None:
            continue
        text = _title(element)
        named = label(text)
        kind = shape(url)
        report = is_report(text) and bool(year_in(text) or kind in (Shape.ARTICLE, Shape.DOCUMENT))
        yield Link(url, text, element, named, kind, report=report)


def _sent_by(button: Element) -> str | None:
    """The address of a form that sends nothing but itself, as a button's script: ``<form action="7.html"><button>``."""
    form = next(button.iterancestors("form"), None) if button.tag == "button" else None
    if (
        form is None
        or (form.get("method") or "get").lower() != "get"
        or len(list(form.iter("input", "select", "button"))) > 1
    ):
        return None
    return f"'{form.get('action')}'" if form.get("action") else None


def _leads_on(element: Element) -> bool:
    """Whether a link inside leads somewhere by itself."""
    return any(
        not re.match(r"\s*(?:#|javascript:\s*(?:void\b.*|;*)\s*$)", inner.get("href") or "#", re.I)
        for inner in element.iter("a")
    )


def _chosen_by(option: Element) -> bool:
    """Whether an option stands for a year or an agency: what a menu offers, not how many rows a page is to have."""
    named = label("".join(option.itertext()))
    return named.bare and bool(named.year or named.agency)


def _opened(base: str, script: str, element: Element) -> str | None:
    """The address a function of the page opens for a link: ``onclick="go('F017')"``."""
    for call in (element.get("onclick"), element.get("ondblclick"), element.get("href")):
        if call and "(" in call and not _VOID.match(call) and (built := scripts.built_address(script, call)):
            return resolve(base, built)
    return handled(base, script, element)


def handled(base: str, script: str, element: Element) -> str | None:
    """The address a handler of the script opens from what an element carries: ``data-id="12"``,
    ``location.href = '/d/' + $(this).data('id') + '.html'``."""
    carried = carried_by(element)
    if not carried or not (_named_in(script, element) or _below_named_in(script, element)):
        return None
    for goal in scripts.goals(script):
        asked = _CARRIED.search(goal)
        value = carried.get((asked[1] or asked[2] or asked[3]).lower()) if asked else None
        if (
            value is not None
            and "'" not in value
            and (built := scripts.evaluate(_CARRIED.sub(f"'{value}'", goal), {}, script))
        ):
            return resolve(base, built)
    return None


def carried_by(element: Element) -> dict[str, str]:
    """What an element carries in its ``data-`` attributes."""
    return {
        name.removeprefix("data-"): value
        for name, value in element.attrib.items()
        if name.startswith("data-") or name in _ADDRESS_IN
    }


def filled(script: str, carried: Mapping[str, str]) -> str:
    """A piece of script with what it reads from the element it works on put in."""

    def value(asked: re.Match[str]) -> str:
        given = carried.get((asked[1] or asked[2] or asked[3]).lower())
        return asked[0] if given is None or re.search(r"['\"\\]", given) else f"'{given}'"

    return _CARRIED.sub(value, script)


def names_of(element: Element) -> list[str]:
    """The names a script can select an element by."""
    return [name for name in ((element.get("class") or "") + " " + (element.get("id") or "")).split() if name]


def _named_in(script: str, element: Element) -> bool:
    return any(name in _selected(script)[0] for name in names_of(element))


def _below_named_in(script: str, element: Element) -> bool:
    """Whether a script selects an element by its tag within a block: ``$('.list tr')``."""
    around = {name for name, tag in _selected(script)[1] if tag == element.tag}
    return bool(around) and any(name in around for one in element.iterancestors() for name in names_of(one))


@lru_cache(maxsize=2)  # of the page that is read, and of the file beside it
def _selected(script: str) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """The classes and ids a script names, and the tags it selects within them."""
    named = frozenset(re.findall(r"[.#]([\w-]+)", script))
    below = set()
    for selector in re.findall(r"""['"]([^'"\n]{0,80}[.#][\w-]{1,60}[ >][^'"\n]{0,80})['"]""", script):
        steps = re.split(r"[\s>]+", selector.strip())
        for index, step in enumerate(steps):
            inside = [found[0] for later in steps[index + 1 :] if (found := re.match(r"[a-z]\w*", later))]
            below |= {(name, tag) for name in re.findall(r"[.#]([\w-]+)", step) for tag in inside}
    return named, frozenset(below)


def _title(element: Element) -> str:
    """The longer of the title attribute and the text, a date that stands inside the link left out."""
    pieces = (
        [piece for piece in element.itertext() if not dates.ONLY.match(piece)]
        if element.tag != "option"
        else element.itertext()
    )
    text = squeeze("".join(pieces))
    hint = squeeze(element.get("title") or (element.get("alt") if element.tag == "area" else "") or "")
    if not text and not hint:
        hint = squeeze(next((image.get("alt") or image.get("title") or "" for image in element.iter("img")), ""))
    cut = re.sub(r"(?:\.{2,}|…+|[.…]+)$", "", text)
    return hint if len(hint) > len(text) or (cut != text and hint.startswith(cut[:6])) else text
