"""Manners in time: one connection and one delay for a portal, all its hosts and schemes together."""

from __future__ import annotations

from collections.abc import Coroutine
from itertools import takewhile
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader import Downloader, Slot
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from crawler.middlewares.hosts import LeftAlone
from crawler.urls import bare_host, host_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from twisted.internet.defer import Deferred

LEAST_DELAY = 0.001  # seconds; a slot without any delay cannot be told to wait
READ_WITHIN = 0.2  # seconds; a page is read and filed in less, unless the machine is short of breath
MOST_UNFILED = 32


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
        right to be there may have run out, or the run may be about to end. What a page in hand waits for, its attachments
        and parts, comes before further pages: few pages are begun and not filed, in memory and when a run is killed."""
        if len(slot.queue) > 1 and _is_waited_for(slot.queue[-1][0]):
            waiting = sum(1 for _ in takewhile(lambda queued: _is_waited_for(queued[0]), slot.queue))
            slot.queue.insert(min(waiting, len(slot.queue) - 1), slot.queue.pop())
        if slot.queue and (why := self._left_alone(slot.queue[0][0])):
            while slot.queue:
                request, answer = slot.queue.popleft()
                refused = LeftAlone(f"{why}; not asked any more: {request.url}")
                answer.errback(Failure(refused))  # type: ignore[no-untyped-call]
        if slot.queue and not _is_waited_for(slot.queue[0][0]) and self._ahead(slot.queue[0][0], slot.delay):
            return  # ``go_on`` comes back to it
        super()._process_queue(slot)

    def _ahead(self, request: Request, delay: float) -> bool:
        """Whether enough pages of this portal were answered and not filed yet. What is filed is not asked for again when
        a run is killed, and reading a portal's pages takes less than its delay; but the machine may be busy."""
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        watch = ledger.watches.get(self.get_slot_key(request)) if ledger else None
        return watch is not None and watch.handed >= min(1 + int(READ_WITHIN / delay), MOST_UNFILED)

    def go_on(self, key: str) -> None:
        """A page of this portal was filed, or will not be."""
        if slot := self.slots.get(key):
            self._process_queue(slot)

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        """A request is under way from when it is handed out: Scrapy 2.19 counts it only once its coroutine has run, and
        hands out the next one where that takes longer than the delay."""
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)

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


def _is_waited_for(request: Request) -> bool:
    return request.callback is NO_CALLBACK
