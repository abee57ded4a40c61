"""FILE: judge, then version → index → sighting. Nothing is overwritten, nothing deleted."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from crawler.errors import AlreadyExists, Unreadable
from crawler.items import Context, Finding, Reading, Ruling, Sighting, Version, Visit
from crawler.urls import clean, identity
from pipelines.evidence import evidence
from pipelines.keep import is_kept_at_once
from pipelines.pool import ReaderPool
from pipelines.rule import Content, judge, says_the_same, unchanged
from pipelines.run import ledger_of
from pipelines.stored import Read, version_today, wanted_parts

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from storage.archive import Archive
    from storage.sightings import PortalState

RACES = 8  # how often another writer may be first before something is wrong


class FilePipeline:
    """Last stage: ``Finding`` → version, pointers, sighting. Judging and writing stand under one lock per identity,
    so that two pages of one work that arrive together are judged one after the other."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.ledger = ledger_of(crawler)
        self.archive: Archive = self.ledger.archive
        self._spider: Any = crawler.spider
        self._pool = ReaderPool(crawler.settings.getfloat("READ_TIMEOUT"), workers=1)  # started for old extractors only
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: defaultdict[str, int] = defaultdict(int)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> FilePipeline:
        return cls(crawler)

    def close_spider(self) -> None:
        self._pool.close()

    async def process_item(self, item: object) -> object:
        if isinstance(item, Sighting):
            self.ledger.settle_sighting(item)
            await asyncio.to_thread(self.ledger.add, item)
        elif isinstance(item, Finding):
            ruling = await self._filed(item)
            self.ledger.settle_ruling(item, ruling)
        elif isinstance(item, Visit):
            raise TypeError("a visit reached the last stage unread")
        return item

    async def _filed(self, finding: Finding) -> Ruling:
        state: PortalState = self.ledger.watches[finding.visit.portal.key].state
        async with self._alone(finding):
            live = await self._lives(finding, state)
            return await asyncio.to_thread(self._file, finding, state, live, self._pool.from_thread())

    def _file(self, finding: Finding, state: PortalState, live: dict[str, bool], read: Read) -> Ruling:
        def today(version: Version) -> Content:
            return self._today(version, read)

        if (ruling := unchanged(finding)) is not None:  # nothing to look up, and every pointer is there
            self._say(finding, _sighting(finding, ruling, self.ledger.run))
            return ruling
        for _ in range(RACES):
            filed: Version | None = None
            known = evidence(self.archive, state, finding, lambda report: live.get(report, True), today)
            ruling = judge(finding, known)
            visit = finding.visit
            if (
                visit.capture is not None
                and not is_kept_at_once(visit)
                and _kept_digest(finding) == finding.payload_digest
            ):
                self.archive.put_snapshot(visit.capture)
            if ruling.opens:
                version = _version(finding, ruling, self.ledger.run)
                try:
                    self.archive.put_version(version)
                except AlreadyExists:
                    # Another writer was first, and may have died before anything pointed at what it wrote.
                    self.crawler.stats.inc_value("reports/races")
                    self._point(ruling)
                    continue
                self.archive.point_version(version, soon=True)
                filed = version
            elif finding.visit.known is None or finding.visit.known.version != ruling.version:
                filed = self._point(ruling)
            sighting = _sighting(finding, ruling, self.ledger.run)
            self.archive.point_sighting(sighting, beside=filed, soon=True)
            self._say(finding, sighting)
            return ruling
        raise AlreadyExists(f"{RACES} writers in a row were first at {finding.visit.entry.url}")

    def _say(self, finding: Finding, sighting: Sighting) -> None:
        for belonging in finding.belongings:
            self.ledger.add(belonging)
        self.ledger.add(sighting)

    def _point(self, ruling: Ruling) -> Version:
        filed = self.archive.filed(ruling.report_id, ruling.version)
        self.archive.point_version(filed, soon=True)
        return filed

    def _today(self, version: Version, read: Read) -> Content:
        try:
            return version_today(self.archive, read, version)
        except Unreadable:
            self.crawler.stats.inc_value("reports/not_read_again")
            return Content.of(version)

    async def _lives(self, finding: Finding, state: PortalState) -> dict[str, bool]:
        """Of reports that might be this one under an old address: whether that address can still be had."""
        reading = finding.reading
        here = identity(finding.visit.entry.url)
        if finding.visit.known is not None and finding.visit.known.report_id:
            return {}
        rivals = [
            s for s in state.by_work().get((reading.agency, reading.report_year, reading.title), ()) if s.report_id
        ]
        lives: dict[str, bool] = {}
        for rival in rivals:
            if identity(rival.url) != here and not lives.get(str(rival.report_id)):
                lives[str(rival.report_id)] = await self._spider.can_be_had(finding.visit.portal, rival)
        return lives

    @asynccontextmanager
    async def _alone(self, finding: Finding) -> AsyncIterator[None]:
        """Holds the locks of everything that may identify this finding, in one order for all."""
        reading = finding.reading
        keys = {identity(finding.visit.entry.url), f"number {reading.index_number}", f"body {reading.body_digest}"}
        keys.add(f"work {reading.agency} {reading.report_year} {reading.title}")
        async with AsyncExitStack() as stack:
            for key in sorted(keys):
                self._waiting[key] += 1
                stack.callback(self._left, key)
                await stack.enter_async_context(self._locks[key])
            yield

    def _left(self, key: str) -> None:
        self._waiting[key] -= 1
        if not self._waiting[key]:
            del self._waiting[key], self._locks[key]


def _version(finding: Finding, ruling: Ruling, run: str) -> Version:
    visit = finding.visit
    return Version(
        report_id=ruling.report_id,
        number=ruling.version,
        changed=ruling.changed,
        run=run,
        portal=visit.portal.key,
        province=visit.portal.province,
        division=visit.portal.division,
        platform=visit.platform,
        url=visit.entry.url,
        first_seen=visit.time,
        payload_digest=finding.payload_digest,
        snapshot=finding.snapshot,
        parts=finding.parts,
        attachments=finding.attachments,
        attachments_digest=finding.attachments_digest,
        reading=finding.reading,
        flags=ruling.flags,
        context=Context.of(visit.entry, visit.portal),
    )


def _sighting(finding: Finding, ruling: Ruling, run: str) -> Sighting:
    visit, reading = finding.visit, finding.reading
    capture, known = visit.capture, visit.known
    return Sighting(
        run=run,
        portal=visit.portal.key,
        time=visit.time,
        url=visit.entry.url,
        outcome=ruling.verdict,
        status=capture.status if capture else 304,
        report_id=ruling.report_id,
        version=ruling.version,
        kind=reading.kind,
        title=reading.title,
        agency=reading.agency,
        report_year=reading.report_year,
        index_number=reading.index_number,
        column=visit.entry.column.url,
        payload_digest=_kept_digest(finding),
        body_digest=reading.body_digest,
        metadata_digest=reading.metadata_digest,
        attachments_digest=finding.attachments_digest,
        extractor=reading.extractor,
        etag=capture.header("ETag") if capture else known.etag if known else None,
        last_modified=capture.header("Last-Modified") if capture else known.last_modified if known else None,
        fetched=visit.time if finding.whole else None,
        listed_as=visit.entry.listed_as,
        attachments=tuple(dict.fromkeys((*(s.url for s in finding.belongings), *_linked(reading)))),
    )


def _linked(reading: Reading) -> Iterator[str]:
    """What could not be had this time is asked for the next time, too, though the page stay as it is."""
    for url in (*wanted_parts(reading), *(link.url for link in reading.attachments)):
        with suppress(ValueError):
            yield clean(url)


def _kept_digest(finding: Finding) -> str:
    """The payload that stands for what was seen: the one kept earlier, where only chrome has changed since."""
    known = finding.visit.known
    if says_the_same(finding) and known is not None and known.payload_digest:
        return known.payload_digest
    return finding.payload_digest
