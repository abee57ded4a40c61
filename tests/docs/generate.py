"""The parts of the documentation that are made from the program: ``python -m tests.docs.generate`` writes them anew.

The commands' reference has a generated block in each command's section; what stands below a block is written by hand.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import click

from crawler import cli
from spiders.platforms.reference import markdown

ROOT = Path(__file__).parents[2]
COMMANDS = ROOT / "docs/reference/commands.md"
PLATFORMS = ROOT / "docs/reference/platforms.md"
GOLDEN = ROOT / "tests/platforms/golden"
BEGIN, END = "<!-- made from nianbao {name} --help -->", "<!-- end -->"


def command(name: str) -> click.Command:
    found = cli.nianbao.get_command(click.Context(cli.nianbao), name)
    assert found is not None
    return found


def block(name: str) -> str:
    """Usage, help and options of one command and its subcommands."""
    parts = [BEGIN.format(name=name), *_about(command(name), f"nianbao {name}"), END]
    return "\n\n".join(parts)


def _about(about: click.Command, path: str) -> list[str]:
    context = click.Context(about, info_name=path)
    usage = f"{path} {' '.join(about.collect_usage_pieces(context))}"
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(about.help or ""))
    words = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    options = [p for p in about.params if isinstance(p, click.Option)]
    rows = ["| option | meaning |", "|---|---|", *(_row(option, context) for option in options)]
    parts = [f"```\n{usage}\n```", words.replace("|", "\\|"), "\n".join(rows)]
    if isinstance(about, click.Group):
        for name, inner in sorted(about.commands.items()):
            parts += _about(inner, f"{path} {name}")
    return parts


def _row(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context)
    assert record is not None
    names, meaning = (text.replace("|", "\\|") for text in record)
    return f"| `{names}` | {re.sub(r'  +', ' ', meaning)} |"


def commands(page: str) -> str:
    """The reference with every generated block as it must be; sections in the order of ``--help``."""
    head, *rest = re.split(r"^## ", page, flags=re.M)
    sections = {text.partition("\n")[0]: text.partition("\n")[2] for text in rest}
    made = [head.rstrip()]
    for name in cli.COMMANDS:
        own = re.sub(
            rf"\s*{re.escape(BEGIN.format(name=name))}.*?{re.escape(END)}", "", sections.pop(name, ""), flags=re.S
        )
        made.append(f"## {name}\n\n{block(name)}\n\n{own.strip()}".rstrip())
    made += [f"## {name}\n\n{text.strip()}" for name, text in sections.items() if not name.islower()]
    return "\n\n".join(made) + "\n"


def platforms() -> str:
    return markdown(GOLDEN)


if __name__ == "__main__":
    COMMANDS.write_text(commands(COMMANDS.read_text(encoding="utf-8")), encoding="utf-8")
    PLATFORMS.write_text(platforms(), encoding="utf-8")
