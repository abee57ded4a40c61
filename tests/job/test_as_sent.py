"""What the server sent is what is stored: headers in their bytes, order and repeats, content coding, old TLS."""

from __future__ import annotations

import gzip
import socket
import socketserver
import ssl
import struct
import subprocess
import threading
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
    year = 2010 + sorted(ANSWERS).index(name)
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


ANSWERS: dict[str, Callable[[str], bytes]] = {
    "chunked": chunked,
    "gzipped": gzipped,
    "old-protocol": old_protocol,
    "plain": plain,
    "raw-deflate": raw_deflate,
    "unasked-gzip": unasked_gzip,
    "wide": wide,
}


class Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        path = self.rfile.readline().split()[1].decode()
        while self.rfile.readline().strip():
            continue
        name = path.strip("/").removesuffix(".html")
        if name in ANSWERS:
            self.wfile.write(ANSWERS[name](name))
        elif name == "nb":
            links = "".join(f"<li><a href='/{name}.html'>{title(name)}</a></li>" for name in ANSWERS)
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
        if name != "chunked":
            assert snapshot.entity == sent.partition(b"\r\n\r\n")[2], name
            assert [b": ".join(h) if h[1] else h[0] + b":" for h in snapshot.http_headers] == sent.partition(
                b"\r\n\r\n"
            )[0].split(b"\r\n")[1:], name
    nianbao("verify")
    said = str(summary["portals"]["xikou"].get("notes"))
    if said_of_tls:
        assert f"TLS of 127.0.0.1 is old or not to be trusted: {said_of_tls}" in said
    else:
        assert "TLS of" not in said
