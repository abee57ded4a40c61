"""What was kept, read again by this extractor: digests compare only within one."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from crawler.items import Page, Reading, Version
from crawler.urls import identity
from pipelines.rule import Content
from storage import layout

if TYPE_CHECKING:
    from pipelines.pool import ReaderPool
    from storage.archive import Archive

MAX_FURTHER_PAGES = 50


def wanted_parts(reading: Reading) -> tuple[str, ...]:
    """The addresses of what the body goes on in: frames and further pages."""
    return (*reading.frames, *reading.further_pages[:MAX_FURTHER_PAGES])


def needed_documents(reading: Reading) -> frozenset[str]:
    """The identities of the documents the body stands in."""
    return frozenset(identity(url) for url in reading.details.get("needed_documents", ()))


async def kept_page(archive: Archive, page: Page, url: str, payload_digest: str) -> Page:
    """The page as it was kept. Its address is given: equal bytes are kept once, under the address seen first."""
    stored = await asyncio.to_thread(archive.snapshot, layout.snapshot_key(payload_digest))
    return dataclasses.replace(page, url=url, payload=stored.payload, content_type=stored.content_type)


async def read_whole(archive: Archive, pool: ReaderPool, page: Page, kept: Mapping[str, tuple[str, str]]) -> Reading:
    """A kept page with what of its parts was kept: identity → (address, payload digest). Raises ``Unreadable``."""
    reading = await pool.read(page)
    wanted = [*(identity(url) for url in wanted_parts(reading)), *needed_documents(reading)]
    parts = [await kept_page(archive, page, *kept[place]) for place in dict.fromkeys(wanted) if place in kept]
    return await pool.read(page, parts) if parts else reading


async def version_today(archive: Archive, pool: ReaderPool, version: Version) -> Content:
    """What this extractor makes of a version another one read. Raises ``Unreadable``."""
    kept = dict(await asyncio.to_thread(lambda: [_part(archive, key) for key in version.parts]))
    kept |= {identity(a.url): (a.url, a.digest) for a in version.attachments}
    context = Page(url=version.url, payload=b"", division=version.division, platform=version.platform)
    page = await kept_page(archive, context, version.url, version.payload_digest)
    reading = await read_whole(archive, pool, page, kept)
    return Content(reading.body_digest, reading.metadata_digest, version.attachments_digest)


def _part(archive: Archive, key: str) -> tuple[str, tuple[str, str]]:
    stored = archive.snapshot(key)
    return identity(stored.url), (stored.url, stored.payload_digest)


def by_place(addresses: Iterable[tuple[str, str | None]]) -> dict[str, tuple[str, str]]:
    """``read_whole``'s ``kept`` of addresses and the digests last seen there."""
    return {identity(url): (url, digest) for url, digest in addresses if digest}
