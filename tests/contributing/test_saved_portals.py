"""Saved portals: pages as they were sent, and what a person has agreed that they come to.

``nianbao portals new URL`` writes a folder for each portal. Its test fails until somebody has read ``expected.json`` beside
the pages and set ``"reviewed": true``. A page whose ``says`` was taken out gets a new one from the next run, which fails
once. ``NIANBAO_SAVED_PORTALS`` names another folder of saved portals.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crawler.contributing import saved

HERE = Path(os.environ.get("NIANBAO_SAVED_PORTALS") or Path(__file__).parent / "portals")
PORTALS = sorted(folder for folder in HERE.glob("*") if folder.is_dir())


@pytest.mark.parametrize("folder", PORTALS, ids=lambda folder: folder.name)
def test_saved_pages_come_to_what_is_expected(folder: Path) -> None:
    if filled := saved.renew(folder):
        pytest.fail(f"wrote what {', '.join(filled)} comes to into {folder / saved.EXPECTED}; read it, then run again")
    assert saved.differences(folder) == []


@pytest.mark.parametrize("folder", PORTALS, ids=lambda folder: folder.name)
def test_somebody_has_reviewed_what_is_expected(folder: Path) -> None:
    assert saved.load(folder)["reviewed"] is True, (
        f"read {folder / saved.EXPECTED} beside its pages, mend what is wrong, then set reviewed to true"
    )


@pytest.mark.parametrize("folder", PORTALS, ids=lambda folder: folder.name)
def test_every_saved_file_is_one_that_is_expected(folder: Path) -> None:
    named = {page["file"] for page in saved.load(folder)["pages"]} | {saved.EXPECTED}
    assert {file.name for file in folder.iterdir()} == named
