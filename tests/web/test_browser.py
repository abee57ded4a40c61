"""The web view in Debian's Chromium, driven by Playwright: what a person does, sees, and is kept from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from crawler import heatmap
from storage.coverage import coverage
from tests.web.conftest import Canary, Filled

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed: apt-get install chromium")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
PHONE = {"width": 360, "height": 740}
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page in Chinese; a dialog, an error of the policy or a script that ran fails the test."""
    context = browser.new_context(base_url=address, viewport=WIDE, locale="zh-CN")
    page = context.new_page()
    faults: list[str] = []
    page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert not faults


def test_a_reader_searches_narrows_and_opens_a_report(page: Page) -> None:
    page.goto("/")
    page.get_by_label("全文检索").fill("教育")
    page.get_by_role("button", name="检索").click()
    expect(page.locator(".hits mark").first).to_have_text("教育")
    page.locator("#facets").get_by_role("link", name="2022").click()
    expect(page.locator(".chosen")).to_contain_text("2022")
    page.get_by_role("link", name=re.compile("澜溪县教育局2022年")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("澜溪县教育局2022年")
    expect(page.locator("td.broken").first).to_be_visible()


def test_the_original_stands_beside_the_body(page: Page, filled: Filled) -> None:
    page.goto(f"/reports/{filled.ids['lanxi-gov-2023']}")
    body, frame = page.locator("#body .prose"), page.locator("iframe")
    expect(page.frame_locator("iframe").locator("h1, h2, .title").first).to_contain_text("澜溪县人民政府")
    left, right = body.bounding_box(), frame.bounding_box()
    assert left
    assert right
    assert right["x"] > left["x"] + left["width"] - 1
    assert abs(right["y"] - left["y"]) < 2


def test_two_versions_are_compared_by_word_and_number(page: Page, filled: Filled) -> None:
    page.goto(f"/reports/{filled.ids['lanxi-gov-2023']}")
    page.locator("#versions").get_by_role("link", name="比较 1 → 2").click()
    expect(page.locator("#numbers ins").first).to_be_visible()
    expect(page.locator("#words del").first).to_be_visible()
    page.get_by_role("link", name="显示全文").click()
    expect(page.locator(".difference")).to_contain_text("五、存在的主要问题")


def test_the_heat_map_leads_to_reports_and_numbers(page: Page) -> None:
    page.goto("/coverage")
    page.locator("td.m-altered a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("澜溪县人民政府2023年")
    page.go_back()
    page.get_by_role("link", name="澜溪县人民政府", exact=True).click()
    expect(page.locator("svg.plot .line").first).to_be_visible()
    page.locator("summary").first.click()
    expect(page.locator("details[open] table")).to_be_visible()


def test_a_hostile_page_is_shown_and_nothing_runs_or_is_fetched(page: Page, filled: Filled, canary: Canary) -> None:
    had: list[str] = []
    page.on("requestfinished", lambda request: had.append(request.url))
    page.goto(f"/reports/{filled.ids['hostile']}")
    frame = page.frame_locator("iframe")
    expect(frame.locator("p").first).to_have_text("本页企图运行脚本。")
    page.wait_for_timeout(400)  # a refresh, a form, an autofocus would have come by now
    assert frame.locator("body").get_attribute("id") is None
    frame.locator("#out").click()
    page.wait_for_timeout(200)
    digest = filled.archive.version(filled.ids["hostile"], 1).payload_digest
    page.goto(f"/original/{digest}")
    page.wait_for_timeout(400)
    assert page.title() != "ran"
    assert page.url.endswith(digest)
    assert canary.requests == []
    assert canary.connections == 0, "not even a connection was opened"
    assert not [url for url in had if canary.url in url]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?q=教育",
        "/coverage",
        "/numbers",
        "/numbers?series=33:county",
        "/compare?division=331124",
        "/runs",
        "/runs/20250403T013000Z-bbbbbbbb",
        "/api",
        "report",
        "diff",
    ],
)
def test_no_page_is_wider_than_a_phone(page: Page, filled: Filled, path: str) -> None:
    report = f"/reports/{filled.ids['lanxi-gov-2023']}"
    page.set_viewport_size(PHONE)
    page.goto({"report": report, "diff": f"{report}/diff"}.get(path, path))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_printed_heat_map_keeps_its_colours_and_the_agencies_their_names(page: Page) -> None:
    page.set_viewport_size({"width": 700, "height": 1000})  # a sheet of A4
    page.emulate_media(media="print")
    page.goto("/coverage")
    cell, name = page.locator("td.cell.m-archived").first, page.locator(".heat tbody tr:not(.division) th").first
    expect(cell).to_have_css("print-color-adjust", "exact")
    expect(name).to_have_css("overflow", "visible")
    expect(page.locator("header.site")).to_be_hidden()


def test_on_a_phone_the_years_pass_beneath_the_agencies_in_the_head_as_in_the_rows(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto("/coverage")
    head, row = page.locator(".heat thead th").first, page.locator(".heat tbody tr:not(.division) th").first
    assert head.bounding_box()["x"] == row.bounding_box()["x"]


def test_without_javascript_nothing_is_missing(browser: Browser, address: str, filled: Filled) -> None:
    with browser.new_context(base_url=address, java_script_enabled=False, locale="en-US") as context:
        page = context.new_page()
        page.goto("/search?q=教育")
        page.locator(".hits a").first.click()
        expect(page.get_by_role("heading", name="Statutory tables")).to_be_visible()


def test_by_keyboard_alone_from_the_first_page_to_a_report(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("全文检索")).to_be_focused()
    page.keyboard.type("民政")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the navigation
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.closest('.hits') ? document.activeElement.textContent : ''")
        if focused:
            break
    assert "民政" in focused
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/*")


def test_versions_are_compared_by_keyboard_alone(page: Page, filled: Filled) -> None:
    page.goto(f"/reports/{filled.ids['lanxi-gov-2023']}#versions")
    page.locator("#versions").get_by_role("link", name="JSON").last.focus()
    for key in ("Tab", "1", "Tab", "2", "Tab", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/diff?from=1&to=2")
    expect(page.locator("#numbers ins").first).to_be_visible()


def test_the_coverage_file_opens_from_disk_without_a_network(browser: Browser, filled: Filled, tmp_path: Path) -> None:
    file = tmp_path / "coverage.html"
    file.write_text(heatmap.page(coverage(filled.archive)), encoding="utf-8")
    with browser.new_context(viewport=PHONE, offline=True) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        expect(page.locator("td.m-altered")).to_have_count(1)
        expect(page.locator("td.m-gone")).to_have_count(1)
        expect(page.locator("td.m-archived").first).to_have_css("background-color", "rgb(47, 125, 79)")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert asked == [file.as_uri()]
    with browser.new_context(viewport=WIDE, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        assert serious_faults(page) == []


def serious_faults(page: Page) -> list[tuple[str, str, int]]:
    # The archived page in its frame is not ours to mend.
    found = Axe().run(page, options={"iframes": False, "resultTypes": ["violations"]}).response["violations"]
    return [
        (v["id"], v["nodes"][0]["html"][:160], len(v["nodes"])) for v in found if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(
    ("path", "scheme"),
    [("/", "dark"), ("/", "light"), ("/numbers", "light"), ("/compare?division=331124", "light"), ("/api", "dark"),
     ("/search?q=教育", "light"),
     ("/coverage?lang=en", "light"), ("numbers", "dark"), ("/runs", "light"), ("report", "light"), ("report", "dark"),
     ("/runs/20250403T013000Z-bbbbbbbb", "light"), ("/runs/20250403T013000Z-bbbbbbbb?ended=blocked", "dark"),
     ("diff", "dark")],
)  # fmt: skip
def test_axe_finds_nothing_serious(browser: Browser, address: str, filled: Filled, path: str, scheme: str) -> None:
    report = f"/reports/{filled.ids['lanxi-jyj-2022']}"
    diff = f"/reports/{filled.ids['lanxi-gov-2023']}/diff"
    numbers = "/numbers?series=331124:澜溪县人民政府&series=33:department"
    target = {"report": report, "diff": diff, "numbers": numbers}.get(path, path)
    with browser.new_context(
        base_url=address, viewport=WIDE, locale="zh-CN", color_scheme=scheme, bypass_csp=True
    ) as context:
        page = context.new_page()
        page.goto(target)
        assert serious_faults(page) == []
