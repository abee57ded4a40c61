"""The metrics of a run in a file, for the textfile collector of Prometheus' node_exporter."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured

from crawler.errors import UsageError
from crawler.metrics import Counted, Metric, exposition, of_run

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger(__name__)


class Metrics:
    """Writes ``METRICS_FILE`` every ``METRICS_INTERVAL`` seconds and when the run has ended; always whole, never half."""

    def __init__(self, crawler: Crawler, file: Path, interval: float) -> None:
        self.crawler = crawler
        self.file = file
        self.interval = interval
        self.started = time.time()
        self.ended: float | None = None
        self._writing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Metrics:
        name = crawler.settings.get("METRICS_FILE")
        if not name:
            raise NotConfigured
        extension = cls(crawler, Path(name), crawler.settings.getfloat("METRICS_INTERVAL", 15.0))
        crawler.signals.connect(extension.opened, signals.spider_opened)
        crawler.signals.connect(extension.stopped, signals.engine_stopped)
        return extension

    def opened(self) -> None:
        try:
            self.write()
        except OSError as error:
            self.crawler.stats.set_value("run/failure", UsageError(f"METRICS_FILE: {self.file}: {error.strerror}"))
            raise CloseSpider("metrics_file") from error
        self._writing = asyncio.ensure_future(self._write_now_and_then())

    async def stopped(self) -> None:
        """The summary is written by now: it says how each portal ended."""
        if self._writing is None:
            return
        self._writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._writing
        self.ended = time.time()
        self._try()

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self.interval)
            self._try()

    def _try(self) -> None:
        try:
            self.write()
        except OSError as error:  # a crawl is not ended by its metrics
            log.warning("METRICS_FILE: %s: %s", self.file, error)

    def write(self) -> None:
        """The file as of now. Raises ``OSError``."""
        beside = self.file.with_name(f".{self.file.name}.{os.getpid()}")  # node_exporter reads names ending in .prom
        try:
            beside.write_text(exposition(self._metrics()), encoding="utf-8")
            beside.replace(self.file)
        finally:
            beside.unlink(missing_ok=True)

    def _metrics(self) -> list[Metric]:
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        if ledger is None:
            return of_run("", self.started, ())
        summary: dict[str, Any] = self.crawler.stats.get_value("run/summary") or {}
        counted = {
            key: Counted(key, watch.portal.province, dict(watch.counters))
            for key, watch in list(ledger.watches.items())
        }
        for key, figures in summary.get("portals", {}).items():
            numbers = {name: value for name, value in figures.items() if isinstance(value, int)}
            counted[key] = Counted(key, ledger.portals[key].province, numbers, str(figures["status"]))
        complete = bool(summary) and not summary.get("interrupted")
        return of_run(ledger.run, self.started, counted.values(), finished=self.ended, complete=complete)
