"""What is said at a portal's end of known locations that were not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from crawler.items import Sighting
from spiders.schedule import HAD
from storage.sightings import BELONGINGS


@dataclass(frozen=True, slots=True)
class GoneAfter:
    """How many complete crawls over how long have to miss a location before it is gone."""

    runs: int
    days: timedelta


def carried(
    known: Sighting, missing: str | None, *, listed: bool, complete: bool, walked_whole: bool, gone_after: GoneAfter
) -> Sighting:
    """The line of a location: missing since the last look; gone after complete crawls. What a list still shows is not
    gone: some geo-fences answer 404.

    ``known``: what is known of it, as of this run's end; ``missing``: why it cannot be had, if it was asked for.
    """
    if known.outcome in BELONGINGS:
        return known
    if missing is None:
        stands = known.outcome == "gone" or (known.outcome == "missing" and not walked_whole)
        return known if stands else replace(known, outcome="listed")
    complete = complete and not (listed and missing != "redirected")
    since = known.missed_since or (known.time if complete else None)
    runs = known.missed_runs + complete
    enough = since is not None and runs >= gone_after.runs and known.time - since >= gone_after.days
    gone = known.outcome == "gone" or (complete and enough)
    return replace(known, outcome="gone" if gone else "missing", missed_runs=runs, missed_since=since)


def says_nothing_new(line: Sighting, known: Sighting) -> bool:
    """Whether a line says nothing else of a location than what is known of it."""
    if line.outcome != known.outcome and not (line.outcome == "listed" and known.outcome in HAD):
        return False
    return replace(line, run=known.run, time=known.time, outcome=known.outcome) == known
