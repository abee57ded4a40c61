"""Manners in time: one connection and one delay for a portal, all its hosts and schemes together.

And whose turn it is where more is to be done than the cores can do: then answers would pile up in memory, and the portal
that takes longest, with which the run ends, would be asked as late as any other.
"""

from __future__ import annotations

import heapq
from collections.abc import Coroutine
from itertools import takewhile
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader import Downloader, Slot
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.asyncio import call_later
from twisted.python.failure import Failure

from crawler.middlewares.hosts import LeftAlone
from crawler.urls import bare_host, host_of
from pipelines.pool import readers

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred

LEAST_DELAY = 0.001  # seconds; a slot without any delay cannot be told to wait
PLENTY = 32  # answers in hand for each reader: with more, further ones would only wait
LOOK = 0.01  # seconds between two looks whether there is room for more
TRICKLE = 10  # looks after which one request goes out all the same: readers may hang


class PortalDownloader(Downloader):
    """A downloader whose slots are portals.

    Everything sent to a portal goes through its slot: lists, pages, attachments and robots.txt, whoever asks.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._plenty = PLENTY * (self.settings.getint("READERS") or readers())
        self._waited_for = 0  # requests under way or waiting that a page in hand waits for
        self._held_back: dict[Slot, None] = {}  # slots whose turn has come
        self._is_looking = False
        self._looks = 0

    async def _enqueue_request(self, request: Request) -> Response:
        belongs = _is_waited_for(request) and not request.meta.get("robots")
        self._waited_for += belongs
        try:
            return await super()._enqueue_request(request)
        finally:
            self._waited_for -= belongs

    def get_slot_key(self, request: Request) -> str:
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        host = bare_host(host_of(request.url))
        key: str = request.meta.get("portal") or (ledger.portal_of_host.get(host, host) if ledger else host)
        if key not in self.per_slot_settings:
            portal = ledger.portals.get(key) if ledger else None
            delay = self._delay if portal is None or portal.delay is None else portal.delay
            self.per_slot_settings[key] = {"concurrency": 1, "delay": max(delay, LEAST_DELAY), "jitter": 0}
        return key

    def _process_queue(self, slot: Slot, *, may_wait: bool = True) -> None:
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
        if may_wait and self._is_one_too_many(slot):
            self._held_back[slot] = None
            if not self._is_looking:
                self._is_looking = True
                call_later(LOOK, self._let_go)
        else:
            self._held_back.pop(slot, None)
            super()._process_queue(slot)

    def _is_one_too_many(self, slot: Slot) -> bool:
        """Whether a portal's turn has come while more is in hand than the cores can do."""
        if not slot.queue or _is_waited_for(slot.queue[0][0]):
            return False
        if slot in self._held_back:
            return True
        has_its_turn = slot.free_transfer_slots() > 0 and slot.lastseen + slot.delay <= monotonic()
        return has_its_turn and self._in_hand() >= self._plenty

    def _in_hand(self) -> int:
        """Answers that are being looked at, read or filed; not those that wait for their attachments."""
        engine = self.crawler.engine
        scraping = engine.scraper.slot if engine else None
        return len(scraping.active) + len(scraping.queue) - self._waited_for if scraping else 0

    def _let_go(self) -> None:
        """Of those held back the most urgent go on, as there is room."""
        self._looks += 1
        room = max(self._plenty - self._in_hand(), self._looks % TRICKLE == 0)
        for slot in self._most_urgent(room):
            del self._held_back[slot]
            self._process_queue(slot, may_wait=False)
        self._is_looking = bool(self._held_back)
        if self._is_looking:
            call_later(LOOK, self._let_go)

    def _most_urgent(self, number: int) -> list[Slot]:
        """The portals that take longest, for the run ends with them. How long one takes whose list has not been read
        nobody knows: it goes before those that take less than half as long as the longest."""
        if number >= len(self._held_back):
            return list(self._held_back)
        left = {slot: self._seconds_left(slot) for slot in self._held_back}
        unknown = max(left.values()) / 2
        for slot in left:
            if slot.queue and slot.queue[0][0].priority > 0:
                left[slot] = max(left[slot], unknown)
        return heapq.nlargest(number, left, key=left.__getitem__)

    def _seconds_left(self, slot: Slot) -> float:
        """What a portal needs at the least for all that is known to be asked of it."""
        if not slot.queue:
            return 0.0
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        watch = ledger and ledger.watches.get(self.get_slot_key(slot.queue[0][0]))
        waiting: int = watch.pending if watch else len(slot.active)
        return waiting * slot.delay

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
