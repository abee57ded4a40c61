"""One scheduler, two workers, on loopback: the commands as a user calls them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import UsageError
from crawler.samples import SampleSite, serve
from tests.engines.hosts import Machines, machines

pytest.importorskip("distributed", reason="no Dask here")
from crawler.engines import named, on_dask
from crawler.engines.crawling import crawl_on

ROOT = Path(__file__).parents[2]
PORTALS = ("lanxi-scjg", "jpaas", "gkmlpt")


class Dask:
    """A scheduler on a fixed port and its workers; what is killed can be started again."""

    def __init__(self, made: Machines, folder: Path) -> None:
        self.machines = made
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def scheduler(self) -> None:
        program = (sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard")
        self.machines.start("scheduler", "scheduler", *program, "--host", "127.0.0.1", "--port", str(self.port))

    def worker(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        program = (sys.executable, "-m", "distributed.cli.dask_worker", f"tcp://127.0.0.1:{self.port}")
        options = ("--nthreads", "1", "--no-dashboard", "--name", name, "--host", "127.0.0.1")
        environment = {"PYTHONPATH": str(ROOT)}
        return self.machines.start(name, f"worker-{name}", *program, *options, *words, environment=environment)

    @property
    def engine(self) -> str:
        return f"dask://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    folder = tmp_path_factory.mktemp("dask")
    with machines("processes", folder, ()) as made:
        running = Dask(made, folder)
        running.scheduler()
        for name in ("one", "two"):
            running.worker(name)
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    with serve(portals=PORTALS) as running:
        yield running


@pytest.fixture
def registry(site: SampleSite, tmp_path: Path) -> str:
    site.write_registry(tmp_path / "registry", delay=0.0)
    return str(tmp_path / "registry")


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "crawler.cli", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def call(folder: Path, *words: str, expect: int = 0) -> str:
    called = start(folder, *words)
    out, said = called.communicate(timeout=120)
    assert called.returncode == expect, said + out
    assert "Traceback" not in said, said
    return out


def wait_for(what: Callable[[], Any], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_a_crawl_on_workers_gives_the_summary_and_the_archive_of_one_on_this_machine(
    dask: Dask, registry: str, tmp_path: Path
) -> None:
    many = json.loads(call(tmp_path, "crawl", "--portals", registry, "--archive", "many", "--json",
                           "--engine", f"{dask.engine}?portals=2"))  # fmt: skip
    one = json.loads(call(tmp_path, "crawl", "--portals", registry, "--archive", "one", "--json"))
    assert list(many["portals"]) == list(one["portals"])
    # Who is first with what two portals publish; when a list was gone through.
    varying = ("bytes", "new", "copies", "collisions", "lists")
    for key, line in one["portals"].items():
        found = {name: value for name, value in many["portals"][key].items() if name not in varying}
        assert found == {name: value for name, value in line.items() if name not in varying}, key
    assert {*one} <= {*many}
    assert [said["portal"] for said in many.get("notices", ())] == [said["portal"] for said in one.get("notices", ())]
    assert many["totals"]["requests"] == one["totals"]["requests"]
    assert len({run for runs in many["runs"].values() for run in runs}) == 2
    runs = [file.stem for file in (tmp_path / "many" / "runs").iterdir()]
    assert sorted(runs) == sorted({run for runs in many["runs"].values() for run in runs})

    reread = ("reread", "--all", "--json", "--archive")
    on_workers = json.loads(call(tmp_path, *reread, "many", "--engine", f"{dask.engine}?portals=1"))
    here = json.loads(call(tmp_path, *reread, "many"))
    assert on_workers == here
    assert here["versions"] == here["same"] > 10


def test_ctrl_c_stops_what_runs_and_begins_with_nothing_more(dask: Dask, site: SampleSite, tmp_path: Path) -> None:
    site.write_registry(tmp_path / "slow", delay=1.0)
    before = {key: len(log) for key, log in site.requests.items()}

    def asked() -> list[str]:
        return [key for key, log in site.requests.items() if len(log) > before[key] + 1]

    crawl = start(tmp_path, "crawl", "--portals", "slow", "--archive", "a", "--json", "--engine", dask.engine)
    wait_for(lambda: len(asked()) == 2)
    crawl.send_signal(signal.SIGINT)
    out, said = crawl.communicate(timeout=60)
    assert crawl.returncode == 130, said
    summary = json.loads(out)
    assert summary["interrupted"] is True
    unfinished = [line for line in summary["portals"].values() if line["status"] != "ok"]
    assert {line["reason"] for line in unfinished} == {"interrupted"}
    assert any(line["requests"] for line in unfinished), "one was at work"
    assert not all(line["requests"] for line in unfinished), "one had no turn"
    assert not list((tmp_path / "a" / "leases").rglob("*.json")), "every portal was given back"


def test_a_lost_scheduler_that_comes_back_ends_the_crawl_as_if_nothing_had_been(
    dask: Dask, site: SampleSite, tmp_path: Path
) -> None:
    site.write_registry(tmp_path / "slow", delay=0.3)
    before = sum(map(len, site.requests.values()))
    crawl = start(tmp_path, "crawl", "--portals", "slow", "--archive", "a", "--json", "--engine", dask.engine)
    wait_for(lambda: sum(map(len, site.requests.values())) > before + 6)
    dask.machines.kill("scheduler")
    workers = [process for name in ("one", "two") for process in dask.machines.running.pop(name)]
    dask.scheduler()
    for worker in workers:  # they end by themselves; whoever keeps them running starts them again
        assert worker.wait(timeout=60) == 0
    for name in ("one", "two"):
        dask.worker(name)
    out, said = crawl.communicate(timeout=90)
    assert crawl.returncode == 0, said + out
    assert "is lost" in said
    assert {line["status"] for line in json.loads(out)["portals"].values()} == {"ok"}


def test_what_is_wrong_with_the_call_is_said_before_anything_is_handed_out(dask: Dask, registry: str) -> None:
    with pytest.raises(UsageError, match="PORTAL_WAIT takes seconds"):
        crawl_on(dask.engine, registry=registry, archive=f"{registry}-archive", settings={"PORTAL_WAIT": "soon"})


def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_dask, "REACHED_IN", 0.5)
    with pytest.raises(UsageError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        on_dask.DaskEngine(named("dask://127.0.0.1:1"), "job", alone=False)
