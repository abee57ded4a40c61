"""``nianbao reports``: what the archive holds."""

from __future__ import annotations

from typing import Any

import click

from crawler.commands import archive_option, json_option, put_jsonl
from crawler.commands.filters import filter_options, filters_of

SHOWN = ("report_id", "version", "status", "kind", "report_year", "agency", "title", "portal", "province", "division",
         "published_on", "index_number", "url", "first_seen", "last_seen")  # fmt: skip


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

    table = Table(
        "report", "v", "status", "year", "agency", "title", "portal", "published", box=None, header_style="dim"
    )
    for selected in selection:
        version, reading = selected.version, selected.version.reading
        table.add_row(
            version.report_id,
            str(version.number),
            selected.status.value,
            str(reading.report_year or ""),
            escape(reading.agency or ""),
            escape(reading.title or ""),
            version.portal,
            str(reading.published_on or ""),
        )
    if table.row_count:
        console().print(table)
    click.echo(f"{table.row_count} reports", err=True)
    return 0
