"""``nianbao portals``: lists the registry; ``nianbao portals check DIR`` validates one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from crawler.commands import json_option, put_json


@click.group("portals", invoke_without_command=True)
@click.option("--province", metavar="P", multiple=True, help="A GB/T 2260 code or a name; may be repeated.")
@click.option("--portals", "folder", metavar="DIR", help="A folder of registry files instead of the packaged registry.")
@json_option
@click.pass_context
def command(ctx: click.Context, province: tuple[str, ...], folder: str | None, as_json: bool) -> int | None:
    """List the portals of the registry."""
    if ctx.invoked_subcommand is not None:
        return None
    from spiders import registry

    known = registry.load(Path(folder) if folder else None)
    chosen = registry.select(known, province)
    if as_json:
        put_json([dataclasses.asdict(portal) for portal in chosen])
        return 0
    from rich.table import Table

    from crawler.show import console
    from spiders.divisions import name_of

    table = Table("key", "name", "division", "platform", "columns", "home", box=None, header_style="dim")
    for portal in chosen:
        place = f"{portal.division} {name_of(portal.division) or ''}"
        columns = str(len(portal.columns)) if portal.columns else "discovered"
        table.add_row(portal.key, portal.name, place, portal.platform or "fingerprinted", columns, portal.home)
    console().print(table)
    click.echo(f"{len(chosen)} portals", err=True)
    return 0


@command.command("check")
@click.argument("folder", metavar="DIR")
@json_option
def check(folder: str, as_json: bool) -> int:
    """Validate a registry: every fault by file, line and key. Exits 1 when there is one."""
    from spiders import registry

    faults = registry.check(Path(folder))
    if as_json:
        put_json([{"file": f.file, "line": f.line, "key": f.key, "fault": f.fault} for f in faults])
    else:
        for fault in faults:
            click.echo(str(fault))
        if not faults:
            click.echo(f"{len(registry.load(Path(folder)).portals)} portals, no fault", err=True)
    return 1 if faults else 0
