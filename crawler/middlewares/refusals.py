"""An answer is looked at before anyone reads it: refusals and failures get their names here.

What passes (5xx, 429 with Retry-After, an empty answer, a broken connection) is asked again, a bounded number of times
and not before the portal wants; what does not is raised under its name and reaches the spider's errback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http.request import NO_CALLBACK

from crawler.errors import Blocked, NianbaoError
from crawler.refusals import is_transient, recognise, sent_on

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.items import Capture

NETWORK = (CannotResolveHostError, DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError, OSError)


def refusal_of(response: Response, request: Request, home: str | None = None) -> NianbaoError | None:
    """What ``crawler.refusals`` recognises in an answer."""
    capture: Capture | None = request.meta.get("capture")
    if capture is None or response.status == 304:
        return None
    return recognise(
        response.status,
        capture.response_headers,
        capture.payload,
        url=response.url,
        requested=capture.redirects[0] if capture.redirects else request.url,
        redirects=capture.redirects,
        home=home,
    )


class RefusalMiddleware:
    """Counts refusals under ``refusals/<name>``, asks again where that helps, raises where it does not."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.longest = crawler.settings.getfloat("MAX_RETRY_AFTER")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RefusalMiddleware:
        middleware = cls(crawler)
        crawler.signals.connect(middleware._answered, signals.response_downloaded)
        return middleware

    def _answered(self, response: Response, request: Request) -> None:
        """Before the next request to the portal has its turn: what this answer asks of us. An answer that took longer than
        the delay would else be followed by a request that it forbids."""
        refusal = self._refusal_of(request, response)
        wait = getattr(refusal, "retry_after", None)
        if wait is not None:
            downloader: Any = self.crawler.engine.downloader
            downloader.wait(downloader.get_slot_key(request), wait)
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        watch = ledger.watches.get(request.meta.get("portal")) if ledger else None
        if watch is not None and isinstance(refusal, Blocked) and request.callback is not NO_CALLBACK:
            watch.refuses(refusal)  # of what belongs to a page, and of robots.txt, others decide

    def process_response(self, request: Request, response: Response) -> Request | Response:
        refusal = self._refusal_of(request, response)
        if request.meta.get("robots"):
            # A failing server is asked again; what its answer means is the robots middleware's to say.
            if refusal is not None and refusal.name == "asked_to_wait":
                raise refusal
            failing = response.status >= 500 and refusal is not None and is_transient(refusal)
            return (self._again(request, str(response.status)) if failing else None) or response
        if refusal is None:
            capture: Capture | None = request.meta.get("capture")
            if capture is not None and response.status == 200:
                request.meta["sent_on"] = sent_on(capture.response_headers, capture.payload, url=response.url)
            return self._whole(request, response)
        self.crawler.stats.inc_value(f"refusals/{refusal.name}")
        again = self._again(request, refusal.name) if is_transient(refusal) else None
        if again is None:
            raise refusal
        return again

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if too_long := self._too_long(request, exception):
            raise too_long from exception
        transient = is_transient(exception) or isinstance(exception, NETWORK)
        return self._again(request, type(exception).__name__) if transient else None

    def _refusal_of(self, request: Request, response: Response) -> NianbaoError | None:
        capture, seen = request.meta.get("capture"), request.meta.get("recognised")
        if seen is None or seen[0] is not capture:
            ledger: Any = getattr(self.crawler.spider, "ledger", None)
            portal = ledger.portals.get(request.meta.get("portal")) if ledger else None
            refusal = refusal_of(response, request, portal.home if portal else None)
            seen = request.meta["recognised"] = (capture, self._too_long(request, refusal) or refusal)
        found: NianbaoError | None = seen[1]
        return found

    def _too_long(self, request: Request, error: Exception | None) -> Blocked | None:
        """Whether an answer asks us to wait longer than a run may."""
        wait = getattr(error, "retry_after", None)
        if wait is None or wait <= self.longest:
            return None
        return Blocked(f"asks us to wait {wait:g} s: {request.url}", name="asked_to_wait")

    def _whole(self, request: Request, response: Response) -> Request | Response:
        """A truncated answer is asked for again; the last one passes, marked, to be kept and not read."""
        capture: Capture | None = request.meta.get("capture")
        if capture is None or capture.truncated is None:
            return response
        self.crawler.stats.inc_value("refusals/truncated")
        return self._again(request, "truncated") or response

    def _again(self, request: Request, reason: str) -> Request | None:
        """``None`` where it was asked often enough."""
        assert self.crawler.spider is not None
        return get_retry_request(request, spider=self.crawler.spider, reason=reason, give_up_log_level="INFO")
