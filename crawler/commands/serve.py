"""``nianbao serve``: the read-only web view of an archive."""

from __future__ import annotations

import socket
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import click

from crawler.commands import archive_option
from crawler.errors import UsageError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ANYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 — recognised, not bound
NEEDED = ("starlette", "jinja2", "uvicorn")


@click.command("serve")
@archive_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port; 0 for any free one."
)
@click.option("--allow-host", "allowed", metavar="NAME", multiple=True,
              help="A further name visitors may use, as behind a proxy; may be repeated.")  # fmt: skip
@click.option("--index", "index_file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Where the index is kept, instead of the user's cache folder. It can be deleted at will.")  # fmt: skip
@click.option("--follow", metavar="SECONDS", type=click.FloatRange(min=1), default=60.0, show_default=True,
              help="How often to look for new runs.")  # fmt: skip
@click.option("--rebuild", is_flag=True, help="Make the index anew.")
def command(
    archive: str, host: str, port: int, allowed: tuple[str, ...], index_file: Path | None, follow: float, rebuild: bool
) -> int:
    """Show the archive in a browser: overview, search, reports and their versions, numbers, Memento, a JSON API.

    Only reads; listens on loopback unless --host says otherwise. The search index is kept in the user's cache folder and
    follows the archive.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(f"nianbao serve needs {', '.join(missing)}: pip install 'nianbao[serve]'")
    import uvicorn

    from crawler.web.index import Index, default_path, is_ours
    from crawler.web.server import application
    from storage import open_archive

    shown = open_archive(archive)
    path = index_file or default_path(shown.uri)
    if index_file is not None and not is_ours(index_file):
        raise UsageError(f"--index: {index_file} is no index of nianbao; delete it, or name another file")
    if rebuild:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
    try:
        index = Index(path, shown.uri)
    except OSError as error:
        raise UsageError(f"--index: {path}: {error.strerror}") from error
    app = application(shown, index, hosts=hosts(host, allowed), follow=follow)
    config = uvicorn.Config(app, log_level="warning", server_header=False, proxy_headers=False)
    with closing(_listening(host, port)) as listening:
        name, number = listening.getsockname()[:2]
        click.echo(f"nianbao: http://{f'[{name}]' if ':' in name else name}:{number}/ (Ctrl-C ends it)", err=True)
        uvicorn.Server(config).run(sockets=[listening])
    return 0


def hosts(host: str, allowed: tuple[str, ...]) -> frozenset[str] | None:
    """The names to answer to; ``None`` (any) where we listen everywhere and none was named."""
    if host in ANYWHERE and not allowed:
        return None
    return LOOPBACK | {host} | set(allowed) if host in LOOPBACK | ANYWHERE else frozenset({host, *allowed})


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        raise UsageError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    # asyncio leaves it off for sockets made elsewhere; every answer would then wait 40 ms for the visitor's system.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
