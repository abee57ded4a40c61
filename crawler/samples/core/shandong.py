"""临原区 (invented): a district on the "gongkai" platform. A site for every unit, labels in pairs, chunked answers.

Here are the numbers that identify nothing (``…/2022-None`` on two works), one strong number reused for another work, a
report that is a PDF and nothing else, and two offices whose reports differ in a single digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from crawler.samples import prose
from crawler.samples.blocks import CLEAN, WORD, Block, Heading, Paragraph
from crawler.samples.draw import Draw
from crawler.samples.identifiers import credit_code, organisation_code
from crawler.samples.making import annual, decoy, strong_number
from crawler.samples.portal import Chrome, SamplePortal
from crawler.samples.prose import Agency
from crawler.samples.report import SampleFile, SampleReport
from crawler.samples.server import Request, Response

DIVISION = "370305"
ABOVE = "区委、区政府"
PLACE = "临原区"

GOVERNMENT = Agency(
    "linyuan-gov", "临原区人民政府", "全区各级行政机关", "市委、市政府", PLACE,
    ("财政预决算", "重大行政决策", "民生实事办理"), 4, organisation_code("00421903"),
)  # fmt: skip
COMMERCE = Agency(
    "linyuan-swj", "临原区商务局", "我局", ABOVE, PLACE,
    ("外贸企业帮扶", "再生资源回收备案", "市场运行监测"), 1, organisation_code("00421788"),
)  # fmt: skip
STATISTICS = Agency(
    "linyuan-tjj", "临原区统计局", "我局", ABOVE, PLACE,
    ("统计公报", "经济普查", "数据发布日程"), 1, organisation_code("00421795"),
)  # fmt: skip
HOUSING = Agency(
    "linyuan-zjj", "临原区住房和城乡建设局", "我局", ABOVE, PLACE,
    ("商品房预售", "老旧小区改造", "建筑市场监管"), 3, organisation_code("MB284511"),
)  # fmt: skip
PINGAN = Agency(
    "linyuan-pingan", "临原区平安街道办事处", "街道", ABOVE, PLACE,
    ("社区服务", "拆迁安置", "低保审核"), 0, organisation_code("00421866"),
)  # fmt: skip
LIUQUAN = Agency(
    "linyuan-liuquan", "临原区柳泉街道办事处", "街道", ABOVE, PLACE,
    ("社区服务", "拆迁安置", "低保审核"), 0, organisation_code("00421874"),
)  # fmt: skip

SITES = {
    GOVERNMENT.key: ("site_lyqrmzf", "区政府"),
    COMMERCE.key: ("site_lyqswj", "区商务局"),
    STATISTICS.key: ("site_lyqtjj", "区统计局"),
    HOUSING.key: ("site_lyqzjj", "区住建局"),
    PINGAN.key: ("site_lyqpajd", "平安街道"),
    LIUQUAN.key: ("site_lyqlqjd", "柳泉街道"),
}
ROOT = "/gongkai/channel_60a4c1d27be9f3508d17e642/"
PAGE_SIZE = 4


def alike(agency: Agency, year: int) -> tuple[Block, ...]:
    """What two neighbouring offices both filed: word for word the same but for one digit."""
    items = {PINGAN.key: 126, LIUQUAN.key: 128}[agency.key]
    return (
        Paragraph(
            f"按照《中华人民共和国政府信息公开条例》要求，编制本报告。统计期限为{{{year}}}年{{1}}月{{1}}日至{{12}}月{{31}}日。"
        ),
        Heading("一、主动公开政府信息的情况"),
        Paragraph(f"全年通过公示栏、微信群和门户网站主动公开政府信息{{{items}}}条，村（居）务公开栏按季更新。"),
        Heading("二、依申请公开政府信息的情况"),
        Paragraph("全年未收到政府信息公开申请，没有收取费用，没有因此引起的行政复议和行政诉讼。"),
        Heading("三、存在的问题和改进措施"),
        Paragraph("公开内容与居民关心的事项结合得还不够紧密，下一年度将按月征集居民意见，逐项回应。"),
    )


def channel(agency: Agency) -> str:
    """The path of a unit's annual-report channel."""
    draw = Draw(agency.key, "channel")
    return f"/gongkai/{SITES[agency.key][0]}/channel_c_{draw.hex('parent', 24)}_{draw.hex('self', 24)}/"


class Linyuan(SamplePortal):
    key, name = "linyuan", "临原区人民政府"
    province, division = "37", DIVISION
    platform = "gongkai"
    column_paths = (ROOT,)
    robots = "User-agent: *\nAllow: /\n"
    chunked = True

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {"/": self.front, "/gongkai/": self.hub, ROOT: self.root}
        for agency in (GOVERNMENT, COMMERCE, STATISTICS, HOUSING, PINGAN, LIUQUAN):
            for page in range(1, 4):
                path = channel(agency) + ("" if page == 1 else f"index_{page}.html")
                self.routes[path] = lambda request, a=agency, p=page: self.unit(a, p)  # type: ignore[misc]

    def make_reports(self) -> Sequence[SampleReport]:
        reports: list[SampleReport] = []

        def place(report: SampleReport) -> SampleReport:
            # A MongoDB ObjectId begins with the second it was made in; this platform makes it at publication.
            noon = int((report.published_on - date(1970, 1, 1)).total_seconds()) + 4 * 3600
            tail = Draw(report.name, report.agency.key).hex("doc", 16)
            report.path = f"{channel(report.agency)}doc_{noon:08x}{tail}.html"
            report.publisher = report.publisher or report.agency.name
            report.columns = (report.agency.key,)
            report.issued = True
            reports.append(report)
            return report

        def add(agency: Agency, year: int, sequence: int | None = None, **more: object) -> SampleReport:
            if sequence is not None:
                more |= {
                    "index_number": strong_number(agency, DIVISION, year + 1, sequence, 7),
                    "index_number_kind": "uscc",
                }
            return place(annual(agency, year, "", **more))  # type: ignore[arg-type]

        for year, sequence in (
            (2015, 1002417),
            (2018, 2391408),
            (2019, 4031120),
            (2021, 5140862),
            (2022, 5300461),
            (2023, 5410093),
        ):
            add(GOVERNMENT, year, sequence)
        add(COMMERCE, 2016, 1188094, numerals=True, body=prose.twelve_heads)
        add(COMMERCE, 2017, 1386241, numerals=True, body=prose.twelve_heads)
        add(COMMERCE, 2019, 3915561)
        # A clerk gave the report of 2021 the number of the report of 2019.
        reused = next(report for report in reports if report.name == f"{COMMERCE.key}-2019")
        add(
            COMMERCE, 2021, index_number=reused.index_number, index_number_kind="uscc",
            flags=("index_number_collision",),
        )  # fmt: skip
        for year, sequence in ((2018, 2375531), (2020, 4700218), (2022, 5301177)):
            add(STATISTICS, year, sequence, blank="/" if year == 2022 else None)
        add(HOUSING, 2020, 4700733)
        pdf = add(HOUSING, 2017, 1375902, body=prose.six_heads)
        file = SampleFile(f"{HOUSING.name}2017年政府信息公开工作年度报告.pdf", pdf.path.replace(".html", "/1.pdf"))
        pdf.files, pdf.body_in = [file], file
        for agency in (PINGAN, LIUQUAN):
            number = f"{credit_code(DIVISION, agency.organisation or '')}/2018-None"
            same_day = date(2018, 1, 29)
            add(
                agency,
                2017,
                body=alike,
                signed=False,
                published_on=same_day,
                index_number=number,
                index_number_kind="uscc",
            )
        number = f"{credit_code(DIVISION, PINGAN.organisation or '')}/2022-None"
        add(PINGAN, 2021, index_number=number, index_number_kind="uscc")
        place(
            decoy(
                "guide", PINGAN, 2022, "", publisher=PINGAN.name, index_number=number, index_number_kind="uscc",
                published_on=date(2022, 3, 2),
            )
        )  # fmt: skip
        place(decoy("website_report", GOVERNMENT, 2022, ""))
        place(decoy("interpretation", GOVERNMENT, 2021, ""))
        place(decoy("rule_of_law", STATISTICS, 2020, ""))
        return reports

    # ---- pages

    NAV = (("首页", "/"), ("政务公开", "/gongkai/"), ("政务服务", "/fuwu/"))

    def front(self, request: Request) -> Response:
        chrome = self.chrome()
        return self.page(
            chrome.head(self.name)
            + f'<body>{chrome.top(self.NAV)}<div class="zwgk"><a href="/gongkai/">政府信息公开</a></div>{chrome.foot()}</body></html>'
        )

    def hub(self, request: Request) -> Response:
        chrome = self.chrome()
        rows = (
            ("政府信息公开指南", "/gongkai/channel_60a4c1d27be9f3508d17e640/"),
            ("政府信息公开制度", "/gongkai/channel_60a4c1d27be9f3508d17e641/"),
            ("政府信息公开年度报告", ROOT),
        )
        items = "".join(f"<dd>{chrome.tag('a', label, href=href, title=label)}</dd>" for label, href in rows)
        return self.page(
            chrome.head("政府信息公开", ("ColumnName", "政府信息公开"))
            + f"<body>{chrome.top(self.NAV)}<dl>{items}</dl>{chrome.foot()}</body></html>"
        )

    def root(self, request: Request) -> Response:
        chrome = self.chrome()
        units = "".join(
            f"<li>{chrome.tag('a', SITES[agency.key][1], href=channel(agency), title=agency.name)}</li>"
            for agency in (GOVERNMENT, COMMERCE, STATISTICS, HOUSING, PINGAN, LIUQUAN)
        )
        return self.page(
            chrome.head("政府信息公开年度报告", ("ColumnName", "政府信息公开年度报告"), ("ColumnType", "信息公开年报"))
            + f'<body>{chrome.top(self.NAV)}<div class="gk-left"><h2>政府信息公开年度报告</h2><ul class="unit-list">{units}</ul>'
            + f"</div>{chrome.foot()}</body></html>"
        )

    def unit(self, agency: Agency, page: int) -> Response:
        listed = self.listed(agency.key)
        pages = max(1, -(-len(listed) // PAGE_SIZE))
        if page > pages:
            return self.not_found()
        chrome = self.chrome()
        rows = "".join(
            f'<li><span class="date">{report.published_on:%Y-%m-%d}</span>'
            + chrome.tag(
                "a", escape(report.title), href=report.path.rpartition("/")[2], target="_blank", title=report.title
            )
            + "</li>"
            for report in listed[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        )
        names = ["./", *(f"index_{number}.html" for number in range(2, pages + 1))]
        numbers = "".join(
            f'<span class="now">{number}</span>' if number == page else f'<a href="{names[number - 1]}">{number}</a>'
            for number in range(1, pages + 1)
        )
        following = f'<a class="next" href="{names[page]}">下一页</a>' if page < pages else "<span>下一页</span>"
        pager = f'<div class="pager">共{len(listed)}条 {numbers}{following}</div>' if pages > 1 else ""
        return self.page(
            chrome.head(f"{agency.name}年报", ("ColumnName", "政府信息公开年报"), ("ColumnType", "信息公开年报"))
            + f'<body>{chrome.top(self.NAV)}<h2>{agency.name}</h2><ul class="list">{rows}</ul>{pager}{chrome.foot()}</body></html>'
        )

    def article(self, report: SampleReport, chrome: Chrome) -> str:
        day = f"{report.published_on:%Y-%m-%d}"
        number, document = report.index_number or "", report.document_number or "无文号"
        report.labels = {
            "标题": report.title,
            "索引号": number,
            "文号": document,
            "发文日期": day,
            "发布机构": report.publisher or "",
            "发布日期": day,
        }
        title, publisher = escape(report.title), report.publisher or ""
        files = "".join(f'<li><a href="{escape(file.path)}">{escape(file.name)}</a></li>' for file in report.files)
        annex = f'<div class="fujian">附件：<ul>{files}</ul></div>' if files else ""
        hand = WORD if report.year < 2020 else CLEAN
        body = "<p>年度报告全文见附件。</p>" if report.body_in else hand.html(report.blocks)
        wrapper = chrome.tag("div", body, class_="article-content", id="article", data_from="gongkai")
        return (
            chrome.head(
                report.title,
                ("ArticleTitle", report.title),
                ("PubDate", f"{day} 16:00:00"),
                ("ContentSource", publisher),
            )
            + f"<body>{chrome.top(self.NAV)}<h1>{publisher}</h1>\n"
            + f'<div class="xxgk-head"><p><b>标题:</b> {title}</p><p><b>索引号:</b> {number} <b>文号:</b> {document}</p>'
            + f"<p><b>发文日期:</b> {day} <b>发布机构:</b> {publisher}</p></div>\n"
            + f'<h1 class="biaoti">{title}</h1>\n<div class="fb">发布日期:{day}<ul><li>字号: <a>大</a><a>小</a></li><li>|</li>'
            + f'<li><a href="javascript:window.print()">打印</a></li><li>阅读 {chrome.visit} 次</li></ul></div>\n'
            + f"{wrapper}{annex}\n{chrome.foot()}</body></html>"
        )
