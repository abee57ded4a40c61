"""What the scripts of a page ask the server for: the interfaces behind a list that is not on the page itself.

``$.ajax({url: …, data: {…}})``, ``$.get``, ``$.post``, ``axios``, ``fetch``, ``xhr.open``: the address and the form are put
together from what the script itself says, at the first page. A function that is called with several values
(``onclick="load(2021)"``) asks once for each. What depends on anything else is not asked.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from crawler.errors import PortalChanged
from spiders.platforms import anchors, clicks, records, scripts, surroundings
from spiders.platforms.addresses import one_number_apart
from spiders.platforms.names import label

MOST_READ = 600  # requests of one script, one for each value of a menu of years or units
MOST_CHOICES = 60  # years or agencies of a page that are asked for as a click on them asks
MOST_CALLS = 10_000  # of one function, each as often as the function around it is called
_SITE = re.compile(
    r"(?:(?<![\w$])(?P<owner>\$|jQuery|axios|\$http|http|request|service|uni|wx|(?:this|that|_this|self|vm)\.\$(?:http|axios))"
    r"\s*\.\s*(?P<verb>ajax|get|post|getJSON|request)"
    r"|(?P<table>\.(?:datagrid|jqGrid|bootstrapTable|DataTable|dataTable)|(?<![\w$])table\.render)"
    r"|(?<![\w$.])(?P<alone>fetch|axios|ajax|request|service)"
    r"|(?P<wrapped>\))(?=\s*\(\s*\{\s*(?:url|method)\s*:\s*['\"])|\)\s*\.\s*(?P<into>load)|[\w$]\.(?P<open>open))\s*\("
    r"|[\w$]\.(?P<written>src)\s*=\s*(?=[^;\n]{0,300}[?&]\w*(?:callback|jsonp|cb)=)",
    re.I,
)
_FUNCTION = re.compile(
    r"function\s+(?P<a>[\w$]+)\s*\((?P<ap>[^()]*)\)\s*\{"
    r"|(?<![\w$])(?P<b>[\w$]+)\s*[:=]\s*(?:async\s+)?function\s*\w*\s*\((?P<bp>[^()]*)\)\s*\{"
    r"|(?<![\w$])(?P<c>[\w$]+)\s*[:=]\s*(?:async\s*)?\((?P<cp>[^()]*)\)\s*=>\s*\{"
    r"|(?<=[,{}\s])(?P<d>(?!if\b|for\b|while\b|switch\b|catch\b|function\b)[\w$]+)\s*\((?P<dp>[^()]*)\)\s*\{"
)
# A name that stands alone; what it is called with and what it is given is looked at, not walked over.
_CALL = re.compile(r"(?<![\w$])(?<!\)\.)([\w$]+)(?=\s*\(([^()]*)\))")
_WRITTEN_CALL = re.compile(  # onclick="show('+u.id+')", onclick="show(${u.id})", @click="show(u.id)"
    r"""click\s*=\s*\\?["']([\w$]+)\((?:\\?['"])*\s*(?:\+|\$\{)\s*[\w$]+\.(\w+)\s*(?:\+|\})\s*(?:\\?['"])*\)"""
)
_IS_OBJECT = re.compile(r"(?<![\w$])([\w$]+)\s*[:=]\s*(?=\{)")
_IS_VALUE = re.compile(r"(?<![\w$])([\w$]+)(?=\s*[:=]\s*(?:(['\"])([^'\"]*)\2|(\d+))\s*(?:[,;\n}\r]|$))")
_NAME = re.compile(r"(?<![\w$.'\"])[A-Za-z_$][\w$]*(?:\.[\w$]+)*")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_PAGE = re.compile(
    r"(?:\w*_)?page(?:_?(?:no|num|number|index|id))?|cur(?:rent|r)?_?page(?:_?(?:no|num))?|page_?cur(?:r|rent)?|nowpage|current|curr|pn|p|pno|pi|pg|pnum|pgno",
    re.I,
)
_SIZE = re.compile(r"rows|limit|(?:page_?)?size|length|count|ps", re.I)
_GIVEN = re.compile(r"[?&](\w+)=(?:['\"`]\s*\+\s*|\$\{\s*)([A-Za-z_$][\w$.]*)")  # ?page=' + n
_NOW = re.compile(  # what gets past caches
    r"\(?\+?\(?new\s+Date\b(?:\(\))?\)?(?:\.\w+\(\))?\)?|Date\.(?:now\(\)|parse\(new Date\(\)\))|Math\.random\(\)"
)
_THE_CHOICE = re.compile(
    r"(?:\$\((?:this|e\.target)\)|(?<![\w$])(?:this|e\.target|event\.target))\.(?:val\(\)|value\b|options\[[^\]]*\]\.value\b)|\$\(['\"][^'\"]*['\"]\)\.val\(\)"
)
# What changes something on the portal is never asked: a comment, a vote, a form that is handed in.
_ACTS = re.compile(
    r"submit|save|insert|update|delete|remove|vote|praise|zan\b|like\b|comment|feedback|send|apply|upload|register|sign|subscribe|pay|"
    r"(?:^|[/_.-])(?:add|create|edit)(?=[A-Z/_.-]|$)",
    re.I,
)
_BASED = re.compile(
    r"""\bbaseURL['"]?\s*[:=]\s*['"]((?:https?:/)?/[\w./:-]*?)/?['"]"""
)  # axios puts it before every address
_COUNTS = re.compile(
    r"hit|click|count(?:er)?\b|visit|pv\b|login|weather|stat(?:s|istics)?\b|log\b|token|captcha|session|share|online|userinfo|heartbeat|"
    r"\.(?:css|png|jpe?g|gif|svg|woff2?)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Question:
    """One request a script makes."""

    method: str
    address: str
    form: Mapping[str, str] = field(default_factory=dict)
    as_json: bool = False
    paged: bool = False  # it names the page it wants
    numbered: tuple[int, str] | None = None  # /list_1.json: the page's number and what stands after it


class Asked(NamedTuple):
    """The requests the scripts of a page make, those for one page of many first."""

    questions: list[Question]
    whole: bool  # there are no more of them than are read


def asked(root: Any, url: str = "", held: Mapping[str, str] | None = None) -> Asked:
    """What the page's scripts ask for. ``url`` is the page's address; ``held`` what the page holds that a script file stands
    on. Raises ``PortalChanged`` where their calls are beyond following."""
    return _all_asked(root, url, tuple(sorted((held or {}).items())))


@lru_cache(maxsize=2)
def _all_asked(root: Any, url: str, held: tuple[tuple[str, str], ...]) -> Asked:
    script = surroundings.put_in(scripts.of(root), {**dict(held), **surroundings.values(root)}, url)
    spoken = [value for value in root.xpath("//@onclick | //@href") if "(" in value]
    spoken += chain.from_iterable(_chosen(menu, script) for menu in root.iter("select"))
    spoken += _written_calls(script)
    found: dict[tuple[str, str, tuple[tuple[str, str], ...]], Question] = {}
    read = [*islice(_asked(script, tuple(spoken)), MOST_READ + 1)]
    for question in read[:MOST_READ]:
        path = question.address.partition("?")[0] if question else ""
        if question is not None and not _COUNTS.search(path) and not _ACTS.search(path):
            key = (question.method, question.address, tuple(sorted(question.form.items())))
            found.setdefault(key, question)
    return Asked(sorted(found.values(), key=lambda question: not question.paged), len(read) <= MOST_READ)


def _written_calls(script: str) -> Iterator[str]:
    """The calls that a script writes on the page, one for each record of a menu it holds:
    ``append('<a onclick="show('+u.id+')">'+u.name+'</a>')``."""
    written = dict.fromkeys(_WRITTEN_CALL.findall(script))
    if not written:
        return
    for menu in scripts.literals(script, (found.start() for found in re.finditer(r"\[\s*(?=\{)", script))):
        menu = [one for one in menu if isinstance(one, Mapping)] if isinstance(menu, list) else []
        named = [any(isinstance(said, str) and _names_a_choice(said) for said in one.values()) for one in menu]
        if len(menu) > 1 and all(named):
            for name, field_ in written:
                given = (str(one[field_]) for one in menu if isinstance(one.get(field_), (str, int)))
                yield from (f"{name}('{value}')" for value in given if "'" not in value)


def _names_a_choice(text: str) -> bool:
    named = label(text)
    return named.bare and bool(named.year or named.agency)


def _asked(script: str, spoken: tuple[str, ...]) -> Iterator[Question | None]:
    for site in _SITE.finditer(script):
        written = re.match(r"[^;\n]{1,600}", script[site.end() : site.end() + 600]) if site["written"] else None
        given = written[0] if written else scripts.call_from(script, site.end())
        for known in called_with(script, site.start(), spoken):
            yield _question(site, given, known, script)


def by_choice(root: Any) -> list[Question]:
    """What is asked when one of several years or agencies is clicked that carry what to ask for:
    ``<a data-year="2021">``, ``$('.y').click(function(){ $.get('/list?year=' + $(this).data('year')) })``."""
    script = scripts.of(root)
    found: dict[tuple[str, str, tuple[tuple[str, str], ...]], Question] = {}
    for menu in root.iter("select"):
        for change in _chosen(menu, script) if _offers_choices(menu) else ():
            for site in islice(_SITE.finditer(change), 3):
                question = _question(site, scripts.call_from(change, site.end()), {}, f"{change}\n{script}")
                if question is not None and not _COUNTS.search(question.address) and not _ACTS.search(question.address):
                    found.setdefault(
                        (question.method, question.address, tuple(sorted(question.form.items()))), question
                    )
    if ".data" not in script and "attr(" not in script.lower():
        return list(found.values()) if len(found) > 1 else []
    for element in islice(_choice_elements(root), MOST_CHOICES):
        carried = anchors.carried_by(element)
        for handler in clicks.handlers(element, script):
            body = anchors.filled(handler, carried)
            for site in islice(_SITE.finditer(body), 3):
                question = _question(site, scripts.call_from(body, site.end()), {}, f"{body}\n{script}")
                if question is not None and not _COUNTS.search(question.address) and not _ACTS.search(question.address):
                    key = (question.method, question.address, tuple(sorted(question.form.items())))
                    found.setdefault(key, question)
    return list(found.values()) if len(found) > 1 else []


def _offers_choices(menu: Any) -> bool:
    """Whether a menu offers years or agencies."""
    named = [label("".join(option.itertext())) for option in menu.iter("option")]
    return sum(one.bare and bool(one.year or one.agency) for one in named) > 1


def _choice_elements(root: Any) -> Iterator[Any]:
    """The elements that carry something and are called after a year or an agency."""
    for element in root.iter("a", "li", "span", "button", "dd", "td", "div"):
        if len(element) < 3 and anchors.carried_by(element) and len(text := "".join(element.itertext())) <= 40:
            named = label(text)
            if named.bare and (named.year or named.agency):
                yield element


def _chosen(menu: Any, script: str) -> Iterator[str]:
    """What a menu calls for each of its choices: ``onchange="load(this.value)"``, ``$('#nd').change(function(){…})``."""
    change = menu.get("onchange") or ""
    name = menu.get("id") or menu.get("name")
    if not change and name:
        bound = re.search(
            rf"""[#'"]{re.escape(name)}['"]\s*\)\s*\.(?:on\(\s*['"]change['"]\s*,|change\(|addEventListener\(\s*['"]change['"]\s*,)""",
            script,
        )
        change = scripts.call_from(script, bound.end()) if bound else ""
    if "(" not in change:
        return
    for option in menu.iter("option"):
        value = (option.get("value") or "".join(option.itertext())).strip()
        if value and not re.search(r"['\"\\]", value):
            yield _THE_CHOICE.sub(f"'{value}'", change)


def _question(site: re.Match[str], given: str, known: Mapping[str, str], script: str) -> Question | None:
    kinds = ("table", "verb", "alone", "wrapped", "into", "open", "written")
    verb = next(site[kind] for kind in kinds if site[kind]).lower()
    arguments = split(given)
    if not arguments:
        return None
    options: dict[str, str] = {}
    method = "POST" if verb == "post" else "GET"
    where, data = arguments[0], arguments[1] if len(arguments) > 1 else ""
    if verb == "open":
        method, where, data = arguments[0].strip("'\" ").upper(), data, ""
        if method not in ("GET", "POST"):
            return None
    elif site["table"]:
        return _of_table(site["table"].lower(), arguments[0], known, script)
    elif arguments[0].startswith("{") or (verb == "fetch" and data.startswith("{")):
        options = pairs(arguments[0] if arguments[0].startswith("{") else data)
        where = options.get("url", where)
        data = options.get("data") or options.get("params") or options.get("body") or ""
        method = (options.get("type") or options.get("method") or method).strip("'\" ").upper()
    elif data.startswith("{") and "params" in (inner := pairs(data)):
        data = inner["params"]
    address = _address(where, known, script)
    if address is None or method not in ("GET", "POST"):
        return None
    based = _based(script)
    if (
        based
        and address.startswith("/")
        and (site["owner"] or "").lower() not in ("$", "jquery")
        and verb not in ("open", "fetch")
    ):
        address = address if address.startswith(f"{based[1]}/") else based[1] + address
    form = _form(data, known, script)
    mine = site["owner"] or site["alone"] or site["wrapped"] or ""
    as_form = "x-www-form-urlencoded" in given or "new URLSearchParams" in data or bool(_appended(data, known, script))
    as_json = method == "POST" and (
        "application/json" in given
        or "JSON.stringify" in data
        or (mine.lower() not in ("$", "jquery", "ajax", "") and bool(form) and not as_form)
    )
    asked = (*parse_qsl(address.partition("?")[2], keep_blank_values=True), *form.items())
    named = [records.own_name(name) for name, _ in asked]
    given_from = any(name.lower() in records.OFFSETS for name in named) and any(_SIZE.fullmatch(name) for name in named)
    paged = given_from or any(_PAGE.fullmatch(name) for name in named)
    numbered = _numbered(where, address, known, script) if method == "GET" and not paged else None
    # jQuery puts the name of a function of its own there: ``?callback=?``.
    address = re.sub(r"=\?(?=&|$)", "=callback", address)
    return Question(method, address, form, as_json, paged or numbered is not None, numbered)


def _numbered(expression: str, address: str, known: Mapping[str, str], script: str) -> tuple[int, str] | None:
    """Where the number of the page stands in the path of an address (``'/nb/list_' + page + '.json'``)."""
    values = {}
    for name in _NAME.findall(_QUOTED.sub("''", _interpolated(expression))):
        first = known.get(name) or _literal(name, script) or "1"
        if _counts_pages(name, script) and first.isdecimal():
            values[name] = str(int(first) + 1)
    second = _address(expression, {**known, **values}, script) if values else None
    pieces = one_number_apart(address, second) if second else None
    return (pieces[1], pieces[3]) if pieces and pieces[2] - pieces[1] == 1 else None


@lru_cache(maxsize=64)
def _counts_pages(name: str, script: str) -> bool:
    """Whether a name stands for the page that is shown: by itself, or by what it is given
    (``n = parseInt(location.hash.match(/page=(\\d+)/)[1])``)."""
    if _PAGE.fullmatch(name.rpartition(".")[2]):
        return True
    given = re.search(rf"(?<![\w$.]){re.escape(name)}\s*=(?!=)\s*([^;\n]{{1,200}})", script)
    return bool(given and not given[1].lstrip().startswith(("'", '"')) and re.search(r"(?<![a-z])page", given[1], re.I))


def _of_table(plugin: str, given: str, known: Mapping[str, str], script: str) -> Question | None:
    """What a table plugin asks for its first page; each has names and a method of its own for it."""
    options = pairs(given) if given.startswith("{") else {}
    if "ajax" in options:
        options |= pairs(options["ajax"]) if options["ajax"].startswith("{") else {"url": options["ajax"]}
    address = _address(options["url"], known, script) if "url" in options else None
    if address is None:
        return None
    size = next(
        (options[name] for name in ("pageSize", "rowNum", "limit", "pageLength") if options.get(name, "").isdecimal()),
        "10",
    )
    sent = next(
        (
            options[name]
            for name in ("queryParams", "where", "postData", "data")
            if options.get(name, "").startswith("{")
        ),
        "",
    )
    names = {
        "datagrid": ("page", "rows"),
        "jqgrid": ("page", "rows"),
        "render": ("page", "limit"),
        "bootstraptable": ("offset", "limit"),
    }
    page, rows = names.get(plugin.rpartition(".")[2], ("start", "length"))
    own = pairs(options.get("request") or options.get("prmNames") or "")  # layui's, jqGrid's
    page, rows = (
        next((own[key].strip("'\"") for key in keys if key in own), default)
        for keys, default in ((("pageName", "page"), page), (("limitName", "rows"), rows))
    )
    first = "0" if page in ("offset", "start") else "1"
    asked = (
        options.get("method")
        or options.get("mtype")
        or options.get("type")
        or ("post" if plugin == ".datagrid" else "get")
    ).strip("'\"")
    return Question(asked.upper(), address, {**_form(sent, known, script), page: first, rows: size}, paged=True)


def called_with(script: str, place: int, spoken: tuple[str, ...], depth: int = 0) -> Sequence[Mapping[str, str]]:
    """What the parameters of the function around a place stand for, once for every way it is called, also where the
    function that calls it hands on what it was called with."""
    around = _around(script, place)
    return ({},) if around is None else _called_with(script, around, spoken, depth)


@lru_cache(maxsize=16)
def _called_with(
    script: str, around: re.Match[str], spoken: tuple[str, ...], depth: int
) -> Sequence[Mapping[str, str]]:
    name, names = _part(around, ""), [one.partition("=")[0].strip() for one in _part(around, "p").split(",")]
    found: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
    followed = 0
    for text in (*spoken, script):
        for call in _calls(text).get(name, ()) if text is script else _CALL.finditer(text):
            if call[1] != name or (text is script and call.start() == around.start()):
                continue
            outer = called_with(script, call.start(), spoken, depth + 1) if text is script and depth < 2 else ({},)
            if len(found) > MOST_READ:
                return tuple(found.values())  # more than are read
            followed += len(outer)
            if followed > MOST_CALLS:
                raise PortalChanged(f"{name}(…) is called more often than is followed", name="knotted_script")
            for known in outer:
                values = [
                    _object(one, script) if (given := _value(one, known, script)) is None else given
                    for one in split(call[2])
                ]
                called = {one: value for one, value in zip(names, values, strict=False) if value is not None}
                called |= {one: "1" for one in names if one not in called and _PAGE.fullmatch(one)}
                if called:
                    found.setdefault(tuple(sorted(called.items())), called)
    # Called for page after page it is asked for the first, which some count from 0.
    paged = {
        one: min((k[one] for k in found.values() if k.get(one) in ("0", "1")), default="1")
        for one in names
        if _PAGE.fullmatch(one)
    }
    # Called for page after page is one question; called for year after year is many.
    whole = [k for k in found.values() if all(one in k for one in names) or len(k) == len(names)]
    once: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
    for known in whole or list(found.values()):
        plain = {**known, **paged}
        once.setdefault(tuple(sorted(plain.items())), plain)
    return tuple(once.values()) or (paged,)


# What a script is searched for again and again is looked up in what one walk over it found. Two scripts: that of the page
# that is read, and of the file beside it.
@lru_cache(maxsize=2)
def _functions(script: str) -> tuple[list[re.Match[str]], list[int | None], list[int]]:
    """The functions that take something, where each ends, and which of those before it each stands in."""
    found = [function for function in _FUNCTION.finditer(script) if _part(function, "p").strip()]
    closed = scripts.closings(script, (function.end() - 1 for function in found))
    ends = [closed[function.end() - 1] for function in found]
    parents: list[int] = []
    for index, function in enumerate(found):
        parent = index - 1
        while parent >= 0 and (ends[parent] or 0) < function.end():
            parent = parents[parent]
        parents.append(parent)
    return found, ends, parents


def _around(script: str, place: int) -> re.Match[str] | None:
    """The innermost function that a place stands in."""
    found, ends, parents = _functions(script)
    index = bisect_right(found, place, key=re.Match.end) - 1
    while index >= 0 and (ends[index] or 0) <= place:
        index = parents[index]
    return found[index] if index >= 0 else None


@lru_cache(maxsize=2)
def _calls(script: str) -> Mapping[str, list[re.Match[str]]]:
    """The calls in a script by the name of what is called; definitions are none."""
    calls: dict[str, list[re.Match[str]]] = defaultdict(list)
    for call in _CALL.finditer(script):
        if not re.search(r"function\s*$", script[max(0, call.start() - 12) : call.start()]):
            calls[call[1]].append(call)
    return calls


@lru_cache(maxsize=2)
def _objects(script: str) -> Mapping[str, int]:
    """Where the object stands that each name is first given."""
    return {given[1]: given.end() for given in reversed([*_IS_OBJECT.finditer(script)])}


@lru_cache(maxsize=2)
def _values(script: str) -> Mapping[str, str]:
    """The string or the number that each name is first given."""
    given = reversed([*_IS_VALUE.finditer(script)])
    return {found[1]: found[3] if found[2] else found[4] for found in given}


def _object(name: str, script: str) -> str | None:
    """The object a name stands for, as written: ``query: {pageNo: 1, columnCode: 'nb'}`` for ``this.query``; or the one
    that stands there itself."""
    if name.startswith("{"):
        return name
    if not re.fullmatch(r"[A-Za-z_$][\w$.]*", name):
        return None
    given = _objects(script).get(name.rpartition(".")[2])
    return None if given is None else _braced(script, given)


def _part(function: re.Match[str], suffix: str) -> str:
    return next((function[kind + suffix] for kind in "abcd" if function[kind] is not None), "")


def _address(expression: str, known: Mapping[str, str], script: str, depth: int = 0) -> str | None:
    """The address an expression gives; a part that names the page stands for the first, one that names an address put
    together before (``var url = '/api?c=' + code``) for that."""
    expression = _NOW.sub("1", expression)
    values = dict(known)
    for parameter, name in _GIVEN.findall(expression):
        if _PAGE.fullmatch(parameter) and name not in values:
            values[name] = "0" if _literal(name, script) == "0" else "1"  # some count from 0
    for name in _NAME.findall(_QUOTED.sub("''", _interpolated(expression))):
        if name not in values and (value := _literal(name, script)) is not None:
            values[name] = value
        made = _put_together(name, script) if name not in values and depth < 3 else None
        if made and (put := _address(made, known, script, depth + 1)) is not None:
            values[name] = put
        last = name.rpartition(".")[2]
        if name not in values and (_counts_pages(name, script) or last.lower() in ("curr", "index", "num")):
            values[name] = "1"
        if name not in values and name not in ("encodeURIComponent", "encodeURI", "String", "parseInt", "Number"):
            return None
    address = scripts.evaluate(expression, values, script)
    return address if address and re.search(r"[/.?]", address) and not re.search(r"[\s<>{}]", address) else None


@lru_cache(maxsize=2)
def _based(script: str) -> re.Match[str] | None:
    return _BASED.search(script)


@lru_cache(maxsize=256)
def _put_together(name: str, script: str) -> str | None:
    """The concatenation a name is first given in the script."""
    given = re.search(rf"(?<![\w$.]){re.escape(name)}\s*=(?!=)\s*([^;\n]+)", script)
    return given[1] if given and "+" in given[1] and re.search(r"['\"`]", given[1]) else None


def _interpolated(expression: str) -> str:
    return " ".join([re.sub(r"`[^`]*`", "''", expression), *re.findall(r"\$\{([^{}]*)\}", expression)])


def _form(data: str, known: Mapping[str, str], script: str) -> dict[str, str]:
    """What is sent: a literal, the literal a name stands for, or a query as text."""
    data = data.strip()
    if appended := _appended(data, known, script):
        return appended
    if re.fullmatch(r"[A-Za-z_$][\w$.]*", data):
        data = said if (said := known.get(data, "")).startswith("{") else _object(data, script) or ""
    elif data[:1] in "'\"" and data:
        pages = {name: "1" for name in _NAME.findall(_QUOTED.sub("''", data)) if _PAGE.fullmatch(name)}
        text = (scripts.evaluate(data, {**pages, **known}, script) or "").strip()
        if not text.startswith("{"):
            return dict(parse_qsl(text, keep_blank_values=True))
        data = text  # JSON, put together as text
    elif "{" in data and not data.startswith("function"):
        data = _braced(data, data.index("{"))
    else:
        return {}
    form: dict[str, str] = {}
    for name, expression in pairs(data).items():
        if expression.lstrip().startswith("{"):
            form |= {f"{name}[{inner}]": value for inner, value in _form(expression, known, script).items()}
            continue
        value = _value(expression, known, script)
        if value is None and _PAGE.fullmatch(name):
            value = "1"
        if value is not None:
            form[name] = value
    return form


def _appended(name: str, known: Mapping[str, str], script: str) -> dict[str, str]:
    """What is put into a form made by a script: ``q = new URLSearchParams(); q.append('cid', '7'); q.set('page', n)``."""
    if not re.fullmatch(r"[A-Za-z_$][\w$.]*", name) or (
        "new URLSearchParams" not in script and "new FormData" not in script
    ):
        return {}
    made = re.search(rf"(?<![\w$.]){re.escape(name)}\s*=\s*new\s+(?:URLSearchParams|FormData)\(([^()]*)\)", script)
    if made is None:
        return {}
    form = _form(made[1], known, script) if made[1].strip() else {}
    for put in re.finditer(
        rf"(?<![\w$.]){re.escape(name)}\.(?:append|set)\(\s*(['\"])([\w.\[\]-]+)\1\s*,\s*([^()]*)\)", script
    ):
        value = _value(put[3], known, script)
        if value is None and _PAGE.fullmatch(put[2]):
            value = "1"
        if value is not None:
            form[put[2]] = value
    return form


def _braced(text: str, start: int) -> str:
    end = scripts.closing(text, start)
    return "" if end is None else text[start : end + 1]


def _value(expression: str, known: Mapping[str, str], script: str) -> str | None:
    """A literal, or what a name stands for where the script gives it one."""
    expression = expression.strip()
    if re.fullmatch(r"(['\"])[^'\"]*\1", expression):
        # A call that the script writes: '<a onclick="show('+u.id+')">'
        return None if re.fullmatch(r"\+[^+]*\+", expression[1:-1]) else expression[1:-1]
    if re.fullmatch(r"-?\d+|true|false", expression):
        return expression
    if not re.fullmatch(r"[A-Za-z_$][\w$.]*", expression):
        return scripts.evaluate(expression, known, script) if expression[:1] in "'\"`" else None
    return known.get(expression) or _literal(expression, script)


def _literal(name: str, script: str) -> str | None:
    """The string or the number a name is first given in the script."""
    return _values(script).get(name.rpartition(".")[2])


def split(text: str, separator: str = ",") -> list[str]:
    """The parts of a text between separators that stand in no bracket and in no string."""
    pieces, depth, quote, start = [], 0, "", 0
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[index - 1] != "\\" else quote
        elif char in "'\"`":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == separator and depth == 0:
            pieces.append(text[start:index].strip())
            start = index + 1
    return [piece for piece in (*pieces, text[start:].strip()) if piece]


def pairs(literal: str) -> dict[str, str]:
    """The names of an object literal and their values, as written."""
    inner = literal.strip().removeprefix("{").removesuffix("}")
    found: dict[str, str] = {}
    for piece in split(inner):
        name, mark, value = piece.partition(":")
        plain = name.strip().strip("'\"")
        if re.fullmatch(r"[\w$.\[\]-]+", plain):
            found[plain] = value.strip() if mark else plain
    return found
