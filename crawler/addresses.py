"""Which addresses may be asked: no private, loopback or link-local one, unless the registry itself names the host.

A portal's page or a redirect may name ``127.0.0.1`` or the cloud's metadata service in many spellings; a name may
resolve to one. Both are refused, the second at the moment of connecting, so that no later answer of the name server
can differ from the one that was checked.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from crawler.errors import Unreadable
from crawler.urls import DEFAULT_PORTS, host_of

_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)$")
# What the standard library of some Python versions takes for public (IANA special-purpose registries, 2025), and the one
# cloud host service that lies in public space (Azure).
SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "3fff::/20", "5f00::/16", "fec0::/10")
)
LOCAL_NAMES = ("localhost", "local", "internal", "home.arpa", "lan")  # RFC 6761, 6762, 8375; ICANN 2024; custom


def is_forbidden(ip: str) -> bool:
    """Whether an IP address is none of the public internet's."""
    try:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return True
    if isinstance(address, ipaddress.IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour or _nat64(address)
        if carried is not None:
            return is_forbidden(str(carried))
    return (
        not address.is_global
        or address.is_multicast
        or address.is_reserved
        or any(address in network for network in SPECIAL)
    )


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in ipaddress.ip_network("64:ff9b::/96"):  # RFC 6052
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def literal(host: str) -> str | None:
    """The IP address a host name spells out, also as resolvers take it: ``127.1``, ``0x7f000001``, ``017700000001``."""
    bare = unicodedata.normalize("NFKC", unquote(host)).strip("[]")  # resolvers take １２７.０.０.１, too
    try:
        return str(ipaddress.ip_address(bare.partition("%")[0]))
    except ValueError:
        pass
    parts = bare.rstrip(".").split(".")
    if len(parts) <= 4 and all(_NUMBER.match(part) for part in parts):
        try:
            return socket.inet_ntoa(socket.inet_aton(bare.rstrip(".")))
        except OSError:
            return None
    return None


def is_local_name(host: str) -> bool:
    """Whether a name can only mean a machine nearby. Behind a proxy no resolver of ours would notice."""
    name = unicodedata.normalize("NFKC", unquote(host)).lower().rstrip(".")
    return any(name == local or name.endswith("." + local) for local in LOCAL_NAMES)


class AddressGuard:
    """Refuses forbidden addresses but for the hosts (``host`` or ``host:port``) the registry names."""

    def __init__(self, allowed_hosts: frozenset[str]) -> None:
        self._allowed = frozenset(host.lower() for host in allowed_hosts)

    def check_url(self, url: str) -> None:
        """Raises ``Unreadable("forbidden_address")`` for an address spelt out that may not be asked."""
        try:
            host = host_of(url)
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError as fault:
            raise Unreadable(f"no address: {url!r}", name="bad_address") from fault
        if host in self._allowed:
            return
        spelt = literal(name)
        if is_forbidden(spelt) if spelt is not None else is_local_name(name):
            raise Unreadable(f"an address that may not be asked: {url}", name="forbidden_address")

    def check_resolved(self, host: str, ips: Iterable[str], port: int | None = None) -> list[str]:
        """The addresses of a name that may be asked. Raises ``Unreadable("forbidden_address")`` where none is left."""
        found = list(ips)
        if self._named(host.lower().rstrip("."), port):
            return found
        public = [ip for ip in found if not is_forbidden(ip)]
        if found and not public:
            raise Unreadable(f"{host} resolves to {found[0]}, which may not be asked", name="forbidden_address")
        return public

    def _named(self, host: str, port: int | None) -> bool:
        if port in (None, 0):
            return any(host == (urlsplit(f"//{allowed}").hostname or "") for allowed in self._allowed)
        return f"{host}:{port}" in self._allowed or (port in DEFAULT_PORTS.values() and host in self._allowed)


class GuardedResolver(AbstractResolver):
    """aiohttp's threaded resolver behind the guard. A proxy may stand anywhere: the user named it."""

    def __init__(self, guard: AddressGuard, proxies: Iterable[str] | None = None) -> None:
        self._guard = guard
        self._proxies = frozenset(_proxy_hosts(getproxies().values() if proxies is None else proxies))
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        answers = await self._resolver.resolve(host, port, family)
        if (host.lower(), port) in self._proxies:
            return answers
        try:
            public = set(self._guard.check_resolved(host, [answer["host"] for answer in answers], port))
        except Unreadable as error:
            raise OSError(str(error)) from error  # what aiohttp takes for a failed look-up, its cause kept
        return [answer for answer in answers if answer["host"] in public]

    async def close(self) -> None:
        await self._resolver.close()


def _proxy_hosts(proxies: Iterable[str]) -> Iterator[tuple[str, int]]:
    for proxy in proxies:
        with suppress(ValueError):
            parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
            if parts.hostname:
                yield parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme, 80)


def guarded_cause(error: BaseException | None) -> Unreadable | None:
    """The guard's own error among the causes of a connection error, if it is one."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, Unreadable):
            return error
        seen.add(id(error))
        inner: Any = getattr(error, "os_error", None)
        error = inner or error.__cause__ or error.__context__
    return None
