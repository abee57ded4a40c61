"""Jottings beside a directory archive, in files that are appended to.

``.unsaid/<portal>/<run>-<number>.jsonl``: what was seen, named as the object in which the lines belong; goes when they are
stored. The next run at the portal stores what a killed one left.

``.unsaid/<portal>/<run>.unread``: digest, address and time of each new page that was kept, and is to be read; and of what
belongs to pages, kept or found as it was. Goes when the portal is done with. The next run takes from the archive what a
killed one had no time to read.

``.unsaid/<portal>/<payload digest>.page``: the page of a known report, which is kept only if it says something new, while
it waits behind others to be read.

Not synced: it outlives the process, not a power cut.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from crawler.items import Capture, Sighting
from crawler.urls import location
from storage import codec, layout
from storage.jottings import Jotted, Unread, asides

log = logging.getLogger(__name__)

UNSAID = ".unsaid"
UNREAD = ".unread"
ASIDE = ".page"


class FileJottings:
    """The jottings beside one directory."""

    def __init__(self, root: Path) -> None:
        self._root = root / UNSAID
        self._aside: dict[tuple[str, str], Path] = {}  # portal, location → the page of it that was laid aside

    def jot(self, sighting: Sighting, number: int) -> None:
        _put_down(self._file(sighting.portal, sighting.run, number), codec.sighting_line(sighting))
        if self._aside and (page := self._aside.pop((sighting.portal, location(sighting.url)), None)):
            _drop(page)

    def said(self, portal: str, run: str, numbers: Sequence[int]) -> None:
        for number in numbers:
            _drop(self._file(portal, run, number))

    def left(self, portal: str, after: str | None) -> Iterator[Jotted]:
        prefix = layout.sightings_prefix(portal)
        folder = self._root / portal
        if not folder.is_dir():
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

    def jot_unread(self, portal: str, url: str, had: Unread) -> None:
        line = f"{had.payload_digest} {url} {had.time.isoformat()}\n"
        _put_down(self._root / portal / f"{had.run}{UNREAD}", line.encode())

    def unread(self, portal: str, after: str | None) -> dict[str, Unread]:
        found: dict[str, Unread] = {}
        for file in self._of_unread(portal):
            try:
                lines = file.read_bytes().splitlines(keepends=True)
            except OSError as error:
                log.warning("what a killed run had no time to read is asked for again: %s", error)
                continue
            for line in lines:
                if (had := _had(line, file.name.removesuffix(UNREAD))) is not None:
                    found[had[0]] = had[1]
        return found

    def lay_aside(self, capture: Capture, run: str) -> None:
        page = self._root / capture.portal / f"{capture.payload_digest}{ASIDE}"
        try:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_bytes(asides.packed(capture))
        except OSError as error:
            log.info("nothing can be laid aside beside the archive: %s", error)
            return
        self._aside[capture.portal, location(capture.url)] = page
        self.jot_unread(capture.portal, capture.url, Unread(capture.payload_digest, run, capture.time))

    def laid_aside(self, portal: str, payload_digest: str) -> Capture | None:
        try:
            page = asides.unpacked((self._root / portal / f"{payload_digest}{ASIDE}").read_bytes(), portal)
        except (OSError, codec.Damaged):
            return None  # asked for again
        return page if page.payload_digest == payload_digest else None

    def all_read(self, portal: str) -> None:
        for file in (*self._of_unread(portal), *(self._root / portal).glob(f"*{ASIDE}")):
            _drop(file)
        for place in [place for place in tuple(self._aside) if place[0] == portal]:
            self._aside.pop(place, None)

    def close(self, run: str) -> None:
        """Nothing is left to do: every file goes when it has done its service."""

    def _of_unread(self, portal: str) -> list[Path]:
        return sorted((self._root / portal).glob(f"*{UNREAD}"))

    def _file(self, portal: str, run: str, number: int) -> Path:
        name = layout.sightings_key(portal, run, number).rpartition("/")[2].removesuffix(".gz")
        return self._root / portal / name


def _had(line: bytes, run: str) -> tuple[str, Unread] | None:
    """Identity of the address and what was had of it; ``None`` for a line that was not written to its end."""
    try:
        digest, url, time = line.decode().removesuffix("\n").split(" ")
        return (location(url), Unread(digest, run, datetime.fromisoformat(time))) if line.endswith(b"\n") else None
    except ValueError:
        return None


def _put_down(file: Path, line: bytes) -> None:
    """Append a line. Where it cannot be, the archive will say so soon enough."""
    try:
        try:
            _append(file, line)
        except FileNotFoundError:
            file.parent.mkdir(parents=True, exist_ok=True)
            _append(file, line)
    except OSError as error:
        log.info("nothing can be jotted down beside the archive: %s", error)


def _append(file: Path, line: bytes) -> None:
    with file.open("ab", buffering=0) as jottings:
        jottings.write(line)


def _drop(file: Path) -> None:
    with suppress(OSError):  # where it may not be deleted, it says again what is stored, which stores nothing
        file.unlink(missing_ok=True)
        file.parent.rmdir()  # unless others' are there
