"""``nianbao crawl``: the annual-report columns of the chosen portals into the archive."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from crawler.commands import NEW_FILE, archive_option, json_option, put_json, registry_options


@click.command("crawl")
@registry_options
@archive_option
@click.option("--years", metavar="Y[-Y]", help="Only reports on these years, e.g. 2018-2024.")
@click.option(
    "--recheck",
    type=click.Choice(["due", "all", "none"]),
    default="due",
    show_default=True,
    help="Which known reports are looked at again: those due by schedule, all, or none (new ones only).",
)
@click.option(
    "--until", metavar="HH:MM", help="Stop cleanly at this time of this machine's clock; the next run goes on."
)
@click.option(
    "--engine",
    metavar="ADDRESS",
    help="Have other machines crawl, e.g. dask://scheduler:8786; ?portals=N names so many portals a task.",
)
@click.option("-s", "settings", metavar="NAME=VALUE", multiple=True, help="A Scrapy setting; may be repeated.")
@click.option("--summary", metavar="FILE", type=NEW_FILE, help="Write the run summary there as JSON.")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens to standard error.")
@json_option
def command(
    province: tuple[str, ...],
    portal: tuple[str, ...],
    portals: str | None,
    archive: str,
    years: str | None,
    recheck: str,
    until: str | None,
    engine: str | None,
    settings: tuple[str, ...],
    summary: str | None,
    verbose: bool,
    as_json: bool,
) -> int:
    """Crawl the annual-report columns of the chosen portals (all of the registry when none is named) into the archive.

    Exits 1 unless every portal is complete ("ok"). Interrupted or killed, the same command goes on where it was.
    """
    from crawler.notify import check, notify
    from crawler.running import exit_code, run_crawl

    given = pairs(settings)
    check(given)

    crawled: Callable[..., dict[str, Any]] = run_crawl
    if engine is not None:
        from crawler.engines.crawling import crawl_on

        crawled = partial(crawl_on, engine)
    result = crawled(
        provinces=province,
        portals=portal,
        registry=portals,
        archive=archive,
        years=years,
        recheck=recheck,
        until=until,
        settings=given,
        verbose=verbose,
    )
    notify(result, given)
    if summary:
        Path(summary).write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if as_json:
        put_json(result)
    else:
        from crawler.show import print_summary

        print_summary(result)
    return exit_code(result)


def pairs(settings: tuple[str, ...]) -> dict[str, Any]:
    """Scrapy settings by name. Raises ``UsageError`` for one that is not written, or not meant, as one can be."""
    pairs: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise click.UsageError(f"-s takes NAME=VALUE, not {setting!r}")
        pairs[name] = value
    if pairs:
        from crawler.running import check_settings

        check_settings(pairs)
    return pairs
