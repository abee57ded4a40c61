"""``nianbao portals new``: from an address to an entry, saved pages and a test that waits for its reviewer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse

from crawler.contributing import guessing, saved
from crawler.errors import UsageError
from crawler.samples import SampleSite, serve
from spiders import registry

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    with serve(portals=["lanxi", "yuanning", "gkmlpt", "robots-all", "challenge-412", "empty"]) as running:
        yield running


def nianbao(*words: str, expect: int = 0, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "crawler.cli", "portals", "new", *words],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == expect, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


def begin(folder: Path, url: str, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    """The command, into a registry and fixtures of the test's own, without its delay."""
    return nianbao(
        url, "--portals", f"{folder}/registry", "--fixtures", f"{folder}/saved", "-s", "DOWNLOAD_DELAY=0", *words,
        expect=expect,
    )  # fmt: skip


def the_test(folder: Path) -> subprocess.CompletedProcess[str]:
    """The test of saved portals over the test's own."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contributing/test_saved_portals.py"],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env={**os.environ, "NIANBAO_SAVED_PORTALS": str(folder / "saved")},
    )


# ---------------------------------------------------------------- end to end


@pytest.fixture(scope="module")
def begun(site: SampleSite, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A portal on loopback that was begun; where, and what was told."""
    folder = tmp_path_factory.mktemp("begun")
    done = begin(folder, site.portal("lanxi").home, "--key", "lanxi")
    return folder, done.stdout + done.stderr


def test_the_entry_is_one_a_crawl_can_use(begun: tuple[Path, str], site: SampleSite) -> None:
    folder, _ = begun
    assert registry.check(folder / "registry") == []
    known = registry.load(folder / "registry")
    portal, sample = known.portal("lanxi"), site.portal("lanxi")
    assert (portal.name, portal.division, portal.home) == (sample.name, sample.division, sample.home)
    assert (portal.platform, list(portal.columns)) == (sample.platform, list(sample.columns))
    assert known.provenance["lanxi"].file.name == "33-zhejiang.toml"
    assert known.provenance["lanxi"].verified is not None


def test_what_was_guessed_is_told_and_written_down(begun: tuple[Path, str]) -> None:
    folder, told = begun
    written = (folder / "registry" / "33-zhejiang.toml").read_text("utf-8")
    for what in ("name", "division"):
        assert f"guessed: {what}: " in told
        assert f"# {what} guessed: " in written
        assert what in saved.load(folder / "saved" / "lanxi")["guessed"]
    assert "key" not in saved.load(folder / "saved" / "lanxi")["guessed"]  # it was given
    assert "松阳县" in told  # whose code the portal states, and whose name it does not bear


def test_home_two_list_pages_and_two_reports_are_saved_as_sent(begun: tuple[Path, str], site: SampleSite) -> None:
    folder, _ = begun
    case = saved.load(folder / "saved" / "lanxi")
    assert [page["role"] for page in case["pages"]] == ["home", "list", "list", "report", "report"]
    home, first, second, *reports = case["pages"]
    assert any(step["url"] for step in home["says"]["steps"])
    assert first["says"]["platform"] == "hanweb-jpage"
    assert second["fetch"]["method"] == "POST"
    assert first["says"]["declared"]["records"] == site.expected()["lanxi"]["entries"]
    assert len({report["says"]["report_year"] for report in reports}) == 2
    assert all(report["says"]["statistics"] for report in reports)
    assert saved.differences(folder / "saved" / "lanxi") == []


@pytest.fixture
def mine(begun: tuple[Path, str], tmp_path: Path) -> Path:
    """A copy of the saved portal that a test may spoil."""
    shutil.copytree(begun[0] / "saved", tmp_path / "saved")
    return tmp_path / "saved" / "lanxi"


def test_the_test_fails_until_somebody_has_reviewed_it(mine: Path) -> None:
    folder = mine.parents[1]
    place = mine / saved.EXPECTED
    before = the_test(folder)
    assert before.returncode == 1
    assert "1 failed, 2 passed" in before.stdout
    assert "then set reviewed to true" in before.stdout
    place.write_text(place.read_text("utf-8").replace('"reviewed": false', '"reviewed": true'), "utf-8")
    assert the_test(folder).returncode == 0
    place.write_text(place.read_text("utf-8").replace('"report_year": 2024', '"report_year": 2019'), "utf-8")
    assert saved.differences(mine) == ["report-2.html: report_year: 2024, expected 2019"]


def test_the_portal_is_asked_as_a_crawl_asks(site: SampleSite, begun: tuple[Path, str]) -> None:
    asked = [record.path for record in site.requests["lanxi"]]
    assert asked[0] == "/robots.txt"
    assert len(asked) < 12
    assert max(record.concurrency for record in site.requests["lanxi"]) == 1


def test_an_interface_in_json_and_a_column_below_years_are_saved_too(site: SampleSite, tmp_path: Path) -> None:
    for key in ("gkmlpt", "yuanning"):
        begin(tmp_path, site.portal(key).home, "--key", key)
        case = saved.load(tmp_path / "saved" / key)
        roles = [page["role"] for page in case["pages"]]
        assert roles.count("report") == 2, key
        assert roles.count("list") >= 2, key
        assert saved.differences(tmp_path / "saved" / key) == []
    assert {file.name for file in (tmp_path / "registry").iterdir()} == {"42-hubei.toml", "44-guangdong.toml"}


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")
def test_a_portal_in_javascript_is_saved_as_it_was_drawn(tmp_path: Path) -> None:
    with serve(portals=["javascript"]) as drawn:
        begin(tmp_path, drawn.portal("javascript").home, "--key", "drawn", "--browser", "-s", "BROWSER_SANDBOX=0")
    assert registry.load(tmp_path / "registry").portal("drawn").browser
    case = saved.load(tmp_path / "saved" / "drawn")
    assert [page["role"] for page in case["pages"]] == ["home", "list", "list", "report", "report"]
    assert saved.differences(tmp_path / "saved" / "drawn") == []


def test_a_second_portal_goes_behind_the_first(site: SampleSite, tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    mine = '# mine\n[province]\ncode = "33"\nname = "浙江省"\n\n[[portal]]\nkey = "lanxi"\nname = "某县"\n'
    file = tmp_path / "registry" / "33.toml"
    file.write_text(f'{mine}division = "331122"\nhome = "http://www.mou.gov.cn/"\n', "utf-8")
    begin(tmp_path, site.portal("lanxi").home, "--division", "331123", "--name", "澜溪县人民政府")
    assert file.read_text("utf-8").startswith(mine)
    assert [portal.key for portal in registry.load(tmp_path / "registry").portals] == ["lanxi", "331123"]
    again = begin(tmp_path, site.portal("lanxi").home, "--key", "other", expect=2)
    assert "has it already, as 331123" in again.stderr


def test_a_column_will_do_where_its_portal_leads_nowhere(site: SampleSite, tmp_path: Path) -> None:
    sample = site.portal("lanxi")
    done = begin(tmp_path, sample.columns[0], "--key", "lanxi")
    portal = registry.load(tmp_path / "registry").portal("lanxi")
    assert (portal.home, list(portal.columns)) == (sample.home, list(sample.columns))
    assert "guessed: home: " in done.stderr


def test_where_the_entry_cannot_be_written_no_pages_are_left(site: SampleSite, tmp_path: Path) -> None:
    (tmp_path / "registry").write_text("no folder", "utf-8")
    done = begin(tmp_path, site.portal("lanxi").home, "--key", "lanxi", expect=2)
    assert "cannot be written" in done.stderr
    assert list((tmp_path / "saved").iterdir()) == []


def test_where_a_portal_lets_nobody_in_nothing_is_written(site: SampleSite, tmp_path: Path) -> None:
    done = begin(tmp_path, site.portal("robots-all").home, expect=1)
    assert "no column found: robots" in done.stderr
    refused = begin(tmp_path, site.portal("challenge-412").home, expect=1)
    assert "no column found: the portal refuses us: 412" in refused.stderr
    assert list(tmp_path.rglob("*.*")) == []


def test_a_column_without_reports_is_told(site: SampleSite, tmp_path: Path) -> None:
    done = begin(tmp_path, site.portal("empty").home, "--key", "empty")
    assert "no report was had" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["ftp://www.qingtian.gov.cn/"], "must be an http"),
        (["http://www.qingtian.gov.cn/", "--key", "Qing Tian"], "must be made of a-z"),
        (["http://www.qingtian.gov.cn/", "--division", "33"], "must be six digits"),
        (["http://www.qingtian.gov.cn/", "--division", "331121", "--province", "42"], "is not in province 42"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_asked(tmp_path: Path, words: list[str], says: str) -> None:
    assert says in begin(tmp_path, *words, expect=2).stderr


def test_outside_a_checkout_the_folders_are_to_be_named(tmp_path: Path) -> None:
    done = nianbao("http://www.qingtian.gov.cn/", expect=2, cwd=tmp_path)
    assert "say --portals DIR and --fixtures DIR" in done.stderr


# ---------------------------------------------------------------- reviewing


def test_a_page_without_its_reading_gets_one_and_is_to_be_reviewed_again(mine: Path) -> None:
    case = saved.load(mine)
    before = case["pages"][-1].pop("says")
    saved.write(mine, {**case, "reviewed": True})
    assert saved.renew(mine) == [case["pages"][-1]["file"]]
    again = saved.load(mine)
    assert again["pages"][-1]["says"] == before
    assert again["reviewed"] is False


def test_a_page_whose_bytes_changed_is_told(mine: Path) -> None:
    page = mine / "report-1.html"
    page.write_bytes(page.read_bytes() + b" ")
    assert saved.differences(mine) == ["report-1.html: its bytes are not those that were saved"]


# ---------------------------------------------------------------- guessing


def page(head: str = "", body: str = "") -> HtmlResponse:
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    return HtmlResponse("http://www.example.gov.cn/", body=html.encode(), encoding="utf-8")


@pytest.mark.parametrize(
    ("head", "body", "name"),
    [
        ("<meta name='SiteName' content='青田县人民政府'>", "", "青田县人民政府"),
        ("<META NAME='sitename' CONTENT='青田县人民政府门户网站'>", "", "青田县人民政府"),
        ("<title>首页 - 青田县人民政府门户网站</title>", "", "青田县人民政府"),
        ("<title>欢迎访问大兴安岭地区行政公署网站</title>", "", "大兴安岭地区行政公署"),
        ("<meta name='SiteName' content='中国青田'>", "<p>主办单位：青田县人民政府办公室</p>", "青田县人民政府办公室"),
        ("<meta name='SiteName' content='丽水市生态环境局'><title>首页</title>", "", "丽水市生态环境局"),
    ],
)
def test_whose_portal_it_is(head: str, body: str, name: str) -> None:
    found = guessing.name_of(page(head, body))
    assert found is not None
    assert (found.value, found.doubt) == (name, None)


def test_a_name_that_is_no_authoritys_is_doubted_and_none_is_made_up() -> None:
    found = guessing.name_of(page("<meta name='SiteName' content='中国青田'>"))
    assert found is not None
    assert found.doubt
    assert guessing.name_of(page("<title>首页</title>")) is None


def code(digits: str) -> HtmlResponse:
    return page(body=f"<p>网站标识码：<a>{digits}</a></p>")


@pytest.mark.parametrize(
    ("name", "front", "host", "province", "division"),
    [
        ("青田县人民政府", page(), "www.qingtian.gov.cn", None, "331121"),
        ("青田县市场监督管理局", page(), "", None, "331121"),
        ("丽水市生态环境局", page(), "", None, "331100"),
        ("浙江省农业农村厅", page(), "", None, "330000"),
        ("内蒙古自治区人民政府", page(), "", None, "150000"),
        # 朝阳区 is in 北京 and in 长春, 鼓楼区 in four cities
        ("长春市朝阳区人民政府", page(), "", None, "220104"),
        ("朝阳区人民政府", page(), "", "11", "110105"),
        ("鼓楼区人民政府", code("3501020001"), "", None, "350102"),
        ("鼓楼区人民政府", page(body="<p>徐州市人民政府主管</p>"), "", None, "320302"),
        ("中国青田", code("3311210001"), "", None, "331121"),
        ("某某管理委员会", code("3325000001"), "", None, "331100"),  # 丽水地区 as it was is 丽水市 today
        ("政务公开网", page(), "www.zhejiang.gov.cn", None, "330000"),
    ],
)
def test_in_which_division_it_lies(
    name: str, front: HtmlResponse, host: str, province: str | None, division: str
) -> None:
    assert guessing.division_of(name, front, host, province).value == division


def test_a_name_and_a_code_that_disagree_are_told() -> None:
    found = guessing.division_of("青田县人民政府", code("3311220001"), "www.qingtian.gov.cn")
    assert found.value == "331121"
    assert found.doubt is not None
    assert "331122 缙云县" in found.doubt


def test_a_division_is_asked_for_rather_than_picked() -> None:
    with pytest.raises(UsageError, match="350102 鼓楼区"):
        guessing.division_of("鼓楼区人民政府", page(), "www.gulou.gov.cn")
    with pytest.raises(UsageError, match="nothing says"):
        guessing.division_of("某某管理委员会", page(), "www.moumou.gov.cn")


@pytest.mark.parametrize(
    ("host", "taken", "key"),
    [
        ("www.qingtian.gov.cn", set(), "qingtian"),
        ("scj.qingtian.gov.cn", set(), "qingtian-scj"),
        ("zfxxgk.qingtian.gov.cn:8080", set(), "qingtian"),
        ("www.qingtian.gov.cn", {"qingtian", "qingtian-2"}, "qingtian-3"),
        ("127.0.0.1:8080", set(), "331121"),
        ("www.zj.gov.cn", set(), "zj"),
    ],
)
def test_a_key_comes_from_the_address(host: str, taken: set[str], key: str) -> None:
    assert guessing.key_of(host, "331121", taken).value == key


def test_expected_json_is_read_by_people(begun: tuple[Path, str]) -> None:
    text = (begun[0] / "saved" / "lanxi" / saved.EXPECTED).read_text("utf-8")
    assert json.loads(text)
    assert "政府信息公开" in text
