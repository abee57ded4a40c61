"""Document numbers (文号, 发文字号) with every bracket and in their damaged forms."""

from __future__ import annotations

import re
import unicodedata

_NONE = re.compile(
    r"^[\s\u3000]*(?:无\s*文\s*号|无|暂无|没有|空|null|none|undefined|n/?a|[-—–_/\\*.·…○〇]+)?[\s\u3000]*$", re.I
)
_EMPTY_BRACKETS = re.compile(
    r"^[\s\u3000]*[^0-9]{0,12}[〔﹝\[【（(［〈《][\s\u3000]*[〕﹞\]】）)］〉》]?[\s\u3000]*第?[\s\u3000]*号?[\s\u3000]*$"
)
# GB/T 9704-2012, 7.2.5: 机关代字 + 〔年份〕 + 顺序号 + 号. The closing bracket gets lost where spans wrap the digits.
NUMBER = re.compile(
    r"(?P<code>[\u4e00-\u9fff]{1,16}?)\s*[〔﹝\[【（(［〈]?\s*(?P<year>(?:19|20)\d{2})\s*(?P<close>[〕﹞\]】）)］〉]?)"
    r"\s*第?\s*(?P<number>\d{1,5})\s*号"
)


def read_document_number(value: str | None) -> str | None:
    """The number as printed; ``None`` for 无文号, 无, dashes, empty brackets and blanks."""
    if value is None:
        return None
    printed = value.strip().strip("\u3000\u00a0 ")
    folded = unicodedata.normalize("NFKC", printed)
    if _NONE.match(folded) or _EMPTY_BRACKETS.match(printed):
        return None
    return printed
