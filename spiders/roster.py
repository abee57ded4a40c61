"""Which portals a run is at: so many at once, none that another run is at, the longest unseen first."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from crawler.errors import ArchiveError
from crawler.items import Portal
from spiders.ledger import Ledger
from spiders.watch import Watch
from storage.leases import Held

log = logging.getLogger(__name__)

OPENERS = 8  # portals whose state is read from the archive at once
ASKED_AGAIN = 3.0  # seconds between two looks whether another run has left a portal


@dataclass(slots=True)
class _Turn:
    portal: Portal
    since: float | None = None  # when it was first found held by another run


class Roster:
    """Hands out the portals of a run, one by one, as there is room for them."""

    def __init__(self, ledger: Ledger, *, by_age: bool) -> None:
        """``by_age``: the longest unseen first, for a run that may not get to all of them."""
        self._ledger = ledger
        self._at_once = ledger.settings.getint("PORTALS_AT_ONCE")
        self._patience = ledger.settings.getfloat("PORTAL_WAIT")
        self._by_age = by_age or len(ledger.portals) > self._at_once
        self._room = asyncio.Semaphore(self._at_once)
        self._todo: asyncio.Queue[_Turn] = asyncio.Queue()
        self._ready: asyncio.Queue[Watch | ArchiveError | None] = asyncio.Queue()
        self._stopped = False
        self._finishing: set[asyncio.Task[None]] = set()

    async def watches(self) -> AsyncIterator[Watch]:
        """Every portal of the run, begun; but for those that another run does not leave in time.

        Raises ``ArchiveError`` where the archive cannot say what it knows of one.
        """
        portals = await asyncio.to_thread(self._ordered)
        for portal in portals:
            self._todo.put_nowait(_Turn(portal))
        openers = [asyncio.create_task(self._open()) for _ in range(OPENERS)]
        try:
            for _ in portals:
                opened = await self._ready.get()
                if self._stopped:
                    return
                if isinstance(opened, ArchiveError):
                    raise opened
                if opened is not None:
                    yield opened
        finally:
            for opener in openers:
                opener.cancel()

    def done(self, watch: Watch) -> None:
        """Nothing more is to be asked of a portal: settle it, and make room for the next."""
        task = asyncio.ensure_future(self._finish(watch))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    def stop(self) -> None:
        """Begin with no further portal."""
        self._stopped = True
        self._ready.put_nowait(None)

    async def _finish(self, watch: Watch) -> None:
        try:
            await asyncio.to_thread(self._ledger.finish, watch)
        except ArchiveError as error:
            self._ready.put_nowait(error)  # the end of the run settles it again, and fails again
        finally:
            self._room.release()

    async def _open(self) -> None:
        while True:
            turn = await self._todo.get()
            await self._room.acquire()
            opened: Watch | Held | ArchiveError
            try:
                opened = await asyncio.to_thread(self._ledger.open, turn.portal)
            except ArchiveError as error:
                opened = error
            if isinstance(opened, Held):
                self._room.release()
                self._wait(turn, opened)
                continue
            if isinstance(opened, Watch) and (turn.since is not None or opened.after_another):
                await asyncio.sleep(opened.delay)  # the other run may have asked a moment ago
            self._ready.put_nowait(opened)

    def _wait(self, turn: _Turn, held: Held) -> None:
        now = time.monotonic()
        if turn.since is None:
            turn.since = now
            log.warning("waiting: %s", held)
        if now - turn.since >= self._patience:
            self._ledger.held[turn.portal.key] = held
            self._ready.put_nowait(None)
        else:
            pause = min(ASKED_AGAIN, self._patience)
            asyncio.get_running_loop().call_later(pause, self._todo.put_nowait, turn)

    def _ordered(self) -> list[Portal]:
        """Blocking."""
        portals = list(self._ledger.portals.values())
        if not self._by_age:
            return portals
        with ThreadPoolExecutor(OPENERS) as pool:
            runs = pool.map(lambda portal: self._ledger.archive.last_run(portal.key) or "", portals)
            return [portal for _, portal in sorted(zip(runs, portals, strict=True), key=lambda pair: pair[0])]
