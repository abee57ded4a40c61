"""The servers answer as the portals they stand for: encodings, codings, validators, robots.txt, restless chrome."""

from __future__ import annotations

import http.client
import io
import re
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from urllib.parse import urlsplit

import pytest

from crawler.samples import SampleSite, serve
from crawler.samples.catalogue import GROUPS

from .conftest import Fetch, squeezed

KEYS = [kind.key for group in ("core", "families") for kind in GROUPS[group]]
DRAWN_BY_SCRIPT = {"gkmlpt-rsj-2022"}


@pytest.mark.parametrize("key", KEYS)
def test_every_page_holds_its_report_whole(site: SampleSite, fetch: Fetch, key: str) -> None:
    portal = site.portal(key).expected()
    for report in portal["reports"] + portal["others"]:
        for url in report["locations"]:
            page = fetch(url)
            assert page.status == 200
            assert squeezed(report["title"]) in page.shown
            if report["body_source"] == "page" and report["name"] not in DRAWN_BY_SCRIPT:
                for paragraph in report["paragraphs"]:
                    assert squeezed(paragraph) in page.shown, report["name"]
            for label in report["metadata"].values():
                assert squeezed(label) in page.shown


@pytest.mark.parametrize("key", KEYS)
def test_every_attachment_is_the_document_its_name_promises(site: SampleSite, fetch: Fetch, key: str) -> None:
    for report in site.portal(key).expected()["reports"]:
        for attachment in report["attachments"]:
            document = fetch(attachment["url"])
            assert document.status == 200
            assert f"sha256:{sha256(document.body).hexdigest()}" == attachment["digest"]
            if attachment["name"].endswith(".pdf"):
                assert document.body.startswith(b"%PDF-1.4")
                assert document.body.endswith(b"%%EOF\n")
            else:
                with zipfile.ZipFile(io.BytesIO(document.body)) as archive:
                    assert archive.testzip() is None
                    assert "word/document.xml" in archive.namelist()


def test_single_characters_stand_alone_between_inline_tags(site: SampleSite, fetch: Fetch) -> None:
    page = fetch(site.portal("lanxi").report("lanxi-gov-2020").path.join((site.portal("lanxi").base, "")))
    assert re.search(r"〔<span[^>]*>2019</span>〕<span[^>]*>60</span>号", page.text)
    assert re.search(r"<span[^>]*>2021</span>年<span[^>]*>1</span>月<span[^>]*>\d+</span>日", page.text)


def test_two_views_of_a_page_differ_and_its_report_does_not(site: SampleSite, fetch: Fetch) -> None:
    for key in KEYS:
        report = site.portal(key).expected()["reports"][0]
        one, other = fetch(report["url"]), fetch(report["url"])
        assert one.content != other.content
        assert "今天是" in one.shown
        if report["name"] not in DRAWN_BY_SCRIPT:
            assert all(squeezed(text) in other.shown for text in report["paragraphs"])


def test_the_gbk_portal_calls_gbk_gb2312(site: SampleSite, fetch: Fetch) -> None:
    page = fetch(site.portal("yuanning").expected()["reports"][0]["url"])
    assert page.headers["Content-Type"] == "text/html; charset=gb2312"
    assert b"charset=gb2312" in page.content
    town = site.portal("yuanning").report("yuanning-shiqi-2023")
    body = fetch(site.portal("yuanning").base + town.path).content
    for char in "碶堃喆〇":
        with pytest.raises(UnicodeEncodeError):
            char.encode("gb2312")
        assert char.encode("gbk") in body
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_codings_and_validators_differ_from_portal_to_portal(site: SampleSite, fetch: Fetch) -> None:
    first = {
        key: fetch(site.portal(key).expected()["reports"][0]["url"])
        for key in ("lanxi", "linyuan", "yuanning", "beiling")
    }
    assert first["yuanning"].headers["Content-Encoding"] == "gzip"
    assert first["linyuan"].headers["Transfer-Encoding"] == "chunked"
    assert [key for key, page in first.items() if page.headers["ETag"]] == ["lanxi"]
    assert [key for key, page in first.items() if page.headers["Last-Modified"]] == ["yuanning"]


@pytest.mark.parametrize(
    ("key", "sent", "kept"), [("lanxi", "ETag", "If-None-Match"), ("yuanning", "Last-Modified", "If-Modified-Since")]
)
def test_a_known_page_is_not_modified_until_it_is(
    fresh: SampleSite, fetch: Fetch, key: str, sent: str, kept: str
) -> None:
    report = fresh.portal(key).expected()["reports"][0]
    known = {kept: str(fetch(report["url"]).headers[sent])}
    answer = fetch(report["url"], known)
    assert (answer.status, answer.body) == (304, b"")
    fresh.revise(key, report["name"], "body")
    assert fetch(report["url"], known).status == 200


def test_robots_txt_is_there_or_not_and_one_forbids_a_report(site: SampleSite, fetch: Fetch) -> None:
    answers = {key: fetch(site.portal(key).base + "/robots.txt") for key in KEYS[:5]}
    assert answers["beiling"].status == 404
    assert "Crawl-delay: 0" in answers["lanxi"].text
    forbidden = site.portal("lanxi").expected()["robots"]
    assert len(forbidden) == 1
    assert urlsplit(forbidden[0]).path.startswith("/art/2010/")
    assert "Disallow: /art/2010/" in answers["lanxi"].text
    assert forbidden[0] not in {report["url"] for report in site.portal("lanxi").expected()["reports"]}


def test_one_connection_serves_many_requests_and_the_log_says_so(fresh: SampleSite) -> None:
    portal = fresh.portal("lanxi")
    connection = http.client.HTTPConnection(urlsplit(portal.base).netloc, timeout=10)
    for method in ("GET", "HEAD", "GET"):
        connection.request(method, portal.column_paths[0], headers={"User-Agent": "nianbao"})
        response = connection.getresponse()
        assert bool(response.read()) == (method == "GET")
    connection.request("GET", "/nothing?here=1")
    assert connection.getresponse().read()
    connection.close()
    log = fresh.requests["lanxi"]
    assert [(record.method, record.path, record.status) for record in log[:2]] == [
        ("GET", portal.column_paths[0], 200),
        ("HEAD", portal.column_paths[0], 200),
    ]
    assert log[3].path == "/nothing?here=1"
    assert log[3].status == 404
    assert {record.concurrency for record in log} == {1}
    assert log[0].headers["User-Agent"] == "nianbao"
    assert log[0].time <= log[3].time


def test_the_log_counts_requests_that_overlap(fetch: Fetch) -> None:
    with serve(portals=["slow-drip", "lanxi"]) as running:
        portal = running.portal("slow-drip")
        waiting = http.client.HTTPConnection(urlsplit(portal.base).netloc, timeout=10)
        waiting.request("GET", portal.report("2021").path)
        assert waiting.getresponse().read(1) == b"<"
        fetch(portal.home)
        assert running.requests["slow-drip"][1].concurrency == 2
        waiting.close()


def test_latency_is_waited_for_and_shows_requests_that_overlap(fetch: Fetch) -> None:
    with serve(portals=["lanxi"], latency=0.2) as running, ThreadPoolExecutor(3) as clients:
        started = time.monotonic()
        list(clients.map(fetch, [running.portal("lanxi").home] * 3))
        assert time.monotonic() - started >= 0.2
        assert max(record.concurrency for record in running.requests["lanxi"]) > 1
        for _ in range(2):
            fetch(running.portal("lanxi").home)
        assert [record.concurrency for record in running.requests["lanxi"][3:]] == [1, 1]


def test_closing_hangs_up_and_leaves_no_thread_of_ours_listening() -> None:
    before = set(threading.enumerate())
    running = serve(portals=["lanxi"])
    assert [thread.name for thread in threading.enumerate() if thread not in before] == ["sample portals"]
    netloc = urlsplit(running.portal("lanxi").base).netloc
    connection = http.client.HTTPConnection(netloc, timeout=5)
    connection.request("GET", "/")
    connection.getresponse().read()
    running.close()
    running.close()
    with pytest.raises(OSError):
        http.client.HTTPConnection(netloc, timeout=2).request("GET", "/")
    assert not [thread for thread in threading.enumerate() if thread not in before and thread.name == "sample portals"]
    connection.close()


def test_a_fault_of_the_samples_is_not_swallowed(fetch: Fetch) -> None:
    running = serve(portals=["lanxi"])
    running.portal("lanxi").routes["/broken"] = lambda request: 1 / 0  # type: ignore[assignment,return-value]
    with pytest.raises(RuntimeError, match="1 faults"), running:
        assert fetch(running.portal("lanxi").base + "/broken").status == 500
