"""Our reader side by side with what others extract from the same pages.

    python -m benchmarks.extraction [--python PYTHON]

``PYTHON`` is an interpreter of a throwaway environment that has the other extractors; those it lacks are named and
left out. None of them but trafilatura is a dependency of ours, and gne (GPL-3.0) only ever runs as a measured program.
Each extractor runs in a process of its own, told about pages and answering with texts; this file is that process's
script too, so it imports the standard library alone until it is known who runs.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
OURS = "nianbao"
LICENCES = {
    OURS: "this project",
    "trafilatura": "Apache-2.0",
    "resiliparse": "Apache-2.0",
    "readability-lxml": "Apache-2.0",
    "jusText": "BSD-2-Clause",
    "gne": "GPL-3.0",
    "newspaper4k": "MIT",
    "magic-html": "Apache-2.0",
}
CHROME = (
    "当前位置", "打印本页", "关闭窗口", "分享到", "版权所有", "网站标识码", "浏览次数", "ICP备", "公网安备", "扫一扫", "上一篇", "下一篇",
    "索引号", "发布机构", "字号：", "网站地图",
)  # fmt: skip
_WORDS = re.compile(r"\W+")
_PICTURE = re.compile(r"!\[(?:\\.|[^\]\\])*\]\([^)\s]*\)")
_NUMBER = re.compile(r"(?<![\d.,])\d[\d,]*(?:\.\d+)?(?![\d])")


@dataclass(frozen=True)
class Gold:
    """One page, its known text, and the numbers that stand alone in cells of its tables."""

    url: str
    payload: bytes
    text: str
    cells: tuple[str, ...] = ()
    again: bytes | None = None  # the same page, fetched a second time


# ---------------------------------------------------------------- extractors (run in their own process)


def extractor(name: str) -> Callable[[str, bytes], str]:
    """A function (address, bytes) → text. Raises ``ImportError`` where the extractor is not installed."""
    return _EXTRACTORS[name]()


def _ours() -> Callable[[str, bytes], str]:
    sys.path.insert(0, str(ROOT))
    from crawler.items import Page
    from pipelines.reading import read, warm_up

    warm_up()
    # Where a picture stands is said by its address; no other program says it, and it is not text.
    return lambda url, payload: _PICTURE.sub("", read(Page(url=url, payload=payload)).body or "")


def _trafilatura() -> Callable[[str, bytes], str]:
    extract = import_module("trafilatura").extract
    return lambda url, payload: extract(payload, url=url) or ""


def _resiliparse() -> Callable[[str, bytes], str]:
    extract = import_module("resiliparse.extract.html2text").extract_plain_text
    parse = import_module("resiliparse.parse.html").HTMLTree.parse
    return lambda _, payload: str(extract(parse(_text(payload)), main_content=True))


def _readability() -> Callable[[str, bytes], str]:
    fromstring, document = import_module("lxml.html").fromstring, import_module("readability").Document
    return lambda _, payload: str(fromstring(document(_text(payload)).summary()).text_content())


def _justext() -> Callable[[str, bytes], str]:
    justext = import_module("justext").justext

    def extract(_: str, payload: bytes) -> str:
        # jusText has no stop words for Chinese; without any it judges by length and links alone.
        found = justext(_text(payload), frozenset(), stopwords_low=0, stopwords_high=0)
        return "\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate)

    return extract


def _gne() -> Callable[[str, bytes], str]:
    reader = import_module("gne").GeneralNewsExtractor()
    return lambda _, payload: reader.extract(_text(payload)).get("content") or ""


def _newspaper() -> Callable[[str, bytes], str]:
    make = import_module("newspaper").Article

    def extract(url: str, payload: bytes) -> str:
        article = make(url, language="zh")
        article.download(input_html=_text(payload))
        article.parse()
        return str(article.text)

    return extract


def _magic_html() -> Callable[[str, bytes], str]:
    fromstring, reader = import_module("lxml.html").fromstring, import_module("magic_html").GeneralExtractor()

    def extract(url: str, payload: bytes) -> str:
        found = reader.extract(_text(payload), base_url=url)
        return str(fromstring(found.get("html") or "<p></p>").text_content())

    return extract


_EXTRACTORS: dict[str, Callable[[], Callable[[str, bytes], str]]] = {
    OURS: _ours,
    "trafilatura": _trafilatura,
    "resiliparse": _resiliparse,
    "readability-lxml": _readability,
    "jusText": _justext,
    "gne": _gne,
    "newspaper4k": _newspaper,
    "magic-html": _magic_html,
}


def _text(payload: bytes) -> str:
    """The page as text, for extractors that take no bytes: they are not measured by their decoding."""
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return payload.decode(encoding)
    return payload.decode("utf-8", "replace")


def work(name: str) -> int:
    """The process of one extractor: pages as JSON lines in, one JSON object out."""
    try:
        extract = extractor(name)
    except ImportError as missing:
        json.dump({"missing": str(missing)}, sys.stdout)
        return 0
    pages = [(url, payload.encode("latin-1")) for url, payload in map(json.loads, sys.stdin)]
    texts, failed = [], 0
    with contextlib.suppress(Exception):  # the first page pays for what is imported late
        extract(*pages[0])
    started = time.process_time()
    for url, payload in pages:
        try:
            texts.append(extract(url, payload))
        except Exception:  # noqa: BLE001 - counted: a measured program that fails has extracted nothing
            texts.append("")
            failed += 1
    json.dump({"texts": texts, "seconds": time.process_time() - started, "failed": failed}, sys.stdout)
    return 0


def answers(name: str, python: str, pages: Sequence[tuple[str, bytes]]) -> dict[str, Any]:
    """What an extractor makes of pages, run by our interpreter or another one."""
    lines = "\n".join(json.dumps((url, payload.decode("latin-1"))) for url, payload in pages)
    command = [sys.executable if name == OURS else python, str(Path(__file__).resolve()), "--work", name]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"missing": f"it ended with code {done.returncode}"}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


# ---------------------------------------------------------------- pages with gold


def sample_pages() -> list[Gold]:
    """The pages of the sample portals, fetched twice; their text is known block by block."""
    from urllib.request import urlopen

    from crawler.samples import serve
    from crawler.samples.blocks import Heading, Paragraph, Table, plain

    found = []
    with serve(portals=["core", "families"]) as site:
        expected = site.expected()
        for portal in site.portals:
            for report in portal.reports:
                told = next((one for kind in ("reports", "others") for one in expected[portal.key][kind]
                             if one["name"] == report.name), None)  # fmt: skip
                if told is None or told["body_source"] != "page":
                    continue
                url = told["locations"][0]
                with urlopen(url) as one, urlopen(url) as two:
                    payload, again = one.read(), two.read()
                if not payload.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<"):
                    continue
                lines: list[str] = []
                cells: list[str] = []
                for block in report.blocks:
                    if isinstance(block, Table):
                        inside = [plain(cell.text) for row in block.rows for cell in row]
                        lines += inside
                        cells += [text for text in inside if _NUMBER.fullmatch(text)]
                    elif isinstance(block, Heading | Paragraph):
                        lines.append(plain(block.text))
                found.append(Gold(url, payload, "\n".join(lines), tuple(cells), again))
    return found


def foreign_pages() -> list[Gold]:
    """The pages of ``tests/reading/foreign_pages.py`` that hold their text themselves."""
    from tests.reading.foreign_pages import PAGES

    found = []
    for case in PAGES:
        lines = [*case.fields.get("lead", ()), *case.lines, *case.fields.get("tail", ())]
        if lines and not case.parts:
            text = "\n".join(re.sub(r"\||---|<br>", " ", line) for line in lines)
            found.append(Gold(case.url, case.payload, text))
    return found


def corpus_pages() -> list[Gold]:
    """Hand-copied gold kept outside the project; none where it is absent."""
    found = []
    folder = CORPUS / "extraction_bench" / "immortal-autumn__Chinese-Web-Content-Extraction-Dataset"
    for page in sorted((folder / "original").glob("*.html")):
        gold = folder / "cleaned" / f"{page.stem}.txt"
        if gold.exists():
            found.append(Gold("http://example.cn/", page.read_bytes(), gold.read_text("utf-8", "replace")))
    folder = CORPUS / "extraction_bench" / "opendatalab__magic-html" / "benchmark" / "data" / "article"
    if (folder / "base.json").exists():
        for name, record in json.loads((folder / "base.json").read_text("utf-8")).items():
            page = folder / "htmls" / f"{name}.html"
            if page.exists():
                found.append(Gold(record["url"], page.read_bytes(), record["content"]))
    return found


# ---------------------------------------------------------------- measures


@dataclass(frozen=True)
class Score:
    """What one extractor made of a set of pages."""

    precision: float
    recall: float
    lost: int  # characters of the gold that stand nowhere in the text
    cells: float | None  # share of the numbers in table cells that are there
    leaks: int  # pages that hold words of the page's furniture
    stable: float | None  # share of pages whose text is the same after a second fetch
    failed: int
    speed: float  # pages per second of CPU


def score(gold: Sequence[Gold], answer: dict[str, Any]) -> Score:
    texts, again = answer["texts"][: len(gold)], answer["texts"][len(gold) :]
    precision, recall, lost, leaks, met, wanted = 0.0, 0.0, 0, 0, 0, 0
    for page, text in zip(gold, texts, strict=True):
        of_gold, of_text = _grams(page.text), _grams(text)
        shared = sum(1 for gram in of_text if gram in of_gold)
        precision += shared / len(of_text) if of_text else 0.0
        recall += (of_gold & of_text).total() / max(1, of_gold.total())
        lost += (Counter(_WORDS.sub("", page.text)) - Counter(_WORDS.sub("", text))).total()
        leaks += any(word in text and word not in page.text for word in CHROME)
        cells = Counter(page.cells)
        met += (cells & Counter(_NUMBER.findall(text))).total()
        wanted += cells.total()
    twice = [page.again is not None for page in gold]
    pairs = zip([text for text, two in zip(texts, twice, strict=True) if two], again, strict=True)
    same = [_digest(one) == _digest(two) for one, two in pairs]
    return Score(
        precision / len(gold),
        recall / len(gold),
        lost,
        met / wanted if wanted else None,
        leaks,
        sum(same) / len(same) if same else None,
        answer["failed"],
        len(answer["texts"]) / max(answer["seconds"], 1e-9),
    )


def _grams(text: str) -> Counter[str]:
    """Runs of four characters within a word, line or cell, punctuation aside; shorter ones whole.

    Runs never cross cells: a merged cell's text may be repeated or stand once.
    """
    grams: Counter[str] = Counter()
    for part in re.split(r"[\s|]+|<br>", text):
        words = _WORDS.sub("", part)
        if words:
            grams.update(words[start : start + 4] for start in range(max(1, len(words) - 3)))
    return grams


def _digest(text: str) -> str:
    return hashlib.sha256("".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()


def table(title: str, gold: Sequence[Gold], python: str) -> list[str]:
    """One set of pages, one line an extractor, as Markdown."""
    pages = [(page.url, page.payload) for page in gold]
    pages += [(page.url, page.again) for page in gold if page.again is not None]
    heading = (
        f"{title}: {len(gold)} pages, {sum(len(page.text) for page in gold)} characters, "
        f"{sum(len(page.cells) for page in gold)} digit cells"
    )
    columns = (
        "extractor | licence | precision | recall | lost characters | digit cells | pages with chrome | stable | "
        "failed | pages/s of CPU"
    )
    lines = [
        heading,
        "",
        f"| {columns} |",
        "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for name, licence in LICENCES.items():
        answer = answers(name, python, pages)
        if "missing" in answer:
            lines.append(f"| {name} | {licence} | not measured: {answer['missing']} | | | | | | | |")
            continue
        one = score(gold, answer)
        lines.append(
            f"| {name} | {licence} | {one.precision:.4f} | {one.recall:.4f} | {one.lost} | {_share(one.cells)} | "
            f"{one.leaks} | {_share(one.stable)} | {one.failed} | {one.speed:.0f} |"
        )
    return lines


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def main(arguments: Sequence[str] | None = None) -> int:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--python", default=sys.executable, help="an interpreter that has the other extractors")
    words.add_argument("--work", choices=sorted(_EXTRACTORS), help=argparse.SUPPRESS)
    given = words.parse_args(arguments)
    if given.work:
        return work(given.work)
    sets = (
        ("Sample portals", sample_pages()),
        ("Pages of thirty manners", foreign_pages()),
        ("Pages with hand-copied gold", corpus_pages()),
    )
    for title, gold in sets:
        text = "\n".join(table(title, gold, given.python)) if gold else f"{title}: none here, left out"
        sys.stdout.write(text + "\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
