"""Every key of the archive, and what it says. Nowhere else is a key formatted or taken apart.

    archive.json
    snapshots/sha256/ab/<payload digest>.warc.gz
    reports/ab/<report id>/v000001.json.gz
    readings/ab/<report id>/v000001/<extractor>.json.gz
    index/{url,number,body}/ab/<sha256 of the value>/<report id>
    index/{province,report}/ab/<sha256 of the value>/<portal>
    sightings/<portal>/<run id>-000001.jsonl.gz
    runs/<run id>.json
    leases/<portal>/000001.json
    jottings/<run id>/00.jsonl.gz
    catalogue/…

Keys are ASCII, so their order is the same on every store: versions by number, sightings by run and number, runs by
time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.items import IndexNumberKind, Reading, Sighting, Version
from crawler.urls import location

LAYOUT = 1
ARCHIVE_KEY = "archive.json"
SNAPSHOTS = "snapshots/"
REPORTS = "reports/"
READINGS = "readings/"
INDEX = "index/"
SIGHTINGS = "sightings/"
RUNS = "runs/"
LEASES = "leases/"
JOTTINGS = "jottings/"
CATALOGUE = "catalogue/"
TO_REPORTS = ("body", "number", "url")
TO_PORTALS = ("province", "report")  # where the reports of a province, where one report was seen
POINTER_KINDS = (*TO_REPORTS, *TO_PORTALS)

_DIGEST = re.compile(r"[0-9a-f]{64}")
_REPORT_ID = re.compile(r"[0-9a-z][0-9a-z_-]{1,127}")
_PORTAL = re.compile(r"[0-9a-z][0-9a-z_-]{0,99}")
_RUN = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,99}")
_CODE = re.compile(r"[0-9A-Za-z-]{0,32}")

_SNAPSHOT_KEY = re.compile(r"snapshots/sha256/([0-9a-f]{2})/(\1[0-9a-f]{62})\.warc\.gz")
_VERSION_KEY = re.compile(rf"reports/(..)/(?=\1)({_REPORT_ID.pattern})/v(\d{{6,}})\.json\.gz")
_EXTRACTOR = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
_PARTS = re.compile(r"[0-9]+|[^0-9]+")
_NO_SLUG = re.compile(r"[^0-9A-Za-z._-]")
_READING_KEY = re.compile(rf"readings/(..)/(?=\1)({_REPORT_ID.pattern})/v(\d{{6,}})/({_EXTRACTOR.pattern})\.json\.gz")
_POINTER_KEY = re.compile(r"index/([a-z]+)/([0-9a-f]{2})/(\2[0-9a-f]{62})/([^/]+)")
_SIGHTINGS_KEY = re.compile(rf"sightings/({_PORTAL.pattern})/({_RUN.pattern})-(\d{{6,}})\.jsonl\.gz")
_SEQUENCE = re.compile(r"[1-9]\d*$")
_LEASE_KEY = re.compile(rf"leases/({_PORTAL.pattern})/(\d{{6,}})\.json")
_JOTTINGS_KEY = re.compile(rf"jottings/({_RUN.pattern})/(\d{{2}})\.jsonl\.gz")
_RUN_KEY = re.compile(rf"runs/({_RUN.pattern})\.json")


# ---------------------------------------------------------------- keys


def snapshot_key(payload_digest: str) -> str:
    """Where the first capture with this payload is kept."""
    _must(_DIGEST, payload_digest, "payload digest")
    return f"{SNAPSHOTS}sha256/{payload_digest[:2]}/{payload_digest}.warc.gz"


def version_prefix(report_id: str) -> str:
    """What the keys of all versions of a report begin with."""
    _must(_REPORT_ID, report_id, "report id")
    return f"{REPORTS}{report_id[:2]}/{report_id}/"


def version_key(report_id: str, number: int) -> str:
    """Where a version of a report is kept; the first is 1."""
    if number < 1:
        raise ValueError(f"versions are numbered from 1, not {number}")
    return f"{version_prefix(report_id)}v{number:06d}.json.gz"


def reading_prefix(report_id: str, number: int | None = None) -> str:
    """What the keys of all further readings of a report begin with, or of one version of it."""
    _must(_REPORT_ID, report_id, "report id")
    prefix = f"{READINGS}{report_id[:2]}/{report_id}/"
    return prefix if number is None else f"{prefix}v{number:06d}/"


def reading_key(report_id: str, number: int, extractor: str) -> str:
    """Where what an extractor made of a version later is kept; ``extractor`` as a reading names it, or as a key does."""
    slug = extractor_slug(extractor)
    _must(_EXTRACTOR, slug, "extractor")
    return f"{reading_prefix(report_id, number)}{slug}.json.gz"


def extractor_slug(extractor: str) -> str:
    """An extractor's name as a key can hold it; giving it twice changes nothing."""
    return _NO_SLUG.sub("-", extractor)


def extractor_order(extractor: str) -> tuple[tuple[int, str], ...]:
    """What extractors are sorted by, the newest last: numbers by their value, so that 10 comes after 9."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part) for part in _PARTS.findall(extractor_slug(extractor))
    )


def pointer_prefix(kind: str, value: str) -> str:
    """What the keys of all pointers of a value begin with; ``value`` as ``pointer_value`` gives it."""
    if kind not in POINTER_KINDS:
        raise ValueError(f"no pointers of kind {kind!r}: one of {', '.join(POINTER_KINDS)}")
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{INDEX}{kind}/{digest[:2]}/{digest}/"


def pointer_key(kind: str, value: str, target: str) -> str:
    """Where the pointer from a value to a report (or a portal) is kept; ``value`` as ``pointer_value`` gives it."""
    if kind in TO_PORTALS:
        _must(_PORTAL, target, "portal key")
    else:
        _must(_REPORT_ID, target, "report id")
    return pointer_prefix(kind, value) + target


def sightings_prefix(portal: str) -> str:
    """What the keys of all sightings of a portal begin with."""
    _must(_PORTAL, portal, "portal key")
    return f"{SIGHTINGS}{portal}/"


def sightings_key(portal: str, run: str, number: int) -> str:
    """Where the ``number``-th batch of a run's sightings of a portal is kept; the first is 1."""
    _must(_RUN, run, "run id")
    return f"{sightings_prefix(portal)}{run}-{number:06d}.jsonl.gz"


def lease_prefix(portal: str) -> str:
    """What the keys of all leases of a portal begin with."""
    _must(_PORTAL, portal, "portal key")
    return f"{LEASES}{portal}/"


def lease_key(portal: str, number: int) -> str:
    """Where it is said who is at a portal; the highest number counts."""
    return f"{lease_prefix(portal)}{number:06d}.json"


def jottings_key(run: str, slot: int) -> str:
    """Where a run jots down what it has no time to say yet."""
    _must(_RUN, run, "run id")
    return f"{JOTTINGS}{run}/{slot:02d}.jsonl.gz"


def run_key(run: str) -> str:
    """Where a run's summary is kept."""
    _must(_RUN, run, "run id")
    return f"{RUNS}{run}.json"


# ---------------------------------------------------------------- keys taken apart


@dataclass(frozen=True, slots=True)
class SnapshotKey:
    payload_digest: str


@dataclass(frozen=True, slots=True)
class VersionKey:
    report_id: str
    number: int


@dataclass(frozen=True, slots=True)
class ReadingKey:
    report_id: str
    number: int
    extractor: str  # its slug


@dataclass(frozen=True, slots=True)
class PointerKey:
    kind: str
    value_digest: str
    target: str  # a report's id, or a portal's key


@dataclass(frozen=True, slots=True)
class SightingsKey:
    portal: str
    run: str
    number: int


@dataclass(frozen=True, slots=True)
class RunKey:
    run: str


@dataclass(frozen=True, slots=True)
class LeaseKey:
    portal: str
    number: int


@dataclass(frozen=True, slots=True)
class JottingsKey:
    run: str
    slot: int


AnyKey = SnapshotKey | VersionKey | ReadingKey | PointerKey | SightingsKey | RunKey | LeaseKey | JottingsKey


def parse(key: str) -> AnyKey | None:
    """What a key says, or ``None`` when no function above would have formatted it."""
    if match := _SNAPSHOT_KEY.fullmatch(key):
        return SnapshotKey(match[2])
    if match := _VERSION_KEY.fullmatch(key):
        number = int(match[3])
        return VersionKey(match[2], number) if number and version_key(match[2], number) == key else None
    if match := _READING_KEY.fullmatch(key):
        number = int(match[3])
        return (
            ReadingKey(match[2], number, match[4])
            if number and reading_key(match[2], number, match[4]) == key
            else None
        )
    if match := _POINTER_KEY.fullmatch(key):
        target = _PORTAL if match[1] in TO_PORTALS else _REPORT_ID
        known = match[1] in POINTER_KINDS and target.fullmatch(match[4])
        return PointerKey(match[1], match[3], match[4]) if known else None
    if match := _SIGHTINGS_KEY.fullmatch(key):
        number = int(match[3])
        return SightingsKey(match[1], match[2], number) if sightings_key(match[1], match[2], number) == key else None
    if match := _RUN_KEY.fullmatch(key):
        return RunKey(match[1])
    if match := _LEASE_KEY.fullmatch(key):
        number = int(match[2])
        return LeaseKey(match[1], number) if number and lease_key(match[1], number) == key else None
    if match := _JOTTINGS_KEY.fullmatch(key):
        return JottingsKey(match[1], int(match[2]))
    return None


# ---------------------------------------------------------------- pointers


def pointer_value(kind: str, value: str) -> str:
    """The form under which a value is looked up; giving it twice changes nothing.

    An address by its identity, an index number without any white space, a body digest as it is.
    """
    if kind == "url":
        return location(value)
    return "".join(value.split()) if kind == "number" else value


def version_pointers(version: Version) -> Iterator[tuple[str, str]]:
    """(kind, value) of every pointer that leads to this version's report because of this version."""
    yield "url", pointer_value("url", version.url)
    yield from reading_pointers(version.reading)


def reading_pointers(reading: Reading) -> Iterator[tuple[str, str]]:
    """(kind, value) of every pointer that leads to a report because of what was read."""
    if reading.index_number_kind is not IndexNumberKind.PLACEHOLDER:
        yield from _number_pointers(reading.index_number)
    if reading.body_digest:
        yield "body", reading.body_digest


def version_places(version: Version) -> Iterator[tuple[str, str, str]]:
    """(kind, value, portal) of every pointer that leads to a portal because of this version."""
    yield "province", version.province, version.portal
    yield "report", version.report_id, version.portal


def sighting_places(sighting: Sighting) -> Iterator[tuple[str, str, str]]:
    """(kind, value, portal) of every pointer that leads to a portal because of this sighting; none without a report."""
    if sighting.report_id is not None:
        yield "report", sighting.report_id, sighting.portal


def sighting_pointers(sighting: Sighting) -> Iterator[tuple[str, str]]:
    """(kind, value) of every pointer that leads to the sighted report because of this sighting; none without one."""
    if sighting.report_id is None:
        return
    yield "url", pointer_value("url", sighting.url)
    yield from _number_pointers(sighting.index_number)


def _number_pointers(index_number: str | None) -> Iterator[tuple[str, str]]:
    """None for what many reports share: an index number that ends in no number (无, 2022-None) or in zeros alone."""
    value = pointer_value("number", index_number or "")
    if _SEQUENCE.search(value):
        yield "number", value


# ---------------------------------------------------------------- what may become a part of a key


def is_portal(key: str) -> bool:
    """Whether a portal can have this key."""
    return _PORTAL.fullmatch(key) is not None


def check_version(version: Version) -> None:
    """Raises ``ValueError`` for a version that no key could be made of."""
    _must(_REPORT_ID, version.report_id, "report id")
    _must(_PORTAL, version.portal, "portal key")
    _must(_RUN, version.run, "run id")
    _must(_CODE, version.province, "province code")
    _must(_CODE, version.division, "division code")


def check_sighting(sighting: Sighting) -> None:
    """Raises ``ValueError`` for a sighting that no key could be made of."""
    _must(_PORTAL, sighting.portal, "portal key")
    _must(_RUN, sighting.run, "run id")
    if sighting.report_id is not None:
        _must(_REPORT_ID, sighting.report_id, "report id")
    if sighting.version is not None and sighting.version < 1:
        raise ValueError(f"versions are numbered from 1, not {sighting.version}")
    if sighting.payload_digest is not None:
        _must(_DIGEST, sighting.payload_digest, "payload digest")


def _must(pattern: re.Pattern[str], value: str, what: str) -> None:
    if not pattern.fullmatch(value):
        raise ValueError(f"not a {what}: {value!r}")
