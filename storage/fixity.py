"""The audit: is everything stored what was written, and does everything that is named exist?

``verify`` goes once through all keys in order and holds a few objects at a time. It takes the archive to be hostile:
nothing in it can make it crash or unpack without bound. ``rebuild`` makes the index anew.

Not damage: what a killed run left behind. Order of writing sees to it that this is a snapshot no version names, or a
version whose pointers or sighting the next run adds. So pointers are asked for only of runs that came to their end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from crawler.errors import ArchiveError
from crawler.items import Sighting, Version
from storage import codec, layout, readings, snapshots
from storage.archive import Archive, promise, read_ahead
from storage.queries import Bearing, Filters, bearing
from storage.readings import Rereading
from storage.stores import Listed

REMEMBERED = 100_000  # keys known to exist
RESTORE = "restore it from a copy of the archive"
REBUILD = "run nianbao rebuild"
FETCH_AGAIN = f"{RESTORE}; without one, the next crawl keeps what the portal shows now, and what it showed then is lost"
MOVE_OUT = "move it out of the archive"
READ_AGAIN = f"{MOVE_OUT} and run nianbao reread, which makes it again from the kept bytes"

Job = Callable[[], list["Damage"]]
Fault = tuple[str, str, str]  # what, blame, remedy


@dataclass(frozen=True, slots=True)
class Damage:
    """One fault: the object where it shows, what is wrong, the object to blame (perhaps a missing one), what to do."""

    key: str
    what: str
    blame: str
    remedy: str


def verify(archive: Archive, deep: bool = True, near: Bearing | None = None) -> Iterator[Damage]:
    """Every fault of the archive, in the order of keys; nothing for a sound one.

    Without ``deep`` snapshots, the bulk of an archive, are only looked for and not read. With ``near`` (what
    ``near`` says of some portals or provinces) only its reports, with everything they refer to, the pointers that lead to
    them, and its portals' sightings and the summaries of their runs are audited; strays and what belongs to none of them
    are not.
    """
    audit = _Audit(archive, deep)
    jobs = audit.jobs(archive.store.list("")) if near is None else audit.jobs_near(near)
    for damages in read_ahead(lambda job: job(), jobs):
        yield from damages


def near(archive: Archive, filters: Filters) -> Bearing | None:
    """As ``queries.bearing``, whatever is damaged; ``None``, too, where the index does not answer.

    What a damaged batch of sightings named is found as far as others name it; the batch itself is found to be damaged.
    """

    def read(archive: Archive, key: layout.SightingsKey) -> list[Sighting]:
        try:
            stored = archive.store.get(layout.sightings_key(key.portal, key.run, key.number))
            return codec.decode_sightings(stored)
        except ArchiveError:
            return []

    return bearing(archive, filters, read=read)


class _Audit:
    def __init__(self, archive: Archive, deep: bool) -> None:
        self.archive = archive
        self.store = archive.store
        self.deep = deep
        self.finished = frozenset(self._finished())
        self._exists = lru_cache(REMEMBERED)(self.store.exists)

    def _finished(self) -> Iterator[str]:
        for run in self.archive.runs():
            try:
                if not self.archive.run(run).get("interrupted"):
                    yield run
            except ArchiveError:
                continue  # reported when its own key comes up

    def jobs(self, objects: Iterable[Listed]) -> Iterator[Job]:
        """One job an object, and one a hole in a numbering."""
        previous: layout.AnyKey | None = None
        for listed in objects:
            key = layout.parse(listed.key)
            yield from self._holes(previous, key)
            yield self._job(listed, key)
            previous = key

    def jobs_near(self, near: Bearing) -> Iterator[Job]:
        """As ``jobs``, of some reports and portals."""
        yield from self.jobs(self._there(layout.ARCHIVE_KEY))
        for report in sorted(near.reports):
            if not self._exists(layout.version_key(report, 1)):
                yield partial(self._lost, report)
            yield from self.jobs(self.store.list(layout.version_prefix(report)))
            yield from self.jobs(self.store.list(layout.reading_prefix(report)))
            yield partial(self._belongings, report)
        runs: set[str] = set()
        for portal in sorted(near.portals):
            for listed in self.store.list(layout.sightings_prefix(portal)):
                key = layout.parse(listed.key)
                if isinstance(key, layout.SightingsKey):
                    runs.add(key.run)
            yield from self.jobs(self.store.list(layout.sightings_prefix(portal)))
        for run in sorted(runs):
            yield from self.jobs(self._there(layout.run_key(run)))

    def _lost(self, report: str) -> list[Damage]:
        first = layout.version_key(report, 1)
        return [Damage(first, "is named and is not there", first, RESTORE)]

    def _there(self, key: str) -> Iterator[Listed]:
        """The object under a key, if there is one, with its size."""
        return (listed for listed in self.store.list(key) if listed.key == key)

    def _belongings(self, report: str) -> list[Damage]:
        """What is wrong with the snapshots and pointers of one report, each looked at once."""
        keys: dict[str, None] = {}
        for number in self.archive.version_numbers(report):
            try:
                version = self.archive.filed(report, number)
            except ArchiveError:
                continue  # reported when its own key comes up
            keys.update(dict.fromkeys(_references(version) if self.deep else ()))
            pointers = [(kind, value, report) for kind, value in layout.version_pointers(version)]
            for pointer in (*pointers, *layout.version_places(version)):
                keys.update({layout.pointer_key(*pointer): None})
        damages = []
        for key in keys:
            parsed = layout.parse(key)
            if isinstance(parsed, layout.SnapshotKey | layout.PointerKey):
                damages += [fault for listed in self._there(key) for fault in self._look(listed, parsed)]
        return damages

    def _job(self, listed: Listed, key: layout.AnyKey | None) -> Job:
        return lambda: self._look(listed, key)

    def _holes(self, before: layout.AnyKey | None, key: layout.AnyKey | None) -> Iterator[Job]:
        expected: Callable[[int], str]
        match before, key:
            case _, layout.VersionKey(report_id, number):
                same = isinstance(before, layout.VersionKey) and before.report_id == report_id
                expected = lambda n: layout.version_key(report_id, n)  # noqa: E731
            case _, layout.SightingsKey(portal, run, number):
                same = isinstance(before, layout.SightingsKey) and (before.portal, before.run) == (portal, run)
                expected = lambda n: layout.sightings_key(portal, run, n)  # noqa: E731
            case _:
                return
        last = before.number if same and isinstance(before, layout.VersionKey | layout.SightingsKey) else 0
        if number > last + 1:
            shown, missing, count = expected(number), expected(last + 1), number - last - 1
            what = f"the numbering has a hole: {count} missing before it"
            yield lambda: [Damage(shown, what, missing, RESTORE)]

    def _look(self, listed: Listed, key: layout.AnyKey | None) -> list[Damage]:
        shown = listed.key.encode("utf-8", "backslashreplace").decode()
        if key is None and listed.key != layout.ARCHIVE_KEY:
            if listed.key.startswith(layout.CATALOGUE):
                return []  # derived, and its files carry checksums of their own
            return [Damage(shown, "is no key of this layout", shown, MOVE_OUT)]
        if isinstance(key, layout.SnapshotKey) and not self.deep:
            return []
        if listed.size > codec.LIMIT:
            return [Damage(shown, f"is larger than any object may be: {listed.size} bytes", shown, RESTORE)]
        remedy = REBUILD if isinstance(key, layout.PointerKey) else RESTORE
        if isinstance(key, layout.SnapshotKey):
            remedy = FETCH_AGAIN
        elif isinstance(key, layout.ReadingKey):
            remedy = READ_AGAIN
        try:
            data = self.store.get(listed.key)
            return [Damage(shown, what, blame, mend) for what, blame, mend in self._faults(listed.key, key, data)]
        except codec.Damaged as error:
            return [Damage(shown, str(error), shown, remedy)]
        except ArchiveError as error:
            return [Damage(shown, f"cannot be read: {error}", shown, remedy)]

    def _faults(self, key: str, parsed: layout.AnyKey | None, data: bytes) -> Iterator[Fault]:
        match parsed:
            case layout.SnapshotKey(payload_digest):
                snapshots.read(data, payload_digest)
            case layout.VersionKey():
                yield from self._version(key, parsed, codec.decode_version(data))
            case layout.ReadingKey():
                yield from self._reading(key, parsed, readings.decode(data))
            case layout.PointerKey():
                yield from self._pointer(key, parsed, data)
            case layout.SightingsKey():
                yield from self._sightings(key, parsed, data)
            case layout.RunKey(run):
                if codec.decode_summary(data).get("run") != run:
                    yield "is the summary of another run", key, RESTORE
            case None:
                if data != promise():
                    yield "does not say what this layout promises", key, RESTORE

    def _version(self, key: str, parsed: layout.VersionKey, version: Version) -> Iterator[Fault]:
        if (version.report_id, version.number) != (parsed.report_id, parsed.number):
            yield f"is version {version.number} of {version.report_id}", key, RESTORE
        if version.snapshot != _snapshot_key(version.payload_digest):
            yield "its snapshot is not that of its payload", key, RESTORE
        for attachment in version.attachments:
            if attachment.key != _snapshot_key(attachment.digest):
                yield f"the key of its attachment {attachment.name} is not that of its digest", key, RESTORE
        for reference in _references(version):
            if not isinstance(layout.parse(reference), layout.SnapshotKey):
                yield f"names {reference!r}, which is no snapshot's key", key, RESTORE
            elif not self._exists(reference):
                yield "names a snapshot that is not there", reference, FETCH_AGAIN
        if version.run in self.finished:
            yield from self._pointers(layout.version_pointers(version), parsed.report_id)
            yield from self._places(layout.version_places(version))

    def _reading(self, key: str, parsed: layout.ReadingKey, rereading: Rereading) -> Iterator[Fault]:
        if (rereading.report_id, rereading.number) != (parsed.report_id, parsed.number):
            yield f"is a reading of version {rereading.number} of {rereading.report_id}", key, READ_AGAIN
        if layout.extractor_slug(rereading.reading.extractor) != parsed.extractor:
            yield f"was made by {rereading.reading.extractor}", key, READ_AGAIN
        filed = layout.version_key(parsed.report_id, parsed.number)
        if not self._exists(filed):
            yield "is a reading of a version that is not there", filed, RESTORE
            return
        try:
            version = self.archive.filed(parsed.report_id, parsed.number)
        except ArchiveError:
            return  # reported when its own key comes up
        if [(a.url, a.key) for a in rereading.attachments] != [(a.url, a.key) for a in version.attachments]:
            yield "has other attachments than its version", key, READ_AGAIN
        yield from self._pointers(layout.reading_pointers(rereading.reading), parsed.report_id)

    def _pointer(self, key: str, parsed: layout.PointerKey, data: bytes) -> Iterator[Fault]:
        to_portal = parsed.kind in layout.TO_PORTALS
        value, target = codec.decode_pointer(data, "portal" if to_portal else "report_id")
        normal = layout.pointer_value(parsed.kind, value)
        if normal != value or layout.pointer_key(parsed.kind, value, parsed.target) != key:
            yield "is not the pointer of the value its key says", key, REBUILD
        elif target != parsed.target:
            yield "is not the pointer to what its key says", key, REBUILD
        elif not to_portal and not self._exists(layout.version_key(target, 1)):
            yield "points to a report that is not there", layout.version_key(target, 1), f"{RESTORE}, or {REBUILD}"

    def _sightings(self, key: str, parsed: layout.SightingsKey, data: bytes) -> Iterator[Fault]:
        named: set[str] = set()
        for sighting in codec.decode_sightings(data):
            if (sighting.portal, sighting.run) != (parsed.portal, parsed.run):
                yield f"has a line of run {sighting.run} on {sighting.portal}", key, RESTORE
            if sighting.report_id is None:
                continue
            try:
                report = layout.version_key(sighting.report_id, sighting.version or 1)
            except ValueError as error:
                yield str(error), key, RESTORE
                continue
            if report not in named and not self._exists(report):
                yield "names a version that is not there", report, RESTORE
            named.add(report)
            if sighting.run in self.finished:
                # Whether its index number leads anywhere is for the judge of the day: a line does not say its kind.
                places = (pointer for pointer in layout.sighting_pointers(sighting) if pointer[0] == "url")
                yield from self._pointers(places, sighting.report_id)
                yield from self._places(layout.sighting_places(sighting))

    def _pointers(self, pointers: Iterable[tuple[str, str]], report_id: str) -> Iterator[Fault]:
        for kind, value in pointers:
            pointer = layout.pointer_key(kind, value, report_id)
            if not self._exists(pointer):
                yield f"its {kind} does not lead to it: the pointer is not there", pointer, REBUILD

    def _places(self, places: Iterable[tuple[str, str, str]]) -> Iterator[Fault]:
        for kind, value, portal in places:
            pointer = layout.pointer_key(kind, value, portal)
            if not self._exists(pointer):
                yield f"its {kind} does not lead to its portal: the pointer is not there", pointer, REBUILD


def _references(version: Version) -> Iterator[str]:
    """Every snapshot a version names."""
    yield from (version.snapshot, *version.parts, *(attachment.key for attachment in version.attachments))


def _snapshot_key(digest: str) -> str | None:
    try:
        return layout.snapshot_key(digest)
    except ValueError:
        return None


def rebuild(archive: Archive) -> None:
    """Delete ``index/`` and make it again from versions, readings and sightings, byte for byte.

    Not while a crawl runs: what the index does not name yet is taken for new. Raises ``ArchiveError`` at the end, when
    all the rest is made, where a version or a batch of sightings could not be read.
    """
    for listed in archive.store.list(layout.INDEX):
        archive.store.delete(listed.key)
    unreadable: list[str] = []

    def pointers(key: str) -> list[tuple[str, str, str]]:
        try:
            match layout.parse(key):
                case layout.VersionKey(report_id, number):
                    version = archive.filed(report_id, number)
                    found = [(kind, value, report_id) for kind, value in layout.version_pointers(version)]
                    return [*found, *layout.version_places(version)]
                case layout.ReadingKey(report_id):
                    reading = readings.decode(archive.store.get(key)).reading
                    return [(kind, value, report_id) for kind, value in layout.reading_pointers(reading)]
                case layout.SightingsKey():
                    return [
                        pointer
                        for sighting in codec.decode_sightings(archive.store.get(key))
                        for pointer in (
                            *((*found, str(sighting.report_id)) for found in layout.sighting_pointers(sighting)),
                            *layout.sighting_places(sighting),
                        )
                    ]
        except (ArchiveError, ValueError) as error:
            unreadable.append(f"{key}: {error}")
        return []

    def keys() -> Iterator[str]:
        for prefix in (layout.READINGS, layout.REPORTS, layout.SIGHTINGS):
            yield from (listed.key for listed in archive.store.list(prefix))

    point = lru_cache(REMEMBERED)(archive.point)
    for _ in read_ahead(lambda key: [point(*pointer) for pointer in pointers(key)], keys()):
        pass
    if unreadable:
        raise ArchiveError(f"the index is made but for {len(unreadable)} objects that cannot be read: {unreadable[0]}")
