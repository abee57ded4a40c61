"""Whether a portal still answers: the same page for every article is no answer (csrc.gov.cn, when asked too fast).

Counters, dates and tokens differ from answer to answer, so equal bytes are not asked for. Nor is likeness alone enough:
the reports of a small office repeat each other from year to year. What tells them apart is that a report's page states
the title its list gives it, or at least its year, and a page sent in its place does not, or only as a link.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html import unescape

from spiders.platforms.names import is_agency

SAYS = 40  # Chinese characters of an answer that says enough to be compared
LIKE = 0.9  # share of characters two answers have in common
_LINKS = re.compile(r"<a\b[^>]*>.*?</a\s*>", re.S | re.I)
_UNSEEN = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.S | re.I)
_LEFT_OUT = re.compile(r"<(?:a|script|style)\b|<!--", re.I)  # what either of them may begin with
_TAG = re.compile(r"<[^>]*>")
_CUT_SHORT = re.compile(r"(?:\.{2,}|…+)\s*$")
_NO_WORD = re.compile(r"[\W_]+")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Likeness:
    """What an answer is compared by."""

    states_title: bool
    characters: Counter[str]  # Chinese ones, of the visible text

    def like(self, other: Likeness) -> bool:
        """Whether both answers are one page, sent for two entries whose titles it does not state."""
        if self.states_title or other.states_title or min(self.characters.total(), other.characters.total()) < SAYS:
            return False
        common = (self.characters & other.characters).total()
        return common >= LIKE * (self.characters | other.characters).total()


def likeness(markup: str, title: str, year: int | None = None) -> Likeness:
    """Of an answer, and the title under which its list named it; ``year`` where the column says it of a link that says
    no more than 查看."""
    wanted = _NO_WORD.sub("", _CUT_SHORT.sub("", title))
    tells = len(wanted) >= 4 or is_agency(wanted)  # 财政局 of a menu, not 查看
    left_out = _LEFT_OUT.search(markup)
    # Most state it in the head, where nothing has been left out yet.
    if left_out and tells and wanted in _NO_WORD.sub("", unescape(markup[: left_out.start()])):
        return Likeness(True, Counter())
    seen = _UNSEEN.sub(" ", markup)
    unlinked = unescape(_LINKS.sub(" ", seen))  # with attributes: <meta name="ArticleTitle" content="…">
    said = _NO_WORD.sub("", unlinked)
    # 2021年 of a title, not of the date of the day (2021年3月31日)
    named = [*_YEAR.findall(title), *([year] if year else [])]
    years = [rf"{one}\s*年(?!\s*\d+\s*月)" for one in named]
    if (tells and wanted in said) or any(re.search(one, unlinked) for one in years):
        return Likeness(True, Counter())
    return Likeness(False, Counter(_CHINESE.findall(_TAG.sub(" ", seen))))
