"""Where an export goes: written aside under a hidden name and renamed when complete, so no broken one looks whole."""

from __future__ import annotations

import gzip
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from crawler.errors import UsageError

STDOUT = "-"
DESCRIPTION = "datapackage.json"  # by which a directory is known as an export of ours
HIDDEN = "_"  # before names in a Parquet directory, whose readers take every other file for a part of the table
MARK = b'"nianbao"'


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A path to write to, beside ``path``; it takes that name, whatever stood there, when the block ends well."""
    _check_parent(path)
    if path.is_dir():
        raise UsageError(f"--out {path}: a directory; name a file")
    aside = _aside(path)
    try:
        yield aside
        _sync(aside)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


@contextmanager
def new_directory(path: Path) -> Iterator[Path]:
    """A directory to fill; it takes the name ``path`` when the block ends well.

    What stands there is replaced only when it is an earlier export or empty; anything else is a ``UsageError``.
    """
    _check_parent(path)
    if path.exists() and not path.is_dir():
        raise UsageError(f"--out {path}: a file; name a directory")
    if path.is_dir() and any(path.iterdir()) and not _is_export(path):
        raise UsageError(f"--out {path}: holds other files; name a new directory")
    aside = _aside(path)
    aside.mkdir()
    try:
        yield aside
        for file in sorted(aside.rglob("*")):
            if file.is_file():
                _sync(file)
        if path.is_dir():
            old = _aside(path)
            path.rename(old)
            aside.rename(path)
            shutil.rmtree(old)
        else:
            aside.rename(path)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


@contextmanager
def new_files(path: Path) -> Iterator[Path]:
    """A directory to fill beside ``path``; its files move to ``path``'s directory when the block ends well."""
    _check_parent(path)
    aside = _aside(path)
    aside.mkdir()
    try:
        yield aside
        files = sorted(aside.iterdir())
        for file in files:
            if (path.parent / file.name).is_dir():
                raise UsageError(f"--out {path}: {file.name} is a directory there")
            _sync(file)
        for file in files:
            file.replace(path.parent / file.name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def new_stream(out: str) -> Iterator[BinaryIO]:
    """A binary stream to a file, compressed where its name ends in ``.gz``, or to standard output for ``-``."""
    if out == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with new_file(Path(out)) as aside, aside.open("xb") as stream:
        if out.endswith(".gz"):
            with gzip.GzipFile(fileobj=stream, mode="wb", filename="", mtime=0) as packed:
                yield cast(BinaryIO, packed)
        else:
            yield stream


def is_directory(out: str) -> bool:
    """Whether a path is meant as a directory: it is one, or ends in a slash."""
    return out != STDOUT and (out.endswith("/") or Path(out).is_dir())


def _check_parent(path: Path) -> None:
    if not path.absolute().parent.is_dir():
        raise UsageError(f"--out {path}: no directory {path.absolute().parent}; make it first")


def _is_export(path: Path) -> bool:
    descriptions = (path / DESCRIPTION, path / (HIDDEN + DESCRIPTION))
    return any(file.is_file() and MARK in file.read_bytes()[:4096] for file in descriptions)


def _aside(path: Path) -> Path:
    return path.absolute().with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.part")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
