"""How many records and pages there are, as a page prints it: 共120条, 共8页, 1/8, 1 - 10 of 27."""

from __future__ import annotations

import re

from crawler.items import Declared

_RECORDS = re.compile(
    r"(?:共有?|共计|总共|总计|合计|总数|总条数|总记录数?|记录总数|检索到|查询到|找到)约?\s*[:：]?\s*(\d+)\s*(?:条|个|篇|项|则|件|记录)"
    r"|(?:总记录数|总条数|记录总数|总数)\s*[:：]?\s*(\d+)|(?<![\d.-])\d+\s*(?:-|–|to)\s*\d+\s+of\s+(\d+)",
    re.I,
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PAGES = re.compile(
    r"(?:共有?|总共|合计|分)\s*[:：]?\s*(\d+)\s*页|(?:总页数|页数)\s*[:：]?\s*(\d+)|(?<![\d/.-])\d{1,4}\s*/\s*(\d{1,4})(?![\d/-])\s*页?"
)
_SIZE = re.compile(r"每页\s*(?:显示)?\s*[:：]?\s*(\d+)\s*(?:条|个|篇|项)?|(\d+)\s*条\s*/\s*页")


def counted(text: str) -> bool:
    """Whether a text counts records or pages at all."""
    return bool(_RECORDS.search(text) or _PAGES.search(text))


def printed(text: str) -> Declared | None:
    """Totals as a pager prints them: 共120条, 共8页, 1/8, 每页15条."""
    text = _THOUSANDS.sub("", text)
    records, pages, size = _RECORDS.search(text), _PAGES.search(text), _SIZE.search(text)
    if not (records or pages):
        return None
    return Declared(
        records=_first(records),
        pages=_first(pages),
        page_size=_first(size),
    )


def _first(found: re.Match[str] | None) -> int | None:
    return int(next(group for group in found.groups() if group)) if found else None
