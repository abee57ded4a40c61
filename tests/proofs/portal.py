"""A portal whose every byte is written here, under a name of its own behind a loopback proxy.

Its reports come as reports do: in GBK, as PDF, compressed, in chunks with a trailer, behind a redirect, at addresses
with Chinese in them and with questions attached.
"""

from __future__ import annotations

import gzip
import io
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from reportlab.lib.pagesizes import A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

HOST = "www.liuhe.gov.cn"
HOME = f"http://{HOST}"
COLUMN = "/zfxxgk/ndbg/"
AGENCY = "柳河县水利局"


@dataclass(frozen=True)
class Report:
    """A report of the portal: where it stands and what it says."""

    year: int
    path: str
    sentence: str
    charset: str = "utf-8"
    form: str = "plain"

    @property
    def title(self) -> str:
        return f"{AGENCY}{self.year}年政府信息公开工作年度报告"

    @property
    def url(self) -> str:
        return HOME + self.path

    @property
    def payload(self) -> bytes:
        """What the page is once its content coding is undone."""
        if self.form == "pdf":
            return _pdf(self.title, self.sentence)
        return (
            f'<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset={self.charset}">'
            f"<title>{self.title}</title></head><body><h1>{self.title}</h1><div id='zoom'><p>一、总体情况</p>"
            f"<p>{self.sentence}</p><p>{AGENCY}</p></div></body></html>"
        ).encode(self.charset)

    @property
    def etag(self) -> str:
        return f'"{sha256(self.payload).hexdigest()[:16]}"'


GBK = Report(2023, f"{COLUMN}2023.htm", "本年度主动公开水库除险信息三十一条，未收到公开申请。", "gbk", "validated")
GZIPPED = Report(2022, f"{COLUMN}2022.html", "本年度主动公开河长制信息二十七条，未收到公开申请。", form="gzip")
CHUNKED = Report(2021, f"{COLUMN}2021.html", "本年度主动公开防汛信息二十二条，收到公开申请一件。", form="chunked")
PDF = Report(2020, f"{COLUMN}P020200131.pdf", "This year nineteen items on irrigation were published.", form="pdf")
MOVED = Report(2019, f"{COLUMN}2019.html", "本年度主动公开灌区信息十八条，未收到公开申请。", form="moved")
NAMED = Report(2018, f"{COLUMN}%C4%EA%B1%A82018.html", "本年度主动公开移民信息十六条，未收到公开申请。", "gbk")
ASKED = Report(2017, "/Info/Show.jsp?Id=77&b=&a=2017%2F", "本年度主动公开水价信息十五条，未收到公开申请。", form="old")
REPORTS = (GBK, GZIPPED, CHUNKED, PDF, MOVED, NAMED, ASKED)
OLD = "/old/2019.html"  # leads to where the report is now


def _pdf(title: str, sentence: str) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A5, invariant=True)
    canvas.setTitle(title)
    canvas.setFont("STSong-Light", 13)
    canvas.drawString(30, 540, title)
    canvas.setFont("Helvetica", 11)
    for line in range(12):
        canvas.drawString(30, 500 - 20 * line, sentence)
    canvas.save()
    return out.getvalue()


def _answer(target: str, validator: str | None) -> bytes:
    """The whole answer to a request, byte for byte."""
    if target == "/robots.txt":
        return _plain(b"User-agent: *\nDisallow:\n", "text/plain")
    if target == COLUMN:
        links = "".join(
            f"<li><a href='{OLD if report is MOVED else report.path}'>{report.title}</a><span>{report.year + 1}-01-20</span></li>"
            for report in REPORTS
        )
        page = f"<html><head><meta charset=gb2312><title>年报</title></head><body><ul>{links}</ul></body></html>"
        return _plain(page.encode("gbk"), "text/html")
    if target == OLD:
        return f"HTTP/1.1 301 Moved Permanently\r\nLocation: {MOVED.path}\r\nContent-Length: 0\r\n\r\n".encode()
    report = next((report for report in REPORTS if report.path == target), None)
    if report is None:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    body = report.payload
    if report.form == "validated":
        if validator == report.etag:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {report.etag}\r\nX-Look: again\r\n\r\n".encode()
        return _plain(body, "text/html", f"ETag: {report.etag}", "Set-Cookie: a=1", "Set-Cookie: b=2")
    if report.form == "gzip":
        return _plain(gzip.compress(body, mtime=0), "text/html", "Content-Encoding: gzip")
    if report.form == "chunked":
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (body[:150], body[150:]))
        return (
            b"HTTP/1.1 200 Fine By Us\r\nContent-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
            b"Trailer: X-Sum\r\nX-Odd: " + "服务器".encode("gbk") + b"\r\n\r\n" + chunks + b"0\r\nX-Sum: 7\r\n\r\n"
        )
    if report.form == "old":
        return b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    if report.form == "pdf":
        return _plain(body, "application/pdf")
    return _plain(body, "text/html")


def _plain(body: bytes, media_type: str, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {media_type}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


class _Handler(socketserver.StreamRequestHandler):
    timeout = 30

    def handle(self) -> None:
        while request := self.rfile.readline().split():
            headers = {}
            while line := self.rfile.readline().strip():
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            parts = urlsplit(request[1].decode("latin-1"))
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            answer = _answer(target, headers.get("if-none-match"))
            self.wfile.write(answer)
            if answer.startswith(b"HTTP/1.0"):
                return


@contextmanager
def portal(folder: Path) -> Iterator[dict[str, str]]:
    """The portal, running, and named by a registry in ``folder``; the environment in which it is found."""
    folder.mkdir()
    (folder / "33-zhejiang.toml").write_text(
        f'[province]\ncode = "33"\nname = "浙江省"\n\n[[portal]]\nkey = "liuhe"\nname = "{AGENCY}"\n'
        f'division = "331122"\nhome = "{HOME}/"\ncolumns = ["{HOME}{COLUMN}"]\nplatform = "plain"\ndelay = 0.0\n',
        encoding="utf-8",
    )
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield {"http_proxy": f"http://127.0.0.1:{server.server_address[1]}", "no_proxy": ""}
        server.shutdown()
