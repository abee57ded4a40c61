"""The progress table on a terminal, and nowhere else."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

ROWS = 12  # portals shown at once: those at work


class Progress:
    """A row for each portal at work: found, new, revised, unchanged, failed, rate, time left."""

    def __init__(self, crawler: Crawler) -> None:
        from rich.console import Console
        from rich.live import Live

        self.crawler = crawler
        self.started = monotonic()
        self.live = Live(console=Console(stderr=True), refresh_per_second=4, transient=True, get_renderable=self._table)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        if not sys.stderr.isatty():
            raise NotConfigured
        extension = cls(crawler)
        crawler.signals.connect(extension.opened, signals.spider_opened)
        crawler.signals.connect(extension.closed, signals.spider_closed)
        return extension

    def opened(self) -> None:
        self.live.start()

    def closed(self) -> None:
        self.live.stop()

    def _table(self) -> Any:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("portal")
        for name in ("found", "new", "revised", "unchanged", "failed", "per s", "left"):
            table.add_column(name, justify="right")
        ledger: Any = getattr(self.crawler.spider, "ledger", None)
        watches = list(ledger.watches.values()) if ledger else []
        at_work = [w for w in watches if not w.quiet]
        elapsed = max(monotonic() - self.started, 0.001)
        for watch in at_work[:ROWS]:
            table.add_row(watch.portal.key, *_figures(watch.counters, elapsed, watch.pending * watch.delay))
        if len(watches) > 1 or not at_work:
            total: dict[str, int] = {}
            for watch in watches:
                for name, value in watch.counters.items():
                    total[name] = total.get(name, 0) + value
            left = max((w.pending * w.delay for w in at_work), default=0.0)
            done = f"{len(watches) - len(at_work)} of {len(ledger.portals) if ledger else 0} portals done"
            table.add_row(done, *_figures(total, elapsed, left), style="bold")
        return table


def _figures(counters: dict[str, int], elapsed: float, left: float) -> tuple[str, ...]:
    count = counters.get
    minutes, seconds = divmod(round(left), 60)
    return (
        str(count("entries", 0)),
        str(count("new", 0)),
        str(count("revised", 0)),
        str(count("unchanged", 0)),
        str(count("errors", 0) + count("quarantined", 0)),
        f"{count('requests', 0) / elapsed:.1f}",
        f"{minutes}:{seconds:02}",
    )
