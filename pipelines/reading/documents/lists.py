"""Automatic numbers of paragraphs (一、 （一） 1.): a word processor keeps how they count, not what they come to."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

_DIGITS = "零一二三四五六七八九"
_LEGAL = str.maketrans("一二三四五六七八九十", "壹贰叁肆伍陆柒捌玖拾")
_ENCLOSED = {
    "decimalEnclosedCircle": 0x2460,
    "decimalEnclosedCircleChinese": 0x2460,
    "decimalEnclosedParen": 0x2474,
    "decimalEnclosedFullstop": 0x2488,
}


@dataclass(frozen=True, slots=True)
class Depth:
    """One depth of a list: how its number is written."""

    form: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    lists: dict[str, dict[int, Depth]] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)  # lists of one family count on from one another
    counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def next(self, number: str, depth: int) -> str | None:
        """The written number of the next item, ``"-"`` for a bullet."""
        shapes = self.lists.get(number, {})
        shape = shapes.get(depth)
        if shape is None or shape.form == "none":
            return None
        counts = self.counts[self.families[number]]
        counts[depth] = counts.get(depth, shape.start - 1) + 1
        for deeper in [other for other in counts if other > depth]:
            del counts[deeper]
        if shape.form == "bullet":
            return "-"

        def written(found: re.Match[str]) -> str:
            other = int(found.group(1)) - 1
            shape_there = shapes.get(other)
            if shape_there is None:
                return ""
            return _written(counts.get(other, shape_there.start), shape_there.form)

        return re.sub(r"%(\d)", written, shape.text)


def _written(number: int, form: str) -> str:
    if form in ("ideographDigital", "japaneseDigitalTenThousand"):
        return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(number))
    if form in ("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"):
        return _chinese(number).translate(_LEGAL)
    if form.startswith(("chinese", "japanese", "ideograph", "taiwanese")):
        return _chinese(number)
    if form in _ENCLOSED and 1 <= number <= 20:
        return chr(_ENCLOSED[form] + number - 1)
    if form == "decimalFullWidth":
        return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman"):
        roman = _roman(number)
        return roman if form == "upperRoman" else roman.lower()
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _chinese(number: int) -> str:
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (_DIGITS[ones] if ones else "")


def _roman(number: int) -> str:
    signs = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    written = ""
    for value, sign in signs:
        count, number = divmod(number, value)
        written += sign * count
    return written


OWN_LINE = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[.．、](?!\d)|第[一二三四五六七八九十]+[章条部]|附件|[(（]\d{1,2}[)）])"
)


def is_item(text: str) -> bool:
    """Whether it begins with a number of an outline: 一、 (一) 1. 附件."""
    return OWN_LINE.match("".join(text.split())) is not None
