"""Log lines of what went wrong: one line, never the page itself; with ``LOG_JSON`` every line of the log is JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.logformatter import LogFormatter, LogFormatterResult
from scrapy.utils.log import get_scrapy_root_handler

from crawler.errors import ArchiveError

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import Settings
    from twisted.python.failure import Failure


class OneLine(LogFormatter):
    """An archive that fails is told by the command's last line; its traceback is for those who ask (``-v``)."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if crawler.settings.getbool("LOG_JSON"):
            # Scrapy makes its handler anew for the crawl's own settings, which is done when the spider is opened.
            crawler.signals.connect(as_json, signals.spider_opened, weak=False)
        return cls()

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        url = getattr(getattr(getattr(item, "visit", item), "entry", item), "url", "")
        return _line(exception, f"{type(item).__name__} {url}")

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """A page that the end of the run has left for the next one."""
        return {"level": logging.INFO, "msg": "%(error)s", "args": {"error": exception}}

    def spider_error(
        self, failure: Failure, request: Request, response: Response | Failure, spider: Spider
    ) -> LogFormatterResult:
        return _line(failure.value, request.url)


def _line(error: BaseException | None, what: str) -> LogFormatterResult:
    level = logging.INFO if isinstance(error, ArchiveError) else logging.ERROR
    return {"level": level, "msg": "%(what)s: %(error)s", "args": {"what": what, "error": error}}


def install(settings: Settings) -> None:
    """Before a process of crawls is made: its log is JSON from the first line on, where ``LOG_JSON`` says so."""
    if not settings.getbool("LOG_JSON"):
        return
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    name = settings.get("LOG_FILE")
    handler: logging.Handler = logging.FileHandler(name, encoding="utf-8") if name else logging.StreamHandler()
    handler.setLevel(settings.get("LOG_LEVEL"))
    handler.setFormatter(JsonLines())
    logging.root.setLevel(logging.NOTSET)
    logging.root.addHandler(handler)


def as_json() -> None:
    """From here on the log that Scrapy's own handler writes is JSON."""
    handler = get_scrapy_root_handler()
    if handler is not None:
        handler.setFormatter(JsonLines())


class JsonLines(logging.Formatter):
    """A line a record: ``time`` (UTC), ``level``, ``logger``, ``message``, the values the message was made of by their
    names, and ``exception`` where there was one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        values = record.args if isinstance(record.args, Mapping) else {}
        line |= {name: _plain(value) for name, value in values.items() if name not in line}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
