"""What an element's name, class and style say of its content: in line or a block, shown or hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml.html import HtmlElement

_UNSEEN = (
    "script style noscript template head title textarea select option datalist button iframe object embed applet "
    "audio video canvas svg map noframes noembed frameset"
)
# Everything else is inline, as in a browser: <PUBLISHTIME>, <o:p> and whatever a vendor invents.
_BLOCK = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol p plaintext pre search "
    "section summary table tbody td tfoot th thead tr ucapcontent ul xmp"
)
UNSEEN = frozenset(_UNSEEN.split())
BLOCK = frozenset(_BLOCK.split())
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_UNDISPLAYED = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all")  # in lower case
BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|table|list-item)", re.I)
HIDDEN_CLASSES = frozenset({"ng-hide", "d-none", "layui-hide"})


def is_hidden(element: HtmlElement) -> bool:
    """Whether the markup itself says that the element is not shown."""
    attributes = element.items()
    return bool(attributes) and hides(dict(attributes))


def hides(attributes: Mapping[str, str]) -> bool:
    """Whether these attributes say that their element is not shown."""
    style = attributes.get("style")
    if style:
        style = style.lower()
        if ("display" in style or "hid" in style) and _UNDISPLAYED.search(style):
            return True
    names = attributes.get("class")
    if names and not HIDDEN_CLASSES.isdisjoint(names.split()):
        return True
    return "hidden" in attributes


def keeps_lines(style: str) -> bool:
    """Whether this style keeps the line ends of the source."""
    return "white-space" in style and re.search(r"white-space\s*:\s*pre", style) is not None
