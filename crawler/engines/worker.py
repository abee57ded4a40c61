"""What a worker does with a task: a process of its own, and never a word of it after the worker is gone."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

LOOKED_AFTER = 0.2  # seconds between two looks at a running child
ENOUGH = 150.0  # seconds a child has to end after it was told to

_children: dict[str, set[subprocess.Popen[bytes]]] = {}  # by job
_stopped: set[str] = set()
_lock = threading.Lock()
_reading = threading.Lock()  # a reread takes every core: one at a time, however many portals a worker may crawl


def perform(job: str, task: str, alone: bool, wanted: Callable[[], bool]) -> str:
    """The answer to a task as JSON: what the child says, or how it ended. ``wanted``: somebody waits for it."""
    if not alone:
        return _performed(job, task, wanted)
    while not _reading.acquire(timeout=LOOKED_AFTER):
        if job in _stopped or not wanted():
            return json.dumps({"interrupted": True})
    try:
        return _performed(job, task, wanted)
    finally:
        _reading.release()


def stop(job: str) -> int:
    """Begin with nothing more of a job, and tell what runs of it to stop cleanly; how many that is."""
    with _lock:
        _stopped.add(job)
        running = list(_children.get(job, ()))
    for child in running:
        _let_go(child)
    return len(running)


def _performed(job: str, task: str, wanted: Callable[[], bool]) -> str:
    with tempfile.TemporaryDirectory(prefix="nianbao-task-") as folder:
        file = Path(folder, "answer.json")
        with _lock:
            if job in _stopped:
                return json.dumps({"interrupted": True})
            command = [sys.executable, "-m", "crawler.engines.child", str(file)]
            # The answer is no output: readers of the child that outlive it for a moment would hold a pipe open.
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603
            _children.setdefault(job, set()).add(child)
        try:
            with suppress(OSError):
                _tell(child, task)
            _wait(child, wanted)
        finally:
            with _lock:
                _children[job].discard(child)
            _let_go(child)
        if file.exists():
            return file.read_text(encoding="utf-8")
        return json.dumps({"ended": child.returncode})


def _tell(child: subprocess.Popen[bytes], task: str) -> None:
    assert child.stdin is not None
    child.stdin.write(task.encode() + b"\n")
    child.stdin.flush()


def _wait(child: subprocess.Popen[bytes], wanted: Callable[[], bool]) -> None:
    until: float | None = None
    while True:
        with suppress(subprocess.TimeoutExpired):
            child.wait(LOOKED_AFTER)
            return
        if until is None and _is_let_go(child):
            until = time.monotonic() + ENOUGH
        elif until is None and not wanted():
            _let_go(child)
        elif until is not None and time.monotonic() > until:
            child.kill()


def _let_go(child: subprocess.Popen[bytes]) -> None:
    """Close the child's standard input, which tells it to stop."""
    assert child.stdin is not None
    with suppress(OSError):
        child.stdin.close()


def _is_let_go(child: Any) -> bool:
    return bool(child.stdin.closed)
