"""The commands of ``nianbao``, a module each, and what they share: options and how results are shown."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class _NewFile(click.Path):
    """A file that can be written, known before the work whose result goes there is done."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = super().convert(value, param, ctx)
        folder = Path(os.fsdecode(path)).absolute().parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            self.fail(f"{str(folder)!r} is no folder that can be written to.", param, ctx)
        return path


NEW_FILE = _NewFile(dir_okay=False, writable=True)


def archive_option(function: F) -> F:
    """``--archive URI``, also ``NIANBAO_ARCHIVE``."""
    return click.option(
        "--archive",
        metavar="URI",
        envvar="NIANBAO_ARCHIVE",
        default="./archive",
        show_default=True,
        help="A directory or s3://bucket/prefix (also NIANBAO_ARCHIVE).",
    )(function)


def registry_options(function: F) -> F:
    """``--province``, ``--portal``, ``--portals``: which portals."""
    for option in (
        click.option("--portals", metavar="DIR", help="A folder of registry files instead of the packaged registry."),
        click.option("--portal", "portal", metavar="KEY", multiple=True, help="Only this portal; may be repeated."),
        click.option(
            "--province",
            metavar="P",
            multiple=True,
            help="A GB/T 2260 code or name (33, 浙江, zhejiang); may be repeated.",
        ),
    ):
        function = option(function)
    return function


def json_option(function: F) -> F:
    """``--json``: standard output is JSON only."""
    return click.option("--json", "as_json", is_flag=True, help="JSON on standard output and nothing else.")(function)


def put_json(value: object) -> None:
    """One JSON document on standard output."""
    _put(value, indent=2)


def put_jsonl(value: object) -> None:
    """One JSON line on standard output."""
    _put(value)


def _put(value: object, indent: int | None = None) -> None:
    """In UTF-8 whatever the terminal's encoding is: RFC 8259, 8.1."""
    try:
        text = json.dumps(value, ensure_ascii=False, indent=indent, default=str).encode()
    except UnicodeEncodeError:  # a lone surrogate from a broken page has no UTF-8; JSON can still say it
        text = json.dumps(value, indent=indent, default=str).encode()
    sys.stdout.buffer.write(text + b"\n")
