"""HTML → items in reading order: lines, tables and pictures of the whole page, with the elements they came from.

One parse and one walk a page. Everything visible becomes part of an item; nothing is judged here except which tables
hold data and which only lay out the page. The walk keeps no Python stack of the markup's depth: pages pasted from
Word nest thousands of unclosed tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from crawler.errors import Unreadable
from pipelines.reading.blocks import Block, Cell, Image, Paragraph, Table

EDGE = "\x1f"  # between two inline elements of one line
FIELD = "\x1e"  # where a form field stands
_RAISED = "\x1c"  # at both ends of a raised, lowered or struck text

_UNSEEN = (
    "script style noscript template head title textarea select option datalist button iframe object embed applet "
    "audio video canvas svg map noframes noembed frameset"
)
# Everything else is inline, as in a browser: <PUBLISHTIME>, <o:p> and whatever a vendor invents.
_BLOCK = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol p plaintext pre search "
    "section summary table tbody td tfoot th thead tr ucapcontent ul xmp"
)
UNSEEN = frozenset(_UNSEEN.split())
BLOCK = frozenset(_BLOCK.split())
_RUN = frozenset({"p", "span", "font", "b", "strong", "i", "em", "u", "o:p", "st1:chsdate"})
_ANCHORS = frozenset({"a", "iframe", "embed", "object", "frame"})
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_VOID = frozenset({"br", "hr", "img", "input"})
# 3<sup>1</sup> is not 31, nor <del>5</del>3 a 53.
_SET_APART = frozenset({"sup", "sub", "del", "s", "strike", "ins"})
_BETWEEN_DIGITS = re.compile(f"(?<=\\d){_RAISED}+(?=\\d)")
_PREFORMATTED = frozenset({"pre", "listing", "plaintext", "xmp"})
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u3000-\u303f\u2018-\u201d"
_WRAPPED = re.compile(f"(?<=[{_WIDE}])[ \t]*\n[ \t\n]*(?=[{_WIDE}])")
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_INLINE_TAGS = re.compile(r"</?(?:span|font|b|i|u|em|strong|big|small|o:p|st1:\w+|a|center)\b[^<>]*>", re.I)
_BOX_TAGS = re.compile(r"</?(?:div|p|section|article|main|ul|ol|li|dl|dt|dd|blockquote|form|fieldset)\b[^<>]*>", re.I)
_HEADLINE_BREAK = "\x1d"
_HEADLINE_BREAKS = re.compile(
    f"(?<=[{_WIDE}]) *{_HEADLINE_BREAK}[ {_HEADLINE_BREAK}]*| *{_HEADLINE_BREAK}[ {_HEADLINE_BREAK}]*(?=[{_WIDE}])"
)
_ZERO_WIDTH = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_OUTER = " \t\n\r\f\v\u00a0\u3000\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
_BLANK = _OUTER + EDGE + _RAISED + _HEADLINE_BREAK
_UNDISPLAYED = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|table|list-item)", re.I)
_TABLE_STYLE = re.compile(r"(?:^|;)\s*display\s*:\s*(table|table-row|table-cell)\s*(?:;|!|$)", re.I)
_TABLE_TAGS = {"table": "table", "table-row": "tr", "table-cell": "td"}
_HIDDEN_CLASSES = frozenset({"ng-hide", "d-none", "layui-hide"})
_SENTENCE = re.compile("[。；！？]|，.{4,}")
_IN_LATIN = re.compile(r"(?:\b[a-z][a-z'’-]*[,;:]? ){5}")  # five lower-case words in a row; menus and footers have none
_NONE: Mapping[str, str] = {}
# lxml.html asks a function of Python for the class of each element, whenever it is met anew; forms are nothing to us.
_ALL_ALIKE = etree.ElementDefaultClassLookup(element=HtmlElement)
_CLAIMED = re.compile(r"\s*(\d{1,6})")
MAX_SPAN = 200  # columns or rows a cell may claim; more has only been seen in hostile or broken markup
MAX_PLACES = 40_000  # that the merged cells of one table may cover together; beyond, cells are no longer merged
_LONGEST_LABEL = 90  # characters of a cell of the statutory forms, white space of the markup included
MAX_GRID = 400_000  # places of a table of data; with more it is read as lines

# §4.11 of the field notes: where known portal software puts the article, the surest first.
BODY_IDS = (
    "ucap-content", "ucapcontent", "zoom", "zoomcon", "ivs_content", "newscontent", "news_content", "fontzoom",
    "mycontent", "articlecontent", "article_content", "article-content", "textcontent", "contenttext", "detailcontent",
    "info_content", "infocontent", "xxgk_content", "js_content", "printcontent", "content_body", "cont_content",
    "printarea", "article", "content", "main-content", "maincontent",
)  # fmt: skip
BODY_CLASSES = (
    "trs_editor_view", "trs_ueditor", "trs_editor", "v_news_content", "article-content", "article_content",
    "ucapcontent",
    "bt_content", "bt-content", "content_body", "xxgk-content", "xxgk_content", "xxgkcontent", "zwnr", "main-txt",
    "detail-content", "zfxxgk_zw_content", "zfxxgk_content", "article-box", "biaobody", "wp_articlecontent", "xl_con",
    "zoomcon", "tyxxy_main", "news_cont_d_wrap", "bt-article-y", "artile_zw", "article-con", "article_con",
    "news_content", "newscontent", "info-content", "j-fontcontent", "pages_content", "txt_txt", "gp-article",
    "detail_content", "text_content", "con_text", "view", "article", "content",
)  # fmt: skip
_ID_RANK = {name: rank for rank, name in enumerate(BODY_IDS)}
_CLASS_RANK = {name: rank for rank, name in enumerate(BODY_CLASSES)}
WEAK_MARKS = frozenset({"article", "content", "main-content", "maincontent", "view", "printarea", "text_content"})


@dataclass(slots=True, eq=False)
class Line:
    """One line of text as a reader sees it: the content of a block element, or the part of it between two breaks."""

    raw: str  # as in the source, with EDGE and FIELD
    text: str
    element: HtmlElement
    level: int | None
    marker: str | None
    linked: int  # how many of its characters stand in links
    _marked: str | None = None

    @property
    def marked(self) -> str:
        """The text with EDGE between inline elements and FIELD for form fields, gaps as printed."""
        if self._marked is None:
            raw = self.raw.replace(_HEADLINE_BREAK, " ").replace(_RAISED, EDGE)
            self._marked = _SPACE.sub(" ", _ZERO_WIDTH.sub("", raw)).strip(_OUTER)
        return self._marked


@dataclass(slots=True, eq=False)
class Grid:
    """One data table."""

    table: Table
    element: HtmlElement
    linked: int
    labelled: bool = False  # a metadata block in the shape of a table
    form: bool = False  # a form to be filled in


@dataclass(slots=True, eq=False)
class Picture:
    """One image."""

    url: str
    alt: str
    element: HtmlElement


Item = Line | Grid | Picture


@dataclass(slots=True)
class Layout:
    """A page as items, and which of them each block element holds."""

    root: HtmlElement
    url: str
    items: list[Item] = field(default_factory=list)
    spans: dict[HtmlElement, tuple[int, int]] = field(default_factory=dict)
    anchors: dict[HtmlElement, int] = field(default_factory=dict)  # links and frames → the item they stand at
    bodies: list[tuple[int, str, HtmlElement]] = field(default_factory=list)  # (rank, what marks it, element)
    _weights: list[tuple[int, int, int]] = field(default_factory=list)

    def span(self, element: HtmlElement) -> tuple[int, int]:
        return self.spans.get(element, (0, 0))

    def weight(self, start: int, end: int) -> tuple[int, int, int]:
        """Characters, linked characters and characters of prose or tables in a range of items."""
        if not self._weights:
            total = [(0, 0, 0)]
            for item in self.items:
                chars, linked, prose = total[-1]
                one, in_links, of_prose = _weigh(item)
                total.append((chars + one, linked + in_links, prose + of_prose))
            self._weights.extend(total)
        first, last = self._weights[start], self._weights[end]
        return last[0] - first[0], last[1] - first[1], last[2] - first[2]


def parse(text: str) -> HtmlElement | None:
    """The document element, or ``None`` where there is no markup and no text at all.

    libxml2 drops whatever is nested deeper than 2048 elements, without a word. Such pages (thousands of unclosed
    ``<font>``) are parsed again without their inline tags, then without boxes. Raises ``Unreadable`` if that fails.
    """
    if not text.strip():
        return None
    for needless, instead in (None, ""), (_INLINE_TAGS, ""), (_BOX_TAGS, "<br>"):
        text = needless.sub(instead, text) if needless else text
        parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
        parser.set_element_class_lookup(_ALL_ALIKE)
        try:
            root = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
        except etree.ParserError:  # only comments or an empty document
            return None
        if not any("Excessive depth" in entry.message for entry in parser.error_log):
            if "table-cell" in text:
                _boxes_as_tables(root)
            return root
    raise Unreadable("nested too deep to be parsed", name="too_deep")


def _boxes_as_tables(root: HtmlElement) -> None:
    """Makes tables of the boxes that a page displays as tables, rows and cells."""
    for node in list(root.iter("div", "span", "ul", "li", "section", "p")):
        shown = _TABLE_STYLE.search(node.get("style") or "")
        if shown is not None:
            node.tag = _TABLE_TAGS[shown.group(1).lower()]


def bare(text: str) -> str:
    """The text without white space and zero-width characters: what two prints of the same words have in common."""
    printable = text.isprintable()  # neither zero-width characters nor white space but the plain space
    if printable and " " not in text:
        return text
    text = "".join(text.split())
    return text if printable or text.isprintable() else _ZERO_WIDTH.sub("", text)


def is_prose(text: str) -> bool:
    """Whether a line reads as running text and not as a label, a menu item or a byline."""
    return len(text) >= 15 and (
        _SENTENCE.search(text) is not None or (text.count(" ") >= 7 and _IN_LATIN.search(text) is not None)
    )


def is_hidden(element: HtmlElement) -> bool:
    """Whether the markup itself says that the element is not shown."""
    attributes = element.items()
    return bool(attributes) and _hide(dict(attributes))


def _hide(attributes: Mapping[str, str]) -> bool:
    style = attributes.get("style")
    if style:
        lower = style.lower()
        if ("none" in lower or "hid" in lower) and _UNDISPLAYED.search(style):
            return True
    names = attributes.get("class")
    if names and not _HIDDEN_CLASSES.isdisjoint(names.split()):
        return True
    return "hidden" in attributes


def layout(root: HtmlElement, url: str, *, flat: bool = False, tables_before: int = 0) -> Layout:
    """The visible content below ``root`` as items. With ``flat``, every table counts as mere layout."""
    return _Walk(root, url, flat, tables_before).walk()


class _Walk:
    """The state of one walk over a tree."""

    def __init__(self, root: HtmlElement, url: str, flat: bool, tables_before: int) -> None:
        self.out = Layout(root, url)
        self.flat = flat
        self.tables = tables_before
        self.parts: list[str] = []
        self.linked = 0
        self.links = 0
        self.pre = 0
        self.heading: int | None = None
        self.marker: str | None = None
        self.block: HtmlElement = root
        self.blocks: list[HtmlElement] = [root]
        self.keeping: list[bool] = []  # for each block but the root: whether it keeps its line ends
        self.counters: dict[HtmlElement, int] = {}
        self.base = url

    def walk(self) -> Layout:
        root = self.out.root
        walker = etree.iterwalk(root, events=("start", "end"))
        started: dict[HtmlElement, int] = {}
        for event, node in walker:
            if event == "start":
                tag = node.tag
                given = node.items()  # once: every look at one attribute searches them all
                attributes = dict(given) if given else _NONE
                if tag in _ANCHORS:
                    self.out.anchors[node] = len(self.out.items)
                if tag in UNSEEN or (given and node is not root and _hide(attributes)):
                    if tag == "head":
                        self._base(node)
                    walker.skip_subtree()
                elif tag == "table" and not self.flat and self._data_table(node):
                    walker.skip_subtree()
                else:
                    self._start(node, tag, attributes, started)
            else:
                self._end(node, started)
                tail = node.tail
                if tail and node is not root:
                    self._text(tail)
        self._flush()
        self.out.spans.setdefault(root, (0, len(self.out.items)))
        return self.out

    def _base(self, head: HtmlElement) -> None:
        found = head.find(".//base[@href]")
        if found is not None:
            self.base = join(self.base, found.get("href", ""))

    def _start(
        self, node: HtmlElement, tag: str, attributes: Mapping[str, str], started: dict[HtmlElement, int]
    ) -> None:
        if tag in _VOID:
            self._void(node, tag, attributes)
            return
        inline = tag not in BLOCK and "-" not in tag
        if tag == "a":
            self.links += 1
        style = attributes.get("style")
        if inline and style and "display" in style.lower():
            inline = _BLOCK_STYLE.search(style) is None
        mark = self._body_mark(tag, attributes) if attributes or tag == "ucapcontent" else None
        if inline and mark is None:
            self.parts.append(_RAISED if tag in _SET_APART else EDGE)
        else:
            if self.parts:
                self._flush()
            started[node] = len(self.out.items)
            self.block = node
            self.blocks.append(node)
            if mark is not None:
                self.out.bodies.append((*mark, node))
            keeps = False
            if tag in HEADINGS:
                self.heading = HEADINGS[tag]
            elif tag == "li":
                self.marker = self._marker(node)
            else:
                keeps = tag in _PREFORMATTED or (style is not None and _keeps_lines(style))
            self.keeping.append(keeps)
            self.pre += keeps
        text = node.text
        if text:
            self._text(text)

    def _void(self, node: HtmlElement, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "br":
            self._break()
        elif tag == "hr":
            self._flush()
        elif tag == "img":
            self._image(node)
        elif attributes.get("type", "text").lower() in ("text", "search", "date", ""):
            self.parts.append(FIELD)

    def _end(self, node: HtmlElement, started: dict[HtmlElement, int]) -> None:
        tag = node.tag
        if tag == "a":
            self.links = max(0, self.links - 1)
        first = started.pop(node, None)
        if first is None:
            if tag not in BLOCK:
                self.parts.append(_RAISED if tag in _SET_APART else EDGE)
            return
        if self.parts:
            self._flush()
        self.out.spans[node] = (first, len(self.out.items))
        self.blocks.pop()
        self.block = self.blocks[-1]
        self.pre -= self.keeping.pop()
        if tag in HEADINGS:
            self.heading = None
        elif tag == "li":
            self.marker = None

    def _text(self, text: str) -> None:
        if not self.pre:
            self.parts.append(text)
            if self.links:
                self.linked += len(bare(text))
        else:
            lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            for index, line in enumerate(lines):
                if index:
                    self._flush()
                self.parts.append(line)
                if self.links:
                    self.linked += len(bare(line))

    def _break(self) -> None:
        if self.heading is not None:  # a headline over two lines is one headline
            self.parts.append(_HEADLINE_BREAK)
        else:
            self._flush()

    def _image(self, node: HtmlElement) -> None:
        source = node.get("src") or node.get("data-src") or node.get("data-original") or node.get("oldsrc") or ""
        source = source.strip()
        if not source or source.startswith("data:"):
            return
        self._flush()
        alt = _SPACE.sub(" ", node.get("alt") or node.get("title") or "").strip()
        self.out.items.append(Picture(join(self.base, source), alt, node))

    def _flush(self) -> None:
        if not self.parts:
            return
        raw = "".join(self.parts)
        self.parts.clear()
        linked, self.linked = self.linked, 0
        if not raw.strip(_BLANK):  # the source's own line ends between two elements
            return
        text = printed(raw)
        if text or FIELD in raw:
            self.out.items.append(Line(raw, text, self.block, self.heading, self.marker, linked))
            self.marker = None

    def _marker(self, node: HtmlElement) -> str:
        parent = node.getparent()
        if parent is None or parent.tag != "ol":
            return "-"
        value = node.get("value") or ""
        if value.strip().isdigit():
            number = int(value)
        elif parent in self.counters:
            number = self.counters[parent] + 1
        else:
            start = (parent.get("start") or "1").strip()
            number = int(start) if start.lstrip("-").isdigit() else 1
        self.counters[parent] = number
        return f"{number}."

    def _body_mark(self, tag: str, attributes: Mapping[str, str]) -> tuple[int, str] | None:
        if tag == "ucapcontent":
            return 0, "ucapcontent"
        ident, classes = attributes.get("id", ""), attributes.get("class", "")
        if ident:
            ident = ident.strip().lower()
        names = classes.lower().split() if classes else []
        if not ident and not names:
            return (tag == "article" and (90, "article")) or None
        if not (ident in _ID_RANK or ident.startswith("vsb_content")) and _CLASS_RANK.keys().isdisjoint(names):
            return None
        ranks = []
        if ident in _ID_RANK:
            ranks.append((_ID_RANK[ident] + (50 if ident in WEAK_MARKS else 0), "#" + ident))
        elif ident.startswith("vsb_content"):
            ranks.append((1, "#" + ident))
        ranks.extend(
            (_CLASS_RANK[name] + (50 if name in WEAK_MARKS else 0), "." + name) for name in names if name in _CLASS_RANK
        )
        return min(ranks) if ranks else None

    def _data_table(self, node: HtmlElement) -> bool:
        rows = _own_rows(node)
        texts = [_plain_text(cell) for _, row in rows for cell in row]
        if not holds_data(node, rows, texts):
            return False
        grid = _grid(node, rows, texts, self.base, f"table {self.tables + 1}")
        if grid is None:
            return False
        self._flush()
        for stray in _stray_text(node):
            self.parts.append(stray)
            self._flush()
        self.tables += 1
        first = len(self.out.items)
        self.out.items.append(grid)
        self.out.spans[node] = (first, len(self.out.items))
        return True


def join(base: str, reference: str) -> str:
    """An absolute address; the reference itself where it is no address at all."""
    try:
        return urljoin(base, reference.strip())
    except ValueError:
        return reference.strip()


def printed(raw: str) -> str:
    """A line's text: source line ends between Chinese characters are no spaces, other runs are one space."""
    if raw.isalnum():
        return raw
    text = raw.replace(EDGE, "")
    if text.isprintable():  # no line ends, no zero-width characters, no spaces but the plain one
        return (_SPACE.sub(" ", text) if "  " in text else text).strip(" ")
    text = text.replace(FIELD, "")
    if _RAISED in text:
        text = _BETWEEN_DIGITS.sub(" ", text).replace(_RAISED, "")
    if not text.isascii():
        text = _ZERO_WIDTH.sub("", text)
    if "\n" in text or "\r" in text:
        text = _WRAPPED.sub("", text.replace("\r", "\n"))
    text = _SPACE.sub(" ", text)
    if _HEADLINE_BREAK in text:
        text = _HEADLINE_BREAKS.sub("", text).replace(_HEADLINE_BREAK, " ")
    return text.strip(_OUTER)


def _keeps_lines(style: str) -> bool:
    return "white-space" in style and re.search(r"white-space\s*:\s*pre", style) is not None


def _weigh(item: Item) -> tuple[int, int, int]:
    if isinstance(item, Line):
        length = len(item.text)
        return length, item.linked, length if item.linked * 2 < length and is_prose(item.text) else 0
    if isinstance(item, Grid):
        length = sum(len(cell.text) for cell in item.table.cells)
        if item.labelled or item.form:
            return length, item.linked, 0
        return length, item.linked, length if item.linked * 2 < length else 0
    return 0, 0, 0


# ---------------------------------------------------------------- tables


def _own_rows(table: HtmlElement) -> list[tuple[HtmlElement | None, list[HtmlElement]]]:
    """(row group, cells) of a table without those of tables inside it. Cells outside any row make a row together."""
    rows: list[tuple[HtmlElement | None, list[HtmlElement]]] = []
    loose: list[HtmlElement] | None = None
    stack: list[tuple[HtmlElement, HtmlElement | None, list[HtmlElement] | None]] = [
        (child, None, None) for child in reversed(table)
    ]
    while stack:
        node, group, row = stack.pop()
        tag = node.tag
        if not isinstance(tag, str) or tag in UNSEEN or is_hidden(node):
            continue
        if tag in ("td", "th", "table"):  # a table right below a row, as unclosed markup leaves it, is a cell's content
            if row is None:
                if loose is None:
                    loose = []
                    rows.append((group, loose))
                loose.append(node)
            else:
                row.append(node)
            continue
        loose = None
        if tag == "tr":
            row = []
            rows.append((group, row))
        elif tag in ("thead", "tbody", "tfoot"):
            group = node
        stack.extend((child, group, row) for child in reversed(node))
    return rows


def _stray_text(table: HtmlElement) -> Iterator[str]:
    """Text inside a table but outside its cells (captions, and what a browser would move before the table)."""
    stack = [(child, False) for child in reversed(table)]
    if table.text and table.text.strip(_OUTER):
        yield table.text
    while stack:
        node, inside = stack.pop()
        tag = node.tag
        if isinstance(tag, str) and tag not in ("td", "th", "table") and tag not in UNSEEN and not is_hidden(node):
            if node.text and node.text.strip(_OUTER):
                yield node.text
            stack.extend((child, inside) for child in reversed(node))
        if node.tail and node.tail.strip(_OUTER):
            yield node.tail


def holds_data(
    table: HtmlElement, rows: list[tuple[HtmlElement | None, list[HtmlElement]]], plain: list[str | None]
) -> bool:
    """Whether a table holds data. Older portals lay out the whole page in tables, some frame the article."""
    cells = [cell for _, row in rows for cell in row]
    if len(cells) < 2 or max(len(row) for _, row in rows) < 2:
        return False
    if next(table.iter("h1", "h2", "h3"), None) is not None:
        return False
    texts = [cell.text_content() if text is None else text for cell, text in zip(cells, plain, strict=True)]
    if table.find(".//table") is not None:
        nested = [
            index
            for index, cell in enumerate(cells)
            if cell.tag == "table" or (len(cell) and not _frames_one_word(cell) and cell.find(".//table") is not None)
        ]
        if sum(len(bare(texts[index])) for index in nested) * 2 >= sum(map(len, map(bare, texts))):
            return False
    if _holds_body(table):
        return False
    if max(map(len, texts)) > 300:
        lengths = [len(bare(text)) for text in texts]
        longest = max(range(len(cells)), key=lengths.__getitem__)
        if lengths[longest] > 300 and lengths[longest] * 10 >= sum(lengths) * 6:
            return sum(1 for _ in cells[longest].iter("p", "br", "div", "li")) < 3
    return True


def _frames_one_word(cell: HtmlElement) -> bool:
    """Whether a table in a cell is but a frame around its figure or label, as some editors paste each cell."""
    return (
        len(cell.text_content()) <= _LONGEST_LABEL
        and all(sum(1 for _ in table.iterdescendants("td", "th")) == 1 for table in cell.iterdescendants("table"))
        and next(cell.iterdescendants("a", "img", "input"), None) is None
    )


def _holds_body(table: HtmlElement) -> bool:
    """Whether a known body container stands inside a table."""
    for node in table.iter("div", "td", "ucapcontent"):
        ident, names = node.get("id"), node.get("class")
        if ident:
            ident = ident.lower()
            if ident.startswith("vsb_content") or (ident in _ID_RANK and ident not in WEAK_MARKS):
                return True
        if names and any(name in _CLASS_RANK and name not in WEAK_MARKS for name in names.lower().split()):
            return True
    return False


def _grid(
    node: HtmlElement,
    rows: list[tuple[HtmlElement | None, list[HtmlElement]]],
    texts: list[str | None],
    base: str,
    place: str,
) -> Grid | None:
    taken: set[tuple[int, int]] = set()  # places below a cell of several rows
    placed: list[tuple[int, int, int, int, HtmlElement]] = []
    ends = _group_ends(rows)
    kept: set[int] = set()
    places = MAX_PLACES
    for number, (_, cells) in enumerate(rows):
        column = 0
        for cell in cells:
            while (number, column) in taken:
                column += 1
            rowspan = _claim(cell.get("rowspan"), ends[number] - number)
            colspan = _claim(cell.get("colspan"), MAX_SPAN)
            if rowspan * colspan > 1:
                places -= rowspan * colspan
                if places < 0:
                    rowspan = colspan = 1
            if rowspan > 1:
                taken.update(product(range(number + 1, number + rowspan), range(column, column + colspan)))
                kept.update(range(number, number + rowspan))
            placed.append((number, column, rowspan, colspan, cell))
            column += colspan
        if cells:
            kept.add(number)
    if not placed:
        return None
    # A caption that claims a thousand columns does not make the table that wide.
    width = max(
        max(column + 1 for _, column, _, _, _ in placed), max((c + s for _, c, _, s, _ in placed if s < 50), default=1)
    )
    if len(kept) * width > MAX_GRID:
        return None
    order = {row: index for index, row in enumerate(sorted(kept))}
    made = []
    linked = 0
    for (row, column, rowspan, colspan, cell), text in zip(placed, texts, strict=True):
        if text is None:
            inner = layout(cell, base, flat=True)
            linked += inner.weight(0, len(inner.items))[1]
            text = _cell_text(inner)
        made.append(Cell(text, order[row], column, rowspan, min(colspan, width - column)))
    form = any((field.get("type") or "text").lower() != "hidden" for field in node.iter("input", "select", "textarea"))
    return Grid(Table(tuple(made), len(kept), width, place), node, linked, form=form)


def _plain_text(cell: HtmlElement) -> str | None:
    """The text of a cell that holds one run of text, which nearly all do; ``None`` where it takes a walk to tell."""
    inner = cell
    while len(inner) == 1:  # one element in the other, as Word pastes a number
        child = inner[0]
        around = (inner.text or "") + (child.tail or "") if isinstance(child.tag, str) else "?"
        if child.tag not in _RUN or around.strip() or (child.tag == "p" and inner is not cell) or _is_styled(child):
            break
        inner = child
    if not len(inner):
        return printed(inner.text or "")
    boxes = 0
    for node in cell.iterdescendants():
        if node.tag not in _RUN or _is_styled(node):
            return None
        if node.tag == "p":
            boxes += 1
            if boxes > 1 or node.getparent() is not cell or bare((cell.text or "") + (node.tail or "")):
                return None
    if boxes and len(cell) > 1:
        return None
    return printed("".join(cell.itertext()))


def _is_styled(node: HtmlElement) -> bool:
    """Whether an element may be hidden, a box, or keep its line ends."""
    if not node.keys():
        return False
    if node.get("hidden") is not None or node.get("class") in _HIDDEN_CLASSES:
        return True
    style = node.get("style")
    return bool(style) and ("none" in style or "hid" in style or "pre" in style or "display" in style)


def _cell_text(inner: Layout) -> str:
    parts = []
    for item in inner.items:
        if isinstance(item, Line) and item.text:
            parts.append(f"{item.marker} {item.text}" if item.marker and item.marker != "-" else item.text)
        elif isinstance(item, Picture):
            parts.append(f"![{item.alt}]({item.url})")
    return "\n".join(parts)


def _group_ends(rows: list[tuple[HtmlElement | None, list[HtmlElement]]]) -> list[int]:
    """For each row, the number of the row after the last of its group: no cell reaches beyond."""
    ends = [0] * len(rows)
    end = len(rows)
    for number in range(len(rows) - 1, -1, -1):
        if number + 1 < len(rows) and rows[number][0] is not rows[number + 1][0]:
            end = number + 1
        ends[number] = end
    return ends


def _claim(value: str | None, most: int) -> int:
    if value is None or value == "1":
        return 1
    digits = _CLAIMED.match(value)
    if digits is None:
        return 1
    number = int(digits.group(1))
    if number == 0:
        return most if most < MAX_SPAN else 1  # rowspan=0: to the end of the group
    return max(1, min(number, most))


# ---------------------------------------------------------------- items → blocks


def blocks_of(items: list[Item]) -> tuple[Block, ...]:
    """The items as blocks, form fields without text left out."""
    made: list[Block] = []
    for item in items:
        if isinstance(item, Line):
            if item.text:
                made.append(Paragraph(item.text, item.level, item.marker))
        elif isinstance(item, Grid):
            made.append(item.table)
        else:
            made.append(Image(item.url, item.alt))
    return tuple(made)


def visible_text(element: HtmlElement) -> str:
    """Every visible character below an element without white space, collected independently of ``layout``."""
    pieces: list[str] = []
    stack: list[HtmlElement | str] = [element]
    first = True
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            pieces.append(node)
            continue
        tag = node.tag
        seen = isinstance(tag, str) and tag not in UNSEEN and (first or not is_hidden(node))
        if not first and node.tail:
            stack.append(node.tail)
        if seen:
            stack.extend(reversed(node))
            if node.text:
                stack.append(node.text)
        first = False
    return bare("".join(pieces))
