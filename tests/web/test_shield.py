"""Nothing stored runs, nothing asked becomes a path, nothing is ever written."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import httpx
import pytest

from tests.web.conftest import HOSTILE_URL, Filled


def raw(address: str, request: bytes) -> tuple[int, str]:
    """The answer to bytes no client library would send."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(request)
        data = b""
        while chunk := connection.recv(65536):
            data += chunk
    return int(data.split(b" ", 2)[1]), data.decode("utf-8", "replace")


@pytest.mark.parametrize(
    "path", ["/", "/search?q=x", "/nothing", "/search?year=x", "/api/v1/status", "/static/nothing.css"]
)
def test_every_answer_wears_the_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers or "uvicorn" in headers["server"]


def test_a_hostile_page_is_served_under_a_policy_that_lets_nothing_run(client: httpx.Client, filled: Filled) -> None:
    version = filled.archive.version(filled.ids["hostile"], 1)
    for path in (f"/original/{version.payload_digest}", f"/memento/{20250402}000000/{HOSTILE_URL}"):
        answer = client.get(path, follow_redirects=True)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:")
        assert "allow-" not in policy
        assert answer.headers["content-type"].startswith("text/html")
        assert b"<link" not in answer.content.lower()
        assert "本页企图运行脚本" in answer.text


def test_what_a_hostile_page_says_is_text_on_ours(client: httpx.Client, filled: Filled) -> None:
    for path in (
        f"/reports/{filled.ids['hostile']}",
        "/search?q=档案局",
        "/search?q=<script>alert(1)</script>",
        "/",
        "/api/v1/reports.atom",
    ):
        text = client.get(path).text
        assert "<script" not in text
        assert "<img" not in text
        assert "onerror=alert(1)>" not in text.replace("&gt;", "≻")
        assert "<b onclick" not in text


def test_files_are_saved_and_never_shown(client: httpx.Client, filled: Filled) -> None:
    answer = client.get(f"/reports/{filled.ids['hostile']}/versions/1/files/1")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "x-evil" not in answer.headers
    assert "/" not in answer.headers["content-disposition"].replace("UTF-8''", "")
    for number in (0, 2, 10**30):
        assert client.get(f"/reports/{filled.ids['hostile']}/versions/1/files/{number}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py", "/static/%2e%2e/server.py", "/static/..%2fserver.py", "/..%2f..%2fetc/passwd", "//etc/passwd",
        "/original/..%2f..%2farchive.json", "/original/archive.json", f"/original/{'a' * 64}", "/original/" + "A" * 64,
        "/snapshots/../../archive.json.warc.gz", "/snapshots/..%2farchive.json", f"/snapshots/{'0' * 64}.warc.gz",
        "/reports/..%2f..%2fruns", "/reports/%00", "/reports/.", "/reports/a%2fb", "/reports/ab/proof.zip", "/runs/..%2farchive",
        "/api/v1/runs/%2e%2e%2farchive", "/api/v1/reports/..%2f", "/reports/%F0%28%8C%28",
    ],
)  # fmt: skip
def test_no_path_leads_out(address: str, path: str) -> None:
    status, text = raw(address, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    assert status in (400, 404), text[:300]
    assert "root:" not in text
    assert "promise" not in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    "query",
    [
        "q=%22", "q=*", "q=a%20OR%20b", "q=NEAR(a%20b)", "q=%22%20AND%20%22", "q=text:x", "q=" + "公" * 200, "q=-", "q=-%20-x",
        "q=%00", "q=%ED%A0%80",
        "q=" + "公" * 201, "year=0", "year=1e9", "year=٢٠٢٣", "after=-1", "after=9223372036854775808", "limit=0", "limit=201",
        "province=3'",
        "province=%25", "kind=nothing", "agency=%27%3B%20drop%20table%20reports--", "year=2023&year=2024", "bogus=1", "lang=fr",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/search", "/api/v1/reports", "/api/v1/reports.atom", "/api/v1/reports.csv"])
def test_no_query_breaks_anything(client: httpx.Client, path: str, query: str) -> None:
    answer = client.get(f"{path}?{query}")
    assert answer.status_code in (200, 400)
    assert "Traceback" not in answer.text


def test_only_get_and_head(client: httpx.Client) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        answer = client.request(method, "/")
        assert answer.status_code == 405, method
        assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/", "/search?q=公开", "/api/v1/status", "/api/v1/openapi.json"])
def test_head_is_get_without_its_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == 200
    assert not head.content
    assert head.headers["etag"] == got.headers["etag"]
    assert head.headers["content-length"] == got.headers["content-length"]


def test_what_has_not_changed_is_not_sent_again(client: httpx.Client, filled: Filled) -> None:
    version = filled.archive.version(filled.ids["hostile"], 1)
    for path in (
        "/",
        "/search?q=公开",
        "/api/v1/reports",
        f"/snapshots/{version.payload_digest}.warc.gz",
        f"/original/{version.payload_digest}",
    ):
        tag = client.get(path).headers["etag"]
        again = client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert again.status_code == 304, path
        assert not again.content
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_other_names_are_not_answered_to(client: httpx.Client) -> None:
    assert client.get("/", headers={"Host": "rebound.example"}).status_code == 421
    assert client.get("/", headers={"Host": "localhost:9"}).status_code == 200


def test_an_endless_address_is_refused(client: httpx.Client) -> None:
    assert client.get("/search?q=" + "a" * 9000).status_code == 414
