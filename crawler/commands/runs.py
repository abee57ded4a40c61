"""``nianbao runs``: the runs of an archive; ``nianbao runs RUN`` is one of them on a page."""

from __future__ import annotations

import click

from crawler.commands import archive_option, json_option, put_json
from crawler.errors import UsageError

SHOWN = 20


@click.command("runs")
@click.argument("run", required=False, metavar="[RUN|last]")
@archive_option
@json_option
def command(run: str | None, archive: str, as_json: bool) -> int:
    """List the last runs, or show RUN on a page of text: portals that broke, shrank, stalled or were redesigned, blocks,
    fields that are read less often than before, and every portal that is not complete.
    """
    from storage import open_archive
    from storage.stores import Missing

    kept = open_archive(archive)
    known = kept.runs()
    if run is None:
        summaries = [kept.run(each) for each in reversed(known[-SHOWN:])]
        if as_json:
            put_json([{name: summary.get(name) for name in ("run", "started", "finished", "provinces", "totals")}
                      for summary in summaries])  # fmt: skip
        else:
            _print_runs(summaries)
        return 0
    try:
        summary = kept.run(known[-1] if run == "last" and known else run)
    except (Missing, ValueError):
        raise UsageError(f"no run {run!r} in {archive}: `nianbao runs` lists them") from None
    if as_json:
        put_json(summary)
    else:
        from crawler.notify import page

        click.echo(page(summary), nl=False)
    return 0


def _print_runs(summaries: list[dict[str, object]]) -> None:
    from rich.table import Table

    from crawler.show import console

    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("run")
    table.add_column("ended")
    for name in ("portals", "not ok", "new", "revised", "errors", "requests", "notices"):
        table.add_column(name, justify="right")
    for summary in summaries:
        portals: dict[str, dict[str, object]] = summary.get("portals", {})  # type: ignore[assignment]
        totals: dict[str, int] = summary.get("totals", {})  # type: ignore[assignment]
        wrong = sum(portal.get("status") != "ok" for portal in portals.values())
        notices: list[object] = summary.get("notices", [])  # type: ignore[assignment]
        figures = (
            len(portals),
            wrong,
            *(totals.get(n, 0) for n in ("new", "revised", "errors", "requests")),
            len(notices),
        )
        ended = "interrupted" if summary.get("interrupted") else str(summary.get("finished", ""))[:16].replace("T", " ")
        table.add_row(str(summary["run"]), ended, *(str(figure) for figure in figures))
    console().print(table)
