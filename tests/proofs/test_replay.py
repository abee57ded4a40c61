"""Exported pages as replay programs show them: pywb from the WARC file, replayweb.page in Chromium from the WACZ."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright

from tests.proofs.conftest import BROTLI, BROTLI_PAYLOAD, Exported, Tools
from tests.proofs.portal import GBK, PDF, REPORTS
from tests.proofs.replayer import replayer

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip


def moment(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


# ---------------------------------------------------------------- pywb


@pytest.fixture(scope="module")
def pywb(tools: Tools, exported: Exported, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The exported WARC file in a collection of pywb's, served."""
    folder = tmp_path_factory.mktemp("pywb")
    tools.run("wb-manager", "init", "liuhe", cwd=folder)
    tools.run("wb-manager", "add", "liuhe", exported.warc, cwd=folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (folder / "log").open("w") as log:
        command = [str(tools.path("bin/wayback")), "-b", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/liuhe/", trust_env=False, timeout=30) as client:
            end = time.monotonic() + 60
            while True:
                try:
                    client.get("/")
                    break
                except httpx.TransportError:
                    assert server.poll() is None, (folder / "log").read_text()
                    assert time.monotonic() < end, "pywb did not start"
                    time.sleep(0.1)
            yield client
    finally:
        server.kill()
        server.wait()


def test_pywb_serves_every_look_as_it_was(pywb: httpx.Client, exported: Exported) -> None:
    for report in REPORTS:
        times = exported.times(report.url)
        assert len(times) == 2
        for stamp in times:  # the second is a revisit
            answer = pywb.get(f"{stamp}id_/{report.url}")
            assert (answer.status_code, answer.content) == (200, report.payload), report
            assert parsedate_to_datetime(answer.headers["Memento-Datetime"]) == moment(stamp)
    for stamp in exported.times(GBK.url):
        page = pywb.get(f"{stamp}mp_/{GBK.url}").content.decode("gbk")
        assert f"<title>{GBK.title}</title>" in page
        assert GBK.sentence in page
    assert pywb.get(f"20260105010203id_/{BROTLI}").content == BROTLI_PAYLOAD


# ---------------------------------------------------------------- replayweb.page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tools: Tools, exported: Exported) -> Iterator[str]:
    with replayer(tools.path("replaywebpage"), exported.folder) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    yield context.new_page()
    context.close()


def shown(page: Page, address: str, container: str, url: str, stamp: str) -> Frame:
    """What replayweb.page shows for an address and a time."""
    page.goto(f"{address}/{container}?url={quote(url, safe='')}&ts={stamp}")
    for _ in range(3):  # on a busy machine its service worker now and then misses the first frame
        with suppress(AssertionError):
            return replayed(page, stamp, 20)
        page.reload()
    return replayed(page, stamp)


def replayed(page: Page, stamp: str, seconds: float = 60) -> Frame:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for frame in page.frames:
            if re.search(rf"/{stamp}mp_/", frame.url):
                frame.wait_for_load_state()
                return frame
        page.wait_for_timeout(50)
    keep(page, "missing")
    raise AssertionError(f"nothing of {stamp} is shown: {[frame.url for frame in page.frames]}")


def keep(page: Page, name: str) -> None:
    """A picture for people, where they ask for one."""
    if folder := os.environ.get("NIANBAO_PROOF_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("look", [0, 1], ids=["captured", "revisited"])
def test_replayweb_page_shows_a_page_in_gbk(page: Page, address: str, exported: Exported, look: int) -> None:
    frame = shown(page, address, "divided.wacz", GBK.url, exported.times(GBK.url)[look])
    expect(frame.locator("h1")).to_have_text(GBK.title)
    expect(frame.locator("#zoom")).to_contain_text(GBK.sentence)
    assert frame.title() == GBK.title
    assert frame.evaluate("document.characterSet") == "GBK"
    keep(page, f"gbk-{look}")


@pytest.mark.parametrize("look", [0, 1], ids=["captured", "revisited"])
def test_replayweb_page_shows_a_pdf(page: Page, address: str, exported: Exported, look: int) -> None:
    frame = shown(page, address, "divided.wacz", PDF.url, exported.times(PDF.url)[look])
    assert frame.evaluate("document.contentType") == "application/pdf"
    read = "async (url) => Array.from(new Uint8Array(await (await fetch(url)).arrayBuffer()))"
    assert bytes(page.frames[1].evaluate(read, frame.url)) == PDF.payload
    page.wait_for_timeout(1000 if os.environ.get("NIANBAO_PROOF_PICTURES") else 0)  # the viewer draws late
    keep(page, f"pdf-{look}")


def test_replayweb_page_shows_every_other_form_again(page: Page, address: str, exported: Exported) -> None:
    for report in REPORTS:
        if report not in (GBK, PDF):
            frame = shown(page, address, "divided.wacz", report.url, exported.times(report.url)[1])
            expect(frame.locator("#zoom")).to_contain_text(report.sentence)
    frame = shown(page, address, "divided.wacz", BROTLI, "20260105010203")
    expect(frame.locator("body")).to_contain_text("本页以 Brotli 压缩。")


def test_replayweb_page_lists_every_report_and_opens_one(page: Page, address: str, exported: Exported) -> None:
    page.goto(f"{address}/liuhe.wacz")
    inside = page.frame_locator("iframe").first
    for _ in range(3):  # as in ``shown``
        with suppress(AssertionError):
            expect(inside.get_by_title(REPORTS[0].title)).to_be_visible(timeout=20_000)
            break
        page.reload()
    for report in REPORTS:
        expect(inside.get_by_title(report.title)).to_be_visible(timeout=30_000)
    keep(page, "pages")
    inside.get_by_title(GBK.title).click()
    frame = replayed(page, exported.times(GBK.url)[0])
    expect(frame.locator("h1")).to_have_text(GBK.title)
