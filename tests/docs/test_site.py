"""The documentation as a website: it is built, everything in it leads somewhere, and it asks nothing of other hosts."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from tests.docs import site

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    site.build(out)
    return out


def parsed(page: Path) -> Any:
    return html.fromstring(page.read_bytes())


def pages(built: Path) -> dict[Path, Any]:
    return {page: parsed(page) for page in sorted(built.rglob("*.html")) if page.name != "404.html"}


def test_every_page_is_built_and_in_the_navigation(built: Path) -> None:
    wanted = {page.relative_to(site.DOCS).with_suffix(".html").as_posix() for page in site.DOCS.rglob("*.md")}
    assert len(wanted) > 40
    assert wanted <= {page.relative_to(built).as_posix() for page in built.rglob("*.html")}
    front = parsed(built / "index.html")
    listed = {link.split("#")[0].removeprefix("./") for link in front.xpath("//nav//a/@href")}
    assert wanted - {"index.html"} <= listed


def test_sections_stand_in_the_order_a_newcomer_needs(built: Path) -> None:
    front = parsed(built / "index.html")
    links = [link.removeprefix("./") for link in front.xpath("//nav[contains(@class, 'md-nav--primary')]//a/@href")]
    places = [next(number for number, link in enumerate(links) if link.startswith(folder)) for folder in site.SECTIONS]
    assert places == sorted(places)
    assert links.index("tutorial.html") < places[0]


def test_links_and_anchors_lead_somewhere(built: Path) -> None:
    documents = pages(built)
    ids = {page: set(document.xpath("//@id | //a/@name")) for page, document in documents.items()}
    dead = []
    for page, document in documents.items():
        for link in document.xpath("//@href | //@src"):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link.startswith("data:"):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if target.is_dir():
                target /= "index.html"
            lost = parts.fragment and target in ids and unquote(parts.fragment) not in ids[target]
            if not target.is_file() or (lost and not parts.fragment.startswith("__")):
                dead.append(f"{page.relative_to(built)}: {link}")
    assert dead == []


def test_links_to_elsewhere_are_addresses(built: Path) -> None:
    for page, document in pages(built).items():
        for link in document.xpath("//a/@href"):
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("http", "https", "mailto"), f"{page.name}: {link}"
                assert parts.scheme == "mailto" or "." in parts.netloc, f"{page.name}: {link}"
                assert not any(c.isspace() for c in link), f"{page.name}: {link}"


def test_reading_it_asks_nothing_of_other_hosts(built: Path) -> None:
    for page, document in pages(built).items():
        loaded = document.xpath("//script/@src | //link[@rel != 'canonical']/@href | //img/@src | //iframe/@src")
        assert [link for link in loaded if urlsplit(link).netloc] == [], page.name


# ---------------------------------------------------------------- how it is staged


def test_a_new_page_is_in_the_navigation_without_being_entered(tmp_path: Path) -> None:
    for name in (
        "index.md",
        "tutorial.md",
        "how-to/do-it.md",
        "deploy/it.md",
        "decisions/0001-it.md",
        "decisions/index.md",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(
            f"# How to {name}\n" if name.startswith("how-to") else f"# {name}\n", encoding="utf-8"
        )
    assert site.navigation(tmp_path) == [
        {"index.md": "index.md"},
        {"tutorial.md": "tutorial.md"},
        {"How to": [{"How-to/do-it.md": "how-to/do-it.md"}]},
        {"Decisions": [{"decisions/index.md": "decisions/index.md"}, {"decisions/0001-it.md": "decisions/0001-it.md"}]},
        {"Deploy": [{"deploy/it.md": "deploy/it.md"}]},
    ]


def test_a_link_that_leaves_the_folder_is_plain_text_but_in_code(tmp_path: Path) -> None:
    text = "See [the log](../../CHANGELOG.md) and [this](b.md#it).\n\n```\n[x](../../x.md)\n```\n[web](https://example.org/)\n"
    assert site.within(text, tmp_path / "how-to" / "a.md", tmp_path) == text.replace(
        "[the log](../../CHANGELOG.md)", "the log", 1
    )


def test_a_dead_link_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Here\n\n[gone](gone.md)\n", encoding="utf-8")
    monkeypatch.setattr(site, "DOCS", docs)
    with pytest.raises(site.Unbuildable, match="does not exist"):
        site.build(tmp_path / "site")
    assert not (tmp_path / "site").exists()
