"""Sample portals 样例门户: faithful, invented government websites on loopback, for ``nianbao demo`` and the tests.

    with serve() as site:
        site.write_registry(folder)                  # the registry that names them
        site.expected()["lanxi"]["reports"]          # what a right crawl must find
        site.revise("lanxi", "lanxi-gov-2023", "statistics")
        site.requests["lanxi"]                       # who asked for what, when, how many at once

    core/        澜溪县 (Hanweb jpage), 临原区 (gongkai), 沅宁市 (TRS, GBK), 北岭地区 (plain pages), 澜溪县市场监管局
    families/    one small portal for every other family of portal software
    hostile/     one tiny portal for every way a website misbehaves
    prose, statistics, identifiers, blocks, documents      what the reports say, and in which form
    report, portal, server, site                           a page, a website, a port, all of them together

Standard library only; everything is drawn from names, so that two machines serve the same sites.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .catalogue import chosen
from .portal import SamplePortal
from .report import SampleFile, SampleReport
from .server import RequestRecord
from .site import SampleSite

__all__ = ["RequestRecord", "SampleFile", "SamplePortal", "SampleReport", "SampleSite", "serve"]


def serve(
    host: str = "127.0.0.1",
    portals: Iterable[str] | None = None,
    ports: Mapping[str, int] | None = None,
    latency: float = 0.0,
) -> SampleSite:
    """Starts sample portals, each on a port of its own, and gives the running site.

    ``portals`` are keys, or the groups ``core`` (also when none is named), ``families``, ``hostile`` and ``all``;
    ``ports`` fixes the ports of some, by key; ``latency`` is how many seconds every answer takes. Raises ``KeyError``
    for a name that is no portal.
    """
    return SampleSite(chosen(["core"] if portals is None else portals), host, ports, latency)
