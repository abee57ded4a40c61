"""The commands of the README, the tutorial and the notebook page, run one after the other as a reader runs them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from packaging.requirements import Requirement

from crawler.samples import serve

ROOT = Path(__file__).parents[2]
NOT_RUN = ("make ", "git clone", "export PATH", "export AWS", "nianbao demo", "s3://")
COUNTY = ("lanxi", "lanxi-scjg")  # the portals the tutorial crawls
STUDY = ROOT / "docs/notebooks/annual-report-study.ipynb"


@dataclass
class Desk:
    """A reader's folder: the demo has run in it, and every line runs after the one before."""

    folder: Path
    registry: Path
    ids: dict[str, str] = field(default_factory=dict)

    def run(self, line: str) -> str:
        program, *words = shlex.split(line, comments=True)
        if program == "python":
            return self.call(line, words)
        assert program == "nianbao", line
        archive = words[words.index("--archive") + 1] if "--archive" in words else "./archive"
        words = [self.ids.get(archive, "") if word == "ID" else word for word in words]
        if "CONTACT=you@example.org" in words:
            words += ["--portals", str(self.registry)]  # the portal itself is not asked by a test
        out = self.call(line, ["-m", "crawler.cli", *words])
        if words[0] == "reports":
            # The one with two versions where there is one: `diff` has something to show.
            rows = re.findall(r"^\s*([0-9a-f]{24})\s+(\d)", out, re.M)
            self.ids[archive] = max(rows, key=lambda row: row[1])[0]
        return out

    def call(self, line: str, words: list[str]) -> str:
        """What Python prints, called with these words in the reader's folder."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout


def lines(page: str) -> Iterator[str]:
    """The lines that a page tells its reader to type, but for those that need more than this machine."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for line in block.splitlines():
            if line.startswith("$ ") and not any(word in line for word in NOT_RUN):
                yield line[2:]


def answered(page: str) -> tuple[str, str]:
    """The script of a page, and what the page says that it prints."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```.*?\$ python [^\n]*\n```\n\n```\n(.*?)```", text, re.S)
    assert found is not None
    return found[1], found[2]


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
    viewed = next(line for line in commands if line.startswith("nianbao serve"))
    commands.remove(viewed)
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
        script, answer = answered("docs/tutorial.md")
        (desk.folder / "denied.py").write_text(script, encoding="utf-8")
        printed = {line: desk.run(line) for line in commands}
    finally:
        site.terminate()
        site.communicate(timeout=20)
    portals = json.loads((desk.folder / "run.json").read_text())["portals"]
    assert {key: portals[key]["status"] for key in portals} == dict.fromkeys(COUNTY, "ok")
    assert printed["python denied.py"] == answer
    most = re.match(r"\+(\d+)  (\S+)  (\d+): \d+ → (\d+)", answer)
    assert most is not None
    rise, agency, before, year = most.groups()
    text = in_a_browser(desk, viewed, f"/compare?division=331124&before={before}&year={year}", agency)
    assert f">+{rise}<" in text[text.index(agency) :]
    for made in ("coverage.html", "corpus.jsonl", "pages"):
        assert (desk.folder / made).exists()


def in_a_browser(desk: Desk, command: str, path: str, awaited: str) -> str:
    """What `nianbao serve` shows at a path, once the index has come to it."""
    words = [sys.executable, "-m", "crawler.cli", *shlex.split(command)[1:], "--port", "0", "--index", "view.sqlite"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=desk.folder, env=env, stderr=subprocess.PIPE, text=True) as view:
        try:
            assert view.stderr is not None
            address = re.findall(r"http://[^/]+", view.stderr.readline())[0]
            until = time.monotonic() + 30
            while awaited not in (text := httpx.get(address + path, trust_env=False, timeout=30).text):
                assert time.monotonic() < until, text
                time.sleep(0.2)
            return text
        finally:
            view.terminate()


def test_the_notebook(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs/how-to/feed-a-notebook.md").read_text(encoding="utf-8")
    desk.run(next(line for line in lines("docs/how-to/feed-a-notebook.md") if "parquet" in line))
    monkeypatch.chdir(desk.folder)
    queries = [
        query for block in re.findall(r"```sql\n(.*?)```", text, re.S) for query in block.split(";") if query.strip()
    ]
    rows, *others = [duckdb.connect().execute(query).fetchall() for query in queries]
    assert all(any(value is not None for row in other for value in row) for other in others)
    assert {row[0] for row in rows} >= {"33", "37"}
    assert sum(row[2] for row in rows) > 50
    cursor = json.loads((desk.folder / "corpus" / "_datapackage.json").read_text())["cursor"]
    desk.run(f"nianbao export --format jsonl --out changes.jsonl --since {cursor}")
    assert (desk.folder / "changes.jsonl").read_bytes() == b""


LOOKING = frozenset({"plan", "runs", "reports", "show", "diff", "coverage", "export", "verify", "reread", "rebuild"})
OURS = {
    "/srv/archive": "./archive",
    "./try": "./archive",
    "URI": "./archive",
    "3": "2",
}  # the demo's reports have two versions


def looking(page: str) -> list[str]:
    """The commands of a guide that need nothing but an archive, on the demo's."""
    found = []
    for line in lines(page):
        words = line.partition(" #")[0].split()
        if words[0] == "nianbao" and words[1] in LOOKING and "CURSOR" not in words and "--engine" not in words:
            found.append(" ".join(OURS.get(word, word) for word in words))
    return found


GUIDES = [page for file in sorted((ROOT / "docs/how-to").glob("*.md")) if looking(page := str(file.relative_to(ROOT)))]


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: Path(page).stem)
def test_the_guides_commands_run_on_an_archive(desk: Desk, page: str) -> None:
    desk.run("nianbao reports")  # somebody who reads the guide has an ID at hand
    for line in looking(page):
        desk.run(line)


def test_the_guides_are_found() -> None:
    assert {Path(page).stem for page in GUIDES} >= {"read-a-revision", "verify-and-repair", "replay-an-export"}


def executed(notebook: Path) -> tuple[dict[str, Any], str]:
    """A notebook's cells run one after the other, as Jupyter runs them: its names, and what it prints."""
    names: dict[str, Any] = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    return names, printed.getvalue()


def test_the_study_counts_what_the_portals_print(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.run("nianbao export --format parquet --out study/")
    monkeypatch.chdir(desk.folder)
    monkeypatch.setenv("CORPUS", "study")
    names, printed = executed(STUDY)
    there = re.fullmatch(r"(\d+) of (\d+) numbers stand in the cell they lead back to\n", printed)
    assert there is not None
    assert there[1] == there[2]
    assert int(there[2]) > 5000
    records = [json.loads(line) for line in desk.run("nianbao export --format jsonl").splitlines()]
    stated = {
        (r["agency"], r["report_year"]): r["statistics"]["applications"]["new"]["total"]
        for r in records
        if r["statistics"]
    }
    table = names["applications"]
    years = [name for name, *_ in table.description][1:]
    counted = {
        (agency, int(year)): value
        for agency, *values in table.fetchall()
        for year, value in zip(years, values, strict=True)
        if value is not None
    }
    assert counted == {key: value for key, value in stated.items() if value is not None}
    assert counted["澜溪县人民政府", 2023] == 24  # 23 before the agency corrected it
    shares = names["shares"].fetchall()
    assert {year: round(sum(row[3] for row in shares if row[0] == year)) for year, *_ in shares} == dict.fromkeys(
        range(2019, 2025), 100
    )
    late = [(row[0], row[1]) for row in names["late"].fetchall()]
    assert sorted(late) == sorted(
        (r["agency"], r["report_year"]) for r in records for c in r["checks"] if c["rule"] == "publication.deadline"
    )
    assert names["proof"].fetchall()
    assert sum(row[1] for row in names["proof"].fetchall()) == names["raised"].fetchall()[0][4]


def test_the_study_is_committed_without_what_it_printed() -> None:
    notebook = json.loads(STUDY.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], len({cell["id"] for cell in notebook["cells"]})) == (4, len(notebook["cells"]))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
        for link in re.findall(r"\]\(([^)#]+)", "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""):
            assert (STUDY.parent / link).exists(), link


def test_what_is_to_be_installed_is_said_as_pip_reads_it() -> None:
    extras = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])
    told = []
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for line in re.findall(r"^(?:\$|RUN) .*?\bpipx? install (.*)", page.read_text("utf-8"), re.M):
            for word in shlex.split(line, comments=True):
                folder = re.fullmatch(r"(?:\.|/\S*?)(?:\[(.+)\])?", word)
                if word.startswith("-"):
                    continue
                if folder is None:
                    wanted = Requirement(word)
                    assert wanted.name == "nianbao", word
                    assert wanted.url is None or "://" in wanted.url, f"{page.name}: {word}"
                named = (folder[1] or "").split(",") if folder else wanted.extras
                assert {name for name in named if name} <= extras, f"{page.name}: {word}"
                told.append(word)
    assert len(told) > 3


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
