"""Optical recognition of scans, an optional extra: needs tesseract with ``chi_sim`` and is used only when asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from crawler.errors import Unreadable

LANGUAGE = "chi_sim"
MAX_SCANNED_PAGES = 60
SECONDS_A_PAGE = 60
DPI = 300


def recognise(data: bytes) -> str:
    """The text tesseract makes of a scanned PDF or an image. Raises ``Unreadable`` (``converter_missing``)."""
    program = shutil.which("tesseract")
    if program is None:
        raise Unreadable("optical recognition needs tesseract with chi_sim", name="converter_missing")
    with tempfile.TemporaryDirectory(prefix="nianbao-ocr-") as folder:
        texts = [_page_text(program, page) for page in _pictures(data, Path(folder))]
    return "\n".join(texts)


def _pictures(data: bytes, folder: Path) -> list[Path]:
    if b"%PDF-" not in data[:1024]:
        picture = folder / "page"
        picture.write_bytes(data)
        return [picture]
    import pypdfium2  # type: ignore[import-untyped]

    try:
        document = pypdfium2.PdfDocument(data)
        if len(document) > MAX_SCANNED_PAGES:
            raise Unreadable(f"{len(document)} scanned pages", name="document_too_large")
        pictures = []
        for number in range(len(document)):
            picture = folder / f"page-{number + 1}.png"
            document[number].render(scale=DPI / 72).to_pil().save(picture)
            pictures.append(picture)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"damaged PDF: {error}", name="document_damaged") from error
    return pictures


def _page_text(program: str, picture: Path) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a program found on PATH, a file of our own making
            [program, str(picture), "-", "-l", LANGUAGE],
            capture_output=True,
            timeout=SECONDS_A_PAGE,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("optical recognition took too long", name="document_too_slow") from error
    if done.returncode != 0:
        complaint = done.stderr.decode("utf-8", "replace").strip()[:200]
        name = "converter_missing" if LANGUAGE in complaint else "document_damaged"
        raise Unreadable(f"tesseract: {complaint}", name=name)
    return done.stdout.decode("utf-8", "replace")
