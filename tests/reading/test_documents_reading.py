"""Documents as blocks: what they say, in order, with their tables; and what is refused by name."""

from __future__ import annotations

import re
import struct
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import Unreadable
from crawler.items import Page
from pipelines.reading import read as read_page
from pipelines.reading.blocks import Paragraph, Table
from pipelines.reading.documents import Document, media_type, plain_text, read_document
from pipelines.reading.documents.types import DOC, DOCX, ODT, OFD, OLE, PDF, RTF, UOF, XLS, XLSX
from pipelines.reading.statistics import read_statistics
from tests.reading.office_files import docx, ofd, pdf, xls, xlsx, zipped
from tests.reading.statutory_forms import (
    DISCLOSED_2021,
    applications,
    disclosure,
    layout,
    numbered,
    one,
    review,
)

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
REPORT_PDF = SHARED / "corpus/pdf/zxj6827111-blip__KIROGOVCOMPARE/sample_pdfs_v1/hzq2023_working.pdf"
LONG = (
    "二〇二四年，青溪县水务局按照统一部署推进各项公开工作，围绕供水保障、河湖管护、防汛调度等群众关心的事项及时发布信息，"
    "全年主动公开各类信息一千余条，未发生泄密事件，办理过程留痕可查，答复文书经过合法性审核后方才送达申请人手中。"
)
STORY = ("青溪县水务局2024年政府信息公开工作年度报告", "一、总体情况", LONG, LONG + "全文完。")


def read(data: bytes) -> Document:
    return read_document(data, media_type(data))


def tables_of(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def paragraphs_of(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def letters(text: str) -> str:
    return "".join(text.split())


def statutory_tables() -> tuple[Table, Table, Table]:
    return disclosure(DISCLOSED_2021), applications(numbered()), review(range(1, 16))


def expected_statistics() -> object:
    return read_statistics(statutory_tables()).statistics


# ---------------------------------------------------------------- PDF


def test_a_pdf_is_read_paragraph_by_paragraph() -> None:
    assert paragraphs_of(read(pdf(STORY))) == list(STORY)


def test_a_paragraph_goes_on_over_the_page_break() -> None:
    story = ["一、总体情况", *[f"第{n}段。{LONG}" for n in range(14)]]
    document = read(pdf(story))
    assert paragraphs_of(document) == story
    assert [note.code for note in document.notes] == ["document.page_numbers"]


def test_the_statutory_tables_of_a_pdf_are_read_whole() -> None:
    two, three, four = statutory_tables()
    document = read(
        pdf(["二、主动公开", two, "三、收到和处理", three, "四、行政复议", four, "五、主要问题"], margin=30)
    )
    assert read_statistics(document.blocks).statistics == expected_statistics()
    assert len(tables_of(document)) == 3


@pytest.mark.parametrize("lines_above", [8, 12, 16, 20, 24, 26])
def test_a_table_cut_by_a_page_break_is_one_table(lines_above: int) -> None:
    table = applications(numbered())
    document = read(pdf([*["上文。"] * lines_above, table, "下文。"], margin=40))
    found = tables_of(document)
    assert len(found) == 1
    assert read_statistics(document.blocks).statistics["applications"] == numbered()  # type: ignore[index]
    printed = sorted(letters(cell.text) for cell in table.cells)
    assert sorted(letters(cell.text) for cell in found[0].cells) == printed


def test_no_character_of_a_pdf_is_lost() -> None:
    story = ["标题，“引号”、（括号）〔2024〕3号 abc-def 12,345.67% …—·", *statutory_tables(), LONG, "末行"]
    document = read(pdf(story, footer=False))
    said = "".join(plain_text([part]) if isinstance(part, Table) else part for part in story)
    assert sorted(letters(document.text)) == sorted(letters(said))


def test_numbers_that_are_no_page_numbers_stay() -> None:
    document = read(pdf(["一、总体情况", "12", LONG], footer=False))
    assert paragraphs_of(document) == ["一、总体情况", "12", LONG]


def test_a_page_on_its_side_is_read_as_it_is_shown() -> None:
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.setPageRotation(90)
    canvas.translate(595, 0)
    canvas.rotate(90)
    canvas.setFont("Helvetica", 12)
    for place, word in ((500, "first 1"), (300, "second 2"), (100, "third 3")):
        canvas.drawString(72, place, word)
    canvas.rect(72, 380, 200, 40)
    canvas.line(172, 380, 172, 420)
    canvas.drawString(80, 395, "left")
    canvas.drawString(180, 395, "right")
    canvas.save()
    document = read(out.getvalue())
    assert paragraphs_of(document) == ["first 1", "second 2", "third 3"]
    assert [(cell.text, cell.column) for cell in tables_of(document)[0].cells] == [("left", 0), ("right", 1)]


def test_text_struck_twice_for_a_bold_look_is_read_once() -> None:
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out)
    canvas.setFont("Helvetica", 12)
    for shift in (0, 0.3):
        canvas.drawString(72 + shift, 700, "1100 total")
    canvas.save()
    assert paragraphs_of(read(out.getvalue())) == ["1100 total"]


def test_a_frame_around_text_is_no_table() -> None:
    document = read(pdf([layout([one(LONG)]), "下文"]))
    assert tables_of(document) == []
    assert letters(LONG) in letters(document.text)


def test_an_empty_page_with_a_picture_is_a_scan() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out)
    canvas.drawImage(ImageReader(Image.new("RGB", (40, 40), "white")), 0, 0, 500, 700)
    canvas.save()
    document = read(out.getvalue())
    assert document.blocks == ()
    assert [note.code for note in document.notes] == ["document.scanned"]


def test_an_encrypted_pdf_is_named() -> None:
    with pytest.raises(Unreadable) as error:
        read(pdf(["秘密"], password="open"))
    assert error.value.name == "document_encrypted"


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7])
def test_a_torn_pdf_is_named_or_read_in_part_but_never_breaks(share: float) -> None:
    data = pdf(STORY)
    names = set()
    try:
        read_document(data[: int(len(data) * share)], PDF)
    except Unreadable as error:
        names.add(error.name)
    assert names <= {"document_damaged"}


def test_a_web_page_that_calls_itself_pdf_is_a_web_page() -> None:
    page = b"\r\n<!-- moved -->\n<!DOCTYPE html><html><body>404 %PDF-1.4</body></html>"
    assert media_type(page, "report.pdf") == "text/html"
    with pytest.raises(Unreadable) as error:
        read_document(page, PDF)
    assert error.value.name == "fake_document"


def test_an_error_page_that_a_portal_serves_for_a_document_is_named() -> None:
    page = b"<!DOCTYPE html><html><head><title>404</title></head><body></body></html>"
    with pytest.raises(Unreadable) as error:
        read_page(Page("http://www.example.gov.cn/2024/report.pdf", page))
    assert error.value.name == "fake_document"


@pytest.mark.skipif(not REPORT_PDF.exists(), reason="the corpus is not here")
def test_a_real_report_gives_every_cell_of_its_three_tables() -> None:
    document = read(REPORT_PDF.read_bytes())
    result = read_statistics(document.blocks, report_year=2023)
    assert result.statistics is not None
    assert result.remarks == ()
    # 10 of table two, 23 × 7 of table three (it prints one row of other results), 15 of table four.
    assert len(result.places) == 10 + 23 * 7 + 15
    disclosed = result.statistics["disclosure"]
    assert [disclosed[row]["decisions"] for row in ("permits", "penalties", "coercions")] == [550, 4119, 195]
    assert disclosed["normative_documents"] == {"made": 0, "repealed": 5, "in_force": 5}
    assert disclosed["fees"] == {"amount": 7730.28}
    totals = {row: cells["total"] for row, cells in result.statistics["applications"].items() if cells["total"]}
    assert totals == {
        "new": 21,
        "granted_partly": 4,
        "denied_state_secret": 1,
        "denied_process": 1,
        "denied_enforcement_file": 1,
        "unavailable_not_held": 10,
        "unavailable_needs_making": 3,
        "unprocessed_petition": 1,
        "total": 21,
    }
    # Its table four adds nothing up: 10 + 1 and 5 stand beside totals of 0.
    assert [(check.rule, check.expected, check.found) for check in result.checks] == [
        ("review.total", "11", "0"),
        ("review.total", "5", "0"),
    ]


# ---------------------------------------------------------------- Word


@pytest.mark.parametrize(
    "title", [["青禾县公安局2022年政府信息公开工作年度报告"], ["青禾县公安局", "2022年政府信息公开工作年度报告"]]
)
@pytest.mark.parametrize("number", [["青公〔2023〕3号　　签发人：陈某"], ["青公〔2023〕3号", "签发人：陈某"], []])
def test_a_letterhead_is_no_part_of_the_title(title: list[str], number: list[str]) -> None:
    story = ["000012", "青禾县公安局文件", *number, *title, "一、总体情况", "全年公开12条。"]
    found = read_page(Page("http://www.qinghe.gov.cn/P02023.docx", docx(story)))
    assert (found.title, found.agency) == ("".join(title), "青禾县公安局")
    assert found.body == "一、总体情况\n\n全年公开12条。"
    assert found.document_number == ("青公〔2023〕3号" if number else None)


def test_the_tables_of_a_word_document_keep_their_merged_cells() -> None:
    document = read(docx(["二、主动公开", *statutory_tables(), "五、问题"]))
    assert document.media_type == DOCX
    assert read_statistics(document.blocks).statistics == expected_statistics()
    assert [table.place for table in tables_of(document)] == ["table 1", "table 2", "table 3"]
    header = {cell.text: cell for cell in tables_of(document)[1].cells}
    assert (header["（三）不予公开"].rowspan, header["申请人情况"].colspan) == (8, 7)


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word_file(body: str, **parts: str) -> bytes:
    members = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f'<w:document xmlns:w="{WORD}" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<w:body>{body}</w:body></w:document>",
        **{f"word/{name}.xml": content for name, content in parts.items()},
    }
    return zipped({name: content.encode() for name, content in members.items()})


def test_automatic_numbers_are_part_of_the_text() -> None:
    numbering = (
        f'<w:numbering xmlns:w="{WORD}"><w:abstractNum w:abstractNumId="0">'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/>'
        '<w:lvlText w:val="%1、"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>'
        '</w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )

    def item(text: str, depth: int) -> str:
        return (
            f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="5"/></w:numPr></w:pPr>'
            f"<w:r><w:t>{text}</w:t></w:r></w:p>"
        )

    body = item("总体情况", 0) + item("主动公开", 1) + item("依申请公开", 1) + item("其他事项", 0) + item("收费", 1)
    assert paragraphs_of(read(word_file(body, numbering=numbering))) == [
        "一、总体情况",
        "（一）主动公开",
        "（二）依申请公开",
        "二、其他事项",
        "（一）收费",
    ]


def test_what_word_does_not_show_is_not_read_and_what_it_shows_is() -> None:
    body = (
        "<w:p><w:r><w:t>甲</w:t></w:r><w:del><w:r><w:delText>旧</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>乙</w:t></w:r></w:ins><w:hyperlink><w:r><w:t>丙</w:t></w:r></w:hyperlink>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:tab/><w:t>丁</w:t><w:br/><w:t>戊</w:t></w:r></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>己</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p><mc:AlternateContent><mc:Choice><w:r><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent>"
        "</w:r></mc:Choice><mc:Fallback><w:r><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent></w:r>"
        "</mc:Fallback></mc:AlternateContent></w:p>"
    )
    assert paragraphs_of(read(word_file(body))) == ["甲乙丙\t丁\n戊", "己", "框"]


def test_what_a_word_document_only_holds_as_another_file_is_named() -> None:
    document = read(word_file("<w:p><w:r><w:t>正文。</w:t></w:r></w:p><w:altChunk/>"))
    assert [(note.code, note.detail) for note in document.notes] == [
        ("document.inserted_files", "1 files stand in the text and are not read")
    ]


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>" for text in ("规章", "3"))
    inner = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    body = f"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>上文</w:t></w:r></w:p>{inner}<w:p/></w:tc></w:tr></w:tbl>"
    document = read(word_file(body))
    assert paragraphs_of(document) == ["上文"]
    assert [cell.text for cell in tables_of(document)[0].cells] == ["规章", "3"]


def test_headings_keep_their_level() -> None:
    styles = (
        f'<w:styles xmlns:w="{WORD}"><w:style w:styleId="a"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:styleId="b"><w:basedOn w:val="a"/></w:style></w:styles>'
    )
    body = '<w:p><w:pPr><w:pStyle w:val="b"/></w:pPr><w:r><w:t>一、总体情况</w:t></w:r></w:p>'
    (heading,) = read(word_file(body, styles=styles)).blocks
    assert heading == Paragraph("一、总体情况", 2)


def test_rtf_is_read_in_its_code_page_with_its_tables() -> None:
    def rtf(text: str) -> str:
        return "".join(f"\\'{byte:02x}" for byte in text.encode("gbk"))

    row = "\\trowd\\cellx100\\cellx200 {}\\cell {}\\cell\\row\n"
    source = (
        "{\\rtf1\\ansi\\ansicpg936\\deff0\n"
        + rtf("一、总体情况")
        + "\\par\n"
        + row.format(rtf("信息内容"), rtf("本年处理决定数量"))
        + row.format(rtf("行政许可"), "12")
        + "\\pard "
        + rtf("完")
        + "\\par}"
    )
    document = read(source.encode("ascii"))
    assert document.media_type == RTF
    assert paragraphs_of(document) == ["一、总体情况", "完"]
    result = read_statistics(document.blocks)
    assert result.statistics is not None
    assert result.statistics["disclosure"]["permits"] == {"decisions": 12}


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + stream.encode("utf-16-le") + b"\0" * 512


def test_a_word_file_that_is_none_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert media_type(ole("WordDocument"), "年报.wps") == DOC
    with pytest.raises(Unreadable) as error:
        read(ole("WordDocument"))
    assert error.value.name == "document_damaged"


def test_an_encrypted_office_file_is_named() -> None:
    assert media_type(ole("EncryptedPackage")) == OLE
    with pytest.raises(Unreadable) as error:
        read(ole("EncryptedPackage"))
    assert error.value.name == "document_encrypted"


# ---------------------------------------------------------------- spreadsheets, OFD, zips


def test_a_workbook_is_a_table_a_sheet() -> None:
    document = read(xlsx(statutory_tables()))
    assert document.media_type == XLSX
    assert read_statistics(document.blocks).statistics == expected_statistics()
    assert tables_of(document)[0].place == "sheet 表1"


def test_a_workbook_of_the_old_format_reads_alike() -> None:
    document = read(xls(applications(numbered())))
    assert document.media_type == XLS
    assert read_statistics(document.blocks).statistics["applications"] == numbered()  # type: ignore[index]


def test_a_workbook_of_the_old_format_with_a_record_cut_short_is_damaged() -> None:
    data = bytearray(xls(applications(numbered())))
    merged = data.index(b"\xe5\x00")  # MERGEDCELLS: how long it is, then how many there are
    for length in range(1, 8):
        data[merged + 2 : merged + 4] = length.to_bytes(2, "little")
        with pytest.raises(Unreadable) as error:
            read(bytes(data))
        assert error.value.name == "document_damaged"


def workbook(rows: list[list[Any]], merges: tuple[str, ...] = ()) -> Any:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merges:
        book.active.merge_cells(area)
    return book


def saved(book: Any) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_report_on_one_sheet_is_text_and_tables() -> None:
    disclosed, applied, reviewed = statutory_tables()
    book = workbook(
        [["柳溪县水利局2023年政府信息公开工作年度报告"], ["一、总体情况"], ["全年公开水情信息37条，均在汛期前发布。"]]
    )
    sheet = book.active
    sheet.merge_cells("A1:J1")
    for heading, table in (("二、主动公开", disclosed), ("三、收到申请", applied), ("四、复议诉讼", reviewed)):
        sheet.append([heading])
        top = sheet.max_row + 1
        for cell in table.cells:
            place = {"row": top + cell.row, "column": cell.column + 1}
            sheet.cell(**place, value=cell.text)
            if cell.rowspan > 1 or cell.colspan > 1:
                sheet.merge_cells(
                    start_row=place["row"], start_column=place["column"],
                    end_row=place["row"] + cell.rowspan - 1, end_column=place["column"] + cell.colspan - 1,
                )  # fmt: skip
    sheet.append(["柳溪县水利局"])
    sheet.append(["2024年1月12日"])
    document = read(saved(book))
    assert paragraphs_of(document) == [
        "柳溪县水利局2023年政府信息公开工作年度报告", "一、总体情况", "全年公开水情信息37条，均在汛期前发布。",
        "二、主动公开", "三、收到申请", "四、复议诉讼", "柳溪县水利局", "2024年1月12日",
    ]  # fmt: skip
    assert [table.place for table in tables_of(document)] == [
        "sheet Sheet",
        "sheet Sheet, table 2",
        "sheet Sheet, table 3",
    ]
    assert read_statistics(document.blocks).statistics == expected_statistics()


def test_a_row_of_a_form_left_blank_is_no_heading() -> None:
    rows = [
        ["项目", None, None, "件数"],
        ["一、新收", None, None, 3],
        ["二、结转", None, None, None],
        ["三、办结", None, None, 3],
    ]
    document = read(saved(workbook(rows, ("A1:C1", "A2:C2", "A3:C3", "A4:C4"))))
    assert paragraphs_of(document) == []
    assert [cell.text for cell in tables_of(document)[0].cells if cell.column == 0] == [
        "项目",
        "一、新收",
        "二、结转",
        "三、办结",
    ]


def test_hidden_rows_and_columns_of_a_sheet_stay_out_and_are_counted() -> None:
    book = workbook([["项目", "草稿", "件数"], ["巡河", "待核", 12], ["底稿", "待核", 99], ["护坡", "待核", 7]])
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    document = read(saved(book))
    assert [cell.text for cell in tables_of(document)[0].cells] == ["项目", "件数", "巡河", "12", "护坡", "7"]
    assert [(note.code, note.detail) for note in document.notes] == [
        ("document.hidden_cells", "Sheet: 6 in hidden rows or columns")
    ]


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (0.125, "0.0%", "12.5%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (2.005, "0.00", "2.01"),
        (-3, "0_ ", "-3"),
        (12.345678, "General", "12.345678"),
        (date(2024, 1, 9), 'yyyy"年"m"月"d"日"', "2024年1月9日"),
        (date(2024, 1, 9), "yyyy-mm-dd", "2024-01-09"),
        ("007", "@", "007"),
    ],
)
def test_a_value_is_read_as_its_sheet_shows_it(value: object, form: str, shown: str) -> None:
    book = workbook([["项目", value]])
    book.active["B1"].number_format = form
    assert tables_of(read(saved(book)))[0].cells[1].text == shown


def test_an_ofd_is_read_line_by_line() -> None:
    document = read(ofd(["青溪县水务局年度报告", "一、总体情况"]))
    assert document.media_type == OFD
    assert paragraphs_of(document) == ["青溪县水务局年度报告", "一、总体情况"]


def test_a_zip_is_read_document_by_document_with_what_failed_named() -> None:
    data = zipped(
        {"一.docx": docx(["甲"]), "二.pdf": pdf(["乙"]), "三.rar": b"Rar!\x1a\x07\x00rest", "__MACOSX/x": b"?"}
    )
    document = read(data)
    assert paragraphs_of(document) == ["甲", "乙"]
    assert [note.code for note in document.notes].count("document.member_unreadable") == 1
    assert any("三.rar" in note.detail for note in document.notes)


@pytest.mark.parametrize(
    ("names", "readable"),
    [
        (("青河县水务局2022年政府信息公开工作年度报告.docx", "青河县教育局2022年政府信息公开工作年度报告.docx"), False),
        (
            ("青河县水务局2022年政府信息公开工作年度报告.docx", "青河县水务局2022年政府信息公开工作年度报告附表.docx"),
            True,
        ),
        (("青河县水务局2022年政府信息公开工作年度报告.docx", "青河县水务局办事指南.docx"), True),
        (("2022年政府信息公开工作年度报告.docx", "报告.docx"), True),
    ],
)
def test_a_zip_of_the_reports_of_several_agencies_is_no_report_of_one(names: tuple[str, ...], readable: bool) -> None:
    data = zipped({name: docx([name.removesuffix(".docx"), "一、总体情况。"]) for name in names})
    page = Page("http://www.qinghe.gov.cn/nb2022.zip", data)
    if readable:
        assert read_page(page).report_year == 2022
    else:
        with pytest.raises(Unreadable, match="教育局") as refused:
            read_page(page)
        assert refused.value.name == "several_reports"


def test_names_in_a_zip_may_be_gbk() -> None:
    data = zipped({"aaaa.docx": docx(["甲"])}).replace(b"aaaa.docx", "年报".encode("gbk") + b".docx")
    assert read(data).notes[0].detail.startswith("年报.docx")


def test_zip_bombs_are_refused() -> None:
    for data in (
        zipped({"a.txt": b"0" * 50_000_000}),
        zipped({str(number): b"" for number in range(6_000)}),
        zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped({"d.txt": b"x"})})})}),
    ):
        with pytest.raises(Unreadable) as error:
            read(data)
        assert error.value.name == "document_bomb"


def test_a_member_larger_than_it_declares_is_refused() -> None:
    data = bytearray(zipped({"a.txt": b"0123456789" * 50}, zipfile.ZIP_STORED))
    for offset in (22, data.index(b"PK\x01\x02") + 24):
        struct.pack_into("<I", data, offset, 5)
    with pytest.raises(Unreadable) as error:
        read(bytes(data))
    assert error.value.name in ("document_bomb", "document_damaged")


def test_merged_cells_that_cover_whole_sheets_are_refused() -> None:
    book = _members(xlsx(statutory_tables()[:1]))
    sheet = "xl/worksheets/sheet1.xml"
    vast = "".join(f'<mergeCell ref="A{row}:XFD1048576"/>' for row in range(1, 4)).encode()
    book[sheet] = re.sub(rb"<mergeCells.*</mergeCells>", b"<mergeCells>" + vast + b"</mergeCells>", book[sheet])
    assert vast in book[sheet]
    with pytest.raises(Unreadable) as error:
        read(zipped(book))
    assert error.value.name == "document_bomb"


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_bombs_in_office_files_are_refused(encoding: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><w:document><w:body>&b;</w:body></w:document>'
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' + bomb
    for name, part in (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX)):
        data = zipped({"[Content_Types].xml": b"<Types/>", name: declared.encode(encoding)})
        assert media_type(data) == part
        with pytest.raises(Unreadable) as error:
            read(data)
        assert error.value.name == "document_bomb"


# ---------------------------------------------------------------- what it is


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "application/octet-stream"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"Rar!\x1a\x07\x01\x00", "application/vnd.rar"),
        (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        (b"junk\r\n%PDF-1.5\n", "application/pdf"),
        (b"{\\rtf1", "application/rtf"),
        (b"  <html>", "text/html"),
        ("\ufeff<!DOCTYPE html>".encode(), "text/html"),
        (b'{"code": 404}', "application/json"),
        (b'<?xml version="1.0"?><office:document office:mimetype="application/vnd.oasis.opendocument.text">', ODT),
        (b'<?xml version="1.0"?><uof:UOF uof:mimetype="vnd.uof.text">', UOF),
        ("年度报告".encode("gbk"), "text/plain"),
        (b"\0\1\2\3", "application/octet-stream"),
    ],
)
def test_bytes_say_what_they_are(data: bytes, kind: str) -> None:
    assert media_type(data, "年报.doc") == kind


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b"  \r\n"])
def test_nothing_is_named_so(data: bytes) -> None:
    with pytest.raises(Unreadable) as error:
        read_document(data, PDF)
    assert error.value.name == "empty_document"


@pytest.mark.parametrize("kind", [PDF, DOCX, XLSX, XLS, OFD, "application/zip", "application/vnd.rar"])
def test_noise_under_any_name_is_unreadable_and_nothing_else(kind: str) -> None:
    for noise in (
        b"%PDF-1.4 noise",
        b"PK\x03\x04" + bytes(range(256)) * 20,
        ole("Workbook"),
        b"\xde\xad\xbe\xef" * 300,
    ):
        with pytest.raises(Unreadable):
            read_document(noise, kind)
