"""Static lists whose pager a script of elsewhere draws: what the page hands it says how the further pages are called.

``showPageBar('pg', 'list', 'shtml', 0, 4, 12, 40)``, ``new PageTurn({pageCount: 4, urlPrefix: 'index', urlSuffix: 'html'})``:
the stem and the suffix are the two words that look like it, the numbers are told apart by what the page holds. Whether
``list_1`` or ``list_2`` is the second page only the answers tell: both ends are asked for, and one of them may be none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any
from urllib.parse import urljoin

from crawler.items import Declared, Fetch
from crawler.urls import identity
from spiders.platforms import scripts

STEM = re.compile(r"^(?:\.?/?[\w.-]+/)*[A-Za-z_][\w.-]*$")
SUFFIX = re.compile(r"^\.?(?:s?html?|jsp|aspx?|php|jhtml)$", re.I)
ARTICLE_STEM = re.compile(r"^t\d{6,}(?:_\d+)?$")  # an article whose body goes on
MOST = 500
_OBJECT = re.compile(r"(?<![\w$])[\w$.]{1,40}\(\s*\{([^{}]{1,600})")
_CALL = re.compile(r"(?<![\w$.])(?<!function )([A-Za-z_$][\w$.]{0,40})\s*\(([^(){}]{0,300})\)")
_IS_STEM = re.compile(r"\w*(?:prefix|stem|name|path|file|base|page|url|list)", re.I)
_IS_SUFFIX = re.compile(r"\w*(?:suffix|postfix|ext|extname|extension|type)", re.I)
_IS_JOINER = re.compile(r"\w*(?:joiner|separator|connector|split|delimiter)", re.I)
_COUNTS = ("pagecount", "totalpage", "totalpages", "pages", "pagetotal", "countpage", "size", "total")
_HERE = re.compile(r"cur(?:rent|r)?(?:_?page|index)?|page_?(?:index|no|num)?|index|now", re.I)


@dataclass(frozen=True, slots=True)
class Stem:
    """How the further pages of a static list are called."""

    pages: int
    stem: str
    suffix: str
    joiner: str = "_"
    current: int | None = None  # the number the page gives itself, where it says so

    def name(self, number: int) -> str:
        return f"{self.stem}{self.joiner}{number}.{self.suffix}"


def further(root: Any, base: str, fetch: Fetch, listed: int) -> tuple[tuple[Fetch, ...], Declared] | None:
    """The further pages of the list the first page of which holds ``listed`` entries, and how many there are."""
    if fetch.page != 1 or fetch.body:
        return None
    script = scripts.of(root)
    named = of_object(script) or of_element(root) or next(_of_calls(script, listed), None)
    if named is None or not 1 < named.pages <= MOST:
        return None
    own = identity(fetch.url)
    urls = [urljoin(base, named.name(number)) for number in range(1, named.pages + 1)]
    ends = {urls[0]: named.pages + 1, urls[-1]: named.pages}
    asked = [
        Fetch(url, page=ends.get(url, page), state={"supposed": True} if url in ends else {})
        for page, url in enumerate(urls, 1)
        if identity(url) != own
    ]
    return tuple(asked), Declared(pages=named.pages)


def of_object(script: str) -> Stem | None:
    """``Pager({size: 3, current: 0, prefix: 'index', suffix: 'html'})``: ``size`` counts the pages."""
    for call in _OBJECT.finditer(script):
        if "fix" in call[1] or "ext" in call[1].lower():
            named = _of_named(scripts.mapping(call[1], script))
            if named is not None:
                return named
    return None


def of_element(root: Any) -> Stem | None:
    """``<div data-pagecount="4" data-currpage="0" data-pagename="index" data-pageext="html">``."""
    for element in root.iter("div", "p", "ul", "span", "nav", "td"):
        given = {name.removeprefix("data-").replace("-", ""): str(said) for name, said in element.attrib.items()}
        if len(given) > 2 and (named := _of_named(given)):
            return named
    return None


def _of_named(given: Mapping[str, str]) -> Stem | None:
    suffix = next((value for name, value in given.items() if _IS_SUFFIX.fullmatch(name)), "").lstrip(".")
    if not SUFFIX.match(suffix):
        return None
    words = {name: value for name, value in given.items() if STEM.match(value) and not SUFFIX.match(value)}
    stem = next((value for name, value in words.items() if _IS_STEM.fullmatch(name)), "")
    joiner = next((value for name, value in given.items() if _IS_JOINER.fullmatch(name)), "_")
    counts = {re.sub(r"[^a-z]", "", name.lower()): value for name, value in given.items() if value.isdecimal()}
    pages = next((int(counts[name]) for name in _COUNTS if name in counts), None)
    here = next((int(value) for name, value in counts.items() if _HERE.fullmatch(name)), None)
    return Stem(pages, stem, suffix, joiner, here) if pages is not None and stem else None


def _of_calls(script: str, listed: int) -> Iterator[Stem]:
    for name, written in _CALL.findall(script):
        if "," not in written or name in ("if", "for", "while", "switch", "return"):
            continue
        given = scripts.arguments(written)
        for stem, suffix in pairwise(given):
            if STEM.match(stem) and SUFFIX.match(suffix) and not ARTICLE_STEM.match(stem) and not SUFFIX.match(stem):
                numbers = [int(one) for one in given if one.isdecimal()]
                if pages := _pages(numbers, listed):
                    yield Stem(pages, stem, suffix.lstrip("."))


def _pages(numbers: Sequence[int], listed: int) -> int | None:
    """Which of the numbers a pager is told counts the pages: the one that the records and how many a page holds come to,
    else the one beside the page that is shown."""
    for size in numbers:
        for records in numbers:
            if size > 1 and records > size and ceil(records / size) in numbers:
                return ceil(records / size)
    for one, other in pairwise(numbers):
        if min(one, other) <= 1 and max(one, other) != listed:
            return max(one, other)  # the page that is shown beside the pages there are
    most = max(numbers, default=0)
    if listed in numbers and most > listed > 1:
        return ceil(most / listed)
    return next((number for number in numbers if number > 1 and number != listed), None)
