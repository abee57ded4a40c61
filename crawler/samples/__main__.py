"""``python -m crawler.samples --registry DIR``: serves the sample portals until interrupted."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from . import serve


def main() -> int:
    """Writes the registry, says where each portal is, and serves until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m crawler.samples", description=__doc__)
    parser.add_argument("--registry", type=Path, required=True, help="folder to write the registry of the portals into")
    parser.add_argument("--no-columns", action="store_true", help="leave the columns to be discovered")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds between two requests, for the registry")
    parser.add_argument("--families", action="store_true", help="also one small portal for every software family")
    parser.add_argument("--hostile", action="store_true", help="also the portals that misbehave")
    parser.add_argument("--portal", action="append", default=[], help="only this portal; may be repeated")
    parser.add_argument("--expected", type=Path, help="file to write what a right crawl must find, as JSON")
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    groups = ["core", *(["families"] if options.families else []), *(["hostile"] if options.hostile else [])]
    done = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, frame: done.set())
    try:
        site = serve(options.host, options.portal or groups)
    except KeyError as error:
        parser.error(str(error.args[0]))
    with site:
        site.write_registry(options.registry, columns=not options.no_columns, delay=options.delay)
        if options.expected is not None:
            options.expected.write_text(json.dumps(site.expected(), ensure_ascii=False, indent=1), encoding="utf-8")
        for portal in site.portals:
            sys.stdout.write(f"{portal.key}\t{portal.platform}\t{portal.home}\t{portal.name}\n")
        sys.stdout.flush()
        done.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
