"""One run summary (contract §4) of a run that many machines made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from crawler.engines.handing import Again, Hand
from crawler.items import Portal, PortalStatus
from spiders.ledger import NO_COUNTERS, run_id
from spiders.watch import COUNTERS, INTERRUPTED

ADDED_UP = ("new", "revised", "copies", "requests", "bytes")  # over the crawls of a portal that was begun again


class Merged:
    """The portals' lines as they come in."""

    def __init__(self, portals: Sequence[Portal], engine: str) -> None:
        self.started = datetime.now(UTC)
        self.run = run_id(self.started)
        self.engine = engine
        self._portals = portals
        self._lines: dict[str, dict[str, Any]] = {}
        self._runs: dict[str, list[str]] = {}
        self._notices: dict[str, list[Mapping[str, Any]]] = {}
        self.settled = 0

    def accept(self, hand: Hand, summary: Mapping[str, Any]) -> Sequence[Again]:
        """Take in what a worker's crawl says of a hand's portals; which of them are to be handed out again."""
        again = []
        for key in hand.portals:
            line = dict(summary["portals"][key])
            reason = str(line["reason"] or "")
            held = reason.startswith("held:")
            if not held:
                before = self._lines.get(key)
                for name in ADDED_UP if before else ():
                    line[name] += before[name] if before else 0
                self._runs.setdefault(key, []).append(summary["run"])
            if not held or key not in self._lines:
                self._lines[key] = line
            self._notices[key] = [said for said in summary.get("notices", ()) if said["portal"] == key]
            if held or reason.startswith("lease_lost:") or reason == INTERRUPTED:
                again.append(Again((key,), held))
            else:
                self.settled += 1
        return again

    def summary(self, given_up: Mapping[str, str], *, interrupted: bool) -> dict[str, Any]:
        """All portals in the registry's order; those that no worker had a turn at, or that were given up, say why."""
        portals = {}
        for portal in self._portals:
            line = self._lines.get(portal.key) or _nothing(portal)
            reason = given_up.get(portal.key)
            if reason is not None:
                line = {**line, "status": PortalStatus.INCOMPLETE.value, "reason": reason, "interrupted": True}
            portals[portal.key] = line
        totals = Counter(dict.fromkeys((*COUNTERS, "columns"), 0))
        for line in portals.values():
            totals.update({n: v for n, v in line.items() if type(v) is int and n not in NO_COUNTERS})
        notices = [said for portal in self._portals for said in self._notices.get(portal.key, ())]
        return {
            "run": self.run,
            "started": self.started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "provinces": sorted({portal.province for portal in self._portals}),
            "portals": portals,
            "totals": dict(totals),
            "engine": self.engine,
            "runs": self._runs,
            **({"interrupted": True} if interrupted else {}),
            **({"notices": notices} if notices else {}),
        }


def _nothing(portal: Portal) -> dict[str, Any]:
    return {
        "status": PortalStatus.INCOMPLETE.value,
        "reason": "no worker had a turn at it",
        **dict.fromkeys(("columns", *COUNTERS), 0),
        "platform": portal.platform,
        "settled": False,
    }
