"""``nianbao reread`` with a later release: a copy of this one whose extractor has another number and reads otherwise."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.samples import SampleSite, serve
from pipelines.reading import EXTRACTOR
from storage import fixity, open_archive

ROOT = Path(__file__).parents[2]
LATER = "nianbao-reader/1001"


@dataclass(frozen=True)
class Release:
    """The command line of this checkout, or of a copy of it."""

    root: Path
    registry: Path
    archive: Path

    def words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "crawler.cli", *words]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "NIANBAO_ARCHIVE": str(self.archive), "PYTHONPATH": str(self.root)}

    def __call__(self, *words: str, expect: int = 0) -> str:
        done = subprocess.run(
            self.words(*words), cwd=self.root, env=self.environment(), capture_output=True, text=True, timeout=200
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    def crawl(self) -> dict[str, Any]:
        done = self("crawl", "--portals", str(self.registry), "--recheck", "all", "--json")
        totals: dict[str, Any] = json.loads(done)["totals"]
        return totals

    def reread(self, *words: str, expect: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self("reread", "--json", *words, expect=expect))
        return found

    def records(self, *words: str) -> list[dict[str, Any]]:
        done = self("export", "--format", "jsonl", "--kind", "all", "--all-versions", *words)
        return [json.loads(line) for line in done.splitlines()]


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    with serve(portals=["lanxi", "yuanning"]) as running:
        yield running


@pytest.fixture(scope="module")
def crawled(site: SampleSite, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """An archive filled by this release."""
    folder = tmp_path_factory.mktemp("crawled")
    (folder / "registry").mkdir()
    site.write_registry(folder / "registry")
    release = Release(ROOT, folder / "registry", folder / "archive")
    release.crawl()
    return release


@pytest.fixture(scope="module")
def later_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose extractor digests bodies and metadata in another way, so that no digest is what it was."""
    root = tmp_path_factory.mktemp("later")
    for package in ("crawler", "pipelines", "spiders", "storage"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    _replaced(root / "pipelines/reading/__init__.py", f'EXTRACTOR = "{EXTRACTOR}"', f'EXTRACTOR = "{LATER}"')
    _replaced(root / "pipelines/reading/digests.py", "hashlib.sha256(text", 'hashlib.sha256("later" .__add__(text)')
    return root


@pytest.fixture
def later(crawled: Release, later_root: Path, tmp_path: Path) -> Release:
    """The later release on a copy of the archive."""
    shutil.copytree(crawled.archive, tmp_path / "archive")
    return Release(later_root, crawled.registry, tmp_path / "archive")


def _replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, path
    path.write_text(text.replace(old, new), encoding="utf-8")


def stored(archive: Path, folder: str) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted((archive / folder).rglob("*")) if path.is_file()}


def test_what_this_extractor_read_is_not_read_again(crawled: Release) -> None:
    found = crawled.reread()
    assert found["versions"] == found["current"] > 10
    assert found["written"] == 0
    assert not (crawled.archive / "readings").exists()


def test_read_again_from_what_is_kept_every_page_says_what_it_said_when_it_was_crawled(crawled: Release) -> None:
    found = crawled.reread("--all")
    assert found["same"] == found["versions"]
    assert found["differ"] == found["failed"] == found["written"] == 0


def test_a_later_extractor_reads_every_version_again_without_the_network(later: Release) -> None:
    before = {(r["report_id"], r["version"]): r for r in later.records()}
    filed = stored(later.archive, "reports"), stored(later.archive, "sightings"), stored(later.archive, "snapshots")
    found = later.reread()
    assert found["written"] == found["versions"] == len(before)
    records = later.records()
    assert {r["extractor"] for r in records} == {LATER}
    own = ("extractor", "body_digest", "metadata_digest")
    for record in records:
        was = before[record["report_id"], record["version"]]
        assert record["body"] is None or record["body_digest"] != was["body_digest"]
        assert {k: v for k, v in record.items() if k not in own} == {k: v for k, v in was.items() if k not in own}
    assert filed == (
        stored(later.archive, "reports"),
        stored(later.archive, "sightings"),
        stored(later.archive, "snapshots"),
    )
    assert list(fixity.verify(open_archive(str(later.archive)))) == []
    assert later.reread()["written"] == 0


def test_after_a_reread_a_crawl_of_unchanged_pages_opens_no_version(later: Release) -> None:
    later.reread()
    before = stored(later.archive, "reports")
    totals = later.crawl()
    assert (totals["new"], totals["revised"]) == (0, 0)
    assert stored(later.archive, "reports") == before
    later("verify")


def test_a_crawl_with_a_later_extractor_before_any_reread_opens_no_version(later: Release) -> None:
    before = stored(later.archive, "reports")
    totals = later.crawl()
    assert (totals["new"], totals["revised"]) == (0, 0)
    assert stored(later.archive, "reports") == before
    found = later.reread()
    assert found["written"] == found["versions"]
    later("verify")


def test_only_what_is_asked_for_is_read_again(later: Release) -> None:
    found = later.reread("--portal", "lanxi")
    assert found["written"] == found["versions"] > 0
    extractors = {(r["portal"], r["extractor"]) for r in later.records()}
    assert extractors == {("lanxi", LATER), ("yuanning", EXTRACTOR)}


def test_a_killed_reread_goes_on_where_it_was(later: Release, tmp_path: Path) -> None:
    whole = Release(later.root, later.registry, tmp_path / "whole")
    shutil.copytree(later.archive, whole.archive)
    whole.reread()
    readings = later.archive / "readings"
    process = subprocess.Popen(
        later.words("reread", "--workers", "1"), cwd=later.root, env=later.environment(), stderr=-3
    )
    for _ in range(2000):
        if readings.exists() and sum(1 for _ in readings.rglob("*.gz")) >= 3:
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    had = sum(1 for _ in readings.rglob("*.gz"))
    found = later.reread()
    assert found["current"] == had > 0
    assert found["written"] + had == found["versions"]
    for folder in ("readings", "index"):
        pairs = [
            {str(Path(key).relative_to(each)): data for key, data in stored(each, folder).items()}
            for each in (later.archive, whole.archive)
        ]
        assert pairs[0] == pairs[1]


def test_what_cannot_be_read_again_is_named_and_keeps_its_reading(later: Release) -> None:
    record = next(r for r in later.records() if r["kind"] == "annual_report")
    (later.archive / record["snapshot"]).unlink()
    found = later.reread(expect=1)
    assert [failure["report_id"] for failure in found["failures"]] == [record["report_id"]]
    assert found["written"] == found["versions"] - 1
    kept = next(r for r in later.records() if r["report_id"] == record["report_id"])
    assert kept["extractor"] == EXTRACTOR
