"""Sample portals as a program on a host; every request is a JSON line: portal, who asked, when, how many at once.

python -m tests.engines.portals HOST FOLDER DELAY KEY…
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

from crawler.samples import serve
from crawler.samples.server import Handler


def main() -> None:
    host, folder, delay, *keys = sys.argv[1:]
    log = Path(folder, "visits.jsonl")
    log.touch()
    turn = threading.Lock()
    answer = Handler._answer

    def answered(self: Handler) -> None:
        at_once = self.server._in_hand + 1
        line = [self.server.portal.key, self.headers["User-Agent"], time.time(), at_once]
        with turn, log.open("a") as file:
            file.write(json.dumps(line) + "\n")
        answer(self)

    Handler._answer = answered  # type: ignore[method-assign]
    with serve(host, keys) as site:
        site.write_registry(Path(folder, "registry"), delay=float(delay))
        site.write_registry(Path(folder, "hasty"), delay=0.0)
        Path(folder, "portals-are-up").touch()
        threading.Event().wait()


if __name__ == "__main__":
    main()
