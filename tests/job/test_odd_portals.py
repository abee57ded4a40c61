"""Portals that are laid out as few are: pages behind pages, columns that are reports, pictures nobody can see."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.job.conftest import Nianbao
from tests.job.world import COLUMN, Answer, Article, World, chrome, world

PARTS = [
    "本报告根据《政府信息公开条例》编制，统计期限为全年。一、总体情况。全年主动公开政府信息八百余条。",
    "二、申请办理情况。全年收到申请十二件，均按期答复。三、行政复议和行政诉讼情况。没有发生。",
    "四、存在的问题。公开内容不够全面，解读不够及时。五、其他事项。没有需要报告的事项。",
]


def titled(place: str, year: int) -> str:
    return f"{place}{year}年政府信息公开工作年度报告"


def build(it: World) -> None:
    chain = it.site("chain", "长廊县人民政府")
    for number, text in enumerate(PARTS):
        following = f"<a href='t2_{number + 1}.html'>下一页</a>" if number < 2 else "<span>下一页</span>"
        inside = (
            f"<h1>{titled('长廊县财政局', 2022)}</h1><div class='TRS_Editor'><p>{text}</p></div><div>{following}</div>"
        )
        chain.answers[f"/t2{f'_{number}' if number else ''}.html"] = Answer(chrome("年报", inside, 1))
    row = f"<ul><li><a href='/t2.html'>{titled('长廊县财政局', 2022)}</a></li></ul>"
    chain.answers[COLUMN] = Answer(chrome("政府信息公开年报", row, 1))

    blind = it.site("blind", "无画县人民政府")
    blind.add("/1.html", Article(titled("无画县财政局", 2022), "无画县财政局", [*PARTS]))
    notice = "关于编报2022年政府信息公开工作年度报告的通知"
    inside = f"<h1>{notice}</h1><div class='TRS_Editor'><p>各单位：请按期报送。</p><img src='/gone.jpg'></div>"
    blind.add("/2.html", Article(notice, "无画县人民政府办公室", []))
    blind.answers["/2.html"] = Answer(chrome(notice, inside, 1))

    itself = it.site("itself", "独页县人民政府")
    years = "".join(f"<a href='{COLUMN}{year}/'>{year}年</a>" for year in (2022, 2021))
    text = "".join(f"<p>{part}</p>" for part in PARTS)
    for year in (2022, 2021):
        inside = f"<div>{years}</div><h1>{titled('独页县人民政府', year)}</h1><div class='TRS_Editor'>{text}<p>{year}。</p></div>"
        itself.answers[f"{COLUMN}{year}/"] = Answer(chrome(titled("独页县人民政府", year), inside, 1))
    itself.answers[COLUMN] = Answer(chrome("政府信息公开年报", f"<div>{years}</div>", 1))

    feed = it.site("feed", "讯流县人民政府")
    feed.answers[COLUMN] = Answer(
        chrome("年报", "<div id='list'></div><script>$.get('/list.json',draw);$.get('/no.json',draw)</script>", 1)
    )
    rows = "".join(
        f'{{"bt": "{titled("讯流县财政局", year)}", "lj": "/{year}.html"}},' for year in (2022, 2021)
    ).rstrip(",")
    feed.answers["/list.json"] = Answer(f'{{"total": 2, "rows": [{rows}]}}'.encode(), media_type="application/json")
    for year in (2022, 2021):
        feed.add(f"/{year}.html", Article(titled("讯流县财政局", year), "讯流县财政局", [*PARTS, f"{year}年。"]))

    inner = it.site("inner", "内表县人民政府")
    links = "".join(f"<a href='/y{year}.htm'>{year}年年报</a><br>" for year in (2022, 2021))
    inner.answers[COLUMN] = Answer(b"<html><frameset cols='200,*'><frame src='/m.htm' name='l'></frameset></html>")
    inner.answers["/m.htm"] = Answer(f"<html><meta charset='utf-8'><body>{links}</body></html>".encode())
    for year in (2022, 2021):
        rows = "".join(
            f"<li><a href='/{year}{name[0]}.html'>{titled(f'内表县{agency}局', year)}</a></li>"
            for name, agency in (("a", "水务"), ("b", "教育"))
        )
        inner.answers[f"/y{year}.htm"] = Answer(
            f"<html><meta charset='utf-8'><body><ul>{rows}</ul></body></html>".encode()
        )
        for name, agency in (("a", "水务"), ("b", "教育")):
            inner.add(
                f"/{year}{name}.html",
                Article(titled(f"内表县{agency}局", year), f"内表县{agency}局", [*PARTS, f"{year}{agency}。"]),
            )

    gathered = it.site("gathered", "汇编县人民政府")
    row = f"<ul><li><a href='/h.html'>{titled('汇编县', 2022)}</a></li></ul>"
    gathered.answers[COLUMN] = Answer(chrome("政府信息公开年报", row, 1))
    agencies = [f"汇编县{name}局" for name in ("水务", "教育", "民政")]
    rows = "".join(f"<p><a href='/h{n}.html'>{titled(agency, 2022)}</a></p>" for n, agency in enumerate(agencies))
    gathered.answers["/h.html"] = Answer(chrome(titled("汇编县", 2022), f"<div class='TRS_Editor'>{rows}</div>", 1))
    for n, agency in enumerate(agencies):
        gathered.add(f"/h{n}.html", Article(titled(agency, 2022), agency, [*PARTS, f"{agency}。"]))

    gap = it.site("gap", "缺年县人民政府")
    gap.add("/2022.html", Article(titled("缺年县财政局", 2022), "缺年县财政局", [*PARTS]))
    gap.answers[COLUMN] = Answer(chrome("政府信息公开年报", f"<div>{years}</div>", 1))
    row = f"<ul><li><a href='/2022.html'>{titled('缺年县财政局', 2022)}</a></li></ul>"
    gap.answers[f"{COLUMN}2022/"] = Answer(chrome("2022年", row, 1))

    units = it.site("units", "分处县人民政府")
    units.home_only = True
    units.answers["/"] = Answer(chrome("分处县人民政府", "<a href='/dt/'>动态</a><a href='/map.html'>网站地图</a>", 1))
    units.answers["/map.html"] = Answer(chrome("网站地图", f"<a href='{COLUMN}'>政府信息公开年报</a>", 1))
    own = f"<ul><li><a href='/2022.html'>{titled('分处县人民政府', 2022)}</a></li></ul>"
    agencies = "<li><a href='/bm1/'>分处县水务局</a></li><li><a href='/bm2/'>分处县教育局</a></li>"
    units.answers[COLUMN] = Answer(
        chrome("政府信息公开年报", f"<h3>县政府年报</h3>{own}<h3>部门年报</h3><ul>{agencies}</ul>", 1)
    )
    units.add("/2022.html", Article(titled("分处县人民政府", 2022), "分处县人民政府", [*PARTS]))
    for n, agency in ((1, "分处县水务局"), (2, "分处县教育局")):
        units.answers[f"/bm{n}/"] = Answer(chrome(agency, f"<a href='/bm{n}/nb/'>信息公开年报</a>", 1))
        row = f"<ul><li><a href='/bm{n}/1.html'>{titled(agency, 2022)}</a></li></ul>"
        units.answers[f"/bm{n}/nb/"] = Answer(chrome("信息公开年报", row, 1))
        units.add(f"/bm{n}/1.html", Article(titled(agency, 2022), agency, [*PARTS, f"{agency}。"]))

    sent = it.site("sent", "转页县人民政府")
    row = f"<ul><li><a href='/jump/1.html'>{titled('转页县财政局', 2022)}</a></li></ul>"
    sent.answers[COLUMN] = Answer(chrome("政府信息公开年报", row, 1))
    sent.answers["/jump/1.html"] = Answer(b"<html><script>location.replace('/real/1.html');</script></html>")
    sent.add("/real/1.html", Article(titled("转页县财政局", 2022), "转页县财政局", [*PARTS]))

    away = it.site("away", "外转县人民政府")
    away.add("/2022.html", Article(titled("外转县财政局", 2022), "外转县财政局", [*PARTS]))
    row = f"<li><a href='/out/1.html'>{titled('外转县气象局', 2022)}</a></li>"
    row += f"<li><a href='/2022.html'>{titled('外转县财政局', 2022)}</a></li>"
    away.answers[COLUMN] = Answer(chrome("政府信息公开年报", f"<ul>{row}</ul>", 1))
    away.answers["/out/1.html"] = Answer(status=302, location="http://qx.elsewhere.gov.cn/nb/1.html")

    lost = it.site("lost", "失栏县人民政府")
    lost.answers[COLUMN] = Answer(chrome("404", "<h1>404 Not Found</h1>", 1), 404)
    lost.answers["/"] = Answer(chrome(lost.name, "<a href='/new/xxgknb/'>政府信息公开年报</a>", 1))
    lost.answers["/new/xxgknb/"] = Answer(chrome("政府信息公开年报", "<h3>政府信息公开年报</h3><ul></ul>", 1))

    way = it.site("way", "径直县人民政府")
    way.home_only = True
    way.answers["/"] = Answer(chrome("径直县人民政府", "<a href='/xxgk/'>政府信息公开</a>", 1))
    rows = "".join(
        f"<li><a href='/{year}.html'>{titled('径直县人民政府', year)}</a></li>" for year in (2022, 2021, 2020)
    )
    way.answers["/xxgk/"] = Answer(chrome("政府信息公开", f"<ul>{rows}</ul>", 1))
    for year in (2022, 2021, 2020):
        way.add(f"/{year}.html", Article(titled("径直县人民政府", year), "径直县人民政府", [*PARTS, f"{year}年。"]))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, list[dict], list[str]]:
    folder: Path = tmp_path_factory.mktemp("odd")
    with world(folder) as it:
        build(it)
        nianbao = Nianbao(it.write_registry(folder / "registry"), str(folder / "archive"), dict(it.environment))
        summary = nianbao.crawl(expect=None)
        asked = [f"{host}{path}" for host, path in it.requests]
        return summary["portals"], nianbao.records(), asked


@pytest.mark.parametrize(
    ("key", "reports"),
    [
        ("chain", 1),
        ("blind", 1),
        ("itself", 2),
        ("feed", 2),
        ("units", 3),
        ("way", 3),
        ("sent", 1),
        ("inner", 4),
        ("gathered", 3),
    ],
)
def test_each_ends_complete_with_every_report(
    crawled: tuple[dict, list[dict], list[str]], key: str, reports: int
) -> None:
    portals, records, _ = crawled
    found = [r for r in records if r["portal"] == key and r["kind"] == "annual_report"]
    assert " ".join(map(str, (portals[key]["status"], portals[key]["reason"]))) == "ok None"
    assert len(found) == reports


def test_a_body_whose_pages_only_name_the_next_is_had_to_its_end(crawled: tuple[dict, list[dict], list[str]]) -> None:
    (body,) = (r["body"] for r in crawled[1] if r["portal"] == "chain")
    assert [body.find(part[-12:]) > 0 for part in PARTS] == [True, True, True]


def test_a_column_that_proves_to_be_a_report_is_fetched_once(crawled: tuple[dict, list[dict], list[str]]) -> None:
    asked = [place for place in crawled[2] if place.startswith("www.itself.gov.cn/zfxxgk/ndbg/20")]
    assert sorted(asked) == [f"www.itself.gov.cn{COLUMN}{year}/" for year in (2021, 2022)]


def test_a_page_on_the_way_that_proves_to_be_the_column_is_fetched_once(
    crawled: tuple[dict, list[dict], list[str]],
) -> None:
    assert (crawled[0]["way"]["columns"], crawled[2].count("www.way.gov.cn/xxgk/")) == (1, 1)


def test_a_year_the_column_lists_and_the_server_does_not_have_is_missing(
    crawled: tuple[dict, list[dict], list[str]],
) -> None:
    gap = crawled[0]["gap"]
    assert (gap["status"], gap["new"]) == ("incomplete", 1)
    assert f"{COLUMN}2021/: not_found" in gap["reason"]


def test_an_entry_that_is_redirected_to_another_host_is_not_had_and_said(
    crawled: tuple[dict, list[dict], list[str]],
) -> None:
    away = crawled[0]["away"]
    assert (away["status"], away["new"], away["errors"]) == ("incomplete", 1, 1)
    assert "redirected_away" in away["reason"]
    assert away["off_site"] == {"qx.elsewhere.gov.cn": "http://qx.elsewhere.gov.cn/nb/1.html"}
    assert not [place for place in crawled[2] if "elsewhere" in place]


def test_a_column_that_answers_no_more_has_not_moved_to_one_that_lists_nothing(
    crawled: tuple[dict, list[dict], list[str]],
) -> None:
    lost = crawled[0]["lost"]
    assert (lost["status"], lost["settled"]) == ("incomplete", False)
    assert f"{COLUMN}: not_found" in lost["reason"]
    assert not [note for note in lost["notes"] if note.startswith("column moved")]
