"""``nianbao verify``: the fixity audit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from crawler.commands import archive_option, json_option, put_json
from crawler.errors import UsageError

if TYPE_CHECKING:
    from storage.archive import Archive
    from storage.fixity import Damage


@click.command("verify")
@click.option("--province", multiple=True, metavar="P", help="Only what this province's records need; may be repeated.")
@click.option("--portal", multiple=True, metavar="KEY", help="Only what this portal's records need; may be repeated.")
@archive_option
@json_option
def command(province: tuple[str, ...], portal: tuple[str, ...], archive: str, as_json: bool) -> int:
    """Audit the archive: every stored object still hashes to its name, every reference resolves.

    With --province or --portal, only what their records need: versions, snapshots, pointers, sightings and run
    summaries. Exits 1 with the list of damage when not.
    """
    from storage import open_archive

    found = _damage(open_archive(archive), province, portal)
    if as_json:
        damage = list(found)
        put_json({"archive": archive, "sound": not damage, "damage": [dataclasses.asdict(d) for d in damage]})
        return 1 if damage else 0
    count = 0
    for count, each in enumerate(found, 1):  # noqa: B007 - the count is wanted after the loop
        click.echo(f"{each.key}: {each.what}\n    blame:  {each.blame}\n    remedy: {each.remedy}")
    sound = "every object is sound and every reference resolves"
    faults = "fault" if count == 1 else "faults"
    click.echo(f"{count} {faults} found" if count else sound, err=True)
    return 1 if count else 0


def _damage(archive: Archive, provinces: tuple[str, ...], portals: tuple[str, ...]) -> Iterator[Damage]:
    from spiders.divisions import province_of
    from storage import fixity
    from storage.queries import Filters

    if not provinces and not portals:
        return fixity.verify(archive)
    if provinces and portals:
        raise UsageError("--province or --portal, not both: a portal belongs to one province")
    near = fixity.near(archive, Filters(provinces=tuple(province_of(name) for name in provinces), portals=portals))
    if near is None:
        click.echo("the index does not say what they need, so all is audited; nianbao rebuild mends that", err=True)
    elif not near.portals:
        raise UsageError(f"{archive.uri} holds no report of {', '.join((*provinces, *portals))}")
    return fixity.verify(archive, near=near)
