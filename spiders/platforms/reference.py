"""The reference page of the platforms, from their docstrings and their golden pages."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spiders.platforms import PLATFORMS
from spiders.platforms.base import Platform


def markdown(golden: Path | None = None) -> str:
    """One section a platform, in the order they are tried; with ``golden`` what their saved pages come to as well."""
    parts = [
        "# Platforms",
        (
            'A platform is a family of portal software. The registry names it (`platform = "trs"`) or leaves it to the '
            "fingerprint, which tries them in this order and takes the first that recognises the page."
        ),
    ]
    for platform in PLATFORMS:
        parts += [f"## {platform.name}", _about(platform)]
        if golden is not None:
            parts += _samples(golden / platform.name)
    return "\n\n".join(part for part in parts if part) + "\n"


def _about(platform: Platform) -> str:
    """The docstring of the platform's module, its literals as code."""
    text = inspect.getdoc(sys.modules[type(platform).__module__]) or ""
    return re.sub(r"``(.+?)``", lambda found: f"`{' '.join(found[1].split())}`", text, flags=re.S)


def _samples(folder: Path) -> Iterator[str]:
    """A table of the golden pages of one platform."""
    rows = []
    for place in sorted(folder.glob("*.expected.json")):
        case: dict[str, Any] = json.loads(place.read_text("utf-8"))
        name = place.name.removesuffix(".expected.json").replace("_", " ")
        declared = ", ".join(f"{key} {value}" for key, value in (case.get("declared") or {}).items())
        counts = [str(len(case[key])) if key in case else "" for key in ("entries", "columns", "more")]
        rows.append(f"| {name} | {_cell(case.get('why', ''))} | {' | '.join(counts)} | {_cell(declared)} |")
    if rows:
        head = (
            "| page | recognised by | entries | sub-columns | further requests | declared |\n|---|---|---|---|---|---|"
        )
        yield "\n".join((head, *rows))


def _cell(text: str) -> str:
    return text.replace("|", "\\\\|").replace("<", "&lt;")
