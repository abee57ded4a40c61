"""Documents that stand in for a page's text or hang on it: PDF, Word, spreadsheets, RTF, and zips of these.

``media_type`` looks at bytes, not at names: portals serve error pages as ``.pdf`` and Word files as ``.wps``.
``read_document`` gives the same blocks as a page's reader, so tables, outline and statistics read alike from both.
Libraries load when a document of theirs comes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from crawler.errors import Unreadable
from crawler.items import Remark
from pipelines.reading.blocks import Block, Image, Paragraph, Table
from pipelines.reading.documents.bounds import MAX_BYTES, Deadline
from pipelines.reading.documents.types import (
    DOC,
    DOCX,
    EXCEL_XML,
    HTML,
    MHTML,
    ODS,
    ODT,
    OFD,
    OLE,
    PDF,
    RTF,
    UOF,
    WORD_XML,
    XLS,
    XLSX,
    ZIP,
    looks_like_html,
    media_type,
)

__all__ = ["Document", "media_type", "plain_text", "read_document"]

MAX_NESTING = 2


@dataclass(frozen=True, slots=True)
class Document:
    """What a document says, in reading order, and what was odd about it."""

    blocks: tuple[Block, ...]
    text: str
    media_type: str
    notes: tuple[Remark, ...] = ()


def read_document(data: bytes, media_type: str, *, ocr: bool | None = None) -> Document:
    """The text of a document of this media type (as ``media_type`` names it).

    Raises ``Unreadable``; its name says why: ``empty_document``, ``fake_document`` (a web page under a document's
    name), ``document_damaged``, ``document_encrypted``, ``document_bomb``, ``document_too_large``,
    ``document_too_slow``, ``document_unsupported``, ``converter_missing``.

    A scan has no blocks and the note ``document.scanned``. With ``ocr`` (where it is not said, with the environment's
    ``NIANBAO_OCR=1``) its text is recognised by tesseract where that is installed, and marked ``document.recognised``:
    such numbers are no evidence. Recognised text comes as paragraphs, never as tables, so none reaches the statistics.
    """
    if ocr is None:
        ocr = os.environ.get("NIANBAO_OCR", "") in ("1", "true", "yes")
    blocks, notes = _read(data, media_type, Deadline(), ocr=ocr, nesting=0)
    return Document(tuple(blocks), plain_text(blocks), media_type, tuple(notes))


def plain_text(blocks: list[Block]) -> str:
    """Blocks as text: a line for a paragraph, a line for a table's row with tabs between its cells."""
    lines = []
    for block in blocks:
        if isinstance(block, Paragraph):
            lines.append(f"{block.marker} {block.text}" if block.marker else block.text)
        elif isinstance(block, Image):
            lines.append(block.alt)
        else:
            lines.extend(_rows(block))
    return "\n".join(line for line in lines if line.strip())


def _rows(table: Table) -> list[str]:
    rows: list[list[str]] = [[] for _ in range(table.rows)]
    for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
        if cell.row < table.rows:
            rows[cell.row].append(re.sub(r"\s+", " ", cell.text).strip())
    return ["\t".join(row) for row in rows]


Parts = tuple[list[Block], list[Remark]]


def _read(data: bytes, kind: str, deadline: Deadline, *, ocr: bool, nesting: int) -> Parts:
    if not data.strip(b"\0 \r\n\t"):
        raise Unreadable("the document has no bytes", name="empty_document")
    if len(data) > MAX_BYTES:
        raise Unreadable(f"{len(data)} bytes", name="document_too_large")
    if kind not in ("text/plain", HTML) and looks_like_html(data):
        raise Unreadable(f"a web page under the name of a document ({kind})", name="fake_document")
    deadline.check()
    if kind == PDF:
        from pipelines.reading.documents.pdf import read_pdf

        return _recognised(data, read_pdf(data, deadline), ocr=ocr)
    if kind in (ZIP, "application/zip"):
        return _read_zip(data, deadline, ocr=ocr, nesting=nesting)
    if kind.startswith("image/"):
        return _recognised(data, ([], [Remark("document.scanned", kind)]), ocr=ocr)
    reader = _reader(kind)
    if reader is None:
        raise Unreadable(f"no reader for {kind}", name="document_unsupported")
    return reader(data, deadline)


def _reader(kind: str) -> Callable[[bytes, Deadline], Parts] | None:
    if kind == DOCX:
        from pipelines.reading.documents.word import read_docx

        return read_docx
    if kind in (DOC, OLE):
        return _read_doc
    if kind == RTF:
        from pipelines.reading.documents.rtf import read_rtf

        return read_rtf
    if kind == XLSX:
        from pipelines.reading.documents.sheets import read_xlsx

        return read_xlsx
    if kind == XLS:
        from pipelines.reading.documents.sheets import read_xls

        return read_xls
    if kind == OFD:
        from pipelines.reading.documents.ofd import read_ofd

        return read_ofd
    if kind == HTML:
        from pipelines.reading.documents.markup import read_markup

        return read_markup
    if kind == WORD_XML:
        from pipelines.reading.documents.word import read_word_xml

        return read_word_xml
    if kind == EXCEL_XML:
        from pipelines.reading.documents.sheets import read_excel_xml

        return read_excel_xml
    if kind == MHTML:
        from pipelines.reading.documents.markup import read_mhtml

        return read_mhtml
    if kind in (ODT, ODS, UOF):
        from pipelines.reading.documents.office import read_by_program

        return partial(read_by_program, sheets=kind == ODS)
    return _read_text if kind == "text/plain" else None


def _read_doc(data: bytes, deadline: Deadline) -> Parts:
    """DOC and WPS: read here; what is older than Word 97 or out of order, by a program where one is installed."""
    from pipelines.reading.documents.doc import read_word97
    from pipelines.reading.documents.office import read_by_program
    from pipelines.reading.documents.types import ole_stream

    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable("the document asks for a password", name="document_encrypted")
    try:
        return read_word97(data, deadline)
    except Unreadable as error:
        if error.name not in ("document_unsupported", "document_damaged") or ole_stream(data, "WordDocument") is None:
            raise  # without that stream LibreOffice takes the bytes for text in some encoding
        try:
            return read_by_program(data, deadline)
        except Unreadable as failure:
            if failure.name == "converter_missing" and error.name == "document_unsupported":
                raise Unreadable(f"{error}; {failure}", name=failure.name) from error
            raise error from failure


def _read_text(data: bytes, deadline: Deadline) -> Parts:
    deadline.check()
    for encoding in ("utf-8-sig", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return [Paragraph(line.strip()) for line in text.splitlines() if line.strip()], []
    raise Unreadable("the text has no known encoding", name="document_damaged")


def _read_zip(data: bytes, deadline: Deadline, *, ocr: bool, nesting: int) -> Parts:
    """Every document of a zip, one after the other; what cannot be read is noted by name."""
    from pipelines.reading.documents.bounds import member, opened_zip

    if nesting >= MAX_NESTING:
        raise Unreadable("zips within zips", name="document_bomb")
    blocks: list[Block] = []
    notes: list[Remark] = []
    archive = opened_zip(data)
    failures: list[Unreadable] = []
    for info in sorted(archive.infolist(), key=lambda info: info.filename):
        name = _member_name(info.filename, utf8=bool(info.flag_bits & 0x800))
        if info.is_dir() or name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith((".", "~$")):
            continue
        try:
            content = member(archive, info.filename)
            kind = media_type(content, name)
            inner, remarks = _read(content, kind, deadline, ocr=ocr, nesting=nesting + 1)
        except Unreadable as error:
            if error.name in ("document_bomb", "document_too_slow"):
                raise
            failures.append(error)
            notes.append(Remark("document.member_unreadable", f"{name}: {error.name}: {error}"))
            continue
        notes.append(Remark("document.member", f"{name}: {kind}"))
        notes.extend(Remark(remark.code, f"{name}: {remark.detail}") for remark in remarks)
        blocks.extend(
            Table(block.cells, block.rows, block.columns, f"{name}, {block.place}")
            if isinstance(block, Table)
            else block
            for block in inner
        )
    if not blocks and failures:
        raise Unreadable(f"nothing in the zip can be read; first: {failures[0]}", name=failures[0].name)
    if not blocks and not notes:
        raise Unreadable("the zip holds no file", name="empty_document")
    return blocks, notes


def _member_name(name: str, *, utf8: bool) -> str:
    """Windows zips in China write names in GBK without saying so; zipfile takes them for cp437."""
    if utf8:
        return name
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name


def _recognised(data: bytes, parts: Parts, *, ocr: bool) -> Parts:
    """A scan with the text recognised in it, where that is asked for.

    Where only some pages are scans, their text follows the rest; beside tables it stays out, as the text of a report
    is compared with its tables.
    """
    blocks, notes = parts
    scanned = next((note for note in notes if note.code in ("document.scanned", "document.scanned_pages")), None)
    if not ocr or scanned is None or any(isinstance(block, Table) for block in blocks):
        return parts
    from pipelines.reading.documents.ocr import recognise

    some = [int(page) for page in scanned.detail.split(", ")] if scanned.code == "document.scanned_pages" else None
    text = recognise(data, some)
    recognised: list[Block] = [Paragraph(line.strip()) for line in text.splitlines() if line.strip()]
    where = f"of pages {scanned.detail}, at the end" if some else "throughout"
    return [*blocks, *recognised], [*notes, Remark("document.recognised", f"text by optical recognition, {where}")]
