"""Log lines of what went wrong: one line, never the page itself."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter, LogFormatterResult

from crawler.errors import ArchiveError

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.http import Response
    from twisted.python.failure import Failure


class OneLine(LogFormatter):
    """An archive that fails is told by the command's last line; its traceback is for those who ask (``-v``)."""

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        url = getattr(getattr(getattr(item, "visit", item), "entry", item), "url", "")
        return _line(exception, f"{type(item).__name__} {url}")

    def spider_error(
        self, failure: Failure, request: Request, response: Response | Failure, spider: Spider
    ) -> LogFormatterResult:
        return _line(failure.value, request.url)


def _line(error: BaseException | None, what: str) -> LogFormatterResult:
    level = logging.INFO if isinstance(error, ArchiveError) else logging.ERROR
    return {"level": level, "msg": "%(what)s: %(error)s", "args": {"what": what, "error": error}}
