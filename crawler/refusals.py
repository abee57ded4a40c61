"""Answers that are no pages: refusals, failures and error pages, each by its name.

``recognise`` looks at one answer before anyone reads it and returns (never raises) the error it stands for:

======================  ===================================================================================
``Blocked``             the portal refuses us
``riversafe_<status>``  瑞数: 412 (older 202), or its script page under another status
``jsl_<status>``        加速乐/创宇盾: 521, script that sets ``__jsl_clearance``
``waf_<status>``        a firewall's own words (405 电信云防护 …)
``geo_fence``           refused for where we ask from (奇安信 GeoBL, 境外)
``cookie_challenge``    a wordless page that sets a cookie by script and asks for itself again
``js_challenge``        a wordless page made of script under 202, or with the marks of another known product
``refresh_challenge``   a wordless page that sends back to the same address after a moment
``captcha``             prove you are human
``forbidden_403``       403 without further words
``too_many_requests``   429, or words to that effect; ``retry_after`` where the server says
``same_page``           one answer for every address (``spiders.sameness``)
----------------------  -----------------------------------------------------------------------------------
``Unreadable``          this page cannot be had
``not_found``           404
``gone_410``            410
``soft_404``            an error page under 200
``redirected_home``     sent to the home page instead
``redirected``          a redirect nobody followed
``empty_answer``        nothing, or next to nothing, under 200
``fake_pdf``            text or HTML under a PDF's address; ``fake_document`` under another document's
``server_error``        5xx, or a program's error message under 200
``service_unavailable`` 503; ``retry_after`` where the server says
``maintenance``         closed, moving, being built
``withheld``            not ours to see, or not published yet, in its own words
``login_required``      401, or sent to a login
``partial_answer``      206 nobody asked for
``foreign_coding``      a content coding nobody asked for
``request_timeout``     408
``client_error``        any other 4xx
======================  ===================================================================================

Words are only taken for a refusal where they are all the page has to say: a report that discusses blocked requests or
missing pages is a report.
"""

from __future__ import annotations

import html
import json
import re
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit
from xml.etree import ElementTree

from crawler.errors import Blocked, NianbaoError, Unreadable
from crawler.urls import INDEX_PAGE, bare_host, identity

Header = tuple[bytes, bytes]


class TooManyRequests(Blocked):
    """The portal wants to be asked more slowly: wait ``retry_after`` seconds (``None``: it does not say)."""

    name = "too_many_requests"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServiceUnavailable(Unreadable):
    """The portal cannot answer now: ask again after ``retry_after`` seconds (``None``: it does not say)."""

    name = "service_unavailable"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


TRANSIENT = frozenset(
    {
        "too_many_requests",
        "service_unavailable",
        "server_error",
        "request_timeout",
        "empty_answer",
        "partial_answer",
        "truncated",
        "damaged_gzip",
    }
)
"""Names of errors that may be gone a moment later."""

WORDLESS = 60  # characters of visible text below which a page says nothing
WHOLE_MESSAGE = 200  # characters below which a page's text is one message
FIREWALL_MESSAGE = 300  # firewalls explain themselves: event number, address, what to do
FIREWALL_ERROR = 1000  # the same under an error status, where nothing else is expected
CHROME_MESSAGE = 120  # characters beside links and imprint below which the rest of a page is one message
CHROME = 4000  # characters; no portal's header, menus and footer are longer
TINY = 64  # bytes; 3, 13 and 54 byte answers under 200 have been seen
FOREIGN_CODINGS = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})  # RFC 9110 §8.4.1, IANA
LOOKED_AT = 400_000  # bytes; no refusal is larger than that

_IGNORED = re.compile(r"<(?:!--|(script|style|template|noscript|title|select)\b)", re.I)
_IGNORED_UNTIL = {
    name: re.compile(rf"</{name}\s*>", re.I) for name in ("script", "style", "template", "noscript", "title", "select")
}
_TAG = re.compile(r"<[^<>]*>")
_ANCHOR = re.compile(r"<a\b[^<]*(?:<(?!/?a\b)[^<]*)*</a\s*>", re.I)
_SPACE = re.compile(r"[\s\u3000\xa0\u200b\ufeff]+")
_CJK_SPACE = re.compile(r"(?<=[^\x00-\xff]) | (?=[^\x00-\xff])")
_TITLE = re.compile(r"<title\b[^<>]*>([^<]{0,300})", re.I)
_SCRIPT = re.compile(r"<script\b[^<>]*>(.*?)(?:</script|\Z)", re.I | re.S)
_META = re.compile(r"<meta\b[^<>]*>", re.I)
_REFRESH = re.compile(r"http-equiv\s*=\s*[\"']?\s*refresh\b", re.I)
_REFRESH_TO = re.compile(r"content\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.I)
_DOOR = re.compile(r"<(?:a|area|iframe|frame|frameset|embed|object)\b", re.I)
_PICTURE = re.compile(r"<(?:img|input|form)\b", re.I)
_MARKUP = re.compile(
    r"\s*(?:<\?xml[^<>]*>\s*(?=<!doctype\s+html|<html))?<(?:!doctype\s+html|html|head|body|script|meta|title|div|p|table|h\d|center|!--)",
    re.I,
)

_RIVERSAFE = re.compile(
    r"\$_ts\b|FSSBBIl1UgzbN7N80|4hP44ZykCTt5P|MmEwMd|<(?:meta|script)\b[^<>]*\br\s*=\s*(['\"])m\1", re.I
)
_RIVERSAFE_COOKIE = re.compile(rb"FSSBBIl1UgzbN7N80[ST]=|4hP44ZykCTt5P\w?=|[A-Za-z0-9]{11,20}(?:80)?[STOP]=")
_JSL = re.compile(r"__jsl_clearance|'_'\)?\s*\+\s*\(?'_'\)?\s*\+\s*\(?'j'\)?\s*\+\s*\(?'s'\)?\s*\+\s*\(?'l'")
_OTHER_PRODUCT = re.compile(
    r"acw_sc__v\d|\barg1\s*=\s*['\"][0-9A-F]{40}|security_session_verify|security_verify_data|yunsuo_session|"
    r"wzwsconfirm|"
    r"wzws_cid|cf-chl|challenge-platform|_cf_chl_opt|waf_captcha|WAF_VERIFY|TSPD_101|bobcmn|aliyun_waf|/_guard/|"
    r"SafeLineChallenge|_Incapsula_Resource",
    re.I,
)
_SETS_COOKIE = re.compile(r"document\s*(?:\.\s*cookie|\[\s*['\"]cookie['\"]\s*\])\s*=(?!=)")
_ITSELF = (
    r"(?:(?:window|document|self|top)\s*\.\s*)?"
    r"(?:location(?:\s*\.\s*(?:href|pathname\s*\+[^;}]*search|toString\(\)))?|document\s*\.\s*URL)\s*(?:[;,)}\"'\n<]|\Z)"
)
_RELOADS = re.compile(
    r"location\s*\.\s*reload\s*\(|history\s*\.\s*go\s*\(\s*0"
    rf"|location(?:\s*\.\s*href)?\s*=(?!=)\s*{_ITSELF}|location\s*\.\s*(?:replace|assign)\s*\(\s*{_ITSELF}"
)
_GOES = re.compile(
    r"""location(?:\s*\.\s*href)?\s*=(?!=)\s*(['"])([^'"]+)\1"""
    r"""|location\s*\.\s*(?:replace|assign)\s*\(\s*(['"])([^'"]+)\3"""
)

_GEO = re.compile(
    r"GeoBL|geo[-_ ]?(?:block|ip|fence)|(?:境外|海外|国外|非中国大陆|港澳台)[^。]{0,20}(?:访问|IP|用户|地址)|"
    r"(?:所在|您的?)的?(?:国家|地区|区域)[^。]{0,20}(?:限制|禁止|不允许|无法|不能|不支持)|"
    r"(?:地域|区域|地区)(?:访问)?(?:限制|封禁)",
    re.I,
)
_DENIES = re.compile(r"拒绝|禁止|限制|拦截|阻断|无法|不能|不允许|不支持|封禁|block|den(?:y|ied)", re.I)
_FREQUENCY = re.compile(
    r"(?:访问|请求|操作|刷新|点击)(?:次数|频率)?(?:过于|太过?|过)(?:频繁|快|多|高)|频繁访问|too many requests|"
    r"rate limit(?:ed)?\b",
    re.I,
)
_FIREWALL = re.compile(
    r"云防护|云防火墙|(?:网站|应用|web)防火墙|网站卫士|云盾|云锁|网站安全狗|创宇盾|加速乐|玄武盾|雷池|"
    r"(?:访问|请求|操作)[^。，,]{0,12}(?:被|已被|已经被)[^。，,]{0,8}(?:拦截|阻断|阻止|屏蔽)|"
    r"(?:拦截|阻断|封禁|屏蔽)了?(?:您|你|本次|该|此|当前)[^。]{0,6}(?:访问|请求|IP|操作)|"
    r"(?:您|你|当前|访问者?)的?\s*IP[^。]{0,30}(?:封|拦截|禁止|限制|黑名单|屏蔽|拒绝)|(?:造成|存在|构成)安全威胁|"
    r"request (?:rejected|blocked)|requested URL was rejected|you have been blocked|web application firewall|\bWAF\b",
    re.I,
)
_DENIAL = re.compile(
    r"(?:访问|请求|操作)[^。，,]{0,12}(?:被|已被|已经被)[^。，,]{0,8}(?:拒绝|禁止)|"
    r"(?:禁止|拒绝)了?(?:您|你|本次|该|此|当前)[^。]{0,6}(?:访问|请求|IP|操作)|"
    r"(?:恶意|非法|可疑|异常|攻击)(?:访问|请求|流量|参数|操作)|不合法的?(?:参数|请求)|"
    r"access (?:to this \w+ )?(?:is |has been |was )?(?:denied|blocked)",
    re.I,
)
_PLAIN_FORBIDDEN = re.compile(r"nginx|apache|目录|凭据|credentials|directory", re.I)
_CAPTCHA = re.compile(
    r"人机(?:验证|识别|身份)|安全(?:验证|校验|检查中)|滑动(?:验证|滑块|解锁)|拖动[^。]{0,8}滑块|滑块验证|"
    r"(?:请|需)(?:先|您)?(?:输入|填写|完成)[^。]{0,12}验证|"
    r"不是机器人|验证(?:您|你)(?:是|不是|的身份)|正在(?:验证|检查|检测)[^。]{0,8}(?:浏览器|环境)|"
    r"are you (?:a )?human|not a robot|"
    r"verify (?:that )?you are human|\bcaptcha\b|just a moment|checking your browser",
    re.I,
)
_CAPTCHA_MARKUP = re.compile(r"<(?:script|form|input|img|canvas|button)\b", re.I)

_PLACE = r"(?:页面|网页|网址|链接|路径|文章|稿件|URL|page|file|resource|document)"
_GONE = (
    r"(?:不存在|找不到|未找到|无法找到|没找到|不见了|丢失|走丢|飞走|已?失效|已过期|无法(?:访问|显示|打开)|"
    r"(?:已被|已经被|被|已|已经)(?:删除|移除|移走|撤销|撤下|下线|转移))"
)
_MISSING = re.compile(
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
_REPORT_TITLE = re.compile(r"信息公开[^。；;]{0,20}(?:报告|年报)")
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
_ERROR_PATH = re.compile(
    r"/(?:\w*[-_]?404\w{0,4}|errors?|error[-_]?pages?|err|not[-_]?found|page[-_]?not[-_]?found|nopage)(?:/|"
    r"\.\w{2,5}$|$)",
    re.I,
)
_LOGIN_PATH = re.compile(
    r"/(?:\w*login|signin|sign_in|cas|sso|oauth2?)(?:/\w*(?:login|authorize))?(?:\.\w{2,5})?/?$", re.I
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
# What stands in the imprint of every page of a portal, error pages included.
_IMPRINT = re.compile(
    r"(?:版权所有|copyright|©|主办(?:单位)?|承办(?:单位)?|(?:建设|运维|维护)(?:单位|维护|\s*[:：])|技术支持|"
    r"网站标识码|备案(?:序)?号|\w{0,3}ICP[备证]|[\u4e00-\u9fff]公网安备|"
    r"(?:地址|邮编|电话|传真|邮箱|E-?mail)\s*[:：]|联系(?:我们|方式|电话)|网站地图|最佳浏览|建议使用|分辨率|您是第|访问量)[^\n]*",
    re.I,
)
_DOCUMENT = re.compile(r"\.(pdf|docx?|wps|xlsx?|et|ofd|zip|rar|7z|rtf)$", re.I)
_OFFICE_MARKUP = re.compile(
    r"urn:schemas-microsoft-com|<w:WordDocument|mso-application|ProgId[^<>]{0,40}(?:Word|Excel)|MIME-Version:", re.I
)


@dataclass(frozen=True)
class _Answer:
    """One answer with what can be seen of it, worked out when it is asked for."""

    status: int
    headers: Sequence[Header]
    body: bytes
    url: str

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key.lower() == name), None)

    @cached_property
    def text(self) -> str:
        """The body as text; binary bodies have none."""
        sample = self.body[:LOOKED_AT]
        if sample[:2] == b"\x1f\x8b":
            try:
                sample = zlib.decompressobj(wbits=31).decompress(sample, LOOKED_AT)
            except zlib.error:
                return ""
        if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
            return sample.decode("utf-16", "replace")
        if b"\0" in sample[:2048]:
            return ""
        try:
            return sample.decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            if fault.start > len(sample) - 4:
                return sample[: fault.start].decode("utf-8-sig")
            return sample.decode("gb18030", "replace")

    @cached_property
    def is_markup(self) -> bool:
        return bool(_MARKUP.match(self.text.lstrip("\ufeff")))

    @cached_property
    def is_data(self) -> bool:
        """JSON, JSONP or XML that can be parsed: an interface's answer, however short."""
        text = self.text.strip()
        if jsonp := re.fullmatch(r"[\w$.]+\s*\(\s*([\[{].*)\)\s*;?", text, re.S):
            text = jsonp[1].strip()
        if text.startswith(("{", "[")):
            try:
                json.loads(text, strict=False)
            except (ValueError, RecursionError):
                return False
            return True
        if text.startswith("<") and not self.is_markup and "<!DOCTYPE" not in text and "<!ENTITY" not in text:
            try:
                ElementTree.fromstring(text)  # noqa: S314 — entities and document types were turned away
            except (ElementTree.ParseError, ValueError):
                return False
            return True
        return False

    @cached_property
    def _markup(self) -> str:
        """The text without comments and elements that show nothing. Scripts are long: their ends are searched for."""
        text, kept, end = self.text, [], 0
        while opening := _IGNORED.search(text, end):
            kept.append(text[end : opening.start()])
            if name := opening[1]:
                closing = _IGNORED_UNTIL[name.lower()].search(text, opening.end())
                end = closing.end() if closing else len(text)
            else:
                found = text.find("-->", opening.end())
                end = len(text) if found < 0 else found + 3
        return " ".join([*kept, text[end:]])

    @cached_property
    def words(self) -> str:
        """What a reader sees, the title apart."""
        return _one_line(html.unescape(_TAG.sub(" ", self._markup)))

    @cached_property
    def message(self) -> str:
        """What a reader sees beside links and the imprint."""
        text = html.unescape(_TAG.sub("\n", _ANCHOR.sub("\n", self._markup)))
        return _one_line(_IMPRINT.sub("", text))

    @cached_property
    def title(self) -> str:
        found = _TITLE.search(self.text)
        return " ".join(html.unescape(_TAG.sub("", found[1])).split()) if found else ""

    @cached_property
    def script(self) -> str:
        return "\n".join(_SCRIPT.findall(self.text))

    @cached_property
    def shows_little(self) -> bool:
        """Hardly a word and no way on: where a product's marks are found on such a page, the page is the product's."""
        return not _DOOR.search(self._markup) and len(self.words) <= CHROME_MESSAGE

    @cached_property
    def wordless(self) -> bool:
        """A page that shows a reader nothing: no words, no picture, no frame, no link."""
        return not (_DOOR.search(self._markup) or _PICTURE.search(self._markup)) and len(self.words) <= WORDLESS

    @cached_property
    def refreshes(self) -> list[str]:
        """Where the page sends its reader by meta refresh; '' for itself."""
        found = []
        for tag in _META.findall(self.text):
            if _REFRESH.search(tag) and (content := _REFRESH_TO.search(tag)):
                value = html.unescape(next(group for group in (*content.groups(), "") if group is not None))
                target = re.sub(r"^\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?", "", value, flags=re.I)
                found.append(target.strip(" '\""))
        return found

    @cached_property
    def targets(self) -> list[str]:
        """Where the page sends its reader by meta refresh or plain script."""
        found = [target for target in self.refreshes if target]
        found += [first or second for _, first, _, second in _GOES.findall(self.script)]
        targets = []
        for target in found:
            with suppress(ValueError):
                targets.append(urljoin(self.url, target))
        return targets

    @cached_property
    def comes_back(self) -> bool:
        """Whether the page sends its reader to its own address again."""
        return "" in self.refreshes or any(_same_path(target, self.url) for target in self.targets)

    @cached_property
    def is_about_a_report(self) -> bool:
        """A short page that leads to a document, or names a report, says more than it seems to."""
        return bool(
            _REPORT_TITLE.search(self.title)
            or _REPORT_TITLE.search(self.words)
            or re.search(r"<(?:iframe|frame|embed|object)\b[^<>]*\b(?:src|data)\s*=", self._markup, re.I)
            or re.search(r"href\s*=\s*['\"]?[^'\" >]+\.(?:pdf|docx?|wps|xlsx?|zip|rar|ofd)\b", self._markup, re.I)
        )

    @property
    def cookies(self) -> list[bytes]:
        return [value.strip() for key, value in self.headers if key.lower() == b"set-cookie"]


def recognise(
    status: int,
    headers: Sequence[Header],
    body: bytes,
    *,
    url: str,
    requested: str,
    redirects: Sequence[str] = (),
    home: str | None = None,
) -> NianbaoError | None:
    """The refusal or failure an answer stands for; ``None`` for an answer that is to be read.

    ``url`` is where the answer came from, ``requested`` what was asked for first, ``body`` the payload with its content
    coding undone. ``home`` is the portal's home page where that is not the root of its host.
    """
    if status == 304:
        return None
    answer = _Answer(status, headers, body, url)
    return (
        _challenge(answer)
        or _firewall(answer)
        or _by_status(answer)
        or _by_redirect(answer, requested, redirects, home)
        or _by_body(answer, requested, home)
    )


def is_transient(error: BaseException) -> bool:
    """Whether asking again, a little later, may give another answer."""
    return isinstance(error, NianbaoError) and error.name in TRANSIENT


# ---------------------------------------------------------------- refusals


def _challenge(answer: _Answer) -> Blocked | None:
    """Pages made of script that only a browser gets past. We stop there."""
    status, url = answer.status, answer.url
    if status == 412:
        return Blocked(f"412, script challenge (瑞数): {url}", name="riversafe_412")
    if (status == 521 and answer.header(b"cf-ray") is None) or (
        status == 512
        and (
            answer.header(b"x-via-jsl") is not None
            or any(cookie.startswith(b"__jsl") for cookie in answer.cookies)
            or _JSL.search(answer.script)
        )
    ):
        return Blocked(f"{status}, script challenge (加速乐): {url}", name=f"jsl_{status}")
    if not answer.is_markup or not answer.shows_little:
        return None
    if _JSL.search(answer.script):
        return Blocked(f"{status}, script challenge (加速乐): {url}", name=f"jsl_{status}")
    if _RIVERSAFE.search(answer.text):
        return Blocked(f"{status}, script challenge (瑞数): {url}", name=f"riversafe_{status}")
    if _OTHER_PRODUCT.search(answer.text):
        return Blocked(f"{status}, script challenge: {url}", name="js_challenge")
    has_script = "<script" in answer.text.lower()
    if _SETS_COOKIE.search(answer.script) and (_RELOADS.search(answer.text) or answer.comes_back):
        return Blocked(f"{status}, a page that sets a cookie and reloads: {url}", name="cookie_challenge")
    if not answer.wordless:
        return None
    if status == 202 and has_script:
        named = any(_RIVERSAFE_COOKIE.match(cookie) for cookie in answer.cookies)
        return Blocked(f"202, a page of script without words: {url}", name="riversafe_202" if named else "js_challenge")
    if (answer.comes_back or (has_script and _RELOADS.search(answer.script))) and status in (200, 202, 403, 503):
        return Blocked(f"{status}, a page that only asks for itself again: {url}", name="refresh_challenge")
    return None


def _same_path(target: str, url: str) -> bool:
    ours, theirs = urlsplit(url), urlsplit(target)
    if (bare_host(ours.netloc), ours.path or "/") != (bare_host(theirs.netloc), theirs.path or "/"):
        return False
    # Another page of the same script (?id=1 → ?id=2) is another page; the same one with a token more is not.
    return set(parse_qsl(ours.query)) <= set(parse_qsl(theirs.query))


def _firewall(answer: _Answer) -> Blocked | None:
    """Firewalls, fences and tests for humans, by their own words, where these are the whole message."""
    status, url = answer.status, answer.url
    refused = status >= 400
    reason = (answer.header(b"reason") or answer.header(b"x-reason") or b"").lower()
    if refused and (b"geobl" in reason or (status == 403 and "GeoBL" in answer.text)):
        return Blocked(f"{status}, fenced by place (GeoBL): {url}", name="geo_fence")
    if answer.is_data or (not refused and answer.is_about_a_report) or not (answer.title or answer.words):
        return None
    length = len(answer.words)
    if length > (FIREWALL_ERROR if refused else FIREWALL_MESSAGE):
        return None
    said = f"{answer.title}\n{answer.words}"
    if _GEO.search(said) and (refused or _DENIES.search(said)):
        return Blocked(f"{status}, fenced by place: {url}", name="geo_fence")
    if length <= WHOLE_MESSAGE and _CAPTCHA.search(said) and _CAPTCHA_MARKUP.search(answer.text):
        return Blocked(f"{status}, a test for humans: {url}", name="captcha")
    if _FREQUENCY.search(said) and status not in (404, 410) and length <= FIREWALL_MESSAGE:
        return TooManyRequests(f"{status}, asked too often: {url}", retry_after=_retry_after(answer))
    if status in (404, 410, 429):
        return None
    denied = _FIREWALL.search(said) or (
        (status in (403, 405, 406) or length <= WHOLE_MESSAGE) and status < 500 and _DENIAL.search(said)
    )
    if denied and not (status == 403 and not _FIREWALL.search(said) and _PLAIN_FORBIDDEN.search(said)):
        return Blocked(f"{status}, refused by a firewall: {url}", name=f"waf_{status}")
    return None


# ---------------------------------------------------------------- failures


def _by_status(answer: _Answer) -> NianbaoError | None:
    status, url = answer.status, answer.url
    said = f"{status}: {url}"
    if 200 <= status < 300:
        if status == 206:
            return Unreadable(said, name="partial_answer")
        return Unreadable(said, name="empty_answer") if status in (204, 205) else None
    match status:
        case 401 | 407:
            return Unreadable(said, name="login_required")
        case 403:
            return Blocked(said, name="forbidden_403")
        case 404:
            return Unreadable(said, name="not_found")
        case 408:
            return Unreadable(said, name="request_timeout")
        case 410:
            return Unreadable(said, name="gone_410")
        case 429:
            return TooManyRequests(said, retry_after=_retry_after(answer))
        case 451:
            return Blocked(said, name="legal_451")
        case 503:
            return ServiceUnavailable(said, retry_after=_retry_after(answer))
    if status < 400:
        return _unfollowed(answer)
    return Unreadable(said, name="client_error" if status < 500 else "server_error")


def _unfollowed(answer: _Answer) -> Unreadable:
    """A redirect nobody followed."""
    location = (answer.header(b"location") or b"").decode("utf-8", "replace")
    return Unreadable(f"{answer.status} to {location or 'nowhere'}: {answer.url}", name="redirected")


def _retry_after(answer: _Answer) -> float | None:
    value = answer.header(b"retry-after")
    return None if value is None else retry_after(value.decode("latin-1"))


def retry_after(value: str, now: datetime | None = None) -> float | None:
    """Seconds from a ``Retry-After`` header, which holds seconds or a date (RFC 9110 §10.2.3); never negative."""
    value = value.strip()
    if re.fullmatch(r"\d{1,9}(?:\.\d+)?", value):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())


def _by_redirect(answer: _Answer, requested: str, redirects: Sequence[str], home: str | None) -> Unreadable | None:
    if not redirects or _same_page(requested, answer.url):
        return None
    path = unquote(urlsplit(answer.url).path)
    if _is_home(answer.url, home) and not _is_home(requested, home):
        return Unreadable(f"sent to the home page: {requested} → {answer.url}", name="redirected_home")
    if _ERROR_PATH.search(path) and not _ERROR_PATH.search(urlsplit(requested).path):
        return Unreadable(f"sent to an error page: {requested} → {answer.url}", name="soft_404")
    if _LOGIN_PATH.search(path) and not _LOGIN_PATH.search(urlsplit(requested).path):
        return Unreadable(f"sent to a login: {requested} → {answer.url}", name="login_required")
    return None


def _same_page(one: str, other: str) -> bool:
    try:
        return identity(one) == identity(other)
    except ValueError:
        return one == other


def _is_home(url: str, home: str | None) -> bool:
    if home is not None and _same_page(url, home):
        return True
    parts = urlsplit(url)
    path = INDEX_PAGE.sub("/", parts.path or "/")
    return (
        path == "/" or bool(re.fullmatch(r"/(?:main|home|shouye|sy)(?:\.\w{2,5})?/?", path, re.I))
    ) and not parts.query


def _by_body(answer: _Answer, requested: str, home: str | None) -> NianbaoError | None:
    body, url = answer.body, answer.url
    if not body.strip(b"\xef\xbb\xbf \t\r\n\0"):
        return Unreadable(f"empty: {url}", name="empty_answer")
    if coding := _foreign_coding(answer):
        return Unreadable(f"coded as {coding}, which nobody asked for: {url}", name="foreign_coding")
    if fake := _fake_document(answer):
        return fake
    if not answer.text or answer.is_data:
        return None
    if len(body) <= TINY and not _DOOR.search(answer.text) and not _DOCUMENT.search(urlsplit(url).path):
        if _MISSING.search(answer.words):
            return Unreadable(f"says that it is not there: {url}", name="soft_404")
        if not answer.targets:
            return Unreadable(f"{len(body)} bytes: {url}", name="empty_answer")
    if not answer.is_markup and len(answer.text) > FIREWALL_ERROR:
        return None
    if sent := _sent_home(answer, requested, home):
        return sent
    if answer.is_markup and answer.wordless and not (answer.words or answer.title or answer.script or answer.targets):
        return Unreadable(f"a page without words: {url}", name="empty_answer")
    return _by_message(answer)


def _foreign_coding(answer: _Answer) -> str | None:
    """A content coding that was not asked for and stands between us and the page; some servers name one and use none."""
    named = (answer.header(b"content-encoding") or b"").decode("latin-1").lower()
    coding = next((c.strip() for c in named.split(",") if c.strip() in FOREIGN_CODINGS), None)
    plain = (
        answer.is_markup or answer.is_data or answer.body.startswith((b"%PDF", b"PK", b"\xd0\xcf\x11\xe0", b"{\\rtf"))
    )
    return None if plain else coding


def _sent_home(answer: _Answer, requested: str, home: str | None) -> Unreadable | None:
    if not answer.wordless or _is_home(requested, home) or _is_home(answer.url, home):
        return None
    if any(_is_home(target, home) for target in answer.targets):
        return Unreadable(f"sends its reader to the home page: {answer.url}", name="redirected_home")
    return None


def _by_message(answer: _Answer) -> Unreadable | None:
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
    if _MISSING.search(said) and not _EMPTY_LIST.search(said):
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


def _fake_document(answer: _Answer) -> Unreadable | None:
    """An error page under a document's address."""
    parts = urlsplit(answer.url)
    named = _DOCUMENT.search(unquote(parts.path))
    if named is None and re.search(r"down|attach|file", parts.path, re.I):
        named = next((found for _, value in parse_qsl(parts.query) if (found := _DOCUMENT.search(value))), None)
    if named is None:
        media = (answer.header(b"content-type") or b"").split(b";")[0].strip().lower()
        if media != b"application/pdf":
            return None
        kind = "pdf"
    else:
        kind = named[1].lower()
    if not answer.text or b"%PDF-" in answer.body[:1024] or answer.text.lstrip().startswith("{\\rtf"):
        return None
    if kind in ("doc", "wps", "xls", "et", "rtf"):
        # Word and Excel write HTML and XML under their own names; a page of real length is left to the reader.
        if _OFFICE_MARKUP.search(answer.text[:20_000]) or len(answer.words) > FIREWALL_MESSAGE:
            return None
    elif answer.body[:2] == b"PK" or answer.body[:4] in (b"Rar!", b"7z\xbc\xaf"):
        return None
    name = "fake_pdf" if kind == "pdf" else "fake_document"
    return Unreadable(f"no {kind} but text that begins {answer.text[:40].strip()!r}: {answer.url}", name=name)


def _one_line(text: str) -> str:
    """Text with its white space as single spaces, none beside Chinese characters."""
    return _CJK_SPACE.sub("", _SPACE.sub(" ", text)).strip()
