"""One page and its parts → a ``Reading``: where everything the other modules read comes together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.errors import Unreadable
from crawler.items import Kind, Page, Reading, Remark
from crawler.urls import bare_host, host_of, location
from pipelines.reading.agencies import agency_of, is_place, organisation
from pipelines.reading.article import Article, is_stub, read_article, renumbered, texts
from pipelines.reading.attachments import DOCUMENTS, SHEETS, Link, as_attachments, extension_of, is_picture
from pipelines.reading.blocks import Block, Image, Paragraph, Table
from pipelines.reading.checks import publication_check
from pipelines.reading.dates import read_date, settle
from pipelines.reading.decoding import beginning, inflate
from pipelines.reading.digests import body_digest, metadata_digest
from pipelines.reading.document_numbers import NUMBER, read_document_number
from pipelines.reading.documents import media_type, read_document
from pipelines.reading.documents.markup import is_office_markup
from pipelines.reading.documents.types import ONE_FILE
from pipelines.reading.index_numbers import read_index_number
from pipelines.reading.kinds import kind_of
from pipelines.reading.labels import Role
from pipelines.reading.markdown import block_markdown, joined
from pipelines.reading.markup import bare
from pipelines.reading.metadata import Metadata
from pipelines.reading.narrative import Figure, narrative_figures
from pipelines.reading.outline import sections
from pipelines.reading.signatures import Signature, signature_under
from pipelines.reading.statistics import read_statistics
from pipelines.reading.titles import Title, choose_title, clean_title, is_report_title, key, name_without_extension
from pipelines.reading.trimming import letterhead_lines, title_lines
from pipelines.reading.years import report_year

_OF_FIGURE = tuple(one.name for one in fields(Figure))
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_CENTRAL_HOSTS = frozenset({"gov.cn"})
_PREFERRED_DATES = (
    "发布日期",
    "发布时间",
    "公开日期",
    "公开时间",
    "信息发布日期",
    "信息发布时间",
    "公布日期",
    "公布时间",
)
_LAST_DATES = ("更新日期", "更新时间", "录入时间", "录入日期")
_META_DATES = (
    "pubdate",
    "publishdate",
    "firstpublishedtime",
    "article:published_time",
    "pubtime",
    "publish_time",
    "datepublished",
)


def read_report(extractor: str, page: Page, parts: Sequence[Page] = ()) -> Reading:
    """Reads a page: HTML here, documents through ``documents``.

    Raises ``Unreadable`` for a document that cannot be read.
    """
    return _assemble(extractor, page, _any_article(page), parts)


def _assemble(extractor: str, page: Page, article: Article, parts: Sequence[Page]) -> Reading:
    source = "page" if article.found_by != "document" else page.url
    by_address = {location(part.url): part for part in parts}
    blocks = article.blocks
    remarks = list(article.remarks)
    if article.found_by != "document" and is_stub(blocks):
        article.files.extend(_pictures(blocks, article.files))
    needed = _needed_documents(article)
    waiting, joined_at = [*article.further_pages, *article.frames], {location(page.url)}
    number = 1
    while waiting:
        url, number = waiting.pop(0), number + 1
        joined = None if location(url) in joined_at else _read_part(by_address.get(location(url)), remarks)
        joined_at.add(location(url))
        if joined is None:
            continue
        if url in article.further_pages:  # each leads to the next only
            beyond = [one for one in joined.further_pages if location(one) not in joined_at and one not in waiting]
            place = article.further_pages.index(url) + 1
            article.further_pages = (*article.further_pages[:place], *beyond, *article.further_pages[place:])
            waiting = [*beyond, *waiting]
        if not blocks and joined.blocks and url in article.frames:
            source = url
        blocks = (*blocks, *renumbered(_without_title(joined.blocks, article.titles), number))
        _adopt(article, joined, url)
    for url in needed:
        part = by_address.get(location(url))
        picture = is_picture(url)
        if part is None or not (is_stub(blocks) or (picture and source in needed)):
            continue
        document = _read_part(part, remarks, as_document=True)
        if document is None or not document.blocks:
            continue
        if picture:  # what is recognised of pictures stands below them, one after the other
            blocks, source = (*blocks, *document.blocks), source if source in needed else url
        else:
            blocks, source = _without_title(document.blocks, article.titles), url
            article.titles.extend(document.titles)
    signed = article.signature if blocks is article.blocks else signature_under(blocks)
    return _reading(extractor, page, article, blocks, source, signed, remarks, needed)


def _read_part(part: Page | None, remarks: list[Remark], *, as_document: bool = False) -> Article | None:
    """What a further page, frame or document holds; one that cannot be read costs a remark, not the report."""
    if part is None:
        return None
    try:
        article = _document_article(part) if as_document else _any_article(part, whole=True)
    except Unreadable as error:
        code = "part.not_a_document" if error.name == "fake_document" else "part.unreadable"
        remarks.append(Remark(code, f"{error.name}: {part.url}: {error}"))
        return None
    remarks.extend(article.remarks)
    return article


def _reading(
    extractor: str,
    page: Page,
    article: Article,
    blocks: tuple[Block, ...],
    source: str,
    signed: Signature,
    remarks: list[Remark],
    needed: tuple[str, ...],
) -> Reading:
    metadata = article.metadata
    entry_facts = page.entry_facts
    title = _title(page, article)
    printed_title = title.text if title and title.source != "entry" else None
    parts = [block_markdown(block) for block in blocks]
    plain = "\n".join(text for text in texts(blocks) if text)
    year = report_year(title.text if title else None, plain, page.column_year)
    published, published_from_meta, as_publication = _published_on(article, entry_facts)
    if published is None and article.found_by == "document" and page.listed_on is not None:
        # A document linked straight from a list has no page that says when it was published: the row does. Of a page the
        # row's date says less than the page itself, and often another day (domain facts: list date ≠ PubDate).
        published = page.listed_on
        remarks.append(Remark("dates.from_list", f"{published.isoformat()} stands in the list's row"))
    signed_on, date_remarks = _signed_on(metadata, signed, published)
    remarks.extend(date_remarks)
    publisher, publisher_from_meta = _publisher(article, entry_facts)
    index = read_index_number(
        metadata.first(Role.INDEX_NUMBER) or article.facts.get("索引号") or _fact(entry_facts, "索引号"),
        central=_is_central(page),
    )
    if index is not None:
        remarks.extend(index.remarks)
    remarks.extend(Remark("metadata.repeated", f"{label}: {one} / {other}") for label, one, other in metadata.repeated)
    statistics = read_statistics(blocks, report_year=year)
    remarks.extend(statistics.remarks)
    kind = kind_of(title.text if title else None, _evidence(blocks), page.column_title)
    agency = _agency(page, article, title, signed, publisher)
    in_question = kind is Kind.ANNUAL_REPORT and as_publication
    recognised = any(remark.code == "document.recognised" for remark in remarks)  # such numbers are no evidence
    late = publication_check(agency, year, published) if in_question else ()
    details: dict[str, Any] = {
        "places": statistics.places,
        "figures": []
        if recognised
        else [{name: getattr(figure, name) for name in _OF_FIGURE} for figure in narrative_figures(blocks, year)],
        "found_by": article.found_by,
        "title_source": title.source if title else None,
        "needed_documents": needed,
        "effective_on": _iso(read_date(metadata.first(Role.EFFECTIVE))),
        "repealed_on": _iso(read_date(metadata.first(Role.REPEALED))),
    }
    return Reading(
        extractor=extractor,
        encoding=article.encoding,
        title=title.text if title else None,
        kind=kind,
        report_year=year,
        agency=agency,
        publisher=publisher,
        index_number=index.printed if index else None,
        index_number_kind=index.kind if index else None,
        document_number=read_document_number(
            metadata.first(Role.DOCUMENT_NUMBER) or article.facts.get("文号") or _fact(entry_facts, "文号")
        ),
        published_on=published,
        signed_on=signed_on,
        metadata=dict(metadata.values),
        body=joined(parts) or None,
        body_source=source,
        sections=sections(blocks, parts),
        statistics=statistics.statistics,
        checks=(*statistics.checks, *late),
        remarks=tuple(dict.fromkeys(remarks)),
        attachments=as_attachments(article.files),
        further_pages=article.further_pages,
        frames=article.frames,
        body_digest=body_digest(blocks),
        metadata_digest=metadata_digest(
            metadata.values,
            printed_title,
            {"published_on": published_from_meta, "publisher": publisher_from_meta, **article.facts},
        ),
        index_number_strong=index.strong if index else False,
        details={name: value for name, value in details.items() if value},
    )


# ---------------------------------------------------------------- parts


def _any_article(page: Page, *, whole: bool = False) -> Article:
    payload = inflate(page.payload)
    under_a_name = extension_of(page.url) in DOCUMENTS | SHEETS
    if payload.lstrip()[:5] == b"<?xml" and media_type(payload) in ONE_FILE:
        return _document_article(page)
    if _is_markup(payload) and not under_a_name:
        return read_article(page, whole=whole)
    if media_type(payload, _file_name(page.url)) in _HTML and not (under_a_name and is_office_markup(payload)):
        article = read_article(page, whole=whole)
        if under_a_name and not (article.blocks or article.files or article.frames or article.further_pages):
            raise Unreadable("a web page without a text under the name of a document", name="fake_document")
        return article
    return _document_article(page)


_BEFORE_A_REPORT = re.compile(r"(?:(?!(?:19|20)\d{2}|政府信息公开|信息公开)[\u4e00-\u9fff])+")


def _document_article(page: Page) -> Article:
    """What stands in a document; typed by its content, a page under its name is none. Raises ``Unreadable``."""
    payload, name = inflate(page.payload), _file_name(page.url)
    document = read_document(payload, media_type(payload, name))
    if len(made_by := _makers(document.notes)) > 1:
        raise Unreadable(
            f"the reports of {len(made_by)} in one zip: {', '.join(sorted(made_by)[:3])}", name="several_reports"
        )
    article = Article(page.url, "binary")
    lines = texts(document.blocks)
    head = letterhead_lines(lines[:6])
    count = title_lines(lines[head : head + 7], {key(page.entry_title)} if page.entry_title else set())
    if count:
        numbers = [found for line in lines[:head] if line and (found := NUMBER.match(bare(line)))]
        if numbers:
            article.facts["文号"] = numbers[0].group()
        article.titles = [("body", "".join(line for line in lines[head : head + count] if line))]
        count += head
    article.titles.append(("attachment", name_without_extension(name)))
    article.blocks = document.blocks[count:]
    article.untrimmed = document.blocks
    article.signature = signature_under(article.blocks)
    article.found_by = "document"
    article.remarks = list(document.notes)
    return article


def _makers(notes: Iterable[Remark]) -> set[str]:
    """Whose reports the members of a zip are by their names: what stands before the year or 政府信息公开."""
    members = (note.detail.rpartition(": ")[0].rsplit("/", 1)[-1] for note in notes if note.code == "document.member")
    titles = (key(name_without_extension(name)) for name in members)
    makers = (_BEFORE_A_REPORT.match(title) for title in titles if is_report_title(title))
    return {found[0] for found in makers if found and len(found[0]) > 2}


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path).rsplit("/", 1)[-1]


def _is_markup(payload: bytes) -> bool:
    start = beginning(payload)[:2048].lstrip(b"\xef\xbb\xbf\x00 \t\r\n").lower()
    return start.startswith(b"<") or b"<html" in start or b"<!doctype html" in start


def _needed_documents(article: Article) -> tuple[str, ...]:
    """The documents a stub points to, the likeliest first, or the pictures it shows in their order; empty where the page
    holds the text itself."""
    if article.found_by == "document" or not is_stub(article.blocks):
        return ()
    known = {key(text) for _, text in article.titles if text}
    ranked = []
    for position, link in enumerate(article.files):
        extension = extension_of(link.url, link.name)
        if extension is not None and extension not in DOCUMENTS | SHEETS:
            continue
        named = is_report_title(link.name) or key(name_without_extension(link.name)) in known
        ranked.append((is_picture(link.url), not named, extension not in DOCUMENTS, position, link.url))
    return tuple(url for *_, url in sorted(ranked))


def _pictures(blocks: Sequence[Block], known: Sequence[Link]) -> list[Link]:
    """The pictures a page shows instead of a text, as files of its own: the report may be in them."""
    had = {link.url for link in known}
    shown = dict.fromkeys(b.url for b in blocks if isinstance(b, Image) and is_picture(b.url))
    return [Link(url, _file_name(url)) for url in shown if url not in had]


def _without_title(blocks: tuple[Block, ...], titles: Iterable[tuple[str, str | None]]) -> tuple[Block, ...]:
    keys = {key(text) for _, text in titles if text} - {""}
    return blocks[title_lines(texts(blocks)[:7], keys) :]


def _adopt(article: Article, part: Article, url: str) -> None:
    """What a framed page states and the page around it does not."""
    if url in article.frames:
        for label, value in part.metadata.values.items():
            if label not in article.metadata.values:
                article.metadata.values[label] = value
        for role, stated in part.metadata.roles.items():
            article.metadata.roles.setdefault(role, []).extend(stated)
        article.titles.extend(part.titles)
    known = {link.url for link in article.files}
    article.files.extend(link for link in part.files if link.url not in known)


# ---------------------------------------------------------------- fields


def _title(page: Page, article: Article) -> Title | None:
    candidates = [*article.titles, ("entry", page.entry_title)]
    candidates.extend(("attachment", name_without_extension(link.name)) for link in article.files[:3])
    return choose_title(candidates)


def _agency(page: Page, article: Article, title: Title | None, signed: Signature, publisher: str | None) -> str | None:
    metadata = article.metadata
    site = organisation(article.metas.get("sitename"))
    portal = organisation(page.portal_name)
    context = [
        page.column_agency,
        *(name for name in (site, portal) if name and not name.endswith("政府") and not is_place(name)),
    ]
    return agency_of(title.text if title else None, signed.agency, (metadata.first(Role.AUTHOR), publisher), context)


def _publisher(article: Article, entry_facts: Mapping[str, str]) -> tuple[str | None, str | None]:
    printed = article.metadata.first(Role.PUBLISHER)
    if printed:
        return printed, None
    stated = article.facts.get("发布机构")
    if stated:
        return stated, stated
    source = article.metadata.first(Role.SOURCE)
    if source and organisation(source):
        return source, None
    meta = article.metas.get("contentsource")
    if meta and organisation(meta):
        return meta, meta
    return _fact(entry_facts, "发布机构"), None


def _published_on(article: Article, entry_facts: Mapping[str, str]) -> tuple[date | None, str | None, bool]:
    """The day of publication, the meta tag's value where only that states it, and whether the page calls it that."""
    stated = article.metadata.roles.get(Role.PUBLISHED, [])
    order = {label: rank for rank, label in enumerate(_PREFERRED_DATES)}
    ranked = sorted(stated, key=lambda pair: order.get(pair[0], 20 if pair[0] not in _LAST_DATES else 30))
    for label, value in ranked:
        if label not in _LAST_DATES and (found := read_date(value)):
            return found, None, True
    for value in article.metadata.loose_dates:
        if found := read_date(value):
            return found, None, True
    for unseen in (article.facts.get("发布日期"), *(article.metas.get(name) for name in _META_DATES)):
        if unseen and (found := read_date(unseen)):
            return found, unseen, True
    for _, value in (*article.metadata.roles.get(Role.ISSUED, []), *ranked):
        if found := read_date(value):
            return found, None, False
    return read_date(_fact(entry_facts, "发布日期", "发布时间")), None, False


def _signed_on(metadata: Metadata, signed: Signature, published: date | None) -> tuple[date | None, list[Remark]]:
    remarks: list[Remark] = []
    written = read_date(metadata.first(Role.SIGNED))
    stands_beside = any(read_date(value) for _, value in metadata.roles.get(Role.PUBLISHED, ()))
    issued = read_date(metadata.first(Role.ISSUED)) if stands_beside else None
    day = signed.day
    if day is None and signed.damaged is not None:
        day = settle(signed.damaged, (published, written, issued), published)
        candidates = ", ".join(candidate.isoformat() for candidate in signed.damaged.candidates)
        outcome = f"read as {day.isoformat()}" if day else "left open"
        remarks.append(Remark("dates.damaged_signature", f"{signed.damaged.printed} ({candidates}): {outcome}"))
    if day is not None:
        for name, other in (("成文日期", written), ("发文日期", issued)):
            if other is not None and other != day:
                remarks.append(Remark("dates.disagree", f"signature {day.isoformat()}, {name} {other.isoformat()}"))
    found = day or written or issued
    if found and published and found > published:
        remarks.append(
            Remark("dates.signed_after_published", f"signed {found.isoformat()}, published {published.isoformat()}")
        )
    return found, remarks


def _fact(facts: Mapping[str, str], *names: str) -> str | None:
    for name in names:
        value = clean_title(facts.get(name))
        if value:
            return value
    return None


def _evidence(blocks: Sequence[Block]) -> str:
    """The text by which a page's kind is judged: paragraphs, and the first words of tables."""
    parts = []
    for block in blocks:
        if isinstance(block, Paragraph):
            parts.append(block.text)
        elif isinstance(block, Table):
            parts.extend(cell.text for cell in block.cells[:12])
    return "\n".join(parts)


def _is_central(page: Page) -> bool:
    return bare_host(host_of(page.url)) in _CENTRAL_HOSTS


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
