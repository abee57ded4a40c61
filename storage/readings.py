"""What another extractor made of a version later, kept beside it. The version itself stays as it was filed.

A reading is a function of kept bytes and of the extractor alone, so it carries no time: whoever makes it, and however
often, makes the same bytes. It is no version: it says that we read better, not that the agency changed anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from crawler.items import Attachment, Reading, Version
from storage import codec


@dataclass(frozen=True, slots=True)
class Rereading:
    """One version, read again."""

    report_id: str
    number: int
    reading: Reading
    attachments: tuple[Attachment, ...]  # those of the version, their text read again

    def of(self, version: Version) -> Version:
        """The version as it was read here. What it is made of stays: number, changes, bytes."""
        return replace(version, reading=self.reading, attachments=self.attachments)


def encode(rereading: Rereading) -> bytes:
    return codec.gzip_member(codec.to_json(codec.plain(rereading)))


def decode(data: bytes) -> Rereading:
    rereading = codec.decode(Rereading, codec.from_json(codec.gunzip(data)))
    codec.check_statistics(rereading.reading)
    return rereading
