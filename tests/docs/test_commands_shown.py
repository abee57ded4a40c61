"""The commands of the README, the tutorial and the notebook page, run one after the other as a reader runs them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from crawler.samples import serve

ROOT = Path(__file__).parents[2]
NOT_RUN = ("make ", "git clone", "export PATH", "export AWS", "nianbao demo", "s3://")
FAMILY = "linyuan"  # which of the demo's portals stands for one that a page names


@dataclass
class Desk:
    """A reader's folder: the demo has run in it, and every line runs after the one before."""

    folder: Path
    registry: Path
    ids: dict[str, str] = field(default_factory=dict)

    def run(self, line: str) -> str:
        program, *words = shlex.split(line, comments=True)
        assert program == "nianbao", line
        archive = words[words.index("--archive") + 1] if "--archive" in words else "./archive"
        words = [self.ids.get(archive, "") if word == "ID" else word for word in words]
        if "CONTACT=you@example.org" in words:
            words += ["--portals", str(self.registry)]  # the portal itself is not asked by a test
        done = subprocess.run(
            [sys.executable, "-m", "crawler.cli", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        if words[0] == "reports":
            # The one with two versions where there is one: `diff` has something to show.
            rows = re.findall(r"^\s*([0-9a-f]{24})\s+(\d)", done.stdout, re.M)
            self.ids[archive] = max(rows, key=lambda row: row[1])[0]
        return done.stdout


def lines(page: str) -> Iterator[str]:
    """The lines that a page tells its reader to type, but for those that need more than this machine."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for line in block.splitlines():
            if line.startswith("$ ") and not any(word in line for word in NOT_RUN):
                yield line[2:]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    with serve(portals=["lanxi-scjg"]) as site:
        site.write_registry(folder / "registry")
        for file in (folder / "registry").glob("*.toml"):
            file.write_text(file.read_text().replace('key = "lanxi-scjg"', 'key = "lishui"'))
        desk = Desk(folder, folder / "registry")
        desk.run("nianbao demo")
        yield desk


def test_the_readme(desk: Desk) -> None:
    shown = [desk.run(line) for line in lines("README.md")]
    assert any("statistics applications.new.total" in out for out in shown)
    assert (desk.folder / "corpus.parquet").stat().st_size


def test_the_tutorial(desk: Desk) -> None:
    commands = list(lines("docs/tutorial.md"))
    served = next(line for line in commands if line.startswith("python -m crawler.samples"))
    commands.remove(served)
    site = subprocess.Popen(
        [sys.executable, *shlex.split(served)[1:]],
        cwd=desk.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert site.stdout is not None
        assert site.stdout.readline()
        while not list((desk.folder / "try").glob("*.toml")):
            time.sleep(0.05)
        page = "<html><body><h1>某县2020年政府信息公开工作年度报告</h1><p>一、总体情况</p><p>正文。</p></body></html>"
        (desk.folder / "report.html").write_text(page, encoding="utf-8")
        for line in commands:
            desk.run(line)
    finally:
        site.terminate()
        site.communicate(timeout=20)
    assert json.loads((desk.folder / "run.json").read_text())["portals"][FAMILY]["status"] == "ok"
    for made in ("coverage.html", "corpus.jsonl", "pages"):
        assert (desk.folder / made).exists()


def test_the_notebook(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs/how-to/feed-a-notebook.md").read_text(encoding="utf-8")
    desk.run(next(line for line in lines("docs/how-to/feed-a-notebook.md") if "parquet" in line))
    monkeypatch.chdir(desk.folder)
    query = re.search(r"```sql\n(.*?)```", text, re.S)
    assert query is not None
    rows = duckdb.sql(query[1]).fetchall()
    assert {row[0] for row in rows} >= {"33", "37"}
    assert sum(row[2] for row in rows) > 50
    cursor = json.loads((desk.folder / "corpus" / "_datapackage.json").read_text())["cursor"]
    desk.run(f"nianbao export --format jsonl --out changes.jsonl --since {cursor}")
    assert (desk.folder / "changes.jsonl").read_bytes() == b""


# ---------------------------------------------------------------- the guides for contributors


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.S)


def test_the_five_lines_of_a_county_are_an_entry(tmp_path: Path, desk: Desk) -> None:
    page = "docs/how-to/add-a-portal.md"
    entry, province = (next(b for b in blocks(page, "toml") if b.startswith(head)) for head in ("[[portal]]", "[prov"))
    assert len(entry.strip().splitlines()) == 5
    (tmp_path / "33-zhejiang.toml").write_text(f"{province}\n{entry}", encoding="utf-8")
    desk.run(f"nianbao portals check {tmp_path}")


def test_the_platform_of_the_guide_reads_the_page_of_the_guide() -> None:
    page = "docs/how-to/add-a-platform.md"
    from scrapy.http import HtmlResponse

    from crawler.items import Column, Fetch

    source, html, context = blocks(page, "python")[0], blocks(page, "html")[0], json.loads(blocks(page, "json")[0])
    names: dict[str, object] = {}
    exec(source, names)
    platform = names["LanTu"]()  # type: ignore[operator]
    response = HtmlResponse(context["url"], body=html, encoding="utf-8")
    listing = platform.listing(response, Column(context["url"]), Fetch(context["url"]))
    assert platform.recognise(response) == "LanTu CMS 5"
    assert (len(listing.entries), [fetch.page for fetch in listing.more], listing.declared.records) == (2, [2, 3], 5)
