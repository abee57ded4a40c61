"""Documents that are markup under an office file's name: Word or a spreadsheet saved as a web page, or as MHTML."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message

from lxml import etree

from crawler.errors import Unreadable
from crawler.items import Remark
from pipelines.reading.blocks import Block, Image, Table
from pipelines.reading.decoding import beginning, decode
from pipelines.reading.documents_bounds import Deadline
from pipelines.reading.markup import blocks_of, layout, parse

MAX_PARTS = 2_000
_OFFICE = re.compile(
    rb"<html[^>]*urn:schemas-microsoft-com:(?:office|vml)|<meta[^>]*ProgId\W+content\W+(?:Word|Excel)\.|"
    rb"<meta[^>]*generator\W+content\W+(?:Microsoft (?:Word|Excel)|WPS|Kingsoft|LibreOffice|OpenOffice|Aspose)",
    re.I,
)
_CONDITIONAL = re.compile(r"<!\[(?:if|endif)[^>]*\]>|<\?xml[^>]*\?>", re.I)


def is_office_markup(data: bytes) -> bool:
    """Whether an office program wrote this web page: one that stands under a document's name is that document.

    Its head says so; a portal's page may hold what was pasted from Word.
    """
    return _OFFICE.search(beginning(data, 20_000)) is not None


def read_markup(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks of a document saved as a web page.

    Raises ``Unreadable``, ``fake_document`` for a web page that is none: not from an office program, and no table.
    """
    deadline.check()
    blocks = _blocks(data, None)
    if not is_office_markup(data):
        scripted = re.search(rb"<script\b|<nav\b|<iframe\b|<form\b", data[:200_000], re.I)
        if scripted or not any(isinstance(block, Table) for block in blocks):
            raise Unreadable("a web page under the name of a document", name="fake_document")
    return blocks, [Remark("document.markup", "a document saved as a web page")]


def read_mhtml(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """Blocks of a document saved with its pictures as one file of many parts."""
    deadline.check()
    message = message_from_bytes(data)
    parts = []
    for number, part in enumerate(message.walk()):
        if number > MAX_PARTS:
            raise Unreadable("too many parts", name="document_bomb")
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            parts.append(part)
    deadline.check()
    if not parts:
        raise Unreadable("no text among the parts", name="document_damaged")
    blocks: list[Block] = []
    for part in parts[:1] if not _is_workbook(data) else parts:
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            blocks.extend(_blocks(content, _charset(part)))
    if not blocks:
        raise Unreadable("the parts hold no text", name="document_damaged")
    return blocks, [Remark("document.markup", "a document saved as MHTML")]


def _is_workbook(data: bytes) -> bool:
    return b"urn:schemas-microsoft-com:office:excel" in data[:200_000]


def _charset(part: Message) -> str | None:
    charset = part.get_content_charset()
    return f"text/html; charset={charset}" if charset else None


def _blocks(data: bytes, content_type: str | None) -> list[Block]:
    text = _CONDITIONAL.sub("", decode(data, content_type).text)
    try:
        root = parse(text)
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable(f"damaged markup: {error}"[:300], name="document_damaged") from error
    if root is None:
        raise Unreadable("no markup", name="document_damaged")
    blocks = blocks_of(layout(root, "about:blank").items)
    return [block for block in blocks if not isinstance(block, Image)]  # its pictures are no addresses of their own
