"""What is taken for a refusal or an error page, and what must not be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from crawler.errors import Blocked, NianbaoError, Unreadable
from crawler.refusals import is_transient, recognise, sent_on
from crawler.refusals.statuses import retry_after

PAGE = "http://www.qingshui.gov.cn/zwgk/zfxxgknb/202101/t20210128_4411.html"
HOME = "http://www.qingshui.gov.cn/"
SHARED = Path(__file__).parents[2] / ".." / "shared" / "corpus"


def look(
    status: int = 200,
    body: str | bytes = "",
    *headers: tuple[str, str],
    url: str = PAGE,
    requested: str | None = None,
    redirects: tuple[str, ...] = (),
    home: str | None = None,
) -> NianbaoError | None:
    return recognise(
        status,
        [(name.encode(), value.encode()) for name, value in headers],
        body.encode() if isinstance(body, str) else body,
        url=url,
        requested=requested or url,
        redirects=redirects,
        home=home,
    )


def page(text: str, title: str = "清水县人民政府", head: str = "") -> str:
    top = f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title>{head}</head>"
    return f"{top}<body>{text}</body></html>"


REPORT = page(
    "<div class='nav'><a href='/'>首页</a><a href='/zwgk/'>政务公开</a></div>"
    "<h1>清水县水务局2020年政府信息公开工作年度报告</h1>"
    + (
        "<p>本报告依据条例编制。个别栏目一度显示页面不存在，访问被拦截，"
        "经排查，系服务器错误、验证码失效所致，404链接均已修复。</p>"
    )
    * 12
    + "<div class='foot'>主办单位：清水县人民政府办公室 ICP备00000000号</div>"
)
CHROME = (
    "<ul class='nav'>"
    + "".join(
        f"<li><a href='/c{n}/'>{name}</a></li>"
        for n, name in enumerate(["首页", "政务公开", "办事服务", "互动交流", "走进清水"] * 9)
    )
    + "</ul>"
)
IMPRINT = (
    "<div class='foot'><p>主办单位：清水县人民政府办公室　承办单位：清水县信息中心</p>"
    "<p>京ICP备00000000号 京公网安备 11000002000001号</p></div>"
)
RIVERSAFE = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><meta id='qW3eRt' content='aB3$kd9;x' r='m'>"
    "<script type='text/javascript' r='m'>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=18211;</script>"
    "<script type='text/javascript' src='/k9fjs/a3.js' r='m'></script></head><body></body></html>"
)
JSL_FIRST = (
    "<script>document.cookie=('_')+('_')+('j')+('s')+('l')+('_')+('c')+('l')+('e')+('a')+'=1.2;path=/';"
    "location.href=location.pathname+location.search</script>"
)
JSL_SECOND = '<script>var go=function(o){};go({"bts":["a"],"ha":"md5","tn":"__jsl_clearance_s"})</script>'
COOKIE = page(
    "", head="<script>document.cookie=\"K3V9=ab12cd; path=/; max-age=300\";setTimeout('location.reload()',20);</script>"
)

BLOCKED = {
    "412 whatever it says": (look(412, RIVERSAFE), "riversafe_412"),
    "412 with nothing": (look(412), "riversafe_412"),
    "the same script page under 202": (look(202, RIVERSAFE), "riversafe_202"),
    "202 with the product's cookie": (
        look(202, page("<script src='/x.js'></script>", ""), ("Set-Cookie", "FSSBBIl1UgzbN7N80S=abc; Path=/")),
        "riversafe_202",
    ),
    "202 and nothing but script": (look(202, "<html><script>var a=1;b(a)</script></html>"), "js_challenge"),
    "the same script page under 200": (look(200, RIVERSAFE), "riversafe_200"),
    "521": (look(521, JSL_FIRST, ("Set-Cookie", "__jsluid_h=0f; path=/")), "jsl_521"),
    "512 behind the same product": (look(512, "", ("X-Via-JSL", "11,0,-")), "jsl_512"),
    "512 with the product's cookie": (look(512, page("..."), ("Set-Cookie", "__jsluid_s=0f; path=/")), "jsl_512"),
    "a cookie, and the same address put together": (
        look(200, "<script>document.cookie='v=1';location.href=location.pathname+location.search</script>"),
        "cookie_challenge",
    ),
    "its second page under 200": (look(200, JSL_SECOND), "jsl_200"),
    "Telecom's firewall": (
        look(405, page("<h3>该网站正在使用电信云防护服务，您的请求已记录</h3><p>事件编号：10-20</p>")),
        "waf_405",
    ),
    "a firewall under 200": (
        look(200, page("<h2>您的访问请求已被拦截</h2><p>事件编号 77-a</p><p>如有疑问请联系管理员</p>")),
        "waf_200",
    ),
    "a firewall in English under 406": (look(406, page("The requested URL was rejected. ID: 42")), "waf_406"),
    "fenced by header": (look(403, page("403"), ("reason", "GeoBL")), "geo_fence"),
    "fenced by body": (look(403, page("<!-- x --><p>403 Forbidden</p><p>reason:GeoBL</p>")), "geo_fence"),
    "fenced in words": (look(200, page("<p>抱歉，本站暂不支持境外IP地址访问。</p>")), "geo_fence"),
    "cookie and reload": (look(200, COOKIE), "cookie_challenge"),
    "cookie and meta refresh": (
        look(200, page("<script>document.cookie='v=1'</script>", "", "<meta http-equiv='refresh' content='0'>")),
        "cookie_challenge",
    ),
    "cookie and its own address": (
        look(200, f"<html><script>document.cookie='v=1;path=/';window.location.href='{PAGE}?tk=9'</script></html>"),
        "cookie_challenge",
    ),
    "meta refresh to itself": (
        look(
            202, f'<html><head><meta content="1;url={PAGE}?security=1" http-equiv="Refresh"></head><body></body></html>'
        ),
        "refresh_challenge",
    ),
    "a slider": (
        look(200, page("<p>为保障访问安全，请拖动下方滑块完成验证</p><div id='c'></div><script src='/s.js'></script>")),
        "captcha",
    ),
    "a code to type": (
        look(
            200,
            page("<form>请输入图片中的验证码：<input name='code'><img src='/code.jpg'><button>提交</button></form>"),
        ),
        "captcha",
    ),
    "403 without further words": (look(403, page("<center><h1>403 Forbidden</h1></center><hr>nginx")), "forbidden_403"),
    "403 with nothing": (look(403), "forbidden_403"),
    "429": (look(429, "", ("Retry-After", "7")), "too_many_requests"),
    "asked too often, in words": (look(200, page("<p>访问过于频繁，请稍后再试</p>")), "too_many_requests"),
}

UNREADABLE = {
    "404": (look(404, page("404 Not Found")), "not_found"),
    "410": (look(410), "gone_410"),
    "500": (look(500, page("HTTP Status 500 – Internal Server Error")), "server_error"),
    "502": (look(502), "server_error"),
    "Cloudflare's 521": (look(521, "", ("CF-Ray", "8aa")), "server_error"),
    "503": (look(503, page("busy")), "service_unavailable"),
    "400": (look(400, page("Bad Request")), "client_error"),
    "401": (look(401), "login_required"),
    "204": (look(204), "empty_answer"),
    "206": (look(206, REPORT), "partial_answer"),
    "a redirect to nowhere": (look(302, ""), "redirected"),
    "nothing at all": (look(200, b""), "empty_answer"),
    "white space": (look(200, b" \r\n\r\n"), "empty_answer"),
    "three bytes": (look(200, b"\xef\xbb\xbf"), "empty_answer"),
    "three letters": (look(200, b"err"), "empty_answer"),
    "thirteen bytes": (look(200, b"<html></html>"), "empty_answer"),
    "fifty-four bytes": (look(200, b"<html><head></head><body>  \r\n </body></html>        \r\n"), "empty_answer"),
    "a shell of a page": (
        look(200, "<html><head><meta charset='utf-8'></head><body><div class='list'></div>" + "\n" * 300),
        "empty_answer",
    ),
    "page not there": (look(200, page("<p>抱歉，您访问的页面不存在！</p><a href='/'>返回首页</a>")), "soft_404"),
    "page not there, in GBK": (look(200, page("<p>对不起，您要查看的页面找不到了</p>").encode("gb18030")), "soft_404"),
    "404 and a way home": (look(200, page("<h1>404</h1><p>3秒后返回<a href='/'>首页</a></p>")), "soft_404"),
    "taken down": (look(200, page("<p>该信息已被删除或已下线</p>")), "soft_404"),
    "in English": (
        look(200, page("<h1>Not Found</h1><p>The requested file was not found on this server.</p>")),
        "soft_404",
    ),
    "its title says it": (look(200, page(CHROME + IMPRINT, title="404页面_清水县人民政府网站")), "soft_404"),
    "amid menus and imprint": (look(200, page(CHROME + "<p>您访问的页面不存在或已被删除</p>" + IMPRINT)), "soft_404"),
    "plain text": (look(200, "页面不存在"), "soft_404"),
    "redirected home": (look(200, page(CHROME), url=HOME, requested=PAGE, redirects=(PAGE,)), "redirected_home"),
    "redirected to another host's home": (
        look(200, page(CHROME), url="https://qingshui.gov.cn/index.html", requested=PAGE, redirects=(PAGE,)),
        "redirected_home",
    ),
    "redirected to a home in a folder": (
        look(200, page(CHROME), url=HOME + "qsx/", requested=PAGE, redirects=(PAGE,), home=HOME + "qsx/index.html"),
        "redirected_home",
    ),
    "sent home by script": (look(200, "<html><script>window.location.href='/'</script></html>"), "redirected_home"),
    "sent home by meta refresh": (
        look(200, "<html><head><meta http-equiv=refresh content='0;URL=/index.html'></head></html>"),
        "redirected_home",
    ),
    "redirected to an error page": (
        look(200, page(CHROME), url=HOME + "error/404.html", requested=PAGE, redirects=(PAGE,)),
        "soft_404",
    ),
    "redirected to a login": (
        look(200, page("<form></form>"), url=HOME + "cas/login", requested=PAGE, redirects=(PAGE,)),
        "login_required",
    ),
    "HTML under a PDF's name": (look(200, page("<p>系统提示</p>"), url=HOME + "files/nb2020.pdf"), "fake_pdf"),
    "JSON under a PDF's name": (look(200, '{"code":500}', url=HOME + "files/nb2020.PDF"), "fake_pdf"),
    "HTML called a PDF": (look(200, page("<p>系统提示</p>"), ("Content-Type", "application/pdf")), "fake_pdf"),
    "HTML under a document's name": (look(200, page("<p>提示</p>"), url=HOME + "files/nb2020.docx"), "fake_document"),
    "HTML from a download script": (
        look(200, page("<p>提示</p>"), url=HOME + "module/download/downfile.jsp?classid=0&filename=ab12.doc"),
        "fake_document",
    ),
    "a stack trace": (look(200, page("java.lang.NullPointerException at com.example")), "server_error"),
    "in its own words": (look(200, page("<p>系统繁忙，请稍后再试</p>")), "server_error"),
    "being rebuilt": (look(200, page("<p>网站升级改版中，敬请期待</p>")), "maintenance"),
    "a column being built, amid menus and imprint": (
        look(200, page(CHROME + "<p>您访问的栏目正在建设中</p>" + IMPRINT)),
        "maintenance",
    ),
    "not ours to see": (look(200, page("<p>对不起，您没有权限查看此内容</p>")), "withheld"),
    "not published yet": (look(200, page(CHROME + "<p>该稿件正在审核，暂时无法浏览</p>" + IMPRINT)), "withheld"),
    "coded as nobody asked": (
        look(200, b"\x1b\x0c\x00\xf8\x05" + bytes(range(200, 255)), ("Content-Encoding", "br")),
        "foreign_coding",
    ),
    "behind a login": (look(200, page("<form>请先登录 <input type='password'></form>")), "login_required"),
}

PAGES = {
    "a report that mentions all of it": look(200, REPORT),
    "not modified": look(304),
    "said to be coded, and is not": look(200, REPORT, ("Content-Encoding", "br")),
    "a notice that nothing is withheld": look(
        200,
        page(
            "<h1>公告</h1><p>各单位：本年度目录已通过审核，群众可随时查看，无法到场的可以来电咨询，联系人见文末。请遵照办理。</p>"
        ),
    ),
    "a CDN cookie": look(200, REPORT, ("Set-Cookie", "__jsluid_h=0f1e; path=/; HttpOnly"), ("X-Via-JSL", "1,0,-")),
    "the product's script on a real page": look(
        200, REPORT.replace("<body>", "<body><script>$_ts=window['$_ts']</script>")
    ),
    "a real page under 202": look(202, REPORT),
    "a real page that keeps a cookie": look(
        200, REPORT.replace("<body>", "<body><script>document.cookie='skin=1';if(0)location.reload()</script>")
    ),
    "a search form with a code": look(
        200, page(CHROME + "<form>请输入验证码<input></form>" + "<p>清水县部门年报汇总列表</p>" * 20)
    ),
    "a stub with the report attached": look(
        200, page("<h1>清水县2019年政府信息公开年报</h1><p>如附件失效请联系我们</p><a href='./P0201.pdf'>附件</a>")
    ),
    "a stub without a title whose file is all": look(200, page("<p>链接失效请下载：</p><a href='/f/nb.doc'>下载</a>")),
    "an information request about nothing": look(200, page("<p>经查，您申请公开的政府信息不存在，特此告知。</p>")),
    "404 pieces": look(200, page("<p>2020年共收到申请404件</p>")),
    "an empty list": look(200, page("<ul></ul><p>暂无数据，没有找到相关信息</p>")),
    "a list of one": look(200, page("<ul><li><a href='t1.html'>清水县2020年政府信息公开工作年度报告</a></li></ul>")),
    "nothing but frames": look(
        200, "<html><frameset cols='20,80'><frame src='l.html'><frame src='r.html'></frameset></html>"
    ),
    "nothing but a picture": look(200, "<html><body><img src='P01.jpg'></body></html>" + " " * 40),
    "a tiny list": look(200, "<a href='1.html'>年报</a>"),
    "tiny JSON": look(200, b"{}"),
    "an empty JSON list": look(200, b"[]"),
    "JSON with an error of its own": look(200, '{"code":404,"msg":"页面不存在"}'),
    "tiny JSONP": look(200, b'cb({"n":0})'),
    "tiny XML": look(200, b"<datastore><n>0</n></datastore>"),
    "XHTML": look(200, '<?xml version="1.0" encoding="utf-8"?>' + REPORT),
    "a page that script fills": look(200, page("<div id='app'></div><script src='/static/app.js'></script>")),
    "a home that goes on by script": look(
        200, "<html><script>window.location.href=window.location.origin+'/qsx/index.html'</script></html>", url=HOME
    ),
    "a home that goes on by meta refresh": look(
        200, "<html><head><meta http-equiv='refresh' content='0;url=zwgk/index.html'></head></html>", url=HOME
    ),
    "http to https": look(200, REPORT, url=PAGE.replace("http:", "https:"), requested=PAGE, redirects=(PAGE,)),
    "home asked for, home given": look(
        200, page(CHROME), url="https://www.qingshui.gov.cn/index.html", requested=HOME, redirects=(HOME,)
    ),
    "a root with a question": look(200, REPORT, url=HOME + "?id=7", requested=PAGE, redirects=(PAGE,)),
    "a real PDF": look(200, b"%PDF-1.4\n" + bytes(range(256)), url=HOME + "nb.pdf"),
    "a PDF behind a line of its own": look(200, b"\r\n\r\n%PDF-1.4\n", url=HOME + "nb.pdf"),
    "a PDF under an HTML name": look(200, b"%PDF-1.4\n\0\1", url=PAGE),
    "Word's own HTML": look(
        200, "<html xmlns:o='urn:schemas-microsoft-com:office:office'><body>年报</body></html>", url=HOME + "nb.doc"
    ),
    "RTF": look(200, b"{\\rtf1\\ansi\\ansicpg936 nianbao}", url=HOME + "nb.doc"),
    "a zip under docx": look(200, b"PK\x03\x04abc", url=HOME + "nb.docx"),
}


@pytest.mark.parametrize(("error", "name"), BLOCKED.values(), ids=BLOCKED)
def test_a_refusal_stops_the_portal_under_its_name(error: NianbaoError | None, name: str) -> None:
    assert isinstance(error, Blocked)
    assert error.name == name


@pytest.mark.parametrize(("error", "name"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_page_that_cannot_be_had_is_named(error: NianbaoError | None, name: str) -> None:
    assert isinstance(error, Unreadable)
    assert error.name == name


@pytest.mark.parametrize("error", PAGES.values(), ids=PAGES)
def test_a_page_is_a_page(error: NianbaoError | None) -> None:
    assert error is None


TO = "http://www.bailu.gov.cn/info/7.html"


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ("<title>2022年年度报告</title><script>location.replace('/info/7.html')</script>", TO),
        ('<script>window.location.href = "7.html";</script>', TO),
        ("<meta http-equiv='refresh' content='0; url=/info/7.html'>", TO),
        ("<script>location='7.html'</script><p>正在跳转，请<a href='7.html'>点击这里</a></p>", TO),
        ("<script>location='7.html'</script><p><a href='8.html'>年度报告</a></p>", None),
        ("<script>location='7.html'</script><img src='scan.png'>", None),
        ("<script>location='/'</script>", None),
        ("<script>location='weixin://7'</script>", None),
        (f"<script>function go(){{location='7.html'}}</script><p>{'全年主动公开政府信息若干条。' * 9}</p>", None),
        ("<script>location='5.html'</script>", None),
    ],
)
def test_a_page_that_only_sends_its_reader_elsewhere_says_where(body: str, target: str | None) -> None:
    answer, media = f"<html><body>{body}</body></html>".encode(), (b"Content-Type", b"text/html; charset=utf-8")
    assert sent_on([media], answer, url="http://www.bailu.gov.cn/info/5.html") == target


@pytest.mark.parametrize("kind", ["detail_html", "extraction_bench", "list_html", "api", "pdf"])
def test_no_saved_page_is_taken_for_a_refusal(kind: str) -> None:
    if not (SHARED / kind).is_dir():
        pytest.skip("shared/corpus is not here")
    files = [
        f
        for f in (SHARED / kind).rglob("*")
        if f.suffix in (".html", ".htm", ".shtml", ".jsp", ".xml", ".pdf", ".json")
    ]
    assert files
    for file in files:
        url = f"http://www.qingshui.gov.cn/zwgk/saved{'.pdf' if file.suffix == '.pdf' else '.html'}"
        error = recognise(200, [], file.read_bytes(), url=url, requested=url)
        assert error is None, f"{file}: {error}"


def test_seconds_to_wait_are_read_from_a_number_or_a_date() -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert retry_after("120") == 120
    assert retry_after(format_datetime(now + timedelta(seconds=90), usegmt=True), now) == 90
    assert retry_after("Sat, 31 Jan 2026 11:00:00 GMT", now) == 0
    assert retry_after("soon") is None
    assert retry_after("") is None


def test_what_the_server_asks_to_wait_travels_with_the_error() -> None:
    assert getattr(look(429, "", ("Retry-After", "7")), "retry_after", None) == 7
    assert getattr(look(503, "", ("retry-after", "2.5")), "retry_after", None) == 2.5
    assert getattr(look(503), "retry_after", "none") is None


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
def test_what_may_pass_is_worth_asking_again(status: int) -> None:
    error = look(status)
    assert error is not None
    assert is_transient(error)


@pytest.mark.parametrize("status", [403, 404, 410, 412, 521])
def test_what_will_not_pass_is_not_asked_again(status: int) -> None:
    error = look(status)
    assert error is not None
    assert not is_transient(error)
    assert not is_transient(ValueError())


@pytest.mark.parametrize(
    "body",
    [
        "<!--" * 60_000,
        "<a href=" * 40_000,
        "<title " * 50_000,
        "<script" * 50_000,
        "<meta http-equiv=refresh " * 15_000,
        "<meta http-equiv=refresh content=" * 10_000,
        "<select>" * 40_000,
        "页面" * 100_000,
        "404 " * 80_000,
        "{" * 200_000,
    ],
)
def test_a_hostile_body_costs_no_more_than_its_length(body: str) -> None:
    before = datetime.now(UTC)
    look(200, body)
    assert datetime.now(UTC) - before < timedelta(seconds=3)
