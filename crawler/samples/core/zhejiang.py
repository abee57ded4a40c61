"""澜溪县 (invented): a county on Hanweb jpage. Windows of records, a one-line metadata block, ETags, robots.txt obeyed."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import date
from html import escape

from crawler.samples.blocks import BREAKS, CLEAN, WORD
from crawler.samples.identifiers import organisation_code
from crawler.samples.making import annual, decoy, strong_number
from crawler.samples.portal import Chrome, SamplePortal
from crawler.samples.prose import Agency
from crawler.samples.report import SampleFile, SampleReport
from crawler.samples.server import Request, Response
from crawler.samples.statistics import Figures, figures

DIVISION = "331124"
ABOVE = "县委、县政府"
PLACE = "澜溪县"

GOVERNMENT = Agency(
    "lanxi-gov", "澜溪县人民政府", "全县各级行政机关", "市委、市政府", PLACE,
    ("优化营商环境", "重大建设项目批准和实施", "社会公益事业建设"), 4, organisation_code("00264701"),
)  # fmt: skip
MARKET = Agency(
    "lanxi-scjg", "澜溪县市场监督管理局", "我局", ABOVE, PLACE,
    ("食品安全抽检", "特种设备监管", "价格收费检查"), 2, organisation_code("33201846"),
)  # fmt: skip
EDUCATION = Agency(
    "lanxi-jyj", "澜溪县教育局", "我局", ABOVE, PLACE,
    ("义务教育招生入学", "校外培训治理", "学校经费收支"), 2, organisation_code("00264733"),
)  # fmt: skip
CIVIL = Agency(
    "lanxi-mzj", "澜溪县民政局", "我局", ABOVE, PLACE,
    ("社会救助", "养老服务", "地名管理"), 1, organisation_code("00264741"),
)  # fmt: skip
LAND = Agency(
    "lanxi-zrzy", "澜溪县自然资源和规划局", "我局", ABOVE, PLACE,
    ("土地征收", "规划编制", "不动产登记"), 5, organisation_code("MB1C4420"),
)  # fmt: skip
TOWN = Agency("lanxi-shimen", "澜溪县石门镇人民政府", "我镇", ABOVE, PLACE, ("惠农补贴", "宅基地审批", "村务公开"), 0)
STREET = Agency(
    "lanxi-dongxi", "澜溪县东溪街道办事处", "街道", ABOVE, PLACE, ("老旧小区改造", "社区服务", "征收拆迁"), 1
)

COLUMN = "1229380310"
UNIT = "6051827"


def slipped(given: Figures) -> tuple[Figures, tuple[dict[str, str], ...]]:
    """The figures with one clerk's slip in a sum, and the check that must find it."""
    printed = copy.deepcopy(given)
    right = printed["review_litigation"]["reconsideration"]["total"]
    printed["review_litigation"]["reconsideration"]["total"] = right + 1
    return printed, ({"rule": "review.total", "expected": str(right), "found": str(right + 1)},)


class Lanxi(SamplePortal):
    key, name = "lanxi", "澜溪县人民政府"
    province, division = "33", DIVISION
    platform = "hanweb-jpage"
    column_paths = (f"/col/col{COLUMN}/index.html",)
    robots = "User-agent: *\nDisallow: /art/2010/\nCrawl-delay: 0\n"
    validators = "etag"
    per_page = 4

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {
            "/": self.front,
            "/index.html": self.front,
            "/col/col1229380300/index.html": self.hub,
            f"/col/col{COLUMN}/index.html": self.column,
            "/module/web/jpage/dataproxy.jsp": self.dataproxy,
        }

    def make_reports(self) -> Sequence[SampleReport]:
        reports: list[SampleReport] = []

        def path(number: int, day: date) -> str:
            return f"/art/{day.year}/{day.month}/{day.day}/art_{COLUMN}_{number}.html"

        def add(agency: Agency, year: int, number: int, **more: object) -> SampleReport:
            report = annual(agency, year, "", **more)  # type: ignore[arg-type]
            report.path = path(number, report.published_on)
            report.publisher = report.publisher or agency.name
            reports.append(report)
            return report

        # 12-digit statistical division codes until 2018, credit codes after: what one county really printed.
        for year, number in ((2008, 28804), (2009, 37160), (2012, 81033), (2016, 604117), (2018, 1801226)):
            add(
                GOVERNMENT, year, number,
                title="{agency}{year}年政府信息公开工作年度报告" if year != 2008 else "{agency}2008年度政府信息公开年度报告",
                publisher="澜溪县" if year < 2016 else GOVERNMENT.name,
                index_number=f"{DIVISION}000000/{year + 1}-{number % 100000:05d}",
                index_number_kind="division", robots=year == 2009, numerals=year == 2012,
            )  # fmt: skip
        for year in range(2019, 2025):
            report = add(
                GOVERNMENT, year, 59100000 + year * 7,
                index_number=strong_number(GOVERNMENT, DIVISION, year + 1, 60000 + year % 100),
                index_number_kind="uscc",
            )  # fmt: skip
            if year == 2022:
                note = "/module/download/downfile.jsp?classid=0&filename=00000000000000000000005b1d0c7a2f.docx"
                report.files.append(SampleFile("澜溪县2022年政府信息公开工作年度报告.docx", note))
        add(MARKET, 2017, 771820, index_number=f"{DIVISION}000000/2018-08116", index_number_kind="division")
        for year in (2019, 2021, 2023):
            add(
                MARKET, year, 59200000 + year,
                index_number=strong_number(MARKET, DIVISION, year + 1, 71000 + year % 100), index_number_kind="uscc",
            )  # fmt: skip
        add(EDUCATION, 2014, 310442, signed=False)
        add(EDUCATION, 2020, 59302020, dash="—", blank="/")
        printed, checks = slipped(figures(EDUCATION.key, 2022, EDUCATION.busy))
        add(
            EDUCATION, 2022, 59302022, given=printed, checks=checks,
            index_number=strong_number(EDUCATION, DIVISION, 2023, 71544), index_number_kind="uscc",
        )  # fmt: skip
        add(CIVIL, 2018, 1801888, index_number="000014349/2019-00026", index_number_kind="placeholder")
        add(
            CIVIL,
            2021,
            59402021,
            blank="",
            index_number=strong_number(CIVIL, DIVISION, 2022, 70007),
            index_number_kind="uscc",
        )
        add(LAND, 2023, 59502023, index_number=strong_number(LAND, DIVISION, 2024, 70911), index_number_kind="uscc")
        add(TOWN, 2021, 59602021)
        add(TOWN, 2023, 59602023)
        add(STREET, 2022, 59702022, blank="-")
        for what, agency, year, number in (
            ("self_inspection", MARKET, 2017, 769014),
            ("interpretation", GOVERNMENT, 2022, 59114155),
            ("website_report", GOVERNMENT, 2021, 59114148),
            ("notice", GOVERNMENT, 2020, 59114101),
        ):
            page = decoy(what, agency, year, "", publisher=agency.name)
            if what == "self_inspection":
                page.published_on = date(2017, 12, 8)
                page.index_number, page.index_number_kind = f"{DIVISION}000000/2017-63904", "division"
            page.path = path(number, page.published_on)
            reports.append(page)
        return reports

    # ---- pages

    NAV = (("首页", "/"), ("政务公开", "/col/col1229380300/index.html"), ("办事服务", "/fw/"), ("互动交流", "/hd/"))

    def front(self, request: Request) -> Response:
        chrome = self.chrome()
        html = (
            chrome.head(self.name)
            + f"<body>\n{chrome.top(self.NAV)}"
            + '<div class="news"><h2>要闻动态</h2><ul><li><a href="/art/2025/1/6/art_1_1.html">全县春运工作部署会召开</a></li></ul></div>'
            + f'<div class="gk"><a href="/col/col1229380300/index.html">政府信息公开</a></div>{chrome.foot()}</body></html>'
        )
        return self.page(html)

    def hub(self, request: Request) -> Response:
        chrome = self.chrome()
        menu = (
            ("政府信息公开指南", "/col/col1229380301/index.html"),
            ("政府信息公开制度", "/col/col1229380302/index.html"),
            ("法定主动公开内容", "/col/col1229380303/index.html"),
            ("政府信息公开年报", f"/col/col{COLUMN}/index.html"),
            ("依申请公开", "/col/col1229380311/index.html"),
        )
        items = "".join(f"<li>{chrome.tag('a', label, href=href, title=label)}</li>" for label, href in menu)
        html = (
            chrome.head(f"政府信息公开-{self.name}", ("ColumnName", "政府信息公开"))
            + f'<body>\n{chrome.top(self.NAV)}<ul class="xxgk-menu">{items}</ul>{chrome.foot()}</body></html>'
        )
        return self.page(html)

    def records(self, first: int, last: int) -> str:
        rows = []
        for report in self.listed()[max(first, 1) - 1 : last]:
            title = escape(report.title)
            rows.append(
                f'<record><![CDATA[<li><a target="_blank" href="{report.path}" title="{title}">{title}</a>'
                f"<span>{report.published_on:%Y-%m-\n%d}</span></li>]]></record>"
            )
        return "".join(rows)

    def column(self, request: Request) -> Response:
        chrome = self.chrome()
        total = len(self.listed())
        meta = (
            ("ColumnName", "政府信息公开年报"),
            ("ColumnType", "信息公开年报"),
            ("ColumnDescription", "政府信息公开年报"),
            ("ColumnKeywords", "政府信息公开年报"),
        )
        html = (
            chrome.head(f"政府信息公开年报-{self.name}", *meta)
            + f'<body>\n{chrome.top(self.NAV)}<div class="position">当前位置：<a href="/">首页</a> &gt; 政府信息公开年报</div>\n'
            + f'<div id="{UNIT}" class="default_pgContainer"></div>\n<script type="text/xml" id="div{UNIT}"><datastore>\n'
            + '<nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&appid=1&webid=3518&path=/&columnid='
            + f'{COLUMN}&unitid={UNIT}&webname={self.name}&permissiontype=0"></a>]]></nextgroup>\n'
            + f"<recordset>{self.records(1, self.per_page * 3)}</recordset></datastore></script>\n"
            + "<script>\n$(function(){\n"
            + f"  $('#{UNIT}').jpage({{ajaxParam:{{col:1,appid:1,webid:3518,path:'/',columnid:{COLUMN},sourceContentType:1,"
            + f"unitid:'{UNIT}',webname:'{self.name}',permissiontype:0}},totalRecord:{total},openCookies:true,"
            + f"perPage:{self.per_page},groupSize:3,barPosition:'bottom',"
            + "titleMessage:'共有[totalRecord]条记录 第[currentPage]/[totalPage]页',"
            + "proxyUrl:'/module/web/jpage/dataproxy.jsp'});\n});\n</script>\n"
            + f"{chrome.foot()}</body></html>"
        )
        return self.page(html)

    def dataproxy(self, request: Request) -> Response:
        fields = request.fields
        per_page = int(fields.get("perpage") or self.per_page)
        if "startrecord" in fields:
            first, last = int(fields["startrecord"]), int(fields.get("endrecord") or 0)
        else:
            page = int(fields.get("page") or 1)
            first, last = (page - 1) * per_page * 3 + 1, page * per_page * 3
        if fields.get("columnid") != COLUMN or fields.get("unitid") != UNIT:
            return Response(b"<datastore></datastore>", 200, "text/xml;charset=UTF-8")
        total = len(self.listed())
        xml = (
            f"<datastore><totalrecord>{total}</totalrecord><totalpage>{-(-total // per_page)}</totalpage>"
            f"<recordset>{self.records(first, last)}</recordset></datastore>"
        )
        return Response(xml.encode(), 200, "text/xml;charset=UTF-8")

    def article(self, report: SampleReport, chrome: Chrome) -> str:
        number, document = report.index_number or report.dash, report.document_number or ""
        published = f"{report.published_on:%Y-%m-%d} 00:00:00"
        report.labels = {"索引号": number, "发布机构": report.publisher or "", "发布时间": published, "文号": document}
        gap = "&nbsp;" * 5
        hand = BREAKS if report.year < 2014 else WORD if report.year < 2021 else CLEAN
        # A notice of the county's own office prints the town's head and foot; the metadata stands in one line.
        title = chrome.tag("h1", escape(report.title), class_="title", id="ivs_title", align="center")
        files = "".join(
            f'<p>附件：<a href="{escape(file.path)}" target="_blank">{escape(file.name)}</a></p>'
            for file in report.files
        )
        meta = (
            ("ColumnName", "政府信息公开年报"),
            ("ColumnType", "信息公开年报"),
            ("ArticleTitle", report.title),
            ("PubDate", f"{report.published_on:%Y-%m-%d} 09:12"),
            ("ContentSource", report.publisher or ""),
        )
        return (
            chrome.head(report.title, *meta)
            + f'<body>\n{chrome.top(self.NAV)}<div class="position">当前位置：<a href="/">首页</a> &gt; '
            + f'<a href="/col/col{COLUMN}/index.html">政府信息公开年报</a></div>\n<div class="article">{title}\n'
            + f'<div class="explain">索引号:&nbsp;{number}{gap}发布机构:&nbsp;{report.publisher or ""}{gap}发布时间:{published}</div>\n'
            + f'<div class="explain">文号:{document}</div>\n'
            + '<div class="tools">【字体：<a href="javascript:;">大</a> <a href="javascript:;">中</a> '
            + f'<a href="javascript:;">小</a>】 浏览次数：<i>{chrome.visit}</i> <a href="javascript:print()">打印本页</a></div>\n'
            + f'<div id="zoom" class="bt_content"><!--<$[信息内容]>begin-->{hand.html(report.blocks)}{files}'
            + f"<!--<$[信息内容]>end--></div></div>\n{chrome.foot()}</body></html>"
        )
