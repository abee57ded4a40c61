from datetime import date
from pathlib import Path

import pytest

from crawler.errors import RegistryFault, UsageError
from spiders import registry
from spiders.registry_edit import write_columns

BEFORE = """\
# Zhejiang, kept by hand

[province]
code = "33"
name = "浙江省"

[[portal]]  # the first
name = "甲"
key = "a"
home = "http://a.example/" # answers slowly
division = "330100"

# between the two
[[portal]]
key = "b"
name = "乙"
division = "330200"
home = "http://b.example/"
columns = [
    "http://b.example/old/",  # 404 since 2026-08-20
]
delay    =   5
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "33-zhejiang.toml"
    file.write_text(BEFORE, encoding="utf-8", newline="")
    return file


def test_columns_are_written_behind_the_home_page_and_nothing_else_changes(file: Path) -> None:
    assert write_columns(file, "a", ["http://a.example/nb/"])
    home = 'home = "http://a.example/" # answers slowly\n'
    assert file.read_text(encoding="utf-8") == BEFORE.replace(home, home + 'columns = ["http://a.example/nb/"]\n')


def test_platform_and_day_go_with_them(file: Path) -> None:
    found = ["http://a.example/nb/", 'http://a.example/?q="1"']
    assert write_columns(file, "a", found, platform="trs", verified=date(2026, 8, 20))
    portal = registry.load(file.parent).portal("a")
    assert (portal.columns, portal.platform) == (tuple(found), "trs")
    assert registry.load(file.parent).provenance["a"].verified == date(2026, 8, 20)
    home = 'home = "http://a.example/" # answers slowly\n'
    written = """\
columns = [
    "http://a.example/nb/",
    "http://a.example/?q=\\"1\\"",
]
platform = "trs"
verified = 2026-08-20
"""
    assert file.read_text(encoding="utf-8") == BEFORE.replace(home, home + written)


def test_a_column_that_is_no_more_is_remembered(file: Path) -> None:
    assert write_columns(file, "b", ["http://b.example/new/"])
    read = registry.load(file.parent)
    assert read.portal("b").columns == ("http://b.example/new/",)
    assert read.provenance["b"].former_columns == ("http://b.example/old/",)
    assert write_columns(file, "b", ["http://b.example/old/"])
    read = registry.load(file.parent)
    assert read.portal("b").columns == ("http://b.example/old/",)
    assert read.provenance["b"].former_columns == ("http://b.example/new/",)


def test_what_is_known_already_is_not_written_again(file: Path) -> None:
    stamp = file.stat().st_mtime_ns
    assert not write_columns(file, "b", ["http://b.example/old/"])
    assert file.stat().st_mtime_ns == stamp
    assert file.read_text(encoding="utf-8") == BEFORE


def test_line_ends_and_a_missing_last_one_are_kept(file: Path) -> None:
    before = BEFORE.replace("\n", "\r\n")
    file.write_bytes(before.encode())
    write_columns(file, "a", ["http://a.example/1/", "http://a.example/2/"])
    after = file.read_bytes().decode()
    assert after.count("\r\n") == after.count("\n")
    assert (
        after.replace('columns = [\r\n    "http://a.example/1/",\r\n    "http://a.example/2/",\r\n]\r\n', "") == before
    )
    file.write_bytes(b'[province]\ncode = "33"\nname = "\xe6\xb5\x99\xe6\xb1\x9f"\n[[portal]]\nkey = "a"\nname = "a"\n')
    with file.open("ab") as out:
        out.write(b'division = "330100"\nhome = "http://a.example/"')
    write_columns(file, "a", ["http://a.example/nb/"])
    assert file.read_bytes().endswith(b'\nhome = "http://a.example/"\ncolumns = ["http://a.example/nb/"]')


def test_what_would_spoil_the_registry_is_not_written(file: Path) -> None:
    with pytest.raises(UsageError, match="no portal 'c'"):
        write_columns(file, "c", [])
    with pytest.raises(RegistryFault, match="platform"):
        write_columns(file, "a", ["http://a.example/nb/"], platform="nobody")
    with pytest.raises(RegistryFault, match="columns"):
        write_columns(file, "a", ["/nb/"])
    assert file.read_text(encoding="utf-8") == BEFORE
    assert [path.name for path in file.parent.iterdir()] == [file.name]
