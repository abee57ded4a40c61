"""Lines that are the site's and not the report's: tools of the page, breadcrumbs, footers."""

from __future__ import annotations

import re

from crawler.traditional import simplified

_TOOL_WORDS = re.compile(
    "扫一扫在手机(?:上)?(?:打开|查看)(?:当前|此)?页面?|扫一扫手机(?:打开|查看)(?:当前|此)?页面?|用?手机扫一扫|扫描二维码|"
    "打印(?:本页|文章|此页|全文)?|关闭(?:窗口|本页|页面|此页)?|(?:加入)?收藏(?:本页)?|(?:一键)?分享(?:到|至)?[:：]?|"
    "(?:微信|新浪)?微博|微信|QQ空间|QQ好友|人人网|腾讯|字号|字体(?:大小)?|文字大小|特大|超大|大|中|小|默认|繁体|简体|繁|简|返回(?:顶部|列表|上页|首页)?|顶部|"
    "手机(?:查看|版)|二维码|纠错|我要纠错|网页纠错|视力保护色|双击自动滚屏|语音播报|语音朗读|朗读|播放|暂停|"
    "浏览次数|浏览量|阅读量|阅读次数|点击数|点击率|点击量|访问量|点击|浏览|阅读|下载(?:文字版|全文|本文|PDF|word)?|次|人气|"
    "网站地图|相关(?:链接|附件|文档|文件|报道|信息|阅读|稿件|新闻)|无障碍(?:浏览)?|适老(?:版|模式)|公开目录|推荐|保存|转发|点赞|举报|评论|放大|缩小|还原"
)
_BREADCRUMB = re.compile(
    r"^(?:(?:您?(?:当前|现在|所在)?的?(?:所在)?位置)|当前栏目|首\s*页)[\s\S]{0,12}[:：>》→»/\\]|^\s*首\s*页\s*[>》→»/\\-]"
)
_FOOTER = re.compile(
    r"^(?:友情链接|相关网站|网站导航|网站链接)\s*[:：]|ICP备\s*\d|公网安备|网站标识码|版权所有|(?:主办|承办)(?:单位)?\s*[:：].{2,40}(?:主办|承办|备案|电话|政府|局|办)|技术支持\s*[:：]|"
    r"(?i:copyright\s*(?:©|\(c\)|[@&]|\d{4})|all\s+rights\s+reserved)"
)
_WORD = re.compile(r"\w")
_SIGNS = re.compile(r"[\W\d_ATa-t+]+")  # and the letters of A+ T- buttons


def is_tools(text: str) -> bool:
    """Whether a line is nothing but tools of the page (字号 打印 分享 …) or a breadcrumb."""
    if not text:
        return True
    if len(text) > 120:
        return False
    text = simplified(text)
    if _BREADCRUMB.search(text) or not _WORD.search(text):
        return True
    rest = _TOOL_WORDS.sub("", text)
    return rest != text and not _SIGNS.sub("", rest)


def is_footer(text: str) -> bool:
    """Whether a line belongs to the site's own footer (版权所有, ICP备, 网站标识码 …)."""
    return len(text) <= 160 and _FOOTER.search(text) is not None
