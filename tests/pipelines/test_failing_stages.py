"""Whatever fails between a page and the archive costs that page or ends the run in one line; the same command resumes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.job.conftest import Nianbao
from tests.job.world import Answer, Article, World, world
from tests.servers.proxy import Proxy

ROOT = Path(__file__).parents[2]
AGENCIES = ("财政局", "教育局", "水利局", "林业局", "民政局", "司法局")

# Pages whose title says so defeat the reader, each in its own way.
POISON = """
import os, signal, time
import pipelines.reading
import pipelines.pool

read_well = pipelines.reading.read

def read(page, parts=()):
    text = page.payload.decode()
    if "致命局" in text:
        os._exit(3)
    if "沉睡局" in text:
        while True:
            time.sleep(0.05)
    if "僵死局" in text:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(60)
    if "饕餮局" in text:
        bytearray(8 << 30)
    if "错乱局" in text:
        raise ValueError("no such thing")
    if "深渊局" in text:
        deeper = lambda: deeper()
        deeper()
    return read_well(page, parts)

pipelines.reading.read = pipelines.pool.read = read
pipelines.pool.GRACE = 1.0
"""


def article(agency: str, new: int) -> Article:
    text = [
        "一、总体情况",
        f"2023年，{agency}坚持以公开为常态，围绕群众关心的事项主动公开各类信息，回应社会关切。",
        "二、收到和处理政府信息公开申请情况",
        f"全年共收到信息公开申请{new}件，均在法定期限内答复，没有结转下年度继续办理的申请。",
    ]
    return Article(f"{agency}2023年政府信息公开工作年度报告", agency, text, labels={"发布机构": agency})


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as running:
        site = running.site("fragile", "脆弱县人民政府")
        for number, agency in enumerate(AGENCIES, 1):
            site.add(f"/{number}.html", article(f"脆弱县{agency}", number))
        yield running


@pytest.fixture
def nianbao(it: World, tmp_path: Path) -> Nianbao:
    return Nianbao(it.write_registry(tmp_path / "registry"), str(tmp_path / "archive"), it.environment)


def has_everything(nianbao: Nianbao) -> None:
    """The same command resumes: the archive ends like one that nothing befell."""
    nianbao.crawl()
    expected = [f"脆弱县{agency}2023年政府信息公开工作年度报告" for agency in AGENCIES]
    records = nianbao.records("--all-versions")
    assert sorted(r["title"] for r in records if "档案局" not in r["title"]) == sorted(expected)
    assert {(r["version"], len(r["locations"]), r["status"]) for r in records} == {(1, 1, "live")}
    nianbao("verify")


def when_asked_for(it: World, path: str, happens: Callable[[], None]) -> None:
    """Something happens, once, while a page is on its way."""
    site = it.registered[0]
    page, once = site.articles[path], threading.Lock()

    def body(view: int) -> bytes:
        if once.acquire(blocking=False):
            happens()
        return page.page(view)

    site.answers[path] = Answer(body)


def ends_in_one_line(nianbao: Nianbao, *words: str) -> str:
    done = nianbao("crawl", "--portals", str(nianbao.registry), "--recheck", "all", *words, expect=1)
    lines = done.stderr.strip().splitlines()
    assert lines, done.stdout
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("nianbao: ")
    return lines[0]


def test_a_page_that_defeats_the_reader_costs_that_page_alone(it: World, nianbao: Nianbao, tmp_path: Path) -> None:
    bad = ("致命局", "沉睡局", "僵死局", "饕餮局", "错乱局", "深渊局")
    for number, agency in enumerate(bad, 51):
        it.registered[0].add(f"/{number}.html", article(f"脆弱县{agency}", number))
    (tmp_path / "sitecustomize.py").write_text(POISON, encoding="utf-8")
    paths = os.pathsep.join((str(tmp_path), str(ROOT)))
    poisoned = replace(nianbao, environment={**nianbao.environment, "PYTHONPATH": paths})
    portal = poisoned.crawl("-s", "READ_TIMEOUT=1.5", expect=1)["portals"]["fragile"]
    assert portal["failures"] == {
        "reader_crashed": 2, "reader_timeout": 1, "reader_memory": 1, "reader_failed": 1, "too_deep": 1,
    }  # fmt: skip
    assert (portal["status"], portal["new"], portal["quarantined"]) == ("incomplete", len(AGENCIES), len(bad))
    poisoned("verify")
    kept = list(Path(nianbao.archive).rglob("*.warc.gz"))
    assert len(kept) == len(AGENCIES) + len(bad)
    portal = nianbao.crawl()["portals"]["fragile"]
    assert (portal["status"], portal["new"]) == ("ok", len(bad))
    assert len(nianbao.records()) == len(AGENCIES) + len(bad)


def test_a_revision_the_reader_fails_on_once_is_not_missed(it: World, nianbao: Nianbao, tmp_path: Path) -> None:
    site = it.registered[0]
    site.articles["/1.html"].etag = True
    nianbao.crawl()
    site.articles["/1.html"].text[3] += "错乱局来函一件。"
    (tmp_path / "sitecustomize.py").write_text(POISON, encoding="utf-8")
    paths = os.pathsep.join((str(tmp_path), str(ROOT)))
    replace(nianbao, environment={**nianbao.environment, "PYTHONPATH": paths}).crawl("--recheck", "all", expect=1)
    assert nianbao.crawl("--recheck", "all")["totals"]["revised"] == 1


def test_an_archive_whose_folder_is_lost_under_way_ends_the_run(it: World, nianbao: Nianbao, tmp_path: Path) -> None:
    reports, aside = Path(nianbao.archive, "reports"), tmp_path / "aside"

    def lose() -> None:
        if reports.exists():
            reports.rename(aside)
        reports.write_text("no folder any more")

    when_asked_for(it, "/4.html", lose)
    assert "reports" in ends_in_one_line(nianbao)
    reports.unlink()
    if aside.exists():
        aside.rename(reports)
    has_everything(nianbao)


def test_an_archive_made_read_only_under_way_ends_the_run(it: World, nianbao: Nianbao) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    snapshots = Path(nianbao.archive, "snapshots", "sha256")

    def close() -> None:
        for folder in (snapshots, *snapshots.iterdir()):
            folder.chmod(0o500)

    when_asked_for(it, "/4.html", close)
    assert "EACCES" in ends_in_one_line(nianbao)
    for folder in (snapshots, *snapshots.iterdir()):
        folder.chmod(0o700)
    has_everything(nianbao)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few hundred kilobytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=256k,nr_inodes=400", "none", disk], capture_output=True
        ).returncode
    ):
        pytest.skip("no file system may be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_ends_the_run_and_a_larger_one_goes_on(it: World, nianbao: Nianbao, small_disk: Path) -> None:
    small = replace(nianbao, archive=str(small_disk / "archive"))
    filler = small_disk / "filler"

    def fill() -> None:
        with filler.open("wb") as file:
            try:
                while True:
                    file.write(b"0" * 4096)
                    file.flush()
            except OSError:
                return

    when_asked_for(it, "/4.html", fill)
    assert "No space left" in ends_in_one_line(small)
    filler.unlink()
    has_everything(small)


def test_a_limit_on_the_size_of_files_ends_the_run(it: World, nianbao: Nianbao) -> None:
    site = it.registered[0]
    large = article("脆弱县档案局", 99)
    large.text += [os.urandom(30).hex() for _ in range(4000)]
    site.add("/99.html", large)
    limited = ["import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))",
               "from crawler.cli import main; sys.argv[0] = 'nianbao'; main()"]  # fmt: skip
    words = [sys.executable, "-c", ";".join(limited), "crawl", "--portals", str(nianbao.registry)]
    environment = {**os.environ, **nianbao.environment, "NIANBAO_ARCHIVE": nianbao.archive}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 1, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "EFBIG" in done.stderr
    has_everything(nianbao)


def test_a_store_that_goes_down_under_way_ends_the_run(
    it: World,
    nianbao: Nianbao,
    bucket: Callable[[str | Proxy], str],
    proxy: Proxy,
) -> None:
    uri = f"s3://{bucket(proxy)}/archive"
    settings = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    environment = {**nianbao.environment, **settings, "no_proxy": "127.0.0.1", "AWS_MAX_ATTEMPTS": "2"}
    remote = replace(nianbao, archive=uri, environment=environment)

    def go_down() -> None:
        proxy.every = 1

    when_asked_for(it, "/4.html", go_down)
    assert uri in ends_in_one_line(remote)
    proxy.every = 0
    has_everything(remote)


def test_an_archive_damaged_before_the_run_begins_is_said_in_one_line(nianbao: Nianbao) -> None:
    nianbao.crawl()
    next(Path(nianbao.archive, "sightings").rglob("*.gz")).write_bytes(b"no gzip")
    assert "sightings/fragile/" in ends_in_one_line(nianbao)
