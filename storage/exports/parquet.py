"""Parquet: one file, or a directory partitioned by province and report year.

``province_code=33/year=2023/part-00000.parquet``: the partition keys have names of their own, so that the
columns ``province`` and ``report_year`` keep the types of the record whatever a reader makes of the keys. A report
without a year stands under ``year=0``: its ``report_year`` is null. (Hive's own word for null stops pandas 3.)
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from storage.exports.schema import arrow_row, arrow_schema
from storage.queries import Selected

GROUP_ROWS = 1_000
GROUP_BYTES = 32 * 1024 * 1024  # in memory; a row group holds no more
HELD_BYTES = 96 * 1024 * 1024  # waiting in all partitions together
OPEN_FILES = 256
NO_YEAR = 0


class Partition:
    """Records that belong together, gathered in memory and written row group by row group to numbered files."""

    def __init__(self, files: Iterator[Path]) -> None:
        self._files = files
        self._schema = arrow_schema()
        self._writer: pq.ParquetWriter | None = None
        self._rows: list[dict[str, Any]] = []
        self.held = 0  # bytes waiting to be written

    def add(self, record: dict[str, Any]) -> None:
        """Add one record."""
        self._rows.append(arrow_row(record))
        self.held += _size(record)

    @property
    def full(self) -> bool:
        """Whether what waits makes a row group."""
        return len(self._rows) >= GROUP_ROWS or self.held >= GROUP_BYTES

    def flush(self) -> None:
        """Write what waits as one row group, beginning the next file if none is open."""
        if self._writer is None:
            self._writer = pq.ParquetWriter(next(self._files), self._schema, compression="zstd")
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, self._schema))
            self._rows, self.held = [], 0

    def close(self) -> None:
        """Finish the open file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def write_file(selection: Iterable[Selected], path: Path) -> int:
    """Write every record to one file; how many there were."""
    records = 0
    partition = Partition(iter([path]))
    try:
        for records, selected in enumerate(selection, 1):  # noqa: B007 - the count is wanted after the loop
            partition.add(selected.record)
            if partition.full:
                partition.flush()
        partition.flush()  # an export of nothing still has the columns
    finally:
        partition.close()
    return records


def write_partitions(selection: Iterable[Selected], root: Path) -> int:
    """Write every record to its partition under ``root``; how many there were."""
    records = 0
    partitions = _Partitions(root)
    try:
        for records, selected in enumerate(selection, 1):  # noqa: B007 - the count is wanted after the loop
            partitions.add(selected.record)
        partitions.flush()
    finally:
        partitions.close()
    if records == 0:
        write_file((), root / "part-00000.parquet")
    return records


class _Partitions:
    """Reports come in the order of their ids, so all partitions fill at once: the fullest is written when memory is,
    and the file written to the longest ago is finished when too many are open."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._partitions: dict[str, Partition] = {}
        self._open: OrderedDict[str, Partition] = OrderedDict()
        self._held = 0

    def add(self, record: dict[str, Any]) -> None:
        year = NO_YEAR if record["report_year"] is None else record["report_year"]
        name = f"province_code={quote(record['province'], safe='')}/year={year}"
        partition = self._partitions.get(name)
        if partition is None:
            partition = self._partitions[name] = Partition(_files(self._root / name))
        before = partition.held
        partition.add(record)
        self._held += partition.held - before
        if partition.full:
            self._flush(name)
        elif self._held > HELD_BYTES:
            self._flush(max(self._partitions, key=lambda each: self._partitions[each].held))

    def flush(self) -> None:
        for name, partition in self._partitions.items():
            if partition.held:
                self._flush(name)

    def close(self) -> None:
        while self._open:
            self._open.popitem()[1].close()

    def _flush(self, name: str) -> None:
        partition = self._partitions[name]
        if name not in self._open and len(self._open) >= OPEN_FILES:
            self._open.popitem(last=False)[1].close()
        self._open[name] = partition
        self._open.move_to_end(name)
        self._held -= partition.held
        partition.flush()


def _files(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / f"part-{number:05d}.parquet" for number in count())


def _size(record: dict[str, Any]) -> int:
    attached = sum(len(attachment["text"] or "") for attachment in record["attachments"])
    tables = 40_000 if record["statistics"] else 0  # every cell as an object of its own, twice
    return 2 * len(record["body"] or "") + attached + tables + 2_000  # the sections hold the body again
