"""What is shipped to a worker: its share of the registry, and an archive that it is to recognise."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from crawler.engines.tasks import CrawlTask, Place, RereadTask, check_place, decode, encode, place_of, registry_of
from crawler.errors import UsageError
from crawler.items import Portal
from spiders import registry
from storage import open_archive


def test_every_portal_of_the_registry_arrives_as_it_was_sent(tmp_path: Path) -> None:
    portals = registry.load().portals
    for name, text in registry_of(portals).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert sorted(registry.load(tmp_path).portals, key=str) == sorted(portals, key=str)


def test_every_field_of_a_portal_arrives(tmp_path: Path) -> None:
    portal = Portal(
        "some-county", '某县"人民政府"\\', "33", "331122", "http://www.some.gov.cn/", ("http://www.some.gov.cn/a/",),
        "trs", 3, 1.5, ("zwgk.some.gov.cn",), True,
    )  # fmt: skip
    unset = [f.name for f in dataclasses.fields(Portal) if getattr(portal, f.name) == f.default]
    assert not unset, "name a value here for a field that is new"
    for name, text in registry_of([portal]).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert registry.load(tmp_path).portals == (portal,)


@pytest.mark.parametrize(
    "task",
    [
        CrawlTask(("a", "b"), {"33.toml": "…"}, Place("/srv/archive", (1, 2)), "2018-2024", "all", 1.5, {"X": 0}, True),
        RereadTask(("a",), Place("s3://bucket/prefix"), {"kinds": ["all"]}, True, 3),
    ],
)
def test_a_task_is_the_same_at_the_other_end(task: CrawlTask | RereadTask) -> None:
    assert decode(encode(task)) == task


def test_a_task_of_another_version_is_refused() -> None:
    said = json.loads(encode(RereadTask(("a",), Place("s3://bucket/prefix"), {})))
    with pytest.raises(UsageError, match="install the same"):
        decode(json.dumps({**said, "version": "0.0.1"}))


def test_a_directory_is_recognised_and_another_one_of_its_name_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    open_archive(str(folder), create=True)
    place = place_of(str(folder))
    check_place(place)
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="has none"):
        check_place(place)
    open_archive(str(folder), create=True)
    with pytest.raises(UsageError, match="another archive"):
        check_place(place)


def test_a_relative_directory_is_shipped_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_archive("archive", create=True)
    assert place_of("archive").uri == str(tmp_path / "archive")
    assert place_of("s3://bucket/prefix") == Place("s3://bucket/prefix")
