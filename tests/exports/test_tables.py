"""JSON Lines, CSV and Parquet, read back by other people's tools."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from pyarrow import fs

from crawler.errors import ArchiveError, UsageError
from storage import exports
from storage.exports import export
from storage.queries import Filters, select
from storage.records import FIELDS


@pytest.fixture
def corpus(archive, hand):
    hand.file("aa01")
    hand.file("aa01", 2, run="run-2", time=hand.day(1), statistics=None)
    hand.file("bb01", province="37", division="370303", report_year=2021, title='某局"报告",\n年度', agency="=1+1")
    hand.file("cc01", report_year=None)
    hand.end("run-1")
    return archive


def records(archive, **filters):
    return [selected.record for selected in select(archive, Filters(**filters))]


def test_jsonl_is_one_record_a_line(corpus, tmp_path):
    result = export(corpus, "jsonl", tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == records(corpus)
    assert "某县水务局" in lines[0]
    assert (result.records, result.files) == (3, (str(tmp_path / "out.jsonl"),))
    assert result.cursor


def test_jsonl_can_say_a_lone_surrogate(archive, hand, tmp_path):
    hand.file("aa01", title="坏\ud800字")
    export(archive, "jsonl", tmp_path / "out.jsonl")
    assert json.loads((tmp_path / "out.jsonl").read_bytes())["title"] == "坏\ud800字"
    for fmt in ("csv", "parquet"):
        export(archive, fmt, tmp_path / f"out.{fmt}")
    assert pq.read_table(tmp_path / "out.parquet")["title"].to_pylist() == ["坏?字"]


@pytest.mark.parametrize("fmt", ["jsonl", "csv"])
def test_a_dash_is_standard_output(corpus, tmp_path, capfdbinary, fmt):
    result = export(corpus, fmt, "-")
    export(corpus, fmt, tmp_path / "out")
    assert capfdbinary.readouterr().out == (tmp_path / "out").read_bytes()
    assert result.files == ()


def test_a_name_in_gz_is_compressed(corpus, tmp_path):
    export(corpus, "jsonl", tmp_path / "out.jsonl.gz")
    export(corpus, "jsonl", tmp_path / "out.jsonl")
    assert gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()) == (tmp_path / "out.jsonl").read_bytes()


def test_csv_has_the_same_columns_with_json_in_nested_cells(corpus, tmp_path):
    export(corpus, "csv", tmp_path / "out.csv")
    data = (tmp_path / "out.csv").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    for row, record in zip(rows, records(corpus), strict=True):
        for field in FIELDS:
            value = record[field.name]
            if value is None:
                assert row[field.name] == ""
            elif isinstance(value, dict | list):
                assert json.loads(row[field.name]) == value
            else:
                assert row[field.name] == str(value)


# ---------------------------------------------------------------- Parquet


def test_parquet_holds_what_the_record_holds(corpus, tmp_path):
    export(corpus, "parquet", tmp_path / "out.parquet", all_versions=True)
    rows = pq.read_table(tmp_path / "out.parquet", partitioning=None).to_pylist()
    expected = [selected.record for selected in select(corpus, Filters(), all_versions=True)]
    for row, record in zip(rows, expected, strict=True):
        for field in FIELDS:
            value, wanted = row[field.name], record[field.name]
            if field.type in ("date", "time"):
                value = None if value is None else value.isoformat()
            if field.name == "locations":
                value = [
                    {key: item.isoformat() if key.endswith("_seen") else item for key, item in place.items()}
                    for place in value
                ]
            if field.name == "metadata":
                value = {item["label"]: item["value"] for item in value}
            if field.name == "details":
                value = None if value is None else json.loads(value)
            if field.name == "statistics" and wanted is not None:
                value = without_null(value)
                wanted = without_null(wanted)
            assert value == wanted, field.name


def without_null(value):
    if isinstance(value, dict):
        return {key: kept for key, item in value.items() if (kept := without_null(item)) not in (None, {})}
    return value


def test_a_researcher_sums_a_cell_in_duckdb(corpus, tmp_path):
    export(corpus, "parquet", tmp_path / "corpus", all_versions=True)
    source = f"read_parquet('{tmp_path}/corpus/**/*.parquet')"
    rows = duckdb.sql(
        f"""select province, report_year, version, statistics.applications.new.total as new,
                   statistics.disclosure.rules.in_force as blank, statistics.disclosure.fees.amount as fees,
                   map_from_entries(metadata)['索引号'] as number, len(locations) as places, first_seen
            from {source} order by report_id, version"""
    ).fetchall()
    assert [row[:8] for row in rows] == [
        ("33", 2022, 1, 8, None, 1.25, "11331122002649999X/2023-00012", 1),
        ("33", 2022, 2, None, None, None, "11331122002649999X/2023-00012", 1),
        ("37", 2021, 1, 8, None, 1.25, "11331122002649999X/2023-00012", 1),
        ("33", None, 1, 8, None, 1.25, "11331122002649999X/2023-00012", 1),
    ]
    assert rows[0][8].utcoffset() is not None
    cells = duckdb.sql(
        f"""select sum(cell.value) from (select unnest(statistics_cells) as cell from {source} where version = 1)
            where cell."table" = 'applications' and cell."column" = 'total'"""
    ).fetchall()
    assert cells == [(27.0,)]


def test_partitions_prune_by_province_and_year(corpus, tmp_path):
    export(corpus, "parquet", tmp_path / "corpus")
    folders = sorted(
        str(path.parent.relative_to(tmp_path / "corpus")) for path in (tmp_path / "corpus").rglob("*.parquet")
    )
    assert folders == [
        "province_code=33/year=0",
        "province_code=33/year=2022",
        "province_code=37/year=2021",
    ]
    source = f"read_parquet('{tmp_path}/corpus/**/*.parquet', hive_partitioning = true)"
    assert duckdb.sql(f"select report_id from {source} where province_code = 37 and year = 2021").fetchall() == [
        ("bb01",)
    ]


def test_the_whole_directory_is_one_table_to_arrow(corpus, tmp_path):
    export(corpus, "parquet", tmp_path / "corpus")
    table = pq.read_table(tmp_path / "corpus")
    assert sorted(zip(table["report_id"].to_pylist(), table["province"].to_pylist(), strict=True)) == [
        ("aa01", "33"),
        ("bb01", "37"),
        ("cc01", "33"),
    ]


def test_a_directory_is_read_in_place_on_s3(corpus, tmp_path, moto, bucket):
    host, port = moto
    name = bucket(f"http://{host}:{port}")
    export(corpus, "parquet", tmp_path / "corpus")
    s3 = fs.S3FileSystem(
        endpoint_override=f"{host}:{port}", scheme="http", access_key="loopback", secret_key="loopback-only",
        region="us-east-1",
    )  # fmt: skip
    fs.copy_files(str(tmp_path / "corpus"), f"{name}/corpus", destination_filesystem=s3)
    table = pq.read_table(f"{name}/corpus", filesystem=s3, columns=["report_id"], filters=[("province_code", "=", 33)])
    assert sorted(table["report_id"].to_pylist()) == ["aa01", "cc01"]
    table = pq.read_table(f"{name}/corpus", filesystem=s3)
    assert sorted(table["report_id"].to_pylist()) == ["aa01", "bb01", "cc01"]


def test_a_dataset_card_says_which_files_are_the_whole_and_which_a_province(corpus, tmp_path):
    """``datasets`` reads ``.huggingface.yaml`` in a directory, and a hub the head of ``README.md``."""
    export(corpus, "parquet", tmp_path / "corpus")
    configs = yaml.safe_load((tmp_path / "corpus" / ".huggingface.yaml").read_text(encoding="utf-8"))["configs"]
    card = (tmp_path / "corpus" / "_README.md").read_text(encoding="utf-8")
    assert yaml.safe_load(card.split("---\n")[1])["configs"] == configs
    found = {
        config["config_name"]: sorted(
            report
            for file in (tmp_path / "corpus").glob(config["data_files"])
            for report in pq.read_table(file, partitioning=None)["report_id"].to_pylist()
        )
        for config in configs
    }
    assert found == {"all": ["aa01", "bb01", "cc01"], "33": ["aa01", "cc01"], "37": ["bb01"]}
    assert [config["config_name"] for config in configs if config.get("default")] == ["all"]


def test_no_column_is_of_a_type_that_a_reader_refuses(corpus, tmp_path):
    """Hugging Face datasets 5.2 knows no maps; pandas 3 stops at a partition whose key is null."""
    export(corpus, "parquet", tmp_path / "corpus")
    schema = pq.read_schema(next((tmp_path / "corpus").rglob("*.parquet")))
    waiting = [field.type for field in schema]
    while waiting:
        kind = waiting.pop()
        assert not pa.types.is_map(kind)
        waiting += [kind.field(n).type for n in range(kind.num_fields)]
    keys = [part for path in (tmp_path / "corpus").rglob("*=*") for part in path.name.split("=")]
    assert "__HIVE_DEFAULT_PARTITION__" not in keys


def test_a_cell_outside_the_national_forms_is_kept(archive, hand, tmp_path):
    statistics = {
        "format": "2021",
        "disclosure": {"rules": {"made": 1.5}, "其他主动公开文件": {"made": 4}},
    }
    hand.file("aa01", statistics=statistics)
    export(archive, "parquet", tmp_path / "out.parquet")
    (row,) = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert row["statistics"]["disclosure"]["rules"]["made"] is None
    assert {(cell["row"], cell["column"], cell["value"]) for cell in row["statistics_cells"]} == {
        ("rules", "made", 1.5),
        ("其他主动公开文件", "made", 4.0),
    }


def test_a_cell_that_is_no_number_is_named(archive, hand, tmp_path):
    hand.file("aa01", statistics={"format": "2021", "disclosure": {"rules": {"made": "若干"}}})
    with pytest.raises(ArchiveError, match=r"aa01.*disclosure\.rules\.made"):
        export(archive, "parquet", tmp_path / "out.parquet")
    assert list(tmp_path.glob("*.parquet*")) == []


def test_partitions_fill_at_once_in_bounded_memory(archive, hand, tmp_path, monkeypatch):
    from storage.exports import parquet

    monkeypatch.setattr(parquet, "HELD_BYTES", 10_000)
    monkeypatch.setattr(parquet, "OPEN_FILES", 2)
    for number in range(30):
        hand.file(f"r{number:02d}", report_year=2015 + number % 5)
    export(archive, "parquet", tmp_path / "corpus")
    assert pq.read_table(tmp_path / "corpus").num_rows == 30


# ---------------------------------------------------------------- directories


@pytest.mark.parametrize("fmt", ["jsonl", "csv", "parquet"])
def test_a_directory_says_what_it_holds(corpus, tmp_path, fmt):
    result = export(corpus, fmt, f"{tmp_path}/corpus/", Filters(provinces=("33",)))
    hidden = "_" if fmt == "parquet" else ""
    package = json.loads((tmp_path / "corpus" / f"{hidden}datapackage.json").read_bytes())
    assert package["filters"] == {"provinces": ["33"]}
    assert (package["cursor"], package["records"]) == (result.cursor, 2)
    for resource in package["resources"]:
        data = (tmp_path / "corpus" / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    dictionary = (tmp_path / "corpus" / f"{hidden}data-dictionary.md").read_text(encoding="utf-8")
    for field in FIELDS:
        assert f"| `{field.name}` |" in dictionary


def test_an_export_takes_the_place_of_the_one_before_it(corpus, tmp_path):
    export(corpus, "parquet", tmp_path / "corpus")
    export(corpus, "parquet", tmp_path / "corpus", Filters(provinces=("37",)))
    assert pq.read_table(tmp_path / "corpus").num_rows == 1
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_directory_of_something_else_is_left_alone(corpus, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.md").write_text("…", encoding="utf-8")
    with pytest.raises(UsageError, match="holds other files"):
        export(corpus, "parquet", tmp_path / "thesis")
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter1.md"]


@pytest.mark.parametrize("out", ["out.jsonl", "out.csv", "out.parquet", "corpus", "out.warc.gz", "warcs", "out.wacz"])
def test_a_broken_export_leaves_what_was_there_before(corpus, tmp_path, monkeypatch, out):
    fmt = {"": "parquet"}.get((tmp_path / out).suffix, (tmp_path / out).suffix[1:])
    fmt = "warc" if "warc" in out else fmt
    export(corpus, fmt, tmp_path / out)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "archive" not in path.parts}

    read = type(corpus).filed

    def breaking(self, report_id, number):
        if report_id == "cc01":
            raise ArchiveError("the store is gone")
        return read(self, report_id, number)

    monkeypatch.setattr(type(corpus), "filed", breaking)
    with pytest.raises(ArchiveError):
        export(corpus, fmt, tmp_path / out)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "archive" not in path.parts}
    assert after == before


@pytest.mark.parametrize(
    ("fmt", "out"),
    [
        ("xml", "x"),
        ("parquet", "-"),
        ("warc", "-"),
        ("jsonl", ""),
        ("jsonl", "no/such/dir/x.jsonl"),
        ("warc", "x.warc"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line(corpus, fmt, out):
    with pytest.raises(UsageError) as refusal:
        export(corpus, fmt, out)
    assert "\n" not in str(refusal.value)


def test_since_exports_what_is_new_and_hands_on_the_cursor(corpus, hand, tmp_path):
    cursor = export(corpus, "jsonl", tmp_path / "all.jsonl").cursor
    assert export(corpus, "jsonl", tmp_path / "none.jsonl", since=cursor).records == 0
    hand.file("dd01", run="run-3", time=hand.day(2))
    result = export(corpus, "jsonl", tmp_path / "new.jsonl", since=cursor)
    assert (result.records, json.loads((tmp_path / "new.jsonl").read_bytes())["report_id"]) == (1, "dd01")
    assert exports.FORMATS == ("jsonl", "csv", "parquet", "warc", "wacz")


def test_a_number_too_large_for_its_column_stands_among_the_cells(archive, hand, tmp_path):
    """A clerk's credit code in a cell: no count of anything, and no reason to fail."""
    statistics = {"format": "2021", "applications": {"new": {"total": 10**20}}}
    hand.file("aa01", statistics=statistics)
    export(archive, "parquet", tmp_path / "one.parquet")
    row = pq.read_table(tmp_path / "one.parquet").to_pylist()[0]
    assert row["statistics"]["applications"]["new"]["total"] is None
    assert [cell["value"] for cell in row["statistics_cells"]] == [1e20]
