"""Stores to test against: a directory, and three S3 servers that differ in what they promise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import s3
from storage.archive import Archive, open_archive
from storage.stores import DirectoryStore, ObjectStore
from tests.servers.proxy import Proxy

DIRECTORY, MOTO, FORGETFUL, GATEWAY = "directory", "s3", "s3-without-conditions", "ceph"


@pytest.fixture(params=[DIRECTORY, MOTO, FORGETFUL, GATEWAY])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, bucket: Callable[[str | Proxy], str]
) -> Iterator[ObjectStore]:
    """One store of each kind; what is promised, every one of them must keep."""
    if request.param == DIRECTORY:
        directory = DirectoryStore(tmp_path / "archive")
        directory.prepare()
        yield directory
    elif request.param == GATEWAY:
        yield s3.S3Store(bucket(request.getfixturevalue("ceph")), "a/prefix")
    else:
        server: Proxy = request.getfixturevalue("proxy")
        server.knows_conditions = request.param == MOTO
        yield s3.S3Store(bucket(server), "a/prefix")


@pytest.fixture
def faulty(proxy: Proxy, bucket: Callable[[str | Proxy], str], monkeypatch: pytest.MonkeyPatch) -> s3.S3Store:
    """A store on a server that is about to misbehave; probed before that."""
    monkeypatch.setattr(s3, "ATTEMPTS", 3)
    store = s3.S3Store(bucket(proxy))
    assert store.create("runs/first.json", b"{}")
    return store


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive in a directory."""
    return open_archive(str(tmp_path / "archive"), create=True)
