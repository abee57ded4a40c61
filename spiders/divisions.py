"""GB/T 2260: the codes and names of provinces, prefectures and counties.

``spiders/data/divisions.tsv`` holds ``code``, ``name``, ``pinyin`` (provinces only) and, for a code out of use,
``now``: the code its area goes by today. Old codes matter: reports reach back to 2008, and a registration code keeps
the division of its day (332500 丽水地区 lives on in credit codes of 331100 丽水市).
"""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crawler.errors import UsageError

TABLE = Path(__file__).parent / "data" / "divisions.tsv"
KINDS_OF_PROVINCE = (
    "特别行政区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "省",
    "市",
)
SHORT_NAMES = {"新疆生产建设兵团": "兵团"}  # it lies in Xinjiang and is not what 新疆 means
# Names in use beside the pinyin of the Chinese short name.
ALSO_KNOWN_AS = {
    "innermongolia": "15",
    "neimeng": "15",
    "tibet": "54",
    "新疆兵团": "66",
    "hongkong": "81",
    "macao": "82",
    "macau": "82",
}


@dataclass(frozen=True, slots=True)
class Division:
    """One line of the table."""

    code: str  # six digits
    name: str
    pinyin: str | None = None
    now: str | None = None  # the code of today, where this one is out of use


@cache
def table() -> dict[str, Division]:
    """Every division by its six-digit code, those out of use included."""
    divisions = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        code, name, pinyin, now = (*line.split("\t"), "", "")[:4]
        divisions[code] = Division(code, name, pinyin or None, now or None)
    return divisions


def name_of(code: str) -> str | None:
    """The name of a province (two digits), prefecture (four or six) or county (six); ``None`` for an unknown code."""
    division = table().get(code.ljust(6, "0"))
    return division.name if division else None


@cache
def provinces() -> dict[str, Division]:
    """The provinces by their two-digit code, in the order of the standard."""
    return {code[:2]: division for code, division in table().items() if code.endswith("0000")}


def short_name(province: str) -> str:
    """A province's name as people say it: ``浙江``, ``内蒙古``, ``兵团``."""
    if province in SHORT_NAMES:
        return SHORT_NAMES[province]
    for kind in KINDS_OF_PROVINCE:
        if province.endswith(kind) and len(province) - len(kind) >= 2:
            return province.removesuffix(kind)
    return province


def province_of(text: str) -> str:
    """The two-digit code of the province that ``33``, ``浙江``, ``浙江省`` or ``zhejiang`` stands for.

    Raises ``UsageError`` with the names that come close where it stands for none.
    """
    asked = _plain(text)
    names = _names()
    if asked in names:
        return names[asked]
    raise UsageError(f"no province is called {text!r}{_hint(asked, names)}")


@cache
def _names() -> dict[str, str]:
    names = dict(ALSO_KNOWN_AS)
    for code, division in provinces().items():
        for name in (code, division.code, division.name, short_name(division.name), division.pinyin):
            if name:
                names[_plain(name)] = code
    return names


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in text if not c.isspace() and c not in "-_'’")


def _hint(asked: str, names: dict[str, str]) -> str:
    inside = sorted({d.code[:2] for d in table().values() if asked in (d.code, d.name, d.name[:-1]) and len(asked) > 1})
    if inside:
        return f"; it lies in {_listed(inside)}"
    close = dict.fromkeys(names[name] for name in difflib.get_close_matches(asked, names, n=3, cutoff=0.6))
    if close:
        return f"; did you mean {_listed(list(close))}?"
    return "; give a GB/T 2260 code (33) or a name (浙江, zhejiang)"


def _listed(codes: list[str]) -> str:
    found = (provinces()[code] for code in codes)
    return " or ".join(f"{division.code[:2]} {division.name} ({division.pinyin})" for division in found)
