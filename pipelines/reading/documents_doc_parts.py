"""The streams of an old Word file, and the parts of them that its information block places ([MS-DOC], FIB)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from crawler.errors import Unreadable
from pipelines.reading.documents_bounds import Deadline
from pipelines.reading.documents_types import ole_stream

# Places of the file information block: offsets, and numbers of its (offset, length) pairs.
TEXT_LENGTHS = 0x4C
PAIRS = 0x9A
STYLES, CHARACTER_RUNS, PARAGRAPH_RUNS, PIECES, LISTS, LIST_USES = 1, 12, 13, 33, 73, 74


@dataclass(frozen=True, slots=True)
class Parts:
    """An open file: its text, what lies about it, and further data."""

    stream: bytes
    table: bytes
    data: bytes
    deadline: Deadline

    def placed(self, number: int) -> tuple[int, int]:
        """Where a part stands in the table stream: (offset, length)."""
        place, length = struct.unpack_from("<II", self.stream, PAIRS + 8 * number)
        return place, length

    def part(self, number: int) -> bytes:
        """A part of the table stream, as the file information block places it."""
        place, length = self.placed(number)
        if place + length > len(self.table):
            raise Unreadable("the file is cut short", name="document_damaged")
        return self.table[place : place + length]


def parts_of(data: bytes, deadline: Deadline) -> Parts:
    """The streams of a Word 97–2003 file. Raises ``Unreadable``; ``document_unsupported`` for what is older."""
    stream = ole_stream(data, "WordDocument")
    if stream is None or len(stream) < PAIRS + 8 * (LIST_USES + 1):
        raise Unreadable("a Word file without its text", name="document_damaged")
    magic, version, flags = struct.unpack_from("<HH6xH", stream)
    if magic != 0xA5EC or version < 0xC1:
        raise Unreadable(f"Word's format number {magic:#x}/{version:#x} is older than 97", name="document_unsupported")
    if flags & 0x0100:
        raise Unreadable("the document asks for a password", name="document_encrypted")
    table = ole_stream(data, "1Table" if flags & 0x0200 else "0Table")
    if table is None:
        raise Unreadable("a Word file without its table stream", name="document_damaged")
    return Parts(stream, table, ole_stream(data, "Data") or b"", deadline)
