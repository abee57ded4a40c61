"""One sample report: what its page says, what changes when it is revised, and what a reader must make of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from . import documents
from .blocks import Block, Paragraph, plain, texts
from .prose import Agency
from .statistics import Figures, figures, one_more_grant

Compose = Callable[[Agency, int, Figures | None], tuple[Block, ...]]
Render = Callable[[str, tuple[Block, ...]], bytes]

RENDERS: Mapping[str, tuple[Render, str]] = {
    "pdf": (documents.pdf, documents.PDF),
    "docx": (documents.docx, documents.DOCX),
}
# The last number of an address is the page's id in every dialect here; a moved page has a new one.
LAST_ID = re.compile(r"[0-9a-f]{4,}(?!.*[0-9a-f]{4})")
CHANGES = ("body", "statistics", "metadata", "attachment", "chrome", "withdraw", "move", "other_year")


@dataclass
class SampleFile:
    """A document of the report. Its text is the report's own, or ``blocks`` of its own (an annex)."""

    name: str
    path: str
    blocks: tuple[Block, ...] | None = None
    revision: int = 0
    fake: bool = False  # what is served is not what its name promises

    @property
    def media_type(self) -> str:
        return RENDERS[self.name.rpartition(".")[2]][1]


@dataclass
class SampleReport:
    """A page of a portal, report or not. Mutable: ``revise`` makes it say something else from now on."""

    name: str  # unique within its portal
    agency: Agency
    year: int
    title: str
    path: str
    published_on: date
    compose: Compose
    kind: str = "annual_report"
    signed_on: date | None = None
    issued: bool = False  # the page prints 发文日期 beside 发布日期, the same day
    publisher: str | None = None
    index_number: str | None = None
    dash: str = ""  # what is printed where there is no index number
    index_number_kind: str | None = None
    document_number: str | None = None
    given: Figures | None = None
    checks: tuple[dict[str, str], ...] = ()
    files: list[SampleFile] = field(default_factory=list)
    body_in: SampleFile | None = None  # the text stands in this document only
    copies: list[str] = field(default_factory=list)  # further paths of this portal with the same page
    columns: tuple[str, ...] = ()  # sub-columns it is listed in; empty: the portal's own rule
    robots: bool = False  # disallowed by robots.txt
    flags: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)  # what the layout printed, filled as it is laid out
    revision: int = 0
    chrome: int = 0
    remarks: int = 0
    withdrawn: bool = False
    old_paths: dict[str, bool] = field(default_factory=dict)  # path → whether it redirects to the new one

    @property
    def agency_named(self) -> str | None:
        """Whom the page names as the author: in title or signature, else as publisher."""
        return self.agency.name if self.agency.name in self.title else self.publisher

    @property
    def year_named(self) -> int | None:
        """The year the title speaks of."""
        return self.year if str(self.year) in self.title else None

    @property
    def dated(self) -> date | None:
        """The signature's date, else 发文日期 where it stands beside 发布日期."""
        return self.signed_on or (self.published_on if self.issued else None)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The text as it stands now, signature included."""
        blocks = list(self.compose(self.agency, self.year, self.given))
        for number in range(1, self.remarks + 1):
            blocks.insert(1, Paragraph(f"更正说明之{{{number}}}：有关数据经复核后已作更新，以本次公布的为准。"))
        return tuple(blocks)

    def content(self, file: SampleFile) -> bytes:
        """The bytes of one of its documents as it stands now."""
        render, _ = RENDERS[file.name.rpartition(".")[2]]
        blocks = self.blocks if file.blocks is None else file.blocks
        later = tuple(Paragraph(f"第{number}次修订。") for number in range(1, file.revision + 1))
        return render(self.title, blocks + later)

    def revise(self, what: str, *, redirect: bool = False) -> None:
        """Changes one thing and nothing else; see ``CHANGES``."""
        if what not in CHANGES:
            raise ValueError(f"cannot revise {what!r}: one of {', '.join(CHANGES)}")
        self.revision += 1
        getattr(self, f"_revise_{what}")(**({"redirect": redirect} if what == "move" else {}))

    def _revise_body(self) -> None:
        self.remarks += 1

    def _revise_statistics(self) -> None:
        if self.given is None:
            raise ValueError(f"{self.name} has no statistics to revise")
        self.given = one_more_grant(self.given)

    def _revise_metadata(self) -> None:
        self.document_number = f"政公开〔{self.year + 1}〕{self.revision}号"

    def _revise_attachment(self) -> None:
        if not self.files:
            folder, _, page = self.path.rpartition("/")
            note = (Paragraph(f"{self.agency.name}{self.year}年政府信息公开工作情况补充材料。"),)
            self.files.append(SampleFile("补充材料.docx", f"{folder}/{page.partition('.')[0]}_1.docx", note))
            return
        self.files[0].revision += 1

    def _revise_chrome(self) -> None:
        self.chrome += 1

    def _revise_withdraw(self) -> None:
        self.withdrawn = True

    def _revise_move(self, *, redirect: bool) -> None:
        self.old_paths[self.path] = redirect
        last = LAST_ID.search(self.path)
        assert last is not None, self.path
        number = last[0]
        fresh = sha256(self.path.encode()).hexdigest() * 2
        if number.isdigit():
            fresh = str(int(fresh, 16)).strip("0")
        self.path = self.path[: last.start()] + fresh[: len(number)] + self.path[last.end() :]

    def _revise_other_year(self) -> None:
        old, self.year = self.year, self.year + 1
        self.title = self.title.replace(str(old), str(self.year))
        self.published_on = self.published_on.replace(year=self.published_on.year + 1)
        if self.signed_on is not None:
            self.signed_on = self.signed_on.replace(year=self.signed_on.year + 1)
        if self.given is not None:
            self.given = figures(self.agency.key, self.year, self.agency.busy)
            self.checks = ()

    def expected(self, base: str) -> dict[str, Any]:
        """What a reader must find, in the field names of the exported record. ``base`` is the portal's root."""
        paragraphs = texts(self.blocks)
        attachments = [
            {"name": file.name, "url": base + file.path, "digest": f"sha256:{sha256(self.content(file)).hexdigest()}"}
            for file in self.files
            if not file.fake
        ]
        return {
            "name": self.name,
            "url": base + self.path,
            "locations": [base + path for path in (self.path, *self.copies)],
            "title": self.title,
            "kind": self.kind,
            "report_year": self.year_named,
            "agency": self.agency_named,
            "publisher": self.publisher,
            "index_number": self.index_number,
            "index_number_kind": self.index_number_kind,
            "document_number": self.document_number,
            "published_on": self.published_on.isoformat(),
            "signed_on": self.dated.isoformat() if self.dated else None,
            "statistics": self.given,
            "checks": list(self.checks),
            "attachments": attachments,
            "body_source": "page" if self.body_in is None else base + self.body_in.path,
            "paragraphs": paragraphs,
            "probes": self.probes(),
            "metadata": dict(self.labels),
            "flags": list(self.flags),
        }

    def probes(self) -> list[str]:
        """Exact sentences of the body: the first, the last, and those whose characters stand alone between marks."""
        paragraphs = [block for block in self.blocks if isinstance(block, Paragraph) and not block.right]
        marked = [block for block in paragraphs if "}〕{" in block.text or "}年{" in block.text]
        chosen = [paragraphs[0], *marked[:2], paragraphs[-1]]
        return list(dict.fromkeys(plain(block.text) for block in chosen))
