"""Organisation codes (GB 11714-1997) and unified social credit codes (GB 32100-2015) with right check characters."""

from __future__ import annotations

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ORGANS = "11"  # 登记管理部门 1 机构编制, 机构类别 1 机关


def organisation_code(body: str) -> str:
    """Nine characters: the eight of ``body`` and their check character. GB 11714-1997."""
    if len(body) != len(ORGANISATION_WEIGHTS):
        raise ValueError(f"an organisation code has eight characters before its check: {body!r}")
    total = sum(int(char, 36) * weight for char, weight in zip(body.upper(), ORGANISATION_WEIGHTS, strict=True))
    check = 11 - total % 11
    return body.upper() + {10: "X", 11: "0"}.get(check, str(check))


def credit_code(division: str, organisation: str) -> str:
    """The eighteen characters of a government organ's credit code. GB 32100-2015."""
    head = ORGANS + division + organisation
    if len(head) != len(CREDIT_WEIGHTS):
        raise ValueError(f"a division has six characters and an organisation code nine: {division!r}, {organisation!r}")
    total = sum(CREDIT_ALPHABET.index(char) * weight for char, weight in zip(head, CREDIT_WEIGHTS, strict=True))
    return head + CREDIT_ALPHABET[(31 - total % 31) % 31]
