"""What a choice in a menu asks for: ``<select onchange="location.href='list.jsp?y='+this.value">``, or a function of the
page that reads the choice when a button is pressed."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from spiders.platforms import scripts

_THIS = re.compile(r"(?:this|\w+)\.(?:value\b|options\[[^\]]*\]\.value\b)")
_SUBMITS = re.compile(r"(?:this\.)?(?:form|forms\[\d+\])\.submit\s*\(|\.submit\s*\(\s*\)")


def chosen(option: Any, script: str) -> str | None:
    """The address an option leads to, where its menu's ``onchange`` builds one or sends a form by GET."""
    menu = next(option.iterancestors("select"), None)
    if menu is None:
        return None
    change = menu.get("onchange") or ""
    value = option.get("value") or "".join(option.itertext()).strip()
    if not value or "'" in value:
        return None
    if "this" not in change and (address := _gone_to_with(menu, value, script)):
        return address
    if not change:
        return None
    action = _THIS.sub(f"'{value}'", change)
    address = scripts.gone_to(action, script) or scripts.built_address(script, action)
    if address or not _SUBMITS.search(change):
        return address
    form = next(option.iterancestors("form"), None)
    if form is None or not menu.get("name") or (form.get("method") or "get").lower() != "get":
        return None
    hidden = {
        field.get("name"): field.get("value") or ""
        for field in form.iter("input")
        if field.get("name") and (field.get("type") or "").lower() == "hidden"
    }
    return f"{(form.get('action') or '').partition('?')[0]}?{urlencode({**hidden, menu.get('name'): value})}"


def _gone_to_with(menu: Any, value: str, script: str) -> str | None:
    """Where a function goes that reads the menu's choice: ``location.href = '/nb/' + $('#nd').val() + '/'``."""
    names = "|".join(re.escape(name) for name in (menu.get("id"), menu.get("name")) if name)
    if not names:
        return None
    read = re.compile(
        rf"""(?:\$\(\s*['"](?:#|select\[name=['"]?|\[name=['"]?)(?:{names})['"]?\]?['"]\s*\)\.val\(\s*\)|"""
        rf"""document\.(?:getElementById\(\s*['"]|querySelector\(\s*['"]#)(?:{names})['"]\s*\)\.value\b)"""
    )
    kept = {found[1] for found in re.finditer(rf"([A-Za-z_$][\w$]*)\s*=\s*{read.pattern}", script)}
    for goal in scripts.goals(script):
        named = {name: value for name in kept if re.search(rf"(?<![\w$.'\"]){re.escape(name)}(?![\w$])", goal)}
        if (named or read.search(goal)) and (built := scripts.evaluate(read.sub(f"'{value}'", goal), named, script)):
            return built
    return None
