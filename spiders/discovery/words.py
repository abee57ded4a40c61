"""What words and addresses say on the way to the annual reports: columns, ways on, and what looks like either."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[\s\u3000\xa0]+")
_BRACKETS = re.compile(r"[\[\]【】（）()〔〕《》<>〈〉“”\"'|·•>»›:：]+")
# A column of annual reports on information disclosure, whatever stands before it.
ANNUAL = re.compile(
    r"公开(?:工作)?(?:情况)?的?(?:\d{4})?(?:年度|年)?(?:工作)?(?:情况)?(?:总结)?(?:报告|年报|年度报表)|"
    r"公开(?:工作)?年报|信息公开年(?:度)?报"
)
BARE_ANNUAL = re.compile(
    r"(?:历年|历史|往年)?的?(?:工作)?(?:年报|年度报告|年度工作报告|工作年度报告|年度报告书|年报公开)(?:栏目|专栏)?|"
    r"(?:19|20)\d{2}年?(?:度(?:工作)?报告|年?报|年度报告)"
)
DISCLOSURE_SLUG = re.compile(
    r"(?:^|[/_=-])(?:zf)?(?:xxgk|xxgkgz|gkgz|gk|zwgk|zwxxgk|bmxxgk|szfxxgk)\w{0,4}?"
    r"(?:nb|ndbg|ndgb|ndgzbg|gzndbg|gznb|gzbg|nianbao|nb\d{4})(?:_?\d+)?(?=[/._?&-]|$)|zfxxgk\w{0,3}(?:nb|ndbg|ndgzbg|gzndbg)",
    re.I,
)
ANNUAL_SLUG = re.compile(
    r"(?:^|[/_=-])(?:nb|ndbg|ndgb|nianbao|niandubaogao|gknb\d*|\d{4}nb|nb_?\d{4}|bmnb)(?:_?\d+)?(?=[/._?&-]|$)", re.I
)
GK_SLUG = re.compile(r"xxgk|zwgk|gkml|(?:^|[/_.-])gk(?:[/_.-]|$)|gongkai|gkmlpt|opengov|openinfo", re.I)
DECOY = re.compile(
    r"网站.{0,6}(?:年度|工作|监管)?.{0,4}(?:报表|年报)|(?:监管|政府网站).{0,4}(?:年度)?报表|法治|依法行政|财政|预算|决算|统计|环境|环保|生态|企业|公司|市场主体|"
    r"个体|工商|事业单位法人|法人|社会组织|民办|慈善|基金|上市|质量|食品|药品|安全生产|知识产权|专利|审计|司法|检察|法院|廉政|党风|政府工作报告|"
    r"年鉴|年检|填报|申报|报送|登录|查询系统|公示系统|信用|绩效|民生|经济|水资源|国土|地质|气象|卫生统计|教育质量|就业质量|住房公积金|公积金|"
    r"解读|图解|要点|自查|自评|制度|指南|规定|办法|通知|格式|模板|意见|考核|评估|培训|招聘|述职|履职|建议|提案|信访"
)
# What no department's name explains; 统计局年报 is a department's column, 统计年报 is not.
NEVER = re.compile(
    r"网站|报表|解读|图解|制度|指南|要点|通知|规定|办法|自查|自评|考核|评估|格式|模板|法治|依法行政|预算|决算|事业单位|法人|"
    r"(?:企业|公司|工商|环境|统计|财政|公积金|质量|信用)(?:信息)?(?:年报|年度报告)|公示|填报|申报|报送|查询|年鉴|年检"
)
MENU_COMPANY = re.compile(r"(?:公开)?(?:指南|制度)|依申请公开|法定主动公开|公开目录|主动公开")
DISCLOSURE = re.compile(r"(?:政府|政务)信息公开|信息公开|政务公开")
WAYS = (
    (re.compile(r"(?:政府信息公开|信息公开)(?:专栏|平台|网|专题|栏目|频道|首页|主页|系统|门户)?"), 95),
    (re.compile(r".{0,14}?(?:政府信息公开|信息公开)(?:专栏|平台|网|专题|栏目)"), 88),
    (re.compile(r"政务公开(?:专栏|平台|网|频道|栏目)?|政府公开"), 80),
    (re.compile(r"(?:法定)?主动公开(?:内容|目录|信息)?|(?:政府)?(?:信息)?公开(?:目录|内容|总目录)|公开"), 70),
    (re.compile(r".{2,14}(?:政府|市|县|区|旗|州|盟|本级)(?:政府)?信息公开(?:目录)?"), 66),
    (re.compile(r"公开(?:工作|事项|信息|栏目)|信息公开(?:工作|事项|栏目|总览|索引)"), 55),
)
SITE_MAP = re.compile(r"(?:网站|站点|本站)(?:地图|导航)|sitemap|site map", re.I)
UNITS = re.compile(
    r"(?:各|市|县|区|政府|市直|县直|区直|直属|基层|重点|领域)*"
    r"(?:部门|单位|乡镇|镇街|街镇|街道|镇乡|县区|区县|县市|县市区|乡镇街道|街道乡镇|园区|开发区|委办局)+"
    r"(?:政府)?(?:政务|信息|政府信息)?公开(?:目录|平台|专栏|信息|内容)?"
)
NO_STEP = re.compile(
    r"指南|制度|依申请|申请公开|意见|投诉|举报|公示|招标|采购|招聘|人事|任免|解读|要点|新闻|公告|通知|法规|规章|规范性|文件库|政策|预决算|"
    r"重点领域|双公开|五公开|试点|标准化|规范化|权责|权力|许可|处罚|收费|应急|统计|规划|会议|实施方案|培训|考核|第三方|评估|查询|检索|登记"
)


def is_annual_name(text: str) -> bool:
    said = said_of(text)
    if DECOY.search(said):
        return False
    return bool((ANNUAL.search(said) and len(said) <= 30) or BARE_ANNUAL.fullmatch(said))


def names_one_report(said: str) -> bool:
    """A report's whole title (某县2020年政府信息公开工作年度报告) rather than a year's column (2020年信息公开年报)."""
    return bool(
        re.search(r"报告$", said)
        and re.search(r"[\u4e00-\u9fff]{3,}\d{4}年|\d{4}年度?[\u4e00-\u9fff]{2,}(?:局|委|办|政府|镇|乡|街道)", said)
    )


def said_of(text: str) -> str:
    """A text without spaces, brackets and arrows."""
    return _BRACKETS.sub("", _SPACES.sub("", text))


def weight(text: str) -> int:
    said = said_of(text)
    return 2 if ANNUAL.search(said) or BARE_ANNUAL.fullmatch(said) else 1 if DISCLOSURE.search(said) else 0
