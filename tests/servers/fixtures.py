"""Real S3 servers for the tests: moto's, the same behind a proxy that can be told to misbehave, and Ceph's gateway."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from storage import s3
from tests.servers.proxy import Proxy

CEPH = Path(__file__).with_name("ceph.sh")
CEPH_NEEDS = ("ceph-mon", "ceph-mgr", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "uuidgen")


@pytest.fixture(autouse=True)
def _only_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the machine's credentials nor its proxies take part."""
    for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """moto's S3 as a server process of its own."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    log = tmp_path_factory.mktemp("moto") / "log"
    with log.open("w") as file, subprocess.Popen(command, stderr=file, stdout=file) as server:
        try:
            end = time.monotonic() + 60
            while not (found := re.search(r"Running on http://127\.0\.0\.1:(\d+)", log.read_text())):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < end, "moto did not start"
                time.sleep(0.1)
            yield "127.0.0.1", int(found[1])
        finally:
            server.kill()


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a Ceph gateway: one for the whole test session, whatever the number of workers."""
    absent = [program for program in CEPH_NEEDS if shutil.which(program) is None]
    if absent:
        pytest.skip(f"no Ceph here: {', '.join(absent)} not installed")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    endpoint, users, folder = shared / "ceph-endpoint", shared / "ceph-users", shared / "ceph"
    with (shared / "ceph-turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not endpoint.exists():
            gateway, monitor = _free_ports(2)
            subprocess.run([CEPH, "up", folder, str(gateway), str(monitor)], check=True, timeout=180)
            endpoint.write_text(f"http://127.0.0.1:{gateway}")
        users.write_text(str(int(users.read_text() if users.exists() else 0) + 1))
    yield endpoint.read_text()
    with (shared / "ceph-turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        left = int(users.read_text()) - 1
        users.write_text(str(left))
        if not left:
            subprocess.run([CEPH, "down", folder], check=True, timeout=60)
            endpoint.unlink()
            shutil.rmtree(folder, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="session")
def _proxy(moto: tuple[str, int]) -> Iterator[Proxy]:
    server = Proxy(moto)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def proxy(_proxy: Proxy) -> Proxy:
    """moto behind a server that can be told to misbehave; well behaved to begin with."""
    _proxy.knows_conditions, _proxy.every = True, 0
    for record in (_proxy.faults, _proxy.requests, _proxy.headers):
        record.clear()
    return _proxy


@pytest.fixture(scope="session")
def clients() -> dict[tuple[object, ...], Any]:
    """Settings → the client made with them; making one takes longer than most tests."""
    return {}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, clients: dict[tuple[object, ...], Any]) -> Callable[[str | Proxy], str]:
    """Makes a new bucket at an endpoint, and that endpoint the one in use."""
    make_client = s3._client

    def client(uri: str) -> Any:
        settings = (*sorted(item for item in os.environ.items() if item[0].startswith("AWS_")), s3.ATTEMPTS)
        if settings not in clients:
            clients[settings] = make_client(uri)
        return clients[settings]

    def make(where: str | Proxy) -> str:
        monkeypatch.setattr(s3, "_client", client)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "loopback")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "loopback-only")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", where if isinstance(where, str) else where.url)
        name = f"nianbao-{uuid.uuid4().hex[:12]}"
        for attempt in range(20):  # a gateway that has just begun to listen may not yet know its users
            try:
                client(name).create_bucket(Bucket=name)
                break
            except ClientError:
                if attempt == 19:
                    raise
                time.sleep(0.5)
        if isinstance(where, Proxy):
            where.requests.clear()
            where.headers.clear()
        return name

    return make
