"""Labels and values printed as lines of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipelines.reading import labels
from pipelines.reading.labels import Pair, Role
from pipelines.reading.markup import Grid, Layout, Line, is_prose
from pipelines.reading.metadata.beside import beside_label
from pipelines.reading.metadata.bylines import DATE_ONLY, is_byline_date
from pipelines.reading.metadata.chrome import is_footer, is_tools
from pipelines.reading.metadata.pairs import is_all_links, is_sure, unknown_pairs
from pipelines.reading.metadata.tables import read_grid
from pipelines.reading.metadata.values import Metadata

_ISO_DATE = re.compile(r"(?:19|20)\d{2}-\d{2}-\d{2}")  # below a title, the portal's hand: an author writes 年月日


def read_lines(page: Layout, indexes: Iterable[int], found: Metadata, *, strict_from: int) -> None:
    """Adds what the lines and labelled tables among these items say; from ``strict_from`` on stands the article."""
    items = page.items
    order = list(indexes)
    lines: dict[int, Sequence[Pair]] = {}
    sure: set[int] = set()
    taken: set[int] = set()
    for index in order:
        item = items[index]
        if isinstance(item, Line):
            if is_all_links(item):
                continue
            made: Sequence[Pair] = labels.pairs(item.marked)
            if made and is_footer(item.text):
                continue
            if not made and labels.is_label(item.text):
                made = [Pair(labels.normal(item.text), None, labels.role_of(item.text) or Role.OTHER, True)]
            if made:
                lines[index] = made
                if any(is_sure(pair) for pair in made):
                    sure.add(index)
        elif isinstance(item, Grid) and item.labelled:
            sure.add(index)
    for index in order:
        item = items[index]
        if index in taken:
            continue
        if isinstance(item, Grid):
            if item.labelled:
                read_grid(item, found)
                found.consumed.add(index)
            continue
        if not isinstance(item, Line):
            continue
        beside = any(near in sure for near in range(index - 4, index + 5))
        if index not in lines:
            self_labelled = beside and not is_all_links(item) and unknown_pairs(item.marked)
            near = sum(1 for other in range(index - 3, index + 4) if other in sure)
            if self_labelled and near >= 2 and len(item.text) < 80 and not is_footer(item.text):
                lines[index] = self_labelled
            else:
                _read_unlabelled(item, index, found, beside=beside, inside=index >= strict_from)
                continue
        # Within the container a salutation may follow the block: words before a colon are a label between labels only.
        between = any(near in sure for near in range(index - 3, index)) and any(
            near in sure for near in range(index + 1, index + 4)
        )
        inside = index >= strict_from and not (between and _opens_with_pair(item, lines[index]))
        _read_line(page, index, item, lines[index], found, taken, beside=beside, inside=inside)


def _opens_with_pair(item: Line, made: Sequence[Pair]) -> bool:
    return not made[0].known and bool(unknown_pairs(item.marked))


def _read_line(
    page: Layout,
    index: int,
    item: Line,
    made: Sequence[Pair],
    found: Metadata,
    taken: set[int],
    *,
    beside: bool,
    inside: bool,
) -> None:
    if any(is_sure(pair) for pair in made) or beside:
        made = labels.pairs(item.marked, unknown=True) or made
    lead = labels.leading_text(item.marked) if not labels.is_label(item.text) else ""
    dated = DATE_ONLY.fullmatch(lead) is not None
    if lead and not dated and (inside or is_prose(lead)):
        return  # the words stand inside a sentence or behind a text of their own
    accepted = False
    for position, pair in enumerate(made):
        if pair.form:
            continue
        if pair.role is Role.CHROME:
            accepted = True
            continue
        if not (is_sure(pair) or beside or _byline(pair, item, inside=inside)):
            continue
        value = pair.value
        if value is None and position == len(made) - 1 and len(made) == 1:
            value, beyond, structural = beside_label(page, index, item)
            if value is None and not structural and ":" not in item.text and "：" not in item.text:
                continue  # a word without colon and without value: a tab of the page's own menus
            taken.update(beyond)
            found.consumed.update(beyond)
        if value is not None and len(value) > 400 and pair.role is not Role.OTHER:
            continue
        found.add(pair.label, value or "", pair.role)
        accepted = True
    if accepted:
        if dated:
            found.loose_dates.append(lead)
        if dated or not lead:
            found.consumed.add(index)


def _read_unlabelled(item: Line, index: int, found: Metadata, *, beside: bool, inside: bool) -> None:
    text = item.text
    if is_tools(text):
        found.consumed.add(index)
    elif (
        DATE_ONLY.fullmatch(text.strip())
        and item.linked == 0
        and (is_byline_date(text) or (_ISO_DATE.fullmatch(text) if inside else beside))
    ):
        found.loose_dates.append(text)
        found.consumed.add(index)


def _byline(pair: Pair, item: Line, *, inside: bool) -> bool:
    """``来源：… 日期：2020-01-03`` above an article: weak labels on a line of their own."""
    if inside and is_prose(item.text):
        return False
    if pair.role in (Role.PUBLISHED, Role.ISSUED):
        return bool(pair.value and DATE_ONLY.search(pair.value))
    if pair.role in (Role.SOURCE, Role.AUTHOR) or pair.label in ("编辑", "审核", "作者"):
        return len(item.text) <= 120 and (pair.value is None or len(pair.value) <= 40)
    return False
