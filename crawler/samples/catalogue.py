"""Which sample portals there are, by group."""

from __future__ import annotations

from collections.abc import Iterable

from .core.department import LanxiMarket
from .core.heilongjiang import Beiling
from .core.hubei import Yuanning
from .core.shandong import Linyuan
from .core.zhejiang import Lanxi
from .portal import SamplePortal

GROUPS: dict[str, tuple[type[SamplePortal], ...]] = {
    "core": (Lanxi, Linyuan, Yuanning, Beiling, LanxiMarket),
}


def chosen(names: Iterable[str]) -> list[type[SamplePortal]]:
    """The portals of these keys and groups, each once, in their own order."""
    everything = [kind for kinds in GROUPS.values() for kind in kinds]
    wanted: set[str] = set()
    for name in names:
        if name == "all":
            wanted |= {kind.key for kind in everything}
        elif name in GROUPS:
            wanted |= {kind.key for kind in GROUPS[name]}
        elif name in {kind.key for kind in everything}:
            wanted.add(name)
        else:
            known = ", ".join((*GROUPS, "all", *(kind.key for kind in everything)))
            raise KeyError(f"no sample portal {name!r}; there are: {known}")
    return [kind for kind in everything if kind.key in wanted]
