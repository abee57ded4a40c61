"""Bytes → text. What a portal says of its encoding is a hint; the bytes decide.

Order: byte order mark, or markup that begins as UTF-16 does → strict UTF-8 → GB18030 where a GB encoding is declared or
nothing else fits → what is declared (Big5 …) → the best of them with replacement characters and a remark. GB2312 and
GBK are always read as GB18030, their superset: portals declare the small one and use the large one.
"""

from __future__ import annotations

import codecs
import re
import zlib
from dataclasses import dataclass

from crawler.errors import Unreadable
from crawler.items import Remark

MAX_INFLATED = 64 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Markup without a mark: the first three characters of a tag, each with its zero byte.
_WIDE = (
    (re.compile(rb"(?:[\t\n\r ]\0)*<\0[!?A-Za-z]\0[-A-Za-z>]\0"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\n\r ])*\0<\0[!?A-Za-z]\0[-A-Za-z>]"), "utf-16-be"),
)
_GB = frozenset({"gb2312", "gb_2312", "gb_2312-80", "gbk", "cp936", "gb18030", "x-gbk", "hz", "hz-gb-2312", "936"})
_META_CHARSET = re.compile(rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,30})", re.I)
_XML_ENCODING = re.compile(rb"^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,30})", re.I)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,30})", re.I)
# libxml2 would stop at NUL; the other control characters are no text in any encoding.
_CONTROL_BYTES = bytes([*range(9), 11, 12, *range(14, 32), 127])
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text without control characters, the encoding it was read in, and what was odd about it."""

    text: str
    encoding: str
    remarks: tuple[Remark, ...] = ()


def inflate(payload: bytes) -> bytes:
    """The payload itself, or what it unpacks to: some servers send gzip nobody asked for and do not say so.

    Raises ``Unreadable`` where it is no whole gzip stream or unpacks to more than ``MAX_INFLATED`` bytes.
    """
    for _ in range(2):  # packed twice has been seen behind proxies
        if not payload.startswith(_GZIP):
            return payload
        unpacker = zlib.decompressobj(wbits=31)
        try:
            payload = unpacker.decompress(payload, MAX_INFLATED + 1)
        except zlib.error as fault:
            raise Unreadable(f"damaged gzip: {fault}", name="damaged_gzip") from fault
        if len(payload) > MAX_INFLATED:
            raise Unreadable(f"unpacks to more than {MAX_INFLATED} bytes", name="too_large")
        if not unpacker.eof:
            raise Unreadable("gzip stream ends early", name="truncated")
    return payload


def utf16_of(payload: bytes) -> str | None:
    """Which UTF-16 these bytes are, by their mark or by how their markup begins; ``None`` for any other encoding."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if payload.startswith(mark):
            return encoding
    if b"\0" not in payload[:2]:
        return None
    return next((encoding for markup, encoding in _WIDE if markup.match(payload)), None)


def beginning(payload: bytes, length: int = 4096) -> bytes:
    """The first bytes, as they would be in UTF-8 where they are UTF-16: for who looks for words in bytes."""
    head = payload[:length]
    encoding = utf16_of(head)
    return head.decode(encoding, "replace").lstrip("\ufeff").encode("utf-8", "replace") if encoding else head


def decode(payload: bytes, content_type: str | None = None) -> Decoded:
    """The text of a payload, gzip undone. Never raises for bad characters: they are replaced and remarked."""
    payload = inflate(payload)
    header = _declared(_HEADER_CHARSET.search(content_type or ""))
    found = _XML_ENCODING.match(payload[:300]) or _META_CHARSET.search(payload[:8192])
    meta = _declared(found)
    text, encoding, damaged = _decode(payload, header, meta)
    remarks = []
    for place, label in (("header", header), ("meta", meta)):
        if label and _family(label) != _family(encoding) and not encoding.startswith(f"{_family(label)}-"):
            remarks.append(Remark("encoding.contradicts", f"{place} says {label}, the bytes are {encoding}"))
    if damaged:
        remarks.append(Remark("encoding.damaged", f"{damaged} characters could not be read as {encoding}"))
    # No encoding of a web page hides control characters in other bytes; looking at bytes is ten times faster.
    if len(payload.translate(None, _CONTROL_BYTES)) < len(payload) or "\ufffe" in text or "\uffff" in text:
        text = _CONTROLS.sub("", text)
    return Decoded(text, encoding, tuple(remarks))


def _decode(payload: bytes, header: str | None, meta: str | None) -> tuple[str, str, int]:
    for bom, encoding in _BOMS:
        if payload.startswith(bom):
            text = payload[len(bom) :].decode(encoding, "replace")
            return text, encoding, text.count("\ufffd")
    if wide := utf16_of(payload):
        text = payload.decode(wide, "replace")
        return text, wide, text.count("\ufffd")
    text_or_none = _strict(payload, "utf-8")
    if text_or_none is not None:
        return text_or_none, "utf-8", 0
    declared = [label for label in (header, meta) if label]
    families = [_family(label) for label in declared]
    others = [label for label in declared if _family(label) not in ("utf-8", "gb18030") and _known(label)]
    candidates = ["gb18030", *others] if "gb18030" in families or not others else [*others, "gb18030"]
    # A UTF-8 page with a few broken characters often is valid GB18030 of nonsense: measure before turning to it.
    broken = _broken_utf8(payload)
    if broken is not None:
        text = payload.decode("utf-8", "replace")
        return text, "utf-8", broken
    for encoding in candidates:
        if _family(encoding) in _SINGLE_BYTE:  # fits any bytes, so it proves nothing
            continue
        text_or_none = _strict(payload, encoding)
        if text_or_none is not None:
            return text_or_none, _family(encoding), 0
    best = min((*candidates, "utf-8"), key=lambda encoding: payload.decode(encoding, "replace").count("\ufffd"))
    text = payload.decode(best, "replace")
    return text, _family(best), text.count("\ufffd")


_SINGLE_BYTE = frozenset({"iso8859-1", "cp1252", "ascii", "latin-1", "iso-8859-1"})


def _strict(payload: bytes, encoding: str) -> str | None:
    """The text, or ``None`` where the bytes are something else. A character cut off by the end does not count."""
    try:
        return payload.decode(encoding)
    except UnicodeDecodeError as fault:
        longest = 3 if encoding == "utf-8" else 4
        if fault.start > 0 and len(payload) - fault.start <= longest and "incomplete" in _reason(fault):
            return payload[: fault.start].decode(encoding) + "\ufffd"
        return None


def _reason(fault: UnicodeDecodeError) -> str:
    return "incomplete" if "end of data" in fault.reason or "incomplete" in fault.reason else fault.reason


def _broken_utf8(payload: bytes) -> int | None:
    """How many characters are broken where the payload clearly is UTF-8 all the same, else ``None``."""
    text = payload.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = len(text) - len(text.encode("ascii", "ignore")) - broken
    # GB bytes read as UTF-8 leave far more broken characters than sound ones.
    return broken if sound > 10 * broken else None


def _declared(match: re.Match[str] | re.Match[bytes] | None) -> str | None:
    if match is None:
        return None
    label = match.group(1)
    return (label.decode("ascii") if isinstance(label, bytes) else label).lower()


def _known(label: str) -> bool:
    try:
        return bool(codecs.lookup(label)._is_text_encoding)
    except LookupError:
        return False


def _family(label: str) -> str:
    lowered = label.lower()
    if lowered in _GB:
        return "gb18030"
    if lowered in ("utf8", "utf-8", "utf-8-sig", "unicode-1-1-utf-8"):
        return "utf-8"
    try:
        return codecs.lookup(lowered).name
    except LookupError:
        return lowered
