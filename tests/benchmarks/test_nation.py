"""The simulated year is made of what is there: the divisions, the schedule, the settings."""

from __future__ import annotations

from benchmarks import nation


def test_the_nation_has_the_portals_and_the_reports_it_says() -> None:
    sites = nation.nation()
    assert len(sites) == nation.PORTALS
    assert abs(sum(site.reports for site in sites) - nation.REPORTS) < nation.REPORTS / 1000


def test_the_schedule_looks_at_recent_reports_often_and_at_old_ones_about_once() -> None:
    recent, before, older = nation.looks()
    assert all(share == 1 for share in recent[10:100])
    assert 140 < sum(recent) < 165
    assert 11 < sum(before) < 14
    assert 0.9 < sum(older) < 1.1
    assert max(older) < 0.03, "old reports are spread over the year"


def test_a_page_of_the_documentation_has_the_tables() -> None:
    text = nation.PAGE.read_text(encoding="utf-8")
    assert nation.BEGIN in text
    assert nation.END in text
    begun = text.partition(nation.BEGIN)[2]
    schedule = "\n".join(nation._portals())
    assert schedule in begun, "python -m benchmarks.nation --write"
