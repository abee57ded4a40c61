"""Where in a TOML text each key and value stands: ``tomllib`` gives the values, this gives their places.

A path names a place as the parsed value is reached: ``("portal", 2, "columns", 0)`` is the first column of the third
``[[portal]]``. The text must be one that ``tomllib`` accepts.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_QUOTED = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\])*"|\'[^\']*\'', re.DOTALL)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN_VALUE = re.compile(r"[^,\]}\s#]+(?: [0-9][^,\]}\s#]*)?")  # a date may be parted from its time by one space


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key stands and what its value covers; for a table header both are the header."""

    line: int  # of the key, counted from 1
    start: int  # of the value, as an offset into the text
    end: int
    header: bool = False


def places_of(text: str) -> Mapping[Path, Place]:
    """Every table, key and array element of a TOML text with its place."""
    return _Scan(text).run()


def nearest(places: Mapping[Path, Place], path: Path) -> Place | None:
    """The place of a path, or of the closest thing around it that has one."""
    for length in range(len(path), 0, -1):
        if place := places.get(path[:length]):
            return place
    return None


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: dict[Path, Place] = {}
        self.newlines = [found.start() for found in re.finditer("\n", text)]
        self.tables: dict[Path, int] = {}  # array of tables → how many so far

    def run(self) -> Mapping[Path, Place]:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)
        return self.places

    def header(self) -> Path:
        start = self.at
        brackets = 2 if self.text.startswith("[[", start) else 1
        self.at += brackets
        names = self.names()
        path: Path = ()
        for number, name in enumerate(names, start=1):
            path += (name,)
            if number == len(names) and brackets == 2:
                self.tables[path] = self.tables.get(path, 0) + 1
            if path in self.tables:
                path += (self.tables[path] - 1,)
        self.at += brackets
        self.places[path] = Place(self.line(start), start, self.at, header=True)
        return path

    def pair(self, table: Path) -> None:
        line = self.line(self.at)
        path = table + tuple(self.names())
        self.at += 1  # the equals sign
        self.skip(_SPACE)
        self.value(path, line)

    def names(self) -> list[str]:
        """A key, dotted or not; stops at the character behind it and the space around it."""
        names = []
        while True:
            self.skip(_SPACE)
            quoted = _QUOTED.match(self.text, self.at)
            bare = _BARE_KEY.match(self.text, self.at)
            if quoted:
                names.append(quoted[0][1:-1])
                self.at = quoted.end()
            elif bare:
                names.append(bare[0])
                self.at = bare.end()
            self.skip(_SPACE)
            if self.text[self.at] != ".":
                return names
            self.at += 1

    def value(self, path: Path, line: int) -> None:
        start = self.at
        opening = self.text[start]
        if opening == "[":
            self.members(path, "]")
        elif opening == "{":
            self.members(path, "}")
        else:
            found = _QUOTED.match(self.text, start) or _PLAIN_VALUE.match(self.text, start)
            assert found, "not a TOML text"
            self.at = found.end()
        self.places[path] = Place(line, start, self.at)

    def members(self, path: Path, closing: str) -> None:
        self.at += 1
        number = 0
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == closing:
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
            elif closing == "}":
                self.pair(path)
            else:
                self.value((*path, number), self.line(self.at))
                number += 1

    def skip(self, what: re.Pattern[str]) -> None:
        found = what.match(self.text, self.at)
        assert found
        self.at = found.end()

    def line(self, offset: int) -> int:
        return bisect_left(self.newlines, offset) + 1
