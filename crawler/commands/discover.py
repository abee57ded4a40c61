"""``nianbao discover``: the annual-report columns of portals known by their home page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from crawler.commands import registry_options
from crawler.errors import UsageError


@click.command("discover")
@registry_options
@click.option(
    "--write", is_flag=True, help="Write what is found into the registry (of --portals) instead of printing it."
)
@click.option("-s", "settings", metavar="NAME=VALUE", multiple=True, help="A Scrapy setting; may be repeated.")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens to standard error.")
def command(
    province: tuple[str, ...],
    portal: tuple[str, ...],
    portals: str | None,
    write: bool,
    settings: tuple[str, ...],
    verbose: bool,
) -> int:
    """Find the annual-report columns of portals from their home pages and print them as registry entries.

    What could not be decided goes to standard error. Exits 1 where a portal's columns were not found.
    """
    from crawler.commands.crawl import pairs
    from crawler.running import run_discovery
    from spiders.discovery import entry_toml
    from spiders.registry import load
    from spiders.registry_edit import write_columns

    if write and not portals:
        raise UsageError("--write needs --portals DIR: the packaged registry is not written to")
    found = run_discovery(
        provinces=province, portals=portal, registry=portals, settings=pairs(settings), verbose=verbose
    )
    known = load(Path(portals) if portals else None)
    today = datetime.now(UTC).date()
    for discovered in found:
        for doubt in discovered.undecided:
            click.echo(f"{discovered.portal.key}: undecided: {doubt}", err=True)
        for host in discovered.foreign:
            click.echo(f"{discovered.portal.key}: on a host the registry does not name: {host}", err=True)
        if not discovered.columns:
            click.echo(f"{discovered.portal.key}: no column found: {discovered.reason}", err=True)
        elif write:
            urls = [column.url for column in discovered.columns]
            file = Path(known.provenance[discovered.portal.key].file)
            write_columns(file, discovered.portal.key, urls, platform=discovered.platform, verified=today)
            click.echo(f"{discovered.portal.key}: {len(urls)} columns written to {file}", err=True)
        else:
            click.echo(entry_toml(discovered.portal, discovered.columns, discovered.platform, today))
    return 0 if all(d.columns for d in found) else 1
