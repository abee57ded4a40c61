"""What the archive knows that bears on a finding. Looks things up; decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import tldextract

from crawler.items import Finding, Sighting
from crawler.urls import host_of, identity
from pipelines.rule import Content, Evidence, Known, comparable_number

if TYPE_CHECKING:
    from storage.archive import Archive
    from storage.sightings import PortalState

# The suffix list that comes with tldextract: no run may depend on fetching another.
_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def registered_domain(url: str) -> str:
    """``xianning.gov.cn`` of ``zwsjj.xianning.gov.cn``; a host without one (an IP address) stands for itself."""
    host = host_of(url)
    return _extract(host.partition(":")[0]).top_domain_under_public_suffix or host


def evidence(archive: Archive, state: PortalState, finding: Finding, is_live: Callable[[str], bool]) -> Evidence:
    """Every report that might be this one. ``is_live`` tells whether a report has a location that can still be had."""
    reading, visit = finding.reading, finding.visit
    here = visit.known
    lookup = _Lookup(archive, is_live)

    at_location = list(archive.pointed("url", visit.entry.url))
    if here is not None and here.report_id and here.report_id not in at_location:
        at_location.append(here.report_id)
    numbered: tuple[str, ...] = ()
    if reading.index_number and comparable_number(reading.index_number, reading.index_number_kind):
        numbered = archive.pointed("number", reading.index_number)
    bodied = archive.pointed("body", reading.body_digest) if reading.body_digest else ()
    worked = {
        s.report_id
        for s in state.by_work().get((reading.agency, reading.report_year, reading.title), ())
        if s.report_id and reading.agency and reading.report_year
    }
    return Evidence(
        domain=registered_domain(visit.entry.url),
        at_location=tuple(k for i in at_location if (k := lookup.known(i, visit.entry.url, here))),
        same_number=tuple(k for i in numbered if (k := lookup.known(i))),
        same_body=tuple(k for i in bodied if (k := lookup.known(i))),
        same_work=tuple(k for i in sorted(worked) if (k := lookup.known(i))),
    )


class _Lookup:
    def __init__(self, archive: Archive, is_live: Callable[[str], bool]) -> None:
        self.archive = archive
        self.is_live = is_live

    def known(self, report_id: str, url: str | None = None, here: Sighting | None = None) -> Known | None:
        """``None`` for a pointer whose version was never written (a writer died between the two)."""
        versions = self.archive.versions(report_id)
        if not versions:
            return None
        shown: dict[str, object] = {}
        if here is not None and here.report_id == report_id and here.metadata_digest:
            shown = {
                "here": Content(here.body_digest, here.metadata_digest, here.attachments_digest),
                "here_version": here.version,
            }
        elif url is not None:
            # A writer died before its sighting: what it filed from this location is what the location showed.
            for version in reversed(versions):
                if identity(version.url) == identity(url):
                    content = Content(
                        version.reading.body_digest, version.reading.metadata_digest, version.attachments_digest
                    )
                    shown = {"here": content, "here_version": version.number}
                    break
        domains = frozenset(registered_domain(v.url) for v in versions)
        return Known.of(versions, domains, live=self.is_live(report_id), **shown)
