"""Every family of portal software, by the columns given and by discovery alone; every way a portal misbehaves."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.samples import SampleSite
from tests.job.comparing import differences
from tests.job.conftest import Nianbao

SLOW = ("slow-drip", "gzip-bomb", "huge-page")  # each waits out a limit: in the stress run


@pytest.mark.parametrize("site", [["families"]], indirect=True)
def test_every_report_of_every_family_is_found_in_its_columns(site: SampleSite, nianbao: Nianbao) -> None:
    summary = nianbao.crawl()
    assert {key: portal["status"] for key, portal in summary["portals"].items()} == {p.key: "ok" for p in site.portals}
    assert {key: portal["platform"] for key, portal in summary["portals"].items()} == {
        portal.key: portal.platform for portal in site.portals
    }
    assert differences(site.expected(), nianbao.records()) == []


@pytest.mark.parametrize("site", [["families", "core"]], indirect=True)
def test_every_report_is_found_from_the_home_page_alone(site: SampleSite, nianbao: Nianbao, tmp_path: Path) -> None:
    bare = replace(nianbao, registry=tmp_path / "bare")
    bare.registry.mkdir()
    site.write_registry(bare.registry, columns=False)
    summary = bare.crawl()
    assert {key: portal["status"] for key, portal in summary["portals"].items()} == {p.key: "ok" for p in site.portals}
    assert differences(site.expected(), bare.records()) == []


@pytest.mark.parametrize("site", [["vsb", "lonsun", "gkmlpt"]], indirect=True)
def test_discover_writes_columns_that_a_crawl_then_reads(site: SampleSite, nianbao: Nianbao, tmp_path: Path) -> None:
    bare = replace(nianbao, registry=tmp_path / "bare")
    bare.registry.mkdir()
    site.write_registry(bare.registry, columns=False)
    bare("discover", "--portals", str(bare.registry), "--write")
    bare("portals", "check", str(bare.registry))
    files = "".join(file.read_text() for file in bare.registry.glob("*.toml"))
    assert "columns = []" not in files
    assert all(f'platform = "{portal.platform}"' in files for portal in site.portals)
    assert differences(site.expected(), [] if bare.crawl()["totals"]["errors"] else bare.records()) == []


@pytest.mark.parametrize("site", [["hostile", "vsb"]], indirect=True)
def test_every_misbehaviour_ends_in_its_named_state_beside_a_healthy_portal(site: SampleSite, nianbao: Nianbao) -> None:
    registry = nianbao.registry
    for file in registry.glob("*.toml"):
        head, *entries = file.read_text().split("[[portal]]")
        kept = [entry for entry in entries if not any(f'"{key}"' in entry for key in SLOW)]
        file.write_text("[[portal]]".join([head, *kept]))
    summary = nianbao.crawl("-s", "DOWNLOAD_TIMEOUT=10", expect=1)
    expected = site.expected()
    wrong = {
        key: (portal["status"], portal["reason"], expected[key]["status"])
        for key, portal in summary["portals"].items()
        if portal["status"] not in (expected[key]["status"], *expected[key].get("also", ()))
    }
    assert wrong == {}
    assert all(portal["reason"] for portal in summary["portals"].values() if portal["status"] != "ok")
    assert summary["portals"]["vsb"]["status"] == "ok"
    assert site.requests["elsewhere"] == []
    assert all(request.concurrency == 1 for key in summary["portals"] for request in site.requests[key])
    nianbao("verify")


@pytest.mark.stress
@pytest.mark.parametrize("site", [list(SLOW)], indirect=True)
def test_endless_and_huge_answers_end(site: SampleSite, nianbao: Nianbao) -> None:
    summary = nianbao.crawl("-s", "DOWNLOAD_TIMEOUT=10", expect=1)
    assert {portal["status"] for portal in summary["portals"].values()} == {"incomplete"}


@pytest.mark.parametrize("site", [["vsb"]], indirect=True)
def test_a_column_that_moved_is_found_again_and_the_old_address_said(site: SampleSite, nianbao: Nianbao) -> None:
    file = next(nianbao.registry.glob("*.toml"))
    old = f"{site.portal('vsb').home}old/zfxxgknb.htm"
    file.write_text(re.sub(r"columns = \[.*?\]", f'columns = ["{old}"]', file.read_text()))
    portal = nianbao.crawl()["portals"]["vsb"]
    assert portal["status"] == "ok"
    assert any(note.startswith(f"column moved: {old} is now ") for note in portal["notes"])
    assert differences(site.expected(), nianbao.records()) == []


@pytest.mark.parametrize("site", [["vsb"]], indirect=True)
def test_a_portal_that_is_not_what_its_entry_says_is_said_and_read(site: SampleSite, nianbao: Nianbao) -> None:
    file = next(nianbao.registry.glob("*.toml"))
    text = "\n".join(line for line in file.read_text().splitlines() if not line.startswith("platform"))
    file.write_text(text + '\nplatform = "hanweb-jpage"\n')
    portal = nianbao.crawl()["portals"]["vsb"]
    assert (portal["status"], portal["platform"]) == ("ok", "vsb")
    assert any("platform changed: the registry says hanweb-jpage" in note for note in portal["notes"])
    assert differences(site.expected(), nianbao.records()) == []
