"""One registry file, read strictly: its portals, what is known of each entry itself, and every fault with its line.

A fault spoils the registry; a doubt (a division the table does not know yet) is reported and let pass.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.errors import RegistryFault
from crawler.items import Portal
from crawler.urls import clean
from spiders import divisions
from spiders.toml_places import Place, nearest, places_of

PLATFORM_NAMES = (
    "trs",
    "hanweb-jpage",
    "hanweb-jpaas",
    "hanweb-xxgk",
    "gkmlpt",
    "ucap",
    "vsb",
    "lonsun",
    "gongkai",
    "eportal",
    "igs",
    "aspx",
    "plain",
)
KEY = re.compile(r"[a-z0-9-]+")
HOST_LABEL = re.compile(r"\w(?:[\w-]*\w)?")
DIVISION = re.compile(r"[0-9]{6}")
PROVINCE_KEYS = ("code", "name")
PORTAL_KEYS = (
    "key",
    "name",
    "division",
    "home",
    "columns",
    "platform",
    "min_reports",
    "delay",
    "hosts",
    "browser",
    "seen",
    "verified",
    "note",
    "former_columns",
)
SEEN_KEYS = ("url", "where")


@dataclass(frozen=True, slots=True)
class Seen:
    """An address of the portal and where it was come across."""

    url: str
    where: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the registry knows of an entry itself."""

    file: Path
    line: int
    verified: date | None = None  # the day it was last seen live; None: never
    seen: tuple[Seen, ...] = ()
    note: str | None = None
    former_columns: tuple[str, ...] = ()


def meant(asked: str, known: Sequence[str]) -> str:
    """The known names that come close, as the end of a message; "" where none does."""
    close = difflib.get_close_matches(asked, known, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def place_of(fault: RegistryFault) -> tuple[str, int]:
    """File and line, to sort by."""
    return fault.file, fault.line or 0


Steps = tuple[str | int, ...]


@dataclass
class Reading:
    """What has been read so far, and everything wrong with it."""

    portals: list[Portal] = field(default_factory=list)
    provenance: dict[str, Provenance] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)  # every portal key met → file:line
    faults: list[RegistryFault] = field(default_factory=list)
    doubts: list[RegistryFault] = field(default_factory=list)

    def file(self, file: Path) -> None:
        """Read a file and add what it holds."""
        try:
            text = file.read_bytes().decode()
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.faults.append(RegistryFault("is not UTF-8", file=str(file), line=line))
        except OSError as error:
            self.faults.append(RegistryFault(f"cannot be read: {error.strerror}", file=str(file)))
        else:
            self.text(file, text)

    def text(self, file: Path, text: str) -> None:
        """Add what a file holds that has this text."""
        try:
            raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            fault, line = _syntax(error, text)
            self.faults.append(RegistryFault(fault, file=str(file), line=line))
        else:
            _File(self, file, places_of(text)).read(raw)


class _File:
    def __init__(self, reading: Reading, file: Path, places: Mapping[Steps, Place]) -> None:
        self.reading = reading
        self.file = file
        self.places = places

    def read(self, raw: Mapping[str, Any]) -> None:
        if not raw:
            self.fault((), "is empty; a registry file has one [province] and a [[portal]] for each portal", line=1)
            return
        self.unknown_keys((), raw, ("province", "portal"))
        province = self.province(raw)
        entries = raw.get("portal")
        if not entries:
            self.fault((), "has no [[portal]]", key="portal", line=1)
        elif not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.fault(("portal",), "must be written as [[portal]], once for each portal")
        else:
            for index, entry in enumerate(entries):
                self.portal(("portal", index), entry, province)

    # -------------------------------------------------------- the two tables

    def province(self, raw: Mapping[str, Any]) -> str | None:
        """The province's code where the file states a right one."""
        table = raw.get("province")
        if table is None:
            self.fault((), "has no [province]", key="province", line=1)
            return None
        if not isinstance(table, dict):
            self.fault(("province",), "must be a table: [province]")
            return None
        at: Steps = ("province",)
        self.unknown_keys(at, table, PROVINCE_KEYS)
        code = self.text_at(at, table, "code")
        name = self.text_at(at, table, "name")
        if code is None:
            return None
        known = divisions.provinces().get(code)
        if known is None:
            self.fault((*at, "code"), f"{code!r} is no province of GB/T 2260 (33 is 浙江省)")
            return None
        if name is not None and name not in (known.name, divisions.short_name(known.name)):
            self.fault((*at, "name"), f"{name!r} does not go with code {code}, which is {known.name}")
        leading = re.match(r"([0-9]{2})(?![0-9])", self.file.name)
        if leading and leading[1] != code:
            self.fault((*at, "code"), f"{code!r} stands in a file named for province {leading[1]}")
        return code

    def portal(self, at: Steps, table: Mapping[str, Any], province: str | None) -> None:
        before = len(self.reading.faults)
        self.unknown_keys(at, table, PORTAL_KEYS)
        key = self.text_at(at, table, "key")
        name = self.text_at(at, table, "name")
        division = self.division(at, table, province)
        home = self.text_at(at, table, "home")
        if home is not None:
            self.address((*at, "home"), home)
        columns = self.addresses(at, table, "columns")
        platform = self.text_at(at, table, "platform", required=False)
        if platform is not None and platform not in PLATFORM_NAMES:
            hint = meant(platform, PLATFORM_NAMES) or f"; known are {', '.join(PLATFORM_NAMES)}"
            self.fault((*at, "platform"), f"no platform is called {platform!r}{hint}")
        min_reports = self.typed(at, table, "min_reports", "a whole number, 0 or more", _is_count)
        delay = self.typed(at, table, "delay", "a number of seconds, 0 or more", _is_seconds)
        hosts = self.texts(at, table, "hosts", _host_fault)
        browser = self.typed(at, table, "browser", "true or false", lambda value: isinstance(value, bool))
        seen = self.seen(at, table)
        verified = self.typed(at, table, "verified", "a date such as 2026-08-20, without quotes", _is_date)
        note = self.text_at(at, table, "note", required=False)
        former = self.addresses(at, table, "former_columns")
        if key is not None:
            self.key(at, key)
        if len(self.reading.faults) > before or not (key and name and division and home and province):
            return
        self.reading.portals.append(
            Portal(
                key=key,
                name=name,
                province=province,
                division=division,
                home=home,
                columns=columns,
                platform=platform,
                min_reports=min_reports or 0,
                delay=None if delay is None else float(delay),
                hosts=tuple(host.lower() for host in hosts),
                browser=bool(browser),
            )
        )
        line = self.line_of(at) or 1
        self.reading.provenance[key] = Provenance(self.file, line, verified, seen, note, former)

    # -------------------------------------------------------- single keys

    def key(self, at: Steps, key: str) -> None:
        if not KEY.fullmatch(key):
            self.fault((*at, "key"), f"{key!r} must be made of a-z, 0-9 and - only")
            return
        here = f"{self.file.name}:{self.line_of((*at, 'key'))}"
        first = self.reading.keys.setdefault(key, here)
        if first != here:
            self.fault((*at, "key"), f"{key!r} is taken by {first}")

    def division(self, at: Steps, table: Mapping[str, Any], province: str | None) -> str | None:
        division = self.text_at(at, table, "division")
        if division is None:
            return None
        at = (*at, "division")
        if not DIVISION.fullmatch(division):
            self.fault(at, f"{division!r} must be six digits of GB/T 2260, such as 331122")
        elif province and not division.startswith(province):
            self.fault(at, f"{division!r} is not in province {province}")
        elif divisions.name_of(division) is None:
            self.doubt(at, f"{division!r} is not in GB/T 2260 as nianbao knows it (spiders/data/divisions.tsv)")
        return division

    def seen(self, at: Steps, table: Mapping[str, Any]) -> tuple[Seen, ...]:
        entries = table.get("seen", [])
        at = (*at, "seen")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.fault(at, 'must be a list of { url = "…", where = "…" }')
            return ()
        found = []
        for index, entry in enumerate(entries):
            here = (*at, index)
            self.unknown_keys(here, entry, SEEN_KEYS)
            url = self.text_at(here, entry, "url")
            where = self.text_at(here, entry, "where")
            if url is not None and self.address((*here, "url"), url) and where is not None:
                found.append(Seen(url, where))
        return tuple(found)

    # -------------------------------------------------------- kinds of value

    def text_at(self, at: Steps, table: Mapping[str, Any], key: str, *, required: bool = True) -> str | None:
        value = table.get(key)
        if value is None:
            if required:
                self.fault((*at, key), "is missing")
            return None
        if not isinstance(value, str):
            self.fault((*at, key), f"must be text in quotes, not {_said(value)}")
            return None
        if not value.strip():
            self.fault((*at, key), "is blank; leave the key out instead" if not required else "is blank")
            return None
        return value

    def texts(
        self, at: Steps, table: Mapping[str, Any], key: str, fault_of: Callable[[str], str | None]
    ) -> tuple[str, ...]:
        values = table.get(key, [])
        if not isinstance(values, list):
            self.fault((*at, key), f"must be a list of text in quotes, not {_said(values)}")
            return ()
        good: list[str] = []
        for index, value in enumerate(values):
            here = (*at, key, index)
            if not isinstance(value, str):
                self.fault(here, f"must be text in quotes, not {_said(value)}")
            elif fault := fault_of(value):
                self.fault(here, fault)
            elif value in good:
                self.fault(here, f"{value!r} is listed twice")
            else:
                good.append(value)
        return tuple(good)

    def addresses(self, at: Steps, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        return self.texts(at, table, key, _address_fault)

    def address(self, at: Steps, url: str) -> bool:
        fault = _address_fault(url)
        if fault:
            self.fault(at, fault)
        return fault is None

    def typed(self, at: Steps, table: Mapping[str, Any], key: str, wanted: str, is_right: Callable[[Any], bool]) -> Any:
        value = table.get(key)
        if value is not None and not is_right(value):
            self.fault((*at, key), f"must be {wanted}, not {_said(value)}")
            return None
        return value

    def unknown_keys(self, at: Steps, table: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in table:
            if key not in known:
                hint = meant(key, known) or f"; known are {', '.join(known)}"
                self.fault((*at, key), f"is no key of the registry{hint}")

    # -------------------------------------------------------- places

    def fault(self, at: Steps, message: str, *, key: str | None = None, line: int | None = None) -> None:
        self.reading.faults.append(self._fault(at, message, key, line))

    def doubt(self, at: Steps, message: str) -> None:
        self.reading.doubts.append(self._fault(at, message, None, None))

    def _fault(self, at: Steps, message: str, key: str | None, line: int | None) -> RegistryFault:
        line = line or self.line_of(at)
        return RegistryFault(message, file=str(self.file), line=line, key=key or _key_name(at))

    def line_of(self, at: Steps) -> int | None:
        place = nearest(self.places, at)
        return place.line if place else None


def _key_name(at: Steps) -> str | None:
    """A path as a person writes it, from the portal on: ``columns[1]``, ``seen[0].url``."""
    steps = at[1:] if at[:1] == ("province",) else at[2:] if at[:1] == ("portal",) else at
    name = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
    return name or (str(at[0]) if at else None)


def _syntax(error: tomllib.TOMLDecodeError, text: str) -> tuple[str, int]:
    """What ``tomllib`` says and on which line; it tells the line in its message only."""
    message = str(error)
    found = re.search(r" \(at line ([0-9]+), column ([0-9]+)\)$", message)
    if text.startswith("\ufeff"):
        return "begins with a byte-order mark; save it as UTF-8 without one", 1
    if found:
        return f"is not TOML: {message[: found.start()]} (column {found[2]})", int(found[1])
    return f"is not TOML: {message.removesuffix(' (at end of document)')}", text.rstrip().count("\n") + 1


def _address_fault(url: str) -> str | None:
    wanted = "must be an http:// or https:// address"
    if any(c.isspace() or not c.isprintable() for c in url):
        return f"{wanted} without blanks, not {url!r}"
    try:
        clean(url)
        parts = urlsplit(url)
    except ValueError:
        return f"{wanted}, not {url!r}"
    if parts.username is not None or parts.password is not None:
        return f"{wanted} without a user name, not {url!r}"
    return _host_fault(parts.netloc)


def _host_fault(host: str) -> str | None:
    wanted = f"{host!r} must be a host such as zwgk.example.gov.cn or 10.0.0.1:8080"
    try:
        parts = urlsplit(f"http://{host}/")
        parts.port  # noqa: B018 (raises where it is no number a port can be)
        name = parts.hostname or ""
    except ValueError:
        return wanted
    if parts.netloc != host or parts.path != "/" or "@" in host:
        return wanted
    if ":" in name:  # an IPv6 address: urlsplit has looked at it
        return None
    labels = name.removesuffix(".").split(".")
    return None if all(HOST_LABEL.fullmatch(label) for label in labels) else wanted


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _is_date(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _said(value: Any) -> str:
    """A wrong value as a message names it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    kinds = {
        str: "text",
        list: "a list",
        dict: "a table",
        datetime: "a date with a time",
        date: "a date",
        time: "a time",
    }
    return kinds[type(value)]
