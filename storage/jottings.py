"""What a run saw and the archive does not say yet: jotted down beside a directory archive as it is seen.

Sightings are stored some 200 at a time (``storage.sightings``). What a run found as it was leaves no other trace, so a run
that is killed would have to look again. Each such line is therefore appended to a plain file at once, which goes when the
lines are stored; the next run at the portal stores what a killed one left.

``.unsaid/<portal>/<run>-<number>.jsonl``: named as the object in which the lines belong. Not synced: it outlives the
process, not a power cut. A help only: without it, as on S3, a killed run's last looks are repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crawler.items import Sighting
from storage import codec, layout
from storage.stores import DirectoryStore, ObjectStore

log = logging.getLogger(__name__)

UNSAID = ".unsaid"


@dataclass(frozen=True, slots=True)
class Jotted:
    """What one run left of one portal, and the key of the object it belongs in."""

    key: str
    sightings: list[Sighting]


class Jottings:
    """The jottings beside one archive."""

    def __init__(self, store: ObjectStore) -> None:
        self._root = store.root / UNSAID if isinstance(store, DirectoryStore) else None

    def jot(self, sighting: Sighting, number: int) -> bool:
        """Whether the line was put down. Where it cannot be, the archive will say so soon enough."""
        if self._root is None:
            return False
        file = self._file(sighting.portal, sighting.run, number)
        line = codec.sighting_line(sighting)
        try:
            try:
                _append(file, line)
            except FileNotFoundError:
                file.parent.mkdir(parents=True, exist_ok=True)
                _append(file, line)
        except OSError as error:
            log.info("nothing can be jotted down beside the archive: %s", error)
            return False
        return True

    def said(self, portal: str, run: str, number: int) -> None:
        """The lines are stored."""
        _drop(self._file(portal, run, number))

    def left(self, portal: str) -> Iterator[Jotted]:
        """What runs left that did not end. Call while no other run is at the portal."""
        prefix = layout.sightings_prefix(portal)
        folder = self._root / portal if self._root is not None else None
        if folder is None or not folder.is_dir():
            return
        for file in sorted(folder.iterdir()):
            parsed = layout.parse(key := f"{prefix}{file.name}.gz")
            if not isinstance(parsed, layout.SightingsKey):
                continue
            try:
                lines = codec.whole_sightings(file.read_bytes())
            except OSError as error:
                log.warning("what a killed run jotted down cannot be read, and is looked at again: %s", error)
                continue
            if theirs := [line for line in lines if (line.portal, line.run) == (portal, parsed.run)]:
                yield Jotted(key, theirs)
            _drop(file)

    def _file(self, portal: str, run: str, number: int) -> Path:
        assert self._root is not None
        name = layout.sightings_key(portal, run, number).rpartition("/")[2].removesuffix(".gz")
        return self._root / portal / name


def _append(file: Path, line: bytes) -> None:
    with file.open("ab", buffering=0) as jottings:
        jottings.write(line)


def _drop(file: Path) -> None:
    with suppress(OSError):  # where it may not be deleted, it says again what is stored, which stores nothing
        file.unlink(missing_ok=True)
        file.parent.rmdir()  # unless others' are there
