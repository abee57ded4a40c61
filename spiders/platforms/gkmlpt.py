"""gkmlpt 政府信息公开目录平台, Guangdong: a tree of categories and a JSON interface.

``<base>/gkmlpt/index`` holds ``window._CONFIG = {SID: '2', TREE: […]}``; a category is a node without ``jump_url``, and
annual reports stand in the one named 政府信息公开年报 or 年度报告. ``/gkmlpt/api/all/<category>?page=1&sid=<SID>``
gives ``{classify: {post_count}, articles: […], total}``. Some portals answer 404 past the end, some (肇庆) from page 2
on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import TextResponse

from crawler.errors import PortalChanged
from crawler.items import Column, Declared, Entry, Fetch, Listing
from spiders.platforms import links, records, scripts, static
from spiders.platforms.addresses import resolve
from spiders.platforms.names import DECOY, label

ANNUAL = re.compile(
    r"(?:信息)?公开(?:工作)?(?:年报|年度报告|年度工作报告|工作年度报告)|^(?:年报|年度报告|历年年报|工作年度报告)$"
)
_CONFIG = re.compile(r"_CONFIG\b")


class Gkmlpt:
    """Guangdong's catalogue platform."""

    name = "gkmlpt"

    def recognise(self, response: TextResponse) -> str | None:
        if "/gkmlpt/" in urlsplit(response.url).path + "/":
            return "/gkmlpt/ in the address"
        if "gkmlpt" in response.text:
            return "gkmlpt"
        return None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        if "/gkmlpt/api/" in response.url or records.is_json(response):
            return _articles(response, column, fetch)
        if not _CONFIG.search(response.text):
            return static.listing(response, column, fetch)
        return _tree(response, column)


def _tree(response: TextResponse, column: Column) -> Listing:
    """The page of the tree: the annual-report category's interface, or a sub-column for each of several."""
    script = scripts.of(links.html_of(response.text))
    sid = scripts.string(script, "SID")
    start = re.search(r"['\"]?TREE['\"]?\s*:\s*(?=\[)", script)
    tree = scripts.literal_at(script, start.end()) if start else None
    if sid is None or not isinstance(tree, list):
        raise PortalChanged(f"no SID or TREE in window._CONFIG at {response.url}")
    base = response.url.partition("/gkmlpt/")[0]
    nodes = list(_chosen(tree, urlsplit(column.url).fragment.strip("/")))
    interfaces = [node for node in nodes if not node.get("jump_url")]
    columns = [_column(node, column, _interface(base, node, sid)) for node in interfaces]
    for node in nodes:
        target = resolve(response.url, str(node["jump_url"])) if node.get("jump_url") else None
        if target is not None:
            columns.append(_column(node, column, target))
    if len(columns) == 1 and interfaces:
        return Listing(more=(Fetch(columns[0].url),))
    return Listing(columns=tuple(columns))


def _interface(base: str, node: Mapping[str, Any], sid: str) -> str:
    return f"{base}/gkmlpt/api/all/{node['id']}?page=1&sid={sid}"


def _column(node: Mapping[str, Any], parent: Column, url: str) -> Column:
    named = label(_name(node))
    return Column(url, named.text, parent.url, named.year or parent.report_year, named.agency or parent.agency)


def _name(node: Mapping[str, Any]) -> str:
    return records.text_of(str(node.get("name") or node.get("title") or ""))


def _chosen(tree: list[Any], wanted: str) -> Iterator[Mapping[str, Any]]:
    """The leaves under the node the column's fragment names (``index#2345``), else under those of annual reports."""
    for node in tree:
        if not isinstance(node, Mapping):
            continue
        children = node.get("children") or []
        chosen = (
            str(node.get("id")) == wanted
            if wanted
            else bool(ANNUAL.search(_name(node)) and not DECOY.search(_name(node)))
        )
        if chosen:
            yield from _leaves(node)
        else:
            yield from _chosen(children, wanted)


def _leaves(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    children = [child for child in node.get("children") or [] if isinstance(child, Mapping)]
    if not children:
        yield node
    for child in children:
        yield from _leaves(child)


def _articles(response: TextResponse, column: Column, fetch: Fetch) -> Listing:
    tree = records.value(response)
    if not isinstance(tree, Mapping) or not isinstance(tree.get("articles"), list):
        raise PortalChanged(f"no articles in the answer of {response.url}")
    found = tuple(entry for article in tree["articles"] if (entry := _entry(article, response.url, column)) is not None)
    total = _total(tree)
    here = len(tree["articles"])
    size = int(fetch.state.get("size", 0)) or here
    pages = -(-total // size) if total is not None and size else None
    declared = Declared(total, pages, size or None) if total is not None else None
    more: tuple[Fetch, ...]
    if pages is None:
        more = (_page(fetch, fetch.page + 1, size),) if here else ()
    else:
        more = tuple(_page(fetch, page, size) for page in range(2, pages + 1)) if fetch.page == 1 else ()
    return Listing(found, (), more, declared)


def _page(fetch: Fetch, page: int, size: int) -> Fetch:
    return Fetch(records.at_page(fetch.url, page), page=page, state={"size": size})


def _total(tree: Mapping[str, Any]) -> int | None:
    classify = tree.get("classify")
    counts = (tree.get("total"), classify.get("post_count") if isinstance(classify, Mapping) else None)
    return next((int(count) for count in counts if count is not None and str(count).isdecimal()), None)


def _entry(article: Mapping[str, Any], base: str, column: Column) -> Entry | None:
    record = dict(records.flat(article))
    if not records.pick(record, records.URLS) and str(record.get("id", "")).isdecimal():
        number = int(record["id"])
        record["url"] = (
            f"{base.partition('/gkmlpt/')[0]}/gkmlpt/content/{number // 10**6}/{number // 1000}/post_{number}.html"
        )
    return records.entry(record, base, column)
