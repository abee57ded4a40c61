"""Pages that exist in JavaScript only, drawn in a system Chromium: ``browser = true`` in the registry, extra ``browser``.

The browser draws and never fetches. The page itself is fetched like any other; what its scripts ask for goes, request by
request, through the portal's slot, its robots.txt, the checks of hosts and addresses, and the look for refusals. Chromium
has no way out of its own: a proxy that is not there stands before every connection nobody took over.

A capture of such a page keeps what the server sent as its entity, headers and all; its payload is the document as drawn.
The snapshot then holds three records: response, request, and the drawn document as a ``conversion`` of the response. What
the scripts fetched beside it is not kept.

Nothing is evaded: an answer that is a refusal is never drawn, cookies are neither kept nor sent, the user agent is ours.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import re
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.http import TextResponse
from scrapy.http.request import NO_CALLBACK

from crawler.errors import Blocked, NianbaoError, PortalChanged, Unreadable, error_name
from crawler.items import Capture
from crawler.middlewares.refusals import refusal_of

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Playwright, ProxySettings, Route
    from playwright.async_api import Request as BrowserRequest
    from scrapy.crawler import Crawler
    from scrapy.http import Response

log = logging.getLogger(__name__)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-dev-shm-usage", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=256",
)  # fmt: skip
NOWHERE: ProxySettings = {"server": "http://127.0.0.1:1", "bypass": "<-loopback>"}  # tcpmux: nothing listens there
FETCHED = frozenset({"script", "xhr", "fetch"})  # what can bring text; styles, pictures, fonts, frames cannot
METHODS = frozenset({"GET", "HEAD", "POST"})
BROWSERS_OWN = re.compile(
    r"(?:user-agent|referer|origin|cookie|accept-encoding|accept-language|host|connection|content-length|"
    r"upgrade-insecure-requests|if-[a-z-]+|sec-[a-z-]+|:[a-z]+)$", re.I
)  # fmt: skip
NOT_PASSED_ON = frozenset(
    {b"content-encoding", b"content-length", b"transfer-encoding", b"connection", b"set-cookie", b"refresh", b"link"}
)
DOCUMENT = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|ofd|rtf|zip|rar|7z|pptx?|txt|csv|json|xml|jpe?g|png|gif)$", re.I)
QUIET = 0.5  # seconds without a request or a change after which a page is drawn
LOOK = 0.1
PAGES_A_BROWSER = 200  # then it is started anew: what a page leaks is gone
SCRIPTS_KEPT = 32 * 1024 * 1024  # bytes of scripts remembered for the run: every page asks for the same ones
# A clock in the page changes its text but neither its length nor what it is made of.
FIGURE = """() => [document.readyState, document.getElementsByTagName('*').length, document.links.length,
    document.body ? document.body.innerText.length : 0].join(' ')"""
LENGTH = "() => document.documentElement.outerHTML.length"


class BrowserMissing(PortalChanged):
    """Chromium or Playwright is not there. The message says in one line how to mend it."""

    name = "browser_missing"


@dataclass(slots=True)
class Drawing:
    """One page being drawn: what it was made of and what it still waits for."""

    request: Request
    capture: Capture
    key: str  # of the portal
    asked: int = 0
    waiting: int = 0
    moved: float = field(default_factory=monotonic)  # when something last happened
    given: bool = False  # the document itself was handed over
    fault: Exception | None = None


class BrowserMiddleware:
    """Draws the pages of portals that need it, one page at a time for each portal.

    It stands next to the downloader, so that everything else looks at the page as drawn.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        settings = crawler.settings
        self.executable: str | None = settings["BROWSER_EXECUTABLE"]
        self.sandbox = settings.getbool("BROWSER_SANDBOX")
        self.patience = settings.getfloat("BROWSER_TIMEOUT")
        self.most = settings.getint("BROWSER_REQUESTS")
        self.maxsize = settings.getint("DOWNLOAD_MAXSIZE")
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._held: dict[Request, asyncio.Lock] = {}
        self._starting = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._missing: BrowserMissing | None = None
        self._pages = 0
        self._scripts: dict[str, dict[str, Any]] = {}
        self._scripts_size = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BrowserMiddleware:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.closed, signals.spider_closed)
        return middleware

    # ------------------------------------------------------------ a page's turn

    async def process_request(self, request: Request) -> None:
        key = self._portal_of(request)
        if key is None:
            return
        try:
            await self._started()
        except BrowserMissing as missing:
            self._watch(key).tally.note(str(missing))
            raise
        if not DOCUMENT.search(urlsplit(request.url).path):
            # The frame of a page in JavaScript stays the same while what is drawn into it changes.
            for name in ("If-None-Match", "If-Modified-Since"):
                request.headers.pop(name, None)
        turn = self._turns[key]
        await turn.acquire()
        self._held[request] = turn

    async def process_response(self, request: Request, response: Response) -> Response:
        if request not in self._held:
            return response
        try:
            if not self._is_to_be_drawn(request, response):
                return response
            with self._busy(request):
                return await self._drawn(request, response)
        finally:
            self._release(request)

    def process_exception(self, request: Request, exception: Exception) -> None:
        self._release(request)

    def _release(self, request: Request) -> None:
        if turn := self._held.pop(request, None):
            turn.release()

    def _portal_of(self, request: Request) -> str | None:
        """The portal's key where its pages are to be drawn."""
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        key: str | None = request.meta.get("portal")
        if ledger is None or key is None or request.meta.get("robots") or request.meta.get("drawn_for"):
            return None
        portal = ledger.portals.get(key)
        return key if portal is not None and portal.browser else None

    def _watch(self, key: str) -> Any:
        return self.crawler.spider.ledger.watches[key]  # type: ignore[union-attr]

    def _is_to_be_drawn(self, request: Request, response: Response) -> bool:
        capture: Capture | None = request.meta.get("capture")
        if capture is None or capture.truncated or response.status != 200 or request.method != "GET":
            return False
        kind = (capture.header("Content-Type") or "text/html").lower()
        if not isinstance(response, TextResponse) or not ("html" in kind and "<" in response.text[:2000]):
            return False
        refusal = refusal_of(response, request)
        return refusal is None or refusal.name == "empty_answer"  # a bare frame is what such pages begin as

    def _busy(self, request: Request) -> Any:
        """While a page is drawn its portal counts as busy: the scheduler then begins with the others."""
        downloader: Any = self.crawler.engine.downloader
        slot = downloader.slots.get(downloader.get_slot_key(request))
        return _member(slot.active if slot else set(), request)

    # ------------------------------------------------------------ drawing

    async def _drawn(self, request: Request, response: Response) -> Response:
        drawing = Drawing(request, request.meta["capture"], request.meta["portal"])
        try:
            text = await self._text(drawing)
        except (_playwright_error(), TimeoutError) as error:
            said = str(error).split("\n", 1)[0]
            not_drawn = Unreadable(f"not drawn: {request.url}: {said or 'no answer'}", name="not_drawn")
            raise (drawing.fault or not_drawn) from error
        if drawing.fault is not None:
            raise drawing.fault
        self.crawler.stats.inc_value("browser/pages")
        assert isinstance(response, TextResponse)
        # In the encoding the page declares, so that header and <meta> stay true.
        payload = text.encode(response.encoding, "xmlcharrefreplace")
        request.meta["capture"] = replace(
            drawing.capture, payload=payload, payload_digest=hashlib.sha256(payload).hexdigest()
        )
        return response.replace(body=payload, encoding=response.encoding)

    async def _text(self, drawing: Drawing) -> str:
        async with self._page(drawing) as page:
            await self._until_quiet(page, drawing)
            return "" if drawing.fault is not None else await self._document(page)

    async def _until_quiet(self, page: Page, drawing: Drawing) -> None:
        """Until nothing was asked for and nothing changed for a while; or for as long as we are patient."""
        async with asyncio.timeout(self.patience):
            await page.goto(drawing.request.url, wait_until="commit", timeout=0)
        before, still = "", monotonic()
        while drawing.fault is None:
            async with asyncio.timeout(self.patience):
                now = await page.evaluate(FIGURE)
            if now != before or drawing.waiting:
                before, still = now, monotonic()
            if now.startswith("complete") and monotonic() - max(still, drawing.moved) >= QUIET:
                return
            if not drawing.waiting and monotonic() - drawing.moved > self.patience:
                self.crawler.stats.inc_value("browser/restless")
                return
            await asyncio.sleep(LOOK)

    async def _document(self, page: Page) -> str:
        async with asyncio.timeout(self.patience):
            if await page.evaluate(LENGTH) > self.maxsize:
                raise Unreadable(f"drawn, more than {self.maxsize} characters: {page.url}", name="too_large")
            return await page.content()

    @asynccontextmanager
    async def _page(self, drawing: Drawing) -> AsyncIterator[Page]:
        """A page in a context of its own: nothing is carried from one to the next."""
        browser = await self._started()
        self._pages += 1
        context: BrowserContext | None = None
        try:
            async with asyncio.timeout(self.patience):
                context = await browser.new_context(
                    user_agent=(drawing.request.headers.get("User-Agent") or b"").decode("latin-1") or None,
                    locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=False, service_workers="block",
                )  # fmt: skip
                await self._take_over(context, drawing)
                page = await context.new_page()
            yield page
        finally:
            await self._close(browser, context)

    async def _take_over(self, context: BrowserContext, drawing: Drawing) -> None:
        async def answer(route: Route) -> None:
            await self._answer(route, drawing)

        await context.add_init_script("window.open = () => null")
        await context.route("**/*", answer)
        await context.route_web_socket("**", lambda socket: socket.close())

    async def _close(self, browser: Browser, context: BrowserContext | None) -> None:
        """The page's end. A browser that cannot end a page is ended itself; other portals' pages in it are lost."""
        with suppress(TimeoutError, _playwright_error()):
            async with asyncio.timeout(5):
                if context is not None:
                    await context.unroute_all(behavior="ignoreErrors")
                    await context.close()
                    return
        if browser is self._browser:
            self.crawler.stats.inc_value("browser/ended")
            await self._stop_browser()

    # ------------------------------------------------------------ what the page asks for

    async def _answer(self, route: Route, drawing: Drawing) -> None:
        asked = route.request
        if asked.is_navigation_request() and asked.frame.parent_frame is None and not drawing.given:
            drawing.given = True
            await route.fulfill(**_as_answer(drawing.capture))
        elif not _may_bring_text(asked) or drawing.fault is not None:
            await route.abort("aborted")
        elif remembered := self._scripts.get(f"{drawing.key} {asked.url}"):
            await route.fulfill(**remembered)
        elif drawing.asked >= self.most:
            self._watch(drawing.key).tally.note(f"browser: more than {self.most} requests by {drawing.request.url}")
            await route.abort("aborted")
        else:
            drawing.asked += 1
            drawing.waiting += 1
            try:
                answer = await self._fetched(route, drawing)
            finally:
                drawing.waiting -= 1
                drawing.moved = monotonic()
            await (route.fulfill(**answer) if answer else route.abort("failed"))

    async def _fetched(self, route: Route, drawing: Drawing) -> dict[str, Any] | None:
        asked = route.request
        headers = {name: value for name, value in asked.headers.items() if not BROWSERS_OWN.match(name)}
        request = Request(
            asked.url, method=asked.method, headers=headers, body=asked.post_data_buffer or b"", callback=NO_CALLBACK,
            dont_filter=True, meta={"portal": drawing.key, "drawn_for": drawing.request.url},
        )  # fmt: skip
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - what it means for the page is decided by its name
            return self._failed(request, drawing, error)
        answer = _as_answer(response.meta["capture"])
        if asked.resource_type == "script" and asked.method == "GET":
            self._remember(f"{drawing.key} {asked.url}", answer)
        return answer

    def _failed(self, request: Request, drawing: Drawing, error: Exception) -> dict[str, Any] | None:
        """What a request that failed means: a refusal ends the page; what the server says for good is its answer."""
        name = error_name(error)
        capture: Capture | None = request.meta.get("capture")
        if name in ("off_site", "robots"):
            self._left_aside(request.url, drawing.key, name)
            return None
        if capture is not None and capture.status < 500 and not isinstance(error, Blocked):
            return _as_answer(capture)
        if drawing.fault is None:
            known = isinstance(error, NianbaoError)
            drawing.fault = error if known else Unreadable(f"{request.url}: {error}", name=name)
        return None

    def _left_aside(self, url: str, key: str, name: str) -> None:
        self.crawler.stats.inc_value(f"browser/{name}")
        watch = self._watch(key)
        if name == "off_site":
            watch.left_aside(url, name)
        else:
            watch.tally.note(
                f"browser: robots.txt disallows what pages ask for: {urlsplit(url)._replace(query='').geturl()}"
            )

    def _remember(self, url: str, answer: dict[str, Any]) -> None:
        if self._scripts_size + len(answer["body"]) <= SCRIPTS_KEPT:
            self._scripts_size += len(answer["body"])
            self._scripts[url] = answer

    # ------------------------------------------------------------ the browser

    async def _started(self) -> Browser:
        """The running browser. Raises ``BrowserMissing``."""
        async with self._starting:
            if self._missing is not None:
                raise self._missing
            if self._browser is not None and (self._pages >= PAGES_A_BROWSER and not _drawing(self._browser)):
                await self._stop_browser()
            if self._browser is None or not self._browser.is_connected():
                try:
                    self._browser = await self._launched()
                except BrowserMissing as missing:
                    self._missing = missing
                    log.error("%s", missing)  # noqa: TRY400 - one line says it all
                    raise
            return self._browser

    async def _launched(self) -> Browser:
        if find_spec("playwright") is None:
            raise BrowserMissing("browser = true needs Playwright: pip install 'nianbao[browser]'")
        executable = self.executable or next((found for name in NAMES if (found := shutil.which(name))), None)
        if executable is None or shutil.which(executable) is None:
            raise BrowserMissing(
                "browser = true needs Chromium (on Debian: apt install chromium), or BROWSER_EXECUTABLE"
            )
        from playwright.async_api import Error, async_playwright

        try:
            if self._playwright is None:
                self._playwright = await async_playwright().start()
            self._pages = 0
            return await self._playwright.chromium.launch(
                executable_path=executable, args=list(ARGUMENTS), chromium_sandbox=self.sandbox and os.geteuid() != 0,
                proxy=NOWHERE, handle_sigint=False, handle_sigterm=False, handle_sighup=False, timeout=60_000,
            )  # fmt: skip
        except (Error, OSError) as error:
            said = next((line for line in str(error).splitlines() if line.strip()), "no reason given")
            raise BrowserMissing(f"browser = true: {executable} does not start: {said}") from error

    async def _stop_browser(self) -> None:
        browser, self._browser = self._browser, None
        if browser is not None:
            with suppress(TimeoutError, _playwright_error()):
                async with asyncio.timeout(5):
                    await browser.close()

    async def closed(self) -> None:
        await self._stop_browser()
        if self._playwright is not None:
            await self._playwright.stop()


class _member:  # noqa: N801 - reads as the phrase it is
    """In a set for as long as it lasts."""

    def __init__(self, members: set[Request], member: Request) -> None:
        self._members, self._member = members, member

    def __enter__(self) -> None:
        self._members.add(self._member)

    def __exit__(self, *_: object) -> None:
        self._members.discard(self._member)


def _as_answer(capture: Capture) -> dict[str, Any]:
    """A capture as the browser is given it: content coding undone, no cookies."""
    headers: dict[str, str] = {}
    for name, value in capture.response_headers:
        if name.lower() not in NOT_PASSED_ON:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return {"status": capture.status, "headers": headers, "body": capture.payload}


def _may_bring_text(asked: BrowserRequest) -> bool:
    return (
        asked.resource_type in FETCHED
        and asked.method in METHODS
        and asked.url.startswith(("http://", "https://"))
        and bool(urlsplit(asked.url).hostname)
    )


def _drawing(browser: Browser) -> bool:
    return any(context.pages for context in browser.contexts)


def _playwright_error() -> type[Exception]:
    from playwright.async_api import Error

    return Error
