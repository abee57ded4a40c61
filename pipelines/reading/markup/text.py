"""The text of a line as its reader sees it: which white space and which signs count, what is running text."""

from __future__ import annotations

import re

EDGE = "\x1f"  # between two inline elements of one line
FIELD = "\x1e"  # where a form field stands
RAISED = "\x1c"  # at both ends of a raised, lowered or struck text
_BETWEEN_DIGITS = re.compile(f"(?<=\\d){RAISED}+(?=\\d)")
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u3000-\u303f\u2018-\u201d"
_WRAPPED = re.compile(f"(?<=[{_WIDE}])[ \t]*\n[ \t\n]*(?=[{_WIDE}])")
SPACE = re.compile(r"[ \t\n\r\f\v]+")
HEADLINE_BREAK = "\x1d"
_HEADLINE_BREAKS = re.compile(
    f"(?<=[{_WIDE}]) *{HEADLINE_BREAK}[ {HEADLINE_BREAK}]*| *{HEADLINE_BREAK}[ {HEADLINE_BREAK}]*(?=[{_WIDE}])"
)
ZERO_WIDTH = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
OUTER = " \t\n\r\f\v\u00a0\u3000\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
BLANK = OUTER + EDGE + RAISED + HEADLINE_BREAK
_SENTENCE = re.compile("[。；！？]|，.{4,}")
_IN_LATIN = re.compile(r"(?:\b[a-z][a-z'’-]*[,;:]? ){5}")  # five lower-case words in a row; menus and footers have none


def bare(text: str) -> str:
    """The text without white space and zero-width characters: what two prints of the same words have in common."""
    printable = text.isprintable()  # neither zero-width characters nor white space but the plain space
    if printable and " " not in text:
        return text
    text = "".join(text.split())
    return text if printable or text.isprintable() else ZERO_WIDTH.sub("", text)


def is_prose(text: str) -> bool:
    """Whether a line reads as running text and not as a label, a menu item or a byline."""
    return len(text) >= 15 and (
        _SENTENCE.search(text) is not None or (text.count(" ") >= 7 and _IN_LATIN.search(text) is not None)
    )


def printed(raw: str) -> str:
    """A line's text: source line ends between Chinese characters are no spaces, other runs are one space."""
    if raw.isalnum():
        return raw
    text = raw.replace(EDGE, "")
    if text.isprintable():  # no line ends, no zero-width characters, no spaces but the plain one
        return (SPACE.sub(" ", text) if "  " in text else text).strip(" ")
    text = text.replace(FIELD, "")
    if RAISED in text:
        text = _BETWEEN_DIGITS.sub(" ", text).replace(RAISED, "")
    if not text.isascii():
        text = ZERO_WIDTH.sub("", text)
    if "\n" in text or "\r" in text:
        text = _WRAPPED.sub("", text.replace("\r", "\n"))
    text = SPACE.sub(" ", text)
    if HEADLINE_BREAK in text:
        text = _HEADLINE_BREAKS.sub("", text).replace(HEADLINE_BREAK, " ")
    return text.strip(OUTER)
