"""Completeness as a state: what was declared against what was found, and what ends a list that has no end.

``settle`` decides (contract §4), in this order:

============  =========================================================================================================
``blocked``   the portal refuses us, and was left alone; or no list could be read and the refusals are why
``failed``    no list could be read; or fewer reports than the registry's ``min_reports``
``incomplete``  a list page or something listed could not be had, a list holds fewer entries than it declares, or a
              guard had to cut it
``empty``     every list was read and none holds a report
``ok``        everything listed was had, or rightly left out (robots.txt, other hosts, other years)
============  =========================================================================================================
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crawler.errors import Blocked
from crawler.items import Column, Declared, Fetch, Listing, Portal, PortalStatus
from crawler.urls import identity
from spiders.platforms.addresses import mould
from spiders.shifted import Rows
from spiders.unchanged import Walk, Walked

MAX_PAGES = 2000  # of one column
MAX_COLUMN_DEPTH = 4
MAX_COLUMNS = 3000  # of one portal; a county's departments × years is some 1,000
BARREN_YEARS = 3  # in a row, of a menu that leads from year to year
BARREN_PAGES = 2  # pages in a row that bring nothing new, where nothing is declared
MAX_DISCOVERY_PAGES = 300  # a directory of units has some 100
LEADS_NOWHERE = frozenset(
    {"not_found", "gone_410", "soft_404", "redirected_home", "redirected", "empty_answer", "login_required", "robots", "off_site",
     "not_html", "forbidden_403"}
)  # fmt: skip
MAX_PATH = 20  # steps of an address
MAX_PARAMETERS = 25  # Hanweb's search.jsp has some 20
_CALENDAR = re.compile(r"(?:^|&)(?:month|day|date|riqi|calendar)=\d", re.I)


@dataclass(slots=True)
class ColumnTally:
    """What one column declared and what was found in it."""

    column: Column
    aside: int = 0  # steps from year to year on the way here: they lead no deeper
    declared: Declared | None = None
    pages: set[int] = field(default_factory=set)  # read
    asked: set[str] = field(default_factory=set)  # list pages asked for, by address and body
    failed: dict[str, str] = field(default_factory=dict)  # list page as asked for → name of what went wrong
    supposed: dict[str, str] = field(default_factory=dict)  # the same, of what only perhaps was a page of the list
    entries: set[str] = field(default_factory=set)
    page_sets: set[frozenset[str]] = field(default_factory=set)
    filled: set[int] = field(default_factory=set)  # pages that held something
    first: frozenset[str] = frozenset()  # the entries of the first page
    echoes: set[int] = field(default_factory=set)  # pages a pager prints the number of that hold the first page again
    repeats: int = 0  # rows that list what another row of the column lists
    totals: set[int] = field(default_factory=set)  # of records, as its pages declared them
    columns: int = 0
    below: int = 0  # the columns that are no years beside it
    barren: int = 0
    cut: str | None = None
    walk: Walk = field(default_factory=Walk)
    rows: Rows = field(default_factory=Rows)
    before: Rows | None = None  # of the walk before this one, which the list changed under
    depth: int = 0
    unwalked: Walked | None = None  # not read to its end, because it stands as it was when it was

    @property
    def shortfall(self) -> str | None:
        """What the column declares and does not hold, or the page in its midst that holds nothing.

        Nothing is missing where robots.txt kept us from a page: that is said elsewhere, and right.
        """
        if "robots" in self.failed.values() or self.unwalked:
            return None
        if self.before is not None and self.rows.shifted and self.rows != self.before:
            return "changed while it was read, and again when it was read once more"
        declared = self.declared or Declared()
        if self.echoes and not self.pages - self.echoes - {1}:
            return f"page {min(self.echoes)}, as printed, is the first again"
        if declared.records is not None:
            found = len(self.entries) + self.repeats
            return f"{declared.records} entries declared, {found} found" if found < declared.records else None
        if declared.pages is not None and len(self.pages) < declared.pages:
            return f"{declared.pages} pages declared, {len(self.pages)} read"
        last = max(declared.pages or 0, max(self.filled, default=0))
        empty = sorted(page for page in self.pages - self.filled if 1 < page <= last)
        return f"page {empty[0]} of {last} is empty" if empty else None


@dataclass(slots=True)
class PortalTally:
    """What was found on one portal in one run."""

    portal: Portal
    columns: dict[str, ColumnTally] = field(default_factory=dict)
    refusal: Blocked | None = None  # the last refusal met
    blocked: Blocked | None = None  # the refusal after which the portal was left alone
    lost: dict[str, str] = field(default_factory=dict)  # name of an error → the first address it met
    lost_count: Counter[str] = field(default_factory=Counter)
    off_site: dict[str, str] = field(default_factory=dict)  # host → the first address
    notes: list[str] = field(default_factory=list)
    cuts: dict[str, str] = field(default_factory=dict)  # reason → the first address
    idle_cuts: dict[str, str] = field(default_factory=dict)  # the same, where what was cut had brought nothing
    undecided: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)  # pages of the disclosure platform on hosts of nobody's registry
    looked_at: set[str] = field(default_factory=set)  # pages of discovery
    ways_lost: dict[str, str] = field(default_factory=dict)  # pages of discovery that could not be had → why
    reports: int = 0
    robots: int = 0
    partial: bool = False  # only some years were wanted: ``min_reports`` cannot be measured

    # ------------------------------------------------------------ taken down by the spider

    def open_column(self, column: Column, depth: int) -> bool:
        """Whether the column is new in this run and may be opened."""
        place = identity(column.url)
        if place in self.columns:
            return False
        reason = trap(column.url) if column.parent else None  # what the registry names is meant
        before = self.columns.get(identity(column.parent)) if column.parent else None
        aside = 0 if before is None else before.aside + _beside(column, before.column)
        if before is not None and self._barren_years(column, before):
            self.cut(column.url, "barren_years", fruitful=False)
            return False
        if depth - aside > MAX_COLUMN_DEPTH:
            reason = "column_depth"
        elif len(self.columns) >= MAX_COLUMNS:
            reason = "too_many_columns"
        if reason is not None:
            self.cut(column.url, reason, self._brought(column))
            return False
        tally = self.columns[place] = ColumnTally(column, aside, depth=depth)
        tally.asked.add(_asked(Fetch(column.url)))
        return True

    def read(self, column: Column, fetch: Fetch, listing: Listing, entries: set[str]) -> None:
        """A list page was read."""
        tally = self._of(column)
        new = entries - tally.entries
        page = frozenset(entries)
        again = bool(page) and page in tally.page_sets
        if again and fetch.state.get("promised"):
            tally.declared = _best(tally.declared, Declared(pages=fetch.page))  # what it promised is not what came
        else:
            tally.pages.add(fetch.page)
        if fetch.page == 1:
            tally.first |= page
        elif page and page == tally.first and fetch.state.get("printed"):
            tally.echoes.add(fetch.page)
        if listing.declared is not None and listing.declared.records is not None:
            tally.totals.add(listing.declared.records)
        tally.walk.read(fetch.page, listing)
        tally.rows.read(fetch.page, listing)
        if listing.unread:
            self.cut(fetch.url, listing.unread)
        tally.failed.pop(_asked(fetch), None)
        if listing.entries or listing.columns:
            tally.filled.add(fetch.page)
        if not again:
            tally.repeats += len(listing.entries) - len(entries)
            known = len(entries) - len(new)
            # A row that moved to the next page while we read is one record on two pages, unless the list grew by the
            # row that moved it; a pager that ignores what it is asked for gives mostly what it gave before.
            tally.repeats += known if known < len(new) and len(tally.totals) < 2 else 0
        tally.entries |= entries
        tally.declared = _best(tally.declared, listing.declared)
        tally.columns += len(listing.columns)
        tally.below += sum(1 for sub in listing.columns if not _beside(sub, column))
        tally.page_sets.add(page)
        tally.barren = 0 if new or fetch.page == 1 else tally.barren + (BARREN_PAGES if again else 1)

    def shifted(self) -> list[tuple[Column, int]]:
        """The lists that changed while they were read, with their depth: each is to be read once more, from its beginning."""
        found = [
            (place, tally)
            for place, tally in self.columns.items()
            if tally.rows.shifted and tally.before is None and not (tally.failed or tally.cut or tally.unwalked)
        ]
        for place, tally in found:
            again = ColumnTally(tally.column, tally.aside, below=tally.below, before=tally.rows, depth=tally.depth)
            again.asked.add(_asked(Fetch(tally.column.url)))
            self.columns[place] = again
            self.note(f"read once more, as it changed while it was read: {tally.column.url}")
        return [(tally.column, tally.depth) for _, tally in found]

    def leave_unwalked(self, column: Column, walked: Walked) -> None:
        """The rest of a list is as it was: it is not asked for."""
        self._of(column).unwalked = walked

    def failed(self, column: Column, fetch: Fetch, name: str) -> None:
        """A list page could not be had or read."""
        tally = self._of(column)
        if fetch.state.get("idle") and name in LEADS_NOWHERE:
            return  # the page itself says that it has nothing
        supposed = fetch.state.get("supposed") and name in (*LEADS_NOWHERE, "portal_changed", "client_error")
        (tally.supposed if supposed else tally.failed)[_asked(fetch)] = name

    def may_go_on(self, column: Column, further: Fetch) -> bool:
        """Whether a further page of a column is to be asked for: once, and not without end."""
        tally = self._of(column)
        key = _asked(further)
        if key in tally.asked:
            return False
        tally.asked.add(key)
        if tally.barren >= BARREN_PAGES and not self._owed(tally):
            self.cut(further.url, "barren_pages", fruitful=False)
            return False
        if tally.barren >= BARREN_PAGES + 3:
            tally.cut = "barren_pages"
        elif len(tally.asked) > MAX_PAGES:
            tally.cut = "too_many_pages"
        else:
            reason = trap(further.url)
            tally.cut = reason if reason != trap(column.url) else None
        if tally.cut:
            self.cut(further.url, tally.cut, tally.barren == 0)
        return tally.cut is None

    def _owed(self, tally: ColumnTally) -> bool:
        """Whether the column declares more than was found so far."""
        return tally.declared is not None and tally.shortfall is not None

    def cut(self, url: str, reason: str, fruitful: bool = True) -> None:
        """A guard ended something; never silently. Where it had brought nothing, nothing is missing for it."""
        (self.cuts if fruitful else self.idle_cuts).setdefault(reason, url)

    def _barren_years(self, column: Column, before: ColumnTally) -> bool:
        """Whether the years that led to this one, each beside the other, end in some that brought nothing: ‹ 2031年 ›
        goes on for ever."""
        barren = 0
        while _beside(column, before.column) and before.column.parent and not before.below:
            parent = self.columns.get(identity(before.column.parent))
            if parent is None or before.entries - parent.entries:
                return False
            barren += 1
            column, before = before.column, parent
            if barren >= BARREN_YEARS:
                return True
        return False

    def _brought(self, column: Column) -> bool:
        """Whether the columns that led to this one brought any entry, the registry's own left out of account."""
        parent = self.columns.get(identity(column.parent)) if column.parent else None
        while parent is not None and parent.column.parent:
            if parent.entries:
                return True
            parent = self.columns.get(identity(parent.column.parent))
        return False

    def may_look_at(self, url: str) -> bool:
        """Whether discovery looks at a page: once, and within bounds."""
        place = identity(url)
        if place in self.looked_at:
            return False
        if len(self.looked_at) >= MAX_DISCOVERY_PAGES:
            self.cut(url, "too_many_discovery_pages")
            return False
        self.looked_at.add(place)
        return True

    def way_lost(self, url: str, name: str) -> None:
        """A page on the way from the home page to the columns could not be had. It is no column."""
        self.ways_lost[url] = name

    def discovered(self, undecided: Iterable[str], foreign: Iterable[str]) -> None:
        """What discovery could not decide, and what it may not follow."""
        self.undecided.extend(doubt for doubt in undecided if doubt not in self.undecided)
        self.foreign.extend(url for url in foreign if url not in self.foreign)

    def note(self, text: str) -> None:
        """Something a maintainer must know."""
        if text not in self.notes:
            self.notes.append(text)

    def depth_of(self, column: Column) -> int:
        """How many steps below the registry's columns a column was found."""
        tally = self.columns.get(identity(column.url))
        return tally.depth if tally else 0

    def _of(self, column: Column) -> ColumnTally:
        return self.columns.setdefault(identity(column.url), ColumnTally(column))

    def forget(self) -> None:
        """Let go of what only counting needs."""
        for column in self.columns.values():
            for seen in (column.entries, column.page_sets, column.asked):
                seen.clear()
            column.first, column.rows, column.before = frozenset(), Rows(), None

    # ------------------------------------------------------------ read at the end

    @property
    def lists_complete(self) -> bool:
        """Every list was read as far as it goes: what none of them shows is not listed."""
        return bool(self.columns) and self.blocked is None and not self.cuts and not _list_faults(self)

    @property
    def list_pages(self) -> int:
        """Pages of lists that were asked for."""
        before = sum(len(column.before.pages) for column in self.columns.values() if column.before)
        return before + sum(len(c.pages) + len(c.failed) for c in self.columns.values()) + len(self.looked_at)

    @property
    def walked_whole(self) -> bool:
        """No list was left unwalked: what none shows is listed no more."""
        return not any(column.unwalked for column in self.columns.values())

    def figures(self, now: datetime) -> dict[str, Any]:
        """What the run summary says beyond the counters; only what there is to say."""
        lists = {
            place: walked.plain()
            for place, t in self.columns.items()
            if (walked := t.unwalked or (None if t.failed or t.shortfall else t.walk.ended(_records(t), now)))
        }
        declared = {
            t.column.url: {"declared": _plain(t.declared), "found": len(t.entries), "pages": len(t.pages)}
            for t in self.columns.values()
            if t.shortfall or t.failed
        }
        said = {
            "failures": dict(self.lost_count),
            "off_site": dict(self.off_site),
            "cut": {**self.idle_cuts, **self.cuts},
            "notes": list(self.notes),
            "undecided": list(self.undecided),
            "foreign": list(self.foreign),
            "ways_lost": dict(self.ways_lost),
            "short_columns": declared,
            "lists": lists,
            "lists_unwalked": sum(1 for t in self.columns.values() if t.unwalked),
        }
        return {name: value for name, value in said.items() if value}


def _beside(column: Column, other: Column) -> bool:
    """Two years of one menu: each leads to the next, and none lies deeper than the other."""
    years = column.report_year is not None and column.report_year != other.report_year
    return years and column.agency == other.agency and mould(column.url) in (mould(other.url), _yearless(other, column))


def _yearless(menu: Column, year: Column) -> str:
    """The menu's own address as it would be with a year: ``nb.php`` beside ``nb.php?year=2021``."""
    return (
        mould(year.url)
        if menu.report_year is None
        and not urlsplit(menu.url).query
        and (urlsplit(menu.url).path == urlsplit(year.url).path)
        else ""
    )


def settle(tally: PortalTally) -> tuple[PortalStatus, str]:
    """The portal's status and, unless it is ``ok``, why."""
    if tally.blocked is not None:
        return PortalStatus.BLOCKED, f"{tally.blocked.name}: {tally.blocked}"
    read = [t for t in tally.columns.values() if t.pages]
    names = Counter(name for t in tally.columns.values() for name in t.failed.values())
    if not read:
        if tally.refusal is not None:
            return PortalStatus.BLOCKED, f"{tally.refusal.name}: {tally.refusal}"
        names.update(tally.ways_lost.values())
        if not names:
            return PortalStatus.FAILED, "no_columns_found: neither the registry nor the home page names a column"
        return PortalStatus.FAILED, f"{names.most_common(1)[0][0]}: no column could be read ({_list(names)})"
    if tally.reports < tally.portal.min_reports and not tally.partial:
        expected = tally.portal.min_reports
        return PortalStatus.FAILED, f"min_reports: {tally.reports} reports found, at least {expected} expected"
    faults = _list_faults(tally)
    if tally.lost_count:
        first = next(iter(tally.lost.values()))
        faults.append(f"{sum(tally.lost_count.values())} could not be had ({_list(tally.lost_count)}), {first} first")
    faults += [f"{reason} at {url}" for reason, url in tally.cuts.items()]
    if faults:
        return PortalStatus.INCOMPLETE, "; ".join(faults)
    if not tally.reports:
        return PortalStatus.EMPTY, f"{len(read)} columns read, no annual report in them"
    return PortalStatus.OK, ""


def trap(url: str) -> str | None:
    """The name of the trap an address looks like, ``None`` for an ordinary one."""
    parts = urlsplit(url)
    steps = [step for step in parts.path.split("/") if step]
    if len(steps) > MAX_PATH:
        return "path_depth"
    # Numbers recur in dates (/2021/1/1/1.html); names that do come from relative links resolved again and again.
    if any(count > 2 for step, count in Counter(steps).items() if not step.isdecimal()) or _circles(steps):
        return "path_repeats"
    query = parse_qsl(parts.query, keep_blank_values=True)
    if len(query) > MAX_PARAMETERS or any(count > 3 for count in Counter(name for name, _ in query).values()):
        return "too_many_parameters"
    if _CALENDAR.search(parts.query):
        return "calendar"
    return None


def _circles(steps: list[str]) -> bool:
    """Whether two or more steps, one of them a name, come twice in a row: ``/a/b/a/b/``."""
    for length in range(2, len(steps) // 2 + 1):
        for start in range(len(steps) - 2 * length + 1):
            piece = steps[start : start + length]
            if piece == steps[start + length : start + 2 * length] and not all(step.isdecimal() for step in piece):
                return True
    return False


def _list_faults(tally: PortalTally) -> list[str]:
    # A dead link in a menu leads nowhere for anyone; one that timed out may have led to a department's reports.
    faults = [f"{url}: {name}" for url, name in tally.ways_lost.items() if name not in LEADS_NOWHERE]
    for column in tally.columns.values():
        lost = column.failed if column.entries or column.columns else {**column.supposed, **column.failed}
        failed = {asked: name for asked, name in lost.items() if name != "robots"}
        if failed:
            faults.append(
                f"{column.column.url}: {_list(Counter(failed.values()))}, {next(iter(failed)).split(' ')[1]} first"
            )
        elif short := column.shortfall:
            faults.append(f"{column.column.url}: {short}")
    return faults


def _list(names: Counter[str]) -> str:
    return ", ".join(f"{name} × {count}" if count > 1 else name for name, count in names.most_common())


def _records(tally: ColumnTally) -> int | None:
    return tally.declared.records if tally.declared else None


def _best(one: Declared | None, other: Declared | None) -> Declared | None:
    """The larger of what two pages of a column declare."""
    if one is None or other is None:
        return one or other
    most = {
        name: max((v for v in (getattr(one, name), getattr(other, name)) if v is not None), default=None)
        for name in ("records", "pages", "page_size")
    }
    return Declared(**most)


def _plain(declared: Declared | None) -> dict[str, int | None]:
    return {"records": declared.records, "pages": declared.pages} if declared else {}


def _asked(fetch: Fetch) -> str:
    return f"{fetch.method} {fetch.url} {fetch.body!r}"
