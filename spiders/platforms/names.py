"""What a link's text says: a year, an agency, the name of an annual-report column, a report's title, a control."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CJK_GAP = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\s+(?=[\u3000-\u9fff\uff00-\uffef])")
_NUMERALS = str.maketrans("〇零○Ｏ一二三四五六七八九０１２３４５６７８９", "0000123456789" + "0123456789")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_YEAR_PART = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)\s*(?:年度(?!(?:工作)?报告)|年(?!度|报)|度)?")
_REPORT_PART = re.compile(
    r"(?:法定|主动公开|政府|政务|部门)*信息公开(?:工作)?(?:情况)?(?:的)?(?:年度|年)?(?:工作)?(?:情况)?(?:总结)?(?:报告|年报|报表)"
    r"|(?:政府|政务)?(?:信息)?公开(?:工作)?年度?报告?|年度工作报告|工作年度报告|年度报告|工作年报|年报"
)
REPORT = re.compile(
    r"信息公开(?:工作)?(?:情况)?(?:的)?\s*(?:(?:19|20)\d{2})?\s*年?度?(?:工作)?(?:情况)?(?:总结)?(?:的)?报告|信息公开(?:工作)?年报"
    r"|政务公开(?:工作)?\s*(?:(?:19|20)\d{2})?\s*年?度?(?:工作)?(?:总结)?报告"
)
DECOY = re.compile(r"自查|要点|指南|制度|监管年度报表|网站工作年度报表|通知|格式|解读|图解")
AGENCY = re.compile(
    r"(?:局|委|委员会|办|办公室|厅|院|署|办事处|管理处|服务处|监管处|中心|所|(?<!网)站|队|档案馆|图书馆|博物馆|供销社|合作社|"
    r"联合会|协会|工会|学会|理事会|贸促会|红十字会|残联|文联|科协|妇联|侨联|工商联|团委|宣传部|组织部|统战部|武装部|人武部|"
    r"研究室|学校|学院|大学|中学|小学|公司|集团|银行|镇|乡|街道|苏木|社区|县|旗|盟|州|市|区|政府|党校|行政公署|行署|团场|"
    r"农场|林场|管理部|管委|开发区|园区|新区|高新区|经开区|示范区|保税区|管理区)$"
)
BUREAU = re.compile(
    r"(?:局|厅|委|委员会|镇|乡|街道|办事处)$"
)  # whatever else such a name holds: 统计局, 自然资源和规划局
NOT_AGENCY = re.compile(
    r"^(?:政务公开|信息公开|新闻中心|下载中心|互动中心|资讯中心|政务公开办|办事服务中心|办事大厅|服务大厅|个人中心|用户中心|"
    r"公开目录|市民中心|领导之窗|本网站|政府网站|网站|手机站|公众号|县区|市县|全部乡镇|乡镇|街道|镇街|各区|各县|区县|全区|全市|全县)$"
)
NOT_IN_AGENCY = re.compile(
    r"规章|制度|指南|目录|专栏|专题|新闻|公告|动态|法规|政策|解读|申请|平台|邮箱|投诉|举报|登录|注册|网站|链接|介绍|概况|职能|"
    r"规划|预算|决算|统计|招考|采购|走进|魅力|旅游|服务指|互动|数据|热线|征集"
)
GROUP = re.compile(
    r"^(?:本)?(?:各|全)?(?:县区|区县|市县|县市|[省市县区州旗](?:人民)?(?:政府)?)?(?:办公[厅室])?[及和与]?其?各?"
    r"(?:市直|县直|区直|省直|直属|直|级|属|所属|下属|派出|其他|公共|垂直管理|国有)?(?:政府)?(?:工作|组成)?"
    r"(?:部门|单位|机关|机构|区县|县区|市县|县市|市区|县[（(]市、?区[）)]|县市区|乡镇|镇街|街镇|镇乡|镇村|街乡|街道|镇[（(]街道[）)]|"
    r"乡镇[（(]街道[）)]|乡镇[及和与]?街道|街道[及和与]?乡镇|开发区|园区|功能区|企事业单位|驻.单位|垂管单位|派出机构|部门单位|本级|国有企业|国企|高校|镇|乡|"
    r"开发区[（(]?园区[）)]?|县[（(]?市、?区[）)]?(?:人民)?政府)$"
)
NEXT = re.compile(
    r"^\W*(?:下一?页|下一頁|后一?页|next(?:\s*page)?|next\s*›|›|»|>|>>|＞|(?:较早|更早)的?(?:文章|信息|内容|报告)|older(?:\s*posts)?)\W*$",
    re.I,
)
YEAR_STEP = re.compile(r"^\W*(?:上|前|下|后)一?(?:个)?年度?\W*$")  # from year to year, none of them named
CONTROL = re.compile(
    r"^\W*(?:首页|首頁|第一页|上一?页|前一?页|下一?页|后一?页|尾页|末页|最后一?页|prev(?:ious)?|next|first|last|go|跳转|确定|转到|转|"
    r"第?\s*\d{1,3}\s*页?|\.\.\.|…)\W*$",
    re.I,
)
LETTER = re.compile(r"[A-Z]")  # of an index of agencies
EARLIER = re.compile(r"更多|往年|历年|以往|历史|往期|过往|归档|存档|早期|以前|之前")
GATHERED = re.compile(r"(?:专栏|专题|专区|汇总|合集|集中公开)(?:页|页面)?\W*$")
_HOLDS = re.compile(
    r"(?<=\D)[（(\[【]\s*(?:共\s*)?\d{1,3}\s*[篇条个份件]?\s*[）)\]】]\s*$|(?<=\D)\s\d{1,3}\s*[篇条份件]$"
)
_OF_A_GROUP = re.compile(
    r"(?:各|所有|[市县区]直|直属|所属|下属)[^局委办厅]{0,6}?(?:部门|单位|机关|机构|乡镇|镇街|街道|委办局)[（(]?(?:街道|乡镇)?[）)]?(?=(?:19|20)\d{2}|政府|信息|政务|年)"
)
MORE = re.compile(r"^\W*(?:更多|查看更多|更多内容|more|查看全部|全部)\W*$", re.I)
GENERIC = re.compile(
    r"^\W*(?:点击)?(?:查看|下载|浏览|阅读|预览)?(?:查看|详情|详细|全文|原文|正文|附件|文件|报告|PDF版?|WORD版?|DOCX?|HTML|网页版?|文字版|图解版?|"
    r"下载|浏览|此处|这里|链接|年报|(?:PDF|WORD|DOCX?|网页|文字)版?(?:格式|文档|文件)?(?:下载|查看|预览|浏览|阅读))?\W*$",
    re.I,
)
CHROME = re.compile(
    r"^\W*(?:网站|本站|本栏目|站点)?(?:首页|主页|地图|导航|声明|帮助|简介|栏目)$"
    r"|^(?:返回|进入|回到|关于|联系)(?:我们|首页|顶部|列表|上级|上一级|主页|旧版|老版)?$"
    r"|^(?:设为首页|加入收藏|收藏本站|无障碍(?:浏览|阅读|版)?|长者版|适老版|关怀版|老年版|适老化|繁体(?:版|中文)?|简体(?:版|中文)?|English|EN|登录|注册|"
    r"个人中心|用户中心|手机版|移动版|电脑版|客户端|微信|微博|邮箱|RSS|隐私\w*|免责声明|版权\w*|网站声明|打印(?:本页)?|关闭(?:窗口)?|分享\w*|"
    r"搜索|检索|高级搜索|\w*ICP\w*|\w*公网安备.*|党政机关|找错|政府网站找错|智能问答|网站纠错|纠错)$",
    re.I,
)
HOT = re.compile(
    r"热点|热门|推荐|排行|点击量|点击榜|浏览量|阅读榜|相关(?:阅读|链接|信息|文章|新闻|内容|推荐)|友情|猜你|最近更新|最新(?:发布|信息|动态|更新|公开|文章|资讯)|"
    r"要闻|图片新闻|滚动|快速通道|快捷|专题|网站链接|站群|导航"
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a short text says. ``bare``: it names a year, an agency, a group or the column, and nothing more."""

    text: str
    year: int | None = None
    agency: str | None = None
    group: bool = False
    report: bool = False  # names the annual report or its column
    bare: bool = False


def squeeze(text: str) -> str:
    """White space as one space, none between two Chinese characters."""
    return _CJK_GAP.sub("", " ".join(text.split())).strip(" \u3000·•▪■●◆►»›|")


def year_in(text: str) -> int | None:
    """The one year a text names, also in Chinese numerals (二〇一九年)."""
    plain = re.sub(r"[〇零○Ｏ一二三四五六七八九０-９]{4}(?=\s*年)", lambda found: found[0].translate(_NUMERALS), text)
    found = {int(year) for year in _YEAR.findall(plain)}
    return found.pop() if len(found) == 1 else None


def is_report(text: str) -> bool:
    """Whether a title is an annual report's, or says enough to be taken for one: the reader decides later."""
    return bool(REPORT.search(text)) and not DECOY.search(text)


def is_agency(text: str) -> bool:
    """Whether a short text is the name of an agency, a township or a place with a government."""
    return (
        2 <= len(text) <= 28
        and not re.search(r"\d", text)
        and bool(AGENCY.search(text))
        and not NOT_AGENCY.search(text)
        and (bool(BUREAU.search(text)) or not NOT_IN_AGENCY.search(text))
    )


def gathers(text: str) -> bool:
    """Whether a title is that of the reports of many: 2022年某县政府信息公开年报汇总, 各部门2022年政府信息公开年度报告."""
    return is_report(text) and bool(GATHERED.search(text) or _OF_A_GROUP.search(text))


def label(text: str) -> Label:
    """Reads a link's text as the name of a sub-column; how many it holds (``2021年(12)``) is no part of its name."""
    text = _HOLDS.sub("", squeeze(text)) or squeeze(text)
    plain = re.sub(r"[〇零○Ｏ一二三四五六七八九０-９]{4}(?=\s*年)", lambda found: found[0].translate(_NUMERALS), text)
    year = year_in(plain)
    rest = _YEAR_PART.sub("", plain)
    stripped = _REPORT_PART.sub("", rest)
    report = stripped != rest
    stripped = re.sub(
        r"[\s\[\]【】（）()〔〕《》:：\-—_+>»·、,，.。|/]|政府信息公开|栏目|汇总|列表|关于|^的|的$|^各$|及以前|以前|之前"
        r"|^(?:查看|浏览)?(?:更多|往年|历年|以往|历史|往期|过往|归档|存档|早期)的?",
        "",
        stripped,
    )
    if not stripped or (year and stripped == "公开"):
        return Label(text, year=year, report=report, bare=report or rest != plain or text == "汇总")
    if GROUP.search(stripped) and len(stripped) <= 16:
        return Label(text, year=year, group=True, report=report, bare=True)
    if report and re.search(r"[省市县区州旗盟]$", stripped) and len(stripped) <= 12:
        return Label(
            text, year=year, report=report, bare=not year
        )  # a place: the report of its government, or all of them
    if is_agency(stripped):
        return Label(text, year=year, agency=stripped, report=report, bare=not (year and report))
    return Label(text, year=year, report=report)
