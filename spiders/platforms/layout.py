"""How a list page is laid out: the row and the block every link stands in, and what stands above or before it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from crawler.items import Column
from crawler.urls import identity
from spiders.platforms import dates
from spiders.platforms.addresses import Shape
from spiders.platforms.anchors import Element, Link, links_of
from spiders.platforms.chrome import CHROME_BLOCK, CONTENT, HOT_LIST, MENU, block, text_of
from spiders.platforms.names import GENERIC, HOT, MORE, is_agency, squeeze, year_in
from spiders.platforms.rows import FACTS, attribute_facts, dates_inside, labelled_facts, text_after, text_outside

ROWS = frozenset({"li", "tr", "dd", "dl"})
LISTS = frozenset({"ul", "ol", "table", "tbody", "body", "html", "form"})


class Layout:
    """The links of one page, their rows, its blocks and its headings."""

    def __init__(self, root: Element, base: str, url: str, column: Column) -> None:
        self.column, self.root = column, root
        own = {identity(url), identity(column.url)}
        self.links = [link for link in links_of(root, base) if identity(link.url) not in own and not is_home(link.url)]
        self.below: dict[Element, set[str]] = defaultdict(set)
        self.held: dict[Element, list[Link]] = defaultdict(list)  # the links of an element, itself among them
        self.reports_below: dict[Element, int] = defaultdict(int)
        self.evident_below: dict[Element, int] = defaultdict(int)
        for link in self.links:
            self.held[link.element].append(link)
            for ancestor in link.element.iterancestors():
                self.held[ancestor].append(link)
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

    def _place(self, link: Link, siblings: list[Element]) -> None:
        outside = text_outside(link.row, siblings) if link.row is not link.element else ""
        if link.row.tag == "dd" and dates.in_row(outside) is None:
            term = link.row.getprevious()
            outside += " ".join(term.itertext()) if term is not None and term.tag == "dt" else ""
        if not outside.strip():
            outside = text_after(link.element)
        link.listed_on = dates.in_row(outside) or dates.in_row(dates_inside(link.element))
        link.facts = {**attribute_facts(link.element), **labelled_facts(outside), **self._cell_facts(link.row)}
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
        if mark < HOT_LIST and HOT.search(self.heading(link.row)):
            mark = HOT_LIST
        return mark

    def _own_mark(self, element: Element) -> int:
        if element not in self.marks:
            self.marks[element] = block(element)
        return self.marks[element]

    def heading(self, row: Element) -> str:
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
            if before is not None and not _tab_of(block):
                text = text_of(before, 60)
                if (
                    text
                    and len(text) <= 40
                    and len(self.below.get(before, ())) <= 2
                    and not any(link.evident for link in self.within(before))
                ):
                    return MORE.sub("", text)
                if text:
                    return ""
            if name := _tab_of(block):
                return name
            block = block.getparent()
        return ""

    def within(self, element: Element) -> Sequence[Link]:
        return self.held.get(element, ())

    def agency_beside(self, link: Link) -> str | None:
        """The agency a row names beside a title that names none: [县商务局], a cell of its own."""
        if link.label.agency or link.row is link.element or link.row.tag not in ROWS:
            return None
        pieces = (squeeze(piece).strip("[]【】()（）") for piece in link.row.itertext())
        return next((piece for piece in pieces if piece != link.text and is_agency(piece)), None)

    def row_head(self, link: Link) -> tuple[str | None, int | None]:
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
        head = squeeze("".join(heads[index].itertext())) if len(heads) == len(cells) else ""
        if agency is None and is_agency(head):
            return head, next((found for text in texts[:2] if (found := year_in(text))), None)  # a year's row
        return agency, year_in(head)

    def agency_in_row(self, link: Link) -> str | None:
        """The agency that stands before the years of its row: 某局 2021年 2020年, a term and its definition."""
        for ancestor in link.element.iterancestors():
            if ancestor.tag in LISTS or any(not other.label.year for other in self.within(ancestor)):
                return None
            term = ancestor.getprevious() if ancestor.tag == "dd" else None
            own = [other.element for other in self.within(ancestor)]
            beside = squeeze("".join(term.itertext()) if term is not None else text_outside(ancestor, own)).strip(
                "：:|- "
            )
            if is_agency(beside):
                return beside
        return None

    def block_name(self, link: Link) -> str:
        """What the block is called that a 更多 belongs to: the text beside the link, else the heading above."""
        beside = squeeze(text_outside(link.row, [link.element])) if link.row is not link.element else ""
        if not beside and link.element.getparent() is not None:
            beside = text_of(link.element.getparent(), 60).removesuffix(link.text)
        return beside if 2 <= len(beside) <= 40 else self.heading(link.row)


def _tab_of(panel: Element) -> str:
    """What the tab of a panel is called: panels of one kind, one after the other, and above them a list of as many short
    names that lead nowhere."""
    around = panel.getparent()
    if around is None or panel.tag not in ("div", "ul", "section", "table", "dl"):
        return ""
    inside = [element for element in around if isinstance(element.tag, str) and element.tag not in ("script", "style")]
    panels = [element for element in inside if element.tag == panel.tag and element.get("class") == panel.get("class")]
    if len(panels) < 2:
        return ""
    above = inside[inside.index(panels[0]) - 1] if inside[0] is not panels[0] else around.getprevious()
    if above is None or not isinstance(above.tag, str):
        return ""
    for tag in ("li", "a", "span", "dt", "button", "h3", "h4"):
        tabs = list(above.iter(tag))
        names = [squeeze("".join(tab.itertext())) for tab in tabs]
        if len(names) == len(panels) and all(0 < len(name) <= 20 for name in names):
            return "" if any(_leads_away(tab) for tab in tabs) else names[panels.index(panel)]
    return ""


def _leads_away(tab: Element) -> bool:
    links = [one.get("href") or "" for one in tab.iter("a")]
    return any(href and not href.startswith(("#", "javascript:")) for href in links)


def is_home(url: str) -> bool:
    return identity(url).partition("/")[2] == ""
