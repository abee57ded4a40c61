"""OFD (GB/T 33190-2016), the national page format: text by page and line. Its tables are lines of text."""

from __future__ import annotations

import posixpath
import re
from zipfile import ZipFile

from lxml import etree

from crawler.errors import Unreadable
from crawler.items import Remark
from pipelines.reading.blocks import Block, Paragraph
from pipelines.reading.documents.bounds import Deadline, opened_zip, xml_part

SAME_LINE = 1.5  # millimetres


def read_ofd(data: bytes, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    """A paragraph for each line of text; noted, as lines are not joined and cells not told apart."""
    archive = opened_zip(data)
    names = {name.lower(): name for name in archive.namelist()}
    root = _parsed(archive, names["ofd.xml"])
    blocks: list[Block] = []
    for document in _all(root, "DocRoot"):
        path = (document.text or "").strip().lstrip("/")
        base = posixpath.dirname(path)
        for page in _all(_parsed(archive, path), "Page"):
            deadline.check()
            location = page.get("BaseLoc") or ""
            page_path = location.lstrip("/") if location.startswith("/") else posixpath.join(base, location)
            blocks.extend(_page(_parsed(archive, posixpath.normpath(page_path))))
    return blocks, [Remark("document.lines", "an OFD is read line by line, its tables too")]


def _parsed(archive: ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(xml_part(archive, name), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"{name}: {error}", name="document_damaged") from error


def _all(element: etree._Element, name: str) -> list[etree._Element]:
    return [found for found in element.iter() if isinstance(found.tag, str) and etree.QName(found).localname == name]


def _page(page: etree._Element) -> list[Block]:
    lines: list[tuple[float, list[tuple[float, str]]]] = []
    for text_object in _all(page, "TextObject"):
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text_object.get("Boundary") or "")]
        text = "".join(code.text or "" for code in _all(text_object, "TextCode"))
        if len(numbers) != 4 or not text.strip():
            continue
        foot = numbers[1] + numbers[3]
        line = next((parts for place, parts in lines if abs(place - foot) < SAME_LINE), None)
        if line is None:
            line = []
            lines.append((foot, line))
        line.append((numbers[0], text))
    return [Paragraph("".join(text for _, text in sorted(parts)).strip()) for _, parts in sorted(lines)]
