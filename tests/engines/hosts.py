"""Several machines on this one: network namespaces with process numbers of their own, or plain processes.

    inner 10.77.0.0/24    the hub (scheduler, archive, caller) and the workers
    outer 10.78.0.0/24    the portals and the workers

A worker that is cut off has lost the inner network: no scheduler, no archive; the portals it still reaches.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

HUB, WEB = "hub", "web"
PROGRAMS = ("ip", "unshare")


class Machines:
    """Processes stand for machines; all on loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, list[subprocess.Popen[bytes]]] = {}

    def inner(self, host: str) -> str:
        return "127.0.0.1"

    def outer(self, host: str) -> str:
        """The address a portal sees a host by; loopback has enough of them."""
        return "127.0.0.1"

    def start(
        self, host: str, name: str, *command: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """A program on a host, its output in ``<name>.log``."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*self._there(host), *command],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        self.running.setdefault(host, []).append(process)
        return process

    def _there(self, host: str) -> list[str]:
        return []

    def kill(self, host: str) -> None:
        """The machine is off at once: all its processes are killed with -9."""
        for process in self.running.pop(host, []):
            for pid in (process.pid, *_below(process.pid)):
                _signal(pid, signal.SIGKILL)
            process.wait()

    def cut(self, host: str) -> None:
        """The worker is heard no more; what it has started goes on."""
        for process in self.running[host]:
            everything = (process.pid, *_below(process.pid))
            started = {pid for pid in everything if b"crawler.engines.child" in _command(pid)}
            started |= {below for pid in started for below in _below(pid)}
            for pid in everything:
                if pid not in started:
                    _signal(pid, signal.SIGSTOP)

    def close(self) -> None:
        for host in list(self.running):
            self.kill(host)


class Namespaces(Machines):
    """Every host has a network stack of its own, and process numbers of its own."""

    def __init__(self, folder: Path, hosts: tuple[str, ...]) -> None:
        super().__init__(folder)
        self.prefix = f"nb{secrets.token_hex(2)}"
        self.hosts = hosts
        self._switch = f"{self.prefix}-switch"

    def up(self) -> None:
        """Raises ``CalledProcessError`` where the system does not let us."""
        for each in (self._switch, *(self._name(host) for host in self.hosts)):
            _ip("netns", "add", each)
            _ip("-n", each, "link", "set", "lo", "up")
        for net in ("inner", "outer"):
            _ip("-n", self._switch, "link", "add", net, "type", "bridge")
            _ip("-n", self._switch, "link", "set", net, "up")
        for host in self.hosts:
            for net in ("inner", "outer"):
                if (host, net) in ((HUB, "outer"), (WEB, "inner")):
                    continue
                port = f"{net[0]}{self.hosts.index(host)}"
                _ip("-n", self._switch, "link", "add", port, "type", "veth", "peer", net, "netns", self._name(host))
                _ip("-n", self._switch, "link", "set", port, "master", net)
                _ip("-n", self._switch, "link", "set", port, "up")
                address = self.inner(host) if net == "inner" else self.outer(host)
                _ip("-n", self._name(host), "address", "add", f"{address}/24", "dev", net)
                _ip("-n", self._name(host), "link", "set", net, "up")

    def inner(self, host: str) -> str:
        return f"10.77.0.{10 + self.hosts.index(host)}"

    def outer(self, host: str) -> str:
        return f"10.78.0.{10 + self.hosts.index(host)}"

    def _name(self, host: str) -> str:
        return f"{self.prefix}-{host}"

    def _there(self, host: str) -> list[str]:
        alone = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
        return ["ip", "netns", "exec", self._name(host), *alone]

    def kill(self, host: str) -> None:
        for process in self.running.pop(host, []):
            _signal(process.pid, signal.SIGKILL)  # and with it everything of its process numbers
            process.wait()

    def cut(self, host: str) -> None:
        _ip("-n", self._switch, "link", "set", f"i{self.hosts.index(host)}", "down")

    def close(self) -> None:
        super().close()
        for each in (*(self._name(host) for host in self.hosts), self._switch):
            subprocess.run(["ip", "netns", "delete", each], capture_output=True, check=False)


def namespaces_missing() -> str | None:
    """Why there can be no namespaces here."""
    if absent := [program for program in PROGRAMS if shutil.which(program) is None]:
        return f"{', '.join(absent)} not installed"
    tried = subprocess.run(
        ["unshare", "--net", "--pid", "--fork", "--mount-proc", "ip", "link", "add", "inner", "type", "bridge"],
        capture_output=True,
        check=False,
        text=True,
    )
    return None if tried.returncode == 0 else f"no network namespaces: {tried.stderr.strip()}"


@contextmanager
def machines(kind: str, folder: Path, hosts: tuple[str, ...]) -> Iterator[Machines]:
    made = Namespaces(folder, hosts) if kind == "namespaces" else Machines(folder)
    try:
        if isinstance(made, Namespaces):
            made.up()
        yield made
    finally:
        made.close()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _below(pid: int) -> list[int]:
    """The processes a process has started, and they, and so on."""
    found: list[int] = []
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return found
    for child in children:
        found += [child, *_below(child)]
    return found
