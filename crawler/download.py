"""The download handler: fetches with aiohttp and keeps what Scrapy hides.

Every answer carries a ``Capture`` in ``response.meta["capture"]``: header bytes in the order received with every
repeat, the request as sent, the peer's address, the entity with its content coding and the payload without it.
What aiohttp hides and a capture therefore cannot hold: the chunk framing of a chunked entity, and trailers. What a head
that is read forgivingly does not keep: see ``heads``.

Scrapy's own aiohttp handler (2.19, experimental) drops the raw headers and leaves no place to guard addresses.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import aiohttp
import yarl
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import Headers, Response, TextResponse
from scrapy.responsetypes import responsetypes

from crawler.addresses import AddressGuard, GuardedResolver, guarded_cause
from crawler.contentcoding import decoded
from crawler.errors import Unreadable
from crawler.heads import Head, HeadKeepingConnector
from crawler.items import Capture
from crawler.politeness import PortalDownloader
from crawler.tls import STRICT, Tls
from pipelines.reading.decoding import decode

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

UNSENT = frozenset({b"proxy-authorization"})
# Seconds. A server may still have an answer in hand when we have all of it: the next request comes after that.
BREATH = 0.003
WAYS_REMEMBERED = 1000  # aiohttp closes an idle connection after some seconds


class _Answer(aiohttp.ClientResponse):
    """Remembers what aiohttp forgets once the connection is released: the peer, the way to it and the head as sent."""

    peer: str | None = None
    way: asyncio.Transport | None = None
    head: Head

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        self.way = connection.transport
        name = self.way.get_extra_info("peername") if self.way else None
        self.peer = name[0] if name else None
        keeper = connection.protocol
        await super().start(connection)
        self.head = keeper.head
        return self


class _Ways:
    """The connection that may still stand open to each portal: one at a time, whichever of its hosts it leads to."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[yarl.URL, asyncio.Transport]] = {}  # portal → host asked last, connection

    def took(self, portal: str, url: yarl.URL, way: asyncio.Transport | None) -> None:
        if len(self._last) >= WAYS_REMEMBERED:
            self._last = {key: last for key, last in self._last.items() if not last[1].is_closing()}
        if way is not None:
            self._last[portal] = url.origin(), way

    def leave(self, portal: str, url: yarl.URL) -> None:
        """Close the connection to another host of the portal than the one to be asked now."""
        last = self._last.get(portal)
        if last is not None and last[0] != url.origin():
            del self._last[portal]
            last[1].abort()


def response_of(capture: Capture, flags: Sequence[str] = ()) -> Response:
    """What Scrapy is shown of a capture: the payload, in the encoding a reader would take it to be in."""
    headers = Headers([(k, v) for k, v in capture.response_headers if k.lower() != b"content-encoding"])
    kind = responsetypes.from_args(headers=headers, url=capture.url, body=capture.payload[:5000])
    known: dict[str, Any] = (
        {"encoding": decode(capture.payload, capture.header("Content-Type")).encoding}
        if issubclass(kind, TextResponse)
        else {}
    )
    return kind(
        url=capture.url, status=capture.status, headers=headers, body=capture.payload, flags=list(flags), **known
    )


class CaptureDownloadHandler:
    """Scrapy download handler for http and https."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.maxsize = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self.timeout = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._session: aiohttp.ClientSession | None = None
        self._tls: dict[str, Tls] = {}  # of hosts that strict TLS failed on
        self._ways = _Ways()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureDownloadHandler:
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        try:
            return await self._fetch(request)
        except TimeoutError as error:
            raise DownloadTimeoutError(f"no whole answer within {self.timeout:g} s: {request.url}") from error
        except aiohttp.ClientConnectorDNSError as error:
            if refused := guarded_cause(error):
                raise refused from error
            raise CannotResolveHostError(str(error)) from error
        except aiohttp.ClientConnectorError as error:
            raise DownloadConnectionRefusedError(str(error)) from error
        except aiohttp.ClientError as error:
            raise DownloadFailedError(f"{type(error).__name__}: {error}") from error
        finally:
            await asyncio.sleep(BREATH)

    async def _fetch(self, request: Request) -> Response:
        url = yarl.URL(request.url, encoded=True)  # sent as it is: yarl would rewrite percent-encoding
        host = url.raw_host or ""
        tls, why = self._tls.get(host, STRICT), ""
        while True:
            try:
                response = await self._ask(request, url, tls.context)
            except (aiohttp.ClientError, ssl.SSLError) as error:
                weaker = tls.weaker(error) if url.scheme == "https" else None
                if weaker is None:
                    raise
                tls, why = weaker, str(error).split("\n", 1)[0][:200]
                continue
            if tls is not self._tls.get(host, STRICT):
                self._tls[host] = tls
                self._tell(request, f"TLS of {host} is old or not to be trusted: {tls.said} ({why})")
            return response

    def _tell(self, request: Request, note: str) -> None:
        self.crawler.stats.inc_value("tls/lenient_hosts")
        ledger = getattr(self.crawler.spider, "ledger", None)
        if ledger is not None and (watch := ledger.watches.get(request.meta.get("portal"))):
            watch.tally.note(note)

    async def _ask(self, request: Request, url: yarl.URL, tls: ssl.SSLContext | Literal[True]) -> Response:
        headers = [(k, v) for k, values in request.headers.items() if k.lower() not in UNSENT for v in values]
        portal = request.meta.get("portal", "")
        self._ways.leave(portal, url)
        time = datetime.now(UTC)
        async with self._open_session().request(
            request.method,
            url,
            data=request.body or None,
            headers=[(k.decode("latin-1"), v.decode("latin-1")) for k, v in headers],
            timeout=aiohttp.ClientTimeout(total=request.meta.get("download_timeout", self.timeout)),
            ssl=tls,
            allow_redirects=False,
            proxy=request.meta.get("proxy"),
            trace_request_ctx=request,
        ) as answer:
            assert isinstance(answer, _Answer)
            self._ways.took(portal, url, answer.way)
            entity, truncated = await self._body(answer, request)
            return self._response(request, answer, time, entity, truncated)

    async def _body(self, answer: _Answer, request: Request) -> tuple[bytes, str | None]:
        chunks: list[bytes] = []
        size = 0
        try:
            async for chunk in answer.content.iter_any():
                size += len(chunk)
                if size > self.maxsize:
                    raise Unreadable(f"more than {self.maxsize} bytes: {request.url}", name="too_large")
                chunks.append(chunk)
        except (aiohttp.ClientPayloadError, ConnectionResetError):
            if not chunks:
                raise
            return b"".join(chunks), "disconnect"
        return b"".join(chunks), None

    def _response(
        self, request: Request, answer: _Answer, time: datetime, entity: bytes, truncated: str | None
    ) -> Response:
        head = answer.head
        payload, broken = decoded(entity, head.headers, self.maxsize)
        capture = Capture(
            portal=request.meta.get("portal", ""),
            url=request.url,
            time=time,
            status=head.status,
            reason=head.reason,
            protocol=head.protocol,
            request_method=request.method,
            request_headers=tuple(
                (k.encode("latin-1", "replace"), v.encode("latin-1", "replace"))
                for k, v in answer.request_info.headers.items()
            ),
            response_headers=head.headers,
            entity=entity,
            payload=payload,
            payload_digest=hashlib.sha256(payload).hexdigest(),
            ip_address=answer.peer,
            truncated=truncated or broken,
            redirects=tuple(request.meta.get("redirect_urls", ())),
        )
        request.meta["capture"] = capture
        return response_of(capture, flags=["dataloss"] if truncated else [])

    def _trace(self) -> aiohttp.TraceConfig:
        """A portal's delay counts from when a request was sent, not from when it was taken up: it may have waited for a
        busy loop or a slow handshake."""
        trace = aiohttp.TraceConfig()

        async def sent(_: aiohttp.ClientSession, context: Any, __: aiohttp.TraceRequestHeadersSentParams) -> None:
            downloader: Any = self.crawler.engine and self.crawler.engine.downloader
            if isinstance(downloader, PortalDownloader):
                downloader.sent(context.trace_request_ctx)

        trace.on_request_headers_sent.append(sent)
        return trace

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            ledger = getattr(self.crawler.spider, "ledger", None)
            self._session = aiohttp.ClientSession(
                connector=HeadKeepingConnector(
                    limit=0,  # the downloader's slots are the limit
                    resolver=GuardedResolver(AddressGuard(ledger.hosts if ledger else frozenset())),
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                response_class=_Answer,
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                trace_configs=[self._trace()],
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
