"""How a page's scripts and templates make the address of a record that has none: ``window.open('/d/' + row.id + '.html')``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from spiders.platforms import scripts

_MARK = "0mark0"  # stands for what a record holds while an address is put together


def links_of(root: Any) -> Iterator[tuple[str, str, str]]:
    """What stands before a field of the record, the field, and what stands after it."""
    bound = (f':href="{said}"' for said in root.xpath("//@*[contains(name(), ':href')]"))
    script = "\n".join((scripts.of(root), *bound))
    for pattern in (
        r"""href\s*=\s*\\?["']?\s*([^"'<>+\s]{0,300})\\?["']\s*\+\s*(?:[\w$]+(?:\[\w+\])?\.)+(\w+)\s*(?:\+\s*["']([^"'<>\\]*))?""",
        r""":href\s*=\s*"\s*'([^'"]*)'\s*\+\s*(?:[\w$]+\.)+(\w+)\s*(?:\+\s*'([^'"]*)')?""",
        r"""href\s*=\s*\\?["']([^"'<>{}\s]*)\$?\{\{?\s*=?\s*(?:[\w$]+\.)+(\w+)\s*\}\}?([^"'<>\\]*)""",
        r"""(?:window\.open|location(?:\.href)?\s*=|\.src\s*=|(?:attr|prop)\(\s*["'](?:src|href)["']\s*,)\s*\(?\s*["']([^"'<>]*)["']\s*\+\s*(?:[\w$]+(?:\[\w+\])?\.)+(\w+)\s*(?:\+\s*["']([^"'<>]*))?""",
    ):
        for found in re.finditer(pattern, script):
            yield found[1], found[2], found[3] or ""
    yield from _opened_by_a_method(root, script)


def _opened_by_a_method(root: Any, script: str) -> Iterator[tuple[str, str, str]]:
    """``<li @click="go(item.id)">`` with ``go(id){ window.open('/d/' + id + '.html') }``."""
    attributes = root.xpath("//@*[contains(name(), 'click')]")
    for call in dict.fromkeys((*attributes, *re.findall(r"""(?:on)?click\s*=\s*\\?["']([^"'<>]{1,300})""", script))):
        handed = re.fullmatch(
            r"\s*([\w$.]+)\(\s*(?:['\"+\s]|\$\{|\{\{)*(?:[\w$]+(?:\[\w+\])?\.)+(\w+)[^,()]*\)\s*;?\s*", call
        )
        built = scripts.built_address(script, f"{handed[1]}('{_MARK}')") if handed else None
        if handed and built and _MARK in built:
            before, _, after = built.partition(_MARK)
            yield before, handed[2], after
