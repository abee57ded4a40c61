"""Text → the tree of its elements, however broken or deep the markup."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from crawler.errors import Unreadable

_INLINE_TAGS = re.compile(r"</?(?:span|font|b|i|u|em|strong|big|small|o:p|st1:\w+|a|center)\b[^<>]*>", re.I)
_BOX_TAGS = re.compile(r"</?(?:div|p|section|article|main|ul|ol|li|dl|dt|dd|blockquote|form|fieldset)\b[^<>]*>", re.I)
# HTML's one element without an end that libxml2 does not know: it would swallow what follows, a whole page after a banner.
_EMBED = re.compile(r"""<embed\b(?:[^<>"']|"[^"]*"|'[^']*')*>""", re.I)
_TABLE_STYLE = re.compile(r"(?:^|;)\s*display\s*:\s*(table|table-row|table-cell)\s*(?:;|!|$)", re.I)
_TABLE_TAGS = {"table": "table", "table-row": "tr", "table-cell": "td"}
# lxml.html asks a function of Python for the class of each element, whenever it is met anew; forms are nothing to us.
_ALL_ALIKE = etree.ElementDefaultClassLookup(element=HtmlElement)


def parse(text: str) -> HtmlElement | None:
    """The document element, or ``None`` where there is no markup and no text at all.

    libxml2 drops whatever is nested deeper than 2048 elements, without a word. Such pages (thousands of unclosed
    ``<font>``) are parsed again without their inline tags, then without boxes. Raises ``Unreadable`` if that fails.
    """
    if not text.strip():
        return None
    if "embed" in text or "EMBED" in text:
        text = _EMBED.sub(r"\g<0></embed>", text)
    for needless, instead in (None, ""), (_INLINE_TAGS, ""), (_BOX_TAGS, "<br>"):
        text = needless.sub(instead, text) if needless else text
        parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
        parser.set_element_class_lookup(_ALL_ALIKE)
        try:
            root = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
        except etree.ParserError:  # only comments or an empty document
            return None
        if not any("Excessive depth" in entry.message for entry in parser.error_log):
            if "table-cell" in text:
                _boxes_as_tables(root)
            return root
    raise Unreadable("nested too deep to be parsed", name="too_deep")


def _boxes_as_tables(root: HtmlElement) -> None:
    """Makes tables of the boxes that a page displays as tables, rows and cells."""
    for node in list(root.iter("div", "span", "ul", "li", "section", "p")):
        shown = _TABLE_STYLE.search(node.get("style") or "")
        if shown is not None:
            node.tag = _TABLE_TAGS[shown.group(1).lower()]
