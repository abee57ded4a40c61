"""What got lost between a page and its blocks: nothing, and this is how that is measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lxml.html import HtmlElement

from pipelines.reading.blocks import Block, Paragraph, Table
from pipelines.reading.markup import bare, visible_text


def lost_characters(container: HtmlElement, blocks: Iterable[Block]) -> int:
    """How many visible characters below ``container`` stand in none of the blocks, white space aside."""
    parts: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            parts.append(block.text)
        elif isinstance(block, Table):
            parts.extend(cell.text for cell in block.cells)
    return sum((Counter(visible_text(container)) - Counter(bare("".join(parts)))).values())
