"""What the samples say is what real reports say: numbers that check, sums that hold, words that agree with tables."""

from __future__ import annotations

import re
from typing import Any

import pytest

from crawler.samples import SampleReport, SampleSite, serve
from crawler.samples.blocks import Paragraph, Table, plain
from crawler.samples.catalogue import GROUPS
from crawler.samples.identifiers import CREDIT_ALPHABET, credit_code, organisation_code
from crawler.samples.statistics import APPLICANTS, COLUMNS, REVIEWS, result_rows

EVERY_PORTAL = [kind for group in ("core", "families") for kind in GROUPS[group]]
EVERY_REPORT = [report for kind in EVERY_PORTAL for report in kind().reports]


def named(report: SampleReport) -> str:
    return report.name


TABULAR = [report for report in EVERY_REPORT if report.given is not None]


def test_the_check_characters_are_those_of_the_standards() -> None:
    # GB 32100-2015 and GB 11714-1997: two published vectors and a code of a real organ's form.
    assert organisation_code("00001434") == "000014349"
    assert organisation_code("01527918") == "01527918X"
    assert credit_code("370304", "004218568") == "113703040042185681"


@pytest.mark.parametrize("report", [r for r in EVERY_REPORT if r.index_number_kind == "uscc"], ids=named)
def test_every_strong_index_number_passes_its_check(report: SampleReport) -> None:
    assert report.index_number is not None
    code = report.index_number.partition("/")[0]
    weighted = sum(CREDIT_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(code[:17]))
    assert len(code) == 18
    assert code[17] == CREDIT_ALPHABET[-weighted % 31]
    assert organisation_code(code[8:16]) == code[8:17]


@pytest.mark.parametrize("report", TABULAR, ids=named)
def test_the_sums_of_the_statutory_tables_hold(report: SampleReport) -> None:
    given: dict[str, Any] = report.given or {}
    rows = given["applications"]
    for name, row in rows.items():
        assert row["total"] == sum(row[column] for column in APPLICANTS), name
    for column in COLUMNS:
        assert rows["total"][column] == sum(rows[name][column] for name in result_rows(given["format"]))
        assert rows["new"][column] + rows["carried_in"][column] == rows["total"][column] + rows["carried_out"][column]
    wrong = [
        name
        for name in REVIEWS
        if sum(figure for outcome, figure in given["review_litigation"][name].items() if outcome != "total")
        != given["review_litigation"][name]["total"]
    ]
    assert wrong == (["reconsideration"] if report.checks else [])


def test_one_report_has_the_slip_that_the_checks_must_find() -> None:
    slipped = [report for report in EVERY_REPORT if report.checks]
    assert [report.name for report in slipped] == ["lanxi-jyj-2022"]
    assert slipped[0].checks[0]["rule"] == "review.total"


def test_what_a_year_carries_out_the_next_carries_in() -> None:
    years = {r.year: r.given for r in TABULAR if r.name.startswith("lanxi-gov-") and r.given}
    assert len(years) == 6
    for year in range(2020, 2025):
        out, into = years[year - 1]["applications"]["carried_out"], years[year]["applications"]["carried_in"]
        assert out == into
    for year in range(2022, 2025):
        before, now = (years[y]["disclosure"]["normative_documents"] for y in (year - 1, year))
        assert now["in_force"] == before["in_force"] + now["made"] - now["repealed"]


@pytest.mark.parametrize("report", TABULAR, ids=named)
def test_the_sentences_agree_with_the_tables(report: SampleReport) -> None:
    text = "".join(plain(block.text) for block in report.blocks if isinstance(block, Paragraph))
    rows = (report.given or {})["applications"]
    found = re.search(r"新收政府信息公开申请(\d+)件，上年结转(\d+)件，已办结(\d+)件，结转下年度继续办理(\d+)件", text)
    if rows["new"]["total"] == 0:
        assert "未收到政府信息公开申请" in text
    else:
        assert found
        assert [int(number) for number in found.groups()] == [
            rows[name]["total"] for name in ("new", "carried_in", "total", "carried_out")
        ]
    parts = re.search(r"公开政府信息(\d+)条，其中门户网站(\d+)条，政务新媒体(\d+)条，.*?其他方式(\d+)条", text)
    assert parts
    assert int(parts[1]) == sum(int(number) for number in parts.groups()[1:])


@pytest.mark.parametrize("report", TABULAR, ids=named)
def test_the_tables_are_rectangles_of_the_statutory_size(report: SampleReport) -> None:
    disclosure, applications, review = (block for block in report.blocks if isinstance(block, Table))
    new_format = report.year >= 2021
    assert shape(disclosure) == ((14, 4) if new_format else (18, 4))
    assert shape(applications) == ((3 + 25, 10) if new_format else (3 + 23, 10))
    assert shape(review) == (4, 15)


def shape(table: Table) -> tuple[int, int]:
    covered: set[tuple[int, int]] = set()
    for row, cells in enumerate(table.rows):
        column = 0
        for cell in cells:
            while (row, column) in covered:
                column += 1
            for down in range(cell.rowspan):
                for right in range(cell.colspan):
                    assert (row + down, column + right) not in covered
                    covered.add((row + down, column + right))
    height, width = (1 + max(place[axis] for place in covered) for axis in (0, 1))
    assert len(covered) == height * width
    return height, width


def test_the_core_holds_what_the_demo_and_the_tests_need(site: SampleSite) -> None:
    expected = site.expected()
    core = [expected[kind.key] for kind in GROUPS["core"]]
    reports = [report for portal in core for report in portal["reports"]]
    assert len(reports) >= 60
    assert {portal["province"] for portal in core} == {"23", "33", "37", "42"}
    assert {report["report_year"] for report in reports} >= {2008, *range(2010, 2025)}
    assert {other["kind"] for portal in core for other in portal["others"]} == {
        "self_inspection",
        "website_report",
        "interpretation",
        "notice",
        "other",
    }
    assert {report["index_number_kind"] for report in reports} == {"uscc", "division", "placeholder", None}
    assert [report["name"] for report in reports if report["body_source"] != "page"] == ["linyuan-zjj-2017"]


def test_a_report_and_its_copy_on_another_portal_have_one_text(site: SampleSite) -> None:
    expected = site.expected()
    county = {report["name"]: report for report in expected["lanxi"]["reports"]}
    copies = [report for report in expected["lanxi-scjg"]["reports"] if "copy" in report["flags"]]
    assert len(copies) == 3
    for copied in copies:
        original = county[copied["name"]]
        assert copied["paragraphs"] == original["paragraphs"]
        assert copied["statistics"] == original["statistics"]
        assert copied["url"] != original["url"]


def test_two_offices_differ_in_one_digit() -> None:
    pair = [r for r in EVERY_REPORT if r.name in {"linyuan-pingan-2017", "linyuan-liuquan-2017"}]
    one, other = ("".join(plain(b.text) for b in report.blocks if not isinstance(b, Table)) for report in pair)  # type: ignore[union-attr]
    assert len(one) == len(other)
    assert sum(a != b for a, b in zip(one, other, strict=True)) == 1


def test_a_number_without_a_sequence_stands_on_two_works_and_a_strong_one_is_used_twice() -> None:
    by_number: dict[str, list[str]] = {}
    for report in (r for r in EVERY_REPORT if r.name.startswith("linyuan") and r.index_number):
        by_number.setdefault(str(report.index_number), []).append(report.name)
    shared = {number: names for number, names in by_number.items() if len(names) > 1}
    assert sorted(shared.values()) == [
        ["linyuan-pingan-2021", "linyuan-pingan-guide-2022"],
        ["linyuan-swj-2019", "linyuan-swj-2021"],
    ]
    assert sorted(number.endswith("None") for number in shared) == [False, True]


def test_two_machines_serve_the_same_reports() -> None:
    def contents(running: SampleSite) -> list[Any]:
        return [
            (r.title, r.path, r.blocks, [r.content(f) for f in r.files]) for p in running.portals for r in p.reports
        ]

    with serve() as one, serve() as other:
        assert contents(one) == contents(other)
