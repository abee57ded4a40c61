"""A capture, a reading, a version and a sighting to begin from."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from crawler.items import Attachment, Capture, Check, IndexNumberKind, Kind, Reading, Remark, Section, Sighting, Version
from storage import layout

NOW = datetime(2026, 1, 31, 3, 4, 5, 678901, tzinfo=UTC)
RUN = "20260131T030000Z-0000000a"
LATER_RUN = "20260207T030000Z-0000000b"
URL = "http://www.linhu.gov.cn/art/2026/1/20/art_1229_5510.html"


def digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def capture(payload: bytes = b"<html><p>\xe5\xb9\xb4\xe6\x8a\xa5</p></html>", **changes: Any) -> Capture:
    entity = gzip.compress(payload, mtime=0)
    base = Capture(
        portal="linhu",
        url=URL,
        time=NOW,
        status=200,
        reason="OK",
        protocol="HTTP/1.1",
        request_method="GET",
        request_headers=((b"Host", b"www.linhu.gov.cn"), (b"User-Agent", b"nianbao")),
        response_headers=(
            (b"Content-Type", b"text/html; charset=utf-8"),
            (b"Content-Encoding", b"gzip"),
            (b"ETag", b'"5510"'),
        ),
        entity=entity,
        payload=payload,
        payload_digest=digest(payload),
        ip_address="192.0.2.7",
    )
    return replace(base, **changes)


def reading(**changes: Any) -> Reading:
    base = Reading(
        extractor="reader 1",
        encoding="utf-8",
        title="临湖县水务局2025年政府信息公开工作年度报告",
        kind=Kind.ANNUAL_REPORT,
        report_year=2025,
        agency="临湖县水务局",
        publisher="临湖县水务局",
        index_number="113311220026405 10B/2026-00017",
        index_number_kind=IndexNumberKind.USCC,
        document_number=None,
        published_on=date(2026, 1, 20),
        signed_on=None,
        metadata={"索引号": "113311220026405 10B/2026-00017", "文号": ""},
        body="一、总体情况\n\n二〇二五年，本局……",
        body_source="page",
        sections=(Section(1, "一、总体情况", "二〇二五年，本局……", 1),),
        statistics={"format": "2021", "disclosure": {"fees": {"amount": 1.5}, "permits": {"decisions": None}}},
        checks=(Check("applications.balance", "总计", "3", "4"),),
        remarks=(Remark("dates.disagree", "…"),),
        attachments=(),
        further_pages=(),
        frames=(),
        body_digest=digest(b"body"),
        metadata_digest=digest(b"metadata"),
        index_number_strong=True,
        details={"narrative": [1, 2]},
    )
    return replace(base, **changes)


def version(report_id: str = "5e1f00c0ffee", number: int = 1, **changes: Any) -> Version:
    page = capture()
    base = Version(
        report_id=report_id,
        number=number,
        changed=() if number == 1 else ("body",),
        run=RUN,
        portal="linhu",
        province="33",
        division="331122",
        platform="plain",
        url=URL,
        first_seen=NOW,
        payload_digest=page.payload_digest,
        snapshot=layout.snapshot_key(page.payload_digest),
        parts=(),
        attachments=(),
        attachments_digest=digest(b""),
        reading=reading(),
    )
    return replace(base, **changes)


def attachment(payload: bytes) -> Attachment:
    key = layout.snapshot_key(digest(payload))
    return Attachment("附件.pdf", f"{URL}.pdf", "application/pdf", len(payload), digest(payload), key)


def sighting(outcome: str = "new", *, minutes: float = 0, **changes: Any) -> Sighting:
    base = Sighting(run=RUN, portal="linhu", time=NOW + timedelta(minutes=minutes), url=URL, outcome=outcome)
    return replace(base, **changes)


def seen(item: Version, outcome: str = "new", **changes: Any) -> Sighting:
    """The sighting that goes with a version."""
    return sighting(
        outcome,
        **{
            "run": item.run,
            "portal": item.portal,
            "url": item.url,
            "report_id": item.report_id,
            "version": item.number,
            "kind": item.reading.kind.value,
            "title": item.reading.title,
            "agency": item.reading.agency,
            "report_year": item.reading.report_year,
            "index_number": item.reading.index_number,
            "payload_digest": item.payload_digest,
            "body_digest": item.reading.body_digest,
            "metadata_digest": item.reading.metadata_digest,
            "etag": '"5510"',
            "fetched": NOW,
            **changes,
        },
    )


def summary(run: str = RUN, status: str = "ok", **changes: Any) -> dict[str, Any]:
    portal = {"status": status, "settled": status == "ok", "entries": 1}
    return {"run": run, "portals": {"linhu": portal}, "totals": {"entries": 1}, **changes}
