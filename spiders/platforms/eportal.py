"""Inspur eportal 浪潮: ``/eportal/ui?pageId=…&currentPage=…&moduleId=…``.

The pager's links carry the address of the next list page in a script (``queryArticleByCondition(this, '…')``) or in an
attribute of their own (``tagname``) and print ``1/20``; the first page may stand at a static address.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urljoin

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Column, Declared, Fetch, Listing
from spiders.platforms import links, pager, records, static, totals
from spiders.platforms.addresses import BEFORE

_PAGE = re.compile(rf"""{BEFORE}/eportal/ui\?[^\s"'<>()]{{0,500}}currentPage=\d+[^\s"'<>()]*""")


class Eportal:
    """Inspur eportal."""

    name = "eportal"

    def recognise(self, response: TextResponse) -> str | None:
        for text in (response.url, response.text):
            found = re.search(r"/eportal/(?:ui\?|fileDir/|uiFramework|themes/|static/|component/)", text)
            if found:
                return found[0]
        return None

    def listing(self, response: TextResponse, column: Column, fetch: Fetch) -> Listing:
        root = links.html_of(response.text)
        found = static.listing(response, column, fetch, root=root)
        if fetch.page != 1:
            return replace(found, more=() if fetch.state.get("all") else found.more)
        written = _PAGE.search(response.text)
        printed = found.declared or totals.printed(" ".join(root.xpath("//text()[contains(., '/')]"))[:2000])
        pages = pager.total_pages(printed)
        if written is None or pages is None:
            return found
        address = urljoin(get_base_url(response), written[0].replace("&amp;", "&"))
        more = tuple(
            Fetch(records.at_page(address, page), page=page, state={"all": True}) for page in range(2, pages + 1)
        )
        return replace(found, more=more, declared=Declared(printed.records if printed else None, pages))
