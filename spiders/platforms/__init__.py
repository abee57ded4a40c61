"""Families of portal software. One small file each; a platform keeps no state (see ``base.Platform``).

    gkmlpt        Guangdong's catalogue platform: a tree of categories and a JSON interface
    hanweb-jpaas  Hanweb, newest: lists as HTML inside JSON, by ``build/unit``
    hanweb-xxgk   Hanweb, the disclosure module: ``search.jsp``, ``xxgkAnnualReport.jsp``
    hanweb-jpage  Hanweb JCMS: records in the page, the rest from ``dataproxy.jsp``
    lonsun        LonSun (Anhui): ``/public/column/…``, ``/site/label/8888``
    ucap          UCAP: ``/common/search/<channel>`` as JSON, static ``list_2.shtml``
    gongkai       Zibo, Jinan: ``/gongkai/site_…/channel_…/``
    vsb           VSB: static lists counted down from the last
    igs           IGS: ``/igs/front/search/list.html``
    trs           TRS WCM and lookalikes: ``index.html``, ``index_1.html``, ``createPageHTML``
    eportal       Inspur eportal: ``/eportal/ui?pageId=…&currentPage=…``
    aspx          ASP.NET: ``?cid=…&page=``, ``__doPostBack``
    plain         everything else: ordinary links and a next page

Shared by them: ``addresses`` (what an address says), ``names`` (what a link's text says), ``dates``, ``chrome`` (what a
block is), ``anchors``, ``rows`` and ``layout`` (a page's links, what stands beside them, where they stand), ``links``
(which of them are entries and sub-columns), ``pager`` (pagers as printed), ``sending`` (what forms
send), ``turning`` (pagers plugins and loops draw), ``stems`` (static lists whose pager a script of elsewhere draws),
``totals`` (how many there are, as printed), ``promises`` (more than can be fetched), ``static`` (a page of links and its
pager), ``asking`` (what a page does not hold itself), ``questions`` (what scripts ask the server for), ``clicks`` (what a
click does), ``surroundings`` (what scripts read from their page), ``opened`` (addresses scripts make of records),
``records`` and ``groups`` (lists as data), ``scripts`` (values in scripts).

``PLATFORMS`` is in the order they are tried: the specific before the general.
"""

from __future__ import annotations

from scrapy.http import TextResponse

from crawler.errors import UsageError
from spiders.platforms.aspx import Aspx
from spiders.platforms.base import Platform
from spiders.platforms.eportal import Eportal
from spiders.platforms.gkmlpt import Gkmlpt
from spiders.platforms.gongkai import Gongkai
from spiders.platforms.hanweb_jpaas import HanwebJpaas
from spiders.platforms.hanweb_jpage import HanwebJpage
from spiders.platforms.hanweb_xxgk import HanwebXxgk
from spiders.platforms.igs import Igs
from spiders.platforms.lonsun import Lonsun
from spiders.platforms.plain import Plain
from spiders.platforms.trs import Trs
from spiders.platforms.ucap import Ucap
from spiders.platforms.vsb import Vsb

PLATFORMS: tuple[Platform, ...] = (
    Gkmlpt(),
    HanwebJpaas(),
    HanwebXxgk(),
    HanwebJpage(),
    Lonsun(),
    Ucap(),
    Gongkai(),
    Vsb(),
    Igs(),
    Trs(),
    Eportal(),
    Aspx(),
    Plain(),
)

__all__ = ["PLATFORMS", "Platform", "by_name", "fingerprint"]


def by_name(name: str) -> Platform:
    """The platform of that name. Raises ``UsageError`` where there is none."""
    for platform in PLATFORMS:
        if platform.name == name:
            return platform
    known = ", ".join(platform.name for platform in PLATFORMS)
    raise UsageError(f"no platform {name!r}; use one of {known}")


def fingerprint(response: TextResponse) -> tuple[Platform, str]:
    """The platform that made a page and what on it says so; ``plain``, saying that nothing did, where none is known."""
    for platform in PLATFORMS:
        why = platform.recognise(response)
        if why is not None:
            return platform, why
    raise AssertionError("plain recognises every page")
