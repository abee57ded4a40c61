"""``python -m benchmarks``: every benchmark of the reader; nothing here fails on a clock.

Arguments are those of ``benchmarks.extraction``.
"""

from __future__ import annotations

import sys

from benchmarks import extraction, reading

if __name__ == "__main__":
    sys.exit(reading.main() or extraction.main())
