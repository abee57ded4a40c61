"""An answer is looked at before anyone reads it: refusals and failures get their names here.

What passes (5xx, 429 with Retry-After, an empty answer, a broken connection) is asked again, a bounded number of times
and not before the portal wants; what does not is raised under its name and reaches the spider's errback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http.request import NO_CALLBACK

from crawler.errors import Blocked, NianbaoError, Unreadable
from crawler.refusals import is_transient, recognise

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
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if request.meta.get("robots"):
            return self._robots(request, response)
        refusal = self._refusal_of(response, request)
        if refusal is None:
            return self._whole(request, response)
        self.crawler.stats.inc_value(f"refusals/{refusal.name}")
        try:
            again = self._again(request, refusal.name, refusal) if is_transient(refusal) else None
        except Blocked as too_long:
            refusal, again = too_long, None
        if again is None:
            self._tell(request, refusal)
            raise refusal
        return again

    def _robots(self, request: Request, response: Response) -> Request | Response:
        """Of robots.txt, a failing server is asked again; what its answer means is the robots middleware's to say."""
        refusal = refusal_of(response, request) if response.status >= 500 else None
        again = self._again(request, refusal.name, refusal) if refusal and is_transient(refusal) else None
        return again or response

    def _tell(self, request: Request, refusal: NianbaoError) -> None:
        """A page that refuses us speaks for its portal at once: the errback comes after the next request's turn."""
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        watch = ledger.watches.get(request.meta.get("portal")) if ledger else None
        if watch is not None and isinstance(refusal, Blocked) and request.callback is not NO_CALLBACK:
            watch.refuses(refusal)

    def _refusal_of(self, response: Response, request: Request) -> NianbaoError | None:
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        portal = ledger.portals.get(request.meta.get("portal")) if ledger else None
        return refusal_of(response, request, portal.home if portal else None)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        transient = is_transient(exception) or isinstance(exception, NETWORK)
        return self._again(request, type(exception).__name__, exception) if transient else None

    def _whole(self, request: Request, response: Response) -> Request | Response:
        """A truncated answer is asked for again; the last one passes, marked, to be kept and not read."""
        capture: Capture | None = request.meta.get("capture")
        if capture is None or capture.truncated is None:
            return response
        self.crawler.stats.inc_value("refusals/truncated")
        return self._again(request, "truncated", Unreadable("truncated")) or response

    def _again(self, request: Request, reason: str, error: Exception) -> Request | None:
        """``None`` where it was asked often enough. Raises ``Blocked`` where we are to wait longer than a run may."""
        wait = getattr(error, "retry_after", None)
        if wait is not None:
            if wait > self.longest:
                raise Blocked(f"asks us to wait {wait:g} s: {request.url}", name="asked_to_wait") from error
            downloader: Any = self.crawler.engine.downloader
            downloader.wait(downloader.get_slot_key(request), wait)
        assert self.crawler.spider is not None
        return get_retry_request(request, spider=self.crawler.spider, reason=reason, give_up_log_level="INFO")
