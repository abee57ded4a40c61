"""One HTML page → what stands on it: metadata block, titles, the article's items, files, frames, further pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from lxml.html import HtmlElement

from crawler.items import Page, Remark
from pipelines.reading import attachments as files
from pipelines.reading.agencies import agency_of_title
from pipelines.reading.blocks import Block, Paragraph, Table
from pipelines.reading.containers import Container, find_container
from pipelines.reading.dates import CHINA
from pipelines.reading.decoding import decode
from pipelines.reading.injected import catalogue_detail, escaped_article, injected_articles, unescaped
from pipelines.reading.isolating import article_lines
from pipelines.reading.labels import Role, clean_value, leading_text, pairs, role_of
from pipelines.reading.markup import Grid, Item, Layout, Line, bare, blocks_of, is_prose, join, layout, parse
from pipelines.reading.metadata import Metadata, is_tools, mark_labelled, read_behind, read_metadata, without_date
from pipelines.reading.narrowing import is_of_our_field, narrowed
from pipelines.reading.signatures import Signature, signature_under
from pipelines.reading.titles import clean_title, is_generic, is_report_title, key
from pipelines.reading.trimming import trim

_TITLE_CLASS = re.compile(r"title|(?:^|[-_ ])(?:tit|bt|biaoti|headline|h1)(?:$|[-_ \d])|biaoti", re.I)
_LINKED_DATA = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_OFFERED = re.compile(r"附\s*件|下载|原文|全文|[文图][字文]版|年报|报告|pdf|word|ofd|docx?", re.I)
ENOUGH = 200  # characters of text: a body with less may be a mere pointer to the document it stands in


@dataclass(slots=True)
class Article:
    """What one HTML page holds."""

    url: str
    encoding: str
    context: tuple[str | None, ...] = ()  # what the list that led here, and its column, are about
    whole: bool = False  # whatever stands in its container is kept
    remarks: list[Remark] = field(default_factory=list)
    metas: dict[str, str] = field(default_factory=dict)  # lower-case name → content
    facts: dict[str, str] = field(default_factory=dict)  # what the page's own data says beside its text
    metadata: Metadata = field(default_factory=Metadata)
    titles: list[tuple[str, str | None]] = field(default_factory=list)
    blocks: tuple[Block, ...] = ()
    signature: Signature = field(default_factory=Signature)
    files: list[files.Link] = field(default_factory=list)
    frames: tuple[str, ...] = ()
    further_pages: tuple[str, ...] = ()
    found_by: str = "nothing"
    element: HtmlElement | None = None
    untrimmed: tuple[Block, ...] = ()  # everything in the container, for measuring what got lost


def read_article(page: Page, *, whole: bool = False) -> Article:
    """Reads one HTML page. Pure: the same bytes and context give the same article.

    ``whole``: it is known to be part of a report, so that nothing in its container is another's.
    """
    decoded = decode(page.payload, page.content_type)
    article = Article(page.url, decoded.encoding, (page.entry_title, page.column_title), whole, list(decoded.remarks))
    root = parse(re.sub(r"^\s*<\?xml[^>]*\?>", "", decoded.text, count=1))
    if root is None:
        return article
    article.metas = _metas(root)
    sheet = layout(root, page.url)
    mark_labelled(sheet)
    base = _base(root, page.url)
    container = find_container(sheet, lambda: article_lines(root))
    hidden = _hidden_body(root, sheet, container, article, page)
    if hidden is not None:
        place = container or Container(len(sheet.items), len(sheet.items), None, "script")
        article.metadata = read_metadata(sheet, place.end, place.end)
        _titles(article, root, sheet, place.start)
        mark_labelled(hidden)
        inner = read_metadata(hidden, 0, len(hidden.items))
        stated = [
            (label, value) for label, value in article.facts.items() if label != "标题"
        ]  # printed as the headline
        for label, value in (*inner.values.items(), *stated):
            if not article.metadata.values.get(label):
                article.metadata.add(label, value, role_of(label) or Role.OTHER)
        _body(article, hidden, Container(0, len(hidden.items), hidden.root, "script"), inner.consumed)
        article.files = _merge(files.file_links(hidden, base), _relevant(article, sheet, place, base))
        article.found_by = "script"
    elif container is not None:
        article.metadata = read_metadata(sheet, container.start, container.end)
        _titles(article, root, sheet, container.start)
        _body(article, sheet, container, article.metadata.consumed)
        article.files = _relevant(article, sheet, container, base)
    else:
        article.metadata = read_metadata(sheet, len(sheet.items), len(sheet.items))
        _titles(article, root, sheet, len(sheet.items))
        article.files = [link for link in files.file_links(sheet, base) if link.embedded or _is_report_file(link)]
    article.further_pages = files.further_pages(root, page.url)
    within = [container.element] if container is not None and container.element is not None else []
    if is_stub(article.blocks):
        within.append(root)
    article.frames = files.frame_urls(root, base, within)
    return article


def texts(blocks: tuple[Block, ...]) -> list[str | None]:
    """The text of each block that is a paragraph, ``None`` for tables and pictures."""
    return [getattr(block, "text", None) for block in blocks]


def is_stub(blocks: Sequence[Block]) -> bool:
    """Whether a body holds next to no text: the report may stand in a frame, a document or a picture."""
    left = ENOUGH
    if any(isinstance(block, Table) for block in blocks):
        return False
    for block in blocks:
        if isinstance(block, Paragraph):
            left -= len(bare(block.text))
            if left <= 0:
                return False
    return True


def _body(article: Article, sheet: Layout, container: Container, consumed: set[int]) -> None:
    start, end = container.start, container.end
    known = [clean_title(text, site_suffix=source == "html title") for source, text in article.titles]
    body = trim(sheet, start, end, consumed, known)
    read_behind(sheet, range(body.end, end), article.metadata)
    whole = article.whole or is_of_our_field([*known, *article.context], sheet.items[start:end])
    article.blocks = blocks_of(
        list(body.items if whole else narrowed(body.items, {key(text) for text in known if text}))
    )
    article.signature = signature_under(article.blocks)
    article.element = container.element
    article.found_by = container.found_by
    article.untrimmed = blocks_of(sheet.items[start:end])
    if body.title:
        position = next(
            (i for i, (source, _) in enumerate(article.titles) if source in ("html title", "entry")),
            len(article.titles),
        )
        article.titles.insert(position, ("body", body.title))


# ---------------------------------------------------------------- titles and meta tags


def _titles(article: Article, root: HtmlElement, sheet: Layout, start: int) -> None:
    printed = article.metadata.first(Role.TITLE)
    head = root.find(".//title")
    in_head = head.text_content() if head is not None else None
    article.titles = [
        ("metadata", printed),
        ("meta", article.metas.get("articletitle") or article.facts.get("标题")),
        ("headline", _headline(sheet, start, article.metadata.consumed, in_head)),
        ("html title", in_head),
    ]


def _headline(sheet: Layout, start: int, consumed: set[int], in_head: str | None) -> str | None:
    """The headline above (or at the head of) the article: the nearest line that names a report, else a heading.

    Of two headings, the one that opens the title in the page's head: the other may be the article's first subheading.
    """
    opening = key(in_head) if in_head else ""
    best: tuple[int, str] | None = None
    items = sheet.items
    for index in (*_head_of(items, start), *range(min(start, len(items)) - 1, max(-1, start - 40), -1)):
        item = items[index]
        if not isinstance(item, Line) or not 4 <= len(item.text) <= 120 or index in consumed:
            continue
        if item.linked * 2 > len(item.text) or is_tools(item.text):
            continue
        text = _headline_text(items, index)
        named = is_report_title(text) and not re.search("[。；]", text)
        heading = item.level is not None and item.level <= 3
        classed = _titled(item.element)
        if index >= start and not (heading or (named and len(text) <= 60)):
            continue
        score = (4 if named and not is_generic(text) else 0) + (3 if heading else 0) + (1 if classed else 0)
        if heading and opening.startswith(key(text) or "?"):
            score += 2
        if index < start - 15 and not heading and not classed:
            score = 0
        elif score and named and agency_of_title(text):  # of two lines of one title, the whole one
            score += 1
        if score and (best is None or score > best[0]):
            best = (score, text)
    return best[1] if best else None


def _headline_text(items: list[Item], index: int) -> str:
    """The words of a line that may be a headline, with the line before it where a break parts the two."""
    item = items[index]
    if not isinstance(item, Line):
        return ""
    # A byline may stand within the headline's element.
    text = leading_text(item.marked) if pairs(item.marked) else clean_value(without_date(item))
    before = items[index - 1] if index else None
    if (
        isinstance(before, Line)
        and before.element is item.element
        and is_report_title(text)
        and agency_of_title(text) is None
        and len(before.text) <= 40
        and not is_prose(before.text)
        and not is_tools(before.text)
        and not before.linked
        and not pairs(before.marked)
    ):
        return before.text + text
    return text


def _head_of(items: list[Item], start: int) -> list[int]:
    """The items of a container above its running text, the lowest first."""
    head: list[int] = []
    for index in range(start, min(start + 60, len(items))):
        item = items[index]
        if isinstance(item, Line) and item.linked * 2 < len(item.text) and is_prose(item.text):
            break
        head.append(index)
    return head[::-1]


def _titled(element: HtmlElement) -> bool:
    for _ in range(2):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if names.strip() and _TITLE_CLASS.search(names):
            return True
        parent = element.getparent()
        if parent is None:
            return False
        element = parent
    return False


def _metas(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in root.iter("meta"):
        name = (node.get("name") or node.get("property") or "").strip().lower()
        content = clean_title(node.get("content"))  # blanks and unexpanded macros are no values
        if name and content and name not in found:
            found[name] = content
    for node in root.iter("script"):
        if "ld+json" in (node.get("type") or "") and (stated := _LINKED_DATA.search(node.text or "")):
            found.setdefault("datepublished", stated[1])
    times = [node.get("datetime") for node in root.iter("time") if node.get("datetime")]
    if len(times) == 1:  # several belong to the entries of a list
        found.setdefault("datepublished", times[0])
    return found


def _base(root: HtmlElement, url: str) -> str:
    node = root.find(".//base[@href]")
    return join(url, node.get("href", "")) if node is not None else url


# ---------------------------------------------------------------- bodies no reader of the markup sees


def _hidden_body(
    root: HtmlElement, sheet: Layout, container: Container | None, article: Article, page: Page
) -> Layout | None:
    """The article where scripts or escapes hold it, as a layout of its own; ``None`` where the page shows it."""
    seen = sheet.weight(container.start, container.end)[2] if container is not None else 0
    detail = catalogue_detail(root)
    if detail is not None:
        article.facts = _facts(detail)
        content = str(detail["content"])
        inner = _fragment(content, page.url)
        if inner is not None and inner.weight(0, len(inner.items))[0] > seen:
            return inner
        if seen < ENOUGH:
            return inner
    span = sheet.items[container.start : container.end] if container is not None else sheet.items
    for item in span:
        if isinstance(item, Line) and len(item.text) > 120 and "%" in item.text:
            plain = escaped_article(item.text)
            if plain:
                return _fragment(plain, page.url)
    if seen >= ENOUGH:
        return None
    for fragment in injected_articles(root):
        inner = _fragment(fragment, page.url)
        if inner is not None and inner.weight(0, len(inner.items))[2] > max(seen, ENOUGH // 2):
            return inner
    return None


def _fragment(content: str, url: str) -> Layout | None:
    content = unescaped(content)
    root = parse(f"<html><body><div>{content}</div></body></html>")
    return layout(root, url) if root is not None else None


def _facts(detail: Mapping[str, Any]) -> dict[str, str]:
    """What gkmlpt's own record says of a document, under the labels its pages print."""
    names = {"索引号": ("identifier",), "文号": ("document_number",), "发布机构": ("publisher",), "标题": ("title",)}
    found: dict[str, str] = {}
    for label, keys in names.items():
        for name in keys:
            value = clean_title(str(detail.get(name) or ""))
            if value:
                found[label] = value
    for name in ("display_publish_time", "date", "created_at"):
        value = detail.get(name)
        if isinstance(value, int | float) and value > 10**8:
            found["发布日期"] = datetime.fromtimestamp(value, UTC).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
            break
        if isinstance(value, str) and value.strip():
            found["发布日期"] = value.strip()
            break
    return found


# ---------------------------------------------------------------- files


def _relevant(article: Article, sheet: Layout, container: Container, base: str) -> list[files.Link]:
    """Files the report links to: in its container, close behind it, in the metadata block, or under 附件."""
    links = files.file_links(sheet, base)
    if not links:
        return []
    headline = _headline_at(article, sheet, container.start)
    return [link for link in links if link.embedded or _belongs(article, sheet, link, container, headline)]


def _headline_at(article: Article, sheet: Layout, start: int) -> int:
    """The item above an article that prints its title; ``start`` where none does."""
    keys = {key(text) for source, text in article.titles if text and source != "html title"} - {""}
    for index in range(start - 1, max(-1, start - 40), -1):
        item = sheet.items[index]
        if isinstance(item, Line) and not item.linked and key(item.text) in keys:
            return index
    return start


def _belongs(article: Article, sheet: Layout, link: files.Link, container: Container, headline: int) -> bool:
    position = _position(sheet, link.element)
    if container.start <= position < container.end:
        return True
    if container.element is not None and _inside(link.element, container.element):
        return True
    if position >= container.end:
        near = position <= container.end + 20
        return near and (position <= container.end + 3 or _near_label(sheet, position, container.end))
    # Above the article: below its headline or in its metadata block. What stands beside menus is not the report's.
    if _is_report_file(link) or position in article.metadata.consumed:
        return True
    if position > headline:
        return _OFFERED.search(getattr(sheet.items[position], "text", link.name)) is not None
    return headline == container.start and _near_label(sheet, position, max(0, position - 3))


def _position(sheet: Layout, element: HtmlElement) -> int:
    """The item an anchor stands at; for one in a table, the table."""
    node: HtmlElement | None = element
    while node is not None:
        if node in sheet.anchors:
            return sheet.anchors[node]
        if node in sheet.spans:
            return sheet.spans[node][0]
        node = node.getparent()
    return len(sheet.items)


def _inside(element: HtmlElement, container: HtmlElement) -> bool:
    node: HtmlElement | None = element
    while node is not None:
        if node is container:
            return True
        node = node.getparent()
    return False


def _near_label(sheet: Layout, position: int, since: int) -> bool:
    for index in range(max(since, position - 6), min(position + 1, len(sheet.items))):
        item: Item = sheet.items[index]
        if isinstance(item, Line) and re.search(r"附\s*件|下载", item.text[:20]):
            return True
        if isinstance(item, Grid) and any("附件" in cell.text for cell in item.table.cells):
            return True
    return False


def _is_report_file(link: files.Link) -> bool:
    return is_report_title(link.name)


def _merge(first: list[files.Link], second: list[files.Link]) -> list[files.Link]:
    known = {link.url for link in first}
    return first + [link for link in second if link.url not in known]


def renumbered(blocks: tuple[Block, ...], part: int) -> tuple[Block, ...]:
    """The blocks of a further page, their tables' places naming it."""
    return tuple(
        replace(block, place=f"page {part}, {block.place}") if isinstance(block, Table) else block for block in blocks
    )
