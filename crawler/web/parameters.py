"""What may be asked in a query: every value is matched whole before anything is looked up with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.errors import UsageError
from crawler.items import Kind, PortalStatus
from crawler.web.figures import FIGURES, LEVELS
from storage.locations import Status

PLAIN = r"[^\x00-\x1f]"  # a character that may stand in a text


class BadRequest(UsageError):
    """A parameter is not what it may be. Answered with status 400 and the message; ``parameter``: which, where one is to
    blame."""

    name = "bad_request"

    def __init__(self, message: str, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query."""

    name: str
    meaning: str
    pattern: str | None = None  # matched whole
    choices: tuple[str, ...] = ()
    number: tuple[int, int] | None = None  # smallest and largest
    many: int = 1  # how often it may be given
    default: Any = None

    def read(self, values: list[str]) -> Any:
        """The value, or a tuple of them where it may be given more than once. Raises ``BadRequest``."""
        given = [value.strip() for value in values if value.strip()]
        if len(given) > self.many:
            raise self._wrong(f"at most {self.many} may be given")
        read = tuple(self._one(value) for value in given)
        if self.many > 1:
            return read
        return read[0] if read else self.default

    def _one(self, value: str) -> Any:
        if any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in value):
            raise self._wrong("control characters are not allowed")
        if self.choices and value not in self.choices:
            raise self._wrong(f"one of {', '.join(self.choices[:12])}{' …' if len(self.choices) > 12 else ''}")
        if self.number:
            low, high = self.number
            if not re.fullmatch(r"[0-9]{1,18}", value) or not low <= int(value) <= high:
                raise self._wrong(f"a number from {low} to {high}")
            return int(value)
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise self._wrong(self.meaning)
        return value

    def _wrong(self, why: str) -> BadRequest:
        return BadRequest(f"{self.name}: {why}", self.name)

    def schema(self) -> dict[str, Any]:
        """As OpenAPI says it."""
        inner: dict[str, Any] = {"type": "string"}
        if self.number:
            inner = {"type": "integer", "minimum": self.number[0], "maximum": self.number[1]}
        if self.choices:
            inner["enum"] = list(self.choices)
        if self.pattern:
            inner["pattern"] = f"^(?:{self.pattern.replace('.{', PLAIN + '{')})$"
        if self.default is not None:
            inner["default"] = self.default
        return {"type": "array", "items": inner, "maxItems": self.many} if self.many > 1 else inner


KINDS = ("all", *(kind.value for kind in Kind))
PORTAL = r"[0-9a-z][0-9a-z_-]{0,99}"
CODE = r"[0-9]{2}|[0-9]{4}|[0-9]{6}"

LANG = Parameter("lang", "language of the page", choices=("zh", "en"))
FILTERS = (
    Parameter("q", "full text: all words must occur, -word must not; one character or more", pattern=r".{1,200}"),
    Parameter("province", "GB/T 2260 code of a province, two digits", pattern=r"[0-9]{2}"),
    Parameter("city", "GB/T 2260 code of a prefecture, four digits", pattern=r"[0-9]{4}"),
    Parameter("division", "GB/T 2260 code of a division, six digits", pattern=r"[0-9]{6}"),
    Parameter("agency", "the agency's whole name", pattern=r".{1,120}"),
    Parameter("year", "report year", number=(1990, 2199)),
    Parameter("kind", "kind of page", choices=KINDS, default="annual_report"),
    Parameter("platform", "family of portal software", pattern=r"[0-9A-Za-z_.-]{1,60}"),
    Parameter("portal", "key of the portal", pattern=PORTAL),
    Parameter("status", "whether it still stands", choices=tuple(Status)),
)
AFTER = Parameter("after", "where the page before ended, as its next link says", number=(0, 2**62))
LIMIT = Parameter("limit", "rows a page", number=(1, 200), default=20)
SEARCH = (*FILTERS, AFTER, LIMIT)
FEED = (*FILTERS, AFTER, Parameter("limit", "entries a page", number=(1, 200), default=50))
VERSION = Parameter("version", "version number; the latest where none is named", number=(1, 999_999))
COMPARED = (
    Parameter("from", "the earlier version", number=(1, 999_999)),
    Parameter("to", "the later version", number=(1, 999_999)),
    Parameter("whole", "unchanged paragraphs too", choices=("1",)),
)
COVERAGE = (
    Parameter("province", "GB/T 2260 code of a province, two digits", pattern=r"[0-9]{2}"),
    Parameter("division", "a GB/T 2260 code or its beginning", pattern=CODE),
    Parameter("agency", "a part of the agency's name", pattern=r".{1,120}"),
    Parameter("mark", "only agencies with a year so marked",
              choices=("archived", "late", "altered", "unreadable", "gone", "missing", "silent")),
    AFTER,
    Parameter("limit", "agencies a page", number=(1, 500), default=60),
)  # fmt: skip
NUMBERS = (
    Parameter("figure", "the cell of the statutory tables", choices=FIGURES, many=6),
    Parameter(
        "series",
        "code:agency (331124:某县教育局) or province:level (33:county)",
        pattern=rf"[0-9]{{2}}:(?:{'|'.join(LEVELS)})|[0-9]{{6}}:.{{1,120}}",
        many=8,
    ),
    Parameter("find", "a part of an agency's name, to choose a series by", pattern=r".{1,60}"),
)
COMPARISON = (
    Parameter("division", "a GB/T 2260 code or its beginning: province, prefecture or county", pattern=CODE),
    Parameter("figure", "the cell of the statutory tables", choices=FIGURES, default="applications.denied.total"),
    Parameter("year", "the later report year; the latest there is where none is named", number=(1990, 2199)),
    Parameter("before", "the earlier report year; the one before where none is named", number=(1990, 2199)),
)
RUNS = (
    Parameter("before", "runs before this one", pattern=r"[0-9A-Za-z][0-9A-Za-z-]{0,99}"),
    Parameter("limit", "runs a page", number=(1, 200), default=50),
)
RUN = (
    Parameter("ended", "only portals that ended so", choices=tuple(PortalStatus)),
    Parameter("portal", "only this portal", pattern=PORTAL),
    Parameter("after", "the portal that the page before ended with, as its next link says", pattern=PORTAL),
    Parameter("limit", "portals a page", number=(1, 1000), default=100),
)


def read(given: Iterable[tuple[str, str]], wanted: Iterable[Parameter]) -> dict[str, Any]:
    """Every wanted parameter by its name. Raises ``BadRequest``; an unknown name is a mistake and is said to be one."""
    values: dict[str, list[str]] = {}
    for name, value in given:
        values.setdefault(name, []).append(value)
    known: Mapping[str, Parameter] = {parameter.name: parameter for parameter in (*wanted, LANG)}
    for name in values:
        if name not in known:
            raise BadRequest(f"no parameter {name[:40]!r} here: {', '.join(known)}")
    return {name: parameter.read(values.get(name, [])) for name, parameter in known.items()}
