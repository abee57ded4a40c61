"""One crawl from call to summary: what ``nianbao crawl`` and ``nianbao demo`` share."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crawler.errors import ArchiveError, NianbaoError, UsageError
from spiders import registry as registries
from spiders.years import span
from storage import open_archive


def run_crawl(
    *,
    provinces: Sequence[str] = (),
    portals: Sequence[str] = (),
    registry: str | None = None,
    archive: str = "./archive",
    years: str | None = None,
    recheck: str = "due",
    settings: Mapping[str, Any] | None = None,
    verbose: bool = False,
) -> dict[str, Any]:
    """Runs the spider in this process and gives the run summary (contract §4).

    Raises ``UsageError`` before anything is asked of a portal, where the call is wrong.
    """
    check_call(provinces, portals, registry, archive, years)

    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.utils.project import get_project_settings

    from spiders.annual_reports import AnnualReportsSpider

    options = get_project_settings()
    options.setmodule("crawler.settings", priority="project")
    options.set("ARCHIVE", archive, priority="cmdline")
    options.set("PORTALS", registry, priority="cmdline")
    options.set("LOG_LEVEL", "INFO" if verbose else "ERROR", priority="cmdline")
    options.update(dict(settings or {}), priority="cmdline")
    logging.captureWarnings(True)

    process = AsyncCrawlerProcess(options)
    crawler = process.create_crawler(AnnualReportsSpider)
    process.crawl(crawler, province=",".join(provinces), portal=",".join(portals), years=years, recheck=recheck)
    process.start()
    summary: dict[str, Any] | None = crawler.stats.get_value("run/summary")
    if summary is None:
        failure = crawler.stats.get_value("run/failure")
        raise (
            failure
            if isinstance(failure, NianbaoError)
            else ArchiveError("the run ended without a summary: see its log")
        )
    return summary


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
