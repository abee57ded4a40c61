"""The order in which one reads what stands on a PDF's page: from the top, and where text is set in two columns, first
the left one down to where something goes over both."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipelines.reading.documents_pdf_grids import Grid
from pipelines.reading.documents_pdf_lines import Line, lines_of
from pipelines.reading.documents_pdfium import Char

FEWEST = 4  # lines on each side: less is a signature, a date, a figure beside its name
CENTRAL = 0.15  # of the page's text: how far from its middle the gutter may run


Gutter = tuple[float, float]


def in_reading_order(
    chars: Sequence[Char], grids: Sequence[Grid], before: Gutter | None
) -> tuple[list[Line | Grid], Gutter | None]:
    """Lines and grids of one page in reading order, and the gutter between its columns. A page too short to show one
    has that of the page before."""
    lines = lines_of(chars)
    gutter = _gutter(lines, chars) or before
    if gutter is None:
        return sorted([*lines, *grids], key=lambda item: item.top), None
    left, right = gutter
    items: list[Line | Grid] = list(grids)
    halves: list[tuple[int, Line]] = []
    for line in lines:
        sides = _halves(line, left, right)
        if len(sides) == 1 and sides[0].x0 < left and sides[0].x1 > right:
            items.append(line)
        else:
            halves.extend((int(half.x0 >= left), half) for half in sides)
    items.sort(key=lambda item: item.top)
    ordered: list[Line | Grid] = []
    waiting = sorted(halves, key=lambda half: half[1].top)
    for item in items:  # what goes over both columns ends them
        above = [half for half in waiting if half[1].top < item.top]
        waiting = waiting[len(above) :]
        ordered.extend(line for _, line in sorted(above, key=lambda half: (half[0], half[1].top)))
        ordered.append(item)
    ordered.extend(line for _, line in sorted(waiting, key=lambda half: (half[0], half[1].top)))
    return ordered, gutter


def _halves(line: Line, left: float, right: float) -> list[Line]:
    """A line cut at the gutter where nothing stands in it."""
    if any(char.x1 > left + 1 and char.x0 < right - 1 for char in line.chars):
        return [line]
    sides = [
        [char for char in line.chars if char.x1 <= left + 1],
        [char for char in line.chars if char.x0 >= right - 1],
    ]
    return [Line(side) for side in sides if side]


def _gutter(lines: Sequence[Line], chars: Sequence[Char]) -> Gutter | None:
    """The blank strip between two columns of running text: near the middle, free of ink over most lines, with lines on
    both sides that run up to it and begin at one edge behind it."""
    upright = [line for line in lines if line.chars[0].turn == 0]
    if len(upright) < FEWEST:
        return None
    sizes = sorted(char.size for char in chars)
    size = sizes[len(sizes) // 2]
    x0, x1 = min(line.x0 for line in upright), max(line.x1 for line in upright)
    starts: dict[int, list[float]] = {}
    for line in upright:
        for before, after in zip(line.chars, line.chars[1:], strict=False):
            middle = (before.x1 + after.x0) / 2
            if after.x0 - before.x1 > 1.2 * size and abs(middle - (x0 + x1) / 2) < CENTRAL * (x1 - x0):
                starts.setdefault(round(after.x0 / size), []).append(after.x0)
    candidates = [min(places) for places in starts.values() if len(places) >= FEWEST]
    for right in sorted(candidates):
        sides = [
            ([char for char in line.chars if char.x1 <= right], [char for char in line.chars if char.x0 >= right - 1])
            for line in upright
        ]
        both = [
            (one, other)
            for line, (one, other) in zip(upright, sides, strict=True)
            if one and other and len(one) + len(other) == len(line.chars) and other[0].x0 - one[-1].x1 > size
        ]
        ends = [one[-1].x1 for one, other in both]
        if len(both) < FEWEST:
            continue
        left = max(ends)
        full = [end for end in ends if left - end < 2 * size]
        begun = [other[0].x0 for one, other in both if other[0].x0 - right < 0.5 * size]
        # Columns of running text: words on both sides, and lines of the left one run to its edge. Those of an unruled
        # table do not.
        prose = all(_is_prose([side for pair in both for side in pair[at]], len(both)) for at in (0, 1))
        if prose and right - left > size and len(full) >= 0.5 * len(both) and len(begun) >= 0.4 * len(both):
            return left, right
    return _gutter_between_lines(upright, size, (x0 + x1) / 2, CENTRAL * (x1 - x0))


def _gutter_between_lines(lines: Sequence[Line], size: float, middle: float, reach: float) -> Gutter | None:
    """The blank strip between columns whose lines stand at heights of their own, so that few share a baseline: next to
    every line keeps to one side of it."""
    starts: dict[int, list[float]] = {}
    for line in lines:
        for before, after in pairwise([None, *line.chars]):
            assert after is not None
            if abs(after.x0 - middle) < reach and (before is None or after.x0 - before.x1 > 0.8 * size):
                starts.setdefault(round(after.x0 / size), []).append(after.x0)
    for right in sorted(min(places) for places in starts.values() if len(places) >= FEWEST):
        ones = [[char for char in line.chars if char.x1 <= right] for line in lines]
        others = [[char for char in line.chars if char.x0 >= right - 1] for line in lines]
        clear = [
            (one, other)
            for line, one, other in zip(lines, ones, others, strict=True)
            if len(one) + len(other) == len(line.chars)
            and not (one and other and other[0].x0 - one[-1].x1 < 0.8 * size)
        ]
        lefts = [one for one, _ in clear if one]
        rights = [other for _, other in clear if other]
        if len(clear) < 0.8 * len(lines) or min(len(lefts), len(rights)) < FEWEST:
            continue
        top, foot = (edge(one[0].middle for one in lefts) for edge in (min, max))
        beside = sum(top <= other[0].middle <= foot for other in rights)
        left = max(one[-1].x1 for one in lefts)
        full = sum(left - one[-1].x1 < 2 * size for one in lefts)
        prose = all(_is_prose([char for part in side for char in part], len(side)) for side in (lefts, rights))
        if prose and beside >= FEWEST and right - left > 0.8 * size and full >= 0.4 * len(lefts):
            return left, right
    return None


def _is_prose(chars: Sequence[Char], lines: int) -> bool:
    words = sum(char.text.isalpha() for char in chars)
    return words >= 8 * lines and words >= 0.6 * len(chars)
