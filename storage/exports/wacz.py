"""WACZ 1.1.1: captures, their index and a list of pages in one ZIP file that a browser can replay.

``archive/`` holds the WARC files, ``indexes/`` the compressed CDXJ index, ``pages/pages.jsonl`` one line a version.
WARC files and the index are stored, not deflated, so a reader can fetch single records out of the ZIP.

Such readers (wabac.js 2.27, which replayweb.page replays with) take a member's content to begin where the central
directory puts it, and look into the member's own header only where the directory has an extra field. So a member that
needs no ZIP64 gets none, and one that might need it carries an extra field in both places.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import tempfile
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from crawler import __version__
from crawler.items import Version
from storage import codec
from storage.archive import Archive
from storage.exports import cdxj, jsonl, warc

WACZ_VERSION = "1.1.1"
INDEX = "index.cdx.gz"
EXTENDED_TIMESTAMP = 0x5455  # "UT", a ZIP extra field every reader knows: seconds since 1970, in UTC


def write(archive: Archive, evidence: warc.Evidence, path: Path, *, size: int = warc.SIZE) -> int:
    """Write the whole file; how many captures it holds."""
    now = datetime.now(UTC)
    with (
        zipfile.ZipFile(path, "x", allowZip64=True) as container,
        tempfile.TemporaryFile() as pages,
    ):
        package = _Package(container, now)
        pages.write(jsonl.line({"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}))

        def begin(number: int) -> tuple[str, BinaryIO]:
            name = f"data-{number:05d}.warc.gz"
            return name, cast(BinaryIO, package.open(f"archive/{name}", at_most=size + codec.LIMIT))

        writer = warc.Writer(begin, size=size, until=evidence.as_of)
        try:
            warc.write(archive, evidence, writer, lambda version: _page(version, pages))
            with tempfile.TemporaryFile() as index:
                secondary = cdxj.write_compressed(writer.index, cast(BinaryIO, index), INDEX)
                package.copy(f"indexes/{INDEX}", index)
            package.copy("indexes/index.idx", BytesIO(secondary))
            package.copy("pages/pages.jsonl", pages)
        finally:
            writer.close()
            writer.index.close()
        package.finish()
    return writer.captures


def _page(version: Version, pages: IO[bytes]) -> None:
    stamp = f"{version.first_seen.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    pages.write(
        jsonl.line(
            {
                "id": f"{version.report_id}-{version.number}",
                "url": warc.warc_target(version.url),
                "ts": stamp,
                "title": version.reading.title or version.url,
            }
        )
    )


class _Package:
    """The members of the ZIP file, each hashed as it is written."""

    def __init__(self, container: zipfile.ZipFile, created: datetime) -> None:
        self._container = container
        self._created = created
        self._resources: list[dict[str, Any]] = []

    def open(self, path: str, *, at_most: int) -> _Member:
        """A new member of at most so many bytes to write to; one at a time."""
        information = self._info(path)
        large = at_most > zipfile.ZIP64_LIMIT
        if large:
            information.extra = struct.pack("<HHBI", EXTENDED_TIMESTAMP, 5, 1, int(self._created.timestamp()))
        return _Member(self._container.open(information, "w", force_zip64=large), path, self._resources)

    def copy(self, path: str, source: IO[bytes]) -> None:
        """A new member with all that a file holds."""
        size = source.seek(0, os.SEEK_END)
        source.seek(0)
        member = self.open(path, at_most=size)
        try:
            while block := source.read(1024 * 1024):
                member.write(block)
        finally:
            member.close()

    def finish(self) -> None:
        """Write what the package says of itself, and its digest."""
        created = f"{self._created:%Y-%m-%dT%H:%M:%SZ}"
        package = {
            "profile": "data-package",
            "wacz_version": WACZ_VERSION,
            "software": f"nianbao/{__version__}",
            "title": "Annual reports on open government information",
            "created": created,
            "modified": created,
            "resources": self._resources,
        }
        described = json.dumps(package, indent=1).encode()
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(described).hexdigest()}"}
        self._container.writestr(self._info("datapackage.json"), described)
        self._container.writestr(self._info("datapackage-digest.json"), json.dumps(digest, indent=1))

    def _info(self, path: str) -> zipfile.ZipInfo:
        information = zipfile.ZipInfo(path, self._created.timetuple()[:6])
        information.external_attr = 0o644 << 16
        return information


class _Member:
    """One member being written."""

    def __init__(self, stream: IO[bytes], path: str, resources: list[dict[str, Any]]) -> None:
        self._stream = stream
        self._path = path
        self._resources = resources
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> int:
        """Write and hash."""
        self._hash.update(data)
        self._size += len(data)
        return self._stream.write(data)

    def close(self) -> None:
        """End the member and list it."""
        self._stream.close()
        self._resources.append(
            {
                "name": self._path.rpartition("/")[2].lower(),
                "path": self._path,
                "hash": f"sha256:{self._hash.hexdigest()}",
                "bytes": self._size,
            }
        )
