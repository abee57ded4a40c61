"""One answer, and what can be seen of it."""

from __future__ import annotations

import html
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, urljoin, urlsplit
from xml.etree import ElementTree

from crawler.urls import bare_host
from pipelines.reading.decoding import utf16_of

Header = tuple[bytes, bytes]
WORDLESS = 60  # characters of visible text below which a page says nothing
WHOLE_MESSAGE = 200  # characters below which a page's text is one message
FIREWALL_MESSAGE = 300  # firewalls explain themselves: event number, address, what to do
FIREWALL_ERROR = 1000  # the same under an error status, where nothing else is expected
CHROME_MESSAGE = 120  # characters beside links and imprint below which the rest of a page is one message
CHROME = 4000  # characters; no portal's header, menus and footer are longer
LOOKED_AT = 400_000  # bytes; no refusal is larger than that
_IGNORED = re.compile(r"<(?:!--|(script|style|template|noscript|title|select)\b)", re.I)
_IGNORED_UNTIL = {
    name: re.compile(rf"</{name}\s*>", re.I) for name in ("script", "style", "template", "noscript", "title", "select")
}
_TAG = re.compile(r"<[^<>]*>")
_ANCHOR = re.compile(r"<a\b[^<]*(?:<(?!/?a\b)[^<]*)*</a\s*>", re.I)
_SPACE = re.compile(r"[\s\u3000\xa0\u200b\ufeff]+")
_CJK_SPACE = re.compile(r"(?<=[^\x00-\xff]) | (?=[^\x00-\xff])")
_TITLE = re.compile(r"<title\b[^<>]*>([^<]{0,300})", re.I)
_SCRIPT = re.compile(r"<script\b[^<>]*>(.*?)(?:</script|\Z)", re.I | re.S)
_META = re.compile(r"<meta\b[^<>]*>", re.I)
_REFRESH = re.compile(r"http-equiv\s*=\s*[\"']?\s*refresh\b", re.I)
_REFRESH_TO = re.compile(r"content\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.I)
_HREF = re.compile(r"<a\b[^<>]*\bhref\s*=\s*['\"]?([^'\" >]+)", re.I)
DOOR = re.compile(r"<(?:a|area|iframe|frame|frameset|embed|object)\b", re.I)
_PICTURE = re.compile(r"<(?:img|input|form)\b", re.I)
_MARKUP = re.compile(
    r"\s*(?:<\?xml[^<>]*>\s*(?=<!doctype\s+html|<html))?<(?:!doctype\s+html|html|head|body|script|meta|title|div|p|table|h\d|center|!--)",
    re.I,
)
_GOES = re.compile(
    r"""location(?:\s*\.\s*href)?\s*=(?!=)\s*(['"])([^'"]+)\1"""
    r"""|location\s*\.\s*(?:replace|assign)\s*\(\s*(['"])([^'"]+)\3"""
)
_REPORT_TITLE = re.compile(r"信息公开[^。；;]{0,20}(?:报告|年报)")
# What stands in the imprint of every page of a portal, error pages included.
_IMPRINT = re.compile(
    r"(?:版权所有|copyright|©|主办(?:单位)?|承办(?:单位)?|(?:建设|运维|维护)(?:单位|维护|\s*[:：])|技术支持|"
    r"网站标识码|备案(?:序)?号|\w{0,3}ICP[备证]|[\u4e00-\u9fff]公网安备|"
    r"(?:地址|邮编|电话|传真|邮箱|E-?mail)\s*[:：]|联系(?:我们|方式|电话)|网站地图|最佳浏览|建议使用|分辨率|您是第|访问量)[^\n]*",
    re.I,
)


@dataclass(frozen=True)
class Answer:
    """One answer with what can be seen of it, worked out when it is asked for."""

    status: int
    headers: Sequence[Header]
    body: bytes
    url: str

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key.lower() == name), None)

    @cached_property
    def text(self) -> str:
        """The body as text; binary bodies have none."""
        sample = self.body[:LOOKED_AT]
        if sample[:2] == b"\x1f\x8b":
            try:
                sample = zlib.decompressobj(wbits=31).decompress(sample, LOOKED_AT)
            except zlib.error:
                return ""
        if wide := utf16_of(sample):
            return sample.decode(wide, "replace").lstrip("\ufeff")
        if b"\0" in sample[:2048]:
            return ""
        try:
            return sample.decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            if fault.start > len(sample) - 4:
                return sample[: fault.start].decode("utf-8-sig")
            return sample.decode("gb18030", "replace")

    @cached_property
    def is_markup(self) -> bool:
        return bool(_MARKUP.match(self.text.lstrip("\ufeff")))

    @cached_property
    def is_data(self) -> bool:
        """JSON, JSONP or XML that can be parsed: an interface's answer, however short."""
        text = self.text.strip()
        if jsonp := re.fullmatch(r"[\w$.]+\s*\(\s*([\[{].*)\)\s*;?", text, re.S):
            text = jsonp[1].strip()
        if text.startswith(("{", "[")):
            try:
                json.loads(text, strict=False)
            except (ValueError, RecursionError):
                return False
            return True
        if text.startswith("<") and not self.is_markup and "<!DOCTYPE" not in text and "<!ENTITY" not in text:
            try:
                ElementTree.fromstring(text)  # noqa: S314 — entities and document types were turned away
            except (ElementTree.ParseError, ValueError):
                return False
            return True
        return False

    def _shown(self) -> Iterator[str]:
        """The text but for comments and elements that show nothing. Scripts are long: their ends are searched for."""
        text, end = self.text, 0
        while opening := _IGNORED.search(text, end):
            yield text[end : opening.start()]
            if name := opening[1]:
                closing = _IGNORED_UNTIL[name.lower()].search(text, opening.end())
                end = closing.end() if closing else len(text)
            else:
                found = text.find("-->", opening.end())
                end = len(text) if found < 0 else found + 3
        yield text[end:]

    @cached_property
    def _markup(self) -> str:
        return " ".join(self._shown())

    @cached_property
    def _leads_on(self) -> bool:
        """Asked of every page, and answered by the first link."""
        return any(DOOR.search(piece) for piece in self._shown())

    @cached_property
    def words(self) -> str:
        """What a reader sees, the title apart."""
        return _one_line(html.unescape(_TAG.sub(" ", self._markup)))

    @cached_property
    def message(self) -> str:
        """What a reader sees beside links and the imprint."""
        text = html.unescape(_TAG.sub("\n", _ANCHOR.sub("\n", self._markup)))
        return _one_line(_IMPRINT.sub("", text))

    @cached_property
    def title(self) -> str:
        found = _TITLE.search(self.text)
        return " ".join(html.unescape(_TAG.sub("", found[1])).split()) if found else ""

    @cached_property
    def script(self) -> str:
        return "\n".join(_SCRIPT.findall(self.text))

    @cached_property
    def shows_little(self) -> bool:
        """Hardly a word and no way on: where a product's marks are found on such a page, the page is the product's."""
        return not self._leads_on and len(self.words) <= CHROME_MESSAGE

    @cached_property
    def wordless(self) -> bool:
        """A page that shows a reader nothing: no words, no picture, no frame, no link."""
        return not (self._leads_on or _PICTURE.search(self._markup)) and len(self.words) <= WORDLESS

    def shows_nothing_but_the_way_to(self, target: str) -> bool:
        """A page without words, the link apart that leads where the page itself sends its reader: 点击这里."""
        links = {urljoin(self.url, html.unescape(found[1])) for found in _HREF.finditer(self._markup)}
        rest = _ANCHOR.sub("", self._markup) if links == {target} else self._markup
        return not (DOOR.search(rest) or _PICTURE.search(rest)) and len(self.words) <= WORDLESS

    @cached_property
    def refreshes(self) -> list[str]:
        """Where the page sends its reader by meta refresh; '' for itself."""
        found = []
        for tag in _META.findall(self.text):
            if _REFRESH.search(tag) and (content := _REFRESH_TO.search(tag)):
                value = html.unescape(next(group for group in (*content.groups(), "") if group is not None))
                target = re.sub(r"^\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?", "", value, flags=re.I)
                found.append(target.strip(" '\""))
        return found

    @cached_property
    def targets(self) -> list[str]:
        """Where the page sends its reader by meta refresh or plain script."""
        found = [target for target in self.refreshes if target]
        found += [first or second for _, first, _, second in _GOES.findall(self.script)]
        targets = []
        for target in found:
            with suppress(ValueError):
                targets.append(urljoin(self.url, target))
        return targets

    @cached_property
    def comes_back(self) -> bool:
        """Whether the page sends its reader to its own address again."""
        return "" in self.refreshes or any(_same_path(target, self.url) for target in self.targets)

    @cached_property
    def is_about_a_report(self) -> bool:
        """A short page that leads to a document, or names a report, says more than it seems to."""
        return bool(
            _REPORT_TITLE.search(self.title)
            or _REPORT_TITLE.search(self.words)
            or re.search(r"<(?:iframe|frame|embed|object)\b[^<>]*\b(?:src|data)\s*=", self._markup, re.I)
            or re.search(r"href\s*=\s*['\"]?[^'\" >]+\.(?:pdf|docx?|wps|xlsx?|zip|rar|ofd)\b", self._markup, re.I)
        )

    @property
    def cookies(self) -> list[bytes]:
        return [value.strip() for key, value in self.headers if key.lower() == b"set-cookie"]


def _same_path(target: str, url: str) -> bool:
    ours, theirs = urlsplit(url), urlsplit(target)
    if (bare_host(ours.netloc), ours.path or "/") != (bare_host(theirs.netloc), theirs.path or "/"):
        return False
    # Another page of the same script (?id=1 → ?id=2) is another page; the same one with a token more is not.
    return set(parse_qsl(ours.query)) <= set(parse_qsl(theirs.query))


def _one_line(text: str) -> str:
    """Text with its white space as single spaces, none beside Chinese characters."""
    return _CJK_SPACE.sub("", _SPACE.sub(" ", text)).strip()
