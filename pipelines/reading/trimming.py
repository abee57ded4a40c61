"""Where inside its container the report's text begins and ends: after its title, before the page's furniture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.reading.attachments import extension_of, is_file
from pipelines.reading.dates import CHINESE_YEAR
from pipelines.reading.document_numbers import NUMBER
from pipelines.reading.markup import Grid, Item, Layout, Line, Picture, bare, is_prose
from pipelines.reading.metadata import block_at_end, is_byline_date, is_footer, is_tools
from pipelines.reading.outline import is_heading
from pipelines.reading.titles import folded, is_report_title, key

_FURNITURE = re.compile(
    r"^[【\[(（]?\s*(?:相关(?:附件|链接|文件|文档|报道|新闻|阅读|信息|稿件|推荐|文章|解读)|扫一扫|上一[篇条页]|下一[篇条页]|"
    r"打印(?:本页|此页|文章)?|关闭(?:窗口|本页|页面)?|分享(?:到|至)|网站地图|返回(?:顶部|列表|首页)|附件(?:下载|列表)|文件下载|"
    r"网友评论|您?(?:觉得|认为)(?:该|本|这)[篇条个]?|用户评论|微信扫|手机扫|您?对(?:该|本)(?:信息|文章|页面)|收藏本页|阅读次数|浏览次数|点击数|字号|您?是(?:本[页站文])?的?第\s*\d+\s*[位个名](?:访问者|访客|读者|浏览者|来访者))"
)
_LAST_LINE = re.compile(
    r"^[【\[(（]?\s*(?:责任编辑|责编[:：]|关键[词字][:：]|版权所有|(?:信息|稿件|文章)?来源[:：]|(?:编辑|审核|初审|终审|作者|主办(?:单位)?|承办(?:单位)?)[:：])"
)
_DISCLAIMER = re.compile(r"[（(【]?(?:版权|免责)声明[】]?[:：]")  # however long the site makes it
_ATTACHMENT_LABEL = re.compile(r"^\s*附\s*件\s*\d*\s*[:：]?\s*$|^附件(?:下载|列表)\s*[:：]?$")
_ICON = re.compile(
    r"filetypeimages|icon_(?:doc|docx|xls|xlsx|pdf|zip|rar|txt|ppt|jpg|default)\w*\.(?:gif|png)|/icons?/file|attachicon",
    re.I,
)
_QR_CODE = re.compile(r"ewm|qr_?code|^qr[\W_\d]|erweima|weixin|wechat|wx_?code|share|print|dayin|logo", re.I)
_LONGEST_CAPTION = 8  # characters: 信息属性, 基本信息 above a metadata block
_YEAR_LINE = re.compile(rf"^[（(]?\s*(?:(?:19|20)\d{{2}}|{CHINESE_YEAR})\s*年\s*度?\s*[)）]?$")
# GB/T 9704-2012, 7.2: copy number, secrecy and urgency, the organ's name, the signer; the number is told by its form.
_LETTERHEAD = re.compile(
    r"^(?:\d{6}|特急|加急|平急|[\u4e00-\u9fff()（）、]{2,40}文件|签发人[:：][\u4e00-\u9fff]{2,12})$"
)
_TITLE_END = re.compile(r"(?:报告|年报|总结|汇报|报表)(?:[（(].{1,12}[)）])?$")


@dataclass(frozen=True, slots=True)
class Body:
    """The report's own items and the title printed above them inside the container."""

    items: tuple[Item, ...]
    start: int
    end: int
    title: str | None


def trim(page: Layout, start: int, end: int, consumed: set[int], titles: Sequence[str | None]) -> Body:
    """The items of the report's text within ``start``–``end``."""
    keys = {key(title) for title in titles if title} - {""}
    first, title = _head(page.items, start, end, consumed, keys)
    last = _tail(page, first, end)
    kept = tuple(item for item in page.items[first:last] if not _is_icon(item))
    return Body(kept, first, last, title)


def _head(items: Sequence[Item], start: int, end: int, consumed: set[int], keys: set[str]) -> tuple[int, str | None]:
    index = after = _below_headline(items, start, end, keys)
    title: str | None = None
    while index < end:
        item = items[index]
        if index in consumed:
            index += 1
            after = index
            continue
        if isinstance(item, Picture) or (isinstance(item, Line) and not item.text):
            index += 1  # dropped only where something above the text follows it
            continue
        if not isinstance(item, Line):
            break
        caption = index + 1 in consumed and len(item.text) <= _LONGEST_CAPTION and not is_heading(item.text)
        if caption or _is_menu_line(item) or is_tools(item.text) or is_byline_date(item.text):
            index += 1
            after = index
            continue
        count = (
            title_lines([line.text if isinstance(line, Line) else None for line in items[index : index + 7]], keys)
            if title is None or not is_prose(item.text)
            else 0
        )
        if not count:
            break
        text = "".join(line.text for line in items[index : index + count] if isinstance(line, Line))
        title = title or text
        index += count
        after = index
    return after, title


def _below_headline(items: Sequence[Item], start: int, end: int, keys: set[str]) -> int:
    """Where the title stands when menus and tools precede it in a wide container, else ``start``."""
    for index in range(start, min(end, start + 120)):
        item = items[index]
        if isinstance(item, Picture):
            continue
        if isinstance(item, Grid):
            if item.labelled or item.form or item.linked * 2 > sum(len(cell.text) for cell in item.table.cells):
                continue
            return start
        linked = item.linked * 2 >= len(bare(item.text)) > 0
        if not linked and key(item.text) in keys and (item.level is not None or is_report_title(item.text)):
            return index
        if is_heading(item.text) or (is_prose(item.text) and not linked):
            return start
    return start


def title_lines(texts: Sequence[str | None], keys: set[str]) -> int:
    """How many of the first lines are the report's title (it may be broken over several), 0 where none is."""
    lines: list[str] = []
    for text in texts:
        if text is None or len(text) > 90 or (lines and is_heading(text)) or re.search(r"[。；;]", text):
            break
        lines.append(text)
    best = 0
    for count in range(1, len(lines) + 1):
        if key("".join(lines[:count])) in keys:
            best = count
    if best:
        if best < len(lines) and _YEAR_LINE.match(lines[best]):
            best += 1
        return best
    for count in range(1, min(len(lines), 4) + 1):
        joined = "".join(lines[:count])
        if (
            len(joined) <= 90
            and is_report_title(joined)
            and _TITLE_END.search(folded(joined))
            and not is_heading(joined)
        ):
            if count < len(lines) and _YEAR_LINE.match(lines[count]):
                return count + 1
            return count
    return 0


def _is_number(words: str) -> bool:
    """Whether a line is a document number, with or without the signer's name behind it."""
    found = NUMBER.match(words)
    return (
        found is not None and re.fullmatch(r"(?:签发人[:：][\u4e00-\u9fff]{2,12})?", words[found.end() :]) is not None
    )


def letterhead_lines(texts: Sequence[str | None]) -> int:
    """How many of the first lines are a letterhead (青禾县公安局文件, 青公〔2023〕3号, 签发人：…), 0 where none is."""
    count = 0
    for index, text in enumerate(texts):
        words = bare(text) if text else ""
        if not words or not (_LETTERHEAD.match(words) or _is_number(words)):
            break
        count = index + 1
    return count


def _tail(page: Layout, start: int, end: int) -> int:
    items = page.items
    end = _above_footer(page, start, end)
    for index in range(start, end):
        item = items[index]
        begins = isinstance(item, Line) and len(item.text) <= 40 and _FURNITURE.match(item.text)
        if begins and all(_is_furniture(other) for other in items[index + 1 : end]):
            end = _above_footer(page, start, index)
            break
    while True:
        above = block_at_end(page, start, _above_furniture(items, start, end))
        if above == end:
            return end
        end = above


def _above_furniture(items: Sequence[Item], start: int, end: int) -> int:
    while end > start:
        item = items[end - 1]
        if isinstance(item, Picture):
            if _is_icon(item) or _QR_CODE.search(item.url.rsplit("/", 1)[-1]):
                end -= 1
                continue
            break
        if isinstance(item, Grid):
            if item.labelled:
                end -= 1
                continue
            break
        text = item.text
        furniture = not text or is_tools(text) or _ATTACHMENT_LABEL.match(text) or _is_file_line(item)
        if not (furniture or _is_closing(text)):
            break
        end -= 1
    return end


def _above_footer(page: Layout, start: int, end: int) -> int:
    """The end of a wide container without the site's own footer."""
    for index in range(max(start + 1, end - 40), end):
        item = page.items[index]
        if isinstance(item, Line) and is_footer(item.text):
            rest = page.items[index + 1 : end]
            if not any(
                isinstance(other, Grid) or (isinstance(other, Line) and is_heading(other.text)) for other in rest
            ):
                return index
    return end


def _is_furniture(item: Item) -> bool:
    if isinstance(item, Line):
        text = item.text
        linked = item.linked * 2 >= len(bare(text))
        return linked or is_tools(text) or _is_closing(text)
    return isinstance(item, Picture) or item.labelled


def _is_closing(text: str) -> bool:
    """Whether a line is what sites print below an article: who edited it, what to read next, whose it is."""
    if len(text) <= 60 and (_FURNITURE.match(text) or _LAST_LINE.match(text)):
        return True
    return _DISCLAIMER.match(text) is not None


def _is_file_line(item: Line) -> bool:
    """A line that is nothing but a link to a file: the file is an attachment, its name no text of the report."""
    words = bare(item.text)
    label = re.match(r"附件\d*[:：]?(?:\d+[.、．])?|\d+[.、．]", words)
    rest = len(words) - (label.end() if label else 0)
    if not item.linked or item.linked < rest * 0.9:
        return False
    return extension_of("", item.text) is not None or any(
        is_file(node.get("href") or "") for node in item.element.iter("a")
    )


def _is_menu_line(item: Line) -> bool:
    """A line of links to other pages; a table of contents links within the page, a file is an attachment."""
    if not item.linked or item.linked < len(bare(item.text)) * 0.9 or is_report_title(item.text):
        return False
    links = [node.get("href") or "" for node in item.element.iter("a")]
    return bool(links) and not any(link.startswith("#") or is_file(link) for link in links)


def _is_icon(item: Item) -> bool:
    return isinstance(item, Picture) and _ICON.search(item.url) is not None
