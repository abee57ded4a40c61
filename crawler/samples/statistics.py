"""The statutory tables: figures whose sums are right, and the tables of the 2019 and 2021 formats that print them.

Figures are kept under the row and column names of the exported record; ``None`` is a cell the agency left blank.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from .blocks import Cell, Table
from .draw import Draw

Figures = dict[str, Any]

APPLICANTS = ("natural_person", "business", "research", "social_org", "legal_service", "other")
COLUMNS = (*APPLICANTS, "total")

DENIED = (
    ("denied_state_secret", "1.属于国家秘密"),
    ("denied_prohibited_by_law", "2.其他法律行政法规禁止公开"),
    ("denied_three_safeties", "3.危及“三安全一稳定”"),
    ("denied_third_party", "4.保护第三方合法权益"),
    ("denied_internal", "5.属于三类内部事务信息"),
    ("denied_process", "6.属于四类过程性信息"),
    ("denied_enforcement_file", "7.属于行政执法案卷"),
    ("denied_query_matter", "8.属于行政查询事项"),
)
UNAVAILABLE = (
    ("unavailable_not_held", "1.本机关不掌握相关政府信息"),
    ("unavailable_needs_making", "2.没有现成信息需要另行制作"),
    ("unavailable_unclear", "3.补正后申请内容仍不明确"),
)
UNPROCESSED = (
    ("unprocessed_petition", "1.信访举报投诉类申请"),
    ("unprocessed_repeat", "2.重复申请"),
    ("unprocessed_publication", "3.要求提供公开出版物"),
    ("unprocessed_excessive", "4.无正当理由大量反复申请"),
    ("unprocessed_confirmation", "5.要求行政机关确认或重新出具已获取信息"),
)
OTHER = (
    ("other_no_correction", "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
    ("other_unpaid", "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"),
    ("other_other", "3.其他"),
)
OUTCOMES = ("upheld", "corrected", "other", "pending", "total")
REVIEWS = ("reconsideration", "litigation_direct", "litigation_after_review")


def format_of(year: int) -> str:
    """The national format a report year is written in. 国办公开办函〔2019〕60号, 〔2021〕30号."""
    return "2021" if year >= 2021 else "2019"


def result_rows(fmt: str) -> tuple[str, ...]:
    """The rows that add up to 总计, in the order of the form."""
    groups = (DENIED, UNAVAILABLE, UNPROCESSED, OTHER) if fmt == "2021" else (DENIED, UNAVAILABLE, UNPROCESSED)
    rows = ("granted", "granted_partly", *(name for group in groups for name, _ in group))
    return rows if fmt == "2021" else (*rows, "other")


def figures(subject: str, year: int, busy: int = 2) -> Figures:
    """The figures of one agency for one year; ``busy`` 0 is an agency nobody asked anything.

    What one year carries out the next carries in, and documents in force follow from those made and repealed.
    """
    fmt = format_of(year)
    return {
        "format": fmt,
        "disclosure": _disclosure(subject, year, fmt),
        "applications": _applications(subject, year, fmt, busy),
        "review_litigation": _review(subject, year, busy),
    }


def _pending(subject: str, year: int, busy: int) -> dict[str, int]:
    draw = Draw(subject, year, "pending")
    return dict.fromkeys(APPLICANTS, 0) | {"natural_person": draw.number("natural", 0, busy)}


def _row(cells: Mapping[str, int]) -> dict[str, int]:
    row = {column: cells.get(column, 0) for column in APPLICANTS}
    return row | {"total": sum(row.values())}


def _applications(subject: str, year: int, fmt: str, busy: int) -> dict[str, dict[str, int]]:
    draw = Draw(subject, year, "applications")
    rows: dict[str, dict[str, int]] = {}
    for name in result_rows(fmt):
        cells = dict.fromkeys(APPLICANTS, 0)
        if busy and name == "granted":
            cells["natural_person"] = draw.number("granted", 3 * busy, 9 * busy)
            cells["business"] = draw.number("granted/business", 0, busy)
            cells["legal_service"] = draw.number("granted/legal", 0, 1)
        elif busy and draw.number(f"{name}/any", 0, 3) == 0:
            cells["natural_person"] = draw.number(name, 1, busy + 1)
        rows[name] = _row(cells)
    total = {column: sum(row[column] for row in rows.values()) for column in APPLICANTS}
    carried_in, carried_out = _pending(subject, year - 1, busy), _pending(subject, year, busy)
    new = {column: total[column] + carried_out[column] - carried_in[column] for column in APPLICANTS}
    return {
        "new": _row(new),
        "carried_in": _row(carried_in),
        **rows,
        "total": _row(total),
        "carried_out": _row(carried_out),
    }


def _disclosure(subject: str, year: int, fmt: str) -> dict[str, dict[str, int | float]]:
    draw = Draw(subject, year, "disclosure")
    if fmt == "2021":
        in_force = Draw(subject).number("in force in 2020", 2, 24)
        made = repealed = 0
        for each in range(2021, year + 1):
            made = Draw(subject, each).number("made", 0, 4)
            repealed = min(Draw(subject, each).number("repealed", 0, 2), in_force)
            in_force += made - repealed
        return {
            "rules": {"made": 0, "repealed": 0, "in_force": 0},
            "normative_documents": {"made": made, "repealed": repealed, "in_force": in_force},
            "permits": {"decisions": draw.number("permits", 12, 4200)},
            "penalties": {"decisions": draw.number("penalties", 0, 380)},
            "coercions": {"decisions": draw.number("coercions", 0, 24)},
            "fees": {"amount": draw.choice("fees", (0, 0, 0, 12.35, 103.6, 0.8))},
        }
    made = draw.number("made", 0, 4)
    return {
        "rules": {"made": 0, "newly_disclosed": 0, "total_disclosed": 0},
        "normative_documents": {
            "made": made,
            "newly_disclosed": made,
            "total_disclosed": made + draw.number("before", 0, 20),
        },
        "permits": _items(draw, "permits", 900),
        "other_services": _items(draw, "other_services", 260),
        "penalties": _items(draw, "penalties", 120),
        "coercions": _items(draw, "coercions", 12),
        "fees": {"previous": draw.number("fees", 0, 6), "change": draw.number("fees/change", -1, 1)},
        "procurement": {
            "projects": draw.number("projects", 0, 18),
            "amount": draw.choice("amount", (0, 86.4512, 412.07, 1290.5)),
        },
    }


def _items(draw: Draw, name: str, most: int) -> dict[str, int | float]:
    return {
        "previous": draw.number(f"{name}/previous", 4, 180),
        "change": draw.number(f"{name}/change", -3, 6),
        "decisions": draw.number(f"{name}/decisions", 0, most),
    }


def _review(subject: str, year: int, busy: int) -> dict[str, dict[str, int]]:
    review: dict[str, dict[str, int]] = {}
    for name in REVIEWS:
        draw = Draw(subject, year, name)
        cells = {outcome: draw.number(outcome, 0, 2) if busy > 1 else 0 for outcome in OUTCOMES[:-1]}
        review[name] = cells | {"total": sum(cells.values())}
    return review


def one_more_grant(given: Figures) -> Figures:
    """The same tables with one more application received and granted: another year's truth, every sum still right."""
    changed = copy.deepcopy(given)
    for row in ("new", "granted", "total"):
        for column in ("natural_person", "total"):
            changed["applications"][row][column] += 1
    return changed


# ---------------------------------------------------------------- printing


def tables(given: Figures, blank: str = "") -> tuple[Table, Table, Table]:
    """Sections 二, 三 and 四 as printed; ``blank`` is what stands in a cell without a figure."""
    printer = _Printer(blank)
    disclosure = printer.disclosure_2021 if given["format"] == "2021" else printer.disclosure_2019
    return (
        disclosure(given["disclosure"]),
        printer.applications(given["applications"], given["format"]),
        printer.review(given["review_litigation"]),
    )


class _Printer:
    def __init__(self, blank: str) -> None:
        self.blank = blank

    def value(self, figure: float | None, *, signed: bool = False) -> Cell:
        if figure is None:
            return Cell(self.blank)
        return Cell(f"+{figure}" if signed and figure > 0 else str(figure))

    def _line(
        self, label: str, row: Mapping[str, float | None], names: Sequence[str], width: int = 1
    ) -> tuple[Cell, ...]:
        values = [self.value(row[name], signed=name == "change") for name in names]
        if width > 1:
            values = [Cell(values[0].text, colspan=width)]
        return (Cell(label), *values)

    def disclosure_2021(self, given: Mapping[str, Mapping[str, float | None]]) -> Table:
        documents = ("made", "repealed", "in_force")
        return Table(
            (
                (Cell("第二十条第（一）项", colspan=4),),
                (Cell("信息内容"), Cell("本年制发件数"), Cell("本年废止件数"), Cell("现行有效件数")),
                self._line("规章", given["rules"], documents),
                self._line("行政规范性文件", given["normative_documents"], documents),
                (Cell("第二十条第（五）项", colspan=4),),
                (Cell("信息内容"), Cell("本年处理决定数量", colspan=3)),
                self._line("行政许可", given["permits"], ("decisions",), 3),
                (Cell("第二十条第（六）项", colspan=4),),
                (Cell("信息内容"), Cell("本年处理决定数量", colspan=3)),
                self._line("行政处罚", given["penalties"], ("decisions",), 3),
                self._line("行政强制", given["coercions"], ("decisions",), 3),
                (Cell("第二十条第（八）项", colspan=4),),
                (Cell("信息内容"), Cell("本年收费金额（单位：万元）", colspan=3)),
                self._line("行政事业性收费", given["fees"], ("amount",), 3),
            )
        )

    def disclosure_2019(self, given: Mapping[str, Mapping[str, float | None]]) -> Table:
        documents = ("made", "newly_disclosed", "total_disclosed")
        items = ("previous", "change", "decisions")
        head = (Cell("信息内容"), Cell("上一年项目数量"), Cell("本年增/减"), Cell("处理决定数量"))
        return Table(
            (
                (Cell("第二十条第（一）项", colspan=4),),
                (Cell("信息内容"), Cell("本年新制作数量"), Cell("本年新公开数量"), Cell("对外公开总数量")),
                self._line("规章", given["rules"], documents),
                self._line("规范性文件", given["normative_documents"], documents),
                (Cell("第二十条第（五）项", colspan=4),),
                head,
                self._line("行政许可", given["permits"], items),
                self._line("其他对外管理服务事项", given["other_services"], items),
                (Cell("第二十条第（六）项", colspan=4),),
                head,
                self._line("行政处罚", given["penalties"], items),
                self._line("行政强制", given["coercions"], items),
                (Cell("第二十条第（八）项", colspan=4),),
                (Cell("信息内容"), Cell("上一年项目数量"), Cell("本年增/减", colspan=2)),
                (
                    Cell("行政事业性收费"),
                    self.value(given["fees"]["previous"]),
                    Cell(self.value(given["fees"]["change"], signed=True).text, colspan=2),
                ),
                (Cell("第二十条第（九）项", colspan=4),),
                (Cell("信息内容"), Cell("采购项目数量"), Cell("采购总金额", colspan=2)),
                (
                    Cell("政府集中采购"),
                    self.value(given["procurement"]["projects"]),
                    Cell(self.value(given["procurement"]["amount"]).text, colspan=2),
                ),
            )
        )

    def applications(self, given: Mapping[str, Mapping[str, float | None]], fmt: str) -> Table:
        def cells(row: str) -> tuple[Cell, ...]:
            return tuple(self.value(given[row][column]) for column in COLUMNS)

        rows: list[tuple[Cell, ...]] = [
            (
                Cell("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 3, 3),
                Cell("申请人情况", colspan=7),
            ),
            (Cell("自然人", 2), Cell("法人或其他组织", colspan=5), Cell("总计", 2)),
            tuple(Cell(label) for label in ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")),
            (Cell("一、本年新收政府信息公开申请数量", colspan=3), *cells("new")),
            (Cell("二、上年结转政府信息公开申请数量", colspan=3), *cells("carried_in")),
        ]
        results = len(result_rows(fmt)) + 1
        rows += [
            (Cell("三、本年度办理结果", results), Cell("（一）予以公开", colspan=2), *cells("granted")),
            (
                Cell("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", colspan=2),
                *cells("granted_partly"),
            ),
        ]
        groups = [("（三）不予公开", DENIED), ("（四）无法提供", UNAVAILABLE), ("（五）不予处理", UNPROCESSED)]
        if fmt == "2021":
            groups.append(("（六）其他处理", OTHER))
        for group, members in groups:
            for place, (name, label) in enumerate(members):
                head = (Cell(group, len(members)),) if place == 0 else ()
                rows.append((*head, Cell(label), *cells(name)))
        if fmt == "2019":
            rows.append((Cell("（六）其他处理", colspan=2), *cells("other")))
        rows += [
            (Cell("（七）总计", colspan=2), *cells("total")),
            (Cell("四、结转下年度继续办理", colspan=3), *cells("carried_out")),
        ]
        return Table(tuple(rows))

    def review(self, given: Mapping[str, Mapping[str, float | None]]) -> Table:
        outcomes = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
        return Table(
            (
                (Cell("行政复议", colspan=5), Cell("行政诉讼", colspan=10)),
                (
                    *(Cell(label, 2) for label in outcomes),
                    Cell("未经复议直接起诉", colspan=5),
                    Cell("复议后起诉", colspan=5),
                ),
                tuple(Cell(label) for label in outcomes + outcomes),
                tuple(self.value(given[name][outcome]) for name in REVIEWS for outcome in OUTCOMES),
            )
        )
