"""Coverage as one HTML file that needs nothing else: the heat map of the web view, to be mailed or put anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from itertools import groupby
from pathlib import Path

from crawler.web import words
from crawler.web.standing import MARKS, SILENT
from spiders.divisions import name_of
from storage.coverage import Cell, Coverage, Reason, Row

STYLE = Path(__file__).parent / "web" / "static" / "style.css"
TITLE = "覆盖：机关 × 年度 Coverage: agencies × years"


def page(found: Coverage) -> str:
    """The whole file."""
    years = found.years
    cells = [_mark(cell) for row in found.rows for cell in row.cells]
    legend = "".join(
        f'<li><span class="cell m-{mark}" aria-hidden="true">{_letter(mark)}</span> {_both("mark", mark)} <b>{cells.count(mark)}</b></li>'
        for mark in MARKS
    )
    rest = ""
    if found.unassigned:
        rest = f'<p class="quiet">{len(found.unassigned)} 份报告机关或年度不明 reports without an agency or a year</p>'
    head = "".join(f'<th scope="col"><span class="century">{year // 100}</span>{year % 100:02d}</th>' for year in years)
    body = "".join(
        _division(code, list(rows), years) for code, rows in groupby(found.rows, key=lambda row: row.division)
    )
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        f'<title>{escape(TITLE)}</title><link rel="icon" href="data:,"><style>{STYLE.read_text(encoding="utf-8")}</style></head>\n'
        f'<body><main><h1>{escape(TITLE)}</h1><ul class="legend">{legend}</ul>{rest}\n'
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(TITLE)}"><table class="heat">'
        f'<thead><tr><th scope="col">机关 Agency</th>{head}</tr></thead>\n{body}</table></div></main></body></html>\n'
    )


def _division(code: str, rows: Iterable[Row], years: tuple[int, ...]) -> str:
    name = escape(f"{name_of(code) or ''} {code}".strip())
    lines = "".join(_line(row, years) for row in rows)
    head = f'<tr class="division"><th colspan="{len(years) + 1}" scope="rowgroup"><span>{name}</span></th></tr>'
    return f"<tbody>{head}{lines}</tbody>\n"


def _line(row: Row, years: tuple[int, ...]) -> str:
    cells: Mapping[int, Cell] = {cell.year: cell for cell in row.cells}
    drawn = "".join(_square(row, cells.get(year)) for year in years)
    portals = escape(", ".join(row.portals), quote=True)
    return f'<tr><th scope="row" title="{portals}">{escape(row.agency)}</th>{drawn}</tr>'


def _square(row: Row, cell: Cell | None) -> str:
    if cell is None:
        return '<td class="cell none"></td>'
    mark = _mark(cell)
    facts = [
        f"{row.agency} {cell.year}: {', '.join(_both('mark', state) for state in cell.states)}",
        f"期限 deadline {cell.deadline}",
    ]
    if cell.published_on:
        facts.append(f"发布 published {cell.published_on}")
    if cell.reason:
        facts.append(" ".join(words.WORDS[f"coverage.why_{cell.reason}"]))
    facts += cell.reports
    said = escape(" · ".join(facts), quote=True)
    return (
        f'<td class="cell m-{mark}" title="{said}"><span aria-hidden="true">{_letter(mark)}</span>'
        f'<span class="unseen">{_both("mark", mark)}</span></td>'
    )


def _mark(cell: Cell) -> str:
    return SILENT if cell.reason is Reason.SILENT else max((state.value for state in cell.states), key=MARKS.index)


def _letter(mark: str) -> str:
    return words.WORDS[f"letter.{mark}"][0]


def _both(family: str, value: str) -> str:
    return escape(" ".join(words.name(language, family, value) for language in words.LANGUAGES))
