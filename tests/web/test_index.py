"""The index follows the archive, and nothing is lost with it."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Never

import click
import pytest
from click.testing import CliRunner

from crawler.commands import serve
from crawler.errors import UsageError
from crawler.items import Kind
from crawler.web import standing
from crawler.web.bigrams import expression, pairs
from crawler.web.index import Index, default_path
from storage import open_archive
from storage.readings import Rereading
from tests.web.conftest import FIRST, Canary, Filled, Filler, fill

TABLES = ("reports", "figures", "places", "spans", "agencies", "cells", "runs", "outcomes", "crawled")


def contents(index: Index) -> dict[str, list[tuple[object, ...]]]:
    """Everything but row numbers, which tell the order of arrival."""
    columns = {
        "reports": "report_id, version, kind, year, agency, status, altered, printed, first_seen, version_seen, portals, body_digest",
        "figures": "applications_new_total, applications_total_total",
        "places": "portal, place, report_id, version, outcome, since, last",
        "spans": "number, outcome, report_id, version, payload_digest, first, last, looks",
        "agencies": "province, division, agency, portals, complete, cells",
        "cells": "province, division, year, mark, states",
        "runs": "run, statuses, summary",
        "outcomes": "portal, run, status, reason",
        "crawled": "portal, day",
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
    by_row = "select report_id from reports order by id"
    assert followed.rows(by_row) == at_once.rows(by_row), "what came first has its place by the time it was seen"
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


def test_what_an_extractor_read_again_is_shown_without_a_run(tmp_path: Path) -> None:
    archive = open_archive(str(tmp_path / "archive"), create=True)
    index = Index(tmp_path / "index.sqlite", archive.uri)
    filler = Filler(archive)
    with filler.run("20250402T013000Z-aaaaaaaa", FIRST, {"lanxi": {"status": "ok"}}):
        stated = {"agency": "甲县档案局", "report_year": 2020, "kind": Kind.ANNUAL_REPORT}
        page = b"<html><body><h1>x</h1></body></html>"
        version = filler.keep("one", "http://a.example.gov.cn/1.html", page, body="旧时读出", **stated)
        filler.keep("two", "http://a.example.gov.cn/2.html", page, body="旁边", **stated)
    assert index.refresh(archive)
    before = {row["report_id"]: row["id"] for row in index.rows("select report_id, id from reports")}
    again = replace(version.reading, extractor="nianbao-reader/900", body="新近读出", agency="甲县档案馆")
    archive.put_reading(Rereading(version.report_id, version.number, again, ()))

    assert index.refresh(archive), "no run has ended, and yet there is something to take in"
    shown = index.row("select agency, extractor, altered from reports where report_id = ?", version.report_id)
    assert tuple(shown) == ("甲县档案馆", "nianbao-reader/900", 0)
    found = [row[0] for row in index.rows("select rowid from words where words match ?", expression("新近"))]
    assert found == [before[version.report_id]], "its place among the results stays"
    assert not index.rows("select rowid from words where words match ?", expression("旧时"))
    assert {row[0] for row in index.rows("select agency from agencies")} == {"甲县档案馆", "甲县档案局"}
    index._listed_until = 0.0
    assert not index.refresh(archive)
    at_once = Index(tmp_path / "at-once.sqlite", archive.uri)
    at_once.refresh(archive)
    assert contents(index) == contents(at_once)


def test_a_refresh_that_was_killed_is_finished_by_the_next(
    filled: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Index(tmp_path / "whole.sqlite", filled.archive.uri)
    whole.refresh(filled.archive)
    killed = Index(tmp_path / "killed.sqlite", filled.archive.uri)

    class Killed(BaseException):
        pass

    def stop(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("crawler.web.standing.settle_agencies", stop)
        with pytest.raises(Killed):
            killed.refresh(filled.archive)
    assert killed.refresh(filled.archive)
    assert contents(killed) == contents(whole)


def test_a_refresh_reads_what_came_and_not_what_was_there(
    tmp_path: Path, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = open_archive(str(tmp_path / "archive"), create=True)
    filled = fill(archive, canary)
    index = Index(tmp_path / "index.sqlite", archive.uri)
    index.refresh(archive)
    filler = Filler(archive)
    with filler.run("20250404T013000Z-cccccccc", FIRST + timedelta(days=2), {"lanxi": {"status": "ok"}}):
        filler.keep("late", "http://a.example.gov.cn/late.html", b"<html><body><h1>x</h1></body></html>")
    read: list[str] = []
    get = archive.store.get
    monkeypatch.setattr(archive.store, "get", lambda key: (read.append(key), get(key))[1])
    assert index.refresh(archive)
    assert index.row("select count(*) from reports")[0] == len(filled.ids) + 1
    assert sorted(key.split("/")[0] for key in read) == ["reports", "runs", "sightings"]


def test_answers_are_not_held_back(filled: Filled) -> None:
    with serve._listening("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


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


def test_a_file_that_is_no_index_is_never_taken_for_one(filled: Filled, tmp_path: Path) -> None:
    notes, history = tmp_path / "notes.txt", tmp_path / "history.sqlite"
    notes.write_text("what I saw\n" * 100)
    with closing(sqlite3.connect(history)) as db, db:
        db.execute("create table visits (url text)")
    for file in (notes, history):
        before = file.read_bytes()
        for rebuild in ([], ["--rebuild"]):
            words = ["--archive", filled.archive.uri, "--port", "0", "--index", str(file), *rebuild]
            result = CliRunner().invoke(serve.command, words)
            assert isinstance(result.exception, UsageError)
            assert "is no index" in str(result.exception)
        assert file.read_bytes() == before


class OfAllPortals(dict[str, str]):
    """May be asked about one portal, and not walked: there are tens of thousands of them, and agencies by the million."""

    def __iter__(self) -> Never:
        raise AssertionError("all portals are walked for one agency")

    items = keys = values = __iter__  # type: ignore[assignment]


def test_an_agency_is_judged_by_its_own_portals(filled: Filled, index: Index, tmp_path: Path) -> None:
    with closing(sqlite3.connect(index.path)) as source, closing(sqlite3.connect(tmp_path / "copy.sqlite")) as copy:
        source.backup(copy)
        copy.row_factory = sqlite3.Row
        days = OfAllPortals(copy.execute("select portal, day from crawled").fetchall())
        before = [tuple(row) for row in copy.execute("select * from agencies order by id")]
        for row in copy.execute("select province, division, agency from agencies").fetchall():
            standing.settle(copy, tuple(row), days)
        assert [tuple(row) for row in copy.execute("select * from agencies order by id")] == before
        assert before


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
