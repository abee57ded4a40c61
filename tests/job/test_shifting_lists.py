"""Lists that change while they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.job.conftest import Nianbao
from tests.job.world import COLUMN, Answer, Article, Site, chrome, world

YEARS = [2023, 2022, 2021, 2020, 2019, 2018]


class Shifting(Site):
    """Six reports on two pages; the oldest is put at the head of the list whenever its first page was asked for, so many
    times. It is then on neither page of those who go on to the second."""

    moves = 0

    def answer(self, path: str, view: int) -> Answer:
        if path not in (COLUMN, f"{COLUMN}index_1.html"):
            return super().answer(path, view)
        order = sorted(self.articles)
        first, second = order[:3], order[3:]
        rows = "".join(
            f"<li><a href='{one}'>{self.articles[one].title}</a></li>" for one in (first, second)[path != COLUMN]
        )
        pager = f"<div class='page'>共6条 <a href='{COLUMN}index_1.html'>下一页</a></div>" if path == COLUMN else ""
        if path == COLUMN and self.moves:
            self.moves -= 1
            self.articles[f"/{self.moves}/0.html"] = self.articles.pop(order[-1])
        return Answer(chrome("政府信息公开年报", f"<ul>{rows}</ul>{pager}", view))


@pytest.mark.parametrize(
    ("moves", "status", "reports", "reason"),
    [(0, "ok", 6, ""), (1, "ok", 6, ""), (2, "incomplete", None, "changed while it was read, and again")],
)
def test_a_list_that_changes_while_it_is_read_is_read_once_more(
    moves: int, status: str, reports: int | None, reason: str, tmp_path: Path
) -> None:
    with world(tmp_path) as it:
        site = Shifting("shift", "移位县人民政府")
        site.moves = moves
        it.sites[site.host] = site
        it.registered.append(site)
        for year in YEARS:
            title = f"移位县财政局{year}年政府信息公开工作年度报告"
            text = [f"{year}年，我局主动公开政府信息若干条。", "未收到政府信息公开申请。", "没有行政复议和行政诉讼。"]
            site.add(f"/{9000 - year}.html", Article(title, "移位县财政局", text))
        nianbao = Nianbao(it.write_registry(tmp_path / "registry"), str(tmp_path / "archive"), dict(it.environment))
        state = nianbao.crawl(expect=None)["portals"]["shift"]
        assert state["status"] == status, state
        assert reason in (state["reason"] or "")
        assert reports in (None, len(nianbao.records()))
        asked = [path for _, path in it.requests if path in (COLUMN, f"{COLUMN}index_1.html")]
        assert len(asked) == (4 if moves else 2)
        assert state["list_pages"] == len(asked)
