"""Six portals with many reports each, for benchmarks: served from memory by a process of their own.

    with running(pages=250) as portals:
        portals.registry            # folder of the registry that names them
        portals.entries             # what they list, and which entries are one report
        portals.turn()              # from now on other counters, tokens, dates and orders of attributes
        portals.revise(20)          # that many reports are corrected
        portals.requests()          # answered so far

The pages are those of ``crawler.samples``, laid out before the first request and padded with navigation, styles and
scripts to the size of real ones, so that the server costs next to nothing beside what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from urllib.request import urlopen

from crawler.samples.blocks import Block, Heading, Paragraph
from crawler.samples.draw import Draw
from crawler.samples.families.base import FamilyPortal
from crawler.samples.families.hanweb import Jpaas
from crawler.samples.families.lists import Aspx, Eportal, TrsLists, Vsb
from crawler.samples.identifiers import organisation_code
from crawler.samples.making import annual, strong_number
from crawler.samples.portal import Chrome, SamplePortal
from crawler.samples.prose import Agency
from crawler.samples.report import SampleReport
from crawler.samples.server import Request
from crawler.samples.site import PROVINCES

ROOT = Path(__file__).resolve().parents[1]
SIZE = 47_000  # bytes of a page, where its text is not longer
YEARS = tuple(range(2024, 2012, -1))
UNITS = (
    "发展和改革局", "教育局", "科学技术局", "公安局", "民政局", "司法局", "财政局", "自然资源局", "生态环境局", "交通运输局",
    "水利局", "农业农村局", "商务局", "文化和旅游局", "卫生健康局", "应急管理局", "审计局", "统计局", "医疗保障局", "城市管理局",
    "信访局", "林业局", "档案局", "体育局", "机关事务中心", "气象局", "地震局", "税务局", "残疾人联合会", "供销合作社",
)  # fmt: skip
TWINS = ("东碶街道办事处", "西碶街道办事处")  # 碶 is in GBK and not in GB 2312
CONDITIONS = frozenset({"If-None-Match", "If-Modified-Since"})
COUNTER = b"20481000"  # stands in every laid out page; replaced by the count of views


def _alike(agency: Agency, year: int) -> tuple[Block, ...]:
    """What two neighbouring offices both filed: the same but for a digit."""
    items = 126 if agency.name.endswith(TWINS[0]) else 128
    return (
        Paragraph(f"根据政府信息公开的有关规定编制本报告，统计期限为{{{year}}}年{{1}}月至{{12}}月，所列数据真实准确。"),
        Heading("一、主动公开的情况"),
        Paragraph(
            f"本年度在喆堃广场公示栏和门户网站主动公开政府信息{{{items}}}条，村务公开栏按季度更新，群众查阅方便。"
        ),
        Heading("二、依申请公开的情况"),
        Paragraph("本年度没有收到政府信息公开申请，没有因此发生的行政复议和行政诉讼，也没有收取任何费用。"),
        Heading("三、不足和改进"),
        Paragraph("公开的及时性还要提高，下一年度将明确专人负责，做到应公开尽公开，并定期征求居民意见。"),
    )


class Many(FamilyPortal):
    """A family portal with ``wanted`` entries: units by years, twins that differ in a digit, copies, a reused number."""

    wanted: ClassVar[int] = 250
    per_page = 20
    decades: ClassVar[tuple[int, ...]] = YEARS

    def make_reports(self) -> Sequence[SampleReport]:
        reports: list[SampleReport] = []
        numbers = count(1_000_017, 37)
        twins = [self._unit(name, number) for number, name in enumerate(TWINS)]
        for year in self.decades[:2]:
            for agency in twins:
                day = annual(twins[0], year, "").published_on
                reports.append(annual(agency, year, "", publisher=agency.name, body=_alike, published_on=day))
        reused: str | None = None
        for place, (unit, year) in enumerate((unit, year) for unit in UNITS for year in self.decades):
            if len(reports) >= self.wanted - self.wanted // 50:
                break
            agency = self._unit(unit, 10 + UNITS.index(unit))
            index_number = strong_number(agency, self.division, year + 1, 100 + place)
            if place % 40 == 0:
                reused = index_number
            elif place % 40 == 1:
                index_number = reused or index_number  # a clerk gave two years of one unit the same number
            reports.append(
                annual(
                    agency, year, "", publisher=agency.name, index_number=index_number, index_number_kind="uscc",
                    flags=("reused",) if place % 40 in (0, 1) else (),
                )
            )  # fmt: skip
        # Pasted into the column a second time, at another address.
        copied = [r for r in reports if "reused" not in r.flags][5 : 5 + self.wanted // 50]
        reports += [dataclasses.replace(r, name=f"{r.name}-again", flags=("copy",)) for r in copied]
        for number, report in zip(numbers, reports, strict=False):
            report.path = self.path_of(report, number)
            report.columns = (self.column_of(report),)
        return reports

    def column_of(self, report: SampleReport) -> str:
        return report.agency.key

    def _unit(self, unit: str, number: int) -> Agency:
        body = f"00{Draw(self.key, unit).number('unit', 100000, 999999)}"
        return Agency(
            f"{self.key}-{number}", f"{self.place}{unit}", "我单位", "党委、政府", self.place,
            ("便民服务", "资金使用", "监督检查"), number % 5, organisation_code(body),
        )  # fmt: skip

    def listed(self, column: str | None = None) -> list[SampleReport]:
        return self._in_order if column is None else [r for r in self._in_order if column in r.columns]

    @cached_property
    def _in_order(self) -> list[SampleReport]:
        return super().listed()


class Anchors(Many, Aspx):
    """Pages linked by 下一页: any crawler can follow them. ``Last-Modified``."""

    key, name, place = "bench-anchors", "云岭县人民政府", "云岭县"
    validators = "modified"


class Counting(Many, Vsb):
    """Pages that count down, linked by number."""

    key, name, place = "bench-counting", "湖西县人民政府", "湖西县"

    def __init__(self) -> None:
        super().__init__()
        for number in range(1, self.pages()):
            self.routes[f"/zwgk/gknb/{number}.htm"] = lambda request, n=number: self.counted(n)  # type: ignore[misc]

    def path_of(self, report: SampleReport, number: int) -> str:
        return f"/info/1021/{number}.htm"


class Scripted(Many, TrsLists):
    """Pages named by a script only: ``createPageHTML``."""

    key, name, place = "bench-scripted", "石沟县人民政府", "石沟县"
    column_paths: tuple[str, ...] = ("/zfxxgknb/zf/list.html",)  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        for page in range(2, self.pages() + 1):
            self.routes[f"/zfxxgknb/zf/list_{page - 1}.html"] = lambda request, p=page: self.by_call(p)  # type: ignore[misc]

    def column_of(self, report: SampleReport) -> str:
        return self.government.key

    def path_of(self, report: SampleReport, number: int) -> str:
        return f"/zfxxgknb/zf/{report.published_on:%Y%m}/t{report.published_on:%Y%m%d}_{number}.html"


class Gbk(Scripted):
    """The same in GBK that calls itself gb2312."""

    key, name, place = "bench-gbk", "沅西县人民政府", "沅西县"
    province, division = "42", "421088"
    encoding, charset = "gbk", "gb2312"


class Interface(Many, Jpaas):
    """A list that an interface gives as JSON. ``ETag``."""

    key, name, place = "bench-interface", "泽东县人民政府", "泽东县"
    validators = "etag"


class Attribute(Many, Eportal):
    """Pages whose addresses stand in an attribute no browser follows without its script."""

    key, name, place = "bench-attribute", "冀西县人民政府", "冀西县"


KINDS: tuple[type[Many], ...] = (Anchors, Counting, Scripted, Gbk, Interface, Attribute)
FOLLOWED = tuple(kind.key for kind in (Anchors, Counting))  # whose lists any crawler can walk


# ---------------------------------------------------------------- the server's process


def padding(portal: SamplePortal, size: int) -> tuple[str, str]:
    """Styles and scripts for the head, menus for the body: what surrounds the text of real pages."""
    names = (
        "要闻",
        "通知公告",
        "部门动态",
        "政策解读",
        "办事指南",
        "领导信箱",
        "数据开放",
        "专题专栏",
        "招商引资",
        "民意征集",
    )
    rule = ".nav-{0} .box-{0} a:hover{{color:#c00;background:url(/images/bg_{0}.png) no-repeat {0}px 0}}\n"
    line = 'var tab_{0}=function(e){{e.className="on";document.getElementById("box_{0}").style.display="block"}};\n'
    menu = '<li class="item-{0}"><a href="/menu/{0}/index.html" target="_blank">{1}{2}</a></li>\n'

    def filled(pattern: str, wanted: int) -> str:
        parts: list[str] = []
        length = 0
        while length < wanted:
            place = len(parts)
            parts.append(pattern.format(place, names[place % len(names)], place // len(names) + 1))
            length += len(parts[-1].encode(portal.encoding))
        return "".join(parts)

    head = f"<style>\n{filled(rule, size // 4)}</style><script>\n{filled(line, size // 4)}</script>"
    return head, f"<div class='menus'><ul>\n{filled(menu, size // 2)}</ul></div>\n"


class Laid:
    """One portal with its pages laid out twice, as two visitors see them."""

    def __init__(self, portal: Many) -> None:
        self.portal = portal
        self.pages: dict[str, list[tuple[bytes, bytes]]] = {}  # target → (head, body) by turn
        self.asked: list[str] = []
        self.visits = count(30000001)
        for report in portal.reports:
            self.lay_out(report)

    def lay_out(self, report: SampleReport) -> None:
        portal, turns = self.portal, []
        for visit in (int(COUNTER), int(COUNTER) + 1):
            html = portal.article(report, Chrome(portal, visit, 0))
            head, body = padding(portal, max(0, SIZE - len(html.encode(portal.encoding))))
            html = html.replace("</head>", f"{head}</head>", 1).replace("<body>", f"<body>{body}", 1)
            payload = html.encode(portal.encoding).replace(str(visit).encode(), COUNTER)
            asked = Request("GET", report.path, {}, encoding=portal.encoding)
            headers = [*portal.report_page(report, asked).headers]
            turns.append((_head(200, f"text/html; charset={portal.charset}", len(payload), headers), payload))
        self.pages[report.path] = turns

    def answer(self, request: Request, turn: int) -> bytes:
        self.asked.append(request.target)
        found = self.pages.get(request.target)
        if found is None or not CONDITIONS.isdisjoint(request.headers):
            response = self.portal.respond(request)
            if found is None or response.status == 304:
                head = _head(response.status, response.content_type, len(response.body), response.headers)
                return head + response.body
        head, body = found[turn % 2]
        return head + body.replace(COUNTER, b"%d" % next(self.visits))


def _head(status: int, content_type: str | None, length: int, headers: Sequence[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status} OK", "Server: nginx"]
    if status != 304:
        lines += [f"Content-Type: {content_type}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


class Farm:
    """The portals and their controls on loopback."""

    def __init__(self, pages: int) -> None:
        Many.wanted = pages
        self.laid = [Laid(kind()) for kind in KINDS]
        self.turn = 0

    async def serve(self) -> None:
        servers = []
        for laid in self.laid:
            server = await asyncio.start_server(partial(self._talk, laid), "127.0.0.1", 0)
            laid.portal.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            servers.append(server)
        control = await asyncio.start_server(self._controlled, "127.0.0.1", 0)
        told = {"control": f"http://127.0.0.1:{control.sockets[0].getsockname()[1]}", "portals": [
            {
                "key": p.key, "name": p.name, "division": p.division, "province": p.province, "home": p.home,
                "columns": p.columns, "encoding": p.encoding, "entries": [self._entry(p, r) for r in p.listed()],
            }
            for p in (laid.portal for laid in self.laid)
        ]}  # fmt: skip
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        async with control:
            await control.serve_forever()

    @staticmethod
    def _entry(portal: Many, report: SampleReport) -> dict[str, object]:
        name = report.name.removesuffix("-again")
        probe = report.probes()[1 if "街道" in report.agency.name else 0]
        return {"url": portal.base + report.path, "report": f"{portal.key}/{name}", "probe": probe,
                "flags": list(report.flags), "twin": "街道" in report.agency.name}  # fmt: skip

    async def _talk(self, laid: Laid, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                try:
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                except (asyncio.IncompleteReadError, ConnectionError):
                    return
                first, *lines = head.split("\r\n")
                method, target, _ = first.split(" ", 2)
                headers = {k.strip().title(): v.strip() for k, _, v in (line.partition(":") for line in lines) if k}
                body = await reader.readexactly(int(headers.get("Content-Length") or 0))
                request = Request(method, target, headers, body, laid.portal.encoding)
                writer.write(laid.answer(request, self.turn))
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    async def _controlled(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
        answer: object = None
        if target == "/turn":
            self.turn += 1
        elif target == "/requests":
            answer = {laid.portal.key: len(laid.asked) for laid in self.laid}
            for laid in self.laid:
                laid.asked.clear()
        elif target.startswith("/revise/"):
            answer = self._revise(int(target.rpartition("/")[2]))
        body = json.dumps(answer).encode()
        writer.write(_head(200, "application/json", len(body), [("Connection", "close")]) + body)
        await writer.drain()
        writer.close()

    def _revise(self, number: int) -> list[str]:
        changed = []
        for place in range(number):
            laid = self.laid[place % len(self.laid)]
            # A corrected figure changes one digit; a report without tables gets a sentence more.
            # The same ones each time, spread over the columns.
            plain = [r for r in laid.portal.listed() if not r.flags]
            report = plain[place // len(self.laid) * len(plain) * len(self.laid) // max(number, len(self.laid))]
            report.revise("statistics" if report.given else "body")
            laid.lay_out(report)
            changed.append(laid.portal.base + report.path)
        return changed


# ---------------------------------------------------------------- whoever measures


@dataclass(frozen=True)
class Entry:
    """One line of a column."""

    portal: str
    url: str
    report: str  # entries with the same name here are one report
    probe: str  # a sentence of its text
    flags: tuple[str, ...]
    twin: bool  # has a neighbour that differs in one digit
    encoding: str


@dataclass(frozen=True)
class Portals:
    """The running portals, as their user sees them."""

    registry: Path
    control: str
    columns: tuple[str, ...]
    entries: tuple[Entry, ...]
    process: int

    def turn(self) -> None:
        """Nothing changes but what surrounds the reports."""
        self._ask("/turn")

    def revise(self, number: int) -> list[str]:
        """Corrects that many reports and gives their addresses."""
        found: list[str] = self._ask(f"/revise/{number}")
        return found

    def requests(self) -> int:
        """How many were answered since this was last asked."""
        found: dict[str, int] = self._ask("/requests")
        return sum(found.values())

    def _ask(self, target: str) -> Any:
        with urlopen(self.control + target) as answer:
            return json.load(answer)


@contextmanager
def running(pages: int = 250) -> Iterator[Portals]:
    """The six portals with that many entries each, until the block is left."""
    command = [sys.executable, "-m", "benchmarks.portals", "--pages", str(pages)]
    with (
        tempfile.TemporaryDirectory(prefix="nianbao-bench-") as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process,
    ):
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            for portal in told["portals"]:
                lines = [
                    "[province]", f'code = "{portal["province"]}"', f'name = "{PROVINCES[portal["province"]][0]}"', "[[portal]]",
                    *(f"{key} = {json.dumps(portal[key], ensure_ascii=False)}"
                      for key in ("key", "name", "division", "home", "columns")),
                    "delay = 0.0",
                ]  # fmt: skip
                path = Path(folder) / f"{portal['province']}-{portal['key']}.toml"
                path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            entries = tuple(
                Entry(portal["key"], each["url"], each["report"], each["probe"], tuple(each["flags"]), each["twin"],
                      portal["encoding"])
                for portal in told["portals"] for each in portal["entries"]
            )  # fmt: skip
            columns = tuple(column for portal in told["portals"] for column in portal["columns"])
            yield Portals(Path(folder), told["control"], columns, entries, process.pid)
        finally:
            process.terminate()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=250, help="entries of each portal")
    asyncio.run(Farm(parser.parse_args().pages).serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
