"""Redirects: Scrapy's, without the referer it would rather send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares import redirect
from scrapy.exceptions import IgnoreRequest

from crawler.errors import Blocked, Unreadable
from crawler.middlewares.refusals import refusal_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response


class RedirectMiddleware(redirect.RedirectMiddleware):
    """Follows 30x; a redirect that goes round in circles has a name."""

    def handle_referer(self, request: Request, response: Response) -> None:
        request.headers.pop("Referer", None)

    def _engine_started(self) -> None:
        """No referer is sent, so there is nothing to look up."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        if 300 <= response.status < 400 and isinstance(refusal := refusal_of(response, request), Blocked):
            raise refusal  # a redirect to itself that only sets a cookie
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise Unreadable(f"redirects without end: {request.url}", name="redirect_loop") from error
