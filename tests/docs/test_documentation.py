"""The documentation against the program: links resolve, and what is named exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from crawler import cli, settings
from spiders.registry_file import PLATFORM_NAMES, PORTAL_KEYS
from storage.records import FIELDS
from tests.docs import generate

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


def test_what_is_made_from_the_program_is_as_the_program_is() -> None:
    reference = text_of("docs/reference/commands.md")
    assert generate.commands(reference) == reference, "run `make docs`"
    assert generate.platforms() == text_of("docs/reference/platforms.md"), "run `make docs`"


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


SETTING = re.compile(r"^\| `([A-Z_]+)` \| ([^|]+) \|", re.M)


def test_the_settings_documented_are_settings_with_these_defaults() -> None:
    documented = dict(SETTING.findall(text_of("docs/reference/settings.md").partition("## Environment")[0]))
    assert len(documented) > 15
    for name, default in documented.items():
        value = getattr(settings, name)
        plain = {"None": "none", "True": "true", "False": "false"}.get(str(value), str(value))
        if name != "USER_AGENT":
            assert default.strip("`") == plain, name


ERRORS = frozenset({"Unreadable", "Blocked", "PortalChanged", "NianbaoError", "ArchiveError", "RobotsUnreachable"})
NOT_SEEN = frozenset({"blocked", "unreadable", "archive", "error"})  # families; what is raised has a name of its own


def names_of_errors() -> Iterator[str]:
    """Every name an error is given in the code, the changing part of it as ``<status>``."""
    files = (f for package in ("crawler", "spiders", "pipelines", "storage") for f in (ROOT / package).rglob("*.py"))
    for file in files:
        if {"samples", "web", "exports"} & set(file.relative_to(ROOT).parts):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS:
                for keyword in node.keywords:
                    if keyword.arg == "name":
                        text = re.sub(r"\{.*?\}", "<status>", ast.unparse(keyword.value))
                        yield from re.findall(r"['\"]([a-z0-9_.<>]+)['\"]", text)


def test_every_name_of_a_refusal_or_failure_is_explained() -> None:
    page = text_of("docs/reference/names.md")
    explained = set(re.findall(r"`([a-z0-9_.<>]+)`", page))
    given = set(names_of_errors()) - NOT_SEEN
    assert len(given) > 40
    unexplained = {n for n in given if n not in explained and re.sub(r"_\d+$", "_<status>", n) not in explained}
    assert not unexplained
    rows_of_page = set(rows("docs/reference/names.md"))
    code = "\n".join(
        f.read_text(encoding="utf-8") for p in ("crawler", "spiders", "pipelines") for f in (ROOT / p).rglob("*.py")
    )
    assert {n for n in rows_of_page if n.partition("<")[0] not in code} == set()


SUMMARY_KEYS = re.compile(r"^\| ((?:`[a-z_/]+`(?:, )?)+) \|", re.M)


def test_every_field_of_a_run_summary_is_documented() -> None:
    from spiders import completeness, ledger

    page = text_of("docs/reference/run-summary.md")
    documented = {name for row in SUMMARY_KEYS.findall(page) for name in re.findall(r"`([a-z_/]+)`", row)}
    figures = re.search(r"said = \{(.*?)\n        \}", Path(completeness.__file__).read_text(encoding="utf-8"), re.S)
    assert figures is not None
    source = Path(ledger.__file__).read_text(encoding="utf-8")
    counted = set(re.findall(r"count\(\"([a-z_/]+)\"", source)) | {"moved", "collisions", "missing", "out_of_years"}
    assert {*ledger.COUNTERS, "columns", *re.findall(r'"([a-z_]+)":', figures[1]), *counted} <= documented
    assert {"platform", "settled"} <= documented
    assert '`"interrupted": true`' in page
