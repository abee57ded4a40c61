"""How the portals fill their columns: one line a report, everything else drawn from its agency and year."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from . import prose
from .blocks import Block
from .draw import Draw
from .identifiers import credit_code
from .prose import Agency
from .report import SampleReport
from .statistics import Figures, figures

DECOYS: dict[str, tuple[str, str, Callable[[Agency, int], tuple[Block, ...]]]] = {
    "self_inspection": (
        "self_inspection",
        "{agency}关于落实{year}年政务公开工作要点自查情况的汇报",
        prose.self_inspection,
    ),
    "website_report": ("website_report", "{agency}{year}年政府网站工作年度报表", prose.website_report),
    "interpretation": ("interpretation", "一图读懂{agency}{year}年政府信息公开工作年度报告", prose.interpretation),
    "notice": ("notice", "关于做好{year}年政府信息公开工作年度报告编制发布工作的通知", prose.notice),
    "guide": ("other", "{agency}政府信息公开指南", lambda agency, year: prose.guide(agency)),
    "rule_of_law": ("other", "{agency}{year}年法治政府建设年度报告", prose.rule_of_law_report),
}


def published_on(agency: Agency, year: int) -> date:
    """A day of the window of the law: mid January to the end of March of the following year."""
    return date(year + 1, 1, 11) + timedelta(days=Draw(agency.key, year).number("published", 0, 74))


def annual(
    agency: Agency,
    year: int,
    path: str,
    *,
    title: str = "{agency}{year}年政府信息公开工作年度报告",
    signed: bool = True,
    numerals: bool = False,
    blank: str | None = None,
    body: Callable[[Agency, int], tuple[Block, ...]] | None = None,
    **more: Any,
) -> SampleReport:
    """An annual report: narrative until 2018, tabular from 2019.

    ``blank`` prints the zeros of the disclosure table as this text instead, and the figures become ``None``.
    """
    published = more.pop("published_on", None) or published_on(agency, year)
    signed_on = published - timedelta(days=Draw(agency.key, year).number("signed", 1, 9)) if signed else None
    given = more.pop("given", None)
    if given is None and year >= 2019 and body is None:
        given = figures(agency.key, year, agency.busy)
    if blank is not None and given is not None:
        given = _blanked(given)
    lag = signed_on.year - year if signed_on else 0

    def compose(by: Agency, of: int, numbers: Figures | None) -> tuple[Block, ...]:
        text = (
            (body or prose.narrative)(by, of) if numbers is None else prose.national(by, of, numbers, blank=blank or "")
        )
        if signed_on is None:
            return text
        return (*text, *prose.signature(by, signed_on.replace(year=of + lag), numerals=numerals))

    return SampleReport(
        name=more.pop("name", f"{agency.key}-{year}"),
        agency=agency,
        year=year,
        title=title.format(agency=agency.name, year=year),
        path=path,
        published_on=published,
        compose=compose,
        signed_on=signed_on,
        given=given,
        **more,
    )


def decoy(what: str, agency: Agency, year: int, path: str, **more: Any) -> SampleReport:
    """A page that stands among the reports and is none."""
    kind, title, body = DECOYS[what]
    published = more.pop("published_on", None) or published_on(agency, year) + timedelta(days=2)
    return SampleReport(
        name=more.pop("name", f"{agency.key}-{what}-{year}"),
        agency=agency,
        year=year,
        title=title.format(agency=agency.name, year=year),
        path=path,
        published_on=published,
        compose=lambda by, of, _: body(by, of),
        kind=kind,
        **more,
    )


def _blanked(given: Figures) -> Figures:
    blanked = copy.deepcopy(given)
    for row in blanked["disclosure"].values():
        for name, figure in row.items():
            row[name] = None if figure == 0 else figure
    return blanked


def strong_number(agency: Agency, division: str, year: int, sequence: int, digits: int = 5) -> str:
    """An index number with a real issuer: credit code, year, sequence."""
    assert agency.organisation is not None
    return f"{credit_code(division, agency.organisation)}/{year}-{sequence:0{digits}d}"
