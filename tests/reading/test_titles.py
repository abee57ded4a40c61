"""What a title says: kind, year, agency. Names of places and agencies are invented."""

from __future__ import annotations

import pytest

from crawler.items import Kind
from pipelines.reading.agencies import agency_of
from pipelines.reading.kinds import kind_of
from pipelines.reading.titles import choose_title, clean_title, without_site
from pipelines.reading.years import report_year

OPENING = "根据《中华人民共和国政府信息公开条例》的规定，编制本年度报告。"
SIX = (
    "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况 四、行政复议、行政诉讼情况 "
    "五、存在的主要问题及改进情况 六、其他需要报告的事项"
)
REPORTS = [
    ("石桥区商务局2017年政府信息公开工作年度报告", 2017, "石桥区商务局"),
    ("沧湖市药监局2017年政府信息公开年度报告", 2017, "沧湖市药监局"),
    ("2018年行署质监局政府信息公开工作年度报告", 2018, "行署质监局"),
    ("大山区外事办政府信息公开工作2022年度报告", 2022, "大山区外事办"),
    ("北岭省2017年政府信息公开工作报告", 2017, "北岭省"),
    ("沧湖市滨河区人民政府2019年度政府信息公开工作年度报告", 2019, "沧湖市滨河区人民政府"),
    ("沧湖市人民政府信息公开工作年度报告（2021年）", 2021, "沧湖市人民政府"),
    ("云溪镇2020年政府信息公开年报", 2020, "云溪镇"),
    ("关于青禾县审计局2020年政府信息公开工作年度报告", 2020, "青禾县审计局"),
    ("青禾县财政局关于2016年度政府信息公开工作的报告", 2016, "青禾县财政局"),
    ("省财政厅二〇一八年度政府信息公开工作报告", 2018, "省财政厅"),
    ("北岭省市场监督管理局2019年度政务公开工作报告", 2019, "北岭省市场监督管理局"),
    ("沧湖市教育局信息公开2015年报", 2015, "沧湖市教育局"),
    ("河西街道办事处2012年政府信息公开工作总结", 2012, "河西街道办事处"),
    ("沧湖市2019年政府信息公开年度报告（2020年1月发布）", 2019, "沧湖市"),
    ("2020年度政府信息公开工作年度报告（沧湖市体育局）", 2020, "沧湖市体育局"),
    ("沧湖市统计局政府信息公开年度报告(2019年度)", 2019, "沧湖市统计局"),
    ("沧湖市民政局〔2022〕年政府信息公开工作年度报告", 2022, "沧湖市民政局"),
    ("沧湖市民政局【2022年度】政府信息公开工作年度报告", 2022, "沧湖市民政局"),
    ("我局2020年政府信息公开工作年度报告", 2020, None),
    ("沧湖职业学院2020—2021学年信息公开工作年度报告", 2020, "沧湖职业学院"),
    ("青禾县民政局2021年1月至12月政府信息公开工作年度报告", 2021, "青禾县民政局"),
    ("青禾县民政局二O一五年度政府信息公开工作报告", 2015, "青禾县民政局"),
    ("青禾县民政局二\u041e一五年度政府信息公开工作报告", 2015, "青禾县民政局"),
    ("2023年1月青禾县民政局2022年政府信息公开工作年度报告", 2022, "青禾县民政局"),
    ("12.青禾县民政局2022年政府信息公开工作年度报告", 2022, "青禾县民政局"),
    ("青禾县扶贫办2019-2020年政府信息公开工作年度报告", 2020, "青禾县扶贫办"),
    ("青禾县第一医院2022年度院务信息公开工作年度报告", 2022, "青禾县第一医院"),
]


@pytest.mark.parametrize(("title", "year", "agency"), REPORTS)
def test_titles_of_annual_reports(title: str, year: int, agency: str | None) -> None:
    assert kind_of(title, OPENING) is Kind.ANNUAL_REPORT
    assert report_year(title, "") == year
    assert agency_of(title) == agency


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("青禾县市场监管局关于落实2017年度政府信息公开工作要点自查情况的汇报", Kind.SELF_INSPECTION),
        ("青禾县教育局2020年度政府信息公开工作自查报告", Kind.SELF_INSPECTION),
        ("2021年度滨河区政府网站工作年度报表", Kind.WEBSITE_REPORT),
        ("政府网站监管年度报表(2020年)", Kind.WEBSITE_REPORT),
        ("青禾县政府网站2020年度工作报告", Kind.WEBSITE_REPORT),
        ("一图读懂：2021年沧湖市政府信息公开工作年度报告", Kind.INTERPRETATION),
        ("《沧湖市2022年政府信息公开工作年度报告》解读", Kind.INTERPRETATION),
        ("关于做好2019年政府信息公开工作年度报告编制发布工作的通知", Kind.NOTICE),
        ("青禾县2020年政府信息公开年度报告公布情况", Kind.NOTICE),
        ("青禾县政府信息公开指南", Kind.OTHER),
        ("县政府召开2021年政府信息公开工作年度报告编制培训会", Kind.OTHER),
        ("青禾县2021年政府信息公开年度报告发布工作圆满完成", Kind.OTHER),
        ("关于更正青禾县民政局2021年政府信息公开工作年度报告的说明", Kind.OTHER),
        ("青禾县教育局政府信息公开制度", Kind.OTHER),
        ("青禾县环保局2022年环境信息公开年度报告", Kind.OTHER),
        ("青禾县财政局2022年预决算信息公开工作报告", Kind.OTHER),
        ("青禾县民政局2022年12月政府信息公开工作报告", Kind.OTHER),
        ("关于青禾县民政局2022年政府信息公开工作年度报告的说明", Kind.OTHER),
        ("2022年法治政府建设年度报告", Kind.OTHER),
        ("2023年政务公开工作要点", Kind.OTHER),
    ],
)
def test_what_else_stands_in_the_column(title: str, kind: Kind) -> None:
    assert kind_of(title, OPENING) is kind
    assert kind_of(title, SIX) is kind or kind is Kind.NOTICE


def test_the_six_sections_tell_a_report_under_a_title_that_fits_anything() -> None:
    assert kind_of("政府信息公开年报", OPENING + SIX) is Kind.ANNUAL_REPORT
    assert kind_of("正文", SIX) is Kind.ANNUAL_REPORT
    assert kind_of(None, SIX) is Kind.ANNUAL_REPORT
    assert kind_of("正文", "本周天气晴好，请注意防火。") is Kind.OTHER


def test_the_year_is_never_the_publication_dates() -> None:
    assert report_year("政府信息公开工作年度报告", "统计期限自2021年1月1日起至2021年12月31日止") == 2021
    assert report_year("政府信息公开工作年度报告", "统计期限自2021年1月1日起，至2021年12月31日止") == 2021
    assert report_year("政府信息公开工作年度报告", "特此报告。2022年1月20日", 2021) == 2021
    assert report_year("政府信息公开工作年度报告", "特此报告。2022年1月20日") is None


def test_a_year_alone_below_the_title_is_the_reports() -> None:
    title = "青禾县财政局政府信息公开工作年度报告"
    assert report_year(title, "（2021年度）\n\n根据条例，编制本报告。") == 2021
    assert report_year(title, "二〇二一年工作\n\n2022年1月印发") is None


def test_an_agency_is_named_without_the_notice_or_the_matter_behind_it() -> None:
    assert agency_of("青禾县财政局2022年预决算信息公开工作报告") == "青禾县财政局"
    assert agency_of("青禾县民政局关于印发《2022年政府信息公开工作年度报告》的通知") == "青禾县民政局"


def test_a_generic_title_leaves_the_agency_to_signature_page_and_column() -> None:
    assert agency_of("2020年政府信息公开年报", "沧湖市商务局", ["青禾县"], ["某局"]) == "沧湖市商务局"
    assert agency_of("2020年政府信息公开年报", None, [None, "沧湖市商务局"], []) == "沧湖市商务局"
    assert agency_of("2020年政府信息公开年报", "我局", ["本机关"], ["沧湖市商务局"]) == "沧湖市商务局"
    for signed in ("青禾县烟草专卖局（公司）", "青禾县档案馆（局）", "建设兵团第九十九师"):
        assert agency_of("2020年政府信息公开年报", signed) == signed
    assert agency_of("2020年政府信息公开年报", None, ["张三", "管理员"], [None]) is None


def test_the_title_is_kept_unless_a_fuller_print_ends_with_the_same_words() -> None:
    assert agency_of("市商务局2020年政府信息公开年报", "沧湖市商务局") == "沧湖市商务局"
    assert agency_of("青禾县市场监管局2020年政府信息公开年报", "青禾县市场监督管理局") == "青禾县市场监管局"
    assert agency_of("青禾县2020年政府信息公开年报", None, ["青禾县人民政府办公室"]) == "青禾县人民政府"


def test_the_first_place_that_names_something_gives_the_title() -> None:
    chosen = choose_title(
        [
            ("metadata", None),
            ("meta", "{{ArticleTitle}}"),
            ("headline", "政府信息公开年报"),
            ("html title", "石桥区商务局2017年年报"),
        ]
    )
    assert chosen is not None
    assert (chosen.text, chosen.source) == ("石桥区商务局2017年年报", "html title")


def test_a_headline_that_is_the_columns_name_yields_to_a_whole_title_in_the_pages_head() -> None:
    whole = ("html title", "石桥区商务局2017年政府信息公开工作年度报告-石桥区人民政府")
    assert choose_title([("headline", "石桥区商务局信息公开"), whole]).source == "html title"  # type: ignore[union-attr]
    for headline in ("一图读懂石桥区商务局2017年年报", "石桥区商务局2017年工作要点"):
        assert choose_title([("headline", headline), whole]).text == headline  # type: ignore[union-attr]
    column = ("html title", "石桥区政府信息公开年报")
    assert choose_title([("headline", "关于停水的通告"), column]).text == "关于停水的通告"  # type: ignore[union-attr]


def test_a_plain_title_of_the_page_comes_before_the_name_its_row_has_in_the_list() -> None:
    title = choose_title([("headline", "政府信息公开工作年度报告"), ("entry", "西沟市财政局")])
    assert title is not None
    assert title.text == "政府信息公开工作年度报告"


def test_a_title_cut_short_yields_to_a_whole_one() -> None:
    chosen = choose_title(
        [("meta", "石桥区商务局2017年政府信息公…"), ("headline", "石桥区商务局2017年政府信息公开年报")]
    )
    assert chosen is not None
    assert chosen.source == "headline"


@pytest.mark.parametrize(
    "macro", ["<$[标题]>", "{{title}}", "${ArticleTitle}", "CMSPRO_DOCTITLE", "[!--title--]", "{title}", " ", None]
)
def test_macros_no_cms_expanded_are_no_titles(macro: str | None) -> None:
    assert clean_title(macro) is None


def test_markup_and_escapes_within_a_title() -> None:
    assert clean_title("建设<div>——年度&nbsp;报告</div>") == "建设——年度\u00a0报告"
    assert clean_title("%u653F%u5E9C公开") == "政府公开"


@pytest.mark.parametrize(
    "printed",
    [
        "{}_青禾县人民政府",
        "{} - 青禾县人民政府门户网站",
        "青禾县人民政府 | 公开年报 | {}",
        "{}-青禾县政府网",
        "青禾县人民政府 政府信息公开 {}",
        "{}",
    ],
)
def test_the_sites_name_is_no_part_of_the_title(printed: str) -> None:
    title = "青禾县2020年政府信息公开工作年度报告"
    assert without_site(printed.format(title)) == title
