"""What got lost between a page and its blocks: nothing, and this is how that is measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lxml.html import HtmlElement

from pipelines.reading.blocks import Block, Paragraph, Table
from pipelines.reading.markup import UNSEEN, bare, is_hidden


def lost_characters(container: HtmlElement, blocks: Iterable[Block]) -> int:
    """How many visible characters below ``container`` stand in none of the blocks, white space aside."""
    parts: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            parts.append(block.text)
        elif isinstance(block, Table):
            parts.extend(cell.text for cell in block.cells)
    return sum((Counter(_visible_text(container)) - Counter(bare("".join(parts)))).values())


def _visible_text(element: HtmlElement) -> str:
    """Every visible character below an element without white space, collected independently of ``layout``."""
    pieces: list[str] = []
    stack: list[HtmlElement | str] = [element]
    first = True
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            pieces.append(node)
            continue
        tag = node.tag
        seen = isinstance(tag, str) and tag not in UNSEEN and (first or not is_hidden(node))
        if not first and node.tail:
            stack.append(node.tail)
        if seen:
            stack.extend(reversed(node))
            if node.text:
                stack.append(node.text)
        first = False
    return bare("".join(pieces))
