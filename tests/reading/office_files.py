"""Documents as tests need them, made with other people's writers: what is read was not written by the reader."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from pipelines.reading.blocks import Table


def pdf(story: Sequence[str | Table], *, footer: bool = True, password: str | None = None, margin: float = 72) -> bytes:
    """A PDF with Chinese text, ruled tables that may break over pages, and page numbers."""
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, TableStyle
    from reportlab.platypus import Table as Ruled

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    body = ParagraphStyle("body", fontName="STSong-Light", fontSize=12, leading=20, firstLineIndent=24, wordWrap="CJK")
    flowables: list[Any] = []
    for part in story:
        if isinstance(part, str):
            flowables.append(Paragraph(part, body))
            continue
        widths = _widths(part, A4[0] - 2 * margin)
        texts = [[""] * part.columns for _ in range(part.rows)]
        for cell in part.cells:
            room = sum(widths[cell.column : cell.column + cell.colspan])
            texts[cell.row][cell.column] = _wrapped(cell.text, int((room - 4) / 7))
        style: list[Any] = [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
            ("FONT", (0, 0), (-1, -1), "STSong-Light", 7, 9),
        ]
        style += [("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (-1, -1), 2)]
        style += [("RIGHTPADDING", (0, 0), (-1, -1), 1)]
        style += [
            ("SPAN", (cell.column, cell.row), (cell.column + cell.colspan - 1, cell.row + cell.rowspan - 1))
            for cell in part.cells
            if cell.rowspan * cell.colspan > 1
        ]
        flowables.append(Ruled(texts, colWidths=widths, style=TableStyle(style), repeatRows=0))

    def number(canvas: Any, document: Any) -> None:
        if footer:
            canvas.setFont("STSong-Light", 9)
            canvas.drawCentredString(A4[0] / 2, 36, f"- {document.page} -")

    out = BytesIO()
    encryption = StandardEncryption(password, canPrint=0) if password else None
    document = SimpleDocTemplate(out, pagesize=A4, leftMargin=margin, rightMargin=margin, encrypt=encryption)
    document.build(flowables, onFirstPage=number, onLaterPages=number)
    return out.getvalue()


def _widths(table: Table, room: float) -> list[float]:
    """Columns as wide as their own words want, all together as wide as the page."""
    wanted = [14.0] * table.columns
    for cell in table.cells:
        if cell.colspan == 1 and cell.rowspan < 20:
            wanted[cell.column] = max(wanted[cell.column], min(len(cell.text), 12) * 7 + 8)
    return [width * room / sum(wanted) for width in wanted]


def _wrapped(text: str, length: int) -> str:
    if text.isascii():
        return text
    return "\n".join(text[start : start + max(1, length)] for start in range(0, len(text), max(1, length)))


def docx(story: Sequence[str | Table]) -> bytes:
    """A Word document with merged cells."""
    import docx as word

    document = word.Document()
    for part in story:
        if isinstance(part, str):
            document.add_paragraph(part)
            continue
        table = document.add_table(rows=part.rows, cols=part.columns)
        for cell in part.cells:
            corner = table.cell(cell.row, cell.column)
            if cell.rowspan * cell.colspan > 1:
                corner = corner.merge(table.cell(cell.row + cell.rowspan - 1, cell.column + cell.colspan - 1))
            corner.text = cell.text
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def xlsx(tables: Sequence[Table]) -> bytes:
    """A workbook with a sheet for each table."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, table in enumerate(tables):
        sheet = book.create_sheet(f"表{number + 1}")
        for cell in table.cells:
            value: str | float = float(cell.text) if cell.text.replace(".", "", 1).isdigit() else cell.text
            sheet.cell(cell.row + 1, cell.column + 1, value)
            if cell.rowspan * cell.colspan > 1:
                sheet.merge_cells(
                    start_row=cell.row + 1,
                    start_column=cell.column + 1,
                    end_row=cell.row + cell.rowspan,
                    end_column=cell.column + cell.colspan,
                )
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def xls(table: Table) -> bytes:
    """A workbook of the old format."""
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for cell in table.cells:
        value: str | float = float(cell.text) if cell.text.isdigit() else cell.text
        last = (cell.row + cell.rowspan - 1, cell.column + cell.colspan - 1)
        sheet.write_merge(cell.row, last[0], cell.column, last[1], value)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def ofd(lines: Sequence[str]) -> bytes:
    """One page of text in the national page format."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    objects = "".join(
        f'<ofd:TextObject ID="{n}" Boundary="20 {20 + 8 * n} 150 5"><ofd:TextCode X="0" Y="4">{line}</ofd:TextCode>'
        "</ofd:TextObject>"
        for n, line in enumerate(lines)
    )
    files = {
        "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
        "</ofd:OFD>",
        "Doc_0/Document.xml": f'<ofd:Document {space}><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>'
        "</ofd:Pages></ofd:Document>",
        "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {space}><ofd:Content><ofd:Layer>{objects}</ofd:Layer>"
        "</ofd:Content></ofd:Page>",
    }
    return zipped({name: content.encode() for name, content in files.items()})
