"""The outer wall: which hosts we answer to, that we only ever read, and what every answer wears."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), browsing-topics=()",
    b"x-dns-prefetch-control": b"off",
    b"cache-control": b"no-cache",
}
FOREVER = "private, max-age=31536000, immutable"
LONGEST_ADDRESS = 8192


class Shield:
    """Refuses what is not for us, adds the headers, answers 304 where nothing changed.

    ``hosts`` are the names we answer to; ``None`` for any. Without them a page elsewhere could point a name of its own at
    this machine and read the archive through a visitor's browser.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None) -> None:
        self.app = app
        self.hosts = None if hosts is None else {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = {name: value.decode("latin-1") for name, value in scope["headers"]}
        answer = _Answer(send, head=scope["method"] == "HEAD", known=given.get(b"if-none-match"))
        if self.hosts is not None and _hostname(given.get(b"host", "")) not in self.hosts:
            await answer.plainly(421, b"This name is not served here. Start nianbao serve with --allow-host NAME.\n")
        elif scope["method"] not in ("GET", "HEAD"):
            await answer.plainly(405, b"Read-only: GET and HEAD.\n", (b"allow", b"GET, HEAD"))
        elif len(scope.get("raw_path", b"")) + len(scope["query_string"]) > LONGEST_ADDRESS:
            await answer.plainly(414, b"The address is too long.\n")
        else:
            await self.app(scope, receive, answer.send)


class _Answer:
    """One answer on its way out."""

    def __init__(self, send: Send, *, head: bool, known: str | None) -> None:
        self._send = send
        self._head = head
        self._known = known
        self._start: Message | None = None

    async def plainly(self, status: int, text: bytes, *headers: tuple[bytes, bytes]) -> None:
        await self.send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    (b"content-type", b"text/plain; charset=utf-8"),
                    (b"content-length", str(len(text)).encode()),
                    *headers,
                ],
            }
        )
        await self.send({"type": "http.response.body", "body": text})

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        if self._start is not None:
            start, self._start = self._start, None
            self._dress(start)
            if (
                start["status"] == 200
                and not message.get("more_body")
                and self._unchanged(start, message.get("body", b""))
            ):
                start["status"] = 304
                start["headers"] = [
                    pair for pair in start["headers"] if pair[0] not in (b"content-length", b"content-type")
                ]
                message = {"type": "http.response.body", "body": b""}
            await self._send(start)
        if self._head:
            message = {**message, "body": b""}
        await self._send(message)

    def _dress(self, start: Message) -> None:
        headers = [(name.lower(), value) for name, value in start["headers"]]
        there = {name for name, _ in headers}
        start["headers"] = headers + [pair for pair in HEADERS.items() if pair[0] not in there]

    def _unchanged(self, start: Message, body: bytes) -> bool:
        tag = next((value for name, value in start["headers"] if name == b"etag"), None)
        if tag is None:
            tag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
            start["headers"].append((b"etag", tag))
        if self._known is None:
            return False
        known = {part.strip().removeprefix("W/") for part in self._known.split(",")}
        return "*" in known or tag.decode() in known


def _hostname(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[").lower()
    return host.partition(":")[0].rstrip(".").lower()
