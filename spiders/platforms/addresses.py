"""What an address says before it is fetched: an article, a document, a listing; and which addresses lie in a column."""

from __future__ import annotations

import re
from enum import Enum
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from crawler.urls import bare_host, clean, host_of

DOCUMENT = re.compile(r"\.(?:pdf|docx?|wps|xlsx?|et|rtf|odt|ofd|pptx?|zip|rar|7z|txt|ceb)$", re.I)
DOWNLOAD = re.compile(r"/(?:download|downfile|downloadfile)\w*\.(?:jsp|do|aspx?|php)$|/OpennessContent/download/", re.I)

# The beginning of an address as it is written in a page, for a pattern that goes on with what is known of it. Tried once a
# run of such characters: a picture may stand in a page as a run of megabytes.
BEFORE = r"""(?<![^\s"'<>()])[^\s"'<>()]*"""

# One row a dialect: how the families of portal software shape the address of one article.
ARTICLES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"/t\d{8}_\d+(?:_(?:wap|app))?\.s?html?$",  # TRS t20210127_8824013.html
        r"/t\d{5,12}\.s?html?$",  # Guangxi, Jiangxi: t803352.shtml
        r"/art/(?:\d{4}/(?:\d{1,2}/\d{1,2}/)?)?art_[\w-]+\.html?$",  # Hanweb
        r"/col/[\w-]+/art/[\w/-]+\.html?$",
        r"/\d{4}-\d{2}/\d{2}/(?:content|c)_\d+\.s?html?$",
        r"/\d{8}/[0-9a-f]{16,}/c\.html$",
        r"/\d{4}/\d{2}/\d{2}/ARTI\w+\.shtml$",
        r"/(?:\d{12,}|[0-9a-f]{32})/index\.s?html?$",  # Liaoning, Tongzhou
        r"/\d{6}/[0-9a-f]{32}\.s?html?$",  # Hainan, Xinjiang
        r"/\d{4}/\d{1,2}/\d{1,2}/[0-9a-f]{32}\.s?html?$",  # Sichuan
        r"/\d{8}/[0-9a-f]{32}\.s?html?$",  # Shanghai
        r"/columns/[0-9a-f-]{36}/\d{6}/\d{2}/[0-9a-f-]{36}\.html$",  # Hebei
        r"/pnidpv\d+\.html$",
        r"/c\d+/content\.s?html?$",
        r"/content/(?:\d+/){0,3}(?:post|mpost)_\d+\.html$",  # gkmlpt and Guangdong
        r"/post_\d+\.html$",
        r"/\d{6}/c\d{2}_\d+\.s?html?$",  # UCAP
        r"/\d{4}-\d{1,2}-\d{1,2}/\w+\.s?html?$",
        r"/\d{8}/(?=\w*\d)\w+\.s?html?$",
        r"/\d{4}/\d{2}-?\d{2}/\w+\.s?html?$",
        r"/\d{6}/(?=\w*\d)[\w-]+\.s?html?$",  # Tongzhou c109616/202009/1314808.shtml
        r"/doc_[0-9a-f]{24}\.html$",  # gongkai
        r"/info/\d+/\d+\.htm$",  # VSB
        r"/content_\d+\.s?html?$",
        r"/Contents?-\d+\.html$",
        r"/contents/\d+/\d+\.html$",
        r"/public/\d+/\d+\.html$",  # LonSun
        r"/content/article/\d+\.?\w*$",
        r"/OpennessContent/show/\d+\.html$",
        r"/UserData/DocHtml/[\w/]+\.html$",
        r"/info/\d{4}-\d+\.s?html?$",
        r"/\d{4}/\d{1,2}/\d{1,2}/[\w-]+\.s?html?$",
        r"/\d{15,}\.s?html?$",
        r"/[0-9a-f]{32}\.s?html?$",
        r"/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.s?html?$",
        r"/i\d{5,}\.s?html?$",
        r"/\d{3,}/\d{4,}/\d{4,}\.s?html?$",  # Sanmenxia
        r"/\d{5,14}\.s?html?$",
        r"/publicInfo/detail$",
        r"/(?:article|news|view|detail|content|show|info)[_-]?\d{2,}\.(?:s?html?|jsp|aspx?|php)$",
        r"/(?:article|news|view|detail|details|content|show|info|art)/\d+(?:\.s?html?)?$",
    )
)
ARTICLE_SCRIPT = re.compile(
    r"/\w*(?:show|detail|details|view|content|article|news_?info|zwinfo|read)\w*\.(?:php|jsp|do|aspx?|jhtml)$", re.I
)
LIST_PAGE = re.compile(
    r"/(?:index|default|list|\w*list|common_\w+|column|channel)(?:_?\d{1,4})?\.(?:s?html?|jsp|aspx?|php|jhtml)$"
    r"|/col/[\w-]+/?$|/channel_[\w.]+/?$",
    re.I,
)
# Slugs of annual-report columns, measured on the registry's entry points.
ANNUAL_SLUG = re.compile(
    r"(?:^|[/_=\-])(?:[a-z]*(?:xxgk|gk|zw)[a-z]*(?:nb|ndbg|ndgb|gzbg|nianbao|ndbb)[a-z]*|nb|ndbg|ndgb|nianbao|bmnb|xzjd|"
    r"gknb\d*|\d{4}_?n(?:d|b)?[a-z]*|nb_?\d{4}|xxgkndbg|annual\w*)(?=[/_.?&\d\-]|$)",
    re.I,
)
_QUOTED = re.compile(
    r"""(['"])((?:https?:|//|/|\./|\.\./|\?)[^'"\s]*|[^'"\s()]+\.(?:s?html?|jsp|do|aspx?|php|jhtml|pdf|docx?|wps|xlsx?|zip|rar)(?:\?[^'"]*)?)\1""",
    re.I,
)


class Shape(Enum):
    """What kind of thing an address looks like."""

    ARTICLE = "article"
    DOCUMENT = "document"
    LISTING = "listing"
    UNKNOWN = "unknown"


def shape(url: str) -> Shape:
    """What the address itself says it is."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if DOCUMENT.search(path) or DOWNLOAD.search(path):
        return Shape.DOCUMENT
    if any(pattern.search(path) for pattern in ARTICLES):
        return Shape.ARTICLE
    if parts.query and (ARTICLE_SCRIPT.search(path) or re.search(r"(?:^|&)articleKey=\d", parts.query)):
        return Shape.ARTICLE
    if re.search(r"/\d{5,9}/index\.s?html?$", path):
        return Shape.UNKNOWN  # an article in Daxing and Pinggu, a column elsewhere
    if path.endswith("/") or LIST_PAGE.search(path) or ("." not in path.rsplit("/", 1)[-1] and not parts.query):
        return Shape.LISTING
    return Shape.UNKNOWN


def resolve(base: str, href: str | None, *scripts: str | None) -> str | None:
    """The http(s) address behind a link: its ``href``, or the one a plain script beside it opens; else ``None``."""
    target = re.sub(r"[\t\r\n]", "", href or "").strip()
    if target.lower().startswith("javascript:"):
        target = _script_address(target) or ""
    if not target or target.startswith("#"):
        target = next((found for script in scripts if script and (found := _script_address(script))), "")
    if not target or target.startswith("#"):
        return None
    try:
        return clean(urljoin(base, target.replace("\\", "/")))
    except ValueError:
        return None


def _script_address(script: str) -> str | None:
    found = _QUOTED.search(script)
    return found[2] if found else None


def same_site(url: str, other: str) -> bool:
    """Both on one host, ``www.`` aside."""
    return bare_host(host_of(url)) == bare_host(host_of(other))


def area(column_url: str) -> str:
    """The folder a column lives in; the column's own stem where the page is no index page (``zfxxgknb.htm``)."""
    path = unquote(urlsplit(column_url).path) or "/"
    folder, _, name = path.rpartition("/")
    stem = re.match(r"([A-Za-z][\w-]*)\.html?$", name)
    if stem and not LIST_PAGE.search(path) and not name.lower().startswith(("index", "default")):
        return f"{folder}/{stem[1]}/"
    return folder + "/"


def deeper(url: str, column_url: str) -> bool:
    """Whether an address lies inside a column's own area, below the column itself."""
    inside, own = unquote(urlsplit(url).path), area(column_url)
    return same_site(url, column_url) and own != "/" and inside.startswith(own) and inside != own


def below_its_page(url: str, column_url: str) -> bool:
    """Whether an address lies in the folder called as the column's own page is: ``ndbg/2021.htm`` below ``ndbg.htm``."""
    folder = (unquote(urlsplit(column_url).path) or "/").rpartition("/")[0] + "/"
    return area(column_url) != folder and deeper(url, column_url)


def same_page(url: str, column_url: str) -> bool:
    """Same path, another query: the column's own script asked for something else."""
    mine, other = urlsplit(column_url), urlsplit(url)
    return same_site(url, column_url) and mine.path == other.path and mine.query != other.query


def mould(url: str) -> str:
    """The address with every number and hexadecimal id blotted out: siblings of one menu share it."""
    parts = urlsplit(url)
    names = "&".join(sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))
    path = re.sub(r"[0-9a-f]{16,}", "#", unquote(parts.path), flags=re.I)
    return f"{bare_host(host_of(url))}{re.sub(r'[0-9]+', '#', path)}?{names}"


def annual(url: str) -> bool:
    """Whether the address carries a slug annual-report columns are known by (``zfxxgknb``, ``ndbg``, ``2021n``)."""
    parts = urlsplit(url)
    return bool(ANNUAL_SLUG.search(unquote(parts.path)))


def one_number_apart(one: str, other: str) -> tuple[str, int, int, str] | None:
    """Two addresses that differ in one number only: what stands before it, both numbers, what stands after it."""
    mine, theirs = re.split(r"(\d+)", one), re.split(r"(\d+)", other)
    if len(mine) != len(theirs):
        return None
    apart = [index for index, (left, right) in enumerate(zip(mine, theirs, strict=True)) if left != right]
    if len(apart) != 1 or apart[0] % 2 == 0:
        return None
    index = apart[0]
    return "".join(mine[:index]), int(mine[index]), int(theirs[index]), "".join(mine[index + 1 :])
