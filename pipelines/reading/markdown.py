"""Blocks → Markdown, the form in which a body is stored and exported."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipelines.reading.blocks import Block, Image, Paragraph, Table

_LINE_ENDS = re.compile(r"\s*[\r\n]+\s*")


def markdown(blocks: Iterable[Block]) -> str:
    """The blocks in reading order, one empty line between two."""
    return "\n\n".join(part for part in map(_block, blocks) if part)


def table_markdown(table: Table) -> str:
    """A pipe table; the first row is its head; a merged cell's text stands in every place it covers."""
    rows = [[_cell(cell.text) if cell is not None else "" for cell in row] for row in table.grid()]
    if not rows:
        return ""
    lines = [_row(rows[0]), _row(["---"] * table.columns), *map(_row, rows[1:])]
    return "\n".join(lines)


def _block(block: Block) -> str:
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
    return _LINE_ENDS.sub("<br>", text.strip()).replace("|", "\\|")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
