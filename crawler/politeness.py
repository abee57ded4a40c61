"""Manners in time: one connection and one delay for a portal, all its hosts and schemes together."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader import Downloader

from crawler.urls import bare_host, host_of

if TYPE_CHECKING:
    from scrapy import Request

# Seconds. A slot without any delay cannot be told to wait, and Scrapy 2.19 then forgets its concurrency: requests count
# as under way only once their coroutine has run, and a slot without delay sends all it has before that.
LEAST_DELAY = 0.001


class PortalDownloader(Downloader):
    """A downloader whose slots are portals.

    Everything sent to a portal goes through its slot: lists, pages, attachments and robots.txt, whoever asks.
    """

    def get_slot_key(self, request: Request) -> str:
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        host = bare_host(host_of(request.url))
        key: str = request.meta.get("portal") or (ledger.portal_of_host.get(host, host) if ledger else host)
        if key not in self.per_slot_settings:
            portal = ledger.portals.get(key) if ledger else None
            delay = self._delay if portal is None or portal.delay is None else portal.delay
            self.per_slot_settings[key] = {"concurrency": 1, "delay": max(delay, LEAST_DELAY), "jitter": 0}
        return key

    def ask_slower(self, key: str, delay: float) -> None:
        """From now on at least ``delay`` seconds between two requests to this portal (robots.txt's Crawl-delay)."""
        settings = self.per_slot_settings.setdefault(key, {"concurrency": 1, "delay": self._delay, "jitter": 0})
        settings["delay"] = max(settings["delay"], delay)
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        if ledger and (watch := ledger.watches.get(key)):
            watch.slowest = settings["delay"]
        if key in self.slots:
            self.slots[key].delay = max(self.slots[key].delay, delay)

    def sent(self, request: Request) -> None:
        """A request was sent just now."""
        if slot := self.slots.get(self.get_slot_key(request)):
            slot.lastseen = max(slot.lastseen, monotonic())

    def wait(self, key: str, seconds: float) -> None:
        """Send nothing to this portal for that long (Retry-After)."""
        if slot := self.slots.get(key):
            slot.lastseen = max(slot.lastseen, monotonic() + seconds - slot.delay)
