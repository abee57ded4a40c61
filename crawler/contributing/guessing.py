"""A portal's name, division and key, guessed from what its home page says; every guess with its reason.

Portals print a 网站标识码 of ten digits, of which six are the division of whoever runs the site, and carry it with their
name in ``<meta>`` (国办发〔2017〕47号, annex). Public lists give one code to two sites now and then: where name and code
disagree, the name decides and the disagreement is told.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy.http import TextResponse

from crawler.errors import UsageError
from crawler.urls import bare_host
from spiders import divisions

# Labels of a host that name a service rather than a place or an agency.
SERVICES = frozenset(
    {"www", "zfxxgk", "xxgk", "zwgk", "gk", "gkml", "zw", "zfwz", "wap", "m", "portal", "web", "xxgkml"}
)  # fmt: skip
PUBLIC_SUFFIX = re.compile(r"\.(?:gov\.cn|gov|org\.cn|com\.cn|net\.cn|cn|com|net|org)$")
NO_PLACES = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
# What stands around the name in a title: 欢迎访问青田县人民政府门户网站-首页.
_BEFORE = re.compile(r"^(?:欢迎(?:您)?(?:访问|光临|进入|来到)?|首页|网站首页|主页)[\s\-_—|·：:]*")
_AFTER = re.compile(
    r"[\s\-_—|·：:]*(?:首页|网站首页|主页)$|"
    r"[\s\-_—|·]*(?:(?:政务)?(?:门户|官方)?(?:网站|官网|网)(?:群|平台)?|门户|信息公开(?:专栏|平台|目录)?)$"
)
_IDENTIFICATION = re.compile(r"网站标识码\s*[:：]?\s*(?:</?\w[^>]*>\s*)*([0-9]{10})(?![0-9])")
_SPONSOR = re.compile(r"主办(?:单位)?\s*[:：]\s*([\u4e00-\u9fff]{4,30})")
_AUTHORITY = re.compile(r"(?:政府|公署|管委会|委员会|局|厅|办公室|委|署|院|中心|集团|大学|学院|学校)$")


@dataclass(frozen=True, slots=True)
class Guess:
    """A value and what it was guessed from."""

    value: str
    why: str
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class _Division:
    code: str
    name: str


def name_of(page: TextResponse) -> Guess | None:
    """Whose portal a home page says it is: the first that is named as an authority is; else what the page is called."""
    title = page.xpath("string(//title)").get() or ""
    said = [
        (_meta(page, "SiteName"), "meta SiteName of the home page"),
        *((piece, "title of the home page") for piece in re.split(r"[-_—|–]", title)),
        *((found[1], "主办 on the home page") for found in _SPONSOR.finditer(_text(page))),
    ]
    names = [(name, why) for text, why in said if (name := _trimmed(text))]
    for name, why in names:
        if _AUTHORITY.search(name):
            return Guess(name, why)
    return Guess(*names[0], "it is not the name of an authority") if names else None


def division_of(name: str, page: TextResponse | None, host: str, province: str | None = None) -> Guess:
    """The GB/T 2260 code of a portal's division, within ``province`` (two digits) where that is known.

    Raises ``UsageError`` where nothing says it, or several divisions of that name are left.
    """
    stated = _stated(page) if page is not None else None
    if stated and province and not stated.startswith(province):
        stated = None
    named = _named(name, province)
    if len(named) > 1 and stated:
        named = [d for d in named if d.code == stated] or [d for d in named if d.code[:4] == stated[:4]] or named
    if len(named) > 1 and page is not None:
        named = _by_company(named, _text(page))
    if len(named) == 1:
        code, called = named[0].code, named[0].name
        doubt = f"its 网站标识码 says {_said(stated)}" if stated and stated != code else None
        return Guess(code, f"{called} in its name", doubt)
    if stated:
        return Guess(stated, "网站标识码 on the home page", _unlike(stated, name))
    if named:
        raise UsageError(
            f"several divisions are called as {name} is: {', '.join(_said(d.code) for d in named)}; "
            "say --division CODE or --province P"
        )
    for label in _labels(host):
        try:
            code = f"{divisions.province_of(label)}0000"
        except UsageError:
            continue
        if len(label) > 2 and province in (None, code[:2]):
            return Guess(code, f"{label} in its address", "only the province is known: name the county")
    raise UsageError(f"nothing says in which division {name} lies; say --division CODE (spiders/data/divisions.tsv)")


def key_of(host: str, division: str, taken: Iterable[str]) -> Guess:
    """A key that is free: the place and agency of the host's name, the division's code where it has none."""
    labels = _labels(host)
    key = re.sub(r"[^a-z0-9-]", "", "-".join(reversed(labels))).strip("-") if labels else ""
    why = f"{host}" if key else "the division's code: the address has no name"
    key = key or division
    taken = set(taken)
    if key in taken:
        key = next(f"{key}-{number}" for number in range(2, 1000) if f"{key}-{number}" not in taken)
        why += "; the shorter one is taken"
    return Guess(key, why)


def provisional_division(host: str, province: str | None) -> str:
    """Where a portal is put while nothing of it has been read."""
    if province:
        return f"{province}0000"
    for label in _labels(host):
        try:
            return f"{divisions.province_of(label)}0000"
        except UsageError:
            continue
    return "110000"


def _labels(host: str) -> list[str]:
    """The labels of a host that name places and agencies: ``scj.qingtian.gov.cn`` → scj, qingtian."""
    name = urlsplit(f"http://{bare_host(host)}").hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        stem = PUBLIC_SUFFIX.sub("", name)
        return [] if stem == "localhost" else [label for label in stem.split(".") if label not in SERVICES]
    return []


def _meta(page: TextResponse, name: str) -> str:
    lower = "translate(@name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
    return (page.xpath(f"//meta[{lower} = $name]/@content", name=name.lower()).get() or "").strip()


def _stated(page: TextResponse) -> str | None:
    """The division in the site's identification code, the one in use today."""
    code = _meta(page, "SiteIDCode")
    if not re.fullmatch(r"[0-9]{10}", code):
        found = _IDENTIFICATION.search(page.text)
        code = found[1] if found else ""
    if not code or code[:2] not in divisions.provinces():
        return None
    known = divisions.table().get(code[:6])
    return known.now if known and known.now else code[:6]


def _named(name: str, province: str | None) -> list[_Division]:
    """The most special divisions whose names stand in a portal's name, those above them taken into account."""
    found = [
        _Division(d.code, d.name)
        for d in divisions.table().values()
        if d.name in name and d.name not in NO_PLACES and d.now is None and province in (None, d.code[:2])
    ]
    if not found:
        found = [
            _Division(d.code, d.name)
            for d in divisions.provinces().values()
            if divisions.short_name(d.name) in name[:4] and province in (None, d.code[:2])
        ]
    inside = [d for d in found if not any(d.name != o.name and d.name in o.name for o in found)]
    last = max((_level(d.code) for d in inside), default=0)
    deepest = [d for d in inside if _level(d.code) == last]
    above = {d.code for d in inside if _level(d.code) < last}
    placed = [d for d in deepest if {f"{d.code[:2]}0000", f"{d.code[:4]}00"} & above]
    return placed or deepest


def _by_company(named: list[_Division], text: str) -> list[_Division]:
    """Of divisions with one name, the one whose prefecture or province the page speaks of, where only one's is."""
    spoken = [d for d in named if any((divisions.name_of(code) or "\0") in text for code in (d.code[:4], d.code[:2]))]
    closer = [d for d in spoken if (divisions.name_of(d.code[:4]) or "\0") in text]
    return closer if len(closer) == 1 else spoken if len(spoken) == 1 else named


def _level(code: str) -> int:
    return 1 if code.endswith("0000") else 2 if code.endswith("00") else 3


def _unlike(code: str, name: str) -> str | None:
    """What speaks against a division for a portal of that name."""
    called = divisions.name_of(code)
    if called is None:
        return f"{code} is not in GB/T 2260 as nianbao knows it"
    return None if called[:-1] in name or divisions.short_name(called) in name else f"{code} is {called}"


def _text(page: TextResponse) -> str:
    return "".join(page.xpath("//body//text()").getall())


def _trimmed(text: str) -> str:
    text = re.sub(r"\s+", "", text)
    trimmed = _AFTER.sub("", _AFTER.sub("", _BEFORE.sub("", text)))
    return trimmed if len(trimmed) >= 3 else ""


def _said(code: str | None) -> str:
    return f"{code} {divisions.name_of(code or '') or '(unknown)'}"
