"""Index numbers (索引号): what kind of issuer they name and whether they identify anything.

There is no national syntax that portals obey. The number is kept as printed; what is decided here is only how far
it can be trusted. Check digits: GB 32100-2015 (统一社会信用代码) and GB 11714-1997 (组织机构代码).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from crawler.items import IndexNumberKind, Remark

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015, 4.4: no I O S V Z
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
STATE_COUNCIL = "000014349"  # 国务院办公厅; portals of Tibet and Zhejiang print it as their software's default
_PARTS = re.compile(
    r"^(?P<issuer>.*?)\s*[/／\-—–_]\s*(?P<period>(?:19|20)\d{2}(?:\d{2})?(?:\d{2})?)\s*[-—–_/]\s*(?P<sequence>[0-9A-Za-z]+)$"
)
_USCC = re.compile(r"[0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}")
_ORG = re.compile(r"[0-9A-Z]{8}-?[0-9X]")
_PLACEHOLDER_WORDS = frozenset({"", "无", "暂无", "—", "-", "--", "/", "none", "null", "undefined", "nan", "na", "n/a"})


@dataclass(frozen=True, slots=True)
class IndexNumber:
    """An index number as printed, and what it is worth as evidence of identity."""

    printed: str
    kind: IndexNumberKind
    strong: bool
    issuer: str | None = None
    period: str | None = None
    sequence: str | None = None
    remarks: tuple[Remark, ...] = ()


def read_index_number(value: str | None, *, central: bool = False) -> IndexNumber | None:
    """What a printed 索引号 is, ``None`` where nothing is printed. ``central``: on the State Council's portal."""
    if value is None:
        return None
    printed = value.strip()
    folded = unicodedata.normalize("NFKC", printed).strip().upper()
    folded = re.sub(r"\s+", "", folded)
    if not printed or folded.lower() in _PLACEHOLDER_WORDS or not re.search(r"\w", folded):
        return None
    match = _PARTS.match(folded) if len(folded) <= 80 else None
    issuer, period, sequence = match.group("issuer", "period", "sequence") if match else (None, None, None)
    kind, sound, remarks = _issuer(folded if issuer is None else issuer, whole=issuer is None, central=central)
    real_sequence = sequence is not None and sequence.isdecimal() and sequence.strip("0") != ""
    if sequence is not None and not real_sequence:
        remarks = (*remarks, Remark("number.no_sequence", f"{printed}: the sequence is {sequence}"))
    strong = sound and real_sequence and kind in (IndexNumberKind.USCC, IndexNumberKind.ORG9)
    return IndexNumber(printed, kind, strong, issuer, period, sequence, remarks)


def uscc_check_digit(first_seventeen: str) -> str | None:
    """The 18th character of a 统一社会信用代码, or ``None`` where a character is not of its alphabet."""
    if len(first_seventeen) != 17 or any(char not in USCC_ALPHABET for char in first_seventeen):
        return None
    total = sum(USCC_ALPHABET.index(char) * weight for char, weight in zip(first_seventeen, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check_digit(first_eight: str) -> str | None:
    """The 9th character of an 组织机构代码, or ``None`` where a character is not of its alphabet."""
    if not re.fullmatch(r"[0-9A-Z]{8}", first_eight):
        return None
    total = sum(int(char, 36) * weight for char, weight in zip(first_eight, _ORG_WEIGHTS, strict=True))
    check = 11 - total % 11
    return {10: "X", 11: "0"}.get(check, str(check))


def is_uscc(code: str) -> bool:
    """Whether a code is a credit code whose check digits hold (eighteen zeros pass the formula and are none)."""
    return bool(_USCC.fullmatch(code)) and set(code) != {"0"} and uscc_check_digit(code[:17]) == code[17]


def is_organisation_code(code: str) -> bool:
    """Whether a nine-character code's check digit holds (nine zeros pass the formula and are none)."""
    code = code.replace("-", "")
    return len(code) == 9 and not code.startswith("000000") and organisation_check_digit(code[:8]) == code[8]


def _issuer(code: str, *, whole: bool, central: bool) -> tuple[IndexNumberKind, bool, tuple[Remark, ...]]:
    code = code.strip("/-_ ")
    if (
        not code
        or re.fullmatch(r"0+[0-9X]?", code)
        or re.fullmatch(r"0{6,}.*", code)
        or code.lower() in _PLACEHOLDER_WORDS
    ):
        return IndexNumberKind.PLACEHOLDER, False, (Remark("number.placeholder", f"the issuer is {code or 'blank'}"),)
    if re.fullmatch(r"(.)\1{5,}", code) or code in ("123456789", "12345678-9", "1234567890"):
        return IndexNumberKind.PLACEHOLDER, False, (Remark("number.placeholder", f"the issuer is {code}"),)
    if len(code) == 18 and _USCC.fullmatch(code):
        if is_uscc(code):
            default = code[8:17] == STATE_COUNCIL and not central
            return (IndexNumberKind.USCC, not default, _default(code) if default else ())
        return IndexNumberKind.USCC, False, (Remark("number.check_digit", f"{code} fails GB 32100-2015"),)
    if re.fullmatch(r"\d{12}", code) and _division(code):
        return IndexNumberKind.DIVISION, False, ()
    if re.fullmatch(r"\d{6}", code) and _division(code):
        return IndexNumberKind.DIVISION, False, ()
    if _ORG.fullmatch(code) and len(code.replace("-", "")) == 9 and not whole:
        if code.replace("-", "") == STATE_COUNCIL and not central:
            return IndexNumberKind.PLACEHOLDER, False, _default(code)
        if is_organisation_code(code):
            return IndexNumberKind.ORG9, True, ()
        return IndexNumberKind.OTHER, False, (Remark("number.check_digit", f"{code} fails GB 11714-1997"),)
    return IndexNumberKind.OTHER, False, ()


def _default(code: str) -> tuple[Remark, ...]:
    return (Remark("number.default_code", f"{code} is the State Council General Office's, reused as a default"),)


def _division(code: str) -> bool:
    return 11 <= int(code[:2]) <= 82
