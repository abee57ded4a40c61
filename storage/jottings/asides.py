"""A capture laid aside in a file as it came, for as long as it waits to be read."""

from __future__ import annotations

import hashlib
from datetime import datetime

from crawler.items import Capture
from storage import codec
from storage.codec import Damaged

Headers = tuple[tuple[bytes, bytes], ...]


def packed(capture: Capture) -> bytes:
    """The head as a line of JSON, the entity, the payload: a fraction of what a snapshot costs."""
    head = {
        "url": capture.url,
        "time": capture.time,
        "status": capture.status,
        "reason": capture.reason,
        "protocol": capture.protocol,
        "method": capture.request_method,
        "request": _text(capture.request_headers),
        "response": _text(capture.response_headers),
        "ip": capture.ip_address,
        "entity": len(capture.entity),
        "digest": capture.payload_digest,
    }
    return codec.to_json(head) + b"\n" + capture.entity + capture.payload


def unpacked(data: bytes, portal: str) -> Capture:
    """Raises ``Damaged`` for what was not written to its end, or by us."""
    line, _, rest = data.partition(b"\n")
    head = codec.from_json(line)
    try:
        entity, payload = rest[: head["entity"]], rest[head["entity"] :]
        if hashlib.sha256(payload).hexdigest() != head["digest"]:
            raise Damaged("not written to its end")
        return Capture(
            portal=portal,
            url=str(head["url"]),
            time=datetime.fromisoformat(head["time"]),
            status=int(head["status"]),
            reason=str(head["reason"]),
            protocol=str(head["protocol"]),
            request_method=str(head["method"]),
            request_headers=_headers(head["request"]),
            response_headers=_headers(head["response"]),
            entity=entity,
            payload=payload,
            payload_digest=head["digest"],
            ip_address=head["ip"] and str(head["ip"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(f"no capture: {error!r}") from error


def _text(headers: Headers) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


def _headers(said: list[list[str]]) -> Headers:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in said)
