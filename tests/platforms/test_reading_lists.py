"""What the parts of a platform make of one link, one date, one pager, one script."""

from __future__ import annotations

from datetime import date

import pytest
from scrapy.http import HtmlResponse, TextResponse

from crawler.errors import PortalChanged, UsageError
from crawler.items import Column, Declared, Fetch
from spiders.platforms import PLATFORMS, by_name, dates, fingerprint, links, pager, records, scripts, trs
from spiders.platforms.addresses import Shape, annual, deeper, resolve, shape
from tests.platforms.pages import COLUMN, page


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
        ("共 1,223 条", Declared(1223)),
        ("1 - 10 of 27", Declared(27)),
        ("检索到 27 条结果", Declared(27)),
        ("11-20 条", None),
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


def test_a_total_is_read_beside_the_only_control_of_a_pager() -> None:
    answer = page('<div>共 20 条记录 第 1/2 页 <a href="?page=2">下一页</a></div>')
    assert pager.read(links.html_of(answer.text), COLUMN.url, Fetch(COLUMN.url)).declared == Declared(20, 2)


@pytest.mark.parametrize("own", ["<p>共2页 <a href='?page=2'>下一页</a></p>", ""])
def test_the_pager_of_a_list_beside_this_one_is_not_followed(own: str) -> None:
    rows = "".join(f"<li><a href='/nb/{n}.html'>青石县{2020 - n}年政府信息公开工作年度报告</a></li>" for n in range(3))
    others = "".join(f"<li><a href='/tz/{n}.html'>关于做好第{n}次排查工作的通知</a></li>" for n in range(3))
    beside = f"<div class='side'><ul>{others}</ul><p>共30页 <a href='/tz/list.html?page=2'>下一页</a></p></div>"
    found = by_name("plain").listing(page(f"{beside}<div><ul>{rows}</ul>{own}</div>"), COLUMN, Fetch(COLUMN.url))
    assert [one.url for one in found.more] == ([f"{COLUMN.url}?page=2"] if own else [])
    assert found.declared == (Declared(pages=2) if own else None)


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


@pytest.mark.parametrize(
    "element",
    [
        '<li data-url="/gk/83.html">{}</li>',
        '<li><span data-href="/gk/83.html">{}</span></li>',
        "<li><b onclick=\"location.href='/gk/83.html'\">{}</b></li>",
        "<article><h2 onclick=\"window.open('/gk/83.html')\">{}</h2></article>",
        "<div><button onclick=\"location.href='/gk/83.html'\">{}</button></div>",
        "<table><tr ondblclick=\"window.open('/gk/83.html')\"><td>{}</td></tr></table>",
        '<form action="/gk/83.html"><button>{}</button></form>',
        "<li class='r' link='/gk/83.html'>{}</li><script>$('.r').click(function(){{location.href=$(this).attr('link')}})</script>",
        "<a class='r' href='#' rel='/gk/83.html'>{}</a><script>$('.r').click(function(){{window.open($(this).attr('rel'))}})</script>",
    ],
)
def test_a_row_without_a_link_is_known_by_the_address_in_its_data(element: str) -> None:
    answer = page(f"<ul>{element.format('青石县教育局2021年政府信息公开工作年度报告')}</ul>")
    assert [entry.url.rsplit("/", 1)[-1] for entry in links.scan(answer, COLUMN).entries] == ["83.html"]


def test_a_document_offered_beside_the_title_of_a_page_is_no_entry() -> None:
    title = "<a href='/d/1.html'>白鹿县2022年政府信息公开工作年度报告</a>"
    row = f"<li>{title} <a href='/f/1.pdf'>PDF下载</a> <a href='/f/1.doc'>Word版下载</a></li>"
    assert len(links.scan(page(f"<ul>{row}</ul>"), COLUMN).entries) == 1


def test_a_link_that_says_view_stands_for_the_title_beside_it() -> None:
    title = "西安县财政局2023年政府信息公开工作年度报告"
    found = links.scan(page(f"<table><tr><td>{title}</td><td><a href='v/1.html'>查看</a></td></tr></table>"), COLUMN)
    assert [entry.title for entry in found.entries] == [title]


def test_a_total_beside_the_pager_of_trs_is_declared_where_so_many_fill_its_pages() -> None:
    rows = "".join(
        f"<li><a href='t20230105_{n}.html'>白鹭县第{n}局2022年政府信息公开工作年度报告</a></li>" for n in range(3)
    )
    for printed, records_ in (("8", 8), ("48", None)):
        pages = f"<div class='page'>共{printed}条<script>createPageHTML(3, 0, 'index', 'html');</script></div>"
        found = trs.Trs().listing(page(f"<ul>{rows}</ul>{pages}"), COLUMN, Fetch(COLUMN.url))
        assert found.declared == Declared(records=records_, pages=3)
