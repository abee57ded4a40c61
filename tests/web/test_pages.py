"""What people and programs are shown, over real HTTP."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from crawler.web import lookup
from crawler.web.figures import FIGURES, figures
from crawler.web.index import Index
from crawler.web.lookup import results
from crawler.years import against_the_year_before
from storage import open_archive
from storage.coverage import coverage
from storage.queries import EVERY_KIND, Filters, history, select
from tests.web.conftest import GONE_URL, HOSTILE_URL, Canary, Filled, fill, running

PAGES = (
    "/",
    "/search",
    "/search?q=公开",
    "/coverage",
    "/coverage?mark=gone",
    "/numbers",
    "/numbers?series=33:county",
    "/compare",
    "/compare?division=331124",
    "/compare?division=110000",
    "/runs",
    "/api",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_speaks_both_languages(client: httpx.Client, path: str, language: str) -> None:
    answer = client.get(path, headers={"Accept-Language": f"{language};q=0.9, fr"})
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in answer.text
    assert "<script" not in answer.text
    assert " style=" not in answer.text  # the policy would drop it


@pytest.mark.parametrize(
    ("path", "chinese", "english"),
    [
        ("/search?year=abc", "参数 year 不合要求。应为：报告年度", "report year, four digits"),
        ("/reports/nothing", "未找到", "Not found"),
        (
            "/api",
            "一个版本及其快照和摘要，可离线核验",
            "A version with its snapshots and digests, to be checked offline",
        ),
        ("/api", "区划代码:机关名称", "code:agency"),
        ("/", "错误页（状态 200）", "soft 404"),
        ("/", "时间均为 UTC", "Times are in UTC"),
        ("/search?q=。！", "没有可检索的词", "Nothing to look for"),
        ("/search?q=-申请", "没有可检索的词", "Nothing to look for"),
    ],
)
def test_nothing_is_said_in_one_language_alone(client: httpx.Client, path: str, chinese: str, english: str) -> None:
    assert chinese in client.get(path, headers={"Accept-Language": "zh"}).text
    assert english in client.get(path, headers={"Accept-Language": "en"}).text


def test_every_operation_and_parameter_of_the_api_has_its_chinese(client: httpx.Client) -> None:
    from crawler.web import words

    for path, methods in client.get("/api/v1/openapi.json").json()["paths"].items():
        assert f"operation.{path}" in words.WORDS
        for parameter in methods["get"]["parameters"]:
            assert parameter["in"] == "path" or f"asked.{parameter['name']}" in words.WORDS


def test_where_nothing_was_asked_for_the_excerpt_begins_with_the_text(client: httpx.Client) -> None:
    text = client.get("/search").text
    excerpts = re.findall(r'<p class="excerpt">(.*?)</p>', text)
    assert excerpts
    assert not [excerpt for excerpt in excerpts if excerpt.startswith("…")]


def test_a_language_stated_in_the_address_stays_in_the_links(client: httpx.Client) -> None:
    text = client.get("/search?q=公开&lang=en", headers={"Accept-Language": "zh"}).text
    assert "Narrow down" in text
    assert re.search(r'href="/reports/[0-9a-f]+\?lang=en"', text)


@pytest.mark.parametrize(
    "query", ["申请", "教育", "民政 申请", "公", "2023年", "行政复议", "-申请", "教育 -2014", "“教育”局", "ＡＢ", "0"]
)
def test_search_finds_what_stands_in_the_text_and_nothing_else(
    client: httpx.Client, filled: Filled, query: str
) -> None:
    wanted, unwanted = [], []
    for word in query.replace("“", " ").replace("”", " ").split():
        (unwanted if word.startswith("-") else wanted).append(word.lstrip("-"))
    expected = set()
    for selected in select(filled.archive, Filters(kinds=EVERY_KIND)):
        reading = selected.version.reading
        text = "\n".join(filter(None, [reading.title, reading.agency, reading.publisher, reading.index_number, reading.document_number,
                                       reading.body]))  # fmt: skip
        if all(word in text for word in wanted) and not (wanted and any(word in text for word in unwanted)):
            expected.add(selected.version.report_id)
    answer = client.get("/api/v1/reports", params={"q": query, "kind": "all", "limit": 200}).json()
    assert {row["report_id"] for row in answer["reports"]} == expected
    assert answer["total"] == len(expected)


@pytest.mark.parametrize(
    "asked",
    [
        {}, {"kind": "all"}, {"kind": "notice"}, {"province": "33"}, {"province": "33", "kind": "all"}, {"city": "3311"},
        {"division": "331124", "year": 2021}, {"agency": "澜溪县教育局"}, {"portal": "lanxi"}, {"status": "gone"},
        {"status": "live", "province": "33"}, {"platform": "plain"}, {"q": "申请"}, {"q": "申请", "province": "33"},
        {"province": "33", "after": 5},
    ],
)  # fmt: skip
def test_a_page_of_results_is_read_in_its_order_and_never_sorted(
    index: Index, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[str] = []
    rows = Index.rows

    def explained(self: Index, sql: str, *values: object) -> Any:
        plans.extend(row[3] for row in rows(self, f"explain query plan {sql}", *values))
        return rows(self, sql, *values)

    monkeypatch.setattr(Index, "rows", explained)
    lookup.search(index, {"limit": 20, **asked})
    assert plans
    assert not [step for step in plans if "TEMP B-TREE" in step]


def test_facets_count_and_narrow(client: httpx.Client) -> None:
    all_of_them = client.get("/api/v1/reports?kind=all").json()
    for name in ("year", "agency", "platform", "province", "city", "status"):
        for value in all_of_them["facets"][name]:
            narrowed = client.get("/api/v1/reports", params={"kind": "all", name: value["value"]}).json()
            assert narrowed["total"] == value["count"], name


def test_pages_of_results_give_every_report_once_and_in_one_order(client: httpx.Client) -> None:
    whole = [row["report_id"] for row in client.get("/api/v1/reports?limit=200").json()["reports"]]
    walked: list[str] = []
    address: str | None = "/api/v1/reports?limit=3"
    while address:
        answer = client.get(address).json()
        walked += [row["report_id"] for row in answer["reports"]]
        address = answer["next"]
    assert walked == whole
    assert len(set(walked)) == len(walked)


def test_results_as_csv_and_as_a_feed(client: httpx.Client, filled: Filled) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/api/v1/reports.csv?q=教育").text.lstrip("\ufeff"))))
    assert {row["agency"] for row in rows} >= {"澜溪县教育局"}
    feed = ElementTree.fromstring(client.get("/api/v1/reports.atom").content)
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert (
        entries[0]
        .findtext("{http://www.w3.org/2005/Atom}id", "")
        .endswith(f"/reports/{filled.ids['lanxi-gov-2023']}?version=2")
    ), "the report revised last comes first"


def test_a_spreadsheet_runs_nothing_of_a_csv(client: httpx.Client) -> None:
    assert not re.search(r"(?m)(^|,)[\"']?[=@]", client.get("/api/v1/reports.csv?kind=all").text)


def test_records_are_those_of_the_export(client: httpx.Client, filled: Filled) -> None:
    for report_id in filled.ids.values():
        known = history(filled.archive, report_id, against_the_year_before)
        answer = client.get(f"/api/v1/reports/{report_id}").json()
        assert answer["versions"] == json.loads(json.dumps(known.records, default=str))
        assert sum(look["looks"] for look in answer["sightings"]) == len(known.sightings)


def test_the_heat_map_says_what_coverage_says(client: httpx.Client, filled: Filled) -> None:
    shown = {row["agency"]: row for row in client.get("/api/v1/coverage?limit=500").json()["agencies"]}
    found = coverage(filled.archive)
    assert set(shown) == {row.agency for row in found.rows}
    for row in found.rows:
        cells = shown[row.agency]["cells"]
        assert [(c["year"], c["states"], c["deadline"]) for c in cells] == [
            (c.year, [state.value for state in c.states], c.deadline.isoformat()) for c in row.cells
        ]
    page = client.get("/coverage").text
    assert page.count('class="cell m-altered"') == 1 + 1  # the cell and its legend
    assert client.get("/coverage?mark=gone").text.count('<tr><th scope="row">') == 1


def test_what_broke_since_the_run_before_and_why(client: httpx.Client) -> None:
    text = client.get("/?lang=en").text
    assert "challenge page: 知道创宇" in text
    assert "broke" in text
    assert "soft_404" in text
    status = client.get("/api/v1/status").json()
    assert [(c["portal"], c["before"], c["status"]) for c in status["changes"]] == [("hostile", "ok", "blocked")]
    assert client.get("/runs/20250403T013000Z-bbbbbbbb").status_code == 200


def test_a_portal_is_compared_with_the_crawl_just_before(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.sqlite", "anywhere")
    ended = {
        "back": ("ok", "failed", "ok"), "well": ("failed", "ok", "ok"), "worse": ("blocked", "ok", "incomplete"),
        "first": (None, None, "empty"), "absent": ("failed", "failed", None), "still": ("ok", "blocked", "blocked"),
    }  # fmt: skip
    with sqlite3.connect(tmp_path / "index.sqlite") as db:
        for run in ("run-1", "run-2", "run-3"):
            db.execute("insert into runs values (?, '', '', '{}')", (run,))
        rows = [(portal, f"run-{n}", status) for portal, every in ended.items() for n, status in enumerate(every, 1)]
        db.executemany("insert into outcomes values (?, ?, ?, null, '{}')", [row for row in rows if row[2]])
    told = {each["portal"]: (each["run"], each["status"], each["before"]) for each in lookup.changes(index)}
    assert told == {
        "worse": ("run-3", "incomplete", "ok"), "first": ("run-3", "empty", None), "still": ("run-3", "blocked", "blocked"),
        "absent": ("run-2", "failed", "failed"), "back": ("run-3", "ok", "failed"),
    }  # fmt: skip
    assert {each["portal"]: each["status"] for each in lookup.last_crawls(index)[1]} == {
        portal: [status for status in every if status][-1] for portal, every in ended.items()
    }


def test_a_report_with_its_versions_tables_and_timeline(client: httpx.Client, filled: Filled) -> None:
    report_id = filled.ids["lanxi-gov-2023"]
    text = client.get(f"/reports/{report_id}?lang=en").text
    for expected in (
        "Version 2 / 2",
        "New applications",
        "from the label",
        "/diff?from=1&amp;to=2",
        "revised",
        "sha256sum -c",
    ):
        assert expected in text
    assert "This is an earlier version" in client.get(f"/reports/{report_id}?version=1&lang=en").text
    diff = client.get(f"/reports/{report_id}/diff?lang=en").text
    assert re.search(r"<del>\d+</del>.*<ins>\d+</ins>.*\+1", diff, re.S)
    as_json = client.get(f"/api/v1/reports/{report_id}/difference?from=1&to=2").json()
    assert as_json["statistics"]


def test_failing_identities_are_marked_in_their_cell(client: httpx.Client, filled: Filled) -> None:
    broken = [
        (s.version, c) for s in select(filled.archive) for c in s.version.reading.checks if c.where.count(".") == 2
    ]
    assert broken, "one of the sample reports breaks an identity"
    version, check = broken[0]
    text = client.get(f"/reports/{version.report_id}").text
    assert re.search(rf'<td id="{re.escape(check.where)}" class="number broken', text)


def test_what_the_year_before_says_is_said_of_a_report(client: httpx.Client, filled: Filled) -> None:
    told = {}
    for report_id in filled.ids.values():
        if report_id == filled.ids.get("lost"):
            continue
        checks = [check for record in history(filled.archive, report_id, against_the_year_before).records[-1:]
                  for check in record["checks"] if check["rule"].startswith("years.")]  # fmt: skip
        if checks:
            told[report_id] = checks
    assert told, "the invented agencies do not count on from year to year"
    for report_id, checks in told.items():
        text = client.get(f"/reports/{report_id}?lang=en").text
        assert text.count('<span class="tag warn">doubtful</span>') >= len(checks)
        assert "carried in = what the year before carried out" in text or "year before" in text


def test_numbers_come_with_their_data(client: httpx.Client, filled: Filled) -> None:
    series = "331124:澜溪县人民政府"
    page = client.get("/numbers", params={"series": series, "figure": "applications.new.total"})
    assert "<svg" in page.text
    points = client.get("/api/v1/numbers", params={"series": series, "figure": "applications.new.total"}).json()[
        "points"
    ]
    recorded = {
        s.version.reading.report_year: s.version.reading.statistics["applications"]["new"]["total"]
        for s in select(filled.archive)
        if s.version.reading.agency == "澜溪县人民政府" and s.version.reading.statistics
    }
    assert {p["year"]: p["value"] for p in points if p["value"] is not None} == recorded
    summed = client.get("/api/v1/numbers", params={"series": "33:county", "figure": "applications.new.total"}).json()[
        "points"
    ]
    assert {p["year"]: p["value"] for p in summed} == recorded  # the one county government of the archive
    assert "澜溪县人民政府" in client.get("/api/v1/numbers.csv", params={"series": series}).text


def test_who_turned_down_more_than_the_year_before(client: httpx.Client, filled: Filled) -> None:
    denied: dict[tuple[str | None, int | None], int] = {}
    for selected in select(filled.archive):
        reading = selected.version.reading
        rows = (reading.statistics or {}).get("applications") or {}
        counts = [cells["total"] for row, cells in rows.items() if row.startswith("denied_") and cells]
        if known := [count for count in counts if count is not None]:
            denied[reading.agency, reading.report_year] = sum(known)
    answer = client.get("/api/v1/compare", params={"division": "331124", "before": 2020, "year": 2021}).json()
    told = {(row["agency"], 2020): row["before"] for row in answer["agencies"]}
    told |= {(row["agency"], 2021): row["now"] for row in answer["agencies"]}
    expected = {key: count for key, count in denied.items() if key[1] in (2020, 2021)}
    assert {key: value for key, value in told.items() if value is not None} == expected
    rises = [row["rise"] for row in answer["agencies"] if row["rise"] is not None]
    assert rises == sorted(rises, reverse=True)
    assert rises[0] > 0
    page = client.get("/compare", params={"division": "331124", "before": 2020, "year": 2021}).text
    assert f"+{rises[0]}" in page
    told_of = client.get("/api/v1/compare?division=331124").json()
    assert told_of["year"] - told_of["before"] == 1
    assert any(row["rise"] is not None for row in told_of["agencies"])
    rows = list(csv.DictReader(io.StringIO(client.get("/api/v1/compare.csv?division=3311").text.lstrip("\ufeff"))))
    assert {"agency", "before", "now", "rise"} <= set(rows[0])


def test_a_sum_is_of_what_is_printed_and_of_nothing_else() -> None:
    name, lines = "applications.denied.total", ("denied_internal", "denied_process")
    place = FIGURES.index(name)
    for printed, expected in (((3, None), 3), ((0, 0), 0), ((None, None), None), ((2, 5), 7)):
        rows = {line: {"total": count} for line, count in zip(lines, printed, strict=True)}
        assert figures({"format": "2021", "applications": rows})[place] == expected


def test_a_version_can_be_checked_offline(client: httpx.Client, filled: Filled, tmp_path: Path) -> None:
    answer = client.get(f"/reports/{filled.ids['lanxi-gov-2023']}/proof.zip?version=1")
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)
    snapshots = list((folder / "snapshots").iterdir())
    for snapshot in snapshots:
        warcio = [sys.executable, "-m", "warcio.cli"]
        subprocess.run([*warcio, "check", str(snapshot)], check=True, capture_output=True)
        payload = subprocess.run(
            [*warcio, "extract", "--payload", str(snapshot), "0"], check=True, capture_output=True
        ).stdout
        digest = snapshot.name.split(".")[0]
        assert payload == (folder / "payloads" / digest).read_bytes()


# ---------------------------------------------------------------- Memento


def test_memento_leads_to_the_capture_of_the_time_asked_for(client: httpx.Client, filled: Filled) -> None:
    url = filled.urls["lanxi-gov-2023"]
    old = client.get(f"/timegate/{url}", headers={"Accept-Datetime": "Wed, 02 Apr 2025 02:00:00 GMT"})
    new = client.get(f"/timegate/{url}")
    assert old.status_code == new.status_code == 302
    assert "accept-datetime" in old.headers["vary"].lower()
    assert old.headers["location"] != new.headers["location"]
    first = client.get(old.headers["location"])
    assert first.headers["memento-datetime"].startswith("Wed, 02 Apr 2025")
    assert f'<{url}>; rel="original"' in first.headers["link"]
    listed = client.get(f"/timemap/link/{url}")
    assert listed.headers["content-type"].startswith("application/link-format")
    assert listed.text.count('memento"') == 2
    assert len(client.get(f"/timemap/json/{url}").json()["mementos"]["list"]) == 2
    moved = client.get(re.sub(r"/memento/\d{14}", "/memento/20000101000000", old.headers["location"]))
    assert moved.headers["location"] == old.headers["location"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/timegate/http://nobody.example/", 404),
        ("/timegate/ftp://x/", 404),
        ("/timegate/http://", 400),
        (f"/memento/99999999999999/{HOSTILE_URL}", 400),
        (f"/memento/2025/{HOSTILE_URL}", 400),
        (f"/timemap/xml/{HOSTILE_URL}", 404),
    ],
)
def test_memento_refuses_what_it_does_not_know(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_a_bad_time_is_a_bad_request(client: httpx.Client) -> None:
    assert client.get(f"/timegate/{GONE_URL}", headers={"Accept-Datetime": "yesterday"}).status_code == 400


# ---------------------------------------------------------------- the API describes itself


@pytest.mark.parametrize(
    ("path", "query", "accepted"),
    [
        ("/api/v1/reports", {"q": ""}, True),
        ("/api/v1/reports", {"q": "\t申\x07"}, False),
        ("/api/v1/coverage", {"agency": "县\x1f局"}, False),
        ("/api/v1/coverage", {"province": "3a"}, False),
        ("/api/v1/numbers", {}, False),
        ("/api/v1/numbers", {"series": "33:county"}, True),
    ],
)
def test_what_the_openapi_document_allows_is_what_is_answered(
    client: httpx.Client, path: str, query: dict[str, str], accepted: bool
) -> None:
    declared = client.get("/api/v1/openapi.json").json()["paths"][path]["get"]["parameters"]
    allowed = all(p["name"] in query for p in declared if p.get("required"))
    for parameter in declared:
        value = query.get(parameter["name"])
        if value is None or (value == "" and parameter.get("allowEmptyValue")):
            continue
        schema = parameter["schema"].get("items", parameter["schema"])
        allowed &= re.search(schema["pattern"], value) is not None
    assert allowed is accepted
    assert (client.get(path, params=query).status_code == 200) is accepted


def test_the_openapi_document_names_every_address_of_the_api(client: httpx.Client) -> None:
    from crawler.web.server import ROUTES

    document = client.get("/api/v1/openapi.json").json()
    routed = {re.sub(r":\w+}", "}", route.path) for route in ROUTES if route.path.startswith("/api/v1/")} - {
        "/api/v1/openapi.json"
    }
    assert routed <= set(document["paths"])
    for path, methods in document["paths"].items():
        assert list(methods) == ["get"], path
        assert {p["name"] for p in methods["get"]["parameters"] if p["in"] == "path"} == set(
            re.findall(r"{(\w+)}", path)
        )


def test_every_word_is_there_in_both_languages() -> None:
    from crawler.web import words

    templates = Path(words.__file__).parent / "templates"
    for file in templates.iterdir():
        for key in re.findall(r"\bt\('([\w.]+)'[,)]", file.read_text()):
            assert key in words.WORDS, f"{file.name}: {key}"
    assert all(len(pair) == 2 and all(pair) for pair in words.WORDS.values())


def test_where_there_is_too_much_to_count_every_year_is_still_named(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = client.get("/api/v1/reports?q=公开&kind=all").json()
    monkeypatch.setattr(results, "COUNTED", 5)
    monkeypatch.setattr(results, "COUNTED_OF_A_YEAR", 1)
    results._counted.cache_clear()
    some = client.get("/api/v1/reports?q=公开&kind=all").json()
    results._counted.cache_clear()
    assert some["more_than_total"]
    assert {v["value"] for v in some["facets"]["year"]} == {v["value"] for v in whole["facets"]["year"]}
    assert 5 < some["total"] < whole["total"]


# ---------------------------------------------------------------- what is no longer whole


@pytest.mark.parametrize(("damage", "says"), [("cut", "damaged"), ("remove", "does not hold the original")])
def test_a_report_whose_snapshot_is_damaged_still_shows_what_was_read(
    canary: Canary, tmp_path: Path, damage: str, says: str
) -> None:
    own = fill(open_archive(str(tmp_path / "archive"), create=True), canary)
    report_id = own.ids["lanxi-gov-2023"]
    snapshot = tmp_path / "archive" / own.archive.versions(report_id)[-1].snapshot
    if damage == "cut":
        snapshot.write_bytes(snapshot.read_bytes()[:-40])
    else:
        snapshot.unlink()
    index = Index(tmp_path / "index.sqlite", own.archive.uri)
    index.refresh(own.archive)
    with running(own.archive, index) as address, httpx.Client(base_url=address, trust_env=False) as client:
        answer = client.get(f"/reports/{report_id}?lang=en")
        assert answer.status_code == 200
        assert says in answer.text
        assert "New applications" in answer.text
        assert "<iframe" not in answer.text


def test_a_damaged_record_is_said_to_be_one_and_search_goes_on(canary: Canary, tmp_path: Path) -> None:
    own = fill(open_archive(str(tmp_path / "archive"), create=True), canary)
    index = Index(tmp_path / "index.sqlite", own.archive.uri)
    index.refresh(own.archive)
    path = f"/reports/{own.ids['lanxi-gov-2023']}"
    with running(own.archive, index) as address, httpx.Client(base_url=address, trust_env=False) as client:
        for record in (tmp_path / "archive" / "reports").rglob("*.json.gz"):
            record.write_bytes(record.read_bytes()[:-20])
        for language, says in (("en", "nianbao verify lists"), ("zh", "会列出全部损坏之处")):
            answer = client.get(path, headers={"Accept-Language": language})
            assert answer.status_code == 503
            assert says in answer.text
        assert "damaged" in client.get(f"/api/v1{path}", headers={"Accept-Language": "en"}).json()["error"]
        assert client.get("/search?q=教育").status_code == 200
