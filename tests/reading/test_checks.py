"""Identities a report breaks: reported with what the other cells imply, and silent where a part is blank."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from crawler.items import Check, Page
from pipelines.reading import read
from pipelines.reading.blocks import Paragraph
from pipelines.reading.checks import across_years, narrative_checks, publication_check, table_checks
from pipelines.reading.statistics import read_statistics
from tests.reading.statutory_forms import APPLICANT_LABELS, ROWS_2019, ROWS_2021, applications

RESULTS = ("upheld", "corrected", "other", "pending", "total")


def balanced(year_format: str = "2021") -> dict[str, Any]:
    """A report that adds up: ten new applications and two carried over, nine answered, three carried on."""
    names = ROWS_2021 if year_format == "2021" else ROWS_2019
    rows: dict[str, dict[str, int | None]] = {name: dict.fromkeys(APPLICANT_LABELS, 0) for name in names}

    def put(row: str, natural: int, business: int) -> None:
        rows[row] |= {"natural_person": natural, "business": business, "total": natural + business}

    put("new", 8, 2)
    put("carried_in", 1, 1)
    put("granted", 4, 1)
    put("denied_process", 1, 0)
    put("other_other" if year_format == "2021" else "other", 2, 1)
    put("total", 7, 2)
    put("carried_out", 2, 1)
    review = {
        group: dict(zip(RESULTS, (1, 0, 0, 1, 2), strict=True))
        for group in ("reconsideration", "litigation_direct", "litigation_after_review")
    }
    disclosure = {
        "rules": {"made": 0, "repealed": 0, "in_force": 0},
        "normative_documents": {"made": 3, "repealed": 1, "in_force": 12},
    }
    return {"format": year_format, "disclosure": disclosure, "applications": rows, "review_litigation": review}


@pytest.mark.parametrize("year_format", ["2019", "2021"])
def test_a_report_that_adds_up_breaks_nothing(year_format: str) -> None:
    assert table_checks(balanced(year_format)) == ()


@pytest.mark.parametrize("year_format", ["2019", "2021"])
def test_a_wrong_number_of_new_applications_breaks_the_balance_and_its_row(year_format: str) -> None:
    statistics = balanced(year_format)
    statistics["applications"]["new"]["natural_person"] = 9
    assert table_checks(statistics) == (
        Check("applications.balance", "applications.total.natural_person", "8", "7"),
        Check("applications.row_total", "applications.new.total", "11", "10"),
    )


def test_results_that_do_not_add_up_to_their_total() -> None:
    statistics = balanced()
    statistics["applications"]["denied_process"] |= {"natural_person": 3, "total": 3}
    found = table_checks(statistics)
    assert {(check.rule, check.where, check.expected, check.found) for check in found} == {
        ("applications.results", "applications.total.natural_person", "9", "7"),
        ("applications.results", "applications.total.total", "11", "9"),
    }
    assert table_checks(statistics, closed=False) == ()


def test_table_four_is_added_up_three_times() -> None:
    statistics = balanced()
    statistics["review_litigation"]["litigation_direct"]["total"] = 7
    assert table_checks(statistics) == (Check("review.total", "review_litigation.litigation_direct.total", "2", "7"),)


def test_an_identity_with_a_blank_part_is_not_assessed() -> None:
    statistics = balanced()
    for cells in statistics["applications"].values():
        cells["research"] = None
    statistics["applications"]["new"] |= {"natural_person": 99, "total": 99}
    statistics["applications"]["carried_out"] = dict.fromkeys(APPLICANT_LABELS)
    statistics["review_litigation"]["reconsideration"] |= {"other": None, "total": 50}
    assert table_checks(statistics) == ()


def test_a_single_row_of_other_results_counts_in_a_later_report() -> None:
    statistics = balanced("2019")
    for name in ("other_no_correction", "other_unpaid", "other_other"):
        statistics["applications"][name] = dict.fromkeys(APPLICANT_LABELS)
    assert table_checks(statistics) == ()
    statistics["applications"]["other"]["natural_person"] += 1
    assert "applications.results" in {check.rule for check in table_checks(statistics)}


# ---------------------------------------------------------------- text against table


def said(*sentences: str, year: int | None = 2024) -> set[tuple[str, str, str]]:
    checks = narrative_checks(sentences, balanced(), report_year=year)
    return {(check.rule, check.expected, check.found) for check in checks}


@pytest.mark.parametrize(
    "sentence",
    [
        "2024年，我局共收到政府信息公开申请10件，均按期答复。",
        "全年共收到政府信息公开申请12件（含上年结转2件）。",
        "本年新收政府信息公开申请10件，上年结转2件，结转下年度继续办理3件。",
        "2023年，我局共收到政府信息公开申请77件。",
        "2023年新收政府信息公开申请77件。2024年，县教育局新收政府信息公开申请4件。",
        "全年收到政府信息公开申请70余件。",
        "其中，通过网络收到政府信息公开申请6件。",
        "市公安局收到政府信息公开申请6件。",
        "全年办理行政复议案件88件。",
        "近五年累计收到政府信息公开申请88件以来。去年收到政府信息公开申请5件。",
        "全年共收到政府信息公开申请13件。全年共收到政府信息公开申请14件。",
        "因政府信息公开被申请行政复议2件，提起行政诉讼4件。",
    ],
)
def test_text_that_agrees_or_can_be_read_otherwise_is_left_alone(sentence: str) -> None:
    assert said(sentence) == set()


@pytest.mark.parametrize(
    ("sentence", "rule", "expected", "found"),
    [
        ("2024年，我局共收到政府信息公开申请11件。", "narrative.received", "10", "11"),
        ("全年受理依申请公开事项 21 件，均已办结。", "narrative.received", "10", "21"),
        ("本年度未收到政府信息公开申请。", "narrative.received", "10", "0"),
        ("本年新收政府信息公开申请 9 件。", "narrative.new", "10", "9"),
        ("2024年新收政府信息公开申请9件，上年结转2件。", "narrative.new", "10", "9"),
        ("本年度，我局新收到政府信息公开申请9件，均已办结。", "narrative.new", "10", "9"),
        ("上年结转政府信息公开申请１件。", "narrative.carried_in", "2", "1"),
        ("结转下年度继续办理5件。", "narrative.carried_out", "3", "5"),
        ("因政府信息公开引起的行政复议3件。", "narrative.reconsideration", "2", "3"),
        ("因政府信息公开提起行政诉讼5件。", "narrative.litigation", "4", "5"),
    ],
)
def test_a_clear_statement_against_the_table_is_reported(sentence: str, rule: str, expected: str, found: str) -> None:
    assert said(sentence) == {(rule, expected, found)}


def test_the_reader_of_a_report_checks_both_its_tables_and_its_text() -> None:
    figures = copy.deepcopy(balanced()["applications"])
    figures["granted"]["total"] = 6
    result = read_statistics([Paragraph("全年共收到政府信息公开申请15件。"), applications(figures)])
    assert {check.rule for check in result.checks} == {
        "applications.results",
        "applications.row_total",
        "narrative.received",
    }


# ---------------------------------------------------------------- year against year


def test_what_was_carried_out_comes_in_next_year() -> None:
    before, after = balanced(), balanced()
    after["applications"]["carried_in"] = {**before["applications"]["carried_out"]}
    after["disclosure"]["normative_documents"] = {"made": 3, "repealed": 1, "in_force": 14}
    assert across_years(before, after) == ()
    after["applications"]["carried_in"]["business"] = 0
    after["disclosure"]["normative_documents"]["in_force"] = 15
    assert across_years(before, after) == (
        Check("years.carried", "applications.carried_in.business", "1", "0", "warning"),
        Check("years.in_force", "disclosure.normative_documents.in_force", "14", "15", "warning"),
    )


def test_years_that_cannot_be_compared_are_not() -> None:
    old = balanced("2019")
    old["disclosure"] = {"rules": {"made": 1, "newly_disclosed": 1, "total_disclosed": 9}}
    old["applications"]["carried_out"] = dict.fromkeys(APPLICANT_LABELS)
    assert across_years(old, balanced()) == ()
    assert across_years(None, balanced()) == ()
    assert across_years(balanced(), None) == ()


@pytest.mark.parametrize(
    ("agency", "year", "day", "last"),
    [
        ("河青县水务局", 2023, date(2024, 2, 1), "2024-01-31"),
        ("河青县人民政府", 2023, date(2024, 4, 1), "2024-03-31"),
        ("河青县城关镇人民政府", 2020, date(2021, 5, 8), "2021-03-31"),
        ("河青县水务局", 2018, date(2019, 4, 2), "2019-03-31"),  # one deadline for all
        (None, 2023, date(2024, 4, 1), "2024-03-31"),
    ],
)
def test_a_report_published_after_the_statutory_day(agency: str | None, year: int, day: date, last: str) -> None:
    late = Check("publication.deadline", "published_on", last, day.isoformat(), "warning")
    assert publication_check(agency, year, day) == (late,)
    assert publication_check(agency, year, date.fromisoformat(last)) == ()


@pytest.mark.parametrize(
    ("agency", "year", "day"),
    [
        (None, 2023, date(2024, 2, 20)),  # perhaps a government's
        ("河青县人民政府办公室", 2023, date(2024, 2, 20)),
        ("河青县水务局", 2018, date(2019, 2, 20)),
        ("河青县水务局", None, date(2024, 2, 20)),
        ("河青县水务局", 2023, None),
        ("河青县水务局", 2006, date(2008, 2, 20)),  # before there was a law
    ],
)
def test_nothing_is_said_of_lateness_where_it_is_not_certain(
    agency: str | None, year: int | None, day: date | None
) -> None:
    assert publication_check(agency, year, day) == ()


PAGE = """<html><head><meta charset=utf-8></head><body><h1>{title}</h1><p>{byline}</p><div id=zoom>
<p>一、总体情况</p><p>本年度健全制度，充实目录，按时更新，共公开信息12条，群众满意度有所提高，投诉逐年减少。</p>
<p>二、存在的主要问题及改进情况</p><p>公开内容的深度还不够，将加强业务培训，完善公开目录，提高答复质量，及时回应关切。</p>
</div></body></html>"""


@pytest.mark.parametrize(
    ("byline", "title", "rules"),
    [
        ("发布日期：2024-03-05", "河青县水务局2023年政府信息公开工作年度报告", ["publication.deadline"]),
        ("发布日期：2024-01-05", "河青县水务局2023年政府信息公开工作年度报告", []),
        ("更新时间：2024-03-05", "河青县水务局2023年政府信息公开工作年度报告", []),  # no day of publication
        ("发布日期：2024-03-05", "河青县水务局2023年度政府网站工作年度报表", []),  # another kind, another deadline
    ],
)
def test_a_page_that_prints_its_publication_is_held_to_the_deadline(byline: str, title: str, rules: list[str]) -> None:
    payload = PAGE.format(byline=byline, title=title).encode()
    found = read(Page(url="http://slj.heqing.gov.cn/art/1.html", payload=payload))
    assert [check.rule for check in found.checks] == rules
