"""One file, whole or not at all: written aside, made durable, and then given its name."""

# Where an object is written, names are text: making a Path of each costs as much as writing the object.
# ruff: noqa: PTH104, PTH105, PTH108, PTH120, PTH123

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})
# A file without a name is a third cheaper to make than one whose first name is taken away again, and a killed writer
# leaves nothing of it. Linux has them, but for some file systems (NFS, older overlays), and gives them a name by way of
# /proc.
OPEN_FILES = "/proc/self/fd/"
NAMELESS = hasattr(os, "O_TMPFILE") and Path(OPEN_FILES).is_dir()
NO_NAMELESS = frozenset({errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EISDIR, errno.EINVAL})


class NotNameless(Exception):
    """A file needs a name here."""


@contextmanager
def aside_file(folder: str, data: bytes, *, nameless: bool) -> Iterator[str]:
    """A durable file with this content, under a hidden name or none; gone afterwards."""
    if nameless:
        with _without_name(folder) as file:
            _write(file, data)
            yield f"{OPEN_FILES}{file}"
        return
    path = f"{folder}/.{secrets.token_hex(16)}"
    try:
        with open(path, "xb", buffering=0) as file:
            _write(file.fileno(), data)
        yield path
    finally:
        with suppress(FileNotFoundError):
            os.unlink(path)


@contextmanager
def _without_name(folder: str) -> Iterator[int]:
    try:
        file = os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o666)
    except OSError as error:
        raise (NotNameless() if error.errno in NO_NAMELESS else error) from error
    try:
        yield file
    finally:
        os.close(file)


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fsync(file)


def link(written: str, path: str) -> bool:
    """Give the file its name, unless the name is taken: one step, also over NFS."""
    try:
        if written.startswith(OPEN_FILES):
            # Only with a folder named does Python follow what stands in /proc; of a whole path it is not looked at.
            os.link(written, path, src_dir_fd=0, follow_symlinks=True)
        else:
            os.link(written, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        if written.startswith(OPEN_FILES):
            raise NotNameless from error
        return _move_if_free(written, path)
    return True


def _move_if_free(written: str, path: str) -> bool:
    """As ``link``, for file systems without hard links (exFAT, some shares): writers of this machine take turns."""
    with Path(os.path.dirname(written), ".turn").open("ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if os.path.lexists(path):
            return False
        os.rename(written, path)
        return True


def move(written: str, path: str) -> bool:
    """Give the file its name, whatever had it."""
    os.replace(written, path)
    return True


def sync_folder(folder: str) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some shares cannot sync a folder
            raise
    finally:
        os.close(descriptor)
