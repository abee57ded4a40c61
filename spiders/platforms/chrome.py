"""What a block of a page is by its tag, its class and its text: content, a menu, a hot list, chrome."""

from __future__ import annotations

import re
from typing import Any

from spiders.platforms.names import squeeze

CONTENT, MENU, HOT_LIST, CHROME_BLOCK = range(4)

_CHROME = re.compile(
    r"footer|foot|copyright|crumbs?|breadcrumbs?|bread|mbx|weizhi|dqwz|szwz|wzdh|dangqianweizhi|curpos|friendlinks?|yqlj|yqlink|"
    r"share|bshare|pager|pagination|fenye|paging|pagenav|login|qrcode|sitemap|topbar"
)
_CHROME_WHOLE = frozenset({"position", "location", "path", "current"})  # parts of longer names mean other things
_HOT = re.compile(r"hots?|hotnews|rank|ranking|phb|rmtj|rdtj|recommend(?:ed)?|tuijian|relate[ds]?|xgxx|xglj|xgyd|xgwz")
_MENU = re.compile(r"navs?|navi|navbar|menus?|submenu|sidebar|header|head|bottom|links?")
_PLACE = re.compile(r"(?:当前|您的|您当前的?|所在|现在的?)位置")


def block(element: Any) -> int:
    """What an element is by itself, whatever stands around it."""
    if not isinstance(element.tag, str) or element.tag in ("body", "html"):
        return CONTENT
    if element.tag == "footer":
        return CHROME_BLOCK
    classes = f"{element.get('class') or ''} {element.get('id') or ''}".strip()
    whole = {name.lower() for name in classes.split()}
    tokens = {token.lower() for token in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", classes)} | whole
    if whole & _CHROME_WHOLE or any(_CHROME.fullmatch(token) for token in tokens):
        return CHROME_BLOCK
    if element.tag in ("div", "p", "td", "span", "ul", "nav", "ol", "h3"):
        text = text_of(element, 160)
        if len(text) < 160 and _PLACE.search(text):
            return CHROME_BLOCK
    if element.tag == "aside" or any(_HOT.fullmatch(token) for token in tokens):
        return HOT_LIST
    if element.tag in ("nav", "header") or any(_MENU.fullmatch(token) for token in tokens):
        return MENU
    return CONTENT


def text_of(element: Any, limit: int) -> str:
    """The element's text as one line, read no further than ``limit`` characters and a bit."""
    pieces: list[str] = []
    length = 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece.strip())
        if length > limit:
            break
    return squeeze("".join(pieces))
