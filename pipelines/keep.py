"""KEEP: a capture becomes a snapshot before anything reads it.

The page of a known report is held in memory instead until it is known to say something new (``file`` keeps it) or not to
be readable (``read`` does): portals print visit counters and the date of the day into every page, and a crawl that finds
nothing new writes no objects."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from crawler.items import Capture, Sighting, Visit
from pipelines.run import ledger_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from storage.archive import Archive


def is_kept_at_once(visit: Visit) -> bool:
    """Whether what was fetched becomes a snapshot before it is read."""
    return visit.known is None or not visit.known.report_id


class KeepPipeline:
    """First stage."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.ledger = ledger_of(crawler)
        self.archive: Archive = self.ledger.archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> KeepPipeline:
        return cls(crawler)

    async def process_item(self, item: object) -> object:
        if not isinstance(item, Visit) or item.capture is None:
            return item
        if is_kept_at_once(item):
            await asyncio.to_thread(self._keep, item, item.capture)
        elif item.known is not None and self._waits(item, item.capture, item.known):
            await asyncio.to_thread(self.archive.lay_aside, item.capture, self.ledger.run)
        return item

    def _waits(self, visit: Visit, capture: Capture, known: Sighting) -> bool:
        """Whether a page is not read at once: others of its portal come first."""
        whole = not capture.truncated and not visit.portal.browser
        read = whole and capture.payload_digest != known.payload_digest
        return read and self.ledger.watches[visit.portal.key].handed > 1

    def _keep(self, visit: Visit, capture: Capture) -> None:
        # What was drawn is more than what was sent, and is drawn again.
        if visit.known is None and not capture.truncated and not visit.portal.browser:
            self.archive.keep_unread(capture, self.ledger.run)
        else:
            self.archive.put_snapshot(capture)
