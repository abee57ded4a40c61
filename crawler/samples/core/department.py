"""澜溪县市场监督管理局 (invented): the department's own small site, which repeats what the county's portal shows."""

# ruff: noqa: E501 - a Chinese character counts as two columns

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from crawler.samples.blocks import WORD
from crawler.samples.making import annual, decoy, published_on
from crawler.samples.portal import Chrome, SamplePortal
from crawler.samples.report import SampleReport
from crawler.samples.server import Request, Response

from .zhejiang import DIVISION, MARKET


class LanxiMarket(SamplePortal):
    key, name = "lanxi-scjg", "澜溪县市场监督管理局"
    province, division = "33", DIVISION
    platform = "plain"
    column_paths = ("/zfxxgk/ndbg/",)
    robots = "User-agent: *\nDisallow: /admin/\n"

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {"/": self.front, "/zfxxgk/ndbg/": self.column}

    def make_reports(self) -> Sequence[SampleReport]:
        def path(number: int) -> str:
            return f"/zfxxgk/ndbg/content_{number}.html"

        # The county's wording, under this site's address and without an index number; 2022 stands here alone.
        reports = [
            annual(MARKET, year, path(number), publisher=MARKET.name, flags=() if year == 2022 else ("copy",))
            for year, number in ((2019, 10431), (2021, 12877), (2022, 14002), (2023, 15260))
        ]
        return [*reports, decoy("guide", MARKET, 2023, path(15300), published_on=published_on(MARKET, 2023))]

    NAV = (("首页", "/"), ("政府信息公开年度报告", "/zfxxgk/ndbg/"))

    def front(self, request: Request) -> Response:
        chrome = self.chrome()
        return self.page(chrome.head(self.name) + f"<body>{chrome.top(self.NAV)}{chrome.foot()}</body></html>")

    def column(self, request: Request) -> Response:
        chrome = self.chrome()
        rows = "".join(
            f"<li><em>{report.published_on:%Y/%m/%d}</em>{chrome.tag('a', escape(report.title), href=report.path, class_='bt')}</li>"
            for report in self.listed()
        )
        return self.page(
            chrome.head("政府信息公开年度报告", ("ColumnName", "政府信息公开年度报告"), ("ColumnType", "信息公开年报"))
            + f"<body>{chrome.top(self.NAV)}<ul class='ndbg'>{rows}</ul>{chrome.foot()}</body></html>"
        )

    def article(self, report: SampleReport, chrome: Chrome) -> str:
        day, document = f"{report.published_on:%Y-%m-%d}", report.document_number or ""
        report.labels = {"发布日期": day, "来源": report.publisher or "", "文号": document}
        files = "".join(f'<p>附件：<a href="{file.path}">{escape(file.name)}</a></p>' for file in report.files)
        return (
            chrome.head(report.title)
            + f"<body>{chrome.top(self.NAV)}<article><h1>{escape(report.title)}</h1><p class='info'>发布日期：{day}　来源：{report.publisher or ''}　文号：{document}</p>"
            + f"<div class='content_body'>{WORD.html(report.blocks)}</div>{files}</article>{chrome.foot()}</body></html>"
        )
