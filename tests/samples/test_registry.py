"""The site writes a registry that names it, and runs as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from crawler.samples import SampleSite, serve

from .conftest import Fetch


def test_the_registry_has_one_file_a_province(site: SampleSite, tmp_path: Path) -> None:
    files = site.write_registry(tmp_path, delay=0.5)
    assert {path.name for path in files} >= {
        "23-heilongjiang.toml",
        "33-zhejiang.toml",
        "37-shandong.toml",
        "42-hubei.toml",
    }
    read = {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in files}
    zhejiang = read["33-zhejiang.toml"]
    assert zhejiang["province"] == {"code": "33", "name": "浙江省"}
    assert [portal["key"] for portal in zhejiang["portal"]] == ["lanxi", "lanxi-scjg"]
    assert zhejiang["portal"][0]["columns"] == site.portal("lanxi").columns
    assert zhejiang["portal"][0]["delay"] == 0.5
    for name, registry in read.items():
        assert all(portal["division"].startswith(name[:2]) for portal in registry["portal"])
        assert all("platform" not in portal for portal in registry["portal"])
    assert sum(len(registry["portal"]) for registry in read.values()) == len(site.portals)


def test_columns_can_be_left_to_discovery_and_platforms_named(site: SampleSite, tmp_path: Path) -> None:
    for path in site.write_registry(tmp_path, columns=False, platforms=True):
        for portal in tomllib.loads(path.read_text(encoding="utf-8"))["portal"]:
            assert portal["columns"] == []
            assert portal["platform"] == site.portal(portal["key"]).platform


def test_a_host_nobody_registered_is_not_registered(tmp_path: Path) -> None:
    with serve(portals=["elsewhere", "off-site"]) as running:
        text = "".join(path.read_text() for path in running.write_registry(tmp_path))
    assert 'key = "off-site"' in text
    assert "elsewhere" not in text


def test_a_name_that_is_no_portal_is_said_so() -> None:
    with pytest.raises(KeyError, match="no sample portal 'hangzhou'; there are: core"):
        serve(portals=["hangzhou"])


def test_a_port_can_be_chosen() -> None:
    with serve(portals=["lanxi"]) as running:
        port = int(running.portal("lanxi").base.rpartition(":")[2])
    with serve(portals=["lanxi"], ports={"lanxi": port}) as running:
        assert running.portal("lanxi").base == f"http://127.0.0.1:{port}"


def test_it_runs_as_a_process(tmp_path: Path, fetch: Fetch) -> None:
    command = [sys.executable, "-m", "crawler.samples", "--registry", str(tmp_path / "portals"), "--portal", "lanxi"]
    expected = tmp_path / "expected.json"
    process = subprocess.Popen(
        [*command, "--expected", str(expected)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    try:
        assert process.stdout is not None
        key, platform, home, _ = process.stdout.readline().split("\t")
        assert (key, platform) == ("lanxi", "hanweb-jpage")
        assert fetch(home).status == 200
        assert len(json.loads(expected.read_text())["lanxi"]["reports"]) == 23
        assert (tmp_path / "portals" / "33-zhejiang.toml").exists()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0
