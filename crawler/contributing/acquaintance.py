"""One look at a portal nobody has described yet: its home page, a list and its next page, two reports.

It is a crawl that stops early. Robots, delays, the address guard, refusals and the hosts that may be asked are those of
every crawl; what discovery does is what ``nianbao discover`` does.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import scrapy
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from crawler.errors import error_name
from crawler.items import Capture, Column, Entry, Fetch, Portal
from crawler.running import in_this_process
from crawler.urls import identity
from spiders import platforms
from spiders.annual_reports import AnnualReportsSpider
from spiders.discovery import Candidate, entry_toml
from spiders.divisions import provinces
from spiders.platforms.names import is_report, year_in
from spiders.watch import Watch

LISTS = 2  # pages of a list that are kept, those that hold entries
ANSWERS = 6  # of lists that are kept in all: frames and scripts may stand between a column and its entries
REPORTS = 2
LARGEST = 2 * 1024 * 1024  # bytes of a report that is kept: it is to go into a repository
ROLES = ("home", "list", "report")
KEY = "new"


@dataclass(frozen=True, slots=True)
class Kept:
    """One page as it came, and what led to it."""

    role: str  # one of ROLES
    capture: Capture
    column: Column | None = None
    fetch: Fetch | None = None
    entry: Entry | None = None
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What a look at a portal brought."""

    kept: tuple[Kept, ...]
    columns: tuple[Candidate, ...]
    platform: str | None
    undecided: tuple[str, ...]
    foreign: tuple[str, ...]
    lost: tuple[str, ...]  # what could not be had, with the reason
    reason: str | None  # why no column was found


class AcquaintanceSpider(AnnualReportsSpider):
    """Finds the columns, and keeps what a reviewer and a test need."""

    name = "acquaintance"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "columns_only": True})
        self.kept: list[Kept] = []
        self.lost: list[str] = []
        self._of: str | None = None  # the column whose pages are kept
        self._asked: set[str] = set()
        self._examples: dict[str, int | None] = {}  # addresses of reports → their years

    async def parse_discovery(self, response: Response, watch: Watch, depth: int) -> AsyncIterator[Any]:
        if depth == 0:
            self.kept.insert(0, Kept("home", response.meta["capture"]))
        async for found in super().parse_discovery(response, watch, depth):
            yield found

    async def _column(
        self, response: Response, watch: Watch, column: Column, fetch: Fetch, depth: int, named: str | None, tried: int
    ) -> AsyncIterator[Any]:
        async for found in super()._column(response, watch, column, fetch, depth, named, tried):
            yield found
        assert isinstance(response, TextResponse)
        if self._of is not None and self._of != column.url:
            return
        platform = platforms.by_name(named or watch.platform or "plain")
        listing = platform.listing(response, column, fetch)
        listed = [k for k in self.kept if k.role == "list"]
        if len(listed) < ANSWERS:
            self.kept.append(Kept("list", response.meta["capture"], column, fetch, platform=platform.name))
        if listing.entries:
            self._of = column.url
            for entry in self._telling(listing.entries):
                yield self._report_request(watch, entry, platform.name)
            self._asked.add(identity(fetch.url) + f"#{fetch.page}")
        if len(self._asked) < LISTS and len(listed) < ANSWERS:
            for further in self._further(watch, column, fetch, replace(listing, more=listing.more[:1])):
                yield self._list_request(watch, column, further, depth, platform.name)
        if self._of is None and not listing.more:
            for sub in listing.columns[:1]:
                for request in self._column_requests(watch, sub, depth + 1):
                    yield request

    def _telling(self, entries: tuple[Entry, ...]) -> Iterator[Entry]:
        """Entries to be kept as examples: titles of reports before others, of different years where there are."""
        waiting = sorted(entries, key=lambda entry: not is_report(entry.title))
        while waiting and len(self._examples) < REPORTS:
            years = set(self._examples.values())
            entry = next((e for e in waiting if _year(e) not in years), waiting[0])
            waiting.remove(entry)
            if identity(entry.url) not in self._examples:
                self._examples[identity(entry.url)] = _year(entry)
                yield entry

    def _report_request(self, watch: Watch, entry: Entry, platform: str) -> scrapy.Request:
        watch.sent()
        return scrapy.Request(
            entry.url,
            callback=self.keep_report,
            errback=self.report_failed,
            dont_filter=True,
            meta={"portal": watch.portal.key},
            cb_kwargs={"watch": watch, "entry": entry, "platform": platform},
        )

    def keep_report(self, response: Response, watch: Watch, entry: Entry, platform: str) -> Iterator[Any]:
        """A report's page, kept as it came."""
        capture: Capture = response.meta["capture"]
        if len(capture.payload) > LARGEST or capture.truncated:
            self.lost.append(f"{entry.url}: {len(capture.payload):,} bytes, {capture.truncated or 'too many'}")
        else:
            self.kept.append(Kept("report", capture, entry=entry, platform=platform))
        yield from self._arrived(watch)

    def report_failed(self, failure: Failure) -> Iterator[Any]:
        """Errback of reports."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        assert failure.value is not None
        self.lost.append(f"{request.url}: {error_name(failure.value)}")
        yield from self._arrived(request.cb_kwargs["watch"])


def _year(entry: Entry) -> int | None:
    return year_in(entry.title) or entry.column.report_year


def look_at(
    home: str,
    *,
    division: str,
    browser: bool = False,
    settings: Mapping[str, Any] | None = None,
    verbose: bool = False,
) -> Acquaintance:
    """Looks at the portal at an address, its pages drawn by a ``browser`` where they are in JavaScript only.

    ``division`` only places it in a registry that is thrown away.
    """
    with tempfile.TemporaryDirectory(prefix="nianbao-portals-new-") as scratch:
        registry = Path(scratch, "registry")
        registry.mkdir()
        portal = Portal(KEY, home, division[:2], division, home, browser=browser)
        (registry / "new.toml").write_text(_provisional(portal), encoding="utf-8")
        spider = _run({"ARCHIVE": str(Path(scratch, "archive")), "PORTALS": str(registry), **(settings or {})}, verbose)
    watch = spider.ledger.watches[KEY]
    tally = watch.tally
    read = tuple(c for c in watch.candidates if (t := tally.columns.get(identity(c.url))) and not t.failed)
    failed = [f"{place}: {name}" for t in tally.columns.values() for place, name in t.failed.items()]
    names = sorted({name for t in tally.columns.values() for name in t.failed.values()} | set(tally.ways_lost.values()))
    reason = ", ".join(names) or "no link on the home page leads to one; give the address of the column itself as URL"
    if watch.blocked is not None:
        reason = f"the portal refuses us: {watch.blocked}"
    return Acquaintance(
        tuple(sorted(spider.kept, key=lambda kept: ROLES.index(kept.role))),
        read,
        watch.platform,
        tuple(tally.undecided),
        tuple(tally.foreign),
        (*failed, *spider.lost),
        None if read else reason,
    )


def _provisional(portal: Portal) -> str:
    province = provinces()[portal.province]
    head = f'[province]\ncode = "{portal.province}"\nname = "{province.name}"\n\n'
    return head + entry_toml(portal, (), None, datetime.now(UTC).date())


def _run(settings: Mapping[str, Any], verbose: bool) -> AcquaintanceSpider:
    spider = in_this_process(settings, verbose, AcquaintanceSpider).spider
    assert isinstance(spider, AcquaintanceSpider)
    return spider
