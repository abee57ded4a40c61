"""Every character of an old Word file, from the pieces in which the file keeps its text."""

from __future__ import annotations

import re
import struct
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.errors import Unreadable
from pipelines.reading.documents_doc_parts import PIECES, Parts
from pipelines.reading.documents_doc_properties import DELETED, HIDDEN, SYMBOL, Properties, character_runs

MAX_CHARACTERS = 5_000_000
_SYMBOLS = {0xFE: "☑", 0xA8: "□", 0x52: "☑", 0xA3: "□", 0xFC: "✓", 0xB7: "•"}
_GONE = "\uffff"


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that stands together in the file."""

    start: int  # character of the document
    end: int
    place: int  # byte of the stream
    width: int  # bytes a character


def pieces_of(parts: Parts) -> list[Piece]:
    """The pieces of the text, in the document's order."""
    part = parts.part(PIECES)
    place = 0
    while part[place] == 1:  # properties of pieces
        place += 3 + struct.unpack_from("<H", part, place + 1)[0]
    if part[place] != 2:
        raise ValueError("no table of pieces")
    (length,) = struct.unpack_from("<I", part, place + 1)
    place, count = place + 5, (length - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}I", part, place)
    pieces = []
    for number in range(count):
        (word,) = struct.unpack_from("<I", part, place + 4 * (count + 1) + 8 * number + 2)
        single = bool(word & 0x40000000)
        at = (word & 0x3FFFFFFF) // (2 if single else 1)
        pieces.append(Piece(bounds[number], bounds[number + 1], at, 1 if single else 2))
    return pieces


def place_of(character: int, pieces: Sequence[Piece]) -> int:
    """The byte of the stream at which a character of the document stands."""
    low, high = 0, len(pieces) - 1
    while low < high:
        middle = (low + high) // 2
        if pieces[middle].end <= character:
            low = middle + 1
        else:
            high = middle
    piece = pieces[low]
    return piece.place + (character - piece.start) * piece.width


def text_of(parts: Parts, pieces: Sequence[Piece]) -> str:
    """Every character of the document; what is deleted, hidden or a field's code gives way to a sign for nothing."""
    changes = [
        (start, end, properties)
        for start, end, properties in character_runs(parts)
        if properties.keys() & {DELETED, HIDDEN, SYMBOL}
    ]
    starts = [start for start, _, _ in changes]
    written: list[str] = []
    expected = 0
    for piece in pieces:
        parts.deadline.check()
        length = piece.end - piece.start
        if piece.start != expected or length < 0 or piece.end > MAX_CHARACTERS:
            raise ValueError("the pieces do not follow one another")
        expected = piece.end
        raw = parts.stream[piece.place : piece.place + length * piece.width]
        if len(raw) != length * piece.width:
            raise Unreadable("the file is cut short", name="document_damaged")
        if piece.width == 1:
            text = raw.decode("cp1252", "replace")
        else:
            units = array("H", raw)
            text = "".join(map(chr, units))  # one sign a unit: halves of a pair meet again at the end
        first = max(0, bisect_right(starts, piece.place) - 1)
        done = 0
        for start, end, properties in changes[first:]:
            if start >= piece.place + len(raw):
                break
            low = max(done, (start - piece.place) // piece.width)
            high = min(length, (end - piece.place) // piece.width)
            if low < high:
                written += (text[done:low], _changed(text[low:high], properties))
                done = high
        written.append(text[done:])
    return _without_codes("".join(written))


def _changed(text: str, properties: Properties) -> str:
    if properties.get(DELETED, b"\0")[0] == 1 or properties.get(HIDDEN, b"\0")[0] in (1, 0x81):
        return re.sub("[^\r\x07\x0c\x13\x14\x15]", _GONE, text)
    symbol = properties.get(SYMBOL)
    if symbol is not None and len(symbol) == 4:
        code = struct.unpack_from("<H", symbol, 2)[0]
        sign = _SYMBOLS.get(code & 0xFF) if 0xF000 <= code <= 0xF0FF else chr(code)
        return text.replace("(", sign or "\ufffd")
    return text


def _without_codes(text: str) -> str:
    """Fields as shown: their codes, between the signs 0x13 and 0x14, give way; their results stay."""
    if "\x13" not in text:
        return text
    out = []
    codes: list[bool] = []
    for part in re.split("([\x13\x14\x15])", text):
        if part == "\x13":
            codes.append(True)
        elif part == "\x14" and codes:
            codes[-1] = False
        elif part == "\x15" and codes:
            codes.pop()
        elif any(codes):
            out.append(re.sub("[^\r\x07\x0c]", _GONE, part))
            continue
        else:
            out.append(part)
            continue
        out.append(_GONE)
    return "".join(out)
