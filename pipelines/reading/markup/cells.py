"""The text of a table's cell."""

from __future__ import annotations

from lxml.html import HtmlElement

from pipelines.reading.markup.elements import HIDDEN_CLASSES
from pipelines.reading.markup.items import Layout, Line, Picture
from pipelines.reading.markup.text import bare, printed

_RUN = frozenset({"p", "span", "font", "b", "strong", "i", "em", "u", "o:p", "st1:chsdate"})


def plain_text(cell: HtmlElement) -> str | None:
    """The text of a cell that holds one run of text, which nearly all do; ``None`` where it takes a walk to tell."""
    inner = cell
    while len(inner) == 1:  # one element in the other, as Word pastes a number
        child = inner[0]
        around = (inner.text or "") + (child.tail or "") if isinstance(child.tag, str) else "?"
        if child.tag not in _RUN or around.strip() or (child.tag == "p" and inner is not cell) or _is_styled(child):
            break
        inner = child
    if not len(inner):
        return printed(inner.text or "")
    boxes = 0
    for node in cell.iterdescendants():
        if node.tag not in _RUN or _is_styled(node):
            return None
        if node.tag == "p":
            boxes += 1
            if boxes > 1 or node.getparent() is not cell or bare((cell.text or "") + (node.tail or "")):
                return None
    if boxes and len(cell) > 1:
        return None
    return printed("".join(cell.itertext()))


def _is_styled(node: HtmlElement) -> bool:
    """Whether an element may be hidden, a box, or keep its line ends."""
    if not node.keys():
        return False
    if node.get("hidden") is not None or node.get("class") in HIDDEN_CLASSES:
        return True
    style = node.get("style")
    return bool(style) and ("none" in style or "hid" in style or "pre" in style or "display" in style)


def cell_text(inner: Layout) -> str:
    parts = []
    for item in inner.items:
        if isinstance(item, Line) and item.text:
            parts.append(f"{item.marker} {item.text}" if item.marker and item.marker != "-" else item.text)
        elif isinstance(item, Picture):
            parts.append(f"![{item.alt}]({item.url})")
    return "\n".join(parts)
