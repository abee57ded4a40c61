"""Pages that depart from what their portals usually print."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO

import pytest

from crawler.errors import Unreadable
from crawler.items import Kind, Page, Reading
from pipelines.reading import EXTRACTOR, read

URL = "http://www.qinghe.gov.cn/zwgk/202101/t20210118_7.html"
TITLE = "青禾县教育局2020年政府信息公开工作年度报告"
TEXT = "本年度继续健全制度，充实目录，按时更新，群众满意度有所提高。"
HEADS = ("一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、存在的主要问题")
LINES = [line for head in HEADS for line in (head, TEXT)]
ARTICLE = "".join(f"<p>{line}</p>" for line in LINES)
BODY = "\n\n".join(LINES)
MENU = "".join(f"<li><a href='/{i}/'>栏目{i}</a></li>" for i in range(12))
FOOTER = "<div>主办：青禾县人民政府 承办：县政府办</div><div>某ICP备09000000号 请使用新版浏览器访问本网站，谢谢。</div>"


def reading(html: str | bytes, parts: list[Page] | None = None, **context: object) -> Reading:
    payload = html if isinstance(html, bytes) else html.encode()
    return read(Page(url=URL, payload=payload, **context), parts or [])  # type: ignore[arg-type]


def docx(*paragraphs: str) -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/></Types>',
        )
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{text}</w:body></w:document>')
    return made.getvalue()


def test_a_container_as_wide_as_the_page_gives_only_the_report() -> None:
    plain = f"<p>{TEXT * 3}</p><p>{TEXT * 2}</p>"
    found = reading(
        f"<div class=content><ul>{MENU}</ul><div>当前位置：<a href=/>首页</a> &gt; 正文</div><h1>{TITLE}</h1>"
        f"<div>发布时间：2021-01-18　来源：县教育局</div>{plain}<p>上一篇：<a href=1>旧</a></p>{FOOTER}</div>"
    )
    assert found.body == f"{TEXT * 3}\n\n{TEXT * 2}"
    assert dict(found.metadata) == {"发布时间": "2021-01-18", "来源": "县教育局"}


def test_a_byline_within_the_headline_is_no_part_of_the_title() -> None:
    found = reading(f"<h1>{TITLE}<span>发布日期：2021-01-18</span></h1><div id=zoom>{ARTICLE}</div>")
    assert (found.title, found.published_on, found.body) == (TITLE, date(2021, 1, 18), BODY)
    block = reading(f"<h1><div>{TITLE}</div><div>索引号：A/2021-1</div></h1><div id=zoom>{ARTICLE}</div>")
    assert (block.title, block.index_number) == (TITLE, "A/2021-1")


def test_the_whole_title_is_taken_where_the_container_prints_it_again_in_two_lines() -> None:
    agency, rest = TITLE[:6], TITLE[6:]
    found = reading(f"<div><p align=center><b>{TITLE}</b></p><p>{agency}</p><p>{rest}</p>{ARTICLE}</div>")
    assert (found.title, found.agency, found.body) == (TITLE, agency, BODY)


def test_a_bare_date_below_the_title_within_the_container_is_the_portals() -> None:
    found = reading(f"<div id=zoom><h1>{TITLE}</h1><p>2021-01-18</p>{ARTICLE}</div>")
    assert (found.published_on, found.body) == (date(2021, 1, 18), BODY)


def test_an_unlabelled_date_in_the_byline_is_the_publication_date() -> None:
    found = reading(f"<div id=zoom><h1>{TITLE}</h1><p>2021-01-18　来源：县教育局</p>{ARTICLE}</div>")
    assert (found.published_on, found.body) == (date(2021, 1, 18), BODY)
    timed = reading(f"<h1>{TITLE}</h1><p>2021-01-18 10:20:30</p><div id=zoom>{ARTICLE}</div>")
    assert timed.published_on == date(2021, 1, 18)


def test_a_title_that_only_a_file_bears() -> None:
    found = reading(f"<h1>2020年度</h1><div id=zoom><p>见附件</p><p><a href=a.pdf>{TITLE}.pdf</a></p></div>")
    assert (found.title, found.kind, found.report_year) == (TITLE, Kind.ANNUAL_REPORT, 2020)


def test_the_text_of_a_stub_is_read_from_its_document() -> None:
    html = f"<h1>{TITLE}</h1><div id=zoom><p>详见附件。</p></div><p>附件：<a href=nb.docx>{TITLE}.docx</a></p>"
    [url] = reading(html).details["needed_documents"]
    part = Page(url=url, payload=docx(TITLE, *LINES, "青禾县教育局", "2021年1月15日"))
    found = reading(html, [part])
    assert (found.body, found.body_source) == (f"{BODY}\n\n青禾县教育局\n\n2021年1月15日", url)
    assert (found.title, found.signed_on, found.extractor) == (TITLE, date(2021, 1, 15), EXTRACTOR)
    assert [section.heading for section in found.sections] == list(HEADS)


def test_a_document_at_the_entrys_own_address_is_a_report() -> None:
    url = "http://www.qinghe.gov.cn/upload/9.docx"
    found = read(
        Page(url=url, payload=docx("青禾县教育局2020年", "政府信息公开工作年度报告", *LINES), entry_title="2020年年报")
    )
    assert (found.title, found.body, found.body_source) == (TITLE, BODY, url)
    assert (found.kind, found.report_year, found.agency) == (Kind.ANNUAL_REPORT, 2020, "青禾县教育局")


def test_a_document_that_is_a_page_costs_a_remark_not_the_report() -> None:
    html = f"<h1>{TITLE}</h1><div id=zoom><p>详见附件。</p></div><p>附件：<a href=nb.pdf>{TITLE}.pdf</a></p>"
    [url] = reading(html).details["needed_documents"]
    fake = reading(html, [Page(url=url, payload=b"<html><body>404 Not Found</body></html>")])
    assert (fake.body, fake.body_source) == ("详见附件。", "page")
    assert "part.not_a_document" in {remark.code for remark in fake.remarks}
    broken = reading(html, [Page(url=url, payload=b"%PDF-1.4 nothing")])
    assert "part.unreadable" in {remark.code for remark in broken.remarks}


def test_bytes_that_are_no_report_at_all_are_unreadable() -> None:
    with pytest.raises(Unreadable):
        reading(bytes(range(1, 9)) * 64)


def test_two_labels_that_disagree_are_remarked() -> None:
    found = reading(
        f"<p>发布日期：2021-01-18</p><h1>{TITLE}</h1><p>发布日期：2021-02-01</p><div id=zoom>{ARTICLE}</div>"
    )
    assert found.published_on == date(2021, 1, 18)
    assert "metadata.repeated" in {remark.code for remark in found.remarks}


def test_a_page_without_html_tags_of_its_own() -> None:
    found = reading(f"<div class='wrap'><h2>{TITLE}</h2><div class=TRS_Editor>{ARTICLE}</div></div>")
    assert (found.title, found.body) == (TITLE, BODY)


def test_utf16_pages_are_pages() -> None:
    html = f"<html><body><h1>{TITLE}</h1><div id=zoom>{ARTICLE}</div></body></html>"
    assert reading(html.encode("utf-16")).body == BODY


def test_a_page_nested_in_a_page_is_read() -> None:
    found = reading(
        f"<html><head><title>{TITLE}_青禾县</title></head><body><!DOCTYPE html><html><head><title>青禾县</title></head><body>"
        f"<ul>{MENU}</ul></body></html><h1>{TITLE}</h1><div id=zoom>{ARTICLE}</div></body></html>"
    )
    assert (found.title, found.body) == (TITLE, BODY)


def test_tables_of_labels_within_the_report_are_the_reports() -> None:
    table = "<table><tr><td>名称</td><td>数量</td></tr><tr><td>规范性文件</td><td>3</td></tr><tr><td>来源</td><td>4</td></tr></table>"
    found = reading(f"<h1>{TITLE}</h1><p>索引号：A/2021-1</p><div id=zoom>{ARTICLE}{table}<p>{TEXT}</p></div>")
    assert dict(found.metadata) == {"索引号": "A/2021-1"}
    assert "| 规范性文件 | 3 |" in (found.body or "")


def test_the_sites_list_of_documents_is_no_metadata() -> None:
    rows = "".join(
        f"<tr><td>A/2020-{i}</td><td><a href=/{i}>文件{i}</a></td><td>2020-01-0{i}</td></tr>" for i in range(1, 6)
    )
    listing = f"<table><tr><th>索引号</th><th>名称</th><th>发布日期</th></tr>{rows}</table>"
    found = reading(f"{listing}<h1>{TITLE}</h1><p>发布机构：县教育局</p><div id=zoom>{ARTICLE}</div>")
    assert dict(found.metadata) == {"发布机构": "县教育局"}


def test_hostile_runs_of_spaces_and_brackets_do_not_hang() -> None:
    noise = "打印 　|【" * 3000
    found = reading(
        f"<h1>{TITLE}</h1><p>来源：县教育局{noise}x</p><p>索引号：{' ' * 20000}A</p><div id=zoom>{ARTICLE}</div>"
    )
    assert found.body == BODY


@pytest.mark.parametrize(
    ("printed", "published", "signed"),
    [
        ("2017128", "2017-12-08", date(2017, 12, 8)),  # the day of publication itself
        ("2021111", "2021-01-18", date(2021, 1, 11)),  # the only day not after it
        ("2017128", "2018-03-01", None),  # both can be: left open
    ],
)
def test_a_damaged_signature_is_settled_by_a_second_witness(printed: str, published: str, signed: date | None) -> None:
    found = reading(
        f"<h1>{TITLE}</h1><p>发布日期：{published}</p><div id=zoom>{ARTICLE}<p>青禾县教育局</p><p>{printed}</p></div>"
    )
    assert found.signed_on == signed
    assert "dates.damaged_signature" in {remark.code for remark in found.remarks}
    assert (found.body or "").endswith(f"青禾县教育局\n\n{printed}")
