"""The OpenAPI document, made of the parameters the answers are checked by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from crawler import __version__
from crawler.web import parameters
from crawler.web.parameters import Parameter
from storage.records import FIELDS, Field, Type

PATH_VALUES: Mapping[str, dict[str, Any]] = {
    "report_id": {"type": "string", "pattern": "^[0-9a-z][0-9a-z_-]{1,127}$"},
    "number": {"type": "integer", "minimum": 1},
    "place": {"type": "integer", "minimum": 1},
    "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "run": {"type": "string"},
    "url": {"type": "string", "format": "uri"},
    "stamp": {"type": "string", "pattern": "^[0-9]{14}$"},
    "form": {"type": "string", "enum": ["link", "json"]},
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One address programs may ask."""

    path: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    media_type: str = "application/json"
    answer: str | None = None  # the schema's name
    required: tuple[str, ...] = ()  # parameters that must be given
    status: str = "200"


OPERATIONS = (
    Operation("/api/v1/reports", "Search: a page of reports, the latest version of each, with facets", parameters.SEARCH, answer="Results"),
    Operation("/api/v1/reports.csv", "Every result as CSV", parameters.SEARCH, "text/csv"),
    Operation("/api/v1/reports.atom", "What was archived or revised last as Atom, page by page", parameters.FEED, "application/atom+xml"),
    Operation("/api/v1/reports/{report_id}", "Every version of a report and what was seen of it", answer="Report"),
    Operation("/api/v1/reports/{report_id}/versions/{number}", "One version", answer="Record"),
    Operation("/api/v1/reports/{report_id}/difference", "What changed between two versions", parameters.COMPARED[:2]),
    Operation("/reports/{report_id}/proof.zip", "A version with its snapshots and digests, to be checked offline",
              (parameters.VERSION,), "application/zip"),
    Operation("/reports/{report_id}/versions/{number}/files/{place}", "An attachment", (), "application/octet-stream"),
    Operation("/snapshots/{digest}.warc.gz", "A snapshot as kept, by its payload digest", (), "application/warc"),
    Operation("/original/{digest}", "An archived page as it was, inert", (), "text/html"),
    Operation("/api/v1/coverage", "Agencies × years: archived, late, altered, unreadable, gone, missing", parameters.COVERAGE),
    Operation("/api/v1/numbers", "Statutory figures over the years", parameters.NUMBERS[:2], required=("series",)),
    Operation("/api/v1/numbers.csv", "Statutory figures over the years as CSV", parameters.NUMBERS[:2], "text/csv",
              required=("series",)),
    Operation("/api/v1/compare", "A figure of two years, every agency of a division, the greatest rise first",
              parameters.COMPARISON, required=("division",)),
    Operation("/api/v1/compare.csv", "The same as CSV", parameters.COMPARISON, "text/csv", required=("division",)),
    Operation("/api/v1/runs", "Runs, the newest first", parameters.RUNS),
    Operation("/api/v1/runs/{run}", "One run, portal by portal, those that ended worst first", parameters.RUN),
    Operation("/api/v1/status", "How far the index follows the archive, and what broke"),
    Operation("/timegate/{url}", "RFC 7089: redirects to the capture next to Accept-Datetime", (), "text/html", status="302"),
    Operation("/timemap/{form}/{url}", "RFC 7089: all captures of an address", (), "application/link-format"),
    Operation("/memento/{stamp}/{url}", "RFC 7089: one capture", (), "text/html"),
)  # fmt: skip


@cache
def document() -> dict[str, Any]:
    """The API as OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "nianbao",
            "version": __version__,
            "description": "Read-only view of an archive of annual open-government reports. GET and HEAD only; every answer "
            "carries an ETag. A page of results ends with `next`, whose order holds while the archive grows.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {operation.path: {"get": _operation(operation)} for operation in OPERATIONS},
        "components": {"schemas": _schemas()},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{operation.answer}"} if operation.answer else {}
    given: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": PATH_VALUES[name]}
        for name in PATH_VALUES
        if f"{{{name}}}" in operation.path
    ]
    given += [
        {
            "name": p.name,
            "in": "query",
            "description": p.meaning,
            "schema": p.schema(),
            # An empty one counts for nothing: forms send every field they have.
            **({"required": True} if p.name in operation.required else {"allowEmptyValue": True}),
            **({"explode": True} if p.many > 1 else {}),
        }
        for p in operation.parameters
    ]
    responses: dict[str, Any] = {
        operation.status: {"description": operation.summary, "content": {operation.media_type: {"schema": schema}}},
        "304": {"description": "unchanged since the ETag given"},
        "400": {"description": "a parameter is not what it may be"},
    }
    if "{" in operation.path:
        responses["404"] = {"description": "the archive holds none"}
    return {
        "operationId": operation.path.strip("/").replace("{", "").replace("}", "").replace("/", "_").replace(".", "_"),
        "summary": operation.summary,
        "parameters": given,
        "responses": responses,
    }


def _schemas() -> dict[str, Any]:
    listed: dict[str, Any] = {
        "type": "object",
        "properties": {
            "total": {"type": "integer", "description": "matches counted"},
            "more_than_total": {"type": "boolean", "description": "counting stopped there"},
            "reports": {"type": "array", "items": {"type": "object"}},
            "facets": {"type": "object"},
            "next": {"type": ["string", "null"], "format": "uri"},
        },
    }
    report = {
        "type": "object",
        "properties": {
            "versions": {"type": "array", "items": {"$ref": "#/components/schemas/Record"}},
            "sightings": {
                "type": "array",
                "items": {"type": "object"},
                "description": "a row for every stretch of looks at one address that saw the same, with their number",
            },
        },
    }
    return {"Record": _object(FIELDS), "Results": listed, "Report": report}


def _object(fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: _field(field) for field in fields},
        "required": [field.name for field in fields if field.required],
    }


def _field(field: Field) -> dict[str, Any]:
    plain: Mapping[Type, dict[str, Any]] = {
        Type.TEXT: {"type": "string"},
        Type.INTEGER: {"type": "integer"},
        Type.NUMBER: {"type": "number"},
        Type.BOOLEAN: {"type": "boolean"},
        Type.DATE: {"type": "string", "format": "date"},
        Type.TIME: {"type": "string", "format": "date-time"},
        Type.TEXTS: {"type": "array", "items": {"type": "string"}},
        Type.LABELS: {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        Type.JSON: {},
    }
    if field.type is Type.OBJECT:
        schema = _object(field.fields)
    elif field.type is Type.OBJECTS:
        schema = {"type": "array", "items": _object(field.fields)}
    else:
        schema = dict(plain[field.type])
    if not field.required and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema | {"description": field.meaning}
