"""The metadata block of a page: every printed label and its value, in whatever layout the portal prints them.

A label is taken only where a metadata block can stand: before the report's text, at the head of the article's
container, or close behind the article. ``联系电话：`` or ``来源：`` in the running text is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from pipelines.reading import labels
from pipelines.reading.blocks import Cell
from pipelines.reading.labels import Pair, Role
from pipelines.reading.markup import EDGE, Grid, Item, Layout, Line, bare, is_hidden, is_prose
from pipelines.reading.outline import is_heading
from pipelines.reading.traditional import simplified

_TOOL_WORDS = re.compile(
    "扫一扫在手机(?:上)?(?:打开|查看)(?:当前|此)?页面?|扫一扫手机(?:打开|查看)(?:当前|此)?页面?|用?手机扫一扫|扫描二维码|"
    "打印(?:本页|文章|此页|全文)?|关闭(?:窗口|本页|页面|此页)?|(?:加入)?收藏(?:本页)?|(?:一键)?分享(?:到|至)?[:：]?|"
    "(?:微信|新浪)?微博|微信|QQ空间|QQ好友|人人网|腾讯|字号|字体(?:大小)?|文字大小|特大|超大|大|中|小|默认|繁体|简体|繁|简|返回(?:顶部|列表|上页|首页)?|顶部|"
    "手机(?:查看|版)|二维码|纠错|我要纠错|网页纠错|视力保护色|双击自动滚屏|语音播报|语音朗读|朗读|播放|暂停|"
    "浏览次数|浏览量|阅读量|阅读次数|点击数|点击率|点击量|访问量|点击|浏览|阅读|下载(?:文字版|全文|本文|PDF|word)?|次|人气|"
    "网站地图|相关(?:链接|附件|文档|文件|报道|信息|阅读|稿件|新闻)|无障碍(?:浏览)?|适老(?:版|模式)|公开目录|推荐|保存|转发|点赞|举报|评论|放大|缩小|还原"
)
_BREADCRUMB = re.compile(
    r"^(?:(?:您?(?:当前|现在|所在)?的?(?:所在)?位置)|当前栏目|首\s*页)[\s\S]{0,12}[:：>》→»/\\]|^\s*首\s*页\s*[>》→»/\\-]"
)
_FOOTER = re.compile(
    r"^(?:友情链接|相关网站|网站导航|网站链接)\s*[:：]|ICP备\s*\d|公网安备|网站标识码|版权所有|(?:主办|承办)(?:单位)?\s*[:：].{2,40}(?:主办|承办|备案|电话|政府|局|办)|技术支持\s*[:：]"
)
_UNKNOWN_PAIR = re.compile(
    rf"[\s{EDGE}]*[【\[]?([\u4e00-\u9fff](?:[\s\u3000\u00a0]*[\u4e00-\u9fff]){{1,9}})[】\]]?[\s{EDGE}]*[:：](.*)$", re.S
)
_WORD = re.compile(r"\w")
_SIGNS = re.compile(r"[\W\d_ATa-t+]+")  # and the letters of A+ T- buttons
_BLOCK_OF_LABELS = 3  # sure labels that close together behind an article are its metadata block
_LONGEST_BLOCK = 30  # items
_NO_BOXES = frozenset({"p", "li", "tr", "table", "ul"})
_TIME = re.compile(r"\d{1,2}[:：]\d{2}")
_ISO_DATE = re.compile(r"(?:19|20)\d{2}-\d{2}-\d{2}")  # below a title, the portal's hand: an author writes 年月日
_DATE_ONLY = re.compile(r"(?:19|20)\d{2}\s*[-年./]\s*\d{1,2}\s*[-月./]\s*\d{1,2}\s*日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")


@dataclass(slots=True)
class Metadata:
    """What a page prints about its report."""

    values: dict[str, str] = field(default_factory=dict)  # label → value verbatim, '' where blank
    roles: dict[Role, list[tuple[str, str]]] = field(default_factory=dict)
    loose_dates: list[str] = field(default_factory=list)  # dates of a byline that have no label
    consumed: set[int] = field(default_factory=set)  # items that are nothing but metadata or tools
    repeated: list[tuple[str, str, str]] = field(default_factory=list)  # label printed with two values

    def add(self, label: str, value: str, role: Role) -> None:
        known = self.values.get(label)
        if known and value and bare(known) != bare(value):
            self.repeated.append((label, known, value))
            return
        if known:
            return
        self.values[label] = value
        if value:
            self.roles.setdefault(role, []).append((label, value))

    def first(self, *roles: Role) -> str | None:
        """The first value under any of the roles, in the roles' order."""
        for role in roles:
            for _, value in self.roles.get(role, ()):
                return value
        return None


def read_metadata(page: Layout, start: int, end: int) -> Metadata:
    """The metadata of a page whose article's container holds the items ``start`` to ``end``."""
    found = Metadata()
    items = page.items
    head_end = _head_end(items, start, end)
    _read(page, range(head_end), found, strict_from=start)
    read_behind(page, range(end, min(end + 25, len(items))), found)
    return found


def is_tools(text: str) -> bool:
    """Whether a line is nothing but tools of the page (字号 打印 分享 …) or a breadcrumb."""
    if not text:
        return True
    if len(text) > 120:
        return False
    text = simplified(text)
    if _BREADCRUMB.search(text) or not _WORD.search(text):
        return True
    rest = _TOOL_WORDS.sub("", text)
    return rest != text and not _SIGNS.sub("", rest)


def without_date(line: Line) -> str:
    """A line's text without the bare date that an element of its own prints behind it."""
    head, _, last = line.marked.rstrip(EDGE + " ").rpartition(EDGE)
    return head.replace(EDGE, "") if head and _DATE_ONLY.fullmatch(last.strip()) else line.text


def is_footer(text: str) -> bool:
    """Whether a line belongs to the site's own footer (版权所有, ICP备, 网站标识码 …)."""
    return len(text) <= 160 and _FOOTER.search(text) is not None


def is_byline_date(text: str) -> bool:
    """Whether a line is a date with a time of day: printed by the portal, never by a report's author."""
    return bool(_DATE_ONLY.fullmatch(text.strip()) and _TIME.search(text))


def _head_end(items: Sequence[Item], start: int, end: int) -> int:
    """Where the report's own text begins: metadata may stand at the head of the container, never further down."""
    for index in range(start, min(end, start + 80)):
        item = items[index]
        if isinstance(item, Grid):
            if not item.labelled:
                return index
        elif isinstance(item, Line):
            text = item.text
            if is_heading(text):
                return index
            if is_prose(text) and not labels.pairs(item.marked):
                return index
            if len(text) > 60 and is_prose(text) and _is_sentence_with_label(item):
                return index
    return min(end, start + 80)


def _is_sentence_with_label(item: Line) -> bool:
    """A long line with one label in it: text, unless the label opens it and says what may be long (内容概述)."""
    made = labels.pairs(item.marked)
    if len(made) != 1:
        return False
    return bool(labels.leading_text(item.marked)) or made[0].role not in (Role.OTHER, Role.TITLE)


def _read(page: Layout, indexes: Iterable[int], found: Metadata, *, strict_from: int) -> None:
    items = page.items
    order = list(indexes)
    lines: dict[int, Sequence[Pair]] = {}
    sure: set[int] = set()
    taken: set[int] = set()
    for index in order:
        item = items[index]
        if isinstance(item, Line):
            if _all_links(item):
                continue
            made: Sequence[Pair] = labels.pairs(item.marked)
            if made and is_footer(item.text):
                continue
            if not made and labels.is_label(item.text):
                made = [Pair(labels.normal(item.text), None, labels.role_of(item.text) or Role.OTHER, True)]
            if made:
                lines[index] = made
                if any(_sure(pair) for pair in made):
                    sure.add(index)
        elif isinstance(item, Grid) and item.labelled:
            sure.add(index)
    for index in order:
        item = items[index]
        if index in taken:
            continue
        if isinstance(item, Grid):
            if item.labelled:
                _read_grid(item, found)
                found.consumed.add(index)
            continue
        if not isinstance(item, Line):
            continue
        beside = any(near in sure for near in range(index - 4, index + 5))
        if index not in lines:
            self_labelled = beside and not _all_links(item) and _unknown_pairs(item)
            near = sum(1 for other in range(index - 3, index + 4) if other in sure)
            if self_labelled and near >= 2 and len(item.text) < 80 and not is_footer(item.text):
                lines[index] = self_labelled
            else:
                _read_unlabelled(item, index, found, beside=beside, inside=index >= strict_from)
                continue
        # Within the container a salutation may follow the block: words before a colon are a label between labels only.
        between = any(near in sure for near in range(index - 3, index)) and any(
            near in sure for near in range(index + 1, index + 4)
        )
        inside = index >= strict_from and not (between and _opens_with_pair(item, lines[index]))
        _read_line(page, index, item, lines[index], found, taken, beside=beside, inside=inside)


def _opens_with_pair(item: Line, made: Sequence[Pair]) -> bool:
    return not made[0].known and bool(_unknown_pairs(item))


def _read_line(
    page: Layout,
    index: int,
    item: Line,
    made: Sequence[Pair],
    found: Metadata,
    taken: set[int],
    *,
    beside: bool,
    inside: bool,
) -> None:
    if any(_sure(pair) for pair in made) or beside:
        made = labels.pairs(item.marked, unknown=True) or made
    lead = labels.leading_text(item.marked) if not labels.is_label(item.text) else ""
    dated = _DATE_ONLY.fullmatch(lead) is not None
    if lead and not dated and (inside or is_prose(lead)):
        return  # the words stand inside a sentence or behind a text of their own
    accepted = False
    for position, pair in enumerate(made):
        if pair.form:
            continue
        if pair.role is Role.CHROME:
            accepted = True
            continue
        if not (_sure(pair) or beside or _byline(pair, item, inside=inside)):
            continue
        value = pair.value
        if value is None and position == len(made) - 1 and len(made) == 1:
            value, beyond, structural = _beside(page, index, item)
            if value is None and not structural and ":" not in item.text and "：" not in item.text:
                continue  # a word without colon and without value: a tab of the page's own menus
            taken.update(beyond)
            found.consumed.update(beyond)
        if value is not None and len(value) > 400 and pair.role is not Role.OTHER:
            continue
        found.add(pair.label, value or "", pair.role)
        accepted = True
    if accepted:
        if dated:
            found.loose_dates.append(lead)
        if dated or not lead:
            found.consumed.add(index)


def _read_unlabelled(item: Line, index: int, found: Metadata, *, beside: bool, inside: bool) -> None:
    text = item.text
    if is_tools(text):
        found.consumed.add(index)
    elif (
        _DATE_ONLY.fullmatch(text.strip())
        and item.linked == 0
        and (is_byline_date(text) or (_ISO_DATE.fullmatch(text) if inside else beside))
    ):
        found.loose_dates.append(text)
        found.consumed.add(index)


def read_behind(page: Layout, indexes: range, found: Metadata) -> None:
    """What stands close behind the article: 来源, 责任编辑, sometimes the whole block."""
    block = _block_within(page, indexes)
    for label, value in block.values.items():
        if label not in found.values:
            found.add(label, value, labels.role_of(label) or Role.OTHER)
    for index in indexes:
        if index in block.consumed:
            continue
        item = page.items[index]
        if isinstance(item, Grid):
            if item.labelled and _count_labels(item) >= 3:
                _read_grid(item, found)
        elif isinstance(item, Line) and not _all_links(item) and len(item.text) <= 120:
            made = labels.pairs(item.marked)
            if labels.leading_text(item.marked) and made:
                continue
            for pair in made:
                printed = pair.value and not pair.form and pair.role is not Role.CHROME
                if printed and (_sure(pair) or len(pair.value or "") <= 30) and pair.label not in found.values:
                    found.add(pair.label, pair.value or "", pair.role)


def block_at_end(page: Layout, start: int, end: int) -> int:
    """Where a metadata block begins that ends a container below the report's text; ``end`` where there is none."""
    first = max(start, end - _LONGEST_BLOCK)
    consumed = _block_within(page, range(first, end)).consumed
    while end > first and (end - 1 in consumed or (isinstance(item := page.items[end - 1], Line) and not item.text)):
        end -= 1
    return end


def _block_within(page: Layout, indexes: range) -> Metadata:
    """The metadata block among these items; empty where too few of them are labels to be one."""
    found = Metadata()
    labelled = {index: count for index in indexes if (count := _sure_labels(page.items[index]))}
    if sum(labelled.values()) < _BLOCK_OF_LABELS:
        return found
    first, last = min(labelled), max(labelled)
    for index in range(first - 1, indexes.start - 1, -1):
        if index >= first - 2 and _opens_with_label(page.items[index]):
            first = index
    for index in range(last + 1, indexes.stop):
        if index <= last + 2 and _opens_with_label(page.items[index]):
            last = index
    # The last label's value may stand on the next line.
    _read(page, range(first, min(last + 2, indexes.stop)), found, strict_from=len(page.items))
    return found


def _sure_labels(item: Item) -> int:
    if not isinstance(item, Line) or _all_links(item):
        return 0
    text = item.text
    if (len(text) > 60 and "。" in text) or (len(text) > 60 and ":" not in text and "：" not in text):
        return 0
    made = labels.pairs(item.marked)
    if made:
        return 0 if labels.leading_text(item.marked) else sum(map(_sure, made))
    return int(
        labels.is_label(text) and labels.normal(text) not in labels.WEAK and labels.role_of(text) is not Role.CHROME
    )


def _opens_with_label(item: Item) -> bool:
    return (
        isinstance(item, Line)
        and not is_footer(item.text)
        and (labels.is_label(item.text) or bool(labels.pairs(item.marked)))
    )


def _sure(pair: Pair) -> bool:
    return pair.known and pair.role is not Role.CHROME and pair.label not in labels.WEAK and not pair.form


def _byline(pair: Pair, item: Line, *, inside: bool) -> bool:
    """``来源：… 日期：2020-01-03`` above an article: weak labels on a line of their own."""
    if inside and is_prose(item.text):
        return False
    if pair.role in (Role.PUBLISHED, Role.ISSUED):
        return bool(pair.value and _DATE_ONLY.search(pair.value))
    if pair.role in (Role.SOURCE, Role.AUTHOR) or pair.label in ("编辑", "审核", "作者"):
        return len(item.text) <= 120 and (pair.value is None or len(pair.value) <= 40)
    return False


def _unknown_pairs(item: Line) -> list[Pair]:
    match = _UNKNOWN_PAIR.match(item.marked)
    if match is None:
        return []
    return [Pair(labels.normal(match.group(1)), labels.clean_value(match.group(2)) or None, Role.OTHER, False)]


def _all_links(item: Line) -> bool:
    return item.linked > 0 and item.linked >= len(bare(item.text)) * 0.9


def _beside(page: Layout, index: int, item: Line) -> tuple[str | None, list[int], bool]:
    """The value that stands in the element next to a label's: (value, its items, whether the place is a value's).

    ``dt``/``dd``, two cells, or two boxes that are all their parent holds. A paragraph after a label alone in its own
    paragraph is none: the report's text often begins right after a blank ``文号:``.
    """
    element = item.element
    for _ in range(4):
        following = _next_element(element)
        parent = element.getparent()
        if following is not None or parent is None or page.span(parent) != (index, index + 1):
            break
        element = parent
    else:
        following = None
    if following is None:
        return None, [], False
    pair_of = (element.tag, following.tag)
    structural = pair_of in (("dt", "dd"), ("td", "td"), ("th", "td"), ("th", "th"), ("td", "th"))
    boxes = {element.tag, following.tag}.isdisjoint(_NO_BOXES)
    listed = pair_of == ("p", "p") and _two_children(element) and _one_of_several(element)
    headed = following.tag == "p" and element.tag in ("div", "span", "h3", "h4", "h5", "h6") and _two_children(element)
    if not (structural or boxes or headed or listed):
        return None, [], False
    if not structural and not (_two_children(element) or _alternates(page, element)):
        return None, [], False
    start, end = page.span(following)
    texts = [other.text for other in page.items[start:end] if isinstance(other, Line)]
    if start == end and following in page.spans:
        return "", [], True
    if any(not isinstance(other, Line) for other in page.items[start:end]) or end - start > 4:
        return None, [], structural
    value = " ".join(texts)
    if len(value) > 300 or labels.is_label(value) or labels.pairs(value):
        return None, [], structural
    return value, list(range(start, end)), True


def _next_element(element: HtmlElement) -> HtmlElement | None:
    following = element.getnext()
    while following is not None and (
        not isinstance(following.tag, str) or following.tag == "br" or is_hidden(following)
    ):
        following = following.getnext()
    return following


def _two_children(element: HtmlElement) -> bool:
    parent = element.getparent()
    return parent is not None and sum(1 for child in parent if isinstance(child.tag, str) and child.tag != "br") == 2


def _one_of_several(element: HtmlElement) -> bool:
    """Whether the box a label opens stands beside another box that opens with a label."""
    parent = element.getparent()
    neighbours = (parent.getnext(), parent.getprevious()) if parent is not None else ()
    return any(
        box is not None and len(box) == 2 and labels.is_label(" ".join(box[0].text_content().split()))
        for box in neighbours
    )


def _alternates(page: Layout, element: HtmlElement) -> bool:
    """Whether label and value boxes alternate below one parent."""
    parent = element.getparent()
    if parent is None:
        return False
    children = [child for child in parent if isinstance(child.tag, str) and child.tag != "br"]
    if len(children) % 2 or children.index(element) % 2:
        return False
    firsts = children[::2]
    return all(labels.is_label(" ".join(child.text_content().split())) for child in firsts)


# ---------------------------------------------------------------- tables


def mark_labelled(page: Layout) -> None:
    """Tells the tables that are metadata blocks apart from those that hold the report's figures."""
    for item in page.items:
        if isinstance(item, Grid) and not item.form and item.table.rows <= 40 and item.table.columns <= 12:
            item.labelled = _is_block(item)


def _is_block(grid: Grid) -> bool:
    cells = grid.table.cells
    printed = [cell.text for cell in cells if cell.text]
    if sum(not text.isdigit() for text in printed) * 4 < len(printed):
        return False  # a form full of figures: too few cells are left to be labels
    count = _count_labels(grid)
    if count < 2 and not (count == 1 and len(cells) <= 4):
        return False
    if _is_listing(grid):
        return False
    return count * 4 >= len(printed) and not any(len(text) > 600 for text in printed)


def _count_labels(grid: Grid) -> int:
    return sum(1 for cell in grid.table.cells if _cell_pairs(cell) or _label_cell(cell))


def _is_listing(grid: Grid) -> bool:
    """A list of documents has a head of labels and then rows of values; a block has labels in every row."""
    rows = _rows(grid)
    if len(rows) < 3 or not rows[0]:
        return False
    head = sum(1 for cell in rows[0] if labels.is_label(cell.text))
    below = sum(1 for row in rows[1:] for cell in row if _label_cell(cell) or _cell_pairs(cell))
    return head == len(rows[0]) and head >= 2 and below == 0


def _rows(grid: Grid) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[] for _ in range(grid.table.rows)]
    for cell in grid.table.cells:
        rows[cell.row].append(cell)
    return [sorted(row, key=lambda cell: cell.column) for row in rows]


def _label_cell(cell: Cell) -> bool:
    text = cell.text.strip()
    if not text or len(text) > 30 or text.isascii():
        return False
    role = labels.role_of(text)
    if role is not None:
        return role is not Role.CHROME
    return False


def _cell_pairs(cell: Cell) -> list[Pair]:
    if ":" not in cell.text and "：" not in cell.text:
        return []
    made: list[Pair] = []
    for line in cell.text.split("\n"):
        on_line = labels.pairs(line)
        if on_line and not labels.leading_text(line):
            made.extend(labels.pairs(line, unknown=True))
        elif made and made[-1].value is not None and not on_line:
            last = made[-1]
            made[-1] = Pair(last.label, f"{last.value} {line.strip()}", last.role, last.known)
    return [pair for pair in made if pair.value is not None or len(made) > 1]


def _read_grid(grid: Grid, found: Metadata) -> None:
    rows = _rows(grid)
    if _labels_above_values(rows):
        for name, value in zip(rows[0], rows[1], strict=True):
            _add(found, name.text, value.text)
        return
    paired = any(pair.value is not None for cell in grid.table.cells for pair in _cell_pairs(cell))
    for row in rows:
        position = 0
        while position < len(row):
            cell = row[position]
            position += 1
            inner = _cell_pairs(cell) or (_unknown_in_cell(cell) if paired else [])
            if inner:
                for pair in inner:
                    if pair.role is not Role.CHROME:
                        found.add(pair.label, pair.value or "", pair.role)
                continue
            if not (_label_cell(cell) or labels.looks_like_label(cell.text.strip()) or _short_head(cell, row)):
                continue
            following = row[position] if position < len(row) else None
            if following is None or _opens_pair(following, paired=paired):
                _add(found, cell.text, "")
            else:
                _add(found, cell.text, following.text)
                position += 1


def _opens_pair(cell: Cell, *, paired: bool) -> bool:
    """Whether a cell is a label itself (or label and value), so that the one before it is blank."""
    if _label_cell(cell) or labels.looks_like_label(cell.text.strip()) or _cell_pairs(cell):
        return True
    return paired and bool(_unknown_in_cell(cell))


def _unknown_in_cell(cell: Cell) -> list[Pair]:
    match = _UNKNOWN_PAIR.match(cell.text) if len(cell.text) <= 80 else None
    if match is None:
        return []
    return [Pair(labels.normal(match.group(1)), labels.clean_value(match.group(2)) or None, Role.OTHER, False)]


def _labels_above_values(rows: list[list[Cell]]) -> bool:
    if len(rows) != 2 or not len(rows[0]) == len(rows[1]) >= 2:
        return False
    return all(_label_cell(cell) for cell in rows[0]) and not any(_label_cell(cell) for cell in rows[1])


def _short_head(cell: Cell, row: list[Cell]) -> bool:
    """An unknown label without colon, in the place where the row's known labels stand."""
    text = labels.normal(cell.text)
    return (
        2 <= len(text) <= 8
        and re.fullmatch(r"[\u4e00-\u9fff]+", text) is not None
        and len(row) >= 2
        and row.index(cell) % 2 == 0
        and any(_label_cell(other) for other in row if other is not cell)
    )


def _add(found: Metadata, label: str, value: str) -> None:
    role = labels.role_of(label) or Role.OTHER
    if role is not Role.CHROME:
        found.add(labels.normal(label), labels.clean_value(value.replace("\n", " ")), role)
