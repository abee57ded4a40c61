"""A run that was killed goes on where it was: what it filed is not asked for again, said or not."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from storage import codec, layout, open_archive
from storage.archive import Archive
from storage.jottings.files import ASIDE, UNSAID
from storage.jottings.objects import ObjectJottings
from storage.stores import DirectoryStore
from tests.job.conftest import Nianbao
from tests.job.test_on_s3 import in_bucket
from tests.job.world import Answer, Article, Site, World
from tests.job.world import world as open_world

REPORTS = 24
FILED = 14  # at the least, when the run is killed


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as running:
        yield running


@pytest.fixture
def portal(world: World) -> Site:
    site = world.site("muxi", "木溪县人民政府")
    for number in range(REPORTS):
        agency = f"木溪县第{number + 1}办公室"
        title = f"{agency}2023年政府信息公开工作年度报告"
        files = [("统计表", f"/files/{number}.pdf")] if number % 3 == 0 else []
        site.add(
            f"/gk/{number}.html", Article(title, agency, [f"一、总体情况。本年主动公开{number + 31}条。"], files=files)
        )
        if files:
            site.file(f"/files/{number}.pdf", b"%PDF-1.4 " + f"附表{number}".encode() * 40)
    return site


def test_a_killed_run_repeats_no_more_than_was_under_way(world: World, portal: Site, tmp_path: Path) -> None:
    registry = world.write_registry(tmp_path / "registry")
    entries = registry / "33-zhejiang.toml"
    entries.write_text(entries.read_text(encoding="utf-8").replace("delay = 0.0", "delay = 0.1"), encoding="utf-8")
    nianbao = Nianbao(registry, str(tmp_path / "archive"), world.environment)
    process = nianbao.start()
    deadline = time.monotonic() + 60
    while len(versions(nianbao)) < FILED and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    filed = len(versions(nianbao))
    assert FILED <= filed < REPORTS
    lose_pointers_of_what_was_not_said(nianbao.archive)  # it might have been killed among them
    assert nianbao.crawl()["portals"]["muxi"]["status"] == "ok"
    asked = Counter(path for _, path in world.requests if path.startswith("/gk/"))
    assert len(asked) == REPORTS
    assert asked.total() - REPORTS <= 3, world.requests
    records = nianbao.records()
    assert len(records) == REPORTS
    assert all(record["version"] == 1 and len(record["locations"]) == 1 for record in records)
    assert sum(len(record["attachments"]) for record in records) == REPORTS // 3
    nianbao("verify")
    before = len(world.requests)
    nianbao.crawl()  # the state is whole: lists alone
    assert all(path in (portal.column, "/robots.txt", "/") for _, path in world.requests[before:])


def test_what_a_killed_run_kept_and_had_no_time_to_read_is_not_asked_for_again(
    world: World, portal: Site, tmp_path: Path
) -> None:
    nianbao = Nianbao(world.write_registry(tmp_path / "registry"), str(tmp_path / "archive"), world.environment)
    process = nianbao.start()  # without a delay all pages come before a few are read
    while not versions(nianbao) and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    process.wait()
    filed, waiting = len(versions(nianbao)), unread(nianbao.archive)
    assert filed + 4 < len(waiting)
    before = len(world.requests)
    summary = nianbao.crawl()["portals"]["muxi"]
    asked = Counter(path for _, path in world.requests if path.startswith(("/gk/", "/files/")))
    assert (summary["status"], summary["errors"]) == ("ok", 0)
    assert {path: asked[path] for path in waiting} == dict.fromkeys(waiting, 1)
    assert summary["requests"] == len(world.requests) - before
    records = nianbao.records()
    assert len(records) == REPORTS
    assert all(record["version"] == 1 and len(record["locations"]) == 1 for record in records)
    nianbao("verify")
    assert not list(Path(nianbao.archive, UNSAID).glob("*"))


def test_what_waited_for_its_files_when_the_run_was_interrupted_is_not_asked_for_again(
    world: World, portal: Site, tmp_path: Path
) -> None:
    slow = world.site("shanbei", "山背县人民政府")
    home, file = slow.answer("/", 1), portal.answers["/files/0.pdf"]

    def held(seconds: float) -> Callable[[int], bytes]:
        def body(_: int) -> bytes:
            time.sleep(seconds)
            return b"%PDF-1.4"

        return body

    nianbao = Nianbao(world.write_registry(tmp_path / "registry"), str(tmp_path / "archive"), world.environment)
    portal.answers["/files/0.pdf"] = replace(file, body=held(2))
    slow.answers[slow.column] = Answer(held(12))  # the run ends when this has come, long after the other portal is done
    process = nianbao.start()
    while not any(path == "/files/0.pdf" for _, path in world.requests) and process.poll() is None:
        time.sleep(0.02)
    time.sleep(0.5)  # others wait for their files behind it
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    portal.answers["/files/0.pdf"] = file
    slow.answers[slow.column] = home
    summary = nianbao.crawl(expect=1)["portals"]
    assert (summary["muxi"]["status"], summary["muxi"]["new"] > 0) == ("ok", True)
    asked = Counter(path for _, path in world.requests if path.startswith("/gk/"))
    assert asked == dict.fromkeys(portal.articles, 1)


def test_what_a_killed_run_had_of_known_reports_and_no_time_to_read_is_not_asked_for_again(
    world: World, portal: Site, tmp_path: Path
) -> None:
    nianbao = Nianbao(world.write_registry(tmp_path / "registry"), str(tmp_path / "archive"), world.environment)
    nianbao.crawl()
    snapshots = set(Path(nianbao.archive, "snapshots").rglob("*.gz"))
    world.requests.clear()
    process = nianbao.start("--recheck", "all")
    while (len(laid_aside(nianbao.archive)) < 4 or not files_had(nianbao.archive)) and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    process.wait()
    waiting = unread(nianbao.archive)
    assert len(laid_aside(nianbao.archive)) >= 4
    assert files_had(nianbao.archive)
    summary = nianbao.crawl("--recheck", "all")["portals"]["muxi"]
    assert (summary["new"], summary["revised"], summary["errors"]) == (0, 0, 0)
    asked = Counter(path for _, path in world.requests if path.startswith(("/gk/", "/files/")))
    assert len(asked) == REPORTS + REPORTS // 3
    assert {path: asked[path] for path in waiting} == dict.fromkeys(waiting, 1)
    assert (
        set(Path(nianbao.archive, "snapshots").rglob("*.gz")) == snapshots
    )  # nothing is kept of what said nothing new
    assert not list(Path(nianbao.archive, UNSAID).glob("*"))


@pytest.mark.parametrize(("server", "words"), [("directory", ["--recheck", "all"]), ("s3", [])])
def test_a_killed_run_over_known_reports_repeats_no_more_than_was_under_way(
    world: World, portal: Site, tmp_path: Path, request: pytest.FixtureRequest, server: str, words: list[str]
) -> None:
    registry = world.write_registry(tmp_path / "registry")
    nianbao = Nianbao(registry, str(tmp_path / "archive"), world.environment)
    if server == "s3":
        bucket: Callable[[str], str] = request.getfixturevalue("bucket")
        host, port = request.getfixturevalue("moto")
        nianbao = in_bucket(nianbao, bucket(f"http://{host}:{port}"))
        nianbao = replace(nianbao, environment={**nianbao.environment, **world.environment, "no_proxy": "127.0.0.1"})
    nianbao.crawl()
    entries = registry / "33-zhejiang.toml"
    entries.write_text(entries.read_text(encoding="utf-8").replace("delay = 0.0", "delay = 0.1"), encoding="utf-8")
    shown = portal.answer(portal.column, 1).body
    assert isinstance(shown, bytes)
    if not words:
        portal.answers[portal.column] = Answer(shown.replace(b"2024-03-01", b"2024-03-02"))  # so that all are due
    world.requests.clear()
    archive = open_archive(nianbao.archive)
    process = nianbao.start(*words)
    while len(found_as_they_were(archive)) < FILED and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.wait()
    found = found_as_they_were(archive)
    assert FILED <= len(found) < REPORTS
    totals = nianbao.crawl(*words)["totals"]
    assert (totals["new"], totals["revised"]) == (0, 0)
    asked = Counter(path for _, path in world.requests if path.startswith("/gk/"))
    assert len(asked) == REPORTS
    assert {path: asked[path] for path in found} == dict.fromkeys(found, 1)
    nianbao("verify")
    assert not list(archive.store.list(layout.JOTTINGS))  # all of it is said
    assert not list(Path(nianbao.archive, UNSAID).glob("*"))


def files_had(uri: str) -> list[str]:
    return [path for path in unread(uri) if path.startswith("/files/")]


def laid_aside(uri: str) -> list[Path]:
    return list(Path(uri, UNSAID).rglob(f"*{ASIDE}"))


def unread(uri: str) -> set[str]:
    """Paths of the pages that a run kept, to be read in their turn."""
    lines = chain(*(file.read_text().splitlines(keepends=True) for file in Path(uri, UNSAID).rglob("*.unread")))
    return {urlsplit(line.split()[1]).path for line in lines if line.endswith("\n")}


def found_as_they_were(archive: Archive) -> set[str]:
    """Paths of the pages that a run under way looked at and found as they were, said or not."""
    if isinstance(archive.store, DirectoryStore):
        files = (archive.store.root / UNSAID).rglob("*.jsonl")
        jotted = [codec.whole_sightings(file.read_bytes()) for file in files if file.exists()]
    else:
        jotted = [left.sightings for left in ObjectJottings(archive.store).left("muxi", "")]
    said = archive.iter_sightings()
    return {urlsplit(seen.url).path for seen in (*said, *chain(*jotted)) if seen.outcome == "unchanged"}


def lose_pointers_of_what_was_not_said(uri: str) -> None:
    archive = open_archive(uri)
    said = {sighting.report_id for sighting in archive.iter_sightings()}
    unsaid = [version for version in archive.iter_versions() if version.report_id not in said]
    assert unsaid
    for version in unsaid:
        archive.store.delete(layout.pointer_key("body", str(version.reading.body_digest), version.report_id))
        archive.store.delete(layout.pointer_key("report", version.report_id, version.portal))


def versions(nianbao: Nianbao) -> list[Path]:
    return list(Path(nianbao.archive, "reports").rglob("v*.json.gz"))
