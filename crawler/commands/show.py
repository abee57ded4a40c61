"""``nianbao show``: one report with all versions and sightings."""

from __future__ import annotations

from datetime import datetime

import click

from crawler.commands import archive_option, json_option, put_json


@click.command("show")
@click.argument("report", metavar="ID")
@archive_option
@click.option("--body", is_flag=True, help="Print the body of the latest version too.")
@json_option
def command(report: str, archive: str, body: bool, as_json: bool) -> int:
    """Show one report: the latest version as read, every version, every sighting."""
    from crawler.years import against_the_year_before
    from storage import codec, open_archive
    from storage.queries import history

    known = history(open_archive(archive), report, against_the_year_before)
    if as_json:
        put_json({"versions": known.records, "sightings": [codec.plain(s) for s in known.sightings]})
        return 0
    from rich.markup import escape
    from rich.table import Table

    from crawler.show import console, minute, print_record, print_timeline

    latest = known.records[-1]
    print_record(latest)
    versions = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("version", "first seen", "last seen", "changed"):
        versions.add_column(column, no_wrap=True)
    versions.add_column("snapshot", overflow="fold")
    for record in known.records:
        first, last = (minute(datetime.fromisoformat(record[name])) for name in ("first_seen", "last_seen"))
        versions.add_row(str(record["version"]), first, last, ", ".join(record["changed"]), record["snapshot"])
    console().print(versions)
    print_timeline(known.sightings)
    if body and latest["body"]:
        console().print(escape(latest["body"]))
    return 0
