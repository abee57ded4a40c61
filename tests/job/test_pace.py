"""Whose turn it is where more is to be done than the cores can do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.job.conftest import Nianbao
from tests.job.world import Article, Site, World
from tests.job.world import world as open_world

SHORT, LONG = 16, 90
PLACES = ("短溪县", "浅溪县", "小溪县", "细溪县", "矮溪县", "轻溪县")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as running:
        yield running


def portal(world: World, key: str, place: str, reports: int) -> Site:
    site = world.site(key, f"{place}人民政府")
    for number in range(reports):
        agency = f"{place}第{number + 1}办公室"
        texts = [f"第{line}项：本年主动公开{number + line}条。" for line in range(60)]
        site.add(f"/gk/{number}.html", Article(f"{agency}2023年政府信息公开工作年度报告", agency, texts))
    return site


def test_with_too_much_to_do_the_portal_that_takes_longest_goes_first(world: World, tmp_path: Path) -> None:
    short = [portal(world, f"duan{number}", place, SHORT) for number, place in enumerate(PLACES)]
    long = portal(world, "chang", "长溪县", LONG)
    nianbao = Nianbao(world.write_registry(tmp_path / "registry"), str(tmp_path / "archive"), world.environment)
    summary = nianbao.crawl("-s", "READERS=1")
    assert [summary["portals"][site.key]["new"] for site in (*short, long)] == [SHORT] * len(short) + [LONG]
    asked = [host for host, path in world.requests if path.startswith("/gk/")]
    last_of_short = max(place for place, host in enumerate(asked) if host != long.host)
    # Asked in turn, the long portal would be at its sixteenth page when the short ones are done.
    assert asked[:last_of_short].count(long.host) > 2 * SHORT
