"""robots.txt, binding per host and scheme (RFC 9309), with Crawl-delay."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from crawler.errors import Blocked, error_name
from crawler.middlewares.refusals import refusal_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

NOTHING = Protego.parse("")
LONGEST_DELAY = 3600.0  # seconds
_AGENT = re.compile(r"^([ \t]*user-agent[ \t]*:[ \t]*[a-z_-]+)[^\r\n]*", re.I | re.M)


class Disallowed(IgnoreRequest):
    """robots.txt says no. Counted, neither fetched nor exported."""

    name = "robots"


class RobotsUnreachable(IgnoreRequest):
    """robots.txt cannot be had, so nothing may be asked (RFC 9309 §2.3.1.4). Named for what is wrong with the host."""

    def __init__(self, message: str, name: str = "robots_unreachable") -> None:
        super().__init__(message)
        self.name = name


class RobotsMiddleware:
    """Asks for robots.txt once for each scheme and host, and obeys it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"] or "nianbao"
        self.obey = crawler.settings.getbool("ROBOTSTXT_OBEY")
        self._rules: dict[str, asyncio.Future[Protego | Exception]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("robots") or not self.obey:
            return
        rules = await self._rules_for(request)
        if isinstance(rules, Exception):
            raise rules
        if not rules.can_fetch(request.url, self.agent):
            self.crawler.stats.inc_value("requests/robots")
            raise Disallowed(f"robots.txt disallows {request.url}")

    async def _rules_for(self, request: Request) -> Protego | Exception:
        parts = urlsplit(request.url)
        root = f"{parts.scheme}://{parts.netloc}"
        if root not in self._rules:
            self._rules[root] = asyncio.get_running_loop().create_future()
            rules = await self._fetch(root, request.meta.get("portal"))
            # An outage of a minute is not a rule: after a failure the next request asks for robots.txt again.
            future = self._rules.pop(root) if isinstance(rules, Exception) else self._rules[root]
            future.set_result(rules)
            return rules
        return await self._rules[root]

    async def _fetch(self, root: str, portal: str | None) -> Protego | Exception:
        meta: dict[str, Any] = {"robots": True, **({"portal": portal} if portal else {})}
        asked = Request(f"{root}/robots.txt", callback=NO_CALLBACK, meta=meta)
        try:
            response = await self.crawler.engine.download_async(asked)
        except Exception as error:  # noqa: BLE001 — whatever went wrong, the answer is the same: we may not ask
            self.crawler.stats.inc_value("robots/unreachable")
            if isinstance(error, Blocked):
                return error
            return RobotsUnreachable(f"robots.txt of {root} cannot be had: {error}", error_name(error))
        self.crawler.stats.inc_value(f"robots/status/{response.status}")
        if response.status >= 500 or response.status == 429:
            # 429 is a 4xx and no rule either way, but who is told to slow down has not been told to go on.
            refusal = refusal_of(response, response.request or asked)
            if isinstance(refusal, Blocked):
                return refusal
            return RobotsUnreachable(f"robots.txt of {root} cannot be had: status {response.status}")
        if response.status >= 300:
            return NOTHING  # RFC 9309 §2.3.1.3: unavailable means no restriction
        rules = Protego.parse(_text(response.body))
        delay = _seconds_between(rules, self.agent)
        if delay > LONGEST_DELAY:
            # Not to be crawled in any run that ends. Waiting without a word would look like a run that hangs.
            return Blocked(f"robots.txt of {root} asks for {delay:g} s between two requests", name="asked_to_wait")
        downloader: Any = self.crawler.engine.downloader
        if delay and portal and hasattr(downloader, "ask_slower"):
            downloader.ask_slower(portal, delay)
        return rules


def _text(body: bytes) -> str:
    """robots.txt as text. It is to be UTF-8 (RFC 9309 §2.3); Windows editors put a byte order mark before it, or save it
    as UTF-16, and a mark taken for text would hide the first group of rules."""
    wide = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = body.decode("utf-16" if wide else "utf-8-sig", "replace")
    # A group for ``nianbao/1.0 (+contact)``, copied from a log, is meant for us: only the product's name counts (§2.2.1).
    return _AGENT.sub(r"\1", text)


def _seconds_between(rules: Protego, agent: str) -> float:
    """What ``Crawl-delay`` and ``Request-rate`` ask for, the longer of the two; 0 where they do not."""
    rate = rules.request_rate(agent)
    return max(float(rules.crawl_delay(agent) or 0), rate.seconds / rate.requests if rate and rate.requests else 0.0)
