"""Blocks → Markdown, the form in which a body is stored and exported."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipelines.reading.blocks import Block, Image, Paragraph, Table

_LINE_ENDS = re.compile(r"\s*[\r\n]+\s*")


def markdown(blocks: Iterable[Block]) -> str:
    """The blocks in reading order, one empty line between two."""
    return joined(map(block_markdown, blocks))


def joined(parts: Iterable[str]) -> str:
    """Blocks that are Markdown already, one empty line between two."""
    return "\n\n".join(part for part in parts if part)


def table_markdown(table: Table) -> str:
    """A pipe table; the first row is its head; a merged cell's text stands in every place it covers."""
    rows = [[_cell(cell.text) if cell is not None else "" for cell in row] for row in table.grid()]
    if not rows:
        return ""
    lines = [_row(rows[0]), _row(["---"] * table.columns), *map(_row, rows[1:])]
    return "\n".join(lines)


def block_markdown(block: Block) -> str:
    """One block."""
    if isinstance(block, Paragraph):
        # Heads and bullets keep their printed words only: what a report's outline is, its own numbering says.
        return f"{block.marker} {block.text}" if block.marker and block.marker != "-" else block.text
    if isinstance(block, Table):
        return table_markdown(block)
    return image_markdown(block)


def image_markdown(image: Image) -> str:
    alt = image.alt.replace("[", "\\[").replace("]", "\\]")
    return f"![{alt}]({image.url.replace(' ', '%20').replace(')', '%29')})"


def _cell(text: str) -> str:
    text = text.strip()
    if "\n" in text or "\r" in text:
        text = _LINE_ENDS.sub("<br>", text)
    return text.replace("|", "\\|")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
