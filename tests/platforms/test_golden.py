"""Golden pages: bytes as a portal serves them, and beside them what their platform makes of them.

A case is ``golden/<platform>/<case>.html|xml|json`` with ``<case>.expected.json``. A new case names its ``url`` there
(and its ``column``, ``fetch``, ``encoding`` where they are not plain); what is missing is written by the first run,
which fails so that it is read once.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import HtmlResponse, TextResponse, XmlResponse

from crawler.items import Column, Fetch, Listing
from spiders.platforms import PLATFORMS, by_name, fingerprint

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path for path in GOLDEN.glob("*/*") if not path.name.endswith(".expected.json"))
KINDS = {".html": HtmlResponse, ".xml": XmlResponse, ".json": TextResponse}
# One page may carry marks of two generations or of a module inside another software; the first in order decides.
ALSO_CLAIMED = {"trs": {"ucap"}}


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def expected_of(path: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads(path.with_name(f"{path.stem}.expected.json").read_text("utf-8"))
    return expected


def response_of(path: Path, expected: dict[str, Any]) -> TextResponse:
    return KINDS[path.suffix](expected["url"], body=path.read_bytes(), encoding=expected.get("encoding", "utf-8"))


def listing_of(path: Path, expected: dict[str, Any]) -> Listing:
    column = expected.get("column") or {"url": expected["url"]}
    fetch = expected.get("fetch") or {"url": column["url"]}
    return by_name(path.parent.name).listing(response_of(path, expected), Column(**column), Fetch(**fetch))


def found_in(path: Path, expected: dict[str, Any]) -> dict[str, Any]:
    """What a case comes to, as its expectation says it."""
    platform, why = fingerprint(response_of(path, expected))
    found: dict[str, Any] = {"platform": platform.name, "why": why}
    if expected.get("recognise_only"):
        return found
    listing = listing_of(path, expected)
    own = Column(**(expected.get("column") or {"url": expected["url"]}))
    found["entries"] = [
        _without_absent(
            url=entry.url,
            title=entry.title,
            listed_on=entry.listed_on,
            facts=dict(entry.facts),
            report_year=entry.column.report_year if entry.column.report_year != own.report_year else None,
            agency=entry.column.agency if entry.column.agency != own.agency else None,
        )
        for entry in listing.entries
    ]
    found["columns"] = [
        _without_absent(url=column.url, title=column.title, report_year=column.report_year, agency=column.agency)
        for column in listing.columns
    ]
    found["more"] = [
        _without_absent(
            page=fetch.page,
            url=fetch.url,
            method=fetch.method if fetch.method != "GET" else None,
            body=fetch.body.decode(),
        )
        for fetch in listing.more
    ]
    declared = listing.declared
    found["declared"] = declared and _without_absent(
        records=declared.records, pages=declared.pages, page_size=declared.page_size
    )
    return found


def _without_absent(**values: Any) -> dict[str, Any]:
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    return {name: value for name, value in plain.items() if value not in (None, "", {})}


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_a_golden_page_reads_as_its_expectation_says(path: Path) -> None:
    expected = expected_of(path)
    found = found_in(path, expected)
    if "platform" not in expected:
        place = path.with_name(f"{path.stem}.expected.json")
        place.write_text(json.dumps({**expected, **found}, ensure_ascii=False, indent=2) + "\n", "utf-8")
        pytest.fail(f"wrote what {name_of(path)} comes to; read it, then run again")
    assert found == {name: expected[name] for name in found}
    assert expected["platform"] == path.parent.name


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_a_golden_page_is_claimed_by_no_other_platform(path: Path) -> None:
    response = response_of(path, expected_of(path))
    claims = {platform.name: why for platform in PLATFORMS if (why := platform.recognise(response)) is not None}
    claims.pop("plain")
    claims.pop(path.parent.name, None)
    assert set(claims) <= ALSO_CLAIMED.get(path.parent.name, set()), claims


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_reading_a_golden_page_twice_gives_the_same(path: Path) -> None:
    expected = expected_of(path)
    if not expected.get("recognise_only"):
        assert listing_of(path, expected) == listing_of(path, expected)


def test_every_platform_has_golden_pages() -> None:
    assert {path.parent.name for path in CASES} == {platform.name for platform in PLATFORMS}
