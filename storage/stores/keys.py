"""Which keys a store can hold, and which of them may be replaced, deleted, or made durable later."""

from __future__ import annotations

import re

from storage.stores.promise import KeyRefused

REPLACEABLE = ("catalogue/", "jottings/")
DELETABLE = ("catalogue/", "index/", "jottings/", "leases/")
LATER = ("index/",)  # what may be made durable later than it is made
_PLAIN_KEY = re.compile(r"(?:[0-9A-Za-z_-][0-9A-Za-z._-]*/)*[0-9A-Za-z_-][0-9A-Za-z._-]*")


def check_key(key: str) -> str:
    """The key, when every store can hold it. Raises ``KeyRefused``.

    Segments that begin with a dot are the stores' own: files being written, probes. No listing shows them.
    """
    if len(key) <= 255 and _PLAIN_KEY.fullmatch(key):
        return key
    segments = key.split("/")
    if any(not segment or segment.startswith(".") for segment in segments):
        raise KeyRefused(f"not a key: {key!r} has an empty or hidden segment")
    if any(ord(character) < 32 or ord(character) == 127 or character == "\\" for character in key):
        raise KeyRefused(f"not a key: {key!r} has a control character or a backslash")
    try:
        lengths = [len(segment.encode()) for segment in segments]
    except UnicodeEncodeError:
        raise KeyRefused(f"not a key: {key!r} is no valid text") from None
    if max(lengths) > 255 or sum(lengths) + len(lengths) > 900:
        raise KeyRefused(f"not a key: {key[:80]!r}… is too long")
    return key


def check_replaceable(key: str) -> str:
    """The key, when nothing is lost by what is stored over it."""
    if not key.startswith(REPLACEABLE):
        raise KeyRefused(f"{key}: what is stored is never replaced")
    return check_key(key)


def check_later(key: str) -> str:
    """The key, when what is stored there may be lost to a power cut before ``settle``."""
    if not key.startswith(LATER):
        raise KeyRefused(f"{key}: what is stored is durable at once")
    return check_key(key)


def check_deletable(key: str) -> str:
    """The key, when losing what is stored there loses nothing."""
    if not key.startswith(DELETABLE):
        raise KeyRefused(f"{key}: what is stored is never deleted")
    return check_key(key)
