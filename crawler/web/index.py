"""The index of an archive: a local SQLite file, derived from the archive and made anew at will.

    about       what the file is, and the cursor up to which the archive has been taken in
    reports     the latest version of each report: what is searched, sorted and counted by
    bodies      its text, compressed, for excerpts
    words       its text as pairs of characters (FTS5); rows as in ``reports``
    figures     its statutory figures, a column each
    places      every address looked at: what was last seen there
    spans       what was seen at a place, a row for every stretch of looks that saw the same
    agencies    agencies × years: what can be said of each (``storage.coverage``)
    runs        run summaries
    outcomes    how each portal ended in each run
    crawled     the day each portal was last crawled to completion
    touched     reports and agencies (affected) that a refresh under way has still to judge, and those still to be read
                (waiting)

A row number is year and order of arrival in one, newest first, so that search results come in their order straight from
the full-text index and a page of results is where the one before it ended. What is taken in together arrives in the order it
was first seen, so that the newest of all are found among the newest of each year.

One process writes (``refresh``), any number of threads read. Nothing here is needed to know what the archive holds.
Refreshing reads the batches of sightings that came since and the reports they speak of; memory does not grow with the
archive.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice, pairwise
from pathlib import Path
from typing import Any, TypeVar

from crawler.items import PortalStatus, Sighting, Version
from crawler.web import figures, looks
from crawler.web.bigrams import pairs
from storage import codec, cursors, layout
from storage.archive import Archive, Numbered, read_ahead
from storage.coverage import BEIJING, moment
from storage.cursors import BEGINNING, Cursor, CursorRefused
from storage.layout import ReadingKey, SightingsKey
from storage.queries import batches

T = TypeVar("T")

BATCH = 500
PATIENCE = 20.0  # seconds one question may take
LOOKING = 20  # readings are listed again after so many times the seconds that listing them took
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
    readable integer not null, checks integer not null, statistics integer not null, bare text, readings text not null
);
create index reports_by_agency on reports (province, division, agency, year);
create index reports_by_name on reports (bare, year) where kind = 'annual_report';
create index reports_by_level on reports (province, level, year) where kind = 'annual_report';
create index reports_by_kind on reports (kind, altered);
create index reports_by_facets on reports (province, prefecture, kind);
create index reports_of_kind on reports (kind);
create index reports_of_province on reports (province);
create index reports_of_prefecture on reports (prefecture);
create index reports_of_division on reports (division);
create index reports_of_agency on reports (agency);
create index reports_of_portal on reports (portal);
create index reports_of_platform on reports (platform);
create index reports_of_status on reports (status);
create table bodies (id integer primary key, body blob not null);
create virtual table words using fts5 (text, content='', tokenize='ascii');
insert into words (words, rank) values ('hashsize', 16777216);
create table figures (id integer primary key, {", ".join(f"{column} real" for column in figures.COLUMNS.values())});
create table places (
    id integer primary key, portal text not null, place text not null, url text not null, report_id text, version integer,
    outcome text not null, status integer, since text not null, last text not null, title text, unique (portal, place)
);
create index places_by_address on places (place);
create index places_by_outcome on places (outcome, since desc);
create table spans (
    place integer not null, number integer not null, outcome text not null, status integer, report_id text, version integer,
    payload_digest text, index_number text, first text not null, last text not null, looks integer not null,
    primary key (place, number)
) without rowid;
create index spans_by_report on spans (report_id);
create index spans_of_collisions on spans (index_number) where outcome = 'collision';
create table agencies (
    id integer primary key, province text not null, division text not null, agency text not null, portals text not null,
    complete text, cells text not null, unique (province, division, agency)
);
create table cells (
    agency integer not null, province text not null, division text not null, year integer not null, mark text not null,
    states text not null, primary key (agency, year)
) without rowid;
create index cells_by_province on cells (province, year, mark);
create table runs (
    run text primary key, started text, finished text, statuses text not null, summary text not null
) without rowid;
create table outcomes (
    portal text not null, run text not null, status text not null, reason text, counts text not null,
    primary key (portal, run)
) without rowid;
create index outcomes_of_run on outcomes (run, status, portal);
create table crawled (portal text primary key, day text not null) without rowid;
create table waiting (
    seen text, report_id text, numbers text not null, readings text not null, primary key (seen, report_id)
) without rowid;
create table touched (report_id text primary key, version integer not null) without rowid;
create table affected (province text, division text, agency text, primary key (province, division, agency)) without rowid;
"""  # noqa: S608 — our own names
MADE_BY = 4  # raised where the same tables are filled otherwise than before
SCHEMA = f"{MADE_BY}-{hashlib.sha256(TABLES.encode()).hexdigest()[:12]}"
# When a version was first seen, as far as sightings tell.
SEEN = "select min(first) from spans where spans.report_id = touched.report_id and spans.version = touched.version"


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
        self._listed_until = 0.0
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
        """Take in what the archive got since; ``False`` where no run has ended since the last time and nothing was read
        again (unless ``always``: then what unfinished runs have left, too).

        A killed refresh is taken up again by the next: what it stored is passed over, the cursor moves at the end.
        """
        with self._refreshing:
            finished = archive.runs()
            runs = hashlib.sha256("\n".join(finished).encode()).hexdigest()
            with _writing(self.path) as db:
                about = dict(db.execute("select name, value from about").fetchall())
                again = self._read_again(db, archive) if "cursor" in about else []
                if about.get("runs") == runs and not always and not again:
                    return False
                self._progress = Progress(None, building=True, taken_in=0)
                try:
                    try:
                        self._take_in(db, archive, finished, about.get("cursor", BEGINNING), again)
                    except CursorRefused:
                        self._empty(db)
                        self._take_in(db, archive, finished, BEGINNING, [])
                    with db:
                        db.execute("insert or replace into about values ('runs', ?)", (runs,))
                except BaseException as error:
                    db.rollback()
                    self._progress = Progress(None, building=False, taken_in=0, fault=str(error))
                    raise
            self._progress = Progress(None, building=False, taken_in=0)
            return True

    def _read_again(self, db: sqlite3.Connection, archive: Archive) -> list[str]:
        """The reports that an extractor read again since they were taken in. No run tells of that, so the keys of all
        readings are listed, at the price of a twentieth of the time at most."""
        if time.monotonic() < self._listed_until:
            return []
        began = time.monotonic()
        keys = (layout.parse(listed.key) for listed in archive.store.list(layout.READINGS))
        readings = (key for key in keys if isinstance(key, ReadingKey))
        stale = []
        for report_id, group in groupby(readings, key=lambda key: key.report_id):
            row = db.execute("select readings from reports where report_id = ?", (report_id,)).fetchone()
            if row is not None and row[0] != _token(group):
                stale.append(report_id)
        self._listed_until = time.monotonic() + LOOKING * (time.monotonic() - began)
        return stale

    def _take_in(
        self, db: sqlite3.Connection, archive: Archive, finished: Sequence[str], cursor: str, again: Sequence[str]
    ) -> None:
        from crawler.web.standing import settle_agencies

        news = _News(archive, finished, cursor)
        for group in _batched(news.sightings(), BATCH // 5):
            with db:
                for portal, seen in group:
                    looks.store(db, portal, seen)
        taken = 0
        for batch in _batched(_read(archive, self._changed(db, archive, cursor, again)), BATCH):
            with db:
                _store_reports(db, batch)
            taken += len(batch)
            self._progress = Progress(None, building=True, taken_in=taken)
        with db:
            for report_id, status in looks.statuses(db):
                db.execute("update reports set status = ? where report_id = ?", (status.value, report_id))
                db.execute(
                    "insert or ignore into affected select province, division, agency from reports where report_id = ? "
                    "and agency is not null",
                    (report_id,),
                )
            _store_runs(db, archive, finished)
            settle_agencies(db)
            db.execute("delete from touched")
            db.execute("delete from affected")
            now = datetime.now(UTC).isoformat(timespec="seconds")
            counted = db.execute("select value from about where name = 'generation'").fetchone()
            generation = str(int(counted[0]) + 1 if counted else 1)
            db.executemany(
                "insert or replace into about values (?, ?)",
                [("cursor", news.cursor), ("updated", now), ("generation", generation)],
            )

    def _changed(
        self, db: sqlite3.Connection, archive: Archive, cursor: str, again: Sequence[str]
    ) -> Iterator[Numbered]:
        """The reports whose rows are not what the archive holds, as far as sightings and readings tell; those first whose
        latest version was seen first."""
        if cursor == BEGINNING:
            yield from _in_order_seen(db, archive.numbered())
            return
        seen = db.execute(
            "select report_id from touched left join reports using (report_id) "  # noqa: S608 — our own names
            f"where reports.version is null or touched.version > reports.version order by ({SEEN}), report_id"
        ).fetchall()
        changed = dict.fromkeys([*(report_id for (report_id,) in seen), *again])
        yield from read_ahead(
            lambda report_id: Numbered(
                report_id,
                archive.version_numbers(report_id),
                tuple(_reading_keys(archive, report_id)),
            ),
            changed,
        )

    # ------------------------------------------------------------ the file

    def _prepare(self) -> None:
        """The tables; a file of another archive, of another make, or no database at all is begun anew."""
        try:
            with _writing(self.path) as db:
                about = {}
                if db.execute("select 1 from sqlite_master where name = 'about'").fetchone():
                    about = dict(db.execute("select name, value from about").fetchall())
                if (about.get("schema"), about.get("archive")) != (SCHEMA, self.uri):
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
            db.executemany("insert into about values (?, ?)", [("schema", SCHEMA), ("archive", self.uri)])


def is_ours(path: Path) -> bool:
    """Whether an index may be made in a file: it is none yet, is empty, or is an index already. Anything else is another's."""
    try:
        if not path.exists() or path.stat().st_size == 0:
            return True
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            return db.execute("select 1 from about where name = 'schema'").fetchone() is not None
    except sqlite3.DatabaseError:
        return False


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


# ---------------------------------------------------------------- what is new


class _News:
    """The sightings that came since a cursor; ``cursor`` holds them once they were gone through."""

    def __init__(self, archive: Archive, finished: Sequence[str], cursor: str) -> None:
        self._archive = archive
        self._finished = frozenset(finished)
        self._before = cursors.decode(cursor, sorted(finished))
        self._noted: dict[str, dict[str, int]] = {}  # unfinished run → portal → batches read

    @property
    def cursor(self) -> str:
        return cursors.encode(Cursor(self._finished, self._noted))

    def sightings(self) -> Iterator[tuple[str, list[Sighting]]]:
        """Portal and batch, those of a portal in the order they were made."""
        yield from read_ahead(self._batch, self._keys())

    def _keys(self) -> Iterator[SightingsKey]:
        for key in batches(self._archive, None):
            if key.run not in self._finished:
                # A listing is not of one moment: after a batch it passed over, later ones wait for the next time.
                portals = self._noted.setdefault(key.run, {})
                if key.number != portals.get(key.portal, 0) + 1:
                    continue
                portals[key.portal] = key.number
            if not self._before.holds_batch(key):
                yield key

    def _batch(self, key: SightingsKey) -> tuple[str, list[Sighting]]:
        stored = layout.sightings_key(key.portal, key.run, key.number)
        try:
            return key.portal, codec.decode_sightings(self._archive.store.get(stored))
        except codec.Damaged as error:
            raise codec.Damaged(f"{stored}: {error}") from error


def _reading_keys(archive: Archive, report_id: str) -> Iterator[ReadingKey]:
    keys = (layout.parse(listed.key) for listed in archive.store.list(layout.reading_prefix(report_id)))
    return (key for key in keys if isinstance(key, ReadingKey))


def _token(readings: Iterable[ReadingKey]) -> str:
    """Stands for what was read again of a report; empty for nothing."""
    named = "\n".join(f"{key.number} {key.extractor}" for key in readings)
    return hashlib.sha256(named.encode()).hexdigest()[:8] if named else ""


# ---------------------------------------------------------------- reports


def _in_order_seen(db: sqlite3.Connection, listed: Iterable[Numbered]) -> Iterator[Numbered]:
    """Of all the reports that are listed those whose rows say otherwise, by the time their latest version was first seen.

    They wait in the file, not in memory, and are fetched a batch at a time: a question left open would keep SQLite from
    emptying its journal.
    """
    with db:
        db.execute("delete from waiting")
    for batch in _batched(listed, BATCH):
        with db:
            for report in batch:
                row = db.execute(
                    "select version, readings from reports where report_id = ?", (report.report_id,)
                ).fetchone()
                if row is None or tuple(row) != (report.numbers[-1], _token(report.readings)):
                    latest = (report.report_id, report.numbers[-1])
                    (seen,) = db.execute(
                        "select min(first) from spans where report_id = ? and version = ?", latest
                    ).fetchone()
                    readings = json.dumps([(key.number, key.extractor) for key in report.readings])
                    db.execute(
                        "insert into waiting values (?, ?, ?, ?)",
                        (seen or "", report.report_id, json.dumps(report.numbers), readings),
                    )
    last = ("", "")
    while rows := db.execute(
        "select * from waiting where (seen, report_id) > (?, ?) order by seen, report_id limit ?", (*last, BATCH)
    ).fetchall():
        for _, report_id, numbers, readings in rows:
            keys = tuple(ReadingKey(report_id, number, extractor) for number, extractor in json.loads(readings))
            yield Numbered(report_id, tuple(json.loads(numbers)), keys)
        last = (rows[-1]["seen"], rows[-1]["report_id"])
    with db:
        db.execute("delete from waiting")


@dataclass(frozen=True, slots=True)
class _Stored:
    """A report to be stored: every version of it, the latest prepared for the full-text index."""

    versions: tuple[Version, ...]
    readings: str
    text: str


def _read(archive: Archive, reports: Iterable[Numbered]) -> Iterator[_Stored]:
    def read(report: Numbered) -> _Stored | None:
        versions = archive.with_readings(report.report_id, report.numbers, report.readings)
        return _Stored(versions, _token(report.readings), _text(versions[-1])) if versions else None

    yield from filter(None, read_ahead(read, reports))


def _store_reports(db: sqlite3.Connection, batch: Iterable[_Stored]) -> None:
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


def _report_row(row_id: int, stored: _Stored, status: str) -> tuple[Any, ...]:
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


def _text(version: Version) -> str:
    """What is searched: title, names and numbers, body, and what the files say that the body does not."""
    reading = version.reading
    files = [file.text for file in version.attachments if file.text and file.url != reading.body_source]
    names = (reading.title, reading.agency, reading.publisher, reading.index_number, reading.document_number)
    return "\n".join(filter(None, [*names, reading.body, *files])).encode("utf-8", "replace").decode()


# ---------------------------------------------------------------- runs


def _store_runs(db: sqlite3.Connection, archive: Archive, names: Sequence[str]) -> None:
    known = {run for (run,) in db.execute("select run from runs")}
    for run in names:
        if run in known:
            continue
        summary = archive.run(run)
        portals = summary.pop("portals", {})
        finished = summary.get("finished")
        statuses = Counter(str(ended.get("status")) for ended in portals.values())
        db.execute("insert into runs values (?, ?, ?, ?, ?)",
                   (run, summary.get("started"), finished, json.dumps(statuses), json.dumps(summary, ensure_ascii=False)))  # fmt: skip
        db.executemany(
            "insert into outcomes values (?, ?, ?, ?, ?)",
            [
                (key, run, str(ended.get("status")), ended.get("reason"), json.dumps(ended, ensure_ascii=False))
                for key, ended in portals.items()
            ],
        )
        if finished is not None:
            complete = [
                key
                for key, ended in portals.items()
                if ended.get("status") == PortalStatus.OK and ended.get("settled", True)
            ]
            day = moment(run, finished).astimezone(BEIJING).date().isoformat()
            db.executemany(
                "insert into crawled values (?, ?) on conflict do update set day = max(day, excluded.day)",
                [(key, day) for key in complete],
            )
