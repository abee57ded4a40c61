"""Word documents of today (DOCX) as blocks, from their XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from zipfile import ZipFile

from lxml import etree

from crawler.errors import Unreadable
from crawler.items import Remark
from pipelines.reading.blocks import Block, Cell, Paragraph, Table
from pipelines.reading.documents.bounds import MAX_XML, Deadline, opened_zip, refuse_dtd, xml_part
from pipelines.reading.documents.lists import Depth, Numbering

MAX_COLUMNS = 500
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WORD_2003 = b"http://schemas.microsoft.com/office/word/2003/wordml"
_HINT = "{http://schemas.microsoft.com/office/word/2003/auxHint}"
_ANNOTATION = "{http://schemas.microsoft.com/aml/2001/core}annotation"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_FORMULA = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_UNSAID = frozenset(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr"))
_AROUND = frozenset(
    [
        *(f"{_W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo")),
        f"{_HINT}sect",
        f"{_HINT}sub-section",
    ]
)
_HEADING = re.compile(r"(?:heading|标题)\s*([1-6])", re.I)


def read_docx(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks and notes of a DOCX. Automatic numbers (一、 1.) are written out: they are part of what it says."""
    archive = opened_zip(data)
    body = _parsed(archive, "word/document.xml").find(f"{_W}body")
    if body is None:
        raise Unreadable("the document has no body", name="document_damaged")
    try:
        word = _Word(
            _styles_of(_part_if_any(archive, "word/styles.xml")),
            _numbering_of(_part_if_any(archive, "word/numbering.xml")),
            deadline,
        )
        blocks = [*word.blocks(body), *_footnotes(archive, word)]
    except (ValueError, RecursionError) as error:  # a number that is none; elements nested without end
        raise Unreadable(f"damaged DOCX: {error}", name="document_damaged") from error
    notes = []
    pictures = len(body.findall(f".//{_DRAWN}"))
    inserted = len(body.findall(f".//{_W}altChunk"))
    if inserted:
        notes.append(Remark("document.inserted_files", f"{inserted} files stand in the text and are not read"))
    if pictures:
        notes.append(Remark("document.images", f"{pictures} pictures stand in the text"))
    return blocks, notes


def read_word_xml(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks and notes of a Word document in one XML file: of Word 2003, or the parts of a DOCX one after the other."""
    if len(data) > MAX_XML:
        raise Unreadable(f"{len(data)} bytes of XML", name="document_too_large")
    refuse_dtd(data, "document")
    root = _tree(data.replace(_WORD_2003, _W.strip("{}").encode()), "document")
    body = next(root.iter(f"{_W}body"), None)
    if body is None:
        raise Unreadable("the document has no body", name="document_damaged")
    try:
        word = _Word(
            _styles_of(next(root.iter(f"{_W}styles"), None)),
            _numbering_of(next(root.iter(f"{_W}numbering"), None)),
            deadline,
        )
        return list(word.blocks(body)), [Remark("document.markup", "a Word document saved as XML")]
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"damaged document: {error}", name="document_damaged") from error


def _parsed(archive: ZipFile, name: str) -> etree._Element:
    return _tree(xml_part(archive, name), name)


def _tree(content: bytes, name: str) -> etree._Element:
    if _STRICT.encode() in content:
        content = content.replace(_STRICT.encode(), _W.strip("{}").encode())
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"{name}: {error}", name="document_damaged") from error


def _part_if_any(archive: ZipFile, name: str) -> etree._Element | None:
    return _parsed(archive, name) if name in archive.namelist() else None


def _value(element: etree._Element | None, path: str) -> str | None:
    found = element.find(path.replace("w:", _W)) if element is not None else None
    return found.get(f"{_W}val") if found is not None else None


# ---------------------------------------------------------------- styles and numbering


@dataclass(frozen=True, slots=True)
class _Style:
    level: int | None  # of a heading
    number: tuple[str, int] | None  # (list, depth)


def _numbering_of(root: etree._Element | None) -> Numbering:
    numbering = Numbering()
    if root is None:
        return numbering
    families: dict[str, dict[int, Depth]] = {}
    for family in root.findall(f"{_W}abstractNum"):
        depths: dict[int, Depth] = {}
        for depth in family.findall(f"{_W}lvl"):
            depths[int(depth.get(f"{_W}ilvl") or 0)] = Depth(
                _value(depth, "w:numFmt") or "decimal",
                _value(depth, "w:lvlText") or "",
                int(_value(depth, "w:start") or 1),
            )
        families[family.get(f"{_W}abstractNumId") or ""] = depths
    for number in root.findall(f"{_W}num"):
        name, family_name = number.get(f"{_W}numId") or "", _value(number, "w:abstractNumId") or ""
        shapes = dict(families.get(family_name, {}))
        for override in number.findall(f"{_W}lvlOverride"):
            depth_number, start = int(override.get(f"{_W}ilvl") or 0), _value(override, "w:startOverride")
            if start is not None and depth_number in shapes:
                old = shapes[depth_number]
                shapes[depth_number] = Depth(old.form, old.text, int(start))
                family_name = f"{family_name}/{name}"  # begins anew
        numbering.lists[name] = shapes
        numbering.families[name] = family_name
    return numbering


def _styles_of(root: etree._Element | None) -> dict[str, _Style]:
    if root is None:
        return {}
    elements = {style.get(f"{_W}styleId") or "": style for style in root.findall(f"{_W}style")}

    def chain(name: str) -> Iterator[etree._Element]:
        seen: set[str] = set()
        while name in elements and name not in seen:
            seen.add(name)
            yield elements[name]
            name = _value(elements[name], "w:basedOn") or ""

    styles = {}
    for name in elements:
        level: int | None = None
        number: tuple[str, int] | None = None
        for element in chain(name):
            properties = element.find(f"{_W}pPr")
            if level is None:
                found = _HEADING.fullmatch((_value(element, "w:name") or "").strip())
                outline = _value(properties, "w:outlineLvl")
                level = int(found.group(1)) if found else int(outline) + 1 if outline and int(outline) < 6 else None
            if number is None:
                number = _number_of(properties)
        styles[name] = _Style(level, number)
    return styles


def _number_of(properties: etree._Element | None) -> tuple[str, int] | None:
    number = _value(properties, "w:numPr/w:numId")
    return (number, int(_value(properties, "w:numPr/w:ilvl") or 0)) if number is not None else None


# ---------------------------------------------------------------- text


class _Word:
    """Walks the XML of one document; counts its lists as it goes."""

    def __init__(self, styles: dict[str, _Style], numbering: Numbering, deadline: Deadline) -> None:
        self.styles, self.numbering, self.deadline = styles, numbering, deadline
        self.tables = 0

    def blocks(self, parent: etree._Element) -> Iterator[Block]:
        for element in parent:
            if element.tag == f"{_W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{_W}tbl":
                yield from self._table(element)
            elif element.tag == f"{_MC}AlternateContent":
                choice = element[0] if len(element) else None
                if choice is not None:
                    yield from self.blocks(choice)
            elif element.tag in _AROUND:
                yield from self.blocks(element)

    def _paragraph(self, element: etree._Element) -> Iterator[Block]:
        self.deadline.check()
        boxes: list[etree._Element] = []
        text = "".join(self._text(element, boxes)).strip()
        properties = element.find(f"{_W}pPr")
        style = self.styles.get(_value(properties, "w:pStyle") or "", _Style(None, None))
        outline = _value(properties, "w:outlineLvl")
        level = int(outline) + 1 if outline and int(outline) < 6 else style.level
        number = _number_of(properties) or style.number
        if text:
            marker = (
                self.numbering.next(*number) if number is not None and number[0] != "0" else _hinted_number(properties)
            )
            if marker and marker != "-":
                text, marker = marker + text, None
            yield Paragraph(text, level, marker)
        for box in boxes:  # a text box stands where it is anchored
            yield from self.blocks(box)

    def _text(self, parent: etree._Element, boxes: list[etree._Element]) -> Iterator[str]:
        for element in parent:
            tag = element.tag
            if tag in (f"{_W}t", _FORMULA):
                yield element.text or ""
            elif tag in (f"{_W}br", f"{_W}cr"):
                yield "\n" if element.get(f"{_W}type") is None else ""
            elif tag == f"{_W}tab":
                yield "\t"
            elif tag == f"{_W}noBreakHyphen":
                yield "-"
            elif tag == f"{_W}sym":
                yield _symbol(element)
            elif tag == f"{_W}txbxContent":
                boxes.append(element)
            elif tag == f"{_MC}AlternateContent":
                if len(element):
                    yield from self._text(element[0], boxes)  # Choice; Fallback says the same again
            elif tag in _UNSAID or (tag == f"{_W}r" and _is_hidden(element)) or _is_deletion(element):
                continue
            elif isinstance(tag, str):
                yield from self._text(element, boxes)

    def _table(self, element: etree._Element) -> Iterator[Block]:
        rows = list(_rows(element))
        # A table around tables lays out the page; what stands in it is read on its own.
        if any(cell.find(f".//{_W}tbl") is not None for row in rows for cell in _cells(row)):
            for row in rows:
                for cell in _cells(row):
                    yield from self.blocks(cell)
            return
        cells: list[Cell] = []
        open_above: dict[int, int] = {}  # column → number of the cell that goes on downwards
        columns = 0
        for row_number, row in enumerate(rows):
            self.deadline.check()
            column = min(int(_value(row.find(f"{_W}trPr"), "w:gridBefore") or 0), MAX_COLUMNS)
            going_on: dict[int, int] = {}
            for cell in _cells(row):
                properties = cell.find(f"{_W}tcPr")
                width = min(max(1, int(_value(properties, "w:gridSpan") or 1)), MAX_COLUMNS)
                merge = None
                if properties is not None:
                    merge = next((one for one in properties if one.tag in (f"{_W}vMerge", f"{_W}vmerge")), None)
                goes_on = merge is not None and merge.get(f"{_W}val", "continue") != "restart"
                above = open_above.get(column) if goes_on else None
                if above is not None and cells[above].colspan == width:
                    old = cells[above]
                    cells[above] = Cell(old.text, old.row, column, row_number - old.row + 1, width)
                    going_on[column] = above
                else:
                    text = "\n".join(
                        f"{block.marker} {block.text}" if block.marker else block.text
                        for block in self.blocks(cell)
                        if isinstance(block, Paragraph)
                    )
                    if merge is not None:
                        going_on[column] = len(cells)
                    cells.append(Cell(text, row_number, column, 1, width))
                column += width
            open_above = going_on
            columns = max(columns, column)
        if cells:
            self.tables += 1
            yield Table(tuple(cells), len(rows), columns, f"table {self.tables}")


def _hinted_number(properties: etree._Element | None) -> str | None:
    """Word 2003 writes the number of a paragraph beside its list."""
    hint = properties.find(f"{_W}listPr/{_HINT}t") if properties is not None else None
    return hint.get(f"{_HINT}val") if hint is not None else None


def _is_deletion(element: etree._Element) -> bool:
    return element.tag == _ANNOTATION and element.get(f"{_W}type") == "Word.Deletion"


def _is_hidden(run: etree._Element) -> bool:
    mark = run.find(f"{_W}rPr/{_W}vanish")
    return mark is not None and mark.get(f"{_W}val", "1") not in ("0", "false", "off")


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for element in table:
        if element.tag == f"{_W}tr":
            yield element
        elif element.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins"):
            yield from _rows(element)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for element in row:
        if element.tag == f"{_W}tc":
            yield element
        elif element.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml"):
            yield from _cells(element)


def _symbol(element: etree._Element) -> str:
    """A character of a symbol font, where Unicode has it; Wingdings' box and tick are the ones forms use."""
    code = int(element.get(f"{_W}char") or "0", 16)
    known = {0xF0FE: "☑", 0xF0A8: "□", 0xF052: "☑", 0xF0A3: "□", 0xF0FC: "✓", 0xF0B7: "•"}
    return known.get(code, chr(code) if code and not 0xE000 <= code <= 0xF8FF else "\ufffd")


def _footnotes(archive: ZipFile, word: _Word) -> Iterator[Block]:
    for name in ("word/footnotes.xml", "word/endnotes.xml"):
        root = _part_if_any(archive, name)
        for note in root if root is not None else ():
            if isinstance(note.tag, str) and note.get(f"{_W}type") is None:
                yield from word.blocks(note)
