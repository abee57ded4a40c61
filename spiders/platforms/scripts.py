"""Values that stand in a page's scripts: numbers, strings, the arguments of a call, an address a function builds."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

LONGEST_CALL = (
    20_000  # characters; of one that goes on, or never ends, its beginning is read: what is asked stands there
)
BEGINNING = 2_000
DEEPEST = 8  # literals within literals that are read on their own
_LINE = re.compile(r"(?m)^[ \t]*//.*$|(?<=[;{}])[ \t]*//.*$")
_GOES_TO = re.compile(
    r"(?:location(?:\.href)?\s*=(?!=)\s*|location\.(?:replace|assign)\s*\(|window\.open\s*\()((?:[^;\n]|\n(?=\s*\+))+)"
)
_GUARD = re.compile(
    r"if\s*\(\s*([\w$.]+)\s*(===?|!==?|<=?|>=?)\s*([\w$.]+)\s*\)\s*\{?\s*(?:(?:window|document|self|top)\.)?$"
)
NEAR = 1000  # characters in which most brackets are closed
FARTHER = 8  # times as far, where one is not
_BRACKETS = re.compile(r"\\.|['\"\[\]{}]", re.S)
_STRING = re.compile(r"""(['"])((?:\\.|(?!\1).)*)\1""", re.S)


@lru_cache(maxsize=2)  # of the page that is read: asked for by each of those who read in it
def of(root: Any) -> str:
    """All scripts of a page as one text, what is commented out left out."""
    text = "\n".join("".join(element.itertext()) for element in root.iter("script"))
    return "".join(_uncommented(_LINE.sub("", text)))


def _uncommented(text: str) -> Iterator[str]:
    start = 0
    while (opened := text.find("/*", start)) >= 0 and (closed := text.find("*/", opened + 2)) >= 0:
        yield text[start:opened]
        start = closed + 2
    yield text[start:]


def number(text: str, *names: str) -> int | None:
    """The number first given to one of the names: ``totalRecord:120``, ``var countPage = "56"``."""
    for name in names:
        found = re.search(rf"""(?<![\w.]){name}['"]?\s*[:=]\s*(?:parseInt\()?\s*['"]?(\d+)""", text, re.I)
        if found:
            return int(found[1])
    return None


def string(text: str, *names: str) -> str | None:
    """The string first given to one of the names: ``unitid: '380055'``, ``webid=1``."""
    for name in names:
        found = re.search(rf"""(?<![\w.]){name}['"]?\s*[:=]\s*(?:(['"])(.*?)\1|([\w.-]+))""", text, re.I)
        if found:
            return found[2] if found[1] else found[3]
    return None


def calls(text: str, name: str) -> Iterator[list[str]]:
    """The arguments of every call of a function; ``name`` is a pattern. Definitions are no calls."""
    for found in re.finditer(rf"(?<![\w$])(?:{name})\s*\(([^()]*)\)", text, re.I):
        if not re.search(r"function\s*$", text[max(0, found.start() - 12) : found.start()]):
            yield arguments(found[1])


def arguments(text: str) -> list[str]:
    """The arguments of a call as written, quotes taken off."""
    pieces = re.findall(r"""\s*(?:(['"])(.*?)\1|([^,'"]+))\s*(?:,|$)""", text)
    return [(quoted if quote else plain).strip() for quote, quoted, plain in pieces]


def mapping(text: str, script: str = "") -> dict[str, str]:
    """A flat object literal, also in single quotes (``{'webId':'1','pageId':'ab'}``), as names and values; a bare name
    as what the script first gives it (``var area = "…"; {area: area}``)."""
    pairs = re.findall(r"""['"]?([\w\[\]]+)['"]?\s*:\s*(?:(['"])(.*?)\2|([^\s,{}'"]+))""", text, re.S)
    return {name: quoted if quote else _valued(plain, script) for name, quote, quoted, plain in pairs}


def _valued(name: str, script: str) -> str:
    if not re.fullmatch(r"[A-Za-z_$][\w$]*", name) or name in ("true", "false", "null", "undefined", "function"):
        return name
    given = re.search(rf"""(?<![\w$.]){re.escape(name)}\s*[:=]\s*(?:(['"])([^'"]*)\1|(\d+))\s*(?=[,;}}\s]|$)""", script)
    return name if given is None else given[2] if given[1] else given[3]


def json_at(text: str, start: int) -> Any:
    """The JSON value that begins at ``start``; ``None`` when there is none."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def literal_at(text: str, start: int) -> Any:
    """A JavaScript literal at ``start`` as a value, or ``None``; bare names and single quotes are read."""
    value = json_at(text, start)
    if value is not None:
        return value
    end = closing(text, start)
    return None if end is None else json_at(_as_json(text[start : end + 1]), 0)


def literals(text: str, starts: Iterable[int]) -> Iterator[Any]:
    """The literals that begin at places, in their order; what is never closed is none, nor what stands very deep in others."""
    places = list(starts)
    ends = closings(text, places)
    around: list[int] = []
    for start in places:
        end = ends[start]
        if end is None:
            continue
        while around and around[-1] < start:
            around.pop()
        if len(around) < DEEPEST:
            yield literal_at(text, start)
        around.append(end)


def closing(text: str, start: int) -> int | None:
    """Where the bracket that opens at ``start`` is closed. Most are closed soon: the whole text is gone through for few."""
    reach = NEAR
    while True:
        near = text[start : start + reach]
        end = closings(near, (0,))[0]
        if end is not None or start + reach >= len(text):
            return None if end is None else start + end
        reach *= FARTHER


def closings(text: str, starts: Iterable[int]) -> dict[int, int | None]:
    """Where each of the brackets that open at ``starts`` is closed. A bracket within another is walked over once."""
    ends: dict[int, int | None] = {}
    order = sorted(set(starts), reverse=True)
    marks = [(found.end() - 1, found[0]) for found in _BRACKETS.finditer(text, order[-1])] if order else []
    for start in order:
        ends[start] = _closing(marks, start, ends)
    return ends


def _closing(marks: Sequence[tuple[int, str]], start: int, known: Mapping[int, int | None]) -> int | None:
    depth, quote, index = 0, "", bisect_left(marks, (start,))
    while index < len(marks):
        place, mark = marks[index]
        index += 1
        if quote:
            quote = "" if mark == quote else quote
            continue
        char = mark[-1]
        if char in "'\"":
            quote = char
        elif char in "[{":
            if place in known:
                end = known[place]
                if end is None:
                    return None
                index = bisect_left(marks, (end + 1,))
            else:
                depth += 1
        elif char in "]}":
            depth -= 1
            if depth == 0:
                return place
    return None


def _as_json(text: str) -> str:
    pieces: list[str] = []
    last = 0
    for found in _STRING.finditer(text):
        pieces.append(_names_quoted(text[last : found.start()]))
        inner = found[2].replace("\\'", "'")
        pieces.append('"' + (inner if found[1] == '"' else inner.replace('"', '\\"')) + '"')
        last = found.end()
    pieces.append(_names_quoted(text[last:]))
    joined = "".join(pieces)
    return re.sub(r",(\s*[\]}])", r"\1", joined)


def _names_quoted(text: str) -> str:
    text = re.sub(r"([{,]\s*)([A-Za-z_$][\w$]*)(\s*:)", r'\1"\2"\3', text)
    return re.sub(r":\s*(?:undefined|NaN)\b", ": null", text)


_ARGUMENTS = re.compile(
    r"""(["'])([^"'<>]{2,60})\1\s*,\s*(["'])((?:https?:/|\.{1,2})?/?[^"'<>\s()]*[/.?][^"'<>\s()]*)\3"""
)
_OBJECT = re.compile(r"\{[^{}]{0,500}\}")
_OBJECT_NAME = re.compile(r"""(?:^|[{,\s"'])(?:name|title|text|label)["']?\s*:\s*(["'])((?:(?!\1).){2,60})\1""", re.I)
_OBJECT_ADDRESS = re.compile(r"""(?:^|[{,\s"'])(?:url|href|link|path)["']?\s*:\s*(["'])((?:(?!\1).)+)\1""", re.I)


def named_addresses(script: str) -> Iterator[tuple[str, str]]:
    """Chinese names beside addresses, as neighbouring arguments of a call or in one flat object."""
    plain = script.replace("\\/", "/")
    for found in _ARGUMENTS.finditer(plain):
        if re.search(r"[\u4e00-\u9fff]|^\d{4}$", found[2]):
            yield found[2], found[4]
    for found in _OBJECT.finditer(plain):
        name, address = _OBJECT_NAME.search(found[0]), _OBJECT_ADDRESS.search(found[0])
        if name and address and re.search(r"[\u4e00-\u9fff]|^\d{4}$", name[2]):
            yield name[2], address[2]


def gone_to(statement: str, script: str) -> str | None:
    """The address a statement of its own goes to: ``location.href='list.jsp?y='+'2021'``."""
    found = _GOES_TO.search(statement)
    return evaluate(found[1], {}, script) if found else None


def built_address(script: str, call: str) -> str | None:
    """The address a page's own function goes to for a call (``goPage(2)``), where it is a plain concatenation."""
    made = re.match(r"\s*(?:javascript:)?\s*(?:return\s+)?([\w$.]+)\s*\((.*)\)\s*;?", call, re.S)
    if not made:
        return None
    name, given = made[1], arguments(made[2])
    defined = _defined(script, name)
    if not defined:
        return None
    end = closing(script, defined.end() - 1)
    body = script[defined.end() : end]
    names = [
        parameter.strip()
        for parameter in (defined[1] or defined[2] or defined[3] or "").split(",")
        if parameter.strip()
    ]
    known: dict[str, str] = dict(zip(names, given, strict=False))
    for variable in re.finditer(r"(?:var|let|const)\s+([\w$]+)\s*=\s*([^;\n]+)", body):
        value = evaluate(variable[2], known, script)
        if value is not None:
            known[variable[1]] = value
    targets = _open_goals(body, known, script)
    spoken = [
        target for target in targets if any(re.search(rf"(?<![\w$]){re.escape(name)}\b", target) for name in known)
    ]
    return next((address for target in spoken or targets if (address := evaluate(target, known, script))), None)


@lru_cache(maxsize=128)  # a list calls one function in every row
def _defined(script: str, name: str) -> re.Match[str] | None:
    """Where the page defines a function: ``function go(n) {``, ``go = function(n) {``, ``go(n) {`` of a class."""
    return re.search(
        rf"(?:function\s+{re.escape(name)}\s*\(([^)]*)\)|(?<![\w$]){re.escape(name)}\s*[=:]\s*function\s*\w*\(([^)]*)\)"
        rf"|(?<=[,{{}}\s]){re.escape(name)}\s*\(([^()]*)\))\s*\{{",
        script,
    )


def body_of(script: str, name: str) -> str | None:
    """What a function of the page does, as written."""
    defined = re.search(
        rf"(?<![\w$])(?:function\s+{re.escape(name)}|{re.escape(name)}\s*[=:]\s*function)\s*\([^)]*\)\s*\{{", script
    )
    end = closing(script, defined.end() - 1) if defined else None
    return script[defined.end() : end] if defined and end is not None else None


def form_submission(script: str, call: str) -> tuple[str, str] | None:
    """The form field a page's own function fills before it submits, and the value: ``("pageNo", "2")``."""
    made = re.match(r"\s*(?:javascript:)?\s*(?:return\s+)?([\w$.]+)\s*\((.*)\)\s*;?", call, re.S)
    if not made:
        return None
    name, given = made[1], arguments(made[2])
    defined = re.search(rf"function\s+{re.escape(name)}\s*\(([^)]*)\)\s*\{{", script)
    if not defined:
        return None
    body = script[defined.end() : closing(script, defined.end() - 1)]
    if "submit" not in body:
        return None
    known = dict(zip((parameter.strip() for parameter in defined[1].split(",")), given, strict=False))
    filled = re.search(
        r"""(?:getElementById\(\s*['"]([\w.-]+)['"]\s*\)\.value|\.([\w]+)\.value|\[['"]([\w.-]+)['"]\]\.value)\s*=\s*([^;\n]+)"""
        r"""|\$\(\s*['"][#\w\[\]=. -]*?#?([\w.-]+)['"]?\]?['"]\s*\)\.val\(\s*([^)]+)\)""",
        body,
    )
    if not filled:
        return None
    field = filled[1] or filled[2] or filled[3] or filled[5]
    value = evaluate(filled[4] or filled[6], known, script)
    return (field, value) if value is not None else None


def call_from(text: str, start: int) -> str:
    """The arguments of a call as written, ``start`` being the place after its bracket; of a very long one the beginning."""
    depth, index, quote, most = 1, start, "", min(len(text), start + LONGEST_CALL)
    while index < most and depth:
        char = text[index]
        if quote:
            index += char == "\\"
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        else:
            depth += (char in "([{") - (char in ")]}")
        index += 1
    return text[start : start + BEGINNING] if depth else text[start : index - 1]


def goals(body: str) -> list[str]:
    """The expressions a piece of script goes to: what it gives ``location``, what it opens."""
    return [found[1] for found in _GOES_TO.finditer(body)]


def _open_goals(body: str, known: Mapping[str, str], script: str) -> list[str]:
    """The goals a piece of script can come to: not those behind a condition that does not hold (``if(n<=total)``)."""
    return [found[1] for found in _GOES_TO.finditer(body) if not _barred(body[: found.start()], known, script)]


def _barred(before: str, known: Mapping[str, str], script: str) -> bool:
    guard = _GUARD.search(before)
    if guard is None:
        return False
    value, other = _term(guard[1], known, script), _term(guard[3], known, script)
    if value is None or other is None or not (value.isdecimal() and other.isdecimal()):
        return False
    return not _holds(int(value), guard[2], int(other))


_TEMPLATE = re.compile(r"`([^`]*)`")
_FILLED = re.compile(r"([\w$.]+)\.replace\(\s*(['\"/])([^'\"/]+)\2g?\s*,\s*([\w$.]+)\s*\)")
_CHOICE = re.compile(r"^(.*?[=<>!].*?)\?((?:[^?:'\"]|'[^']*'|\"[^\"]*\")*):(.*)$", re.S)
_TEST = re.compile(r"\(*\s*([\w$.]+)\s*(===?|!==?|<=?|>=?)\s*(['\"]?)(\d+)\3\s*\)*\s*")


def evaluate(expression: str, known: Mapping[str, str], script: str) -> str | None:
    """What a concatenation of strings, known names and small sums gives, or a choice between two of them by a number;
    ``None`` when it is anything more."""
    expression = _TEMPLATE.sub(lambda found: _concatenated(found[1]), _first_argument(expression)).strip()
    if filled := _FILLED.fullmatch(expression):
        whole, part = (_term(filled[group], known, script) for group in (1, 4))
        return whole.replace(filled[3], part, 1) if whole and part and filled[3] in whole else None
    if (choice := _CHOICE.match(expression)) and _TEST.fullmatch(choice[1]):
        return _chosen(expression, known, script)
    out: list[str] = []
    for piece in re.findall(r"""'[^']*'|"[^"]*"|[\w$.]+\([^()]*\)|\([^()]*\)|[^+'"()]+""", expression):
        token = piece.strip()
        if not token:
            continue
        if token[0] in "'\"":
            out.append(token[1:-1])
            continue
        inner = token.strip("()").strip()
        if re.fullmatch(r"'[^']*'|\"[^\"]*\"", inner):
            value: str | None = inner[1:-1]
        else:
            value = _chosen(inner, known, script) if "?" in inner else _term(inner, known, script)
        if value is None:
            return None
        out.append(value)
    return "".join(out) or None


def _chosen(expression: str, known: Mapping[str, str], script: str) -> str | None:
    """What a choice by a number comes to (``n>1?'_'+n:''``): one of the two may be nothing."""
    choice = _CHOICE.match(expression)
    test = _TEST.fullmatch(choice[1]) if choice else None
    value = _term(test[1], known, script) if test else None
    if choice is None or test is None or value is None or not value.isdecimal():
        return None
    taken = choice[2 if _holds(int(value), test[2], int(test[4])) else 3].strip()
    return "" if taken in ("''", '""') else evaluate(taken, known, script)


def _concatenated(template: str) -> str:
    """``/list_${page}.html`` as ``'/list_'+(page)+'.html'``."""
    pieces = re.split(r"\$\{([^{}]*)\}", template)
    return "+".join(f"'{piece}'" if index % 2 == 0 else f"({piece})" for index, piece in enumerate(pieces))


def _holds(value: int, sign: str, other: int) -> bool:
    return {"=": value == other, "!": value != other, "<": value < other, ">": value > other}[sign[0]] or (
        sign in ("<=", ">=") and value == other
    )


def _first_argument(expression: str) -> str:
    """The expression up to the comma or the bracket that ends it."""
    depth, quote = 0, ""
    for index, char in enumerate(expression):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char == "(":
            depth += 1
        elif char in ")}" or (char == "," and not depth):
            if not depth:
                return expression[:index]
            depth -= 1
    return expression


def _term(term: str, known: Mapping[str, str], script: str) -> str | None:
    for function in ("parseInt", "Number", "String", "encodeURI", "encodeURIComponent"):
        term = term.removeprefix(function).strip("() ")
    sum_of = re.fullmatch(r"([\w$.]+)\s*([-+])\s*(\d+)", term)
    if sum_of:
        value = _term(sum_of[1], known, script)
        if value is None or not value.isdecimal():
            return None
        return str(int(value) + int(sum_of[3]) * (1 if sum_of[2] == "+" else -1))
    if re.fullmatch(r"\d+", term):
        return term
    if term in known:
        return known[term]
    return string(script, re.escape(term)) if re.fullmatch(r"[A-Za-z_$][\w$]*", term) else None
