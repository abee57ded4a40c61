"""When a run is to end: ``--until 06:00``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.errors import UsageError

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


@dataclass(frozen=True, slots=True)
class Until:
    """A time of the day on this machine's clock; the next one there is."""

    moment: datetime

    @classmethod
    def parse(cls, text: str, now: datetime | None = None) -> Until:
        """``HH:MM`` or ``HH:MM:SS``. Raises ``UsageError``."""
        match = _TIME.fullmatch(text.strip())
        if match is None:
            raise UsageError(f"no time of the day: {text!r}; give HH:MM, as in --until 06:00")
        now = now or datetime.now().astimezone()
        hour, minute, second = (int(part or 0) for part in match.groups())
        moment = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
        return cls(moment if moment > now else moment + timedelta(days=1))

    def seconds_left(self, now: datetime | None = None) -> float:
        """From now on; never negative."""
        return max(0.0, (self.moment - (now or datetime.now().astimezone())).total_seconds())

    def __str__(self) -> str:
        return f"{self.moment:%H:%M}"
