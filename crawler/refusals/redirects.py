"""Where an answer was redirected to: home, an error page, a login."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from crawler.errors import Unreadable
from crawler.refusals.answer import Answer
from crawler.urls import INDEX_PAGE, identity

_ERROR_PATH = re.compile(
    r"/(?:\w*[-_]?404\w{0,4}|errors?|error[-_]?pages?|err|not[-_]?found|page[-_]?not[-_]?found|nopage)(?:/|"
    r"\.\w{2,5}$|$)",
    re.I,
)
_LOGIN_PATH = re.compile(
    r"/(?:\w*login|signin|sign_in|cas|sso|oauth2?)(?:/\w*(?:login|authorize))?(?:\.\w{2,5})?/?$", re.I
)


def by_redirect(answer: Answer, requested: str, redirects: Sequence[str], home: str | None) -> Unreadable | None:
    if not redirects or _same_page(requested, answer.url):
        return None
    path = unquote(urlsplit(answer.url).path)
    if is_home(answer.url, home) and not is_home(requested, home):
        return Unreadable(f"sent to the home page: {requested} → {answer.url}", name="redirected_home")
    if _ERROR_PATH.search(path) and not _ERROR_PATH.search(urlsplit(requested).path):
        return Unreadable(f"sent to an error page: {requested} → {answer.url}", name="soft_404")
    if _LOGIN_PATH.search(path) and not _LOGIN_PATH.search(urlsplit(requested).path):
        return Unreadable(f"sent to a login: {requested} → {answer.url}", name="login_required")
    return None


def _same_page(one: str, other: str) -> bool:
    try:
        return identity(one) == identity(other)
    except ValueError:
        return one == other


def is_home(url: str, home: str | None) -> bool:
    if home is not None and _same_page(url, home):
        return True
    parts = urlsplit(url)
    path = INDEX_PAGE.sub("/", parts.path or "/")
    return (
        path == "/" or bool(re.fullmatch(r"/(?:main|home|shouye|sy)(?:\.\w{2,5})?/?", path, re.I))
    ) and not parts.query
