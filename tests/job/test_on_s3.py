"""The whole job on S3: the archive in a bucket ends like the one in a directory."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.samples import SampleSite
from storage.archive import open_archive
from tests.job.conftest import Nianbao
from tests.servers.proxy import Proxy

Bucket = Callable[[str | Proxy], str]


def in_bucket(nianbao: Nianbao, bucket: str) -> Nianbao:
    settings = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    return replace(nianbao, archive=f"s3://{bucket}/archive", environment=settings)


@pytest.mark.parametrize(
    ("site", "server"),
    [(["lanxi-scjg"], "s3"), (["lanxi-scjg"], "s3-without-conditions"), (["lanxi", "lanxi-scjg"], "ceph")],
    indirect=["site"],
)
def test_a_crawl_into_a_bucket_ends_like_one_into_a_directory(
    nianbao: Nianbao, bucket: Bucket, request: pytest.FixtureRequest, server: str
) -> None:
    if server == "ceph":
        where: str | Proxy = request.getfixturevalue("ceph")
    else:
        where = request.getfixturevalue("proxy")
        where.knows_conditions = server == "s3"
    nianbao.crawl()
    remote = in_bucket(nianbao, bucket(where))
    remote.crawl()
    assert remote.works() == nianbao.works()
    before = {listed.key for listed in open_archive(remote.archive).store.list("")}
    if isinstance(where, Proxy):
        where.requests.clear()
    assert remote.crawl("--recheck", "all")["totals"]["new"] == 0
    if isinstance(where, Proxy):  # what says the same as before is neither looked up nor pointed at
        assert not [path for _, path in where.requests if "/index/" in path or "reports" in path]
    new = {listed.key for listed in open_archive(remote.archive).store.list("")} - before
    assert {key.split("/")[0] for key in new} == {"sightings", "runs"}
    remote("verify")


@pytest.mark.parametrize("site", [["beiling"]], indirect=True)
def test_a_bucket_that_does_not_exist_or_refuses_is_one_line(
    site: SampleSite, nianbao: Nianbao, bucket: Bucket, proxy: Proxy, tmp_path: Path
) -> None:
    there = in_bucket(nianbao, bucket(proxy))
    missing = replace(there, archive="s3://no-such-bucket-here/archive")
    done = missing("crawl", "--portals", str(nianbao.registry), expect=2)
    assert "no-such-bucket-here" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    nobody = replace(there, environment={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
    done = nobody("crawl", "--portals", str(nianbao.registry), expect=2)
    assert "credentials" in done.stderr
    assert "loopback-only" not in there("crawl", "--portals", str(nianbao.registry), "-v").stderr
    assert site.requests["beiling"]


@pytest.mark.parametrize("site", [["lanxi"]], indirect=True)
def test_a_store_that_keeps_failing_loses_and_doubles_nothing(nianbao: Nianbao, bucket: Bucket, proxy: Proxy) -> None:
    nianbao.crawl()
    remote = in_bucket(nianbao, bucket(proxy))
    proxy.every = 7
    remote.crawl()
    proxy.every = 0
    assert remote.works() == nianbao.works()
    remote("verify")
