"""Articles that stand in a page's scripts, hidden fields or in escaped form, to be put in place by JavaScript."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from lxml.html import HtmlElement, tostring

from pipelines.reading.markup import bare, is_hidden

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_DETAIL = re.compile(r"""["']?\bDETAIL["']?\s*[:=]\s*(?=\{)""")
_KEYED = re.compile(
    r"""["']?\b(?:content|contentHtml|contenthtml|articleContent|article_content|infoContent|newsContent|detailContent|html|htmlContent|zwnr|bodyContent|txt|text|body|ucapcontent)["']?\s*[:=]\s*(?=["'`])""",
    re.I,
)
_ESCAPED_CALL = re.compile(r"""(?:unescape|decodeURIComponent|decodeURI)\s*\(\s*(?=["'])""")
_WRITTEN = re.compile(r"""(?:document\.write(?:ln)?|\.html|\.append|\.innerHTML\s*=)\s*\(?\s*(?=["'`])""")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`(?:[^`\\]|\\.)*`', re.S)
_JS_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(\r\n|[\s\S]))")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "v": "", "0": "", "\n": "", "\r\n": "", "\r": ""}
_PERCENT_U = re.compile(r"%u([0-9A-Fa-f]{4})")
_ESCAPED = re.compile(r"(?:%u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2})")
_MARKUP_SCRIPT = re.compile(r"text/(?:template|html|plain|x-template|x-handlebars\S*|x-jquery-tmpl|ng-template)", re.I)
MIN_CHINESE = 60  # an article shorter than this is not worth looking for in scripts


def catalogue_detail(root: HtmlElement) -> Mapping[str, Any] | None:
    """``window._CONFIG.DETAIL`` of Guangdong's catalogue platform (gkmlpt), or ``None``."""
    for script in root.iter("script"):
        text = script.text or ""
        if "_CONFIG" not in text and "DETAIL" not in text:
            continue
        for match in _DETAIL.finditer(text):
            try:
                detail, _ = json.JSONDecoder(strict=False).raw_decode(text, match.end())
            except ValueError:
                continue
            if isinstance(detail, dict) and isinstance(detail.get("content"), str):
                return detail
    return None


def injected_articles(root: HtmlElement) -> list[str]:
    """HTML fragments found where no reader sees them, the one with most Chinese text first."""
    found: dict[str, int] = {}
    for fragment in _fragments(root):
        text = unescaped(fragment)
        count = len(_CHINESE.findall(re.sub(r"<[^>]*>", "", text)))
        if count >= MIN_CHINESE:
            found[text] = count
    return sorted(found, key=lambda text: -found[text])


def escaped_article(text: str) -> str | None:
    """What a visible text that is nothing but %u or URL escapes says, or ``None`` where it is ordinary text."""
    words = bare(text)
    escapes = _ESCAPED.findall(words)
    if len(escapes) < 20 or sum(map(len, escapes)) * 2 < len(words):
        return None
    plain = unescaped(words)
    return plain if len(_CHINESE.findall(plain)) >= 10 else None


def unescaped(text: str) -> str:
    """A fragment with %uXXXX, URL and HTML escapes undone where it is escaped as a whole."""
    if _PERCENT_U.search(text):
        text = _PERCENT_U.sub(lambda match: chr(int(match.group(1), 16)), text)
        text = unquote(text, encoding="latin-1") if re.search(r"%[0-9A-Fa-f]{2}", text) else text
    elif len(re.findall(r"%[0-9A-Fa-f]{2}", text)) * 3 * 3 >= len(text) > 0:
        plain = unquote(text, errors="replace")
        text = plain if "\ufffd" not in plain else unquote(text, encoding="gb18030", errors="replace")
    if "<" not in text and "&lt;" in text:
        text = html.unescape(text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _fragments(root: HtmlElement) -> Iterator[str]:
    for node in root.iter(
        "script", "textarea", "template", "noscript", "xmp", "input", "iframe", "div", "ucapcontent", "td", "section"
    ):
        tag = node.tag
        if tag == "script":
            yield from _of_script(node)
        elif tag in ("textarea", "xmp"):
            yield node.text_content()
        elif tag == "input":
            if (node.get("type") or "").lower() == "hidden" and len(node.get("value") or "") > MIN_CHINESE:
                yield node.get("value", "")
        elif tag == "iframe":
            yield node.get("srcdoc", "")
        elif tag in ("template", "noscript") or is_hidden(node):
            yield inner_html(node)


def _of_script(node: HtmlElement) -> Iterator[str]:
    text = node.text or ""
    if len(text) < MIN_CHINESE:
        return
    kind = (node.get("type") or "").lower()
    if _MARKUP_SCRIPT.search(kind):
        yield text
        return
    if "json" in kind:
        try:
            yield from _strings(json.loads(text, strict=False))
        except ValueError:
            pass
        else:
            return
    for pattern in (_KEYED, _ESCAPED_CALL, _WRITTEN):
        for match in pattern.finditer(text):
            literal = _STRING.match(text, match.end())
            if literal and len(literal.group()) > MIN_CHINESE:
                yield javascript_string(literal.group()[1:-1])


def _strings(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            if len(one) > MIN_CHINESE:
                yield one
        elif isinstance(one, dict):
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one)


def javascript_string(literal: str) -> str:
    """The text of a JavaScript string literal without its quotes."""
    return _JS_ESCAPE.sub(_unescape_one, literal) if "\\" in literal else literal


def _unescape_one(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2) or match.group(3)
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    char = match.group(4)
    return _SIMPLE.get(char, char)


def inner_html(node: HtmlElement) -> str:
    """The markup inside an element."""
    parts = [html.escape(node.text or "", quote=False)]
    parts.extend(tostring(child, encoding="unicode") for child in node)
    return "".join(parts)
