"""北岭地区 (invented): a prefecture on UCAP-like static pages with 下一页 and no robots.txt.

Labels in pairs of which most are empty, a placeholder number, a picture named by 32 hexadecimal digits in the text.
"""

# ruff: noqa: E501 - a Chinese character counts as two columns

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from crawler.samples.blocks import CLEAN, WORD, Block, Picture
from crawler.samples.draw import Draw
from crawler.samples.identifiers import organisation_code
from crawler.samples.making import annual, decoy, strong_number
from crawler.samples.portal import Chrome, SamplePortal
from crawler.samples.prose import Agency, six_heads
from crawler.samples.report import SampleFile, SampleReport
from crawler.samples.server import Request, Response

DIVISION = "232700"
ABOVE = "地委、行署"
PLACE = "北岭地区"

OFFICE = Agency(
    "beiling-xs", "北岭地区行政公署", "全区各级行政机关", "省委、省政府", PLACE,
    ("林区振兴", "寒地特色产业", "民生保障"), 3, organisation_code("00182110"),
)  # fmt: skip
QUALITY = Agency(
    "beiling-zjj", "北岭地区行署质量技术监督局", "我局", ABOVE, PLACE, ("计量检定", "特种设备", "标准化"), 1
)
FORESTRY = Agency(
    "beiling-lcj", "北岭地区行署林业和草原局", "我局", ABOVE, PLACE,
    ("森林防灭火", "林地审批", "野生动植物保护"), 2, organisation_code("00182153"),
)  # fmt: skip
HEALTH = Agency(
    "beiling-wjw", "北岭地区行署卫生健康委员会", "我委", ABOVE, PLACE,
    ("医疗服务", "疾病防控", "医保衔接"), 2, organisation_code("MB0Y7716"),
)  # fmt: skip

COLUMN = "/beiling/gknb/"
PAGE_SIZE = 6
CHART = "7c1f0b6e2ad94f35b8e0d6a1c2f3e4b5.png"


def with_chart(agency: Agency, year: int) -> tuple[Block, ...]:
    """Six heads, and a chart of the channels after the first figures."""
    blocks = list(six_heads(agency, year))
    blocks.insert(6, Picture(f"{COLUMN}images/{CHART}", CHART))
    return tuple(blocks)


class Beiling(SamplePortal):
    key, name = "beiling", "北岭地区行政公署"
    province, division = "23", DIVISION
    platform = "plain"
    column_paths = (f"{COLUMN}list.shtml",)
    robots = None

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {"/": self.front, "/beiling/xxgk/xxgk.shtml": self.hub}
        self.routes[f"{COLUMN}images/{CHART}"] = lambda request: Response(PIXEL, 200, "image/png")
        for page in range(1, 6):
            name = "list.shtml" if page == 1 else f"list_{page}.shtml"
            self.routes[COLUMN + name] = lambda request, p=page: self.column(p)  # type: ignore[misc]

    def make_reports(self) -> Sequence[SampleReport]:
        reports: list[SampleReport] = []

        def place(report: SampleReport) -> SampleReport:
            number = 30000000 + Draw(report.name).number("id", 0, 1999999)
            report.path = f"{COLUMN}{report.published_on:%Y%m}/c00_{number}.shtml"
            report.publisher = report.publisher or "地区行署办公室"
            reports.append(report)
            return report

        for year in (2017, 2018):
            place(
                annual(
                    QUALITY, year, "", title="{year}年{agency}政府信息公开工作年度报告", body=with_chart,
                    index_number=f"000000000-{year + 1}-0{3000 + year}", index_number_kind="placeholder",
                )
            )  # fmt: skip
        for year in (2011, 2014, 2016, 2019, 2020, 2021, 2022, 2023):
            place(annual(OFFICE, year, "", dash="" if year > 2015 else "无"))
        for year, sequence in ((2019, 311), (2021, 902), (2022, 1177)):
            place(
                annual(
                    FORESTRY, year, "", publisher=FORESTRY.name, index_number_kind="uscc",
                    index_number=strong_number(FORESTRY, DIVISION, year + 1, sequence),
                )
            )  # fmt: skip
        for year in (2020, 2021, 2023):
            place(
                annual(
                    HEALTH, year, "", publisher=HEALTH.name, blank="/" if year == 2020 else None, signed=year != 2020
                )
            )
        forestry = next(report for report in reports if report.name == f"{FORESTRY.key}-2021")
        folder = forestry.path.rpartition("/")[0]
        name = f"{FORESTRY.name}2021年政府信息公开工作年度报告.pdf"
        forestry.files.append(SampleFile(name, f"{folder}/files/1f0e3dad99908345f7439f8ffabdffc4.pdf"))
        place(decoy("self_inspection", HEALTH, 2021, ""))
        place(decoy("rule_of_law", FORESTRY, 2022, ""))
        place(decoy("guide", OFFICE, 2020, ""))
        return reports

    # ---- pages

    NAV = (("首页", "/"), ("政府信息公开", "/beiling/xxgk/xxgk.shtml"), ("互动", "/beiling/hd/list.shtml"))

    def front(self, request: Request) -> Response:
        chrome = self.chrome()
        return self.page(chrome.head(self.name) + f"<body>{chrome.top(self.NAV)}{chrome.foot()}</body></html>")

    def hub(self, request: Request) -> Response:
        chrome = self.chrome()
        return self.page(
            chrome.head("政府信息公开")
            + f"<body>{chrome.top(self.NAV)}<div class='xxgk'><a href='/beiling/gkzn/list.shtml'>公开指南</a>"
            + f"<a href='{COLUMN}list.shtml'>公开年报</a></div>{chrome.foot()}</body></html>"
        )

    def column(self, page: int) -> Response:
        listed = self.listed()
        pages = -(-len(listed) // PAGE_SIZE)
        if page > pages:
            return self.not_found()
        chrome = self.chrome()
        rows = "".join(
            f"<tr><td>{chrome.tag('a', escape(report.title), href=report.path, target='_blank')}</td>"
            f"<td>{report.published_on:%Y-%m-%d}</td></tr>"
            for report in listed[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        )
        names = ["list.shtml", *(f"list_{number}.shtml" for number in range(2, pages + 1))]
        before = f"<a href='{names[page - 2]}'>上一页</a>" if page > 1 else ""
        after = f"<a href='{names[page]}'>下一页</a>" if page < pages else ""
        return self.page(
            chrome.head("公开年报", ("ColumnName", "公开年报"), ("ColumnType", "信息公开年报"))
            + f"<body>{chrome.top(self.NAV)}<table class='lb'>{rows}</table>"
            + f"<div class='fy'>第{page}页/共{pages}页 <a href='list.shtml'>首页</a> {before} {after} <a href='{names[-1]}'>尾页</a></div>"
            + f"{chrome.foot()}</body></html>"
        )

    def article(self, report: SampleReport, chrome: Chrome) -> str:
        day = f"{report.published_on:%Y-%m-%d}"
        moment = f"{day} 09:35:02"
        number, document = report.index_number or report.dash, report.document_number or ""
        report.labels = {
            "索引号": number,
            "发布机构": report.publisher or "",
            "发布日期": day,
            "废止日期": "",
            "文号": document,
            "主题分类": "地直部门",
            "关键词": "公开,信息公开",
            "内容概述": "",
            "时效": "",
            "发布时间": moment,
        }
        title = escape(report.title)
        pairs = (
            ("索引号", number, "发布机构", report.publisher or ""),
            ("发布日期", day, "废止日期", ""),
            ("文&nbsp;号", document, "主题分类", "地直部门"),
        )
        rows = "".join(f"<p><span>{a}: {b}</span> <span>{c}: {d}</span></p>" for a, b, c, d in pairs)
        rows += "<p><span>关键词: 公开,信息公开</span></p><p><span>内容概述: </span></p><p><span>时效: </span></p>"
        hand = WORD if report.year < 2020 else CLEAN
        files = "".join(f'<a href="{file.path}">{escape(file.name)}</a><br>' for file in report.files)
        inner = f"<p style='text-align:center'><b>{title}</b></p>{hand.html(report.blocks)}"
        content = chrome.tag("ucapcontent", inner, id="UCAP-CONTENT", class_="zoom")
        return (
            chrome.head(
                report.title,
                ("ArticleTitle", report.title),
                ("PubDate", moment[:16]),
                ("ContentSource", report.publisher or ""),
            )
            + f"<body>{chrome.top(self.NAV)}<div class='xl'>{rows}</div><h1><UCAPTITLE>{title}</UCAPTITLE></h1>\n"
            + f"<div class='ly'>发布时间:<PUBLISHTIME>{moment}</PUBLISHTIME> 【字体:<a>大</a> <a>中</a> <a>小</a>】 <b>{chrome.visit}</b></div>\n"
            + f"<div id='zoomcon'>{content}</div>\n<div class='fj'>附件:{files}</div>\n<div>扫一扫在手机打开当前页</div>"
            + f"<div><a href='/map.shtml'>网站地图</a></div>{chrome.foot()}</body></html>"
        )


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b8"
    "0000000049454e44ae426082"
)
