"""Discovery: from a portal's home page alone to its annual-report columns.

The way is 首页 → 政府信息公开 → 政府信息公开年报. ``steps`` reads one page of it and says which links are columns,
which lead on, which lead to another host of the government, and which it could not decide. It fetches nothing; the
spider follows the steps, best first, within its bounds.

A link is a column by what it says (政府信息公开年报, 部门年报 in the right company), by the slug of its address
(``/zfxxgknb/``) or because the page calls itself one (``ColumnName``). Other yearly reports of a government
(网站年度报表, 法治政府, 财政, 统计, 环境, 企业年报公示 …) are no columns and lead to none.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from crawler.items import Portal
from crawler.urls import bare_host, host_of, identity
from spiders.platforms import scripts
from spiders.platforms.addresses import Shape, deeper, resolve, shape
from spiders.platforms.chrome import text_of
from spiders.platforms.links import html_of
from spiders.platforms.lonsun import lists_units
from spiders.platforms.names import GENERIC, MORE, is_agency, label, squeeze, year_in
from spiders.registry import own_hosts

MAX_DEPTH = 3  # levels below the home page that are looked at
MAX_STEPS = (10, 10, 6)  # steps taken from one page, by its depth
MAX_UNITS = 100  # agencies of one directory whose own pages are looked at
ALIKE_UNITS = 3  # agencies at addresses of one shape that make a page of disclosure a directory of them
LISTED_UNITS = 5  # agencies on one page that make it a directory of them
LISTED_REPORTS = 2  # report titles on one page that make it a column itself

Element = Any  # an lxml element


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that is taken for an annual-report column."""

    url: str
    title: str
    score: int  # 0–100; 60 and more is a column
    why: str
    report_year: int | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A page to be looked at on the way."""

    url: str
    why: str
    score: int
    deeper: bool = True  # a splash page's way on leads to the same level: to what the home page really is


@dataclass(frozen=True, slots=True)
class Findings:
    """What one page says about where the annual reports are."""

    columns: tuple[Candidate, ...] = ()
    follow: tuple[Step, ...] = ()  # best first
    undecided: tuple[str, ...] = ()  # for a person to look at
    foreign: tuple[Step, ...] = ()  # on hosts the registry does not give this portal: never followed, to be added


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    text: str
    element: Element
    from_script: bool = False
    sent_on: bool = False


# ---------------------------------------------------------------- what words and addresses say

_SPACES = re.compile(r"[\s\u3000\xa0]+")
_BRACKETS = re.compile(r"[\[\]【】（）()〔〕《》<>〈〉“”\"'|·•>»›:：]+")
# A column of annual reports on information disclosure, whatever stands before it.
_ANNUAL = re.compile(
    r"公开(?:工作)?(?:情况)?的?(?:\d{4})?(?:年度|年)?(?:工作)?(?:情况)?(?:总结)?(?:报告|年报|年度报表)|"
    r"公开(?:工作)?年报|信息公开年(?:度)?报"
)
_BARE_ANNUAL = re.compile(
    r"(?:历年|历史|往年)?的?(?:工作)?(?:年报|年度报告|年度工作报告|工作年度报告|年度报告书|年报公开)(?:栏目|专栏)?|"
    r"(?:19|20)\d{2}年?(?:度(?:工作)?报告|年?报|年度报告)"
)
_DISCLOSURE_SLUG = re.compile(
    r"(?:^|[/_=-])(?:zf)?(?:xxgk|xxgkgz|gkgz|gk|zwgk|zwxxgk|bmxxgk|szfxxgk)\w{0,4}?"
    r"(?:nb|ndbg|ndgb|ndgzbg|gzndbg|gznb|gzbg|nianbao|nb\d{4})(?:_?\d+)?(?=[/._?&-]|$)|zfxxgk\w{0,3}(?:nb|ndbg|ndgzbg|gzndbg)",
    re.I,
)
_ANNUAL_SLUG = re.compile(
    r"(?:^|[/_=-])(?:nb|ndbg|ndgb|nianbao|niandubaogao|gknb\d*|\d{4}nb|nb_?\d{4}|bmnb)(?:_?\d+)?(?=[/._?&-]|$)", re.I
)
_GK_SLUG = re.compile(r"xxgk|zwgk|gkml|(?:^|[/_.-])gk(?:[/_.-]|$)|gongkai|gkmlpt|opengov|openinfo", re.I)
_DECOY = re.compile(
    r"网站.{0,6}(?:年度|工作|监管)?.{0,4}(?:报表|年报)|(?:监管|政府网站).{0,4}(?:年度)?报表|法治|依法行政|财政|预算|决算|统计|环境|环保|生态|企业|公司|市场主体|"
    r"个体|工商|事业单位法人|法人|社会组织|民办|慈善|基金|上市|质量|食品|药品|安全生产|知识产权|专利|审计|司法|检察|法院|廉政|党风|政府工作报告|"
    r"年鉴|年检|填报|申报|报送|登录|查询系统|公示系统|信用|绩效|民生|经济|水资源|国土|地质|气象|卫生统计|教育质量|就业质量|住房公积金|公积金|"
    r"解读|图解|要点|自查|自评|制度|指南|规定|办法|通知|格式|模板|意见|考核|评估|培训|招聘|述职|履职|建议|提案|信访"
)
# What no department's name explains; 统计局年报 is a department's column, 统计年报 is not.
_NEVER = re.compile(
    r"网站|报表|解读|图解|制度|指南|要点|通知|规定|办法|自查|自评|考核|评估|格式|模板|法治|依法行政|预算|决算|事业单位|法人|"
    r"(?:企业|公司|工商|环境|统计|财政|公积金|质量|信用)(?:信息)?(?:年报|年度报告)|公示|填报|申报|报送|查询|年鉴|年检"
)
_MENU_COMPANY = re.compile(r"(?:公开)?(?:指南|制度)|依申请公开|法定主动公开|公开目录|主动公开")
_DISCLOSURE = re.compile(r"(?:政府|政务)信息公开|信息公开|政务公开")
_EXACT = (
    (re.compile(r"(?:政府信息公开|信息公开)(?:专栏|平台|网|专题|栏目|频道|首页|主页|系统|门户)?"), 95),
    (re.compile(r".{0,14}?(?:政府信息公开|信息公开)(?:专栏|平台|网|专题|栏目)"), 88),
    (re.compile(r"政务公开(?:专栏|平台|网|频道|栏目)?|政府公开"), 80),
    (re.compile(r"(?:法定)?主动公开(?:内容|目录|信息)?|(?:政府)?(?:信息)?公开(?:目录|内容|总目录)|公开"), 70),
    (re.compile(r".{2,14}(?:政府|市|县|区|旗|州|盟|本级)(?:政府)?信息公开(?:目录)?"), 66),
    (re.compile(r"公开(?:工作|事项|信息|栏目)|信息公开(?:工作|事项|栏目|总览|索引)"), 55),
)
_UNITS = re.compile(
    r"(?:各|市|县|区|政府|市直|县直|区直|直属|基层|重点|领域)*"
    r"(?:部门|单位|乡镇|镇街|街镇|街道|镇乡|县区|区县|县市|县市区|乡镇街道|街道乡镇|园区|开发区|委办局)+"
    r"(?:政府)?(?:政务|信息|政府信息)?公开(?:目录|平台|专栏|信息|内容)?"
)
_NO_STEP = re.compile(
    r"指南|制度|依申请|申请公开|意见|投诉|举报|公示|招标|采购|招聘|人事|任免|解读|要点|新闻|公告|通知|法规|规章|规范性|文件库|政策|预决算|"
    r"重点领域|双公开|五公开|试点|标准化|规范化|权责|权力|许可|处罚|收费|应急|统计|规划|会议|实施方案|培训|考核|第三方|评估|查询|检索|登记"
)
_FRIENDS = re.compile(r"友情链接|网站链接|相关链接|网站群|站群|市州网站|区县网站|政府网站")
_GOVERNMENT = re.compile(r"(?:^|\.)gov\.cn(?::\d+)?$")
_ENTERS = re.compile(r"进入|跳过|点击|首页|主页|skip|enter|home", re.I)  # what stands on the one link of a splash page
_PLAIN_TARGET = re.compile(
    r"""(?:window|self|top|document|parent)?\.?location(?:\s*\.\s*href)?\s*=(?!=)\s*(['"])([^'"]+)\1"""
    r"""|location\s*\.\s*(?:replace|assign)\s*\(\s*(['"])([^'"]+)\3"""
)


def steps(response: TextResponse, portal: Portal, depth: int) -> Findings:
    """What a page at ``depth`` below the home page (0) says about the portal's annual-report columns.

    Steps are sorted, best first, and already bounded; at ``depth`` 3 only the units of a directory are
    looked at, deeper nothing is.
    """
    base = _base(response)
    root = html_of(response.text)
    page = _Page(response, root, base, depth)
    own = own_hosts(portal)
    if itself := page.itself():
        return Findings(columns=(itself,))
    candidates: dict[str, Candidate] = {}
    following: dict[str, Step] = {}
    foreign: dict[str, Step] = {}
    undecided: list[str] = []
    for link in page.links:
        try:
            place = identity(link.url)
        except ValueError:
            continue
        candidate = page.candidate(link)
        if bare_host(host_of(link.url)) not in own:
            if found := page.foreign(link, candidate, own):
                _keep(foreign, place, found)
            continue
        if candidate is not None and candidate.score >= 60:
            _keep(candidates, place, candidate)
        elif candidate is not None:
            undecided.append(f"{candidate.title} ({candidate.url}): {candidate.why}")
        elif step := page.step(link):
            _keep(following, place, replace(step, deeper=not link.sent_on))
    if not candidates and (listed := page.lists_reports()):
        candidates[identity(listed.url)] = listed
    directory = page.directory(own)
    if units := page.units(own) if not candidates and not directory and depth else 0:
        undecided.append(f"{units} units that may have columns of their own: {response.url}")
    if not candidates and page.reports == 1 and depth:
        undecided.append(f"one report but no column: {response.url}")
    here = identity(response.url)
    columns = _roots(candidates.values())
    follow: list[Step] = []
    if depth < MAX_DEPTH:
        passed = {place for place in following if place == here or place in candidates}
        ranked = sorted((s for p, s in following.items() if p not in passed), key=lambda s: -s.score)
        if any(c.score >= 90 for c in columns) and depth:
            ranked = [s for s in ranked if s.why.startswith("units")]
        follow = ranked[: MAX_STEPS[depth]]
        undecided += [f"not looked at, too many ways: {s.url}" for s in ranked[MAX_STEPS[depth] :] if s.score >= 66]
    if depth <= MAX_DEPTH:
        taken = {here, *candidates, *(identity(step.url) for step in follow)}
        ways = [step for step in directory if identity(step.url) not in taken]
        follow += ways[:MAX_UNITS]
        undecided += [f"not looked at, too many units: {step.url}" for step in ways[MAX_UNITS:]]
    return Findings(
        columns,
        tuple(follow),
        tuple(dict.fromkeys(undecided)),
        tuple(sorted(foreign.values(), key=lambda s: -s.score)),
    )


def _base(response: TextResponse) -> str:
    """What the page's links are relative to; a ``<base>`` that is no address is passed over."""
    try:
        return get_base_url(response)
    except ValueError:
        return response.url


def _keep(found: dict[str, Any], place: str, new: Any) -> None:
    if place not in found or found[place].score < new.score:
        found[place] = new


def _roots(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The candidates without those inside another one's own area: a root's sub-columns are found from the root."""
    ranked = sorted(candidates, key=lambda c: -c.score)
    return tuple(
        c
        for c in ranked
        if not any(
            other is not c and other.agency is None and other.report_year is None and deeper(c.url, other.url)
            for other in ranked
        )
    )


class _Page:
    """One page on the way, read once."""

    def __init__(self, response: TextResponse, root: Element, base: str, depth: int) -> None:
        self.response, self.root, self.base, self.depth = response, root, base, depth
        self.script = scripts.of(root)
        self.reports = 0
        self.links = self._unique(_links(root, base, self.script, response.text))
        company = {kind for link in self.links for kind in _MENU_COMPANY.findall(_said(link.text))}
        # 指南 | 制度 | 法定主动公开内容 | 年报 | 依申请公开: the standard platform's tabs stand together.
        self.is_disclosure = (
            len(company) >= 2
            or bool(_GK_SLUG.search(urlsplit(response.url).path) and depth)
            or bool(_DISCLOSURE.search(self.heading))
        )

    @staticmethod
    def _unique(found: Iterable[_Link]) -> list[_Link]:
        """The links, each address with its best text."""
        best: dict[str, _Link] = {}
        for link in found:
            known = best.get(link.url)
            if known is None or (_weight(link.text), len(link.text)) > (_weight(known.text), len(known.text)):
                best[link.url] = link
        return list(best.values())

    @property
    def heading(self) -> str:
        """How the page calls itself: title, column meta, breadcrumb."""
        title = "".join(self.root.xpath("//title[1]//text()")[:1])
        return _said(f"{_meta(self.root, 'ColumnName')} {_meta(self.root, 'ColumnType')} {title}")

    def itself(self) -> Candidate | None:
        """The page as a column, where it says so."""
        if _meta(self.root, "ArticleTitle") or shape(self.response.url) in (Shape.ARTICLE, Shape.DOCUMENT):
            return None
        for name in ("ColumnName", "ColumnType"):
            said = _said(_meta(self.root, name))
            if said and _ANNUAL.search(said) and not _DECOY.search(said):
                named = label(_meta(self.root, name))
                return Candidate(
                    self.response.url, squeeze(_meta(self.root, name)), 100, f"{name} {said}", named.year, named.agency
                )
        if lists_units(self.response.url):
            return Candidate(self.response.url, self.heading or self.response.url, 95, "LonSun's list of all units")
        if node := _tree_node(self.script):
            return Candidate(self.response.url, node, 95, f"category tree with {node}")
        if not self.depth:
            return None
        trail = self._trail()
        if trail and _is_annual_name(trail[-1]) and any(_DISCLOSURE.search(part) for part in trail):
            named = label(trail[-1])
            return Candidate(
                self.response.url, trail[-1], 90, f"breadcrumb {' > '.join(trail)}", named.year, named.agency
            )
        title = squeeze("".join(self.root.xpath("//title[1]//text()")[:1]))
        first = re.split(r"\s*[-_|–—]\s*", title)[0]
        if _ANNUAL.search(_said(first)) and not _DECOY.search(_said(first)) and year_in(first) is None:
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

    def candidate(self, link: _Link) -> Candidate | None:
        """The link as a column; below 60 it is for a person to decide; ``None`` where it is none."""
        said = _said(link.text)
        kind = shape(link.url)
        named = label(link.text)
        address = unquote(urlsplit(link.url).path + "?" + urlsplit(link.url).query)
        slug = bool(_DISCLOSURE_SLUG.search(address))
        weak_slug = slug or bool(_ANNUAL_SLUG.search(address))
        if kind in (Shape.ARTICLE, Shape.DOCUMENT):
            if _ANNUAL.search(said) and not _DECOY.search(said):
                self.reports += 1
            return None
        if not said or (GENERIC.match(link.text) and not _BARE_ANNUAL.fullmatch(said)) or MORE.match(link.text):
            near = self._caption(link.element)
            if near and _ANNUAL.search(near) and not self._is_decoy(near):
                return self._found(link, near, 92, f"headed {near}")
            if slug:
                return self._found(link, said or near or "", 70, "slug")
            return None
        if self._is_decoy(said):
            if slug and not re.search(r"网站|指南|制度|解读|法治|要点", said):
                return self._found(link, said, 40, f"slug of annual reports, but says {said}")
            return None
        if _ANNUAL.search(said) and len(said) <= 40:
            if named.year is not None and _names_one_report(said) and not slug and kind is Shape.UNKNOWN:
                self.reports += 1
                return None
            return self._found(link, said, 100 if named.year is None else 85, f"says {said}")
        if _BARE_ANNUAL.fullmatch(said) or (named.report and named.bare and not _DISCLOSURE.search(said)):
            if slug:
                return self._found(link, said, 95, f"says {said}, slug")
            if self.is_disclosure or self._in_menu(link) or (weak_slug and _GK_SLUG.search(address)):
                return self._found(link, said, 90, f"says {said} among disclosure links")
            return self._found(link, said, 40, "an annual report, of what is not said")
        if slug and (named.bare or not _DISCLOSURE.search(said) or len(said) <= 12):
            if _NO_STEP.search(said) or _UNITS.fullmatch(said):
                return None
            return self._found(link, said, 75, "slug")
        if weak_slug and named.bare and self.is_disclosure:
            return self._found(link, said, 65, "slug among disclosure links")
        return None

    def _is_decoy(self, said: str) -> bool:
        """Another kind of report. A department may carry such a word in its name: 统计局年报 is a column."""
        found = _DECOY.search(said)
        if found is None:
            return False
        rest = re.sub(r"(?:政府|政务)?(?:信息公开)(?:工作)?(?:年度|年)?(?:工作)?(?:报告|年报)|年报|年度报告", "", said)
        if _NEVER.search(said):
            return True
        return not (
            is_agency(rest) or (_ANNUAL.search(said) and re.search(r"局|委|办|厅|院|中心|公司|银行|部门", rest))
        )

    def _found(self, link: _Link, said: str, score: int, why: str) -> Candidate:
        named = label(link.text)
        return Candidate(link.url, squeeze(link.text) or said, score, why, named.year, named.agency)

    def _in_menu(self, link: _Link) -> bool:
        """Whether the disclosure menu's other tabs stand beside it."""
        element = link.element
        for _ in range(4):
            element = element.getparent() if element is not None else None
            if element is None:
                return False
            text = _said(text_of(element, 400))
            if len(text) > 300:
                return False
            if len(set(_MENU_COMPANY.findall(text))) >= 2:
                return True
        return False

    def _caption(self, element: Element) -> str:
        """What stands over a link that says nothing (更多, an image): the text of the nearest block around it."""
        for _ in range(3):
            element = element.getparent() if element is not None else None
            if element is None or element.tag in ("body", "html"):
                return ""
            text = re.sub(r"(?:查看)?更多|more|>+|»", "", text_of(element, 60), flags=re.I)
            if said := _said(text):
                return said if len(said) <= 24 else ""
        return ""

    def step(self, link: _Link) -> Step | None:
        """The link as a way on."""
        said = _said(link.text)
        if shape(link.url) in (Shape.ARTICLE, Shape.DOCUMENT):
            return None
        if not said or MORE.match(link.text):
            said = self._caption(link.element)
        if said and not _is_heading(said):
            return None
        if said and _UNITS.fullmatch(said):
            return Step(link.url, f"units: {said}", 60)
        if said and _NO_STEP.search(said):
            return None
        for pattern, score in _EXACT:
            if said and pattern.fullmatch(said):
                return Step(link.url, f"says {said}", score)
        path = urlsplit(link.url).path
        if said and _DISCLOSURE.search(said) and len(said) <= 14 and not _DECOY.search(said):
            return Step(link.url, f"says {said}", 50)
        if not said and _GK_SLUG.search(path):
            return Step(link.url, "slug", 45)
        if (
            self.depth == 0
            and re.search(r"/gkmlpt/index|/(?:zf)?xxgk(?:pt|ml|zl)?/?(?:index\.\w+)?$", path, re.I)
            and said
            and len(said) <= 8
        ):
            return Step(link.url, f"slug, says {said}", 48)
        return None

    def foreign(self, link: _Link, candidate: Candidate | None, own: frozenset[str]) -> Step | None:
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


def _links(root: Element, base: str, script: str, html: str) -> Iterator[_Link]:
    for element in root.iter("a", "area", "frame", "iframe", "option", "li", "td", "div", "span", "meta"):
        tag = element.tag
        if tag in ("a", "area"):
            url = resolve(base, element.get("href"), element.get("onclick")) or resolve(
                base, element.get("data-href") or element.get("data-url")
            )
        elif tag in ("frame", "iframe"):
            url = resolve(base, element.get("src"))
        elif tag == "option":
            value = element.get("value") or ""
            url = resolve(base, value) if re.search(r"^https?:|/", value) else None
        elif tag == "meta":
            continue
        elif element.find(".//a[@href]") is None:
            url = resolve(base, element.get("data-url") or element.get("data-href"), element.get("onclick"))
        else:
            continue
        if url is None:
            continue
        if tag in ("frame", "iframe"):
            yield _Link(url, _frame_text(element, root), element)
        else:
            yield _Link(url, _text(element), element)
    for target in _sent_on(root, script):
        if url := resolve(base, target):
            yield _Link(
                url, "政府信息公开" if _GK_SLUG.search(url) else "信息公开首页", root, from_script=True, sent_on=True
            )
    for text, href in _in_scripts(root):
        if url := resolve(base, href):
            yield _Link(url, text, root, from_script=True)


def _frame_text(element: Element, root: Element) -> str:
    """A frame is a way on where it is the page, or says that it is about disclosure."""
    said = squeeze(element.get("title") or element.get("name") or "")
    if _DISCLOSURE.search(said) or _ANNUAL.search(_said(said)):
        return said
    if element.tag == "frame" or len(text_of(root, 400)) < 200 or _GK_SLUG.search(element.get("src") or ""):
        return "信息公开"
    return ""


def _sent_on(root: Element, script: str) -> Iterator[str]:
    """Where a page of next to no words sends its reader."""
    visible = squeeze("".join(root.xpath("//body//text()[not(ancestor::script) and not(ancestor::style)]"))[:400])
    if len(visible) > 60 or root.xpath("//body//a[@href]")[3:]:
        return
    for tag in root.iter("meta"):
        if (tag.get("http-equiv") or "").lower() == "refresh" and (
            found := re.search(r"url\s*=\s*['\"]?([^'\"]+)", tag.get("content") or "", re.I)
        ):
            yield found[1].strip()
    for found in _PLAIN_TARGET.finditer(script):
        yield found[2] or found[4]
    for link in root.xpath("//body//a | //body//area"):
        said = _said(_text(link))
        if not said or _ENTERS.search(said):
            yield link.get("href") or ""


_ANCHOR_IN_SCRIPT = re.compile(r"<a\b[^<>]*?href\s*=\s*\\?[\"']([^\"'\\<>]+)\\?[\"'][^<>]*>([^<>]{2,60})<", re.I)
_OBJECT = re.compile(r"\{[^{}]{0,500}")
_OBJECT_TEXT = re.compile(
    r"[\"']?(?:name|title|text|label|channelName|columnName|cname)[\"']?\s*:\s*([\"'])((?:(?!\1).){2,40})\1", re.I
)
_OBJECT_ADDRESS = re.compile(
    r"[\"']?(?:url|href|link|path|jump_url|linkUrl|channelUrl)[\"']?\s*:\s*([\"'])((?:(?!\1).)+)\1", re.I
)
_PAIR = re.compile(r"([\"'])([^\"'<>]{2,40})\1\s*,\s*([\"'])((?:https?:/|\.{1,2})?/[^\"'<>\s]+)\3")


def _in_scripts(root: Element) -> Iterator[tuple[str, str]]:
    """Menu entries in plain script: written anchors, objects with a name and an address, pairs of arguments."""
    script = scripts.of(root)
    if not script:
        return
    script = script[:500_000].replace("\\/", "/")
    if "\\u" in script:
        script = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), script)
    if not re.search(r"公开|年报|年度报告", script):
        return
    for href, text in _ANCHOR_IN_SCRIPT.findall(script):
        yield squeeze(text), href
    for found in _OBJECT.finditer(script):
        text, address = _OBJECT_TEXT.search(found[0]), _OBJECT_ADDRESS.search(found[0])
        if text and address:
            yield squeeze(text[2]), address[2]
    for _, text, _, href in _PAIR.findall(script):
        if re.search(r"公开|年报|年度报告", text):
            yield squeeze(text), href


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
            if _is_annual_name(name):
                return name
            waiting += [value for value in node.values() if isinstance(value, list)]
    return None


def _is_annual_name(text: str) -> bool:
    said = _said(text)
    if _DECOY.search(said):
        return False
    return bool((_ANNUAL.search(said) and len(said) <= 30) or _BARE_ANNUAL.fullmatch(said))


def _names_one_report(said: str) -> bool:
    """A report's whole title (某县2020年政府信息公开工作年度报告) rather than a year's column (2020年信息公开年报)."""
    return bool(
        re.search(r"报告$", said)
        and re.search(r"[\u4e00-\u9fff]{3,}\d{4}年|\d{4}年度?[\u4e00-\u9fff]{2,}(?:局|委|办|政府|镇|乡|街道)", said)
    )


def _cast(url: str) -> str:
    """The address without what tells one unit's page from another's: its numbers and one step of its path."""
    parts = urlsplit(url)
    steps_ = [step for step in parts.path.split("/") if step]
    names = re.sub(r"\d+", "#", re.sub(r"=[^&]*", "=", parts.query))
    folder = "" if parts.path.endswith("/") else steps_[-1] if steps_ and len(steps_) > 1 else ""
    return f"{bare_host(host_of(url))}/{len(steps_)}/{re.sub('[0-9]+', '#', folder)}?{names}"


def _is_heading(said: str) -> bool:
    return len(said) <= 30


def _said(text: str) -> str:
    """A text without spaces, brackets and arrows."""
    return _BRACKETS.sub("", _SPACES.sub("", text))


def _weight(text: str) -> int:
    said = _said(text)
    return 2 if _ANNUAL.search(said) or _BARE_ANNUAL.fullmatch(said) else 1 if _DISCLOSURE.search(said) else 0


def _text(element: Element) -> str:
    """What a link says: its text, its title, the alternative text of its image."""
    text = squeeze("".join(piece for piece in element.itertext()))
    hint = squeeze(element.get("title") or element.get("alt") or "")
    if not text or MORE.match(text):
        images = (image.get("alt") or image.get("title") or "" for image in element.iter("img"))
        hint = hint or squeeze(next((said for said in images if said), ""))
        return hint or text
    if hint and ((len(hint) > len(text) and text.rstrip(".…")[:4] in hint) or _weight(hint) > _weight(text)):
        return hint
    return text


def _meta(root: Element, name: str) -> str:
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


# ---------------------------------------------------------------- what becomes of the findings


def moved_column(old_url: str, candidates: Sequence[Candidate], title: str | None = None) -> Candidate | None:
    """Where a column that answers no more has gone: the one candidate like it, ``None`` where none or several are.

    Likeness is the title it had, the last named step of its address, its year and agency. The old address belongs into
    the entry's ``former_columns``.
    """
    wanted = label(title or "")
    slug = _slug(old_url)
    ranked: list[tuple[int, Candidate]] = []
    for candidate in candidates:
        if identity(candidate.url) == identity(old_url):
            continue
        likeness = 0
        if title and _said(candidate.title) == _said(title):
            likeness += 4
        if slug and _slug(candidate.url) == slug:
            likeness += 3
        if title and (candidate.report_year, candidate.agency) != (wanted.year, wanted.agency):
            continue
        if not title and (candidate.report_year or candidate.agency):
            continue
        ranked.append((likeness * 100 + candidate.score, candidate))
    ranked.sort(key=lambda pair: -pair[0])
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    best, candidate = ranked[0]
    if best < 100 and len(ranked) > 1:
        return None  # several columns and nothing that ties one of them to the old one
    return candidate


def _slug(url: str) -> str:
    """The last step of the path that is a name, without the number a move appends (``zfxxgknb_2954``)."""
    named = [
        part
        for part in unquote(urlsplit(url).path).split("/")
        if re.match(r"[a-z]{2,}", part, re.I) and "." not in part
    ]
    return re.sub(r"_?\d+$", "", named[-1].lower()) if named else ""


def entry_toml(portal: Portal, columns: Sequence[Candidate], platform: str | None, found_on: date) -> str:
    """The portal as a registry entry with the columns found for it."""
    lines = ["[[portal]]", *(f"{key} = {_toml(getattr(portal, key))}" for key in ("key", "name", "division", "home"))]
    urls = list(dict.fromkeys(column.url for column in columns))
    if len(urls) > 1:
        lines += ["columns = [", *(f"    {_toml(url)},  # {_comment(_title_of(url, columns))}" for url in urls), "]"]
    else:
        lines.append(f"columns = [{', '.join(map(_toml, urls))}]")
    if platform or portal.platform:
        lines.append(f"platform = {_toml(platform or portal.platform)}")
    if portal.min_reports:
        lines.append(f"min_reports = {portal.min_reports}")
    if portal.delay is not None:
        lines.append(f"delay = {portal.delay}")
    if portal.hosts:
        lines.append(f"hosts = [{', '.join(map(_toml, portal.hosts))}]")
    if portal.browser:
        lines.append("browser = true")
    lines.append(f"verified = {found_on.isoformat()}")
    dropped = [url for url in portal.columns if url not in urls]
    if dropped and urls:
        lines.append(f"former_columns = [{', '.join(map(_toml, dropped))}]")
    return "\n".join(lines) + "\n"


def _title_of(url: str, columns: Iterable[Candidate]) -> str:
    return next(column.title for column in columns if column.url == url)


def _comment(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
