"""Digests of what a page says: the same for the same words, whatever chrome, white space and tokens surround them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from pipelines.reading.blocks import Block, Image, Paragraph
from pipelines.reading.markup import bare

_BETWEEN_CELLS = "\x1f"
_BETWEEN_ROWS = "\x1e"


def body_digest(blocks: Iterable[Block]) -> str | None:
    """sha256 of the body without white space, zero-width characters and Markdown, image addresses as mere paths.

    Cells stay apart (1 | 23 is not 12 | 3); where a paragraph ends and what marks a list is no part of it. ``None``
    for an empty body.
    """
    parts: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            if block.marker and block.marker != "-":
                parts.append(block.marker)
            parts.append(bare(block.text))
        elif isinstance(block, Image):
            parts.append(f"![{bare(block.alt)}]({_path(block.url)})")
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


def _cell(text: str) -> str:
    if "](" not in text:
        return bare(text)
    return bare(re.sub(r"\]\((\S+?)\)", lambda match: f"]({_path(match.group(1))})", text))


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return url.partition("?")[0]
