"""``revise`` changes what it says and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.samples import SampleSite
from crawler.samples.report import CHANGES

from .conftest import Fetch, squeezed

PORTALS = ["lanxi", "linyuan", "yuanning", "beiling", "lanxi-scjg"]


def report_of(site: SampleSite, key: str, name: str) -> dict[str, Any]:
    return next(report for report in site.portal(key).expected()["reports"] if report["name"] == name)


def differences(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {field for field in before if before[field] != after[field]}


@pytest.mark.parametrize("key", PORTALS)
@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("body", {"paragraphs", "probes"}),
        ("statistics", {"paragraphs", "statistics", "probes"}),
        ("metadata", {"document_number", "metadata"}),
        ("attachment", {"attachments"}),
        ("chrome", set()),
        ("move", {"url", "locations"}),
        (
            "other_year",
            {"title", "report_year", "published_on", "signed_on", "statistics", "paragraphs", "probes", "metadata"},
        ),
    ],
)
def test_only_what_was_revised_differs(fresh: SampleSite, fetch: Fetch, key: str, what: str, changed: set[str]) -> None:
    before = next(r for r in fresh.portal(key).expected()["reports"] if r["statistics"] and not r["attachments"])
    others = [r for r in fresh.portal(key).expected()["reports"] if r["name"] != before["name"]]
    url = fresh.revise(key, before["name"], what)
    after = report_of(fresh, key, before["name"])
    assert differences(before, after) <= changed
    assert changed - {"probes", "metadata", "signed_on"} <= differences(before, after)
    assert [r for r in fresh.portal(key).expected()["reports"] if r["name"] != before["name"]] == others
    page = fetch(url).shown
    assert all(squeezed(paragraph) in page for paragraph in after["paragraphs"])
    if what == "statistics":
        total = after["statistics"]["applications"]["new"]["total"]
        assert total == before["statistics"]["applications"]["new"]["total"] + 1
        assert f"新收政府信息公开申请{total}件" in page
    if what == "metadata":
        assert after["document_number"] in page
    if what == "chrome":
        assert "专题专栏之1" in page


def test_a_withdrawn_report_is_gone_from_page_and_list(fresh: SampleSite, fetch: Fetch) -> None:
    report = fresh.portal("beiling").expected()["reports"][0]
    fresh.revise("beiling", report["url"], "withdraw")
    assert fetch(report["url"]).status == 404
    assert report["title"] not in fetch(fresh.portal("beiling").columns[0]).text
    assert report["url"] not in {each["url"] for each in fresh.portal("beiling").expected()["reports"]}


@pytest.mark.parametrize(("redirect", "status"), [(False, 404), (True, 301)])
def test_a_moved_report_leaves_its_old_address(fresh: SampleSite, fetch: Fetch, redirect: bool, status: int) -> None:
    for key in PORTALS:
        report = fresh.portal(key).expected()["reports"][-1]
        url = fresh.revise(key, report["name"], "move", redirect=redirect)
        assert url != report["url"]
        old = fetch(report["url"])
        assert old.status == status
        assert (old.headers["Location"] == url.removeprefix(fresh.portal(key).base)) == redirect
        assert squeezed(report["title"]) in fetch(url).shown


def test_a_document_is_revised_with_the_report_it_holds(fresh: SampleSite, fetch: Fetch) -> None:
    before = report_of(fresh, "linyuan", "linyuan-zjj-2017")
    page = fetch(before["url"]).shown
    fresh.revise("linyuan", before["name"], "body")
    after = report_of(fresh, "linyuan", before["name"])
    assert differences(before, after) == {"paragraphs", "attachments"}
    assert "年度报告全文见附件" in page


def test_revising_twice_changes_twice(fresh: SampleSite) -> None:
    texts = []
    for _ in range(3):
        texts.append(report_of(fresh, "lanxi", "lanxi-gov-2021")["paragraphs"])
        fresh.revise("lanxi", "lanxi-gov-2021", "body")
    assert len({len(text) for text in texts}) == 3


def test_reset_brings_everything_back_under_the_same_addresses(fresh: SampleSite, fetch: Fetch) -> None:
    before = fresh.expected()
    for what in CHANGES:
        fresh.revise("lanxi", "lanxi-gov-2021" if what != "withdraw" else "lanxi-gov-2020", what)
    fetch(fresh.portal("lanxi").home)
    assert fresh.expected() != before
    fresh.reset()
    assert fresh.expected() == before
    assert fresh.requests["lanxi"] == []


def test_what_cannot_be_revised_is_refused(fresh: SampleSite) -> None:
    with pytest.raises(ValueError, match="no statistics"):
        fresh.revise("lanxi", "lanxi-gov-2008", "statistics")
    with pytest.raises(ValueError, match="one of body, statistics"):
        fresh.revise("lanxi", "lanxi-gov-2008", "title")
    with pytest.raises(KeyError, match="has no report"):
        fresh.revise("lanxi", "lanxi-gov-1999")
