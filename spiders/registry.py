"""The portal registry: TOML, one file a province, read strictly.

::

    [province]
    code = "33"
    name = "浙江省"

    [[portal]]
    key = "jinyun"
    name = "缙云县人民政府"
    division = "331122"
    home = "http://www.jinyun.gov.cn/"

``docs/reference/registry.md`` explains every key. Whatever is wrong is a ``RegistryFault`` with file, line and key:
``check`` gives them all, ``load`` refuses a registry that has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import RegistryFault, UsageError
from crawler.items import Portal
from crawler.urls import bare_host, host_of
from spiders import divisions
from spiders.registry_file import Provenance, Reading, Seen, meant, place_of

__all__ = ["PACKAGED", "Provenance", "Registry", "Seen", "check", "files_of", "load", "own_hosts", "select"]

PACKAGED = Path(__file__).parent / "portals"


@dataclass(frozen=True, slots=True)
class Registry:
    """Every portal of a folder of registry files, in the order of files and entries."""

    portals: tuple[Portal, ...]
    provenance: Mapping[str, Provenance]  # by portal key
    doubts: tuple[RegistryFault, ...] = ()  # faults that ``check`` reports and ``load`` lets pass

    def portal(self, key: str) -> Portal:
        """The portal of that key; raises ``UsageError`` naming those that come close."""
        for portal in self.portals:
            if portal.key == key:
                return portal
        raise UsageError(f"the registry has no portal {key!r}{meant(key, [p.key for p in self.portals])}")


def load(directory: Path | None = None) -> Registry:
    """The registry in a folder, the packaged one where none is given.

    Raises ``UsageError`` for a folder without registry files and ``RegistryFault`` for the first of its faults. A
    division that the table does not know yet is a doubt, not a reason to refuse: counties are renumbered every year.
    """
    directory = directory or PACKAGED
    read = _read(directory)
    if faults := sorted(read.faults, key=place_of):
        first, more = faults[0], len(faults) - 1
        fault = f"{first.fault} ({more} more: nianbao portals check {directory})" if more else first.fault
        raise RegistryFault(fault, file=first.file, line=first.line, key=first.key)
    return Registry(tuple(read.portals), read.provenance, tuple(read.doubts))


def check(directory: Path | None = None) -> list[RegistryFault]:
    """Every fault of the registry in a folder, by file and line; raises ``UsageError`` where there is no registry."""
    read = _read(directory or PACKAGED)
    return sorted([*read.faults, *read.doubts], key=place_of)


def select(registry: Registry, provinces: Iterable[str] = (), portals: Iterable[str] = ()) -> tuple[Portal, ...]:
    """The portals of those provinces (code or name); of them those with the keys, where keys are given; else all.

    Raises ``UsageError`` for a province or key that names none of the registry's portals.
    """
    codes = {divisions.province_of(name) for name in provinces}
    chosen = [portal for portal in registry.portals if not codes or portal.province in codes]
    for code in sorted(codes - {portal.province for portal in chosen}):
        known = sorted({portal.province for portal in registry.portals})
        names = ", ".join(f"{known_code} {divisions.name_of(known_code)}" for known_code in known)
        raise UsageError(f"the registry has no portal in {code} {divisions.name_of(code)}; it has: {names}")
    keys = set(portals)
    for key in sorted(keys):
        if (portal := registry.portal(key)) not in chosen:
            place = f"{portal.province} {divisions.name_of(portal.province)}"
            raise UsageError(f"portal {key!r} is in {place}, which --province leaves out; drop one of the two")
    return tuple(portal for portal in chosen if not keys or portal.key in keys)


def own_hosts(portal: Portal) -> frozenset[str]:
    """The hosts that belong to a portal, as ``host`` or ``host:port`` without ``www.``."""
    hosts = [host_of(url) for url in (portal.home, *portal.columns)]
    return frozenset(bare_host(host) for host in (*hosts, *(host_of(f"http://{host}") for host in portal.hosts)))


def files_of(directory: Path) -> list[Path]:
    """The registry files of a folder, by name."""
    if not directory.is_dir():
        raise UsageError(f"{directory} is no folder; give the one that holds the registry's .toml files")
    files = sorted(file for file in directory.glob("*.toml") if not file.name.startswith("."))
    if not files:
        raise UsageError(f"{directory} holds no .toml file; a registry has one for each province")
    return files


def _read(directory: Path) -> Reading:
    read = Reading()
    for file in files_of(directory):
        read.file(file)
    return read
