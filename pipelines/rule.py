"""The identity and version rule, whole.

``judge`` is a pure function of what was read (``Finding``) and what the archive knows (``Evidence``). Its table of cases
is tests/test_rule.py. In words:

1. The same location is the same report, as long as it still is the same work: agency and year do not contradict. Where
   only how they are printed was corrected, the year and title or the whole text still stand.
2. A strong index number (a real issuer whose check digit is right, a real sequence) is the same report anywhere, as long
   as agency and year do not contradict. A weak one counts only within the registered domain and only where agency, year
   and title agree. Placeholders, blanks and ``…-None`` count nowhere.
3. The same body with the same agency and year is the same report at another location.
4. An old location that is gone, and a new one with the same agency, year and title, is the report moved.
5. The same number on a different work is a collision: two reports, both kept, both flagged.
6. Anything else is new. Nearly the same is never the same.

A version opens when the body, a stated metadata value or the set of attachments changed since this location was last
seen, unless a later version already holds exactly that change (a copy that catches up).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from crawler.items import Finding, IndexNumberKind, Kind, Reading, Ruling, Verdict, Version
from crawler.urls import identity

REAL_SEQUENCE = re.compile(r"\d*[1-9]\d*$")
# What no abbreviation leaves out: …局 and its …局开发区分局, 第一中学 and 第十一中学, 城关镇 and 城镇.
SETS_APART = frozenset(
    "局委厅部办院所站队处室会馆社台分第〇零一二三四五六七八九十百0123456789东西南北前后省市州盟县区旗镇乡村"
)


@dataclass(frozen=True, slots=True)
class Content:
    """The three things a version is made of."""

    body: str | None
    metadata: str | None
    attachments: str | None

    @classmethod
    def of(cls, filed: Finding | Version) -> Content:
        return cls(filed.reading.body_digest, filed.reading.metadata_digest, filed.attachments_digest)


@dataclass(frozen=True, slots=True)
class Work:
    """What a version says it is."""

    agency: str | None
    report_year: int | None
    title: str | None
    kind: Kind

    @classmethod
    def of(cls, reading: Reading) -> Work:
        return cls(_bare(reading.agency), reading.report_year, _bare(reading.title), reading.kind)


@dataclass(frozen=True, slots=True)
class Known:
    """A report the archive holds, as far as judging needs it."""

    report_id: str
    versions: tuple[Content, ...]  # version 1 first; digests of the extractor that read the finding
    works: tuple[Work, ...]  # likewise: a corrected title must not hide what it corrected
    domains: frozenset[str]  # registered domains of the portals it was seen on
    here: Content | None = None  # what this very location showed last
    here_version: int | None = None
    live: bool = True  # False: none of its locations can be had any more

    @classmethod
    def of(
        cls, versions: tuple[Version, ...], contents: tuple[Content, ...], domains: frozenset[str], **here: Any
    ) -> Known:
        """From the version records of one report, in order."""
        return cls(versions[-1].report_id, contents, tuple(Work.of(v.reading) for v in versions), domains, **here)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the archive knows that bears on one finding."""

    domain: str  # registered domain of the finding's location
    at_location: tuple[Known, ...] = ()  # the one seen there last comes first
    same_number: tuple[Known, ...] = ()
    same_body: tuple[Known, ...] = ()
    same_work: tuple[Known, ...] = ()  # same agency, year and title on this portal


def judge(finding: Finding, evidence: Evidence) -> Ruling:
    """Which report this is, which version, and whether the version is new."""
    flags = list(finding.flags)
    here = [k for k in evidence.at_location if _still_is(finding, k)]
    if here:
        known = next((k for k in here if k.here is not None), here[0])
        return _ruled(finding, known, Verdict.UNCHANGED, flags)
    if evidence.at_location:
        flags.append("location_reused")

    numbered = [k for k in evidence.same_number if _number_identifies(finding, k, evidence.domain)]
    bodied = [k for k in (*evidence.same_body, *evidence.same_work) if _same_body(finding, k)]
    for candidates in (bodied if not numbered else [k for k in numbered if _same_body(finding, k)], numbered):
        if candidates:
            known = min(candidates, key=lambda k: k.report_id)
            return _ruled(finding, known, Verdict.COPY if known.live else Verdict.MOVED, flags)
    moved = [k for k in evidence.same_work if not k.live and _works_agree(finding, k) and _same_title(finding, k)]
    if moved:
        return _ruled(finding, min(moved, key=lambda k: k.report_id), Verdict.MOVED, flags)

    verdict = Verdict.NEW if finding.reading.kind is Kind.ANNUAL_REPORT else Verdict.NOT_A_REPORT
    if any(_number_collides(finding, k, evidence.domain) for k in evidence.same_number):
        flags.append("index_number_collision")
        if verdict is Verdict.NEW:
            verdict = Verdict.COLLISION
    return Ruling(verdict, report_id(finding), 1, True, (), tuple(dict.fromkeys(flags)))


def says_the_same(finding: Finding) -> bool:
    """Whether only chrome has changed here since this location was last read."""
    known = finding.visit.known
    return (
        known is not None
        and known.report_id is not None
        and Content.of(finding) == Content(known.body_digest, known.metadata_digest, known.attachments_digest)
    )


def unchanged(finding: Finding) -> Ruling | None:
    """What ``judge`` says of a location that shows what it showed last, without any evidence: none bears on that.

    ``None`` where it has to be asked.
    """
    known = finding.visit.known
    if known is None or not (known.report_id and known.version and known.metadata_digest) or known.body_digest is None:
        return None
    if not says_the_same(finding):
        return None
    if known.index_number != finding.reading.index_number:  # another reader's: it leads to the report from now on
        return None
    return Ruling(Verdict.UNCHANGED, known.report_id, known.version, False, (), finding.flags)


def report_id(finding: Finding) -> str:
    """The name of a work first seen now: the same wherever, whenever and by whomever it is first seen.

    It is made from the work itself (agency, year, body), so that two crawlers that meet a report and its copy in
    different order give it the same name; a page that does not say whose and of when it is goes by its location.
    """
    work, body = Work.of(finding.reading), finding.reading.body_digest
    if work.agency and work.report_year and body:
        basis: list[Any] = ["work", work.kind.value, work.agency, work.report_year, body]
    else:
        place = identity(finding.visit.entry.url)
        basis = ["place", place, work.kind.value, work.agency, work.report_year, work.title]
    return hashlib.sha256(json.dumps(basis, ensure_ascii=False).encode()).hexdigest()[:24]


def _ruled(finding: Finding, known: Known, verdict: Verdict, flags: list[str]) -> Ruling:
    """The version of a known report this finding is, opening a new one where its content is new."""
    found, latest = Content.of(finding), len(known.versions)
    if known.here is None:
        # A first look at another location: its own metadata block is not a change of the report.
        decisive = "body" if found.body is not None else "attachments"
        same = [n for n, v in enumerate(known.versions, 1) if getattr(v, decisive) == getattr(found, decisive)]
        if same:
            return Ruling(verdict, known.report_id, same[-1], False, (), tuple(flags))
        changed: tuple[str, ...] = (decisive,)
    else:
        changed = tuple(
            part for part in ("body", "metadata", "attachments") if getattr(found, part) != getattr(known.here, part)
        )
        seen = known.here_version or latest
        if not changed:
            return Ruling(verdict, known.report_id, seen, False, (), tuple(flags))
        parts = tuple(part for part in changed if part != "metadata") or changed
        for number, version in enumerate(known.versions[seen:], seen + 1):
            if all(getattr(found, part) == getattr(version, part) for part in parts):
                return Ruling(verdict, known.report_id, number, False, (), tuple(flags))
    if verdict in (Verdict.UNCHANGED, Verdict.COPY):
        verdict = Verdict.REVISED
    return Ruling(verdict, known.report_id, latest + 1, True, changed, tuple(flags))


def _bare(text: str | None) -> str | None:
    return re.sub(r"\s+", "", text) or None if text else None


def _contradicts(finding: Finding, known: Known) -> bool:
    """Agency or year say that this is another work. What one side does not say contradicts nothing."""
    found = Work.of(finding.reading)
    return all(_differ(found, work) for work in known.works)


def _differ(one: Work, other: Work) -> bool:
    return bool(
        (one.report_year and other.report_year and one.report_year != other.report_year)
        or (one.agency and other.agency and not _same_agency(one.agency, other.agency))
    )


def _same_agency(one: str, other: str) -> bool:
    """The same name, or one printed shorter: without its place (县财政局), or abbreviated (缙云县市场监管局)."""
    short, full = sorted((one, other), key=len)
    if short == full:
        return True
    if len(short) < 3 or short[-1] != full[-1]:
        return False
    if full.endswith(short):
        # 云县 is no shorter 缙云县: a place's name is left out whole.
        place = full.removesuffix(short)
        return len(place) > 1 or place in SETS_APART or short[0] in SETS_APART
    rest = list(full)  # matched from the end, so that what is left out stands before it
    left_out: list[str] = []
    for character in reversed(short):
        while rest and rest[-1] != character:
            left_out.append(rest.pop())
        if not rest:
            return False
        rest.pop()
    return SETS_APART.isdisjoint(left_out)


def _still_is(finding: Finding, known: Known) -> bool:
    """Whether what stands at a location is the work that stood there."""
    found = Content.of(finding)
    if not _contradicts(finding, known) or (
        _same_title(finding, known)
        and finding.reading.report_year in {work.report_year for work in known.works} - {None}
    ):
        return True
    return (
        known.here is not None
        and found.body is not None
        and (found.body, found.attachments) == (known.here.body, known.here.attachments)
    )


def _same_body(finding: Finding, known: Known) -> bool:
    body = finding.reading.body_digest
    return body is not None and any(v.body == body for v in known.versions) and _works_agree(finding, known)


def _works_agree(finding: Finding, known: Known) -> bool:
    """Agency, year and kind are stated on both sides and the same; or, of other pages, title and kind are."""
    found = Work.of(finding.reading)
    for work in known.works:
        if work.kind != found.kind or _differ(found, work):
            continue
        if found.agency and work.agency and found.report_year and work.report_year:
            return True
        if found.kind is not Kind.ANNUAL_REPORT and found.title and found.title == work.title:
            return True
    return False


def _same_title(finding: Finding, known: Known) -> bool:
    title = _bare(finding.reading.title)
    return title is not None and any(work.title == title for work in known.works)


def comparable_number(number: str | None, kind: IndexNumberKind | None) -> bool:
    """Whether an index number says anything at all: no placeholder issuer, a real sequence."""
    return bool(number) and kind is not IndexNumberKind.PLACEHOLDER and bool(REAL_SEQUENCE.search(str(number).strip()))


def _number_identifies(finding: Finding, known: Known, domain: str) -> bool:
    reading = finding.reading
    if not comparable_number(reading.index_number, reading.index_number_kind) or _contradicts(finding, known):
        return False
    if reading.index_number_strong:
        return any(work.kind == reading.kind for work in known.works)
    return domain in known.domains and _works_agree(finding, known) and _same_title(finding, known)


def _number_collides(finding: Finding, known: Known, domain: str) -> bool:
    reading = finding.reading
    if not comparable_number(reading.index_number, reading.index_number_kind):
        return False
    return reading.index_number_strong or domain in known.domains
