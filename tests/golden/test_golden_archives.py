"""An archive that an earlier release wrote is read, audited and exported by this one. See ``make.py``."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from storage import fixity, open_archive
from storage.archive import Archive
from storage.exports import FORMATS, export
from storage.queries import EVERY_KIND, Filters, history, select
from tests.golden.make import expected

GOLDEN = sorted(path.name for path in Path(__file__).parent.glob("layout-*"))


@pytest.fixture(params=GOLDEN)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a golden archive, with what must be found in it."""
    shutil.copytree(Path(__file__).parent / request.param, tmp_path / "golden")
    return tmp_path / "golden"


@pytest.fixture
def archive(golden: Path) -> Archive:
    return open_archive(str(golden / "archive"))


def kept(root: Path) -> dict[str, str]:
    files = (path for path in (root / "archive").rglob("*") if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def holds(now: Any, then: Any, place: str = "") -> list[str]:
    """Where ``now`` does not hold what ``then`` held; what a later release added is no difference."""
    if isinstance(then, dict) and isinstance(now, dict):
        return [fault for key in then for fault in holds(now.get(key), then[key], f"{place}.{key}")]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [fault for i, each in enumerate(then) for fault in holds(now[i], each, f"{place}[{i}]")]
    return [] if now == then else [f"{place}: {now!r} instead of {then!r}"]


def test_every_record_state_and_look_up_is_as_it_was(golden: Path, archive: Archive) -> None:
    then = json.loads((golden / "expected.json").read_text(encoding="utf-8"))
    now = json.loads(json.dumps(expected(archive), ensure_ascii=False))
    then.pop("cursor"), now.pop("cursor")
    assert holds(now, then) == []


def test_it_is_sound_and_stays_as_it_is(golden: Path, archive: Archive) -> None:
    before = kept(golden)
    assert list(fixity.verify(archive)) == []
    assert kept(golden) == before


def test_its_index_is_rebuilt_byte_for_byte(golden: Path, archive: Archive) -> None:
    before = kept(golden)
    fixity.rebuild(archive)
    assert kept(golden) == before


def test_a_cursor_that_was_printed_then_leads_on(golden: Path, archive: Archive) -> None:
    then = json.loads((golden / "expected.json").read_text(encoding="utf-8"))
    assert list(select(archive, Filters(kinds=EVERY_KIND), since=then["cursor"])) == []


@pytest.mark.parametrize("fmt", FORMATS)
def test_it_is_exported_in_every_format(archive: Archive, tmp_path: Path, fmt: str) -> None:
    out = tmp_path / f"out.{fmt}{'.gz' if fmt == 'warc' else ''}"
    result = export(archive, fmt, out, Filters(kinds=EVERY_KIND), all_versions=True)
    assert result.records > 0
    if fmt == "warc":
        done = subprocess.run(
            [sys.executable, "-m", "warcio.cli", "check", *result.files], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout


def test_every_report_is_shown_with_its_sightings(archive: Archive) -> None:
    for report in archive.report_ids():
        known = history(archive, report)
        assert known.records
        assert known.sightings


def test_there_is_a_golden_archive_of_this_layout() -> None:
    from storage import layout

    assert f"layout-{layout.LAYOUT}" in GOLDEN
