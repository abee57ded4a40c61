"""A portal that stands as it was costs one line a night, and everyone is told the same as with a line for each page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.items import STANDING
from storage import open_archive
from tests.job.conftest import Nianbao
from tests.job.test_epochs import article
from tests.job.world import Site, world

PAGES = 24


def lines(nianbao: Nianbao, summary: dict[str, Any]) -> list[tuple[str, str]]:
    """What one run wrote of the portal: outcome and path."""
    seen = open_archive(nianbao.archive).iter_sightings("still")
    return sorted((look.outcome, look.url.rpartition(".gov.cn")[2]) for look in seen if look.run == summary["run"])


def seen_last(nianbao: Nianbao) -> dict[str, tuple[str, str]]:
    records = nianbao.records()
    return {r["title"]: (r["status"], r["locations"][0]["last_seen"]) for r in records}


def publish(site: Site, number: int) -> None:
    site.add(f"/{number}.html", article(f"静安县第{number}小学", 2019))


def test_what_stands_is_said_once(tmp_path: Path) -> None:
    with world(tmp_path) as it:
        still = it.site("still", "静安县人民政府")
        for number in range(PAGES):
            publish(still, number)
        long = f"/{'a' * 2100}.html"
        nianbao = Nianbao(it.write_registry(tmp_path / "registry"), str(tmp_path / "archive"), it.environment)
        first = nianbao.crawl()
        assert len(lines(nianbao, first)) == PAGES
        before = seen_last(nianbao)

        second = nianbao.crawl("--recheck", "due")
        assert lines(nianbao, second) == [(STANDING, "/")]
        assert second["portals"]["still"]["settled"]
        assert second["portals"]["still"]["rests_on"] == first["run"]
        assert second["portals"]["still"]["not_due"] == PAGES
        after = seen_last(nianbao)
        assert {title: status for title, (status, _) in after.items()} == dict.fromkeys(before, "live")
        assert all(after[title][1] > before[title][1] for title in before)

        still.add(long, article("静安县第一中学", 2019))
        cut = nianbao.crawl(expect=1)  # one address is too long to be asked for: said, and the rest is whole
        assert cut["portals"]["still"]["failures"] == {"address_too_long": 1}
        assert lines(nianbao, cut) == [("address_too_long", long), (STANDING, "/")]
        del still.articles[long]

        gone = still.articles.pop("/3.html")
        publish(still, PAGES)
        third_began = datetime.now(UTC).isoformat()
        third = nianbao.crawl("--recheck", "all")
        assert [outcome for outcome, _ in lines(nianbao, third) if outcome != "unchanged"] == [
            "listed",
            "missing",
            "new",
            STANDING,
        ]
        assert third["portals"]["still"]["rests_on"] == first["run"]
        told = seen_last(nianbao)
        assert told[gone.title][0] == "missing"
        assert after[gone.title][1] <= told[gone.title][1] < third_began
        assert sum(status == "live" for status, _ in told.values()) == PAGES
        state = open_archive(nianbao.archive).state("still")
        assert (state.whole, state.complete) == (first["run"], third["run"])

        still.add("/3.html", gone)
        fourth = nianbao.crawl()  # there is as much to read by now as a line for each would be
        assert "rests_on" not in fourth["portals"]["still"]
        assert seen_last(nianbao)[gone.title][0] == "live"

        years = nianbao.crawl("--years", "2019", expect=None)  # not complete: a line for each
        assert len(lines(nianbao, years)) == PAGES + 1
        assert "rests_on" not in years["portals"]["still"]

        nianbao("verify")
