"""What was kept, read again by this extractor: digests compare only within one. Blocking; for a thread of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from crawler.items import Page, Reading, Version
from crawler.urls import identity
from pipelines.rule import Content
from storage import layout

if TYPE_CHECKING:
    from storage.archive import Archive

MAX_FURTHER_PAGES = 50

Read = Callable[[Page, Sequence[Page]], Reading]


def wanted_parts(reading: Reading) -> tuple[str, ...]:
    """The addresses of what the body goes on in: frames and further pages."""
    return (*reading.frames, *reading.further_pages[:MAX_FURTHER_PAGES])


def needed_documents(reading: Reading) -> frozenset[str]:
    """The identities of the documents the body stands in."""
    return frozenset(identity(url) for url in reading.details.get("needed_documents", ()))


def kept_page(archive: Archive, page: Page, url: str, payload_digest: str) -> Page:
    """The page as it was kept. Its address is given: equal bytes are kept once, under the address seen first."""
    stored = archive.snapshot(layout.snapshot_key(payload_digest))
    return dataclasses.replace(page, url=url, payload=stored.payload, content_type=stored.content_type)


def read_whole(archive: Archive, read: Read, page: Page, kept: Iterable[tuple[str, str | None]]) -> Reading:
    """A kept page with what was kept of its parts, given by address and payload digest. Raises ``Unreadable``."""
    reading = read(page, ())
    found: Mapping[str, tuple[str, str]] = {identity(url): (url, digest) for url, digest in kept if digest}
    needed, had = needed_documents(reading), set[str]()
    while True:  # a further page may name the one after it
        wanted = {*(identity(url) for url in wanted_parts(reading)), *needed} & found.keys()
        if wanted <= had:
            return reading
        had |= wanted
        reading = read(page, [kept_page(archive, page, *found[place]) for place in sorted(had)])


def version_today(archive: Archive, read: Read, version: Version) -> Content:
    """What this extractor makes of a version that another one read. Raises ``Unreadable``."""
    parts = [archive.snapshot(key) for key in version.parts]
    kept = [*((p.url, p.payload_digest) for p in parts), *((a.url, a.digest) for a in version.attachments)]
    page = Page(url=version.url, payload=b"", division=version.division, platform=version.platform)
    if version.context is not None:
        page = version.context.given(page)
    page = kept_page(archive, page, version.url, version.payload_digest)
    reading = read_whole(archive, read, page, kept)
    return Content(reading.body_digest, reading.metadata_digest, version.attachments_digest)
