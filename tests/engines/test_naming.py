"""``--engine``: what names one, and what is told to who has none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.engines import Engine, named
from crawler.errors import UsageError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ("dask://scheduler", Engine("tcp://scheduler:8786")),
        ("dask://10.0.0.5:9999", Engine("tcp://10.0.0.5:9999")),
        ("dask+tls://scheduler:8786", Engine("tls://scheduler:8786")),
        ("dask://[2001:db8::1]:8786", Engine("tcp://[2001:db8::1]:8786")),
        ("dask://scheduler?portals=16", Engine("tcp://scheduler:8786", 16)),
    ],
)
def test_an_engine_is_a_name_and_an_address(text: str, engine: Engine) -> None:
    assert named(text) == engine


@pytest.mark.parametrize(
    "text",
    ["dask", "dask://", "ray://head:10001", "dask://host:port", "dask://user:secret@host", "dask://host/path",
     "dask://host?portals=0", "dask://host?portals=many", "dask://host?threads=2", "scheduler:8786"],
)  # fmt: skip
def test_what_names_no_engine_is_refused_with_the_form_that_does(text: str) -> None:
    with pytest.raises(UsageError, match=r"dask://|\?portals=N"):
        named(text)


def test_without_dask_the_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "distributed.py").write_text("raise ImportError('not installed')\n")
    command = [sys.executable, "-m", "crawler.cli", "crawl", "--engine", "dask://localhost", "--archive", "archive"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nianbao[dask]" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_crawl_without_an_engine_never_loads_one() -> None:
    code = "import sys, crawler.commands.crawl, crawler.commands.reread; print('crawler.engines' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"
