"""A report as its author wrote it: blocks that become HTML, PDF or DOCX, and the plain text a reader must find again.

Text carries one mark: braces round what an editor wraps in an inline element of its own. ``〔{2021}〕{30}号`` is
printed as ``〔<span>2021</span>〕<span>30</span>号``, so that single characters stand alone between two elements.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

MARK = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Heading:
    """A head of the outline; ``level`` 1 for 一、, 2 for （一）."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; signatures are set to the right."""

    text: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell at its top left corner."""

    text: str
    rowspan: int = 1
    colspan: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table; each row holds the cells that begin in it."""

    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in the text."""

    source: str
    alt: str = ""


Block = Heading | Paragraph | Table | Picture


def plain(text: str) -> str:
    """The text without its marks."""
    return MARK.sub(r"\1", text)


def texts(blocks: Sequence[Block]) -> list[str]:
    """The text of every heading and paragraph, in order."""
    return [plain(block.text) for block in blocks if isinstance(block, Heading | Paragraph)]


@dataclass(frozen=True, slots=True)
class Hand:
    """How one editor's HTML looks: what it wraps paragraphs, heads, inline digits and cells in."""

    paragraph: str
    right: str
    heading: str
    inline: str
    table: str
    cell: str

    def html(self, blocks: Sequence[Block]) -> str:
        """The blocks as this editor writes them."""
        return "\n".join(self._block(block) for block in blocks)

    def _block(self, block: Block) -> str:
        if isinstance(block, Heading):
            return self.heading.replace("@", self._inline(block.text))
        if isinstance(block, Paragraph):
            return (self.right if block.right else self.paragraph).replace("@", self._inline(block.text))
        if isinstance(block, Picture):
            return self.paragraph.replace("@", f'<img src="{escape(block.source)}" alt="{escape(block.alt)}">')
        rows = "\n".join(f"<tr>{''.join(self._cell(cell) for cell in row)}</tr>" for row in block.rows)
        return self.table.replace("@", rows)

    def _inline(self, text: str) -> str:
        return MARK.sub(lambda found: self.inline.replace("@", found[1]), escape(text, quote=False))

    def _cell(self, cell: Cell) -> str:
        spans = (f' colspan="{cell.colspan}"' if cell.colspan > 1 else "") + (
            f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
        )
        return f"<td{spans}>{self.cell.replace('@', escape(cell.text, quote=False))}</td>"


# Pasted from a word processor: styles on everything, digits in spans of their own.
WORD = Hand(
    paragraph='<p class="MsoNormal" style="text-indent:32.0pt;line-height:28.0pt">'
    '<span style="font-size:16.0pt;font-family:仿宋_GB2312">@</span></p>',
    right='<p class="MsoNormal" align="right" style="text-align:right"><span style="font-size:16.0pt">@</span></p>',
    heading='<p class="MsoNormal" style="text-indent:32.0pt"><b><span style="font-family:黑体">@</span></b></p>',
    inline='<span lang="EN-US">@</span>',
    table='<table class="MsoNormalTable" border="1" cellspacing="0" cellpadding="0"><tbody>@</tbody></table>',
    cell='<p class="MsoNormal" align="center"><span style="font-size:10.5pt">@</span></p>',
)

# A web editor of the 2020s.
CLEAN = Hand(
    paragraph='<p style="text-indent: 2em;">@</p>',
    right='<p style="text-align: right;">@</p>',
    heading='<p style="text-indent: 2em;"><strong>@</strong></p>',
    inline="<span>@</span>",
    table='<div style="overflow-x: auto;"><table border="1"><tbody>@</tbody></table></div>',
    cell="<p>@</p>",
)

# 2008: ideographic spaces, line breaks and fonts.
BREAKS = Hand(
    paragraph="　　@<br>\n<br>",
    right='<div align="right">@</div>',
    heading="　　<b>@</b><br>\n<br>",
    inline='<font face="Times New Roman">@</font>',
    table='<table border="1" width="96%" bordercolor="#000000">@</table>',
    cell="@",
)
