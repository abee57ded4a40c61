"""What a killed run kept and had no time to read is not asked for again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from crawler.download import response_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class KeptMiddleware:
    """Answers from the archive the request for a page whose capture waits there to be read (``meta["kept"]``: its payload
    digest). After the hosts and robots.txt, before the portal's turn."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> KeptMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        digest = request.meta.pop("kept", None)
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        if digest is None or ledger is None:
            return None
        capture = await asyncio.to_thread(ledger.archive.kept_lately, request.meta["portal"], request.url, digest)
        if capture is None:
            return None
        self.crawler.stats.inc_value("pages/kept_before")
        request.meta["capture"] = capture
        return response_of(capture)
