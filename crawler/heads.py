"""The head of an answer as it came, read as forgivingly as browsers read it.

aiohttp's parser refuses whole answers for small sins of old servers: a length said twice, a header name with a blank or
bytes of GBK in it, a length beside chunks. So it is shown a head of our own that says only where the entity ends, and
what the server sent is read here. What is not certain is refused all the same: lengths that contradict each other or are
no numbers, a line without a colon, a NUL.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpProcessingError

Headers = tuple[tuple[bytes, bytes], ...]

# Chromium's bound. curl takes 300 KB in all, 100 KB a line.
MOST_BYTES = 256 * 1024
MOST_LINES = 1000
_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(rb"HTTP/(\d)\.(\d)[ \t]+([1-9]\d\d)(?!\d)[ \t]*(.*)", re.I)


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and headers: every header in the order received, a folded one as one line, names without blanks around."""

    protocol: str  # "HTTP/1.1"
    status: int
    reason: str
    headers: Headers

    @classmethod
    def of(cls, raw: bytes) -> Head:
        """What the bytes before the blank line say; lines may end in LF alone. Raises ``HttpProcessingError``."""
        if len(raw) > MOST_BYTES:
            raise _refused(f"a head of more than {MOST_BYTES} bytes", raw)
        # RFC 9112, 2.2: a CR that ends no line is a blank.
        first, *lines = [line.removesuffix(b"\r").replace(b"\r", b" ") for line in raw.split(b"\n")]
        said = _STATUS.fullmatch(first)
        if said is None:
            raise _refused("no status line", first)
        if len(lines) > MOST_LINES:
            raise _refused(f"more than {MOST_LINES} headers", first)
        headers: list[tuple[bytes, bytes]] = []
        for line in lines:
            if b"\0" in line:
                raise _refused("a NUL in a header", line)
            if line[:1] in (b" ", b"\t") and headers:
                name, value = headers[-1]
                headers[-1] = name, (value + line).strip(b" \t")
                continue
            name, colon, value = line.partition(b":")
            if not colon:
                raise _refused("a header without a colon", line)
            headers.append((name.strip(b" \t"), value.strip(b" \t")))
        protocol = f"HTTP/{said[1].decode()}.{said[2].decode()}"
        return cls(protocol, int(said[3]), said[4].decode("utf-8", "surrogateescape"), tuple(headers))

    def framing(self) -> bytes:
        """The head with nothing in it but where the entity ends. Raises ``HttpProcessingError`` where that is not certain.

        RFC 9112, 6.3: a transfer coding overrides a length. RFC 9110, 8.6: a length repeated is one length.
        """
        lines = [b"HTTP/1.%d %d" % (self.protocol > "HTTP/1.0", self.status)]
        if says := b", ".join(self._values(b"connection")):
            lines.append(b"Connection: " + re.sub(rb"[^\w, -]", b"", says))
        codings = [coding for coding in self._listed(b"transfer-encoding") if coding != b"identity"]
        lengths = list(self._listed(b"content-length"))
        if codings:
            lines.append(b"Transfer-Encoding: " + (b"chunked" if codings[-1] == b"chunked" else b"unknown"))
            if lengths:
                lines[1:] = [b"Connection: close", lines[-1]]
        elif lengths:
            if not all(re.fullmatch(rb"\d{1,18}", length) for length in lengths):
                raise _refused("a Content-Length that is none", b", ".join(lengths))
            if len({int(length) for length in lengths}) > 1:
                raise _refused("Content-Length of several values", b", ".join(lengths))
            lines.append(b"Content-Length: %d" % int(lengths[0]))
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def _values(self, wanted: bytes) -> Iterator[bytes]:
        return (value for name, value in self.headers if name.lower() == wanted)

    def _listed(self, wanted: bytes) -> Iterator[bytes]:
        return (one.strip().lower() for value in self._values(wanted) for one in value.split(b","))


def _refused(why: str, line: bytes) -> HttpProcessingError:
    return HttpProcessingError(code=400, message=f"{why}: {line[:80]!r}")


class HeadKeeper(ResponseHandler):
    """A connection that keeps the head of the answer it is at, and shows the parser its framing alone."""

    def __init__(self, loop: Any) -> None:
        super().__init__(loop)
        self.head: Head | None = None
        self._received = bytearray()  # of a head that is not whole yet

    def set_response_params(self, **params: Any) -> None:
        """Before every request."""
        self.head = None
        self._received.clear()
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        if self._parser is None or self.head is not None:
            self._parsed(data)
            return
        looked_at = max(0, len(self._received) - 2)
        self._received += data
        try:
            while self.head is None and (end := _END.search(self._received, looked_at)):
                looked_at = 0
                if raw := bytes(self._received[: end.start()]).lstrip(b"\r\n"):
                    self._take(Head.of(raw.removesuffix(b"\r")))
                del self._received[: end.end()]
            if self.head is None and len(self._received) > MOST_BYTES:
                Head.of(bytes(self._received))  # raises: it is too long already
        except HttpProcessingError as error:
            self.set_exception(error)
            if self.transport is not None:
                self.transport.close()
            return
        if self.head is not None and self._received:
            rest = bytes(self._received)
            self._received.clear()
            self._parsed(rest)

    def _take(self, head: Head) -> None:
        if 100 <= head.status < 200 and head.status != 101:
            return  # the answer is yet to come
        framing = head.framing()
        self.head = head
        super().data_received(framing)

    def _parsed(self, data: bytes) -> None:
        super().data_received(data)
        # An entity whose chunks are broken would be waited for: only an error in its first bytes reaches its reader.
        if (error := self.exception()) is not None and self._payload is not None and not self._payload.is_eof():
            self._payload.set_exception(aiohttp.ClientPayloadError(str(error)))


class HeadKeepingConnector(aiohttp.TCPConnector):
    """Opens connections that keep heads."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = functools.partial(_kept, loop=self._loop)


def _kept(loop: Any) -> ResponseHandler:
    return HeadKeeper(loop)
