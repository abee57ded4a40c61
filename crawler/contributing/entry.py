"""The registry entry of a new portal, behind the others of its province; what was guessed stands above it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from crawler.errors import UsageError
from crawler.items import Portal
from crawler.urls import bare_host, host_of
from spiders import divisions, registry
from spiders.discovery import Candidate, entry_toml
from spiders.registry_file import Reading


def known_as(folder: Path, home: str) -> str | None:
    """The key of the registry's portal that an address belongs to already."""
    host = bare_host(host_of(home))
    if not any(folder.glob("*.toml")):
        return None
    return next((p.key for p in registry.load(folder).portals if host in registry.own_hosts(p)), None)


def keys_in(folder: Path) -> set[str]:
    """The keys that are taken."""
    return {portal.key for portal in registry.load(folder).portals} if any(folder.glob("*.toml")) else set()


def file_of(folder: Path, province: str) -> Path:
    """The file of a province in a registry; where it has none, the one it is to have."""
    if any(folder.glob("*.toml")):
        known = registry.load(folder)
        for portal in known.portals:
            if portal.province == province:
                return known.provenance[portal.key].file
    division = divisions.provinces()[province]
    return folder / f"{province}-{division.pinyin}.toml"


def text_of(portal: Portal, columns: Sequence[Candidate], guessed: Mapping[str, str], day: date) -> str:
    """The entry, below what was guessed for it."""
    notes = [f"# {name} guessed: {' '.join(why.split())}\n" for name, why in guessed.items()]
    return "".join(notes) + entry_toml(portal, columns, portal.platform, day)


def append(folder: Path, portal: Portal, entry: str) -> Path:
    """Write the entry into its province's file, whole or not at all; the file. Raises ``RegistryFault`` where the file
    would be no right registry file with it, and ``UsageError`` where it cannot be written."""
    file = file_of(folder, portal.province)
    before = file.read_bytes().decode() if file.exists() else _head(portal.province)
    newline = "\r\n" if "\r\n" in before else "\n"
    text = before.rstrip() + newline * 2 + entry.replace("\n", newline)
    check = Reading()
    check.text(file, text)
    if check.faults:
        raise check.faults[0]
    if portal.key in keys_in(folder):
        raise UsageError(f"{folder} has a portal {portal.key!r} already; say another with --key")
    try:
        _write(file, text)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
    return file


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(handle, "wb") as out:
        out.write(text.encode())
    Path(name).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
    Path(name).replace(file)


def _head(province: str) -> str:
    return f'[province]\ncode = "{province}"\nname = "{divisions.provinces()[province].name}"\n'
