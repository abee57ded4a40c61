"""The value that stands in the element next to its label's."""

from __future__ import annotations

from lxml.html import HtmlElement

from pipelines.reading import labels
from pipelines.reading.markup import Layout, Line, is_hidden

_NO_BOXES = frozenset({"p", "li", "tr", "table", "ul"})


def beside_label(page: Layout, index: int, item: Line) -> tuple[str | None, list[int], bool]:
    """The value that stands in the element next to a label's: (value, its items, whether the place is a value's).

    ``dt``/``dd``, two cells, or two boxes that are all their parent holds. A paragraph after a label alone in its own
    paragraph is none: the report's text often begins right after a blank ``文号:``.
    """
    element = item.element
    for _ in range(4):
        following = _next_element(element)
        parent = element.getparent()
        if following is not None or parent is None or page.span(parent) != (index, index + 1):
            break
        element = parent
    else:
        following = None
    if following is None:
        return None, [], False
    pair_of = (element.tag, following.tag)
    structural = pair_of in (("dt", "dd"), ("td", "td"), ("th", "td"), ("th", "th"), ("td", "th"))
    boxes = {element.tag, following.tag}.isdisjoint(_NO_BOXES)
    listed = pair_of == ("p", "p") and _two_children(element) and _one_of_several(element)
    headed = following.tag == "p" and element.tag in ("div", "span", "h3", "h4", "h5", "h6") and _two_children(element)
    if not (structural or boxes or headed or listed):
        return None, [], False
    if not structural and not (_two_children(element) or _alternates(page, element)):
        return None, [], False
    start, end = page.span(following)
    texts = [other.text for other in page.items[start:end] if isinstance(other, Line)]
    if start == end and following in page.spans:
        return "", [], True
    if any(not isinstance(other, Line) for other in page.items[start:end]) or end - start > 4:
        return None, [], structural
    value = " ".join(texts)
    if len(value) > 300 or labels.is_label(value) or labels.pairs(value):
        return None, [], structural
    return value, list(range(start, end)), True


def _next_element(element: HtmlElement) -> HtmlElement | None:
    following = element.getnext()
    while following is not None and (
        not isinstance(following.tag, str) or following.tag == "br" or is_hidden(following)
    ):
        following = following.getnext()
    return following


def _two_children(element: HtmlElement) -> bool:
    parent = element.getparent()
    return parent is not None and sum(1 for child in parent if isinstance(child.tag, str) and child.tag != "br") == 2


def _one_of_several(element: HtmlElement) -> bool:
    """Whether the box a label opens stands beside another box that opens with a label."""
    parent = element.getparent()
    neighbours = (parent.getnext(), parent.getprevious()) if parent is not None else ()
    return any(
        box is not None and len(box) == 2 and labels.is_label(" ".join(box[0].text_content().split()))
        for box in neighbours
    )


def _alternates(page: Layout, element: HtmlElement) -> bool:
    """Whether label and value boxes alternate below one parent."""
    parent = element.getparent()
    if parent is None:
        return False
    children = [child for child in parent if isinstance(child.tag, str) and child.tag != "br"]
    if len(children) % 2 or children.index(element) % 2:
        return False
    firsts = children[::2]
    return all(labels.is_label(" ".join(child.text_content().split())) for child in firsts)
