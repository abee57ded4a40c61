"""The caller's side of a job, whatever it is: the engine reached, Ctrl-C heeded, what happens said."""

from __future__ import annotations

import logging
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from crawler.engines.handing import Handing, Hands
from crawler.engines.naming import Engine
from spiders.watch import INTERRUPTED


@contextmanager
def at_engine(engine: Engine, *, alone: bool) -> Iterator[Handing]:
    """The engine for one job. ``alone``: a task of it takes a whole machine."""
    from crawler.engines.on_dask import DaskEngine

    reached = DaskEngine(engine, secrets.token_hex(4), alone=alone)
    try:
        yield reached
    except BaseException:
        reached.recall()  # nobody takes the answers any more
        raise
    finally:
        reached.close()


@contextmanager
def heeding(hands: Hands) -> Iterator[None]:
    """The first Ctrl-C ends the job cleanly, the second at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heed(number: int, frame: FrameType | None) -> None:
        if hands.ending is not None:
            raise KeyboardInterrupt
        logging.getLogger(__name__).warning("stopping: running portals end cleanly; once more to leave at once")
        hands.end(INTERRUPTED)

    before: dict[int, Any] = {number: signal.signal(number, heed) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def running(verbose: bool) -> Iterator[None]:
    """What happens, on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("crawler.engines")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO if verbose else logging.WARNING)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
