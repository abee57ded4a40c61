"""Reads saved pages: pure functions of bytes, no network, no clock.

``read`` is the whole of it. What happens, module by module:

    decoding     bytes → text                       index_numbers, document_numbers, dates
    markup       text → items (lines, tables …)     titles, kinds, years, agencies, signatures
    metadata     items → labels and values          outline, statistics, narrative, checks
    containers   where the article stands           attachments, injected, documents
    trimming     where its text begins and ends     digests, markdown
    article, report: one page, one reading
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module

from crawler.items import Page, Reading

SLOW_TO_IMPORT = ["pipelines.reading.report", "trafilatura"]
# What is recognised of pictures is another text: readings with and without it are not compared with each other.
EXTRACTOR = "nianbao-reader/2.3" + ("+ocr" if os.environ.get("NIANBAO_OCR", "") in ("1", "true", "yes") else "")


def read(page: Page, parts: Sequence[Page] = ()) -> Reading:
    """What stands on a page. ``parts``: its further pages, frames and documents, once they are fetched.

    The first call names them (``further_pages``, ``frames``, ``details["needed_documents"]``); a second call with
    those at hand reads the whole body. Raises ``Unreadable`` for bytes that cannot be read at all.
    """
    from pipelines.reading.report import read_report

    return read_report(EXTRACTOR, page, parts)


def warm_up() -> None:
    """Imports what is slow to import: call it once when a worker process starts."""
    for module in SLOW_TO_IMPORT:
        import_module(module)
