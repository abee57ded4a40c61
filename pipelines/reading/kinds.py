"""What a page is: an annual report, or one of the things that stand in the same columns."""

from __future__ import annotations

import re

from crawler.items import Kind
from crawler.traditional import simplified
from pipelines.reading.markup import bare
from pipelines.reading.titles import REPORT, folded, is_generic

_SELF_INSPECTION = re.compile(r"自查|自评|整改(?:情况)?(?:的)?报告|整改落实")
_WEBSITE = re.compile(
    r"(?:政府)?网站(?:工作|监管)?(?:工作)?(?:年度)?(?:工作|监管)?年?度?(?:报表|年报表)|(?:政府)?网站(?:建设)?(?:与管理)?(?:工作)?(?:年度(?:工作)?报告|年报|工作报告|监管)|政务新媒体.{0,10}(?:年度报表|年报)|年度报表"
)
_WEBSITE_YEAR = re.compile(r"网站.{0,8}(?:工作|监管)?(?:年度)?(?:工作)?报[表告]$")
_INTERPRETATION = re.compile(
    r"解读|图解|一图(?:读懂|看懂)|图说|图文版|速读|读懂|看懂|(?:年报|年度报告)H5|长图|动漫|问答"
)
_NOTICE = re.compile(
    r"通知|公示|公布情况|发布情况|公告|通报|的函|批复|(?:年报|年度报告|报告).{0,6}(?:汇总|目录|一览|名单|链接|清单)|编制(?:发布)?(?:工作)?(?:要求|格式)|格式|模板|催报"
)
_OTHER = re.compile(
    r"指南|制度|(?:工作)?要点|法治政府|依法行政(?:工作)?(?:年度)?报告|工作(?:计划|方案|安排)|实施方案|办法|条例|规定|目录$|申请表|流程图|考核|预算|决算|"
    r"政府工作报告|统计公报|三公经费|权责清单|双随机|规范性文件清理|季度|第[一二三四1-4]季|上半年|半年|月报|月份|评估报告|满意度|社会信用"
)
# Of the report, not the report: 召开…年度报告编制培训会, …年度报告发布工作圆满完成, 关于更正…年度报告的说明.
_ABOUT_REPORTS = re.compile(
    r"(?:会议?|培训班?|座谈|动员|部署|调研|督查|检查|抽查)$|(?:圆满|顺利|全面|按时|如期)?(?:完成|启动|收官|结束)$|"
    r"^关于(?:更正|修正|修改|勘误|撤回|撤下|延期|补充)|(?:报告|年报)(?:的|撰写|编写|编制)*说明$"
)
# Disclosure under other laws, and a month's report: 环境信息公开年度报告, 12月政府信息公开工作报告.
_OF_OTHER_MATTERS = re.compile(
    r"(?:(?<!生态)环境|预决算|预算|决算|国有企业|财务|信用)信息公开|年\d{1,2}月份?(?:的)?(?:政府|政务)?信息公开"
)
_STATEMENT = re.compile(r"政府信息公开(?:工作)?(?:的)?(?:条例|年度报告|年报)|《条例》")
_SECTIONS = (
    re.compile(r"总体情况|概\s*述|基本情况"),
    re.compile(r"主动公开(?:政府|政务)?信息"),
    re.compile(r"(?:收到和处理|依申请公开|申请公开|公开申请)"),
    re.compile(r"行政复议|行政诉讼"),
    re.compile(r"存在.{0,8}问题|改进(?:情况|措施)|不足"),
    re.compile(r"其他需要?报告|需要说明的|收费(?:及|和)?减免"),
)


def kind_of(title: str | None, text: str, column_title: str | None = None) -> Kind:
    """The title decides; where it fits anything or says nothing, the text's six statutory sections do."""
    name = folded(title or "")
    body = bare(text[:40000])
    if title and simplified(title) != title:
        body = simplified(body)
    named = REPORT.search(name) is not None
    evidence = sections_found(body)
    if name and not is_generic(name):
        special = _special(name, named=named)
        if special is not None:
            # "关于印发…年度报告的通知" may carry the report itself; a self-inspection never is one.
            if (
                special is Kind.NOTICE
                and named
                and evidence >= 5
                and re.search(r"关于(?:印发|报送|上报|发布|公布)", name)
            ):
                return Kind.ANNUAL_REPORT
            return special
        if named:
            return Kind.ANNUAL_REPORT
        if re.search(r"年度?报告?$|年报|公开.{0,8}(?:情况|报告|总结)", name) and evidence >= 3:
            return Kind.ANNUAL_REPORT
        return Kind.ANNUAL_REPORT if evidence >= 5 and _STATEMENT.search(body[:3000]) else Kind.OTHER
    if evidence >= 4 or (evidence >= 3 and _STATEMENT.search(body[:3000])):
        opening = body[:300]
        return Kind.SELF_INSPECTION if "自查情况" in opening and "年度报告" not in opening else Kind.ANNUAL_REPORT
    if column_title and REPORT.search(folded(column_title)) and named:
        return Kind.ANNUAL_REPORT
    return Kind.ANNUAL_REPORT if named and _STATEMENT.search(body[:3000]) else Kind.OTHER


def sections_found(text: str) -> int:
    """How many of the six things every report must treat (Regulations, Art. 50) a text speaks of."""
    return sum(1 for pattern in _SECTIONS if pattern.search(text))


def _special(name: str, *, named: bool) -> Kind | None:
    if _SELF_INSPECTION.search(name):
        return Kind.SELF_INSPECTION
    if _INTERPRETATION.search(name):
        return Kind.INTERPRETATION
    if (_WEBSITE.search(name) or _WEBSITE_YEAR.search(name)) and not re.search(
        r"信息公开(?:工作)?年度(?:工作)?报告$", name
    ):
        return Kind.WEBSITE_REPORT
    if _NOTICE.search(name):
        return Kind.NOTICE
    if _ABOUT_REPORTS.search(name) or _OF_OTHER_MATTERS.search(name):
        return Kind.OTHER
    if _OTHER.search(name) and not (
        named and not re.search(r"指南|制度|要点|计划|方案|季度|半年|月报|考核|评估|法治政府|办法$", name)
    ):
        return Kind.OTHER
    return None
