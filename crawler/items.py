"""The words of the house: what flows from a portal to the archive.

Frozen dataclasses, standard library only. A value changes type as more is known of it:

    Portal → Column → Entry → Visit (with its Capture) → Finding → Ruling → (filed as) Version + Sighting

Digests are lowercase hex sha256 without the ``sha256:`` prefix inside the house; the prefix is added where a record
leaves it. Times are timezone-aware UTC datetimes. ``None`` means absent; an empty string is never stored for absence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a page is. Everything but ``ANNUAL_REPORT`` is kept too, under its own kind."""

    ANNUAL_REPORT = "annual_report"
    SELF_INSPECTION = "self_inspection"
    WEBSITE_REPORT = "website_report"
    INTERPRETATION = "interpretation"
    NOTICE = "notice"
    OTHER = "other"


class IndexNumberKind(StrEnum):
    """What the issuer part of an index number (索引号) is."""

    USCC = "uscc"
    ORG9 = "org9"
    DIVISION = "division"
    PLACEHOLDER = "placeholder"
    OTHER = "other"


class Verdict(StrEnum):
    """What judge decided about one finding."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    COPY = "copy"
    MOVED = "moved"
    COLLISION = "collision"
    NOT_A_REPORT = "not_a_report"


class PortalStatus(StrEnum):
    """How the crawl of one portal ended; only ``OK`` is complete."""

    OK = "ok"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    BLOCKED = "blocked"
    EMPTY = "empty"


# ---------------------------------------------------------------- where to look


@dataclass(frozen=True, slots=True)
class Portal:
    """One government website 门户网站, as its registry entry says."""

    key: str
    name: str
    province: str  # GB/T 2260, two digits
    division: str  # GB/T 2260, six digits
    home: str
    columns: tuple[str, ...] = ()
    platform: str | None = None
    min_reports: int = 0
    delay: float | None = None  # seconds; None: the setting DOWNLOAD_DELAY
    hosts: tuple[str, ...] = ()
    browser: bool = False  # its pages exist in JavaScript only


@dataclass(frozen=True, slots=True)
class Column:
    """One listing 栏目 of a portal that holds annual reports, or a root above such listings."""

    url: str
    title: str | None = None
    parent: str | None = None  # URL of the column that led here
    report_year: int | None = None  # what a year menu says of every entry below
    agency: str | None = None  # what a department menu says of every entry below


@dataclass(frozen=True, slots=True)
class Entry:
    """One link in a column, not yet fetched."""

    url: str
    title: str
    column: Column
    listed_on: date | None = None  # the date printed in the list row
    facts: Mapping[str, str] = field(default_factory=dict)  # what an interface says beside it: {"索引号": …, "文号": …}

    @property
    def listed_as(self) -> str:
        """The row as its list shows it: a changed one is a sign of a changed page."""
        return f"{self.listed_on or ''} {self.title}".strip()

    @classmethod
    def remembered(cls, url: str, listed_as: str, column: Column) -> Entry:
        """The row again, from how it was shown."""
        day, _, title = listed_as.partition(" ")
        try:
            return cls(url, title, column, date.fromisoformat(day))
        except ValueError:
            return cls(url, listed_as, column)


@dataclass(frozen=True, slots=True)
class Fetch:
    """A further request a platform needs to go on with a column: a list page, an interface call."""

    url: str
    method: str = "GET"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    page: int = 1  # which page of the column the answer is; the first is 1
    state: Mapping[str, Any] = field(default_factory=dict)  # what the platform wants to be told again with the answer


@dataclass(frozen=True, slots=True)
class Declared:
    """What the platform itself says of a column's size; completeness is measured against it."""

    records: int | None = None
    pages: int | None = None
    page_size: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What one answer of a column holds."""

    entries: tuple[Entry, ...] = ()
    columns: tuple[Column, ...] = ()  # year, department and township sub-columns to be followed
    more: tuple[Fetch, ...] = ()  # further pages of this same column
    declared: Declared | None = None
    unread: str | None = None  # the name of the bound that left something of the answer unread


# ---------------------------------------------------------------- what was received


@dataclass(frozen=True, slots=True)
class Capture:
    """One response as received, with the request that drew it. Nothing in it has been interpreted."""

    portal: str
    url: str  # as requested, after redirects
    time: datetime
    status: int
    reason: str
    protocol: str  # "HTTP/1.1"
    request_method: str
    request_headers: tuple[tuple[bytes, bytes], ...]
    response_headers: tuple[tuple[bytes, bytes], ...]  # every value, repeats included, in the order received
    entity: bytes  # as sent, content coding kept
    payload: bytes  # content coding undone
    payload_digest: str
    ip_address: str | None = None
    truncated: str | None = None  # WARC-Truncated: "length", "time", "disconnect"
    redirects: tuple[str, ...] = ()  # URLs that led here, the first asked for first

    def header(self, name: str) -> str | None:
        """The first value of a response header, or ``None``."""
        wanted = name.lower().encode()
        for key, value in self.response_headers:
            if key.lower() == wanted:
                return value.decode("latin-1")
        return None


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a location: the entry that led there, what the archive knew of it, and what the portal answered."""

    portal: Portal
    platform: str
    entry: Entry
    known: Sighting | None
    capture: Capture | None  # None: 304, not modified since it was last fetched
    time: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A saved response as the reader sees it: bytes and context, no network."""

    url: str
    payload: bytes
    content_type: str | None = None  # the header's value, if any
    entry_title: str | None = None
    entry_facts: Mapping[str, str] = field(default_factory=dict)
    listed_on: date | None = None
    column_title: str | None = None
    column_year: int | None = None
    column_agency: str | None = None
    portal_name: str | None = None
    division: str | None = None
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What the reader was told of a page beside its bytes; kept with a version, so that it can be read again as it was."""

    entry_title: str | None = None
    entry_facts: Mapping[str, str] = field(default_factory=dict)
    column_title: str | None = None
    column_year: int | None = None
    column_agency: str | None = None
    portal_name: str | None = None
    listed_on: date | None = None  # None, too, where it was filed before the row's date was kept

    @classmethod
    def of(cls, entry: Entry, portal: Portal) -> Context:
        """Of a visit."""
        column = entry.column
        return cls(
            entry.title or None,
            entry.facts,
            column.title,
            column.report_year,
            column.agency,
            portal.name,
            entry.listed_on,
        )

    def given(self, page: Page) -> Page:
        """The page with this context."""
        return replace(page, **{item.name: getattr(self, item.name) for item in fields(self)})


# ---------------------------------------------------------------- what was read


@dataclass(frozen=True, slots=True)
class Section:
    """One head of the report's outline (一、 (一) 1. ①) and the text under it."""

    level: int
    heading: str
    text: str
    statutory: int | None = None  # 1–6: the statutory section it corresponds to


@dataclass(frozen=True, slots=True)
class Check:
    """An arithmetic identity the report itself breaks."""

    rule: str
    where: str
    expected: str
    found: str
    severity: str = "error"  # or "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a careful reader would write in the margin: a disagreement of dates, a damaged number."""

    code: str  # e.g. "dates.disagree", "statistics.abstained", "number.default_code"
    detail: str


@dataclass(frozen=True, slots=True)
class AttachmentLink:
    """A file the page links to as part of the report."""

    url: str
    name: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the report as kept."""

    name: str
    url: str
    media_type: str  # by content, not by name
    bytes: int
    digest: str
    key: str  # snapshot key
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the extractor read off one page: a pure function of its bytes (and of its parts' bytes)."""

    extractor: str
    encoding: str
    title: str | None
    kind: Kind
    report_year: int | None
    agency: str | None
    publisher: str | None
    index_number: str | None
    index_number_kind: IndexNumberKind | None
    document_number: str | None
    published_on: date | None
    signed_on: date | None
    metadata: Mapping[str, str]
    body: str | None
    body_source: str  # "page", or the URL of the document the body was read from
    sections: tuple[Section, ...]
    statistics: Mapping[str, Any] | None
    checks: tuple[Check, ...]
    remarks: tuple[Remark, ...]
    attachments: tuple[AttachmentLink, ...]
    further_pages: tuple[str, ...]  # the body goes on there
    frames: tuple[str, ...]  # the body stands in these framed documents
    body_digest: str | None  # of the normalised body
    metadata_digest: str  # of what the page states about the report, title included
    index_number_strong: bool = False  # a real issuer with a right check digit and a real sequence
    details: Mapping[str, Any] = field(
        default_factory=dict
    )  # effective and repeal dates, narrative figures, cell places


# ---------------------------------------------------------------- what was decided and kept


@dataclass(frozen=True, slots=True)
class Finding:
    """A visit after it was kept and read, with everything that belongs to it: what judge looks at."""

    visit: Visit
    snapshot: str  # key
    payload_digest: str
    parts: tuple[str, ...]  # keys of the snapshots of further pages and frames
    attachments: tuple[Attachment, ...]
    attachments_digest: str
    reading: Reading
    belongings: tuple[Sighting, ...] = ()  # what was seen of its attachments and parts
    flags: tuple[str, ...] = ()
    whole: bool = True  # all that belongs to it was had, or rightly left aside


@dataclass(frozen=True, slots=True)
class Ruling:
    """What judge decided: which report this is, which version, and why a new one opens."""

    verdict: Verdict
    report_id: str
    version: int
    opens: bool  # the version is new and is to be written
    changed: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


# The outcome of a line of a whole portal: whatever was there at the last look at it, and that look was before this line's
# time, is listed as it was. ``fetched`` says when the portal was done with: no other line of the run is later.
STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Sighting:
    """We looked there then and saw this 巡查记录. One line of a sightings file.

    The sightings of a portal's last complete runs are the state the next crawl starts from: one for every location,
    whether it was fetched, merely listed, or looked for and missed; or, after a run that left those, one for every
    location of which there is something else to say, and a ``standing`` one for all the others.
    """

    run: str
    portal: str
    time: datetime
    url: str
    outcome: str  # a Verdict, "listed", "attachment", "part", "missing", "gone", STANDING, or the name of an error
    status: int | None = None
    report_id: str | None = None
    version: int | None = None
    kind: str | None = None
    title: str | None = None
    agency: str | None = None
    report_year: int | None = None
    index_number: str | None = None
    column: str | None = None
    payload_digest: str | None = None
    body_digest: str | None = None
    metadata_digest: str | None = None
    attachments_digest: str | None = None
    extractor: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fetched: datetime | None = (
        None  # when its content was last seen, in this run or an earlier one; None: not whole yet
    )
    missed_since: datetime | None = None  # first of the complete crawls in a row that did not find it
    missed_runs: int = 0
    listed_as: str | None = None  # the title and date its list showed
    attachments: tuple[str, ...] = ()  # URLs of its attachments and parts; each has a sighting of its own


@dataclass(frozen=True, slots=True)
class Version:
    """A distinct body, metadata or attachment set of a report, numbered, immutable."""

    report_id: str
    number: int
    changed: tuple[str, ...]
    run: str
    portal: str
    province: str
    division: str
    platform: str
    url: str
    first_seen: datetime
    payload_digest: str
    snapshot: str  # key
    parts: tuple[str, ...]  # keys of the snapshots of further pages and frames
    attachments: tuple[Attachment, ...]
    attachments_digest: str
    reading: Reading
    flags: tuple[str, ...] = ()  # "index_number_collision", …
    context: Context | None = None  # None: filed before contexts were kept
