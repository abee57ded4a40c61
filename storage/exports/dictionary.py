"""What a corpus says of itself: the data dictionary for people, ``datapackage.json`` for programs, and beside Parquet a
dataset card, with what Hugging Face ``datasets`` wants to be told.

Both are made from the record's ``FIELDS``. The package follows the Frictionless Data Package standard, version 1, with
every file's size and sha256, so a copy of the corpus can be checked without the archive.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.records import Field, Type, moment

DICTIONARY = "data-dictionary.md"
CARD = "README.md"
CONFIGS = ".huggingface.yaml"
NAME = "nianbao"
TITLE = "Annual reports on open government information of Chinese government agencies"
INTRODUCTION = (
    "One record is one version of one report. Absent is null, never an empty string. "
    "Dates are ISO 8601, times UTC with offset, digests `sha256:<hex>`."
)
MEDIA_TYPES = {
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".gz": "application/warc",
    ".cdxj": "text/plain",
    ".md": "text/markdown",
    ".yaml": "application/yaml",
}
_FRICTIONLESS = {
    Type.TEXT: "string",
    Type.INTEGER: "integer",
    Type.NUMBER: "number",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.TIME: "datetime",
    Type.TEXTS: "array",
    Type.LABELS: "object",
    Type.OBJECT: "object",
    Type.OBJECTS: "array",
    Type.JSON: "object",
}


def data_dictionary(fields: Iterable[Field]) -> str:
    """The fields as Markdown tables: the record, then one table for each kind of object inside it."""
    fields = tuple(fields)
    parts = [
        "# Data dictionary",
        INTRODUCTION,
        *_tables("", fields),
    ]
    return "\n\n".join(parts) + "\n"


def dataset_configs(root: Path) -> str:
    """The YAML by which Hugging Face ``datasets`` loads a directory of Parquet: the whole, or one province."""
    provinces = sorted(path.name.partition("=")[2] for path in root.glob("province_code=*"))
    whole = ["- config_name: all", "  default: true", '  data_files: "**/*.parquet"']
    parts = [
        line
        for code in provinces
        for line in (f'- config_name: "{code}"', f'  data_files: "province_code={code}/**/*.parquet"')
    ]
    return "\n".join(["configs:", *whole, *parts]) + "\n"


def dataset_card(configs: str, records: int) -> str:
    """The card of the dataset, for people and for a hub of datasets."""
    return f"""---
pretty_name: {TITLE}
language:
- zh
{configs}---

# {TITLE}

政府信息公开工作年度报告: {records} records, one a version of one report, with the statutory tables as typed columns and the
text as Markdown. Made by nianbao. What each column means stands in `{DICTIONARY}`; the digests of all files, the filters and
the cursor of the next export in `datapackage.json`. Both names begin with an underscore here, as readers of Parquet
directories pass such files over.

```python
from datasets import load_dataset

reports = load_dataset("path/to/this/directory", split="train")       # everything
zhejiang = load_dataset("path/to/this/directory", "33", split="train")  # one province
```

A blank cell of a table is null, and null is not zero. `checks` names the identities a report itself breaks.
"""


def data_package(root: Path, fields: Iterable[Field], *, created: datetime, facts: dict[str, Any]) -> bytes:
    """``datapackage.json`` of every file under ``root``; ``facts`` are added to the package itself."""
    schema = {
        "fields": [_frictionless(field) for field in fields],
        "missingValues": [""],
        "primaryKey": ["report_id", "version"],
    }
    resources = []
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        path = file.relative_to(root).as_posix()
        resource: dict[str, Any] = {
            "name": _resource_name(path),
            "path": path,
            "mediatype": MEDIA_TYPES.get(file.suffix, "application/octet-stream"),
            "bytes": file.stat().st_size,
            "hash": f"sha256:{_sha256(file)}",
        }
        if file.suffix in (".jsonl", ".csv"):
            resource |= {"profile": "tabular-data-resource", "encoding": "utf-8", "schema": schema}
        elif file.suffix == ".parquet":  # has types of its own, which frictionless 5 would take for other ones
            resource |= {"profile": "data-resource", "type": "file", "schema": schema}
        resources.append(resource)
    package = {
        "profile": "data-package",
        "name": NAME,
        "title": TITLE,
        "created": moment(created),
        **facts,
        "resources": resources,
    }
    return json.dumps(package, ensure_ascii=False, indent=1).encode() + b"\n"


def _tables(place: str, fields: tuple[Field, ...]) -> list[str]:
    tables = [_table(place, fields)]
    shapes: dict[tuple[Field, ...], list[Field]] = {}
    for field in fields:
        if field.fields:
            shapes.setdefault(field.fields, []).append(field)  # rows of one shape share one table
    for shape, alike in shapes.items():
        names = [f"{place}.{field.name}".removeprefix(".") for field in alike]
        tables += _tables(names[0], shape) if len(names) == 1 else _tables(" · ".join(names), shape)
    return tables


def _table(place: str, fields: tuple[Field, ...]) -> str:
    rows = [f"| `{field.name}` | {field.type.value} | {field.meaning.replace('|', '∣')} |" for field in fields]
    heading = [f"## {place}", ""] if place else []
    return "\n".join([*heading, "| field | type | meaning |", "|---|---|---|", *rows])


def _frictionless(field: Field) -> dict[str, Any]:
    described = {"name": field.name, "type": _FRICTIONLESS[field.type], "description": field.meaning}
    return described | ({"constraints": {"required": True}} if field.required else {})


def _resource_name(path: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-._" else "-" for letter in path.lower())


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
