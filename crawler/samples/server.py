"""The loopback web servers: one address a portal, keep-alive, a log of every request, nothing left behind."""

from __future__ import annotations

import gzip
import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from .portal import SamplePortal


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a portal sees it."""

    method: str
    target: str  # path and query as sent
    headers: Mapping[str, str]
    body: bytes = b""
    encoding: str = "utf-8"

    @property
    def path(self) -> str:
        """The path, percent-encoding undone."""
        return unquote(urlsplit(self.target).path)

    @property
    def fields(self) -> dict[str, str]:
        """The query's and a posted form's fields, the last of each name."""
        query = urlsplit(self.target).query + ("&" + self.body.decode("latin-1") if self.body else "")
        pairs = parse_qs(query, keep_blank_values=True, encoding=self.encoding)
        return {name: values[-1] for name, values in pairs.items()}


Wire = Callable[[socket.socket], None]
"""Writes an answer to the socket by hand, however wrong."""


@dataclass(slots=True)
class Response:
    """One answer. ``wire`` takes the place of everything but the status, which is logged (0: none is sent)."""

    body: bytes = b""
    status: int = 200
    content_type: str | None = "text/html; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)
    gzip: bool = False
    chunked: bool = False
    wire: Wire | None = None


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One line of a portal's log. ``concurrency`` counts the requests in hand when this one came, itself included."""

    time: float  # seconds since the epoch, when it came
    method: str
    path: str  # with its query
    status: int  # 0: the connection was dropped without one
    concurrency: int
    headers: Mapping[str, str]


class PortalServer(ThreadingHTTPServer):
    """One portal on one port."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    timeout = 0

    def __init__(self, host: str, port: int, portal: SamplePortal) -> None:
        super().__init__((host, port), Handler)
        self.portal = portal
        self.log: list[RequestRecord] = []
        self.faults: list[BaseException] = []
        self.latency = 0.0  # seconds before every answer; makes requests that overlap visible in the log
        self._in_hand = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    @property
    def base(self) -> str:
        """``http://127.0.0.1:49152`` without a slash."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        assert isinstance(request, socket.socket)
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are the clients' affair; anything else is a fault of the samples and is kept."""

    def enter(self) -> int:
        with self._lock:
            self._in_hand += 1
            return self._in_hand

    def leave(self) -> None:
        with self._lock:
            self._in_hand -= 1

    def stop(self) -> None:
        self.server_close()
        with self._lock:
            for connection in self._open:
                with _ignoring_closed():
                    connection.shutdown(socket.SHUT_RDWR)


class _ignoring_closed:  # noqa: N801 - reads as the phrase it is
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, OSError)


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into ``Request`` and ``Response``."""

    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    timeout = 60
    wbufsize = -1
    disable_nagle_algorithm = True
    server: PortalServer

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_GET  # noqa: N815 - the base class looks for the name
    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """The portal keeps its own log."""

    def _answer(self) -> None:
        started, concurrency = time.time(), self.server.enter()
        in_hand = True
        try:
            length = int(self.headers.get("Content-Length") or 0)
            sent = dict(self.headers.items())
            request = Request(self.command, self.path, sent, self.rfile.read(length))
            try:
                response = self.server.portal.respond(request)
            except Exception as fault:  # noqa: BLE001 - kept, and raised when the site is closed
                self.server.faults.append(fault)
                response = Response(b"the sample portal failed", 500, "text/plain")
            time.sleep(self.server.latency)
            # Logged before it is sent: whoever has read the answer finds it in the log, and asks again no sooner.
            self.server.log.append(RequestRecord(started, self.command, self.path, response.status, concurrency, sent))
            if response.wire is None:
                self.server.leave()
                in_hand = False
            self._send(response)
        except OSError:
            self.close_connection = True
        finally:
            if in_hand:
                self.server.leave()

    def _send(self, response: Response) -> None:
        if response.wire is not None:
            self.close_connection = True
            response.wire(self.connection)
            return
        body = gzip.compress(response.body, mtime=0) if response.gzip else response.body
        self.send_response(response.status)
        if response.content_type is not None and response.status != 304:
            self.send_header("Content-Type", response.content_type)
        for name, value in response.headers:
            self.send_header(name, value)
        if response.gzip:
            self.send_header("Content-Encoding", "gzip")
        if response.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif response.status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and response.status != 304:
            if response.chunked:
                # Cut inside multi-byte characters on purpose: 1021 divides none of them.
                for start in range(0, len(body), 1021):
                    piece = body[start : start + 1021]
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.write(b"0\r\n\r\n")
            else:
                self.wfile.write(body)
        self.wfile.flush()


class Acceptor:
    """One thread that takes connections for any number of servers."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._bell, self._ear = socket.socketpair()
        self._selector.register(self._ear, selectors.EVENT_READ, None)
        self._servers: list[PortalServer] = []
        self._thread = threading.Thread(target=self._run, name="sample portals", daemon=True)

    def add(self, server: PortalServer) -> None:
        """Serves one more portal; call before ``start``."""
        self._servers.append(server)
        self._selector.register(server.socket, selectors.EVENT_READ, server)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stops listening and hangs up on every client."""
        self._bell.send(b"x")
        self._thread.join(timeout=10)
        self._selector.close()
        for server in self._servers:
            server.stop()
        self._bell.close()
        self._ear.close()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                server: PortalServer = key.data
                server.handle_request()
