"""A snapshot: one capture as a complete WARC 1.1 file of its own.

Two records, each a gzip member: the response (entity as sent, content coding kept, every header value as received) and
the request that drew it. Where the payload cannot be had from the entity with the codings of the standard library
(brotli, zstd, a stream broken in its middle), a ``conversion`` record keeps the payload too, so that an archive can be
read in ten years without the decoder of the day.

Chunked framing is undone before a capture is made; left in place, ``Transfer-Encoding`` would make every reader undo it
again. It is kept as ``X-Archive-Orig-Transfer-Encoding``, and a length that stood beside it and was void as
``X-Archive-Orig-Content-Length``; ``read`` gives both back under their own names.

``WARC-Payload-Digest`` is of the entity as sent, as WARC defines it; the snapshot's key is of the payload.
"""

from __future__ import annotations

import hashlib
import re
import uuid
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit, urlunsplit

from crawler.errors import Unreadable
from crawler.items import Capture
from storage.codec import LIMIT, Damaged, gunzip_members, gzip_member

Headers = tuple[tuple[bytes, bytes], ...]

SECRET = frozenset({b"cookie", b"authorization", b"proxy-authorization"})
FRAMING = (b"transfer-encoding", b"content-length")
KEPT_AS = b"X-Archive-Orig-"
KEPT_FRAMING = frozenset(KEPT_AS.lower() + name for name in FRAMING)


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """A capture as read back. The portal it was made for, and the redirects before it, stand in the sightings."""

    url: str
    time: datetime
    status: int
    reason: str
    protocol: str
    http_headers: Headers
    request_method: str
    request_headers: Headers
    entity: bytes
    payload: bytes
    payload_digest: str
    content_type: str | None = None
    ip_address: str | None = None
    truncated: str | None = None

    def header(self, name: str) -> str | None:
        """The first value of a response header, or ``None``."""
        value = _first(self.http_headers, name.lower().encode())
        return None if value is None else value.decode("latin-1")


def as_received(kept: StoredCapture, portal: str) -> Capture:
    """A kept capture as it was when the portal answered; redirects before it are not kept with it."""
    return Capture(
        portal=portal,
        url=kept.url,
        time=kept.time,
        status=kept.status,
        reason=kept.reason,
        protocol=kept.protocol,
        request_method=kept.request_method,
        request_headers=kept.request_headers,
        response_headers=kept.http_headers,
        entity=kept.entity,
        payload=kept.payload,
        payload_digest=kept.payload_digest,
        ip_address=kept.ip_address,
        truncated=kept.truncated,
    )


# ---------------------------------------------------------------- writing


def warc(capture: Capture) -> bytes:
    """The capture as a WARC file; the same capture always gives the same bytes.

    Raises ``Unreadable`` when the capture is too large to be kept.
    """
    if len(capture.entity) > LIMIT // 2 or len(capture.payload) > LIMIT // 2:
        raise Unreadable(f"{capture.url}: more bytes than one snapshot may hold ({LIMIT // 2})", name="too_large")
    if capture.time.tzinfo is None:
        raise ValueError(f"{capture.url}: captured at a time without zone")
    moment = capture.time.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    url = _target(capture.url)
    seed = f"{url} {moment} {capture.payload_digest}"
    response_id, request_id, conversion_id = (
        f"<{uuid.uuid5(uuid.NAMESPACE_URL, f'{kind} {seed}').urn}>" for kind in ("response", "request", "conversion")
    )
    version = capture.protocol if capture.protocol.startswith("HTTP/1.") else "HTTP/1.1"
    about: list[tuple[str, str]] = [("WARC-Date", moment), ("WARC-Target-URI", url)]
    if capture.ip_address:
        about.append(("WARC-IP-Address", capture.ip_address))
    if version != capture.protocol:
        about.append(("WARC-Protocol", capture.protocol.lower()))

    head = _http_head(
        f"{version} {capture.status} {capture.reason}".rstrip(" "),
        ((KEPT_AS + name if _void(name, value, capture) else name, value) for name, value in capture.response_headers),
    )
    response = [("WARC-Type", "response"), ("WARC-Record-ID", response_id), *about]
    response.append(("WARC-Payload-Digest", _labelled(capture.entity)))
    if capture.truncated:
        response.append(("WARC-Truncated", capture.truncated))
    members = [_record(response, "application/http; msgtype=response", head + capture.entity)]

    parts = urlsplit(url)
    asked = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    head = _http_head(
        f"{capture.request_method} {asked} {version}",
        ((name, value) for name, value in capture.request_headers if name.lower() not in SECRET),
    )
    request = [("WARC-Type", "request"), ("WARC-Record-ID", request_id), *about, ("WARC-Concurrent-To", response_id)]
    request.append(("WARC-Payload-Digest", _labelled(b"")))
    members.append(_record(request, "application/http; msgtype=request", head))

    if _payload(capture.entity, capture.response_headers, capture.payload_digest) is None:
        conversion = [("WARC-Type", "conversion"), ("WARC-Record-ID", conversion_id), *about[:2]]
        conversion += [("WARC-Refers-To", response_id), ("WARC-Payload-Digest", _labelled(capture.payload))]
        media_type = _first(capture.response_headers, b"content-type") or b"application/octet-stream"
        members.append(_record(conversion, _one_line(media_type).decode("latin-1"), capture.payload))
    return b"".join(members)


def _void(name: bytes, value: bytes, capture: Capture) -> bool:
    """Whether a header says of the entity how it was framed on its way, and no more how it is (RFC 9112, 6.3)."""
    coding, length = FRAMING
    if name.lower() != length:
        return name.lower() == coding
    return value != b"%d" % len(capture.entity) and _first(capture.response_headers, coding) is not None


def _record(headers: list[tuple[str, str]], content_type: str, block: bytes) -> bytes:
    headers += [
        ("WARC-Block-Digest", _labelled(block)),
        ("Content-Type", content_type),
        ("Content-Length", str(len(block))),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return gzip_member(b"".join((b"WARC/1.1\r\n", head.encode(), b"\r\n", block, b"\r\n\r\n")))


def _http_head(first_line: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    lines = [_one_line(_bytes(first_line)), *(_one_line(name) + b": " + _one_line(value) for name, value in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _one_line(value: bytes) -> bytes:
    return re.sub(rb"[\r\n\0]+", b" ", value).strip(b" \t")


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")


def _target(url: str) -> str:
    """The address as a WARC header can hold it: no user information, no white space, ASCII."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    return quote(urlunsplit(parts._replace(netloc=netloc, fragment="")), safe="!$%&'()*+,/:;=?@[]~", errors="replace")


def _labelled(block: bytes) -> str:
    return f"sha256:{hashlib.sha256(block).hexdigest()}"


# ---------------------------------------------------------------- reading


def read(data: bytes, payload_digest: str) -> StoredCapture:
    """The capture in a snapshot, every digest checked. Raises ``Damaged``."""
    records = [_parse(member) for member in gunzip_members(data)]
    kinds = [record.headers.get("warc-type") for record in records]
    if kinds not in (["response", "request"], ["response", "request", "conversion"]):
        raise Damaged(f"holds the records {kinds}")
    response, request = records[0], records[1]
    first_line, http_headers, entity = _head(response.block)
    if response.headers.get("warc-payload-digest") != _labelled(entity):
        raise Damaged("the entity's digest does not hold")
    http_headers = tuple(
        (name[len(KEPT_AS) :] if name.lower() in KEPT_FRAMING else name, value) for name, value in http_headers
    )
    payload: bytes | None
    if len(records) == 3:
        payload = records[2].block
        if hashlib.sha256(payload).hexdigest() != payload_digest:
            payload = None
    else:
        payload = _payload(entity, http_headers, payload_digest)
    if payload is None:
        raise Damaged("the payload does not hash to its key")
    protocol, status, reason = _status_line(first_line)
    asked, request_headers, _ = _head(request.block)
    content_type = _first(http_headers, b"content-type")
    return StoredCapture(
        url=response.headers.get("warc-target-uri", ""),
        time=date_of(response.headers.get("warc-date", "")),
        status=status,
        reason=reason,
        protocol=response.headers.get("warc-protocol", protocol),
        http_headers=http_headers,
        request_method=asked.partition(b" ")[0].decode("latin-1"),
        request_headers=request_headers,
        entity=entity,
        payload=payload,
        payload_digest=payload_digest,
        content_type=None if content_type is None else content_type.decode("latin-1"),
        ip_address=response.headers.get("warc-ip-address"),
        truncated=response.headers.get("warc-truncated"),
    )


@dataclass(frozen=True, slots=True)
class _Record:
    headers: dict[str, str]
    block: bytes


def _parse(member: bytes) -> _Record:
    first_line, headers, rest = _head(member)
    if first_line != b"WARC/1.1":
        raise Damaged(f"is no WARC 1.1 record: {first_line[:40]!r}")
    named = {name.decode("latin-1").lower(): value.decode("utf-8", "replace") for name, value in headers}
    if len(rest) < 4 or named.get("content-length") != str(len(rest) - 4) or not rest.endswith(b"\r\n\r\n"):
        raise Damaged("a record's length is not what it says")
    block = rest[:-4]
    if named.get("warc-block-digest") != _labelled(block):
        raise Damaged("a block's digest does not hold")
    return _Record(named, block)


def _head(block: bytes) -> tuple[bytes, Headers, bytes]:
    """First line, headers and what follows the blank line."""
    head, blank, rest = block.partition(b"\r\n\r\n")
    if not blank:
        raise Damaged("a record's head has no end")
    first_line, *lines = head.split(b"\r\n")
    split = (line.partition(b":") for line in lines)
    return first_line, tuple((name, value.strip(b" \t")) for name, _, value in split), rest


def _status_line(line: bytes) -> tuple[str, int, str]:
    protocol, _, rest = line.decode("latin-1").partition(" ")
    status, _, reason = rest.partition(" ")
    if not status.isascii() or not status.isdigit():
        raise Damaged(f"no status line: {line[:40]!r}")
    return protocol, int(status), reason


def date_of(text: str) -> datetime:
    """A WARC-Date as a time in UTC. Raises ``Damaged``."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Damaged(f"no date: {text[:40]!r}")


def _first(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    return next((value for key, value in headers if key.lower() == name), None)


# ---------------------------------------------------------------- content codings

# "deflate" is zlib in the standard (RFC 9110, 8.4.1.2) and a bare stream from some servers.
_WINDOWS = {
    b"gzip": (zlib.MAX_WBITS | 16,),
    b"x-gzip": (zlib.MAX_WBITS | 16,),
    b"deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS),
}


def _payload(entity: bytes, headers: Iterable[tuple[bytes, bytes]], digest: str) -> bytes | None:
    """What the entity is without its content codings, told by its digest; ``None`` where no way leads there.

    Servers name codings they did not use and use codings they did not name, so the bytes as sent are tried too.
    """
    codings = [
        coding.strip()
        for name, value in headers
        if name.lower() == b"content-encoding"
        for coding in value.lower().split(b",")
    ]
    for candidate in _decoded(entity, codings):
        if hashlib.sha256(candidate).hexdigest() == digest:
            return candidate
    return None


def _decoded(entity: bytes, codings: list[bytes]) -> Iterator[bytes]:
    yield entity
    contents = [entity]
    for coding in reversed(codings[:3]):
        windows = _WINDOWS.get(coding, ())
        contents = [unpacked for content in contents for window in windows if (unpacked := _inflated(content, window))]
        yield from contents


def _inflated(content: bytes, window: int) -> bytes:
    """All that unpacks, also of a stream cut short, up to the limit; further gzip members included."""
    unpacked = b""
    while content and len(unpacked) <= LIMIT:
        inflate = zlib.decompressobj(window)
        try:
            unpacked += inflate.decompress(content, LIMIT + 1 - len(unpacked))
        except zlib.error:
            break
        content = inflate.unused_data if window > zlib.MAX_WBITS else b""
    return unpacked
