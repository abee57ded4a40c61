"""The index of WARC records that replay tools look addresses up in: CDXJ, sorted.

A line is ``<address key> <14-digit time> <JSON>``. The key is the address in sort-friendly order as the Internet
Archive's canonicaliser forms it (``cn,gov,mou)/a/b.html?x=1&y=2``), written anew here because the known implementation
is under the AGPL. Sorting spills to disk, so memory stays flat in the number of captures.
"""

from __future__ import annotations

import gzip
import hashlib
import heapq
import json
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO
from urllib.parse import quote, unquote_to_bytes, urlsplit

HELD = 200_000  # lines sorted in memory at a time
BLOCK = 1024  # lines in one gzip member of a compressed index

_WWW = re.compile(r"^www\d*\.")
# Session ids in a query as Heritrix's rules know them, one after the other; a name that only ends in "sid" is cut too.
_SESSIONS = tuple(
    re.compile(rf"^(.*)(?:{session})(?:&|$)")
    for session in (
        "jsessionid=[0-9a-z]{32}",
        "phpsessid=[0-9a-z]{32}",
        "sid=[0-9a-z]{32}",
        "aspsessionid[a-z]{8}=[a-z]{24}",
        "cfid=[^&]+&cftoken=[^&]+",
    )
)
# ASP.NET's sessions without cookies: (S(…)) or the bare id before the page.
_PATH_SESSIONS = (
    re.compile(r"^(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)$"),
    re.compile(r"^(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)$"),
)
_PLAIN = "".join(map(chr, range(0x21, 0x7F))).translate({ord("#"): None, ord("%"): None})
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Index:
    """Index lines, added in any order and given back sorted, once."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._spilled: list[IO[bytes]] = []

    def add(self, line: bytes) -> None:
        """Add one line, without its line end."""
        self._lines.append(line + b"\n")
        if len(self._lines) >= HELD:
            self._spill()

    def sorted(self) -> Iterator[bytes]:
        """Every line with its line end, in byte order."""
        self._lines.sort()
        for file in self._spilled:
            file.seek(0)
        yield from heapq.merge(self._lines, *self._spilled)

    def close(self) -> None:
        """Give up what was spilled."""
        for file in self._spilled:
            file.close()

    def _spill(self) -> None:
        self._lines.sort()
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        file.writelines(self._lines)
        self._spilled.append(file)
        self._lines = []


def line(
    url: str,
    time: datetime,
    *,
    mime: str,
    status: int | None,
    digest: str,
    filename: str,
    offset: int,
    length: int,
) -> bytes:
    """The index line of one response or revisit record."""
    stamp = f"{time.astimezone(UTC):%Y%m%d%H%M%S}"
    facts = {"url": url, "mime": mime}
    if status is not None:
        facts["status"] = str(status)
    facts |= {"digest": digest, "length": str(length), "offset": str(offset), "filename": filename}
    return f"{address_key(url)} {stamp} {json.dumps(facts, ensure_ascii=True)}".encode()


def address_key(url: str) -> str:
    """The address as replay tools sort it: host reversed, no scheme, ``www.`` or default port, query in order.

    Percent-encoding is undone as often as there is any and done once, for what has to be encoded.
    """
    parts = urlsplit(url)
    host = _WWW.sub("", _host(parts.hostname or "").rstrip("."))
    try:
        port = parts.port
    except ValueError:
        port = None
    key = host if ":" in host else ",".join(reversed(host.split(".")))
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme.lower()):
        key += f":{port}"
    path = _plain(_resolved(_decoded(parts.path)))
    for session in _PATH_SESSIONS:
        path = session.sub(r"\1\2", path)
    query = _plain(_decoded(parts.query))
    for session in _SESSIONS:
        query = session.sub(r"\1", query)
    query = "&".join(sorted(query.split("&"), key=lambda parameter: parameter.partition("=")[::2]))
    return f"{key}){path}{'?' + query if query else ''}"


def _host(name: str) -> str:
    plain = _decoded(name)
    try:
        return plain.decode().encode("idna").decode().lower()
    except UnicodeError:
        return _plain(plain)


def _decoded(text: str) -> bytes:
    """The bytes behind percent-encoding, however often it was put on."""
    plain = text.encode("utf-8", "replace")
    while (once := unquote_to_bytes(plain)) != plain:
        plain = once
    return plain


def _resolved(path: bytes) -> bytes:
    """A path without ``.`` and empty segments; ``..`` undoes the one before, and stays where there is none."""
    segments: list[bytes] = []
    for segment in path[1:].split(b"/"):
        if segment == b".." and segments:
            segments.pop()
        elif segment != b".":
            segments.append(segment)
    return b"/" + b"/".join(filter(None, segments))


def _plain(text: str | bytes) -> str:
    """Lower case, with nothing encoded but white space, controls, ``#``, ``%`` and what is not ASCII."""
    return quote(text, safe=_PLAIN).lower()


def write_plain(index: Index, path: Path) -> None:
    """The whole index as one text file."""
    with path.open("xb") as stream:
        stream.writelines(index.sorted())


def write_compressed(index: Index, stream: BinaryIO, name: str) -> bytes:
    """The index as gzip members of 1,024 lines each, and what to store as its ``.idx``: where each member begins."""
    lines = index.sorted()
    secondary = [b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "%s"}\n' % name.encode()]
    offset = 0
    while block := list(islice(lines, BLOCK)):
        member = gzip.compress(b"".join(block), mtime=0)
        stream.write(member)
        key, stamp, _ = block[0].split(b" ", 2)
        digest = hashlib.sha256(member).hexdigest()
        facts = {"offset": offset, "length": len(member), "digest": f"sha256:{digest}", "filename": name}
        secondary.append(b"%s %s %s\n" % (key, stamp, json.dumps(facts).encode()))
        offset += len(member)
    return b"".join(secondary)
