"""HTML → items and blocks: not one character lost, layout told from data."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement

from pipelines.reading.blocks import Block, Image, Paragraph, Table
from pipelines.reading.losses import lost_characters
from pipelines.reading.markdown import markdown
from pipelines.reading.markup import blocks_of, layout, parse

URL = "http://www.qinghe.gov.cn/a/b/t20210101_1.html"


def tree(html: str) -> HtmlElement:
    root = parse(html)
    assert root is not None
    return root


def blocks(html: str) -> tuple[Block, ...]:
    root = tree(html)
    made = blocks_of(layout(root, URL).items)
    assert lost_characters(root, made) == 0
    return made


def texts(html: str) -> list[str]:
    return [block.text for block in blocks(html) if isinstance(block, Paragraph)]


def tables(html: str) -> list[Table]:
    return [block for block in blocks(html) if isinstance(block, Table)]


def test_single_characters_between_inline_elements_survive() -> None:
    html = "<p>〔<span>2017</span>〕<span>70</span>号 <span>2017</span>年<span>12</span>月<span>8</span>日</p>"
    assert texts(html) == ["〔2017〕70号 2017年12月8日"]


def test_words_markup_is_read_through() -> None:
    html = (
        "<p class=MsoNormal><![if !supportLists]><span style='mso-list:Ignore'>一、</span><![endif]><st1:chsdate "
        "year=2017>2017年</st1:chsdate><o:p></o:p><font face=仿宋>公<b>开<i>情</b>况</i></font></p><?xml:namespace prefix = o />"
    )
    assert texts(html) == ["一、2017年公开情况"]


def test_source_line_ends_between_chinese_characters_are_no_spaces() -> None:
    assert texts("<p>政府\n   信息 公开 English\nwords，\n公开</p>") == ["政府信息 公开 English words，公开"]


def test_breaks_divide_paragraphs_but_not_headlines() -> None:
    assert texts("<div>一、概述<br>内容<br/><br>二、情况</div>") == ["一、概述", "内容", "二、情况"]
    assert texts("<h1>青禾县<br>\n2020年年报</h1>") == ["青禾县2020年年报"]


def test_what_is_not_shown_is_not_read() -> None:
    html = (
        "<p>看得见</p><p style='DISPLAY : none'>甲</p><p hidden>乙</p><script>var 丙</script><style>.丁{}</style>"
        "<noscript>戊</noscript><!-- 己 --><template><p>庚</p></template><select><option>辛</option></select>"
    )
    assert texts(html) == ["看得见"]


def test_comments_and_instructions_do_not_swallow_the_text_behind_them() -> None:
    assert texts("<p>甲<!--x-->乙<?php x ?>丙<!---->丁</p>") == ["甲乙丙丁"]


def test_ordered_lists_keep_their_numbers() -> None:
    made = blocks("<ol start=3><li>甲</li><li>乙<p>续</p></li><li value=9>丙</li></ol><ul><li>丁</li></ul>")
    assert [(block.marker, block.text) for block in made if isinstance(block, Paragraph)] == [
        ("3.", "甲"), ("4.", "乙"), (None, "续"), ("9.", "丙"), ("-", "丁"),
    ]  # fmt: skip
    assert markdown(made).startswith("3. 甲\n\n4. 乙")


def test_preformatted_lines_are_lines() -> None:
    assert texts("<pre>一、概述\n内容</pre>") == ["一、概述", "内容"]
    assert texts("<div style='white-space:pre-wrap'>一、概述\n内容</div>") == ["一、概述", "内容"]


def test_images_are_absolute_and_data_urls_left_out() -> None:
    made = blocks("<p>图<img src='./436d.png' alt='表[1]'><img src='data:image/png;base64,xx'>后</p>")
    assert made[1] == Image("http://www.qinghe.gov.cn/a/b/436d.png", "表[1]")
    assert markdown(made) == "图\n\n![表\\[1\\]](http://www.qinghe.gov.cn/a/b/436d.png)\n\n后"


def test_a_merged_cells_text_stands_in_every_place_it_covers() -> None:
    html = (
        "<table><tr><td rowspan=2>甲</td><td colspan=2>乙</td></tr><tr><td>1</td><td>2|3<br>4</td></tr>"
        "<tr><td colspan=3>末</td></tr></table>"
    )
    [table] = tables(html)
    assert (table.rows, table.columns, table.place) == (3, 3, "table 1")
    assert markdown([table]).split("\n") == [
        "| 甲 | 乙 | 乙 |", "| --- | --- | --- |", "| 甲 | 1 | 2\\|3<br>4 |", "| 末 | 末 | 末 |",
    ]  # fmt: skip


def test_a_page_laid_out_in_one_big_table_keeps_its_paragraphs() -> None:
    text = "本机关认真贯彻条例，推进公开。" * 10
    html = f"<table><tr><td><a href=1>首页</a></td></tr><tr><td>栏目</td><td><p>{text}</p><p>{text}</p><p>{text}</p></td></tr></table>"
    assert tables(html) == []
    assert texts(html).count(text) == 3


def test_a_box_of_one_cell_round_the_article_is_no_table() -> None:
    assert texts("<table><tr><td><p>一、概述</p><p>内容</p></td></tr></table>") == ["一、概述", "内容"]


def test_a_table_framing_each_cell_alone_does_not_make_layout_of_the_table_round_it() -> None:
    framed = "<td><table border=1><tr><td><p>{}</p></td></tr></table></td>".format
    html = f"<table><tr>{framed('规章')}{framed('1')}</tr><tr>{framed('行政许可')}{framed('20')}</tr></table>"
    [table] = tables(html)
    assert [(cell.text, cell.row, cell.column) for cell in table.cells] == [
        ("规章", 0, 0), ("1", 0, 1), ("行政许可", 1, 0), ("20", 1, 1),
    ]  # fmt: skip


def test_boxes_displayed_as_a_table_are_one() -> None:
    cell = "<div style='width:50%; display: table-cell'>{}</div>".format
    rows = "".join(
        f"<div style='display:table-row;'>{cell(a)}{cell(b)}</div>" for a, b in (("规章", "1"), ("许可", "2"))
    )
    [table] = tables(f"<p>前</p><div style='display:table'>{rows}</div>")
    assert [cell.text for cell in table.cells] == ["规章", "1", "许可", "2"]


def test_raised_and_struck_digits_are_no_part_of_the_number_beside_them() -> None:
    html = (
        "<table><tr><td>3<sup>1</sup></td><td><del>5</del>3</td><td>H<sub>2</sub>O</td></tr><tr><td>a</td></tr></table>"
    )
    [table] = tables(html)
    assert [cell.text for cell in table.cells] == ["3 1", "5 3", "H2O", "a"]
    assert texts("<p>全年12<sup>①</sup>件，面积5m<sup>2</sup>，公开7<sup>1</sup>件</p>") == [
        "全年12①件，面积5m2，公开7 1件"
    ]


def test_a_data_table_in_a_layout_table_is_found() -> None:
    inner = "<table><tr><td>规章</td><td>1</td></tr><tr><td>行政</td><td>2</td></tr></table>"
    html = f"<table><tr><td><p>前</p>{inner}</td></tr></table>"
    [table] = tables(html)
    assert [cell.text for cell in table.cells] == ["规章", "1", "行政", "2"]


def test_text_between_rows_and_captions_is_kept() -> None:
    html = "<table><caption>表一</caption>散<tr><td>a</td><td>b</td></tr>落<tr><td>c</td><td>d</td></tr></table>"
    assert sorted(texts(html)) == sorted(["表一", "散", "落"])


def test_hostile_spans_do_not_grow_the_table() -> None:
    html = "<table><tr><td colspan=1000>题</td></tr><tr><td rowspan=65534>a</td><td colspan=0>b</td></tr><tr><td>c</td></tr></table>"
    [table] = tables(html)
    assert (table.rows, table.columns) == (3, 2)


def test_a_rowspan_of_zero_reaches_the_end_of_its_group() -> None:
    first = "<tbody><tr><td rowspan=0>a</td><td>1</td></tr><tr><td>2</td></tr></tbody>"
    [table] = tables(f"<table>{first}<tbody><tr><td>b</td><td>3</td></tr></tbody></table>")
    assert [[cell.text if cell else None for cell in row] for row in table.grid()] == [
        ["a", "1"],
        ["a", "2"],
        ["b", "3"],
    ]


def test_markup_nested_thousands_deep_is_read() -> None:
    html = "<div>" + "<span><font>" * 3000 + "深" + "<p>" * 2000 + "处"
    assert "".join(texts(html)) == "深处"


PIECES = st.recursive(
    st.text(st.sampled_from("公开年报0123 \n\u3000（）〔〕<&"), max_size=6).map(lambda text: text.replace("<", "&lt;")),
    lambda inner: st.tuples(
        st.sampled_from(
            "p div span b td tr table li ul ol br h2 font o:p center pre a u thead tbody th dl dt section ucapcontent".split()  # noqa: SIM905
        ),
        st.lists(inner, max_size=4),
        st.booleans(),
    ).map(lambda parts: f"<{parts[0]}>{''.join(parts[1])}" + (f"</{parts[0]}>" if parts[2] else "")),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(PIECES)
def test_whatever_the_nesting_no_character_is_lost(html: str) -> None:
    root = parse(f"<body>{html}</body>")
    if root is not None:
        assert lost_characters(root, blocks_of(layout(root, URL).items)) == 0
