"""RFC 7089: which capture of an address is meant, and how its history is written.

A TimeGate redirects to the capture next to the time asked for (pattern 2.1), a TimeMap lists all of them
(application/link-format, RFC 6690, or JSON). Captures are known by the second.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from crawler.urls import clean
from crawler.web.parameters import BadRequest

Capture = tuple[datetime, str, str]  # time, payload digest, address
STAMP = "%Y%m%d%H%M%S"


def address(raw_path: bytes, query: bytes, prefix: str) -> str:
    """The address a request names after the prefix, its own query included. Raises ``BadRequest``."""
    text = raw_path.decode("ascii", "replace").split("?")[0].removeprefix(prefix)
    if query:
        text += "?" + query.decode("ascii", "replace")
    # Proxies fold // into /; a bare host is taken as one.
    text = re.sub(r"^(https?):/+", r"\1://", text)
    if not re.match(r"https?://", text):
        text = f"http://{text}"
    try:
        return clean(text)
    except ValueError:
        raise BadRequest(f"not an http(s) address: {text[:200]!r}") from None


def asked_for(header: str | None) -> datetime | None:
    """The time of an ``Accept-Datetime``. Raises ``BadRequest`` where it is none (RFC 7089, 4.5.3)."""
    if header is None:
        return None
    try:
        time = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        raise BadRequest(f"Accept-Datetime: not an HTTP date: {header[:60]!r}") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def nearest(captures: Sequence[Capture], time: datetime | None) -> Capture:
    """The capture next to a time; the newest where none is named."""
    if time is None:
        return captures[-1]
    wanted = time
    return min(captures, key=lambda capture: abs(capture[0] - wanted))


def stamp(time: datetime) -> str:
    """Fourteen digits."""
    return time.astimezone(UTC).strftime(STAMP)


def time_of(digits: str) -> datetime:
    """The time fourteen digits say. Raises ``BadRequest``."""
    if re.fullmatch(r"[0-9]{14}", digits):
        with suppress(ValueError):  # a month 13, a second 61
            return datetime.strptime(digits, STAMP).replace(tzinfo=UTC)
    raise BadRequest("a memento’s time is fourteen digits: YYYYMMDDhhmmss")


def http_date(time: datetime) -> str:
    return format_datetime(time.astimezone(UTC).replace(microsecond=0), usegmt=True)


def links(base: str, url: str, captures: Sequence[Capture], here: Capture | None = None) -> str:
    """The ``Link`` header of a TimeGate's or memento's answer."""
    found = [
        f'<{url}>; rel="original"',
        f'<{base}timegate/{url}>; rel="timegate"',
        f'<{base}timemap/link/{url}>; rel="timemap"; type="application/link-format"',
    ]
    first, last = captures[0], captures[-1]
    for capture in dict.fromkeys((first, last, *([here] if here else []))):
        rel = " ".join([*(["first"] if capture == first else []), *(["last"] if capture == last else []), "memento"])
        found.append(f'<{base}memento/{stamp(capture[0])}/{url}>; rel="{rel}"; datetime="{http_date(capture[0])}"')
    return ", ".join(found)


def timemap(base: str, url: str, captures: Sequence[Capture]) -> str:
    """The history of an address in application/link-format."""
    first, last = captures[0], captures[-1]
    lines = [
        f'<{url}>; rel="original"',
        f'<{base}timegate/{url}>; rel="timegate"',
        (
            f'<{base}timemap/link/{url}>; rel="self"; type="application/link-format"; '
            f'from="{http_date(first[0])}"; until="{http_date(last[0])}"'
        ),
    ]
    for number, capture in enumerate(captures):
        ends = (["first"] if number == 0 else []) + (["last"] if number == len(captures) - 1 else [])
        rel = " ".join([*ends, "memento"])
        lines.append(f'<{base}memento/{stamp(capture[0])}/{url}>; rel="{rel}"; datetime="{http_date(capture[0])}"')
    return ",\n".join(lines) + "\n"
