"""The run the stages belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


def ledger_of(crawler: Crawler) -> Any:
    """The run's ``spiders.ledger.Ledger``. Raises ``NotConfigured`` where there is no run: ``scrapy shell``."""
    ledger = getattr(crawler.spider, "ledger", None)
    if ledger is None:
        raise NotConfigured("no run to keep, read and file for")
    return ledger
