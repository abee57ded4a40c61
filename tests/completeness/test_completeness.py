"""How a portal's crawl ends, as a table of cases; and what ends a list that has no end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crawler.errors import Blocked
from crawler.items import Column, Declared, Entry, Fetch, Listing, Portal, PortalStatus
from crawler.urls import identity
from spiders.completeness import (
    BARREN_PAGES,
    BARREN_YEARS,
    MAX_COLUMN_DEPTH,
    MAX_COLUMNS,
    MAX_PAGES,
    PortalTally,
    settle,
    trap,
)

NOW = datetime(2026, 2, 1, tzinfo=UTC)
HOME = "http://www.qingshui.gov.cn/"
COLUMN = Column(HOME + "zwgk/nb/")
TOWNS = Column(HOME + "zwgk/nb/xz/", parent=COLUMN.url)


def tally(min_reports: int = 0) -> PortalTally:
    return PortalTally(Portal("qingshui", "清水县", "33", "331199", HOME, min_reports=min_reports))


def page(number: int, column: Column = COLUMN) -> Fetch:
    return Fetch(column.url if number == 1 else f"{column.url}index_{number - 1}.html", page=number)


def read(
    t: PortalTally,
    names: str,
    number: int = 1,
    column: Column = COLUMN,
    declared: Declared | None = None,
    columns: tuple[Column, ...] = (),
) -> None:
    """A page with one entry for each letter."""
    t.open_column(column, 0)
    entries = tuple(Entry(f"{HOME}t{name}.html", name, column) for name in names)
    listing = Listing(entries, columns, (), declared)
    t.read(column, page(number, column), listing, {identity(entry.url) for entry in entries})


Told = Callable[[PortalTally], None]


def told(*events: Told, reports: int = 0, min_reports: int = 0) -> tuple[PortalStatus, str]:
    t = tally(min_reports)
    t.reports = reports
    for event in events:
        event(t)
    return settle(t)


def lists(names: str, number: int = 1, declared: Declared | None = None, column: Column = COLUMN) -> Told:
    return lambda t: read(t, names, number, column, declared)


def unread(name: str) -> Told:
    def event(t: PortalTally) -> None:
        t.open_column(COLUMN, 0)
        t.read(COLUMN, page(1), Listing(unread=name), set())

    return event


def once_more(t: PortalTally) -> None:
    assert [column.url for column, _ in t.shifted()] == [COLUMN.url]
    assert not t.shifted()


def page_lost(number: int, name: str, column: Column = COLUMN) -> Told:
    def event(t: PortalTally) -> None:
        t.open_column(column, 0)
        t.failed(column, page(number, column), name)

    return event


def entry_lost(name: str) -> Told:
    def event(t: PortalTally) -> None:
        t.lost.setdefault(name, HOME + "ta.html")
        t.lost_count[name] += 1

    return event


def refused(t: PortalTally) -> None:
    t.refusal = Blocked("412", name="riversafe_412")


def left_alone(t: PortalTally) -> None:
    t.refusal = t.blocked = Blocked("412", name="riversafe_412")


def off_site(t: PortalTally) -> None:
    t.off_site["mirror.example"] = "http://mirror.example/a"
    t.robots = 3


def printed(names: str, number: int) -> Told:
    """A page whose number a pager of the first prints."""

    def event(t: PortalTally) -> None:
        entries = tuple(Entry(f"{HOME}t{name}.html", name, COLUMN) for name in names)
        fetch = Fetch(page(number).url, page=number, state={"printed": True})
        t.read(COLUMN, fetch, Listing(entries), {identity(entry.url) for entry in entries})

    return event


CHANGED_WHILE_READ = (lists("abc"), lists("cde", 2), lists("f", 3), once_more)
CASES: dict[str, tuple[tuple[PortalStatus, str], str, str]] = {
    "everything was had": (told(lists("abc"), reports=3), "ok", ""),
    "as many as declared": (told(lists("abc", declared=Declared(records=3)), reports=3), "ok", ""),
    "more than declared": (told(lists("abcd", declared=Declared(records=3)), reports=3), "ok", ""),
    "one row lists what another lists": (told(lists("abca", declared=Declared(records=4)), reports=3), "ok", ""),
    "a row slipped to the next page while we read": (
        told(lists("abc", declared=Declared(records=6)), lists("cde", 2), reports=5),
        "ok",
        "",
    ),
    "a row slipped to the next page of a list that grew while we read": (
        told(lists("abc", declared=Declared(records=5)), lists("cde", 2, Declared(records=6)), reports=5),
        "incomplete",
        "6 entries declared, 5 found",
    ),
    "pages whose numbers are printed are the first again": (
        told(lists("abc"), printed("abc", 2), printed("abc", 3), reports=3),
        "incomplete",
        "page 2, as printed, is the first again",
    ),
    "the page after the last is the first again": (
        told(lists("abc"), printed("de", 2), printed("abc", 3), reports=5),
        "ok",
        "",
    ),
    "a script asks for more than is read": (
        told(unread("too_many_questions"), lists("abc", 2), reports=3),
        "incomplete",
        f"too_many_questions at {COLUMN.url}",
    ),
    "a list that changed while it was read stands still when it is read once more": (
        told(
            *CHANGED_WHILE_READ,
            lists("xab"),
            lists("cde", 2),
            lists("f", 3),
            reports=7,
        ),
        "ok",
        "",
    ),
    "a list that changed while it was read changes again": (
        told(
            *CHANGED_WHILE_READ,
            lists("xab"),
            lists("bcd", 2),
            lists("ef", 3),
            reports=7,
        ),
        "incomplete",
        "changed while it was read, and again",
    ),
    "a list that seemed to change is made so": (
        told(
            *CHANGED_WHILE_READ,
            lists("abc"),
            lists("cde", 2),
            lists("f", 3),
            reports=7,
        ),
        "ok",
        "",
    ),
    "what was left out was left out rightly": (told(lists("abc"), off_site, reports=2), "ok", ""),
    "robots.txt keeps us from a page": (
        told(lists("abc", declared=Declared(records=9)), page_lost(2, "robots"), reports=3),
        "ok",
        "",
    ),
    "robots.txt keeps us from one of two columns": (
        told(lists("abc"), page_lost(1, "robots", TOWNS), reports=3),
        "ok",
        "",
    ),
    "reports enough": (told(lists("abc"), reports=3, min_reports=3), "ok", ""),
    "an empty column beside a full one": (told(lists("abc"), lists("", column=TOWNS), reports=3), "ok", ""),
    "the page after the last is empty": (told(lists("abc"), lists("", 2), reports=3), "ok", ""),
    "fewer than declared": (
        told(lists("abc", declared=Declared(records=5)), reports=3),
        "incomplete",
        "5 entries declared",
    ),
    "the next page is the same page": (
        told(lists("abc", declared=Declared(records=6)), lists("abc", 2), reports=3),
        "incomplete",
        "6 entries declared, 3 found",
    ),
    "the next page is mostly the same page": (
        told(lists("abcd", declared=Declared(records=8)), lists("bcde", 2), reports=5),
        "incomplete",
        "8 entries declared, 5 found",
    ),
    "fewer pages than declared": (
        told(lists("abc", declared=Declared(pages=2)), reports=3),
        "incomplete",
        "2 pages declared",
    ),
    "an empty page in the middle": (
        told(lists("a"), lists("", 2), lists("b", 3), reports=2),
        "incomplete",
        "page 2 of 3",
    ),
    "a declared page is empty": (
        told(lists("a", declared=Declared(pages=2)), lists("", 2), reports=1),
        "incomplete",
        "page 2 of 2",
    ),
    "a page could not be had": (
        told(lists("abc"), page_lost(2, "server_error"), reports=3),
        "incomplete",
        "server_error",
    ),
    "a page could not be had and then could": (
        told(page_lost(2, "timeout"), lists("abc"), lists("d", 2), reports=4),
        "ok",
        "",
    ),
    "a column could not be had": (
        told(lists("abc"), page_lost(1, "not_found", TOWNS), reports=3),
        "incomplete",
        "not_found",
    ),
    "an entry could not be had": (told(lists("abc"), entry_lost("soft_404"), reports=2), "incomplete", "soft_404"),
    "an entry was refused": (
        told(lists("abc"), refused, entry_lost("forbidden_403"), reports=2),
        "incomplete",
        "forbidden",
    ),
    "a guard cut a column": (
        told(lists("abc"), lambda t: t.cut(HOME, "too_many_pages"), reports=3),
        "incomplete",
        "too_many_pages",
    ),
    "a guard cut what brought nothing": (
        told(lists("abc"), lambda t: t.cut(HOME, "calendar", False), reports=3),
        "ok",
        "",
    ),
    "a way timed out": (
        told(lists("abc"), lambda t: t.way_lost(HOME + "bm/", "timeout"), reports=3),
        "incomplete",
        "timeout",
    ),
    "a way led nowhere": (told(lists("abc"), lambda t: t.way_lost(HOME + "bm/", "not_found"), reports=3), "ok", ""),
    "nothing listed": (told(lists("")), "empty", "1 columns read"),
    "nothing listed is a report": (told(lists("abc")), "empty", "no annual report"),
    "nothing found of much declared": (
        told(lists("", declared=Declared(records=9))),
        "incomplete",
        "9 entries declared",
    ),
    "too few reports": (told(lists("abc"), reports=3, min_reports=10), "failed", "min_reports: 3"),
    "too few reports because of a loss": (
        told(lists("abc"), entry_lost("server_error"), reports=2, min_reports=3),
        "failed",
        "min_reports: 2",
    ),
    "no column at all": (told(), "failed", "no_columns_found"),
    "home not reached": (told(lambda t: t.way_lost(HOME, "dns")), "failed", "dns: "),
    "the only column is gone": (told(page_lost(1, "not_found")), "failed", "not_found: "),
    "the only column times out": (told(page_lost(1, "timeout")), "failed", "timeout: "),
    "the only column is no page": (told(page_lost(1, "not_html")), "failed", "not_html: "),
    "the portal changed": (
        told(page_lost(1, "portal_changed"), page_lost(1, "portal_changed", TOWNS)),
        "failed",
        "portal_changed",
    ),
    "robots.txt keeps us from everything": (told(page_lost(1, "robots")), "failed", "robots: "),
    "the only column is refused": (told(refused, page_lost(1, "riversafe_412")), "blocked", "riversafe_412"),
    "home is refused": (told(refused, lambda t: t.way_lost(HOME, "riversafe_412")), "blocked", "riversafe_412"),
    "refused on the way": (told(lists("abc"), left_alone, reports=1), "blocked", "riversafe_412"),
    "refused on the way, with too few reports and losses": (
        told(lists("abc"), entry_lost("riversafe_412"), left_alone, reports=1, min_reports=3),
        "blocked",
        "riversafe_412",
    ),
}


@pytest.mark.parametrize(("settled", "status", "reason"), CASES.values(), ids=CASES)
def test_how_a_portal_ends(settled: tuple[PortalStatus, str], status: str, reason: str) -> None:
    assert settled[0].value == status, settled[1]
    assert reason in settled[1]
    assert bool(settled[1]) == (status != "ok")


def test_a_run_over_some_years_does_not_measure_how_many_reports_there_are() -> None:
    t = tally(min_reports=10)
    read(t, "abc")
    t.reports, t.partial = 3, True
    assert settle(t)[0] is PortalStatus.OK


def test_two_interfaces_of_one_page_number_are_two_answers() -> None:
    t = tally()
    read(t, "abc")
    t.failed(COLUMN, Fetch(HOME + "api?unit=1"), "server_error")
    listing = Listing((Entry(HOME + "td.html", "d", COLUMN),))
    t.read(COLUMN, Fetch(HOME + "api?unit=2"), listing, {identity(HOME + "td.html")})
    t.reports = 4
    assert settle(t)[0] is PortalStatus.INCOMPLETE


def test_what_is_listed_is_known_only_when_every_list_was_read() -> None:
    t = tally()
    assert not t.lists_complete
    read(t, "abc", declared=Declared(records=4))
    assert not t.lists_complete
    read(t, "d", 2)
    assert t.lists_complete
    t.cut(HOME, "too_many_pages")
    assert not t.lists_complete


def test_the_summary_says_what_there_is_to_say_and_no_more() -> None:
    t = tally()
    read(t, "abc")
    assert t.figures(NOW) == {}
    t.failed(COLUMN, page(2), "timeout")
    t.cut(HOME + "x", "calendar", fruitful=False)
    t.discovered(["年报 (http://…)"], ["http://xxgk.qingshui.gov.cn/"])
    figures = t.figures(NOW)
    assert figures["cut"] == {"calendar": HOME + "x"}
    assert COLUMN.url in figures["short_columns"]
    assert figures["undecided"]
    assert figures["foreign"]


# ---------------------------------------------------------------- what ends a list


def test_a_pager_that_brings_nothing_new_is_left_and_named() -> None:
    t = tally()
    read(t, "abc")
    asked = 1
    while t.may_go_on(COLUMN, page(asked + 1)):
        asked += 1
        read(t, "abc" if asked == 2 else "de", asked)
        assert asked < 10
    assert asked <= 2 + BARREN_PAGES
    t.reports = 3
    assert settle(t)[0] is PortalStatus.OK
    assert "barren_pages" in t.figures(NOW)["cut"]


def test_a_pager_that_owes_declared_entries_gets_more_patience_and_is_then_a_fault() -> None:
    t = tally()
    read(t, "abc", declared=Declared(records=50))
    asked = 1
    while t.may_go_on(COLUMN, page(asked + 1)):
        asked += 1
        read(t, "abc", asked)
        assert asked < 20
    assert asked > BARREN_PAGES
    assert settle(t)[0] is PortalStatus.INCOMPLETE


def test_a_control_that_loads_more_and_brings_the_same_again_leaves_the_list_in_part() -> None:
    t = tally()
    t.reports = 2
    read(t, "ab")
    t.read(COLUMN, Fetch(f"{HOME}more?page=2", page=2, state={"promised": True}), *same_again())
    assert settle(t) == (PortalStatus.INCOMPLETE, f"{COLUMN.url}: 2 pages declared, 1 read")


def same_again() -> tuple[Listing, set[str]]:
    entries = tuple(Entry(f"{HOME}t{name}.html", name, COLUMN) for name in "ab")
    return Listing(entries), {identity(entry.url) for entry in entries}


def test_a_page_is_asked_for_once() -> None:
    t = tally()
    read(t, "abc")
    assert not t.may_go_on(COLUMN, page(1))
    assert t.may_go_on(COLUMN, page(2))
    assert not t.may_go_on(COLUMN, page(2))
    assert t.may_go_on(COLUMN, Fetch(page(2).url, "POST", b"page=2"))
    assert t.may_go_on(COLUMN, Fetch(page(2).url, "POST", b"page=3"))


def test_a_list_without_end_is_cut_and_said() -> None:
    t = tally()
    read(t, "abc")
    pages = [page(number) for number in range(2, MAX_PAGES + 3)]
    for number, fetch in enumerate(pages):
        t.read(COLUMN, fetch, Listing(), {f"entry{number}"})
        if not t.may_go_on(COLUMN, fetch):
            break
    assert "too_many_pages" in t.cuts
    assert settle(t)[0] is PortalStatus.INCOMPLETE


def test_columns_without_end_are_cut_and_said() -> None:
    t = tally()
    assert all(t.open_column(Column(f"{HOME}c{n}/"), 0) for n in range(MAX_COLUMNS))
    assert not t.open_column(Column(HOME + "one-more/"), 0)
    assert "too_many_columns" in {**t.cuts, **t.idle_cuts}


def test_a_column_is_opened_once_and_not_too_deep() -> None:
    t = tally()
    assert t.open_column(COLUMN, 0)
    assert not t.open_column(Column(COLUMN.url + "index.html"), 1)
    assert t.open_column(TOWNS, MAX_COLUMN_DEPTH)
    assert not t.open_column(Column(HOME + "deep/", parent=TOWNS.url), MAX_COLUMN_DEPTH + 1)
    assert "column_depth" in {**t.cuts, **t.idle_cuts}


def years(t: PortalTally, reports_to: int) -> int:
    """Goes from year to year, each page linking to the year before, until the tally says stop; the years opened."""
    menu = Column(HOME + "nb.php")
    read(t, "z", column=menu)
    before, opened = menu, 0
    for year in range(2023, 1900, -1):
        column = Column(f"{HOME}nb.php?year={year}", parent=before.url, report_year=year)
        if not t.open_column(column, opened + 1):
            break
        t.read(column, Fetch(column.url), Listing(), {f"report{year}"} if year >= reports_to else set())
        before, opened = column, opened + 1
    return opened


def test_a_menu_that_leads_from_year_to_year_leads_no_deeper() -> None:
    t = tally()
    assert years(t, reports_to=2008) >= 2023 - 2008 + 1
    assert not t.cuts


def test_a_calendar_without_end_is_left_where_it_brings_nothing() -> None:
    t = tally()
    assert years(t, reports_to=2020) <= 2023 - 2020 + 1 + BARREN_YEARS
    assert set(t.idle_cuts) == {"barren_years"}


def test_a_column_the_registry_names_is_no_trap() -> None:
    t = tally()
    calendar = HOME + "list.jsp?year=2020&month=1"
    assert t.open_column(Column(calendar), 0)
    assert not t.open_column(Column(calendar.replace("month=1", "month=2"), parent=calendar), 1)
    assert t.may_go_on(Column(calendar), Fetch(calendar + "&page=2", page=2))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (HOME + "list?year=2031&month=7", "calendar"),
        (HOME + "rili?riqi=20310701", "calendar"),
        (HOME + "a/a/a/", "path_repeats"),
        (HOME + "zwgk/nb/zwgk/nb/", "path_repeats"),
        (HOME + "x/zwgk/nb/2020/zwgk/nb/2020/index.html", "path_repeats"),
        (HOME + "/".join(f"d{n}" for n in range(25)), "path_depth"),
        (HOME + "list?" + "&".join(f"facet{n}=1" for n in range(30)), "too_many_parameters"),
        (HOME + "list?" + "&".join("tag=1" for _ in range(5)), "too_many_parameters"),
    ],
)
def test_a_trap_is_known_by_its_address(url: str, name: str) -> None:
    assert trap(url) == name


@pytest.mark.parametrize(
    "path",
    [
        "zwgk/zfxxgk/zfxxgknb/2020n/",
        "2021/1/1/1.html",
        "10462/c102238/2020/10/19/7084.shtml",
        "list?year=2020",
        "module/xxgk/xxgkAnnualReport.jsp?fbtime=2017&area=113325000026455663",
        "module/web/jpage/dataproxy.jsp?startrecord=1&endrecord=45&perpage=15&col=1&appid=1&webid=2&path=/&columnid=3&unitid=4",
        "jdzx/jdzx/index.html",
    ],
)
def test_an_ordinary_address_is_no_trap(path: str) -> None:
    assert trap(HOME + path) is None


@pytest.mark.parametrize(
    ("name", "found", "status"),
    [
        ("not_found", True, PortalStatus.OK),
        ("portal_changed", True, PortalStatus.OK),
        ("client_error", True, PortalStatus.OK),  # WordPress: 400 after the last page
        ("client_error", False, PortalStatus.INCOMPLETE),
        ("timeout", True, PortalStatus.INCOMPLETE),
        ("not_found", False, PortalStatus.INCOMPLETE),
    ],
)
def test_what_only_perhaps_is_a_page_of_the_list_is_missed_where_it_may_be_one(
    name: str, found: bool, status: PortalStatus
) -> None:
    t = tally()
    t.reports = 1
    t.open_column(COLUMN, 0)
    entries = (Entry(HOME + "nb/1.html", "甲县2021年政府信息公开工作年度报告", COLUMN),) if found else ()
    t.read(COLUMN, Fetch(COLUMN.url), Listing(entries), {entry.url for entry in entries})
    t.failed(COLUMN, Fetch(HOME + "nb/data.js", state={"supposed": True}), name)
    assert settle(t)[0] is status


@pytest.mark.parametrize(
    ("pages", "shifted"),
    [
        (("abc", "def", "g"), False),
        (("abc", "cde", "f"), True),  # one was added before the second page was read
        (("abc", "bcd", "e"), True),  # two were
        (("abc", "cde"), True),
        (("abc", "cde", "efg"), False),  # a pager that overlaps everywhere
        (("sab", "scd", "sef"), False),  # a row at the head of every page
        (("abc", "abc", "d"), False),  # a pager that gives the same page again
        (("abc", "cab", "d"), False),
        (("abc", "", "d"), False),
    ],
)
def test_a_list_that_changed_while_it_was_read_is_told_by_its_rows(pages: tuple[str, ...], shifted: bool) -> None:
    t = tally()
    for number, names in enumerate(pages, 1):
        read(t, names, number)
    assert bool(t.shifted()) is shifted


@pytest.mark.parametrize(
    ("totals", "shifted"),
    [((9, 9, 9), False), ((9, 9, 8), True), ((9, 10, 10), False), ((9, 9, None), False)],
    ids=["the same", "one taken away", "the first page counts otherwise", "not said everywhere"],
)
def test_a_list_that_changed_while_it_was_read_is_told_by_its_total(
    totals: tuple[int | None, ...], shifted: bool
) -> None:
    t = tally()
    for number, total in enumerate(totals, 1):
        read(t, "abcdefghi"[number * 3 - 3 : number * 3], number, declared=Declared(records=total) if total else None)
    assert bool(t.shifted()) is shifted


def test_several_lists_behind_one_page_are_no_list_that_changed() -> None:
    t = tally()
    read(t, "abc")
    for names in ("cde", "cfg"):
        read(t, names, 2)
    assert not t.shifted()
