"""How much of a report's prose stood word for word in the report of the year before.

A character counts as repeated when it stands in a run of at least ``RUN`` characters that last year's prose has too.
Prose is the body's paragraphs with a sentence in them, without headings, tables, pictures and signature. White space is
left out and full-width digits and letters are folded; figures, years and punctuation are kept, so that a changed number
breaks the run it stands in. Runs do not cross paragraphs.
"""

from __future__ import annotations

import re

from pipelines.reading.markup import bare
from pipelines.reading.widths import half_width

RUN = 20  # longer than the terms of art (政府信息公开工作年度报告) that every report shares with every other
ENOUGH = 200  # characters of prose: a share of less says nothing
_NO_PROSE = re.compile(r"\s*(?:\||!\[)")  # a table's row, a picture
_SENTENCE = re.compile(r"[。；;，,！!？?]")


def repeated_share(before: str | None, body: str | None) -> float | None:
    """The share of ``body``'s prose, 0 to 1, that stands in ``before``'s; ``None`` where either has next to none."""
    old, new = _prose(before), _prose(body)
    if min(sum(map(len, old)), sum(map(len, new))) < ENOUGH:
        return None
    known = {text[start : start + RUN] for text in old for start in range(len(text) - RUN + 1)}
    repeated = total = 0
    for text in new:
        total += len(text)
        covered = 0  # up to where
        for start in range(len(text) - RUN + 1):
            if text[start : start + RUN] in known:
                repeated += start + RUN - max(covered, start)
                covered = start + RUN
    return repeated / total


def _prose(body: str | None) -> list[str]:
    """The paragraphs of a body (Markdown) that can hold a run at all."""
    lines = (line for line in (body or "").split("\n") if _SENTENCE.search(line) and not _NO_PROSE.match(line))
    kept = (bare(half_width(line)) for line in lines)
    return [text for text in kept if len(text) >= RUN]
