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
    touched     reports and agencies (affected) that a refresh under way has still to judge

A row number is year and order of arrival in one, newest first, so that search results come in their order straight from
the full-text index and a page of results is where the one before it ended.

One process writes (``refresh``), any number of threads read. Nothing here is needed to know what the archive holds.
Refreshing reads the batches of sightings that came since and the reports they speak of; memory does not grow with the
archive.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import TypeVar

from crawler.web import looks
from crawler.web.arrivals import News, token
from crawler.web.rows import read_reports, store_reports, store_runs
from crawler.web.tables import SCHEMA, TABLES
from storage import layout
from storage.archive import Archive, Numbered, read_ahead
from storage.cursors import BEGINNING, CursorRefused

T = TypeVar("T")
BATCH = 500
LOOKING = 20  # readings are listed again after so many times the seconds that listing them took
PATIENCE = 20.0  # seconds one question may take


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
        readings = archive.listed_readings(layout.READINGS)
        stale = []
        for report_id, group in groupby(readings, key=lambda key: key.report_id):
            row = db.execute("select readings from reports where report_id = ?", (report_id,)).fetchone()
            if row is not None and row[0] != token(group):
                stale.append(report_id)
        self._listed_until = time.monotonic() + LOOKING * (time.monotonic() - began)
        return stale

    def _take_in(
        self, db: sqlite3.Connection, archive: Archive, finished: Sequence[str], cursor: str, again: Sequence[str]
    ) -> None:
        from crawler.web.standing import settle_agencies

        news = News(archive, finished, cursor)
        for group in _batched(news.sightings(), BATCH // 5):
            with db:
                for portal, seen in group:
                    looks.store(db, portal, seen)
        taken = 0
        for batch in _batched(read_reports(archive, self._changed(db, archive, cursor, again)), BATCH):
            with db:
                store_reports(db, batch)
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
            store_runs(db, archive, finished)
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
        """The reports whose rows are not what the archive holds, as far as sightings and readings tell."""
        if cursor == BEGINNING:
            for report in archive.numbered():
                row = db.execute(
                    "select version, readings from reports where report_id = ?", (report.report_id,)
                ).fetchone()
                if row is None or tuple(row) != (report.numbers[-1], token(report.readings)):
                    yield report
            return
        seen = db.execute(
            "select report_id from touched left join reports using (report_id) "
            "where reports.version is null or touched.version > reports.version"
        ).fetchall()
        changed = dict.fromkeys([*(report_id for (report_id,) in seen), *again])
        yield from read_ahead(
            lambda report_id: Numbered(
                report_id,
                archive.version_numbers(report_id),
                tuple(archive.listed_readings(layout.reading_prefix(report_id))),
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
