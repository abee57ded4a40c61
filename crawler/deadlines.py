"""By when the law wanted a report published.

31 January for departments and 31 March for governments since the reports on 2019 (Regulations of 2019, art. 49);
31 March for all before (Regulations of 2007, art. 31), the first of which were on 2008.
"""

from __future__ import annotations

import re
from datetime import date

FIRST_YEAR = 2008
FIRST_YEAR_OF_TWO_DEADLINES = 2019
_DEPARTMENT = re.compile(r"(?:局|厅|委|部|署|院|会|办|中心|总队|支队|大队|办公室|办公厅|集团|公司)$")
_GOVERNMENT = re.compile(
    r"(?:政府|政府办公[室厅]|政府办|街道|街道办事处|街道办|(?<!监督)管理委员会|管委会|行政公署|开发区|新区|[省市县区旗州盟乡镇])$"
)


def is_department(agency: str) -> bool:
    """Whether a name is surely a department's, whose deadline is the earlier one."""
    return _DEPARTMENT.search(agency) is not None and _GOVERNMENT.search(agency) is None


def deadline(agency: str | None, report_year: int) -> date:
    """The last day in time; the later one where the agency, or its name, leaves it open."""
    if agency is not None and report_year >= FIRST_YEAR_OF_TWO_DEADLINES and is_department(agency):
        return date(report_year + 1, 1, 31)
    return date(report_year + 1, 3, 31)
