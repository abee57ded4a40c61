"""Word documents as blocks: DOCX from its XML, RTF, and DOC/WPS through LibreOffice or antiword where installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZipFile

from lxml import etree

from crawler.errors import Unreadable
from crawler.items import Remark
from pipelines.reading.blocks import Block, Cell, Paragraph, Table
from pipelines.reading.documents_bounds import Deadline, opened_zip, xml_part

CONVERSION_SECONDS = 120
MAX_COLUMNS = 500
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_FORMULA = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_DIGITS = "零一二三四五六七八九"
_HEADING = re.compile(r"(?:heading|标题)\s*([1-6])", re.I)


def read_docx(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks and notes of a DOCX. Automatic numbers (一、 1.) are written out: they are part of what it says."""
    archive = opened_zip(data)
    body = _parsed(archive, "word/document.xml").find(f"{_W}body")
    if body is None:
        raise Unreadable("the document has no body", name="document_damaged")
    try:
        word = _Word(_styles(archive), _numbering(archive), deadline)
        blocks = [*word.blocks(body), *_footnotes(archive, word)]
    except (ValueError, RecursionError) as error:  # a number that is none; elements nested without end
        raise Unreadable(f"damaged DOCX: {error}", name="document_damaged") from error
    notes = []
    pictures = len(body.findall(f".//{_DRAWN}"))
    if pictures:
        notes.append(Remark("document.images", f"{pictures} pictures stand in the text"))
    return blocks, notes


def _parsed(archive: ZipFile, name: str) -> etree._Element:
    content = xml_part(archive, name)
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


@dataclass(frozen=True, slots=True)
class _Depth:
    """One depth of a list: how its number is written."""

    form: str
    text: str
    start: int


@dataclass(slots=True)
class _Numbering:
    lists: dict[str, dict[int, _Depth]] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)  # lists of one family count on from one another
    counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def next(self, number: str, depth: int) -> str | None:
        """The written number of the next item, ``"-"`` for a bullet."""
        shapes = self.lists.get(number, {})
        shape = shapes.get(depth)
        if shape is None or shape.form == "none":
            return None
        counts = self.counts[self.families[number]]
        counts[depth] = counts.get(depth, shape.start - 1) + 1
        for deeper in [other for other in counts if other > depth]:
            del counts[deeper]
        if shape.form == "bullet":
            return "-"

        def written(found: re.Match[str]) -> str:
            other = int(found.group(1)) - 1
            shape_there = shapes.get(other)
            if shape_there is None:
                return ""
            return _written(counts.get(other, shape_there.start), shape_there.form)

        return re.sub(r"%(\d)", written, shape.text)


def _written(number: int, form: str) -> str:
    if form.startswith(("chinese", "japanese", "ideograph", "taiwanese")) and form != "ideographDigital":
        return _chinese(number)
    if form == "decimalEnclosedCircle" and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if form == "decimalFullWidth":
        return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman"):
        roman = _roman(number)
        return roman if form == "upperRoman" else roman.lower()
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _chinese(number: int) -> str:
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (_DIGITS[ones] if ones else "")


def _roman(number: int) -> str:
    signs = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    written = ""
    for value, sign in signs:
        count, number = divmod(number, value)
        written += sign * count
    return written


def _numbering(archive: ZipFile) -> _Numbering:
    root = _part_if_any(archive, "word/numbering.xml")
    numbering = _Numbering()
    if root is None:
        return numbering
    families: dict[str, dict[int, _Depth]] = {}
    for family in root.findall(f"{_W}abstractNum"):
        depths: dict[int, _Depth] = {}
        for depth in family.findall(f"{_W}lvl"):
            depths[int(depth.get(f"{_W}ilvl") or 0)] = _Depth(
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
                shapes[depth_number] = _Depth(old.form, old.text, int(start))
                family_name = f"{family_name}/{name}"  # begins anew
        numbering.lists[name] = shapes
        numbering.families[name] = family_name
    return numbering


def _styles(archive: ZipFile) -> dict[str, _Style]:
    root = _part_if_any(archive, "word/styles.xml")
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

    def __init__(self, styles: dict[str, _Style], numbering: _Numbering, deadline: Deadline) -> None:
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
            elif element.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins", f"{_W}moveTo"):
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
            marker = self.numbering.next(*number) if number is not None and number[0] != "0" else None
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
            elif tag in (f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_W}pPr", f"{_W}rPr"):
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
                merge = properties.find(f"{_W}vMerge") if properties is not None else None
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


# ---------------------------------------------------------------- RTF


def read_rtf(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks of an RTF. Its tables come without merges: a row of cells a line."""
    from striprtf.striprtf import rtf_to_text

    deadline.check()
    codepage = re.search(rb"\\ansicpg(\d+)", data[:2000])
    encoding = {b"936": "gb18030", b"54936": "gb18030", b"950": "big5"}.get(codepage.group(1) if codepage else b"936")
    try:
        text: str = rtf_to_text(  # type: ignore[no-untyped-call]
            data.decode("latin-1"), encoding=encoding or "gb18030", errors="replace"
        )
    except (ValueError, IndexError, KeyError, UnicodeError, LookupError) as error:
        raise Unreadable(f"damaged RTF: {error}", name="document_damaged") from error
    blocks: list[Block] = []
    rows: list[list[str]] = []
    tables = 0
    for line in [*text.splitlines(), ""]:
        cells = [cell.strip() for cell in line.split("|")]
        if line.rstrip().endswith("|") and len(cells) > 2:
            rows.append(cells[:-1])
            continue
        if rows:
            tables += 1
            blocks.append(_plain_table(rows, f"table {tables}"))
            rows = []
        if line.strip():
            blocks.append(Paragraph(line.strip()))
    return blocks, []


def _plain_table(rows: list[list[str]], place: str) -> Table:
    cells = [Cell(text, row, column) for row, texts in enumerate(rows) for column, text in enumerate(texts)]
    return Table(tuple(cells), len(rows), max(map(len, rows)), place)


# ---------------------------------------------------------------- DOC and WPS


def read_doc(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks of an old Word or WPS file, through LibreOffice (tables kept) or antiword (text alone).

    Raises ``Unreadable``, ``converter_missing`` where neither program is installed.
    """
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable("the document asks for a password", name="document_encrypted")
    deadline.check()
    office = shutil.which("soffice") or shutil.which("libreoffice")
    with tempfile.TemporaryDirectory(prefix="nianbao-doc-") as name:
        folder = Path(name)
        source = folder / "document.doc"
        source.write_bytes(data)
        if office is not None:
            profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
            _run([office, profile, "--headless", "--convert-to", "docx", "--outdir", str(folder), str(source)])
            converted = folder / "document.docx"
            if not converted.exists():
                raise Unreadable("LibreOffice could not convert the document", name="document_damaged")
            blocks, notes = read_docx(converted.read_bytes(), deadline)
            return blocks, [*notes, Remark("document.converted", "by LibreOffice")]
        antiword = shutil.which("antiword")
        if antiword is not None:
            text = _run([antiword, "-w", "0", "-m", "UTF-8.txt", str(source)]).decode("utf-8", "replace")
            paragraphs: list[Block] = [Paragraph(line.strip()) for line in text.splitlines() if line.strip()]
            return paragraphs, [Remark("document.converted", "by antiword; its tables are lines of text")]
    raise Unreadable("reading .doc and .wps needs LibreOffice (soffice) or antiword", name="converter_missing")


def _run(command: list[str]) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - a program found on PATH, a file of our own making
            command, capture_output=True, timeout=CONVERSION_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"{Path(command[0]).name} took too long", name="document_too_slow") from error
    if done.returncode != 0:
        complaint = done.stderr.decode("utf-8", "replace").strip()[:200]
        raise Unreadable(f"{Path(command[0]).name}: {complaint}", name="document_damaged")
    return done.stdout
