"""Who made a report.

Rule: the agency is printed as the title prints it (``缙云县市场监管局``), predecessors included, unless the title
names none or says only 我局 or 本机关; then the signature at the end of the body, then what the page states (制作单位,
发布机构 where it is an organisation and not a place), then the column and the portal. Where the title leaves out the
place (市商务局) and another of these ends with the very same words (咸宁市商务局), the fuller one is taken: it is
printed too, and it is the same name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from crawler.traditional import simplified
from pipelines.reading.dates import CHINESE_YEAR

_ONE_YEAR = rf"(?:(?:19|20)\d{{2}}|{CHINESE_YEAR})"
# 2020—2021学年 of a school; 2019-2020年; 2021年1月至12月; 2021年上半年.
_YEAR = (
    rf"{_ONE_YEAR}(?:年?[-–—－~～至]{_ONE_YEAR}(?:学年)?"
    r"|年[上下]半年|年第?[一二三四]季度|年1月(?:1日)?[-–—－~～至到]12月(?:31日)?|学年)?"
)
_PHRASE = re.compile(
    rf"(?:关于)?(?:(?:{_YEAR})\s*年?\s*度?(?:的)?)?(?:落实|贯彻|执行|开展|做好|编制|公布|发布|报送|印发)?(?:《.*?》)?(?:(?:{_YEAR})\s*年?\s*度?)?(?:年度)?(?:工作)?"
    r"(?:政府|政务|政府政务|[院校村厂警]务)?(?:信息|政务)(?:与政务)?公开"
    r"(?!(?:工作)?(?:办(?![理件法])|处|科|股|中心|领导小组|管理|服务))"  # 政务公开办公室 is an agency
)
# What a column puts before a name: 一图读懂…, 图解：…, 政策解读｜…, 【H5】…
_GENRE_WORDS = (
    r"(?:(?:政策|文字|图文|图片|视频|音频|动漫|漫画|动画|图表|数字|专家|部门|负责人|领导)?(?:解读|图解|图说|图示|图文|速览|速读)|"
    r"(?:[一两二三几]|\d{1,2})(?:张?图|分钟|幅?长?图|组数字|秒钟?)(?:带你)?(?:读懂|看懂|了解|速览|解读|看清|读透|看)|"
    r"(?:长图|漫画|动漫|动画|海报|数说|图读|微视频|短视频|H5|划重点|带你)(?:带你)?(?:读懂|看懂|了解|速览|解读|看)?|"
    r"(?:快速|轻松|带你)?(?:读懂|看懂)|转载|公示|公告|通知公告|热点|置顶|最新|附件\d*)"
)
_SEPARATORS = r"[\s:：.、,，|｜丨¦/／\-—–_~～·•!！?？]*"
_LEADING_GENRE = re.compile(
    rf"^(?:[【\[(（〔〖「\u3014][^】\])）〕〗」]{{1,8}}[】\])）〕〗」]|{_GENRE_WORDS}){_SEPARATORS}|"
    r"^\d{1,3}\s*[.．、)）]\s*|^[《〈「『]",
    re.I,
)
_TRAILING_GENRE = re.compile(rf"(?:{_SEPARATORS}{_GENRE_WORDS})+{_SEPARATORS}$", re.I)
_LEADING_YEAR = re.compile(rf"^\s*(?:{_YEAR})\s*年?\s*度?\s*(?:\d{{1,2}}月(?:份|\d{{1,2}}日)?)?")
_OPEN, _CLOSE = "[（(〔﹝\\[［【]", "[)）〕﹞\\]］】]"
# （2022年度）, 〔2022〕年.
_TRAILING_YEAR = re.compile(rf"\s*(?:关于)?\s*{_OPEN}?\s*(?:{_YEAR})\s*{_CLOSE}?\s*年?\s*度?\s*{_CLOSE}?\s*$")
_GENERIC = re.compile(
    r"^(?:我|本|该|各)(?:局|委|办|院|厅|机关|单位|部门|县|市|区|镇|乡|街道|站|中心|校|州|盟|旗)?(?:人民政府|政府|机关)?$|^(?:政府|人民政府|机关|单位|部门|办公室|本级|管理员|admin|系统管理员|网站管理员|本站|本网|"
    r"原创|未知|转载|匿名|编辑部|信息员|信息中心|信息公开办公室|无|暂无|null|undefined)$",
    re.I,
)
_ORGAN = re.compile(
    r"(?:局|委|委员会|厅|部|署|办|办公室|政府|院|会|中心|站|所|处|队|大队|支队|总队|公司|集团|学校|大学|学院|中学|小学|医院|银行|馆|社|台|组|行署|街道|街道办事处|办事处|"
    r"管委会|管理处|开发区|园区|新区|林场|农场|监狱|法院|检察院|联合会|残联|妇联|文联|工商联|侨联|科协|总会|协会|党校|兵团|第[一二三四五六七八九十]+师|分局|总局|税务局|镇|乡|科|室|段|基地|景区|保税区|示范区|高新区|经开区|区|县|市|省|州|盟|旗)$"
)
_PLACE = re.compile(r"^[\u4e00-\u9fff]{1,12}?(?:省|自治区|市|自治州|地区|盟|州|县|自治县|区|旗|新区|镇|乡|街道)$")
_PLACE_GOVERNMENT = re.compile(r"[省市区县州盟旗镇乡]$")
_PERSON = re.compile(r"^[\u4e00-\u9fff]{2,3}$")
_EDGES = " \t\r\n\u00a0\u3000\u2002\u2003《》“”\"'：:、，,。.—-－_【】[]|"


def agency_of(
    title: str | None,
    signature: str | None = None,
    stated: Iterable[str | None] = (),
    context: Iterable[str | None] = (),
) -> str | None:
    """The agency by the rule above. ``stated``: what the page prints beside labels; ``context``: column, portal."""
    named = agency_of_title(title)
    stated_names = [name for name in (organisation(value) for value in stated) if name]
    signed = organisation(signature)
    fuller = [name for name in (signed, *stated_names) if name]
    if named:
        if is_place(named):
            for name in fuller:
                if name.startswith(named) and name.endswith(("管委会", "管理委员会", "办事处", "行政公署")):
                    return name
                if name.startswith((named + "人民政府", named + "政府")):  # …办公室 publishes, the government reports
                    return name[: name.index("政府") + 2]
            return named
        for name in fuller:
            if len(name) > len(named) and name.endswith(named):
                return name
        return named
    for name in fuller:
        if not is_place(name):
            return name
    for value in context:
        found = organisation(value)
        if found:
            return found
    return fuller[0] if fuller else None


def agency_of_title(title: str | None) -> str | None:
    """The organisation a title names before or around its year and phrase; ``None`` where it names none."""
    if not title:
        return None
    named = _before_phrase(title)
    if named is None:  # 2020年度政府信息公开工作年度报告（某局）
        inside = re.search(r"[（(]([^（()）]{3,30})[)）]\s*$", title)
        named = organisation(_LEADING_YEAR.sub("", inside.group(1))) if inside else None
    return named


def _before_phrase(title: str) -> str | None:
    printed = re.sub(r"\s+", "", title)
    head = _name_within(simplified("".join(map(_narrow, printed))))
    if head is None:
        return None
    start, end = head
    return printed[start:end]


def _narrow(char: str) -> str:
    """A character in its ordinary width where that is one character: the folded text keeps every place."""
    if "\u4e00" <= char <= "\u9fff":
        return char
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def _name_within(text: str) -> tuple[int, int] | None:
    """Where in a title the words stand that name its agency."""
    whole = text
    text = _LEADING_YEAR.sub("", _without_genre(text))
    text = _without_genre(text)
    match = _PHRASE.search(text)
    # 咸宁市人民政府信息公开…: the words 政府 belong to 人民政府, not to 政府信息公开.
    head = text[: match.start()] if match else text
    if match:
        matched = match.group()
        if head.endswith("人民") and matched.startswith("政府"):
            head += "政府"
        elif head.endswith(("人民政府", "政府")):
            pass
    else:
        ends = (
            rf"(?:关于)?(?:{_YEAR})\s*年",
            r"政府网站(?:工作|监管)?年度",
            r"年度?(?:工作)?报告?|年报",
            "关于|印发|转发",
        )
        cut = min((found.start() for found in (re.search(end, text) for end in ends) if found), default=None)
        if cut is None:
            return None
        head = text[:cut]
    head = _TRAILING_GENRE.sub("", _TRAILING_YEAR.sub("", head))
    head = re.sub(r"^(?:关于|印发|公布|发布)+", "", head)
    head = re.sub(r"(?:关于(?:印发|公布|发布|报送|转发)?[《〈]?|的|年度)+$", "", head)
    head = _LEADING_YEAR.sub("", head).strip(_EDGES)
    behind = re.search(rf"(?:{_ONE_YEAR})年", head)  # 财政局2022年预决算信息公开: what follows the year is the matter
    if behind and _ORGAN.search(head[: behind.start()]):
        head = head[: behind.start()]
    if len(head) < 2 or _GENERIC.match(head) or re.search(r"^(?:19|20)\d{2}", head):
        return None
    start = whole.index(head)
    return start, start + len(head)


def _without_genre(text: str) -> str:
    """A title without what says only how it tells its matter (一图读懂, 【图解】, 解读｜)."""
    for _ in range(4):
        shorter = _LEADING_GENRE.sub("", text, count=1)
        if shorter == text or not shorter:
            break
        text = shorter
    return text


def organisation(value: str | None) -> str | None:
    """The value where it is an organisation's name, brackets and titles aside; ``None`` for 我局, persons, blanks."""
    if not value:
        return None
    text = re.sub(r"\s+", "", value.replace("\u3000", "").replace("\u00a0", "")).strip(_EDGES)
    text = re.sub(r"[（(](?:盖章|公章|章|印章|代章)[）)]$", "", text)
    text = re.sub(r"(?:门户|政务|官方)?(?:网站|网|门户)$", "", text) if not text.endswith("互联网") else text
    if not text or len(text) > 40 or _GENERIC.match(text) or re.search(r"[。，,；;:：!！?？]", text):
        return None
    if _PERSON.match(text) and not _ORGAN.search(text):
        return None
    named = re.sub(r"(?<=.)[（(][^（()）]{1,16}[)）]$", "", text)  # 烟草专卖局（公司）
    return text if _ORGAN.search(named) else None


def is_place(name: str) -> bool:
    """Whether a name is a place's (缙云县) and not an organisation's."""
    return _PLACE.match(name) is not None and not name.endswith(
        ("开发区", "园区", "高新区", "保税区", "示范区", "经开区", "景区")
    )
