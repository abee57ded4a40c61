"""Index numbers (索引号) and document numbers (文号)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import IndexNumberKind as Kind
from pipelines.reading.document_numbers import read_document_number
from pipelines.reading.index_numbers import (
    USCC_ALPHABET,
    is_organisation_code,
    is_uscc,
    organisation_check_digit,
    read_index_number,
    uscc_check_digit,
)


@pytest.mark.parametrize(
    ("printed", "kind", "strong"),
    [
        ("11370303004217100M/2018-1375077", Kind.USCC, True),
        ("113703040042185681/2021-5123777", Kind.USCC, True),
        ("11370303004217709K/2022-None", Kind.USCC, False),
        ("11370303004217101M/2018-1", Kind.USCC, False),  # check digit fails
        ("003110926/201510-00216", Kind.ORG9, True),
        ("01527918X-2020-153077", Kind.ORG9, True),
        ("00311092-6/201510-00216", Kind.ORG9, True),
        ("003110926/2015-00000", Kind.ORG9, False),
        ("035210000/2025-00016", Kind.OTHER, False),  # nine digits, check digit fails: a local code
        ("0142768-8/2022-00185", Kind.OTHER, False),
        ("000014349/2021-00008", Kind.PLACEHOLDER, False),
        ("000000000-2019-03718", Kind.PLACEHOLDER, False),
        ("000000000000000000/2019-1", Kind.PLACEHOLDER, False),
        ("/2021-None", Kind.PLACEHOLDER, False),
        ("331122000000/2017-63181", Kind.DIVISION, False),
        ("331122/2017-63181", Kind.DIVISION, False),
        ("zhenwufuwu/2021-00000", Kind.OTHER, False),
        ("０１５２７９１８Ｘ－２０２０－１５", Kind.ORG9, True),
    ],
)
def test_what_an_index_number_is(printed: str, kind: Kind, strong: bool) -> None:
    found = read_index_number(printed)
    assert found is not None
    assert (found.printed, found.kind, found.strong) == (printed, kind, strong)


def test_the_state_councils_own_number_is_strong_on_its_own_portal() -> None:
    found = read_index_number("000014349/2017-00110", central=True)
    assert found is not None
    assert (found.kind, found.strong) == (Kind.ORG9, True)


@pytest.mark.parametrize("blank", [None, "", "  ", "—", "无", "-", "/", "null", "\u3000"])
def test_a_blank_index_number_is_absent(blank: str | None) -> None:
    assert read_index_number(blank) is None


@given(st.text(USCC_ALPHABET, min_size=9, max_size=9), st.integers(110000, 659999))
def test_one_wrong_character_breaks_a_credit_code(organisation: str, division: int) -> None:
    body = f"11{division}{organisation}"
    code = body + (uscc_check_digit(body) or "")
    assert is_uscc(code) or set(code) == {"0"}
    other = USCC_ALPHABET[(USCC_ALPHABET.index(code[10]) + 1) % 31]
    assert not is_uscc(code[:10] + other + code[11:])


@given(st.from_regex(r"[1-9][0-9]{7}", fullmatch=True))
def test_one_wrong_digit_breaks_an_organisation_code(body: str) -> None:
    code = body + (organisation_check_digit(body) or "")
    assert is_organisation_code(code)
    assert not is_organisation_code(code[:4] + str((int(code[4]) + 1) % 10) + code[5:])


@given(st.text(max_size=40))
def test_any_index_number_is_kept_as_printed(text: str) -> None:
    found = read_index_number(text)
    assert found is None or found.printed == text.strip()


@given(
    st.sampled_from(["青政办发", "国办公开办函", "内政公发"]),
    st.sampled_from(["〔{}〕", "[{}]", "【{}】", "（{}）", "({})", "﹝{}﹞", "〔{}", "{}〕"]),
    st.integers(2008, 2030),
    st.sampled_from(["{}号", "第{}号", "{} 号"]),
    st.integers(1, 999),
)
def test_document_numbers_with_every_bracket_are_kept_as_printed(
    code: str, bracket: str, year: int, form: str, number: int
) -> None:
    printed = code + bracket.format(year) + form.format(number)
    assert read_document_number(f" {printed}　") == printed


@pytest.mark.parametrize("kept", ["国务院令第711号", "〔201770号", "〔202130", "国令第706号"])
def test_decrees_and_damaged_numbers_are_kept(kept: str) -> None:
    assert read_document_number(kept) == kept


@pytest.mark.parametrize(
    "blank", [None, "", "无文号", "无", "—", "－", "/", "〔〕号", "青政发〔〕号", " 无 文 号 ", "null", "暂无"]
)
def test_no_document_number_is_null(blank: str | None) -> None:
    assert read_document_number(blank) is None
