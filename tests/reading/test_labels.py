"""One printed line → labels and values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reading.labels import Role, pairs, role_of
from pipelines.reading.markup import EDGE

GAP = st.text(st.sampled_from(" \u00a0\u2002\u3000"), max_size=4)
WIDE = st.text(st.sampled_from("\u00a0\u2002\u3000"), min_size=2, max_size=6)
COLON = st.sampled_from(":：")
LABELS = st.sampled_from("索引号 发布机构 发布日期 文号 主题分类 成文日期 有效性 发文单位 内容概述".split())  # noqa: SIM905
VALUES = st.sampled_from(
    ["", "331122000000/2017-63181", "青禾县", "2018-03-28 09:35:02", "无文号", "公开,信息公开", "—"]
)


def told(line: str, *, unknown: bool = False) -> list[tuple[str, str]]:
    return [(pair.label, pair.value or "") for pair in pairs(line, unknown=unknown) if pair.role is not Role.CHROME]


@given(st.lists(st.tuples(LABELS, GAP, COLON, GAP, VALUES, WIDE), min_size=1, max_size=6, unique_by=lambda one: one[0]))
def test_a_line_of_pairs_with_any_gaps_gives_each_pair(parts: list[tuple[str, str, str, str, str, str]]) -> None:
    line = "".join(
        inner.join(label) + inner + colon + gap + value + wide for label, inner, colon, gap, value, wide in parts
    )
    assert told(line.strip()) == [(label, value) for label, _, _, _, value, _ in parts]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("索引号 :\u2002\u2002\u2002文\u2002\u2002号 :\u2002\u2002", [("索引号", ""), ("文号", "")]),
        ("发布时间：2019-03-15 09:35:02 【字体：大 中 小】", [("发布时间", "2019-03-15 09:35:02")]),
        ("发布日期：2016-11-22 浏览次数： 信息来源：省发改委", [("发布日期", "2016-11-22"), ("信息来源", "省发改委")]),
        (
            "发布日期：2016-11-22 打印日期：2026-11-28 信息来源：省发改委",
            [("发布日期", "2016-11-22"), ("信息来源", "省发改委")],
        ),
        ("索引号:339922000000/2017-1发布机构:青禾县", [("索引号", "339922000000/2017-1"), ("发布机构", "青禾县")]),
        ("【索引号】：X/2020-1　【文号】：无", [("索引号", "X/2020-1"), ("文号", "无")]),
        ("来源：县审计局　打印　收藏　关闭", [("来源", "县审计局")]),
        ("【索引号】A/2021-1 【发布机构】县教育局", [("索引号", "A/2021-1"), ("发布机构", "县教育局")]),
        (f"{EDGE}索{EDGE}引号{EDGE} : {EDGE}A/2021-1{EDGE}", [("索引号", "A/2021-1")]),
        (f"主题词:{EDGE}{EDGE}年报 公开{EDGE}{EDGE}文号:{EDGE}{EDGE}无", [("主题词", "年报 公开"), ("文号", "无")]),
        ("主题词：年报 公开\u00a0\u00a0\u00a0\u00a0文号：无", [("主题词", "年报 公开"), ("文号", "无")]),
        ("主题词：年报\u3000\u3000公 开 文 号：无", [("主题词", "年报"), ("公开文号", "无")]),
        ("主题词：年报\u3000\u3000公开 文号：无", [("主题词", "年报"), ("公开文号", "无")]),
        (f"{EDGE}公开{EDGE}{EDGE}文号{EDGE}:{EDGE}无{EDGE}", [("公开文号", "无")]),
        (
            f"{EDGE}索引号{EDGE}{EDGE}{EDGE}{EDGE}名称{EDGE}{EDGE}青禾县年报{EDGE}{EDGE}文号{EDGE}{EDGE}{EDGE}",
            [("索引号", ""), ("名称", "青禾县年报"), ("文号", "")],
        ),
    ],
)
def test_lines_as_portals_print_them(line: str, expected: list[tuple[str, str]]) -> None:
    assert told(line) == expected


def test_an_unknown_label_counts_only_where_asked_for() -> None:
    line = "索引号：A/2020-1　　存放位置：档案室"
    assert told(line) == [("索引号", "A/2020-1　　存放位置：档案室")]
    assert told(line, unknown=True) == [("索引号", "A/2020-1"), ("存放位置", "档案室")]


def test_a_longer_label_is_not_read_as_the_shorter_one_in_it() -> None:
    assert told("发布文号：青政发〔2020〕1号") == [("发布文号", "青政发〔2020〕1号")]
    assert role_of("发 布 文 号：") is Role.DOCUMENT_NUMBER


def test_a_label_within_a_sentence_is_none() -> None:
    assert told("及时公开处罚决定书文号、被处罚人姓名") == []
    assert told("如有疑问请联系办公室，联系电话：0999—8138667") == []
