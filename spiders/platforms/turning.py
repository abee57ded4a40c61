"""Where a pager plugin's own function goes: ``jump: function(obj){ location.href = 'list_' + obj.curr + '.html' }``.

The function is read for the second page and for the third; how the address follows from the page shows between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from spiders.platforms import questions, scripts

PLUGIN = re.compile(
    r"(?:laypage(?:\.render)?|(?<![\w$.])(?<!function )[\w$]{0,40}pag(?:er|ing|ination|inator|ebar)\w{0,40}(?:\.\w+)?|"
    r"\.(?:pagination|paginator|bootstrapPaginator|twbsPagination|jqPaginator|paging|zPager|pager|createPage|pageBar))\s*\(\s*",
    re.I,
)
_FROM_ZERO = re.compile(r"items_per_page|num_display_entries|num_edge_entries|link_to", re.I)  # jquery.pagination.js
_TAKES = re.compile(
    r"(?:jump|backFn|callback|onPageChange|onPageClick(?:ed)?|onChange|pageFn|change|click|ajax)\s*[:=]\s*"
    r"(?:async\s*)?(?:function\s*\w*\s*\(([^)]*)\)|\(([^)]*)\)\s*=>|(\w+)\s*=>)",
    re.I,
)
_MAKES = re.compile(
    r"(?:getLink|getHref|getUrl|hrefFormatter|link|href|url|pageUrl)\s*:\s*function\s*\w*\s*\(([^)]*)\)\s*\{\s*return\s+([^;}]+)",
    re.I,
)
_TEMPLATE = re.compile(
    r"(?:href|url|link|link_to|linkTo|pageUrl|urlTemplate|hrefTemplate)\s*:\s*(['\"])([^'\"]*?)"
    r"(?:\{\{?#?(?:page|pageNo|pageNum|number|num|current|curr|p|n|pn|0)?\}?\}|__id__|\[page\]|%page%|:page)([^'\"]*)\1",
    re.I,
)
_LOOP = re.compile(
    r"for\s*\(\s*(?:var|let)?\s*([A-Za-z_$][\w$]*)\s*=\s*(?:1\s*;\s*\1\s*<=|(0)\s*;\s*\1\s*<)\s*([\w$.]+)\s*;[^(){}]*\)\s*"
    r"|(?<![\w$.])([A-Za-z_$][\w$]*)\s*=\s*(?:1(?=[^\d.])[^{}]{0,80}?while\s*\(\s*\4\s*<=|(0)(?=[^\d.])[^{}]{0,80}?while\s*\(\s*\4\s*<)\s*([\w$.]+)\s*\)\s*"
)
_LINKED = re.compile(  # the address within what is written: href='list_"+i+".html'
    r"""href\s*=\s*\\?(['"])([^'"<>+]*(['"])\s*\+.{1,120}?\+\s*\3[^'"<>+\\]*)\\?\1""", re.S
)
_LOADED = re.compile(r"\)\s*\.load\(\s*((?:[^()\n,]|\([^()]*\))+)")  # $('#list').load('part_' + i + '.htm')
MOST_LOOPS = 60  # of one script, that count from its first page on; each is looked up in the whole of it
_PAGE = re.compile(r"page|num|curr?|index|^[pn]$|^idx$", re.I)


def addresses(script: str) -> tuple[str, ...]:
    """The addresses of the second page and of the third, as the first plugin's function builds them; else nothing."""
    for found in PLUGIN.finditer(script):
        given = scripts.call_from(script, found.end()).replace(".getCurrent()", ".current")
        first = 0 if _FROM_ZERO.search(given) else 1
        if made := _made(given, first, script):
            return made
        taken = _TAKES.search(given)
        if taken is None:
            continue
        names = [name.strip() for name in (taken[1] or taken[2] or taken[3] or "").split(",") if name.strip()]
        built = tuple(_gone_to(given[taken.end() :], names, page - 1 + first, script) for page in (2, 3))
        if all(built):
            return tuple(address for address in built if address)
    return ()


def drawn(script: str) -> tuple[int, tuple[str, ...]] | None:
    """How many pages a loop of the page's own draws controls for, and the addresses of the second and of the third:
    ``for(var i=1;i<=3;i++){ document.write('<a href="javascript:go('+i+')">'+i+'</a>') }``, or ``href='list_"+i+".html'``."""
    for loop in islice(_LOOP.finditer(script), MOST_LOOPS):
        body = _body(script, loop.end())
        name, from_zero, count = loop.groups()[:3] if loop[1] else loop.groups()[3:]
        if body is None:
            continue
        called = re.search(rf"([A-Za-z_$][\w$]*)\(\\?['\"]*\s*['\"]\s*\+\s*{re.escape(name)}\s*\+", body)
        linked = _LINKED.search(body)
        shown = re.search(rf">\s*['\"]\s*\+\s*\(?\s*{re.escape(name)}\s*(?:\+\s*1\s*)?\)?\s*\+\s*['\"]\s*<", body)
        if not (called or linked or shown):
            continue
        known = next(iter(questions.called_with(script, loop.start(), ())), {})
        most = scripts.evaluate(count, known, script)
        if most is None or not most.isdecimal() or int(most) < 2:
            continue
        second, third = ("1", "2") if from_zero else ("2", "3")
        if called is not None:
            built = [scripts.built_address(script, f"{called[1]}({page})") for page in (second, third)]
        elif linked is not None:
            said = f"{linked[3]}{linked[2]}{linked[3]}"
            built = [scripts.evaluate(said, {**known, name: page}, script) for page in (second, third)]
        else:
            built = []
        if built and all(built) and built[0] != built[1]:
            return int(most), tuple(address for address in built if address)
        if shown is not None:
            return int(most), ()  # controls with the pages' numbers on them, and nobody here can tell where they lead
    return None


def _body(script: str, start: int) -> str | None:
    """What a loop does time after time: a block, or the one statement after it."""
    if not script.startswith("{", start):
        return re.split(r";|\n", script[start : start + 600], maxsplit=1)[0]
    end = scripts.closing(script, start)
    return script[start + 1 : end] if end is not None else None


def _made(given: str, first: int, script: str) -> tuple[str, ...]:
    """The addresses as the plugin makes them of a page's number: ``url: 'list_{page}.html'``, ``getLink: function(n){…}``."""
    if template := _TEMPLATE.search(given):
        return tuple(f"{template[2]}{page - 1 + first}{template[3]}" for page in (2, 3))
    if function := _MAKES.search(given):
        name = function[1].partition(",")[0].strip()
        own = {f"this.{key}": value for key, value in scripts.mapping(given[: function.start()]).items()}
        built = [scripts.evaluate(function[2], {**own, name: str(page - 1 + first)}, script) for page in (2, 3)]
        return tuple(address for address in built if address) if all(built) else ()
    return ()


def _gone_to(body: str, names: list[str], number: int, script: str) -> str | None:
    known = {name: str(number) for name in names if _PAGE.search(name)} or {name: str(number) for name in names[:1]}
    for name in names:
        for part in ("curr", "current", "page", "pageNumber", "pageNum"):
            known[f"{name}.{part}"] = str(number)
    return next(_targets(body, known, script), None)


def _targets(body: str, known: dict[str, str], script: str) -> Iterator[str]:
    for target in (*scripts.goals(body), *_LOADED.findall(body)):
        if any(re.search(rf"(?<![\w$.]){re.escape(name)}", target) for name in known) and (
            address := scripts.evaluate(target, known, script)
        ):
            yield address
    for call in re.finditer(r"(?<![\w$.])([A-Za-z_$][\w$]*)\(([^()]*(?:\(\))?[^()]*)\)", body):
        value = scripts.evaluate(call[2], known, script) if call[2].strip() else None
        if value and (address := scripts.built_address(script, f"{call[1]}({value})")):
            yield address
