"""How the characters and paragraphs of an old Word file are formatted, as far as it bears on what is said."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from crawler.errors import Unreadable
from pipelines.reading.documents_doc_parts import CHARACTER_RUNS, PARAGRAPH_RUNS, STYLES, Parts

# Properties of paragraphs and characters ("sprm").
IN_TABLE, ROW_END, TABLE_DEPTH, INNER_CELL, INNER_ROW_END = 0x2416, 0x2417, 0x6649, 0x244B, 0x244C
ROW_SHAPE, _ELSEWHERE, _ELSEWHERE_OLD = 0xD608, 0x6646, 0x6645
LIST, LIST_DEPTH, OUTLINE = 0x460B, 0x260A, 0x2640
DELETED, HIDDEN, SYMBOL = 0x0800, 0x083C, 0x6A09

Properties = dict[int, bytes]
Runs = list[tuple[int, int, Properties]]  # (first byte of the text, byte after the last, properties)


@dataclass(frozen=True, slots=True)
class Style:
    """What a style sets, and the style it goes out from."""

    base: int
    properties: Properties


def character_runs(parts: Parts) -> Runs:
    """The runs of characters that are formatted alike."""
    return _runs(parts, CHARACTER_RUNS, 1, _character_properties)


def paragraph_runs(parts: Parts) -> Runs:
    """The paragraphs, with what each sets itself; its style stands under 0."""
    return _runs(parts, PARAGRAPH_RUNS, 13, partial(_paragraph_properties, parts))


def styles_of(parts: Parts) -> dict[int, Style]:
    """The styles of paragraphs by their number."""
    part = parts.part(STYLES)
    styles: dict[int, Style] = {}
    if len(part) < 8:
        return styles
    (head,) = struct.unpack_from("<H", part)
    count, base_length = struct.unpack_from("<HH", part, 2)
    place = 2 + head
    for number in range(count):
        if place + 2 > len(part):
            break
        (length,) = struct.unpack_from("<H", part, place)
        style = part[place + 2 : place + 2 + length]
        place += 2 + length
        if length < base_length + 4:
            continue
        (kind_and_base,) = struct.unpack_from("<H", style, 2)
        if kind_and_base & 0xF != 1:  # not of paragraphs
            continue
        (name,) = struct.unpack_from("<H", style, base_length)
        at = base_length + 2 + 2 * name + 2
        at += at % 2
        if at + 2 > len(style):
            continue
        (size,) = struct.unpack_from("<H", style, at)
        styles[number] = Style(kind_and_base >> 4, _properties(style[at + 4 : at + 2 + size]))
    return styles


def styled(styles: dict[int, Style], own: Properties) -> tuple[int, Properties]:
    """A paragraph's style, and what the style and the paragraph itself set."""
    (style,) = struct.unpack("<H", own.get(0, b"\0\0"))
    chain: list[Properties] = []
    number = style
    while number in styles and len(chain) < 12:
        chain.append(styles[number].properties)
        number = styles[number].base
    merged: Properties = {}
    for properties in (*reversed(chain), own):
        merged |= properties
    return style, merged


def is_on(properties: Properties, name: int) -> bool:
    """Whether a switch is set."""
    return properties.get(name, b"\0")[:1] not in (b"\0", b"")


def _runs(parts: Parts, number: int, width: int, properties_at: Callable[[bytes, int], Properties]) -> Runs:
    """(first byte, byte after the last, properties) of the stream's text, from its pages of formatting."""
    part = parts.part(number)
    count = (len(part) - 4) // 8
    runs: Runs = []
    for page in struct.unpack_from(f"<{count}I", part, 4 * (count + 1)) if count > 0 else ():
        parts.deadline.check()
        start = (page & 0x3FFFFF) * 512
        sheet = parts.stream[start : start + 512]
        if len(sheet) < 512:
            raise Unreadable("the file is cut short", name="document_damaged")
        many = sheet[511]
        bounds = struct.unpack_from(f"<{many + 1}I", sheet)
        for index in range(many):
            offset = sheet[4 * (many + 1) + width * index] * 2
            properties = properties_at(sheet, offset) if offset else {}
            runs.append((bounds[index], bounds[index + 1], properties))
    runs.sort(key=lambda run: run[:2])
    return runs


def _character_properties(sheet: bytes, offset: int) -> Properties:
    return _properties(sheet[offset + 1 : offset + 1 + sheet[offset]])


def _paragraph_properties(parts: Parts, sheet: bytes, offset: int) -> Properties:
    length = 2 * sheet[offset] - 1
    if length < 0:
        offset += 1
        length = 2 * sheet[offset]
    written = sheet[offset + 1 : offset + 1 + length]
    properties = _properties(written[2:])
    elsewhere = properties.get(_ELSEWHERE, properties.get(_ELSEWHERE_OLD))
    if elsewhere is not None and len(elsewhere) == 4:
        (place,) = struct.unpack("<I", elsewhere)
        if place + 2 <= len(parts.data):
            (size,) = struct.unpack_from("<H", parts.data, place)
            properties |= _properties(parts.data[place + 2 : place + 2 + size])
    properties[0] = written[:2].ljust(2, b"\0")  # the style
    return properties


def _properties(written: bytes) -> Properties:
    """What a list of properties sets; the last word counts."""
    found: Properties = {}
    at = 0
    while at + 2 <= len(written):
        (name,) = struct.unpack_from("<H", written, at)
        at += 2
        size = (1, 1, 2, 4, 2, 2, -1, 3)[name >> 13]
        if size < 0:
            if at >= len(written):
                break
            if name == ROW_SHAPE:
                if at + 2 > len(written):
                    break
                size = struct.unpack_from("<H", written, at)[0] - 1
                at += 2
            elif name == 0xC615 and written[at] == 255:  # tab stops; their length follows from their number
                deleted = written[at + 1] if at + 1 < len(written) else 0
                added_at = at + 2 + 4 * deleted
                size = 1 + 4 * deleted + 1 + 3 * (written[added_at] if added_at < len(written) else 0)
                at += 1
            else:
                size = written[at]
                at += 1
        found[name] = written[at : at + size]
        at += size
    return found
