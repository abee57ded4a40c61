"""``nianbao coverage``: agencies × years."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.commands import NEW_FILE, archive_option, json_option, put_json


@click.command("coverage")
@click.option("--province", multiple=True, metavar="P", help="A GB/T 2260 code or name; may be repeated.")
@click.option("--year", "years", metavar="Y[-Y]", help="Only these report years.")
@archive_option
@json_option
@click.option("--html", metavar="FILE", type=NEW_FILE, help="Write a self-contained heat map there.")
def command(province: tuple[str, ...], years: str | None, archive: str, as_json: bool, html: str | None) -> int:
    """Show which agencies × years are archived, missing, late, altered after publication, unreadable, or gone."""
    from spiders.divisions import province_of
    from spiders.years import span
    from storage import open_archive
    from storage.coverage import coverage
    from storage.queries import Filters

    found = coverage(
        open_archive(archive), Filters(provinces=tuple(province_of(p) for p in province), years=span(years))
    )
    if html:
        from crawler.heatmap import page

        Path(html).write_text(page(found), encoding="utf-8")
        click.echo(f"{len(found.rows)} agencies in {html}", err=True)
    if as_json:
        put_json(found.as_json())
    elif not html:
        from crawler.letters import print_coverage

        print_coverage(found)
    return 0
