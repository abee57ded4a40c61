"""Every byte of an archive, changed once: the audit finds each, and blames the object it stands in."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from storage import fixity, layout, open_archive

pytestmark = pytest.mark.stress

GOLDEN = Path(__file__).parents[1] / "golden" / f"layout-{layout.LAYOUT}" / "archive"
PARTS = 6
WHOLE_AUDITS = 25  # a part; the others look at the changed object alone


@pytest.mark.parametrize("part", range(PARTS))
def test_every_changed_byte_is_found_in_its_object(tmp_path: Path, count: Counter[str], part: int) -> None:
    shutil.copytree(GOLDEN, tmp_path / "archive")
    archive = open_archive(str(tmp_path / "archive"))
    chance = random.Random(part)
    for listed in list(archive.store.list("")):
        key = listed.key
        path, parsed = tmp_path / "archive" / key, layout.parse(key)
        whole = path.read_bytes()
        for place in range(part, len(whole), PARTS):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ chance.randrange(1, 256)]) + whole[place + 1 :])
            found = fixity._Audit(archive, deep=True)._look(listed, parsed)
            assert {damage.blame for damage in found} == {key}, (key, place)
            count["bytes changed, found and blamed on their object"] += 1
        path.write_bytes(whole)
    objects = [listed.key for listed in archive.store.list("")]
    for key in chance.choices(objects, k=WHOLE_AUDITS):
        path = tmp_path / "archive" / key
        whole = path.read_bytes()
        place = chance.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ chance.randrange(1, 256)]) + whole[place + 1 :])
        if key != layout.ARCHIVE_KEY:
            assert {damage.blame for damage in fixity.verify(archive)} == {key}, (key, place)
        path.write_bytes(whole)
        count["audits of a whole archive with one byte changed"] += 1
