"""When a known report is looked at again (``--recheck due``).

A report changes in its first years, and most of all in the season: departments publish by 31 January, governments by
31 March, and corrections follow. Days are those of China.

=================================  ==========================================
report                             looked at
=================================  ==========================================
on the last two years, in season   every day (January to April)
on the last two years, else        every 7 days
on the year before those           every 30 days
older, or of no known year         once in 365 days
no annual report                   once in 365 days
what no list shows any more        every 7 days at the least
=================================  ==========================================

Each address has a day of its own in these periods, so that a portal's reports, all first seen in one night, are not due
in one night again. What is new, what failed, and what a list shows under another title or date is always due.

With ``--recheck all`` everything is, once: a run that was cut off, killed or interrupted, is gone on with by the next one
that looks at everything. What was looked at since the first of them began is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from zlib import crc32

from crawler.items import Kind, Sighting, Verdict
from crawler.urls import location

CHINA = timezone(timedelta(hours=8))
HAD = frozenset(Verdict) | {"listed"}  # outcomes of a location that was there at the last look
SEASON = range(1, 5)  # January to April
UNLISTED = 7  # days between two looks at what no list shows any more
LOOKS_AT_ALL = "-all"  # what the ids of runs that look at everything end in
# From the beginning of a run that was cut off to that of the next: a night is left out.
GONE_ON_WITH = timedelta(hours=36)


def period(report_year: int | None, today: date) -> int:
    """Days between two looks at a report."""
    age = today.year - report_year if report_year is not None else None
    if age is None or age > 3:
        return 365
    if age == 3:
        return 30
    return 1 if today.month in SEASON else 7


def is_due(
    report_year: int | None, fetched: datetime | None, now: datetime, address: str, *, listed: bool = True
) -> bool:
    """Whether a report is to be looked at now.

    ``fetched``: when its content was last seen. ``address``: its location's identity, which gives it its day.
    ``listed``: whether a list shows it; what none shows any more has perhaps been taken down.
    """
    if fetched is None:
        return True
    today, last = _day(now), _day(fetched)
    days = period(report_year, today) if listed else min(period(report_year, today), UNLISTED)
    if (today - last).days >= days:
        return True
    own_day = crc32(address.encode("utf-8", "surrogatepass")) % days
    # The first own day after the last look: sooner than a whole period, so that reports part company.
    return last < _last_own_day(today, days, own_day) <= today


def due(known: Sighting, unfinished: frozenset[str], now: datetime, *, listed: bool = True) -> bool:
    """Whether a known location is to be looked at now. ``unfinished``: the runs that this one goes on with; what they have
    seen is done. ``listed``: whether a list shows it."""
    if known.report_id is None or known.metadata_digest is None or known.outcome not in HAD:
        return True  # it was never had, or not the last time
    if known.run in unfinished:
        return False
    year = known.report_year if known.kind == Kind.ANNUAL_REPORT else None
    return is_due(year, known.fetched, now, location(known.url), listed=listed)


def recheck_of_all_since(cut_off: Iterable[str], now: datetime) -> datetime | None:
    """When the look at everything began that a run goes on with which begins now; ``None`` where it begins anew.

    ``cut_off``: the runs that were cut off since one was done with the portal, the newest first.
    """
    since = None
    for run in cut_off:
        if not run.endswith(LOOKS_AT_ALL):
            continue
        try:
            begun = datetime.strptime(run.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:  # no run of ours
            continue
        if (since or now) - begun > GONE_ON_WITH:
            break
        since = begun
    return since


def looked_at_since(since: datetime | None, known: Sighting) -> bool:
    """Whether a known location was looked at, and had, since then."""
    had = known.report_id is not None and known.metadata_digest is not None and known.outcome in HAD
    return since is not None and had and known.fetched is not None and known.fetched >= since


def _last_own_day(today: date, days: int, own_day: int) -> date:
    return today - timedelta(days=(today.toordinal() - own_day) % days)


def _day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date() if moment.tzinfo else moment.replace(tzinfo=UTC).astimezone(CHINA).date()
