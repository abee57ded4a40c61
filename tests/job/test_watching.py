"""What a run says afterwards, and to whom; what the next one will have to do."""

from __future__ import annotations

import json
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from crawler.samples import SampleSite
from tests.job.conftest import Nianbao


@contextmanager
def listening(status: int = 200) -> Iterator[tuple[str, list[bytes]]]:
    """A webhook's address, and what it is sent."""
    received: list[bytes] = []

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Webhook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hook/secret-token", received
        server.shutdown()


@contextmanager
def mail_server() -> Iterator[tuple[int, list[str]]]:
    """An SMTP server as plain as they come, and the messages it took."""
    taken: list[str] = []

    class Smtp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            def say(text: str) -> None:
                self.wfile.write(text.encode() + b"\r\n")

            say("220 loopback")
            while line := self.rfile.readline().decode().strip():
                if line.upper() == "DATA":
                    say("354 go on")
                    text = ""
                    while (part := self.rfile.readline().decode()) != ".\r\n":
                        text += part
                    taken.append(text)
                say("221 bye" if line.upper() == "QUIT" else "250 well")

    with socketserver.TCPServer(("127.0.0.1", 0), Smtp) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], taken
        server.shutdown()


@pytest.mark.parametrize("site", [["lanxi-scjg", "beiling"]], indirect=True)
def test_a_portal_that_is_not_what_it_was_is_said_wherever_it_is_to_be_said(site: SampleSite, nianbao: Nianbao) -> None:
    assert {notice["name"] for notice in nianbao.crawl().get("notices", [])} <= {"stalled"}
    for file in nianbao.registry.glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r'(columns = \["http://[^/]+/)[^"]*', r"\1nowhere/", text), encoding="utf-8")
    with listening() as (address, received), mail_server() as (port, taken):
        done = nianbao(
            "crawl", "--portals", str(nianbao.registry), "-s", f"NOTIFY_WEBHOOK={address}",
            "-s", "NOTIFY_EMAIL=a@example.org", "-s", "SMTP_HOST=127.0.0.1", "-s", f"SMTP_PORT={port}", expect=None,
        )  # fmt: skip
    assert "secret-token" not in done.stdout + done.stderr
    message = json.loads(received[0])
    assert {notice["portal"] for notice in message["notices"]} == {"lanxi-scjg", "beiling"}
    assert {notice["name"] for notice in message["notices"]} <= {"redesigned", "broke", "stalled"}
    assert message["text"].startswith(f"nianbao run {message['run']}\n")
    assert "Subject: nianbao" in taken[0]
    page = nianbao("runs", "last").stdout
    assert page == message["text"]
    assert len(page.splitlines()) < 60


@pytest.mark.parametrize("site", [["lanxi-scjg"]], indirect=True)
def test_a_message_that_cannot_be_delivered_costs_nothing_else(nianbao: Nianbao) -> None:
    with listening(500) as (address, _):
        done = nianbao(
            "crawl", "--portals", str(nianbao.registry), "-s", f"NOTIFY_WEBHOOK={address}", "-s", "NOTIFY_WHEN=always"
        )
    assert "the webhook was not delivered (HTTP 500)" in done.stderr
    assert "secret-token" not in done.stderr
    wrong = nianbao("crawl", "--portals", str(nianbao.registry), "-s", "NOTIFY_WEBHOOK=ftp://a/b", expect=2)
    assert "NOTIFY_WEBHOOK" in wrong.stderr


@pytest.mark.parametrize("site", [["lanxi", "beiling"]], indirect=True)
def test_a_plan_says_what_the_next_crawl_will_ask_for(site: SampleSite, nianbao: Nianbao) -> None:
    words = ("plan", "--portals", str(nianbao.registry), "--json")
    before = {task["portal"]: task for task in json.loads(nianbao(*words).stdout)["portals"]}
    assert {key: (task["last_run"], task["requests"]) for key, task in before.items()} == {
        "lanxi": (None, None),
        "beiling": (None, None),
    }
    nianbao.crawl()
    planned = {task["portal"]: task for task in json.loads(nianbao(*words).stdout)["portals"]}
    for requests in site.requests.values():
        requests.clear()
    nianbao.crawl()
    for key, task in planned.items():
        asked = [request for request in site.requests[key] if request.path != "/robots.txt"]
        assert task["status"] == "ok"
        assert task["due"] == 0
        assert task["known"] > 15
        assert len(asked) <= task["requests"]
    assert "2 portals, 0 of" in nianbao("plan", "--portals", str(nianbao.registry)).stdout
    assert len(json.loads(nianbao("runs", "--json").stdout)) == 2
    assert "no run 'x'" in nianbao("runs", "x", expect=2).stderr
