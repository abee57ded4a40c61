"""What a maintainer is told after a run."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from spiders.notices import notices

SPRING = date(2026, 4, 20)


def figures(status: str = "ok", **more: Any) -> dict[str, Any]:
    return {"status": status, "reason": None, "columns": 4, "entries": 40, "platform": "plain", **more}


def names(now: dict[str, Any], before: dict[str, Any] | None, today: date = SPRING) -> list[str]:
    return [n.name for n in notices({"linhu": now}, {"linhu": before} if before else {}, today)]


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (figures(), figures(), []),
        (figures(), None, []),
        (figures("incomplete", reason="x"), figures(), ["broke"]),
        (figures("failed", reason="x"), None, ["broke"]),
        (figures("failed", reason="x"), figures("failed"), []),  # as before
        (figures("blocked", reason="waf"), figures(), ["blocked"]),
        (figures("blocked", reason="waf"), figures("blocked"), []),
        (figures(), figures("blocked"), ["mended"]),
        (figures(entries=30), figures(), ["shrank"]),
        (figures(entries=39), figures(), []),
        (figures(columns=3), figures(), ["shrank"]),
        (figures(platform="jpaas"), figures(), ["redesigned"]),
        (figures(notes=["column moved: a is now b"]), figures(), ["redesigned"]),
        (figures(notes=["column moved: a is now b"]), figures(notes=["column moved: a is now b"]), []),
        (figures(gone=2), figures(), ["gone"]),
        (figures(newest_year=2025), figures(), []),
        (figures(newest_year=2024), figures(), ["stalled"]),
        (figures("incomplete", reason="interrupted", interrupted=True), figures(), []),
        (
            figures(fields={"read": 20, "title": 20, "index_number": 4}),
            figures(fields={"read": 20, "title": 20, "index_number": 19}),
            ["fill_rate"],
        ),
        (figures(fields={"read": 3}), figures(fields={"read": 20, "index_number": 19}), []),  # too few to say
    ],
)
def test_what_changed_for_the_worse_is_said_once(
    now: dict[str, Any], before: dict[str, Any] | None, said: list[str]
) -> None:
    assert names(now, before) == said


def test_a_portal_has_until_the_middle_of_april() -> None:
    assert names(figures(newest_year=2024), None, date(2026, 4, 14)) == []
    assert names(figures(newest_year=2023), None, date(2026, 1, 2)) == ["stalled"]
