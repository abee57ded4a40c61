"""Archived pages as they were, inert: shown in a frame in which nothing runs and from which nothing is fetched.

The response's own policy (``sandbox; default-src 'none'``) stops scripts, forms, refreshes, plugins, pictures, fonts and
styles from elsewhere. What it does not stop is a connection opened ahead of what is then refused: Chromium 156 connects
for ``<link rel=preconnect>`` and for the source of an ``<iframe>`` it may not load (seen 2026-11-22). So the tags that
can only point elsewhere are written under names of no meaning; the bytes as they were are in the snapshot.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from urllib.parse import quote

from pipelines.reading.decoding import utf16_of

POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
PAGES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
_ELSEWHERE = re.compile(rb"<(/?)(link|iframe|frame|object|embed|portal|fencedframe)(?=[\s/>])", re.I)
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown in a frame."""

    content: bytes
    media_type: str  # with its charset, where one is stated


def shown(payload: bytes, content_type: str | None) -> Shown | None:
    """The page made inert; ``None`` for what is no page."""
    stated, charset = media_type(content_type)
    if stated is None and payload.lstrip()[:1] == b"<":
        stated = "text/html"
    if stated not in PAGES:
        return None
    if wide := utf16_of(payload):
        payload, charset = payload.decode(wide, "replace").lstrip("\ufeff").encode("utf-8", "replace"), "utf-8"
    elif charset and charset.startswith(("utf-16", "utf-32", "utf-7")):
        payload, charset = payload.decode(charset, "replace").encode("utf-8", "replace"), "utf-8"
    kind = "text/plain" if stated == "text/plain" else "text/html"
    if kind == "text/html":
        payload = _ELSEWHERE.sub(rb"<\1x-\2", payload)
    return Shown(payload, f"{kind}; charset={charset}" if charset else kind)


def media_type(content_type: str | None) -> tuple[str | None, str | None]:
    """The type and the charset of a header, each only where it is one."""
    stated, _, parameters = (content_type or "").partition(";")
    stated = stated.strip().lower()
    match = re.search(r"charset\s*=\s*[\"']?([0-9A-Za-z_.:-]{2,40})", parameters, re.I)
    charset = None
    if match:
        try:
            charset = codecs.lookup(match[1]).name
        except LookupError:
            charset = None
    return (stated if _MEDIA_TYPE.fullmatch(stated) else None), charset


def download_headers(name: str) -> dict[str, str]:
    """Headers under which a file is saved and never shown, by a name without anything that could lead elsewhere."""
    plain = re.sub(r"[\x00-\x1f\x7f\"\\/:*?<>|;%\u202a-\u202e\u2066-\u2069]+", "_", name).strip(". ")[-150:] or "file"
    ascii_name = plain.encode("ascii", "replace").decode().replace("?", "_")
    return {
        "Content-Disposition": f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(plain, safe='')}",
        "Content-Security-Policy": FILE_POLICY,
    }
