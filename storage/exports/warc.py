"""WARC: the bytes behind the records, in standard files of a gigabyte.

Every file begins with a ``warcinfo`` record. Snapshots are copied byte for byte, each record a gzip member as stored.
A look that met a payload already kept (at another address, or again later) is a ``revisit`` record that names the
original by id, address and time; the original is always in the same export. A revisit has no record block: what the
server's headers were that time is not kept, and none are made up. Sameness was established on the payload after its
content coding was undone; a revisit carries the ``WARC-Payload-Digest`` of its original.

Asked for nothing in particular, all that is kept is exported. Asked for some reports, every version of them with its
attachments and further pages, and every look at them.
"""

from __future__ import annotations

import hashlib
import http
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlsplit, urlunsplit

from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]
from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]

from crawler import __version__
from crawler.items import Sighting, Version
from crawler.urls import location
from storage import codec, layout, snapshots
from storage.archive import Archive, read_ahead
from storage.exports import cdxj
from storage.locations import CONTENT_SEEN
from storage.queries import EVERY_KIND, Filters, Selection
from storage.records import moment
from storage.sightings import BELONGINGS

SIZE = 1024**3  # bytes; a file is ended before the record that would take it beyond
SAME_LOOK = timedelta(seconds=1)  # a sighting and a capture of one address within this are one look
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


@dataclass(frozen=True, slots=True)
class Original:
    """What a revisit must say of the capture it refers to."""

    record_id: str
    url: str
    time: datetime
    digest: str  # WARC-Payload-Digest


@dataclass(frozen=True, slots=True)
class Response:
    """A response record of a snapshot: where it lies in the snapshot's bytes, and what the index says of it."""

    offset: int
    length: int
    capture: Original
    status: int | None
    mime: str


# ---------------------------------------------------------------- what belongs to an export


class Evidence:
    """The captures and looks behind what was asked for."""

    def __init__(self, archive: Archive, filters: Filters, since: str | None) -> None:
        kinds = filters.kinds if filters.kinds is not None else EVERY_KIND
        self._archive = archive
        self._filters = replace(filters, kinds=kinds)
        self._everything = not filters.narrows and kinds == EVERY_KIND and since is None
        self._selection = Selection(archive, self._filters, all_versions=True, since=since)
        self._reports: set[str] = set()
        self.as_of = filters.as_of

    def snapshots(self, on_page: Callable[[Version], None]) -> Iterator[str]:
        """The keys of every snapshot, in order. ``on_page`` is told each version on the way."""
        keys: set[str] = set()
        for selected in self._selection:
            version = selected.version
            on_page(version)
            self._reports.add(version.report_id)
            keys.update((version.snapshot, *version.parts, *(attachment.key for attachment in version.attachments)))
        if self._everything:
            yield from (listed.key for listed in self._archive.store.list(layout.SNAPSHOTS))
            return
        for sighting in self._looks():
            if sighting.report_id in self._reports and sighting.payload_digest:
                keys.add(layout.snapshot_key(sighting.payload_digest))
        yield from sorted(keys)

    def looks(self, digests: Callable[[str], bool]) -> Iterator[Sighting]:
        """Every look that met one of the payloads of the export."""
        for sighting in self._looks():
            if (
                sighting.payload_digest
                and digests(sighting.payload_digest)
                and (self._everything or sighting.report_id in self._reports or sighting.outcome in BELONGINGS)
            ):
                yield sighting

    @property
    def cursor(self) -> str | None:
        return self._selection.cursor

    def _looks(self) -> Iterator[Sighting]:
        for sighting in self._selection.sightings():
            if sighting.outcome not in CONTENT_SEEN | BELONGINGS or sighting.status is None:
                continue
            # A line that only carries over what an earlier look saw is no look.
            if sighting.fetched is None or sighting.fetched == sighting.time:
                yield sighting


# ---------------------------------------------------------------- writing


class Writer:
    """WARC files of limited size, one after the other, and their index.

    ``begin`` opens the file of a number, counted from 0, and says what it is called.
    """

    def __init__(
        self, begin: Callable[[int], tuple[str, BinaryIO]], *, size: int = SIZE, until: datetime | None = None
    ) -> None:
        self._begin = begin
        self._size = size
        self._until = until
        self._stream: BinaryIO | None = None
        self._name = ""
        self._number = 0
        self._written = 0
        self._used = False  # whether the file holds more than its warcinfo
        self._originals: dict[bytes, Original] = {}  # payload digest → its capture
        self.index = cdxj.Index()
        self.captures = 0

    def snapshot(self, payload_digest: str, data: bytes) -> None:
        """Copy a snapshot, unless it was made later than asked for. Raises ``Damaged`` where it is no WARC."""
        response = _response(data)
        if self._until is not None and response.capture.time > self._until:
            return
        start = self._append(data)
        self._originals[bytes.fromhex(payload_digest)] = response.capture
        self._index(response.capture, response.status, response.mime, start + response.offset, response.length)

    def holds(self, payload_digest: str) -> bool:
        """Whether the capture of this payload has been written."""
        return bytes.fromhex(payload_digest) in self._originals

    def revisit(self, sighting: Sighting) -> None:
        """Write a look that met a payload already written, unless it is the very look that brought it."""
        assert sighting.payload_digest is not None
        original = self._originals[bytes.fromhex(sighting.payload_digest)]
        url = warc_target(sighting.url)
        here = url == original.url or location(url) == location(original.url)
        if here and abs(sighting.time - original.time) <= SAME_LOOK:
            return
        look = replace(original, url=url, time=sighting.time)
        data = _revisit(look, sighting.status, original)
        # No status: the record holds none, and replayweb.page 2.5.3 shows an empty page where the index says 304.
        self._index(look, None, "warc/revisit", self._append(data), len(data))

    def close(self) -> None:
        """End the file being written; an export of nothing is one file that says what it is."""
        if self._number == 0:
            self._next()
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _append(self, data: bytes) -> int:
        if self._stream is None or (self._used and self._written + len(data) > self._size):
            self._next()
        assert self._stream is not None
        start = self._written
        self._stream.write(data)
        self._written += len(data)
        self._used = True
        return start

    def _next(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._name, self._stream = self._begin(self._number)
        self._number += 1
        self._used = False
        information = _information(self._name)
        self._stream.write(information)
        self._written = len(information)

    def _index(self, capture: Original, status: int | None, mime: str, offset: int, length: int) -> None:
        self.captures += 1
        self.index.add(
            cdxj.line(
                capture.url,
                capture.time,
                mime=mime,
                status=status,
                digest=capture.digest,
                filename=self._name,
                offset=offset,
                length=length,
            )
        )


def write(archive: Archive, evidence: Evidence, writer: Writer, on_page: Callable[[Version], None]) -> None:
    """Write every capture, then every look that met the same payload."""

    def stored(key: str) -> tuple[str, bytes]:
        return key, archive.store.get(key)

    for key, data in read_ahead(stored, evidence.snapshots(on_page)):
        parsed = layout.parse(key)
        if not isinstance(parsed, layout.SnapshotKey):
            raise codec.Damaged(f"{key}: no snapshot's key")
        try:
            writer.snapshot(parsed.payload_digest, data)
        except codec.Damaged as error:
            raise codec.Damaged(f"{key}: {error}") from error
    for sighting in evidence.looks(writer.holds):
        writer.revisit(sighting)
    writer.close()


def write_files(archive: Archive, evidence: Evidence, root: Path, stem: str, size: int) -> tuple[int, list[str]]:
    """WARC files and ``<stem>.cdxj`` under ``root``; how many captures, and the files' names.

    One file is ``<stem>.warc.gz``; of several, the second is ``<stem>-00001.warc.gz`` and so on.
    """
    names: list[str] = []

    def begin(number: int) -> tuple[str, BinaryIO]:
        names.append(f"{stem}.warc.gz" if number == 0 else f"{stem}-{number:05d}.warc.gz")
        return names[-1], (root / names[-1]).open("xb")

    writer = Writer(begin, size=size, until=evidence.as_of)
    try:
        write(archive, evidence, writer, lambda version: None)
        names.append(f"{stem}.cdxj")
        cdxj.write_plain(writer.index, root / names[-1])
    finally:
        writer.close()
        writer.index.close()
    return writer.captures, names


# ---------------------------------------------------------------- records


def warc_target(url: str) -> str:
    """The address as a WARC header can hold it: ASCII, without white space or user information."""
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
    return quote(bare, safe="!$%&'()*+,/:;=?@[]~", errors="replace")


def _response(data: bytes) -> Response:
    try:
        records = ArchiveIterator(BytesIO(data))
        record = next(iter(records))
        headers, http_headers = record.rec_headers, record.http_headers
        if record.rec_type != "response" or http_headers is None:
            raise codec.Damaged("does not begin with a response")
        capture = Original(
            record_id=headers.get_header("WARC-Record-ID"),
            url=headers.get_header("WARC-Target-URI"),
            time=snapshots.date_of(headers.get_header("WARC-Date") or ""),
            digest=headers.get_header("WARC-Payload-Digest"),
        )
        status = http_headers.get_statuscode()
        mime = (http_headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
        records.read_to_end(record)
        return Response(
            records.get_record_offset(),
            records.get_record_length(),
            capture,
            int(status) if status.isdecimal() else None,
            mime or "unk",
        )
    except (ArchiveLoadFailed, StopIteration, EOFError, TypeError, ValueError) as error:
        raise codec.Damaged(f"is no WARC: {error}") from error


def _revisit(look: Original, status: int | None, original: Original) -> bytes:
    # WARC 1.1, 6.7: a revisit may have no record block, and then a Content-Length of zero.
    return _record(
        [
            ("WARC-Type", "revisit"),
            ("WARC-Record-ID", _urn(f"revisit {look.url} {moment(look.time)} {look.digest}")),
            ("WARC-Date", _instant(look.time)),
            ("WARC-Target-URI", look.url),
            ("WARC-Profile", NOT_MODIFIED if status == http.HTTPStatus.NOT_MODIFIED else IDENTICAL),
            ("WARC-Refers-To", original.record_id),
            ("WARC-Refers-To-Target-URI", original.url),
            ("WARC-Refers-To-Date", _instant(original.time)),
            ("WARC-Payload-Digest", original.digest),
        ],
        b"",
    )


def _information(name: str) -> bytes:
    now = datetime.now(UTC)
    facts = {
        "software": f"nianbao/{__version__}",
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": "nianbao",
        "description": "Captures of annual reports on open government information, as crawled. A revisit was found "
        "equal to its original after content coding was undone; the headers of that look were not kept.",
    }
    block = "".join(f"{name}: {value}\r\n" for name, value in facts.items()).encode()
    return _record(
        [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", f"<{uuid.uuid4().urn}>"),
            ("WARC-Date", _instant(now)),
            ("WARC-Filename", name),
            ("Content-Type", "application/warc-fields"),
        ],
        block,
    )


def _record(headers: list[tuple[str, str]], block: bytes) -> bytes:
    headers.append(("WARC-Block-Digest", f"sha256:{hashlib.sha256(block).hexdigest()}"))
    headers.append(("Content-Length", str(len(block))))
    head = "WARC/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
    return codec.gzip_member(head.encode() + block + b"\r\n\r\n")


def _urn(seed: str) -> str:
    return f"<{uuid.uuid5(uuid.NAMESPACE_URL, seed).urn}>"


def _instant(time: datetime) -> str:
    return moment(time).removesuffix("+00:00") + "Z"
