"""An archive of two crawls, exported, and the programs of other people that judge it.

Those programs are under the GPL and AGPL, or build on what is. They never stand in our environment: ``.ci/run`` installs
them into a place of their own and names it in ``NIANBAO_PROOF_TOOLS``. Without it these tests skip by name.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest

from crawler.items import Capture
from storage import open_archive
from storage.exports import cdxj, export
from tests.job.conftest import Nianbao
from tests.proofs.portal import COLUMN, HOME, portal

TOOLS = os.environ.get("NIANBAO_PROOF_TOOLS")
TRUNCATED = f"{HOME}{COLUMN}2016.html"
BROTLI = f"{HOME}{COLUMN}2015.html"
BROTLI_PAYLOAD = "<html><head><title>压缩页</title></head><body>本页以 Brotli 压缩。</body></html>".encode()


@dataclass(frozen=True)
class Exported:
    """What was exported, once for the whole test session."""

    folder: Path

    @property
    def warc(self) -> Path:
        return self.folder / "liuhe.warc.gz"

    @property
    def cdxj(self) -> Path:
        return self.folder / "liuhe.cdxj"

    @property
    def wacz(self) -> Path:
        return self.folder / "liuhe.wacz"

    @property
    def looks(self) -> list[dict[str, str]]:
        """The lines of the index: address, time and what else it says."""
        lines = (line.split(" ", 2) for line in self.cdxj.read_text().splitlines())
        return [{"urlkey": key, "timestamp": stamp, **json.loads(facts)} for key, stamp, facts in lines]

    def times(self, url: str) -> list[str]:
        """When an address was looked at, first to last."""
        return sorted(look["timestamp"] for look in self.looks if look["url"] == url)

    @property
    def divided(self) -> Path:
        """The same in many WARC files and index blocks."""
        return self.folder / "divided.wacz"


@dataclass(frozen=True)
class Tools:
    """Programs installed outside of our environment."""

    folder: Path

    def path(self, name: str) -> Path:
        found = self.folder / name
        assert found.exists(), f"{name} is not in NIANBAO_PROOF_TOOLS ({self.folder})"
        return found

    def run(self, name: str, *words: str | Path, cwd: Path | None = None, text: str = "") -> str:
        """Run one; what it says. Anything but success fails the test."""
        done = subprocess.run(
            [self.path(f"bin/{name}"), *words],
            cwd=cwd,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
        )
        assert done.returncode == 0, f"{name} exits {done.returncode}:\n{done.stdout}"
        return done.stdout


@pytest.fixture(scope="session")
def tools() -> Tools:
    if not TOOLS:
        pytest.skip("warcio, FastWARC, cdxj-indexer, wacz, pywb, replayweb.page: NIANBAO_PROOF_TOOLS names no place")
    return Tools(Path(TOOLS))


@pytest.fixture(scope="session")
def exported(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "proofs"
    with folder.with_suffix(".turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            assert not folder.exists(), "what is to be judged could not be made; the first failure says why"
            folder.mkdir()
            _fill(folder)
            (folder / "complete").touch()
    return Exported(folder)


def _fill(folder: Path) -> None:
    with portal(folder / "registry") as environment:
        nianbao = Nianbao(folder / "registry", str(folder / "archive"), environment)
        nianbao.crawl()
        time.sleep(1)  # a look within a second of another is the same look
        nianbao.crawl("--recheck", "all")
    archive = open_archive(nianbao.archive)
    archive.put_snapshot(
        _captured(BROTLI, brotli.compress(BROTLI_PAYLOAD), BROTLI_PAYLOAD, (b"Content-Encoding", b"br"))
    )
    cut = b"<html><head><title>2016</title></head><body>cut o"
    archive.put_snapshot(_captured(TRUNCATED, cut, cut, (b"Content-Length", b"4711"), truncated="disconnect"))
    nianbao("export", "--format", "warc", "--out", str(folder / "liuhe.warc.gz"))
    nianbao("export", "--format", "wacz", "--out", str(folder / "liuhe.wacz"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cdxj, "BLOCK", 3)
        export(archive, "wacz", folder / "divided.wacz", warc_size=4000)


def _captured(
    url: str, entity: bytes, payload: bytes, header: tuple[bytes, bytes], truncated: str | None = None
) -> Capture:
    return Capture(
        portal="liuhe",
        url=url,
        time=datetime(2026, 1, 5, 1, 2, 3, tzinfo=UTC),
        status=200,
        reason="OK",
        protocol="HTTP/1.1",
        request_method="GET",
        request_headers=((b"User-Agent", b"nianbao"),),
        response_headers=((b"Content-Type", b"text/html; charset=utf-8"), header),
        entity=entity,
        payload=payload,
        payload_digest=hashlib.sha256(payload).hexdigest(),
        truncated=truncated,
    )
