"""KEEP: a capture becomes a snapshot before anything reads it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from crawler.items import Visit

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from storage.archive import Archive


class KeepPipeline:
    """First stage. Bytes the archive holds already are not written again."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.ledger: Any = crawler.spider.ledger  # type: ignore[union-attr]  # spiders.ledger.Ledger, the run
        self.archive: Archive = self.ledger.archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> KeepPipeline:
        return cls(crawler)

    async def process_item(self, item: object) -> object:
        if isinstance(item, Visit) and item.capture is not None:
            known = item.known.payload_digest if item.known else None
            if item.capture.payload_digest != known:
                await asyncio.to_thread(self.archive.put_snapshot, item.capture)
                self.crawler.stats.inc_value("snapshots/kept")
        return item
