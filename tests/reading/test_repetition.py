"""How much of a report is last year's: counted in characters, figures kept, and silent where there is too little."""

from __future__ import annotations

import pytest

from crawler.items import Check
from pipelines.reading.checks import mostly_repeated
from pipelines.reading.repetition import ENOUGH, RUN, repeated_share

SENTENCES = [
    "本局把公开工作列入年度考核，由办公室牵头，各科室指定一名联络员，逐月核对目录并更新。",
    "全年围绕河道整治、农村供水两件民生实事公开招标、进度和验收材料，群众可在专栏中逐项查到。",
    "收到的申请由专人登记，答复前送法规科审核，疑难事项集体讨论，没有超过期限的答复。",
    "网站专栏按新的栏目结构重新整理，失效文件已注明，附件格式统一，手机上可以直接打开。",
    "公众开放日邀请居民参观水厂和监测站，现场回答了水价、停水通知和水质报告方面的提问。",
    "存在的不足是部分科室对主动公开的边界把握不准，下一步将编写案例，按季度组织培训。",
    "乡镇水管站的信息更新不及时，拟把更新情况纳入通报，并在年中开展一次全面检查。",
]
OTHER = [
    "这一年我们首次把行政执法的依据和流程做成图解，挂在办事大厅，也放在网站首页的显著位置。",
    "针对投诉较多的物业管理，会同街道召开了三场说明会，会议记录随后全部上网，供居民查阅。",
    "新建的数据目录收录了四十二类数据，其中三十类可以下载，下载次数最多的是公交线路数据。",
    "依申请公开的答复文书采用统一格式，写明法律依据和救济途径，申请人满意度明显提高。",
    "对照评估指出的问题，逐条整改，删除重复栏目九个，补充缺失的政策解读材料十五份。",
    "明年将推进公开与政务服务融合，让企业在办事时就能看到适用的政策和申报的条件。",
    "同时加强个人隐私保护，公示名单一律遮挡证件号码，公示期满后按规定及时撤下。",
]
LAST_YEAR = "\n\n".join(["一、总体情况", *SENTENCES])


def test_the_same_text_is_repeated_whole_and_another_not_at_all() -> None:
    assert repeated_share(LAST_YEAR, LAST_YEAR) == 1.0
    assert repeated_share(LAST_YEAR, "\n\n".join(OTHER)) == 0.0


def test_the_share_is_that_of_this_years_characters() -> None:
    mixed = [*SENTENCES[:3], *OTHER[3:]]
    length = sum(map(len, mixed))
    share = repeated_share(LAST_YEAR, "\n\n".join(mixed))
    assert share == pytest.approx(sum(map(len, SENTENCES[:3])) / length)
    doubled = LAST_YEAR + "\n\n" + "\n\n".join(OTHER)
    assert repeated_share(LAST_YEAR, doubled) == pytest.approx(
        sum(map(len, SENTENCES)) / sum(map(len, SENTENCES + OTHER))
    )
    assert repeated_share(doubled, LAST_YEAR) == 1.0


def test_a_changed_figure_breaks_the_run_it_stands_in_and_only_that() -> None:
    before = "，".join(["本年度共公开信息120条", *SENTENCES])
    after = before.replace("120", "121")
    share = repeated_share(before, after)
    assert share is not None
    assert 1.0 - 0.05 < share < 1.0


def test_white_space_width_and_paragraph_marks_are_no_difference() -> None:
    spaced = LAST_YEAR.replace("，", "， ").replace("。\n\n", "。\n\n　　")
    assert repeated_share(LAST_YEAR, spaced) == 1.0


def test_headings_tables_pictures_and_signature_are_no_prose() -> None:
    form = "| 信息内容 | 本年，制发件数 |\n| --- | --- |\n| 行政规范性文件，本年度制发的件数和现行有效的件数 | 3 |"
    around = ["二、主动公开政府信息情况", form, "![图，说明](http://a.gov.cn/1.png)", "河青县水务局", "2024年1月16日"]
    assert repeated_share("\n\n".join([*around, *SENTENCES]), "\n\n".join([*OTHER, *around])) == 0.0


@pytest.mark.parametrize("short", [None, "", SENTENCES[0], "一、总体情况"])
def test_with_next_to_no_prose_on_either_side_nothing_is_said(short: str | None) -> None:
    assert len(SENTENCES[0]) < ENOUGH
    assert repeated_share(short, LAST_YEAR) is None
    assert repeated_share(LAST_YEAR, short) is None


def test_terms_every_report_uses_are_no_repetition() -> None:
    terms = ["中华人民共和国政府信息公开条例", "政府信息公开工作年度报告"]
    assert all(len(term) < RUN for term in terms)
    before = [f"{term}，{sentence}" for term, sentence in zip(terms * 4, SENTENCES, strict=False)]
    after = [f"{term}，{sentence}" for term, sentence in zip(terms * 4, OTHER, strict=False)]
    assert repeated_share("\n".join(before), "\n".join(after)) == 0.0


def test_most_of_it_repeated_is_a_warning_with_the_share() -> None:
    assert mostly_repeated(0.8349) == (Check("years.repeated", "body", "<=0.5", "0.835", "warning"),)
    assert mostly_repeated(0.5) == mostly_repeated(0.0) == mostly_repeated(None) == ()
