"""``nianbao read``: what the reader makes of saved pages or documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crawler.commands import json_option, put_json, put_jsonl
from crawler.errors import NianbaoError


@click.command("read")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path())
@click.option("--url", metavar="URL", help="The address the page was saved from.")
@json_option
def command(files: tuple[str, ...], url: str | None, as_json: bool) -> int:
    """Read saved pages or documents (HTML, PDF, DOCX …) without an archive or the network: one record a file.

    With --json one file gives one JSON object, several files one object a line.
    """
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


def _record(file: Path, url: str | None) -> dict[str, Any]:
    from crawler.items import Page
    from pipelines.reading import read
    from storage.records import read_record

    payload = file.read_bytes()
    page = Page(url=url or file.resolve().as_uri(), payload=payload)
    return {"file": str(file), **read_record(read(page), payload)}
