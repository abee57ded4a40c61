"""The web view over an archive of a million reports that is written nowhere: each object is made when it is asked for.

    python -m benchmarks.imagined [--size 1000000] [--characters 600] [--index FILE]

Reports, portals and runs are those of ``benchmarks.web_view`` with shorter bodies, one look at each report, two at one in fifty: what is
measured is what grows with the number of reports. Index and server are the real ones; only the store beneath is not a
disk or a bucket. An index that is there already is asked and not made again.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import socket
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks import web_view
from benchmarks.web_view import PER_PORTAL, RUNS, START, YEARS
from crawler.errors import ArchiveError
from crawler.items import Sighting, Version
from storage import Archive, codec, layout
from storage.archive import promise
from storage.stores import Listed, Missing

LATE = f"{START + timedelta(days=60):%Y%m%dT%H%M%SZ}-{0:08x}"
LATE_REPORTS = 5
SPREAD = 0x9E3779B1  # spreads numbers over the shards, as digests are


class Imagined:
    """A store of so many reports. ``late`` adds a run that found a few more."""

    def __init__(self, size: int, characters: int) -> None:
        self.uri = f"imagined-{size}-{characters}"
        self.size = size
        self.characters = characters
        self.late = False

    @cached_property
    def _bases(self) -> list[Any]:
        return web_view.bases()

    @cached_property
    def _lines(self) -> list[str]:
        return web_view.paragraphs(self._bases)

    @cached_property
    def _templates(self) -> list[Version]:
        return [next(web_view.versions(1, [base], self._lines)) for base in self._bases]

    # ------------------------------------------------------------ what there is

    def _ids(self) -> list[str]:
        """Every report's id, in the order a store lists them."""
        return sorted(_report_id(number) for number in range(self.size + (LATE_REPORTS if self.late else 0)))

    def _keys(self, prefix: str) -> Iterator[str]:
        """Those under a prefix, among others: what lies elsewhere is not made only to be passed over."""
        made = {layout.ARCHIVE_KEY: self._promise, layout.REPORTS: self._version_keys, layout.RUNS: self._run_keys,
                layout.SIGHTINGS: self._sightings_keys}  # fmt: skip
        for folder, keys in made.items():
            if prefix.startswith(folder) or folder.startswith(prefix):
                yield from keys()

    def _promise(self) -> Iterator[str]:
        yield layout.ARCHIVE_KEY

    def _version_keys(self) -> Iterator[str]:
        for report_id in self._ids():
            yield layout.version_key(report_id, 1)
            if _revised(_number(report_id)):
                yield layout.version_key(report_id, 2)

    def _run_keys(self) -> Iterator[str]:
        return map(layout.run_key, self._runs())

    def _sightings_keys(self) -> Iterator[str]:
        for portal in range(self.size // PER_PORTAL):
            for run in RUNS[:2]:
                yield layout.sightings_key(f"p{portal:05d}", run, 1)
            if self.late and portal == 0:
                yield layout.sightings_key("p00000", LATE, 1)

    def _runs(self) -> tuple[str, ...]:
        return (*RUNS[:2], LATE) if self.late else RUNS[:2]

    def list(self, prefix: str, after: str | None = None) -> Iterator[Listed]:
        if prefix.startswith(layout.REPORTS) and prefix != layout.REPORTS:
            number = _number(prefix.rstrip("/").rpartition("/")[2])
            keys = [layout.version_key(_report_id(number), v) for v in ((1, 2) if _revised(number) else (1,))]
        else:
            keys = [key for key in self._keys(prefix) if key.startswith(prefix)]
        yield from (Listed(key, 0) for key in keys[bisect_left(keys, after or "") :] if key != after)

    def folders(self, prefix: str) -> Iterator[str]:
        return iter(())

    def exists(self, key: str) -> bool:
        try:
            self.get(key)
        except Missing:
            return False
        return True

    def get(self, key: str) -> bytes:
        if key == layout.ARCHIVE_KEY:
            return promise()
        match layout.parse(key):
            case layout.SightingsKey(portal, run, _):
                return codec.encode_sightings(list(self._sightings(portal, run)))
            case layout.RunKey(run):
                return codec.encode_summary(self._summary(run))
        raise Missing(key)

    def create(self, key: str, data: bytes) -> bool:
        raise ArchiveError(f"{key}: nothing is written here")

    create_soon = create

    def settle(self) -> None:
        """Nothing was written."""

    def replace(self, key: str, data: bytes) -> None:
        self.create(key, data)

    def delete(self, key: str) -> None:
        raise ArchiveError(f"{key}: nothing is deleted here")

    # ------------------------------------------------------------ what it says

    def version(self, number: int, version: int) -> Version:
        draw = random.Random(number)
        like = self._templates[number % len(self._templates)]
        who, year = number // len(YEARS), YEARS[number % len(YEARS)]
        portal = number // PER_PORTAL
        province = web_view.PROVINCES[portal % len(web_view.PROVINCES)]
        agency = f"第{portal}试验县{web_view.OFFICES[who % len(web_view.OFFICES)]}{who % 7 or ''}"
        body, length = [], 0
        while length < self.characters:
            body.append(draw.choice(self._lines))
            length += len(body[-1])
        body += ["本报告更正一处。"] if version > 1 else []
        text = "\n\n".join(body)
        reading = replace(
            like.reading, title=f"{agency}{year}年政府信息公开工作年度报告", agency=agency, publisher=agency, report_year=year,
            body=text, body_digest=web_view._digest(text), index_number=f"{number:09d}/{year}-{number % 1000:05d}", sections=(),
        )  # fmt: skip
        payload = web_view._digest(f"payload {number} {version}")
        return replace(
            like, report_id=_report_id(number), number=version, changed=("body",) if version > 1 else (), run=RUNS[version - 1],
            portal=f"p{portal:05d}", province=province, division=f"{province}{portal % 9:02d}{portal % 90:02d}",
            url=f"http://p{portal:05d}.example/{number}.html", first_seen=START + timedelta(days=7 * (version - 1)),
            payload_digest=payload, snapshot=layout.snapshot_key(payload), reading=reading,
        )  # fmt: skip

    def _sightings(self, portal: str, run: str) -> Iterator[Sighting]:
        first = int(portal[1:]) * PER_PORTAL
        numbers: Iterable[int] = range(first, first + PER_PORTAL)
        if run == RUNS[1]:
            numbers = filter(_revised, numbers)
        if run == LATE:
            numbers = range(self.size, self.size + LATE_REPORTS)
        week = 8 if run == LATE else RUNS.index(run)
        for number in numbers:
            version = 2 if week and _revised(number) else 1
            outcome = "new" if week in (0, 8) else "revised" if version > 1 else "unchanged"
            yield Sighting(
                run=run, portal=portal, time=START + timedelta(days=7 * week), url=f"http://{portal}.example/{number}.html",
                outcome=outcome, status=200, report_id=_report_id(number), version=version, kind="annual_report",
                report_year=YEARS[number % len(YEARS)], payload_digest=web_view._digest(f"payload {number} {version}"),
            )  # fmt: skip

    def _summary(self, run: str) -> dict[str, Any]:
        portals = range(1 if run == LATE else self.size // PER_PORTAL)
        began = START + timedelta(days=60 if run == LATE else 7 * RUNS.index(run))
        # One in a hundred did not end well.
        ended = {f"p{n:05d}": {"status": "incomplete" if n % 100 == 7 else "ok", "settled": n % 100 != 7, "entries": PER_PORTAL}
                 for n in portals}  # fmt: skip
        return {
            "run": run, "started": began.isoformat(), "finished": (began + timedelta(hours=3)).isoformat(), "portals": ended,
        }  # fmt: skip


class ImaginedArchive(Archive):
    """Its versions are handed over as they are, neither packed nor unpacked; it has no snapshots."""

    store: Imagined

    def filed(self, report_id: str, number: int) -> Version:
        return self.store.version(_number(report_id), number)


def _report_id(number: int) -> str:
    return f"{number * SPREAD & 0xFFFFFFFF:08x}{number:016x}"


def _number(report_id: str) -> int:
    return int(report_id[8:], 16)


def _revised(number: int) -> bool:
    return number % 50 == 0


# ---------------------------------------------------------------- measuring


def measured(store: Imagined, path: Path) -> dict[str, Any]:
    from crawler.web.index import Index

    archive = ImaginedArchive(store)
    found: dict[str, Any] = {"size": store.size, "characters": store.characters}
    there = path.exists()
    began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    index = Index(path, store.uri)
    ended = threading.Event()
    if not there:
        threading.Thread(target=_telling, args=(index, ended), daemon=True).start()
    index.refresh(archive)
    ended.set()
    after = resource.getrusage(resource.RUSAGE_SELF)
    found["build" if not there else "restart"] = {
        "seconds": time.perf_counter() - began, "cpu": after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime,
        "mib": after.ru_maxrss / 1024, "bytes": sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*")),
    }  # fmt: skip
    sys.stderr.write(f"{found}\n")
    with _served(archive, index) as address:
        found["asked"] = web_view.ask(address, _report_id(0))
        store.late = True
        began = time.perf_counter()
        assert index.refresh(archive)
        found["followed"] = time.perf_counter() - began
    found["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _telling(index: Any, ended: threading.Event) -> None:
    began = time.perf_counter()
    while not ended.wait(30):
        sys.stderr.write(f"{time.perf_counter() - began:.0f} s: {index.progress.taken_in:,} reports\n")


class _served:  # noqa: N801 - a context manager
    """The real server, in a thread."""

    def __init__(self, archive: Archive, index: Any) -> None:
        import uvicorn

        from crawler.web.server import application

        self.socket = socket.create_server(("127.0.0.1", 0))
        self.server = uvicorn.Server(uvicorn.Config(application(archive, index), log_level="warning"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})

    def __enter__(self) -> str:
        self.thread.start()
        while not self.server.started:
            time.sleep(0.05)
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--characters", type=int, default=400, help="of each body")
    parser.add_argument("--index", type=Path, help="where the index is made and left")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = given.index or Path(scratch) / "index.sqlite"
        found = measured(Imagined(given.size, given.characters), path)
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
