"""The corpus as other projects read it.

==========  =========================================================================================================
``jsonl``   one record a line
``csv``     the same columns, lists and objects as JSON text
``parquet`` the same columns, typed: one file, or a directory partitioned by province and report year
``warc``    the bytes the records were read from: standard WARC 1.1 files with a CDXJ index
``wacz``    the same with a list of pages, in one file that a browser can replay
==========  =========================================================================================================

A directory that is written to also gets a data dictionary and a ``datapackage.json`` that names every file with its
digest, the filters and the cursor; one of Parquet also a dataset card, and a ``.huggingface.yaml`` by which
``datasets.load_dataset`` takes it (names begin with ``_`` or a dot there, which readers of the directory pass over: a
``README.md`` would be taken for a table). Everything is written aside and renamed when complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from crawler.errors import UsageError
from storage import codec
from storage.archive import Archive
from storage.exports import csv, destination, dictionary, jsonl, parquet, schema, wacz, warc
from storage.queries import Filters, Selected, Selection, select
from storage.records import FIELDS, Field
from storage.years import Compared

FORMATS = ("jsonl", "csv", "parquet", "warc", "wacz")


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export wrote."""

    records: int  # records; for warc and wacz, captures
    files: tuple[str, ...]  # empty for standard output
    cursor: str | None  # for the next export's ``since``


def export(
    archive: Archive,
    fmt: str,
    out: str | Path,
    filters: Filters | None = None,
    *,
    all_versions: bool = False,
    since: str | None = None,
    warc_size: int = warc.SIZE,
    compared: Compared | None = None,
) -> ExportResult:
    """Write what is asked for to ``out``.

    ``out`` is a file; a directory where it is one already, ends in a slash, or (parquet, warc) does not end in
    ``.parquet`` or ``.warc.gz``; or ``-`` for standard output (jsonl, csv). ``warc`` and ``wacz`` always hold every
    version of what is asked for, and every kind where none is named. Raises ``UsageError`` for what cannot be written
    there, and ``CursorRefused`` for a cursor that does not lead on. ``compared`` as in ``select``.
    """
    filters = filters or Filters()
    out = str(out)
    if fmt not in FORMATS:
        raise UsageError(f"--format {fmt}: one of {', '.join(FORMATS)}")
    if not out:
        raise UsageError("--out: give a path, or - for standard output")
    if out == destination.STDOUT and fmt not in ("jsonl", "csv"):
        raise UsageError(f"--out -: {fmt} is not written to standard output; name a file")
    if fmt == "wacz":
        return _wacz(archive, out, filters, since, warc_size)
    if fmt == "warc":
        return _warc(archive, out, filters, since, warc_size)
    selection = select(archive, filters, all_versions=all_versions, since=since, compared=compared)
    if fmt == "parquet":
        if out.endswith(".parquet"):
            with destination.new_file(Path(out)) as aside:
                records = parquet.write_file(selection, aside)
            return ExportResult(records, (out,), selection.cursor)
        hidden = destination.HIDDEN
        return _directory(out, selection, filters, parquet.write_partitions, schema.COLUMNS, prefix=hidden)
    write: Callable[[Iterable[Selected], BinaryIO], int] = jsonl.write if fmt == "jsonl" else csv.write
    if destination.is_directory(out):

        def write_table(records: Iterable[Selected], root: Path) -> int:
            with (root / f"reports.{fmt}").open("xb") as stream:
                return write(records, stream)

        return _directory(out, selection, filters, write_table, FIELDS)
    with destination.new_stream(out) as stream:
        records = write(selection, stream)
    return ExportResult(records, () if out == destination.STDOUT else (out,), selection.cursor)


def _directory(
    out: str,
    selection: Selection,
    filters: Filters,
    write: Callable[[Selection, Path], int],
    fields: Iterable[Field],
    prefix: str = "",
) -> ExportResult:
    with destination.new_directory(Path(out)) as root:
        records = write(selection, root)
        if prefix:
            configs = dictionary.dataset_configs(root)
            (root / dictionary.CONFIGS).write_text(configs, encoding="utf-8")
            (root / (prefix + dictionary.CARD)).write_text(dictionary.dataset_card(configs, records), encoding="utf-8")
        _describe(root, fields, filters, {"records": records, "cursor": selection.cursor}, prefix)
    return ExportResult(records, _files(Path(out)), selection.cursor)


def _describe(root: Path, fields: Iterable[Field], filters: Filters, facts: dict[str, Any], prefix: str = "") -> None:
    fields = tuple(fields)
    if fields:
        (root / (prefix + dictionary.DICTIONARY)).write_text(dictionary.data_dictionary(fields), encoding="utf-8")
    asked = {name: value for name, value in codec.plain(filters).items() if value not in (None, [])}
    package = dictionary.data_package(root, fields, created=datetime.now(UTC), facts={**facts, "filters": asked})
    (root / (prefix + destination.DESCRIPTION)).write_bytes(package)


def _files(root: Path) -> tuple[str, ...]:
    return tuple(str(path) for path in sorted(root.rglob("*")) if path.is_file())


def _wacz(archive: Archive, out: str, filters: Filters, since: str | None, size: int) -> ExportResult:
    if destination.is_directory(out):
        raise UsageError(f"--out {out}: a directory; WACZ is one file, name it .wacz")
    evidence = warc.Evidence(archive, filters, since)
    with destination.new_file(Path(out)) as aside:
        captures = wacz.write(archive, evidence, aside, size=size)
    return ExportResult(captures, (out,), evidence.cursor)


def _warc(archive: Archive, out: str, filters: Filters, since: str | None, size: int) -> ExportResult:
    evidence = warc.Evidence(archive, filters, since)
    if out.endswith(".warc"):
        raise UsageError(f"--out {out}: WARC files are written compressed; name it .warc.gz, or a directory")
    if not out.endswith(".warc.gz"):
        with destination.new_directory(Path(out)) as root:
            captures, _ = warc.write_files(archive, evidence, root, "nianbao", size)
            _describe(root, (), filters, {"captures": captures, "cursor": evidence.cursor})
        return ExportResult(captures, _files(Path(out)), evidence.cursor)
    target = Path(out)
    with destination.new_files(target) as root:
        captures, names = warc.write_files(archive, evidence, root, target.name.removesuffix(".warc.gz"), size)
    return ExportResult(captures, tuple(str(target.parent / name) for name in names), evidence.cursor)
