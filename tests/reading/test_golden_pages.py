"""Saved pages, one folder each: ``page.html`` as served, ``context.json`` (what the crawler knew), ``expected.json``.

A missing expectation is written and fails once, for review.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from crawler.items import Page, Reading
from pipelines.reading import read
from pipelines.reading.article import read_article
from pipelines.reading.losses import lost_characters

PAGES = sorted(path.parent for path in (Path(__file__).parent / "pages").glob("*/page.html"))
FIELDS = (
    "encoding title kind report_year agency publisher index_number index_number_kind index_number_strong "
    "document_number published_on signed_on metadata body_source statistics"
)


def page_of(folder: Path) -> Page:
    context = json.loads((folder / "context.json").read_text("utf-8"))
    return Page(payload=(folder / "page.html").read_bytes(), **context)


def told(reading: Reading) -> dict[str, Any]:
    found = {name: getattr(reading, name) for name in FIELDS.split()}
    found["sections"] = [[one.level, one.heading, one.statutory] for one in reading.sections]
    found["attachments"] = [dataclasses.astuple(one) for one in reading.attachments]
    found["remarks"] = sorted(remark.code for remark in reading.remarks if not remark.code.startswith("statistics"))
    found["body"] = (reading.body or "").split("\n")
    return json.loads(json.dumps(found, ensure_ascii=False, default=str))


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_a_saved_page_reads_as_reviewed(folder: Path) -> None:
    found = told(read(page_of(folder)))
    expected = folder / "expected.json"
    if not expected.exists():
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
        pytest.fail(f"{folder.name}: expectation written, review it")
    assert found == json.loads(expected.read_text("utf-8"))


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_no_character_of_the_container_is_lost(folder: Path) -> None:
    article = read_article(page_of(folder))
    if article.element is not None:
        assert lost_characters(article.element, article.untrimmed) == 0


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_reading_twice_gives_the_same(folder: Path) -> None:
    page = page_of(folder)
    assert read(page) == read(page)
