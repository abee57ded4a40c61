"""VSB 博达: static lists counted down from the last page.

``<path>.htm`` is the first page, ``<path>/<N-1>.htm`` the second, ``<path>/1.htm`` the last of N: page k of N is
``<path>/<N+1-k>.htm``, so the addresses of list pages change their meaning whenever N grows. The pager prints
``<span class="p_t">1/11</span>``, its next link stands in ``p_next p_fun``. Articles are ``/info/<column>/<id>.htm``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Column, Declared, Fetch, Listing
from spiders.platforms import links, pager, static

ARTICLE = re.compile(r"/info/\d+/\d+\.htm(?!l)", re.I)
_MARK = re.compile(
    r"v_news_content|\bvsb_content|/_sitegray/|\bp_next p_fun|class=\"p_pages\"|_vsb_?\w*|"
    r"/system/_content/|/system/resource/",
    re.I,
)
_COUNTED = re.compile(r"/(\d+)\.htm$", re.I)


class Vsb:
    """VSB, also known as WebPlus of Boda."""

    name = "vsb"

    def recognise(self, response: TextResponse) -> str | None:
        found = _MARK.search(response.text)
        if found:
            return found[0]
        if ARTICLE.search(urlsplit(response.url).path):
            return "an address like /info/<n>/<n>.htm"
        articles = len(set(re.findall(r"info/\d+/\d+\.htm(?!l)", response.text)))
        return f"{articles} addresses like /info/<n>/<n>.htm" if articles >= 2 else None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        root = links.html_of(response.text)
        found = static.listing(response, column, fetch, root=root)
        if fetch.page != 1:
            return replace(found, more=() if fetch.state.get("counted") else found.more)
        pages = pager.total_pages(found.declared)
        counted = _counted_down(pager.read(root, get_base_url(response), fetch), pages)
        if counted is None:
            return found
        stem, last = counted
        more = tuple(
            Fetch(f"{stem}/{last + 1 - page}.htm", page=page, state={"counted": last}) for page in range(2, last + 1)
        )
        printed = found.declared or Declared()
        return replace(found, more=more, declared=replace(printed, pages=last))


def _counted_down(pages: pager.Pages, total: int | None) -> tuple[str, int] | None:
    """The folder of the further pages and how many pages there are; the second page carries one less than all."""
    second = dict(pages.numbered).get(2) or pages.next
    found = _COUNTED.search(second.url) if second else None
    if second is None or found is None:
        return None
    last = int(found[1]) + 1
    if total is not None and total != last:
        return None
    return second.url[: found.start()], last
