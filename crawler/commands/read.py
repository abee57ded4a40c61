"""``nianbao read``: what the reader makes of saved pages or documents."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crawler.commands import json_option, put_json, put_jsonl
from crawler.errors import NianbaoError, UsageError
from crawler.urls import host_of

UNKNOWN = ("report_id", "version", "province", "division", "portal", "platform", "snapshot", "first_seen", "last_seen", "status",
           "run", "attachments_digest", "locations")  # fmt: skip


@click.command("read")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path())
@click.option("--url", metavar="URL", help="The address the page was saved from.")
@json_option
def command(files: tuple[str, ...], url: str | None, as_json: bool) -> int:
    """Read saved pages or documents (HTML, PDF, DOCX …) without an archive or the network: one record a file.

    With --json one file gives one JSON object, several files one object a line.
    """
    if url is not None and not addressed(url):
        raise UsageError(f"--url takes the address the page had, such as http://www.example.gov.cn/a.html, not {url!r}")
    wrong = 0
    for file in files:
        try:
            record = _record(Path(file), url)
        except (NianbaoError, OSError) as error:
            wrong += 1
            message = error.strerror if isinstance(error, OSError) else str(error)
            click.echo(f"nianbao: {file}: {message}", err=True)
            continue
        if not as_json:
            from crawler.show import print_record

            print_record(record)
        elif len(files) == 1:
            put_json(record)
        else:
            put_jsonl(record)
    return 1 if wrong else 0


def addressed(url: str) -> bool:
    """Whether an address names a host."""
    try:
        return bool(host_of(url))
    except ValueError:
        return False


def _record(file: Path, url: str | None) -> dict[str, Any]:
    """The record (contract §3) as far as one saved page tells it; what only an archive knows is null."""
    from crawler.items import Page, Version
    from pipelines.reading import read
    from pipelines.reading.documents import media_type
    from storage.records import record

    payload = file.read_bytes()
    digest = hashlib.sha256(payload).hexdigest()
    address = url or file.resolve().as_uri()
    kind = media_type(payload, file.name)
    reading = read(Page(url=address, payload=payload, content_type=kind if kind != "text/html" else None))
    version = Version(
        report_id="", number=1, changed=(), run="", portal="", province="", division="", platform="", url=address,
        first_seen=datetime.now(UTC), payload_digest=digest, snapshot="", parts=(), attachments=(), attachments_digest="",
        reading=reading,
    )  # fmt: skip
    found = record(version)
    found.update(dict.fromkeys(UNKNOWN))
    found["attachments"] = [{"name": link.name, "url": link.url} for link in reading.attachments]
    return {"file": str(file), **found}
