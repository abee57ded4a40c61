"""Pages of hundreds of kilobytes: what has nothing to do with a list does not hold up its reading, nor the other portals."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator

import pytest

from crawler.items import Fetch
from spiders import aside
from spiders.platforms import PLATFORMS, Platform, by_name
from tests.platforms.pages import COLUMN, page

SIZE = 120_000
ROWS = "".join(f"<li><a href='/art/{n}.html'>西安县{2010 + n}年政府信息公开工作年度报告</a></li>" for n in range(9))
EMPTY = "<div id='app'></div>"
# What an expression that tries every way comes to no end with: found by trying, one for each that did not.
BAIT = {
    "a comment that never ends": "/* ",
    "brackets that are never closed": "[{",
    "functions that are never closed": "function a(b){",
    "calls that are never closed": "$.ajax({",
    "windows that are opened": "window.open('",
    "places that are gone to": "location.href=",
    "rows without an end": "<li><a ",
    "rows that are no tags": "<li ",
    "what happens on scrolling": ".scroll(",
    "loops without an end": "for(var i=1;i<=n;i++)",
    "while loops": "i=0;while(i<",
    "calls a script writes": "onclick=\"go('+u.id+')",
    "what a pager is handed": "pg('list','html',",
    "forms a script makes": "q=new FormData();q.append('a',",
    "clicks": "$('.a').click(",
    "a name": "ab",
    "a pager's name": "pager",
    "records without an end": "<record>",
    "stores without an end": "<datastore ",
    "a search": '"was5/web/search?',
    "numbers": "0a1b2c3d",
}


@pytest.fixture
def patience() -> Iterator[None]:
    """Some hundred times what is needed: only what grows with the square of a page's length takes longer."""

    def over(*_: object) -> None:
        raise AssertionError("no end in sight")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("piece", BAIT.values(), ids=BAIT)
def test_a_script_made_to_hold_up_its_reader_does_not(piece: str, patience: None) -> None:
    bait = f"$.get('/gk/list?page='+n);{piece * (SIZE // len(piece))}"
    found = by_name("plain").listing(page(f"{EMPTY}<script>{bait}</script>"), COLUMN, Fetch(COLUMN.url))
    assert not found.entries
    for platform in PLATFORMS:
        platform.recognise(page(f"{ROWS}<script>{bait}</script>"))


def test_a_table_of_many_agencies_by_years_is_read(patience: None) -> None:
    cells = "".join(f"<td><a href='/d?id={{0}}{year}'>{year}</a></td>" for year in range(2008, 2025))
    names = [f"白鹿县{one}{other}局" for one in "甲乙丙丁戊己庚辛壬癸" for other in "子丑寅卯辰巳午未申酉戌亥"]
    rows = "".join(f"<tr><td>{name}</td>{cells.format(n)}</tr>" for n, name in enumerate(names))
    found = by_name("plain").listing(page(f"<table>{rows}</table>"), COLUMN, Fetch(COLUMN.url))
    assert len(found.columns) == len(names) * 17


@pytest.mark.parametrize("platform", [one for one in PLATFORMS if one.name != "gkmlpt"], ids=lambda one: one.name)
def test_a_picture_that_stands_in_the_page_as_text_does_not_hold_up_its_list(
    platform: Platform, patience: None
) -> None:
    picture = "iVBORw0KGgoAAAANSUhEUgAA/9hAAYABgAAD+"
    body = f"<ul>{ROWS}</ul><img src='data:image/png;base64,{picture * (SIZE // len(picture))}'>"
    assert len(platform.listing(page(body), COLUMN, Fetch(COLUMN.url)).entries) == 9


def test_a_list_the_last_of_many_requests_asks_for_is_asked_for() -> None:
    others = "".join(f"$.getJSON('/api/hits/{n}',draw);" for n in range(300))
    script = f"{others}$.getJSON('/gk/list?page='+page,draw)"
    found = by_name("plain").listing(page(f"{EMPTY}<script>{script}</script>"), COLUMN, Fetch(COLUMN.url))
    assert [one.url.partition("/gk/")[2] for one in found.more] == ["list?page=1"]
    assert found.unread is None


@pytest.mark.parametrize(
    "script",
    [
        "".join(f"$.getJSON('/gk/list/{n}?page='+page,draw);" for n in range(700)),
        f"function load(y){{$.get('/gk/list?unit='+y,draw)}}{''.join(f'load({n});' for n in range(700))}",
    ],
    ids=["one after the other", "a menu"],
)
def test_more_requests_than_are_read_are_not_passed_over_in_silence(script: str) -> None:
    found = by_name("plain").listing(page(f"{EMPTY}<script>{script}</script>"), COLUMN, Fetch(COLUMN.url))
    assert found.more
    assert found.unread == "too_many_questions"


def test_a_large_page_is_read_beside_the_crawl_and_a_small_one_at_once() -> None:
    async def read() -> tuple[threading.Thread, ...]:
        return tuple([await aside.read(size, threading.current_thread) for size in (500, 2_000_000, 3_000_000)])

    small, large, larger = asyncio.run(read())
    assert small is threading.current_thread()
    assert large is larger is not small
