"""The archive: what may be kept, and how it is found again.

Order of writing: snapshot → attachments' snapshots → version → pointers → sighting → run summary. A reference never
points at nothing, so a run killed anywhere leaves an archive that is whole as far as it goes. The same holds of a power
cut: snapshots and versions are durable when they are acknowledged, pointers before any sighting written after them.
"""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from crawler.errors import AlreadyExists, ArchiveError, UsageError
from crawler.items import Capture, Sighting, Version
from crawler.urls import location
from storage import codec, layout, readings, snapshots
from storage.jottings import Unread, jottings_beside
from storage.layout import ReadingKey
from storage.outcomes import Outcomes
from storage.readings import Rereading
from storage.sightings import PortalState, SightingLog, cut_off, done_with, lists, newest, settled, unfinished, whole
from storage.snapshots import StoredCapture
from storage.stores import DirectoryStore, KeyRefused, Missing, ObjectStore, Refused

log = logging.getLogger(__name__)

A = TypeVar("A")
B = TypeVar("B")

PROMISE = {
    "layout": layout.LAYOUT,
    "promise": "Nothing under snapshots/, reports/, sightings/ or runs/ is ever overwritten or deleted; "
    "index/ and catalogue/ can be rebuilt from them.",
}
READINGS_ASKED = 60.0  # seconds between two questions whether anything was read again
READ_AHEAD = 16
UNREAD_FOR = timedelta(days=1)  # what was kept longer ago and not read is asked for again


class NoArchive(UsageError):
    """Nothing was ever kept there."""

    name = "usage.no_archive"


def open_archive(uri: str, *, create: bool = False) -> Archive:
    """The archive at ``./dir``, ``/dir``, ``file:…`` or ``s3://bucket/prefix``; made there first with ``create``.

    Raises ``UsageError`` (``NoArchive``) where there is none, where it is of a newer layout, and where the store refuses us.
    """
    try:
        store = _store(uri)
        if create and isinstance(store, DirectoryStore):
            store.prepare()
        _check_layout(store, create=create)
    except (Refused, KeyRefused) as error:
        raise UsageError(str(error)) from error
    return Archive(store)


def _store(uri: str) -> ObjectStore:
    scheme = urlsplit(uri).scheme if "://" in uri or uri.startswith("file:") else ""
    if scheme == "s3":
        from storage.s3 import S3Store  # boto3 takes a second to import

        parts = urlsplit(uri)
        if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
            raise UsageError(
                "an S3 archive is s3://bucket/prefix; credentials and endpoint come from boto3's own sources"
            )
        return S3Store(parts.netloc, parts.path.strip("/"))
    if scheme == "file":
        parts = urlsplit(uri)
        if parts.netloc not in ("", "localhost"):
            raise UsageError(f"no archive on another machine: {uri}")
        return DirectoryStore(Path(unquote(parts.path)))
    if scheme or not uri:
        raise UsageError(f"no archive at {uri!r}: give a directory or s3://bucket/prefix")
    return DirectoryStore(Path(uri).expanduser())


def _check_layout(store: ObjectStore, *, create: bool) -> None:
    try:
        data = store.get(layout.ARCHIVE_KEY)
    except Missing:
        if not create:
            raise _absence(store) from None
        store.create(layout.ARCHIVE_KEY, promise())
        data = store.get(layout.ARCHIVE_KEY)
    try:
        found = codec.from_json(data)["layout"]
        newer = found > layout.LAYOUT
    except (codec.Damaged, TypeError, KeyError):
        raise ArchiveError(f"{store.uri}: {layout.ARCHIVE_KEY} is damaged") from None
    if newer:
        raise UsageError(
            f"{store.uri} is of layout {found}, written by a newer nianbao; this one knows {layout.LAYOUT}: update it"
        )


def _absence(store: ObjectStore) -> UsageError:
    """Why a store holds no archive: nothing is there, or something else is."""
    if isinstance(store, DirectoryStore):
        for place in (store.root, *store.root.parents):
            if place.is_file():
                return UsageError(f"no archive at {store.uri}: {place} is a file")
    if next(store.list(""), None) is not None:
        return UsageError(f"{store.uri} is no archive: something else is kept there, and no {layout.ARCHIVE_KEY}")
    return NoArchive(f"no archive at {store.uri}: crawl into it first")


def promise() -> bytes:
    """What ``archive.json`` holds."""
    return codec.to_json(PROMISE) + b"\n"


@dataclass(frozen=True, slots=True)
class Numbered:
    """A report, by its keys alone."""

    report_id: str
    numbers: tuple[int, ...]  # of its versions, in order
    readings: tuple[ReadingKey, ...]  # made of them later


class Archive:
    """One archive. Every method blocks, and may be called from any thread."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self.uri = store.uri
        self._reread = False
        self._asked = -math.inf
        self._placed: set[tuple[str, str, str]] = set()
        self._outcomes = Outcomes(self.run)
        self._jottings = jottings_beside(store)

    # ------------------------------------------------------------ snapshots

    def put_snapshot(self, capture: Capture) -> str:
        """Keep a capture; its key. Equal payloads are kept once, the first capture of them."""
        key = layout.snapshot_key(capture.payload_digest)
        if not self.store.exists(key):
            self.store.create(key, snapshots.warc(capture))
        return key

    def snapshot(self, key: str) -> StoredCapture:
        """The kept capture, its digests checked. Raises ``Missing``, ``Damaged``."""
        parsed = layout.parse(key)
        if not isinstance(parsed, layout.SnapshotKey):
            raise Missing(f"{key!r} is no snapshot's key")
        return self._read(key, lambda data: snapshots.read(data, parsed.payload_digest))

    # ------------------------------------------------------------ versions

    def put_version(self, version: Version) -> None:
        """Keep a version. Raises ``AlreadyExists`` when another one is kept under its number."""
        key = layout.version_key(version.report_id, version.number)
        data = codec.encode_version(version)
        if not self.store.create(key, data) and self.store.get(key) != data:
            kept = self._read(key, codec.decode_version)  # perhaps the same, packed by another zlib
            if codec.plain(kept) != codec.plain(version):
                raise AlreadyExists(f"{key}: another version {version.number} is kept there")

    def version(self, report_id: str, number: int) -> Version:
        """One version, as it was read last. Raises ``Missing``."""
        return self.with_readings(report_id, (number,))[0]

    def versions(self, report_id: str) -> tuple[Version, ...]:
        """All versions of a report in order, as they were read last; empty for an unknown report."""
        return self.with_readings(report_id, self.version_numbers(report_id))

    def latest(self, report_id: str) -> Version | None:
        """A report's newest version, as it was read last, or ``None``."""
        numbers = self.version_numbers(report_id)
        return self.version(report_id, numbers[-1]) if numbers else None

    def version_numbers(self, report_id: str) -> tuple[int, ...]:
        """The numbers of a report's versions, in order; empty for an unknown report."""
        keys = (layout.parse(listed.key) for listed in self.store.list(layout.version_prefix(report_id)))
        return tuple(key.number for key in keys if isinstance(key, layout.VersionKey))

    def filed(self, report_id: str, number: int) -> Version:
        """One version as it was filed, whoever read it again since. Raises ``Missing``."""
        return self._read(layout.version_key(report_id, number), codec.decode_version)

    def report_ids(self) -> Iterator[str]:
        """Every report, in the order of their ids."""
        for shard in self.store.folders(layout.REPORTS):
            yield from self.store.folders(f"{layout.REPORTS}{shard}/")

    def iter_versions(self) -> Iterator[Version]:
        """Every version of every report, report by report, by number, as they were read last."""
        reports = self.numbered()
        for versions in read_ahead(
            lambda each: self.with_readings(each.report_id, each.numbers, each.readings), reports
        ):
            yield from versions

    def numbered(self) -> Iterator[Numbered]:
        """Every report with the numbers of its versions and the readings made of them later, from two listings."""
        keys = (layout.parse(listed.key) for listed in self.store.list(layout.REPORTS))
        versions = (key for key in keys if isinstance(key, layout.VersionKey))
        readings = groupby(self.listed_readings(layout.READINGS), key=lambda key: key.report_id)
        ahead = next(readings, None)
        for report_id, group in groupby(versions, key=lambda key: key.report_id):
            numbers = tuple(key.number for key in group)
            while ahead is not None and ahead[0] < report_id:
                ahead = next(readings, None)
            found = tuple(ahead[1]) if ahead is not None and ahead[0] == report_id else ()
            yield Numbered(report_id, numbers, found)

    # ------------------------------------------------------------ readings

    def put_reading(self, rereading: Rereading) -> bool:
        """Keep what an extractor made of a version later; ``False`` where that extractor's reading is kept already.

        Its pointers are written first: a reading that is there needs no second look at them.
        """
        for kind, value in layout.reading_pointers(rereading.reading):
            self.point(kind, value, rereading.report_id)
        key = layout.reading_key(rereading.report_id, rereading.number, rereading.reading.extractor)
        created = self.store.create(key, readings.encode(rereading))
        self._reread = True
        return created

    def readings(self, report_id: str, number: int | None = None) -> tuple[ReadingKey, ...]:
        """What was read again of a report, or of one version of it."""
        return tuple(self.listed_readings(layout.reading_prefix(report_id, number))) if self._read_again() else ()

    def with_readings(
        self, report_id: str, numbers: Iterable[int], found: Iterable[ReadingKey] | None = None
    ) -> tuple[Version, ...]:
        """Versions of a report as the newest extractor read them. ``found``: its readings, where they were listed."""
        keys = self.readings(report_id) if found is None else tuple(found)
        return tuple(self._as_read_last(self.filed(report_id, n), [k for k in keys if k.number == n]) for n in numbers)

    def _as_read_last(self, version: Version, keys: list[ReadingKey]) -> Version:
        newest = max(keys, key=lambda key: layout.extractor_order(key.extractor), default=None)
        order = layout.extractor_order
        if newest is None or order(newest.extractor) <= order(version.reading.extractor):
            return version
        key = layout.reading_key(newest.report_id, newest.number, newest.extractor)
        return self._read(key, readings.decode).of(version)

    def listed_readings(self, prefix: str) -> Iterator[ReadingKey]:
        """The readings whose keys begin like this, as the store lists them now."""
        keys = (layout.parse(listed.key) for listed in self.store.list(prefix))
        return (key for key in keys if isinstance(key, layout.ReadingKey))

    def _read_again(self) -> bool:
        """Whether anything was ever read again. Where not, asked once a minute: most archives hold no readings, and a
        look-up then costs no second listing."""
        if not self._reread and time.monotonic() - self._asked > READINGS_ASKED:
            self._reread = next(self.store.folders(layout.READINGS), None) is not None
            self._asked = time.monotonic()
        return self._reread

    # ------------------------------------------------------------ pointers

    def point(self, kind: str, value: str, target: str, *, soon: bool = False) -> bool:
        """Make a report found by a URL (``url``), an index number (``number``) or a body digest (``body``), or a portal
        by a province's code (``province``) or the id of a report seen there (``report``).

        ``False`` where the pointer was there already. With ``soon`` it is durable before the next sighting is stored,
        whichever that is: enough for a pointer, which says nothing that its version does not say.
        """
        value = layout.pointer_value(kind, value)
        to = "portal" if kind in layout.TO_PORTALS else "report_id"
        create = self.store.create_soon if soon else self.store.create
        return create(layout.pointer_key(kind, value, target), codec.encode_pointer(value, target, to))

    def point_version(self, version: Version, *, soon: bool = False) -> None:
        """Every pointer a version gives rise to; what ``fixity.rebuild`` would make of it. ``soon``: see ``point``."""
        for pointer in _of_version(version):
            if pointer not in self._placed:
                self.point(*pointer, soon=soon)
            if pointer[0] == "province":  # the same for every report of a portal
                self._placed.add(pointer)

    def point_sighting(self, sighting: Sighting, *, beside: Version | None = None, soon: bool = False) -> None:
        """Every pointer a sighting gives rise to; what ``fixity.rebuild`` would make of it. ``soon``: see ``point``.

        ``beside``: the version whose pointers were made just now, which are mostly the same ones.
        """
        made = set(_of_version(beside)) if beside is not None else set()
        assert sighting.report_id is not None or not made
        pointers = [(kind, value, str(sighting.report_id)) for kind, value in layout.sighting_pointers(sighting)]
        for pointer in (*pointers, *layout.sighting_places(sighting)):
            if pointer not in made:
                self.point(*pointer, soon=soon)

    def pointed(self, kind: str, value: str) -> tuple[str, ...]:
        """The ids of the reports (or the keys of the portals) found by a value, in order."""
        prefix = layout.pointer_prefix(kind, layout.pointer_value(kind, value))
        return tuple(listed.key.removeprefix(prefix) for listed in self.store.list(prefix))

    def filed_by(self, runs: Collection[str], portal: str, urls: Iterable[str]) -> Iterator[Version]:
        """The versions that one of these runs filed of a portal at these addresses: of each address the newest."""

        def newest_at(url: str) -> Version | None:
            filed = (self.filed(report, n) for report in self.pointed("url", url) for n in self.version_numbers(report))
            theirs = (v for v in filed if v.run in runs and v.portal == portal)
            here = (v for v in theirs if location(v.url) == location(url))
            return max(here, key=lambda version: version.first_seen, default=None)

        return (version for version in read_ahead(newest_at, urls) if version is not None)

    # ------------------------------------------------------------ sightings

    def sightings(self, run: str) -> SightingLog:
        """Where a run takes down what it sees."""
        layout.run_key(run)  # a run id that cannot be stored is refused before the run begins
        return SightingLog(self.store, run, self._jottings)

    def say_what_was_left(self, portal: str, after: str | None) -> bool:
        """Store what killed runs saw of a portal and had no time to say; whether that was anything. Call while no other run
        is there. ``after``: the run that was there last and was cut off."""
        said = False
        for left in self._jottings.left(portal, after):
            there = read_ahead(self._point_again, left.sightings)
            seen = [sighting for sighting, is_there in zip(left.sightings, there, strict=True) if is_there]
            self.store.settle()
            if seen:
                said |= self.store.create(left.key, codec.encode_sightings(seen))
        return said

    def _point_again(self, sighting: Sighting) -> bool:
        """Make every pointer to what a killed run saw, which may have ended among them. ``False`` where that is not there."""
        if sighting.report_id is None:
            return True
        try:
            version = self.filed(sighting.report_id, sighting.version or 1)
        except (Missing, codec.Damaged) as error:
            log.warning("what a killed run jotted down is not said: %s", error)
            return False
        self.point_version(version, soon=True)
        self.point_sighting(sighting, beside=version, soon=True)
        return True

    def keep_unread(self, capture: Capture, run: str) -> None:
        """Keep the capture of a new page, or of what belongs to one, that is to be read in its turn: the next run reads it
        if this one is killed."""
        self.put_snapshot(capture)
        self.had(capture.portal, capture.url, Unread(capture.payload_digest, run, capture.time))

    def had(self, portal: str, url: str, had: Unread) -> None:
        """Take down that what belongs to a page was had: it is not asked for again where the run is killed."""
        self._jottings.jot_unread(portal, url, had)

    def lay_aside(self, capture: Capture, run: str) -> None:
        """Hold the page of a known report that waits behind others to be read, where that costs no object."""
        self._jottings.lay_aside(capture, run)

    def unread(self, portal: str, after: str | None) -> dict[str, Unread]:
        """By identity of the address, what runs that were cut off had of a portal; some of it was read. ``after``: the last
        of them, as far as that is known."""
        return self._jottings.unread(portal, after)

    def kept_lately(self, portal: str, url: str, payload_digest: str) -> Capture | None:
        """The capture of an address as a run kept it within the last day; ``None`` where equal bytes were kept earlier, of
        this address or another."""
        try:
            key = layout.snapshot_key(payload_digest)
            capture = self._jottings.laid_aside(portal, payload_digest)
            capture = capture or snapshots.as_received(self.snapshot(key), portal)
        except (Missing, codec.Damaged, ValueError):
            return None  # asked for again; `verify` says what is wrong with it
        lately = datetime.now(UTC) - capture.time <= UNREAD_FOR
        return capture if capture.url == url and lately else None

    def all_read(self, portal: str) -> None:
        """A run is done with a portal: nothing that was kept of it waits to be read."""
        self._jottings.all_read(portal)

    def portals(self) -> tuple[str, ...]:
        """Every portal ever sighted, in order."""
        return tuple(self.store.folders(layout.SIGHTINGS))

    def iter_sightings(self, portal: str | None = None) -> Iterator[Sighting]:
        """Every sighting, in the order of runs and of lines in each; without ``portal``, portal by portal."""
        prefix = layout.SIGHTINGS if portal is None else layout.sightings_prefix(portal)
        keys = (listed.key for listed in self.store.list(prefix))
        for batch in read_ahead(lambda key: self._read(key, codec.decode_sightings), keys):
            yield from batch

    def last_run(self, portal: str) -> str | None:
        """The newest run that sighted anything of a portal."""
        keys = (layout.parse(listed.key) for listed in self.store.list(layout.sightings_prefix(portal)))
        return max((key.run for key in keys if isinstance(key, layout.SightingsKey)), default=None)

    def state(self, portal: str) -> PortalState:
        """The newest sighting of each of a portal's locations.

        Reads back from the newest run to the last one that left a line for every location there was; so the cost does
        not grow with the archive's age.
        """
        runs: dict[str, list[str]] = {}
        for listed in self.store.list(layout.sightings_prefix(portal)):
            parsed = layout.parse(listed.key)
            if isinstance(parsed, layout.SightingsKey):
                runs.setdefault(parsed.run, []).append(listed.key)
        keys: deque[str] = deque()
        begun = set()
        complete, known_lists, before, last_whole = None, lists(None, portal), None, None
        cut: list[str] = []
        since = sorted(runs, reverse=True)
        for number, run in enumerate(since):
            keys.extendleft(reversed(runs[run]))
            summary = self.outcomes(run)
            before = before or done_with(summary, portal)
            if len(cut) == number and cut_off(summary, portal):
                cut.append(run)
            if complete is None and unfinished(summary, portal):
                begun.add(run)
            if complete is None and settled(summary, portal):
                complete, known_lists = run, lists(summary, portal)
            if whole(summary, portal):
                last_whole, since = run, since[:number]
                break
        sighted = 0
        base = frozenset(runs[last_whole]) if last_whole else frozenset()

        def lines() -> Iterator[Sighting]:
            nonlocal sighted
            for key, batch in read_ahead(lambda key: (key, self._read(key, codec.decode_sightings)), keys):
                sighted += len(batch) if key not in base else 0
                yield from batch

        return PortalState(
            portal,
            newest(lines()),
            frozenset(begun),
            tuple(cut),
            complete,
            last_whole,
            runs_since=len(since),
            lines_since=sighted,
            before=before,
            lists=known_lists,
        )

    # ------------------------------------------------------------ runs

    def put_run(self, summary: Mapping[str, Any]) -> None:
        """Keep a run's summary, its last act. Raises ``AlreadyExists`` when another one is kept under its id."""
        key = layout.run_key(summary["run"])
        data = codec.encode_summary(summary)
        if not self.store.create(key, data) and self.store.get(key) != data:
            raise AlreadyExists(f"{key}: another summary is kept there")

    def run(self, run: str) -> dict[str, Any]:
        """A run's summary. Raises ``Missing`` for a run that did not get as far as writing one."""
        return self._read(layout.run_key(run), codec.decode_summary)

    def runs(self) -> tuple[str, ...]:
        """The ids of all runs that have a summary, oldest first."""
        parsed = (layout.parse(listed.key) for listed in self.store.list(layout.RUNS))
        return tuple(sorted(key.run for key in parsed if isinstance(key, layout.RunKey)))

    def outcomes(self, run: str) -> Mapping[str, Any] | None:
        """``interrupted`` and ``portals`` of a run's summary, remembered: every portal's state asks for the same runs.
        ``None`` for a run that did not get as far as writing one."""
        try:
            return self._outcomes.of(run)
        except Missing:
            return None

    # ------------------------------------------------------------ reading

    def _read(self, key: str, decode: Callable[[bytes], A]) -> A:
        data = self.store.get(key)
        try:
            return decode(data)
        except codec.Damaged as error:
            raise codec.Damaged(f"{key}: {error}") from error


def _of_version(version: Version) -> Iterator[tuple[str, str, str]]:
    """(kind, value, target) of every pointer a version gives rise to."""
    for kind, value in layout.version_pointers(version):
        yield kind, value, version.report_id
    yield from layout.version_places(version)


def read_ahead(read: Callable[[A], B], items: Iterable[A], width: int = READ_AHEAD) -> Iterator[B]:
    """``map(read, items)`` with a few reads under way at once; a far store answers one at a time too slowly."""
    with ThreadPoolExecutor(width, thread_name_prefix="archive") as pool:
        waiting: deque[Future[B]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(read, item))
                if len(waiting) >= width:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
