"""What one page on the way is, and what each of its links: a column, a way on, another host, neither."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from scrapy.http import TextResponse

from crawler.urls import bare_host, host_of, identity
from spiders.discovery.findings import Candidate, Step
from spiders.discovery.page_links import Element, Link, links_of
from spiders.discovery.words import (
    ANNUAL,
    ANNUAL_SLUG,
    BARE_ANNUAL,
    DECOY,
    DISCLOSURE,
    DISCLOSURE_SLUG,
    GK_SLUG,
    MENU_COMPANY,
    NEVER,
    NO_STEP,
    SITE_MAP,
    UNITS,
    WAYS,
    is_annual_name,
    names_one_report,
    said_of,
    weight,
)
from spiders.platforms import questions, scripts
from spiders.platforms.addresses import Shape, resolve, shape
from spiders.platforms.chrome import text_of
from spiders.platforms.lonsun import lists_units
from spiders.platforms.names import GENERIC, MORE, is_agency, label, squeeze, year_in

ALIKE_UNITS = 3  # agencies at addresses of one shape that make a page of disclosure a directory of them
LISTED_UNITS = 5  # agencies on one page that make it a directory of them
LISTED_REPORTS = 2  # report titles on one page that make it a column itself
MENU_SCRIPTS = 4  # files of one page that are looked into for its menu
_MENU_SCRIPT = re.compile(r"/[^/]*(?:menu|nav|head|top|channel|column|tree|lanmu)[^/]*$", re.I)
_FRIENDS = re.compile(r"友情链接|网站链接|相关链接|网站群|站群|市州网站|区县网站|政府网站")
_GOVERNMENT = re.compile(r"(?:^|\.)gov\.cn(?::\d+)?$")


class Page:
    """One page on the way, read once."""

    def __init__(self, response: TextResponse, root: Element, base: str, depth: int) -> None:
        self.response, self.root, self.base, self.depth = response, root, base, depth
        self.script = scripts.of(root)
        self.reports = 0
        self.links = self._unique(links_of(root, base, self.script, response.text))
        company = {kind for link in self.links for kind in MENU_COMPANY.findall(said_of(link.text))}
        # 指南 | 制度 | 法定主动公开内容 | 年报 | 依申请公开: the standard platform's tabs stand together.
        self.is_disclosure = (
            len(company) >= 2
            or bool(GK_SLUG.search(urlsplit(response.url).path) and depth)
            or bool(DISCLOSURE.search(self.heading))
        )

    @staticmethod
    def _unique(found: Iterable[Link]) -> list[Link]:
        """The links, each address with its best text."""
        best: dict[str, Link] = {}
        for link in found:
            known = best.get(link.url)
            if known is None or (weight(link.text), len(link.text)) > (weight(known.text), len(known.text)):
                best[link.url] = link
        return list(best.values())

    @property
    def heading(self) -> str:
        """How the page calls itself: title, column meta, breadcrumb."""
        title = "".join(self.root.xpath("//title[1]//text()")[:1])
        return said_of(f"{meta(self.root, 'ColumnName')} {meta(self.root, 'ColumnType')} {title}")

    def itself(self) -> Candidate | None:
        """The page as a column, where it says so."""
        if meta(self.root, "ArticleTitle") or shape(self.response.url) in (Shape.ARTICLE, Shape.DOCUMENT):
            return None
        for name in ("ColumnName", "ColumnType"):
            said = said_of(meta(self.root, name))
            if said and ANNUAL.search(said) and not DECOY.search(said):
                named = label(meta(self.root, name))
                return Candidate(
                    self.response.url, squeeze(meta(self.root, name)), 100, f"{name} {said}", named.year, named.agency
                )
        if lists_units(self.response.url):
            return Candidate(self.response.url, self.heading or self.response.url, 95, "LonSun's list of all units")
        if node := _tree_node(self.script):
            return Candidate(self.response.url, node, 95, f"category tree with {node}")
        if not self.depth:
            return None
        trail = self._trail()
        if trail and is_annual_name(trail[-1]) and any(DISCLOSURE.search(part) for part in trail):
            named = label(trail[-1])
            return Candidate(
                self.response.url, trail[-1], 90, f"breadcrumb {' > '.join(trail)}", named.year, named.agency
            )
        title = squeeze("".join(self.root.xpath("//title[1]//text()")[:1]))
        first = re.split(r"\s*[-_|–—]\s*", title)[0]
        if ANNUAL.search(said_of(first)) and not DECOY.search(said_of(first)) and year_in(first) is None:
            return Candidate(self.response.url, first, 90, f"title {first}")
        return None

    def _trail(self) -> list[str]:
        """The breadcrumb's steps."""
        for element in self.root.iter("div", "p", "td", "span", "ul", "nav", "ol", "li"):
            text = text_of(element, 120)
            found = re.search(r"(?:当前|您的|您当前的?|所在|现在的?)位置\s*[:：]?\s*(.+)", text)
            if found and len(text) < 120:
                parts = [squeeze(part) for part in re.split(r"\s*(?:>>|>|»|›|→|/|＞|\\|-{1,2}>?)\s*", found[1])]
                return [part for part in parts if part]
        return []

    # ------------------------------------------------------------ one link

    def candidate(self, link: Link) -> Candidate | None:
        """The link as a column; below 60 it is for a person to decide; ``None`` where it is none."""
        said = said_of(link.text)
        kind = shape(link.url)
        named = label(link.text)
        address = unquote(urlsplit(link.url).path + "?" + urlsplit(link.url).query)
        slug = bool(DISCLOSURE_SLUG.search(address))
        weak_slug = slug or bool(ANNUAL_SLUG.search(address))
        if kind in (Shape.ARTICLE, Shape.DOCUMENT):
            if ANNUAL.search(said) and not DECOY.search(said):
                self.reports += 1
            return None
        if not said or (GENERIC.match(link.text) and not BARE_ANNUAL.fullmatch(said)) or MORE.match(link.text):
            near = self._caption(link.element)
            if near and ANNUAL.search(near) and not self._is_decoy(near):
                return self._found(link, near, 92, f"headed {near}")
            if slug:
                return self._found(link, said or near or "", 70, "slug")
            return None
        if self._is_decoy(said):
            if slug and not re.search(r"网站|指南|制度|解读|法治|要点", said):
                return self._found(link, said, 40, f"slug of annual reports, but says {said}")
            return None
        if ANNUAL.search(said) and len(said) <= 40:
            if named.year is not None and names_one_report(said) and not slug and kind is Shape.UNKNOWN:
                self.reports += 1
                return None
            return self._found(link, said, 100 if named.year is None else 85, f"says {said}")
        if BARE_ANNUAL.fullmatch(said) or (named.report and named.bare and not DISCLOSURE.search(said)):
            if slug:
                return self._found(link, said, 95, f"says {said}, slug")
            if self.is_disclosure or self._in_menu(link) or (weak_slug and GK_SLUG.search(address)):
                return self._found(link, said, 90, f"says {said} among disclosure links")
            return self._found(link, said, 40, "an annual report, of what is not said")
        if slug and (named.bare or not DISCLOSURE.search(said) or len(said) <= 12):
            if NO_STEP.search(said) or UNITS.fullmatch(said):
                return None
            return self._found(link, said, 75, "slug")
        if weak_slug and named.bare and self.is_disclosure:
            return self._found(link, said, 65, "slug among disclosure links")
        return None

    def _is_decoy(self, said: str) -> bool:
        """Another kind of report. A department may carry such a word in its name: 统计局年报 is a column."""
        found = DECOY.search(said)
        if found is None:
            return False
        rest = re.sub(r"(?:政府|政务)?(?:信息公开)(?:工作)?(?:年度|年)?(?:工作)?(?:报告|年报)|年报|年度报告", "", said)
        if NEVER.search(said):
            return True
        return not (is_agency(rest) or (ANNUAL.search(said) and re.search(r"局|委|办|厅|院|中心|公司|银行|部门", rest)))

    def _found(self, link: Link, said: str, score: int, why: str) -> Candidate:
        named = label(link.text)
        return Candidate(link.url, squeeze(link.text) or said, score, why, named.year, named.agency)

    def _in_menu(self, link: Link) -> bool:
        """Whether the disclosure menu's other tabs stand beside it."""
        element = link.element
        for _ in range(4):
            element = element.getparent() if element is not None else None
            if element is None:
                return False
            text = said_of(text_of(element, 400))
            if len(text) > 300:
                return False
            if len(set(MENU_COMPANY.findall(text))) >= 2:
                return True
        return False

    def _caption(self, element: Element) -> str:
        """What stands over a link that says nothing (更多, an image): the text of the nearest block around it."""
        for _ in range(3):
            element = element.getparent() if element is not None else None
            if element is None or element.tag in ("body", "html"):
                return ""
            text = re.sub(r"(?:查看)?更多|more|>+|»", "", text_of(element, 60), flags=re.I)
            if said := said_of(text):
                return said if len(said) <= 24 else ""
            before = element.getprevious()  # a heading beside the block of the link
            alone = before is not None and isinstance(before.tag, str) and next(before.iter("a"), None) is None
            if alone and 0 < len(said := said_of(text_of(before, 60))) <= 24:
                return said
        return ""

    def step(self, link: Link) -> Step | None:
        """The link as a way on."""
        said = said_of(link.text)
        if shape(link.url) in (Shape.ARTICLE, Shape.DOCUMENT):
            return None
        if not said or MORE.match(link.text):
            said = self._caption(link.element)
        if said and not _is_heading(said):
            return None
        if said and UNITS.fullmatch(said):
            return Step(link.url, f"units: {said}", 60)
        if said and NO_STEP.search(said):
            return None
        for pattern, score in WAYS:
            if said and pattern.fullmatch(said):
                return Step(link.url, f"says {said}", score)
        path = urlsplit(link.url).path
        if said and DISCLOSURE.search(said) and len(said) <= 14 and not DECOY.search(said):
            return Step(link.url, f"says {said}", 50)
        if not said and GK_SLUG.search(path):
            return Step(link.url, "slug", 45)
        if (
            self.depth == 0
            and re.search(r"/gkmlpt/index|/(?:zf)?xxgk(?:pt|ml|zl)?/?(?:index\.\w+)?$", path, re.I)
            and said
            and len(said) <= 8
        ):
            return Step(link.url, f"slug, says {said}", 48)
        return None

    def menu_scripts(self, own: frozenset[str]) -> tuple[Step, ...]:
        """What a page of no way on may have its menu from: ``<script src="/js/menu.js">``, ``$.getJSON('/api/menu', …)``."""
        sources = [element.get("src") or "" for element in self.root.iter("script")]
        sources = [source for source in sources if urlsplit(source).path.lower().endswith(".js")]
        sources += [question.address for question in questions.asked(self.root).questions if question.method == "GET"]
        urls = dict.fromkeys(url for source in sources if (url := resolve(self.base, source)))
        named = [url for url in urls if bare_host(host_of(url)) in own and _MENU_SCRIPT.search(urlsplit(url).path)]
        return tuple(Step(url, "script of the menu", 20, deeper=False) for url in named[:MENU_SCRIPTS])

    def site_map(self, own: frozenset[str]) -> tuple[Step, ...]:
        """The portal's own map of its columns."""
        found = (link for link in self.links if SITE_MAP.fullmatch(squeeze(link.text)))
        return tuple(Step(link.url, "map of the site", 30) for link in found if bare_host(host_of(link.url)) in own)

    def foreign(self, link: Link, candidate: Candidate | None, own: frozenset[str]) -> Step | None:
        """A link to another government host that seems to belong to this portal."""
        host = host_of(link.url)
        if not _GOVERNMENT.search(bare_host(host)):
            return None
        way = self.step(link)
        score = candidate.score if candidate is not None else way.score if way is not None else 0
        if score < 60:
            return None
        kin = _place_labels(host) & {part for name in own for part in _place_labels(name)}
        if not kin and link.element is not None and self._among_friends(link.element):
            return None
        said = squeeze(link.text) or (candidate.title if candidate else "")
        return Step(
            link.url,
            f"says {said} on another host" + ("" if kin else ", of another place perhaps"),
            score if kin else score - 40,
        )

    def _among_friends(self, element: Element) -> bool:
        for ancestor in element.iterancestors():
            if ancestor.tag == "select" or (
                ancestor.tag in ("div", "ul", "td", "dl", "section") and _FRIENDS.search(text_of(ancestor, 40)[:40])
            ):
                return True
            if ancestor.tag in ("body", "html"):
                return False
        return False

    # ------------------------------------------------------------ the page as a list

    def units(self, own: frozenset[str]) -> int:
        """How many agencies or townships the page lists, where they are many."""
        named = {
            link.url
            for link in self.links
            if is_agency(squeeze(link.text))
            and bare_host(host_of(link.url)) in own
            and shape(link.url) not in (Shape.ARTICLE, Shape.DOCUMENT)
        }
        return len(named) if len(named) >= LISTED_UNITS else 0

    def directory(self, own: frozenset[str]) -> list[Step]:
        """The pages of the agencies a page of disclosure is a directory of: each keeps a column of its own there."""
        if not self.depth or not self.is_disclosure:
            return []
        alike: dict[str, dict[str, Step]] = defaultdict(dict)
        elsewhere: dict[str, Step] = {}  # on hosts of their own, which the registry gives this portal
        for link in self.links:
            said = squeeze(link.text)
            if (
                is_agency(said)
                and bare_host(host_of(link.url)) in own
                and shape(link.url) not in (Shape.ARTICLE, Shape.DOCUMENT)
                and identity(link.url) != identity(self.response.url)
            ):
                here = bare_host(host_of(link.url)) == bare_host(host_of(self.response.url))
                found = alike[_cast(link.url)] if here else elsewhere
                found.setdefault(identity(link.url), Step(link.url, f"units: {said}", 58))
        most = max(alike.values(), key=len, default={})
        return [*(most.values() if len(most) >= ALIKE_UNITS else ()), *elsewhere.values()]

    def lists_reports(self) -> Candidate | None:
        """The page as a column because reports are listed on it and no link leads to a column."""
        needed = LISTED_REPORTS if self.depth else 4
        if self.reports < needed:
            return None
        return Candidate(
            self.response.url, self.heading or self.response.url, 70, f"lists {self.reports} reports itself"
        )


def _tree_node(script: str) -> str | None:
    """The annual-report node of a category tree in the page (gkmlpt's ``_CONFIG.TREE``); the platform reads it."""
    start = re.search(r"['\"]?TREE['\"]?\s*:\s*(?=\[)", script)
    if start is None or "_CONFIG" not in script:
        return None
    waiting = [scripts.literal_at(script, start.end())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            name = squeeze(str(node.get("name") or node.get("title") or ""))
            if is_annual_name(name):
                return name
            waiting += [value for value in node.values() if isinstance(value, list)]
    return None


def _cast(url: str) -> str:
    """The address without what tells one unit's page from another's: its numbers and one step of its path."""
    parts = urlsplit(url)
    steps_ = [step for step in parts.path.split("/") if step]
    names = re.sub(r"\d+", "#", re.sub(r"=[^&]*", "=", parts.query))
    folder = "" if parts.path.endswith("/") else steps_[-1] if steps_ and len(steps_) > 1 else ""
    return f"{bare_host(host_of(url))}/{len(steps_)}/{re.sub('[0-9]+', '#', folder)}?{names}"


def _is_heading(said: str) -> bool:
    return len(said) <= 30


def meta(root: Element, name: str) -> str:
    for tag in root.iter("meta"):
        if (tag.get("name") or "").strip().lower() == name.lower():
            return (tag.get("content") or "").strip()
    return ""


def _place_labels(host: str) -> set[str]:
    """The labels of a gov.cn host that name a place: ``zfxxgk.jinyun.gov.cn`` → jinyun."""
    labels = bare_host(host.partition(":")[0]).split(".")[:-2]
    return {
        part for part in labels if part not in ("www", "zfxxgk", "xxgk", "zwgk", "gk", "gkml", "zw", "zfwz", "wap", "m")
    }
