"""A portal in JavaScript only: every page is the same empty frame, which a script fills from JSON.

The script also does what scripts of real portals do beside it: it counts visitors where robots.txt says no, reports to
another host, opens a socket and a window, and asks for styles and pictures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from crawler.samples.portal import Chrome
from crawler.samples.report import SampleReport
from crawler.samples.server import Request, Response

from .base import FamilyPortal

SCRIPT = """
(function () {
  var app = document.getElementById('app'), page = new URLSearchParams(location.search).get('page') || 1;
  function tag(name, text, attributes) {
    var made = document.createElement(name);
    for (var key in attributes || {}) made.setAttribute(key, attributes[key]);
    if (text != null) made.textContent = text;
    return made;
  }
  function links(list) {
    var ul = tag('ul', null, {'class': 'list'});
    list.forEach(function (item) {
      var li = tag('li');
      li.appendChild(tag('a', item.title, {href: item.url}));
      if (item.date) li.appendChild(tag('span', item.date));
      ul.appendChild(li);
    });
    return ul;
  }
  function article(data) {
    var table = tag('table', null, {'class': 'xxgk_table'});
    data.labels.forEach(function (pair) {
      var row = tag('tr');
      row.appendChild(tag('td', pair[0] + '：'));
      row.appendChild(tag('td', pair[1]));
      table.appendChild(row);
    });
    app.appendChild(table);
    app.appendChild(tag('h1', data.title));
    var body = tag('div', null, {'class': 'article-content'});
    body.innerHTML = data.content;
    app.appendChild(body);
  }
  function pager(data) {
    var box = tag('div', '共' + data.total + '条记录　第' + page + '/' + data.pages + '页　', {'class': 'pager'});
    if (page < data.pages) box.appendChild(tag('a', '下一页', {href: '?page=' + (Number(page) + 1)}));
    app.appendChild(box);
  }
  fetch(app.dataset.api + (app.dataset.pages ? '?page=' + page : ''))
    .then(function (answer) { return answer.json(); })
    .then(function (data) {
      document.title = data.title || document.title;
      if (data.nav) app.appendChild(links(data.nav));
      if (data.heading) app.appendChild(tag('h2', data.heading));
      if (data.items) app.appendChild(links(data.items));
      if (data.pages) pager(data);
      if (data.content) setTimeout(function () { article(data); }, 150);
      app.appendChild(tag('img', null, {src: '/images/badge.png'}));
    });
  fetch('/api/visits', {method: 'POST', body: location.pathname}).catch(function () {});
  if (app.dataset.neighbour) {
    fetch(app.dataset.neighbour + '/collect').catch(function () {});
    navigator.sendBeacon(app.dataset.neighbour + '/beacon', 'x');
    new Image().src = app.dataset.neighbour + '/pixel.gif';
    try { new WebSocket(app.dataset.neighbour.replace('http', 'ws') + '/socket'); } catch (fault) {}
    window.open(app.dataset.neighbour + '/window');
  }
})();
"""


class Javascript(FamilyPortal):
    key, name, place = "javascript", "雾岭县人民政府", "雾岭县"
    province, division = "36", "360825"
    platform = "plain"
    years, bureau_years = (2018, 2021, 2022), (2021, 2022)
    column_paths = ("/zwgk/nb/",)
    robots = "User-agent: *\nDisallow: /api/visits\n"  # type: ignore[assignment]
    neighbour = ""  # a host that is not ours, for the script to try

    def __init__(self) -> None:
        super().__init__()
        self.routes |= {
            "/static/app.js": lambda request: Response(SCRIPT.encode(), 200, "application/javascript; charset=utf-8"),
            self.column_paths[0]: lambda request: self.frame("/api/list.json", paged=True),
            "/api/front.json": lambda request: self.data({"title": self.name, "nav": self.links(self.nav)}),
            "/api/hub.json": self.hub_data,
            "/api/list.json": self.list_data,
            "/api/visits": lambda request: self.not_found(),
        }
        for report in self.reports:
            self.routes[f"{report.path}.json"] = lambda request, report=report: self.data(self.article_data(report))  # type: ignore[misc]

    def settle(self, bases: Mapping[str, str]) -> None:
        self.neighbour = next((base for key, base in bases.items() if key != self.key), "")

    def path_of(self, report: SampleReport, number: int) -> str:
        return f"/zwgk/nb/{number}"

    # ---- frames

    def frame(self, api: str, *, paged: bool = False) -> Response:
        """What the server sends under every address."""
        return self.page(self.frame_html(self.chrome(), api, paged=paged))

    def frame_html(self, chrome: Chrome, api: str, *, paged: bool = False) -> str:
        data = f'data-api="{api}"' + (' data-pages="1"' if paged else "")
        return (
            chrome.head("加载中") + f'<body><div id="app" {data} data-neighbour="{escape(self.neighbour)}"></div>'
            f'<noscript>请启用JavaScript</noscript><script src="/static/app.js"></script></body></html>'
        )

    def front(self, request: Request) -> Response:
        return self.frame("/api/front.json")

    def hub(self, request: Request) -> Response:
        return self.frame("/api/hub.json")

    def article(self, report: SampleReport, chrome: Chrome) -> str:
        self.article_data(report)
        return self.frame_html(chrome, f"{report.path}.json")

    # ---- data

    def data(self, data: dict[str, Any]) -> Response:
        return self.json(json.dumps(data, ensure_ascii=False))

    def links(self, pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
        return [{"title": title, "url": url} for title, url in pairs]

    def hub_data(self, request: Request) -> Response:
        links = (("政府信息公开指南", "/zwgk/zn"), (self.column_name, self.column_paths[0]))
        return self.data({"title": "政府信息公开", "nav": self.links(self.nav), "items": self.links(links)})

    def list_data(self, request: Request) -> Response:
        page = int(request.fields.get("page") or 1)
        items = [
            {"title": report.title, "url": report.path, "date": f"{report.published_on:%Y-%m-%d}"}
            for report in self.window(page)
        ]
        figures = {"total": len(self.listed()), "pages": self.pages()}
        return self.data({"title": self.column_name, "heading": self.column_name, "items": items, **figures})

    def article_data(self, report: SampleReport) -> dict[str, Any]:
        report.labels = {
            "索引号": report.index_number or "",
            "发布机构": report.publisher or "",
            self.date_label: f"{report.published_on:%Y-%m-%d}",
            "文号": report.document_number or "",
        }
        return {"title": report.title, "labels": list(report.labels.items()), "content": self.content_html(report)}
