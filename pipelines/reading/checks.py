"""What a report says twice must agree: the arithmetic of the statutory tables, text against table, year against year.
And what the yearly assessments (第三方评估) ask of every report: was it in time, was it written anew.

Tolerance is nought. An identity with a blank part is not assessed. ``expected`` is what the other cells imply,
``found`` what is printed, ``where`` the path of the printed cell (``applications.total.natural_person``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from crawler.deadlines import FIRST_YEAR, deadline
from crawler.forms import APPLICANTS, GRANTED_ROWS, OTHER_ROW_2019, OTHER_ROWS_2021, OUTCOMES, REFUSED_ROWS, REVIEW_ROWS
from crawler.items import Check
from pipelines.reading.widths import half_width

LATE = "publication.deadline"
REPEATED = "years.repeated"
MOSTLY_REPEATED = 0.5  # no rule sets a bound; from here on most of the report is last year's
Number = int | float
Cells = Mapping[str, Mapping[str, Number | None]]


def table_checks(statistics: Mapping[str, Any], *, closed: bool = True) -> tuple[Check, ...]:
    """The identities printed in the form itself that ``statistics`` breaks.

    ``closed``: table three has no rows beyond the form; with others its parts cannot be added up.
    """
    applications: Cells = statistics["applications"]
    return (
        *_balance(applications),
        *(_results(applications) if closed else ()),
        *_row_totals(applications),
        *_review_totals(statistics["review_litigation"]),
    )


def _cell(cells: Cells, row: str, column: str) -> Number | None:
    return cells.get(row, {}).get(column)


def _sum(parts: Iterable[Number | None]) -> Number | None:
    """The sum, or ``None`` where a part is blank."""
    total: Number = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def _broken(rule: str, where: str, expected: Number | None, found: Number | None) -> tuple[Check, ...]:
    if expected is None or found is None or expected == found:
        return ()
    return (Check(rule, where, str(expected), str(found)),)


def _balance(applications: Cells) -> tuple[Check, ...]:
    broken: tuple[Check, ...] = ()
    for column in APPLICANTS:
        received = _sum(_cell(applications, row, column) for row in ("new", "carried_in"))
        carried_out = _cell(applications, "carried_out", column)
        if received is not None and carried_out is not None:
            total = _cell(applications, "total", column)
            broken += _broken("applications.balance", f"applications.total.{column}", received - carried_out, total)
    return broken


def _results(applications: Cells) -> tuple[Check, ...]:
    """Table three's results against its 总计; (六)其他处理 is one row in 2019 and three from 2021."""
    single = any(value is not None for value in applications.get(OTHER_ROW_2019, {}).values())
    others = (OTHER_ROW_2019,) if single or OTHER_ROWS_2021[0] not in applications else OTHER_ROWS_2021
    parts = (*GRANTED_ROWS, *REFUSED_ROWS, *others)
    broken: tuple[Check, ...] = ()
    for column in APPLICANTS:
        expected = _sum(_cell(applications, row, column) for row in parts)
        found = _cell(applications, "total", column)
        broken += _broken("applications.results", f"applications.total.{column}", expected, found)
    return broken


def _row_totals(applications: Cells) -> tuple[Check, ...]:
    broken: tuple[Check, ...] = ()
    for row, cells in applications.items():
        expected = _sum(cells.get(column) for column in APPLICANTS if column != "total")
        broken += _broken("applications.row_total", f"applications.{row}.total", expected, cells.get("total"))
    return broken


def _review_totals(review: Cells) -> tuple[Check, ...]:
    broken: tuple[Check, ...] = ()
    for group in REVIEW_ROWS:
        cells = review.get(group, {})
        expected = _sum(cells.get(column) for column in OUTCOMES if column != "total")
        broken += _broken("review.total", f"review_litigation.{group}.total", expected, cells.get("total"))
    return broken


# ---------------------------------------------------------------- year against year


def across_years(previous: Mapping[str, Any] | None, statistics: Mapping[str, Any] | None) -> tuple[Check, ...]:
    """What this year's report says of last year's end, against what last year's report said. Warnings:
    agencies correct their counts, merge and split.

    ``previous`` is the same agency's ``statistics`` of the year before.
    """
    if previous is None or statistics is None:
        return ()
    broken: tuple[Check, ...] = ()
    for column in APPLICANTS:
        expected = _cell(previous["applications"], "carried_out", column)
        found = _cell(statistics["applications"], "carried_in", column)
        broken += _broken("years.carried", f"applications.carried_in.{column}", expected, found)
    for row in ("rules", "normative_documents"):
        cells = statistics["disclosure"].get(row, {})
        before = previous["disclosure"].get(row, {}).get("in_force")
        made, repealed = cells.get("made"), cells.get("repealed")
        if before is not None and made is not None and repealed is not None:
            expected = before + made - repealed
            broken += _broken("years.in_force", f"disclosure.{row}.in_force", expected, cells.get("in_force"))
    return tuple(Check(check.rule, check.where, check.expected, check.found, "warning") for check in broken)


def mostly_repeated(share: float | None) -> tuple[Check, ...]:
    """A warning where more than half of the prose stood in last year's report; ``found`` is the share, 0 to 1."""
    if share is None or share <= MOSTLY_REPEATED:
        return ()
    return (Check(REPEATED, "body", f"<={MOSTLY_REPEATED}", f"{share:.3f}", "warning"),)


# ---------------------------------------------------------------- against the law's deadline


def publication_check(agency: str | None, report_year: int | None, published_on: date | None) -> tuple[Check, ...]:
    """A warning where the printed day of publication lies after the statutory one; ``expected`` is the last day in time.

    A date may be that of a move to another portal: who knows when the report was first seen can tell.
    """
    if report_year is None or published_on is None or report_year < FIRST_YEAR:
        return ()
    last = deadline(agency, report_year)
    if published_on <= last:
        return ()
    return (Check(LATE, "published_on", last.isoformat(), published_on.isoformat(), "warning"),)


# ---------------------------------------------------------------- text against table

_COUNT = r"(?:为|共计|共|总计|合计|是)?(?P<count>\d{1,3}(?:,\d{3}){1,4}|\d{1,15}(?!\d))(?P<more>[余多来])?[件条宗份个项例起次]"
_APPLICATIONS = (
    r"(?:(?:社会)?公众|群众|公民|法人|[、和或及]|其他组织|自然人|提出|提交|递交|书面|的)*"
    r"(?:政府信息公开|依申请公开|信息公开|政府信息依申请公开)(?:的)?(?:政府信息)?(?:申请)?(?:事项|数量|总数|件数)?"
)
# The subject of a clause about the whole report, not about one of its agencies, channels or kinds of applicant.
_WHOLE = (
    r"(?:(?P<year>20\d\d)年(?:度)?|本年度?|全年|年度内|年内|报告期内|我(?:局|市|县|区|委|厅|办|镇|乡|单位|机关|街道|省|院|部|队|中心)"
    r"|本(?:局|市|县|区|委|厅|办|镇|乡|单位|机关|街道|省|级|行政机关)|全(?:省|市|县|区|镇|乡|局|系统)|[,、:]|共|共计|总共|合计|累计|一共)*"
)
_RECEIVED = re.compile(rf"^{_WHOLE}(?:收到|受理|接收|接到)(?:的)?(?:各类)?(?P<what>{_APPLICATIONS}){_COUNT}")
_RECEIVED_NONE = re.compile(rf"^{_WHOLE}(?:未收到|没有收到|未接到|未受理|无){_APPLICATIONS}(?:件)?(?:,|$)")
_NEW = re.compile(
    rf"(?:本年度?|全年|(?P<year>20\d\d)年度?)[,，]?(?:我(?:局|市|县|区|镇|乡|单位)|本(?:局|机关|单位))?(?:共计?)?新收(?:到)?(?:的)?(?:{_APPLICATIONS})?(?:申请)?(?:数量)?{_COUNT}"
)
_CARRIED_IN = re.compile(
    rf"上(?:一)?年(?:度)?结转(?:至本年度?)?(?:的)?(?:{_APPLICATIONS})?(?:申请)?(?:数量)?(?:办理)?{_COUNT}"
)
_CARRIED_OUT = re.compile(
    rf"结转(?:至|到)?下(?:一)?年(?:度)?(?:继续)?(?:办理)?(?:的)?(?:{_APPLICATIONS})?(?:申请)?{_COUNT}"
)
_BECAUSE = r"(?:因|涉及?|关于|有关)?政府信息公开(?:工作|申请|事项|事务)?(?:被|引发|引起|产生|提起|申请|而|的|所)*"
_REVIEW = re.compile(rf"{_BECAUSE}行政复议(?:申请|案件|案|数量)?{_COUNT}")
_LITIGATION = re.compile(rf"{_BECAUSE}(?:行政诉讼)(?:案件|案|数量)?{_COUNT}")
_PARTIAL = re.compile(r"其中|同比|较上年|比上年|比去年|去年|上年同期|分别|平均|以来")
_CLAUSE = re.compile(r"[。;；!！?？:：\n]")


def narrative_checks(
    paragraphs: Sequence[str], statistics: Mapping[str, Any], *, report_year: int | None = None
) -> tuple[Check, ...]:
    """Clear statements of the text that disagree with the tables. Silence where the text can be read in two ways."""
    applications, review = statistics["applications"], statistics["review_litigation"]
    clauses = [clause for text in paragraphs for clause in _CLAUSE.split(_plain(text)) if clause]
    new, carried_in, carried_out = (_cell(applications, row, "total") for row in ("new", "carried_in", "carried_out"))
    reconsideration = _cell(review, "reconsideration", "total")
    litigation = _sum(_cell(review, group, "total") for group in ("litigation_direct", "litigation_after_review"))
    statements = (
        # Reports say 收到 of this year's applications alone, or of those carried over too.
        ("received", "applications.new.total", (new, _sum((new, carried_in))), _received(clauses, report_year)),
        ("new", "applications.new.total", (new,), _figures(_NEW, clauses, report_year)),
        ("carried_in", "applications.carried_in.total", (carried_in,), _figures(_CARRIED_IN, clauses)),
        ("carried_out", "applications.carried_out.total", (carried_out,), _figures(_CARRIED_OUT, clauses)),
        (
            "reconsideration",
            "review_litigation.reconsideration.total",
            (reconsideration,),
            _figures(_REVIEW, clauses),
        ),
        (
            "litigation",
            "review_litigation.litigation_direct.total+litigation_after_review.total",
            (litigation,),
            _figures(_LITIGATION, clauses),
        ),
    )
    broken = []
    for name, where, right, said in statements:
        if len(said) == 1 and None not in right and not said <= set(right):
            broken.append(Check(f"narrative.{name}", where, str(right[0]), str(next(iter(said)))))
    return tuple(broken)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", half_width(text))


def _figures(pattern: re.Pattern[str], clauses: Iterable[str], report_year: int | None = None) -> set[int]:
    """The exact counts that clauses state of the whole report, those of other years left out."""
    return {
        int(found["count"].replace(",", ""))
        for clause in clauses
        for found in pattern.finditer(clause)
        if not found["more"]
        and not _PARTIAL.search(clause[: found.end()])
        and (report_year is None or int(found.groupdict().get("year") or report_year) == report_year)
    }


def _received(clauses: Iterable[str], report_year: int | None) -> set[int]:
    said: set[int] = set()
    for clause in clauses:
        found = _RECEIVED.search(clause) or _RECEIVED_NONE.search(clause)
        if found is None or found.groupdict().get("more") or _PARTIAL.search(clause[: found.end()]):
            continue
        if report_year is not None and found["year"] and int(found["year"]) != report_year:
            continue
        said.add(int((found.groupdict().get("count") or "0").replace(",", "")))
    return said
