"""A snapshot is a WARC that others read, and gives back what was received."""

from __future__ import annotations

import gzip
import random
import re
import subprocess
import sys
import tracemalloc
import zlib
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.errors import Unreadable
from crawler.items import Capture
from storage import codec, snapshots
from storage.codec import Damaged
from storage.exports import warc as warc_export
from tests.storage.examples import URL, capture, digest

PAGE = "<html><body>年度报告</body></html>".encode() * 20

ZSTD = "28b52ffd60f801450100e03c68746d6c3e3c626f64793ee5b9b4e5baa6e68aa5e5918a3c2f3c2f0300ce92aa60a8c1da35c7"  # of PAGE


def other_windows_deflate(payload: bytes) -> bytes:
    """What some servers send for "deflate": no zlib header."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(payload) + packer.flush()


ODD = {
    "plain": capture(PAGE, entity=PAGE, response_headers=((b"Content-Type", b"text/html"),)),
    "gzip": capture(PAGE),
    "deflate": capture(PAGE, entity=zlib.compress(PAGE), response_headers=((b"content-encoding", b"deflate"),)),
    "bare deflate": capture(
        PAGE, entity=other_windows_deflate(PAGE), response_headers=((b"content-encoding", b"deflate"),)
    ),
    "gzip twice": capture(
        PAGE,
        entity=gzip.compress(gzip.compress(PAGE)),
        response_headers=((b"Content-Encoding", b"gzip"), (b"Content-Encoding", b"x-gzip")),
    ),
    "gzip in name only": capture(PAGE, entity=PAGE),
    "gzip cut short": capture(
        zlib.decompressobj(31).decompress(gzip.compress(PAGE * 9, 1)[:-30]),
        entity=gzip.compress(PAGE * 9, 1)[:-30],
        truncated="disconnect",
    ),
    "zstd": capture(PAGE, entity=bytes.fromhex(ZSTD), response_headers=((b"Content-Encoding", b"zstd"),)),
    "chunked": capture(PAGE, response_headers=((b"Transfer-Encoding", b"chunked"), (b"Content-Encoding", b"gzip"))),
    "empty": capture(b"", entity=b"", status=404, reason="Not Found", response_headers=()),
    "repeated and odd headers": capture(
        PAGE,
        entity=PAGE,
        response_headers=(
            (b"Set-Cookie", b"a=1"),
            (b"Set-Cookie", b"b=2"),
            (b"Content-Disposition", "attachment; filename=年报.doc".encode("gbk")),
            (b"X-Powered", b"\xff\xfe"),
            (b"Empty", b""),
            (b"set-cookie", b"c=3"),
        ),
    ),
    "Chinese reason": capture(PAGE, reason="成功"),
    "no reason": capture(PAGE, reason=""),
    "HTTP/2": capture(PAGE, protocol="h2"),
    "HTTP/1.0": capture(PAGE, protocol="HTTP/1.0"),
    "IPv6": capture(PAGE, ip_address="2001:db8::7"),
    "blank lines in the entity": capture(
        b"\r\n\r\nWARC/1.1\r\n\r\n", entity=b"\r\n\r\nWARC/1.1\r\n\r\n", response_headers=()
    ),
    "a PDF": capture(
        b"%PDF" + random.Random(7).randbytes(70_000), entity=b"%PDF" + random.Random(7).randbytes(70_000)
    ),
}  # fmt: skip


@pytest.fixture(params=ODD.values(), ids=ODD)
def odd(request: pytest.FixtureRequest) -> Capture:
    found: Capture = request.param
    return found


def test_what_was_received_is_given_back(odd: Capture) -> None:
    stored = snapshots.read(snapshots.warc(odd), odd.payload_digest)
    assert stored.payload == odd.payload
    assert stored.entity == odd.entity
    assert stored.http_headers == odd.response_headers
    assert stored.request_headers == odd.request_headers
    assert (stored.url, stored.time, stored.status) == (odd.url, odd.time, odd.status)
    assert (stored.protocol, stored.ip_address, stored.truncated) == (odd.protocol, odd.ip_address, odd.truncated)
    assert stored.content_type == odd.header("Content-Type")
    assert stored.request_method == "GET"


def test_warcio_checks_it(odd: Capture, tmp_path: Path) -> None:
    file = tmp_path / "snapshot.warc.gz"
    file.write_bytes(snapshots.warc(odd))
    check = [sys.executable, "-m", "warcio.cli", "check", "-v", file]
    checked = subprocess.run(check, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stderr == ""
    assert checked.stdout.count("digest pass") == len(codec.gunzip_members(file.read_bytes()))


def test_other_readers_see_the_page(odd: Capture) -> None:
    response = next(iter(ArchiveIterator(BytesIO(snapshots.warc(odd)), check_digests="raise")))
    assert response.rec_type == "response"
    assert response.http_headers.get_statuscode() == str(odd.status)
    assert response.http_headers.get_header("Transfer-Encoding") is None
    seen = response.content_stream().read()
    if odd.response_headers == ODD["gzip twice"].response_headers:  # warcio undoes one coding
        seen = gzip.decompress(seen)
    assert seen == (odd.entity if odd.header("Content-Encoding") == "zstd" else odd.payload)


def test_fastwarc_reads_it(odd: Capture) -> None:
    fastwarc = pytest.importorskip("fastwarc.warc", reason="FastWARC is not installed")
    records = []
    for record in fastwarc.ArchiveIterator(BytesIO(snapshots.warc(odd)), parse_http=False):
        assert record.verify_block_digest()
        record.parse_http()
        if record.headers["WARC-Type"] != "conversion":
            assert record.verify_payload_digest()
        records.append(record.headers["WARC-Type"])
    assert records[:2] == ["response", "request"]


def test_any_concatenation_is_a_warc() -> None:
    joined = b"".join(snapshots.warc(each) for each in ODD.values())
    kinds = [record.rec_type for record in ArchiveIterator(BytesIO(joined), check_digests="raise")]
    assert kinds.count("response") == kinds.count("request") == len(ODD)


def test_chunked_framing_is_named_but_not_left_to_be_undone_again() -> None:
    (response, _) = codec.gunzip_members(snapshots.warc(ODD["chunked"]))
    assert b"\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n" in response
    assert b"\r\nTransfer-Encoding" not in response


@pytest.mark.parametrize(("length", "kept_as"), [(b"7", b"X-Archive-Orig-Content-Length"), (b"%d", b"Content-Length")])
def test_a_length_that_chunks_made_void_is_named_but_not_left_to_be_believed(length: bytes, kept_as: bytes) -> None:
    chunked = ODD["chunked"]
    said = length.replace(b"%d", b"%d" % len(chunked.entity))
    page = replace(chunked, response_headers=(*chunked.response_headers, (b"Content-Length", said)))
    kept = snapshots.warc(page)
    (response, _) = codec.gunzip_members(kept)
    assert b"\r\n" + kept_as + b": " + said + b"\r\n" in response.split(b"\r\n\r\n")[1] + b"\r\n"
    assert snapshots.read(kept, page.payload_digest).http_headers == page.response_headers


def test_only_what_the_standard_library_cannot_unpack_is_kept_twice() -> None:
    kept_twice = [name for name, each in ODD.items() if len(codec.gunzip_members(snapshots.warc(each))) == 3]
    assert kept_twice == ["zstd"]


def test_the_digests_are_of_what_was_sent_and_the_key_of_what_it_unpacks_to() -> None:
    page = capture(PAGE)
    (response, request) = codec.gunzip_members(snapshots.warc(page))
    assert f"WARC-Payload-Digest: sha256:{digest(page.entity)}\r\n".encode() in response
    head, _, block = response.partition(b"\r\n\r\n")
    assert f"WARC-Block-Digest: sha256:{digest(block[:-4])}".encode() in head
    assert b"WARC-Date: 2026-01-31T03:04:05.678901Z\r\n" in request
    assert request.split(b"\r\n\r\n")[1].startswith(b"GET /art/2026/1/20/art_1229_5510.html HTTP/1.1\r\n")


def test_no_secret_is_kept() -> None:
    secretive = capture(
        PAGE,
        url="http://name:hush@www.linhu.gov.cn/a?b=1#part",
        request_headers=(
            (b"Cookie", b"hush"),
            (b"authorization", b"hush"),
            (b"Proxy-Authorization", b"hush"),
            (b"Accept", b"*/*"),
        ),
    )
    data = b"".join(codec.gunzip_members(snapshots.warc(secretive)))
    assert b"hush" not in data
    stored = snapshots.read(snapshots.warc(secretive), secretive.payload_digest)
    assert stored.request_headers == ((b"Accept", b"*/*"),)
    assert stored.url == "http://www.linhu.gov.cn/a?b=1"


def test_a_header_cannot_forge_another() -> None:
    forged = capture(
        PAGE, response_headers=((b"A", b"1\r\nB: 2"), (b"C", b"3\r\n\r\nbody")), entity=PAGE, reason="O\nK"
    )
    stored = snapshots.read(snapshots.warc(forged), forged.payload_digest)
    assert stored.http_headers == ((b"A", b"1 B: 2"), (b"C", b"3 body"))
    assert stored.reason == "O K"


def test_addresses_are_written_so_that_they_can_be_read() -> None:
    stored = snapshots.read(snapshots.warc(capture(url="http://h.cn/年 报\t.html")), capture().payload_digest)
    assert stored.url == "http://h.cn/%E5%B9%B4%20%E6%8A%A5%09.html" or stored.url.isascii()


def test_the_same_capture_gives_the_same_bytes(odd: Capture) -> None:
    assert snapshots.warc(odd) == snapshots.warc(odd)


def test_the_records_are_those_warcio_would_write(odd: Capture) -> None:
    for member in codec.gunzip_members(snapshots.warc(odd)):
        _, named, rest = snapshots._head(member)
        headers = [(name.decode(), value.decode()) for name, value in named]
        given = [pair for pair in headers if pair[0] not in ("Content-Type", "Content-Length")]
        record = ArcWarcRecord(
            "warc",
            dict(headers)["WARC-Type"],
            StatusAndHeaders("", given, protocol="WARC/1.1"),
            BytesIO(rest[:-4]),
            None,
            dict(headers)["Content-Type"],
            len(rest) - 4,
        )
        out = BytesIO()
        WARCWriter(out, gzip=False, warc_version="1.1").write_record(record)
        assert out.getvalue() == member
        # Each field has its record, by the standard (ISO 28500:2017, 5): none of our own.
        assert {name for name, _ in headers} <= FIELDS


FIELDS = frozenset({
    "WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Target-URI", "WARC-IP-Address", "WARC-Protocol",
    "WARC-Payload-Digest", "WARC-Truncated", "WARC-Concurrent-To", "WARC-Refers-To", "WARC-Block-Digest",
    "Content-Type", "Content-Length",
})  # fmt: skip


def test_a_time_without_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        snapshots.warc(replace(capture(), time=capture().time.replace(tzinfo=None)))


def test_a_capture_too_large_to_be_kept_is_an_unreadable_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "LIMIT", 100)
    with pytest.raises(Unreadable) as caught:
        snapshots.warc(capture(b"x" * 51))
    assert caught.value.name == "too_large"


def test_every_flipped_bit_is_found() -> None:
    page = capture(b"<p>" + b"ab" * 40 + b"</p>")
    data = snapshots.warc(page)
    for place in range(len(data)):
        for bit in range(8):
            flipped = data[:place] + bytes([data[place] ^ (1 << bit)]) + data[place + 1 :]
            with pytest.raises(Damaged):
                snapshots.read(flipped, page.payload_digest)


def test_every_cut_is_found() -> None:
    page = capture()
    data = snapshots.warc(page)
    for end in range(len(data)):
        with pytest.raises(Damaged):
            snapshots.read(data[:end], page.payload_digest)
    for more in (b"\0", b"\x1f\x8b", data):
        with pytest.raises(Damaged):
            snapshots.read(data + more, page.payload_digest)


def test_a_snapshot_under_another_key_is_found() -> None:
    with pytest.raises(Damaged, match="does not hash to its key"):
        snapshots.read(snapshots.warc(capture()), digest(b"another"))


def test_nothing_unpacks_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "LIMIT", 1_000_000)
    bomb = capture(b"small", entity=gzip.compress(bytes(30_000_000)))
    response, request, _ = codec.gunzip_members(snapshots.warc(bomb))
    tracemalloc.start()
    try:
        with pytest.raises(Damaged):
            snapshots.read(codec.gzip_member(response) + codec.gzip_member(request), bomb.payload_digest)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    with pytest.raises(Damaged, match="more than one object may hold"):
        codec.gunzip_members(codec.gzip_member(bytes(2_000_000)), limit=1_000_000)


@pytest.mark.parametrize(
    "date", ["yesterday", "2026-01-31", "2026-01-31T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_a_date_that_is_no_time_in_utc_is_damage(date: str) -> None:
    first, *rest = codec.gunzip_members(snapshots.warc(capture()))
    lied = re.sub(rb"(?m)^WARC-Date: [^\r]+", f"WARC-Date: {date}".encode(), first)
    data = b"".join(map(codec.gzip_member, (lied, *rest)))
    with pytest.raises(Damaged, match="no date"):
        snapshots.read(data, capture().payload_digest)
    with pytest.raises(Damaged, match="no date"):
        warc_export._response(data)


hostile = st.binary(max_size=200)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(hostile, st.sampled_from(codec.gunzip_members(snapshots.warc(capture())))), max_size=4))
def test_whatever_is_sealed_in_is_read_or_damaged(members: list[bytes]) -> None:
    data = b"".join(codec.gzip_member(member) for member in members)
    with suppress(Damaged):
        snapshots.read(data, capture().payload_digest)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.binary(min_size=1, max_size=20).filter(lambda name: not set(name) & set(b":\r\n\0 \t")),
            st.binary(max_size=40).filter(
                lambda value: not set(value) & set(b"\r\n\0") and value == value.strip(b" \t")
            ),
        ),
        max_size=5,
    ),
    hostile,
)
def test_any_headers_and_any_bytes_come_back(headers: list[tuple[bytes, bytes]], payload: bytes) -> None:
    headers = [(name, value) for name, value in headers if not name.lower().startswith(b"x-archive-orig")]
    page = capture(payload, entity=payload, response_headers=tuple(headers), url=URL)
    stored = snapshots.read(snapshots.warc(page), page.payload_digest)
    assert stored.http_headers == page.response_headers
    assert stored.payload == payload
