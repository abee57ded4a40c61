"""A loopback server of replayweb.page and the containers it shows, which it reads in ranges."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SCRIPTS = {"/ui.js": "ui.js", "/replay/ui.js": "ui.js", "/replay/sw.js": "sw.js"}


@contextmanager
def replayer(scripts: Path, containers: Path) -> Iterator[str]:
    """``/NAME.wacz?url=…&ts=…`` is a page that replays that container; ``/containers/NAME.wacz`` the container."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path in SCRIPTS:
                self.answer((scripts / SCRIPTS[parts.path]).read_bytes(), "text/javascript")
            elif parts.path.startswith("/containers/"):
                self.answer((containers / parts.path.rpartition("/")[2]).read_bytes(), "application/wacz")
            elif parts.path.endswith(".wacz"):
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                wanted = "".join(f' {name}="{escape(value)}"' for name, value in asked.items())
                page = '<!doctype html><meta charset="utf-8"><script src="/ui.js"></script><body style="margin:0;height:100vh">'
                page += f'<replay-web-page source="/containers{parts.path}" embed="default"{wanted}></replay-web-page>'
                self.answer(page.encode(), "text/html")
            else:
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()

        do_HEAD = do_GET  # noqa: N815 - the base class names it

        def answer(self, data: bytes, media_type: str) -> None:
            first, last = 0, len(data) - 1
            asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range") or "")
            if asked and asked[1]:
                first, last = int(asked[1]), min(int(asked[2] or last), last)
            elif asked:
                first = max(0, len(data) - int(asked[2]))
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(last + 1 - first))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data[first : last + 1])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
