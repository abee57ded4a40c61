"""沅宁市 (invented): a city on TRS static lists, in GBK that calls itself gb2312, gzipped, with Last-Modified.

The root column leads to year and department sub-columns; a report stands in both, one of them at two addresses.
"""

# ruff: noqa: E501 - a Chinese character counts as two columns

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from crawler.samples import prose
from crawler.samples.blocks import BREAKS, WORD
from crawler.samples.draw import Draw
from crawler.samples.identifiers import organisation_code
from crawler.samples.making import annual, decoy
from crawler.samples.portal import Chrome, SamplePortal
from crawler.samples.prose import Agency
from crawler.samples.report import SampleFile, SampleReport
from crawler.samples.server import Request, Response

DIVISION = "421087"
ABOVE = "市委、市政府"
PLACE = "沅宁市"

MARKET = Agency(
    "yuanning-scjg", "沅宁市市场监督管理局", "我局", ABOVE, PLACE,
    ("登记注册", "食品药品抽检", "知识产权保护"), 3, organisation_code("01134502"),
)  # fmt: skip
# Merged into the market regulator in 2019, whose site keeps its reports.
FOOD = Agency(
    "yuanning-sydj", "沅宁市食品药品监督管理局", "我局", ABOVE, PLACE, ("食品安全", "药品抽验", "案件查办"), 2
)
FINANCE = Agency(
    "yuanning-czj", "沅宁市财政局", "我局", ABOVE, PLACE,
    ("财政预决算", "政府采购", "专项资金分配"), 2, organisation_code("01134510"),
)  # fmt: skip
# 碶, 堃 and 喆 are in GBK and not in GB 2312.
TOWN = Agency(
    "yuanning-shiqi", "沅宁市石碶镇人民政府", "我镇", ABOVE, PLACE, ("堤防加固", "惠农补贴", "喆堃古街修缮"), 0
)
GOVERNMENT = Agency(
    "yuanning-gov", "沅宁市人民政府", "全市各级行政机关", "荆江市委、市政府", PLACE,
    ("营商环境", "长江岸线保护", "公共卫生"), 5, organisation_code("01134499"),
)  # fmt: skip

ROOT = "/xxgk/xxgknb/"
DEPARTMENTS = {
    GOVERNMENT.key: ("szf", "市政府"),
    MARKET.key: ("bm/scjgj", "市市场监督管理局"),
    FOOD.key: ("bm/scjgj", "市市场监督管理局"),
    FINANCE.key: ("bm/czj", "市财政局"),
    TOWN.key: ("xz/sqz", "石碶镇"),
}
YEARS = (2023, 2021, 2020)
PAGE_SIZE = 5


class Yuanning(SamplePortal):
    key, name = "yuanning", "沅宁市人民政府"
    province, division = "42", DIVISION
    platform = "trs"
    column_paths = (ROOT,)
    encoding, charset = "gbk", "gb2312"
    validators = "modified"
    gzip = True

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {"/": self.front, "/index.html": self.front, "/xxgk/": self.hub, ROOT: self.root}
        self.routes[ROOT + "index.html"] = self.root
        folders = [f"{year}n/" for year in YEARS] + sorted({f"{folder}/" for folder, _ in DEPARTMENTS.values()})
        for folder in folders:
            for page in range(4):
                name = "index.html" if page == 0 else f"index_{page}.html"
                for path in (f"{ROOT}{folder}{name}", *([ROOT + folder] if page == 0 else [])):
                    self.routes[path] = lambda request, f=folder, p=page: self.column(f, p)  # type: ignore[misc]

    def make_reports(self) -> Sequence[SampleReport]:
        reports: list[SampleReport] = []

        def place(report: SampleReport) -> SampleReport:
            department = f"{DEPARTMENTS[report.agency.key][0]}/"
            year = f"{report.year}n/" if report.year in YEARS else None
            number = 2000000 + Draw(report.name).number("id", 0, 899999)
            page = f"{report.published_on:%Y%m}/t{report.published_on:%Y%m%d}_{number}.shtml"
            report.path = f"{ROOT}{department}{page}"
            report.columns = (department,) if year is None else (department, year)
            reports.append(report)
            return report

        for year in (2016, 2017):
            place(
                annual(FOOD, year, "", signed=False, title="{agency}{year}年政府信息公开年度报告", body=prose.six_heads)
            )
        for year in (2019, 2020, 2021, 2023):
            place(annual(MARKET, year, ""))
        for year in (2013, 2018, 2020, 2021, 2023):
            place(annual(FINANCE, year, "", document_number="沅财发〔2022〕3号" if year == 2021 else None))
        for year in (2010, 2020, 2021, 2022, 2023):
            place(annual(GOVERNMENT, year, "", numerals=year == 2010))
        for year in (2020, 2023):
            place(annual(TOWN, year, "", numerals=True))
        twice = next(report for report in reports if report.name == f"{MARKET.key}-2021")
        # The editor pasted it into the year column as well: another page, the same report.
        twice.copies = [f"{ROOT}2021n/{twice.published_on:%Y%m}/t{twice.published_on:%Y%m%d}_2977003.shtml"]
        sheet = next(report for report in reports if report.name == f"{FINANCE.key}-2020")
        folder = sheet.path.rpartition("/")[0]
        sheet.files.append(SampleFile("沅宁市财政局2020年度报告附表.docx", f"{folder}/P020210126398801250021.docx"))
        sheet.files[0].blocks = sheet.blocks[-4:]
        place(decoy("website_report", GOVERNMENT, 2023, ""))
        place(decoy("interpretation", MARKET, 2023, ""))
        place(decoy("notice", GOVERNMENT, 2021, ""))
        return reports

    # ---- pages

    NAV = (("首页", "/"), ("信息公开", "/xxgk/"), ("网上办事", "/wsbs/"))

    def front(self, request: Request) -> Response:
        chrome = self.chrome()
        return self.page(
            chrome.head(self.name)
            + f'<body>{chrome.top(self.NAV)}<a href="/xxgk/" title="政府信息公开">政府信息公开</a>{chrome.foot()}</body></html>'
        )

    def hub(self, request: Request) -> Response:
        chrome = self.chrome()
        return self.page(
            chrome.head("信息公开")
            + f'<body>{chrome.top(self.NAV)}<ul><li><a href="./xxgkzn/">信息公开指南</a></li><li><a href="./xxgkzd/">信息公开制度</a></li>'
            + f'<li><a href="./xxgknb/">信息公开年报</a></li></ul>{chrome.foot()}</body></html>'
        )

    def root(self, request: Request) -> Response:
        chrome = self.chrome()
        years = "".join(f'<li><a href="./{year}n/">{year}年</a></li>' for year in YEARS)
        units = dict(DEPARTMENTS.values())
        departments = "".join(
            f'<li><a href="./{folder}/index.html">{label}</a></li>' for folder, label in units.items()
        )
        return self.page(
            chrome.head("信息公开年报", ("ColumnName", "信息公开年报"), ("ColumnType", "信息公开年报"))
            + f"<body>{chrome.top(self.NAV)}<table width='980' align='center'><tr><td valign='top'>按年度<ul>{years}</ul></td>"
            + f"<td valign='top'>按部门<ul>{departments}</ul></td></tr></table>{chrome.foot()}</body></html>"
        )

    def listings(self, folder: str) -> list[tuple[SampleReport, str]]:
        """Reports of a sub-column with the address under which it lists them."""
        rows = []
        for report in self.listed(folder):
            own = [path for path in report.copies if path.startswith(ROOT + folder)]
            rows.append((report, own[0] if own else report.path))
        return rows

    def column(self, folder: str, page: int) -> Response:
        listed = self.listings(folder)
        pages = max(1, -(-len(listed) // PAGE_SIZE))
        if page >= pages:
            return self.not_found()
        chrome = self.chrome()
        here = ROOT + folder
        rows = "".join(
            "<li>"
            + chrome.tag(
                "a", escape(report.title), href=self._relative(path, here), target="_blank", title=report.title
            )
            + f"<span>[{report.published_on:%Y-%m-%d}]</span></li>"
            for report, path in listed[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
        )
        return self.page(
            chrome.head("信息公开年报", ("ColumnName", "信息公开年报"), ("ColumnType", "信息公开年报"))
            + f"<body>{chrome.top(self.NAV)}<div class='dqwz'>您当前的位置 : <a href='/'>首页</a> >>信息公开年报</div>"
            + f"<ul class='list_01'>{rows}</ul>\n<div class='page'><script>createPageHTML({pages}, {page}, \"index\", \"html\");</script>"
            + f"</div>{chrome.foot()}</body></html>"
        )

    @staticmethod
    def _relative(path: str, here: str) -> str:
        if path.startswith(here):
            return "./" + path.removeprefix(here)
        up = "../" * (here.removeprefix(ROOT).count("/"))
        return up + path.removeprefix(ROOT)

    def article(self, report: SampleReport, chrome: Chrome) -> str:
        day = f"{report.published_on:%Y年%m月%d日}"
        number, document = report.index_number or "", report.document_number or ""
        report.labels = {
            "索引号": number,
            "文号": document,
            "主题分类": "",
            "发文单位": report.publisher or "",
            "名称": report.title,
            "发布日期": day,
            "有效性": "",
            "发文日期": "",
        }
        hand = BREAKS if report.year < 2015 else WORD
        title = escape(report.title)
        files = "".join(
            f'<p>附件: <a href="./{file.path.rpartition("/")[2]}">{escape(file.name)}</a></p>' for file in report.files
        )
        label = chrome.tag("table", (
            f"<tr><td>索引号 : {number}</td><td>文&nbsp;&nbsp;号 : {document}</td></tr>"
            f"<tr><td>主题分类: </td><td>发文单位: {report.publisher or ''}</td></tr>"
            f"<tr><td>名&nbsp;称: {title}</td><td>发布日期: {day}</td></tr>"
            "<tr><td>有效性: </td><td>发文日期: </td></tr>"
        ), class_="xxgk_head", width="100%", border="0", cellpadding="3")  # fmt: skip
        # The whole page is laid out in tables, as the portals of those years were.
        return (
            chrome.head(report.title, ("ArticleTitle", report.title), ("PubDate", f"{report.published_on:%Y-%m-%d}"))
            + f"<body>{chrome.top(self.NAV)}<table width='1000' align='center'><tr><td>\n"
            + f"<div class='site'>{DEPARTMENTS[report.agency.key][1]}</div><script>document.write('今天是:'+today());</script>"
            + "<div class='dqwz'>您当前的位置 : <a href='/'>首页</a> &gt;&gt;<a href='/xxgk/xxgknb/'>信息公开年报</a>&gt;&gt;正文</div>\n"
            + f"<h2 class='bt'>{title}</h2>\n{label}\n"
            + f"<div class='TRS_Editor'>{hand.html(report.blocks)}</div>\n{files}"
            + f"<div class='dy'>[<a href='javascript:window.print()'>打印本页</a>] [<a href='javascript:window.close()'>关闭窗口</a>] 点击数：{chrome.visit}</div>"
            + f"</td></tr></table>{chrome.foot()}</body></html>"
        )
