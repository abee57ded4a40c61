"""Families whose lists are JSON: 广东's gkmlpt, UCAP's /common/search/, IGS."""

# ruff: noqa: E501 - a Chinese character counts as two columns

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

from crawler.samples.blocks import CLEAN
from crawler.samples.draw import Draw
from crawler.samples.portal import Chrome
from crawler.samples.report import SampleReport
from crawler.samples.server import Request, Response

from .base import FamilyPortal


class Gkmlpt(FamilyPortal):
    key, name, place = "gkmlpt", "封山县人民政府", "封山县"
    province, division = "44", "441225"
    platform = "gkmlpt"
    hub_path = "/gkmlpt/index"
    column_paths = ("/gkmlpt/index",)
    date_label = "发布日期"
    sid, category = "758107", 5213

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {self.hub_path: self.index, f"/gkmlpt/api/all/{self.category}": self.api}

    def path_of(self, report: SampleReport, number: int) -> str:
        return f"/gkmlpt/content/{number // 1000000}/{number // 1000}/post_{number}.html"

    def index(self, request: Request) -> Response:
        tree = [
            {"id": 5201, "name": "政府信息公开指南", "jump_url": "/gkmlpt/guide", "children": []},
            {"id": 5202, "name": "法定主动公开内容", "children": [{"id": 5203, "name": "机构职能", "children": []}]},
            {
                "id": 5210,
                "name": "政府信息公开年报",
                "children": [{"id": self.category, "name": "本级政府信息公开年报", "children": []}],
            },
        ]
        config = f"window._CONFIG = {{ SID: '{self.sid}', SITE_NAME: '{self.name}', TREE: {json.dumps(tree, ensure_ascii=False)}, SERVICE_AREA_ID: 12, LOGIN: '' }};"
        return self.list_page(
            '<div id="app" class="gkmlpt"></div>', f"<script>{config}</script><script src='/gkmlpt/js/app.js'></script>"
        )

    def api(self, request: Request) -> Response:
        fields = request.fields
        page = int(fields.get("page") or 1)
        found = self.window(page) if fields.get("sid") == self.sid else []
        if not found:
            return self.json_status(json.dumps({"message": "Not Found"}), 404)
        total = len(self.listed())
        articles = [self.record(report) for report in found]
        return self.json(
            json.dumps(
                {
                    "classify": {"id": self.category, "name": "本级政府信息公开年报", "post_count": total},
                    "articles": articles,
                    "total": total,
                },
                ensure_ascii=False,
            )
        )

    def json_status(self, text: str, status: int) -> Response:
        response = self.json(text)
        response.status = status
        return response

    def record(self, report: SampleReport) -> dict[str, Any]:
        noon = datetime.combine(report.published_on, time(4), UTC)
        number = int(report.path.rpartition("_")[2].removesuffix(".html"))
        title = report.title
        if report.name.endswith("2018"):  # seen in public code: titles with %uXXXX escapes
            title = "".join(f"%u{ord(char):04X}" if char > "\x7f" else char for char in title)
        return {
            "id": number,
            "title": title,
            "url": self.base + report.path,
            "post_url": report.path,
            "document_number": report.document_number or "",
            "identifier": report.index_number or "",
            "publisher": report.publisher or "",
            "date": int(noon.timestamp()),
            "created_at": f"{report.published_on:%Y-%m-%d} 12:00:00",
            "display_publish_time": f"{report.published_on:%Y-%m-%d}",
            "classify_main": self.category,
            "classify_main_name": "本级政府信息公开年报",
            "is_expired": 0,
            "is_abolished": 0,
            "attachment": [],
        }

    def content_html(self, report: SampleReport) -> str:
        # One page is drawn in the browser: its text stands in the script only.
        return "" if report.name == f"{self.bureau.key}-2022" else super().content_html(report)

    def article(self, report: SampleReport, chrome: Chrome) -> str:
        page = super().article(report, chrome)
        content = CLEAN.html(report.blocks)
        detail = json.dumps({**self.record(report), "content": content}, ensure_ascii=False).replace("<", "\\u003C")
        script = f"<script>window._CONFIG = {{ SID: '{self.sid}' }}; window._CONFIG.DETAIL = {detail};</script>"
        return page.replace("</body>", f"{script}</body>")


class Ucap(FamilyPortal):
    key, name, place = "ucap", "安洮县人民政府", "安洮县"
    province, division = "64", "640324"
    platform = "ucap"
    column_paths = ("/atx/c112289/common_list.shtml",)
    channel = Draw("ucap").hex("channel", 32)
    body = ('<div class="article_content" id="zoomcon"><UCAPCONTENT>', "</UCAPCONTENT></div>")

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {self.column_paths[0]: self.column, f"/common/search/{self.channel}": self.search}

    def path_of(self, report: SampleReport, number: int) -> str:
        return f"/atx/c112289/{report.published_on:%Y%m}/c00_{number}.shtml"

    def column(self, request: Request) -> Response:
        return self.list_page(
            '<div id="channelList"></div><div id="page_div"></div>\n<script>\n'
            f'var channelId = "{self.channel}";\n'
            f'var searchUrl = "/common/search/{self.channel}?_isAgg=true&_isJson=true&_pageSize={self.per_page}&_template=index'
            '&_rangeTimeGte=&_channelName=&page=1";\nloadChannelList(searchUrl);\n</script>'
        )

    def search(self, request: Request) -> Response:
        fields = request.fields
        page, size = int(fields.get("page") or 1), int(fields.get("_pageSize") or 15)
        results = []
        for report in self.window(page, size=size):
            values = {
                "refno": report.document_number or "null",
                "indexnumber": report.index_number or "undefined",
                "pubdate": f"{report.published_on:%Y-%m-%d}",
                "writedate": "null",
                "source": report.publisher or "null",
            }
            results.append(
                {
                    "title": report.title,
                    "subTitle": "null",
                    "url": report.path,
                    "content": "",
                    "contentHtml": "",
                    "publishedTimeStr": f"{report.published_on:%Y-%m-%d} 10:00:00",
                    "domainMetaList": [
                        {
                            "domainName": "信息公开",
                            "resultList": [{"key": key, "value": value} for key, value in values.items()],
                        }
                    ],
                }
            )
        data = {"total": len(self.listed()), "page": page, "rows": len(results), "results": results}
        return self.json(json.dumps({"code": 200, "data": data}, ensure_ascii=False))


class Igs(FamilyPortal):
    key, name, place = "igs", "桂屏县人民政府", "桂屏县"
    province, division = "45", "450324"
    platform = "igs"
    column_paths = ("/zfxxgk/zfxxgknb/",)
    body = ('<div class="article-con"><div class="trs_editor_view TRS_UEDITOR trs_paper_default">', "</div></div>")
    api = "/igs/front/search/list.html"

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {self.column_paths[0]: self.column, self.api: self.search}

    def path_of(self, report: SampleReport, number: int) -> str:
        return f"/zfxxgk/zfxxgknb/t{number}.shtml"

    def column(self, request: Request) -> Response:
        return self.list_page(
            '<ul id="docs"></ul><div id="pager"></div>\n<script>\n'
            f'var listUrl = "{self.api}?index=gpx-index-alias&type=zfxxgknb&pageNumber=1&pageSize={self.per_page}'
            '&filter[AVAILABLE]=true&filter[CHANNELID]=60718&siteId=39&orderProperty=PUBDATE&orderDirection=desc";\n'
            "$.getJSON(listUrl, draw);\n</script>"
        )

    def search(self, request: Request) -> Response:
        fields = request.fields
        page, size = int(fields.get("pageNumber") or 1), int(fields.get("pageSize") or 10)
        available = fields.get("filter[CHANNELID]") == "60718"
        content = [
            {
                "_id": f"{report.path.rpartition('/t')[2].removesuffix('.shtml')}",
                "DOCTITLE": report.title,
                "PUBDATE": f"{datetime.combine(report.published_on, time(9), UTC) - timedelta(hours=8):%Y-%m-%dT%H:%M:%S}.000+0000",
                "DOCPUBURL": self.base + report.path,
                "CHNLDESC": self.column_name,
                "IdxID": report.index_number or "",
                "fileNum": report.document_number or "",
                "publisher": report.publisher or "",
                "DOCCONTENT": "",
            }
            for report in (self.window(page, size=size) if available else [])
        ]
        total = len(self.listed()) if available else 0
        body = {
            "page": {
                "content": content,
                "number": page - 1,
                "size": size,
                "total": total,
                "totalPages": -(-total // size),
            }
        }
        return self.json(json.dumps(body, ensure_ascii=False))
