"""Our crawl side by side with other crawlers on the same loopback portals, in one run.

    python -m benchmarks.crawlers [--pages N] [--only NAME]… [--environments DIR]

Each crawler makes three runs: the first; one where only what surrounds the reports has changed; one after some reports
were corrected. news-please and scrapy-deltafetch are no dependencies: each is installed into an environment of its own
under ``--environments`` (a cache folder by default), and named where that cannot be done. Nothing here fails on a clock.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Measured, measure
from benchmarks.portals import FOLLOWED, Entry, Portals, running

HERE = Path(__file__).resolve().parent
# Its middleware is refused by the Scrapy of today, which wants asynchronous ones (seen with 2.19 in November 2026).
DELTAFETCH = ("scrapy-deltafetch==2.1.0", "scrapy==2.12.0", "twisted==24.11.0", "w3lib==2.2.1")
NEWS_PLEASE = ("news-please==1.6.16", "jieba==0.42.1")  # Chinese is read with jieba, and not at all without
REVISED = 24  # reports corrected before the third run
ENVIRONMENTS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nianbao-benchmarks"


@dataclass(frozen=True)
class Told:
    """What a crawler says of one entry after a run."""

    work: str  # entries with the same are one report to it
    state: str  # changes when the crawler sees a new version
    said: bool | None  # whether its text has the entry's sentence; None: it keeps bytes and reads nothing


@dataclass(frozen=True)
class Ran:
    """One run of one crawler."""

    measured: Measured
    requests: int
    told: Mapping[str, Told]  # by address


class Crawler:
    """Runs one crawler; the same folder each time, so that it knows what it knows."""

    def __init__(self, name: str, title: str, run: Callable[[Portals, Path, int], tuple[Measured, dict[str, Told]]]):
        self.name, self.title, self._run = name, title, run

    def run(self, portals: Portals, folder: Path, number: int) -> Ran:
        portals.requests()
        measured, told = self._run(portals, folder, number)
        return Ran(measured, portals.requests(), told)


# ---------------------------------------------------------------- nianbao


def ours(portals: Portals, folder: Path, recheck: str) -> tuple[Measured, dict[str, Told]]:
    archive = folder / "archive"
    command = [
        sys.executable, "-m", "crawler.cli", "crawl", "--portals", str(portals.registry), "--archive", str(archive),
        "--recheck", recheck,
    ]  # fmt: skip
    measured = measure(command)
    if measured.code:
        raise RuntimeError(f"nianbao ended with {measured.code}: {measured.output[-800:]} {measured.errors[-800:]}")
    return measured, _exported(portals, archive)


def _exported(portals: Portals, archive: Path) -> dict[str, Told]:
    probes = {entry.url: entry.probe for entry in portals.entries}
    out = archive.parent / "records.jsonl"
    command = [sys.executable, "-m", "crawler.cli", "export", "--format", "jsonl", "--out", str(out)]
    subprocess.run([*command, "--archive", str(archive)], check=True, capture_output=True, cwd=HERE.parent)
    told = {}
    with out.open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            for location in record["locations"]:
                url = location["url"]
                if url in probes:
                    said = _bare(probes[url]) in _bare(record["body"] or "")
                    told[url] = Told(record["report_id"], str(record["version"]), said)
    return told


def _bare(text: str) -> str:
    return "".join(text.replace("\\", "").split())


# ---------------------------------------------------------------- wget


def wget(portals: Portals, folder: Path, number: int) -> tuple[Measured, dict[str, Told]]:
    warc = folder / f"run{number}"
    command = [
        "wget", "--quiet", "--recursive", "--level=inf", "--delete-after", "--no-directories",
        f"--directory-prefix={folder / 'pages'}", "--reject-regex=/menu/|/images/|/zfxxgk/|/bsfw/", f"--warc-file={warc}",
        "--warc-cdx", *([f"--warc-dedup={folder / f'run{number - 1}.cdx'}"] if number > 1 else []), *portals.columns,
    ]  # fmt: skip
    measured = measure(command)
    return measured, dict(_archived(Path(f"{warc}.warc.gz"), {entry.url for entry in portals.entries}))


def _archived(path: Path, wanted: set[str]) -> Iterator[tuple[str, Told]]:
    from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            url = record.rec_headers.get_header("WARC-Target-URI", "").strip("<>")
            if record.rec_type in ("response", "revisit") and url in wanted:
                digest = record.rec_headers.get_header("WARC-Payload-Digest")
                yield url, Told(digest, digest, None)


# ---------------------------------------------------------------- the others


def contestant(name: str, python: str) -> Callable[[Portals, Path, int], tuple[Measured, dict[str, Told]]]:
    def run(portals: Portals, folder: Path, number: int) -> tuple[Measured, dict[str, Told]]:
        answer, task = folder / f"answer{number}.jsonl", folder / f"task{number}.json"
        task.write_text(
            json.dumps(
                {
                    "columns": portals.columns,
                    "entries": {entry.url: entry.probe for entry in portals.entries},
                    "answer": str(answer),
                    "state": str(folder / "state"),
                }
            )
        )
        measured = measure([python, str(HERE / "contestants.py"), name, str(task)], cwd=folder)
        if measured.code or not (number > 1 or answer.stat().st_size):
            raise RuntimeError(f"{name} ended with {measured.code} and nothing: {measured.errors[-800:]}")
        with answer.open(encoding="utf-8") as lines:
            return measured, {
                line["url"]: Told(line["key"], line["key"], line["said"]) for line in map(json.loads, lines)
            }

    return run


def environment(name: str, packages: Sequence[str], folder: Path) -> str | None:
    """The interpreter of an environment that has these packages, made if need be; ``None`` where it cannot be made."""
    place = folder / name
    python = place / "bin" / "python"
    done = place / "installed"
    if not done.exists() or done.read_text() != " ".join(packages):
        sys.stderr.write(f"making an environment for {name} in {place}\n")
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(place)
        made = subprocess.run([sys.executable, "-m", "venv", str(place)], capture_output=True, check=False)
        words = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        if made.returncode or subprocess.run(words, capture_output=True, check=False).returncode:
            return None
        done.write_text(" ".join(packages))
    return str(python)


# ---------------------------------------------------------------- figures


@dataclass(frozen=True)
class Figures:
    """One row of the table."""

    title: str
    found: int
    followed: tuple[int, int]  # of the portals whose lists are plain links
    identity: tuple[int, int]
    false: int
    noticed: int
    gbk: tuple[int, int] | None
    first: Ran
    again: Ran

    @property
    def pages(self) -> int:
        return len(self.first.told)


def identity(entries: Iterable[Entry], told: Mapping[str, Told]) -> tuple[int, int]:
    """Of the groups that try a crawler's idea of a report, how many it told right: copies are one, twins and reports
    that share a reused number are not. Groups it did not find are wrong."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.report].append(entry)
    copies = [group for group in groups.values() if len(group) > 1]
    right = sum(len({_work(told, e) for e in group}) == 1 and group[0].url in told for group in copies)
    apart = defaultdict(list)
    for group in groups.values():
        entry = group[0]
        if entry.twin or "reused" in entry.flags:
            apart[entry.portal].append(entry)
    pairs = [group for group in apart.values() if group]
    works = [[told[e.url].work if e.url in told else None for e in group] for group in pairs]
    right += sum(w is not None and group.count(w) == 1 for group in works for w in group)
    return right, len(copies) + sum(map(len, pairs))


def _work(told: Mapping[str, Told], entry: Entry) -> str:
    return told[entry.url].work if entry.url in told else entry.url


def figures(crawler: Crawler, portals: Portals, folder: Path) -> Figures:
    """Three runs of a crawler."""
    entries = portals.entries
    first = crawler.run(portals, folder, 1)
    portals.turn()
    again = crawler.run(portals, folder, 2)
    portals.turn()
    corrected = portals.revise(REVISED)
    third = crawler.run(portals, folder, 3)

    def newer(url: str, before: Ran, after: Ran) -> bool:
        return url in before.told and url in after.told and before.told[url].state != after.told[url].state

    plain = [entry for entry in entries if entry.portal in FOLLOWED]
    gbk = [first.told.get(entry.url) for entry in entries if entry.encoding != "utf-8"]
    reads = any(told is not None and told.said is not None for told in first.told.values())
    return Figures(
        crawler.title,
        len(first.told),
        (sum(entry.url in first.told for entry in plain), len(plain)),
        identity(entries, first.told),
        sum(newer(entry.url, first, again) for entry in entries),
        sum(newer(url, again if url in again.told else first, third) for url in corrected),
        (sum(told is not None and bool(told.said) for told in gbk), len(gbk)) if reads else None,
        first,
        again,
    )


COLUMNS = (
    "crawler", "entries found", "identity right", "false versions", "revisions noticed", "GBK right", "re-run: requests",
    "re-run: CPU s", "pages/s", "CPU ms/page", "peak MiB",
)  # fmt: skip


def table(rows: Sequence[Figures], entries: int) -> str:
    lines = [
        f"{entries} entries. Pages are entries fetched.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|---|{'--:|' * (len(COLUMNS) - 1)}",
    ]
    for row in rows:
        gbk = "keeps bytes" if row.gbk is None else f"{row.gbk[0]} of {row.gbk[1]}"
        pages = max(row.pages, 1)
        cells = [
            row.title, f"{row.found}", f"{row.identity[0]} of {row.identity[1]}", f"{row.false}",
            f"{row.noticed} of {REVISED}", gbk, f"{row.again.requests}", f"{row.again.measured.cpu:.1f}",
            f"{pages / row.first.measured.seconds:.0f}", f"{row.first.measured.cpu / pages * 1e3:.1f}",
            f"{row.first.measured.mib:.0f}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def crawlers(folder: Path) -> Iterator[Crawler | str]:
    """Who takes part; a string where one cannot."""
    yield Crawler("ours", "nianbao, `--recheck all`", lambda p, f, n: ours(p, f, "all"))
    yield Crawler("due", "nianbao, `--recheck due`, the same day", lambda p, f, n: ours(p, f, "due"))
    yield Crawler("bare", "Scrapy", contestant("bare", sys.executable))
    yield Crawler("tuned", "Scrapy, tuned", contestant("tuned", sys.executable))
    yield Crawler("inline", "Scrapy + trafilatura inline", contestant("inline", sys.executable))
    for name, title, packages in (
        ("deltafetch", "scrapy-deltafetch on its own Scrapy (2.12)", DELTAFETCH),
        ("newsplease", "news-please, told every address", NEWS_PLEASE),
    ):
        python = environment(name, packages, folder)
        yield Crawler(name, title, contestant(name, python)) if python else f"{title}: not installed"
    if shutil.which("wget"):
        yield Crawler("wget", "`wget --recursive --warc-file`", wget)
    else:
        yield "`wget --recursive --warc-file`: not installed"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=150, help="entries of each of the six portals")
    parser.add_argument("--only", action="append", default=[], help="only this crawler; may be repeated")
    parser.add_argument("--environments", type=Path, default=ENVIRONMENTS, help="where environments are made")
    given = parser.parse_args(arguments)
    rows, missing = [], []
    with running(given.pages) as portals:
        for crawler in crawlers(given.environments):
            if isinstance(crawler, str):
                missing.append(crawler)
                continue
            if given.only and crawler.name not in given.only:
                continue
            with tempfile.TemporaryDirectory(prefix="nianbao-bench-") as folder:
                try:
                    rows.append(figures(crawler, portals, Path(folder)))
                except RuntimeError as failed:
                    missing.append(f"{crawler.title}: {failed}")
            sys.stderr.write(f"{crawler.title} done\n")
        sys.stdout.write(table(rows, len(portals.entries)))
    for line in missing:
        sys.stdout.write(f"\n{line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
