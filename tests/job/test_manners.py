"""How the crawler conducts itself where a server asks something of it: cookies, patience, robots.txt, odd headers."""

from __future__ import annotations

import gzip
import socket
import socketserver
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.job.conftest import Nianbao
from tests.spacing import too_close

YEARS = (2020, 2021, 2022)
DELAY = 0.1
ROBOTS = "User-agent: *\nDisallow: /2021.html\n"


def answer(body: str | bytes, *headers: str, status: str = "200 OK") -> bytes:
    payload = body.encode() if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8", *headers, f"Content-Length: {len(payload)}"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + payload


def sent_to(address: str, *headers: str) -> bytes:
    return answer("", f"Location: {address}", *headers, status="302 Found")


class Asked:
    """One request: its path, its cookies, and how often the path was asked for before."""

    def __init__(self, path: str, cookie: str, before: int, port: int) -> None:
        self.path, self.cookie, self.before, self.port = path, cookie, before, port
        self.at = time.monotonic()


Conduct = Callable[["Asked", bytes], bytes]


def wants_its_cookie_back(asked: Asked, page: bytes) -> bytes:
    if "CT6T=a1" in asked.cookie:
        return page
    return sent_to(asked.path, "Set-Cookie: CT6T=a1; Path=/; HttpOnly", "Set-Cookie: CT6TS=b2")


def wants_a_cookie_from_another_address(asked: Asked, page: bytes) -> bytes:
    if "pass=1" in asked.cookie:
        return page
    if asked.path.startswith("/gate"):
        return sent_to(asked.path.partition("=")[2], "Set-Cookie: pass=1")
    return sent_to(f"/gate?to={asked.path}")


def never_has_enough(asked: Asked, page: bytes) -> bytes:
    return sent_to(asked.path, f"Set-Cookie: n={asked.before}")


def begins_a_session(asked: Asked, page: bytes) -> bytes:
    """Java's servers say the session's number twice, and few look for it."""
    session = ";jsessionid=0A1B2C"
    return page if session in asked.path else sent_to(f"{asked.path}{session}", "Set-Cookie: JSESSIONID=0A1B2C")


def serves_an_index_page(asked: Asked, page: bytes) -> bytes:
    return sent_to("/nb/index.html", "Set-Cookie: JSESSIONID=1") if asked.path == "/nb/" else page


def shows_a_hollow_page(asked: Asked, page: bytes) -> bytes:
    if asked.path != "/2021.html":
        return page
    title = page.partition(b"<h1>")[2].partition(b"</h1>")[0].decode()
    return answer(f"<title>{title}</title><h1>{title}</h1><div id='zoom'> </div>")


class ChallengesMidway:
    """Shows its list and one report."""

    def __init__(self) -> None:
        self.shown = 0

    def __call__(self, asked: Asked, page: bytes) -> bytes:
        self.shown += asked.path.startswith("/20")
        if self.shown < 2:
            return page
        time.sleep(3 * DELAY)
        return answer("", status="412 Precondition Failed")


def is_closed_until_tomorrow(asked: Asked, page: bytes) -> bytes:
    if asked.path != "/2021.html":
        return page
    time.sleep(3 * DELAY)  # by now the next one's turn has come
    return answer("", "Retry-After: 86400", status="503 Busy")


def is_busy_for_a_second(asked: Asked, page: bytes) -> bytes:
    if asked.path != "/2021.html" or asked.before:
        return page
    time.sleep(3 * DELAY)
    return answer("", "Retry-After: 1", status="503 Busy")


def robots(body: bytes, *before: bytes) -> Conduct:
    def conduct(asked: Asked, page: bytes) -> bytes:
        if asked.path != "/robots.txt":
            return page
        return before[asked.before] if asked.before < len(before) else answer(body)

    return conduct


def codes(coding: str, body: bytes | None = None) -> Conduct:
    def conduct(asked: Asked, page: bytes) -> bytes:
        if asked.path != "/nb/":
            return page
        return answer(page.partition(b"\r\n\r\n")[2] if body is None else body, f"Content-Encoding: {coding}")

    return conduct


def says_much(asked: Asked, page: bytes) -> bytes:
    headers = [f"X-Node-{n}: {'x' * 50}" for n in range(200)] + [f"X-Policy: {'y' * 20_000}"]
    return page.replace(b"\r\n", "\r\n".join(["", *headers, ""]).encode(), 1)


def links_to_its_other_host(asked: Asked, page: bytes) -> bytes:
    if asked.path != "/nb/":
        return page
    return answer(
        page.partition(b"\r\n\r\n")[2].replace(b"'/2021.html'", f"'http://localhost:{asked.port}/2021.html'".encode())
    )


CONDUCT: dict[str, tuple[Conduct, str, int | None, str]] = {  # → status, reports, how the reason begins
    "cookie-back": (wants_its_cookie_back, "ok", 3, ""),
    "cookie-gate": (wants_a_cookie_from_another_address, "ok", 3, ""),
    "cookie-never": (never_has_enough, "blocked", 0, "cookie_challenge"),
    "session": (begins_a_session, "ok", 3, ""),
    "index-page": (serves_an_index_page, "ok", 3, ""),
    "tomorrow": (is_closed_until_tomorrow, "blocked", None, "asked_to_wait"),
    "busy": (is_busy_for_a_second, "ok", 3, ""),
    "hollow": (shows_a_hollow_page, "incomplete", 2, "1 could not be had (empty_report)"),
    "midway": (ChallengesMidway(), "blocked", 1, "riversafe_412"),
    "robots-marked": (robots(b"\xef\xbb\xbf" + ROBOTS.encode()), "ok", 2, ""),
    "robots-utf-16": (robots(ROBOTS.encode("utf-16")), "ok", 2, ""),
    "robots-busy": (robots(ROBOTS.encode(), answer("", status="503 Busy")), "ok", 2, ""),
    "robots-slower": (robots(ROBOTS.encode(), answer("", "Retry-After: 1", status="429 Slow")), "ok", 2, ""),
    "robots-by-name": (robots(b"User-agent: *\n\nUser-agent: Nianbao/1.0 (+me)\nDisallow: /2021.html\n"), "ok", 2, ""),
    "robots-rate": (robots(b"User-agent: *\nRequest-rate: 2/1\n"), "ok", 3, ""),
    "robots-never": (robots(b"User-agent: *\nCrawl-delay: 1000000\n"), "blocked", 0, "asked_to_wait"),
    "robots-too-many": (robots(b"", *[answer("", status="429 Slow")] * 9), "blocked", 0, "too_many_requests"),
    "coded": (codes("br", b"\x1b\x0c\x00\xf8\x05" + bytes(range(200, 255))), "failed", 0, "foreign_coding"),
    "coded-in-name": (codes("br"), "ok", 3, ""),
    "says-much": (says_much, "ok", 3, ""),
    "two-hosts": (links_to_its_other_host, "ok", 3, ""),
}


class Portal(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, key: str, conduct: Conduct) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.agency = f"临泽县第{sorted(CONDUCT).index(key) + 1}中学"
        self.conduct = conduct
        self.asked: list[Asked] = []
        self.connections: list[socket.socket] = []
        self.beside = 0  # connections that stood open beside a new one, at the most
        self._counts: defaultdict[str, int] = defaultdict(int)

    def answer(self, path: str, cookie: str) -> bytes:
        asked = Asked(path, cookie, self._counts[path], self.server_address[1])
        self._counts[path] += 1
        self.asked.append(asked)
        return self.conduct(asked, self._page(path.partition(";")[0]))

    def connected(self, connection: socket.socket) -> None:
        time.sleep(0.05)  # the end of the one before may be under way
        self.beside = max(self.beside, sum(map(_open, self.connections)))
        self.connections.append(connection)

    def _page(self, path: str) -> bytes:
        if path in ("/nb/", "/nb/index.html"):
            rows = "".join(
                f"<li><a href='/{year}.html'>{self.agency}{year}年政府信息公开工作年度报告</a></li>" for year in YEARS
            )
            return answer(f"<title>政府信息公开年报</title><ul>{rows}</ul>")
        year = path.strip("/").removesuffix(".html")
        if not year.isdigit():
            return answer("<h1>404 Not Found</h1>", status="404 Not Found")
        title = f"{self.agency}{year}年政府信息公开工作年度报告"
        text = f"{self.agency}在{year}年主动公开招生、收费与采购信息二十三条，没有收到公开申请。"
        return answer(f"<title>{title}</title><h1>{title}</h1><div id='zoom'><p>一、总体情况</p><p>{text}</p></div>")


def _open(connection: socket.socket) -> bool:
    try:
        return bool(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return True
    except OSError:
        return False


class Handler(socketserver.StreamRequestHandler):
    server: Portal

    def handle(self) -> None:
        self.server.connected(self.connection)
        while line := self.rfile.readline():
            path, cookie = line.split()[1].decode(), ""
            while header := self.rfile.readline().strip():
                if header.lower().startswith(b"cookie:"):
                    cookie = header.partition(b":")[2].decode()
            self.wfile.write(self.server.answer(path, cookie))


@pytest.fixture(scope="module")
def portals() -> Iterator[dict[str, Portal]]:
    running = {key: Portal(key, conduct) for key, (conduct, *_) in CONDUCT.items()}
    for portal in running.values():
        threading.Thread(target=portal.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield running
    for portal in running.values():
        portal.shutdown()
        portal.server_close()


@pytest.fixture(scope="module")
def summary(portals: dict[str, Portal], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("manners")
    lines = ['[province]\ncode = "33"\nname = "浙江省"\n']
    for key, portal in portals.items():
        port = portal.server_address[1]
        home, hosts = f"http://127.0.0.1:{port}/", f'["localhost:{port}"]' if key == "two-hosts" else "[]"
        lines.append(
            f'[[portal]]\nkey = "{key}"\nname = "{portal.agency}"\ndivision = "331122"\nhome = "{home}"\n'
            f'columns = ["{home}nb/"]\ndelay = {DELAY}\nhosts = {hosts}\n'
        )
    (folder / "registry").mkdir()
    (folder / "registry" / "33.toml").write_text("\n".join(lines), encoding="utf-8")
    nianbao = Nianbao(folder / "registry", str(folder / "archive"), {})
    found = nianbao.crawl(expect=1)
    nianbao("verify")
    kept = [gzip.decompress(file.read_bytes()).lower() for file in (folder / "archive" / "snapshots").rglob("*.gz")]
    assert kept
    assert not any(b"\r\ncookie:" in snapshot for snapshot in kept)
    return found


@pytest.mark.parametrize("key", CONDUCT)
def test_what_a_server_asks_for_is_done_or_said(summary: dict[str, Any], key: str) -> None:
    _, status, reports, reason = CONDUCT[key]
    portal = summary["portals"][key]
    assert portal["status"] == status, portal["reason"]
    assert reports is None or portal["new"] == reports
    assert (portal["reason"] or "").startswith(reason)
    assert bool(portal["reason"]) == (status != "ok")


def test_a_cookie_is_given_back_where_nothing_else_leads_on_and_nowhere_else(
    summary: dict[str, Any], portals: dict[str, Portal]
) -> None:
    given = {key: [asked.path for asked in portal.asked if asked.cookie] for key, portal in portals.items()}
    assert {key for key, paths in given.items() if paths} == {"cookie-back", "cookie-gate", "cookie-never"}
    assert len(portals["cookie-never"].asked) == 2
    assert len(portals["cookie-back"].asked) == 1 + 5  # robots.txt once without the cookie; all else with it


def test_a_portal_that_refuses_or_sends_us_away_until_tomorrow_is_not_asked_again(
    summary: dict[str, Any], portals: dict[str, Portal]
) -> None:
    assert portals["tomorrow"].asked[-1].path == "/2021.html"
    assert len([asked for asked in portals["midway"].asked if asked.path.startswith("/20")]) == 2
    assert summary["portals"]["midway"]["failures"]["left_alone"] == 1


def test_what_a_server_asks_to_wait_holds_for_the_whole_portal_from_its_answer_on(
    summary: dict[str, Any], portals: dict[str, Portal]
) -> None:
    assert summary["portals"]["busy"]["status"] == "ok"
    asked = portals["busy"].asked
    busy = next(number for number, each in enumerate(asked) if each.path == "/2021.html")
    assert asked[busy + 1].at - asked[busy].at >= 1.0


def test_a_rate_in_robots_txt_is_a_delay(summary: dict[str, Any], portals: dict[str, Portal]) -> None:
    assert summary["portals"]["robots-rate"]["delay"] == 0.5
    at = [asked.at for asked in portals["robots-rate"].asked[1:]]
    assert len(at) >= 4
    assert too_close(at, 0.5) == []


def test_one_connection_at_a_time_is_open_to_a_portal_all_its_hosts_together(
    summary: dict[str, Any], portals: dict[str, Portal]
) -> None:
    assert {key: portal.beside for key, portal in portals.items() if portal.beside} == {}
    assert len(portals["two-hosts"].connections) > 1
