"""A sample portal: its pages, its chrome that never stands still, and what a crawl of it must come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from html import escape
from itertools import count
from typing import Any
from urllib.parse import quote, urlsplit

from .report import SampleFile, SampleReport
from .server import Request, Response

Route = Callable[[Request], Response]
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a crawl of the portal must end: the status, and the family of ``crawler.errors`` behind it."""

    status: str = "ok"
    family: str | None = None  # Blocked, Unreadable, PortalChanged; None where no error is behind it
    also: tuple[str, ...] = ()  # statuses that are defensible too


class SamplePortal:
    """One government website. Subclasses lay out its home page, its columns and its articles."""

    key: str
    name: str
    province: str
    division: str
    platform: str
    column_paths: tuple[str, ...] = ()
    host_bases: tuple[str, ...] = ()  # further hosts of the registry entry
    home_path = "/"
    encoding = "utf-8"
    charset = "utf-8"  # what header and meta declare
    robots: str | None = "User-agent: *\nDisallow:\n"
    validators: str | None = None  # "etag", "modified"
    gzip = False
    chunked = False
    outcome = Outcome()
    registered = True  # False: served, but no registry names it
    lost: frozenset[str] = frozenset()  # names of reports that are listed and cannot be had
    possible: frozenset[str] = frozenset()  # names of reports that may be had, as luck will have it
    min_reports = 0

    def __init__(self) -> None:
        self.base = ""  # set when a server stands behind it
        self.reports: list[SampleReport] = list(self.make_reports())
        self.routes: dict[str, Route] = {}
        self._visits = count(20481)

    # ---- to be laid out

    def make_reports(self) -> Sequence[SampleReport]:
        """Every page of the portal that is listed in its annual-report columns."""
        return ()

    def article(self, report: SampleReport, chrome: Chrome) -> str:
        """The page of one report."""
        raise NotImplementedError

    def settle(self, bases: Mapping[str, str]) -> None:
        """Told once every portal has its address: ``bases`` by key."""

    # ---- addresses

    @property
    def home(self) -> str:
        return self.base + self.home_path

    @property
    def columns(self) -> list[str]:
        return [self.base + path for path in self.column_paths]

    @property
    def hosts(self) -> list[str]:
        return [urlsplit(base).netloc for base in self.host_bases]

    def listed(self, column: str | None = None) -> list[SampleReport]:
        """What a column lists now, newest first."""
        found = [r for r in self.reports if not r.withdrawn and (column is None or column in r.columns)]
        return sorted(found, key=lambda report: (report.published_on, report.name), reverse=True)

    def report(self, wanted: str) -> SampleReport:
        """A report by its name, its path or its URL."""
        for report in self.reports:
            if wanted in {report.name, report.path, self.base + report.path}:
                return report
        raise KeyError(f"{self.key} has no report {wanted!r}")

    # ---- answering

    def respond(self, request: Request) -> Response:
        """The answer to any request of this portal."""
        if request.path == "/robots.txt":
            return self.not_found() if self.robots is None else Response(self.robots.encode(), 200, "text/plain")
        asked = {request.path, request.target}
        for report in self.reports:
            if not report.withdrawn and not asked.isdisjoint(report.old_paths):
                if any(report.old_paths.get(path) for path in asked):
                    return Response(status=301, headers=[("Location", report.path)])
                return self.not_found()
            if not asked.isdisjoint((report.path, *report.copies)):
                return self.not_found() if report.withdrawn else self.report_page(report, request)
            for file in report.files:
                if file.path in asked and not report.withdrawn:
                    return self._file(report, file)
        route = self.routes.get(request.path)
        return route(request) if route else self.not_found()

    def page(self, html: str, status: int = 200) -> Response:
        """An HTML answer in the portal's encoding and manner."""
        body = html.encode(self.encoding)
        return Response(body, status, f"text/html; charset={self.charset}", gzip=self.gzip, chunked=self.chunked)

    def json(self, text: str) -> Response:
        return Response(text.encode(), 200, "application/json;charset=UTF-8", gzip=self.gzip, chunked=self.chunked)

    def not_found(self) -> Response:
        text = f"<html><head><title>404</title></head><body><h1>404 Not Found</h1><p>{self.name}</p></body></html>"
        return self.page(text, 404)

    def report_page(self, report: SampleReport, request: Request) -> Response:
        """A report as served: 304 where the portal knows validators and the client has the latest."""
        state = f"{report.path}/{report.revision}"
        etag = f'W/"{sha256(state.encode()).hexdigest()[:16]}"'
        modified = http_date(report.published_on + timedelta(days=report.revision))
        headers = {"etag": [("ETag", etag)], "modified": [("Last-Modified", modified)]}.get(self.validators or "", [])
        sent = {name.lower(): value for name, value in request.headers.items()}
        known = {"etag": sent.get("if-none-match") == etag, "modified": sent.get("if-modified-since") == modified}
        if known.get(self.validators or ""):
            return Response(status=304, headers=headers)
        response = self.page(self.article(report, self.chrome(report)))
        response.headers += headers
        return response

    def _file(self, report: SampleReport, file: SampleFile) -> Response:
        disposition = f"attachment; filename*=UTF-8''{quote(file.name)}"
        return Response(
            report.content(file), 200, file.media_type, [("Content-Disposition", disposition)], chunked=self.chunked
        )

    def chrome(self, report: SampleReport | None = None) -> Chrome:
        """The surroundings of one page view; no two are alike."""
        return Chrome(self, next(self._visits), report.chrome if report else 0)

    # ---- what must come of it

    def expected(self) -> dict[str, Any]:
        """Status, reports, other pages and disallowed addresses, as a right crawl finds them now."""
        for report in self.listed():
            self.article(report, self.chrome(report))  # lays it out once, so that its labels are known
        entries = self.listed()
        found = [report for report in entries if not report.robots and report.name not in self.lost | self.possible]
        return {
            "portal": self.key,
            "province": self.province,
            "division": self.division,
            "platform": self.platform,
            "status": self.outcome.status,
            "also": list(self.outcome.also),
            "family": self.outcome.family,
            "columns": self.columns,
            "entries": sum(1 + len(report.copies) for report in entries),
            "reports": [report.expected(self.base) for report in found if report.kind == "annual_report"],
            "others": [report.expected(self.base) for report in found if report.kind != "annual_report"],
            "possible": [report.expected(self.base) for report in entries if report.name in self.possible],
            "lost": [self.base + report.path for report in entries if report.name in self.lost],
            "robots": [self.base + report.path for report in entries if report.robots],
        }


class Chrome:
    """What surrounds one page view: counters, today's date, tokens, and attributes in another order each time."""

    def __init__(self, portal: SamplePortal, visit: int, edition: int) -> None:
        self.portal, self.visit, self.edition = portal, visit, edition

    @property
    def today(self) -> str:
        day = date(2025, 1, 6) + timedelta(days=self.visit % 300)
        return f"今天是：{day.year}年{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}"

    @property
    def token(self) -> str:
        return sha256(f"{self.portal.key}/{self.visit}".encode()).hexdigest()

    def tag(self, name: str, text: str, **attributes: str) -> str:
        """An element whose attributes stand in an order that changes from view to view. ``class_`` is ``class``."""
        pairs = [(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items()]
        turn = self.visit % len(pairs) if pairs else 0
        inner = "".join(f' {key}="{escape(value)}"' for key, value in pairs[turn:] + pairs[:turn])
        return f"<{name}{inner}>{text}</{name}>"

    def meta(self, *pairs: tuple[str, str]) -> str:
        """Head metadata; name and content change places now and then."""
        lines = []
        for name, content in pairs:
            attributes = [f'name="{name}"', f'content="{escape(content)}"']
            lines.append(f"<meta {' '.join(attributes[:: -1 if self.visit % 2 else 1])}>")
        return "\n".join(lines)

    def head(self, title: str, *pairs: tuple[str, str], extra: str = "") -> str:
        site = (
            ("SiteName", self.portal.name),
            ("SiteDomain", urlsplit(self.portal.base).netloc),
            ("SiteIDCode", f"{self.portal.division}0001"),
        )
        return (
            f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta http-equiv="Content-Type" content="text/html; '
            f'charset={self.portal.charset}">\n<title>{escape(title)}</title>\n{self.meta(*site, *pairs)}\n'
            f'<link rel="stylesheet" href="/images/site.css?v={self.visit}">\n{extra}\n</head>\n'
        )

    def top(self, nav: Sequence[tuple[str, str]] = ()) -> str:
        special = "".join(
            self.tag("a", f"专题专栏之{number}", href=f"/ztzl/{number}/", target="_blank")
            for number in range(1, self.edition + 1)
        )
        links = "".join(f"<li>{self.tag('a', label, href=href, target='_self')}</li>" for label, href in nav)
        return (
            f'<div class="header"><span class="today">{self.today}</span><div class="logo">{self.portal.name}</div>'
            f'<ul class="nav">{links}</ul>{special}<form action="/search" method="get"><input name="q">'
            f'<input type="hidden" name="_csrf" value="{self.token}"></form></div>\n'
        )

    def foot(self) -> str:
        neighbours = ("全省政府网站群", "市政府门户网站", "政务服务网", "信用信息平台")
        turn = self.visit % len(neighbours)
        links = " | ".join(neighbours[turn:] + neighbours[:turn])
        return (
            f'<div class="share">分享到：微信 微博</div><div class="footer"><p>友情链接：{links}</p>'
            f"<p>主办：{self.portal.name}　承办：{self.portal.name}办公室　网站标识码：{self.portal.division}0001</p>"
            f'<p>您是本站第 <span id="visits">{self.visit}</span> 位访问者　页面执行时间 0.{self.visit % 997:03d} 秒</p>'
            f'</div>\n<script>var _token="{self.token[:32]}";</script>\n'
        )


def http_date(day: date) -> str:
    """An HTTP date at noon GMT of that day."""
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{names[day.weekday()]}, {day.day:02d} {months[day.month - 1]} {day.year} 12:00:00 GMT"
