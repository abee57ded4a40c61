"""No request goes to an address nobody meant, however it is spelt."""

from __future__ import annotations

import asyncio
import http.server
import threading
from collections.abc import Iterator

import aiohttp
import pytest

from crawler.addresses import AddressGuard, GuardedResolver, guarded_cause, is_forbidden, literal
from crawler.errors import Unreadable

NOBODY = AddressGuard(frozenset())

FORBIDDEN = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.9",
    "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::1%lo", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1", "2002:7f00:1::", "2002:a00:1::1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001::1",
    "", "nonsense", "256.1.1.1",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8", "1.25.240.11", "124.117.235.205", "112.94.69.56", "172.32.0.1", "169.253.1.1", "100.128.0.1",
    "2400:3200::1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808",
]  # fmt: skip


@pytest.mark.parametrize("ip", FORBIDDEN)
def test_an_address_of_no_public_network_is_forbidden(ip: str) -> None:
    assert is_forbidden(ip)


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_public_address_is_not(ip: str) -> None:
    assert not is_forbidden(ip)


SPELLINGS = [
    "http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/",
    "http://0177.0.0.1/", "http://017700000001/", "http://0/", "http://127.0.0.1./", "http://127.1.:80/",
    "http://user:word@127.0.0.1/", "http://www.gov.cn@10.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
    "http://[fe80::1%25eth0]/", "https://[64:ff9b::a9fe:a9fe]/latest/", "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/", "http://１２７.０.０.１/", "http://%31%32%37.0.0.1/", "http://100.100.100.200/", "http://0xA000001/",
    "http://localhost/", "http://LOCALHOST:8080/", "http://a.localhost/", "http://metadata.google.internal/",
    "http://printer.local/", "http://localhost./",
]  # fmt: skip


@pytest.mark.parametrize("url", SPELLINGS)
def test_a_spelling_does_not_matter(url: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        NOBODY.check_url(url)
    assert refusal.value.name == "forbidden_address"


@pytest.mark.parametrize(
    "url",
    ["http://www.jinyun.gov.cn/", "http://1.25.240.11:8082/sites/", "http://8.8/", "http://12345.gov.cn/", "http://0x7f.gov.cn/",
     "http://localhost.gov.cn/", "http://[2400:3200::1]/", "http://1.2.3.4.5/"],
)  # fmt: skip
def test_an_ordinary_address_passes(url: str) -> None:
    NOBODY.check_url(url)


@pytest.mark.parametrize("url", ["http://[::1/", "http://a.gov.cn:99999/", "http://a.gov.cn:x/"])
def test_what_is_no_address_is_named(url: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        NOBODY.check_url(url)
    assert refusal.value.name == "bad_address"


def test_what_the_registry_names_is_allowed_with_its_port_and_no_other() -> None:
    guard = AddressGuard(frozenset({"127.0.0.1:8001", "localhost:8002", "intranet.gov.cn", "[::1]:8003"}))
    for url in ("http://127.0.0.1:8001/a", "http://localhost:8002/", "http://intranet.gov.cn/", "http://[::1]:8003/"):
        guard.check_url(url)
    for url in (
        "http://127.0.0.1:8009/",
        "http://127.0.0.1/",
        "http://localhost/",
        "http://127.1:8001/",
        "http://[::1]/",
    ):
        with pytest.raises(Unreadable):
            guard.check_url(url)
    assert guard.check_resolved("intranet.gov.cn", ["10.0.0.1"], 443) == ["10.0.0.1"]
    assert guard.check_resolved("localhost", ["127.0.0.1"], 8002) == ["127.0.0.1"]
    with pytest.raises(Unreadable):
        guard.check_resolved("localhost", ["127.0.0.1"], 8001)
    with pytest.raises(Unreadable):
        guard.check_resolved("intranet.gov.cn", ["10.0.0.1"], 22)


def test_of_several_answers_the_public_ones_are_kept() -> None:
    assert NOBODY.check_resolved("a.gov.cn", ["10.0.0.1", "1.25.240.11", "::1"]) == ["1.25.240.11"]
    assert NOBODY.check_resolved("a.gov.cn", []) == []
    with pytest.raises(Unreadable) as refusal:
        NOBODY.check_resolved("a.gov.cn", ["10.0.0.1", "::1"])
    assert refusal.value.name == "forbidden_address"


def test_a_literal_is_read_as_resolvers_read_it() -> None:
    assert literal("127.1") == literal("0x7f000001") == literal("017700000001") == literal("2130706433") == "127.0.0.1"
    assert literal("[::1]") == "::1"
    assert literal("999.1.1.1") is None
    assert literal("www.gov.cn") is None
    assert literal("") is None


@pytest.fixture
def port() -> Iterator[int]:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


async def ask(url: str, guard: AddressGuard, proxies: tuple[str, ...] = ()) -> str:
    connector = aiohttp.TCPConnector(resolver=GuardedResolver(guard, proxies))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get(url) as answer,
    ):
        return await answer.text()


@pytest.mark.parametrize("name", ["localhost", "0x7f000001"])
def test_a_name_that_resolves_to_loopback_is_refused_when_connecting(port: int, name: str) -> None:
    with pytest.raises(aiohttp.ClientConnectorError) as failure:
        asyncio.run(ask(f"http://{name}:{port}/", NOBODY))
    refusal = guarded_cause(failure.value)
    assert refusal is not None
    assert refusal.name == "forbidden_address"


def test_a_name_of_the_registry_is_reached_at_any_address(port: int) -> None:
    guard = AddressGuard(frozenset({f"localhost:{port}"}))
    assert asyncio.run(ask(f"http://localhost:{port}/", guard)) == "ok"


def test_a_proxy_may_stand_anywhere(port: int) -> None:
    assert asyncio.run(ask(f"http://localhost:{port}/", NOBODY, (f"http://localhost:{port}",))) == "ok"


def test_the_resolver_says_why_nothing_is_left() -> None:
    async def resolve() -> None:
        resolver = GuardedResolver(NOBODY, proxies=[])
        try:
            await resolver.resolve("localhost", 80)
        finally:
            await resolver.close()

    with pytest.raises(OSError, match="localhost resolves to") as failure:
        asyncio.run(resolve())
    assert guarded_cause(failure.value) is not None
    assert guarded_cause(OSError("no such name")) is None
