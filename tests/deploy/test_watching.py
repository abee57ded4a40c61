"""What those who run a crawl watch it by: metrics for Prometheus, logs as plain lines or JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crawler import settings
from crawler.metrics import Answers, Counted, Metric, exposition, gauge, of_run
from crawler.samples import serve

PORTAL = "lanxi-scjg"
EXTENSIONS = json.dumps({**settings.EXTENSIONS, "crawler.extensions.metrics.Metrics": 300})
SAMPLE = re.compile(r'([a-z][a-z0-9_]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)')


def parsed(text: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """The samples of an exposition by name; fails on a line that is none and on a sample without its type."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    typed: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in typed, f"{name} stands there twice"
            typed[name] = kind
        elif not line.startswith("# HELP "):
            match = SAMPLE.fullmatch(line)
            assert match, line
            family = re.sub(r"_(bucket|sum|count)$", "", match[1])
            assert match[1] in typed or typed.get(family) == "histogram", line
            labels = tuple(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
            samples = found.setdefault(match[1], {})
            assert labels not in samples, line
            samples[labels] = float(match[3])
    assert text.endswith("\n")
    return found


def test_a_crawl_is_watched_by_its_metrics_and_its_log(tmp_path: Path) -> None:
    with serve(portals=[PORTAL]) as site:
        site.write_registry(tmp_path / "portals")
        file = tmp_path / "nianbao.prom"
        done = subprocess.run(
            [sys.executable, "-m", "crawler.cli", "crawl", "--portals", str(tmp_path / "portals"), "--archive", str(tmp_path / "archive"),
             "--json", "-v", "-s", f"METRICS_FILE={file}", "-s", "METRICS_INTERVAL=0.05", "-s", "LOG_JSON=1",
             "-s", f"EXTENSIONS={EXTENSIONS}"],
            capture_output=True, text=True, timeout=120, env=os.environ,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir() if "prom" in path.name] == ["nianbao.prom"], (
        "only whole files are left"
    )

    summary = json.loads(done.stdout)
    figures = summary["portals"][PORTAL]
    metrics = parsed(file.read_text())
    province = (("province", "33"),)
    assert metrics["nianbao_requests_total"][province] == figures["requests"]
    assert metrics["nianbao_response_bytes_total"][province] == figures["bytes"]
    verdicts = {labels[1][1]: value for labels, value in metrics["nianbao_reports_total"].items()}
    assert (verdicts["new"], verdicts["not_a_report"]) == (figures["new"], figures["not_reports"])
    assert metrics["nianbao_portal_status"] == {(("portal", PORTAL), *province, ("status", "ok")): 1}
    assert metrics["nianbao_portals"] == {(*province, ("status", "ok")): 1}
    assert metrics["nianbao_run_info"] == {(("run", summary["run"]),): 1}
    assert metrics["nianbao_run_complete"][()] == 1
    assert 0 < metrics["nianbao_run_start_timestamp_seconds"][()] <= metrics["nianbao_run_end_timestamp_seconds"][()]

    written = done.stderr.splitlines()
    first = next(n for n, line in enumerate(written) if "Spider opened" in line)
    lines = [json.loads(line) for line in written[first + 1 :]]
    assert len(lines) > 2
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert all(line["time"].endswith("+00:00") for line in lines)


def test_with_the_handler_installed_every_line_is_json(tmp_path: Path) -> None:
    script = """
import logging
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from crawler import logformat
settings = Settings({"LOG_JSON": "1", "LOG_LEVEL": "INFO", "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor"})
logformat.install(settings)
AsyncCrawlerProcess(settings)
logging.getLogger("here").error("%(url)s: %(error)s", {"url": "http://a/", "error": ValueError("年报"), "message": "kept"})
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("here").exception("two\\nlines")
logging.getLogger("here").debug("below the level")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert len(lines) >= 3, "Scrapy says something of itself, too"
    assert {"url": "http://a/", "error": "年报", "message": "http://a/: 年报", "level": "ERROR"}.items() <= lines[
        -2
    ].items()
    assert "ZeroDivisionError" in lines[-1]["exception"]


def test_a_file_that_cannot_be_written_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    with serve(portals=[PORTAL]) as site:
        site.write_registry(tmp_path / "portals")
        done = subprocess.run(
            [sys.executable, "-m", "crawler.cli", "crawl", "--portals", str(tmp_path / "portals"), "--archive", str(tmp_path / "archive"),
             "-s", f"METRICS_FILE={tmp_path}/nowhere/nianbao.prom", "-s", f"EXTENSIONS={EXTENSIONS}"],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode not in (0, 1), done.stderr
        assert "METRICS_FILE" in done.stderr
        assert "Traceback" not in done.stderr
        assert not site.requests[PORTAL]


# ---------------------------------------------------------------- the text itself


def test_labels_are_escaped_and_names_are_names() -> None:
    text = exposition([gauge("nianbao_test", "a \\ and\na line", 1.5, reason='say "no"\n\\')])
    assert parsed(text)["nianbao_test"] == {(("reason", r"say \"no\"\n\\"),): 1.5}
    assert text.startswith("# HELP nianbao_test a \\\\ and\\na line\n")
    with pytest.raises(ValueError, match="no name"):
        exposition([gauge("nianbao-test", "", 1)])
    assert exposition([Metric("nianbao_empty", "gauge", "", ())]) == ""


def test_labels_do_not_grow_with_the_portals_but_for_how_each_ended() -> None:
    portals = [Counted(f"p{n}", "33", {"requests": n}, "ok" if n % 2 else "blocked") for n in range(1000)]
    metrics = parsed(exposition(of_run("r", 1.0, portals, finished=2.0)))
    assert metrics["nianbao_requests_total"] == {(("province", "33"),): sum(range(1000))}
    assert len(metrics["nianbao_portal_status"]) == 1000
    assert sum(len(samples) for name, samples in metrics.items() if name != "nianbao_portal_status") < 30


def test_a_histogram_adds_up() -> None:
    answers = Answers()
    for seconds in (0.001, 0.005, 0.3, 60.0):
        answers.add("search", 200, seconds)
    metrics = parsed(exposition(answers.metrics()))
    buckets = {labels[1][1]: value for labels, value in metrics["nianbao_http_request_duration_seconds_bucket"].items()}
    assert (buckets["0.005"], buckets["0.5"], buckets["10.0"], buckets["+Inf"]) == (2, 3, 3, 4)
    assert metrics["nianbao_http_request_duration_seconds_count"][(("page", "search"),)] == 4
    assert metrics["nianbao_http_requests_total"] == {(("page", "search"), ("status", "200")): 4}
