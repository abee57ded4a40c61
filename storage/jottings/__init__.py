"""What a run saw and the archive does not say yet, jotted down as it is seen, for the run that follows one that is killed.

Two kinds of thing leave no other trace in time. Sightings are stored some 200 at a time (``storage.sightings``): a killed
run would have to look again at its last ones, and look up what it filed. And a new page that was kept waits to be read in
its turn, where nothing slows a crawl down in a queue of hundreds: it would be asked for again.

    files      beside a directory: appended to as things are seen;  asides: a page in a file of its own
    objects    in any other store: a few at a time, once a second at the most

A help only: what is not jotted down is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crawler.items import Capture, Sighting
from storage.stores import DirectoryStore, ObjectStore


@dataclass(frozen=True, slots=True)
class Jotted:
    """What one run saw of one portal and left unsaid, and the key of the object it belongs in."""

    key: str
    sightings: list[Sighting]


@dataclass(frozen=True, slots=True)
class Unread:
    """What a run had of an address, and may not have read."""

    payload_digest: str
    run: str
    time: datetime  # of the look


class Jottings(Protocol):
    """The jottings beside one archive. Any thread may call any method; none raises for want of them."""

    def jot(self, sighting: Sighting, number: int) -> None:
        """Take down what was seen; it is to be the archive's in the run's ``number``-th object of the portal."""

    def said(self, portal: str, run: str, numbers: Sequence[int]) -> None:
        """What was to be said in these objects is stored."""

    def left(self, portal: str, after: str | None) -> Iterator[Jotted]:
        """What runs left unsaid that did not end. Call while no other run is at the portal. ``after``: the run that was
        there last and was cut off."""

    def jot_unread(self, portal: str, url: str, had: Unread) -> None:
        """Take down that a page, or what belongs to one, was had and is to be read."""

    def unread(self, portal: str, after: str | None) -> dict[str, Unread]:
        """By identity of the address, each page that runs had which were not done with the portal; some of it was read.
        ``after``: as in ``left``."""

    def lay_aside(self, capture: Capture, run: str) -> None:
        """Hold the page of a known report, which is kept only if it says something new, until it is read."""

    def laid_aside(self, portal: str, payload_digest: str) -> Capture | None:
        """What was laid aside; ``None`` where it is not there, or not whole."""

    def all_read(self, portal: str) -> None:
        """The portal is done with."""

    def close(self, run: str) -> None:
        """The run ends, and everything it saw is said."""


def jottings_beside(store: ObjectStore) -> Jottings:
    """The jottings of the archive in a store."""
    from storage.jottings.files import FileJottings
    from storage.jottings.objects import ObjectJottings

    return FileJottings(store.root) if isinstance(store, DirectoryStore) else ObjectJottings(store)
