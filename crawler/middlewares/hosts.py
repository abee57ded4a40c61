"""Only the portal's own hosts are asked, and never an address nobody meant (contract §2, DESIGN *Manners*)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.exceptions import IgnoreRequest

from crawler.addresses import AddressGuard
from crawler.errors import Unreadable
from crawler.urls import host_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class OffSite(IgnoreRequest):
    """The address is not of this portal's hosts. Listed in the run summary, never fetched."""

    name = "off_site"


class LeftAlone(IgnoreRequest):
    """The portal is not asked again in this run: it has refused us, or another run may be there."""

    name = "left_alone"


class HostsMiddleware:
    """Refuses requests to hosts the portal does not own, first asked for or redirected to."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.longest = crawler.settings.getint("URLLENGTH_LIMIT")
        self._guard: AddressGuard | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostsMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        key = request.meta.get("portal")
        if ledger is None or key is None:
            return  # `scrapy shell` and `scrapy parse`: a person asks for one page
        if 0 < self.longest < len(request.url):
            raise Unreadable(
                f"an address of {len(request.url)} characters: {request.url[:200]}…", name="address_too_long"
            )
        if not ledger.owns(key, request.url):
            self.crawler.stats.inc_value("requests/off_site")
            raise OffSite(f"{host_of(request.url)} is no host of {key}: {request.url}")
        if self._guard is None:
            self._guard = AddressGuard(ledger.hosts)
        self._guard.check_url(request.url)
        if why := ledger.left_alone(key):
            raise LeftAlone(f"{why}; not asked any more: {request.url}")
