"""What a maintainer must know after a run: each portal beside what it was in the run before.

Pure: two lines of run summaries (contract §4) in, notices out. Nothing here ends or fails a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

WELL = ("ok", "empty")
READ = ("ok", "incomplete", "empty")
SHRANK_BY = 0.2  # of its entries
SHRANK_AT_LEAST = 3
FELL_BY = 0.25  # of the pages read
READ_AT_LEAST = 10  # pages, before a share says anything
PUBLISHED_BY = (4, 15)  # month, day: the last deadline is 31 March


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing about one portal."""

    portal: str
    name: str  # what it is about: see docs/reference/run-summary.md
    text: str

    def plain(self) -> dict[str, str]:
        """As the run summary holds it."""
        return {"portal": self.portal, "name": self.name, "text": self.text}


def notices(
    portals: Mapping[str, Mapping[str, Any]], before: Mapping[str, Mapping[str, Any]], today: date
) -> list[Notice]:
    """Of all portals of a run. ``before``: each one's figures in the newest run before this one that was at it."""
    return [
        Notice(key, name, text)
        for key, now in portals.items()
        if not now.get("interrupted")
        for name, text in _of(now, before.get(key), today)
    ]


def _of(now: Mapping[str, Any], before: Mapping[str, Any] | None, today: date) -> Iterator[tuple[str, str]]:
    status, reason = now["status"], now.get("reason") or ""
    was = before["status"] if before else None
    if status == "blocked" and was != "blocked":
        yield "blocked", reason
    elif status not in WELL and (was is None or was in WELL):
        yield "broke", f"{status}: {reason}"
    elif status in WELL and was not in (None, *WELL):
        yield "mended", f"{status}; it was {was}"
    for note in now.get("notes", ()):
        if note.startswith(("platform changed", "column moved")) and note not in (before or {}).get("notes", ()):
            yield "redesigned", note
    if now.get("gone"):
        yield "gone", f"{now['gone']} reports are on the portal no more"
    if status in READ and before and was in READ:
        yield from _shrank(now, before)
        yield from _fell(now, before)
        if now.get("platform") != before.get("platform") and before.get("platform"):
            yield "redesigned", f"read as {now.get('platform')}; it was {before['platform']}"
    yield from _stalled(now, today)


def _shrank(now: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for what in ("columns", "entries"):
        lost = before[what] - now[what]
        if lost >= max(SHRANK_BY * before[what], SHRANK_AT_LEAST if what == "entries" else 1):
            yield "shrank", f"{now[what]} {what}; there were {before[what]}"


def _fell(now: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields that pages used to state: a changed template that our reader no longer understands looks like this."""
    fields, were = now.get("fields", {}), before.get("fields", {})
    read, was_read = fields.get("read", 0), were.get("read", 0)
    if min(read, was_read) < READ_AT_LEAST:
        return
    for name, count in were.items():
        share, was = fields.get(name, 0) / read, count / was_read
        if name != "read" and was - share >= FELL_BY:
            yield "fill_rate", f"{name} on {share:.0%} of {read} pages; it was {was:.0%}"


def _stalled(now: Mapping[str, Any], today: date) -> Iterator[tuple[str, str]]:
    newest = now.get("newest_year")
    expected = today.year - 1 if (today.month, today.day) >= PUBLISHED_BY else today.year - 2
    if newest is not None and newest < expected and now["status"] in WELL:
        yield "stalled", f"no report on {expected}; the newest is on {newest}"
