"""The small site every misbehaving portal starts from, and answers written to the socket by hand."""

# ruff: noqa: E501 - a Chinese character counts as two columns

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from html import escape

from crawler.samples.blocks import CLEAN
from crawler.samples.making import annual
from crawler.samples.portal import Chrome, SamplePortal
from crawler.samples.prose import Agency
from crawler.samples.report import SampleReport
from crawler.samples.server import Request, Response

COLUMN = "/zfxxgk/ndbg/"
Answer = Callable[[Request], Response]


class Misbehaving(SamplePortal):
    """Three reports in one plain list. ``first``, ``second`` and ``third`` are their names, the newest first."""

    province, division = "12", "120119"
    platform = "plain"
    column_paths = (COLUMN,)
    robots: str | None = None
    first, second, third = "2022", "2021", "2020"

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Answer] = {}  # by path, before anything else
        self.routes |= {"/": self.front, COLUMN: self.column}

    @property
    def agency(self) -> Agency:
        topics = ("窗口服务", "办事公开", "信用监管")
        return Agency(self.key, self.name, "我局", "区委、区政府", "津河区", topics, 1)

    def make_reports(self) -> Sequence[SampleReport]:
        return [
            annual(self.agency, year, f"{COLUMN}content_{year}1.html", name=str(year), publisher=self.name)
            for year in (2020, 2021, 2022)
        ]

    def path(self, name: str) -> str:
        return self.report(name).path

    def respond(self, request: Request) -> Response:
        answer = self.answers.get(request.path)
        return answer(request) if answer else super().respond(request)

    # ---- pages

    NAV = (("首页", "/"), ("政府信息公开年度报告", COLUMN))

    def front(self, request: Request) -> Response:
        chrome = self.chrome()
        return self.page(chrome.head(self.name) + f"<body>{chrome.top(self.NAV)}{chrome.foot()}</body></html>")

    def column(self, request: Request) -> Response:
        return self.list_page(self.rows(self.listed()))

    def rows(self, reports: Iterable[SampleReport]) -> str:
        return "".join(
            f'<li><a href="{self.link(report)}">{escape(report.title)}</a><span>{report.published_on:%Y-%m-%d}</span></li>'
            for report in reports
        )

    def link(self, report: SampleReport) -> str:
        return report.path

    def list_page(self, rows: str, more: str = "") -> Response:
        chrome = self.chrome()
        name = "政府信息公开年度报告"
        return self.page(
            chrome.head(name, ("ColumnName", name), ("ColumnType", "信息公开年报"))
            + f"<body>{chrome.top(self.NAV)}<h2>{name}</h2><ul class='list'>{rows}</ul>{more}{chrome.foot()}</body></html>"
        )

    def article(self, report: SampleReport, chrome: Chrome) -> str:
        day, document = f"{report.published_on:%Y-%m-%d}", report.document_number or ""
        report.labels = {"发布日期": day, "来源": report.publisher or "", "文号": document}
        files = "".join(f'<p>附件：<a href="{file.path}">{escape(file.name)}</a></p>' for file in report.files)
        return (
            chrome.head(report.title)
            + f"<body>{chrome.top(self.NAV)}<h1>{escape(report.title)}</h1><p class='info'>发布日期：{day}　来源：{report.publisher or ''}　文号：{document}</p>"
            + f"<div class='article-content'>{CLEAN.html(report.blocks)}</div>{files}{chrome.foot()}</body></html>"
        )


# ---------------------------------------------------------------- by hand


def head(*lines: str, status: str = "200 OK") -> bytes:
    """The status line and headers of an answer."""
    return "\r\n".join(
        (f"HTTP/1.1 {status}", "Server: nginx", "Content-Type: text/html; charset=utf-8", *lines, "", "")
    ).encode()


def cut_short(body: bytes, promised: int) -> Response:
    """Promises more bytes than it sends."""

    def wire(connection: socket.socket) -> None:
        connection.sendall(head(f"Content-Length: {promised}") + body)

    return Response(wire=wire)


def dripping(body: bytes, pause: float, most: float) -> Response:
    """One byte at a time, until the client or ``most`` seconds have had enough."""

    def wire(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(head(f"Content-Length: {len(body)}"))
            end = time.monotonic() + most
            for place in range(len(body)):
                if time.monotonic() > end:
                    break
                connection.sendall(body[place : place + 1])
                time.sleep(pause)

    return Response(wire=wire)


def reset() -> Response:
    """Hangs up with a TCP reset."""

    def wire(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return Response(status=0, wire=wire)


def streamed(start: bytes, piece: bytes, times: int) -> Response:
    """An answer without a length, made of one piece over and over."""

    def wire(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(head("Connection: close") + start)
            for _ in range(times):
                connection.sendall(piece)

    return Response(wire=wire)
