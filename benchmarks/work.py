"""How much work reading and judging are, counted and not timed: the same number on every machine.

    python -m benchmarks.work            # the counts beside the budget
    python -m benchmarks.work --write    # what is counted now becomes the budget

Counted are calls made by our own code (Python's and C's functions) and the characters handed to our own regular
expressions, which is where a reader spends its time. Not seen: what lxml and trafilatura do with one call, and how often
an expression backtracks. Counts differ a little from one minor version of Python to the next, so each has its own
budget, in ``tests/benchmarks/budget.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUDGET = ROOT / "tests" / "benchmarks" / "budget.json"
OURS = tuple(f"{ROOT / package}{os.sep}" for package in ("crawler", "pipelines", "spiders", "storage"))
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# Python 3.12 runs these in the frame around them, 3.11 calls them.
INLINED = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})
SCANNING = frozenset({"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"})
TEXT_AT = {"sub": 1, "subn": 1}  # which argument is the text

Counts = dict[str, int]
scanned = 0


class Counting:
    """A compiled regular expression that counts the characters it is given."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self._pattern = pattern

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._pattern, name)
        if name not in SCANNING:
            return found
        at = TEXT_AT.get(name, 0)

        def counted(*given: Any, **named: Any) -> Any:
            global scanned
            text = given[at] if len(given) > at else named["string"]
            place = named.get("pos", given[1] if len(given) > 1 and at == 0 and isinstance(given[1], int) else 0)
            scanned += len(text) - (place if name in ("search", "match", "fullmatch", "finditer", "findall") else 0)
            return found(*given, **named)

        return counted


def count_expressions() -> None:
    """From now on our modules compile to ``Counting``; call before they are imported."""
    compiled = re.compile

    def compile_(pattern: Any, flags: Any = 0) -> Any:
        made = compiled(pattern, flags)
        return Counting(made) if sys._getframe(1).f_code.co_filename.startswith(OURS) else made

    re.compile = compile_


def counted(work: Callable[[], object]) -> Counts:
    """The calls and the scanned characters of some work of ours."""
    calls = 0
    before = scanned

    def profile(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        if event == "c_call":
            calls += frame.f_code.co_filename.startswith(OURS)
        elif event == "call":
            code = frame.f_code
            calls += code.co_filename.startswith(OURS) and code.co_name not in INLINED

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return {"calls": calls, "characters": scanned - before}


# ---------------------------------------------------------------- what is counted


def works() -> Iterator[tuple[str, Callable[[], object]]]:
    """What the budget is about, by name. Everything is invented and the same on every machine."""
    from benchmarks.portals import Anchors, Gbk, Laid, Many
    from crawler.items import Column, Entry, Finding, Page, Portal, Visit
    from pipelines.reading import read, warm_up
    from pipelines.rule import Content, Evidence, Known, Work, judge

    warm_up()
    Many.wanted = 60
    readings = []
    for portal, year in ((Anchors(), 2013), (Anchors(), 2019), (Anchors(), 2023), (Gbk(), 2022)):
        portal.base = "http://www.example.gov.cn"
        report = next(r for r in portal.reports if r.year == year and not r.flags)
        laid = Laid.__new__(Laid)
        laid.portal, laid.pages = portal, {}
        laid.lay_out(report)
        page = Page(
            url=portal.base + report.path,
            payload=laid.pages[report.path][0][1],
            content_type=f"text/html; charset={portal.charset}",
            entry_title=report.title,
        )
        readings.append(read(page))  # what is made once and kept is not counted
        yield f"read {portal.encoding} {year}", partial(read, page)

    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    at = Portal("example", "某县人民政府", "33", "331199", "http://www.example.gov.cn/")
    reading = readings[0]
    found = Finding(
        Visit(at, "plain", Entry(at.home + "art/1.html", "", Column(at.home)), None, None, noon),
        "snapshot", "payload", (), (), "-", reading,
    )  # fmt: skip
    rivals = tuple(
        Known(f"r{number:02}", tuple(Content(f"{number}-{version}", "m", "-") for version in range(6)),
              (Work.of(replace(reading, agency=f"某县第{number}乡人民政府")),) * 6, frozenset({"example.gov.cn"}))
        for number in range(60)
    )  # fmt: skip
    everything = Evidence("example.gov.cn", rivals, rivals, rivals, rivals)
    yield "judge beside 60 reports", partial(judge, found, everything)

    for parts in (20, 80):
        yield f"list beside a script of {parts} parts", partial(_list_beside, parts)


def _list_beside(parts: int) -> None:
    """A page that shows nothing and asks for its list in the midst of a program of so many parts."""
    from scrapy.http import HtmlResponse

    from crawler.items import Column, Fetch
    from spiders import platforms

    program = "".join(
        f'{part}:function(e,t,n){{function g{part}(a,b){{return b.q?a(b,{{x:[1,{{y:"z"}}]}}):null}}var u{part}="/api/{part}/";'
        f't.load=function(p){{return n(3).get(u{part}+"l?page="+p)}};for(var i=0;i<9;i++){{g{part}(e,t[i])}}'
        f'request({{url:u{part}+"list",method:"get",params:{{pageNo:1,kind:\'k{part}\'}}}});}},'
        for part in range(parts)
    )
    page = f"<title>政府信息公开年报</title><div id=app></div><script>(window.parts=[]).push([[0],{{{program}}}]);</script>"
    response = HtmlResponse("http://www.example.gov.cn/nb/", body=page.encode(), encoding="utf-8")
    recognised, _ = platforms.fingerprint(response)
    listing = recognised.listing(response, Column(response.url), Fetch(response.url))
    assert len(listing.more) == parts, listing.more


def count() -> dict[str, Counts]:
    """All counts, in this process; ``count_expressions`` was called before anything of ours was imported."""
    return {name: counted(work) for name, work in works()}


def fresh() -> dict[str, Counts]:
    """All counts, in a process of their own whose sets have one order."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.work", "--count"],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "0"}, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    counts: dict[str, Counts] = json.loads(done.stdout)
    return counts


def budget() -> Mapping[str, Counts] | None:
    """What was recorded for this Python, or ``None``."""
    recorded: Mapping[str, Mapping[str, Counts]] = json.loads(BUDGET.read_text()) if BUDGET.exists() else {}
    return recorded.get(PYTHON)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="record what is counted now")
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.count:
        count_expressions()
        json.dump(count(), sys.stdout)
        return 0
    now, before = fresh(), budget() or {}
    if given.write:
        recorded = json.loads(BUDGET.read_text()) if BUDGET.exists() else {}
        recorded[PYTHON] = now
        BUDGET.write_text(json.dumps(dict(sorted(recorded.items())), indent=1) + "\n")
    sys.stdout.write(f"| Python {PYTHON} | calls | budget | characters | budget |\n|---|--:|--:|--:|--:|\n")
    for name, counts in now.items():
        old = before.get(name, {})
        cells = [f"{each:,}" for kind in ("calls", "characters") for each in (counts[kind], old.get(kind, 0))]
        sys.stdout.write(f"| {name} | {' | '.join(cells)} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
