"""PDF with a text layer as blocks: lines joined into paragraphs, ruled tables as tables, page furniture dropped.

Cells are made here, from rules alone: office programs paint a white box behind each line of text, which ready-made
finders take for tables, and a page break leaves cells open that they lose.

Every character ends in exactly one cell or line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from crawler.items import Remark
from pipelines.reading.blocks import Block, Cell, Paragraph, Table
from pipelines.reading.documents_bounds import Deadline
from pipelines.reading.documents_pdfium import Char, RawPage, Rule, raw_pages

MAX_CROSSINGS = 4_000_000  # of rules on one page
SNAP = 3.0  # points within which two rules are one
APART = 2.0  # widths of a character: what stands further apart on one line was not written together
_PAGE_NUMBER = re.compile(
    r"[-—–─~·.•\s|]*(?:第\s*)?(?P<number>\d{1,4})\s*页?(?:\s*[/,，]?\s*(?:共\s*)?\d{1,4}\s*页?)?[-—–─~·.•\s|]*"
)
_OWN_LINE = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[.．、](?!\d)|第[一二三四五六七八九十]+[章条部]|附件|[(（]\d{1,2}[)）])"
)


@dataclass(slots=True)
class Line:
    """Characters side by side."""

    chars: list[Char]

    @property
    def x0(self) -> float:
        return min(char.x0 for char in self.chars)

    @property
    def x1(self) -> float:
        return max(char.x1 for char in self.chars)

    @property
    def top(self) -> float:
        return min(char.top for char in self.chars)

    @property
    def bottom(self) -> float:
        return max(char.bottom for char in self.chars)

    @property
    def size(self) -> float:
        sizes = sorted(char.size for char in self.chars)
        return sizes[len(sizes) // 2]

    @property
    def text(self) -> str:
        parts: list[str] = []
        for before, char in pairwise([None, *self.chars]):
            assert char is not None
            gap = _gap(before, char) if before is not None else 0.0
            words = before is not None and gap > 0.25 * char.size and _joins_words(before.text, char.text)
            if words or gap > APART * char.size:
                parts.append(" ")
            parts.append(char.text)
        return "".join(parts).strip()


@dataclass(slots=True)
class Grid:
    """A ruled table on one page: its cells as (row, column, rowspan, colspan), and what stands in each."""

    xs: list[float]
    ys: list[float]
    spans: list[tuple[int, int, int, int]]
    page: int
    chars: list[list[Char]] = field(default_factory=list)
    cell_at: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chars = [[] for _ in self.spans]
        for number, (top, left, height, width) in enumerate(self.spans):
            for row in range(top, top + height):
                for column in range(left, left + width):
                    self.cell_at[row, column] = number

    @property
    def top(self) -> float:
        return self.ys[0]

    @property
    def bottom(self) -> float:
        return self.ys[-1]

    def holds(self, char: Char) -> int | None:
        """The number of the cell a character stands in."""
        x, y = (char.x0 + char.x1) / 2, char.middle
        if not (self.xs[0] - 1 <= x <= self.xs[-1] + 1 and self.ys[0] - 1 <= y <= self.ys[-1] + 1):
            return None
        column = max(0, min(len(self.xs) - 2, bisect_right(self.xs, x) - 1))
        row = max(0, min(len(self.ys) - 2, bisect_right(self.ys, y) - 1))
        return self.cell_at[row, column]


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
    raw = raw_pages(data, deadline)
    pages = [_page_content(page) for page in raw]
    blank = [page.number for page in pages if page.characters == 0 and page.has_images]
    if sum(page.characters for page in pages) == 0:
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
    notes.extend(_drop_furniture(pages))
    blocks, remarks = _blocks(pages)
    return blocks, [*notes, *remarks]


# ---------------------------------------------------------------- pages


def _page_content(page: RawPage) -> PageContent:
    chars = _once(page.chars)
    grids = _grids(_merged(page.across), _merged(page.down), page.number)
    rest: list[Char] = []
    for char in chars:
        for grid in grids:
            place = grid.holds(char)
            if place is not None:
                grid.chars[place].append(char)
                break
        else:
            rest.append(char)
    kept: list[Grid] = []
    for grid in grids:
        filled = sum(any(char.text.strip() for char in cell) for cell in grid.chars)
        if len(grid.spans) < 2 or filled == 0:
            rest.extend(char for cell in grid.chars for char in cell)  # a frame around text is no table
        else:
            kept.append(grid)
    items: list[Line | Grid] = [*_lines(rest), *kept]
    items.sort(key=lambda item: item.top)
    printed = sum(not char.text.isspace() for char in chars)
    return PageContent(page.number, page.height, items, page.has_images, printed)


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


def _lines(chars: Sequence[Char]) -> list[Line]:
    """Characters gathered into lines: those whose middles overlap, in the direction they are set in."""
    lines: list[Line] = []
    for turn in sorted({char.turn for char in chars}, key=abs):
        rows: list[list[Char]] = []
        own = [char for char in chars if char.turn == turn]
        for char in sorted(own, key=lambda char: (_across(char), _along(char))):
            row = rows[-1] if rows else None
            reach = 0.5 * max(char.size, min(other.size for other in row)) if row is not None else 0.0
            if row is not None and abs(_across(char) - _middle(row)) < reach:
                row.append(char)
            else:
                rows.append([char])
        lines.extend(Line(sorted(row, key=_along)) for row in rows)
    return [line for line in lines if line.text]


def _across(char: Char) -> float:
    """Where a character stands across its line: the further, the later the line."""
    return char.middle if char.turn == 0 else -char.turn * (char.x0 + char.x1) / 2


def _along(char: Char) -> float:
    """Where a character begins on its line."""
    return {0: char.x0, -1: -char.bottom, 1: char.top}[char.turn]


def _gap(before: Char, after: Char) -> float:
    ends = {0: before.x1, -1: -before.top, 1: before.bottom}[before.turn]
    return _along(after) - ends


def _middle(row: Sequence[Char]) -> float:
    return sum(map(_across, row[-8:])) / len(row[-8:])


def _joins_words(before: str, after: str) -> bool:
    """Whether a gap between two characters is a space: between words and numbers it is, between Han it is layout."""
    return before[-1:].isascii() and after[:1].isascii() and before[-1:].isalnum() and after[:1].isalnum()


# ---------------------------------------------------------------- rules and grids


def _merged(rules: Iterable[Rule]) -> list[Rule]:
    """Rules that lie on one line and touch are one."""
    groups: list[list[Rule]] = []
    for rule in sorted(rules):
        if groups and rule[0] - groups[-1][-1][0] <= 1.0 and rule[0] - groups[-1][0][0] <= SNAP:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    merged: list[Rule] = []
    for group in groups:
        place = sum(rule[0] for rule in group) / len(group)
        start, end = None, 0.0
        for _, low, high in sorted(group, key=lambda rule: rule[1]):
            if start is None:
                start, end = low, high
            elif low - end <= SNAP:
                end = max(end, high)
            else:
                merged.append((place, start, end))
                start, end = low, high
        assert start is not None
        merged.append((place, start, end))
    return [rule for rule in merged if rule[2] - rule[1] > 2 * SNAP]


def _grids(across: list[Rule], down: list[Rule], page: int) -> list[Grid]:
    """Tables: rules that touch, as cells. An outer edge that is not drawn (a page break, a form open at the sides)
    closes at the end of the rules that run to it."""
    if len(across) * len(down) > MAX_CROSSINGS:
        return []  # a map or a plan
    grids = []
    for rows, columns in _clusters(across, down):
        left, right = min(rule[1] for rule in rows), max(rule[2] for rule in rows)
        top, bottom = min(rule[1] for rule in columns), max(rule[2] for rule in columns)
        xs = _snapped([left, right, *(rule[0] for rule in columns)])
        ys = _snapped([top, bottom, *(rule[0] for rule in rows)])
        if len(xs) < 2 or len(ys) < 2:
            continue
        grids.append(Grid(xs, ys, _spans(xs, ys, rows, columns), page))
    return sorted(grids, key=lambda grid: grid.top)


def _clusters(across: list[Rule], down: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    parents = list(range(len(across) + len(down)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    for row, (y, x0, x1) in enumerate(across):
        for column, (x, top, bottom) in enumerate(down):
            if x0 - SNAP <= x <= x1 + SNAP and top - SNAP <= y <= bottom + SNAP:
                parents[root(row)] = root(len(across) + column)
    clusters: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for number, rule in enumerate(across + down):
        clusters[root(number)][number >= len(across)].append(rule)
    return [(rows, columns) for rows, columns in clusters.values() if rows and columns]


def _snapped(places: Iterable[float]) -> list[float]:
    snapped: list[list[float]] = []
    for place in sorted(places):
        if snapped and place - snapped[-1][-1] <= SNAP:
            snapped[-1].append(place)
        else:
            snapped.append([place])
    return [sum(group) / len(group) for group in snapped]


def _spans(xs: list[float], ys: list[float], rows: list[Rule], columns: list[Rule]) -> list[tuple[int, int, int, int]]:
    """Cells between rules: neighbours without a rule between them are one, where together they are a rectangle."""
    height, width = len(ys) - 1, len(xs) - 1

    def ruled(rules: list[Rule], low: float, high: float) -> bool:
        covered = sum(max(0.0, min(high, end) - max(low, start)) for _, start, end in rules)
        return covered >= 0.6 * (high - low)

    columns_at = [[rule for rule in columns if abs(rule[0] - x) <= SNAP] for x in xs]
    rows_at = [[rule for rule in rows if abs(rule[0] - y) <= SNAP] for y in ys]
    right = [[ruled(columns_at[c + 1], ys[r], ys[r + 1]) for c in range(width)] for r in range(height)]
    below = [[ruled(rows_at[r + 1], xs[c], xs[c + 1]) for c in range(width)] for r in range(height)]
    taken = [[False] * width for _ in range(height)]
    spans = []
    for r in range(height):
        for c in range(width):
            if taken[r][c]:
                continue
            wide = 1
            while c + wide < width and not right[r][c + wide - 1] and not taken[r][c + wide]:
                wide += 1
            tall = 1
            while (
                r + tall < height
                and not any(below[r + tall - 1][c : c + wide])
                and not any(right[r + tall][c : c + wide - 1])
                and (c + wide == width or right[r + tall][c + wide - 1])
                and (c == 0 or right[r + tall][c - 1])
            ):
                tall += 1
            for down in range(tall):
                for along in range(wide):
                    taken[r + down][c + along] = True
            spans.append((r, c, tall, wide))
    return spans


# ---------------------------------------------------------------- page furniture


def _drop_furniture(pages: list[PageContent]) -> list[Remark]:
    """Page numbers and running heads, dropped only where certain: they count up with the pages, or stand at the same
    place with the same words on every page but one."""
    notes = []
    edges = {page.number: _edge_lines(page) for page in pages}
    offsets: dict[int, list[tuple[PageContent, Line]]] = defaultdict(list)
    repeated: dict[tuple[str, int], list[tuple[PageContent, Line]]] = defaultdict(list)
    for page in pages:
        for line in edges[page.number]:
            found = _PAGE_NUMBER.fullmatch(line.text)
            if found:
                offsets[int(found["number"]) - page.number].append((page, line))
            else:
                repeated[line.text, round(line.top / 6)].append((page, line))
    for offset, lines in offsets.items():
        on_pages = {page.number for page, _ in lines}
        sure = len(on_pages) >= 2 or (len(pages) == 1 and re.search(r"[-—–第页]", lines[0][1].text))
        if sure and len(on_pages) >= 0.5 * len(pages):
            for page, line in lines:
                page.items.remove(line)
            notes.append(Remark("document.page_numbers", f"on {len(on_pages)} pages, from {1 + offset}"))
    for (text, _), lines in repeated.items():
        if len(pages) >= 3 and len({page.number for page, _ in lines}) >= len(pages) - 1:
            for page, line in lines:
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
    lines: list[tuple[Line, int]] = []
    tables: list[Grid] = []
    counts: dict[int, int] = defaultdict(int)
    body = _body(pages)

    def end_tables() -> None:
        if tables:
            counts[tables[0].page] += 1
            for number, part in enumerate(tables[1:], start=1):
                if repeated := _repeated_rows(tables[0], part):
                    tables[number] = _without_head(part, repeated)
                    notes.append(Remark("document.repeated_head", f"page {part.page}: {repeated} rows"))
            blocks.append(_table(tables, f"page {tables[0].page}, table {counts[tables[0].page]}"))
            tables.clear()

    for page in pages:
        for item in page.items:
            if isinstance(item, Line):
                end_tables()
                lines.append((item, page.number))
                continue
            blocks.extend(_paragraphs(lines, body))
            lines.clear()
            if tables and not _goes_on(tables[-1], item):
                end_tables()
            tables.append(item)
    end_tables()
    blocks.extend(_paragraphs(lines, body))
    return blocks, notes


def _goes_on(before: Grid, after: Grid) -> bool:
    """Whether a table at the top of a page goes on with the one at the foot of the page before."""
    if after.page != before.page + 1:
        return False
    same_sides = abs(before.xs[0] - after.xs[0]) <= 2 * SNAP and abs(before.xs[-1] - after.xs[-1]) <= 2 * SNAP
    shared = sum(any(abs(x - y) <= SNAP for y in before.xs) for x in after.xs)
    return same_sides and shared >= min(len(before.xs), len(after.xs)) - 1


def _repeated_rows(first: Grid, part: Grid) -> int:
    """How many rows at the head of a table's further part say again what its first rows say: office programs repeat a
    table's head on each page. Rows of numbers alone are no head."""
    heads = [sorted(_row_cells(grid), key=lambda cell: (cell[0], cell[2])) for grid in (first, part)]
    count = 0
    for row in range(min(len(first.ys), len(part.ys)) - 2):
        one, other = ([cell for cell in head if cell[0] == row] for head in heads)
        alike = len(one) == len(other) and all(
            mine[1] == its[1] and mine[4] == its[4] and max(abs(mine[2] - its[2]), abs(mine[3] - its[3])) <= 2 * SNAP
            for mine, its in zip(one, other, strict=True)
        )
        if not alike or not any(re.search(r"[^\W\d]", cell[4]) for cell in one):
            break
        count = row + 1
    while count and any(top < count < top + tall for top, _, tall, _ in part.spans):
        count -= 1  # a row that a merged cell ties to what follows is no head
    return count


def _row_cells(grid: Grid) -> Iterator[tuple[int, int, float, float, str]]:
    """(row, height, left edge, right edge, words) of each cell."""
    for (row, left, tall, wide), chars in zip(grid.spans, grid.chars, strict=True):
        yield row, tall, grid.xs[left], grid.xs[left + wide], "".join(_cell_text(chars).split())


def _without_head(part: Grid, count: int) -> Grid:
    kept = [number for number, span in enumerate(part.spans) if span[0] >= count]
    spans = [(top - count, left, tall, wide) for top, left, tall, wide in (part.spans[number] for number in kept)]
    rest = Grid(part.xs, part.ys[count:], spans, part.page)
    rest.chars = [part.chars[number] for number in kept]
    return rest


def _table(parts: list[Grid], place: str) -> Table:
    """One table of its parts on consecutive pages, on the columns of all of them."""
    xs = _snapped(x for part in parts for x in part.xs)

    def column(x: float) -> int:
        return min(range(len(xs)), key=lambda number: abs(xs[number] - x))

    cells: list[Cell] = []
    above = 0
    for part in parts:
        heads = [
            (number, _cell_text(part.chars[number]), column(part.xs[left]), column(part.xs[left + wide]))
            for number, (row, left, _, wide) in enumerate(part.spans)
            if row == 0
        ]
        feet = {(cell.column, cell.column + cell.colspan): cell for cell in cells if cell.row + cell.rowspan == above}
        cut = _is_cut([(feet.get((first, last)), text) for _, text, first, last in heads])
        joins = {
            number: feet[first, last]
            for number, text, first, last in heads
            if (first, last) in feet and (cut or _runs_on(feet[first, last], part.spans[number], text))
        }
        above -= cut
        for number, (row, left, rowspan, wide) in enumerate(part.spans):
            text = _cell_text(part.chars[number])
            first, last = column(part.xs[left]), column(part.xs[left + wide])
            if number in joins:
                known = joins[number]
                joined = _join(known.text, text) if known.text and text else known.text or text
                tall = above + row + rowspan - known.row
                cells[cells.index(known)] = replace(known, text=joined, rowspan=tall)
            else:
                cells.append(Cell(text, above + row, first, rowspan, max(1, last - first)))
        above += len(part.ys) - 1
    return Table(tuple(cells), above, len(xs) - 1, place)


def _runs_on(foot: Cell, span: tuple[int, int, int, int], text: str) -> bool:
    """Whether a merged cell that runs to the foot of a page goes on at the head of the next (三、本年度办理结果)."""
    return (foot.rowspan > 1 or span[2] > 1) and (not text or _goes_on_in_words(foot.text, text))


def _goes_on_in_words(foot: str, head: str) -> bool:
    """Whether words at the head of a page are the rest of those at the foot of the page before: an item's label goes
    on, and what follows is no item of its own and no number."""
    return _is_item(foot) and not _is_item(head) and _has_words(head)


def _is_item(text: str) -> bool:
    return _OWN_LINE.match("".join(text.split())) is not None


def _has_words(text: str) -> bool:
    return re.search(r"[^\W\d]", text) is not None


def _is_cut(pairs: Sequence[tuple[Cell | None, str]]) -> bool:
    """Whether a page break runs through a row: its first cells on the new page are the rest of the last ones before.

    Certain only for a row with a numbered label, all of whose numbers stand on one side of the break, and for the last
    row of a head with merged cells.
    """
    known = [(foot, text) for foot, text in pairs if foot is not None]
    if len(known) < len(pairs) or not any(text for _, text in known):
        return False
    if not any(re.search(r"\d", foot.text + text) or _is_item(foot.text) or _is_item(text) for foot, text in known):
        rests = [foot for foot, text in known if text]
        return all(foot.text for foot in rests) and len(rests) < len(known) and len({foot.row for foot, _ in known}) > 1
    if any(foot.text and text and not _goes_on_in_words(foot.text, text) for foot, text in known):
        return False
    row = [(foot.text, text) for foot, text in known if foot.rowspan == 1]
    if any(text and not foot and _has_words(text) for foot, text in row):
        return False  # a label of its own
    before = any(re.search(r"\d", foot) and not _is_item(foot) for foot, _ in row)
    after = any(re.search(r"\d", text) and not _has_words(text) for _, text in row)
    return any(_is_item(foot) for foot, _ in row) and not (before and after)


def _cell_text(chars: Sequence[Char]) -> str:
    return "\n".join(line.text for line in _lines(chars))


def _join(before: str, after: str) -> str:
    """Two lines of one paragraph: Chinese has no space at a line's end, words and numbers have."""
    return before + (" " if _joins_words(before, after) else "") + after


@dataclass(frozen=True, slots=True)
class _Body:
    """The text block of the pages: where full lines begin and end, and how large they are set."""

    left: float
    right: float
    size: float


def _body(pages: list[PageContent]) -> _Body:
    lines = [item for page in pages for item in page.items if isinstance(item, Line)]
    if not lines:
        return _Body(0.0, 0.0, 12.0)
    weight: dict[float, int] = defaultdict(int)
    for line in lines:
        weight[round(line.size)] += len(line.chars)
    size = max(weight, key=lambda size: weight[size])
    own = [line for line in lines if abs(line.size - size) <= 1] or lines
    lefts: dict[int, int] = defaultdict(int)
    for line in own:
        lefts[round(line.x0 / 2)] += 1
    # The commonest left edge, unless lines often begin further left: one-line paragraphs all begin indented.
    often = [left for left, count in lefts.items() if count >= max(2, 0.1 * len(own))]
    left = 2.0 * min(often or lefts)
    return _Body(left, max(line.x1 for line in own), float(size))


def _paragraphs(lines: Sequence[tuple[Line, int]], body: _Body) -> list[Paragraph]:
    paragraphs: list[str] = []
    before: Line | None = None
    for line, _ in lines:
        if before is not None and not _begins(before, line, body):
            paragraphs[-1] = _join(paragraphs[-1], line.text)
        else:
            paragraphs.append(line.text)
        before = line
    return [Paragraph(text) for text in paragraphs]


def _begins(before: Line, line: Line, body: _Body) -> bool:
    """Whether a line begins a paragraph: it is indented, set in another size, or the line before ended early."""
    if abs(before.size - line.size) > 1.5 or line.top - before.bottom > 1.6 * line.size:
        return True
    centred = [abs((one.x0 - body.left) - (body.right - one.x1)) < 1.5 * one.size for one in (before, line)]
    indented = [one.x0 - body.left > 2.5 * one.size for one in (before, line)]
    if line.size > body.size + 2 and all(centred) and line.top > before.top:
        return False  # a title over two lines
    if all(indented) and abs(before.x0 - line.x0) < 0.5 * line.size and before.x1 > body.right - 1.5 * before.size:
        return False  # a block set in as a whole
    if line.x0 - body.left > 1.2 * line.size:
        return True
    if _OWN_LINE.match(line.text) and before.x1 < body.right - 0.5 * before.size:
        return True
    return before.x1 < body.right - 1.9 * before.size
