"""The samples as a running site: every portal on its own port, its registry, its expectations, its revisions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from .portal import SamplePortal
from .server import Acceptor, PortalServer, RequestRecord

PROVINCES = {
    "12": ("天津市", "tianjin"),
    "13": ("河北省", "hebei"),
    "23": ("黑龙江省", "heilongjiang"),
    "32": ("江苏省", "jiangsu"),
    "33": ("浙江省", "zhejiang"),
    "34": ("安徽省", "anhui"),
    "36": ("江西省", "jiangxi"),
    "37": ("山东省", "shandong"),
    "42": ("湖北省", "hubei"),
    "44": ("广东省", "guangdong"),
    "45": ("广西壮族自治区", "guangxi"),
    "53": ("云南省", "yunnan"),
    "63": ("青海省", "qinghai"),
    "64": ("宁夏回族自治区", "ningxia"),
}


class SampleSite:
    """Running sample portals; a context manager."""

    def __init__(
        self,
        kinds: Iterable[type[SamplePortal]],
        host: str = "127.0.0.1",
        ports: Mapping[str, int] | None = None,
        latency: float = 0.0,
    ) -> None:
        self._acceptor = Acceptor()
        self._servers: dict[str, PortalServer] = {}
        for kind in kinds:
            server = PortalServer(host, (ports or {}).get(kind.key, 0), kind())
            server.latency = latency
            self._servers[kind.key] = server
            self._acceptor.add(server)
        self._settle()
        self._acceptor.start()
        self._running = True

    def _settle(self) -> None:
        for server in self._servers.values():
            server.portal.base = server.base
        bases = {key: server.base for key, server in self._servers.items()}
        for server in self._servers.values():
            server.portal.settle(bases)

    def __enter__(self) -> SampleSite:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
        faults = [fault for server in self._servers.values() for fault in server.faults]
        if faults and kind is None:
            raise RuntimeError(f"{len(faults)} faults in the sample portals, the first: {faults[0]!r}") from faults[0]

    def close(self) -> None:
        """Stops every server and hangs up. Idempotent."""
        if self._running:
            self._running = False
            self._acceptor.stop()

    # ---- what is served

    @property
    def portals(self) -> list[SamplePortal]:
        """The running portals, in order."""
        return [server.portal for server in self._servers.values()]

    def portal(self, wanted: str | SamplePortal) -> SamplePortal:
        """A portal by its key."""
        return wanted if isinstance(wanted, SamplePortal) else self._servers[wanted].portal

    @property
    def requests(self) -> dict[str, list[RequestRecord]]:
        """Every request so far, by portal, in the order answered."""
        return {key: server.log for key, server in self._servers.items()}

    def expected(self) -> dict[str, dict[str, Any]]:
        """What a right crawl finds now, by portal: see ``SamplePortal.expected``."""
        return {portal.key: portal.expected() for portal in self.portals if portal.registered}

    def revise(self, portal: str | SamplePortal, report: str, what: str = "body", *, redirect: bool = False) -> str:
        """Changes what is served from now on and gives the report's (new) URL.

        ``what``: ``body``, ``statistics``, ``metadata``, ``attachment``, ``chrome`` (nothing of the report changes),
        ``withdraw`` (404, no longer listed), ``move`` (a new address; the old answers 404, or 301 with ``redirect``),
        ``other_year`` (the same address, another year's report).
        """
        found = self.portal(portal)
        page = found.report(report)
        page.revise(what, redirect=redirect)
        return found.base + page.path

    def reset(self) -> None:
        """Everything as at the start: contents, counters and logs. The addresses stay, and faults are told at the end."""
        for server in self._servers.values():
            server.portal = type(server.portal)()
            server.log.clear()
        self._settle()

    # ---- the registry

    def write_registry(
        self, folder: Path | str, *, columns: bool = True, platforms: bool = False, delay: float = 0.0
    ) -> list[Path]:
        """The running portals as registry files, one a province; ``columns=False`` leaves them to be discovered."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        registered = [portal for portal in self.portals if portal.registered]
        for code in sorted({portal.province for portal in registered}):
            name, slug = PROVINCES[code]
            lines = ["[province]", f'code = "{code}"', f"name = {_toml(name)}"]
            for portal in registered:
                if portal.province == code:
                    lines += ["", "[[portal]]", *_entry(portal, columns, platforms, delay)]
            path = folder / f"{code}-{slug}.toml"
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            written.append(path)
        return written


def _entry(portal: SamplePortal, columns: bool, platforms: bool, delay: float) -> list[str]:
    entry: dict[str, Any] = {
        "key": portal.key,
        "name": portal.name,
        "division": portal.division,
        "home": portal.home,
        "columns": portal.columns if columns else [],
    }
    if platforms:
        entry["platform"] = portal.platform
    if portal.min_reports:
        entry["min_reports"] = portal.min_reports
    entry["delay"] = float(delay)
    if portal.hosts:
        entry["hosts"] = portal.hosts
    return [f"{key} = {_toml(value)}" for key, value in entry.items()]


def _toml(value: Any) -> str:
    # TOML's basic strings, arrays and numbers are written as JSON's.
    return json.dumps(value, ensure_ascii=False)
