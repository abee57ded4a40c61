"""``nianbao verify``: the fixity audit."""

from __future__ import annotations

import dataclasses

import click

from crawler.commands import archive_option, json_option, put_json


@click.command("verify")
@archive_option
@json_option
def command(archive: str, as_json: bool) -> int:
    """Audit the archive: every stored object still hashes to its name, every reference resolves.

    Exits 1 with the list of damage when not.
    """
    from storage import open_archive
    from storage.fixity import verify

    damage = list(verify(open_archive(archive)))
    if as_json:
        put_json({"archive": archive, "sound": not damage, "damage": [dataclasses.asdict(d) for d in damage]})
    else:
        for found in damage:
            click.echo(f"{found.key}: {found.what}\n    blame:  {found.blame}\n    remedy: {found.remedy}")
        sound = "every object is sound and every reference resolves"
        click.echo(f"{len(damage)} objects damaged" if damage else sound, err=True)
    return 1 if damage else 0
