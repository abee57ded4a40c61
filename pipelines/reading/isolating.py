"""Which text of an unknown page is the article: trafilatura's answer, and nothing else of trafilatura's.

It tells us *where* the article is; the text itself is always our own, since trafilatura drops repeated paragraphs and
flattens merged cells.
"""

from __future__ import annotations

from lxml.html import HtmlElement


def article_lines(root: HtmlElement) -> list[str]:
    """The lines trafilatura takes for the article; empty where it finds none. It works on a copy of the tree."""
    from trafilatura import extract

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
    return [line.strip(" |-") for line in (text or "").split("\n") if line.strip(" |-")]
