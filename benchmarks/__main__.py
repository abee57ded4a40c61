"""``python -m benchmarks [NAME]… [--python PYTHON]``: the benchmarks of these names; nothing here fails on a clock.

Without a name: ``reading``, ``extraction``, ``work``, ``pages`` and ``crawlers``. ``nation``, ``politeness``, ``scale``
and ``web_view`` take long or write much, and are run by name. ``--python`` is for ``extraction``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

USUAL = ("reading", "extraction", "work", "pages", "crawlers")
BY_NAME = ("nation", "politeness", "scale", "web_view")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join((*USUAL, *BY_NAME)))
    parser.add_argument("--python", help="an interpreter that has the other extractors")
    given = parser.parse_args()
    if unknown := set(given.names) - {*USUAL, *BY_NAME}:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join((*USUAL, *BY_NAME))}")
    code = 0
    for name in given.names or USUAL:
        sys.stdout.write(f"## {name}\n\n")
        sys.stdout.flush()
        more = ["--python", given.python] if given.python and name == "extraction" else []
        # In a process of its own: what one imports or holds is not the next one's.
        command = [sys.executable, "-m", f"benchmarks.{name}", *more]
        code = max(code, abs(subprocess.run(command, cwd=Path(__file__).parents[1], check=False).returncode))
        sys.stdout.write("\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
