"""A figure over the years as a line plot: geometry here, the SVG itself is a template."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crawler.web.lookup import Point

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 92, 22, 18, 34  # room for the larger letters of a phone
SHAPES = ("circle", "square", "triangle", "diamond")


@dataclass(frozen=True, slots=True)
class Mark:
    """One point of a line."""

    x: float
    y: float
    year: int
    value: float
    reports: int
    shape: str  # an SVG path around (x, y)


@dataclass(frozen=True, slots=True)
class Line:
    """One series; the line breaks where a year has no number."""

    name: str
    number: int
    path: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything the template draws."""

    lines: tuple[Line, ...]
    years: tuple[tuple[int, float], ...]  # (year, x)
    ticks: tuple[tuple[str, float], ...]  # (label, y)
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


def plot(series: Mapping[str, Sequence[Point]]) -> Plot | None:
    """The plot of the series by name; ``None`` where no series has a number."""
    numbers = [point for points in series.values() for point in points if point.value is not None]
    if not numbers:
        return None
    first, last = min(p.year for p in numbers), max(p.year for p in numbers)
    step = _step(max(*(p.value or 0 for p in numbers), 0), min(*(p.value or 0 for p in numbers), 0))
    low = math.floor(min(*(p.value or 0 for p in numbers), 0) / step) * step
    high = max(math.ceil(max(p.value or 0 for p in numbers) / step) * step, low + step)

    def x(year: int) -> float:
        share = (year - first) / (last - first) if last > first else 0.5
        return round(LEFT + 12 + share * (WIDTH - LEFT - RIGHT - 24), 1)

    def y(value: float) -> float:
        return round(TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    lines = []
    for number, (name, points) in enumerate(series.items()):
        path, before = [], None
        marks = []
        for point in points:
            if point.value is None:
                continue
            at = x(point.year), y(point.value)
            path.append(f"{'L' if before == point.year - 1 else 'M'}{at[0]} {at[1]}")
            marks.append(Mark(*at, point.year, point.value, point.reports, _shape(number, *at)))
            before = point.year
        lines.append(Line(name, number % 8, " ".join(path), tuple(marks)))
    every = max(1, math.ceil((last - first + 1) / 12))
    years = tuple((year, x(year)) for year in range(first, last + 1) if (last - year) % every == 0)
    count = round((high - low) / step)
    ticks = tuple((_label(low + i * step), y(low + i * step)) for i in range(count + 1))
    return Plot(tuple(lines), years, ticks)


def _step(high: float, low: float) -> float:
    """1, 2 or 5 times a power of ten, so that four to eight lines are drawn."""
    span = max(high - low, 1)
    rough = span / 5
    power: float = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return max(step, 1) if span >= 4 else step


def _label(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0")


def _shape(number: int, x: float, y: float) -> str:
    shape = SHAPES[number % len(SHAPES)]
    if shape == "circle":
        return f"M{x - 4} {y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0"
    if shape == "square":
        return f"M{x - 3.6:.1f} {y - 3.6:.1f}h7.2v7.2h-7.2z"
    if shape == "triangle":
        return f"M{x} {y - 4.8:.1f}l4.6 8h-9.2z"
    return f"M{x} {y - 5}l5 5l-5 5l-5 -5z"
