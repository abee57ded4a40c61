"""Sixteen writers and one archive: every acknowledged object is there, and every contested number was given once."""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.errors import AlreadyExists
from storage import fixity, layout, open_archive
from tests.storage.examples import attachment, capture, digest, reading, seen, summary, version

pytestmark = pytest.mark.stress

WRITERS = 16
REPORTS = 40
CONTESTED = 6


def file_everything(uri: str, writer: int, gate: object) -> None:
    """What sixteen crawls of the same portals do: the same objects, each in an order of its own."""
    archive = open_archive(uri, create=True)
    chance = random.Random(writer)
    run = f"20260131T0300{writer:02d}Z-{writer:08x}"
    log = archive.sightings(run)
    gate.wait()  # type: ignore[attr-defined]
    for number in chance.sample(range(REPORTS), REPORTS):
        page, file = b"<html>%d</html>" % number, b"%%PDF-1.4 %d" % (number % 7)
        archive.put_snapshot(capture(page))
        archive.put_snapshot(capture(file))
        item = version(
            f"ab{number:04d}", payload_digest=digest(page), snapshot=layout.snapshot_key(digest(page)), run="shared",
            attachments=(attachment(file),), url=f"http://www.linhu.gov.cn/{number}.html",
            reading=reading(body_digest=digest(page)),
        )  # fmt: skip
        archive.put_version(item)
        archive.point_version(item)
        line = replace(seen(item), run=run)
        archive.point_sighting(line)
        log.add(line)
    for number in range(CONTESTED):
        revise(uri, f"ab{number:04d}", writer)
    log.close()
    archive.put_run(summary(run))


def revise(uri: str, report_id: str, writer: int) -> None:
    """Every writer has a version of its own to add, and takes the next number until one is free."""
    archive = open_archive(uri)
    page = f"<html>{report_id} by {writer}</html>".encode()
    archive.put_snapshot(capture(page))
    while True:
        number = len(archive.versions(report_id)) + 1
        item = version(
            report_id, number, payload_digest=digest(page), snapshot=layout.snapshot_key(digest(page)),
            run="shared", reading=reading(body=page.decode(), body_digest=digest(page)),
        )  # fmt: skip
        try:
            archive.put_version(item)
        except AlreadyExists:
            continue
        archive.point_version(item)
        return


@pytest.mark.parametrize("attempt", range(3))
def test_sixteen_writers_leave_one_whole_archive(tmp_path: Path, count: Counter[str], attempt: int) -> None:
    uri = str(tmp_path / "archive")
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(WRITERS)
    writers = [context.Process(target=file_everything, args=(uri, writer, gate)) for writer in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=240)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS

    archive = open_archive(uri)
    assert list(fixity.verify(archive)) == []
    assert len(tuple(archive.report_ids())) == REPORTS
    for number in range(REPORTS):
        versions = archive.versions(f"ab{number:04d}")
        assert [each.number for each in versions] == list(range(1, (WRITERS if number < CONTESTED else 0) + 2))
        assert len({each.payload_digest for each in versions}) == len(versions)
        count["versions filed by sixteen writers"] += len(versions)
    assert sum(1 for _ in archive.iter_sightings()) == WRITERS * REPORTS
    before = {listed.key: archive.store.get(listed.key) for listed in archive.store.list(layout.INDEX)}
    fixity.rebuild(archive)
    assert {listed.key: archive.store.get(listed.key) for listed in archive.store.list(layout.INDEX)} == before
    count["archives written by sixteen processes"] += 1
