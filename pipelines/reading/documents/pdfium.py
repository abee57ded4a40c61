"""The characters and rules of a PDF's pages, as PDFium finds them.

PDFium (pypdfium2, BSD-3/Apache-2.0) over pdfminer and poppler: measured on six official PDFs all three give the same
characters, PDFium in a twentieth of pdfminer's time. In a font that is not embedded they differ: only PDFium keeps
``·`` and ``•``, which have no entry in Adobe's UniGB-UCS2 map; but where no system font stands in for it, PDFium passes
over a character drawn by itself, as its ink has no width. Such pages are asked of pdfminer too, and the two joined.

Places are in points from the page's top left corner as it is shown.
"""

from __future__ import annotations

import ctypes
import math
import struct
import threading
import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from typing import Any

from crawler.errors import Unreadable
from pipelines.reading.documents.bounds import Deadline

MAX_PAGES = 600
MAX_OBJECTS = 200_000  # drawn things on one page
MAX_FORM_DEPTH = 6
MAX_ANNOTATIONS = 5_000  # looked at on one page
THIN = 3.0  # a filled box no wider is a rule
ASLANT = 0.2  # tangent: text that climbs more steeply, up to its complement, is no line of the page

# What pdfminer meets damage with: whatever its parser trips over.
_PDFMINER_STUMBLES = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, RecursionError,
                      ArithmeticError, struct.error, zlib.error, OSError)  # fmt: skip
# Fonts draw a radical and the character of the same shape with one glyph, and browsers write the radical's number into
# the PDF. The first block has characters for all (Unicode, compatibility), the second where shape and sense are one
# (Unicode, EquivalentUnifiedIdeograph).
_CHARACTERS_OF_RADICALS = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)},
    **dict(zip(map(ord, "⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝"), "母民虎西见角贝车长门青韦页风飞食", strict=True)),
    **dict(zip(map(ord, "⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳"), "马骨鬼鱼鸟卤麦黄齐齿龙龟", strict=True)),
}
ONE_AT_A_TIME = threading.Lock()  # PDFium is not safe for threads

Rule = tuple[float, float, float]  # horizontal: y, x0, x1; vertical: x, top, bottom
Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Char:
    """One character and its box; ``top`` grows downwards. U+FFFD where the PDF gives no Unicode value."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float  # of the font as set
    turn: int = 0  # -1 where its line runs upwards, 1 where downwards
    aslant: bool = False  # its line runs neither across nor down: a watermark, a seal

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class RawPage:
    """One page as drawn."""

    number: int
    height: float
    chars: tuple[Char, ...]
    across: tuple[Rule, ...]
    down: tuple[Rule, ...]
    has_images: bool
    passed_over: bool = False  # PDFium left characters out
    unseen_text: bool = False  # all of its text is without ink, as recognition lays it over a scan


def raw_pages(data: bytes, deadline: Deadline) -> list[RawPage]:
    """Every page of a PDF. Raises ``Unreadable``: encrypted, damaged, too large, too slow."""
    import pypdfium2  # type: ignore[import-untyped]
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

    with ONE_AT_A_TIME:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            name = "document_encrypted" if "password" in str(error).lower() else "document_damaged"
            raise Unreadable(f"PDF: {error}", name=name) from error
        try:
            if len(document) > MAX_PAGES:
                raise Unreadable(f"{len(document)} pages", name="document_too_large")
            pages = []
            for number in range(len(document)):
                deadline.check()
                page = document[number]
                if _writes_over(pdfium, page):
                    pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
                    page.close()
                    page = document[number]
                pages.append(_raw_page(pdfium, page, number + 1))
                page.close()
        except pypdfium2.PdfiumError as error:
            raise Unreadable(f"damaged PDF: {error}", name="document_damaged") from error
        finally:
            document.close()
    if not pages:
        raise Unreadable("the PDF has no pages", name="document_damaged")
    passed_over = [page.number for page in pages if page.passed_over]
    if not passed_over:
        return pages
    seen_by_pdfminer = _pdfminer_chars(data, passed_over, deadline)
    return [
        replace(page, chars=_joined(page.chars, seen_by_pdfminer.get(page.number, []))) if page.passed_over else page
        for page in pages
    ]


def _pdfminer_chars(data: bytes, numbers: list[int], deadline: Deadline) -> dict[int, list[Char]]:
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LTChar, LTContainer
    from pdfminer.pdfexceptions import PDFException
    from pdfminer.psexceptions import PSException

    def chars_in(container: Any, height: float) -> Iterator[Char]:
        for item in container:
            if isinstance(item, LTChar):
                text = item.get_text()
                if len(text) == 1 and not text.isspace():
                    text = text.translate(_CHARACTERS_OF_RADICALS)
                    yield Char(text, item.x0, item.x1, height - item.y1, height - item.y0, max(item.size, 1.0))
            elif isinstance(item, LTContainer):
                yield from chars_in(item, height)

    found: dict[int, list[Char]] = {}
    try:
        layouts = extract_pages(BytesIO(data), page_numbers=[number - 1 for number in numbers], laparams=None)
        for number, layout in zip(numbers, layouts, strict=False):
            deadline.check()
            found[number] = list(chars_in(layout, layout.height))
    except (*_PDFMINER_STUMBLES, PDFException, PSException):
        return found  # PDFium read the file; this was only the second look
    return found


def _joined(chars: tuple[Char, ...], others: list[Char]) -> tuple[Char, ...]:
    """``chars`` and those of ``others`` that stand where none of them has the same character."""
    places: dict[str, list[Char]] = defaultdict(list)
    for char in chars:
        places[char.text].append(char)
    added = [
        other
        for other in others
        if not any(
            abs(char.x0 - other.x0) < 0.6 * other.size and abs(char.middle - other.middle) < 0.6 * other.size
            for char in places[other.text]
        )
    ]
    return (*chars, *added)


def _writes_over(pdfium: Any, page: Any) -> bool:
    """Whether words stand in fields of a form or in notes typed onto the page, which are no part of its text yet."""
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), MAX_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind in (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT):
            return True
    return False


def _raw_page(pdfium: Any, page: Any, number: int) -> RawPage:
    place = _placer(page)
    drawn = _Drawn(pdfium, place)
    count = pdfium.FPDFPage_CountObjects(page)
    drawn.walk((pdfium.FPDFPage_GetObject(page, index) for index in range(count)), (1, 0, 0, 1, 0, 0), 0)
    chars = tuple(_chars(pdfium, page, place))
    raw = RawPage(
        number,
        float(page.get_height()),
        chars,
        tuple(drawn.across),
        tuple(drawn.down),
        drawn.images,
        drawn.inkless,
        drawn.images and drawn.unpainted > 0 and not drawn.painted,
    )
    return raw if raw.passed_over else _upright(raw, float(page.get_width()))


def _placer(page: Any) -> Callable[[float, float], Point]:
    """From the PDF's own places to those of the page as shown: cropped, rotated, from the top."""
    left, low, right, high = page.get_cropbox()
    turned = page.get_rotation()

    def place(x: float, y: float) -> Point:
        if turned == 90:
            return y - low, x - left
        if turned == 180:
            return right - x, y - low
        if turned == 270:
            return high - y, right - x
        return x - left, high - y

    return place


# ---------------------------------------------------------------- characters


def _chars(pdfium: Any, page: Any, place: Callable[[float, float], Point]) -> Iterator[Char]:
    text_page = page.get_textpage()
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    ink = tuple(ctypes.c_double() for _ in range(4))
    high_surrogate = 0
    for index in range(pdfium.FPDFText_CountChars(text_page)):
        if pdfium.FPDFText_IsGenerated(text_page, index) == 1:
            continue  # spaces and line ends of PDFium's own making
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        if 0xD800 <= code < 0xDC00:
            high_surrogate = code
            continue
        if 0xDC00 <= code < 0xE000 and high_surrogate:
            code = 0x10000 + ((high_surrogate - 0xD800) << 10) + (code - 0xDC00)
        high_surrogate = 0
        # Where a font says of a glyph only its number, PDFium takes that for the character: to be read by no one.
        unmapped = pdfium.FPDFText_HasUnicodeMapError(text_page, index) == 1
        text = "\ufffd" if unmapped or code in (0, 0xFFFE, 0xFFFF) or 0xD800 <= code < 0xE000 else chr(code)
        if text in "\r\n" or (text != "\ufffd" and code < 0x20 and text != "\t"):
            continue
        if not pdfium.FPDFText_GetLooseCharBox(text_page, index, box):
            continue
        # The box's height is the font's own; fonts set alike differ in it.
        set_so = pdfium.FPDFText_GetMatrix(text_page, index, matrix)
        scale = math.hypot(matrix.c, matrix.d) if set_so else 1.0
        size = max(pdfium.FPDFText_GetFontSize(text_page, index) * scale, 1.0)
        edges: tuple[float, ...] = (box.left, box.right, box.bottom, box.top)
        if max(edges[1] - edges[0], edges[3] - edges[2]) > 3 * size:
            # Fonts for vertical writing have boxes of twenty times their size; the ink's own box stands right.
            pdfium.FPDFText_GetCharBox(text_page, index, *ink)
            edges = tuple(edge.value for edge in ink)
        (x0, top), (x1, bottom) = place(edges[0], edges[3]), place(edges[1], edges[2])
        turn, aslant = _turn(place, matrix.a, matrix.b) if set_so else (0, False)
        text = _CHARACTERS_OF_RADICALS.get(code, text)
        yield Char(text, min(x0, x1), max(x0, x1), min(top, bottom), max(top, bottom), size, turn, aslant)
    text_page.close()


def _turn(place: Callable[[float, float], Point], along: float, upwards: float) -> tuple[int, bool]:
    """Which way a line of text runs, and whether it runs aslant; a page put crookedly on a scanner is not aslant."""
    (x0, y0), (x1, y1) = place(0, 0), place(along, upwards)
    wide, tall = abs(x1 - x0), abs(y1 - y0)
    aslant = min(wide, tall) > ASLANT * max(wide, tall)
    if tall <= 2 * wide:
        return 0, aslant
    return (-1 if y1 < y0 else 1), aslant


def _upright(page: RawPage, width: float) -> RawPage:
    """A page whose text lies on its side without the page saying so, as one holds it to read it."""
    counts = Counter(char.turn for char in page.chars)
    turn, count = counts.most_common(1)[0] if counts else (0, 0)
    if turn == 0 or count < 0.6 * len(page.chars):
        return page
    height = page.height

    def placed(char: Char) -> Char:
        if turn < 0:
            x0, x1, top, bottom = height - char.bottom, height - char.top, char.x0, char.x1
        else:
            x0, x1, top, bottom = char.top, char.bottom, width - char.x1, width - char.x0
        return replace(char, x0=x0, x1=x1, top=top, bottom=bottom, turn=0 if char.turn == turn else -turn)

    if turn < 0:
        across = tuple((x, height - bottom, height - top) for x, top, bottom in page.down)
        down = tuple((height - y, x0, x1) for y, x0, x1 in page.across)
    else:
        across = tuple((width - x, top, bottom) for x, top, bottom in page.down)
        down = tuple((y, width - x1, width - x0) for y, x0, x1 in page.across)
    return replace(page, height=width, chars=tuple(map(placed, page.chars)), across=across, down=down)


# ---------------------------------------------------------------- rules


class _Drawn:
    """Gathers the rules of a page: strokes, and filled boxes too thin to be anything else."""

    def __init__(self, pdfium: Any, place: Callable[[float, float], Point]) -> None:
        self.pdfium, self.place = pdfium, place
        self.across: list[Rule] = []
        self.down: list[Rule] = []
        self.images = False
        self.painted = self.unpainted = 0  # text in ink, and text set to show none
        self.inkless = False  # text without width: PDFium gives none of it
        self.seen = 0

    def walk(self, objects: Iterator[Any], matrix: Matrix, depth: int) -> None:
        pdfium = self.pdfium
        for drawn in objects:
            self.seen += 1
            if self.seen > MAX_OBJECTS:
                raise Unreadable("too many things are drawn on one page", name="document_too_large")
            kind = pdfium.FPDFPageObj_GetType(drawn)
            if kind == pdfium.FPDF_PAGEOBJ_PATH:
                self._path(drawn, _times(_matrix(pdfium, drawn), matrix))
            elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
                if pdfium.FPDFTextObj_GetTextRenderMode(drawn) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
                    self.unpainted += 1
                    continue
                self.painted += 1
                self.inkless = self.inkless or self._is_inkless(drawn)
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                self.images = True
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < MAX_FORM_DEPTH:
                count = pdfium.FPDFFormObj_CountObjects(drawn)
                inner = (pdfium.FPDFFormObj_GetObject(drawn, index) for index in range(count))
                self.walk(inner, _times(_matrix(pdfium, drawn), matrix), depth + 1)

    def _is_inkless(self, text: Any) -> bool:
        """Whether PDFium passes it over: no ink, in a font it had to do without. (A space of an embedded font has none.)"""
        font = self.pdfium.FPDFTextObj_GetFont(text)
        if font and self.pdfium.FPDFFont_GetIsEmbedded(font) == 1:
            return False
        left, low, right, high = (ctypes.c_float() for _ in range(4))
        found = self.pdfium.FPDFPageObj_GetBounds(text, left, low, right, high)
        return not found or right.value - left.value < 0.01 or high.value - low.value < 0.01

    def _path(self, path: Any, matrix: Matrix) -> None:
        pdfium = self.pdfium
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
        filled = bool(fill.value) and not self._is_white(path, pdfium.FPDFPageObj_GetFillColor)
        stroked = bool(stroke.value) and not self._is_white(path, pdfium.FPDFPageObj_GetStrokeColor)
        if not filled and not stroked:
            return
        for points in self._subpaths(path, matrix):
            xs, ys = [point[0] for point in points], [point[1] for point in points]
            if min(max(xs) - min(xs), max(ys) - min(ys)) <= THIN:
                self._add(min(xs), max(xs), min(ys), max(ys))
            elif stroked:
                for (x0, y0), (x1, y1) in pairwise(points):
                    if min(abs(x1 - x0), abs(y1 - y0)) <= 1.0:
                        self._add(min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1))

    def _add(self, x0: float, x1: float, top: float, bottom: float) -> None:
        wide, tall = x1 - x0, bottom - top
        if wide > THIN:
            self.across.append(((top + bottom) / 2, x0, x1))
        elif tall > THIN:
            self.down.append(((x0 + x1) / 2, top, bottom))
        else:  # a dot of a dotted rule
            self.across.append(((top + bottom) / 2, x0, x1))
            self.down.append(((x0 + x1) / 2, top, bottom))

    def _subpaths(self, path: Any, matrix: Matrix) -> Iterator[list[Point]]:
        """The corners of each part of a path, on the page; a part with curves has none to give."""
        pdfium = self.pdfium
        points: list[Point] = []
        curved = False
        x, y = ctypes.c_float(), ctypes.c_float()
        for index in range(pdfium.FPDFPath_CountSegments(path)):
            segment = pdfium.FPDFPath_GetPathSegment(path, index)
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            if kind == pdfium.FPDF_SEGMENT_MOVETO:
                if len(points) > 1 and not curved:
                    yield points
                points, curved = [], False
            curved = curved or kind == pdfium.FPDF_SEGMENT_BEZIERTO
            points.append(self.place(*_applied(matrix, x.value, y.value)))
            if pdfium.FPDFPathSegment_GetClose(segment) and points:
                points.append(points[0])
        if len(points) > 1 and not curved:
            yield points

    def _is_white(self, path: Any, color_of: Any) -> bool:
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not color_of(path, red, green, blue, alpha):
            return False
        return alpha.value == 0 or min(red.value, green.value, blue.value) >= 250


def _matrix(pdfium: Any, drawn: Any) -> Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(drawn, matrix):
        return (1, 0, 0, 1, 0, 0)
    return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    p, q, r, s, t, u = other
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _applied(matrix: Matrix, x: float, y: float) -> Point:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
