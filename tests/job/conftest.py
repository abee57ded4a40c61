"""The sample portals, and ``nianbao`` as a user calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.samples import SampleSite, serve


@dataclass(frozen=True)
class Nianbao:
    """The command line on one registry and one archive."""

    registry: Path
    archive: str
    environment: dict[str, str]

    def __call__(self, *words: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "crawler.cli", *words],
            capture_output=True,
            text=True,
            env={**os.environ, "NIANBAO_ARCHIVE": self.archive, **self.environment},
            timeout=240,
        )
        assert expect is None or done.returncode == expect, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A crawl that is not waited for."""
        return subprocess.Popen(
            [sys.executable, "-m", "crawler.cli", "crawl", "--portals", str(self.registry), "--json", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NIANBAO_ARCHIVE": self.archive, **self.environment},
        )

    def crawl(self, *words: str, expect: int | None = 0) -> dict[str, Any]:
        """A crawl over the registry; its run summary."""
        done = self("crawl", "--portals", str(self.registry), "--json", *words, expect=expect)
        summary: dict[str, Any] = json.loads(done.stdout)
        return summary

    def records(self, *words: str) -> list[dict[str, Any]]:
        """Every record of every kind."""
        done = self("export", "--format", "jsonl", "--kind", "all", *words)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def works(self) -> set[tuple[Any, ...]]:
        """What two archives of the same portals must agree on, whoever filled them and in whatever order."""
        return {
            (r["report_id"], r["version"], tuple(r["changed"]), r["title"], r["body_digest"], r["attachments_digest"],
             tuple(sorted(place["url"] for place in r["locations"])))
            for r in self.records("--all-versions")
        }  # fmt: skip


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[SampleSite]:
    """The core sample portals, or those a test names by ``@pytest.mark.parametrize(..., indirect=True)``."""
    with serve(portals=getattr(request, "param", None)) as running:
        yield running


@pytest.fixture
def nianbao(site: SampleSite, tmp_path: Path) -> Nianbao:
    registry = tmp_path / "registry"
    registry.mkdir()
    site.write_registry(registry)
    return Nianbao(registry, str(tmp_path / "archive"), {})
