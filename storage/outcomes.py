"""What runs said of their portals, remembered in little room.

The state of every portal is read from the same few runs. As Python objects the summary of a night over 40,000 portals is
some hundred megabytes; packed, an outcome is a few hundred bytes.
"""

from __future__ import annotations

import sys
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from storage import codec

REMEMBERED = 500_000  # outcomes: a dozen nights over a nation


class Packed(Mapping[str, Any]):
    """Portal → what a run said of it, unpacked when asked for."""

    def __init__(self, portals: Mapping[str, Any]) -> None:
        self._packed = {
            sys.intern(portal): zlib.compress(codec.to_json(outcome), 1) for portal, outcome in portals.items()
        }

    def __getitem__(self, portal: str) -> Any:
        return codec.from_json(zlib.decompress(self._packed[portal]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


class Outcomes:
    """The summaries of the runs asked for last, without what they say of no portal. Any thread may ask."""

    def __init__(self, read: Callable[[str], dict[str, Any]], remembered: int = REMEMBERED) -> None:
        self._read = read
        self._limit = remembered
        self._runs: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()
        self._reading = threading.Lock()  # several threads do not unpack the same large summary at once

    def of(self, run: str) -> dict[str, Any]:
        """``interrupted`` and ``portals`` of a run's summary. Raises what reading it raises."""
        found = self._remembered(run)
        if found is None:
            with self._reading:
                found = self._remembered(run) or self._taken_in(run)
        return found

    def _remembered(self, run: str) -> dict[str, Any] | None:
        with self._lock:
            if run in self._runs:
                self._runs.move_to_end(run)
            return self._runs.get(run)

    def _taken_in(self, run: str) -> dict[str, Any]:
        summary = self._read(run)
        portals = Packed(summary.get("portals", {}))
        found = {"interrupted": summary.get("interrupted"), "portals": portals}
        with self._lock:
            self._runs[run] = found
            self._held += len(portals)
            while self._held > self._limit and len(self._runs) > 1:
                _, oldest = self._runs.popitem(last=False)
                self._held -= len(oldest["portals"])
        return found
