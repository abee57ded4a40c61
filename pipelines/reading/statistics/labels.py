"""The wording of the statutory tables: which row or column a printed label names.

Labels are recognised by distinctive substrings of the official forms (国办公开办函〔2019〕60号, 〔2021〕30号), because
portals split, shorten and misprint them (``2.其他法律行政止公开`` in a report of 2023).
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from crawler.forms import GRANTED_ROWS, OTHER_ROW_2019, OTHER_ROWS_2021, REFUSED_ROWS
from pipelines.reading.widths import half_width

_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")


class Form(Enum):
    """One of the three statutory tables."""

    DISCLOSURE = "disclosure"
    APPLICATIONS = "applications"
    REVIEW = "review_litigation"


@lru_cache(maxsize=4096)  # a form repeats its few texts hundreds of times
def plain(text: str) -> str:
    """A label without white space, full-width ASCII folded."""
    return _INVISIBLE.sub("", half_width(text))


def application_rows(*, single_other: bool, three_others: bool) -> tuple[str, ...]:
    """The row names of table three in the order of the form."""
    others = (OTHER_ROWS_2021 if three_others else ()) + ((OTHER_ROW_2019,) if single_other else ())
    return ("new", "carried_in", *GRANTED_ROWS, *REFUSED_ROWS, *others, "total", "carried_out")


_APPLICATION_ROWS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("new", r"本年(?:度)?新收|^(?:一|第一项)[、.,].*新收"),
        ("carried_in", r"上(?:一)?年(?:度)?结转"),
        ("carried_out", r"(?:结)?转(?:至|到|入)?下(?:一)?年"),
        ("granted_partly", r"部分(?:予以)?公开"),
        ("granted", r"(?<!部分)(?<!不)予以公开"),
        ("denied_state_secret", r"国家秘密"),
        ("denied_prohibited_by_law", r"禁止公开|其他法律"),
        ("denied_three_safeties", r"三安全|一稳定"),
        ("denied_third_party", r"第三方"),
        ("denied_internal", r"内部事务"),
        ("denied_process", r"过程性"),
        ("denied_enforcement_file", r"执法案卷"),
        ("denied_query_matter", r"查询事项"),
        ("unavailable_not_held", r"不掌握"),
        ("unavailable_needs_making", r"另行制作|现成信息"),
        ("unavailable_unclear", r"仍不明确|补正后"),
        ("unprocessed_petition", r"信访"),
        ("unprocessed_repeat", r"重复申请"),
        ("unprocessed_publication", r"出版物"),
        ("unprocessed_excessive", r"大量反复|反复申请"),
        ("unprocessed_confirmation", r"重新出具"),
        ("other_no_correction", r"逾期不补正"),
        ("other_unpaid", r"缴纳费用|按收费通知"),
        ("other", r"^\(?六\)?[、.]?其[他它](?:处理|情形)?(?:\(.*\))?$|^其[他它]处理$"),
        (
            "other_other",
            r"^(?:三、本年度办理结果)?(?:\(?六\)?[、.]?其[他它]处理)?(?:\(?\d\)?[.、,)]?)?其[他它](?:情形|情况)?$|^\(?\d\)?[.、,)]?其[他它]处理$",
        ),
        ("total", r"^(?:三、本年度办理结果)?(?:\(?七\)?)?[、.]?(?:总计|合计)(?:\(.*\))?$"),
    )
)


@lru_cache(maxsize=4096)  # a form repeats its few texts hundreds of times
def application_row(text: str) -> str | None:
    """The row of table three a stub cell names; ``None`` where it names none, or more than one."""
    label = plain(text)
    if not label or "勾稽" in label:
        return None
    found = [name for name, pattern in _APPLICATION_ROWS if pattern.search(label)]
    return found[0] if len(found) == 1 else None


_APPLICANTS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("natural_person", r"^自然人(?:\(.*\))?$"),
        ("business", r"^(?:商业)?企业(?:\(.*\))?$"),
        ("research", r"^科研(?:机构|单位)?(?:\(.*\))?$"),
        ("social_org", r"^(?:社会)?公益(?:性)?(?:组织|团体)?(?:\(.*\))?$"),
        ("legal_service", r"^法律服务(?:机构|组织)?(?:\(.*\))?$"),
        ("other", r"^其[他它](?:组织)?(?:\(.*\))?$"),
        ("total", r"^(?:总计|合计|总数)(?:\(.*\))?$"),
    )
)
_APPLICATION_HEADER = re.compile(r"自然人|商业企业|科研机构|社会公益|法律服务|申请人情况|法人或其他|勾稽")


def applicant(text: str) -> str | None:
    """The data column of table three a header text names."""
    label = plain(text)
    return next((name for name, pattern in _APPLICANTS if pattern.search(label)), None)


_OUTCOMES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("upheld", r"^(?:结果)?维持(?:原.*)?(?:结果)?$"),
        ("corrected", r"^(?:结果)?纠正(?:结果)?$"),
        ("other", r"^其[他它](?:结果)?$"),
        ("pending", r"^(?:尚)?未审结$|^尚未(?:审|办)结$"),
        ("total", r"^(?:总计|合计)$"),
    )
)
_REVIEW_HEADER = re.compile(r"结果维持|维持结果|结果纠正|未审结|行政复议|行政诉讼|直接起诉|复议后")


def outcome(text: str) -> str | None:
    """The result column of table four a header text names."""
    label = plain(text)
    return next((name for name, pattern in _OUTCOMES if pattern.search(label)), None)


def review_group(text: str) -> str | None:
    """The group of table four a header cell names; a caption naming both kinds is no group."""
    label = plain(text)
    after, direct = "复议后" in label, "直接起诉" in label or "未经复议" in label
    if after and direct:
        return None
    if after:
        return "litigation_after_review"
    if direct:
        return "litigation_direct"
    return "reconsideration" if "行政复议" in label and "诉讼" not in label else None


_DISCLOSURE_ROWS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("rules", r"^(?:\d+[.、])?(?:地方|政府|部门|地方政府)?规章(?:\([^()]*\))?$"),
        ("normative_documents", r"规范性文件"),
        ("permits", r"行政许可"),
        ("other_services", r"对外管理服务|^其[他它]对外管理"),
        ("penalties", r"行政处罚"),
        ("coercions", r"行政强制"),
        ("fees", r"事业性收费|^行政性收费$"),
        ("procurement", r"集中采购"),
    )
)
_DISCLOSURE_COLUMNS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("newly_disclosed", r"新公开"),
        ("total_disclosed", r"公开总数"),
        ("made", r"新制作|制发|制定件数"),
        ("repealed", r"废止"),
        ("in_force", r"现行有效|有效件数"),
        ("previous", r"上(?:一)?年(?:度)?项目"),
        ("change", r"增/减|增减|本年(?:度)?增|增加/减少|增\(减\)"),
        ("decisions", r"处理决定"),
        ("projects", r"采购项目"),
        ("amount", r"收费金额|采购(?:总)?金额|采购总(?:价|额)"),
    )
)
_ONLY_2019 = re.compile(r"新制作|新公开|公开总数|上(?:一)?年(?:度)?项目|采购项目|采购(?:总)?金额")
_ONLY_2021 = re.compile(r"制发|废止件?|现行有效|收费金额")


def disclosure_row(text: str) -> str | None:
    """The row of table two a stub cell names; ``None`` where it names none, or more than one."""
    label = plain(text)
    if len(label) > 40 or label.isascii():  # a figure
        return None
    found = [name for name, pattern in _DISCLOSURE_ROWS if pattern.search(label)]
    return found[0] if len(found) == 1 else None


def disclosure_column(text: str) -> str | None:
    """The data column of table two a header text names."""
    label = plain(text)
    if len(label) > 40 or label.isascii():  # a figure
        return None
    found = [name for name, pattern in _DISCLOSURE_COLUMNS if pattern.search(label)]
    return found[0] if len(found) == 1 else None


def disclosure_formats(text: str) -> set[str]:
    """Which format a header text of table two belongs to, where it tells them apart."""
    label = plain(text)
    return {year for year, pattern in (("2019", _ONLY_2019), ("2021", _ONLY_2021)) if pattern.search(label)}


def header_of(text: str) -> Form | None:
    """The statutory table whose header a cell with this text belongs to."""
    label = plain(text)
    if not label or len(label) > 60:
        return None
    if "信息内容" in label or disclosure_column(label) is not None:
        return Form.DISCLOSURE
    if _REVIEW_HEADER.search(label) and application_row(label) is None:
        return Form.REVIEW
    if _APPLICATION_HEADER.search(label):
        return Form.APPLICATIONS
    return None
