"""LibreOffice, antiword and tesseract: what they give, that they end, and what is said where one is missing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import Unreadable
from pipelines.reading.blocks import Paragraph, Table
from pipelines.reading.documents import media_type, ocr, office, read_document
from pipelines.reading.documents.bounds import Deadline
from pipelines.reading.documents.office import read_by_program
from pipelines.reading.documents.types import DOC, ODS, ODT
from pipelines.reading.statistics import read_statistics
from tests.reading.office_files import zipped
from tests.reading.statutory_forms import applications, numbered
from tests.reading.test_documents_word import REPORT

CHINESE = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
LINES = ("政府信息公开工作年度报告", "一、总体情况", "全年主动公开信息一千余条")


def languages() -> str:
    program = shutil.which("tesseract")
    if program is None:
        return ""
    return subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=False).stdout


needs_tesseract = pytest.mark.skipif("chi_sim" not in languages(), reason="tesseract with chi_sim is not installed")
needs_font = pytest.mark.skipif(not Path(CHINESE).exists(), reason="fonts-noto-cjk is not installed")
needs_soffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
needs_antiword = pytest.mark.skipif(shutil.which("antiword") is None, reason="antiword is not installed")


def odt(body: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "drawing", "table")
    )
    content = (
        f'<office:document-content {spaces} xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
        'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2">'
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODT}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    members = {"mimetype": ODT, "content.xml": content, "META-INF/manifest.xml": manifest}
    return zipped({name: text.encode() for name, text in members.items()})


def scan(lines: tuple[str, ...] = LINES, size: tuple[int, int] = (1240, 700)) -> Any:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("L", size, 255)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(CHINESE, 44)
    for number, line in enumerate(lines):
        draw.text((80, 80 + 110 * number), line, fill=0, font=font)
    return picture


def png(picture: Any) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def pdf_of(*pictures: Any, text: str = "") -> bytes:
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out, pagesize=(595, 336))
    if text:
        canvas.drawString(72, 200, text)
        canvas.showPage()
    for picture in pictures:
        canvas.drawImage(ImageReader(picture), 0, 0, 595, 336)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def said_by(data: bytes, *, ocr: bool | None = True) -> tuple[str, list[str]]:
    document = read_document(data, media_type(data), ocr=ocr)
    assert not any(isinstance(block, Table) for block in document.blocks)
    return "".join(document.text.split()), [note.code for note in document.notes]


# ---------------------------------------------------------------- tesseract


@needs_tesseract
@needs_font
def test_the_text_of_a_scan_is_recognised_and_marked_so() -> None:
    for data in (png(scan()), pdf_of(scan())):
        text, notes = said_by(data)
        assert "一千余条" in text
        assert "工作年度报告" in text
        assert notes == ["document.scanned", "document.recognised"]
        assert said_by(data, ocr=False) == ("", ["document.scanned"])


@needs_tesseract
@needs_font
def test_scans_are_recognised_where_the_environment_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said_by(png(scan()), ocr=None)[1] == ["document.scanned"]
    monkeypatch.setenv("NIANBAO_OCR", "1")
    assert said_by(png(scan()), ocr=None)[1] == ["document.scanned", "document.recognised"]


@needs_tesseract
@needs_font
def test_the_scanned_pages_of_a_document_follow_its_text() -> None:
    text, notes = said_by(pdf_of(scan(), text="Report of 2024"))
    assert text.startswith("Reportof2024")
    assert "一千余条" in text
    assert notes == ["document.scanned_pages", "document.recognised"]


def test_a_scan_without_tesseract_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unreadable, match="tesseract-ocr-chi-sim") as error:
        said_by(png(Image.new("L", (40, 40), 255)))
    assert error.value.name == "converter_missing"


@needs_tesseract
def test_a_scan_of_a_page_as_large_as_a_field_is_bounded() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out, pagesize=(14_400, 14_400))
    canvas.drawImage(ImageReader(Image.new("L", (20, 20), 200)), 0, 0, 14_400, 14_400)
    canvas.save()
    assert said_by(out.getvalue())[0] == ""


def test_a_scan_of_too_many_pages_is_named(monkeypatch: pytest.MonkeyPatch, programs: Path) -> None:
    from PIL import Image

    program(programs, "tesseract", "exit 0")
    monkeypatch.setattr(ocr, "MAX_SCANNED_PAGES", 2)
    with pytest.raises(Unreadable) as error:
        said_by(pdf_of(*[Image.new("L", (40, 40), 200)] * 3))
    assert error.value.name == "document_too_large"


# ---------------------------------------------------------------- programs that misbehave


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that stand before the real ones."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("ends", ["wait", "exit 0"])
def test_a_converter_that_hangs_or_leaves_a_child_is_ended_with_all_it_started(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr(office, "SECONDS", 1)
    note = tmp_path / "child"
    program(programs, "soffice", f"sleep 600 &\necho $! > {note}\n{ends}")
    started = time.monotonic()
    with pytest.raises(Unreadable) as error:
        read_document(odt("<text:p>甲</text:p>"), ODT)
    assert error.value.name == ("document_too_slow" if ends == "wait" else "document_damaged")
    assert time.monotonic() - started < 10
    child = int(note.read_text())
    for _ in range(50):
        if not is_alive(child):
            break
        time.sleep(0.05)
    assert not is_alive(child)


def test_a_converter_that_writes_without_end_is_ended(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.reading.documents.programs.MAX_WRITTEN", 64)
    monkeypatch.setattr(office, "found", lambda *names: str(programs / "antiword") if "antiword" in names else None)
    program(programs, "antiword", "yes")
    with pytest.raises(Unreadable) as error:
        read_by_program(b"\xdb\xa5-\0" * 100, Deadline())
    assert error.value.name in ("document_damaged", "document_bomb")


@pytest.mark.parametrize(("kind", "package"), [(ODT, "libreoffice-writer-nogui"), (ODS, "libreoffice-calc-nogui")])
def test_a_missing_converter_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, kind: str, package: str
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unreadable, match=package) as error:
        read_document(odt(""), kind)
    assert error.value.name == "converter_missing"


def test_nothing_is_left_of_a_conversion(programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    program(programs, "soffice", "exit 3")
    with pytest.raises(Unreadable, match="ended with 3"):
        read_document(odt(""), ODT)
    assert list((tmp_path / "temporary").iterdir()) == []


# ---------------------------------------------------------------- antiword


@needs_antiword
def test_antiword_gives_the_text_and_says_that_tables_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.which("antiword")
    monkeypatch.setattr(office, "found", lambda *names: real if "antiword" in names else None)
    blocks, notes = read_by_program(REPORT.read_bytes(), Deadline())
    said = [block.text for block in blocks if isinstance(block, Paragraph)]
    assert "青溪县水务局2024年政府信息公开工作年度报告" in said
    assert [note.code for note in notes] == ["document.converted"]
    assert "missing" in notes[0].detail


# ---------------------------------------------------------------- LibreOffice


@needs_soffice
def test_two_readers_convert_at_once() -> None:
    def texts(number: int) -> list[str]:
        document = read_document(odt(f"<text:p>第{number}份</text:p>"), ODT)
        return [block.text for block in document.blocks if isinstance(block, Paragraph)]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(texts, (1, 2))) == [["第1份"], ["第2份"]]


@needs_soffice
def test_libreoffice_fetches_nothing_that_a_document_links_to() -> None:
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        picture = (
            f'<text:p>甲<draw:frame svg:width="2cm" svg:height="2cm"><draw:image xlink:href="{address}/seen.png" '
            'xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/></draw:frame></text:p>'
        )
        with socket.create_connection(("127.0.0.1", server.server_port)):
            pass
        document = read_document(odt(picture), ODT)
    finally:
        server.shutdown()
    assert "甲" in document.text
    assert asked == []


@needs_soffice
def test_an_old_word_file_reads_alike_here_and_by_libreoffice() -> None:
    ours = read_document(REPORT.read_bytes(), media_type(REPORT.read_bytes()))
    blocks, _ = read_by_program(REPORT.read_bytes(), Deadline())
    theirs = [block.text for block in blocks if isinstance(block, Paragraph)]
    assert [block.text for block in ours.blocks if isinstance(block, Paragraph)] == theirs
    for one, other in zip(*([b for b in some if isinstance(b, Table)] for some in (ours.blocks, blocks)), strict=True):
        assert [cell.text for cell in one.cells] == [cell.text for cell in other.cells]


@needs_soffice
def test_the_tables_of_a_pdf_that_libreoffice_prints_are_whole_wherever_the_page_ends(tmp_path: Path) -> None:
    import docx as word

    table = applications(numbered())
    names = []
    for lines in (0, 10, 16, 24):
        document = word.Document()
        for _ in range(lines):
            document.add_paragraph("上文。")
        printed = document.add_table(rows=table.rows, cols=table.columns)
        printed.style = "Table Grid"
        for cell in table.cells:
            corner = printed.cell(cell.row, cell.column)
            if cell.rowspan * cell.colspan > 1:
                corner = corner.merge(printed.cell(cell.row + cell.rowspan - 1, cell.column + cell.colspan - 1))
            corner.text = cell.text
        names.append(tmp_path / f"{lines}.docx")
        document.save(str(names[-1]))
    command = [
        "soffice",
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), *map(str, names)], check=True, capture_output=True, timeout=100
    )
    for name in names:
        read = read_document(name.with_suffix(".pdf").read_bytes(), "application/pdf")
        (found,) = [block for block in read.blocks if isinstance(block, Table)]
        assert (found.rows, found.columns) == (table.rows, table.columns)
        assert read_statistics(read.blocks).statistics["applications"] == numbered()  # type: ignore[index]


@needs_soffice
def test_noise_that_begins_like_a_word_file_is_no_text() -> None:
    noise = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "乱码龙龟".encode("utf-16-le") * 2_000
    with pytest.raises(Unreadable) as error:
        read_document(noise, DOC)
    assert error.value.name == "document_damaged"
