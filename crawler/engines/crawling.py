"""``nianbao crawl --engine …``: every portal crawled by some worker; one summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from crawler.engines.handing import Hands, dealt
from crawler.engines.naming import named
from crawler.engines.serving import at_engine, heeding, running
from crawler.engines.summary import Merged
from crawler.engines.tasks import CrawlTask, encode, place_of, registry_of
from crawler.errors import ArchiveError, UsageError
from crawler.items import Portal
from spiders import registry as registries
from spiders.until import Until
from spiders.watch import INTERRUPTED
from spiders.years import span
from storage import open_archive

PORTAL_WAIT = "PORTAL_WAIT"  # the setting: here it is the caller who has patience with a portal that is held
AT_HOME = ("NOTIFY_", "SMTP_")  # settings of what is sent once, from here; a password among them
WORKER_WAITS = 30.0  # seconds a worker does: long enough for most leases to run out, and no longer out of work
IN_ORDER = 256  # portals that are handed out in the registry's order, as one machine would
ASKED_AT_ONCE = 16


def crawl_on(
    engine: str,
    *,
    provinces: Sequence[str] = (),
    portals: Sequence[str] = (),
    registry: str | None = None,
    archive: str = "./archive",
    years: str | None = None,
    recheck: str = "due",
    settings: Mapping[str, Any] | None = None,
    verbose: bool = False,
    until: str | None = None,
) -> dict[str, Any]:
    """Has the workers of an engine crawl the portals; the summary of ``crawler.running.run_crawl`` over all of them.

    Raises ``UsageError`` where the call is wrong, and where a worker is not what it must be.
    """
    where = named(engine)
    chosen = registries.select(registries.load(Path(registry) if registry else None), provinces, portals)
    span(years)
    ends = Until.parse(until) if until is not None else None
    try:
        archived = open_archive(archive, create=True)
    except ArchiveError as error:
        raise UsageError(str(error)) from error
    place = place_of(archive)
    given = {name: value for name, value in (settings or {}).items() if not name.startswith(AT_HOME)}
    patience = _seconds(given.pop(PORTAL_WAIT, None))
    by_key = {portal.key: portal for portal in chosen}

    def task(keys: Sequence[str]) -> str:
        return encode(
            CrawlTask(
                tuple(keys),
                registry_of([by_key[key] for key in keys]),
                place,
                years,
                recheck,
                ends.moment.timestamp() if ends else None,
                {**given, PORTAL_WAIT: min(WORKER_WAITS, patience)},
                verbose,
            )
        )

    order = [portal.key for portal in chosen]
    if ends is not None or len(chosen) > IN_ORDER:
        order = _longest_unseen_first(archived, chosen)
    merged = Merged(chosen, str(where))
    with running(verbose), at_engine(where, alone=False) as reached:
        hands = Hands(reached, task, merged.accept, patience)
        if ends is not None:
            hands.ends, hands.time_up = ends.moment.timestamp(), f"time_up: the run was to end at {ends}"
        with heeding(hands):
            hands.run(dealt(order, where.portals or 1))
    return merged.summary(hands.given_up, interrupted=hands.ending == INTERRUPTED)


def _longest_unseen_first(archive: Any, portals: Sequence[Portal]) -> list[str]:
    with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        runs = pool.map(lambda portal: archive.last_run(portal.key) or "", portals)
        return [portal.key for _, portal in sorted(zip(runs, portals, strict=True), key=lambda pair: pair[0])]


def _seconds(value: Any) -> float:
    if value is None:
        from crawler import settings

        return float(settings.PORTAL_WAIT)
    try:
        return float(value)
    except ValueError:
        raise UsageError(f"-s {PORTAL_WAIT} takes seconds, not {value!r}") from None
