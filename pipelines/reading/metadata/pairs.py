"""What stands on one line of a metadata block."""

from __future__ import annotations

import re

from pipelines.reading import labels
from pipelines.reading.labels import Pair, Role
from pipelines.reading.markup import EDGE, Line, bare

_UNKNOWN_PAIR = re.compile(
    rf"[\s{EDGE}]*[【\[]?([\u4e00-\u9fff](?:[\s\u3000\u00a0]*[\u4e00-\u9fff]){{1,9}})[】\]]?[\s{EDGE}]*[:：](.*)$", re.S
)


def is_sure(pair: Pair) -> bool:
    """Whether a pair alone says that this is a metadata block."""
    return pair.known and pair.role is not Role.CHROME and pair.label not in labels.WEAK and not pair.form


def unknown_pairs(text: str) -> list[Pair]:
    """The label nobody knows that opens a text, with its value: words before a colon."""
    match = _UNKNOWN_PAIR.match(text)
    if match is None:
        return []
    return [Pair(labels.normal(match.group(1)), labels.clean_value(match.group(2)) or None, Role.OTHER, False)]


def is_all_links(item: Line) -> bool:
    """Whether a line is links and next to nothing else."""
    return item.linked > 0 and item.linked >= len(bare(item.text)) * 0.9
