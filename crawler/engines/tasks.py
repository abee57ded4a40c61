"""What a task says. It is shipped as JSON, holds its share of the registry, and no secrets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler import __version__
from crawler.errors import UsageError
from crawler.items import Portal


@dataclass(frozen=True, slots=True)
class Place:
    """An archive that every machine is to find."""

    uri: str
    mark: tuple[int, int] | None = None  # of a directory: what tells it from another one of the same name


@dataclass(frozen=True, slots=True)
class CrawlTask:
    """One ``nianbao crawl`` of these portals."""

    portals: tuple[str, ...]
    registry: Mapping[str, str]  # name of a file → its text
    archive: Place
    years: str | None = None
    recheck: str = "due"
    until: float | None = None  # seconds since the epoch, as machines may be of different time zones
    settings: Mapping[str, Any] = field(default_factory=dict)
    verbose: bool = False
    version: str = __version__


@dataclass(frozen=True, slots=True)
class RereadTask:
    """One ``nianbao reread`` of what these portals published."""

    portals: tuple[str, ...]
    archive: Place
    filters: Mapping[str, Any]  # as storage.queries.Filters has them
    everything: bool = False
    workers: int | None = None
    version: str = __version__


Task = CrawlTask | RereadTask
KINDS: Mapping[str, type[CrawlTask | RereadTask]] = {"crawl": CrawlTask, "reread": RereadTask}


def encode(task: Task) -> str:
    kind = next(name for name, made in KINDS.items() if isinstance(task, made))
    return json.dumps({"kind": kind, **asdict(task)}, ensure_ascii=False)


def decode(text: str) -> Task:
    """Raises ``UsageError`` for a task of another version of nianbao, which may mean something else by it."""
    said = json.loads(text)
    if said["version"] != __version__:
        raise UsageError(f"has nianbao {__version__}, and the caller {said['version']}: install the same everywhere")
    archive = said.pop("archive")
    mark = archive["mark"]
    place = Place(archive["uri"], (mark[0], mark[1]) if mark else None)
    return KINDS[said.pop("kind")](**{**said, "portals": tuple(said["portals"]), "archive": place})


# ---------------------------------------------------------------- the archive


def place_of(uri: str) -> Place:
    """The archive as other machines are to find it: a directory by its whole path, and recognised when they do."""
    folder = _folder(uri)
    return Place(uri) if folder is None else Place(str(folder), _mark(folder))


def check_place(place: Place) -> None:
    """Raises ``UsageError`` where this machine has another archive, or none, under the name."""
    folder = _folder(place.uri)
    if folder is not None and (mark := _mark(folder)) != place.mark:
        found = "has none" if mark is None else "has another archive"
        raise UsageError(f"{found} at {place.uri}: mount the caller's directory there, or keep the archive on S3")


def _folder(uri: str) -> Path | None:
    if "://" in uri and not uri.startswith("file:"):
        return None
    return Path(unquote(urlsplit(uri).path) if uri.startswith("file:") else uri).expanduser().absolute()


def _mark(folder: Path) -> tuple[int, int] | None:
    try:
        found = (folder / "archive.json").stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


# ---------------------------------------------------------------- the registry


def registry_of(portals: Sequence[Portal]) -> dict[str, str]:
    """Registry files that hold these portals and nothing else."""
    from spiders.divisions import name_of

    files = {}
    for code, group in groupby(sorted(portals, key=lambda portal: portal.province), lambda portal: portal.province):
        lines = ["[province]", f"code = {_toml(code)}", f"name = {_toml(name_of(code))}"]
        for portal in group:
            lines += ["", "[[portal]]", *_entry(portal)]
        files[f"{code}.toml"] = "\n".join(lines) + "\n"
    return files


def _entry(portal: Portal) -> Iterable[str]:
    for each in fields(portal):
        value = getattr(portal, each.name)
        if each.name != "province" and value is not None:
            yield f"{each.name} = {_toml(value)}"


def _toml(value: object) -> str:
    # TOML's basic strings, numbers, booleans and arrays are written as JSON's, but for this one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
