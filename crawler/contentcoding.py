"""Undoing a content coding within bounds. What cannot be undone is left as it came and marked."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from crawler.errors import Unreadable

GZIP_MAGIC = b"\x1f\x8b"


def decoded(entity: bytes, headers: Sequence[tuple[bytes, bytes]], limit: int) -> tuple[bytes, str | None]:
    """The payload of an entity, and ``"length"`` when its coding ended early.

    ``gzip`` and ``deflate`` are undone: nothing else is asked for. Some servers send gzip without saying so (cnipa,
    domain facts §5) and others say so and do not: the bytes decide.
    Raises ``Unreadable("compression_bomb")`` over ``limit`` bytes.
    """
    codings = [c.strip().lower() for v in _values(headers, b"content-encoding") for c in v.split(",") if c.strip()]
    payload, broken = entity, None
    if not codings and entity[:2] == GZIP_MAGIC and _is_text(headers):
        codings = ["gzip"]
    for coding in reversed(codings):
        if coding in ("gzip", "x-gzip") and payload[:2] == GZIP_MAGIC:
            payload, broken = _inflated(payload, 47, limit)
        elif coding == "deflate" and payload:
            wbits = 15 if payload[0] & 0x0F == 8 and int.from_bytes(payload[:2], "big") % 31 == 0 else -15
            payload, broken = _inflated(payload, wbits, limit)
    return payload, broken


def _inflated(data: bytes, wbits: int, limit: int) -> tuple[bytes, str | None]:
    out: list[bytes] = []
    size = 0
    while data:  # a gzip entity may have several members
        stream = zlib.decompressobj(wbits)
        while True:
            try:
                piece = stream.decompress(data, 1 << 16)
            except zlib.error:
                return b"".join(out) or data, "length"
            size += len(piece)
            if size > limit:
                raise Unreadable(f"content coding unfolds to more than {limit} bytes", name="compression_bomb")
            out.append(piece)
            data = stream.unconsumed_tail
            if stream.eof:
                data = stream.unused_data
                break
            if not data and not piece:
                return b"".join(out), "length"
        if data[:2] != GZIP_MAGIC:
            break  # padding after the last member
    return b"".join(out), None


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def _is_text(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    kinds = _values(headers, b"content-type")
    return not kinds or any(kind.lower().startswith(("text/", "application/json", "application/xml")) for kind in kinds)
