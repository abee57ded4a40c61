"""The process a worker starts for one task: ``python -m crawler.engines.child ANSWER``.

The task is the first line on its standard input. It ends with whoever holds the other end: when that closes, because
the worker was told to stop, was ended or killed, the crawl stops cleanly as after Ctrl-C, and gives its portals back.
The answer goes into the file: a summary, or which family of error this machine met.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.engines.tasks import CrawlTask, RereadTask, Task, check_place, decode
from crawler.errors import NianbaoError, UsageError

ENOUGH = 120.0  # seconds a crawl has to stop cleanly once nobody waits for it


def main() -> int:
    """Does the task and writes the answer."""
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        return 1  # the worker went away while it spoke
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what is started in the background is born ignoring it
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    Path(sys.argv[1]).write_text(json.dumps(answer(line.decode()), ensure_ascii=False), encoding="utf-8")
    return 0


def answer(text: str) -> Mapping[str, Any]:
    """``{"summary": …}``, or ``{"error": {"family", "detail"}}``, or ``{"interrupted": true}``."""
    try:
        task = decode(text)
        check_place(task.archive)
        return {"summary": done(task)}
    except UsageError as error:
        return {"error": {"family": "usage", "detail": str(error)}}
    except NianbaoError as error:
        return {"error": {"family": error.name, "detail": str(error)}}
    except KeyboardInterrupt:
        return {"interrupted": True}


def done(task: Task) -> Mapping[str, Any]:
    """The task's summary."""
    return crawled(task) if isinstance(task, CrawlTask) else reread(task)


def crawled(task: CrawlTask) -> Mapping[str, Any]:
    from crawler.running import run_crawl

    if task.until is not None and task.until <= time.time():
        raise KeyboardInterrupt  # handed out at the last moment; the same time tomorrow is not meant
    with tempfile.TemporaryDirectory(prefix="nianbao-registry-") as folder:
        for name, text in task.registry.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        return run_crawl(
            portals=task.portals,
            registry=folder,
            archive=task.archive.uri,
            years=task.years,
            recheck=task.recheck,
            settings=task.settings,
            verbose=task.verbose,
            until=None if task.until is None else f"{datetime.fromtimestamp(task.until).astimezone():%H:%M:%S}",
        )


def reread(task: RereadTask) -> Mapping[str, Any]:
    import asyncio

    from crawler.commands.reread import Rereader
    from storage import open_archive
    from storage.queries import Filters

    said: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in task.filters.items()}
    if said.get("as_of"):
        said["as_of"] = datetime.fromisoformat(said["as_of"])
    filters = dataclasses.replace(Filters(**said), portals=task.portals)
    work = Rereader(open_archive(task.archive.uri), everything=task.everything)
    asyncio.run(work.run(filters, task.workers))
    return {"counts": dict(work.counts), "failures": work.failures}


def _end_with_the_worker() -> None:
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait(ENOUGH)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
