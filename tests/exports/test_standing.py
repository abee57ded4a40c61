"""A night of which one line says that all the rest stands tells every consumer what a line for each would."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.items import STANDING, Sighting
from crawler.urls import location
from spiders.carried import says_nothing_new
from storage import Archive, open_archive
from storage.queries import Filters, Selection, history, select
from tests.exports.conftest import START, Hand

pytest.importorskip("starlette", reason="the web view is an extra")
from crawler.web.index import Index

PORTALS = ("mou", "linhu")
PLACES = 7


class Nights:
    """Two portals, crawled one after the other night by night; each night written twice: with a line for every location,
    and with one for what stands."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.hands = [Hand(open_archive(str(folder / name), create=True)) for name in ("each", "standing")]
        self.chance = random.Random(seed)
        self.lines: dict[tuple[str, str], Sighting] = {}  # as a crawl's state has them
        self.whole: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self.night = 0

    def go_by(self, complete: bool) -> None:
        self.night += 1
        for portal in PORTALS:
            now = START + timedelta(days=self.night, hours=PORTALS.index(portal))
            run = f"{now:%Y%m%dT%H%M%SZ}-{self.night:08x}"
            own, stood = [], []
            for place in range(PLACES):
                host = "www.mou.gov.cn" if place < 2 else f"www.{portal}.gov.cn"
                line, stands = self._look(run, portal, f"http://{host}/{place}.html", now)
                (stood if stands else own).extend([line] if line else [])
            rests = complete and portal in self.whole and self.chance.random() < 0.8
            ended = {"status": "ok" if complete else "incomplete", "settled": complete}
            if not rests and complete:
                self.whole[portal] = run
            standing = Sighting(
                run, portal, now, f"http://www.{portal}.gov.cn/", STANDING, fetched=now + timedelta(minutes=5)
            )
            for hand, lines, more in zip(
                self.hands,
                ((*own, *stood), (*own, standing) if rests else (*own, *stood)),
                ({}, {"rests_on": self.whole[portal]} if rests else {}),
                strict=True,
            ):
                if lines:
                    hand.sight(*lines)
                hand.end(run, finished=now.isoformat(), portals={portal: {**ended, **more}})

    def _look(self, run: str, portal: str, url: str, now) -> tuple[Sighting | None, bool]:
        """What is seen there, and whether that is what was known."""
        known, at = self.lines.get((portal, url)), now + timedelta(minutes=5)
        match self.chance.randrange(10):
            case 0 | 1 if known is None or known.outcome != "gone":
                report = f"r{self.chance.randrange(5)}"
                number = self.numbers[report] = self.numbers.get(report, 0) + self.chance.choice((0, 1)) or 1
                filed = [self._filed(hand, report, number, run, portal, url, at) for hand in self.hands]
                line = self.hands[0].seen(filed[0], "revised", run=run, portal=portal, time=at, url=url)
            case 2 if known is not None:
                lost = "gone" if known.outcome in ("missing", "gone") else "missing"
                line = replace(known, run=run, time=at, outcome=lost, missed_runs=known.missed_runs + 1)
            case 3 if known is not None:
                line = replace(known, run=run, time=at, outcome="timeout", status=None)
            case 4 if known is not None and known.outcome not in ("missing", "gone"):
                line = replace(known, run=run, time=at, outcome="unchanged")
            case _:
                if known is None:
                    return None, False
                outcome = known.outcome if known.outcome == "gone" else "listed"
                line = replace(known, run=run, time=now, outcome=outcome, missed_runs=0)
                stands = says_nothing_new(line, known)
                self.lines[portal, url] = line
                return line, stands
        self.lines[portal, url] = line
        return line, False

    def _filed(self, hand: Hand, report: str, number: int, run: str, portal: str, url: str, at):
        if number in hand.archive.version_numbers(report):
            return hand.archive.filed(report, number)
        return hand.version(report, number, run=run, portal=portal, url=url, time=at)


def told(archive: Archive, **filters) -> list[dict]:
    return [selected.record for selected in select(archive, Filters(**filters), all_versions=True)]


def timeline(archive: Archive, report: str) -> list[tuple]:
    """Every look at a report; of what is gone the first that says so."""
    looks, gone = [], set()
    for look in history(archive, report).sightings:
        place = look.portal, location(look.url)
        if not (look.outcome == "gone" and place in gone):
            looks.append((look.time, *place, look.outcome, look.version))
        (gone.add if look.outcome == "gone" else gone.discard)(place)
    return sorted(looks, key=str)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_told_is_the_same_as_with_a_line_for_every_location(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)
    nights = Nights(tmp_path, seed)
    each, standing = (hand.archive for hand in nights.hands)
    indexes = [Index(tmp_path / f"{number}.sqlite", archive.uri) for number, archive in enumerate((each, standing))]
    cursors = [None, None]
    for _ in range(12):
        nights.go_by(complete=nights.chance.random() < 0.8)
        news = []
        for number, archive in enumerate((each, standing)):
            selection = Selection(archive, Filters(), all_versions=False, since=cursors[number])
            news.append([selected.record for selected in selection])
            cursors[number] = selection.cursor
        assert news[0] == news[1]
        if nights.chance.random() < 0.5:
            for index, archive in zip(indexes, (each, standing), strict=True):
                index.refresh(archive)
    assert told(each) == told(standing)
    assert told(each, portals=("linhu",)) == told(standing, portals=("linhu",))
    for time in (START + timedelta(days=8, hours=12), START + timedelta(days=10, minutes=5)):
        assert told(each, as_of=time) == told(standing, as_of=time)
    within = START + timedelta(days=9, minutes=2)  # a crawl is going on
    for one, other in zip(told(each, as_of=within), told(standing, as_of=within), strict=True):
        assert [place["url"] for place in one["locations"]] == [place["url"] for place in other["locations"]]
        assert all(a["last_seen"] >= b["last_seen"] for a, b in zip(one["locations"], other["locations"], strict=True))
    for report in sorted(nights.numbers):
        assert timeline(each, report) == timeline(standing, report)
    for index, archive in zip(indexes, (each, standing), strict=True):
        index.refresh(archive)
    spans = (
        "select portal, places.place, spans.outcome, spans.report_id, spans.version, spans.first, "
        "iif(spans.outcome = 'gone', null, spans.last), iif(spans.outcome = 'gone', null, looks) "
        "from spans join places on places.id = spans.place order by portal, places.place, number"
    )
    statuses = "select report_id, status from reports order by report_id"
    for question in (spans, statuses):
        assert [tuple(row) for row in indexes[0].rows(question)] == [tuple(row) for row in indexes[1].rows(question)]
    for portal in PORTALS:
        here, there = each.state(portal), standing.state(portal)
        assert there.locations.keys() == here.locations.keys()
        for place, known in here.locations.items():
            other = there.locations[place]
            if known.outcome != other.outcome:
                assert known.outcome == "listed"
            assert replace(other, run=known.run, time=known.time, outcome=known.outcome) == known
    lines = [sum(1 for _ in archive.iter_sightings()) for archive in (each, standing)]
    assert lines[1] < lines[0]
