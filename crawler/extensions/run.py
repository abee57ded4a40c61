"""The run summary (contract §4): every portal settled, every failure named, written last."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy import signals

from crawler.errors import ArchiveError, NianbaoError
from spiders.watch import INTERRUPTED

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response
    from twisted.python.failure import Failure

log = logging.getLogger(__name__)


class RunSummary:
    """Counts requests and bytes for each portal, stops the run when the archive fails, writes the summary."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.started = datetime.now(UTC)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RunSummary:
        extension = cls(crawler)
        for signal, handler in (
            (signals.request_left_downloader, extension.asked),
            (signals.response_downloaded, extension.answered),
            (signals.item_error, extension.item_failed),
            (signals.spider_error, extension.spider_failed),
            (signals.spider_closed, extension.closed),
        ):
            crawler.signals.connect(handler, signal)
        return extension

    def asked(self, request: Request, spider: Spider) -> None:
        """A request that was sent; one that waits in its portal's slot does not count yet."""
        self._count(request, "requests", 1)

    def answered(self, response: Response, request: Request, spider: Spider) -> None:
        capture = request.meta.get("capture")
        self._count(request, "bytes", len(capture.entity) if capture else len(response.body))

    def _count(self, request: Request, counter: str, by: int) -> None:
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        key = request.meta.get("portal")
        if ledger is not None and key in ledger.watches:
            ledger.watches[key].count(counter, by)

    def item_failed(self, item: Any, response: Any, spider: Any, failure: Failure) -> None:
        error = failure.value
        if isinstance(error, ArchiveError):
            self._stop(error)
        else:
            spider.ledger.stage_failed(item, error)

    def spider_failed(self, failure: Failure, response: Any, spider: Any) -> None:
        error = failure.value
        if isinstance(error, NianbaoError):
            self._stop(error)

    def _stop(self, error: NianbaoError) -> None:
        if self.crawler.stats.get_value("run/failure") is None:
            log.info("%s", error)  # the command's last line says it, too
            self.crawler.stats.set_value("run/failure", error)
            self._stopping = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="archive_failed"))

    async def closed(self, spider: Any, reason: str) -> None:
        ledger = getattr(spider, "ledger", None)
        if ledger is None:
            return
        spider.roster.stop()
        if self.crawler.stats.get_value("run/failure") is not None:
            await asyncio.to_thread(ledger.leave)
            return
        if reason == "shutdown" and ledger.cut is None:
            ledger.cut = INTERRUPTED
        try:
            summary = await asyncio.to_thread(ledger.close, self.started)
        except ArchiveError as error:
            self.crawler.stats.set_value("run/failure", error)
        else:
            self.crawler.stats.set_value("run/summary", summary)
