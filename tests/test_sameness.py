"""One page sent for every article, told from reports that repeat each other."""

from __future__ import annotations

from spiders.sameness import likeness

LIST = (
    "<title>政府信息公开年报</title><p>今天是2025年{day}日</p><ul>{links}</ul><p>主办单位为某某县人民政府办公室，承办单位为某某县"
    "大数据发展管理局，网站标识码在此，建议使用较新的浏览器访问本网站以获得较好的浏览体验</p><p>访问量{count}</p>"
)
LINKS = "".join(
    f"<li><a href='/{year}.html'>某某县档案局{year}年政府信息公开工作年度报告</a></li>" for year in (2020, 2021)
)


def test_the_list_sent_for_each_of_its_entries_is_one_page() -> None:
    one = likeness(LIST.format(day="3月1", links=LINKS, count=7), "某某县档案局2020年政府信息公开工作年度报告")
    other = likeness(LIST.format(day="3月1", links=LINKS, count=1234), "某某县档案局2021年政府信息公开工作年度报告")
    assert one.like(other)


def test_reports_that_repeat_each_other_from_year_to_year_are_not() -> None:
    text = "<h1>{title}</h1><p>本年度主动公开政府信息若干条，未收到政府信息公开申请，没有发生行政复议和行政诉讼案件，没有收费。</p>"
    titles = ["某某镇2020年政府信息公开工作年度报告", "某某镇2021年政府信息公开工作年度报告"]
    one, other = (likeness(text.format(title=title), title) for title in titles)
    assert not one.like(other)
    cut_short = likeness(text.format(title=titles[0]), "某某镇2020年政府信息公…")
    assert cut_short.states_title


def test_a_link_that_says_no_more_than_view_goes_by_the_year_of_its_column() -> None:
    page = "<h1>某某镇2020年政府信息公开工作年度报告</h1>"
    assert not likeness(page, "查看").states_title
    assert likeness(page, "查看", 2020).states_title


def test_answers_that_say_next_to_nothing_are_not_compared() -> None:
    assert not likeness("<img src=a>", "查看").like(likeness("<img src=b>", "查看"))


def test_an_agencys_name_from_a_menu_tells_its_page_from_another() -> None:
    assert likeness("<h1>某某县财政局政府信息公开年报</h1>", "财政局").states_title
    assert not likeness("<h1>某某县财政局政府信息公开年报</h1>", "水利局").states_title
