"""A hand that writes small archives: versions and sightings through the archive's own door."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.items import (
    Capture,
    Check,
    IndexNumberKind,
    Kind,
    Reading,
    Remark,
    Section,
    Sighting,
    Version,
)
from storage import Archive, open_archive

START = datetime(2023, 1, 20, 2, 0, tzinfo=UTC)


def day(number: float) -> datetime:
    """A time so many days after the first crawl."""
    return START + timedelta(days=number)


def sha256(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


APPLICANTS = ("natural_person", "business", "research", "social_org", "legal_service", "other", "total")
STATISTICS = {
    "format": "2021",
    "disclosure": {
        "rules": {"made": 0, "repealed": 0, "in_force": None},
        "normative_documents": {"made": 3, "repealed": 1, "in_force": 12},
        "permits": {"decisions": 530},
        "penalties": {"decisions": 41},
        "coercions": {"decisions": None},
        "fees": {"amount": 1.25},
    },
    "applications": {
        "new": dict(zip(APPLICANTS, (7, 1, 0, 0, 0, 0, 8), strict=True)),
        "carried_in": dict(zip(APPLICANTS, (1, 0, 0, 0, 0, None, 1), strict=True)),
    },
    "review_litigation": {"reconsideration": {"upheld": 1, "corrected": 0, "other": 0, "pending": 0, "total": 1}},
}


def reading(body: str | None = "一、总体情况\n本年度主动公开信息若干。", **changes: Any) -> Reading:
    """What an extractor might have read."""
    base = Reading(
        extractor="nianbao/1",
        encoding="utf-8",
        title="某县水务局2022年政府信息公开工作年度报告",
        kind=Kind.ANNUAL_REPORT,
        report_year=2022,
        agency="某县水务局",
        publisher="某县人民政府",
        index_number="11331122002649999X/2023-00012",
        index_number_kind=IndexNumberKind.USCC,
        document_number=None,
        published_on=date(2023, 1, 18),
        signed_on=date(2023, 1, 16),
        metadata={"索引号": "11331122002649999X/2023-00012", "文号": "", "发布机构": "某县人民政府"},
        body=body,
        body_source="page",
        sections=(Section(1, "一、总体情况", "本年度主动公开信息若干。", 1),),
        statistics=STATISTICS,
        checks=(Check("applications.balance", "total", "9", "8"),),
        remarks=(Remark("dates.disagree", "成文日期晚于发布日期"),),
        attachments=(),
        further_pages=(),
        frames=(),
        body_digest=None if body is None else sha256(body),
        metadata_digest=sha256("metadata"),
    )
    return replace(base, **changes)


class Hand:
    """Writes to an archive what a crawl would have written."""

    day = staticmethod(day)
    reading = staticmethod(reading)
    sha256 = staticmethod(sha256)

    def __init__(self, archive: Archive, *, points: bool = True) -> None:
        self.archive = archive
        self.points = points  # False: as if the index had been lost

    def capture(self, url: str, payload: bytes, time: datetime, content_type: str = "text/html; charset=utf-8") -> str:
        """Keep a response; the key of its snapshot."""
        return self.archive.put_snapshot(
            Capture(
                portal="mou",
                url=url,
                time=time,
                status=200,
                reason="OK",
                protocol="HTTP/1.1",
                request_method="GET",
                request_headers=((b"User-Agent", b"nianbao"),),
                response_headers=((b"Content-Type", content_type.encode()), (b"X-Seen", b"1"), (b"X-Seen", b"2")),
                entity=payload,
                payload=payload,
                payload_digest=sha256(payload),
            )
        )

    def version(
        self, report_id: str, number: int = 1, *, run: str = "run-1", time: datetime = START, **changes: Any
    ) -> Version:
        """File one version. Keywords of the reading go to the reading."""
        own = {key: changes.pop(key) for key in list(changes) if key in Version.__dataclass_fields__}
        url = own.get("url", f"http://www.mou.gov.cn/{report_id}.html")
        payload = own.pop("payload", f"<html>{report_id} {number}</html>".encode())
        key = self.capture(url, payload, time)
        base = Version(
            report_id=report_id,
            number=number,
            changed=() if number == 1 else ("body",),
            run=run,
            portal="mou",
            province="33",
            division="331122",
            platform="trs",
            url=url,
            first_seen=time,
            payload_digest=sha256(payload),
            snapshot=key,
            parts=(),
            attachments=(),
            attachments_digest=sha256(""),
            reading=reading(**changes) if "body" in changes else reading(f"{report_id}第{number}版", **changes),
        )
        version = replace(base, **own)
        self.archive.put_version(version)
        if self.points:
            self.archive.point_version(version)
        return version

    def sight(self, *lines: Sighting) -> None:
        """Write sightings, one batch a run and portal."""
        for line in lines if self.points else ():
            self.archive.point_sighting(line)
        for run in dict.fromkeys(line.run for line in lines):
            log = self.archive.sightings(run)
            for line in lines:
                if line.run == run:
                    log.add(line)
            log.close()

    def end(self, run: str, **summary: Any) -> None:
        """Write a run's summary."""
        self.archive.put_run({"run": run, "started": run, "finished": run, "portals": {}, **summary})

    def seen(self, version: Version, outcome: str, /, **changes: Any) -> Sighting:
        """What the sighting of a version looks like."""
        base = Sighting(
            run=version.run,
            portal=version.portal,
            time=version.first_seen,
            url=version.url,
            outcome=outcome,
            status=200,
            report_id=version.report_id,
            version=version.number,
            index_number=version.reading.index_number,
            payload_digest=version.payload_digest,
            body_digest=version.reading.body_digest,
        )
        return replace(base, **changes)

    def file(
        self, report_id: str, number: int = 1, *, run: str = "run-1", time: datetime = START, **changes: Any
    ) -> Version:
        """File a version and its sighting."""
        version = self.version(report_id, number, run=run, time=time, **changes)
        self.sight(self.seen(version, "new" if number == 1 else "revised"))
        return version


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.setattr("os.fsync", lambda _: None)  # what survives a power cut is no matter here, and the disk is slow
    return open_archive(str(tmp_path / "archive"), create=True)


@pytest.fixture
def hand(archive: Archive) -> Hand:
    return Hand(archive)
