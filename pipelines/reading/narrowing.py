"""The text of a page that is no report: without what a news site puts around an article within its container.

A report's container is kept whole, whatever stands in it, for a lost line is worse than a line too many. A page that
never speaks of 信息公开 is no report, and there related reading, share bars, comments and advertisements may go:
lines of links, what stands above the first sentence, and what stands below the article's own end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipelines.reading.labels import pairs
from pipelines.reading.markup import Grid, Item, Line, Picture, bare, is_prose
from pipelines.reading.metadata import is_byline_date, is_tools
from pipelines.reading.outline import is_heading
from pipelines.reading.titles import is_report_title
from pipelines.reading.traditional import simplified

_OF_OUR_FIELD = re.compile(r"(?:信息|政务|主动|申请)公开|公开(?:年报|目录|指南)|[年季月]报|年度报告|工作报告|总\s*结")
_SPEAKS_OF_IT = re.compile(r"信息公开|公开信息|政务公开|(?:依申请|主动)公开|公开(?:申请|条例|工作)")
# What a news site prints below every article of its own …
_END = re.compile(
    r"^[\s【\[(（*·>]*(?:(?:责任?编辑?|编辑|审核|校对)\s*[:：]|其他人也在看|猜你喜欢|特别声明|免责声明|版权(?:声明|所有)|以上内容|"
    r"分享(?:到|至|让)|(?:用?微信|手机)?扫[一码描]|文章关键[词字]|(?:网易|热门|新浪|搜狐)跟贴|已标记为|不喜欢$|举报$)"
)
# … and what may as well stand between two parts of one.
_PERHAPS = re.compile(
    r"^[\s【\[(（*·>]*(?:相关|推荐|延伸|扩展|热门|热点|精彩|最新|网友|用户|全部|更多)(?:[\u4e00-\u9fff]{2,4})?[\s】\])）:：>]*$|"
    r"^(?:上一[篇条]|下一[篇条]|标签|关键[词字])\s*[:：]?"
)
_ADVERTISED = re.compile(r"^(?:广告|推广|赞助|AD)(?:$|[·•:：\s])|^[×✕]$", re.I)
_DATED = re.compile(r"\d{1,2}:\d{2}|(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}")
_LONGEST_END = 60  # characters of a line that ends an article
_FEW = 60  # characters of prose: less is no article yet


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


def narrowed(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items of the article itself; all of them where there is no running text to go by."""
    prose = [index for index, item in enumerate(items) if _is_text(item)]
    total = sum(len(_text(items[index])) for index in prose)
    if total < _FEW:
        return tuple(items)
    first, end, read = prose[0], len(items), 0
    for index in range(first, len(items)):
        item = items[index]
        if read >= _FEW and (_matches(item, _END) or (read * 2 >= total and _matches(item, _PERHAPS))):
            end = index
            break
        read += len(_text(item)) if _is_text(item) else 0
    while first > 0 and _goes_on(items[first - 1]):
        first -= 1
    last = max(index for index in prose if index < end) + 1
    while last < end and _goes_on(items[last]):
        last += 1
    return tuple(item for item in items[first:last] if _belongs(item))


def _goes_on(item: Item) -> bool:
    """Whether a line beside the running text is the article's too: a heading, a verse, a signature."""
    if not isinstance(item, Line) or _linked(item) or is_tools(item.text) or is_byline_date(item.text):
        return False
    return not (
        pairs(item.marked) or _matches(item, _PERHAPS) or _ADVERTISED.search(item.text) or _DATED.search(item.text)
    )


def _is_text(item: Item) -> bool:
    return isinstance(item, Line) and is_prose(item.text) and not _linked(item)


def _text(item: Item) -> str:
    return item.text if isinstance(item, Line) else ""


def _matches(item: Item, pattern: re.Pattern[str]) -> bool:
    return (
        isinstance(item, Line) and len(item.text) <= _LONGEST_END and pattern.search(simplified(item.text)) is not None
    )


def _belongs(item: Item) -> bool:
    if isinstance(item, Picture):
        return True
    if isinstance(item, Grid):
        return item.linked * 2 < max(1, sum(len(cell.text) for cell in item.table.cells))
    return not _linked(item) and not _ADVERTISED.search(item.text)


def _linked(item: Line) -> bool:
    return item.linked > 0 and item.linked * 2 >= len(bare(item.text))
