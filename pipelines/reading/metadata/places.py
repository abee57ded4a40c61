"""Where a metadata block can stand: before the report's text, below it in its container, close behind the article."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.reading import labels
from pipelines.reading.labels import Role
from pipelines.reading.markup import Grid, Item, Layout, Line, is_prose
from pipelines.reading.metadata.chrome import is_footer
from pipelines.reading.metadata.lines import read_lines
from pipelines.reading.metadata.pairs import is_all_links, is_sure
from pipelines.reading.metadata.tables import count_labels, read_grid
from pipelines.reading.metadata.values import Metadata
from pipelines.reading.outline import is_heading

_BLOCK_OF_LABELS = 3  # sure labels that close together behind an article are its metadata block
_LONGEST_BLOCK = 30  # items


def read_metadata(page: Layout, start: int, end: int) -> Metadata:
    """The metadata of a page whose article's container holds the items ``start`` to ``end``."""
    found = Metadata()
    items = page.items
    head_end = _head_end(items, start, end)
    read_lines(page, range(head_end), found, strict_from=start)
    read_behind(page, range(end, min(end + 25, len(items))), found)
    return found


def _head_end(items: Sequence[Item], start: int, end: int) -> int:
    """Where the report's own text begins: metadata may stand at the head of the container, never further down."""
    for index in range(start, min(end, start + 80)):
        item = items[index]
        if isinstance(item, Grid):
            if not item.labelled:
                return index
        elif isinstance(item, Line):
            text = item.text
            if is_heading(text):
                return index
            if is_prose(text) and not labels.pairs(item.marked) and not _is_value_in_block(items, index, end):
                return index
            if len(text) > 60 and is_prose(text) and _is_sentence_with_label(item):
                return index
    return min(end, start + 80)


def _is_value_in_block(items: Sequence[Item], index: int, end: int) -> bool:
    """Whether a sentence stands between a label on a line of its own (内容概述) and the next one."""
    near = [items[other] for other in (index - 1, index + 1) if 0 <= other < end]
    return len(near) == 2 and all(isinstance(one, Line) and labels.is_label(one.text) for one in near)


def _is_sentence_with_label(item: Line) -> bool:
    """A long line with one label in it: text, unless the label opens it and says what may be long (内容概述)."""
    made = labels.pairs(item.marked)
    if len(made) != 1:
        return False
    return bool(labels.leading_text(item.marked)) or made[0].role not in (Role.OTHER, Role.TITLE)


def read_behind(page: Layout, indexes: range, found: Metadata) -> None:
    """What stands close behind the article: 来源, 责任编辑, sometimes the whole block."""
    block = _block_within(page, indexes)
    for label, value in block.values.items():
        if label not in found.values:
            found.add(label, value, labels.role_of(label) or Role.OTHER)
    for index in indexes:
        if index in block.consumed:
            continue
        item = page.items[index]
        if isinstance(item, Grid):
            if item.labelled and count_labels(item) >= 3:
                read_grid(item, found)
        elif isinstance(item, Line) and not is_all_links(item) and len(item.text) <= 120:
            made = labels.pairs(item.marked)
            if labels.leading_text(item.marked) and made:
                continue
            for pair in made:
                printed = pair.value and not pair.form and pair.role is not Role.CHROME
                if printed and (is_sure(pair) or len(pair.value or "") <= 30) and pair.label not in found.values:
                    found.add(pair.label, pair.value or "", pair.role)


def block_at_end(page: Layout, start: int, end: int) -> int:
    """Where a metadata block begins that ends a container below the report's text; ``end`` where there is none."""
    first = max(start, end - _LONGEST_BLOCK)
    consumed = _block_within(page, range(first, end)).consumed
    while end > first and (end - 1 in consumed or (isinstance(item := page.items[end - 1], Line) and not item.text)):
        end -= 1
    return end


def _block_within(page: Layout, indexes: range) -> Metadata:
    """The metadata block among these items; empty where too few of them are labels to be one."""
    found = Metadata()
    labelled = {index: count for index in indexes if (count := _sure_labels(page.items[index]))}
    if sum(labelled.values()) < _BLOCK_OF_LABELS:
        return found
    first, last = min(labelled), max(labelled)
    for index in range(first - 1, indexes.start - 1, -1):
        if index >= first - 2 and _opens_with_label(page.items[index]):
            first = index
    for index in range(last + 1, indexes.stop):
        if index <= last + 2 and _opens_with_label(page.items[index]):
            last = index
    # The last label's value may stand on the next line.
    read_lines(page, range(first, min(last + 2, indexes.stop)), found, strict_from=len(page.items))
    return found


def _sure_labels(item: Item) -> int:
    if not isinstance(item, Line) or is_all_links(item):
        return 0
    text = item.text
    if (len(text) > 60 and "。" in text) or (len(text) > 60 and ":" not in text and "：" not in text):
        return 0
    made = labels.pairs(item.marked)
    if made:
        return 0 if labels.leading_text(item.marked) else sum(map(is_sure, made))
    return int(
        labels.is_label(text) and labels.normal(text) not in labels.WEAK and labels.role_of(text) is not Role.CHROME
    )


def _opens_with_label(item: Item) -> bool:
    return (
        isinstance(item, Line)
        and not is_footer(item.text)
        and (labels.is_label(item.text) or bool(labels.pairs(item.marked)))
    )
