"""One crawl from call to summary: what ``nianbao crawl`` and ``nianbao demo`` share."""

from __future__ import annotations

import logging
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import logformat
from crawler.errors import ArchiveError, NianbaoError, UsageError
from crawler.items import Portal
from crawler.urls import identity
from spiders import registry as registries
from spiders.discovery import Candidate
from spiders.until import Until
from spiders.years import span
from storage import open_archive

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

# Whole numbers by default that are read as seconds: a fraction of one is no fault.
IN_SECONDS = frozenset({
    "BROWSER_TIMEOUT", "CLOSESPIDER_TIMEOUT", "DNS_TIMEOUT", "DOWNLOAD_DELAY_JITTER", "DOWNLOAD_TIMEOUT", "MAX_RETRY_AFTER",
    "PORTAL_WAIT", "READ_TIMEOUT",
})  # fmt: skip


def run_crawl(
    *,
    provinces: Sequence[str] = (),
    portals: Sequence[str] = (),
    registry: str | None = None,
    archive: str = "./archive",
    years: str | None = None,
    recheck: str = "due",
    until: str | None = None,
    settings: Mapping[str, Any] | None = None,
    verbose: bool = False,
) -> dict[str, Any]:
    """Runs the spider in this process and gives the run summary (contract §4).

    Raises ``UsageError`` before anything is asked of a portal, where the call is wrong.
    """
    if until is not None:
        Until.parse(until)
    check_call(provinces, portals, registry, archive, years)
    crawler = in_this_process(
        {"ARCHIVE": archive, "PORTALS": registry, **(settings or {})},
        verbose,
        province=",".join(provinces),
        portal=",".join(portals),
        years=years,
        recheck=recheck,
        until=until,
    )
    summary: dict[str, Any] | None = crawler.stats.get_value("run/summary")
    if summary is None:
        failure = crawler.stats.get_value("run/failure")
        if failure is None and crawler.spider is not None and crawler.stats.get_value("finish_reason") is None:
            raise KeyboardInterrupt  # a second Ctrl-C ends a run that was ending, where it stands
        raise (
            failure
            if isinstance(failure, NianbaoError)
            else ArchiveError("the run ended without a summary: see its log")
        )
    return summary


@dataclass(frozen=True, slots=True)
class Discovered:
    """What discovery found on one portal."""

    portal: Portal
    columns: tuple[Candidate, ...]
    platform: str | None
    undecided: tuple[str, ...]
    foreign: tuple[str, ...]
    reason: str | None


def run_discovery(
    *,
    provinces: Sequence[str] = (),
    portals: Sequence[str] = (),
    registry: str | None = None,
    settings: Mapping[str, Any] | None = None,
    verbose: bool = False,
) -> list[Discovered]:
    """Looks for the annual-report columns of the chosen portals from their home pages; keeps nothing."""
    with tempfile.TemporaryDirectory(prefix="nianbao-discover-") as folder:
        check_call(provinces, portals, registry, folder, None)
        crawler = in_this_process(
            {"ARCHIVE": folder, "PORTALS": registry, **(settings or {})},
            verbose,
            province=",".join(provinces),
            portal=",".join(portals),
            columns_only=True,
        )
    spider: Any = crawler.spider
    found = []
    for watch in spider.ledger.watches.values():
        read = [c for c in watch.candidates if not watch.tally.columns[identity(c.url)].failed]
        names = [name for t in watch.tally.columns.values() for name in t.failed.values()]
        reason = str(watch.blocked or ", ".join(names) or "no link on the home page leads to one")
        tally = watch.tally
        found.append(
            Discovered(
                watch.portal,
                tuple(read),
                watch.platform,
                tuple(tally.undecided),
                tuple(tally.foreign),
                None if read else reason,
            )
        )
    return found


def in_this_process(
    settings: Mapping[str, Any], verbose: bool, spider: type[Spider] | None = None, **arguments: Any
) -> Crawler:
    """A spider, ``annual_reports`` where none is given, in this process to its end."""
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.utils.project import get_project_settings

    from spiders.annual_reports import AnnualReportsSpider

    options = get_project_settings()
    options.setmodule("crawler.settings", priority="project")
    options.set("LOG_LEVEL", "INFO" if verbose else "WARNING", priority="cmdline")
    options.update(dict(settings), priority="cmdline")
    logging.captureWarnings(True)
    logformat.install(options)
    process = AsyncCrawlerProcess(options)
    crawler = process.create_crawler(spider or AnnualReportsSpider)
    process.crawl(crawler, **arguments)
    process.start()
    return crawler


def check_settings(settings: Mapping[str, str]) -> None:
    """Raises ``UsageError`` for a value that is not of the kind its setting has by default."""
    from scrapy.settings import BaseSettings
    from scrapy.utils.project import get_project_settings

    options = get_project_settings()
    options.setmodule("crawler.settings", priority="project")
    kinds = {name: type(options.get(name)) for name in settings}
    for name, kind in kinds.items():
        wrong = None
        try:
            options.set(name, settings[name], priority="cmdline")
            if issubclass(kind, bool):
                options.getbool(name)
            elif issubclass(kind, float) or name in IN_SECONDS:
                wrong = None if 0 <= options.getfloat(name) < math.inf else "a number from 0 is wanted"
            elif issubclass(kind, int):
                options.getint(name)
            elif issubclass(kind, Mapping | BaseSettings):
                options.getdict(name)
            elif name == "LOG_LEVEL" and settings[name] not in logging.getLevelNamesMapping():
                wrong = f"one of {', '.join(logging.getLevelNamesMapping())}"
        except ValueError as error:
            wrong = str(error)
        if wrong is not None:
            raise UsageError(f"-s {name}={settings[name]}: {wrong}")


def check_call(
    provinces: Sequence[str], portals: Sequence[str], registry: str | None, archive: str, years: str | None
) -> None:
    """Everything that can be known to be wrong before a crawl, as ``UsageError``."""
    registries.select(registries.load(Path(registry) if registry else None), provinces, portals)
    span(years)
    try:
        open_archive(archive, create=True)
    except ArchiveError as error:
        raise UsageError(str(error)) from error


def exit_code(summary: Mapping[str, Any]) -> int:
    """0 when every portal is complete, 1 when one is not, 130 when the run was interrupted."""
    if summary.get("interrupted"):
        return 130
    return 0 if all(portal["status"] == "ok" for portal in summary["portals"].values()) else 1
