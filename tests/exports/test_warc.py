"""WARC and WACZ, read back by other people's tools."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import struct
import zipfile
from io import BytesIO

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio

from crawler.items import Attachment, Kind
from storage.exports import cdxj, export, warc
from storage.queries import Filters

COPY = "http://other.gov.cn/copy.html"


@pytest.fixture
def corpus(archive, hand):
    """A report with an attachment, copied elsewhere, looked at again twice; and a notice."""
    document = b"PK\x03\x04 a document"
    key = hand.capture("http://www.mou.gov.cn/a.docx", document, hand.day(0), "application/msword")
    attachment = Attachment("附件", "http://www.mou.gov.cn/a.docx", "application/msword", 9, hand.sha256(document), key)
    version = hand.file("aa01", attachments=(attachment,))
    hand.sight(
        hand.seen(version, "attachment", url=attachment.url, payload_digest=attachment.digest, report_id=None),
        hand.seen(version, "copy", run="run-1", portal="other", url=COPY, time=hand.day(1)),
        hand.seen(version, "listed", run="run-2", time=hand.day(2), status=None),
        hand.seen(version, "unchanged", run="run-2", time=hand.day(3)),
        hand.seen(version, "not_modified", run="run-3", time=hand.day(4), status=304),
        hand.seen(version, "http_503", run="run-4", time=hand.day(5), status=503),
    )
    hand.file("bb01", kind=Kind.NOTICE, province="37")
    hand.end("run-1")
    return archive


def records(*files):
    """(type, headers, block) of every record."""
    found = []
    for file in files:
        with file.open("rb") as stream:
            found += [
                (record.rec_type, dict(record.rec_headers.headers), record.content_stream().read())
                for record in ArchiveIterator(stream)
            ]
    return found


def of_type(kind, *files):
    return [headers for each, headers, _ in records(*files) if each == kind]


def check(*files):
    """``warcio check``: 0 when every digest holds."""
    with pytest.raises(SystemExit) as ended:
        warcio(["check", "-v", *map(str, files)])
    return ended.value.code


def test_every_kept_capture_is_exported_as_stored(corpus, tmp_path):
    result = export(corpus, "warc", tmp_path / "out.warc.gz")
    data = (tmp_path / "out.warc.gz").read_bytes()
    stored = [corpus.store.get(listed.key) for listed in corpus.store.list("snapshots/")]
    assert len(stored) == 3
    for snapshot in stored:
        assert data.count(snapshot) == 1
    assert [name.rpartition("/")[2] for name in result.files] == ["out.warc.gz", "out.cdxj"]
    assert check(tmp_path / "out.warc.gz") in (0, None)


def test_a_file_begins_by_saying_what_it_is(corpus, tmp_path):
    export(corpus, "warc", tmp_path / "out.warc.gz")
    kind, headers, block = records(tmp_path / "out.warc.gz")[0]
    assert kind == "warcinfo"
    assert headers["WARC-Filename"] == "out.warc.gz"
    assert b"software: nianbao/" in block


def test_looks_that_met_the_same_payload_are_revisits_of_their_original(corpus, tmp_path):
    export(corpus, "warc", tmp_path / "out.warc.gz")
    (original,) = (
        headers
        for headers in of_type("response", tmp_path / "out.warc.gz")
        if headers["WARC-Target-URI"].endswith("aa01.html")
    )
    revisits = of_type("revisit", tmp_path / "out.warc.gz")
    assert [(headers["WARC-Target-URI"], headers["WARC-Date"], headers["WARC-Profile"]) for headers in revisits] == [
        (original["WARC-Target-URI"], "2023-01-23T02:00:00Z", warc.IDENTICAL),
        (original["WARC-Target-URI"], "2023-01-24T02:00:00Z", warc.NOT_MODIFIED),
        (COPY, "2023-01-21T02:00:00Z", warc.IDENTICAL),
    ]
    for headers in revisits:
        assert headers["WARC-Refers-To"] == original["WARC-Record-ID"]
        assert headers["WARC-Refers-To-Target-URI"] == original["WARC-Target-URI"]
        assert headers["WARC-Refers-To-Date"] == original["WARC-Date"]
        assert headers["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
        assert headers["Content-Length"] == "0"


def test_a_redirected_address_leads_to_the_capture(archive, hand, tmp_path):
    version = hand.version("aa01")
    hand.sight(hand.seen(version, "new", url="http://www.mou.gov.cn/old.html"))
    export(archive, "warc", tmp_path / "out.warc.gz")
    (revisit,) = of_type("revisit", tmp_path / "out.warc.gz")
    assert revisit["WARC-Target-URI"] == "http://www.mou.gov.cn/old.html"


def test_a_line_that_carries_over_an_earlier_look_is_no_look(corpus, hand, tmp_path):
    (version,) = corpus.versions("aa01")
    attachment = version.attachments[0]
    carried = hand.seen(version, "attachment", run="run-5", time=hand.day(9), url=attachment.url, fetched=hand.day(0))
    hand.sight(dataclasses.replace(carried, payload_digest=attachment.digest))
    export(corpus, "warc", tmp_path / "out.warc.gz")
    assert attachment.url not in {
        headers["WARC-Target-URI"] for headers in of_type("revisit", tmp_path / "out.warc.gz")
    }


def test_files_end_before_the_record_that_would_be_too_much(corpus, tmp_path):
    result = export(corpus, "warc", tmp_path / "warcs", warc_size=3000)
    files = sorted((tmp_path / "warcs").glob("*.warc.gz"))
    assert len(files) > 1
    assert all(file.stat().st_size <= 3000 for file in files)
    assert len(of_type("warcinfo", *files)) == len(files)
    assert all(records(file)[0][0] == "warcinfo" for file in files)
    assert check(*files) in (0, None)
    assert result.records == len(index(tmp_path / "warcs" / "nianbao.cdxj"))


def index(file):
    lines = file.read_bytes().splitlines()
    assert lines == sorted(lines)
    return [(*line.split(b" ", 2)[:2], json.loads(line.split(b" ", 2)[2])) for line in lines]


def test_the_index_leads_to_every_response_and_revisit(corpus, tmp_path):
    export(corpus, "warc", tmp_path / "warcs", warc_size=3000)
    lines = index(tmp_path / "warcs" / "nianbao.cdxj")
    files = sorted((tmp_path / "warcs").glob("*.warc.gz"))
    assert len(lines) == len(of_type("response", *files)) + len(of_type("revisit", *files))
    for key, stamp, facts in lines:
        data = (tmp_path / "warcs" / facts["filename"]).read_bytes()
        start, length = int(facts["offset"]), int(facts["length"])
        (record,) = ArchiveIterator(BytesIO(data[start : start + length]))
        assert record.rec_type == ("revisit" if facts["mime"] == "warc/revisit" else "response")
        assert record.rec_headers.get_header("WARC-Target-URI") == facts["url"]
        assert record.rec_headers.get_header("WARC-Payload-Digest") == facts["digest"]
        assert cdxj.address_key(facts["url"]).encode() == key
        assert record.rec_headers.get_header("WARC-Date").translate({ord(c): None for c in "-:TZ"}).encode() == stamp


def test_the_index_names_a_status_where_the_record_holds_one(corpus, tmp_path):
    export(corpus, "warc", tmp_path / "out.warc.gz")
    statuses = {(facts["mime"] == "warc/revisit", facts.get("status")) for *_, facts in index(tmp_path / "out.cdxj")}
    assert statuses == {(False, "200"), (True, None)}


def test_asked_for_some_reports_it_holds_all_of_them_and_nothing_else(corpus, hand, tmp_path):
    hand.file("aa01", 2, run="run-5", time=hand.day(9))
    export(corpus, "warc", tmp_path / "33.warc.gz", Filters(provinces=("33",)))
    urls = sorted(headers["WARC-Target-URI"] for headers in of_type("response", tmp_path / "33.warc.gz"))
    assert urls == ["http://www.mou.gov.cn/a.docx", *["http://www.mou.gov.cn/aa01.html"] * 2]
    assert len(of_type("revisit", tmp_path / "33.warc.gz")) == 3
    export(corpus, "warc", tmp_path / "notices.warc.gz", Filters(kinds=("notice",)))
    assert len(of_type("response", tmp_path / "notices.warc.gz")) == 1


def test_a_look_that_met_other_chrome_is_part_of_its_report(archive, hand, tmp_path):
    version = hand.file("aa01")
    hand.capture(version.url, b"<html>other chrome</html>", hand.day(1))
    digest = hand.sha256(b"<html>other chrome</html>")
    hand.sight(hand.seen(version, "unchanged", run="run-2", time=hand.day(1), payload_digest=digest))
    export(archive, "warc", tmp_path / "out.warc.gz", Filters(reports=("aa01",)))
    assert len(of_type("response", tmp_path / "out.warc.gz")) == 2


def test_the_captures_as_of_a_time(corpus, hand, tmp_path):
    hand.file("cc01", run="run-5", time=hand.day(9))
    export(corpus, "warc", tmp_path / "out.warc.gz", Filters(as_of=hand.day(3)))
    assert len(of_type("response", tmp_path / "out.warc.gz")) == 3
    assert len(of_type("revisit", tmp_path / "out.warc.gz")) == 2


def test_since_gives_new_captures_and_new_looks_with_their_originals(corpus, hand, tmp_path):
    cursor = export(corpus, "warc", tmp_path / "all.warc.gz").cursor
    (first,) = (version for version in corpus.versions("aa01"))
    hand.sight(hand.seen(first, "copy", run="run-6", portal="third", url="http://third.gov.cn/", time=hand.day(8)))
    hand.file("cc01", run="run-6", time=hand.day(9))
    export(corpus, "warc", tmp_path / "new.warc.gz", since=cursor)
    urls = sorted(headers["WARC-Target-URI"] for headers in of_type("response", tmp_path / "new.warc.gz"))
    assert urls == [f"http://www.mou.gov.cn/{name}" for name in ("a.docx", "aa01.html", "cc01.html")]
    (revisit,) = of_type("revisit", tmp_path / "new.warc.gz")
    assert revisit["WARC-Target-URI"] == "http://third.gov.cn/"


def test_an_archive_without_captures_gives_one_file_that_says_so(archive, tmp_path):
    result = export(archive, "warc", tmp_path / "out.warc.gz")
    assert result.records == 0
    assert [kind for kind, *_ in records(tmp_path / "out.warc.gz")] == ["warcinfo"]


# ---------------------------------------------------------------- CDXJ


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.mou.gov.cn/", "cn,gov,mou)/"),
        ("https://MOU.gov.cn:443", "cn,gov,mou)/"),
        ("http://mou.gov.cn:8080/A/b.HTML", "cn,gov,mou:8080)/a/b.html"),
        ("http://mou.gov.cn/a/?b=2&a=1", "cn,gov,mou)/a?a=1&b=2"),
        ("http://10.0.0.1/x//y/", "1,0,0,10)/x/y"),
        ("http://mou.gov.cn/x?phpsessid=0123456789abcdef0123456789abcdef&a=1", "cn,gov,mou)/x?a=1"),
        ("http://mou.gov.cn/年报.html", "cn,gov,mou)/%e5%b9%b4%e6%8a%a5.html"),
        ("http://mou.gov.cn/%E5%B9%B4%E6%8A%A5.html", "cn,gov,mou)/%e5%b9%b4%e6%8a%a5.html"),
        ("http://mou.gov.cn/%25C4%25EA%20b.html", "cn,gov,mou)/%c4%ea%20b.html"),
        ("http://mou.gov.cn/%7Ea/%23|/100%", "cn,gov,mou)/~a/%23|/100%25"),
        ("http://mou.gov.cn/x/../y/./%2e%2e/z", "cn,gov,mou)/z"),
        ("http://mou.gov.cn/x?u=http%3A%2F%2Fa.cn%2F&name=%E5%B9%B4", "cn,gov,mou)/x?name=%e5%b9%b4&u=http://a.cn/"),
        ("http://mou.gov.cn/x?a1=1&a=2", "cn,gov,mou)/x?a=2&a1=1"),
        ("http://mou.gov.cn/(S(0123456789abcdefghijklmn))/x.aspx", "cn,gov,mou)/x.aspx"),
        ("http://年报.cn/", "cn,xn--hwt46g)/"),
    ],
)
def test_addresses_are_keyed_as_replay_tools_key_them(url, key):
    assert cdxj.address_key(url) == key


def test_an_index_too_large_for_memory_is_sorted_all_the_same(monkeypatch):
    monkeypatch.setattr(cdxj, "HELD", 10)
    index = cdxj.Index()
    lines = [f"cn,gov,mou)/{number * 7919 % 101:03d} 20230101000000 {{}}".encode() for number in range(101)]
    for line in lines:
        index.add(line)
    assert list(index.sorted()) == [line + b"\n" for line in sorted(lines)]
    index.close()


# ---------------------------------------------------------------- WACZ


def test_a_wacz_holds_warcs_index_and_pages_each_with_its_digest(corpus, tmp_path):
    export(corpus, "wacz", tmp_path / "out.wacz", warc_size=3000)
    with zipfile.ZipFile(tmp_path / "out.wacz") as container:
        assert container.testzip() is None
        names = set(container.namelist())
        package = json.loads(container.read("datapackage.json"))
        digest = json.loads(container.read("datapackage-digest.json"))
        assert digest["hash"] == f"sha256:{hashlib.sha256(container.read('datapackage.json')).hexdigest()}"
        assert package["wacz_version"] == "1.1.1"
        assert {resource["path"] for resource in package["resources"]} == names - {
            "datapackage.json",
            "datapackage-digest.json",
        }
        for resource in package["resources"]:
            data = container.read(resource["path"])
            assert (resource["bytes"], resource["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        assert {info.compress_type for info in container.infolist()} == {zipfile.ZIP_STORED}

        pages = [json.loads(line) for line in container.read("pages/pages.jsonl").splitlines()]
        assert pages[0]["format"] == "json-pages-1.0"
        assert [(page["url"], page["ts"]) for page in pages[1:]] == [
            ("http://www.mou.gov.cn/aa01.html", "2023-01-20T02:00:00Z"),
            ("http://www.mou.gov.cn/bb01.html", "2023-01-20T02:00:00Z"),
        ]

        compressed = container.read("indexes/index.cdx.gz")
        heading, *blocks = container.read("indexes/index.idx").splitlines()
        assert heading == b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
        lines = []
        for block in blocks:
            facts = json.loads(block.split(b" ", 2)[2])
            lines += gzip.decompress(compressed[facts["offset"] : facts["offset"] + facts["length"]]).splitlines()
        assert lines == sorted(lines)
        assert len(lines) == 6
        for line in lines:
            facts = json.loads(line.split(b" ", 2)[2])
            data = container.read(f"archive/{facts['filename']}")
            start, length = int(facts["offset"]), int(facts["length"])
            (record,) = ArchiveIterator(BytesIO(data[start : start + length]))
            assert record.rec_headers.get_header("WARC-Target-URI") == facts["url"]


def as_browsers_read(path):
    """(member, its content) as wabac.js finds them: beside the directory's word, or by the member's own header.

    Only where the central directory has an extra field for a member does it look into the header of that member.
    """
    data = path.read_bytes()
    with zipfile.ZipFile(path) as container:
        for info in container.infolist():
            start = info.header_offset
            length, extra = (
                struct.unpack("<HH", data[start + 26 : start + 30]) if info.extra else (len(info.filename), 0)
            )
            start += 30 + length + extra
            yield info, data[start : start + info.file_size]


@pytest.mark.parametrize("limit", [None, 1000], ids=["small", "members that might need ZIP64"])
def test_a_browser_finds_what_a_wacz_holds(corpus, tmp_path, monkeypatch, limit):
    if limit:
        monkeypatch.setattr(zipfile, "ZIP64_LIMIT", limit)
    export(corpus, "wacz", tmp_path / "out.wacz", warc_size=3000)
    with zipfile.ZipFile(tmp_path / "out.wacz") as container:
        assert container.testzip() is None
        for info, content in as_browsers_read(tmp_path / "out.wacz"):
            assert content == container.read(info.filename), info.filename
            assert limit or not info.extra
