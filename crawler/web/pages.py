"""The pages people see."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from crawler.forms import APPLICANTS, APPLICATION_ROWS, DISCLOSURE_CELLS, OUTCOMES, REVIEW_ROWS
from crawler.items import Version
from crawler.web import lookup, parameters, plots, proof, prose, words
from crawler.web.bigrams import expression
from crawler.web.figures import FIGURES, LEVELS
from crawler.web.index import Index
from crawler.web.original import PAGES, media_type
from crawler.web.standing import MARKS
from crawler.web.view import View, asked, language, page, view_of
from spiders.divisions import provinces, short_name
from storage.codec import Damaged
from storage.differences import Operation, difference
from storage.records import record
from storage.stores import Missing

# Where a province's tile stands (column, row): roughly where it lies.
TILES = {
    "23": (9, 1), "15": (7, 2), "22": (9, 2), "65": (1, 3), "62": (3, 3), "64": (4, 3), "14": (5, 3), "13": (6, 3),
    "11": (7, 3), "12": (8, 3), "21": (9, 3), "63": (3, 4), "61": (4, 4), "41": (5, 4), "37": (6, 4), "54": (2, 5),
    "51": (3, 5), "50": (4, 5), "42": (5, 5), "34": (6, 5), "32": (7, 5), "31": (8, 5), "53": (3, 6), "52": (4, 6),
    "43": (5, 6), "36": (6, 6), "33": (7, 6), "45": (4, 7), "44": (5, 7), "35": (6, 7), "71": (8, 7), "46": (4, 8),
    "82": (5, 8), "81": (6, 8), "66": (1, 2),
}  # fmt: skip
SHOWN_AGENCIES = 24
SHOWN_CHANGES = 12
DEFAULT_FIGURES = ("applications.new.total", "applications.granted.total", "review_litigation.reconsideration.total")
READ_AS = (
    "title", "kind", "report_year", "agency", "publisher", "index_number", "index_number_kind", "document_number",
    "published_on", "signed_on", "status", "portal", "platform", "division", "url", "body_source", "encoding", "extractor",
    "report_id", "run", "payload_digest", "body_digest",
)  # fmt: skip
# The order of the national form.
ROW_ORDER: Mapping[str, Sequence[str]] = {
    "disclosure": tuple(DISCLOSURE_CELLS),
    "applications": APPLICATION_ROWS,
    "review_litigation": REVIEW_ROWS,
}
COLUMN_ORDER: Mapping[str, Sequence[str]] = {
    "disclosure": tuple(dict.fromkeys(cell for cells in DISCLOSURE_CELLS.values() for cell in cells)),
    "applications": APPLICANTS,
    "review_litigation": OUTCOMES,
}
BY_TABLE = {table: [name for name in FIGURES if name.startswith(f"{table}.")] for table in ROW_ORDER}
CONTEXT = 1  # unchanged paragraphs shown around a changed one
FACETS = ("province", "prefecture", "year", "agency", "kind", "platform", "status")


# ---------------------------------------------------------------- overview


def overview(request: Request) -> Response:
    """Provinces, agencies × years, runs, and what broke."""
    asked(request)
    index = view_of(request).index
    found, _ = lookup.agencies(index, {"limit": SHOWN_AGENCIES})
    changes, changed = lookup.changes(index)
    return page(
        request,
        "overview.html",
        tiles=_tiles(lookup.marks(index)),
        rows=found,
        years=_years(found),
        marks=MARKS,
        runs=lookup.runs(index, 8),
        changes=changes[:SHOWN_CHANGES],
        changed=changed,
        unread=lookup.unread(index, lookup.UNREAD_SHOWN),
        latest=lookup.latest(index, lookup.LATEST_SHOWN),
        counts=lookup.totals(index),
    )


def _tiles(marks: Mapping[str, Mapping[int, Mapping[str, int]]]) -> list[dict[str, Any]]:
    tiles = []
    for code, division in provinces().items():
        if code not in TILES or (code == "66" and code not in marks):
            continue
        cells: dict[str, int] = {}
        for of_year in marks.get(code, {}).values():
            for mark, count in of_year.items():
                cells[mark] = cells.get(mark, 0) + count
        total = sum(cells.values()) - cells.get("silent", 0)
        held = total - cells.get("missing", 0)
        share = round(100 * held / total) if total else 0
        column, row = TILES[code]
        tiles.append(
            {"code": code, "name": short_name(division.name), "column": column, "row": row, "total": total, "held": held,
             "share": share, "depth": min(5, 1 + share // 20) if total else 0}
        )  # fmt: skip
    return sorted(tiles, key=lambda tile: (tile["row"], tile["column"]))


def _years(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    years = {cell["year"] for row in rows for cell in row["cells"]}
    return list(range(min(years), max(years) + 1)) if years else []


def coverage(request: Request) -> Response:
    """Agencies × years, page by page."""
    given = asked(request, parameters.COVERAGE)
    index = view_of(request).index
    found, after = lookup.agencies(index, given)
    totals: dict[str, int] = dict.fromkeys(MARKS, 0)
    for of_years in lookup.marks(index, given["province"]).values():
        for of_year in of_years.values():
            for mark, count in of_year.items():
                totals[mark] += count
    known = lookup.provinces_held(index)
    return page(request, "coverage.html", given=given, rows=found, years=_years(found), after=after, marks=MARKS,
                totals=totals, known=known)  # fmt: skip


# ---------------------------------------------------------------- search


def search(request: Request) -> Response:
    """Results with facets."""
    given = asked(request, parameters.SEARCH)
    index = view_of(request).index
    found = lookup.search(index, given)
    results = [{**row, "excerpt": lookup.excerpt(index, row["id"], given["q"])} for row in found.rows]
    chosen = {
        parameter.name: given[parameter.name]
        for parameter in parameters.FILTERS
        if given[parameter.name] not in (None, parameter.default)
    }
    counted = lookup.counted(index, given)
    facets = [
        (lookup.PARAMETER_OF.get(name, name), counted.facets[name])
        for name in FACETS
        if len(counted.facets[name]) > 1 and lookup.PARAMETER_OF.get(name, name) not in chosen
    ]
    kept = {name: value for name, value in given.items() if name not in ("after", "lang") and value is not None}
    if kept.get("limit") == parameters.LIMIT.default:
        del kept["limit"]
    if kept.get("kind") == "annual_report":
        del kept["kind"]
    return page(request, "search.html", given=given, kept=kept, chosen=chosen, results=results, counted=counted,
                facets=facets, after=found.next, kinds=parameters.KINDS,
                wordless=bool(given["q"]) and expression(given["q"]) is None)  # fmt: skip


# ---------------------------------------------------------------- a report


def report(request: Request) -> Response:
    """One version of a report, with everything known of it."""
    given = asked(request, (parameters.VERSION,))
    view = view_of(request)
    report_id = request.path_params["report_id"]
    version, versions = view.version(report_id, given["version"])
    where = view.whereabouts(report_id)
    read = view.record(version, where)
    broken: dict[str, list[dict[str, Any]]] = {}
    for check in read["checks"]:
        broken.setdefault(check["where"], []).append(check)
    return page(
        request,
        "report.html",
        record=read,
        version=version,
        versions=versions,
        last_seen={v.number: record(v, where)["last_seen"] for v in versions},
        blocks=prose.blocks(version.reading.body or ""),
        original=_original(view, version),
        tables=_tables(version, broken),
        broken=broken,
        repeated=(read["details"] or {}).get("repeated"),
        errors=sum(check["severity"] == "error" for check in read["checks"]),
        fields=_fields(read),
        looks=lookup.looks(view.index, report_id),
        citation=_citation(request, read),
        keys=proof.keys(version),
    )


def _original(view: View, version: Version) -> str:
    """What the original is: a ``page`` to be shown, a ``file`` to be saved, ``damaged`` or ``absent``."""
    try:
        capture = view.archive.snapshot(version.snapshot)
    except Missing:
        return "absent"
    except Damaged:
        return "damaged"
    stated, _ = media_type(capture.header("Content-Type"))
    return "page" if stated in PAGES or (stated is None and capture.payload.lstrip()[:1] == b"<") else "file"


def _fields(read: Mapping[str, Any]) -> list[tuple[str, str, list[str]]]:
    """(field, value, the printed labels that say the same)."""
    found = []
    for name in READ_AS:
        value = read[name]
        if value in (None, ""):
            continue
        labels = [label for label, printed in read["metadata"].items() if printed and _same(printed, value)]
        found.append((name, str(value), labels))
    return found


def _same(printed: str, value: object) -> bool:
    plain = "".join(str(value).split())
    return plain == "".join(printed.split()) or (len(plain) == 10 and plain in _iso(printed))


def _iso(text: str) -> str:
    return text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")


def _tables(version: Version, broken: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The statutory tables: name, columns, rows of (row, [(column, value, broken checks)])."""
    statistics = version.reading.statistics
    tables = []
    for name in ("disclosure", "applications", "review_litigation") if statistics else ():
        assert statistics is not None
        rows: Mapping[str, Mapping[str, Any]] = {
            row: cells for row, cells in (statistics.get(name) or {}).items() if cells
        }
        if not rows:
            continue
        columns = _in_order({column for cells in rows.values() for column in cells}, COLUMN_ORDER[name])
        body = [
            (row, [(c, rows[row].get(c), broken.get(f"{name}.{row}.{c}"), c in rows[row]) for c in columns])
            for row in _in_order(rows, ROW_ORDER[name])
        ]
        tables.append({"name": name, "columns": columns, "rows": body})
    return tables


def _in_order(names: Collection[str], order: Sequence[str]) -> list[str]:
    """In the order of the national form; what it does not know comes last."""
    return [name for name in order if name in names] + sorted(name for name in names if name not in order)


def _citation(request: Request, read: Mapping[str, Any]) -> dict[str, str]:
    """GB/T 7714 and plain English; what was read, when, and the digest by which it can be told."""
    today = datetime.now(UTC).date()
    seen = date.fromisoformat(read["first_seen"][:10])
    here = f"{request.base_url}reports/{read['report_id']}?version={read['version']}"
    who = read["agency"] or read["publisher"] or "佚名"
    title = read["title"] or read["report_id"]
    day = read["published_on"] or f"{seen}"
    return {
        "zh": f"{who}. {title}[EB/OL]. ({day})[{today}]. {read['url']}. 存档版本 {read['version']}，{seen} 采集，"
        f"{read['payload_digest']}. {here}.",
        "en": f"{who}, “{title}”, {day}, {read['url']}, archived {seen} as version {read['version']}, "
        f"{read['payload_digest']}, {here} (accessed {today}).",
    }


def diff(request: Request) -> Response:
    """What changed between two versions: the last two where none are named."""
    given = asked(request, parameters.COMPARED)
    view = view_of(request)
    report_id = request.path_params["report_id"]
    versions = view.versions(report_id)
    old, new = _compared(versions, given["from"], given["to"])
    found = difference(old, new)
    shown: list[Any] = []
    near = {
        m
        for n, paragraph in enumerate(found.body)
        if paragraph.operation is not Operation.EQUAL
        for m in range(n - CONTEXT, n + CONTEXT + 1)
    }
    skipped = 0
    for n, paragraph in enumerate(found.body):
        if paragraph.operation is Operation.EQUAL and not any(segment.text.strip() for segment in paragraph.segments):
            continue
        if given["whole"] or n in near:
            if skipped:
                shown.append(skipped)
            shown.append(paragraph)
            skipped = 0
        else:
            skipped += 1
    if skipped and shown:
        shown.append(skipped)
    return page(
        request, "diff.html", report_id=report_id, versions=versions, old=old, new=new, found=found, body=shown, whole=given["whole"],
        by={c.where: _by(c.old, c.new) for c in found.statistics}, once=prose.once,
    )  # fmt: skip


def _compared(versions: Sequence[Version], old: int | None, new: int | None) -> tuple[Version, Version]:
    by_number = {version.number: version for version in versions}
    last = versions[-1].number
    new = new or last
    old = old or max((number for number in by_number if number < new), default=new)
    if old not in by_number or new not in by_number:
        raise HTTPException(404)
    return by_number[old], by_number[new]


def _by(old: Any, new: Any) -> str:
    numbers = isinstance(old, int | float) and isinstance(new, int | float)
    return f"{round(new - old, 6):+g}".replace("-", "−") if numbers else ""


# ---------------------------------------------------------------- numbers


def numbers(request: Request) -> Response:
    """Plots of the chosen figures, each with its data."""
    given = asked(request, parameters.NUMBERS)
    view = view_of(request)
    chosen = language(request)
    figures = given["figure"] or DEFAULT_FIGURES
    drawn = []
    for figure in figures if given["series"] else ():
        series = {name: lookup.series(view.index, figure, name) for name in given["series"]}
        years = sorted({point.year for points in series.values() for point in points})
        by_year = {name: {point.year: point for point in points} for name, points in series.items()}
        drawn.append({"figure": figure, "plot": plots.plot(series), "years": years, "series": by_year})
    names = {name: series_name(chosen, name) for name in given["series"]}
    known = lookup.provinces_held(view.index)
    suggested = [] if given["series"] or given["find"] else lookup.named(view.index, "人民政府", 12)
    found = lookup.named(view.index, given["find"]) if given["find"] else []
    return page(request, "numbers.html", given=given, drawn=drawn, names=names, figures=BY_TABLE, chosen=figures, levels=LEVELS,
                known=known, found=found, suggested=suggested)  # fmt: skip


def compare(request: Request) -> Response:
    """The agencies of a division, by how much a figure rose between two years."""
    given = asked(request, parameters.COMPARISON)
    index = view_of(request).index
    years, rows = comparison(index, given)
    there = lookup.years_of(index, given["division"]) if given["division"] else {}
    return page(request, "compare.html", given=given, years=years, rows=rows, figures=BY_TABLE, there=tuple(there),
                known=lookup.provinces_held(index))  # fmt: skip


def comparison(index: Index, given: Mapping[str, Any]) -> tuple[tuple[int, int] | None, list[lookup.Compared]]:
    """(the earlier year, the later) and what is compared; nothing where no division is named or it has no numbers.

    Where no year is named, it is the latest of those that most agencies can be compared in: in January few have
    published, and a table of gaps answers nothing.
    """
    there = lookup.years_of(index, given["division"]) if given["division"] else {}
    year = given["year"] or max(there, key=lambda each: (there[each], each), default=None)
    if year is None:
        return None, []
    before = given["before"] or next((each for each in there if each < year), year - 1)
    return (before, year), lookup.compared(index, given["figure"], given["division"], year, before)


def series_name(chosen: str, name: str) -> str:
    """A series as the legend says it."""
    code, _, who = name.partition(":")
    if len(code) == 6:
        return who
    division = provinces().get(code)
    return f"{short_name(division.name) if division else code} {words.name(chosen, 'level', who)}"


# ---------------------------------------------------------------- runs


def runs(request: Request) -> Response:
    """All runs, the newest first."""
    given = asked(request, parameters.RUNS)
    found = lookup.runs(view_of(request).index, given["limit"] + 1, given["before"])
    more = found[given["limit"] - 1]["run"] if len(found) > given["limit"] else None
    return page(request, "runs.html", runs=found[: given["limit"]], more=more)


def run(request: Request) -> Response:
    """One run, portal by portal, page by page."""
    given = asked(request, parameters.RUN)
    found = lookup.run(view_of(request).index, request.path_params["run"], given)
    if found is None:
        raise HTTPException(404)
    run, after = found
    return page(request, "run.html", run=run, given=given, after=after, statuses=lookup.GRAVEST_FIRST)
