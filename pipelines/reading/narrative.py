"""Figures stated in a report's prose: what reports of 2008–2018 have in place of the statutory tables.

Only what a sentence states, with the sentence: never a sum, never a guess. A statement that nothing happened (未收到,
没有发生, 免费, 均为0) is a stated zero. Numbers that count something else (a hotline, a decree, an article, a year,
a sum of money won) have no verb and unit of ours beside them and are never taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.reading.blocks import Block, Paragraph
from pipelines.reading.widths import half_width

MAX_SENTENCE = 600


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as stated. ``approximate``: the text says 余, 多 or 近, so the value is a bound."""

    name: str
    value: int | float
    unit: str
    sentence: str
    approximate: bool = False


_ITEMS = r"(?P<unit>条次|条|件次|件|篇次|篇|份|宗|项|个|则|起|例|人次|次)(?![\u4e00-\u9fff]?以上的)"
_VALUE = (
    r"(?:共计|共|总计|合计|累计|总数为|总数|数量为|数为|为|达到|达|约|近)*"
    rf"(?P<value>\d{{1,3}}(?:,\d{{3}})+|\d+)(?P<more>余|多)?{_ITEMS}"
)
_MONEY = r"(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<more>余|多)?(?P<unit>万元|元)"
_SUBJECT = r"(?:的|了|各类|各项|有关|相关)*(?:政府|政务)?信息(?:公开)?(?:数量|总数|总量)?(?:的)?"
_APPLICATION = (
    r"(?:[^,，。；;\d]{0,30}?)(?:政府信息依申请公开|政府信息公开申请|信息公开申请|依申请公开|申请公开)"
    r"(?:[^,，。；;\d]{0,10}?)"
)
_REPLY = r"(?:的|答复|告知|决定|范围|情况|申请|信息|政府)*"

_ASKED = r"(?:收到|受理|接到|接收)"
_GAP = r"(?:[^,，。；;\d]{0,20}?)"
_DISCLOSURE = "信息公开|依申请"
_CHANNELS = r"其中|移交|微信|微博|公众号|申请"


@dataclass(frozen=True, slots=True)
class _Statement:
    """How reports state one figure."""

    name: str
    pattern: re.Pattern[str]
    needed: re.Pattern[str] | None  # must stand in the sentence or its heading
    barred: re.Pattern[str] | None  # must not stand in the clause
    words: frozenset[str]  # of which the pattern holds one: where none stands, it need not be tried


# name, pattern, needed, barred, words
_STATED: tuple[_Statement, ...] = tuple(
    _Statement(
        name,
        re.compile(pattern),
        re.compile(needed) if needed else None,
        re.compile(barred) if barred else None,
        frozenset(words.split("|")),
    )
    for name, pattern, needed, barred, words in (
        (
            "disclosed",
            rf"主动公开(?!栏)(?:[^,，。；;\d]{{0,30}}?){_SUBJECT}{_VALUE}",
            "",
            rf"{_CHANNELS}|向省|向市",
            "主动公开",
        ),
        (
            "disclosed",
            rf"(?:(?:公开|发布)(?:各类)?(?:政府|政务)信息|(?:全年|共|年度)公开(?:各类)?信息){_VALUE}",
            "",
            rf"{_CHANNELS}|平台|网站|通过|主动公开",
            "公开|发布",
        ),
        (
            "applications_received",
            rf"{_ASKED}{_APPLICATION}{_VALUE}",
            "",
            "其中|复议|诉讼|举报|投诉|通过|网上|信函|当面",
            "申请",
        ),
        (
            "applications_received",
            rf"{_ASKED}{_VALUE}{_GAP}(?:信息公开申请|依申请公开|公开申请)",
            "",
            "其中|复议|诉讼",
            "申请",
        ),
        (
            "applications_received",
            rf"{_ASKED}(?:的)?申请{_VALUE}",
            "依申请公开|公开申请|申请公开",
            "其中|复议|诉讼",
            "申请",
        ),
        ("applications_received", rf"依申请公开(?:政府)?信息{_VALUE}", "", "其中|答复|办结|复议|诉讼", "依申请公开"),
        (
            "answered",
            rf"(?:办结|答复|回复)了?(?:政府信息公开申请|依申请公开申请|申请)?{_VALUE}",
            "申请",
            "其中|复议|诉讼|咨询|投诉|提案|建议",
            "办结|答复|回复",
        ),
        (
            "granted",
            rf"(?<!不)(?<!部分)(?:予以公开|同意公开){_REPLY}{_VALUE}",
            "申请",
            "部分|不予|不同意",
            "予以公开|同意公开",
        ),
        ("granted_partly", rf"(?:同意)?部分(?:予以|同意)?公开{_REPLY}{_VALUE}", "申请", "", "部分"),
        ("denied", rf"(?:不予公开|不同意公开){_REPLY}{_VALUE}", "申请", "", "不予公开|不同意公开"),
        ("not_this_agency", rf"不属于?[本我][^,，。；;\d]{{0,14}}{_VALUE}", "申请", "", "不属"),
        ("not_held", rf"(?:不存在|不掌握){_REPLY}{_VALUE}", "申请", "", "不存在|不掌握"),
        ("already_public", rf"(?:已主动公开|属于?主动公开){_REPLY}{_VALUE}", "申请", "", "主动公开"),
        ("needs_correction", rf"(?:补正|更改补充|内容不明确){_REPLY}{_VALUE}", "申请", "", "补正|更改补充|内容不明确"),
        ("reconsideration", rf"行政复议(?:申请|案件|案|事项|数|的)*{_VALUE}", _DISCLOSURE, "诉讼", "行政复议"),
        ("reconsideration", rf"{_VALUE}{_GAP}行政复议", _DISCLOSURE, "诉讼", "行政复议"),
        (
            "litigation",
            rf"行政诉讼(?:案件|案|事项|数|的)*{_VALUE}",
            _DISCLOSURE,
            "复议和|复议、|复议或|复议及",
            "行政诉讼",
        ),
        ("litigation", rf"{_VALUE}{_GAP}行政诉讼", _DISCLOSURE, "复议", "行政诉讼"),
        (
            "fees",
            rf"(?:收取|收费|费用)(?!标准)[^,，。；;\d]{{0,14}}{_MONEY}",
            rf"{_DISCLOSURE}|信息处理费|检索|复制",
            "支出|经费|标准|每|减免",
            "收取|收费|费用",
        ),
    )
)

_WORDS = tuple(sorted({word for statement in _STATED for word in statement.words}))

_NOTHING = r"(?:未曾|未(?!经)|没有|无|尚无|从未)"
_HAPPENED = r"(?:收到|接到|接收|受理|出现|发生|产生|引发|有|存在|因|涉及|被)?"
_NONE_RECEIVED = re.compile(
    rf"{_NOTHING}(?:收到|接到|接收|受理|出现|发生|产生|有)?(?:[^,，。；;\d]{{0,30}}?)"
    r"(?:依申请公开|信息公开申请|信息公开的申请|申请公开|公开申请)"
)
_ZERO_OF = (
    r"(?:数|数量|案件|案|申请|事项|件数|均|都|总数|情况|金额)*(?:为|是)?(?:0|零|〇)(?![\d.])(?:件|起|次|宗|项|元)?"
)
_NONE_OF = {
    name: re.compile(
        rf"{_NOTHING}{_HAPPENED}(?:[^,，。；;\d]{{0,40}}?)(?:{words})|(?:{words})[^,，。；;\d]{{0,12}}?{_ZERO_OF}"
    )
    for name, words in (("reconsideration", "复议"), ("litigation", "诉讼"), ("complaints", "举报|投诉"))
}
_NO_FEES = re.compile(
    r"(?:全部|均|一律|都)?免费|(?:未|没有|不|无|均未|均不)(?:向[^,，。；;\d]{0,12})?(?:产生|发生)?(?:进行)?"
    r"(?:收取|收费|[^,，。；;\d]{0,10}收费)|零收费|收费(?:金额)?(?:为)?(?:0|零)元?(?![\d.])"
)
_NOTHING_AT_ALL = re.compile(r"[未没无不0零〇免]")  # one of them stands in every statement of nothing
_DIGIT = re.compile(r"\d")
# A plan, a part of the year, a mean, what others did or what was undone: no figure of the report's year.
_NO_TOTAL = re.compile(
    r"计划(?=主动|公开|发布|全年|完成|新增)|力争|争取|目标|确保|预计|不少于|月均|日均|平均|每[年月周日季]|季度|[上下]半年|\d{1,2}月?(?:份)?[-—~～至到]\d{1,2}月|"
    r"撤回|撤销|未按|未能|逾期|各(?:乡镇?|镇|街道|部门|单位|县|区)"
)
_OWN_PART = re.compile(r"其中[,，]?[我本](?:局|委|办|院|厅|镇|乡|街道|站|处|中心|馆|单位|机关|部门|系统)")
_QUOTED = re.compile(r"《[^》]*》|[〔﹝\[(（][^〕﹞\])）]*[〕﹞\])）]")  # a document's name or number may hold a year
# What says of which year the figures behind it are; a plan or a rule named after a year (2017年要点) is no statement.
_WHEN = re.compile(
    r"(?P<this>(?:本年度?|全年|当年|今年|年内|年度内|报告期)(?:以来)?|一年来)|近[几两三]?年来?|"
    r"(?<!\d)(?P<since>(?:19|20)\d{2})年(?:\d{1,2}月)?(?:\d{1,2}日)?以来|以来|至今|历年|"
    r"(?<!\d)(?P<year>(?:19|20)\d{2})年度?(?!\d|底|末|要点|工作|政务|政府|全[省市县区])"
)
_SENTENCE = re.compile(r"[^。！？!?；;\n]+")
_CLAUSE = re.compile(r"[,，:：]")
_TOTALS = {"disclosed", "applications_received", "answered", "reconsideration", "litigation", "fees"}
_ABOUT = re.compile(r"信息公开|政府信息|政务公开|依申请|公开信息|信息.{0,6}(?:使用|查阅)|公开事项")


def narrative_figures(blocks: Sequence[Block], report_year: int | None = None) -> tuple[Figure, ...]:
    """The figures the paragraphs of ``blocks`` state, in reading order; the same statement twice counts once.

    Figures of another year than ``report_year``, or of many years together, are none of this report's.

    Two different values of one name are both kept: the reader of the record decides, as the report does not.
    """
    seen: set[tuple[str, int | float, str]] = set()
    figures: list[Figure] = []
    topic = ""
    for block in blocks:
        if not isinstance(block, Paragraph):
            continue
        if block.level is not None or (len(block.text) < 40 and "。" not in block.text):
            topic = block.text  # a heading says what 全年没有发生 below it is about
        for found in _SENTENCE.finditer(half_width(block.text)):
            sentence = found.group().strip()
            if len(sentence) > MAX_SENTENCE:
                continue
            for figure in _of_sentence(sentence, topic, report_year):
                key = (figure.name, figure.value, figure.unit)
                if key not in seen:
                    seen.add(key)
                    figures.append(figure)
    return tuple(figures)


def _of_sentence(sentence: str, topic: str, report_year: int | None) -> Iterator[Figure]:
    plain = "".join(sentence.split())
    own = _OWN_PART.search(plain)
    taken: set[str] = set()
    spoken = [word for word in _WORDS if word in plain] if _DIGIT.search(plain) else []
    for statement in _STATED if spoken else ():
        name = statement.name
        if name in taken or statement.words.isdisjoint(spoken):
            continue
        if statement.needed and not statement.needed.search(plain + topic):
            continue
        for found in statement.pattern.finditer(plain):
            before = plain[: found.start()]
            clause = (_CLAUSE.split(before)[-1] if before else "") + found.group()
            if own is not None:
                clause = clause.replace(own.group(), "")
            if _NO_TOTAL.search(clause) or (statement.barred and statement.barred.search(clause)):
                continue
            if re.search(r"上年|去年|同期", before) or re.fullmatch(r"0\d+", found["value"]):
                continue
            if _of_other_years(plain[: found.start("value")], report_year):
                continue
            if own is not None and found.start() < own.start():
                continue  # the total of all agencies, of which ours is a part
            if name in _TOTALS and "其中" in before and (own is None or "其中" in plain[own.end() : found.start()]):
                continue
            if name == "disclosed" and re.search(r"微信|微博|公众号|截至", before):
                continue
            taken.add(name)
            yield Figure(name, _value(found["value"]), found["unit"], sentence, _approximate(found, before))
            break
    yield from _zeros(plain, sentence, topic, taken, report_year)


def _zeros(plain: str, sentence: str, topic: str, taken: set[str], report_year: int | None) -> Iterator[Figure]:
    if not _NOTHING_AT_ALL.search(plain) or not (_ABOUT.search(plain) or _ABOUT.search(topic)):
        return
    for clause in _clauses(plain):
        if re.search(r"上年|去年|同期|并非|不存在未", clause) or _of_other_years(clause, report_year):
            continue
        if re.search(r"\d(?!\d*[年月日号])", re.sub(r"(?<!\d)0(?![\d.])", "", clause)):
            continue  # the clause counts something: it does not say that there was nothing
        costs = re.search(r"收费|费用|支出", clause) is not None
        asked = not costs and not re.search(r"复议|诉讼|举报|投诉", clause)
        if "applications_received" not in taken and asked and _NONE_RECEIVED.search(clause):
            taken.add("applications_received")
            yield Figure("applications_received", 0, "件", sentence)
        for name, pattern in _NONE_OF.items():
            if name not in taken and not costs and pattern.search(clause):
                taken.add(name)
                yield Figure(name, 0, "件", sentence)
        if "fees" not in taken and _NO_FEES.search(clause) and re.search(r"信息|依申请|申请人", clause + topic):
            taken.add("fees")
            yield Figure("fees", 0, "元", sentence)


def _of_other_years(before: str, report_year: int | None) -> bool:
    """Whether the words before a figure speak last of another year than the report's, or of all years so far."""
    said = [*_WHEN.finditer(_QUOTED.sub("", before))]
    if not said or said[-1]["this"]:
        return False
    year = said[-1]["since"] or said[-1]["year"]
    return year is None or (report_year is not None and int(year) != report_year)


def _clauses(plain: str) -> list[str]:
    return [clause for clause in _CLAUSE.split(plain) if clause]


def _approximate(found: re.Match[str], before: str) -> bool:
    return bool(found["more"]) or bool(re.search(r"(?:约|近|超过|超)(?=\d)", before[-2:] + found.group()))


def _value(digits: str) -> int | float:
    bare = digits.replace(",", "")
    return float(bare) if "." in bare else int(bare)
