"""No space left: nothing torn, nothing lost, and with room the same command finishes the job."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage import fixity, open_archive
from storage.jottings.files import UNSAID
from tests.job.conftest import Nianbao

pytestmark = pytest.mark.stress

KIB = 1024


def crawl(nianbao: Nianbao, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [
            sys.executable,
            "-m",
            "crawler.cli",
            "crawl",
            "--portals",
            str(nianbao.registry),
            "--archive",
            nianbao.archive,
        ],
        capture_output=True,
        text=True,
        env={**os.environ, **nianbao.environment},
        preexec_fn=limited,
        timeout=240,
    )


def sound(nianbao: Nianbao) -> None:
    if Path(nianbao.archive, "archive.json").exists():
        assert list(fixity.verify(open_archive(nianbao.archive))) == []


@pytest.mark.parametrize("limit", [1 * KIB, 2 * KIB, 3 * KIB, 4 * KIB])
def test_files_may_not_grow_beyond_a_limit(nianbao: Nianbao, whole: Nianbao, count: Counter[str], limit: int) -> None:
    stopped = crawl(nianbao, limit)
    assert stopped.returncode == 1, stopped.stderr
    assert "Traceback" not in stopped.stderr
    sound(nianbao)
    count["crawls with a limit on the size of a file"] += 1
    nianbao.crawl()
    assert nianbao.works() == whole.works()
    sound(nianbao)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A file system of so many bytes; asked for again, it grows."""
    place = tmp_path / "disk"
    place.mkdir()

    def sized(size: int) -> Path:
        options = f"{'remount,' if place.is_mount() else ''}size={size}"
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
        return place

    yield sized
    if place.is_mount():
        subprocess.run(["umount", "-l", place], check=True)


def test_the_disk_is_full_again_and_again(
    nianbao: Nianbao, whole: Nianbao, count: Counter[str], disk: Callable[[int], Path]
) -> None:
    size = 64 * KIB
    nianbao = replace(nianbao, archive=str(disk(size) / "archive"))
    before: dict[str, bytes] = {}
    for _ in range(20):
        done = crawl(nianbao)
        assert "Traceback" not in done.stderr, done.stderr
        sound(nianbao)
        files = (path for path in Path(nianbao.archive).rglob("*") if path.is_file())
        after = {str(path): path.read_bytes() for path in files if not {".incoming", UNSAID} & set(path.parts)}
        assert before.items() <= after.items()
        before = after
        if done.returncode == 0:
            break
        count["crawls that met a full disk"] += 1
        size = size * 3 // 2
        disk(size)
    else:
        pytest.fail(f"still not done with {size} bytes")
    assert nianbao.works() == whole.works()
