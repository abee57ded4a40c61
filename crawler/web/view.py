"""What every page and every answer is made from: the archive, its index, the language."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from crawler.items import Version
from crawler.web import lookup, parameters, words
from crawler.web.index import Index
from crawler.web.parameters import Parameter
from crawler.years import against_the_year_before
from spiders.divisions import name_of, provinces, short_name
from storage import layout
from storage.archive import Archive
from storage.locations import Whereabouts
from storage.records import record
from storage.snapshots import StoredCapture
from storage.stores import Missing
from storage.years import YearsBefore

STYLE = (Path(__file__).parent / "static" / "style.css").read_bytes()
STYLE_NAME = f"style-{hashlib.sha256(STYLE).hexdigest()[:12]}.css"


@dataclass(frozen=True)
class View:
    """One archive as it is shown."""

    archive: Archive
    index: Index

    def versions(self, report_id: str) -> tuple[Version, ...]:
        """All versions of a report. Raises 404."""
        if self.index.row("select 1 from reports where report_id = ?", report_id) is None:
            raise HTTPException(404)
        return self.archive.versions(report_id)

    def version(self, report_id: str, number: int | None) -> tuple[Version, tuple[Version, ...]]:
        """One version (the latest where none is named) and all of them. Raises 404."""
        known = self.versions(report_id)
        for version in known:
            if version.number == (number or known[-1].number):
                return version, known
        raise HTTPException(404)

    def whereabouts(self, report_id: str) -> Whereabouts | None:
        return lookup.whereabouts(self.index, report_id)

    def record(self, version: Version, where: Whereabouts | None) -> dict[str, Any]:
        """The exported record: what the year before says to the version stands among its checks."""
        years = YearsBefore(self.archive, against_the_year_before)
        for sighting in lookup.year_before(self.index, version, where):
            years.add(sighting)
        return record(years.beside(version, where), where)

    def snapshot(self, digest: str) -> StoredCapture:
        """A capture by its payload digest. Raises 404."""
        try:
            return self.archive.snapshot(layout.snapshot_key(digest))
        except (ValueError, Missing):
            raise HTTPException(404) from None


def view_of(request: Request) -> View:
    """The archive this application shows."""
    view: View = request.app.state.view
    return view


def asked(request: Request, wanted: tuple[Parameter, ...] = ()) -> dict[str, Any]:
    """The query, checked. Raises ``BadRequest``."""
    return parameters.read(request.query_params.multi_items(), wanted)


def language(request: Request) -> str:
    """``?lang=``, else what the browser prefers."""
    stated = request.query_params.get("lang")
    return stated if stated in words.LANGUAGES else words.preferred(request.headers.get("accept-language", ""))


def href(path: str, values: Mapping[str, Any]) -> str:
    """A link with those values that say something."""
    pairs: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, tuple | list):
            pairs += [(name, each) for each in value]
        elif value is not None:
            pairs.append((name, value))
    return f"{path}?{urlencode(pairs)}" if pairs else path


def place_name(code: str) -> str:
    """A division by its code, with its province before it where that says more."""
    name = name_of(code)
    return f"{name} {code}" if name else code


def province_name(code: str) -> str:
    """A province as people say it."""
    division = provinces().get(code)
    return short_name(division.name) if division else code


ENVIRONMENT = Environment(
    loader=PackageLoader("crawler.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.globals.update(
    style=STYLE_NAME,
    place_name=place_name,
    province_name=province_name,
    bound=lambda value: str(value).replace("<=", "≤ ").replace(">=", "≥ "),
    short_time=lambda time: str(time)[:16].replace("T", " "),
    by_year_of=lambda cells: {cell["year"]: cell for cell in cells},
)


def page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page of the site."""
    chosen = language(request)
    stated = {"lang": chosen} if request.query_params.get("lang") in words.LANGUAGES else {}

    def link(path: str, **values: Any) -> str:
        return href(path, {**values, **stated})

    def other_language() -> str:
        pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
        pairs.append(("lang", "en" if chosen == "zh" else "zh"))
        return f"{request.url.path}?{urlencode(pairs)}"

    html = ENVIRONMENT.get_template(template).render(
        lang=chosen,
        stated=stated,
        link=link,
        other_language=other_language,
        t=lambda key, **values: words.say(chosen, key, **values),
        n=lambda family, value: words.name(chosen, family, value),
        figure=lambda path: words.figure_name(chosen, path),
        path=request.url.path,
        progress=view_of(request).index.progress,
        **context,
    )
    return HTMLResponse(html, status, headers={"Vary": "Accept-Language", "Content-Language": chosen})
