"""Redirects: Scrapy's, without the referer it would rather send, and with the cookies a circle of them asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from scrapy.downloadermiddlewares import redirect
from scrapy.exceptions import IgnoreRequest
from w3lib.url import safe_url_string

from crawler.errors import Blocked, Unreadable
from crawler.middlewares.refusals import refusal_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

MOST_COOKIES = 20  # of one host
LONGEST_COOKIE = 4096  # bytes


class RedirectMiddleware(redirect.RedirectMiddleware):
    """Follows 30x; a redirect that goes round in circles has a name.

    No cookie is kept or sent, with one exception: some servers (moj.gov.cn's CT6T, domain facts §5) redirect to the
    very address that was asked for and only want their cookie back, as HTTP has it (RFC 6265). They get it, and from
    then on with every request to that host. Where it does not help, the portal refuses us.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._wanted: dict[str, dict[bytes, bytes]] = {}  # host → cookies without which it goes in circles

    def handle_referer(self, request: Request, response: Response) -> None:
        request.headers.pop("Referer", None)

    def _engine_started(self) -> None:
        """No referer is sent, so there is nothing to look up."""

    def process_request(self, request: Request) -> None:
        request.headers.pop("Cookie", None)  # of the host that redirected here
        if cookies := self._wanted.get(urlsplit(request.url).netloc):
            request.headers["Cookie"] = b"; ".join(name + b"=" + value for name, value in cookies.items())

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        if not 300 <= response.status < 400 or response.status == 304:
            return response
        if isinstance(refusal := refusal_of(response, request), Blocked):
            raise refusal
        set_here = _cookies(response)
        kept = {**request.meta.get("redirect_cookies", {})}
        host = urlsplit(request.url).netloc
        if set_here:
            kept[host] = {**kept.get(host, {}), **set_here}
        try:
            target = _target(response)
            if target is not None and target in (request.url, *request.meta.get("redirect_urls", ())):
                wanted = kept.get(urlsplit(target).netloc)
                if wanted and not request.meta.get("cookies_given"):
                    return self._with_cookies(request, target, wanted)
                if wanted and target == request.url:
                    raise Blocked(f"{response.status} to itself with a cookie: {request.url}", name="cookie_challenge")
            if kept:
                request.meta["redirect_cookies"] = kept
            return super().process_response(request, response)
        except ValueError as error:
            raise Unreadable(f"redirected to no address: {request.url}: {error}", name="redirected") from error
        except IgnoreRequest as error:
            raise Unreadable(f"redirects without end: {request.url}", name="redirect_loop") from error

    def _with_cookies(self, request: Request, target: str, cookies: dict[bytes, bytes]) -> Request:
        known = self._wanted.setdefault(urlsplit(target).netloc, {})
        for name, value in cookies.items():
            if name in known or len(known) < MOST_COOKIES:
                known[name] = value
        self.crawler.stats.inc_value("redirects/cookies_given")
        again = request.replace(url=target, dont_filter=True)
        again.meta["cookies_given"] = True
        return again


def _target(response: Response) -> str | None:
    """Where an answer redirects to, as it would be asked for."""
    location = response.headers.get("Location")
    return urljoin(response.url, safe_url_string(location)) if location else None


def _cookies(response: Response) -> dict[bytes, bytes]:
    """Names and values of the cookies an answer sets."""
    found: dict[bytes, bytes] = {}
    for header in response.headers.getlist("Set-Cookie"):
        name, equals, value = header.partition(b";")[0].partition(b"=")
        if equals and name.strip() and len(header) <= LONGEST_COOKIE:
            found[name.strip()] = value.strip()
    return found
