"""What the archive's answers cost as it grows: time, memory and requests of one question in archives of many sizes.

    python -m benchmarks.scale [--sizes 10000,100000,1000000] [--store bucket|directory] [--folder DIR]

What is asked for is the same in every archive (one portal of 250 reports, one province of two portals, what the last
run found there); only the rest of the archive grows. Reports are thin. Every question is put in a process of its own.

``bucket``: every object is a row of one SQLite file, listed as S3 lists, a thousand names at a time, and requests are
counted: what is measured is the program, and what a bucket would be asked. ``directory``: files as an archive on a disk
has them, written without waiting for it; a million reports are some twelve million files and folders.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from crawler.errors import ArchiveError
from crawler.items import Capture, IndexNumberKind, Kind, Reading, Sighting, Version
from storage import Archive, codec, cursors, fixity, layout, open_archive, snapshots
from storage.archive import promise
from storage.coverage import coverage
from storage.cursors import Cursor
from storage.queries import Filters, browse, history, select
from storage.stores import Listed, Missing

BUCKET = "objects.sqlite3"
PAGE = 1000  # names in one answer to a listing
PER_PORTAL = 250
LATEST = 5  # reports that the last run found
ASKED_PROVINCE = "33"
OTHERS = ("11", "13", "21", "32", "34", "35", "36", "37", "41", "42", "43", "44", "45", "50", "51", "52", "53", "61")
START = datetime(2026, 1, 10, 2, 0, tzinfo=UTC)
RUNS = tuple(f"{START + timedelta(days=7 * week):%Y%m%dT%H%M%SZ}-{week:08x}" for week in range(5))
BODY = "一、总体情况\n本机关主动公开政府信息若干条，未收取费用。\n" * 4

Rows = list[tuple[Any, ...]]

# ---------------------------------------------------------------- writing


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def portal_of(number: int) -> str:
    return f"p{number // PER_PORTAL:05d}"


def province_of(number: int) -> str:
    """The first two portals are the province that is asked for."""
    portal = number // PER_PORTAL
    return ASKED_PROVINCE if portal < 2 else OTHERS[portal % len(OTHERS)]


def found_by(number: int) -> str:
    return RUNS[-1] if number < LATEST else RUNS[0]


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


def encoded(number: int, run: str) -> bytes:
    """``version(number, run)`` as it is stored, made with less ado."""
    item, like = version(number, run), _SAMPLE
    varying = ("report_id", "run", "portal", "province", "division", "url", "payload_digest", "snapshot")
    read = ("title", "agency", "publisher", "report_year", "index_number", "body_digest", "metadata_digest")
    reading = like["reading"] | {name: getattr(item.reading, name) for name in read}
    return codec.gzip_member(
        codec.to_json(like | {name: getattr(item, name) for name in varying} | {"reading": reading})
    )


def lines(numbers: Iterable[int], run: str) -> bytes:
    """The sightings of a run over a portal as they are stored, made with less ado."""
    text = []
    for number in numbers:
        item = version(number, run)
        outcome = "new" if run == found_by(number) else "unchanged"
        time = (START + timedelta(days=7 * RUNS.index(run))).isoformat()
        varying = ("portal", "url", "report_id", "payload_digest")
        read = ("title", "agency", "report_year", "index_number", "body_digest", "metadata_digest")
        line = _SIGHTED | {name: getattr(item, name) for name in varying}
        line |= {name: getattr(item.reading, name) for name in read}
        text.append(codec.to_json(line | {"run": run, "outcome": outcome, "time": time, "fetched": time}) + b"\n")
    return codec.gzip_member(b"".join(text))


_SAMPLE = codec.plain(version(0, RUNS[0]))
_SIGHTED = {
    name: value
    for name, value in codec.plain(sighting(version(0, RUNS[0]), RUNS[0], "new")).items()
    if value not in (None, 0, [])
}


def objects(size: int) -> Iterator[tuple[str, bytes]]:
    """Every key of an archive of so many reports with its bytes; ``LATEST`` of them found by the last run alone.

    Only the asked province's snapshots are there: nothing that is asked opens another.
    """
    yield layout.ARCHIVE_KEY, promise()
    for first in range(0, size, PER_PORTAL):
        asked = province_of(first) == ASKED_PROVINCE
        numbers = range(first, first + PER_PORTAL)
        for number in numbers:
            item = version(number, found_by(number))
            yield layout.version_key(item.report_id, 1), encoded(number, item.run)
            if asked:
                yield item.snapshot, snapshots.warc(capture(item))
            for kind, value in layout.version_pointers(item):
                yield layout.pointer_key(kind, value, item.report_id), codec.encode_pointer(value, item.report_id)
            for kind, value, portal in layout.version_places(item):
                if kind != "province" or number == first:
                    yield layout.pointer_key(kind, value, portal), codec.encode_pointer(value, portal, "portal")
        for run in RUNS[:-1]:
            seen = lines([n for n in numbers if n >= LATEST], run)
            yield layout.sightings_key(portal_of(first), run, 1), seen
        if asked:
            yield layout.sightings_key(portal_of(first), RUNS[-1], 1), lines(numbers, RUNS[-1])
    portals = [portal_of(first) for first in range(0, size, PER_PORTAL)]
    for week, run in enumerate(RUNS):
        finished = (START + timedelta(days=7 * week, hours=3)).isoformat()
        there = [
            portal
            for portal in portals
            if run != RUNS[-1] or province_of(int(portal[1:]) * PER_PORTAL) == ASKED_PROVINCE
        ]
        done = {portal: {"status": "ok", "settled": True, "entries": PER_PORTAL} for portal in there}
        yield layout.run_key(run), codec.encode_summary({"run": run, "finished": finished, "portals": done})


def write_files(folder: Path, size: int) -> int:
    """Write the archive as a directory; the number of objects."""
    made: set[str] = set()
    number = 0
    for number, (key, data) in enumerate(objects(size), 1):  # noqa: B007 - the count is wanted after the loop
        parent = key.rpartition("/")[0]
        if parent not in made:
            (folder / parent).mkdir(parents=True, exist_ok=True)
            if parent.count("/") < 3:  # folders of one object are not met again
                made.add(parent)
        descriptor = os.open(folder / key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(descriptor, data)
        os.close(descriptor)
    return number


def write_rows(folder: Path, size: int) -> int:
    """Write the archive as one file; the number of objects."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / BUCKET, isolation_level=None)) as db:
        db.execute("pragma journal_mode = off")
        db.execute("pragma synchronous = off")
        db.execute("create table objects (id integer primary key, key text not null, size integer, data blob)")
        db.execute("begin")
        rows = ((key, len(data), data) for key, data in objects(size))
        db.executemany("insert into objects (key, size, data) values (?, ?, ?)", rows)
        db.execute("commit")
        db.execute("create unique index by_key on objects (key, size)")
        (count,) = db.execute("select max(id) from objects").fetchone()
    return int(count)


class Bucket:
    """A store that only reads, and counts what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.uri = str(folder)
        self.requests: Counter[str] = Counter()
        self._local = threading.local()

    def get(self, key: str) -> bytes:
        self.requests["GET"] += 1
        for (data,) in self._rows("select data from objects where key = ?", key):
            return bytes(data)
        raise Missing(key)

    def exists(self, key: str) -> bool:
        self.requests["HEAD"] += 1
        return bool(self._rows("select 1 from objects where key = ?", key))

    def list(self, prefix: str, after: str | None = None) -> Iterator[Listed]:
        last = max(prefix, after or "")
        inclusive = "" if after and after >= prefix else "="
        while True:
            self.requests["LIST"] += 1
            query = f"select key, size from objects where key >{inclusive} ? and key < ? order by key limit {PAGE}"
            page = self._rows(query, last, prefix + "\x7f")
            yield from (Listed(key, size) for key, size in page)
            if len(page) < PAGE:
                return
            last, inclusive = page[-1][0], ""

    def folders(self, prefix: str) -> Iterator[str]:
        last = prefix
        for number in count():
            if number % PAGE == 0:
                self.requests["LIST"] += 1
            query = "select key from objects where key > ? and key < ? order by key limit 1"
            found = self._rows(query, last, prefix + "\x7f")
            if not found:
                return
            name = found[0][0][len(prefix) :].partition("/")[0]
            last = f"{prefix}{name}0"  # what comes after the slash
            yield name

    def create(self, key: str, data: bytes) -> bool:
        raise ArchiveError(f"{key}: nothing is written here")

    def create_soon(self, key: str, data: bytes) -> bool:
        return self.create(key, data)

    def settle(self) -> None:
        """Nothing was written."""

    def replace(self, key: str, data: bytes) -> None:
        self.create(key, data)

    def delete(self, key: str) -> None:
        raise ArchiveError(f"{key}: nothing is deleted here")

    def _rows(self, query: str, *values: str) -> Rows:
        if not hasattr(self._local, "db"):
            self._local.db = sqlite3.connect(f"file:{Path(self.uri) / BUCKET}?mode=ro", uri=True)
        rows: Rows = self._local.db.execute(query, values).fetchall()
        return rows


# ---------------------------------------------------------------- questions


def _state(archive: Archive) -> int:
    return len(archive.state(portal_of(0)).locations)


def _look_up(archive: Archive) -> int:
    item = version(7, RUNS[0])
    values = (("url", item.url), ("number", str(item.reading.index_number)), ("body", str(item.reading.body_digest)))
    return sum(len(archive.versions(found)) for kind, value in values for found in archive.pointed(kind, value))


def _since(archive: Archive, filters: Filters | None = None) -> int:
    cursor = cursors.encode(Cursor(frozenset(RUNS[:-1])))
    return sum(1 for _ in select(archive, filters, since=cursor))


def _verify(archive: Archive) -> int:
    near = fixity.near(archive, Filters(provinces=(ASKED_PROVINCE,)))
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
    "export --since, all that came": _since,
    "export --province --since": lambda archive: _since(archive, Filters(provinces=(ASKED_PROVINCE,))),
    "export --portal": lambda archive: sum(1 for _ in select(archive, _portal())),
    "export of everything": lambda archive: sum(1 for _ in select(archive, compared=lambda _, version, __: version)),
}


def answer(name: str, folder: str) -> dict[str, Any]:
    """One question in this process."""
    began = time.perf_counter()
    bucket = Bucket(Path(folder))
    archive = Archive(bucket) if (Path(folder) / BUCKET).exists() else open_archive(folder)
    found = QUESTIONS[name](archive)
    took = time.perf_counter() - began
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"found": found, "seconds": took, "mib": mib, "requests": dict(bucket.requests)}


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


def measured(size: int, folder: Path, store: str) -> Archived:
    root = folder / f"scale-{size}"
    try:
        began = time.perf_counter()
        count = write_files(root, size) if store == "directory" else write_rows(root, size)
        written = time.perf_counter() - began
        sys.stderr.write(f"{size:,} reports, {count:,} objects, written in {written:.0f} s\n")
        answers = {}
        for name in QUESTIONS:
            answers[name] = ask(name, root)
            sys.stderr.write(f"  {name}: {_cell(answers[name])}\n")
        return Archived(size, count, answers)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _cell(answer: dict[str, Any]) -> str:
    requests = sum(answer["requests"].values())
    return f"{answer['seconds']:.2f} s, {answer['mib']:.0f} MiB" + (f", {requests:,}" if requests else "")


def table(archives: list[Archived]) -> str:
    lines = ["| question | found | " + " | ".join(f"{archived.size:,}" for archived in archives) + " |"]
    lines.append("|---|---:|" + "---:|" * len(archives))
    for name in QUESTIONS:
        cells = [archived.answers[name] for archived in archives]
        shown = " | ".join(map(_cell, cells))
        lines.append(f"| {name} | {cells[0]['found']} | {shown} |")
    counts = " | ".join(f"{archived.objects:,}" for archived in archives)
    lines.append(f"| objects | | {counts} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="reports of each archive")
    parser.add_argument(
        "--store", choices=("bucket", "directory"), default="bucket", help="what the archive is kept in"
    )
    parser.add_argument("--folder", help="where the archives are written, and deleted again")
    parser.add_argument("--answer", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.answer:
        sys.stdout.write(json.dumps(answer(given.answer, given.folder)))
        return 0
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        archives = [measured(int(size), Path(folder), given.store) for size in given.sizes.split(",")]
    sys.stdout.write(table(archives))
    return 0


if __name__ == "__main__":
    sys.exit(main())
