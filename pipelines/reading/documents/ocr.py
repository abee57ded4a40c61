"""Optical recognition of scans, an optional extra: needs tesseract with ``chi_sim`` and is used only when asked for."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from crawler.errors import Unreadable
from pipelines.reading.documents.bounds import Deadline
from pipelines.reading.documents.programs import found, run

LANGUAGE = "chi_sim"
MAX_SCANNED_PAGES = 60
SECONDS_A_PAGE = 60
SECONDS = 600.0
DPI = 300
MAX_DOTS = 30_000_000  # of one page: A3 at this resolution is 17 million


def recognise(data: bytes, pages: Sequence[int] | None = None) -> str:
    """The text tesseract makes of a scanned PDF (of these pages, from 1) or an image.

    Raises ``Unreadable`` (``converter_missing``, ``document_too_slow``, ``document_too_large``, ``document_damaged``).
    """
    program = found("tesseract")
    if program is None:
        needed = "tesseract (in Debian tesseract-ocr and tesseract-ocr-chi-sim)"
        raise Unreadable(f"optical recognition needs {needed}", name="converter_missing")
    deadline = Deadline(SECONDS)
    with tempfile.TemporaryDirectory(prefix="nianbao-ocr-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        return "\n".join(_page_text(program, page, deadline) for page in _pictures(data, folder, pages))


def _pictures(data: bytes, folder: Path, pages: Sequence[int] | None) -> Iterator[Path]:
    """Each page as a picture, one at a time."""
    picture = folder / "page.pgm"
    if b"%PDF-" not in data[:1024]:
        picture.write_bytes(data)
        yield picture
        return
    import pypdfium2  # type: ignore[import-untyped]

    from pipelines.reading.documents.pdfium import ONE_AT_A_TIME

    with ONE_AT_A_TIME:
        try:
            document = pypdfium2.PdfDocument(data)
            count = len(document)
        except pypdfium2.PdfiumError as error:
            raise Unreadable(f"damaged PDF: {error}", name="document_damaged") from error
    try:
        numbers = range(1, count + 1) if pages is None else pages
        if len(numbers) > MAX_SCANNED_PAGES:
            raise Unreadable(f"{len(numbers)} scanned pages", name="document_too_large")
        for number in numbers:
            with ONE_AT_A_TIME:
                try:
                    page = document[number - 1]
                    scale = min(DPI / 72, math.sqrt(MAX_DOTS / max(page.get_width() * page.get_height(), 1.0)))
                    drawn = page.render(scale=scale, grayscale=True)
                except pypdfium2.PdfiumError as error:
                    raise Unreadable(f"damaged PDF: {error}", name="document_damaged") from error
                with picture.open("wb") as out:
                    out.write(b"P5 %d %d 255\n" % (drawn.width, drawn.height))
                    rows = memoryview(drawn.buffer)
                    for row in range(drawn.height):
                        out.write(rows[row * drawn.stride : row * drawn.stride + drawn.width])
                drawn.close()
                page.close()
            yield picture
    finally:
        with ONE_AT_A_TIME:
            document.close()


def _page_text(program: str, picture: Path, deadline: Deadline) -> str:
    deadline.check()
    command = [program, str(picture), "-", "-l", LANGUAGE]
    try:
        text = run(command, picture.parent, SECONDS_A_PAGE, deadline, {"OMP_THREAD_LIMIT": "1"})
    except Unreadable as error:
        if error.name == "document_damaged" and LANGUAGE in str(error):
            message = f"tesseract has no {LANGUAGE} (in Debian tesseract-ocr-chi-sim)"
            raise Unreadable(message, name="converter_missing") from error
        if "too large" in str(error):
            raise Unreadable(str(error), name="document_too_large") from error
        raise
    return text.decode("utf-8", "replace")
