"""Every way off a page: anchors, frames, choices, what a script writes, where a splash page sends its reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spiders.discovery.words import ANNUAL, DISCLOSURE, GK_SLUG, said_of, weight
from spiders.platforms import scripts
from spiders.platforms.addresses import resolve
from spiders.platforms.chrome import text_of
from spiders.platforms.names import MORE, squeeze

Element = Any  # an lxml element


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    text: str
    element: Element
    from_script: bool = False
    sent_on: bool = False


_PLAIN_TARGET = re.compile(
    r"""(?:window|self|top|document|parent)?\.?location(?:\s*\.\s*href)?\s*=(?!=)\s*(['"])([^'"]+)\1"""
    r"""|location\s*\.\s*(?:replace|assign)\s*\(\s*(['"])([^'"]+)\3"""
)
ENTERS = re.compile(
    r"进入|跳过|点击|首页|主页|中文|简体|skip|enter|home", re.I
)  # what stands on the one link of a splash page


def links_of(root: Element, base: str, script: str, html: str) -> Iterator[Link]:
    for element in root.iter(
        "a", "area", "frame", "iframe", "option", "li", "td", "dd", "dt", "p", "div", "span", "meta"
    ):
        tag = element.tag
        if tag in ("a", "area"):
            url = resolve(base, element.get("href"), element.get("onclick")) or resolve(
                base, element.get("data-href") or element.get("data-url")
            )
        elif tag in ("frame", "iframe"):
            url = resolve(base, element.get("src"))
        elif tag == "option":
            value = element.get("value") or ""
            url = resolve(base, value) if re.search(r"^https?:|/", value) else None
        elif tag == "meta":
            continue
        elif element.find(".//a[@href]") is None:
            url = resolve(base, element.get("data-url") or element.get("data-href"), element.get("onclick"))
        else:
            continue
        if url is None:
            continue
        if tag in ("frame", "iframe"):
            yield Link(url, _frame_text(element, root), element)
        else:
            yield Link(url, text_on(element), element)
    for target in _sent_on(root, script):
        if url := resolve(base, target):
            yield Link(
                url, "政府信息公开" if GK_SLUG.search(url) else "信息公开首页", root, from_script=True, sent_on=True
            )
    for text, href in _in_scripts(root):
        if url := resolve(base, href):
            yield Link(url, text, root, from_script=True)


def _frame_text(element: Element, root: Element) -> str:
    """A frame is a way on where it is the page, or says that it is about disclosure."""
    said = squeeze(element.get("title") or element.get("name") or "")
    if DISCLOSURE.search(said) or ANNUAL.search(said_of(said)):
        return said
    if element.tag == "frame" or len(text_of(root, 400)) < 200 or GK_SLUG.search(element.get("src") or ""):
        return "信息公开"
    return ""


def _sent_on(root: Element, script: str) -> Iterator[str]:
    """Where a page of next to no words sends its reader."""
    visible = squeeze("".join(root.xpath("//body//text()[not(ancestor::script) and not(ancestor::style)]"))[:400])
    if len(visible) > 60 or root.xpath("//body//a[@href]")[3:]:
        return
    for tag in root.iter("meta"):
        if (tag.get("http-equiv") or "").lower() == "refresh" and (
            found := re.search(r"url\s*=\s*['\"]?([^'\"]+)", tag.get("content") or "", re.I)
        ):
            yield found[1].strip()
    for found in _PLAIN_TARGET.finditer(script):
        yield found[2] or found[4]
    for link in root.xpath("//body//a | //body//area"):
        said = said_of(text_on(link))
        if not said or ENTERS.search(said):
            yield link.get("href") or ""


_ANCHOR_IN_SCRIPT = re.compile(r"<a\b[^<>]*?href\s*=\s*\\?[\"']([^\"'\\<>]+)\\?[\"'][^<>]*>([^<>]{2,60})<", re.I)
_OBJECT = re.compile(r"\{[^{}]{0,500}")
_OBJECT_TEXT = re.compile(
    r"[\"']?(?:name|title|text|label|channelName|columnName|cname)[\"']?\s*:\s*([\"'])((?:(?!\1).){2,40})\1", re.I
)
_OBJECT_ADDRESS = re.compile(
    r"[\"']?(?:url|href|link|path|jump_url|linkUrl|channelUrl)[\"']?\s*:\s*([\"'])((?:(?!\1).)+)\1", re.I
)
# Under names of nobody's: a Chinese text and an address in one object.
_ANY_TEXT = re.compile(r":\s*([\"'])([^\"'<>]{0,30}[\u4e00-\u9fff][^\"'<>]{0,30})\1")
_ANY_ADDRESS = re.compile(
    r":\s*([\"'])((?:https?:/|\.{1,2})?/[^\"'<>\s]*|[\w./-]+\.(?:s?html?|jsp|aspx?|php|do))\1", re.I
)
_PAIR = re.compile(r"([\"'])([^\"'<>]{2,40})\1\s*,\s*([\"'])((?:https?:/|\.{1,2})?/[^\"'<>\s]+)\3")


def _in_scripts(root: Element) -> Iterator[tuple[str, str]]:
    """Menu entries in plain script: written anchors, objects with a name and an address, pairs of arguments."""
    script = scripts.of(root)
    if not script:
        return
    script = script[:500_000].replace("\\/", "/")
    if "\\u" in script:
        script = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), script)
    if not re.search(r"公开|年报|年度报告", script):
        return
    for href, text in _ANCHOR_IN_SCRIPT.findall(script):
        yield squeeze(text), href
    for found in _OBJECT.finditer(script):
        text = _OBJECT_TEXT.search(found[0]) or _ANY_TEXT.search(found[0])
        address = _OBJECT_ADDRESS.search(found[0]) or _ANY_ADDRESS.search(found[0])
        if text and address:
            yield squeeze(text[2]), address[2]
    for _, text, _, href in _PAIR.findall(script):
        if re.search(r"公开|年报|年度报告", text):
            yield squeeze(text), href


def text_on(element: Element) -> str:
    """What a link says: its text, its title, the alternative text of its image."""
    text = squeeze("".join(piece for piece in element.itertext()))
    hint = squeeze(element.get("title") or element.get("alt") or "")
    if not text or MORE.match(text):
        images = (image.get("alt") or image.get("title") or "" for image in element.iter("img"))
        hint = hint or squeeze(next((said for said in images if said), ""))
        return hint or text
    if hint and ((len(hint) > len(text) and text.rstrip(".…")[:4] in hint) or weight(hint) > weight(text)):
        return hint
    return text
