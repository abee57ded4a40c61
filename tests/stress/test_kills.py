"""SIGKILL at random moments: what was acknowledged stays, and the same command finishes the job."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from storage import fixity, open_archive
from storage.jottings.files import UNSAID
from tests.job.conftest import Nianbao

pytestmark = pytest.mark.stress

ROUNDS = 14
KILLS = 15  # a round; 210 in all
LONGEST = 60.0  # seconds a crawl of two small portals may take on a busy machine


def kept(archive: str) -> dict[str, str]:
    """Every object but the leases, which are deleted when they have done their service, as are the jottings beside them."""
    root = Path(archive)
    aside = {".incoming", UNSAID, "leases"}
    files = (path for path in root.rglob("*") if path.is_file() and not aside & set(path.parts))
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def started(nianbao: Nianbao) -> subprocess.Popen[bytes]:
    words = ["crawl", "--portals", str(nianbao.registry), "--archive", nianbao.archive, "--recheck", "all"]
    return subprocess.Popen(
        [sys.executable, "-m", "crawler.cli", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **nianbao.environment},
    )


def writing_began(nianbao: Nianbao, process: subprocess.Popen[bytes], objects: int) -> bool:
    """Wait for the first object of this crawl; ``False`` where it ended before."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline and process.poll() is None:
        if sum(len(files) for _, _, files in os.walk(nianbao.archive)) > objects:
            return True
        time.sleep(0.005)
    return False


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_killed_at_random_moments_a_crawl_ends_like_one_that_was_not(
    nianbao: Nianbao, whole: Nianbao, count: Counter[str], seed: int
) -> None:
    chance = random.Random(seed)
    before: dict[str, str] = {}
    kills = 0
    while kills < KILLS:
        process = started(nianbao)
        began = writing_began(nianbao, process, len(before))
        # Most kills fall into the fractions of a second in which most objects are written.
        time.sleep(chance.choice((0.02, 0.1, 0.4, 1.5)) * chance.random())
        ended = process.poll() is not None
        process.send_signal(signal.SIGKILL)
        process.wait()
        if not Path(nianbao.archive, "archive.json").exists():
            continue
        after = kept(nianbao.archive)
        assert before.items() <= after.items()  # nothing lost, nothing overwritten
        assert list(fixity.verify(open_archive(nianbao.archive))) == []
        before = after
        kills += not ended
        count["crawls killed by SIGKILL"] += not ended
        count["crawls killed after they had begun to write"] += began and not ended
        count["crawls that ended before they were killed"] += ended
    nianbao.crawl("--recheck", "all")
    assert nianbao.works() == whole.works()
    assert before.items() <= kept(nianbao.archive).items()
    assert list(fixity.verify(open_archive(nianbao.archive))) == []
    count["archives compared with one that nobody disturbed"] += 1
