"""The title of a report as printed, chosen among the places where pages print one."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.traditional import simplified
from pipelines.reading.agencies import agency_of_title
from pipelines.reading.dates import CHINESE_YEAR
from pipelines.reading.markup import bare

_YEAR = rf"(?:(?:19|20)\d{{2}}|{CHINESE_YEAR})"
# Missing 工作 or 年度, and the year inside the phrase, all occur: …政府信息公开工作2022年度报告, …信息公开工作报告.
REPORT = re.compile(
    rf"(?:信息|政务)公开(?:工作)?(?:的)?\s*(?:情况)?\s*(?:的)?\s*(?:{_YEAR}\s*)?年?\s*度?\s*(?:工作)?(?:情况)?(?:的)?(?:总结)?\s*(?:报告|总结)|"
    rf"(?:信息|政务)公开(?:工作)?\s*(?:{_YEAR}\s*)?年\s*度?\s*报|(?:信息|政务)公开年度工作"
)
_GENERIC = re.compile(
    r"^(?:(?:(?:19|20)\d{2}年?)?(?:年?度?(?:工作)?(?:报告|年报)?)|(?:政府)?(?:信息|政务)公开(?:工作)?(?:年度?(?:工作)?报告?|年报|工作)?|年度?报告?|正文|首页|详细(?:内容|信息|页面?)?|内容(?:页面?)?|信息公开|"
    r"无标题文?档?|标题|文章|untitled.*|document|index|信息详情|详情页?|文章(?:内容|详情)页?|附件\d*|下载|查看|点击(?:查看|下载)|政府信息公开(?:目录|专栏|平台)?)$",
    re.I,
)
_MACRO = re.compile(
    r"\{\{|\$\{|\{\$|<\$|<%|%>|\{%|CMSPRO_|\[!--|#\{|@\w+@|^\$\w+\$?$|^\[?(?:ArticleTitle|PubDate|ContentSource|title)\]?$|\{\w+\}|undefined|^null$",
    re.I,
)
_SEPARATOR = re.compile(
    r"\s*[_|｜]+\s*|\s+[-–—]+\s*|\s*[-–—]+\s+|\s*(?:--|——|>>|-(?=[^-]*(?:网|政府|门户|平台|局|公开)\s*$))\s*"
)
_CUT = re.compile(r"(?:…+|\.{3,})\s*$")
_EXTENSION = re.compile(r"\.(?:pdf|docx?|wps|ofd|rtf|xlsx?|et|txt|html?|zip|rar|7z)$", re.I)
_NO_WORDS = re.compile(r"[\W_]+")
_PAGE = ("metadata", "meta", "headline", "body")
_OUTER = " \t\r\n\u00a0\u3000\u2002\u2003《》"


@dataclass(frozen=True, slots=True)
class Title:
    """A title as printed and the place that prints it."""

    text: str
    source: str  # "metadata", "meta", "headline", "body", "html title", "entry", "attachment"


def is_report_title(text: str) -> bool:
    """Whether a text names an annual open-government report (or something close to one; ``kinds`` tells which)."""
    return "公" in text and REPORT.search(folded(text)) is not None


def folded(text: str) -> str:
    """A text for comparison and matching: full-width forms and traditional characters folded, no white space."""
    return simplified(bare(unicodedata.normalize("NFKC", text)))


def key(text: str) -> str:
    """A text's words alone, for telling whether two prints of a title are the same."""
    return _NO_WORDS.sub("", folded(text)).lower()


def choose_title(candidates: Iterable[tuple[str, str | None]]) -> Title | None:
    """The first candidate (place, text) that names something, a whole one before one that is cut with ``…``."""
    titles = []
    for source, raw in candidates:
        text = clean_title(raw, site_suffix=source == "html title")
        if text:
            titles.append(Title(text, source))
    whole = [title for title in titles if not _CUT.search(title.text)]
    named = [title for title in whole if not is_generic(title.text)]
    if named:
        best = named[0]
        if not is_report_title(best.text):
            # The first place may print the column's or the site's name; one that names the report wins.
            for title in named:
                if is_report_title(title.text) and (title.source in _PAGE or _tells_more(title, best)):
                    return title
            if best.source in ("entry", "attachment"):
                # A list may say no more than whose report it is; what the page prints above it is its title, however
                # plain.
                return next((title for title in whole if is_report_title(title.text) and title.source in _PAGE), best)
        return best
    for title in titles:
        if not is_generic(title.text):
            return title
    return titles[0] if titles else None


def _tells_more(title: Title, best: Title) -> bool:
    """Whether ``<title>`` names a report, its agency and year, and the headline, the site's or column's name, no year."""
    if title.source != "html title" or best.source != "headline" or re.search(_YEAR, best.text):
        return False
    return re.search(_YEAR, title.text) is not None and agency_of_title(title.text) is not None


def is_generic(text: str) -> bool:
    """Whether a text would fit any page of the column: it names no agency and no year."""
    return _GENERIC.match(folded(text)) is not None or len(key(text)) < 2


def clean_title(raw: str | None, *, site_suffix: bool = False) -> str | None:
    """A title without markup, outer brackets and site name; ``None`` for blanks and unexpanded CMS macros."""
    if not raw:
        return None
    raw = raw[:600]
    text = html.unescape(html.unescape(raw)) if "&" in raw else raw
    if "<" in text:
        text = re.sub(r"</?[A-Za-z][^<>]*>", "", text)
    if "%u" in text:
        text = re.sub(r"%u([0-9A-Fa-f]{4})", lambda match: chr(int(match.group(1), 16)), text)
    if "\n" in text:
        text = re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t]*\n[ \t\n]*(?=[\u3000-\u9fff\uff00-\uffef])", "", text)
    text = re.sub(r"[ \t\r\n\f]+", " ", text).strip(" \t\r\n\u00a0\u3000\u2002\u2003")
    if not text or _MACRO.search(text):
        return None
    if site_suffix:
        text = without_site(text)
    if text.startswith("《") and text.endswith("》") and text.count("《") == 1:
        text = text[1:-1]
    return text or None


def without_site(text: str) -> str:
    """``<title>`` without the names of site and column before or behind the article's."""
    parts = [part.strip() for part in _SEPARATOR.split(text) if part and part.strip()]
    if not parts:
        return text
    for part in parts:
        if is_report_title(part) and not is_generic(part):
            return _behind_names(part)
    return parts[0]


def _behind_names(text: str) -> str:
    """A title without the names of site and column that only blanks part from it: the last words, if they are one."""
    before, _, last = text.rpartition(" ")
    whole = before and is_report_title(last) and re.search(_YEAR, last) and agency_of_title(last) is not None
    return last if whole else text


def name_without_extension(name: str) -> str:
    """A file's name as a title."""
    return _EXTENSION.sub("", name.strip()).strip(_OUTER)
