"""Tells the links of one list page apart: entries, sub-columns, chrome. Whatever lists in HTML reads with it.

A link is judged by what is nearest to it first: its own address (an article's dialect, a document), its text (the title
of a report, a bare year, an agency), its row (a printed date), then by the block it stands in (a menu, a breadcrumb, a
hot list) and by the company it keeps: the rest of a list that holds one entry are entries too, whatever they are about.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import quote, urlsplit

from scrapy.http import TextResponse
from scrapy.selector import Selector
from scrapy.utils.response import get_base_url

from crawler.items import Column, Entry
from crawler.urls import identity
from spiders.platforms import dates, forms, scripts
from spiders.platforms.addresses import Shape, annual, deeper, mould, resolve, same_page, same_site, shape
from spiders.platforms.chrome import CHROME_BLOCK, CONTENT, HOT_LIST, MENU, block, text_of
from spiders.platforms.names import (
    CHROME,
    CONTROL,
    DECOY,
    GENERIC,
    HOT,
    MORE,
    NEXT,
    YEAR_STEP,
    Label,
    is_agency,
    is_report,
    label,
    squeeze,
    year_in,
)

_QUERY = "!#$%&'()*+,/:;=?@[]~"
Element = Any  # an lxml element; its stubs know less than its users

ROWS = frozenset({"li", "tr", "dd", "dl"})
LISTS = frozenset({"ul", "ol", "table", "tbody", "body", "html", "form"})
FACTS = {
    "索引号": "索引号",
    "文号": "文号",
    "发文字号": "文号",
    "发布文号": "文号",
    "发布机构": "发布机构",
    "发文机关": "发布机构",
}
_VOID = re.compile(r"\s*(?:javascript:)?\s*void\b", re.I)
_FACT = re.compile(r"(索\s*引\s*号|发文字号|发布文号|文\s*号|发布机构|发文机关)\s*[:：]\s*([^\s:：]+)(?!\s*[:：])")


@dataclass(frozen=True, slots=True)
class Found:
    """What a piece of HTML holds for a column."""

    entries: tuple[Entry, ...] = ()
    columns: tuple[Column, ...] = ()


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


def scan(response: TextResponse, column: Column, *, root: Element = None) -> Found:
    """Entries and sub-columns of a list page, or of ``root`` where the list came inside something else."""
    base = get_base_url(response)
    root = html_of(response.text) if root is None else root
    _encode_queries(root, response.encoding)
    page = _Page(root, base, response.url, column)
    entries = page.entries()
    taken = {identity(entry.url) for entry in entries}
    return Found(entries, tuple(found for found in page.columns() if identity(found.url) not in taken))


def _encode_queries(root: Element, encoding: str) -> None:
    """Chinese in a query is sent in the page's own encoding, as browsers do: ``?lb=年报`` of a page in GBK."""
    if encoding.lower().replace("-", "") == "utf8":
        return
    for element in root.iter("a", "option", "frame", "iframe"):
        for name in ("href", "value", "src"):
            address, mark, query = (element.get(name) or "").partition("?")
            if mark and not query.isascii():
                element.set(name, f"{address}?{quote(query, safe=_QUERY, encoding=encoding, errors='replace')}")


def record(fragment: str, base: str, column: Column) -> Entry | None:
    """The one entry of a list row that came by itself (a ``<record>`` of an interface): its longest link."""
    if re.match(r"\s*<t[rdh]\b", fragment, re.I):
        fragment = f"<table>{fragment}</table>"
    root = html_of(f"<div>{fragment}</div>")
    links = [link for link in _links(root, base) if not CONTROL.match(link.text)]
    if not links:
        return None
    best = max(links, key=lambda link: (link.report, link.shape is Shape.ARTICLE, len(link.text)))
    title = max((link.text for link in links if link.url == best.url), key=len)
    title = title if not GENERIC.match(title) else _row_title(root, title)
    outside = _text_outside(root, {link.element for link in links})
    listed_on = dates.in_row(outside) or dates.in_row(_dates_inside(best.element))
    return Entry(best.url, title, column, listed_on, {**_attribute_facts(best.element), **_labelled_facts(outside)})


# ---------------------------------------------------------------- reading the links off the tree


def _links(root: Element, base: str) -> Iterator[Link]:
    script: str | None = None
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "a":
            url = resolve(base, element.get("href"), element.get("onclick")) or resolve(
                base, element.get("data-href") or element.get("data-url")
            )
        elif element.tag in ("li", "tr", "td", "p", "span", "div", "dd", "h3", "h4"):
            data = element.get("data-href") or element.get("data-url")
            if not (element.get("onclick") or data) or element.find(".//a[@href]") is not None:
                continue
            url = resolve(base, data, element.get("onclick"))
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


def _chosen_by(option: Element) -> bool:
    """Whether an option stands for a year or an agency: what a menu offers, not how many rows a page is to have."""
    named = label("".join(option.itertext()))
    return named.bare and bool(named.year or named.agency)


def _opened(base: str, script: str, element: Element) -> str | None:
    """The address a function of the page opens for a link: ``onclick="go('F017')"``."""
    for call in (element.get("onclick"), element.get("href")):
        if call and "(" in call and not _VOID.match(call) and (built := scripts.built_address(script, call)):
            return resolve(base, built)
    return None


def _title(element: Element) -> str:
    """The longer of the title attribute and the text, a date that stands inside the link left out."""
    pieces = (
        [piece for piece in element.itertext() if not dates.ONLY.match(piece)]
        if element.tag != "option"
        else element.itertext()
    )
    text = squeeze("".join(pieces))
    hint = squeeze(element.get("title") or "")
    if not text and not hint:
        hint = squeeze(next((image.get("alt") or image.get("title") or "" for image in element.iter("img")), ""))
    cut = re.sub(r"(?:\.{2,}|…+|[.…]+)$", "", text)
    return hint if len(hint) > len(text) or (cut != text and hint.startswith(cut[:6])) else text


def _dates_inside(element: Element) -> str:
    return " ".join(piece for piece in element.itertext() if dates.ONLY.match(piece))


def _text_outside(row: Element, links: Iterable[Element]) -> str:
    """A row's text without that of its links."""
    inside = set(links)
    pieces: list[str] = []
    waiting: list[Element | str] = [row]
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            pieces.append(element)
        elif element not in inside and isinstance(element.tag, str) and element.tag not in ("script", "style"):
            pieces.append(element.text or "")
            for child in reversed(element):
                waiting += (child.tail or "", child)
    return " ".join(pieces)


def _row_title(row: Element, fallback: str) -> str:
    """The title of a row whose link only says 查看 or PDF."""
    pieces = [squeeze(piece) for piece in row.itertext()]
    candidates = [
        piece
        for piece in pieces
        if piece and not GENERIC.match(piece) and not dates.ONLY.match(piece) and not piece.isdigit()
    ]
    return max(candidates, key=lambda piece: (is_report(piece), len(piece)), default=fallback)


def _labelled_facts(text: str) -> dict[str, str]:
    return {
        FACTS[re.sub(r"\s", "", name)]: value
        for name, value in _FACT.findall(text)
        if value not in ("无", "-", "—", "/")
    }


def _attribute_facts(element: Element) -> dict[str, str]:
    """Hanweb's catalogue links carry the number (``syh``) and the document number (``wh``) as attributes."""
    found = {"索引号": element.get("syh"), "文号": element.get("wh")}
    return {name: value.strip() for name, value in found.items() if value and value.strip()}


# ---------------------------------------------------------------- one page


class _Page:
    """The links of one page, its blocks and its headings."""

    def __init__(self, root: Element, base: str, url: str, column: Column) -> None:
        self.column, self.root = column, root
        own = {identity(url), identity(column.url)}
        self.links = [link for link in _links(root, base) if identity(link.url) not in own and not _home(link.url)]
        self.below: dict[Element, set[str]] = defaultdict(set)
        self.reports_below: dict[Element, int] = defaultdict(int)
        self.evident_below: dict[Element, int] = defaultdict(int)
        for link in self.links:
            for ancestor in link.element.iterancestors():
                self.below[ancestor].add(link.url)
                self.reports_below[ancestor] += link.report
                self.evident_below[ancestor] += link.shape in (Shape.ARTICLE, Shape.DOCUMENT)
        self.marks: dict[Element, int] = {}
        self.headings: dict[Element, str] = {}
        self.headers: dict[Element, list[str]] = {}
        rows: dict[Element, list[Element]] = defaultdict(list)
        for link in self.links:
            link.row = self._row(link)
            rows[link.row].append(link.element)
        for link in self.links:
            self._place(link, rows[link.row])
        self.mark_of = {id(link): self._mark(link) for link in self.links}

    # ------------------------------------------------ rows

    def _place(self, link: Link, siblings: list[Element]) -> None:
        outside = _text_outside(link.row, siblings) if link.row is not link.element else ""
        if link.row.tag == "dd" and dates.in_row(outside) is None:
            term = link.row.getprevious()
            outside += " ".join(term.itertext()) if term is not None and term.tag == "dt" else ""
        if not outside.strip():
            outside = _following(link.element)
        link.listed_on = dates.in_row(outside) or dates.in_row(_dates_inside(link.element))
        link.facts = {**_attribute_facts(link.element), **_labelled_facts(outside), **self._cell_facts(link.row)}
        container = link.row.getparent() if link.row.getparent() is not None else link.row
        while container.tag in ("tbody", "thead", "tr", "td") and container.getparent() is not None:
            container = container.getparent()
        link.group = (container.getparent(), container.tag, container.get("class"))

    def _row(self, link: Link) -> Element:
        """The list row a link stands in: its ``li`` or ``tr``, else as far up as nothing else is linked."""
        element = link.element
        if element.tag in ROWS:
            return element
        for ancestor in element.iterancestors():
            if ancestor.tag in LISTS:
                break
            if ancestor.tag in ROWS:
                if len(self.below[ancestor]) > 3 or (ancestor.tag == "li" and ancestor.find(".//li") is not None):
                    break
                if ancestor.tag == "dd" and len(ancestor.getparent().findall("dd")) == 1:
                    continue
                return ancestor
        row = element
        for ancestor in element.iterancestors():
            if ancestor.tag in LISTS or ancestor.tag in ROWS or len(self.below[ancestor]) > 1:
                break
            if len(text_of(ancestor, len(link.text) + 160)) > len(link.text) + 160:
                break
            row = ancestor
        return row

    def _cell_facts(self, row: Element) -> dict[str, str]:
        """What a table's head says of a row's cells: 索引号, 文号, 发布机构."""
        if row.tag != "tr":
            return {}
        table = next(row.iterancestors("table"), None)
        if table is None:
            return {}
        if table not in self.headers:
            first = next(table.iter("tr"), None)
            heads = (
                []
                if first is None
                else [re.sub(r"\s", "", "".join(cell.itertext())) for cell in first if cell.tag in ("th", "td")]
            )
            self.headers[table] = heads if any(head in FACTS for head in heads) else []
        cells = [squeeze("".join(cell.itertext())) for cell in row if cell.tag in ("th", "td")]
        named = dict(zip(self.headers[table], cells, strict=False)) if len(cells) == len(self.headers[table]) else {}
        return {
            FACTS[head]: value
            for head, value in named.items()
            if head in FACTS and value and value not in ("无", "-", "—", "/")
        }

    # ------------------------------------------------ blocks

    def _mark(self, link: Link) -> int:
        """What the link stands in: the worst of the blocks around it, unless the list itself stands in that block."""
        mark = CONTENT
        for ancestor in (link.element, *link.element.iterancestors()):
            own = self._own_mark(ancestor)
            if (own == CHROME_BLOCK and self.reports_below[ancestor] >= 2) or (
                own == MENU and self.evident_below[ancestor] >= 3
            ):
                own = CONTENT
            mark = max(mark, own)
        if mark < HOT_LIST and HOT.search(self._heading(link.row)):
            mark = HOT_LIST
        return mark

    def _own_mark(self, element: Element) -> int:
        if element not in self.marks:
            self.marks[element] = block(element)
        return self.marks[element]

    def _heading(self, row: Element) -> str:
        """The short text above a row's list: what a block calls itself."""
        container = row.getparent()
        if container is None:
            return ""
        if container not in self.headings:
            self.headings[container] = self._find_heading(container)
        return self.headings[container]

    def _find_heading(self, container: Element) -> str:
        block = container
        for _ in range(3):
            if block is None or block.tag in ("body", "html"):
                return ""
            before = block.getprevious()
            while before is not None and (
                not isinstance(before.tag, str) or before.tag in ("script", "style", "br", "hr")
            ):
                before = before.getprevious()
            if before is not None:
                text = text_of(before, 60)
                if (
                    text
                    and len(text) <= 40
                    and len(self.below.get(before, ())) <= 2
                    and not any(link.evident for link in self._within(before))
                ):
                    return MORE.sub("", text)
                if text:
                    return ""
            block = block.getparent()
        return ""

    def _within(self, element: Element) -> Iterator[Link]:
        return (link for link in self.links if element in link.element.iterancestors() or link.element is element)

    # ------------------------------------------------ entries

    def entries(self) -> tuple[Entry, ...]:
        seeds = [link for link in self.links if self._is_entry(link, hot=False)]
        if not seeds:
            seeds = [link for link in self.links if link.report and self._is_entry(link, hot=True)]
        if not seeds:
            seeds = self._unmarked_list()
        related = {
            link.group for link in seeds if link.report or deeper(link.url, self.column.url) or "信息公开" in link.text
        }
        if related:
            seeds = [link for link in seeds if link.group in related]
        groups = {link.group for link in seeds}
        chosen = {id(link) for link in seeds}
        for link in self.links:
            if id(link) not in chosen and link.group in groups and self._keeps_company(link):
                chosen.add(id(link))
        titled = {link.row for link in self.links if id(link) in chosen and link.text and not GENERIC.match(link.text)}
        for link in self.links:
            if (
                link.shape is Shape.DOCUMENT
                and GENERIC.match(link.text)
                and link.row in titled
                and link.row is not link.element
            ):
                chosen.discard(id(link))  # 下载 beside the title: the report's page links to it too
        context = self._contexts([link for link in self.links if id(link) in chosen])
        found: dict[str, Entry] = {}
        places: dict[str, Link] = {}
        repeated: list[Entry] = []
        for link in self.links:
            if id(link) not in chosen:
                continue
            entry, key = self._entry(link, context), identity(link.url)
            if key not in found:
                found[key], places[key] = entry, link
            elif link.group == places[key].group and link.row is not places[key].row and link.row.tag in ROWS:
                repeated.append(entry)  # the list has the same page twice, and counts it twice
            else:
                found[key] = _merged(found[key], entry)
        return (*found.values(), *repeated)

    def _is_entry(self, link: Link, *, hot: bool) -> bool:
        mark = self.mark_of[id(link)]
        if (
            mark == CHROME_BLOCK
            or (mark == HOT_LIST and not hot)
            or not self._is_text(link)
            or link.element.tag == "option"
        ):
            return False
        if self._leads_to_column(link):
            return False
        if (
            not same_site(link.url, self.column.url)
            and not link.report
            and not (link.listed_on and link.shape is not Shape.LISTING)
        ):
            return False
        if mark == MENU and not (link.report or link.listed_on):
            return False
        if link.listed_on and link.shape is not Shape.LISTING:
            return True
        if link.shape in (Shape.ARTICLE, Shape.DOCUMENT):
            return len(link.text) >= 4 or link.label.bare or bool(GENERIC.match(link.text))
        if link.shape is Shape.UNKNOWN and all(self._row_head(link)):
            return True  # 查看 where the row of an agency meets the column of a year
        if (
            link.text
            and GENERIC.match(link.text)
            and link.row is not link.element
            and is_report(_row_title(link.row, ""))
        ):
            return True  # 查看 beside a report's title that is no link
        if (
            link.shape is Shape.UNKNOWN
            and mark == CONTENT
            and link.label.bare
            and link.label.year
            and link.label.report
        ):
            return True  # 2021年度报告 at 2021.html
        return link.report or (link.listed_on is not None and len(link.text) >= 6)

    def _is_text(self, link: Link) -> bool:
        text = link.text
        if CHROME.match(text) or NEXT.match(text) or MORE.match(text):
            return False
        if CONTROL.match(text) and link.label.year is None:
            return False
        return bool(text) or link.shape in (Shape.ARTICLE, Shape.DOCUMENT)

    def _keeps_company(self, link: Link) -> bool:
        """Another row of a list that holds an entry."""
        return (
            self.mark_of[id(link)] < HOT_LIST
            and self._is_text(link)
            and not self._leads_to_column(link)
            and link.element.tag != "option"
            and (self._stands_for_a_title(link) if link.label.bare or GENERIC.match(link.text) else len(link.text) >= 6)
            and same_site(link.url, self.column.url)
        )

    def _stands_for_a_title(self, link: Link) -> bool:
        """A year or 查看 that leads to a page of its own in a table or list of them."""
        return link.shape is not Shape.LISTING and (
            link.label.year is not None or link.row.tag == "tr" or bool(self._row_head(link)[0])
        )

    def _unmarked_list(self) -> list[Link]:
        """The longest block of long texts: titles without dates, at addresses of no known dialect."""
        blocks: dict[object, list[Link]] = defaultdict(list)
        for link in self.links:
            plain = self.mark_of[id(link)] == CONTENT and self._is_text(link) and not self._leads_to_column(link)
            if (
                plain
                and link.shape is not Shape.LISTING
                and len(link.text) >= 10
                and link.element.tag != "option"
                and same_site(link.url, self.column.url)
            ):
                blocks[link.group].append(link)
        return max(blocks.values(), key=lambda links: sum(len(link.text) for link in links), default=[])

    def _contexts(self, links: list[Link]) -> dict[int, Label]:
        """Year and agency that stand above a list or at the head of a row, where the page really groups by them."""
        heads = {id(link): label(self._heading(link.row)) for link in links}
        years = {head.year for head in heads.values() if head.bare and head.year}
        agencies = {head.agency for head in heads.values() if head.bare and head.agency}
        contexts: dict[int, Label] = {}
        for link in links:
            head = heads[id(link)]
            year = head.year if head.bare and len(years) > 1 else None
            agency = head.agency if head.bare and len(agencies) > 1 else None
            if not link.label.agency or not link.label.year:
                cell_agency, cell_year = self._row_head(link)
                agency, year = agency or cell_agency or self._beside(link), year or cell_year
            contexts[id(link)] = Label("", year=year, agency=agency)
        return contexts

    def _beside(self, link: Link) -> str | None:
        """The agency a row names beside a title that names none: [县商务局], a cell of its own."""
        if link.label.agency or link.row is link.element or link.row.tag not in ROWS:
            return None
        pieces = (squeeze(piece).strip("[]【】()（）") for piece in link.row.itertext())
        return next((piece for piece in pieces if piece != link.text and is_agency(piece)), None)

    def _row_head(self, link: Link) -> tuple[str | None, int | None]:
        """Agency of the row and year of the column in an agencies-by-years table."""
        if not (link.label.bare or GENERIC.match(link.text)):
            return None, None
        row = link.row if link.row.tag == "tr" else next(link.element.iterancestors("tr"), None)
        cell = next(
            (element for element in (link.element, *link.element.iterancestors()) if element.tag in ("td", "th")), None
        )
        if row is None or cell is None or cell.getparent() is not row:
            return None, None
        cells = [element for element in row if element.tag in ("td", "th")]
        texts = [squeeze("".join(element.itertext())) for element in cells]
        agency = next((text for text in texts[:2] if is_agency(text)), None)
        table = next(row.iterancestors("table"), None)
        first = next(table.iter("tr"), None) if table is not None else None
        heads = (
            [element for element in first if element.tag in ("td", "th")]
            if first is not None and first is not row
            else []
        )
        index = cells.index(cell)
        year = year_in("".join(heads[index].itertext())) if len(heads) == len(cells) else None
        return agency, year

    def _entry(self, link: Link, contexts: Mapping[int, Label]) -> Entry:
        context = contexts[id(link)]
        column = self.column
        if context.year and not link.label.year and column.report_year is None:
            column = replace(column, report_year=context.year)
        if context.agency and not link.label.agency and column.agency is None:
            column = replace(column, agency=context.agency)
        title = link.text
        if GENERIC.match(title) and link.row is not link.element:
            title = _row_title(link.row, title)
        if GENERIC.match(title) and (column.agency or column.report_year):
            title = f"{column.agency or ''}{f'{column.report_year}年' if column.report_year else ''}"
        return Entry(link.url, title or link.url.rsplit("/", 1)[-1], column, link.listed_on, link.facts)

    # ------------------------------------------------ sub-columns

    def columns(self) -> tuple[Column, ...]:
        found: dict[str, Column] = {}
        for link in self.links:
            if not self._leads_to_column(link):
                continue
            named = label(self._block_name(link)) if MORE.match(link.text) else link.label
            head = label(self._heading(link.row)) if self._under_its_counterpart(link) else named
            found.setdefault(
                identity(link.url),
                Column(
                    link.url,
                    named.text or link.text,
                    self.column.url,
                    named.year or head.year or _stepped_to(link) or self.column.report_year,
                    named.agency or head.agency or self._named_in_row(link) or self.column.agency,
                ),
            )
        return tuple(found.values())

    def _more_reports(self, link: Link) -> bool:
        """更多 of a block that calls itself 政府信息公开年报, on a page of many blocks."""
        name = self._block_name(link)
        called = label(name)
        return (
            called.report
            and (called.bare or is_report(called.text))
            and not DECOY.search(called.text)
            and "公开" in name
            and same_site(link.url, self.column.url)
        )

    def _under_its_counterpart(self, link: Link) -> bool:
        """An agency's bare name under the heading of a year, or a bare year under that of an agency: a report, or the
        column of some. It is opened as a column, and found to be a report where it is one."""
        head, named = label(self._heading(link.row)), link.label
        if named.bare and named.year and not named.agency and self._named_in_row(link):
            return True
        counterpart = bool((head.year and named.agency) or (head.agency and named.year))
        # What stands above may be a menu of its own: 乡镇 五道镇 莲花乡.
        return head.bare and counterpart and not any(other.text and other.text in head.text for other in self.links)

    def _named_in_row(self, link: Link) -> str | None:
        """The agency that stands before the years of its row: 某局 2021年 2020年, a term and its definition."""
        for ancestor in link.element.iterancestors():
            if ancestor.tag in LISTS or any(not other.label.year for other in self._within(ancestor)):
                return None
            term = ancestor.getprevious() if ancestor.tag == "dd" else None
            own = [other.element for other in self._within(ancestor)]
            beside = squeeze("".join(term.itertext()) if term is not None else _text_outside(ancestor, own)).strip(
                "：:|- "
            )
            if is_agency(beside):
                return beside
        return None

    def _block_name(self, link: Link) -> str:
        """What the block is called that a 更多 belongs to: the text beside the link, else the heading above."""
        beside = squeeze(_text_outside(link.row, [link.element])) if link.row is not link.element else ""
        if not beside and link.element.getparent() is not None:
            beside = text_of(link.element.getparent(), 60).removesuffix(link.text)
        return beside if 2 <= len(beside) <= 40 else self._heading(link.row)

    def _leads_to_column(self, link: Link) -> bool:
        """A year, a department, a township, a group of them, in the column's own menu."""
        mark = self.mark_of[id(link)]
        if mark >= HOT_LIST or link.shape in (Shape.ARTICLE, Shape.DOCUMENT):
            return False
        own, here, named = self.column.url, deeper(link.url, self.column.url), link.label
        if MORE.match(link.text):
            return here or self._more_reports(link)
        if (
            here
            and link.shape is Shape.LISTING
            and link.report
            and link.listed_on is None
            and not DECOY.search(named.text)
        ):
            return True  # 2022年某县政府信息公开年报 at a folder below: the year's list
        if YEAR_STEP.match(link.text) and mould(link.url) == mould(own):
            return True
        if not named.bare or DECOY.search(named.text):
            return False
        if not same_site(link.url, own):
            return bool(named.agency) and mark == CONTENT and annual(link.url) and not _home(link.url)
        if link.shape is Shape.UNKNOWN and (link.listed_on or named.report):
            return False  # 2021年度报告 at 2021.html is the report, not a list of them
        if link.listed_on and named.report and named.agency:
            return False
        if here or same_page(link.url, own):
            return here or bool(named.year or named.agency)
        if mark == CONTENT and self._under_its_counterpart(link):
            return True
        alike = mould(link.url) == mould(own)
        if named.year:
            return alike or (annual(link.url) and _siblings(link.url, own))
        if named.agency:
            return (annual(link.url) and mark == CONTENT) or (
                alike and (mark == CONTENT or "年报" in self._heading(link.row))
            )
        return named.report and named.group and alike


def _stepped_to(link: Link) -> int | None:
    """The year 上一年 leads to, as its address has it."""
    return (
        year_in(re.sub(r"\D+", " ", urlsplit(link.url).path + "?" + urlsplit(link.url).query))
        if YEAR_STEP.match(link.text)
        else None
    )


def _home(url: str) -> bool:
    return identity(url).partition("/")[2] == ""


def _siblings(url: str, other: str) -> bool:
    """Folders next to each other, one level, the pages' own names aside."""
    mine, theirs = identity(url).rstrip("/"), identity(other).rstrip("/")
    return mine.rpartition("/")[0] == theirs.rpartition("/")[0]


def _following(element: Element) -> str:
    """The text after a link up to the next link or line break."""
    pieces = [element.tail or ""]
    after = element.getnext()
    while (
        after is not None
        and isinstance(after.tag, str)
        and after.tag in ("span", "i", "em", "font", "time", "b", "small")
        and after.find(".//a") is None
    ):
        pieces += [*after.itertext(), after.tail or ""]
        after = after.getnext()
    return " ".join(pieces)


def _merged(one: Entry, other: Entry) -> Entry:
    """The same entry linked twice (a picture and a title): the longer title, whichever date there is."""
    title = one.title if len(one.title) >= len(other.title) else other.title
    return replace(one, title=title, listed_on=one.listed_on or other.listed_on, facts={**other.facts, **one.facts})
