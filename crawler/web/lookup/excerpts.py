"""The stretch of a report's text that shows what was asked for."""

from __future__ import annotations

import re
import zlib

from crawler.web.bigrams import fold, terms
from crawler.web.index import Index

EXCERPT = 110  # characters
REPEATED = re.compile(r"(\|[^|\n]{2,}(?=\|))\1+")  # a merged cell, repeated in every place it covers
SENTENCE = 40  # a line of fewer characters is a name or a heading


def excerpt(index: Index, row_id: int, query: str | None) -> list[tuple[str, bool]]:
    """A stretch of the text with the words asked for marked."""
    row = index.row("select body from bodies where id = ?", row_id)
    text = REPEATED.sub(r"\1", zlib.decompress(row[0]).decode()) if row else ""
    wanted = terms(query)[0] if query else []
    folded = fold(text)
    if len(folded) != len(text):
        text = folded  # a folded form of other length: shown as it is searched
    begin = min((at for at in (_in_prose(folded, term) for term in wanted) if at >= 0), default=-1)
    if begin >= 0:
        start = max(0, begin - EXCERPT // 4)
    else:
        body = re.search(r"\n[^|\n].{40,}", text)
        start = body.start() + 1 if body else 0
    stretch, plain = text[start : start + EXCERPT], folded[start : start + EXCERPT]
    parts: list[tuple[str, bool]] = [("…", False)] if begin >= 0 and start else []
    last = 0
    pattern = "|".join(map(re.escape, sorted(set(wanted), key=len, reverse=True)))
    for match in re.finditer(pattern, plain) if pattern else ():
        parts += [(stretch[last : match.start()], False), (stretch[match.start() : match.end()], True)]
        last = match.end()
    parts.append((stretch[last:] + ("…" if start + EXCERPT < len(text) else ""), False))
    return [(re.sub(r"[\s|]+|-{3,}", " ", part), marked) for part, marked in parts]


def _in_prose(text: str, term: str) -> int:
    """Where a term stands in a sentence; else where it stands first, -1 where nowhere."""
    first = at = text.find(term)
    for _ in range(50):
        if at < 0:
            break
        line = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        if text[line] != "|" and (end if end >= 0 else len(text)) - line >= SENTENCE:
            return at
        at = text.find(term, end) if end >= 0 else -1
    return first
