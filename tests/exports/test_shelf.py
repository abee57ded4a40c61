"""Where reports stand, from a file, is where they stand from memory; and memory holds one portal."""

from __future__ import annotations

import random
import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.items import STANDING, Sighting
from storage.locations import whereabouts
from storage.shelf import Shelf
from tests.exports.conftest import START

OUTCOMES = ("new", "revised", "unchanged", "listed", "missing", "gone", "collision", "timeout", "attachment")


def portal_lines(chance: random.Random, portal: str, nights: int) -> list[Sighting]:
    lines = []
    for night in range(nights):
        time = START + timedelta(days=night, minutes=chance.randrange(600))
        for _ in range(4):
            time += timedelta(minutes=1)
            page, report = chance.randrange(4), chance.randrange(6)
            line = Sighting(
                f"run-{night}", portal, time, f"http://{chance.choice(('www.mou', f'www.{portal}'))}.gov.cn/{page}.html",
                chance.choice(OUTCOMES), report_id=f"r{report}", version=chance.randrange(1, 4),
                index_number=(None, "A/2023-00012", "B/2023-00013", "B/2023-00013")[page],
            )  # fmt: skip
            short = line.outcome in ("listed", "missing") and chance.random() < 0.5
            lines.append(replace(line, report_id=None, version=None, index_number=None) if short else line)
        if chance.random() < 0.5:
            lines.append(Sighting(f"run-{night}", portal, time + timedelta(hours=1), "http://x.gov.cn/", STANDING))
    return lines


@pytest.mark.parametrize("seed", range(60))
def test_from_a_file_and_from_memory_reports_stand_at_the_same_places(seed: int) -> None:
    chance = random.Random(seed)
    lines = [line for portal in ("mou", "linhu", "shi") for line in portal_lines(chance, portal, 5)]
    shelf = Shelf()
    for line in lines:
        shelf.add(line)
    shelf.finish()
    expected = whereabouts(lines)
    assert {report: shelf.get(report) for report in expected} == expected
    assert set(shelf.uncertain()) == {report for report, where in expected.items() if where.uncertain}
    assert all(report in shelf for report in expected)
    assert shelf.get("never-seen") is None
    assert "never-seen" not in shelf


def test_memory_holds_one_portal_whatever_there_are() -> None:
    shelf = Shelf()
    tracemalloc.start()
    try:
        for portal in range(360):
            for page in range(40):
                url = f"http://p{portal}.gov.cn/{page}.html"
                shelf.add(Sighting("run", f"p{portal}", START, url, "new", report_id=f"{portal}-{page}", version=1))
        shelf.finish()
        assert shelf.get("1-1") is not None
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 360 * 40 * 300  # gathered all at once they take four times that; the rest is what addresses remember
