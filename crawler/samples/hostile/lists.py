"""Lists that lie or never end: pagers, calendars, session ids, stubs, links that lead away."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from crawler.samples.portal import Outcome
from crawler.samples.report import SampleReport
from crawler.samples.server import Request, Response

from .base import COLUMN, Misbehaving


class EndlessPager(Misbehaving):
    """下一页 on every page; from the second on, always the same entries."""

    key, name = "endless-pager", "津河区二十一号局"
    outcome = Outcome("ok", None, ("incomplete",))

    def respond(self, request: Request) -> Response:
        prefix = f"{COLUMN}index_"
        if request.path.startswith(prefix):
            number = int("".join(char for char in request.path.removeprefix(prefix) if char.isdigit()) or 1)
            return self.numbered(number)
        return super().respond(request)

    def column(self, request: Request) -> Response:
        return self.numbered(1)

    def numbered(self, number: int) -> Response:
        rows = self.rows(self.listed()[:2] if number == 1 else self.listed()[2:])
        return self.list_page(
            rows, f'<div class="page">第{number}页 <a href="{COLUMN}index_{number + 1}.html">下一页</a></div>'
        )


class CalendarTrap(Misbehaving):
    """Every year leads to twelve months and to the next year, for ever."""

    key, name = "calendar-trap", "津河区二十二号局"
    outcome = Outcome("ok", None, ("incomplete",))

    def respond(self, request: Request) -> Response:
        if request.path.startswith(f"{COLUMN}rili/"):
            digits = request.path.removeprefix(f"{COLUMN}rili/").split("/")
            return self.list_page("", self.calendar(int(digits[0])))
        return super().respond(request)

    def column(self, request: Request) -> Response:
        return self.list_page(self.rows(self.listed()), self.calendar(2023))

    def calendar(self, year: int) -> str:
        months = "".join(f'<a href="{COLUMN}rili/{year}/{month}/">{month}月</a>' for month in range(1, 13))
        return f'<div class="rili"><a href="{COLUMN}rili/{year + 1}/">{year + 1}年</a>{months}</div>'


class SessionIds(Misbehaving):
    """A fresh ``;jsessionid=`` in every link of every view."""

    key, name = "session-ids", "津河区二十三号局"

    def respond(self, request: Request) -> Response:
        path, _, _ = request.path.partition(";jsessionid=")
        if path != request.path:
            request = Request(request.method, path, request.headers, request.body)
        return super().respond(request)

    def link(self, report: SampleReport) -> str:
        return f"{report.path};jsessionid={self.chrome().token[:32].upper()}"


class EmptySecondPage(Misbehaving):
    """Declares three pages; the second is a stub of 300 bytes, as many TRS sites serve."""

    key, name = "empty-page", "津河区二十四号局"
    platform = "trs"
    outcome = Outcome("incomplete", None)
    lost = frozenset({"2021"})

    def __init__(self) -> None:
        super().__init__()
        for page in range(3):
            path = COLUMN + ("index.html" if page == 0 else f"index_{page}.html")
            self.routes[path] = lambda request, p=page: self.numbered(p)  # type: ignore[misc]

    def column(self, request: Request) -> Response:
        return self.numbered(0)

    def numbered(self, page: int) -> Response:
        if page == 1:
            return self.page("<html><head><title></title></head><body><ul></ul></body></html>" + " " * 240)
        rows = self.rows(self.listed()[page : page + 1])
        return self.list_page(rows, f'<script>createPageHTML(3, {page}, "index", "html");</script>')


class FewerThanDeclared(Misbehaving):
    """Says 共5条 and lists three."""

    key, name = "fewer-than-declared", "津河区二十五号局"
    outcome = Outcome("incomplete", None, ("ok",))

    def column(self, request: Request) -> Response:
        return self.list_page(self.rows(self.listed()), '<div class="page">共5条记录 第1/1页</div>')


class FewerThanExpected(Misbehaving):
    """The registry knows that there are ten reports; three are listed."""

    key, name = "fewer-than-expected", "津河区二十六号局"
    outcome = Outcome("failed", None)
    min_reports = 10


class Elsewhere(Misbehaving):
    """A host no registry names. Whoever asks it for anything has left the path."""

    key, name = "elsewhere", "别处"
    registered = False


class OffSite(Misbehaving):
    """Its list also links to a host of nobody's registry, where altered copies stand."""

    key, name = "off-site", "津河区二十七号局"
    elsewhere = "http://mirror.invalid"

    def settle(self, bases: Mapping[str, str]) -> None:
        self.elsewhere = bases.get("elsewhere", self.elsewhere)

    def column(self, request: Request) -> Response:
        mirrored = "".join(
            f'<li><a href="{self.elsewhere}{report.path}">{escape(report.title)}</a><span>{report.published_on:%Y-%m-%d}</span></li>'
            for report in self.listed()
        )
        return self.list_page(self.rows(self.listed()) + mirrored)


class Redirecting(Misbehaving):
    """Articles redirect to another port of the loopback and to the metadata address of cloud machines."""

    key, name = "redirect-away", "津河区二十八号局"
    outcome = Outcome("incomplete", "Unreadable")
    lost = frozenset({"2021", "2022"})
    elsewhere = "http://127.0.0.1:9"

    def __init__(self) -> None:
        super().__init__()
        self.answers[self.path("2022")] = lambda request: Response(
            status=302, headers=[("Location", self.elsewhere + self.path("2022"))]
        )
        self.answers[self.path("2021")] = lambda request: Response(
            status=302, headers=[("Location", "http://169.254.169.254/latest/meta-data/")]
        )

    def settle(self, bases: Mapping[str, str]) -> None:
        self.elsewhere = bases.get("elsewhere", self.elsewhere)


class RedirectLoop(Misbehaving):
    """One article redirects to itself by way of another address."""

    key, name = "redirect-loop", "津河区二十九号局"
    outcome = Outcome("incomplete", "Unreadable")
    lost = frozenset({"2021"})

    def __init__(self) -> None:
        super().__init__()
        here, there = self.path("2021"), f"{COLUMN}moved.html"
        self.answers[here] = lambda request: Response(status=302, headers=[("Location", there)])
        self.answers[there] = lambda request: Response(status=302, headers=[("Location", here)])
