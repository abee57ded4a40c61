"""Where objects are kept: the promise every store makes, and a directory that keeps it.

Keys are written once. ``create`` acknowledges only what would survive a power cut, and of any number of writers of one
key exactly one is told ``True``. Only what can be derived again may be replaced (``catalogue/``) or deleted
(``catalogue/``, ``index/``), and what has done its service (``leases/``).
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from crawler.errors import ArchiveError

T = TypeVar("T")

REPLACEABLE = ("catalogue/",)
DELETABLE = ("catalogue/", "index/", "leases/")


class Missing(ArchiveError):
    """No object is stored under this key."""

    name = "archive.missing"


class Refused(ArchiveError):
    """The store will not have us: no credentials, no permission, no such bucket. Mend the call, then try again."""

    name = "archive.refused"


class KeyRefused(ArchiveError):
    """This key cannot be stored, or may not be replaced or deleted. The caller is at fault."""

    name = "archive.key"


@dataclass(frozen=True, slots=True)
class Listed:
    """One stored object, as a listing names it."""

    key: str
    size: int


class ObjectStore(Protocol):
    """Keys → bytes. Every method may be called from any thread; every failure is an ``ArchiveError``."""

    uri: str

    def create(self, key: str, data: bytes) -> bool:
        """Store under a free key; ``False``, and nothing changed, where the key is taken."""

    def get(self, key: str) -> bytes:
        """The stored bytes. Raises ``Missing``."""

    def exists(self, key: str) -> bool:
        """Whether something is stored under the key."""

    def list(self, prefix: str, after: str | None = None) -> Iterator[Listed]:
        """The objects whose keys begin with ``prefix`` and come after ``after``, in key order, as they are found."""

    def folders(self, prefix: str) -> Iterator[str]:
        """The names directly under ``prefix`` (which ends in ``/``) that hold further keys, in order."""

    def replace(self, key: str, data: bytes) -> None:
        """Store under a key of ``catalogue/``, whatever was there."""

    def delete(self, key: str) -> None:
        """Remove a key of ``catalogue/``, ``index/`` or ``leases/``; one that is not there is no fault."""


def check_key(key: str) -> str:
    """The key, when every store can hold it. Raises ``KeyRefused``.

    Segments that begin with a dot are the stores' own: files being written, probes. No listing shows them.
    """
    segments = key.split("/")
    if any(not segment or segment.startswith(".") for segment in segments):
        raise KeyRefused(f"not a key: {key!r} has an empty or hidden segment")
    if any(ord(character) < 32 or ord(character) == 127 or character == "\\" for character in key):
        raise KeyRefused(f"not a key: {key!r} has a control character or a backslash")
    try:
        lengths = [len(segment.encode()) for segment in segments]
    except UnicodeEncodeError:
        raise KeyRefused(f"not a key: {key!r} is no valid text") from None
    if max(lengths) > 255 or sum(lengths) + len(lengths) > 900:
        raise KeyRefused(f"not a key: {key[:80]!r}… is too long")
    return key


def check_replaceable(key: str) -> str:
    """The key, when what is stored there can be derived again."""
    if not key.startswith(REPLACEABLE):
        raise KeyRefused(f"{key}: what is stored is never replaced")
    return check_key(key)


def check_deletable(key: str) -> str:
    """The key, when losing what is stored there loses nothing."""
    if not key.startswith(DELETABLE):
        raise KeyRefused(f"{key}: what is stored is never deleted")
    return check_key(key)


# ---------------------------------------------------------------- a directory


INCOMING = ".incoming"
STALE_SECONDS = 24 * 3600  # no write of one object lasts this long
NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})
REFUSALS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR})
FOLDERS_REMEMBERED = 20_000


class DirectoryStore:
    """A directory with the archive's keys as paths.

    An object is written aside, made durable, and then linked to its name, so a name appears whole or not at all.
    What a killed writer leaves lies in ``.incoming`` and is swept a day later by the next one.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.uri = str(root)
        self._durable: set[Path] = set()  # folders whose own names are known to be on disk

    def prepare(self) -> None:
        """Make the directory, see that it can be written, and sweep what killed writers left."""
        incoming = self.root / INCOMING
        with _faults(self.root):
            incoming.mkdir(parents=True, exist_ok=True)
            _sync_folder(self.root)
            if not os.access(incoming, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "not writable")
            with os.scandir(incoming) as leftovers:
                for leftover in leftovers:
                    with suppress(FileNotFoundError):  # another writer sweeps too
                        if time.time() - leftover.stat().st_mtime > STALE_SECONDS:
                            Path(leftover.path).unlink()

    def create(self, key: str, data: bytes) -> bool:
        path = self._path(check_key(key))
        with _faults(path):
            return self._in_its_folder(path, lambda: self._create(path, data))

    def get(self, key: str) -> bytes:
        path = self._path(check_key(key))
        with _faults(path):
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                raise Missing(f"{key}: not in {self.uri}") from None

    def exists(self, key: str) -> bool:
        path = self._path(check_key(key))
        with _faults(path):
            return path.is_file()

    def list(self, prefix: str, after: str | None = None) -> Iterator[Listed]:
        folder, slash, _ = prefix.rpartition("/")
        with _faults(self.root / folder):
            yield from self._walk(folder + slash, prefix, after or "")

    def folders(self, prefix: str) -> Iterator[str]:
        with _faults(self.root / prefix):
            for name, _ in self._entries(prefix):
                if name.endswith("/"):
                    yield name[:-1]

    def replace(self, key: str, data: bytes) -> None:
        path = self._path(check_replaceable(key))
        with _faults(path):
            self._in_its_folder(path, lambda: self._replace(path, data))

    def delete(self, key: str) -> None:
        path = self._path(check_deletable(key))
        with _faults(path):
            with suppress(FileNotFoundError):
                path.unlink()
            top = self.root / key.split("/", 1)[0]
            for folder in path.parents:
                if folder == top:
                    break
                self._durable.discard(folder)
                try:
                    folder.rmdir()
                except OSError:
                    break  # not empty, or another's doing

    def _path(self, key: str) -> Path:
        return self.root / key

    # ------------------------------------------------------------ reading

    def _entries(self, folder: str) -> tuple[tuple[str, os.DirEntry[str]], ...]:
        """Names below a folder in key order, a folder's with its slash: "a.b" comes before "a/"."""
        try:
            with os.scandir(self.root / folder) as entries:
                named = [(e.name + "/" if e.is_dir() else e.name, e) for e in entries if not e.name.startswith(".")]
        except (FileNotFoundError, NotADirectoryError):
            return ()
        return tuple(sorted(named, key=lambda pair: os.fsencode(pair[0])))

    def _walk(self, folder: str, prefix: str, after: str) -> Iterator[Listed]:
        for name, entry in self._entries(folder):
            key = folder + name
            if not (key.startswith(prefix) or (name.endswith("/") and prefix.startswith(key))):
                continue
            if name.endswith("/"):
                if key > after or after.startswith(key):
                    yield from self._walk(key, prefix, after)
            elif key > after:
                with suppress(FileNotFoundError):  # deleted since it was listed
                    yield Listed(key, entry.stat().st_size)

    # ------------------------------------------------------------ writing

    def _create(self, path: Path, data: bytes) -> bool:
        created = not os.path.lexists(path) and self._from_aside(path, data, _link)
        _sync_folder(path.parent)
        return created

    def _replace(self, path: Path, data: bytes) -> None:
        self._from_aside(path, data, _move)
        _sync_folder(path.parent)

    def _from_aside(self, path: Path, data: bytes, place: Callable[[Path, Path], bool]) -> bool:
        """Write beside the archive's own folders; in the very folder where that is mounted from another disk."""
        try:
            with _aside(self.root / INCOMING, data) as written:
                return place(written, path)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        with _aside(path.parent, data) as written:
            return place(written, path)

    def _in_its_folder(self, path: Path, write: Callable[[], T]) -> T:
        for _ in range(10):
            try:
                self._make_folder(self.root / INCOMING)
                self._make_folder(path.parent)
                return write()
            except FileNotFoundError:  # a rebuild of the index took the folder away meanwhile
                self._durable -= {path.parent, *path.parent.parents}
        raise FileNotFoundError(errno.ENOENT, "its folder keeps vanishing", str(path))

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and the folders above it, each name on disk before this returns, whoever made it."""
        if folder in self._durable:
            return
        if folder != self.root:
            self._make_folder(folder.parent)
            with suppress(FileExistsError):
                folder.mkdir()
            _sync_folder(folder.parent)
        if len(self._durable) >= FOLDERS_REMEMBERED:
            self._durable.clear()
        self._durable.add(folder)


@contextmanager
def _aside(folder: Path, data: bytes) -> Iterator[Path]:
    """A durable file with this content under a hidden name; gone afterwards."""
    path = folder / f".{uuid.uuid4().hex}"
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        path.unlink(missing_ok=True)


def _link(written: Path, path: Path) -> bool:
    """Give the file its name, unless the name is taken: one step, also over NFS."""
    try:
        os.link(written, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        return _move_if_free(written, path)
    return True


def _move_if_free(written: Path, path: Path) -> bool:
    """As ``_link``, for file systems without hard links (exFAT, some shares): writers of this machine take turns."""
    with (written.parent / ".turn").open("ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if os.path.lexists(path):
            return False
        written.rename(path)
        return True


def _move(written: Path, path: Path) -> bool:
    written.replace(path)
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some shares cannot sync a folder
            raise
    finally:
        os.close(descriptor)


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """What the system says, in one line with the path and the error's own name."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        family = Refused if number in REFUSALS else ArchiveError
        raise family(f"{path}: {os.strerror(number)} ({errno.errorcode.get(number, number)})") from error
