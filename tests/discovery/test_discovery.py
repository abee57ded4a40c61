"""From a home page to the annual-report columns, on home pages as portals build them."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse

from crawler.items import Portal
from crawler.samples import serve
from crawler.urls import identity
from spiders import discovery, registry
from spiders.discovery import Candidate, Findings, entry_toml, moved_column

HOME = "http://www.qingshui.gov.cn/"
PORTAL = Portal("qingshui", "清水县人民政府", "33", "331199", HOME)


def steps(html: str, url: str = HOME, depth: int = 0, portal: Portal = PORTAL, encoding: str = "utf-8") -> Findings:
    return discovery.steps(HtmlResponse(url, body=html.encode(encoding), encoding=encoding), portal, depth)


def columns(found: Findings) -> list[str]:
    return [column.url.removeprefix(HOME) for column in found.columns]


def ways(found: Findings) -> list[str]:
    return [step.url.removeprefix(HOME) for step in found.follow]


TABLE_HOME = """<html><head><title>清水县人民政府</title><meta name="SiteName" content="清水县人民政府"></head><body>
<table width="1000"><tr><td><img src="top.jpg"></td></tr><tr><td><table><tr>
<td><a href="index.html">首&nbsp;页</a></td><td><a href="xwzx/">新闻中心</a></td>
<td><a href="zwgk/zfxxgk/">政府信息公开</a></td><td><a href="zwgk/">政务公开</a></td>
<td><a href="zmhd/">政民互动</a></td></tr></table></td></tr>
<tr><td><a href="xwzx/202101/t20210105_1.html">我县召开政务公开工作会议</a></td></tr>
<tr><td><a href="zwgk/ysqgk/">依申请公开</a><a href="zwgk/gkzn/">政府信息公开指南</a></td></tr></table></body></html>"""

DIV_HOME = """<!DOCTYPE html><html><head><title>清水县</title></head><body><nav class="main-nav"><ul>
<li><a href="/" class="on">首页</a></li><li><a href="/col/col11/index.html" title="政务公开">政务公开</a>
<div class="sub"><a href="/col/col12/index.html">政府信息公开指南</a>
<a href="/col/col13/index.html">政府信息公开制度</a>
<a href="/col/col14/index.html">法定主动公开内容</a><a href="/col/col15/index.html">政府信息公开年报</a>
<a href="/col/col16/index.html">依申请公开</a></div></li></ul></nav>
<footer><a href="http://www.gov.cn/">中国政府网</a></footer></body></html>"""

IMAGE_HOME = """<html><body><a href="/zfxxgk/"><img src="/images/gk.png" alt="政府信息公开"></a>
<a href="/hd/"><img src="/images/hd.png"></a>
<div class="box"><h3>政府信息公开年报</h3><a href="/zfxxgk/nb/"><img src="/images/more.gif"></a></div>
<div class="box"><h3>工作动态</h3><a href="/dt/">更多&gt;&gt;</a></div></body></html>"""

MAP_HOME = """<html><body><img src="banner.jpg" usemap="#m"><map name="m">
<area shape="rect" coords="0,0,90,30" href="/zwgk/zfxxgk/index.html" alt="政府信息公开专栏">
<area shape="rect" coords="90,0,180,30" href="/zwgk/xxgknb/index.html" title="信息公开年度报告"></map></body></html>"""

FRAMES_HOME = """<html><head><title>清水县人民政府信息公开</title></head><frameset rows="120,*">
<frame src="top.htm" name="top">
<frameset cols="200,*"><frame src="xxgk/left.asp" name="left"><frame src="xxgk/main.asp" name="main"></frameset>
</frameset></html>"""

SCRIPT_HOME = r"""<html><body><div id="menu"></div><script>
var menus = [{"name":"\u9996\u9875","url":"/"},{"name":"\u653f\u52a1\u516c\u5f00","url":"\/zwgk\/","children":[
 {"name":"\u653f\u5e9c\u4fe1\u606f\u516c\u5f00\u5e74\u62a5","url":"\/zwgk\/zfxxgknb\/"},{"name":"预算决算","url":"/zwgk/czyjs/"}]}];
document.write('<a href="/zwgk/bmnb/">部门信息公开年报</a>');
addItem("乡镇政府信息公开年报", "/zwgk/xznb/");
// addItem("政府信息公开年报", "/old/nb/");
</script></body></html>"""

ONCLICK_HOME = """<html><body><ul><li onclick="window.open('/zwgk/zfxxgknb/')">政府信息公开年报</li>
<li><a href="javascript:;" onclick="location.href='/zwgk/zfxxgk/'">信息公开</a></li></ul></body></html>"""

TABS = """<html><head><title>清水县政府信息公开</title></head><body><div class="tabs">
<a href="zfxxgkzn/">政府信息公开指南</a><a href="zfxxgkzd/">政府信息公开制度</a><a href="fdzdgknr/">法定主动公开内容</a>
<a href="nb/">年报</a><a href="ysqgk/">依申请公开</a></div>
<div class="list"><a href="202101/t20210120_9.html">2020年法治政府建设年度报告</a></div></body></html>"""

DECOYS = """<html><body>
<a href="/zwgk/wzndbb/">政府网站年度工作报表</a><a href="/zwgk/wznb/">网站年报</a>
<a href="/zwgk/fzzf/">法治政府建设年度报告</a>
<a href="/zwgk/fznb/">法治政府年报</a><a href="/zwgk/czyjs/nb/">财政年报</a><a href="/zwgk/tjnb/">统计年报</a>
<a href="/zwgk/hjzk/">环境质量年报</a><a href="/zwgk/qynb/">企业年报公示</a>
<a href="/zwgk/sydw/">事业单位法人年度报告</a>
<a href="/zwgk/nbzd/">政府信息公开年报制度</a><a href="/zwgk/nbjd/">政府信息公开年报解读</a>
<a href="/zwgk/gzbg/">政府工作报告</a>
<a href="/zwgk/gjj/">住房公积金年度报告</a><a href="/zwgk/yd/">政务公开工作要点</a>
<a href="/zwgk/gs/">双公示信息公开</a>
<a href="/zwgk/t1.html">关于做好政府信息公开年报编制工作的通知</a></body></html>"""


def test_a_home_page_laid_out_in_tables_leads_to_disclosure() -> None:
    found = steps(TABLE_HOME)
    assert found.columns == ()
    assert ways(found)[:2] == ["zwgk/zfxxgk/", "zwgk/"]
    assert not any("ysqgk" in way or "gkzn" in way or way.startswith("xwzx") for way in ways(found))


def test_the_same_page_in_gbk_says_the_same() -> None:
    assert steps(TABLE_HOME, encoding="gb18030").follow == steps(TABLE_HOME).follow


def test_a_menu_that_names_the_column_is_enough() -> None:
    found = steps(DIV_HOME)
    assert columns(found) == ["col/col15/index.html"]
    assert found.columns[0].title == "政府信息公开年报"
    assert "col/col11/index.html" in ways(found)
    assert not {"col/col12/index.html", "col/col13/index.html", "col/col16/index.html"} & set(ways(found))


def test_an_image_speaks_by_its_alternative_text_or_the_heading_over_it() -> None:
    found = steps(IMAGE_HOME)
    assert columns(found) == ["zfxxgk/nb/"]
    assert ways(found) == ["zfxxgk/"]


def test_a_heading_beside_the_block_of_a_link_says_what_the_link_does_not() -> None:
    blocks = "<li><h3>政府信息公开年报</h3></li><li class='more'><a href='/gk/a/'>更多&gt;&gt;</a></li>"
    assert columns(steps(f"<h2>政务公开</h2><ul>{blocks}<li>动态</li><li><a href='/dt/'>更多</a></li></ul>")) == [
        "gk/a/"
    ]


def test_a_menu_a_script_file_writes_is_looked_into_where_the_page_has_no_way_on() -> None:
    files = "<script src='/js/jquery.js'></script><script src='/js/menu.js'></script>"
    assert ways(steps(f"{files}<a href='/news/'>新闻</a>")) == ["js/menu.js"]
    assert ways(steps(f"{files}<a href='/zwgk/'>政务公开</a>")) == ["zwgk/"]
    asks = "<script>$.getJSON('/api/menu',build)</script><a href='/news/'>新闻</a>"
    assert ways(steps(asks)) == ["api/menu"]
    told = '{"data":[{"name":"政务公开","url":"/zwgk/","children":[{"name":"政府信息公开年报","url":"/gk/nb/"}]}]}'
    assert columns(steps(told, HOME + "api/menu")) == ["gk/nb/"]
    written = "document.write('<a href=\"zwgk/\">政务公开</a>');"
    assert ways(steps(written, HOME + "js/menu.js")) == ["zwgk/"]


@pytest.mark.parametrize("names", [("n", "u"), ("lmmc", "lj"), ("caption", "target")])
def test_a_menu_in_a_script_is_read_whatever_its_fields_are_called(names: tuple[str, str]) -> None:
    said, to = names
    menu = f"var m=[{{{said}:'政务公开',{to}:'/zwgk/',sub:[{{{said}:'政府信息公开年报',{to}:'/zwgk/nb/'}}]}}];"
    assert columns(steps(menu, HOME + "js/nav.js")) == ["zwgk/nb/"]


@pytest.mark.parametrize("encoding", ["utf-8", "big5"])
def test_a_home_page_in_traditional_characters_leads_on_as_well(encoding: str) -> None:
    menu = "<a href='zwgk/'>政務公開</a><a href='gk/'>政府信息公開專欄</a><a href='hd/'>互動交流</a>"
    assert ways(steps(menu, encoding=encoding)) == ["gk/", "zwgk/"]
    tabs = "<a href='zn/'>政府信息公開指南</a><a href='nb/'>政府信息公開年報</a><a href='tj/'>統計年報</a>"
    assert columns(steps(tabs, HOME + "gk/", 1, encoding=encoding)) == ["gk/nb/"]


def test_a_choice_of_language_leads_to_the_home_page() -> None:
    assert ways(steps("<a href='cn/'>中文版</a> <a href='en/'>English</a>")) == ["cn/"]


def test_areas_of_an_image_map_are_links() -> None:
    found = steps(MAP_HOME)
    assert columns(found) == ["zwgk/xxgknb/index.html"]
    assert ways(found) == ["zwgk/zfxxgk/index.html"]


def test_frames_are_looked_into() -> None:
    assert {"xxgk/left.asp", "xxgk/main.asp"} <= set(ways(steps(FRAMES_HOME)))


def test_menus_written_by_script_are_read_where_they_stand_in_plain() -> None:
    found = steps(SCRIPT_HOME)
    assert set(columns(found)) == {"zwgk/zfxxgknb/", "zwgk/bmnb/", "zwgk/xznb/"}
    assert ways(found) == ["zwgk/"]


def test_a_definition_that_a_click_opens_is_a_link() -> None:
    found = steps("<dl><dd onclick=\"MM_goToURL('parent','/gk/nb/')\">政府信息公开年报</dd></dl>")
    assert columns(found) == ["gk/nb/"]


def test_links_that_a_click_opens_are_links() -> None:
    found = steps(ONCLICK_HOME)
    assert columns(found) == ["zwgk/zfxxgknb/"]
    assert ways(found) == ["zwgk/zfxxgk/"]


def test_the_standard_tabs_give_a_bare_nianbao_its_meaning() -> None:
    assert columns(steps(TABS, HOME + "zwgk/zfxxgk/", 1)) == ["zwgk/zfxxgk/nb/"]
    assert columns(steps(TABS.replace("<title>清水县政府信息公开</title>", ""), HOME + "s/", 0)) == ["s/nb/"]


@pytest.mark.parametrize(
    ("html", "way"),
    [
        ("<a href='/main.html'><img src='/splash.jpg' alt='进入网站'></a>", "main.html"),
        ("<a href='/main.html'><img src='/splash.jpg'></a>", "main.html"),
        ("<meta http-equiv='refresh' content='0; url=/web/'>", "web/"),
    ],
)
def test_a_splash_page_leads_to_the_home_page_without_costing_a_level(html: str, way: str) -> None:
    found = steps(f"<html><body>{html}</body></html>")
    assert [(step.url.removeprefix(HOME), step.deeper) for step in found.follow] == [(way, False)]


def test_a_bare_nianbao_among_anything_is_left_to_a_person() -> None:
    found = steps("<a href='/tj/nb/'>年报</a><a href='/tj/yb/'>月报</a>")
    assert found.columns == ()
    assert found.follow == ()
    assert "/tj/nb/" in found.undecided[0]


@pytest.mark.parametrize(("url", "depth"), [(HOME, 0), (HOME + "zwgk/zfxxgk/", 1)])
def test_other_yearly_reports_are_no_columns_and_no_way(url: str, depth: int) -> None:
    found = steps(DECOYS, url, depth)
    assert found.columns == ()
    assert found.follow == ()


def test_a_department_whose_name_sounds_like_another_report_has_its_column() -> None:
    html = (
        "<a href='/a/'>县统计局政府信息公开年报</a><a href='/b/'>生态环境局年报</a>"
        "<a href='/c/'>经济开发区管委会信息公开年度报告</a><a href='/d/'>2019年度报告</a><a href='/e/'>乡镇年报</a>"
    )
    found = steps(html, HOME + "zfxxgk/", 1)
    assert sorted(columns(found)) == ["a/", "b/", "c/", "d/", "e/"]
    said = {column.url: (column.agency, column.report_year) for column in found.columns}
    assert said[HOME + "b/"] == ("生态环境局", None)
    assert said[HOME + "d/"] == (None, 2019)


@pytest.mark.parametrize(
    "slug",
    [
        "zfxxgknb",
        "xxgknb",
        "gknb",
        "zfxxgkndbg",
        "zfxxgkndgzbg",
        "zfxxgkgzndbg",
        "zfxxgknb_2954",
        "gknb2018",
        "xxgknb2019",
    ],
)
def test_the_slug_of_an_address_speaks_where_words_do_not(slug: str) -> None:
    assert columns(steps(f"<a href='/zwgk/{slug}/'><img src='x.png'></a>")) == [f"zwgk/{slug}/"]


@pytest.mark.parametrize("slug", ["tzgg", "zcjd", "xxgkzn", "gkzd", "ndjh", "zfgzbg2020", "wzndbb"])
def test_another_slug_is_silent(slug: str) -> None:
    assert columns(steps(f"<a href='/zwgk/{slug}/'><img src='x.png'></a>")) == []


def test_a_page_that_calls_itself_the_column_is_it_and_the_search_ends() -> None:
    head = "<meta name='ColumnName' content='政府信息公开年报'><meta name='ColumnType' content='信息公开年报'>"
    body = "<a href='2020n/'>2020年</a><a href='2019n/'>2019年</a><a href='/zwgk/'>政务公开</a>"
    found = steps(f"<html><head>{head}</head><body>{body}</body></html>", HOME + "c109/", 1)
    assert columns(found) == ["c109/"]
    assert found.follow == ()
    assert found.columns[0].score == 100


def test_an_article_is_no_column_though_its_metadata_names_one() -> None:
    head = "<meta name='ColumnName' content='政府信息公开年报'><meta name='ArticleTitle' content='清水县2020年年报'>"
    body = "<div>当前位置：<a href='/'>首页</a> &gt; <a href='/zwgk/nb/'>政府信息公开年报</a></div>"
    found = steps(f"<html><head>{head}</head><body>{body}</body></html>", HOME + "zwgk/nb/202101/t20210101_1.html", 1)
    assert columns(found) == ["zwgk/nb/"]


def test_a_breadcrumb_names_the_page() -> None:
    html = "<div class='wz'>您当前的位置：<a href='/'>首页</a> &gt; <a href='/x/'>政府信息公开</a> &gt; 年报</div>"
    assert columns(steps(html, HOME + "c77/", 2)) == ["c77/"]


def test_a_root_stands_for_the_years_and_departments_below_it() -> None:
    html = (
        "<a href='/zfxxgk/nb/'>政府信息公开年报</a><a href='/zfxxgk/nb/2020/'>2020年信息公开年报</a>"
        "<a href='/zfxxgk/nb/bm/'>部门信息公开年报</a><a href='/xz/nb/'>乡镇信息公开年报</a>"
    )
    assert columns(steps(html)) == ["zfxxgk/nb/", "xz/nb/"]


def test_year_columns_without_a_root_are_columns_each_with_its_year() -> None:
    html = "<a href='/zfxxgk/nb/2020/'>2020年政府信息公开年报</a><a href='/zfxxgk/nb/2019/'>2019年政府信息公开年报</a>"
    assert {column.report_year for column in steps(html).columns} == {2019, 2020}


def test_a_disclosure_page_that_lists_the_reports_itself_is_the_column() -> None:
    html = "<ul>" + "".join(
        f"<li><a href='2021{m}/t2021{m}15_{m}.html'>清水县{y}年政府信息公开工作年度报告</a></li>"
        for m, y in (("01", 2020), ("02", 2019), ("03", 2018))
    )
    found = steps(html, HOME + "zwgk/xxgk/", 1)
    assert columns(found) == ["zwgk/xxgk/"]
    assert columns(steps(html)) == []  # a home page is none: too much else stands on it


def test_where_the_units_are_many_each_is_looked_at() -> None:
    html = "".join(
        f"<a href='/bm/{n}/'>{name}局</a>" for n, name in enumerate(["教育", "公安", "民政", "司法", "水务", "文旅"])
    )
    found = steps(html, HOME + "bmxxgk/", 2)
    assert found.columns == ()
    assert [step.url for step in found.follow] == [f"{HOME}bm/{n}/" for n in range(6)]
    assert all(step.why.startswith("units: ") for step in found.follow)
    assert steps(html, HOME + "bmxxgk/", 3).follow == found.follow
    assert steps(html, HOME + "bmxxgk/", 4).follow == ()


def test_units_that_cannot_be_followed_are_told_to_a_person() -> None:
    """Agencies at addresses of many shapes: menus of other things, perhaps."""
    places = ["/a/", "/b.html", "/c/d/", "/e.jsp?id=1", "/f/g/h/", "/i.aspx?k=2"]
    names = ["教育", "公安", "民政", "司法", "水务", "文旅"]
    html = "".join(f"<a href='{place}'>{name}局</a>" for name, place in zip(names, places, strict=True))
    found = steps(html, HOME + "bmxxgk/", 2)
    assert found.columns == ()
    assert any("6 units" in doubt for doubt in found.undecided)


def test_a_home_page_of_next_to_no_words_sends_on() -> None:
    refresh = "<html><head><meta http-equiv='Refresh' content='0; URL=qsx/index.html'></head><body></body></html>"
    assert ways(steps(refresh)) == ["qsx/index.html"]
    script = "<html><body><script>window.location.href = '/portal/index.html';</script></body></html>"
    assert ways(steps(script)) == ["portal/index.html"]


def test_a_category_tree_in_the_page_is_the_column_for_its_platform() -> None:
    html = (
        "<html><body><div id='gkmlpt'></div><script>window._CONFIG = { SID: '2', TREE: [{id: 1, name: '机构职能'},"
        "{id: 2, name: '其他', children: [{id: 9, name: '政府信息公开年报', jump_url: ''}]}] }</script></body></html>"
    )
    assert columns(steps(html, HOME + "gkmlpt/index", 1)) == ["gkmlpt/index"]
    assert columns(steps(html.replace("年报", "指南"), HOME + "gkmlpt/index", 1)) == []


def test_another_host_is_reported_and_never_followed() -> None:
    html = (
        "<a href='http://zfxxgk.qingshui.gov.cn/'>政府信息公开平台</a><a href='http://xxgk.lishan.gov.cn/nb/'>政府信息公开年报</a>"
        "<a href='http://www.example.com/zfxxgknb/'>政府信息公开年报</a>"
        "<div class='links'>友情链接 <a href='http://www.zj.gov.cn/zfxxgk/'>政府信息公开</a></div>"
    )
    found = steps(html)
    assert found.columns == ()
    assert found.follow == ()
    assert [step.url for step in found.foreign] == ["http://zfxxgk.qingshui.gov.cn/", "http://xxgk.lishan.gov.cn/nb/"]
    known = Portal("qingshui", "清水县人民政府", "33", "331199", HOME, hosts=("zfxxgk.qingshui.gov.cn",))
    assert [step.url for step in steps(html, portal=known).follow] == ["http://zfxxgk.qingshui.gov.cn/"]


def test_the_way_is_bounded() -> None:
    html = "".join(f"<a href='/x{n}/'>第{n}街道办事处信息公开专栏</a>" for n in range(60))
    assert len(steps(html).follow) == 10
    assert steps(html, depth=3).follow == ()
    assert steps(html).undecided


def test_what_has_been_found_spares_further_ways_but_those_to_departments() -> None:
    html = (
        "<a href='nb/'>政府信息公开年报</a><a href='fd/'>法定主动公开内容</a><a href='bm/'>部门信息公开</a>"
        "<a href='xz/'>乡镇街道信息公开</a>"
    )
    found = steps(html, HOME + "zfxxgk/", 1)
    assert columns(found) == ["zfxxgk/nb/"]
    assert ways(found) == ["zfxxgk/bm/", "zfxxgk/xz/"]


@pytest.mark.parametrize(
    "html", ["", "<", "<html>", "\0\0", "<script>var TREE: [", "<a href='http://[::1'>政府信息公开年报</a>"]
)
def test_a_broken_page_gives_nothing(html: str) -> None:
    assert steps(html) == Findings()


def test_a_broken_base_address_is_passed_over() -> None:
    html = "<html><head><base href='http:https://www.qingshui.gov.cn/'></head><body><a href='/nb/'>政府信息公开年报</a>"
    assert columns(steps(html)) == ["nb/"]


def test_every_sample_portal_is_found_from_its_home_page() -> None:
    """Real servers; the way is walked as the spider walks it, best step first."""
    import gzip
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with serve(portals=["core", "families"]) as site:
        for sample in site.portals:
            if not sample.registered:
                continue
            portal = Portal(
                sample.key, sample.name, sample.province, sample.division, sample.home, hosts=tuple(sample.hosts or ())
            )
            waiting, seen, found = [(0, sample.home)], set(), set()
            while waiting:
                depth, url = waiting.pop(0)
                if identity(url) in seen:
                    continue
                seen.add(identity(url))
                body = opener.open(url, timeout=10).read()
                body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
                findings = discovery.steps(HtmlResponse(url, body=body), portal, depth)
                found |= {identity(column.url) for column in findings.columns}
                waiting += [(depth + 1, step.url) for step in findings.follow]
            assert found == {identity(url) for url in sample.columns}, sample.key
            assert len(seen) <= 30


# ---------------------------------------------------------------- what becomes of the findings

OLD = HOME + "zwgk/zfxxgknb/"


def candidate(url: str, title: str, year: int | None = None, agency: str | None = None) -> Candidate:
    return Candidate(HOME + url, title, 100, "", year, agency)


def test_a_moved_column_is_found_again_by_its_slug_or_title() -> None:
    own, towns = candidate("new/zfxxgknb_2954/", "政府信息公开年报"), candidate("new/xznb/", "乡镇信息公开年报")
    assert moved_column(OLD, [towns, own]) == own
    assert moved_column(HOME + "c1/", [towns, own], "政府信息公开年报") == own
    assert moved_column(HOME + "c1/", [own]) == own


def test_a_moved_column_is_not_guessed() -> None:
    one, other = candidate("a/nb/", "政府信息公开年报"), candidate("b/nb/", "政府信息公开年报")
    assert moved_column(OLD, [one, other]) is None
    assert moved_column(OLD, []) is None
    assert moved_column(OLD, [Candidate(OLD, "政府信息公开年报", 100, "")]) is None
    assert moved_column(OLD, [candidate("n/2020/", "2020年政府信息公开年报", 2020)]) is None


def test_an_entry_is_rendered_as_the_registry_reads_it(tmp_path: Path) -> None:
    portal = Portal(
        "qingshui", '清水县"人民"政府', "33", "331121", HOME, columns=(OLD,), delay=1.5, hosts=("a.gov.cn",)
    )
    found = [candidate("a/nb/", "政府信息公开年报"), candidate("b/nb/", "乡镇\n年报")]
    text = entry_toml(portal, found, "trs", date(2026, 3, 1))
    (entry,) = tomllib.loads(text)["portal"]
    assert entry["columns"] == [HOME + "a/nb/", HOME + "b/nb/"]
    assert entry["former_columns"] == [OLD]
    assert entry["verified"] == date(2026, 3, 1)
    (tmp_path / "33-zhejiang.toml").write_text(f'[province]\ncode = "33"\nname = "浙江省"\n\n{text}', encoding="utf-8")
    read = registry.load(tmp_path).portal("qingshui")
    assert read.name == portal.name
    assert read.platform == "trs"
    assert read.hosts == portal.hosts


def test_an_entry_without_columns_keeps_none() -> None:
    (entry,) = tomllib.loads(entry_toml(PORTAL, [], None, date(2026, 3, 1)))["portal"]
    assert entry["columns"] == []
    assert "platform" not in entry


def test_the_directory_beside_a_column_is_looked_at_too() -> None:
    """The column may be the government's own alone; who lists its departments may keep theirs with them."""
    html = "<a href='/zwgk/nb/'>政府信息公开年报</a>" + "".join(
        f"<a href='/dw/{n}/'>{name}局</a>" for n, name in enumerate(["粮食", "港航", "民政"])
    )
    found = steps(html, HOME + "xxgk/", 2)
    assert columns(found) == ["zwgk/nb/"]
    assert ways(found) == ["dw/0/", "dw/1/", "dw/2/"]


def test_lonsuns_list_of_all_units_is_the_column_not_the_one_unit_whose_menu_stands_beside_it() -> None:
    html = "<a href='/public/column/7101?type=3'>政府信息公开年报</a>" + "".join(
        f"<a href='/public/column/{n}?type=4&action=list'>{name}局</a>" for n, name in ((7101, "粮食"), (7102, "港航"))
    )
    found = steps(html, HOME + "public/column/7101?type=4&action=rel", 2)
    assert [column.url for column in found.columns] == [HOME + "public/column/7101?type=4&action=rel"]


def test_a_tab_that_keeps_its_address_in_its_data_is_a_link() -> None:
    tabs = '<ul class="tabs"><li data-url="/zfxxgk/zn.html">政府信息公开指南</li><li data-url="/nb/">政府信息公开年报</li></ul>'
    assert columns(steps(f"<html><body>{tabs}</body></html>", HOME + "zfxxgk/", 1)) == ["nb/"]


def test_the_map_of_the_site_is_named_for_when_no_other_way_leads_on() -> None:
    found = steps("<a href='/zwdt/'>政务动态</a><a href='/map.html'>网站地图</a>")
    assert (ways(found), [step.url for step in found.site_map]) == ([], [f"{HOME}map.html"])
