"""The outline of a report, as printed and as damaged."""

from __future__ import annotations

import pytest

from pipelines.reading.blocks import Cell, Paragraph, Table
from pipelines.reading.outline import sections, statutory_section


def outline(*lines: str) -> list[tuple[int, str, str]]:
    return [(one.level, one.heading, one.text) for one in sections([Paragraph(line) for line in lines])]


def test_five_levels() -> None:
    made = outline(
        "前言不算。",
        "一、总体情况",
        "甲",
        "（一）主动公开。乙",
        "1.数量",
        "丙",
        "（1）其一",
        "①其二",
        "第二部分 主动公开",
    )
    assert made == [
        (1, "一、总体情况", "甲"), (2, "（一）主动公开", "乙"), (3, "1.数量", "丙"), (4, "（1）其一", ""), (5, "①其二", ""),
        (1, "第二部分 主动公开", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "heading", "rest"),
    [
        (
            "四、因政府信息公开申请行政复议、提起行政诉讼的情况没有因申请产生的复议。",
            "四、因政府信息公开申请行政复议、提起行政诉讼的情况",
            "没有因申请产生的复议。",
        ),
        ("（二）改进措施。2017年，我们将继续。", "（二）改进措施", "2017年，我们将继续。"),
        ("(三)、公开方式", "(三)、公开方式", ""),
        ("、其他需要报告的事项", "、其他需要报告的事项", ""),
        ("一、 概 述", "一、 概 述", ""),
        ("1、落实责任制，做到一致。", "1、落实责任制，做到一致", ""),
    ],
)
def test_headings_run_in_or_damaged(line: str, heading: str, rest: str) -> None:
    [(_, found, text)] = outline(line)
    assert (found, text) == (heading, rest)


@pytest.mark.parametrize(
    "line", ["3.15活动期间公开信息", "2020年，我局", "一是加强领导", "、同时", "10月1日", "12345热线"]
)
def test_lines_that_are_no_headings(line: str) -> None:
    assert outline(line) == []


def test_tables_stand_in_their_section() -> None:
    table = Table((Cell("甲", 0, 0), Cell("1", 0, 1)), 1, 2, "table 1")
    [one] = sections([Paragraph("二、主动公开政府信息情况"), table])
    assert (one.statutory, one.text) == (2, "| 甲 | 1 |\n| --- | --- |")


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("一、总体情况", 1), ("二、主动公开政府信息情况", 2), ("三、收到和处理政府信息公开申请情况", 3), ("三、依申请公开情况", 3),
        ("四、政府信息公开行政复议、行政诉讼情况", 4), ("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", 4),
        ("五、存在的主要问题及改进情况", 5), ("六、其他需要报告的事项", 6), ("十二、需要说明的事项与附表", 6), ("四、2019年工作思路", None),
    ],
)  # fmt: skip
def test_the_six_statutory_sections(heading: str, number: int | None) -> None:
    assert statutory_section(heading) == number
