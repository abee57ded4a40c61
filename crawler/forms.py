"""The statutory forms 统计表: the names of their rows and columns in ``statistics`` (contract §5), in the forms' order.

The floor of the house: the reader fills them, the records describe them, the terminal shows them.
"""

from __future__ import annotations

from collections.abc import Mapping

APPLICANTS = ("natural_person", "business", "research", "social_org", "legal_service", "other", "total")

GRANTED_ROWS = ("granted", "granted_partly")
REFUSED_ROWS = (
    "denied_state_secret",
    "denied_prohibited_by_law",
    "denied_three_safeties",
    "denied_third_party",
    "denied_internal",
    "denied_process",
    "denied_enforcement_file",
    "denied_query_matter",
    "unavailable_not_held",
    "unavailable_needs_making",
    "unavailable_unclear",
    "unprocessed_petition",
    "unprocessed_repeat",
    "unprocessed_publication",
    "unprocessed_excessive",
    "unprocessed_confirmation",
)
OTHER_ROWS_2021 = ("other_no_correction", "other_unpaid", "other_other")
OTHER_ROW_2019 = "other"
APPLICATION_ROWS = (
    "new",
    "carried_in",
    *GRANTED_ROWS,
    *REFUSED_ROWS,
    *OTHER_ROWS_2021,
    OTHER_ROW_2019,
    "total",
    "carried_out",
)

REVIEW_ROWS = ("reconsideration", "litigation_direct", "litigation_after_review")
OUTCOMES = ("upheld", "corrected", "other", "pending", "total")

DISCLOSURE_COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "2019": {
        "rules": ("made", "newly_disclosed", "total_disclosed"),
        "normative_documents": ("made", "newly_disclosed", "total_disclosed"),
        "permits": ("previous", "change", "decisions"),
        "other_services": ("previous", "change", "decisions"),
        "penalties": ("previous", "change", "decisions"),
        "coercions": ("previous", "change", "decisions"),
        "fees": ("previous", "change"),
        "procurement": ("projects", "amount"),
    },
    "2021": {
        "rules": ("made", "repealed", "in_force"),
        "normative_documents": ("made", "repealed", "in_force"),
        "permits": ("decisions",),
        "penalties": ("decisions",),
        "coercions": ("decisions",),
        "fees": ("amount",),
    },
}
# Both forms together.
DISCLOSURE_CELLS: Mapping[str, tuple[str, ...]] = {
    row: tuple(dict.fromkeys((*DISCLOSURE_COLUMNS["2021"].get(row, ()), *columns)))
    for row, columns in DISCLOSURE_COLUMNS["2019"].items()
}
