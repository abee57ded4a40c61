"""``nianbao rebuild``: derived parts of the archive built anew."""

from __future__ import annotations

import click

from crawler.commands import archive_option


@click.command("rebuild")
@archive_option
def command(archive: str) -> int:
    """Build the archive's indexes anew from its versions and sightings. What is not derived is not touched."""
    from storage import open_archive
    from storage.fixity import rebuild

    rebuild(open_archive(archive))
    click.echo("index/ rebuilt", err=True)
    return 0
