"""What the server sent is what is stored: headers in their bytes, order and repeats, content coding, old TLS."""

from __future__ import annotations

import gzip
import socket
import socketserver
import ssl
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage import open_archive
from tests.job.conftest import Nianbao

ARTICLE = (
    "<html><head><title>{title}</title></head><body><h1>{title}</h1><div id='zoom'>"
    "<p>一、总体情况</p><p>本年度主动公开政府信息二十三条，未收到政府信息公开申请。</p></div></body></html>"
)


def title(name: str) -> str:
    year = 2008 + sorted(ANSWERS).index(name)
    return f"溪口县档案局{year}年政府信息公开工作年度报告"


def plain(name: str) -> bytes:
    body = ARTICLE.format(title=title(name)).encode()
    odd = "服务器".encode("gbk")
    return (
        b"HTTP/1.1 200 Fine By Us\r\nX-Odd: " + odd + b"\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-EMPTY:\r\n"
        b"Content-Type: text/html; charset=utf-8\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
    )


def gzipped(name: str) -> bytes:
    body = gzip.compress(ARTICLE.format(title=title(name)).encode(), mtime=0)
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def unasked_gzip(name: str) -> bytes:
    return gzipped(name).replace(b"Content-Encoding: gzip\r\n", b"")


def raw_deflate(name: str) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    body = packer.compress(ARTICLE.format(title=title(name)).encode()) + packer.flush()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: deflate\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def chunked(name: str) -> bytes:
    body = ARTICLE.format(title=title(name)).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (body[:100], body[100:]))
    return (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" + chunks + b"0\r\nX-Sum: 7\r\n\r\n"
    )


def old_protocol(name: str) -> bytes:
    return b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + ARTICLE.format(title=title(name)).encode()


def wide(name: str) -> bytes:
    body = ARTICLE.format(title=title(name)).encode("utf-16-le")  # without a byte order mark
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-16\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )


def said(*lines: bytes, status: bytes = b"HTTP/1.1 200 OK", end: bytes = b"\r\n") -> Callable[[str], bytes]:
    """An answer with these headers beside its type; LENGTH is put in."""

    def answer(name: str) -> bytes:
        body = ARTICLE.format(title=title(name)).encode()
        head = end.join((status, b"Content-Type: text/html; charset=utf-8", *lines, end))
        return head.replace(b"LENGTH", b"%d" % len(body)) + body

    return answer


def chunked_with_a_length(name: str) -> bytes:
    return chunked(name).replace(b"Trailer: X-Sum", b"Content-Length: 7")


def longer_than_it_says(name: str) -> bytes:
    return said(b"Content-Length: LENGTH")(name) + b"<!-- cached -->"


# Each as curl and browsers take it.
ANSWERS: dict[str, Callable[[str], bytes]] = {
    "chunked": chunked,
    "chunked-with-a-length": chunked_with_a_length,
    "folded": said(b"X-Odd: one", b" two", b"Content-Length: LENGTH"),
    "gzipped": gzipped,
    "length-listed": said(b"Content-Length: LENGTH, LENGTH"),
    "length-twice": said(b"Content-Length: LENGTH", b"Content-Length: LENGTH"),
    "lines-end-in-lf": said(b"Content-Length: LENGTH", end=b"\n"),
    "longer-than-it-says": longer_than_it_says,
    "odd-names": said("服务器: IIS".encode("gbk"), b"X Powered By: ASP", b": nothing", b"X(a)@b: 1", b"Content-Length: LENGTH"),
    "odd-status-line": said(b"Content-Length: LENGTH", status=b"http/1.1  200"),
    "old-protocol": old_protocol,
    "plain": plain,
    "raw-deflate": raw_deflate,
    "unasked-gzip": unasked_gzip,
    "wide": wide,
}  # fmt: skip
LENGTH = b"Content-Length: %d" % len(ARTICLE.format(title=title("plain")).encode())
RESHAPED = {  # what a capture cannot hold: framing, how lines end, what stands behind the end
    "chunked": [b"Transfer-Encoding: chunked", b"Trailer: X-Sum"],
    "chunked-with-a-length": [b"Transfer-Encoding: chunked", b"Content-Length: 7"],
    "folded": [b"Content-Type: text/html; charset=utf-8", b"X-Odd: one two", LENGTH],
    "lines-end-in-lf": [b"Content-Type: text/html; charset=utf-8", LENGTH],
    "longer-than-it-says": [b"Content-Type: text/html; charset=utf-8", LENGTH],
}
# What contradicts itself is no page, whatever browsers make of it.
BROKEN: dict[str, Callable[[str], bytes]] = {
    "lengths": said(b"Content-Length: LENGTH", b"Content-Length: 12"),
    "no-number": said(b"Content-Length: many"),
    "no-colon": said(b"Content-Length: LENGTH", b"cached by proxy 3"),
    "nul": said(b"Content-Length: LENGTH", b"X-Odd: a\0b"),
    "chunks": said(b"Transfer-Encoding: chunked"),
    "huge": said(b"X-Odd: " + b"a" * 300_000, b"Content-Length: LENGTH"),
}


class Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        path = self.rfile.readline().split()[1].decode()
        while self.rfile.readline().strip():
            continue
        name = path.strip("/").removesuffix(".html")
        if name in ANSWERS:
            self.wfile.write(ANSWERS[name](name))
        elif name in BROKEN:
            head, blank, body = BROKEN[name]("plain").partition(b"\r\n\r\n")
            self.wfile.write(head + blank)
            time.sleep(0.1)  # what is wrong with the chunks is seen when the head was taken
            self.wfile.write(body)
            self.rfile.read()  # a connection that is kept: only what was said tells that the answer is over
        elif name in ("nb", "broken"):
            shown = ANSWERS if name == "nb" else dict.fromkeys(BROKEN, plain)
            links = "".join(
                f"<li><a href='/{one}.html'>{title(one if one in ANSWERS else 'plain')}</a></li>" for one in shown
            )
            body = f"<title>政府信息公开年报</title><ul>{links}</ul>".encode()
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n" + body
            )
        else:
            self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    tls: ssl.SSLContext | None = None
    resets = 0  # connections that are cut off before any of TLS is said

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = self.socket.accept()
        if self.resets:
            self.resets -= 1
            connection.recv(1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            raise ConnectionResetError
        return (self.tls.wrap_socket(connection, server_side=True) if self.tls else connection), address


@pytest.fixture
def portal(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A portal whose every byte is written here; over https with a certificate nobody signed, by TLS 1.0, and with a
    certificate that is trusted over a line that is cut off now and then."""
    scheme, _, way = request.param.partition(", ")
    with Server(("127.0.0.1", 0), Handler) as server:
        if scheme == "https":
            key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
            words = [
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=elsewhere.gov.cn",
                *(["-addext", "subjectAltName=IP:127.0.0.1"] if way == "reset" else []),
                "-keyout",
            ]
            subprocess.run(["openssl", *words, key, "-out", certificate], check=True, capture_output=True)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            if way == "old":
                context.set_ciphers("ALL:@SECLEVEL=0")
                context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
            context.load_cert_chain(certificate, key)
            server.tls = context
            if way == "reset":
                monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
                server.resets = 1
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def nianbao(portal: str, tmp_path: Path) -> Nianbao:
    registry = tmp_path / "registry"
    registry.mkdir()
    (registry / "33.toml").write_text(
        f'[province]\ncode = "33"\nname = "浙江省"\n\n[[portal]]\nkey = "xikou"\nname = "溪口县档案局"\ndivision = "331122"\n'
        f'home = "{portal}/"\ncolumns = ["{portal}/nb/"]\ndelay = 0.0\n'
    )
    return Nianbao(registry, str(tmp_path / "archive"), {})


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
@pytest.mark.parametrize(
    ("portal", "said_of_tls"),
    [
        ("http", None),
        ("https", "its certificate is not to be trusted"),
        ("https, old", "it speaks old TLS only"),
        ("https, reset", None),
    ],
    indirect=["portal"],
)
def test_bytes_headers_and_codings_are_kept_as_they_came(
    portal: str, said_of_tls: str | None, nianbao: Nianbao
) -> None:
    summary = nianbao.crawl()
    assert summary["portals"]["xikou"]["status"] == "ok"
    archive = open_archive(nianbao.archive)
    kept: dict[str, Any] = {}
    for record in nianbao.records():
        assert record["title"] in [title(name) for name in ANSWERS]
        assert "未收到政府信息公开申请" in record["body"]
        kept[record["url"].rsplit("/", 1)[1].removesuffix(".html")] = archive.snapshot(record["snapshot"])
    assert sorted(kept) == sorted(ANSWERS)
    for name, snapshot in kept.items():
        sent = ANSWERS[name](name)
        assert snapshot.payload.decode("utf-16-le" if name == "wide" else "utf-8") == ARTICLE.format(
            title=title(name)
        ), name
        headers = [b": ".join(h) if h[1] else h[0] + b":" for h in snapshot.http_headers]
        head, _, entity = sent.partition(b"\r\n\r\n")
        assert headers == RESHAPED.get(name, head.split(b"\r\n")[1:]), name
        assert name in RESHAPED or snapshot.entity == entity, name
    nianbao("verify")
    said = str(summary["portals"]["xikou"].get("notes"))
    if said_of_tls:
        assert f"TLS of 127.0.0.1 is old or not to be trusted: {said_of_tls}" in said
    else:
        assert "TLS of" not in said


@pytest.mark.parametrize("portal", ["http"], indirect=True)
def test_an_answer_that_contradicts_itself_is_no_page_and_is_not_waited_for(portal: str, nianbao: Nianbao) -> None:
    entries = nianbao.registry / "33.toml"
    entries.write_text(entries.read_text().replace("/nb/", "/broken/"))
    state = nianbao.crawl("-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_TIMEOUT=20", expect=1)["portals"]["xikou"]
    assert (state["status"], state["entries"], state["errors"]) == ("incomplete", len(BROKEN), len(BROKEN))
    assert f"connection_broken × {len(BROKEN)}" in state["reason"]
    assert nianbao.records() == []
