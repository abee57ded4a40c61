"""``nianbao export``: feeds the corpus to other projects."""

from __future__ import annotations

from typing import Any

import click

from crawler.commands import archive_option
from crawler.commands.filters import filter_options, filters_of


@click.command("export")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["jsonl", "csv", "parquet", "warc", "wacz"]),
    required=True,
    help="What to write.",
)
@click.option(
    "--out", metavar="PATH", default="-", show_default=True, help="A file, a folder, or - for standard output."
)
@filter_options
@click.option("--all-versions", is_flag=True, help="Every version, not only each report's latest.")
@click.option("--since", metavar="CURSOR", help="Only what has come since; 'start' for the first time.")
@archive_option
def command(fmt: str, out: str, all_versions: bool, since: str | None, archive: str, **options: Any) -> int:
    """Export records (jsonl, csv, parquet) or the bytes they were read from (warc, wacz).

    The cursor to give to --since next time is printed to standard error.
    """
    from crawler.years import against_the_year_before
    from storage import open_archive
    from storage.exports import export

    result = export(
        open_archive(archive),
        fmt,
        out,
        filters_of(**options),
        all_versions=all_versions,
        since=since,
        compared=against_the_year_before,
    )
    click.echo(f"{result.records} {'captures' if fmt in ('warc', 'wacz') else 'records'}", err=True)
    if result.cursor:
        click.echo(f"cursor {result.cursor}", err=True)
    return 0
