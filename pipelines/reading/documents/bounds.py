"""How much of a document is read: bounds on bytes, members, time. What goes past one is a named ``Unreadable``."""

from __future__ import annotations

import lzma
import re
import time
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from crawler.errors import Unreadable

MAX_BYTES = 128 * 1024 * 1024
MAX_UNPACKED = 512 * 1024 * 1024
MAX_MEMBER = 256 * 1024 * 1024
MAX_MEMBERS = 5_000
MAX_RATIO = 300  # of a member over a megabyte; text documents deflate to a tenth, blank sheets to a hundredth
MAX_XML = 32 * 1024 * 1024  # one part of an office document
SECONDS = 90.0

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    NotImplementedError,
    ValueError,
    RuntimeError,
)
_DECLARATIONS = [
    f"<!{word}".encode(codec) for word in ("DOCTYPE", "ENTITY") for codec in ("ascii", "utf-16-le", "utf-16-be")
]
_DTD = re.compile(b"|".join(map(re.escape, _DECLARATIONS)))


class Deadline:
    """A clock that raises ``Unreadable`` once a document has taken too long; looked at between pages and parts."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds to go."""
        return self._end - time.monotonic()

    def check(self) -> None:
        if time.monotonic() > self._end:
            raise Unreadable("reading the document took too long", name="document_too_slow")


def opened_zip(data: bytes) -> zipfile.ZipFile:
    """A zip whose declared sizes are within bounds. Raises ``Unreadable`` (damaged, encrypted, zip bomb)."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(f"damaged zip: {error}", name="document_damaged") from error
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise Unreadable(f"{len(members)} members in one zip", name="document_bomb")
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Unreadable("the zip unpacks to too much", name="document_bomb")
    for member in members:
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > MAX_MEMBER or (member.file_size > 1_000_000 and ratio > MAX_RATIO):
            raise Unreadable(f"{member.filename!r} unpacks to {member.file_size} bytes", name="document_bomb")
    return archive


def member(archive: zipfile.ZipFile, name: str, limit: int = MAX_MEMBER) -> bytes:
    """One member's bytes; never more than it declared, so a lying header cannot unpack without end."""
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise Unreadable(f"{name!r} is missing", name="document_damaged") from error
    if info.flag_bits & 0x1:
        raise Unreadable(f"{name!r} is encrypted", name="document_encrypted")
    if info.file_size > limit:
        raise Unreadable(f"{name!r} unpacks to {info.file_size} bytes", name="document_bomb")
    try:
        with archive.open(info) as stream:
            content = stream.read(info.file_size + 1)
    except _DAMAGE as error:
        raise Unreadable(f"{name!r} cannot be unpacked: {error}", name="document_damaged") from error
    if len(content) > info.file_size:
        raise Unreadable(f"{name!r} unpacks to more than it declares", name="document_bomb")
    return content


def xml_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """An XML part of an office document. Office formats have no DTD: one with entities is an attack."""
    content = member(archive, name, MAX_XML)
    refuse_dtd(content, name)
    return content


def refuse_dtd(content: bytes, name: str) -> None:
    if _DTD.search(content):
        raise Unreadable(f"{name!r} has a DTD", name="document_bomb")


def refuse_dtds(archive: zipfile.ZipFile) -> None:
    """Looks at every XML part, for readers that unpack the archive by themselves."""
    for info in archive.infolist():
        if PurePosixPath(info.filename).suffix.lower() in (".xml", ".rels", ".vml"):
            xml_part(archive, info.filename)
