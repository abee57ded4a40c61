"""What a choice in a menu asks for: ``<select onchange="location.href='list.jsp?y='+this.value">``, or a function of the
page that reads the choice when a button is pressed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from spiders.platforms import scripts

_THIS = re.compile(r"(?:this|\w+)\.(?:value\b|options\[[^\]]*\]\.value\b)")
SUBMITS = re.compile(r"(?:this\.)?(?:form|forms\[\d+\])\.submit\s*\(|\.submit\s*\(\s*\)|__doPostBack\(")
POSTS_BACK = re.compile(r"__doPostBack\(\\?['\"]([^'\"\\]*)\\?['\"]\s*,\s*\\?['\"]([^'\"\\]*)")


def chosen(option: Any, script: str) -> str | None:
    """The address an option leads to, where its menu's ``onchange`` builds one or sends a form by GET."""
    menu = next(option.iterancestors("select"), None)
    if menu is None:
        return None
    change = menu.get("onchange") or ""
    value = option.get("value") or "".join(option.itertext()).strip()
    if not value or "'" in value:
        return None
    if "this" not in change and (address := gone_to_with(menu, value, script)):
        return address
    action = _THIS.sub(f"'{value}'", change)
    address = scripts.gone_to(action, script) or scripts.built_address(script, action) if change else None
    if address:
        return address
    form = _sent_with(menu)
    if form is None or not _is_get(form):
        return None
    return f"{(form.get('action') or '').partition('?')[0]}?{urlencode({**_hidden(form), menu.get('name'): value})}"


def posted(root: Any, says: Callable[[str], bool]) -> Iterator[tuple[str, dict[str, str]]]:
    """What the menus of a page's POST forms send, once for each choice that is not made already: the form's address and
    its fields. ``says`` tells a menu of years or agencies from others by a choice's text."""
    for menu in root.iter("select"):
        form = _sent_with(menu)
        if form is None or _is_get(form):
            continue
        for option in menu.iter("option"):
            text = "".join(option.itertext()).strip()
            value = (option.get("value") or text).strip()
            if value and option.get("selected") is None and says(text):
                back = POSTS_BACK.search(menu.get("onchange") or "")
                pressed = {"__EVENTTARGET": back[1], "__EVENTARGUMENT": back[2]} if back else {}
                yield form.get("action") or "", {**_hidden(form), menu.get("name"): value, **pressed}


def given(field: Any) -> str:
    """What a field of a form holds: its value, or that of the choice that is made."""
    if field.tag != "select":
        return field.get("value") or ""
    options = list(field.iter("option"))
    made = next((option for option in options if option.get("selected") is not None), next(iter(options), None))
    if made is None:
        return ""
    return made.get("value") if made.get("value") is not None else "".join(made.itertext()).strip()


def _sent_with(menu: Any) -> Any:
    """The form a menu's choice is sent with: on the choice itself, or by a button."""
    form = next(menu.iterancestors("form"), None)
    if form is None or not menu.get("name"):
        return None
    buttons = (button for button in form.iter("input", "button"))
    pressed = any(
        _kind(button) in ("submit", "image") or SUBMITS.search(button.get("onclick") or "") for button in buttons
    )
    return form if pressed or SUBMITS.search(menu.get("onchange") or "") else None


def _kind(button: Any) -> str:
    """What kind of button it is: one that says nothing sends its form."""
    return (button.get("type") or ("submit" if button.tag == "button" else "text")).strip().lower()


def _is_get(form: Any) -> bool:
    return (form.get("method") or "get").lower() == "get"


def _hidden(form: Any) -> dict[str, str]:
    return {
        field.get("name"): field.get("value") or ""
        for field in form.iter("input")
        if field.get("name") and (field.get("type") or "").lower() == "hidden"
    }


def gone_to_with(menu: Any, value: str, script: str) -> str | None:
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
