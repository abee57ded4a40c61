"""What programs are given: JSON, CSV, Atom, snapshots, originals, Memento."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from starlette.concurrency import iterate_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from crawler.metrics import MEDIA_TYPE, exposition, of_index, of_last_runs
from crawler.web import lookup, memento, original, pages, parameters, proof, words
from crawler.web.parameters import BadRequest
from crawler.web.shield import FOREVER
from crawler.web.view import STYLE, asked, href, language, page, view_of
from storage.differences import difference
from storage.snapshots import StoredCapture

CSV_ROWS = 1_000_000
CSV_PIECE = 500
LISTED = (
    "report_id", "version", "kind", "year", "agency", "publisher", "title", "province", "division", "portal", "platform",
    "status", "url", "published_on", "index_number", "document_number", "first_seen", "version_seen", "altered", "checks",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plainly(value: Any, status: int = 200) -> Response:
    """JSON, Chinese readable."""
    return Response(
        json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n", status, media_type="application/json"
    )


# ---------------------------------------------------------------- search


def reports(request: Request) -> Response:
    """A page of results."""
    given = asked(request, parameters.SEARCH)
    index = view_of(request).index
    found = lookup.search(index, given)
    counted = lookup.counted(index, given)
    return plainly(
        {
            "total": counted.total,
            "more_than_total": counted.more,
            "reports": [_listed(row) for row in found.rows],
            "facets": {
                lookup.PARAMETER_OF.get(name, name): [{"value": value, "count": count} for value, count in values]
                for name, values in counted.facets.items()
            },
            "next": _next(request, found.next),
        }
    )


def _listed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: bool(row[name]) if name == "altered" else row[name] for name in LISTED}


def _next(request: Request, after: int | str | None) -> str | None:
    return None if after is None else str(request.url.include_query_params(after=after))


def reports_csv(request: Request) -> Response:
    """Every result, a line each."""
    given = asked(request, parameters.SEARCH)
    index = view_of(request).index

    def lines() -> Iterator[str]:
        yield "\ufeff" + _csv_line(LISTED)
        rows = lookup.every(index, given, CSV_ROWS)
        # Each piece is a hop between threads, and a line is too little for one.
        while piece := "".join(_csv_line(row[name] for name in LISTED) for row in islice(rows, CSV_PIECE)):
            yield piece

    headers = original.download_headers("reports.csv")
    return StreamingResponse(iterate_in_threadpool(lines()), media_type="text/csv; charset=utf-8", headers=headers)


def _csv_line(values: Any) -> str:
    out = io.StringIO()
    # A spreadsheet would run what begins like a formula.
    csv.writer(out).writerow([f"'{v}" if isinstance(v, str) and v.startswith(FORMULA) else v for v in values])
    return out.getvalue()


def feed(request: Request) -> Response:
    """The results archived or revised last, as Atom (RFC 4287); a page leads to the one before it (RFC 5005)."""
    given = asked(request, parameters.FEED)
    index = view_of(request).index
    chosen = language(request)
    found = lookup.news(index, given)
    base = str(request.base_url)
    title = " ".join(str(given[p.name]) for p in parameters.FILTERS if given[p.name] not in (None, p.default))
    updated = max((row["version_seen"] for row in found.rows), default="1970-01-01T00:00:00+00:00")
    entries = "".join(_entry(row, base) for row in found.rows)
    site = words.say(chosen, "site")
    here = str(request.url)
    there = href(
        f"{base}search", {name: value for name, value in given.items() if name not in ("lang", "after", "limit")}
    )
    following = _next(request, found.next)
    older = f'<link rel="next" href={quoteattr(following)}/>\n' if following else ""
    xml = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{chosen}">\n'
        f"<title>{_xml(f'{site}: {title}' if title else site)}</title>\n<id>{_xml(here)}</id>\n<updated>{updated}</updated>\n"
        f'<link rel="self" href={quoteattr(here)}/>\n<link href={quoteattr(there)}/>\n{older}'
        f"<author><name>{_xml(site)}</name></author>\n{entries}</feed>\n"
    )
    return Response(xml, media_type="application/atom+xml")


def _entry(row: Mapping[str, Any], base: str) -> str:
    address = f"{base}reports/{row['report_id']}?version={row['version']}"
    about = " · ".join(str(row[name]) for name in ("agency", "year", "published_on", "url") if row[name])
    return (
        f"<entry><title>{_xml(row['title'] or row['report_id'])}</title><id>{_xml(address)}</id>"
        f"<updated>{row['version_seen']}</updated><link href={quoteattr(address)}/>"
        f"<author><name>{_xml(row['agency'] or row['publisher'] or row['portal'])}</name></author>"
        f"<summary>{_xml(about)}</summary></entry>\n"
    )


def _xml(text: str) -> str:
    return escape("".join(c for c in text if ord(c) >= 32 or c in "\t\n"))


# ---------------------------------------------------------------- a report


def report(request: Request) -> Response:
    """Every version of a report, and what was seen of it."""
    asked(request)
    view = view_of(request)
    report_id = request.path_params["report_id"]
    versions = view.versions(report_id)
    where = view.whereabouts(report_id)
    return plainly(
        {"versions": [view.record(v, where) for v in versions], "sightings": lookup.looks(view.index, report_id)}
    )


def version(request: Request) -> Response:
    """One version as its record."""
    asked(request)
    view = view_of(request)
    report_id = request.path_params["report_id"]
    found, _ = view.version(report_id, request.path_params["number"])
    return plainly(view.record(found, view.whereabouts(report_id)))


def difference_of(request: Request) -> Response:
    """What changed between two versions."""
    given = asked(request, parameters.COMPARED[:2])
    old, new = pages._compared(view_of(request).versions(request.path_params["report_id"]), given["from"], given["to"])
    return plainly(difference(old, new).as_json())


def bundle(request: Request) -> Response:
    """What is needed to check a version offline."""
    given = asked(request, (parameters.VERSION,))
    view = view_of(request)
    found, _ = view.version(request.path_params["report_id"], given["version"])
    try:
        content = proof.bundle(view.archive, found)
    except proof.TooLarge:
        return plainly({"error": "too large for one bundle", "snapshots": proof.keys(found)}, 413)
    return Response(content, media_type="application/zip",
                    headers=original.download_headers(f"{found.report_id}-v{found.number}.zip"))  # fmt: skip


def attachment(request: Request) -> Response:
    """One file of a report, to be saved."""
    asked(request)
    number, place = request.path_params["number"], request.path_params["place"]
    found, _ = view_of(request).version(request.path_params["report_id"], number)
    if not 1 <= place <= len(found.attachments):
        raise HTTPException(404)
    file = found.attachments[place - 1]
    capture = view_of(request).snapshot(file.digest)
    return _download(capture, file.name, file.media_type)


def _download(capture: StoredCapture, name: str, stated: str | None) -> Response:
    media_type, _ = original.media_type(stated)
    headers = original.download_headers(name)
    headers |= {"ETag": f'"{capture.payload_digest}"', "Cache-Control": FOREVER}
    return Response(capture.payload, headers=headers | {"Content-Type": media_type or "application/octet-stream"})


# ---------------------------------------------------------------- snapshots


def snapshot(request: Request) -> Response:
    """A snapshot as kept."""
    asked(request)
    digest = request.path_params["digest"]
    view = view_of(request)
    view.snapshot(digest)  # its digests are checked before it is given away
    from storage import layout

    headers = original.download_headers(f"{digest}.warc.gz") | {"ETag": f'"warc-{digest}"', "Cache-Control": FOREVER}
    return Response(view.archive.store.get(layout.snapshot_key(digest)), media_type="application/warc", headers=headers)


def shown(request: Request) -> Response:
    """An archived page as it was, inert; what is no page is to be saved."""
    asked(request)
    return _shown(view_of(request).snapshot(request.path_params["digest"]), {"Cache-Control": FOREVER})


def _shown(capture: StoredCapture, headers: Mapping[str, str]) -> Response:
    inert = original.shown(capture.payload, capture.header("Content-Type"))
    if inert is None:
        name = capture.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        answer = _download(capture, name, capture.header("Content-Type"))
        answer.headers.update(headers)
        return answer
    return Response(
        inert.content, headers={"Content-Type": inert.media_type, "Content-Security-Policy": original.POLICY, **headers}
    )


# ---------------------------------------------------------------- Memento


def timegate(request: Request) -> Response:
    """Redirects to the capture next to ``Accept-Datetime``."""
    url = _address(request, "/timegate/")
    captures = _captures(request, url)
    chosen = memento.nearest(captures, memento.asked_for(request.headers.get("accept-datetime")))
    base = str(request.base_url)
    return RedirectResponse(
        f"{base}memento/{memento.stamp(chosen[0])}/{url}",
        302,
        headers={"Vary": "Accept-Datetime", "Link": memento.links(base, url, captures, chosen)},
    )


def timemap(request: Request) -> Response:
    """All captures of an address."""
    form = request.path_params["form"]
    if form not in ("link", "json"):
        raise HTTPException(404)
    url = _address(request, f"/timemap/{form}/")
    captures = _captures(request, url)
    base = str(request.base_url)
    if form == "link":
        return Response(memento.timemap(base, url, captures), media_type="application/link-format")
    listed = [
        {
            "datetime": _second(time),
            "uri": f"{base}memento/{memento.stamp(time)}/{url}",
            "payload_digest": f"sha256:{digest}",
        }
        for time, digest, _ in captures
    ]
    return plainly(
        {"original_uri": url, "timegate_uri": f"{base}timegate/{url}", "timemap_uri": {"link_format": f"{base}timemap/link/{url}"},
         "mementos": {"first": listed[0], "last": listed[-1], "list": listed}}
    )  # fmt: skip


def capture(request: Request) -> Response:
    """A memento: the capture of that second; another second leads to the one next to it."""
    stamp = request.path_params["stamp"]
    url = _address(request, f"/memento/{stamp}/")
    captures = _captures(request, url)
    time = memento.time_of(stamp)
    chosen = memento.nearest(captures, time)
    base = str(request.base_url)
    if memento.stamp(chosen[0]) != stamp:
        return RedirectResponse(f"{base}memento/{memento.stamp(chosen[0])}/{url}", 302)
    headers = {"Memento-Datetime": memento.http_date(chosen[0]), "Link": memento.links(base, url, captures, chosen)}
    return _shown(view_of(request).snapshot(chosen[1]), headers)


def _address(request: Request, prefix: str) -> str:
    raw = request.scope.get("raw_path") or request.url.path.encode()
    return memento.address(raw, request.scope["query_string"], prefix)


def _captures(request: Request, url: str) -> list[memento.Capture]:
    captures = lookup.captures(view_of(request).index, url)
    if not captures:
        raise HTTPException(404)
    return captures


def _second(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


# ---------------------------------------------------------------- coverage, numbers, runs


def coverage(request: Request) -> Response:
    """Agencies × years."""
    given = asked(request, parameters.COVERAGE)
    found, after = lookup.agencies(view_of(request).index, given)
    for row in found:
        del row["id"]
    return plainly({"agencies": found, "next": _next(request, after)})


def numbers(request: Request) -> Response:
    """The data behind the plots."""
    return plainly({"points": _points(request)})


def numbers_csv(request: Request) -> Response:
    """The data behind the plots, a line for every point."""
    columns = ("figure", "series", "year", "value", "reports", "report_id")
    lines = [_csv_line(columns), *(_csv_line(point[c] for c in columns) for point in _points(request))]
    return Response(
        "\ufeff" + "".join(lines),
        media_type="text/csv; charset=utf-8",
        headers=original.download_headers("numbers.csv"),
    )


def _points(request: Request) -> list[dict[str, Any]]:
    given = asked(request, parameters.NUMBERS[:2])
    if not given["series"]:
        raise BadRequest("series: name at least one, such as 331124:某县教育局 or 33:county", "series")
    index = view_of(request).index
    return [
        {
            "figure": figure,
            "series": name,
            "year": p.year,
            "value": p.value,
            "reports": p.reports,
            "report_id": p.report_id,
        }
        for figure in given["figure"] or pages.DEFAULT_FIGURES
        for name in given["series"]
        for p in lookup.series(index, figure, name)
    ]


def compare(request: Request) -> Response:
    """The agencies of a division, by how much a figure rose between two years."""
    years, rows = _comparison(request)
    before, year = years or (None, None)
    return plainly({"before": before, "year": year, "agencies": rows})


def compare_csv(request: Request) -> Response:
    """The same, a line for every agency."""
    years, rows = _comparison(request)
    columns = ("division", "agency", "level", "before", "now", "rise", "report_before", "report_now")
    lines = [_csv_line(columns), *(_csv_line(row[c] for c in columns) for row in rows)]
    headers = original.download_headers(f"compare-{years[0]}-{years[1]}.csv" if years else "compare.csv")
    return Response("\ufeff" + "".join(lines), media_type="text/csv; charset=utf-8", headers=headers)


def _comparison(request: Request) -> tuple[tuple[int, int] | None, list[dict[str, Any]]]:
    given = asked(request, parameters.COMPARISON)
    if not given["division"]:
        raise BadRequest("division: a GB/T 2260 code or its beginning, such as 331124 or 33", "division")
    years, rows = pages.comparison(view_of(request).index, given)
    return years, [
        {
            "division": row.division, "agency": row.agency, "level": row.level,
            "before": row.before and row.before.value, "now": row.now and row.now.value, "rise": row.rise,
            "report_before": row.before and row.before.report_id, "report_now": row.now and row.now.report_id,
        }
        for row in rows
    ]  # fmt: skip


def runs(request: Request) -> Response:
    """Runs, the newest first."""
    given = asked(request, parameters.RUNS)
    found = lookup.runs(view_of(request).index, given["limit"] + 1, given["before"])
    more = found[given["limit"] - 1]["run"] if len(found) > given["limit"] else None
    following = str(request.url.include_query_params(before=more)) if more else None
    return plainly({"runs": found[: given["limit"]], "next": following})


def run(request: Request) -> Response:
    """One run, a page of its portals."""
    given = asked(request, parameters.RUN)
    found = lookup.run(view_of(request).index, request.path_params["run"], given)
    if found is None:
        raise HTTPException(404)
    run, after = found
    return plainly(run | {"next": _next(request, after)})


def status(request: Request) -> Response:
    """How far the index follows the archive, and what broke since the run before."""
    asked(request)
    index = view_of(request).index
    progress = index.progress
    changes, changed = lookup.changes(index)
    return plainly(
        {
            "reports": lookup.totals(index)["every"],
            "index": {"updated": progress.updated, "building": progress.building, "fault": progress.fault},
            "changes": changes,
            "changed": changed,
            "unread": lookup.unread(index, 100),
        }
    )


# ---------------------------------------------------------------- the rest


def metrics(request: Request) -> Response:
    """What Prometheus asks for: the answers given, how far the index follows, how the last crawls ended."""
    asked(request)
    index = view_of(request).index
    progress = index.progress
    updated = datetime.fromisoformat(progress.updated).timestamp() if progress.updated else None
    finished, ended = lookup.last_crawls(index)
    text = exposition(
        [
            *request.app.state.answers.metrics(),
            *of_index(updated, building=progress.building, failed=bool(progress.fault), totals=lookup.totals(index)),
            *of_last_runs(datetime.fromisoformat(finished).timestamp() if finished else None, ended),
        ]
    )
    return Response(text, headers={"Content-Type": MEDIA_TYPE})


def style(request: Request) -> Response:
    """The one style sheet; its name holds its digest."""
    return Response(STYLE, media_type="text/css", headers={"Cache-Control": FOREVER})


def reference(request: Request) -> Response:
    """The API for people to read."""
    from crawler.web.openapi import document

    asked(request)
    return page(request, "api.html", document=document())


def openapi(request: Request) -> Response:
    """The API for programs to read."""
    from crawler.web.openapi import document

    asked(request)
    return plainly(document())
