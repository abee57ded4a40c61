"""The one spider: portals → columns → entries → visits. It finds; deciding is the pipelines' (``pipelines``).

``scrapy crawl annual_reports -a province=33 -a portal=jinyun -a years=2018-2024 -a recheck=due``
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler import __version__
from crawler.errors import ArchiveError, Blocked, NianbaoError, PortalChanged, Unreadable
from crawler.items import Capture, Column, Entry, Fetch, Finding, Listing, Portal, Sighting, Visit
from crawler.urls import clean, identity
from spiders import aside, discovery, platforms, registry
from spiders.ledger import Ledger
from spiders.platforms import links, static
from spiders.platforms.names import label
from spiders.roster import Roster
from spiders.sameness import likeness
from spiders.until import Until
from spiders.watch import Watch, validators
from spiders.years import span, year_in
from storage import open_archive

log = logging.getLogger(__name__)

LIST_PRIORITY = 10  # a portal's lists before its pages: what is listed is known early
ASK_AGAIN = 2  # times an empty or short list page is asked for again


class AnnualReportsSpider(scrapy.Spider):
    """Crawls the annual-report columns of the chosen portals; with ``columns_only`` it only finds them."""

    name = "annual_reports"

    def __init__(
        self,
        province: str = "",
        portal: str = "",
        years: str | None = None,
        recheck: str = "due",
        until: str | None = None,
        columns_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.chosen_provinces = [p for p in province.split(",") if p]
        self.chosen_portals = [p for p in portal.split(",") if p]
        self.years = span(years)
        self.recheck = recheck
        self.until = Until.parse(until) if until else None
        self.columns_only = columns_only
        self.ledger: Ledger
        self.roster: Roster

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        if contact := settings["CONTACT"]:
            settings.set("USER_AGENT", f"nianbao/{__version__} (+{contact})", priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> AnnualReportsSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        folder = crawler.settings["PORTALS"]
        portals = registry.select(
            registry.load(Path(folder) if folder else None), spider.chosen_provinces, spider.chosen_portals
        )
        archive = open_archive(crawler.settings["ARCHIVE"], create=True)
        spider.ledger = Ledger(
            archive, portals, crawler.settings, recheck=spider.recheck, partial=spider.years is not None
        )
        spider.roster = Roster(spider.ledger, by_age=spider.until is not None)
        for over in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(spider._handed_back, over)
        return spider

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """What ``scrapy parse URL`` shows of a column: its platform, entries, sub-columns and further pages."""
        assert isinstance(response, TextResponse)
        platform, why = platforms.fingerprint(response)
        yield {"platform": platform.name, "why": why}
        listing = platform.listing(response, Column(response.url), Fetch(response.url))
        for found in (listing.entries, listing.columns, listing.more):
            yield from map(asdict, found)
        if listing.declared:
            yield asdict(listing.declared)

    # ------------------------------------------------------------ columns

    async def start(self) -> AsyncIterator[Any]:
        if self.until is not None:
            asyncio.get_running_loop().call_later(self.until.seconds_left(), self._time_is_up)
        try:
            async for watch in self.roster.watches():
                watch.begun = True
                for request in self._first_requests(watch):
                    yield request
                self._settle_if_done(watch)
        except ArchiveError as error:
            self.crawler.signals.send_catch_log(
                signals.spider_error,
                failure=Failure(error),  # type: ignore[no-untyped-call]
                response=None,
                spider=self,
            )

    def _time_is_up(self) -> None:
        assert self.until is not None
        self.ledger.cut = f"time_up: the run was to end at {self.until}"
        self.roster.stop()
        self._stopping = asyncio.ensure_future(self.crawler.stop_async())

    def _settle_if_done(self, watch: Watch) -> None:
        if watch.begun and watch.done and not watch.settled_soon:
            watch.settled_soon = True
            self.roster.done(watch)

    def _handed_back(self, item: object) -> None:
        """A visit's way through the pipelines is over."""
        visit = item.visit if isinstance(item, Finding) else item
        key = visit.portal.key if isinstance(visit, Visit) else visit.portal if isinstance(visit, Sighting) else None
        if key is not None and (watch := self.ledger.watches.get(key)):
            watch.handed -= 1
            self._settle_if_done(watch)

    def _first_requests(self, watch: Watch) -> Iterator[scrapy.Request]:
        portal = watch.portal
        if self.columns_only or not portal.columns:
            yield from self._discovery_request(watch, portal.home, 0)
        else:
            for url in portal.columns:
                yield from self._column_requests(watch, Column(clean(url)), depth=0)

    def _column_requests(self, watch: Watch, column: Column, depth: int) -> Iterator[scrapy.Request]:
        """The first page of a column, once a run."""
        if watch.new_column(column, depth):
            yield self._list_request(watch, column, Fetch(column.url), depth)

    def _list_request(
        self, watch: Watch, column: Column, fetch: Fetch, depth: int, platform: str | None = None, tried: int = 0
    ) -> scrapy.Request:
        watch.sent()
        return scrapy.Request(
            fetch.url,
            method=fetch.method,
            body=fetch.body,
            headers=dict(fetch.headers),
            callback=self.parse_column,
            errback=self.column_failed,
            priority=LIST_PRIORITY,
            dont_filter=True,
            meta={"portal": watch.portal.key},
            cb_kwargs={
                "watch": watch,
                "column": column,
                "fetch": fetch,
                "depth": depth,
                "platform": platform,
                "tried": tried,
            },
        )

    async def parse_column(
        self,
        response: Response,
        watch: Watch,
        column: Column,
        fetch: Fetch,
        depth: int,
        platform: str | None,
        tried: int,
    ) -> AsyncIterator[Any]:
        """A list page: its entries are visited, its further pages and sub-columns followed."""
        try:
            async for found in self._column(response, watch, column, fetch, depth, platform, tried):
                yield found
        except ArchiveError:
            raise  # no fault of the portal's: the run cannot go on
        except NianbaoError as error:
            watch.column_failed(column, fetch, error)
        except Exception as error:
            log.exception("%s: %s", watch.portal.key, response.url)
            watch.column_failed(column, fetch, NianbaoError(f"{type(error).__name__}: {error}", name="platform_error"))
        for request in self._arrived(watch):
            yield request

    async def _column(
        self, response: Response, watch: Watch, column: Column, fetch: Fetch, depth: int, named: str | None, tried: int
    ) -> AsyncIterator[Any]:
        if response.meta["capture"].truncated:
            raise Unreadable(f"cut off: {response.url}", name="truncated")
        if not isinstance(response, TextResponse):
            raise PortalChanged(f"a column that is no text: {response.url}", name="not_html")
        size = len(response.body)
        if named is None:
            recognised, why = await aside.read(size, platforms.fingerprint, response)
            named = watch.platform_for(recognised.name, why)
        platform = platforms.by_name("plain" if "completes" in fetch.state else named)
        if self.columns_only:
            return
        listing = await aside.read(size, platform.listing, response, column, fetch)
        if fetch.page > 1 and not listing.entries and not listing.columns and tried < ASK_AGAIN:
            yield self._list_request(watch, column, fetch, depth, platform.name, tried + 1)
            return
        if watch.goes_on:
            await asyncio.to_thread(watch.recall, column, listing.entries)
        for request in self._asked_of(listing, response, watch, column, fetch, depth, platform.name):
            yield request

    def _asked_of(
        self,
        listing: Listing,
        response: TextResponse,
        watch: Watch,
        column: Column,
        fetch: Fetch,
        depth: int,
        platform: str,
    ) -> Iterator[Any]:
        """What a list page leads to."""
        for entry in watch.page_read(column, fetch, listing):
            itself = identity(entry.url) == identity(response.url) and not fetch.body
            yield from self._visit_requests(watch, entry, platform, in_hand=response if itself else None)
        if fetch.page == 1 and self.recheck != "all" and watch.is_unchanged(column, listing):
            listing = replace(listing, more=())
            for entry in watch.remembered(column):
                yield from self._visit_requests(watch, entry, platform)
        for further in self._further(watch, column, fetch, listing):
            yield self._list_request(watch, column, further, depth, platform)
        for sub in listing.columns:
            yield from self._column_requests(watch, sub, depth + 1)
        listed = {identity(entry.url) for entry in listing.entries} | {identity(sub.url) for sub in listing.columns}
        for url in links.units_of(response, column) if fetch.page == 1 and not fetch.state else ():
            if identity(url) not in listed:
                yield from self._discovery_request(watch, url, discovery.MAX_DEPTH)

    def _further(self, watch: Watch, column: Column, fetch: Fetch, listing: Listing) -> Iterator[Fetch]:
        for further in listing.more:
            if watch.tally.may_go_on(column, further):
                yield further

    def column_failed(self, failure: Failure) -> Iterator[Any]:
        """Errback of list pages."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        watch: Watch = request.cb_kwargs["watch"]
        watch.column_failed(request.cb_kwargs["column"], request.cb_kwargs["fetch"], _cause(failure))
        yield from self._arrived(watch)

    # ------------------------------------------------------------ discovery

    def _discovery_request(self, watch: Watch, url: str, depth: int) -> Iterator[scrapy.Request]:
        if watch.tally.may_look_at(url) and self.ledger.owns(watch.portal.key, url):
            watch.sent()
            yield scrapy.Request(
                url,
                callback=self.parse_discovery,
                errback=self.discovery_failed,
                priority=LIST_PRIORITY,
                dont_filter=True,
                meta={"portal": watch.portal.key},
                cb_kwargs={"watch": watch, "depth": depth},
            )

    async def parse_discovery(self, response: Response, watch: Watch, depth: int) -> AsyncIterator[Any]:
        """A page on the way from the home page to the annual-report columns. One that proves to be a column is in hand."""
        if isinstance(response, TextResponse):
            findings = await aside.read(len(response.body), discovery.steps, response, watch.portal, depth)
            watch.tally.discovered(findings.undecided, [step.url for step in findings.foreign])
            watch.site_maps.extend(step.url for step in findings.site_map)
            for candidate in findings.columns:
                watch.candidates.append(candidate)
                column = Column(candidate.url, candidate.title, None, candidate.report_year, candidate.agency)
                if identity(column.url) != identity(response.url):
                    for request in self._column_requests(watch, column, 0):
                        yield request
                elif watch.new_column(column, 0):
                    watch.sent()
                    async for found in self.parse_column(response, watch, column, Fetch(column.url), 0, None, 0):
                        yield found
            for step in findings.follow:
                for request in self._discovery_request(watch, step.url, depth + step.deeper):
                    yield request
        for request in self._arrived(watch):
            yield request

    def discovery_failed(self, failure: Failure) -> Iterator[Any]:
        """Errback of discovery."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        watch: Watch = request.cb_kwargs["watch"]
        watch.way_lost(request.url, _cause(failure))
        yield from self._arrived(watch)

    # ------------------------------------------------------------ visits

    def _visit_requests(
        self, watch: Watch, entry: Entry, platform: str, listed: bool = True, in_hand: Response | None = None
    ) -> Iterator[Any]:
        """The request for an entry, unless it is known not to be due; or the visit itself, where the page is in hand: a
        column that proves to be a report."""
        if self.years:
            year = year_in(entry.title) or entry.column.report_year
            if year is not None and not self.years[0] <= year <= self.years[1]:
                watch.left_out("out_of_years")
                return
        known = watch.known(entry.url)
        if known is not None and not watch.is_due(known, entry, listed):
            watch.listed(entry, known)
            return
        watch.sent()
        if in_hand is not None:
            yield from self.visit(in_hand, watch, entry, known, platform, listed)
            return
        had = watch.had_before(entry.url, known)
        yield scrapy.Request(
            entry.url,
            headers=validators(known),
            callback=self.visit,
            errback=self.visit_failed,
            dont_filter=True,
            meta={"portal": watch.portal.key, **({"kept": had.payload_digest} if had else {})},
            cb_kwargs={"watch": watch, "entry": entry, "known": known, "platform": platform, "listed": listed},
        )

    def visit(
        self, response: Response, watch: Watch, entry: Entry, known: Sighting | None, platform: str, listed: bool
    ) -> Iterator[Any]:
        """A report's page: handed to the pipelines as it came."""
        capture: Capture = response.meta["capture"]
        not_modified = capture.status == 304
        landed = clean(capture.url)
        if identity(landed) != identity(entry.url):
            # The old address leads elsewhere: the page is looked at where it is, and only once.
            watch.redirected(entry, listed)
            entry, known = replace(entry, url=landed), watch.known(landed)
            if not watch.first_look(landed):
                yield from self._arrived(watch)
                return
        target = response.meta.get("sent_on")
        if target is not None and identity(url := clean(target)) != identity(entry.url):
            watch.redirected(entry, listed)  # by the page itself: as above
            if watch.first_look(url):
                yield from self._visit_requests(watch, replace(entry, url=url), platform, listed)
            yield from self._arrived(watch)
            return
        seen = Visit(watch.portal, platform, entry, known, None if not_modified else capture, capture.time)
        markup = isinstance(response, TextResponse) and not response.body.startswith(b"%PDF") and not not_modified
        alike = None
        if markup:
            assert isinstance(response, TextResponse)
            # Not ``response.text``: a response keeps that, twice its bytes, as long as the page waits to be read.
            text = response.body.decode(response.encoding, "replace")
            if known is None and text.count("<a") > 1 and static.lists_reports(response, entry):
                yield from self._opened_as_a_column(watch, entry)
                yield from self._arrived(watch)
                return
            alike = likeness(text, entry.title, entry.column.report_year)
        yield from watch.hold(seen, alike)
        yield from self._arrived(watch)

    def _opened_as_a_column(self, watch: Watch, entry: Entry) -> Iterator[scrapy.Request]:
        """What was listed as a report and is a list of reports."""
        named, above = label(entry.title), entry.column
        year, agency = named.year or above.report_year, named.agency or above.agency
        column = Column(entry.url, entry.title, above.url, year, agency)
        yield from self._column_requests(watch, column, watch.tally.depth_of(above) + 1)

    def visit_failed(self, failure: Failure) -> Iterator[Any]:
        """Errback of visits."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        watch: Watch = request.cb_kwargs["watch"]
        redirected = "redirect_urls" in request.meta
        watch.visit_failed(request.cb_kwargs["entry"], request.cb_kwargs["listed"], _cause(failure), redirected)
        yield from self._arrived(watch)

    def _arrived(self, watch: Watch) -> Iterator[Any]:
        """Called once for every answer. With the last one of the lists, what is known and no longer listed is looked
        at; with the last one of all, what was held back is let go."""
        watch.arrived()
        if not watch.quiet:
            return
        if watch.columns_moved():
            yield from self._discovery_request(watch, watch.portal.home, 0)
            if not watch.quiet:
                return
        while watch.quiet and watch.site_maps and not watch.tally.columns:
            yield from self._discovery_request(watch, watch.site_maps.pop(0), 1)
        if not watch.quiet:
            return
        if not watch.blocked and (shifted := watch.tally.shifted()):
            yield from [self._list_request(watch, column, Fetch(column.url), depth) for column, depth in shifted]
            return
        watch.supersede()
        for entry in watch.unlisted():
            yield from self._visit_requests(watch, entry, watch.platform or "plain", listed=False)
        if watch.quiet:
            yield from watch.release()
        self._settle_if_done(watch)

    async def can_be_had(self, portal: Portal, known: Sighting) -> bool:
        """Whether an old location of a report still answers with a page of its own."""
        watch = self.ledger.watches[portal.key]
        if identity(known.url) in watch.listed_places:
            return True
        request = scrapy.Request(known.url, callback=NO_CALLBACK, dont_filter=True, meta={"portal": portal.key})
        try:
            response = await self.crawler.engine.download_async(request)
        except (NianbaoError, IgnoreRequest) as error:
            return isinstance(error, Blocked)
        except Exception as error:  # noqa: BLE001 — unreachable is not gone
            log.info("%s: %s", known.url, error)
            return True
        return identity(response.url) == identity(known.url)


def _cause(failure: Failure) -> BaseException:
    assert failure.value is not None
    return failure.value
