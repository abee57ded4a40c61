"""The statutory tables as numbers, in every layout they are printed in."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.reading.blocks import Cell, Paragraph, Table
from pipelines.reading.statistics import read_statistics
from tests.reading.statutory_forms import (
    APPLICANT_LABELS,
    DISCLOSED_2019,
    DISCLOSED_2021,
    ROWS_2019,
    ROWS_2021,
    Row,
    applications,
    applications_header,
    applications_rows,
    disclosure,
    disclosure_rows,
    layout,
    numbered,
    one,
    review,
    review_rows,
)

REVIEWED = list(range(1, 16))
NULLS = dict.fromkeys(APPLICANT_LABELS)


def read(*tables: Table, **options: Any) -> Any:
    return read_statistics(tables, **options)


def codes(result: Any) -> list[str]:
    return [remark.code for remark in result.remarks]


def statistics_of(rows: list[Row]) -> Any:
    return read(layout(rows)).statistics["applications"]


# ---------------------------------------------------------------- the two forms


def test_the_form_of_2021_is_read_cell_by_cell() -> None:
    result = read(disclosure(DISCLOSED_2021), applications(numbered()), review(REVIEWED))
    assert result.statistics["format"] == "2021"
    assert result.statistics["applications"] == numbered()
    assert result.statistics["disclosure"] == {
        "rules": {"made": 1, "repealed": 2, "in_force": 30},
        "normative_documents": {"made": 4, "repealed": 5, "in_force": 60},
        "permits": {"decisions": 701},
        "penalties": {"decisions": 82},
        "coercions": {"decisions": 9},
        "fees": {"amount": 104.25},
    }
    assert list(result.statistics["review_litigation"]["litigation_direct"].values()) == [6, 7, 8, 9, 10]
    assert result.remarks == ()
    assert len(result.places) == 10 + 175 + 15


def test_the_form_of_2019_has_signed_changes_and_one_row_of_other_results() -> None:
    figures = numbered("2019")
    result = read(disclosure(DISCLOSED_2019, "2019"), applications(figures, year_format="2019"), review(REVIEWED))
    assert result.statistics["format"] == "2019"
    assert result.statistics["applications"] == figures
    assert list(result.statistics["applications"]) == list(ROWS_2019)
    assert result.statistics["disclosure"]["permits"] == {"previous": 71, "change": 3, "decisions": 72}
    assert result.statistics["disclosure"]["penalties"]["change"] == -253
    assert result.statistics["disclosure"]["procurement"] == {"projects": 14, "amount": 1234.5678}
    assert result.statistics["disclosure"]["fees"] == {"previous": 13, "change": 1}
    assert result.remarks == ()


def test_a_report_of_2023_may_still_print_one_row_of_other_results() -> None:
    result = read(disclosure(DISCLOSED_2021), applications(numbered("2019"), year_format="2019"))
    assert result.statistics["format"] == "2021"
    assert result.statistics["applications"]["other"] == numbered("2019")["other"]
    assert result.statistics["applications"]["other_unpaid"] == NULLS
    assert result.statistics["applications"]["total"] == numbered("2019")["total"]


def test_each_value_leads_back_to_its_cell() -> None:
    table = applications(numbered(), place="page 3, table 1")
    result = read(table)
    assert result.places["applications.granted.natural_person"] == "page 3, table 1 row 6 column 4"
    for path, place in result.places.items():
        _, row, column = path.split(".")
        words = place.split()
        cell = table.grid()[int(words[5]) - 1][int(words[7]) - 1]
        assert cell is not None
        assert cell.text == str(numbered()[row][column])


def test_a_page_without_statutory_tables_has_no_statistics() -> None:
    assert read().statistics is None
    assert read(layout([one("姓名", "职务"), one("某人", "科长")])).statistics is None
    assert read(layout([one("行政许可", "12")])).statistics is None


def test_a_missing_table_is_null_and_remarked() -> None:
    result = read(applications(numbered()), report_year=2020)
    assert result.statistics["format"] == "2019"
    assert result.statistics["disclosure"]["rules"] == {"made": None, "newly_disclosed": None, "total_disclosed": None}
    assert codes(result).count("statistics.table_missing") == 2


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("12", 12), ("１２", 12), ("1,234", 1234), ("１，２３４", 1234), ("3件", 3), ("3 件", 3), ("（5）", None),
        ("0", 0), ("", None), ("-", None), ("—", None), ("——", None), ("/", None), (" \u00a0", None), ("N/A", None),
        ("3.0", 3), ("3.5", None), ("3①", None), ("无", None), ("约3", None), ("3余", None), ("+3", None),
        ("-3", None), ("1 2", None), ("3\n5", None), ("1\u200b2", 12), ("1,23", None), ("见附件", None),
        ("三", None), ("3万元", None), ("12 345", 12345), ("\n7\n", 7),
        pytest.param("9" * 15, 10**15 - 1, id="15 digits"), pytest.param("9" * 5000, None, id="5000 digits"),
    ],
)  # fmt: skip
def test_a_count_is_a_number_or_null_never_a_guess(printed: str, value: int | None) -> None:
    figures: dict[str, Any] = numbered()
    figures["granted"]["business"] = printed
    applications_read = read(applications(figures)).statistics["applications"]
    assert applications_read["granted"]["business"] == value
    assert applications_read["granted"]["research"] == 17


def test_text_in_a_number_cell_is_remarked_and_a_blank_is_not() -> None:
    figures: dict[str, Any] = numbered()
    figures["granted"]["business"] = "详见附件"
    figures["granted"]["research"] = "-"
    remarks = read(disclosure(DISCLOSED_2021), applications(figures), review(REVIEWED)).remarks
    assert [remark.code for remark in remarks] == ["statistics.abstained"]
    assert "applications.granted.business" in remarks[0].detail


@pytest.mark.parametrize(
    ("printed", "value"),
    [("+3", 3), ("-3", -3), ("--253", -253), ("－4", -4), ("—5", -5), ("0", 0), ("增3", 3), ("减少2", -2), ("-", None),
     ("+-3", None), ("↓6", -6)],
)  # fmt: skip
def test_only_the_change_column_has_a_sign(printed: str, value: int | None) -> None:
    figures = {**DISCLOSED_2019, "permits": [71, printed, 72]}
    assert read(disclosure(figures, "2019")).statistics["disclosure"]["permits"]["change"] == value
    figures = {**DISCLOSED_2019, "permits": [71, 1, "+22"]}
    assert read(disclosure(figures, "2019")).statistics["disclosure"]["permits"] == {
        "previous": 71,
        "change": 1,
        "decisions": None,
    }


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("7,730.28", 7730.28),
        ("7730.28万元", 7730.28),
        ("380元", 0.038),
        ("125千元", 12.5),
        ("1.2亿元", 12000.0),
        ("0", 0.0),
        ("-", None),
    ],
)
def test_amounts_are_in_ten_thousand_yuan(printed: str, value: float | None) -> None:
    assert read(disclosure({**DISCLOSED_2021, "fees": [printed]})).statistics["disclosure"]["fees"]["amount"] == value


def test_an_amount_headed_in_yuan_is_converted() -> None:
    rows = [[("信息内容", 1, 1), ("采购项目数量", 1, 1), ("采购总金额（元）", 1, 1)], one("政府集中采购", "2", "12345")]
    result = read(layout(rows))
    assert result.statistics["disclosure"]["procurement"] == {"projects": 2, "amount": 1.2345}


# ---------------------------------------------------------------- headers and labels


def test_columns_are_followed_by_their_label_not_their_place() -> None:
    order = ("total", "other", "natural_person", "legal_service", "business", "social_org", "research")
    rows: list[Row] = [[("项目", 1, 3), *((APPLICANT_LABELS[column], 1, 1) for column in order)]]
    rows += applications_rows(numbered(), order)
    assert statistics_of(rows) == numbered()


def test_headers_broken_inside_words_and_down_the_page_are_whole_again() -> None:
    broken = {"自然人": "自\n然\n人", "商业企业": "商 业 企\n业", "科研机构": "科研机\n构", "总计": "总\u3000计"}
    upright = "三\n、\n本\n年\n度\n办\n理\n结\n果"
    rows = [
        [(broken.get(text, text.replace("三、本年度办理结果", upright)), height, width) for text, height, width in row]
        for row in applications_header() + applications_rows(numbered())
    ]
    assert statistics_of(rows) == numbered()


def test_a_header_word_may_be_cut_over_two_rows_of_cells() -> None:
    rows = applications_header()
    rows[2] = [("商业企", 1, 1), ("科研机", 1, 1), ("社会公益", 1, 1), ("法律服务", 1, 1), ("其", 1, 1)]
    rows.append(one("业", "构", "组织", "机构", "他"))
    rows[0] = [(text, 4, width) if width == 3 else (text, height, width) for text, height, width in rows[0]]
    rows[1] = [
        (text, 3, width) if text in ("自然人", "总计") else (text, height, width) for text, height, width in rows[1]
    ]
    assert statistics_of(rows + applications_rows(numbered())) == numbered()


def test_labels_run_together_with_their_group_or_damaged_are_still_known() -> None:
    rows = applications_header()
    for row in applications_rows(numbered()):
        stub = [text for text, _, _ in row[: len(row) - 7]]
        rows.append([("".join(stub), 1, 3), *row[-7:]])
    assert statistics_of(rows) == numbered()
    damaged = [[(text.replace("法规禁止公开", "止公开"), height, width) for text, height, width in row] for row in rows]
    assert statistics_of(damaged) == numbered()


def test_a_cell_naming_two_rows_names_none() -> None:
    rows = [*applications_header(), [("1.属于国家秘密 3.危及“三安全一稳定”", 1, 3), *one(*map(str, range(7)))]]
    rows += applications_rows(numbered())[:3]
    applications_read = statistics_of(rows)
    assert applications_read["denied_state_secret"] == NULLS
    assert applications_read["new"] == numbered()["new"]


def test_a_missing_column_is_null_and_the_others_stand() -> None:
    columns = tuple(column for column in APPLICANT_LABELS if column != "legal_service")
    expected = {name: {**cells, "legal_service": None} for name, cells in numbered().items()}
    assert read(applications(numbered(), columns)).statistics["applications"] == expected


def test_an_extra_column_is_left_out() -> None:
    rows = applications_header() + applications_rows(numbered())
    rows[0] = [*rows[0], ("备注", 3, 1)]
    rows[3:] = [[*row, ("9999", 1, 1)] for row in rows[3:]]
    assert statistics_of(rows) == numbered()


def test_an_extra_row_is_left_out_and_its_sum_is_not_checked() -> None:
    rows = applications_header() + applications_rows(numbered())
    rows[15:15] = [[("9.属于工作秘密", 1, 1), *one(*"1234567")]]
    rows[5] = [("三、本年度办理结果", 23, 1), *rows[5][1:]]
    rows[7] = [("（三）不予公开", 9, 1), *rows[7][1:]]
    result = read(layout(rows))
    assert result.statistics["applications"] == numbered()
    assert "statistics.row_unknown" in codes(result)
    assert not [check for check in result.checks if check.rule == "applications.results"]


def test_other_disclosed_documents_are_no_row_of_the_form() -> None:
    rows = disclosure_rows(DISCLOSED_2019, "2019")
    rows.insert(4, one("其他主动公开文件", "7", "8", "9"))
    result = read(layout(rows))
    assert result.statistics == read(disclosure(DISCLOSED_2019, "2019")).statistics
    assert "statistics.row_unknown" in codes(result)


def test_a_missing_row_is_null_and_remarked() -> None:
    rows = applications_header() + [
        row for row in applications_rows(numbered()) if not any("重复申请" in text for text, _, _ in row)
    ]
    result = read(layout(rows))
    assert result.statistics["applications"]["unprocessed_repeat"] == NULLS
    assert result.statistics["applications"]["unprocessed_petition"] == numbered()["unprocessed_petition"]
    assert any("unprocessed_repeat" in remark.detail for remark in result.remarks)


def test_the_first_caption_may_be_missing() -> None:
    result = read(layout(disclosure_rows(DISCLOSED_2021)[1:]))
    assert result.statistics["disclosure"] == read(disclosure(DISCLOSED_2021)).statistics["disclosure"]


def test_a_row_under_another_items_header_is_not_read() -> None:
    rows = [row for row in disclosure_rows(DISCLOSED_2021) if not any("收费金额" in text for text, _, _ in row)]
    result = read(layout(rows))
    assert result.statistics["disclosure"]["fees"] == {"amount": None}
    assert result.statistics["disclosure"]["coercions"] == {"decisions": 9}


# ---------------------------------------------------------------- alignment


def test_a_row_short_of_a_cell_is_null_never_shifted() -> None:
    rows = applications_header() + applications_rows(numbered())
    del rows[4][3]
    result = read(layout(rows))
    assert result.statistics["applications"] == {**numbered(), "carried_in": NULLS}
    assert any("carried_in" in remark.detail or "上年结转" in remark.detail for remark in result.remarks)


def test_a_row_with_a_cell_too_many_is_null_never_shifted() -> None:
    rows = applications_header() + applications_rows(numbered())
    rows[4].insert(3, ("77", 1, 1))
    assert statistics_of(rows) == {**numbered(), "carried_in": NULLS}


def test_cells_run_together_are_null() -> None:
    rows = applications_header() + applications_rows(numbered())
    rows[3] = [("一、本年新收政府信息公开申请数量", 1, 3), ("1234567", 1, 1)]
    assert statistics_of(rows) == {**numbered(), "new": NULLS}


def test_a_span_too_short_shifts_a_row_but_not_its_numbers() -> None:
    rows = applications_header() + applications_rows(numbered())
    rows[5] = [("三、本年度办理结果", 20, 1), *rows[5][1:]]  # the last two rows slide one column to the left
    assert statistics_of(rows) == numbered()


def test_a_number_over_two_columns_belongs_to_neither() -> None:
    rows = applications_header() + applications_rows(numbered())
    rows[4][2:4] = [("9", 1, 2)]
    expected = {**numbered()["carried_in"], "business": None, "research": None}
    assert statistics_of(rows)["carried_in"] == expected


def test_blank_data_cells_may_be_merged() -> None:
    rows = applications_header() + applications_rows(numbered())
    rows[4] = [("二、上年结转政府信息公开申请数量", 1, 3), ("", 1, 7)]
    assert statistics_of(rows) == {**numbered(), "carried_in": NULLS}


def test_rows_without_a_header_are_not_read() -> None:
    result = read(layout(applications_rows(numbered())), disclosure(DISCLOSED_2021))
    assert result.statistics["applications"]["new"] == NULLS
    assert any("no header" in remark.detail for remark in result.remarks)


# ---------------------------------------------------------------- one table in many, many in one


@pytest.mark.parametrize("cut", [4, 5, 6, 9, 20, 27])
def test_a_table_cut_in_two_goes_on_under_its_header(cut: int) -> None:
    whole = applications(numbered(), place="table 1")
    above = Table(
        tuple(
            Cell(cell.text, cell.row, cell.column, min(cell.rowspan, cut - cell.row), cell.colspan)
            for cell in whole.cells
            if cell.row < cut
        ),
        cut,
        whole.columns,
        "table 1",
    )
    # The lower part has only its own cells: merged labels do not reach over the page break.
    rows = [
        [(cell.text, cell.rowspan, cell.colspan) for cell in whole.cells if cell.row == row]
        for row in range(cut, whole.rows)
    ]
    below = layout(rows, "table 2")
    assert read(above, below).statistics["applications"] == numbered()
    assert read(above, Paragraph("— 3 —"), below).statistics["applications"] == numbered()


@pytest.mark.parametrize("upper", [True, False])
def test_a_row_whose_label_a_page_break_cuts_in_two_keeps_its_figures(upper: bool) -> None:
    labels = "2.申请人逾期未按收费通知要求", "缴纳费用、行政机关不再处理其政府信息公开申请"
    rows: list[Row] = [*applications_header()]
    for row in applications_rows(numbered()):
        if any("未按收费通知" in text for text, _, _ in row):
            figures, blanks = row[-7:], one(*[""] * 7)
            rows.append([(labels[0], 1, 3), *(figures if upper else blanks)])
            rows.append([(labels[1], 1, 3), *(blanks if upper else figures)])
        else:
            stub = row[:-7]
            rows.append([(stub[-1][0], 1, 3), *row[-7:]])
    assert read(layout(rows)).statistics["applications"] == numbered()


def test_blank_cells_behind_a_header_are_no_column() -> None:
    rows = [[*row, ("", 1, 1)] for row in applications_header()] + applications_rows(numbered())
    assert read(layout(rows)).statistics["applications"] == numbered()


def test_a_caption_below_the_columns_it_stands_over_is_no_column() -> None:
    head = applications_header()
    stub, caption = head[0][0], head[0][1]
    rows = [[stub, *head[1]], head[2], [caption], *applications_rows(numbered())]
    assert read(layout(rows)).statistics["applications"] == numbered()


def test_a_repeated_header_in_the_second_part_is_a_header() -> None:
    rows = applications_rows(numbered())
    above = layout(applications_header() + rows[:2], "table 1")
    below = layout([*applications_header(), [("三、本年度办理结果", 22, 1), *rows[2][1:]], *rows[3:]], "table 2")
    assert read(above, below).statistics["applications"] == numbered()


def test_all_three_tables_may_be_one() -> None:
    def widened(rows: list[Row], width: int) -> list[Row]:
        out = []
        for row in rows:
            spare = width - sum(span for _, _, span in row)
            text, height, span = row[-1]
            out.append([*row[:-1], (text, height, span + max(0, spare))] if len(row) > 1 else [(text, height, width)])
        return out

    rows = (
        [[("二、主动公开政府信息情况", 1, 30)]]
        + widened(disclosure_rows(DISCLOSED_2021), 30)
        + [[("三、收到和处理政府信息公开申请情况", 1, 30)]]
        + [[(text, height, span * 3) for text, height, span in row] for row in applications_header()]
        + [[(text, height, span * 3) for text, height, span in row] for row in applications_rows(numbered())]
        + [[("四、政府信息公开行政复议、行政诉讼情况", 1, 30)]]
        + [[(text, height, span * 2) for text, height, span in row] for row in review_rows(REVIEWED)]
    )
    statistics = read(layout(rows)).statistics
    separate = read(disclosure(DISCLOSED_2021), applications(numbered()), review(REVIEWED)).statistics
    assert statistics == separate


def test_each_item_of_table_two_may_be_a_table() -> None:
    rows = disclosure_rows(DISCLOSED_2021)
    parts = [layout(rows[start:end], f"table {start}") for start, end in ((0, 4), (4, 7), (7, 11), (11, 14))]
    assert read(*parts).statistics["disclosure"] == read(disclosure(DISCLOSED_2021)).statistics["disclosure"]


def test_the_same_table_twice_is_one_and_two_that_differ_are_none() -> None:
    table = applications(numbered())
    assert read(table, table).statistics["applications"] == numbered()
    other = copy.deepcopy(numbered())
    other["granted"]["business"] = 999
    result = read(table, applications(other, place="table 9"))
    expected = copy.deepcopy(numbered())
    expected["granted"]["business"] = None  # type: ignore[assignment]
    assert result.statistics["applications"] == expected


def test_a_table_of_other_matters_afterwards_changes_nothing() -> None:
    other = layout([one("事项", "数量"), one("行政许可", "88"), one("总计", "99")], "table 8")
    wide = layout([one(*(str(number) for number in range(15)))], "table 9")
    tables = (disclosure(DISCLOSED_2021), applications(numbered()), review(REVIEWED))
    assert read(*tables, other, wide).statistics == read(*tables).statistics


# ---------------------------------------------------------------- table four


def test_table_four_without_spans_is_read_in_order() -> None:
    rows = [one("行政复议", "行政诉讼"), one("未经复议直接起诉", "复议后起诉"), *review_rows(REVIEWED)[2:]]
    rows[2] = one(*[text for text, _, _ in rows[2]], *[text for text, _, _ in rows[2]][:5])
    assert read(layout(rows)).statistics["review_litigation"] == read(review(REVIEWED)).statistics["review_litigation"]


def unmerged(table: Table) -> Table:
    """The same grid with every merged cell taken apart: its text at the top left, blanks in the other places."""
    cells = [
        Cell(cell.text if not down and not right else "", cell.row + down, cell.column + right)
        for cell in table.cells
        for down in range(cell.rowspan)
        for right in range(cell.colspan)
    ]
    return Table(tuple(cells), table.rows, table.columns, table.place)


def test_tables_whose_merged_cells_were_taken_apart_are_read_all_the_same() -> None:
    merged = applications(numbered()), review(REVIEWED)
    apart = read(*map(unmerged, merged)).statistics
    whole = read(*merged).statistics
    assert apart["applications"] == whole["applications"]
    assert apart["review_litigation"] == whole["review_litigation"]


@pytest.mark.parametrize("lost", list(APPLICANT_LABELS))
def test_a_column_whose_head_is_blank_is_null_and_the_others_stand(lost: str) -> None:
    header = [
        [("" if text == APPLICANT_LABELS[lost] else text, rowspan, colspan) for text, rowspan, colspan in row]
        for row in applications_header()
    ]
    found = read(layout(header + applications_rows(numbered()))).statistics["applications"]
    assert found == {name: {**cells, lost: None} for name, cells in numbered().items()}


def test_a_row_may_name_its_whole_path() -> None:
    rows = applications_rows(numbered())
    named = [
        [("三、本年度办理结果\n（六）其他处理\n3.其他" if text == "3.其他" else text, *spans) for text, *spans in row]
        for row in rows
    ]
    found = read(layout(applications_header() + named)).statistics["applications"]  # type: ignore[arg-type]
    assert found["other_other"] == numbered()["other_other"]


def test_table_four_may_be_two_tables() -> None:
    results = one("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
    first = layout([[("行政复议", 1, 5)], results, one("1", "2", "3", "4", "5")], "table 1")
    rows: list[Row] = [
        [("行政诉讼", 1, 10)],
        [("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5)],
        [*results, *results],
        one(*map(str, range(6, 16))),
    ]
    found = read(first, layout(rows, "table 2")).statistics["review_litigation"]
    assert found == read(review(REVIEWED)).statistics["review_litigation"]


RESULT_HEADS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (
            [[("类别", 1, 1), *((head, 1, 1) for head in RESULT_HEADS)]],
            [one("行政复议", *"12345"), one("行政诉讼（未经复议直接起诉）", *"67890"), one("行政诉讼（复议后起诉）", *"24680")],
        ),
        (
            [[("类别", 1, 2), *((head, 1, 1) for head in RESULT_HEADS)]],
            [
                [("行政复议", 1, 2), *one(*"12345")],
                [("行政诉讼", 2, 1), ("未经复议直接起诉", 1, 1), *one(*"67890")],
                one("复议后起诉", *"24680"),
            ],
        ),
    ],
)  # fmt: skip
def test_table_four_may_be_turned_and_name_its_proceedings_by_rows(header: list[Row], rows: list[Row]) -> None:
    found = read(layout([*header, *rows])).statistics["review_litigation"]
    assert [list(found[group].values()) for group in found] == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 0], [2, 4, 6, 8, 0]]
    parts = layout([*header, rows[0]], "table 1"), layout([*header, *rows[1:]], "table 2")
    assert read(*parts).statistics["review_litigation"] == found


@pytest.mark.parametrize(
    "rows",
    [
        [one(*RESULT_HEADS), one(*"12345")],
        [[("行政诉讼", 1, 5)], one(*RESULT_HEADS), one(*"12345")],
        [one("类别", *RESULT_HEADS), one("行政诉讼", *"12345")],
    ],
)
def test_results_of_a_proceeding_nobody_names_are_not_read(rows: list[Row]) -> None:
    result = read(applications(numbered()), layout(rows, "table 9"))
    assert {value for group in result.statistics["review_litigation"].values() for value in group.values()} == {None}
    assert any("no row or header names" in remark.detail for remark in result.remarks)


def test_a_second_row_of_figures_in_table_four_leaves_both_unread() -> None:
    rows = [*review_rows(REVIEWED), one(*map(str, range(20, 35)))]
    result = read(layout(rows))
    assert set(result.statistics["review_litigation"]["reconsideration"].values()) == {None}
    assert "statistics.abstained" in codes(result)


def test_fourteen_cells_under_fifteen_columns_are_null() -> None:
    rows = [*review_rows(REVIEWED)[:3], one(*map(str, range(1, 15)))]
    assert set(read(layout(rows)).statistics["review_litigation"]["reconsideration"].values()) == {None}


# ---------------------------------------------------------------- properties

CELLS = st.one_of(st.integers(0, 99_999).map(str), st.sampled_from(["", "-", "/", "0"]))
FORMATS = st.sampled_from(["2019", "2021"])


def value_of(text: str) -> int | None:
    return int(text) if text.isdigit() else None


@st.composite
def forms(draw: st.DrawFn) -> tuple[str, tuple[str, ...], dict[str, dict[str, str]]]:
    year_format = draw(FORMATS)
    columns = tuple(draw(st.permutations(list(APPLICANT_LABELS))))
    names = ROWS_2021 if year_format == "2021" else ROWS_2019
    return year_format, columns, {name: {column: draw(CELLS) for column in columns} for name in names}


@settings(max_examples=25, deadline=None)
@given(forms(), st.data())
def test_blanking_one_cell_changes_that_cell_alone(
    form: tuple[str, tuple[str, ...], dict[str, dict[str, str]]], data: st.DataObject
) -> None:
    year_format, columns, figures = form
    header: list[Row] = [[("项目", 1, 3), *((APPLICANT_LABELS[column], 1, 1) for column in columns)]]
    expected = {name: {column: value_of(text) for column, text in cells.items()} for name, cells in figures.items()}
    options = {"report_year": int(year_format)}
    table = layout(header + applications_rows(figures, columns, year_format=year_format))
    assert read(table, **options).statistics["applications"] == expected
    row, column = data.draw(st.sampled_from(list(figures))), data.draw(st.sampled_from(columns))
    figures[row][column] = ""
    expected[row][column] = None
    table = layout(header + applications_rows(figures, columns, year_format=year_format))
    assert read(table, **options).statistics["applications"] == expected
    figures[row] = dict.fromkeys(columns, "")
    expected[row] = dict.fromkeys(columns)
    table = layout(header + applications_rows(figures, columns, year_format=year_format))
    assert read(table, **options).statistics["applications"] == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(CELLS, min_size=15, max_size=15), st.integers(0, 14))
def test_blanking_one_cell_of_table_four_changes_that_cell_alone(texts: list[str], blank: int) -> None:
    texts[blank] = ""
    found = read(review(texts), applications(numbered())).statistics["review_litigation"]
    assert [value for group in found.values() for value in group.values()] == [value_of(text) for text in texts]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_losing_any_cell_never_puts_a_number_in_a_wrong_place(data: st.DataObject) -> None:
    """Whatever cell is lost, each number still read stands where it stood."""
    tables = [disclosure(DISCLOSED_2021), applications(numbered()), review(REVIEWED)]
    whole = read(*tables).statistics
    rows = {
        0: disclosure_rows(DISCLOSED_2021),
        1: applications_header() + applications_rows(numbered()),
        2: review_rows(REVIEWED),
    }
    which = data.draw(st.integers(0, 2))
    row = data.draw(st.integers(0, len(rows[which]) - 1))
    del rows[which][row][data.draw(st.integers(0, len(rows[which][row]) - 1))]
    tables[which] = layout(rows[which], tables[which].place)
    found = read(*tables).statistics
    for form in ("disclosure", "applications", "review_litigation"):
        for name, cells in found[form].items():
            for column, value in cells.items():
                assert value in (None, whole[form][name][column]), (form, name, column)
