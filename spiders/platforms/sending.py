"""The request that a form of a page makes: with a field filled by its script, by a button of its own, by a menu, posted back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

from crawler.items import Fetch
from spiders.platforms import forms
from spiders.platforms.addresses import resolve
from spiders.platforms.names import NEXT

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def pressed(button: Any, base: str, said: str) -> Fetch | None:
    """What a button sends that stands in a form of nothing but hidden fields: ``<form><input type="hidden" name="page"
    value="2"><button>下一页</button></form>``."""
    form = next(button.iterancestors("form"), None)
    kind = (button.get("type") or "submit").lower()
    if form is None or button.tag not in ("button", "input") or kind not in ("submit", "image"):
        return None
    if button.get("disabled") is not None:
        return None
    fields = [field for field in form.iter("input", "select") if field is not button and field.get("name")]
    name = button.get("name")
    own = (
        {f"{name}.x": "1", f"{name}.y": "1"}
        if name and kind == "image"
        else {name: button.get("value") or ""}
        if name
        else {}
    )
    others = [field for field in fields if (field.get("type") or "").lower() != "submit"]
    others = [field for field in others if (field.get("type") or "").lower() not in ("image", "button", "reset")]
    turns = bool(NEXT.match(said)) and bool(own)  # 下一页 with a name of its own: what else the form holds goes with it
    if not (others or own) or (any((one.get("type") or "").lower() != "hidden" for one in others) and not turns):
        return None
    return _sent(form, base, {**{field.get("name"): forms.given(field) for field in others}, **own})


def _sent(form: Any, base: str, fields: dict[str, str]) -> Fetch | None:
    """The request a form with these fields makes."""
    url = resolve(base, form.get("action") or base)
    if url is None:
        return None
    if (form.get("method") or "get").lower() == "post":
        return Fetch(url, "POST", urlencode(fields).encode(), FORM)
    return Fetch(urljoin(url, "?" + urlencode(fields)))


def submitted(root: Any, base: str, name: str, value: str) -> Fetch | None:
    for form in root.iter("form"):
        fields = {}
        named = None
        for element in form.iter("input", "select"):
            key = element.get("name")
            if name in (key, element.get("id")):
                named = key or name
            if key and (element.get("type") or "text").lower() in ("hidden", "text"):
                fields[key] = forms.given(element)
        if named is None:
            continue
        return _sent(form, base, {**fields, named: value})
    return None


def chosen(root: Any, base: str, change: str, name: str, value: str) -> Fetch | None:
    """What a menu of pages sends on a choice: the page posted back by ASP.NET's own function, or the form it stands in."""
    if back := forms.POSTS_BACK.search(change):
        return posted_back(root, base, back[1], back[2], {name: value})
    return submitted(root, base, name, value) if forms.SUBMITS.search(change) else None


def posted_back(
    root: Any, base: str, target: str, argument: str, chosen: Mapping[str, str] | None = None
) -> Fetch | None:
    """The page posted back to itself, as ASP.NET does it: every hidden field, the control and its argument."""
    for form in root.iter("form"):
        hidden = {
            element.get("name"): element.get("value") or ""
            for element in form.iter("input")
            if element.get("name") and (element.get("type") or "").lower() == "hidden"
        }
        if "__VIEWSTATE" not in hidden:
            continue
        fields = {**hidden, **(chosen or {}), "__EVENTTARGET": target, "__EVENTARGUMENT": argument}
        url = resolve(base, form.get("action") or base)
        return Fetch(url, "POST", urlencode(fields).encode(), FORM) if url else None
    return None
