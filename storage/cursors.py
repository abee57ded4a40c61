"""The cursor: how far a consumer of the corpus has read.

The archive only grows, by objects that never change. What a consumer was given is therefore told by which objects were
there when it was given them:

* a run that has its summary is whole: its id stands for all its sightings. Runs end in another order than they began,
  so the cursor holds the set of them and no high-water mark;
* of a run still going (or killed) it holds how many batches of sightings of each portal were read;
* of a version that was given though no sighting names it yet it holds the version;
* of reports that must be looked at every time (``storage.news``) it holds their ids.

Ids are held as short digests, and of runs long past only their number and one digest over all; should a run that began
before them end later still, the cursor is refused by name rather than the run passed over in silence.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from crawler.errors import UsageError
from storage.layout import SightingsKey

BEGINNING = "start"  # the cursor of a consumer that has nothing yet
NAMED = 2000  # runs held one by one; older ones are summed up
LARGEST = 16 * 1024 * 1024  # bytes a cursor may unpack to


class CursorRefused(UsageError):
    """This cursor does not lead on from here. Export without ``--since`` and keep the cursor of that."""

    name = "cursor"


@dataclass(frozen=True, slots=True)
class Settled:
    """The runs up to and including ``upto``, summed up."""

    upto: str
    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a consumer has been given."""

    runs: frozenset[str] = frozenset()  # finished runs
    batches: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # unfinished run → portal → batches read
    filed: frozenset[str] = frozenset()  # digests of versions given before any sighting of them was written
    watched: frozenset[str] = frozenset()  # reports of which no one portal's lines tell when they change

    def holds_batch(self, key: SightingsKey) -> bool:
        """Whether a batch of sightings was read."""
        return key.run in self.runs or key.number <= self.batches.get(key.run, {}).get(key.portal, 0)

    def holds_version(self, report_id: str, number: int) -> bool:
        """Whether a version was given before any sighting of it was written."""
        return version_token(report_id, number) in self.filed


def noted(keys: Iterable[SightingsKey], finished: Set[str], read: dict[str, dict[str, int]]) -> Iterator[SightingsKey]:
    """The batches that may be read now; those of runs that have not ended are taken down in ``read`` (a cursor's
    ``batches``)."""
    for key in keys:
        if key.run not in finished:
            # A listing is not of one moment: after a batch it passed over, later ones wait for the next time.
            portals = read.setdefault(key.run, {})
            if key.number != portals.get(key.portal, 0) + 1:
                continue
            portals[key.portal] = key.number
        yield key


def encode(cursor: Cursor) -> str:
    """The cursor as one opaque word."""
    runs = sorted(cursor.runs)
    old, named = (runs[:-NAMED], runs[-NAMED:]) if len(runs) > NAMED else ([], runs)
    content: dict[str, Any] = {"v": 1, "runs": [_token(run) for run in named]}
    if old:
        content["settled"] = [old[-1], len(old), _sum(old)]
    if cursor.batches:
        content["batches"] = {run: dict(portals) for run, portals in sorted(cursor.batches.items())}
    if cursor.filed:
        content["filed"] = sorted(cursor.filed)
    if cursor.watched:
        content["watched"] = sorted(cursor.watched)
    packed = zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(text: str, finished: Sequence[str]) -> Cursor:
    """The cursor that ``encode`` made, given the runs that have ended by now.

    Raises ``CursorRefused`` for a word that is no cursor, for the cursor of another archive, and where a run older than
    the cursor remembers one by one has ended since.
    """
    if text == BEGINNING:
        return Cursor()
    content = _content(text)
    try:
        tokens = {str(token) for token in content["runs"]}
        settled = Settled(*content["settled"]) if "settled" in content else None
        batches = {
            str(run): {str(portal): int(number) for portal, number in portals.items()}
            for run, portals in content.get("batches", {}).items()
        }
        filed = frozenset(str(token) for token in content.get("filed", ()))
        watched = frozenset(str(report) for report in content.get("watched", ()))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CursorRefused("--since: not a cursor; give the one an export printed") from None
    runs = {run for run in finished if _token(run) in tokens}
    if len(runs) != len(tokens):
        raise CursorRefused("--since: this cursor names runs this archive does not hold; it is another archive's")
    if settled is not None:
        old = sorted(run for run in finished if run <= settled.upto)
        if len(old) != settled.count or _sum(old) != settled.digest:
            raise CursorRefused(
                "--since: a run older than this cursor remembers has ended since; export without --since once"
            )
        runs.update(old)
    return Cursor(frozenset(runs), batches, filed, watched)


def version_token(report_id: str, number: int) -> str:
    """A short digest that stands for one version."""
    return _token(f"{report_id}/{number}")


def _content(text: str) -> dict[str, Any]:
    refusal = CursorRefused("--since: not a cursor; give the one an export printed")
    try:
        packed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        unpack = zlib.decompressobj()
        content = json.loads(unpack.decompress(packed, LARGEST))
    except (ValueError, binascii.Error, zlib.error):
        raise refusal from None
    if not isinstance(content, dict):
        raise refusal
    if content.get("v") != 1:
        raise CursorRefused("--since: this cursor was made by a newer nianbao; update this one")
    return content


def _token(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _sum(runs: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(runs).encode()).hexdigest()[:16]
