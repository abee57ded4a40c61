"""Other people's programs, run on a document of theirs: bounded in time, memory and output, none left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from crawler.errors import Unreadable
from pipelines.reading.documents.bounds import Deadline

MAX_MEMORY = 3 * 1024 * 1024  # kilobytes of address space
MAX_WRITTEN = 512 * 1024  # blocks of 512 bytes in one file
MAX_SAID = 64 * 1024 * 1024


def found(*names: str) -> str | None:
    """The first of these programs that is installed."""
    return next((path for name in names if (path := shutil.which(name))), None)


def run(
    command: Sequence[str], folder: Path, seconds: float, deadline: Deadline, env: Mapping[str, str] | None = None
) -> bytes:
    """What a program writes to its output. Raises ``Unreadable``: ``document_too_slow``, ``document_damaged``.

    It gets a session of its own, which ends as a whole: LibreOffice is a script that starts a program that starts
    another, and ending the first alone leaves the last at work. Should the reader itself be killed, ``timeout`` ends it.
    """
    name = Path(command[0]).name
    seconds = max(1.0, min(seconds, deadline.left()))
    limits = f"ulimit -v {MAX_MEMORY} 2>/dev/null; ulimit -f {MAX_WRITTEN} 2>/dev/null; ulimit -c 0 2>/dev/null"
    watchdog = ["timeout", "-s", "KILL", str(int(seconds) + 5)] if shutil.which("timeout") else []
    with tempfile.TemporaryFile(dir=folder) as said, tempfile.TemporaryFile(dir=folder) as complaint:
        process = subprocess.Popen(  # noqa: S603 - a program found on PATH, files of our own making
            ["/bin/sh", "-c", f'{limits}; exec "$@"', "sh", *watchdog, *command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=complaint,
            cwd=folder,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise Unreadable(f"{name} took more than {seconds:.0f} s", name="document_too_slow") from error
        finally:
            _end(process)
        complaint.seek(0)
        words = complaint.read(2_000).decode("utf-8", "replace").strip()[:200]
        if code != 0:
            raise Unreadable(f"{name} ended with {code}: {words}", name="document_damaged")
        said.seek(0)
        output = said.read(MAX_SAID + 1)
    if len(output) > MAX_SAID:
        raise Unreadable(f"{name} writes without end", name="document_bomb")
    return output


def _end(process: subprocess.Popen[bytes]) -> None:
    """Whatever of its session is left: also what a program that ended well leaves running."""
    for _ in range(50):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            break
        process.poll()
        time.sleep(0.02)
    process.wait()
