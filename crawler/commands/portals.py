"""``nianbao portals``: lists the registry; ``check DIR`` validates one; ``new URL`` begins the entry of a portal."""

from __future__ import annotations

import dataclasses
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.commands import json_option, put_json
from crawler.errors import NianbaoError, UsageError

if TYPE_CHECKING:
    from crawler.contributing.beginning import Given
    from crawler.contributing.guessing import Guess

REGISTRY = Path("spiders/portals")
FIXTURES = Path("tests/contributing/portals")


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

    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0))
    for column in ("key", "name", "division", "platform", "columns"):
        table.add_column(column, no_wrap=column != "name")
    table.add_column("home", overflow="fold")
    for portal in chosen:
        place = f"{portal.division} {name_of(portal.division) or ''}" if console().width >= 120 else portal.division
        columns = str(len(portal.columns)) if portal.columns else ""
        table.add_row(portal.key, portal.name, place, portal.platform or "", columns, portal.home)
    console().print(table)
    click.echo(
        f"{len(chosen)} portals; a platform that is blank is recognised, columns are discovered, when it is crawled",
        err=True,
    )
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


@command.command("new")
@click.argument("url", metavar="URL")
@click.option("--key", metavar="KEY", help="The entry's key instead of one guessed from the address.")
@click.option("--name", metavar="NAME", help="The portal's name instead of the one its home page states.")
@click.option("--division", metavar="CODE", help="GB/T 2260, six digits, instead of the one guessed.")
@click.option("--province", metavar="P", help="The province, where a division's name is found in several.")
@click.option("--portals", "folder", metavar="DIR", help=f"The registry to write into.  [default: {REGISTRY}]")
@click.option("--fixtures", metavar="DIR", help=f"Where the pages are saved, in a folder KEY.  [default: {FIXTURES}]")
@click.option("--browser", is_flag=True, help="Its pages exist in JavaScript only.")
@click.option("-s", "settings", metavar="NAME=VALUE", multiple=True, help="A Scrapy setting; may be repeated.")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens to standard error.")
def new(
    url: str,
    key: str | None,
    name: str | None,
    division: str | None,
    province: str | None,
    folder: str | None,
    fixtures: str | None,
    browser: bool,
    settings: tuple[str, ...],
    verbose: bool,
) -> int:
    """Begin the entry of a portal: look at it, write the entry, save what was read with a test that waits for review.

    URL is the portal's home page, or an annual-report column where discovery finds none. What is guessed is told on
    standard error and written down. Exits 1 where no column was found; nothing is written then.
    """
    from crawler.commands.crawl import pairs
    from crawler.contributing import beginning, entry, saved
    from crawler.contributing.acquaintance import look_at
    from crawler.contributing.guessing import provisional_division
    from crawler.urls import host_of

    registry, pages = _folders(folder, fixtures)
    home, given = _address(url), _given(key, name, division, province, browser)
    if known := entry.known_as(registry, home):
        raise UsageError(f"{registry} has it already, as {known}: see `nianbao discover --portal {known}`")
    taken = entry.keys_in(registry)
    if key in taken:
        raise UsageError(f"{registry} has a portal {key!r} already; say another with --key")

    place = division or provisional_division(host_of(home), given.province)
    seen = look_at(home, division=place, browser=browser, settings=pairs(settings), verbose=verbose)
    for doubt in seen.undecided:
        click.echo(f"undecided: {doubt}", err=True)
    for foreign in seen.foreign:
        click.echo(f"on a host the entry does not name: {foreign}", err=True)
    if seen.reason is not None:
        click.echo(f"no column found: {seen.reason}", err=True)
        return 1
    portal, guesses = beginning.portal_of(home, seen, given, taken)
    told = {what: _said(guess) for what, guess in guesses.items()}
    saved_in, today = pages / portal.key, datetime.now(UTC).date()
    if saved_in.exists():
        raise UsageError(f"{saved_in} is there already; say another --key or remove it")
    saved.save(saved_in, portal, told, seen.kept, today)
    try:
        file = entry.append(registry, portal, entry.text_of(portal, seen.columns, told, today))
    except NianbaoError:
        shutil.rmtree(saved_in)
        raise
    for what, why in told.items():
        click.echo(f"guessed: {what}: {why}", err=True)
    for lost in seen.lost:
        click.echo(f"not saved: {lost}", err=True)
    if not any(kept.role == "report" for kept in seen.kept):
        click.echo("no report was had: look whether this is the right column before the entry is used", err=True)
    click.echo(f"{file}: {portal.key}, {len(portal.columns)} columns, platform {portal.platform}")
    click.echo(f"{saved_in}: {len(seen.kept)} pages; read {saved.EXPECTED} beside them, then set reviewed to true")
    return 0


def _given(key: str | None, name: str | None, division: str | None, province: str | None, browser: bool) -> Given:
    """What the contributor says, where it is right in itself."""
    from crawler.contributing.beginning import Given
    from spiders import divisions
    from spiders.registry_file import DIVISION, KEY

    code = divisions.province_of(province) if province else None
    if division and (not DIVISION.fullmatch(division) or division[:2] not in divisions.provinces()):
        raise UsageError(f"--division {division}: must be six digits of GB/T 2260, such as 331122")
    if division and code and not division.startswith(code):
        raise UsageError(f"--division {division} is not in province {code}")
    if key and not KEY.fullmatch(key):
        raise UsageError(f"--key {key}: must be made of a-z, 0-9 and - only")
    code = code or (division[:2] if division else None)
    return Given(key or None, name or None, division or None, code, browser)


def _folders(folder: str | None, fixtures: str | None) -> tuple[Path, Path]:
    """The registry and the folder for pages; those of the checkout one stands in, where none are named."""
    if folder is None and not REGISTRY.is_dir():
        raise UsageError(f"there is no {REGISTRY} here; say --portals DIR and --fixtures DIR")
    if fixtures is None and not FIXTURES.parent.is_dir():
        raise UsageError(f"there is no {FIXTURES.parent} here; say --fixtures DIR")
    return Path(folder or REGISTRY), Path(fixtures or FIXTURES)


def _address(url: str) -> str:
    from crawler.urls import clean

    try:
        return clean(url)
    except ValueError as error:
        raise UsageError(f"URL must be an http:// or https:// address, not {url!r}") from error


def _said(guess: Guess) -> str:
    return f"{guess.value}, from {guess.why}" + (f" (but {guess.doubt})" if guess.doubt else "")
