"""When a list need not be walked to its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.items import Column, Declared, Entry, Listing
from spiders.unchanged import Walk, Walked

NOW = datetime(2026, 2, 1, 18, tzinfo=UTC)
COLUMN = Column("http://gov.test/nb/")


def entry(number: int, day: int | None = None) -> Entry:
    listed_on = date(2026, 1, day) if day else None
    return Entry(f"http://gov.test/nb/{number}.html", f"第{number}号", COLUMN, listed_on)


def page(*entries: Entry, records: int | None = 6) -> Listing:
    return Listing(entries, declared=Declared(records) if records else None)


FIRST, SECOND = page(entry(6, 30), entry(5, 29), entry(4, 28)), page(entry(3, 28), entry(2, 20), entry(1, 2))


def walked(*pages: Listing, records: int | None = 6) -> Walked | None:
    walk = Walk()
    for number, each in reversed(list(enumerate(pages, 1))):
        walk.read(number, each)
    return walk.ended(records, NOW)


def test_an_ordered_list_that_declares_its_number_is_remembered_and_stands() -> None:
    list_then = walked(FIRST, SECOND)
    assert list_then is not None
    assert Walked.of(list_then.plain()) == list_then
    assert list_then.stands(FIRST, NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("pages", "records"),
    [
        ((FIRST,), 6),  # one page: nothing to save
        ((FIRST, SECOND), None),  # nothing declared
        ((SECOND, FIRST), 6),  # not newest-first from page to page
        ((FIRST, page(entry(2, 20), entry(3, 28))), 6),  # nor within one
        ((FIRST, page(entry(3, 28), entry(2))), 6),  # a row without a date
        ((FIRST, page()), 6),
    ],
)
def test_what_cannot_be_proved_is_walked(pages: tuple[Listing, ...], records: int | None) -> None:
    assert walked(*pages, records=records) is None


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (page(entry(7, 31), entry(6, 30), entry(5, 29), records=7), 1),  # one more
        (page(entry(7, 31), entry(6, 30), entry(5, 29)), 1),  # one more and one less
        (page(entry(6, 30), entry(5, 29), entry(4, 28), records=5), 1),  # one less, further down
        (page(replace(entry(6, 30), title="更正"), entry(5, 29), entry(4, 28)), 1),
        (page(entry(6, 30), entry(5, 29), entry(4, 28), records=None), 1),
        (FIRST, 7),  # walked too long ago
    ],
)
def test_a_list_that_shows_a_change_is_walked(today: Listing, days: int) -> None:
    list_then = walked(FIRST, SECOND)
    assert list_then is not None
    assert not list_then.stands(today, NOW + timedelta(days=days))


@pytest.mark.parametrize("plain", [None, 3, {}, {"records": "x", "first_page": "", "walked": ""}])
def test_what_no_run_of_ours_has_written_is_nothing_to_go_by(plain: object) -> None:
    assert Walked.of(plain) is None
