"""JSON Lines: one record a line, in UTF-8."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import BinaryIO

from storage.queries import Selected


def write(selection: Iterable[Selected], stream: BinaryIO) -> int:
    """Write every record; how many there were."""
    count = 0
    for count, selected in enumerate(selection, 1):  # noqa: B007 - the count is wanted after the loop
        stream.write(line(selected.record))
    return count


def line(record: object) -> bytes:
    """One record as a line of JSON."""
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate from a broken page has no UTF-8; JSON can still say it
        return json.dumps(record, allow_nan=False).encode() + b"\n"
