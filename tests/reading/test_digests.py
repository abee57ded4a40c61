"""Fetching twice gives the same digests; what a page says changes them, what surrounds it does not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.items import Page, Reading
from pipelines.reading import read
from pipelines.reading.blocks import Block, Cell, Image, Paragraph, Table
from pipelines.reading.digests import body_digest

TITLE = "青禾县教育局2020年政府信息公开工作年度报告"
TEXT = "本年度继续健全制度，充实目录，按时更新，共公开信息{}条，群众满意度有所提高。"


def build(
    *, hits: int = 1, today: str = "星期一", token: str = "a1", spaces: str = "", order: bool = False, number: int = 12,
    index: str = "003110926/2021-00001", cell: tuple[str, str] = ("1", "23"), related: int = 3,
) -> str:  # fmt: skip
    image = (
        f"<img src='/img/{number}.png?t={token}' alt='图'>"
        if order
        else f"<img alt='图' src='/img/{number}.png?v={token}'>"
    )
    links = "".join(f"<li><a href='/{i}.html?s={token}'>其他条目{i}</a></li>" for i in range(related))
    return f"""<html><head><meta charset=utf-8><meta name=csrf content={token}></head><body><div>今天是：{today}</div><ul>{links}</ul>
    <table><tr><td>索引号：{spaces}</td><td>{spaces}{index}</td><td>发布日期：</td><td>2021-01-18</td></tr></table>
    <h1>{TITLE}</h1><p>浏览次数：{hits}　字号：大 中 小</p><div id="zoom" data-t="{token}">{spaces}<p>{spaces}一、总体情况</p>{spaces}
    <p>{TEXT.format(number)}</p>{image}<table><tr><td>{spaces}规章</td><td>合计</td></tr><tr><td>{cell[0]}</td><td>{cell[1]}</td></tr></table>
    <p>{TEXT.format(9)}</p></div><p>扫一扫在手机打开当前页</p><div>访问量：{hits}</div></body></html>"""


def reading(html: str) -> Reading:
    return read(Page(url="http://www.qinghe.gov.cn/a/t20210118_1.html", payload=html.encode()))


BASE = reading(build())


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**7), st.sampled_from(["星期二", "2024年3月5日", ""]), st.text("abcdef0123456789", min_size=1, max_size=12),
    st.text(" \n\t\u00a0\u3000\u200b\ufeff", max_size=8), st.booleans(), st.integers(0, 9),
)  # fmt: skip
def test_chrome_counters_tokens_and_white_space_change_no_digest(
    hits: int,
    today: str,
    token: str,
    spaces: str,
    order: bool,
    related: int,
) -> None:
    found = reading(build(hits=hits, today=today, token=token, spaces=spaces, order=order, related=related))
    assert (found.body_digest, found.metadata_digest) == (BASE.body_digest, BASE.metadata_digest)


def test_one_figure_changes_the_body_digest_and_only_that() -> None:
    found = reading(build(number=13))
    assert found.body_digest != BASE.body_digest
    assert found.metadata_digest == BASE.metadata_digest


def test_one_metadata_value_changes_the_metadata_digest_and_only_that() -> None:
    found = reading(build(index="003110926/2021-00002"))
    assert found.body_digest == BASE.body_digest
    assert found.metadata_digest != BASE.metadata_digest


def test_a_figure_moved_to_the_next_cell_is_another_body() -> None:
    assert reading(build(cell=("12", "3"))).body_digest != BASE.body_digest


def test_the_same_words_in_other_markup_are_the_same_body() -> None:
    lines = [TEXT.format(i) for i in range(5)]
    rng = random.Random(7)
    one = "".join(f"<p>{line}</p>" for line in lines)
    other = "".join(
        f"<div><span>{line[: (cut := rng.randrange(1, 20))]}</span><b>{line[cut:]}</b></div>\n" for line in lines
    )
    breaks = "<br>".join(f"　　{line}" for line in lines)
    digests = {reading(f"<body><h1>{TITLE}</h1><div id=zoom>{html}</div>").body_digest for html in (one, other, breaks)}
    assert len(digests) == 1


def digest(*blocks: Block) -> str | None:
    return body_digest(blocks)


CHART = Image("http://a.gov.cn/img/W020210118.png", "申请办理情况图")
RENAMED = Image("http://a.gov.cn/2024/cache/0c1f.png", "申请办理情况图")
LONG = Paragraph(TEXT.format(3) * 8)
HEADS = Paragraph("二、主动公开政府信息情况"), Paragraph("三、收到和处理政府信息公开申请情况")


def test_a_renamed_picture_among_text_is_no_other_body() -> None:
    assert digest(LONG, CHART, LONG) == digest(LONG, RENAMED, LONG)
    assert digest(HEADS[0], LONG, CHART, HEADS[1]) == digest(HEADS[0], LONG, RENAMED, HEADS[1])
    assert digest(LONG, CHART, LONG) != digest(LONG, Image(CHART.url, "另一张图"), LONG)
    assert digest(LONG, CHART, LONG) != digest(LONG, LONG)


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ((), ()),  # the report is a picture
        ((Paragraph("现公布本局年度报告。"),), (Paragraph("2021年1月18日"),)),
        ((LONG, HEADS[0]), (HEADS[1], LONG)),  # its table is one
    ],
)
def test_a_picture_that_stands_for_the_text_is_told_by_its_path(
    above: tuple[Block, ...], below: tuple[Block, ...]
) -> None:
    assert digest(*above, CHART, *below) != digest(*above, RENAMED, *below)
    other_token = Image(f"{CHART.url}?t=1700000000", CHART.alt)
    assert digest(*above, CHART, *below) == digest(*above, other_token, *below)


def test_pictures_in_cells_go_by_the_same_rule() -> None:
    def table(text: str) -> Table:
        return Table((Cell(text, 0, 0), Cell("合计" * 120, 0, 1)), 1, 2, "table 1")

    one, other = "![图](http://a.gov.cn/1.png)", "![图](http://a.gov.cn/2.png)"
    assert digest(table(f"{one}说明")) == digest(table(f"{other}说明"))
    assert digest(table(one)) != digest(table(other))


def test_a_picture_renamed_on_the_page_leaves_its_body_digest() -> None:
    def page(name: str) -> str:
        lines = "".join(f"<p>{TEXT.format(n)}</p>" for n in range(8))
        return f"<body><h1>{TITLE}</h1><div id=zoom>{lines}<p><img src='/img/{name}' alt='图'></p>{lines}</div>"

    assert reading(page("a.png")).body_digest == reading(page("b.png")).body_digest
