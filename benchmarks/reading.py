"""The reader's CPU beside ``trafilatura.extract`` with tables and metadata, in one run on the same pages.

    python -m benchmarks.reading

The goal is a quarter. Only the ratio means anything: both sides run in this process, one after the other, on whatever
else the machine is doing.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
ROUNDS = 3
Pages = Sequence[tuple[str, bytes]]


def sample_pages() -> list[tuple[str, bytes]]:
    """The pages of the sample portals."""
    from benchmarks.extraction import sample_pages

    return [(page.url, page.payload) for page in sample_pages()]


def golden_pages() -> list[tuple[str, bytes]]:
    """The saved and the faithful pages of the tests."""
    from tests.reading.foreign_pages import PAGES

    saved = Path(__file__).resolve().parents[1] / "tests" / "reading" / "pages"
    found = [(case.url, case.payload) for case in PAGES]
    return found + [("http://www.example.gov.cn/", path.read_bytes()) for path in sorted(saved.glob("*/page.html"))]


def portal_pages() -> list[tuple[str, bytes]]:
    """Real pages of portals, kept outside the project; none where they are absent."""
    paths = sorted((CORPUS / "detail_html").rglob("*.html"))
    return [("http://www.example.gov.cn/", path.read_bytes()) for path in paths]


def seconds(read: Callable[[str, bytes], object], pages: Pages) -> float:
    """CPU seconds for all pages once: the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for url, payload in pages:
            with contextlib.suppress(Exception):
                read(url, payload)
        best = min(best, time.process_time() - started)
    return best


def main() -> int:
    from trafilatura import extract

    from crawler.items import Page
    from pipelines.reading import read, warm_up

    logging.disable(logging.CRITICAL)
    warm_up()
    sys.stdout.write(
        "| pages | number | reader ms/page | trafilatura ms/page | ratio |\n| --- | --: | --: | --: | --: |\n"
    )
    for title, pages in (
        ("sample portals", sample_pages()),
        ("pages of the tests", golden_pages()),
        ("real pages of portals", portal_pages()),
    ):
        if not pages:
            sys.stdout.write(f"| {title} | none here | | | |\n")
            continue
        ours = seconds(lambda url, payload: read(Page(url=url, payload=payload)), pages)
        theirs = seconds(
            lambda url, payload: extract(
                payload, url=url, include_tables=True, with_metadata=True, output_format="markdown"
            ),
            pages,
        )
        count = len(pages)
        sys.stdout.write(
            f"| {title} | {count} | {ours / count * 1e3:.2f} | {theirs / count * 1e3:.2f} | {ours / theirs:.2f} |\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
