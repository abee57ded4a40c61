"""What the small portals share: two agencies, a handful of reports, a home page, a plain article."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import ClassVar

from crawler.samples.blocks import CLEAN, WORD
from crawler.samples.draw import Draw
from crawler.samples.identifiers import organisation_code
from crawler.samples.making import annual, decoy, strong_number
from crawler.samples.portal import Chrome, SamplePortal
from crawler.samples.prose import Agency
from crawler.samples.report import SampleReport
from crawler.samples.server import Request, Response


class FamilyPortal(SamplePortal):
    """A small portal. Subclasses say where its pages are and how its list is asked."""

    place: ClassVar[str]
    years: ClassVar[tuple[int, ...]] = (2018, 2020, 2021, 2022)
    bureau_years: ClassVar[tuple[int, ...]] = (2019, 2021, 2022)
    column_name: ClassVar[str] = "政府信息公开年报"
    body: ClassVar[tuple[str, str]] = ('<div class="article-content">', "</div>")
    date_label: ClassVar[str] = "发文日期"
    per_page: ClassVar[int] = 3
    robots = None
    hub_path: ClassVar[str] = "/zfxxgk/index.html"

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {"/": self.front, self.hub_path: self.hub}

    @property
    def government(self) -> Agency:
        body = f"00{Draw(self.key).number('government', 100000, 999999)}"
        return Agency(
            f"{self.key}-gov", self.name, "各级行政机关", "上级党委、政府", self.place,
            ("营商环境", "重大项目", "民生实事"), 3, organisation_code(body),
        )  # fmt: skip

    @property
    def bureau(self) -> Agency:
        body = f"00{Draw(self.key).number('bureau', 100000, 999999)}"
        return Agency(
            f"{self.key}-rsj", f"{self.place}人力资源和社会保障局", "我局", "党委、政府", self.place,
            ("就业服务", "社会保险", "劳动监察"), 1, organisation_code(body),
        )  # fmt: skip

    def path_of(self, report: SampleReport, number: int) -> str:
        """Where the family puts an article."""
        raise NotImplementedError

    def make_reports(self) -> Sequence[SampleReport]:
        reports = []
        for agency, years in ((self.government, self.years), (self.bureau, self.bureau_years)):
            for year in years:
                number = strong_number(
                    agency, self.division, year + 1, Draw(agency.key, year).number("seq", 100, 99999)
                )
                reports.append(
                    annual(agency, year, "", publisher=agency.name, index_number=number, index_number_kind="uscc")
                )
        reports.append(decoy("website_report", self.government, 2021, "", publisher=self.government.name))
        for report in reports:
            report.path = self.path_of(report, Draw(self.key, report.name).number("id", 1_000_000, 9_999_999))
            report.columns = (report.agency.key,)
        return reports

    # ---- pages

    @property
    def nav(self) -> tuple[tuple[str, str], ...]:
        return (("首页", "/"), ("政府信息公开", self.hub_path), ("办事服务", "/bsfw/"))

    def front(self, request: Request) -> Response:
        chrome = self.chrome()
        return self.page(chrome.head(self.name) + f"<body>{chrome.top(self.nav)}{chrome.foot()}</body></html>")

    def hub(self, request: Request) -> Response:
        chrome = self.chrome()
        links = (("政府信息公开指南", "/zfxxgk/zn/"), ("政府信息公开制度", "/zfxxgk/zd/"))
        items = "".join(f'<li><a href="{href}">{label}</a></li>' for label, href in links)
        years = "".join(f'<li><a href="{path}">{self.column_name}</a></li>' for path in self.column_paths)
        return self.page(
            chrome.head("政府信息公开")
            + f"<body>{chrome.top(self.nav)}<ul>{items}{years}</ul>{chrome.foot()}</body></html>"
        )

    def list_page(self, inner: str, extra: str = "") -> Response:
        """A column page of the family around its own list."""
        chrome = self.chrome()
        meta = (("ColumnName", self.column_name), ("ColumnType", "信息公开年报"))
        return self.page(
            chrome.head(self.column_name, *meta, extra=extra)
            + f"<body>{chrome.top(self.nav)}<h2>{self.column_name}</h2>{inner}{chrome.foot()}</body></html>"
        )

    def window(self, page: int, column: str | None = None, size: int | None = None) -> list[SampleReport]:
        """The reports of one page of the list, the first page being 1."""
        size = size or self.per_page
        return self.listed(column)[(page - 1) * size : page * size]

    def pages(self, column: str | None = None, size: int | None = None) -> int:
        return max(1, -(-len(self.listed(column)) // (size or self.per_page)))

    def above(self, report: SampleReport) -> str:
        """What a family prints above its articles."""
        return ""

    def content_html(self, report: SampleReport) -> str:
        """The text as it stands in the page."""
        return (WORD if report.year < 2021 else CLEAN).html(report.blocks)

    def article(self, report: SampleReport, chrome: Chrome) -> str:
        day, publisher = f"{report.published_on:%Y-%m-%d}", report.publisher or ""
        number, document = report.index_number or "", report.document_number or ""
        report.labels = {"索引号": number, "发布机构": publisher, self.date_label: day, "文号": document}
        rows = (
            f"<tr><td>索 引 号：</td><td>{number}</td><td>发布机构：</td><td>{publisher}</td></tr>"
            f"<tr><td>{self.date_label}：</td><td>{day}</td><td>文　　号：</td><td>{document}</td></tr>"
        )
        files = "".join(f'<p>附件：<a href="{file.path}">{escape(file.name)}</a></p>' for file in report.files)
        before, after = self.body
        meta = (("ArticleTitle", report.title), ("PubDate", f"{day} 10:20"), ("ContentSource", publisher))
        return (
            chrome.head(report.title, *meta)
            + f"<body>{chrome.top(self.nav)}{self.above(report)}<table class='xxgk_table'>{rows}</table><h1>{escape(report.title)}</h1>"
            + f"<p class='info'>浏览次数：{chrome.visit}</p>{before}{self.content_html(report)}{after}{files}{chrome.foot()}</body></html>"
        )
