"""What every store promises: written once, durable when acknowledged, never half there."""

from __future__ import annotations

import errno
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import ArchiveError, UsageError
from storage import open_archive, s3
from storage.stores import DirectoryStore, KeyRefused, Missing, ObjectStore, Refused, directory
from tests.servers.proxy import Proxy

# ---------------------------------------------------------------- every store


def test_what_was_created_is_read_back(store: ObjectStore) -> None:
    assert store.create("runs/r1.json", b"\x00\xffdata")
    assert store.get("runs/r1.json") == b"\x00\xffdata"
    assert store.exists("runs/r1.json")


def test_an_empty_object_is_an_object(store: ObjectStore) -> None:
    assert store.create("runs/r1.json", b"")
    assert store.get("runs/r1.json") == b""
    assert not store.create("runs/r1.json", b"")


def test_a_taken_key_keeps_what_it_has(store: ObjectStore) -> None:
    assert store.create("runs/r1.json", b"first")
    assert not store.create("runs/r1.json", b"second")
    assert not store.create("runs/r1.json", b"first")
    assert store.get("runs/r1.json") == b"first"


def test_what_is_not_there_is_missing(store: ObjectStore) -> None:
    store.create("runs/r1.json", b"{}")
    for key in ("runs/r2.json", "runs", "runs/r1.json/below", "nothing/at/all"):
        assert not store.exists(key)
        with pytest.raises(Missing):
            store.get(key)


def test_of_sixteen_writers_of_one_key_exactly_one_is_told_so(store: ObjectStore) -> None:
    start = threading.Barrier(16)

    def write(number: int) -> bool:
        start.wait()
        return store.create("reports/ab/abcd/v000001.json.gz", b"writer %d" % number * 2000)

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(write, range(16)))
    assert told.count(True) == 1
    assert store.get("reports/ab/abcd/v000001.json.gz") == b"writer %d" % told.index(True) * 2000


def test_a_listing_is_in_the_order_of_keys(store: ObjectStore) -> None:
    keys = ["a.b", "a/b", "a/b.c", "a/c/d", "a-b", "a0", "b/a", "Z/z", "a/b/c.d"]
    keys.remove("a/b")  # a directory cannot hold both a/b and a/b/c.d
    for number, key in enumerate(keys):
        store.create(key, b"x" * number)
    listed = list(store.list(""))
    assert [item.key for item in listed] == sorted(keys)
    assert {item.key: item.size for item in listed} == {key: number for number, key in enumerate(keys)}
    for prefix, after in itertools.product(
        ["", "a", "a/", "a/b", "a/b/", "a/c/d", "b", "q/"], [None, "a/b.c", "a/", "a~"]
    ):
        expected = [key for key in sorted(keys) if key.startswith(prefix) and (after is None or key > after)]
        assert [item.key for item in store.list(prefix, after)] == expected, (prefix, after)


def test_folders_are_listed_once_each(store: ObjectStore) -> None:
    for key in ("sightings/b/1", "sightings/a/1", "sightings/a/2", "sightings/a/x/3", "sightings/loose"):
        store.create(key, b"")
    assert list(store.folders("sightings/")) == ["a", "b"]
    assert list(store.folders("nothing/")) == []


def test_more_objects_than_one_answer_lists(store: ObjectStore) -> None:
    keys = [f"runs/{number:03d}.json" for number in range(10)]
    for key in keys:
        store.create(key, b"")
    events = None if isinstance(store, DirectoryStore) else store._client.meta.events  # type: ignore[attr-defined]
    if events:
        events.register("before-parameter-build.s3.ListObjectsV2", _three_a_page)
    try:
        assert [item.key for item in store.list("runs/")] == keys
        assert [item.key for item in store.list("runs/", keys[3])] == keys[4:]
    finally:
        if events:
            events.unregister("before-parameter-build.s3.ListObjectsV2", _three_a_page)


def _three_a_page(params: dict[str, object], **_: object) -> None:
    params["MaxKeys"] = 3


def test_only_what_can_be_derived_again_is_replaced_or_deleted(store: ObjectStore) -> None:
    for key in ("archive.json", "snapshots/x", "reports/x", "sightings/x", "runs/x", "index/x"):
        store.create(key, b"kept")
        with pytest.raises(KeyRefused):
            store.replace(key, b"lost")
    for key in ("archive.json", "snapshots/x", "reports/x", "sightings/x", "runs/x"):
        with pytest.raises(KeyRefused):
            store.delete(key)
        assert store.get(key) == b"kept"


def test_the_catalogue_is_replaced_and_the_index_deleted(store: ObjectStore) -> None:
    store.replace("catalogue/province=33/reports.parquet", b"old")
    store.replace("catalogue/province=33/reports.parquet", b"new")
    assert store.get("catalogue/province=33/reports.parquet") == b"new"
    store.create("index/url/ab/cd/r1", b"{}")
    for key in ("catalogue/province=33/reports.parquet", "index/url/ab/cd/r1", "index/url/ab/cd/r1"):
        store.delete(key)
        assert not store.exists(key)
    assert list(store.list("")) == []
    assert store.create("index/url/ab/cd/r1", b"{}")


def test_a_pointer_is_seen_by_everyone_at_once_and_only_pointers_may_be_settled_later(store: ObjectStore) -> None:
    assert store.create_soon("index/url/ab/cd/r1", b"{}")
    assert [item.key for item in store.list("index/")] == ["index/url/ab/cd/r1"]
    assert not store.create_soon("index/url/ab/cd/r1", b"other")
    assert store.get("index/url/ab/cd/r1") == b"{}"
    store.settle()
    for key in ("snapshots/x", "reports/x", "readings/x", "sightings/x", "runs/x", "leases/x", "catalogue/x"):
        with pytest.raises(KeyRefused):
            store.create_soon(key, b"{}")
        assert not store.exists(key)


@pytest.mark.parametrize(
    "key",
    ["", "/", "/a", "a/", "a//b", "..", "a/../b", "a/./b", ".a", "a/.b", "a\nb", "a\0b", "a\\b", "a" * 256, "年" * 86,
     "a/" * 500 + "a", "a/\udc80"],
)  # fmt: skip
def test_a_key_that_some_store_could_not_hold_is_refused_by_all(store: ObjectStore, key: str) -> None:
    for call in (store.get, store.exists, lambda key: store.create(key, b"")):
        with pytest.raises(KeyRefused):
            call(key)


# ---------------------------------------------------------------- the directory


def test_leftovers_of_killed_writers_are_invisible_and_swept(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    store.prepare()
    store.create("runs/a.json", b"{}")
    old, young = tmp_path / directory.INCOMING / ".old", tmp_path / directory.INCOMING / ".young"
    for leftover in (old, young, tmp_path / "runs" / ".half"):
        leftover.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert [item.key for item in store.list("")] == ["runs/a.json"]
    DirectoryStore(tmp_path).prepare()
    assert not old.exists()
    assert young.exists()  # its writer may still be at it


WRITER = """
import sys, itertools
from pathlib import Path
from typing import Any
from storage.stores import DirectoryStore
store = DirectoryStore(Path(sys.argv[1]))
store.prepare()
for number in itertools.count():
    key = f"snapshots/{number % 7}/{sys.argv[2]}-{number}"
    if store.create(key, (key * 3000).encode()):
        sys.stdout.write(key + "\\n")
        sys.stdout.flush()
"""


def test_a_writer_killed_anywhere_leaves_no_torn_object_and_loses_none_it_acknowledged(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    chance = random.Random(20261122)
    for run in range(12):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, root, str(run)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip()]
        time.sleep(chance.uniform(0, 0.06))
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
        writer.wait()
        writer.stdout.close()
        store = DirectoryStore(root)
        for key in acknowledged:
            assert store.get(key) == (key * 3000).encode()
        for listed in store.list("snapshots/"):
            assert store.get(listed.key) == (listed.key * 3000).encode()


def test_the_folders_of_an_acknowledged_object_are_on_disk_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda fd: (synced.append(str(Path(f"/proc/self/fd/{fd}").readlink())), real(fd))[1]
    )
    store = DirectoryStore(tmp_path)
    store.create("reports/ab/abcd/v000001.json.gz", b"x")
    assert [str(tmp_path / part) for part in ("", "reports", "reports/ab", "reports/ab/abcd")] == [
        path for path in dict.fromkeys(synced) if directory.INCOMING not in path
    ]
    assert synced[-1] == str(tmp_path / "reports/ab/abcd")
    # Another writer made the folders, and may not have synced them yet.
    synced.clear()
    DirectoryStore(tmp_path).create("reports/ab/abcd/v000002.json.gz", b"x")
    assert str(tmp_path) in synced
    assert str(tmp_path / "reports/ab") in synced


@pytest.fixture
def synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was made durable so far, by its path below the archive; names in ``.incoming`` are of no interest."""
    paths: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(tmp_path)
        paths.append(directory.INCOMING if directory.INCOMING in path.parts else str(path))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return paths


POINTER = "index/url/ab/abcd/r1"
ABOVE = [".", "index", "index/url", "index/url/ab", "index/url/ab/abcd"]


def test_a_pointer_is_whole_at_once_and_its_name_durable_when_settled(tmp_path: Path, synced: list[str]) -> None:
    store = DirectoryStore(tmp_path)
    assert store.create_soon(POINTER, b"{}")
    assert synced == [directory.INCOMING]  # what it holds, before it is given its name
    assert store.get(POINTER) == b"{}"
    store.settle()
    assert sorted(synced[1:]) == ABOVE
    synced.clear()
    store.settle()
    assert synced == []
    store.create_soon("index/url/ab/abce/r1", b"{}")
    store.settle()
    assert sorted(synced[1:]) == ["index/url/ab", "index/url/ab/abce"]


def test_a_pointer_another_writer_has_not_settled_is_settled_by_who_meets_it(tmp_path: Path, synced: list[str]) -> None:
    DirectoryStore(tmp_path).create_soon(POINTER, b"{}")
    store = DirectoryStore(tmp_path)
    synced.clear()
    assert not store.create_soon(POINTER, b"{}")
    store.settle()
    assert sorted(synced) == ABOVE


def test_what_is_durable_at_once_does_not_rely_on_what_is_to_be_settled(tmp_path: Path, synced: list[str]) -> None:
    store = DirectoryStore(tmp_path)
    store.create_soon("index/url/ab/abcd/r1", b"{}")
    synced.clear()
    store.create("index/url/ab/abcd/r2", b"{}")
    assert synced[1:] == ABOVE


def test_what_could_not_be_settled_is_settled_the_next_time(
    tmp_path: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DirectoryStore(tmp_path)
    store.create_soon(POINTER, b"{}")
    with monkeypatch.context() as broken:
        broken.setattr(directory, "sync_folder", lambda _: (_ for _ in ()).throw(OSError(errno.EIO, "broken")))
        with pytest.raises(ArchiveError, match="EIO"):
            store.settle()
    synced.clear()
    store.settle()
    assert sorted(synced) == ABOVE


def test_who_settles_beside_another_waits_for_what_that_one_has_in_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DirectoryStore(tmp_path)
    store.create_soon(POINTER, b"{}")
    begun, go_on, real = threading.Event(), threading.Event(), directory.sync_folder

    def slow(folder: str) -> None:
        begun.set()
        assert go_on.wait(20)
        real(folder)

    monkeypatch.setattr(directory, "sync_folder", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(store.settle)
        assert begun.wait(20)
        second = pool.submit(store.settle)
        time.sleep(0.1)
        assert not second.done()
        go_on.set()
        first.result(20)
        second.result(20)


@contextmanager
def index_deleted(store: DirectoryStore) -> Iterator[None]:
    """All the while another thread deletes what it finds of the index; what it meets is raised at the end."""
    done = threading.Event()

    def delete() -> None:
        while not done.is_set():
            for listed in store.list("index/"):
                store.delete(listed.key)

    with ThreadPoolExecutor(1) as pool:
        deleting = pool.submit(delete)
        try:
            yield
        finally:
            done.set()
        deleting.result(20)


def test_pointers_are_made_and_settled_while_the_index_is_deleted(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    with index_deleted(store):
        for number in range(150):
            store.create_soon(f"index/url/{number % 3}/{number % 5}/r{number}", b"{}")
            if number % 10 == 0:
                store.settle()
    store.create_soon(POINTER, b"{}")
    assert store.exists(POINTER)


@pytest.mark.parametrize("name", ["ENOSPC", "EIO", "EROFS", "EACCES", "EDQUOT"])
def test_what_the_disk_says_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    store = DirectoryStore(tmp_path)
    store.prepare()

    def fail(_: int) -> None:
        raise OSError(getattr(errno, name), os.strerror(getattr(errno, name)))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ArchiveError) as caught:
        store.create("runs/a.json", b"{}")
    assert name in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, Refused) == (name in ("EROFS", "EACCES"))
    monkeypatch.undo()
    assert not store.exists("runs/a.json")
    assert [path.name for path in (tmp_path / directory.INCOMING).iterdir()] == []


def test_a_file_system_without_hard_links_keeps_the_promise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    store = DirectoryStore(tmp_path)
    test_of_sixteen_writers_of_one_key_exactly_one_is_told_so(store)


def test_a_file_system_where_files_need_a_name_keeps_the_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refuse(path: str, flags: int, *more: Any, **how: Any) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "no nameless files here")
        return real(path, flags, *more, **how)

    monkeypatch.setattr(os, "open", refuse)
    store = DirectoryStore(tmp_path)
    test_of_sixteen_writers_of_one_key_exactly_one_is_told_so(store)
    assert list((tmp_path / directory.INCOMING).iterdir()) == []


def test_a_folder_mounted_from_another_disk_is_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.link

    def link(source: str, target: str, **how: Any) -> None:
        if Path(source).resolve().parent != Path(target).parent:
            raise OSError(errno.EXDEV, "another device")
        real(source, target, **how)

    monkeypatch.setattr(os, "link", link)
    store = DirectoryStore(tmp_path)
    assert store.create("runs/a.json", b"{}")
    assert not store.create("runs/a.json", b"")
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["a.json"]


def test_creating_goes_on_while_the_index_is_deleted(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    with index_deleted(store):
        for number in range(150):
            store.create(f"index/url/{number % 3}/{number % 5}/r{number}", b"{}")


def test_one_index_prefix_is_listed_without_walking_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DirectoryStore(tmp_path)
    for number in range(40):
        store.create(f"index/url/{number % 4}/v{number}/r1", b"{}")
    seen: list[object] = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (seen.append(path), real(path))[1])
    assert [item.key for item in store.list("index/url/1/v1/")] == ["index/url/1/v1/r1"]
    assert len(seen) == 1


def test_listing_holds_one_folder_at_a_time(tmp_path: Path) -> None:
    root = tmp_path / "snapshots"
    for shard in range(20):
        (root / f"{shard:02}").mkdir(parents=True)
        for number in range(300):
            (root / f"{shard:02}" / f"{number:04}").touch()
    store = DirectoryStore(tmp_path)
    tracemalloc.start()
    try:
        assert sum(1 for _ in store.list("")) == 6000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6000 * 100  # all of them at once would take several times that


# ---------------------------------------------------------------- S3 that misbehaves


@pytest.mark.parametrize("fault", ["503", "500", "500 after", "reset", "reset after", "silence after"])
def test_a_write_whose_answer_was_lost_is_settled(faulty: s3.S3Store, proxy: Proxy, fault: str) -> None:
    proxy.faults.append(("PUT", "r1", fault))
    assert faulty.create("runs/r1.json", b"mine")
    assert faulty.get("runs/r1.json") == b"mine"
    assert not faulty.create("runs/r1.json", b"mine")


@pytest.mark.parametrize("fault", ["500", "reset", "500 after", "reset after"])
def test_a_write_that_met_another_object_after_a_fault_is_not_told_it_was_its_own(
    faulty: s3.S3Store, proxy: Proxy, fault: str
) -> None:
    faulty.create("runs/r1.json", b"theirs")
    proxy.faults.append(("PUT", "r1", fault))
    assert not faulty.create("runs/r1.json", b"mine")
    assert faulty.get("runs/r1.json") == b"theirs"


def test_a_write_that_never_gets_an_answer_but_took_place_is_seen_to_have(faulty: s3.S3Store, proxy: Proxy) -> None:
    proxy.faults.extend([("PUT", "r1", "500 after")] * 3)
    assert faulty.create("runs/r1.json", b"mine")


def test_a_store_that_stays_away_is_an_error_in_one_line(faulty: s3.S3Store, proxy: Proxy) -> None:
    proxy.faults.extend([("PUT", "r1", "503")] * 3)
    with pytest.raises(ArchiveError, match="SlowDown") as caught:
        faulty.create("runs/r1.json", b"mine")
    assert "\n" not in str(caught.value)
    assert not faulty.exists("runs/r1.json")


@pytest.mark.parametrize("fault", ["503", "500", "reset", "silence after", "cut short"])
def test_a_read_that_broke_off_is_read_again(faulty: s3.S3Store, proxy: Proxy, fault: str) -> None:
    faulty.create("runs/r1.json", b"whole" * 1000)
    proxy.faults.append(("GET", "r1", fault))
    assert faulty.get("runs/r1.json") == b"whole" * 1000


def test_an_answer_that_nothing_is_there_and_breaks_off_is_asked_for_again(faulty: s3.S3Store, proxy: Proxy) -> None:
    proxy.faults.append(("GET", "r1", "cut short"))
    with pytest.raises(Missing):
        faulty.get("runs/r1.json")
    proxy.faults.extend([("PUT", "r1", "500")] * s3.ATTEMPTS + [("GET", "r1", "cut short")] * s3.READ_ATTEMPTS)
    with pytest.raises(ArchiveError, match="cannot be read to its end"):
        faulty.create("runs/r1.json", b"mine")


def test_a_listing_survives_faults(faulty: s3.S3Store, proxy: Proxy) -> None:
    proxy.faults.extend([("GET", "list-type", "503"), ("GET", "list-type", "reset")])
    assert [item.key for item in faulty.list("")] == ["runs/first.json"]


def test_faults_do_not_break_the_promise_without_conditions_either(faulty: s3.S3Store, proxy: Proxy) -> None:
    proxy.knows_conditions = False
    store = s3.S3Store(faulty.bucket)
    proxy.faults.extend([("PUT", "r1", "500 after"), ("GET", "r1", "cut short"), ("HEAD", "r1", "503")])
    assert store.create("runs/r1.json", b"mine")
    assert not store.create("runs/r1.json", b"other")
    assert store.get("runs/r1.json") == b"mine"


def test_conditions_are_tried_out_once_and_leave_nothing_behind(
    proxy: Proxy, bucket: Callable[[str | Proxy], str]
) -> None:
    store = s3.S3Store(bucket(proxy), "p")
    for number in range(3):
        store.create(f"runs/{number}.json", b"{}")
    probes = [method for method, path in proxy.requests if ".probe/" in path]
    assert probes == ["PUT", "PUT", "DELETE"]
    assert [method for method, path in proxy.requests if "/runs/" in path] == ["PUT"] * 3
    everything = s3.S3Store(store.bucket)
    assert [item.key for item in everything.list("")] == [f"p/runs/{number}.json" for number in range(3)]


@pytest.mark.parametrize("fault", ["503", "reset", "500 after", "reset after", "silence after"])
def test_a_probe_whose_answer_is_lost_is_settled_too(
    proxy: Proxy, bucket: Callable[[str | Proxy], str], fault: str
) -> None:
    store = s3.S3Store(bucket(proxy))
    proxy.faults.append(("PUT", ".probe/", fault))
    assert store.create("runs/first.json", b"{}")
    assert not store.create("runs/first.json", b"{}")


def test_reading_alone_tries_nothing_out(proxy: Proxy, bucket: Callable[[str | Proxy], str]) -> None:
    name = bucket(proxy)
    s3.S3Store(name).create("runs/1.json", b"{}")
    proxy.requests.clear()
    store = s3.S3Store(name)
    store.get("runs/1.json")
    store.exists("runs/2.json")
    list(store.list(""))
    assert {method for method, _ in proxy.requests} == {"GET", "HEAD"}


def test_no_checksum_is_sent_but_the_one_every_vendor_takes(faulty: s3.S3Store, proxy: Proxy) -> None:
    headers = [headers for (method, _), headers in zip(proxy.requests, proxy.headers, strict=True) if method == "PUT"][
        -1
    ]
    assert "content-md5" in headers
    assert not [name for name in headers if "checksum" in name or "sdk-checksum" in name or name == "x-amz-trailer"]
    assert "aws-chunked" not in headers.get("content-encoding", "")


# ---------------------------------------------------------------- opening


def test_a_missing_archive_is_a_wrong_call_unless_it_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="crawl into it first"):
        open_archive(str(tmp_path / "none"))
    assert not (tmp_path / "none").exists()
    open_archive(str(tmp_path / "none"), create=True)
    assert open_archive(f"file:{tmp_path}/none").store.exists("archive.json")


def test_a_missing_archive_in_a_bucket_too(proxy: Proxy, bucket: Callable[[str | Proxy], str]) -> None:
    name = bucket(proxy)
    with pytest.raises(UsageError, match="crawl into it first"):
        open_archive(f"s3://{name}/here")
    assert open_archive(f"s3://{name}/here/", create=True).uri == f"s3://{name}/here"
    open_archive(f"s3://{name}/here")


def test_a_missing_bucket_is_a_wrong_call(proxy: Proxy, bucket: Callable[[str | Proxy], str]) -> None:
    bucket(proxy)
    for create in (False, True):
        with pytest.raises(UsageError, match="there is no bucket no-such-bucket"):
            open_archive("s3://no-such-bucket/x", create=create)


def test_no_credentials_is_a_wrong_call(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
    with pytest.raises(UsageError, match="no credentials"):
        open_archive("s3://bucket/x", create=True)
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(UsageError, match="no credentials"):
        open_archive("s3://bucket/x", create=True)


def test_refused_credentials_are_not_shown(
    ceph: str, bucket: Callable[[str | Proxy], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = bucket(ceph)
    for variable, value in (("AWS_SECRET_ACCESS_KEY", "hush-hush-secret"), ("AWS_ACCESS_KEY_ID", "hush-hush-id")):
        monkeypatch.setenv(variable, value)
        with pytest.raises(UsageError) as caught:
            open_archive(f"s3://{name}/x", create=True)
        assert "hush" not in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "credentials" in str(caught.value)


@pytest.mark.parametrize("uri", ["", "s3://", "s3:///x", "s3://key:secret@bucket/x", "https://example.org/x",
                                 "file://elsewhere/x", "s3://bucket/../x", "s3://UPPER CASE/x"])  # fmt: skip
def test_what_is_no_archive_address_is_a_wrong_call(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "loopback")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "loopback-only")
    with pytest.raises(UsageError) as caught:
        open_archive(uri, create=True)
    assert "secret" not in str(caught.value)


def test_a_file_where_the_directory_should_be_is_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(UsageError, match="file"):
        open_archive(str(tmp_path / "file"), create=True)
    with pytest.raises(UsageError):
        open_archive(str(tmp_path / "file" / "below"), create=True)


def test_an_archive_of_a_newer_layout_is_refused(tmp_path: Path) -> None:
    open_archive(str(tmp_path), create=True)
    (tmp_path / "archive.json").write_text('{"layout": 2}')
    for create in (False, True):
        with pytest.raises(UsageError, match="newer nianbao"):
            open_archive(str(tmp_path), create=create)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"layout": "one"}', "null", "[" * 100_000])
def test_an_archive_whose_promise_is_damaged_says_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "archive.json").write_text(content)
    with pytest.raises(ArchiveError, match="damaged"):
        open_archive(str(tmp_path))


def test_opening_a_directory_does_not_wait_for_boto3(tmp_path: Path) -> None:
    code = (
        f"import sys, storage; storage.open_archive({str(tmp_path)!r}, create=True); sys.exit('boto3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
