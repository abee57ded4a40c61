"""What the archive's answers cost as it grows: time and peak memory of one question in archives of many sizes.

    python -m benchmarks.scale [--sizes 1000,10000,100000] [--million] [--folder DIR]

What is asked for is the same in every archive (one portal of 250 reports, one province of two portals, the five reports
of the last run); only the rest of the archive grows. Reports are thin and written past the store, without waiting for
the disk. Every question is put in a process of its own, ``reports --portal`` also the slow way that a cursor needs.
A million reports take some twelve million files and folders, and as long to delete as to write.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.items import Capture, IndexNumberKind, Kind, Reading, Sighting, Version
from storage import Archive, codec, cursors, fixity, layout, open_archive, snapshots
from storage.archive import promise
from storage.coverage import coverage
from storage.cursors import Cursor
from storage.queries import Filters, bearing, browse, history, select

PER_PORTAL = 250
LATEST = 5  # reports that the last run found
ASKED_PROVINCE = "33"
OTHERS = ("11", "13", "21", "32", "34", "35", "36", "37", "41", "42", "43", "44", "45", "50", "51", "52", "53", "61")
START = datetime(2026, 1, 10, 2, 0, tzinfo=UTC)
RUNS = tuple(f"{START + timedelta(days=7 * week):%Y%m%dT%H%M%SZ}-{week:08x}" for week in range(5))
BODY = "一、总体情况\n本机关主动公开政府信息若干条，未收取费用。\n" * 4

# ---------------------------------------------------------------- writing


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def portal_of(number: int) -> str:
    return f"p{number // PER_PORTAL:05d}"


def province_of(number: int) -> str:
    """The first two portals are the province that is asked for."""
    portal = number // PER_PORTAL
    return ASKED_PROVINCE if portal < 2 else OTHERS[portal % len(OTHERS)]


def report_id(number: int) -> str:
    return _digest(f"report {number}")[:24]


def version(number: int, run: str) -> Version:
    name, year = f"第{number}号局", 2008 + number % 17
    payload = _digest(f"payload {number}")
    reading = Reading(
        extractor="nianbao-reader/1", encoding="utf-8", title=f"{name}{year}年政府信息公开工作年度报告",
        kind=Kind.ANNUAL_REPORT, report_year=year, agency=name, publisher=name, index_number=f"QT-{number}/{number + 1}",
        index_number_kind=IndexNumberKind.OTHER, document_number=None, published_on=None, signed_on=None, metadata={},
        body=BODY, body_source="page", sections=(), statistics=None, checks=(), remarks=(), attachments=(),
        further_pages=(), frames=(), body_digest=_digest(f"body {number}"), metadata_digest=_digest(f"metadata {number}"),
    )  # fmt: skip
    return Version(
        report_id=report_id(number), number=1, changed=(), run=run, portal=portal_of(number), province=province_of(number),
        division=f"{province_of(number)}0100", platform="plain", url=f"http://{portal_of(number)}.example/{number}.html",
        first_seen=START, payload_digest=payload, snapshot=layout.snapshot_key(payload), parts=(), attachments=(),
        attachments_digest=_digest(""), reading=reading,
    )  # fmt: skip


def sighting(item: Version, run: str, outcome: str) -> Sighting:
    reading = item.reading
    time = START + timedelta(days=7 * RUNS.index(run))
    return Sighting(
        run=run, portal=item.portal, time=time, url=item.url, outcome=outcome, status=200, report_id=item.report_id,
        version=1, kind="annual_report", title=reading.title, agency=reading.agency, report_year=reading.report_year,
        index_number=reading.index_number, payload_digest=item.payload_digest, body_digest=reading.body_digest,
        metadata_digest=reading.metadata_digest, attachments_digest=item.attachments_digest, extractor=reading.extractor,
        etag='"1"', fetched=time,
    )  # fmt: skip


def capture(item: Version) -> Capture:
    payload = f"payload {item.url.rpartition('/')[2].removesuffix('.html')}".encode()
    return Capture(
        portal=item.portal, url=item.url, time=START, status=200, reason="OK", protocol="HTTP/1.1", request_method="GET",
        request_headers=(), response_headers=((b"Content-Type", b"text/html"),), entity=payload, payload=payload,
        payload_digest=item.payload_digest,
    )  # fmt: skip


def objects(size: int) -> Iterator[tuple[str, bytes]]:
    """Every key of an archive of so many reports with its bytes; ``LATEST`` of them found by the last run alone."""
    yield layout.ARCHIVE_KEY, promise()
    provinces: set[tuple[str, str]] = set()
    for first in range(0, size, PER_PORTAL):
        items = [
            version(number, RUNS[-1] if number < LATEST else RUNS[0]) for number in range(first, first + PER_PORTAL)
        ]
        for item in items:
            yield layout.version_key(item.report_id, 1), codec.encode_version(item)
            yield item.snapshot, snapshots.warc(capture(item))
            for kind, value in layout.version_pointers(item):
                yield layout.pointer_key(kind, value, item.report_id), codec.encode_pointer(value, item.report_id)
            for kind, value, portal in layout.version_places(item):
                if (value, portal) not in provinces:
                    yield layout.pointer_key(kind, value, portal), codec.encode_pointer(value, portal, "portal")
                if kind == "province":
                    provinces.add((value, portal))
        for run in RUNS[:-1]:
            found = [item for item in items if item.run == RUNS[0]]
            lines = [sighting(item, run, "new" if run == RUNS[0] else "unchanged") for item in found]
            yield layout.sightings_key(items[0].portal, run, 1), codec.encode_sightings(lines)
        latest = [sighting(item, RUNS[-1], "new") for item in items if item.run == RUNS[-1]]
        if latest:
            yield layout.sightings_key(items[0].portal, RUNS[-1], 1), codec.encode_sightings(latest)
    for week, run in enumerate(RUNS):
        portals = [portal_of(0)] if run == RUNS[-1] else [portal_of(first) for first in range(0, size, PER_PORTAL)]
        finished = (START + timedelta(days=7 * week, hours=3)).isoformat()
        done = {portal: {"status": "ok", "settled": run != RUNS[-1], "entries": PER_PORTAL} for portal in portals}
        yield layout.run_key(run), codec.encode_summary({"run": run, "finished": finished, "portals": done})


def generate(folder: Path, size: int) -> int:
    """Write the archive; the number of objects."""
    made: set[str] = set()
    count = 0
    for count, (key, data) in enumerate(objects(size), 1):  # noqa: B007 - the count is wanted after the loop
        parent = key.rpartition("/")[0]
        if parent not in made:
            (folder / parent).mkdir(parents=True, exist_ok=True)
            if parent.count("/") < 3:  # folders of one object are not met again
                made.add(parent)
        descriptor = os.open(folder / key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(descriptor, data)
        os.close(descriptor)
    return count


# ---------------------------------------------------------------- questions


def _state(archive: Archive) -> int:
    return len(archive.state(portal_of(0)).locations)


def _look_up(archive: Archive) -> int:
    item = version(7, RUNS[0])
    values = (("url", item.url), ("number", str(item.reading.index_number)), ("body", str(item.reading.body_digest)))
    return sum(len(archive.versions(found)) for kind, value in values for found in archive.pointed(kind, value))


def _since(archive: Archive) -> int:
    cursor = cursors.encode(Cursor(frozenset(RUNS[:-1])))
    return sum(1 for _ in select(archive, since=cursor))


def _verify(archive: Archive) -> int:
    near = bearing(archive, Filters(provinces=(ASKED_PROVINCE,)))
    assert near is not None
    damage = list(fixity.verify(archive, near=near))
    assert not damage, damage[:3]
    return len(near.reports)


def _portal() -> Filters:
    return Filters(portals=(portal_of(0),))


QUESTIONS: dict[str, Callable[[Archive], int]] = {
    "nothing": lambda _: 0,
    "state of one portal": _state,
    "one judge look-up": _look_up,
    "show ID": lambda archive: len(history(archive, report_id(7)).sightings),
    "reports --portal": lambda archive: sum(1 for _ in browse(archive, _portal())),
    "coverage --province": lambda archive: len(coverage(archive, Filters(provinces=(ASKED_PROVINCE,))).rows),
    "verify, one province": _verify,
    "export --since": _since,
    "export --portal": lambda archive: sum(1 for _ in select(archive, _portal())),
}


def answer(name: str, folder: str) -> dict[str, Any]:
    """One question in this process."""
    began = time.perf_counter()
    found = QUESTIONS[name](open_archive(folder))
    took = time.perf_counter() - began
    return {"found": found, "seconds": took, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def ask(name: str, folder: Path) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.scale", "--answer", name, "--folder", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@dataclasses.dataclass
class Archived:
    """One archive measured."""

    size: int
    objects: int
    answers: dict[str, dict[str, Any]]


def measured(size: int, folder: Path) -> Archived:
    root = folder / f"scale-{size}"
    try:
        began = time.perf_counter()
        count = generate(root, size)
        written = time.perf_counter() - began
        sys.stderr.write(f"{size:,} reports, {count:,} objects, written in {written:.0f} s\n")
        answers = {}
        for name in QUESTIONS:
            answers[name] = ask(name, root)
            sys.stderr.write(f"  {name}: {answers[name]['seconds']:.2f} s, {answers[name]['mib']:.0f} MiB\n")
        return Archived(size, count, answers)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def table(archives: list[Archived]) -> str:
    lines = ["| question | found | " + " | ".join(f"{archived.size:,}" for archived in archives) + " |"]
    lines.append("|---|---:|" + "---:|" * len(archives))
    for name in QUESTIONS:
        cells = [archived.answers[name] for archived in archives]
        shown = " | ".join(f"{cell['seconds']:.2f} s, {cell['mib']:.0f} MiB" for cell in cells)
        lines.append(f"| {name} | {cells[0]['found']} | {shown} |")
    counts = " | ".join(f"{archived.objects:,}" for archived in archives)
    lines.append(f"| objects | | {counts} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000", help="reports of each archive")
    parser.add_argument("--million", action="store_true", help="one archive of a million reports, too")
    parser.add_argument("--folder", help="where the archives are written, and deleted again")
    parser.add_argument("--answer", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.answer:
        sys.stdout.write(json.dumps(answer(given.answer, given.folder)))
        return 0
    sizes = [int(size) for size in given.sizes.split(",")] + [1_000_000] * given.million
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        archives = [measured(size, Path(folder)) for size in sizes]
    sys.stdout.write(table(archives))
    return 0


if __name__ == "__main__":
    sys.exit(main())
