"""Reading a large page beside the crawl: other portals' answers are taken meanwhile.

One page at a time, so that no more than one thread vies with the crawl's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

LARGE = 60_000  # bytes; smaller ones take some 0.1 s at most

Given = ParamSpec("Given")
Read = TypeVar("Read")

_thread = ThreadPoolExecutor(1, "large-pages")


async def read(size: int, reading: Callable[Given, Read], *given: Given.args, **named: Given.kwargs) -> Read:
    """What a reading of a page of so many bytes gives: at once, or from beside the crawl where the page is large."""
    if size < LARGE:
        return reading(*given, **named)
    return await asyncio.get_running_loop().run_in_executor(_thread, lambda: reading(*given, **named))
