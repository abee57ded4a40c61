"""Where the report's text stands on a page, where it begins and where it ends."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import quote

import pytest

from crawler.items import Kind, Page, Reading
from pipelines.reading import read

URL = "http://www.qinghe.gov.cn/zwgk/202101/t20210118_7.html"
TITLE = "青禾县教育局2020年政府信息公开工作年度报告"
HEADS = (
    "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况 四、政府信息公开行政复议、行政诉讼情况 "
    "五、存在的主要问题及改进情况 六、其他需要报告的事项"
)
OPENING = "根据《中华人民共和国政府信息公开条例》的规定，编制本报告，数据统计期限为全年。"
TEXT = "本年度继续健全制度，充实目录，按时更新，群众满意度有所提高。"
LINES = [OPENING, *(line for head in HEADS.split() for line in (head, TEXT))]
ARTICLE = "".join(f"<p>　　{line}</p>" for line in LINES)
BODY = "\n\n".join(LINES)


def page(html: str | bytes, **context: object) -> Page:
    payload = html if isinstance(html, bytes) else html.encode()
    return Page(**{"url": URL, "payload": payload, **context})  # type: ignore[arg-type]


def reading(html: str, **context: object) -> Reading:
    return read(page(f"<html><head><meta charset=utf-8></head><body>{html}</body></html>", **context))


@pytest.mark.parametrize(
    "container",
    [
        '<div id="zoom">{}</div>', '<div class="TRS_Editor">{}</div>', '<div class="view TRS_UEDITOR trs_word">{}</div>',
        '<div id="vsb_content_501"><div class="v_news_content">{}</div></div>', "<UCAPCONTENT>{}</UCAPCONTENT>",
        '<td class="b12c" id="UCAP-CONTENT">{}</td>', '<div class="article-content">{}</div>', "<article>{}</article>",
        '<div class="bt_content">{}</div>', '<font id="Zoom">{}</font>', '<div class="qx-7">{}</div>',
    ],
)  # fmt: skip
def test_the_body_is_found_in_every_container(container: str) -> None:
    found = reading(
        f"<ul><li><a href=/1>首页</a></li><li><a href=/2>政务公开</a></li></ul><h1>{TITLE}</h1><p>发布时间：2021-01-18</p>"
        + container.format(ARTICLE)
        + "<div>版权所有：青禾县人民政府，未经许可不得转载。</div>"
    )
    assert found.body == BODY
    assert found.title == TITLE


def test_metadata_and_title_at_the_head_of_the_container_are_no_body() -> None:
    block = "<table><tr><td>索引号</td><td>A/2021-1</td></tr><tr><td>文号</td><td></td></tr></table>"
    found = reading(
        f'<div id="zoom">{block}<h1>{TITLE}</h1><p>发布时间：2021-01-18 09:00　来源：县教育局　字号：<a>大</a> <a>中</a></p>'
        f"<p>【打印本页】 【关闭窗口】</p>{ARTICLE}</div>"
    )
    assert found.body == BODY
    assert dict(found.metadata) == {
        "索引号": "A/2021-1",
        "文号": "",
        "发布时间": "2021-01-18 09:00",
        "来源": "县教育局",
    }


def test_a_title_broken_over_lines_is_recognised() -> None:
    found = reading(
        f'<h1>{TITLE}</h1><div id="zoom"><p>青禾县教育局</p><p>2020年政府信息公开工作</p><p>年度报告</p>{ARTICLE}</div>'
    )
    assert found.body == BODY


def test_the_body_begins_after_its_own_title_even_where_the_page_prints_another() -> None:
    found = reading(f'<h1>政府信息公开年报</h1><div id="zoom"><p>{TITLE}</p><p>（2021年1月15日）</p>{ARTICLE}</div>')
    assert found.title == TITLE
    assert found.body == "（2021年1月15日）\n\n" + BODY
    assert found.signed_on == date(2021, 1, 15)


def test_furniture_behind_the_signature_is_cut_and_an_annex_is_not() -> None:
    annex = "<p>附表：</p><table><tr><td>指标</td><td>数量</td></tr><tr><td>公开</td><td>7</td></tr></table>"
    signed = "<p>青禾县教育局</p><p>2021年1月15日</p>"
    found = reading(
        f'<div id="zoom">{ARTICLE}{signed}{annex}<p>扫一扫在手机打开当前页</p><p>上一篇：<a href=1>旧闻</a></p></div>'
    )
    assert (
        found.body
        == f"{BODY}\n\n青禾县教育局\n\n2021年1月15日\n\n附表：\n\n| 指标 | 数量 |\n| --- | --- |\n| 公开 | 7 |"
    )
    assert found.signed_on == date(2021, 1, 15)


@pytest.mark.parametrize(
    "signed",
    [
        "<table width=100%><tr><td></td><td>青禾县教育局</td></tr><tr><td></td><td>2021年1月15日</td></tr></table>",
        "<table><tr><td>&nbsp;</td><td>青禾县教育局<br>2021年1月15日</td></tr></table>",
        "<p>青禾县教育局</p><p>二〇二一年一月十五日</p><p>青禾县教育局办公室　2021年1月20日印发</p>",
        "<p>报告单位：青禾县教育局</p><p>报告日期：2021年1月15日</p>",
        "<p>青禾县教育局</p><p>2021年1月15日</p><p>附件</p><p>情况统计表</p><p>填报日期：2021年1月20日</p>",
        "<p>青禾县教育局</p><p>2021年1月15日　星期五</p>",
    ],
)
def test_the_signature_in_a_table_below_a_label_or_above_the_printers_line(signed: str) -> None:
    assert reading(f'<h1>{TITLE}</h1><div id="zoom">{ARTICLE}{signed}</div>').signed_on == date(2021, 1, 15)


@pytest.mark.parametrize(
    "block",
    [
        "<dl><dt>索引号</dt><dd>A/2021-1</dd><dt>文　号</dt><dd></dd><dt>发布机构</dt><dd>县教育局</dd><dt>名称</dt><dd>年报</dd></dl>",
        (
            "<p><a href=1.doc>附表.doc</a></p><dl><dt>名称：</dt><dd>年报</dd><dt>索引号：</dt><dd>A/2021-1</dd><dt>文　号：</dt><dd></dd>"
            "<dt>发布机构：</dt><dd>县教育局</dd></dl><p><img src=/qr.png></p><p>扫一扫在手机打开当前页</p>"
        ),
        "<p>索引号：A/2021-1　　文号：　　发布机构：县教育局　　名称：年报</p>",
        "<div><b>索引号：</b>A/2021-1</div><div><b>文号：</b></div><div><b>发布机构：</b>县教育局</div><div><b>名称：</b>年报</div>",
    ],
)
@pytest.mark.parametrize("place", ['<div id="zoom">{0}</div><div>{1}</div>', '<div id="zoom">{0}{1}</div>'])
def test_a_metadata_block_below_the_text_is_metadata(place: str, block: str) -> None:
    signed = "<p>青禾县教育局</p><p>2021年1月15日</p>"
    found = reading(
        f"<h1>{TITLE}</h1>" + place.format(ARTICLE + signed, block) + "<p>版权所有：县政府　主办：县府办</p>"
    )
    assert dict(found.metadata) == {"索引号": "A/2021-1", "文号": "", "发布机构": "县教育局", "名称": "年报"}
    assert found.body == f"{BODY}\n\n青禾县教育局\n\n2021年1月15日"
    assert found.signed_on == date(2021, 1, 15)


def test_a_menu_at_the_head_of_a_wide_container_is_cut_and_a_table_of_contents_is_not() -> None:
    menu = "<ul><li><a href=/1>机构职能</a></li><li><a href=/2>领导分工</a></li></ul>"
    contents = "<p>目录</p><p><a href=#a>总体情况</a></p>"
    assert reading(f"<h1>{TITLE}</h1><div class=content><div>{menu}</div>{ARTICLE}</div>").body == BODY
    found = reading(f"<h1>{TITLE}</h1><div class=content>{contents}{ARTICLE}</div>")
    assert found.body == "目录\n\n总体情况\n\n" + BODY


def test_a_report_of_few_words_is_found_by_its_heads() -> None:
    short = "".join(f"<p>{line}</p>" for head in HEADS.split() for line in (head, "无。"))
    found = reading(
        f"<div><a href=/>首页</a></div><div>{TITLE}</div><div><div>{short}</div></div><div>主办：县政府</div>"
    )
    assert (found.body or "").split("\n\n") == [line for head in HEADS.split() for line in (head, "无。")]


@pytest.mark.parametrize(
    "headline",
    [
        f"<h1>{TITLE}</h1>",
        f"<div>{TITLE}</div>",
        "<title>县一中2020年工作简况-县政府</title><div>县一中2020年工作简况</div>",
    ],
)
@pytest.mark.parametrize("text", ["<p>全年公开21条。</p>", "<p>一、概述</p><p>更新栏目</p><p>县教育局</p>"])
def test_a_text_of_a_few_words_below_its_headline_is_the_body(headline: str, text: str) -> None:
    found = reading(
        f"<div><a href=/>首页</a></div><div>{headline}<p>发布时间：2021-01-18</p><div class=q>{text}</div></div>"
        "<div><p>主办：青禾县人民政府　承办：青禾县数据服务中心　网站标识码：9900000001</p><p>网站地图　版权所有</p></div>"
    )
    assert (found.body or "").replace("\n\n", "") == text.replace("<p>", "").replace("</p>", "")


@pytest.mark.parametrize("said", ["正在加载，请稍候。", "该信息不存在或已删除。", "请使用新版浏览器访问。"])
def test_what_a_page_says_in_place_of_its_text_is_no_text(said: str) -> None:
    assert reading(f"<h1>{TITLE}</h1><div class=q><p>{said}</p></div><div><p>主办：县政府</p></div>").body is None


@pytest.mark.parametrize(
    "boxes",
    [
        '<div class="TRS_Editor">{}</div><div class="TRS_Editor">{}</div>',
        (
            '<div id="vsb_content_2"><div class="v_news_content">{}</div></div>'
            '<div id="vsb_content_500"><div class="v_news_content">{}</div></div>'
        ),
    ],
)
def test_a_short_box_right_behind_the_articles_is_its_end(boxes: str) -> None:
    rest = "<p>无其他事项。</p><p>青禾县教育局</p><p>2021年1月15日</p>"
    found = reading(f"<div><h1>{TITLE}</h1>{boxes.format(ARTICLE, rest)}</div><div>主办：县政府</div>")
    assert found.body == f"{BODY}\n\n无其他事项。\n\n青禾县教育局\n\n2021年1月15日"
    assert found.signed_on == date(2021, 1, 15)


def test_furniture_and_footer_behind_a_report_without_any_container_are_cut() -> None:
    found = reading(
        f"<center>{TITLE}</center>{ARTICLE}<p>关键词：<a href=/k>年报</a></p><p>责编：李某　审核：王某</p><p>您觉得这篇文章有用吗？</p>"
        "<div><img src=/qr.png><p>扫一扫在手机打开当前页</p></div>"
        "<h3>相关阅读</h3><ul><li><a href=/1>县里召开春耕会议</a></li><li><a href=/2>旅游推介启动</a></li></ul>"
        "<div><p>版权所有：青禾县人民政府　主办：县府办</p><p>网站标识码：9900000001　备案号09000000</p><a href=/m>网站地图</a></div>"
    )
    assert found.body == BODY


def test_labels_within_the_text_are_text() -> None:
    text = ARTICLE + "<p>联系电话：12345</p><p>来源：统计年鉴</p><p>发布日期：每月十日</p><p>以上报告。</p>"
    found = reading(f'<h1>{TITLE}</h1><p>发布时间：2021-01-18</p><div id="zoom">{text}</div>')
    assert dict(found.metadata) == {"发布时间": "2021-01-18"}
    assert (found.body or "").endswith("联系电话：12345\n\n来源：统计年鉴\n\n发布日期：每月十日\n\n以上报告。")


def test_counters_and_tools_are_no_metadata() -> None:
    found = reading(
        f'<h1>{TITLE}</h1><p>浏览次数：12 点击数：3 今天是：星期一 字号：大 索引号：A/2021-1</p><div id="zoom">{ARTICLE}</div>'
    )
    assert dict(found.metadata) == {"索引号": "A/2021-1"}


def test_a_search_form_is_no_metadata() -> None:
    form = "<form>索引号：<input name=a> 文号：<input name=b> 名称：<input name=c></form>"
    found = reading(f'{form}<h1>{TITLE}</h1><p>发布机构：县教育局</p><div id="zoom">{ARTICLE}</div>')
    assert dict(found.metadata) == {"发布机构": "县教育局"}


@pytest.mark.parametrize(
    "closing",
    [
        "您是第<b>12345</b>位访问者",
        "Copyright © 2021 青禾县教育局 All Rights Reserved",
        "本文是第 8 位读者读过的，写下了意见。",
        "版权声明：凡注明来自本站的文字，版权都归本站，未经书面同意任何单位和个人都不可转载、摘编、镜像，转载时请注明出处，违者追究责任。",
    ],
)
def test_what_a_site_says_of_its_visitors_and_its_rights_is_no_text(closing: str) -> None:
    signed = "<p>青禾县教育局</p><p>2021年1月15日</p>"
    found = reading(f'<div id="zoom">{ARTICLE}{signed}<p>{closing}</p></div>')
    said = f"{BODY}\n\n青禾县教育局\n\n2021年1月15日"
    assert found.body == (said if not closing.startswith("本文") else f"{said}\n\n{closing}")


@pytest.mark.parametrize(
    "block",
    [
        (
            "<table><tr><th>索 引 号</th><td>A/2021-1</td><th>发布机构</th><td>县教育局</td></tr>"
            "<tr><th>文　号</th><td></td><th>自定项</th><td>甲</td></tr></table>"
        ),
        "<dl><dt>索引号：</dt><dd>A/2021-1</dd><dt>发布机构：</dt><dd>县教育局</dd><dt>文号：</dt><dd></dd><dt>自定项：</dt><dd>甲</dd></dl>",
        "<ul><li>索引号：A/2021-1</li><li>发布机构：县教育局</li><li>文号：</li><li>自定项：甲</li></ul>",
        (
            "<ul><li><b>索引号</b><span>A/2021-1</span></li><li><b>发布机构</b><span>县教育局</span></li>"
            "<li><b>文号：</b><span></span></li><li><b>自定项：</b><span>甲</span></li></ul>"
        ),
        (
            "<div><div><div>索引号：</div><div>A/2021-1</div></div><div><div>发布机构：</div><div>县教育局</div></div><div><div>文号：</div><div></div></div>"
            "<div><div>自定项：</div><div>甲</div></div></div>"
        ),
        (
            "<div><div><p>索引号</p><p>A/2021-1</p></div><div><p>发布机构</p><p>县教育局</p></div>"
            "<div><p>文号</p><p></p></div><div><p>自定项：</p><p>甲</p></div></div>"
        ),
        (
            "<fieldset><legend>信息属性</legend><div>索引号:&nbsp;<u>A/2021-1</u></div><div>发布机构:&nbsp;<u>县教育局</u></div>"
            "<div>文号:&nbsp;<u></u></div><div>自定项:&nbsp;<u>甲</u></div></fieldset>"
        ),
        "<p>索引号：A/2021-1&nbsp;&nbsp;发布机构：县教育局</p><p>文&ensp;&ensp;号 :　　自定项：甲</p>",
        "<table><tr><td>索引号：A/2021-1</td><td>发布机构：县教育局</td></tr><tr><td>文号：</td><td>自定项：甲</td></tr></table>",
    ],
)
def test_every_layout_of_a_metadata_block(block: str) -> None:
    found = reading(f'{block}<h1>{TITLE}</h1><div id="zoom">{ARTICLE}</div>')
    assert dict(found.metadata) == {"索引号": "A/2021-1", "发布机构": "县教育局", "文号": "", "自定项": "甲"}
    assert (found.publisher, found.document_number, found.body) == ("县教育局", None, BODY)


def test_rows_of_labels_and_rows_of_their_values_may_take_turns() -> None:
    found = reading(
        "<table><tr><td>索引号</td><td>主题分类</td><td>发布机构</td></tr><tr><td>A/2021-1</td><td>教育</td><td>县教育局</td></tr>"
        "<tr><td>发布日期</td><td>文号</td><td>有效性</td></tr><tr><td>2021-01-18</td><td></td><td>有效</td></tr></table>"
        f'<h1>{TITLE}</h1><div id="zoom">{ARTICLE}</div>'
    )
    assert dict(found.metadata) == {
        "索引号": "A/2021-1", "主题分类": "教育", "发布机构": "县教育局", "发布日期": "2021-01-18", "文号": "", "有效性": "有效",
    }  # fmt: skip
    assert found.published_on == date(2021, 1, 18)


def test_meta_tags_stand_in_for_what_the_page_does_not_print() -> None:
    html = (
        f"<html><head><META content='{TITLE}' NAME=articletitle><meta Name=\"PUBDATE\" Content='2021-01-18 09:30'>"
        "<meta name=ContentSource content='青禾县教育局'><meta name=Description content='{{macro}}'></head><body>"
        f'<div id="zoom">{ARTICLE}</div></body></html>'
    )
    found = read(page(html))
    assert (found.title, found.published_on, found.publisher) == (TITLE, date(2021, 1, 18), "青禾县教育局")
    assert found.metadata == {}


@pytest.mark.parametrize("pair", ["<dt>{}</dt><dd>{}</dd>", "<div>{}</div><div>{}</div>"])
def test_a_sentence_under_a_label_of_a_block_does_not_end_it(pair: str) -> None:
    values = {
        "索引号": "A/2021-1",
        "内容概述": "本报告说明本局一年来公开工作的各项数据。",
        "语种": "中文",
        "体裁": "报告",
    }
    block = "".join(pair.format(*one) for one in values.items())
    inner, tools = (
        f"<dl>{block}</dl>" if "dt" in pair else f"<div>{block}</div>",
        "<div>【字体：大 中 小】 打印本页</div>",
    )
    found = reading(f'<div id="zoom"><h1>{TITLE}</h1>{inner}{tools}{ARTICLE}</div>')
    assert (dict(found.metadata), found.body) == (values, BODY)


def test_a_metadata_block_with_a_caption_and_a_label_of_its_own_within_the_container() -> None:
    block = (
        "<fieldset><legend>信息属性</legend><div>索引号:&nbsp;<u>A/2021-1</u></div><div>自定项:&nbsp;<u>甲</u></div>"
        "<div>发布机构:&nbsp;<u>县教育局</u></div></fieldset>"
    )
    found = reading(f'<h1>{TITLE}</h1><div id="zoom">{block}<p>县政府办公室：</p>{ARTICLE}</div>')
    assert dict(found.metadata) == {"索引号": "A/2021-1", "自定项": "甲", "发布机构": "县教育局"}
    assert found.body == "县政府办公室：\n\n" + BODY


@pytest.mark.parametrize(
    "stated",
    [
        '<script type="application/ld+json">{"@type":"Article","datePublished":"2021-01-18T08:00:00+08:00"}</script>',
        '<time datetime="2021-01-18">2021-01-18</time>',
    ],
)
def test_a_date_of_publication_stated_for_machines(stated: str) -> None:
    found = reading(f'<span>{TITLE}</span>{stated}<div id="zoom">{ARTICLE}</div>')
    assert (found.published_on, found.title, found.body) == (date(2021, 1, 18), TITLE, BODY)


def test_dates_of_four_kinds_are_told_apart() -> None:
    block = "<p>发文日期：2021-01-20　成文日期：2021-01-12</p><p>发布日期：2021-01-25 10:00</p>"
    signed = "<p>青禾县教育局</p><p>二〇二一年一月十日</p>"
    found = reading(f'{block}<h1>{TITLE}</h1><div id="zoom">{ARTICLE}{signed}</div>')
    assert (found.published_on, found.signed_on) == (date(2021, 1, 25), date(2021, 1, 10))
    assert "dates.disagree" in {remark.code for remark in found.remarks}
    unsigned = reading(f'{block}<h1>{TITLE}</h1><div id="zoom">{ARTICLE}</div>')
    assert unsigned.signed_on == date(2021, 1, 12)
    beside = reading(f'<p>发文日期：2021-01-20　发布日期：2021-01-25</p><div id="zoom">{ARTICLE}</div>')
    assert beside.signed_on == date(2021, 1, 20)
    alone = reading(f'<p>发文日期：2021-01-20　索引号：A</p><div id="zoom">{ARTICLE}</div>')
    assert (alone.published_on, alone.signed_on) == (date(2021, 1, 20), None)


def percent_u(text: str) -> str:
    return "".join(f"%u{ord(char):04X}" if ord(char) > 255 else quote(char) for char in text)


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>var html = unescape('" + percent_u(ARTICLE) + "');</script>",
        "<script>var html = decodeURIComponent('" + quote(ARTICLE) + "');</script>",
        "<script>var data = {\"title\": \"x\", \"content\": " + json.dumps(ARTICLE).replace("<", "\\u003C") + "};</script>",
        '<script type="application/json">' + json.dumps({"data": {"contentHtml": ARTICLE}}) + "</script>",
        '<script type="text/template">' + ARTICLE + "</script>",
        "<textarea>" + ARTICLE.replace("<", "&lt;") + "</textarea>",
        "<textarea style='display:none'>" + ARTICLE + "</textarea>",
        '<iframe srcdoc="' + ARTICLE.replace('"', "&quot;") + '"></iframe>',
        "<template>" + ARTICLE + "</template>",
        '<div style="display:none" id="src">' + ARTICLE + "</div>",
        '<div class="zwnr">' + percent_u(ARTICLE) + "</div>",
        "<script>window._CONFIG = {SID: '2', DETAIL: " + json.dumps({"content": ARTICLE, "id": 1}) + "}</script>",
    ],
)  # fmt: skip
def test_a_body_put_in_place_by_scripts_is_found(hidden: str) -> None:
    found = reading(
        f'<h1>{TITLE}</h1><p>索引号：A/2021-1　发布日期：2021-01-18</p><div id="UCAP-CONTENT"></div>{hidden}'
    )
    assert found.body == BODY
    assert (found.title, found.index_number) == (TITLE, "A/2021-1")


def test_the_page_of_an_unknown_portal_is_isolated_and_nothing_between_is_lost() -> None:
    menu = "".join(
        f"<li><a href='/{i}.html'>关于某项工作的通知，请各单位遵照执行，第{i}号。</a></li>" for i in range(30)
    )
    repeated = ARTICLE + "<p>同样的话，说了两遍，仍是两遍。</p>" * 2 + "<p>短句。</p><p>2</p>"
    found = reading(f"<div><ul>{menu}</ul></div><div><div><div>{TITLE}</div><div>{repeated}</div></div></div>")
    assert found.body == BODY + "\n\n同样的话，说了两遍，仍是两遍。" * 2 + "\n\n短句。\n\n2"


def test_an_old_report_without_outline_is_isolated_too() -> None:
    paragraphs = "".join(f"<p>第{i}段，{TEXT}{TEXT}</p>" for i in range(8))
    menu = "".join(f"<li><a href='/{i}.html'>栏目{i}</a></li>" for i in range(30))
    found = reading(
        f"<div><ul>{menu}</ul></div><div class=k1><h2>{TITLE}</h2><div class=k2>{paragraphs}</div></div><div>主办：某办</div>"
    )
    assert found.body == "\n\n".join(f"第{i}段，{TEXT}{TEXT}" for i in range(8))


@pytest.mark.parametrize("html", ["", " ", "<!-- nothing -->", "<html></html>", "plain words without markup <b"])
def test_an_empty_page_is_read_as_empty(html: str) -> None:
    if html.strip():
        found = read(page(html))
        assert (found.index_number, found.statistics, found.kind) == (None, None, Kind.OTHER)


def test_context_of_the_column_helps_where_the_page_is_silent() -> None:
    found = reading(
        f'<h1>政府信息公开年报</h1><div id="zoom">{ARTICLE}</div>',
        entry_title="2020年政府信息公开年报", column_year=2020, column_agency="青禾县教育局",
        entry_facts={"索引号": "003110926/2021-00001", "文号": "无", "发布日期": "2021-01-18"},
    )  # fmt: skip
    assert (found.title, found.report_year, found.agency) == ("2020年政府信息公开年报", 2020, "青禾县教育局")
    assert (found.index_number, found.document_number, found.published_on) == (
        "003110926/2021-00001",
        None,
        date(2021, 1, 18),
    )
    assert found.metadata == {}
