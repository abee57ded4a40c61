"""Each misbehaving portal misbehaves as its name says, and only there."""

from __future__ import annotations

import gzip
import http.client
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from crawler.items import PortalStatus
from crawler.samples import SampleSite, serve
from crawler.samples.catalogue import GROUPS
from crawler.samples.hostile.pages import bomb

from .conftest import Fetch


@pytest.fixture(scope="module")
def hostile() -> Iterator[SampleSite]:
    with serve(portals=["hostile"]) as running:
        yield running


def bad(site: SampleSite, key: str, name: str = "2021") -> str:
    return site.portal(key).base + site.portal(key).report(name).path


@pytest.mark.parametrize("key", [kind.key for kind in GROUPS["hostile"]])
def test_the_outcome_is_one_the_summary_knows(hostile: SampleSite, key: str) -> None:
    portal = hostile.portal(key)
    for status in (portal.outcome.status, *portal.outcome.also):
        assert PortalStatus(status)
    assert portal.outcome.family in {None, "Blocked", "Unreadable", "PortalChanged"}
    if portal.registered:
        expected = hostile.portal(key).expected()
        assert sum(len(expected[what]) for what in ("reports", "lost", "possible")) == expected["entries"]


@pytest.mark.parametrize(
    ("key", "status", "sign"),
    [
        ("challenge-412", 412, "$_ts"),
        ("jsl-521", 521, "_clearance_s"),
        ("geo-403", 403, "reason:GeoBL"),
        ("cookie-challenge", 200, 'document.cookie="C3VK='),
        ("captcha", 200, "验证码"),
        ("column-gone", 404, "404 Not Found"),
        ("column-500", 500, "NullPointerException"),
    ],
)
def test_a_refusing_portal_refuses_its_column(
    hostile: SampleSite, fetch: Fetch, key: str, status: int, sign: str
) -> None:
    answer = fetch(hostile.portal(key).columns[0])
    assert answer.status == status
    assert sign in answer.text


def test_the_cookie_challenge_is_as_small_as_real_ones(hostile: SampleSite, fetch: Fetch) -> None:
    assert len(fetch(hostile.portal("cookie-challenge").home).body) < 400


@pytest.mark.parametrize(
    "key",
    [
        kind.key
        for kind in GROUPS["hostile"]
        if "2022" not in kind.lost | kind.possible and kind.key not in {"empty", "throttled-429", "elsewhere"}
    ],
)
def test_the_reports_that_can_be_had_are_there(hostile: SampleSite, fetch: Fetch, key: str) -> None:
    for report in hostile.portal(key).expected()["reports"]:
        answer = fetch(report["url"])
        assert answer.status == 200 or key == "flaky-502"
        if answer.status == 200:
            assert report["title"] in answer.text


@pytest.mark.parametrize(
    ("key", "status", "sign"),
    [
        ("soft-404", 200, "页面不存在"),
        ("hard-404", 404, "404"),
        ("same-page", 200, "<ul class='list'>"),
        ("empty-body", 200, ""),
        ("server-error", 500, "500"),
    ],
)
def test_the_bad_article_is_bad(hostile: SampleSite, fetch: Fetch, key: str, status: int, sign: str) -> None:
    answer = fetch(bad(hostile, key))
    assert answer.status == status
    assert sign in answer.text
    assert "总体情况" not in answer.text


def test_a_truncated_article_promises_more_than_it_sends(hostile: SampleSite, fetch: Fetch) -> None:
    with pytest.raises(http.client.IncompleteRead):
        fetch(bad(hostile, "truncated"))


def test_a_reset_is_a_reset(hostile: SampleSite, fetch: Fetch) -> None:
    with pytest.raises(ConnectionResetError):
        fetch(bad(hostile, "reset"))
    with pytest.raises(ConnectionResetError):
        fetch(hostile.portal("dead").columns[0])
    assert hostile.requests["dead"][-1].status == 0


def test_the_drip_goes_on_for_longer_than_anyone_should_wait(hostile: SampleSite) -> None:
    connection = http.client.HTTPConnection(urlsplit(hostile.portal("slow-drip").base).netloc, timeout=5)
    connection.request("GET", hostile.portal("slow-drip").report("2021").path)
    response = connection.getresponse()
    started = time.monotonic()
    assert response.read(3)
    assert time.monotonic() - started > 0.3
    assert int(response.headers["Content-Length"]) > 10_000
    connection.close()


def test_the_bomb_is_small_and_unpacks_to_what_it_says() -> None:
    assert len(bomb(512)) < 1_000_000
    assert gzip.decompress(bomb(3)) == b" " * (3 << 20)


def test_the_huge_page_has_no_length_and_sixty_megabytes(hostile: SampleSite) -> None:
    connection = http.client.HTTPConnection(urlsplit(hostile.portal("huge-page").base).netloc, timeout=10)
    connection.request("GET", hostile.portal("huge-page").report("2021").path)
    response = connection.getresponse()
    assert response.headers["Content-Length"] is None
    size = 0
    while piece := response.read(1 << 20):
        size += len(piece)
    assert 59_000_000 < size < 61_000_000
    connection.close()


def test_redirects_lead_where_no_crawler_may_follow(hostile: SampleSite, fetch: Fetch) -> None:
    elsewhere = hostile.portal("elsewhere").base
    assert fetch(bad(hostile, "redirect-away", "2022")).headers["Location"].startswith(elsewhere)
    assert fetch(bad(hostile, "redirect-away")).headers["Location"].startswith("http://169.254.169.254/")
    assert elsewhere in fetch(hostile.portal("off-site").columns[0]).text
    assert fetch(bad(hostile, "home-redirects")).headers["Location"] == "/"
    there = fetch(bad(hostile, "redirect-loop")).headers["Location"]
    assert bad(hostile, "redirect-loop").endswith(
        fetch(hostile.portal("redirect-loop").base + there).headers["Location"]
    )
    assert hostile.requests["elsewhere"] == []


def test_lists_never_end_or_end_too_soon(hostile: SampleSite, fetch: Fetch) -> None:
    endless = hostile.portal("endless-pager").columns[0]
    assert "index_10001.html" in fetch(f"{endless}index_10000.html").text
    assert "rili/3000/" in fetch(f"{hostile.portal('calendar-trap').columns[0]}rili/2999/").text
    stub = hostile.portal("empty-page").columns[0]
    assert 'createPageHTML(3, 0, "index", "html")' in fetch(stub).text
    assert 300 <= len(fetch(f"{stub}index_1.html").body) <= 400
    assert "content_20201.html" in fetch(f"{stub}index_2.html").text


def test_session_ids_are_new_in_every_view_and_lead_to_the_same_page(hostile: SampleSite, fetch: Fetch) -> None:
    portal = hostile.portal("session-ids")
    one, other = fetch(portal.columns[0]).text, fetch(portal.columns[0]).text
    links = [text.partition('<a href="/zfxxgk/ndbg/content_')[2].partition('"')[0] for text in (one, other)]
    assert links[0] != links[1]
    assert ";jsessionid=" in links[0]
    assert fetch(f"{portal.base}/zfxxgk/ndbg/content_{links[0]}").status == 200


def test_throttles_and_flaws_pass(hostile: SampleSite, fetch: Fetch) -> None:
    url = bad(hostile, "throttled-429")
    first = fetch(url)
    assert (first.status, first.headers["Retry-After"]) == (429, "1")
    assert fetch(url).status == 200
    hostile.reset()
    assert [fetch(bad(hostile, "flaky-502")).status for _ in range(3)] == [502, 502, 200]
    assert [fetch(bad(hostile, "challenge-midway", name)).status for name in ("2022", "2021", "2020")] == [
        200,
        412,
        412,
    ]


def test_documents_lie_about_their_type_and_name(hostile: SampleSite, fetch: Fetch) -> None:
    assert hostile.portal("fake-pdf").expected()["reports"][0]["attachments"] == []
    answer = fetch(hostile.portal("fake-pdf").base + "/zfxxgk/ndbg/files/fubiao.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.body.startswith(b"<html>")
    escaping = hostile.portal("escaping-names").expected()["reports"][0]["attachments"][0]
    assert "../../tmp/" in fetch(escaping["url"]).headers["Content-Disposition"]
    assert fetch(escaping["url"]).body.startswith(b"%PDF")
    assert fetch(bad(hostile, "not-html")).body.startswith(b"\x89PNG")
    assert fetch(bad(hostile, "deep-html")).body.count(b"<div>") >= 20_000
