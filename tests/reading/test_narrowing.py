"""A page that is no report loses what surrounds its article; a report, or a page that speaks of one, loses nothing."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.items import Page
from pipelines.reading import read

NEWS = [
    "清晨六点，河青县东渡村的菜农已经把第一车莴笋装好，准备送往四十公里外的批发市场。",
    "去年冬天修通的通村公路让路程缩短了一半，村民说，菜到了市场还带着露水，价钱也好。",
    "县里计划今年再修三条这样的路，把沿河的六个村子连起来，工程款已经全部落实。",
]
AROUND = """<div class="share">分享到：微信 微博</div><p>责任编辑：某某</p><h4>相关阅读</h4>
<ul><li><a href="/1.html">山里的集市又热闹起来了</a></li><li><a href="/2.html">桥通了，路近了，人勤了</a></li></ul>
<p>热门评论</p><p>网友甲：这条路我走过，真的很好走，感谢修路的师傅们。</p>"""


def page(title: str, paragraphs: list[str], *, inside: str = "", after: str = AROUND, **context: Any) -> str:
    lines = "".join(f"<p>{text}</p>" for text in paragraphs)
    html = f"""<html><head><meta charset=utf-8><title>{title}</title></head><body><h1>{title}</h1>
    <div class="article-content"><div>2024-03-01 09:12 来源：某报</div>{inside}{lines}{after}</div></body></html>"""
    found = read(Page(url="http://news.example.cn/a/1.html", payload=html.encode(), **context))
    return found.body or ""


def test_a_news_page_is_read_as_its_article_alone() -> None:
    assert page("通村公路修到家门口", NEWS).split("\n\n") == NEWS


def test_links_and_advertisements_between_paragraphs_are_left_out() -> None:
    inside = "<p>广告</p><p><a href='/3.html'>点击进入专题：春天里的乡村，看一看</a></p>"
    assert page("通村公路修到家门口", NEWS[:1], inside=f"<p>{NEWS[1]}</p>{inside}").split("\n\n") == [NEWS[1], NEWS[0]]


def test_verses_headings_and_captions_beside_the_text_stay() -> None:
    lines = ["渡口谣", "春水绿，菜花黄", *NEWS, "小标题", "图为装车现场"]
    assert page("通村公路修到家门口", lines, after="").split("\n\n") == lines


REPORT = [
    "根据《中华人民共和国政府信息公开条例》的要求，现公布本局上一年度的年度报告，请社会各界监督。",
    "一、总体情况",
    "本年度公开各类信息若干条，回应群众关切，办理群众留言，做到件件有着落。",
    "二、存在的问题",
    "公开的内容还不够细，下一步加强培训，完善目录，及时更新。",
]


@pytest.mark.parametrize("title", ["河青县水务局2023年政府信息公开工作年度报告", "水务局", "公告"])
def test_what_stands_in_the_container_of_a_report_stays_whatever_its_title_says(title: str) -> None:
    after = "<p>热门评论</p><p>这一段仍属于报告正文，不因为上面一行的样子而丢掉，必须保留。</p>"
    assert page(title, REPORT, after=after).endswith("必须保留。")


@pytest.mark.parametrize(
    "words", ["政府信息公开", "主动公开", "政务公开", "政府信</span><span>息公开", "政府信息\n公開"]
)
def test_a_page_that_speaks_of_disclosure_is_not_narrowed(words: str) -> None:
    lines = [*NEWS, f"村里的{words}栏每月更新一次，村民都去看，看完还要议一议。"]
    assert "热门评论" in page("通村公路修到家门口", [f"<span>{line}</span>" for line in lines])


def test_the_list_may_know_better_than_the_page_what_it_is() -> None:
    assert "热门评论" in page("详情", NEWS, entry_title="水务局2023年度报告")
    assert "热门评论" in page("详情", NEWS, column_title="政府信息公开年报")


def test_a_sure_container_is_the_article_though_teasers_outnumber_it() -> None:
    teasers = "".join(f"<div><h4>短讯{n}</h4><p>{NEWS[1][:-4]}，第{n}天。</p></div>" for n in range(12))
    html = f"""<html><head><meta charset=utf-8></head><body><h1>通村公路</h1>
    <div class="TRS_Editor"><p>{NEWS[0]}</p><p>{NEWS[1]}</p><p>{NEWS[2]}{NEWS[0]}</p></div>{teasers}</body></html>"""
    found = read(Page(url="http://news.example.cn/a/1.html", payload=html.encode()))
    assert found.body == "\n\n".join([*NEWS[:2], NEWS[2] + NEWS[0]])
    assert found.details["found_by"] == ".trs_editor"


def test_a_framed_page_or_further_page_of_a_report_is_not_narrowed() -> None:
    frame = "http://news.example.cn/b.html"
    outer = f"<html><body><h1>详情</h1><div class=article-content><iframe src='{frame}'></iframe></div></body></html>"
    inner = "<html><body>" + "".join(f"<p>{line}</p>" for line in NEWS) + "<p>热门评论</p><p>第四段。</p></body></html>"
    pages = [Page(url="http://news.example.cn/a.html", payload=outer.encode()), Page(url=frame, payload=inner.encode())]
    assert "热门评论" in (read(pages[0], pages[1:]).body or "")
