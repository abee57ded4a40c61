"""``nianbao reports``: what the archive holds."""

from __future__ import annotations

from typing import Any

import click

from crawler.commands import archive_option, json_option, put_jsonl
from crawler.commands.filters import filter_options, filters_of

SHOWN = ("report_id", "version", "status", "kind", "report_year", "agency", "title", "portal", "province", "division",
         "published_on", "index_number", "url", "first_seen", "last_seen")  # fmt: skip

# Column → the least width of a terminal that shows it.
COLUMNS = {"report": 0, "v": 0, "status": 0, "year": 0, "agency": 0, "title": 120, "portal": 100, "published": 80}


@click.command("reports")
@filter_options
@archive_option
@json_option
def command(archive: str, as_json: bool, **options: Any) -> int:
    """List the reports of the archive, the latest version of each. With --json one object a line."""
    from storage import open_archive
    from storage.queries import browse

    filters = filters_of(**options)
    selection = browse(open_archive(archive), filters)
    if as_json:
        for selected in selection:
            put_jsonl({name: selected.record[name] for name in SHOWN})
        return 0
    from rich.markup import escape
    from rich.table import Table

    from crawler.show import console

    room = console().width
    # What does not fit is left out whole: an identifier cut short is of no use to ``show``.
    shown = [column for column, least in COLUMNS.items() if room >= least]
    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0))
    for column in shown:
        table.add_column(column, no_wrap=True, min_width=24 if column == "report" else None)
    for selected in selection:
        version, reading = selected.version, selected.version.reading
        cells = {
            "report": version.report_id,
            "v": str(version.number),
            "status": selected.status.value,
            "year": str(reading.report_year or ""),
            "agency": escape(reading.agency or reading.title or ""),
            "title": escape(reading.title or ""),
            "portal": version.portal,
            "published": str(reading.published_on or ""),
        }
        table.add_row(*(cells[column] for column in shown))
    if table.row_count:
        console().print(table)
    click.echo(f"{table.row_count} reports", err=True)
    return 0
