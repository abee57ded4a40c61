"""Hanweb's two newer faces: jpaas, whose lists come as HTML inside JSON, and the 信息公开 module with its JSP tables."""

# ruff: noqa: E501 - a Chinese character counts as two columns

from __future__ import annotations

import json
from html import escape
from typing import ClassVar

from crawler.samples.identifiers import credit_code
from crawler.samples.report import SampleReport
from crawler.samples.server import Request, Response

from .base import FamilyPortal

UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"


class Jpaas(FamilyPortal):
    key, name, place = "jpaas", "云泽县人民政府", "云泽县"
    province, division = "32", "320831"
    platform = "hanweb-jpaas"
    hub_path = "/col/col15000/index.html"
    column_paths = ("/col/col15016/index.html",)
    body = ('<div class="bt-content zoom clearfix" id="zoom">', "</div>")
    query: ClassVar[dict[str, str]] = {
        "parseType": "bulidstatic",  # the vendor's spelling
        "webId": "1807",
        "tplSetId": "hT7cWq2LmZr9XvKd0PaBs",
        "pageType": "column",
        "tagId": "信息公开_分页列表",
        "editType": "null",
        "pageId": "15016",
    }

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {self.column_paths[0]: self.column, UNIT: self.unit}

    def path_of(self, report: SampleReport, number: int) -> str:
        return f"/col/col15016/art/{report.published_on.year}/art_{number:032x}.html"

    def column(self, request: Request) -> Response:
        data = json.dumps(self.query, ensure_ascii=False, separators=(",", ":")).replace('"', "'")
        return self.list_page(
            f'<div id="{self.query["tagId"]}" class="list"></div>\n<script src="/script/publish/unitbuild.js" url="{UNIT}" '
            f'queryData="{data}"></script>'
        )

    def unit(self, request: Request) -> Response:
        fields = request.fields
        if any(fields.get(name, "") != value for name, value in self.query.items()):
            return self.json(json.dumps({"success": False, "code": "500", "message": "参数错误", "data": None}))
        asked = json.loads(fields.get("paramJson") or "{}")
        page, size = int(asked.get("pageNo", 1)), int(asked.get("pageSize", self.per_page))
        rows = "".join(
            f'<li><a href="{report.path}" title="{escape(report.title)}" target="_blank">{escape(report.title)}</a>'
            f"<span>{report.published_on:%Y-%m-%d}</span></li>"
            for report in self.window(page, size=size)
        )
        total = len(self.listed())
        html = (
            f'<div class="page-content"><ul>{rows}</ul></div><div class="pagination" id="{self.query["tagId"]}_pagination" '
            f"rows=\"{size}\" count=\"{total}\" pageNo=\"{page}\" queryData=\"{{'rows':'{size}','count':'{total}','pageNo':'{page}'}}\"></div>"
        )
        return self.json(json.dumps({"success": True, "code": "200", "data": {"html": html}}, ensure_ascii=False))


class Xxgk(FamilyPortal):
    key, name, place = "xxgk", "怀江县人民政府", "怀江县"
    province, division = "36", "361129"
    platform = "hanweb-xxgk"
    hub_path = "/col/col9000/index.html"
    body = ('<div id="zoom">', "</div>")

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {
            "/col/col9016/index.html": self.column,
            "/module/xxgk/search.jsp": self.search,
        }
        self.column_paths = ("/col/col9016/index.html", self.year_path(2022))

    def year_path(self, year: int) -> str:
        area = credit_code(self.division, self.bureau.organisation or "")
        return f"/module/xxgk/xxgkAnnualReport.jsp?fbtime={year}&area={area}"

    def path_of(self, report: SampleReport, number: int) -> str:
        if report.agency.key == self.bureau.key:
            return self.year_path(report.year)
        day = report.published_on
        return f"/art/{day.year}/{day.month}/{day.day}/art_9016_{number}.html"

    def column(self, request: Request) -> Response:
        area = credit_code(self.division, self.government.organisation or "")
        return self.list_page(
            f'<iframe src="/module/xxgk/tree.jsp?standardXxgk=1&amp;area={area}&amp;divid=div9016"></iframe>'
            '<div id="div9016"></div><script>'
            f"loadDynamic('/module/xxgk/search.jsp?standardXxgk=1&infotypeId=A0117&jdid=12&area={area}&divid=div9016"
            "&vc_title=&vc_number=&currpage=1&vc_filenumber=&vc_all=&texttype=&fbtime=&sortfield=,compaltedate:0', "
            "'div9016', '0','0','950','1','','');</script>"
        )

    def search(self, request: Request) -> Response:
        fields = request.fields
        agency = next(
            (
                a
                for a in (self.government, self.bureau)
                if credit_code(self.division, a.organisation or "") == fields.get("area")
            ),
            None,
        )
        column = agency.key if agency else "nobody"
        page = int(fields.get("currpage") or 1)
        rows = []
        for place, report in enumerate(self.window(page, column)):
            day = f"{report.published_on:%Y-%m-%d}"
            anchor = (
                f'<a href="{self.base}{report.path}" target="_blank" title="{escape(report.title)}" mc="{escape(report.title)}" '
                f'rq="{day}" wh="{report.document_number or ""}" syh="{report.index_number or ""}">{escape(report.title)}</a>'
            )
            shade = "even" if place % 2 else "odd"
            rows.append(
                f'<tr class="tr_main_value_{shade}"><td>{(page - 1) * self.per_page + place + 1}</td><td>{anchor}</td>'
                f'<td width="120">{day}</td></tr>'
            )
        pages = self.pages(column)
        following = f'<a href="javascript:toPage({page + 1})">下一页</a>' if page < pages else ""
        return self.page(
            f'<table class="tr_main">{"".join(rows)}</table><div class="zfxxgk_page">共{len(self.listed(column))}条记录 '
            f"第{page}/{pages}页 {following}</div>"
        )

    def above(self, report: SampleReport) -> str:
        # The bureau's page of a year is the report of that year, under a menu of the others.
        if report.agency.key != self.bureau.key:
            return ""
        years = sorted({other.year for other in self.listed(self.bureau.key)}, reverse=True)
        return (
            '<ul class="nd">'
            + "".join(f'<li><a href="{escape(self.year_path(y))}">{y}年</a></li>' for y in years)
            + "</ul>"
        )
