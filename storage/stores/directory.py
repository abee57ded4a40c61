"""A directory that keeps objects."""

# Where an object is written, names are text: making a Path of each costs as much as writing the object.
# ruff: noqa: PTH102, PTH118, PTH120

from __future__ import annotations

import errno
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from crawler.errors import ArchiveError
from storage.stores.files import NAMELESS, NotNameless, aside_file, link, move, sync_folder
from storage.stores.keys import check_deletable, check_key, check_later, check_replaceable
from storage.stores.promise import Listed, Missing, Refused

Names = Sequence[str]
INCOMING = ".incoming"
STALE_SECONDS = 24 * 3600  # no write of one object lasts this long
REFUSALS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR})
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
            sync_folder(self._top)
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
                            sync_folder(folder)
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
        created, made = self._placed(path, data, link)
        self._sync_names(path, made)
        return created

    def _create_soon(self, path: str, data: bytes) -> bool:
        created, made = self._placed(path, data, link, settled=False)
        with self._noting:
            for folder in made:
                self._unsettled[os.path.dirname(folder)] = None
            # Also where it was there before: whoever made it may not have settled it yet.
            self._unsettled[os.path.dirname(path)] = None
            self._unnamed.update(made)
        return created

    def _replace(self, path: str, data: bytes) -> None:
        _, made = self._placed(path, data, move)
        self._sync_names(path, made)

    def _placed(
        self, path: str, data: bytes, place: Callable[[str, str], bool], settled: bool = True
    ) -> tuple[bool, Names]:
        """Whether the object was written, and the folders above it whose names may not be on disk, the topmost first;
        without ``settled``, but for those that are waiting to be settled."""
        aside = self._incoming
        for _ in range(10):
            try:
                if place is link and os.path.lexists(path):
                    return False, self._make_folders(os.path.dirname(path), settled)
                if aside is self._incoming and aside not in self._durable:
                    with suppress(FileExistsError):
                        os.mkdir(aside)
                    self._durable.add(aside)
                with aside_file(aside, data, nameless=self._nameless and place is link) as written:
                    made = self._make_folders(os.path.dirname(path), settled)
                    return place(written, path), made
            except NotNameless:
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
                sync_folder(os.path.dirname(folder))
            sync_folder(os.path.dirname(path))
            self._remember(made)

    def _remember(self, folders: Iterable[str]) -> None:
        if len(self._durable) >= FOLDERS_REMEMBERED:
            self._durable.clear()
        self._durable.update(folders)

    def _forget(self, folder: str) -> None:
        self._durable.discard(folder)
        with self._noting:
            self._unnamed.discard(folder)


@contextmanager
def _faults(path: Path | str) -> Iterator[None]:
    """What the system says, in one line with the path and the error's own name."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        family = Refused if number in REFUSALS else ArchiveError
        raise family(f"{path}: {os.strerror(number)} ({errno.errorcode.get(number, number)})") from error
