"""The lists within an answer that came as data, and the year or the agency each belongs to: ``{"2022": […], "2021": […]}``,
``[{"dept": "某局", "list": […]}, …]``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from spiders.platforms.names import label

_OWN_NAME = re.compile(r"\d+|.*[\u4e00-\u9fff].*", re.S)  # a key that names this group, not what all groups have


@dataclass(frozen=True, slots=True)
class Group:
    """One list of an answer."""

    place: tuple[str, ...]  # the keys that lead to it, those left out that name the group itself
    records: tuple[Mapping[str, Any], ...]
    year: int | None = None
    agency: str | None = None


def lists(tree: Any) -> Iterator[Group]:
    """Every list of objects, in the order they stand in."""
    waiting: list[tuple[Any, tuple[str, ...], int | None, str | None]] = [(tree, (), None, None)]
    while waiting:
        node, place, year, agency = waiting.pop()
        if rows := _table(node):
            named = ({str(index): cell for index, cell in enumerate(row)} for row in rows)
            yield Group(place, tuple(named), year, agency)
            continue
        if isinstance(node, list):
            records = tuple(item for item in node if isinstance(item, Mapping))
            if records:
                yield Group(place, records, year, agency)
            inside = [(item, (*place, "[]"), *_said(_texts(item), year, agency)) for item in node]
        elif isinstance(node, Mapping):
            inside = [
                (item, (*place, "*"), *_said([str(key)], year, agency))
                if _OWN_NAME.fullmatch(str(key))
                else (item, (*place, str(key)), year, agency)
                for key, item in node.items()
            ]
        else:
            continue
        waiting += reversed(inside)


def _table(node: Any) -> list[list[Any]]:
    """Records that are rows of cells without names: ``[["某局2021年…", "/7.html"], …]``."""
    if not isinstance(node, list) or not node or not all(isinstance(row, list) and len(row) > 1 for row in node):
        return []
    cells = (cell for row in node for cell in row)
    even = len({len(row) for row in node}) == 1
    return node if even and all(cell is None or isinstance(cell, (str, int, float)) for cell in cells) else []


def _texts(node: Any) -> list[str]:
    """What a group says of itself beside its list."""
    if not isinstance(node, Mapping) or not any(isinstance(item, list) for item in node.values()):
        return []
    return [str(item) for item in node.values() if isinstance(item, (str, int)) and len(str(item)) <= 30]


def _said(texts: list[str], year: int | None, agency: str | None) -> tuple[int | None, str | None]:
    named = [found for found in map(label, texts) if found.bare]
    years = [found.year for found in named if found.year]
    agencies = [found.agency for found in named if found.agency]
    return (years[0] if years else year), (agencies[0] if agencies else agency)
