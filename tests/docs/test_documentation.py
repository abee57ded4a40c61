"""The documentation against the program: links resolve, and what is named exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from crawler import cli, settings
from spiders.registry_file import PLATFORM_NAMES, PORTAL_KEYS
from storage.records import FIELDS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as they are made on the web: lower case, blanks to hyphens."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_resolve(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        file = page.parent / target if target else page
        assert file.exists(), link
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), link


def test_every_page_is_reached_from_the_index() -> None:
    docs = ROOT / "docs"
    reached, waiting = set(), [docs / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = (link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8")))
        waiting += [
            (page.parent / target).resolve() for target in targets if target.endswith(".md") and ":" not in target
        ]
    assert set(docs.glob("**/*.md")) <= reached


# ---------------------------------------------------------------- commands


def sections() -> dict[str, str]:
    """The text of each command's section in the reference."""
    parts = re.split(r"^## (.+)$", text_of("docs/reference/commands.md"), flags=re.M)[1:]
    return {name: text for name, text in zip(parts[::2], parts[1::2], strict=True) if name.islower()}


def test_the_reference_has_a_section_for_every_command() -> None:
    assert list(sections()) == list(cli.COMMANDS)


def options(command: click.Command) -> set[str]:
    own = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    return own.union(*(options(subcommand) for subcommand in inner))


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_option_the_reference_names_is_one(name: str) -> None:
    command = cli.nianbao.get_command(click.Context(cli.nianbao), name)
    assert command is not None
    named = set(re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", sections()[name]))
    assert named <= options(command) | {"--help"}


def called() -> Iterator[tuple[str, str]]:
    """Every line of the pages that calls nianbao: where it stands, and the call."""
    for page in PAGES:
        for block in re.findall(r"```(?:console|cron)\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
            for line in block.splitlines():
                if found := re.search(r"(?:^\$ |\.venv/bin/)nianbao (.+?)(?:\s+#.*)?$", line):
                    yield page.relative_to(ROOT).as_posix(), found[1]


@pytest.mark.parametrize(("page", "call"), list(called()))
def test_calls_shown_are_calls_that_can_be_made(page: str, call: str) -> None:
    name, *words = call.split()
    if name.startswith("-"):
        return
    command = cli.nianbao.get_command(click.Context(cli.nianbao), name)
    assert command is not None, f"{page}: {call}"
    named = {word for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word)}
    assert named <= options(command) | {"--help"}, f"{page}: {call}"


def test_make_targets_named_in_the_pages_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.M))
    for page in PAGES:
        named = set(re.findall(r"(?:`|\$ )make ([a-z]+)", page.read_text(encoding="utf-8")))
        assert named <= targets, page


# ---------------------------------------------------------------- names


def rows(page: str) -> list[str]:
    """Every name in backticks in the first cells of a page's tables."""
    firsts = re.findall(r"^\| ((?:`[^`|]+`(?:, )?)+) \|", text_of(page), re.M)
    return [name for first in firsts for name in re.findall(r"`([^`]+)`", first)]


def test_the_record_is_documented_field_by_field() -> None:
    named = [name for name in rows("docs/reference/record.md") if "." not in name]
    assert sorted(named) == sorted(field.name for field in FIELDS)


def test_the_registrys_keys_and_platforms_are_documented() -> None:
    assert tuple(rows("docs/reference/registry.md")) == PORTAL_KEYS
    listed = re.search(r"^## Platforms\n\n(.+)\.$", text_of("docs/reference/registry.md"), re.M)
    assert listed is not None
    assert tuple(re.findall(r"`([^`]+)`", listed[1])) == PLATFORM_NAMES


def test_the_settings_documented_are_settings() -> None:
    for name in rows("docs/reference/settings.md"):
        if name.isupper() and name not in ("NIANBAO_ARCHIVE", "AWS_…"):
            assert hasattr(settings, name), name
