"""Articles that are not what the list promised, and documents that are not what their names say."""

# ruff: noqa: E501 - a Chinese character counts as two columns

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Sequence
from urllib.parse import quote

from crawler.samples.blocks import CLEAN
from crawler.samples.portal import Chrome, Outcome
from crawler.samples.report import SampleFile, SampleReport
from crawler.samples.server import Request, Response

from .base import Misbehaving, cut_short, dripping, reset, streamed

UNREADABLE = Outcome("incomplete", "Unreadable")
ALL = frozenset({"2020", "2021", "2022"})


class OneBadArticle(Misbehaving):
    """Two good articles; that of 2021 is answered by ``bad``."""

    outcome = UNREADABLE
    lost = frozenset({"2021"})

    def __init__(self) -> None:
        super().__init__()
        self.answers[self.path("2021")] = self.bad

    def bad(self, request: Request) -> Response:
        raise NotImplementedError

    def good(self) -> bytes:
        report = self.report("2021")
        return self.article(report, self.chrome(report)).encode()


class Soft404(OneBadArticle):
    """200: 您访问的页面不存在."""

    key, name = "soft-404", "津河区三十一号局"

    def bad(self, request: Request) -> Response:
        chrome = self.chrome()
        return self.page(
            chrome.head("页面不存在")
            + f"<body>{chrome.top(self.NAV)}<div class='error'><h2>抱歉，您访问的页面不存在或已删除</h2><p><span>5</span>秒后自动返回首页</p></div>{chrome.foot()}</body></html>"
        )


class Hard404(OneBadArticle):
    """The list still names a page that is gone."""

    key, name = "hard-404", "津河区三十二号局"

    def bad(self, request: Request) -> Response:
        return self.not_found()


class HomeRedirects(Misbehaving):
    """Every article redirects to the home page."""

    key, name = "home-redirects", "津河区三十三号局"
    outcome = UNREADABLE
    lost = ALL

    def __init__(self) -> None:
        super().__init__()
        for report in self.reports:
            self.answers[report.path] = lambda request: Response(status=302, headers=[("Location", "/")])


class SamePage(Misbehaving):
    """Every article is the same index page, as throttling portals answer: status 200, no report."""

    key, name = "same-page", "津河区三十四号局"
    outcome = Outcome("incomplete", "Unreadable", ("blocked",))
    lost = ALL

    def __init__(self) -> None:
        super().__init__()
        for report in self.reports:
            self.answers[report.path] = self.column


class Truncated(OneBadArticle):
    """Content-Length promises twice what is sent."""

    key, name = "truncated", "津河区三十五号局"

    def bad(self, request: Request) -> Response:
        body = self.good()
        return cut_short(body[: len(body) // 2], len(body))


class SlowDrip(OneBadArticle):
    """A byte every fifth of a second: under any sane time limit it never ends."""

    key, name = "slow-drip", "津河区三十六号局"

    def bad(self, request: Request) -> Response:
        return dripping(self.good(), 0.2, 120)


@functools.cache
def bomb(megabytes: int) -> bytes:
    """A gzip stream of that many megabytes of spaces, made of one block over and over."""
    piece = b" " * (1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(megabytes):
        check = zlib.crc32(piece, check)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    size = (megabytes << 20) & 0xFFFFFFFF
    return b"\x1f\x8b\x08\0\0\0\0\0\x02\xff" + block * megabytes + end + struct.pack("<II", check, size)


class GzipBomb(OneBadArticle):
    """Half a megabyte that unpacks to 512."""

    key, name = "gzip-bomb", "津河区三十七号局"

    def bad(self, request: Request) -> Response:
        response = self.page("")
        response.body = bomb(512)
        response.headers.append(("Content-Encoding", "gzip"))
        return response


class HugePage(OneBadArticle):
    """60 MB of HTML without a length."""

    key, name = "huge-page", "津河区三十八号局"

    def bad(self, request: Request) -> Response:
        row = "<p>政府信息公开目录检索结果条目</p>\n".encode() * 1400
        return streamed(b"<html><body>", row, 60_000_000 // len(row))


class Reset(OneBadArticle):
    """The connection is reset in answer to one article."""

    key, name = "reset", "津河区三十九号局"

    def bad(self, request: Request) -> Response:
        return reset()


class NotHtml(OneBadArticle):
    """text/html that is a picture."""

    key, name = "not-html", "津河区四十号局"

    def bad(self, request: Request) -> Response:
        return Response(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, 200, "text/html")


class EmptyBody(OneBadArticle):
    """200 and not one byte."""

    key, name = "empty-body", "津河区四十一号局"

    def bad(self, request: Request) -> Response:
        return self.page("")


class ServerError(OneBadArticle):
    """One article answers 500 however often it is asked."""

    key, name = "server-error", "津河区四十二号局"

    def bad(self, request: Request) -> Response:
        return Response(b"<h1>500 Internal Server Error</h1>", 500)


class Flaky(OneBadArticle):
    """One article answers 502 twice and then is there."""

    key, name = "flaky-502", "津河区四十三号局"
    outcome = Outcome("ok")
    lost = frozenset()

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def bad(self, request: Request) -> Response:
        self.asked += 1
        if self.asked <= 2:
            return Response(b"<h1>502 Bad Gateway</h1>", 502)
        return self.report_page(self.report("2021"), request)


class DeepHtml(Misbehaving):
    """One report stands under 20,000 nested elements."""

    key, name = "deep-html", "津河区四十四号局"
    outcome = Outcome("ok", None, ("incomplete",))

    def article(self, report: SampleReport, chrome: Chrome) -> str:
        page = super().article(report, chrome)
        if report.name != "2021":
            return page
        body = CLEAN.html(report.blocks)
        return page.replace(body, f"{'<div>' * 20_000}{body}{'</div>' * 20_000}")


class WithFile(Misbehaving):
    """The report of 2022 has an attachment, answered by ``document``."""

    file_name = "附表.pdf"
    file_path = "/zfxxgk/ndbg/files/fubiao.pdf"
    fake = False

    def make_reports(self) -> Sequence[SampleReport]:
        reports = super().make_reports()
        reports[-1].files.append(SampleFile(self.file_name, self.file_path, fake=self.fake))
        return reports

    def __init__(self) -> None:
        super().__init__()
        self.answers[self.file_path] = self.document

    def document(self, request: Request) -> Response:
        raise NotImplementedError


class FakePdf(WithFile):
    """附表.pdf is a login page."""

    key, name = "fake-pdf", "津河区四十五号局"
    outcome = Outcome("incomplete", "Unreadable", ("ok",))
    fake = True

    def document(self, request: Request) -> Response:
        html = "<html><head><title>用户登录</title></head><body><form><input name='user'><input name='password'></form></body></html>"
        return Response(html.encode(), 200, "application/pdf")


class EscapingNames(WithFile):
    """An attachment whose names climb out of every folder."""

    key, name = "escaping-names", "津河区四十六号局"
    file_name = "../../../../../tmp/..\\..\\nianbao-escaped.pdf"

    def document(self, request: Request) -> Response:
        report = self.report("2022")
        climbing = "../../../../../tmp/nianbao-escaped.pdf"
        header = f"attachment; filename=\"{climbing}\"; filename*=UTF-8''{quote(climbing, safe='')}"
        return Response(report.content(report.files[0]), 200, "application/pdf", [("Content-Disposition", header)])
