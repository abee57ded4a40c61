"""A page of a column, as the tests of lists ask for it."""

from __future__ import annotations

from scrapy.http import HtmlResponse

from crawler.items import Column

COLUMN = Column("http://www.xian.example.gov.cn/zwgk/zfxxgknb/index.html")


def page(body: str, url: str = COLUMN.url) -> HtmlResponse:
    return HtmlResponse(url, body=f"<html><body>{body}</body></html>".encode(), encoding="utf-8")
