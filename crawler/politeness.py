"""Manners in time: one connection and one delay for a portal, all its hosts and schemes together."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader import Downloader, Slot
from twisted.python.failure import Failure

from crawler.middlewares.hosts import LeftAlone
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

    def _process_queue(self, slot: Slot) -> None:
        """What waited for its turn is looked at again when the turn comes: a portal may have refused us meanwhile, the
        right to be there may have run out, or the run may be about to end."""
        if slot.queue and (why := self._left_alone(slot.queue[0][0])):
            while slot.queue:
                request, answer = slot.queue.popleft()
                refused = LeftAlone(f"{why}; not asked any more: {request.url}")
                answer.errback(Failure(refused))  # type: ignore[no-untyped-call]
        super()._process_queue(slot)

    def _left_alone(self, request: Request) -> str | None:
        if not self.crawler.crawling:
            return "the run ends"
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        return ledger.left_alone(self.get_slot_key(request)) if ledger else None

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
