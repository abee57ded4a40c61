"""What the archive knows that bears on a finding. Looks things up; decides nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from crawler.items import Finding, Sighting, Version
from crawler.urls import host_of, identity
from pipelines.rule import Content, Evidence, Known, comparable_number, report_id

if TYPE_CHECKING:
    from tldextract import TLDExtract

    from storage.archive import Archive
    from storage.sightings import PortalState

# Reports found by one value before it says little: 详见附件 is the whole body of thousands, 2022-001 a number of many.
MANY = 64
HOSTS_REMEMBERED = 4096
_one_at_a_time = threading.Lock()


def registered_domain(url: str) -> str:
    """``xianning.gov.cn`` of ``zwsjj.xianning.gov.cn``; a host without one (an IP address) stands for itself."""
    return _domain(host_of(url))


@lru_cache(HOSTS_REMEMBERED)
def _domain(host: str) -> str:
    with _one_at_a_time:  # the first look takes a tenth of a second, in every thread that comes meanwhile
        return _suffixes()(host.partition(":")[0]).top_domain_under_public_suffix or host


@cache
def _suffixes() -> TLDExtract:
    import tldextract  # a run that files nothing does without

    # The suffix list that comes with tldextract: no run may depend on fetching another.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def evidence(
    archive: Archive,
    state: PortalState,
    finding: Finding,
    is_live: Callable[[str], bool],
    today: Callable[[Version], Content],
) -> Evidence:
    """Every report that might be this one.

    ``is_live`` tells whether a report has a location that can still be had; ``today``, what the extractor that read the
    finding makes of a version which another one read, for digests compare only within one.
    """
    reading, visit = finding.reading, finding.visit
    here = visit.known
    lookup = _Lookup(archive, is_live, today, reading.extractor)
    by_work = state.by_work()

    def likely() -> set[str]:
        of_the_year = (places for work, places in by_work.items() if work[1] == reading.report_year)
        return {report_id(finding), *(s.report_id for places in of_the_year for s in places if s.report_id)}

    at_location = list(archive.pointed("url", visit.entry.url))
    if here is not None and here.report_id:
        at_location = [here.report_id, *(i for i in at_location if i != here.report_id)]
    numbered: Iterable[str] = ()
    if reading.index_number and comparable_number(reading.index_number, reading.index_number_kind):
        numbered = archive.pointed("number", reading.index_number)
    bodied = archive.pointed("body", reading.body_digest) if reading.body_digest else ()
    worked = {
        s.report_id
        for s in by_work.get((reading.agency, reading.report_year, reading.title), ())
        if s.report_id and reading.agency and reading.report_year
    }
    return Evidence(
        domain=registered_domain(visit.entry.url),
        at_location=tuple(k for i in at_location if (k := lookup.known(i, visit.entry.url, here))),
        same_number=tuple(lookup.all(numbered if reading.index_number_strong else _few(numbered, likely))),
        same_body=tuple(lookup.all(_few(bodied, likely))),
        same_work=tuple(lookup.all(sorted(worked))),
    )


def _few(found: Iterable[str], likely: Callable[[], set[str]]) -> list[str]:
    """Those that bear on the finding: all, or of very many those of this portal and year and of the very same work."""
    found = list(found)
    if len(found) <= MANY:
        return found
    of_this_portal = likely()
    return [report for report in found if report in of_this_portal]


class _Lookup:
    def __init__(
        self,
        archive: Archive,
        is_live: Callable[[str], bool],
        today: Callable[[Version], Content],
        extractor: str,
    ) -> None:
        self.archive = archive
        self.is_live = is_live
        self.today = today
        self.extractor = extractor

    def all(self, report_ids: Iterable[str]) -> Iterator[Known]:
        return (known for report in report_ids if (known := self.known(report)))

    def known(self, report_id: str, url: str | None = None, here: Sighting | None = None) -> Known | None:
        """``None`` for a pointer to no version."""
        versions = self.archive.versions(report_id)
        if not versions:
            return None
        shown: Content | None = None
        number: int | None = None
        if here is not None and here.report_id == report_id and here.metadata_digest:
            shown = Content(here.body_digest, here.metadata_digest, here.attachments_digest)
            number = here.version
        elif url is not None:
            # A writer died before its sighting: what it filed from this location is what the location showed.
            filed = next((v for v in reversed(versions) if identity(v.url) == identity(url)), None)
            if filed is not None:
                shown, number = self._content(filed), filed.number
        # What came before the version shown here is not compared with.
        contents = tuple(self._content(v) if not number or v.number > number else Content.of(v) for v in versions)
        return Known.of(
            versions,
            contents,
            frozenset(registered_domain(v.url) for v in versions),
            here=shown,
            here_version=number,
            live=self.is_live(report_id),
        )

    def _content(self, version: Version) -> Content:
        return Content.of(version) if version.reading.extractor == self.extractor else self.today(version)
