"""What a page says where that is all it says."""

from __future__ import annotations

import re

from crawler.errors import Unreadable
from crawler.refusals.answer import CHROME, CHROME_MESSAGE, FIREWALL_ERROR, WHOLE_MESSAGE, WORDLESS, Answer

_PLACE = r"(?:页面|网页|网址|链接|路径|文章|稿件|URL|page|file|resource|document)"
_GONE = (
    r"(?:不存在|找不到|未找到|无法找到|没找到|不见了|丢失|走丢|飞走|已?失效|已过期|无法(?:访问|显示|打开)|"
    r"(?:已被|已经被|被|已|已经)(?:删除|移除|移走|撤销|撤下|下线|转移))"
)
MISSING = re.compile(
    rf"{_PLACE}(?:可能)?[^。！!?？.,，]{{0,12}}?{_GONE}"
    rf"|"
    rf"(?:访问|查看|浏览|请求|查找|打开)的?(?:文件|文档|地址|资源|目录|栏目|内容|信息|"
    rf"附件)(?:可能)?[^。！!?？.,，]{{0,6}}?{_GONE}"
    rf"|(?:该|此|当前)(?:文件|文档|地址|资源|目录|栏目|内容|信息|附件)(?:可能)?(?:不存在或|{_GONE})"
    r"|"
    r"(?:找不到|未找到|没有找到|无法找到|无法打开|无法显示|不存在)[^。！!?？，,暂]{0,14}?(?:页面|网页|网址|资源|"
    r"URL|此?链接|该?文章|您(?:要)?(?:访问|请求|查看|浏览)的)"
    r"|^(?:\W|抱歉|对不起|很抱歉|oops|sorry|http|status|error|错误)*404(?![\d件条个号万元人次])|"
    r"404\W{0,3}(?:错误|error|not|页面|找不到|未找到)"
    r"|\bnot\s*found\b|no such (?:file|page)|does(?:n't| not) exist|cannot be found|出错[了啦]|"
    r"无此(?:页面|文章|栏目|信息)",
    re.I,
)
# An empty listing says these things too, and is no missing page.
_EMPTY_LIST = re.compile(
    r"暂无|没有(?:找到|查询到|查到)?(?:任何)?(?:相关|符合)|未(?:找到|查询到|查到|检索到)(?:任何)?(?:相关|符合)|"
    r"共\s*0\s*[条页]|无相关|无记录"
)
_ERROR_TITLE = re.compile(
    r"(?:http|status|error|错误|\W)*404(?![\d件条个号万元人次]).{0,24}"
    r"|(?:抱歉|对不起|很抱歉)?[,，]?(?:您|你)?(?:要|所|想要)?(?:访问|请求|查看|浏览)?的?"
    r"(?:页面|网页|文件|地址|网址|链接|资源|文章|URL)"
    r"(?:不存在|找不到了?|未找到|没有找到|丢失了?|走丢了?|已(?:被)?删除|错误|出错了?|不见了)"
    r"|(?:找不到|未找到|无法找到|没有找到)(?:页面|网页|文件|资源|您.{0,12})"
    r"|(?:the )?(?:page|file|object|resource) (?:was )?not found|(?:http )?not found"
    r"|错误(?:页面?|提示|信息)|出错(?:页面|提示|[了啦])|error(?: page)?",
    re.I,
)
_LOGIN = re.compile(
    r"请(?:您|先|重新)*登[录陆]|(?:用户|会员|后台|系统)登[录陆]|统一身份认证|未登[录陆]|登[录陆](?:超时|失效|已过期)",
    re.I,
)
_WITHHELD = re.compile(
    r"(?:无权|没有权限|没有权利|权限不足|未经授权|未被授权)[^。！!]{0,12}(?:访问|查看|浏览|阅读|操作|打开)?|"
    r"(?:信息|文章|稿件|内容|页面|文件|栏目)[^。]{0,6}(?:审核|审批|审查|待审|未审|未发布|尚未发布|未公开|暂不公开|不予公开|暂不开放|未开放)|"
    r"(?:暂不能|暂时不能|暂无法|暂时无法|不能|无法)(?:访问|查看|浏览|阅读|打开)|"
    r"(?:permission|authori[sz]ation) (?:denied|required)|not authori[sz]ed",
    re.I,
)
_CLOSED = re.compile(
    r"(?:网站|系统|站点|栏目|平台|页面|服务器)[^。]{0,10}(?:维护|升级|改版|建设|迁移|调整|检修|割接)(?:中|之中|"
    r"期间)|正在(?:维护|升级|改版|建设|迁移)|"
    r"(?:暂停|停止)(?:服务|访问|开放)|"
    r"(?:网站|站点|域名)[^。]{0,10}(?:已(?:经)?(?:关闭|停用|下线|过期|暂停|停止|注销|迁移)|"
    r"暂时?(?:关闭|无法|不能)|未(?:备案|开通|绑定|授权))|"
    r"under (?:construction|maintenance)|welcome to nginx|apache2? \w* ?default page|it works!|"
    r"successfully installed tomcat|IIS Windows",
    re.I,
)
_PROGRAM_ERROR = re.compile(
    r"(?:HTTP\s*)?Status\s*[-:]?\s*50\d|\b50[0234]\s*(?:Internal|Bad|Service|Gateway)|"
    r"java\.\w+\.[\w.]*(?:Exception|Error)|Exception (?:report|in)|"
    r"Server Error in|(?:ODBC|OLE DB|SQLSTATE|ORA-\d{4,5}|SQL syntax|PDOException)|"
    r"(?:服务器|系统|程序|数据库)(?:内部|运行|连接|发生)*(?:出现)?(?:错误|异常|繁忙|出错|忙)|"
    r"(?:Fatal|Parse) error\b|Internal Server Error|Bad Gateway|Gateway Time-?out",
    re.I,
)


def by_message(answer: Answer) -> Unreadable | None:
    """What a page says where that is all it says."""
    url = answer.url
    if not _ERROR_TITLE.fullmatch(_without_site(answer.title)):
        if answer.is_about_a_report or len(answer.words) > CHROME:
            return None
    elif len(answer.words) > CHROME:
        return None
    elif len(answer.message) <= FIREWALL_ERROR:
        return Unreadable(f"its title says {answer.title!r}: {url}", name="soft_404")
    elif answer.is_about_a_report:
        return None
    said = answer.words
    if len(said) > WHOLE_MESSAGE:
        said = answer.message
        if len(said) > CHROME_MESSAGE:
            return None
    if _PROGRAM_ERROR.search(said) or (len(said) <= WORDLESS and _PROGRAM_ERROR.search(answer.title)):
        return Unreadable(f"a program's error message under {answer.status}: {url}", name="server_error")
    if MISSING.search(said) and not _EMPTY_LIST.search(said):
        return Unreadable(f"says that it is not there: {url}", name="soft_404")
    if _CLOSED.search(said):
        return Unreadable(f"closed: {url}", name="maintenance")
    if len(said) <= WORDLESS and _WITHHELD.search(said) and not _EMPTY_LIST.search(said):
        return Unreadable(f"withheld: {url}", name="withheld")
    if _LOGIN.search(said) and re.search(r"type\s*=\s*['\"]?password|请(?:您|先|重新)*登[录陆]", answer.text, re.I):
        return Unreadable(f"a login: {url}", name="login_required")
    return None


def _without_site(title: str) -> str:
    """A title without the site's name beside it: ``404_缙云县人民政府`` → ``404``."""
    pieces = [piece.strip() for piece in re.split(r"\s*[-_|–—]{1,2}\s*", title) if piece.strip()]
    kept = [
        piece
        for piece in pieces
        if not re.search(r"(?:人民政府|政府网|门户网站|网|委员会|局|厅|办公室)(?:站|办公室)?$", piece)
    ]
    return "-".join(kept)
