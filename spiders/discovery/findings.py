"""What discovery comes to: columns, ways on, and what a person has to look at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that is taken for an annual-report column."""

    url: str
    title: str
    score: int  # 0–100; 60 and more is a column
    why: str
    report_year: int | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A page to be looked at on the way."""

    url: str
    why: str
    score: int
    deeper: bool = True  # a splash page's way on leads to the same level: to what the home page really is


@dataclass(frozen=True, slots=True)
class Findings:
    """What one page says about where the annual reports are."""

    columns: tuple[Candidate, ...] = ()
    follow: tuple[Step, ...] = ()  # best first
    undecided: tuple[str, ...] = ()  # for a person to look at
    foreign: tuple[Step, ...] = ()  # on hosts the registry does not give this portal: never followed, to be added
    site_map: tuple[Step, ...] = ()  # 网站地图: looked at where no other way leads to a column
