"""READ: bytes become a ``Finding``; what is unchanged is not read again."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from scrapy.exceptions import DropItem

from crawler.errors import Unreadable
from crawler.items import Attachment, Context, Finding, Kind, Page, Reading, Remark, Sighting, Verdict, Visit
from crawler.urls import identity
from pipelines.belongings import Belonging, Belongings
from pipelines.pool import ReaderPool
from pipelines.reading import EXTRACTOR
from pipelines.reading.attachments import is_picture
from pipelines.reading.documents import media_type
from pipelines.run import ledger_of
from pipelines.stored import kept_page, needed_documents, read_whole, wanted_parts
from storage import layout
from storage.sightings import BELONGINGS

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from storage.archive import Archive

INCOMPLETE = "belongings_incomplete"
DOCUMENT_TEXT_LIMIT = 20 * 1024 * 1024


class ReadPipeline:
    """Second stage: ``Visit`` → ``Finding``, or → ``Sighting`` where nothing changed."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.ledger = ledger_of(crawler)
        self.archive: Archive = self.ledger.archive
        self.pool = ReaderPool(crawler.settings.getfloat("READ_TIMEOUT"), crawler.settings.getint("READERS"))
        self.belongings = Belongings(crawler, self.archive, self.ledger.run)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ReadPipeline:
        return cls(crawler)

    def close_spider(self) -> None:
        self.pool.close()

    async def process_item(self, item: object) -> object:
        if not isinstance(item, Visit):
            return item
        try:
            return await self._looked_at(item)
        except Unreadable as error:
            if item.capture is not None:
                await asyncio.to_thread(self.archive.put_snapshot, item.capture)
            self.ledger.quarantine(item, error)
            return _seen(item, error.name, self.ledger.run)

    async def _looked_at(self, visit: Visit) -> Finding | Sighting:
        known = visit.known
        if known is not None and self._same_payload(visit, known):
            kept = [await self._belonging(visit, url, self._outcome(visit, url)) for url in known.attachments]
            if known.extractor == EXTRACTOR and not any(b.changed for b in kept):
                self._still_asked(visit, kept)
                for belonging in kept:
                    if belonging.sighting:
                        await asyncio.to_thread(self.ledger.add, belonging.sighting)
                self.ledger.note_belongings(visit, kept)
                self.crawler.stats.inc_value("pages/unread")
                return _seen(visit, Verdict.UNCHANGED, self.ledger.run, whole=_whole(kept))
        if visit.capture is not None and visit.capture.truncated:
            raise Unreadable(f"cut off: {visit.entry.url}", name="truncated")
        page = await self._page(visit)
        kind = media_type(page.payload, _file_name(page.url))
        if kind.startswith(("image/", "audio/", "video/")) or kind == "application/octet-stream":
            raise Unreadable(f"{kind} instead of a page: {visit.entry.url}", name="not_a_page")
        return await self._finding(visit, page)

    def _same_payload(self, visit: Visit, known: Sighting) -> bool:
        if not known.report_id or not known.metadata_digest:
            return False
        return visit.capture is None or visit.capture.payload_digest == known.payload_digest

    async def _page(self, visit: Visit) -> Page:
        entry = visit.entry
        if visit.capture is not None:
            url, payload, kind = visit.capture.url, visit.capture.payload, visit.capture.header("Content-Type")
        else:
            url, payload, kind = entry.url, b"", None
        page = Context.of(entry, visit.portal).given(
            Page(
                url=url,
                payload=payload,
                content_type=kind,
                division=visit.portal.division,
                platform=visit.platform,
            )
        )
        if visit.capture is not None:
            return page
        if visit.known is None or visit.known.payload_digest is None:
            raise Unreadable(f"304 for what was never had: {entry.url}", name="not_modified")
        return await asyncio.to_thread(kept_page, self.archive, page, entry.url, visit.known.payload_digest)

    async def _known_today(self, visit: Visit, page: Page, known: Sighting, files: list[Belonging]) -> Sighting:
        """What an older extractor read there, read again by this one: digests compare only within one.

        ``files`` are the attachments had now. One that this extractor finds on the kept page as well, and the older one
        overlooked, was attached then as it is now; one that it finds there no more was none.
        """
        assert known.payload_digest is not None
        locations = self.ledger.watches[visit.portal.key].state.locations
        seen = [s for url in known.attachments if (s := locations.get(identity(url))) is not None]
        kept = [(s.url, s.payload_digest) for s in seen if s.outcome in BELONGINGS]
        named = {identity(url) for url in known.attachments}
        overlooked = {identity(b.url): b for b in files if b.digest and identity(b.url) not in named}
        kept += [(b.url, b.digest) for b in overlooked.values()]
        before = await asyncio.to_thread(kept_page, self.archive, page, known.url, known.payload_digest)
        try:
            reading = await asyncio.to_thread(read_whole, self.archive, self.pool.from_thread(), before, kept)
        except Unreadable:
            return known  # what this extractor cannot read it cannot say to be the same
        attached = {identity(s.url): s.payload_digest for s in seen if s.outcome == "attachment" and s.payload_digest}
        attachments_digest = known.attachments_digest
        if attachments_digest == _set_digest(attached.values()):
            attached |= {place: str(b.digest) for place, b in overlooked.items()}
            linked = {identity(link.url) for link in reading.attachments}
            attachments_digest = _set_digest(digest for place, digest in attached.items() if place in linked)
        return dataclasses.replace(
            known,
            body_digest=reading.body_digest,
            metadata_digest=reading.metadata_digest,
            attachments_digest=attachments_digest,
            extractor=EXTRACTOR,
        )

    async def _finding(self, visit: Visit, page: Page) -> Finding:
        reading = await self.pool.read(page)
        if reading.kind is Kind.ANNUAL_REPORT and reading.body is None and not _leads_on(reading):
            raise Unreadable(f"a report's title and nothing of a report: {visit.entry.url}", name="empty_report")
        parts = [await self._belonging(visit, url, "part") for url in wanted_parts(reading)]
        links = {link.url: link.name for link in reading.attachments}
        needed = needed_documents(reading)
        reading, parts = await self._with_parts(visit, page, reading)
        files = [await self._belonging(visit, url, "attachment") for url in links]
        got = [b for b in parts if b.digest]
        documents = [b for b in files if b.digest and identity(b.url) in needed]
        if documents:
            reading = await self.pool.read(page, [_as_page(b, page, links.get(b.url)) for b in (*got, *documents)])
        attachments, remarks = await self._attachments(files, links)
        lost = [b for b in (*parts, *files) if b.error]
        self._still_asked(visit, lost)
        remarks += [Remark("belonging.lost", f"{b.error}: {b.url}") for b in lost]
        beside = {b.url for b in lost if _is_beside(b, reading, needed)}
        lost = [b for b in lost if b.url not in beside]
        self.ledger.note_belongings(visit, [b for b in (*parts, *files) if b.url not in beside])
        incomplete = [b for b in lost if b.passing and not b.digest]
        if incomplete and visit.known is not None and visit.known.report_id and visit.known.outcome != INCOMPLETE:
            # A revision is not filed by halves, to be filed again when the rest can be had; not for ever, though.
            raise Unreadable(f"{incomplete[0].error}: {incomplete[0].url}", name=INCOMPLETE)
        known = visit.known
        if known is not None and known.extractor not in (None, EXTRACTOR) and known.payload_digest:
            visit = dataclasses.replace(visit, known=await self._known_today(visit, page, known, files))
        return Finding(
            visit=visit,
            snapshot=layout.snapshot_key(_digest(visit)),
            payload_digest=_digest(visit),
            parts=tuple(b.snapshot for b in got),
            attachments=attachments,
            attachments_digest=_set_digest(a.digest for a in attachments),
            reading=dataclasses.replace(reading, remarks=(*reading.remarks, *remarks)),
            belongings=tuple(b.sighting for b in (*parts, *files) if b.sighting),
            flags=(INCOMPLETE,) if incomplete else (),
            whole=_whole(lost),
        )

    async def _with_parts(self, visit: Visit, page: Page, reading: Reading) -> tuple[Reading, list[Belonging]]:
        """The page read with its further pages and frames, and those: a further page may name the one after it."""
        parts: list[Belonging] = []
        while True:
            had = {identity(part.url) for part in parts}
            further = [url for url in dict.fromkeys(wanted_parts(reading)) if identity(url) not in had]
            fetched = [await self._belonging(visit, url, "part") for url in further]
            parts += fetched
            if not any(part.digest for part in fetched):
                return reading, parts
            reading = await self.pool.read(page, [_as_page(part, page, None) for part in parts if part.digest])

    def _still_asked(self, visit: Visit, lost: list[Belonging]) -> None:
        """A page whose belongings were let go, because the run ends or another one may be here, is not looked at in this
        run: the next one begins with it again. Raises ``DropItem``."""
        if any(belonging.error == "left_alone" for belonging in lost):
            self.ledger.watches[visit.portal.key].let_go()
            raise DropItem(f"what belongs to it is not asked for any more: {visit.entry.url}")

    async def _belonging(self, visit: Visit, url: str, outcome: str) -> Belonging:
        watch = self.ledger.watches[visit.portal.key]
        return await self.belongings.fetch(url, visit.portal.key, watch.state, watch.had_before, outcome)

    def _outcome(self, visit: Visit, url: str) -> str:
        known = self.ledger.watches[visit.portal.key].state.locations.get(identity(url))
        return "part" if known is not None and known.outcome == "part" else "attachment"

    async def _attachments(
        self, files: list[Belonging], links: dict[str, str]
    ) -> tuple[tuple[Attachment, ...], list[Remark]]:
        kept: list[Attachment] = []
        remarks: list[Remark] = []
        for file in files:
            if file.digest is None:
                continue
            name = links.get(file.url) or _file_name(file.url)
            kind = media_type(file.payload, _file_name(file.url))
            text: str | None = None
            if len(file.payload) <= DOCUMENT_TEXT_LIMIT:
                try:
                    text = await self.pool.document_text(file.payload, kind)
                except Unreadable as error:
                    remarks.append(Remark(f"attachment.{error.name}", f"{error}: {file.url}"))
            kept.append(Attachment(name, file.url, kind, len(file.payload), file.digest, file.snapshot, text))
        return tuple(kept), remarks


def _is_beside(lost: Belonging, reading: Reading, needed: frozenset[str]) -> bool:
    """Whether nothing is missing where this is: a picture of a page that is no report."""
    if reading.kind is Kind.ANNUAL_REPORT or not is_picture(lost.url):
        return False
    return reading.kind is not Kind.OTHER or identity(lost.url) not in needed


def _leads_on(reading: Reading) -> bool:
    """Whether a page without a text of its own says where the text stands."""
    return bool(reading.attachments or wanted_parts(reading))


def _whole(belongings: list[Belonging]) -> bool:
    return not any(belonging.error and not belonging.left_aside for belonging in belongings)


def _seen(visit: Visit, outcome: str, run: str, *, whole: bool = True) -> Sighting:
    """The sighting of a look that brought nothing to file: unchanged, or not to be read."""
    known, capture, entry = visit.known, visit.capture, visit.entry
    seen = Sighting(run=run, portal=visit.portal.key, time=visit.time, url=entry.url, outcome=outcome)
    if known is not None:
        seen = dataclasses.replace(
            known, run=run, time=visit.time, outcome=outcome, url=entry.url, missed_runs=0, missed_since=None
        )
    seen = dataclasses.replace(
        seen, column=entry.column.url, status=capture.status if capture else 304, listed_as=entry.listed_as
    )
    if outcome != Verdict.UNCHANGED:
        # The validators stay those of the content that was read: what was not read has to be sent again.
        return seen
    return dataclasses.replace(
        seen,
        fetched=visit.time if whole else None,
        etag=(capture.header("ETag") if capture else None) or seen.etag,
        last_modified=(capture.header("Last-Modified") if capture else None) or seen.last_modified,
    )


def _as_page(belonging: Belonging, page: Page, name: str | None) -> Page:
    return dataclasses.replace(
        page, url=belonging.url, payload=belonging.payload, content_type=belonging.content_type, entry_title=name
    )


def _digest(visit: Visit) -> str:
    digest = visit.capture.payload_digest if visit.capture else visit.known and visit.known.payload_digest
    assert digest
    return digest


def _set_digest(digests: Iterable[str]) -> str:
    """Of the set of attachment digests: order, names and addresses do not count."""
    return hashlib.sha256("\n".join(sorted(set(digests))).encode()).hexdigest()


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])
