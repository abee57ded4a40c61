"""The automatic numbers of an old Word file's lists."""

from __future__ import annotations

import struct

from pipelines.reading.documents_doc_parts import LIST_USES, LISTS, Parts
from pipelines.reading.documents_lists import Depth, Numbering

_FORMS = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 10: "ideographDigital",
    11: "japaneseCounting", 14: "decimalFullWidth", 18: "decimalEnclosedCircle", 19: "decimalFullWidth",
    22: "decimalZero", 23: "bullet", 26: "decimalEnclosedFullstop", 27: "decimalEnclosedParen",
    28: "decimalEnclosedCircle", 33: "taiwaneseCounting", 34: "ideographLegalTraditional",
    35: "taiwaneseCountingThousand", 36: "ideographDigital", 37: "chineseCounting", 38: "chineseLegalSimplified",
    39: "chineseCountingThousand", 255: "none",
}  # fmt: skip


def numbering_of(parts: Parts) -> Numbering:
    """The automatic numbers; a file whose lists are damaged is read without them."""
    numbering = Numbering()
    shapes: dict[int, dict[int, Depth]] = {}
    place, length = parts.placed(LISTS)
    if not length:
        return numbering
    (count,) = struct.unpack_from("<H", parts.table, place)
    at = place + 2 + 28 * count  # the depths follow the lists, outside of the length stated
    for number in range(count):
        (list_id,) = struct.unpack_from("<i", parts.table, place + 2 + 28 * number)
        simple = parts.table[place + 2 + 28 * number + 26] & 1
        shapes[list_id] = {}
        for depth in range(1 if simple else 9):
            shapes[list_id][depth], at = _list_depth(parts.table, at)
    uses = parts.part(LIST_USES)
    if len(uses) < 4:
        return numbering
    (count,) = struct.unpack_from("<I", uses)
    at = 4 + 16 * count
    for number in range(count):
        list_id, changes = struct.unpack_from("<i8xB", uses, 4 + 16 * number)
        name, family = str(number + 1), str(list_id)
        own = dict(shapes.get(list_id, {}))
        at += 4
        for _ in range(changes):
            start, what = struct.unpack_from("<iI", uses, at)
            at += 8
            if what & 0x20:  # a depth of its own follows; from the uses, not from the lists
                changed, at = _list_depth(uses, at)
                own[what & 0xF] = changed
            elif what & 0x10 and what & 0xF in own:
                old = own[what & 0xF]
                own[what & 0xF] = Depth(old.form, old.text, start)
                family = f"{list_id}/{name}"  # begins anew
        numbering.lists[name], numbering.families[name] = own, family
    return numbering


def _list_depth(source: bytes, at: int) -> tuple[Depth, int]:
    start, form = struct.unpack_from("<iB", source, at)
    character_size, paragraph_size = source[at + 24], source[at + 25]
    at += 28 + character_size + paragraph_size
    (length,) = struct.unpack_from("<H", source, at)
    written = source[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
    text = "".join(f"%{ord(sign) + 1}" if ord(sign) < 9 else sign for sign in written)
    return Depth(_FORMS.get(form, "decimal"), text, start), at + 2 + 2 * length
