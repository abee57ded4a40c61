"""What a page promises beyond itself: a list read in part never passes for the whole."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from crawler.items import Column, Declared, Fetch, Listing, Portal, PortalStatus
from crawler.urls import identity
from spiders.completeness import PortalTally, settle
from spiders.platforms import by_name

COLUMN = Column("http://www.xian.example.gov.cn/nb/")
ROWS = "".join(f'<li><a href="/nb/a/{n}.html">青石县{2020 - n}年政府信息公开工作年度报告</a></li>' for n in range(5))
PAGES_2, PAGES_3, RECORDS = Declared(pages=2), Declared(pages=3), Declared(records=56, page_size=10)

PROMISES = [
    (
        '<div class="fy"><a onclick="gotoPage(1)">1</a><a onclick="gotoPage(2)">2</a><a onclick="gotoPage(3)">3</a></div>',
        PAGES_3,
    ),
    ('<div class="page"><a href="javascript:void(0)" onclick="turn(2)">下一页</a></div>', PAGES_2),
    ('<div class="page"><a href="javascript:;" data-page="2">下一页</a></div>', PAGES_2),
    (
        '<ul class="pagination"><li><a href="#" data-page="1">1</a></li><li><a href="#" data-page="2">2</a></li></ul>',
        PAGES_2,
    ),
    ('<div class="pages"><span class="on">1</span><span>2</span><span>3</span><span>下一页</span></div>', PAGES_3),
    ('<script>laypage.render({elem: "page", count: 56, limit: 10, jump: load})</script>', RECORDS),
    ('<script>$("#pg").pagination(56, {items_per_page: 10, callback: load});</script>', RECORDS),
    ('<script>$("#pg").pagination({totalPage: 3, currentPage: 1, callback: load})</script>', PAGES_3),
    ('<el-pagination :total="56" :page-size="10"></el-pagination>', RECORDS),
    ("<div>第<input value=1>页 共3页 <a href='javascript:go()'>GO</a></div>", PAGES_3),
    ("<p>共 56 条信息</p>", Declared(records=56)),
    ("<a href='javascript:nextPage()'>下一页</a>", PAGES_2),
    ("<center>第1页/共3页 <img src='n.gif'></center>", PAGES_3),
    ("<script>for(var i=1;i<=3;i++){w('<a onclick=\"'+f(i)+'\">'+i+'</a>');}</script>", PAGES_3),
    ("<script>showPages(3, 1, 26);</script>", PAGES_3),
    ("<script>var totalpage = 3; var curpage = 1;</script>", PAGES_3),
]
NONE = [
    '<div class="page"><a href="javascript:;">上一页</a><a href="javascript:;">1</a><a href="javascript:;">下一页</a></div>',
    '<div class="page"><span>首页</span><span>1</span><span>下一页</span></div>',
    '<div class="page" style="display:none"><a href="#">1</a><a href="#">2</a></div>',
    "<a class='disabled' href='javascript:nextPage()'>下一页</a>",
    "<p>共1页 <a href='javascript:nextPage()'>下一页</a></p>",
    '<ul class="focus"><li><a href="#">1</a></li><li><a href="#">2</a></li></ul>',
    '<div class="art"><span>1</span><span>2</span></div>',
    "<p>共56条评论</p>",
    "<script>showPages(1, 1, 5);var totalPage = 1, curPage = 1;</script>",
    "<script>getPage(10, 1);var totalPage = 3;</script>",
]


def listing_of(more: str) -> Listing:
    body = f"<html><body><ul>{ROWS}</ul>{more}</body></html>"
    answer = HtmlResponse(COLUMN.url, body=body.encode(), encoding="utf-8")
    return by_name("plain").listing(answer, COLUMN, Fetch(COLUMN.url))


@pytest.mark.parametrize(("more", "declared"), [*PROMISES, *((more, None) for more in NONE)])
def test_what_a_page_promises(more: str, declared: Declared | None) -> None:
    found = listing_of(more)
    assert (len(found.entries), found.more, found.declared) == (5, (), declared)


@pytest.mark.parametrize("more", [more for more, _ in PROMISES])
def test_a_list_that_promises_more_is_incomplete(more: str) -> None:
    tally = PortalTally(Portal("xian", "青石县", "33", "331199", COLUMN.url), reports=5)
    found = listing_of(more)
    tally.open_column(COLUMN, 0)
    tally.read(COLUMN, Fetch(COLUMN.url), found, {identity(entry.url) for entry in found.entries})
    assert settle(tally)[0] is PortalStatus.INCOMPLETE
