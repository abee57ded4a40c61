"""The benchmarks' portals are what the figures say they are: the same each time but for what surrounds a report."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from benchmarks.crawlers import Told, identity
from benchmarks.measuring import measure
from benchmarks.portals import SIZE, Entry, Portals, running


@pytest.fixture(scope="module")
def portals() -> Iterator[Portals]:
    with running(pages=12) as six:
        yield six


def fetched(url: str) -> bytes:
    with urlopen(url) as answer:
        body: bytes = answer.read()
        return body


def test_every_entry_is_served_in_the_size_of_a_real_page(portals: Portals) -> None:
    assert len(portals.entries) == 6 * 12
    for entry in portals.entries[::7]:
        body = fetched(entry.url)
        assert SIZE <= len(body) < 2 * SIZE
        said = re.sub(r"<[^>]*>|\s", "", body.decode("utf-8" if entry.encoding == "utf-8" else "gb18030"))
        assert re.sub(r"\s", "", entry.probe) in said


def test_views_differ_and_turns_differ_more(portals: Portals) -> None:
    url = portals.entries[0].url
    one, two = fetched(url), fetched(url)
    assert one != two
    assert len(one) == len(two)
    portals.turn()
    assert fetched(url) != one


def test_a_correction_changes_what_a_page_says(portals: Portals) -> None:
    (url,) = portals.revise(1)
    before = next(entry for entry in portals.entries if entry.url == url)
    assert before.flags == ()


def test_requests_are_counted_once(portals: Portals) -> None:
    portals.requests()
    fetched(portals.entries[0].url)
    assert portals.requests() == 1
    assert portals.requests() == 0


def test_a_command_is_charged_with_what_it_starts(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.4: pass"
    measured = measure(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"], tmp_path
    )
    assert measured.code == 0
    assert 0.4 <= measured.cpu < measured.seconds + 1


def test_identity_counts_copies_together_and_twins_apart() -> None:
    def entry(url: str, report: str, *flags: str, twin: bool = False) -> Entry:
        return Entry("p", url, report, "", flags, twin, "utf-8")

    entries = [
        entry("1", "a"), entry("2", "a", "copy"), entry("3", "b", twin=True), entry("4", "c", twin=True),
        entry("5", "d", "reused"), entry("6", "e", "reused"), entry("7", "f"),
    ]  # fmt: skip
    right = {e.url: Told(e.report, "", None) for e in entries}
    assert identity(entries, right) == (5, 5)
    by_address = {e.url: Told(e.url, "", None) for e in entries}
    assert identity(entries, by_address) == (4, 5)
    by_number = {**right, "5": Told("n", "", None), "6": Told("n", "", None)}
    assert identity(entries, by_number) == (3, 5)
    assert identity(entries, {}) == (0, 5)
