"""A small archive as several runs would leave it, and the web view of it on a port of its own.

The pages are those of the sample portals, read as they are read in a crawl; beside them one report that comes from a
hostile page, and one that can no longer be found.
"""

from __future__ import annotations

import hashlib
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from crawler.items import Attachment, Capture, Page, Sighting, Version
from crawler.samples import serve
from crawler.web.index import Index
from crawler.web.server import application
from pipelines.reading import read
from storage import open_archive
from storage.archive import Archive

NO_FILES = hashlib.sha256(b"").hexdigest()
FIRST = datetime(2025, 4, 2, 1, 30, tzinfo=UTC)
HOSTILE_URL = "http://hostile.example.gov.cn/xxgk/2023.html"
GONE_URL = "http://gone.example.gov.cn/nb/2019.html"
HOSTILE_NAME = '../../etc/passwd"\r\nX-Evil: yes\r\n.html'
HOSTILE_TITLE = (
    "\"><img src=x onerror=alert(1)><script>alert('标题')</script>试验县档案局2023年政府信息公开工作年度报告"
)


def hostile_page(canary: str) -> bytes:
    """A page that tries everything."""
    return f"""<!doctype html><html><head><meta charset="utf-8"><title>试验县档案局2023年政府信息公开工作年度报告</title>
<base href="{canary}/base/" target="_top"><meta http-equiv="refresh" content="0;url={canary}/refresh">
<link rel="stylesheet" href="{canary}/style.css"><link rel="preconnect" href="{canary}"><LINK REL=dns-prefetch HREF="{canary}">
<link rel="prefetch" href="{canary}/prefetch"><link rel="icon" href="{canary}/icon"><style>@import url({canary}/import.css);
@font-face{{font-family:x;src:url({canary}/font)}} body{{background:url({canary}/background);font-family:x}}</style>
<script>document.title='ran';parent.postMessage('ran','*');try{{top.location='{canary}/top'}}catch(e){{}}</script>
<script src="{canary}/script.js"></script></head>
<body onload="document.body.id='ran';new Image().src='{canary}/onload'">
<h1>试验县档案局2023年政府信息公开工作年度报告</h1><p>本页企图运行脚本。</p>
<img src="{canary}/image.png" onerror="document.body.id='ran'"><svg onload="document.body.id='ran'"></svg>
<iframe src="{canary}/frame"></iframe><object data="{canary}/object"></object><embed src="{canary}/embed">
<video src="{canary}/video" autoplay></video><form id=f action="{canary}/form"><input name=a value=b autofocus onfocus="f.submit()"></form>
<a id=out href="{canary}/link" target="_top">链接</a><a href="javascript:document.body.id='ran'">脚本</a>
</body></html>""".encode()


@dataclass
class Canary:
    """A server no stored page may ever reach."""

    url: str
    requests: list[str] = field(default_factory=list)
    connections: int = 0


@pytest.fixture(scope="session")
def canary() -> Iterator[Canary]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            watched.requests.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def verify_request(self, *args: Any) -> bool:
            watched.connections += 1
            return True

    server = Server(("127.0.0.1", 0), Handler)
    watched = Canary(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield watched
    server.shutdown()


def capture(url: str, payload: bytes, moment: datetime, content_type: str = "text/html") -> Capture:
    return Capture(
        portal="test", url=url, time=moment, status=200, reason="OK", protocol="HTTP/1.1", request_method="GET",
        request_headers=((b"Host", b"example.gov.cn"),), response_headers=((b"Content-Type", content_type.encode()),),
        entity=payload, payload=payload, payload_digest=hashlib.sha256(payload).hexdigest(), ip_address="127.0.0.1",
    )  # fmt: skip


@dataclass
class Filled:
    """The archive and what a test needs to know of it."""

    archive: Archive
    ids: dict[str, str]  # name → report id
    urls: dict[str, str]


class Filler:
    """Writes what runs write, in their order."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.ids: dict[str, str] = {}
        self.urls: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self.log: Any = None

    @contextmanager
    def run(self, name: str, start: datetime, outcomes: dict[str, dict[str, Any]]) -> Iterator[None]:
        self.log, self.name, self.now = self.archive.sightings(name), name, start
        yield
        self.log.close()
        zeros = dict.fromkeys(("columns", "entries", "new", "revised", "unchanged", "copies", "not_reports", "quarantined",
                               "errors", "robots", "requests", "bytes"), 0)  # fmt: skip
        portals = {
            key: {**zeros, "reason": None, "settled": ended["status"] == "ok", "platform": "plain", **ended}
            for key, ended in outcomes.items()
        }
        self.archive.put_run(
            {"run": name, "started": start.isoformat(), "finished": (start + timedelta(minutes=9)).isoformat(),
             "provinces": ["33"], "portals": portals, "totals": {**zeros, "new": len(self.ids)}}
        )  # fmt: skip

    def keep(
        self,
        name: str,
        url: str,
        payload: bytes,
        portal: str = "lanxi",
        files: tuple[Attachment, ...] = (),
        **stated: Any,
    ) -> Version:
        self.now += timedelta(seconds=1)
        kept = capture(url, payload, self.now)
        key = self.archive.put_snapshot(kept)
        reading = replace(read(Page(url=url, payload=payload)), **stated)
        report_id = self.ids.setdefault(name, hashlib.sha256(url.encode()).hexdigest()[:24])
        self.urls[name] = url
        number = self.numbers[name] = self.numbers.get(name, 0) + 1
        version = Version(
            report_id=report_id, number=number, changed=("body",) if number > 1 else (), run=self.name, portal=portal,
            province="33", division="331124", platform="plain", url=url, first_seen=self.now,
            payload_digest=kept.payload_digest, snapshot=key, parts=(), attachments=files, attachments_digest=NO_FILES,
            reading=reading,
        )  # fmt: skip
        self.archive.put_version(version)
        self.archive.point_version(version)
        self.see(
            name,
            "new" if number == 1 else "revised",
            portal,
            digest=kept.payload_digest,
            kind=reading.kind.value,
            agency=reading.agency,
            report_year=reading.report_year,
        )
        return version

    def see(self, name: str, outcome: str, portal: str = "lanxi", digest: str | None = None, **stated: Any) -> None:
        self.now += timedelta(seconds=1)
        self.log.add(
            Sighting(
                self.name,
                portal,
                self.now,
                self.urls[name],
                outcome,
                status=200,
                report_id=self.ids.get(name),
                version=self.numbers.get(name),
                payload_digest=digest,
                **stated,
            )
        )

    def file(self, name: str, url: str, payload: bytes, media_type: str) -> Attachment:
        kept = capture(url, payload, self.now, media_type)
        key = self.archive.put_snapshot(kept)
        return Attachment(name, url, media_type, len(payload), kept.payload_digest, key)


def fill(archive: Archive, canary: Canary) -> Filled:
    fill = Filler(archive)
    with serve(portals=["lanxi"]) as site:
        reports = site.expected()["lanxi"]["reports"]
        chosen = [r for r in reports if r["name"].startswith(("lanxi-gov-20", "lanxi-jyj", "lanxi-mzj"))]

        def page_of(url: str) -> bytes:
            with urllib.request.urlopen(url) as answer:
                return answer.read()

        ok = {"status": "ok", "entries": len(chosen)}
        with fill.run("20250402T013000Z-aaaaaaaa", FIRST, {"lanxi": ok, "hostile": ok}):
            for report in chosen:
                fill.keep(report["name"], report["url"], page_of(report["url"]))
            page = hostile_page(canary.url)
            file = fill.file(HOSTILE_NAME, f"{HOSTILE_URL}.html", b"<script>alert(1)</script>", "text/html")
            body = "| <script>alert(1)</script> | 数 |\n| --- | --- |\n| ![x](javascript:alert(1)) | 3 |\n\n<b onclick=alert(1)>正文</b>"
            fill.keep("hostile", HOSTILE_URL, page, "hostile", files=(file,), title=HOSTILE_TITLE, body=body)
            fill.keep("gone", GONE_URL, page_of(chosen[0]["url"]), "hostile", agency="试验县档案馆", report_year=2019,
                      title="试验县档案馆2019年政府信息公开工作年度报告")  # fmt: skip
        site.revise("lanxi", "lanxi-gov-2023", "statistics")
        later = FIRST + timedelta(days=1)
        broken = {"status": "blocked", "reason": "challenge page: 知道创宇", "errors": 3}
        with fill.run("20250403T013000Z-bbbbbbbb", later, {"lanxi": ok, "hostile": broken}):
            for report in chosen:
                if report["name"] == "lanxi-gov-2023":
                    fill.keep(report["name"], report["url"], page_of(report["url"]))
                else:
                    fill.see(report["name"], "unchanged")
            fill.see("gone", "gone", "hostile")
            fill.urls["lost"] = "http://hostile.example.gov.cn/lost.html"
            fill.see("lost", "soft_404", "hostile")
    return Filled(archive, fill.ids, fill.urls)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, canary: Canary) -> Filled:
    return fill(open_archive(str(tmp_path_factory.mktemp("archive")), create=True), canary)


@pytest.fixture(scope="session")
def index(filled: Filled, tmp_path_factory: pytest.TempPathFactory) -> Index:
    index = Index(tmp_path_factory.mktemp("cache") / "index.sqlite", filled.archive.uri)
    index.refresh(filled.archive)
    return index


@contextmanager
def running(archive: Archive, index: Index) -> Iterator[str]:
    """The web view on a free port of loopback; its address."""
    config = uvicorn.Config(application(archive, index, hosts={"127.0.0.1", "localhost"}), port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)


@pytest.fixture(scope="session")
def address(filled: Filled, index: Index) -> Iterator[str]:
    with running(filled.archive, index) as url:
        yield url


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False) as client:
        yield client


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite"
