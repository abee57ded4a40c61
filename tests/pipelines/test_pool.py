"""The readers beside the reactor."""

from __future__ import annotations

import asyncio
import multiprocessing

from crawler.items import Page
from pipelines.pool import ReaderPool, Turns


def test_readers_have_ended_when_the_pool_is_closed() -> None:
    pool = ReaderPool(20.0, workers=2)
    page = Page(url="http://www.muxi.gov.cn/1.html", payload="<p>本年主动公开三十一条。</p>".encode())
    before = set(multiprocessing.active_children())
    assert asyncio.run(pool.read(page)).encoding == "utf-8"
    assert set(multiprocessing.active_children()) > before
    pool.close()
    assert set(multiprocessing.active_children()) <= before


def test_of_the_pages_that_wait_the_most_urgent_is_next_and_no_turn_is_lost() -> None:
    async def order() -> list[str]:
        turns, went, first = Turns(1), list[str](), asyncio.Event()

        async def go(name: str, urgency: float) -> None:
            async with turns.taken(urgency):
                await first.wait()
                went.append(name)

        names = [("first", 0.0), ("short", 1.0), ("long", 9.0), ("given up", 20.0), ("short, later", 1.0)]
        tasks = [asyncio.create_task(go(*each)) for each in names]
        await asyncio.sleep(0)
        tasks[3].cancel()
        first.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        await go("last", 0.0)
        return went

    assert asyncio.run(order()) == ["first", "long", "short", "short, later", "last"]
