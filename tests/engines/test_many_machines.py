"""Three workers, of which one loses its power and one its network: the archive is as if one machine had made it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.engines.hosts import HUB, WEB, Machines, machines, namespaces_missing
from tests.spacing import too_close

pytestmark = pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="no Dask here")

ROOT = Path(__file__).parents[2]
WORKERS = ("one", "two", "three")
PORTALS = ("lanxi", "linyuan", "lanxi-scjg")
DELAY = 0.5  # the one that is cut off is still at it when another has its portal
BUCKET = "nianbao-machines"
# Leases and connections that outlive nobody for long; and every worker says who it is.
SITE = """
import datetime, os
import crawler.settings, storage.leases
storage.leases.LASTS = datetime.timedelta(seconds=6)
storage.leases.RENEWED_EVERY = 1.5
storage.leases.SKEW = datetime.timedelta(seconds=1)
crawler.settings.USER_AGENT = os.environ.get("TEST_HOST", "nobody")
"""
SCHEDULER = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "5s"}  # five minutes by default
AWS = {
    "AWS_ACCESS_KEY_ID": "loopback",
    "AWS_SECRET_ACCESS_KEY": "loopback-only",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True)
class Visit:
    """One request, as a portal saw it."""

    portal: str
    host: str
    time: float
    at_once: int


@dataclass
class Cluster:
    """Scheduler, archive, portals and workers, up and running."""

    machines: Machines
    folder: Path
    environment: dict[str, str]
    engine: str

    def visits(self) -> list[Visit]:
        lines = (self.folder / "visits.jsonl").read_text().splitlines()
        return sorted((Visit(*json.loads(line)) for line in lines), key=lambda visit: visit.time)

    def start(self, host: str, name: str, *words: str) -> subprocess.Popen[bytes]:
        command = (sys.executable, "-m", "crawler.cli", *words)
        return self.machines.start(host, name, *command, environment={**self.environment, "TEST_HOST": host})

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def worker(self, host: str) -> None:
        inner = self.machines.inner(host)
        self.machines.start(
            host,
            f"worker-{host}",
            *(sys.executable, "-m", "distributed.cli.dask_worker", self.scheduler, "--nthreads", "2", "--no-nanny"),
            *("--no-dashboard", "--name", host, "--host", inner),
            environment={**self.environment, "TEST_HOST": host},
        )

    @property
    def alone(self) -> str:
        """The archive of one machine."""
        return str(self.folder / "alone")

    @property
    def scheduler(self) -> str:
        return self.engine.replace("dask:", "tcp:")


def wait_for(what: Callable[[], Any], seconds: float = 40) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


@pytest.fixture(params=["namespaces", "processes"])
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cluster]:
    missing = namespaces_missing()
    if request.param == "namespaces" and missing is not None:
        pytest.skip(missing)
    if request.param == "processes" and missing is None:
        pytest.skip("there are namespaces here, which show more")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE)
    environment = {"PYTHONPATH": os.pathsep.join((str(tmp_path / "site"), str(ROOT))), **SCHEDULER, **AWS}
    with machines(request.param, tmp_path, (HUB, WEB, *WORKERS)) as made:
        python = (sys.executable, "-m")
        hub, web = made.inner(HUB), made.outer(WEB)
        made.start(HUB, "s3", *python, "moto.server", "-H", hub, "-p", "0")
        made.start(
            HUB, "scheduler", *python, "distributed.cli.dask_scheduler", "--host", hub, "--port", "0",
            "--no-dashboard", environment=environment,
        )  # fmt: skip
        made.start(
            WEB, "portals", *python, "tests.engines.portals", web, str(tmp_path), str(DELAY), *PORTALS,
            environment={"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        running = Cluster(made, tmp_path, environment, "")
        s3 = wait_for(lambda: re.search(r"Running on (http://\S+)", running.log("s3")))[1]
        environment["AWS_ENDPOINT_URL_S3"] = s3
        at = wait_for(lambda: re.search(r"Scheduler at:\s+tcp://(\S+)", running.log("scheduler")))[1]
        running.engine = f"dask://{at}"
        for host in WORKERS:
            running.worker(host)
        wait_for((tmp_path / "portals-are-up").exists)
        hasty = ("--portals", str(tmp_path / "hasty"), "--archive", running.alone)
        alone = running.start(WEB, "alone", "crawl", *hasty)
        make_bucket = f"import boto3; boto3.client('s3').create_bucket(Bucket={BUCKET!r})"
        assert made.start(HUB, "bucket", sys.executable, "-c", make_bucket, environment=environment).wait(60) == 0
        assert alone.wait(60) == 0, running.log("alone")
        yield running


def works(exported: str) -> set[tuple[Any, ...]]:
    """What two archives of the same portals must agree on."""
    records = [json.loads(line) for line in exported.splitlines() if line.startswith("{")]
    return {
        (r["report_id"], r["version"], tuple(r["changed"]), r["title"], r["body_digest"],
         r["attachments_digest"], tuple(sorted(place["url"] for place in r["locations"])))
        for r in records
    }  # fmt: skip


def test_a_worker_killed_and_a_worker_cut_off_leave_the_archive_one_machine_would(cluster: Cluster) -> None:
    registry, archive = str(cluster.folder / "registry"), f"s3://{BUCKET}/archive"
    summary = cluster.folder / "summary.json"
    crawl = cluster.start(
        HUB, "crawl", "crawl", "--portals", registry, "--archive", archive, "--engine", cluster.engine,
        "--summary", str(summary),
    )  # fmt: skip

    def at_work() -> dict[str, str] | None:
        """Portal → its worker, once the larger ones have been asked a few times."""
        visits = [visit for visit in cluster.visits() if visit.host in WORKERS]
        begun = all(sum(visit.portal == key for visit in visits) >= 5 for key in PORTALS[:2])
        return {visit.portal: visit.host for visit in visits} if begun else None

    first = wait_for(at_work)
    assert len(set(first.values())) == 3, f"a portal for each worker: {first}"
    killed, cut = first[PORTALS[0]], first[PORTALS[1]]
    cluster.machines.kill(killed)
    cluster.machines.cut(cut)
    lost_at = time.time()
    assert crawl.wait(timeout=90) == 0, cluster.log("crawl")

    visits = [visit for visit in cluster.visits() if visit.host in WORKERS]
    assert any(visit.time > lost_at + DELAY and visit.host == cut for visit in visits), "it crawled on unheard"
    for key in PORTALS:
        asked = [visit for visit in visits if visit.portal == key]
        turns = [asked[0].host, *(after.host for before, after in pairwise(asked) if after.host != before.host)]
        assert len(turns) == len(set(turns)) == (2 if key in PORTALS[:2] else 1), f"{key}: {turns}"
        assert too_close([visit.time for visit in asked], DELAY) == [], key
        assert {visit.at_once for visit in asked} == {1}, key

    result = json.loads(summary.read_text())
    assert {key: portal["status"] for key, portal in result["portals"].items()} == dict.fromkeys(PORTALS, "ok")
    assert set(result["runs"]) == set(PORTALS)

    everything = ("export", "--format", "jsonl", "--kind", "all", "--all-versions", "--archive")
    calls = {
        "of-many": cluster.start(HUB, "of-many", *everything, archive),
        "of-one": cluster.start(WEB, "of-one", *everything, cluster.alone),
        "verify": cluster.start(HUB, "verify", "verify", "--archive", archive),
    }
    for name, call in calls.items():
        assert call.wait(timeout=60) == 0, cluster.log(name)
    of_many, of_one = works(cluster.log("of-many")), works(cluster.log("of-one"))
    assert of_many == of_one
    assert len(of_one) > 40
