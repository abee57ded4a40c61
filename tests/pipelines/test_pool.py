"""The readers beside the reactor."""

from __future__ import annotations

import asyncio
import multiprocessing

from crawler.items import Page
from pipelines.pool import ReaderPool


def test_readers_have_ended_when_the_pool_is_closed() -> None:
    pool = ReaderPool(20.0, workers=2)
    page = Page(url="http://www.muxi.gov.cn/1.html", payload="<p>本年主动公开三十一条。</p>".encode())
    before = set(multiprocessing.active_children())
    assert asyncio.run(pool.read(page)).encoding == "utf-8"
    assert set(multiprocessing.active_children()) > before
    pool.close()
    assert set(multiprocessing.active_children()) <= before
