"""What the archive got since the index was last brought up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from crawler.items import Sighting
from storage import cursors
from storage.archive import Archive, read_ahead
from storage.cursors import Cursor
from storage.layout import ReadingKey, SightingsKey
from storage.queries import batches, read_batch


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
