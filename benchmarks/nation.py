"""A simulated year of crawling a nation: 40,000 portals, five million reports.

    python -m benchmarks.nation            # the tables
    python -m benchmarks.nation --write    # into docs/explanation/simulation-of-a-nation.md

Real are the divisions and the delays of the registry, the schedule of rechecks (``spiders.schedule``, asked address by
address), the rule by which lists are left unwalked, and the settings of a crawl. Drawn, with a fixed seed, is what
nobody has counted: which units publish on which portal, for how many years, behind which kind of list. Assumed are the
constants below, each with where it comes from. The tables are the same each time.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from crawler import settings
from spiders import divisions, registry
from spiders.schedule import is_due
from spiders.unchanged import WALKED_EVERY
from storage.leases import RENEWED_EVERY
from storage.sightings import LINES, RESTS_FOR, WORTH_RESTING

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "simulation-of-a-nation.md"
BEGIN, END = "<!-- made by python -m benchmarks.nation --write -->\n", "<!-- end of what is made -->\n"
SEED = 20260101
YEAR = 2026
PORTALS, REPORTS = 40_000, 5_000_000
FIRST_YEAR = 2008

# ---- what is measured (docs/explanation/performance.md, docs/explanation/five-million-reports.md)
NEW_PAGE_CPU, LOOK_CPU, LIST_CPU = 0.025, 0.012, 0.006  # seconds of one core: filed, looked at again, a page of a list
PORTAL_CPU = 0.02  # seconds to open and settle a portal
PAGE_SENT, LIST_SENT, DOCUMENT_SENT = 64_000, 20_000, 320_000  # bytes
SNAPSHOT, VERSION, POINTER, SIGHTING, SUMMARY = 11_000, 6_000, 200, 166, 300  # bytes as stored
POINTERS = 3.4  # of a report
# ---- what is assumed
ANSWER = 0.8  # seconds a portal takes to answer; the delay counts from request to request, so the longer one holds
UNMODIFIED = 0.3  # share of looks answered 304
CRAWL_DELAY = ((0.97, 0.0), (0.02, 5.0), (0.01, 10.0))  # share of portals whose robots.txt asks for so many seconds
DOCUMENTS = 1 / 3  # documents a report
REVISED = 0.05  # of the reports on the last two years are corrected in a year; of older ones a tenth of that
PER_PAGE = 15  # rows of a list page
DECLARING = 0.6  # share of portals whose lists say how many records they hold, newest first: left unwalked for a week
BY_UNIT = 0.4  # share of portals with a list for each unit; the others have one
SEASON = 4  # months
WINDOW = 8.0  # hours of a night
CORES, PROCESSES = 4, 4  # of one machine
# ---- list prices as several large vendors ask them, looked up in November 2026; put in your own
MILLION_PUT, MILLION_GET, GB_MONTH, CORE_HOUR = 5.0, 0.4, 0.023, 0.04  # USD; a LIST is charged as a PUT


@dataclass(frozen=True, slots=True)
class Site:
    """One portal of the drawn nation."""

    level: str
    delay: float
    by_class: tuple[int, ...]  # reports by age class, see CLASSES
    lists: int
    pages: int  # of all lists together
    declares: bool

    @property
    def reports(self) -> int:
        return sum(self.by_class)

    @property
    def pace(self) -> float:
        """Seconds from one request to the next."""
        return max(self.delay, ANSWER)


CLASSES = {
    "last two years": (YEAR - 2, YEAR - 1),
    "the year before": (YEAR - 3,),
    "older": tuple(range(FIRST_YEAR, YEAR - 3)),
}
UNITS = {"province": (80, 140), "prefecture": (50, 90), "county": (38, 85)}  # that publish on a government's portal


@cache
def nation() -> tuple[Site, ...]:
    """The portals, government by government, then the departments' own sites."""
    draw = random.Random(SEED)
    levels = [
        "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"
        for code, division in sorted(divisions.table().items())
        if division.now is None
    ]
    delays = [settings.DOWNLOAD_DELAY if p.delay is None else p.delay for p in registry.load().portals]
    levels += ["department"] * (PORTALS - len(levels))
    sizes = []
    for level in levels:
        # A department's own site shows its own reports and those of what belongs to it.
        units = draw.randint(*UNITS[level]) if level in UNITS else min(400, 1 + int(draw.lognormvariate(0.6, 1.1)))
        sizes.append((units, draw.triangular(4, YEAR - FIRST_YEAR, 14)))
    scale = REPORTS / sum(units * years for units, years in sizes)
    return tuple(
        _site(draw, level, units, years * scale, delays) for level, (units, years) in zip(levels, sizes, strict=True)
    )


def _site(draw: random.Random, level: str, units: int, years: float, delays: Sequence[float]) -> Site:
    reports = max(1, round(units * years))
    recent = min(reports, round(2 * units * draw.uniform(0.8, 1.0)))
    before = min(reports - recent, round(units * draw.uniform(0.7, 1.0)))
    lists = units if draw.random() < BY_UNIT else 1
    asked, place = draw.random(), 0.0
    crawl_delay = 0.0
    for share, seconds in CRAWL_DELAY:
        place += share
        if asked < place:
            crawl_delay = seconds
            break
    return Site(
        level,
        max(draw.choice(delays), crawl_delay),
        (recent, before, reports - recent - before),
        lists,
        lists * math.ceil(reports / lists / PER_PAGE),
        draw.random() < DECLARING,
    )


@cache
def looks() -> tuple[tuple[float, ...], ...]:
    """For each age class, the share of its reports that the schedule has due on each night of the year."""
    begin = datetime(YEAR, 1, 1, 15, tzinfo=UTC)
    shares = []
    for name, years in CLASSES.items():
        addresses = [f"www.example.gov.cn/{name}/{number}.html" for number in range(800 if name == "older" else 150)]
        warm_up = 400 if name == "older" else 40  # nights before the year, until every address is at its own day
        last = [begin - timedelta(days=warm_up + 1)] * len(addresses)
        nights = []
        for night in range(-warm_up, 365):
            now, due = begin + timedelta(days=night), 0
            for place, address in enumerate(addresses):
                if is_due(years[0], last[place], now, address):
                    last[place], due = now, due + 1
            nights.append(due / len(addresses))
        shares.append(tuple(nights[warm_up:]))
    return tuple(shares)


@dataclass(slots=True)
class Night:
    """One night over all portals."""

    requests: list[int]
    seconds: list[float]
    lists: int = 0
    looks: int = 0
    new: int = 0
    visited: int = 0
    lines: float = 0  # sightings written
    batches: float = 0  # objects that hold them
    read: float = 0  # objects that the state of the portals is read from

    @property
    def cpu(self) -> float:
        return self.visited * PORTAL_CPU + self.lists * LIST_CPU + self.looks * LOOK_CPU + self.new * NEW_PAGE_CPU


WEEK = round(WALKED_EVERY / timedelta(days=1) + 0.5)


def simulated(night: int, every: int, season_new: float) -> Night:
    """A night of the year, in which each portal is visited every so many nights. ``season_new``: the share of the year's
    new reports that appears each night of January to April."""
    draw = random.Random(SEED + night)
    shares = [looks()[place][night] for place in range(len(CLASSES))]
    done = Night([], [])
    for place, site in enumerate(nation()):
        if (place + night) % every:
            continue
        walked = not site.declares or (place // every + night // every) % max(1, WEEK // every) == 0
        lists = site.pages if walked else site.lists
        again = sum(
            int(count * min(1.0, share * every) + draw.random())
            for count, share in zip(site.by_class, shares, strict=True)
        )
        new = int(site.by_class[0] / 2 * season_new * every + draw.random())
        documents = round((again + new) * DOCUMENTS)
        requests = 1 + lists + again + new + documents
        done.requests.append(requests)
        done.seconds.append(requests * site.pace)
        done.lists += lists
        done.looks += again + documents
        done.new += new
        done.visited += 1
        known, own = round(site.reports * (1 + DOCUMENTS)), round((again + new) * (1 + DOCUMENTS)) + 1
        resting = min(RESTS_FOR, math.ceil(known / own)) if known >= WORTH_RESTING else 0  # nights after a whole one
        whole, short = 1 + known // LINES, 1 + own // LINES
        done.lines += (known + resting * own) / (resting + 1)
        done.batches += (whole + resting * short) / (resting + 1)
        done.read += whole + resting / 2 * short
    return done


@cache
def year(every: int) -> tuple[Night, ...]:
    """One night of each month stands for the others of it; in season every portal is visited each night."""
    return tuple(
        simulated(month * 30 + 15, 1 if month < SEASON else every, 1 / 120 if month < SEASON else 0.0)
        for month in range(12)
    )


# ---------------------------------------------------------------- tables


def _portals() -> Iterator[str]:
    yield "| portals | number | reports | median | 99 of 100 have at most | largest | list pages |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for level in (*UNITS, "department", "all"):
        sites = [site for site in nation() if level in (site.level, "all")]
        sizes = sorted(site.reports for site in sites)
        yield (
            f"| {level} | {len(sites):,} | {sum(sizes):,} | {sizes[len(sizes) // 2]:,} | {sizes[len(sizes) * 99 // 100]:,} "
            f"| {sizes[-1]:,} | {sum(site.pages for site in sites):,} |"
        )


def _first() -> Iterator[str]:
    sites = nation()
    requests = [round(1 + site.pages + site.reports * (1 + DOCUMENTS)) for site in sites]
    seconds = sorted(count * site.pace for count, site in zip(requests, sites, strict=True))
    cpu = (
        sum(site.pages for site in sites) * LIST_CPU
        + sum(site.reports for site in sites) * (1 + DOCUMENTS) * NEW_PAGE_CPU
    )
    at_once = settings.CONCURRENT_REQUESTS * PROCESSES
    yield f"{sum(requests):,} requests; {cpu / 3600:,.0f} core-hours; a portal takes {_hours(seconds[len(seconds) // 2])} in the"
    yield f"median, {_hours(seconds[len(seconds) * 99 // 100])} at most for 99 of 100, {_hours(seconds[-1])} for the longest."
    yield ""
    yield f"| machines of {CORES} cores | portals at once | nights of {WINDOW:g} hours | bound by |"
    yield "|--:|--:|--:|---|"
    for machines in (1, 3, 10, 30):
        bounds = {
            "portals at once": sum(seconds) / (machines * at_once),
            "cores": cpu / (machines * CORES),
            "the longest portal": seconds[-1],
        }
        bound = max(bounds, key=lambda name: bounds[name])
        yield f"| {machines} | {machines * at_once:,} | {bounds[bound] / 3600 / WINDOW:.1f} | {bound} |"


def _nights(every: int) -> Iterator[str]:
    yield "| night of | requests | a portal: median | 99 of 100 at most | most | longest portal | core-hours | GB received | machines |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for name, month in (("February", 1), ("July", 6)):
        night = year(every)[month]
        counts = sorted(night.requests)
        received = night.lists * LIST_SENT + (night.looks * (1 - UNMODIFIED) + night.new) * PAGE_SENT
        yield (
            f"| {name} | {sum(counts):,} | {counts[len(counts) // 2]:,} | {counts[len(counts) * 99 // 100]:,} | {counts[-1]:,} "
            f"| {_hours(max(night.seconds))} | {night.cpu / 3600:.1f} | {received / 1e9:.0f} | {_machines(night)} |"
        )


def _machines(night: Night) -> int:
    window = WINDOW * 3600
    portals = sum(min(seconds, window) for seconds in night.seconds) / (
        settings.CONCURRENT_REQUESTS * PROCESSES * window
    )
    return max(1, math.ceil(portals), math.ceil(night.cpu / (CORES * window)))


@dataclass(frozen=True)
class Ledger:
    """What a year asks of a bucket."""

    puts: float
    gets: float
    lists: float
    objects: float  # added
    size: float  # bytes added
    core_hours: float
    machine_hours: float


def ledger(every: int) -> Ledger:
    """A year of looking; the first crawl is not in it."""
    puts = gets = lists = objects = size = cores = machines = 0.0
    for night in year(every):
        leases = sum(1 + seconds / RENEWED_EVERY for seconds in night.seconds)
        days = 365 / 12
        filed = night.new + night.looks * REVISED / 150  # looks at a recent report in a year: some 150
        snapshots = filed * (1 + DOCUMENTS)
        puts += days * (night.batches + leases + filed * (1 + POINTERS) + snapshots + 1)
        gets += days * (night.read + night.visited + snapshots)
        lists += days * (night.visited * 3 + filed * 4)
        objects += days * (night.batches + filed * (1 + POINTERS) + snapshots + 1)
        size += days * (
            night.lines * SIGHTING + night.visited * SUMMARY + filed * (SNAPSHOT + VERSION + POINTERS * POINTER)
            + filed * DOCUMENTS * DOCUMENT_SENT
        )  # fmt: skip
        cores += days * night.cpu / 3600
        machines += days * _machines(night) * WINDOW
    return Ledger(puts, gets, lists, objects, size, cores, machines)


def _archive() -> Iterator[str]:
    filed = REPORTS * 1.05
    documents = REPORTS * DOCUMENTS
    kept = {
        "`snapshots/` pages": (filed, filed * SNAPSHOT),
        "`snapshots/` documents": (documents, documents * DOCUMENT_SENT),
        "`reports/`": (filed, filed * VERSION),
        "`index/`": (filed * POINTERS, filed * POINTERS * POINTER),
    }
    yield "| | objects | bytes |"
    yield "|---|--:|--:|"
    for name, (objects, size) in kept.items():
        yield f"| {name} | {objects / 1e6:.1f} M | {size / 1e9:,.0f} GB |"
    for title, every in (("each night", 1), ("each night of January to April, then weekly", WEEK)):
        told = ledger(every)
        yield f"| added in the year, portals visited {title} | {told.objects / 1e6:.1f} M | {told.size / 1e9:,.0f} GB |"


def _money() -> Iterator[str]:
    filed, documents = REPORTS * 1.05, REPORTS * DOCUMENTS
    puts = filed * (2 + POINTERS) + documents
    first = (puts + filed * 4) / 1e6 * MILLION_PUT + (filed + documents) / 1e6 * MILLION_GET
    held = (filed * (SNAPSHOT + VERSION + POINTERS * POINTER) + documents * DOCUMENT_SENT) / 1e9
    hours = REPORTS * (1 + DOCUMENTS) * NEW_PAGE_CPU / 3600
    yield "| USD | requests to the store | keeping it, the last month | machines |"
    yield "|---|--:|--:|--:|"
    yield f"| the first crawl | {first:,.0f} | {held * GB_MONTH:,.0f} | {hours * CORE_HOUR:,.0f} |"
    for title, every in (("a year, each night", 1), ("a year, each night of January to April, then weekly", WEEK)):
        told = ledger(every)
        asked = (told.puts + told.lists) / 1e6 * MILLION_PUT + told.gets / 1e6 * MILLION_GET
        keeping = (held + told.size / 1e9) * GB_MONTH
        yield f"| {title} | {asked:,.0f} | {keeping:,.0f} | {told.machine_hours * CORES * CORE_HOUR:,.0f} |"
    yield ""
    yield "| requests in a year | PUT | GET | LIST |"
    yield "|---|--:|--:|--:|"
    for title, every in (("each night", 1), ("each night of January to April, then weekly", WEEK)):
        told = ledger(every)
        yield f"| {title} | {told.puts / 1e6:,.1f} M | {told.gets / 1e6:,.1f} M | {told.lists / 1e6:,.1f} M |"


def _schedule() -> Iterator[str]:
    yield "| reports | number | looks a year | a night in February | a night in July |"
    yield "|---|--:|--:|--:|--:|"
    for place, name in enumerate(CLASSES):
        count = sum(site.by_class[place] for site in nation())
        shares = looks()[place]
        february, july = sum(shares[31:59]) / 28, sum(shares[181:212]) / 31
        yield f"| {name} | {count:,} | {sum(shares):.1f} | {count * february:,.0f} | {count * july:,.0f} |"


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def tables() -> str:
    parts = (
        ("The portals", _portals()),
        ("What the schedule asks for", _schedule()),
        ("The first crawl", _first()),
        ("A night, every portal visited", _nights(1)),
        ("A night, portals visited weekly outside the season", _nights(WEEK)),
        ("The archive", _archive()),
        ("Money", _money()),
    )
    return "\n".join(line for title, lines in parts for line in (f"### {title}", "", *lines, ""))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    made = tables()
    if parser.parse_args(arguments).write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")
    sys.stdout.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
