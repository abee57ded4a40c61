"""Families whose lists are HTML: VSB counting down, LonSun's units and years, Inspur eportal, ASP.NET, TRS list_N."""

# ruff: noqa: E501 - a Chinese character counts as two columns

from __future__ import annotations

from html import escape
from typing import ClassVar

from crawler.samples.draw import Draw
from crawler.samples.prose import Agency
from crawler.samples.report import SampleReport
from crawler.samples.server import Request, Response

from .base import FamilyPortal


class Vsb(FamilyPortal):
    """Page 1 is ``gknb.htm``, page k of N is ``gknb/<N+1-k>.htm``."""

    key, name, place = "vsb", "湟源川县人民政府", "湟源川县"
    province, division = "63", "630223"
    platform = "vsb"
    column_paths = ("/zwgk/gknb.htm",)
    body = ('<div id="vsb_content"><div class="v_news_content">', "</div></div>")

    def __init__(self) -> None:
        super().__init__()
        self.routes[self.column_paths[0]] = lambda request: self.column(1)
        for number in range(1, 9):
            self.routes[f"/zwgk/gknb/{number}.htm"] = lambda request, n=number: self.counted(n)  # type: ignore[misc]

    def path_of(self, report: SampleReport, number: int) -> str:
        return f"/info/1021/{number % 100000}.htm"

    def counted(self, number: int) -> Response:
        pages = self.pages()
        return self.column(pages + 1 - number) if number < pages else self.not_found()

    def column(self, page: int) -> Response:
        pages = self.pages()
        if not 1 <= page <= pages:
            return self.not_found()
        up, here = ("", "gknb/") if page == 1 else ("../", "")

        def link(number: int) -> str:
            return f"{up}gknb.htm" if number == 1 and page > 1 else f"{here}{pages + 1 - number}.htm"

        rows = "".join(
            f'<li id="line_u5_{place}"><a href="{up}../info/{report.path.removeprefix("/info/")}" title="{escape(report.title)}">'
            f"{escape(report.title)}</a><span>{report.published_on:%Y-%m-%d}</span></li>"
            for place, report in enumerate(self.window(page))
        )
        numbers = "".join(
            f'<span class="p_no_d">{number}</span>'
            if number == page
            else f'<span class="p_no"><a href="{link(number)}">{number}</a></span>'
            for number in range(1, pages + 1)
        )
        end = (
            f'<span class="p_next p_fun"><a href="{link(page + 1)}">下页</a></span><span class="p_last p_fun"><a href="{link(pages)}">尾页</a></span>'
            if page < pages
            else '<span class="p_next_d p_fun_d">下页</span><span class="p_last_d p_fun_d">尾页</span>'
        )
        return self.list_page(
            f'<ul class="list">{rows}</ul><div class="pb_sys_common pb_sys_normal pb_sys_style1"><span class="p_t">共{len(self.listed())}条</span> '
            f'<span class="p_pages"><span class="p_first_d p_fun_d">首页</span>{numbers}{end}</span> <span class="p_t">{page}/{pages}</span></div>'
        )


class Lonsun(FamilyPortal):
    """One unit lists its reports over an AJAX label in pages, the other under a menu of years."""

    key, name, place = "lonsun", "宁川市人民政府", "宁川市"
    province, division = "34", "341881"
    platform = "lonsun"
    hub_path = "/public/"
    organs: ClassVar[dict[str, str]] = {"gov": "7702315", "rsj": "7702388"}
    column_paths = ("/public/column/7702315?type=4&action=rel",)
    body = ('<div class="gk_con j-fontContent" id="zoom">', "</div>")

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {"/site/label/8888": self.label}
        self.routes |= {f"/public/column/{organ}": self.public for organ in self.organs.values()}

    def path_of(self, report: SampleReport, number: int) -> str:
        return f"/public/{self.organs[report.agency.key.rpartition('-')[2]]}/{number}.html"

    def unit(self, organ: str) -> Agency:
        return self.government if organ == self.organs["gov"] else self.bureau

    def public(self, request: Request) -> Response:
        organ, fields = request.path.rpartition("/")[2], request.fields
        if fields.get("action") == "rel":
            units = "".join(
                f'<li><a href="/public/column/{number}?type=3&amp;action=list&amp;nav=" title="{self.unit(number).name}">{self.unit(number).name}</a></li>'
                for number in self.organs.values()
            )
            return self.list_page(f'<div class="xxgk_unit"><ul class="clearfix">{units}</ul></div>')
        if fields.get("type") != "3":
            return self.not_found()
        agency = self.unit(organ)
        if organ == self.organs["gov"]:
            return self.list_page(
                f'<div id="xxgkList">{self.fragment(agency, 1, self.per_page)}</div>\n<div id="page_publicInfo"></div>\n<script>\n'
                "$(function(){Ls.pagination('#page_publicInfo',function(pageIndex,pageSize){$.ajax({url:'/site/label/8888?IsAjax=1&dataType=html&_='"
                "+Math.random(),data:{labelName:'publicInfoList',siteId:'6795621',pageSize:"
                + str(self.per_page)
                + ",pageIndex:pageIndex,action:'list',"
                f"isDate:true,dateFormat:'yyyy-MM-dd',length:50,organId:'{organ}',type:'3',catId:'',cId:'',result:'暂无相关信息',"
                f"file:'/c2/ncs/publicInfoList_new'}}}})}},{{pageCount:{self.pages(agency.key)},pageIndex:1,pageSize:{self.per_page},"
                f"itemCount:{len(self.listed(agency.key))}}});}});\n</script>"
            )
        years = sorted({report.year for report in self.listed(agency.key)}, reverse=True)
        menu = "".join(
            f'<li><a href="/public/column/{organ}?type=3&amp;action=list&amp;year={year}">{year}年</a></li>'
            for year in years
        )
        chosen = int(fields.get("year") or years[0])
        return self.list_page(
            f'<ul id="timeFrame" class="clearfix">{menu}</ul><div id="xxgkList">'
            + self.rows([report for report in self.listed(agency.key) if report.year == chosen])
            + "</div>"
        )

    def rows(self, reports: list[SampleReport]) -> str:
        return (
            '<ul class="clearfix xxgk_nav_list">'
            + "".join(
                f'<li class="clearfix"><a href="{self.base}{report.path}" class="title" target="_blank" title="{escape(report.title)}">'
                f'{escape(report.title)}</a><span class="date">{report.published_on:%Y-%m-%d}</span></li>'
                for report in reports
            )
            + "</ul>"
        )

    def fragment(self, agency: Agency, page: int, size: int) -> str:
        return self.rows(self.window(page, agency.key, size))

    def label(self, request: Request) -> Response:
        fields = request.fields
        if fields.get("labelName") != "publicInfoList" or fields.get("organId") not in self.organs.values():
            return self.page("<div>暂无相关信息</div>")
        agency = self.unit(fields["organId"])
        page, size = int(fields.get("pageIndex") or 1), int(fields.get("pageSize") or 15)
        pages = self.pages(agency.key, size)
        return self.page(
            f"{self.fragment(agency, page, size)}<script>Ls.pagination('#page_publicInfo',load,"
            f"{{pageCount:{pages},pageIndex:{page},pageSize:{size},itemCount:{len(self.listed(agency.key))}}});</script>"
        )


class Eportal(FamilyPortal):
    key, name, place = "eportal", "冀原县人民政府", "冀原县"
    province, division = "13", "130123"
    platform = "eportal"
    page_id, module = "6817601", Draw("eportal").hex("module", 32)
    column_paths = (f"/eportal/ui?pageId={page_id}",)
    body = ('<div class="xxgk_bmxl_con" id="zoom">', "</div>")

    def __init__(self) -> None:
        super().__init__()
        self.routes["/eportal/ui"] = self.ui

    def path_of(self, report: SampleReport, number: int) -> str:
        return f"/jyx/6806589/{self.page_id}/{number}/index.html"

    def ui(self, request: Request) -> Response:
        fields = request.fields
        if fields.get("pageId") != self.page_id or fields.get("moduleId", self.module) != self.module:
            return self.not_found()
        page, pages = int(fields.get("currentPage") or 1), self.pages()
        rows = "".join(
            f'<tr><td>{place}</td><td><a href="{report.path}" title="{escape(report.title)}" target="_blank">{escape(report.title)}</a></td>'
            f"<td>{report.published_on:%Y-%m-%d}</td></tr>"
            for place, report in enumerate(self.window(page), 1)
        )
        address = (
            f"/eportal/ui?pageId={self.page_id}&amp;currentPage={{}}&amp;moduleId={self.module}&amp;staticRequest=yes"
        )
        following = (
            f'<a href="javascript:void(0);" tagname="{address.format(page + 1)}">下一页</a>' if page < pages else ""
        )
        return self.list_page(
            f'<input type="hidden" id="eprotalCurrentPageId" value="{self.page_id}"><input type="hidden" id="eprotalCurrentColumnId" value="">'
            f'<table class="xxgkzclbtab3">{rows}</table><input type="hidden" name="article_paging_list_hidden" moduleid="{self.module}" '
            f'totalpage="{pages}" currentpage="{page}"><div class="easysite-page-wrap"><span>共{len(self.listed())}条 第{page}/{pages}页</span>{following}</div>'
        )


class Aspx(FamilyPortal):
    key, name, place = "aspx", "滇池源县人民政府", "滇池源县"
    province, division = "53", "530124"
    platform = "aspx"
    hub_path = "/zwgk.aspx"
    column_paths = ("/InfoPublic.aspx?cid=1019&pid=971&page=1&kw=",)
    body = ('<div id="ctl00_content">', "</div>")

    def __init__(self) -> None:
        super().__init__()
        self.routes["/InfoPublic.aspx"] = self.list_of

    def path_of(self, report: SampleReport, number: int) -> str:
        return f"/NewsView.aspx?id={number % 100000}"

    def list_of(self, request: Request) -> Response:
        fields = request.fields
        if fields.get("cid") != "1019":
            return self.not_found()
        page, pages = int(fields.get("page") or 1), self.pages()
        rows = "".join(
            f'<li><span>{report.published_on:%Y/%m/%d}</span><a href="{report.path.removeprefix("/")}" target="_blank">{escape(report.title)}</a></li>'
            for report in self.window(page)
        )
        following = (
            f'<a href="InfoPublic.aspx?cid=1019&amp;pid=971&amp;page={page + 1}&amp;kw=">下一页</a>'
            if page < pages
            else ""
        )
        state = self.chrome().token
        return self.list_page(
            f'<form method="post" action="InfoPublic.aspx?cid=1019"><input type="hidden" name="__VIEWSTATE" value="{state}">'
            f'<ul class="list">{rows}</ul><div class="page">共{len(self.listed())}条记录 {page}/{pages}页 {following}</div></form>'
        )


class TrsLists(FamilyPortal):
    """One column counts with createPageHTML over ``list_N``, the other with countPage over ``index_N``."""

    key, name, place = "trs-lists", "塞江县人民政府", "塞江县"
    province, division = "64", "640522"
    platform = "trs"
    column_paths = ("/zfxxgknb/zf/list.html", "/zfxxgknb/bm/")
    per_page = 2
    body = ("<div class='view TRS_UEDITOR trs_paper_default trs_web'>", "</div>")

    def __init__(self) -> None:
        super().__init__()
        for page in range(1, 6):
            lists = ["/zfxxgknb/zf/list.html"] if page == 1 else [f"/zfxxgknb/zf/list_{page - 1}.html"]
            indexes = (
                ["/zfxxgknb/bm/", "/zfxxgknb/bm/index.html"] if page == 1 else [f"/zfxxgknb/bm/index_{page - 1}.html"]
            )
            for path in lists:
                self.routes[path] = lambda request, p=page: self.by_call(p)  # type: ignore[misc]
            for path in indexes:
                self.routes[path] = lambda request, p=page: self.by_count(p)  # type: ignore[misc]

    def path_of(self, report: SampleReport, number: int) -> str:
        folder = "zf" if report.agency.key.endswith("gov") else "bm"
        return f"/zfxxgknb/{folder}/{report.published_on:%Y%m}/t{report.published_on:%Y%m%d}_{number}.html"

    def rows(self, column: str, page: int) -> str:
        folder = "/zfxxgknb/zf/" if column.endswith("gov") else "/zfxxgknb/bm/"
        return "".join(
            f'<li><a href="./{report.path.removeprefix(folder)}" target="_blank" title="{escape(report.title)}">{escape(report.title)}</a>'
            f"<span>{report.published_on:%Y-%m-%d}</span></li>"
            for report in self.window(page, column)
        )

    def by_call(self, page: int) -> Response:
        column = self.government.key
        if page > self.pages(column):
            return self.not_found()
        return self.list_page(
            f'<ul class=\'commonlist\'>{self.rows(column, page)}</ul><script>createPageHTML({self.pages(column)}, {page - 1}, "list", "html");</script>'
        )

    def by_count(self, page: int) -> Response:
        column = self.bureau.key
        if page > self.pages(column):
            return self.not_found()
        return self.list_page(
            f"<ul class='commonlist'>{self.rows(column, page)}</ul><script>\nvar countPage = {self.pages(column)}; //共多少页\n"
            f"var currentPage = {page - 1}; //所在页从0开始\nvar prevPage = currentPage-1;\nvar nextPage = currentPage+1;\n"
            'if(countPage>1&&currentPage!=(countPage-1))\n\tdocument.write("<a href=\\"index"+"_" + nextPage + "."+"html\\">下一页</a>");\n</script>'
        )
