"""``nianbao reread --engine …``: what every portal published, read again by some worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.engines.handing import Again, Hand, Hands, dealt
from crawler.engines.naming import named
from crawler.engines.serving import at_engine, heeding, running
from crawler.engines.tasks import RereadTask, encode, place_of
from spiders.watch import INTERRUPTED
from storage import open_archive
from storage.queries import asked_portals

if TYPE_CHECKING:
    from storage.queries import Filters

PORTALS = range(8, 33)  # a task: to start readers takes as much CPU as to read what a small portal published
TASKS_A_PLACE = 4  # at least, so that no machine waits for the last one


@dataclass
class Reread:
    """What came of it."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)
    given_up: Mapping[str, str] = field(default_factory=dict)  # portal → why
    interrupted: bool = False

    def accept(self, hand: Hand, summary: Mapping[str, Any]) -> Sequence[Again]:
        self.counts.update(summary["counts"])
        self.failures.extend(summary["failures"])
        return ()


def reread_on(
    engine: str, archive: str, filters: Filters, *, everything: bool = False, workers: int | None = None
) -> Reread:
    """Has the workers of an engine read the versions again that the filters choose, portal by portal.

    Raises ``UsageError`` where the call is wrong, and where a worker is not what it must be.
    """
    where = named(engine)
    archived = open_archive(archive)
    asked = asked_portals(archived, filters)
    portals = archived.portals() if asked is None else sorted(asked)
    place = place_of(archive)
    said = asdict(filters)
    if filters.as_of is not None:
        said["as_of"] = filters.as_of.isoformat()

    def task(keys: Sequence[str]) -> str:
        return encode(RereadTask(tuple(keys), place, said, everything, workers))

    found = Reread()
    with running(verbose=False), at_engine(where, alone=True) as reached:
        hands = Hands(reached, task, found.accept)
        fair = len(portals) // (TASKS_A_PLACE * max(1, reached.places()))
        together = where.portals or min(max(fair, PORTALS[0]), PORTALS[-1])
        with heeding(hands):
            hands.run(dealt(portals, together))
    found.given_up, found.interrupted = hands.given_up, hands.ending == INTERRUPTED
    return found
