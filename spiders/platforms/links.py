"""Tells the links of one list page apart: entries, sub-columns, chrome. Whatever lists in HTML reads with it.

A link is judged by what is nearest to it first: its own address (an article's dialect, a document), its text (the title
of a report, a bare year, an agency), its row (a printed date), then by the block it stands in (a menu, a breadcrumb, a
hot list) and by the company it keeps: the rest of a list that holds one entry are entries too, whatever they are about.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Column, Entry
from crawler.urls import identity
from spiders.platforms import dates
from spiders.platforms.addresses import Shape, annual, below_its_page, deeper, mould, same_page, same_site
from spiders.platforms.anchors import Element, Link, encode_queries, html_of, links_of
from spiders.platforms.chrome import CHROME_BLOCK, CONTENT, HOT_LIST, MENU
from spiders.platforms.layout import ROWS, Layout, is_home
from spiders.platforms.names import (
    CHROME,
    CONTROL,
    DECOY,
    EARLIER,
    GENERIC,
    LETTER,
    MORE,
    NEXT,
    YEAR_STEP,
    Label,
    gathers,
    is_report,
    label,
    squeeze,
    year_in,
)
from spiders.platforms.rows import attribute_facts, dates_inside, labelled_facts, row_title, text_outside

__all__ = ["Found", "html_of", "record", "scan", "units_of"]


_WORD = re.compile(r"[\u4e00-\u9fff]{2}|\d年")


@dataclass(frozen=True, slots=True)
class Found:
    """What a piece of HTML holds for a column."""

    entries: tuple[Entry, ...] = ()
    columns: tuple[Column, ...] = ()


def scan(response: TextResponse, column: Column, *, root: Element = None, base: str | None = None) -> Found:
    """Entries and sub-columns of a list page, or of ``root`` where the list came inside something else; ``base`` is what
    its addresses are relative to where that is not the answer itself."""
    base = base or get_base_url(response)
    root = html_of(response.text) if root is None else root
    encode_queries(root, response.encoding)
    page = _Page(root, base, response.url, column)
    entries = page.entries()
    taken = {identity(entry.url) for entry in entries}
    columns = page.columns() or (() if entries else page.units_alone())
    return Found(entries, tuple(found for found in columns if identity(found.url) not in taken))


def record(fragment: str, base: str, column: Column) -> Entry | None:
    """The one entry of a list row that came by itself (a ``<record>`` of an interface): its longest link."""
    if re.match(r"\s*<t[rdh]\b", fragment, re.I):
        fragment = f"<table>{fragment}</table>"
    root = html_of(f"<div>{fragment}</div>")
    links = [link for link in links_of(root, base) if not CONTROL.match(link.text)]
    if not links:
        return None
    best = max(links, key=lambda link: (link.report, link.shape is Shape.ARTICLE, len(link.text)))
    title = max((link.text for link in links if link.url == best.url), key=len)
    title = title if not GENERIC.match(title) else row_title(root, title)
    outside = text_outside(root, {link.element for link in links})
    listed_on = dates.in_row(outside) or dates.in_row(dates_inside(best.element))
    return Entry(best.url, title, column, listed_on, {**attribute_facts(best.element), **labelled_facts(outside)})


def units_of(response: TextResponse, column: Column) -> tuple[str, ...]:
    """The agencies a column lists under 部门年报 by pages of their own elsewhere on the site: each keeps its reports in a
    column there."""
    if not response.text.lstrip().startswith("<"):
        return ()
    page = _Page(html_of(response.text), get_base_url(response), response.url, column)
    return tuple(dict.fromkeys(link.url for link in page.links if page.is_unit(link)))


class _Page(Layout):
    """The links of one page, told apart."""

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
        if link.shape is Shape.UNKNOWN and all(self.row_head(link)):
            return True  # 查看 where the row of an agency meets the column of a year
        if (
            link.text
            and GENERIC.match(link.text)
            and link.row is not link.element
            and is_report(row_title(link.row, ""))
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
            link.label.year is not None or link.row.tag == "tr" or bool(self.row_head(link)[0])
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
        heads = {id(link): label(self.heading(link.row)) for link in links}
        years = {head.year for head in heads.values() if head.bare and head.year}
        agencies = {head.agency for head in heads.values() if head.bare and head.agency}
        contexts: dict[int, Label] = {}
        for link in links:
            head = heads[id(link)]
            year = head.year if head.bare and len(years) > 1 else None
            agency = head.agency if head.bare and len(agencies) > 1 else None
            if not link.label.agency or not link.label.year:
                cell_agency, cell_year = self.row_head(link)
                agency, year = agency or cell_agency or self.agency_beside(link), year or cell_year
            contexts[id(link)] = Label("", year=year, agency=agency)
        return contexts

    def _entry(self, link: Link, contexts: Mapping[int, Label]) -> Entry:
        context = contexts[id(link)]
        column = self.column
        if context.year and not link.label.year and column.report_year is None:
            column = replace(column, report_year=context.year)
        if context.agency and not link.label.agency and column.agency is None:
            column = replace(column, agency=context.agency)
        title = link.text
        if GENERIC.match(title) and link.row is not link.element:
            title = row_title(link.row, title)
        if GENERIC.match(title) and (column.agency or column.report_year):
            title = f"{column.agency or ''}{f'{column.report_year}年' if column.report_year else ''}"
        return Entry(link.url, title or link.url.rsplit("/", 1)[-1], column, link.listed_on, link.facts)

    def columns(self) -> tuple[Column, ...]:
        found: dict[str, Column] = {}
        for link in self.links:
            if not self._leads_to_column(link):
                continue
            named = label(self.block_name(link)) if MORE.match(link.text) else link.label
            head = label(self.heading(link.row)) if self._under_its_counterpart(link) else named
            found.setdefault(
                identity(link.url),
                Column(
                    link.url,
                    named.text or link.text,
                    self.column.url,
                    named.year or head.year or _stepped_to(link) or self.column.report_year,
                    named.agency or head.agency or self.agency_in_row(link) or self.column.agency,
                ),
            )
        return tuple(found.values())

    def units_alone(self) -> tuple[Column, ...]:
        """The agencies that a page of annual reports lists and nothing else: each has its own in a column, wherever on
        the site."""
        if not any(label(title).report and not DECOY.search(title) for title in self.titles()):
            return ()
        blocks: dict[object, dict[str, Link]] = defaultdict(dict)
        for link in self.links:
            named = link.label
            leads = link.shape in (Shape.LISTING, Shape.UNKNOWN) and same_site(link.url, self.column.url)
            if (
                leads
                and named.bare
                and (named.agency or named.group)
                and self.mark_of[id(link)] == CONTENT
                and not is_home(link.url)
            ):
                blocks[link.group, mould(link.url)].setdefault(identity(link.url), link)
        units = max(blocks.values(), key=len, default={})
        year = self.column.report_year
        own = (Column(link.url, link.label.text, self.column.url, year, link.label.agency) for link in units.values())
        return tuple(own) if len(units) > 2 else ()

    def titles(self) -> list[str]:
        """What the page calls itself, its site's name left out."""
        heads = ["".join(element.itertext()) for element in self.root.iter("title", "h1")]
        metas = [one.get("content") or "" for one in self.root.iter("meta") if one.get("name") == "ColumnName"]
        return [re.split(r"[_|-]", squeeze(text))[0] for text in (*metas, *heads)]

    def is_unit(self, link: Link) -> bool:
        head = label(self.heading(link.row))
        return (
            head.report
            and head.group
            and link.label.bare
            and bool(link.label.agency)
            and link.shape in (Shape.LISTING, Shape.UNKNOWN)
            and self.mark_of[id(link)] == CONTENT
            and same_site(link.url, self.column.url)
            and not self._leads_to_column(link)
        )

    def _more_reports(self, link: Link) -> bool:
        """更多 of a block that calls itself 政府信息公开年报, on a page of many blocks."""
        name = self.block_name(link)
        called = label(name)
        return (
            called.report
            and (called.bare or is_report(called.text))
            and not DECOY.search(called.text)
            and "公开" in name
            and same_site(link.url, self.column.url)
        )

    def _more_of_an_agency(self, link: Link) -> bool:
        """更多 of a block that is called after an agency and holds reports."""
        called = label(self.block_name(link))
        if not (called.bare and called.agency and same_site(link.url, self.column.url)):
            return False
        return any(
            self.reports_below[block]
            for block in list(link.element.iterancestors())[:3]
            if block.tag not in ("body", "html") and sum(bool(MORE.match(one.text)) for one in self.within(block)) == 1
        )

    def _under_its_counterpart(self, link: Link) -> bool:
        """An agency's bare name under the heading of a year, or a bare year under that of an agency: a report, or the
        column of some. It is opened as a column, and found to be a report where it is one."""
        head, named = label(self.heading(link.row)), link.label
        if named.bare and named.year and not named.agency and self.agency_in_row(link):
            return True
        counterpart = bool((head.year and named.agency) or (head.agency and named.year))
        # What stands above may be a menu of its own: 乡镇 五道镇 莲花乡.
        return head.bare and counterpart and not any(other.text and other.text in head.text for other in self.links)

    def _gathers(self, link: Link) -> bool:
        """历史年报, 2022年政府信息公开年度报告专栏: a list of reports by its name, wherever on the site it stands."""
        named = link.label
        earlier = named.report and named.bare and bool(EARLIER.search(link.text)) and link.listed_on is None
        gathered = gathers(link.text) and link.shape is not Shape.DOCUMENT
        return earlier or (gathered and not DECOY.search(link.text))

    def _is_index(self, link: Link) -> bool:
        """A B C D: agencies by the first letter of their names."""

        def plain(one: Link) -> str:
            return re.sub(rf"(?<![A-Za-z]){one.text}(?![A-Za-z])", "#", mould(one.url), flags=re.I)

        row = [other for other in self.links if other.group == link.group and LETTER.fullmatch(other.text)]
        return sum(plain(other) == plain(link) for other in row) > 2

    def _names_a_list(self, link: Link) -> bool:
        """部门年报 at bm.htm: the reports of a group, a menu's choice, a page below the column's own page (VSB: ndbg.htm,
        ndbg/2021.htm). Where it is a report after all, that is seen when it is opened."""
        return link.label.group or self.mark_of[id(link)] == MENU or below_its_page(link.url, self.column.url)

    def _is_part(self, link: Link) -> bool:
        """Whatever it is called: a folder below that of a column of annual reports is a part of it (经济口, 2024年1月)."""
        return (
            annual(self.column.url)
            and link.shape is Shape.LISTING
            and deeper(link.url, self.column.url)
            and link.listed_on is None
            and not link.report
            and bool(_WORD.search(link.text))
            and not any(pattern.match(link.text) for pattern in (CHROME, NEXT, CONTROL))
        )

    def _shows_in_a_frame(self, link: Link) -> bool:
        """A year or an agency that is shown in a frame of the page: ``<a href="/list.jsp?y=2021" target="right">``."""
        return link.element.get("target") in self.frames and bool(
            link.label.year or link.label.agency or link.label.group
        )

    @cached_property
    def frames(self) -> frozenset[str]:
        """The names of the page's frames."""
        return frozenset(name for one in self.root.iter("iframe", "frame") if (name := one.get("name")))

    @cached_property
    def year_menus(self) -> Mapping[tuple[object, str], list[int]]:
        """The years that stand together at addresses of one mould."""
        menus: dict[tuple[object, str], list[int]] = defaultdict(list)
        for link in self.links:
            if link.label.bare and link.label.year and not link.label.agency and link.shape is not Shape.ARTICLE:
                menus[link.group, mould(link.url)].append(link.label.year)
        return menus

    def _is_of_a_year_menu(self, link: Link) -> bool:
        """2023年 2022年 2021年 at addresses of one mould, wherever on the site: the years of the column that shows them."""
        if not link.label.year or link.label.agency or link.listed_on or not annual(self.column.url):
            return False
        years = self.year_menus.get((link.group, mould(link.url)), [])
        if not 2 < len(years) == len(set(years)) or not same_site(link.url, self.column.url):
            return False  # what says a year twice is a table of agencies by years
        head = self.heading(link.row)
        named = not head or (label(head).bare and not label(head).agency and not DECOY.search(head))
        return named and not (self.agency_in_row(link) or any(self.row_head(link)))

    def _is_another_list(self, link: Link) -> bool:
        """经济口部门政府信息公开年报 at a listing whose address says so: another column of annual reports, here or on another
        host of the portal."""
        named = link.label
        return (
            is_report(link.text)
            and link.text.endswith("年报")
            and not (named.year or link.listed_on)
            and link.shape is Shape.LISTING
            and annual(link.url)
        )

    def _leads_to_column(self, link: Link) -> bool:
        """A year, a department, a township, a group of them, in the column's own menu."""
        mark = self.mark_of[id(link)]
        if mark < HOT_LIST and self._gathers(link) and same_site(link.url, self.column.url):
            return True
        if mark >= HOT_LIST or link.shape in (Shape.ARTICLE, Shape.DOCUMENT):
            return False
        own, here, named = self.column.url, deeper(link.url, self.column.url), link.label
        if MORE.match(link.text):
            return here or self._more_reports(link) or self._more_of_an_agency(link)
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
        if LETTER.fullmatch(link.text) and (here or same_page(link.url, own)) and self._is_index(link):
            return True
        if DECOY.search(named.text):
            return False
        if not named.bare:
            return self._is_part(link) or (mark == CONTENT and self._is_another_list(link))
        if mark < HOT_LIST and (self._shows_in_a_frame(link) or self._is_of_a_year_menu(link)):
            return True
        if not same_site(link.url, own):
            return bool(named.agency or named.report) and mark == CONTENT and annual(link.url) and not is_home(link.url)
        if link.shape is Shape.UNKNOWN and (link.listed_on or (named.report and not self._names_a_list(link))):
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
                alike and (mark == CONTENT or "年报" in self.heading(link.row))
            )
        return named.group and (alike or annual(link.url)) and (named.report or mark == CONTENT)


def _siblings(url: str, other: str) -> bool:
    """Folders next to each other, one level, the pages' own names aside."""
    mine, theirs = identity(url).rstrip("/"), identity(other).rstrip("/")
    return mine.rpartition("/")[0] == theirs.rpartition("/")[0]


def _stepped_to(link: Link) -> int | None:
    """The year 上一年 leads to, as its address has it."""
    return (
        year_in(re.sub(r"\D+", " ", urlsplit(link.url).path + "?" + urlsplit(link.url).query))
        if YEAR_STEP.match(link.text)
        else None
    )


def _merged(one: Entry, other: Entry) -> Entry:
    """The same entry linked twice (a picture and a title): the longer title, whichever date there is."""
    title = one.title if len(one.title) >= len(other.title) else other.title
    return replace(one, title=title, listed_on=one.listed_on or other.listed_on, facts={**other.facts, **one.facts})
