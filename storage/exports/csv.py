"""CSV as in RFC 4180: the record's fields as columns, lists and objects as JSON text.

Null is an empty cell. UTF-8 without a byte order mark unless asked for (Excel wants one). Cells are as printed on the
page: a text that begins with ``=`` or ``+`` is not altered, so open the file as text, not as formulas.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from io import TextIOWrapper
from typing import Any, BinaryIO

from storage.queries import Selected
from storage.records import FIELDS, Type

NESTED = frozenset({Type.TEXTS, Type.LABELS, Type.OBJECT, Type.OBJECTS, Type.JSON})
HEADER = tuple(field.name for field in FIELDS)


def write(selection: Iterable[Selected], stream: BinaryIO, *, byte_order_mark: bool = False) -> int:
    """Write a header and every record; how many records there were."""
    # A lone surrogate from a broken page has no UTF-8 and becomes a question mark.
    text = TextIOWrapper(stream, "utf-8-sig" if byte_order_mark else "utf-8", errors="replace", newline="")
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(HEADER)
        count = 0
        for count, selected in enumerate(selection, 1):  # noqa: B007 - the count is wanted after the loop
            writer.writerow(row(selected.record))
        return count
    finally:
        text.detach()


def row(record: dict[str, Any]) -> list[Any]:
    """A record's cells in the order of ``FIELDS``."""
    return [_cell(record[field.name], field.type) for field in FIELDS]


def _cell(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False) if kind in NESTED else value
