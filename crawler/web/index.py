"""The index of an archive: a local SQLite file, derived from the archive and made anew at will.

    about       what the file is, and the cursor up to which the archive has been taken in
    reports     the latest version of each report: what is searched, sorted and counted by
    bodies      its text, compressed, for excerpts
    words       its text as pairs of characters (FTS5); rows as in ``reports``
    figures     its statutory figures, a column each
    places      every address looked at: what was last seen there
    spans       what was seen at a place, a row for every stretch of looks that saw the same
    agencies    agencies × years: what can be said of each (``storage.coverage``)
    runs        run summaries, and how each portal ended in each

A row number is year and order of arrival in one, newest first, so that search results come in their order straight from
the full-text index and a page of results is where the one before it ended.

One process writes (``refresh``), any number of threads read. Nothing here is needed to know what the archive holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any, TypeVar

from crawler.items import Sighting, Version
from crawler.web import figures
from crawler.web.bigrams import pairs
from storage import layout
from storage.archive import Archive
from storage.cursors import BEGINNING, CursorRefused
from storage.locations import READ
from storage.queries import EVERY_KIND, Filters, Selected, Selection, select

T = TypeVar("T")

SCHEMA = 1
BATCH = 500
PATIENCE = 20.0  # seconds one question may take
YEARS_UP_TO = 4095
SERIALS = 1 << 32

TABLES = f"""
create table about (name text primary key, value text) without rowid;
create table reports (
    id integer primary key, report_id text not null unique, version integer not null, kind text not null, year integer,
    agency text, publisher text, title text, province text not null, prefecture text not null, division text not null,
    portal text not null, portals text not null, platform text, status text not null, level text not null, url text not null,
    published_on text, printed text, first_seen text not null, version_seen text not null, index_number text,
    document_number text, body_digest text, statistics_digest text, extractor text not null, altered integer not null,
    readable integer not null, checks integer not null, statistics integer not null
);
create index reports_by_agency on reports (province, division, agency, year);
create index reports_by_name on reports (agency, year) where kind = 'annual_report';
create index reports_by_arrival on reports (version_seen desc, report_id);
create index reports_by_facets on reports (province, prefecture, year, kind, platform, status);
create table bodies (id integer primary key, body blob not null);
create virtual table words using fts5 (text, content='', tokenize='ascii');
create table figures (id integer primary key, {", ".join(f"{column} real" for column in figures.COLUMNS.values())});
create table places (
    id integer primary key, portal text not null, place text not null, url text not null, report_id text, version integer,
    outcome text not null, status integer, first text not null, last text not null, title text, unique (portal, place)
);
create index places_by_address on places (place);
create index places_by_outcome on places (outcome, portal);
create table spans (
    place integer not null, number integer not null, outcome text not null, status integer, report_id text, version integer,
    payload_digest text, index_number text, first text not null, last text not null, looks integer not null,
    primary key (place, number)
) without rowid;
create index spans_by_report on spans (report_id);
create table agencies (
    id integer primary key, province text not null, division text not null, agency text not null, portals text not null,
    complete text, cells text not null, unique (province, division, agency)
);
create table cells (
    agency integer not null, province text not null, division text not null, year integer not null, mark text not null,
    states text not null, primary key (agency, year)
) without rowid;
create index cells_by_province on cells (province, year, mark);
create table runs (run text primary key, started text, finished text, summary text not null) without rowid;
create table outcomes (
    portal text not null, run text not null, status text not null, reason text, counts text not null,
    primary key (portal, run)
) without rowid;
create index outcomes_by_run on outcomes (run);
"""
REPORT_COLUMNS = (
    "id", "report_id", "version", "kind", "year", "agency", "publisher", "title", "province", "prefecture", "division",
    "portal", "portals", "platform", "status", "level", "url", "published_on", "printed", "first_seen", "version_seen",
    "index_number", "document_number", "body_digest", "statistics_digest", "extractor", "altered", "readable", "checks",
    "statistics",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the index follows the archive."""

    updated: str | None  # when it was last brought up to date
    building: bool
    taken_in: int  # versions in the update under way
    fault: str | None = None  # why the last update failed


class Index:
    """One index file. Any thread may read; ``refresh`` is called by one thread at a time."""

    def __init__(self, path: Path, uri: str) -> None:
        self.path = path
        self.uri = uri
        self._local = threading.local()
        self._refreshing = threading.Lock()
        self._progress = Progress(None, building=False, taken_in=0)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._prepare()

    # ------------------------------------------------------------ reading

    @property
    def db(self) -> sqlite3.Connection:
        """This thread's connection, for reading only; a question that takes too long ends in ``OperationalError``."""
        connection: sqlite3.Connection | None = getattr(self._local, "db", None)
        if connection is None:
            connection = _connect(self.path)
            connection.execute("pragma query_only = on")
            connection.execute("pragma temp_store = memory")
            connection.set_progress_handler(lambda: time.monotonic() > self._local.until, 100_000)
            self._local.db = connection
        self._local.until = time.monotonic() + PATIENCE
        return connection

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Every row of an answer."""
        return self.db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first row of an answer."""
        found: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return found

    @property
    def progress(self) -> Progress:
        updated = self.row("select value from about where name = 'updated'")
        return Progress(
            updated[0] if updated else None, self._progress.building, self._progress.taken_in, self._progress.fault
        )

    @property
    def generation(self) -> str:
        """Changes with every update."""
        row = self.row("select value from about where name = 'generation'")
        return row[0] if row else "0"

    # ------------------------------------------------------------ bringing up to date

    def refresh(self, archive: Archive, *, always: bool = False) -> bool:
        """Take in what the archive got since; ``False`` where no run has ended since the last time (unless ``always``).

        A killed refresh is taken up again by the next: what it stored is stored once more, the cursor moves at the end.
        """
        with self._refreshing:
            runs = hashlib.sha256("\n".join(archive.runs()).encode()).hexdigest()
            with _writing(self.path) as db:
                about = dict(db.execute("select name, value from about").fetchall())
                if about.get("runs") == runs and not always:
                    return False
                self._progress = Progress(None, building=True, taken_in=0)
                try:
                    self._take_in(db, archive, about.get("cursor", BEGINNING), runs)
                except CursorRefused:
                    self._empty(db)
                    self._take_in(db, archive, BEGINNING, runs)
                except BaseException as error:
                    db.rollback()
                    self._progress = Progress(None, building=False, taken_in=0, fault=str(error))
                    raise
            self._progress = Progress(None, building=False, taken_in=0)
            return True

    def _take_in(self, db: sqlite3.Connection, archive: Archive, cursor: str, runs: str) -> None:
        from crawler.web.standing import settle_agencies

        selection = select(archive, Filters(kinds=EVERY_KIND), all_versions=True, since=cursor)
        touched: set[tuple[str, str, str]] = set()
        taken = 0
        for batch in _batched(_by_report(selection), BATCH):
            with db:
                touched |= _store_reports(db, batch)
            taken += sum(len(versions) for versions in batch)
            self._progress = Progress(None, building=True, taken_in=taken)
        with db:
            _store_sightings(db, selection)
            _store_runs(db, archive)
            settle_agencies(db, touched)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            generation = hashlib.sha256(f"{selection.cursor}{SCHEMA}".encode()).hexdigest()[:16]
            db.executemany(
                "insert or replace into about values (?, ?)",
                [("cursor", selection.cursor), ("runs", runs), ("updated", now), ("generation", generation)],
            )

    # ------------------------------------------------------------ the file

    def _prepare(self) -> None:
        """The tables; a file of another archive, of another make, or no database at all is begun anew."""
        try:
            with _writing(self.path) as db:
                about = {}
                if db.execute("select 1 from sqlite_master where name = 'about'").fetchone():
                    about = dict(db.execute("select name, value from about").fetchall())
                if (about.get("schema"), about.get("archive")) != (str(SCHEMA), self.uri):
                    self._empty(db)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            with _writing(self.path) as db:
                self._empty(db)

    def _empty(self, db: sqlite3.Connection) -> None:
        with db:
            db.execute("begin immediate")
            names = "select name from sqlite_master where type = 'table' and name not like 'words_%' and name not like 'sqlite%'"
            for (name,) in db.execute(names).fetchall():
                db.execute(f'drop table "{name}"')
            for statement in TABLES.split(";\n"):
                if statement.strip():
                    db.execute(statement)
            db.executemany("insert into about values (?, ?)", [("schema", str(SCHEMA)), ("archive", self.uri)])


def default_path(uri: str) -> Path:
    """Where the index of an archive is kept: in the user's cache folder, never in the archive."""
    cache = os.environ.get("XDG_CACHE_HOME")
    root = Path(cache) if cache and Path(cache).is_absolute() else Path.home() / ".cache"
    return root / "nianbao" / f"web-{hashlib.sha256(uri.encode()).hexdigest()[:16]}.sqlite"


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=30, check_same_thread=False)
    db.row_factory = sqlite3.Row
    return db


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    db = _connect(path)
    try:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
        yield db
    finally:
        db.close()


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    walking = iter(items)
    while batch := list(islice(walking, size)):
        yield batch


# ---------------------------------------------------------------- reports


def _by_report(selection: Selection) -> Iterator[list[Selected]]:
    for _, group in groupby(selection, key=lambda selected: selected.version.report_id):
        yield list(group)


def _store_reports(db: sqlite3.Connection, batch: Iterable[list[Selected]]) -> set[tuple[str, str, str]]:
    """The (province, division, agency) of everything stored, as it was and as it is."""
    touched: set[tuple[str, str, str]] = set()
    rows = []
    counted = db.execute("select value from about where name = 'serial'").fetchone()
    serial = int(counted[0]) if counted else 0
    for versions in batch:
        latest = versions[-1].version
        before = db.execute("select * from reports where report_id = ?", (latest.report_id,)).fetchone()
        if before:
            touched.add((before["province"], before["division"], before["agency"] or ""))
        if before and before["version"] == latest.number:
            db.execute("update reports set status = ? where id = ?", (versions[-1].status.value, before["id"]))
            continue
        if before:
            packed = zlib.decompress(db.execute("select body from bodies where id = ?", (before["id"],)).fetchone()[0])
            db.execute(
                "insert into words (words, rowid, text) values ('delete', ?, ?)", (before["id"], pairs(packed.decode()))
            )
            for table in ("reports", "bodies", "figures"):
                db.execute(f"delete from {table} where id = ?", (before["id"],))  # noqa: S608 — our own names
        serial += 1
        year = latest.reading.report_year
        row_id = (YEARS_UP_TO - (year or 0)) * SERIALS + SERIALS - 1 - serial
        rows.append((row_id, versions, before))
        touched.add((latest.province, latest.division, latest.reading.agency or ""))
    db.execute("insert or replace into about values ('serial', ?)", (str(serial),))
    # The full-text index writes a segment whenever rows come out of order.
    for row_id, versions, before in sorted(rows, key=lambda row: row[0]):
        latest = versions[-1].version
        values = _report_row(row_id, versions, before)
        db.execute(f"insert into reports values ({', '.join('?' * len(values))})", values)  # noqa: S608
        text = _text(latest)
        db.execute("insert into bodies values (?, ?)", (row_id, zlib.compress(text.encode("utf-8", "replace"))))
        db.execute("insert into words (rowid, text) values (?, ?)", (row_id, pairs(text)))
        if latest.reading.statistics:
            numbers = figures.figures(latest.reading.statistics)
            db.execute(f"insert into figures values (?, {', '.join('?' * len(numbers))})", (row_id, *numbers))  # noqa: S608
    return touched


def _report_row(row_id: int, versions: list[Selected], before: sqlite3.Row | None) -> tuple[Any, ...]:
    latest, status = versions[-1].version, versions[-1].status
    reading = latest.reading
    altered = bool(before and before["altered"])
    known: tuple[str, str | None, str | None] | None = (
        (before["extractor"], before["body_digest"], before["statistics_digest"]) if before else None
    )
    for selected in versions:
        marks = _marks(selected.version)
        # As storage.coverage has it: only readings of one extractor can be told apart.
        altered = altered or (known is not None and known[0] == marks[0] and known[1:] != marks[1:])
        known = marks
    printed = [v.version.reading.published_on.isoformat() for v in versions if v.version.reading.published_on]
    if before and before["printed"]:
        printed.append(before["printed"])
    portals = {selected.version.portal for selected in versions} | set(json.loads(before["portals"]) if before else ())
    return (
        row_id, latest.report_id, latest.number, reading.kind.value, reading.report_year, reading.agency,
        reading.publisher, reading.title, latest.province, latest.division[:4], latest.division, latest.portal,
        json.dumps(sorted(portals)), latest.platform or None, status.value, figures.level(reading.agency, latest.division),
        latest.url, reading.published_on and reading.published_on.isoformat(), min(printed, default=None),
        before["first_seen"] if before else _time(versions[0].version.first_seen), _time(latest.first_seen),
        reading.index_number, reading.document_number, *_marks(latest)[1:], reading.extractor, int(altered),
        int(bool(reading.body)), sum(check.severity == "error" for check in reading.checks), int(bool(reading.statistics)),
    )  # fmt: skip


def _marks(version: Version) -> tuple[str, str | None, str | None]:
    numbers = (
        json.dumps(version.reading.statistics, sort_keys=True, default=str) if version.reading.statistics else None
    )
    digest = hashlib.sha256(numbers.encode()).hexdigest()[:16] if numbers else None
    return version.reading.extractor, version.reading.body_digest, digest


def _text(version: Version) -> str:
    """What is searched: title, names and numbers, body, and what the files say that the body does not."""
    reading = version.reading
    files = [file.text for file in version.attachments if file.text and file.url != reading.body_source]
    names = (reading.title, reading.agency, reading.publisher, reading.index_number, reading.document_number)
    return "\n".join(filter(None, [*names, reading.body, *files])).encode("utf-8", "replace").decode()


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


# ---------------------------------------------------------------- sightings


@dataclass(slots=True)
class _Span:
    place: int
    number: int
    outcome: str
    status: int | None
    report_id: str | None
    version: int | None
    payload_digest: str | None
    index_number: str | None
    first: str
    last: str
    looks: int = 1

    def values(self) -> tuple[Any, ...]:
        return (self.place, self.number, self.outcome, self.status, self.report_id, self.version, self.payload_digest,
                self.index_number, self.first, self.last, self.looks)  # fmt: skip


def _store_sightings(db: sqlite3.Connection, selection: Selection) -> None:
    """Every sighting that came since, portal by portal in the order they were made."""
    for portal, group in groupby(selection.sightings(), key=lambda sighting: sighting.portal):
        for batch in _batched(group, 5000):
            _store_looks(db, portal, batch)


def _store_looks(db: sqlite3.Connection, portal: str, looks: Iterable[Sighting]) -> None:
    places: dict[str, tuple[int, str | None, int | None]] = {}
    last: dict[int, _Span | None] = {}
    for look in looks:
        place = layout.location(look.url)
        moment = _time(look.time)
        if place not in places:
            row = db.execute(
                "select id, report_id, version from places where portal = ? and place = ?", (portal, place)
            ).fetchone()
            if row is None:
                added = db.execute("insert into places (portal, place, url, outcome, first, last) values (?, ?, ?, ?, ?, ?)",
                                   (portal, place, look.url, look.outcome, moment, moment)).lastrowid  # fmt: skip
                assert added is not None
                places[place], last[added] = (added, None, None), None
            else:
                places[place] = tuple(row)
                span = db.execute(
                    "select * from spans where place = ? order by number desc limit 1", (row["id"],)
                ).fetchone()
                last[row["id"]] = _Span(*span) if span else None
        key, report_id, version = places[place]
        # A look that saw no content speaks of what was last seen there.
        if look.outcome in READ or (look.report_id is not None and look.report_id != report_id):
            report_id, version = look.report_id, look.version
        else:
            version = look.version or version
        span = last[key]
        if span and moment <= span.last:
            continue  # taken in before a refresh was killed
        same = (look.outcome, report_id, version, look.payload_digest, look.index_number)
        if span and same == (span.outcome, span.report_id, span.version, span.payload_digest, span.index_number):
            span.last, span.status, span.looks = moment, look.status, span.looks + 1
        else:
            number = span.number + 1 if span else 1
            span = _Span(key, number, look.outcome, look.status, report_id, version, look.payload_digest,
                         look.index_number, moment, moment)  # fmt: skip
        db.execute("insert or replace into spans values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", span.values())
        last[key] = span
        places[place] = (key, report_id, version)
        db.execute(
            "update places set url = ?, report_id = ?, version = ?, outcome = ?, status = ?, last = ?, title = coalesce(?, title) "
            "where id = ?",
            (look.url, report_id, version, look.outcome, look.status, moment, look.title, key),
        )


# ---------------------------------------------------------------- runs


def _store_runs(db: sqlite3.Connection, archive: Archive) -> None:
    known = {run for (run,) in db.execute("select run from runs")}
    for run in archive.runs():
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
