"""What the commands print on terminals of several widths, and into a pipe."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from rich.cells import cell_len
from rich.console import Console

from crawler import letters, show
from crawler.commands import reports
from storage.coverage import coverage

AGENCY = "某县市场监督管理局"


@pytest.fixture
def printed(monkeypatch, capsys):
    """Runs something on a terminal so many columns wide; the lines it printed."""

    def run(columns, print_it):
        made = Console(highlight=False, width=columns, force_terminal=True, color_system=None)
        for module in (show, letters):
            monkeypatch.setattr(module, "console", lambda: made)
        print_it()
        lines = capsys.readouterr().out.splitlines()
        assert max(map(cell_len, lines)) <= columns
        return lines

    return run


@pytest.fixture
def many_years(hand, archive):
    for year in range(2008, 2025):
        at = datetime(year + 1, 1, 20, 4, tzinfo=UTC)
        hand.file(f"aa{year}", report_year=year, agency=AGENCY, published_on=date(year + 1, 3, 1), time=at)
    return archive


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_coverage_keeps_the_agency_and_the_latest_years_readable(many_years, printed, columns):
    head, _, row, *notes = printed(columns, lambda: letters.print_coverage(coverage(many_years)))
    assert AGENCY in row
    shown = head.split()[1:]
    assert shown[-1] in ("24", "2024")
    assert "…" not in head
    assert len(row.split()) == len(shown) + 1
    left_out = [note for note in notes if "left out" in note]
    assert len(shown) == 17 if columns >= 80 else (left_out and left_out[0].startswith("2008–"))


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_a_listed_report_can_be_asked_for_by_what_is_printed(many_years, printed, columns):
    def on_a_terminal():
        reports.command.main(["--archive", many_years.store.uri], standalone_mode=False)

    lines = printed(columns, on_a_terminal)
    assert [line.split()[0] for line in lines[1:]] == [f"aa{year}" for year in range(2008, 2025)]
    assert all(AGENCY in line for line in lines[1:])


@pytest.mark.parametrize("row", ["denied_prohibited_by_law", "unprocessed_publication"])
def test_a_row_of_a_statutory_table_is_named_in_full(printed, row):
    applicants = ("natural_person", "business", "research", "social_org", "legal_service", "other", "total")
    statistics = {"format": "2021", "applications": {row: dict.fromkeys(applicants, 1)}}
    lines = printed(80, lambda: show.print_statistics(statistics))
    assert row in lines[-1].split()


def test_a_paragraph_in_a_pipe_is_one_line(capsys):
    show.console.cache_clear()
    paragraph = "本机关主动公开政府信息若干条。" * 100
    show.console().print(paragraph)
    show.console.cache_clear()
    assert capsys.readouterr().out == f"{paragraph}\n"
