"""The text of a page that is no report: without what a news site puts around an article within its container.

A report's container is kept whole, whatever stands in it, for a lost line is worse than a line too many. A page that
never speaks of 信息公开 is no report, and there related reading, share bars, comments and advertisements may go:
what stands above the headline and the first sentence, what stands below the article's own end, and between two
paragraphs what is announced as another's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from crawler.traditional import simplified
from pipelines.reading.labels import pairs
from pipelines.reading.markup import Grid, Item, Line, Picture, bare, is_prose
from pipelines.reading.metadata import is_byline_date, is_tools
from pipelines.reading.outline import is_heading
from pipelines.reading.titles import is_report_title, key

_OF_OUR_FIELD = re.compile(r"(?:信息|政务|主动|申请)公开|公开(?:年报|目录|指南)|[年季月]报|年度报告|工作报告|总\s*结")
_SPEAKS_OF_IT = re.compile(r"信息公开|公开信息|政务公开|(?:依申请|主动)公开|公开(?:申请|条例|工作)")
# What a news site prints below every article of its own …
_END = re.compile(
    r"^[\s【\[(（*·>]*(?:(?:责任?编辑?|编辑|审核|校对)\s*[:：]|其他人也在看|猜你喜欢|你?可能(?:还|也)?会?(?:想看|喜欢|感兴趣)|"
    r"特别声明|免责声明|版权(?:声明|所有)|以上内容|"
    r"分享(?:到|至|让)|(?:用?微信|手机)?扫[一码描]|文章关键[词字]|(?:网易|热门|新浪|搜狐)跟贴|已标记为|不喜欢$|举报$)"
)
# … and what may as well stand between two parts of one.
_PERHAPS = re.compile(
    r"^[\s【\[(（*·>]*(?:相关|推荐|延伸|扩展|热门|热点|精彩|最新|网友|用户|全部|更多)(?:[\u4e00-\u9fff]{2,4})?[\s】\])）:：>]*$|"
    r"^(?:上一[篇条]|下一[篇条]|标签|关键[词字])\s*[:：]?|未经.{0,10}(?:授权|许可|允许|同意)|转载.{0,6}注明|"
    r"^(?:Related|Recommended|Read (?:more|next)|More (?:from|on|stories|news)|You (?:may|might) also like|Share this|"
    r"Comments?$|Leave a (?:comment|reply)|Sign up|Subscribe|Filed under|Tags?\b|関連(?:記事|リンク)|あわせて読みたい)|"
    r"おすすめの記事$",
    re.I,
)
_CALL = re.compile(r"^[\s>»【\[(（]*(?:点击|戳|查看|进入|打开|展开|阅读(?:原文|全文|更多)|更多|下载)")
_ADVERTISED = re.compile(r"^(?:广告|廣告|推广|赞助|AD|Advertisement|Sponsored)(?:$|[·•:：\s])|^[×✕]$", re.I)
_DATED = re.compile(r"\d{1,2}:\d{2}|(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}")
_LONGEST_END = 60  # characters of a line that ends an article
_FEW = 60  # characters of prose: less is no article yet
_PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dd", "dt", "blockquote", "center", "figcaption"}
)
_BUTTON = 4  # characters of a line that is nothing but a button
_MANY = 3  # links one below the other: fewer are no list
_RECURRING = 4  # lists of links of one make between paragraphs: that many are part of the text


def is_of_our_field(titles: Iterable[str | None], items: Sequence[Item]) -> bool:
    """Whether a page may be a report, or speaks of reports."""
    if any(title and (is_report_title(title) or _OF_OUR_FIELD.search(simplified(title))) for title in titles):
        return True
    texts: list[str] = []
    for item in items:
        if isinstance(item, Line):
            texts.append(item.text)
        elif isinstance(item, Grid):
            texts.extend(cell.text for cell in item.table.cells)
    if _SPEAKS_OF_IT.search(simplified(bare("".join(texts)))):
        return True
    return sum(isinstance(item, Line) and is_heading(item.text) for item in items) >= 3


def narrowed(items: Sequence[Item], headlines: Collection[str] = ()) -> tuple[Item, ...]:
    """The items of the article itself; all of them where there is no running text to go by.

    ``headlines``: the page's titles, as ``titles.key`` makes them.
    """
    prose = [index for index, item in enumerate(items) if _is_text(item)]
    total = sum(len(_text(items[index])) for index in prose)
    if total < _FEW:
        return tuple(items)
    below = _below_headline(items, prose, headlines)
    prose = [index for index in prose if index >= below]
    first, end, read = prose[0], len(items), 0
    for index in range(first, len(items)):
        item = items[index]
        if read >= _FEW and (_matches(item, _END) or (read * 2 >= total and _matches(item, _PERHAPS))):
            end = index
            break
        read += len(_text(item)) if _is_text(item) else 0
    while first > below and (_goes_on(items[first - 1], items[prose[0]]) or _is_button(items[first - 1])):
        first -= 1
    text = max(index for index in prose if index < end)
    last = text + 1
    while last < end and (_goes_on(items[last], items[text]) or _is_button(items[last])):
        last += 1
    return tuple(_without_recommended(items[first:last]))


def _below_headline(items: Sequence[Item], prose: Sequence[int], headlines: Collection[str]) -> int:
    """The item after the page's own headline, where most of the running text stands below it; else the first."""
    half = sum(len(_text(items[index])) for index in prose) / 2
    below = 0
    for index, item in enumerate(items):
        if isinstance(item, Line) and item.level is not None and item.level <= 2 and key(item.text) in headlines:
            below = index + 1
        half -= len(_text(item)) if _is_text(item) else 0
        if half < 0:
            break
    return below


def _goes_on(item: Item, text: Item) -> bool:
    """Whether a line beside the running text is the article's too: a heading, a verse, a signature.

    One with a date only as a paragraph of the same box as ``text``: elsewhere it is a byline or another article's.
    """
    if not isinstance(item, Line) or is_tools(item.text) or is_byline_date(item.text):
        return False
    if _is_linked(item) and (item.level is None or item.element.getparent() is not text.element.getparent()):
        return False
    if pairs(item.marked) or _matches(item, _PERHAPS) or _matches(item, _END) or _ADVERTISED.search(item.text):
        return False
    return not _DATED.search(item.text) or _are_paragraphs_of_one_box(item, text)


def _are_paragraphs_of_one_box(one: Item, other: Item) -> bool:
    return one.element.tag == other.element.tag == "p" and one.element.getparent() is other.element.getparent()


def _is_button(item: Item) -> bool:
    """Whether a line is a mere 更多 beside a part of the text."""
    return isinstance(item, Line) and len(item.text) <= _BUTTON and _matches(item, _CALL)


def _is_text(item: Item) -> bool:
    return isinstance(item, Line) and is_prose(item.text) and not _is_linked(item)


def _text(item: Item) -> str:
    return item.text if isinstance(item, Line) else ""


def _matches(item: Item, pattern: re.Pattern[str]) -> bool:
    return (
        isinstance(item, Line) and len(item.text) <= _LONGEST_END and pattern.search(simplified(item.text)) is not None
    )


def _without_recommended(items: Sequence[Item]) -> list[Item]:
    """The items but for advertisements and what is recommended between two paragraphs.

    That a line is a link does not tell: articles link their headings, verses and sources. What goes is announced
    (广告, 相关阅读), calls to be clicked, or is a list of links where the text has hardly any other.
    """
    runs = list(_runs(items))
    makes = Counter(make for run in runs if _is_linked(run[0]) for make in _makes(run))
    kept: list[Item] = []
    announced = False
    for run in runs:
        if not _is_linked(run[0]):
            kept.extend(item for item in run if not _is_advertised(item))
            said = [item for item in run if not isinstance(item, Picture)]
            announced = bool(said) and (_is_advertised(said[-1]) or _matches(said[-1], _PERHAPS))
        elif announced or not (_is_paragraph(run[0]) if not _is_list(run) else _recurs(run, makes)):
            if kept and _matches(kept[-1], _PERHAPS):
                kept.pop()
            kept.extend(item for item in run if isinstance(item, Picture))
            announced = False
        else:
            for item in run:
                announced = announced or _is_advertised(item)
                if isinstance(item, Picture) or not (announced or isinstance(item, Grid) or _matches(item, _CALL)):
                    kept.append(item)
            announced = False
    return kept


def _runs(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The items as runs of links and runs of what is none; a picture belongs to the run it follows."""
    run: list[Item] = []
    for item in items:
        if run and not isinstance(item, Picture) and _is_linked(item) is not _is_linked(run[0]):
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _makes(run: Sequence[Item]) -> set[tuple[str, str]]:
    """What the lines of a run are in the markup: tag and class."""
    return {(item.element.tag, item.element.get("class") or "") for item in run if isinstance(item, Line)}


def _recurs(run: Sequence[Item], makes: Mapping[tuple[str, str], int]) -> bool:
    """Whether a list of links is one of many of its make, as below each place or book that an article speaks of."""
    return any(makes[make] >= _RECURRING for make in _makes(run) if make[1])


def _is_list(run: Sequence[Item]) -> bool:
    """Whether a run of links is a list of further reading, as far as its markup tells."""
    lines = [item for item in run if isinstance(item, Line)]
    return len(lines) >= _MANY and all(item.linked >= len(bare(item.text)) for item in lines)


def _is_paragraph(item: Item) -> bool:
    """Whether markup makes an item a paragraph or heading of a text, and not a box of its own."""
    return item.element.tag in _PARAGRAPHS


def _is_advertised(item: Item) -> bool:
    if not isinstance(item, Line):
        return False
    return _ADVERTISED.search(item.text) is not None or (_is_linked(item) and item.text.startswith(("广告", "廣告")))


def _is_linked(item: Item) -> bool:
    if isinstance(item, Line):
        return item.linked > 0 and item.linked * 2 >= len(bare(item.text))
    return isinstance(item, Grid) and item.linked * 2 >= max(1, sum(len(cell.text) for cell in item.table.cells))
