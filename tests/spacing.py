"""Whether requests kept their distance, as the portal they went to saw it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

LATE = 0.4  # seconds that a request may reach its server late on a busy machine: the next ones then seem early


def too_close(times: Sequence[float], delay: float) -> list[tuple[int, int, float]]:
    """The stretches of requests (first, last, seconds) that took less than their delays, even if the first came late."""
    stretches = combinations(enumerate(times), 2)
    return [
        (first, last, ended - began)
        for (first, began), (last, ended) in stretches
        if ended - began < (last - first) * delay - LATE
    ]
