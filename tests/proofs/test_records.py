"""What other people's programs say of the WARC files, their index and the WACZ."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from storage.exports import cdxj
from tests.proofs.conftest import BROTLI, TRUNCATED, Exported, Tools
from tests.proofs.portal import GBK, REPORTS

RECORDS = 1 + 3 * len(REPORTS) + 2 + 3  # warcinfo, each report twice and asked for, a cut-off page, one with conversion


def test_the_portal_was_seen_twice_and_kept_once(exported: Exported) -> None:
    seen = {look["url"]: look["mime"] for look in exported.looks}
    assert set(seen) == {report.url for report in REPORTS} | {BROTLI, TRUNCATED}
    for report in REPORTS:
        looks = [look for look in exported.looks if look["url"] == report.url]
        assert [look["mime"] == "warc/revisit" for look in looks] == [False, True]
        assert len({look["digest"] for look in looks}) == 1


def test_warcio_check_passes_every_digest(tools: Tools, exported: Exported) -> None:
    said = tools.run("warcio", "check", "-v", exported.warc)
    assert said.count("WARC-Record-ID") == RECORDS
    assert said.count("digest pass") == RECORDS - len(REPORTS)
    assert said.count("digest present but not checked (revisit)") == len(REPORTS)


def test_fastwarc_verifies_every_record(tools: Tools, exported: Exported) -> None:
    assert f"{RECORDS} records were verified successfully." in tools.run("fastwarc", "check", exported.warc)


# FastWARC 2.0.1 knows payloads of HTTP only (any conversion fails), and takes a revisit's digest, which is its
# original's, for that of its own empty block.
FASTWARC = """
import json, sys
from fastwarc.warc import ArchiveIterator
for record in ArchiveIterator(open(sys.argv[1], "rb"), parse_http=False):
    block = record.verify_block_digest(consume=False)
    payload = None
    kind = record.headers["WARC-Type"]
    if kind in ("response", "request"):
        record.parse_http()
        payload = record.verify_payload_digest()
    print(json.dumps([kind, block, payload, record.headers["WARC-Block-Digest"][:7]]))
"""


def test_fastwarc_finds_every_payload_as_its_digest_says(tools: Tools, exported: Exported) -> None:
    said = tools.run("python", "-c", FASTWARC, exported.warc)
    found = [json.loads(line) for line in said.splitlines()]
    assert len(found) == RECORDS
    assert all(block is True and labelled == "sha256:" for _, block, _, labelled in found)
    payloads = {(kind, payload) for kind, _, payload, _ in found}
    assert payloads == {
        ("warcinfo", None),
        ("revisit", None),
        ("conversion", None),
        ("response", True),
        ("request", True),
    }


def test_a_witness_that_passes_anything_is_none(tools: Tools, exported: Exported, tmp_path: Path) -> None:
    data = bytearray(gzip.decompress(exported.warc.read_bytes()))
    at = data.index("本年度主动公开水库".encode("gbk"))
    data[at] ^= 1
    (tmp_path / "flipped.warc").write_bytes(data)
    for witness in (("warcio", "check"), ("fastwarc", "check", "-q")):
        with pytest.raises(AssertionError, match="exits 1"):
            tools.run(witness[0], *witness[1:], tmp_path / "flipped.warc")


def test_the_index_is_the_one_cdxj_indexer_makes(tools: Tools, exported: Exported) -> None:
    said = tools.run("cdxj-indexer", "--sort", exported.warc)
    theirs = [
        (key, stamp, json.loads(facts)) for key, stamp, facts in (line.split(" ", 2) for line in said.splitlines())
    ]
    ours = [(look.pop("urlkey"), look.pop("timestamp"), look) for look in exported.looks]
    assert ours == theirs


ADDRESSES = """
http://www.liuhe.gov.cn/ https://WWW2.Liuhe.gov.cn:443/X/ http://liuhe.gov.cn:8080 http://10.0.0.1:8080/x http://liuhe.gov.cn./x
http://liuhe.gov.cn/x/../y/./z//w http://liuhe.gov.cn/x/%2e%2e/y http://liuhe.gov.cn/../x
http://liuhe.gov.cn/x/.. http://liuhe.gov.cn/x//../../../y http://liuhe.gov.cn//
http://liuhe.gov.cn/年报.html http://liuhe.gov.cn/%E5%B9%B4.html http://liuhe.gov.cn/%C4%EA.html http://liuhe.gov.cn/%25E5%25B9%25B4.html
http://liuhe.gov.cn/%7Ea/a%20b http://liuhe.gov.cn/x%3Fy http://liuhe.gov.cn/x%23y http://liuhe.gov.cn/%2F%2Fx http://liuhe.gov.cn/x%00y
http://liuhe.gov.cn/100% http://liuhe.gov.cn/%25zz http://liuhe.gov.cn/a'b"c<d>e|f{g}h^i`j\\k http://liuhe.gov.cn/X%C3%89/é
http://liuhe.gov.cn/? http://liuhe.gov.cn/x?& http://liuhe.gov.cn/x?a=1&&b=2 http://liuhe.gov.cn/x?b=&a= http://liuhe.gov.cn/x???
http://liuhe.gov.cn/x?a1=1&a=2 http://liuhe.gov.cn/x?ab=1&a&a=&a==&a-b=2 http://liuhe.gov.cn/x?=1&=0 http://liuhe.gov.cn/x?q=a/../b//c
http://liuhe.gov.cn/x?b=%26&a=%3d http://liuhe.gov.cn/x?a=%2525 http://liuhe.gov.cn/x?b=%23 http://liuhe.gov.cn/x?a=%E5%B9%B4&b=%c4%ea
http://liuhe.gov.cn/x?u=http%3A%2F%2Fb.gov.cn%2Fy%3Fz%3D1%26w%3D2 http://年报.cn/x http://a%2egov.cn/x http://a_b.gov.cn/x
http://liuhe.gov.cn/x?phpsessid=0123456789abcdef0123456789abcdef&a=1 http://liuhe.gov.cn/x?a=1&sid=0123456789abcdef0123456789abcdef
http://liuhe.gov.cn/x;jsessionid=0123456789abcdef0123456789abcdef?a=1 http://liuhe.gov.cn/(S(0123456789abcdefghijklmn))/x.aspx
http://liuhe.gov.cn/(0123456789abcdefghijklmn)/x.aspx?a=1 http://liuhe.gov.cn/x?aspsessionidabcdefgh=abcdefghijklmnopqrstuvwx
http://liuhe.gov.cn/module/download/downfile.jsp?classid=0&showname=%E5%B9%B4.pdf&filename=abc.pdf
"""


def test_addresses_are_keyed_as_the_known_implementation_keys_them(tools: Tools) -> None:
    addresses = ADDRESSES.split()
    script = "import sys, surt\nfor line in sys.stdin: print(surt.surt(line.rstrip()))"
    theirs = tools.run("python", "-X", "utf8", "-c", script, text="\n".join(addresses)).splitlines()
    assert len(theirs) == len(addresses)
    assert {url: cdxj.address_key(url) for url in addresses} == dict(zip(addresses, theirs, strict=True))


@pytest.mark.parametrize("name", ["liuhe.wacz", "divided.wacz"])
def test_wacz_validate_passes_the_container(tools: Tools, exported: Exported, name: str) -> None:
    said = tools.run("wacz", "validate", "-f", exported.folder / name)
    assert "Version detected as 1.1.1" in said
    assert "Validation succeeded, the passed WACZ is valid" in said


def test_wacz_validate_refuses_a_container_that_was_touched(tools: Tools, exported: Exported, tmp_path: Path) -> None:
    with zipfile.ZipFile(exported.wacz) as whole, zipfile.ZipFile(tmp_path / "touched.wacz", "w") as touched:
        for name in whole.namelist():
            data = whole.read(name)
            touched.writestr(name, data.replace(GBK.title.encode(), b"?") if name.endswith("pages.jsonl") else data)
    with pytest.raises(AssertionError, match="Validation failed, the passed WACZ is invalid"):
        tools.run("wacz", "validate", "-f", tmp_path / "touched.wacz")
