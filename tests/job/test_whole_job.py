"""The main job over real HTTP: crawled, archived, exported, crawled again."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.samples import SampleSite, serve
from tests.job.comparing import differences
from tests.job.conftest import Nianbao


@dataclass(frozen=True)
class Crawled:
    """An archive after its first crawl."""

    nianbao: Nianbao
    summary: dict[str, Any]


@pytest.fixture(scope="module")
def core() -> Iterator[SampleSite]:
    """The core sample portals."""
    with serve() as running:
        yield running


@pytest.fixture(scope="module")
def first(core: SampleSite, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """The first crawl of the core portals; to be looked at, and gone on with in a copy."""
    folder = tmp_path_factory.mktemp("first")
    core.write_registry(folder / "registry")
    nianbao = Nianbao(folder / "registry", str(folder / "archive"), {})
    return Crawled(nianbao, nianbao.crawl())


@pytest.fixture
def empty(core: SampleSite, first: Crawled, tmp_path: Path) -> Nianbao:
    """An archive yet to be filled, of portals that are as at the start."""
    core.reset()
    return replace(first.nianbao, archive=str(tmp_path / "archive"))


@pytest.fixture
def again(empty: Nianbao, first: Crawled) -> Nianbao:
    """The archive after the first crawl, of portals that are as at the start."""
    shutil.copytree(first.nianbao.archive, empty.archive)
    return empty


def keys(nianbao: Nianbao) -> set[str]:
    root = Path(nianbao.archive)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_everything_the_portals_serve_is_found_and_read(core: SampleSite, first: Crawled) -> None:
    portals = first.summary["portals"]
    assert {key: portal["status"] for key, portal in portals.items()} == {p.key: "ok" for p in core.portals}
    assert differences(core.expected(), first.nianbao.records()) == []
    first.nianbao("verify")


def test_a_second_crawl_of_unchanged_portals_writes_sightings_and_a_summary(again: Nianbao) -> None:
    before, works = keys(again), again.works()
    summary = again.crawl("--recheck", "all")
    assert summary["totals"]["new"] == summary["totals"]["revised"] == 0
    assert {key.split("/")[0] for key in keys(again) - before} == {"sightings", "runs"}
    assert again.works() == works


def test_a_second_night_costs_the_lists_and_what_is_due(first: Crawled, again: Nianbao) -> None:
    works = again.works()
    second = again.crawl()
    for key, portal in second["portals"].items():
        before = first.summary["portals"][key]
        assert portal["status"] == "ok"
        assert portal["not_due"] + portal["robots"] >= before["entries"] - before["robots"]
        # robots.txt, and further pages of lists that declare nothing
        assert portal["requests"] <= portal["columns"] + 5
    assert again.works() == works
    assert again.crawl("--recheck", "all")["totals"]["revised"] == 0


@pytest.mark.parametrize(
    ("portal", "report", "what", "changed"),
    [
        ("lanxi", "lanxi-gov-2023", "body", ["body"]),
        ("lanxi", "lanxi-gov-2023", "statistics", ["body"]),
        ("linyuan", "linyuan-gov-2023", "metadata", ["metadata"]),
        ("lanxi", "lanxi-gov-2022", "attachment", ["attachments"]),
    ],
)
def test_a_change_by_the_agency_is_one_new_version_that_says_what_changed(
    core: SampleSite, again: Nianbao, portal: str, report: str, what: str, changed: list[str]
) -> None:
    before = {r["report_id"]: r for r in again.records()}
    core.revise(portal, report, what)
    summary = again.crawl("--recheck", "all")
    assert summary["totals"]["revised"] == 1
    assert summary["totals"]["new"] == 0
    revised = [r for r in again.records() if r["version"] != before[r["report_id"]]["version"]]
    assert [r["changed"] for r in revised] == [changed]
    again("verify")


def test_what_changes_on_every_visit_is_no_version(core: SampleSite, again: Nianbao) -> None:
    works = again.works()
    core.revise("lanxi", "lanxi-gov-2023", "chrome")
    again.crawl("--recheck", "all")
    assert again.works() == works


@pytest.mark.parametrize("after", [1.4])  # seconds; tests/stress kills at 200 other moments
def test_a_crawl_killed_in_the_middle_ends_like_one_that_was_not(first: Crawled, empty: Nianbao, after: float) -> None:
    killed = empty.start()
    time.sleep(after)
    killed.kill()
    killed.wait()
    empty.crawl()
    assert empty.works() == first.nianbao.works()
    empty("verify")


def test_two_crawls_at_once_end_like_one(first: Crawled, empty: Nianbao) -> None:
    both = [empty.start(), empty.start()]
    for process in both:
        process.communicate(timeout=120)
    assert [process.returncode for process in both] == [0, 0]
    assert empty.works() == first.nianbao.works()
    empty("verify")


@pytest.mark.parametrize("site", [["yuanning"]], indirect=True)
def test_every_record_leads_back_to_bytes_that_another_program_can_check(nianbao: Nianbao) -> None:
    nianbao.crawl()
    records = nianbao.records()
    files = [
        Path(nianbao.archive) / key for r in records for key in (r["snapshot"], *(a["key"] for a in r["attachments"]))
    ]
    checked = subprocess.run([sys.executable, "-m", "warcio.cli", "check", *files], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    for record in records:
        with (Path(nianbao.archive) / record["snapshot"]).open("rb") as stream:
            response = next(r for r in ArchiveIterator(stream) if r.rec_type == "response")
            payload = response.content_stream().read()
        assert f"sha256:{hashlib.sha256(payload).hexdigest()}" == record["payload_digest"]


@pytest.mark.parametrize("site", [["beiling"]], indirect=True)
def test_the_readers_of_a_killed_crawl_end_with_it(site: SampleSite, nianbao: Nianbao) -> None:
    crawl = nianbao.start()
    while not (readers := descendants(crawl.pid)) or len(site.requests["beiling"]) < 10:
        assert crawl.poll() is None, "it ended too soon"
        time.sleep(0.05)
    crawl.kill()
    crawl.wait()
    end = time.monotonic() + 20
    while (left := [pid for pid in readers if Path(f"/proc/{pid}/cmdline").exists()]) and time.monotonic() < end:
        time.sleep(0.2)
    assert left == []


def descendants(pid: int) -> list[int]:
    """Every process below one, by the kernel's own list."""
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()
    ]
    return children + [below for child in children for below in descendants(child)]
