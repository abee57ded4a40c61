"""``nianbao demo``: the main job on bundled sample portals, with no network and no server."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from crawler.commands import archive_option

PORTS = {"lanxi": 8731, "linyuan": 8732, "yuanning": 8733, "beiling": 8734, "lanxi-scjg": 8735}
REVISED = ("lanxi", "lanxi-gov-2023", "statistics")


@click.command("demo")
@archive_option
def command(archive: str) -> int:
    """Start bundled sample portals on loopback, crawl them into the archive, show the result; then change one report on
    its portal, crawl again and show the revision."""
    from crawler.samples import serve

    with tempfile.TemporaryDirectory(prefix="nianbao-demo-") as folder, serve(ports=_free(PORTS)) as site:
        registry = Path(folder)
        site.write_registry(registry)
        places = ", ".join(f"{portal.key} ({portal.home})" for portal in site.portals)
        _say(f"Five invented government portals are up: {places}")
        crawl = ("crawl", "--portals", folder, "--archive", archive, "--recheck", "all")
        if code := _run(*crawl):
            return code
        report = next(r for p in site.expected().values() for r in p["reports"] if r["name"] == REVISED[1])
        record = _record(archive, report["url"])
        _say("One of the reports as read, with where each value was printed and its statutory tables:")
        if code := _run("show", record["report_id"], "--archive", archive):
            return code

        _say("The agency now corrects a number in that report on its portal. The same crawl again:")
        site.revise(*REVISED)
        if code := _run(*crawl):
            return code
        _say("What changed between the two versions:")
        if code := _run("diff", record["report_id"], "--archive", archive):
            return code
    _say("The portals are down again; the archive stays. Try next:")
    for line in (
        f"nianbao reports --archive {archive} --kind all",
        f"nianbao show {record['report_id']} --archive {archive} --body",
        f"nianbao export --format jsonl --archive {archive} --out reports.jsonl",
        f"nianbao verify --archive {archive}",
    ):
        click.echo(f"  {line}")
    return 0


def _run(*words: str) -> int:
    click.echo(f"\n$ nianbao {' '.join(words)}")
    sys.stdout.flush()
    return subprocess.call([sys.executable, "-m", "crawler.cli", *words])  # noqa: S603 — our own command line


def _say(text: str) -> None:
    click.secho(f"\n{text}", bold=True)


def _record(archive: str, url: str) -> dict[str, Any]:
    words = [sys.executable, "-m", "crawler.cli", "export", "--format", "jsonl", "--archive", archive]
    lines = subprocess.run(words, capture_output=True, check=True).stdout.splitlines()  # noqa: S603 — our own command line
    return next(r for r in map(json.loads, lines) if any(place["url"] == url for place in r["locations"]))


def _free(ports: dict[str, int]) -> dict[str, int]:
    """Those ports that nobody listens on; the portals of the others get any port. With the usual ports free, a second
    demo into the same archive meets the same addresses."""
    free = {}
    for key, port in ports.items():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                free[key] = port
    return free
