"""Rules drawn on a PDF's page as grids of cells.

Cells are made here, from rules alone: office programs paint a white box behind each line of text, which ready-made
finders take for tables, and a page break leaves cells open that they lose.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.reading.documents.pdfium import Char, Rule

MAX_CROSSINGS = 4_000_000  # of rules on one page
SNAP = 3.0  # points within which two rules are one


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


def merged(rules: Iterable[Rule]) -> list[Rule]:
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


def grids_of(across: list[Rule], down: list[Rule], page: int) -> list[Grid]:
    """Tables: rules that touch, as cells. An outer edge that is not drawn (a page break, a form open at the sides)
    closes at the end of the rules that run to it."""
    if len(across) * len(down) > MAX_CROSSINGS:
        return []  # a map or a plan
    grids = []
    for rows, columns in _clusters(across, down):
        left, right = min(rule[1] for rule in rows), max(rule[2] for rule in rows)
        top, bottom = min(rule[1] for rule in columns), max(rule[2] for rule in columns)
        xs = snapped([left, right, *(rule[0] for rule in columns)])
        ys = snapped([top, bottom, *(rule[0] for rule in rows)])
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


def snapped(places: Iterable[float]) -> list[float]:
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
