"""Fixtures of every test: real S3 servers, started when first asked for. And the order of the files."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ("tests.servers.fixtures",)

ROOT = Path(__file__).parents[1]
# `make test` gives a worker one file after the other: those that take longest come first, so that the last of them
# does not run alone. What several tests of a file look at is made once.
LONGEST_FIRST = (
    "tests/job/test_on_s3.py",
    "tests/job/test_whole_job.py",
    "tests/job/test_schedule.py",
    "tests/engines/test_on_dask.py",
    "tests/pipelines/test_failing_stages.py",
    "tests/storage/test_rereading.py",
    "tests/job/test_browser.py",
    "tests/job/test_epochs.py",
    "tests/engines/test_many_machines.py",
    "tests/proofs/test_replay.py",
    "tests/web/test_browser.py",
    "tests/reading/test_documents_programs.py",
    "tests/storage/test_archive.py",
    "tests/storage/test_stores.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    turn = {ROOT / file: place for place, file in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: turn.get(item.path, len(turn)))
