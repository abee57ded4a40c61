"""Coverage on a terminal: a letter a state. A module of its own, as a crawl does without what coverage is made from."""

from __future__ import annotations

from itertools import groupby

from rich.cells import cell_len
from rich.markup import escape
from rich.table import Table

from crawler.show import console
from spiders.divisions import name_of
from storage.coverage import Cell, Coverage, Reason, State

# What is said of a year, the gravest last.
LETTERS = {
    "archived": ("A", "green"), "late": ("L", "yellow"), "altered": ("R", "cyan"), "unreadable": ("U", "magenta"),
    "gone": ("G", "red"), "missing": ("·", "red"), "silent": ("?", "dim"),
}  # fmt: skip
NAME_AT_MOST = 30  # columns of a terminal


def print_coverage(found: Coverage) -> None:
    """Agencies × years by division, a letter a state; the latest years where the terminal has no room for all."""
    years = list(found.years)
    cells = [[_states(cell) for cell in row.cells] for row in found.rows]
    wide = max([2, *(len(states) for row in cells for states in row)]) + 1
    name = min(NAME_AT_MOST, max([6, *(cell_len(row.agency) for row in found.rows)]))
    room = max(1, (console().width - name - 1) // wide)
    shown = years[-room:]
    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column("agency", no_wrap=True, min_width=name, max_width=name)
    for year in shown:
        whole = (console().width - name - 1) // len(shown) >= 5
        table.add_column(str(year) if whole else f"{year % 100:02d}", no_wrap=True, min_width=wide - 1)
    for division, rows in groupby(found.rows, key=lambda row: row.division):
        table.add_row(f"[dim]{division} {escape(name_of(division) or '')}[/]")
        for row in rows:
            of_years = {
                cell.year: "".join(f"[{style}]{letter}[/]" for letter, style in _states(cell)) for cell in row.cells
            }
            table.add_row(escape(row.agency), *(of_years.get(year, "") for year in shown))
    console().print(table)
    if len(shown) < len(years):
        console().print(
            f"[dim]{years[0]}–{years[-room - 1]} are left out: a wider terminal shows them, as do --html and --json[/]"
        )
    console().print(
        "[dim]A archived  L late  R altered after publication  U unreadable  G gone  · missing  ? none since; "
        "--json says why and names the reports[/]"
    )
    if found.unassigned:
        console().print(f"[dim]{len(found.unassigned)} reports without an agency or a year are not shown[/]")


def _states(cell: Cell) -> list[tuple[str, str]]:
    """The letters of a cell: ``archived`` only where there is nothing else to say."""
    if cell.reason is Reason.SILENT:
        return [LETTERS["silent"]]
    told = [state for state in cell.states if state is not State.ARCHIVED] or cell.states
    return [LETTERS[state.value] for state in told]
