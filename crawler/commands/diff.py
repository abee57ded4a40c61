"""``nianbao diff``: what changed between two versions of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crawler.commands import archive_option, json_option, put_json
from crawler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.text import Text

    from storage.archive import Archive
    from storage.differences import Difference, Paragraph, Segment

CONTEXT = 1  # unchanged paragraphs shown around a changed one


@click.command("diff")
@click.argument("report", metavar="ID")
@click.argument("versions", metavar="[V1 V2]", nargs=-1, type=int)
@archive_option
@json_option
def command(report: str, versions: tuple[int, ...], archive: str, as_json: bool) -> int:
    """Show what changed between two versions of a report: the last two where none are named."""
    from storage import open_archive
    from storage.differences import difference

    known = open_archive(archive)
    old, new = _numbers(known, report, versions)
    found = difference(known.version(report, old), known.version(report, new))
    if as_json:
        put_json(found.as_json())
    else:
        _print(found)
    return 0


def _numbers(archive: Archive, report: str, versions: tuple[int, ...]) -> tuple[int, int]:
    try:
        there = [version.number for version in archive.versions(report)]
    except ValueError:
        there = []
    if not there:
        raise UsageError(f"no report {report!r} in {archive.uri}; nianbao reports lists them")
    if not versions and len(there) < 2:
        raise UsageError(f"report {report} has one version; there is nothing to compare it with")
    if len(versions) not in (0, 2):
        raise UsageError("name two versions or none: nianbao diff ID 1 3")
    for number in versions:
        if number not in there:
            raise UsageError(f"report {report} has versions {there[0]} to {there[-1]}, not {number}")
    return (versions[0], versions[1]) if versions else (there[-2], there[-1])


def _print(found: Difference) -> None:
    from rich.text import Text

    from crawler.show import console
    from storage.differences import segments

    out = console()
    out.print(f"{found.report_id}: version {found.old} → version {found.new}", style="bold")
    for title, changes in (("metadata", found.metadata), ("fields", found.fields), ("statistics", found.statistics)):
        for change in changes:
            line = Text.assemble((f"{title} ", "dim"), f"{change.where}: ")
            if isinstance(change.old, str) and isinstance(change.new, str):
                line.append_text(_marked(segments(change.old, change.new)))
            else:
                line.append_text(
                    Text.assemble((_shown(change.old), "red strike"), " → ", (_shown(change.new), "green"))
                )
            out.print(line)
    for attachment in found.attachments:
        out.print(Text.assemble(("attachment ", "dim"), f"{attachment.change}: {attachment.name} {attachment.url}"))
    changed = [n for n, paragraph in enumerate(found.body) if paragraph.operation != "equal"]
    near = {m for n in changed for m in range(n - CONTEXT, n + CONTEXT + 1)}
    near -= {n for n, paragraph in enumerate(found.body) if n not in changed and _is_table_row(paragraph)}
    last = -1
    for n, paragraph in enumerate(found.body):
        if n not in near:
            continue
        if last >= 0 and n > last + 1:
            out.print("…", style="dim")
        last = n
        if paragraph.cells:
            out.print(_row(paragraph))
        else:
            text = _marked(paragraph.segments)
            text.stylize("dim" if paragraph.operation == "equal" else "")
            out.print(text)


def _row(paragraph: Paragraph) -> Text:
    """A row of a table: what heads it, and each cell that changed under what heads its column."""
    from rich.text import Text

    line = Text.assemble(("| ", "dim"), (paragraph.cells[0].row, "bold"))
    for cell in paragraph.cells:
        line.append_text(Text.assemble((" | ", "dim"), (f"{cell.column} ", "dim")))
        line.append_text(_marked(cell.segments))
    return line


def _marked(segments: Iterable[Segment]) -> Text:
    """Text with its deletions and insertions, in marks besides colours: a diff is also read in a pipe."""
    from rich.text import Text

    text = Text()
    for segment in segments:
        if segment.operation == "insert":
            text.append(f"{{+{segment.text}+}}", "green")
        elif segment.operation == "delete":
            text.append(f"[-{segment.text}-]", "red strike")
        else:
            text.append(segment.text)
    return text


def _is_table_row(paragraph: Paragraph) -> bool:
    return bool(paragraph.segments) and paragraph.segments[0].text.startswith("|")


def _shown(value: object) -> str:
    return "—" if value is None else str(value)
