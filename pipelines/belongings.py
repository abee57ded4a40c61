"""What belongs to a page and has an address of its own: attachments, further pages of a body, framed bodies.

They are fetched like everything else: through the portal's slot, its robots.txt and the checks for refusals.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from crawler.errors import Blocked, NianbaoError, Unreadable, error_name
from crawler.items import Capture, Sighting
from crawler.refusals import is_transient
from crawler.urls import clean, identity
from pipelines.reading.documents import media_type
from pipelines.reading.documents.markup import is_office_markup
from storage import layout
from storage.jottings import Unread
from storage.sightings import BELONGINGS

LEFT_ASIDE = ("robots", "off_site")
PAGES = (".html", ".htm", ".shtml")

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from storage.archive import Archive
    from storage.sightings import PortalState


HadBefore = Callable[[str, Sighting | None], Unread | None]


@dataclass(frozen=True, slots=True)
class Belonging:
    """One fetched belonging, its bytes on demand, or the name of what kept it from us."""

    url: str
    sighting: Sighting | None = None
    payload: bytes = b""
    content_type: str | None = None
    changed: bool = False  # its bytes are not those last seen there
    error: str | None = None
    passing: bool = False  # the error may be gone tomorrow
    left_aside: bool = False  # rightly not had: robots.txt, another host, a page where a file was hoped for

    @property
    def digest(self) -> str | None:
        return self.sighting.payload_digest if self.sighting else None

    @property
    def snapshot(self) -> str:
        assert self.digest is not None
        return layout.snapshot_key(self.digest)


class Belongings:
    """Fetches belongings of one portal's pages, once each and run, conditionally where the archive knows them."""

    def __init__(self, crawler: Crawler, archive: Archive, run: str) -> None:
        self.crawler = crawler
        self.archive = archive
        self._run = run
        self._fetching: dict[str, asyncio.Task[Belonging]] = {}
        self._had: dict[str, Belonging] = {}

    async def fetch(self, url: str, portal: str, state: PortalState, had_before: HadBefore, outcome: str) -> Belonging:
        """``had_before``: what a killed run had of an address that is known as this. Raises nothing: what went wrong is in the
        answer, by name."""
        key = f"{portal} {identity(url)}"
        if (had := self._had.get(key)) is not None:
            return await asyncio.to_thread(self._with_payload, had)
        if key not in self._fetching:
            self._fetching[key] = asyncio.ensure_future(self._fetch(clean(url), portal, state, had_before, outcome))
        belonging = await self._fetching[key]
        self._fetching.pop(key, None)
        self._had[key] = replace(belonging, payload=b"")  # what many pages link to is kept in the archive, not here
        return belonging

    def _with_payload(self, had: Belonging) -> Belonging:
        if had.digest is None:
            return had
        return replace(had, payload=self.archive.snapshot(layout.snapshot_key(had.digest)).payload)

    async def _fetch(self, url: str, portal: str, state: PortalState, had_before: HadBefore, outcome: str) -> Belonging:
        known = state.locations.get(identity(url))
        if known is not None and (known.payload_digest is None or known.outcome not in BELONGINGS):
            known = None
        meta = {"portal": portal}
        if (before := had_before(url, known)) is not None:
            if known is not None and before.payload_digest == known.payload_digest:
                return await self._as_known(url, portal, known, before.time)
            meta["kept"] = before.payload_digest
        request = Request(url, headers=_validators(known), callback=NO_CALLBACK, meta=meta)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 — named, counted, and decided upon by the caller
            return await self._lost(url, portal, known, error)
        capture: Capture = response.meta["capture"]
        if capture.truncated:
            return await self._lost(url, portal, known, Unreadable(f"cut off: {url}", name="truncated"))
        if capture.status == 304:
            if known is None:
                return await self._lost(url, portal, None, Unreadable(f"304 unasked: {url}", name="not_modified"))
            return await self._as_known(url, portal, known, capture.time)
        if outcome == "attachment" and _is_page(capture, url):
            await asyncio.to_thread(self.archive.put_snapshot, capture)
            page = Unreadable(f"an HTML page under the name of a file: {url}", name="not_a_document")
            return await self._lost(url, portal, known, page)
        unchanged = known is not None and capture.payload_digest == known.payload_digest
        if unchanged:
            await self._had_as_known(url, portal, capture.payload_digest, capture.time)
        else:
            await asyncio.to_thread(self.archive.keep_unread, capture, self._run)
        sighting = Sighting(
            run=self._run,
            portal=portal,
            time=capture.time,
            url=url,
            outcome=outcome,
            status=capture.status,
            payload_digest=capture.payload_digest,
            etag=capture.header("ETag"),
            last_modified=capture.header("Last-Modified"),
            fetched=capture.time,
        )
        return Belonging(url, sighting, capture.payload, capture.header("Content-Type"), changed=not unchanged)

    async def _as_known(
        self, url: str, portal: str, known: Sighting, time: datetime, error: str | None = None
    ) -> Belonging:
        assert known.payload_digest is not None
        if error is None:
            await self._had_as_known(url, portal, known.payload_digest, time)
        stored = await asyncio.to_thread(self.archive.snapshot, layout.snapshot_key(known.payload_digest))
        sighting = Sighting(
            run=self._run, portal=portal, time=time, url=url, outcome=known.outcome, status=304 if error is None else None,
            payload_digest=known.payload_digest, etag=known.etag, last_modified=known.last_modified,
            fetched=time if error is None else known.fetched,
        )  # fmt: skip
        return Belonging(url, sighting, stored.payload, stored.content_type, error=error, passing=error is not None)

    async def _had_as_known(self, url: str, portal: str, payload_digest: str, time: datetime) -> None:
        await asyncio.to_thread(self.archive.had, portal, url, Unread(payload_digest, self._run, time))

    async def _lost(self, url: str, portal: str, known: Sighting | None, error: Exception) -> Belonging:
        name = error_name(error)
        left_aside = name in LEFT_ASIDE or (name == "not_a_document" and known is None)
        named = isinstance(error, NianbaoError) or left_aside
        passing = is_transient(error) or isinstance(error, Blocked) or not named
        self.crawler.stats.inc_value(f"belongings/lost/{name}")
        if known is not None:
            # Not seen this time is not a change: what is known of it still stands.
            return await self._as_known(url, portal, known, datetime.now(UTC), error=name)
        return Belonging(url, error=name, passing=passing, left_aside=left_aside)


def _is_page(capture: Capture, url: str) -> bool:
    """A file's address answered with a page: a login, an error without its status, a portal's front page."""
    path = urlsplit(url).path
    name = unquote(path.rpartition("/")[2])
    a_page = not path.lower().endswith(PAGES) and media_type(capture.payload, name) == "text/html"
    return a_page and not is_office_markup(capture.payload)


def _validators(known: Sighting | None) -> dict[str, str]:
    if known is None:
        return {}
    stated = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in stated.items() if value}
