"""Write what was discovered into a registry file, leaving every other byte of it as it was."""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from crawler.errors import RegistryFault, UsageError
from spiders.registry_file import Reading
from spiders.toml_places import places_of


def write_columns(
    file: Path,
    portal_key: str,
    columns: Sequence[str],
    *,
    platform: str | None = None,
    verified: date | None = None,
) -> bool:
    """Give a portal the columns found for it, and the platform and day where given; whether the file changed.

    Columns that the entry named before and that were not found go to its ``former_columns``. Raises ``UsageError``
    where the file has no such portal and ``RegistryFault`` where what would be written is no right registry file.
    """
    before = file.read_bytes().decode()
    entries = tomllib.loads(before).get("portal", [])
    index = next((number for number, entry in enumerate(entries) if entry.get("key") == portal_key), None)
    if index is None:
        raise UsageError(f"{file} has no portal {portal_key!r}")
    entry = entries[index]
    wanted: dict[str, Any] = {"columns": list(columns)}
    dropped = [url for url in entry.get("columns", []) if url not in columns]
    if dropped:
        kept = [url for url in entry.get("former_columns", []) if url not in columns]
        wanted["former_columns"] = kept + [url for url in dropped if url not in kept]
    if platform is not None:
        wanted["platform"] = platform
    if verified is not None:
        wanted["verified"] = verified
    text, after = before, "home"
    for key, value in wanted.items():
        if entry.get(key) != value:
            text = _with(text, file, index, key, value, after)
        after = key
    if text == before:
        return False
    check = Reading()
    check.text(file, text)
    if check.faults:
        raise check.faults[0]
    _replace(file, text)
    return True


def _with(text: str, file: Path, index: int, key: str, value: Any, after: str) -> str:
    """The text with the portal's key set; a key it did not have gets a line behind the one of ``after``."""
    places = places_of(text)
    portal = places["portal", index]
    if not portal.header:
        raise RegistryFault("is written inline; write it as [[portal]]", file=str(file), line=portal.line, key="portal")
    newline = "\r\n" if "\r\n" in text else "\n"
    written = _toml(value, newline)
    if place := places.get(("portal", index, key)):
        return text[: place.start] + written + text[place.end :]
    end = text.find("\n", places["portal", index, after].end)  # behind a comment on that line, too
    if end < 0:
        return f"{text}{newline}{key} = {written}"
    return f"{text[: end + 1]}{key} = {written}{newline}{text[end + 1 :]}"


def _toml(value: Any, newline: str) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    quoted = [json.dumps(item, ensure_ascii=False) for item in value]
    if len(quoted) < 2:
        return f"[{''.join(quoted)}]"
    return "[" + newline + "".join(f"    {item},{newline}" for item in quoted) + "]"


def _replace(file: Path, text: str) -> None:
    """Write the file whole or not at all."""
    file = file.resolve()
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(text.encode())
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(file.stat().st_mode & 0o777)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
