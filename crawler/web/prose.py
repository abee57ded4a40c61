"""A body as HTML: the Markdown of ``pipelines.reading.markdown`` and nothing more of Markdown than it writes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_IMAGE = re.compile(r"!\[((?:\\.|[^\]\\])*)\]\(([^)\s]*)\)")
_RULE = re.compile(r"\|(?: ?:?-{3,}:? ?\|)+")
_CELL_END = re.compile(r"(?<!\\)\|")
_REPEATED = re.compile(r"(\|(?=[^|\n]*[^\W\d_])[^|\n]+(?=\|))\1+")
_HEADING = re.compile(r"(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）])\S.{0,40}")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell; ``rowspan`` and ``colspan`` gather the places a merged cell's text is repeated in."""

    text: str
    rowspan: int = 1
    colspan: int = 1
    number: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading, or a table."""

    kind: str  # "paragraph", "heading", "table"
    parts: tuple[tuple[str, str | None], ...] = ()  # (text, address of an image)
    rows: tuple[tuple[Cell, ...], ...] = ()


def blocks(body: str) -> list[Block]:
    """The body's blocks in reading order."""
    found: list[Block] = []
    table: list[str] = []
    for line in [*body.split("\n"), ""]:
        if line.startswith("|") and line.rstrip().endswith("|"):
            table.append(line.strip())
            continue
        if table:
            found.append(_table(table))
            table = []
        if line.strip():
            kind = (
                "heading"
                if _HEADING.fullmatch(line.strip()) and not line.rstrip().endswith(("。", "；", "，"))
                else "paragraph"
            )
            found.append(Block(kind, tuple(_parts(line.strip()))))
    return found


def once(row: str) -> str:
    """A row of a table with a merged cell's words said once; numbers stay, since two equal ones are two cells."""
    return _REPEATED.sub(r"\1", row)


def _parts(line: str) -> list[tuple[str, str | None]]:
    parts: list[tuple[str, str | None]] = []
    last = 0
    for image in _IMAGE.finditer(line):
        if line[last : image.start()]:
            parts.append((line[last : image.start()], None))
        parts.append((image[1].replace("\\[", "[").replace("\\]", "]"), image[2]))
        last = image.end()
    if line[last:]:
        parts.append((line[last:], None))
    return parts


def _table(lines: list[str]) -> Block:
    grid = [
        [cell.strip().replace("\\|", "|").replace("<br>", "\n") for cell in _CELL_END.split(line[1:-1])]
        for line in lines
        if not _RULE.fullmatch(line)
    ]
    width = max(map(len, grid))
    for row in grid:
        row += [""] * (width - len(row))
    return Block("table", rows=tuple(_merged(grid)))


def _merged(grid: list[list[str]]) -> list[tuple[Cell, ...]]:
    """Words repeated in neighbouring places become one cell again; numbers never, since two equal ones are two cells."""
    taken = [[False] * len(row) for row in grid]
    rows = []
    for y, row in enumerate(grid):
        cells = []
        for x, text in enumerate(row):
            if taken[y][x]:
                continue
            across = down = 1
            if len(text) > 1 and not _is_number(text):
                while x + across < len(row) and row[x + across] == text and not taken[y][x + across]:
                    across += 1
                while y + down < len(grid) and all(
                    grid[y + down][x + i] == text and not taken[y + down][x + i] for i in range(across)
                ):
                    down += 1
            for j in range(down):
                for i in range(across):
                    taken[y + j][x + i] = True
            cells.append(Cell(text, down, across, _is_number(text)))
        rows.append(tuple(cells))
    return rows


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[-−+]?[\d,.]+%?|[-—/]", text))
