"""Thirty pages of thirty manners: every field, every label, the whole body and nothing beside it."""

from __future__ import annotations

import pytest

from crawler.items import Page, Reading
from pipelines.reading import read
from pipelines.reading.article import read_article
from pipelines.reading.losses import lost_characters
from tests.reading.foreign_pages import PAGES, Foreign

FIELDS = (
    "title", "agency", "report_year", "kind", "publisher", "index_number", "index_number_kind", "document_number",
    "published_on", "signed_on",
)  # fmt: skip


def reading(case: Foreign) -> Reading:
    page = Page(url=case.url, payload=case.payload, **case.context)
    found = read(page)
    parts = []
    for url in (*found.further_pages, *found.frames):
        body = "".join(case.wrap.format(line) for line in case.lines)
        parts.append(Page(url=url, payload=case.parts[url].replace("{body}", body).encode(case.encoding)))
    return read(page, parts) if parts else found


@pytest.fixture(params=PAGES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Foreign:
    chosen: Foreign = request.param
    return chosen


def test_every_field(case: Foreign) -> None:
    found = reading(case)
    assert {name: getattr(found, name) for name in FIELDS} == {name: case.fields.get(name) for name in FIELDS}


def test_every_label_and_no_other(case: Foreign) -> None:
    assert dict(reading(case).metadata) == dict(case.metadata)


def test_the_whole_body_and_nothing_beside_it(case: Foreign) -> None:
    expected = [*case.fields.get("lead", ()), *case.lines, *case.fields.get("tail", ())]
    assert (reading(case).body or "").split("\n\n") == (expected or [""])


def test_every_file_and_no_other(case: Foreign) -> None:
    found = reading(case)
    assert [(link.name, link.url) for link in found.attachments] == list(case.attachments)
    assert found.details.get("needed_documents", ()) == case.needed


def test_no_character_is_lost(case: Foreign) -> None:
    article = read_article(Page(url=case.url, payload=case.payload))
    if article.element is not None:
        assert lost_characters(article.element, article.untrimmed) == 0
