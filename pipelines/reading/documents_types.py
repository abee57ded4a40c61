"""What a file is, by its bytes."""

from __future__ import annotations

import re
import struct
import zipfile
from io import BytesIO, StringIO

from crawler.errors import Unreadable
from pipelines.reading.decoding import beginning

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PPT = "application/vnd.ms-powerpoint"
OLE = "application/x-ole-storage"
RTF = "application/rtf"
OFD = "application/ofd"
ZIP = "application/zip"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
HTML = "text/html"
MHTML = "multipart/related"
WORD_XML = "application/vnd.ms-wordml"
EXCEL_XML = "application/vnd.ms-spreadsheetml"
UOF = "application/vnd.uof.text"
BINARY = "application/octet-stream"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"{\\rtf", RTF),
    (b"ITSF", "application/vnd.ms-htmlhelp"),
)
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("EncryptedPackage", OLE),
    ("WordDocument", DOC),
    ("Workbook", XLS),
    ("PowerPoint Document", PPT),
    ("Book", XLS),
)
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|script|meta|title|div|table|p|center|iframe)\b",
    re.I | re.S,
)
_MHTML = re.compile(rb"\s*(?:[\w-]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)*?content-type:\s*multipart/related\b", re.I)
# XML of one file, as Word and Excel 2003 saved it and as programs fill it in from a template.
_XML_SIGNS = (
    (b'progid="Word.Document"', WORD_XML),
    (b"http://schemas.microsoft.com/office/word/2003/wordml", WORD_XML),
    (b"http://schemas.microsoft.com/office/2006/xmlPackage", WORD_XML),
    (b'progid="Excel.Sheet"', EXCEL_XML),
    (b"urn:schemas-microsoft-com:office:spreadsheet", EXCEL_XML),
    (b'office:mimetype="application/vnd.oasis.opendocument.text"', ODT),
    (b'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"', ODS),
    (b'uof:mimetype="vnd.uof.text"', UOF),  # the national office format, GB/T 20916
)
ONE_FILE = frozenset(kind for _, kind in _XML_SIGNS)  # documents that are one XML file
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_BY_NAME = {
    "csv": "text/csv",
    "txt": "text/plain",
    "json": "application/json",
}


def media_type(data: bytes, name: str | None = None) -> str:
    """The media type of these bytes. ``name`` only tells plain texts apart. Never raises."""
    head = data[:4096]
    for bom in _BOMS:
        head = head.removeprefix(bom)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:2] == b"BM" and len(data) > 14 and int.from_bytes(head[2:6], "little") == len(data):
        return "image/bmp"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip_type(data)
    if head.startswith(_OLE_MAGIC):
        return _ole_type(data)
    if looks_like_html(data):
        return HTML
    if _MHTML.match(head):
        return MHTML
    # A few bytes before the header are common; readers look for it in the first kilobyte.
    if b"%PDF-" in data[:1024]:
        return PDF
    return _text_type(data, name)


def looks_like_html(data: bytes) -> bool:
    """Whether these bytes begin as a web page does, in any encoding."""
    return _HTML.match(beginning(data).removeprefix(b"\xef\xbb\xbf")) is not None


def _zip_type(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = {name.replace("\\", "/") for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return _torn_zip_type(data)
    if "word/document.xml" in names or (_has_folder(names, "word") and "[Content_Types].xml" in names):
        return DOCX
    if "xl/workbook.xml" in names or (_has_folder(names, "xl") and "[Content_Types].xml" in names):
        return XLSX
    if "ppt/presentation.xml" in names:
        return PPTX
    if any(name.lower() == "ofd.xml" for name in names):
        return OFD
    if "mimetype" in names and "content.xml" in names:
        with zipfile.ZipFile(BytesIO(data)) as archive, archive.open("mimetype") as stream:
            declared = stream.read(100).decode("ascii", "replace").strip()
        return declared if re.fullmatch(r"[\w.+-]+/[\w.+-]+", declared) else ZIP
    return ZIP


def _has_folder(names: set[str], folder: str) -> bool:
    return any(name.startswith(folder + "/") for name in names)


def _torn_zip_type(data: bytes) -> str:
    """A cut or damaged zip has no list of its members, but their names stand before each."""
    for name, kind in ((b"word/", DOCX), (b"xl/", XLSX), (b"ppt/", PPTX), (b"OFD.xml", OFD)):
        if re.search(rb"PK\x03\x04.{26}" + re.escape(name), data, re.S):
            return kind
    return ZIP


def _ole_type(data: bytes) -> str:
    """By the names of the streams in its directory, which are UTF-16."""
    for stream, kind in _OLE_STREAMS:
        if stream.encode("utf-16-le") + b"\0\0" in data:
            return kind
    return OLE


def _text_type(data: bytes, name: str | None) -> str:
    head = data[:4096]
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not head or (not utf16 and (b"\0" in head or _share_of_controls(head) > 0.02)):
        return BINARY
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<?xml"):
        return next((kind for sign, kind in _XML_SIGNS if sign in head), "application/xml")
    if start[:1] in (b"{", b"[") and start.rstrip()[-1:] in (b"}", b"]", b","):
        return "application/json"
    suffix = name.rsplit(".", 1)[-1].lower() if name and "." in name else ""
    return _BY_NAME.get(suffix, "text/plain")


def _share_of_controls(head: bytes) -> float:
    return sum(byte < 9 or 13 < byte < 32 for byte in head) / len(head)


def ole_stream(data: bytes, name: str) -> bytes | None:
    """One stream of an OLE file; ``None`` where it has none of this name. Raises ``Unreadable``."""
    from xlrd.compdoc import CompDoc, CompDocError  # type: ignore[import-untyped]

    try:
        stream = CompDoc(data, logfile=StringIO()).get_named_stream(name)
    except (CompDocError, IndexError, ValueError, TypeError, AssertionError, struct.error, OverflowError) as error:
        raise Unreadable(f"damaged OLE file: {error}"[:300], name="document_damaged") from error
    return bytes(stream) if stream is not None else None
