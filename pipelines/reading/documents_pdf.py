"""PDF with a text layer as blocks: lines joined into paragraphs, ruled tables as tables, page furniture dropped.

Every character ends in exactly one cell or line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from crawler.items import Remark
from pipelines.reading.blocks import Block
from pipelines.reading.documents_bounds import Deadline
from pipelines.reading.documents_pdf_columns import Gutter, in_reading_order
from pipelines.reading.documents_pdf_grids import Grid, grids_of, merged
from pipelines.reading.documents_pdf_lines import APART, Line, body_of, lines_of, paragraphs
from pipelines.reading.documents_pdf_tables import goes_on, repeated_rows, table_of, without_head
from pipelines.reading.documents_pdfium import Char, RawPage, raw_pages

_DOUBTFUL = re.compile(r"(?<=[\u4e00-\u9fff])[\u00c0-\u024f]|[\u00c0-\u024f](?=[\u4e00-\u9fff])")
_NUMBERS_APART = re.compile(r"(?<=\s)[-+—/]?\d[\d.,]*(?=\s|$)")
_CLOSING = frozenset("、，。；：！？）》”’】〕,.;:!?)]")
_HUNG = 1.0  # points below a table: the line a page break took out of its cell
MAX_NOTED = 200  # characters of what a remark repeats
_PAGE_NUMBER = re.compile(
    r"[-—–─~·.•\s|]*(?:第\s*)?(?P<number>\d{1,4})\s*页?(?:\s*[/,，]?\s*(?:共\s*)?\d{1,4}\s*页?)?[-—–─~·.•\s|]*"
)
# Browsers print an address and 1/5 on one line, office programs a name and 第1页.
_NUMBERED_FOOT = re.compile(
    r"(?P<words>.*\S)\s+[-—–]?\s*第?\s*(?P<number>\d{1,4})\s*页?(?:\s*[/／,，]?\s*(?:共\s*)?\d{1,4}\s*页?)?\s*[-—–]?"
)


@dataclass(slots=True)
class PageContent:
    """What stands on one page, from top to bottom."""

    number: int
    height: float
    items: list[Line | Grid]
    has_images: bool
    characters: int


def read_pdf(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks and notes of a PDF. Raises ``Unreadable``: encrypted, damaged, too large, too slow."""
    notes: list[Remark] = []
    raw, aslant = _without_aslant(raw_pages(data, deadline))
    pages: list[PageContent] = []
    gutter: Gutter | None = None
    for page in raw:
        content, gutter = _page_content(page, gutter)
        pages.append(content)
    blank = [content.number for content in pages if content.characters == 0 and content.has_images]
    if sum(content.characters for content in pages) == 0:
        detail = f"{len(pages)} pages without a text layer"
        return [], [Remark("document.scanned" if blank else "document.no_text", detail)]
    if blank:
        notes.append(Remark("document.scanned_pages", ", ".join(map(str, blank))))
    laid_over = [str(page.number) for page in raw if page.unseen_text]
    if laid_over:
        detail = (
            f"the text of pages {', '.join(laid_over)} lies unseen over pictures: recognised by whoever made the file"
        )
        notes.append(Remark("document.recognised", detail))
    unmapped = sum(char.text == "\ufffd" for page in pages for item in page.items for char in _chars_of(item))
    if unmapped:
        notes.append(Remark("document.unmapped_characters", f"{unmapped} characters have no Unicode value in the PDF"))
    doubtful = sum(len(_DOUBTFUL.findall(item.text)) for page in pages for item in page.items if isinstance(item, Line))
    if doubtful:
        detail = f"{doubtful} letters amid Chinese: a font of the PDF gives wrong values"
        notes.append(Remark("document.doubtful_characters", detail))
    unruled = [str(content.number) for content in pages if _has_unruled_table(content)]
    if unruled:
        detail = f"pages {', '.join(unruled)}: rows of numbers without rules are read as lines of text, not as tables"
        notes.append(Remark("document.unruled_table", detail))
    notes.extend(aslant)
    notes.extend(_drop_furniture(pages))
    blocks, remarks = _blocks(pages)
    return blocks, [*notes, *remarks]


# ---------------------------------------------------------------- pages


def _without_aslant(pages: list[RawPage]) -> tuple[list[RawPage], list[Remark]]:
    """Pages without what is printed aslant over them (watermarks, the round text of seals), and notes that say it."""
    notes: dict[str, list[int]] = defaultdict(list)
    rest = []
    for page in pages:
        said = "".join(char.text for char in page.chars if char.aslant).strip()
        if said:
            notes[said[:MAX_NOTED]].append(page.number)
            page = replace(page, chars=tuple(char for char in page.chars if not char.aslant))
        rest.append(page)
    return rest, [
        Remark("document.aslant", f"over pages {', '.join(map(str, numbers))}: {said}")
        for said, numbers in notes.items()
    ]


def _page_content(page: RawPage, gutter: Gutter | None) -> tuple[PageContent, Gutter | None]:
    chars = _once(page.chars)
    # Recognised text gets no cells: its numbers are no evidence.
    grids = [] if page.unseen_text else grids_of(merged(page.across), merged(page.down), page.number)
    rest = _hung_over(_into_cells(chars, grids), grids)
    kept: list[Grid] = []
    for grid in grids:
        filled = sum(any(char.text.strip() for char in cell) for cell in grid.chars)
        if len(grid.spans) < 2 or filled == 0:
            rest.extend(char for cell in grid.chars for char in cell)  # a frame around text is no table
        else:
            kept.append(grid)
    items, gutter = in_reading_order(rest, kept, gutter)
    printed = sum(not char.text.isspace() for char in chars)
    return PageContent(page.number, page.height, items, page.has_images, printed), gutter


def _into_cells(chars: Iterable[Char], grids: Sequence[Grid]) -> list[Char]:
    """Puts characters into the cells they stand in; returns those that stand in none. A mark that closes a line may
    hang over its cell's edge: it goes where the character it touches went."""
    rest: list[Char] = []
    before: Char | None = None
    goes: list[Char] = rest
    for char in chars if grids else ():
        if before is None or char.text not in _CLOSING or not _touches(before, char):
            found = ((grid, place) for grid in grids if (place := grid.holds(char)) is not None)
            grid, place = next(found, (None, 0))
            goes = rest if grid is None else grid.chars[place]
        goes.append(char)
        before = char
    return rest if grids else list(chars)


def _touches(before: Char, char: Char) -> bool:
    """Whether a character stands right behind the one written before it, on its line."""
    return (
        before.turn == char.turn == 0
        and abs(before.middle - char.middle) < 0.5 * char.size
        and abs(before.x1 - char.x0) < 0.3 * char.size
    )


def _has_unruled_table(page: PageContent) -> bool:
    """Whether several lines hold several numbers each, set well apart."""
    lines = [item.text for item in page.items if isinstance(item, Line)]
    return sum(len(_NUMBERS_APART.findall(text)) >= 3 for text in lines) >= 3


def _hung_over(chars: list[Char], grids: list[Grid]) -> list[Char]:
    """Characters without the lines that hang over the foot of a cell, as a page break leaves them: those go to the
    cell they begin in. Right below a table's foot they are the further lines of cells of its last row."""
    if not grids or not any(grid.top < char.top < grid.bottom + _HUNG for char in chars for grid in grids):
        return chars
    rest: list[Char] = []
    for line in lines_of(chars):
        places = [_hung_from(group, grids) for group in _groups(line)]
        if all(place is not None for place in places):
            for group, place in zip(_groups(line), places, strict=True):
                if place is not None:
                    place.extend(group.chars)
        else:
            rest.extend(line.chars)
    return rest


def _groups(line: Line) -> list[Line]:
    """A line's characters where they stand apart, as in cells side by side."""
    groups: list[list[Char]] = []
    for char in line.chars:
        if groups and char.x0 - groups[-1][-1].x1 <= APART * char.size:
            groups[-1].append(char)
        else:
            groups.append([char])
    return [Line(group) for group in groups]


def _hung_from(line: Line, grids: list[Grid]) -> list[Char] | None:
    """What stands in the cell that a line hangs over the foot of."""
    for grid in grids:
        if not grid.top < line.top < grid.bottom + _HUNG:
            continue
        for (row, left, tall, wide), inside in zip(grid.spans, grid.chars, strict=True):
            if row + tall != len(grid.ys) - 1 or wide == len(grid.xs) - 1:
                continue
            if not (grid.xs[left] < line.x0 and line.x1 < grid.xs[left + wide]):
                continue
            goes_on = any(abs(line.top - char.bottom) < 0.5 * line.size for char in inside)
            if line.top < grid.bottom - 1 or goes_on:
                return inside
    return None


def _once(chars: Iterable[Char]) -> list[Char]:
    """Characters as printed; text struck twice for a bold look counts once."""
    kept: list[Char] = []
    near: dict[str, list[Char]] = defaultdict(list)
    for char in chars:
        reach = max(0.5, 0.1 * char.size)
        others = near[char.text][-40:]
        if any(abs(other.x0 - char.x0) < reach and abs(other.top - char.top) < reach for other in others):
            continue
        near[char.text].append(char)
        kept.append(char)
    return kept


def _chars_of(item: Line | Grid) -> Iterable[Char]:
    if isinstance(item, Line):
        return item.chars
    return (char for cell in item.chars for char in cell)


# ---------------------------------------------------------------- page furniture


def _drop_furniture(pages: list[PageContent]) -> list[Remark]:
    """Page numbers and running heads, dropped only where certain: they count up with the pages, or stand at the same
    place with the same words on every page but one (of two pages, on both)."""
    notes = []
    edges = {page.number: _edge_lines(page) for page in pages}
    offsets: dict[int, list[tuple[PageContent, Line]]] = defaultdict(list)
    repeated: dict[tuple[str, int], list[tuple[PageContent, Line]]] = defaultdict(list)
    for page in pages:
        for line in edges[page.number]:
            found = _PAGE_NUMBER.fullmatch(line.text)
            if found:
                offsets[int(found["number"]) - page.number].append((page, line))
            repeated[line.text, round(line.top / 6)].append((page, line))
            numbered = _NUMBERED_FOOT.fullmatch(line.text)
            if numbered and int(numbered["number"]) == page.number:
                repeated[numbered["words"], round(line.top / 6)].append((page, line))
    for offset, lines in offsets.items():
        on_pages = {page.number for page, _ in lines}
        sure = len(on_pages) >= 2 or (len(pages) == 1 and re.search(r"[-—–第页]", lines[0][1].text))
        if sure and len(on_pages) >= 0.5 * len(pages):
            for page, line in lines:
                page.items.remove(line)
            notes.append(Remark("document.page_numbers", f"on {len(on_pages)} pages, from {1 + offset}"))
    for (text, _), lines in repeated.items():
        left = [(page, line) for page, line in lines if line in page.items]
        if len({page.number for page, _ in left}) >= max(2, len(pages) - 1):
            for page, line in left:
                page.items.remove(line)
            notes.append(Remark("document.running_head", text))
    return notes


def _edge_lines(page: PageContent) -> list[Line]:
    """The first and the last line of a page where they stand in its margins."""
    items = page.items
    candidates = [item for item in (*items[:1], *items[-1:]) if isinstance(item, Line)]
    near = [line for line in candidates if line.bottom < 0.12 * page.height or line.top > 0.88 * page.height]
    return near if len(near) < 2 or near[0] is not near[1] else near[:1]


# ---------------------------------------------------------------- blocks


def _blocks(pages: list[PageContent]) -> tuple[list[Block], list[Remark]]:
    blocks: list[Block] = []
    notes: list[Remark] = []
    lines: list[Line] = []
    tables: list[Grid] = []
    counts: dict[int, int] = defaultdict(int)
    body = body_of([item for page in pages for item in page.items if isinstance(item, Line)])

    def end_tables() -> None:
        if tables:
            counts[tables[0].page] += 1
            for number, part in enumerate(tables[1:], start=1):
                if repeated := repeated_rows(tables[0], part):
                    tables[number] = without_head(part, repeated)
                    notes.append(Remark("document.repeated_head", f"page {part.page}: {repeated} rows"))
            blocks.append(table_of(tables, f"page {tables[0].page}, table {counts[tables[0].page]}"))
            tables.clear()

    for page in pages:
        for item in page.items:
            if isinstance(item, Line):
                end_tables()
                lines.append(item)
                continue
            blocks.extend(paragraphs(lines, body))
            lines.clear()
            if tables and not goes_on(tables[-1], item):
                end_tables()
            tables.append(item)
    end_tables()
    blocks.extend(paragraphs(lines, body))
    return blocks, notes
