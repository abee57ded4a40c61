"""What a night costs: lists, and what is due. Nobody else at the portal, and an end when it is time."""

from __future__ import annotations

import json
import re
import signal
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.samples import SampleSite
from tests.job.conftest import Nianbao

ARTICLE = re.compile(r"/(?:art|t\d|content|info)[_/]?\d*")


def asked(site: SampleSite, portal: str) -> list[str]:
    return [request.path for request in site.requests[portal] if request.path != "/robots.txt"]


def forget(site: SampleSite) -> None:
    for requests in site.requests.values():
        requests.clear()


@pytest.mark.parametrize("site", [["lanxi"]], indirect=True)
def test_a_list_that_stands_as_it_was_is_not_walked_again(site: SampleSite, nianbao: Nianbao) -> None:
    nianbao.crawl()
    forget(site)
    assert nianbao.crawl()["portals"]["lanxi"]["lists_unwalked"] == 1
    assert len(asked(site, "lanxi")) == 1
    forget(site)
    assert "lists_unwalked" not in nianbao.crawl("--recheck", "all")["portals"]["lanxi"]
    assert len(asked(site, "lanxi")) > 20


@pytest.mark.parametrize("site", [["beiling"]], indirect=True)
def test_a_second_run_waits_for_the_first_and_says_so(site: SampleSite, nianbao: Nianbao) -> None:
    site.write_registry(nianbao.registry, delay=0.2)
    first = nianbao.start()
    while len(site.requests["beiling"]) < 3:
        assert first.poll() is None
        time.sleep(0.05)
    left = nianbao("crawl", "--portals", str(nianbao.registry), "-s", "PORTAL_WAIT=0", "--json", expect=1)
    portal = json.loads(left.stdout)["portals"]["beiling"]
    assert portal["status"] == "incomplete"
    assert portal["reason"].startswith("held: run ")
    assert portal["requests"] == 0
    assert "is at beiling" in left.stderr
    waited = nianbao.crawl()
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert waited["portals"]["beiling"]["status"] == "ok"
    assert waited["portals"]["beiling"]["not_due"] == waited["portals"]["beiling"]["entries"]
    nianbao("verify")


@pytest.mark.parametrize("site", [["beiling"]], indirect=True)
def test_a_run_that_is_to_end_ends_then_and_the_next_one_goes_on(
    site: SampleSite, nianbao: Nianbao, tmp_path: Path
) -> None:
    for seconds in (6, 20):  # a busy machine may not have begun after six; all of it would take 25
        here = replace(nianbao, archive=str(tmp_path / f"until-{seconds}"))
        forget(site)
        site.write_registry(nianbao.registry, delay=1.0)
        end = datetime.now().astimezone() + timedelta(seconds=seconds)
        words = ("--json", "--until", f"{end:%H:%M:%S}")
        done = here("crawl", "--portals", str(here.registry), *words, expect=None)
        late = datetime.now().astimezone() - end
        cut = json.loads(done.stdout)
        if asked(site, "beiling") and cut["portals"]["beiling"]["status"] != "ok":
            break
    portal = cut["portals"]["beiling"]
    assert done.returncode == 1
    assert portal["status"] == "incomplete"
    assert portal["reason"].startswith("time_up: ")
    assert "interrupted" not in cut
    assert late < timedelta(seconds=10)
    assert asked(site, "beiling")
    site.write_registry(nianbao.registry)
    whole = here.crawl()
    assert whole["portals"]["beiling"]["status"] == "ok"
    articles = [path for path in asked(site, "beiling") if ARTICLE.search(path)]
    assert len(articles) - len(set(articles)) <= 1  # the one under way


def test_an_end_that_is_no_time_is_said(nianbao: Nianbao) -> None:
    wrong = nianbao("crawl", "--portals", str(nianbao.registry), "--until", "25:00", expect=2)
    assert "HH:MM" in wrong.stderr


@pytest.mark.parametrize("site", [["linyuan"]], indirect=True)
def test_what_an_interrupted_run_had_in_hand_is_whole_after_the_next(
    site: SampleSite, nianbao: Nianbao, tmp_path: Path
) -> None:
    whole = replace(nianbao, archive=str(tmp_path / "whole"))
    whole.crawl()
    works = whole.works()
    for asked_before in (16, 24):
        cut = replace(nianbao, archive=str(tmp_path / f"cut-{asked_before}"))
        forget(site)
        site.write_registry(nianbao.registry, delay=0.15)
        run = cut.start()
        while len(site.requests["linyuan"]) < asked_before:
            assert run.poll() is None
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)
        assert run.returncode == 130
        site.write_registry(nianbao.registry)
        assert cut.crawl()["portals"]["linyuan"]["status"] == "ok"
        assert cut.works() == works, f"interrupted after {asked_before} requests"
