"""What a page's script does when one of its elements is clicked: ``$('.tab li').click(…)``, ``$('.tab').on('click', 'li', …)``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from spiders.platforms import anchors, scripts

_BINDS = re.compile(
    r"""\$\(\s*(?:['"]([^'"\n]{1,120})['"]|(?=document))(?:document)?\s*\)\s*\.(?:click\(|(?:on|delegate|live)\(\s*['"]click['"]\s*,"""
    r"""(?:\s*['"]([^'"\n]{1,120})['"]\s*,)?)"""
)


def handlers(element: Any, script: str) -> Iterator[str]:
    """What the script does when an element is clicked, as written."""
    for selector, place in _bound(script):
        if any(_selects(one.split(), element) for one in selector.split(",")):
            yield scripts.call_from(script, place)


@lru_cache(maxsize=2)
def _bound(script: str) -> tuple[tuple[str, int], ...]:
    """The selectors a script binds clicks to (``$('.tab li').click(``, ``$('.tab').on('click', 'li',``) and where what is
    done begins."""
    found = []
    for bound in _BINDS.finditer(script):
        within = " ".join(said for said in bound.groups() if said)
        found.append((within, bound.end()))
    return tuple(found)


def _selects(steps: list[str], element: Any) -> bool:
    """Whether a selector of tags, classes and ids leads to an element; what else it says is passed over."""
    if not steps or not _fits(steps[-1], element):
        return False
    around = list(element.iterancestors())
    return all(any(_fits(step, one) for one in around) for step in steps[:-1] if step != ">")


def _fits(step: str, element: Any) -> bool:
    tag, names = re.match(r"[a-z]\w*|", step, re.I), re.findall(r"[.#]([\w-]+)", step)
    own = anchors.names_of(element)
    said = tag[0].lower() if tag else ""
    return bool(said or names) and said in ("", element.tag) and all(name in own for name in names)
