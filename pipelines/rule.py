"""The identity and version rule, whole.

``judge`` is a pure function of what was read (``Finding``) and what the archive knows (``Evidence``). Its table of cases
is tests/test_rule.py. In words:

1. The same location is the same report, as long as it still is the same work: agency and year do not contradict.
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

from crawler.items import Finding, IndexNumberKind, Kind, Ruling, Verdict, Version
from crawler.urls import identity

REAL_SEQUENCE = re.compile(r"\d*[1-9]\d*$")


@dataclass(frozen=True, slots=True)
class Content:
    """The three things a version is made of."""

    body: str | None
    metadata: str | None
    attachments: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """A report the archive holds, as far as judging needs it."""

    report_id: str
    versions: tuple[Content, ...]  # version 1 first
    agency: str | None
    report_year: int | None
    title: str | None
    kind: Kind
    index_number: str | None
    domains: frozenset[str]  # registered domains of the portals it was seen on
    here: Content | None = None  # what this very location showed last
    here_version: int | None = None
    live: bool = True  # False: none of its locations can be had any more

    @classmethod
    def of(cls, versions: tuple[Version, ...], domains: frozenset[str], **here: object) -> Known:
        """From the version records of one report, in order."""
        last = versions[-1].reading
        return cls(
            report_id=versions[-1].report_id,
            versions=tuple(
                Content(v.reading.body_digest, v.reading.metadata_digest, v.attachments_digest) for v in versions
            ),
            agency=last.agency,
            report_year=last.report_year,
            title=last.title,
            kind=last.kind,
            index_number=last.index_number,
            domains=domains,
            **here,  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the archive knows that bears on one finding."""

    domain: str  # registered domain of the finding's location
    at_location: tuple[Known, ...] = ()
    same_number: tuple[Known, ...] = ()
    same_body: tuple[Known, ...] = ()
    same_work: tuple[Known, ...] = ()  # same agency, year and title on this portal


def judge(finding: Finding, evidence: Evidence) -> Ruling:
    """Which report this is, which version, and whether the version is new."""
    flags = list(finding.flags)
    here = [k for k in evidence.at_location if not _contradicts(finding, k)]
    if here:
        known = max(here, key=lambda k: (k.here is not None, k.report_id))
        return _ruled(finding, known, Verdict.UNCHANGED, flags)
    if evidence.at_location:
        flags.append("location_reused")

    numbered = [k for k in evidence.same_number if _number_identifies(finding, k, evidence.domain)]
    bodied = [k for k in evidence.same_body if _works_agree(finding, k)]
    for candidates in (numbered, bodied):
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


def report_id(finding: Finding) -> str:
    """The name of a work first seen now: the same wherever, whenever and by whomever it is first seen.

    It is made from the work itself (agency, year, body), so that two crawlers that meet a report and its copy in
    different order give it the same name; a page that does not say whose and of when it is goes by its location.
    """
    reading = finding.reading
    if reading.agency and reading.report_year and reading.body_digest:
        basis = ["work", reading.kind.value, _name(reading.agency), reading.report_year, reading.body_digest]
    else:
        place = identity(finding.visit.entry.url)
        basis = ["place", place, reading.kind.value, reading.agency, reading.report_year, reading.title]
    return hashlib.sha256(json.dumps(basis, ensure_ascii=False).encode()).hexdigest()[:24]


def _ruled(finding: Finding, known: Known, verdict: Verdict, flags: list[str]) -> Ruling:
    """The version of a known report this finding is, opening a new one where its content is new."""
    reading = finding.reading
    found = Content(reading.body_digest, reading.metadata_digest, finding.attachments_digest)
    latest = len(known.versions)
    if known.here is None:
        # A first look at another location: its own metadata block is not a change of the report.
        same = [n for n, v in enumerate(known.versions, 1) if v.body == found.body]
        if same:
            return Ruling(verdict, known.report_id, same[-1], False, (), tuple(flags))
        changed: tuple[str, ...] = ("body",)
    else:
        changed = tuple(
            part for part in ("body", "metadata", "attachments") if getattr(found, part) != getattr(known.here, part)
        )
        if not changed:
            return Ruling(verdict, known.report_id, known.here_version or latest, False, (), tuple(flags))
        for number in range((known.here_version or latest) + 1, latest + 1):
            if all(getattr(found, part) == getattr(known.versions[number - 1], part) for part in changed):
                return Ruling(verdict, known.report_id, number, False, (), tuple(flags))
    if verdict in (Verdict.UNCHANGED, Verdict.COPY):
        verdict = Verdict.REVISED
    return Ruling(verdict, known.report_id, latest + 1, True, changed, tuple(flags))


def _name(agency: str | None) -> str | None:
    return re.sub(r"\s+", "", agency) if agency else None


def _contradicts(finding: Finding, known: Known) -> bool:
    """Agency or year say that this is another work. What one side does not say contradicts nothing."""
    reading = finding.reading
    years = reading.report_year, known.report_year
    agencies = _name(reading.agency), _name(known.agency)
    return (None not in years and years[0] != years[1]) or (
        None not in agencies and not _same_agency(str(agencies[0]), str(agencies[1]))
    )


def _same_agency(one: str, other: str) -> bool:
    """The same name, or the same name shortened (缙云县市场监督管理局, 县市场监管局): its characters in order."""
    short, full = sorted((one, other), key=len)
    rest = iter(full)
    return len(short) >= 3 and short[-1] == full[-1] and all(character in rest for character in short)


def _works_agree(finding: Finding, known: Known) -> bool:
    """Agency, year and kind are stated on both sides and the same; or, of other pages, title and kind are."""
    reading = finding.reading
    if reading.kind != known.kind or _contradicts(finding, known):
        return False
    if reading.agency and known.agency and reading.report_year and known.report_year:
        return True
    return reading.kind is not Kind.ANNUAL_REPORT and _same_title(finding, known)


def _same_title(finding: Finding, known: Known) -> bool:
    return bool(finding.reading.title) and _name(finding.reading.title) == _name(known.title)


def comparable_number(number: str | None, kind: IndexNumberKind | None) -> bool:
    """Whether an index number says anything at all: no placeholder issuer, a real sequence."""
    return bool(number) and kind is not IndexNumberKind.PLACEHOLDER and bool(REAL_SEQUENCE.search(str(number).strip()))


def _number_identifies(finding: Finding, known: Known, domain: str) -> bool:
    reading = finding.reading
    if not comparable_number(reading.index_number, reading.index_number_kind) or _contradicts(finding, known):
        return False
    if reading.index_number_strong:
        return reading.kind == known.kind
    return domain in known.domains and _works_agree(finding, known) and _same_title(finding, known)


def _number_collides(finding: Finding, known: Known, domain: str) -> bool:
    reading = finding.reading
    if not comparable_number(reading.index_number, reading.index_number_kind):
        return False
    return reading.index_number_strong or domain in known.domains
