"""Who is at a portal: one run at a time, so that no portal is asked faster than its delay by two of them.

The archive itself needs no lock. A lease is a promise between runs, on whatever machines, that share nothing but the
store: ``leases/<portal>/<number>.json`` says which run is at the portal and until when. Whoever creates the next number
holds the portal; the holder goes on creating the next one before its time is up. A number is created once, so of a late
holder and a newcomer exactly one goes on. What a run has finished with is deleted.

Clocks of machines may differ by ``SKEW``: a holder stops that long before its lease runs out, a newcomer waits that long
after. On the machine of a run that was killed the next one need not wait: it sees that the process is gone.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.errors import ArchiveError
from storage import codec, layout
from storage.stores import Missing, ObjectStore, Refused

log = logging.getLogger(__name__)

LASTS = timedelta(seconds=180)
RENEWED_EVERY = 60.0  # seconds
SKEW = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Holder:
    """A process, as far as another one on the same machine can tell whether it still runs."""

    machine: str
    process: int
    begun: str  # when it began, as the system counts; tells a process from a later one under its number

    @classmethod
    def this(cls) -> Holder:
        return cls(_machine(), os.getpid(), _begun(os.getpid()))

    @property
    def gone(self) -> bool:
        """Known to run no more. Of a process elsewhere nothing is known."""
        if self.machine != _machine():
            return False
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return _begun(self.process) != self.begun


def now() -> datetime:
    """The time by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """A portal that another run is at."""

    portal: str
    run: str
    until: datetime

    def __str__(self) -> str:
        return f"run {self.run} is at {self.portal}, until {self.until:%Y-%m-%d %H:%M:%S} UTC if it does not go on"


@dataclass(frozen=True, slots=True)
class Taken:
    """A portal that is ours."""

    after: str | None  # a run that did not say goodbye: it may have asked a moment ago


@dataclass(slots=True)
class _Lease:
    number: int
    until: datetime


class Leases:
    """The leases of one run. Any thread may call any method; a thread of its own renews them."""

    def __init__(self, store: ObjectStore, run: str, lost: Callable[[str], None]) -> None:
        """``lost(portal)`` is called from another thread when a lease could not be renewed in time."""
        self.run = run
        self._store = store
        self._lost = lost
        self._holder = Holder.this()
        self._held: dict[str, _Lease] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._renewing: threading.Thread | None = None

    def take(self, portal: str) -> Held | Taken:
        """Be at a portal, unless another run is."""
        number, standing = self._newest(portal)
        if standing is not None and not self._free(standing):
            return _held(portal, standing)
        until = now() + LASTS
        if not self._store.create(layout.lease_key(portal, number + 1), self._encoded(until)):
            _, first = self._newest(portal)
            return _held(portal, first or {})
        with self._lock:
            self._held[portal] = _Lease(number + 1, until)
            if self._renewing is None:
                self._renewing = threading.Thread(target=self._renew, name="leases", daemon=True)
                self._renewing.start()
        if number:
            self._sweep(portal, number + 1)
        before = standing.get("run") if standing is not None else None
        return Taken(None if before is None else str(before))

    def holds(self, portal: str) -> bool:
        """Whether nobody else can be at the portal now."""
        lease = self._held.get(portal)
        return lease is not None and now() < lease.until - SKEW

    def release(self, portal: str) -> None:
        """Leave a portal."""
        with self._lock:
            lease = self._held.pop(portal, None)
        if lease is None:
            return
        try:
            self._store.delete(layout.lease_key(portal, lease.number))
        except Refused:  # a store that lets nobody delete: goodbye is said in the next number
            self._store.create(layout.lease_key(portal, lease.number + 1), codec.to_json({"run": None}) + b"\n")

    def close(self) -> None:
        """Leave every portal. A store that fails here keeps a lease that runs out by itself."""
        self._ended.set()
        for portal in list(self._held):
            with suppress(ArchiveError):
                self.release(portal)

    # ------------------------------------------------------------ renewing

    def _renew(self) -> None:
        while not self._ended.wait(RENEWED_EVERY):
            for portal, lease in list(self._held.items()):
                if not self._renewed(portal, lease):
                    with self._lock:
                        self._held.pop(portal, None)
                    self._lost(portal)

    def _renewed(self, portal: str, lease: _Lease) -> bool:
        """Whether the portal is still ours: an outage of the store is borne as long as the lease lasts."""
        if not self.holds(portal):
            return False  # asleep for so long that another run may have come, and gone
        until = now() + LASTS
        try:
            if not self._store.create(layout.lease_key(portal, lease.number + 1), self._encoded(until)):
                return False
        except ArchiveError as error:
            log.warning("the lease of %s is not renewed: %s", portal, error)
            return now() + timedelta(seconds=RENEWED_EVERY) < lease.until - SKEW
        with self._lock:
            if portal not in self._held:  # left meanwhile
                gone = lease.number + 1
            else:
                gone, lease.number, lease.until = lease.number, lease.number + 1, until
        with suppress(ArchiveError):
            self._store.delete(layout.lease_key(portal, gone))
        return True

    # ------------------------------------------------------------ the objects

    def _newest(self, portal: str) -> tuple[int, dict[str, Any] | None]:
        """The highest number there is, 0 for none, and what it says; ``None`` where it was deleted meanwhile."""
        number = 0
        for listed in self._store.list(layout.lease_prefix(portal)):
            key = layout.parse(listed.key)
            if isinstance(key, layout.LeaseKey):
                number = max(number, key.number)
        if not number:
            return 0, None
        try:
            said = codec.from_json(self._store.get(layout.lease_key(portal, number)))
            return number, said if isinstance(said, dict) else {}
        except Missing:
            return number, None
        except codec.Damaged:
            return number, {}

    def _free(self, standing: dict[str, Any]) -> bool:
        try:
            until = datetime.fromisoformat(standing["until"])
            holder = Holder(standing["machine"], standing["process"], standing["begun"])
        except (KeyError, TypeError, ValueError):
            return True  # said goodbye; or damaged, or not ours
        return holder.gone or now() > until + SKEW

    def _encoded(self, until: datetime) -> bytes:
        holder = self._holder
        said = {
            "run": self.run, "until": until.isoformat(), "machine": holder.machine, "process": holder.process,
            "begun": holder.begun,
        }  # fmt: skip
        return codec.to_json(said) + b"\n"

    def _sweep(self, portal: str, number: int) -> None:
        for listed in self._store.list(layout.lease_prefix(portal)):
            key = layout.parse(listed.key)
            if isinstance(key, layout.LeaseKey) and key.number < number:
                with suppress(Refused):
                    self._store.delete(listed.key)


def _held(portal: str, standing: dict[str, Any]) -> Held:
    try:
        return Held(portal, str(standing["run"]), datetime.fromisoformat(standing["until"]))
    except (KeyError, TypeError, ValueError):
        return Held(portal, "unknown", now() + LASTS)


def _machine() -> str:
    """This start of this machine; containers with process numbers of their own count as machines."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    return socket.gethostname()


def _begun(process: int) -> str:
    """When a process began, in the system's own count; empty where that cannot be known."""
    with suppress(OSError):
        return (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
        )
    return ""
