"""A command and everything it starts, measured: seconds, CPU and the most memory held at once.

    measured = measure(["nianbao", "crawl", …])

Linux only. CPU is what the kernel charged the whole tree of processes, orphans included; memory is their proportional
set size, so that pages shared by forked workers count once, looked at four times a second.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PR_SET_CHILD_SUBREAPER = 36
INTERVAL = 0.25  # seconds


@dataclass(frozen=True)
class Measured:
    """What one command took."""

    seconds: float  # until it ended
    cpu: float  # seconds, of all its processes
    mib: float  # most memory at once
    code: int
    output: str
    errors: str


def measure(
    command: Sequence[str], cwd: Path = ROOT, environment: Mapping[str, str] | None = None, timeout: float = 1800
) -> Measured:
    """Runs a command to its end under a watcher of its own, which also adopts what the command leaves behind."""
    with tempfile.TemporaryDirectory(prefix="nianbao-measured-") as folder:
        out, err, told = (Path(folder) / name for name in ("out", "err", "told"))
        watcher = [sys.executable, str(Path(__file__).resolve()), str(told), str(timeout), *command]
        with out.open("w") as output, err.open("w") as errors:
            subprocess.run(watcher, stdout=output, stderr=errors, cwd=cwd, check=True, env=_compiled_once(environment))
        figures = json.loads(told.read_text())
        return Measured(**figures, output=out.read_text(errors="replace"), errors=err.read_text(errors="replace"))


def _compiled_once(environment: Mapping[str, str] | None) -> dict[str, str]:
    """Where Python may not keep what it compiled, each start would compile every module anew."""
    given = os.environ if environment is None else environment
    return {name: value for name, value in given.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _watch(told: Path, timeout: float, command: Sequence[str]) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    most, ended = [0.0], threading.Event()

    def look() -> None:
        while not ended.wait(INTERVAL):
            most[0] = max(most[0], sum(map(_proportional, _descendants(os.getpid()))) / 1024)

    began = time.perf_counter()
    with subprocess.Popen(list(command)) as process:
        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
    seconds = time.perf_counter() - began
    ended.set()
    watcher.join()
    try:
        while True:
            os.wait()  # what outlived the command is ours now, and counts
    except ChildProcessError:
        pass
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    told.write_text(
        json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "mib": most[0], "code": code})
    )


def _descendants(root: int) -> list[int]:
    found, waiting = [], [root]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = [int(child) for child in task.read_text().split()]
            except OSError:
                continue  # it has ended meanwhile
            found += children
            waiting += children
    return found


def _proportional(process: int) -> float:
    """KiB held by a process, shared pages divided among those that share them."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith("Pss:")), 0.0)


if __name__ == "__main__":
    _watch(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
