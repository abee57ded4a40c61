"""Firewalls, fences and tests for humans, by their own words."""

from __future__ import annotations

import re

from crawler.errors import Blocked
from crawler.refusals.answer import FIREWALL_ERROR, FIREWALL_MESSAGE, WHOLE_MESSAGE, Answer
from crawler.refusals.statuses import TooManyRequests, wait_asked_for

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


def firewall(answer: Answer) -> Blocked | None:
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
        return TooManyRequests(f"{status}, asked too often: {url}", retry_after=wait_asked_for(answer))
    if status in (404, 410, 429):
        return None
    denied = _FIREWALL.search(said) or (
        (status in (403, 405, 406) or length <= WHOLE_MESSAGE) and status < 500 and _DENIAL.search(said)
    )
    if denied and not (status == 403 and not _FIREWALL.search(said) and _PLAIN_FORBIDDEN.search(said)):
        return Blocked(f"{status}, refused by a firewall: {url}", name=f"waf_{status}")
    return None
