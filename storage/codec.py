"""The house's values as stored bytes: JSON with sorted keys, gzip that is the same wherever it is written.

Reading is strict about what is there and easy about what is not: a field of a newer release is passed over, a field an
older release did not write takes its default, anything else that does not fit is ``Damaged``. What is read is taken to
be hostile, so nothing unpacks to more than it may.

Every gzip member carries a seal: 16 bytes of the sha256 of all that follows its header, in an extra field (RFC 1952,
2.3.1.1) which every other reader skips. gzip's own checksum covers the content alone; a flipped bit in the header, in
padding, or in one of two encodings of the same content would pass it.
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from crawler.errors import ArchiveError
from crawler.items import Reading, Sighting, Version
from storage import layout

T = TypeVar("T")
Decoder = Callable[[Any, str], Any]

LIMIT = 256 * 1024 * 1024  # bytes any one stored object may unpack to
MEMBERS = 64  # parts of one stored object; a snapshot has four at most
LEVEL = 6
_HEADER = b"\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x14\x00NB\x10\x00"  # FEXTRA, no time, OS unknown, NB: 16 bytes
_SEAL = slice(len(_HEADER), len(_HEADER) + 16)


class Damaged(ArchiveError):
    """A stored object is not what was written. ``nianbao verify`` lists what else is."""

    name = "archive.damaged"


class TooLarge(ArchiveError):
    """More bytes than one object may hold."""

    name = "archive.too_large"


# ---------------------------------------------------------------- gzip


def gzip_member(content: bytes) -> bytes:
    """One sealed gzip member; the same content always gives the same bytes."""
    if len(content) > LIMIT:
        raise TooLarge(f"{len(content)} bytes are more than one object may hold ({LIMIT})")
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(content) + deflate.flush()
    packed += zlib.crc32(content).to_bytes(4, "little") + (len(content) & 0xFFFFFFFF).to_bytes(4, "little")
    return _HEADER + hashlib.sha256(packed).digest()[:16] + packed


def gunzip_members(data: bytes, limit: int = LIMIT) -> list[bytes]:
    """The contents of sealed gzip members, one after the other. Raises ``Damaged``."""
    contents: list[bytes] = []
    while data:
        if len(contents) == MEMBERS:
            raise Damaged(f"holds more than {MEMBERS} parts")
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            content = inflate.decompress(data, limit + 1)
        except zlib.error as error:
            raise Damaged(f"does not unpack: {error}") from None
        limit -= len(content)
        if limit < 0:
            raise Damaged("unpacks to more than one object may hold")
        if not inflate.eof:
            raise Damaged("ends too early")
        member = data[: len(data) - len(inflate.unused_data)]
        if not member.startswith(_HEADER) or member[_SEAL] != hashlib.sha256(member[_SEAL.stop :]).digest()[:16]:
            raise Damaged("its seal does not hold")
        contents.append(content)
        data = inflate.unused_data
    return contents


def gunzip(data: bytes) -> bytes:
    """The content of the one sealed gzip member that ``data`` is. Raises ``Damaged``."""
    contents = gunzip_members(data)
    if len(contents) != 1:
        raise Damaged(f"holds {len(contents)} parts instead of one")
    return contents[0]


# ---------------------------------------------------------------- JSON


def to_json(value: Any) -> bytes:
    """Compact JSON in UTF-8 with sorted keys; the house's values as ``plain`` says them."""
    try:
        return _JSON.encode(value).encode()
    except UnicodeEncodeError:  # a lone surrogate from a broken page has no UTF-8 of its own
        return _ASCII_JSON.encode(value).encode()


def from_json(data: bytes) -> Any:
    """What the JSON says. Raises ``Damaged``."""
    try:
        return json.loads(data, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"is no JSON: {error}") from None


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


# ---------------------------------------------------------------- versions, sightings, pointers, summaries


def encode_version(version: Version) -> bytes:
    return gzip_member(to_json(version))


def decode_version(data: bytes) -> Version:
    version = decode(Version, from_json(gunzip(data)))
    check_statistics(version.reading)
    return _fit(version, layout.check_version)


def check_statistics(reading: Reading) -> None:
    """Raises ``Damaged`` for tables of anything but numbers, by row and column, and blanks."""
    for table, rows in (reading.statistics or {}).items():
        if isinstance(rows, str | None):
            continue  # the form's name
        for row, cells in _typed(dict, rows, f"statistics.{table}").items():
            for column, value in _typed(dict, cells, f"statistics.{table}.{row}").items():
                if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                    raise Damaged(f"statistics.{table}.{row}.{column}: {type(value).__name__} instead of a number")


def encode_sightings(sightings: list[Sighting]) -> bytes:
    """One JSON object a line, what is absent left out."""
    return gzip_member(b"".join(map(sighting_line, sightings)))


def sighting_line(sighting: Sighting) -> bytes:
    """One JSON object and the end of its line."""
    return to_json(_what_is_known(sighting)) + b"\n"


def decode_sightings(data: bytes) -> list[Sighting]:
    return [decode_sighting(from_json(line)) for line in gunzip(data).splitlines()]


def decode_sighting(value: Any) -> Sighting:
    """The sighting a line says. Raises ``Damaged``."""
    return _fit(decode(Sighting, value), layout.check_sighting)


def whole_sightings(data: bytes) -> list[Sighting]:
    """The lines before the first that was not written to its end."""
    whole: list[Sighting] = []
    for line in data.splitlines(keepends=True):
        try:
            if not line.endswith(b"\n"):
                break
            whole.append(decode_sighting(from_json(line)))
        except Damaged:
            break
    return whole


def _fit(value: T, check: Callable[[T], None]) -> T:
    """What was read, fit to have keys made of it: nothing in it leads out of the archive. Raises ``Damaged``."""
    try:
        check(value)
    except ValueError as error:
        raise Damaged(str(error)) from None
    return value


def encode_pointer(value: str, target: str, to: str = "report_id") -> bytes:
    """``to`` says what the target is: ``report_id`` or ``portal``."""
    return to_json({to: target, "value": value}) + b"\n"


def decode_pointer(data: bytes, to: str = "report_id") -> tuple[str, str]:
    """(value, target) of a pointer. Raises ``Damaged`` for bytes ``encode_pointer`` would not have written."""
    pointer = from_json(data)
    if isinstance(pointer, dict):
        value, target = pointer.get("value"), pointer.get(to)
        if isinstance(value, str) and isinstance(target, str) and encode_pointer(value, target, to) == data:
            return value, target
    raise Damaged("is no pointer")


def encode_summary(summary: Mapping[str, Any]) -> bytes:
    """A run summary with a seal of its own: ``seal`` is the sha256 of the summary's JSON without it."""
    bare = plain({key: value for key, value in summary.items() if key != "seal"})
    return to_json(bare | {"seal": hashlib.sha256(to_json(bare)).hexdigest()}) + b"\n"


def decode_summary(data: bytes) -> dict[str, Any]:
    """A run summary, its seal checked and taken off. Raises ``Damaged``."""
    summary = from_json(data)
    if not isinstance(summary, dict):
        raise Damaged("is no run summary")
    if not _sealed(data, summary.get("seal")):
        raise Damaged("its seal does not hold")
    del summary["seal"]
    _check_summary(summary)
    return summary


def _sealed(data: bytes, seal: object) -> bool:
    """Whether a summary's bytes without its seal have that digest. A nation's summary is too large to be written again
    to see it."""
    said = to_json({"seal": seal})[1:-1]
    before, found, after = data.rpartition(said)
    bare = before + after.removeprefix(b",") if after.startswith(b",") else before.removesuffix(b",") + after
    return found == said and bare.endswith(b"\n") and hashlib.sha256(bare[:-1]).hexdigest() == seal


def _check_summary(summary: Mapping[str, Any]) -> None:
    """Raises ``Damaged`` where what every summary says is not of its kind; what is absent, or unknown, is passed over."""
    for name in ("run", "started", "finished"):
        _typed(str, summary.get(name, ""), name)
    for province in _typed(list, summary.get("provinces", []), "provinces"):
        _typed(str, province, "provinces")
    for name, value in _typed(dict, summary.get("totals", {}), "totals").items():
        _typed(int, value, f"totals.{name}")
    for notice in _typed(list, summary.get("notices", []), "notices"):
        for name in ("portal", "name", "text"):
            _typed(str, _typed(dict, notice, "notices").get(name), f"notices.{name}")
    for portal, outcome in _typed(dict, summary.get("portals", {}), "portals").items():
        for name, value in _typed(dict, outcome, f"portals.{portal}").items():
            kind = _OUTCOME.get(name)
            if kind is not None and not (name == "reason" and value is None):
                _typed(kind, value, f"portals.{portal}.{name}")
            if name == "delay" and not isinstance(value, int):
                _typed(float, value, f"portals.{portal}.{name}")


_OUTCOME: dict[str, type] = {"status": str, "reason": str} | dict.fromkeys(
    ("columns", "entries", "new", "revised", "unchanged", "copies", "not_reports", "quarantined", "errors", "robots",
     "requests", "bytes", "list_pages"), int,
)  # fmt: skip


def _what_is_known(sighting: Sighting) -> dict[str, Any]:
    values = ((name, default, getattr(sighting, name)) for name, default in _SIGHTING_FIELDS)
    return {name: value for name, default, value in values if value != default}


_SIGHTING_FIELDS = tuple((field.name, field.default) for field in fields(Sighting))


# ---------------------------------------------------------------- dataclasses


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def plain(value: Any) -> Any:
    """A value as JSON can say it: dates ISO 8601, times in UTC with offset."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"a time without zone: {value}")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in _field_names(cast(Hashable, type(value)))}
    raise TypeError(f"{type(value).__name__} is not stored")


def _outermost(value: Any) -> Any:
    """``plain`` but for what is inside, which the encoder asks for when it comes to it."""
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value):
        return {name: getattr(value, name) for name in _field_names(cast(Hashable, type(value)))}
    return plain(value)


_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_outermost)
_ASCII_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, default=_outermost)


def decode(kind: type[T], value: Any) -> T:
    """The dataclass that ``plain`` made this of. Raises ``Damaged``, naming the place."""
    result: T = _decoder(cast(Hashable, kind))(value, kind.__name__)
    return result


@cache
def _decoder(kind: Any) -> Decoder:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda value, _: value
    if origin in (Union, UnionType):
        (inner,) = (argument for argument in arguments if argument is not NoneType)
        decode_inner = _decoder(inner)
        return lambda value, place: None if value is None else decode_inner(value, place)
    if origin is tuple:
        return _tuple_decoder(arguments)
    if origin is not None and issubclass(origin, Mapping):
        decode_item = _decoder(arguments[1])

        def decode_mapping(value: Any, place: str) -> Any:
            return {key: decode_item(item, f"{place}.{key}") for key, item in _typed(dict, value, place).items()}

        return decode_mapping
    if is_dataclass(kind):
        return _dataclass_decoder(kind)
    if kind in (date, datetime) or issubclass(kind, Enum):
        read = kind if issubclass(kind, Enum) else _TIMES[kind]

        def decode_text(value: Any, place: str) -> Any:
            try:
                return read(_typed(str, value, place))
            except (ValueError, OverflowError) as error:
                raise Damaged(f"{place}: {error}") from None

        return decode_text
    return lambda value, place: _typed(kind, value, place)


def _tuple_decoder(arguments: tuple[Any, ...]) -> Decoder:
    endless = arguments[-1] is Ellipsis
    decoders = [_decoder(argument) for argument in arguments if argument is not Ellipsis]

    def decode_tuple(value: Any, place: str) -> Any:
        items = _typed(list, value, place)
        if not endless and len(items) != len(decoders):
            raise Damaged(f"{place}: {len(items)} values instead of {len(decoders)}")
        return tuple((decoders[0] if endless else decoders[i])(item, f"{place}[{i}]") for i, item in enumerate(items))

    return decode_tuple


def _dataclass_decoder(kind: Any) -> Decoder:
    hints = get_type_hints(kind)
    decoders = {field.name: _decoder(hints[field.name]) for field in fields(kind)}
    absent = {
        field.name: None if NoneType in get_args(hints[field.name]) else ()
        for field in fields(kind)
        if field.default is MISSING
        and field.default_factory is MISSING
        and (NoneType in get_args(hints[field.name]) or get_origin(hints[field.name]) is tuple)
    }

    def decode_dataclass(value: Any, place: str) -> Any:
        record = _typed(dict, value, place)
        known = {name: read(record[name], f"{place}.{name}") for name, read in decoders.items() if name in record}
        try:
            return kind(**(absent | known))
        except TypeError as error:
            raise Damaged(f"{place}: {error}") from None

    return decode_dataclass


def _typed(kind: type, value: Any, place: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Damaged(f"{place}: {type(value).__name__} instead of {kind.__name__}")
    return value


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"a time without zone: {text}")
    return time.astimezone(UTC)


_TIMES: dict[type, Callable[[str], Any]] = {date: _date, datetime: _time}
