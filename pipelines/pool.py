"""The reader in a process pool beside the reactor: a page that hangs or kills a reader costs that page alone."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from crawler.errors import Unreadable
from crawler.items import Page, Reading
from pipelines.reading import read, warm_up
from pipelines.reading.documents import read_document

T = TypeVar("T")

READER_MEMORY = 4 * 1024**3  # bytes of address space of one reader process


class ReaderPool:
    """Two readers or as many as there are cores; started with the first page."""

    def __init__(self, timeout: float, workers: int | None = None) -> None:
        self.timeout = timeout
        self.workers = workers or max(2, os.cpu_count() or 2)
        self._pool: ProcessPoolExecutor | None = None

    async def read(self, page: Page, parts: Sequence[Page] = ()) -> Reading:
        """``pipelines.reading.read`` in another process. Raises ``Unreadable``."""
        return await self._run(_read, page, tuple(parts), self.timeout)

    async def document_text(self, data: bytes, media_type: str) -> str | None:
        """The text of a document, ``None`` where it has none. Raises ``Unreadable``."""
        return await self._run(_document_text, data, media_type, self.timeout)

    async def _run(self, work: Callable[..., T], *args: Any) -> T:
        for last_try in (False, True):
            pool = self._pool = self._pool or _started(self.workers)
            try:
                return await asyncio.get_running_loop().run_in_executor(pool, work, *args)
            except BrokenProcessPool as error:
                # Every page in flight hears of the crash; only the one that crashes a reader twice is to blame.
                if self._pool is pool:
                    self._pool = None
                    pool.shutdown(wait=False, cancel_futures=True)
                if last_try:
                    raise Unreadable("the page crashes the reader", name="reader_crashed") from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def _started(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipelines.reading"])
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_settle_in, initargs=(os.getpid(),))


def _settle_in(crawler: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the crawler's to handle
    resource.setrlimit(resource.RLIMIT_AS, (READER_MEMORY, READER_MEMORY))
    threading.Thread(target=_end_with, args=(crawler,), daemon=True).start()
    warm_up()


def _end_with(crawler: int) -> None:
    """A crawler killed outright tells nobody; its readers would wait for work for ever."""
    while True:
        time.sleep(2)
        try:
            os.kill(crawler, 0)
        except ProcessLookupError:
            os._exit(0)


def _read(page: Page, parts: Sequence[Page], timeout: float) -> Reading:
    return _timed(timeout, lambda: read(page, parts))


def _document_text(data: bytes, media_type: str, timeout: float) -> str | None:
    return _timed(timeout, lambda: read_document(data, media_type).text or None)


def _timed(seconds: float, work: Callable[[], T]) -> T:
    def too_long(*_: object) -> None:
        raise Unreadable(f"reading takes more than {seconds:g} s", name="reader_timeout")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return work()
    except MemoryError as error:
        raise Unreadable("reading takes too much memory", name="reader_memory") from error
    except RecursionError as error:
        raise Unreadable("nested too deep to read", name="too_deep") from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
