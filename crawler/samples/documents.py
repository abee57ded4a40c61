"""Small real documents made from blocks: PDF with a text layer, DOCX with tables. The same bytes each time."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from html import escape
from io import BytesIO

from .blocks import Block, Heading, Paragraph, Picture, Table, plain

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

LINES_A_PAGE = 44
CHARACTERS_A_LINE = 38
NOT_FIRST = "，。；：、）》”"


# ---------------------------------------------------------------- PDF


def pdf(title: str, blocks: Sequence[Block]) -> bytes:
    """A PDF whose text can be taken out again: a standard Chinese font by name, in a predefined encoding."""
    lines = [*_wrapped(title, indent=0), ""]
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            right = isinstance(block, Paragraph) and block.right
            text = plain(block.text)
            lines += [" " * 2 * max(0, CHARACTERS_A_LINE - len(text)) + text] if right else _wrapped(text, indent=2)
        elif isinstance(block, Table):
            lines += ["  ".join(cell.text for cell in row) for row in block.rows]
    pages = [lines[start : start + LINES_A_PAGE] for start in range(0, len(lines), LINES_A_PAGE)]
    return _pdf_file(pages)


def _wrapped(text: str, indent: int) -> list[str]:
    text = "　" * indent + text
    lines = []
    while text:
        end = min(CHARACTERS_A_LINE, len(text))
        while end < len(text) and text[end].isascii() and text[end - 1].isascii():
            end -= 1  # a number is not broken
        while end < len(text) and text[end] in NOT_FIRST:
            end += 1
        lines.append(text[:end])
        text = text[end:]
    return lines


def _pdf_file(pages: Sequence[Sequence[str]]) -> bytes:
    first_page = 6
    kids = " ".join(f"{first_page + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        (b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>"),
        (
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light "
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 5 0 R /DW 1000 "
            b"/W [1 95 500] >>"
        ),
        (
            b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
            b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
        ),
    ]
    for number, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {first_page + 2 * number + 1} 0 R >>".encode()
        )
        shown = " T*\n".join(f"<{line.encode('utf-16-be').hex().upper()}> Tj" for line in page)
        objects.append(_stream(f"BT /F1 12 Tf 17 TL 70 780 Td\n{shown}\nET".encode()))
    return _with_xref(objects)


def _stream(data: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def _with_xref(objects: Sequence[bytes]) -> bytes:
    out = BytesIO()
    out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


# ---------------------------------------------------------------- DOCX

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PARTS = {
    "[Content_Types].xml": '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="'
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>',
}


def docx(title: str, blocks: Sequence[Block]) -> bytes:
    """A DOCX with paragraphs and merged tables, as Word opens it."""
    body = _paragraph(title) + "".join(_docx_block(block) for block in blocks)
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document xmlns:w="{WORD}"><w:body>{body}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>'
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**PARTS, "word/document.xml": document}.items():
            entry = zipfile.ZipInfo(name, date_time=(2022, 1, 18, 9, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return out.getvalue()


def _paragraph(text: str) -> str:
    # The marks fall where Word would start a new run.
    runs = text.replace("{", "\0").replace("}", "\0").split("\0")
    inner = "".join(f'<w:r><w:t xml:space="preserve">{escape(run, quote=False)}</w:t></w:r>' for run in runs if run)
    return f"<w:p>{inner}</w:p>"


def _docx_block(block: Block) -> str:
    if isinstance(block, Table):
        return _docx_table(block)
    return "" if isinstance(block, Picture) else _paragraph(block.text)


def _docx_table(table: Table) -> str:
    width = sum(cell.colspan for cell in table.rows[0])
    open_until: dict[int, tuple[int, int]] = {}  # column → (rows still covered, columns covered)
    rows = []
    for row in table.rows:
        cells, waiting, column = [], list(row), 0
        while column < width:
            if column in open_until:
                left, span = open_until.pop(column)
                cells.append(_docx_cell("", span, "<w:vMerge/>"))
                if left > 1:
                    open_until[column] = (left - 1, span)
            else:
                cell = waiting.pop(0)
                span = cell.colspan
                merge = '<w:vMerge w:val="restart"/>' if cell.rowspan > 1 else ""
                cells.append(_docx_cell(cell.text, span, merge))
                if cell.rowspan > 1:
                    open_until[column] = (cell.rowspan - 1, span)
            column += span
        rows.append(f"<w:tr>{''.join(cells)}</w:tr>")
    grid = "<w:gridCol/>" * width
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _docx_cell(text: str, span: int, merge: str) -> str:
    spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return f"<w:tc><w:tcPr>{spans}{merge}</w:tcPr>{_paragraph(text)}</w:tc>"
