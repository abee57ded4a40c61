"""The year a report reports on: from its title or stated period, never from a publication date."""

from __future__ import annotations

import re
import unicodedata

from pipelines.reading.dates import CHINESE_YEAR, chinese_year

FIRST, LAST = 2003, 2060  # the first local rules are older than the Regulations of 2007
_YEAR = r"((?:19|20)\d{2})"
_IN_TITLE = (
    re.compile(
        rf"(?<!\d){_YEAR}\s*年\s*0?1\s*月(?:\s*0?1\s*日)?\s*(?:至|到|[-—–~～]+)\s*(?:{_YEAR[1:-1]}\s*年)?\s*12\s*月"
    ),
    re.compile(rf"(?<!\d){_YEAR}\s*年\s*度"),
    re.compile(rf"(?<!\d){_YEAR}\s*年(?!\s*\d{{1,2}}\s*月)"),
    re.compile(rf"(?<!\d){_YEAR}(?!\s*年\s*\d{{1,2}}\s*月)(?!\d)(?!\s*[〕﹞\]】)）]\s*\d+\s*号)"),
)
_PERIOD = re.compile(
    rf"(?<!\d){_YEAR}\s*年\s*1\s*月\s*1\s*日?\s*(?:起\s*[,、]?)?\s*(?:至|到|[-—–~～]+)\s*(?:(?:19|20)\d{{2}}\s*年|同年|当年)?\s*1[0-2]\s*月\s*\d{{0,2}}\s*日?"
)
# （2021年度） alone below a title without a year.
_SUBTITLE = re.compile(rf"\A\s*[（(〔\[]?\s*{_YEAR}\s*年\s*度?\s*[）)〕\]]?\s*(?:\n|\Z)")
_STATED = re.compile(
    rf"(?<!\d){_YEAR}\s*年\s*度?\s*(?:[\u4e00-\u9fff]{{0,20}}?)(?:政府|政务)?信息公开(?:工作)?(?:年度)?(?:情况)?(?:工作)?(?:的)?(?:年?度?报告|年报|情况)"
)


# Folding a whole text costs more than reading it: only where the period can stand. ㋀ is 1月 in one character.
_PERIOD_AT_ALL = re.compile(r"[1１]\s*[月⽉]\s*[1１]|㋀")


def report_year(title: str | None, text: str, column_year: int | None = None) -> int | None:
    """The year of the title, else of the period the text states, else of the column the report is listed in."""
    found = year_of_title(title) or stated_year(text) or column_year
    return found if found is not None and FIRST <= found <= LAST else None


def year_of_title(title: str | None) -> int | None:
    """The report year a title names, or ``None``. Years of publication (2020年1月) do not count."""
    if not title:
        return None
    folded = unicodedata.normalize("NFKC", title)
    for pattern in _IN_TITLE:
        years = [int(year) for year in pattern.findall(folded) if FIRST <= int(year) <= LAST]
        if years:
            return years[0]
    return chinese_year(title)


def stated_year(text: str) -> int | None:
    """The year of the period a report says its figures are of (2017年1月1日至12月31日), or ``None``."""
    folded = unicodedata.normalize("NFKC", text[:6000] if _PERIOD_AT_ALL.search(text, 0, 6000) else text[:1200])
    match = _SUBTITLE.search(folded) or _PERIOD.search(folded) or _STATED.search(folded[:1200])
    if match and FIRST <= int(match.group(1)) <= LAST:
        return int(match.group(1))
    opening = folded[:1200]
    written = re.search(rf"({CHINESE_YEAR})\s*年\s*度", opening)
    return chinese_year(written.group(1) + "年") if written else None
