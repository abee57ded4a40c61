"""A small world of portals under names of their own, behind one loopback proxy; what they serve can be rewritten.

Host names are real to the crawler (domains, ``www.``, http and https), as they are not on loopback addresses.
"""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

COLUMN = "/zfxxgk/ndbg/"


@dataclass
class Answer:
    """One answer; ``body`` may be made anew for every view."""

    body: bytes | Callable[[int], bytes] = b""
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    location: str | None = None
    etag: str | None = None


@dataclass
class Article:
    """A page of a portal; change what it says and it is served so from now on."""

    title: str
    agency: str
    text: list[str]
    cells: list[tuple[str, str]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, str]] = field(default_factory=list)  # name, path
    template: str = "old"
    etag: bool = False

    def page(self, view: int) -> bytes:
        """The page, its chrome never twice the same."""
        rows = "".join(f"<tr><td>{escape(a)}</td><td>{escape(b)}</td></tr>" for a, b in self.cells)
        table = f"<table border='1'>{rows}</table>" if rows else ""
        wide = "\n  " if view % 2 else ""
        text = "".join(f"<p>{wide}{escape(paragraph)}{wide}</p>" for paragraph in self.text)
        files = "".join(f"<p>附件：<a href='{path}'>{escape(name)}</a></p>" for name, path in self.files)
        signed = f"<p style='text-align:right'>{escape(self.agency)}</p>"
        labels = "".join(f"<li>{escape(a)}：{escape(b)}</li>" for a, b in self.labels.items())
        order = ("id='zoom' class='TRS_Editor'", "class='TRS_Editor' id='zoom'")[view % 2]
        if self.etag:  # a page with a validator stands still
            view = 0
        body = f"<div {order}>{text}{table}{signed}</div>{files}"
        if self.template == "old":
            inside = f"<ul class='xxgk'>{labels}</ul><h1>{escape(self.title)}</h1>{body}"
        else:
            cells = "".join(f"<td><b>{escape(a)}</b></td><td>{escape(b)}</td>" for a, b in self.labels.items())
            inside = (
                f"<section><h2>{escape(self.title)}</h2><table class='head'><tr>{cells}</tr></table>{body}</section>"
            )
        return chrome(self.title, inside, view)


def chrome(title: str, inside: str, view: int) -> bytes:
    token = sha256(str(view).encode()).hexdigest()
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<script>var token='{token}';</script></head><body><div class='top'>今天是2026年3月{view % 28 + 1}日 "
        f"<a href='/'>首页</a></div>{inside}<div class='footer'>您是第{view}位访问者 版权所有</div></body></html>"
    ).encode()


class Site:
    """One portal: its articles in its column, and whatever else it answers."""

    def __init__(self, key: str, name: str, host: str | None = None) -> None:
        self.key, self.name = key, name
        self.host = host or f"www.{key}.gov.cn"
        self.column = COLUMN
        self.home_only = False  # whether the registry names its home page alone
        self.articles: dict[str, Article] = {}  # by path
        self.unlisted: set[str] = set()
        self.answers: dict[str, Answer] = {}  # by path; goes before everything else
        self.redirect_all: str | None = None  # a scheme and host everything has moved to

    @property
    def named(self) -> str:
        """The columns the registry names."""
        return "[]" if self.home_only else f'["http://{self.host}{COLUMN}"]'

    def add(self, path: str, article: Article) -> Article:
        self.articles[path] = article
        return article

    def move(self, old: str, new: str) -> Article:
        article = self.articles[new] = self.articles.pop(old)
        return article

    def file(self, path: str, body: bytes, etag: str | None = None) -> None:
        self.answers[path] = Answer(body, media_type="application/octet-stream", etag=etag)

    def answer(self, path: str, view: int) -> Answer:
        if path in self.answers:
            return self.answers[path]
        if path in self.articles:
            article = self.articles[path]
            etag = f'"{sha256(article.page(0)).hexdigest()[:16]}"' if article.etag else None
            return Answer(article.page(view), etag=etag)
        if path == self.column:
            rows = "".join(
                f"<li><a href='{path}' title='{escape(a.title)}'>{escape(a.title)}</a><span>2024-03-01</span></li>"
                for path, a in self.articles.items()
                if path not in self.unlisted
            )
            return Answer(chrome("政府信息公开年报", f"<h3>政府信息公开年报</h3><ul class='list'>{rows}</ul>", view))
        if path == "/":
            links = f"<a href='{self.column}'>政府信息公开年报</a>"
            return Answer(chrome(self.name, f"<h1>{self.name}</h1><div>{links}</div>", view))
        return Answer(chrome("404", "<h1>404 Not Found</h1>", view), 404)


class World:
    """The sites by name, and the proxy in front of them. A context manager."""

    def __init__(self, folder: Path) -> None:
        self.sites: dict[str, Site] = {}
        self.registered: list[Site] = []
        self.requests: list[tuple[str, str]] = []  # host, path
        self._views = count(101)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(_certificate(folder))
        world = self

        class Handler(_Proxy):
            def respond(self, scheme: str, host: str, path: str) -> Answer:
                return world.respond(scheme, host, path)

            def tls(self) -> ssl.SSLContext:
                return world._tls

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def environment(self) -> dict[str, str]:
        proxy = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": ""}

    def site(self, key: str, name: str, *hosts: str) -> Site:
        """A portal of the registry, found under each of the hosts (its own ``www.`` name where none is given)."""
        site = Site(key, name, hosts[0] if hosts else None)
        for host in hosts or (site.host, site.host.removeprefix("www.")):
            self.sites[host] = site
        self.registered.append(site)
        return site

    def respond(self, scheme: str, host: str, path: str) -> Answer:
        self.requests.append((host, path))
        site = self.sites.get(host)
        if site is None:
            return Answer(b"no such host", 502, "text/plain")
        if path == "/robots.txt":
            return Answer(b"User-agent: *\nDisallow:\n", media_type="text/plain")
        if site.redirect_all and f"{scheme}://{host}" != site.redirect_all:
            return Answer(status=301, location=site.redirect_all + path)
        return site.answer(path, next(self._views))

    def write_registry(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        lines = ['[province]\ncode = "33"\nname = "浙江省"\n']
        lines += [
            f'[[portal]]\nkey = "{site.key}"\nname = "{site.name}"\ndivision = "331122"\n'
            f'home = "http://{site.host}/"\ncolumns = {site.named}\nplatform = "plain"\ndelay = 0.0\n'
            for site in self.registered
        ]
        (folder / "33-zhejiang.toml").write_text("\n".join(lines), encoding="utf-8")
        return folder

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def world(folder: Path) -> Iterator[World]:
    running = World(folder)
    try:
        yield running
    finally:
        running.close()


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60
    origin: str | None = None  # of the tunnel this connection has become

    def respond(self, scheme: str, host: str, path: str) -> Answer:
        raise NotImplementedError

    def tls(self) -> ssl.SSLContext:
        raise NotImplementedError

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        pass

    def do_CONNECT(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()
        try:
            self.connection = self.tls().wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):  # strict TLS hangs up on a certificate of our own
            self.close_connection = True
            return
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        self.origin = f"https://{self.path.removesuffix(':443')}"
        self.close_connection = False

    def do_GET(self) -> None:
        parts = urlsplit(self.path if self.path.startswith("http") else f"{self.origin}{self.path}")
        answer = self.respond(parts.scheme, parts.netloc.lower(), parts.path)
        body = answer.body if isinstance(answer.body, bytes) else answer.body(0)
        status = answer.status
        if answer.etag and self.headers.get("If-None-Match") == answer.etag:
            status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", answer.media_type)
        if answer.etag:
            self.send_header("ETag", answer.etag)
        if answer.location:
            self.send_header("Location", answer.location)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's own")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
