"""Digests of what a page says: the same for the same words, whatever chrome, white space and tokens surround them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from pipelines.reading.blocks import Block, Image, Paragraph, Table
from pipelines.reading.markup import bare
from pipelines.reading.outline import is_heading

_BETWEEN_CELLS = "\x1f"
_BETWEEN_ROWS = "\x1e"


_SHORT = 200  # characters: a body with less may be a mere frame for a picture of the report
_PICTURE = re.compile(r"!\[((?:\\.|[^\]\\])*)\]\((\S*?)\)")


def body_digest(blocks: Iterable[Block]) -> str | None:
    """sha256 of the body without white space, zero-width characters and Markdown.

    Cells stay apart (1 | 23 is not 12 | 3); where a paragraph ends and what marks a list is no part of it. A picture's
    address is no text, and portals rename pictures when they move. It counts, as a mere path, only where the picture
    stands for the text: in a body of next to no text, between two heads, alone in a cell. ``None`` for an empty body.
    """
    blocks = list(blocks)
    parts: list[str] = []
    alone = _pictures_for_text(blocks)
    for index, block in enumerate(blocks):
        if isinstance(block, Paragraph):
            if block.marker and block.marker != "-":
                parts.append(block.marker)
            parts.append(bare(block.text))
        elif isinstance(block, Image):
            parts.append(f"![{bare(block.alt)}]({_path(block.url) if index in alone else ''})")
        else:
            rows = [_BETWEEN_CELLS.join(_cell(cell.text) if cell else "" for cell in row) for row in block.grid()]
            parts.append(_BETWEEN_ROWS.join(rows) + _BETWEEN_ROWS)
    text = "".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() if text else None


def metadata_digest(values: Mapping[str, str], title: str | None, from_meta: Mapping[str, str | None]) -> str:
    """sha256 of the printed labels and values, the title and the fields only the page's ``<meta>`` tags state."""
    stated = {
        "metadata": sorted((label, bare(value)) for label, value in values.items()),
        "title": bare(title or ""),
        "meta": sorted((name, bare(value)) for name, value in from_meta.items() if value),
    }
    text = json.dumps(stated, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _pictures_for_text(blocks: Sequence[Block]) -> set[int]:
    """Which of the blocks are pictures with no text to say what they show."""
    pictures = [index for index, block in enumerate(blocks) if isinstance(block, Image)]
    if not pictures:
        return set()
    written = [index for index, block in enumerate(blocks) if not isinstance(block, Image)]
    if sum(_length(blocks[index]) for index in written) < _SHORT:
        return set(pictures)
    found = set()
    for index in pictures:
        above = next((other for other in reversed(written) if other < index), None)
        below = next((other for other in written if other > index), None)
        if all(other is None or _is_head(blocks[other]) for other in (above, below)):
            found.add(index)
    return found


def _length(block: Block) -> int:
    if isinstance(block, Paragraph):
        return len(block.text)
    return sum(len(_PICTURE.sub("", cell.text)) for cell in block.cells) if isinstance(block, Table) else 0


def _is_head(block: Block) -> bool:
    return isinstance(block, Paragraph) and is_heading(block.text)


def _cell(text: str) -> str:
    if "](" not in text:
        return bare(text)
    alone = not bare(_PICTURE.sub("", text))
    return bare(_PICTURE.sub(lambda found: f"![{found[1]}]({_path(found[2]) if alone else ''})", text))


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return url.partition("?")[0]
