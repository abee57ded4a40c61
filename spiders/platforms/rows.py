"""What a row of a list says beside its link: a date, an index number, the title of a link that only says 查看."""

from __future__ import annotations

import re
from collections.abc import Iterable

from spiders.platforms import dates
from spiders.platforms.anchors import Element
from spiders.platforms.names import GENERIC, is_report, squeeze

FACTS = {
    "索引号": "索引号",
    "文号": "文号",
    "发文字号": "文号",
    "发布文号": "文号",
    "发布机构": "发布机构",
    "发文机关": "发布机构",
}
_FACT = re.compile(r"(索\s*引\s*号|发文字号|发布文号|文\s*号|发布机构|发文机关)\s*[:：]\s*([^\s:：]+)(?!\s*[:：])")


def text_outside(row: Element, links: Iterable[Element]) -> str:
    """A row's text without that of its links."""
    inside = set(links)
    pieces: list[str] = []
    waiting: list[Element | str] = [row]
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            pieces.append(element)
        elif element not in inside and isinstance(element.tag, str) and element.tag not in ("script", "style"):
            pieces.append(element.text or "")
            for child in reversed(element):
                waiting += (child.tail or "", child)
    return " ".join(pieces)


def row_title(row: Element, fallback: str) -> str:
    """The title of a row whose link only says 查看 or PDF."""
    pieces = [squeeze(piece) for piece in row.itertext()]
    candidates = [
        piece
        for piece in pieces
        if piece and not GENERIC.match(piece) and not dates.ONLY.match(piece) and not piece.isdecimal()
    ]
    return max(candidates, key=lambda piece: (is_report(piece), len(piece)), default=fallback)


def labelled_facts(text: str) -> dict[str, str]:
    return {
        FACTS[re.sub(r"\s", "", name)]: value
        for name, value in _FACT.findall(text)
        if value not in ("无", "-", "—", "/")
    }


def attribute_facts(element: Element) -> dict[str, str]:
    """Hanweb's catalogue links carry the number (``syh``) and the document number (``wh``) as attributes."""
    found = {"索引号": element.get("syh"), "文号": element.get("wh")}
    return {name: value.strip() for name, value in found.items() if value and value.strip()}


def dates_inside(element: Element) -> str:
    return " ".join(piece for piece in element.itertext() if dates.ONLY.match(piece))


def text_after(element: Element) -> str:
    """The text after a link up to the next link or line break."""
    pieces = [element.tail or ""]
    after = element.getnext()
    while (
        after is not None
        and isinstance(after.tag, str)
        and after.tag in ("span", "i", "em", "font", "time", "b", "small")
        and after.find(".//a") is None
    ):
        pieces += [*after.itertext(), after.tail or ""]
        after = after.getnext()
    return " ".join(pieces)
