"""The exported record: one version of one report, as the corpus hands it to other projects.

``FIELDS`` is the one list of what a record holds. The Parquet schema, the CSV header, the data dictionary and
``datapackage.json`` are made from it, and ``record`` is checked against it.

Absent is ``null``, never an empty string. Dates are ISO 8601; times are UTC with offset; digests carry ``sha256:``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from crawler.forms import APPLICANTS, APPLICATION_ROWS, DISCLOSURE_CELLS, OUTCOMES, REVIEW_ROWS
from crawler.items import Attachment, Check, Section, Version
from storage import layout
from storage.locations import Location, Status, Whereabouts


class Type(StrEnum):
    """What a field's value is, when it is not null."""

    TEXT = "str"
    INTEGER = "int"
    NUMBER = "number"
    BOOLEAN = "bool"
    DATE = "date"
    TIME = "time"
    TEXTS = "list of str"
    LABELS = "object of str"  # any label → its value
    OBJECT = "object"
    OBJECTS = "list of objects"
    JSON = "any JSON"  # of no fixed shape


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the record; ``fields`` says what stands inside an object."""

    name: str
    type: Type
    meaning: str
    fields: tuple[Field, ...] = ()
    required: bool = False  # never null


# ---------------------------------------------------------------- the statutory tables, CONTRACT §5

FRACTIONAL = frozenset({("fees", "previous"), ("fees", "change"), ("fees", "amount"), ("procurement", "amount")})


def _cells(names: tuple[str, ...], row: str = "") -> tuple[Field, ...]:
    return tuple(
        Field(name, Type.NUMBER if (row, name) in FRACTIONAL else Type.INTEGER, "a cell; null where blank, - or /")
        for name in names
    )


STATISTICS = (
    Field("format", Type.TEXT, "which national form the tables follow: 2019 or 2021"),
    Field(
        "disclosure",
        Type.OBJECT,
        "information published unasked (section 二): row → cells; amounts in 万元",
        tuple(Field(row, Type.OBJECT, "a row", _cells(cells, row)) for row, cells in DISCLOSURE_CELLS.items()),
    ),
    Field(
        "applications",
        Type.OBJECT,
        "applications for information (section 三): row → applicants",
        tuple(Field(row, Type.OBJECT, "a row", _cells(APPLICANTS)) for row in APPLICATION_ROWS),
    ),
    Field(
        "review_litigation",
        Type.OBJECT,
        "administrative review and litigation (section 四): row → outcomes",
        tuple(Field(row, Type.OBJECT, "a row", _cells(OUTCOMES)) for row in REVIEW_ROWS),
    ),
)

# ---------------------------------------------------------------- the record, CONTRACT §3, in its order

FIELDS: tuple[Field, ...] = (
    Field("report_id", Type.TEXT, "stable across runs, machines and versions", required=True),
    Field("version", Type.INTEGER, "1, 2, … in order of first sighting", required=True),
    Field(
        "changed",
        Type.TEXTS,
        "against the version before: body, metadata, attachments; empty for version 1",
        required=True,
    ),
    Field("province", Type.TEXT, "GB/T 2260 code, two digits", required=True),
    Field("division", Type.TEXT, "GB/T 2260 code, six digits", required=True),
    Field("portal", Type.TEXT, "key of the portal in the registry", required=True),
    Field("platform", Type.TEXT, "family of portal software, as registered or fingerprinted"),
    Field("url", Type.TEXT, "where this version was first seen, canonical", required=True),
    Field(
        "locations",
        Type.OBJECTS,
        "every place the report was seen, copies and re-posts included",
        (
            Field("url", Type.TEXT, "the address"),
            Field("portal", Type.TEXT, "key of the portal it was seen on"),
            Field("index_number", Type.TEXT, "索引号 printed there"),
            Field("first_seen", Type.TIME, "when it was first seen there"),
            Field("last_seen", Type.TIME, "when it was last seen there: fetched, unchanged, or still listed"),
        ),
        required=True,
    ),
    Field("title", Type.TEXT, "as printed, chrome removed"),
    Field(
        "kind",
        Type.TEXT,
        "annual_report, or what it is instead: self_inspection, website_report, interpretation, notice, other",
        required=True,
    ),
    Field("report_year", Type.INTEGER, "the year reported on; never from the publication date alone"),
    Field("agency", Type.TEXT, "who made the report, not who owns the site"),
    Field("publisher", Type.TEXT, "发布机构 / 发文单位 as printed"),
    Field("index_number", Type.TEXT, "索引号 as printed"),
    Field("index_number_kind", Type.TEXT, "what its issuer part is: uscc, org9, division, placeholder, other"),
    Field("document_number", Type.TEXT, "文号"),
    Field("published_on", Type.DATE, "发布日期"),
    Field("signed_on", Type.DATE, "the signature's date; else 成文日期; else 发文日期 beside a 发布日期"),
    Field("metadata", Type.LABELS, "every printed label → its value, verbatim", required=True),
    Field("body", Type.TEXT, "the report's text; tables as Markdown, images as ![alt](url)"),
    Field("body_source", Type.TEXT, "page, or the URL of the document the body was read from"),
    Field(
        "sections",
        Type.OBJECTS,
        "the body by its 一、 (一) 1. outline",
        (
            Field("level", Type.INTEGER, "depth in the outline, 1 outermost"),
            Field("heading", Type.TEXT, "the head as printed"),
            Field("text", Type.TEXT, "what stands under it, up to the next head"),
            Field("statutory", Type.INTEGER, "1–6: the statutory section it corresponds to"),
        ),
        required=True,
    ),
    Field("statistics", Type.OBJECT, "the statutory tables as numbers; null where the report has none", STATISTICS),
    Field(
        "checks",
        Type.OBJECTS,
        "arithmetic identities the report itself breaks",
        (
            Field("rule", Type.TEXT, "which identity"),
            Field("where", Type.TEXT, "row and column"),
            Field("expected", Type.TEXT, "what the other cells imply"),
            Field("found", Type.TEXT, "what is printed"),
            Field("severity", Type.TEXT, "error or warning"),
        ),
        required=True,
    ),
    Field(
        "attachments",
        Type.OBJECTS,
        "stored files of the report",
        (
            Field("name", Type.TEXT, "as the page names it"),
            Field("url", Type.TEXT, "where it was fetched"),
            Field("media_type", Type.TEXT, "by content, not by name"),
            Field("bytes", Type.INTEGER, "size"),
            Field("digest", Type.TEXT, "of its bytes"),
            Field("key", Type.TEXT, "of its snapshot in the archive"),
            Field("text", Type.TEXT, "its text, when it could be read"),
        ),
        required=True,
    ),
    Field("body_digest", Type.TEXT, "of the normalised body"),
    Field("payload_digest", Type.TEXT, "of the payload after content coding was undone", required=True),
    Field("snapshot", Type.TEXT, "key of the stored snapshot in the archive", required=True),
    Field("extractor", Type.TEXT, "name and version of what read it", required=True),
    Field("first_seen", Type.TIME, "when this version was first seen", required=True),
    Field("last_seen", Type.TIME, "when this version's content was last seen", required=True),
    Field("status", Type.TEXT, "live, missing or gone: whether the report still stands anywhere", required=True),
    # Beyond the contract
    Field("run", Type.TEXT, "the run that first saw this version", required=True),
    Field("flags", Type.TEXTS, "what identity could not settle, such as index_number_collision", required=True),
    Field(
        "remarks",
        Type.OBJECTS,
        "what a careful reader would write in the margin",
        (Field("code", Type.TEXT, "what kind of remark"), Field("detail", Type.TEXT, "the remark")),
        required=True,
    ),
    Field("parts", Type.TEXTS, "keys of the snapshots of further pages and frames", required=True),
    Field("metadata_digest", Type.TEXT, "of what the page states about the report", required=True),
    Field("attachments_digest", Type.TEXT, "of the set of attachment digests", required=True),
    Field("encoding", Type.TEXT, "character encoding the page was read in", required=True),
    Field("details", Type.JSON, "further readings: effective and repeal dates, narrative figures, cell places"),
)


COLLISION = "index_number_collision"


def record(version: Version, where: Whereabouts | None = None) -> dict[str, Any]:
    """The exported record of a version: ``FIELDS`` in their order, each value as JSON can say it."""
    reading = version.reading
    seen = where.confirmed.get(version.number) if where else None
    return {
        "report_id": version.report_id,
        "version": version.number,
        "changed": list(version.changed),
        "province": version.province,
        "division": version.division,
        "portal": version.portal,
        "platform": _text(version.platform),
        "url": version.url,
        "locations": _locations(version, where),
        "title": _text(reading.title),
        "kind": reading.kind.value,
        "report_year": reading.report_year,
        "agency": _text(reading.agency),
        "publisher": _text(reading.publisher),
        "index_number": _text(reading.index_number),
        "index_number_kind": reading.index_number_kind.value if reading.index_number_kind else None,
        "document_number": _text(reading.document_number),
        "published_on": _day(reading.published_on),
        "signed_on": _day(reading.signed_on),
        "metadata": {label: _text(value) for label, value in reading.metadata.items()},
        "body": _text(reading.body),
        "body_source": _text(reading.body_source),
        "sections": [_section(section) for section in reading.sections],
        "statistics": reading.statistics or None,
        "checks": [_check(check) for check in reading.checks],
        "attachments": [_attachment(attachment) for attachment in version.attachments],
        "body_digest": _digest(reading.body_digest),
        "payload_digest": _digest(version.payload_digest),
        "snapshot": version.snapshot,
        "extractor": reading.extractor,
        "first_seen": moment(version.first_seen),
        "last_seen": moment(max(version.first_seen, seen) if seen else version.first_seen),
        "status": (where.status if where else Status.LIVE).value,
        "run": version.run,
        "flags": _flags(version, where),
        "remarks": [{"code": remark.code, "detail": _text(remark.detail)} for remark in reading.remarks],
        "parts": list(version.parts),
        "metadata_digest": _digest(reading.metadata_digest),
        "attachments_digest": _digest(version.attachments_digest),
        "encoding": _text(reading.encoding),
        "details": reading.details or None,
    }


def moment(time: datetime) -> str:
    """A time in UTC with offset. Raises ``ValueError`` for one without a zone."""
    if time.tzinfo is None:
        raise ValueError(f"a time without zone: {time}")
    return time.astimezone(UTC).isoformat()


def _locations(version: Version, where: Whereabouts | None) -> list[dict[str, Any]]:
    if where is None or not where.locations:  # filed, and its sighting not yet written
        return [_location(version.url, version.portal, version.reading.index_number, version.first_seen, None)]
    return [_known_location(location) for location in where.ordered()]


def _known_location(location: Location) -> dict[str, Any]:
    return _location(location.url, location.portal, location.index_number, location.first_seen, location.last_seen)


def _location(
    url: str, portal: str, index_number: str | None, first: datetime, last: datetime | None
) -> dict[str, Any]:
    return {
        "url": url,
        "portal": portal,
        "index_number": _text(index_number),
        "first_seen": moment(first),
        "last_seen": moment(last or first),
    }


def _flags(version: Version, where: Whereabouts | None) -> list[str]:
    """Those filed with the version; a collision is also the earlier report's, which was filed before it came to light."""
    flags = list(version.flags)
    number = layout.pointer_value("number", version.reading.index_number or "")
    near = where.collisions.get(number) if where else None
    if near is not None and (near or version.reading.index_number_strong) and COLLISION not in flags:
        flags.append(COLLISION)
    return flags


def _section(section: Section) -> dict[str, Any]:
    return {
        "level": section.level,
        "heading": _text(section.heading),
        "text": _text(section.text),
        "statutory": section.statutory,
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "rule": check.rule,
        "where": _text(check.where),
        "expected": _text(check.expected),
        "found": _text(check.found),
        "severity": check.severity,
    }


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return {
        "name": _text(attachment.name),
        "url": attachment.url,
        "media_type": attachment.media_type,
        "bytes": attachment.bytes,
        "digest": _digest(attachment.digest),
        "key": attachment.key,
        "text": _text(attachment.text),
    }


def _text(value: str | None) -> str | None:
    return value or None


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _digest(value: str | None) -> str | None:
    return f"sha256:{value}" if value else None
