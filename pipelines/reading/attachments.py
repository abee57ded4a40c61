"""Files, frames and further pages a page's report consists of."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml.html import HtmlElement

from crawler.items import AttachmentLink
from pipelines.reading.markup import Layout, is_hidden, join

DOCUMENTS = frozenset({"pdf", "doc", "docx", "wps", "wpt", "rtf", "ofd", "odt", "txt", "ceb", "cebx"})
SHEETS = frozenset({"xls", "xlsx", "et", "csv", "ods"})
PICTURES = frozenset({"jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp"})
_ARCHIVES = frozenset({"zip", "rar", "7z", "gz", "tar"})
EXTENSIONS = DOCUMENTS | SHEETS | _ARCHIVES | {"ppt", "pptx", "dps", "gd", "sep"}
_DOWNLOAD = re.compile(
    r"/module/download/down(?:file|load)?\w*\.jsp|/system/_content/download\.jsp|/download/downfile|/downfile\.jsp|downloadattach|download\.do|downloadfile|"
    r"/attachment/\d|/file/download|filedownload|attach(?:ment)?/download|/downloads?/\w+\?|/down(?:load|file)?(?:\.\w{2,4})?\?\w+=|getfile|fileid=|wbfileid=|/openness\w*/download/|/commonfile/download",
    re.I,
)
_PROMISING = re.compile(rf"\.(?:{'|'.join(sorted(EXTENSIONS))})\b|{_DOWNLOAD.pattern}")  # in lower case
_GENERIC_NAME = re.compile(
    r"^\W*(?:点击|请|此处|这里|查看|下载|附件(?:下载)?\d*|原文|全文|文件|文档|预览|打开|download|pdf|word|doc|版本?|\d)+\W*$",
    re.I,
)
_QUOTED = re.compile(r"""['"]([^'"\s]+)['"]""")
_VIEWER = re.compile(r"viewer\.s?html?|pdf\.?js|/web/viewer|officeapps|preview|onlinepreview|pdfview|view\.html", re.I)
_PAGER = re.compile(
    r"createPage(?:HTML)?\s*\(\s*(?P<count>\d{1,3})\s*,\s*(?P<current>\d{1,3})\s*,\s*[\"'](?P<name>[^\"']+)[\"']\s*,\s*[\"'](?P<extension>\w+)[\"']"
)
_PAGE_CONTROL = re.compile(
    r"^[\[【(（第]*\d{1,3}[页\]】)）]*$|^[<>«»‹›]*(?:下一?页|后一?页|尾页|末页|最后一?页)[<>«»‹›]*$"
)
_NEXT_PAGE = re.compile(r"^[<>«»‹›\[【]*(?:下一?页|后一?页)[<>«»‹›\]】]*$")
_NO_CONTENT_FRAME = re.compile(
    r"share|weibo|weather|tianqi|baidu|map\.|analytics|login|search|comment|counter|tongji|bdimg|video|player|ad[sv]?\.",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Link:
    """One file a page links to, and where: the item its anchor stands at."""

    url: str
    name: str
    element: HtmlElement | None = None
    embedded: bool = False


def file_links(page: Layout, base: str) -> list[Link]:
    """Every file linked to or embedded anywhere on the page, in document order."""
    found: list[Link] = []
    seen: set[str] = set()
    for node in page.root.iter("a", "iframe", "embed", "object", "frame"):
        link = _anchor(node, base) if node.tag == "a" else _embedded(node, base)
        if link and link.url not in seen:
            seen.add(link.url)
            found.append(link)
    return found


def frame_urls(root: HtmlElement, base: str, within: Iterable[HtmlElement]) -> tuple[str, ...]:
    """Framed pages (no files) below the given elements: the body may stand there."""
    urls: dict[str, None] = {}
    for element in within:
        for node in element.iter("iframe", "frame"):
            source = (node.get("src") or "").strip()
            if not source or source.startswith(("javascript:", "about:", "data:", "#")) or is_hidden(node):
                continue
            if _tiny(node) or _NO_CONTENT_FRAME.search(source) or _embedded(node, base):
                continue
            url = join(base, source)
            if url.startswith(("http://", "https://")):
                urls[url] = None
    return tuple(urls)


def further_pages(root: HtmlElement, url: str) -> tuple[str, ...]:
    """The pages on which the body goes on (``createPageHTML(3, 0, "t2015_67430", "html")``), this one left out."""
    name = posixpath.basename(urlsplit(url).path)
    stem = re.sub(r"(?:_\d+)?\.\w+$", "", name)
    for script in root.iter("script"):
        text = script.text or ""
        if "createPage" not in text:
            continue
        for match in _PAGER.finditer(text):
            count, current = int(match.group("count")), int(match.group("current"))
            page_name, extension = match.group("name"), match.group("extension")
            if count < 2 or count > 200 or current != 0:
                continue
            if page_name.lower() in ("index", "list") and stem.lower() != page_name.lower():
                continue
            if page_name != stem and not re.match(r"[tc]\d", page_name):
                continue
            return tuple(join(url, f"{page_name}_{number}.{extension}") for number in range(1, count))
    return _linked_pages(root, url, name)


def _linked_pages(root: HtmlElement, url: str, name: str) -> tuple[str, ...]:
    """The same as a row of page numbers: ``<a href="t2015_67430_2.html">2</a>``, beside the page's own name."""
    stem, dot, extension = name.rpartition(".")
    if not dot or re.search(r"(?:^|_)(?:index|list|default)$", stem, re.I):
        return ()
    numbered = re.compile(rf"{re.escape(stem)}_(\d{{1,3}})\.{re.escape(extension)}")
    found: dict[int, str] = {}
    for anchor in root.iter("a"):
        if not _PAGE_CONTROL.match("".join(anchor.text_content().split())):
            continue
        target = join(url, (anchor.get("href") or "").partition("#")[0])
        match = (
            numbered.fullmatch(posixpath.basename(urlsplit(target).path)) if _folder(target) == _folder(url) else None
        )
        if match:
            found[int(match[1])] = target
    if not found or not min(found) <= 2 or max(found) > 200:
        return ()
    return tuple(
        found.get(number) or join(url, f"{stem}_{number}.{extension}") for number in range(min(found), max(found) + 1)
    )


def following_pages(root: HtmlElement, url: str) -> tuple[str, ...]:
    """Where a body goes on after one of its further pages (``t67430_1.html``) that only links to the next: 下一页."""
    name = posixpath.basename(urlsplit(url).path)
    part = re.fullmatch(r"(.+_)(\d{1,3})(\.\w+)", name)
    if part is None:
        return ()
    following = f"{part[1]}{int(part[2]) + 1}{part[3]}"
    for anchor in root.iter("a"):
        if _NEXT_PAGE.match("".join(anchor.text_content().split())):
            target = join(url, (anchor.get("href") or "").partition("#")[0])
            if posixpath.basename(urlsplit(target).path) == following and _folder(target) == _folder(url):
                return (target,)
    return ()


def _folder(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[0]


def extension_of(url: str, name: str = "") -> str | None:
    """The file extension an address or a file name shows, in lower case."""
    for candidate in _names(url, name):
        match = re.search(r"\.([A-Za-z0-9]{1,5})$", candidate.strip())
        if match and match.group(1).lower() in EXTENSIONS:
            return match.group(1).lower()
    return None


def is_picture(url: str) -> bool:
    """Whether an address shows that a picture stands there."""
    return urlsplit(url).path.rpartition(".")[2].lower() in PICTURES


def is_file(reference: str) -> bool:
    """Whether an address shows that a file stands there."""
    return extension_of(reference) is not None or _DOWNLOAD.search(reference) is not None


def as_attachments(links: Iterable[Link]) -> tuple[AttachmentLink, ...]:
    return tuple(AttachmentLink(link.url, link.name) for link in links)


def _names(url: str, name: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    yield unquote(parts.path)
    for key, value in parse_qsl(parts.query, keep_blank_values=False):
        if key.lower() in ("filename", "file", "name", "title", "path", "url", "src", "fname", "filepath"):
            yield unquote(value)
    yield name


def _anchor(node: HtmlElement, base: str) -> Link | None:
    reference = (node.get("href") or "").strip()
    if not reference or reference.startswith(("javascript:", "#", "mailto:", "tel:")):
        reference = (node.get("data-url") or node.get("data-href") or _scripted(node, reference)).strip()
        if not reference:
            return None
    said = node.get("download") or node.text_content()
    named = "://" not in said and extension_of("", said) is not None  # the address may show nothing
    if not named and not _PROMISING.search(reference.lower()):
        return None
    url = join(base, reference)
    if not url.startswith(("http://", "https://")):
        return None
    text = " ".join(node.text_content().split()).strip("\u3000\u00a0 ")
    if not (named or is_file(url)) or re.search(r"\.s?html?$", urlsplit(url).path):
        return None
    return Link(_without_fragment(url), _name(node, url, text), node)


def _scripted(node: HtmlElement, reference: str) -> str:
    """The address of the file that a link's script opens: ``javascript:down('/upload/a.pdf')``."""
    quoted = _QUOTED.findall(f"{reference} {node.get('onclick') or ''}")
    return next((value for value in quoted if extension_of(value)), "")


def _embedded(node: HtmlElement, base: str) -> Link | None:
    source = (node.get("src") or node.get("data") or node.get("data-src") or "").strip()
    if not source or source.startswith(("javascript:", "about:", "data:")):
        return None
    url = join(base, source)
    if not url.startswith(("http://", "https://")):
        return None
    parts = urlsplit(url)
    for key, value in parse_qsl(parts.query):
        if (
            key.lower() in ("file", "url", "src", "path", "pdf", "furl", "pdfurl")
            and extension_of(value)
            and (_VIEWER.search(parts.path) or _VIEWER.search(parts.netloc) or extension_of(parts.path) is None)
            and (target := join(url, value))
        ):
            return Link(target, _file_name(target), node, embedded=True)
    extension = extension_of(parts.path)
    if extension in DOCUMENTS or extension in SHEETS:
        return Link(_without_fragment(url), _file_name(url), node, embedded=True)
    return None


def _name(node: HtmlElement, url: str, text: str) -> str:
    if text and not _GENERIC_NAME.match(text):
        return text
    for attribute in ("title", "otitle", "download", "appendixname", "textvalue", "data-name", "alt"):
        value = (node.get(attribute) or "").strip()
        if value and not _GENERIC_NAME.match(value):
            return value
    named = _file_name(url)
    return text or named if re.fullmatch(r"[PW]0\d+\.\w+|[0-9a-fA-F-]{24,}\.\w+|\d+\.\w+", named) else named or text


def _file_name(url: str) -> str:
    names = [posixpath.basename(candidate) for candidate in _names(url, "")]
    named = [name for name in names if extension_of(name)]
    return named[-1] if named else (names[0] if names else url)


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]


def _tiny(node: HtmlElement) -> bool:
    for attribute in ("width", "height"):
        value = (node.get(attribute) or "").strip().removesuffix("px")
        if value in ("0", "1", "2"):
            return True
    return False
