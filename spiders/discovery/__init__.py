"""Discovery: from a portal's home page alone to its annual-report columns.

The way is 首页 → 政府信息公开 → 政府信息公开年报. ``steps`` reads one page of it and says which links are columns,
which lead on, which lead to another host of the government, and which it could not decide. It fetches nothing; the
spider follows the steps, best first, within its bounds.

A link is a column by what it says (政府信息公开年报, 部门年报 in the right company), by the slug of its address
(``/zfxxgknb/``) or because the page calls itself one (``ColumnName``). Other yearly reports of a government
(网站年度报表, 法治政府, 财政, 统计, 环境, 企业年报公示 …) are no columns and lead to none.

    words       what words and addresses say
    page_links  every way off a page
    judging     what a page is, and what each of its links
    findings    what comes out: columns, steps, what a person has to look at
    moved       where a column that answers no more has gone
    entry       what was found as an entry of the registry
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Portal
from crawler.traditional import simplified
from crawler.urls import bare_host, host_of, identity
from spiders.discovery.entry import entry_toml
from spiders.discovery.findings import Candidate, Findings, Step
from spiders.discovery.judging import Page
from spiders.discovery.moved import moved_column
from spiders.platforms.addresses import deeper
from spiders.platforms.links import html_of
from spiders.registry import own_hosts

__all__ = ["Candidate", "Findings", "Step", "entry_toml", "moved_column", "steps"]

_MENU_WORDS = str.maketrans("欄頻臺錄動", "栏频台录动")  # 專欄, 頻道, 平臺, 目錄, 互動
MAX_DEPTH = 3  # levels below the home page that are looked at
MAX_STEPS = (10, 10, 6)  # steps taken from one page, by its depth
MAX_UNITS = 100  # agencies of one directory whose own pages are looked at


def steps(response: TextResponse, portal: Portal, depth: int) -> Findings:
    """What a page at ``depth`` below the home page (0) says about the portal's annual-report columns.

    Steps are sorted, best first, and already bounded; at ``depth`` 3 only the units of a directory are
    looked at, deeper nothing is.
    """
    is_script = urlsplit(response.url).path.lower().endswith(".js") or response.text.lstrip()[:1] in ("{", "[")
    base = portal.home if is_script else _base(response)  # a script writes on the page that loads it
    text = simplified(response.text).translate(_MENU_WORDS)
    root = html_of(f"<html><script>{text}</script></html>" if is_script else text)
    page = Page(response, root, base, depth)
    own = own_hosts(portal)
    if itself := page.itself():
        return Findings(columns=(itself,))
    candidates: dict[str, Candidate] = {}
    following: dict[str, Step] = {}
    foreign: dict[str, Step] = {}
    undecided: list[str] = []
    for link in page.links:
        try:
            place = identity(link.url)
        except ValueError:
            continue
        candidate = page.candidate(link)
        if bare_host(host_of(link.url)) not in own:
            if found := page.foreign(link, candidate, own):
                _keep(foreign, place, found)
            continue
        if candidate is not None and candidate.score >= 60:
            _keep(candidates, place, candidate)
        elif candidate is not None:
            undecided.append(f"{candidate.title} ({candidate.url}): {candidate.why}")
        elif step := page.step(link):
            _keep(following, place, replace(step, deeper=not link.sent_on))
    if not candidates and (listed := page.lists_reports()):
        candidates[identity(listed.url)] = listed
    directory = page.directory(own)
    if units := page.units(own) if not candidates and not directory and depth else 0:
        undecided.append(f"{units} units that may have columns of their own: {response.url}")
    if not candidates and page.reports == 1 and depth:
        undecided.append(f"one report but no column: {response.url}")
    here = identity(response.url)
    columns = _roots(candidates.values())
    follow: list[Step] = []
    if depth < MAX_DEPTH:
        passed = {place for place in following if place == here or place in candidates}
        ranked = sorted((s for p, s in following.items() if p not in passed), key=lambda s: -s.score)
        if any(c.score >= 90 for c in columns) and depth:
            ranked = [s for s in ranked if s.why.startswith("units")]
        follow = ranked[: MAX_STEPS[depth]]
        undecided += [f"not looked at, too many ways: {s.url}" for s in ranked[MAX_STEPS[depth] :] if s.score >= 66]
    if depth <= MAX_DEPTH:
        taken = {here, *candidates, *(identity(step.url) for step in follow)}
        ways = [step for step in directory if identity(step.url) not in taken]
        follow += ways[:MAX_UNITS]
        undecided += [f"not looked at, too many units: {step.url}" for step in ways[MAX_UNITS:]]
    if not (columns or follow or is_script) and depth < MAX_DEPTH:
        follow = list(page.menu_scripts(own))
    return Findings(
        columns,
        tuple(follow),
        tuple(dict.fromkeys(undecided)),
        tuple(sorted(foreign.values(), key=lambda s: -s.score)),
        () if depth else page.site_map(own),
    )


def _base(response: TextResponse) -> str:
    """What the page's links are relative to; a ``<base>`` that is no address is passed over."""
    try:
        return get_base_url(response)
    except ValueError:
        return response.url


def _keep(found: dict[str, Any], place: str, new: Any) -> None:
    if place not in found or found[place].score < new.score:
        found[place] = new


def _roots(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The candidates without those inside another one's own area: a root's sub-columns are found from the root."""
    ranked = sorted(candidates, key=lambda c: -c.score)
    return tuple(
        c
        for c in ranked
        if not any(
            other is not c and other.agency is None and other.report_year is None and deeper(c.url, other.url)
            for other in ranked
        )
    )
