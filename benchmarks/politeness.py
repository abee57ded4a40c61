"""The clock runs on politeness alone: 200 portals of different sizes and delays, from one process on loopback.

    python -m benchmarks politeness [--portals 200] [--longest 60]

A run cannot end before its slowest portal: the number of its requests times its delay. Shown is how much later it ends,
and from the portals' own logs how far apart the requests to one portal were and whether two were ever under way at once.
One portal in ten answers slowly, one in twenty drips, one in twenty fails on every other page: none may hold up another.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

ROOT = Path(__file__).resolve().parents[1]
DELAYS = (0.1, 0.2, 0.3, 0.5, 1.0)
PARAGRAPHS = 30


@dataclass
class Tiny:
    """One portal: a column, its articles, and when it was asked."""

    key: str
    articles: int
    delay: float
    manner: str  # quick, slow, dripping, failing
    port: int = 0
    asked: list[float] = field(default_factory=list)
    under_way: int = 0
    at_once: int = 0

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(time.monotonic())
        self.under_way += 1
        self.at_once = max(self.at_once, self.under_way)
        try:
            return await self._answer(request)
        finally:
            self.under_way -= 1

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        if request.path == "/nb/":
            rows = "".join(
                f'<li><a href="/nb/{n}.html">青禾县{self.key}局{2024 - n % 15}年政府信息公开工作年度报告{n}</a></li>'
                for n in range(self.articles)
            )
            return self._page(f'<div class="list"><ul>{rows}</ul></div>')
        number = int(request.path.rpartition("/")[2].removesuffix(".html"))
        if self.manner == "failing" and number % 2:
            return web.Response(status=500)
        if self.manner == "slow":
            await asyncio.sleep(self.delay / 2)
        text = f"<h1>青禾县{self.key}局{2024 - number % 15}年政府信息公开工作年度报告{number}</h1>" + "".join(
            f"<p>第{line}段：{self.key}局第{number}号报告，全年主动公开信息{number * line}条。</p>"
            for line in range(PARAGRAPHS)
        )
        page = self._page(f'<div class="TRS_Editor">{text}</div>')
        if self.manner != "dripping":
            return page
        dripping = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
        await dripping.prepare(request)
        body = page.body
        assert isinstance(body, bytes)
        for start in range(0, len(body), 1 + len(body) // 5):
            await dripping.write(body[start : start + 1 + len(body) // 5])
            await asyncio.sleep(self.delay / 8)
        return dripping

    def _page(self, inside: str) -> web.Response:
        return web.Response(
            text=f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{self.key}</title></head><body>{inside}</body></html>",
            content_type="text/html",
        )

    @property
    def bound(self) -> float:
        """Seconds that its requests take at its delay, whoever sends them."""
        return (len(self.asked) - 1) * self.delay


def portals(count: int, longest: float, seed: int = 20260131) -> list[Tiny]:
    """Sizes as skewed as real ones: most portals small, one that takes ``longest`` seconds."""
    draw = random.Random(seed)
    made = [Tiny("p000", int(longest / 0.5) - 2, 0.5, "quick")]
    for number in range(1, count):
        delay = draw.choice(DELAYS)
        articles = max(1, int(min(draw.lognormvariate(2.3, 0.9), 0.6 * longest / delay)))
        place = number % 20
        manner = {1: "failing", 2: "dripping", 3: "slow", 4: "slow"}.get(place, "quick")
        made.append(Tiny(f"p{number:03}", articles, delay, manner))
    return made


@contextmanager
def serving(tinies: list[Tiny]) -> Iterator[None]:
    """All of them, each on a port of its own, in a thread."""
    loop, up = asyncio.new_event_loop(), threading.Event()

    async def start() -> None:
        for tiny in tinies:
            server = web.Server(tiny.answer)
            listening = await loop.create_server(server, "127.0.0.1", 0, backlog=64)
            tiny.port = listening.sockets[0].getsockname()[1]
        up.set()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        loop.create_task(start())
        loop.run_forever()

    threading.Thread(target=serve, daemon=True).start()
    up.wait()
    yield
    loop.call_soon_threadsafe(loop.stop)


def registry(tinies: list[Tiny], folder: Path) -> None:
    entries = [
        f'[[portal]]\nkey = "{t.key}"\nname = "{t.key}"\ndivision = "330000"\nhome = "http://127.0.0.1:{t.port}/"\n'
        f'columns = ["http://127.0.0.1:{t.port}/nb/"]\ndelay = {t.delay}\n'
        for t in tinies
    ]
    (folder / "33-tiny.toml").write_text(
        "\n".join(['[province]\ncode = "33"\nname = "浙江省"\n', *entries]), encoding="utf-8"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portals", type=int, default=200)
    parser.add_argument("--longest", type=float, default=60.0, help="seconds of the slowest portal")
    given = parser.parse_args()
    tinies = portals(given.portals, given.longest)
    with tempfile.TemporaryDirectory(prefix="nianbao-politeness-") as name, serving(tinies):
        folder = Path(name) / "registry"
        folder.mkdir()
        registry(tinies, folder)
        command = [
            sys.executable, "-m", "crawler.cli", "crawl", "--portals", str(folder), "--archive", f"{name}/archive",
            "-s", "RETRY_TIMES=0", "--json",
        ]  # fmt: skip
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        took = time.monotonic() - started
        summary = json.loads(done.stdout)
    show(tinies, started, took, summary["portals"])
    return 0


def show(tinies: list[Tiny], started: float, took: float, ended: dict[str, dict[str, object]]) -> None:
    slowest = max(tinies, key=lambda tiny: tiny.bound)
    first = min(min(tiny.asked) for tiny in tinies) - started
    last = max(max(tiny.asked) for tiny in tinies) - started
    closest = min((b - a) / tiny.delay for tiny in tinies for a, b in zip(tiny.asked, tiny.asked[1:], strict=False))
    requests = sum(len(tiny.asked) for tiny in tinies)
    right = sum(ended[tiny.key]["status"] == ("incomplete" if tiny.manner == "failing" and tiny.articles > 1 else "ok")
                for tiny in tinies)  # fmt: skip
    rows = (
        ("portals, requests", f"{len(tinies)}, {requests}"),
        ("slowest portal's requests × delay", f"{slowest.bound:.1f} s ({slowest.key}: {slowest.manner})"),
        ("first to last request", f"{last - first:.1f} s, {(last - first) / slowest.bound:.3f} of it"),
        ("before the first request, after the last", f"{first:.1f} s, {took - last:.1f} s"),
        ("whole command", f"{took:.1f} s, {took / slowest.bound:.3f} of it"),
        ("closest two requests to one portal", f"{closest:.2f} of its delay"),
        ("most requests at once to one portal", str(max(tiny.at_once for tiny in tinies))),
        ("portals that ended as they should", f"{right} of {len(tinies)}"),
    )
    sys.stdout.write("| | |\n|---|---|\n" + "".join(f"| {name} | {value} |\n" for name, value in rows))


if __name__ == "__main__":
    sys.exit(main())
