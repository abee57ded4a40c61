"""What every store of objects promises, and what it says where it cannot keep that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from crawler.errors import ArchiveError


class Missing(ArchiveError):
    """No object is stored under this key."""

    name = "archive.missing"


class Refused(ArchiveError):
    """The store will not have us: no credentials, no permission, no such bucket. Mend the call, then try again."""

    name = "archive.refused"


class KeyRefused(ArchiveError):
    """This key cannot be stored, or may not be replaced or deleted. The caller is at fault."""

    name = "archive.key"


@dataclass(frozen=True, slots=True)
class Listed:
    """One stored object, as a listing names it."""

    key: str
    size: int


class ObjectStore(Protocol):
    """Keys → bytes. Every method may be called from any thread; every failure is an ``ArchiveError``."""

    uri: str

    def create(self, key: str, data: bytes) -> bool:
        """Store under a free key; ``False``, and nothing changed, where the key is taken."""

    def create_soon(self, key: str, data: bytes) -> bool:
        """As ``create``, of a key of ``index/``; sure to be durable only after the next ``settle``."""

    def settle(self) -> None:
        """Returns when all that ``create_soon`` has acknowledged before, in any thread, is durable."""

    def get(self, key: str) -> bytes:
        """The stored bytes. Raises ``Missing``."""

    def exists(self, key: str) -> bool:
        """Whether something is stored under the key."""

    def list(self, prefix: str, after: str | None = None) -> Iterator[Listed]:
        """The objects whose keys begin with ``prefix`` and come after ``after``, in key order, as they are found."""

    def folders(self, prefix: str) -> Iterator[str]:
        """The names directly under ``prefix`` (which ends in ``/``) that hold further keys, in order."""

    def replace(self, key: str, data: bytes) -> None:
        """Store under a key of ``catalogue/`` or ``jottings/``, whatever was there."""

    def delete(self, key: str) -> None:
        """Remove a key of ``catalogue/``, ``index/``, ``jottings/`` or ``leases/``; one that is not there is no fault."""
