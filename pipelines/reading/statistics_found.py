"""What the statutory tables of one report say, before it is put into the form."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.items import Remark
from pipelines.reading.statistics_labels import Form
from pipelines.reading.statistics_numbers import Printed

ABSTAINED = "statistics.abstained"
Path = tuple[str, ...]  # ("applications", "granted", "natural_person")


@dataclass(frozen=True, slots=True)
class Found:
    """One cell of a statutory table as printed."""

    printed: Printed
    place: str
    header: int  # which header it was read under
    carried: bool  # the header stands in an earlier table


@dataclass
class Findings:
    """What the tables of one report say, before it is put into the form."""

    cells: dict[Path, Found] = field(default_factory=dict)
    rows: set[Path] = field(default_factory=set)  # rows seen, read or not
    conflicts: set[Path] = field(default_factory=set)
    formats: set[str] = field(default_factory=set)
    headers: set[Form] = field(default_factory=set)  # forms whose header was found
    unknown_rows: set[Form] = field(default_factory=set)  # forms holding a row of numbers we do not know
    reviews_read: set[int] = field(default_factory=set)  # headers of table four whose one row was read
    remarks: list[Remark] = field(default_factory=list)

    def abstain(self, detail: str) -> None:
        self.remarks.append(Remark(ABSTAINED, detail))
