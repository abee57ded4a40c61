"""The filters that ``reports``, ``export`` and ``coverage`` share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crawler.errors import UsageError

if TYPE_CHECKING:
    from storage.queries import Filters

F = TypeVar("F", bound=Callable[..., Any])


def filter_options(function: F) -> F:
    """``--province --division --portal --platform --years --agency --kind --status --run --as-of``."""
    for option in (
        click.option("--as-of", metavar="TIME", help="The archive as it was then, e.g. 2026-03-31T00:00:00+08:00."),
        click.option("--run", metavar="RUN", help="Only versions this run saw first."),
        click.option("--status", multiple=True, metavar="S", help="live, missing or gone; may be repeated."),
        click.option(
            "--kind", multiple=True, metavar="K", help="annual_report (default), all, notice …; may be repeated."
        ),
        click.option("--agency", metavar="TEXT", help="Only agencies whose name holds this."),
        click.option("--years", "--year", metavar="Y[-Y]", help="Only reports on these years."),
        click.option("--platform", multiple=True, metavar="NAME", help="Only from this platform; may be repeated."),
        click.option("--portal", multiple=True, metavar="KEY", help="Only from this portal; may be repeated."),
        click.option(
            "--division", multiple=True, metavar="CODE", help="A GB/T 2260 code or its beginning; may be repeated."
        ),
        click.option("--province", multiple=True, metavar="P", help="A GB/T 2260 code or name; may be repeated."),
    ):
        function = option(function)
    return function


def filters_of(
    *,
    province: tuple[str, ...],
    division: tuple[str, ...],
    portal: tuple[str, ...],
    platform: tuple[str, ...],
    years: str | None,
    agency: str | None,
    kind: tuple[str, ...],
    status: tuple[str, ...],
    run: str | None,
    as_of: str | None,
) -> Filters:
    """The options as ``Filters``. Raises ``UsageError``."""
    from spiders.divisions import province_of
    from spiders.years import span
    from storage.queries import Filters

    return Filters(
        provinces=tuple(province_of(name) for name in province),
        divisions=division,
        portals=portal,
        platforms=platform,
        years=span(years),
        agency=agency,
        kinds=kind or None,
        statuses=status,
        run=run,
        as_of=_time(as_of),
    )


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of takes a time like 2026-03-31T00:00:00+08:00, not {text!r}") from None
