"""What changed between two versions of a report."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from crawler import show as showing
from crawler.commands import diff, show
from crawler.items import Attachment
from storage import differences
from storage.differences import Operation, body_difference, difference

TEXT = st.lists(st.text("一二三信息公开申请件0123456789,.ab ", max_size=30), max_size=8).map("\n".join)


def sides(paragraphs):
    """The two texts put together again."""
    old = [
        "".join(segment.text for segment in paragraph.segments if segment.operation != Operation.INSERT)
        for paragraph in paragraphs
        if paragraph.old_line is not None
    ]
    new = [
        "".join(segment.text for segment in paragraph.segments if segment.operation != Operation.DELETE)
        for paragraph in paragraphs
        if paragraph.new_line is not None
    ]
    return old, new


@given(TEXT, TEXT)
def test_not_one_character_of_either_text_is_lost(old, new):
    paragraphs = body_difference(old, new)
    if old == new:
        assert paragraphs == ()
    else:
        assert sides(paragraphs) == (old.split("\n"), new.split("\n"))
        for side in ("old_line", "new_line"):
            lines = [getattr(each, side) for each in paragraphs if getattr(each, side) is not None]
            assert lines == list(range(1, len(lines) + 1))


def test_a_changed_number_is_one_number():
    (head, changed, tail) = body_difference(
        "一、总体情况\n受理12,345件，办结9件。\n完", "一、总体情况\n受理12,346件，办结9件。\n完"
    )
    assert (head.operation, tail.operation) == (Operation.EQUAL, Operation.EQUAL)
    assert changed.operation == Operation.REPLACE
    assert [(segment.operation.value, segment.text) for segment in changed.segments] == [
        ("equal", "受理"),
        ("delete", "12,345"),
        ("insert", "12,346"),
        ("equal", "件，办结9件。"),
    ]


def test_a_paragraph_put_between_others_is_an_insertion_and_not_a_rewriting():
    old = "一、总体情况\n本年度公开信息十条。\n二、主动公开\n制发规范性文件三件。"
    new = "一、总体情况\n本年度公开信息十一条。\n我局新设专栏，接受监督。\n二、主动公开\n制发规范性文件三件。"
    assert [paragraph.operation.value for paragraph in body_difference(old, new)] == [
        "equal",
        "replace",
        "insert",
        "equal",
        "equal",
    ]


def test_a_very_long_paragraph_is_compared_as_a_whole(monkeypatch):
    monkeypatch.setattr(differences, "COMPARED", 10)
    (paragraph,) = body_difference("本年度公开信息十条", "本年度公开信息九条")
    assert [segment.operation.value for segment in paragraph.segments] == ["delete", "insert"]


@pytest.fixture
def versions(hand):
    first = hand.version("aa01", metadata={"索引号": "A-1", "文号": ""}, body="受理8件。")
    statistics = json.loads(json.dumps(first.reading.statistics))
    statistics["applications"]["new"]["total"] = 9
    statistics["disclosure"]["rules"]["in_force"] = 4
    kept = Attachment("附件1", "http://www.mou.gov.cn/1.doc", "application/msword", 1, hand.sha256("1"), "k1")
    dropped = Attachment("附件2", "http://www.mou.gov.cn/2.doc", "application/msword", 1, hand.sha256("2"), "k2")
    first = replace(first, attachments=(kept, dropped))
    second = replace(
        first,
        number=2,
        attachments=(
            replace(kept, digest=hand.sha256("one")),
            Attachment("附件3", "http://www.mou.gov.cn/3.doc", "application/msword", 1, hand.sha256("3"), "k3"),
        ),
        reading=replace(
            first.reading,
            body="受理9件。",
            title="某县水务局2022年年报",
            metadata={"索引号": "A-2", "发布日期": "2023-01-18"},
            statistics=statistics,
        ),
    )
    return first, second


def test_everything_that_changed_is_named_with_both_values(versions):
    found = difference(*versions)
    assert [(change.where, change.old, change.new) for change in found.metadata] == [
        ("索引号", "A-1", "A-2"),
        ("发布日期", None, "2023-01-18"),
    ]
    assert {(change.where, change.old, change.new) for change in found.statistics} == {
        ("disclosure.rules.in_force", None, 4),
        ("applications.new.total", 8, 9),
    }
    assert [change.where for change in found.fields] == ["title"]
    assert [(change.change, change.name) for change in found.attachments] == [
        ("changed", "附件1"),
        ("removed", "附件2"),
        ("added", "附件3"),
    ]
    assert json.loads(json.dumps(found.as_json()))["attachments"][0]["new_digest"].startswith("sha256:")


def test_a_version_does_not_differ_from_itself(versions):
    assert not difference(versions[0], versions[0])


# ---------------------------------------------------------------- tables

TABLE = """三、收到和处理政府信息公开申请情况
| 勾稽关系 | 勾稽关系 | 申请人情况 | 申请人情况 | 申请人情况 |
|---|---|---|---|---|
| 项目 | 项目 | 自然人 | 法人或其他组织 | 总计 |
| 一、本年新收 | 一、本年新收 | 7 | 1 | 8 |
| 三、办理结果 | （一）予以公开 | 6 | 1 | 7 |"""


def shown(cell):
    return "".join(
        {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}[s.operation].format(s.text) for s in cell.segments
    )


def test_a_changed_cell_is_named_by_what_heads_its_row_and_column():
    changed = [each for each in body_difference(TABLE, TABLE.replace("6 | 1 | 7", "16 | 1 | 17")) if each.cells]
    assert [(cell.row, cell.column, shown(cell)) for each in changed for cell in each.cells] == [
        ("三、办理结果 （一）予以公开", "自然人", "[-6-]{+16+}"),
        ("三、办理结果 （一）予以公开", "总计", "[-7-]{+17+}"),
    ]


def test_the_words_of_a_cell_are_compared_by_characters():
    (changed,) = (
        each for each in body_difference(TABLE, TABLE.replace("（一）予以公开", "（一）主动予以公开")) if each.cells
    )
    assert [(cell.column, shown(cell)) for cell in changed.cells] == [("项目", "（一）{+主动+}予以公开")]


def test_a_table_without_heads_counts_its_columns():
    (changed,) = body_difference("| 1 | 2 |", "| 1 | 3 |")
    assert [(cell.row, cell.column) for cell in changed.cells] == [("", "column 2")]


@pytest.mark.parametrize("new", ["| 1 | 3 | 4 |", "1 | 3", "| a \\| b |"])
def test_what_is_no_row_of_as_many_cells_is_compared_as_text(new):
    assert not any(each.cells for each in body_difference("| 1 | 2 |", new))
    assert sides(body_difference("| 1 | 2 |", new)) == (["| 1 | 2 |"], [new])


@pytest.fixture(autouse=True)
def _own_console():
    """The console is made once for standard output, which a test replaces."""
    showing.console.cache_clear()
    yield
    showing.console.cache_clear()


def test_a_diff_names_the_cell(archive, hand):
    hand.file("aa01", body=TABLE)
    hand.file("aa01", 2, run="run-2", time=hand.day(1), body=TABLE.replace("6 | 1 | 7", "16 | 1 | 17"))
    told = CliRunner().invoke(diff.command, ["aa01", "--archive", archive.uri], catch_exceptions=False)
    assert "三、办理结果 （一）予以公开 | 自然人 [-6-]{+16+} | 总计 [-7-]{+17+}" in told.output


def test_a_report_is_shown_with_a_timeline_of_each_place(archive, hand):
    version = hand.file("aa01")
    for day in (7, 14, 21):
        hand.sight(hand.seen(version, "listed", run=f"run-{day}", time=hand.day(day)))
    hand.sight(
        hand.seen(version, "copy", run="run-22", time=hand.day(22), portal="shi", url="http://www.shi.cn/1.html")
    )
    hand.sight(hand.seen(version, "missing", run="run-28", time=hand.day(28)))
    told = CliRunner().invoke(show.command, ["aa01", "--archive", archive.uri], catch_exceptions=False).output
    lines = [" ".join(line.split()) for line in told[told.index("seen (UTC)") :].splitlines()]
    assert lines == [
        "seen (UTC)",
        "http://www.mou.gov.cn/aa01.html mou",
        "● 2023-01-20 02:00 new version 1",
        "│ 2023-01-27 02:00 – 2023-02-10 02:00 as before: 3 × listed",
        "✗ 2023-02-17 02:00 missing",
        "http://www.shi.cn/1.html shi",
        "● 2023-02-11 02:00 copy version 1",
    ]
