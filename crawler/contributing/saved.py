"""Saved pages of a portal and what they come to: discovery, platform and reader, as pure functions of the bytes.

``expected.json`` beside the pages says where each came from and what it comes to. ``reviewed`` is ``false`` until a
person has read it beside the pages. A page without ``says`` gets one from ``renew``, and then nothing is reviewed any more.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from scrapy.http import Headers, TextResponse
from scrapy.responsetypes import responsetypes

from crawler.contributing.acquaintance import Kept
from crawler.errors import PortalChanged, Unreadable
from crawler.items import Capture, Column, Context, Entry, Fetch, Page, Portal
from pipelines.reading import read
from pipelines.reading.decoding import decode
from pipelines.reading.documents import media_type
from spiders import discovery, platforms

EXPECTED = "expected.json"
SUFFIXES = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/pdf": "pdf",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
STEPS = 3  # of the ways on from a home page that are written down
READ = (
    "title", "kind", "report_year", "agency", "publisher", "index_number", "document_number", "published_on", "signed_on",
    "body_source",
)  # fmt: skip

Case = dict[str, Any]  # expected.json, as it is parsed


def save(folder: Path, portal: Portal, guessed: Mapping[str, str], kept: Sequence[Kept], day: date) -> None:
    """Write the pages and what they come to into a folder that is not there yet, whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        made = Path(scratch, folder.name)
        made.mkdir()
        _save(made, portal, guessed, kept, day)
        made.rename(folder)


def _save(folder: Path, portal: Portal, guessed: Mapping[str, str], kept: Sequence[Kept], day: date) -> None:
    pages = []
    numbers: dict[str, int] = {}
    for page in kept:
        capture = page.capture
        number = numbers[page.role] = numbers.get(page.role, 0) + 1
        stem = page.role if page.role == "home" else f"{page.role}-{number}"
        name = f"{stem}.{_suffix(capture)}"
        (folder / name).write_bytes(capture.payload)
        said: Case = {"file": name, "role": page.role, "url": capture.url}
        if kind := capture.header("Content-Type"):
            said["content_type"] = kind
        said["sha256"] = capture.payload_digest
        if page.platform:
            said["platform"] = page.platform
        if page.column and page.fetch:
            said |= {"column": _plain(asdict(page.column)), "fetch": _fetch(page.fetch)}
        if page.entry:
            said["entry"] = _plain(asdict(page.entry))
        pages.append(said)
    case: Case = {
        "reviewed": False,
        "saved": day.isoformat(),
        "portal": {name: value for name, value in asdict(portal).items() if value not in (None, (), 0, False)},
        "guessed": dict(guessed),
        "pages": pages,
    }
    write(folder, case)
    renew(folder)


def load(folder: Path) -> Case:
    """What ``expected.json`` says."""
    case: Case = json.loads((folder / EXPECTED).read_text(encoding="utf-8"))
    return case


def write(folder: Path, case: Case) -> None:
    """``expected.json``, as people read it."""
    (folder / EXPECTED).write_text(json.dumps(case, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def renew(folder: Path) -> list[str]:
    """Fill in what pages without ``says`` come to; their names. What was filled in is not reviewed."""
    case = load(folder)
    filled = [page["file"] for page in case["pages"] if "says" not in page]
    for page in case["pages"]:
        if "says" not in page:
            page["says"] = says(folder, case, page)
    if filled:
        case["reviewed"] = False
        write(folder, case)
    return filled


def differences(folder: Path) -> list[str]:
    """Where the saved pages come to something else than ``expected.json`` says; empty where all is as it says."""
    case = load(folder)
    found = []
    for page in case["pages"]:
        payload = (folder / page["file"]).read_bytes()
        if hashlib.sha256(payload).hexdigest() != page["sha256"]:
            found.append(f"{page['file']}: its bytes are not those that were saved")
            continue
        now, expected = says(folder, case, page), page["says"]
        found += [
            f"{page['file']}: {name}: {_short(now.get(name))}, expected {_short(expected.get(name))}"
            for name in sorted(now.keys() | expected.keys())
            if now.get(name) != expected.get(name)
        ]
    return found


def says(folder: Path, case: Case, page: Mapping[str, Any]) -> Case:
    """What one saved page comes to."""
    payload = (folder / page["file"]).read_bytes()
    portal = Portal(**{**case["portal"], **{k: tuple(case["portal"].get(k, ())) for k in ("columns", "hosts")}})
    if page["role"] == "report":
        found = _report(payload, page, portal)
    else:
        response = response_of(page["url"], payload, page.get("content_type"))
        found = _home(response, portal) if page["role"] == "home" else _list(response, page)
    plain: Case = _plain(found)
    return plain


def response_of(url: str, payload: bytes, content_type: str | None) -> TextResponse:
    """A saved page as the crawler would see it."""
    headers = Headers({"Content-Type": content_type} if content_type else {})
    kind = responsetypes.from_args(headers=headers, url=url, body=payload[:5000])
    if not issubclass(kind, TextResponse):
        raise PortalChanged(f"no text: {url}", name="not_html")
    return kind(url, headers=headers, body=payload, encoding=decode(payload, content_type).encoding)


def _home(response: TextResponse, portal: Portal) -> Case:
    found = discovery.steps(response, portal, 0)
    return {
        "columns": [{"url": c.url, "title": c.title, "why": c.why} for c in found.columns],
        "steps": [{"url": s.url, "why": s.why} for s in found.follow[:STEPS]],
    }


def _list(response: TextResponse, page: Mapping[str, Any]) -> Case:
    column, fetch = Column(**page["column"]), _fetch_of(page["fetch"])
    found: Case = {}
    if fetch == Fetch(column.url):
        platform, why = platforms.fingerprint(response)
        found = {"platform": platform.name, "why": why}
    listing = platforms.by_name(page["platform"]).listing(response, column, fetch)
    found["entries"] = [
        {"url": e.url, "title": e.title, "listed_on": e.listed_on, "facts": dict(e.facts)} for e in listing.entries
    ]
    found["columns"] = [{"url": c.url, "title": c.title, "report_year": c.report_year} for c in listing.columns]
    found["more"] = [{"page": f.page, "url": f.url, "body": f.body.decode("utf-8", "replace")} for f in listing.more]
    found["declared"] = asdict(listing.declared) if listing.declared else None
    return found


def _report(payload: bytes, page: Mapping[str, Any], portal: Portal) -> Case:
    entry = _entry_of(page["entry"])
    saved = Context.of(entry, portal).given(
        Page(
            url=page["url"],
            payload=payload,
            content_type=page.get("content_type"),
            division=portal.division,
            platform=page.get("platform"),
        )
    )
    try:
        reading = read(saved)
    except Unreadable as error:
        return {"unreadable": error.name}
    return {
        **{name: getattr(reading, name) for name in READ},
        "begins": (reading.body or "")[:60] or None,
        "sections": [s.heading for s in reading.sections if s.level == 1],
        "statistics": _figures(reading.statistics),
        "broken_identities": [f"{check.rule} at {check.where}" for check in reading.checks],
        "attachments": [link.name for link in reading.attachments],
    }


def _figures(value: Any, path: str = "") -> dict[str, Any]:
    """The numbers of the statutory tables by their path; what the report leaves blank is left out."""
    if isinstance(value, Mapping):
        return {k: v for name, inner in value.items() for k, v in _figures(inner, f"{path}.{name}").items()}
    return {} if value is None or isinstance(value, list | tuple) else {path.removeprefix("."): value}


def _fetch(fetch: Fetch) -> Case:
    plain: Case = {"url": fetch.url, "page": fetch.page}
    if fetch.method != "GET":
        plain["method"] = fetch.method
    if fetch.body:
        plain["body"] = fetch.body.decode("latin-1")
    if fetch.state:
        plain["state"] = dict(fetch.state)  # whole: a platform may ask for what is empty
    return plain


def _fetch_of(plain: Mapping[str, Any]) -> Fetch:
    return Fetch(**{**plain, "body": plain.get("body", "").encode("latin-1")})


def _entry_of(plain: Mapping[str, Any]) -> Entry:
    listed = plain.get("listed_on")
    return Entry(
        plain["url"],
        plain["title"],
        Column(**plain["column"]),
        date.fromisoformat(listed) if listed else None,
        plain.get("facts") or {},
    )


def _plain(value: Any) -> Any:
    """A value as JSON has it, without what is absent."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items() if inner not in (None, "", [], (), {})}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _suffix(capture: Capture) -> str:
    kind = media_type(capture.payload, "")
    stated = (capture.header("Content-Type") or "").partition(";")[0].strip().lower()
    return SUFFIXES.get(kind) or SUFFIXES.get(stated) or "bin"


def _short(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= 200 else f"{said[:200]}…"
