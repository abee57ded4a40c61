"""A report that is a picture in its page, and documents that web pages stand in for."""

from __future__ import annotations

from crawler.items import Page
from pipelines.reading import read

URL = "http://www.qinghe.gov.cn/zfxxgk/nb/t20240115_1.html"
TITLE = "青禾县水利局2023年政府信息公开工作年度报告"
TEXT = "一、总体情况。本局全年主动公开信息三百一十二条，均在县政府网站发布，回应了灌区农户对水费标准的询问。" * 9


def page(inside: str) -> Page:
    return Page(
        url=URL,
        payload=f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>"
        f"<div class='TRS_Editor'>{inside}</div></body></html>".encode(),
    )


def test_pictures_instead_of_a_text_are_files_of_the_report() -> None:
    reading = read(page("<p><img src='./P1.jpg'></p><p><img src='./P2.PNG'></p><p><img src='/count.aspx?id=3'></p>"))
    assert [link.url.rpartition("/")[2] for link in reading.attachments] == ["P1.jpg", "P2.PNG"]
    assert [url.rpartition("/")[2] for url in reading.details["needed_documents"]] == ["P1.jpg", "P2.PNG"]


def test_a_document_is_needed_before_a_picture() -> None:
    reading = read(page("<p><img src='./P1.jpg'></p><p><a href='./nb.pdf'>年度报告</a></p>"))
    assert [url.rpartition("/")[2] for url in reading.details["needed_documents"]] == ["nb.pdf", "P1.jpg"]


def test_a_picture_in_a_text_is_no_file() -> None:
    reading = read(page(f"<p>{TEXT}</p><p><img src='./P1.jpg'></p>"))
    assert reading.attachments == ()


WORD = (
    "<html xmlns:o='urn:schemas-microsoft-com:office:office' xmlns:w='urn:schemas-microsoft-com:office:word'>"
    "<head><meta name=ProgId content=Word.Document><meta charset=utf-8></head><body>"
    f"<p class=MsoNormal>{TITLE}</p><p class=MsoNormal>{TEXT}</p></body></html>"
).encode()


def test_a_web_page_that_word_saved_under_a_documents_name_is_the_document() -> None:
    stub = page("<p><a href='./nb.doc'>青禾县水利局2023年政府信息公开工作年度报告</a></p>")
    url = stub.url.rpartition("/")[0] + "/nb.doc"
    reading = read(stub, [Page(url=url, payload=WORD)])
    assert reading.body is not None
    assert "灌区农户" in reading.body
    assert reading.body_source == url


def test_any_other_page_under_a_documents_name_is_not_read() -> None:
    stub = page("<p><a href='./nb.doc'>青禾县水利局2023年政府信息公开工作年度报告</a></p>")
    url = stub.url.rpartition("/")[0] + "/nb.doc"
    reading = read(stub, [Page(url=url, payload=f"<html><body><p>{TEXT}</p></body></html>".encode())])
    assert "灌区农户" not in (reading.body or "")
    assert "part.not_a_document" in {remark.code for remark in reading.remarks}
