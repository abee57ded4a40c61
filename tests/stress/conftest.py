"""What a stress test counted is printed at the end of the run, whichever worker counted it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.samples import SampleSite, serve
from tests.job.conftest import Nianbao

PORTALS = ["yuanning", "lanxi"]
COUNTED = "counted "


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Iterator[Counter[str]]:
    """Counts of one test, by what was counted."""
    counts: Counter[str] = Counter()
    yield counts
    for what, number in counts.items():
        record_property(COUNTED + what, number)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    totals: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, number in getattr(report, "user_properties", ()):
                if name.startswith(COUNTED) and getattr(report, "when", None) == "teardown":
                    totals[name.removeprefix(COUNTED)] += number
    if totals:
        terminalreporter.section("counts of the stress tests")
        for what, number in sorted(totals.items()):
            terminalreporter.write_line(f"{number:>8}  {what}")


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    with serve(portals=PORTALS) as running:
        yield running


@pytest.fixture(scope="module")
def whole(site: SampleSite, tmp_path_factory: pytest.TempPathFactory) -> Nianbao:
    """An archive whose crawl nobody disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "registry").mkdir()
    site.write_registry(folder / "registry")
    nianbao = Nianbao(folder / "registry", str(folder / "archive"), {})
    nianbao.crawl()
    return nianbao


@pytest.fixture
def nianbao(whole: Nianbao, tmp_path: Path) -> Nianbao:
    """The same registry, an archive that is not there yet."""
    return replace(whole, archive=str(tmp_path / "archive"))
