"""Which links of a page are columns: menus of years, agencies and groups, and reports kept elsewhere on the site."""

from __future__ import annotations

import pytest

from crawler.items import Column, Fetch
from spiders.platforms import by_name, links, names
from tests.platforms.pages import COLUMN, page


@pytest.mark.parametrize(
    "text", ["2019", "2019年", "2019年度", "[2019]", "2019年政府信息公开年报", "二〇一九年", "2019年年报"]
)
def test_a_menu_of_years_is_read(text: str) -> None:
    named = names.label(text)
    assert (named.year, named.bare, named.agency) == (2019, True, None)


@pytest.mark.parametrize(
    "text",
    ["县财政局", "市发展和改革委员会", "城中街道办事处", "白石镇", "禾里乡", "县政府办公室", "县供销社", "经济开发区"],
)
def test_a_menu_of_departments_is_read(text: str) -> None:
    named = names.label(text)
    assert named.bare
    assert named.agency == text


@pytest.mark.parametrize(
    "text",
    [
        "政府信息公开指南",
        "政府信息公开制度",
        "法定主动公开内容",
        "依申请公开",
        "政策文件",
        "新闻中心",
        "政府网站",
        "部门动态",
    ],
)
def test_the_siblings_of_a_column_are_no_departments(text: str) -> None:
    named = names.label(text)
    assert named.agency is None
    assert not named.bare or named.group


@pytest.mark.parametrize("text", ["县直部门", "乡镇（街道）", "各乡镇", "市政府部门", "县级部门", "区直单位"])
def test_groups_of_departments_are_no_agency(text: str) -> None:
    named = names.label(text)
    assert named.bare
    assert named.group
    assert named.agency is None


def test_a_report_of_one_agency_and_year_is_not_the_name_of_a_column() -> None:
    assert not names.label("县财政局2021年政府信息公开工作年度报告").bare


def test_a_list_of_departments_own_sites_is_neither_entries_nor_columns() -> None:
    found = links.scan(
        page(
            "<div class='bm'><a href='http://jyj.other.example.gov.cn/'>市教育局</a>"
            "<a href='http://mzj.other.example.gov.cn/'>市民政局</a></div>"
        ),
        COLUMN,
    )
    assert found == links.Found()


def test_a_department_of_another_site_with_an_annual_report_column_is_listed() -> None:
    found = links.scan(
        page("<div class='bm'><a href='http://jyj.other.example.gov.cn/zwgk/gknb/'>市教育局</a></div>"), COLUMN
    )
    assert [(column.agency, column.url) for column in found.columns] == [
        ("市教育局", "http://jyj.other.example.gov.cn/zwgk/gknb/")
    ]


@pytest.mark.parametrize("text", ["2019年度报告", "2019年度工作报告", "2019年报", "2019年政府信息公开工作年度报告"])
def test_a_year_and_the_word_report_name_a_years_column(text: str) -> None:
    named = names.label(text)
    assert (named.year, named.report, named.bare) == (2019, True, True)


def test_agencies_under_the_heading_of_a_year_are_followed() -> None:
    column = Column("http://www.xian.example.gov.cn/zwgk/gknb.html")
    tabs = "".join(
        f'<div style="display:none"><h3>{year}年</h3><ul><li><a href="/zwgk/c{year}/0.html">财政局</a></li>'
        f'<li><a href="/zwgk/c{year}/1.html">教育局</a></li></ul></div>'
        for year in (2022, 2021)
    )
    found = links.scan(page(tabs, column.url), column).columns
    assert [(sub.report_year, sub.agency) for sub in found] == [
        (2022, "财政局"), (2022, "教育局"), (2021, "财政局"), (2021, "教育局"),
    ]  # fmt: skip


TOLD = "<p>全年主动公开信息一百条。</p><p>收到申请三件。</p><p>未收取费用。</p><p>没有行政复议和行政诉讼。</p><p>存在的问题是更新不勤。</p>"


@pytest.mark.parametrize(
    "neighbour", ["", '<p>上一篇：<a href="2015.html">青石县2015年政府信息公开工作年度报告</a></p>']
)
def test_a_report_taken_for_a_years_column_is_an_entry_also_where_its_heads_name_only_the_site(neighbour: str) -> None:
    url = "http://www.xian.example.gov.cn/zwgk/zfxxgknb/2016.html"
    column = Column(url, "2016年度", COLUMN.url, 2016)
    answer = page(
        f"<h2>青石县人民政府门户网站</h2><p><b>青石县2016年政府信息公开工作年度报告</b></p>{TOLD}{neighbour}", url
    )
    entries = by_name("plain").listing(answer, column, Fetch(url)).entries
    assert (entries[0].url, entries[0].title) == (url, "青石县2016年政府信息公开工作年度报告")


@pytest.mark.parametrize(
    ("menu", "address"),
    [
        ("<select onchange=\"location.href='list.jsp?y='+this.value\">{}</select>", "list.jsp?y=2021"),
        (
            "<select onchange='window.open(\"list.jsp?y=\"+this.options[this.selectedIndex].value)'>{}</select>",
            "list.jsp?y=2021",
        ),
        (
            (
                "<script>function turn(y){{ window.location = '/nb/list.jsp?y=' + y; }}</script>"
                "<select onchange='turn(this.value)'>{}</select>"
            ),
            "list.jsp?y=2021",
        ),
        (
            "<form action=list.jsp><input type=hidden name=c value=7><select name=y onchange='this.form.submit()'>{}</select></form>",
            "list.jsp?c=7&y=2021",
        ),
        (
            (
                "<select id='nd'>{}</select><button onclick='go()'>查询</button>"
                "<script>function go(){{var y=$('#nd').val();location.href='list.jsp?y='+y;}}</script>"
            ),
            "list.jsp?y=2021",
        ),
        (
            (
                "<select name='nd' onchange='go()'>{}</select>"
                "<script>function go(){{location.href='list.jsp?y='+$('select[name=nd]').val();}}</script>"
            ),
            "list.jsp?y=2021",
        ),
        ("<form method=post action=list.jsp><select name=y onchange='this.form.submit()'>{}</select></form>", None),
    ],
)
def test_a_year_chosen_from_a_menu_leads_to_its_column(menu: str, address: str | None) -> None:
    column = Column("http://www.xian.example.gov.cn/nb/list.jsp")
    found = links.scan(page(menu.format("<option value=2021>2021年</option>"), column.url), column).columns
    wanted = [(f"http://www.xian.example.gov.cn/nb/{address}", 2021)] if address else []
    assert [(sub.url, sub.report_year) for sub in found] == wanted


def test_years_under_the_headings_of_agencies_are_their_reports() -> None:
    column = Column("http://www.xian.example.gov.cn/nb/")
    lists = "".join(
        f'<h4>{agency}</h4><ol><li><a href="/nb/2020/{n}.html">2020年度报告</a></li>'
        f'<li><a href="/nb/2021/{n}.html">2021年度报告</a></li></ol>'
        for n, agency in enumerate(("财政局", "教育局"))
    )
    found = links.scan(page(lists, column.url), column).entries
    assert [(entry.column.agency, names.year_in(entry.title)) for entry in found] == [
        ("财政局", 2020), ("财政局", 2021), ("教育局", 2020), ("教育局", 2021),
    ]  # fmt: skip


def test_more_of_the_block_of_annual_reports_is_followed_and_that_of_others_is_not() -> None:
    column = Column("http://www.xian.example.gov.cn/zfxxgk/")
    blocks = "".join(
        f'<div class=box><div class=hd><h3>{name}</h3><a href="{address}">更多&gt;&gt;</a></div>'
        f'<ul><li><a href="{address}0.html">青石县财政局2021年{name}工作…</a></li></ul></div>'
        for name, address in (("通知公告", "/tz/"), ("政府信息公开年报", "/nb/"), ("统计年报", "/tj/"))
    )
    found = links.scan(page(blocks, column.url), column).columns
    assert [sub.url for sub in found] == ["http://www.xian.example.gov.cn/nb/"]


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        ("<a href='/zwgk/lsnb/'>历史年报</a>", True),
        ("<a href='/zwgk/all/'>更多年报&gt;&gt;</a>", True),
        ("<a href='/zwgk/wq/list.htm'>查看往年年报</a>", True),
        ("<a href='/zt/nb2022/'>2022年政府信息公开年度报告专栏</a> 2023-01-05", True),
        ("<a href='./hz/'>汇总</a>", True),
        ("<div><h3>白鹿县水务局 <a href='/gk/sw.html'>更多&gt;&gt;</a></h3><ul>{rows}</ul></div>", True),
        ("<a href='./jjk/'>经济口</a>", True),
        ("<a href='./202301/'>2023年1月</a>", True),
        ("<a href='/zwgk/jj/zfxxgknb/'>经济口部门政府信息公开年报</a>", True),
        ("<a href='http://gk.bailu.example.gov.cn/nb/'>社会口部门政府信息公开年报</a>", True),
        ("<iframe name='r'></iframe><a href='/frame/l.jsp?y=2022' target='r'>2022年</a>", True),
        ("<p>{years}</p>", True),
        ("<h3>统计公报</h3><p>{years}</p>", False),
        ("<a href='./zn/'>政府信息公开指南</a>", False),
        ("<a href='/zwgk/lszl/'>历史资料</a>", False),
        ("<a href='/zt/fz2022/'>2022年法治政府建设专栏</a>", False),
        ("<div><h3>白鹿县水务局 <a href='/gk/sw.html'>更多&gt;&gt;</a></h3><p>本局概况</p></div>", False),
    ],
)
def test_a_list_of_reports_elsewhere_on_the_site_is_followed_where_its_name_says_so(link: str, followed: bool) -> None:
    rows = "".join(
        f"<li><a href='/d/t2023010{n}_{n}.html'>白鹿县水务局202{n}年政府信息公开工作年度报告</a></li>" for n in (1, 2)
    )
    years = "".join(f"<a href='/y.jsp?n={year}'>{year}年</a>" for year in (2022, 2021, 2020))
    found = by_name("plain").listing(page(link.format(rows=rows, years=years)), COLUMN, Fetch(COLUMN.url))
    assert bool(found.columns) is followed


def test_every_unit_of_hanwebs_annual_reports_that_a_page_links_to_is_opened() -> None:
    units = ("11330000000000001A", "11330000000000002B")
    menu = "".join(f"<a href='/module/xxgk/xxgkAnnualReport.jsp?fbtime=2022&area={unit}'>{unit}</a>" for unit in units)
    found = by_name("hanweb-xxgk").listing(page(menu), COLUMN, Fetch(COLUMN.url))
    assert [column.url.rpartition("=")[2] for column in found.columns] == list(units)


def test_a_tree_of_agencies_in_a_script_is_the_columns_menu_wherever_it_leads() -> None:
    nodes = ", ".join(
        f'{{"id": {n}, "pId": 1, "name": "青石县{name}局", "url": "/gk/d{n}/list.html"}}'
        for n, name in enumerate("财教")
    )
    column = Column("http://www.xian.example.gov.cn/zwgk/nb.html")
    answer = page(
        f'<ul id="tree"></ul><script>var zNodes = [{{"id": 1, "name": "政府信息公开年报"}}, {nodes}];</script>',
        column.url,
    )
    found = by_name("plain").listing(answer, column, Fetch(column.url)).columns
    assert [(sub.agency, sub.url.rpartition("cn")[2]) for sub in found] == [
        ("青石县财局", "/gk/d0/list.html"),
        ("青石县教局", "/gk/d1/list.html"),
    ]


def columns_of(body: str, url: str = COLUMN.url) -> list[tuple[str, int | None, str | None]]:
    found = links.scan(page(body, url), Column(url))
    return [(c.url.removeprefix("http://www.xian.example.gov.cn"), c.report_year, c.agency) for c in found.columns]


def test_older_years_under_a_heading_of_their_own_are_a_column() -> None:
    rows = "<ul><li><a href='1.html'>西安县财政局2023年政府信息公开工作年度报告</a></li></ul>"
    assert columns_of(f"{rows}<a href='./wn/'>往年年报</a>") == [("/zwgk/zfxxgknb/wn/", None, None)]


def test_years_beside_an_agencys_name_are_its_years() -> None:
    row = (
        "<dl><dt>西安县财政局</dt><dd><a href='/x/1/2023.html'>2023年</a> <a href='/x/1/2022.html'>2022年</a></dd></dl>"
    )
    other = row.replace("财政", "教育").replace("/x/1", "/x/2")
    assert columns_of(row + other) == [
        ("/x/1/2023.html", 2023, "西安县财政局"),
        ("/x/1/2022.html", 2022, "西安县财政局"),
        ("/x/2/2023.html", 2023, "西安县教育局"),
        ("/x/2/2022.html", 2022, "西安县教育局"),
    ]


def test_the_year_before_is_a_column_though_no_year_is_named() -> None:
    body = "<a href='nb.php?nd=2021'>&lt; 上一年</a><b>2022年</b><a href='nb.php?nd=2023'>下一年 &gt;</a>"
    assert columns_of(body, "http://www.xian.example.gov.cn/nb.php?nd=2022") == [
        ("/nb.php?nd=2021", 2021, None),
        ("/nb.php?nd=2023", 2023, None),
    ]


@pytest.mark.parametrize(
    ("menu", "column"),
    [
        ("<ul><li><a href='/gk/ndbg/bm.htm'>部门年报</a></li></ul>", "/gk/ndbg.htm"),
        ("<ul><li><a href='/gk/ndbg/zf.htm'>县政府年报</a></li></ul>", "/gk/ndbg.htm"),
        ("<ul><li><a href='/gk/ndbg/a2022n.htm'>2022年年报</a></li></ul>", "/gk/ndbg.htm"),
        ("<div class='menu'><a href='/gk/ndbg/nb22.html'>2022年年报</a></div>", "/gk/ndbg/index.html"),
        ("<ul><li><a href='/gk/ndbg/bm.html'>2022年部门年报</a></li></ul>", "/gk/ndbg/index.html"),
    ],
)
def test_a_page_of_a_groups_or_a_years_reports_is_a_column_whatever_its_file_is_called(menu: str, column: str) -> None:
    url = f"http://www.xian.example.gov.cn{column}"
    found = links.scan(page(menu, url), Column(url))
    assert (len(found.entries), len(found.columns)) == (0, 1)


def test_groups_of_departments_beside_a_column_are_its_columns_where_they_are_its_content() -> None:
    url = "http://www.xian.example.gov.cn/col/col9001/index.html"
    menu = (
        "<li><a href='/col/col9010/index.html'>乡镇街道</a></li><li><a href='/col/col9011/index.html'>其他单位</a></li>"
    )
    found = links.scan(
        page(f"<div class='nav'>{menu.replace('90', '80')}</div><ul class='tab'>{menu}</ul>", url), Column(url)
    )
    assert [one.url.rpartition("col")[2] for one in found.columns] == ["9010/index.html", "9011/index.html"]


@pytest.mark.parametrize(("name", "units"), [("政府信息公开年报", 3), ("政府信息公开指南", 0)])
def test_agencies_that_are_all_a_page_of_annual_reports_lists_are_columns(name: str, units: int) -> None:
    agencies = ("林业局", "教育局", "发展和改革委员会办公室")
    menu = "".join(f"<li><a href='/dept/list.jsp?id={n}'>白鹭县{one}</a></li>" for n, one in enumerate(agencies))
    found = links.scan(page(f"<h1>{name}</h1><ul>{menu}</ul>", "http://www.xian.example.gov.cn/nb/index.jsp"), COLUMN)
    assert len(found.columns) == units


def test_a_years_report_beside_the_columns_page_is_the_report() -> None:
    found = links.scan(page("<ul><li><a href='/zwgk/zfxxgknb/2021.html'>2021年度报告</a></li></ul>"), COLUMN)
    assert (len(found.entries), len(found.columns)) == (1, 0)


@pytest.mark.parametrize(("head", "units"), [("部门年报", 2), ("部门网站", 0)])
def test_agencies_under_the_heading_of_their_reports_are_looked_at_where_they_lead(head: str, units: int) -> None:
    agencies = "".join(f"<li><a href='/bm/{n}/'>市{name}局</a></li>" for n, name in enumerate(("水利", "林业")))
    assert len(links.units_of(page(f"<h3>{head}</h3><ul>{agencies}</ul>"), COLUMN)) == units


@pytest.mark.parametrize("around", ["{}", "<div class='cons'>{}</div>"])
def test_a_panel_is_of_the_year_its_tab_says(around: str) -> None:
    years = (2022, 2021, 2020)
    tabs = "".join(f"<li>{year}年</li>" for year in years)
    panels = "".join(
        f"<div class='con'><ul><li><a href='{year}1.html'>教育局</a></li><li><a href='{year}2.html'>水务局</a></li></ul></div>"
        for year in years
    )
    answer = page(f"<h1>政府信息公开年报</h1><ul class='tabs'>{tabs}</ul>{around.format(panels)}")
    found = by_name("plain").listing(answer, COLUMN, Fetch(COLUMN.url))
    assert [entry.column.report_year for entry in found.entries] == [year for year in years for _ in range(2)]


@pytest.mark.parametrize(
    "title", ["青石县各部门2022年政府信息公开年报汇总", "青石县县直各单位2022年政府信息公开年度报告"]
)
@pytest.mark.parametrize("address", ["2022.html", "202301/t20230112_7.html"])
def test_a_page_that_gathers_the_reports_of_a_year_is_a_column_and_where_it_holds_no_list_what_was_listed(
    address: str, title: str
) -> None:
    (gathered,) = (
        by_name("plain")
        .listing(page(f"<ul><li><a href='{address}'>{title}</a></li></ul>"), COLUMN, Fetch(COLUMN.url))
        .columns
    )
    bare = page("<h1>公告</h1><p>各部门年报见附件。</p>", gathered.url)
    (entry,) = by_name("plain").listing(bare, gathered, Fetch(gathered.url)).entries
    assert (entry.url, entry.title) == (gathered.url, title)


@pytest.mark.parametrize(
    ("text", "year", "group"),
    [
        ("2021年(12)", 2021, False),
        ("[2021年] 8篇", 2021, False),
        ("2021年度公开", 2021, False),
        ("2021年度工作年报", 2021, False),
        ("开发区（园区）", None, True),
        ("公共企事业单位", None, True),
        ("垂直管理部门", None, True),
        ("各县（市、区）政府", None, True),
        ("镇", None, True),
    ],
)
def test_a_menus_choice_is_read_whatever_is_counted_beside_it(text: str, year: int | None, group: bool) -> None:
    read = names.label(text)
    assert (read.bare, read.year, read.group) == (True, year, group)


def test_groups_are_columns_wherever_they_lie_where_a_page_of_annual_reports_lists_nothing_else() -> None:
    groups = ("县政府", "部门（单位）", "乡镇（街道）", "公共企事业单位")
    items = "".join(f"<li><a href='/c{n}/'>{name}</a></li>" for n, name in enumerate(groups))
    answer = page(f"<h1>政府信息公开年报</h1><ul>{items}</ul>")
    found = by_name("plain").listing(answer, COLUMN, Fetch(COLUMN.url)).columns
    assert [column.title for column in found] == list(groups)


def test_an_index_by_letters_is_followed_and_letters_of_anything_else_are_not() -> None:
    letters = "".join(f"<a href='?l={letter}'>{letter}</a>" for letter in "ABC")
    found = by_name("plain").listing(page(f"<div>{letters}</div>"), COLUMN, Fetch(COLUMN.url)).columns
    assert [column.url for column in found] == [f"{COLUMN.url}?l={letter}" for letter in "ABC"]
    assert not by_name("plain").listing(page("<a href='?l=A'>A</a>"), COLUMN, Fetch(COLUMN.url)).columns


def test_a_table_of_years_by_agencies_says_both_of_each_report() -> None:
    head = "<tr><th>年份</th><th>教育局</th><th>水利局</th></tr>"
    rows = "".join(
        f"<tr><td>{year}年</td><td><a href='{year}a.html'>查看</a></td><td><a href='{year}b.html'>查看</a></td></tr>"
        for year in (2022, 2021)
    )
    found = by_name("plain").listing(page(f"<table>{head}{rows}</table>"), COLUMN, Fetch(COLUMN.url)).entries
    assert [(entry.column.agency, entry.column.report_year) for entry in found] == [
        (agency, year) for year in (2022, 2021) for agency in ("教育局", "水利局")
    ]


def test_the_years_of_a_table_of_agencies_are_no_pages_and_none_of_a_menu() -> None:
    rows = "".join(
        f"<tr><td>白鹿县{agency}局</td>{''.join(f'<td><a href=/d?id={n}{year}>{year}</a></td>' for year in (2020, 2021, 2022))}</tr>"
        for n, agency in enumerate(("水务", "教育"))
    )
    found = by_name("plain").listing(page(f"<table>{rows}</table>"), COLUMN, Fetch(COLUMN.url))
    assert not found.more
    assert {(one.agency, one.report_year) for one in found.columns} == {
        (f"白鹿县{agency}局", year) for agency in ("水务", "教育") for year in (2020, 2021, 2022)
    }
