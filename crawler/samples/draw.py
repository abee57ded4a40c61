"""Invented figures that are the same on every machine: numbers drawn from a hash of their own name."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """A source of figures for one subject: ``Draw("scjg", 2021).number("granted", 3, 40)``."""

    def __init__(self, *subject: object) -> None:
        self.subject = "/".join(str(part) for part in subject)

    def number(self, name: str, low: int, high: int) -> int:
        """A number from ``low`` to ``high``, both included, fixed by subject and name."""
        digest = sha256(f"{self.subject}/{name}".encode()).digest()
        return low + int.from_bytes(digest[:8]) % (high - low + 1)

    def choice(self, name: str, options: Sequence[T]) -> T:
        """One of the options, fixed by subject and name."""
        return options[self.number(name, 0, len(options) - 1)]

    def hex(self, name: str, length: int) -> str:
        """A lowercase hex string, as object ids and file names look."""
        return sha256(f"{self.subject}/{name}".encode()).hexdigest()[:length]
