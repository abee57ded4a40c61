"""Portals in JavaScript only, drawn in a real Chromium that never fetches anything itself."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from scrapy.utils.test import get_crawler
from warcio.archiveiterator import ArchiveIterator

from crawler import browser
from crawler.samples import SampleSite, serve
from crawler.samples.families.javascript import SCRIPT, Javascript
from crawler.samples.server import Request, Response
from storage.archive import open_archive
from tests.job.comparing import differences
from tests.job.conftest import Nianbao
from tests.spacing import too_close

CHROMIUM = next((found for name in browser.NAMES if (found := shutil.which(name))), None)
drawn = pytest.mark.skipif(
    CHROMIUM is None or find_spec("playwright") is None, reason="Chromium or Playwright is not installed"
)
QUICKLY = ("-s", "BROWSER_SANDBOX=0", "-s", "BROWSER_TIMEOUT=15", "-s", "BROWSER_REQUESTS=8")


def registered(site: SampleSite, folder: Path, *, columns: bool = True, delay: float = 0.0) -> Nianbao:
    """The command line on a registry that says which portals need a browser."""
    for file in site.write_registry(folder / "registry", columns=columns, delay=delay):
        head, *entries = file.read_text().split("[[portal]]")
        keys = tuple(f'key = "{portal.key}"' for portal in site.portals if isinstance(portal, Javascript))
        entries = [
            entry.rstrip() + "\nbrowser = true\n" if any(k in entry for k in keys) else entry for entry in entries
        ]
        file.write_text("[[portal]]".join((head, *entries)))
    return Nianbao(folder / "registry", str(folder / "archive"), {})


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[SampleSite]:
    """Portals of the catalogue by key, or classes of this module."""
    chosen = getattr(request, "param", ["javascript", "beiling"])
    with serve(portals=chosen) if isinstance(chosen[0], str) else SampleSite(chosen) as running:
        yield running


@drawn
def test_every_report_is_found_from_the_home_page_and_nothing_is_asked_behind_our_back(
    site: SampleSite, tmp_path: Path
) -> None:
    nianbao = registered(site, tmp_path, columns=False, delay=0.1)
    summary = nianbao.crawl("--portal", "javascript", *QUICKLY)["portals"]["javascript"]
    assert summary["status"] == "ok", summary
    expected = {"javascript": site.expected()["javascript"]}
    assert differences(expected, nianbao.records()) == []

    asked = site.requests["javascript"]
    paths = [record.path.partition("?")[0] for record in asked]
    assert summary["requests"] == len(asked)  # what scripts ask for counts too
    assert paths.count("/static/app.js") == 1
    assert "/api/visits" not in paths  # robots.txt
    assert not [path for path in paths if path.startswith("/images/")]
    assert {record.headers.get("Cookie") for record in asked} == {None}
    assert {record.headers["User-Agent"].partition("/")[0] for record in asked} == {"nianbao"}
    assert max(record.concurrency for record in asked) == 1
    assert len(asked) > 10
    assert too_close([record.time for record in asked], 0.1) == []
    assert site.requests["beiling"] == []  # another host: no fetch, beacon, picture, socket or window reached it
    assert list(summary["off_site"].values()) == [site.portal("beiling").base + "/collect"]
    assert "/api/visits" in summary["notes"][0]

    # What the server sent and what was read stand side by side.
    archive = open_archive(nianbao.archive)
    record = next(r for r in nianbao.records() if r["kind"] == "annual_report")
    kept = archive.snapshot(record["snapshot"])
    assert b'<div id="app"' in kept.entity
    assert record["title"].encode() not in kept.entity
    assert record["title"] in kept.payload.decode()
    data = archive.store.get(record["snapshot"])
    assert [r.rec_type for r in ArchiveIterator(io.BytesIO(data))] == ["response", "request", "conversion"]

    before = {listed.key for listed in archive.store.list("")}
    again = nianbao.crawl("--portal", "javascript", "--recheck", "all", "-s", "DOWNLOAD_DELAY=0", *QUICKLY)
    assert again["totals"]["new"] == again["totals"]["revised"] == 0
    new = {listed.key for listed in archive.store.list("")} - before
    assert {key.split("/")[0] for key in new} == {"sightings", "runs"}
    nianbao("verify")
    nianbao("export", "--format", "warc", "--out", str(tmp_path / "warc"))


def test_without_chromium_the_portal_fails_with_one_line_and_the_others_are_complete(
    site: SampleSite, tmp_path: Path
) -> None:
    nianbao = registered(site, tmp_path)
    summary = nianbao.crawl("-s", "BROWSER_EXECUTABLE=/nowhere/chromium", expect=1)["portals"]
    assert summary["beiling"]["status"] == "ok"
    failed = summary["javascript"]
    assert failed["status"] == "failed"
    assert "browser_missing" in failed["reason"]
    assert any("apt install chromium" in note or "nianbao[browser]" in note for note in failed["notes"])
    assert {record.path for record in site.requests["javascript"]} <= {"/robots.txt"}


def test_without_the_extra_the_reason_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "find_spec", lambda name: None)
    middleware = browser.BrowserMiddleware.from_crawler(get_crawler(settings_dict={"BROWSER_EXECUTABLE": None}))
    with pytest.raises(browser.BrowserMissing, match=r"pip install 'nianbao\[browser\]'"):
        asyncio.run(middleware._started())


# ---------------------------------------------------------------- scripts that misbehave


class Small(Javascript):
    years, bureau_years = (2021, 2022), ()


class Behaving(Small):
    """A portal whose script does something more on the newest report's page."""

    more = ""

    def __init__(self) -> None:
        super().__init__()
        newest = next(report for report in self.listed() if report.kind == "annual_report")
        extra = f"\nif (location.pathname == '{newest.path}') {{ {self.more} }}\n"
        script = (SCRIPT + extra).encode()
        self.routes["/static/app.js"] = lambda request: Response(script, 200, "application/javascript")


class Busy(Behaving):
    key, more = "busy", "while (true) {}"


class Restless(Behaving):
    key = "restless"
    more = "setInterval(function () { fetch('/api/front.json?' + Math.random()); }, 20);"


class Reloading(Behaving):
    key, more = "reloading", "setTimeout(function () { location.reload(); location.href = '/elsewhere'; }, 100);"


class Refusing(Small):
    """Its pages come; its data is behind a challenge."""

    key = "refusing"

    def list_data(self, request: Request) -> Response:
        return self.page("<html><script>challenge()</script></html>", 412)


class Failing(Small):
    key = "failing"

    def list_data(self, request: Request) -> Response:
        return self.page("<html><body>down</body></html>", 500)


@drawn
@pytest.mark.parametrize("site", [[Busy, Restless, Reloading, Refusing, Failing]], indirect=True)
def test_scripts_that_misbehave_end_and_say_so(site: SampleSite, tmp_path: Path) -> None:
    summary = registered(site, tmp_path).crawl(*QUICKLY, "-s", "RETRY_TIMES=0", expect=1)["portals"]
    states = {key: (portal["status"], portal["new"]) for key, portal in summary.items()}
    assert states == {
        "busy": ("incomplete", 1),
        "restless": ("ok", 2),
        "reloading": ("ok", 2),
        "refusing": ("blocked", 0),
        "failing": ("failed", 0),
    }, json.dumps(summary, ensure_ascii=False)
    assert "not_drawn" in summary["busy"]["reason"]
    assert any("more than 8 requests" in note for note in summary["restless"]["notes"])
    assert "/elsewhere" not in [record.path for record in site.requests["reloading"]]
    assert "riversafe_412" in summary["refusing"]["reason"]
    assert "server_error" in summary["failing"]["reason"]
