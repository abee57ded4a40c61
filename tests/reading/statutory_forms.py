"""The statutory forms as tests need them: rows of (text, rowspan, colspan) laid out as a browser does.

Layouts are those of 国办公开办函〔2019〕60号 and 〔2021〕30号; the numbers are whatever a test puts in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.reading.blocks import Cell, Table

Spanned = tuple[str, int, int]
Row = list[Spanned]

APPLICANT_LABELS = {
    "natural_person": "自然人",
    "business": "商业企业",
    "research": "科研机构",
    "social_org": "社会公益组织",
    "legal_service": "法律服务机构",
    "other": "其他",
    "total": "总计",
}
GROUPS = {
    "denied": ("（三）不予公开", 8),
    "unavailable": ("（四）无法提供", 3),
    "unprocessed": ("（五）不予处理", 5),
    "other": ("（六）其他处理", 3),
}
APPLICATION_LABELS = {
    "new": "一、本年新收政府信息公开申请数量",
    "carried_in": "二、上年结转政府信息公开申请数量",
    "granted": "（一）予以公开",
    "granted_partly": "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
    "denied_state_secret": "1.属于国家秘密",
    "denied_prohibited_by_law": "2.其他法律行政法规禁止公开",
    "denied_three_safeties": "3.危及“三安全一稳定”",
    "denied_third_party": "4.保护第三方合法权益",
    "denied_internal": "5.属于三类内部事务信息",
    "denied_process": "6.属于四类过程性信息",
    "denied_enforcement_file": "7.属于行政执法案卷",
    "denied_query_matter": "8.属于行政查询事项",
    "unavailable_not_held": "1.本机关不掌握相关政府信息",
    "unavailable_needs_making": "2.没有现成信息需要另行制作",
    "unavailable_unclear": "3.补正后申请内容仍不明确",
    "unprocessed_petition": "1.信访举报投诉类申请",
    "unprocessed_repeat": "2.重复申请",
    "unprocessed_publication": "3.要求提供公开出版物",
    "unprocessed_excessive": "4.无正当理由大量反复申请",
    "unprocessed_confirmation": "5.要求行政机关确认或重新出具已获取信息",
    "other_no_correction": "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
    "other_unpaid": "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    "other_other": "3.其他",
    "total": "（七）总计",
    "carried_out": "四、结转下年度继续办理",
}
ROWS_2021 = tuple(APPLICATION_LABELS)
ROWS_2019 = (*ROWS_2021[:20], "other", "total", "carried_out")
NOTE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"


def layout(rows: Sequence[Row], place: str = "table 1") -> Table:
    """The table a browser makes of these rows: each cell at the first free place of its row."""
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for row, spanned in enumerate(rows):
        column = 0
        for text, rowspan, colspan in spanned:
            while (row, column) in taken:
                column += 1
            cells.append(Cell(text, row, column, rowspan, colspan))
            taken |= {(row + down, column + right) for down in range(rowspan) for right in range(colspan)}
            column += colspan
    columns = max((column for _, column in taken), default=-1) + 1
    return Table(tuple(cells), len(rows), columns, place)


def one(*texts: str) -> Row:
    return [(text, 1, 1) for text in texts]


def applications_header(columns: Sequence[str] = tuple(APPLICANT_LABELS)) -> list[Row]:
    inner = [column for column in columns if column not in ("natural_person", "total")]
    last: Row = [(APPLICANT_LABELS[column], 1, 1) for column in inner]
    second: Row = []
    for column in columns:
        if column in ("natural_person", "total"):
            second.append((APPLICANT_LABELS[column], 2, 1))
        elif column == inner[0]:
            second.append(("法人或其他组织", 1, len(inner)))
    return [[(NOTE, 3, 3), ("申请人情况", 1, len(columns))], second, last]


def applications_rows(
    figures: dict[str, dict[str, Any]], columns: Sequence[str] = tuple(APPLICANT_LABELS), *, year_format: str = "2021"
) -> list[Row]:
    names = ROWS_2021 if year_format == "2021" else ROWS_2019
    rows: list[Row] = []
    grouped: set[str] = set()
    for name in names:
        numbers: Row = [(str(figures[name][column]), 1, 1) for column in columns]
        if name in ("new", "carried_in", "carried_out"):
            rows.append([(APPLICATION_LABELS[name], 1, 3), *numbers])
            continue
        stub: Row = [("三、本年度办理结果", len(names) - 3, 1)] if name == "granted" else []
        group = name.split("_")[0]
        if name in ("granted", "granted_partly", "total"):
            stub.append((APPLICATION_LABELS[name], 1, 2))
        elif name == "other":
            stub.append(("（六）其他处理", 1, 2))
        else:
            if group not in grouped:
                grouped.add(group)
                label, height = GROUPS[group]
                stub.append((label, height, 1))
            stub.append((APPLICATION_LABELS[name], 1, 1))
        rows.append([*stub, *numbers])
    return rows


def applications(
    figures: dict[str, dict[str, Any]],
    columns: Sequence[str] = tuple(APPLICANT_LABELS),
    *,
    year_format: str = "2021",
    place: str = "table 2",
) -> Table:
    rows = applications_header(columns) + applications_rows(figures, columns, year_format=year_format)
    return layout(rows, place)


_DECIDED_2021 = ("本年处理决定数量",)
_DECIDED_2019 = ("上一年项目数量", "本年增/减", "处理决定数量")
_FINES = {"penalties": "行政处罚", "coercions": "行政强制"}
DISCLOSURE_LABELS: dict[str, tuple[tuple[str, tuple[str, ...], dict[str, str]], ...]] = {
    "2021": (
        (
            "第二十条第（一）项",
            ("本年制发件数", "本年废止件数", "现行有效件数"),
            {"rules": "规章", "normative_documents": "行政规范性文件"},
        ),
        ("第二十条第（五）项", _DECIDED_2021, {"permits": "行政许可"}),
        ("第二十条第（六）项", _DECIDED_2021, _FINES),
        ("第二十条第（八）项", ("本年收费金额（单位：万元）",), {"fees": "行政事业性收费"}),
    ),
    "2019": (
        (
            "第二十条第（一）项",
            ("本年新制作数量", "本年新公开数量", "对外公开总数量"),
            {"rules": "规章", "normative_documents": "规范性文件"},
        ),
        (
            "第二十条第（五）项",
            _DECIDED_2019,
            {"permits": "行政许可", "other_services": "其他对外管理服务事项"},
        ),
        ("第二十条第（六）项", _DECIDED_2019, _FINES),
        ("第二十条第（八）项", ("上一年项目数量", "本年增/减"), {"fees": "行政事业性收费"}),
        ("第二十条第（九）项", ("采购项目数量", "采购总金额"), {"procurement": "政府集中采购"}),
    ),
}


def disclosure_rows(figures: dict[str, list[Any]], year_format: str = "2021") -> list[Row]:
    rows: list[Row] = []
    for caption, heads, items in DISCLOSURE_LABELS[year_format]:
        spans = [4 - len(heads)] + [1] * (len(heads) - 1) if len(heads) < 3 else [1] * 3
        rows.append([(caption, 1, 4)])
        rows.append([("信息内容", 1, 1), *((head, 1, span) for head, span in zip(heads, spans, strict=True))])
        for name, label in items.items():
            numbers = [(str(value), 1, span) for value, span in zip(figures[name], spans, strict=True)]
            rows.append([(label, 1, 1), *numbers])
    return rows


def disclosure(figures: dict[str, list[Any]], year_format: str = "2021", *, place: str = "table 1") -> Table:
    return layout(disclosure_rows(figures, year_format), place)


RESULTS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")


def review_rows(figures: Sequence[Any]) -> list[Row]:
    return [
        [("行政复议", 1, 5), ("行政诉讼", 1, 10)],
        [*((label, 2, 1) for label in RESULTS), ("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5)],
        one(*RESULTS, *RESULTS),
        one(*(str(figure) for figure in figures)),
    ]


def review(figures: Sequence[Any], *, place: str = "table 3") -> Table:
    return layout(review_rows(figures), place)


def numbered(year_format: str = "2021", start: int = 1) -> dict[str, dict[str, int]]:
    """Table three with a different number in every cell, so that any shift shows."""
    names = ROWS_2021 if year_format == "2021" else ROWS_2019
    return {
        name: {column: start + 7 * row + place for place, column in enumerate(APPLICANT_LABELS)}
        for row, name in enumerate(names)
    }


DISCLOSED_2021 = {
    "rules": [1, 2, 30],
    "normative_documents": [4, 5, 60],
    "permits": [701],
    "penalties": [82],
    "coercions": [9],
    "fees": [104.25],
}
DISCLOSED_2019 = {
    "rules": [1, 2, 3],
    "normative_documents": [4, 5, 6],
    "permits": [71, "+3", 72],
    "other_services": [81, 0, 82],
    "penalties": [91, "--253", 92],
    "coercions": [11, "-4", 12],
    "fees": [13, "+1"],
    "procurement": [14, "1234.5678"],
}
