"""Real pages kept outside the project: skipped where they are absent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.items import Page
from pipelines.reading import read
from pipelines.reading.article import read_article
from pipelines.reading.losses import lost_characters

REAL = Path(__file__).parents[2] / ".." / "shared" / "corpus" / "detail_html"
RECORDS = sorted(path for path in REAL.glob("ZhouYNF__platform-1/derived/*.json") if path.with_suffix(".html").exists())
pytestmark = pytest.mark.skipif(not RECORDS, reason="the corpus of real pages is absent: ../shared/corpus/detail_html")


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_fields_agree_with_what_another_crawler_read(record: Path) -> None:
    known = json.loads(record.read_text("utf-8"))
    page = Page(url=known["crawl_url"], payload=record.with_suffix(".html").read_bytes())
    found = read(page)
    assert found.index_number == known["index_number"]
    assert found.title == known["title"]
    assert found.publisher == known["release_office"]
    assert found.document_number == known["release_number"]
    article = read_article(page)
    assert article.element is not None
    assert lost_characters(article.element, article.untrimmed) == 0
