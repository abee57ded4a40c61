"""What was found, as an entry of the registry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date

from crawler.items import Portal
from spiders.discovery.findings import Candidate


def entry_toml(portal: Portal, columns: Sequence[Candidate], platform: str | None, found_on: date) -> str:
    """The portal as a registry entry with the columns found for it."""
    lines = ["[[portal]]", *(f"{key} = {_toml(getattr(portal, key))}" for key in ("key", "name", "division", "home"))]
    urls = list(dict.fromkeys(column.url for column in columns))
    if len(urls) > 1:
        lines += ["columns = [", *(f"    {_toml(url)},  # {_comment(_title_of(url, columns))}" for url in urls), "]"]
    else:
        lines.append(f"columns = [{', '.join(map(_toml, urls))}]")
    if platform or portal.platform:
        lines.append(f"platform = {_toml(platform or portal.platform)}")
    if portal.min_reports:
        lines.append(f"min_reports = {portal.min_reports}")
    if portal.delay is not None:
        lines.append(f"delay = {portal.delay}")
    if portal.hosts:
        lines.append(f"hosts = [{', '.join(map(_toml, portal.hosts))}]")
    if portal.browser:
        lines.append("browser = true")
    lines.append(f"verified = {found_on.isoformat()}")
    dropped = [url for url in portal.columns if url not in urls]
    if dropped and urls:
        lines.append(f"former_columns = [{', '.join(map(_toml, dropped))}]")
    return "\n".join(lines) + "\n"


def _title_of(url: str, columns: Iterable[Candidate]) -> str:
    return next(column.title for column in columns if column.url == url)


def _comment(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
