"""What a status says, and how long it asks us to wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from crawler.errors import Blocked, NianbaoError, Unreadable
from crawler.refusals.answer import Answer


class TooManyRequests(Blocked):
    """The portal wants to be asked more slowly: wait ``retry_after`` seconds (``None``: it does not say)."""

    name = "too_many_requests"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServiceUnavailable(Unreadable):
    """The portal cannot answer now: ask again after ``retry_after`` seconds (``None``: it does not say)."""

    name = "service_unavailable"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def by_status(answer: Answer) -> NianbaoError | None:
    status, url = answer.status, answer.url
    said = f"{status}: {url}"
    if 200 <= status < 300:
        if status == 206:
            return Unreadable(said, name="partial_answer")
        return Unreadable(said, name="empty_answer") if status in (204, 205) else None
    match status:
        case 401 | 407:
            return Unreadable(said, name="login_required")
        case 403:
            return Blocked(said, name="forbidden_403")
        case 404:
            return Unreadable(said, name="not_found")
        case 408:
            return Unreadable(said, name="request_timeout")
        case 410:
            return Unreadable(said, name="gone_410")
        case 429:
            return TooManyRequests(said, retry_after=wait_asked_for(answer))
        case 451:
            return Blocked(said, name="legal_451")
        case 503:
            return ServiceUnavailable(said, retry_after=wait_asked_for(answer))
    if status < 400:
        return _unfollowed(answer)
    return Unreadable(said, name="client_error" if status < 500 else "server_error")


def _unfollowed(answer: Answer) -> Unreadable:
    """A redirect nobody followed."""
    location = (answer.header(b"location") or b"").decode("utf-8", "replace")
    return Unreadable(f"{answer.status} to {location or 'nowhere'}: {answer.url}", name="redirected")


def wait_asked_for(answer: Answer) -> float | None:
    """Seconds that an answer asks us to wait, where it does."""
    value = answer.header(b"retry-after")
    return None if value is None else retry_after(value.decode("latin-1"))


def retry_after(value: str, now: datetime | None = None) -> float | None:
    """Seconds from a ``Retry-After`` header, which holds seconds or a date (RFC 9110 §10.2.3); never negative."""
    value = value.strip()
    if re.fullmatch(r"\d{1,9}(?:\.\d+)?", value):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
