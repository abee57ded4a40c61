"""A server between a store and its S3: it can lose answers, break them off, or know nothing of conditions."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULTS = ("503", "500", "500 after", "reset", "reset after", "silence after", "cut short")


class Proxy(ThreadingHTTPServer):
    """Forwards to ``upstream``, one request at a time, so that the upstream's own races are not what is tested.

    ``faults`` holds (method, part of the path, fault): the first that fits a request is taken out and happens to it.
    With ``every`` n, one of the faults in turn happens to each nth request.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream: tuple[str, int], *, knows_conditions: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.knows_conditions = knows_conditions
        self.faults: deque[tuple[str, str, str]] = deque()
        self.every = 0
        self.requests: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.turn = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def fault_for(self, method: str, path: str) -> str | None:
        for planned in self.faults:
            if planned[0] == method and planned[1] in path:
                self.faults.remove(planned)
                return planned[2]
        count = len(self.requests) + 1
        return FAULTS[count // self.every % len(FAULTS)] if self.every and count % self.every == 0 else None

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is nothing to speak of."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.turn:
            fault = self.server.fault_for(self.command, self.path)
            self.server.requests.append((self.command, self.path))
            self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
            if fault == "reset":
                return self._reset()
            if fault in ("500", "503"):
                return self._error(fault)
            status, headers, answer = self._ask(body)
        match fault:
            case "500 after":
                return self._error("500")
            case "reset after":
                return self._reset()
            case "silence after":
                self.close_connection = True
                return None
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "date", "server", "content-length"):
                self.send_header(name, value)
        declared = next((value for name, value in headers if name.lower() == "content-length"), None)
        self.send_header("Content-Length", declared if self.command == "HEAD" and declared else str(len(answer)))
        self.end_headers()
        if fault == "cut short":
            self.wfile.write(answer[: len(answer) // 2])
            self.wfile.flush()
            return self._reset()
        self.wfile.write(answer)
        return None

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _forward  # noqa: N815

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
        if not self.server.knows_conditions:
            headers = {name: value for name, value in headers.items() if name.lower() != "if-none-match"}
        connection = http.client.HTTPConnection(*self.server.upstream, timeout=30)
        try:
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    def _error(self, status: str) -> None:
        code = "SlowDown" if status == "503" else "InternalError"
        answer = f"<Error><Code>{code}</Code><Message>again, please</Message></Error>".encode()
        self.send_response(int(status))
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet: pytest shows what matters."""
