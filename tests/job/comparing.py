"""What a crawl of the sample portals found, against what they serve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crawler.urls import identity

FIELDS = (
    "title", "kind", "report_year", "agency", "publisher", "index_number", "index_number_kind", "document_number",
    "published_on", "signed_on", "statistics",
)  # fmt: skip


def differences(expected: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every field of every expected report that the archive has otherwise; what is missing, and what is too much."""
    by_place = {identity(place["url"]): record for record in records for place in record["locations"]}
    wrong: list[str] = []
    met: set[str] = set()
    for portal in expected.values():
        for report in (*portal["reports"], *portal["others"]):
            for url in report["locations"]:
                record = by_place.get(identity(url))
                if record is None:
                    wrong.append(f"{report['name']}: {url} is not in the archive")
                    continue
                met.add(record["report_id"])
                if identity(record["url"]) == identity(url):
                    wrong += [f"{report['name']}: {text}" for text in _fields(report, record)]
    wrong += [f"{r['title']}: expected nowhere: {r['url']}" for r in by_place.values() if r["report_id"] not in met]
    return wrong


def _fields(report: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
    wrong = [
        f"{name}: {report[name]!r} expected, {record[name]!r} found" for name in FIELDS if report[name] != record[name]
    ]
    body = "".join((record["body"] or "").split())
    wrong += [f"body lacks {probe!r}" for probe in report["probes"] if "".join(probe.split()) not in body]
    files = sorted((a["name"], a["url"], a["digest"]) for a in record["attachments"])
    if files != sorted((a["name"], a["url"], a["digest"]) for a in report["attachments"]):
        wrong.append(f"attachments: {report['attachments']} expected, {files} found")
    found = {label: value or "" for label, value in record["metadata"].items()}
    if found != report["metadata"]:
        wrong.append(f"metadata: {report['metadata']} expected, {found} found")
    checks = [(check["rule"], check["where"]) for check in record["checks"]]
    wrong += [f"check {c} not found in {checks}" for c in report["checks"] if c["rule"] not in dict(checks)]
    return wrong
