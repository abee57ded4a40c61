"""Reports and runs → rows of the index."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from crawler.items import Version
from crawler.web import figures, looks
from crawler.web.arrivals import token
from crawler.web.bigrams import pairs
from storage.archive import Archive, Numbered, read_ahead

YEARS_UP_TO = 4095
SERIALS = 1 << 32


@dataclass(frozen=True, slots=True)
class Stored:
    """A report to be stored: every version of it, the latest prepared for the full-text index."""

    versions: tuple[Version, ...]
    readings: str
    text: str


def read_reports(archive: Archive, reports: Iterable[Numbered]) -> Iterator[Stored]:
    """Reports as they are to be stored; what has no version is none."""

    def read(report: Numbered) -> Stored | None:
        versions = archive.with_readings(report.report_id, report.numbers, report.readings)
        return Stored(versions, token(report.readings), searched_text(versions[-1])) if versions else None

    yield from filter(None, read_ahead(read, reports))


def store_reports(db: sqlite3.Connection, batch: Iterable[Stored]) -> None:
    """Store reports anew, and note in ``affected`` whose they were and are. One that was read again keeps its place."""
    rows = []
    counted = db.execute("select value from about where name = 'serial'").fetchone()
    serial = int(counted[0]) if counted else 0
    for stored in batch:
        latest = stored.versions[-1]
        year = latest.reading.report_year
        before = db.execute("select * from reports where report_id = ?", (latest.report_id,)).fetchone()
        row_id = None
        if before:
            _affect(db, before["province"], before["division"], before["agency"])
            _remove(db, before["id"])
            if (before["version"], before["year"]) == (latest.number, year):
                row_id = before["id"]
        if row_id is None:
            serial += 1
            row_id = (YEARS_UP_TO - (year or 0)) * SERIALS + SERIALS - 1 - serial
        rows.append((row_id, stored, before["status"] if before else "live"))
        _affect(db, latest.province, latest.division, latest.reading.agency)
    db.execute("insert or replace into about values ('serial', ?)", (str(serial),))
    # The full-text index writes a segment whenever rows come out of order.
    for row_id, stored, status in sorted(rows, key=lambda row: row[0]):
        latest = stored.versions[-1]
        values = _report_row(row_id, stored, status)
        db.execute(f"insert into reports values ({', '.join('?' * len(values))})", values)  # noqa: S608
        packed = zlib.compress(stored.text.encode("utf-8", "replace"))
        db.execute("insert into bodies values (?, ?)", (row_id, packed))
        db.execute("insert into words (rowid, text) values (?, ?)", (row_id, pairs(stored.text)))
        if latest.reading.statistics:
            numbers = figures.figures(latest.reading.statistics)
            db.execute(f"insert into figures values (?, {', '.join('?' * len(numbers))})", (row_id, *numbers))  # noqa: S608


def _affect(db: sqlite3.Connection, province: str, division: str, agency: str | None) -> None:
    if agency:
        db.execute("insert or ignore into affected values (?, ?, ?)", (province, division, agency))


def _remove(db: sqlite3.Connection, row_id: int) -> None:
    packed = zlib.decompress(db.execute("select body from bodies where id = ?", (row_id,)).fetchone()[0])
    db.execute("insert into words (words, rowid, text) values ('delete', ?, ?)", (row_id, pairs(packed.decode())))
    for table in ("reports", "bodies", "figures"):
        db.execute(f"delete from {table} where id = ?", (row_id,))  # noqa: S608 — our own names


def _report_row(row_id: int, stored: Stored, status: str) -> tuple[Any, ...]:
    versions, latest = stored.versions, stored.versions[-1]
    reading = latest.reading
    marks = [_marks(version) for version in versions]
    # As storage.coverage has it: only readings of one extractor can be told apart.
    altered = any(one[0] == other[0] and one[1:] != other[1:] for one, other in pairwise(marks))
    printed = [v.reading.published_on.isoformat() for v in versions if v.reading.published_on]
    return (
        row_id, latest.report_id, latest.number, reading.kind.value, reading.report_year, reading.agency,
        reading.publisher, reading.title, latest.province, latest.division[:4], latest.division, latest.portal,
        json.dumps(sorted({version.portal for version in versions})), latest.platform or None, status,
        figures.level(reading.agency, latest.division), latest.url, reading.published_on and reading.published_on.isoformat(),
        min(printed, default=None), looks.at(versions[0].first_seen), looks.at(latest.first_seen), reading.index_number,
        reading.document_number, *marks[-1][1:], reading.extractor, int(altered), int(bool(reading.body)),
        sum(check.severity == "error" for check in reading.checks), int(bool(reading.statistics)), bare(reading.agency),
        stored.readings,
    )  # fmt: skip


def bare(agency: str | None) -> str | None:
    """An agency's name without blanks, by which its reports of other years are found."""
    return "".join(agency.split()) if agency else None


def _marks(version: Version) -> tuple[str, str | None, str | None]:
    numbers = (
        json.dumps(version.reading.statistics, sort_keys=True, default=str) if version.reading.statistics else None
    )
    digest = hashlib.sha256(numbers.encode()).hexdigest()[:16] if numbers else None
    return version.reading.extractor, version.reading.body_digest, digest


def searched_text(version: Version) -> str:
    """What is searched: title, names and numbers, body, and what the files say that the body does not."""
    reading = version.reading
    files = [file.text for file in version.attachments if file.text and file.url != reading.body_source]
    names = (reading.title, reading.agency, reading.publisher, reading.index_number, reading.document_number)
    return "\n".join(filter(None, [*names, reading.body, *files])).encode("utf-8", "replace").decode()


def store_runs(db: sqlite3.Connection, archive: Archive, finished: Sequence[str]) -> None:
    """Store the finished runs that are not there yet."""
    known = {run for (run,) in db.execute("select run from runs")}
    for run in finished:
        if run in known:
            continue
        summary = archive.run(run)
        portals = summary.pop("portals", {})
        db.execute("insert into runs values (?, ?, ?, ?)",
                   (run, summary.get("started"), summary.get("finished"), json.dumps(summary, ensure_ascii=False)))  # fmt: skip
        db.executemany(
            "insert into outcomes values (?, ?, ?, ?, ?)",
            [
                (key, run, str(ended.get("status")), ended.get("reason"), json.dumps(ended, ensure_ascii=False))
                for key, ended in portals.items()
            ],
        )
