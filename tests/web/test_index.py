"""The index follows the archive, and nothing is lost with it."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from crawler.commands import serve
from crawler.errors import UsageError
from crawler.web.bigrams import expression, pairs
from crawler.web.index import Index, default_path
from storage import open_archive
from tests.web.conftest import FIRST, Canary, Filled, Filler, fill

TABLES = ("reports", "figures", "places", "spans", "agencies", "cells", "runs", "outcomes")


def contents(index: Index) -> dict[str, list[tuple[object, ...]]]:
    """Everything but row numbers, which tell the order of arrival."""
    columns = {
        "reports": "report_id, version, kind, year, agency, status, altered, printed, first_seen, version_seen, portals, body_digest",
        "figures": "applications_new_total, applications_total_total",
        "places": "portal, place, report_id, version, outcome, first, last",
        "spans": "number, outcome, report_id, version, payload_digest, first, last, looks",
        "agencies": "province, division, agency, portals, complete, cells",
        "cells": "province, division, year, mark, states",
        "runs": "run, summary",
        "outcomes": "portal, run, status, reason",
    }
    return {
        table: sorted((tuple(row) for row in index.rows(f"select {columns[table]} from {table}")), key=repr)
        for table in TABLES
    }


def test_taken_in_run_by_run_it_is_the_same_as_made_at_once(
    tmp_path: Path, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = open_archive(str(tmp_path / "archive"), create=True)
    followed = Index(tmp_path / "followed.sqlite", archive.uri)
    ended = archive.put_run

    def put_and_follow(summary: dict[str, object]) -> None:
        ended(summary)
        assert followed.refresh(archive)

    monkeypatch.setattr(archive, "put_run", put_and_follow)
    filled = fill(archive, canary)
    at_once = Index(tmp_path / "at-once.sqlite", archive.uri)
    assert at_once.refresh(archive)
    assert contents(followed) == contents(at_once)
    for query in ("申请", "澜溪", "教育局"):
        found = {
            tuple(sorted(row[0] for row in index.rows(
                "select report_id from reports where id in (select rowid from words where words match ?)", expression(query))))
            for index in (followed, at_once)
        }  # fmt: skip
        assert len(found) == 1
    assert not followed.refresh(archive)
    assert followed.refresh(archive, always=True)
    assert contents(followed) == contents(at_once), "a look that finds nothing new changes nothing"
    assert filled.ids


def test_what_an_unfinished_run_left_is_taken_in_and_not_counted_twice(
    filled: Filled, tmp_path: Path, canary: Canary
) -> None:
    archive = open_archive(str(tmp_path / "archive"), create=True)
    index = Index(tmp_path / "index.sqlite", archive.uri)
    filler = Filler(archive)
    with filler.run("20250402T013000Z-aaaaaaaa", FIRST, {"lanxi": {"status": "ok"}}):
        filler.keep(
            "one", "http://a.example.gov.cn/1.html", b"<html><body><h1>x</h1></body></html>", title="甲县2020年年报"
        )
        filler.log.flush()
        assert index.refresh(archive, always=True)
        assert index.row("select looks from spans")[0] == 1
        filler.now += timedelta(minutes=1)
        filler.see("one", "listed")
    assert index.refresh(archive)
    assert [tuple(row) for row in index.rows("select outcome, looks from spans order by number")] == [
        ("new", 1),
        ("listed", 1),
    ]


@pytest.mark.parametrize("damage", [b"not a database" * 100, b""])
def test_a_damaged_or_foreign_index_is_begun_anew(filled: Filled, tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "index.sqlite"
    file.write_bytes(damage)
    index = Index(file, filled.archive.uri)
    index.refresh(filled.archive)
    assert index.row("select count(*) from reports")[0] == len(filled.ids)
    foreign = Index(file, "s3://another/archive")
    assert foreign.row("select count(*) from reports")[0] == 0
    assert foreign.row("select count(*) from words")[0] == 0


def test_readers_cannot_write(index: Index) -> None:
    with pytest.raises(sqlite3.OperationalError):
        index.db.execute("delete from reports")


def test_the_index_is_kept_outside_the_archive(filled: Filled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_path(filled.archive.uri).is_relative_to(tmp_path)
    assert default_path("s3://a/b") != default_path("s3://a/c")


def test_pairs_hold_every_two_characters_and_never_join_what_stands_apart() -> None:
    assert pairs("政府信息") == "政府 府信 信息 息"
    assert pairs("甲，乙") == "甲 乙"
    assert pairs("ＡＢ１") == "ab b1 1"
    assert pairs("𬭚县") == "𬭚县 县", "characters newer than SQLite's tables"
    assert expression("，。 -") is None


# ---------------------------------------------------------------- the command


def test_serve_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"nianbao\[serve\]"):
        serve.command.callback(
            archive="x", host="127.0.0.1", port=0, allowed=(), index_file=None, follow=60, rebuild=False
        )


def test_serve_listens_on_loopback_unless_told_otherwise() -> None:
    assert next(p for p in serve.command.params if p.name == "host").default == "127.0.0.1"
    assert serve.hosts("127.0.0.1", ()) == {"127.0.0.1", "localhost", "::1"}
    assert serve.hosts("0.0.0.0", ()) is None
    assert "archive.example" in (serve.hosts("0.0.0.0", ("archive.example",)) or ())


def test_serve_refuses_a_port_that_is_taken_in_one_line(address: str, filled: Filled, tmp_path: Path) -> None:
    port = address.rsplit(":", 1)[1]
    result = CliRunner().invoke(
        serve.command, ["--archive", filled.archive.uri, "--port", port, "--index", str(tmp_path / "i.sqlite")]
    )
    assert isinstance(result.exception, UsageError)
    assert "cannot listen" in str(result.exception)
    assert isinstance(serve.command, click.Command)
