"""Dask hands out tasks. The one module that imports it."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from crawler.engines import worker
from crawler.engines.handing import Answer, EngineLost, Lost
from crawler.engines.naming import Engine
from crawler.errors import UsageError

try:
    import distributed
    from distributed import Client, Future
    from distributed.scheduler import KilledWorker
except ImportError as error:
    raise UsageError("--engine dask://… needs Dask: pip install 'nianbao[dask]'") from error

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

REACHED_IN = 10.0  # seconds to reach the scheduler at the start
BACK_IN = 600.0  # seconds a lost scheduler has to come back
LOOKED_AFTER = 5.0  # seconds between two looks at who the workers are


def perform(job: str, task: str, alone: bool) -> str:
    """Runs on a worker."""
    return worker.perform(job, task, alone, _wanted())


def stop(job: str) -> int:
    """Runs on every worker."""
    return worker.stop(job)


def _wanted() -> Callable[[], bool]:
    """Whether the scheduler still counts on this worker: one that lost it closes, and takes up to half a minute."""
    from distributed import get_worker

    here = get_worker()
    return lambda: here.status in (distributed.Status.running, distributed.Status.paused)


class DaskEngine:
    """One job on a Dask scheduler."""

    def __init__(self, engine: Engine, job: str, *, alone: bool) -> None:
        """``alone``: its tasks take a whole machine. Raises ``UsageError`` where no scheduler answers."""
        self.engine = engine
        self.job = job
        self.alone = alone
        self._out: dict[str, Any] = {}  # handle → its future
        self._done: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._count = 0
        self._places: tuple[float, int] | None = None
        # What Dask says of a lost connection is said by this command in its own words.
        for name in ("distributed.client", "distributed.comm", "distributed.core", "distributed.batched"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            self._client = self._connected(REACHED_IN)
        except (OSError, TimeoutError) as error:
            raise UsageError(f"no Dask scheduler answers at {engine}: start one with `dask scheduler`") from error

    def _connected(self, seconds: float) -> Any:
        name = f"nianbao-{self.job}"
        return Client(self.engine.scheduler, timeout=seconds, set_as_default=False, name=name)  # type: ignore[no-untyped-call]

    def places(self) -> int:
        """How many tasks the workers can be at now."""
        now = time.monotonic()
        if self._places is None or now - self._places[0] > LOOKED_AFTER:
            self._need_connection()
            workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
            self._places = now, len(workers) if self.alone else sum(each["nthreads"] for each in workers)
        return self._places[1]

    def hand_out(self, task: str) -> str:
        """Gives a task to the engine; the answer comes under the handle."""
        self._need_connection()
        self._count += 1
        handle = f"nianbao-{self.job}-{self._count}"
        future = self._client.submit(perform, self.job, task, self.alone, key=handle, pure=False)
        self._out[handle] = future
        future.add_done_callback(lambda done: self._done.put(done.key))
        return handle

    def answers(self, seconds: float) -> Iterator[Answer]:
        """What has come, waiting for the first no longer than that. Raises ``EngineLost``."""
        with suppress(queue.Empty):
            handle = self._done.get(timeout=seconds)
            while True:
                if handle in self._out:
                    self._need_connection()
                    yield Answer(handle, self._answer(self._out.pop(handle)))
                handle = self._done.get_nowait()
        self._need_connection()

    def _answer(self, future: Future[str]) -> str | Lost:
        try:
            return future.result(timeout=REACHED_IN)
        except KilledWorker as error:
            return Lost(f"{error.allowed_failures + 1} workers ended over it, the last at {error.last_worker.address}")
        except ImportError as error:
            raise UsageError(f"a worker has no nianbao: {error}; install the same on every machine") from error
        except Exception as error:
            self._need_connection()  # futures are cancelled with their scheduler
            log.info("a task failed on its worker", exc_info=True)
            return Lost(f"{type(error).__name__}: {error}")

    def recall(self) -> None:
        """Takes back what has not begun and has what runs stop cleanly."""
        with suppress(Exception):
            self._client.run(stop, self.job, on_error="ignore", wait=True)

    def come_back(self, seconds: float = BACK_IN) -> bool:
        """Whether a lost scheduler was reached again; what was handed out before is forgotten."""
        self._close()
        self._out.clear()
        self._done = queue.SimpleQueue()
        self._places = None
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self._client = self._connected(min(left, REACHED_IN))
            except (OSError, TimeoutError):
                time.sleep(1)
            else:
                return True
        return False

    def close(self) -> None:
        """Forgets the job; what has not begun of it never does."""
        self._close()

    def _close(self) -> None:
        with suppress(Exception):
            self._client.close(timeout=2)

    def _need_connection(self) -> None:
        if self._client.status != "running":
            raise EngineLost(f"the scheduler at {self.engine} is lost")
