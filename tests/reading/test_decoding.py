"""Bytes → text: what a portal says of its encoding is a hint, the bytes decide."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import Unreadable
from pipelines.reading.decoding import MAX_INFLATED, decode, inflate
from pipelines.reading.documents_types import media_type

CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=8, max_size=200)
TEXT = "政府信息公开工作年度报告，共办理申请十二件。" * 4


@given(CHINESE)
def test_utf8_reads_as_utf8_whatever_is_declared(text: str) -> None:
    page = f'<meta charset="gb2312"><p>{text}</p>'
    assert decode(page.encode(), "text/html; charset=GBK").text == page


@given(CHINESE)
def test_gb_bytes_read_as_gb18030_under_any_label(text: str) -> None:
    page = f"<p>{TEXT}{text}</p>"
    for content_type in ("text/html; charset=utf-8", "text/html; charset=gb2312", "text/html;charset=ISO-8859-1", None):
        found = decode(page.encode("gb18030"), content_type)
        assert (found.text, found.encoding) == (page, "gb18030")


def test_a_character_outside_gb2312_survives_a_gb2312_label() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">镕堃䶮𠮷' + TEXT
    assert decode(page.encode("gb18030")).text == page


@given(st.integers(1, 2))
def test_a_utf8_page_cut_within_a_character_stays_utf8(cut: int) -> None:
    payload = (TEXT + "件").encode()[:-cut]
    found = decode(payload, "text/html; charset=gb2312")
    assert found.encoding == "utf-8"
    assert found.text == TEXT + "\ufffd"


def test_a_few_broken_bytes_do_not_turn_utf8_into_gb18030() -> None:
    payload = TEXT.encode() + b"\xe6\x94" + TEXT.encode()
    found = decode(payload)
    assert found.encoding == "utf-8"
    assert [remark.code for remark in found.remarks] == ["encoding.damaged"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(encoding: str) -> None:
    assert decode(TEXT.encode(encoding), "text/html; charset=gb2312").text == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("content_type", ["text/html; charset=utf-16", "text/html"])
@pytest.mark.parametrize("page", [f"\r\n<!DOCTYPE html><p>{TEXT}</p>", "<p>no character of it is beyond ASCII</p>"])
def test_markup_in_utf16_needs_no_byte_order_mark(encoding: str, content_type: str, page: str) -> None:
    found = decode(page.encode(encoding), content_type)
    assert (found.text, found.encoding, found.remarks) == (page, encoding, ())
    assert media_type(page.encode(encoding)) == "text/html"


def test_declared_big5_is_read_as_big5() -> None:
    text = "<p>" + "政府資訊公開年度報告，統計期間為全年。" * 6
    found = decode(text.encode("big5"), "text/html; charset=big5")
    assert (found.text, found.encoding) == (text, "big5")


def test_a_lying_label_is_remarked() -> None:
    found = decode(TEXT.encode("gb18030"), "text/html; charset=utf-8")
    assert [remark.code for remark in found.remarks] == ["encoding.contradicts"]


def test_nul_and_control_characters_do_not_end_the_page() -> None:
    assert decode(b"<p>a\x00b\x0bc\x1f</p>\n\td").text == "<p>abc</p>\n\td"


def test_gzip_nobody_asked_for_is_unpacked() -> None:
    assert decode(gzip.compress(TEXT.encode())).text == TEXT


def test_a_damaged_or_cut_or_huge_gzip_is_unreadable() -> None:
    whole = gzip.compress(TEXT.encode() * 50)
    for payload, name in (
        (b"\x1f\x8b\x08" + b"x" * 20, "damaged_gzip"),
        (whole[:-20], "truncated"),
        (gzip.compress(b"\0" * (MAX_INFLATED + 10)), "too_large"),
    ):
        with pytest.raises(Unreadable) as caught:
            inflate(payload)
        assert caught.value.name == name


@given(st.binary(max_size=400), st.sampled_from([None, "text/html; charset=x-none", "text/html; charset=utf-7"]))
def test_any_bytes_give_a_text(payload: bytes, content_type: str | None) -> None:
    if not payload.startswith(b"\x1f\x8b"):
        assert isinstance(decode(payload, content_type).text, str)
