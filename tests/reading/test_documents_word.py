"""Old Word files, RTF and documents saved as web pages: read from their bytes, as the Word file they were made from."""

from __future__ import annotations

import struct
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest

from crawler.errors import Unreadable
from crawler.items import Page
from pipelines.reading import read as read_page
from pipelines.reading.blocks import Block, Paragraph, Table
from pipelines.reading.documents import Document, media_type, read_document
from pipelines.reading.documents.types import DOC, HTML, MHTML, RTF
from pipelines.reading.statistics import read_statistics
from tests.reading.office_files import docx, xls, zipped
from tests.reading.statutory_forms import DISCLOSED_2021, applications, disclosure, numbered, review

# Made by LibreOffice 7.4 from a Word file of our own: automatic numbers at three depths, the three statutory tables,
# tracked changes, hidden text, a field, a character beyond the first 65536, a table within a table.
REPORT = Path(__file__).parent / "test_documents_files" / "report.doc"
SAID = [
    Paragraph("青溪县水务局2024年政府信息公开工作年度报告", 1),
    *map(
        Paragraph,
        ("一、总体情况", "（一）主动公开", "1.平台建设", "（二）依申请公开", "二、主动公开政府信息情况"),
    ),
    *map(Paragraph, ("三、收到和处理政府信息公开申请情况", "四、行政复议、行政诉讼情况", "五、存在问题")),
    Paragraph("甲乙链接𠮷字\t丁\nabc “引” 12,345.67%"),
    *map(Paragraph, ("外层文字", "落款")),
]


def read(data: bytes, name: str = "年报.doc") -> Document:
    return read_document(data, media_type(data, name))


def tables_of(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def paragraphs_of(document: Document) -> list[Block]:
    return [block for block in document.blocks if isinstance(block, Paragraph)]


def statutory_tables() -> tuple[Table, Table, Table]:
    return disclosure(DISCLOSED_2021), applications(numbered()), review(range(1, 16))


def expected_statistics() -> object:
    return read_statistics(statutory_tables()).statistics


def shape(table: Table) -> list[tuple[str, int, int, int, int]]:
    return sorted(
        ("".join(cell.text.split()), cell.row, cell.column, cell.rowspan, cell.colspan) for cell in table.cells
    )


# ---------------------------------------------------------------- DOC


def test_an_old_word_file_is_read_without_any_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert media_type(REPORT.read_bytes(), "年报.wps") == DOC
    document = read(REPORT.read_bytes())
    assert paragraphs_of(document) == SAID
    assert [shape(table) for table in tables_of(document)[:3]] == [shape(table) for table in statutory_tables()]
    assert [cell.text for cell in tables_of(document)[3].cells] == ["规章", "3", "许可", "4"]
    assert read_statistics(document.blocks).statistics == expected_statistics()


def with_header(offset: int, form: str, value: int) -> bytes:
    """The old Word file with one field of its head set."""
    data = bytearray(REPORT.read_bytes())
    head = data.index(b"\xec\xa5", 512)
    struct.pack_into(form, data, head + offset, value)
    return bytes(data)


def test_a_file_older_than_word_97_says_which_program_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unreadable, match="libreoffice-writer-nogui") as error:
        read(with_header(2, "<H", 0x65))
    assert error.value.name == "converter_missing"


def test_a_word_file_with_a_password_is_named() -> None:
    flags = struct.unpack_from("<H", REPORT.read_bytes(), REPORT.read_bytes().index(b"\xec\xa5", 512) + 10)[0]
    with pytest.raises(Unreadable) as error:
        read(with_header(10, "<H", flags | 0x0100))
    assert error.value.name == "document_encrypted"


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7, 0.9])
def test_a_torn_word_file_is_named(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    monkeypatch.setenv("PATH", "")
    data = REPORT.read_bytes()
    with pytest.raises(Unreadable) as error:
        read_document(data[: int(len(data) * share)], DOC)
    assert error.value.name == "document_damaged"


def test_a_damaged_word_file_is_read_or_named_but_never_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for place in range(0, len(REPORT.read_bytes()), 397):
        data = bytearray(REPORT.read_bytes())
        data[place : place + 4] = b"\xff\xfe\xfd\x7f"
        try:
            read_document(bytes(data), DOC)
        except Unreadable as error:
            assert error.name in (  # noqa: PT017
                "document_damaged", "document_encrypted", "document_too_large", "document_bomb", "converter_missing",
            )  # fmt: skip


# ---------------------------------------------------------------- RTF


def hexed(text: str) -> str:
    return "".join(f"\\'{byte:02x}" if byte > 127 else chr(byte) for byte in text.encode("gbk"))


def rtf(body: str) -> bytes:
    head = (
        "{\\rtf1\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0\\fcharset134 \\'cb\\'ce\\'cc\\'e5;}{\\f1\\fcharset0 Arial;}}"
    )
    return f"{head}{{\\stylesheet{{\\s1\\outlinelevel0 heading 1;}}}}{body}}}".encode("ascii")


def rtf_table(table: Table) -> str:
    """The rows as Word writes them: each with its cells' edges; cells that go on from above are there, and empty."""
    rows = []
    for row in range(table.rows):
        edges, contents = [], []
        for cell in sorted(table.cells, key=lambda cell: cell.column):
            if not cell.row <= row < cell.row + cell.rowspan:
                continue
            merge = "" if cell.rowspan == 1 else "\\clvmgf" if row == cell.row else "\\clvmrg"
            edges.append(f"{merge}\\cellx{900 * (cell.column + cell.colspan) + row % 3}")
            contents.append(f"\\pard\\intbl {hexed(cell.text) if row == cell.row else ''}\\cell")
        rows.append(f"\\trowd\\trleft0{''.join(edges)}{''.join(contents)}\\row\n")
    return "".join(rows) + "\\pard "


def test_the_tables_of_an_rtf_keep_their_merged_cells() -> None:
    body = "\\par ".join([hexed("二、主动公开"), *map(rtf_table, statutory_tables()), hexed("完")])
    document = read(rtf(body))
    assert document.media_type == RTF
    assert [shape(table) for table in tables_of(document)] == [shape(table) for table in statutory_tables()]
    assert read_statistics(document.blocks).statistics == expected_statistics()


def test_what_an_rtf_shows_is_read_and_what_it_does_not_show_is_not() -> None:
    body = (
        "\\pard\\s1 " + hexed("标题") + "\\par\\pard "
        "{\\listtext\\pard\\plain " + hexed("一、") + "\\tab}" + hexed("总体情况") + "\\par "
        "{\\deleted " + hexed("旧") + "}{\\v " + hexed("藏") + "}{\\field{\\*\\fldinst HYPERLINK}{\\fldrslt "
        + hexed("链接") + "}}\\u20844\\'3f\\uc0\\u24320 \\u-10187 \\u-9033 \\tab A\\~B\\ldblquote\\rdblquote\\par"
        "{\\*\\unknown gone}{\\pict 00ff}{\\header " + hexed("页眉") + "}{\\f1 cafe}\\'d2\\'bb\\par"
    )  # fmt: skip
    document = read(rtf(body))
    assert paragraphs_of(document) == [
        Paragraph("标题", 1),
        Paragraph("一、总体情况"),
        Paragraph("链接公开\U0001d4b7\tA\u00a0B“”"),
        Paragraph("cafe一"),
    ]
    assert [note.code for note in document.notes] == ["document.images"]


@pytest.mark.parametrize("mark", ["\\footnote", "\\*\\footnote", "\\footnote\\ftnalt"])
def test_the_notes_of_an_rtf_follow_its_text_and_leave_their_paragraph_whole(mark: str) -> None:
    note = "{\\super\\chftn{" + mark + "\\pard\\plain {\\super\\chftn}" + hexed("件数以登记日为准。") + "}}"
    body = "\\pard " + hexed("全年受理") + note + hexed("37件。") + "\\par\\pard " + hexed("下文。") + "\\par"
    assert paragraphs_of(read(rtf(body))) == [
        Paragraph("全年受理37件。"),
        Paragraph("下文。"),
        Paragraph("件数以登记日为准。"),
    ]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("{" * 5_000, "document_bomb"),
        ("\\pard\\intbl\\itap90 x\\nestcell\\nestrow", "document_bomb"),
        ("\\trowd" + "\\cellx1" * 5_000, "document_bomb"),
    ],
)
def test_rtf_bombs_are_refused(body: str, name: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(b"{\\rtf1 " + body.encode())
    assert error.value.name == name


# ---------------------------------------------------------------- documents saved as web pages


def page(*, office: bool = True, extra: str = "") -> str:
    space = ' xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"'
    rows = "".join(
        f"<tr><td>{label}</td><td>{number}</td></tr>" for label, number in (("行政许可", 12), ("行政处罚", 3))
    )
    return (
        f'<html{space if office else ""}><head><meta http-equiv=Content-Type content="text/html; charset=gb2312">'
        "<!--[if gte mso 9]><xml><o:DocumentProperties><o:Author>某人</o:Author></o:DocumentProperties></xml><![endif]-->"
        f"{extra}</head><body lang=ZH-CN><p class=MsoNormal><![if !supportLists]>"
        "<span style='mso-list:Ignore'>一、</span><![endif]>总体情况<o:p></o:p></p>"
        "<table border=1><tr><td>信息内容</td><td>本年处理决定数量</td></tr>" + rows + "</table></body></html>"
    )


def test_word_saved_as_a_web_page_under_a_word_name_is_read() -> None:
    data = page().encode("gb18030")
    assert media_type(data, "年报.doc") == HTML
    document = read(data)
    assert [block.text for block in paragraphs_of(document) if isinstance(block, Paragraph)] == ["一、总体情况"]
    assert read_statistics(document.blocks).statistics["disclosure"]["permits"] == {"decisions": 12}  # type: ignore[index]
    assert "某人" not in document.text


def test_a_web_table_under_a_spreadsheet_name_is_read_and_an_error_page_is_not() -> None:
    assert len(tables_of(read(page(office=False).encode("gb18030"), "年报.xls"))) == 1
    for fake in (
        page(office=False, extra="<script>location='/404'</script>"),
        "<html><body><table width=500><tr><td>无法找到该页</td></tr></table></body></html>",
        "<!DOCTYPE html><html><body><h1>404</h1></body></html>",
    ):
        with pytest.raises(Unreadable) as error:
            read(fake.encode("gb18030"), "年报.xls")
        assert error.value.name == "fake_document"


def test_word_saved_as_mhtml_is_read() -> None:
    parts = MIMEMultipart("related", type="text/html")
    parts.attach(MIMEText(page(), "html", "utf-8"))
    parts.attach(MIMEImage(b"\x89PNG\r\n\x1a\n", "png"))
    data = parts.as_bytes()
    assert media_type(data, "年报.doc") == MHTML
    document = read(data)
    assert [block.text for block in paragraphs_of(document) if isinstance(block, Paragraph)] == ["一、总体情况"]
    assert len(tables_of(document)) == 1


@pytest.mark.parametrize("name", ["年报.pdf", "年报.doc", "年报.xls", "年报"])
def test_what_a_document_is_does_not_hang_on_its_name(name: str) -> None:
    assert paragraphs_of(read(docx(["一、总体情况"]), name)) == [Paragraph("一、总体情况")]
    assert paragraphs_of(read(REPORT.read_bytes(), name)) == SAID
    assert paragraphs_of(read(rtf(hexed("甲") + "\\par"), name)) == [Paragraph("甲")]
    assert len(tables_of(read(xls(applications(numbered())), name))) == 1


def test_a_zip_of_old_documents_is_read() -> None:
    data = zipped({"一.doc": REPORT.read_bytes(), "二.rtf": rtf(hexed("乙") + "\\par"), "三.doc": page().encode("gbk")})
    document = read(data, "年报.zip")
    assert [note.detail for note in document.notes if note.code == "document.member"] == [
        f"一.doc: {DOC}", f"三.doc: {HTML}", f"二.rtf: {RTF}",
    ]  # fmt: skip
    assert len(tables_of(document)) == 5


# ---------------------------------------------------------------- documents in one XML file


def word_2003(body: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><?mso-application progid="Word.Document"?>'
        '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" '
        'xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint" '
        'xmlns:aml="http://schemas.microsoft.com/aml/2001/core">'
        f"<w:body><wx:sect>{body}</wx:sect></w:body></w:wordDocument>"
    ).encode()


def word_2003_table(table: Table) -> str:
    rows = []
    for row in range(table.rows):
        cells = []
        for cell in sorted(table.cells, key=lambda cell: cell.column):
            if cell.row <= row < cell.row + cell.rowspan:
                restart = ' w:val="restart"' if row == cell.row else ""
                merge = f"<w:vmerge{restart}/>" if cell.rowspan > 1 else ""
                text = cell.text if row == cell.row else ""
                properties = f'<w:tcPr><w:gridSpan w:val="{cell.colspan}"/>{merge}</w:tcPr>'
                cells.append(f"<w:tc>{properties}<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
        rows.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def test_a_report_filled_into_a_template_of_word_2003_is_read() -> None:
    body = (
        '<wx:sub-section><w:p><w:pPr><w:listPr><wx:t wx:val="一、"/></w:listPr></w:pPr><w:r><w:t>总体情况</w:t></w:r>'
        '<aml:annotation w:type="Word.Deletion"><aml:content><w:r><w:t>旧</w:t></w:r></aml:content></aml:annotation></w:p>'
        f"</wx:sub-section>{''.join(map(word_2003_table, statutory_tables()))}"
    )
    document = read(word_2003(body), "年报.doc")
    assert paragraphs_of(document) == [Paragraph("一、总体情况")]
    assert [shape(table) for table in tables_of(document)] == [shape(table) for table in statutory_tables()]
    bomb = word_2003(body).replace(
        b"<w:wordDocument", b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><w:wordDocument"
    )
    with pytest.raises(Unreadable) as error:
        read(bomb)
    assert error.value.name == "document_bomb"


def test_a_word_file_saved_as_one_file_of_its_parts_is_read() -> None:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    data = (
        '<?xml version="1.0" standalone="yes"?><?mso-application progid="Word.Document"?>'
        '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"><pkg:part pkg:name="/word/document.xml">'
        f'<pkg:xmlData><w:document xmlns:w="{space}"><w:body><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:body></w:document>'
        "</pkg:xmlData></pkg:part></pkg:package>"
    ).encode()
    assert paragraphs_of(read(data)) == [Paragraph("甲")]


def test_a_workbook_of_excel_2003_is_read() -> None:
    table = applications(numbered())
    rows = []
    for row in range(table.rows):
        cells = [
            f'<Cell ss:Index="{c.column + 1}" ss:MergeAcross="{c.colspan - 1}" ss:MergeDown="{c.rowspan - 1}">'
            f'<Data ss:Type="String">{c.text}</Data></Cell>'
            for c in sorted(table.cells, key=lambda cell: cell.column)
            if c.row == row
        ]
        rows.append(f"<Row>{''.join(cells)}</Row>")
    data = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="表"><Table>{"".join(rows)}</Table></Worksheet></Workbook>'
    ).encode()
    (found,) = tables_of(read(data, "年报.xls"))
    assert shape(found) == shape(table)


def test_a_word_document_of_one_xml_file_is_a_document_whatever_its_name() -> None:
    page = Page("http://www.example.gov.cn/2024/report.xml", word_2003("<w:p><w:r><w:t>一、总体情况</w:t></w:r></w:p>"))
    assert read_page(page).body == "一、总体情况"
