"""Which text of an unknown page is the article: trafilatura's answer, and nothing else of trafilatura's.

It tells us *where* the article is; the text itself is always our own, since trafilatura drops repeated paragraphs and
flattens merged cells.
"""

from __future__ import annotations

from lxml.html import HtmlElement

MAX_TABLES_DEEP = 30  # it reads each table once for every table around it; portals lay out with ten at most


def article_lines(root: HtmlElement) -> list[str]:
    """The lines trafilatura takes for the article; empty where it finds none. It works on a copy of the tree.

    Empty, too, for markup so deep that it would take it minutes, or more of Python's stack than there is.
    """
    from trafilatura import extract

    if any(sum(1 for _ in table.iterancestors("table")) >= MAX_TABLES_DEEP for table in root.iter("table")):
        return []
    try:
        text = extract(
            root,
            output_format="txt",
            favor_recall=True,
            include_comments=False,
            include_tables=True,
            include_links=False,
            deduplicate=False,
            fast=True,
        )
    except RecursionError:
        return []
    return [line.strip(" |-") for line in (text or "").split("\n") if line.strip(" |-")]
