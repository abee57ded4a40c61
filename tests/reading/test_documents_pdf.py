"""Tables of a PDF as office programs, printers and portals draw them: what is a table, and what it says cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from pipelines.reading.blocks import Cell, Paragraph, Table
from pipelines.reading.documents import Document, media_type, read_document
from pipelines.reading.statistics import read_statistics
from tests.reading.statutory_forms import DISCLOSED_2021, applications, disclosure, numbered, review

FONT = "STSong-Light"
HEAD = 3  # rows of the head of table three
Draw = Callable[[Any, float, float, float, float], None]


def ruled(canvas: Any, x0: float, y0: float, x1: float, y1: float) -> None:
    canvas.rect(x0, y0, x1 - x0, y1 - y0)


def in_small_lines(canvas: Any, x0: float, y0: float, x1: float, y1: float) -> None:
    """Each side as many short strokes with gaps between, as dotted borders are printed."""
    for start, end in (((x0, y0), (x1, y0)), ((x0, y1), (x1, y1)), ((x0, y0), (x0, y1)), ((x1, y0), (x1, y1))):
        count = max(1, int((abs(end[0] - start[0]) + abs(end[1] - start[1])) / 3))
        for n in range(count):
            ax, ay = start[0] + (end[0] - start[0]) * n / count, start[1] + (end[1] - start[1]) * n / count
            bx, by = (
                start[0] + (end[0] - start[0]) * (n + 0.6) / count,
                start[1] + (end[1] - start[1]) * (n + 0.6) / count,
            )
            canvas.line(ax, ay, bx, by)


def in_thin_boxes(canvas: Any, x0: float, y0: float, x1: float, y1: float) -> None:
    """Each side as a filled box, as office programs export borders."""
    for x, y, wide, tall in (
        (x0, y0, x1 - x0, 0.5),
        (x0, y1, x1 - x0, 0.5),
        (x0, y0, 0.5, y1 - y0),
        (x1, y0, 0.5, y1 - y0),
    ):
        canvas.rect(x, y, wide, tall, stroke=0, fill=1)


def unruled(canvas: Any, x0: float, y0: float, x1: float, y1: float) -> None:
    """No side at all."""


class Printer:
    """Draws tables cell by cell, so that a test says what stands on which page."""

    def __init__(
        self, *, size: tuple[float, float] = (595, 842), turned: int = 0, says_so: bool = True, encryption: Any = None
    ) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen.canvas import Canvas

        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self.out = BytesIO()
        self.canvas = Canvas(self.out, pagesize=size, encrypt=encryption)
        self.turned, self.says_so = turned, says_so
        self.size = size
        self._begin()

    def _begin(self) -> None:
        if self.turned:
            if self.says_so:
                self.canvas.setPageRotation(self.turned)
            if self.turned == 90:
                self.canvas.translate(self.size[0], 0)
            else:
                self.canvas.translate(0, self.size[1])
            self.canvas.rotate(90 if self.turned == 90 else -90)

    def page(self) -> None:
        self.canvas.showPage()
        self._begin()

    def text(self, text: str, x: float, y: float, size: float = 10) -> None:
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(x, y, text)

    def table(
        self,
        table: Table,
        *,
        rows: range | None = None,
        top: float = 780,
        left: float = 40,
        width: float = 510,
        height: float = 24,
        draw: Draw = ruled,
        downwards: bool = False,
    ) -> None:
        """The table's rows from ``top`` down; cells that begin above ``rows`` go on without their words."""
        rows = rows if rows is not None else range(table.rows)
        side = width / (table.columns + 5)
        edges = [left + (n + min(n, 3) * 5 / 3) * side for n in range(table.columns + 1)]
        for cell in table.cells:
            first, last = max(cell.row, rows.start), min(cell.row + cell.rowspan, rows.stop)
            if first >= last:
                continue
            y1, y0 = top - height * (first - rows.start), top - height * (last - rows.start)
            x0, x1 = edges[cell.column], edges[cell.column + cell.colspan]
            draw(self.canvas, x0, y0, x1, y1)
            if first == cell.row:
                if downwards and cell.rowspan > 10:
                    self._upwards(cell.text, (x0 + x1) / 2 + 3, y0 + 6)
                else:
                    self._words(cell.text, x0, x1, y1)

    def _words(self, text: str, x0: float, x1: float, y1: float) -> None:
        room = max(1, int((x1 - x0 - 3) / 6))
        lines = [text] if text.isascii() else [text[n : n + room] for n in range(0, len(text), room)]
        for n, line in enumerate(lines[:4]):
            self.text(line, x0 + 2, y1 - 7 - 6 * n, 6)

    def _upwards(self, text: str, x: float, y: float) -> None:
        self.canvas.saveState()
        self.canvas.translate(x, y)
        self.canvas.rotate(90)
        self.text(text, 0, 0, 8)
        self.canvas.restoreState()

    def read(self) -> Document:
        self.canvas.save()
        data = self.out.getvalue()
        return read_document(data, media_type(data))


def tables_of(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def letters(text: str) -> str:
    return "".join(text.split())


def expected() -> object:
    return read_statistics([applications(numbered())]).statistics


@pytest.mark.parametrize("draw", [ruled, in_small_lines, in_thin_boxes])
def test_a_table_is_a_table_however_its_rules_are_drawn(draw: Draw) -> None:
    printer = Printer()
    printer.table(applications(numbered()), draw=draw)
    document = printer.read()
    assert len(tables_of(document)) == 1
    assert read_statistics(document.blocks).statistics == expected()


@pytest.mark.parametrize("cut", [4, 9, 14, 18, 24, 27])
def test_a_head_repeated_on_the_next_page_is_said_once(cut: int) -> None:
    table = applications(numbered())
    printer = Printer()
    printer.table(table, rows=range(cut))
    printer.page()
    printer.table(table, rows=range(HEAD))
    printer.table(table, rows=range(cut, table.rows), top=780 - 24 * HEAD)
    document = printer.read()
    (found,) = tables_of(document)
    assert found.rows == table.rows
    assert read_statistics(document.blocks).statistics == expected()
    assert "document.repeated_head" in [note.code for note in document.notes]


@pytest.mark.parametrize("cut", [6, 10, 15, 20])
def test_a_row_of_the_same_numbers_at_the_head_of_a_page_is_no_repeated_head(cut: int) -> None:
    plain = Table(
        tuple(Cell(f"{row % 2}", row, column) for row in range(cut + 4) for column in range(4)), cut + 4, 4, "t"
    )
    printer = Printer()
    printer.table(plain, rows=range(cut))
    printer.page()
    printer.table(plain, rows=range(cut, cut + 4))
    (found,) = tables_of(printer.read())
    assert found.rows == cut + 4


def halves(table: Table, row: int, *, numbers_first: bool, within: bool = False) -> tuple[Table, Table]:
    """What stands before and after a page break through a row: each label in two (``within`` its very number), its
    numbers on one side."""
    before, after = [], []
    for cell in table.cells:
        if cell.row != row:
            before.append(cell)
            after.append(cell)
            continue
        label = 2 if within and cell.text.startswith("（") else len(cell.text) // 2 + 1
        middle = label if not cell.text.isdigit() else len(cell.text) if numbers_first else 0
        before.append(replace(cell, text=cell.text[:middle]))
        after.append(replace(cell, text=cell.text[middle:]))
    return replace(table, cells=tuple(before)), replace(table, cells=tuple(after))


@pytest.mark.parametrize("numbers_first", [True, False])
@pytest.mark.parametrize(
    ("row", "within"), [*((row, False) for row in (3, 6, 7, 8, 14, 17, 20, 23, 26, 27)), (23, True)]
)
def test_a_row_that_a_page_break_runs_through_is_one_row(row: int, within: bool, numbers_first: bool) -> None:
    table = applications(numbered())
    before, after = halves(table, row, numbers_first=numbers_first, within=within)
    printer = Printer()
    printer.table(before, rows=range(row + 1))
    printer.page()
    printer.table(after, rows=range(row, table.rows))
    document = printer.read()
    (found,) = tables_of(document)
    assert found.rows == table.rows
    assert sorted(letters(cell.text) for cell in found.cells) == sorted(letters(cell.text) for cell in table.cells)
    assert read_statistics(document.blocks).statistics == expected()


@pytest.mark.parametrize("cut", range(4, 28, 3))
def test_rows_without_numbers_on_both_sides_of_a_page_break_stay_two(cut: int) -> None:
    table = applications(numbered())
    blank = replace(table, cells=tuple(replace(c, text="" if c.text.isdigit() else c.text) for c in table.cells))
    printer = Printer()
    printer.table(blank, rows=range(cut))
    printer.page()
    printer.table(blank, rows=range(cut, table.rows))
    (found,) = tables_of(printer.read())
    assert found.rows == table.rows


@pytest.mark.parametrize("turned", [90, 270])
@pytest.mark.parametrize("says_so", [True, False])
def test_a_page_turned_on_its_side_is_read_as_one_holds_it_to_read_it(turned: int, says_so: bool) -> None:
    printer = Printer(turned=turned, says_so=says_so)
    printer.table(applications(numbered()), top=560, height=18, width=700)
    document = printer.read()
    assert read_statistics(document.blocks).statistics == expected()


def test_words_set_upwards_in_a_cell_are_read_upwards() -> None:
    printer = Printer()
    printer.table(applications(numbered()), downwards=True)
    document = printer.read()
    (found,) = tables_of(document)
    assert "三、本年度办理结果" in [letters(cell.text) for cell in found.cells]
    assert read_statistics(document.blocks).statistics == expected()


def test_full_width_digits_are_numbers() -> None:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    table = applications(numbered())
    cells = tuple(
        Cell(
            cell.text.translate(wide) if cell.text.isdigit() else cell.text,
            cell.row,
            cell.column,
            cell.rowspan,
            cell.colspan,
        )
        for cell in table.cells
    )
    printer = Printer()
    printer.table(Table(cells, table.rows, table.columns, table.place))
    assert read_statistics(printer.read().blocks).statistics == expected()


def test_a_table_without_rules_is_text_and_no_number_is_guessed_from_it() -> None:
    printer = Printer()
    printer.table(disclosure(DISCLOSED_2021), draw=unruled, height=30)
    document = printer.read()
    assert tables_of(document) == []
    assert read_statistics(document.blocks).statistics is None
    said = [block.text for block in document.blocks if isinstance(block, Paragraph)]
    assert any("规章 1 2 3" in text for text in said)


def test_two_tables_of_one_page_stay_two_and_one_of_the_next_page_with_other_columns_too() -> None:
    printer = Printer()
    printer.table(disclosure(DISCLOSED_2021), top=780)
    printer.table(review(range(1, 16)), top=400, height=40)
    printer.page()
    printer.table(applications(numbered()))
    document = printer.read()
    assert [table.columns for table in tables_of(document)] == [4, 15, 10]
    result = read_statistics(document.blocks)
    assert result.statistics is not None
    assert len(result.places) == 10 + 175 + 15


@pytest.mark.parametrize("gone", ["left", "right", "foot"])
def test_a_side_that_is_not_drawn_shifts_no_column(gone: str) -> None:
    """A printer may leave a side of the page's frame out; every number keeps its column or is not read."""

    def draw(canvas: Any, x0: float, y0: float, x1: float, y1: float) -> None:
        sides = {
            "left": (x0, y0, x0, y1),
            "right": (x1, y0, x1, y1),
            "foot": (x0, y0, x1, y0),
            "head": (x0, y1, x1, y1),
        }
        edge = {"left": x0 < 41, "right": x1 > 549, "foot": y0 < 780 - 24 * 28 + 1}
        for name, (ax, ay, bx, by) in sides.items():
            if not (name == gone and edge[name]):
                canvas.line(ax, ay, bx, by)

    printer = Printer()
    printer.table(applications(numbered()), draw=draw)
    found = read_statistics(printer.read().blocks).statistics
    wanted = numbered()
    for row, columns in found["applications"].items() if found else ():
        for column, value in columns.items():
            assert value in (None, wanted[row][column])


def test_text_laid_unseen_over_a_scan_is_marked_as_recognised() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    printer = Printer()
    printer.canvas.drawImage(ImageReader(Image.new("RGB", (40, 40), "white")), 0, 0, 595, 842)
    words = printer.canvas.beginText(72, 700)
    words.setFont("Helvetica", 12)
    words.setTextRenderMode(3)
    words.textLine("received 2l applications")
    printer.canvas.drawText(words)
    document = printer.read()
    assert [block.text for block in document.blocks if isinstance(block, Paragraph)] == ["received 2l applications"]
    assert [note.code for note in document.notes] == ["document.recognised"]


def test_a_pdf_that_only_its_owner_may_change_is_read() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    printer = Printer(encryption=StandardEncryption("", ownerPassword="owner", canPrint=0, canCopy=0))
    printer.text("一、总体情况", 72, 700)
    assert [block.text for block in printer.read().blocks if isinstance(block, Paragraph)] == ["一、总体情况"]


# ---------------------------------------------------------------- what stands around the text


def paragraphs_of(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def notes_of(document: Document) -> dict[str, str]:
    return {note.code: note.detail for note in document.notes}


def test_a_watermark_over_a_page_stays_out_of_its_lines_and_is_said() -> None:
    printer = Printer()
    for row in range(6):
        printer.text("河湖巡护情况逐条登记，按月公示。", 72, 700 - 40 * row)
    printer.canvas.saveState()
    printer.canvas.translate(100, 450)
    printer.canvas.rotate(40)
    printer.text("样张不作依据", 0, 0, 60)
    printer.canvas.restoreState()
    document = printer.read()
    assert paragraphs_of(document) == ["河湖巡护情况逐条登记，按月公示。"] * 6
    assert notes_of(document) == {"document.aslant": "over pages 1: 样张不作依据"}


def test_a_page_laid_crookedly_on_the_scanner_is_no_watermark() -> None:
    printer = Printer()
    printer.canvas.rotate(2)
    printer.text("河湖巡护情况逐条登记。", 72, 700)
    document = printer.read()
    assert paragraphs_of(document) == ["河湖巡护情况逐条登记。"]
    assert notes_of(document) == {}


@pytest.mark.parametrize("pages", [2, 3])
@pytest.mark.parametrize("words", ["水务简报", "— 1 —"])
def test_words_at_the_same_place_of_each_page_are_no_text(pages: int, words: str) -> None:
    printer = Printer()
    for number in range(pages):
        if number:
            printer.page()
        printer.text(words, 260, 810)
        printer.text(f"第{'甲乙丙'[number]}段的文字。", 72, 700)
    document = printer.read()
    assert letters(document.text) == "".join(f"第{name}段的文字。" for name in "甲乙丙"[:pages])
    assert notes_of(document) == {"document.running_head": words}


@pytest.mark.parametrize("foot", ["http://www.example.invalid/nb/2020.html    {}/3", "水务简报　　第{}页"])
def test_an_address_and_a_page_number_on_one_line_are_no_text(foot: str) -> None:
    printer = Printer()
    for number, name in enumerate("甲乙丙", start=1):
        if number > 1:
            printer.page()
        printer.text(f"第{name}段写明巡查里程 {number}", 72, 700)
        printer.text(foot.format(number), 60, 20)
    assert letters(printer.read().text) == "".join(f"第{name}段写明巡查里程{n}" for n, name in enumerate("甲乙丙", 1))


@pytest.mark.parametrize("step", [20, 23])
def test_columns_whose_lines_stand_at_heights_of_their_own_are_columns(step: int) -> None:
    left = [f"左栏第{name}行写得满满的一直写到栏边" for name in "一二三四五六"]
    right = [f"右栏第{name}行写得满满的一直写到栏边" for name in "一二三四五六"]
    printer = Printer()
    printer.text("横贯两栏的标题写在上面所以先读它", 180, 780, 16)
    for row, (one, other) in enumerate(zip(left, right, strict=True)):
        printer.text(one, 60, 740 - 20 * row, 14)
        printer.text(other, 310, 731 - step * row, 14)
    said = printer.read().text.replace("\n", "")
    places = [said.index(words) for words in ("横贯两栏的标题", *left, *right)]
    assert places == sorted(places)


def test_two_columns_are_read_one_after_the_other_and_what_goes_over_both_in_its_place() -> None:
    left = [f"左栏第{name}行写得满满的一直写到栏边" for name in "一二三四五"]
    right = [f"右栏第{name}行写得满满的一直写到栏边" for name in "一二三四五"]
    printer = Printer()
    printer.text("横贯两栏的标题写在上面所以先读它", 180, 780, 16)
    for row, (one, other) in enumerate(zip(left, right, strict=True)):
        printer.text(one, 60, 740 - 20 * row, 14)
        printer.text(other, 310, 740 - 20 * row, 14)
    printer.text("横贯两栏的一句话把上下两部分隔开，读过上面两栏才读到它。", 80, 600, 14)
    printer.text("下半左栏只有这一行写到栏边的话", 60, 560, 14)
    printer.text("下半右栏也只有这一行写到栏边的", 310, 560, 14)
    printer.page()
    printer.text("次页左栏只有一行写到栏边的话了", 60, 740, 14)
    printer.text("次页右栏也只有一行写到栏边的话", 310, 740, 14)
    said = printer.read().text.replace("\n", "")
    places = [said.index(words) for words in (
        "横贯两栏的标题", *left, *right, "横贯两栏的一句话", "下半左栏", "下半右栏", "次页左栏", "次页右栏",
    )]  # fmt: skip
    assert places == sorted(places)


def test_columns_of_numbers_are_no_columns_of_text() -> None:
    printer = Printer()
    for row in range(8):
        printer.text("巡河里程与处置件数", 72, 740 - 20 * row)
        printer.text(f"{row}12", 320, 740 - 20 * row)
    assert letters(printer.read().text) == "".join(f"巡河里程与处置件数{row}12" for row in range(8))


def test_numbers_in_rows_without_rules_are_named_and_make_no_table() -> None:
    printer = Printer()
    printer.table(applications(numbered()), draw=unruled)
    document = printer.read()
    assert tables_of(document) == []
    assert notes_of(document)["document.unruled_table"].startswith("pages 1:")


def test_the_words_of_a_cell_that_hang_over_its_foot_stay_in_it() -> None:
    printer = Printer()
    for x0, x1 in ((60, 120), (120, 300)):
        printer.canvas.rect(x0, 700, x1 - x0, 60)
    printer.text("本年度", 70, 730, 12)
    printer.text("结果", 70, 692, 12)  # its foot stands below the rule
    printer.text("37", 200, 730, 12)
    printer.text("表下的话。", 60, 650, 12)
    document = printer.read()
    (table,) = tables_of(document)
    assert [letters(cell.text) for cell in table.cells] == ["本年度结果", "37"]
    assert paragraphs_of(document) == ["表下的话。"]


def test_the_words_of_two_cells_below_a_foot_that_a_page_break_drew_stay_in_them() -> None:
    printer = Printer()
    for x0, x1 in ((60, 120), (120, 160), (160, 220)):
        printer.canvas.rect(x0, 700, x1 - x0, 40)
    for x, first, rest in ((70, "自然", "人"), (130, "37", ""), (170, "总", "计")):
        printer.text(first, x, 702, 12)
        printer.text(rest, x, 690, 12)  # below the rule that the break put there
    printer.text("表下的话。", 60, 650, 12)
    document = printer.read()
    (table,) = tables_of(document)
    assert [letters(cell.text) for cell in table.cells] == ["自然人", "37", "总计"]
    assert paragraphs_of(document) == ["表下的话。"]


def test_a_line_close_below_a_table_is_none_of_its_words() -> None:
    printer = Printer()
    for x0, x1 in ((60, 120), (120, 300)):
        printer.canvas.rect(x0, 700, x1 - x0, 60)
    printer.text("年度", 70, 704, 12)
    printer.text("37", 200, 704, 12)
    printer.text("单位：件，以上各数截至年底", 70, 690, 12)
    document = printer.read()
    assert [letters(cell.text) for cell in tables_of(document)[0].cells] == ["年度", "37"]
    assert paragraphs_of(document) == ["单位：件，以上各数截至年底"]


def test_a_mark_that_hangs_over_the_edge_of_its_cell_stays_behind_its_word() -> None:
    printer = Printer()
    for x0, x1 in ((60, 120), (120, 180)):
        printer.canvas.rect(x0, 700, x1 - x0, 60)
    printer.text("费用已缴纳、", 60, 740, 12)  # five characters fill the cell
    printer.text("不再处理", 60, 724, 12)
    printer.text("37", 140, 710, 12)
    (table,) = tables_of(printer.read())
    assert [letters(cell.text) for cell in table.cells] == ["费用已缴纳、不再处理", "37"]


def test_a_head_set_in_below_a_full_line_begins_a_paragraph() -> None:
    full = "巡查河道的里程逐条登记按月公示各镇街的处置件数也一并写明。"
    printer = Printer()
    for row, (text, x) in enumerate(
        [("各镇街都已回复。", 92)] * 20 + [("本年度" + full[:-5], 92), (full, 72), ("二、处置情况", 92)]
    ):
        printer.text(text, x, 780 - 16 * row, 12)
    assert paragraphs_of(printer.read())[-2:] == ["本年度" + full[:-5] + full, "二、处置情况"]


def test_what_is_filled_into_a_form_is_part_of_the_text() -> None:
    printer = Printer()
    printer.text("其中重点工程", 72, 700)
    printer.canvas.acroForm.textfield(name="count", value="4821", x=160, y=694, width=60, height=16)
    assert "4821" in printer.read().text


def test_numbers_recognised_over_a_scan_get_no_cells_though_rules_are_drawn() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    printer = Printer()
    printer.canvas.drawImage(ImageReader(Image.new("RGB", (40, 40), "white")), 0, 0, 595, 842)
    for x in (60, 160):
        printer.canvas.rect(x, 680, 100, 40)
        words = printer.canvas.beginText(x + 10, 700)
        words.setFont("Helvetica", 12)
        words.setTextRenderMode(3)
        words.textLine("l7")
        printer.canvas.drawText(words)
    document = printer.read()
    assert tables_of(document) == []
    assert letters(document.text) == "l7l7"


# ---------------------------------------------------------------- characters


def typed(meanings: str | None) -> Document:
    """A PDF whose text is the glyphs 1, 2, 3 … of a font that says these characters of them, or nothing."""
    glyphs = "".join(f"{number + 1:04x}" for number in range(len(meanings or "####")))
    text = f"BT /F 20 Tf 72 700 Td <{glyphs}> Tj ET".encode()
    pairs = "".join(f"<{number + 1:04x}> <{ord(sign):04x}>\n" for number, sign in enumerate(meanings or ""))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n1 begincodespacerange "
        f"<0000> <ffff> endcodespacerange\n{len(meanings or '')} beginbfchar\n{pairs}endbfchar\nendcmap end end"
    ).encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type0/BaseFont/Made/Encoding/Identity-H/DescendantFonts[6 0 R]%s>>"
        % (b"/ToUnicode 8 0 R" if meanings else b""),
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Made/FontDescriptor 7 0 R/DW 1000/CIDSystemInfo 9 0 R>>",
        b"<</Type/FontDescriptor/FontName/Made/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 880/StemV 80>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(cmap), cmap),
        b"<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>",
    ]
    out = b"%PDF-1.5\n" + b"".join(b"%d 0 obj%s endobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return read_document(out + b"trailer<</Root 1 0 R/Size 10>>\n%%EOF", "application/pdf")


def test_radicals_that_a_browser_writes_for_characters_of_their_shape_are_characters() -> None:
    assert typed("⽩⽯⻔⺠生").text == "白石门民生"


def test_glyphs_that_a_font_says_nothing_of_are_no_letters() -> None:
    document = typed(None)
    assert set(letters(document.text)) <= {"\ufffd"}
    assert "document.unmapped_characters" in notes_of(document) or notes_of(document).keys() == {"document.no_text"}


def test_letters_that_stand_amid_chinese_by_a_faulty_font_are_named() -> None:
    assert "document.doubtful_characters" in notes_of(typed("本ç告依照"))
    assert notes_of(typed("本报告依照")) == {}
