"""Documents that a list links straight to: what only the list says of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.job.conftest import Nianbao
from tests.job.world import COLUMN, Answer, Site, chrome, world
from tests.reading.office_files import docx

TEXT = [
    "一、总体情况",
    "本年度主动公开政府信息六十三条，制发规范性文件两件。",
    "二、收到和处理政府信息公开申请情况",
    "本年度收到申请五件，均在期限内答复。",
    "三、存在的主要问题及改进情况",
    "公开的渠道还不够多，来年将逐步增加。",
]


def title(year: int) -> str:
    return f"桥头县水务局{year}年政府信息公开工作年度报告"


def listed(site: Site, dates: dict[int, str], column: str = COLUMN) -> None:
    rows = "".join(
        f"<li><a href='/f/{year}.docx'>{title(year)}</a><span>{day}</span></li>" for year, day in dates.items()
    )
    site.answers[column] = Answer(chrome("政府信息公开年报", f"<ul>{rows}</ul>", 1))


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[tuple[Site, Nianbao]]:
    with world(tmp_path) as it:
        site = it.site("bridge", "桥头县人民政府")
        for year in (2021, 2022, 2023):
            signature = ["桥头县水务局", "2024年1月30日"] if year == 2023 else []
            site.file(f"/f/{year}.docx", docx([title(year), *TEXT, f"{year}年。", *signature]))
        yield site, Nianbao(it.write_registry(tmp_path / "registry"), str(tmp_path / "archive"), dict(it.environment))


def days(nianbao: Nianbao) -> dict[int, str | None]:
    records = nianbao.records("--all-versions")
    assert [r["version"] for r in records] == [1, 1, 1]
    return {r["report_year"]: r["published_on"] for r in records}


def test_the_row_says_when_a_document_was_published_that_says_nothing_itself(portal: tuple[Site, Nianbao]) -> None:
    site, nianbao = portal
    listed(site, {2021: "2022-01-18", 2022: "01-17", 2023: "2024-01-26"})
    nianbao.crawl()
    first = {2021: "2022-01-18", 2022: None, 2023: "2024-01-26"}
    assert days(nianbao) == first
    remarks = {r["report_year"]: [remark["code"] for remark in r["remarks"]] for r in nianbao.records()}
    assert remarks == {
        2021: ["dates.from_list"],
        2022: [],
        2023: ["dates.from_list", "dates.signed_after_published"],
    }

    # Another date, or another way of writing it, is no other version; and what was filed is what is read again.
    listed(site, {2021: "2022年3月2日", 2022: "2023/01/17", 2023: "01-26"})
    summary = nianbao.crawl("--recheck", "all")
    assert (summary["totals"]["unchanged"], summary["totals"]["revised"]) == (3, 0)
    assert days(nianbao) == first
    nianbao("reread", "--all")
    assert days(nianbao) == first
