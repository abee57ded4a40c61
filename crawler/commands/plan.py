"""``nianbao plan``: what is due where, and how long it will take."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.commands import archive_option, json_option, put_json, registry_options

SHOWN = 30


@click.command("plan")
@registry_options
@archive_option
@click.option("--all", "show_all", is_flag=True, help=f"Every portal, not only the {SHOWN} that take longest.")
@json_option
def command(
    province: tuple[str, ...],
    portal: tuple[str, ...],
    portals: str | None,
    archive: str,
    show_all: bool,
    as_json: bool,
) -> int:
    """What the next `crawl` of the chosen portals has to ask for: their lists and the known reports that are due.

    New reports come on top, and nothing can be said of a portal that was never crawled. Portals run side by side, so a
    run takes as long as its longest portal. Nothing is asked of any portal.
    """
    from crawler.planning import tasks
    from crawler.settings import DOWNLOAD_DELAY
    from spiders import registry
    from storage import NoArchive, open_archive

    chosen = registry.select(registry.load(Path(portals) if portals else None), province, portal)
    try:
        kept = open_archive(archive)
    except NoArchive:
        kept = None  # nothing was crawled yet
    planned = list(tasks(kept, chosen, DOWNLOAD_DELAY))
    if as_json:
        put_json({"portals": [task.plain() for task in planned]})
        return 0
    from rich.table import Table

    from crawler.show import console, duration

    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("portal")
    table.add_column("last run")
    table.add_column("status")
    for name in ("known", "due", "lists", "requests", "delay", "takes"):
        table.add_column(name, justify="right")
    longest_first = sorted(planned, key=lambda task: -(task.seconds or 0))
    for task in longest_first if show_all else longest_first[:SHOWN]:
        said = (
            task.lists,
            task.requests,
            f"{task.delay:g} s",
            None if task.seconds is None else duration(task.seconds),
        )
        shown = ["?" if each is None else str(each) for each in said]
        table.add_row(
            task.portal.key, (task.last or "never")[:16], task.status or "", str(task.known), str(task.due), *shown
        )
    console().print(table)
    if len(planned) > SHOWN and not show_all:
        console().print(f"[dim]and {len(planned) - SHOWN} portals that take no longer; --all shows them[/]")
    new = sum(task.requests is None for task in planned)
    requests = sum(task.requests or 0 for task in planned)
    longest = max((task.seconds or 0.0 for task in planned), default=0.0)
    console().print(
        f"{len(planned)} portals, {sum(task.due for task in planned)} of {sum(task.known for task in planned)} known pages "
        f"due, {requests} requests; side by side {duration(longest)}, one after the other "
        f"{duration(sum(task.seconds or 0.0 for task in planned))}" + (f"; {new} portals never crawled" if new else "")
    )
    return 0
