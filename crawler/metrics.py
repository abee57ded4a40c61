"""Metrics in the text format of Prometheus, of a run and of the web view.

Names follow https://prometheus.io/docs/practices/naming/: one unit each, ``_total`` for what only grows. Labels are
few by intent: what grows with the number of portals is told per province, and per portal only how it ended.
"""

from __future__ import annotations

import math
import re
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with its samples: (what is added to the name, labels, value)."""

    name: str
    kind: str  # "counter", "gauge", "histogram"
    meaning: str
    samples: tuple[tuple[str, Labels, float], ...]


def gauge(name: str, meaning: str, value: float, **labels: str) -> Metric:
    """A metric of one sample."""
    return Metric(name, "gauge", meaning, (("", tuple(labels.items()), value),))


def exposition(metrics: Iterable[Metric]) -> str:
    """The metrics as text; one without samples is left out. Raises ``ValueError`` for a name that is none."""
    lines = []
    for metric in metrics:
        if not metric.samples:
            continue
        for name in (metric.name, *(label for _, labels, _ in metric.samples for label, _ in labels)):
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a metric or a label")
        lines += [f"# HELP {metric.name} {_escaped(metric.meaning)}", f"# TYPE {metric.name} {metric.kind}"]
        for suffix, labels, value in metric.samples:
            said = ",".join(f'{name}="{_quoted(text)}"' for name, text in labels)
            lines.append(f"{metric.name}{suffix}{f'{{{said}}}' if said else ''} {_number(value)}")
    return "".join(f"{line}\n" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', r"\"")


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if float(value).is_integer() else repr(float(value))


# ---------------------------------------------------------------- a run

# counter of a portal (contract §4) → what became of the entry or page
REPORTS = {
    "new": "new",
    "revised": "revised",
    "unchanged": "unchanged",
    "copies": "copy",
    "not_reports": "not_a_report",
}
FAILURES = {"quarantined": "quarantined", "errors": "error", "robots": "robots"}
TOTALS = (
    ("requests", "nianbao_requests_total", "Requests sent to portals."),
    ("bytes", "nianbao_response_bytes_total", "Bytes of the answers, as received."),
    ("columns", "nianbao_columns_total", "Listings read."),
    ("entries", "nianbao_entries_total", "Entries found in listings."),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """One portal of a run: where it belongs, and what was counted so far."""

    key: str
    province: str
    counters: Mapping[str, int]
    status: str | None = None  # how it ended, once it has


def of_run(
    run: str, started: float, portals: Iterable[Counted], *, finished: float | None = None, complete: bool = False
) -> list[Metric]:
    """The metrics of a run, under way or finished; ``complete``: it came to its end uninterrupted."""
    sums: dict[str, Counter[str]] = {}
    ended: Counter[tuple[str, str]] = Counter()
    statuses: list[tuple[str, Labels, float]] = []
    at_work = 0
    for portal in portals:
        sums.setdefault(portal.province, Counter()).update(portal.counters)
        if portal.status is None:
            at_work += 1
            continue
        ended[portal.province, portal.status] += 1
        labels = (("portal", portal.key), ("province", portal.province), ("status", portal.status))
        statuses.append(("", labels, 1.0))
    provinces = sorted(sums)

    def by_province(counter: str, *labels: tuple[str, str]) -> list[tuple[str, Labels, float]]:
        return [("", (("province", code), *labels), float(sums[code][counter])) for code in provinces]

    metrics = [
        *([gauge("nianbao_run_info", "The run these metrics are of.", 1, run=run)] if run else []),
        gauge("nianbao_run_start_timestamp_seconds", "When the run began.", started),
        gauge("nianbao_run_portals_at_work", "Portals begun and not yet at their end.", at_work),
        *(Metric(name, "counter", meaning, tuple(by_province(counter))) for counter, name, meaning in TOTALS),
        Metric("nianbao_reports_total", "counter", "Pages looked at, by what was decided about them.",
               tuple(each for counter, verdict in REPORTS.items() for each in by_province(counter, ("verdict", verdict)))),
        Metric("nianbao_failures_total", "counter", "Pages and requests of which nothing could be filed, by why.",
               tuple(each for counter, why in FAILURES.items() for each in by_province(counter, ("why", why)))),
    ]  # fmt: skip
    if finished is not None:
        metrics += [
            gauge("nianbao_run_end_timestamp_seconds", "When the run ended.", finished),
            gauge("nianbao_run_complete", "1 where the run came to its end uninterrupted.", complete),
            Metric("nianbao_portals", "gauge", "Portals, by how their crawl ended; only ok is complete.",
                   tuple(("", (("province", code), ("status", status)), float(count)) for (code, status), count in sorted(ended.items()))),
            Metric("nianbao_portal_status", "gauge", "1 for how the crawl of a portal ended.", tuple(statuses)),
        ]  # fmt: skip
    return metrics


# ---------------------------------------------------------------- the web view

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Answers:
    """Counts the answers of a server; any thread may add, any may read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[tuple[str, str]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def add(self, page: str, status: int, seconds: float) -> None:
        """One answer: which page, with which status, in how many seconds."""
        with self._lock:
            self._answers[page, str(status)] += 1
            self._buckets.setdefault(page, [0] * (len(BUCKETS) + 1))[bisect_left(BUCKETS, seconds)] += 1
            self._seconds[page] = self._seconds.get(page, 0.0) + seconds

    def metrics(self) -> list[Metric]:
        """How many there were, and how long they took."""
        with self._lock:
            answers = sorted(self._answers.items())
            buckets = {page: list(counts) for page, counts in sorted(self._buckets.items())}
            seconds = dict(self._seconds)
        times: list[tuple[str, Labels, float]] = []
        for page, counts in buckets.items():
            below = 0
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
                below += count
                times.append(("_bucket", (("page", page), ("le", bound)), float(below)))
            times += [("_sum", (("page", page),), float(seconds[page])), ("_count", (("page", page),), float(below))]
        return [
            Metric("nianbao_http_requests_total", "counter", "Requests answered.",
                   tuple(("", (("page", page), ("status", status)), float(count)) for (page, status), count in answers)),
            Metric("nianbao_http_request_duration_seconds", "histogram", "Time until an answer was whole.", tuple(times)),
        ]  # fmt: skip


def of_index(updated: float | None, *, building: bool, failed: bool, totals: Mapping[str, int]) -> list[Metric]:
    """How far the index of the web view follows the archive, and what is in it."""
    metrics = [
        gauge("nianbao_index_building", "1 while the index takes in what is new.", building),
        gauge("nianbao_index_failed", "1 where the last update of the index failed.", failed),
        gauge("nianbao_archive_reports", "Annual reports in the archive.", totals["reports"]),
        gauge("nianbao_archive_altered_reports", "Annual reports altered after they were first seen.", totals["versions"]),
        gauge("nianbao_archive_agencies", "Agencies with a report in the archive.", totals["agencies"]),
    ]  # fmt: skip
    if updated is not None:
        metrics.append(
            gauge("nianbao_index_update_timestamp_seconds", "When the index was last brought up to date.", updated)
        )
    return metrics


def of_last_runs(finished: float | None, ended: Iterable[Mapping[str, Any]]) -> list[Metric]:
    """How the last crawl of each portal ended, and when the newest run did."""
    counted = Counter(str(each["status"]) for each in ended)
    metrics = [Metric("nianbao_last_crawls", "gauge", "Portals, by how their last crawl ended.",
                      tuple(("", (("status", status),), float(count)) for status, count in sorted(counted.items())))]  # fmt: skip
    if finished is not None:
        metrics.append(gauge("nianbao_last_run_end_timestamp_seconds", "When the newest run ended.", finished))
    return metrics
