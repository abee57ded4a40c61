"""The identity and version rule: its table of cases, and what must hold of any case.

A case is a finding and what the archive knows, both written with the few things the rule looks at.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import (
    Column,
    Entry,
    Finding,
    IndexNumberKind,
    Kind,
    Portal,
    Reading,
    Ruling,
    Sighting,
    Verdict,
    Visit,
)
from pipelines.rule import Content, Evidence, Known, Work, comparable_number, judge, report_id, unchanged

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PORTAL = Portal("qinghe", "清河县人民政府", "33", "331199", "http://www.qinghe.gov.cn/")
HERE = "http://www.qinghe.gov.cn/art/2024/3/1/art_1.html"
DOMAIN = "qinghe.gov.cn"
STRONG = "11331199002101550X/2024-00021"
AGENCY, YEAR, TITLE = "清河县财政局", 2023, "清河县财政局2023年政府信息公开工作年度报告"


def finding(url: str = HERE, *, body: str | None = "A", metadata: str = "m", files: str = "-", **read: Any) -> Finding:
    """A page as it was read; what is not named is that of the one report of these tests."""
    given: dict[str, Any] = {
        "agency": AGENCY, "report_year": YEAR, "title": TITLE, "kind": Kind.ANNUAL_REPORT, "index_number": None,
        "index_number_kind": None, "index_number_strong": False, **read,
    }  # fmt: skip
    reading = Reading(
        extractor="reader/1", encoding="utf-8", publisher=None, document_number=None, published_on=None,
        signed_on=None, metadata={}, body=body, body_source="page", sections=(), statistics=None, checks=(),
        remarks=(), attachments=(), further_pages=(), frames=(), body_digest=body, metadata_digest=metadata, **given,
    )  # fmt: skip
    visit = Visit(PORTAL, "plain", Entry(url, "", Column(PORTAL.home)), None, None, NOON)
    return Finding(visit, "snapshot", "payload", (), (), files, reading)


def known(
    *versions: str,
    name: str = "r1",
    agency: str | None = AGENCY,
    year: int | None = YEAR,
    title: str | None = TITLE,
    kind: Kind = Kind.ANNUAL_REPORT,
    domain: str = DOMAIN,
    here: str | None = None,
    **other: Any,
) -> Known:
    """A report of the archive. A version is written ``body metadata attachments``: ``"A m -"``."""
    contents = tuple(content(version) for version in versions or ("A m -",))
    works = other.pop("works", (Work(agency, year, title, kind),) * len(contents))
    shown = content(here) if here else None
    if shown is not None and "here_version" not in other:
        other["here_version"] = len(contents)
    return Known(name, contents, works, frozenset({domain}), here=shown, **other)


def content(written: str) -> Content:
    body, metadata, attachments = (None if part == "∅" else part for part in written.split())
    return Content(body, metadata, attachments)


@dataclass
class Case:
    name: str
    found: Finding
    evidence: Evidence
    verdict: Verdict
    report: str | None = "r1"  # None: a report of its own
    version: int = 1
    changed: tuple[str, ...] | None = None  # None: no version opens
    flags: tuple[str, ...] = field(default=())


def at(*reports: Known) -> Evidence:
    return Evidence(DOMAIN, at_location=reports)


def number(*reports: Known, domain: str = DOMAIN) -> Evidence:
    return Evidence(domain, same_number=reports)


def body(*reports: Known, domain: str = DOMAIN) -> Evidence:
    return Evidence(domain, same_body=reports)


def work(*reports: Known) -> Evidence:
    return Evidence(DOMAIN, same_work=reports)


def strong(**read: Any) -> Finding:
    uscc = IndexNumberKind.USCC
    return finding(index_number=STRONG, index_number_kind=uscc, index_number_strong=True, **read)


def weak(printed: str = "QH001/2024-00021", kind: IndexNumberKind = IndexNumberKind.OTHER, **read: Any) -> Finding:
    return finding(index_number=printed, index_number_kind=kind, **read)


NEW = ()
NEXT_YEAR = {"report_year": 2024, "title": TITLE.replace("2023", "2024")}
OTHER_AGENCY = {"agency": "清河县教育局", "title": TITLE.replace("财政", "教育")}
BRANCH = "清河县财政局开发区分局"

CASES = [
    # ---- the same location
    Case("unchanged", finding(), at(known(here="A m -")), Verdict.UNCHANGED),
    Case("body revised", finding(body="B"), at(known(here="A m -")), Verdict.REVISED, version=2, changed=("body",)),
    Case("metadata corrected, nothing else", finding(metadata="n"), at(known(here="A m -")), Verdict.REVISED,
         version=2, changed=("metadata",)),
    Case("attachment swapped under the same name", finding(files="g"), at(known("A m f", here="A m f")),
         Verdict.REVISED, version=2, changed=("attachments",)),
    Case("all three at once", finding(body="B", metadata="n", files="g"), at(known("A m f", here="A m f")),
         Verdict.REVISED, version=2, changed=("body", "metadata", "attachments")),
    Case("back to its first text: a third version", finding(), at(known("A m -", "B m -", here="B m -")),
         Verdict.REVISED, version=3, changed=("body",)),
    Case("a writer died between version and sighting", finding(body="B"),
         at(known("A m -", "B m -", here="A m -", here_version=1)), Verdict.UNCHANGED, version=2),
    Case("first look, its pointer there, its sighting lost", finding(), at(known()), Verdict.UNCHANGED),
    Case("the page shows next year's report", finding(body="B", **NEXT_YEAR), at(known(here="A m -")), Verdict.NEW,
         report=None, changed=NEW, flags=("location_reused",)),
    Case("the page shows another agency's report", finding(body="B", **OTHER_AGENCY), at(known(here="A m -")),
         Verdict.NEW, report=None, changed=NEW, flags=("location_reused",)),
    Case("the page shows last year's again", finding(),
         at(known("B m -", name="r2", year=2024, here="B m -"), known(here="A m -")), Verdict.UNCHANGED),
    Case("of two that do not say whose they are, the one seen last",
         finding(body="C", agency=None, report_year=None, title="年报"),
         at(known("B m -", name="r9", agency=None, year=None, here="B m -"), known(name="r1", here="A m -")),
         Verdict.REVISED, report="r9", version=2, changed=("body",)),
    Case("a wrong year in the title is put right", finding(metadata="n"),
         at(known(year=2022, title=TITLE.replace("2023", "2022"), here="A m -")), Verdict.REVISED, version=2,
         changed=("metadata",)),
    Case("见附件 is the same for two years, its file is not", finding(body="A", files="g", **NEXT_YEAR),
         at(known("A m f", here="A m f")), Verdict.NEW, report=None, changed=NEW, flags=("location_reused",)),
    Case("the signature that named the agency is gone", finding(body="B", agency="清河县人民政府办公室"),
         at(known(here="A m -")), Verdict.REVISED, version=2, changed=("body",)),
    Case("year and agency no longer stated", finding(body="B", agency=None, report_year=None), at(known(here="A m -")),
         Verdict.REVISED, version=2, changed=("body",)),
    Case("agency printed shorter", finding(agency="县财政局"), at(known(here="A m -")), Verdict.UNCHANGED),
    Case("agency printed fuller", finding(agency="临江市清河县财政局"), at(known(here="A m -")), Verdict.UNCHANGED),
    Case("a decoy stays what it is", finding(kind=Kind.NOTICE), at(known(kind=Kind.NOTICE, here="A m -")),
         Verdict.UNCHANGED),
    # ---- index numbers
    Case("strong: anywhere", strong(metadata="n"), number(known(domain="elsewhere.gov.cn")), Verdict.COPY),
    Case("strong: its text revised on the way", strong(body="B"), number(known(domain="elsewhere.gov.cn")),
         Verdict.REVISED, version=2, changed=("body",)),
    Case("strong: the old place is gone", strong(), number(known(live=False)), Verdict.MOVED),
    Case("strong: gone, and the text revised", strong(body="B"), number(known(live=False)), Verdict.MOVED,
         version=2, changed=("body",)),
    Case("strong: of the reports of one number the one with this text", strong(),
         number(known("B m -", name="r0"), known(name="r1")), Verdict.COPY),
    Case("strong, year unknown", strong(body="B", report_year=None), number(known()), Verdict.REVISED, version=2,
         changed=("body",)),
    Case("strong, another year: a collision", strong(body="B", **NEXT_YEAR), number(known()), Verdict.COLLISION,
         report=None, changed=NEW, flags=("index_number_collision",)),
    Case("strong, another agency: a collision", strong(body="B", **OTHER_AGENCY), number(known()), Verdict.COLLISION,
         report=None, changed=NEW, flags=("index_number_collision",)),
    Case("strong, a branch of the agency: a collision", strong(body="B", agency=BRANCH, title=BRANCH), number(known()),
         Verdict.COLLISION, report=None, changed=NEW, flags=("index_number_collision",)),
    Case("strong, a guide under the report's number", strong(body="B", kind=Kind.INTERPRETATION), number(known()),
         Verdict.NOT_A_REPORT, report=None, changed=NEW, flags=("index_number_collision",)),
    Case("weak: within its domain", weak(body="B"), number(known()), Verdict.REVISED, version=2, changed=("body",)),
    Case("weak: not beyond its domain", weak(body="B"), number(known(), domain="elsewhere.gov.cn"), Verdict.NEW,
         report=None, changed=NEW),
    Case("weak: another title", weak(body="B", title="附表"), number(known()), Verdict.COLLISION, report=None,
         changed=NEW, flags=("index_number_collision",)),
    Case("weak: year unknown", weak(body="B", report_year=None), number(known()), Verdict.COLLISION, report=None,
         changed=NEW, flags=("index_number_collision",)),
    Case("a placeholder says nothing", weak("000000000/2024-00021", IndexNumberKind.PLACEHOLDER, body="B"),
         number(known()), Verdict.NEW, report=None, changed=NEW),
    Case("…-None says nothing", weak("11331199002101550X/2024-None", IndexNumberKind.USCC, body="B"),
         number(known()), Verdict.NEW, report=None, changed=NEW),
    Case("blank says nothing", finding(body="B", index_number=None), number(known()), Verdict.NEW, report=None,
         changed=NEW),
    # ---- copies
    Case("a copy on another portal", finding(metadata="n"), body(known(domain="elsewhere.gov.cn")), Verdict.COPY),
    Case("a copy without the files", finding(), body(known("A m f")), Verdict.COPY),
    Case("a copy of an earlier version", finding(), body(known("A m -", "B m -")), Verdict.COPY),
    Case("a copy, the agency's place left out", finding(agency="县财政局"), body(known()), Verdict.COPY),
    Case("a copy, the agency abbreviated", finding(agency="清河县市场监管局"),
         body(known(agency="清河县市场监督管理局")), Verdict.COPY),
    Case("two agencies with one text", finding(**OTHER_AGENCY), body(known()), Verdict.NEW, report=None, changed=NEW),
    Case("an agency and its branch with one text", finding(agency=BRANCH), body(known()), Verdict.NEW, report=None,
         changed=NEW),
    Case("第一 and 第十一 with one text", finding(agency="清河县第十一中学"), body(known(agency="清河县第一中学")),
         Verdict.NEW, report=None, changed=NEW),
    Case("云县 and 缙云县 with one text", finding(agency="云县财政局"), body(known(agency="缙云县财政局")),
         Verdict.NEW, report=None, changed=NEW),
    Case("two years with one text", finding(**NEXT_YEAR), body(known()), Verdict.NEW, report=None, changed=NEW),
    Case("one text, agency unknown", finding(agency=None), body(known()), Verdict.NEW, report=None, changed=NEW),
    Case("one text, year unknown", finding(report_year=None), body(known()), Verdict.NEW, report=None, changed=NEW),
    Case("one digit apart", finding(body="A1", **OTHER_AGENCY), body(), Verdict.NEW, report=None, changed=NEW),
    Case("a copied decoy", finding(kind=Kind.NOTICE, agency=None, report_year=None),
         body(known(kind=Kind.NOTICE, agency=None, year=None)), Verdict.COPY),
    Case("a decoy with a report's text", finding(kind=Kind.NOTICE), body(known()), Verdict.NOT_A_REPORT, report=None,
         changed=NEW),
    Case("a copy catches up", finding(body="B"), at(known("A m -", "B x -", here="A m -", here_version=1)),
         Verdict.UNCHANGED, version=2),
    Case("a copy catches up under a metadata block of its own", finding(body="B", metadata="n"),
         at(known("A x -", "B y -", here="A m -", here_version=1)), Verdict.UNCHANGED, version=2),
    Case("a copy goes another way", finding(body="C"), at(known("A x -", "B x -", here="A m -", here_version=1)),
         Verdict.REVISED, version=3, changed=("body",)),
    Case("a copy of what a corrected title said before", finding(),
         body(known("A m -", "A n -", works=(Work(AGENCY, YEAR, TITLE, Kind.ANNUAL_REPORT),
                                             Work("清河县税务局", YEAR, "清河县税务局年报", Kind.ANNUAL_REPORT)))),
         Verdict.COPY, version=2),
    # ---- moves
    Case("moved, the text as it was", finding(metadata="n"), body(known(live=False)), Verdict.MOVED),
    Case("moved, the text revised", finding(body="B"), work(known(live=False)), Verdict.MOVED, version=2,
         changed=("body",)),
    Case("a second of the same title while the first still stands", finding(body="B"), work(known()), Verdict.NEW,
         report=None, changed=NEW),
    Case("re-posted after the reader became a better one", finding(), work(known()), Verdict.COPY),
    Case("a scan moved: no text, the same file", finding(body=None, files="f"), work(known("∅ m f", live=False)),
         Verdict.MOVED),
    Case("a scan moved and was exchanged", finding(body=None, files="g"), work(known("∅ m f", live=False)),
         Verdict.MOVED, version=2, changed=("attachments",)),
    # ---- nothing known
    Case("new", finding(), Evidence(DOMAIN), Verdict.NEW, report=None, changed=NEW),
    Case("a decoy", finding(kind=Kind.INTERPRETATION), Evidence(DOMAIN), Verdict.NOT_A_REPORT, report=None, changed=NEW),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_table_of_cases(case: Case) -> None:
    own = report_id(case.found)
    opens = case.changed is not None
    expected = Ruling(case.verdict, case.report or own, case.version, opens, case.changed or (), case.flags)
    assert judge(case.found, case.evidence) == expected


def at_a_known_location(case: Case) -> Finding:
    """The finding of a case, with what is known of its location."""
    report = case.evidence.at_location[0]
    shown = report.here or Content(None, None, None)
    line = Sighting("run", "qinghe", NOON, HERE, "unchanged", report_id=report.report_id, version=report.here_version,
                    body_digest=shown.body, metadata_digest=shown.metadata, attachments_digest=shown.attachments)  # fmt: skip
    return replace(case.found, visit=replace(case.found.visit, known=line))


@pytest.mark.parametrize("case", [c for c in CASES if c.evidence.at_location], ids=lambda case: case.name)
def test_where_nothing_changed_no_evidence_is_needed(case: Case) -> None:
    ruling = unchanged(at_a_known_location(case))
    report = case.evidence.at_location[0]
    same = report.here == Content.of(case.found) and case.found.reading.body_digest is not None
    assert ruling == (judge(case.found, case.evidence) if same else None)


@pytest.mark.parametrize(
    ("printed", "kind", "says"),
    [
        ("11331199002101550X/2024-00021", IndexNumberKind.USCC, True),
        ("QH001-0201-2024-0001", IndexNumberKind.OTHER, True),
        ("000000000/2024-00021", IndexNumberKind.PLACEHOLDER, False),
        ("00210155-0/2024-00000", IndexNumberKind.ORG9, False),
        ("00210155-0/2024-None", IndexNumberKind.ORG9, False),
        ("", IndexNumberKind.OTHER, False),
        (None, None, False),
    ],
)
def test_which_index_numbers_say_anything(printed: str | None, kind: IndexNumberKind | None, says: bool) -> None:
    assert comparable_number(printed, kind) is says


# ---------------------------------------------------------------- names of reports


def test_a_report_and_its_copy_have_one_name_whichever_is_met_first() -> None:
    original, copy = finding(HERE, metadata="m"), finding("http://czj.qinghe.gov.cn/1.html", metadata="n")
    first = judge(original, Evidence(DOMAIN))
    again = judge(copy, body(known(name=first.report_id)))
    other_way_round = judge(copy, Evidence(DOMAIN))
    assert first.report_id == again.report_id == other_way_round.report_id


@pytest.mark.parametrize("other", [OTHER_AGENCY, NEXT_YEAR, {"body": "A1"}, {"kind": Kind.NOTICE}])
def test_different_works_have_different_names(other: dict[str, Any]) -> None:
    assert report_id(finding(**other)) != report_id(finding())


def test_of_works_that_do_not_say_whose_they_are_the_place_tells() -> None:
    there = finding("http://www.qinghe.gov.cn/2.html", agency=None)
    assert report_id(finding(agency=None)) != report_id(there)
    twin = finding(HERE.replace("http://www.", "https://").replace(".html", "_wap.html"), agency=None)
    assert report_id(finding(agency=None)) == report_id(twin)


# ---------------------------------------------------------------- what holds of any case

names = st.one_of(st.none(), st.sampled_from([AGENCY, "县财政局", "清河县教育局", BRANCH, "云县财政局"]))
years = st.sampled_from([None, 2022, 2023])
titles = st.one_of(st.none(), st.sampled_from([TITLE, "年报"]))
digests = st.sampled_from(["A", "B", "C"])
kinds = st.sampled_from([Kind.ANNUAL_REPORT, Kind.NOTICE])
contents = st.builds(Content, st.one_of(st.none(), digests), st.sampled_from(["m", "n"]), st.sampled_from(["-", "f"]))


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    printed = draw(st.sampled_from([None, STRONG, "QH001/2024-00021", "000000000/2024-00021"]))
    number_kind = {None: None, STRONG: IndexNumberKind.USCC, "000000000/2024-00021": IndexNumberKind.PLACEHOLDER}
    return finding(
        agency=draw(names),
        report_year=draw(years),
        title=draw(titles),
        kind=draw(kinds),
        body=draw(st.one_of(st.none(), digests)),
        metadata=draw(st.sampled_from(["m", "n"])),
        files=draw(st.sampled_from(["-", "f"])),
        index_number=printed,
        index_number_kind=number_kind.get(printed, IndexNumberKind.OTHER),
        index_number_strong=printed == STRONG,
    )


@st.composite
def reports(draw: st.DrawFn, name: str, shown: bool = False) -> Known:
    versions = tuple(draw(st.lists(contents, min_size=1, max_size=3)))
    here = draw(st.integers(1, len(versions))) if shown else None
    works = tuple(
        Work(*draw(st.tuples(names, years, titles, kinds).map(lambda drawn: drawn))) for _ in versions
    )  # fmt: skip
    domains = frozenset({draw(st.sampled_from([DOMAIN, "elsewhere.gov.cn"]))})
    return Known(
        name, versions, works, domains, versions[here - 1] if here else None, here, draw(st.booleans()) or shown
    )


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    def some(prefix: str, shown: bool = False) -> st.SearchStrategy[tuple[Known, ...]]:
        return st.integers(0, 2).flatmap(
            lambda count: st.tuples(*(reports(f"{prefix}{n}", shown=shown) for n in range(count)))
        )

    return Evidence(DOMAIN, draw(some("l", shown=True)), draw(some("n")), draw(some("b")), draw(some("w")))


def filed(found: Finding, ruling: Ruling, evidence: Evidence) -> Known:
    """The ruled report as the archive knows it after filing, seen from the finding's location."""
    candidates = (*evidence.at_location, *evidence.same_number, *evidence.same_body, *evidence.same_work)
    before = next((k for k in candidates if k.report_id == ruling.report_id), None)
    versions = before.versions if before else ()
    works = before.works if before else ()
    if ruling.opens:
        versions, works = (*versions, Content.of(found)), (*works, Work.of(found.reading))
    domains = frozenset({DOMAIN}) | (before.domains if before else frozenset())
    return Known(ruling.report_id, versions, works, domains, Content.of(found), ruling.version)


@given(findings(), evidences())
def test_judging_the_same_finding_twice_never_opens_a_version(found: Finding, evidence: Evidence) -> None:
    ruling = judge(found, evidence)
    now = filed(found, ruling, evidence)
    others = tuple(k for k in evidence.at_location if k.report_id != now.report_id)
    again = judge(found, replace(evidence, at_location=(now, *others)))
    assert (again.verdict, again.report_id, again.version, again.opens) == (
        Verdict.UNCHANGED, ruling.report_id, ruling.version, False,
    )  # fmt: skip


@given(findings(), evidences())
def test_a_version_opens_with_a_reason_and_under_the_next_number(found: Finding, evidence: Evidence) -> None:
    ruling = judge(found, evidence)
    candidates = (*evidence.at_location, *evidence.same_number, *evidence.same_body, *evidence.same_work)
    before = next((k for k in candidates if k.report_id == ruling.report_id), None)
    if before is None:
        assert (ruling.opens, ruling.version, ruling.changed) == (True, 1, ())
    elif ruling.opens:
        assert ruling.version == len(before.versions) + 1
        assert ruling.changed
    else:
        assert 1 <= ruling.version <= len(before.versions)
        assert not ruling.changed


@given(findings(), evidences())
def test_what_says_it_is_another_agencys_or_years_is_never_merged(found: Finding, evidence: Evidence) -> None:
    ruling = judge(found, replace(evidence, at_location=()))
    candidates = (*evidence.same_number, *evidence.same_body, *evidence.same_work)
    merged = next((k for k in candidates if k.report_id == ruling.report_id), None)
    if merged is not None and found.reading.report_year:
        assert {None, found.reading.report_year} & {work.report_year for work in merged.works}


SPACES = st.text(alphabet=" \t\n\u3000\u00a0", max_size=3)


@given(findings(), SPACES, SPACES, st.integers(0, 9))
def test_a_reports_name_is_stable_under_white_space(found: Finding, one: str, two: str, at: int) -> None:
    def spaced(text: str | None) -> str | None:
        return None if text is None else one + text[:at] + two + text[at:]

    reading = replace(found.reading, agency=spaced(found.reading.agency), title=spaced(found.reading.title))
    assert report_id(replace(found, reading=reading)) == report_id(found)


@given(findings(), evidences())
def test_the_order_in_which_candidates_are_met_does_not_matter(found: Finding, evidence: Evidence) -> None:
    turned = Evidence(
        evidence.domain, evidence.at_location, evidence.same_number[::-1], evidence.same_body[::-1],
        evidence.same_work[::-1],
    )  # fmt: skip
    assert judge(found, turned) == judge(found, evidence)
