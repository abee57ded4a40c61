"""What a run saw, written as it is seen; and the state of a portal, read back from it.

One object holds some 200 sightings of one portal, so a killed run has up to the last 20 seconds of a portal unsaid. Of what
it filed, the next run says so in its place (``unsaid``), and whatever it saw is jotted down (``storage.jottings``).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from crawler.errors import ArchiveError
from crawler.items import STANDING, Kind, Sighting, Verdict, Version
from crawler.urls import location
from storage import codec, layout
from storage.jottings import Jottings
from storage.stores import ObjectStore

LINES = 200
SECONDS = 20.0
WORTH_RESTING = 20  # known locations from which on it is worth to say of those that stand all at once
RESTS_FOR = 14  # runs before every location has a line again

BELONGINGS = frozenset({"attachment", "part"})  # outcomes of locations that are no pages of their own
CONTENT_OUTCOMES = frozenset(Verdict) | BELONGINGS
# What a line that saw no content takes over from the line before it: all but when, where and how the look went.
_OWN = {"run", "portal", "time", "url", "outcome", "status", "missed_since", "missed_runs"}
INHERITED = tuple(item.name for item in fields(Sighting) if item.name not in _OWN)


# ---------------------------------------------------------------- writing


@dataclass(slots=True)
class _Buffer:
    lines: list[Sighting] = field(default_factory=list)
    since: float = 0.0
    number: int = 1  # of the object these lines go into
    jotted: set[int] = field(default_factory=set)  # numbers under which lines not stored yet were jotted down
    writing: threading.Lock = field(default_factory=threading.Lock)


class SightingLog:
    """The sightings of one run. ``add`` never waits for the store; any thread may call any method."""

    def __init__(self, store: ObjectStore, run: str, jottings: Jottings) -> None:
        self.run = run
        self._store = store
        self._jottings = jottings
        self._buffers: dict[str, _Buffer] = {}
        self._changed = threading.Condition()
        self._writer: threading.Thread | None = None
        self._failure: ArchiveError | None = None
        self._closed = False

    def add(self, sighting: Sighting) -> None:
        """Take down one sighting; durable after the next ``flush``, which a full or old buffer brings about itself.

        Raises the ``ArchiveError`` that writing the ones before has met; what is taken down is kept for ``flush``.
        """
        if sighting.run != self.run:
            raise ValueError(f"a sighting of run {sighting.run} in the log of run {self.run}")
        with self._changed:
            buffer = self._buffers.setdefault(sighting.portal, _Buffer())
            if not buffer.lines:
                buffer.since = time.monotonic()
            buffer.lines.append(sighting)
            if sighting.outcome in CONTENT_OUTCOMES:  # of what was not had the next run has to ask again
                self._jottings.jot(sighting, buffer.number)
                buffer.jotted.add(buffer.number)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_what_is_due, name="sightings", daemon=True)
                self._writer.start()
            if len(buffer.lines) >= LINES:
                self._changed.notify()
            failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def flush(self, portal: str | None = None) -> None:
        """Store what has been taken down: of one portal, or of all."""
        with self._changed:
            portals = list(self._buffers) if portal is None else [portal] if portal in self._buffers else []
        for each in portals:
            self._write(each, self._buffers[each])

    def close(self) -> None:
        """Store everything taken down so far."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self.flush()
        self._jottings.close(self.run)

    def _write_what_is_due(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                now = time.monotonic()
                filled = [(key, buffer) for key, buffer in self._buffers.items() if buffer.lines]
                due = [(k, b) for k, b in filled if len(b.lines) >= LINES or now - b.since >= SECONDS]
                if not due or self._failure is not None:
                    soonest = min((b.since + SECONDS - now for _, b in filled), default=SECONDS)
                    self._changed.wait(min(max(soonest, 0.05), SECONDS) if self._failure is None else SECONDS)
                    continue
            for portal, buffer in due:
                try:
                    self._write(portal, buffer)
                except ArchiveError as error:
                    with self._changed:
                        self._failure = error

    def _write(self, portal: str, buffer: _Buffer) -> None:
        with buffer.writing:
            with self._changed:
                if not buffer.lines:
                    return
                lines, buffer.lines = buffer.lines, []
                jotted, buffer.jotted = buffer.jotted, set()
                number, buffer.number = buffer.number, buffer.number + 1
            try:
                data = codec.encode_sightings(lines)
                self._store.settle()  # the pointers made for these lines, before the lines
                while not self._store.create(layout.sightings_key(portal, self.run, number), data):
                    with self._changed:
                        number, buffer.number = buffer.number, buffer.number + 1
            except BaseException:
                with self._changed:
                    buffer.lines[:0] = lines
                    buffer.jotted |= jotted
                raise
            self._jottings.said(portal, self.run, sorted(jotted))


# ---------------------------------------------------------------- reading


Work = tuple[str | None, int | None, str | None]


@dataclass(frozen=True, slots=True)
class PortalState:
    """What is known of a portal when its next crawl begins."""

    portal: str
    locations: dict[str, Sighting] = field(default_factory=dict)  # by crawler.urls.identity of the address
    unfinished: frozenset[str] = frozenset()  # runs that were killed or interrupted since the last complete one
    # The same and those done here but cut off elsewhere, until the last that ended; newest first.
    cut_off: tuple[str, ...] = ()
    complete: str | None = None  # the last run that was complete for this portal
    whole: str | None = None  # the last run that left a line for every location there was
    runs_since: int = 0  # that sighted anything, and the lines they left
    lines_since: int = 0
    before: Mapping[str, Any] | None = None  # what the newest run that was done with the portal says of it
    lists: Mapping[str, Any] = field(default_factory=dict)  # what that run's summary says of its lists
    _works: dict[Work, list[Sighting]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def rests(self) -> bool:
        """Whether a complete run may leave lines for those locations alone of which there is something else to say. What
        the next one has to read stays below twice what it would be otherwise."""
        known = len(self.locations)
        return (
            self.whole is not None
            and known >= WORTH_RESTING
            and self.lines_since < known
            and self.runs_since < RESTS_FOR
        )

    def learn(self, sighting: Sighting) -> None:
        """One more location is known. Pages are judged by the state meanwhile, in threads of their own."""
        self.locations[location(sighting.url)] = sighting
        if self._works:
            self._works.setdefault(_work(sighting), []).append(sighting)

    def by_work(self) -> Mapping[Work, Sequence[Sighting]]:
        """(agency, report year, title) → its locations. Worked out once: it is asked for with every page."""
        if not self._works:
            works: dict[Work, list[Sighting]] = {}
            for sighting in tuple(self.locations.values()):
                works.setdefault(_work(sighting), []).append(sighting)
            self._works.update(works)
        return self._works


def _work(sighting: Sighting) -> Work:
    return sighting.agency, sighting.report_year, sighting.title


def unsaid(version: Version, column: str) -> tuple[Sighting, ...]:
    """What a killed run saw when it filed a version and had no time to say: of its page, and of its attachments.

    Empty where that does not follow from the version: something that belongs to it was not had, or its body goes on in
    parts, whose addresses a version does not tell.
    """
    reading = version.reading
    lost = any(remark.code == "belonging.lost" for remark in reading.remarks)
    if lost or version.parts or reading.frames or reading.further_pages:
        return ()
    verdict = Verdict.NEW if reading.kind is Kind.ANNUAL_REPORT else Verdict.NOT_A_REPORT
    seen = Sighting(
        run=version.run, portal=version.portal, time=version.first_seen, url=version.url,
        outcome=Verdict.REVISED if version.number > 1 else verdict, fetched=version.first_seen,
    )  # fmt: skip
    files = tuple(
        replace(seen, url=attachment.url, outcome="attachment", payload_digest=attachment.digest)
        for attachment in version.attachments
    )
    page = replace(
        seen,
        report_id=version.report_id,
        version=version.number,
        kind=reading.kind,
        title=reading.title,
        agency=reading.agency,
        report_year=reading.report_year,
        index_number=reading.index_number,
        column=column,
        payload_digest=version.payload_digest,
        body_digest=reading.body_digest,
        metadata_digest=reading.metadata_digest,
        attachments_digest=version.attachments_digest,
        extractor=reading.extractor,
        attachments=tuple(file.url for file in files),
    )
    return (*files, page)


def settled(summary: Mapping[str, Any] | None, portal: str) -> bool:
    """Whether a run was complete for the portal and said of every known location how it was found."""
    return _outcome(summary, portal).get("settled") is True


def whole(summary: Mapping[str, Any] | None, portal: str) -> bool:
    """Whether a run left one line for every known location of the portal, so that nothing before it need be read."""
    return settled(summary, portal) and "rests_on" not in _outcome(summary, portal)


def unfinished(summary: Mapping[str, Any] | None, portal: str) -> bool:
    """Whether a run ended before it was done with the portal."""
    outcome = _outcome(summary, portal)
    if summary is None or outcome.get("interrupted"):
        return True
    return bool(summary.get("interrupted")) and outcome.get("settled") is not True


def cut_off(summary: Mapping[str, Any] | None, portal: str) -> bool:
    """Whether a run was killed or interrupted, here or at another portal."""
    return unfinished(summary, portal) or bool((summary or {}).get("interrupted"))


def done_with(summary: Mapping[str, Any] | None, portal: str) -> Mapping[str, Any] | None:
    """What a run says of a portal that it was done with."""
    return None if unfinished(summary, portal) else _outcome(summary, portal) or None


def lists(summary: Mapping[str, Any] | None, portal: str) -> Mapping[str, Any]:
    """What a run remembered of the portal's lists."""
    found = _outcome(summary, portal).get("lists")
    return found if isinstance(found, Mapping) else {}


def _outcome(summary: Mapping[str, Any] | None, portal: str) -> Mapping[str, Any]:
    portals = summary.get("portals") if summary is not None else None
    outcome = portals.get(portal) if isinstance(portals, Mapping) else None
    return outcome if isinstance(outcome, Mapping) else {}


def newest(sightings: Iterable[Sighting]) -> dict[str, Sighting]:
    """The newest sighting of each location, from sightings in the order they were made.

    A document can be a page's attachment and an entry of the column too: what was seen of it as a report stands.
    """
    locations: dict[str, Sighting] = {}
    for sighting in sightings:
        if sighting.outcome == STANDING:
            continue  # what is known of them stands, too
        place = location(sighting.url)
        earlier = locations.get(place)
        if earlier is None or earlier.outcome in BELONGINGS:
            locations[place] = sighting
        elif sighting.outcome not in BELONGINGS:
            locations[place] = inherit(sighting, earlier)
    return locations


def inherit(sighting: Sighting, earlier: Sighting) -> Sighting:
    """The sighting with what it did not see itself, because it saw no content, taken over from the earlier one."""
    if sighting.outcome in CONTENT_OUTCOMES:
        return sighting
    absent = {name for name in INHERITED if getattr(sighting, name) in (None, ())}
    return replace(sighting, **{name: getattr(earlier, name) for name in absent})
