"""``--engine``: which engine, where, and how many portals a task."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from crawler.errors import UsageError

SCHEMES = {"dask": "tcp", "dask+tls": "tls"}
PORT = 8786
FORM = "give dask://HOST[:PORT], or dask+tls://HOST[:PORT] with the certificates in Dask's own configuration"


@dataclass(frozen=True, slots=True)
class Engine:
    """Where tasks are handed out."""

    scheduler: str  # tcp://host:8786 or tls://…
    portals: int | None = None  # that make one task; None: what the job thinks best

    def __str__(self) -> str:
        return self.scheduler


def named(text: str) -> Engine:
    """The engine of ``dask://scheduler:8786``. Raises ``UsageError``."""
    scheme, _, rest = text.partition("://")
    if scheme not in SCHEMES:
        raise UsageError(f"no engine {text!r}; {FORM}")
    parts = urlsplit(f"//{rest}")
    try:
        host, port = parts.hostname, parts.port or PORT
    except ValueError:
        host, port = None, PORT
    if not host or "@" in parts.netloc or parts.path.strip("/") or parts.fragment:
        raise UsageError(f"no engine at {text!r}; {FORM}")
    portals = None
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name != "portals" or not value.isascii() or not value.isdigit() or not 0 < int(value) < 1000:
            raise UsageError(f"--engine knows ?portals=N (1 to 999 portals a task), not ?{name}={value}")
        portals = int(value)
    return Engine(f"{SCHEMES[scheme]}://{f'[{host}]' if ':' in host else host}:{port}", portals)
