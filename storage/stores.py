"""Where objects are kept: the promise every store makes, and a directory that keeps it.

Keys are written once. ``create`` acknowledges only what would survive a power cut, and of any number of writers of one
key exactly one is told ``True``. Only what can be derived again may be replaced (``catalogue/``) or deleted
(``catalogue/``, ``index/``), and what has done its service (``leases/``).

``create_soon`` is for pointers (``index/``), many to a page and of no use to anyone before the sighting that follows
them: whole and seen by everyone at once, sure to survive a power cut only after the next ``settle``.
"""

# Where an object is written, names are text: making a Path of each costs as much as writing the object.
# ruff: noqa: PTH102, PTH104, PTH105, PTH108, PTH118, PTH120, PTH123

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crawler.errors import ArchiveError

Names = Sequence[str]

REPLACEABLE = ("catalogue/",)
DELETABLE = ("catalogue/", "index/", "leases/")
LATER = ("index/",)  # what may be made durable later than it is made


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

    def create_soon(self, key: str, data: bytes) -> bool:
        """As ``create``, of a key of ``index/``; sure to be durable only after the next ``settle``."""

    def settle(self) -> None:
        """Returns when all that ``create_soon`` has acknowledged before, in any thread, is durable."""

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


_PLAIN_KEY = re.compile(r"(?:[0-9A-Za-z_-][0-9A-Za-z._-]*/)*[0-9A-Za-z_-][0-9A-Za-z._-]*")


def check_key(key: str) -> str:
    """The key, when every store can hold it. Raises ``KeyRefused``.

    Segments that begin with a dot are the stores' own: files being written, probes. No listing shows them.
    """
    if len(key) <= 255 and _PLAIN_KEY.fullmatch(key):
        return key
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


def check_later(key: str) -> str:
    """The key, when what is stored there may be lost to a power cut before ``settle``."""
    if not key.startswith(LATER):
        raise KeyRefused(f"{key}: what is stored is durable at once")
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
# A file without a name is a third cheaper to make than one whose first name is taken away again, and a killed writer
# leaves nothing of it. Linux has them, but for some file systems (NFS, older overlays), and gives them a name by way of
# /proc.
OPEN_FILES = "/proc/self/fd/"
NAMELESS = hasattr(os, "O_TMPFILE") and Path(OPEN_FILES).is_dir()
NO_NAMELESS = frozenset({errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EISDIR, errno.EINVAL})
FOLDERS_REMEMBERED = 20_000


class DirectoryStore:
    """A directory with the archive's keys as paths.

    An object is written aside, made durable, and then linked to its name, so a name appears whole or not at all.
    Where a file cannot be without a name, what a killed writer leaves lies in ``.incoming`` and is swept a day later by
    the next one.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.uri = str(root)
        self._top = str(self.root) if self.root.name else f"{self.root}."
        self._incoming = os.path.join(self._top, INCOMING)
        self._nameless = NAMELESS
        self._durable: set[str] = set()  # folders whose own names are known to be on disk
        self._unsettled: dict[str, None] = {}  # folders to be synced by the next settle
        self._unnamed: set[str] = set()  # folders whose own names will be on disk then
        self._noting = threading.Lock()
        self._settling = threading.Lock()

    def prepare(self) -> None:
        """Make the directory, see that it can be written, and sweep what killed writers left."""
        incoming = self.root / INCOMING
        with _faults(self.root):
            incoming.mkdir(parents=True, exist_ok=True)
            _sync_folder(self._top)
            if not os.access(incoming, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "not writable")
            with os.scandir(incoming) as leftovers:
                for leftover in leftovers:
                    with suppress(FileNotFoundError):  # another writer sweeps too
                        if time.time() - leftover.stat().st_mtime > STALE_SECONDS:
                            Path(leftover.path).unlink()

    def create(self, key: str, data: bytes) -> bool:
        path = self._file(check_key(key))
        with _faults(path):
            return self._create(path, data)

    def create_soon(self, key: str, data: bytes) -> bool:
        path = self._file(check_later(key))
        with _faults(path):
            return self._create_soon(path, data)

    def settle(self) -> None:
        # Who comes while another settles waits: what was acknowledged to it may be in that one's hands.
        with self._settling:
            with self._noting:
                folders, self._unsettled = self._unsettled, {}
                named = set(self._unnamed)
            try:
                with _faults(self._top):
                    for folder in folders:
                        with suppress(FileNotFoundError):  # deleted with the index
                            _sync_folder(folder)
            except BaseException:
                with self._noting:
                    self._unsettled = {**folders, **self._unsettled}
                raise
            with self._noting:
                self._remember(named & self._unnamed)  # what was deleted meanwhile is in neither
                self._unnamed -= named

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
        path = self._file(check_replaceable(key))
        with _faults(path):
            self._replace(path, data)

    def delete(self, key: str) -> None:
        path = self._path(check_deletable(key))
        with _faults(path):
            with suppress(FileNotFoundError):
                path.unlink()
            top = self.root / key.split("/", 1)[0]
            for folder in path.parents:
                if folder == top:
                    break
                self._forget(str(folder))
                try:
                    folder.rmdir()
                except OSError:
                    break  # not empty, or another's doing

    def _path(self, key: str) -> Path:
        return self.root / key

    def _file(self, key: str) -> str:
        return f"{self._top}/{key}"

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

    def _create(self, path: str, data: bytes) -> bool:
        created, made = self._placed(path, data, _link)
        self._sync_names(path, made)
        return created

    def _create_soon(self, path: str, data: bytes) -> bool:
        created, made = self._placed(path, data, _link, settled=False)
        with self._noting:
            for folder in made:
                self._unsettled[os.path.dirname(folder)] = None
            # Also where it was there before: whoever made it may not have settled it yet.
            self._unsettled[os.path.dirname(path)] = None
            self._unnamed.update(made)
        return created

    def _replace(self, path: str, data: bytes) -> None:
        _, made = self._placed(path, data, _move)
        self._sync_names(path, made)

    def _placed(
        self, path: str, data: bytes, place: Callable[[str, str], bool], settled: bool = True
    ) -> tuple[bool, Names]:
        """Whether the object was written, and the folders above it whose names may not be on disk, the topmost first;
        without ``settled``, but for those that are waiting to be settled."""
        aside = self._incoming
        for _ in range(10):
            try:
                if place is _link and os.path.lexists(path):
                    return False, self._make_folders(os.path.dirname(path), settled)
                if aside is self._incoming and aside not in self._durable:
                    with suppress(FileExistsError):
                        os.mkdir(aside)
                    self._durable.add(aside)
                with _aside(aside, data, nameless=self._nameless and place is _link) as written:
                    made = self._make_folders(os.path.dirname(path), settled)
                    return place(written, path), made
            except _NotNameless:
                self._nameless = False
            except FileNotFoundError:  # a rebuild of the index took the folder away meanwhile
                aside, folder = self._incoming, os.path.dirname(path)
                self._durable.discard(aside)
                while folder != self._top:
                    self._forget(folder)
                    folder = os.path.dirname(folder)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                aside = os.path.dirname(path)  # it is mounted from another disk
        raise FileNotFoundError(errno.ENOENT, "its folder keeps vanishing", path)

    def _make_folders(self, folder: str, settled: bool) -> Names:
        made = deque[str]()
        while folder != self._top and folder not in self._durable and (settled or folder not in self._unnamed):
            made.appendleft(folder)
            folder = os.path.dirname(folder)
        for each in made:
            with suppress(FileExistsError):
                os.mkdir(each)
        return made

    def _sync_names(self, path: str, made: Names) -> None:
        """Make a file's name durable, and those of the folders above it, from the top: on file systems with a journal
        the first writes them all."""
        with suppress(FileNotFoundError):  # deleted with the index since it was written
            for folder in made:
                _sync_folder(os.path.dirname(folder))
            _sync_folder(os.path.dirname(path))
            self._remember(made)

    def _remember(self, folders: Iterable[str]) -> None:
        if len(self._durable) >= FOLDERS_REMEMBERED:
            self._durable.clear()
        self._durable.update(folders)

    def _forget(self, folder: str) -> None:
        self._durable.discard(folder)
        with self._noting:
            self._unnamed.discard(folder)


class _NotNameless(Exception):
    """A file needs a name here."""


@contextmanager
def _aside(folder: str, data: bytes, *, nameless: bool) -> Iterator[str]:
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
        raise (_NotNameless() if error.errno in NO_NAMELESS else error) from error
    try:
        yield file
    finally:
        os.close(file)


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fsync(file)


def _link(written: str, path: str) -> bool:
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
            raise _NotNameless from error
        return _move_if_free(written, path)
    return True


def _move_if_free(written: str, path: str) -> bool:
    """As ``_link``, for file systems without hard links (exFAT, some shares): writers of this machine take turns."""
    with Path(os.path.dirname(written), ".turn").open("ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if os.path.lexists(path):
            return False
        os.rename(written, path)
        return True


def _move(written: str, path: str) -> bool:
    os.replace(written, path)
    return True


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some shares cannot sync a folder
            raise
    finally:
        os.close(descriptor)


@contextmanager
def _faults(path: Path | str) -> Iterator[None]:
    """What the system says, in one line with the path and the error's own name."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        family = Refused if number in REFUSALS else ArchiveError
        raise family(f"{path}: {os.strerror(number)} ({errno.errorcode.get(number, number)})") from error
