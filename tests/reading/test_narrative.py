"""Figures that prose states: with their sentence, zeros in words among them, and never a number of something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.reading.blocks import Paragraph
from pipelines.reading.narrative import Figure, narrative_figures

SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"


def figures(*texts: str, year: int | None = None) -> list[tuple[str, int | float, str]]:
    return [(figure.name, figure.value, figure.unit) for figure in narrative_figures([*map(Paragraph, texts)], year)]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("全年共主动公开政府信息３，２１５条，其中网站公开2000条。", [("disclosed", 3215, "条")]),
        ("2016年，我局主动公开规划计划、通知公告等各类信息131条。", [("disclosed", 131, "条")]),
        ("2017年度收到依申请公开申请8件，其中网上申请5件。", [("applications_received", 8, "件")]),
        ("我局收到4份以信函形式提出的信息公开申请，已答复。", [("applications_received", 4, "份")]),
        (
            "共收到政府信息公开申请9件，办结9件，其中同意公开答复5件，部分公开1件，不予公开2件，信息不存在1件。",
            [("applications_received", 9, "件"), ("answered", 9, "件"), ("granted", 5, "件"), ("granted_partly", 1, "件"),
             ("denied", 2, "件"), ("not_held", 1, "件")],
        ),
        ("因政府信息公开申请行政复议2件，行政诉讼1件。", [("reconsideration", 2, "件"), ("litigation", 1, "件")]),
        ("依申请公开共收取检索、复制费用380.5元。", [("fees", 380.5, "元")]),
        ("本年度未收到政府信息公开申请。", [("applications_received", 0, "件")]),
        ("政府信息公开行政复议、行政诉讼案件均为0件。", [("reconsideration", 0, "件"), ("litigation", 0, "件")]),
        (
            "没有发生因政府信息公开工作引发的举报、申请行政复议和提起行政诉讼的情况。",
            [("reconsideration", 0, "件"), ("litigation", 0, "件"), ("complaints", 0, "件")],
        ),
        ("我局提供政府信息全部免费。", [("fees", 0, "元")]),
        ("未向申请人收取任何政府信息公开费用。", [("fees", 0, "元")]),
    ],
)  # fmt: skip
def test_what_a_sentence_states(sentence: str, found: list[tuple[str, int | float, str]]) -> None:
    stated = figures(sentence)
    assert [figure for figure in stated if figure[0] in dict.fromkeys(name for name, *_ in found)] == found
    assert {name for name, *_ in stated} == {name for name, *_ in found}


@pytest.mark.parametrize(
    "sentence",
    [
        "设立商务举报投诉热线12312，方便群众。",
        "按照《政府信息公开条例》（国务院492号令）第14条的规定执行。",
        "全年争取扶持资金1400余万元。",
        "联系电话：0715-8138667，邮政编码437100。",
        "2017年，我局将进一步主动公开政府信息。",
        "收到人大代表建议12件、政协提案9件，均已办结。",
        "答复群众咨询投诉举报20余件。",
        "通过微信公众号发布信息2772篇。",
        "未收到人大代表建议和政协委员提案。",
        "政府信息公开专项经费支出5万元。",
        "没有公开不应当公开的信息。",
        "本年度未产生政府信息公开诉讼费用支出。",
        "未经复议直接起诉 复议后起诉",
        "自2008年以来累计主动公开政府信息4200条。",
        "条例施行以来，共收到信息公开申请75件。",
        "近三年来我局主动公开政府信息1800条。",
        "2016年主动公开政府信息500条。",
        "2016年度收到政府信息公开申请40件。",
        "全县共公开政府信息52000条，其中我局按月汇总上报。",
        "力争全年主动公开政府信息120条以上。",
        "2017年计划主动公开政府信息120条。",
        "月均主动公开政府信息12条。",
        "第四季度主动公开政府信息31条。",
        "1-6月主动公开政府信息45条，7至12月主动公开政府信息50条。",
        "撤回主动公开政府信息3条。",
        "各乡镇主动公开政府信息600条。",
        "收到政府信息公开申请的投诉举报3件。",
        "未按时答复申请0件。",
        "依申请公开减免费用120元。",
        "上年未收到政府信息公开申请。",
        "2016年没有收到政府信息公开申请。",
        "并非没有收到政府信息公开申请。",
    ],
)
def test_numbers_of_other_things_are_never_taken(sentence: str) -> None:
    assert figures(sentence, year=2017) == []


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("今年以来主动公开政府信息61条。", [("disclosed", 61, "条")]),
        ("2017年以来，我局主动公开政府信息62条。", [("disclosed", 62, "条")]),
        ("自条例施行以来制度日益健全，2017年主动公开政府信息63条。", [("disclosed", 63, "条")]),
        ("按照《2016年政务公开要点》，主动公开政府信息64条。", [("disclosed", 64, "条")]),
        ("按照省政府2016年工作安排，主动公开政府信息65条。", [("disclosed", 65, "条")]),
        ("2016年收到依申请公开申请40件，2017年收到依申请公开申请32件。", [("applications_received", 32, "件")]),
        ("全县共公开政府信息52000条，其中我局主动公开政府信息41条。", [("disclosed", 41, "条")]),
    ],
)
def test_of_several_years_or_agencies_only_the_reports_own_figure_is_taken(
    sentence: str, found: list[tuple[str, int | float, str]]
) -> None:
    assert figures(sentence, year=2017) == found


def test_an_approximate_figure_is_marked() -> None:
    (about,) = narrative_figures([Paragraph("全年主动公开政府信息2100余条。")])
    assert about == Figure("disclosed", 2100, "条", "全年主动公开政府信息2100余条", approximate=True)


def test_a_heading_says_what_a_sentence_below_it_is_about() -> None:
    assert figures("五、因政府信息公开申请行政复议的情况", "全年没有发生行政复议。") == [("reconsideration", 0, "件")]
    assert figures("五、队伍建设", "全年没有发生行政复议。") == []


def test_applications_below_their_heading_need_not_be_named_again() -> None:
    assert figures("二、依申请公开情况", "全年共受理申请26件。") == [("applications_received", 26, "件")]
    assert figures("二、救助情况", "全年共受理申请26件。") == []


def test_a_statement_made_twice_counts_once_and_two_values_are_both_kept() -> None:
    assert figures("全年主动公开政府信息154条。", "一年来主动公开政府信息154条。") == [("disclosed", 154, "条")]
    assert len(figures("全年主动公开政府信息154条。", "全年主动公开政府信息144条。")) == 2


@pytest.mark.skipif(not SEEDS.exists(), reason="the seeds are not here")
@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("000", {("disclosed", 754), ("applications_received", 12)}),
        (
            "001",
            {("disclosed", 78), ("applications_received", 0), ("fees", 0), ("complaints", 0), ("reconsideration", 0),
             ("litigation", 0)},
        ),
        ("002", {("applications_received", 10)}),
        ("003", {("disclosed", 131), ("applications_received", 6), ("reconsideration", 0), ("litigation", 0)}),
        (
            "004",
            {("disclosed", 154), ("applications_received", 0), ("reconsideration", 0), ("litigation", 0), ("fees", 0)},
        ),
    ],
)  # fmt: skip
def test_real_reports_give_what_they_state_and_no_more(number: str, expected: set[tuple[str, int]]) -> None:
    (seed,) = SEEDS.glob(f"{number}_*.txt")
    lines = [line.strip() for line in seed.read_text("utf-8").splitlines() if line.strip()]
    assert {(name, value) for name, value, _ in figures(*lines)} == expected
