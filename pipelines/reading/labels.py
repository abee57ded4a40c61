"""The labels of metadata blocks (索引号, 发布机构 …) and how a printed line falls into label and value.

A label is known by its words without inner gaps (``文  号``); its value is kept verbatim. Counters and tools that
stand in the same lines (浏览次数, 字号, 打印 …) are known too, so that they end the value before them, and dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from crawler.traditional import simplified
from pipelines.reading.markup import EDGE, FIELD

GAP_CHARACTERS = " \t\u00a0\u2000-\u200b\u202f\u205f\u3000"
_GAP = f"[{GAP_CHARACTERS}]*"
_OUTER = " \t\r\n\u00a0\u3000\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u205f"


class Role(StrEnum):
    """What a label says of the report; ``OTHER`` is kept in the metadata only, ``CHROME`` nowhere."""

    INDEX_NUMBER = "index_number"
    DOCUMENT_NUMBER = "document_number"
    TITLE = "title"
    PUBLISHER = "publisher"
    AUTHOR = "author"
    SOURCE = "source"
    PUBLISHED = "published"
    SIGNED = "signed"
    ISSUED = "issued"  # 发文日期: the document's or the page's date, by what stands beside it
    EFFECTIVE = "effective"
    REPEALED = "repealed"
    OTHER = "other"
    CHROME = "chrome"


_WORDS: dict[Role, str] = {
    Role.INDEX_NUMBER: ("索引号 信息索引号 索引编号 索取号 信息索取号 索引码 索引 公开索引号 目录索引号"),
    Role.DOCUMENT_NUMBER: (
        "文号 发文字号 发布文号 文件编号 发文文号 公文文号 文件文号 文件号 发文号 "
        "字号文号 信息文号 公开文号 文件字号 批准文号"
    ),
    Role.TITLE: (
        "标题 名称 信息名称 文件名称 公开标题 信息标题 文件标题 题名 公文名称 公文标题 文章标题 内容标题 名称标题"
    ),
    Role.PUBLISHER: (
        "发布机构 发文单位 发布单位 发文机关 发布机关 发文机构 公开机构 公开单位 "
        "公开机关 公开责任部门 责任部门 公开部门 发布部门 发布者 发布人 信息发布机构 "
        "信息公开机构 公布机构 公布单位 公开主体 发文部门 信息提供单位 提供单位 制发机构 "
        "公开责任单位 责任单位 信息公开责任部门 信息公开部门 信息所属单位 所属机构 "
        "所属单位 所属部门 发布处室"
    ),
    Role.AUTHOR: ("制作单位 制作机关 编制单位 作者 制作机构 制作部门"),
    Role.SOURCE: ("来源 信息来源 文章来源 稿件来源 内容来源 数据来源 消息来源 稿源 供稿单位 供稿"),
    Role.PUBLISHED: (
        "发布日期 发布时间 公开日期 公开时间 信息发布日期 信息发布时间 上网日期 上网时间 "
        "发表时间 发表日期 公布日期 公布时间 录入时间 录入日期 信息公开日期 主动公开日期 "
        "更新日期 更新时间 日期 时间 发稿时间 网站发布日期"
    ),
    Role.SIGNED: (
        "成文日期 成文时间 生成日期 生成时间 签发日期 签发时间 印发日期 印发时间 "
        "写作日期 形成日期 信息生成日期 制发日期 文件日期 产生日期 落款日期"
    ),
    Role.ISSUED: ("发文日期 发文时间"),
    Role.EFFECTIVE: ("生效日期 生效时间 实施日期 施行日期 执行日期 有效期开始"),
    Role.REPEALED: ("废止日期 失效日期 失效时间 废止时间 终止日期"),
    Role.OTHER: (
        "主题分类 组配分类 主题词 关键词 关键字 内容概述 内容摘要 摘要 概述 信息分类 "
        "服务对象分类 服务对象 体裁分类 体裁 文体 生命周期分类 生命周期 信息格式 格式 "
        "语种 语言 主题导航 有效性 时效 时效性 效力状态 是否有效 信息有效性 文件状态 "
        "有效期 公开方式 公开形式 公开属性 公开类别 公开类型 公开范围 公开时限 公开程序 "
        "公开目录 信息类别 所属分类 分类 类别 栏目 载体类型 载体 记录形式 存储路径 "
        "责任编辑 编辑 审核 审核人 校对 初审 复审 终审 签发人 签发 撰稿 通讯员 记者 "
        "信息状态 公文种类 文种 文件类型 公文类型 年度 年份 报告年度 行业分类 所属主题 "
        "事项分类 施行状态 规范性文件编号 统一编号 登记号 统一登记号 主题 发布范围 "
        "有效状态 信息类型 适用范围 依申请公开 公开依据 文件有效性 失效原因 发布渠道 "
        "地区分类 机构分类 部门分类 主题类别 发布形式 公开内容 更新周期 保存期限"
    ),
    Role.CHROME: (
        "浏览次数 点击数 点击量 点击率 点击次数 访问量 访问次数 阅读次数 阅读量 阅读数 "
        "阅读 浏览量 浏览数 浏览 点击 人气 下载次数 下载量 字号 字体 字体大小 "
        "文字大小 字号大小 打印 分享 分享到 分享至 收藏 关闭 今天是 当前位置 "
        "您当前的位置 您当前位置 您所在的位置 您所在位置 您的位置 您现在的位置 现在位置 "
        "当前所在位置 所在位置 你的位置 当前栏目 背景色 保护视力色 视力保护色 视力保护 "
        "背景颜色 双击滚屏 正文大小 上一篇 下一篇 上一条 下一条 上一页 下一页 扫一扫 "
        "二维码 朗读 语音播报 评论 点赞 热门搜索 热搜词 热搜 搜索热词 热词 搜索 "
        "关键字搜索 北京时间 当前时间 现在时间 当前日期 今日日期 今天日期 系统时间 今日天气 天气 打印本页 打印日期 "
        "打印时间 下载时间 下载日期 访问时间 浏览时间 查询时间 次数 查看次数 访客"
    ),
}
ROLE: dict[str, Role] = {word: role for role, words in _WORDS.items() for word in words.split()}
# Too common in running text to be a label without a neighbour that surely is one.
_WEAK = (
    "名称 标题 来源 日期 时间 索引 作者 编辑 审核 分类 类别 栏目 主题 格式 "
    "语言 年度 年份 阅读 浏览 点击 打印 分享 收藏 关闭 评论 搜索 次数 天气 "
    "概述 摘要 体裁 载体 时效 签发 初审 复审 终审 校对 记者 通讯员 撰稿 供稿 "
    "依申请公开 公开内容 公开方式 公开形式 公开范围 公开时限 公开依据 公开程序 "
    "公开主体 责任单位 责任部门 适用范围 所属单位 所属部门 更新时间 更新日期 "
    "更新周期 发布渠道 发布形式 服务对象 扫一扫 二维码 朗读 点赞 热词 热搜 访客 "
    "文件名称 文件号 文种 提供单位 数据来源 消息来源 文件标题 文件类型 公文名称 "
    "公文标题 编制单位 制作单位"
)
WEAK = frozenset(_WEAK.split())


# The known words are looked for in text whose gaps are all of spaces: a class of many characters between any two
# characters of hundreds of words took 0.7 of the 1.5 s a reader needed to start.
_EVEN = {code: " " for code in range(0x3001) if re.match(f"[{GAP_CHARACTERS}]", chr(code))}


def _evened(text: str) -> str:
    """The text in simplified characters and with spaces for every gap, places unchanged."""
    return simplified(text).translate(_EVEN)


def _spaced(word: str) -> str:
    return f"[ {EDGE}]*".join(word)  # <i>索</i>引号 too


_KNOWN = "|".join(_spaced(word) for word in sorted(ROLE, key=len, reverse=True))
_START = f"(?:^|(?<=[{GAP_CHARACTERS}{EDGE}{FIELD}\\[【(（|｜•·●■◆;；/]))"
_TO_COLON = f"[{GAP_CHARACTERS}{EDGE}】\\]]*[:：]"  # one class: three in a row would backtrack without end
_LABEL = re.compile(f"{_START}(?P<known>{_KNOWN}){_TO_COLON}")
_BRACKETED = re.compile(f"【 *(?P<known>{_KNOWN}) *】(?!{_TO_COLON})")  # 【索引号】0031…
_SURE = "|".join(
    _spaced(word) for word in sorted(set(ROLE) - WEAK, key=len, reverse=True) if ROLE[word] is not Role.CHROME
)
# <b>索引号</b><span>0031…</span>: the elements alone tell label and value apart.
_UNPUNCTUATED = re.compile(f"(?:^|(?<={EDGE})) *(?P<known>{_SURE}) *{EDGE}(?!{_TO_COLON})")
_UNPUNCTUATED_WEAK = re.compile(
    f"(?<={EDGE}) *(?P<known>{'|'.join(_spaced(word) for word in sorted(WEAK, key=len, reverse=True))}) *{EDGE}"
    f"(?!{_TO_COLON})"
)
# Glued to the value before it ("…63181发布机构:"): only after something that is no Chinese word.
_GLUED = re.compile(f"(?<=[0-9A-Za-z)）号日无】—-])(?P<known>{_KNOWN}) *[:：]")
_UNKNOWN = re.compile(
    f"(?:^|(?<=[{EDGE}])|(?<=[{GAP_CHARACTERS}]{{2}})|(?<=[\u00a0\u2002\u2003\u3000]))"
    f"(?P<known>[\u4e00-\u9fff](?:{_GAP}[\u4e00-\u9fff]){{1,9}}){_TO_COLON}"
)
_SET_OFF = r"[\s\u00a0\u3000|｜【】\[\]［］(（)）]*"
_TOOLS = re.compile(
    rf"{_SET_OFF}(?:(?:打\s*印(?:本页|文章|此页)?|关\s*闭(?:窗口|本页|页面)?|收\s*藏(?:本页)?|分\s*享(?:到)?|我要纠错|纠错|大|中|小|"
    rf"特大|超大|默认|下载文字版|下载全文|下载|繁体|简体|返回|推荐|次|微信|微博|扫一扫){_SET_OFF})+$"
)
_TAIL = 120  # characters: where tools can stand behind a value
_GAPS = re.compile(f"[{GAP_CHARACTERS}\\s]+")
_INNER_GAPS = re.compile(f"[{GAP_CHARACTERS}{EDGE}]+")
_BROKEN_BRACKET = re.compile(r"[\s\u00a0\u3000]*[【\[［(（|｜•·●■◆]+[\s\u00a0\u3000]*$")


@dataclass(frozen=True, slots=True)
class Pair:
    """One printed label and its value; ``value`` is ``None`` where nothing follows on the line."""

    label: str
    value: str | None
    role: Role
    known: bool
    form: bool = False  # a form field stands where the value would


def normal(label: str) -> str:
    """A label without inner gaps, brackets and colon."""
    if label in ROLE:
        return label
    return _GAPS.sub("", label.replace(EDGE, "").replace(FIELD, "")).strip("【】[]［］:：*＊•·●■◆")


def role_of(label: str) -> Role | None:
    """What a label means, or ``None`` for one that is not known."""
    return ROLE.get(simplified(normal(label)))


def is_label(text: str) -> bool:
    """Whether a text is nothing but a known label, with or without its colon."""
    return len(text) <= 24 and simplified(normal(text)) in ROLE


def looks_like_label(text: str) -> bool:
    """Whether a text has a label's shape: a few Chinese characters and a colon."""
    return bool(re.fullmatch(f"[【\\[]?[\u4e00-\u9fff](?:{_GAP}[\u4e00-\u9fff]){{1,9}}{_TO_COLON}", text))


def pairs(marked: str, *, unknown: bool = False) -> tuple[Pair, ...]:
    """The labels and values of one line, in order; empty where its start is no label.

    ``marked`` is the line with ``EDGE`` between inline elements. With ``unknown``, words before a colon count as a
    label too where a wide gap or an element sets them off: right beside known labels, wrong in running text.
    """
    colon = ":" in marked or "：" in marked
    if not colon and EDGE not in marked and "】" not in marked:
        return ()
    return _short_pairs(marked, colon, unknown) if len(marked) <= _TAIL else _pairs(marked, colon, unknown)


@lru_cache(maxsize=256)  # several parts of the reader look at each line and cell of a page's head
def _short_pairs(marked: str, colon: bool, unknown: bool) -> tuple[Pair, ...]:
    return _pairs(marked, colon, unknown)


def _pairs(marked: str, colon: bool, unknown: bool) -> tuple[Pair, ...]:
    words = _evened(marked)
    found = []
    if colon:
        found = [(match.start("known"), match.end(), match.group("known")) for match in _LABEL.finditer(words)]
    if found:
        found += [(match.start("known"), match.end(), match.group("known")) for match in _GLUED.finditer(words)]
    elif "】" in words and (bracketed := list(_BRACKETED.finditer(words))):
        found = [(match.start("known"), match.end(), match.group("known")) for match in bracketed]
    elif EDGE in marked:
        found = [(match.start("known"), match.end(), match.group("known")) for match in _UNPUNCTUATED.finditer(words)]
        if found:  # beside a label that is sure: <b>索引号</b><i></i><b>名称</b><i>…</i>
            weak = _UNPUNCTUATED_WEAK.finditer(words)
            found += [(match.start("known"), match.end(), match.group("known")) for match in weak]
    if unknown and found:
        taken = {start for start, _, _ in found}
        for match in _UNKNOWN.finditer(marked):
            start = match.start("known")
            if start not in taken and not any(s <= start < e or s < match.end() <= e for s, e, _ in found):
                found.append((start, match.end(), match.group("known")))
    found = [_without_value(words, start, end, word) for start, end, word in found]
    found.sort()
    made: list[Pair] = []
    end_of_last = 0
    for index, (start, end, word) in enumerate(found):
        if start < end_of_last:
            continue
        end_of_last = end
        following = found[index + 1][0] if index + 1 < len(found) else len(marked)
        raw = marked[end:following]
        value = clean_value(raw)
        printed = normal(marked[start : start + len(word)])
        word = normal(word)
        made.append(Pair(printed, value or None, ROLE.get(word, Role.OTHER), word in ROLE, FIELD in raw))
    return tuple(made)


def _without_value(words: str, start: int, end: int, word: str) -> tuple[int, int, str]:
    """A label without the words before it that end the value of the one before: 公开 in ``<i>年报 公开</i><b>文号</b>``
    and in ``年报 公开    文号`` belongs to the value, in ``<b>公开</b><b>文号</b>`` and in ``公开 文号`` to the label."""
    gaps = list(_INNER_GAPS.finditer(word))
    if not gaps or not words[:start].strip(_OUTER + EDGE):
        return start, end, word
    widest = max(gaps, key=lambda gap: _width(gap.group()))
    width, own = _width(widest.group()), word[widest.end() :]
    outer = _width(words[len(words[:start].rstrip(_OUTER + EDGE)) : start])
    uniform = any(_width(gap.group()) == width for gap in gaps if gap is not widest)
    if normal(own) not in ROLE or uniform or width < outer or (width == outer and EDGE in widest.group()):
        return start, end, word
    return start + widest.end(), end, own


def _width(gap: str) -> int:
    """How far a gap sets words apart: a new element further than any blanks."""
    return len(gap) + (1000 if EDGE in gap else 0) - gap.count(EDGE)


def leading_text(marked: str) -> str:
    """What stands on a line before its first label."""
    match = _LABEL.search(_evened(marked)) if ":" in marked or "：" in marked else None
    return clean_value(marked[: match.start("known")]) if match else clean_value(marked)


def clean_value(raw: str) -> str:
    """A value as printed, without the tools glued to its end (打印, 字号 brackets, list bullets)."""
    value = raw.replace(EDGE, "").replace(FIELD, "").strip(_OUTER)
    head, tail = value[:-_TAIL], value[-_TAIL:]
    tail = _BROKEN_BRACKET.sub("", tail)
    tools = _TOOLS.search(tail)
    if tools and (tools.start() == 0 or tail[tools.start()] in " \t\u00a0\u3000|｜【[［(（"):
        tail = tail[: tools.start()]
    if tail.endswith((")", "）", "】", "]")) and not re.search(r"[(（【\[]", value):  # （责任编辑：…）
        tail = tail[:-1]
    return (head + tail).strip(_OUTER)
