"""A wrong call is one clear line and exit code 2; nothing is asked of a portal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.samples import SampleSite
from storage import open_archive
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
        (["--summary", "/nowhere/at/all.json"], "/nowhere/at"),
        (["-s", "DOWNLOAD_DELAY=fast"], "DOWNLOAD_DELAY=fast"),
        (["-s", "DOWNLOAD_TIMEOUT=nan"], "DOWNLOAD_TIMEOUT=nan"),
        (["-s", "CONCURRENT_REQUESTS=0.5"], "CONCURRENT_REQUESTS=0.5"),
        (["-s", "ROBOTSTXT_OBEY=maybe"], "ROBOTSTXT_OBEY=maybe"),
        (["-s", "ITEM_PIPELINES=mine"], "ITEM_PIPELINES=mine"),
        (["-s", "LOG_LEVEL=loud"], "INFO"),
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


@pytest.mark.parametrize("command", ["plan", "reports"])
def test_what_is_no_archive_is_said_to_be_none(nianbao: Nianbao, tmp_path: Path, command: str) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "first.txt").write_text("not a report")
    registry = ["--portals", str(nianbao.registry)] if command == "plan" else []
    for place, says in (("letters", "is no archive"), ("letters/first.txt", "first.txt is a file")):
        done = replace(nianbao, archive=str(tmp_path / place))(command, *registry, expect=2)
        assert done.stdout == ""
        assert says in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["reports", "--portal", "../.."], "../.."),
        (["export", "--format", "jsonl", "--portal", ""], "''"),
        (["verify", "--portal", "a/b"], "a/b"),
        (["coverage", "--html", "/nowhere/at/all.html"], "/nowhere/at"),
        (["export"], "--format"),
        (["read", "page.html", "--url", "http://[::1"], "--url"),
        (["plan", "--archive", "ftp://example.org/x"], "s3://bucket/prefix"),
    ],
)
def test_a_wrong_question_is_one_line_and_exit_2(
    site: SampleSite, nianbao: Nianbao, words: list[str], says: str
) -> None:
    open_archive(nianbao.archive, create=True)
    done = nianbao(*words, expect=2)
    assert says in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_nothing_can_be_planned_from_an_archive_that_is_not_there_yet_but_everything_is_new(
    site: SampleSite, nianbao: Nianbao
) -> None:
    planned = json.loads(nianbao("plan", "--portals", str(nianbao.registry), "--json").stdout)
    assert [(portal["last_run"], portal["known"]) for portal in planned["portals"]] == [(None, 0)]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
def test_json_is_utf_8_and_a_table_is_shown_whatever_the_terminal_can_write(
    site: SampleSite, nianbao: Nianbao, encoding: str
) -> None:
    poor = replace(nianbao, environment={"PYTHONIOENCODING": encoding})
    registry = ["--portals", str(nianbao.registry)]
    words = [sys.executable, "-m", "crawler.cli", "portals", *registry]
    environment = {**os.environ, **poor.environment}
    told = subprocess.run([*words, "--json"], capture_output=True, check=True, env=environment)
    assert [portal["key"] for portal in json.loads(told.stdout.decode("utf-8"))] == ["beiling"]
    table = subprocess.run(words, capture_output=True, check=True, env=environment)
    assert b"beiling" in table.stdout


@pytest.mark.parametrize("json_only", [[], ["--json"]])
def test_a_reader_that_has_seen_enough_is_no_fault(site: SampleSite, json_only: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = [sys.executable, "-m", "crawler.cli", "portals", *json_only]
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(words, stdout=gone, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0
    assert "rror" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("json_only", [[], ["--json"]])
def test_a_full_disk_behind_standard_output_is_one_line(
    site: SampleSite, nianbao: Nianbao, json_only: list[str]
) -> None:
    words = [sys.executable, "-m", "crawler.cli", "portals", "--portals", str(nianbao.registry), *json_only]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "No space left" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


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


def test_interrupted_twice_it_ends_where_it_stands_and_says_so(site: SampleSite, nianbao: Nianbao) -> None:
    slowly = nianbao.start("-s", "DOWNLOAD_DELAY=1")
    while len(site.requests["beiling"]) < 2:
        time.sleep(0.05)
    for _ in range(2):
        slowly.send_signal(signal.SIGINT)
        time.sleep(0.1)
    _, err = slowly.communicate(timeout=30)
    assert slowly.returncode in (130, -signal.SIGINT), err  # to a shell both are 130
