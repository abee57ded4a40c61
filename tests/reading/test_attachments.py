"""Files, frames and further pages of a report."""

from __future__ import annotations

import pytest

from crawler.items import Page, Reading
from pipelines.reading import read

URL = "http://www.qinghe.gov.cn/zwgk/202101/t20210118_7.html"
TITLE = "青禾县教育局2020年政府信息公开工作年度报告"
TEXT = "本年度继续健全制度，充实目录，按时更新，群众满意度有所提高。" * 8


def reading(html: str, parts: list[Page] | None = None, url: str = URL) -> Reading:
    return read(Page(url=url, payload=f"<html><body><h1>{TITLE}</h1>{html}</body></html>".encode()), parts or [])


def links(found: Reading) -> list[tuple[str, str]]:
    return [(link.url.removeprefix("http://www.qinghe.gov.cn"), link.name) for link in found.attachments]


@pytest.mark.parametrize(
    ("anchor", "url", "name"),
    [
        (
            "<a href='./P020210118123456789012.pdf'>年报全文.pdf</a>",
            "/zwgk/202101/P020210118123456789012.pdf",
            "年报全文.pdf",
        ),
        ("<a href='W020210118.xls' title='统计表.xls'>下载</a>", "/zwgk/202101/W020210118.xls", "统计表.xls"),
        (
            "<a href='/module/download/downfile.jsp?classid=0&filename=a1b2.doc'>附件1：统计表</a>",
            "/module/download/downfile.jsp?classid=0&filename=a1b2.doc",
            "附件1：统计表",
        ),
        (
            "<a href='/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=2'>统计表.wps</a>",
            "/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=2",
            "统计表.wps",
        ),
        ("<a href='/download?id=77'>年报附表</a>", "/download?id=77", "年报附表"),
        ("<a href='/servlet/out?no=5'>年报附表.xlsx</a>", "/servlet/out?no=5", "年报附表.xlsx"),
        ("<a href='javascript:;' onclick=\"down('/f/a.pdf')\">年报附表</a>", "/f/a.pdf", "年报附表"),
        ("<a href=\"javascript:openFile('/f/b.doc','x')\">年报附表</a>", "/f/b.doc", "年报附表"),
        ("<a href='/a/b.ofd'><img src=/icon/ofd.png> </a>", "/a/b.ofd", "b.ofd"),
        ("<iframe src='/pdf/web/viewer.html?file=%2Fupload%2Fnb.pdf'></iframe>", "/upload/nb.pdf", "nb.pdf"),
        ("<embed src='/upload/nb.pdf#page=1' type='application/pdf'>", "/upload/nb.pdf", "nb.pdf"),
        ("<object data='/upload/nb.pdf'></object>", "/upload/nb.pdf", "nb.pdf"),
    ],
)
def test_files_in_every_form(anchor: str, url: str, name: str) -> None:
    assert links(reading(f"<div id=zoom><p>{TEXT}</p><p>{anchor}</p></div>")) == [(url, name)]


def test_files_below_the_article_belong_to_it_and_those_of_the_frame_do_not() -> None:
    found = reading(
        f"<div class=nav><a href='/help.pdf'>使用帮助</a></div><div id=zoom><p>{TEXT}</p></div>"
        "<div class=fj><span>附件：</span><a href='1.docx'>1.docx</a><a href='2.zip'>2.zip</a></div>"
        + "<p>版权所有</p>" * 30
        + "<a href='/privacy.pdf'>隐私声明</a>"
    )
    assert links(found) == [("/zwgk/202101/1.docx", "1.docx"), ("/zwgk/202101/2.zip", "2.zip")]


@pytest.mark.parametrize("host", ["[填写网址]", "[::1", "www.qinghe.gov.cn:端口", "www.qinghe.gov.cn:99999", "a℀b.cn"])
@pytest.mark.parametrize(
    "element",
    ["<a href='http://{}/1.pdf'>1.pdf</a>", "<a href='http://{}/t20210118_7_2.html'>2</a>", "<img src='http://{}/1.png'>",
     "<iframe src='http://{}/1.html'></iframe>", "<embed src='http://{}/1.pdf'>", "<base href='http://{}/'>",
     "<iframe src='/viewer.html?file=http://{}/1.pdf'></iframe>"],
)  # fmt: skip
def test_an_address_that_leads_nowhere_costs_nothing_but_itself(element: str, host: str) -> None:
    found = reading(
        f"{element.format(host)}<div id=zoom><p>{TEXT}{element.format(host)}</p><a href=2.doc>2.doc</a></div>"
    )
    assert TEXT in (found.body or "")
    assert links(found) == [("/zwgk/202101/2.doc", "2.doc")]
    assert found.details.get("frames", ()) == ()


def test_pages_mail_and_scripts_are_no_files() -> None:
    found = reading(
        f"<div id=zoom><p>{TEXT}<a href='a.html'>页</a><a href='javascript:x.pdf'>x</a><a href='mailto:a@b.pdf'>m</a>"
        "<a href='/go?to=1'>http://a.cn/b.pdf</a></p></div>"
    )
    assert found.attachments == ()


def test_a_stub_names_the_document_its_text_stands_in() -> None:
    found = reading(
        f"<div id=zoom><p>详见附件。</p></div><p>附件：<a href=tj.xls>统计表.xls</a> <a href=nb.pdf>{TITLE}.pdf</a></p>"
    )
    assert [url.rsplit("/", 1)[-1] for url in found.details["needed_documents"]] == ["nb.pdf", "tj.xls"]
    whole = reading(f"<div id=zoom><p>{TEXT}</p></div><p>附件：<a href=nb.pdf>{TITLE}.pdf</a></p>")
    assert "needed_documents" not in whole.details


def test_a_body_over_several_pages_is_joined_in_order() -> None:
    script = '<script>createPageHTML(3, 0, "t20210118_7", "html");</script>'
    first = f"<div class=TRS_Editor><p>一、总体情况</p><p>{TEXT}</p></div>{script}"
    urls = [URL.replace(".html", f"_{number}.html") for number in (1, 2)]
    assert reading(first).further_pages == tuple(urls)
    parts = [
        Page(url=url, payload=f"<h1>{TITLE}</h1><div class=TRS_Editor><p>{head}</p><p>{TEXT}</p></div>".encode())
        for url, head in zip(urls, ("二、主动公开政府信息情况", "三、其他"), strict=True)
    ]
    whole = reading(first, list(reversed(parts)))
    assert whole.body == f"一、总体情况\n\n{TEXT}\n\n二、主动公开政府信息情况\n\n{TEXT}\n\n三、其他\n\n{TEXT}"
    assert whole.body_source == "page"


def test_a_further_page_names_the_one_after_it() -> None:
    pages = [URL, *(URL.replace(".html", f"_{number}.html") for number in (1, 2))]
    html = [
        f"<h1>{TITLE}</h1><div class=TRS_Editor><p>{head}</p><p>{TEXT}</p></div><a href='{following}'>下一页</a>"
        for head, following in zip(("一、", "二、", "三、"), (*pages[1:], pages[0]), strict=True)
    ]
    parts = [Page(url=url, payload=text.encode()) for url, text in zip(pages[1:], html[1:], strict=True)]
    assert reading(html[0]).further_pages == (pages[1],)
    assert reading(html[0], parts[:1]).further_pages == (pages[1], pages[2])
    whole = reading(html[0], parts)
    assert whole.further_pages == (pages[1], pages[2])
    assert [whole.body.find(head) >= 0 for head in ("一、", "二、", "三、")] == [True] * 3


def test_a_pager_of_the_list_is_none_of_the_body() -> None:
    assert (
        reading(
            f"<div id=zoom><p>{TEXT}</p></div><script>createPageHTML(9, 0, 'index', 'html');</script>"
        ).further_pages
        == ()
    )
    assert (
        reading(
            f"<div id=zoom><p>{TEXT}</p></div><script>createPageHTML(1, 0, 't20210118_7', 'html');</script>"
        ).further_pages
        == ()
    )


def test_a_body_in_a_frame_is_read_from_there() -> None:
    html = "<div id=zoom><iframe src='/inner/9.html' width=100%></iframe></div><iframe src='//hm.baidu.com/x'></iframe>"
    found = reading(html)
    assert found.frames == ("http://www.qinghe.gov.cn/inner/9.html",)
    inner = Page(
        url=found.frames[0], payload=f"<p>索引号：003110926/2021-00001</p><div id=zoom><p>{TEXT}</p></div>".encode()
    )
    whole = reading(html, [inner])
    assert (whole.body, whole.body_source, whole.index_number) == (TEXT, found.frames[0], "003110926/2021-00001")


def test_small_and_foreign_frames_are_left_alone() -> None:
    found = reading(
        f"<div id=zoom><p>{TEXT}</p><iframe src=/s.html width=0 height=0></iframe><iframe src='javascript:1'></iframe></div>"
    )
    assert found.frames == ()


@pytest.mark.parametrize(
    ("pager", "pages"),
    [
        ("<b>1</b> <a href='t20210118_7_2.html'>2</a> <a href='t20210118_7_3.html'>3</a>", ["_2", "_3"]),
        ("<a href='./t20210118_7_1.html'>下一页</a> <a href='./t20210118_7_4.html'>尾页</a>", ["_1", "_2", "_3", "_4"]),
        ("<a href='t20210118_8.html'>2</a> <a href='../202001/t20210118_7_2.html'>2</a>", []),
        ("<a href='t20210118_7_2.html'>下一篇：某某通知</a>", []),
    ],
)
def test_a_body_that_goes_on_behind_page_numbers(pager: str, pages: list[str]) -> None:
    found = reading(f"<div id=zoom><p>{TEXT}</p></div><div class=pages>{pager}</div>")
    assert list(found.further_pages) == [
        f"http://www.qinghe.gov.cn/zwgk/202101/t20210118_7{page}.html" for page in pages
    ]
