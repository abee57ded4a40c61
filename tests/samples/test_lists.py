# ruff: noqa: E501 - addresses as the families print them
"""Every portal can be found from its home page and lists every report, asked as its family is asked (domain §4)."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import quote, urljoin, urlsplit

import lxml.html
import pytest

from crawler.samples import SampleSite
from crawler.samples.catalogue import GROUPS

from .conftest import Fetch


def links(html: str, base: str) -> list[str]:
    return [urljoin(base, href) for href in lxml.html.fromstring(html).xpath("//a/@href")]


def wanted(site: SampleSite, key: str) -> set[str]:
    portal = site.portal(key)
    return {portal.base + path for report in portal.listed() for path in (report.path, *report.copies)}


def found(site: SampleSite, key: str, pages: list[tuple[str, str]]) -> set[str]:
    return {link for url, html in pages for link in links(html, url)} & wanted(site, key)


@pytest.mark.parametrize("key", [kind.key for group in ("core", "families") for kind in GROUPS[group]])
def test_the_columns_can_be_found_from_the_home_page(site: SampleSite, fetch: Fetch, key: str) -> None:
    portal = site.portal(key)
    pages = [portal.home]
    for url in [portal.home, *links(fetch(portal.home).text, portal.home)]:
        answer = fetch(url)
        if answer.status == 200:
            pages += [url, *links(answer.text, url)]
    direct = [column for column in portal.columns if column in pages]
    assert direct == portal.columns


def test_jpage_windows_hold_every_record(site: SampleSite, fetch: Fetch) -> None:
    base, url = site.portal("lanxi").base, site.portal("lanxi").columns[0]
    page = fetch(url).text
    total = int(re.findall(r"totalRecord:(\d+)", page)[0])
    per_page = int(re.findall(r"perPage:(\d+)", page)[0])
    unit, column = re.findall(r"unitid:'(\d+)'", page)[0], re.findall(r"columnid:(\d+)", page)[0]
    windows = []
    for start in range(1, total + 1, per_page * 3):
        query = f"startrecord={start}&endrecord={start + per_page * 3 - 1}&perpage={per_page}&col=1&appid=1&webid=3518&columnid={column}&unitid={unit}"
        got, posted = (
            fetch(f"{base}/module/web/jpage/dataproxy.jsp?{query}"),
            fetch(f"{base}/module/web/jpage/dataproxy.jsp", method="POST", body=query.encode()),
        )
        assert got.body == posted.body
        assert got.text.startswith(f"<datastore><totalrecord>{total}</totalrecord>")
        windows += re.findall(r'href="(/art/[^"]+)"', got.text)
    assert len(windows) == total
    assert {base + path for path in windows} == wanted(site, "lanxi")
    assert re.findall(r'href="(/art/[^"]+)"', page) == windows[: per_page * 3]
    assert re.search(r"<span>\d{4}-\d\d-\n\d\d</span>", page)
    assert fetch(f"{base}/module/web/jpage/dataproxy.jsp?columnid=9&unitid=9").body == b"<datastore></datastore>"


@pytest.mark.parametrize("key", ["linyuan", "beiling", "lanxi-scjg", "aspx", "vsb"])
def test_following_the_links_reaches_every_report(site: SampleSite, fetch: Fetch, key: str) -> None:
    portal, seen, pages = site.portal(key), set(), []
    queue = list(portal.columns)
    while queue:
        url = queue.pop()
        answer = fetch(url)
        if url in seen or answer.status != 200:
            continue
        seen.add(url)
        pages.append((url, answer.text))
        lists = lxml.html.fromstring(answer.text).xpath(
            "//a[contains(., '下') and contains(., '页')]/@href | //ul[@class='unit-list']//@href"
        )
        queue += [urljoin(url, href) for href in lists]
    assert found(site, key, pages) == wanted(site, key)
    assert len(pages) > (1 if key != "lanxi-scjg" else 0)


def test_the_trs_city_lists_by_year_and_department_and_counts_its_pages(site: SampleSite, fetch: Fetch) -> None:
    root = site.portal("yuanning").columns[0]
    folders = [link for link in links(fetch(root).text, root) if link.startswith(root) and link != root]
    assert len(folders) == 7
    by_folder = {}
    for folder in folders:
        folder = folder.removesuffix("index.html")
        first = fetch(folder).text
        count = int(re.findall(r"createPageHTML\((\d+),", first)[0])
        pages = [(folder, first)] + [(folder, fetch(f"{folder}index_{n}.html").text) for n in range(1, count)]
        assert fetch(f"{folder}index_{count}.html").status == 404
        by_folder[folder] = found(site, "yuanning", pages)
    assert set().union(*by_folder.values()) == wanted(site, "yuanning")
    twice = site.portal("yuanning").report("yuanning-scjg-2021")
    assert [
        sum(site.portal("yuanning").base + path in urls for urls in by_folder.values())
        for path in (twice.path, *twice.copies)
    ] == [1, 1]
    once = site.portal("yuanning").base + site.portal("yuanning").report("yuanning-czj-2021").path
    assert sum(once in urls for urls in by_folder.values()) == 2


def test_jpaas_answers_html_inside_json(site: SampleSite, fetch: Fetch) -> None:
    base, url = site.portal("jpaas").base, site.portal("jpaas").columns[0]
    column = lxml.html.fromstring(fetch(url).text)
    script = column.xpath("//script[@url]")[0]
    query = json.loads(script.get("querydata").replace("'", '"'))
    entries = []
    for page in (1, 2, 3):
        parameters = {**query, "paramJson": json.dumps({"pageNo": page, "pageSize": 3})}
        asked = "&".join(f"{name}={quote(value)}" for name, value in parameters.items())
        html = json.loads(fetch(f"{base}{script.get('url')}?{asked}").text)["data"]["html"]
        assert 'count="8"' in html
        entries += links(html, url)
    assert set(entries) == wanted(site, "jpaas")
    assert not json.loads(fetch(f"{base}{script.get('url')}?webId=1").text)["success"]


def test_the_hanweb_disclosure_module_lists_by_table_and_by_year(site: SampleSite, fetch: Fetch) -> None:
    base, (column, years) = site.portal("xxgk").base, site.portal("xxgk").columns
    call = unescape(re.findall(r"loadDynamic\('([^']+)'", fetch(column).text)[0])
    rows = []
    for page in (1, 2):
        rows += lxml.html.fromstring(fetch(base + call.replace("currpage=1", f"currpage={page}")).text).xpath(
            "//tr[starts-with(@class, 'tr_main_value_')]//a"
        )
    assert all(row.get("mc") and row.get("rq") for row in rows)
    assert all(row.get("wh") is not None and row.get("syh") is not None for row in rows)
    menu = [link for link in links(fetch(years).text, years) if "fbtime=" in link]
    assert len(menu) == 3
    assert years in menu
    assert {row.get("href") for row in rows} | set(menu) == wanted(site, "xxgk")


def test_gkmlpt_lists_through_its_tree_and_interface(site: SampleSite, fetch: Fetch) -> None:
    base, url = site.portal("gkmlpt").base, site.portal("gkmlpt").columns[0]
    config = fetch(url).text
    sid = re.findall(r"SID: '(\d+)'", config)[0]
    category = re.findall(r'"id": (\d+), "name": "本级政府信息公开年报"', config)[0]
    articles = []
    for page in (1, 2, 3):
        answer = json.loads(fetch(f"{base}/gkmlpt/api/all/{category}?page={page}&sid={sid}").text)
        assert answer["classify"]["post_count"] == 8
        articles += answer["articles"]
    assert fetch(f"{base}/gkmlpt/api/all/{category}?page=4&sid={sid}").status == 404
    assert {article["url"] for article in articles} == wanted(site, "gkmlpt")
    assert any(article["title"].startswith("%u") for article in articles)
    detail = fetch(articles[0]["url"]).text
    content = json.loads(re.findall(r"_CONFIG\.DETAIL = (\{.*\});</script>", detail)[0])["content"]
    assert "总体情况" in content
    assert r"\u003Cp" in detail


def test_ucap_and_igs_answer_json_with_their_totals(site: SampleSite, fetch: Fetch) -> None:
    base, column = site.portal("ucap").base, fetch(site.portal("ucap").columns[0]).text
    asked = re.findall(r'searchUrl = "([^"]+)"', column)[0]
    results = []
    for page in (1, 2, 3):
        data = json.loads(fetch(base + asked.replace("page=1", f"page={page}")).text)["data"]
        assert data["total"] == 8
        results += data["results"]
    assert {urljoin(base, result["url"]) for result in results} == wanted(site, "ucap")
    keys = {pair["key"]: pair["value"] for pair in results[0]["domainMetaList"][0]["resultList"]}
    assert keys["refno"] == "null"
    assert keys["indexnumber"]

    base, column = site.portal("igs").base, fetch(site.portal("igs").columns[0]).text
    asked = re.findall(r'listUrl = "([^"]+)"', column)[0]
    content = []
    for page in (1, 2, 3):
        answer = json.loads(fetch(base + asked.replace("pageNumber=1", f"pageNumber={page}")).text)["page"]
        assert (answer["total"], answer["totalPages"]) == (8, 3)
        content += answer["content"]
    assert {document["DOCPUBURL"] for document in content} == wanted(site, "igs")


def test_lonsun_lists_units_and_their_years(site: SampleSite, fetch: Fetch) -> None:
    base, root = site.portal("lonsun").base, site.portal("lonsun").columns[0]
    units = [link for link in links(fetch(root).text, root) if "type=3" in link]
    assert len(units) == 2
    pages = []
    first = fetch(units[0]).text
    assert "pageCount:2" in first
    for page in (1, 2):
        query = f"IsAjax=1&dataType=html&labelName=publicInfoList&siteId=6795621&organId=7702315&type=3&pageSize=3&pageIndex={page}&action=list"
        pages.append((root, fetch(f"{base}/site/label/8888?{query}").text))
    years = lxml.html.fromstring(fetch(units[1]).text).xpath("//ul[@id='timeFrame']//a")
    assert [year.text for year in years] == ["2022年", "2021年", "2019年"]
    pages += [(base + year.get("href"), fetch(base + year.get("href")).text) for year in years]
    assert found(site, "lonsun", pages) == wanted(site, "lonsun")


def test_eportal_names_its_module_and_pages(site: SampleSite, fetch: Fetch) -> None:
    url = site.portal("eportal").columns[0]
    hidden = lxml.html.fromstring(fetch(url).text).xpath("//input[@name='article_paging_list_hidden']")[0]
    pages = []
    for page in range(1, int(hidden.get("totalpage")) + 1):
        asked = f"{url}&currentPage={page}&moduleId={hidden.get('moduleid')}&staticRequest=yes"
        pages.append((asked, fetch(asked).text))
    assert found(site, "eportal", pages) == wanted(site, "eportal")


def test_vsb_counts_down(site: SampleSite, fetch: Fetch) -> None:
    url = site.portal("vsb").columns[0]
    assert re.findall(r'p_next p_fun"><a href="([^"]+)"', fetch(url).text) == ["gknb/2.htm"]
    assert re.findall(r'p_next p_fun"><a href="([^"]+)"', fetch(urljoin(url, "gknb/2.htm")).text) == ["1.htm"]
    assert "p_next_d" in fetch(urljoin(url, "gknb/1.htm")).text
    assert fetch(urljoin(url, "gknb/3.htm")).status == 404


def test_trs_lists_count_by_call_and_by_variable(site: SampleSite, fetch: Fetch) -> None:
    called, counted = site.portal("trs-lists").columns
    count = int(re.findall(r'createPageHTML\((\d+), 0, "list"', fetch(called).text)[0])
    pages = [(called, fetch(called).text)] + [
        (called, fetch(urljoin(called, f"list_{n}.html")).text) for n in range(1, count)
    ]
    count = int(re.findall(r"var countPage = (\d+)", fetch(counted).text)[0])
    pages += [(counted, fetch(counted).text)] + [
        (counted, fetch(urljoin(counted, f"index_{n}.html")).text) for n in range(1, count)
    ]
    assert found(site, "trs-lists", pages) == wanted(site, "trs-lists")


def test_no_portal_leads_off_itself(site: SampleSite, fetch: Fetch) -> None:
    for portal in site.portals:
        for column in portal.columns:
            assert {urlsplit(link).netloc for link in links(fetch(column).text, column) if link.startswith("http")} == {
                urlsplit(portal.base).netloc
            }
