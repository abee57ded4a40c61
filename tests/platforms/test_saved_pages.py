"""The platforms on real saved pages, where the corpus is at hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse, XmlResponse

from crawler.items import Column, Declared, Fetch
from spiders.platforms import by_name, fingerprint

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpus"
JIANGSU = CORPUS / "api" / "jas0no7__local_spider_jason" / "江苏省"
JIANGXI = CORPUS / "list_html" / "jas0no7__local_spider_jason" / "local_crawler" / "debug_page_1.html"
HANDAN = CORPUS / "list_html" / "kevin3691__renmin" / "src" / "main" / "webapp" / "WEB-INF" / "views" / "affairs"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of saved pages is not here")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_saved_answer_of_dataproxy_gives_every_record(number: int) -> None:
    url = "https://gxt.jiangsu.gov.cn/module/web/jpage/dataproxy.jsp"
    body = (JIANGSU / f"page_{number}.xml").read_bytes()
    response = XmlResponse(url, body=body, encoding="utf-8")
    platform, _ = fingerprint(response)
    listing = platform.listing(response, Column(url), Fetch(url, page=number, state={"interface": "dataproxy"}))
    assert platform.name == "hanweb-jpage"
    assert len(listing.entries) == body.count(b"<record>")
    assert all(entry.listed_on and "/art/" in entry.url and "..." not in entry.title for entry in listing.entries)
    assert listing.declared == Declared(756, 31, 25)


def test_a_saved_column_of_the_json_generation_asks_its_interface() -> None:
    url = "https://sthjt.jiangxi.gov.cn/jxssthjt/col/col42150/index.html"
    response = HtmlResponse(url, body=JIANGXI.read_bytes(), encoding="utf-8")
    platform, _ = fingerprint(response)
    listing = platform.listing(response, Column(url), Fetch(url))
    assert platform.name == "hanweb-jpage"
    assert [fetch.url for fetch in listing.more] == ["https://sthjt.jiangxi.gov.cn/queryList"]
    assert b"channelCode%5B%5D=col42150" in listing.more[0].body


def test_a_saved_list_in_a_table_gives_its_row_and_the_pages_of_its_script() -> None:
    url = "http://hdzfxxgk.hd.gov.cn/zfwj/jinqixxgk/index.html"
    response = HtmlResponse(url, body=(HANDAN / "list.jsp").read_bytes(), encoding="utf-8")
    platform, why = fingerprint(response)
    listing = platform.listing(response, Column(url), Fetch(url))
    assert (platform.name, why) == ("trs", "countPage")
    assert [entry.listed_on for entry in listing.entries] == [date(2020, 8, 5)]
    assert listing.entries[0].facts["索引号"] == "000014348/2020-35428"
    assert [fetch.url.rsplit("/", 1)[1] for fetch in listing.more[:2]] == ["index_1.html", "index_2.html"]
    assert listing.declared == Declared(None, 56)


def test_a_saved_guide_page_full_of_menus_has_no_entries() -> None:
    url = "http://hdzfxxgk.hd.gov.cn/zfxxgkzn/"
    response = HtmlResponse(url, body=(HANDAN / "gkzn.jsp").read_bytes(), encoding="utf-8")
    listing = by_name("trs").listing(response, Column(url), Fetch(url))
    assert listing.entries == ()
    assert listing.columns == ()
