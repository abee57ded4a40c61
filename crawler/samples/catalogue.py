"""Which sample portals there are, by group."""

from __future__ import annotations

from collections.abc import Iterable

from .core.department import LanxiMarket
from .core.heilongjiang import Beiling
from .core.hubei import Yuanning
from .core.shandong import Linyuan
from .core.zhejiang import Lanxi
from .families.hanweb import Jpaas, Xxgk
from .families.interfaces import Gkmlpt, Igs, Ucap
from .families.javascript import Javascript
from .families.lists import Aspx, Eportal, Lonsun, TrsLists, Vsb
from .hostile import lists, pages, refusing
from .portal import SamplePortal

GROUPS: dict[str, tuple[type[SamplePortal], ...]] = {
    "core": (Lanxi, Linyuan, Yuanning, Beiling, LanxiMarket),
    "families": (Jpaas, Xxgk, Gkmlpt, Ucap, Vsb, Lonsun, Eportal, Igs, Aspx, TrsLists),
    "javascript": (Javascript,),
    "hostile": (
        refusing.Challenge412,
        refusing.Midway412,
        refusing.Jsl521,
        refusing.GeoFence,
        refusing.CookieChallenge,
        refusing.Captcha,
        refusing.RobotsAll,
        refusing.RobotsError,
        refusing.TooMany,
        refusing.Dead,
        refusing.ColumnGone,
        refusing.ColumnError,
        refusing.Empty,
        lists.EndlessPager,
        lists.CalendarTrap,
        lists.SessionIds,
        lists.EmptySecondPage,
        lists.FewerThanDeclared,
        lists.FewerThanExpected,
        lists.Elsewhere,
        lists.OffSite,
        lists.Redirecting,
        lists.RedirectLoop,
        pages.Soft404,
        pages.Hard404,
        pages.HomeRedirects,
        pages.SamePage,
        pages.Truncated,
        pages.SlowDrip,
        pages.GzipBomb,
        pages.HugePage,
        pages.Reset,
        pages.NotHtml,
        pages.EmptyBody,
        pages.ServerError,
        pages.Flaky,
        pages.DeepHtml,
        pages.FakePdf,
        pages.EscapingNames,
    ),
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
