"""Any two characters found: text cut into overlapping pairs, for SQLite's full-text index to hold.

Chinese writes no spaces, so a word index would need a dictionary and would miss what it does not know; SQLite's trigram
index cannot find two characters (申请). Every run of letters and digits is cut into all its pairs and its last
character alone: ``政府信息`` → ``政府 府信 信息 息``. A term is then the phrase of its pairs, which matches exactly
where the term stands, since each pair holds the first character of the next. A single character is a prefix.
"""

from __future__ import annotations

import re
import unicodedata
from operator import add

RUN = re.compile(r"[^\W_]+")
MARKS = re.compile("[\uff00-\uff0f\uff1a-\uff20\uff3b-\uff3e…　]+")  # full-width forms that are no letters or digits
LONGEST = 200  # characters of a query
TERMS = 12


def fold(text: str) -> str:
    """Full-width forms and capitals folded, as text is both indexed and asked for."""
    return unicodedata.normalize("NFKC", text).casefold()


def pairs(text: str) -> str:
    """The text as the index holds it."""
    # Without full-width marks most of a text is folded already, which is seen in a tenth of the time folding takes.
    runs = RUN.findall(fold(MARKS.sub(" ", text)))
    return " ".join([pair for run in runs for pair in (*map(add, run, run[1:]), run[-1])])


def terms(query: str) -> tuple[list[str], list[str]]:
    """What must be found and what must not (``-废止``), both folded; quotation marks keep a blank inside a term."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for word in re.findall(r'-?"[^"]*"|[^\s"]+', fold(query[:LONGEST]))[:TERMS]:
        runs = RUN.findall(word)
        (unwanted if word.startswith("-") and runs else wanted).extend(runs)
    return wanted, unwanted


def expression(query: str) -> str | None:
    """The query in FTS5's language: all terms wanted and none of the unwanted; ``None`` where it asks for nothing."""
    wanted, unwanted = terms(query)
    if not wanted:
        return None
    asked = " AND ".join(map(_phrase, wanted))
    return f"({asked}) NOT ({' OR '.join(map(_phrase, unwanted))})" if unwanted else asked


def _phrase(run: str) -> str:
    if len(run) == 1:
        return f'"{run}"*'
    return '"' + " ".join(run[i : i + 2] for i in range(len(run) - 1)) + '"'
