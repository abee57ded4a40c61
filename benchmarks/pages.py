"""What one page costs through all stages, beside what fetching and reading it cost alone.

    python -m benchmarks.pages [--pages N]

The goal: nine tenths of what the cores allow for bare fetch + reader + 1 ms, and three times Scrapy with trafilatura
inline. Every figure is the difference of a long and a short crawl divided by the difference in pages, so that starting
up is not counted. Only ratios mean anything.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from benchmarks.measuring import Measured, measure
from benchmarks.portals import Portals, running

HERE = Path(__file__).resolve().parent
FEW = 12  # entries a portal of the short crawl
ROUNDS = 3
READ = 120  # pages the reader alone is measured on
CORES = len(os.sched_getaffinity(0))
Run = Callable[[Portals, Path], Measured]


@dataclass(frozen=True)
class Cost:
    """Of one page."""

    cpu: float  # milliseconds
    seconds: float


def crawl(*more: str) -> Run:
    def run(portals: Portals, folder: Path) -> Measured:
        words = [sys.executable, "-m", "crawler.cli", "crawl", "--portals", str(portals.registry)]
        return measure([*words, "--archive", str(folder / "archive"), *more])

    return run


def told(name: str) -> Run:
    """A contestant that is told every address."""

    def run(portals: Portals, folder: Path) -> Measured:
        task = folder / "task.json"
        entries = {entry.url: entry.probe for entry in portals.entries}
        given = {"columns": [], "entries": entries, "answer": str(folder / "answer.jsonl"), "told": True}
        task.write_text(json.dumps(given))
        return measure([sys.executable, str(HERE / "contestants.py"), name, str(task)])

    return run


def cost(run: Run, few: Portals, many: Portals) -> Cost:
    """Of one page more, the best of some rounds: a machine that does other things makes nothing quicker.

    No archive is deleted before the last round: ext4 passes over inodes deleted in the last minutes one by one, so that
    whoever makes files after a large deletion pays for it, a third of a millisecond a file.
    """
    with tempfile.TemporaryDirectory() as folder:
        short = [_once(run, few, Path(folder, f"short{number}")) for number in range(ROUNDS)]
        long = [_once(run, many, Path(folder, f"long{number}")) for number in range(ROUNDS)]
    pages = len(many.entries) - len(few.entries)
    return Cost(
        (min(each.cpu for each in long) - min(each.cpu for each in short)) / pages * 1e3,
        (min(each.seconds for each in long) - min(each.seconds for each in short)) / pages,
    )


def _once(run: Run, portals: Portals, folder: Path) -> Measured:
    folder.mkdir()
    measured = run(portals, folder)
    if measured.code:
        raise RuntimeError((measured.errors or measured.output)[-800:])
    return measured


def reader(portals: Portals) -> float:
    """Milliseconds of CPU of ``pipelines.reading.read`` alone."""
    from crawler.items import Page
    from pipelines.reading import read, warm_up

    warm_up()
    pages = []
    for entry in portals.entries[:: max(1, len(portals.entries) // READ)]:
        with urlopen(entry.url) as answer:
            pages.append(Page(url=entry.url, payload=answer.read(), content_type=answer.headers["Content-Type"]))
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for page in pages:
            read(page)
        best = min(best, time.process_time() - began)
    return best / len(pages) * 1e3


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=120, help="entries of each of the six portals in the long crawl")
    given = parser.parse_args(arguments)
    with running(FEW) as few, running(given.pages) as many:
        bare, tuned = cost(told("bare"), few, many), cost(told("tuned"), few, many)
        inline = cost(told("inline"), few, many)
        ours = cost(crawl(), few, many)
        reading = reader(many)
    bound = tuned.cpu + reading + 1
    write = sys.stdout.write
    write("| | CPU ms/page | pages/s |\n|---|--:|--:|\n")
    for title, each in (
        ("Scrapy, told every address", bare),
        ("Scrapy, tuned, told every address", tuned),
        ("Scrapy + trafilatura inline, told every address", inline),
        ("nianbao, all stages, directory archive", ours),
    ):
        write(f"| {title} | {each.cpu:.1f} | {1 / each.seconds:.0f} |\n")
    write(f"| the reader alone | {reading:.1f} | |\n")
    write(f"| bound: tuned fetch + reader + 1 ms on {CORES} cores | {bound:.1f} | {CORES * 1e3 / bound:.0f} |\n\n")
    write(f"CPU beside the bound: {bound / ours.cpu:.2f} of it (goal 0.9). ")
    write(f"Pages a second beside Scrapy + trafilatura inline: {inline.seconds / ours.seconds:.1f} times (goal 3).\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
