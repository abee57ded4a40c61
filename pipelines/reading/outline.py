"""The report's outline (一、 (一) 1. (1) ①) → sections, with the six statutory ones named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from crawler.items import Section
from crawler.traditional import simplified
from pipelines.reading.blocks import Block, Paragraph
from pipelines.reading.markdown import block_markdown, joined

_NUMERAL = "一二三四五六七八九十"
_LEVELS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"第?[{_NUMERAL}]{{1,3}}\s*(?:[、，,.．:：]|部分[、，:：\s]?)\s*(?=\S)")),
    (2, re.compile(rf"[（(﹙]\s*[{_NUMERAL}]{{1,3}}\s*[）)﹚]\s*[、.．]?\s*(?=\S)")),
    (3, re.compile(r"\d{1,2}\s*(?:、|[.．](?!\d))\s*(?=[^\d\s])")),
    (4, re.compile(r"[（(]\s*\d{1,2}\s*[）)]\s*[、.．]?\s*(?=\S)")),
    (5, re.compile(r"[\u2460-\u2473\u2474-\u2487]\s*[、.．]?\s*(?=\S)")),
)
_FIRST = frozenset(f"{_NUMERAL}第（(﹙、")  # characters a head opens with, beside digits and circled ones
_LOST_NUMERAL = re.compile(r"、\s*(?=\S)")  # the 六 of "六、其他需要报告的事项" lost with its span
_STATUTORY: tuple[tuple[int, re.Pattern[str]], ...] = (
    (4, re.compile(r"行政复议|行政诉讼|复议.{0,4}诉讼")),
    (5, re.compile(r"(?:存在|主要).{0,6}问题|改进(?:情况|措施)|问题.{0,4}改进|不足")),
    (
        6,
        re.compile(
            r"其他.{0,4}(?:需要|需|应当)?.{0,4}(?:报告|说明)的?.{0,2}(?:事项|情况)|需要.{0,2}(?:报告|说明)的.{0,4}事项|其他事项|附表"
        ),
    ),
    (3, re.compile(r"(?:收到|受理).{0,6}(?:处理|办理)?.{0,8}申请|依申请公开|申请公开|申请(?:的)?(?:办理|处理|答复)")),
    (2, re.compile(r"主动公开")),
    (1, re.compile(r"总体情况|概\s*述|总体(?:工作)?概况|基本情况|工作概况|总述")),
)
# Headings run into their paragraph: the words a heading of the format ends with.
_RUN_IN = re.compile(
    r"(?:总体情况|主动公开(?:政府|政务)?信息(?:的)?情况|收到和处理政府信息公开申请(?:的)?情况|依申请公开(?:政府信息)?(?:的)?情况|"
    r"(?:申请)?(?:被)?(?:申请|提起)?行政复议、(?:被)?(?:提起)?行政诉讼(?:的)?情况|存在的主要问题(?:及|和|以及)改进(?:情况|措施)|"
    r"其他需要?报告的事项)(?=[^，,。；;、（(：:])"
)
_LONGEST_HEADING = 48
_STOPS = re.compile(r"[。；;！!？?：:]")


@dataclass(slots=True)
class _Open:
    level: int
    heading: str
    statutory: int | None
    parts: list[str] = field(default_factory=list)


def sections(blocks: Sequence[Block], parts: Sequence[str] | None = None) -> tuple[Section, ...]:
    """The body by its outline. What stands before the first heading belongs to none.

    ``parts``: the blocks as Markdown, where the caller has them already.
    """
    made: list[_Open] = []
    for block, part in zip(blocks, map(block_markdown, blocks) if parts is None else parts, strict=True):
        head = _split(block.text) if isinstance(block, Paragraph) else None
        if head is None:
            if made:
                made[-1].parts.append(part)
            continue
        level, heading, rest = head
        made.append(_Open(level, heading, statutory_section(heading) if level == 1 else None))
        if rest:
            made[-1].parts.append(rest)
    return tuple(Section(one.level, one.heading, joined(one.parts), one.statutory) for one in made)


def is_heading(text: str) -> bool:
    """Whether a line opens a section of the first or second level."""
    head = _split(text)
    return head is not None and head[0] <= 2


def statutory_section(heading: str) -> int | None:
    """Which of the six sections of the national format (国办公开办函〔2021〕30号) a heading corresponds to."""
    words = simplified(heading)
    for number, pattern in _STATUTORY:
        if pattern.search(words):
            return number
    return None


def _split(text: str) -> tuple[int, str, str] | None:
    """(level, heading, the text run into it) of a line that opens a section, else ``None``."""
    first = text[:1]
    if not (first in _FIRST or first.isdecimal() or "\u2460" <= first <= "\u2487"):  # nearly every line
        return None
    for level, pattern in _LEVELS:
        match = pattern.match(text)
        if match:
            return _cut(level, text, match.end())
    lost = _LOST_NUMERAL.match(text)
    if lost and statutory_section(text) and len(text) <= _LONGEST_HEADING:
        return 1, text, ""
    return None


def _cut(level: int, text: str, after: int) -> tuple[int, str, str] | None:
    if level == 1:
        run_in = _RUN_IN.search(text, after)
        if run_in and run_in.end() <= _LONGEST_HEADING and not _STOPS.search(text[: run_in.end()]):
            return level, text[: run_in.end()], text[run_in.end() :].strip()
    stop = _STOPS.search(text, after)
    if stop is None:
        return (level, text, "") if len(text) <= _LONGEST_HEADING else None
    heading, rest = text[: stop.start()], text[stop.end() :].strip()
    longest = _LONGEST_HEADING if not rest or "，" not in heading else _LONGEST_HEADING // 2 + 6
    return (level, heading, rest) if len(heading) <= longest else None
