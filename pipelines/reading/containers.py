"""Where on a page the article stands.

Known containers first (the lists of ``markup.bodies``), judged by how much of the page's running text they hold; then
trafilatura's opinion mapped back to the smallest element that holds what it found; then the text's own marks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from lxml.html import HtmlElement

from pipelines.reading.markup import WEAK_MARKS, Grid, Item, Layout, Line, Picture, bare
from pipelines.reading.outline import is_heading, statutory_section
from pipelines.reading.titles import is_report_title, key

_MARKS = re.compile(
    r"^[一二三四五六七八九十]{1,2}、|^[（(][一二三四五六七八九十]{1,2}[）)]|《?中华人民共和国政府信息公开条例|本(?:年度)?报告(?:由|根据|中|按照|所列)|第二十条第"
)
_FEW = 60  # characters: less is no article
_FEW_LINES = 6  # paragraphs without a sentence: fewer are no text
_LONGEST_TEASER = 120
_SHORTEST_TITLE = 8
# What a page says where its text is missing.
_IN_PLACE_OF_TEXT = re.compile(
    r"加载|稍[候后等]|不存在|未找到|找不到|删除|下线|失效|过期|无权|登录|跳转|浏览器|javascript|暂无|敬请|维护|建设中|更新中|出错|错误",
    re.I,
)
_NEAR = 8  # items between a headline and the text below it: a byline, tools


@dataclass(frozen=True, slots=True)
class Container:
    """The items an article stands in, and why we think so."""

    start: int
    end: int
    element: HtmlElement | None
    found_by: str


def find_container(page: Layout, article: Callable[[], list[str]]) -> Container | None:
    """The article's container; ``article`` is asked (it is slow) only where nothing known fits."""
    total = page.weight(0, len(page.items))[2]
    known = _known(page, total)
    if known is not None:
        return known
    marked = _by_marks(page)
    if marked is not None:
        return marked
    if total >= _FEW:
        isolated = _isolated(page, article())
        if isolated is not None:
            return isolated
        return _densest(page)
    return _stub(page) or _of_short_lines(page)


def _known(page: Layout, total: int) -> Container | None:
    candidates = []
    for rank, mark, element in page.bodies:
        start, end = page.span(element)
        if start == end:
            continue
        chars, linked, prose = page.weight(start, end)
        if linked * 2 > chars:
            continue
        candidates.append((rank, mark, element, start, end, prose, chars))
    if not candidates:
        return None
    most = max(prose for *_, prose, _ in candidates)
    if most < _FEW or (most * 2 < total and not _among_teasers(page, candidates, most)):
        return None
    pool = [one for one in candidates if most - one[5] <= max(40, most // 50)]
    strong = [one for one in pool if one[1].strip("#.") not in WEAK_MARKS]
    if not strong:  # "content" may be the article's box or the whole page's
        marked = _by_marks(page)
        if marked is not None:
            return marked
    chosen = min(strong or pool, key=lambda one: (one[6], one[0]))
    _, mark, element, start, end, prose, _ = chosen
    # An article in several boxes of the same kind, one behind the other; short ones too where nothing parts them.
    parent = element.getparent()
    for other in candidates:
        alike = _sort_of(other[1]) == _sort_of(mark) and other[2] is not element and other[2].getparent() is parent
        if alike and (other[5] >= _FEW or (strong and end == other[3])):
            start, end = min(start, other[3]), max(end, other[4])
    return Container(start, end, element, mark)


def _sort_of(mark: str) -> str:
    """What a mark says of the software, its number aside: #vsb_content_2 and #vsb_content_500 are of one sort."""
    return mark.rstrip("0123456789_")


def _among_teasers(page: Layout, candidates: list[tuple[int, str, HtmlElement, int, int, int, int]], most: int) -> bool:
    """Whether the running text outside a sure container is mere teasers: no head of a report, no table, no long line."""
    _, mark, _, start, end, _, _ = max(candidates, key=lambda one: one[5])
    if mark.strip("#.") in WEAK_MARKS or most < 2 * _FEW:
        return False
    outside = (
        index for index in range(len(page.items)) if not start <= index < end and page.weight(index, index + 1)[2]
    )
    for index in outside:
        item = page.items[index]
        if not isinstance(item, Line) or len(item.text) > _LONGEST_TEASER or is_heading(item.text):
            return False
    return True


def _stub(page: Layout) -> Container | None:
    """A known container with next to no text: the report is in a picture, a frame or a document."""
    best: tuple[int, str, HtmlElement] | None = None
    for rank, mark, element in page.bodies:
        if mark.strip("#.") in WEAK_MARKS:
            continue
        start, end = page.span(element)
        holds = end > start or any(True for _ in element.iter("img", "iframe", "embed", "object"))
        if holds and (best is None or rank < best[0]):
            best = (rank, mark, element)
    if best is None:
        for _, mark, element in page.bodies:
            start, end = page.span(element)
            chars, _, _ = page.weight(start, end)
            if (end > start and chars < 2000) and (best is None or chars < best[0]):
                best = (chars, mark, element)
    if best is None:
        return None
    start, end = page.span(best[2])
    return Container(start, end, best[2], best[1])


def _of_short_lines(page: Layout) -> Container | None:
    """The element with most unlinked paragraphs below it: a list of contents, of names, a poem, a few words of text.

    Right below a headline a few words that hold a sentence or a head are enough.
    """
    held: Counter[HtmlElement] = Counter()
    lines: Counter[HtmlElement] = Counter()
    for item in page.items:
        if isinstance(item, Line) and _is_paragraph(item) and not _linked(item) and _belongs(item):
            box = item.element.getparent()
            held[box] += len(item.text)
            lines[box] += 1
    for place, (box, chars) in enumerate(held.most_common()):
        start, end = page.span(box)
        many = place == 0 and chars >= 2 * _FEW and lines[box] >= _FEW_LINES
        if many or _is_text_below_headline(page, start, end):
            return Container(start, end, box, "paragraphs")
    return None


def _is_text_below_headline(page: Layout, start: int, end: int) -> bool:
    """Whether these items are text, if only a few words, and the last heading above them is near."""
    texts = [item.text for item in page.items[start:end] if isinstance(item, Line) and not _linked(item)]
    if not any(text.endswith(("。", "！", "；")) or is_heading(text) for text in texts):
        return False
    if any(_IN_PLACE_OF_TEXT.search(text) for text in texts):
        return False
    in_head = key(page.root.findtext(".//title") or "")
    return any(
        isinstance(item, Line)
        and not _linked(item)
        and (item.level is not None or is_report_title(item.text) or _opens(in_head, item.text))
        for item in page.items[max(0, start - _NEAR) : start]
    )


def _opens(in_head: str, text: str) -> bool:
    """Whether a line is the title that the page's head begins with."""
    return len(text) >= _SHORTEST_TITLE and in_head.startswith(key(text) or "?")


def _by_marks(page: Layout) -> Container | None:
    """The smallest element that holds the report's own heads (一、 … 二、 … ) and most of the page's running text."""
    heads = [
        index
        for index, item in enumerate(page.items)
        if isinstance(item, Line) and is_heading(item.text) and not _linked(item)
    ]
    named = {section for index in heads if (section := statutory_section(getattr(page.items[index], "text", "")))}
    if len(heads) < 3 or len(named) < 3:
        return None
    container = _around(page, heads, "marks")
    held = page.weight(container.start, container.end)[2]
    return container if held * 10 >= page.weight(0, len(page.items))[2] * 6 else None


def _isolated(page: Layout, lines: list[str]) -> Container | None:
    words = bare("".join(lines))
    if len(words) < _FEW:
        return None
    matched = [index for index, item in enumerate(page.items) if _within(item, words)]
    if not matched:
        return None
    core = _core(page, matched)
    return _around(page, core, "trafilatura")


def _densest(page: Layout) -> Container | None:
    matched = [index for index in range(len(page.items)) if page.weight(index, index + 1)[2]]
    return _around(page, _core(page, matched), "density") if matched else None


def _within(item: Item, words: str) -> bool:
    if isinstance(item, Line):
        text = bare(item.text)
        return len(text) >= 8 and item.linked * 2 < len(text) and text in words
    if isinstance(item, Grid):
        texts = [bare(cell.text) for cell in item.table.cells if len(cell.text) >= 2]
        return not item.labelled and len(texts) >= 2 and sum(text in words for text in texts) * 3 >= len(texts) * 2
    return False


def _core(page: Layout, matched: list[int]) -> list[int]:
    """The matched items without stragglers far from the bulk of the text (a footer's sentence, a teaser)."""
    runs: list[list[int]] = [[matched[0]]]
    for index in matched[1:]:
        gap = page.weight(runs[-1][-1] + 1, index)
        if index - runs[-1][-1] <= 12 or gap[1] * 2 < gap[0]:
            runs[-1].append(index)
        else:
            runs.append([index])
    core = max(runs, key=lambda run: sum(page.weight(index, index + 1)[0] for index in run))
    # A text between whose paragraphs many links stand is still one: its paragraphs are children of one element.
    held: Counter[HtmlElement] = Counter()
    for index in core if len(runs) > 1 else ():
        if _is_paragraph(page.items[index]):
            held[page.items[index].element.getparent()] += page.weight(index, index + 1)[0]
    box, chars = held.most_common(1)[0] if held else (None, 0)
    if box is None or chars * 2 < sum(page.weight(index, index + 1)[0] for index in core):
        return core
    return [index for run in runs if run is core or _has_paragraph_of(page, run, box) for index in run]


def _has_paragraph_of(page: Layout, run: list[int], box: HtmlElement) -> bool:
    return any(_is_paragraph(item) and item.element.getparent() is box for item in (page.items[i] for i in run))


def _is_paragraph(item: Item) -> bool:
    return isinstance(item, Line) and item.element.tag == "p"


def _around(page: Layout, core: list[int], found_by: str) -> Container:
    first, last = core[0], core[-1]
    marks = [
        index
        for index in range(len(page.items))
        if isinstance(line := page.items[index], Line) and _MARKS.search(line.text)
    ]
    near = [index for index in marks if first - 30 <= index <= last + 60 and not _linked(page.items[index])]
    first, last = min([first, *near]), max([last, *near])
    element, (start, end) = _smallest(page, first, last)
    chars, linked, _ = page.weight(start, end)
    inner = page.weight(first, last + 1)
    if chars - inner[0] <= max(400, inner[0] // 3) and linked * 4 < max(chars, 1):
        return Container(start, end, element, found_by)
    # The element holds the page's furniture too: from the title to where links begin again.
    for index in range(first - 1, max(start, first - 15) - 1, -1):
        item = page.items[index]
        if _linked(item):
            break
        if isinstance(item, Line) and (is_report_title(item.text) or item.level is not None):
            first = index
            break
        if isinstance(item, Line):
            first = index
    while (
        last + 1 < end and not _linked(page.items[last + 1]) and _belongs(page.items[last + 1]) and last - core[-1] < 12
    ):
        last += 1
    return Container(first, last + 1, element, found_by)


def _smallest(page: Layout, first: int, last: int) -> tuple[HtmlElement, tuple[int, int]]:
    best, span = page.root, (0, len(page.items))
    for element, (start, end) in page.spans.items():
        if start <= first and last < end and end - start < span[1] - span[0]:
            best, span = element, (start, end)
    return best, span


def _linked(item: Item) -> bool:
    if isinstance(item, Line):
        return item.linked > 0 and item.linked * 2 >= len(bare(item.text))
    return isinstance(item, Grid) and item.linked * 2 >= max(1, sum(len(cell.text) for cell in item.table.cells))


def _belongs(item: Item) -> bool:
    if isinstance(item, Picture):
        return False
    if isinstance(item, Grid):
        return not item.labelled
    return not re.search(
        r"版权所有|主办(?:单位)?|承办|ICP备|公网安备|网站标识码|网站地图|联系我们|上一篇|下一篇|责任编辑|技术支持",
        item.text,
    )
