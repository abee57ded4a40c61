"""What a script reads from the page it stands on, put in as values: fields, attributes, forms, the page's own address.

``$('#cid').val()``, ``box.attr('data-api')``, ``$('#form').serialize()``, ``getQuery('cid')``, ``location.origin``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from spiders.platforms import forms

MOST = 60  # values one page hands to its script files
_SELECTED = r"""(?:\$\(\s*['"]#([\w-]+)['"]\s*\)|document\.(?:getElementById\(\s*['"]|querySelector\(\s*['"]#)([\w-]+)['"]\s*\))"""
_READ = r"""\.(?:(val\(\s*\)|value\b)|(?:attr|getAttribute|data)\(\s*['"]([\w-]+)['"]\s*\)|dataset\.(\w+))"""
_DIRECT = re.compile(_SELECTED + _READ)
_KEPT = re.compile(r"(?<![\w$])([A-Za-z_$][\w$]{0,60})\s*=\s*" + _SELECTED + r"\s*[,;\n]")
_SERIALIZED = re.compile(_SELECTED + r"\.serialize\(\s*\)")
_OF_THE_ADDRESS = re.compile(
    r"""(?<![\w$.])(?:[\w$.]{0,60}(?:query|param|getq|geturl|request)[\w$]{0,60}|new\s+URLSearchParams\([^()]{0,60}\)\.get|[\w$]{1,60}\.get)\(\s*['"](\w+)['"]\s*\)""",
    re.I,
)
_ORIGIN = re.compile(
    r"""(?:window\.)?location\.origin|(?:window\.)?location\.protocol\s*\+\s*['"]//['"]\s*\+\s*(?:window\.)?location\.host(?:name)?"""
)


def values(root: Any) -> dict[str, str]:
    """What a page's elements hold that have an id, by id and attribute: ``cid value``, ``box data-api``, ``form *``."""
    found: dict[str, str] = {}
    for element in root.xpath("//*[@id]"):
        own = element.get("id").strip()
        if element.tag == "form":
            fields = {one.get("name"): forms.given(one) for one in element.iter("input", "select") if one.get("name")}
            found[f"{own} *"] = urlencode(fields)
        if element.tag in ("input", "select"):
            found[f"{own} value"] = forms.given(element)
        for name, said in element.attrib.items():
            if name.startswith("data-"):
                found[f"{own} {name.removeprefix('data-')}"] = str(said)
        if len(found) >= MOST:
            break
    return {name: said for name, said in found.items() if not re.search(r"['\"\\\n]", said)}


def put_in(script: str, held: Mapping[str, str], url: str) -> str:
    """A script with what it reads from its page as values; what the page does not hold stays as it is."""
    asked = dict(parse_qsl(urlsplit(url).query))

    def read(name: str, first: int, found: re.Match[str]) -> str:
        attribute = "value" if found[first] else (found[first + 1] or found[first + 2]).lower().removeprefix("data-")
        said = held.get(f"{name} {attribute}")
        return found[0] if said is None else f"'{said}'"

    if held:
        for kept, one, other in _KEPT.findall(script):
            own = re.compile(rf"(?<![\w$.]){re.escape(kept)}" + _READ)
            script = own.sub(partial(read, one or other, 1), script)
        script = _DIRECT.sub(lambda found: read(found[1] or found[2], 3, found), script)
        script = _SERIALIZED.sub(
            lambda found: f"'{held[key]}'" if (key := f"{found[1] or found[2]} *") in held else found[0], script
        )
    if asked:
        script = _OF_THE_ADDRESS.sub(
            lambda found: f"'{asked[found[1]]}'" if found[1] in asked and "'" not in asked[found[1]] else found[0],
            script,
        )
    return _ORIGIN.sub("''", script)
