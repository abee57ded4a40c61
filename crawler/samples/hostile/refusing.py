"""Portals that refuse: challenges, walls, fences, robots.txt, throttles. Recognised, reported, never evaded."""

# ruff: noqa: E501 - a Chinese character counts as two columns

from __future__ import annotations

from collections.abc import Sequence

from crawler.samples.portal import Outcome
from crawler.samples.report import SampleReport
from crawler.samples.server import Request, Response

from .base import Misbehaving, reset

BLOCKED = Outcome("blocked", "Blocked")


def riversafe(token: str) -> Response:
    """A 瑞数 challenge page."""
    html = (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
        f'<meta id="mQ4vTz8LbYkWc2HdXeRs7a" content="{token}" r="m"><script type="text/javascript" r="m">'
        f"$_ts=window['$_ts'];if(!$_ts)$_ts={{}};$_ts.nsd=34587;$_ts.cd=\"{token[:40]}\";</script>"
        '<script type="text/javascript" charset="utf-8" src="/7RkXwPzNsQe/d.HvT2mK9c.1a2b3c4.js" r="m"></script></head><body></body></html>'
    )
    cookie = ("Set-Cookie", f"FSSBBIl1UgzbN7N80S={token}; Path=/; HttpOnly")
    return Response(html.encode(), 412, "text/html; charset=utf-8", [cookie])


class Refusing(Misbehaving):
    """Refuses every page but robots.txt."""

    outcome = BLOCKED
    lost = frozenset({"2020", "2021", "2022"})

    def respond(self, request: Request) -> Response:
        if request.path == "/robots.txt":
            return super().respond(request)
        return self.refusal(request)

    def refusal(self, request: Request) -> Response:
        raise NotImplementedError


class Challenge412(Refusing):
    """瑞数: 412, a second meta, an inline and an external script, cookies with meaningless names."""

    key, name = "challenge-412", "津河区一号局"

    def refusal(self, request: Request) -> Response:
        return riversafe(self.chrome().token)


class Midway412(Misbehaving):
    """Answers the list and one article, then challenges."""

    key, name = "challenge-midway", "津河区二号局"
    outcome = BLOCKED
    possible = frozenset({"2020", "2021", "2022"})  # which comes first is the crawler's choice

    def __init__(self) -> None:
        super().__init__()
        self.served = 0

    def respond(self, request: Request) -> Response:
        if request.path.startswith("/zfxxgk/ndbg/content_"):
            self.served += 1
            if self.served > 1:
                return riversafe(self.chrome().token)
        return super().respond(request)


class Jsl521(Refusing):
    """加速乐: 521 and a script that would set ``__jsl_clearance_s``."""

    key, name = "jsl-521", "津河区三号局"

    def refusal(self, request: Request) -> Response:
        html = "<script>document.cookie=('_')+('_')+('j')+('s')+('l')+'_clearance_s=1736151000.112|-1|Xk'+';max-age=3600;path=/';location.href=location.pathname+location.search</script>"
        cookie = ("Set-Cookie", f"__jsluid_h={self.chrome().token[:32]}; max-age=31536000; path=/; HttpOnly")
        return Response(html.encode(), 521, "text/html", [cookie, ("X-Via-JSL", "a1b2c3d,-"), ("X-Cache", "error")])


class GeoFence(Refusing):
    """QAX: 403, reason:GeoBL."""

    key, name = "geo-403", "津河区四号局"

    def refusal(self, request: Request) -> Response:
        html = f"<html><head><title>403 Forbidden</title></head><body><h1>访问被拒绝</h1><p>uuid:{self.chrome().token[:16]} reason:GeoBL</p></body></html>"
        return Response(html.encode(), 403, "text/html; charset=utf-8", [("reason", "GeoBL")])


class CookieChallenge(Refusing):
    """200, 380 bytes: a cookie by script, and once more."""

    key, name = "cookie-challenge", "津河区五号局"

    def refusal(self, request: Request) -> Response:
        html = (
            '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><script>'
            f'document.cookie="C3VK={self.chrome().token[:6]}; path=/; max-age=300";window.location.reload();</script>'
            "<noscript>请开启JavaScript并刷新该页</noscript></body></html>"
        )
        return self.page(html)


class Captcha(Refusing):
    """200: prove that you are no machine."""

    key, name = "captcha", "津河区六号局"

    def refusal(self, request: Request) -> Response:
        html = (
            "<html><head><title>安全验证</title></head><body><div class='captcha'><h2>访问过于频繁，请输入验证码后继续访问</h2>"
            f"<form action='/waf/verify' method='post'><img src='/waf/captcha.png?r={self.chrome().token[:8]}'>"
            "<input name='captcha_code'><button>提交验证</button></form></div></body></html>"
        )
        return self.page(html)


class RobotsAll(Misbehaving):
    """robots.txt forbids everything."""

    key, name = "robots-all", "津河区七号局"
    robots = "User-agent: *\nDisallow: /\n"
    outcome = Outcome("blocked", None, ("failed", "empty"))
    lost = frozenset({"2020", "2021", "2022"})


class RobotsError(Misbehaving):
    """robots.txt answers 503: nobody knows what is allowed."""

    key, name = "robots-503", "津河区八号局"
    outcome = Outcome("failed", None, ("blocked", "incomplete"))
    lost = frozenset({"2020", "2021", "2022"})

    def respond(self, request: Request) -> Response:
        if request.path == "/robots.txt":
            return Response(b"Service Unavailable", 503, "text/plain")
        return super().respond(request)


class TooMany(Misbehaving):
    """429 with Retry-After once for every article, then as if nothing had been."""

    key, name = "throttled-429", "津河区九号局"

    def __init__(self) -> None:
        super().__init__()
        self.refused: set[str] = set()

    def respond(self, request: Request) -> Response:
        if "content_" in request.path and request.path not in self.refused:
            self.refused.add(request.path)
            return Response(b"Too Many Requests", 429, "text/plain", [("Retry-After", "1")])
        return super().respond(request)


class Dead(Refusing):
    """Every connection is reset, as many portals answer foreign addresses."""

    key, name = "dead", "津河区十号局"
    outcome = Outcome("failed", None, ("blocked",))

    def respond(self, request: Request) -> Response:
        return reset()


class ColumnGone(Misbehaving):
    """The column of the registry answers 404."""

    key, name = "column-gone", "津河区十一号局"
    outcome = Outcome("failed", "PortalChanged")
    lost = frozenset({"2020", "2021", "2022"})

    def column(self, request: Request) -> Response:
        return self.not_found()


class ColumnError(Misbehaving):
    """The column answers 500 and nothing else."""

    key, name = "column-500", "津河区十二号局"
    outcome = Outcome("failed", None)
    lost = frozenset({"2020", "2021", "2022"})

    def column(self, request: Request) -> Response:
        return Response(b"<h1>HTTP Status 500</h1><pre>java.lang.NullPointerException</pre>", 500)


class Empty(Misbehaving):
    """The column is there and holds nothing."""

    key, name = "empty", "津河区十三号局"
    outcome = Outcome("empty")

    def make_reports(self) -> Sequence[SampleReport]:
        return ()
