"""Writes the golden archive of a layout: ``python -m tests.golden.make layout-1``.

Run once for each layout that is released; what it wrote is never written again, for its whole point is that later
releases read what this one wrote. The captures are made by hand; reading, judging aside, is the release's own.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.items import Attachment, Capture, Page, Reading, Sighting, Version
from pipelines.reading import read
from storage import layout
from storage.archive import Archive, open_archive
from storage.coverage import coverage
from storage.queries import EVERY_KIND, Filters, select
from storage.readings import Rereading

HERE = Path(__file__).parent
FIRST, SECOND, THIRD = "20240205T020000Z-0000000a", "20240401T020000Z-0000000b", "20250210T020000Z-0000000c"
STARTED = {
    FIRST: datetime(2024, 2, 5, 2, 0, tzinfo=UTC),
    SECOND: datetime(2024, 4, 1, 2, 0, tzinfo=UTC),
    THIRD: datetime(2025, 2, 10, 2, 0, tzinfo=UTC),
}
LATER_EXTRACTOR = "nianbao-reader/1.1"
HOME = "http://www.heqing.example"
COLUMN = f"{HOME}/zwgk/nb/"
BUREAU = "http://slj.heqing.example"

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>{title}-{site}</title></head><body>
<div class="nav"><a href="/">首页</a> &gt; 政府信息公开年报</div>
<table class="xxgk"><tr><th>索引号</th><td>{number}</td><th>发布机构</th><td>{publisher}</td></tr>
<tr><th>发布日期</th><td>{published}</td><th>文号</th><td>无</td></tr></table>
<h1>{title}</h1><div id="zoom">{body}</div>
<div class="foot">版权所有 {site} 访问量 {counter}</div></body></html>"""

BODY = """<p>根据《中华人民共和国政府信息公开条例》，现公布{agency}{year}年政府信息公开工作年度报告。</p>
<p>一、总体情况</p><p>{year}年，{agency}主动公开政府信息{count}条，其中规范性文件2件，政策解读5篇。</p>
<p>二、主动公开政府信息情况</p><p>本年度发布的信息均在门户网站公开专栏刊登，逐条核对后归档。</p>
<p>三、收到和处理政府信息公开申请情况</p>
<table border="1">
<tr><td rowspan="3">（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）</td>
<td colspan="7">申请人情况</td></tr>
<tr><td rowspan="2">自然人</td><td colspan="5">法人或其他组织</td><td rowspan="2">总计</td></tr>
<tr><td>商业企业</td><td>科研机构</td><td>社会公益组织</td><td>法律服务机构</td><td>其他</td></tr>
<tr><td>一、本年新收政府信息公开申请数量</td><td>{new}</td><td>1</td><td>0</td><td>0</td><td>/</td><td>0</td><td>{new}</td></tr>
<tr><td>二、上年结转政府信息公开申请数量</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td></tr></table>
<p>四、政府信息公开行政复议、行政诉讼情况</p><p>本年度没有因政府信息公开引起的行政复议和行政诉讼。</p>
<p>五、存在的主要问题及改进情况</p><p>公开内容仍需细化，下一年度将加强对基层单位的业务培训。</p>
<p>六、其他需要报告的事项</p><p>本年度未收取信息处理费。{extra}</p>
<p style="text-align:right">{agency}</p><p style="text-align:right">{signed}</p>"""


def page(agency: str, year: int, *, charset: str = "utf-8", counter: int = 1, **changes: Any) -> bytes:
    words = {"count": 120 + year % 10, "new": 3, "extra": "", "signed": f"{year + 1}年1月16日", **changes}
    text = PAGE.format(
        charset=charset,
        title=words.get("title", f"{agency}{year}年政府信息公开工作年度报告"),
        site="河青县人民政府门户网站",
        number=words.get("number", ""),
        publisher=agency,
        published=words.get("published", f"{year + 1}-01-18"),
        counter=counter,
        body=words.get("body") or BODY.format(agency=agency, year=year, **{k: words[k] for k in ("count", "new", "extra", "signed")}),
    )  # fmt: skip
    return text.encode("gb18030" if charset == "gb2312" else charset)


def text_file(text: str) -> bytes:
    """A document that every reader of documents can read."""
    return b"\xef\xbb\xbf" + text.encode()


class Hand:
    """Files captures as a crawl would, in a fixed order and at fixed times."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.lines: dict[str, list[Sighting]] = {run: [] for run in STARTED}

    def look(self, run: str) -> datetime:
        return STARTED[run] + timedelta(seconds=2 * len(self.lines[run]) + 1)

    def capture(
        self, run: str, url: str, payload: bytes, kind: str, *, zipped: bool = False, **changes: Any
    ) -> Capture:
        headers = [
            (b"Date", b"Mon, 05 Feb 2024 02:00:01 GMT"),
            (b"Content-Type", kind.encode()),
            (b"Set-Cookie", b"a=1"),
        ]
        headers += [(b"Set-Cookie", b"b=2")] + ([(b"Content-Encoding", b"gzip")] if zipped else [])
        capture = Capture(
            portal="heqing", url=url, time=self.look(run), status=200, reason="OK", protocol="HTTP/1.1",
            request_method="GET", request_headers=((b"User-Agent", b"nianbao"), (b"Host", url.split("/")[2].encode())),
            response_headers=tuple(headers), entity=gzip.compress(payload, mtime=0) if zipped else payload,
            payload=payload, payload_digest=hashlib.sha256(payload).hexdigest(), ip_address="192.0.2.7",
        )  # fmt: skip
        capture = dataclasses.replace(capture, **changes)
        self.archive.put_snapshot(capture)
        return capture

    def see(self, run: str, outcome: str, capture: Capture | None, url: str, portal: str, **known: Any) -> Sighting:
        line = Sighting(
            run=run, portal=portal, time=self.look(run), url=url, outcome=outcome, column=COLUMN,
            status=capture.status if capture else None, payload_digest=capture.payload_digest if capture else None,
            fetched=self.look(run) if capture else None, **known,
        )  # fmt: skip
        self.lines[run].append(line)
        self.archive.point_sighting(line)
        return line

    def file(
        self, run: str, report_id: str, number: int, capture: Capture, *, outcome: str, portal: str = "heqing",
        changed: Sequence[str] = (), parts: Sequence[Capture] = (), files: Sequence[tuple[str, Capture]] = (),
        flags: Sequence[str] = (),
    ) -> Version:  # fmt: skip
        """A version with its pointers and its sighting."""
        attachments = tuple(
            Attachment(
                name, file.url, "text/plain", len(file.payload), file.payload_digest,
                layout.snapshot_key(file.payload_digest), file.payload.decode("utf-8-sig"),
            )
            for name, file in files
        )  # fmt: skip
        reading = read_page(capture, parts)
        version = Version(
            report_id=report_id, number=number, changed=tuple(changed), run=run, portal=portal, province="33",
            division="331199", platform="plain", url=capture.url, first_seen=capture.time,
            payload_digest=capture.payload_digest, snapshot=layout.snapshot_key(capture.payload_digest),
            parts=tuple(layout.snapshot_key(part.payload_digest) for part in parts), attachments=attachments,
            attachments_digest=hashlib.sha256("\n".join(sorted(a.digest for a in attachments)).encode()).hexdigest(),
            reading=reading, flags=tuple(flags),
        )  # fmt: skip
        self.archive.put_version(version)
        self.archive.point_version(version)
        for outcome_of_part, each in [("part", part) for part in parts] + [("attachment", file) for _, file in files]:
            self.see(run, outcome_of_part, each, each.url, portal)
        self.see(run, outcome, capture, capture.url, portal, **known(version))
        return version

    def end(self) -> None:
        for run, lines in self.lines.items():
            log = self.archive.sightings(run)
            for line in lines:
                log.add(line)
            log.close()
            portals = sorted({line.portal for line in lines})
            self.archive.put_run(
                {
                    "run": run, "started": STARTED[run].isoformat(),
                    "finished": (STARTED[run] + timedelta(minutes=5)).isoformat(), "provinces": ["33"],
                    "portals": {key: {"status": "ok", "reason": None, "settled": True, "entries": 1} for key in portals},
                    "totals": {"entries": len(lines)},
                }
            )  # fmt: skip


def known(version: Version) -> dict[str, Any]:
    reading = version.reading
    return {
        "report_id": version.report_id, "version": version.number, "kind": reading.kind.value, "title": reading.title,
        "agency": reading.agency, "report_year": reading.report_year, "index_number": reading.index_number,
        "body_digest": reading.body_digest, "metadata_digest": reading.metadata_digest,
        "attachments_digest": version.attachments_digest, "extractor": reading.extractor,
    }  # fmt: skip


def read_page(capture: Capture, parts: Sequence[Capture] = ()) -> Reading:
    pages = [
        Page(url=each.url, payload=each.payload, content_type=each.header("Content-Type")) for each in (capture, *parts)
    ]
    return read(pages[0], pages[1:])


def write(archive: Archive) -> None:
    """Five reports: revised, with an attachment, in pages, copied and gone, colliding; one of them read again."""
    hand = Hand(archive)
    html = "text/html; charset=utf-8"
    county, bureau = "河青县人民政府", "河青县水利局"

    address = f"{HOME}/art/2024/1/18/art_101.html"
    number = "11331199002660000X/2024-00017"
    first = hand.capture(FIRST, address, page(county, 2023, charset="gb2312", number=number), "text/html", zipped=True)
    report = hand.file(FIRST, "aa0000000000000000000001", 1, first, outcome="new")
    revised = page(county, 2023, charset="gb2312", number=number, count=132, counter=7)
    second = hand.capture(SECOND, address, revised, "text/html", protocol="HTTP/1.0")
    hand.file(SECOND, report.report_id, 2, second, outcome="revised", changed=["body"])

    address = f"{BUREAU}/col/2024/t9.html"
    body = '<p>全文见附件。</p><p><a href="t9.txt">河青县水利局2023年政府信息公开工作年度报告.txt</a></p>'
    stub = hand.capture(FIRST, address, page(bureau, 2023, body=body), html)
    file = hand.capture(
        FIRST, f"{BUREAU}/col/2024/t9.txt", text_file("一、总体情况\n2023年公开信息40条。"), "text/plain"
    )
    hand.file(
        FIRST, "bb0000000000000000000002", 1, stub, outcome="new", portal="heqing-slj", files=[("年度报告.txt", file)]
    )
    swapped = hand.capture(SECOND, file.url, text_file("一、总体情况\n2023年公开信息41条。"), "text/plain")
    again = hand.capture(SECOND, address, page(bureau, 2023, body=body, counter=2), html)
    hand.file(SECOND, "bb0000000000000000000002", 2, again, outcome="revised", portal="heqing-slj",
              changed=["attachments"], files=[("年度报告.txt", swapped)])  # fmt: skip

    address = f"{HOME}/art/2023/1/20/art_102.html"
    further = '<div class="page"><a href="art_102_2.html">下一页</a></div>'
    start = hand.capture(FIRST, address, page(county, 2022, extra=further), html)
    rest = page(county, 2022, body="<p>以上为全部内容，附统计口径说明。</p>")
    part = hand.capture(FIRST, f"{HOME}/art/2023/1/20/art_102_2.html", rest, html)
    hand.file(FIRST, "cc0000000000000000000003", 1, start, outcome="new", parts=[part])

    address = f"{BUREAU}/col/2023/t8.html"
    copied = hand.capture(FIRST, address, page(bureau, 2022, number="QT-09/8"), html)
    copy = hand.file(FIRST, "dd0000000000000000000004", 1, copied, outcome="new", portal="heqing-slj")
    hand.see(FIRST, "copy", copied, f"{HOME}/art/2023/2/1/art_103.html", "heqing", **known(copy))
    hand.see(SECOND, "missing", None, address, "heqing-slj", **known(copy))
    hand.see(THIRD, "gone", None, address, "heqing-slj", **known(copy))
    hand.see(SECOND, "not_found", None, f"{HOME}/art/2023/2/1/art_103.html", "heqing")
    hand.see(THIRD, "gone", None, f"{HOME}/art/2023/2/1/art_103.html", "heqing", **known(copy))

    collided = hand.capture(
        THIRD, f"{HOME}/art/2025/1/18/art_104.html", page("河青县财政局", 2024, number=number), html
    )
    hand.file(THIRD, "ee0000000000000000000005", 1, collided, outcome="collision", flags=["index_number_collision"])
    cut = page(county, 2024)[:400]
    hand.capture(THIRD, f"{HOME}/art/2025/1/18/art_105.html", cut, html, truncated="disconnect")
    hand.see(THIRD, "truncated", None, f"{HOME}/art/2025/1/18/art_105.html", "heqing")
    hand.end()

    for item in archive.versions(copy.report_id):
        later = dataclasses.replace(item.reading, extractor=LATER_EXTRACTOR, agency="河青县水利局（水务局）")
        archive.put_reading(Rereading(item.report_id, item.number, later, item.attachments))


def expected(archive: Archive) -> dict[str, Any]:
    """What every later release must find in it."""
    everything = Filters(kinds=EVERY_KIND)
    since = select(archive, everything, since="start")
    list(since)
    return {
        "records": [selected.record for selected in select(archive, everything, all_versions=True)],
        "as_of": [
            [selected.version.report_id, selected.version.number]
            for selected in select(archive, dataclasses.replace(everything, as_of=STARTED[SECOND]))
        ],
        "coverage": coverage(archive).as_json(),
        "locations": {
            portal: sorted([line.url, line.outcome] for line in archive.state(portal).locations.values())
            for portal in archive.portals()
        },
        "pointed": {key: list(archive.pointed("number", key)) for key in ("11331199002660000X/2024-00017", "QT-09/8")},
        "cursor": since.cursor,
    }


def keys(root: Path) -> Iterator[str]:
    yield from sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help=f"layout-{layout.LAYOUT}")
    target = HERE / parser.parse_args().name
    if target.exists():
        parser.error(f"{target.name} is there: what a release wrote is not written again")
    archive = open_archive(str(target / "archive"), create=True)
    try:
        write(archive)
    except BaseException:
        shutil.rmtree(target)
        raise
    text = json.dumps(expected(archive), ensure_ascii=False, indent=1, sort_keys=True)
    (target / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
