"""Where a column that answers no more has gone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from crawler.urls import identity
from spiders.discovery.findings import Candidate
from spiders.discovery.words import said_of
from spiders.platforms.names import label


def moved_column(old_url: str, candidates: Sequence[Candidate], title: str | None = None) -> Candidate | None:
    """Where a column that answers no more has gone: the one candidate like it, ``None`` where none or several are.

    Likeness is the title it had, the last named step of its address, its year and agency. The old address belongs into
    the entry's ``former_columns``.
    """
    wanted = label(title or "")
    slug = _slug(old_url)
    ranked: list[tuple[int, Candidate]] = []
    for candidate in candidates:
        if identity(candidate.url) == identity(old_url):
            continue
        likeness = 0
        if title and said_of(candidate.title) == said_of(title):
            likeness += 4
        if slug and _slug(candidate.url) == slug:
            likeness += 3
        if title and (candidate.report_year, candidate.agency) != (wanted.year, wanted.agency):
            continue
        if not title and (candidate.report_year or candidate.agency):
            continue
        ranked.append((likeness * 100 + candidate.score, candidate))
    ranked.sort(key=lambda pair: -pair[0])
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    best, candidate = ranked[0]
    if best < 100 and len(ranked) > 1:
        return None  # several columns and nothing that ties one of them to the old one
    return candidate


def _slug(url: str) -> str:
    """The last step of the path that is a name, without the number a move appends (``zfxxgknb_2954``)."""
    named = [
        part
        for part in unquote(urlsplit(url).path).split("/")
        if re.match(r"[a-z]{2,}", part, re.I) and "." not in part
    ]
    return re.sub(r"_?\d+$", "", named[-1].lower()) if named else ""
