"""The reader in a process pool beside the reactor: a page that hangs or kills a reader costs that page alone."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TextIO, TypeVar

from crawler.errors import NianbaoError, Unreadable
from crawler.items import Page, Reading
from pipelines.reading import SLOW_TO_IMPORT, read, warm_up
from pipelines.reading.documents import read_document

log = logging.getLogger(__name__)

T = TypeVar("T")

READER_MEMORY = 4 * 1024**3  # bytes of address space of one reader process
GRACE = 10.0  # seconds a reader has to notice its time is up before its process is ended


def readers() -> int:
    """As many as there are cores, at least two: one may be at a page that takes long."""
    return max(2, os.cpu_count() or 2)


class ReaderPool:
    """So many readers (0: ``readers()``); started with the first page."""

    def __init__(self, timeout: float, workers: int = 0) -> None:
        self.timeout = timeout
        self.workers = workers or readers()
        self._pool: ProcessPoolExecutor | None = None
        self._up: asyncio.Task[None]
        self._alone = asyncio.Lock()

    async def read(self, page: Page, parts: Sequence[Page] = ()) -> Reading:
        """``pipelines.reading.read`` in another process. Raises ``Unreadable``."""
        return await self._run(page.url, _read, page, tuple(parts), self.timeout)

    async def document_text(self, data: bytes, media_type: str) -> str | None:
        """The text of a document, ``None`` where it has none. Raises ``Unreadable``."""
        return await self._run(media_type, _document_text, data, media_type, self.timeout)

    def from_thread(self) -> Callable[[Page, Sequence[Page]], Reading]:
        """``read`` for a thread beside the running loop."""
        loop = asyncio.get_running_loop()
        return lambda page, parts: asyncio.run_coroutine_threadsafe(self.read(page, parts), loop).result()

    async def _run(self, what: str, work: Callable[..., T], *args: Any) -> T:
        try:
            return await self._tried(work, *args)
        except NianbaoError:
            raise
        except Exception as error:
            log.error("the reader failed on %s: %s: %s", what, type(error).__name__, error)  # noqa: TRY400
            log.info("the reader's own words", exc_info=True)
            raise Unreadable(f"{type(error).__name__}: {error}", name="reader_failed") from error

    async def _tried(self, work: Callable[..., T], *args: Any) -> T:
        if self._pool is None:
            self._pool = _started(self.workers)
            self._up = asyncio.create_task(asyncio.to_thread(_wake, self._pool))
        pool = self._pool
        loop = asyncio.get_running_loop()
        try:
            await asyncio.shield(self._up)
            return await loop.run_in_executor(pool, work, *args)
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = None
                pool.shutdown(wait=False, cancel_futures=True)
        # Every page in flight hears of the crash; each is tried again alone, so that only the guilty one is blamed.
        async with self._alone:
            single = _started(1)
            try:
                return await loop.run_in_executor(single, work, *args)
            except BrokenProcessPool as error:
                raise Unreadable("the page crashes the reader", name="reader_crashed") from error
            finally:
                single.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """End the readers. Waits for them: an executor that ends while the interpreter does may print a traceback."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _started(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(SLOW_TO_IMPORT)  # once, in the process every reader is forked from
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_settle_in, initargs=(os.getpid(),))


def _wake(pool: ProcessPoolExecutor) -> None:
    """The first reader of a pool takes as long to come up as its imports, half a second in which nobody else should wait.
    Blocking."""
    pool.submit(_nothing).result()


def _nothing() -> None:
    """What a reader is asked first."""


def _settle_in(owner: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the crawler's to handle
    resource.setrlimit(resource.RLIMIT_AS, (READER_MEMORY, READER_MEMORY))
    threading.Thread(target=_end_with, args=(owner,), daemon=True).start()
    warm_up()


def _end_with(owner: int) -> None:
    """An owner killed outright tells nobody; its readers would wait for work for ever."""
    while True:
        time.sleep(2)
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            os._exit(0)


def _read(page: Page, parts: Sequence[Page], timeout: float) -> Reading:
    return _bounded(timeout, lambda: read(page, parts))


def _document_text(data: bytes, media_type: str, timeout: float) -> str | None:
    return _bounded(timeout, lambda: read_document(data, media_type).text or None)


def _bounded(seconds: float, work: Callable[[], T]) -> T:
    try:
        with _timed(seconds):
            return work()
    except MemoryError as error:
        raise Unreadable("reading takes too much memory", name="reader_memory") from error
    except RecursionError as error:
        raise Unreadable("nested too deep to read", name="too_deep") from error


@contextmanager
def _timed(seconds: float) -> Iterator[None]:
    def too_long(*_: object) -> None:
        raise Unreadable(f"reading takes more than {seconds:g} s", name="reader_timeout")

    before = signal.signal(signal.SIGALRM, too_long)
    # A loop in C never returns to Python to hear the alarm: this one ends the process.
    faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=_nowhere())
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)


@cache
def _nowhere() -> TextIO:
    """Open as long as the process lives."""
    return Path(os.devnull).open("w")
