"""How results look on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import chain, groupby
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crawler.forms import APPLICANTS, APPLICATION_ROWS, DISCLOSURE_CELLS, OUTCOMES, REVIEW_ROWS
from crawler.items import Sighting

STATUS_STYLE = {"ok": "green", "incomplete": "yellow", "failed": "red", "blocked": "red", "empty": "yellow"}
SUMMARY_COLUMNS = ("columns", "entries", "new", "revised", "unchanged", "copies", "not_reports", "quarantined", "errors",
                   "robots", "requests")  # fmt: skip
RECORD_FIELDS = (
    "file", "report_id", "version", "url", "title", "kind", "report_year", "agency", "publisher", "index_number",
    "index_number_kind", "document_number", "published_on", "signed_on", "status", "body_source",
)  # fmt: skip
UNBOUNDED = 1_000_000  # characters a line
# As the national forms have them; a record sorts its keys.
STATISTICS_COLUMNS = tuple(
    dict.fromkeys((*APPLICANTS[:-2], *chain(*DISCLOSURE_CELLS.values()), *OUTCOMES))  # "other" and "total" come last
)
STATISTICS_ROWS = (*DISCLOSURE_CELLS, *APPLICATION_ROWS, *REVIEW_ROWS)


class _Standard(Console):
    def on_broken_pipe(self) -> None:
        """Rich would end the program with 1; whether that is a fault is for the command line to say."""
        raise BrokenPipeError


@cache
def console() -> Console:
    """Standard output; without an edge where it is no terminal, so that nothing is cut or broken in a pipe."""
    made = _Standard(highlight=False, soft_wrap=False)
    return made if made.is_terminal else _Standard(highlight=False, width=UNBOUNDED)


def print_summary(summary: Mapping[str, Any]) -> None:
    """The run summary (contract §4) as a table."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("portal")
    table.add_column("status")
    for name in SUMMARY_COLUMNS:
        table.add_column(name.replace("_", " "), justify="right")
    for key, portal in summary["portals"].items():
        style = STATUS_STYLE[portal["status"]]
        table.add_row(key, f"[{style}]{portal['status']}[/]", *(str(portal[name]) for name in SUMMARY_COLUMNS))
    if len(summary["portals"]) > 1:
        totals = summary["totals"]
        table.add_row("all", "", *(str(totals[name]) for name in SUMMARY_COLUMNS), style="bold")
    console().print(table)
    for key, portal in summary["portals"].items():
        if portal["reason"]:
            console().print(f"[dim]{escape(key)}:[/] {escape(str(portal['reason']))}")
    words = "interrupted; the same command goes on where it was" if summary.get("interrupted") else "finished"
    console().print(f"[dim]run {summary['run']} {words}[/]")


def print_record(record: Mapping[str, Any]) -> None:
    """One record as a person reads it: what was read, and from where."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name in RECORD_FIELDS:
        if record.get(name) is not None:
            table.add_row(name.replace("_", " "), escape(str(record[name])))
    for label, value in (record.get("metadata") or {}).items():
        table.add_row(f"  {escape(label)}", escape(value) if value else "[dim]blank[/]")
    for attachment in record.get("attachments") or ():
        said = " ".join(str(attachment[name]) for name in ("name", "media_type", "url") if attachment.get(name))
        table.add_row("attachment", escape(said))
    console().print(table)
    print_statistics(record.get("statistics"))
    for check in record.get("checks") or ():
        found = f"expected {check['expected']}, found {check['found']}"
        console().print(f"[yellow]{check['rule']}[/] {escape(check['where'])}: {found}")
    for remark in record.get("remarks") or ():
        console().print(f"[dim]{escape(remark['code'])}: {escape(remark['detail'])}[/]")
    sections = record.get("sections") or ()
    if sections:
        console().print("outline", style="bold")
    for section in sections:
        size = f"[dim]{len(section['text'] or '')} characters[/]"
        console().print(f"{'  ' * section['level']}{escape(section['heading'])}  {size}")


def _figure(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e15 else str(value)


def print_statistics(statistics: Mapping[str, Any] | None) -> None:
    """The statutory tables: the rows that hold a figure other than zero."""
    for name in ("disclosure", "applications", "review_litigation"):
        rows: Mapping[str, Any] = (statistics or {}).get(name) or {}
        there = {column for cells in rows.values() for column in cells or ()}
        columns = [column for column in STATISTICS_COLUMNS if column in there] + sorted(there - set(STATISTICS_COLUMNS))
        shown = [row for row in sorted(rows, key=_in_form_order) if rows[row] and any(rows[row].values())]
        if not shown or statistics is None:
            continue
        title = f"{name.replace('_', ' ')} [dim]({statistics['format']} format; rows of zeros left out)[/]"
        table = Table(
            title=title, title_justify="left", title_style="bold", box=None, header_style="dim", padding=(0, 1, 0, 0)
        )
        table.add_column("", no_wrap=True)
        for column in columns:
            table.add_column(column.replace("_", " "), justify="right")
        for row in shown:
            cells = rows[row]
            table.add_row(row, *("" if cells.get(c) is None else _figure(cells[c]) for c in columns))
        console().print(table)


def _in_form_order(row: str) -> int:
    return STATISTICS_ROWS.index(row) if row in STATISTICS_ROWS else len(STATISTICS_ROWS)


# What a look says of a report: its mark, and how it is shown.
MARKS = {
    "new": ("●", "green"), "revised": ("●", "cyan"), "copy": ("●", "green"), "moved": ("●", "green"),
    "collision": ("●", "yellow"), "not_a_report": ("●", "dim"), "missing": ("✗", "yellow"), "gone": ("✗", "red"),
}  # fmt: skip
AS_BEFORE = ("unchanged", "not_modified", "listed")


def minute(time: datetime) -> str:
    """A time in UTC, to the minute."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M}"


def print_timeline(sightings: Iterable[Sighting]) -> None:
    """What was seen of a report, place by place: what changed, and between that how often it was found as it was."""
    places: dict[tuple[str, str], list[Sighting]] = {}
    for sighting in sightings:
        places.setdefault((sighting.portal, sighting.url), []).append(sighting)
    console().print("seen [dim](UTC)[/]", style="bold")
    for (portal, url), looks in places.items():
        console().print(f"  {escape(url)} [dim]{escape(portal)}[/]")
        for stretch in _stretches(looks):
            first, last = stretch[0], stretch[-1]
            mark, style = MARKS.get(first.outcome, ("│", "dim") if first.outcome in AS_BEFORE else ("!", "yellow"))
            if first.outcome in AS_BEFORE:
                times = ", ".join(f"{count} × {name.replace('_', ' ')}" for name, count in _counted(stretch).items())
                what = f"[dim]as before: {times}[/]"
            else:
                what = f"[{style}]{escape(first.outcome)}[/]" + (f" × {len(stretch)}" if len(stretch) > 1 else "")
                what += f" [dim]version[/] {first.version}" if first.version and mark == "●" else ""
            until = f" – {minute(last.time)}" if len(stretch) > 1 else ""
            console().print(f"    [{style}]{mark}[/] {minute(first.time)}{until:<19}  {what}")


def _stretches(looks: list[Sighting]) -> Iterator[list[Sighting]]:
    """Looks in a row that say the same."""
    for _, group in groupby(
        looks, lambda look: AS_BEFORE if look.outcome in AS_BEFORE else (look.outcome, look.version)
    ):
        yield list(group)


def _counted(looks: list[Sighting]) -> Counter[str]:
    return Counter(look.outcome for look in looks)


def duration(seconds: float) -> str:
    """Seconds as a person says them: 42 s, 17 min, 5.2 h."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
