"""What the web view costs as the archive grows: its index built, followed and asked, beside other indexes of the same text.

    python -m benchmarks.web_view [--sizes 10000,100000] [--folder DIR] [--keep] [--others]

Archives are synthetic: the bodies of the sample portals' reports (and of the pages in ``benchmarks.reading.CORPUS``,
where it is there) with their paragraphs shuffled among them, six years of each agency, 250 reports a portal, four
looks at each report and one in fifty revised. ``--others`` asks DuckDB and, where it is installed, Tantivy for the same
two characters.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from crawler.items import Capture, Reading, Sighting, Version
from storage import codec, layout, open_archive, snapshots
from storage.archive import promise

PER_PORTAL = 250
YEARS = tuple(range(2019, 2025))
START = datetime(2026, 1, 10, 2, 0, tzinfo=UTC)
RUNS = tuple(f"{START + timedelta(days=7 * week):%Y%m%dT%H%M%SZ}-{week:08x}" for week in range(4))
PROVINCES = (
    "11",
    "13",
    "21",
    "32",
    "33",
    "34",
    "35",
    "36",
    "37",
    "41",
    "42",
    "43",
    "44",
    "45",
    "50",
    "51",
    "52",
    "53",
    "61",
)
OFFICES = (
    "人民政府", "教育局", "民政局", "财政局", "水务局", "司法局", "公安局", "卫生健康局", "自然资源局", "生态环境局", "住房和城乡建设局",
    "交通运输局", "农业农村局", "文化和旅游局", "应急管理局", "审计局", "市场监督管理局", "统计局", "医疗保障局", "信访局",
)  # fmt: skip
QUERIES = (
    "申请",
    "教育",
    "信访",
    "不予公开",
    "行政复议 教育局",
    "第三方 -公安局",
    "沥青",
    "2021年",
    "县民政局",
    "鼋鼍",
)
# ---------------------------------------------------------------- writing


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def bases() -> list[Reading]:
    """Readings of the national form, to be varied."""
    from benchmarks.extraction import sample_pages
    from crawler.items import Kind, Page
    from pipelines.reading import read

    found = [read(Page(url=page.url, payload=page.payload)) for page in sample_pages()]
    return [reading for reading in found if reading.kind is Kind.ANNUAL_REPORT and reading.statistics and reading.body]


def paragraphs(readings: Sequence[Reading]) -> list[str]:
    """Sentences to fill bodies with."""
    from benchmarks.reading import portal_pages
    from crawler.items import Page
    from pipelines.reading import read

    bodies = [reading.body or "" for reading in readings]
    for url, payload in portal_pages():
        try:
            bodies.append(read(Page(url=url, payload=payload)).body or "")
        except Exception as error:  # noqa: BLE001 - pages that cannot be read are part of that corpus
            sys.stderr.write(f"left out: {type(error).__name__}\n")
    lines = {line for body in bodies for line in body.split("\n") if len(line) > 30 and not line.startswith("|")}
    return sorted(lines)


def versions(size: int, readings: Sequence[Reading], lines: Sequence[str]) -> Iterator[Version]:
    """Reports in their order, each with its first version, one in fifty with a second."""
    for number in range(size):
        draw = random.Random(number)
        base = readings[number % len(readings)]
        who, year = number // len(YEARS), YEARS[number % len(YEARS)]
        portal = number // PER_PORTAL
        province = PROVINCES[portal % len(PROVINCES)]
        agency = f"第{portal}试验县{OFFICES[who % len(OFFICES)]}{who % 7 or ''}"
        body = "\n\n".join(
            draw.choice(lines) if len(line) > 30 and not line.startswith("|") else line
            for line in (base.body or "").split("\n\n")
        ) + "\n\n" + "\n\n".join(draw.sample(lines, 8))  # fmt: skip
        for version in (1, 2) if number % 50 == 0 else (1,):
            text = body + ("\n\n本报告更正一处。" if version > 1 else "")
            title = f"{agency}{year}年政府信息公开工作年度报告"
            payload = f"<!doctype html><meta charset=utf-8><title>{title}</title><p>{text[:2000]}".encode()
            digest = hashlib.sha256(payload).hexdigest()
            reading = dataclasses.replace(
                base, title=title, agency=agency, publisher=agency, report_year=year, body=text, body_digest=_digest(text),
                index_number=f"{number:09d}/{year}-{number % 1000:05d}", published_on=None,
            )  # fmt: skip
            yield Version(
                report_id=_digest(f"report {number}")[:24], number=version, changed=("body",) if version > 1 else (),
                run=RUNS[version - 1], portal=f"p{portal:05d}", province=province, division=f"{province}{portal % 9:02d}{portal % 90:02d}",
                platform="plain", url=f"http://p{portal:05d}.example/{number}.html",
                first_seen=START + timedelta(days=7 * (version - 1)), payload_digest=digest,
                snapshot=layout.snapshot_key(digest), parts=(), attachments=(), attachments_digest=_digest(""), reading=reading,
            )  # fmt: skip


def _sighting(item: Version, week: int, outcome: str) -> Sighting:
    reading = item.reading
    return Sighting(
        run=RUNS[week], portal=item.portal, time=START + timedelta(days=7 * week), url=item.url, outcome=outcome, status=200,
        report_id=item.report_id, version=item.number, kind="annual_report", title=reading.title, agency=reading.agency,
        report_year=reading.report_year, payload_digest=item.payload_digest, body_digest=reading.body_digest,
    )  # fmt: skip


def _snapshot(item: Version) -> bytes:
    payload = f"<!doctype html><meta charset=utf-8><title>{item.reading.title}</title><p>{(item.reading.body or '')[:2000]}".encode()
    return snapshots.warc(Capture(
        portal=item.portal, url=item.url, time=item.first_seen, status=200, reason="OK", protocol="HTTP/1.1", request_method="GET",
        request_headers=(), response_headers=((b"Content-Type", b"text/html"),), entity=payload, payload=payload,
        payload_digest=item.payload_digest,
    ))  # fmt: skip


def objects(size: int) -> Iterator[tuple[str, bytes]]:
    """Every key that the web view reads, with its bytes."""
    yield layout.ARCHIVE_KEY, promise()
    readings = bases()
    lines = paragraphs(readings)
    portals: list[str] = []
    batch: list[Version] = []

    def seen() -> Iterator[tuple[str, bytes]]:
        first = {item.report_id: item for item in batch if item.number == 1}
        second = {item.report_id: item for item in batch if item.number == 2}
        for week, run in enumerate(RUNS):
            looks = []
            for report_id, item in first.items():
                if week == 1 and report_id in second:
                    looks.append(_sighting(second[report_id], week, "revised"))
                else:
                    now = second.get(report_id, item) if week > 1 else item
                    looks.append(_sighting(now, week, "new" if week == 0 else "unchanged"))
            yield layout.sightings_key(batch[0].portal, run, 1), codec.encode_sightings(looks)

    for item in versions(size, readings, lines):
        if batch and item.portal != batch[0].portal:
            yield from seen()
            portals.append(batch[0].portal)
            batch = []
        batch.append(item)
        yield layout.version_key(item.report_id, item.number), codec.encode_version(item)
        yield item.snapshot, _snapshot(item)
    yield from seen()
    portals.append(batch[0].portal)
    for week, run in enumerate(RUNS):
        finished = (START + timedelta(days=7 * week, hours=3)).isoformat()
        done = {portal: {"status": "ok", "settled": True, "entries": PER_PORTAL} for portal in portals}
        yield layout.run_key(run), codec.encode_summary({"run": run, "finished": finished, "portals": done})


def generate(folder: Path, size: int) -> None:
    """Write the archive past the store, without waiting for the disk."""
    made: set[str] = set()
    for key, data in objects(size):
        parent = key.rpartition("/")[0]
        if parent not in made:
            (folder / parent).mkdir(parents=True, exist_ok=True)
            if parent.count("/") < 3:
                made.add(parent)
        (folder / key).write_bytes(data)


def late_run(folder: Path, count: int = 5) -> None:
    """One more run that found a few new reports on one portal."""
    readings = bases()
    lines = paragraphs(readings)
    run = f"{START + timedelta(days=60):%Y%m%dT%H%M%SZ}-{os.getpid():08x}"
    items = []
    for item in versions(count, readings, lines):
        if item.number == 1:
            report_id = _digest(f"late {run} {item.report_id}")[:24]
            url = item.url.replace(".html", f"-{run}.html")
            items.append(dataclasses.replace(item, report_id=report_id, url=url, run=run))
    archive = open_archive(str(folder))
    log = archive.sightings(run)
    for item in items:
        archive.put_version(item)
        log.add(dataclasses.replace(_sighting(item, 3, "new"), run=run, time=START + timedelta(days=60)))
    log.close()
    archive.put_run({"run": run, "finished": (START + timedelta(days=60, hours=1)).isoformat(),
                     "portals": {items[0].portal: {"status": "ok", "settled": False, "entries": count}}})  # fmt: skip


# ---------------------------------------------------------------- measuring


@contextmanager
def serving(folder: Path, index: Path) -> Iterator[tuple[str, subprocess.Popen[str], float]]:
    """``nianbao serve`` in a process of its own: address, process, seconds until it answered."""
    words = [
        sys.executable,
        "-m",
        "crawler.cli",
        "serve",
        "--archive",
        str(folder),
        "--index",
        str(index),
        "--port",
        "0",
    ]
    began = time.perf_counter()
    with subprocess.Popen([*words, "--follow", "5"], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            found = re.search(r"http://\S+?/", process.stderr.readline())
            assert found, "it did not start"
            address = found[0].rstrip("/")
            import httpx

            httpx.get(f"{address}/api/v1/status", trust_env=False, timeout=60).raise_for_status()
            yield address, process, time.perf_counter() - began
        finally:
            process.terminate()


def _peak(process: subprocess.Popen[str]) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def build(folder: Path, index: Path) -> dict[str, Any]:
    """The index made at once, in this process."""
    from crawler.web.index import Index

    archive = open_archive(str(folder))
    began = time.perf_counter()
    made = Index(index, archive.uri)
    made.refresh(archive)
    took = time.perf_counter() - began
    size = sum(path.stat().st_size for path in index.parent.glob(f"{index.name}*"))
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"seconds": took, "cpu": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss / 1024, "bytes": size}


def ask(address: str, revised: str) -> dict[str, float]:
    """Milliseconds of each question: the median of five, each of them over HTTP. ``revised``: a report of two versions."""
    import httpx

    found: dict[str, float] = {}
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        rows = client.get("/api/v1/reports?limit=5").json()["reports"]
        paths = {
            "overview": "/", "coverage": "/coverage", "coverage, one province": "/coverage?province=33",
            "runs": "/runs", "numbers, a province": "/numbers?series=33:department", "search, nothing asked": "/search",
            "status": "/api/v1/status",
        }  # fmt: skip
        paths |= {f"search {query}": f"/search?q={query}" for query in QUERIES}
        paths["search 申请, province and year"] = "/search?q=申请&province=33&year=2021"
        paths["the 50th page of 申请"] = _far(client, "/api/v1/reports?q=申请", 50)
        for name, path in paths.items():
            found[f"{name} (first)"] = _milliseconds(client, path)
            found[name] = statistics.median(_milliseconds(client, path) for _ in range(5))
        found["report"] = statistics.median(_milliseconds(client, f"/reports/{row['report_id']}") for row in rows)
        found["difference"] = _milliseconds(client, f"/reports/{revised}/diff")
        began = time.perf_counter()
        client.get("/api/v1/reports.csv?province=33")
        found["CSV of one province"] = 1000 * (time.perf_counter() - began)
    return found


def _far(client: Any, path: str, pages: int) -> str:
    for _ in range(pages):
        following = client.get(path).json()["next"]
        if not following:
            break
        path = following
    return path


def _milliseconds(client: Any, path: str) -> float:
    began = time.perf_counter()
    client.get(path).raise_for_status()
    return 1000 * (time.perf_counter() - began)


def measured(size: int, root: Path, *, keep: bool) -> dict[str, Any]:
    folder, index = root / f"web-{size}", root / f"web-{size}.sqlite"
    try:
        if not (folder / "runs").exists():
            began = time.perf_counter()
            generate(folder, size)
            sys.stderr.write(f"{size:,} reports written in {time.perf_counter() - began:.0f} s\n")
        found: dict[str, Any] = {"size": size}
        if not index.exists():
            words = [sys.executable, "-m", "benchmarks.web_view", "--build", str(index), "--folder", str(folder)]
            found["build"] = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
            sys.stderr.write(f"built: {found['build']}\n")
        with serving(folder, index) as (address, process, started):
            found["start"] = started
            found["asked"] = ask(address, _digest("report 0")[:24])
            found["mib"] = _peak(process)
            before = time.perf_counter()
            late_run(folder)
            found["followed"] = _followed(address, before)
        for name, value in found["asked"].items():
            sys.stderr.write(f"  {name}: {value:.1f} ms\n")
        sys.stderr.write(
            f"  start {found['start']:.2f} s, followed {found['followed']:.1f} s, peak {found['mib']:.0f} MiB\n"
        )
        return found
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _followed(address: str, since: float) -> float:
    import httpx

    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        runs = 0
        while runs <= len(RUNS):
            time.sleep(0.5)
            runs = len(client.get("/api/v1/runs").json()["runs"])
            if time.perf_counter() - since > 900:
                return float("nan")
    return time.perf_counter() - since


# ---------------------------------------------------------------- other indexes


def others(folder: Path, root: Path) -> Iterator[dict[str, Any]]:
    """The same texts in other indexes: build, size, and the milliseconds of each query's first page."""
    import sqlite3

    from crawler.web.bigrams import expression, pairs
    from crawler.web.rows import searched_text

    texts = [searched_text(version) for version in open_archive(str(folder)).iter_versions()]
    queries = [query for query in QUERIES if " " not in query and query != "2021年"]
    sys.stderr.write(f"{len(texts):,} texts of {sum(map(len, texts)) / len(texts):.0f} characters\n")

    def fts(name: str, options: str, shaped: Any, asked: Any) -> dict[str, Any]:
        path = root / "other.sqlite"
        path.unlink(missing_ok=True)
        began = time.perf_counter()
        db = sqlite3.connect(path)
        db.execute("pragma synchronous = off")
        db.execute(f"create virtual table words using fts5 (text, content='', {options})")
        db.executemany(
            "insert into words (rowid, text) values (?, ?)", ((n, shaped(text)) for n, text in enumerate(texts))
        )
        db.commit()
        took = time.perf_counter() - began

        def page(query: str) -> int:
            match = "select rowid from words where words match ? order by rowid limit 21"
            return len(db.execute(match, (asked(query),)).fetchall())

        try:
            return {"name": name, "seconds": took, "bytes": path.stat().st_size, **_asked(page, queries)}
        finally:
            db.close()
            path.unlink()

    yield fts("SQLite FTS5, pairs", "tokenize='ascii'", pairs, expression)
    yield fts("SQLite FTS5, trigram", "tokenize='trigram'", lambda text: text, lambda query: f'"{query}"')
    yield fts("SQLite FTS5, unicode61", "tokenize='unicode61'", lambda text: text, lambda query: f'"{query}"')

    import duckdb

    path = root / "other.duckdb"
    path.unlink(missing_ok=True)
    began = time.perf_counter()
    duck = duckdb.connect(str(path), config={"threads": 2})
    duck.execute("create table words (id integer, text varchar)")
    import pyarrow as pa  # type: ignore[import-untyped]

    table = pa.table({"id": list(range(len(texts))), "text": texts})
    duck.register("given", table)
    duck.execute("insert into words select * from given")
    duck.execute("checkpoint")
    took = time.perf_counter() - began

    def scanned(query: str) -> int:
        return len(
            duck.execute("select id from words where contains(text, ?) order by id limit 21", [query]).fetchall()
        )

    yield {"name": "DuckDB, scanned", "seconds": took, "bytes": path.stat().st_size, **_asked(scanned, queries)}
    duck.close()
    path.unlink()

    try:
        tantivy = import_module("tantivy")
    except ImportError:
        sys.stderr.write("tantivy is not installed: pip install tantivy\n")
        return
    where = root / "other.tantivy"
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir()
    began = time.perf_counter()
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True, fast=True)
    builder.add_text_field("text", tokenizer_name="pairs", index_option="position")
    index = tantivy.Index(builder.build(), path=str(where))
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("pairs", analyzer)
    writer = index.writer(256_000_000, 1)
    for n, text in enumerate(texts):
        writer.add_document(tantivy.Document(id=n, text=pairs(text)))
    writer.commit()
    writer.wait_merging_threads()
    took = time.perf_counter() - began
    index.reload()
    searcher = index.searcher()
    schema = index.schema

    def phrased(query: str) -> int:
        words = [query[i : i + 2] for i in range(len(query) - 1)]
        parsed = (tantivy.Query.phrase_query(schema, "text", words) if len(words) > 1
                  else tantivy.Query.term_query(schema, "text", words[0]))  # fmt: skip
        hits = searcher.search(parsed, 21, order_by_field="id", order=tantivy.Order.Asc).hits
        return len([searcher.doc(address) for _, address in hits])

    size = sum(file.stat().st_size for file in where.rglob("*"))
    yield {"name": "Tantivy, pairs", "seconds": took, "bytes": size, **_asked(phrased, queries)}
    shutil.rmtree(where)


def _asked(page: Any, queries: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for query in queries:
        took = []
        rows = 0
        for _ in range(5):
            began = time.perf_counter()
            rows = page(query)
            took.append(1000 * (time.perf_counter() - began))
        found[query] = (round(statistics.median(took), 2), rows)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000", help="reports of each archive")
    parser.add_argument("--folder", help="where the archives are written")
    parser.add_argument("--keep", action="store_true", help="leave them there, and use those that are there")
    parser.add_argument("--others", action="store_true", help="measure other indexes, too")
    parser.add_argument("--build", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.build:
        sys.stdout.write(json.dumps(build(Path(given.folder), Path(given.build))))
        return 0
    sizes = [int(size) for size in given.sizes.split(",")]
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        root = Path(given.folder) if given.folder and given.keep else Path(scratch)
        for size in sizes:
            found = measured(size, root, keep=given.keep or given.others)
            sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
            if given.others:
                for other in others(root / f"web-{size}", Path(scratch)):
                    sys.stdout.write(json.dumps(other, ensure_ascii=False) + "\n")
                    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
