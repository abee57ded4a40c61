"""The record's schema for Parquet, and a record as that schema wants it; both made from ``FIELDS``.

``statistics`` is a typed struct of every cell of both national forms, so ``statistics.applications.new.total`` is a
column. ``statistics_cells`` holds the same cells one a row, with every cell that is not of the forms, so no number is
lost to the shape.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from storage.records import FIELDS, Field, Type

CELLS = Field(
    "statistics_cells",
    Type.OBJECTS,
    "the statistics one cell a row, cells outside the national forms included",
    (
        Field("table", Type.TEXT, "disclosure, applications or review_litigation"),
        Field("row", Type.TEXT, "the row"),
        Field("column", Type.TEXT, "the column"),
        Field("value", Type.NUMBER, "null where the cell is blank, - or /"),
    ),
    required=True,
)
LARGEST = 1 << 63
LABELLED = (
    Field("label", Type.TEXT, "as printed"),
    Field("value", Type.TEXT, "as printed; null where blank"),
)
# Labels and values as a list: some readers (Hugging Face datasets 5.2) refuse a table with a column of maps.
COLUMNS: tuple[Field, ...] = (
    *(replace(field, type=Type.OBJECTS, fields=LABELLED) if field.type is Type.LABELS else field for field in FIELDS),
    CELLS,
)


def arrow_type(field: Field) -> pa.DataType:
    """The Parquet type of a field."""
    match field.type:
        case Type.TEXT | Type.JSON:
            return pa.string()
        case Type.INTEGER:
            return pa.int64()
        case Type.NUMBER:
            return pa.float64()
        case Type.BOOLEAN:
            return pa.bool_()
        case Type.DATE:
            return pa.date32()
        case Type.TIME:
            return pa.timestamp("us", tz="UTC")
        case Type.TEXTS:
            return pa.list_(pa.string())
        case Type.OBJECT:
            return pa.struct([pa.field(inner.name, arrow_type(inner)) for inner in field.fields])
        case Type.LABELS | Type.OBJECTS:
            return pa.list_(pa.struct([pa.field(inner.name, arrow_type(inner)) for inner in field.fields]))


def arrow_schema() -> pa.Schema:
    """The schema of a Parquet export, with each column's meaning."""
    return pa.schema(
        [
            pa.field(
                field.name, arrow_type(field), nullable=not field.required, metadata={"description": field.meaning}
            )
            for field in COLUMNS
        ]
    )


def arrow_row(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as the schema wants it."""
    cells = list(_cells(record["statistics"]))
    return {field.name: _value(record[field.name], field) for field in FIELDS} | {CELLS.name: cells}


def _value(value: Any, field: Field) -> Any:
    if value is None:
        return None
    match field.type:
        case Type.TEXT:
            return _utf8(value)
        case Type.JSON:
            return _utf8(json.dumps(value, ensure_ascii=False))
        case Type.DATE:
            return date.fromisoformat(value)
        case Type.TIME:
            return datetime.fromisoformat(value)
        case Type.TEXTS:
            return [_utf8(text) for text in value]
        case Type.LABELS:
            return [
                {"label": _utf8(label), "value": None if text is None else _utf8(text)} for label, text in value.items()
            ]
        case Type.OBJECT:
            return {inner.name: _value(value.get(inner.name), inner) for inner in field.fields}
        case Type.OBJECTS:
            return [{inner.name: _value(item.get(inner.name), inner) for inner in field.fields} for item in value]
        case Type.INTEGER:
            # A fraction of a count, and one longer than any count, stands in statistics_cells alone.
            return int(value) if value == int(value) and abs(value) < LARGEST else None
        case Type.NUMBER | Type.BOOLEAN:
            return value


def _cells(statistics: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    for table, rows in (statistics or {}).items():
        if not isinstance(rows, Mapping):
            continue  # the form's name
        for row, columns in rows.items():
            for column, value in columns.items():
                yield {"table": table, "row": row, "column": column, "value": None if value is None else _float(value)}


def _float(value: int | float) -> float | None:
    """``None`` for a number longer than any float: earlier extractors read them off hostile pages."""
    try:
        return float(value)
    except OverflowError:
        return None


def _utf8(text: str) -> str:
    """The text, where a lone surrogate from a broken page has become a question mark."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
