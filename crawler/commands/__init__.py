"""The commands of ``nianbao``, a module each, and what they share: options and how results are shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


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
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def put_jsonl(value: object) -> None:
    """One JSON line on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
