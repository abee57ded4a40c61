"""What the parts of a platform make of one link, one date, one pager, one script."""

from __future__ import annotations

from datetime import date

import pytest
from scrapy.http import HtmlResponse, TextResponse

from crawler.errors import PortalChanged, UsageError
from crawler.items import Column, Declared, Fetch
from spiders.platforms import PLATFORMS, by_name, dates, fingerprint, links, names, pager, records, scripts, trs
from spiders.platforms.addresses import Shape, annual, deeper, resolve, shape

COLUMN = Column("http://www.xian.example.gov.cn/zwgk/zfxxgknb/index.html")


def page(body: str, url: str = COLUMN.url) -> HtmlResponse:
    return HtmlResponse(url, body=f"<html><body>{body}</body></html>".encode(), encoding="utf-8")


@pytest.mark.parametrize(
    "path",
    [
        "/xxgk/202101/t20210127_8824013.html",
        "/xxgk/202101/t20210127_8824013_wap.html",
        "/2021n/t803352.shtml",
        "/art/2022/1/24/art_17800_862999.html",
        "/art/2024/art_9f0c2b6f5a1e4c0f8a3d6b1e2c4d5f60.html",
        "/col/18073_668815/art/17356608/17364738729029ffO7DUB.html",
        "/2023-01/19/content_5741234.htm",
        "/20210126/9f0c2b6f5a1e4c0f8a3d6b1e2c4d5f60/c.html",
        "/czt/zfxxgk/zfxxgknb/01603A414F5447B1AFC583911D39C4AD/index.shtml",
        "/zfxxgkzl/zfxxgknb/2022061616284566735/index.html",
        "/xjwqx/c116485/202301/b35dd890fa5e491f8204edf32a5bfa04.shtml",
        "/scjhj/gknb/2020/3/9/83da3060827f4120a372218471add4e8.shtml",
        "/nw12344/20230331/4a03b5fa47ae4c73b7ec42801de6be66.html",
        "/columns/eb1ee533-776e-41d3-86c6-3bb3ba2887fa/202301/19/51abad86-f3af-4ac7-88ac-c2f46c44222b.html",
        "/csrc/c100028/c7654321/content.shtml",
        "/gkmlpt/content/4/4688/post_4688997.html",
        "/sswt/gknb/202001/c00_31464219.shtml",
        "/cms/html/npszf/2013-01-25/1779102018.html",
        "/hnhsx/zfxxgknb/20210125/i2284932.html",
        "/gongkai/site_bsqstjd/channel_c_5f9f_5fb3/doc_600e6d0e4e182f325970f87d.html",
        "/info/1021/12265.htm",
        "/Content-2027931.html",
        "/contents/6023/317492.html",
        "/zwgk/gknb/bmnb/1619593655548706818.html",
        "/16903/616589856/1288675.html",
        "/public/6601911/11520033.html",
        "/sites/wltqq/zwinfo.jsp?id=15652",
        "/show.php?id=331",
    ],
)
def test_an_article_is_known_by_its_address(path: str) -> None:
    assert shape(f"http://www.xian.example.gov.cn{path}") is Shape.ARTICLE


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/zwgk/zfxxgknb/",
        "/zwgk/zfxxgknb/index.html",
        "/zwgk/zfxxgknb/index_3.html",
        "/gknb/xxgknb2019_list.shtml",
        "/csrc/c100028/common_zfxxgknb.shtml",
        "/col/col1195/index.html",
        "/gongkai/site_a/channel_5f9f6cc17f98afa2038372ee/",
        "/public/column/6601841",
    ],
)
def test_a_listing_is_known_by_its_address(path: str) -> None:
    assert shape(f"http://www.xian.example.gov.cn{path}") is Shape.LISTING


@pytest.mark.parametrize("name", ["a.pdf", "P020210126.doc", "nb.docx", "nb.wps", "nb.xls", "nb.zip", "nb.ofd"])
def test_a_document_is_known_by_its_address(name: str) -> None:
    assert shape(f"http://www.xian.example.gov.cn/nb/{name}") is Shape.DOCUMENT


def test_hanwebs_download_script_is_a_document() -> None:
    assert shape("http://a.example.gov.cn/module/download/downfile.jsp?classid=0&filename=1.doc") is Shape.DOCUMENT


def test_a_column_reaches_as_far_as_its_folder() -> None:
    assert deeper("http://xian.example.gov.cn/zwgk/zfxxgknb/2021/", COLUMN.url)
    assert not deeper("http://xian.example.gov.cn/zwgk/zfxxgkzn/", COLUMN.url)
    assert not deeper("http://xian.example.gov.cn/zwgk/zfxxgknb/", COLUMN.url)
    assert deeper("http://a.example.gov.cn/gk/xxgknb/2.htm", "http://a.example.gov.cn/gk/xxgknb.htm")


@pytest.mark.parametrize("slug", ["zfxxgknb", "xxgknb", "gknb", "ndbg", "zfxxgkndbg", "2021n", "gknb2018", "nb_2021"])
def test_slugs_of_annual_report_columns_are_known(slug: str) -> None:
    assert annual(f"http://a.example.gov.cn/zwgk/{slug}/")


@pytest.mark.parametrize("slug", ["zfxxgkzn", "zcwj", "ysqgk", "tzgg"])
def test_other_slugs_are_not(slug: str) -> None:
    assert not annual(f"http://a.example.gov.cn/zwgk/{slug}/")


@pytest.mark.parametrize(
    ("href", "onclick", "address"),
    [
        ("./a.html", None, "http://a.example.gov.cn/nb/a.html"),
        ("../b.html#top", None, "http://a.example.gov.cn/b.html"),
        ("javascript:window.open('/c.html','_blank')", None, "http://a.example.gov.cn/c.html"),
        ("javascript:void(0)", "location.href='d.jsp?id=1'", "http://a.example.gov.cn/nb/d.jsp?id=1"),
        ("#", 'openUrl("/upload/e.pdf")', "http://a.example.gov.cn/upload/e.pdf"),
        ("javascript:void(0)", None, None),
        ("mailto:a@example.gov.cn", None, None),
        (" f.html\n", None, "http://a.example.gov.cn/nb/f.html"),
        ("g.html;jsessionid=9A8B", None, "http://a.example.gov.cn/nb/g.html"),
    ],
)
def test_the_address_behind_a_link(href: str, onclick: str | None, address: str | None) -> None:
    assert resolve("http://a.example.gov.cn/nb/index.html", href, onclick) == address


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2021-01-28", date(2021, 1, 28)),
        ("[2021-1-8]", date(2021, 1, 8)),
        ("2021年01月28日", date(2021, 1, 28)),
        ("发布日期：2021.01.28 09:30", date(2021, 1, 28)),
        ("2026-\n01-\n23", date(2026, 1, 23)),
        ("28 2021-01", date(2021, 1, 28)),
        ("2021-01 28", date(2021, 1, 28)),
        ("20210128", date(2021, 1, 28)),
        ("01-28", None),
        ("2021-02-30", None),
        ("2021年", None),
        ("", None),
    ],
)
def test_the_date_of_a_row(text: str, found: date | None) -> None:
    assert dates.in_row(text) == found


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


def test_a_repeated_row_is_counted_twice_and_a_picture_beside_its_title_once() -> None:
    found = links.scan(
        page(
            "<ul><li><a href='/t/202101/t20210101_1.html'><img alt='图'></a>"
            "<a href='/t/202101/t20210101_1.html'>甲局2020年政府信息公开年报</a></li>"
            "<li><a href='/t/202101/t20210102_2.html'>乙局2020年政府信息公开年报</a></li>"
            "<li><a href='/t/202101/t20210102_2.html'>乙局2020年政府信息公开年报</a></li></ul>"
        ),
        COLUMN,
    )
    assert [entry.title[0] for entry in found.entries] == ["甲", "乙", "乙"]


def test_a_title_cut_in_the_text_is_taken_from_its_attribute() -> None:
    found = links.scan(
        page(
            "<ul><li><a href='/nb/202101/t20210101_1.html' title='甲县水利局2020年政府信息公开工作年度报告'>"
            "甲县水利局2020年政府信息…</a></li></ul>"
        ),
        COLUMN,
    )
    assert found.entries[0].title == "甲县水利局2020年政府信息公开工作年度报告"


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


def test_a_bootstrap_class_is_no_breadcrumb() -> None:
    found = links.scan(
        page(
            "<div class='position-relative'><ul class='list-unstyled'><li>"
            "<a href='/a/202101/t20210101_1.html'>甲局2020年政府信息公开年报</a></li></ul></div>"
        ),
        COLUMN,
    )
    assert len(found.entries) == 1


def test_a_page_wrapped_in_a_class_called_header_or_page_keeps_its_list() -> None:
    rows = "".join(
        f"<li><a href='/a/202101/t20210101_{n}.html'>第{n}号局2020年政府信息公开年报</a></li>" for n in range(4)
    )
    for wrapper in ("header", "page", "nav-content", "footer-wrap"):
        assert len(links.scan(page(f"<div class='{wrapper}'><ul>{rows}</ul></div>"), COLUMN).entries) == 4


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("共120条 共8页 当前第1页", Declared(120, 8)),
        ("首页 上一页 1/11 下一页", Declared(None, 11)),
        ("总记录数:57 每页15条", Declared(57, None, 15)),
        ("第 2 / 3 页", Declared(None, 3)),
        ("首页 下一页", None),
    ],
)
def test_totals_as_pagers_print_them(text: str, declared: Declared | None) -> None:
    assert pager.printed(text) == declared


def test_a_pager_whose_numbers_all_lead_to_one_address_is_not_followed() -> None:
    response = page(
        "<div class='page'><a onclick=\"go('/api/list?c=1')\">2</a><a onclick=\"go('/api/list?c=1')\">3</a> 共9页</div>"
    )
    pages = pager.read(links.html_of(response.text), COLUMN.url, Fetch(COLUMN.url))
    assert pager.further(pages, Fetch(COLUMN.url)) == ()


def test_all_pages_are_asked_for_at_once_where_two_addresses_agree_on_the_count() -> None:
    response = page(
        "<div class='page'>共5页 <a href='index_1.html'>2</a><a href='index_2.html'>3</a>"
        "<a href='index_4.html'>尾页</a></div>"
    )
    pages = pager.read(links.html_of(response.text), COLUMN.url, Fetch(COLUMN.url))
    more = pager.further(pages, Fetch(COLUMN.url))
    assert [(fetch.page, fetch.url.rsplit("/", 1)[1]) for fetch in more] == [
        (n, f"index_{n - 1}.html") for n in range(2, 6)
    ]


def test_only_the_last_page_asked_for_goes_on() -> None:
    response = page("<div class='page'><a href='?p=4'>4</a><a href='?p=5'>5</a><a href='?p=4'>下一页</a></div>")
    pages = pager.read(links.html_of(response.text), COLUMN.url, Fetch(COLUMN.url))
    assert pager.further(pages, Fetch(COLUMN.url, page=2, state={"known": 3})) == ()
    assert [fetch.page for fetch in pager.further(pages, Fetch(COLUMN.url, page=3, state={"known": 3}))] == [4, 5]


@pytest.mark.parametrize(
    ("call", "pages", "first", "second"),
    [
        ('createPageHTML(12, 0, "index", "html")', 12, 1, "index_1.html"),
        ("createPageHTML(12,0,'list','shtml','3')", 12, 1, "list_1.shtml"),
        ('createPage(4,0,"index","html")', 4, 1, "index_1.html"),
        ("createPageHTML('page_div',8, 1,'list','shtml',118)", 8, 2, "list_2.shtml"),
        ("createPageHTML(3, 1, 'index', 'shtml')", 3, 2, "index_2.shtml"),
        ('createPageHTML(47, 20, "index", "htm")', 3, 1, "index_1.htm"),
        ('createPageHTML(47, 20, 0, "stt_list", "shtml")', 3, 1, "stt_list_1.shtml"),
        ('createPageHTML(2, 0, "./zfxxgk_gknrz", ".shtml")', 2, 1, "./zfxxgk_gknrz_1.shtml"),
    ],
)
def test_the_generations_of_create_page_html(call: str, pages: int, first: int, second: str) -> None:
    numbering = trs.numbering_of(call, Fetch("http://www.example.gov.cn/nb/"))
    assert numbering is not None
    assert (numbering.pages, numbering.first, numbering.name(2)) == (pages, first, second)


@pytest.mark.parametrize(
    "call",
    [
        "function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){}",
        'createPageHTML(3,0,"t20151009_67430","html")',
        'otherPageHTML(3,0,"index","html")',
    ],
)
def test_what_is_no_list_pager_of_trs(call: str) -> None:
    assert trs.numbering_of(call, Fetch("http://www.example.gov.cn/nb/")) is None


def test_scripts_that_are_commented_out_say_nothing() -> None:
    root = links.html_of(
        '<script>//createPageHTML(9,0,"index","html")\n/* var countPage = 7; */ var countPage = 2;</script>'
    )
    assert scripts.number(scripts.of(root), "countPage") == 2
    assert list(scripts.calls(scripts.of(root), "createPageHTML")) == []


@pytest.mark.parametrize(
    ("function", "address"),
    [
        ('function go(n){ location.href = "index_" + (n-1) + ".html"; }', "index_1.html"),
        ('function go(p){ if(p<1){alert("x");return;} window.location="?c=8&page="+p; }', "?c=8&page=2"),
        ("var u='/nb/list.do'; function go(p){ window.location.href=u+'?p='+p+'&s=15'; }", "/nb/list.do?p=2&s=15"),
        ("var go = function(p){ window.open('list-'+parseInt(p)+'.html','_self'); }", "list-2.html"),
        ("function go(p){ load(p, compute()); }", None),
        ("function go(p){ location.href = build(p) + token(); }", None),
    ],
)
def test_an_address_is_built_where_a_function_only_concatenates(function: str, address: str | None) -> None:
    assert scripts.built_address(function, "javascript:go(2)") == address


def test_a_javascript_literal_is_read() -> None:
    text = "x = {SID: '2', TREE: [{id: 1, name: '年报', children: [],}, {\"id\": 2, 'name': \"a'b\"}], N: undefined}"
    assert scripts.literal_at(text, 4) == {
        "SID": "2",
        "TREE": [{"id": 1, "name": "年报", "children": []}, {"id": 2, "name": "a'b"}],
        "N": None,
    }


def test_an_answer_that_is_no_json_says_so() -> None:
    response = TextResponse(
        "http://a.example.gov.cn/gkmlpt/api/all/1", body="<html>系统繁忙</html>".encode(), encoding="utf-8"
    )
    with pytest.raises(PortalChanged, match="no JSON"):
        by_name("gkmlpt").listing(response, COLUMN, Fetch(response.url))


def test_escaped_titles_are_read() -> None:
    assert records.text_of("%u653F%u5E9C<em>信息</em>&amp;公开") == "政府信息&公开"


def test_unix_times_are_chinas() -> None:
    assert records.day_of("1706457600") == date(2024, 1, 29)
    assert records.day_of("1706457600000") == date(2024, 1, 29)
    assert records.day_of("/Date(1706457600000+0800)/") == date(2024, 1, 29)


def test_the_page_of_an_interface_is_replaced_and_the_rest_kept() -> None:
    assert records.at_page("http://a/x?a=%B1%A8&pageNo=1&b=2", 3) == "http://a/x?a=%B1%A8&pageNo=3&b=2"
    assert records.at_page("http://a/x?a=1", 3) == "http://a/x?a=1&page=3"


def test_an_unknown_platform_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no platform 'wordpress'"):
        by_name("wordpress")


def test_an_unknown_page_falls_back_to_plain_and_says_so() -> None:
    platform, why = fingerprint(page("<p>你好</p>"))
    assert platform.name == "plain"
    assert "no family" in why


def test_platforms_are_named_as_the_contract_names_them() -> None:
    assert {platform.name for platform in PLATFORMS} == {
        "trs", "hanweb-jpage", "hanweb-jpaas", "hanweb-xxgk", "gkmlpt", "ucap", "vsb", "lonsun", "gongkai", "eportal",
        "igs", "aspx", "plain",
    }  # fmt: skip


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
@pytest.mark.parametrize(
    "body", [b"", b"<", b"<html>", b"\xff\xfe\x00", b"{}", b"[]", b"null", b'{"data":null}', b"<datastore>"]
)
def test_no_platform_breaks_on_a_broken_answer(platform: object, body: bytes) -> None:
    response = HtmlResponse("http://a.example.gov.cn/x/", body=body, encoding="utf-8")
    for number in (1, 2):
        try:
            platform.listing(response, COLUMN, Fetch(response.url, page=number))  # type: ignore[attr-defined]
        except PortalChanged:
            continue
    fingerprint(response)


@pytest.mark.parametrize("text", ["2019年度报告", "2019年度工作报告", "2019年报", "2019年政府信息公开工作年度报告"])
def test_a_year_and_the_word_report_name_a_years_column(text: str) -> None:
    named = names.label(text)
    assert (named.year, named.report, named.bare) == (2019, True, True)


def test_a_server_that_allows_shorter_pages_than_it_is_asked_for_is_asked_on() -> None:
    """Twenty to a page asked for, nine given: two pages do not hold thirty records."""
    first = Fetch("http://www.xian.example.gov.cn/list.json?page=1&size=20")
    totals = Declared(30, None, 20)
    more = records.further(first, 9, totals, "page")
    assert [fetch.page for fetch in more] == [2]
    third = records.further(more[0], 9, totals, "page")
    assert [fetch.page for fetch in third] == [3]
    fourth = records.further(third[0], 9, totals, "page")
    assert [fetch.page for fetch in fourth] == [4]
    assert records.further(fourth[0], 3, totals, "page") == ()


def test_a_short_but_whole_answer_is_not_asked_on() -> None:
    first = Fetch("http://www.xian.example.gov.cn/list.json?page=1")
    assert records.further(first, 9, Declared(9, None, 20), "page") == ()


def test_rows_a_script_writes_are_read_under_a_numbered_pager_too() -> None:
    answer = page(
        '<ul><script>document.write(\'<li><a href="./202103/t20210302_55.htm">青石县财政局2020年政府信息公开年报</a>'
        '[2021-03-02]</li>\');</script></ul><script>createPageHTML(2, 0, "default", "htm");</script>'
    )
    listing = by_name("trs").listing(answer, COLUMN, Fetch(COLUMN.url))
    assert [entry.url.rsplit("/", 1)[-1] for entry in listing.entries] == ["t20210302_55.htm"]
    assert [further.url.rsplit("/", 1)[-1] for further in listing.more] == ["default_1.htm"]


def test_an_address_kept_in_data_url_is_found_behind_an_empty_href() -> None:
    answer = page(
        '<ul><li><a href="#" data-url="/gk/2022/83.html">青石县教育局2021年政府信息公开工作年度报告</a></li></ul>'
    )
    assert [entry.url.rsplit("/", 1)[-1] for entry in links.scan(answer, COLUMN).entries] == ["83.html"]


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


def test_a_total_is_read_beside_the_only_control_of_a_pager() -> None:
    answer = page('<div>共 20 条记录 第 1/2 页 <a href="?page=2">下一页</a></div>')
    assert pager.read(links.html_of(answer.text), COLUMN.url, Fetch(COLUMN.url)).declared == Declared(20, 2)


def test_a_pager_ends_where_it_says_it_is_at_its_last_page() -> None:
    script = "<script>function goPage(n){location.href='list.jsp?page='+n}</script>"
    answer = page(f'{script}<div class="pager">共14条 3/3页 <a href="javascript:goPage(4)">下一页</a></div>')
    fetch = Fetch(COLUMN.url + "?page=3", page=3, state={"known": 3})
    assert pager.further(pager.read(links.html_of(answer.text), COLUMN.url, fetch), fetch) == ()


@pytest.mark.parametrize(
    ("control", "declared"),
    [
        ('<div class="more" data-total="12" data-page="2">加载更多</div>', Declared(records=12)),
        ("<button>点击加载更多</button>", Declared(pages=2)),
        ('<div style="display:none"><a>加载更多</a></div>', None),
        ('<a href="javascript:;">查看更多</a>', None),
    ],
)
def test_a_control_that_loads_more_and_cannot_be_worked_is_a_declaration(
    control: str, declared: Declared | None
) -> None:
    rows = "".join(f'<li><a href="/nb/{n}.html">青石县{2020 - n}年政府信息公开工作年度报告</a></li>' for n in range(3))
    listing = by_name("plain").listing(page(f"<ul>{rows}</ul>{control}"), COLUMN, Fetch(COLUMN.url))
    assert len(listing.entries) == 3
    assert listing.declared == declared


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("show.jsp?id=80&rnd=7291", "show.jsp?id=80"),
        ("show.jsp?t=0.8812931&id=80", "show.jsp?id=80"),
        ("80.html?_=1674180000123", "80.html"),
        ("80.html?ts=1674180000", "80.html"),
        ("list.jsp?t=3&r=12", "list.jsp?t=3&r=12"),
        ("show.jsp?date=20230119", "show.jsp?date=20230119"),
    ],
)
def test_what_gets_past_caches_is_no_part_of_an_address(href: str, address: str) -> None:
    assert resolve("http://www.xian.example.gov.cn/nb/", href) == f"http://www.xian.example.gov.cn/nb/{address}"


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


def test_a_query_in_chinese_is_sent_in_the_pages_own_encoding() -> None:
    body = (
        '<html><body><ul><li><a href="view.asp?lb=年报&id=3">青石县2014年政府信息公开年报</a></li></ul></body></html>'
    )
    answer = HtmlResponse("http://www.xian.example.gov.cn/list.asp?lb=1", body=body.encode("gbk"), encoding="gbk")
    assert [entry.url for entry in links.scan(answer, Column(answer.url)).entries] == [
        "http://www.xian.example.gov.cn/view.asp?lb=%C4%EA%B1%A8&id=3"
    ]


@pytest.mark.parametrize(
    ("control", "followed"),
    [
        ('<a class="next page-numbers" href="/category/nianbao/page/2/">较早的文章 »</a>', True),
        ('<a class="next" href="/archives/99">下一篇：某县教育局</a>', False),
    ],
)
def test_a_next_page_is_known_by_its_class_whatever_it_says(control: str, followed: bool) -> None:
    url = "http://www.xian.example.gov.cn/category/nianbao/"
    pages = pager.read(links.html_of(page(control, url).text), url, Fetch(url))
    assert (pages.next is not None) is followed


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


@pytest.mark.parametrize(
    "element", ['<li data-url="/gk/83.html">{}</li>', '<li><span data-href="/gk/83.html">{}</span></li>']
)
def test_a_row_without_a_link_is_known_by_the_address_in_its_data(element: str) -> None:
    answer = page(f"<ul>{element.format('青石县教育局2021年政府信息公开工作年度报告')}</ul>")
    assert [entry.url.rsplit("/", 1)[-1] for entry in links.scan(answer, COLUMN).entries] == ["83.html"]


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
        ("<a href='/zwgk/wq/list.htm'>查看往年年报</a>", True),
        ("<a href='/zt/nb2022/'>2022年政府信息公开年度报告专栏</a> 2023-01-05", True),
        ("<a href='./hz/'>汇总</a>", True),
        ("<div><h3>白鹿县水务局 <a href='/gk/sw.html'>更多&gt;&gt;</a></h3><ul>{rows}</ul></div>", True),
        ("<a href='/zwgk/lszl/'>历史资料</a>", False),
        ("<a href='/zt/fz2022/'>2022年法治政府建设专栏</a>", False),
        ("<div><h3>白鹿县水务局 <a href='/gk/sw.html'>更多&gt;&gt;</a></h3><p>本局概况</p></div>", False),
    ],
)
def test_a_list_of_reports_elsewhere_on_the_site_is_followed_where_its_name_says_so(link: str, followed: bool) -> None:
    rows = "".join(
        f"<li><a href='/d/t2023010{n}_{n}.html'>白鹿县水务局202{n}年政府信息公开工作年度报告</a></li>" for n in (1, 2)
    )
    found = by_name("plain").listing(page(link.format(rows=rows)), COLUMN, Fetch(COLUMN.url))
    assert bool(found.columns) is followed


def test_a_document_offered_beside_the_title_of_a_page_is_no_entry() -> None:
    title = "<a href='/d/1.html'>白鹿县2022年政府信息公开工作年度报告</a>"
    row = f"<li>{title} <a href='/f/1.pdf'>PDF下载</a> <a href='/f/1.doc'>Word版下载</a></li>"
    assert len(links.scan(page(f"<ul>{row}</ul>"), COLUMN).entries) == 1


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


def test_a_link_that_says_view_stands_for_the_title_beside_it() -> None:
    title = "西安县财政局2023年政府信息公开工作年度报告"
    found = links.scan(page(f"<table><tr><td>{title}</td><td><a href='v/1.html'>查看</a></td></tr></table>"), COLUMN)
    assert [entry.title for entry in found.entries] == [title]


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


def test_a_total_beside_the_pager_of_trs_is_declared_where_so_many_fill_its_pages() -> None:
    rows = "".join(
        f"<li><a href='t20230105_{n}.html'>白鹭县第{n}局2022年政府信息公开工作年度报告</a></li>" for n in range(3)
    )
    for printed, records_ in (("8", 8), ("48", None)):
        pages = f"<div class='page'>共{printed}条<script>createPageHTML(3, 0, 'index', 'html');</script></div>"
        found = trs.Trs().listing(page(f"<ul>{rows}</ul>{pages}"), COLUMN, Fetch(COLUMN.url))
        assert found.declared == Declared(records=records_, pages=3)


def test_a_years_report_beside_the_columns_page_is_the_report() -> None:
    found = links.scan(page("<ul><li><a href='/zwgk/zfxxgknb/2021.html'>2021年度报告</a></li></ul>"), COLUMN)
    assert (len(found.entries), len(found.columns)) == (1, 0)


@pytest.mark.parametrize(("head", "units"), [("部门年报", 2), ("部门网站", 0)])
def test_agencies_under_the_heading_of_their_reports_are_looked_at_where_they_lead(head: str, units: int) -> None:
    agencies = "".join(f"<li><a href='/bm/{n}/'>市{name}局</a></li>" for n, name in enumerate(("水利", "林业")))
    assert len(links.units_of(page(f"<h3>{head}</h3><ul>{agencies}</ul>"), COLUMN)) == units
