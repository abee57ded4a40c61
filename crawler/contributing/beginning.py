"""From what was seen of a portal, and what its contributor says, to the portal as the registry has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.contributing import guessing, saved
from crawler.contributing.acquaintance import Acquaintance
from crawler.contributing.guessing import Guess
from crawler.errors import UsageError
from crawler.items import Portal
from crawler.urls import host_of, identity


@dataclass(frozen=True, slots=True)
class Given:
    """What the contributor says; ``None`` is guessed."""

    key: str | None = None
    name: str | None = None
    division: str | None = None
    province: str | None = None  # two digits
    browser: bool = False


def portal_of(url: str, seen: Acquaintance, given: Given, taken: Iterable[str]) -> tuple[Portal, dict[str, Guess]]:
    """The portal at an address, and what of it was guessed. Raises ``UsageError`` for what nothing tells."""
    home, host = url, host_of(url)
    front = next((kept.capture for kept in seen.kept if kept.role == "home"), None)
    page = saved.response_of(front.url, front.payload, front.header("Content-Type")) if front else None
    guesses: dict[str, Guess] = {}
    name, division, key = given.name, given.division, given.key
    if name is None:
        stated = guessing.name_of(page) if page is not None else None
        if stated is None:
            raise UsageError(f"{url} does not say whose portal it is; say --name NAME")
        guesses["name"], name = stated, stated.value
    if division is None:
        guesses["division"] = guessing.division_of(name, page, host, given.province)
        division = guesses["division"].value
    if key is None:
        guesses["key"] = guessing.key_of(host, division, taken)
        key = guesses["key"].value
    if urlsplit(url).path not in ("", "/") and any(identity(column.url) == identity(url) for column in seen.columns):
        guesses["home"] = Guess(f"{urlsplit(url).scheme}://{host}/", "URL being a column: the root of its host")
        home = guesses["home"].value
    columns = tuple(dict.fromkeys(column.url for column in seen.columns))
    portal = Portal(
        key, name, division[:2], division, home, columns=columns, platform=seen.platform, browser=given.browser
    )
    return portal, guesses
