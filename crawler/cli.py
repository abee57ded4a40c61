"""The ``nianbao`` command line (年报). A command is loaded when it is called, so that ``--help`` stays quick.

Exit codes: 0 done; 1 the job ran and found something wrong; 2 the call was wrong; 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper

import click

from crawler import __version__
from crawler.errors import NianbaoError, UsageError

COMMANDS = {
    "crawl": "Crawl annual-report columns into the archive.",
    "plan": "What is due where, and how long it will take.",
    "runs": "The runs of an archive; one of them on a page, with what a maintainer must know.",
    "discover": "Find the annual-report columns of portals known by their home page.",
    "portals": "List the registry, check one, or begin the entry of a portal.",
    "reports": "List what the archive holds.",
    "show": "One report with all versions and sightings.",
    "diff": "What changed between two versions of a report.",
    "coverage": "Which agencies × years are archived, missing, late, altered, unreadable or gone.",
    "export": "Feed the corpus to other projects.",
    "verify": "Audit the archive: everything still hashes to its name, every reference resolves.",
    "rebuild": "Build the archive's indexes anew from what they are derived from.",
    "read": "What the reader makes of saved pages or documents.",
    "reread": "Read the kept snapshots again with today's extractor.",
    "serve": "The read-only web view of an archive.",
    "demo": "The main job on bundled sample portals: no network, no server.",
}


class ReaderGone(Exception):
    """Nobody reads our output any more (``| head``)."""


class LazyGroup(click.Group):
    """Commands by name; each lives in ``crawler.commands.<name>`` as ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"crawler.commands.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:  # click would end with 1, which here says that something is wrong
            raise ReaderGone from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="nianbao")
def nianbao() -> None:
    """Crawls, reads and archives the annual open-government reports of Chinese government portals."""


def main() -> None:
    """The console script."""
    if sys.stdout is None:  # closed (>&-): the next file to be opened would take its place
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that knows no Chinese shows question marks
    try:
        code = nianbao.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        _end("interrupted", 130)
    except KeyboardInterrupt:
        _end("interrupted; the same command goes on where it was", 130)
    except click.ClickException as error:
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "nianbao"
        _end(f"{' '.join(error.format_message().split())} (see {where} --help)", 2, where)
    except UsageError as error:
        _end(str(error), 2)
    except NianbaoError as error:
        _end(str(error), 1)
    except (ReaderGone, BrokenPipeError):  # nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        # Of a file a command was to read or write, or of standard output: a full disk behind it.
        with suppress(OSError):
            sys.stdout.close()
        _end(": ".join(str(part) for part in (error.filename, error.strerror or error) if part is not None), 1)
    else:
        gc.freeze()  # a quarter of a second in which the interpreter would look for cycles among what ends with it
        sys.exit(code if isinstance(code, int) else 0)


def _end(message: str, code: int, name: str = "nianbao") -> None:
    click.echo(f"{name}: {message}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
