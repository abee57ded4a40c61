"""The main job over real HTTP: crawled, archived, exported, crawled again."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.samples import SampleSite
from tests.job.comparing import differences
from tests.job.conftest import Nianbao


def keys(nianbao: Nianbao) -> set[str]:
    root = Path(nianbao.archive)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_everything_the_portals_serve_is_found_and_read(site: SampleSite, nianbao: Nianbao) -> None:
    summary = nianbao.crawl()
    assert {key: portal["status"] for key, portal in summary["portals"].items()} == {p.key: "ok" for p in site.portals}
    assert differences(site.expected(), nianbao.records()) == []
    nianbao("verify")


def test_a_second_crawl_of_unchanged_portals_writes_sightings_and_a_summary(nianbao: Nianbao) -> None:
    nianbao.crawl()
    before, works = keys(nianbao), nianbao.works()
    summary = nianbao.crawl("--recheck", "all")
    assert summary["totals"]["new"] == summary["totals"]["revised"] == 0
    assert {key.split("/")[0] for key in keys(nianbao) - before} == {"sightings", "runs"}
    assert nianbao.works() == works


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
    site: SampleSite, nianbao: Nianbao, portal: str, report: str, what: str, changed: list[str]
) -> None:
    nianbao.crawl()
    before = {r["report_id"]: r for r in nianbao.records()}
    site.revise(portal, report, what)
    summary = nianbao.crawl("--recheck", "all")
    assert summary["totals"]["revised"] == 1
    assert summary["totals"]["new"] == 0
    revised = [r for r in nianbao.records() if r["version"] != before[r["report_id"]]["version"]]
    assert [r["changed"] for r in revised] == [changed]
    nianbao("verify")


def test_what_changes_on_every_visit_is_no_version(site: SampleSite, nianbao: Nianbao) -> None:
    nianbao.crawl()
    works = nianbao.works()
    site.revise("lanxi", "lanxi-gov-2023", "chrome")
    nianbao.crawl("--recheck", "all")
    assert nianbao.works() == works


@pytest.mark.parametrize("after", [1.4])  # seconds; tests/stress kills at 200 other moments
def test_a_crawl_killed_in_the_middle_ends_like_one_that_was_not(
    site: SampleSite, nianbao: Nianbao, tmp_path: Path, after: float
) -> None:
    whole = replace(nianbao, archive=str(tmp_path / "whole"))
    whole.crawl()
    killed = nianbao.start()
    time.sleep(after)
    killed.kill()
    killed.wait()
    nianbao.crawl()
    assert nianbao.works() == whole.works()
    nianbao("verify")


def test_two_crawls_at_once_end_like_one(nianbao: Nianbao, tmp_path: Path) -> None:
    alone = replace(nianbao, archive=str(tmp_path / "alone"))
    alone.crawl()
    both = [nianbao.start(), nianbao.start()]
    for process in both:
        process.communicate(timeout=120)
    assert [process.returncode for process in both] == [0, 0]
    assert nianbao.works() == alone.works()
    nianbao("verify")


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
