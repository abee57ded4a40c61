"""What the archive got since the index was last brought up to date."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from crawler.items import Sighting
from storage import cursors
from storage.archive import Archive, Numbered, read_ahead
from storage.cursors import Cursor
from storage.layout import ReadingKey, SightingsKey
from storage.queries import batches, read_batch

T = TypeVar("T")
BATCH = 500
# When a version was first seen, as far as sightings tell.
SEEN = "select min(first) from spans where spans.report_id = touched.report_id and spans.version = touched.version"


class News:
    """The sightings that came since a cursor; ``cursor`` holds them once they were gone through."""

    def __init__(self, archive: Archive, finished: Sequence[str], cursor: str) -> None:
        self._archive = archive
        self._finished = frozenset(finished)
        self._before = cursors.decode(cursor, sorted(finished))
        self._noted: dict[str, dict[str, int]] = {}  # unfinished run → portal → batches read

    @property
    def cursor(self) -> str:
        return cursors.encode(Cursor(self._finished, self._noted))

    def sightings(self) -> Iterator[tuple[str, list[Sighting]]]:
        """Portal and batch, those of a portal in the order they were made."""
        yield from read_ahead(self._batch, self._keys())

    def _keys(self) -> Iterator[SightingsKey]:
        listed = cursors.noted(batches(self._archive, None), self._finished, self._noted)
        return (key for key in listed if not self._before.holds_batch(key))

    def _batch(self, key: SightingsKey) -> tuple[str, list[Sighting]]:
        return key.portal, read_batch(self._archive, key)


def token(readings: Iterable[ReadingKey]) -> str:
    """Stands for what was read again of a report; empty for nothing."""
    named = "\n".join(f"{key.number} {key.extractor}" for key in readings)
    return hashlib.sha256(named.encode()).hexdigest()[:8] if named else ""


def in_order_seen(db: sqlite3.Connection, listed: Iterable[Numbered]) -> Iterator[Numbered]:
    """Of all the reports that are listed those whose rows say otherwise, by the time their latest version was first seen.

    They wait in the file, not in memory, and are fetched a batch at a time: a question left open would keep SQLite from
    emptying its journal.
    """
    with db:
        db.execute("delete from waiting")
    for batch in batched(listed, BATCH):
        with db:
            for report in batch:
                row = db.execute(
                    "select version, readings from reports where report_id = ?", (report.report_id,)
                ).fetchone()
                if row is None or tuple(row) != (report.numbers[-1], token(report.readings)):
                    latest = (report.report_id, report.numbers[-1])
                    (seen,) = db.execute(
                        "select min(first) from spans where report_id = ? and version = ?", latest
                    ).fetchone()
                    readings = json.dumps([(key.number, key.extractor) for key in report.readings])
                    db.execute(
                        "insert into waiting values (?, ?, ?, ?)",
                        (seen or "", report.report_id, json.dumps(report.numbers), readings),
                    )
    last = ("", "")
    while rows := db.execute(
        "select * from waiting where (seen, report_id) > (?, ?) order by seen, report_id limit ?", (*last, BATCH)
    ).fetchall():
        for _, report_id, numbers, readings in rows:
            keys = tuple(ReadingKey(report_id, number, extractor) for number, extractor in json.loads(readings))
            yield Numbered(report_id, tuple(json.loads(numbers)), keys)
        last = (rows[-1]["seen"], rows[-1]["report_id"])
    with db:
        db.execute("delete from waiting")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """In lists of so many, the last one shorter."""
    walking = iter(items)
    while batch := list(islice(walking, size)):
        yield batch
