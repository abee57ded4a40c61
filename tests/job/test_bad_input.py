"""A wrong call is one clear line and exit code 2; nothing is asked of a portal."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.samples import SampleSite
from tests.job.conftest import Nianbao

pytestmark = pytest.mark.parametrize("site", [["beiling"]], indirect=True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--portals", "/nowhere/at/all"], "no folder"),
        (["--province", "Atlantis"], "Atlantis"),
        (["--portal", "beilin"], "beiling"),
        (["--years", "sometime"], "--years"),
        (["--years", "2024-2018"], "2024"),
        (["-s", "NOTHING"], "NAME=VALUE"),
        (["--recheck", "sometimes"], "recheck"),
        (["--archive", "ftp://example.org/x"], "s3://bucket/prefix"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_2(site: SampleSite, nianbao: Nianbao, words: list[str], says: str) -> None:
    registry = [] if "--portals" in words else ["--portals", str(nianbao.registry)]
    done = nianbao("crawl", *registry, *words, expect=2)
    assert says in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert site.requests["beiling"] == []


def test_a_fault_in_the_registry_is_named_by_file_line_and_key(site: SampleSite, nianbao: Nianbao) -> None:
    file = next(nianbao.registry.glob("*.toml"))
    file.write_text(file.read_text() + 'colour = "red"\n')
    line = len(file.read_text().splitlines())
    assert f"{file.name}:{line}: colour" in nianbao("crawl", "--portals", str(nianbao.registry), expect=2).stderr
    assert f"{file.name}:{line}: colour" in nianbao("portals", "check", str(nianbao.registry), expect=1).stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_archive_that_cannot_be_written(site: SampleSite, nianbao: Nianbao, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    closed = replace(nianbao, archive=str(tmp_path / "closed" / "archive"))
    assert "closed" in closed("crawl", "--portals", str(closed.registry), expect=2).stderr


def test_an_archive_that_is_a_file(site: SampleSite, nianbao: Nianbao, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = replace(nianbao, archive=str(tmp_path / "file"))("crawl", "--portals", str(nianbao.registry), expect=2)
    assert len(done.stderr.strip().splitlines()) == 1


def test_asking_an_archive_that_is_not_there(site: SampleSite, nianbao: Nianbao, tmp_path: Path) -> None:
    for words in (["reports"], ["show", "abc"], ["export", "--format", "jsonl"], ["verify"], ["coverage"], ["rebuild"]):
        done = replace(nianbao, archive=str(tmp_path / "none"))(*words, expect=2)
        assert "crawl into it first" in done.stderr


def test_files_that_cannot_be_read_do_not_stop_the_others(site: SampleSite, nianbao: Nianbao, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "<html><body><h1>某县2020年政府信息公开工作年度报告</h1><p>正文。</p></body></html>"
    )
    (tmp_path / "empty.html").write_bytes(b"")
    done = nianbao("read", str(tmp_path / "page.html"), str(tmp_path / "none.html"), "--json", expect=1)
    assert json.loads(done.stdout)["title"] == "某县2020年政府信息公开工作年度报告"
    assert "none.html" in done.stderr


def test_interrupted_it_stops_cleanly_and_the_same_command_goes_on(site: SampleSite, nianbao: Nianbao) -> None:
    slowly = nianbao.start("-s", "DOWNLOAD_DELAY=1")
    while len(site.requests["beiling"]) < 8:
        time.sleep(0.05)
    slowly.send_signal(signal.SIGINT)
    out, err = slowly.communicate(timeout=30)
    assert slowly.returncode == 130, err
    assert json.loads(out)["interrupted"]
    asked = [request.path for request in site.requests["beiling"] if "c00_" in request.path]
    site.requests["beiling"].clear()
    assert nianbao.crawl()["portals"]["beiling"]["status"] == "ok"
    again = [request.path for request in site.requests["beiling"] if request.path in asked]
    assert len(again) <= 2
