import pytest

from crawler.errors import UsageError
from spiders import divisions


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("33", "33"),
        ("330000", "33"),
        ("浙江", "33"),
        ("浙江省", "33"),
        ("zhejiang", "33"),
        (" ZheJiang ", "33"),
        ("３３", "33"),
        ("内蒙古", "15"),
        ("内蒙古自治区", "15"),
        ("neimenggu", "15"),
        ("Inner Mongolia", "15"),
        ("广西", "45"),
        ("新疆维吾尔自治区", "65"),
        ("新疆", "65"),
        ("新疆生产建设兵团", "66"),
        ("兵团", "66"),
        ("重庆市", "50"),
        ("重庆", "50"),
        ("shanxi", "14"),
        ("shaanxi", "61"),
        ("香港", "81"),
    ],
)
def test_a_province_goes_by_code_name_short_name_or_pinyin(said: str, code: str) -> None:
    assert divisions.province_of(said) == code


def test_no_two_provinces_go_by_one_short_name() -> None:
    for code, division in divisions.provinces().items():
        assert divisions.province_of(divisions.short_name(division.name)) == code
        assert divisions.province_of(division.name) == code


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("zhejang", "33 浙江省 (zhejiang)"),
        ("杭州", "lies in 33 浙江省"),
        ("331122", "lies in 33 浙江省"),
        ("朝阳", "11 北京市 (beijing) or 21 辽宁省"),
        ("99", "give a GB/T 2260 code"),
        ("", "give a GB/T 2260 code"),
    ],
)
def test_what_is_no_province_is_refused_with_the_names_that_come_close(said: str, hint: str) -> None:
    with pytest.raises(UsageError, match="no province is called") as caught:
        divisions.province_of(said)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_code_of_any_level_has_its_name() -> None:
    assert divisions.name_of("33") == "浙江省"
    assert divisions.name_of("3311") == "丽水市"
    assert divisions.name_of("331100") == "丽水市"
    assert divisions.name_of("331122") == "缙云县"
    assert divisions.name_of("232700") == "大兴安岭地区"
    assert divisions.name_of("339999") is None


def test_a_code_out_of_use_is_known_with_the_one_of_today() -> None:
    former = divisions.table()["332500"]
    assert former.name == "丽水地区"
    assert former.now == "331100"
    for division in divisions.table().values():
        if division.now:
            assert divisions.table()[division.now].now is None, division


def test_the_table_is_sorted_and_every_division_has_its_province_and_prefecture() -> None:
    codes = list(divisions.table())
    assert codes == sorted(set(codes))
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(divisions.provinces()) == 35
    assert all(division.pinyin for division in divisions.provinces().values())
    for code, division in divisions.table().items():
        assert f"{code[:2]}0000" in codes
        assert f"{code[:4]}00" in codes or division.now, code
