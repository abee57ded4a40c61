"""Markup no editor would write: an answer or a named error, in seconds, and not one character lost."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.errors import Unreadable
from crawler.items import Page
from pipelines.reading import read
from pipelines.reading.decoding import decode
from pipelines.reading.losses import lost_characters
from pipelines.reading.markup import blocks_of, layout, parse

TITLE = "青禾县教育局2023年政府信息公开工作年度报告"
TEXT = "<p>本年度继续健全制度，充实目录，按时更新，共公开信息12条，群众满意度有所提高。</p>"
SECONDS = 8  # of CPU, on a machine that does other things too


def page(body: str) -> bytes:
    html = (
        f"<html><head><meta charset=utf-8><title>{TITLE}</title></head><body><h1>{TITLE}</h1><div id=zoom>{body}</div>"
    )
    return html.encode("utf-8", "surrogatepass")


def lost(payload: bytes) -> int:
    root = parse(decode(payload).text)
    return 0 if root is None else lost_characters(root, blocks_of(layout(root, "http://a.gov.cn/").items))


FORM = (
    "<table><tr><td>信息内容</td><td>本年处理决定数量</td></tr><tr><td>行政许可</td><td>"
    + "9" * 5000
    + "</td></tr><tr><td>行政处罚</td><td>1</td></tr></table>"
)
CELLS = "<tr>" + "<td rowspan=99999 colspan=99999>1</td>" * 20 + "</tr>"
HOSTILE = {
    "spans": TEXT * 9 + f"<table>{CELLS * 90}</table>",
    "wide spans": TEXT * 9 + f"<table>{CELLS.replace('99999', '200') * 90}</table>",
    "tables in tables": TEXT * 9 + "<table><tr><td>表</td><td>一" * 200,
    "tables below rows": TEXT * 9 + "<table><tr><td>规章</td><td>1</td></tr>" * 60,
    "tables too deep": "<table><tr><td>表</td><td>一" * 900,
    "one long row": TEXT * 9
    + "<table><tr>"
    + "<td>1</td>" * 4000
    + "</tr>"
    + "<tr><td>2</td></tr>" * 4000
    + "</table>",
    "duplicate ids": f"<div id=zoom>{TEXT}</div>" * 500,
    "controls": TEXT * 9 + "\x00\x1f\x1e\x1d\ufffe\u202e<p>后\x00文</p>",
    "surrogates": TEXT * 9 + "<p>前\ud800后</p>&#xd800;&#x110000;&#0;",
    "unclosed comment": TEXT * 9 + "<!-- " + TEXT * 1000,
    "numbers past all counting": TEXT * 9 + f"<ol start={'9' * 40}><li value={'9' * 40}>一</li><li>二</li></ol>",
    "numbers that are none": TEXT * 9
    + f"<ol start=②><li value=²>一</li></ol><ol start=--5><li value={'9' * 5000}>一</li><li>二</li></ol>"
    + "<iframe width=② height=² src=/a.pdf></iframe>",
    "counts past all counting": TEXT * 9 + f"<p>全年共收到政府信息公开申请{'9' * 5000}件。</p>" + FORM,
    "addresses that are none": TEXT * 9
    + "<img src='http://[x'><a href='http://[y/1.pdf'>附件</a><base href='http://[::1'>",
    "brackets": TEXT * 9 + "<p>" + "〔" * 30000 + "（" * 30000 + "</p>",
    "labels without end": TEXT * 9 + "<p>" + "来源：" * 30000 + "</p>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markup_has_an_answer_in_seconds(name: str) -> None:
    payload = page(HOSTILE[name])
    started = time.process_time()
    try:
        found = read(Page(url="http://www.qinghe.gov.cn/a/1.html", payload=payload))
    except Unreadable as error:
        assert error.name == "too_deep"  # noqa: PT017
        assert name == "tables too deep"
    else:
        assert found.body
        (found.body + str(found.metadata)).encode("utf-8")
        assert lost(payload) == 0
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("depth", [20, 200])
def test_tables_nested_deep_in_a_page_of_no_known_kind_stop_no_one(depth: int) -> None:
    html = f"<html><body>{TEXT * 6}{'<table><tr><td>表</td><td>一' * depth}"
    started = time.process_time()
    found = read(Page(url="http://www.qinghe.gov.cn/a/1.html", payload=html.encode()))
    assert found.body
    assert time.process_time() - started < SECONDS


def test_a_table_right_below_a_row_loses_nothing() -> None:
    html = page(
        TEXT
        + "<table><tr><td>规章</td><td>1</td></tr><table><tr><td>合计</td><td>2，其中一件</td></tr></table></table>"
    )
    assert lost(html) == 0
    assert "其中一件" in (read(Page(url="http://www.qinghe.gov.cn/a/1.html", payload=html)).body or "")


BASE = page(
    f"{TEXT}<table><tr><td>一、本年新收</td><td colspan=2>3</td></tr><tr><td>合计</td><td>3</td><td>0</td></tr></table>"
    f"<p>一、<b>总体</b>情况</p>{TEXT}<ul><li>甲</li><li>乙</li></ul><p>青禾县教育局</p><p>2024年1月16日</p>"
)
TAGS = [
    "table",
    "tr",
    "td",
    "div",
    "p",
    "span",
    "li",
    "h1",
    "pre",
    "select",
    "textarea",
    "form",
    "script",
    "style",
    "svg",
    "template",
    "plaintext",
    "body",
    "html",
    "o:p",
]
SHRAPNEL = st.one_of(
    st.sampled_from([f"<{tag}>".encode() for tag in TAGS] + [f"</{tag}>".encode() for tag in TAGS]),
    st.sampled_from(
        [b"<!--", b"<![CDATA[", b"<?xml", b"\0", b"\xff\xfe", b"<td rowspan=0>", b"<td colspan=99>", b"&#0;"]
    ),
    st.sampled_from(["公开".encode("gb18030"), "報告".encode("big5"), "报".encode("utf-16"), b"<table hidden>"]),
    st.binary(min_size=1, max_size=6),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(BASE)), SHRAPNEL), min_size=1, max_size=12), st.integers(0, 9))
def test_a_page_with_anything_in_it_is_read_or_named(pieces: list[tuple[int, bytes]], cut: int) -> None:
    payload = bytearray(BASE)
    for place, piece in pieces:
        payload[place:place] = piece
    if cut == 0:
        payload = payload[: random.Random(len(payload)).randrange(len(payload))]
    try:
        read(Page(url="http://www.qinghe.gov.cn/a/1.html", payload=bytes(payload)))
    except Unreadable as error:
        assert error.name  # noqa: PT017
        return
    assert lost(bytes(payload)) == 0
