"""What has come since a cursor is found by what came since, and is what reading everything would find."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from storage import cursors, layout
from storage.queries import Filters, Selection, select
from tests.exports.conftest import START, Hand

PORTALS = ("mou", "linhu", "shi")


class World:
    """Portals that change, and crawls of them that overlap, are killed, and end in any order."""

    def __init__(self, hand: Hand, seed: int) -> None:
        self.hand = hand
        self.chance = random.Random(seed)
        self.now = START
        self.versions: dict[str, list] = {}
        self.shown: dict[tuple[str, str], str] = {}  # (portal, url) → report
        self.known: dict[str, dict[str, object]] = {portal: {} for portal in PORTALS}  # → url → its last line
        self.open: list[tuple[str, object]] = []
        self.count = 0

    def step(self) -> None:
        self.now += timedelta(minutes=self.chance.randrange(1, 600))
        match self.chance.randrange(8):
            case 0 | 1:
                self._publish()
            case 2:
                self._take_down()
            case 3 | 4 | 5:
                self._crawl()
            case 6:
                self._begin()
            case 7:
                self._end()

    def _url(self, portal: str) -> str:
        host = "www.mou.gov.cn" if self.chance.random() < 0.3 else f"www.{portal}.gov.cn"
        return f"http://{host}/{self.chance.randrange(6)}.html"

    def _publish(self) -> None:
        portal = self.chance.choice(PORTALS)
        report = f"r{self.chance.randrange(8)}"
        self.shown[portal, self._url(portal)] = report

    def _take_down(self) -> None:
        if self.shown:
            del self.shown[self.chance.choice(sorted(self.shown))]

    def _begin(self) -> None:
        self.count += 1
        run = f"{self.now:%Y%m%dT%H%M%SZ}-{self.count:08x}"
        self.open.append((run, self.hand.archive.sightings(run)))

    def _end(self) -> None:
        if self.open:
            run, log = self.open.pop(self.chance.randrange(len(self.open)))
            if self.chance.random() < 0.5:
                return  # killed
            log.close()
            self.hand.end(run, finished=self.now.isoformat())

    def _crawl(self) -> None:
        """A look at one portal: all of it by a run of its own, or a part of it by one that goes on."""
        portal = self.chance.choice(PORTALS)
        if self.open and self.chance.random() < 0.4:
            run, log = self.chance.choice(self.open)
            for url in self._there(portal)[: self.chance.randrange(1, 4)]:
                self._see(run, log, portal, url)
            log.flush()
            return
        self._begin()
        run, log = self.open.pop()
        whole = self.chance.random() < 0.7
        there = self._there(portal)
        for url in there if whole else there[:2]:
            self._see(run, log, portal, url)
            if self.chance.random() < 0.2:
                log.flush()
        for url, line in sorted(self.known[portal].items()):
            if whole and url not in there:
                lost = "gone" if line.outcome in ("missing", "gone") and self.chance.random() < 0.7 else "missing"
                self._line(log, replace(line, run=run, time=self.now, outcome=lost))
        log.close()
        if self.chance.random() < 0.85:
            self.hand.end(run, finished=self.now.isoformat(), portals={portal: {"status": "ok", "settled": whole}})

    def _there(self, portal: str) -> list[str]:
        return sorted(url for at, url in self.shown if at == portal)

    def _see(self, run: str, log, portal: str, url: str) -> None:
        report = self.shown[portal, url]
        line = self.known[portal].get(url)
        if line is not None and line.report_id == report and self.chance.random() < 0.6:
            outcome = self.chance.choice(("listed", "not_modified", "unchanged", "timeout"))
            if outcome == "timeout":
                log.add(self.hand.seen(self.versions[report][-1], outcome, run=run, portal=portal, time=self.now, url=url,
                                       report_id=None, version=None))  # fmt: skip
                return
            self._line(log, replace(line, run=run, time=self.now, outcome=outcome, url=url))
            return
        filed = self.versions.setdefault(report, [])
        if not filed or self.chance.random() < 0.3:
            number = len(filed) + 1
            filed.append(self.hand.version(report, number, run=run, time=self.now, url=url, portal=portal))
            outcome = "new" if number == 1 else "revised"
        else:
            outcome = "copy"
        self._line(log, self.hand.seen(filed[-1], outcome, run=run, portal=portal, time=self.now, url=url))

    def _line(self, log, line) -> None:
        self.hand.archive.point_sighting(line)
        self.known[line.portal][line.url] = line
        log.add(line)


class Everything(Selection):
    """The same question, answered from all that is kept."""

    near = None


def answers(archive, since, **filters):
    found = []
    for kind in (Selection, Everything):
        selection = kind(archive, Filters(**filters), all_versions=False, since=since)
        records = [selected.record for selected in selection]
        found.append((records, selection.cursor))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_what_came_since_is_what_reading_everything_would_find(archive, hand, seed):
    world = World(hand, seed)
    cursor, held = None, {}
    for _ in range(14):
        for _ in range(world.chance.randrange(1, 8)):
            world.step()
        (records, cursor), (everything, other) = answers(archive, cursor)
        assert records == everything
        decoded = [cursors.decode(each, archive.runs()) for each in (cursor, other)]
        assert decoded[0].runs == decoded[1].runs
        assert decoded[0].batches == decoded[1].batches
        for record in records:
            held[record["report_id"]] = record
    assert {report: (record["version"], record["status"]) for report, record in held.items()} == {
        selected.version.report_id: (selected.version.number, selected.status) for selected in select(archive)
    }


@pytest.fixture
def counted(archive, monkeypatch):
    """The keys that were read."""
    keys = []
    get = archive.store.get
    monkeypatch.setattr(archive.store, "get", lambda key: (keys.append(key), get(key))[1])
    return keys


def crawl(hand, run, portal, lines, *, time, settled=True):
    """A crawl of one portal to its end: a line for every location."""
    hand.sight(*(replace(line, run=run, portal=portal, time=time) for line in lines))
    hand.end(run, finished=time.isoformat(), portals={portal: {"status": "ok", "settled": settled}})


def test_only_what_came_since_is_read_and_what_was_known_before(archive, hand, counted):
    """Ten portals, crawled six times each; then one of them shows a new report and has lost one."""
    portals = [f"portal-{number}" for number in range(10)]
    lines = {}
    for portal in portals:
        filed = [hand.version(f"{portal}-{n}", portal=portal, url=f"http://{portal}.cn/{n}.html") for n in range(3)]
        lines[portal] = [hand.seen(version, "new") for version in filed]
    for week in range(6):
        for portal in portals:
            crawl(hand, f"2023{week + 1:02d}20T020000Z-{portal}", portal, lines[portal], time=hand.day(30 * week))
    full = select(archive)
    list(full)

    newcomer = hand.version("newcomer", portal="portal-3", url="http://portal-3.cn/9.html", time=hand.day(200))
    first, *others = lines["portal-3"]
    news = [replace(first, outcome="missing"), *others, hand.seen(newcomer, "new")]
    crawl(hand, "20230820T020000Z-x", "portal-3", news, time=hand.day(200))
    crawl(hand, "20230820T020000Z-y", "portal-4", lines["portal-4"], time=hand.day(200))
    counted.clear()
    listed = []
    listing = archive.store.list
    archive.store.list = lambda prefix, *more: (listed.append(prefix), listing(prefix, *more))[1]
    given = select(archive, since=full.cursor)
    assert [selected.version.report_id for selected in given] == ["newcomer", "portal-3-0"]
    read = {key for key in counted if key.startswith(layout.SIGHTINGS)}
    assert {key.split("/")[1] for key in read} == {"portal-3", "portal-4"}
    assert len([key for key in read if "portal-4" in key]) == 2, "what is new, and the settled crawl before it"
    assert len([key for key in counted if key.startswith(layout.REPORTS)]) == 2
    assert layout.REPORTS not in listed, "no listing of all reports"


def test_asked_for_some_portals_only_they_are_read(archive, hand, counted):
    for number in range(4):
        province, portal = "33" if number < 2 else "37", f"portal-{number}"
        hand.file(f"r{number}", run=f"run-{number}", portal=portal, province=province, url=f"http://{portal}.cn/1.html")
        hand.end(f"run-{number}", portals={portal: {"status": "ok"}})
    for filters, expected in (({"portals": ("portal-2",)}, ["r2"]), ({"provinces": ("33",)}, ["r0", "r1"])):
        counted.clear()
        selection = select(archive, Filters(**filters))
        assert [selected.version.report_id for selected in selection] == expected
        assert {key.split("/")[1] for key in counted if key.startswith(layout.SIGHTINGS)} == {
            f"portal-{report[1:]}" for report in expected
        }
        assert list(select(archive, Filters(**filters), since=selection.cursor)) == []
    assert list(select(archive, Filters(provinces=("44",)))) == [], "a province of which nothing is kept"


def test_what_a_crawl_that_began_earlier_saw_later_is_known(archive, hand):
    """A long crawl finds a report missing after two short ones that began and ended meanwhile had seen it."""
    version = hand.version("aa01")
    line = hand.seen(version, "new")
    crawl(hand, "20230120T020000Z-a", "mou", [line], time=hand.day(0))
    crawl(hand, "20230122T020000Z-a", "mou", [replace(line, outcome="listed")], time=hand.day(2))
    crawl(hand, "20230123T020000Z-a", "mou", [replace(line, outcome="listed")], time=hand.day(3))
    crawl(hand, "20230121T020000Z-a", "mou", [replace(line, outcome="missing")], time=hand.day(4))
    full = select(archive)
    assert [selected.status for selected in full] == ["missing"]
    crawl(hand, "20230125T020000Z-a", "mou", [replace(line, outcome="listed")], time=hand.day(5))
    assert [selected.status for selected in select(archive, since=full.cursor)] == ["live"]


def test_a_report_that_gives_its_place_to_another_is_news_and_so_is_its_return(archive, hand):
    url = "http://www.mou.gov.cn/one.html"
    one = hand.version("aa01", url=url)
    crawl(hand, "20230120T020000Z-a", "mou", [hand.seen(one, "new")], time=hand.day(0), settled=False)
    full = select(archive)
    list(full)
    cursor = full.cursor
    other = hand.version("bb01", url=url)
    for day, line in enumerate((hand.seen(other, "new"), hand.seen(one, "copy"), hand.seen(other, "copy")), 1):
        crawl(hand, f"202301{20 + day}T020000Z-a", "mou", [line], time=hand.day(day), settled=False)
        selection = select(archive, since=cursor)
        given = {selected.version.report_id: selected.status for selected in selection}
        cursor = selection.cursor
        assert given == {line.report_id: "live", {"aa01": "bb01", "bb01": "aa01"}[line.report_id]: "missing"}


def test_what_a_killed_run_filed_comes_when_it_is_sighted(archive, hand):
    hand.file("aa01")
    hand.end("run-1")
    full = select(archive)
    list(full)
    hand.version("bb01", run="run-2", time=hand.day(1))  # killed before the sighting was written
    then = select(archive, since=full.cursor)
    assert list(then) == []
    hand.sight(hand.seen(archive.version("bb01", 1), "unchanged", run="run-3", time=hand.day(2)))
    hand.end("run-3")
    last = select(archive, since=then.cursor)
    assert [selected.version.report_id for selected in last] == ["bb01"]
    assert list(select(archive, since=last.cursor)) == []


def test_a_version_given_before_it_was_sighted_is_not_given_again(archive, hand):
    hand.file("aa01")
    hand.end("run-1")
    version = hand.version("aa01", 2, run="run-2", time=hand.day(1))
    hand.end("run-2")
    full = select(archive)
    assert [selected.version.number for selected in full] == [2]
    hand.file("cc01", run="run-3", time=hand.day(2))
    hand.end("run-3")
    then = select(archive, since=full.cursor)
    assert [selected.version.report_id for selected in then] == ["cc01"]
    hand.sight(hand.seen(version, "unchanged", run="run-4", time=hand.day(3)))
    hand.end("run-4")
    last = select(archive, since=then.cursor)
    assert list(last) == []
    assert cursors.decode(last.cursor, archive.runs()).filed == frozenset()
