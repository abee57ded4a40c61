"""Portals over several crawls: unchanged, revised, withdrawn, moved, redesigned, copied, and read by a better reader.

One world of portals lives through seven epochs; after each, everything is crawled, verified and exported. Each test
looks at the history of one of its portals. Nothing opens a version that the agency did not change; nothing it changed
is missed; no two works are merged and none is split.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.samples import documents
from crawler.samples.blocks import Heading, Paragraph
from tests.job.conftest import Nianbao
from tests.job.world import Answer, Article, Site, World, world

EPOCHS = 7
BETTER_READER = 6  # from this epoch on, pages are read by an extractor whose digests are others
CREDIT = "11331122002645310B"  # its check digit is right
ROOT = Path(__file__).parents[2]

# Run by every Python process of the crawl, its readers included.
SITECUSTOMIZE = """
import hashlib
import re
import pipelines.reading
import pipelines.reading.digests as digests

pipelines.reading.EXTRACTOR = "nianbao-reader/1000"
read_by_the_first = digests.body_digest

def body_digest(blocks):
    digest = read_by_the_first(blocks)
    return hashlib.sha256(f"better {digest}".encode()).hexdigest() if digest else None

digests.body_digest = body_digest

import pipelines.reading.attachments as attachments

attachments.EXTENSIONS = (attachments.EXTENSIONS | {"dwf"}) - {"gd"}
attachments._PROMISING = re.compile(r"\\.dwf\\b|" + attachments._PROMISING.pattern, re.I)
"""


def article(agency: str, year: int, new: int = 12, **other: Any) -> Article:
    """A short report. ``new`` is the one number two agencies may differ in."""
    title = other.pop("title", f"{agency}{year}年政府信息公开工作年度报告")
    text = [
        f"根据政府信息公开条例的要求，现公布{agency}{year}年政府信息公开工作年度报告。",
        "一、总体情况",
        f"{year}年，{agency}坚持以公开为常态，围绕群众关心的事项主动公开各类信息，回应社会关切。",
        "二、收到和处理政府信息公开申请情况",
        f"全年共收到信息公开申请{new}件，均在法定期限内答复，没有结转下年度继续办理的申请。",
        "三、存在的主要问题及改进情况",
        "公开内容的深度还不够，将加强业务培训，完善公开目录，提高答复质量。",
    ]
    cells = [("事项", "数量"), ("本年新收", str(new)), ("予以公开", str(new - 1)), ("结转下年", "0")]
    labels = {"发布机构": agency, "发布日期": f"{year + 1}-01-20", "文号": "无"}
    return Article(title, agency, text, cells, {**labels, **other.pop("labels", {})}, **other)


def pdf(text: str) -> bytes:
    return documents.pdf(text, [Heading("一、总体情况"), Paragraph(text * 6)])


@dataclass
class Epoch:
    summary: dict[str, Any]
    records: list[dict[str, Any]]  # every version of everything

    def portal(self, key: str) -> dict[str, Any]:
        portal: dict[str, Any] = self.summary["portals"][key]
        return portal

    def history(self, key: str) -> dict[str, list[list[str]]]:
        """Of the reports seen on a portal: title of version 1 → what changed with each version, reports apart."""
        found: dict[str, list[list[str]]] = {}
        for record in self.of(key):
            titles = [r["title"] for r in self.records if r["report_id"] == record["report_id"]]
            name = titles[0] if record["version"] == 1 or titles[0] in found else record["title"]
            if record["version"] == 1 and name in found:
                name = f"{name} ({record['report_id']})"
            found.setdefault(name, []).append(record["changed"])
        return found

    def of(self, key: str) -> list[dict[str, Any]]:
        return [r for r in self.records if any(place["portal"] == key for place in r["locations"])]

    def latest(self, title: str) -> dict[str, Any]:
        """The latest version of the one report that ever had this title."""
        found = {r["report_id"] for r in self.records if r["title"] == title}
        assert len(found) == 1, f"{title}: {len(found)} reports"
        return [r for r in self.records if r["report_id"] in found][-1]

    def status(self, title: str) -> str:
        status: str = self.latest(title)["status"]
        return status


def paths(record: dict[str, Any]) -> set[str]:
    return {urlsplit(place["url"]).path for place in record["locations"]}


# ---------------------------------------------------------------- the world and what happens to it


def build(it: World) -> None:
    still = it.site("still", "静安县人民政府")
    still.add("/1.html", article("静安县财政局", 2023, files=[("附表", "/f/1.pdf")]))
    still.add("/2.html", article("静安县教育局", 2023, etag=True))
    still.add("/3.html", Article("静安县水利局2023年政府信息公开工作年度报告", "静安县水利局", ["详见附件。"],
                                 files=[("静安县水利局2023年政府信息公开工作年度报告.pdf", "/f/3.pdf")]))  # fmt: skip
    # The better reader knows a file by .dwf and takes .gd for none; to the first it is the other way round.
    still.add("/4.html", article("静安县统计局", 2023, files=[("附表", "/f/4.gd"), ("附图", "/f/4.dwf")]))
    still.add("/5.html", article("静安县民政局", 2023, files=[("附图", "/f/5.dwf")], etag=True))
    still.file("/f/4.gd", b"\x07table" * 40)
    still.file("/f/4.dwf", b"\x07drawing" * 40)
    still.file("/f/5.dwf", b"\x07drawing 5" * 40)
    still.file("/f/1.pdf", pdf("附表一份"))
    still.file("/f/3.pdf", pdf("静安县水利局二〇二三年度政府信息公开工作情况如下，全年主动公开信息三百条。"))

    revised = it.site("revised", "修远县人民政府")
    revised.add("/1.html", article("修远县财政局", 2023))
    revised.add("/2.html", article("修远县教育局", 2023))
    revised.add("/3.html", article("修远县水利局", 2023, files=[("附表", "/f/3.pdf")], etag=True))
    revised.add("/4.html", article("修远县林业局", 2023, files=[("附表", "/f/4.pdf")]))
    revised.add("/5.html", article("修远县统计局", 2023, files=[("附图", "/f/5.dwf")]))
    revised.file("/f/5.dwf", b"\x07drawing" * 40)
    revised.file("/f/5.pdf", pdf("统计附表"))
    revised.file("/f/3.pdf", pdf("水利附表甲"), etag='"a"')
    revised.file("/f/4.pdf", pdf("林业附表甲"))

    gone = it.site("gone", "失山县人民政府")
    for number, agency in enumerate(("财政局", "教育局", "水利局", "林业局", "民政局"), 1):
        gone.add(f"/{number}.html", article(f"失山县{agency}", 2023, new=20 + number))
    dead = it.site("dead", "断桥县人民政府")
    dead.add("/1.html", article("断桥县财政局", 2023))
    dead.add("/2.html", article("断桥县教育局", 2023))

    moved = it.site("moved", "迁安县人民政府")
    for number, agency in enumerate(("财政局", "教育局", "水利局", "林业局"), 1):
        printed = {"索引号": f"{CREDIT}/2024-0000{number}"} if number == 4 else {}
        moved.add(f"/{number}.html", article(f"迁安县{agency}", 2023, new=30 + number, labels=printed))
    redesigned = it.site("redesigned", "新貌县人民政府")
    for number, agency in enumerate(("财政局", "教育局", "水利局"), 1):
        files = [("附表", "/f/1.pdf")] if number == 1 else []
        redesigned.add(f"/old/{number}.html", article(f"新貌县{agency}", 2023, new=40 + number, files=files))
    redesigned.file("/f/1.pdf", pdf("新貌附表"))

    latest = it.site("latest", "常新县人民政府")
    latest.add("/latest.html", article("常新县人民政府", 2022))
    reposted = it.site("reposted", "重光县人民政府")
    reposted.add("/1.html", article("重光县财政局", 2023))
    scheme = it.site("scheme", "安澜县人民政府", "scheme.gov.cn", "www.scheme.gov.cn")
    scheme.add("/1.html", article("安澜县财政局", 2023))

    source = it.site("source", "源头县人民政府")
    source.add("/1.html", article("源头县财政局", 2023, labels={"索引号": "YT01/2024-0007"}))
    copy = it.site("copy", "源头县财政局")
    copied = article("源头县财政局", 2023, labels={"来源": "局办公室", "发布日期": "2024-02-02"})
    copied.labels.pop("发布机构")
    copy.add("/copied/9.html", copied)

    numbers = it.site("numbers", "同号县人民政府")
    numbers.add("/1.html", article("同号县财政局", 2023, labels={"索引号": f"{CREDIT}/2024-00077"}))
    twins = it.site("twins", "双溪县人民政府")
    twins.add("/1.html", article("双溪县东溪镇人民政府", 2023, new=7))
    twins.add("/2.html", article("双溪县西溪镇人民政府", 2023, new=7))
    same = ["一、总体情况", "本年度认真做好政府信息公开工作，未收到公开申请。", "二、其他需要报告的事项", "无。"]
    twins.add("/3.html", Article("双溪县司法局2023年政府信息公开工作年度报告", "", same))
    twins.add("/4.html", Article("双溪县统计局2023年政府信息公开工作年度报告", "", same))

    shaky = it.site("shaky", "摇光县人民政府")
    shaky.add("/1.html", article("摇光县财政局", 2023, files=[("附表", "/f/1.pdf")]))
    shaky.add("/2.html", article("摇光县教育局", 2023, files=[("附表", "/f/2.pdf")]))
    shaky.add("/3.html", article("摇光县水利局", 2023, files=[("附表", "/f/3.doc")]))
    for number in (1, 2):
        shaky.file(f"/f/{number}.pdf", pdf(f"摇光附表{number}"))
    shaky.file("/f/3.doc", pdf("摇光附表三"))


def epoch_2(it: World, site: dict[str, Site]) -> None:
    """The agencies revise, withdraw and move."""
    revised = site["revised"]
    revised.articles["/1.html"].cells[1] = ("本年新收", "13")
    revised.articles["/2.html"].labels["发布日期"] = "2024-01-21"
    revised.file("/f/3.pdf", pdf("水利附表乙"), etag='"b"')
    revised.file("/f/4.pdf", pdf("林业附表乙"))

    gone = site["gone"]
    gone.unlisted |= {"/1.html", "/2.html", "/3.html", "/4.html"}
    gone.answers["/1.html"] = Answer(b"<html><body><h1>404 Not Found</h1></body></html>", 404)
    gone.answers["/2.html"] = Answer(b"<html><body>gone</body></html>", 410)
    gone.answers["/3.html"] = Answer("<html><body><p>您访问的页面不存在或已被删除。</p></body></html>".encode())
    gone.answers["/4.html"] = Answer(status=302, location="/")
    site["dead"].answers["/1.html"] = Answer(b"<html><body><h1>404 Not Found</h1></body></html>", 404)

    moved = site["moved"]
    moved.move("/1.html", "/new/1.html")
    moved.answers["/1.html"] = Answer(status=301, location="/new/1.html")
    moved.move("/2.html", "/new/2.html")
    moved.move("/3.html", "/new/3.html").text[4] += "另有口头咨询若干。"
    moved.move("/4.html", "/new/4.html").text[4] += "另有来信若干。"

    redesigned = site["redesigned"]
    redesigned.column = "/col/col1229/index.html"
    for number in (1, 2, 3):
        page = redesigned.move(f"/old/{number}.html", f"/art/2026/3/1/art_{number}.html")
        page.template = "new"
        page.labels["有效性"] = "有效"
    redesigned.answers["/attach/1.pdf"] = redesigned.answers.pop("/f/1.pdf")
    redesigned.articles["/art/2026/3/1/art_1.html"].files = [("附表", "/attach/1.pdf")]

    site["latest"].articles["/latest.html"] = article("常新县人民政府", 2023, new=19)
    site["reposted"].add("/bm/czj/1.html", article("重光县财政局", 2023))
    site["scheme"].redirect_all = "https://www.scheme.gov.cn"
    site["source"].articles["/1.html"].cells[1] = ("本年新收", "14")
    site["numbers"].add("/2.html", article("同号县教育局", 2023, new=51, labels={"索引号": f"{CREDIT}/2024-00077"}))
    site["twins"].articles["/2.html"].cells[1] = ("本年新收", "8")

    shaky = site["shaky"]
    shaky.answers["/f/1.pdf"] = Answer(b"", 503)
    shaky.articles["/2.html"].files.append(("附件二", "/f/22.pdf"))
    shaky.articles["/2.html"].text[4] += "详见附件二。"
    shaky.answers["/f/22.pdf"] = Answer(b"", 503)
    shaky.answers["/f/3.doc"] = Answer(
        ("<html><body><h1>统一登录</h1>" + "<p>请先登录后再下载有关文件，谢谢您的配合与支持。</p>" * 20).encode()
    )


def epoch_3(it: World, site: dict[str, Site]) -> None:
    """What passes has passed; the copy catches up."""
    shaky = site["shaky"]
    shaky.file("/f/1.pdf", pdf("摇光附表1"))
    shaky.file("/f/22.pdf", pdf("摇光附表二十二"))
    shaky.file("/f/3.doc", pdf("摇光附表三"))
    site["copy"].articles["/copied/9.html"].cells[1] = ("本年新收", "14")
    del site["dead"].articles["/1.html"]


def epoch_4(it: World, site: dict[str, Site]) -> None:
    """A revision is taken back; otherwise nothing."""
    site["revised"].articles["/1.html"].cells[1] = ("本年新收", "12")


def epoch_5(it: World, site: dict[str, Site]) -> None:
    """What was gone comes back."""
    gone = site["gone"]
    gone.unlisted.clear()
    for number in (1, 2, 3, 4):
        del gone.answers[f"/{number}.html"]


def epoch_6(it: World, site: dict[str, Site]) -> None:
    """The reader becomes a better one. At the same time: a revision, a copy, a move."""
    site["revised"].articles["/2.html"].cells[2] = ("予以公开", "10")
    site["revised"].articles["/5.html"].files.append(("附表", "/f/5.pdf"))
    site["reposted"].add("/bm/czj/again.html", article("重光县财政局", 2023))
    site["gone"].move("/5.html", "/new/5.html")


CHANGES = {2: epoch_2, 3: epoch_3, 4: epoch_4, 5: epoch_5, 6: epoch_6}


@pytest.fixture(scope="module")
def epochs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Epoch]:
    folder = tmp_path_factory.mktemp("epochs")
    better = folder / "better"
    better.mkdir()
    (better / "sitecustomize.py").write_text(SITECUSTOMIZE, encoding="utf-8")
    history: dict[int, Epoch] = {}
    with world(folder) as it:
        build(it)
        registry = it.write_registry(folder / "registry")
        sites = {site.key: site for site in it.registered}
        for number in range(1, EPOCHS + 1):
            CHANGES.get(number, lambda *_: None)(it, sites)
            environment = dict(it.environment)
            if number >= BETTER_READER:
                environment["PYTHONPATH"] = os.pathsep.join((str(better), str(ROOT)))
            nianbao = Nianbao(registry, str(folder / "archive"), environment)
            settings = ("-s", "GONE_AFTER_RUNS=3", "-s", "GONE_AFTER_DAYS=0", "--recheck", "all")
            summary = nianbao.crawl(*settings, expect=None)
            nianbao("verify")
            history[number] = Epoch(summary, nianbao.records("--all-versions"))
    return history


def test_every_portal_is_complete_but_where_something_cannot_be_had(epochs: dict[int, Epoch]) -> None:
    wrong = {
        (number, key): portal["reason"]
        for number, epoch in epochs.items()
        for key, portal in epoch.summary["portals"].items()
        if portal["status"] != "ok"
    }
    assert wrong.keys() == {(2, "shaky"), (2, "dead")}, wrong


def test_an_unchanged_portal_never_opens_a_version(epochs: dict[int, Epoch]) -> None:
    for number, epoch in epochs.items():
        portal = epoch.portal("still")
        expected = (5, 0, 0) if number == 1 else (0, 0, 5)
        assert (portal["new"], portal["revised"], portal["unchanged"]) == expected, number
    assert {title[3:6]: changed for title, changed in epochs[EPOCHS].history("still").items()} == {
        "县财政"[:0] + title[3:6]: [[]] for title in epochs[1].history("still")
    }


def test_a_digit_in_a_cell_is_one_version_and_taking_it_back_a_third(epochs: dict[int, Epoch]) -> None:
    title = "修远县财政局2023年政府信息公开工作年度报告"
    assert epochs[3].history("revised")[title] == [[], ["body"]]
    assert epochs[EPOCHS].history("revised")[title] == [[], ["body"], ["body"]]
    digests = [r["body_digest"] for r in epochs[5].records if r["title"] == title]
    assert digests[0] == digests[2] != digests[1]


def test_a_label_corrected_is_a_metadata_version(epochs: dict[int, Epoch]) -> None:
    title = "修远县教育局2023年政府信息公开工作年度报告"
    assert epochs[5].history("revised")[title] == [[], ["metadata"]]


@pytest.mark.parametrize("agency", ["修远县水利局", "修远县林业局"])
def test_an_attachment_swapped_under_its_name_is_a_version(epochs: dict[int, Epoch], agency: str) -> None:
    assert epochs[EPOCHS].history("revised")[f"{agency}2023年政府信息公开工作年度报告"] == [[], ["attachments"]]


@pytest.mark.parametrize("agency", ["财政局", "教育局", "水利局", "林业局"])
def test_what_is_withdrawn_is_missing_then_gone_then_back(epochs: dict[int, Epoch], agency: str) -> None:
    title = f"失山县{agency}2023年政府信息公开工作年度报告"
    statuses = [epochs[number].status(title) for number in range(1, EPOCHS + 1)]
    assert statuses == ["live", "missing", "missing", "gone", "live", "live", "live"]
    assert epochs[EPOCHS].history("gone")[title] == [[]]


def test_a_dead_link_is_missing_though_the_crawl_is_incomplete(epochs: dict[int, Epoch]) -> None:
    title = "断桥县财政局2023年政府信息公开工作年度报告"
    assert [epochs[number].status(title) for number in (1, 2, 3, 4, 5, 6)] == [
        "live", "missing", "missing", "missing", "gone", "gone",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("agency", "number", "versions"),
    [("财政局", 1, [[]]), ("教育局", 2, [[]]), ("水利局", 3, [[], ["body"]]), ("林业局", 4, [[], ["body"]])],
)
def test_a_moved_page_is_the_same_report(
    epochs: dict[int, Epoch], agency: str, number: int, versions: list[list[str]]
) -> None:
    title = f"迁安县{agency}2023年政府信息公开工作年度报告"
    for epoch in (epochs[2], epochs[EPOCHS]):
        assert epoch.history("moved")[title] == versions
        record = epoch.latest(title)
        assert (paths(record), record["status"]) == ({f"/{number}.html", f"/new/{number}.html"}, "live")
    assert epochs[2].portal("moved")["moved"] == 4
    assert epochs[2].portal("moved")["revised"] == 2


def test_a_redesigned_portal_brings_no_version_and_no_report(epochs: dict[int, Epoch]) -> None:
    before = {r["report_id"] for r in epochs[1].of("redesigned")}
    after = epochs[EPOCHS].of("redesigned")
    assert {r["report_id"] for r in after} == before
    assert [r["changed"] for r in after] == [[], [], []]
    assert {r["status"] for r in after} == {"live"}
    assert epochs[3].portal("redesigned")["unchanged"] == 3


def test_next_years_report_at_the_same_address_is_another_report(epochs: dict[int, Epoch]) -> None:
    first = epochs[EPOCHS].latest("常新县人民政府2022年政府信息公开工作年度报告")
    second = epochs[EPOCHS].latest("常新县人民政府2023年政府信息公开工作年度报告")
    assert first["report_id"] != second["report_id"]
    assert (first["version"], second["version"]) == (1, 1)
    assert (first["status"], second["status"]) == ("missing", "live")
    assert second["flags"] == ["location_reused"]


def test_a_re_posted_report_is_a_copy_at_a_further_location(epochs: dict[int, Epoch]) -> None:
    title = "重光县财政局2023年政府信息公开工作年度报告"
    assert paths(epochs[2].latest(title)) == {"/1.html", "/bm/czj/1.html"}
    assert epochs[2].portal("reposted")["copies"] == 1
    assert epochs[5].history("reposted")[title] == [[]]


def test_https_and_www_are_the_same_address(epochs: dict[int, Epoch]) -> None:
    record = epochs[EPOCHS].latest("安澜县财政局2023年政府信息公开工作年度报告")
    assert (record["version"], len(record["locations"]), record["status"]) == (1, 1, "live")
    assert {epochs[number].portal("scheme")["unchanged"] for number in range(2, EPOCHS + 1)} == {1}


def test_a_copy_on_another_portal_catches_up_with_the_revision(epochs: dict[int, Epoch]) -> None:
    title = "源头县财政局2023年政府信息公开工作年度报告"
    for number in (2, 3, EPOCHS):
        record = epochs[number].latest(title)
        assert epochs[number].history("source")[title] == [[], ["body"]]
        assert {place["portal"] for place in record["locations"]} == {"source", "copy"}
    numbers = {place["portal"]: place["index_number"] for place in epochs[3].latest(title)["locations"]}
    assert numbers == {"source": "YT01/2024-0007", "copy": None}
    assert epochs[3].portal("copy")["unchanged"] == 1


def test_one_number_on_two_works_is_two_reports_flagged(epochs: dict[int, Epoch]) -> None:
    history = epochs[EPOCHS].history("numbers")
    assert sorted(history.values()) == [[[]], [[]]]
    later = epochs[EPOCHS].latest("同号县教育局2023年政府信息公开工作年度报告")
    assert later["flags"] == ["index_number_collision"]


def test_nearly_the_same_is_never_the_same(epochs: dict[int, Epoch]) -> None:
    assert len({r["report_id"] for r in epochs[1].of("twins")}) == 4
    history = epochs[EPOCHS].history("twins")
    assert {title: len(versions) for title, versions in history.items()} == {
        "双溪县东溪镇人民政府2023年政府信息公开工作年度报告": 1,
        "双溪县西溪镇人民政府2023年政府信息公开工作年度报告": 2,
        "双溪县司法局2023年政府信息公开工作年度报告": 1,
        "双溪县统计局2023年政府信息公开工作年度报告": 1,
    }


def test_what_fails_for_a_while_is_no_change(epochs: dict[int, Epoch]) -> None:
    history = epochs[EPOCHS].history("shaky")
    assert history["摇光县财政局2023年政府信息公开工作年度报告"] == [[]]
    assert history["摇光县水利局2023年政府信息公开工作年度报告"] == [[]]
    assert history["摇光县教育局2023年政府信息公开工作年度报告"] == [[], ["body", "attachments"]]


def test_a_better_reader_opens_no_version_and_misses_none(epochs: dict[int, Epoch]) -> None:
    fresh = [
        (r["title"], r["changed"])
        for r in epochs[EPOCHS].records
        if not any((r["report_id"], r["version"]) == (o["report_id"], o["version"]) for o in epochs[5].records)
    ]
    assert sorted(fresh) == [
        ("修远县教育局2023年政府信息公开工作年度报告", ["body"]),
        ("修远县统计局2023年政府信息公开工作年度报告", ["attachments"]),
    ]
    assert len(epochs[EPOCHS].latest("修远县统计局2023年政府信息公开工作年度报告")["attachments"]) == 2
    again = epochs[EPOCHS].latest("重光县财政局2023年政府信息公开工作年度报告")
    assert paths(again) == {"/1.html", "/bm/czj/1.html", "/bm/czj/again.html"}
    moved = epochs[EPOCHS].latest("失山县民政局2023年政府信息公开工作年度报告")
    assert (paths(moved), moved["status"]) == ({"/5.html", "/new/5.html"}, "live")
